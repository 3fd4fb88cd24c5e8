"""Cines with known ED and ES: what the network of Kong 2016 learns from, and how they are saved on disk."""

import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache, partial
from itertools import islice
from pathlib import Path

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from kinecor_lab.datasets.cycles import label_values, pairs
from kinecor_lab.datasets.samples import DataSetError, Sample, camus_png
from kinecor_lab.datasets.short_axis import SaxSample, acdc_png
from kinecor_lab.datasets.stacks import LabelledStack, york_stacks
from kinecor_models.contract import ClipInput, fit_grid, load_card, load_weights
from kinecor_models.engines.engine import ManyEngine
from kinecor_models.engines.opening import open_many
from kinecor_models.localisation.framing import ALONE, find, moving, sector_box, some_frames
from kinecor_phantoms.echo.stream import echo_clips
from kinecor_phantoms.heart.population import draw_any
from kinecor_phantoms.heart.rhythm import sinus_rhythm
from kinecor_phantoms.mri.placing import short_planes
from kinecor_phantoms.mri.record import phases_s, pictures, subjects_of
from kinecor_phantoms.mri.scan import draw_scan
from kinecor_phantoms.warped.cine import make_cine
from kinecor_phantoms.warped.frame import APICAL, SHORT_AXIS, LabelledFrame, NoMatchError
from kinecor_phantoms.warped.path import Path2D, find_path

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class PhaseCine:
    """A recording of one heart, seen close up, with the times of its events.

    Attributes:
        name: patient and slice; sets are split by what stands before the first "/".
        source: "simulated mri", "simulated echo", "warped mri", "warped echo" or "real mri".
        frames: (t, side, side) uint8 grey.
        times_s: (t,) increasing.
        ed_s, es_s: end-diastoles and end-systoles in order; some may be outside the frames, so that every frame has
            an event on both sides.
        cycle_s: length of the cycle where the frames are one whole gated cycle, so that the first follows the last;
            else None.

    Raises:
        ValueError: frames and times differ in number, or there is no event of a kind.

    """

    name: str
    source: str
    frames: NDArray[np.uint8]
    times_s: FloatArray
    ed_s: tuple[float, ...]
    es_s: tuple[float, ...]
    cycle_s: float | None = None

    def __post_init__(self) -> None:
        if self.frames.ndim != 3 or len(self.frames) != len(self.times_s):
            raise ValueError(f"expected (t, side, side) frames and as many times, got {self.frames.shape}")
        if not self.ed_s or not self.es_s:
            raise ValueError(f"{self.name}: a cine needs an ED and an ES")

    @property
    def patient(self) -> str:
        """Whose heart it is."""
        return self.name.partition("/")[0]


def write_cines(file: Path, cines: Sequence[PhaseCine]) -> None:
    """Saves cines of one image size to a file (.npz), whole or not at all."""
    file.parent.mkdir(parents=True, exist_ok=True)
    part = file.with_suffix(".part")
    with part.open("wb") as out:
        np.savez_compressed(
            out,
            name=np.array([cine.name for cine in cines]),
            source=np.array([cine.source for cine in cines]),
            cycle_s=np.array([cine.cycle_s or np.nan for cine in cines]),
            frames=np.concatenate([cine.frames for cine in cines]),
            times_s=np.concatenate([cine.times_s for cine in cines]),
            count=np.array([len(cine.frames) for cine in cines]),
            events_s=np.concatenate([[*cine.ed_s, *cine.es_s] for cine in cines]),
            events=np.array([(len(cine.ed_s), len(cine.es_s)) for cine in cines]),
        )
    part.replace(file)


def read_cines(files: Sequence[Path]) -> list[PhaseCine]:
    """The cines of some files.

    Raises:
        DataSetError: a file is missing or holds something else.

    """
    cines: list[PhaseCine] = []
    for file in files:
        if not file.is_file():
            raise DataSetError(f"expected a file of cines at {file}, found none; make it with kinecor train phases")
        try:
            with np.load(file, allow_pickle=False) as held:
                cines += _unpacked({name: held[name] for name in held.files})
        except (KeyError, ValueError, OSError) as wrong:
            raise DataSetError(f"expected cines with their events in {file}: {wrong}; make the file anew") from wrong
    return cines


