"""Checks of what a person drew against the automatic contours below it, of loops and of short-axis stacks."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from kinecor.core.checks import images, scale
from kinecor.core.checks.alternatives import values_with, values_words
from kinecor.core.checks.check import Check, finds
from kinecor.core.checks.contours import apart, filling, jumping, loop_endo
from kinecor.core.checks.findings import (
    SCALED,
    STRAIN,
    VOLUMES,
    Finding,
    Severity,
    codes_affected,
    frames_words,
    severity_beyond,
    threshold,
)
from kinecor.core.checks.stack import marked_phases
from kinecor.core.table.intervals import Alternative, AlternativeKind
from kinecor.core.table.measures import ATRIAL_CODES, BY_CODE
from kinecor.core.values.confidence import LOOP_CONTOURS
from kinecor.core.values.events import marked_frames
from kinecor.core.values.geometry import Contour
from kinecor.core.values.message import Message, in_context, message, verbatim
from kinecor.core.values.reading import Reading, counted_beats
from kinecor.core.values.track import ContourTrack, Origin, Structure
from kinecor.core.volumes.loop_volumes import cavity, disks_volume, long_axis
from kinecor.core.volumes.stack_volumes import MM3_PER_ML, MYOCARDIUM_G_PER_ML, StackCurves, stack_curves

_BACK: Final = message("hold the contour against the automatic one (O), and correct it or acknowledge this")
CONTOURS_FAR_FROM_AUTOMATIC: Final = Check(
    "contours.far-from-automatic",
    in_context("contours", "far from automatic"),
    limits=(
        "contours.far",
        "contours.far-volume",
        "contours.far-volume-filled",
        "contours.far-annulus",
        "contours.rounder",
    ),
    measurements=VOLUMES | STRAIN,
    resolve=_BACK,
)
CONTOURS_DENTED: Final = Check(
    "contours.dented",
    in_context("contours", "dented"),
    limits=("contours.dent", "contours.dent-depth"),
    measurements=VOLUMES | STRAIN,
    resolve=_BACK,
)


@finds(CONTOURS_FAR_FROM_AUTOMATIC, CONTOURS_DENTED)
def _far_from_automatic(reading: Reading) -> Iterator[Finding]:
    """What a person drew, farther off the network's contour than that is off experts', where nothing else shows it.

    Alone among its neighbours it jumps. Where they follow it, or were all drawn, they are alike, and nothing else
    contradicts it.
    """
    endo = loop_endo(reading)
    if endo is None or reading.kind.volumes != "disks" or not _sure(endo):
        return
    alone = set(jumping(reading, endo)) if len(endo) >= 5 else set()
    full = max(
        (disks_volume(contour, reading.aspect, 1.0) for contour in endo.automatic if contour is not None), default=0.0
    )
    marks = marked_frames(reading.events)
    off = {
        frame: compare_with_automatic(drawn, below, reading.aspect, full)
        for frame, (drawn, below) in _changed(endo, marks).items()
        if frame not in alone
    }
    far = {frame: comparison for frame, comparison in off.items() if comparison.far}
    dented = {frame: comparison for frame, comparison in off.items() if comparison.dented}
    for check, comparisons, words in (
        (CONTOURS_FAR_FROM_AUTOMATIC, far, _far_words),
        (CONTOURS_DENTED, dented, _dent_words),
    ):
        if comparisons and any(frame in comparisons or endo.origins[frame] is Origin.TRACKED for frame in marks):
            # Where what a person drew is far off, frames that follow it are, too.
            comparisons = {
                at: comparison for at, comparison in comparisons.items() if endo.origins[at] is Origin.EDITED
            } or comparisons
            too = _with_the_annulus(reading) if check is CONTOURS_FAR_FROM_AUTOMATIC else frozenset()
            yield check.finding(
                Severity.CHECK, words(comparisons), tuple(comparisons), measurements=check.measurements | too
            )


def _with_the_annulus(reading: Reading) -> frozenset[str]:
    """The atrium's volume, where its contour at ES was moved along with the ventricle's."""
    track = reading.tracks.get(Structure.LA)
    marks = tuple(beat.es for beat in counted_beats(reading))
    return codes_affected("LAV") if track is not None and set(_changed(track, marks)) & set(marks) else frozenset()


def _sure(track: ContourTrack) -> bool:
    """Whether the network was sure of the loop: one that is unsure is no witness against a person."""
    known = track.automatic_confidence
    if known is None or not np.isfinite(known).any():
        return False
    return float(np.nanmedian(known)) >= LOOP_CONTOURS.check


def _changed(track: ContourTrack, marks: Sequence[int]) -> dict[int, tuple[Contour, Contour]]:
    """By frame the contour and the automatic one below it: of frames that a person drew, and marks that follow them."""
    found = {}
    for frame, (origin, drawn, below) in enumerate(zip(track.origins, track.contours, track.automatic, strict=True)):
        here = origin is Origin.EDITED or (frame in marks and origin is not Origin.MODEL)
        if (
            here
            and drawn is not below
            and drawn is not None
            and below is not None
            and drawn.area_px2 > 0
            and below.area_px2 > 0
        ):
            found[frame] = (drawn, below)
    return found


ATRIUM_FAR_FROM_AUTOMATIC: Final = Check(
    "atrium.far-from-automatic",
    in_context("atrium", "far from automatic"),
    limits=("atrium.far-volume",),
    measurements=codes_affected("LAV") | ATRIAL_CODES,
    resolve=message("hold the contour against the automatic one (O), and correct it or acknowledge this"),
)


@finds(ATRIUM_FAR_FROM_AUTOMATIC)
def _atrium_far_from_automatic(reading: Reading) -> Iterator[Finding]:
    """An atrium at ES that was drawn, or follows what was drawn, with another volume than the automatic one."""
    track = reading.tracks.get(Structure.LA)
    marks = tuple(dict.fromkeys(beat.es for beat in counted_beats(reading)))
    if track is None or reading.kind.stack or reading.withheld is not None or not marks or not _sure(track):
        return
    sizes = {
        frame: np.log(disks_volume(drawn, reading.aspect, 1.0) / max(disks_volume(below, reading.aspect, 1.0), 1e-9))
        for frame, (drawn, below) in _changed(track, marks).items()
        if frame in marks
    }
    if not sizes:
        return
    frame = max(sizes, key=lambda frame: abs(sizes[frame]))
    severity = ATRIUM_FAR_FROM_AUTOMATIC.severity(abs(float(sizes[frame])))
    if severity is not None:
        yield ATRIUM_FAR_FROM_AUTOMATIC.finding(
            severity,
            message(
                "At ES (frame {frame}) the contour of the left atrium has {percent:.0f} % of the volume of "
                "the automatic one, which is rarely that wrong.",
                frame=frame + 1,
                percent=100 * float(np.exp(sizes[frame])),
            ),
            (frame,),
        )


@dataclass(frozen=True, slots=True)
class Against:
    """A person's contour against the automatic one of its frame.

    Attributes:
        apart: farthest distance across the wall, as a share of the automatic contour's axis.
        volume: logarithm of the volume over that of the automatic contour.
        dent: by how much less of its own outline the contour fills than the automatic one does.
        filled: whether the ventricle is nearly as large as in any frame, by the automatic contours.
        annulus: how far the middle of the annulus was moved along the automatic contour's axis, as a share of it.

    """

    apart: float
    volume: float
    dent: float
    filled: bool
    annulus: float = 0.0

    @property
    def far(self) -> bool:
        """Whether experts hardly ever are as far off: at a place, at the annulus, or in volume.

        What makes a dented automatic contour round is a repair, however far it goes, unless the volume is another.
        """
        rounder = threshold("contours.rounder").severity(self.dent) is not None
        size = threshold("contours.far-volume-filled" if self.filled and not rounder else "contours.far-volume")
        place = None if rounder else threshold("contours.far").severity(self.apart)
        base = threshold("contours.far-annulus").severity(self.annulus)
        return (place or base or size.severity(abs(self.volume))) is not None

    @property
    def dented(self) -> bool:
        """Whether a wall is pulled into a cavity that is round when it is full."""
        inwards = self.filled and not self.far and self.volume < 0
        deep, open_ = threshold("contours.dent-depth"), threshold("contours.dent")
        return inwards and deep.severity(self.apart) is not None and open_.severity(self.dent) is not None


@lru_cache(maxsize=256)
def compare_with_automatic(drawn: Contour, below: Contour, aspect: float, full: float) -> Against:
    """A person's contour against the automatic one below it; `full` is the largest automatic volume of the loop.

    Args:
        drawn: from hinge point to hinge point.
        below: likewise.
        aspect: height of a pixel over its width.
        full: in the unit of `disks_volume` with this aspect.

    """
    now, before = (disks_volume(contour, aspect, 1.0) for contour in (drawn, below))
    axis = long_axis(below, aspect, 1.0)
    moved = (long_axis(drawn, aspect, 1.0).base - axis.base) @ (axis.apex - axis.base) / axis.length**2
    return Against(
        apart(below, (drawn,), aspect),
        float(np.log(max(now, 1e-9) / max(before, 1e-9))),
        filling(below, aspect) - filling(drawn, aspect),
        before >= _NEARLY_FULL * full,
        abs(float(moved)),
    )


# A frame near ED has at least this share of the largest volume.
_NEARLY_FULL = 0.85


def _far_words(comparisons: Mapping[int, Against]) -> Message:
    apart_percent = 100 * max(max(comparison.apart, comparison.annulus) for comparison in comparisons.values())
    volume_percent = 100 * float(np.exp(max((comparison.volume for comparison in comparisons.values()), key=abs)))
    return message(
        "What was drawn at {frames} is up to {distance_percent:.0f} % of the ventricle's length off "
        "the automatic contour and has {volume_percent:.0f} % of its volume, which is rarely "
        "that wrong; other frames may follow it.",
        frames=frames_words(tuple(comparisons)),
        distance_percent=apart_percent,
        volume_percent=volume_percent,
    )


def _dent_words(comparisons: Mapping[int, Against]) -> Message:
    worst = max(comparisons.values(), key=lambda comparison: comparison.apart)
    return message(
        "What was drawn at {frames} is pulled in at one place, by {percent:.0f} % of the "
        "ventricle's length, where the automatic contour is round: a full ventricle is rarely "
        "dented.",
        frames=frames_words(tuple(comparisons)),
        percent=100 * worst.apart,
    )


SCALE_BY_HAND: Final = Check(
    "scale.by-hand",
    in_context("scale", "by hand"),
    limits=("scale.by-hand",),
    measurements=SCALED,
    resolve=message("calibrate the image on its depth scale again, or acknowledge this"),
)


@finds(SCALE_BY_HAND)
def _scale_by_hand(reading: Reading) -> Iterator[Finding]:
    """A scale that a reader set, against the one that the file has, where nothing says that the file's is wrong."""
    now, before = reading.calibration, reading.facts.scale
    if reading.kind.stack or now is None or before is None or now == before:
        return
    ratios = (now.row_mm / before.row_mm, now.col_mm / before.col_mm)
    ratio = max(ratios, key=lambda ratio: abs(np.log(ratio)))
    severity = SCALE_BY_HAND.severity(abs(float(np.log(ratio))))
    if severity is None:
        return
    as_opened = reading.with_(calibration=before)
    doubts = (*images.OF_SCALE, *scale.CHECKS)
    if any(finding.marks and finding.code.startswith("scale.") for check in doubts for finding in check(as_opened)):
        return
    values = values_with(as_opened, counted_beats(as_opened))
    other = Alternative(
        AlternativeKind.SCALE,
        values,
        message("{values} with the scale of the file", values=values_words(values)),
    )
    yield SCALE_BY_HAND.finding(
        severity,
        message(
            "The scale that was set is {ratio:.2f} times that of the file, of which nothing says that it is wrong.",
            ratio=ratio,
        ),
        measurements=frozenset() if severity is Severity.INFO else None,
        alternatives=(other,) if values else (),
    )


