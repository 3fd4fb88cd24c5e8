"""The way of one patient's heart from ED to ES: found once, then good for any number of cines."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kinecor_phantoms.lines import close_loop, space_evenly
from kinecor_phantoms.raster import Bools, Points
from kinecor_phantoms.warped.fit import FitSettings, fit_flow
from kinecor_phantoms.warped.flow import Flow
from kinecor_phantoms.warped.frame import Anatomy, LabelledFrame, NoMatchError
from kinecor_phantoms.warped.matching import Line, match_lines
from kinecor_phantoms.warped.outline import Outlines, outlines, paint_regions
from kinecor_phantoms.warped.sampling import blur_image
from kinecor_phantoms.warped.sector import sector
from kinecor_phantoms.warped.texture import Texture, laid_out

STEPS = (1.0, 1.1, 1.2)
FURTHEST_PHASE = STEPS[-1]
"""How far beyond ES, and (less 1) before ED, the path may be followed."""
# A path along which a pixel shrinks to less than this share of its area is as good as folded.
MIN_GROWTH = 0.01
MIN_DICE = 0.85
"""Overlap with the expert's ES label below which a structure counts as not matched."""
POINTS = {"lv_endo": 96, "lv_epi": 96, "la": 64, "rv": 64}
"""Points per contour, as the networks give them."""


@dataclass(frozen=True, eq=False)
class Path2D:
    """How a patient's ED frame moves into the ES frame.

    Attributes:
        ed, es: the two frames.
        anatomy: what their labels mean.
        flow: carries ED to ES by phase 1.
        borders: outlines of the ED label.
        contours: by name, (n, 2) points at ED evenly along it; open ones (long axis) run from the left hinge point to
            the right one, closed ones do not repeat their first point.
        seen: (rows, columns) the ultrasound sector, or None where the whole image shows something.
        dice: by contour name, overlap of the carried ED label with the expert's ES label, 0..1: the cavity for the
            endocardium, the wall for the epicardium; NaN where neither frame has the structure.
        least_growth: the smallest factor by which a pixel's area changes on the way to ES; above 0 nothing folds.
        furthest: phase up to which the path may be followed, 1 to FURTHEST_PHASE; beyond it something nearly folds.

    """

    ed: LabelledFrame
    es: LabelledFrame
    anatomy: Anatomy
    flow: Flow
    borders: Outlines
    contours: dict[str, Points]
    seen: Bools | None
    dice: dict[str, float]
    least_growth: float
    furthest: float

    @property
    def unmatched(self) -> tuple[str, ...]:
        """Structures whose carried label is unreliable near ES, because the two frames show them differently."""
        return tuple(name for name, dice in self.dice.items() if dice < MIN_DICE)

    def texture(self) -> Texture:
        """The patient's material; some 20 MB, a few tenths of a second."""
        blood = np.isin(self.ed.label, (self.anatomy.cavity, self.anatomy.other))
        return laid_out(self.ed.image, self.es.image, self.seen, self.flow, blood)


def overlap(one: Bools, other: Bools) -> float:
    """Dice of two masks, 0..1; NaN where both are empty."""
    total = int(one.sum()) + int(other.sum())
    return 2 * int((one & other).sum()) / total if total else float("nan")


def _dice(label: NDArray[np.uint8], expert: NDArray[np.uint8], anatomy: Anatomy) -> dict[str, float]:
    values = anatomy.cavity, anatomy.wall, anatomy.other
    return {name: overlap(label == v, expert == v) for name, v in zip(anatomy.names, values, strict=True)}


def find_path(
    ed: LabelledFrame,
    es: LabelledFrame,
    anatomy: Anatomy,
    *,
    least_dice: float = MIN_DICE,
    twist_deg: float = 0.0,
    settings: FitSettings | None = None,
    flow: Flow | None = None,
) -> Path2D:
    """The path from an ED to an ES frame; takes a second, or a quarter of one where the flow is available.

    Args:
        ed: end-diastolic frame.
        es: end-systolic frame of the same size.
        anatomy: what their labels mean.
        least_dice: cavity and wall must overlap the expert's at ES by so much.
        twist_deg: short axis only: turn from ED to ES beyond what the septum shows, clockwise on the screen.
        settings: of the fit.
        flow: of a path found before between these frames, which saves the fit; its two arrays can be stored on disk.

    Raises:
        NoMatchError: sizes differ, the left ventricle is missing in a frame, the frames do not match well enough, or
            the motion folds.

    """
    if ed.image.shape != es.image.shape:
        raise NoMatchError(f"expected frames of one size, got {ed.image.shape} and {es.image.shape}")
    borders = outlines(ed.label, anatomy.regions)
    lines = match_lines(borders, outlines(es.label, anatomy.regions), anatomy, twist_deg)
    seen = sector(ed.image, es.image) if anatomy.long_axis else None
    if flow is None:
        pictures = [frame.image.astype(np.float32) for frame in (ed, es)]
        lit = np.ones(ed.image.shape, np.float32) if seen is None else blur_image(seen.astype(np.float32), 2.0)
        flow = fit_flow(lines, pictures[0], pictures[1], lit, settings or FitSettings())
    growths = flow.least_growths(STEPS)
    furthest = max((phase for phase, growth in zip(STEPS, growths, strict=True) if growth >= MIN_GROWTH), default=1.0)
    shape = (ed.label.shape[0], ed.label.shape[1])
    dice = _dice(paint_regions(borders, flow.moved(borders.points, 1.0), anatomy.paints, shape), es.label, anatomy)
    if growths[0] < MIN_GROWTH:
        raise NoMatchError(f"expected a motion without folds, got a growth of {growths[0]:.3f}; leave this patient out")
    for name in anatomy.names[:2]:
        if not dice[name] >= least_dice:
            raise NoMatchError(
                f"expected {name} to overlap the expert's at ES by {least_dice:g}, got {dice[name]:.3f}; "
                "leave this patient out"
            )
    return Path2D(ed, es, anatomy, flow, borders, _contours(lines, anatomy), seen, dice, growths[0], furthest)


def resting_path(frame: LabelledFrame, anatomy: Anatomy) -> Path2D:
    """The path of a heart that does not move.

    Raises:
        NoMatchError: the left ventricle is missing.

    """
    borders = outlines(frame.label, anatomy.regions)
    contours = _contours(match_lines(borders, borders, anatomy), anatomy)
    rest = Flow((0, 0), np.zeros((2, 2), np.complex64))
    dice = dict.fromkeys(anatomy.names, 1.0)
    return Path2D(frame, frame, anatomy, rest, borders, contours, None, dice, 1.0, FURTHEST_PHASE)


def _contours(lines: list[Line], anatomy: Anatomy) -> dict[str, Points]:
    contours: dict[str, Points] = {}
    for name in anatomy.names:
        parts = [line.ed for line in lines if line.structure == name]
        if parts and anatomy.long_axis:
            contours[name] = space_evenly(parts[0], POINTS[name])
        elif parts:
            contours[name] = space_evenly(close_loop(np.concatenate(parts)), POINTS[name] + 1)[:-1]
    return contours
