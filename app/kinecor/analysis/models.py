"""The installed models: opened once per process, and their cards."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache, partial
from threading import RLock
from typing import Final, Literal, TypeVar, cast

from kinecor.analysis.devices import DEVICES, precision_in_force, resolve_device
from kinecor.analysis.methods import EventChoice, Method, MotionChoice
from kinecor.analysis.own_models import models_folder
from kinecor.core.cycle.filters import prominent_peaks
from kinecor.core.values.errors import KinecorError
from kinecor.core.values.kind import Kind
from kinecor.core.values.message import NOTHING, Message, joined_by, message, verbatim
from kinecor_models import registry
from kinecor_models.contours.listener import ListenerModel, open_listener
from kinecor_models.contours.pairs import DEFAULT_PAIRS, PairModel, open_pairs
from kinecor_models.contours.presence import PresenceModel, open_presence
from kinecor_models.contract import CardError, ClipModel, ModelCard, WeightsError, load_card, look_in
from kinecor_models.engines.engine import Device, DeviceError
from kinecor_models.motion.model import MotionModel, MotionName, open_motion
from kinecor_models.phases.model import PhaseModel, open_phases
from kinecor_models.registry import DEFAULT_APICAL, cards, names, open_model, other_names, own_cards
from kinecor_models.views.model import DEFAULT_VIEWS, ViewModel, open_views

look_in(models_folder)
SHORT_AXIS, LONG_AXIS = "lv-sax", "lv-lax"
PHASES, PRESENCE, LISTENER = "phases", "sax-presence", "listener"
CONTOURED: Final[Mapping[Literal["apical", "short-axis", "long-axis"], Message]] = {
    "apical": message("loops of apical views"),
    "short-axis": message("stacks of short-axis slices"),
    "long-axis": message("long axes of MRI"),
}
"""What networks of each kind contour."""
Model = TypeVar("Model")
_opening = RLock()
"""Two analyses may begin at the same time; each model is opened once."""


@dataclass(frozen=True, slots=True)
class Models:
    """The models that one analysis uses; each is opened when first used, once per process.

    Opening one raises a KinecorError where its weights are missing or damaged, or the device is not there.

    Attributes:
        device: "auto", "cpu" or "cuda"; "auto" is what was chosen for this workstation (`use_devices`).
        network: name of the network that contours; the default one contours what no network of that name does.
        followed_by: what follows motion; None for what `motion` is asked for.
        events_from: what ED and ES rest on where both are there; None for contours.

    """

    device: str = "auto"
    network: str | None = None
    followed_by: MotionChoice | None = None
    events_from: EventChoice | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "device", resolve_device(self.device))

    @property
    def apical_card(self) -> ModelCard:
        """The card of the network that contours apical views."""
        return load_card(self._apical_name)

    def apical(self) -> ClipModel:
        """The network that contours apical views."""
        with _opening:
            return _opened(self._apical_name, _identity(self._apical_name), self.device)

    def pairs(self) -> PairModel | None:
        """The network that sees ES of an apical loop together with ED; None where none comes with this version.

        A network that a reader chose instead of the default one contours alone.
        """
        if self._apical_name != DEFAULT_APICAL:
            return None
        with _opening:
            return _pairs(self.device) if DEFAULT_PAIRS in other_names() else None

    def short_axis(self) -> ClipModel:
        """The network that contours short-axis stacks.

        Raises:
            KinecorError: none comes with this version, too.

        """
        if SHORT_AXIS not in names():
            raise KinecorError(
                message(
                    "Contouring short-axis stacks needs the model {model}, which is not installed: install Kinecor "
                    "again, or contour the stack by hand (right click on a slice).",
                    model=verbatim(SHORT_AXIS),
                )
            )
        with _opening:
            name = self.network if self.network in names("short-axis") else SHORT_AXIS
            return _opened(name, _identity(name), self.device)

    def long_axis(self) -> ClipModel | None:
        """The network that contours long axes of cine MRI; None where none comes with this version."""
        if LONG_AXIS not in names():
            return None
        with _opening:
            name = self.network if self.network in names("long-axis") else LONG_AXIS
            return _opened(name, _identity(name), self.device)

    def presence(self) -> PresenceModel | None:
        """The model that sees in which slices the ventricles are; None where none comes with this version."""
        with _opening:
            return _presence() if PRESENCE in other_names() else None

    def listener(self) -> ListenerModel | None:
        """The model that says how far contours that follow a person's are off; None where none comes with it."""
        with _opening:
            return _listener() if LISTENER in other_names() else None

    def phases(self) -> PhaseModel | None:
        """The model that regresses ED and ES; None where none comes with this version."""
        with _opening:
            return _phases(self.device) if PHASES in other_names() else None

    def views(self) -> ViewModel | None:
        """The model that names views; None where none comes with this version."""
        with _opening:
            return _views(self.device) if DEFAULT_VIEWS in other_names() else None

    def motion(self, name: MotionName) -> MotionModel:
        """The model that follows motion: that of the name, unless another was chosen."""
        if self.followed_by == "stack":
            name = "network"
        elif self.followed_by == "search" and name == "network":
            name = "dis"
        with _opening:
            return _motion(name, self.device)

    @property
    def _apical_name(self) -> str:
        return self.network if self.network in names("apical") else DEFAULT_APICAL


