"""What a program may conclude wrongly: kinds that change the Reading of a sound recording, whatever half it is of.

Edits of `kinds.reading` are a reader's, who has then decided; these are the program's own, or a header's. Images stay
as they are, so that a check that looks at pixels (depth ticks, repeated frames) says what it says of the sound one.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from kinecor.core.values.calibration import Calibration
from kinecor.core.values.choices import Body, ShortAxis
from kinecor.core.values.geometry import Contour, frozen_array
from kinecor.core.values.reading import Reading, choices
from kinecor.core.values.track import ContourTrack, Structure
from kinecor.core.volumes.extent import decided_extent, exchange_ends
from kinecor_lab.tasks.trust.plan import SOUND
from kinecor_lab.tasks.trust.prepared import Prepared

Changed = Callable[[Reading, Reading | None], Reading | None]
"""The Reading as it would be, from it and that of another heart; None where that is not possible."""


@dataclass(frozen=True)
class Symptom:
    """A kind of wrong conclusion.

    Attributes:
        name: as in the table.
        modality: "echo" or "stack".
        ways: by the name of the strength.

    """

    name: str
    modality: str
    ways: Mapping[str, Changed]


def slow_down(times: float) -> Changed:
    """Frame times that are too long, so that beats are slow; the rate in the header stays."""

    def change(reading: Reading, _: Reading | None) -> Reading:
        return reading.with_(facts=replace(reading.facts, times_s=reading.facts.times_s * times))

    return change


def _scale_pixels(scale: Calibration, times: float) -> Calibration:
    return replace(scale, row_mm=scale.row_mm * times, col_mm=scale.col_mm * times)


def scale_without_body(times: float) -> Changed:
    """Another size of a pixel, where nothing is known of the body; of a stack in its planes."""

    def change(reading: Reading, _: Reading | None) -> Reading | None:
        scale, body, chosen = reading.calibration, Body(sex=reading.facts.body.sex), reading.short_axis
        if scale is None:
            return None
        return reading.with_(
            calibration=_scale_pixels(scale, times),
            facts=replace(reading.facts, body=body, scale=_scale_pixels(scale, times) if reading.facts.scale else None),
            slices=tuple(
                each.with_(calibration=_scale_pixels(each.calibration, times) if each.calibration else None)
                for each in reading.slices
            ),
            short_axis=None if chosen is None else replace(chosen, body=body),
        )

    return change


def _mix_tracks(track: ContourTrack, other: ContourTrack, frames: Mapping[int, int], times: float) -> ContourTrack:
    """A track with contours of another one, scaled about their centre, at some frames."""
    contours = list(track.contours)
    for frame, theirs in frames.items():
        contour = other.contours[theirs]
        if contour is not None:
            middle = contour.points.mean(axis=0)
            contours[frame] = Contour(middle + times * (contour.points - middle))
    return replace(track, contours=tuple(contours), automatic=())


def mix_two_hearts(mark: str) -> Changed:
    """The contours around ED, or ES, are another heart's."""

    def change(reading: Reading, other: Reading | None) -> Reading | None:
        if other is None or not (reading.events and other.events and reading.calibration and other.calibration):
            return None
        beat, theirs = reading.events.beats[0], other.events.beats[0]
        here, there = getattr(beat, mark), getattr(theirs, mark)
        half = abs(beat.es - beat.ed) // 2
        frames = {
            frame: int(np.clip(there + frame - here, 0, other.facts.frames - 1))
            for frame in range(reading.facts.frames)
            if abs(frame - here) <= half
        }
        times = other.calibration.row_mm / reading.calibration.row_mm
        tracks = {
            structure: _mix_tracks(track, other.tracks[structure], frames, times)
            if structure in other.tracks
            else track
            for structure, track in reading.tracks.items()
        }
        return reading.with_(tracks=tracks, motion=None)

    return change


def move_base_in(count: int) -> Changed:
    """The program's base a number of slices too near to the apex at all phases; None where nothing would be left."""

    def change(reading: Reading, _: Reading | None) -> Reading | None:
        chosen = choices(reading)
        if chosen.extent is None or reading.events is None:
            return None
        extent, ed = chosen.extent, reading.events.beats[0].ed
        inwards = -1 if extent.base[ed] > extent.apex[ed] else 1
        base = tuple(end + inwards * count for end in extent.base)
        if any((apex - end) * inwards < 1 for end, apex in zip(base, extent.apex, strict=True)):
            return None
        return reading.with_(short_axis=replace(chosen, extent=replace(extent, base=base)))

    return change