def _unpacked(held: dict[str, np.ndarray]) -> list[PhaseCine]:
    ends, marks = np.cumsum(held["count"]), np.cumsum(held["events"].sum(axis=1))
    cines = []
    for i, (eds, _) in enumerate(held["events"]):
        frames = slice(ends[i] - held["count"][i], ends[i])
        events = held["events_s"][marks[i] - held["events"][i].sum() : marks[i]].tolist()
        cycle_s = float(held["cycle_s"][i])
        cines.append(
            PhaseCine(
                str(held["name"][i]),
                str(held["source"][i]),
                held["frames"][frames],
                held["times_s"][frames],
                tuple(events[:eds]),
                tuple(events[eds:]),
                None if np.isnan(cycle_s) else cycle_s,
            )
        )
    return cines


SIDE_PX = 112
"""Side of the saved images; a training step crops them."""
FIELD_PX = 128
"""What they show of ACDC's images: about 190 mm."""
CYCLE_FRAMES = 36
"""Frames a cycle saved of gated cines; a training step takes fewer of them."""
FRAMES = 40
"""Frames saved of echo clips."""
CINES_EACH = 3
"""Warped cines of one pair of frames, with different rhythms."""
SLICES_EACH = 8


def stretched_to_grey(frames: NDArray[np.uint16]) -> NDArray[np.uint8]:
    """Scanner levels as grey levels, one window for all frames, cut off at the 0.5th and 99.5th percentile."""
    low, high = np.percentile(frames, (0.5, 99.5))
    return np.asarray(np.clip((frames - low) * (255 / max(high - low, 1)), 0, 255).round(), np.uint8)


def simulated_mri(seed: int) -> Iterator[PhaseCine]:
    """Short-axis cines of random hearts, for ever; no apical or basal slice that misses the cavity at ES."""
    rng = np.random.default_rng((seed, 3))
    number = 0
    while True:
        heart = draw_any(rng, 2, still=True)
        scan = replace(draw_scan(rng, SIDE_PX, SIDE_PX, CYCLE_FRAMES), pixel_mm=float(rng.uniform(1.4, 1.9)))
        # The heart near the middle, as where it has been found.
        scan = replace(scan, offset_mm=(float(rng.normal(0, 6)), float(rng.normal(0, 6))))
        subjects = subjects_of(heart, rng, scan)
        beat = heart.rhythm.beats[0]
        times_s = phases_s(beat, scan)
        planes = short_planes(heart, scan, rng)
        inner = planes[2:-2] if len(planes) > 6 else planes
        long_s = beat.end_s - beat.start_s
        for index in rng.permutation(len(inner))[:SLICES_EACH]:
            frames = stretched_to_grey(pictures(subjects, inner[int(index)], scan, rng))
            yield PhaseCine(
                f"sim{seed}-{number}/{index}",
                "simulated mri",
                frames,
                times_s,
                (beat.start_s, beat.end_s),
                (beat.aortic_close_s,),
                long_s,
            )
        number += 1


def simulated_echo(seed: int) -> Iterator[PhaseCine]:
    """Apical clips of random hearts, rates and looks, for ever; they begin anywhere in a beat."""
    for number, clip in enumerate(echo_clips(seed, frames=FRAMES, side_px=SIDE_PX)):
        yield PhaseCine(f"sim{seed}-{number}", "simulated echo", clip.frames, clip.times_s, clip.ed_s, clip.es_s)


