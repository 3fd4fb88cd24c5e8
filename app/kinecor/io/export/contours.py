"""Contours as files: JSON, a table, and label images (masks/<id>.nii.gz).

Points are in pixels, in millimetres of the image, and in the patient where that is known.
"""

import csv
import io
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np

from kinecor.core.tracking.propagation import traced_by_hand
from kinecor.core.values.errors import KinecorError
from kinecor.core.values.geometry import FloatArray, Plane
from kinecor.core.values.message import message, verbatim
from kinecor.core.values.reading import Reading
from kinecor.core.values.track import ContourTrack, Origin
from kinecor.core.volumes.stack_volumes import usual_step_mm
from kinecor.io.files.atomic import TemporaryFolder, whole, write_text
from kinecor.io.files.cells import csv_cells
from kinecor.io.write.labels import label_frame, stack_labels

SCHEMA: Final = 1


def write_contours(folder: Path, name: str, study: str, reading: Reading) -> None:
    """Write NAME-contours.json and NAME-contours.csv; see there.

    Args:
        folder: of the files.
        name: NAME.
        study: its UID.
        reading: of a recording of any kind.

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

    Args:
        path: of the file.
        name: of the recording.
        study: its UID.
        reading: of a recording of any kind.

    Raises:
        KinecorError: the file cannot be written there.

    """
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(
        ("recording", "study", "structure", "slice", "frame", "origin", "point", "x_px", "y_px", "x_mm", "y_mm")
    )
    for contour in _contours(reading):
        place = "" if contour["slice"] is None else contour["slice"]
        head = (name, study, contour["structure"], place, contour["frame"], contour["origin"])
        millimetres = contour["points_mm"] or [("", "")] * len(contour["points_px"])
        for number, (pixel, mm) in enumerate(zip(contour["points_px"], millimetres, strict=True)):
            writer.writerow(csv_cells((*head, number, *pixel, *mm)))
    write_text(path, text.getvalue())


def confidence_of(reading: Reading, track: ContourTrack, frame: int) -> float | None:
    """How reliable a contour is; None where a person drew it, or it follows drawn ones by their difference.

    What the track holds for the latter is the confidence of the network's contour that was there before.

    Args:
        reading: of a loop, or a slice of a stack.
        track: of one of its structures.
        frame: from 0.

    """
    follows = track.follows(frame) and not traced_by_hand(reading)
    if track.contours[frame] is not None and (follows or track.origins[frame] is Origin.EDITED):
        return None
    return round(float(track.confidence[frame]), 4)


def _contours(reading: Reading) -> Iterator[dict[str, Any]]:
    """Each contour; initial ones that were not confirmed are left out."""
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
                    "confidence": confidence_of(part, track, frame),
                    "drawn_by": person if drawn else None,
                    "points_px": np.round(points, 3).tolist(),
                    "points_mm": None if mm is None else np.round(mm, 3).tolist(),
                    "patient_mm": None if patient is None else np.round(patient, 3).tolist(),
                }


def write_masks(path: Path, reading: Reading) -> None:
    """Write the labels of all frames, of a stack also of all slices, to `path` (.nii.gz), whole or not at all.

    uint8 on the recording's own pixel grid and frame order, as 3D Slicer and ITK-SNAP read sequences: axes (x, y, 1,
    frame) of a loop and (x, y, slice, phase) of a stack, slices in order of position with an empty one for each that
    is missing. SimpleITK's GetArrayFromImage gives (frames, slices, rows, columns). Spacings are (column mm, row mm,
    usual distance of slices in mm, mean frame interval in s); of a loop the third is 1, since it has no thickness.
    Position and orientation are the patient's where the files give them. A spacing that is not known is 1.

    Args:
        path: of the file.
        reading: of a recording of any kind.

    Raises:
        KinecorError: the slices differ in size, or the file cannot be written there.

    """
    import SimpleITK as sitk  # noqa: N813 - 0.2 s to import: only those who want masks pay

    image = _stack_image(reading) if reading.kind.stack else _loop_image(reading)
    # WORKAROUND: SimpleITK ends the whole process on a path that is not UTF-8, so it only ever sees one of ours.
    with whole(path) as temporary, TemporaryFolder() as folder:
        plain = folder / "labels.nii.gz"
        try:
            sitk.WriteImage(image, str(plain), useCompression=True)
        except RuntimeError as error:  # SimpleITK's only kind, with C++ source lines in its text
            raise KinecorError(
                message(
                    "{path} cannot be written: is there room in the temporary folder {folder}?",
                    path=verbatim(str(path)),
                    folder=verbatim(str(folder)),
                )
            ) from error
        shutil.copyfile(plain, temporary)


def _loop_image(reading: Reading) -> Any:
    import SimpleITK as sitk  # noqa: N813

    facts, scale = reading.facts, reading.calibration
    # Filled in place, so that a long recording is held once.
    image = sitk.Image((facts.columns, facts.rows, 1, facts.frames), sitk.sitkUInt8)  # type: ignore[no-untyped-call]
    for frame in range(facts.frames):
        image[:, :, :, frame] = sitk.GetImageFromArray(label_frame(reading, frame)[None])
    spacing = (*((scale.col_mm, scale.row_mm) if scale else (1.0, 1.0)), 1.0, _interval_s(reading))
    image.SetSpacing(spacing)  # type: ignore[no-untyped-call]
    if facts.plane is not None:
        _place(image, facts.plane, facts.plane.normal)
    return image


def _stack_image(reading: Reading) -> Any:
    import SimpleITK as sitk  # noqa: N813

    facts, scale = reading.facts, reading.calibration
    volumes = [sitk.GetImageFromArray(stack_label) for stack_label in stack_labels(reading)]
    image = sitk.JoinSeries(volumes)  # type: ignore[no-untyped-call]
    step = (usual_step_mm(facts.stack) if facts.stack else None) or 1.0
    image.SetSpacing((*((scale.col_mm, scale.row_mm) if scale else (1.0, 1.0)), step, _interval_s(reading)))
    if facts.plane is not None:
        last = reading.slices[-1].facts.plane
        way = 1.0 if last is None else float(np.dot(last.origin_mm - facts.plane.origin_mm, facts.plane.normal))
        _place(image, facts.plane, facts.plane.normal * (1.0 if way >= 0 else -1.0))
    return image


def _interval_s(reading: Reading) -> float:
    facts = reading.facts
    return float(facts.times_s[-1]) / (facts.frames - 1) if facts.frames > 1 else 1.0


def _place(image: Any, plane: Plane, across: FloatArray) -> None:
    """Put an image of four dimensions where a plane lies, with further slices along `across`."""
    direction = np.eye(4)
    direction[:3, :3] = np.stack([plane.along_x, plane.along_y, across], axis=1)
    image.SetDirection(direction.ravel().tolist())
    image.SetOrigin((*plane.origin_mm.tolist(), 0.0))
