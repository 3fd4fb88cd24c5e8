"""Every model that ships, by name."""

from collections.abc import Callable
from typing import Literal, get_args

from kinecor_models.card import ModelCard, load_card
from kinecor_models.contours.apical import open_apical
from kinecor_models.contours.circular import open_circular
from kinecor_models.contours.sax import open_sax
from kinecor_models.contours.sequence import open_sequence
from kinecor_models.contract import ClipModel
from kinecor_models.engines.engine import Device

Kind = Literal["apical", "short-axis"]
"""What a model contours: clips of apical views, or slices of short-axis stacks."""
KINDS: tuple[Kind, ...] = get_args(Kind)

_OPENERS: dict[Kind, dict[str, Callable[[str, Device], ClipModel]]] = {
    "apical": {
        "lv-apical": lambda name, device: open_apical(name, device),
        "lv-convlstm": lambda name, device: open_sequence(name, device),
        "lv-ral": lambda name, device: open_sequence(name, device),
    },
    "short-axis": {
        "lv-sax": lambda name, device: open_sax(name, device),
        "sax-circular": lambda name, device: open_circular(name, device),
    },
}

_OTHERS: tuple[str, ...] = ("phases", "views", "motion")
"""Models that give something else than contours; their own modules open them (phase_curve.py)."""

DEFAULT_APICAL = "lv-apical"


def names(kind: Kind | None = None) -> tuple[str, ...]:
    """The models at hand that contour clips, of all kinds or of one, the default of each kind first."""
    return tuple(name for one in ((kind,) if kind else KINDS) for name in _OPENERS[one])


def other_names() -> tuple[str, ...]:
    """The models at hand that give something else than contours."""
    return _OTHERS


def cards() -> tuple[ModelCard, ...]:
    """The cards of all models, without loading weights."""
    return tuple(load_card(name) for name in (*names(), *_OTHERS))


def open_model(name: str, device: Device = "auto") -> ClipModel:
    """A model ready to run.

    Raises:
        KeyError: there is no such model.
        WeightsError, DeviceError: see open_apical.

    """
    every = {one: opener for some in _OPENERS.values() for one, opener in some.items()}
    return every[name](name, device)
