"""How a value was measured, as data: what outputs decide by, and what makes two values comparable.

The text of a method is for readers. Nothing decides by its words, which depend on numbers, too.
"""

from dataclasses import dataclass, field
from enum import StrEnum

from kinecor.core.values.message import NOTHING, Message


class Kind(StrEnum):
    """The kind of a measurement."""

    SINGLE_PLANE = "disks of a single plane"
    BIPLANE = "disks of two planes"
    AREA_LENGTH = "area and length of a single plane"
    BIPLANE_AREA_LENGTH = "areas and length of two planes"
    SLICES = "disks of slices"
    WALL = "volume of the wall"
    SLOPE = "slope of the volume curve"
    THICKNESS = "thickness of the wall"
    AREA = "area of a contour"
    STRAIN = "strain"
    MEAN_OF_VIEWS = "mean strain of views"
    ATRIAL_STRAIN = "length of the atrial contour"
    ANNULUS = "movement of the valve plane"
    CALLIPER = "calliper"
    RATE = "heart rate"
    PRODUCT = "stroke volume by heart rate"
    BODY_SURFACE = "body surface area"
    ENTERED = "entered by hand"


class Beats(StrEnum):
    """Which beats of several a value is of, where it is not their mean."""

    SINGLE = "single beat"
    INDEX = "index beat"


@dataclass(frozen=True, slots=True)
class Technique:
    """How a value was measured: values of equal techniques are comparable.

    Attributes:
        kind: see Kind.
        views: labels of the views used, where these are part of the method.
        missing: labels of the views that a mean over views lacks; not compared, `views` says as much.
        depth: in the wall, of strain, as in StrainChoices; None where no layer is stated.
        conventions: codes, or messages without numbers: where papillary muscles count, which beats, whose heart rate,
            the formula of the body surface area; of strain what followed the wall, and what end-systole is.
        words: what of the method a comparison says, with its numbers; not compared.

    """

    kind: Kind
    views: tuple[str, ...] = ()
    missing: tuple[str, ...] = field(default=(), compare=False)
    depth: float | None = None
    conventions: tuple[str, ...] = ()
    words: Message = field(default=NOTHING, compare=False)
