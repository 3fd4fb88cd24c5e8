"""Files of labelled clips, generated once before training, by source and split; existing files are not replaced."""

import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from kinecor_lab.datasets.camus import camus_frames, camus_sequences
from kinecor_lab.datasets.camus_resized import camus_resized
from kinecor_lab.datasets.clip import SequenceClip, on_grid, write_clips
from kinecor_lab.datasets.data_folder import kind_of
from kinecor_lab.datasets.echonet import echonet_sequences
from kinecor_lab.datasets.placing import IGNORE
from kinecor_lab.datasets.samples import Sample, camus_png
from kinecor_lab.tasks.views.two_chamber import two_chamber_frames
from kinecor_models.contract import ClipInput, fit_grid
from kinecor_models.localisation.framing import sector_box
from kinecor_phantoms.echo.stream import echo_clips
from kinecor_phantoms.warped.cine import MadeCine
from kinecor_phantoms.warped.draw import drawn_cine
from kinecor_phantoms.warped.flow import Flow
from kinecor_phantoms.warped.frame import APICAL, LabelledFrame, NoMatchError
from kinecor_phantoms.warped.path import Path2D, find_path

Pair = tuple[Sample, Sample]
"""A patient's view at ED and at ES."""


def pairs_of(samples: Sequence[Sample]) -> list[Pair]:
    """ED and ES of every patient and view that has both, in the order in which they come."""
    held: dict[tuple[str, str], dict[str, Sample]] = {}
    for sample in samples:
        held.setdefault((sample.patient, sample.view), {})[sample.phase] = sample
    return [(group["ED"], group["ES"]) for group in held.values() if {"ED", "ES"} <= set(group)]


def _frame(sample: Sample) -> LabelledFrame:
    return LabelledFrame(sample.image, sample.label)


def _digest(pair: Pair) -> int:
    """Changes when an image or a label does, so that no path of other images is taken."""
    value = 0
    for sample in pair:
        value = zlib.crc32(sample.label.tobytes(), zlib.crc32(sample.image.tobytes(), value))
    return value


def path_of(pair: Pair, folder: Path) -> Path2D:
    """The path of a pair, from `folder` if it is there; else it is computed and saved there.

    Raises:
        NoMatchError: the frames cannot be moved one into the other; this is remembered as well.

    """
    ed, es = pair
    file, digest = folder / f"{ed.patient}-{ed.view}.npz", _digest(pair)
    if file.is_file():
        with np.load(file, allow_pickle=False) as held:
            if int(held["digest"]) == digest:
                if str(held["wrong"]):
                    raise NoMatchError(str(held["wrong"]))
                x, y = held["origin"].tolist()
                return find_path(_frame(ed), _frame(es), APICAL, flow=Flow((x, y), held["velocity"]))
    folder.mkdir(parents=True, exist_ok=True)
    try:
        path = find_path(_frame(ed), _frame(es), APICAL)
    except NoMatchError as reason:
        _keep(file, digest, None, str(reason))
        raise
    _keep(file, digest, path.flow, "")
    return path


def _keep(file: Path, digest: int, flow: Flow | None, wrong: str) -> None:
    part = file.with_suffix(".part")
    with part.open("wb") as out:
        np.savez_compressed(
            out,
            digest=digest,
            wrong=wrong,
            origin=np.array(flow.origin if flow else (0, 0)),
            velocity=flow.velocity if flow else np.zeros((0, 0), np.complex64),
        )
    part.replace(file)


def paths_of(pairs: Sequence[Pair], folder: Path, say: Callable[[str], None]) -> Iterator[tuple[Pair, Path2D]]:
    """Every pair that matches, and its path; the others are reported and left out."""
    for number, pair in enumerate(pairs):
        try:
            path = path_of(pair, folder)
        except NoMatchError as wrong:
            say(f"{number + 1}/{len(pairs)} {pair[0].patient} {pair[0].view}: {wrong}")
            continue
        yield pair, path


FRAMES = 36
"""Frames of a clip: half a second at the fastest rate, more than two beats at the slowest."""
_VALUES = {"lv_endo": 1, "lv_epi": 2, "la": 3}
# Within this many pixels of a structure that was not matched, labels are ignored.
_DOUBT_PX = 7


