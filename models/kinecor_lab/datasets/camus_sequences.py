"""The sequences of CAMUS: half a cycle with every frame labelled (NIfTI), or a whole one with ED and ES (MetaImage)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from kinecor_lab.datasets.camus_folder import VIEW_NAMES, View, chosen
from kinecor_lab.datasets.camus_images import read_grey, read_label
from kinecor_lab.datasets.clip import SequenceClip
from kinecor_lab.datasets.interpolation import interpolated
from kinecor_lab.datasets.placing import IGNORE
from kinecor_lab.datasets.samples import DataSetError
from kinecor_lab.tasks.sequence.sources import on_grid
from kinecor_models.contract import ClipInput
from kinecor_models.grid import fitted
from kinecor_models.localisation.framing import sector_box

USUAL_RATE_PER_S = 50.0
"""Assumed where Info_*.cfg tells no FrameRate, as in the first release."""


@dataclass(frozen=True, slots=True)
class Info:
    """What Info_*.cfg tells: frames from 0, and frames a second."""

    ed: int
    es: int
    rate_per_s: float


def info_of(view: View, count: int) -> Info:
    """ED, ES and rate of a sequence of `count` frames.

    Raises:
        DataSetError: the file or a line is missing, or a frame lies outside the sequence.

    """
    file = view.folder / f"Info_{view.chamber}.cfg"
    if not file.is_file():
        raise DataSetError(f"expected ED and ES of {view.patient} in {file}, found no such file; restore it")
    told = {}
    for line in file.read_text().splitlines():
        key, _, value = line.partition(":")
        told[key.strip()] = value.strip()
    try:
        ed, es = int(told["ED"]) - 1, int(told["ES"]) - 1
        rate_per_s = float(told.get("FrameRate", USUAL_RATE_PER_S))
    except (KeyError, ValueError) as wrong:
        raise DataSetError(f"expected numbers for ED and ES in {file}: {wrong}; restore the file") from wrong
    if not (0 <= ed < count and 0 <= es < count and ed != es and rate_per_s > 0):
        raise DataSetError(f"{file}: ED {ed + 1} and ES {es + 1} must be two frames of the {count} of the sequence")
    return Info(ed, es, rate_per_s)


def _labelled(view: View) -> tuple[NDArray[np.uint8], tuple[float, float], dict[int, NDArray[np.uint8]], Info]:
    """Frames (t, rows, columns), size of a pixel, labels by frame, and what is told of them."""
    half, whole = view.file("half_sequence"), view.file("sequence")
    path = half if half.is_file() else whole
    frames, size_mm = read_grey(path)
    if frames.ndim != 3:
        raise DataSetError(f"expected a sequence in {path}, got one frame; restore the file")
    info = info_of(view, len(frames))
    if path == half:
        labels = read_label(view.file("half_sequence_gt"), frames.shape)
        return frames, size_mm, dict(enumerate(labels)), info
    shape = frames.shape[1:]
    marked = {info.ed: read_label(view.file("ED_gt"), shape), info.es: read_label(view.file("ES_gt"), shape)}
    return frames, size_mm, marked, info


def camus_sequences(
    folder: Path, splits: Sequence[str], side_px: int, *, interpolate: bool = True
) -> Iterator[SequenceClip]:
    """Every sequence of some splits as the network sees it, one at a time.

    Args:
        folder: see camus_folder.py.
        splits: of "train", "valid", "test".
        side_px: of the pictures.
        interpolate: label the frames between annotated ones.

    Raises:
        DataSetError: a file is missing or damaged.

    """
    for view in chosen(folder, splits):
        frames, (row_mm, column_mm), marked, info = _labelled(view)
        aspect = row_mm / column_mm
        grid = fitted(sector_box(ClipInput(frames, aspect=aspect)), side_px, aspect)
        small = {frame: on_grid(label[None], grid)[0] for frame, label in marked.items()}
        times_s = np.arange(len(frames)) / info.rate_per_s
        if interpolate:
            labels = interpolated(small, times_s)
        else:
            labels = np.full((len(frames), side_px, side_px), IGNORE, np.uint8)
            for frame, label in small.items():
                labels[frame] = label
        yield SequenceClip(
            f"{view.patient}/{view.chamber}",
            "CAMUS",
            VIEW_NAMES[view.chamber],
            np.stack([grid.sampled(frame) for frame in frames]),
            labels,
            times_s,
            (info.ed,),
            (info.es,),
            column_mm * grid.step_px[0],
        )