def _set_in_motion(path: Path2D, rng: Generator, name: str) -> tuple[NDArray[np.uint8], PhaseCine]:
    """Whole images of a cine along a path, and the cine with (t, 1, 1) frames to be filled in."""
    rate_per_min = float(rng.uniform(48, 105))
    long_axis = path.anatomy.long_axis
    rhythm = sinus_rhythm(rate_per_min, 3, rng) if long_axis else sinus_rhythm(rate_per_min, 1)
    if long_axis:
        rate_per_s = float(np.exp(rng.uniform(np.log(18), np.log(70))))
        times_s = np.arange(FRAMES, dtype=np.float64) / rate_per_s + float(rng.uniform(0, rhythm.duration_s / 3))
    else:
        times_s = (np.arange(CYCLE_FRAMES, dtype=np.float64) + float(rng.uniform(0, 1.5))) * (
            60 / rate_per_min / CYCLE_FRAMES
        )
    amplitude = float(rng.uniform(0.75, 1.05))
    cine = make_cine(path, rhythm, times_s, rng, amplitude=amplitude)
    eds, ess = rhythm.events_around()
    empty = np.zeros((len(times_s), 1, 1), np.uint8)
    source = "warped echo" if long_axis else "warped mri"
    return cine.frames, PhaseCine(name, source, empty, times_s, eds, ess, None if long_axis else 60 / rate_per_min)


def _labelled(sample: SaxSample) -> LabelledFrame:
    return LabelledFrame(sample.image, label_values(sample.allowed))


Find = Callable[[NDArray[np.uint8]], tuple[float, float]]
"""Frames (t, rows, columns) -> (x, y) of the heart in pixels."""
FINDER = "lv-sax"


@cache
def _finder() -> tuple[ManyEngine, int, int]:
    card = load_card(FINDER)
    return open_many(card, load_weights(card)), card.size, card.channels


def by_network(frames: NDArray[np.uint8]) -> tuple[float, float]:
    """Where the default short-axis network sees the heart, as in stacks; by motion where it sees none."""
    engine, size, channels = _finder()
    heart = find(ClipInput(frames), engine, size, ALONE, channels)
    return heart.x, heart.y


def by_motion(frames: NDArray[np.uint8]) -> tuple[float, float]:
    """The middle of what moves: the program falls back on it where the network sees no heart."""
    heart = moving(some_frames(ClipInput(frames)))
    return heart.x, heart.y


FINDERS: dict[str, Find] = {"network": by_network, "motion": by_motion}
"""The ways in which the program finds a heart in short axes."""


def warped_mri(
    samples: Sequence[SaxSample], seed: int, each: int = CINES_EACH, located: Find | None = None
) -> Iterator[PhaseCine]:
    """Cycles of short-axis slices that have ED and ES, cut out around the heart; slices that do not match are left out.

    Args:
        samples: slices at ED and ES.
        seed: of rhythms, grain and order.
        each: cines of a slice.
        located: finds the heart around which it is cut out, so that a network is measured on what the program sees;
            None takes the drawn heart.

    """
    both = pairs(samples)
    for index in np.random.default_rng((seed, 5)).permutation(len(both)):
        ed, es = both[int(index)]
        try:
            path = find_path(_labelled(ed), _labelled(es), SHORT_AXIS)
        except NoMatchError:
            continue
        rng = np.random.default_rng((seed, 5, int(index)))
        for number in range(each):
            whole, cine = _set_in_motion(path, rng, f"{ed.patient}/{ed.number}-{number}")
            yield replace(cine, frames=cut_out(whole, located(whole) if located else ed.centre))


def recorded_mri(stacks: Sequence[LabelledStack], located: Find) -> Iterator[PhaseCine]:
    """Recorded cycles of the slices in which experts drew the cavity at every phase, cut out around the heart.

    ED and ES are those of the whole patient, the largest and the smallest cavity; times are assumed.

    Args:
        stacks: with every phase, see stacks.york_stacks.
        located: finds the heart.

    """
    for stack in stacks:
        for number, cine in enumerate(stack.recording.slices):
            if (stack.left[number] == 1).all():
                whole = np.stack([cine.frames[phase] for phase in range(stack.recording.phases)])
                step_s = float(cine.times_s[1] - cine.times_s[0])
                ed_s, es_s = (float(cine.times_s[stack.marks[mark]]) for mark in ("ED", "ES"))
                cycle_s = step_s * len(whole)
                ends = (ed_s, ed_s + cycle_s)
                frames = cut_out(whole, located(whole))
                yield PhaseCine(f"{stack.name}/{number}", "real mri", frames, cine.times_s, ends, (es_s,), cycle_s)