CONTOURS_DRAWN_ALONE: Final = Check(
    "contours.drawn-alone",
    in_context("contours", "drawn alone"),
    limits=("contours.drawn-alone",),
    resolve=message("propagate it to the frames around it (R), or correct it"),
)


@finds(CONTOURS_DRAWN_ALONE)
def _drawn_alone(reading: Reading) -> Iterator[Finding]:
    """A frame that was drawn while those next to it were not, whose volume leaves both to the same side: a spike."""
    drawn = _drawn_by_person(reading)
    if reading.withheld is not None or reading.facts.stills or not drawn.any():
        return
    volume = stack_curves(reading).endo if reading.kind.stack else cavity(reading)
    if np.isfinite(volume).sum() < _MIN_FRAMES or np.nanmax(volume) <= 0:
        return
    before, after = np.roll(volume, 1), np.roll(volume, -1)
    if not reading.kind.gated:
        before[0] = after[-1] = np.nan
    over, under = np.minimum(volume - before, volume - after), np.minimum(before - volume, after - volume)
    off = np.maximum(np.maximum(over, under), 0.0) / np.nanmax(volume)
    marks = marked_frames(reading.events)
    for frame in np.flatnonzero(drawn).tolist():
        severity = CONTOURS_DRAWN_ALONE.severity(float(off[frame]))
        if severity is None:
            continue
        here = (frame,) if frame in marks else ()
        names = (("EDV", "ed"), ("ESV", "es"))
        codes = [code for code, mark in names for beat in counted_beats(reading) if getattr(beat, mark) in here]
        slices = tuple(
            index
            for index, slice_reading in enumerate(reading.slices)
            if _only_here(slice_reading.tracks, frame, gated=True)
        )
        yield CONTOURS_DRAWN_ALONE.finding(
            severity if codes else Severity.INFO,
            _alone_words(reading, frame, float(off[frame]), larger=bool(over[frame] > 0)),
            (frame,),
            slices,
            measurements=codes_affected(*codes) | STRAIN if codes else frozenset(),
            subject=str(frame),
        )


