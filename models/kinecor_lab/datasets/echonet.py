"""EchoNet-Dynamic as its users have it on disk (Ouyang et al., Nature 2020): Videos/*.avi and two tables.

FileList.csv names the videos, their split and frame rate; VolumeTracings.csv holds for two frames of each the long axis
and some twenty chords across it, from X1, Y1 to X2, Y2. Only the cavity is traced: what lies outside it is anything
else, NOT_CAVITY.
"""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from kinecor_lab.datasets.left_out import tell_left_out
from kinecor_lab.datasets.samples import DataSetError

Points = NDArray[np.float64]
Row = dict[str, str]

SPLITS = {"TRAIN": "train", "VAL": "valid", "TEST": "test"}
USUAL_RATE_PER_S = 50.0
"""Assumed where FileList.csv has no FPS, or none for a video."""
_FILES = ("FileName", "Split")
_TRACES = ("FileName", "X1", "Y1", "X2", "Y2", "Frame")
_LEAST_LINES = 4
"""A long axis alone, or with one or two chords, encloses next to nothing."""


@dataclass(frozen=True, eq=False)
class Video:
    """One recording.

    Attributes:
        name: of its file, without .avi; there is one a patient.
        file: where it lies.
        rate_per_s: frames a second.
        tracings: (n, 2) outline of the cavity (x, y) in pixels, by frame; two frames or more.

    """

    name: str
    file: Path
    rate_per_s: float
    tracings: dict[int, Points]


def _rows(file: Path, columns: Sequence[str]) -> Iterator[tuple[str, Row]]:
    """Every row, and where it stands ("FILE, line N"), with something in each of the columns."""
    if not file.is_file():
        raise DataSetError(f"expected {file.name} in {file.parent}, found none; name the folder that holds Videos/")
    try:
        with file.open(newline="", encoding="utf-8") as lines:
            reader = csv.DictReader(lines)
            lacking = [name for name in columns if name not in (reader.fieldnames or ())]
            if lacking:
                raise DataSetError(f"{file}: expected columns {', '.join(columns)}, found no {', '.join(lacking)}")
            for row in reader:
                where = f"{file}, line {reader.line_num}"
                empty = [name for name in columns if not (row[name] or "").strip()]
                if empty:
                    raise DataSetError(f"{where}: expected {', '.join(empty)}, found nothing there; restore the file")
                yield where, row
    except (UnicodeDecodeError, csv.Error) as wrong:
        raise DataSetError(f"expected a table in {file}, found it damaged ({wrong}); restore the file") from wrong


def _stem(name: str) -> str:
    return name.strip().removesuffix(".avi")


def outline(chords: Points) -> Points:
    """The cavity's outline (2 (n - 1), 2) from n lines (n, 4) of x1, y1, x2, y2, of which the first is the long axis.

    As the set's own programs have it: down one end of the chords and up the other.
    """
    across = chords[1:]
    return np.concatenate([across[:, :2], across[::-1, 2:]])


def _traces(table: Path) -> dict[str, dict[int, list[list[float]]]]:
    """Lines (x1, y1, x2, y2) by video and frame."""
    found: dict[str, dict[int, list[list[float]]]] = {}
    for where, row in _rows(table, _TRACES):
        try:
            line, frame = [float(row[name]) for name in _TRACES[1:5]], int(row["Frame"])
        except ValueError as wrong:
            raise DataSetError(f"{where}: expected numbers, got {row}; restore the file") from wrong
        if not np.isfinite(line).all() or frame < 0:
            raise DataSetError(f"{where}: expected finite numbers and a frame from 0, got {row}; restore the file")
        found.setdefault(_stem(row["FileName"]), {}).setdefault(frame, []).append(line)
    return found


def _listed(table: Path) -> dict[str, tuple[str, float]]:
    """Split and frames a second by video."""
    found: dict[str, tuple[str, float]] = {}
    for where, row in _rows(table, _FILES):
        name, split, told = _stem(row["FileName"]), row["Split"].strip().upper(), (row.get("FPS") or "").strip()
        if split not in SPLITS:
            raise DataSetError(f"{where}: expected a Split of {', '.join(SPLITS)}, got {split}; restore the file")
        if name in found:
            raise DataSetError(f"{where}: expected each video once, found {name} again; take one of its rows out")
        try:
            rate_per_s = float(told) if told else USUAL_RATE_PER_S
        except ValueError:
            rate_per_s = float("nan")
        if not (np.isfinite(rate_per_s) and rate_per_s > 0):
            raise DataSetError(f"{where}: expected frames a second as FPS, above 0, got {told}; restore the file")
        found[name] = SPLITS[split], rate_per_s
    return found


def videos(folder: Path, splits: Sequence[str]) -> list[Video]:
    """The videos of some splits of which two frames or more are traced.

    Those that are traced in less frames, or not listed, are left out, which is told on stderr.

    Raises:
        DataSetError: a table is missing or damaged, or nothing is left.

    """
    traces, listed = _traces(folder / "VolumeTracings.csv"), _listed(folder / "FileList.csv")
    tell_left_out(folder, "traced videos that FileList.csv does not list", sorted(set(traces) - set(listed)))
    found, untraced = [], []
    for name, (split, rate_per_s) in listed.items():
        if split not in splits:
            continue
        lines = {frame: np.array(some) for frame, some in traces.get(name, {}).items() if len(some) >= _LEAST_LINES}
        if len(lines) < 2:
            untraced.append(name)
            continue
        tracings = {frame: outline(some) for frame, some in lines.items()}
        found.append(Video(name, folder / "Videos" / f"{name}.avi", rate_per_s, tracings))
    why = f"videos of split {' or '.join(splits)} that VolumeTracings.csv has less than two traced frames of"
    tell_left_out(folder, why, untraced)
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
