"""Checks of the contours of a loop: cavity within the wall, thickness, jumps, the sector, doubtful frames, atrium."""

from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from kinecor.core.checks.check import Check, finds
from kinecor.core.checks.findings import (
    MASS,
    RIGHT,
    STRAIN,
    VOLUMES,
    Finding,
    Severity,
    codes_affected,
    frames_words,
    severity_beyond,
    threshold,
)
from kinecor.core.table.loop_inputs import ATRIAL_VIEWS, atrium_missing
from kinecor.core.table.measures import ATRIAL_CODES, SHORT_AXIS_CODES, STRAIN_CODES
from kinecor.core.values.confidence import LOOP_CONTOURS
from kinecor.core.values.events import marked_frames
from kinecor.core.values.geometry import Contour, FloatArray, resample_line
from kinecor.core.values.kind import APICAL_LOOP
from kinecor.core.values.message import in_context, join_texts, list_texts, message
from kinecor.core.values.reading import Reading, counted_beats
from kinecor.core.values.recording import Region
from kinecor.core.values.track import STRUCTURE_NAMES, ContourTrack, Origin, Structure
from kinecor.core.volumes.loop_volumes import closing_ed, disks_volume, long_axis
from kinecor.core.volumes.wall import WALL_POINTS, wall_profile

_ATRIUM: Final = codes_affected("LAV") | ATRIAL_CODES
# Beyond this share of the depth a point of the contour is at the lower end of the picture, within two of its cells.
_AT_THE_END: Final = 0.965


CONTOURS_NO_ATRIUM: Final = Check(
    "contours.no-atrium",
    in_context("contours", "no atrium"),
    measurements=codes_affected("EDV", "ESV", "LAV", "GLS"),
    resolve=message("choose the view, or trace the atrium"),
)


@finds(CONTOURS_NO_ATRIUM)
def _missing(reading: Reading) -> Iterator[Finding]:
    if reading.kind.network != "apical" or Structure.LV_ENDO not in reading.tracks:
        return
    if atrium_missing(reading):
        yield CONTOURS_NO_ATRIUM.finding(
            Severity.CHECK, message("No left atrium was found on most frames: is this an apical view?")
        )


def _atrium(reading: Reading) -> ContourTrack | None:
    """The atrium where the view shows one and it was found; what is said of its shape holds for no other."""
    seen = reading.view.label if reading.view is not None and reading.view_known else ""
    if reading.withheld is not None or (seen and seen not in ATRIAL_VIEWS) or atrium_missing(reading):
        return None
    return reading.tracks.get(Structure.LA)


ATRIUM_SMALL: Final = Check(
    "atrium.small",
    in_context("atrium", "small"),
    limits=("atrium.cut", "atrium.small", "atrium.small-and-cut"),
    measurements=_ATRIUM,
    resolve=message("trace the atrium at ES, or choose a clip with more depth"),
)


ATRIUM_CUT: Final = Check(
    "atrium.cut",
    in_context("atrium", "cut"),
    limits=("atrium.cut", "atrium.small", "atrium.small-and-cut"),
    measurements=_ATRIUM,
    resolve=message("choose a clip with more depth, or confirm that the whole atrium is seen"),
)


