"""Checks of sizes: of contours, which a wrong calibration or slice distance makes wrong, and of callipers."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

import numpy as np

from kinecor.core.checks.check import Check, finds
from kinecor.core.checks.cycle import IRREGULAR
from kinecor.core.checks.findings import (
    OF_BOTH_VOLUMES,
    SCALED,
    VOLUMES,
    Finding,
    Severity,
    codes_affected,
    severity_beyond,
    threshold,
)
from kinecor.core.table.linear_inputs import graph_under, length, no_millimetres
from kinecor.core.table.table import value_of
from kinecor.core.values.callipers import NAMED, PARASTERNAL, PARASTERNAL_NAMES, Calliper
from kinecor.core.values.events import marked_frames
from kinecor.core.values.message import Message, Value, in_context, message, verbatim
from kinecor.core.values.reading import Reading, body
from kinecor.core.values.track import Structure
from kinecor.core.volumes.foreshortening import USUAL_LENGTH_MM
from kinecor.core.volumes.heart_size import (
    HEART_SIZE_CODE,
    WIDTH_FOR_LENGTH_CODE,
    HeartSize,
    doubted_size,
    is_adult,
    loop_wall_mm,
    size_together,
    stack_length_mm,
)
from kinecor.core.volumes.loop_volumes import axis_mm, seen_beats
from kinecor.core.volumes.stack_volumes import stack_curves

SCALE_LENGTH: Final = Check(
    "scale.length",
    in_context("scale", "length"),
    limits=("scale.short-ventricle", "scale.long-ventricle"),
    measurements=SCALED,
    resolve=message("calibrate the image on its depth scale"),
)


@finds(SCALE_LENGTH, for_body=True)
def _length(reading: Reading) -> Iterator[Finding]:
    """Length of the ventricle at ED, of an adult: from an apical loop, or base to apex of a stack.

    Where wall and annulus of a loop are known as well, the three together say more (`_heart_size`).
    """
    if not is_adult(reading) or reading.calibration is None:
        return
    if not reading.kind.stack and doubted_size(reading) is not None:
        return
    length_mm = stack_length_mm(reading) if reading.kind.stack else axis_mm(reading)
    if length_mm is None:
        return
    for name, longer in (("scale.short-ventricle", message("shorter")), ("scale.long-ventricle", message("longer"))):
        limit = threshold(name)
        severity = limit.severity(length_mm)
        if severity is not None:
            sizes: dict[str, Value] = {"length_cm": length_mm / 10, "longer": longer, "limit_cm": limit.check / 10}
            yield SCALE_LENGTH.finding(
                severity,
                message(
                    "At ED the left ventricle is {length_cm:.1f} cm long, {longer} than an adult's ({limit_cm:.0f} "
                    "cm): check the scale and the distance between slices.",
                    **sizes,
                )
                if reading.kind.stack
                else message(
                    "At ED the left ventricle is {length_cm:.1f} cm long, {longer} than an adult's ({limit_cm:.0f} "
                    "cm): check the scale.",
                    **sizes,
                ),
                marked_frames(reading.events, "ed"),
            )


SCALE_WIDTH: Final = Check(
    "scale.width",
    in_context("scale", "width"),
    limits=("scale.narrow-ventricle", "scale.wide-ventricle"),
    measurements=SCALED,
    resolve=message("check the pixel spacing"),
)


@finds(SCALE_WIDTH)
def _width(reading: Reading) -> Iterator[Finding]:
    """Widest slice of a stack at ED, as the diameter of a circle of its area."""
    ed = marked_frames(reading.events, "ed")
    if not reading.kind.stack or reading.calibration is None or not ed or not is_adult(reading):
        return
    curves = stack_curves(reading)
    area_mm2 = np.where(curves.counted[:, ed[0]], curves.areas[Structure.LV_ENDO][:, ed[0]], np.nan)
    if not np.isfinite(area_mm2).any():
        return
    width_mm = float(2 * np.sqrt(np.nanmax(area_mm2) / np.pi))
    severity = SCALE_WIDTH.severity(width_mm)
    if severity is not None:
        yield SCALE_WIDTH.finding(
            severity,
            message(
                "At ED the left ventricle is {width_mm:.0f} mm wide; an adult's is between "
                "{narrowest_mm:.0f} and {widest_mm:.0f} mm: check the pixel spacing.",
                width_mm=width_mm,
                narrowest_mm=threshold("scale.narrow-ventricle").check,
                widest_mm=threshold("scale.wide-ventricle").check,
            ),
            ed,
        )


SCALE_FIELD_OF_VIEW: Final = Check(
    "scale.field-of-view",
    in_context("scale", "field of view"),
    limits=("scale.small-field", "scale.large-field"),
    measurements=SCALED,
    resolve=message("check the pixel spacing"),
)


@finds(SCALE_FIELD_OF_VIEW)
def _field_of_view(reading: Reading) -> Iterator[Finding]:
    """Size of the image of a cine MRI in millimetres."""
    scale = reading.calibration
    if not reading.kind.stack or scale is None:
        return
    size_mm = max(reading.facts.rows * scale.row_mm, reading.facts.columns * scale.col_mm)
    severity = SCALE_FIELD_OF_VIEW.severity(size_mm)
    if severity is not None:
        yield SCALE_FIELD_OF_VIEW.finding(
            severity,
            message(
                "The image is {size_mm:.0f} mm across; a chest is imaged in {smallest_mm:.0f} to "
                "{largest_mm:.0f} mm: check the pixel spacing.",
                size_mm=size_mm,
                smallest_mm=threshold("scale.small-field").check,
                largest_mm=threshold("scale.large-field").check,
            ),
        )


SCALE_VOLUME_FOR_BODY: Final = Check(
    "scale.volume-for-body",
    in_context("scale", "volume for body"),
    limits=("scale.volume-for-body",),
    measurements=SCALED,
    resolve=message("check pixel spacing, slice distance, height and weight"),
)


@finds(SCALE_VOLUME_FOR_BODY, for_body=True)
def _for_the_body(reading: Reading) -> Iterator[Finding]:
    size_m2, edv = body(reading).bsa_m2, value_of(reading, "EDV")
    if size_m2 is None or edv is None:
        return
    severity = SCALE_VOLUME_FOR_BODY.severity(edv / size_m2)
    if severity is not None:
        yield SCALE_VOLUME_FOR_BODY.finding(
            severity,
            message(
                "EDV is {edv_ml_per_m2:.0f} ml/m² of body surface: check the scale, height and weight.",
                edv_ml_per_m2=edv / size_m2,
            ),
            marked_frames(reading.events, "ed"),
        )


# Thickness of the wall of ventricles of all populations, in mm over the root of m2, and the weight of the length next
# to it: the length hardly depends on hypertrophy, the wall hardly on dilatation.
_USUAL_WALL_MM, _OF_LENGTH = 7.5, 0.65


SCALE_SIZE_FOR_BODY: Final = Check(
    "scale.size-for-body",
    in_context("scale", "size for body"),
    limits=("scale.size-for-body",),
    measurements=SCALED,
    resolve=message("calibrate the image on its depth scale, or correct height and weight"),
)


@finds(SCALE_SIZE_FOR_BODY, for_body=True)
def _size_for_the_body(reading: Reading) -> Iterator[Finding]:
    """Length and wall of the ventricle in an apical loop, together, against the size of the body."""
    size_m2, length_mm, wall_mm = body(reading).bsa_m2, axis_mm(reading), loop_wall_mm(reading)
    if size_m2 is None or length_mm is None or wall_mm is None or wall_mm <= 0:
        return
    usual_mm = USUAL_LENGTH_MM * size_m2**0.5, _USUAL_WALL_MM * size_m2**0.5
    off = _OF_LENGTH * np.log(length_mm / usual_mm[0]) + (1 - _OF_LENGTH) * np.log(wall_mm / usual_mm[1])
    severity = SCALE_SIZE_FOR_BODY.severity(abs(float(off)))
    if severity is not None:
        yield SCALE_SIZE_FOR_BODY.finding(
            severity,
            message(
                "At ED the left ventricle is {length_cm:.1f} cm long and its wall {wall_mm:.0f} mm "
                "thick, together {larger} than in a body of {size_m2:.2f} m²: check the scale, height and "
                "weight.",
                length_cm=length_mm / 10,
                wall_mm=wall_mm,
                larger=message("larger") if off > 0 else message("smaller"),
                size_m2=size_m2,
            ),
            marked_frames(reading.events, "ed"),
        )


SCALE_HEART_SIZE: Final = Check(
    HEART_SIZE_CODE,
    in_context("scale", "size of the heart"),
    limits=("scale.heart-size",),
    measurements=SCALED,
    resolve=message("calibrate the image on its depth scale, or enter age, height and weight"),
)


@finds(SCALE_HEART_SIZE, for_body=True)
def _heart_size(reading: Reading) -> Iterator[Finding]:
    """Length, wall and annulus of an adult's apical loop together, where nothing is known of the body."""
    if not reading.kind.stack:
        yield from _unusual(doubted_size(reading), marked_frames(reading.events, "ed"))


