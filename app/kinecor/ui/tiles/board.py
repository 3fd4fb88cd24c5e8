"""The board of tiles: recordings of a study next to each other, in phase, one of them in focus."""

from operator import is_

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QDragEnterEvent, QDropEvent, QPainter, QPaintEvent, QPen, QRegion, QResizeEvent
from PySide6.QtWidgets import QWidget

from kinecor.core.outlines.cross_reference import nearest_slice
from kinecor.core.values.geometry import Plane
from kinecor.core.values.reading import Reading, first_reading_of
from kinecor.core.values.recording import CineSequence, Stack
from kinecor.core.volumes.loop_volumes import frames_in_phase
from kinecor.ui.style import on_image as theme
from kinecor.ui.style.language import tr
from kinecor.ui.style.spoken import Spoken
from kinecor.ui.tiles.cross_lines import heart_on
from kinecor.ui.tiles.foreign import DocumentOverlays, draw_graphics
from kinecor.ui.tiles.image_view import ImageView
from kinecor.ui.tiles.layouts import Held, Layout, filled, places, proposed
from kinecor.ui.tiles.linked_tile import LinkedTile, index_of
from kinecor.ui.tiles.menus import LevelDrag
from kinecor.ui.tiles.picture import ViewMemory
from kinecor.ui.tiles.readout import Readout
from kinecor.ui.tiles.stack_view import StackView
from kinecor.ui.tiles.valve_plane import ValvePlane
from kinecor.ui.tiles.viewport import Viewport
from kinecor.ui.workspace.changes import Change, Topic, follow
from kinecor.ui.workspace.player import AHEAD, AheadDecoder, Player
from kinecor.ui.workspace.related import of_one_study
from kinecor.ui.workspace.workspace import Workspace

_BORDER_PX = 2


