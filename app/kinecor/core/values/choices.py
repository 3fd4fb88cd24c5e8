"""What a reader chooses: base, apex and papillaries of a stack, body size, how strain is measured, a report's form."""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from importlib.resources import files
from types import MappingProxyType
from typing import Final

from kinecor.core.values.message import Message, message

PAPERS: Final = ("A4", "Letter")


def _languages() -> Mapping[str, str]:
    """English, which messages are written in, and what `installer/languages.py new` added, named in themselves."""
    names = files("kinecor_resources") / "languages" / "names.json"
    return MappingProxyType({"en": "English", **json.loads(names.read_text(encoding="utf-8"))})


LANGUAGES: Final = _languages()
"""Of window and reports, by code."""

# Levels of a short axis, by thirds of the ventricle.
BASAL, MID, APICAL = range(3)


class Papillaries(StrEnum):
    """Where papillary muscles and trabeculae are counted: reference ranges hold for one convention only."""

    CAVITY = "cavity"
    MYOCARDIUM = "myocardium"


@dataclass(frozen=True, slots=True)
class Extent:
    """The most basal and the most apical slice that count for the left ventricle, phase by phase.

    Attributes:
        base: (phases) number of the most basal slice, from 0 in order of position.
        apex: (phases) number of the most apical slice.

    Raises:
        ValueError: lengths differ, or a number is negative.

    """

    base: tuple[int, ...]
    apex: tuple[int, ...]

    def __post_init__(self) -> None:
        if len(self.base) != len(self.apex):
            raise ValueError(f"base and apex are given for {len(self.base)} and {len(self.apex)} phases")
        if min((*self.base, *self.apex), default=0) < 0:
            raise ValueError("slices are counted from 0")

    def holds(self, number: int, phase: int) -> bool:
        """Whether a slice is between base and apex at a phase, both included.

        Args:
            number: of the slice, from 0.
            phase: from 0.

        """
        ends = self.base[phase], self.apex[phase]
        return min(ends) <= number <= max(ends)


@dataclass(frozen=True, slots=True)
class Insertion:
    """Where the right ventricle's wall meets the left's in front: the origin of the wall's segments (AHA 2002).

    Attributes:
        angle_deg: seen from the cavity's centre, on the image: 0 is to the right, 90 up.
        turn: 1 where the septum follows counter-clockwise on the image (the usual display), -1 where clockwise.

    """

    angle_deg: float
    turn: int = 1

    def __post_init__(self) -> None:
        if self.turn not in (1, -1) or not -720 <= self.angle_deg <= 720:
            raise ValueError(f"an angle in degrees and a turn of 1 or -1 were expected, got {self}")


@dataclass(frozen=True, slots=True)
class Muscle:
    """Papillaries and trabeculae within the endocardial outlines.

    Attributes:
        share: by slice, by phase, the part of the enclosed area that is muscle, 0 to 1; 0 where nothing was contoured.

    """

    share: tuple[tuple[float, ...], ...]

    def __post_init__(self) -> None:
        if len({len(shares) for shares in self.share}) > 1 or not all(
            0 <= x <= 1 for shares in self.share for x in shares
        ):
            raise ValueError("shares from 0 to 1 were expected, as many phases in every slice")


@dataclass(frozen=True, slots=True)
class Presence:
    """Where a model sees the ventricles, learnt from which slices experts contour.

    Attributes:
        left, right: by slice, by phase, the probability (0 to 1) that the left (right) ventricle is there.

    Raises:
        ValueError: something else than probabilities, or slices with other numbers of phases.

    """

    left: tuple[tuple[float, ...], ...]
    right: tuple[tuple[float, ...], ...]

    def __post_init__(self) -> None:
        rows = (*self.left, *self.right)
        if len(self.left) != len(self.right) or len({len(row) for row in rows}) > 1:
            raise ValueError("probabilities of as many phases in every slice of both ventricles were expected")
        if not all(0 <= x <= 1 for row in rows for x in row):
            raise ValueError("probabilities from 0 to 1 were expected")

    @property
    def shape(self) -> tuple[int, int]:
        """(slices, phases)."""
        return len(self.left), len(self.left[0]) if self.left else 0


