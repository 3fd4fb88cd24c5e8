"""The ways of patients' hearts from ED to ES: found once, a second each, and kept on disk."""

import zlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np

from kinecor_lab.datasets.samples import Sample
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
    return [(one["ED"], one["ES"]) for one in held.values() if {"ED", "ES"} <= set(one)]


def _frame(sample: Sample) -> LabelledFrame:
    return LabelledFrame(sample.image, sample.label)


def _digest(pair: Pair) -> int:
    """Changes when a picture or a label does, so that no path of other pictures is taken."""
    value = 0
    for sample in pair:
        value = zlib.crc32(sample.label.tobytes(), zlib.crc32(sample.image.tobytes(), value))
    return value


def path_of(pair: Pair, folder: Path) -> Path2D:
    """The path of a pair, from `folder` where it lies there; else it is found and put there.

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
    """Every pair that matches, and its path; what does not match is told and left out."""
    for number, pair in enumerate(pairs):
        try:
            path = path_of(pair, folder)
        except NoMatchError as wrong:
            say(f"{number + 1}/{len(pairs)} {pair[0].patient} {pair[0].view}: {wrong}")
            continue
        yield pair, path
