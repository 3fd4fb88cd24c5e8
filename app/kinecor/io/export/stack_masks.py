"""Contours of a stack as a four-dimensional label picture on the stack's own grid: masks/<id>.nii.gz."""

import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from kinecor.core.values.arrays import BytesArray
from kinecor.core.values.errors import KinecorError
from kinecor.core.values.reading import Reading
from kinecor.core.volumes.stack_volumes import usual_step_mm
from kinecor.io.export.masks import label_frame
from kinecor.io.files.atomic import whole


def stack_labels(reading: Reading) -> BytesArray:
    """Labels of all slices and phases, uint8 (phases, slices, rows, columns), as `label_frame` gives them.

    Raises:
        KinecorError: the slices differ in size, so that there is no common grid.

    """
    sizes = {(one.facts.rows, one.facts.columns) for one in reading.slices}
    if len(sizes) != 1:
        words = " and ".join(f"{rows} x {columns}" for rows, columns in sorted(sizes))
        raise KinecorError(
            f"Masks need slices of one size, these are of {words} pixels: analyse the slices' series one by one."
        )
    return np.stack(
        [np.stack([label_frame(one, phase) for one in reading.slices]) for phase in range(reading.facts.frames)]
    )


def write_stack_masks(path: Path, reading: Reading) -> None:
    """Write the labels to `path` (.nii.gz), whole or not at all.

    Axes (x, y, slice, phase), slices in order of position; spacing (column mm, row mm, usual distance of slices, mean
    phase interval in s), 1 where it is not known; place and orientation are the patient's where the files tell.

    Raises:
        KinecorError: the slices differ in size, or the file cannot be written there.

    """
    import SimpleITK as sitk  # noqa: N813 - 0.2 s to import: only those who want masks pay

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
    # WORKAROUND: SimpleITK ends the whole process on a path that is not UTF-8, so it only ever sees one of ours.
    with whole(path) as temporary, TemporaryDirectory(prefix="kinecor-") as folder:
        plain = Path(folder) / "labels.nii.gz"
        try:
            sitk.WriteImage(image, str(plain), useCompression=True)
        except RuntimeError as error:  # SimpleITK's only kind, with C++ source lines in its text
            raise KinecorError(f"{path} cannot be written: is there room in the temporary folder {folder}?") from error
        shutil.copyfile(plain, temporary)
