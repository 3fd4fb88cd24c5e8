"""Cines with known ED and ES: what the network of paper 003 learns from, and how they are kept on disk."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from kinecor_lab.datasets.samples import DataSetError

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class PhaseCine:
    """A recording of one heart, seen close up, with the times of its events.

    Attributes:
        name: patient and slice; sets are split by what stands before the first "/".
        source: "simulated mri", "simulated echo", "made mri", "made echo" or "real mri".
        frames: (t, side, side) uint8 grey.
        times_s: (t,) increasing.
        ed_s, es_s: end-diastoles and end-systoles in order; some may lie outside the frames, so that every frame has
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
    """Keeps cines of one picture size in a file (.npz), whole or not at all."""
    file.parent.mkdir(parents=True, exist_ok=True)
    part = file.with_suffix(".part")
    with part.open("wb") as out:
        np.savez_compressed(
            out,
            name=np.array([one.name for one in cines]),
            source=np.array([one.source for one in cines]),
            cycle_s=np.array([one.cycle_s or np.nan for one in cines]),
            frames=np.concatenate([one.frames for one in cines]),
            times_s=np.concatenate([one.times_s for one in cines]),
            count=np.array([len(one.frames) for one in cines]),
            events_s=np.concatenate([[*one.ed_s, *one.es_s] for one in cines]),
            events=np.array([(len(one.ed_s), len(one.es_s)) for one in cines]),
        )
    part.replace(file)


def read_cines(files: Sequence[Path]) -> list[PhaseCine]:
    """The cines of some files.

    Raises:
        DataSetError: a file is missing or holds something else.

    """
    found: list[PhaseCine] = []
    for file in files:
        if not file.is_file():
            raise DataSetError(f"expected a file of cines at {file}, found none; make it with kinecor train phases")
        try:
            with np.load(file, allow_pickle=False) as held:
                found += _unpacked({name: held[name] for name in held.files})
        except (KeyError, ValueError, OSError) as wrong:
            raise DataSetError(f"expected cines with their events in {file}: {wrong}; make the file anew") from wrong
    return found


def _unpacked(held: dict[str, np.ndarray]) -> list[PhaseCine]:
    ends, marks = np.cumsum(held["count"]), np.cumsum(held["events"].sum(axis=1))
    found = []
    for i, (eds, _) in enumerate(held["events"]):
        frames = slice(ends[i] - held["count"][i], ends[i])
        events = held["events_s"][marks[i] - held["events"][i].sum() : marks[i]].tolist()
        cycle_s = float(held["cycle_s"][i])
        found.append(
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
    return found