@dataclass(frozen=True, slots=True)
class ValvePlane:
    """Where long axes show the mitral valve, along a stack.

    Attributes:
        place_mm: (phases) of the middle between the hinge points, from the first slice's middle in the direction in
            which slices are numbered; None at phases at which no long axis shows it.
        views: labels of the long axes, or their recordings where they have no name.

    Raises:
        ValueError: a place that is no number.

    """

    place_mm: tuple[float | None, ...]
    views: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not all(place is None or math.isfinite(place) for place in self.place_mm):
            raise ValueError("places of the valve in mm were expected, or None where it is not seen")


class BsaFormula(StrEnum):
    """How body surface area is worked out from height and weight."""

    MOSTELLER = "Mosteller"
    DU_BOIS = "Du Bois"


# Outside these a height or weight is a typing error (metres for centimetres, pounds of a child, ...).
HEIGHT_CM, WEIGHT_KG = (30.0, 260.0), (1.0, 400.0)


@dataclass(frozen=True, slots=True)
class Body:
    """Body size and sex of the patient, as far as known.

    Attributes:
        height_cm, weight_kg: or None where unknown.
        sex: "F", "M", "O" or "" where unknown.
        formula: see BsaFormula.

    Raises:
        ValueError: an impossible height or weight.

    """

    height_cm: float | None = None
    weight_kg: float | None = None
    sex: str = ""
    formula: BsaFormula = BsaFormula.MOSTELLER

    def __post_init__(self) -> None:
        for name, value, (low, high) in (
            ("height", self.height_cm, HEIGHT_CM),
            ("weight", self.weight_kg, WEIGHT_KG),
        ):
            if value is not None and not (math.isfinite(value) and low <= value <= high):
                raise ValueError(
                    message("height: expected {low:g} to {high:g} cm, got {size}", low=low, high=high, size=value)
                    if name == "height"
                    else message("weight: expected {low:g} to {high:g} kg, got {size}", low=low, high=high, size=value)
                )

    @property
    def bsa_m2(self) -> float | None:
        """Body surface area in m2, or None where height or weight is not known."""
        if self.height_cm is None or self.weight_kg is None:
            return None
        return bsa_m2(self.height_cm, self.weight_kg, self.formula)


def bsa_m2(height_cm: float, weight_kg: float, formula: BsaFormula = BsaFormula.MOSTELLER) -> float:
    """Body surface area in m2.

    Mosteller (N Engl J Med 1987;317:1098): sqrt(height * weight / 3600). Du Bois and Du Bois (Arch Intern Med
    1916;17:863): 0.007184 * weight ** 0.425 * height ** 0.725.

    Args:
        height_cm: over 0.
        weight_kg: over 0.
        formula: which of the two.

    """
    if formula is BsaFormula.MOSTELLER:
        return math.sqrt(height_cm * weight_kg / 3600)
    return float(0.007184 * weight_kg**0.425 * height_cm**0.725)


@dataclass(frozen=True, slots=True)
class ShortAxis:
    """Choices that hold for the whole stack.

    Attributes:
        extent: see Extent, or None: then every slice with a contour counts.
        excluded: numbers of slices that are not measured; they are interpolated from their neighbours.
        rv_base: (phases) number of the most basal slice that counts for the right ventricle, whose base need not be
            that of the left; None: then every slice with a contour of it counts.
        papillaries: the convention to measure by.
        muscle: see Muscle; None where it was not measured: then the contours are assumed to follow the convention.
        insertion: see Insertion, or None: then it is found from the contours of both ventricles.
        body: see Body.
        presence: see Presence; None where no model looked.
        valve: see ValvePlane; None where no long axis shows it.

    """

    extent: Extent | None = None
    excluded: tuple[int, ...] = ()
    papillaries: Papillaries = Papillaries.CAVITY
    insertion: Insertion | None = None
    body: Body = field(default_factory=Body)
    muscle: Muscle | None = None
    rv_base: tuple[int, ...] | None = None
    presence: Presence | None = None
    valve: ValvePlane | None = None


