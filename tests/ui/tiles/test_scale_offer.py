"""The offer to calibrate over an image without a scale."""

from kinecor.core.values.calibration import Calibration
from kinecor.session.edits import SetCalibration
from tests.readings import cine


def test_a_loop_without_a_scale_offers_to_calibrate_on_its_image(open_window):
    window = open_window([cine(calibrated=False)])
    window.resize(1366, 768)
    offer = window.image.scale_offer
    assert offer.isVisible()
    assert window.image.rect().contains(offer.geometry())
    offer.click()
    assert window.reading.callipers.calibrating
    window.reading.callipers.stop()
    window.workspace.do(SetCalibration(Calibration(0.5, 0.5, "set")))
    assert not offer.isVisible()
    window.workspace.history.undo()
    assert offer.isVisible()


def test_a_loop_with_a_scale_offers_nothing(open_window):
    assert not open_window([cine()]).image.scale_offer.isVisible()
