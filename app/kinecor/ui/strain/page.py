"""The strain page: choices, the segments of the view, and the bull's-eye of the study."""

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QFontMetrics, QHelpEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFrame,
    QGridLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QStackedWidget,
    QToolTip,
    QVBoxLayout,
    QWidget,
)

from kinecor.core.checks.assessment import assess
from kinecor.core.strain.drawing import MODELS, short_name
from kinecor.core.strain.short_axis import ShortAxisView
from kinecor.core.strain.wall_strain import FROM_CONTOURS, IMPLAUSIBLE, Shortening, StudyStrain, WallStrain
from kinecor.core.table.loop_inputs import method_of
from kinecor.core.table.measures import Measurement, Quantity, format_quantity, format_signed, typeset, with_unit
from kinecor.core.values.choices import SEGMENTS
from kinecor.core.values.confidence import TRACKING_QUALITY
from kinecor.core.values.reading import Reading
from kinecor.ui.strain.bullseye_view import StrainBullseye
from kinecor.ui.strain.strain_model import SegmentFocus, StrainModel
from kinecor.ui.strain.wall_motion import WallMotionView
from kinecor.ui.style import theme
from kinecor.ui.style.choice import Choice
from kinecor.ui.style.language import listed, numbered, tr, translated
from kinecor.ui.style.spoken import Spoken
from kinecor.ui.workspace.changes import Topic, follow
from kinecor.ui.workspace.related import apical_loops, strain_of_study
from kinecor.ui.workspace.workspace import Workspace

NO_MOTION = "segmental strain needs tracked motion: analyse again"
NOT_ON_MR = "no segmental strain on cine MRI: the images show no speckle along the wall to track"
TRACKED, DOUBTFUL, EXCLUDED = "\N{BULLET}", "?", "\N{MULTIPLICATION SIGN}"


def segment_value(strain: WallStrain, segment: int) -> str:
    """End-systolic strain of a segment (0 to 5), or a dash where it is not available."""
    shortening = strain.segments[segment]
    return "–" if shortening is None else translated(with_unit(shortening.end_systolic, "%"))


def quality_mark(strain: WallStrain, segment: int) -> tuple[str, str, str]:
    """(sign, text, colour) for the tracking quality of a segment (0 to 5)."""
    if segment in strain.excluded:
        return EXCLUDED, tr("excluded"), theme.QUIET
    if not np.isfinite(strain.segments_percent[:, segment]).any():
        return DOUBTFUL, tr("not tracked") if strain.method == FROM_CONTOURS else tr("not on MR"), theme.WARNING
    quality = float(strain.quality[segment])
    good = quality >= TRACKING_QUALITY.withheld
    good = good and segment not in strain.implausible
    return TRACKED if good else DOUBTFUL, numbered(quality, ".2f"), theme.TEXT if good else theme.WARNING


def segment_details(strain: WallStrain, segment: int) -> str:
    """A segment's name and numbers, a line each."""
    shortening = strain.segments[segment]
    lines = [translated(strain.names[segment])]
    if not np.isfinite(strain.segments_percent[:, segment]).any():
        lines.append(tr(NO_MOTION) if strain.method == FROM_CONTOURS else tr(NOT_ON_MR))
    elif shortening is None:
        quality, least = strain.quality[segment], TRACKING_QUALITY.withheld
        text = tr("strain not available: tracking quality {quality}, at least {least} is needed")
        lines.append(text.format(quality=numbered(quality, ".2f"), least=numbered(least, ".2f")))
    else:
        lines += [
            tr("at end-systole {strain}, peak {peak}").format(
                strain=translated(with_unit(shortening.end_systolic, "%")),
                peak=translated(with_unit(shortening.peak, "%")),
            ),
            *_peak_timing(shortening),
            tr("tracking quality {quality} (0 to 1)").format(quality=f"{strain.quality[segment]:.2f}"),
        ]
    if segment in strain.implausible:
        lines.append(translated(IMPLAUSIBLE))
    if strain.segments_drift_percent is not None:
        lines.append(_drift(strain, float(strain.segments_drift_percent[segment])))
    lines.append(tr("click to include it again") if segment in strain.excluded else tr("click to exclude it"))
    return "\n".join(lines)


