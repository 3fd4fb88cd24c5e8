"""The patient of the study on screen, in one line; a click opens a form for what the file lacks."""

from dataclasses import dataclass

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from kinecor.core.checks.findings import Severity
from kinecor.core.table.measures import Measurement, format_quantity, typeset
from kinecor.core.values.confidence import Trust
from kinecor.core.values.message import NOTHING
from kinecor.core.values.recording import Recording
from kinecor.core.values.study import SEX_NAMES, StudyReading
from kinecor.ui.style import theme
from kinecor.ui.style.language import numbered, tr, translated
from kinecor.ui.style.marks import draw_mark
from kinecor.ui.workspace.captions import date_words
from kinecor.ui.workspace.changes import Change, Topic, follow
from kinecor.ui.workspace.workspace import Workspace

ENTERED = "\N{LOWER RIGHT PENCIL}"
DASH = "\N{EN DASH}"
GAP_PX, MARK_PX = 10, 13
NAME_PX = 120  # a name may be shortened to this


@dataclass(frozen=True, slots=True)
class Field:
    """One part of the line.

    Attributes:
        label: before the value, quiet; "" for none.
        value: bold.
        more: after the value, quiet; dropped first where room is short.
        mark: a sign after it, or None.
        rank: the lowest ranks stay where room is short.
        divider: whether a line stands before it.

    """

    label: str
    value: str
    more: str = ""
    mark: Severity | None = None
    rank: int = 0
    divider: bool = False


def name_of(recording: Recording) -> str:
    """The patient's name, as the header has it; "Patient unknown" where it has none."""
    text = " ".join(recording.source.patient.name.replace("^", " ").split())
    return text or tr("Patient unknown")


def modality_of(recording: Recording) -> str:
    """What kind of study it is."""
    modality = recording.source.modality
    known = {"US": tr("Echo"), "MR": tr("MRI")}
    return known.get(modality, modality) or tr("Study")


def _with_pencil(text: str, study: StudyReading, *names: str) -> str:
    return f"{text} {ENTERED}" if any(name in study.entered_by for name in names) else text


def _rate(row: Measurement | None, study: StudyReading) -> Field:
    """The heart rate as the measurements use it: a dash where checks withhold it, a sign where they mark it."""
    label = tr("HR")
    if row is None or row.quantity is None:
        return Field(label, DASH, rank=2, divider=True)
    shown = translated(format_quantity(row.quantity, "HR"))
    mark = Severity.CHECK if row.trust is Trust.CHECK else None
    return Field(label, _with_pencil(shown, study, "heart_rate_per_min"), mark=mark, rank=2, divider=True)


def fields_of(recording: Recording, study: StudyReading, rate: Measurement | None) -> tuple[Field, ...]:
    """The line of a patient; `rate` is the measured heart rate."""
    now, patient = study.demographics, recording.source.patient
    age = DASH if study.age_years is None else tr("{years} y").format(years=int(study.age_years))
    who = (
        _with_pencil(translated(SEX_NAMES.get(now.sex, NOTHING)) or DASH, study, "sex"),
        _with_pencil(age, study, "birth_date"),
    )
    body = [
        _with_pencil(f"{numbered(value, 'g')} {unit}", study, name)
        for name, value, unit in (("height_cm", now.height_cm, "cm"), ("weight_kg", now.weight_kg, "kg"))
        if value is not None
    ]
    size = DASH if now.bsa_m2 is None else f"{numbered(now.bsa_m2, '.2f')} m²"
    return (
        Field("", name_of(recording)),
        *((Field(patient.patient_id, "", rank=3),) if patient.patient_id else ()),
        Field("  ·  ".join(who), "", rank=1),
        Field(tr("BSA"), size, f"({', '.join(body)})" if body else "", rank=5, divider=True),
        _rate(rate, study),
        Field(f"{modality_of(recording)} {date_words(patient.study_date.strip())}".strip(), "", rank=4, divider=True),
    )


