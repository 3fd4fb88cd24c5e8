"""The images of a stack: a grid of slices or one enlarged above its neighbours, and the choices for the whole stack."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QObject, QPointF, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QAction,
    QColor,
    QFocusEvent,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import (
    QDoubleSpinBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QMenu,
    QSizePolicy,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from kinecor.core.outlines.insertion import insertion, insertion_seen
from kinecor.core.values.choices import HEIGHT_CM, WEIGHT_KG, BsaFormula, Insertion, Papillaries
from kinecor.core.values.errors import Tick, error_message
from kinecor.core.values.message import Message, message
from kinecor.core.values.reading import Reading, body, choices, contour_at
from kinecor.core.values.recording import Stack
from kinecor.core.values.track import Structure
from kinecor.core.volumes.extent import End, extent_of, marks_of, right_base_of, slices_with_number, with_end
from kinecor.session.edits import (
    Edit,
    OnSlice,
    SetContours,
    SetDemographics,
    SetExcluded,
    SetExtent,
    SetInsertion,
    SetPapillaries,
    SetRvBase,
    Several,
)
from kinecor.ui.style import on_image, theme
from kinecor.ui.style.choice import Choice
from kinecor.ui.style.language import tr, translated
from kinecor.ui.style.number_field import accept_both_signs
from kinecor.ui.style.spoken import Spoken
from kinecor.ui.tiles.cross_lines import base_words
from kinecor.ui.tiles.grid_view import GridView
from kinecor.ui.tiles.image_view import ImageView
from kinecor.ui.tiles.menus import (
    CONFIRM,
    IN_SLICE,
    LevelDrag,
    add_common,
    circle_edit,
    confirm_edit,
    fill_edit,
    neighbour_edit,
    spread_edit,
    trace_words,
)
from kinecor.ui.tiles.picture import event_words
from kinecor.ui.tiles.viewport import Viewport
from kinecor.ui.workspace.changes import Change, Topic, follow
from kinecor.ui.workspace.corrections import answering, exchange_edit, extent_edit
from kinecor.ui.workspace.jobs import Jobs
from kinecor.ui.workspace.player import Player
from kinecor.ui.workspace.sources import SliceSource
from kinecor.ui.workspace.workspace import Workspace

_OPACITY: Final = 0.5
_Masks = tuple[tuple[NDArray[np.bool_] | None, ...], ...]


def _masks(stack: Stack, reading: Reading, tick: Tick) -> _Masks:
    """By slice, by phase; for a worker."""
    from kinecor.analysis.strategy import muscle_pixels

    return tuple(
        muscle_pixels(cine, slice_reading, tick) if len(cine) == reading.facts.frames else (None,) * len(cine)
        for cine, slice_reading in zip(stack.slices, reading.slices, strict=True)
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
        follow(workspace, self._follow, Topic.READING)

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
            self._jobs.start("muscle", partial(_masks, stack, after), self._take, self._workspace.notices.message.emit)

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
    shades = [round(_OPACITY * number) for number in (colour.blue(), colour.green(), colour.red(), 255)]
    pixels[mask] = shades
    rows, columns = mask.shape
    seen = QImage(pixels.data, columns, rows, 4 * columns, QImage.Format.Format_ARGB32_Premultiplied)
    return seen.copy()  # of its own, as the array ends here


HIGH_PX = 112
WORDS_PX = 64
_ROOM_FOR_STRIP_PX = 3 * HIGH_PX


class Filmstrip(Spoken, QWidget):
    """Slices around the selected one at the phase on screen; a click selects another."""

    def __init__(self, grid: GridView, player: Player, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._grid = grid
        self.setFixedHeight(HIGH_PX)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        grid.chosen.connect(lambda _: self.update())
        grid.redrawn.connect(self.update)
        player.frame_changed.connect(lambda _: self.update())

    def spoken_name(self) -> str:
        """What the images are."""
        return tr("Slices next to the selected one")

    def spoken_value(self) -> str:
        """The selected slice."""
        return self._grid.spoken_value()

    def cells(self) -> list[tuple[int, QRectF]]:
        """The slices (0-based) that fit, base first, the selected one in their middle where it can be."""
        order = [number for number, _ in self._grid.tiles()]
        if not order:
            return []
        wide = float(self.height())
        fit = max(min(int((self.width() - WORDS_PX) // wide), len(order)), 1)
        at = order.index(self._grid.selected) if self._grid.selected in order else 0
        first = min(max(at - fit // 2, 0), len(order) - fit)
        return [
            (number, QRectF(WORDS_PX + place * wide, 0, wide, self.height()))
            for place, number in enumerate(order[first : first + fit])
        ]

    def sizeHint(self) -> QSize:
        """One row of small images."""
        return QSize(600, HIGH_PX)

    def paintEvent(self, event: QPaintEvent) -> None:
        """The slices, the selected one framed; phase and event at the left."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(on_image.GROUND))
        reading, stack = self._grid.reading, self._grid.stack
        if reading is None or stack is None or not reading.kind.stack:
            return
        phase = min(self._grid.phase, stack.phases - 1)
        cells = self.cells()
        for number, box in cells:
            self._grid.draw_cell(painter, number, phase, box)
        for number, box in cells:
            if number == self._grid.selected:
                self._grid.draw_frame(painter, number, box)
        painter.setFont(on_image.font(12, bold=True))
        painter.setPen(QColor(on_image.TEXT))
        painter.drawText(QPointF(8, 22), event_words(reading, phase))
        painter.setFont(on_image.font(11))
        painter.setPen(QColor(on_image.QUIET))
        painter.drawText(QPointF(8, 40), tr("phase"))
        painter.drawText(QPointF(8, 56), f"{phase + 1}/{stack.phases}")

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Select the slice that was clicked."""
        found = next((number for number, box in self.cells() if box.contains(event.position())), None)
        if found is not None:
            self._grid.choose(found)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Through slices; with Shift through time."""
        self._grid.wheelEvent(event)