# Fewer frames than this are no curve.
_MIN_FRAMES = 5


def _alone_words(reading: Reading, frame: int, off: float, *, larger: bool) -> Message:
    larger_words = message("larger") if larger else message("smaller")
    if reading.kind.gated:
        return message(
            "Phase {phase} was drawn and those next to it were not: the cavity is {percent:.0f} % of EDV {larger} "
            "there than at either.",
            phase=frame + 1,
            percent=100 * off,
            larger=larger_words,
        )
    return message(
        "Frame {frame} was drawn and those next to it were not: the cavity is {percent:.0f} % of EDV {larger} there "
        "than at either.",
        frame=frame + 1,
        percent=100 * off,
        larger=larger_words,
    )


def _drawn_by_person(reading: Reading) -> NDArray[np.bool_]:
    """(t,) frames drawn in a loop, or in a slice of a stack, where neither neighbour was drawn in it."""
    parts = reading.slices if reading.kind.stack else (reading,)
    gated = reading.kind.gated
    return np.array(
        [
            any(_only_here(reading.tracks, frame, gated=gated) for reading in parts)
            for frame in range(reading.facts.frames)
        ]
    )


def _only_here(tracks: Mapping[Structure, ContourTrack], frame: int, *, gated: bool) -> bool:
    endo = tracks.get(Structure.LV_ENDO)
    if endo is None or endo.origins[frame] is not Origin.EDITED or endo.contours[frame] is None:
        return False
    around = [frame - 1, frame + 1]
    near = (
        [near_frame % len(endo) for near_frame in around]
        if gated
        else [near_frame for near_frame in around if 0 <= near_frame < len(endo)]
    )
    return all(endo.origins[frame] is not Origin.EDITED for frame in near)


