"""The models at hand, opened once and kept."""

from functools import lru_cache
from typing import cast

from kinecor.core.errors import KinecorError
from kinecor_models.card import ModelCard
from kinecor_models.contract import ClipModel
from kinecor_models.engines.engine import Device, DeviceError
from kinecor_models.registry import DEFAULT_APICAL, cards, names, open_model
from kinecor_models.weights import WeightsError

SHORT_AXIS = "lv-sax"
DEVICES = ("auto", "cpu", "cuda")


def opened(device: str = "auto") -> ClipModel:
    """The default apical model on a device ("auto", "cpu" or "cuda"); opened once per process.

    Raises:
        KinecorError: the weights are missing or damaged, or the device is not there.

    """
    return _opened(DEFAULT_APICAL, device)


def opened_short_axis(device: str = "auto") -> ClipModel:
    """The model for short-axis stacks on a device ("auto", "cpu" or "cuda"); opened once per process.

    Raises:
        KinecorError: it does not come with this version, its weights are damaged, or the device is not there.

    """
    if SHORT_AXIS not in names():
        raise KinecorError(
            "Contouring short-axis stacks needs the model lv-sax, which is not at hand: install Kinecor again, or "
            "contour the stack by hand (right click on a slice)."
        )
    return _opened(SHORT_AXIS, device)


@lru_cache(maxsize=4)
def _opened(name: str, device: str) -> ClipModel:
    if device not in DEVICES:
        raise KinecorError(f"device: expected one of {', '.join(DEVICES)}, got {device}")
    try:
        return open_model(name, cast("Device", device))
    except (WeightsError, DeviceError, FileNotFoundError) as wrong:
        raise KinecorError(str(wrong)) from wrong


def describe() -> tuple[ModelCard, ...]:
    """The cards of all models that ship."""
    return cards()
