"""Kinds of recording: what can be traced on each, how its cycle runs, which measurements it has.

Everything else asks the kind (`reading.kind`) for what it needs; only `kind_of` decides which kind a recording is of.
To add a kind: add one here, and the strategy that analyses it in `kinecor.analysis.analyse`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Final, Literal

from kinecor.core.values.choices import APICAL, BASAL, MID
from kinecor.core.values.message import NOTHING, Message, message, verbatim
from kinecor.core.values.series import NO_SERIES, Series, SeriesKind
from kinecor.core.values.track import Structure

UNKNOWN_VIEW: Final = "unknown"
"""The label of a view that could not be named."""
APICAL_VIEWS: Final = ("A4C", "A2C", "A3C")
"""Views the apical model was trained on."""
STACK_VIEW: Final = "SAX"
"""The view of a short-axis stack."""
LEVEL_OF: Final[Mapping[str, int]] = MappingProxyType(
    {"PSAX": MID, "PSAX base": BASAL, "PSAX mid": MID, "PSAX apex": APICAL, STACK_VIEW: MID}
)
"""Short-axis views and their levels; a view that names none is taken at the papillary muscles, as is usual."""

_LONG_AXIS = (Structure.LV_ENDO, Structure.LV_EPI, Structure.LA)
_SHORT_AXIS = (Structure.LV_ENDO, Structure.LV_EPI)
_MRI_NAMES: Final[Mapping[str, str]] = MappingProxyType({"A4C": "4CH", "A2C": "2CH", "A3C": "3CH"})


@dataclass(frozen=True, slots=True)
class Kind:
    """What follows from the kind of a recording.

    Attributes:
        name: in words, e.g. for messages.
        modality: of the title of a report: "Echocardiography", "Cine MRI", or "Cine loop" where it is not known.
        structures: that a person may trace.
        stack: whether it is a stack of parallel slices; contours then belong to the slices' Readings.
        closed: whether outlines run all the way round (short axis), so that none of their points is a hinge point.
        gated: whether its frames are the phases of one cycle, so that the first one follows the last.
        volumes: "disks" (method of disks along the long axis), "stack" (summation of slices), or "area" where only the
            area of the cavity is known.
        strain: "longitudinal", or "short-axis" (circumferential and radial).
        segmental_strain: whether strain by segment is reliable, not only the global value.
        endocardial_strain: whether strain is measured along the endocardium where there is no epicardium.
        oriented_by_plane: whether the image may be shown any way up, so that only its plane in the patient says where
            the apex and the walls are.
        network: which networks contour it, "apical", "short-axis" or "long-axis"; None where none does.
        automatic: whether it can be analysed before a person traced anything.
        unmeasured: reason why such recordings are not measured; empty where they are.
        by_hand: what a person does to have one measured that no network contours; empty where one does.
        propagated_from: number of frames with traced contours from which these are propagated through the recording;
            0 where they are not.
        motion: the motion model that was the more accurate on such images (`kinecor evaluate flow`,
            `kinecor evaluate short-axis-strain`, `kinecor evaluate strain`): dense inverse search ("dis"), the same on
            images less a share of what stands still ("moving"), or the network; on long axes the network finds too
            little motion.
        view_names: what readers call its views, by label, where that is not the label itself.
        view_only: whether it is only shown: never contoured, checked or measured, and no part of the study's results.

    """

    name: Message
    modality: Message
    structures: tuple[Structure, ...]
    volumes: Literal["disks", "stack", "area"]
    strain: Literal["longitudinal", "short-axis"]
    network: Literal["apical", "short-axis", "long-axis"] | None = None
    stack: bool = False
    closed: bool = False
    gated: bool = False
    segmental_strain: bool = True
    endocardial_strain: bool = False
    oriented_by_plane: bool = False
    automatic: bool = True
    unmeasured: Message = NOTHING
    by_hand: Message = NOTHING
    propagated_from: int = 0
    motion: Literal["dis", "moving", "network"] = "dis"
    view_names: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}), hash=False)
    view_only: bool = False

    def view_name(self, label: str) -> Message:
        """The view as readers call it: on MRI "4CH" where echocardiography says "A4C".

        Args:
            label: of the view in this program, e.g. "A4C".

        """
        return verbatim(self.view_names.get(label, label))

    @property
    def headline_strain(self) -> str:
        """Code of the measurement that sums up strain."""
        return "GLS" if self.strain == "longitudinal" else "GCS"


APICAL_LOOP: Final = Kind(
    name=message("apical loop"),
    modality=message("Echocardiography"),
    structures=_LONG_AXIS,
    volumes="disks",
    strain="longitudinal",
    network="apical",
    motion="moving",
)
"""An echo loop in an apical view, or in none that was named yet: the view model decides when it is analysed."""

# Contours found before the view was corrected stay measured until the recording is analysed again.
OTHER_VIEW: Final = replace(APICAL_LOOP, name=message("other view"))
"""An echo loop in a view that is not measured (parasternal long axis, subcostal, ...)."""

OTHER_MODALITY: Final = replace(
    OTHER_VIEW,
    name=message("other modality"),
    modality=message("Cine loop"),
    network=None,
    motion="dis",
    unmeasured=message("contours need an ultrasound clip"),
)
"""A loop that is neither ultrasound nor MRI."""

SHORT_AXIS_LOOP: Final = Kind(
    name=message("short-axis loop"),
    modality=message("Echocardiography"),
    structures=_SHORT_AXIS,
    volumes="area",
    strain="short-axis",
    closed=True,
    by_hand=message("trace cavity and wall at ED and ES (right click), then analyse again"),
    propagated_from=1,
)
"""An echo loop in short axis: no network contours it; contours traced at one frame or more are propagated.