def change_distance(times: float) -> Changed:
    """Another distance between slices."""

    def change(reading: Reading, _: Reading | None) -> Reading | None:
        stack = reading.facts.stack
        if stack is None:
            return None
        at_mm = stack.positions_mm
        moved = replace(
            stack,
            positions_mm=frozen_array(at_mm[0] + times * (at_mm - at_mm[0])),
            between_mm=None if stack.between_mm is None else times * stack.between_mm,
        )
        return reading.with_(facts=replace(reading.facts, stack=moved))

    return change


def make_right_eject_less(at_ed: float, at_es: float) -> Changed:
    """The right ventricle contoured too small at ED and too large at ES, so that it ejects less than the left."""

    def change(reading: Reading, _: Reading | None) -> Reading | None:
        if reading.events is None:
            return None
        beat, phases = reading.events.beats[0], np.arange(reading.facts.frames)
        # How far a phase is on its way from ED to ES and back.
        systole = (beat.es - beat.ed) % len(phases)
        since = (phases - beat.ed) % len(phases)
        way = np.where(since <= systole, since / max(systole, 1), 1 - (since - systole) / max(len(phases) - systole, 1))
        times = at_ed + (at_es - at_ed) * way
        slices = tuple(
            each.with_(tracks={**each.tracks, Structure.RV: _scale_each(each.tracks[Structure.RV], times)})
            if Structure.RV in each.tracks
            else each
            for each in reading.slices
        )
        return reading.with_(slices=slices)

    return change


def _scale_each(track: ContourTrack, times: np.ndarray) -> ContourTrack:
    contours = tuple(
        contour and Contour((middle := contour.points.mean(axis=0)) + factor * (contour.points - middle))
        for contour, factor in zip(track.contours, times, strict=True)
    )
    return replace(track, contours=contours, automatic=())


def exchange_base_and_apex(reading: Reading, _: Reading | None) -> Reading | None:
    """Base and apex taken for each other."""
    if choices(reading).extent is None:
        return None
    extent, right = exchange_ends(reading)
    return reading.with_(short_axis=replace(choices(reading), extent=extent, rv_base=right))


def forget_view(reading: Reading, _: Reading | None) -> Reading:
    """A view that neither header nor model knows."""
    return reading.with_(view=None, view_seen=None)


def follow_less(times: float) -> Changed:
    """Walls that are followed over a part of their way alone, so that strain is small beside EF."""

    def change(reading: Reading, _: Reading | None) -> Reading | None:
        motion = reading.motion
        if motion is None:
            return None
        return reading.with_(motion=replace(motion, displacement_px=motion.displacement_px * np.float32(times)))

    return change


def still_apex(share: float) -> Changed:
    """An apex that tracking loses: nothing moves in a share of the ventricle's length, as of an apical infarct."""

    def change(reading: Reading, _: Reading | None) -> Reading | None:
        motion, track = reading.motion, reading.tracks.get(Structure.LV_ENDO)
        if motion is None or track is None or reading.events is None:
            return None
        contour = track.contours[reading.events.beats[0].ed]
        if contour is None:
            return None
        ends = contour.points[[0, -1]].mean(axis=0)
        apex = contour.points[np.argmax(np.linalg.norm(contour.points - ends, axis=1))]
        rows, columns = motion.displacement_px.shape[1:3]
        x = motion.origin_px[0] + motion.step_px[0] * np.arange(columns)
        y = motion.origin_px[1] + motion.step_px[1] * np.arange(rows)
        nodes = np.stack(np.meshgrid(x, y), axis=-1)
        axis = ends - apex
        along = (nodes - apex) @ axis / float(axis @ axis)
        moves = np.where(along < share, np.float32(0), np.float32(1))
        return reading.with_(motion=replace(motion, displacement_px=motion.displacement_px * moves[None, :, :, None]))

    return change