_SIZE_LIMITS: Final = {
    "ED": ("stack.far-larger-ed", "stack.far-smaller-ed"),
    "ES": ("stack.far-larger-es", "stack.far-smaller-es"),
}


STACK_FAR_FROM_AUTOMATIC: Final = Check(
    "stack.far-from-automatic",
    in_context("stack", "far from automatic"),
    limits=("stack.far-larger-ed", "stack.far-smaller-ed", "stack.far-larger-es", "stack.far-smaller-es"),
    resolve=message("hold the contours against the automatic ones (O), and correct them or acknowledge this"),
)


@finds(STACK_FAR_FROM_AUTOMATIC)
def _stack_far_from_automatic(reading: Reading) -> Iterator[Finding]:
    """Cavities of a stack that are drawn larger or smaller than the automatic ones by more than experts differ.

    Base and apex are not compared: slices count as they are chosen.
    """
    for mark, phase in marked_phases(reading):
        counted = stack_curves(reading).counted[:, phase]
        now_mm2 = before_mm2 = 0.0
        drawn: list[int] = []
        for number in np.flatnonzero(counted).tolist():
            single_reading = reading.slices[number]
            track = single_reading.tracks.get(Structure.LV_ENDO)
            contour, below = (None, None) if track is None else (track.contours[phase], track.automatic[phase])
            if track is None or contour is None or below is None:
                continue
            row_mm, col_mm = single_reading.spacing
            now_mm2 += contour.area_px2 * row_mm * col_mm
            before_mm2 += below.area_px2 * row_mm * col_mm
            if contour is not below and track.origins[phase] is not Origin.MODEL:
                drawn.append(number)
        if not drawn or before_mm2 <= 0 or now_mm2 <= 0:
            continue
        severity = severity_beyond(float(np.log(now_mm2 / before_mm2)), *_SIZE_LIMITS[mark])
        if severity is not None:
            yield STACK_FAR_FROM_AUTOMATIC.finding(
                severity,
                message(
                    "At {mark} the cavities as drawn have {percent:.0f} % of the area of the automatic "
                    "contours, which are rarely that wrong.",
                    mark=verbatim(mark),
                    percent=100 * now_mm2 / before_mm2,
                ),
                (phase,),
                tuple(drawn),
                measurements=codes_affected("EDV", "LVM") if mark == "ED" else codes_affected("ESV", "LVMES"),
                subject=mark,
            )