class TileBoard(Spoken, QWidget):
    """1, 2, 3, 4 or 6 tiles; the one in focus is the current recording of the workspace and can be edited.

    The others play in phase with it. A click on one brings it into focus; nothing jumps, since zoom, place and grey
    window belong to the recording.

    Signals:
        layout_chosen(int): the reader chose how many tiles to see, a `Layout`.
        arranged(): other recordings are shown, or in other places.
    """

    layout_chosen = Signal(int)
    arranged = Signal()

    def __init__(self, workspace: Workspace, player: Player, levels: LevelDrag, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._workspace, self._player, self._levels = workspace, player, levels
        self.memory = ViewMemory()
        self.image = ImageView(workspace, player, self)
        self.image.look, self.image.check, self.image.memory = levels.applied, workspace.checks.finding_at, self.memory
        self.stack = StackView(workspace, player, levels, self)
        self.documents = DocumentOverlays(self)
        """What segmentations and presentation states draw that a reader switched on."""
        self.image.above.append(self.documents.over(workspace))
        self.stack.image.above.append(self.documents.over(self.stack.source))
        self.stack.grid.above.append(self._draw_documents)
        self.documents.changed.connect(self._repaint)
        self.linked: list[LinkedTile] = []
        """Tiles for recordings that are not in focus; those in use are visible."""
        self.slices = ValvePlane(workspace, self.stack.grid, self.image, workspace)
        """The slices of the stack on the long axis in focus."""
        self.readout = Readout(self.image, workspace, player)
        self.slice_readout = Readout(self.stack.image, self.stack.source, player)
        self.ahead = AheadDecoder()
        self._layout = Layout.AUTOMATIC
        self._slots: tuple[int, ...] = ()
        self._focus_slot = 0
        self._alone = False
        self._place: Plane | None = None
        """Where the reader is: of the slice in focus last."""
        self._columns = 0, 0  # tiles, and the columns that they were laid out in
        self._overlays = True
        self._confidences = False
        self._links: dict[int, NDArray[np.intp]] = {}
        self._seen: tuple[Reading | None, ...] = ()
        """The Readings that tiles and their phases were found from last."""
        self.setAcceptDrops(True)
        self.setMinimumSize(200, 120)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.image.double_clicked.connect(self._double_clicked)
        self.stack.grid.phase_of = self._phase_of_stack
        self.stack.grid.focus_wanted.connect(self._focus_stack)
        levels.changed.connect(self._apply_window)
        self.stack.selected.connect(lambda _: self._follow_place())
        follow(workspace, self._forget, Topic.RECORDINGS)
        follow(workspace, self._follow, Topic.RECORDING)
        follow(workspace, self._show_change, Topic.READING_DRAWN)
        follow(workspace, self._refresh, Topic.OTHER_READING, Topic.CHECKS)
        player.frame_changed.connect(self._show_frame)
        self._arrange()

    # Which recordings are shown

    def spoken_name(self) -> str:
        """What the tiles are."""
        return tr("Images side by side")

    def spoken_value(self) -> str:
        """How many tiles there are."""
        return tr("{number} tiles").format(number=max(len(self.slots), 1))

    @property
    def slots(self) -> tuple[int, ...]:
        """Indices of the recordings that are shown, in the order of their tiles."""
        return self._slots

    @property
    def tiles_wanted(self) -> Layout:
        """How many tiles the reader asked for."""
        return self._layout

    @property
    def alone(self) -> bool:
        """Whether the tile in focus is shown alone for the moment."""
        return self._alone

    @property
    def busy(self) -> bool:
        """Whether images are being decoded."""
        return self.image.decoder.busy or self.stack.busy or any(tile.decoder.busy for tile in self.linked)

    def set_layout(self, layout: int) -> None:
        """Show this number of tiles, or those that the study suggests; a `Layout`."""
        self._layout = Layout(layout) if layout in tuple(Layout) else Layout.AUTOMATIC
        self._alone = False
        self._slots = self._wanted()
        self._arrange()
        self.layout_chosen.emit(int(self._layout))

    def set_alone(self, alone: bool) -> None:
        """Show the tile in focus alone, or next to the others again."""
        if alone is not self._alone:
            self._alone = alone
            self._arrange()

    def toggle_alone(self) -> None:
        """Show the tile in focus alone, or next to the others again."""
        self.set_alone(not self._alone and len(self._slots) > 1)

    def enlarge(self) -> None:
        """Of a stack one slice or all slices, else one tile alone or all tiles."""
        if self._workspace.stack is not None:
            self.stack.set_enlarged(not self.stack.enlarged)
        else:
            self.toggle_alone()

    def show_recording(self, index: int) -> None:
        """Bring a recording into focus, at the phase on screen, without a jump of the pictures."""
        workspace, player = self._workspace, self._player
        if index == workspace.index or not 0 <= index < len(workspace.opened.recordings):
            return
        tile = next((tile for tile in self.linked if tile.isVisibleTo(self) and tile.source.index == index), None)
        shown = tile.drawn if tile is not None else None
        left, left_drawn = workspace.index, self.image.drawn if workspace.cine is not None else None
        linked = self._link(index)
        frame = int(linked[min(player.frame, len(linked) - 1)])
        playing = player.playing
        workspace.show(index)
        if not playing:
            player.pause()
        player.seek(frame)
        if shown is not None and workspace.cine is not None:
            self.image.take_over(shown)
        other = next((tile for tile in self.linked if tile.isVisibleTo(self) and tile.source.index == left), None)
        if other is not None and left_drawn is not None:
            other.take_over(left_drawn)
            other.show_frame(self._frame_of(left))

    def open_recording(self, index: int) -> None:
        """Bring a recording into focus: at the phase on screen where it is shown, else from its beginning."""
        if index in self._slots:
            self.show_recording(index)
        elif 0 <= index < len(self._workspace.opened.recordings):
            self._workspace.show(index)

    def put(self, index: int, slot: int) -> None:
        """Show a recording in a tile (counted from 0); where it is shown already, the two change places."""
        slots = list(self._slots)
        if slot >= len(slots):
            slots = [slot for slot in slots if slot != index] + [index]
        elif index in slots:
            at = slots.index(index)
            slots[at], slots[slot] = slots[slot], slots[at]
        else:
            slots[slot] = index
        if self._layout is Layout.AUTOMATIC:
            self._layout = next((layout for layout in Layout if layout >= max(len(slots), 1)), Layout.SIX)
        self._slots = tuple(slots[: int(self._layout)])
        if self._workspace.index not in self._slots:
            self.show_recording(index)
        self._arrange()

    def set_overlays(self, shown: bool) -> None:
        """Show or hide contours and words on all tiles."""
        self._overlays = shown
        self.stack.set_overlays(shown)
        for picture in (self.image, *self.linked):
            picture.set_overlays(shown)

    def show_confidences(self, shown: bool) -> None:
        """Say how sure each contour is on all tiles, or only those that are not."""
        self._confidences = shown
        self.stack.image.show_confidences(shown)
        for tile in (self.image, *self.linked):
            tile.show_confidences(shown)

    def shutdown(self) -> None:
        """Stop; no thread remains."""
        self.ahead.shutdown()
        self.image.decoder.shutdown()
        self.stack.shutdown()
        for tile in self.linked:
            tile.decoder.shutdown()

    def _held(self) -> list[Held]:
        """The recordings of the study of the current one."""
        workspace = self._workspace
        current = workspace.recording
        if current is None:
            return []
        held_recordings = []
        stacks = [recording for recording in workspace.opened.recordings if isinstance(recording, Stack)]
        for index, single_recording in enumerate(workspace.opened.recordings):
            if single_recording.source.study_id != current.source.study_id:
                continue
            reading = workspace.opened.known_reading(single_recording)
            view = reading.view.label if reading is not None and reading.view is not None else None
            label = view or (single_recording.view if isinstance(single_recording, CineSequence) else None) or ""
            crosses = (
                isinstance(single_recording, CineSequence)
                and single_recording.plane is not None
                and any(of_one_study(stack, single_recording) for stack in stacks)
            )
            of = single_recording.source.stage if reading is None else reading.facts.stage
            stage = of.name if of is not None else ""
            number, view_only = single_recording.source.view_number, single_recording.source.series.view_only
            held_recordings.append(
                Held(index, label, isinstance(single_recording, Stack), crosses, stage, number, view_only)
            )
        return held_recordings

    def _wanted(self) -> tuple[int, ...]:
        """The recordings to show now."""
        current = self._workspace.index
        if current < 0:
            return ()
        if self._layout is Layout.AUTOMATIC:
            return proposed(self._held(), current)
        return filled(self._held(), current, int(self._layout), self._slots)

    def _draw_documents(self, painter: QPainter, number: int, phase: int, viewport: Viewport) -> None:
        """What documents draw on a slice of the stack."""
        stack = self.stack.grid.stack
        if stack is not None and self.documents.paths:
            name = stack.slices[number].source.recording_id
            draw_graphics(painter, self.documents.at(name, phase), viewport)

    def _repaint(self) -> None:
        for widget in (self.image, self.stack.image, self.stack.grid, *self.linked):
            widget.update()

    def _forget(self) -> None:
        """Other recordings were opened."""
        self.documents.clear()
        self._slots, self._focus_slot, self._alone = (), 0, False
        self._place = None
        self._links.clear()
        self._seen = ()
        self.ahead.forget()
        for tile in self.linked:
            tile.source.choose(-1)

    def _follow(self) -> None:
        """Another recording is in focus: its tile, or it replaces the one that was."""
        current = self._workspace.index
        if self._place is not None and self._workspace.stack is not None:
            self._keep_place(self._workspace.stack, self._place)
        self._links.clear()
        self.ahead.forget()
        if current not in self._slots or self._layout is Layout.AUTOMATIC:
            slots = self._slots
            if self._layout is not Layout.AUTOMATIC and slots:
                at = min(self._focus_slot, len(slots) - 1)
                self._slots = (*slots[:at], current, *slots[at + 1 :])
            wanted = self._wanted()
            # The tiles stay where they are when the focus moves among those that are proposed.
            if set(wanted) != set(slots) or current not in slots:
                self._slots = wanted
        self._arrange()

    # Where they are shown

    @property
    def _stack_first(self) -> bool:
        """Whether the first tile is a stack, the others its long axes."""
        recordings = self._workspace.opened.recordings
        # Studies that were closed leave their places until others are opened.
        if not self._slots or max(self._slots) >= len(recordings):
            return False
        if not isinstance(recordings[self._slots[0]], Stack):
            return False
        return all(isinstance(recordings[slot], CineSequence) for slot in self._slots[1:]) and len(self._slots) <= 4

    def cells(self) -> list[QRectF]:
        """The places of the tiles, those without a recording at the end."""
        area = QRectF(self.rect())
        if self._alone:
            return [area if slot == self._workspace.index else QRectF() for slot in self._slots]
        count = max(len(self._slots), int(self._layout), 1)
        stack = self._stack_first and count == len(self._slots)
        before = self._columns[1] if self._columns[0] == count else 0
        rects = places(count, area, stack=stack, before=before)
        if not stack and self.isVisible():  # of the size of its first layout nothing is seen
            self._columns = count, len({box.left() for box in rects})
        return rects

    def _arrange(self) -> None:
        """Give every recording that is shown a widget and its place."""
        workspace = self._workspace
        shown: list[QWidget] = []
        free = list(self.linked)
        cells = self.cells()
        for place, index in enumerate(self._slots):
            if cells[place].isEmpty():
                continue
            recording = workspace.opened.recordings[index]
            widget: QWidget
            if index == workspace.index:
                self._focus_slot = place
                widget = self.stack if isinstance(recording, Stack) else self.image
            elif recording is self.stack.grid.stack:
                widget = self.stack
            else:
                widget = self._tile(index, free)
            inner = cells[place].toAlignedRect().adjusted(_BORDER_PX, _BORDER_PX, -_BORDER_PX, -_BORDER_PX)
            widget.setGeometry(inner)
            shown.append(widget)
        for widget in (self.image, self.stack, *self.linked):
            widget.setVisible(widget in shown)
        self._show_hearts()
        self._follow_place()
        self._show_frame(self._player.frame)
        self._update_borders()
        self.arranged.emit()

    def _update_borders(self) -> None:
        """Paint the ground between the tiles again: tiles know themselves when they changed."""
        ground = QRegion(self.rect())
        for widget in (self.image, self.stack, *self.linked):
            if widget.isVisibleTo(self):
                ground -= widget.geometry()
        self.update(ground)

    def _keep_place(self, stack: Stack, place: Plane) -> None:
        """Select the slice of a stack where the reader was in another one."""
        nearest = nearest_slice([cine.plane for cine in stack.slices], place)
        if nearest is not None:
            self.stack.grid.choose(nearest[0])

    def _follow_place(self) -> None:
        """Stacks that are not in focus show the slice at the place of the one in focus."""
        workspace = self._workspace
        stack = workspace.stack
        if stack is not None and self.stack.grid.stack is stack:
            self._place = stack.slices[min(self.stack.grid.selected, len(stack.slices) - 1)].plane
        elif workspace.cine is not None and workspace.cine.plane is not None:
            self._place = workspace.cine.plane
        for tile in self.linked:
            if tile.isVisibleTo(self):
                tile.source.follow_place(self._place)
                several = tile.source.slices > 1
                number = tr("slice {number}/{count}").format(number=tile.source.number + 1, count=tile.source.slices)
                title = number if several else ""
                if title != tile.title:
                    tile.title = title
                    tile.update()

    def _show_hearts(self) -> None:
        """Long axes begin with the heart that their stack covers."""
        stack, heart = self.stack.grid.stack, self.stack.grid.heart_found
        for picture, cine in ((self.image, self._workspace.cine), *((tile, tile.source.cine) for tile in self.linked)):
            crossed = stack is not None and cine is not None and cine not in stack.slices and of_one_study(stack, cine)
            picture.begin_with(heart_on(cine, stack, heart) if crossed and cine and stack else None)

    def _tile(self, index: int, free: list[LinkedTile]) -> LinkedTile:
        """A tile for a recording: the one that shows it, else an unused one."""
        tile = next((tile for tile in free if tile.source.index == index), None)
        if tile is None:
            in_use = set(self._slots)
            tile = next((tile for tile in free if tile.source.index not in in_use), None)
        if tile is None:
            tile = self._new_tile()
        else:
            free.remove(tile)
        if tile.source.index != index:
            tile.first_frame = self._frame_of(index)
            tile.source.choose(index)
        elif not tile.isVisibleTo(self):
            tile.recall_view()
        return tile

    def _new_tile(self) -> LinkedTile:
        tile = LinkedTile(self._workspace, self._player, self)
        tile.memory = self.memory
        tile.look = lambda pixels: self._levels.applied_to(tile.source.recording, pixels)
        slices = ValvePlane(self._workspace, self.stack.grid, tile, tile.source)
        tile.underlay = lambda painter, _, viewport: slices.draw(painter, viewport)
        tile.above.append(self.documents.over(tile.source))
        tile.set_overlays(self._overlays)
        tile.show_confidences(self._confidences)
        tile.pressed.connect(lambda: self.show_recording(tile.source.index))
        tile.double_clicked.connect(self._double_clicked)
        self.linked.append(tile)
        return tile

    def _double_clicked(self) -> None:
        if len(self._slots) > 1:
            self.toggle_alone()
        else:
            self.image.fit()

    def _focus_stack(self) -> None:
        """A slice was clicked while a long axis is in focus."""
        stack = self.stack.grid.stack
        indices = [index for index, recording in enumerate(self._workspace.opened.recordings) if recording is stack]
        if indices:
            self.show_recording(indices[0])

    # In phase

    def _show_change(self, change: Change) -> None:
        if not change.preview:
            self._refresh()

    def _refresh(self) -> None:
        """A Reading was saved: views may be known now that were not, and events may have moved."""
        automatic = self._layout is Layout.AUTOMATIC
        recordings = self._workspace.opened.recordings
        looked_at = recordings if automatic else [recordings[slot] for slot in self._slots if slot < len(recordings)]
        readings = tuple(map(self._workspace.opened.known_reading, looked_at))
        if len(readings) == len(self._seen) and all(map(is_, readings, self._seen)):
            return
        self._seen = readings
        self._links.clear()
        if automatic and self._slots:
            wanted = self._wanted()
            if set(wanted) != set(self._slots):
                self._slots = wanted
                self._arrange()
                return
        self._show_hearts()
        self._show_frame(self._player.frame)
        self._update_borders()

    def _reading(self, index: int) -> Reading:
        recording = self._workspace.opened.recordings[index]
        return self._workspace.opened.known_reading(recording) or first_reading_of(recording)

    def _link(self, index: int) -> NDArray[np.intp]:
        """(frames in focus,) the frame of another recording in the same phase."""
        if index not in self._links:
            self._links[index] = frames_in_phase(self._reading(self._workspace.index), self._reading(index))
        return self._links[index]

    def _frame_of(self, index: int, frame: int | None = None) -> int:
        """The frame of a recording at a frame in focus, by default the one on screen."""
        if index == self._workspace.index or self._workspace.index < 0:
            return self._player.frame if frame is None else frame
        linked = self._link(index)
        return int(linked[min(self._player.frame if frame is None else frame, len(linked) - 1)])

    def _phase_of_stack(self, frame: int) -> int:
        stack = self.stack.grid.stack
        if stack is None or stack is self._workspace.stack:
            return frame
        index = next(
            (index for index, recording in enumerate(self._workspace.opened.recordings) if recording is stack), -1
        )
        return frame if index < 0 else self._frame_of(index, frame)

    def _show_frame(self, frame: int) -> None:
        """Draw all tiles next to the one in focus at its phase, and have the frames after it decoded."""
        count = self._player.frames
        coming = [(frame + step) % count for step in range(1, AHEAD + 1)] if self._player.playing else []
        for tile in self.linked:
            if not tile.isVisibleTo(self) or tile.source.cine is None:
                continue
            index = tile.source.index
            tile.show_frame(self._frame_of(index, frame))
            self.ahead.want(tile.source.cine.seen, [self._frame_of(index, number) for number in coming])
        if coming and self._workspace.cine is not None:
            self.ahead.want(self._workspace.cine.seen, coming)

    # Qt

    def _apply_window(self) -> None:
        self.image.title = self._levels.words
        self.image.redraw()

    def paintEvent(self, event: QPaintEvent) -> None:
        """The ground between the tiles, and a border around each: of the one in focus in colour."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(theme.GROUND))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        cells = self.cells()
        for index, cell in enumerate(cells):
            if cell.isEmpty():
                continue
            box = QRectF(cell.toAlignedRect()).adjusted(1, 1, -1, -1)
            empty = index >= len(self._slots)
            focus = not empty and self._slots[index] == self._workspace.index and len(cells) > 1
            painter.setPen(QPen(QColor(theme.ACCENT if focus else theme.LINE), 2 if focus else 1))
            painter.drawRect(box)
            if empty:
                painter.setFont(theme.font(12))
                painter.setPen(QColor(theme.QUIET))
                painter.drawText(box, Qt.AlignmentFlag.AlignCenter, tr("Drag a recording here"))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Give the tiles their new places."""
        self._arrange()

    def slot_at(self, at: QPointF) -> int | None:
        """The tile (counted from 0, empty ones included) at a position of the board."""
        return next((number for number, cell in enumerate(self.cells()) if cell.contains(at)), None)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Recordings of the study list may be dropped."""
        if index_of(event.mimeData()) is not None:
            event.acceptProposedAction()
        else:
            event.ignore()

    def dropEvent(self, event: QDropEvent) -> None:
        """Show the recording that was dropped."""
        index, slot = index_of(event.mimeData()), self.slot_at(event.position())
        if index is not None and slot is not None and index < len(self._workspace.opened.recordings):
            event.acceptProposedAction()
            self.put(index, slot)