def doubted(labels: NDArray[np.uint8], structures: Sequence[str]) -> NDArray[np.uint8]:
    """Labels (t, rows, columns) with IGNORE for structures that are not reliable, and background round them."""
    out = labels.copy()
    kernel = np.ones((2 * _DOUBT_PX + 1, 2 * _DOUBT_PX + 1), np.uint8)
    for name in structures:
        for label, wanted in zip(labels, out, strict=True):
            mask = (label == _VALUES[name]).astype(np.uint8)
            near = np.asarray(cv2.dilate(mask, kernel)) > 0
            wanted[(mask > 0) | (near & (label == 0))] = IGNORE
    return out


def from_warped(cine: MadeCine, name: str, view: str, side_px: int, spacing_mm: float) -> SequenceClip:
    """A warped cine as the network sees it."""
    grid = fit_grid(sector_box(ClipInput(cine.frames)), side_px)
    return SequenceClip(
        name,
        "warped",
        view,
        np.stack([grid.sampled(frame) for frame in cine.frames]),
        on_grid(doubted(cine.labels, cine.path.unmatched), grid),
        cine.times_s,
        cine.ed,
        cine.es,
        spacing_mm * grid.step_px[0],
    )


def warped_clips(
    pairs: Sequence[Pair], folder: Path, seed: int, side_px: int, say: Callable[[str], None]
) -> Iterator[SequenceClip]:
    """One clip of every pair of frames that matches.

    Args:
        pairs: ED and ES frames.
        folder: in which paths are cached.
        seed: of rhythms, rates, strengths, weak places and grain; another one gives other clips of the same patients.
        side_px: of the images.
        say: called with a message about pairs that do not match.

    """
    for (ed, _), path in paths_of(pairs, folder, say):
        rng = np.random.default_rng((seed, 11, *ed.patient.encode(), *ed.view.encode()))
        cine = drawn_cine(path, rng, FRAMES)
        yield from_warped(cine, f"{ed.patient}/{ed.view}-{seed}", ed.view, side_px, ed.spacing_mm)


def events_in(times_s: NDArray[np.float64], moments_s: Sequence[float]) -> tuple[int, ...]:
    """Frames nearest to those moments that a clip holds."""
    half_s = float(np.median(np.diff(times_s))) / 2 if len(times_s) > 1 else 0.0
    held = [at for at in moments_s if times_s[0] - half_s <= at <= times_s[-1] + half_s]
    return tuple(sorted({int(np.argmin(abs(times_s - at))) for at in held}))


def simulated_clips(seed: int, count: int, side_px: int, frames: int = FRAMES) -> Iterator[SequenceClip]:
    """Clips of random hearts in all apical views."""
    for number, clip in enumerate(islice(echo_clips(seed, frames=frames, side_px=side_px), count)):
        yield SequenceClip(
            f"sim{seed}-{number}",
            "simulated",
            clip.view,
            clip.frames,
            clip.left_labels,
            clip.times_s,
            events_in(clip.times_s, clip.ed_s),
            events_in(clip.times_s, clip.es_s),
            clip.mm_per_px,
        )


def still_clips(samples: Sequence[Sample], seed: int, side_px: int) -> Iterator[SequenceClip]:
    """Clips of two frames, ED and ES: of every pair, and of two-chamber frames warped from its four-chamber ones.

    For views alone: both views occur with a real look, so that the look does not identify the view.
    """
    four = [sample for sample in samples if sample.view == "A4C"]
    for ed, es in pairs_of([*samples, *two_chamber_frames(four, seed)]):
        if ed.image.shape != es.image.shape:
            continue
        frames, labels = np.stack([ed.image, es.image]), np.stack([ed.label, es.label])
        grid = fit_grid(sector_box(ClipInput(frames)), side_px)
        yield SequenceClip(
            f"{ed.patient}/{ed.view}-stills",
            "stills",
            ed.view,
            np.stack([grid.sampled(frame) for frame in frames]),
            on_grid(labels, grid),
            np.array([0.0, 0.4]),
            (0,),
            (1,),
            ed.spacing_mm * grid.step_px[0],
        )


