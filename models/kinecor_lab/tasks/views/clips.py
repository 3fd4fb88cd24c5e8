"""Frames of real clips whose views a table names: file,view."""

import csv
from pathlib import Path

import numpy as np

from kinecor.core.values.recording import CineSequence
from kinecor.io.open.recordings import open_path
from kinecor_lab.datasets.samples import DataSetError
from kinecor_lab.tasks.views.data import ViewSample
from kinecor_models.localisation.framing import grey
from kinecor_models.views.classes import CLASSES

FRAMES_OF_A_CLIP = 8


def views_by_file(table: Path) -> dict[str, str]:
    """The view of each clip, by file name; those of a table without such columns are none.

    Args:
        table: CSV with columns file and view.

    """
    with table.open(newline="", encoding="utf-8") as lines:
        return {row["file"]: row["view"] for row in csv.DictReader(lines) if row.get("file") and row.get("view")}


def read_clip_frames(folder: Path, table: Path) -> list[ViewSample]:
    """Up to FRAMES_OF_A_CLIP frames of each clip, cut to the region that its file names.

    Args:
        folder: of the clips.
        table: see `views_by_file`; clips that it does not list are left out.

    Raises:
        DataSetError: a view is none of CLASSES, or no clip is listed.

    """
    views = views_by_file(table)
    if unknown := sorted(set(views.values()) - set(CLASSES)):
        raise DataSetError(f"{table}: expected views {', '.join(CLASSES)}, got {', '.join(unknown)}; correct the rows")
    view_samples: list[ViewSample] = []
    for cine in open_path(str(folder)).recordings:
        name = Path(cine.source.path).name
        if not isinstance(cine, CineSequence) or name not in views:
            continue
        for frame in np.unique(np.linspace(0, len(cine) - 1, FRAMES_OF_A_CLIP).round().astype(int)):
            image, region = grey(cine.frames[int(frame)]), cine.region
            if region is not None:
                image = image[region.y0 : region.y1, region.x0 : region.x1]
            view_samples.append(ViewSample(image, CLASSES.index(views[name])))
    if not view_samples:
        raise DataSetError(f"expected clips that {table} lists in {folder}, found none; name their folder")
    return view_samples