def _peak_timing(shortening: Shortening) -> list[str]:
    """Time to peak and post-systolic index; empty for a beat whose end-diastole or diastole was not recorded."""
    texts = []
    if np.isfinite(shortening.time_to_peak_s):
        after = format_quantity(Quantity(1000 * shortening.time_to_peak_s, "ms"), "TTP")
        texts.append(tr("peak after {time}").format(time=after))
    if np.isfinite(shortening.post_systolic_index):
        index = format_quantity(Quantity(shortening.post_systolic_index, "%"), "PSI")
        texts.append(tr("post-systolic index {value}").format(value=index))
    return [", ".join(texts)] if texts else []


def drift_words(strain: WallStrain) -> str:
    """The drift of the global curve, and whether it is compensated."""
    if strain.global_drift_percent is None:
        return tr("no next end-diastole: drift is not known")
    return _drift(strain, strain.global_drift_percent)


def _drift(strain: WallStrain, percent: float) -> str:
    text = (
        tr("drift {value} points, compensated") if strain.compensated else tr("drift {value} points, not compensated")
    )
    return text.format(value=translated(format_signed(percent)))


_ROW_PX, _HEAD_PX, _BOX_PX = 27, 24, 14


class SegmentTable(Spoken, QWidget):
    """The segments of the view, in their order along the wall: strain, tracking quality, and whether each is included.

    A click excludes a segment, or includes it again.
    """

    def __init__(self, model: StrainModel, focus: SegmentFocus, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model, self._focus = model, focus
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        model.changed.connect(self._fit)
        focus.changed.connect(self.update)
        self._fit()

    def spoken_name(self) -> str:
        """What the rows are."""
        return tr("Strain by segment")

    def spoken_value(self) -> str:
        """Each segment with its strain and its quality."""
        strain = self._model.strain
        if strain is None:
            return ""
        return "; ".join(
            f"{translated(name)} {segment_value(strain, segment)}, {quality_mark(strain, segment)[1]}"
            for segment, name in enumerate(strain.names)
        )

    @property
    def _count(self) -> int:
        strain = self._model.strain
        return len(strain.names) if strain else SEGMENTS

    def _fit(self) -> None:
        self.setFixedHeight(_HEAD_PX + self._count * _ROW_PX)
        self.update()

    def box(self, segment: int) -> QRectF:
        """The row of a segment (0-based)."""
        return QRectF(0, _HEAD_PX + segment * _ROW_PX, self.width(), _ROW_PX)

    def segment_at(self, at: QPointF) -> int | None:
        """The segment at a position, or None."""
        return next((index for index in range(self._count) if self.box(index).contains(at)), None)

    def paintEvent(self, event: QPaintEvent) -> None:
        """A row per segment; nothing where there is no strain."""
        found = self._model.strain
        if found is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(theme.font(11))
        painter.setPen(QColor(theme.QUIET))
        strain, quality = self._columns()
        metrics, end = painter.fontMetrics(), float(self.width())
        for right, text in ((self.width() - 4, tr("Included")), (quality, tr("Quality")), (strain, tr("Strain"))):
            left = right - metrics.horizontalAdvance(text)
            if right > end:  # the head before it has the room
                continue
            painter.drawText(QRectF(left - 2, 0, right - left + 2, _HEAD_PX), _RIGHT, text)
            end = left - 4
        whole = self._names_fit(found)
        for segment in range(len(found.names)):
            self._draw(painter, segment, found, whole=whole)

    def _name_room(self, strain: WallStrain, segment: int) -> float:
        """Pixels left of a segment's strain for its name."""
        value = QFontMetrics(theme.font(13, bold=True)).horizontalAdvance(segment_value(strain, segment))
        return self._columns()[0] - value - 22

    def _names_fit(self, strain: WallStrain) -> bool:
        """Whether all names fit in full; else all are short, so that one list has one kind of names."""
        metrics = QFontMetrics(theme.font(_NAME_FONT_PX))
        return all(
            metrics.horizontalAdvance(translated(name)) <= self._name_room(strain, number)
            for number, name in enumerate(strain.names)
        )

    def _columns(self) -> tuple[float, float]:
        """Where strain, and quality in digits or words, end."""
        wide = self.width()
        included_px = QFontMetrics(theme.font(11)).horizontalAdvance(tr("Included"))
        return 0.54 * wide, min(0.80 * wide, wide - included_px - 12)

    def _draw(self, painter: QPainter, segment: int, found: WallStrain, *, whole: bool) -> None:
        box = self.box(segment)
        out, pointed = segment in found.excluded, segment == self._focus.segment
        if pointed:
            painter.fillRect(box, QColor(theme.RAISED))
        painter.setPen(QPen(QColor(theme.LINE), 1))
        painter.drawLine(box.bottomLeft(), box.bottomRight())
        colour = QColor(theme.SEGMENT_COLOURS[segment])
        colour.setAlpha(90 if out else 255)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        painter.drawRoundedRect(QRectF(0, box.top() + 7, 8, box.height() - 14), 2, 2)
        strain, quality = self._columns()
        painter.setPen(QColor(theme.QUIET if out else theme.TEXT))
        painter.setFont(theme.font(13, bold=True, struck=out))
        value = segment_value(found, segment)
        painter.drawText(QRectF(0, box.top(), strain, box.height()), _RIGHT, value)
        room = self._name_room(found, segment)
        painter.setFont(theme.font(_NAME_FONT_PX, struck=out))
        name = translated(found.names[segment]) if whole else short_name(found.names[segment])
        painter.drawText(QRectF(14, box.top(), room, box.height()), _LEFT, name)
        sign, text, shade = quality_mark(found, segment)
        # Words in place of a number are smaller rather than cut off.
        left, said = strain + 6, f"{sign} {text}"
        sizes = (px for px in (11, 10, 9, 8) if QFontMetrics(theme.font(px)).horizontalAdvance(said) <= quality - left)
        painter.setFont(theme.font(next(sizes, 8)))
        painter.setPen(QColor(shade))
        painter.drawText(QRectF(left, box.top(), quality - left, box.height()), _RIGHT, said)
        self._draw_choice(painter, QRectF(self.width() - 30, box.center().y() - _BOX_PX / 2, _BOX_PX, _BOX_PX), out=out)

    def _draw_choice(self, painter: QPainter, box: QRectF, *, out: bool) -> None:
        painter.setPen(QPen(QColor(theme.QUIET if out else theme.ACCENT), 1.2))
        painter.setBrush(QColor(theme.GROUND if out else theme.ACCENT))
        painter.drawRoundedRect(box, 3, 3)
        if not out:
            painter.setPen(QPen(QColor(theme.GROUND), 1.8))
            painter.drawPolyline(
                [box.topLeft() + QPointF(x * _BOX_PX, y * _BOX_PX) for x, y in ((0.2, 0.55), (0.42, 0.75), (0.8, 0.28))]
            )

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Exclude the segment, or include it again."""
        segment = self.segment_at(event.position())
        if segment is not None and self._model.strain is not None and event.button() == Qt.MouseButton.LeftButton:
            self._model.toggle(segment)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Highlight the segment in all views."""
        self._focus.point_at(self.segment_at(event.position()))

    def leaveEvent(self, event: QEvent) -> None:
        """Highlight nothing."""
        self._focus.point_at(None)

    def event(self, event: QEvent) -> bool:
        """Tool tips with the details of the segment."""
        if isinstance(event, QHelpEvent):
            segment, strain = self.segment_at(QPointF(event.pos())), self._model.strain
            if segment is not None and strain is not None:
                QToolTip.showText(event.globalPos(), segment_details(strain, segment), self)
            return True
        return super().event(event)


_LEFT = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
_NAME_FONT_PX = 11
_RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)

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
        self.layer = _choice(tr("Layer of the wall in which strain is measured"))
        for depth, name in DEPTHS.items():
            self.layer.addItem(tr(name), depth)
        self.drift = QCheckBox(tr("drift compensation"))
        self.drift.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.curves = _choice(tr("What the curves show"))
        self.curves.addItem(tr("strain"), False)
        self.curves.addItem(tr("strain rate"), True)
        self.segments = _choice(tr("Segments of the bull's-eye"))
        for of in MODELS:
            self.segments.addItem(tr("{count} segments").format(count=of), of)
        self.unit = _choice(tr("What the bull's-eye shows"))
        self._fill(ring=False)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(4)
        for number, widget in enumerate((self.layer, self.curves, self.segments, self.unit)):
            grid.addWidget(widget, number // 2, number % 2)
        grid.addWidget(self.drift, 2, 0, 1, 2)
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
        for text, shown in RING_SHOWN if ring else APICAL_SHOWN:
            self.unit.addItem(tr(text), shown)

    def _show_choices(self) -> None:
        """Show the choices of the loop on screen."""
        chosen, strain = self._model.choices, self._model.strain
        ring = isinstance(strain, ShortAxisView)
        if ring is not self._ring:
            self._fill(ring=ring)
            self.unit_chosen.emit(self.unit.currentData())
        self.segments.setVisible(not ring)  # short-axis slices have 16
        reading = self._model.reading
        self.drift.setVisible(reading is None or not reading.kind.stack)  # without drift by construction
        at = self.layer.findData(chosen.depth)
        if at < 0:
            self.layer.addItem(tr("depth {share}").format(share=f"{chosen.depth:.0%}"), chosen.depth)
            at = self.layer.count() - 1
        self.layer.setCurrentIndex(at)
        self.drift.setChecked(chosen.compensate_drift)
        self.drift.setEnabled(strain is None or strain.global_drift_percent is not None)
        self.drift.setToolTip(
            tr("Subtract the linear drift, so that the curve returns to its start at the next end-diastole")
            + ("\n" + tr("This loop: {drift}").format(drift=drift_words(strain)) if strain else "")
        )


def _choice(what: str) -> QComboBox:
    made = Choice()
    made.setToolTip(what)
    made.setStyleSheet("padding: 2px 4px; font-size: 12px;")
    made.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    made.setMinimumWidth(76)
    made.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
    return made


class StrainPage(QFrame):
    """The choices and segments below the headline in strain mode; follows every correction."""

    def __init__(
        self, workspace: Workspace, model: StrainModel, focus: SegmentFocus, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._workspace, self._model = workspace, model
        self._some = True
        self.whole, self.average, self.how = QLabel(), QLabel(), QLabel()
        self.whole.setStyleSheet("font-size: 13px; font-weight: 700;")
        self.average.setStyleSheet(f"color: {theme.QUIET}; font-size: 12px;")
        self.how.setStyleSheet(f"color: {theme.QUIET}; font-size: 11px;")
        self.note = QLabel(tr("Segments and bull's-eye are exploratory: not for routine use (ASE/EACVI 2025)."))
        self.note.setStyleSheet(f"color: {theme.QUIET}; font-size: 11px;")
        self.bar, self.bullseye, self.boxes = StrainBar(model), StrainBullseye(model, focus), SegmentTable(model, focus)
        """The bull's-eye stands in the timeline, next to the curves."""
        self.wall_motion = WallMotionView(workspace)
        self.score = QPushButton(tr("Wall motion"))
        """In the head of the panel: below rows that come and go, a click would hit what took its place."""
        self.score.setCheckable(True)
        self.score.setStyleSheet("padding: 2px 8px; font-size: 12px;")
        self.score.setToolTip(tr("Score wall motion in place of the segments' strain"))
        self.segments_or_score = QStackedWidget()
        self.segments_or_score.addWidget(self.boxes)
        self.segments_or_score.addWidget(self.wall_motion)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 6, 12, 4)
        column.setSpacing(5)
        for widget in (self.bar, self.whole, self.segments_or_score, self.average, self.how, self.note):
            column.addWidget(widget)
        for label in (self.whole, self.average, self.how, self.note):
            label.setWordWrap(True)
        self.score.toggled.connect(self._show_score)
        self.bar.segments_chosen.connect(lambda of: self.bullseye.show_as(of=of))
        self.bar.unit_chosen.connect(lambda unit: self.bullseye.show_as(unit=unit))
        self.bullseye.view_wanted.connect(self._open_view)
        model.changed.connect(self.refresh)
        follow(workspace, self._follow_study, Topic.CHECKS)

    def _follow_study(self) -> None:
        """Another view of the study is assessed: it is part of the average and of the bull's-eye."""
        if not self._model.previewing:
            self.refresh()

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
        self._show_parts(not nothing)
        self.whole.setText(whole_words(self._model.strain, self._model.reading))
        self.average.setText(average_words(study))
        self.how.setText(how_words(self._model.strain, self._model.reading) or translated(self._model.why))

    def _show_parts(self, some: bool) -> None:
        """Show what needs strain, or hide it; wall motion is scored without strain, too."""
        self._some = some
        for widget in (self.bar, self.bullseye, self.note):
            widget.setVisible(some)
        self.segments_or_score.setVisible(some or self.score.isChecked())

    def _show_score(self, on: bool) -> None:
        self.segments_or_score.setCurrentIndex(int(on))
        self.segments_or_score.setVisible(on or self._some)

    def _refresh_ring(self, reading: Reading, ring: ShortAxisView | None) -> None:
        """Show short-axis strain, which needs no other view."""
        self.bullseye.show_study(None)
        self.boxes.update()
        self._show_parts(ring is not None)
        rows = {measurement.code: measurement for measurement in assess(reading).measurements}
        self.whole.setText(_value_words(rows.get("GCS"), "GCS"))
        self.average.setText(f"{_value_words(rows.get('GRS'), 'GRS')}  ({tr('exploratory')})" if "GRS" in rows else "")
        origin = tr("segments: {origin}").format(origin=translated(ring.regions.origin)) if ring is not None else ""
        gcs = rows.get("GCS")
        how = "; ".join(filter(None, (translated(gcs.method), origin))) if gcs is not None else ""
        self.how.setText(translated(self._model.why) or typeset(how))

    def _open_view(self, view: str) -> None:
        loop = next((apical_loop for apical_loop in apical_loops(self._workspace) if apical_loop.view == view), None)
        if loop is not None and loop.index != self._workspace.index:
            self._workspace.show(loop.index)


def whole_words(strain: WallStrain | None, reading: Reading | None) -> str:
    """Longitudinal strain of the view on screen, with the reader's decision."""
    view = strain.view if strain and strain.view else ""
    if view and reading is not None:
        view = reading.kind.view_name(view)
    name = tr("{view} longitudinal strain").format(view=view) if view else tr("Longitudinal strain")
    decision = reading.decisions.get("GLS") if reading else None
    if decision is not None and not decision.accepted:
        return f"{name}  {tr('rejected')}"
    if decision is not None and decision.value is not None:
        return tr("{value} entered").format(value=f"{name}  {translated(with_unit(decision.value, '%'))}")
    if strain is None or strain.why is not None:
        return f"{name}  –"
    return f"{name}  {translated(with_unit(strain.whole.end_systolic, '%'))}"


def _value_words(row: Measurement | None, name: str) -> str:
    """A value, with the reader's decision."""
    if row is None or row.quantity is None:
        return f"{name}  –"
    text = f"{name}  {translated(with_unit(row.quantity.value, '%'))}"
    return tr("{value} entered").format(value=text) if row.code in row.entered else text


def average_words(study: StudyStrain) -> str:
    """GLS: the average over the study's views, and which these are."""
    if study.average_percent is None or len(study.view_percent) < 2:
        needs = tr("GLS (3-view average): needs {views}").format(views=listed(study.missing))
        return needs if study.view_percent else ""
    views = ", ".join(study.view_percent)
    count = len(study.view_percent)
    name = tr("GLS ({count}-view average)").format(count=count)
    return f"{name}  {translated(with_unit(study.average_percent, '%'))}\n{views}"


def how_words(strain: WallStrain | None, reading: Reading | None) -> str:
    """Method: layer, time, source of motion, drift compensation."""
    if strain is None or reading is None:
        return ""
    if strain.why is not None:
        return tr("Not available: {why}").format(why=translated(strain.why))
    return typeset(translated(method_of(reading, strain)))
