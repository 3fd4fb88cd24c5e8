"""EchoNet-Dynamic as frames and clips to learn from."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from kinecor_lab.datasets.clip import NOT_CAVITY, SequenceClip
from kinecor_lab.datasets.echonet import Video, read_video, videos
from kinecor_lab.datasets.interpolation import interpolated
from kinecor_lab.datasets.left_out import tell_left_out
from kinecor_lab.datasets.placing import IGNORE
from kinecor_lab.datasets.samples import DataSetError, Sample
from kinecor_lab.tasks.sequence.sources import on_grid
from kinecor_models.contract import ClipInput
from kinecor_models.grid import fitted
from kinecor_models.localisation.framing import sector_box
from kinecor_phantoms.raster import inside

BEFORE, AFTER, MOST = 12, 12, 72
"""Frames kept before the first and after the last traced one, less where a clip would have more than the last number;
tracings that lie farther apart do not bound one beat."""


def _labels(video: Video, shape: tuple[int, int]) -> dict[int, NDArray[np.uint8]]:
    """(rows, columns) labels of the traced frames: 1 in the cavity, NOT_CAVITY outside."""
    return {
        frame: np.where(inside([points], shape), 1, NOT_CAVITY).astype(np.uint8)
        for frame, points in video.tracings.items()
    }


def _phases(labels: dict[int, NDArray[np.uint8]]) -> tuple[int, int]:
    """The traced frames of the largest and of the smallest cavity: the tables do not say which is ED.

    Of cavities alike the earlier frame is ED, so that the two are never one.
    """
    order = sorted(labels, key=lambda frame: (-int((labels[frame] == 1).sum()), frame))
    return order[0], order[-1]


def _kept(video: Video) -> slice:
    """The frames of a clip: all traced ones, and of those around them as many as MOST leaves room for."""
    first, end = min(video.tracings), max(video.tracings) + 1
    first = max(0, first - BEFORE, end - MOST)
    return slice(first, min(end + AFTER, first + MOST))


def _of_one_beat(folder: Path, some: Sequence[Video]) -> list[Video]:
    """Videos whose traced frames go into a clip; the others are told on stderr."""
    far = [one.name for one in some if max(one.tracings) - min(one.tracings) >= MOST]
    tell_left_out(folder, f"videos whose traced frames span more than the {MOST} frames of a clip", far)
    found = [one for one in some if one.name not in far]
    if not found:
        raise DataSetError(
            f"expected traced frames within {MOST} frames in {folder}, found none such; restore VolumeTracings.csv"
        )
    return found


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

    Videos whose traced frames lie too far apart for a clip are left out, which is told on stderr.

    Args:
        folder: see echonet.py.
        splits: of "train", "valid", "test".
        side_px: of the pictures.
        interpolate: label the frames between the traced ones.

    Raises:
        DataSetError: a part is missing or damaged.

    """
    for video in _of_one_beat(folder, videos(folder, splits)):
        whole = read_video(video)
        marked = _labels(video, (whole.shape[1], whole.shape[2]))
        kept = _kept(video)
        frames = whole[kept]
        marked = {frame - kept.start: label for frame, label in marked.items()}
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
