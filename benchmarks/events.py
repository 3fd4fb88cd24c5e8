"""Which finds ED and ES better, the volume curve of the contours or the regression:

    python benchmarks/events.py [--camus FOLDER] [--made 16] [--echo 12] [--views A4C,A2C,A3C] [--mri 4]

The whole analysis runs on recordings whose events are known and that no network was trained on: frames of CAMUS (split
"valid") set in motion, simulated loops, simulated short-axis stacks. An event counts where two frames are before and
after it and the other event of its beat is in the loop, too: a beat is measured from its ED to its ES, so that an ES
before the first ED and an ED after the last ES mark nothing. Frames off are to the nearest found event of its kind, and
one with none within a quarter of a second is lost.
"""

import argparse
import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

# As `kinecor phantom` sets it, before numpy is imported.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np

from kinecor.analysis.analyse import propose
from kinecor.core.values.calibration import Calibration
from kinecor.core.values.events import CardiacEvents
from kinecor.core.values.reading import Reading, first_reading_of
from kinecor.core.values.recording import ArrayFrames, CineSequence, Recording, Source, Stack, cycle_length_s
from kinecor.core.volumes.loop_volumes import volume_events
from kinecor_lab.datasets.samples import camus_png
from kinecor_lab.tasks.phases.data import stretched_to_grey
from kinecor_phantoms.echo.stream import echo_clips
from kinecor_phantoms.heart.population import draw_any
from kinecor_phantoms.heart.rhythm import sinus
from kinecor_phantoms.mri.record import record_mri
from kinecor_phantoms.mri.scan import Scan
from kinecor_phantoms.warped.cine import make_cine
from kinecor_phantoms.warped.frame import APICAL, LabelledFrame, NoMatchError
from kinecor_phantoms.warped.path import find_path

SEED = 700_000
MARGIN = 2
LOST_S = 0.25
Known = tuple[Recording, Sequence[float], Sequence[float]]
"""A recording, and times of its EDs and ESs in seconds on its own clock."""


def _loop(name: str, frames: np.ndarray, times_s: np.ndarray, view: str, modality: str = "US") -> CineSequence:
    source = Source(name, name, "events", modality)
    return CineSequence(ArrayFrames(frames), times_s - times_s[0], "FrameTime", None, source, view=view)


def made(camus: Path, count: int) -> Iterator[Known]:
    """Apical frames of CAMUS set in motion, as they come: whole images, 18 to 60 a second."""
    patients: dict[str, dict[str, LabelledFrame]] = {}
    for one in camus_png(camus, ["valid"]):
        patients.setdefault(one.patient, {})[one.phase] = LabelledFrame(one.image, one.label)
    rng, given = np.random.default_rng(SEED), 0
    for name, both in patients.items():
        if given == count:
            return
        try:
            path = find_path(both["ED"], both["ES"], APICAL)
        except (NoMatchError, KeyError):
            continue
        given += 1
        rhythm = sinus(float(rng.uniform(48, 105)), 3, rng)
        times_s = np.arange(40) / float(rng.uniform(18, 60)) + float(rng.uniform(0, rhythm.duration_s / 3))
        cine = make_cine(path, rhythm, times_s, rng, amplitude=float(rng.uniform(0.75, 1.05)))
        eds, ess = rhythm.events_around()
        yield _loop(name, cine.frames, times_s, "A4C"), [at - times_s[0] for at in eds], [at - times_s[0] for at in ess]


def echo(count: int, views: Sequence[str]) -> Iterator[Known]:
    """Simulated loops at 20 to 60 frames a second."""
    given = 0
    for number, clip in enumerate(echo_clips(SEED, frames=48, side_px=192, views=views)):
        if given == count:
            return
        if not 1 / 60 <= np.diff(clip.times_s[:2])[0] <= 1 / 20:
            continue
        given += 1
        first, view = clip.times_s[0], clip.view.replace("SUB4C", "SC4C")
        yield (
            _loop(f"sim-{number}", clip.frames, clip.times_s, view),
            [at - first for at in clip.ed_s],
            [at - first for at in clip.es_s],
        )