@finds(ATRIUM_SMALL, ATRIUM_CUT)
def _cut_or_small(reading: Reading) -> Iterator[Finding]:
    """An atrium whose roof is beyond the picture, or a contour that is too small for one, at ES."""
    atrium, endo = _atrium(reading), reading.tracks.get(Structure.LV_ENDO)
    if atrium is None or endo is None:
        return
    frames = tuple(dict.fromkeys(beat.es for beat in counted_beats(reading)))
    pairs = [(atrium.contours[frame], endo.contours[frame]) for frame in frames]
    drawn = [
        (contour, other) for contour, other in pairs if contour is not None and other is not None and other.area_px2 > 0
    ]
    if not drawn or len(drawn) < len(frames):
        return
    cut = [share_at_the_end(reading, contour) for contour, _ in drawn]
    share = min(contour.area_px2 / other.area_px2 for contour, other in drawn)
    at_the_end = threshold("atrium.cut").severity(max(cut))
    small = threshold("atrium.small-and-cut" if at_the_end is not None else "atrium.small").severity(share)
    if small is not None:
        why = (
            message("most of it is beyond the lower end of the picture")
            if at_the_end is not None
            else message("it is not a whole one")
        )
        yield ATRIUM_SMALL.finding(
            small,
            message(
                "At ES ({frames}) the contour of the left atrium is only {percent:.0f} % as large as the ventricle's: "
                "{why}.",
                frames=frames_words(frames),
                percent=100 * share,
                why=why,
            ),
            frames,
        )
    elif at_the_end is not None:
        yield ATRIUM_CUT.finding(
            at_the_end,
            message(
                "At ES ({frames}) the left atrium reaches the lower end of the picture: its roof may be "
                "beyond, so its volume may be too small.",
                frames=frames_words(frames),
            ),
            frames,
        )


ATRIUM_TAILED: Final = Check(
    "atrium.tailed",
    in_context("atrium", "tailed"),
    limits=("atrium.filling",),
    measurements=_ATRIUM,
    resolve=message("correct the contour of the atrium at ES"),
)


@finds(ATRIUM_TAILED)
def _tailed(reading: Reading) -> Iterator[Finding]:
    """An atrium at ES whose contour runs into a pulmonary vein or round a gap: it has a tail or a dent."""
    atrium = _atrium(reading)
    if atrium is None:
        return
    frames = dict.fromkeys(beat.es for beat in counted_beats(reading))
    filled = {
        frame: filling(contour, reading.aspect) for frame in frames if (contour := atrium.contours[frame]) is not None
    }
    if not filled:
        return
    frame = min(filled, key=lambda frame: filled[frame])
    severity = ATRIUM_TAILED.severity(filled[frame])
    if severity is not None:
        yield ATRIUM_TAILED.finding(
            severity,
            message(
                "At ES (frame {frame}) the contour of the left atrium fills only {percent:.0f} % of its "
                "own outline: a tail or a dent, as where it runs into a pulmonary vein.",
                frame=frame + 1,
                percent=100 * filled[frame],
            ),
            (frame,),
        )


def filling(contour: Contour, aspect: float = 1.0) -> float:
    """Area of a contour over that of its convex hull, 0 to 1; NaN of a flat one.

    Args:
        contour: in pixels.
        aspect: height of a pixel over its width.

    """
    hull = _hull(contour.points * (1.0, aspect))
    x, y = hull.T
    around = abs(float(x @ np.roll(y, -1) - y @ np.roll(x, -1))) / 2
    return float(contour.area_px2 * aspect / around) if around > 0 else float("nan")


def _hull(points: FloatArray) -> FloatArray:
    """The convex hull, corner by corner (Andrew's monotone chain)."""
    ordered = sorted(map(tuple, points.tolist()))
    sides = []
    for way in (ordered, ordered[::-1]):
        side: list[tuple[float, ...]] = []
        for x, y in way:
            while len(side) > 1 and _turn(side[-2], side[-1], (x, y)) <= 0:
                side.pop()
            side.append((x, y))
        sides += side[:-1]
    return np.array(sides)


def _turn(a: tuple[float, ...], b: tuple[float, ...], c: tuple[float, ...]) -> float:
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])


def share_at_the_end(reading: Reading, contour: Contour) -> float:
    """Share of an atrium's contour that follows the lower end of the picture, straight or an arc; 0 to 1.

    An arc is that of a sector whose narrow end is in the middle of the top. 0 where the narrow end is at the bottom.

    Args:
        reading: of the loop.
        contour: of its atrium, in pixels.

    """
    facts = reading.facts
    part = facts.region or facts.images.sector or Region(0, 0, facts.columns, facts.rows)
    if facts.images.apex_up is False:
        return 0.0
    aspect = reading.aspect
    across = contour.points[:, 0] - (part.x0 + part.x1) / 2
    down = (contour.points[:, 1] - part.y0) * aspect
    deep = np.hypot(across, down) / ((part.y1 - part.y0) * aspect)
    return float((deep > _AT_THE_END).mean())


