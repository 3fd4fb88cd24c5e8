"""The right mouse button: menus by a click, the grey window (brightness and contrast) by dragging.

Menus: first contours of a loop or slice, copies of contours, and segments. The grey window is remembered by recording.
It affects only the screen, neither measurements nor what a network sees; so it is not part of a study's journal, works
in a read-only study, and is not undone with Ctrl+Z.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QObject, QPointF, Qt, Signal
from PySide6.QtGui import QAction, QMouseEvent
from PySide6.QtWidgets import QMenu, QWidget

from kinecor.core.outlines.initial_contours import (
    between_slices,
    from_slice,
    initial_circle,
    initial_long_axis,
    initial_right_ventricle,
)
from kinecor.core.outlines.insertion import insertion, insertion_seen
from kinecor.core.tracking.propagation import traced_by_hand
from kinecor.core.values.geometry import BytesArray
from kinecor.core.values.message import message
from kinecor.core.values.reading import Reading
from kinecor.core.values.recording import Depth, GreyWindow, Recording, apply_window, window_between
from kinecor.core.values.track import ContourTrack, Origin, Structure
from kinecor.session.edits import Edit, OnSlice, RemoveTrack, SetContours, SetInsertion, SetTrack, SetWithheld, Several
from kinecor.ui.style.language import tr
from kinecor.ui.tiles.image_view import ImageView
from kinecor.ui.workspace.changes import Topic, follow
from kinecor.ui.workspace.player import Player
from kinecor.ui.workspace.workspace import Workspace

CLICK_PX = 4.0  # a right press that moves less opens the menu
PER_PX = 1 / 425  # of the width as opened, for a pixel of the screen; the width itself follows twice as fast
EIGHT_BITS = window_between(0.0, 255.0)
# Limits of the width of a window, as multiples of the range of values.
_WIDEST, _NARROWEST = 4.0, 1 / 256
_GAMMAS, _SAME_GAMMA = (0.4, 2.5), 0.02


def depth_of(recording: Recording | None) -> Depth | None:
    """The depth of a recording, for a stack of all slices; None for 8 bits or colour."""
    if recording is None:
        return None
    return recording.cines[0].depth


def dragged(window: GreyWindow, dx: float, dy: float, within: GreyWindow) -> GreyWindow:
    """A window after a drag (screen pixels): to the right less contrast, down brighter.

    Args:
        window: at the start of the drag.
        dx: to the right.
        dy: down.
        within: from the darkest to the brightest value; the centre stays inside.

    """
    step, low = within.width * PER_PX, within.centre - within.width / 2
    width = window.width + 2 * step * dx
    least = max(within.width * _NARROWEST, 1.0 if window.curve == "LINEAR" else 0.0)
    return replace(
        window,
        centre=float(np.clip(window.centre - step * dy, low, low + within.width)),
        width=float(np.clip(width, least, _WIDEST * within.width)),
    )


def _through(pixels: NDArray[Any], window: GreyWindow, depth: Depth | None) -> BytesArray:
    if pixels.ndim == 3:  # colours keep their meaning: only the mid-tones follow
        return pixels if window.gamma == 1.0 else apply_window(pixels, replace(EIGHT_BITS, gamma=window.gamma))
    if depth is None and window == EIGHT_BITS:
        return pixels
    return apply_window(pixels, window, inverted=depth is not None and depth.inverted)


class LevelDrag(QObject):
    """The grey window of the recording on screen; watches widgets for the right button.

    Signals:
        changed(): another window is used.
        settled(str, GreyWindow | None): one was chosen for a recording (its identifier); None is the initial one.
        clicked(QWidget, QPointF): a menu is requested there.
    """

    changed = Signal()
    settled = Signal(str, object)
    clicked = Signal(object, object)

    def __init__(
        self, workspace: Workspace, chosen: Mapping[str, GreyWindow] | None = None, parent: QObject | None = None
    ) -> None:
        """`chosen`: windows chosen before, by the recording's identifier."""
        super().__init__(parent)
        self._workspace, self._chosen = workspace, dict(chosen or {})
        self._depth: Depth | None = None
        self.window = EIGHT_BITS
        self._from: tuple[QPointF, GreyWindow] | None = None
        self._moved = False
        follow(workspace, self.load, Topic.RECORDING)

    def load(self) -> None:
        """Load the window of the recording on screen: the one chosen before, else the file's."""
        self._depth, self._from = depth_of(self._workspace.recording), None
        self.window = self._chosen.get(self._name, self.opened)
        self.changed.emit()  # the same numbers mean something else in another recording

    @property
    def _name(self) -> str:
        recording = self._workspace.recording
        return recording.source.recording_id if recording is not None else ""

    @property
    def opened(self) -> GreyWindow:
        """The window in the file, or one computed from its images."""
        return self._depth.opened if self._depth else EIGHT_BITS

    @property
    def automatic(self) -> GreyWindow:
        """The window computed from the images."""
        return self._depth.automatic if self._depth else EIGHT_BITS

    @property
    def full(self) -> GreyWindow:
        """From the darkest to the brightest value."""
        return self._depth.full if self._depth else EIGHT_BITS

    @property
    def words(self) -> str:
        """Centre and width; "" for the initial window."""
        if self.window == self.opened:
            return ""
        digits, here = 0 if self.full.width > 20 else 2, self.window
        texts = [f"L {here.centre:.{digits}f}  W {here.width:.{digits}f}"]
        texts += [f"gamma {here.gamma:.1f}"] if here.gamma != 1.0 else []
        texts += [tr("inverted")] if here.negative else []
        return "  ".join(texts)

    def applied(self, pixels: NDArray[Any]) -> BytesArray:
        """Pixels as shown: grey through the window, colour with its gamma."""
        return _through(pixels, self.window, self._depth)

    def applied_to(self, recording: Recording | None, pixels: NDArray[Any]) -> BytesArray:
        """Pixels of any recording, through its own window."""
        if recording is self._workspace.recording:
            return self.applied(pixels)
        depth = depth_of(recording)
        opened = depth.opened if depth else EIGHT_BITS
        window = opened if recording is None else self._chosen.get(recording.source.recording_id, opened)
        return _through(pixels, window, depth)

    def watch(self, widget: QWidget) -> None:
        """Handle the right button of a widget."""
        widget.installEventFilter(self)

    def choose(self, window: GreyWindow) -> None:
        """Use another window."""
        self._set(window)
        self._settle()

    def reset(self) -> None:
        """Return to the initial window."""
        self.choose(self.opened)

    def scale_width(self, factor: float) -> None:
        """Less contrast above 1, more below it, around the same centre."""
        here, within = self.window, self.full
        least = max(within.width * _NARROWEST, 1.0 if here.curve == "LINEAR" else 0.0)
        self.choose(replace(here, width=float(np.clip(here.width * factor, least, _WIDEST * within.width))))

    def scale_gamma(self, factor: float) -> None:
        """Brighter between black and white above 1, darker below it."""
        gamma = float(np.clip(self.window.gamma * factor, *_GAMMAS))
        self.choose(replace(self.window, gamma=1.0 if abs(gamma - 1) < _SAME_GAMMA else gamma))

    def invert(self) -> None:
        """Exchange black and white, and back."""
        self.choose(replace(self.window, negative=not self.window.negative))

    def add_to(self, menu: QMenu) -> None:
        """Add the menu entries."""
        offered = [(tr("Grey window: reset"), self.opened)]
        if self._depth is not None:
            offered += [(tr("Grey window: automatic"), self.automatic), (tr("Grey window: full range"), self.full)]
        for text, window in offered:
            menu.addAction(text).triggered.connect(lambda _=False, window=window: self.choose(window))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Handle the right button; True where the event was handled."""
        if not isinstance(event, QMouseEvent):
            return False
        kind = event.type()
        if kind == QEvent.Type.MouseButtonPress and event.button() == Qt.MouseButton.RightButton:
            self._from, self._moved = (event.position(), self.window), False
            return True
        if kind == QEvent.Type.MouseMove and self._from is not None and event.buttons() & Qt.MouseButton.RightButton:
            start, window = self._from
            moved = event.position() - start
            self._moved = self._moved or moved.manhattanLength() >= CLICK_PX
            if self._moved:
                self._set(dragged(window, moved.x(), moved.y(), self.full))
            return True
        if kind == QEvent.Type.MouseButtonRelease and event.button() == Qt.MouseButton.RightButton and self._from:
            self._from = None
            if self._moved:
                self._settle()
            else:
                self.clicked.emit(watched, event.position())
            return True
        return False

    def _set(self, window: GreyWindow) -> None:
        if window != self.window:
            self.window = window
            self.changed.emit()

    def _settle(self) -> None:
        name = self._name
        if self.window == self.opened:
            self._chosen.pop(name, None)
            self.settled.emit(name, None)
        else:
            self._chosen[name] = self.window
            self.settled.emit(name, self.window)


def add_common(menu: QMenu, common: Sequence[QAction]) -> None:
    """Add actions of the window, and a line below them; none where there are none."""
    menu.addActions(list(common))
    if common:
        menu.addSeparator()


TRACED = {
    Structure.LV_ENDO: "Trace LV endocardium here",
    Structure.LV_EPI: "Trace LV epicardium here",
    Structure.LA: "Trace left atrium here",
    Structure.RV: "Trace RV endocardium here",
}
"""What a menu says for the structures that can be traced."""
IN_SLICE = (Structure.LV_ENDO, Structure.LV_EPI, Structure.RV)
"""Structures that can be traced in a slice of a stack."""
CONFIRM = "Confirm the initial contours"
CONFIRM_HERE = "Confirm the contours of this frame"
PROPAGATE = "Propagate the contours through the cycle"


def trace_words(structure: Structure) -> str:
    """Text of the menu entry that traces a structure where the mouse was clicked."""
    return tr(TRACED[structure])


def circle_edit(reading: Reading, number: int, phase: int, structure: Structure, at_px: tuple[float, float]) -> Edit:
    """A first contour of a structure around a point (x, y) of a slice at a phase."""
    contour = initial_circle(structure, at_px, reading.slices[number].calibration)
    return OnSlice(number, SetContours(structure, phase, (contour,), (Origin.TEMPLATE,)))


def neighbour_edit(reading: Reading, other: int, number: int, phase: int) -> Edit | None:
    """Copy the contours of another slice at a phase to this slice; None where that slice has none."""
    contours = from_slice(reading, other, number, phase)
    edits = tuple(SetContours(structure, phase, (contour,)) for structure, contour in contours.items())
    done = message("contours copied from slice {slice_number}, phase {phase}", slice_number=other + 1, phase=phase + 1)
    return OnSlice(number, Several(done, edits)) if edits else None


def fill_edit(reading: Reading, number: int) -> Edit | None:
    """Contours of a slice without any, at all phases, between those of its neighbours; None where it has some."""
    tracks = between_slices(reading, number)
    edits = tuple(map(SetTrack, tracks.values()))
    return (
        OnSlice(number, Several(message("contours filled in from the neighbouring slices"), edits)) if edits else None
    )


def spread_edit(reading: Reading, number: int, phase: int) -> Edit | None:
    """Copy the contours of a phase of a slice to every phase without any; None where there is no such phase."""
    edits: list[Edit] = []
    for structure, track in reading.slices[number].tracks.items():
        contour = track.contours[phase]
        if contour is None:
            continue
        empty = [frame for frame, contour in enumerate(track.contours) if contour is None]
        edits += [SetContours(structure, frame, (contour,), _copied(track, phase)) for frame in empty]
    done = message("contours of phase {phase} copied to empty phases", phase=phase + 1)
    return OnSlice(number, Several(done, tuple(edits))) if edits else None


def _copied(track: ContourTrack, frame: int) -> tuple[Origin, ...]:
    """The origin of a copy: the reader's, unless it copies an initial contour that was not fitted."""
    return (Origin.TEMPLATE if track.origins[frame] is Origin.TEMPLATE else Origin.EDITED,)


