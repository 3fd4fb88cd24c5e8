"""Graphics of a document on the images that they were drawn on: lines, points and words, never measured."""

from collections.abc import Mapping
from dataclasses import dataclass

from kinecor.core.values.geometry import FloatArray


@dataclass(frozen=True, eq=False)
class Graphic:
    """A line, points, or words.

    Attributes:
        points: (n, 2) float64 (x, y) in pixels of the image; of words where they begin.
        closed: whether the last point is followed by the first.
        dots: whether these are points apart from each other.
        text: words, or the name of what is outlined; "" for none.

    """

    points: FloatArray
    closed: bool = False
    dots: bool = False
    text: str = ""


@dataclass(frozen=True, eq=False)
class Overlay:
    """What a document draws on recordings.

    Attributes:
        path: of the document.
        graphics: by id of the loop or slice, then by frame.

    """

    path: str
    graphics: Mapping[str, Mapping[int, tuple[Graphic, ...]]]

    @property
    def count(self) -> int:
        """Number of graphics on all images."""
        return sum(len(of) for frames in self.graphics.values() for of in frames.values())
