"""Contours as JSON and as a table: in pixels, in millimetres of the image, and in the patient where that is known."""

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np

from kinecor.core.values.reading import Reading
from kinecor.core.values.track import Origin
from kinecor.io.files.atomic import write_text

SCHEMA: Final = 1


def write_contours(folder: Path, name: str, study: str, reading: Reading) -> None:
    """Write NAME-contours.json and NAME-contours.csv; see there.

    Raises:
        KinecorError: a file cannot be written there.

    """
    write_contours_json(folder / f"{name}-contours.json", name, study, reading)
    write_contours_csv(folder / f"{name}-contours.csv", name, study, reading)


def write_contours_json(path: Path, name: str, study: str, reading: Reading) -> None:
    """Write all contours with who drew them.

    Frames and slices count from 0; (x, y) = (column, row) with the centre of the first pixel at (0, 0). Without a scale
    millimetres are null.

    Args:
        path: of the file.
        name: of the recording, its "id" in result.json.
        study: the study's id.
        reading: its contours.

    Raises:
        KinecorError: the file cannot be written there.

    """
    document = {"schema": SCHEMA, "recording": name, "study": study, "contours": list(_contours(reading))}
    write_text(path, json.dumps(document, ensure_ascii=False, allow_nan=False) + "\n")


def write_contours_csv(path: Path, name: str, study: str, reading: Reading) -> None:
    """Write a row per point; numbers as in JSON, millimetres empty without a scale.

    Raises:
        KinecorError: the file cannot be written there.

    """
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(
        ("recording", "study", "structure", "slice", "frame", "origin", "point", "x_px", "y_px", "x_mm", "y_mm")
    )
    for one in _contours(reading):
        place = "" if one["slice"] is None else one["slice"]
        head = (name, study, one["structure"], place, one["frame"], one["origin"])
        millimetres = one["points_mm"] or [("", "")] * len(one["points_px"])
        for number, (pixel, mm) in enumerate(zip(one["points_px"], millimetres, strict=True)):
            writer.writerow((*head, number, *pixel, *mm))
    write_text(path, text.getvalue())


def _contours(reading: Reading) -> Iterator[dict[str, Any]]:
    """Each contour; initial ones that nobody confirmed are none."""
    parts = list(enumerate(reading.slices)) if reading.kind.stack else [(None, reading)]
    for number, part in parts:
        for structure, track in part.tracks.items():
            part_name = f"tracks/{structure}"
            person = part.authors.get(f"{part_name}/edited", part.authors.get(part_name))
            for frame, (contour, origin) in enumerate(zip(track.contours, track.origins, strict=True)):
                if contour is None or origin is Origin.TEMPLATE:
                    continue
                points, drawn = contour.points, origin is Origin.EDITED
                scale, plane = part.calibration, part.facts.plane
                mm = None if scale is None else points * (scale.col_mm, scale.row_mm)
                patient = None
                if mm is not None and plane is not None:
                    patient = plane.origin_mm + mm[:, :1] * plane.along_x + mm[:, 1:] * plane.along_y
                yield {
                    "structure": structure.value,
                    "slice": number,
                    "frame": frame,
                    "origin": origin.value,
                    "confidence": None if drawn else round(float(track.confidence[frame]), 4),
                    "drawn_by": person if drawn else None,
                    "points_px": np.round(points, 3).tolist(),
                    "points_mm": None if mm is None else np.round(mm, 3).tolist(),
                    "patient_mm": None if patient is None else np.round(patient, 3).tolist(),
                }