def confirm_edit(reading: Reading, frame: int) -> Edit | None:
    """Take the initial contours of a frame as the reader's own; None where there is none."""
    edits = tuple(
        SetContours(structure, frame, (track.contours[frame],))
        for structure, track in reading.tracks.items()
        if track.origins[frame] is Origin.TEMPLATE and track.contours[frame] is not None
    )
    return Several(message("initial contours confirmed, frame {frame}", frame=frame + 1), edits) if edits else None


def confirm_frame_edit(reading: Reading, frame: int) -> Edit | None:
    """Take a network's contours of a long axis of cine MRI as the reader's own, as they are; None where there is none.

    Strain and the way of the valve wait for that at ED and ES.
    """
    if not reading.kind.oriented_by_plane:
        return None
    edits = tuple(
        SetContours(structure, frame, (track.contours[frame],))
        for structure, track in reading.tracks.items()
        if track.origins[frame] in (Origin.MODEL, Origin.TRACKED) and track.contours[frame] is not None
    )
    return Several(message("contours confirmed, frame {frame}", frame=frame + 1), edits) if edits else None


def short_axis_entries(reading: Reading, frame: int, point_px: tuple[float, float]) -> list[tuple[str, Edit]]:
    """Menu entries of a short-axis loop and their edits, at a frame and an image point (x, y)."""
    found: list[tuple[str, Edit]] = []
    cavity = reading.tracks[Structure.LV_ENDO].contours[frame] if Structure.LV_ENDO in reading.tracks else None
    # The epicardium is traced around an existing cavity.
    middle = point_px if cavity is None else (float(cavity.centroid[0]), float(cavity.centroid[1]))
    rows = reading.facts.rows if reading.facts.plane is None else None  # cine MRI knows its plane
    for structure in (Structure.LV_ENDO, Structure.LV_EPI):
        at = point_px if structure is Structure.LV_ENDO else middle
        circle = initial_circle(structure, at, reading.calibration, rows)
        drawn = SetContours(structure, frame, (circle,), (Origin.TEMPLATE,))
        lifted = Several(drawn.summary, (drawn, SetWithheld(None)))
        found.append((trace_words(structure), drawn if reading.withheld is None else lifted))
    if cavity is not None:
        turn = insertion(reading, frame)[0].turn
        seen = insertion_seen(cavity, point_px, reading.aspect, turn)
        found.append((tr("Set anterior RV insertion here"), SetInsertion(seen)))
    if reading.short_axis is not None and reading.short_axis.insertion is not None:
        found.append((tr("Anterior RV insertion: default"), SetInsertion(None)))
    return found


