"""Checks of a stack's slices against the header and each other: distances, pixels, whose they are, their phases."""

from collections.abc import Iterator
from typing import Final

import numpy as np

from kinecor.core.checks.check import Check, finds
from kinecor.core.checks.findings import (
    MASS,
    RATES,
    RIGHT,
    SCALED,
    VOLUMES,
    Finding,
    Severity,
    slices_words,
    threshold,
)
from kinecor.core.table.measures import SHORT_AXIS_CODES
from kinecor.core.values.message import in_context, joined_by, message
from kinecor.core.values.reading import Reading, has_contour
from kinecor.core.values.track import Structure
from kinecor.core.volumes.stack_volumes import stack_curves, usual_step_mm

_ALL: Final = VOLUMES | MASS | RIGHT


STACK_SPACING_CONTRADICTS: Final = Check(
    "stack.spacing-contradicts",
    in_context("stack", "spacing contradicts"),
    limits=("stack.spacing-thickness", "stack.spacing"),
    measurements=SCALED,
    resolve=message("check the distance between slices, or open the slices that are missing"),
)


@finds(STACK_SPACING_CONTRADICTS)
def _spacing(reading: Reading) -> Iterator[Finding]:
    """The distance between slices in the header against that of their positions.

    Some files hold the gap alone, others the thickness in its place, which then says little.
    """
    stack = reading.facts.stack
    step_mm = usual_step_mm(stack) if stack else None
    if stack is None or stack.between_mm is None or step_mm is None or len(stack.positions_mm) < _MIN_SLICES:
        return
    thickness_mm = stack.thickness_mm or 0.0
    meant = (stack.between_mm, stack.between_mm + thickness_mm)
    off = min((float(np.log(step_mm / step)) for step in meant), key=abs)
    only_thick = abs(stack.between_mm - thickness_mm) <= _AS_THICK * thickness_mm and step_mm > stack.between_mm
    severity = threshold("stack.spacing-thickness" if only_thick else "stack.spacing").severity(abs(off))
    if severity is not None:
        yield STACK_SPACING_CONTRADICTS.finding(
            severity,
            message(
                "By their positions slices are {step_mm:.1f} mm apart, by the header {between_mm:.1f} "
                "mm: one of both is wrong, or slices are missing.",
                step_mm=step_mm,
                between_mm=stack.between_mm,
            ),
        )


_MIN_SLICES = 3
# A distance within this share of the thickness may be the thickness itself.
_AS_THICK = 0.02


STACK_COARSE: Final = Check(
    "stack.coarse",
    in_context("stack", "coarse"),
    limits=("stack.coarse",),
    measurements=_ALL,
    resolve=message("open the slices that are missing, or accept the volumes as they are"),
)


@finds(STACK_COARSE)
def _coarse(reading: Reading) -> Iterator[Finding]:
    """Slices so far apart that base and apex lie anywhere between two of them."""
    stack = reading.facts.stack
    step_mm = usual_step_mm(stack) if stack else None
    if stack is None or step_mm is None or len(stack.positions_mm) < _MIN_SLICES or not _drawn(reading):
        return
    severity = STACK_COARSE.severity(step_mm)
    if severity is not None:
        yield STACK_COARSE.finding(
            severity,
            message(
                "Slices are {step_mm:.0f} mm apart: each end of the ventricle is known to half of that only.",
                step_mm=step_mm,
            ),
        )


def _drawn(reading: Reading) -> bool:
    return reading.kind.stack and has_contour(reading, Structure.LV_ENDO)


SCALE_NOT_SQUARE: Final = Check(
    "scale.not-square",
    in_context("scale", "not square"),
    limits=("scale.not-square",),
    measurements=SCALED | SHORT_AXIS_CODES,
    resolve=message("check the pixel spacing"),
)


@finds(SCALE_NOT_SQUARE)
def _not_square(reading: Reading) -> Iterator[Finding]:
    """Pixels that are longer than wide: scanners reconstruct cine images with square ones."""
    calibrations = [slice_reading.calibration for slice_reading in reading.slices]
    if not reading.kind.stack or not calibrations or any(calibration is None for calibration in calibrations):
        return
    off = max(
        abs(float(np.log(calibration.row_mm / calibration.col_mm)))
        for calibration in calibrations
        if calibration is not None
    )
    severity = SCALE_NOT_SQUARE.severity(off)
    scale = reading.calibration
    if severity is not None and scale is not None:
        yield SCALE_NOT_SQUARE.finding(
            severity,
            message(
                "Pixels are {row_mm:.2f} mm high and {col_mm:.2f} mm wide by the header; scanners make "
                "them square: one of both may be wrong.",
                row_mm=scale.row_mm,
                col_mm=scale.col_mm,
            ),
        )