def heart_size_of_planes(planes: Sequence[Reading]) -> Iterator[Finding]:
    """The same of the planes of a biplane volume, their mean.

    Args:
        planes: of one study, by one scale.

    """
    yield from _unusual(size_together(planes))


def _unusual(size: HeartSize | None, frames: tuple[int, ...] = ()) -> Iterator[Finding]:
    severity = SCALE_HEART_SIZE.severity(abs(size.score)) if size is not None else None
    if size is not None and severity is not None:
        yield SCALE_HEART_SIZE.finding(
            severity,
            message(
                "At ED the left ventricle is {length_cm:.1f} cm long, its wall {wall_mm:.0f} mm thick and the annulus "
                "{annulus_mm:.0f} mm wide, together {larger} than in most adults: check the scale.",
                length_cm=size.length_mm / 10,
                wall_mm=size.wall_mm,
                annulus_mm=size.width_mm,
                larger=message("larger") if size.score > 0 else message("smaller"),
            ),
            frames,
        )


SCALE_WIDTH_FOR_LENGTH: Final = Check(
    WIDTH_FOR_LENGTH_CODE,
    in_context("scale", "width for length"),
    limits=("scale.width-for-length",),
    measurements=SCALED,
    resolve=message("check pixel spacing and slice distance, base and apex"),
)


