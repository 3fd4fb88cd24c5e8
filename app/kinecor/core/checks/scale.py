"""Checks of the scale: sizes that no heart has, which a wrong calibration or slice distance gives."""

from collections.abc import Iterator
from typing import Final

import numpy as np

from kinecor.core.checks.findings import SCALED, Finding, beyond, threshold
from kinecor.core.table.table import value_of
from kinecor.core.values.events import marked_frames
from kinecor.core.values.reading import Reading, body
from kinecor.core.values.track import Structure
from kinecor.core.volumes.loop_volumes import axis_mm
from kinecor.core.volumes.stack_volumes import stack_curves, usual_step_mm

ADULT_YEARS = 16.0
"""From this age on the sizes of adults are expected; where no age is known, too."""


def _adult(reading: Reading) -> bool:
    age = reading.facts.age_years
    return age is None or age >= ADULT_YEARS


def _length(reading: Reading) -> Iterator[Finding]:
    """Length of the ventricle at ED, of an adult: from an apical loop, or base to apex of a stack."""
    if not _adult(reading) or reading.calibration is None:
        return
    length_mm = _stack_length_mm(reading) if reading.kind.stack else axis_mm(reading)
    if length_mm is None:
        return
    for name, words in (("scale.short-ventricle", "shorter"), ("scale.long-ventricle", "longer")):
        limit = threshold(name)
        severity = limit.severity(length_mm)
        if severity is not None:
            yield Finding(
                "scale.length",
                severity,
                f"At ED the left ventricle is {length_mm / 10:.1f} cm long, {words} than an adult's "
                f"({limit.check / 10:.0f} cm): check the scale"
                + (" and the distance between slices." if reading.kind.stack else "."),
                marked_frames(reading.events, "ed"),
                measurements=SCALED,
                resolve="calibrate the image on its depth scale",
            )


def _stack_length_mm(reading: Reading) -> float | None:
    """Number of slices with a cavity at ED times their distance."""
    stack, ed = reading.facts.stack, marked_frames(reading.events, "ed")
    step_mm = usual_step_mm(stack) if stack else None
    if step_mm is None or not ed:
        return None
    curves = stack_curves(reading)
    here = np.flatnonzero(curves.counted[:, ed[0]] & np.isfinite(curves.areas[Structure.LV_ENDO][:, ed[0]]))
    if stack is None or not len(here):
        return None
    return float(stack.positions_mm[here[-1]] - stack.positions_mm[here[0]] + step_mm)


def _width(reading: Reading) -> Iterator[Finding]:
    """Widest slice of a stack at ED, as the diameter of a circle of its area."""
    ed = marked_frames(reading.events, "ed")
    if not reading.kind.stack or reading.calibration is None or not ed or not _adult(reading):
        return
    curves = stack_curves(reading)
    area_mm2 = np.where(curves.counted[:, ed[0]], curves.areas[Structure.LV_ENDO][:, ed[0]], np.nan)
    if not np.isfinite(area_mm2).any():
        return
    width_mm = float(2 * np.sqrt(np.nanmax(area_mm2) / np.pi))
    severity = beyond(width_mm, "scale.narrow-ventricle", "scale.wide-ventricle")
    if severity is not None:
        yield Finding(
            "scale.width",
            severity,
            f"At ED the left ventricle is {width_mm:.0f} mm wide; an adult's is between "
            f"{threshold('scale.narrow-ventricle').check:.0f} and {threshold('scale.wide-ventricle').check:.0f} "
            "mm: check the pixel spacing.",
            ed,
            measurements=SCALED,
            resolve="check the pixel spacing",
        )


def _field_of_view(reading: Reading) -> Iterator[Finding]:
    """Size of the image of a cine MRI in millimetres."""
    scale = reading.calibration
    if not reading.kind.stack or scale is None:
        return
    size_mm = max(reading.facts.rows * scale.row_mm, reading.facts.columns * scale.col_mm)
    severity = beyond(size_mm, "scale.small-field", "scale.large-field")
    if severity is not None:
        yield Finding(
            "scale.field-of-view",
            severity,
            f"The image is {size_mm:.0f} mm across; a chest is imaged in "
            f"{threshold('scale.small-field').check:.0f} to {threshold('scale.large-field').check:.0f} mm: "
            "check the pixel spacing.",
            measurements=SCALED,
            resolve="check the pixel spacing",
        )


def _for_the_body(reading: Reading) -> Iterator[Finding]:
    size_m2, edv = body(reading).bsa_m2, value_of(reading, "EDV")
    if size_m2 is None or edv is None:
        return
    severity = threshold("scale.volume-for-body").severity(edv / size_m2)
    if severity is not None:
        yield Finding(
            "scale.volume-for-body",
            severity,
            f"EDV is {edv / size_m2:.0f} ml/m² of body surface: check the scale, height and weight.",
            marked_frames(reading.events, "ed"),
            measurements=SCALED,
            resolve="check pixel spacing, slice distance, height and weight",
        )


CHECKS: Final = (_length, _width, _field_of_view, _for_the_body)