STACK_OVAL: Final = Check(
    "stack.oval",
    in_context("stack", "oval"),
    limits=("stack.oval",),
    measurements=SCALED | SHORT_AXIS_CODES,
    resolve=message("check the pixel spacing, or export the images with their original shape"),
)


@finds(STACK_OVAL)
def _oval(reading: Reading) -> Iterator[Finding]:
    """Ventricles that are longer along one side of the image in all slices: an image that was stretched.

    At ED and ES: a full right ventricle flattens the septum in diastole, a stretched image is stretched throughout.
    """
    beats = reading.events.beats if reading.events else ()
    medians = []
    for phase in (beats[0].ed, beats[0].es) if beats else ():
        found = [_ovalness(reading.slices[number], phase) for number in _counted(reading)]
        known = [shift for shift in found if np.isfinite(shift)]
        if len(known) < _MIN_SLICES:
            return
        medians.append(float(np.median(known)))
    if not medians or medians[0] * medians[1] <= 0:
        return
    off = min(medians, key=abs)
    severity = STACK_OVAL.severity(abs(off))
    if severity is not None:
        yield STACK_OVAL.finding(
            severity,
            message(
                "At ED and ES the left ventricle is {percent:.0f} % {shape} in the images, in most slices: "
                "the image may be stretched, or the pixel spacing wrong.",
                percent=100 * float(np.exp(abs(off))) - 100,
                shape=message("higher than wide") if off > 0 else message("wider than high"),
            ),
            (beats[0].ed, beats[0].es),
        )


def _ovalness(reading: Reading, frame: int) -> float:
    """Logarithm of the height over the width of the epicardium (standard deviations); NaN without it or a scale."""
    epi = reading.tracks.get(Structure.LV_EPI)
    contour = None if epi is None else epi.contours[frame]
    if contour is None or reading.calibration is None:
        return float("nan")
    wide, high = contour.points.std(axis=0) * (reading.calibration.col_mm, reading.calibration.row_mm)
    return float(np.log(high / wide)) if wide > 0 and high > 0 else float("nan")


STACK_PIXELS_DIFFER: Final = Check(
    "stack.pixels-differ",
    in_context("stack", "pixels differ"),
    limits=("stack.pixels-differ",),
    measurements=SCALED,
    resolve=message("check the pixel spacing of each slice"),
)


@finds(STACK_PIXELS_DIFFER)
def _unlike_spacing(reading: Reading) -> Iterator[Finding]:
    """Slices of one stack with pixels of another size and as many of them."""
    sizes = {
        (slice_reading.facts.rows, slice_reading.facts.columns, round(slice_reading.calibration.row_mm, 3))
        for slice_reading in reading.slices
        if slice_reading.calibration is not None
    }
    rows = {(rows, columns) for rows, columns, _ in sizes}
    if not _drawn(reading) or len(sizes) <= len(rows):
        return
    low, high = min(mm for *_, mm in sizes), max(mm for *_, mm in sizes)
    severity = STACK_PIXELS_DIFFER.severity(high / low - 1)
    if severity is not None:
        yield STACK_PIXELS_DIFFER.finding(
            severity,
            message(
                "Slices have pixels of {smallest_mm:.2f} to {largest_mm:.2f} mm in images of one size: the pixel "
                "spacing of some may be wrong, or they are of another patient.",
                smallest_mm=low,
                largest_mm=high,
            ),
        )


STACK_UNLIKE_SLICES: Final = Check(
    "stack.unlike-slices",
    in_context("stack", "unlike slices"),
    measurements=_ALL | SHORT_AXIS_CODES,
    resolve=message("look at these slices, and exclude those that do not belong there"),
)


@finds(STACK_UNLIKE_SLICES)
def _unlike(reading: Reading) -> Iterator[Finding]:
    """Neighbouring slices whose images have nothing in common, between others that have: another body, or place."""
    after = reading.facts.images.unlike_after
    inside = _counted(reading)
    concerned = [number for number in after if inside and inside[0] <= number < inside[-1]]
    if not concerned:
        return
    pairs = [message("{slice} and {next_slice}", slice=number + 1, next_slice=number + 2) for number in concerned]
    yield STACK_UNLIKE_SLICES.finding(
        Severity.CHECK,
        message(
            "The images of slices {pairs} have nothing in common, those of other neighbours have: "
            "slices may be of another patient, or not where they say.",
            pairs=joined_by(", ", pairs),
        ),
        slices=tuple(sorted({number for first in concerned for number in (first, first + 1)})),
    )


