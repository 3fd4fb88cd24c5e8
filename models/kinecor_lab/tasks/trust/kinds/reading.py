"""Edits that make values wrong: marks, contours, base and apex as a hand might set them by mistake."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np
from numpy.random import Generator

from kinecor.core.outlines.initial_contours import initial_long_axis
from kinecor.core.tracking.anchors import follow_anchors
from kinecor.core.values.choices import Extent
from kinecor.core.values.events import Beat, CardiacEvents
from kinecor.core.values.geometry import Contour
from kinecor.core.values.reading import Reading, choices, contour_at
from kinecor.core.values.track import Origin, Structure
from kinecor.session.edits import Edit, OnSlice, SetContours, SetEvents, SetExcluded, SetExtent
from kinecor_lab.tasks.trust.kinds.drawn import DRAWN_KINDS
from kinecor_lab.tasks.trust.kinds.stack_drawn import DRAWN_STACK_KINDS
from kinecor_lab.tasks.trust.tampering import Change, EditKind

BY = "reader"
"""Author of the edits."""


def _beats(reading: Reading) -> tuple[Beat, ...]:
    return reading.events.beats if reading.events else ()


def _marked(beats: Sequence[Beat]) -> list[Edit]:
    try:
        return [SetEvents(CardiacEvents(tuple(beats), Origin.EDITED))]
    except ValueError:  # beats would overlap: such marks cannot be set
        return []


def mark_moved(mark: str, seconds: float) -> Change:
    """ED or ES of the first beat moved in time."""

    def change_reading(reading: Reading, _: Generator) -> list[Edit]:
        beats = _beats(reading)
        if not beats:
            return []
        times_s = reading.facts.times_s
        frame = int(np.argmin(np.abs(times_s - (times_s[getattr(beats[0], mark)] + seconds))))
        first = (frame, beats[0].es) if mark == "ed" else (beats[0].ed, frame)
        if first[0] == first[1]:
            return []
        # A single beat, so that others do not hide it.
        return _marked([Beat(*first)])

    return change_reading


def drawn_alone(mark: str, times: float) -> Change:
    """A contour of ED or ES traced larger or smaller, which no other frame follows, in the first beat only."""

    def change_reading(reading: Reading, rng: Generator) -> list[Edit]:
        return list(contour_scaled(mark, times)(reading, rng))[:1]

    return change_reading


def false_beat(after_s: float) -> Change:
    """A second beat whose ES follows its ED by two frames, some time after the first beat's ES."""

    def change_reading(reading: Reading, _: Generator) -> list[Edit]:
        beats, times_s = _beats(reading), reading.facts.times_s
        if not beats:
            return []
        ed = int(np.argmin(np.abs(times_s - (times_s[beats[0].es] + after_s))))
        if not beats[0].es < ed < reading.facts.frames - 2:
            return []
        return _marked([beats[0], Beat(ed, ed + 2)])

    return change_reading


def _scaled(contour: Contour, times: float) -> Contour:
    """A long-axis contour scaled about the middle of its base; a closed one about its centre."""
    points = contour.points
    return Contour((points - (middle := (points[0] + points[-1]) / 2)) * times + middle)


def contour_scaled(mark: str, times: float, structure: Structure = Structure.LV_ENDO) -> Change:
    """A contour drawn too large or too small at ED or ES of every beat."""

    def change_reading(reading: Reading, _: Generator) -> list[Edit]:
        track = reading.tracks.get(structure)
        if track is None:
            return []
        edits: list[Edit] = []
        for beat in _beats(reading):
            frame = getattr(beat, mark)
            contour = track.contours[frame]
            if contour is not None:
                edits.append(SetContours(structure, frame, (_scaled(contour, times),)))
        return edits

    return change_reading