@finds(SCALE_WIDTH_FOR_LENGTH, for_body=True)
def _width_for_length(reading: Reading) -> Iterator[Finding]:
    """Outer width and wall of an adult's stack against its length, where nothing is known of the body."""
    size = doubted_size(reading)
    if size is None or not reading.kind.stack:
        return
    severity = SCALE_WIDTH_FOR_LENGTH.severity(abs(size.score))
    if severity is not None:
        yield SCALE_WIDTH_FOR_LENGTH.finding(
            severity,
            message(
                "At ED the left ventricle is {width_mm:.0f} mm wide with its wall and {length_cm:.1f} cm long, "
                "{wider} for its length than in most adults: check the pixel spacing, the distance between "
                "slices, and whether slices are missing.",
                width_mm=size.width_mm,
                length_cm=size.length_mm / 10,
                wider=message("wider") if size.score > 0 else message("narrower"),
            ),
            marked_frames(reading.events, "ed"),
        )


SCALE_OUTPUT_FOR_BODY: Final = Check(
    "scale.output-for-body",
    in_context("scale", "output for body"),
    limits=("scale.output-for-body", "scale.stroke-for-body", "scale.small-volume-for-body"),
    resolve=message("check contours, ED and ES, the scale, height and weight"),
)


@finds(SCALE_OUTPUT_FOR_BODY, for_body=True)
def _output_for_the_body(reading: Reading) -> Iterator[Finding]:
    """Cardiac output and stroke volume that no person can sit with."""
    size_m2 = body(reading).bsa_m2
    if size_m2 is None:
        return
    for code, name in (("CO", "scale.output-for-body"), ("SV", "scale.stroke-for-body")):
        # In a small child a few ml of error are a large share of the stroke volume.
        value = value_of(reading, code) if code == "CO" or is_adult(reading) else None
        severity = None if value is None else threshold(name).severity(value / size_m2)
        if value is not None and severity is not None:
            yield SCALE_OUTPUT_FOR_BODY.finding(
                severity,
                message(
                    "Cardiac output is only {output:.1f} l/min/m² of body surface: check contours, ED and ES, the "
                    "scale, height and weight.",
                    output=value / size_m2,
                )
                if code == "CO"
                else message(
                    "Stroke volume is only {stroke_ml_per_m2:.0f} ml/m² of body surface: check contours, ED and ES, "
                    "the scale, height and weight.",
                    stroke_ml_per_m2=value / size_m2,
                ),
                marked_frames(reading.events),
                measurements=_in_doubt(reading, size_m2),
            )
            return


