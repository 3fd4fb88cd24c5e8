"""`kinecor evaluate carried-frames`: what it costs in accuracy to let the network see only some frames of a clip.

The network sees every so many frames, those around the largest and the smallest cavity, and any frame that has moved
far from those; the probabilities of the others are carried to them along the motion of the image, from both sides.
Loops of patients have no truth, so contours are held against those that the network draws of every frame; simulated
loops, whose truth is known, come after. Time is that of the network and of carrying; the motion itself is searched for
fusion anyway.
"""

import argparse
import sys
import time
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice, pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from kinecor.core.values.recording import CineSequence
from kinecor.io.open.recordings import open_path
from kinecor_lab.common.commands import reported, show_progress
from kinecor_lab.common.metrics import dice
from kinecor_lab.common.table import Cell, Column, Table, add_output, report, spread
from kinecor_lab.pipeline.clip_flicker import apical_clip
from kinecor_lab.tasks.sequence.metrics import flicker, network_maps
from kinecor_models.contours.apical import ApicalModel
from kinecor_models.contours.smoothing import looked_up
from kinecor_models.contract import ClipInput, load_card, load_weights
from kinecor_models.engines.engine import ManyEngine, dense_search
from kinecor_models.engines.opening import open_many
from kinecor_phantoms.echo.stream import APICAL, echo_clips

NAME = "carried-frames"
MODEL = "lv-apical"
MAX_MOVED_PX = 3.0
"""Mean motion of the heart since the last frame that the network saw, in its pixels; beyond it, the frame is seen."""
_SIDE_PX, _SIMULATED_FRAMES = 276, 24
Field = NDArray[np.float32]
Image = NDArray[np.uint8]


@dataclass
class Carrying:
    """An engine for many images that runs another on some of them.

    Attributes:
        engine: of the network.
        every: the network sees every so many frames.
        seen, frames: that the network saw, of how many.
        network_s, carrying_s: processor time that each took.

    """

    engine: ManyEngine
    every: int
    seen: int = 0
    frames: int = 0
    network_s: float = 0.0
    carrying_s: float = 0.0

    def __call__(self, images: Iterable[Image]) -> Generator[Field]:
        """See ManyEngine."""
        clip = list(images)
        self.frames += len(clip)
        known: dict[int, Field] = {}
        self._see(clip, {*range(0, len(clip), self.every), len(clip) - 1}, known)
        areas = {frame: float(one[1].sum()) for frame, one in known.items()}
        if self.every > 1:
            ends = max(areas, key=areas.__getitem__), min(areas, key=areas.__getitem__)
            around = {end + off for end in ends for off in range(1 - self.every, self.every)}
            self._see(clip, {frame for frame in around if 0 <= frame < len(clip)}, known)
        flows = [(dense_search(first, second), dense_search(second, first)) for first, second in pairwise(clip)]
        self._see(clip, set(_moved_far(flows, known)), known)
        self.seen += len(known)
        began_s = time.process_time()
        carried = {frame: _carried(frame, known, flows) for frame in range(len(clip)) if frame not in known}
        self.carrying_s += time.process_time() - began_s
        yield from (known[frame] if frame in known else carried[frame] for frame in range(len(clip)))

    def _see(self, clip: Sequence[Image], wanted: set[int], known: dict[int, Field]) -> None:
        new = sorted(wanted - known.keys())
        began_s = time.process_time()
        known |= dict(zip(new, self.engine([clip[frame] for frame in new]), strict=True))
        self.network_s += time.process_time() - began_s


Flows = Sequence[tuple[Field, Field]]
"""Motion of every pixel from each frame to the next, and from the next back, in pixels."""


