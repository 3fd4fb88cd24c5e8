"""Volumes of a loop: method of disks from one contour, curves over time with the beats they show.

Source: Lang et al., ASE/EACVI 2015, recommendations for cardiac chamber quantification
(doi 10.1016/j.echo.2014.10.003): disks summation with 20 disks, and the area-length method.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import pairwise
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from kinecor.core.cycle.cycle import LACKING, cycle_events, false_beats, find_beats, next_ed, smooth_curve
from kinecor.core.cycle.phase_link import PhaseClock, linked_frames, linked_times_s
from kinecor.core.values.calibration import Calibration
from kinecor.core.values.confidence import LOOP_CONTOURS
from kinecor.core.values.events import Beat, CardiacEvents, PhaseCurve, without_beats
from kinecor.core.values.geometry import Contour, FloatArray, by_size
from kinecor.core.values.reading import Reading, compute_once, has_contour
from kinecor.core.values.recording import cycle_length_s
from kinecor.core.values.track import ContourTrack, Origin, Structure
from kinecor.core.volumes.segments import SIDES
from kinecor.core.volumes.stack_volumes import MM3_PER_ML, stack_curves

DISKS = 20


@dataclass(frozen=True, slots=True)
class LongAxis:
    """From the middle of the mitral annulus to the farthest point of the contour, the apex; (x, y), scaled units."""

    base: FloatArray
    apex: FloatArray

    @property
    def length(self) -> float:
        """Distance from base to apex, in the units of the points."""
        return float(np.hypot(*(self.apex - self.base)))


def long_axis(contour: Contour, row_mm: float = 1.0, col_mm: float = 1.0) -> LongAxis:
    """The long axis, in mm; in pixels where the spacings are left at 1.

    The base is the middle of the segment between the contour's first and last point, the mitral hinge points.

    Args:
        contour: of the cavity, from hinge point to hinge point.
        row_mm: height of a pixel.
        col_mm: width of a pixel.

    """
    points = contour.scaled_mm(row_mm, col_mm)
    base = (points[0] + points[-1]) / 2
    apex = points[np.argmax(((points - base) ** 2).sum(axis=1))]
    return LongAxis(base, apex)


def disk_diameters(contour: Contour, row_mm: float = 1.0, col_mm: float = 1.0) -> tuple[FloatArray, float]:
    """Diameters of 20 disks of equal height stacked along the long axis, from base to apex, and the axis' length.

    A diameter is the part of the line across the axis, at mid-height of the disk, that is inside the contour.

    Args:
        contour: of the cavity, from hinge point to hinge point.
        row_mm: height of a pixel.
        col_mm: width of a pixel.

    Returns:
        diameters (20,) and length, in mm (in pixels where the spacings are left at 1); zeros for a flat contour.

    """
    diameters, length = _diameters(contour.scaled_mm(row_mm, col_mm)[None])
    return diameters[0], float(length[0])


def _diameters(lines: FloatArray) -> tuple[FloatArray, FloatArray]:
    """(t, 20) and (t,), as `disk_diameters`, of lines (t, n, 2) from hinge point to hinge point."""
    off = lines - (lines[:, :1] + lines[:, -1:]) / 2
    squared = (off**2).sum(axis=2)
    far = squared.argmax(axis=1)[:, None]
    length = np.sqrt(np.take_along_axis(squared, far, axis=1))
    along = np.take_along_axis(off, far[..., None], axis=1)[:, 0] / np.where(length > 0, length, 1.0)
    x, y, east, south = off[..., 0], off[..., 1], along[:, :1], along[:, 1:]
    u, v = x * east + y * south, y * east - x * south
    u2, v2 = (np.concatenate((component[:, 1:], component[:, :1]), axis=1) for component in (u, v))
    heights = (np.arange(DISKS) + 0.5) * (length / DISKS)
    # An outline leaves a line the other way than it entered it: signed by direction, crossings add up to the inside.
    turns = (u2[:, None] > heights[..., None]).astype(np.int8) - (u[:, None] > heights[..., None]).astype(np.int8)
    slope = (v2 - v) / np.where(u2 == u, 1.0, u2 - u)
    at_zero = v - u * slope
    across = at_zero[:, None] + heights[..., None] * slope[:, None]
    return np.abs((turns * across).sum(axis=2)), length[:, 0]


def disks_volume(contour: Contour, row_mm: float = 1.0, col_mm: float = 1.0) -> float:
    """Single-plane disks: V = (pi / 4) * sum(a_i ** 2) * L / 20, in mm3 (in cubic pixels with spacings of 1).

    Args:
        contour: of the cavity, from hinge point to hinge point.
        row_mm: height of a pixel.
        col_mm: width of a pixel.

    """
    # Held by the contour itself: a drag asks for those of all frames on each move, and a lookup by value costs more.
    place = ("disks volume", row_mm, col_mm)
    if place not in contour.derived:
        _derive_volumes([contour], row_mm, col_mm)
    return contour.derived[place]


def _derive_volumes(contours: Iterable[Contour], row_mm: float, col_mm: float) -> None:
    """Compute the volumes of contours together, and leave each with its contour."""
    for same in by_size(contours, len):
        lines = np.stack([contour.points for contour in same]) * (col_mm, row_mm)
        diameters, length = _diameters(lines)
        volumes = np.pi / 4 * (diameters**2).sum(axis=1) * length / DISKS
        for single_contour, volume in zip(same, volumes.tolist(), strict=True):
            single_contour.derived["disks volume", row_mm, col_mm] = volume


def biplane_disks_volume(first: Contour, second: Contour, first_mm: FloatArray, second_mm: FloatArray) -> float:
    """Biplane disks: V = (pi / 4) * sum(a_i * b_i) * L / 20, in mm3, L the longer of the two long axes.

    Args:
        first: contour in one apical plane.
        second: contour in the other.
        first_mm: (row, column) spacing of the first plane.
        second_mm: (row, column) spacing of the second plane.

    """
    a, length_a = disk_diameters(first, *map(float, first_mm))
    b, length_b = disk_diameters(second, *map(float, second_mm))
    return float(np.pi / 4 * (a * b).sum() * max(length_a, length_b) / DISKS)


def area_length_volume(contour: Contour, row_mm: float = 1.0, col_mm: float = 1.0) -> float:
    """Single-plane area-length: V = 8 A ** 2 / (3 pi L), in mm3; 0 for a flat contour.

    Args:
        contour: of the cavity, from hinge point to hinge point.
        row_mm: height of a pixel.
        col_mm: width of a pixel.

    """
    length = long_axis(contour, row_mm, col_mm).length
    if length == 0:
        return 0.0
    return 8 * (contour.area_px2 * row_mm * col_mm) ** 2 / (3 * np.pi * length)


def biplane_area_length_volume(first: Contour, second: Contour, first_mm: FloatArray, second_mm: FloatArray) -> float:
    """Biplane area-length: V = 8 A B / (3 pi L), in mm3, L the shorter of the two long axes; 0 for a flat contour.

    ASE/EACVI 2015, doi 10.1016/j.echo.2014.10.003; of atria in cine MRI Hudsmith et al. 2005, doi
    10.1080/10976640500295516.

    Args:
        first: contour in one plane, from hinge point to hinge point.
        second: contour in the other.
        first_mm: (row, column) spacing of the first plane.
        second_mm: (row, column) spacing of the second plane.

    """
    planes = ((first, first_mm), (second, second_mm))
    areas = [contour.area_px2 * float(np.prod(size_mm)) for contour, size_mm in planes]
    length = min(long_axis(contour, *map(float, size_mm)).length for contour, size_mm in planes)
    return 8 * areas[0] * areas[1] / (3 * np.pi * length) if length > 0 else 0.0


@dataclass(frozen=True, eq=False)
class Curves:
    """The curves drawn with the loop; NaN where a frame has no contour.

    Attributes:
        time_s: (frames,).
        lv_area_px2: (frames,) cavity area in square pixels.
        lv_area_mm2: the same in mm2, or None without a scale.
        lv_volume: (frames,) single-plane disks; ml, or percent of the maximum without a scale.
        volume_unit: "ml" or "relative %".
        la_volume: (frames,) of the left atrium, or None where it was not contoured; unit as lv_volume's, percent of
            the atrium's own maximum without a scale.
        rv_volume: (frames,) of the right ventricle of a short-axis stack, or None; units likewise.

    """

    time_s: FloatArray
    lv_area_px2: FloatArray
    lv_area_mm2: FloatArray | None
    lv_volume: FloatArray
    volume_unit: str
    la_volume: FloatArray | None
    rv_volume: FloatArray | None = None


def track_volumes_mm3(track: ContourTrack, row_mm: float = 1.0, col_mm: float = 1.0) -> FloatArray:
    """Single-plane disks volume of each frame, (frames,) mm3 (cubic pixels with spacings of 1); NaN without contour.

    Args:
        track: of a cavity, from hinge point to hinge point.
        row_mm: height of a pixel.
        col_mm: width of a pixel.

    """
    # In columns, so that every unit shares one computation: a drag asks for mm3 and for cubic pixels of each contour.
    aspect = row_mm / col_mm
    place = ("disks volume", aspect, 1.0)
    _derive_volumes([c for c in track.contours if c is not None and place not in c.derived], aspect, 1.0)
    columns = [np.nan if c is None else c.derived[place] for c in track.contours]
    return np.array(columns) * col_mm**3


def _volume(track: ContourTrack, reading: Reading) -> FloatArray:
    scale = reading.calibration
    if scale is not None:
        return track_volumes_mm3(track, scale.row_mm, scale.col_mm) / MM3_PER_ML
    # A ratio of two volumes needs no millimetres, only the proportions of a pixel.
    cubic_px = track_volumes_mm3(track, reading.aspect, 1.0)
    largest = np.nanmax(cubic_px, initial=0.0)
    return cubic_px * (100.0 / largest) if largest > 0 else cubic_px


def curves(reading: Reading) -> Curves:
    """The curves of a Reading; all NaN where the LV was not contoured. Of a stack, its volumes; areas are NaN.

    Args:
        reading: of a recording of any kind.

    """
    if reading.kind.volumes == "stack":
        return _of_stack(reading)
    frames = reading.facts.frames
    endo = reading.tracks.get(Structure.LV_ENDO)
    atrium = reading.tracks.get(Structure.LA)
    scale = reading.calibration
    area = np.full(frames, np.nan)
    if endo is not None:
        area = np.array([np.nan if c is None else c.area_px2 for c in endo.contours])
    area_mm2 = None if scale is None else area * scale.row_mm * scale.col_mm
    if reading.kind.volumes == "area":
        shown = area * (100.0 / max(float(np.nanmax(area, initial=0.0)), 1e-9))
        return Curves(reading.facts.times_s, area, area_mm2, shown, "relative %", None)
    return Curves(
        time_s=reading.facts.times_s,
        lv_area_px2=area,
        lv_area_mm2=area_mm2,
        lv_volume=np.full(frames, np.nan) if endo is None else _volume(endo, reading),
        volume_unit="relative %" if scale is None else "ml",
        la_volume=None if atrium is None else _volume(atrium, reading),
    )


def _of_stack(reading: Reading) -> Curves:
    found = stack_curves(reading)
    nothing = np.full(reading.facts.frames, np.nan)
    scaled = reading.calibration is not None

    def shown(volume: FloatArray) -> FloatArray:
        if scaled:
            return volume / MM3_PER_ML
        largest = np.nanmax(volume, initial=0.0)
        return volume * (100.0 / largest) if largest > 0 else volume

    return Curves(
        time_s=reading.facts.times_s,
        lv_area_px2=nothing,
        lv_area_mm2=None,
        lv_volume=shown(found.endo),
        volume_unit="ml" if scaled else "relative %",
        la_volume=None,
        rv_volume=shown(found.rv) if has_contour(reading, Structure.RV) else None,
    )


def axis_mm(reading: Reading) -> float | None:
    """Long axis of an apical loop at ED in mm, the mean over beats with sufficient contour confidence.

    None without a scale, an apical view, or such a beat.

    Args:
        reading: of a recording of any kind.

    """
    endo, scale, events = reading.tracks.get(Structure.LV_ENDO), reading.calibration, reading.events
    if endo is None or scale is None or events is None or reading.withheld is not None:
        return None
    if reading.kind.volumes != "disks" or reading.view is None or reading.view.label not in SIDES:
        return None
    return compute_once(reading, "long axis", (endo, scale, events), lambda: _mean_axis_mm(endo, scale, events))


def _mean_axis_mm(endo: ContourTrack, scale: Calibration, events: CardiacEvents) -> float | None:
    found = [
        long_axis(contour, scale.row_mm, scale.col_mm).length
        for contour, sure in ((endo.contours[beat.ed], endo.confidence[beat.ed]) for beat in events.beats)
        if contour is not None and sure >= LOOP_CONTOURS.withheld
    ]
    return float(np.mean(found)) if found else None


def volume_events(reading: Reading) -> CardiacEvents | None:
    """ED and ES by the volume curve, whatever marks are in force; None where nothing is contoured or nothing beats.

    None of them is on a frame whose image is damaged. A pair of stills is ED and ES as it comes.

    Args:
        reading: of a loop or a stack.

    """
    facts, kind = reading.facts, reading.kind
    if kind.volumes == "stack":
        cycle_s = cycle_length_s(facts.times_s, facts.heart_rate_per_min)
        return off_damaged(cycle_events(_sound(reading), facts.times_s, cycle_s), reading)
    if facts.stills:
        return CardiacEvents((Beat(0, 1),), Origin.MODEL)
    if Structure.LV_ENDO not in reading.tracks:
        return None
    if kind.gated and kind.volumes == "disks":
        cycle_s = cycle_length_s(facts.times_s, facts.heart_rate_per_min)
        return off_damaged(cycle_events(_sound(reading), facts.times_s, cycle_s), reading)
    return off_damaged(find_beats(_sound(reading), facts.times_s, facts.known_waves_s), reading)


def damaged_frames(reading: Reading) -> set[int]:
    """Frames whose image is damaged; of a stack, in any slice.

    Args:
        reading: of a loop or a stack.

    """
    loops = reading.slices if reading.kind.stack else (reading,)
    return {frame for reading in loops for frame in reading.facts.images.damaged}


def _sound(reading: Reading) -> FloatArray:
    """(t,) size of the LV cavity of a loop or stack, with no value where the image is damaged."""
    volume = stack_curves(reading).endo if reading.kind.volumes == "stack" else cavity(reading)
    damaged = damaged_frames(reading)
    return np.where(np.isin(np.arange(len(volume)), list(damaged)), np.nan, volume) if damaged else volume


def off_damaged(events: CardiacEvents | None, reading: Reading) -> CardiacEvents | None:
    """The events with marks on damaged frames moved to the sound frame next to them that is fuller (ED) or emptier.

    Args:
        events: by the volume curve; None where there are none.
        reading: of the same recording.

    """
    damaged = damaged_frames(reading)
    if events is None or not damaged:
        return events
    volume = _sound(reading)
    sound = np.flatnonzero(np.isfinite(volume))
    if len(sound) < 2:
        return events

    def moved(frame: int, sign: int) -> int:
        if frame not in damaged:
            return frame
        neighbours = (*sound[sound < frame][-1:], *sound[sound > frame][:1])
        return int(max(neighbours, key=lambda frame: sign * volume[frame]))

    try:
        return replace(events, beats=tuple(Beat(moved(beat.ed, 1), moved(beat.es, -1)) for beat in events.beats))
    except ValueError:  # two marks would come to lie on one frame
        return None


def cavity(reading: Reading) -> FloatArray:
    """(t,) size of a loop's cavity: volume by disks in cubic pixels, or area in square pixels where that is known only.

    NaN where a frame has no outline.

    Args:
        reading: of the loop.

    """
    endo = reading.tracks.get(Structure.LV_ENDO)
    if endo is None:
        return np.full(reading.facts.frames, np.nan)
    if reading.kind.volumes == "area":
        return np.array([np.nan if contour is None else contour.area_px2 for contour in endo.contours])
    return track_volumes_mm3(endo, reading.aspect, 1.0)


# A loop from ED to ES begins and ends this near to them, in seconds, and has not refilled by more than a share of the
# stroke volume. Stages of stress echocardiography last 0.2 to 0.6 s.
_BEGINS_S, _ENDS_S, _REFILLED = 0.1, 0.13, 0.35
_LONGEST_S = 0.75
# The slope at the end of a loop is taken over this time, to be held against the mean rate of ejection.
_END_S = 0.06


def closing_ed(reading: Reading) -> int | None:
    """The end-diastole that ends the last beat of a loop: as marked, else as the curve has it.

    None where the loop does not show it.

    Args:
        reading: of the loop, with its beats.

    """
    marked = reading.events.closing_ed if reading.events else None
    return derived_closing_ed(reading) if marked is None else marked


def derived_closing_ed(reading: Reading) -> int | None:
    """The end-diastole after the last beat of a loop, by the volume, R waves, the other beats, the header's rate.

    Whatever is marked; None where the loop does not show it.

    Args:
        reading: of the loop, with its beats.

    """
    beats = reading.events.beats if reading.events else ()
    if not beats or Structure.LV_ENDO not in reading.tracks:
        return None
    facts, last = reading.facts, beats[-1]
    gaps_s = [float(facts.times_s[b.ed] - facts.times_s[a.ed]) for a, b in pairwise(beats)]
    header_s = 60 / facts.heart_rate_per_min if facts.heart_rate_per_min else None
    expected_s = (
        _r_wave_s(reading, last),
        float(np.median(gaps_s)) if gaps_s else None,
        header_s,
        facts.image_period_s,
    )
    return compute_once(
        reading,
        "closing ED",
        (reading.tracks[Structure.LV_ENDO], reading.aspect, last.ed, last.es, facts, *gaps_s),
        lambda: next_ed(cavity(reading), facts.times_s, last, expected_s),
    )


def _r_wave_s(reading: Reading, beat: Beat) -> float | None:
    """Time from ED to the first R wave after ES, or None."""
    times_s = reading.facts.times_s
    waves = [
        known_wave_s
        for known_wave_s in reading.facts.known_waves_s
        if beat.ed < beat.es and known_wave_s > times_s[beat.es]
    ]
    return waves[0] - float(times_s[beat.ed]) if waves else None


@dataclass(frozen=True, slots=True)
class SeenBeats:
    """Beats as the pictures show them, without the rate in the header.

    Attributes:
        eds: frames of the end-diastoles, one after the other; fewer than two where no whole beat is seen.
        lengths_s: between them.
        images_s: length of the beat by the images' own period, or None.

    """

    eds: tuple[int, ...]
    lengths_s: tuple[float, ...]
    images_s: float | None

    @property
    def rate_per_min(self) -> float | None:
        """Heart rate from ED to ED, else by the images' own period; None where neither is seen."""
        if self.lengths_s:
            return 60 / float(np.mean(self.lengths_s))
        return 60 / self.images_s if self.images_s else None

    @property
    def irregular(self) -> float:
        """Largest difference of a beat's length from their median, as a share of it; 0 of a single beat."""
        if not self.lengths_s:
            return 0.0
        return float(np.abs(np.array(self.lengths_s) / np.median(self.lengths_s) - 1).max())