def _in_doubt(reading: Reading, size_m2: float) -> frozenset[str]:
    """What an output that is too small makes doubtful."""
    # Pixels of MRI have a size that is sure: there the stroke alone is in doubt.
    if reading.kind.stack:
        return OF_BOTH_VOLUMES
    # A scale that is too small makes the ventricle small, too. One of usual size ejects little, or a beat of it does.
    edv = value_of(reading, "EDV")
    small = edv is not None and threshold("scale.small-volume-for-body").severity(edv / size_m2) is not None
    return SCALED | VOLUMES if small and seen_beats(reading).irregular <= IRREGULAR else codes_affected("SV")


CHECKS: Final = (
    _length,
    _width,
    _field_of_view,
    _for_the_body,
    _size_for_the_body,
    _heart_size,
    _width_for_length,
    _output_for_the_body,
)


_WALLS: Final = ("IVSd", "PWd")


def _named(reading: Reading) -> dict[str, Calliper]:
    """Distances of the parasternal long axis, also on an M-mode."""
    return {name: calliper for name, calliper in reading.callipers.items() if name in PARASTERNAL_NAMES}


LINEAR_SIZE: Final = Check(
    "linear.size",
    in_context("linear", "size"),
    limits=("linear.thin-wall", "linear.thick-wall", "linear.narrow", "linear.wide"),
    resolve=message("move the ends of the calliper, or calibrate the image"),
)


@finds(LINEAR_SIZE)
def _sizes(reading: Reading) -> Iterator[Finding]:
    """Each distance in millimetres against what hearts of adults can have."""
    for name, calliper in _named(reading).items():
        if no_millimetres(reading, calliper):
            continue
        size_mm = length(reading, calliper)
        limits = ("linear.thin-wall", "linear.thick-wall") if name in _WALLS else ("linear.narrow", "linear.wide")
        severity = severity_beyond(size_mm, *limits)
        if severity is not None:
            smallest_mm, largest_mm = (threshold(limit).check for limit in limits)
            yield LINEAR_SIZE.finding(
                severity,
                message(
                    "{name} is {size_mm:.0f} mm; {smallest_mm:.0f} to {largest_mm:.0f} mm are expected: check its "
                    "ends and the scale.",
                    name=verbatim(name),
                    size_mm=size_mm,
                    smallest_mm=smallest_mm,
                    largest_mm=largest_mm,
                ),
                (calliper.frame,),
                measurements=codes_affected(name),
                subject=name,
            )


LINEAR_ORDER: Final = Check(
    "linear.order",
    in_context("linear", "order"),
    measurements=codes_affected("LVIDd", "LVIDs"),
    resolve=message("measure LVIDd at end-diastole and LVIDs at end-systole"),
)