def _moved_far(flows: Flows, known: Mapping[int, Field]) -> Iterable[int]:
    """Frames whose heart has moved further than MAX_MOVED_PX from the last one known."""
    moved_px, heart = 0.0, next(iter(known.values()))[0] < 0.5
    for frame in range(1, len(flows) + 1):
        if frame in known:
            moved_px, heart = 0.0, known[frame][0] < 0.5
            continue
        speed = np.linalg.norm(flows[frame - 1][0], axis=-1)
        moved_px += float(speed[heart].mean()) if heart.any() else 0.0
        if moved_px > MAX_MOVED_PX:
            moved_px = 0.0
            yield frame


def _carried(frame: int, known: Mapping[int, Field], flows: Flows) -> Field:
    """Probabilities of a frame from the known ones before and after it, weighted by nearness."""
    before = max((near_frame for near_frame in known if near_frame < frame), default=None)
    after = min((near_frame for near_frame in known if near_frame > frame), default=None)
    size = next(iter(known.values())).shape[-1]
    x, y = np.meshgrid(np.arange(size, dtype=np.float32), np.arange(size, dtype=np.float32))
    start = np.stack([x, y], axis=-1)
    total, weight = np.zeros((size, size, len(next(iter(known.values())))), np.float32), 0.0
    for source, step in ((before, -1), (after, 1)):
        if source is None:
            continue
        places = start
        for index in range(frame, source, step):
            flow = flows[index][0] if step > 0 else flows[index - 1][1]
            places = places + looked_up(flow, places)
        share = 1 / abs(source - frame)
        layers = np.ascontiguousarray(known[source].transpose(1, 2, 0))
        total, weight = total + share * looked_up(layers, places), weight + share
    return np.ascontiguousarray((total / weight).transpose(2, 0, 1), np.float32)


@dataclass(frozen=True)
class CarriedValue:
    """One loop with the network on every n-th frame.

    Attributes:
        clip: its name.
        simulated: whether it is; then truth is what the heart was drawn from, else the network on every frame.
        every: see Carrying.
        seen: share of frames that the network saw.
        cavity: mean Dice of the LV cavity with the truth.
        worst: of the frames.
        change_off: fractional area change of the cavity less the true one, in points.
        flicker: mFIP of cavity, wall and atrium, in percent.
        network_ms, carrying_ms: processor time a frame of the clip.

    """

    clip: str
    simulated: bool
    every: int
    seen: float
    cavity: float
    worst: float
    change_off: float
    flicker: float
    network_ms: float
    carrying_ms: float


@dataclass(frozen=True, eq=False)
class Loop:
    """A clip to contour: its name, and the true cavity of each frame as (t, rows, columns), None where not known."""

    name: str
    clip: ClipInput
    true: NDArray[np.bool_] | None = field(default=None)


def measured(loop: Loop, steps: Sequence[int], engine: ManyEngine) -> list[CarriedValue]:
    """A loop by each step; empty where no cavity is drawn in some frame."""
    card = load_card(MODEL)
    out: list[CarriedValue] = []
    truth: NDArray[np.bool_] | None = None
    for every in steps:
        carrying = Carrying(engine, every)
        output = ApicalModel(card, carrying)(loop.clip, lambda *_: None)
        maps = network_maps(output)
        cavity = maps == 1
        if not cavity.any(axis=(1, 2)).all():
            return []
        if truth is None:
            truth = cavity if loop.true is None else np.stack([_on_grid(one, output.grid.sampled) for one in loop.true])
        overlaps = [dice(mine, true) for mine, true in zip(cavity, truth, strict=True)]
        each_ms = 1000 / len(maps)
        out.append(
            CarriedValue(
                loop.name,
                loop.true is not None,
                every,
                carrying.seen / carrying.frames,
                float(np.mean(overlaps)),
                float(min(overlaps)),
                _change(cavity) - _change(truth),
                100 * flicker(maps),
                each_ms * carrying.network_s,
                each_ms * carrying.carrying_s,
            )
        )
    return out


def _on_grid(mask: NDArray[np.bool_], sampled: Callable[[Image], Image]) -> NDArray[np.bool_]:
    return np.asarray(sampled(255 * mask.astype(np.uint8)) > 127)


