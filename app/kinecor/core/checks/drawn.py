"""Checks of what a person drew against the automatic contours below it, of loops and of short-axis stacks."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np

from kinecor.core.checks.contours import apart, filling, jumping, loop_endo
from kinecor.core.checks.findings import STRAIN, VOLUMES, Finding, Severity, affected, beyond, frames_words, threshold
from kinecor.core.checks.stack import marked_phases
from kinecor.core.values.confidence import LOOP_CONTOURS
from kinecor.core.values.events import marked_frames
from kinecor.core.values.geometry import Contour
from kinecor.core.values.reading import Reading
from kinecor.core.values.track import Origin, Structure
from kinecor.core.volumes.loop_volumes import disks_volume
from kinecor.core.volumes.stack_volumes import stack_curves


def _far_from_automatic(reading: Reading) -> Iterator[Finding]:
    """A person's contour that is farther off the network's than that is off experts', and that other frames follow.

    Alone among its neighbours it jumps. Where they follow it they all are alike, and nothing else contradicts it.
    """
    endo = loop_endo(reading)
    if endo is None or reading.kind.volumes != "disks":
        return
    alone = set(jumping(reading, endo)) if len(endo) >= 5 else set()
    own = [float(endo.confidence[at]) for at, origin in enumerate(endo.origins) if origin is not Origin.EDITED]
    if not own or np.median(own) < LOOP_CONTOURS.check:  # a network that is unsure is no witness
        return
    full = max((disks_volume(one, reading.aspect, 1.0) for one in endo.automatic if one is not None), default=0.0)
    off: dict[int, Against] = {}
    for frame, (origin, drawn, below) in enumerate(zip(endo.origins, endo.contours, endo.automatic, strict=True)):
        if origin is not Origin.EDITED or drawn is None or below is None or frame in alone:
            continue
        if drawn.area_px2 > 0 and below.area_px2 > 0:
            off[frame] = against(drawn, below, reading.aspect, full)
    marks = marked_frames(reading.events)
    far = {frame: one for frame, one in off.items() if one.far}
    dented = {frame: one for frame, one in off.items() if one.dented}
    for code, found, words in (
        ("contours.far-from-automatic", far, _far_words),
        ("contours.dented", dented, _dent_words),
    ):
        if found and any(at in found or endo.origins[at] is Origin.TRACKED for at in marks):
            yield Finding(
                code,
                Severity.CHECK,
                words(found),
                tuple(found),
                measurements=VOLUMES | STRAIN,
                resolve="hold the contour against the automatic one (O), and correct it or acknowledge this",
            )


@dataclass(frozen=True, slots=True)
class Against:
    """A person's contour against the automatic one of its frame.

    Attributes:
        apart: farthest distance across the wall, as a share of the automatic contour's axis.
        volume: logarithm of the volume over that of the automatic contour.
        dent: by how much less of its own outline the contour fills than the automatic one does.
        filled: whether the ventricle is nearly as large as in any frame, by the automatic contours.

    """

    apart: float
    volume: float
    dent: float
    filled: bool

    @property
    def far(self) -> bool:
        """Whether experts hardly ever are as far off: at a place, or in volume, which varies more where it is small.

        What makes a dented automatic contour round is a repair, however far it goes, unless the volume is another.
        """
        rounder = threshold("contours.rounder").severity(self.dent) is not None
        size = threshold("contours.far-volume-filled" if self.filled and not rounder else "contours.far-volume")
        place = None if rounder else threshold("contours.far").severity(self.apart)
        return (place or size.severity(abs(self.volume))) is not None

    @property
    def dented(self) -> bool:
        """Whether a wall is pulled into a cavity that is round when it is full."""
        inwards = self.filled and not self.far and self.volume < 0
        deep, open_ = threshold("contours.dent-depth"), threshold("contours.dent")
        return inwards and deep.severity(self.apart) is not None and open_.severity(self.dent) is not None


@lru_cache(maxsize=256)
def against(drawn: Contour, below: Contour, aspect: float, full: float) -> Against:
    """A person's contour against the automatic one below it; `full` is the largest automatic volume of the loop."""
    now, before = (disks_volume(one, aspect, 1.0) for one in (drawn, below))
    return Against(
        apart(below, (drawn,), aspect),
        float(np.log(max(now, 1e-9) / max(before, 1e-9))),
        filling(below, aspect) - filling(drawn, aspect),
        before >= _NEARLY_FULL * full,
    )


# A frame near ED has at least this share of the largest volume.
_NEARLY_FULL = 0.85


def _far_words(found: Mapping[int, Against]) -> str:
    apart_percent = 100 * max(one.apart for one in found.values())
    volume_percent = 100 * np.exp(max((one.volume for one in found.values()), key=abs))
    return (
        f"What was drawn at {frames_words(tuple(found))} is up to {apart_percent:.0f} % of the ventricle's length off "
        f"the automatic contour and has {volume_percent:.0f} % of its volume, which is rarely that wrong; other frames "
        "may follow it."
    )


def _dent_words(found: Mapping[int, Against]) -> str:
    worst = max(found.values(), key=lambda one: one.apart)
    return (
        f"What was drawn at {frames_words(tuple(found))} is pulled in at one place, by {100 * worst.apart:.0f} % of "
        "the ventricle's length, where the automatic contour is round: a full ventricle is rarely dented."
    )


_SIZE_LIMITS: Final = {
    "ED": ("stack.far-larger-ed", "stack.far-smaller-ed"),
    "ES": ("stack.far-larger-es", "stack.far-smaller-es"),
}


def _stack_far_from_automatic(reading: Reading) -> Iterator[Finding]:
    """Cavities of a stack that are drawn larger or smaller than the automatic ones by more than experts differ.

    Base and apex are not compared: slices count as they are chosen.
    """
    for mark, phase in marked_phases(reading):
        counted = stack_curves(reading).counted[:, phase]
        now_mm2 = before_mm2 = 0.0
        drawn: list[int] = []
        for number in np.flatnonzero(counted).tolist():
            one = reading.slices[number]
            track = one.tracks.get(Structure.LV_ENDO)
            contour, below = (None, None) if track is None else (track.contours[phase], track.automatic[phase])
            if track is None or contour is None or below is None:
                continue
            row_mm, col_mm = one.spacing
            now_mm2 += contour.area_px2 * row_mm * col_mm
            before_mm2 += below.area_px2 * row_mm * col_mm
            if contour is not below and track.origins[phase] is not Origin.MODEL:
                drawn.append(number)
        if not drawn or before_mm2 <= 0 or now_mm2 <= 0:
            continue
        severity = beyond(float(np.log(now_mm2 / before_mm2)), *_SIZE_LIMITS[mark])
        if severity is not None:
            yield Finding(
                "stack.far-from-automatic",
                severity,
                f"At {mark} the cavities as drawn have {100 * now_mm2 / before_mm2:.0f} % of the area of the automatic "
                "contours, which are rarely that wrong.",
                (phase,),
                tuple(drawn),
                affected("EDV", "LVM") if mark == "ED" else affected("ESV", "LVMES"),
                "hold the contours against the automatic ones (O), and correct them or acknowledge this",
                mark,
            )


CHECKS: Final = (_far_from_automatic, _stack_far_from_automatic)
