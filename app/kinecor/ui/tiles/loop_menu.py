"""The right button's menu on a loop: first outlines of a long or a short axis, and what is made of them."""

from functools import partial

from PySide6.QtCore import QPointF, Signal
from PySide6.QtWidgets import QMenu

from kinecor.core.outlines.long_axis_outlines import first_long_axis
from kinecor.core.values.reading import Reading
from kinecor.core.values.track import Structure
from kinecor.session.edits import Edit, RemoveTrack, SetContours, SetWithheld, Several
from kinecor.ui.tiles.image_view import ImageView
from kinecor.ui.tiles.levels import LevelDrag
from kinecor.ui.tiles.short_axis_menu import short_axis_entries
from kinecor.ui.workspace.player import Player
from kinecor.ui.workspace.workspace import Workspace

WORDS = {Structure.LV_ENDO: "LV cavity", Structure.LV_EPI: "LV wall", Structure.LA: "left atrium"}
CARRY = "Carry the outlines through the cycle"


class LoopMenu(QMenu):
    """What can be done at a place of the picture, made anew each time it opens.

    Signals:
        carry_wanted(): the outlines are to be carried through the cycle.
    """

    carry_wanted = Signal()

    def __init__(self, workspace: Workspace, player: Player, image: ImageView, levels: LevelDrag) -> None:
        super().__init__(image)
        self._workspace, self._player, self._image, self._levels = workspace, player, image, levels
        levels.watch(image)
        levels.clicked.connect(lambda widget, at: self.open_at(at) if widget is image else None)

    def open_at(self, at: QPointF) -> None:
        """Open at a place of the picture (widget pixels)."""
        if self.fill(at):
            self.popup(self._image.mapToGlobal(at.toPoint()))

    def fill(self, at: QPointF) -> bool:
        """Put in what can be done there; False where no loop is on screen."""
        self.clear()
        kept = self._workspace.kept
        if kept is None or kept.kind.stack:
            return False
        frame = min(self._player.frame, kept.facts.frames - 1)
        point = self._image.viewport.to_image(at.x(), at.y())
        kind = kept.kind
        for words, edit in short_axis_entries(kept, frame, point) if kind.closed else ():
            self._add(words, edit)
        for structure in () if kind.closed else kind.structures:
            self._add(f"Outline the {WORDS[structure]} here", outline_edit(kept, structure, frame, point))
        other = nearest_outlined(kept, frame)
        if other is not None:
            same = tuple(
                SetContours(one, frame, (track.contours[other],))
                for one, track in kept.tracks.items()
                if track.contours[other] is not None
            )
            self._add(
                f"Take the outlines of frame {other}", Several(f"outlines of frame {other} at frame {frame}", same)
            )
        here = tuple(one for one, track in kept.tracks.items() if track.contours[frame] is not None)
        if kept.tracks:
            self.addSeparator()
            gone = tuple(SetContours(one, frame, (None,)) for one in here)
            if gone:
                self._add("Remove the outlines of this frame", Several(f"outlines removed, frame {frame}", gone))
            every = tuple(RemoveTrack(one) for one in kept.tracks)
            self._add("Remove all outlines", Several("all outlines removed", every))
        self.addSeparator()
        if kind.propagated_from and (kept.tracks or not kind.automatic):
            self.addAction(CARRY).triggered.connect(lambda _=False: self.carry_wanted.emit())
        self._levels.add_to(self)
        return True

    def _add(self, words: str, edit: Edit) -> None:
        self.addAction(words).triggered.connect(partial(self._do, edit))

    def _do(self, edit: Edit, _checked: bool = False) -> None:
        self._player.pause()
        self._workspace.do(edit, by=self)


def nearest_outlined(reading: Reading, frame: int) -> int | None:
    """The frame with outlines nearest to one that has none; None where it has some, or none has."""
    frames = [
        one
        for one in range(reading.facts.frames)
        if any(track.contours[one] is not None for track in reading.tracks.values())
    ]
    return None if not frames or frame in frames else min(frames, key=lambda one: abs(one - frame))


def outline_edit(reading: Reading, structure: Structure, frame: int, point_px: tuple[float, float]) -> Edit:
    """A first outline of a structure at a frame; a long axis of cine MRI may be measured from then on."""
    contour = first_long_axis(reading, structure, frame, point_px)
    drawn = SetContours(structure, frame, (contour,))
    if reading.withheld is not None and reading.kind.propagated_from:
        return Several(drawn.summary, (drawn, SetWithheld(None)))
    return drawn