def seen_beats(reading: Reading) -> SeenBeats:
    """What the pictures of a loop show of its rate; nothing of gated phases and of loops without frame times.

    Args:
        reading: of the loop, with its beats.

    """
    beats, facts = reading.events.beats if reading.events else (), reading.facts
    if reading.kind.gated or facts.times_origin == "assumed" or Structure.LV_ENDO not in reading.tracks or not beats:
        return SeenBeats((), (), None)
    last = beats[-1]
    after = compute_once(
        reading,
        "ED seen after",
        (reading.tracks[Structure.LV_ENDO], reading.aspect, last.ed, last.es, facts),
        lambda: next_ed(cavity(reading), facts.times_s, last, (_r_wave_s(reading, last), facts.image_period_s)),
    )
    marked = reading.events.closing_ed if reading.events else None
    # One that a person moved is where the beat ends; one that the header's rate led to says nothing of that rate.
    if marked is not None and marked != derived_closing_ed(reading):
        after = marked
    eds = (*(beat.ed for beat in beats), *(() if after is None or last.es < last.ed else (after,)))
    lengths_s = tuple(float(length_s) for length_s in np.diff(facts.times_s[list(eds)]))
    return SeenBeats(eds, lengths_s, facts.image_period_s)


# An ED of another source this near to one that is known already is the same one.
_SAME_ED_S = 0.15


