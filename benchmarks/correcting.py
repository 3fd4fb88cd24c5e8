"""Gestures until contours are right: `python benchmarks/correcting.py clip|stack [--set tuning] [--out FOLDER]`.

Automatic contours of simulated recordings are damaged as real ones go wrong, and an automatic reader corrects them with
each tool until the LV cavity overlaps the truth with a Dice of 0.95 or more on every frame of the beat (of a stack: in
every slice with 3 cm2 of cavity or more). The reader goes to the worst frame, takes the contour where it is farthest
from the truth, and puts that place on the truth. Every drag is a gesture, and so is Propagate.

Settings of Propagate were chosen on the recordings "tuning". Those called "fresh" have other seeds and were run after
that. The page docs/validation/correcting.md is made from what --out writes.
"""

import argparse
import shlex
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from kinecor.analysis.models import Models
from kinecor.core.outlines.drag import REACH_S, REACH_SHARE, WHOLE_SHARE, Bent, Grab, Grip, drag_contour, drawn_on
from kinecor.core.outlines.initial_contours import between_slices
from kinecor.core.outlines.reshaping import crosses_itself, redrawn
from kinecor.core.strain.wall_strain import wall_strain
from kinecor.core.tracking.anchors import follow_anchors
from kinecor.core.tracking.propagation import propagate_contours
from kinecor.core.values.events import Beat, CardiacEvents
from kinecor.core.values.geometry import Contour
from kinecor.core.values.reading import Reading
from kinecor.core.values.recording import FrameSource, TimeAxis
from kinecor.core.values.track import ContourTrack, Motion, Origin, Structure
from kinecor.core.volumes.loop_volumes import track_volumes_mm3
from kinecor_lab.common.table import Column, Table, add_output, report
from kinecor_lab.tasks.listener.damage import CLIP_DAMAGES, STACK_DAMAGES, damaged

if TYPE_CHECKING:
    from correcting_cases import Case

ENDO, EPI = Structure.LV_ENDO, Structure.LV_EPI
REACHES = (0.07, 0.13, 0.22, 0.36)
CLOSED_REACHES = (*REACHES, WHOLE_SHARE)
WANTED, RIGHT, MAX_GESTURES, MIN_MM2 = 0.95, 0.96, 15, 300.0
Tracks = dict[Structure, ContourTrack]


@dataclass(frozen=True, eq=False)
class Part:
    """A loop, or a slice of a stack, to be corrected."""

    tracks: Tracks
    truth: Tracks
    motion: Motion | None
    axis: TimeAxis
    closed: bool
    mm: tuple[float, float]
    beat: tuple[int, ...]
    ed: int
    filled: Tracks | None = None
    cycle_s: float | None = None
    images: FrameSource | None = None
    reading: Reading | None = None


# Overlap


def mask(contour: Contour | None, shape: tuple[int, int]) -> np.ndarray | None:
    import cv2

    if contour is None:
        return None
    found = np.zeros(shape, np.uint8)
    # Sixteenths of a pixel, at twice the size: as good as areas of polygons.
    cv2.fillPoly(found, [np.round(contour.points * 32).astype(np.int32)], 1, shift=4)
    return found


def dice(one: np.ndarray | None, other: np.ndarray | None) -> float:
    if one is None or other is None:
        return 1.0 if one is other else 0.0
    return float(2 * np.count_nonzero(one & other) / max(np.count_nonzero(one) + np.count_nonzero(other), 1))


@dataclass
class Overlap:
    """Dice of every frame against the truth, computed again where a contour is another object."""

    part: Part

    def __post_init__(self) -> None:
        contours = self.part.truth[ENDO].contours
        every = np.concatenate([one.points for one in contours if one is not None])
        self.shape = tuple(int(2 * side) + 60 for side in every.max(axis=0)[::-1])
        self.true = [mask(one, self.shape) for one in contours]
        self.seen: dict[int, tuple[Contour | None, float]] = {}
        row, column = self.part.mm
        self.wanted = [
            frame
            for frame in self.part.beat
            if (one := contours[frame]) is not None and (not self.part.closed or one.area_px2 * row * column >= MIN_MM2)
        ]

    def of(self, track: ContourTrack, frame: int) -> float:
        contour = track.contours[frame]
        known = self.seen.get(frame)
        if known is None or known[0] is not contour:
            known = self.seen[frame] = (contour, dice(mask(contour, self.shape), self.true[frame]))
        return known[1]

    def worst(self, track: ContourTrack) -> tuple[int, float]:
        found = [(self.of(track, frame), frame) for frame in self.wanted]
        return (min(found)[1], min(found)[0]) if found else (0, 1.0)


