"""What a reader may choose about strain, in one line: depth, drift, and what is drawn."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QComboBox, QHBoxLayout, QSizePolicy, QWidget

from kinecor.core.strain.bullseye import MODELS
from kinecor.core.strain.short_axis_view import ShortAxisView
from kinecor.ui.strain.segment_boxes import drift_words
from kinecor.ui.strain.strain_model import StrainModel

DEPTHS = {0.0: "endocardial", 0.5: "mid-wall", 1.0: "epicardial"}
"""Depth in the wall by what readers call it."""
APICAL_SHOWN = (("at ES", "strain %"), ("time to peak", "ms"))
RING_SHOWN = (("at ES", "strain %"), ("peak", "peak %"), ("time to peak", "ms"), ("radial at ES", "radial %"))
"""Words and what the bull's-eye is told to show."""


class StrainBar(QWidget):
    """Depth and drift are part of the reading and can be undone; the rest is how it is shown.

    Signals:
        rate_chosen(bool): strain rate, or strain.
        model_chosen(int): 18, 17 or 16 segments.
        unit_chosen(str): "strain %" or "ms", of short axes also "peak %" or "radial %", as StrainBullseye shows it.
    """

    rate_chosen = Signal(bool)
    model_chosen = Signal(int)
    unit_chosen = Signal(str)

    def __init__(self, model: StrainModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self.layer = _choice("Depth in the wall that strain is measured at")
        for depth, name in DEPTHS.items():
            self.layer.addItem(name, depth)
        self.drift = QCheckBox("drift taken off")
        self.drift.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.curves = _choice("What the curves show")
        self.curves.addItem("strain", False)
        self.curves.addItem("strain rate", True)
        self.model = _choice("Segments of the bull's-eye")
        for of in MODELS:
            self.model.addItem(f"{of} segments", of)
        self.unit = _choice("What the bull's-eye shows")
        self._fill(ring=False)
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(5)
        for widget in (self.model, self.unit, self.curves, self.layer, self.drift):
            line.addWidget(widget)
        line.addStretch(1)
        self.layer.activated.connect(lambda _: model.choose(depth=float(self.layer.currentData())))
        self.drift.clicked.connect(lambda on: model.choose(compensate_drift=bool(on)))
        self.curves.activated.connect(lambda _: self.rate_chosen.emit(self.curves.currentData()))
        self.model.activated.connect(lambda _: self.model_chosen.emit(self.model.currentData()))
        self.unit.activated.connect(lambda _: self.unit_chosen.emit(self.unit.currentData()))
        model.changed.connect(self._take_on)

    def _fill(self, *, ring: bool) -> None:
        """What the bull's-eye can show of apical views, or of short axes."""
        self._ring = ring
        self.unit.clear()
        for words, shown in RING_SHOWN if ring else APICAL_SHOWN:
            self.unit.addItem(words, shown)

    def _take_on(self) -> None:
        """Show what is chosen for the loop on screen."""
        chosen, found = self._model.choices, self._model.strain
        ring = isinstance(found, ShortAxisView)
        if ring is not self._ring:
            self._fill(ring=ring)
            self.unit_chosen.emit(self.unit.currentData())
        self.model.setVisible(not ring)  # short axes show 16
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
            "Take off what the curve misses its start by at the next end-diastole"
            + (f"\nhere: {drift_words(found)}" if found else "")
        )


def _choice(what: str) -> QComboBox:
    made = QComboBox()
    made.setToolTip(what)
    made.setStyleSheet("padding: 2px 4px; font-size: 12px;")
    made.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    made.setMinimumWidth(76)
    made.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
    return made
