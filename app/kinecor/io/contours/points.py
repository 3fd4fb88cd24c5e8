"""Contours as JSON: the result.json of a run, and contours/ID-contours.json."""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np

from kinecor.core.values.errors import KinecorError
from kinecor.core.values.geometry import Contour, FloatArray
from kinecor.core.values.labels import ContourFile, DrawnContour, RecordedContours
from kinecor.core.values.message import message, verbatim
from kinecor.core.values.track import Structure
from kinecor.io.files.packing import megabytes

MAX_BYTES: Final = 512 << 20
"""Of a result.json of some thousand recordings."""
_MAX_POINTS: Final = 100_000


def read_contour_points(path: Path) -> ContourFile:
    """The contours of a file that `kinecor analyse` wrote: result.json, results/ID.json or contours/ID-contours.json.

    Args:
        path: of the file.

    Raises:
        KinecorError: it is too large, damaged, or another kind of JSON.
        OSError: it cannot be read.

    """
    size = path.stat().st_size
    if size > MAX_BYTES:
        raise KinecorError(
            message(
                "Expected a file of contours of at most {most}, this one has {size}",
                most=megabytes(MAX_BYTES),
                size=megabytes(size),
            )
        )
    try:
        document = json.loads(path.read_text("utf-8"))
        recordings = tuple(_recordings(document))
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError, IndexError) as error:
        raise KinecorError(
            message(
                "Expected contours as JSON (result.json or ID-contours.json of Kinecor), this file is another one or "
                "damaged; export the contours again"
            )
        ) from error
    recordings = tuple(recording for recording in recordings if recording.contours)
    if not recordings:
        raise KinecorError(message("{file} has no contours: there is nothing to import", file=verbatim(path.name)))
    software = document.get("software")
    named = " ".join(map(str, software.values())) if isinstance(software, Mapping) else ""
    return ContourFile(path.name, verbatim("JSON"), recordings, named)


def _recordings(document: Mapping[str, Any]) -> Iterator[RecordedContours]:
    if "recordings" in document:
        for recording in document["recordings"]:
            yield _of_result(recording)
    elif "tracks" in document:
        yield _of_result(document)
    else:
        yield _of_contours(document)


def _of_result(entry: Mapping[str, Any]) -> RecordedContours:
    """An entry of `recordings` in result.json: contours of a loop by frame, of a stack by slice and frame."""
    slices = entry.get("slices") if entry.get("stack") is not None else 0
    drawn_contours: list[DrawnContour] = []
    for name, track in entry["tracks"].items():
        if name not in {structure.value for structure in Structure}:
            continue
        rows = list(enumerate(track["contours"])) if slices else [(None, track["contours"])]
        for place, row in rows:
            drawn_contours += [
                DrawnContour(Structure(name), place, frame, _contour(points))
                for frame, points in enumerate(row)
                if points is not None
            ]
    return RecordedContours(str(entry["id"]), int(entry["frames"]), slices, tuple(drawn_contours))


def _of_contours(document: Mapping[str, Any]) -> RecordedContours:
    """contours/ID-contours.json."""
    drawn_contours = []
    slices: int | None = 0
    for single_contour in document["contours"]:
        place = None if single_contour["slice"] is None else _whole(single_contour["slice"])
        slices = 0 if place is None else None
        patient = single_contour.get("patient_mm")
        contour = _contour(single_contour["points_px"])
        drawn_contours.append(
            DrawnContour(
                Structure(single_contour["structure"]),
                place,
                _whole(single_contour["frame"]),
                contour,
                None if patient is None else _numbers(patient, len(contour), 3),
            )
        )
    return RecordedContours(str(document["recording"]), None, slices, tuple(drawn_contours))


def _whole(value: Any) -> int:
    if not isinstance(value, int) or value < 0:
        raise ValueError(f"a whole number from 0 on was expected, got {value}")
    return value


def _contour(points: Sequence[Any]) -> Contour:
    return Contour(_numbers(points, len(points), 2))


def _numbers(values: Sequence[Any], count: int, wide: int) -> FloatArray:
    array = np.asarray(values, np.float64)
    if array.shape != (count, wide) or count > _MAX_POINTS or not np.isfinite(array).all():
        raise ValueError(f"{count} points of {wide} numbers were expected, got {array.shape}")
    return array