UNKNOWN = "–"
PAPILLARIES: Final = {
    Papillaries.CAVITY: "papillaries in the cavity",
    Papillaries.MYOCARDIUM: "papillaries in the myocardium",
}
ENDS: Final[dict[End, tuple[str, str]]] = {
    "base": ("Set base slice, this phase", "Set base slice, all phases"),
    "apex": ("Set apex slice, this phase", "Set apex slice, all phases"),
    "rv base": ("Set RV base slice, this phase", "Set RV base slice, all phases"),
}
"""What the menu says for each end of a ventricle, of one phase and of all."""
KEYS = (
    "B: the selected slice is the base at this phase; Shift+B: at all phases\n"
    "A: the selected slice is the apex at this phase; Shift+A: at all phases\n"
    "Ctrl+Shift+X: exchange base and apex of a stack that is upside down\n"
    "X: exclude the selected slice. Right-click on a slice for more."
)


def _not_set(why: Message) -> Message:
    """That an end stays where it is, and why."""
    return message("Not set: {reason}.", reason=why)


class StackBar(QFrame):
    """Two lines of controls, and one with base and apex at the phase on screen."""

    def __init__(self, workspace: Workspace, player: Player, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._workspace, self._player = workspace, player
        self._showing = False
        self.papillaries = Choice()
        self.papillaries.setAccessibleName(tr("Papillary muscles"))
        for papillaries in Papillaries:
            self.papillaries.addItem(tr(PAPILLARIES[papillaries]), papillaries)
        self.papillaries.setToolTip(
            tr(
                "Whether papillary muscles and trabeculae are part of the cavity or of the wall; "
                "printed with each measurement"
            )
        )
        self.height_cm = _spin(*HEIGHT_CM, " cm", tr("Height"))
        self.weight_kg = _spin(*WEIGHT_KG, " kg", tr("Weight"))
        self.formula = Choice()
        self.formula.setAccessibleName(tr("Formula for body surface area"))
        for formula in BsaFormula:
            self.formula.addItem(formula.value, formula)
        self.formula.setToolTip(tr("Formula for body surface area"))
        self.bsa, self.extent = QLabel(), QLabel()
        self.extent.setToolTip(tr(KEYS))
        for label in (self.bsa, self.extent):
            label.setStyleSheet(f"color: {theme.QUIET}; font-size: 12px;")
        line = QHBoxLayout()
        line.setSpacing(6)
        for widget in (self.height_cm, self.weight_kg, self.formula):
            line.addWidget(widget)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(10, 4, 10, 4)
        layout.setSpacing(3)
        for box in (self.papillaries, self.height_cm, self.weight_kg, self.formula):
            box.setFocusPolicy(Qt.FocusPolicy.StrongFocus)  # Tab goes from height to weight
            box.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        layout.addWidget(self.papillaries)
        layout.addLayout(line)
        layout.addWidget(self.bsa)
        self.extent.setWordWrap(True)
        layout.addWidget(self.extent)
        self.papillaries.activated.connect(self._choose_papillaries)
        self.formula.activated.connect(self._choose_body)
        self.height_cm.editingFinished.connect(self._choose_body)
        self.weight_kg.editingFinished.connect(self._choose_body)
        follow(workspace, self.show_change, Topic.READING_DRAWN)
        player.frame_changed.connect(lambda _: self._show_extent())

    def show_change(self, change: Change) -> None:
        """Show the choices of the Reading."""
        before, after = change.before, change.after
        if after is None or not after.kind.stack:
            return
        if before is None or before.short_axis is not after.short_axis or before.facts is not after.facts:
            chosen, size = choices(after), body(after)
            self._showing = True
            self.papillaries.setCurrentIndex(self.papillaries.findData(chosen.papillaries))
            self.formula.setCurrentIndex(self.formula.findData(size.formula))
            self.height_cm.setValue(size.height_cm or self.height_cm.minimum())
            self.weight_kg.setValue(size.weight_kg or self.weight_kg.minimum())
            self._showing = False
            self.bsa.setText("" if size.bsa_m2 is None else f"{size.bsa_m2:.2f} m²")
            self._show_extent()

    def _show_extent(self) -> None:
        reading = self._workspace.reading
        if reading is not None and reading.kind.stack and self.isVisible():
            phase = min(self._player.frame, reading.facts.frames - 1)
            checked = base_words(self._workspace, phase)
            self.extent.setText("; ".join(name for name in (extent_words(reading, phase), checked) if name))

    def _choose_papillaries(self) -> None:
        wanted, saved = self.papillaries.currentData(), self._workspace.saved
        if saved is not None and wanted != choices(saved).papillaries:
            self._workspace.do(SetPapillaries(Papillaries(wanted)), by=self)

    def _choose_body(self) -> None:
        saved, study = self._workspace.saved, self._workspace.study.reading
        if saved is None or study is None or not saved.kind.stack or self._showing:
            return
        now, entered = body(saved), study.entered
        height_cm, weight_kg, formula = (
            _value(self.height_cm),
            _value(self.weight_kg),
            BsaFormula(self.formula.currentData()),
        )
        if height_cm != now.height_cm:
            entered = replace(entered, height_cm=height_cm)
        if weight_kg != now.weight_kg:
            entered = replace(entered, weight_kg=weight_kg)
        if formula is not now.formula:
            entered = replace(entered, formula=formula)
        if entered != study.entered:
            self._workspace.study.do(SetDemographics(entered))


def extent_words(reading: Reading, phase: int) -> str:
    """Base and apex at a phase."""
    chosen = choices(reading)
    if chosen.extent is None:
        return tr("Basal/apical slice: automatic")
    return tr("Phase {phase}: base slice {base}, apex slice {apex}").format(
        phase=phase + 1, base=chosen.extent.base[phase] + 1, apex=chosen.extent.apex[phase] + 1
    )


class _OptionalNumber(QDoubleSpinBox):
    """Selects its text when it is clicked, too: digits typed into the words for "not known" would be refused."""

    def __init__(self) -> None:
        super().__init__()
        accept_both_signs(self)
        self.lineEdit().cursorPositionChanged.connect(lambda *_: self._select_words())

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        QTimer.singleShot(0, self, self.selectAll)  # the click that gives the focus places the cursor first

    def wheelEvent(self, event: QWheelEvent) -> None:
        """The panel scrolls: who reads on changes no patient's height."""
        event.ignore()

    def _select_words(self) -> None:
        """A later click into the words for "not known" selects them again."""
        line = self.lineEdit()
        if line.text() == self.specialValueText() and not line.hasSelectedText():
            line.selectAll()


def _spin(low: float, high: float, unit: str, what: str) -> QDoubleSpinBox:
    """A number field; its minimum means "not known" and is shown as a dash."""
    spin = _OptionalNumber()
    spin.setRange(low - 1, high)
    spin.setDecimals(1)
    spin.setSuffix(unit)
    spin.setSpecialValueText(f"{what} {UNKNOWN}")
    spin.setToolTip(tr("{what}; volumes and mass are indexed where height and weight are known").format(what=what))
    spin.setButtonSymbols(QDoubleSpinBox.ButtonSymbols.NoButtons)
    spin.setKeyboardTracking(False)
    spin.setFixedWidth(84)
    spin.lineEdit().returnPressed.connect(spin.clearFocus)  # shortcuts go to the window again
    return spin


def _value(spin: QDoubleSpinBox) -> float | None:
    return spin.value() if spin.value() >= spin.minimum() + 1 else None


_LEFT_VENTRICLE = (Structure.LV_ENDO, Structure.LV_EPI)


class StackView(QStackedWidget):
    """A click on a slice enlarges it, Escape goes back; the right button drags the grey window or opens a menu.

    Signals:
        selected(int): another slice (0-based) is selected.
    """

    selected = Signal(int)

    def __init__(
        self, workspace: Workspace, player: Player, levels: LevelDrag | None = None, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._workspace, self._player = workspace, player
        self._stack: Stack | None = None
        self.common: Sequence[QAction] = ()
        """Actions of the window at the top of the menu: ED, ES, undo."""
        self.source = SliceSource(workspace, self)
        self.levels = levels or LevelDrag(workspace, parent=self)
        self.grid: GridView = GridView(workspace, player, self.levels)
        self.image = ImageView(self.source, player, on_worker=True)
        self.image.look = self.levels.applied
        self.image.check = lambda frame: workspace.checks.finding_at(frame, self.source.number)
        self.muscle = MuscleLayer(workspace, self)
        self.muscle.changed.connect(self._redraw)
        self.grid.underlay = self.muscle.draw
        self.strip = Filmstrip(self.grid, player)
        self._one = QWidget()
        column = QVBoxLayout(self._one)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(self.image, 1)
        column.addWidget(self.strip)
        self.addWidget(self.grid)
        self.addWidget(self._one)
        for widget in (self.grid, self.image):
            self.levels.watch(widget)
        self.image.double_clicked.connect(self.image.fit)
        self.image.installEventFilter(self)
        self.grid.chosen.connect(self._follow)
        self.grid.enlarged.connect(lambda _: self.set_enlarged(True))
        self.levels.changed.connect(self._apply_window)
        self.levels.clicked.connect(self._open_menu)
        follow(workspace, self._load, Topic.RECORDING)
        follow(workspace, lambda change: None if change.preview else self._update_title(), Topic.READING_DRAWN)
        player.frame_changed.connect(lambda _: self._update_title())

    @property
    def enlarged(self) -> bool:
        """Whether one slice is shown alone."""
        return self.currentWidget() is self._one

    @property
    def busy(self) -> bool:
        """Whether images are being decoded."""
        return self.grid.decoder.busy or self.image.decoder.busy or self.muscle.busy

    def set_enlarged(self, enlarged: bool) -> None:
        """Show the selected slice alone, or the grid."""
        self.setCurrentWidget(self._one if enlarged else self.grid)
        if enlarged:
            self._follow(self.grid.selected)

    def step(self, by: int) -> None:
        """Select the next slice: +1 is towards the apex."""
        self.grid.step(by)

    def set_overlays(self, shown: bool) -> None:
        """Show or hide contours and marks."""
        self.grid.set_overlays(shown)
        self.image.set_overlays(shown)

    def shutdown(self) -> None:
        """Stop; no thread remains."""
        self.grid.decoder.shutdown()
        self.image.decoder.shutdown()
        self.muscle.shutdown()

    def draw_muscle(self, painter: QPainter, phase: int, viewport: Viewport) -> None:
        """Paint the pixels that count as muscle in the enlarged slice."""
        self.muscle.draw(painter, self.source.number, phase, viewport)

    def _redraw(self) -> None:
        self.grid.update()
        self.image.update()

    def cancel_drag(self) -> None:
        """Cancel dragging."""
        self.image.cancel_drag()

    # Choices for the whole stack

    def set_end(self, end: End, *, all_phases: bool = False) -> None:
        """Make the selected slice the base, apex or RV base, at the phase on screen or at all phases."""
        saved = self._workspace.saved
        if saved is None or not saved.kind.stack:
            return
        phase = None if all_phases else min(self._player.frame, saved.facts.frames - 1)
        number = self.grid.selected
        if end == "rv base":
            base = slices_with_number(right_base_of(saved), number, phase, marks_of(saved))
            edit: Edit | None = SetRvBase(base)
            if choices(saved).extent is None and edit is not None:  # which also fixes the side of the base
                edit = Several(edit.summary, (SetExtent(extent_of(saved)), edit))
            elif base == choices(saved).rv_base:
                edit = None
            self._set(answering(edit, saved, self._workspace.actor, end, number))
            return
        try:
            extent = with_end(extent_of(saved), end, number, phase, marks_of(saved))
        except ValueError as error:
            self._workspace.notices.remark.emit(translated(_not_set(error_message(error))))
            return
        edit = None if extent == choices(saved).extent else extent_edit(saved, extent)
        self._set(answering(edit, saved, self._workspace.actor, end, number))

    def _set(self, edit: Edit | None) -> None:
        if edit is not None:
            self._workspace.do(edit, by=self)

    def exchange_ends(self) -> None:
        """Turn a stack over that is upside down: base and apex are exchanged, at all phases and for both ventricles."""
        saved = self._workspace.saved
        if saved is None or not saved.kind.stack:
            return
        try:
            self._workspace.do(exchange_edit(saved), by=self)
        except ValueError as error:
            self._workspace.notices.remark.emit(translated(_not_set(error_message(error))))

    def _clear_rv_base(self) -> None:
        self._workspace.do(SetRvBase(None), by=self)

    def toggle_excluded(self) -> None:
        """Exclude the selected slice from measurements, or include it again."""
        saved = self._workspace.saved
        if saved is not None and saved.kind.stack:
            changed = set(choices(saved).excluded) ^ {self.grid.selected}
            self._workspace.do(SetExcluded(tuple(sorted(changed))), by=self)

    def set_insertion(self, at: QPointF) -> None:
        """Set the anterior RV insertion, from which segments are counted, at a position of the enlarged slice."""
        saved = self._workspace.saved
        found = insertion_at(
            saved, self.source.number, self._player.frame, self.image.viewport.to_image(at.x(), at.y())
        )
        if found is not None:
            self._workspace.do(SetInsertion(found), by=self)

    def remove_contours(self, structures: tuple[Structure, ...], *, all_phases: bool) -> None:
        """Remove contours of the selected slice, at the phase on screen or at all phases."""
        saved, number = self._workspace.saved, self.grid.selected
        if saved is None or not saved.kind.stack:
            return
        reading = saved.slices[number]
        frames = reading.facts.frames if all_phases else 1
        start = 0 if all_phases else min(self._player.frame, reading.facts.frames - 1)
        edits: list[Edit] = [
            SetContours(each, start, (None,) * frames) for each in structures if each in reading.tracks
        ]
        if edits:
            self._workspace.do(OnSlice(number, Several(edits[0].summary, tuple(edits))), by=self)

    def _open_menu(self, widget: QWidget, position: QPointF) -> None:
        saved = self._workspace.saved
        if saved is None or not saved.kind.stack:
            return
        if widget is self.grid and (number := self.grid.slice_at(position)) is not None:
            self.grid.choose(number)
        menu = self.menu(saved, position if widget is self.image else None)
        menu.exec(widget.mapToGlobal(position.toPoint()))
        menu.deleteLater()

    def menu(self, saved: Reading, at: QPointF | None) -> QMenu:
        """The menu of the selected slice; `at` is the position in the enlarged slice, or None in the grid."""
        menu = QMenu(self)
        add_common(menu, self.common)
        ends = menu.addMenu(tr("Base and apex"))
        for end, (this, every) in ENDS.items():
            ends.addAction(tr(this)).triggered.connect(partial(self._end, end, False))
            ends.addAction(tr(every)).triggered.connect(partial(self._end, end, True))
        ends.addAction(tr("Exchange base and apex")).triggered.connect(lambda _=False: self.exchange_ends())
        if choices(saved).rv_base is not None:
            ends.addAction(tr("RV base: automatic (all RV contours)")).triggered.connect(
                lambda _=False: self._clear_rv_base()
            )
        self._add_contours(menu.addMenu(tr("Contours")), saved, at)
        self._add_insertion(menu, saved, at)
        excluded = self.grid.selected in choices(saved).excluded
        text = tr("Include this slice") if excluded else tr("Exclude this slice")
        menu.addAction(text).triggered.connect(lambda _=False: self.toggle_excluded())
        menu.addSeparator()
        self.levels.add_to(menu)
        return menu

    def _add_insertion(self, menu: QMenu, saved: Reading, position: QPointF | None) -> None:
        """Entries for the insertion of the right ventricle, where there are any."""
        marked = choices(saved).insertion is not None
        if position is None and not marked:
            return
        insertions = menu.addMenu(tr("Insertion points"))
        if position is not None:
            insertions.addAction(tr("Set anterior RV insertion here")).triggered.connect(
                lambda _=False: self.set_insertion(position)
            )
        if marked:
            insertions.addAction(tr("Anterior RV insertion: automatic")).triggered.connect(
                lambda _=False: self._workspace.do(SetInsertion(None), by=self)
            )

    def _add_contours(self, menu: QMenu, saved: Reading, position: QPointF | None) -> None:
        """Entries that add contours or remove them.

        They are traced under the mouse, copied from a neighbour, copied to empty phases.
        """
        number, phase = self.grid.selected, min(self._player.frame, saved.facts.frames - 1)
        offered: list[tuple[str, Edit | None]] = []
        if position is not None:
            point = self.image.viewport.to_image(position.x(), position.y())
            offered += [
                (trace_words(structure), circle_edit(saved, number, phase, structure, point)) for structure in IN_SLICE
            ]
        offered += [
            (
                tr("Copy contours from slice {number}").format(number=other + 1),
                neighbour_edit(saved, other, number, phase),
            )
            for other in (number - 1, number + 1)
            if 0 <= other < len(saved.slices)
        ]
        offered.append((tr("Fill in from the neighbouring slices, all phases"), fill_edit(saved, number)))
        confirmed = confirm_edit(saved.slices[number], phase)
        offered.append((tr(CONFIRM), None if confirmed is None else OnSlice(number, confirmed)))
        offered.append((tr("Copy to empty phases"), spread_edit(saved, number, phase)))
        for text, edit in offered:
            if edit is not None:
                menu.addAction(text).triggered.connect(partial(self._do, edit))
        menu.addSeparator()
        for sentence, which, all_phases in (
            (tr("Remove LV contours, this phase"), _LEFT_VENTRICLE, False),
            (tr("Remove LV contours, all phases"), _LEFT_VENTRICLE, True),
            (tr("Remove RV contours, this phase"), (Structure.RV,), False),
            (tr("Remove RV contours, all phases"), (Structure.RV,), True),
        ):
            menu.addAction(sentence).triggered.connect(partial(self._remove, which, all_phases))

    def _do(self, edit: Edit, _checked: bool = False) -> None:
        self._player.pause()
        self._workspace.do(edit, by=self)

    def _end(self, end: End, all_phases: bool, _checked: bool = False) -> None:
        self.set_end(end, all_phases=all_phases)

    def _remove(self, structures: tuple[Structure, ...], all_phases: bool, _checked: bool = False) -> None:
        self.remove_contours(structures, all_phases=all_phases)

    def _load(self) -> None:
        if self._workspace.stack is None:
            self.setCurrentWidget(self.grid)  # the enlarged slice is edited, which the focus is needed for
        elif self._stack is not self._workspace.stack:
            self._stack = self._workspace.stack
            # What is only shown is looked at slice by slice, next to the cine at the same place.
            self.set_enlarged(self._stack is not None and self._stack.source.series.view_only)
            self.grid.choose(self.grid.selected)
        else:
            self._follow(self.grid.selected)

    def _follow(self, number: int) -> None:
        if self.image.home != self.grid.heart:
            self.image.home = self.grid.heart
            self.image.fit()
        self.source.choose(number)
        self.image.show_frame(self._player.frame)
        self._update_title()
        self.selected.emit(number)

    def _update_title(self) -> None:
        """Show the enlarged slice's label and marks as the title of the image."""
        marks = [text for text, _ in self.grid.marks(self.source.number, self._player.frame)]
        texts = [self.levels.words] if self.levels.words else []
        self.image.title = "   ".join([*texts, self.grid.label(self.source.number), *marks])

    def toggle_close(self) -> None:
        """Toggle between the heart and whole images."""
        self.grid.toggle_close()
        self.image.home = self.grid.heart
        self.image.fit()

    def _apply_window(self) -> None:
        self.image.redraw()
        self._update_title()

    # Qt

    def resizeEvent(self, event: QResizeEvent) -> None:
        """A low tile shows the enlarged slice alone: the neighbours would take most of it."""
        super().resizeEvent(event)
        self.strip.setVisible(self.height() >= _ROOM_FOR_STRIP_PX)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Over the enlarged slice the wheel moves through slices, Shift-wheel through time; Ctrl-wheel zooms.

        While a contour is held, and with Push, it sets the size of the tool as elsewhere.
        """
        if (
            isinstance(event, QWheelEvent)
            and not event.modifiers() & Qt.KeyboardModifier.ControlModifier
            and not self.image.sizes_by_wheel(event.modifiers())
        ):
            self.grid.wheelEvent(event)
            return True
        return super().eventFilter(watched, event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape returns to the grid; Return enlarges the selected slice."""
        if event.key() == Qt.Key.Key_Escape and self.enlarged:
            self.set_enlarged(False)
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not self.enlarged:
            self.set_enlarged(True)
        else:
            super().keyPressEvent(event)


def insertion_at(reading: Reading | None, number: int, phase: int, point_px: tuple[float, float]) -> Insertion | None:
    """The anterior RV insertion seen from the cavity towards an image point; None without a cavity contour."""
    if reading is None or not reading.kind.stack:
        return None
    cavity = contour_at(reading, Structure.LV_ENDO, number, min(phase, reading.facts.frames - 1))
    if cavity is None:
        return None
    scale = reading.slices[number].calibration
    aspect = scale.row_mm / scale.col_mm if scale else 1.0
    return insertion_seen(cavity, point_px, aspect, insertion(reading, phase)[0].turn)