def all_seen_beats(reading: Reading) -> SeenBeats:
    """As `seen_beats`, by all EDs that the volume curve has, whichever beats are in use.

    Where these are fewer than two, by those that a network regressed from the images.

    Args:
        reading: of the loop, with its beats.

    """
    seen, facts = seen_beats(reading), reading.facts
    if not seen.eds:
        return seen
    key = (reading.tracks[Structure.LV_ENDO], reading.aspect, facts, reading.phase_curve, *seen.eds)
    eds = compute_once(reading, "all EDs", key, lambda: _all_eds(reading, seen.eds))
    return SeenBeats(eds, tuple(float(length) for length in np.diff(facts.times_s[list(eds)])), seen.images_s)


def _all_eds(reading: Reading, used: tuple[int, ...]) -> tuple[int, ...]:
    volume, times_s = cavity(reading), reading.facts.times_s
    by_curve = find_beats(_sound(reading), times_s, reading.facts.known_waves_s, less_full=True)
    beats = by_curve.beats if by_curve else ()
    sound = [beat for beat in beats if beat not in false_beats(beats, volume, times_s)]
    eds = [beat.ed for beat in sound]
    if sound and (after := next_ed(volume, times_s, sound[-1], (reading.facts.image_period_s,))) is not None:
        eds.append(after)
    merged = _with_others(used, eds, times_s)
    curve = regressed_events(reading)
    return _with_others(merged, curve.ed, times_s) if len(merged) < 2 and curve is not None else merged


