"""Segmentations and presentation states as overlays: drawn on the images, never measured."""

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from kinecor.analysis.contours.placing import placed_labels
from kinecor.core.values.errors import KinecorError, Tick, no_tick
from kinecor.core.values.foreign import Graphic, Overlay
from kinecor.core.values.labels import LabelFile
from kinecor.core.values.message import message, verbatim
from kinecor.core.values.recording import Recording
from kinecor.io.contours.presentation import is_presentation, read_presentation
from kinecor.io.contours.segmentation import read_segmentation
from kinecor_models.contours.outlines import pieces


def overlay_of(path: Path, recordings: Sequence[Recording], tick: Tick = no_tick) -> Overlay:
    """What a document draws on recordings.

    Args:
        path: of a segmentation or a presentation state.
        recordings: of its study.
        tick: called after each recording; raises Cancelled to end the work.

    Raises:
        KinecorError: it cannot be read, or is of none of the recordings.
        Cancelled: by `tick`.

    """
    if is_presentation(path):
        overlay = read_presentation(path, recordings)
    else:
        file = read_segmentation(path)
        graphics: dict[str, dict[int, tuple[Graphic, ...]]] = {}
        for done, recording in enumerate(recordings):
            tick(done, len(recordings))
            graphics |= _outlined(file, recording)
        overlay = Overlay(str(path), graphics)
    if not overlay.count:
        raise KinecorError(
            message("{file} draws on none of the images that are open", file=verbatim(path.name)),
        )
    return overlay


def _outlined(file: LabelFile, recording: Recording) -> dict[str, dict[int, tuple[Graphic, ...]]]:
    """Outlines of each segment by loop or slice and frame; {} where the file is of other images."""
    try:
        placed = placed_labels(file, recording)
    except KinecorError:
        return {}
    if not placed.sure:
        return {}
    found: defaultdict[str, dict[int, tuple[Graphic, ...]]] = defaultdict(dict)
    for (number, frame), labels in placed.labels.items():
        drawn = []
        for value in np.unique(labels[labels > 0]).tolist():
            name = file.names.get(value, "")
            lines = pieces(np.asarray(labels == value, np.float32) - 0.5, 0.0)
            drawn += [Graphic(line.astype(np.float64), closed=True, text=name) for line in lines]
        if drawn:
            found[recording.cines[number].source.recording_id][frame] = tuple(drawn)
    return dict(found)