# Readers


def put(tracks: Tracks, changes: dict[Structure, Bent]) -> Tracks:
    out = dict(tracks)
    for structure, bent in changes.items():
        out[structure] = out[structure].replaced(bent.start, bent.contours, bent.origins)
    return out


def farthest(part: Part, tracks: Tracks, frame: int) -> tuple[Grab, tuple[float, float]]:
    """Where the contour is farthest from the truth, and the way from there to it."""
    own = tracks[ENDO].contours[frame].outline(closed=part.closed)
    true = part.truth[ENDO].contours[frame].outline(closed=part.closed)
    if not part.closed:
        ends = true.points[[0, -1]] - own.points[[0, -1]]
        off = np.hypot(*ends.T)
    places = np.linspace(0, 1, 97)
    spots = own.place(places)
    there = [true.nearest(tuple(one)) for one in spots]
    distance = np.array([one[1] for one in there])
    if not part.closed:
        distance[[0, -1]] = off
    # Truth that no point of the contour is nearest to (a cut apex) is far from the contour all the same.
    back = [own.nearest(tuple(one)) for one in true.place(places)]
    gap = np.array([one[1] for one in back])
    if gap.max() > distance.max():
        best = int(gap.argmax())
        along, target = back[best][0], true.place(places[best])
    else:
        best = int(distance.argmax())
        along, target = float(places[best]), true.place(there[best][0])
    if not part.closed and (along <= 0.02 or along >= 0.98):
        along = 0.0 if along < 0.5 else 1.0
        target = true.points[0 if along == 0.0 else -1]
    delta = target - own.place(along)
    return Grab(ENDO, frame, along, part.closed), (float(delta[0]), float(delta[1]))


Draw = Callable[[Part, Tracks, int, Overlap], Tracks]


def one_drag(part: Part, tracks: Tracks, frame: int, reach_s: float, reach: float = REACH_SHARE) -> Tracks:
    grab, delta = farthest(part, tracks, frame)
    return put(tracks, drag_contour(tracks, grab, delta, part.axis, reach_s, reach))


def annulus_drag(part: Part, tracks: Tracks, frame: int, reach: float) -> Tracks:
    """The grip between the hinge points, by which both are moved alike."""
    own, true = (one[ENDO].contours[frame].points[[0, -1]] for one in (tracks, part.truth))
    delta = (true - own).mean(axis=0)
    grab = Grab(ENDO, frame, 0.0, part.closed, Grip.ANNULUS)
    return put(tracks, drag_contour(tracks, grab, (float(delta[0]), float(delta[1])), part.axis, 0.0, reach))


def plain_drag(part: Part, tracks: Tracks, frame: int, _overlap: Overlap) -> Tracks:
    return one_drag(part, tracks, frame, 0.0)


def wheel_drag(part: Part, tracks: Tracks, frame: int, overlap: Overlap) -> Tracks:
    """A drag whose reach along the contour is set by the wheel, before the mouse is let go.

    Where a hinge point is farthest off, the grip between both is tried as well.
    """
    found = [one_drag(part, tracks, frame, 0.0, reach) for reach in (CLOSED_REACHES if part.closed else REACHES)]
    if farthest(part, tracks, frame)[0].hinge:
        found += [annulus_drag(part, tracks, frame, reach) for reach in REACHES]
    # The window refuses the others, where the contour did not cross itself before.
    found = [one for one in found if not crosses_itself(one[ENDO].contours[frame])] or found
    return max(found, key=lambda one: dice(mask(one[ENDO].contours[frame], overlap.shape), overlap.true[frame]))


