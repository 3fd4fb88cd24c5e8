"""Checks of the contours of a loop: frames without one, doubtful ones, and an atrium that was not found."""

from collections.abc import Iterator
from typing import Final

import numpy as np

from kinecor.core.checks.findings import Finding, Severity, affected
from kinecor.core.table.loop_inputs import atrium_missing
from kinecor.core.values.confidence import LOOP_CONTOURS
from kinecor.core.values.reading import Reading
from kinecor.core.values.track import Structure


def _lv_frames(reading: Reading) -> Iterator[Finding]:
    endo = None if reading.kind.stack else reading.tracks.get(Structure.LV_ENDO)
    if endo is None:
        return
    drawn = np.array([contour is not None for contour in endo.contours], bool)
    if not drawn.all():
        yield Finding(
            "contours.missing",
            Severity.INFO,
            f"No LV contour on {(~drawn).sum()} of {len(endo)} frames.",
            tuple(np.flatnonzero(~drawn).tolist()),
        )
    low = np.flatnonzero((endo.confidence < LOOP_CONTOURS.withheld) & drawn)
    if len(low):
        yield Finding(
            "contours.doubtful",
            Severity.INFO,
            f"Low-confidence LV contour on {len(low)} of {len(endo)} frames: review.",
            tuple(low.tolist()),
            resolve="correct the contours, or confirm them",
        )


def _no_atrium(reading: Reading) -> Iterator[Finding]:
    if reading.kind.stack or Structure.LV_ENDO not in reading.tracks or not reading.kind.network:
        return
    if atrium_missing(reading):
        yield Finding(
            "contours.no-atrium",
            Severity.CHECK,
            "No left atrium was found on most frames: is this an apical view?",
            measurements=affected("EDV", "ESV", "LAV", "GLS"),
            resolve="choose the view, or trace the atrium",
        )


CHECKS: Final = (_lv_frames, _no_atrium)