OF_THE_ATRIUM: Final = (_missing, _cut_or_small, _tailed)
"""Whether there is a left atrium, whether all of it is in the picture, whether it is one at all, and of one piece."""


_OF_THE_WALL = STRAIN_CODES | MASS | SHORT_AXIS_CODES
_CONCERNED: Final = {
    Structure.LV_ENDO: VOLUMES | _OF_THE_WALL,
    Structure.LV_EPI: _OF_THE_WALL,
    Structure.LA: codes_affected("LAV") | ATRIAL_CODES,
    Structure.RV: RIGHT,
}


CONTOURS_NOT_FITTED: Final = Check(
    "contours.not-fitted",
    in_context("contours", "not fitted"),
    resolve=message("drag the contour, or right-click and confirm it"),
)


@finds(CONTOURS_NOT_FITTED)
def _not_fitted(reading: Reading) -> Iterator[Finding]:
    for number, slice_reading in enumerate(reading.slices or (reading,)):
        for structure, track in slice_reading.tracks.items():
            frames = tuple(frame for frame, origin in enumerate(track.origins) if origin is Origin.TEMPLATE)
            frames = tuple(frame for frame in frames if track.contours[frame] is not None)
            if frames:
                where = (
                    message("phase {phase}", phase=frames[0] + 1)
                    if reading.kind.gated
                    else message("frame {frame}", frame=frames[0] + 1)
                )
                if reading.kind.stack:
                    where = join_texts(where, ", ", message("slice {slice}", slice=number + 1))
                yield CONTOURS_NOT_FITTED.finding(
                    Severity.STOP,
                    message(
                        "The initial contour of the {structure} at {where} was not fitted: drag it into "
                        "shape, or confirm it.",
                        structure=STRUCTURE_NAMES[structure],
                        where=where,
                    ),
                    frames,
                    (number,) if reading.kind.stack else (),
                    measurements=_CONCERNED[structure],
                    subject=f"{structure}{number if reading.kind.stack else ''}",
                )


_WALL = VOLUMES | STRAIN_CODES | SHORT_AXIS_CODES | codes_affected("LVM", "LVMES")


def loop_endo(reading: Reading) -> ContourTrack | None:
    """The LV endocardium of a loop whose values are not withheld.

    Args:
        reading: of a recording of any kind.

    """
    return None if reading.kind.stack or reading.withheld else reading.tracks.get(Structure.LV_ENDO)


def _frames(reading: Reading) -> list[int]:
    """Frames that values rest on, else those a person drew."""
    endo = loop_endo(reading)
    if endo is None:
        return []
    drawn = [frame for frame, origin in enumerate(endo.origins) if origin is Origin.EDITED]
    return [
        frame for frame in dict.fromkeys((*marked_frames(reading.events), *drawn)) if endo.contours[frame] is not None
    ]


CONTOURS_CROSSING: Final = Check(
    "contours.crossing",
    in_context("contours", "crossing"),
    limits=("contours.crossing", "contours.thick-wall"),
    measurements=_WALL,
    resolve=message("correct one of the two contours"),
)


CONTOURS_THICK_WALL: Final = Check(
    "contours.thick-wall",
    in_context("contours", "thick wall"),
    limits=("contours.crossing", "contours.thick-wall"),
    measurements=_WALL,
    resolve=message("correct one of the two contours, or calibrate the image"),
)