class PatientBar(QAbstractButton):
    """Name, ID, sex, age, body surface, heart rate, study; entered values have a pencil, withheld ones a dash.

    Where room is short, height and weight go first, then fields by rank; a long name is shortened before sex and age
    go. The tool tip has everything.
    """

    def __init__(self, workspace: Workspace, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self.fields: tuple[Field, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        follow(workspace, self._follow, Topic.READING_DRAWN)
        follow(workspace, self.refresh, Topic.STUDY, Topic.CHECKS)

    def _follow(self, change: Change) -> None:
        if not change.preview:
            self.refresh()

    def _rate(self) -> Measurement | None:
        """The heart rate of the recording on screen, else of another of its study."""
        checks, here = self._workspace.checks, self._workspace.index
        found: Measurement | None = None
        for index in (here, *(member for member in self._workspace.study.members if member != here)):
            assessed = checks.assessment_of(index)
            rate = next((measurement for measurement in assessed.measurements if measurement.code == "HR"), None)
            doubted = any("HR" in finding.measurements for finding in assessed.open)
            if index == here:
                found = rate
            # A doubted rate is not replaced by that of another recording.
            if (rate is not None and rate.quantity is not None) or doubted:
                return rate
        return found

    def refresh(self) -> None:
        """Show the patient of the recording on screen."""
        recording, study = self._workspace.recording, self._workspace.study.reading
        if recording is None or study is None:
            return
        rate = self._rate()
        fields = fields_of(recording, study, rate)
        if fields == self.fields:
            return
        self.fields = fields
        lines = [" ".join(part for part in (field.label, field.value, field.more) if part) for field in fields]
        if rate is not None and rate.note:
            lines.append(f"{tr('HR')}: {typeset(translated(rate.note))}")
        for name, text in (
            ("sex", tr("sex")),
            ("birth_date", tr("birth date")),
            ("height_cm", tr("height")),
            ("weight_kg", tr("weight")),
            ("heart_rate_per_min", tr("heart rate")),
        ):
            if name in study.entered_by:
                lines.append(tr("{what} entered by {who}").format(what=text, who=study.entered_by[name]))
        lines.append(tr("Click to enter what the file lacks."))
        self.setToolTip("\n".join(lines))
        self.setAccessibleName("  ".join(lines[: len(fields)]))
        self.update()

    # Drawing

    def sizeHint(self) -> QSize:
        """Everything."""
        return QSize(sum(self._width(field, more=True) for field in self.fields), 40)

    def minimumSizeHint(self) -> QSize:
        """A shortened name."""
        return QSize(110, 30)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the fields that fit."""
        painter = QPainter(self)
        x, fields = 2, self._fitting()
        right = self.width() - sum(self._width(field, more=more) for field, more in fields if field.rank)
        for single_field, more in fields:
            x = self._draw(painter, single_field, x, more=more, right=self.width() if single_field.rank else right)
        if self.hasFocus():
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(QColor(theme.FOCUS), 2))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 5, -1, -5), 4, 4)
        painter.end()

    def _fitting(self) -> list[tuple[Field, bool]]:
        """The fields to draw, and whether with what comes after their values."""
        shown = list(self.fields)
        more = True
        while shown and sum(self._least(field, more=more) for field in shown) > self.width():
            if more:
                more = False
            elif len(shown) > 1:
                shown.remove(max(shown, key=lambda field: field.rank))
            else:
                break
        return [(field, more) for field in shown]

    def _least(self, field: Field, *, more: bool) -> int:
        """The width that a field needs: a name may be shortened."""
        wide = self._width(field, more=more)
        return wide if field.rank else min(wide, NAME_PX)

    def _fonts(self, field: Field) -> tuple[QFont, QFont]:
        return theme.font(12), theme.font(14 if not field.rank else 12, bold=True)

    def _width(self, field: Field, *, more: bool) -> int:
        quiet, bold = (QFontMetrics(font) for font in self._fonts(field))
        parts = [quiet.horizontalAdvance(field.label) if field.label else 0]
        parts += [bold.horizontalAdvance(field.value) if field.value else 0]
        parts += [quiet.horizontalAdvance(field.more) if field.more and more else 0, MARK_PX if field.mark else 0]
        used = [part for part in parts if part]
        return sum(used) + 5 * (len(used) - 1) + GAP_PX + (GAP_PX + 1 if field.divider else 0)

    def _draw(self, painter: QPainter, field: Field, x: int, *, more: bool, right: int) -> int:
        quiet, bold = self._fonts(field)
        box = self.rect()
        if field.divider:
            painter.fillRect(QRect(x, box.center().y() - 9, 1, 18), QColor(theme.STRONG))
            x += GAP_PX + 1
        for text, font, colour in (
            (field.label, quiet, theme.SOFT),
            (field.value, bold, theme.TEXT),
            (field.more if more else "", quiet, theme.QUIET),
        ):
            if not text:
                continue
            painter.setFont(font)
            painter.setPen(QColor(colour))
            metrics = QFontMetrics(font)
            text = metrics.elidedText(text, Qt.TextElideMode.ElideRight, min(box.right(), right) - x)
            painter.drawText(QRect(x, 0, box.width() - x, box.height()), Qt.AlignmentFlag.AlignVCenter, text)
            x += metrics.horizontalAdvance(text) + 5
        if field.mark is not None:
            draw_mark(painter, QRectF(x, box.center().y() - MARK_PX / 2, MARK_PX, MARK_PX), field.mark)
            x += MARK_PX + 5
        return x - 5 + GAP_PX
