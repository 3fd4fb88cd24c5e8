"""The recordings of a study as thumbnails."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QIcon, QPixmap
from PySide6.QtWidgets import QAbstractItemView, QListWidget, QListWidgetItem, QWidget

from kinecor.core.values.errors import KinecorError, Tick
from kinecor.core.values.kind import kind_of
from kinecor.core.values.recording import Recording, Stack
from kinecor.ui.style.images import shrunk, to_qimage
from kinecor.ui.workspace.workspace import Workspace

THUMBNAIL_PX = 104
NAME_LENGTH = 11


def caption(recording: Recording, number: int) -> str:
    """A recording in two short lines; `number` counts from 1."""
    if isinstance(recording, Stack):
        return f"{number}  short axis\n{len(recording.slices)} slices × {recording.phases}"
    kind = kind_of(stack=False, stack_slice=False, modality=recording.source.modality, view=recording.view)
    name = kind.view_name(recording.view) if recording.view else Path(recording.source.path).stem
    short = name if len(name) <= NAME_LENGTH else f"{name[: NAME_LENGTH - 1]}…"
    length = "still" if len(recording) == 1 else f"{len(recording)} frames, {recording.times_s[-1]:.1f} s"
    return f"{number}  {short}\n{length}"


def thumbnails(recordings: tuple[Recording, ...], tick: Tick) -> tuple[NDArray[np.uint8] | None, ...]:
    """A small copy of each recording's first frame, or None where it cannot be decoded; for a worker."""
    made: list[NDArray[np.uint8] | None] = []
    for number, recording in enumerate(recordings):
        tick(number, len(recordings))
        cine = recording.cines[len(recording.cines) // 2]
        try:
            made.append(shrunk(cine.frames[0], 2 * THUMBNAIL_PX))
        except (KinecorError, OSError, ValueError):  # a missing thumbnail does not stop the others
            made.append(None)
    return tuple(made)


class StudyList(QListWidget):
    """Click or Page Up / Page Down to go to another recording.

    Signals:
        chosen(int): index of the recording.
    """

    chosen = Signal(int)

    def __init__(self, workspace: Workspace, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self.setFixedWidth(THUMBNAIL_PX + 26)
        self.setViewMode(QListWidget.ViewMode.IconMode)
        self.setFlow(QListWidget.Flow.TopToBottom)
        self.setWrapping(False)
        self.setMovement(QListWidget.Movement.Static)
        self.setIconSize(QSize(THUMBNAIL_PX, THUMBNAIL_PX * 3 // 4))
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.itemClicked.connect(lambda item: self.chosen.emit(self.row(item)))
        workspace.study_changed.connect(self.load)
        workspace.recording_changed.connect(lambda: self.setCurrentRow(workspace.index))

    def load(self) -> None:
        """List the recordings; hidden where there is only one."""
        self.clear()
        for number, recording in enumerate(self._workspace.recordings, 1):
            item = QListWidgetItem(caption(recording, number))
            item.setSizeHint(QSize(THUMBNAIL_PX + 8, THUMBNAIL_PX * 3 // 4 + 46))
            item.setTextAlignment(Qt.AlignmentFlag.AlignHCenter)
            self.addItem(item)
        self.setVisible(len(self._workspace.recordings) > 1)

    def show_thumbnails(self, images: tuple[NDArray[np.uint8] | None, ...]) -> None:
        """Add the thumbnails to the captions."""
        for row, one in enumerate(images[: self.count()]):
            if one is not None:
                self.item(row).setIcon(QIcon(QPixmap.fromImage(to_qimage(one))))
