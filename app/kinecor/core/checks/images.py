"""Checks of what the images show: damaged, frozen and lost frames, the depth scale, orientation, slices compared."""

from collections.abc import Iterator
from typing import Final

import numpy as np

from kinecor.core.checks.check import Check, finds
from kinecor.core.checks.findings import (
    RATES,
    SCALED,
    STRAIN,
    VOLUMES,
    Finding,
    Severity,
    codes_affected,
    frames_words,
    numbers_from_1,
    severity_beyond,
    slices_words,
    threshold,
)
from kinecor.core.table.measures import SHORT_AXIS_CODES
from kinecor.core.values.events import marked_frames
from kinecor.core.values.kind import APICAL_VIEWS
from kinecor.core.values.message import Message, in_context, joined_by, message, plural, verbatim
from kinecor.core.values.reading import Reading
from kinecor.core.values.track import Structure
from kinecor.core.volumes.heart_size import ADULT_YEARS
from kinecor.core.volumes.loop_volumes import long_axis
from kinecor.core.volumes.wall import inside_polygon

_MARKS = (("ED", "EDV"), ("ES", "ESV"))
_AT_A_JUMP: Final = (
    ("ED", message("largest"), codes_affected("EDV") | STRAIN | SHORT_AXIS_CODES),
    ("ES", message("smallest"), codes_affected("ESV", "LAV") | STRAIN | SHORT_AXIS_CODES),
)
TICKS_MM = (5.0, 10.0, 50.0)
"""Distances that the marks of a depth scale have."""


FILES_DAMAGED_FRAME: Final = Check(
    "files.damaged-frame",
    in_context("files", "damaged frame"),
)


@finds(FILES_DAMAGED_FRAME)
def _damaged_mark(reading: Reading) -> Iterator[Finding]:
    """ED or ES on a damaged frame; of a stack, in any slice."""
    loops = reading.slices if reading.kind.stack else (reading,)
    for mark, code in _MARKS:
        at = _marked(reading, mark)
        frames = tuple(frame for frame in at if any(frame in loop.facts.images.damaged for loop in loops))
        if not frames:
            continue
        slices = tuple(
            n for n, slice_reading in enumerate(reading.slices) if set(frames) & set(slice_reading.facts.images.damaged)
        )
        yield FILES_DAMAGED_FRAME.finding(
            Severity.CHECK if reading.kind.stack else Severity.STOP,
            message(
                "{mark} is on {frames}, whose image is damaged in {slices}. Its contour was made from the frames "
                "around it.",
                mark=verbatim(mark),
                frames=frames_words(frames),
                slices=slices_words(slices),
            )
            if slices
            else message(
                "{mark} is on {frames}, whose image is damaged. Its contour was made from the frames around it.",
                mark=verbatim(mark),
                frames=frames_words(frames),
            ),
            frames,
            slices,
            measurements=codes_affected(code) | (STRAIN | SHORT_AXIS_CODES if not reading.kind.stack else frozenset()),
            resolve=message(
                "move {mark} to a frame whose image is sound, or export the recording again", mark=verbatim(mark)
            ),
            subject=mark,
        )


FILES_DAMAGED_FRAMES: Final = Check(
    "files.damaged-frames",
    in_context("files", "damaged frames"),
    limits=("files.damaged-share",),
    resolve=message("export or copy the recording again"),
)


@finds(FILES_DAMAGED_FRAMES)
def _damaged(reading: Reading) -> Iterator[Finding]:
    """All damaged frames; beyond a share of the loop, values that rest on the course of the volume are marked."""
    loops = reading.slices if reading.kind.stack else (reading,)
    frames = tuple(sorted({frame for loop in loops for frame in loop.facts.images.damaged}))
    if not frames:
        return
    slices = tuple(number for number, slice_reading in enumerate(reading.slices) if slice_reading.facts.images.damaged)
    share = max(len(loop.facts.images.damaged) / loop.facts.frames for loop in loops)
    severity = FILES_DAMAGED_FRAMES.severity(share) or Severity.INFO
    yield FILES_DAMAGED_FRAMES.finding(
        severity,
        message(
            "The image of {frames} is damaged in {slices}: contours there were made from the frames around, and no "
            "event was put there.",
            frames=frames_words(frames),
            slices=slices_words(slices),
        )
        if slices
        else message(
            "The image of {frames} is damaged: contours there were made from the frames around, and no event was put "
            "there.",
            frames=frames_words(frames),
        ),
        frames,
        slices,
        measurements=VOLUMES | STRAIN | SHORT_AXIS_CODES if severity is not Severity.INFO else frozenset(),
    )