@finds(CONTOURS_CROSSING, CONTOURS_THICK_WALL)
def _wall(reading: Reading) -> Iterator[Finding]:
    endo, epi = loop_endo(reading), reading.tracks.get(Structure.LV_EPI)
    if endo is None or epi is None:
        return
    row_mm, col_mm = reading.spacing
    crossing: list[int] = []
    thick: list[int] = []
    worst: list[Severity] = []
    for frame in _frames(reading):
        inner, outer = endo.contours[frame], epi.contours[frame]
        if inner is None or outer is None:
            continue
        wall = wall_profile(inner, outer, row_mm, col_mm, closed=reading.kind.closed)
        known = wall[np.isfinite(wall)]
        size = np.sqrt(inner.area_px2 * row_mm * col_mm)
        # Without a scale, in shares of the cavity's size: 2 mm of a usual cavity are a twentieth.
        across = known < (-2.0 if reading.calibration else -0.05 * size)
        severity = threshold("contours.crossing").severity(float(across.mean()))
        if severity is not None:
            crossing.append(frame)
            worst.append(severity)
        if reading.calibration and threshold("contours.thick-wall").severity(float(np.median(known))) is not None:
            thick.append(frame)
    if crossing:
        yield CONTOURS_CROSSING.finding(
            max(worst, key=[Severity.INFO, Severity.CHECK, Severity.STOP].index),
            message(
                "The endocardium crosses the epicardium at {frames}: the cavity cannot be outside the wall.",
                frames=frames_words(crossing),
            ),
            tuple(crossing),
        )
    if thick:
        yield CONTOURS_THICK_WALL.finding(
            Severity.CHECK,
            message(
                "The wall is thicker than {limit_mm:.0f} mm at {frames}: check the contours and the scale.",
                limit_mm=threshold("contours.thick-wall").check,
                frames=frames_words(thick),
            ),
            tuple(thick),
        )


CONTOURS_MISSING: Final = Check(
    "contours.missing",
    in_context("contours", "missing"),
)


CONTOURS_DOUBTFUL: Final = Check(
    "contours.doubtful",
    in_context("contours", "doubtful"),
    resolve=message("correct the contours, or confirm them"),
)


@finds(CONTOURS_MISSING, CONTOURS_DOUBTFUL)
def _lv_frames(reading: Reading) -> Iterator[Finding]:
    endo = None if reading.kind.stack else reading.tracks.get(Structure.LV_ENDO)
    if endo is None:
        return
    drawn = np.array([contour is not None for contour in endo.contours], bool)
    needed = _missing_marks(reading, drawn)
    if needed:
        frames = tuple(sorted({frame for frames_needed in needed.values() for frame in frames_needed}))
        yield CONTOURS_MISSING.finding(
            Severity.STOP,
            message(
                "No LV contour at {marks} ({frames}): volumes and EF need it.",
                marks=list_texts([*needed]),
                frames=frames_words(frames),
            ),
            frames,
            measurements=VOLUMES,
            resolve=message("trace the contour, or move the mark"),
        )
    elif not drawn.all():
        yield CONTOURS_MISSING.finding(
            Severity.INFO,
            message("No LV contour on {lacking} of {frames} frames.", lacking=int((~drawn).sum()), frames=len(endo)),
            tuple(np.flatnonzero(~drawn).tolist()),
        )
    low = np.flatnonzero((endo.confidence < LOOP_CONTOURS.withheld) & drawn)
    if len(low):
        yield CONTOURS_DOUBTFUL.finding(
            Severity.INFO,
            message("Low-confidence LV contour on {low} of {frames} frames: review.", low=len(low), frames=len(endo)),
            tuple(low.tolist()),
        )


def _missing_marks(reading: Reading, drawn: NDArray[np.bool_]) -> dict[str, tuple[int, ...]]:
    """By mark, "ED" and "ES", its frames that have no contour though volumes are measured there."""
    if reading.kind.volumes != "disks" or reading.withheld is not None:
        return {}
    found = {
        mark.upper(): tuple(at for beat in counted_beats(reading) if not drawn[at := getattr(beat, mark)])
        for mark in ("ed", "es")
    }
    return {mark: frames for mark, frames in found.items() if frames}


CONTOURS_JUMP: Final = Check(
    "contours.jump",
    in_context("contours", "jump"),
    limits=("contours.jump", "contours.another-size", "contours.bulge"),
    resolve=message("correct the contours of these frames"),
)


