"""How large a heart is by several of its sizes together: what a wrong scale changes, whatever the body.

A scale that is off by a factor changes all sizes alike, disease changes some of them: a dilated ventricle has no
thicker wall, a hypertrophic one is no longer. The mean of their logarithms, weighted so that it varies least between
patients, says more than any of them. In a stack, size in the plane and length across it have scales of their own: there
the width is held against the length.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from kinecor.core.values.events import marked_frames
from kinecor.core.values.geometry import Contour
from kinecor.core.values.reading import Reading, body
from kinecor.core.values.track import Structure
from kinecor.core.volumes.loop_volumes import axis_mm
from kinecor.core.volumes.stack_volumes import stack_curves, usual_step_mm
from kinecor.core.volumes.wall import wall_profile

HEART_SIZE_CODE: Final = "scale.heart-size"
WIDTH_FOR_LENGTH_CODE: Final = "scale.width-for-length"
"""Checks that say that the size is unusual: a reader who acknowledges one has answered the doubt."""
ADULT_YEARS = 16.0
"""From this age on the sizes of adults are expected; where no age is known, too."""


def is_adult(reading: Reading) -> bool:
    """Whether the patient is 16 years or older; where no age is known, too.

    Args:
        reading: of a recording of any kind.

    """
    age = reading.facts.age_years
    return age is None or age >= ADULT_YEARS


SizesMM = tuple[float, float, float]

USUAL_LOOP_MM: Final[Mapping[str, SizesMM]] = {"A4C": (77.0, 11.6, 32.4), "A2C": (78.5, 14.4, 30.9)}
"""By view, length of the ventricle, median thickness of its wall and width of the annulus at ED: geometric means of
experts' contours of adults (CAMUS, patients with even numbers; `kinecor evaluate sizes`)."""
LOOP_WEIGHTS: Final[SizesMM] = (0.51, 0.33, 0.16)
"""Of their logarithms: with these the weighted mean varies least in the same patients."""
LOOP_SPREAD: Final = 0.10
"""Standard deviation of that mean in patients with odd numbers: 0.096 in A4C, 0.110 in A2C."""

USUAL_STACK_MM: Final[SizesMM] = (83.7, 74.9, 8.8)
"""Length, outer width and thickness of the wall at ED of short-axis stacks: of adults of ACDC with even numbers."""
STACK_WEIGHTS: Final[SizesMM] = (-0.66, 0.88, 0.12)
"""Of their logarithms: what an error of the pixels changes by itself, and varies least otherwise."""
STACK_SPREAD: Final = 0.10
"""Standard deviation in patients of ACDC with odd numbers."""
_WIDEST: Final = 3

# Scales that are wrong are off by some 30 % to either side, and there are few of them.
_WRONG_SPREAD: Final = 0.3
_WRONG_SHARE: Final = 0.03
# At the limits of scale.heart-size and scale.width-for-length (0.22).
_IN_DOUBT: Final = 0.08