From a single frame their confidence is too low for values to be given: ES has to be traced, or corrected, as well.
"""

SHORT_AXIS_MRI: Final = replace(
    SHORT_AXIS_LOOP,
    name=message("short-axis slice of cine MRI"),
    modality=message("Cine MRI"),
    gated=True,
    motion="network",
    unmeasured=message("cine MRI is measured as a stack of short axes or on a long axis; this is neither"),
    view_names=_MRI_NAMES,
)
"""A single slice of cine MRI that was named a short axis."""

LONG_AXIS_MRI: Final = Kind(
    name=message("long axis of cine MRI"),
    modality=message("Cine MRI"),
    structures=_LONG_AXIS,
    volumes="disks",
    strain="longitudinal",
    gated=True,
    # Cine MRI shows no speckle along the wall: the motion of its ends is seen, how it is shared between them is not.
    segmental_strain=False,
    endocardial_strain=True,
    oriented_by_plane=True,
    network="long-axis",
    by_hand=message(
        "trace the left ventricle at ED and ES (right click), then analyse again, and motion propagates the contours "
        "through the cycle"
    ),
    propagated_from=2,
    view_names=_MRI_NAMES,
)
"""A single slice of cine MRI in the plane of an apical view.

A network contours the cavity. Where a person traced it at ED and ES before that, these contours are propagated.
"""

OTHER_MRI: Final = replace(
    OTHER_VIEW,
    name=message("other slice of cine MRI"),
    modality=message("Cine MRI"),
    network=None,
    gated=True,
    automatic=False,
    motion="dis",
    view_names=_MRI_NAMES,
    unmeasured=message(
        "cine MRI is measured as a stack of short axes or on a long axis; this is neither: if it is a long axis, name "
        "its view (4CH, 2CH, 3CH)"
    ),
)
"""A single slice of cine MRI whose view was not named, or that shows another view."""

SHORT_AXIS_STACK: Final = Kind(
    name=message("short-axis stack"),
    modality=message("Cine MRI"),
    structures=(*_SHORT_AXIS, Structure.RV),
    volumes="stack",
    strain="short-axis",
    network="short-axis",
    stack=True,
    closed=True,
    gated=True,
    motion="network",
)
"""A stack of short-axis slices of cine MRI."""

ECHO_VOLUME: Final = replace(
    SHORT_AXIS_STACK,
    name=message("slices of an ultrasound volume"),
    modality=message("Echocardiography"),
    network=None,
    unmeasured=message("slices of an ultrasound volume are not short axes of cine MRI"),
)
"""Parallel slices of an ultrasound volume; they are not measured."""

STACK_SLICE: Final = replace(SHORT_AXIS_STACK, name=message("slice of a short-axis stack"), stack=False, volumes="area")
"""One slice of a stack, drawn and edited as a loop is."""

VIEW_ONLY: Final = replace(
    OTHER_MODALITY,
    name=message("images that are only shown"),
    modality=message("Images"),
    structures=(),
    automatic=False,
    view_only=True,
)
"""A series that is shown and never measured: its own words are those of its kind, see SeriesKind."""


KINDS: Final = (
    APICAL_LOOP,
    OTHER_VIEW,
    OTHER_MODALITY,
    SHORT_AXIS_LOOP,
    SHORT_AXIS_MRI,
    LONG_AXIS_MRI,
    OTHER_MRI,
    SHORT_AXIS_STACK,
    ECHO_VOLUME,
    STACK_SLICE,
    VIEW_ONLY,
)


def _of_series(series: SeriesKind, modality: str, *, stack: bool) -> Kind:
    """The kind of recordings of a series that no network contours."""
    if series.by_hand:
        shown = replace(OTHER_VIEW, name=series.name, network=None, automatic=False, unmeasured=series.reason)
        return replace(shown, structures=()) if series.graph else shown
    title = {"MR": message("Cardiac MRI"), "US": message("Echocardiography")}.get(modality, VIEW_ONLY.modality)
    return replace(
        VIEW_ONLY,
        name=series.name,
        modality=title,
        unmeasured=series.reason,
        stack=stack,
        volumes="stack" if stack else "area",
    )


def kind_of(*, stack: bool, stack_slice: bool, modality: str, view: str | None, series: Series = NO_SERIES) -> Kind:
    """The kind of a recording, the one place where it is decided.

    Args:
        stack: whether it is a stack of parallel slices.
        stack_slice: whether it is one slice of such a stack.
        modality: "US", "MR", another one, or "" where the file does not say.
        view: label of its view, or None where none was named.
        series: what it is a series of.

    """
    if series.known is not None and not series.measured:
        return _of_series(series.known, modality, stack=stack)
    if stack:
        return ECHO_VOLUME if modality == "US" else SHORT_AXIS_STACK
    if stack_slice:
        return STACK_SLICE
    if modality not in ("US", "MR", ""):
        return OTHER_MODALITY
    mri = modality == "MR"
    if view in LEVEL_OF:
        return SHORT_AXIS_MRI if mri else SHORT_AXIS_LOOP
    if mri:
        return LONG_AXIS_MRI if view in APICAL_VIEWS else OTHER_MRI
    return APICAL_LOOP if view in (None, UNKNOWN_VIEW, *APICAL_VIEWS) else OTHER_VIEW