TIME_FROZEN_FRAMES: Final = Check(
    "time.frozen-frames",
    in_context("time", "frozen frames"),
    limits=("time.frozen",),
    resolve=message("choose another beat, or another clip"),
)


@finds(TIME_FROZEN_FRAMES)
def _frozen(reading: Reading) -> Iterator[Finding]:
    """Runs of one image: what the heart did meanwhile was not recorded."""
    facts = reading.facts
    runs = facts.images.frozen
    if not runs:
        return
    marks = {frame for mark, _ in _MARKS for frame in _marked(reading, mark)}
    step_s = float(np.median(np.diff(facts.times_s)))
    longest_s = max(last - first + 1 for first, last in runs) * step_s
    at_mark = any(first - 1 <= mark <= last for first, last in runs for mark in marks)
    severity = TIME_FROZEN_FRAMES.severity(longest_s) or (Severity.CHECK if at_mark else Severity.INFO)
    frames = tuple(frame for first, last in runs for frame in range(first, last + 1))
    yield TIME_FROZEN_FRAMES.finding(
        severity,
        message(
            "The image stands still in {frames}, while the heart moves before and after: the largest "
            "or smallest volume may be missing.",
            frames=frames_words(frames),
        ),
        frames,
        measurements=VOLUMES | STRAIN | RATES | SHORT_AXIS_CODES if severity is not Severity.INFO else frozenset(),
    )


TIME_REPEATED_FRAMES: Final = Check(
    "time.repeated-frames",
    in_context("time", "repeated frames"),
)


@finds(TIME_REPEATED_FRAMES)
def _repeated(reading: Reading) -> Iterator[Finding]:
    frozen = {frame for first, last in reading.facts.images.frozen for frame in range(first, last + 1)}
    single = tuple(frame for frame in reading.facts.images.repeated if frame not in frozen)
    if single:
        yield TIME_REPEATED_FRAMES.finding(
            Severity.INFO,
            message(
                "The same image as the frame before: {frames}. An export at another frame rate repeats frames.",
                frames=frames_words(single),
            ),
            single,
        )


TIME_LOST_FRAMES: Final = Check(
    "time.lost-frames",
    in_context("time", "lost frames"),
    resolve=message("choose another beat, or export the recording again"),
)


TIME_GAP: Final = Check(
    "time.gap",
    in_context("time", "gap"),
)


@finds(TIME_LOST_FRAMES, TIME_GAP)
def _lost(reading: Reading) -> Iterator[Finding]:
    """A jump of the image where the times have none."""
    lost = reading.facts.images.lost_after
    if lost:
        beside = [
            affected_mark
            for affected_mark in _AT_A_JUMP
            if {*lost} & {at - step for at in _marked(reading, affected_mark[0]) for step in (0, 1)}
        ]
        yield TIME_LOST_FRAMES.finding(
            Severity.CHECK,
            joined_by(" ", (_lost_words(lost), *(_beside_words(mark, extreme) for mark, extreme, _ in beside))),
            lost,
            measurements=RATES.union(*(concerned for *_, concerned in beside)),
        )
    gaps = reading.facts.images.gap_after
    if gaps:
        yield TIME_GAP.finding(
            Severity.INFO, message("The frame times have a gap after {frames}.", frames=frames_words(gaps)), gaps
        )


def _lost_words(frames: tuple[int, ...]) -> Message:
    return message(
        "The image jumps after {frames} as if frames were lost, but the frame times show no gap: times and rates may "
        "be wrong.",
        frames=frames_words(frames),
    )


def _beside_words(mark: str, extreme: Message) -> Message:
    return message(
        "{mark} is beside the jump: the cavity may be {extreme} in between.", mark=verbatim(mark), extreme=extreme
    )


FILES_DRAWN_OVER: Final = Check(
    "files.drawn-over",
    in_context("files", "drawn over"),
    limits=("files.drawn-over",),
    measurements=VOLUMES | STRAIN | codes_affected("LAV"),
    resolve=message("export the clip without graphics, or check the contours"),
)