def _with_others(known: tuple[int, ...], others: Iterable[int], times_s: FloatArray) -> tuple[int, ...]:
    """Frames in order, with those of others that are not about the same time."""
    frames = list(known)
    for frame in others:
        if all(abs(times_s[frame] - times_s[there]) > _SAME_ED_S for there in frames):
            frames.append(frame)
    return tuple(sorted(frames))


def beat_lengths_s(reading: Reading) -> tuple[float | None, ...]:
    """Length of each beat from its ED to the next, in seconds; None where no next one is seen.

    Args:
        reading: of the loop, with its beats.

    """
    beats, times_s = reading.events.beats if reading.events else (), reading.facts.times_s
    eds = [*(beat.ed for beat in beats), closing_ed(reading)]
    return tuple(None if b is None else float(times_s[b] - times_s[a]) for a, b in pairwise(eds) if a is not None)


def phase_clock(reading: Reading) -> PhaseClock:
    """The frames and events of a recording, to be shown in phase with another.

    Args:
        reading: of a loop or a stack.

    """
    facts = reading.facts
    return PhaseClock(
        times_s=facts.times_s,
        beats=reading.events.beats if reading.events else (),
        closing_ed=None if reading.kind.gated else closing_ed(reading),
        period_s=reading.time_axis.period_s,
        beat_s=60 / facts.heart_rate_per_min if facts.heart_rate_per_min else None,
    )