@finds(CONTOURS_JUMP)
def _jumps(reading: Reading) -> Iterator[Finding]:
    """Frames whose contour is unlike those before and after it: a jump of the annulus, or of the cavity's size."""
    endo = loop_endo(reading)
    if endo is None or reading.kind.volumes != "disks" or len(endo) < 5:
        return
    found = jumping(reading, endo)
    if not found:
        return
    used = set(found) & _within_beats(reading)
    yield CONTOURS_JUMP.finding(
        Severity.CHECK if used else Severity.INFO,
        message(
            "The LV contour jumps at {frames}: it is unlike those before and after it.",
            frames=frames_words(sorted(used) or found),
        ),
        tuple(found),
        measurements=VOLUMES | STRAIN if used else frozenset(),
    )


def _within_beats(reading: Reading) -> set[int]:
    """Frames from ED to ES of each beat, in which no ventricle jumps: what jumps there is another image, or no wall."""
    beats = reading.events.beats if reading.events else ()
    return {index for beat in beats for index in range(min(beat.ed, beat.es), max(beat.ed, beat.es) + 1)}


def jumping(reading: Reading, endo: ContourTrack) -> list[int]:
    """Frames whose contour is unlike those before and after it, in size, place or at a part of the wall.

    Args:
        reading: of the loop.
        endo: of its endocardium.

    """
    marked = marked_frames(reading.events)
    alone = {*_bulging(endo, reading.aspect, marked), *_of_another_size(endo, reading.aspect, marked)}
    return sorted({*_unlike_neighbours(endo, reading.aspect), *alone})


@lru_cache(maxsize=8)
def _of_another_size(endo: ContourTrack, aspect: float, frames: tuple[int, ...]) -> list[int]:
    """Those of some frames whose volume is not that between the frames before and after."""
    found = []
    for frame in frames:
        around = _around(frame, len(endo))
        drawn = [endo.contours[near_frame] for near_frame in (frame, *around)]
        ml = [disks_volume(contour, aspect, 1.0) for contour in drawn if contour is not None and contour.area_px2 > 0]
        if len(ml) < 3 or min(ml) <= 0:
            continue
        here, *others = np.log(ml)
        # At an end of the loop, where the next two go on to or stay, and all between.
        expected = (others[0], 2 * others[0] - others[1]) if frame in (0, len(endo) - 1) else (np.mean(others),)
        off = max(min(expected) - here, here - max(expected))
        if threshold("contours.another-size").severity(float(off)) is not None:
            found.append(frame)
    return found


def _around(frame: int, frames: int) -> tuple[int, int]:
    """The frames before and after one; at an end of the loop the two next to it, the nearer one first."""
    if frame == 0:
        return 1, 2
    return (frame - 1, frame + 1) if frame < frames - 1 else (frame - 1, frame - 2)


@lru_cache(maxsize=8)
def _unlike_neighbours(endo: ContourTrack, aspect: float) -> list[int]:
    """Frames whose axis, area or annulus differs from the mean of both neighbours beyond what the loop usually does."""
    rows = [
        _features(contour, aspect) if contour is not None and contour.area_px2 > 0 else np.full(6, np.nan)
        for contour in endo.contours
    ]
    values = np.array(rows)
    length = float(np.nanmedian(values[:, 4]))
    between = (values[:-2] + values[2:]) / 2
    # Places in shares of the axis; the area's root likewise.
    off = np.abs(values[1:-1] - between) / length
    worst = np.nanmax(np.where(np.isfinite(off), off, -1.0), axis=1)
    usual = float(np.median(worst[worst >= 0])) if (worst >= 0).any() else 0.0
    limit = max(threshold("contours.jump").check, 6 * usual)
    return [int(index) + 1 for index in np.flatnonzero(worst > limit)]


