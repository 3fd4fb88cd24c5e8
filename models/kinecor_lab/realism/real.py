"""Real recordings to compare the look of simulated ones with: labelled frames and clips from folders on disk."""

import csv
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from kinecor_lab.common.metrics import filled
from kinecor_lab.datasets.samples import DataSetError
from kinecor_lab.realism.frame import CAVITY, RIGHT, WALL, LookFrame

Row = dict[str, str]
Reader = Callable[[Path, Row], LookFrame]
# Where ACDC's labels stand (1 RV, 2 myocardium, 3 LV) among ours.
_ACDC = np.array([0, RIGHT, WALL, CAVITY], np.uint8)


def real_frames(folder: Path, kind: str, recordings: int, seed: int, skip: int = 0) -> Iterator[LookFrame]:
    """Labelled frames of up to `recordings` patients of each data set in `folder`, drawn by `seed`.

    Args:
        folder: a data set (with an index.csv), or a folder of data sets.
        kind: "echo" (CAMUS as PNG) or "mri" (ACDC, Sunnybrook as PNG).
        recordings: patients a data set.
        seed: of the draw.
        skip: so many patients of the draw are passed over first, so that two calls can give different patients.

    Raises:
        DataSetError: there is no such data set, or a picture of it is missing.

    """
    sets = [(place, rows, _READERS[known]) for place, rows, known in _data_sets(folder) if known in _KINDS[kind]]
    if not sets:
        wanted = {"echo": "CAMUS frames", "mri": "ACDC or Sunnybrook slices"}[kind]
        raise DataSetError(f"expected {wanted} as PNG with an index.csv in {folder} or a folder of it, found none")
    for place, rows, read in sets:
        patients = sorted({row["patient"] for row in rows})
        drawn = np.random.default_rng(seed).permutation(len(patients))[skip : skip + recordings]
        chosen = {patients[int(i)] for i in drawn}
        for row in rows:
            if row["patient"] in chosen:
                yield read(place, row)


def real_clips(folder: Path) -> Iterator[LookFrame]:
    """Every MP4 in `folder` or a folder of it, as unlabelled clips without a scale."""
    for path in sorted([*folder.glob("*.mp4"), *folder.glob("*/*.mp4")]):
        film, frames = cv2.VideoCapture(str(path)), []
        rate = float(film.get(cv2.CAP_PROP_FPS))
        try:
            while (got := film.read())[0]:
                frames.append(cv2.cvtColor(got[1], cv2.COLOR_BGR2GRAY))
        finally:
            film.release()
        if frames:
            clip = np.asarray(frames, np.uint8)
            yield LookFrame(path.stem, clip[0], clip=clip, interval_s=1 / rate if rate > 0 else None)


def _data_sets(folder: Path) -> Iterator[tuple[Path, Sequence[Row], str]]:
    for place in (folder, *sorted(one for one in folder.glob("*") if one.is_dir())):
        if (place / "index.csv").is_file():
            with (place / "index.csv").open(newline="") as lines:
                rows = list(csv.DictReader(lines))
            for known in _READERS:
                if rows and known in rows[0]:
                    yield place, rows, known


def _camus(place: Path, row: Row) -> LookFrame:
    name = f"{row['patient']}_4CH_{row['phase']}"
    image, labels = (_picture(place / kind / f"{name}.png") for kind in ("images", "labels"))
    return LookFrame(name, image, labels, float(row["spacing_mm"]))


def _acdc(place: Path, row: Row) -> LookFrame:
    name = f"{row['patient']}_{row['phase']}_s{int(row['slice']):02d}"
    image, labels = (_picture(place / kind / f"{name}.png") for kind in ("images", "labels"))
    return LookFrame(name, image, _ACDC[np.minimum(labels, 3)])


def _sunnybrook(place: Path, row: Row) -> LookFrame:
    image = _picture(place / row["image"])
    labels = np.zeros(image.shape, np.uint8)
    if row["epi_contour"]:
        labels[filled(np.loadtxt(place / row["epi_contour"], ndmin=2), image.shape)] = WALL
    labels[_picture(place / row["endo_mask"]) > 0] = CAVITY
    return LookFrame(Path(row["image"]).stem, image, labels)


# A data set is known by a column that only its index has.
_READERS: dict[str, Reader] = {"view": _camus, "rv_px": _acdc, "endo_mask": _sunnybrook}
_KINDS = {"echo": ("view",), "mri": ("rv_px", "endo_mask")}


def _picture(path: Path) -> NDArray[np.uint8]:
    picture = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE) if path.is_file() else None
    if picture is None:
        raise DataSetError(f"expected a readable picture at {path}; restore the file or take its row out of index.csv")
    return np.asarray(picture, np.uint8)
