"""The strain page: the value to report, the bull's-eye of the study, the segments of the view."""

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from kinecor.core.strain.short_axis_view import ShortAxisView
from kinecor.core.strain.study_strain import StudyStrain
from kinecor.core.strain.wall_strain import WallStrain
from kinecor.core.table.measurement import Measurement
from kinecor.core.table.number_format import typeset, with_unit
from kinecor.core.table.strain_inputs import method_of
from kinecor.core.table.table import measurements
from kinecor.core.values.reading import Reading
from kinecor.ui.strain.bullseye_view import StrainBullseye
from kinecor.ui.strain.choices_bar import StrainBar
from kinecor.ui.strain.segment_boxes import SegmentBoxes
from kinecor.ui.strain.strain_model import SegmentFocus, StrainModel
from kinecor.ui.style import theme
from kinecor.ui.workspace.study_loops import apical_loops, strain_of_study
from kinecor.ui.workspace.workspace import Workspace


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
        rows = {one.code: one for one in measurements(reading)}
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
