"""EchoNet-Dynamic as its users have it on disk (Ouyang et al., Nature 2020): Videos/*.avi and two tables.

FileList.csv names the videos, their split and frame rate; VolumeTracings.csv holds for two frames of each the long axis
and some twenty chords across it, from X1, Y1 to X2, Y2. Only the cavity is traced: what lies outside it is anything
else, NOT_CAVITY.
"""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from kinecor_models.training.samples import DataSetError

Points = NDArray[np.float64]

SPLITS = {"TRAIN": "train", "VAL": "valid", "TEST": "test"}
USUAL_RATE_PER_S = 50.0
_FILES = ("FileName", "Split")
_TRACES = ("FileName", "X1", "Y1", "X2", "Y2", "Frame")


@dataclass(frozen=True, eq=False)
class Video:
    """One recording.

    Attributes:
        name: of its file, without .avi; there is one a patient.
        file: where it lies.
        rate_per_s: frames a second.
        tracings: (n, 2) outline of the cavity (x, y) in pixels, by frame.

    """

    name: str
    file: Path
    rate_per_s: float
    tracings: dict[int, Points]


def _rows(file: Path, columns: Sequence[str]) -> list[dict[str, str]]:
    if not file.is_file():
        raise DataSetError(f"expected {file.name} in {file.parent}, found none; name the folder that holds Videos/")
    with file.open(newline="", encoding="utf-8") as lines:
        reader = csv.DictReader(lines)
        lacking = [name for name in columns if name not in (reader.fieldnames or ())]
        if lacking:
            raise DataSetError(f"{file}: expected columns {', '.join(columns)}, found no {', '.join(lacking)}")
        return list(reader)


def _stem(name: str) -> str:
    return name.strip().removesuffix(".avi")


def outline(chords: Points) -> Points:
    """The cavity's outline (2 (n - 1), 2) from n lines (n, 4) of x1, y1, x2, y2, of which the first is the long axis.

    As the set's own programs have it: down one end of the chords and up the other.
    """
    across = chords[1:]
    return np.concatenate([across[:, :2], across[::-1, 2:]])


def videos(folder: Path, splits: Sequence[str]) -> list[Video]:
    """The traced videos of some splits; those without a tracing are left out.

    Raises:
        DataSetError: a table is missing or damaged, or nothing is left.

    """
    traces: dict[str, dict[int, list[list[float]]]] = {}
    table = folder / "VolumeTracings.csv"
    for number, row in enumerate(_rows(table, _TRACES), start=2):
        try:
            chord = [float(row[name]) for name in _TRACES[1:5]]
            traces.setdefault(_stem(row["FileName"]), {}).setdefault(int(row["Frame"]), []).append(chord)
        except (ValueError, TypeError) as wrong:
            raise DataSetError(f"{table}, line {number}: expected numbers, got {row}; restore the file") from wrong
    found = []
    for row in _rows(folder / "FileList.csv", _FILES):
        name = _stem(row["FileName"])
        if SPLITS.get(row["Split"].strip().upper()) not in splits or name not in traces:
            continue
        # A long axis alone, or with one chord, encloses nothing.
        lines = {frame: np.array(some) for frame, some in traces[name].items() if len(some) > 3}
        file = folder / "Videos" / f"{name}.avi"
        if lines:
            rate = float(row.get("FPS") or USUAL_RATE_PER_S)
            found.append(Video(name, file, rate, {frame: outline(some) for frame, some in lines.items()}))
    if not found:
        raise DataSetError(f"{folder}: no traced video of split {' or '.join(splits)} in FileList.csv")
    return found


def read_video(video: Video) -> NDArray[np.uint8]:
    """(t, rows, columns) grey frames.

    Raises:
        DataSetError: the video is missing or damaged, or ends before a traced frame.

    """
    if not video.file.is_file():
        raise DataSetError(
            f"expected a video at {video.file}, found none; restore it or take its row out of FileList.csv"
        )
    stream, frames = cv2.VideoCapture(str(video.file)), []
    try:
        while True:
            there, frame = stream.read()
            if not there:
                break
            frames.append(np.asarray(cv2.cvtColor(frame, cv2.COLOR_BGR2GRAY), np.uint8))
    finally:
        stream.release()
    last = max(video.tracings)
    if last >= len(frames):
        raise DataSetError(
            f"expected frame {last} in {video.file}, found {len(frames)} frames; restore it, or its tracings"
        )
    return np.stack(frames)