@dataclass(frozen=True, slots=True)
class HeartSize:
    """The size of a heart by a scale.

    Attributes:
        length_mm: of the left ventricle at ED.
        wall_mm: thickness of its wall then.
        width_mm: of the annulus in a loop; of the epicardium in a stack, as the diameter of a circle.
        score: logarithm of the size over the usual one; of a stack, of the size in the plane for the length. A scale
            that is too large by 30 % adds 0.26.
        spread: standard deviation of the score among patients whose scale is right.
        power: by which power of the scale in doubt volumes go.
        length_power: by which power the score goes with the distance between slices of a stack, which may be the wrong
            one of the two: volumes go with it alone. 0 of a loop, whose scale is one.

    """

    length_mm: float
    wall_mm: float
    width_mm: float
    score: float
    spread: float
    power: int
    length_power: float = 0.0

    @property
    def wrong_probability(self) -> float:
        """How likely the scale is wrong, of recordings of which 3 % have a wrong one."""
        right = (1 - _WRONG_SHARE) * _density(self.score, self.spread)
        wrong = _WRONG_SHARE * _density(self.score, float(np.hypot(self.spread, _WRONG_SPREAD)))
        return wrong / (right + wrong)

    @property
    def in_doubt(self) -> bool:
        """Whether the size is so unusual that a check of the scale marks it: either scale may then be right."""
        return self.wrong_probability >= _IN_DOUBT

    @property
    def if_wrong(self) -> tuple[float, float]:
        """Mean and standard deviation of the logarithm of true over measured volume, were the scale wrong."""
        share = _WRONG_SPREAD**2 / (_WRONG_SPREAD**2 + self.spread**2)
        return -self.power * share * self.score, self.power * self.spread * float(np.sqrt(share))

    @property
    def if_distance_wrong(self) -> tuple[float, float] | None:
        """The same, were the distance between slices wrong, and not the size of a pixel; None of a loop."""
        if not self.length_power:
            return None
        score, spread = self.score / self.length_power, self.spread / abs(self.length_power)
        share = _WRONG_SPREAD**2 / (_WRONG_SPREAD**2 + spread**2)
        return -share * score, spread * float(np.sqrt(share))


def _density(value: float, spread: float) -> float:
    return float(np.exp(-0.5 * (value / spread) ** 2) / spread)


def size_score(sizes_mm: Sequence[float], usual_mm: Sequence[float], weights: Sequence[float]) -> float:
    """The weighted sum of the logarithms of sizes over usual ones.

    Args:
        sizes_mm: over 0.
        usual_mm: of the same parts, in the same order.
        weights: of the same parts, in the same order.

    """
    return float(np.dot(weights, np.log(np.asarray(sizes_mm) / np.asarray(usual_mm))))


def heart_size(reading: Reading) -> HeartSize | None:
    """The size of the heart in a recording; None without a scale, or without what it is measured by.

    Args:
        reading: of a loop or a stack.

    """
    if reading.calibration is None or reading.withheld is not None:
        return None
    return _of_stack(reading) if reading.kind.stack else _of_loop(reading)


def doubted_size(reading: Reading) -> HeartSize | None:
    """The size of the heart where it is all that speaks for or against the scale.

    None of children, whose hearts are of all sizes; where the body's size is known, which says more; and where a person
    has set a scale in place of the file's.

    Args:
        reading: of a loop or a stack.

    """
    by_person = reading.facts.scale is not None and reading.calibration != reading.facts.scale
    if not is_adult(reading) or body(reading).bsa_m2 is not None or (by_person and not reading.kind.stack):
        return None
    return heart_size(reading)


def size_together(readings: Iterable[Reading]) -> HeartSize | None:
    """The same of recordings of one heart by one scale, as of two planes: the mean; None where one has none.

    Args:
        readings: of the recordings.

    """
    sizes = [doubted_size(reading) for reading in readings]
    known = [size for size in sizes if size is not None]
    if not known or len(known) < len(sizes):
        return None
    score, length_mm, wall_mm, width_mm = (
        float(np.mean([getattr(heart_size, name) for heart_size in known]))
        for name in ("score", "length_mm", "wall_mm", "width_mm")
    )
    return replace(known[0], score=score, length_mm=length_mm, wall_mm=wall_mm, width_mm=width_mm)


def _of_loop(reading: Reading) -> HeartSize | None:
    length_mm, wall_mm, annulus_mm = axis_mm(reading), loop_wall_mm(reading), _annulus_mm(reading)
    usual_mm = USUAL_LOOP_MM.get(reading.view.label) if reading.view is not None else None
    if usual_mm is None or reading.kind.oriented_by_plane or not length_mm or not wall_mm or not annulus_mm:
        return None
    if min(length_mm, wall_mm, annulus_mm) <= 0:
        return None
    score = size_score((length_mm, wall_mm, annulus_mm), usual_mm, LOOP_WEIGHTS)
    return HeartSize(length_mm, wall_mm, annulus_mm, score, LOOP_SPREAD, 3)