def redraw(part: Part, tracks: Tracks, frame: int, overlap: Overlap) -> Tracks:
    """The stretch around the worst place, as far as it is off by a quarter of that, redrawn by an unsteady hand.

    A hinge point that is worst is taken by its grip, or both are.
    """
    if farthest(part, tracks, frame)[0].hinge:
        return wheel_drag(part, tracks, frame, overlap)
    own = tracks[ENDO].contours[frame].outline(closed=part.closed)
    true = part.truth[ENDO].contours[frame].outline(closed=part.closed)
    places = np.linspace(0, 1, 97)[: 96 if part.closed else 97]
    spots = true.place(places)
    off = np.array([own.nearest(tuple(one))[1] for one in spots])
    at, far = int(off.argmax()), off > off.max() / 4
    first = last = at
    while last - first < len(places) - 2 and (far[(first - 1) % len(far)] and (part.closed or first > 0)):
        first -= 1
    while last - first < len(places) - 2 and far[(last + 1) % len(far)] and (part.closed or last < len(far) - 1):
        last += 1
    rng = np.random.default_rng(frame)
    hand = np.convolve(rng.normal(0, 1.5, last - first + 9), np.ones(9) / 9, "valid")[: last - first + 1]
    line = true.normals() if len(true.points) == len(places) else None
    path = true.place(places[np.arange(first, last + 1) % len(places)])
    if line is not None:
        path = path + (hand / float(np.mean(part.mm)))[:, None] * line[np.arange(first, last + 1) % len(places)]
    if len(path) < 3:
        return one_drag(part, tracks, frame, 0.0)
    drawn = redrawn(tracks[ENDO].contours[frame], [tuple(one) for one in path], closed=part.closed)
    found = drawn_on(tracks, ENDO, frame, drawn, closed=part.closed)
    return put(tracks, {one: Bent(frame, (line,), (Origin.EDITED,)) for one, line in found.items()})


def by_drags(part: Part, overlap: Overlap) -> tuple[int, Tracks]:
    """The drag alone, which bends the frames within 0.1 s as well."""
    tracks = part.tracks
    for gestures in range(MAX_GESTURES):
        frame, least = overlap.worst(tracks[ENDO])
        if least >= WANTED:
            return gestures, tracks
        if tracks[ENDO].contours[frame] is None:
            break
        tracks = one_drag(part, tracks, frame, REACH_S)
    return MAX_GESTURES, tracks


def by_reprocessing(part: Part, overlap: Overlap) -> tuple[int, Tracks]:
    """The contour of ED is corrected and motion carries it to all frames; where that is not enough, ED again."""
    tracks, gestures = part.tracks, 0
    while gestures < MAX_GESTURES:
        least = overlap.worst(tracks[ENDO])[1]
        if least >= WANTED:
            return gestures, tracks
        only_ed = {
            structure: ContourTrack(
                structure,
                tuple(one if frame == part.ed else None for frame, one in enumerate(track.contours)),
                tuple(Origin.EDITED if frame == part.ed else Origin.MODEL for frame in range(len(track))),
                np.zeros(len(track)),
            )
            for structure, track in tracks.items()
        }
        if only_ed[ENDO].contours[part.ed] is None or part.motion is None:
            break
        begun = gestures
        while gestures < MAX_GESTURES - 1 and (
            overlap.of(only_ed[ENDO], part.ed) < RIGHT or (gestures == begun and begun > 0)
        ):
            only_ed = one_drag(part, only_ed, part.ed, 0.0)
            gestures += 1
        gestures += 1
        tracks = {
            structure: propagate_contours(track, part.motion, part.axis, closed=part.closed)
            for structure, track in only_ed.items()
        }
    return MAX_GESTURES, tracks


def by_propagating(
    part: Part, overlap: Overlap, draw: Draw = plain_drag, *, refined: bool = True, listening: bool = True
) -> tuple[int, Tracks]:
    """The worst frame is dragged right; Propagate; then the next worst frame, which the others follow at once."""
    images = part.images if refined else None
    follow = partial(
        follow_anchors,
        axis=part.axis,
        closed=part.closed,
        cycle_s=part.cycle_s,
        images=images,
        listener=Models().listener() if listening else None,
    )
    tracks, gestures, following, at = part.tracks, 0, False, -1
    while gestures < MAX_GESTURES:
        frame, least = overlap.worst(tracks[ENDO])
        if least >= WANTED:
            return gestures, tracks
        at = frame if following or at < 0 else at
        if tracks[ENDO].contours[at] is None:
            if part.filled is None:
                break
            tracks, gestures, following = part.filled, gestures + 1, True  # what was filled in follows at once
            continue
        tracks = draw(part, tracks, at, overlap)
        gestures += 1
        if not following and overlap.of(tracks[ENDO], at) >= RIGHT and overlap.worst(tracks[ENDO])[1] < WANTED:
            gestures, following = gestures + 1, True
        if following:
            tracks = put(tracks, follow(tracks))
    return MAX_GESTURES, tracks


