import time

import numpy as np
import PIL.Image
import pytest
from pytestqt.qtbot import QtBot

import kinecor
from kinecor.analysis import live
from kinecor.analysis.live import LiveFrame, LiveSession
from kinecor.core.values.errors import KinecorError
from kinecor.ui.live.source_form import SourceForm
from kinecor.ui.live.window import LiveWindow

LINE = np.array([[20.0, 10.0], [40.0, 60.0], [60.0, 10.0]])


class StandIn:
    """Contours every frame alike, at once."""

    def __init__(self, device: str) -> None:
        assert device == "cpu"

    def __call__(self, number: int, image: np.ndarray, arrived_s: float, interval_s: float) -> LiveFrame:
        return LiveFrame(number, image, {"lv_endo": LINE}, frozenset({"lv_endo"}), 0.01, 0.02, 4, 128)


def window(qtbot: QtBot, source: object) -> LiveWindow:
    one = LiveWindow(lambda: LiveSession(source, "cpu", None, StandIn), "camera")  # type: ignore[arg-type]
    qtbot.addWidget(one)
    one.show()
    return one


def test_contours_latency_and_what_it_is_not_for(qtbot: QtBot) -> None:
    def source(stop):  # type: ignore[no-untyped-def]
        while not stop():
            yield np.zeros((80, 80, 3), np.uint8)
            time.sleep(0.01)

    one = window(qtbot, source)
    qtbot.waitUntil(lambda: "contours 20 ms after the frame; 4 frames without" in one.status.text())
    assert one.doubt.text() == "! low confidence: LV endocardium"
    shown = [label.text() for label in one.findChildren(type(one.status))]
    assert kinecor.RESEARCH_USE in shown
    assert "Nothing is measured, nothing is stored" in shown
    image = one.view.grab().toImage()
    colours = {image.pixelColor(x, y).name() for x in range(0, image.width(), 2) for y in range(0, image.height(), 2)}
    assert len(colours) > 2  # contours on black
    one.close()
    assert one.session.ended


@pytest.mark.parametrize("fails", [False, True])
def test_the_end_of_the_source(qtbot: QtBot, fails: bool) -> None:
    def source(stop):  # type: ignore[no-untyped-def]
        yield np.zeros((80, 80), np.uint8)
        if fails:
            raise KinecorError("the cable is out")

    one = window(qtbot, source)
    qtbot.waitUntil(lambda: one.session.ended and not one._timer.isActive())
    assert one.status.text() == ("the cable is out" if fails else "The source has ended; the last frame is shown.")
    one.close()


def test_a_source_is_chosen_in_the_main_window(open_window, qtbot: QtBot, tmp_path, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setattr(live, "LiveSession", lambda source: LiveSession(source, "cpu", None, StandIn))
    main = open_window()
    main.actions_by_name["live"].trigger()
    form = main.findChild(SourceForm)
    form.source.setText(str(tmp_path / "nowhere"))
    form.show_source.click()
    assert "nothing is there" in form.words.text()
    assert main.archiving.live is None
    form.source.setText(str(tmp_path))
    form.show_source.click()
    assert not form.isVisible()
    PIL.Image.fromarray(np.zeros((80, 80), np.uint8)).save(tmp_path / "0001.png")
    qtbot.waitUntil(lambda: main.archiving.live.session.newest is not None)
    main.close()
    assert main.archiving.live.session.ended