def dragged(mm: float, mark: str) -> Change:
    """The middle of one wall dragged outwards, through the epicardium."""

    def change_reading(reading: Reading, _: Generator) -> list[Edit]:
        track, scale = reading.tracks.get(Structure.LV_ENDO), reading.calibration
        if track is None or scale is None:
            return []
        edits: list[Edit] = []
        for beat in _beats(reading):
            contour = track.contours[getattr(beat, mark)]
            if contour is None:
                continue
            points = contour.points.copy()
            place = np.linspace(0, 1, len(points))
            bump = np.exp(-(((place - 0.75) / 0.1) ** 2))
            away = points[int(0.75 * len(points))] - points.mean(axis=0)
            points += bump[:, None] * away / np.hypot(*away) * (mm / scale.col_mm)
            edits.append(SetContours(Structure.LV_ENDO, getattr(beat, mark), (Contour(points),)))
        return edits

    return change_reading


def propagated(change: Change) -> Change:
    """A wrong contour that all other frames follow, without their images."""

    def change_reading(reading: Reading, rng: Generator) -> list[Edit]:
        edits = list(change(reading, rng))
        for edit in edits:
            reading = edit.apply(reading, BY)
        bent = follow_anchors(reading.tracks, reading.time_axis, closed=False, aspect=reading.aspect) if edits else {}
        return [*edits, *(SetContours(structure, to.start, to.contours, to.origins) for structure, to in bent.items())]

    return change_reading


def template(mark: str) -> Change:
    """A template of usual size in place of the contour, not fitted."""

    def change_reading(reading: Reading, _: Generator) -> list[Edit]:
        track = reading.tracks.get(Structure.LV_ENDO)
        edits: list[Edit] = []
        for beat in _beats(reading) if track is not None else ():
            frame = getattr(beat, mark)
            contour = track.contours[frame] if track is not None else None
            if contour is None or track is None:
                continue
            x, y = contour.points.mean(axis=0)
            empty = reading.with_(tracks={})
            placed = initial_long_axis(empty, Structure.LV_ENDO, frame, (float(x), float(y)))
            edits.append(SetContours(Structure.LV_ENDO, frame, (placed,)))
        return edits

    return change_reading


def base_moved(slices: int) -> Change:
    """The basal slice of every phase moved towards the atrium; what is not contoured there is drawn by hand."""
    return _end_moved("base", slices)


def apex_moved(slices: int) -> Change:
    """The apical slice of every phase moved beyond the apex, likewise."""
    return _end_moved("apex", slices)


def _end_moved(end: str, slices: int) -> Change:
    def change_reading(reading: Reading, _: Generator) -> list[Edit]:
        extent = choices(reading).extent
        if extent is None:
            return []
        base, apex = np.array(extent.base), np.array(extent.apex)
        out = np.sign(base - apex) * (1 if end == "base" else -1)
        ends = tuple(map(int, np.clip((base if end == "base" else apex) + slices * out, 0, len(reading.slices) - 1)))
        changed = Extent(ends, extent.apex) if end == "base" else Extent(extent.base, ends)
        edits: list[Edit] = []
        for beat in _beats(reading):
            for frame in (beat.ed, beat.es):
                edits += _copied(
                    reading, frame, extent.base[frame] if end == "base" else extent.apex[frame], ends[frame]
                )
        return [*edits, SetExtent(changed)]

    return change_reading


def _copied(reading: Reading, frame: int, source: int, last: int) -> list[Edit]:
    """The endocardium of a slice drawn into those without any, up to the slice `last`."""
    contour = contour_at(reading, Structure.LV_ENDO, source, frame)
    if contour is None:
        return []
    step = 1 if last > source else -1
    return [
        OnSlice(number, SetContours(Structure.LV_ENDO, frame, (contour,)))
        for number in range(source + step, last + step, step)
        if last != source and contour_at(reading, Structure.LV_ENDO, number, frame) is None
    ]


def mid_excluded(count: int) -> Change:
    """Slices at the base excluded."""

    def change_reading(reading: Reading, _: Generator) -> list[Edit]:
        extent = choices(reading).extent
        if extent is None:
            return []
        base, apex = extent.base[0], extent.apex[0]
        out = 1 if base > apex else -1
        return [SetExcluded(tuple(sorted(base - out * index for index in range(count))))]

    return change_reading