def loop_wall_mm(reading: Reading) -> float | None:
    """Median thickness of the wall of an apical loop at ED; the mean over beats, None without both contours.

    Args:
        reading: of the loop.

    """
    endo, epi = (reading.tracks.get(structure) for structure in (Structure.LV_ENDO, Structure.LV_EPI))
    if endo is None or epi is None or reading.calibration is None:
        return None
    pairs = [(endo.contours[frame], epi.contours[frame]) for frame in marked_frames(reading.events, "ed")]
    row_mm, col_mm = reading.spacing
    found = [
        float(np.nanmedian(wall_profile(contour, other, row_mm, col_mm, closed=False)))
        for contour, other in pairs
        if contour is not None and other is not None
    ]
    return float(np.mean(found)) if found else None


def _annulus_mm(reading: Reading) -> float | None:
    endo = reading.tracks.get(Structure.LV_ENDO)
    frames = marked_frames(reading.events, "ed") if endo is not None else ()
    widths_mm = [
        annulus_width_mm(contour, *reading.spacing) for frame in frames if endo and (contour := endo.contours[frame])
    ]
    return float(np.mean(widths_mm)) if widths_mm else None


def annulus_width_mm(contour: Contour, row_mm: float, col_mm: float) -> float:
    """Distance of the hinge points of an open contour, mm.

    Args:
        contour: from one hinge point to the other.
        row_mm: height of a pixel.
        col_mm: width of a pixel.

    """
    hinges = contour.scaled_mm(row_mm, col_mm)[[0, -1]]
    return float(np.hypot(*(hinges[0] - hinges[1])))


def stack_length_mm(reading: Reading) -> float | None:
    """Number of slices with a cavity at ED times their distance.

    Args:
        reading: of the stack.

    """
    stack, ed = reading.facts.stack, marked_frames(reading.events, "ed")
    step_mm = usual_step_mm(stack) if stack else None
    if step_mm is None or not ed:
        return None
    curves = stack_curves(reading)
    here = np.flatnonzero(curves.counted[:, ed[0]] & np.isfinite(curves.areas[Structure.LV_ENDO][:, ed[0]]))
    if stack is None or not len(here):
        return None
    return float(stack.positions_mm[here[-1]] - stack.positions_mm[here[0]] + step_mm)


def _of_stack(reading: Reading) -> HeartSize | None:
    length_mm, ed = stack_length_mm(reading), marked_frames(reading.events, "ed")
    if length_mm is None or not ed or any(slice_reading.calibration is None for slice_reading in reading.slices):
        return None
    curves = stack_curves(reading)
    inner, outer = (curves.areas.get(structure) for structure in (Structure.LV_ENDO, Structure.LV_EPI))
    if inner is None or outer is None:
        return None
    there = curves.counted[:, ed[0]] & np.isfinite(inner[:, ed[0]]) & np.isfinite(outer[:, ed[0]])
    if there.sum() < _WIDEST:
        return None
    width_mm, wall_mm = outer_width_mm(inner[there, ed[0]], outer[there, ed[0]])
    if wall_mm <= 0:
        return None
    score = size_score((length_mm, width_mm, wall_mm), USUAL_STACK_MM, STACK_WEIGHTS)
    return HeartSize(length_mm, wall_mm, width_mm, score, STACK_SPREAD, 2, STACK_WEIGHTS[0])


def outer_width_mm(inner_mm2: np.ndarray, outer_mm2: np.ndarray) -> tuple[float, float]:
    """Outer width and thickness of the wall of the three widest slices, as of circles: their medians.

    Args:
        inner_mm2: (slices,) areas within the endocardium, three or more.
        outer_mm2: (slices,) the same of the epicardium.

    """
    widest = np.argsort(-outer_mm2)[:_WIDEST]
    radii_mm = np.sqrt(outer_mm2[widest] / np.pi)
    walls_mm = radii_mm - np.sqrt(inner_mm2[widest] / np.pi)
    return 2 * float(np.median(radii_mm)), float(np.median(walls_mm))
