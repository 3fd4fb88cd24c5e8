"""The text of the report while it is written: sections, letterhead, what is printed."""

from dataclasses import replace
from functools import partial
from itertools import pairwise

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QResizeEvent, QTextCursor
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFormLayout,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QMenu,
    QScrollArea,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from kinecor.core.report.sentences import Drafted, State, text_with_keys
from kinecor.core.values.choices import LANGUAGES, PAPERS
from kinecor.core.values.study import Letterhead, Printed, StudyReading
from kinecor.session.edits import SetLetterhead, SetPrinted, SetReportLanguage, SetReportText, StudyEdit
from kinecor.ui.report.fields import SectionBox, SectionField
from kinecor.ui.report.render import Draft
from kinecor.ui.style import theme
from kinecor.ui.style.choice import Choice
from kinecor.ui.style.language import tr
from kinecor.ui.workspace.computing import Awaited
from kinecor.ui.workspace.workspace import Workspace

LETTERHEAD = {
    "institution": "Institution",
    "department": "Department",
    "referrer": "Referrer",
    "accession": "Accession",
    "indication": "Indication",
}
PARTS = {"images": "ED, ES images", "curves": "Curves", "bulls_eye": "Bull's-eye", "prior": "Prior"}


class DraftPanel(QFrame):
    """Fields of the report; what is typed is saved when its field is left.

    Signals:
        changed(): something was typed or chosen that is not saved yet.
    """

    changed = Signal()

    def __init__(self, workspace: Workspace, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self.boxes: dict[str, SectionBox] = {}
        self._draft: Draft | None = None
        self._last: SectionField | None = None
        self._showing = False
        self.title = QLabel(tr("Report text"))
        self.title.setObjectName("title")
        self.insert = QToolButton()
        self.insert.setText(tr("Insert value"))
        self.insert.setToolTip(tr("Insert a measured value that follows its measurement"))
        self.insert.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.menu = QMenu(self.insert)
        self.insert.setMenu(self.menu)
        bar = QFrame()
        bar.setObjectName("strip")
        row = QHBoxLayout(bar)
        row.setContentsMargins(10, 3, 6, 3)
        row.addWidget(self.title)
        row.addStretch(1)
        row.addWidget(self.insert)
        self.sections = QVBoxLayout()
        self.sections.setSpacing(6)
        self.letterhead = {name: QLineEdit() for name in LETTERHEAD}
        form = QFormLayout()
        form.setContentsMargins(0, 0, 0, 0)
        for name, text in LETTERHEAD.items():
            form.addRow(tr(text), self.letterhead[name])
            self.letterhead[name].setMaxLength(200)
            self.letterhead[name].textEdited.connect(lambda _: self.changed.emit())
            self.letterhead[name].editingFinished.connect(self.commit)
        self.parts = {name: QCheckBox(tr(text)) for name, text in PARTS.items()}
        self.paper, self.template, self.language = Choice(), Choice(), Choice()
        self.template.addItem(tr("Template: default"), "")
        self.paper.addItem(tr("Paper: as template"), "")
        for paper in PAPERS:
            self.paper.addItem(paper, paper)
        self.language.addItem(tr("Language: as template or window"), "")
        for code, name in LANGUAGES.items():
            self.language.addItem(name, code)
        self._include = QLabel(tr("Include"))
        self._included, self._choices = QGridLayout(), QGridLayout()
        self._across = 1
        for check in self.parts.values():
            check.clicked.connect(lambda _: self.commit())
        for choice, name in (
            (self.template, tr("Template")),
            (self.paper, tr("Paper")),
            (self.language, tr("Language")),
        ):
            choice.setAccessibleName(name)
        for choice in (self.template, self.paper, self.language):
            choice.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
            choice.activated.connect(lambda _: self.commit())
        self._place(self._across)
        self.checks, self.problems = QLabel(), QLabel()
        for label in (self.checks, self.problems):
            label.setWordWrap(True)
            label.setStyleSheet(f"color: {theme.WARNING};")
            label.hide()
        self.note = QLabel(tr("Values in blue follow the measurements; text you type stays."))
        self.note.setObjectName("quiet")
        self.note.setWordWrap(True)
        body = QWidget()
        body.setMinimumWidth(1)  # as wide as the panel: nothing is cut at its right edge
        column = QVBoxLayout(body)
        column.setContentsMargins(12, 10, 12, 10)
        column.setSpacing(10)
        column.addLayout(self.sections)
        column.addWidget(self.checks)
        column.addLayout(self._included)
        column.addLayout(self._choices)
        column.addWidget(_title(tr("Letterhead")))
        column.addLayout(form)
        column.addWidget(self.problems)
        column.addWidget(self.note)
        column.addStretch(1)
        area = self.area = QScrollArea()
        area.setAccessibleName(tr("Text of the report"))
        area.setFocusPolicy(Qt.FocusPolicy.ClickFocus)  # Tab goes to what is on it
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(body)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(bar)
        whole.addWidget(area, 1)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Choices stand in as many columns as have room."""
        super().resizeEvent(event)
        self._arrange()

    def _arrange(self) -> None:
        room = self.width() - 2 * 12 - self.area.verticalScrollBar().sizeHint().width()
        parts = [self._include.sizeHint().width(), *(check_box.sizeHint().width() for check_box in self.parts.values())]
        lists = [choice.sizeHint().width() for choice in (self.template, self.paper, self.language)]
        gap = 10
        fits = max(sum(parts) + gap * len(parts), sum(lists) + gap * len(lists)) <= room
        across = len(parts) if fits else 2 if 2 * max(*parts, *lists) + gap <= room else 1
        if across != self._across:
            self._across = across
            self._place(across)

    def _place(self, across: int) -> None:
        """Lay the parts of the report, and below them the lists, out in this number of columns."""
        # A widget that is added again leaves its former place by itself.
        parts: tuple[QWidget, ...] = tuple(self.parts.values())
        lists: tuple[QWidget, ...] = (self.template, self.paper, self.language)
        wide = across > len(parts)
        self._included.addWidget(self._include, 0, 0, 1, 1 if wide else across)
        for grid, group, first in ((self._included, parts, 0 if wide else 1), (self._choices, lists, 0)):
            shift = int(wide and group is parts)
            for number, widget in enumerate(group):
                grid.addWidget(widget, first + number // across, shift + number % across)
            for column in range(len(parts) + 2):  # what is left over is at the right
                grid.setColumnStretch(column, int(wide and column == len(parts) + 1))

    @property
    def study(self) -> StudyReading | None:
        """The study as saved, with what is typed and not saved yet."""
        study = self._workspace.study.reading
        if study is None or study.closed:
            return study
        for edit in self._edits(study):
            study = edit.apply(study, self._workspace.actor)
        return study

    def show_draft(self, draft: Draft) -> None:
        """Show the text of the report; a field that is being typed in keeps its text."""
        study = self._workspace.study.reading
        if study is None:
            return
        self._draft, self._showing = draft, True
        known = {section.section for section in draft.sections}
        for section in [box for box in self.boxes if box not in known]:
            self.boxes.pop(section).deleteLater()
        for index, single_section in enumerate(draft.sections):
            if single_section.section not in self.boxes:
                self.boxes[single_section.section] = self._box(single_section.section)
                self.sections.insertWidget(index, self.boxes[single_section.section])
            analysing = Awaited.ALL in self._workspace.computing.awaited.values()
            self.boxes[single_section.section].show_section(
                single_section, draft.words, closed=study.closed, analysing=analysing
            )
        self._show_values(draft)
        self._show_printed(draft, study.report.printed)
        self.language.setCurrentIndex(max(self.language.findData(study.report.language), 0))
        for name, line in self.letterhead.items():
            line.setReadOnly(study.closed)
            if not line.hasFocus():
                line.setText(getattr(study.report.letterhead, name))
        single = tr("! 1 open check is named on the page; values with an open check make no sentence.")
        many = tr("! {n} open checks are named on the page; values with an open check make no sentence.")
        self.checks.setText((single if draft.open == 1 else many).format(n=draft.open))
        self.checks.setVisible(bool(draft.open))
        choices: tuple[QWidget, ...] = (*self.parts.values(), self.template, self.paper, self.language)
        for choice in choices:
            choice.setEnabled(not study.closed)
        self.insert.setEnabled(self.insert.isEnabled() and not study.closed)
        self.problems.setText("\n".join(draft.problems))
        self.problems.setVisible(bool(draft.problems))
        self.note.setText(
            tr("The study is signed: the pages are the report that was signed. It changes by an addendum only.")
            if study.closed
            else tr("Values in blue follow the measurements; text you type stays.")
        )
        self._order()
        self._showing = False

    def focus_first(self) -> bool:
        """Give the focus to the first section, at the end of its text; False where nothing is drafted yet."""
        first = next(iter(self._in_order()), None)
        if first is None:
            return False
        first.field.setFocus(Qt.FocusReason.OtherFocusReason)
        first.field.moveCursor(QTextCursor.MoveOperation.End)
        return True

    def _in_order(self) -> list[SectionBox]:
        """The boxes from top to bottom."""
        return [self.boxes[section.section] for section in self._draft.sections] if self._draft is not None else []

    def _order(self) -> None:
        """Tab follows the page: sections, what is printed, letterhead; then the button above them."""
        fields = [widget for box in self._in_order() for widget in (box.field, box.automatic)]
        printed = (*self.parts.values(), self.template, self.paper, self.language)
        for before, after in pairwise((self.area, *fields, *printed, *self.letterhead.values(), self.insert)):
            QWidget.setTabOrder(before, after)

    def forget(self) -> None:
        """Another study is on screen: nothing of the last one stays."""
        self._draft, self._last = None, None
        for box in self.boxes.values():
            box.deleteLater()
        self.boxes.clear()
        for line in self.letterhead.values():
            line.clear()

    def commit(self) -> None:
        """Save what was typed or chosen."""
        study = self._workspace.study.reading
        if study is None or self._showing or study.closed:
            return
        for edit in self._edits(study):
            if not self._workspace.study.do(edit):
                return

    def _edits(self, study: StudyReading) -> list[StudyEdit]:
        """What differs from what is saved."""
        draft = self._draft
        if draft is None:
            return []
        study_edits: list[StudyEdit] = []
        for section, box in self.boxes.items():
            single_section, text = box.drafted, box.field.template
            if single_section is None or text == _saved_text(study, section, single_section):
                continue
            own = text_with_keys(single_section, text, draft.english, self._workspace.actor)
            study_edits.append(SetReportText(section, text, own.automatic, dict(own.values)))
        head = Letterhead(**{name: line.text().strip() for name, line in self.letterhead.items()})
        if head != study.report.letterhead:
            study_edits.append(SetLetterhead(head))
        printed = replace(
            study.report.printed,
            **{name: check.isChecked() for name, check in self.parts.items()},
            paper=self.paper.currentData() or "",
            template=self.template.currentData() or "",
        )
        if printed != study.report.printed:
            study_edits.append(SetPrinted(printed))
        language = self.language.currentData() or ""
        if language != study.report.language:
            study_edits.append(SetReportLanguage(language))
        return study_edits

    def _box(self, section: str) -> SectionBox:
        box = SectionBox(section)
        box.field.typed.connect(self.changed)
        box.field.left.connect(partial(self._left, box))
        box.automatic.clicked.connect(partial(self._reset, section))
        return box

    def _left(self, box: SectionBox) -> None:
        self._last = box.field
        self.commit()

    def _reset(self, section: str) -> None:
        """The automatic sentence again."""
        box = self.boxes[section]
        if box.drafted is None or box.drafted.state is State.AUTOMATIC:
            return
        self._workspace.study.do(SetReportText(section, None, "", {}))

    def _show_values(self, draft: Draft) -> None:
        self.menu.clear()
        for key, text in draft.words.items():
            if "not available" in text:
                continue
            action = QAction(f"{key}  {text}", self.menu)
            action.triggered.connect(partial(self._insert, key))
            self.menu.addAction(action)
        self.insert.setEnabled(bool(self.menu.actions()))

    def _insert(self, key: str) -> None:
        field = self._last or next((box.field for box in self.boxes.values()), None)
        if field is not None and not field.isReadOnly():
            field.insert_value(key)
            field.setFocus(Qt.FocusReason.OtherFocusReason)

    def _show_printed(self, draft: Draft, printed: Printed) -> None:
        for name, check in self.parts.items():
            check.setChecked(getattr(printed, name))
        self.paper.setCurrentIndex(max(self.paper.findData(printed.paper), 0))
        self.template.clear()
        self.template.addItem(tr("Template: default"), "")
        for name in dict.fromkeys((*draft.templates, *filter(None, (printed.template,)))):
            self.template.addItem(name, name)
        self.template.setCurrentIndex(max(self.template.findData(printed.template), 0))
        self._arrange()  # its names are wider than the empty list


def _saved_text(study: StudyReading, section: str, single_section: Drafted) -> str:
    """The text of a section as it is saved, which may be newer than what was drafted last."""
    own = study.report.sentences.get(section)
    if own is not None:
        return own.text.strip()
    return single_section.template.strip()


def _title(words: str) -> QLabel:
    label = QLabel(words)
    label.setObjectName("title")
    return label
