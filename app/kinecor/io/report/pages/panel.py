"""A drawing with its heading and notes, as high as the page leaves room for."""

from collections.abc import Callable, Sequence

from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable

from kinecor.io.report.blocks import Box, Painted


class Panel(Flowable):  # type: ignore[misc]
    """A drawing with what stands above and below it on one page, as high as the page leaves room for."""

    def __init__(
        self,
        above: Sequence[Flowable],
        paint: Callable[[Canvas, Box], None],
        least: float,
        most: float,
        below: Sequence[Flowable],
        alt: str,
        spare: float = 0.0,
    ) -> None:
        """`least` and `most` are heights in points; `spare` points are left on the page where that is possible.

        `alt` says what the drawing shows to readers who do not see it.
        """
        super().__init__()
        self._above, self._below, self._spare = above, below, spare
        self._picture, self._least, self._most = Painted(paint, least, alt=alt), least, most

    def wrap(self, width: float, height: float) -> tuple[float, float]:
        """Take the whole width, and the height that the page leaves, within limits.

        Args:
            width: of the page, points.
            height: left on the page, points.

        """
        around = sum(float(flowable.wrap(width, height)[1]) for flowable in (*self._above, *self._below))
        room = height - around - 1
        if room - self._spare >= self._least:
            room -= self._spare
        self._picture.height = min(max(room, self._least), self._most)
        self.width, self.height = width, around + self._picture.height
        return width, self.height

    def draw(self) -> None:
        """Draw all parts, one below the other."""
        y = self.height
        for flowable in (*self._above, self._picture, *self._below):
            _, high = flowable.wrap(self.width, y)
            y -= high
            flowable.drawOn(self.canv, 0, y)
