"""The models at hand, opened once and kept."""

from functools import lru_cache
from typing import cast

from kinecor.core.errors import KinecorError
from kinecor_models.card import ModelCard
from kinecor_models.contract import ClipModel
from kinecor_models.engines.engine import Device, DeviceError
from kinecor_models.registry import DEFAULT_APICAL, cards, open_model
from kinecor_models.weights import WeightsError

DEVICES = ("auto", "cpu", "cuda")


@lru_cache(maxsize=2)
def opened(device: str = "auto") -> ClipModel:
    """The default apical model on a device ("auto", "cpu" or "cuda"); opened once per process.

    Raises:
        KinecorError: the weights are missing or damaged, or the device is not there.

    """
    if device not in DEVICES:
        raise KinecorError(f"device: expected one of {', '.join(DEVICES)}, got {device}")
    try:
        return open_model(DEFAULT_APICAL, cast("Device", device))
    except (WeightsError, DeviceError, FileNotFoundError) as wrong:
        raise KinecorError(str(wrong)) from wrong


def describe() -> tuple[ModelCard, ...]:
    """The cards of all models that ship."""
    return cards()
