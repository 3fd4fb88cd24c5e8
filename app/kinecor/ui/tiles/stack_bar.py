"""Choices for a whole stack: convention, height and weight, base and apex."""

from dataclasses import replace

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QDoubleSpinBox, QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from kinecor.core.values.choices import HEIGHT_CM, WEIGHT_KG, BsaFormula, Papillaries
from kinecor.core.values.reading import Reading, choices
from kinecor.core.volumes.base_checks import base_doubts
from kinecor.session.edits import SetBody, SetPapillaries
from kinecor.ui.style import theme
from kinecor.ui.tiles.cross_lines import base_words
from kinecor.ui.workspace.player import Player
from kinecor.ui.workspace.study_loops import long_axes_of
from kinecor.ui.workspace.workspace import Change, Workspace

UNKNOWN = "–"
KEYS = (
    "B: the selected slice is the base at this phase; Shift+B: at all phases\n"
    "A: the selected slice is the apex at this phase; Shift+A: at all phases\n"
    "X: exclude the selected slice. Right-click on a slice for more."
)


class StackBar(QFrame):
    """Two lines of controls, and one with base and apex at the phase on screen."""

    def __init__(self, workspace: Workspace, player: Player, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._workspace, self._player = workspace, player
        self._showing = False
        self.papillaries = QComboBox()
        for one in Papillaries:
            self.papillaries.addItem(f"papillaries in the {one.value}", one)
        self.papillaries.setToolTip(
            "Whether papillary muscles and trabeculae are part of the cavity or of the wall; "
            "printed with each measurement"
        )
        self.height_cm = _spin(*HEIGHT_CM, " cm", "Height")
        self.weight_kg = _spin(*WEIGHT_KG, " kg", "Weight")
        self.formula = QComboBox()
        for formula in BsaFormula:
            self.formula.addItem(formula.value, formula)
        self.formula.setToolTip("Formula for body surface area")
        self.bsa, self.extent = QLabel(), QLabel()
        self.extent.setToolTip(KEYS)
        for label in (self.bsa, self.extent):
            label.setStyleSheet(f"color: {theme.QUIET}; font-size: 12px;")
        self.doubts = QLabel()
        self.doubts.setWordWrap(True)
        self.doubts.setStyleSheet(f"color: {theme.WARNING}; font-size: 12px;")
        self.doubts.hide()
        line = QHBoxLayout()
        line.setSpacing(6)
        for widget in (self.papillaries, self.height_cm, self.weight_kg, self.formula):
            widget.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
            line.addWidget(widget)
        line.addWidget(self.bsa, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(10, 4, 10, 4)
        layout.setSpacing(3)
        layout.addLayout(line)
        layout.addWidget(self.extent)
        layout.addWidget(self.doubts)
        self.papillaries.activated.connect(self._choose_papillaries)
        self.formula.activated.connect(self._choose_body)
        self.height_cm.editingFinished.connect(self._choose_body)
        self.weight_kg.editingFinished.connect(self._choose_body)
        workspace.changed.connect(self.show_change)
        player.frame_changed.connect(lambda _: self._show_extent())

    def show_change(self, change: Change) -> None:
        """Show the choices of the Reading."""
        before, after = change.before, change.after
        if after is None or not after.kind.stack:
            return
        if before is None or before.short_axis is not after.short_axis:
            chosen, body = choices(after), choices(after).body
            self._showing = True
            self.papillaries.setCurrentIndex(self.papillaries.findData(chosen.papillaries))
            self.formula.setCurrentIndex(self.formula.findData(body.formula))
            self.height_cm.setValue(body.height_cm or self.height_cm.minimum())
            self.weight_kg.setValue(body.weight_kg or self.weight_kg.minimum())
            self._showing = False
            self.bsa.setText("" if body.bsa_m2 is None else f"{body.bsa_m2:.2f} m²")
            self._show_extent()

    def _show_extent(self) -> None:
        reading = self._workspace.reading
        if reading is not None and reading.kind.stack and self.isVisible():
            phase = min(self._player.frame, reading.facts.frames - 1)
            checked = base_words(self._workspace, phase)
            self.extent.setText("; ".join(one for one in (extent_words(reading, phase), checked) if one))
            doubts = base_doubts(reading, long_axes_of(self._workspace))
            self.doubts.setText("\n".join(doubts))
            self.doubts.setVisible(bool(doubts))

    def _choose_papillaries(self) -> None:
        wanted, saved = self.papillaries.currentData(), self._workspace.saved
        if saved is not None and wanted != choices(saved).papillaries:
            self._workspace.do(SetPapillaries(Papillaries(wanted)), by=self)

    def _choose_body(self) -> None:
        saved = self._workspace.saved
        if saved is None or not saved.kind.stack or self._showing:
            return
        now = choices(saved).body
        body = replace(
            now,
            height_cm=_value(self.height_cm),
            weight_kg=_value(self.weight_kg),
            formula=BsaFormula(self.formula.currentData()),
        )
        if body != now:
            self._workspace.do(SetBody(body))


def extent_words(reading: Reading, phase: int) -> str:
    """Base and apex at a phase."""
    chosen = choices(reading)
    if chosen.extent is None:
        return "Basal/apical slice: automatic"
    return f"Phase {phase + 1}: base slice {chosen.extent.base[phase] + 1}, apex slice {chosen.extent.apex[phase] + 1}"


def _spin(low: float, high: float, unit: str, what: str) -> QDoubleSpinBox:
    """A number field; its minimum means "not known" and is shown as a dash."""
    spin = QDoubleSpinBox()
    spin.setRange(low - 1, high)
    spin.setDecimals(1)
    spin.setSuffix(unit)
    spin.setSpecialValueText(f"{what} {UNKNOWN}")
    spin.setToolTip(f"{what}; volumes and mass are indexed where height and weight are known")
    spin.setButtonSymbols(QDoubleSpinBox.ButtonSymbols.NoButtons)
    spin.setKeyboardTracking(False)
    spin.setFixedWidth(94)
    spin.lineEdit().returnPressed.connect(spin.clearFocus)  # shortcuts go to the window again
    return spin


def _value(spin: QDoubleSpinBox) -> float | None:
    return spin.value() if spin.value() >= spin.minimum() + 1 else None
