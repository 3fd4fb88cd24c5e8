"""Every model that ships, by name."""

from collections.abc import Callable

from kinecor_models.apical import open_apical
from kinecor_models.card import ModelCard, load_card
from kinecor_models.contract import ClipModel
from kinecor_models.engines.engine import Device
from kinecor_models.sax import open_sax

_OPENERS: dict[str, Callable[[str, Device], ClipModel]] = {
    "lv-apical": lambda name, device: open_apical(name, device),
    "lv-sax": lambda name, device: open_sax(name, device),
}

_OTHERS: tuple[str, ...] = ("phases", "views")
"""Models that give something else than contours; their own modules open them (phase_curve.py)."""

DEFAULT_APICAL = "lv-apical"


def names() -> tuple[str, ...]:
    """The models at hand that contour clips."""
    return tuple(_OPENERS)


def other_names() -> tuple[str, ...]:
    """The models at hand that give something else than contours."""
    return _OTHERS


def cards() -> tuple[ModelCard, ...]:
    """The cards of all models, without loading weights."""
    return tuple(load_card(name) for name in (*_OPENERS, *_OTHERS))


def open_model(name: str, device: Device = "auto") -> ClipModel:
    """A model ready to run.

    Raises:
        KeyError: there is no such model.
        WeightsError, DeviceError: see open_apical.

    """
    return _OPENERS[name](name, device)
