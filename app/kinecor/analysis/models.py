"""The models at hand, opened once and kept."""

from collections.abc import Callable
from functools import lru_cache, partial
from typing import TypeVar, cast

from kinecor.core.values.errors import KinecorError
from kinecor_models.card import ModelCard, load_card
from kinecor_models.contract import ClipModel
from kinecor_models.engines.engine import Device, DeviceError
from kinecor_models.motion.model import MotionModel, MotionName, open_motion
from kinecor_models.phases.model import PhaseModel, open_phases
from kinecor_models.registry import DEFAULT_APICAL, Kind, cards, names, open_model, other_names
from kinecor_models.views.model import DEFAULT_VIEWS, ViewModel, open_views
from kinecor_models.weights import WeightsError

SHORT_AXIS = "lv-sax"
PHASES = "phases"
Model = TypeVar("Model")
DEVICES = ("auto", "cpu", "cuda")


def opened(device: str = "auto", network: str | None = None) -> ClipModel:
    """A model for apical views on a device ("auto", "cpu" or "cuda"); opened once per process.

    Args:
        device: where it runs.
        network: its name; the default model if there is none of that name for apical views.

    Raises:
        KinecorError: the weights are missing or damaged, or the device is not there.

    """
    return _opened(network if network in names("apical") else DEFAULT_APICAL, device)


def opened_short_axis(device: str = "auto", network: str | None = None) -> ClipModel:
    """A model for short-axis stacks on a device ("auto", "cpu" or "cuda"); opened once per process.

    Args:
        device: where it runs.
        network: its name; the default model if there is none of that name for short axes.

    Raises:
        KinecorError: it does not come with this version, its weights are damaged, or the device is not there.

    """
    if SHORT_AXIS not in names():
        raise KinecorError(
            "Contouring short-axis stacks needs the model lv-sax, which is not at hand: install Kinecor again, or "
            "contour the stack by hand (right click on a slice)."
        )
    return _opened(network if network in names("short-axis") else SHORT_AXIS, device)


def networks(kind: str | None = None) -> tuple[ModelCard, ...]:
    """The cards of the networks that contour "apical" views or "short-axis" stacks, or of both; the default first."""
    return tuple(load_card(name) for name in names(cast("Kind | None", kind)))


def known_network(name: str) -> str:
    """A network's name, if one of that name contours anything.

    Raises:
        KinecorError: there is none.

    """
    if name not in names():
        raise KinecorError(f"network: expected one of {', '.join(names())}, got {name}")
    return name


def opened_phases(device: str = "auto") -> PhaseModel | None:
    """The model that regresses ED and ES, opened once per process; None where it does not come with this version.

    Raises:
        KinecorError: its weights are missing or damaged, or the device is not there.

    """
    return _phases(device) if PHASES in other_names() else None


def opened_views(device: str = "auto") -> ViewModel | None:
    """The model that names views, opened once per process; None where it does not come with this version.

    Raises:
        KinecorError: its weights are missing or damaged, or the device is not there.

    """
    return _views(device) if DEFAULT_VIEWS in other_names() else None


@lru_cache(maxsize=4)
def opened_motion(name: MotionName, device: str = "auto") -> MotionModel:
    """What finds motion, on a device ("auto", "cpu" or "cuda"); opened once per process.

    Raises:
        KinecorError: its weights are missing or damaged, or the device is not there.

    """
    return _told(partial(open_motion, name), device)


@lru_cache(maxsize=4)
def _opened(name: str, device: str) -> ClipModel:
    return _told(partial(open_model, name), device)


@lru_cache(maxsize=2)
def _phases(device: str) -> PhaseModel:
    return _told(partial(open_phases, PHASES), device)


@lru_cache(maxsize=2)
def _views(device: str) -> ViewModel:
    return _told(partial(open_views, DEFAULT_VIEWS), device)


def _told(opener: Callable[[Device], Model], device: str) -> Model:
    if device not in DEVICES:
        raise KinecorError(f"device: expected one of {', '.join(DEVICES)}, got {device}")
    try:
        return opener(cast("Device", device))
    except (WeightsError, DeviceError, FileNotFoundError) as wrong:
        raise KinecorError(str(wrong)) from wrong


def describe() -> tuple[ModelCard, ...]:
    """The cards of all models that ship."""
    return cards()