_in_phase: "WeakKeyDictionary[Reading, WeakKeyDictionary[Reading, NDArray[np.intp]]]" = WeakKeyDictionary()


def frames_in_phase(shown: Reading, other: Reading) -> NDArray[np.intp]:
    """(frames of `shown`,) the frame of another recording in the same phase; computed once for a pair of Readings.

    Args:
        shown: of the recording whose frames are counted.
        other: of the recording whose frames are given.

    """
    known = _in_phase.setdefault(shown, WeakKeyDictionary())
    if other not in known:
        found = linked_frames(phase_clock(shown), phase_clock(other))
        found.flags.writeable = False
        known[other] = found
    return known[other]


def curve_in_phase(shown: Reading, other: Reading, values: FloatArray) -> FloatArray:
    """Values of another recording at the phases of the frames of `shown`, interpolated between its frames.

    With the nearest frame, the curve would have a step wherever one frame is nearest to two phases.

    Args:
        shown: the recording that is drawn over time.
        other: the recording that has the values.
        values: (frames of `other`,) NaN where unknown.

    Returns:
        (frames of `shown`,) NaN next to unknown values.

    """
    times_s = linked_times_s(phase_clock(shown), phase_clock(other))
    if len(values) == 1:
        return np.full(len(times_s), values[0])
    period_s = other.time_axis.period_s
    return np.asarray(np.interp(times_s, other.facts.times_s, values, period=period_s))