def widen_es(times: float) -> Changed:
    """One contour, that of ES, beyond its neighbours, as a trace that they did not follow."""

    def change(reading: Reading, _: Reading | None) -> Reading | None:
        track = reading.tracks.get(Structure.LV_ENDO)
        if track is None or reading.events is None:
            return None
        es = reading.events.beats[0].es
        widened = _mix_tracks(track, track, {es: es}, times)
        return reading.with_(tracks={**reading.tracks, Structure.LV_ENDO: widened})

    return change


def keep_basal_slices(count: int) -> Changed:
    """The most basal slices of a stack and the one beyond them alone, base and apex taken for each other."""

    def change(reading: Reading, _: Reading | None) -> Reading | None:
        chosen, stack = choices(reading), reading.facts.stack
        if chosen.extent is None or stack is None or reading.events is None:
            return None
        ed = reading.events.beats[0].ed
        base, apex = chosen.extent.base[ed], chosen.extent.apex[ed]
        inwards = 1 if apex > base else -1
        numbers = sorted(n for n in range(base - inwards, base + inwards * (count - 1), inwards))
        if numbers[0] < 0 or numbers[-1] >= len(reading.slices) or abs(apex - base) < count:
            return None
        short = reading.with_(
            facts=replace(reading.facts, stack=replace(stack, positions_mm=frozen_array(stack.positions_mm[numbers]))),
            slices=tuple(reading.slices[number] for number in numbers),
            short_axis=ShortAxis(papillaries=chosen.papillaries, body=chosen.body),
        )
        decided = decided_extent(short, turned=inwards > 0)
        if decided is None:
            return None
        return short.with_(short_axis=replace(choices(short), extent=decided.extent))

    return change


SYMPTOMS: Final[tuple[Symptom, ...]] = (
    Symptom("slow beats, another rate in the header", "echo", {"x 1.6": slow_down(1.6), "x 2": slow_down(2.0)}),
    Symptom("scale without a body x 0.7", "echo", {"": scale_without_body(0.7)}),
    Symptom("scale without a body x 1.3", "echo", {"": scale_without_body(1.3)}),
    Symptom("contours of two hearts", "echo", {"at ED": mix_two_hearts("ed"), "at ES": mix_two_hearts("es")}),
    Symptom("view that is not known", "echo", {"": forget_view}),
    Symptom("walls followed too little", "echo", {"x 0.4": follow_less(0.4), "x 0.25": follow_less(0.25)}),
    Symptom("apex stands still", "echo", {"third": still_apex(0.33), "half": still_apex(0.5)}),
    Symptom("contour of ES alone", "echo", {"x 1.15": widen_es(1.15), "x 1.3": widen_es(1.3)}),
    # Beyond their bases networks draw no cavity: bases too far out are those of `kinecor evaluate base-doubts`.
    Symptom("base of the program too far in", "stack", {"1": move_base_in(1), "2": move_base_in(2)}),
    Symptom("step x 1.3", "stack", {"": change_distance(1.3)}),
    Symptom("pixels without a body x 0.7", "stack", {"": scale_without_body(0.7)}),
    Symptom("pixels without a body x 1.3", "stack", {"": scale_without_body(1.3)}),
    Symptom("right ventricle ejects too little", "stack", {"7 %": make_right_eject_less(0.93, 1.07)}),
    Symptom("base and apex exchanged", "stack", {"": exchange_base_and_apex}),
    Symptom("five basal slices upside down", "stack", {"": keep_basal_slices(5)}),
)
"""In the order of the table."""


def with_symptoms(cases: Iterable[Prepared]) -> Iterator[Prepared]:
    """The sound cases, and each of them with every symptom of its modality, strengths by turns."""
    sound = [case for case in cases if case.kind == SOUND and case.reading is not None and case.reading.events]
    for place, case in enumerate(sound):
        yield case
        others = [other for other in sound if other.modality == case.modality and other is not case]
        stranger = others[place % len(others)].reading if others else None
        for symptom in SYMPTOMS:
            if symptom.modality != case.modality or case.reading is None:
                continue
            strength, changed = list(symptom.ways.items())[place % len(symptom.ways)]
            reading = changed(case.reading, stranger)
            if reading is not None:
                name = f"{case.name}+{symptom.name}"
                yield replace(case, name=name, kind=symptom.name, strength=strength, reading=reading)