STACK_VALUE_FAR_FROM_AUTOMATIC: Final = Check(
    "stack.value-far-from-automatic",
    in_context("stack", "value far from automatic"),
    limits=(
        "stack.far-stroke",
        "stack.far-ef",
        "stack.far-mass",
        "stack.far-right-ed",
        "stack.far-right-es",
        "stack.far-right-ef",
    ),
    resolve=message("hold the contours against the automatic ones (O), and correct them or acknowledge this"),
)


@finds(STACK_FAR_FROM_AUTOMATIC, STACK_VALUE_FAR_FROM_AUTOMATIC)
def _stack_values_far_from_automatic(reading: Reading) -> Iterator[Finding]:
    """Stroke volume, EF, mass and the right ventricle of a stack by what was drawn, against the automatic contours.

    Errors of ED and ES that are each too small to see add up in the stroke volume.
    """
    marks = marked_phases(reading)
    before, drawn = _with_automatic(reading, [phase for _, phase in marks]) if marks else (None, ())
    if before is None:
        return
    now, then = (_of_stack(stack_curves(single_reading), marks) for single_reading in (reading, before))
    already = frozenset[str]().union(*(finding.measurements for finding in _stack_far_from_automatic(reading)))
    for code, limit in _VALUE_LIMITS.items():
        was, value = then[code], now[code]
        percent = BY_CODE[code].in_percent
        off = value - was if percent else float(np.log(value / was)) if was > 0 and value > 0 else float("nan")
        severity = threshold(limit).severity(abs(off))
        if severity is None or code in already:
            continue
        yield STACK_VALUE_FAR_FROM_AUTOMATIC.finding(
            severity,
            message(
                "{code} by the contours as drawn is {percent:.0f} % of that by the automatic ones, which "
                "are rarely that wrong.",
                code=verbatim(code),
                percent=100 * value / was,
            ),
            tuple(phase for _, phase in marks),
            drawn,
            measurements=codes_affected(code),
            subject=code,
        )


_VALUE_LIMITS: Final = {
    "SV": "stack.far-stroke",
    "EF": "stack.far-ef",
    "LVM": "stack.far-mass",
    "RVEDV": "stack.far-right-ed",
    "RVESV": "stack.far-right-es",
    "RVEF": "stack.far-right-ef",
}


def _with_automatic(reading: Reading, phases: Sequence[int]) -> tuple[Reading | None, tuple[int, ...]]:
    """The stack with its automatic contours back at these phases, and the slices that had others; None where none had.

    Slices count as they are chosen, and what a person drew where nothing was stays.
    """

    def other_than_automatic(track: ContourTrack, at: int) -> bool:
        now, below = track.contours[at], track.automatic[at]
        return below is not None and now is not below and (now is None or track.origins[at] is not Origin.MODEL)

    slices, drawn = list(reading.slices), []
    for number, slice_reading in enumerate(reading.slices):
        tracks = {}
        for structure in (Structure.LV_ENDO, Structure.LV_EPI, Structure.RV):
            track = slice_reading.tracks.get(structure)
            if track is None:
                continue
            other = [at for at in phases if other_than_automatic(track, at)]
            if other:
                contours = list(track.contours)
                for at in other:
                    contours[at] = track.automatic[at]
                tracks[structure] = replace(track, contours=tuple(contours))
        if tracks:
            drawn.append(number)
            slices[number] = slice_reading.with_(tracks={**slice_reading.tracks, **tracks})
    return (reading.with_(slices=tuple(slices)) if drawn else None), tuple(drawn)


def _of_stack(curves: StackCurves, marks: Sequence[tuple[str, int]]) -> dict[str, float]:
    """Values by code, in ml, g and %; NaN where one is not known."""
    (_, ed), (_, es) = marks
    (full, empty), (right_full, right_empty) = (
        (float(volumes_mm3[ed]) / MM3_PER_ML, float(volumes_mm3[es]) / MM3_PER_ML)
        for volumes_mm3 in (curves.endo, curves.rv)
    )
    nan = float("nan")
    return {
        "SV": full - empty,
        "EF": 100 * (1 - empty / full) if full > 0 else nan,
        "LVM": float(curves.wall[ed]) / MM3_PER_ML * MYOCARDIUM_G_PER_ML,
        "RVEDV": right_full,
        "RVESV": right_empty,
        "RVEF": 100 * (1 - right_empty / right_full) if right_full > 0 else nan,
    }


CHECKS: Final = (
    _far_from_automatic,
    _drawn_alone,
    _scale_by_hand,
    _atrium_far_from_automatic,
    _stack_far_from_automatic,
    _stack_values_far_from_automatic,
)