def slices_scaled(times: float, mark: str) -> Change:
    """The endocardium drawn too large in every slice at ED or ES."""

    def change_reading(reading: Reading, _: Generator) -> list[Edit]:
        beats = _beats(reading)
        if not beats:
            return []
        frame, on_slices = getattr(beats[0], mark), []
        for number, slice_reading in enumerate(reading.slices):
            track = slice_reading.tracks.get(Structure.LV_ENDO)
            contour = track.contours[frame] if track else None
            if contour is not None:
                middle = contour.points.mean(axis=0)
                larger = Contour((contour.points - middle) * times + middle)
                on_slices.append(OnSlice(number, SetContours(Structure.LV_ENDO, frame, (larger,))))
        return list(on_slices)

    return change_reading


def phase_moved(mark: str, share: float) -> Change:
    """ED or ES of the stack moved by a share of the cycle."""

    def change_reading(reading: Reading, _: Generator) -> list[Edit]:
        beats, phases = _beats(reading), reading.facts.frames
        if not beats:
            return []
        frame = (getattr(beats[0], mark) + round(share * phases)) % phases
        beat = replace(beats[0], **{mark: frame}) if frame not in (beats[0].ed, beats[0].es) else beats[0]
        return _marked([beat])

    return change_reading


READING_KINDS: Final[tuple[EditKind, ...]] = (
    EditKind(
        "ED marked wrongly", "choose", False, {"0.1 s late": mark_moved("ed", 0.1), "0.2 s late": mark_moved("ed", 0.2)}
    ),
    EditKind(
        "ES marked wrongly",
        "report",
        False,
        {"0.1 s early": mark_moved("es", -0.1), "0.2 s late": mark_moved("es", 0.2)},
    ),
    EditKind(
        "one frame traced alone",
        "choose",
        False,
        {
            "8 % at ES": drawn_alone("es", 1.08),
            "15 % at ES": drawn_alone("es", 1.15),
            "8 % at ED": drawn_alone("ed", 0.92),
        },
    ),
    EditKind("false second beat", "report", False, {"0.1 s after ES": false_beat(0.1), "0.25 s": false_beat(0.25)}),
    EditKind(
        "contour too large at ED",
        "choose",
        False,
        {"15 %": contour_scaled("ed", 1.15), "30 %": contour_scaled("ed", 1.3)},
    ),
    EditKind(
        "contour too small at ES",
        "report",
        False,
        {"15 %": contour_scaled("es", 0.85), "30 %": contour_scaled("es", 0.7)},
    ),
    EditKind(
        "dragged through the epicardium",
        "choose",
        False,
        {"15 mm": dragged(15, "ed"), "25 mm at ES": dragged(25, "es")},
    ),
    EditKind(
        "wrong contour propagated",
        "report",
        False,
        {"15 % at ED": propagated(contour_scaled("ed", 1.15)), "15 mm at ES": propagated(dragged(15, "es"))},
    ),
    EditKind("template in place of a contour", "report", False, {"at ED": template("ed"), "at ES": template("es")}),
    EditKind("base set too high", "choose", True, {"1 slice": base_moved(1), "2 slices": base_moved(2)}),
    EditKind("base set too low", "report", True, {"1 slice": base_moved(-1), "2 slices": base_moved(-2)}),
    EditKind("apex set too low", "report", True, {"1 slice": apex_moved(1), "2 slices": apex_moved(2)}),
    EditKind("basal slices excluded", "choose", True, {"1": mid_excluded(1), "2": mid_excluded(2)}),
    EditKind(
        "slices drawn too large",
        "report",
        True,
        {"15 % at ED": slices_scaled(1.15, "ed"), "15 % at ES": slices_scaled(1.15, "es")},
    ),
    EditKind(
        "phase marked wrongly",
        "choose",
        True,
        {"ES, 15 %": phase_moved("es", 0.15), "ED, 20 %": phase_moved("ed", 0.2)},
    ),
    *DRAWN_KINDS,
    *DRAWN_STACK_KINDS,
)
"""In the order of the table; applied to the Readings of sound recordings."""