def networks(kind: str | None = None) -> tuple[ModelCard, ...]:
    """The cards of the networks that contour "apical" views, "short-axis" stacks or "long-axis" cines; all by default.

    The default network of each kind comes first.
    """
    return tuple(load_card(name) for name in names(cast("registry.Kind | None", kind)))


def card_of(method: Method, kind: Kind) -> ModelCard:
    """The card of the model that a method is about; of the default one, that which contours recordings of the kind."""
    return load_card(method.card) if method.card else networks(kind.network or "apical")[0]


def gain_at_site(card: ModelCard) -> Message:
    """What a network that learnt from a site's signed readings gained on its held-out patients; empty of others."""
    found = card.site
    if not {"patients", "dice_before", "dice_after"} <= found.keys():
        return NOTHING
    overlap = message(
        "Dice {after:.3f} instead of {before:.3f}", after=found["dice_after"], before=found["dice_before"]
    )
    patients = round(found["patients"])
    if not {"ef_error_before", "ef_error_after"} <= found.keys():
        return message("this site (n {patients}): {overlap}", patients=patients, overlap=overlap)
    return message(
        "this site (n {patients}): EF error {after:.1f} instead of {before:.1f} points, {overlap}",
        patients=patients,
        after=found["ef_error_after"],
        before=found["ef_error_before"],
        overlap=overlap,
    )


def known_network(name: str) -> str:
    """A network's name, if one of that name contours anything.

    Raises:
        KinecorError: there is none.

    """
    if name not in names():
        raise KinecorError(
            message(
                "network: expected one of {choices}, got {given}",
                choices=joined_by(", ", names()),
                given=verbatim(name),
            )
        )
    return name


def check_network_fits(network: str, kinds: Iterable[Kind]) -> None:
    """Refuse a network that contours none of the recordings: the default one would silently take its place.

    Args:
        network: its name, see `known_network`.
        kinds: of the recordings, as far as their headers tell.

    Raises:
        KinecorError: there are recordings, and it fits none.

    """
    wanted = {kind.network for kind in kinds}
    contoured = [kind for kind in CONTOURED if network in names(kind)]
    if wanted and not wanted.intersection(contoured):
        raise KinecorError(
            message(
                "network: {network} contours {what}, and none of these recordings is one",
                network=verbatim(network),
                what=joined_by(", ", [CONTOURED[kind] for kind in contoured]),
            )
        )


@lru_cache(maxsize=4)
def _motion(name: MotionName, device: str) -> MotionModel:
    return _open_or_raise(partial(open_motion, name), device)


def _identity(name: str) -> str:
    """What tells two models of one name apart while the program runs: a card of one's own, and the precision."""
    return f"{load_card(name).sha256} {precision_in_force()}"


@lru_cache(maxsize=4)
def _opened(name: str, identity: str, device: str) -> ClipModel:  # noqa: ARG001 - part of the cache's key
    return _open_or_raise(partial(open_model, name), device)


@lru_cache(maxsize=2)
def _pairs(device: str) -> PairModel:
    return _open_or_raise(partial(open_pairs, DEFAULT_PAIRS), device)


@lru_cache(maxsize=1)
def _presence() -> PresenceModel:
    return _open_or_raise(lambda _: open_presence(PRESENCE), "cpu")


@lru_cache(maxsize=1)
def _listener() -> ListenerModel:
    return _open_or_raise(lambda _: open_listener(LISTENER), "cpu")


@lru_cache(maxsize=2)
def _phases(device: str) -> PhaseModel:
    return _open_or_raise(partial(open_phases, PHASES, peaks=prominent_peaks), device)


@lru_cache(maxsize=2)
def _views(device: str) -> ViewModel:
    return _open_or_raise(partial(open_views, DEFAULT_VIEWS), device)


def _open_or_raise(opener: Callable[[Device], Model], device: str) -> Model:
    """Open a model; what is wrong becomes a KinecorError."""
    if device not in DEVICES:
        raise KinecorError(
            message(
                "device: expected one of {choices}, got {given}",
                choices=joined_by(", ", DEVICES),
                given=verbatim(device),
            )
        )
    try:
        return opener(cast("Device", device))
    except (WeightsError, CardError, DeviceError, FileNotFoundError) as wrong:
        raise KinecorError(verbatim(str(wrong))) from wrong


def describe() -> tuple[ModelCard, ...]:
    """The cards of all models: those that ship, and those of one's own folder."""
    return cards()


def unusable() -> tuple[str, ...]:
    """What is wrong with cards in one's own folder, a sentence each."""
    return own_cards()[1]
