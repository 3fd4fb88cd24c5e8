"""The strain page: the value to report, choices, the bull's-eye of the study, the segments of the view."""

import numpy as np
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QComboBox, QFrame, QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from kinecor.core.checks.assessment import assessed
from kinecor.core.strain.drawing import MODELS
from kinecor.core.strain.short_axis import ShortAxisView
from kinecor.core.strain.wall_strain import StudyStrain, WallStrain
from kinecor.core.table.loop_inputs import method_of
from kinecor.core.table.measurement import Measurement, typeset, with_unit
from kinecor.core.values.reading import Reading
from kinecor.ui.strain.bullseye_view import StrainBullseye
from kinecor.ui.strain.segment_boxes import SegmentBoxes, drift_words
from kinecor.ui.strain.strain_model import SegmentFocus, StrainModel
from kinecor.ui.style import theme
from kinecor.ui.workspace.reading_source import apical_loops, strain_of_study
from kinecor.ui.workspace.workspace import Workspace

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


class StrainPage(QFrame):
    """Shown above the table in strain mode; follows every correction."""

    def __init__(
        self, workspace: Workspace, model: StrainModel, focus: SegmentFocus, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._workspace, self._model = workspace, model
        self.whole, self.average, self.how = QLabel(), QLabel(), QLabel()
        self.whole.setFont(theme.font(19, bold=True))
        self.whole.setStyleSheet("font-size: 19px; font-weight: 700;")
        self.average.setStyleSheet("font-size: 14px; font-weight: 600;")
        self.how.setStyleSheet(f"color: {theme.QUIET}; font-size: 11px;")
        self.how.setWordWrap(True)
        self.note = QLabel("Segments and bull's-eye are exploratory: not for routine use (ASE/EACVI 2025).")
        self.note.setStyleSheet(f"color: {theme.QUIET}; font-size: 11px;")
        self.bar, self.bullseye, self.boxes = StrainBar(model), StrainBullseye(model, focus), SegmentBoxes(model, focus)
        head = QHBoxLayout()
        head.setSpacing(14)
        head.addWidget(self.whole)
        self.average.setWordWrap(True)
        self.average.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        head.addWidget(self.average, 1)
        middle = QHBoxLayout()
        middle.setSpacing(8)
        middle.addWidget(self.bullseye, 1)
        middle.addWidget(self.boxes, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(10, 6, 10, 4)
        column.setSpacing(5)
        column.addLayout(head)
        column.addWidget(self.how)
        column.addWidget(self.bar)
        column.addLayout(middle, 1)
        column.addWidget(self.note)
        self.setMaximumHeight(410)
        self.bar.segments_chosen.connect(lambda of: self.bullseye.show_as(of=of))
        self.bar.unit_chosen.connect(lambda unit: self.bullseye.show_as(unit=unit))
        self.bullseye.view_wanted.connect(self._open_view)
        model.changed.connect(self.refresh)

    def refresh(self) -> None:
        """Show the strain of the loop on screen and of its study."""
        if not self._model.watched:
            return
        reading, ring = self._model.reading, self.bullseye.ring
        if reading is not None and reading.kind.strain == "short-axis":
            self._refresh_ring(reading, ring)
            return
        study = strain_of_study(self._workspace)
        self.bullseye.show_study(study)
        self.boxes.update()
        nothing = self._model.strain is None and not np.isfinite(study.end_systolic_percent).any()
        for widget in (self.bar, self.bullseye, self.boxes, self.note):
            widget.setVisible(not nothing)
        self.whole.setText(whole_words(self._model.strain, self._model.reading))
        self.average.setText(average_words(study))
        self.how.setText(how_words(self._model.strain, self._model.reading) or self._model.why)

    def _refresh_ring(self, reading: Reading, ring: ShortAxisView | None) -> None:
        """Show short-axis strain, which needs no other view."""
        self.bullseye.show_study(None)
        self.boxes.update()
        for widget in (self.bar, self.bullseye, self.boxes, self.note):
            widget.setVisible(ring is not None)
        rows = {one.code: one for one in assessed(reading).measurements}
        self.whole.setText(_value_words(rows.get("GCS"), "GCS"))
        self.average.setText(_value_words(rows.get("GRS"), "GRS") + "  (exploratory)" if "GRS" in rows else "")
        origin = f"; segments: {ring.regions.origin}" if ring is not None else ""
        gcs = rows.get("GCS")
        self.how.setText(self._model.why or (typeset(f"{gcs.method}{origin}") if gcs is not None else ""))

    def _open_view(self, view: str) -> None:
        loop = next((one for one in apical_loops(self._workspace) if one.view == view), None)
        if loop is not None and loop.index != self._workspace.index:
            self._workspace.show(loop.index)


def whole_words(found: WallStrain | None, reading: Reading | None) -> str:
    """Longitudinal strain of the view on screen, with the reader's decision."""
    view = found.view if found and found.view else ""
    if view and reading is not None:
        view = reading.kind.view_name(view)
    name = f"{view} longitudinal strain" if view else "Longitudinal strain"
    decision = reading.decisions.get("GLS") if reading else None
    if decision is not None and not decision.accepted:
        return f"{name}  rejected"
    if decision is not None and decision.value is not None:
        return f"{name}  {with_unit(decision.value, '%')} entered"
    if found is None or found.why is not None:
        return f"{name}  –"
    return f"{name}  {with_unit(found.whole.end_systolic, '%')}"


def _value_words(row: Measurement | None, name: str) -> str:
    """A value, with the reader's decision."""
    if row is None or row.quantity is None:
        return f"{name}  –"
    entered = " entered" if row.method == "entered" else ""
    return f"{name}  {with_unit(row.quantity.value, '%')}{entered}"


def average_words(study: StudyStrain) -> str:
    """GLS: the average over the study's views, and which these are."""
    if study.average_percent is None or len(study.view_percent) < 2:
        return f"GLS (3-view average): needs {' and '.join(study.missing)}" if study.view_percent else ""
    views = ", ".join(study.view_percent)
    count = len(study.view_percent)
    return f"GLS ({count}-view average)  {with_unit(study.average_percent, '%')}\n{views}"


def how_words(found: WallStrain | None, reading: Reading | None) -> str:
    """Method: layer, time, source of motion, drift compensation."""
    if found is None or reading is None:
        return ""
    if found.why is not None:
        return f"Not available: {found.why}"
    return typeset(method_of(reading, found))