@finds(LINEAR_ORDER)
def _order(reading: Reading) -> Iterator[Finding]:
    """The ventricle is narrower in systole."""
    named = _named(reading)
    if not {"LVIDd", "LVIDs"} <= named.keys():
        return
    diastole, systole = named["LVIDd"], named["LVIDs"]
    wide, narrow = length(reading, diastole), length(reading, systole)
    if narrow >= wide:
        yield LINEAR_ORDER.finding(
            Severity.CHECK,
            message(
                "LVIDs is not smaller than LVIDd ({percent:.0f} % of it): are their names or frames swapped?",
                percent=100 * narrow / wide,
            ),
            (diastole.frame, systole.frame),
        )


LINEAR_FRAME: Final = Check(
    "linear.frame",
    in_context("linear", "frame"),
    limits=("linear.frame",),
)


@finds(LINEAR_FRAME)
def _frames(reading: Reading) -> Iterator[Finding]:
    """Distances of diastole near ED, those of systole near ES; without marks, those of one phase on one frame."""
    times_s = reading.facts.times_s
    named = {name: calliper for name, calliper in _named(reading).items() if graph_under(reading, calliper) is None}
    limit = threshold("linear.frame")
    beats = reading.events.beats if reading.events else ()
    for phase in ("ed", "es"):
        here = {name: calliper for name, calliper in named.items() if NAMED[name].phase == phase}
        if beats:
            marked_s = times_s[[getattr(beat, phase) for beat in beats]]
            off_s = {name: float(np.abs(marked_s - times_s[calliper.frame]).min()) for name, calliper in here.items()}
            far = {name: calliper for name, calliper in here.items() if limit.severity(off_s[name]) is not None}
        else:
            heart = {name: calliper for name, calliper in here.items() if name in ("IVSd", "LVIDd", "PWd")}
            seen_s = [float(times_s[calliper.frame]) for calliper in heart.values()]
            far = heart if seen_s and limit.severity(max(seen_s) - min(seen_s)) is not None else {}
        if far:
            yield LINEAR_FRAME.finding(
                Severity.CHECK,
                _far_words(far, 1000 * limit.check, phase if beats else ""),
                tuple(sorted({calliper.frame for calliper in far.values()})),
                measurements=codes_affected(*far),
                resolve=message("measure at end-diastole") if phase == "ed" else message("measure at end-systole"),
                subject=phase,
            )


def _far_words(names: Iterable[str], limit_ms: float, mark: str) -> Message:
    """That distances are farther than a limit from a mark, "ed" or "es", or from each other ("")."""
    values: dict[str, Value] = {"names": verbatim(", ".join(names)), "limit_ms": limit_ms}
    if mark == "ed":
        return message("{names}: measured more than {limit_ms:.0f} ms from end-diastole; check the frame.", **values)
    if mark == "es":
        return message("{names}: measured more than {limit_ms:.0f} ms from end-systole; check the frame.", **values)
    return message("{names}: measured on frames more than {limit_ms:.0f} ms apart; check the frame.", **values)


LINEAR_VIEW: Final = Check(
    "linear.view",
    in_context("linear", "view"),
    resolve=message("name the view, or measure in the parasternal long axis"),
)


@finds(LINEAR_VIEW)
def _view(reading: Reading) -> Iterator[Finding]:
    """The named distances are defined in the parasternal long axis."""
    named = {name: calliper for name, calliper in _named(reading).items() if graph_under(reading, calliper) is None}
    if named and reading.view_known and reading.view is not None and reading.view.label != PARASTERNAL:
        yield LINEAR_VIEW.finding(
            Severity.CHECK,
            message(
                "{names}: measured in {view}, but defined in the parasternal long axis (PLAX).",
                names=verbatim(", ".join(named)),
                view=verbatim(reading.kind.view_name(reading.view.label)),
            ),
            tuple(sorted({calliper.frame for calliper in named.values()})),
            measurements=codes_affected(*named),
        )


OF_CALLIPERS: Final = (_sizes, _order, _frames, _view)
"""Sizes that no heart has, systole larger than diastole, frames and views that do not fit."""