def _change(masks: NDArray[np.bool_]) -> float:
    areas = masks.sum(axis=(1, 2))
    return float(100 * (1 - areas.min() / areas.max()))


def loops(folders: Sequence[Path], hearts: int, seed: int) -> Iterable[Loop]:
    """Apical loops of folders, then simulated ones."""
    for folder in folders:
        for cine in open_path(str(folder)).recordings:
            if isinstance(cine, CineSequence) and (clip := apical_clip(cine, "cpu")) is not None:
                yield Loop(f"{folder.name} {Path(cine.source.path).name}", clip)
    made = echo_clips(seed, frames=_SIMULATED_FRAMES, side_px=_SIDE_PX, views=APICAL)
    for number, training_clip in enumerate(islice(made, hearts)):
        clip = ClipInput(training_clip.frames, interval_s=1 / _SIMULATED_FRAMES)
        yield Loop(f"heart {number}", clip, np.stack([label == 1 for label in training_clip.left_labels]))


def table(values: Sequence[CarriedValue]) -> Table:
    """A row for each kind of loop and step."""
    columns = (
        Column("loops"),
        Column("network on every"),
        Column("n", form="d"),
        Column("frames seen", "%", ".0f"),
        Column("cavity, Dice"),
        Column("worst frame", form=".3f"),
        Column("area change less true", "points"),
        Column("flicker", "%"),
        Column("network a frame", "ms", ".1f"),
        Column("carrying a frame", "ms", ".1f"),
    )
    rows: list[tuple[Cell, ...]] = []
    for simulated in (False, True):
        for every in sorted({carried_value.every for carried_value in values}):
            some = [
                carried_value
                for carried_value in values
                if (carried_value.simulated, carried_value.every) == (simulated, every)
            ]
            if some:
                rows.append(
                    (
                        "simulated" if simulated else "patients, against every frame seen",
                        f"{every}",
                        len(some),
                        100 * float(np.mean([carried_value.seen for carried_value in some])),
                        spread([carried_value.cavity for carried_value in some]),
                        min(carried_value.worst for carried_value in some),
                        spread([carried_value.change_off for carried_value in some]),
                        spread([carried_value.flicker for carried_value in some]),
                        float(np.mean([carried_value.network_ms for carried_value in some])),
                        float(np.mean([carried_value.carrying_ms for carried_value in some])),
                    )
                )
    return Table("Frames that the network does not see; mean ± SD over loops", columns, tuple(rows))


def parser() -> argparse.ArgumentParser:
    """The command's options."""
    out = argparse.ArgumentParser(prog=f"kinecor evaluate {NAME}", description=__doc__.splitlines()[0])
    out.add_argument("--clips", type=Path, nargs="*", default=[], help="folders of clips; of other views none is used")
    out.add_argument("--hearts", type=int, default=0, help="simulated loops as well (default: none)")
    out.add_argument("--every", type=int, nargs="+", default=[2, 3], help="steps that are tried (default: 2 3)")
    out.add_argument("--seed", type=int, default=4000, help="of the simulated loops")
    add_output(out)
    return out


@reported("kinecor evaluate")
def main(argv: Sequence[str]) -> int:
    """Runs the command; returns its exit status (0 done, 1 failed)."""
    options = parser().parse_args(argv)
    card = load_card(MODEL)
    engine = open_many(card, load_weights(card), "cpu")
    values: list[CarriedValue] = []
    for number, loop in enumerate(loops(options.clips, options.hearts, options.seed), 1):
        values += measured(loop, [1, *options.every], engine)
        show_progress(f"{number} {loop.name}")
    print(file=sys.stderr)
    report(
        NAME,
        argv,
        "Frames carried along the motion",
        [table(values)],
        out=options.out,
        seed=options.seed,
        models={card.name: card.version},
        values=values,
    )
    return 0