def regressed_events(reading: Reading) -> PhaseCurve | None:
    """ED and ES as regressed from the images, without beats that are none by their times and the volume of the loop.

    Args:
        reading: of a loop or a stack.

    """
    curve = reading.phase_curve
    if curve is None or reading.kind.gated:
        return curve
    false = false_beats(curve.events.beats, cavity(reading), reading.facts.times_s)
    return without_beats(curve, false) if false else curve


def refills(reading: Reading) -> bool:
    """Whether the ventricle is about as full at the ED of each later beat of a loop as at that of the first.

    Args:
        reading: of a loop with one beat at least and contours of the cavity.

    """
    beats = reading.events.beats if reading.events else ()
    curve = smooth_curve(cavity(reading), reading.facts.times_s)
    ed, es = (curve[[getattr(beat, mark) for beat in beats]] for mark in ("ed", "es"))
    return bool((ed >= ed[0] - LACKING * (ed[0] - es[0])).all())


def to_end_systole(reading: Reading) -> bool:
    """Whether a loop shows systole only: it begins at ED and ends about at ES, as a stage of a stress study does.

    Args:
        reading: of the loop.

    """
    beat = _only_beat(reading)
    if beat is None:
        return False
    times_s = reading.facts.times_s
    if times_s[beat.ed] - times_s[0] > _BEGINS_S or times_s[-1] - times_s[beat.es] > _ENDS_S:
        return False
    curve = smooth_curve(cavity(reading), times_s)
    left = np.array([curve[-1], curve[beat.es]]) - curve.min()
    return bool(times_s[-1] <= _LONGEST_S and (left <= _REFILLED * (curve[beat.ed] - curve.min())).all())


def falling_at_the_end(reading: Reading) -> float:
    """Slope of the volume at the end of a loop that shows systole only, as a share of its mean rate of ejection.

    About 0 where ejection is over, 1 and more in its middle.

    Args:
        reading: of the loop.

    """
    beat = _only_beat(reading)
    if beat is None:
        return 0.0
    times_s = reading.facts.times_s
    curve = smooth_curve(cavity(reading), times_s)
    before = min(int(np.searchsorted(times_s, times_s[-1] - _END_S)), len(times_s) - 2)
    slope = float(curve[before] - curve[-1]) / float(times_s[-1] - times_s[before])
    mean = float(curve[beat.ed] - curve[-1]) / float(times_s[-1] - times_s[beat.ed])
    return slope / mean if mean > 0 else 0.0


def _only_beat(reading: Reading) -> Beat | None:
    """The beat of a loop with one beat, whose ES comes after its ED."""
    beats = reading.events.beats if reading.events else ()
    if len(beats) != 1 or reading.kind.gated or beats[0].es < beats[0].ed or reading.facts.frames < 3:
        return None
    if Structure.LV_ENDO not in reading.tracks or np.isfinite(cavity(reading)).sum() < 2:
        return None
    return beats[0]
