"""The pixels within the endocardium that count as muscle, over the images of a stack.

With papillaries in the myocardium they are taken off the cavity and added to the mass, so a reader has to see which.
"""

from functools import partial
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QRectF, Signal
from PySide6.QtGui import QColor, QImage, QPainter

from kinecor.core.values.choices import Papillaries
from kinecor.core.values.errors import Tick
from kinecor.core.values.reading import Reading, choices
from kinecor.core.values.recording import Stack
from kinecor.core.values.track import Structure
from kinecor.ui.style import theme
from kinecor.ui.tiles.viewport import Viewport
from kinecor.ui.workspace.jobs import Jobs
from kinecor.ui.workspace.workspace import Change, Workspace

_OPACITY: Final = 0.5
_Masks = tuple[tuple[NDArray[np.bool_] | None, ...], ...]


def _masks(stack: Stack, reading: Reading, tick: Tick) -> _Masks:
    """By slice, by phase; for a worker."""
    from kinecor.analysis.strategy import muscle_pixels

    return tuple(
        muscle_pixels(cine, one, tick) if len(cine) == reading.facts.frames else (None,) * len(cine)
        for cine, one in zip(stack.slices, reading.slices, strict=True)
    )


class MuscleLayer(QObject):
    """Finds the pixels in the background where the papillaries count as myocardium, and paints them.

    Signals:
        changed(): there are other pixels to paint.
    """

    changed = Signal()

    def __init__(self, workspace: Workspace, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._jobs = Jobs(1, "muscle", self)
        self._images: dict[tuple[int, int], QImage] = {}
        self._masks: _Masks = ()
        workspace.changed.connect(self._follow)

    @property
    def busy(self) -> bool:
        """Whether the pixels are being looked for."""
        return bool(self._jobs.keys)

    @property
    def shown(self) -> bool:
        """Whether there are pixels to paint."""
        return bool(self._masks)

    def draw(self, painter: QPainter, number: int, phase: int, viewport: Viewport) -> None:
        """Paint the pixels of a slice at a phase, in the colour of the wall that they are counted to."""
        if number >= len(self._masks) or phase >= len(self._masks[number]):
            return
        mask = self._masks[number][phase]
        if mask is None or not mask.any():
            return
        if (number, phase) not in self._images:
            self._images[number, phase] = _image(mask)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
        painter.drawImage(QRectF(*viewport.image_box), self._images[number, phase])
        painter.restore()

    def shutdown(self) -> None:
        """Stop; no thread remains."""
        self._jobs.shutdown()

    def _follow(self, change: Change) -> None:
        """Look again where contours or the convention changed; during a drag the pixels of before stay."""
        before, after, stack = change.before, change.after, self._workspace.stack
        if change.preview:
            return
        if after is None or stack is None or choices(after).papillaries is not Papillaries.MYOCARDIUM:
            self._jobs.cancel_all()
            self._take(())
        elif (
            before is None
            or before.slices is not after.slices
            or choices(before).papillaries is not choices(after).papillaries
        ):
            if before is None:
                self._take(())
            self._jobs.start("muscle", partial(_masks, stack, after), self._take, self._workspace.message.emit)

    def _take(self, masks: _Masks) -> None:
        if masks is self._masks:
            return
        self._masks = masks
        self._images.clear()
        self.changed.emit()


def _image(mask: NDArray[np.bool_]) -> QImage:
    colour = QColor(theme.STRUCTURE_COLOURS[Structure.LV_EPI])
    pixels = np.zeros((*mask.shape, 4), np.uint8)
    # Premultiplied BGRA, as Qt draws fastest.
    shades = [round(_OPACITY * one) for one in (colour.blue(), colour.green(), colour.red(), 255)]
    pixels[mask] = shades
    rows, columns = mask.shape
    seen = QImage(pixels.data, columns, rows, 4 * columns, QImage.Format.Format_ARGB32_Premultiplied)
    return seen.copy()  # of its own, as the array ends here
