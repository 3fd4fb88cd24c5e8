"""The study against an earlier one of the same patient: then, now, the difference, and whether that means anything."""

from html import escape

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from kinecor.core.study.prior import Changed, Comparison
from kinecor.core.table.measures import decimals_of, digits, format_quantity, format_signed, typeset, unit_name
from kinecor.core.values.confidence import Trust
from kinecor.ui.results.rows import STUDY, Row
from kinecor.ui.style import theme
from kinecor.ui.style.choice import Choice
from kinecor.ui.style.language import numbered, tr, translated
from kinecor.ui.workspace.captions import date_words
from kinecor.ui.workspace.workspace import Workspace


class PriorView(QWidget):
    """Warnings first, then one entry per value; of several earlier studies the reader chooses one.

    Signals:
        chosen(): the study is compared with another one.
    """

    chosen = Signal()

    def __init__(self, workspace: Workspace, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self.comparison: Comparison | None = None
        """With the latest earlier study that is open, or the one chosen; None without one."""
        self.choice = Choice()
        self.choice.setAccessibleName(tr("Earlier study"))
        self.warnings, self.table, self.sources = QLabel(), QLabel(), QLabel()
        self.warnings.setStyleSheet(f"color: {theme.WARNING};")
        self.warnings.setTextFormat(Qt.TextFormat.PlainText)
        self.table.setTextFormat(Qt.TextFormat.RichText)
        self.sources.setObjectName("quiet")
        self.sources.setTextFormat(Qt.TextFormat.PlainText)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 2, 12, 8)
        column.setSpacing(4)
        column.addWidget(self.choice)
        for label in (self.warnings, self.table, self.sources):
            label.setWordWrap(True)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            column.addWidget(label)
        self.choice.setMinimumContentsLength(10)
        self.choice.activated.connect(lambda _: self.chosen.emit())

    @property
    def day(self) -> str:
        """Of the earlier study; "" without one."""
        return date_words(self.comparison.then.study_date) if self.comparison else ""

    def refresh(self) -> None:
        """Compare again."""
        priors = self._workspace.study.priors
        wanted = self.choice.currentData()
        ids = [study_reading.study_id for study_reading in priors]
        now = wanted if wanted in ids else next(iter(ids), None)
        self.choice.clear()
        for prior in priors:
            self.choice.addItem(date_words(prior.study_date), prior.study_id)
        self.choice.setCurrentIndex(max(self.choice.findData(now), 0))
        self.choice.setVisible(len(ids) > 1)
        self.comparison = None if now is None else self._workspace.study.compared_with(now)
        if self.comparison is None:
            return
        self.warnings.setText("\n".join(f"! {typeset(translated(warning))}" for warning in self.comparison.warnings))
        self.warnings.setVisible(bool(self.comparison.warnings))
        changes = self.comparison.changes
        limits = [change.variability.source for change in changes if change.variability is not None]
        numbers = {source: number for number, source in enumerate(dict.fromkeys(limits), start=1)}
        nothing = tr("No value can be compared: none of the same kind and view is measured in both studies.")
        self.table.setText("".join(_entry(change, numbers) for change in changes) or escape(nothing))
        self.sources.setText("\n".join(f"[{number}] {source}" for source, number in numbers.items()))
        self.sources.setVisible(bool(numbers))

    def text(self, row: Row, view: str) -> str:
        """The text "Prior 57 % (+5)" for a value of the study or of a view; "" where there is none to compare.

        A difference beyond measurement error has a sign after it: "Prior 47 % (+23 !)".
        """
        of = "" if row.owner == STUDY else view
        change_of_row = next((change for change in self._changes if (change.code, change.of) == (row.code, of)), None)
        if change_of_row is None or change_of_row.then.quantity is None:
            return ""
        doubt = "! " if change_of_row.then.trust is Trust.CHECK or change_of_row.remark else ""
        beyond = " !" if change_of_row.exceeds else ""
        then = translated(format_quantity(change_of_row.then.quantity, row.code))
        return f"{tr('Prior')} {doubt}{then} ({_difference(change_of_row)}{beyond})"

    @property
    def _changes(self) -> tuple[Changed, ...]:
        return self.comparison.changes if self.comparison else ()


def _difference(change: Changed) -> str:
    """The difference with its sign, without a unit."""
    plus = "+" if change.shown_difference > 0 else ""
    return plus + translated(format_signed(change.shown_difference, decimals_of(change.code, change.now.unit)))


def _entry(change: Changed, numbers: dict[str, int]) -> str:
    """Two lines: the value then and now; the difference against measurement error."""
    assert change.then.quantity is not None
    assert change.now.quantity is not None
    unit = unit_name(change.now.unit)
    apart = tr("points") if unit == "%" else unit  # a difference of two shares is no share of either
    values = [
        ("! " if row.trust is Trust.CHECK else "") + translated(digits(row.quantity, change.code))
        for row in (change.then, change.now)
        if row.quantity is not None
    ]
    name = " ".join(filter(None, (change.code, change.of)))
    decimals = decimals_of(change.code, change.now.unit)
    difference = f"{tr('Difference')} {_difference(change)} {apart}".rstrip()
    if change.limit is None or change.variability is None:
        judged = tr("measurement error not known")
    else:
        beyond, within = tr("! beyond measurement error ({limit})"), tr("within measurement error ({limit})")
        text = beyond if change.exceeds else within
        if change.exceeds is None:
            text = translated(change.open) + "; " + tr("measurement error {limit}")
        share = tr("{percent} % of the mean").format(percent=numbered(change.variability.percent, "g"))
        limit = translated(format_signed(change.limit, max(decimals, 1)))
        limit = f"{limit} {apart}, {share} [{numbers[change.variability.source]}]"
        judged = text.format(limit=limit)
    remark = f"<br>! {escape(typeset(translated(change.remark)))}" if change.remark else ""
    shade = theme.WARNING if change.exceeds else theme.QUIET
    return (
        f"<p style='margin:2px 0'><b>{escape(name)}</b>&nbsp; {' → '.join(values)} {escape(unit)}<br>"
        f"<span style='color:{shade}'>{escape(difference)}, {escape(judged)}{remark}</span></p>"
    )