@finds(FILES_DRAWN_OVER)
def _drawn_over(reading: Reading) -> Iterator[Finding]:
    """Callipers, text or a trace that were burnt into the image over the ventricle: contours follow them."""
    points = reading.facts.images.drawn_px
    track = reading.tracks.get(Structure.LV_EPI) or reading.tracks.get(Structure.LV_ENDO)
    if not points or track is None or reading.withheld or not reading.events or reading.kind.volumes != "disks":
        return
    shares = []
    for frame in marked_frames(reading.events, "ed"):
        contour = track.contours[frame]
        if contour is not None and contour.area_px2 > 0:
            there = inside_polygon(np.array(points, np.float64), contour.points, np.roll(contour.points, -1, axis=0))
            shares.append(float(there.sum()) / long_axis(contour).length)
    severity = FILES_DRAWN_OVER.severity(max(shares, default=0.0))
    if severity is not None:
        yield FILES_DRAWN_OVER.finding(
            severity,
            message(
                "Lines that stand still are drawn over the ventricle, such as callipers, text or a "
                "trace: contours and strain may follow them in place of the wall."
            ),
        )


SCALE_TICKS_DISAGREE: Final = Check(
    "scale.ticks-disagree",
    in_context("scale", "ticks disagree"),
    limits=("scale.ticks",),
    measurements=SCALED,
    resolve=message("calibrate the image on its depth scale"),
)


@finds(SCALE_TICKS_DISAGREE)
def _ticks(reading: Reading) -> Iterator[Finding]:
    """The marks of the depth scale against the scale in force."""
    scale, step = reading.calibration, reading.facts.images.tick_px
    if scale is None or step is None:
        return
    apart_mm = float(np.hypot(step[0] * scale.col_mm, step[1] * scale.row_mm))
    nearest = min(TICKS_MM, key=lambda spacing_mm: abs(np.log(apart_mm / spacing_mm)))
    severity = SCALE_TICKS_DISAGREE.severity(abs(apart_mm / nearest - 1))
    if severity is not None:
        yield SCALE_TICKS_DISAGREE.finding(
            severity,
            message(
                "The marks of the depth scale are {distance_cm:.2f} cm apart by the scale in force, but are "
                "drawn every {step_cm:g} cm: the scale is wrong.",
                distance_cm=apart_mm / 10,
                step_cm=nearest / 10,
            ),
        )


SCALE_DEPTH: Final = Check(
    "scale.depth",
    in_context("scale", "depth"),
    limits=("scale.deep", "scale.shallow"),
    measurements=SCALED,
    resolve=message("calibrate the image on its depth scale"),
)


@finds(SCALE_DEPTH)
def _depth(reading: Reading) -> Iterator[Finding]:
    """Depth of an apical view; a shallow one may be a child's where no age is known."""
    facts, scale = reading.facts, reading.calibration
    part = facts.region or facts.images.sector
    view = reading.view.label if reading.view else ""
    if scale is None or part is None or not facts.images.measured or view not in APICAL_VIEWS or reading.kind.gated:
        return
    depth_mm = (part.y1 - part.y0) * scale.row_mm
    grown = facts.age_years is not None and facts.age_years >= ADULT_YEARS
    names = ("scale.deep", "scale.shallow") if grown else ("scale.deep",)
    severity = severity_beyond(depth_mm, *names)
    if severity is not None:
        yield SCALE_DEPTH.finding(
            severity,
            message(
                "The image is {depth_cm:.0f} cm deep by the scale in force; an adult's apical view is 10 "
                "to 26 cm deep.",
                depth_cm=depth_mm / 10,
            ),
        )


SCALE_ASPECT: Final = Check(
    "scale.aspect",
    in_context("scale", "aspect"),
    limits=("scale.aspect",),
    measurements=SCALED | STRAIN,
    resolve=message("calibrate the image on its depth scale, or export the clip with its original shape"),
)


@finds(SCALE_ASPECT)
def _aspect(reading: Reading) -> Iterator[Finding]:
    """The lower end of a sector is an arc only in pixels of the right shape."""
    by_shape, by_scale = reading.facts.images.sector_aspect, reading.aspect
    if by_shape is None or reading.kind.gated:
        return
    severity = SCALE_ASPECT.severity(abs(by_shape / by_scale - 1))
    if severity is not None:
        yield SCALE_ASPECT.finding(
            severity,
            message(
                "The sector's lower end is part of a circle only if pixels are {by_shape:.2f} times as high as wide; "
                "by the scale in force they are {by_scale:.2f} times: lengths along one axis are wrong.",
                by_shape=by_shape,
                by_scale=by_scale,
            )
            if reading.calibration
            else message(
                "The sector's lower end is part of a circle only if pixels are {by_shape:.2f} times as high as wide; "
                "as assumed without a scale they are {by_scale:.2f} times: lengths along one axis are wrong.",
                by_shape=by_shape,
                by_scale=by_scale,
            ),
        )


