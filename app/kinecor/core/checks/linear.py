"""Checks of callipers: sizes that no heart has, systole larger than diastole, frames and views that do not fit."""

from collections.abc import Iterator
from typing import Final

import numpy as np

from kinecor.core.checks.findings import Finding, Severity, affected, beyond, threshold
from kinecor.core.table.linear_inputs import no_millimetres
from kinecor.core.values.callipers import NAMED, PARASTERNAL, Calliper
from kinecor.core.values.reading import Reading

_WALLS: Final = ("IVSd", "PWd")


def _named(reading: Reading) -> dict[str, Calliper]:
    return {name: one for name, one in reading.callipers.items() if name in NAMED}


def _sizes(reading: Reading) -> Iterator[Finding]:
    """Each distance in millimetres against what hearts of adults can have."""
    for name, one in _named(reading).items():
        if no_millimetres(reading, one):
            continue
        size_mm = one.value(*reading.spacing)
        limits = ("linear.thin-wall", "linear.thick-wall") if name in _WALLS else ("linear.narrow", "linear.wide")
        severity = beyond(size_mm, *limits)
        if severity is not None:
            least, most = (threshold(limit).check for limit in limits)
            yield Finding(
                "linear.size",
                severity,
                f"{name} is {size_mm:.0f} mm; {least:.0f} to {most:.0f} mm are expected: check its ends and the scale.",
                (one.frame,),
                measurements=affected(name),
                resolve="move the ends of the calliper, or calibrate the image",
                subject=name,
            )


def _order(reading: Reading) -> Iterator[Finding]:
    """The ventricle is narrower in systole."""
    named = _named(reading)
    if not {"LVIDd", "LVIDs"} <= named.keys():
        return
    diastole, systole = named["LVIDd"], named["LVIDs"]
    wide, narrow = diastole.value(*reading.spacing), systole.value(*reading.spacing)
    if narrow >= wide:
        yield Finding(
            "linear.order",
            Severity.CHECK,
            f"LVIDs is not smaller than LVIDd ({100 * narrow / wide:.0f} % of it): are their names or frames swapped?",
            (diastole.frame, systole.frame),
            measurements=affected("LVIDd", "LVIDs"),
            resolve="measure LVIDd at end-diastole and LVIDs at end-systole",
        )


def _frames(reading: Reading) -> Iterator[Finding]:
    """Distances of diastole near ED, those of systole near ES; without marks, those of one phase on one frame."""
    named, times_s = _named(reading), reading.facts.times_s
    limit = threshold("linear.frame")
    beats = reading.events.beats if reading.events else ()
    for phase, words in (("ed", "end-diastole"), ("es", "end-systole")):
        here = {name: one for name, one in named.items() if NAMED[name].phase == phase}
        if beats:
            marked_s = times_s[[getattr(beat, phase) for beat in beats]]
            off_s = {name: float(np.abs(marked_s - times_s[one.frame]).min()) for name, one in here.items()}
            far = {name: one for name, one in here.items() if limit.severity(off_s[name]) is not None}
            what = f"measured more than {1000 * limit.check:.0f} ms from {words}"
        else:
            heart = {name: one for name, one in here.items() if name in ("IVSd", "LVIDd", "PWd")}
            seen_s = [float(times_s[one.frame]) for one in heart.values()]
            far = heart if seen_s and limit.severity(max(seen_s) - min(seen_s)) is not None else {}
            what = f"measured on frames more than {1000 * limit.check:.0f} ms apart"
        if far:
            yield Finding(
                "linear.frame",
                Severity.CHECK,
                f"{', '.join(far)}: {what}; check the frame.",
                tuple(sorted({one.frame for one in far.values()})),
                measurements=affected(*far),
                resolve=f"measure at {words}",
                subject=phase,
            )


def _view(reading: Reading) -> Iterator[Finding]:
    """The named distances are defined in the parasternal long axis."""
    named = _named(reading)
    if named and reading.view_known and reading.view is not None and reading.view.label != PARASTERNAL:
        yield Finding(
            "linear.view",
            Severity.CHECK,
            f"{', '.join(named)}: measured in {reading.kind.view_name(reading.view.label)}, but defined in the "
            "parasternal long axis (PLAX).",
            tuple(sorted({one.frame for one in named.values()})),
            measurements=affected(*named),
            resolve="name the view, or measure in the parasternal long axis",
        )


CHECKS: Final = (_sizes, _order, _frames, _view)
