"""The form for what the file lacks of the patient; an empty field leaves what the header says."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QLabel,
    QLineEdit,
    QVBoxLayout,
    QWidget,
)

from kinecor.core.values.choices import BsaFormula
from kinecor.core.values.errors import error_message
from kinecor.core.values.message import NOTHING, join_texts
from kinecor.core.values.study import SEX_NAMES, Demographics, Entered, StudyReading
from kinecor.session.edits import SetDemographics
from kinecor.ui.style import theme
from kinecor.ui.style.choice import Choice
from kinecor.ui.style.language import dated, iso_dated, numbered, tr, translated

NUMBERS = ("height_cm", "weight_kg", "heart_rate_per_min")


class PatientForm(QDialog):
    """Sex, birth date, height, weight, heart rate and the formula of body surface area.

    `saved` is called with the edit where something changed; it returns whether that was possible.
    """

    def __init__(
        self, study: StudyReading, saved: Callable[[SetDemographics], bool], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(tr("Patient"))
        self._study, self._saved = study, saved
        header, entered = study.header, study.entered
        self.sex = Choice()
        self.sex.addItem(self._as_file(translated(SEX_NAMES.get(header.sex, NOTHING))), None)
        for code, text in (
            ("F", tr("F, female")),
            ("M", tr("M, male")),
            ("O", tr("O, other")),
        ):
            self.sex.addItem(text, code)
        self.sex.setCurrentIndex(max(self.sex.findData(entered.sex), 0))
        self.birth = _line(dated(entered.birth_date or ""), self._as_file(dated(header.birth_date) or tr("YYYY-MM-DD")))
        self.numbers = {
            name: _line(
                "" if (value := getattr(entered, name)) is None else numbered(value, "g"),
                self._as_file("" if (known := getattr(header, name)) is None else numbered(known, "g")),
            )
            for name in NUMBERS
        }
        self.formula = Choice()
        for bsa_formula in BsaFormula:
            self.formula.addItem(bsa_formula.value, bsa_formula)
        self.formula.setCurrentIndex(self.formula.findData(study.demographics.formula))
        self.surface, self.problem = QLabel(), QLabel()
        self.problem.setWordWrap(True)
        self.problem.setStyleSheet(f"color: {theme.BAD};")
        form = QFormLayout()
        form.addRow(tr("Sex"), self.sex)
        form.addRow(tr("Birth date"), self.birth)
        form.addRow(tr("Height, cm"), self.numbers["height_cm"])
        form.addRow(tr("Weight, kg"), self.numbers["weight_kg"])
        form.addRow(tr("Heart rate, per min"), self.numbers["heart_rate_per_min"])
        form.addRow(tr("BSA formula"), self.formula)
        form.addRow(tr("BSA"), self.surface)
        note = QLabel(tr("Empty fields are as in the file. What you enter is saved with your name."))
        note.setObjectName("quiet")
        note.setWordWrap(True)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.save = buttons.addButton(tr("Save"), QDialogButtonBox.ButtonRole.AcceptRole)
        self.save.setObjectName("primary")
        self.save.setDefault(True)
        buttons.accepted.connect(self._accept)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 16, 20, 14)
        column.addLayout(form)
        column.addWidget(note)
        column.addWidget(self.problem)
        column.addWidget(buttons)
        self.setMinimumWidth(380)
        for field in (self.birth, *self.numbers.values()):
            field.textChanged.connect(lambda _: self._check())
        for choice in (self.sex, self.formula):
            choice.currentIndexChanged.connect(lambda _: self._check())
        self._check()

    def _as_file(self, value: str) -> str:
        return tr("in the file: {value}").format(value=value or "\N{EN DASH}")

    @property
    def entered(self) -> Entered:
        """What was typed.

        Raises:
            ValueError: it is no number, no date, or of no person.

        """
        formula = BsaFormula(self.formula.currentData())  # Qt returns plain text
        unchanged = formula is self._study.header.formula and self._study.entered.formula is None
        return Entered(
            sex=self.sex.currentData(),
            birth_date=iso_dated(self.birth.text()).strip() or None,
            formula=None if unchanged else formula,
            **{name: _number(field.text()) for name, field in self.numbers.items()},
        )

    def _check(self) -> None:
        """Show the body surface that follows, or what is wrong."""
        try:
            entered: Entered | None = self.entered
            why = ""
        except ValueError as error:
            entered, why = None, translated(join_texts(error_message(error), "."))
        self.problem.setText(why)
        self.problem.setVisible(bool(why))
        self.adjustSize()  # else the other lines are squeezed
        self.save.setEnabled(entered is not None)
        surface = None if entered is None else _with(self._study, entered).bsa_m2
        self.surface.setText("\N{EN DASH}" if surface is None else f"{numbered(surface, '.2f')} m²")

    def _accept(self) -> None:
        entered = self.entered
        if entered == self._study.entered or self._saved(SetDemographics(entered)):
            self.accept()


def _with(study: StudyReading, entered: Entered) -> Demographics:
    return study.with_(entered=entered).demographics


def _number(text: str) -> float | None:
    cleaned = text.strip().replace(",", ".")
    if not cleaned:
        return None
    try:
        return float(cleaned)
    except ValueError:
        raise ValueError(f'expected a number, got "{text.strip()}"') from None


def _line(text: str | None, hint: str) -> QLineEdit:
    made = QLineEdit(text or "")
    made.setPlaceholderText(hint)
    return made