def cut_out(whole: NDArray[np.uint8], middle: tuple[float, float]) -> NDArray[np.uint8]:
    """(t, SIDE_PX, SIDE_PX) of FIELD_PX around a point of a short-axis cine's images."""
    scale = SIDE_PX / FIELD_PX
    x, y = ((SIDE_PX - 1) / 2 - scale * at for at in middle)
    matrix = np.array([[scale, 0, x], [0, scale, y]])
    return np.stack([cv2.warpAffine(frame, matrix, (SIDE_PX, SIDE_PX)) for frame in whole]).astype(np.uint8)


def warped_echo(samples: Sequence[Sample], seed: int, each: int = CINES_EACH) -> Iterator[PhaseCine]:
    """Clips of apical frames at ED and ES set in motion; patients whose frames do not match are left out."""
    by_patient: dict[str, dict[str, Sample]] = {}
    for sample in samples:
        by_patient.setdefault(sample.patient, {})[sample.phase] = sample
    both = [group for group in by_patient.values() if set(group) == {"ED", "ES"}]
    for index in np.random.default_rng((seed, 7)).permutation(len(both)):
        ed, es = both[int(index)]["ED"], both[int(index)]["ES"]
        try:
            path = find_path(LabelledFrame(ed.image, ed.label), LabelledFrame(es.image, es.label), APICAL)
        except NoMatchError:
            continue
        rng = np.random.default_rng((seed, 7, int(index)))
        for number in range(each):
            whole, cine = _set_in_motion(path, rng, f"{ed.patient}/{number}")
            grid = fit_grid(sector_box(ClipInput(whole)), SIDE_PX)
            yield replace(cine, frames=np.stack([grid.sampled(frame) for frame in whole]))


SOURCES = ("simulated-mri", "warped-mri", "simulated-echo", "warped-echo")
RECORDED = ("recorded-mri-1", "recorded-mri-2")
"""York's recorded cines, in two folds by patient: what one fold learns from, the other is measured on."""
SPLITS = ("train", "valid", "test")
_FIRST_SEED = {"train": 1000, "valid": 500_000, "test": 600_000}
# Per file: cines of simulated sources; patients of warped ones, and at most this many slices of each.
_SIMULATED = {"simulated-mri": 48, "simulated-echo": 16}
_PATIENTS, _SLICES = {"warped-mri": 4, "warped-echo": 8}, 5


@dataclass(frozen=True, slots=True)
class Amount:
    """How many files of each source the training split gets; the other splits get one (simulated) or all (warped)."""

    simulated: int = 24
    warped: int = 15


@dataclass(frozen=True, slots=True)
class Job:
    """One file still to generate, and how."""

    file: Path
    make: Callable[[], Iterator[PhaseCine]]


