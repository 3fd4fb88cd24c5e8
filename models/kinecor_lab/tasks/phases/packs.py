"""Files of cines, made once before training: some hundred of each source, by split, a share of them at a time."""

import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path

from kinecor_lab.datasets.acdc import acdc_png
from kinecor_lab.datasets.samples import Sample, camus_png
from kinecor_lab.datasets.slices import SaxSample
from kinecor_lab.tasks.phases.cine import PhaseCine, write_cines
from kinecor_lab.tasks.phases.sources import made_echo, made_mri, simulated_echo, simulated_mri

SOURCES = ("simulated-mri", "made-mri", "simulated-echo", "made-echo")
SPLITS = ("train", "valid", "test")
_FIRST_SEED = {"train": 1000, "valid": 500_000, "test": 600_000}
# Cines of a file, of simulated sources; patients of a file, and slices of each at most, of made ones.
_SIMULATED = {"simulated-mri": 48, "simulated-echo": 16}
_PATIENTS, _SLICES = {"made-mri": 4, "made-echo": 8}, 5


@dataclass(frozen=True, slots=True)
class Amount:
    """How many files of each source the training split gets; the other splits get one (simulated) or all (made)."""

    simulated: int = 24
    made: int = 15


@dataclass(frozen=True, slots=True)
class Job:
    """One file that is still to be made, and how."""

    file: Path
    make: Callable[[], Iterator[PhaseCine]]


def _chosen(samples: Sequence[SaxSample]) -> list[SaxSample]:
    """Slices from the middle of each patient's stack, where both phases show a cavity."""
    by_patient: dict[str, list[SaxSample]] = {}
    for sample in samples:
        by_patient.setdefault(sample.patient, []).append(sample)
    out: list[SaxSample] = []
    for some in by_patient.values():
        numbers = sorted({one.number for one in some})
        spare = max(0, len(numbers) - _SLICES)
        kept = set(numbers[(spare + 1) // 2 : (spare + 1) // 2 + _SLICES])
        out += [one for one in some if one.number in kept]
    return out


def _of_patients(samples: Sequence[SaxSample] | Sequence[Sample], group: int) -> list[list[str]]:
    """Patients in groups, in an order that does not follow their disease."""
    names = sorted({one.patient for one in samples}, key=lambda name: zlib.crc32(name.encode()))
    return [names[i : i + group] for i in range(0, len(names), group)]


def _made(
    source: str, split: str, amount: Amount, acdc: Path | None, camus: Path | None
) -> list[Callable[[], Iterator[PhaseCine]]]:
    count = amount.made if split == "train" else None
    if source == "made-mri" and acdc is not None:
        slices = _chosen(acdc_png(acdc, [split]))
        return [
            partial(made_mri, [one for one in slices if one.patient in some], number)
            for number, some in enumerate(_of_patients(slices, _PATIENTS[source])[:count])
        ]
    if source == "made-echo" and camus is not None:
        # CAMUS here has two splits: its "valid" is held out, and one group of its "train" is chosen by.
        frames = camus_png(camus, ["valid" if split == "test" else "train"])
        groups = _of_patients(frames, _PATIENTS[source])
        chosen = {"train": groups[:-1][:count], "valid": groups[-1:], "test": groups}[split]
        return [
            partial(made_echo, [one for one in frames if one.patient in some], number, 1 if split == "test" else 2)
            for number, some in enumerate(chosen)
        ]
    return []


def jobs(
    folder: Path, sources: Sequence[str], amount: Amount, acdc: Path | None = None, camus: Path | None = None
) -> list[Job]:
    """What is missing in `folder`, splits in turn so that a few files already make a small training.

    Args:
        folder: where the files lie, as SOURCE-SPLIT-NN.npz.
        sources: of SOURCES; made ones only where their data set is named.
        amount: of the training split.
        acdc: ACDC's slices as PNG, for "made-mri".
        camus: CAMUS' frames as PNG, for "made-echo".

    Raises:
        DataSetError: a data set is damaged.

    """
    found: list[tuple[int, Job]] = []
    for source in sources:
        for split in SPLITS:
            makers = _made(source, split, amount, acdc, camus)
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
    """Makes the files; each is there whole or not at all, so that a stopped run goes on."""
    for number, job in enumerate(todo):
        cines = list(job.make())
        if cines:
            write_cines(job.file, cines)
        say(f"{number + 1}/{len(todo)} {job.file.name}: {len(cines)} cines")


def files(folder: Path, split: str, sources: Sequence[str] = SOURCES) -> list[Path]:
    """The files of a split, in order."""
    return [file for source in sources for file in sorted(folder.glob(f"{source}-{split}-*.npz"))]