def _sector_within(reading: Reading) -> float:
    """Share of the sector's bounds that the region of the file's scale covers; 1 where either is not known."""
    sector, region = reading.facts.images.sector, reading.facts.region
    if sector is None or region is None:
        return 1.0
    wide = min(sector.x1, region.x1) - max(sector.x0, region.x0)
    high = min(sector.y1, region.y1) - max(sector.y0, region.y0)
    return max(wide, 0) * max(high, 0) / ((sector.x1 - sector.x0) * (sector.y1 - sector.y0))


SCALE_REGION: Final = Check(
    "scale.region",
    in_context("scale", "region"),
    limits=("scale.region", "scale.region-of-sector"),
    measurements=SCALED,
    resolve=message("calibrate the image on its depth scale"),
)


@finds(SCALE_REGION)
def _region(reading: Reading) -> Iterator[Finding]:
    covered = reading.facts.images.covered
    if reading.calibration is None or covered is None:
        return
    severity = threshold("scale.region").severity(covered)
    if severity is None:
        covered = _sector_within(reading)
        severity = threshold("scale.region-of-sector").severity(covered)
    if severity is not None:
        yield SCALE_REGION.finding(
            severity,
            message(
                "The region that the file's scale belongs to covers {percent:.0f} % of the moving image: "
                "it may belong to another image.",
                percent=100 * covered,
            ),
        )


VIEW_UPSIDE_DOWN: Final = Check(
    "view.upside-down",
    in_context("view", "upside down"),
    measurements=VOLUMES | STRAIN | {"LAV"},
    resolve=message("check the contours, or export the clip with the apex at the top"),
)


@finds(VIEW_UPSIDE_DOWN)
def _upside_down(reading: Reading) -> Iterator[Finding]:
    view = reading.view.label if reading.view else ""
    if reading.facts.images.apex_up is False and view in APICAL_VIEWS and reading.tracks:
        yield VIEW_UPSIDE_DOWN.finding(
            Severity.CHECK,
            message("The narrow end of the image is at the bottom: models know apical views with the apex at the top."),
        )


STACK_SAME_SLICES: Final = Check(
    "stack.same-slices",
    in_context("stack", "same slices"),
    measurements=VOLUMES | codes_affected("RVEDV", "RVESV", "LVM", "LVMES"),
    resolve=message("exclude the slice that does not fit between its neighbours"),
)


STACK_LATE_SLICE: Final = Check(
    "stack.late-slice",
    in_context("stack", "late slice"),
    measurements=VOLUMES | RATES | codes_affected("RVEDV", "RVESV"),
    resolve=message("exclude the slice, or sort its phases"),
)


@finds(STACK_SAME_SLICES, STACK_LATE_SLICE)
def _slices(reading: Reading) -> Iterator[Finding]:
    images = reading.facts.images
    alike: dict[int, list[int]] = {}
    for left, right in images.same_slices:
        first = next((number for number, copies in alike.items() if left in copies), left)
        if right not in alike.setdefault(first, []):
            alike[first].append(right)
    for first, copies in alike.items():
        yield STACK_SAME_SLICES.finding(
            Severity.CHECK,
            message(
                "Slices {slices} and {last_slice} have the same pixels: only one of them is where it says.",
                slices=numbers_from_1((first, *copies[:-1])),
                last_slice=copies[-1] + 1,
            ),
            slices=(first, *copies),
            subject=f"{first + 1}",
        )
    for number, phases in images.late_slices:
        yield STACK_LATE_SLICE.finding(
            Severity.CHECK,
            plural(
                "Slice {slice} contracts {count} phase later than the others (another trigger?).",
                "Slice {slice} contracts {count} phases later than the others (another trigger?).",
                phases,
                slice=number + 1,
            )
            if phases > 0
            else plural(
                "Slice {slice} contracts {count} phase earlier than the others (another trigger?).",
                "Slice {slice} contracts {count} phases earlier than the others (another trigger?).",
                -phases,
                slice=number + 1,
            ),
            slices=(number,),
            subject=str(number + 1),
        )


def _marked(reading: Reading, mark: str) -> tuple[int, ...]:
    beats = reading.events.beats if reading.events else ()
    return tuple(beat.ed if mark == "ED" else beat.es for beat in beats)


OF_SCALE: Final = (_ticks, _depth, _aspect, _region)
"""Whether the images contradict the scale in force."""

CHECKS: Final = (
    _damaged_mark,
    _damaged,
    _frozen,
    _repeated,
    _lost,
    _drawn_over,
    *OF_SCALE,
    _upside_down,
    _slices,
)