def mri(count: int) -> Iterator[Known]:
    """Simulated short-axis stacks of 20 phases."""
    for number in range(count):
        rng = np.random.default_rng((SEED, number))
        study = record_mri(draw_any(rng, 2, still=True), rng, Scan(slices=8, phases=20, long_axes=False))
        slices: list[CineSequence] = []
        for one in reversed(study.stack):
            loop = _loop(f"mri-{number}-{len(slices)}", stretched_to_grey(one.frames), one.trigger_ms / 1000, "", "MR")
            scale = Calibration(one.spacing_mm[0], one.spacing_mm[1], "simulated")
            slices.append(replace(loop, calibration=scale, heart_rate_per_min=study.heart_rate_per_min))
        step_mm = float(np.linalg.norm(study.stack[1].position_mm - study.stack[0].position_mm))
        stack = Stack(
            tuple(slices), step_mm * np.arange(len(slices), dtype=np.float64), study.stack[0].thickness_mm, "events"
        )
        start_s, beat = study.stack[0].trigger_ms[0] / 1000, study.truth.beats[0]
        yield stack, [beat.ed_s - start_s], [beat.es_s - start_s]


def _inside(at_s: float, times_s: np.ndarray) -> bool:
    return bool(times_s[MARGIN] <= at_s <= times_s[len(times_s) - 1 - MARGIN])


def _whole_beats(eds: Sequence[float], ess: Sequence[float], times_s: np.ndarray) -> list[tuple[float, float]]:
    """ED and the ES that follows it, of the beats that have both in the loop."""
    beats = [(ed, min(es for es in ess if es > ed)) for ed in eds if ed < max(ess)]
    return [beat for beat in beats if all(_inside(at, times_s) for at in beat)]


def _off(reading: Reading, found: CardiacEvents | None, at_s: float, kind: str) -> int | None:
    """Frames from the true to the nearest found event, round the cycle for a stack; None where it is lost."""
    times_s, total = reading.facts.times_s, reading.facts.frames
    frames = np.array([getattr(beat, kind) for beat in found.beats] if found else [], int)
    gaps = times_s - at_s
    if reading.slices:
        cycle_s = cycle_length_s(times_s, reading.facts.heart_rate_per_min)
        gaps = (gaps + cycle_s / 2) % cycle_s - cycle_s / 2
    if not len(frames):
        return None
    off = frames - int(np.argmin(abs(gaps)))
    if reading.slices:
        off = (off + total // 2) % total - total // 2
    nearest = int(off[np.argmin(abs(off))])
    return nearest if abs(nearest) * float(np.median(np.diff(times_s))) <= LOST_S else None


def measured(title: str, known: Iterator[Known]) -> None:
    """Prints a row for each of the two ways, and how often they disagree."""
    offs: dict[tuple[str, str], list[int | None]] = {}
    count = 0
    for recording, eds, ess in known:
        count += 1
        first = first_reading_of(recording)
        proposal = propose(recording, first, device="cpu")
        reading = proposal.edit.apply(first, proposal.by)
        curve, times_s = reading.phase_curve, reading.facts.times_s
        beats = list(zip(eds, ess, strict=True)) if reading.slices else _whole_beats(eds, ess, times_s)
        for way, found in (("volume curve", volume_events(reading)), ("regression", curve.events if curve else None)):
            for beat in beats:
                for kind, at in zip(("ed", "es"), beat, strict=True):
                    offs.setdefault((way, kind), []).append(_off(reading, found, at, kind))
    for way in ("volume curve", "regression"):
        words = []
        for kind in ("ed", "es"):
            some = offs.get((way, kind), [])
            near = np.array([one for one in some if one is not None], float)
            mean = f"{abs(near).mean():.2f} ± {abs(near).std():.2f}, bias {near.mean():+.2f}" if len(near) else "-"
            words.append(f"{kind.upper()} {mean} (n {len(some)}, lost {len(some) - len(near)})")
        print(f"{title}, {count} recordings, {way}: {'; '.join(words)}", flush=True)


def main(argv: Sequence[str]) -> int:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--camus", type=Path)
    options.add_argument("--made", type=int, default=16)
    options.add_argument("--echo", type=int, default=12)
    options.add_argument("--views", default="A4C,A2C,A3C")
    options.add_argument("--mri", type=int, default=4)
    given = options.parse_args(argv)
    if given.camus:
        measured("made echo", made(given.camus, given.made))
    if given.echo:
        measured(f"simulated echo {given.views}", echo(given.echo, given.views.split(",")))
    if given.mri:
        measured("simulated MRI", mri(given.mri))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
