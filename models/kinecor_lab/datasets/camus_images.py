"""Pictures and labels of CAMUS as they are published: NIfTI, and MetaImage in its first release.

The one place of this package that uses SimpleITK: it reads both, and the readers of kinecor.io may not be known here.
"""

import gzip
import zlib
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kinecor_lab.datasets.samples import DataSetError

Values = NDArray[Any]


def _check_packed(path: Path) -> None:
    """Reads a packed file to its end, where its checksum lies."""
    with gzip.open(path) as packed:
        while packed.read(1 << 20):
            pass


def read_image(path: Path) -> tuple[Values, tuple[float, float]]:
    """A picture or a sequence, and the size of a pixel.

    Args:
        path: .nii, .nii.gz or .mhd; what lies beside a header is found by it.

    Returns:
        (rows, columns) or (t, rows, columns) values as stored, and (row_mm, column_mm).

    Raises:
        DataSetError: the file is missing, damaged, or no picture.

    """
    import SimpleITK  # 0.2 s, for those alone who train on such files

    sitk: Any = SimpleITK  # it carries no types
    sitk.ProcessObject.SetGlobalWarningDisplay(False)
    if not path.is_file():
        raise DataSetError(f"expected a picture at {path}, found none; restore the file")
    try:
        str(path).encode()
    except UnicodeEncodeError as wrong:  # SimpleITK would end the whole process
        raise DataSetError(f"expected a path in UTF-8, got {path!r}; rename the folder") from wrong
    try:
        if path.suffix == ".gz":
            # SimpleITK gives zeros for what a packed file that was cut off lacks.
            _check_packed(path)
        image = sitk.ReadImage(str(path))
    except (RuntimeError, EOFError, OSError, zlib.error) as wrong:
        reason = str(wrong).strip().splitlines()[-1] if str(wrong).strip() else type(wrong).__name__
        raise DataSetError(
            f"expected a whole picture in {path}, found it damaged ({reason}); restore the file"
        ) from wrong
    values: Values = sitk.GetArrayFromImage(image)
    # Some releases keep a picture as a volume of one slice.
    if values.ndim == 3 and values.shape[0] == 1:
        values = values[0]
    if values.ndim not in (2, 3):
        raise DataSetError(
            f"expected a picture or a sequence in {path}, got {values.ndim} dimensions; restore the file"
        )
    column_mm, row_mm = (float(size) for size in image.GetSpacing()[:2])
    return values, (row_mm, column_mm)


def read_grey(path: Path) -> tuple[NDArray[np.uint8], tuple[float, float]]:
    """Grey levels 0..255, see `read_image`.

    Raises:
        DataSetError: as `read_image`, or values lie outside 0..255.

    """
    values, size_mm = read_image(path)
    if float(values.min()) < 0 or float(values.max()) > 255.5:
        raise DataSetError(f"expected grey levels 0..255 in {path}, got {values.min():g} to {values.max():g}")
    return np.asarray(np.round(values), np.uint8), size_mm


def read_label(path: Path, shape: tuple[int, ...]) -> NDArray[np.uint8]:
    """A label of 0..3 for a picture of that shape, see `read_image`.

    Raises:
        DataSetError: as `read_image`, or the label does not fit.

    """
    values, _ = read_image(path)
    if values.shape != shape or not np.isin(values, (0, 1, 2, 3)).all():
        raise DataSetError(
            f"expected a label of {shape} with values 0..3 in {path}, got {values.shape} "
            f"from {values.min():g} to {values.max():g}"
        )
    return np.asarray(values, np.uint8)