@lru_cache(maxsize=8)
def _bulging(endo: ContourTrack, aspect: float, frames: tuple[int, ...]) -> list[int]:
    """Those of some frames where a part of the wall leaves its place in the frames before and after, in or outwards."""
    return [frame for frame in frames if threshold("contours.bulge").severity(_bulge(endo, aspect, frame)) is not None]


def _bulge(endo: ContourTrack, aspect: float, frame: int) -> float:
    """Farthest distance of the wall from its mean place in its neighbours, as a share of the long axis; else NaN."""
    at = (frame, *(near_frame for near_frame in (frame - 1, frame + 1) if 0 <= near_frame < len(endo)))
    here, *neighbours = (
        contour if contour is not None and contour.area_px2 > 0 else None for contour in (endo.contours[k] for k in at)
    )
    around = tuple(neighbour for neighbour in neighbours if neighbour is not None)
    return apart(here, around, aspect) if here is not None and around else float("nan")


@lru_cache(maxsize=256)
def apart(contour: Contour, others: tuple[Contour, ...], aspect: float) -> float:
    """How far a wall is from the mean place of others, across it, at the farthest point; as a share of its axis.

    Args:
        contour: from hinge point to hinge point.
        others: one at least, likewise.
        aspect: height of a pixel over its width.

    """
    mean = np.mean([_places(contour, aspect) for contour in others], axis=0)
    along = np.gradient(mean, axis=0)
    across = np.stack((-along[:, 1], along[:, 0]), axis=1) / np.maximum(np.hypot(*along.T), 1e-9)[:, None]
    off = np.abs(((_places(contour, aspect) - mean) * across).sum(axis=1)).max()
    return float(off / _features(contour, aspect)[4])


@lru_cache(maxsize=256)
def _places(contour: Contour, aspect: float) -> FloatArray:
    places_px: FloatArray = resample_line(contour, WALL_POINTS).points * (1.0, aspect)
    return places_px


@lru_cache(maxsize=4096)
def _features(contour: Contour, aspect: float) -> FloatArray:
    axis = long_axis(contour, aspect, 1.0)
    return np.array([*axis.base, *axis.apex, axis.length, np.sqrt(contour.area_px2 * aspect)])


CONTOURS_MOVED: Final = Check(
    "contours.moved",
    in_context("contours", "moved"),
    limits=("contours.moved",),
    measurements=VOLUMES | STRAIN | {"LAV"},
    resolve=message("choose a beat or a clip without such motion"),
)


@finds(CONTOURS_MOVED)
def _moved(reading: Reading) -> Iterator[Finding]:
    """A heart that is elsewhere at the next ED: base and apex moved alike, so the probe or the patient did."""
    endo, beats = loop_endo(reading), reading.events.beats if reading.events else ()
    if endo is None or reading.kind.volumes != "disks" or not beats:
        return
    eds = [*(beat.ed for beat in beats), *(() if (after := closing_ed(reading)) is None else (after,))]
    shifts = {pair: _shift(endo, *pair, reading.aspect) for pair in pairwise(eds)}
    moved = {pair: shift for pair, shift in shifts.items() if CONTOURS_MOVED.severity(shift) is not None}
    if moved:
        (first, second), share = max(moved.items(), key=lambda item: item[1])
        yield CONTOURS_MOVED.finding(
            Severity.CHECK,
            message(
                "From ED at frame {frame} to the next at frame {next_frame} base and apex move the same way "
                "by {percent:.0f} % of the ventricle's length: the probe or the patient moved, so ED and "
                "ES may show different planes.",
                frame=first + 1,
                next_frame=second + 1,
                percent=100 * share,
            ),
            (first, second),
        )


def _shift(endo: ContourTrack, left: int, right: int, aspect: float) -> float:
    """By how much of the axis base and apex move alike between two frames; 0 where they do not, NaN without both."""
    first, then = endo.contours[left], endo.contours[right]
    if first is None or then is None or first.area_px2 <= 0 or then.area_px2 <= 0:
        return float("nan")
    before, after = _features(first, aspect), _features(then, aspect)
    base, apex = after[:2] - before[:2], after[2:4] - before[2:4]
    alike, unlike = np.hypot(*(base + apex)) / 2, np.hypot(*(base - apex)) / 2
    return float(alike / before[4]) if unlike < _ALIKE * alike else 0.0


