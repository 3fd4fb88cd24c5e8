"""EchoNet-Dynamic as its users have it on disk (Ouyang et al., Nature 2020): Videos/*.avi and two tables.

FileList.csv names the videos, their split and frame rate; VolumeTracings.csv holds for two frames of each the long axis
and some twenty chords across it, from X1, Y1 to X2, Y2. Only the cavity is traced: what is outside it may be anything
else, NOT_CAVITY.
"""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from kinecor_lab.datasets.clip import NOT_CAVITY, SequenceClip, interpolated, on_grid
from kinecor_lab.datasets.placing import IGNORE
from kinecor_lab.datasets.samples import DataSetError, Sample, tell_left_out
from kinecor_models.contract import ClipInput, fit_grid
from kinecor_models.localisation.framing import sector_box
from kinecor_phantoms.raster import pixels_inside

Points = NDArray[np.float64]
Row = dict[str, str]

SPLITS = {"TRAIN": "train", "VAL": "valid", "TEST": "test"}
USUAL_RATE_PER_S = 50.0
"""Assumed where FileList.csv has no FPS, or none for a video."""
_FILES = ("FileName", "Split")
_TRACES = ("FileName", "X1", "Y1", "X2", "Y2", "Frame")
_MIN_LINES = 4
"""A long axis alone, or with one or two chords, encloses next to nothing."""


@dataclass(frozen=True, eq=False)
class Video:
    """One recording.

    Attributes:
        name: of its file, without .avi; there is one a patient.
        file: its path.
        rate_per_s: frames a second.
        tracings: (n, 2) outline of the cavity (x, y) in pixels, by frame; two frames or more.

    """

    name: str
    file: Path
    rate_per_s: float
    tracings: dict[int, Points]


def _rows(file: Path, columns: Sequence[str]) -> Iterator[tuple[str, Row]]:
    """Every row, and its position ("FILE, line N"), with something in each of the columns."""
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

    Args:
        chords: (n, 4) in pixels.

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
        name, split, rate_text = _stem(row["FileName"]), row["Split"].strip().upper(), (row.get("FPS") or "").strip()
        if split not in SPLITS:
            raise DataSetError(f"{where}: expected a Split of {', '.join(SPLITS)}, got {split}; restore the file")
        if name in found:
            raise DataSetError(f"{where}: expected each video once, found {name} again; take one of its rows out")
        try:
            rate_per_s = float(rate_text) if rate_text else USUAL_RATE_PER_S
        except ValueError:
            rate_per_s = float("nan")
        if not (np.isfinite(rate_per_s) and rate_per_s > 0):
            raise DataSetError(f"{where}: expected frames a second as FPS, above 0, got {rate_text}; restore the file")
        found[name] = SPLITS[split], rate_per_s
    return found


def videos(folder: Path, splits: Sequence[str]) -> list[Video]:
    """The videos of some splits of which two frames or more are traced.

    Videos that are traced in fewer frames, or not listed, are left out and named on stderr.

    Raises:
        DataSetError: a table is missing or damaged, or nothing is left.

    """
    traces, listed = _traces(folder / "VolumeTracings.csv"), _listed(folder / "FileList.csv")
    tell_left_out(folder, "traced videos that FileList.csv does not list", sorted(set(traces) - set(listed)))
    found, untraced = [], []
    for name, (split, rate_per_s) in listed.items():
        if split not in splits:
            continue
        lines = {frame: np.array(some) for frame, some in traces.get(name, {}).items() if len(some) >= _MIN_LINES}
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


BEFORE, AFTER, MOST = 12, 12, 72
"""Frames included before the first and after the last traced one, and the longest clip, which may have fewer of them;
tracings that are farther apart do not bound one beat."""


def _labels(video: Video, shape: tuple[int, int]) -> dict[int, NDArray[np.uint8]]:
    """(rows, columns) labels of the traced frames: 1 in the cavity, NOT_CAVITY outside."""
    return {
        frame: np.where(pixels_inside([points], shape), 1, NOT_CAVITY).astype(np.uint8)
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
    """Videos whose traced frames go into a clip; the others are named on stderr."""
    far = [video.name for video in some if max(video.tracings) - min(video.tracings) >= MOST]
    tell_left_out(folder, f"videos whose traced frames span more than the {MOST} frames of a clip", far)
    near = [video for video in some if video.name not in far]
    if not near:
        raise DataSetError(
            f"expected traced frames within {MOST} frames in {folder}, found none such; restore VolumeTracings.csv"
        )
    return near


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

    Videos whose traced frames are too far apart for a clip are left out and named on stderr.

    Args:
        folder: see echonet.py.
        splits: of "train", "valid", "test".
        side_px: of the images.
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
        grid = fit_grid(sector_box(ClipInput(frames)), side_px)
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
