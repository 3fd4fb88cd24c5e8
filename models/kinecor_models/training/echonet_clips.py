"""EchoNet-Dynamic as frames and clips to learn from."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from kinecor_models.contract import ClipInput
from kinecor_models.framing import sector_box
from kinecor_models.grid import fitted
from kinecor_models.phantoms.section import fill
from kinecor_models.training.echonet import Video, read_video, videos
from kinecor_models.training.placing import IGNORE
from kinecor_models.training.samples import Sample
from kinecor_models.training.sequence_clip import NOT_CAVITY, SequenceClip
from kinecor_models.training.sequence_interpolation import interpolated
from kinecor_models.training.sequence_sources import on_grid

BEFORE, AFTER, MOST = 12, 12, 72
"""Frames kept before the first and after the last traced one, and of a clip at most."""


def _labels(video: Video, shape: tuple[int, int]) -> dict[int, NDArray[np.uint8]]:
    """(rows, columns) labels of the traced frames: 1 in the cavity, NOT_CAVITY outside."""
    return {
        frame: np.where(fill(points, shape), 1, NOT_CAVITY).astype(np.uint8) for frame, points in video.tracings.items()
    }


def _phases(labels: dict[int, NDArray[np.uint8]]) -> tuple[int, int]:
    """The traced frames of the largest and of the smallest cavity: the tables do not say which is ED."""
    areas = {frame: int((label == 1).sum()) for frame, label in labels.items()}
    return max(areas, key=lambda frame: areas[frame]), min(areas, key=lambda frame: areas[frame])


def echonet_frames(folder: Path, splits: Sequence[str]) -> list[Sample]:
    """The traced frames of some splits; what is outside the cavity is NOT_CAVITY, and the scale is not known.

    Raises:
        DataSetError: a part is missing or damaged.

    """
    samples = []
    for video in videos(folder, splits):
        frames = read_video(video)
        labels = _labels(video, (frames.shape[1], frames.shape[2]))
        for phase, frame in zip(("ED", "ES"), _phases(labels), strict=True):
            samples.append(Sample(video.name, phase, frames[frame], labels[frame], float("nan")))
    return samples


def echonet_sequences(
    folder: Path, splits: Sequence[str], side_px: int, *, interpolate: bool = True
) -> Iterator[SequenceClip]:
    """The traced beat of every video of some splits as the network sees it, one at a time.

    Args:
        folder: see echonet.py.
        splits: of "train", "valid", "test".
        side_px: of the pictures.
        interpolate: label the frames between the traced ones.

    Raises:
        DataSetError: a part is missing or damaged.

    """
    for video in videos(folder, splits):
        whole = read_video(video)
        marked = _labels(video, (whole.shape[1], whole.shape[2]))
        first = max(0, min(marked) - BEFORE)
        frames = whole[first : min(max(marked) + 1 + AFTER, first + MOST)]
        marked = {frame - first: label for frame, label in marked.items() if frame - first < len(frames)}
        grid = fitted(sector_box(ClipInput(frames)), side_px)
        times_s = np.arange(len(frames)) / video.rate_per_s
        small = {frame: on_grid(label[None], grid)[0] for frame, label in marked.items()}
        labels = np.full((len(frames), side_px, side_px), IGNORE, np.uint8)
        if interpolate:
            labels = interpolated(small, times_s)
        for frame, label in small.items():
            labels[frame] = label
        ed, es = _phases(marked)
        yield SequenceClip(
            video.name,
            "EchoNet",
            "A4C",
            np.stack([grid.sampled(frame) for frame in frames]),
            labels,
            times_s,
            (ed,),
            (es,),
            float("nan"),
        )