STACK_UNLIKE_PHASES: Final = Check(
    "stack.unlike-phases",
    in_context("stack", "unlike phases"),
    limits=("stack.unlike-phases",),
    measurements=_ALL | SHORT_AXIS_CODES,
    resolve=message("look at ED and ES, and open the images of one patient"),
)


@finds(STACK_UNLIKE_PHASES)
def _unlike_phases(reading: Reading) -> Iterator[Finding]:
    """Phases whose images have little in common: ED and ES of two bodies."""
    alike = reading.facts.images.phase_likeness
    severity = None if alike is None or not _drawn(reading) else STACK_UNLIKE_PHASES.severity(alike)
    if severity is not None:
        beats = reading.events.beats if reading.events else ()
        yield STACK_UNLIKE_PHASES.finding(
            severity,
            message(
                "The images of different phases have little in common in most slices, chest and all: ED and ES may be "
                "of two patients."
            ),
            (beats[0].ed, beats[0].es) if beats else (),
        )


def _counted(reading: Reading) -> list[int]:
    """Slices that count at ED, in order; none without contours or marks."""
    beats = reading.events.beats if reading.events and not reading.withheld else ()
    if not beats or not _drawn(reading):
        return []
    return [int(index) for index in np.flatnonzero(stack_curves(reading).counted[:, beats[0].ed])]


STACK_PHASES_DISORDERED: Final = Check(
    "stack.phases-disordered",
    in_context("stack", "phases disordered"),
    limits=("stack.phase-order",),
    measurements=_ALL | RATES | SHORT_AXIS_CODES,
    resolve=message("export the stack again, with its trigger times"),
)


@finds(STACK_PHASES_DISORDERED)
def _disordered(reading: Reading) -> Iterator[Finding]:
    """Phases that are not in the order of time: neighbours are no more alike than others."""
    order, inside = reading.facts.images.phase_order, _counted(reading)
    known = [(number, order[number]) for number in inside if number < len(order) and np.isfinite(order[number])]
    if len(known) < _MIN_SLICES:
        return
    severity = STACK_PHASES_DISORDERED.severity(float(np.median([value for _, value in known])))
    if severity is None:
        return
    slices = tuple(number for number, value in known if STACK_PHASES_DISORDERED.severity(value) is not None)
    yield STACK_PHASES_DISORDERED.finding(
        severity,
        message(
            "In {slices} the phases are in no order of time: neighbouring ones are no more alike than others.",
            slices=slices_words(slices),
        ),
        slices=slices,
    )


STACK_BASE_GAP: Final = Check(
    "stack.base-gap",
    in_context("stack", "base gap"),
    limits=("stack.base-gap",),
    measurements=_ALL,
    resolve=message("open the slices that are missing, or accept the volumes as they are"),
)


@finds(STACK_BASE_GAP)
def _beyond_the_base(reading: Reading) -> Iterator[Finding]:
    """Slices that the stack lacks next to the basal one: the base may lie there."""
    stack, inside = reading.facts.stack, _counted(reading)
    extent = reading.short_axis.extent if reading.short_axis else None
    step_mm = usual_step_mm(stack) if stack else None
    if stack is None or extent is None or step_mm is None or len(inside) < _MIN_SLICES or not reading.events:
        return
    ed = reading.events.beats[0].ed
    base, outwards = extent.base[ed], 1 if extent.base[ed] > extent.apex[ed] else -1
    beyond = base + outwards
    if not 0 <= beyond < len(stack.positions_mm):
        return
    apart = abs(float(stack.positions_mm[beyond] - stack.positions_mm[base])) / step_mm
    severity = STACK_BASE_GAP.severity(apart)
    if severity is not None:
        yield STACK_BASE_GAP.finding(
            severity,
            message(
                "Next to the basal slice {slice} the distance to the next one is {ratio:.1f} times the "
                "usual: the base may lie between them.",
                slice=base + 1,
                ratio=apart,
            ),
            (ed,),
            (base, beyond),
        )


CHECKS: Final = (
    _spacing,
    _coarse,
    _not_square,
    _oval,
    _unlike_spacing,
    _unlike,
    _unlike_phases,
    _disordered,
    _beyond_the_base,
)