CORRELATED = "drags with the wheel, and R by correlation"
"""In slices nothing else refines contours."""
TOOLS: dict[str, Callable[[Part, Overlap], tuple[int, Tracks]]] = {
    "drags that bend the frames around, without R": by_drags,
    "ED corrected, then reprocessed along the motion": by_reprocessing,
    "drags with the wheel, and R without the image": partial(by_propagating, draw=wheel_drag, refined=False),
    CORRELATED: partial(by_propagating, draw=wheel_drag, listening=False),
    "drags of usual reach, and R": by_propagating,
    "drags with the wheel, and R": partial(by_propagating, draw=wheel_drag),
    "Redraw, and R": partial(by_propagating, draw=redraw),
}
BEFORE, BEST = "before", "drags with the wheel, and R"


# Cases


def parts_of(found: "Case", kind: str, number: int, *, network: bool = False) -> list[Part]:
    """What is to be corrected: the loop, or the damaged slice of a stack."""
    from correcting_cases import shown_slices

    reading = found.reading
    stack = kind == "stack"
    readings: Sequence[Reading] = reading.slices or (reading,)
    frames = reading.facts.frames
    closed = stack
    shown = shown_slices([truth[ENDO].contours for truth in found.truth])
    damages = STACK_DAMAGES if stack else CLIP_DAMAGES
    kind_of = damages[number % len(damages)]
    which = 0
    if stack:
        which = shown[-1] if kind_of == "basal slice too large" else shown[len(shown) // 2]
    one = readings[which]
    mm = one.spacing
    last = frames
    if not stack and reading.events and len(reading.events.beats) > 1:
        last = reading.events.beats[1].ed + 1
    truth = found.truth[which]
    tracks = (
        dict(one.tracks)
        if network
        else damaged(truth, kind_of, 50 + number, frames, float(np.mean(mm)), found.es, closed=closed)
    )
    axis = reading.time_axis
    filled = None
    if kind_of == "one slice lost":
        others = [
            part.with_(tracks={} if at == which else damaged(lines, "", 80 + at, frames, mm[1], found.es, closed=True))
            for at, (part, lines) in enumerate(zip(readings, found.truth, strict=True))
        ]
        filled = between_slices(reading.with_(slices=tuple(others)), which)
    return [
        Part(
            tracks,
            truth,
            one.motion,
            axis,
            closed,
            mm,
            tuple(range(last)),
            found.ed,
            filled,
            60 / reading.facts.heart_rate_per_min,
            found.recording.slices[which].frames if stack else found.recording.frames,
            one.with_(events=CardiacEvents((Beat(found.ed, found.es),), Origin.MODEL)),
        )
    ]


def ef_percent(part: Part, track: ContourTrack) -> tuple[float, float]:
    """EF by the areas or volumes of this part over the beat, and its largest volume."""
    if part.closed:
        volume = np.array([0.0 if one is None else one.area_px2 for one in track.contours])
    else:
        volume = track_volumes_mm3(track, *part.mm)
    volume = volume[list(part.beat)]
    most, least = float(np.nanmax(volume)), float(np.nanmin(volume))
    return 100 * (most - least) / max(most, 1e-9), most


def gls_percent(part: Part, tracks: Tracks) -> float:
    """Global longitudinal strain at ES of a loop with these contours and its motion; NaN of a slice."""
    if part.closed or part.reading is None:
        return float("nan")
    found = wall_strain(part.reading.with_(tracks=tracks, withheld=None))
    return float("nan") if found is None else found.whole.end_systolic


@dataclass
class Score:
    """What a tool came to, one value a recording.

    Attributes:
        gestures: needed; MAX_GESTURES where it was not reached.
        ef_off, gls_off: points off the truth; volume_off: per cent of EDV. GLS is NaN of a slice.

    """

    gestures: list[int]
    ef_off: list[float]
    volume_off: list[float]
    gls_off: list[float]


@dataclass(frozen=True)
class Measured:
    """All tools on some recordings of a kind.

    Attributes:
        scores: by tool; "before" is without any.
        damages: what was wrong, by recording.
        least_dice: over the frames of the beat before any correction, by recording.

    """

    scores: dict[str, Score]
    damages: list[str]
    least_dice: list[float]


def measured(kind: str, numbers: Sequence[int], *, network: bool = False) -> Measured:
    """What each tool comes to on some recordings."""
    from correcting_cases import case

    names = [name for name in TOOLS if kind == "clip" or name != CORRELATED]
    found = Measured({name: Score([], [], [], []) for name in (BEFORE, *names)}, [], [])
    damages = STACK_DAMAGES if kind == "stack" else CLIP_DAMAGES
    for number in numbers:
        for part in parts_of(case(kind, number), kind, number, network=network):
            overlap = Overlap(part)
            found.damages.append("networks' contours" if network else damages[number % len(damages)])
            found.least_dice.append(overlap.worst(part.tracks[ENDO])[1])
            true_ef, true_volume = ef_percent(part, part.truth[ENDO])
            true_gls = gls_percent(part, part.truth)
            for name, score in found.scores.items():
                needed, tracks = TOOLS[name](part, overlap) if name in TOOLS else (0, part.tracks)
                ef, volume = ef_percent(part, tracks[ENDO])
                score.gestures.append(needed)
                score.ef_off.append(abs(ef - true_ef))
                score.volume_off.append(100 * abs(volume - true_volume) / true_volume)
                score.gls_off.append(abs(gls_percent(part, tracks) - true_gls))
        print(f"{kind} {number}", {name: one.gestures[-1] for name, one in found.scores.items()}, file=sys.stderr)
    return found


_ENDO_ALONE = (
    "The reader corrects the endocardium alone. GLS is that of the middle of the wall, so that an epicardium that was "
    "damaged as well still counts."
)


def tables(kind: str, found: Measured) -> list[Table]:
    """Gestures, what is off then, and gestures by what was wrong."""
    gestures, off = [], []
    for name, score in found.scores.items():
        ef, edv, gls = (np.array(one) for one in (score.ef_off, score.volume_off, score.gls_off))
        there = np.isfinite(gls).any()
        off.append(
            (
                name,
                float(np.median(ef)),
                float(np.percentile(ef, 90)),
                float(np.median(edv)),
                float(np.nanmedian(gls)) if there else None,
                float(np.nanpercentile(gls, 90)) if there else None,
            )
        )
        if name != BEFORE:
            these = np.array(score.gestures)
            missed = int((these >= MAX_GESTURES).sum())
            most = int(np.percentile(these, 90, method="higher"))
            gestures.append((name, len(these), float(np.median(these)), float(these.mean()), most, missed))
    wrong = []
    for damage in dict.fromkeys(found.damages):
        at = [row for row, one in enumerate(found.damages) if one == damage]
        these = [found.scores[BEST].gestures[row] for row in at]
        wrong.append((damage, len(these), float(np.median(these)), max(these)))
    count, what = Column("n", form="d"), "slices: EF is that of the area" if kind == "stack" else "clips"
    return [
        Table(
            f"Gestures, {kind}s",
            (
                Column("tool"),
                count,
                Column("median", form=".1f"),
                Column("mean", form=".2f"),
                Column("90 %", form="d"),
                Column("missed", form="d"),
            ),
            tuple(gestures),
            (f"R counts as a gesture. Missed: not reached within {MAX_GESTURES}.",),
        ),
        Table(
            f"What is off then, {what}",
            (
                Column("tool"),
                Column("EF, median", "points", ".1f"),
                Column("EF, 90 %", "points", ".1f"),
                Column("EDV, median", "%", ".1f"),
                Column("GLS, median", "points", ".1f"),
                Column("GLS, 90 %", "points", ".1f"),
            ),
            tuple(off),
            () if kind == "stack" else (_ENDO_ALONE,),
        ),
        Table(
            f"By what was wrong, {BEST}",
            (Column("error"), count, Column("median", form=".1f"), Column("most", form="d")),
            tuple(wrong),
        ),
    ]


def main(argv: Sequence[str]) -> None:
    """Measure, print, and with --out write correcting.json."""
    from correcting_cases import SETS

    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("kind", choices=("clip", "stack"))
    parser.add_argument("--set", choices=("tuning", "fresh"), default="fresh", dest="which")
    parser.add_argument("--first", type=int, help="only the first N recordings")
    parser.add_argument("--network", action="store_true", help="the networks' contours of clips, not damaged ones")
    add_output(parser)
    given = parser.parse_args(argv)
    numbers = SETS[given.kind][given.which][: given.first]
    found = measured(given.kind, numbers, network=given.network)
    least, heard = np.array(found.least_dice), Models().listener()
    report(
        "correcting",
        argv,
        f"Gestures until contours are right, {given.kind}s",
        tables(given.kind, found),
        out=given.out,
        models={heard.card.name: heard.card.version} if heard is not None and given.kind == "clip" else {},
        command=shlex.join(["python", "benchmarks/correcting.py", given.kind, "--set", given.which]),
        notes=(
            f"{len(least)} simulated {given.kind}s with contours damaged as real ones go wrong. Before any gesture the "
            f"least Dice of a frame of the beat is {np.median(least):.3f} (median), below {WANTED} in "
            f"{int((least < WANTED).sum())} of {len(least)}.",
        ),
    )


if __name__ == "__main__":
    main(sys.argv[1:])
