"""Choices about strain: wall layer and drift compensation, and what is shown."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QComboBox, QHBoxLayout, QSizePolicy, QWidget

from kinecor.core.strain.bullseye import MODELS
from kinecor.core.strain.short_axis_view import ShortAxisView
from kinecor.ui.strain.segment_boxes import drift_words
from kinecor.ui.strain.strain_model import StrainModel

DEPTHS = {0.0: "endocardial", 0.5: "mid-wall", 1.0: "epicardial"}
"""Depth in the wall and the name of the layer."""
APICAL_SHOWN = (("at ES", "strain %"), ("time to peak", "ms"))
RING_SHOWN = (("at ES", "strain %"), ("peak", "peak %"), ("time to peak", "ms"), ("radial at ES", "radial %"))
"""Text and what the bull's-eye shows."""


class StrainBar(QWidget):
    """Layer and drift compensation are part of the reading and can be undone; the rest only affects the display.

    Signals:
        rate_chosen(bool): strain rate, or strain.
        segments_chosen(int): 18, 17 or 16 segments.
        unit_chosen(str): "strain %" or "ms", of short axes also "peak %" or "radial %", as StrainBullseye shows it.
    """

    rate_chosen = Signal(bool)
    segments_chosen = Signal(int)
    unit_chosen = Signal(str)

    def __init__(self, model: StrainModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self.layer = _choice("Layer of the wall in which strain is measured")
        for depth, name in DEPTHS.items():
            self.layer.addItem(name, depth)
        self.drift = QCheckBox("drift compensation")
        self.drift.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.curves = _choice("What the curves show")
        self.curves.addItem("strain", False)
        self.curves.addItem("strain rate", True)
        self.segments = _choice("Segments of the bull's-eye")
        for of in MODELS:
            self.segments.addItem(f"{of} segments", of)
        self.unit = _choice("What the bull's-eye shows")
        self._fill(ring=False)
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(5)
        for widget in (self.segments, self.unit, self.curves, self.layer, self.drift):
            line.addWidget(widget)
        line.addStretch(1)
        self.layer.activated.connect(lambda _: model.choose(depth=float(self.layer.currentData())))
        self.drift.clicked.connect(lambda on: model.choose(compensate_drift=bool(on)))
        self.curves.activated.connect(lambda _: self.rate_chosen.emit(self.curves.currentData()))
        self.segments.activated.connect(lambda _: self.segments_chosen.emit(self.segments.currentData()))
        self.unit.activated.connect(lambda _: self.unit_chosen.emit(self.unit.currentData()))
        model.changed.connect(self._show_choices)

    def _fill(self, *, ring: bool) -> None:
        """Quantities the bull's-eye can show for apical views, or for short-axis slices."""
        self._ring = ring
        self.unit.clear()
        for words, shown in RING_SHOWN if ring else APICAL_SHOWN:
            self.unit.addItem(words, shown)

    def _show_choices(self) -> None:
        """Show the choices of the loop on screen."""
        chosen, found = self._model.choices, self._model.strain
        ring = isinstance(found, ShortAxisView)
        if ring is not self._ring:
            self._fill(ring=ring)
            self.unit_chosen.emit(self.unit.currentData())
        self.segments.setVisible(not ring)  # short-axis slices have 16
        reading = self._model.reading
        self.drift.setVisible(reading is None or not reading.kind.stack)  # without drift by construction
        at = self.layer.findData(chosen.depth)
        if at < 0:
            self.layer.addItem(f"depth {chosen.depth:.0%}", chosen.depth)
            at = self.layer.count() - 1
        self.layer.setCurrentIndex(at)
        self.drift.setChecked(chosen.compensate_drift)
        self.drift.setEnabled(found is None or found.global_drift_percent is not None)
        self.drift.setToolTip(
            "Subtract the linear drift, so that the curve returns to its start at the next end-diastole"
            + (f"\nThis loop: {drift_words(found)}" if found else "")
        )


def _choice(what: str) -> QComboBox:
    made = QComboBox()
    made.setToolTip(what)
    made.setStyleSheet("padding: 2px 4px; font-size: 12px;")
    made.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    made.setMinimumWidth(76)
    made.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
    return made
