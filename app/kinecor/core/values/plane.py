"""Position and orientation of an image in the patient."""

from dataclasses import dataclass

import numpy as np

from kinecor.core.values.arrays import FloatArray, finite, frozen


@dataclass(frozen=True, eq=False)
class Plane:
    """Position and orientation of an image, as in DICOM (PS3.3 C.7.6.2): patient coordinates, L, P, S, in mm.

    Attributes:
        origin_mm: (3,) of the centre of the first pixel.
        along_x: (3,) unit vector from a column to the next.
        along_y: (3,) unit vector from a row to the next.

    Raises:
        ValueError: wrong shapes, numbers that are not finite, or directions that are not at right angles.

    """

    origin_mm: FloatArray
    along_x: FloatArray
    along_y: FloatArray

    def __post_init__(self) -> None:
        for name in ("origin_mm", "along_x", "along_y"):
            vector = finite(frozen(getattr(self, name)), name)
            if vector.shape != (3,):
                raise ValueError(f"{name}: three coordinates were expected, got {vector.shape}")
            object.__setattr__(self, name, vector)
        if abs(np.dot(self.along_x, self.along_y)) > 0.01 or not np.allclose(
            (np.linalg.norm(self.along_x), np.linalg.norm(self.along_y)), 1, atol=0.01
        ):
            raise ValueError("directions of rows and columns are unit vectors at right angles")

    @property
    def normal(self) -> FloatArray:
        """(3,) unit vector across the image."""
        across: FloatArray = np.cross(self.along_x, self.along_y)
        return across

    def in_patient(self, points_mm: FloatArray) -> FloatArray:
        """(n, 2) places in the image, (x, y) in mm from its first pixel, as (n, 3) patient coordinates in mm."""
        return self.origin_mm + points_mm[:, :1] * self.along_x + points_mm[:, 1:] * self.along_y

    def seen(self, vectors: FloatArray) -> FloatArray:
        """(n, 3) vectors of the patient as (n, 2), their parts along x and along y."""
        return np.stack([vectors @ self.along_x, vectors @ self.along_y], axis=1)