def _chosen(samples: Sequence[SaxSample]) -> list[SaxSample]:
    """Slices from the middle of each patient's stack, where both phases show a cavity."""
    by_patient: dict[str, list[SaxSample]] = {}
    for sample in samples:
        by_patient.setdefault(sample.patient, []).append(sample)
    out: list[SaxSample] = []
    for some in by_patient.values():
        numbers = sorted({sample.number for sample in some})
        spare = max(0, len(numbers) - _SLICES)
        kept = set(numbers[(spare + 1) // 2 : (spare + 1) // 2 + _SLICES])
        out += [sample for sample in some if sample.number in kept]
    return out


def _of_patients(samples: Sequence[SaxSample] | Sequence[Sample], group: int) -> list[list[str]]:
    """Patients in groups, in an order that does not follow their disease."""
    names = sorted({sample.patient for sample in samples}, key=lambda name: zlib.crc32(name.encode()))
    return [names[i : i + group] for i in range(0, len(names), group)]


def _warped_makers(
    source: str, split: str, amount: Amount, acdc: Path | None, camus: Path | None, located: Find
) -> list[Callable[[], Iterator[PhaseCine]]]:
    count = amount.warped if split == "train" else None
    if source == "warped-mri" and acdc is not None:
        slices = _chosen(acdc_png(acdc, [split]))
        return [
            partial(
                warped_mri,
                [sample for sample in slices if sample.patient in some],
                number,
                located=None if split == "train" else located,
            )
            for number, some in enumerate(_of_patients(slices, _PATIENTS[source])[:count])
        ]
    if source == "warped-echo" and camus is not None:
        # CAMUS here has two splits: its "valid" is held out, and one group of its "train" is used to choose by.
        frames = camus_png(camus, ["valid" if split == "test" else "train"])
        groups = _of_patients(frames, _PATIENTS[source])
        chosen = {"train": groups[:-1][:count], "valid": groups[-1:], "test": groups}[split]
        return [
            partial(
                warped_echo, [frame for frame in frames if frame.patient in some], number, 1 if split == "test" else 2
            )
            for number, some in enumerate(chosen)
        ]
    return []


_CHOSEN_BY = 4
"""Of the patients that a fold does not measure, each of this number in turn is one to choose by."""


def fold_split(patients: Sequence[str], fold: int, split: str) -> list[str]:
    """The patients of one split of a fold, in an order that does not follow their numbers.

    Every patient is in "test" of one of the two folds; the others of a fold are in "train" or "valid".

    Args:
        patients: all, each once.
        fold: 1 or 2.
        split: "train", "valid" or "test".

    """
    ordered = sorted(patients, key=lambda name: zlib.crc32(name.encode()))
    if split == "test":
        return ordered[fold - 1 :: 2]
    remaining_names = ordered[2 - fold :: 2]
    chosen_by = remaining_names[::_CHOSEN_BY]
    return chosen_by if split == "valid" else [name for name in remaining_names if name not in chosen_by]


def _recorded_maker(source: str, split: str, york: Path, located: Find) -> Callable[[], Iterator[PhaseCine]]:
    stacks = york_stacks(york, SPLITS)
    wanted = fold_split([stack.name for stack in stacks], int(source[-1]), split)
    return partial(recorded_mri, [stack for stack in stacks if stack.name in wanted], located)


def jobs(
    folder: Path,
    sources: Sequence[str],
    amount: Amount,
    acdc: Path | None = None,
    camus: Path | None = None,
    located: Find = by_network,
    york: Path | None = None,
) -> list[Job]:
    """What is missing in `folder`, splits in turn so that a few files already make a small training.

    Args:
        folder: of the files, SOURCE-SPLIT-NN.npz.
        sources: of SOURCES and RECORDED; warped and recorded ones only where their data set is named.
        amount: of the training split.
        acdc: ACDC's slices as PNG, for "warped-mri".
        camus: CAMUS' frames as PNG, for "warped-echo".
        located: finds the heart in short axes that are chosen or measured by, and in all recorded ones.
        york: York's cines as PNG, for those of RECORDED.

    Raises:
        DataSetError: a data set is damaged.

    """
    found: list[tuple[int, Job]] = []
    for source in sources:
        for split in SPLITS:
            makers = _warped_makers(source, split, amount, acdc, camus, located)
            if source in RECORDED and york is not None:
                makers = [_recorded_maker(source, split, york, located)]
            if source in _SIMULATED:
                stream = simulated_mri if source == "simulated-mri" else simulated_echo
                first, many = _FIRST_SEED[split], amount.simulated if split == "train" else 1
                makers = [partial(_some, stream, first + number, _SIMULATED[source]) for number in range(many)]
            for number, make in enumerate(makers):
                file = folder / f"{source}-{split}-{number:02d}.npz"
                if not file.is_file():
                    found.append((number, Job(file, make)))
    return [job for _, job in sorted(found, key=lambda pair: pair[0])]


def _some(stream: Callable[[int], Iterator[PhaseCine]], seed: int, count: int) -> Iterator[PhaseCine]:
    return islice(stream(seed), count)


def make(todo: Sequence[Job], say: Callable[[str], None]) -> None:
    """Makes the files; each is there whole or not at all, so that an interrupted run can resume."""
    for number, job in enumerate(todo):
        cines = list(job.make())
        if cines:
            write_cines(job.file, cines)
        say(f"{number + 1}/{len(todo)} {job.file.name}: {len(cines)} cines")


def files(folder: Path, split: str, sources: Sequence[str] = SOURCES) -> list[Path]:
    """The files of a split, in order."""
    return [file for source in sources for file in sorted(folder.glob(f"{source}-{split}-*.npz"))]