SPLITS = ("train", "valid", "test")
SOURCES = ("warped", "simulated", "CAMUS", "EchoNet")
TWO_CHAMBER = "warped-a2c"
"""Cines warped from experts' two-chamber frames; only where they are asked for, so that arms learn from equal clips."""
SHORT = "short"
"""For views, which need many hearts: simulated clips of a few frames, since a heart costs more than these, and experts'
frames with two-chamber ones warped from them."""
SIDE_PX = 160
"""Side of the saved images; a training step crops them."""
_FIRST_SEED = {"train": 10_000, "valid": 510_000, "test": 610_000}
# Offset of the seeds of short clips; their file of experts' frames has this number.
_SHORT_AFTER, _STILLS = 50_000, 900
_PATIENTS, _CLIPS, _SHORT_CLIPS, _SHORT_FRAMES = 8, 16, 96, 6

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Amount:
    """How much is generated for training: rounds over all patients, and files of simulated clips. Other splits get one.

    Short clips are generated only on request. `groups` of patients of each set are warped; 0 for all.
    """

    rounds: int = 1
    simulated: int = 12
    short: int = 0
    groups: int = 0


@dataclass(frozen=True, slots=True)
class Job:
    """One file still to generate, how, and of how many clips at most; more go into further files."""

    file: Path
    make: Callable[[], Iterator[SequenceClip]]
    most: int = _CLIPS


def _groups(samples: Sequence[Sample]) -> list[list[Sample]]:
    """Samples of some patients each, in an order that follows nothing."""
    names = sorted({sample.patient for sample in samples}, key=lambda name: zlib.crc32(name.encode()))
    chosen = [set(names[i : i + _PATIENTS]) for i in range(0, len(names), _PATIENTS)]
    return [[sample for sample in samples if sample.patient in some] for some in chosen]


def _frames(folder: Path, split: str) -> list[Sample]:
    """ED and ES of a split; frames as PNG come in two splits, of whose "train" one group of patients is chosen by."""
    if kind_of(folder) == "camus":
        return camus_frames(folder, [split])
    read = camus_png if kind_of(folder) == "png" else camus_resized
    samples = read(folder, ["valid" if split == "test" else "train"])
    if split == "test":
        return samples
    groups = _groups(samples)
    # A set of few patients is too small to be parted.
    held = groups[-1] if len(groups) > 1 else samples
    return held if split == "valid" else [sample for group in groups[:-1] or [samples] for sample in group]


def _sequences(
    kind: str, folder: Path, split: str, side_px: int, *, interpolate: bool
) -> Callable[[], Iterator[SequenceClip]]:
    read = echonet_sequences if kind == "echonet" else camus_sequences
    return partial(read, folder, [split], side_px, interpolate=interpolate)


def jobs(folder: Path, data: Sequence[Path], amount: Amount, side_px: int, say: Say, *, interpolate: bool) -> list[Job]:
    """What is missing in `folder`/clips, splits in turn, so that a few files already make a small training.

    Args:
        folder: of the run, with clips/SOURCE-SPLIT-ROUND-NN.npz and paths/.
        data: folders of public sets, see data_folder.py.
        amount: of the training split.
        side_px: of the images.
        say: called with a message about patients whose frames do not match.
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
            if kind not in ("png", "resized"):
                source = "EchoNet" if kind == "echonet" else "CAMUS"
                add(0, f"{source}-{split}", _sequences(kind, place, split, side_px, interpolate=interpolate))
            if kind == "echonet":
                continue
            samples = _frames(place, split)
            if amount.short:
                stills = partial(still_clips, samples, _FIRST_SEED[split], side_px)
                add(_STILLS, f"{SHORT}-{split}", stills, _SHORT_CLIPS)
            groups = _groups(samples)
            if split == "train" and amount.groups:
                groups = groups[: amount.groups]
            # Files of the resized frames, which are of two-chamber views, stand beside those of the others.
            warped = TWO_CHAMBER if kind == "resized" else "warped"
            for round_ in range(amount.rounds if split == "train" else 1):
                for number, group in enumerate(groups):
                    make = partial(warped_clips, pairs_of(group), folder / "paths", round_, side_px, say)
                    add(number + round_ * len(groups), f"{warped}-{split}", make)
    return [job for _, job in sorted(found, key=lambda pair: pair[0])]


def make(todo: Sequence[Job], say: Say) -> None:
    """Makes the files, each whole or not at all; an interrupted run resumes with the next job.

    A source of more clips than fit into a file continues in further files of its name. The first is written last: while
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
