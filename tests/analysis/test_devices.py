"""Where networks run: what is chosen for a workstation counts where nothing else is asked for."""

import pytest

from kinecor.analysis import devices
from kinecor.analysis.devices import precision_in_force, resolve_device, use_devices
from kinecor.analysis.models import Models
from kinecor_models.engines.precision import PRECISION


@pytest.fixture
def as_before(monkeypatch):
    """Whatever is chosen holds for one test."""
    monkeypatch.setattr(devices, "_chosen", "auto")
    monkeypatch.setenv(PRECISION, "float")
    monkeypatch.setattr(devices, "_of_environment", "float")


def test_the_chosen_device_is_what_automatic_means(as_before):
    assert Models().device == "auto"
    use_devices("cpu", "")
    assert Models().device == "cpu"
    assert Models("cuda").device == "cuda"
    assert resolve_device("auto") == "cpu"


def test_another_precision_opens_another_network(as_before):
    """The network in eight-bit integers is a model of its own: what was open before is not used for it."""
    plain = Models("cpu").apical()
    assert Models("cpu").apical() is plain
    use_devices("auto", "int8")
    assert precision_in_force() == "int8"
    assert Models("cpu").apical() is not plain
    use_devices("auto", "")
    assert precision_in_force() == "float"  # as the environment had it
    assert Models("cpu").apical() is plain


@pytest.mark.parametrize(("device", "precision"), [("tpu", ""), ("auto", "int4"), ("", "float")])
def test_nothing_else_can_be_chosen(as_before, device, precision):
    with pytest.raises(ValueError, match="expected one of"):
        use_devices(device, precision)
