"""Contours as label images: masks/<id>.nii.gz."""

import shutil
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from types import MappingProxyType
from typing import Any

import numpy as np

from kinecor.core.values.errors import KinecorError
from kinecor.core.values.geometry import BytesArray, Contour
from kinecor.core.values.reading import Reading
from kinecor.core.values.track import Structure
from kinecor.core.volumes.stack_volumes import slice_places, usual_step_mm
from kinecor.io.files.atomic import whole

LV_CAVITY, LV_MYOCARDIUM, LEFT_ATRIUM, RV_CAVITY = 1, 2, 3, 4

# Painted in this order, later over earlier: where outlines overlap by a pixel, the ventricle's own wins.
_LABELS: Mapping[Structure, int] = MappingProxyType(
    {
        Structure.RV: RV_CAVITY,
        Structure.LA: LEFT_ATRIUM,
        Structure.LV_EPI: LV_MYOCARDIUM,
        Structure.LV_ENDO: LV_CAVITY,
    }
)


def filled(contour: Contour, rows: int, columns: int) -> np.ndarray[tuple[int, int], np.dtype[np.bool_]]:
    """The pixels whose centre is inside `contour`: bool of shape (rows, columns).

    Pixel centres are at integers. A centre exactly on the outline counts on the left and the upper side and not
    on the right and the lower one, so that neighbours that share an edge never share a pixel. Where the outline
    crosses itself, every part it encloses counts (non-zero winding). What is outside the image is cut off.
    """
    x0, y0 = contour.points.T
    x1, y1 = np.roll(x0, -1), np.roll(y0, -1)
    top = max(int(np.ceil(y0.min())), 0)
    bottom = min(int(np.ceil(y0.max())), rows)
    left = min(max(int(np.ceil(x0.min())), 0), columns)
    right = min(max(int(np.ceil(x0.max())), 0), columns)
    inside = np.zeros((rows, columns), bool)
    if top >= bottom or left >= right:
        return inside
    y = np.arange(top, bottom, dtype=np.float64)[:, None]
    down, up = (y0 <= y) & (y < y1), (y1 <= y) & (y < y0)
    row, edge = np.nonzero(down | up)
    slope = (x1[edge] - x0[edge]) / (y1[edge] - y0[edge])
    crossing = x0[edge] + (y[row, 0] - y0[edge]) * slope
    column = np.clip(np.ceil(crossing), left, right).astype(np.intp) - left
    # Each crossing changes the winding number of every pixel from there on to the right.
    turns = np.zeros((bottom - top, right - left + 1), np.int16)
    np.add.at(turns, (row, column), np.where(down[row, edge], 1, -1))
    inside[top:bottom, left:right] = np.cumsum(turns, axis=1, dtype=np.int16)[:, :-1] != 0
    return inside


def label_frame(reading: Reading, frame: int) -> BytesArray:
    """Labels of one frame, uint8 (rows, columns): 0 background, 1 LV cavity, 2 LV myocardium, 3 LA, 4 RV cavity.

    Myocardium is the area inside the epicardium and outside the endocardium; in a frame without an endocardium
    the two cannot be distinguished, and neither is painted. On a short axis the cavity has then closed.
    """
    facts = reading.facts
    labels = np.zeros((facts.rows, facts.columns), np.uint8)
    endo = reading.tracks.get(Structure.LV_ENDO)
    no_cavity = endo is None or endo.contours[frame] is None
    for structure, label in _LABELS.items():
        track = reading.tracks.get(structure)
        contour = track.contours[frame] if track else None
        if contour is None or (structure is Structure.LV_EPI and no_cavity and not reading.kind.closed):
            continue
        labels[filled(contour, facts.rows, facts.columns)] = label
    return labels


