"""Files of pairs of pictures with known motion, made once before training, by split; a stopped making goes on."""

import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from kinecor_lab.datasets.acdc import acdc_png
from kinecor_lab.datasets.cycles import made_label
from kinecor_lab.datasets.cycles import pairs as slice_pairs
from kinecor_lab.datasets.samples import camus_png
from kinecor_lab.tasks.motion.pairs import KNOWN, WALL, FlowPairs, joined, write_pairs
from kinecor_lab.tasks.motion.sources import Both, made_pairs, simulated_echo, simulated_mri
from kinecor_lab.tasks.motion.synthetic import synthetic
from kinecor_phantoms.warped.frame import APICAL, SHORT_AXIS, Anatomy, LabelledFrame

SOURCES = ("synthetic", "simulated-echo", "made-echo", "simulated-mri", "made-mri")
# Of a file: clips of simulated sources, patients or slices of made ones, pairs of synthetic ones.
_EACH = {"synthetic": 1000, "simulated-echo": 60, "simulated-mri": 60, "made-echo": 25, "made-mri": 25}
_FIRST_SEED = {"train": 2000, "valid": 520_000}


@dataclass(frozen=True, slots=True)
class Amounts:
    """How many files of each source there are to train on; to choose by there is one of each."""

    simulated_echo: int = 5
    simulated_mri: int = 3
    made_echo: int = 4
    made_mri: int = 3
    synthetic: int = 3

    def of(self, source: str) -> int:
        """Files of one of SOURCES."""
        return int(getattr(self, source.replace("-", "_")))


def camus_both(folder: Path, *, chosen_by: bool | None) -> list[Both]:
    """ED and ES frame of CAMUS' training patients.

    Args:
        folder: see camus_png.
        chosen_by: True for the eighth of them by which training is judged, False for the others, None for the
            validation patients, which no training sees.

    """
    by_patient: dict[str, dict[str, LabelledFrame]] = {}
    for one in camus_png(folder, ["valid" if chosen_by is None else "train"]):
        if chosen_by is None or (zlib.crc32(one.patient.encode()) % 8 == 0) is chosen_by:
            by_patient.setdefault(one.patient, {})[one.phase] = LabelledFrame(one.image, one.label)
    return _shuffled([(two["ED"], two["ES"]) for two in by_patient.values() if len(two) == 2])


def acdc_both(folder: Path, split: str) -> list[Both]:
    """ED and ES frame of ACDC's slices that have cavity and wall at both."""
    found = []
    for two in slice_pairs(acdc_png(folder, [split])):
        ed, es = (LabelledFrame(one.image, made_label(one.allowed)) for one in two)
        found.append((ed, es))
    return _shuffled(found)


def _shuffled(both: list[Both]) -> list[Both]:
    return [both[int(i)] for i in np.random.default_rng(19).permutation(len(both))]


def labelled(both: Sequence[Both], anatomy: Anatomy) -> list[tuple[NDArray[np.uint8], NDArray[np.uint8]]]:
    """Pictures and labels as `synthetic` takes them."""
    found = []
    for frame in (one for two in both for one in two):
        label = np.zeros_like(frame.label)
        label[np.isin(frame.label, (anatomy.cavity, anatomy.other))] = KNOWN
        label[frame.label == anatomy.wall] = WALL
        # Blood in MR has no speckle of its own.
        found.append((frame.image, label if anatomy.long_axis else np.where(label == WALL, WALL, 0).astype(np.uint8)))
    return found


def make(
    folder: Path,
    sources: Sequence[str],
    amounts: Amounts,
    camus: Path | None,
    acdc: Path | None,
    say: Callable[[str], None] = print,
) -> None:
    """Makes what is missing of SOURCE-SPLIT-NN.npz.

    Args:
        folder: where the files lie.
        sources: of SOURCES.
        amounts: of the training split.
        camus: CAMUS' frames as PNG, for made echo clips and synthetic pairs; without, there are none of them.
        acdc: ACDC's slices as PNG, likewise for MRI.
        say: is told of every file.

    Raises:
        DataSetError: a data set is damaged.

    """
    folder.mkdir(parents=True, exist_ok=True)
    for split in ("valid", "train"):
        echo = camus_both(camus, chosen_by=split == "valid") if camus else []
        mri = acdc_both(acdc, "train") if acdc else []
        # ACDC's own validation slices are kept for the table; an eighth of its training slices is chosen by.
        cut = len(mri) // 8
        mri = mri[:cut] if split == "valid" else mri[cut:]
        real = labelled(echo, APICAL) + labelled(mri, SHORT_AXIS)
        most = max(amounts.of(source) for source in sources) if split == "train" else 1
        # Number by number, so that a making that was stopped early already has some of everything.
        for number in range(most):
            for source in sources:
                if number >= amounts.of(source):
                    continue
                path = folder / f"{source}-{split}-{number:02d}.npz"
                if path.is_file() or (source == "synthetic" and not real):
                    continue
                seed, many = _FIRST_SEED[split] + number, _EACH[source]
                part = slice(number * many, (number + 1) * many)
                of: dict[str, Callable[[], Iterator[FlowPairs]]] = {
                    "synthetic": partial(synthetic, real, seed),
                    "simulated-echo": partial(simulated_echo, seed),
                    "simulated-mri": partial(simulated_mri, seed),
                    "made-echo": partial(made_pairs, echo[part], APICAL, seed),
                    "made-mri": partial(made_pairs, mri[part], SHORT_AXIS, seed),
                }
                endless = source in ("synthetic", "simulated-echo", "simulated-mri")
                found = list(islice(of[source](), many if endless else None))
                if found:
                    write_pairs(path, joined(found))
                say(f"{path.name}: {sum(len(one) for one in found)} pairs")


def files(folder: Path, split: str, sources: Sequence[str] = SOURCES) -> list[Path]:
    """The files of a split, in order."""
    return [path for source in sources for path in sorted(folder.glob(f"{source}-{split}-*.npz"))]
