"""Files of labelled clips, made once before training, by source and split; what is there is not made again."""

import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path

from kinecor_lab.datasets.camus_folder import camus_frames
from kinecor_lab.datasets.camus_sequences import camus_sequences
from kinecor_lab.datasets.clip import SequenceClip, write_clips
from kinecor_lab.datasets.data_folder import kind_of
from kinecor_lab.datasets.echonet_clips import echonet_sequences
from kinecor_lab.datasets.samples import Sample, camus_png
from kinecor_lab.tasks.sequence.paths import pairs_of
from kinecor_lab.tasks.sequence.sources import made_clips, simulated_clips, still_clips

SPLITS = ("train", "valid", "test")
SOURCES = ("made", "simulated", "CAMUS", "EchoNet")
SHORT = "short"
"""For views, which want many hearts: simulated clips of a few frames, since a heart costs more than these, and experts'
frames with two-chamber ones made of them."""
SIDE_PX = 160
"""Side of the pictures that are kept; a training step cuts out less."""
_FIRST_SEED = {"train": 10_000, "valid": 510_000, "test": 610_000}
# Seeds of short clips begin so far on; their file of experts' frames has this number.
_SHORT_AFTER, _STILLS = 50_000, 900
_PATIENTS, _CLIPS, _SHORT_CLIPS, _SHORT_FRAMES = 8, 16, 96, 6

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Amount:
    """How much is made for training: rounds over all patients, and files of simulated clips. Other splits get one.

    Of short clips none are made unless they are asked for.
    """

    rounds: int = 1
    simulated: int = 12
    short: int = 0


@dataclass(frozen=True, slots=True)
class Job:
    """One file that is still to be made, how, and of how many clips at most; more go on in further files."""

    file: Path
    make: Callable[[], Iterator[SequenceClip]]
    most: int = _CLIPS


def _groups(samples: Sequence[Sample]) -> list[list[Sample]]:
    """Samples of some patients each, in an order that follows nothing."""
    names = sorted({one.patient for one in samples}, key=lambda name: zlib.crc32(name.encode()))
    chosen = [set(names[i : i + _PATIENTS]) for i in range(0, len(names), _PATIENTS)]
    return [[one for one in samples if one.patient in some] for some in chosen]


def _frames(folder: Path, split: str) -> list[Sample]:
    """ED and ES of a split; frames as PNG come in two splits, of whose "train" one group of patients is chosen by."""
    if kind_of(folder) == "camus":
        return camus_frames(folder, [split])
    samples = camus_png(folder, ["valid" if split == "test" else "train"])
    if split == "test":
        return samples
    groups = _groups(samples)
    # A set of few patients is too small to be parted.
    held = groups[-1] if len(groups) > 1 else samples
    return held if split == "valid" else [one for group in groups[:-1] or [samples] for one in group]


def _sequences(
    kind: str, folder: Path, split: str, side_px: int, *, interpolate: bool
) -> Callable[[], Iterator[SequenceClip]]:
    read = echonet_sequences if kind == "echonet" else camus_sequences
    return partial(read, folder, [split], side_px, interpolate=interpolate)


def jobs(folder: Path, data: Sequence[Path], amount: Amount, side_px: int, say: Say, *, interpolate: bool) -> list[Job]:
    """What is missing in `folder`/clips, splits in turn, so that a few files already make a small training.

    Args:
        folder: of the run: clips/SOURCE-SPLIT-ROUND-NN.npz and paths/ lie there.
        data: folders of public sets, see data_folder.py.
        amount: of the training split.
        side_px: of the pictures.
        say: where patients whose frames do not match are told.
        interpolate: label the frames between annotated ones of real sequences.

    Raises:
        DataSetError: a set is missing or damaged.

    """
    found: list[tuple[int, Job]] = []

    def add(number: int, name: str, make: Callable[[], Iterator[SequenceClip]], most: int = _CLIPS) -> None:
        file = folder / "clips" / f"{name}-{number:02d}.npz"
        if not file.is_file():
            found.append((number, Job(file, make, most)))

    for split in SPLITS:
        for number in range(amount.simulated if split == "train" else 1):
            seed = _FIRST_SEED[split] + number
            add(number, f"simulated-{split}", partial(simulated_clips, seed, _CLIPS, side_px))
        for number in range(amount.short if split == "train" else min(amount.short, 1)):
            seed = _FIRST_SEED[split] + _SHORT_AFTER + number
            make_short = partial(simulated_clips, seed, _SHORT_CLIPS, side_px, _SHORT_FRAMES)
            add(number, f"{SHORT}-{split}", make_short, _SHORT_CLIPS)
        for place in data:
            kind = kind_of(place)
            if kind != "png":
                source = "EchoNet" if kind == "echonet" else "CAMUS"
                add(0, f"{source}-{split}", _sequences(kind, place, split, side_px, interpolate=interpolate))
            if kind == "echonet":
                continue
            samples = _frames(place, split)
            if amount.short:
                stills = partial(still_clips, samples, _FIRST_SEED[split], side_px)
                add(_STILLS, f"{SHORT}-{split}", stills, _SHORT_CLIPS)
            groups = _groups(samples)
            for round_ in range(amount.rounds if split == "train" else 1):
                for number, group in enumerate(groups):
                    make = partial(made_clips, pairs_of(group), folder / "paths", round_, side_px, say)
                    add(number + round_ * len(groups), f"made-{split}", make)
    return [job for _, job in sorted(found, key=lambda pair: pair[0])]


def make(todo: Sequence[Job], say: Say) -> None:
    """Makes the files, each whole or not at all; a stopped run goes on with the next job.

    A source of more clips than fit into a file goes on in further files of its name. The first is written last: while
    it is not there, the job is not done.
    """
    for number, job in enumerate(todo):
        clips = job.make()
        first, part, count = list(islice(clips, job.most)), 1, 0
        while some := list(islice(clips, job.most)):
            write_clips(job.file.with_stem(f"{job.file.stem}-{part:03d}"), some)
            part, count = part + 1, count + len(some)
        if first:
            write_clips(job.file, first)
        say(f"{number + 1}/{len(todo)} {job.file.name}: {len(first) + count} clips")


def files(folder: Path, split: str, sources: Sequence[str] = SOURCES, most: int | None = None) -> list[Path]:
    """The files of a split, in order; of each source the first `most`."""
    return [file for source in sources for file in sorted((folder / "clips").glob(f"{source}-{split}-*.npz"))[:most]]