def stack_labels(reading: Reading) -> BytesArray:
    """Labels of all slices and phases, uint8 (phases, places, rows, columns), as `label_frame` gives them.

    A slice that is missing from an even stack is an empty slice, so that all others keep their true places.

    Raises:
        KinecorError: the slices differ in size, so that there is no common grid.

    """
    sizes = {(one.facts.rows, one.facts.columns) for one in reading.slices}
    if len(sizes) != 1:
        words = " and ".join(f"{rows} x {columns}" for rows, columns in sorted(sizes))
        raise KinecorError(
            f"Masks need slices of one size, these are of {words} pixels: analyse the slices' series one by one."
        )
    stack, (size,) = reading.facts.stack, sizes
    places = slice_places(stack) if stack else tuple(range(len(reading.slices)))
    labels = np.zeros((reading.facts.frames, places[-1] + 1, *size), np.uint8)
    for place, one in zip(places, reading.slices, strict=True):
        for phase in range(reading.facts.frames):
            labels[phase, place] = label_frame(one, phase)
    return labels


def write_masks(path: Path, reading: Reading) -> None:
    """Write the labels of all frames, of a stack also of all slices, to `path` (.nii.gz), whole or not at all.

    uint8 on the recording's own pixel grid and frame order. Of a loop, axes (x, y, frame), so that SimpleITK's
    GetArrayFromImage gives (frames, rows, columns), and spacing (column mm, row mm, mean frame interval in s). Of a
    stack, axes (x, y, slice, phase), slices in order of position with an empty one for each that is missing, and the
    usual distance of slices as third spacing; position and orientation are the patient's where the files give them. A
    spacing that is not known is 1.

    Raises:
        KinecorError: the slices differ in size, or the file cannot be written there.

    """
    import SimpleITK as sitk  # noqa: N813 - 0.2 s to import: only those who want masks pay

    image = _stack_image(reading) if reading.kind.stack else _loop_image(reading)
    # WORKAROUND: SimpleITK ends the whole process on a path that is not UTF-8, so it only ever sees one of ours.
    with whole(path) as temporary, TemporaryDirectory(prefix="kinecor-") as folder:
        plain = Path(folder) / "labels.nii.gz"
        try:
            sitk.WriteImage(image, str(plain), useCompression=True)
        except RuntimeError as error:  # SimpleITK's only kind, with C++ source lines in its text
            raise KinecorError(f"{path} cannot be written: is there room in the temporary folder {folder}?") from error
        shutil.copyfile(plain, temporary)


def _loop_image(reading: Reading) -> Any:
    import SimpleITK as sitk  # noqa: N813

    facts = reading.facts
    # Filled in place, so that a long recording is held once.
    image = sitk.Image((facts.columns, facts.rows, facts.frames), sitk.sitkUInt8)  # type: ignore[no-untyped-call]
    for frame in range(facts.frames):
        image[:, :, frame] = sitk.GetImageFromArray(label_frame(reading, frame))
    scale = reading.calibration
    interval_s = float(facts.times_s[-1]) / (facts.frames - 1) if facts.frames > 1 else 1.0
    spacing = (scale.col_mm, scale.row_mm, interval_s) if scale else (1.0, 1.0, interval_s)
    image.SetSpacing(spacing)  # type: ignore[no-untyped-call]
    return image


def _stack_image(reading: Reading) -> Any:
    import SimpleITK as sitk  # noqa: N813

    facts, scale = reading.facts, reading.calibration
    volumes = [sitk.GetImageFromArray(one) for one in stack_labels(reading)]
    image = sitk.JoinSeries(volumes)  # type: ignore[no-untyped-call]
    interval_s = float(facts.times_s[-1]) / (facts.frames - 1) if facts.frames > 1 else 1.0
    step = (usual_step_mm(facts.stack) if facts.stack else None) or 1.0
    image.SetSpacing((*((scale.col_mm, scale.row_mm) if scale else (1.0, 1.0)), step, interval_s))
    if facts.plane is not None:
        direction = np.eye(4)
        last = reading.slices[-1].facts.plane
        way = 1.0 if last is None else float(np.dot(last.origin_mm - facts.plane.origin_mm, facts.plane.normal))
        normal = facts.plane.normal * (1.0 if way >= 0 else -1.0)
        direction[:3, :3] = np.stack([facts.plane.along_x, facts.plane.along_y, normal], axis=1)
        image.SetDirection(direction.ravel().tolist())
        image.SetOrigin((*facts.plane.origin_mm.tolist(), 0.0))
    return image