# Ends move alike where their displacements differ by less than this share of what they have in common.
_ALIKE = 0.5

_TESTED_ON_PATIENTS: Final = "A4C"
"""The view of long axes of cine MRI that patients with labels were there of."""

CONTOURS_UNTESTED_VIEW: Final = Check(
    "contours.untested-view",
    in_context("contours", "view untested"),
    measurements=VOLUMES | {"MAPSE"},
    resolve=message("look at the contours at ED and ES, and correct or confirm them"),
)


@finds(CONTOURS_UNTESTED_VIEW)
def _untested_view(reading: Reading) -> Iterator[Finding]:
    """Contours of long axes by a network in a view in which it was tested on simulated hearts alone."""
    endo, view = reading.tracks.get(Structure.LV_ENDO), reading.view
    if endo is None or view is None or not reading.kind.oriented_by_plane or reading.withheld is not None:
        return
    if view.label == _TESTED_ON_PATIENTS:
        return
    frames = tuple(
        frame
        for beat in counted_beats(reading)
        for frame in (beat.ed, beat.es)
        if endo.origins[frame] is Origin.MODEL and endo.contours[frame] is not None
    )
    if frames:
        yield CONTOURS_UNTESTED_VIEW.finding(
            Severity.CHECK,
            message(
                "The network that contoured this {view} was tested on 4CH of patients; {view} it has seen of simulated "
                "hearts alone.",
                view=reading.kind.view_name(view.label),
            ),
            frames,
        )


CONTOURS_TWO_HEARTS: Final = Check(
    "contours.two-hearts",
    in_context("contours", "two hearts"),
    limits=("contours.annulus-down", "contours.annulus-up", "contours.longer-outside", "contours.shorter-outside"),
    measurements=VOLUMES | STRAIN | codes_affected("LAV"),
    resolve=message("correct the contours of ED and ES, or open images of one patient"),
)


@finds(CONTOURS_TWO_HEARTS)
def _two_hearts(reading: Reading) -> Iterator[Finding]:
    """From ED to ES the annulus moves a little towards the apex, and the outside of the heart shortens a little."""
    endo, epi = (reading.tracks.get(structure) for structure in (Structure.LV_ENDO, Structure.LV_EPI))
    if endo is None or epi is None or reading.kind != APICAL_LOOP or reading.withheld is not None:
        return
    for beat in counted_beats(reading):
        ends = endo.contours[beat.ed], endo.contours[beat.es], epi.contours[beat.ed], epi.contours[beat.es]
        if any(contour is None or contour.area_px2 <= 0 for contour in ends):
            continue
        ed, es, outer_ed, outer_es = (
            long_axis(contour, reading.aspect, 1.0) for contour in ends if contour is not None
        )
        moved = float((ed.base - es.base) @ (ed.base - ed.apex)) / ed.length**2
        shorter = 1 - outer_es.length / outer_ed.length
        severities = [
            severity_beyond(moved, "contours.annulus-down", "contours.annulus-up"),
            severity_beyond(shorter, "contours.longer-outside", "contours.shorter-outside"),
        ]
        severity = next((severity for severity in severities if severity is not None), None)
        if severity is not None:
            yield CONTOURS_TWO_HEARTS.finding(
                severity,
                message(
                    "From ED to ES the annulus moves by {moved_percent:.0f} % of the long axis towards the apex, and "
                    "the outside of the ventricle shortens by {shorter_percent:.0f} %: ED and ES cannot be of one "
                    "heart as they are drawn.",
                    moved_percent=100 * moved,
                    shorter_percent=100 * shorter,
                ),
                (beat.ed, beat.es),
            )
            return


CHECKS: Final = (_not_fitted, _wall, _lv_frames, _two_hearts, _jumps, _moved, _untested_view)