SEGMENTS = 6
"""Segments of the wall in an apical view."""
MAX_SEGMENTS = 16
"""Segments that short axes show."""


@dataclass(frozen=True, slots=True)
class StrainChoices:
    """How strain is to be measured.

    Attributes:
        excluded: segments left out, in order: 0 basal, 1 mid, 2 apical of the side on the left of the image, 3
            apical, 4 mid, 5 basal of the other. Of short axes 0 to 15: AHA segments 1 to 16.
        compensate_drift: whether strain is made to return to 0 at the next end-diastole.
        depth: in the wall: 0 endocardium, 0.5 mid-wall, 1 epicardium.

    Raises:
        ValueError: no such segment, twice the same, or a depth outside 0..1.

    """

    excluded: tuple[int, ...] = ()
    compensate_drift: bool = True
    depth: float = 0.5

    def __post_init__(self) -> None:
        if any(not 0 <= segment < MAX_SEGMENTS for segment in self.excluded) or len(set(self.excluded)) < len(
            self.excluded
        ):
            raise ValueError(f"segments are numbered 0 to {MAX_SEGMENTS - 1}, each once, got {self.excluded}")
        if not 0 <= self.depth <= 1:
            raise ValueError(f"a depth in the wall of 0..1 was expected, got {self.depth}")
        object.__setattr__(self, "excluded", tuple(sorted(self.excluded)))


WALL_POINTS = 120
"""Points along the wall that strain is measured by."""


@dataclass(frozen=True, slots=True)
class PlacedPoint:
    """A point of the wall where a reader saw it in one frame.

    Attributes:
        frame: 0-based.
        point: 0 to 119 along the wall, in the order of the segments.
        x_px, y_px: in the image; pixel centres are at integers.

    Raises:
        ValueError: no such point or frame, or a number that is not finite.

    """

    frame: int
    point: int
    x_px: float
    y_px: float

    def __post_init__(self) -> None:
        if self.frame < 0 or not 0 <= self.point < WALL_POINTS:
            raise ValueError(f"frames from 0 and points from 0 to {WALL_POINTS - 1} were expected, got {self}")
        if not (math.isfinite(self.x_px) and math.isfinite(self.y_px)):
            raise ValueError(f"a place in the image was expected, got {self.x_px}, {self.y_px}")


USUAL = StrainChoices()
"""All segments, mid-wall, drift compensated."""


ENDOCARDIUM: Final = 0.0
MID_WALL: Final = 0.5
EPICARDIUM: Final = 1.0
_LAYERS: Final = {
    ENDOCARDIUM: message("endocardium"),
    MID_WALL: message("mid-wall"),
    EPICARDIUM: message("epicardium"),
}


def layer_words(depth: float) -> Message:
    """How deep in the wall strain is measured, as a reader calls it; `depth` as in StrainChoices.

    Args:
        depth: from the endocardium (0) to the epicardium (1), as in StrainChoices.

    """
    return _LAYERS.get(depth) or message("{depth:.0%} into the wall", depth=depth)


@dataclass(frozen=True, slots=True)
class BeatChoices:
    """Which beats of a loop are measured.

    Attributes:
        excluded: ED frames (0-based, increasing) of beats that are left out; those that are no ED have no effect.
        index_beat: whether only the index beat is measured, which follows two beats of like length (atrial
            fibrillation; Bunting et al. 2021, doi 10.1136/heartjnl-2020-318557).

    Raises:
        ValueError: frames that do not increase.

    """

    excluded: tuple[int, ...] = ()
    index_beat: bool = False

    def __post_init__(self) -> None:
        if list(self.excluded) != sorted(set(self.excluded)) or min(self.excluded, default=0) < 0:
            raise ValueError(f"increasing frames were expected, got {self.excluded}")


EVERY_BEAT = BeatChoices()
"""The mean over all beats."""