class LoopMenu(QMenu):
    """The menu of a loop, filled each time it opens.

    Signals:
        propagation_wanted(): the contours are to be propagated through the cycle.
    """

    propagation_wanted = Signal()

    def __init__(self, workspace: Workspace, player: Player, image: ImageView, levels: LevelDrag) -> None:
        super().__init__(image)
        self._workspace, self._player, self._image, self._levels = workspace, player, image, levels
        self.first: Callable[[QPointF], list[tuple[str, Callable[[], object]]]] = lambda _: []
        """Further entries for a position of the image, listed first."""
        self.common: Sequence[QAction] = ()
        """Actions of the window listed above those of contours: ED, ES, undo."""
        levels.watch(image)
        levels.clicked.connect(lambda widget, at: self.open_at(at) if widget is image else None)

    def open_at(self, at: QPointF) -> None:
        """Open at a position of the image (widget pixels)."""
        if self.fill(at):
            self.popup(self._image.mapToGlobal(at.toPoint()))

    def fill(self, at: QPointF) -> bool:
        """Add the entries for that position; False where no loop is on screen."""
        self.clear()
        saved = self._workspace.saved
        if saved is None or saved.kind.stack:
            return False
        frame = min(self._player.frame, saved.facts.frames - 1)
        point = self._image.viewport.to_image(at.x(), at.y())
        kind = saved.kind
        for text, does in self.first(at):
            self.addAction(text).triggered.connect(lambda _=False, does=does: does())
        add_common(self, self.common)
        for sentence, edit in short_axis_entries(saved, frame, point) if kind.closed else ():
            self._add(sentence, edit)
        for structure in () if kind.closed else kind.structures:
            self._add(trace_words(structure), first_contour_edit(saved, structure, frame, point))
        if kind.volumes == "disks" and saved.view is not None and saved.view.label == "A4C":
            right = SetContours(Structure.RV, frame, (initial_right_ventricle(saved, point),), (Origin.TEMPLATE,))
            self._add(trace_words(Structure.RV), right)
        confirmed = confirm_edit(saved, frame)
        if confirmed is not None:
            self._add(tr(CONFIRM), confirmed)
        as_they_are = confirm_frame_edit(saved, frame)
        if as_they_are is not None:
            self._add(tr(CONFIRM_HERE), as_they_are)
        other = nearest_contoured(saved, frame)
        if other is not None:
            same = tuple(
                SetContours(structure, frame, (track.contours[other],), _copied(track, other))
                for structure, track in saved.tracks.items()
                if track.contours[other] is not None
            )
            self._add(
                tr("Copy contours from frame {frame}").format(frame=other + 1),
                Several(
                    message("contours copied from frame {source} to frame {frame}", source=other + 1, frame=frame + 1),
                    same,
                ),
            )
        here = tuple(structure for structure, track in saved.tracks.items() if track.contours[frame] is not None)
        if saved.tracks:
            self.addSeparator()
            gone = tuple(SetContours(structure, frame, (None,)) for structure in here)
            if gone:
                removed = message("contours removed, frame {frame}", frame=frame + 1)
                self._add(tr("Remove contours of this frame"), Several(removed, gone))
            every = tuple(RemoveTrack(structure) for structure in saved.tracks)
            self._add(tr("Remove all contours"), Several(message("all contours removed"), every))
        self.addSeparator()
        if kind.propagated_from and (traced_by_hand(saved) or not (saved.tracks or kind.closed)):
            self.addAction(tr(PROPAGATE)).triggered.connect(lambda _=False: self.propagation_wanted.emit())
        self._levels.add_to(self)
        return True

    def _add(self, words: str, edit: Edit) -> None:
        action = self.addAction(words)
        action.triggered.connect(partial(self._do, edit))
        action.setEnabled(not self._workspace.signing.closed)

    def _do(self, edit: Edit, _checked: bool = False) -> None:
        self._player.pause()
        self._workspace.do(edit, by=self)


def nearest_contoured(reading: Reading, frame: int) -> int | None:
    """The nearest frame with contours, for a frame without; None where it has some, or no frame has."""
    frames = [
        index
        for index in range(reading.facts.frames)
        if any(track.contours[index] is not None for track in reading.tracks.values())
    ]
    return None if not frames or frame in frames else min(frames, key=lambda near_frame: abs(near_frame - frame))


def first_contour_edit(reading: Reading, structure: Structure, frame: int, point_px: tuple[float, float]) -> Edit:
    """A first contour of a structure at a frame; a long axis of cine MRI is measured from then on."""
    contour = initial_long_axis(reading, structure, frame, point_px)
    drawn = SetContours(structure, frame, (contour,), (Origin.TEMPLATE,))
    if reading.withheld is not None and reading.kind.propagated_from:
        return Several(drawn.summary, (drawn, SetWithheld(None)))
    return drawn
