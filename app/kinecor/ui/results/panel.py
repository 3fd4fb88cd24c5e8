"""The results panel: the headline, one line per value, sections that unfold, and what the reader decides."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from html import escape
from operator import is_
from pathlib import Path
from typing import Final

from PySide6.QtCore import QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication, QKeyEvent, QKeySequence
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QInputDialog,
    QLabel,
    QMenu,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from kinecor.core.checks.assessment import (
    Assessment,
    assess,
    assessed_during_edit,
    assessed_study_during_edit,
)
from kinecor.core.checks.findings import Severity
from kinecor.core.table.measures import MINUS, SHORT_AXIS_CODES, STRAIN_CODES, Measurement, decimals_of
from kinecor.core.values.kind import UNKNOWN_VIEW
from kinecor.core.values.message import Message, message
from kinecor.core.values.reading import Reading
from kinecor.core.values.recording import Recording, Stack
from kinecor.core.values.track import Structure
from kinecor.session.edits import (
    ClearDecision,
    ClearStudyDecision,
    Decide,
    DecideStudy,
    Edit,
    SetComment,
    SetNotes,
    Several,
    SeveralOfStudy,
)
from kinecor.ui.results.cards import HeadlineCard, PairsCard
from kinecor.ui.results.content import (
    SAME_REASON,
    Content,
    Member,
    Section,
    awaiting,
    content_of,
    shown_only_words,
    strain_only,
)
from kinecor.ui.results.fold import Fold
from kinecor.ui.results.prior_view import PriorView
from kinecor.ui.results.reported_view import ReportedView
from kinecor.ui.results.row_list import RowList
from kinecor.ui.results.rows import COMPUTING, STUDY, Row, as_table
from kinecor.ui.results.rows_widget import RowsWidget
from kinecor.ui.results.sources_view import SourcesView
from kinecor.ui.style.elided import ElidedLabel
from kinecor.ui.style.language import tr, translated
from kinecor.ui.style.number_field import ask_number
from kinecor.ui.tiles.picture import badge_of
from kinecor.ui.workspace.changes import Change, Topic, follow
from kinecor.ui.workspace.checking import NO_ASSESSMENT
from kinecor.ui.workspace.later import EVERY_MS, Later
from kinecor.ui.workspace.workspace import Workspace

SHARE: Final = 0.2255
"""Of the width of the window: 308 px of 1366."""
MIN_PX, MAX_PX = 216, 424
SOON_MS: Final = 250
"""Between two looks at what is analysed and checked of recordings that are not on screen."""


ORDER: Final = (
    "Long axes, biplane",
    "Long axis",
    "Single plane",
    SAME_REASON,
    "Wall",
    "Strain",
    "Rates and times",
    "Rates and body",
    "Exploratory: strain",
)
"""Sections of values, from top to bottom."""


def panel_px(window_px: int) -> int:
    """The width of the panel in a window of some width, logical pixels."""
    return min(max(round(SHARE * window_px), MIN_PX), MAX_PX)


def most_px(window_px: int) -> int:
    """How wide a reader may pull the panel: 24 % of the window, where that is enough for a number."""
    return max(int(0.24 * window_px), MIN_PX)


class ResultsPanel(QFrame):
    """What is measured in the study on screen, and what its reader makes of it.

    Values of the whole study come first, those of the recording on screen with them or below. A click selects a row,
    Ctrl+C copies; Enter accepts, Delete rejects, F2 enters another value, the context menu has all of it.

    Signals:
        place_wanted(int, Place): a recording, a frame or a slice is to be shown.
        closed(): the panel is to be hidden.
    """

    place_wanted = Signal(int, object)
    closed = Signal()

    def __init__(self, workspace: Workspace, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self.content = Content()
        self._unscaled = ""
        self._strain = False
        self._saved: tuple[Member, tuple[Member, ...], Assessment] | None = None
        self._members: dict[int, Member] = {}
        self._derived_from: tuple[object, ...] = ()
        """Recordings and assessment of the study that `_contents` are of."""
        self._contents: dict[int, Content] = {}
        """By the index of the recording that was on screen."""
        self._awaited_shown = False
        # While one recording after the other is analysed and checked, values of the others follow at intervals.
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(SOON_MS)
        self._soon.timeout.connect(self._show_checked)
        self.title, self.set_name = QLabel(tr("Results")), QLabel()
        self.title.setStyleSheet("font-size: 14px; font-weight: 700;")
        self.set_name.setObjectName("quiet")
        self.hide_button = QToolButton()
        self.hide_button.setArrowType(Qt.ArrowType.RightArrow)
        self.hide_button.setToolTip(tr("Hide the results"))
        self.hide_button.setAccessibleName(tr("Hide the results"))
        self.hide_button.clicked.connect(self.closed)
        head = QHBoxLayout()
        head.setContentsMargins(12, 6, 6, 4)
        head.addWidget(self.title)
        head.addWidget(self.set_name, 1)
        self._head = QHBoxLayout()
        head.addLayout(self._head)
        head.addWidget(self.hide_button)
        self.headline, self.pairs, self.list = HeadlineCard(), PairsCard(), RowList(headed=True)
        self.empty = QLabel()
        self.empty.setObjectName("quiet")
        self.empty.setWordWrap(True)
        self.empty.setContentsMargins(12, 8, 12, 8)
        self.folds: dict[str, Fold] = {}
        self.provenance = QLabel()
        self.provenance.setWordWrap(True)
        self.provenance.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.provenance.setContentsMargins(12, 2, 12, 8)
        body = QWidget()
        body.setMinimumWidth(1)  # as wide as the panel, whatever its widgets would like
        self._column = QVBoxLayout(body)
        self._column.setContentsMargins(0, 0, 0, 8)
        self._column.setSpacing(0)
        self._tops = QVBoxLayout()
        self._tops.setSpacing(0)
        self._column.addLayout(self._tops)
        self._middle = QVBoxLayout()
        for widget in (self.empty, self.headline, self.pairs):
            self._column.addWidget(widget)
        self._column.addLayout(self._middle)
        self._column.addWidget(self.list)
        self._sections = QVBoxLayout()
        self._sections.setSpacing(0)
        self._column.addLayout(self._sections)
        self._extras = QVBoxLayout()
        self._extras.setSpacing(0)
        self._column.addLayout(self._extras)
        self._column.addStretch(1)
        self.area = QScrollArea()
        self.area.setWidgetResizable(True)
        self.area.setFrameShape(QFrame.Shape.NoFrame)
        self.area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.area.setWidget(body)
        self.state = ElidedLabel()
        self.state.setObjectName("quiet")
        self.accept_all = QPushButton(tr("Accept all"))
        self.accept_all.setObjectName("primary")
        # A click leaves the focus where it was: disabled afterwards, the button would hand it to the next section.
        self.accept_all.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.accept_all.clicked.connect(self._accept_all)
        foot = QHBoxLayout()
        foot.setContentsMargins(12, 6, 10, 8)
        foot.addWidget(self.state, 1)
        self.accept_all.setSizePolicy(QSizePolicy.Policy.Minimum, QSizePolicy.Policy.Fixed)
        foot.addWidget(self.accept_all)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(head)
        column.addWidget(self.area, 1)
        column.addLayout(foot)
        self.setMinimumWidth(MIN_PX)
        for rows in (self.headline, self.pairs, self.list):
            self._listen(rows)
        self.headline.details_wanted.connect(self.show_provenance)
        self.sources = SourcesView(workspace)
        self.prior = PriorView(workspace)
        self.prior.chosen.connect(self._show_checked)
        self.add_section("Prior", self.prior)
        self.reported = ReportedView(workspace)
        self.add_section("Other systems", self.reported)
        self.add_section("Views and beats", self.sources)
        self.add_section("Provenance", self.provenance)
        self.later = Later(self.show_change, self, after_ms=EVERY_MS // 2)
        follow(workspace, self.later.take, Topic.READING_DRAWN)
        follow(workspace, self._follow_checks, Topic.CHECKS)
        follow(workspace, self._enable_accept_all, Topic.STUDY)
        follow(workspace, self._show_awaited, Topic.COMPUTING)
        self._show(Content())

    # Sections

    def add_section(self, title: str, body: QWidget) -> Fold:
        """Add a section below the values, folded."""
        fold = Fold(tr(title), body)
        fold.head.clicked.connect(partial(self._bring_later, fold))
        self._extras.addWidget(fold)
        self.folds[title] = fold
        return fold

    def _bring_later(self, fold: Fold, _checked: bool = False) -> None:
        QTimer.singleShot(0, self, partial(self._bring_into_sight, fold))  # it has its folded size until then

    def _bring_into_sight(self, fold: Fold) -> None:
        """Of a section that was unfolded below the edge, as much as there is room for, and its title."""
        if fold.head.isChecked():
            self.area.ensureWidgetVisible(fold, 0, 0)
            self.area.ensureWidgetVisible(fold.head, 0, 0)

    def put_on_top(self, widget: QWidget) -> None:
        """Show a widget above the values."""
        self._tops.addWidget(widget)

    def put_in_head(self, widget: QWidget) -> None:
        """Show a widget next to the title, where it stays whatever the panel shows."""
        self._head.addWidget(widget)

    def put_below_headline(self, widget: QWidget) -> None:
        """Show a widget between the headline and the rows."""
        self._middle.addWidget(widget)

    def show_provenance(self) -> None:
        """Unfold the provenance and bring it into sight."""
        fold = self.folds["Provenance"]
        fold.head.setChecked(True)
        self.area.ensureWidgetVisible(fold)

    def _listen(self, widget: RowsWidget) -> None:
        widget.go_to.connect(self._go_to)
        widget.menu_wanted.connect(self._open_menu)
        widget.pressed.connect(self._press)

    @property
    def _widgets(self) -> tuple[RowsWidget, ...]:
        folded = [fold.body for fold in self.folds.values() if isinstance(fold.body, RowList)]
        return (self.headline, self.pairs, self.list, *folded)

    # Content

    @property
    def rows(self) -> tuple[Row, ...]:
        """Every row, from top to bottom, folded ones too."""
        return self.content.every

    @property
    def accepted(self) -> tuple[int, int]:
        """How many values for routine use are accepted, and how many there are, whatever the panel shows of them."""
        every = content_of(*self._saved).every if self._saved is not None else ()
        values = {row.key: row.accepted for row in every if not (row.withheld or row.exploratory or row.computing)}
        return sum(values.values()), len(values)

    def row(self, code: str, owner: int | None = None) -> Row:
        """The row of a measurement: of a recording, else of the one on screen, else of the study.

        Raises:
            KeyError: there is none.

        """
        rows = {row.owner: row for row in self.rows if row.code == code}
        wanted = (self._workspace.index, STUDY) if owner is None else (owner,)
        for number in wanted:
            if number in rows:
                return rows[number]
        raise KeyError(code)

    def show_change(self, change: Change) -> None:
        """Compute the values again where anything they rest on changed."""
        before, after = change.before, change.after
        if before is not None and after is not None:
            # Whoever touches one of these changes `authors` too; `authors` alone changes with notes.
            parts = (
                *("tracks", "events", "calibration", "decisions", "withheld", "slices", "short_axis"),
                *("motion", "strain", "placed_points", "view", "acknowledged"),
            )
            if all(getattr(before, part) is getattr(after, part) for part in parts):
                return
        if after is None:
            self._show(Content())
        elif change.preview:
            self._during(after)
        elif not self._workspace.checks.current:
            self.state.setText(tr(COMPUTING.capitalize()))
            self._enable_accept_all()
        # What is saved follows with `checks_changed`, when it is checked.

    def _refresh_prior(self) -> None:
        self.prior.refresh()
        self.folds["Prior"].setVisible(self.prior.comparison is not None)
        self.folds["Prior"].show_count(self.prior.day, None)

    def show_analysed(self) -> None:
        """A recording was analysed, on screen or not: one of an earlier study changes the comparison alone."""
        if self.prior.comparison is not None:
            self._show_checked()

    def stop(self) -> None:
        """Follow no longer what is still being computed."""
        self._soon.stop()

    def _follow_checks(self) -> None:
        """At once where the recording on screen changed or all is checked, else some times a second."""
        checks, shown = self._workspace.checks, self._saved
        here = checks.reading_of(self._workspace.index)
        if checks.current or shown is None or shown[0].reading is not here:
            self._show_checked()
        elif not self._soon.isActive():
            self._soon.start()

    def _show_checked(self) -> None:
        """A Reading of the study was saved, or another recording is on screen."""
        self._soon.stop()
        here = self._member(self._workspace.index)
        if here is None:
            self._saved, self._members, self._derived_from, self._contents = None, {}, (), {}
            for title in ("Prior", "Other systems", "Views and beats"):
                self.folds[title].hide()  # until it is known whether there is any
            shown = self._workspace.recording
            if shown is not None and shown.source.series.view_only:
                if self._workspace.reading is not None:
                    self._show_scale(self._workspace.reading)
                self._show(Content(empty=shown_only_words(shown.source.series)))
                return
            self._show(Content(state="" if self._workspace.checks.current else COMPUTING.capitalize()))
            return
        others = tuple(
            member
            for at in self._workspace.study.members
            if at != here.index and (member := self._member(at)) is not None
        )
        study = self._workspace.checks.study if others else NO_ASSESSMENT
        self._saved, self._members = (here, others, study), {member.index: member for member in (here, *others)}
        values = self.reported.refresh()
        self.folds["Other systems"].setVisible(values > 0)
        self.folds["Other systems"].show_count(str(values), None)
        self._refresh_prior()
        self._show_scale(here.reading)
        self._show(self._content(here, others, study))
        self.folds["Views and beats"].setVisible(self.sources.wanted)

    def _show_awaited(self) -> None:
        """The models are computing something else, or are done: shown at once where they are."""
        if self._workspace.computing.awaited and self._awaited_shown:
            if not self._soon.isActive():
                self._soon.start()
        elif self._saved is not None:
            self._show(self._content(*self._saved))
        self._awaited_shown = bool(self._workspace.computing.awaited)

    def _during(self, reading: Reading) -> None:
        """While a contour or an event is dragged: judged by the findings before it, with strain as it was."""
        if self._saved is None or reading.kind.volumes == "area":
            return  # all its values are strain
        here, others, study = self._saved
        moving = _without_strain(reading)
        now = _with_strain_of(self._workspace.checks.during(moving), here.assessment)
        if others:
            readings = (moving, *(member.reading for member in others))
            study = _with_strain_of(
                assessed_study_during_edit(readings, moving, now, study, self._workspace.study.reading), study
            )
        member = replace(here, reading=reading, assessment=now, made={})
        self._show(self._content(member, others, study))

    def _member(self, index: int) -> Member | None:
        if not 0 <= index < len(self._workspace.opened.recordings):
            return None
        recording, reading = self._workspace.opened.recordings[index], self._workspace.checks.reading_of(index)
        if reading is None:
            return None
        assessment = self._workspace.checks.assessment_of(index)
        label = _label(recording, reading)
        shown = label or badge_of(reading)
        name = shown if shown and reading.facts.stage is None else self._workspace.checks.name(index)
        before = self._members.get(index)
        same = before is not None and before.reading is reading and before.assessment is assessment
        if before is not None and same and (before.label, before.name) == (label, name):
            return before
        file = Path(recording.source.path).stem
        return Member(index, label, reading, assessment, _computed(reading, assessment), name, file)

    def show_strain(self, shown: bool) -> None:
        """Show strain alone, or everything."""
        if shown is not self._strain:
            self._strain = shown
            self.title.setText(tr("Strain") if shown else tr("Results"))
            if self._saved is not None:
                self._show(self._content(*self._saved))

    def _content(self, here: Member, others: tuple[Member, ...], study: Assessment) -> Content:
        content = self._content_of(here, others, study)
        content = strain_only(content, here, others, study) if self._strain else content
        content = awaiting(content, self._workspace.computing.awaited, stack=here.reading.kind.stack)
        if content.headline is None:
            return content
        row = content.headline.row
        of = next((member.reading.view for member in (here, *others) if member.index == row.owner), None)
        return replace(content, headline=replace(content.headline, prior=self.prior.text(row, of.label if of else "")))

    def _content_of(self, here: Member, others: tuple[Member, ...], study: Assessment) -> Content:
        """As `content_of`; made once for each recording that is looked at, as long as nothing of its study changes."""
        derived_from = (*sorted((here, *others), key=lambda member: member.index), study)
        if len(derived_from) != len(self._derived_from) or not all(map(is_, derived_from, self._derived_from)):
            self._derived_from, self._contents = derived_from, {}
        if here.index not in self._contents:
            self._contents[here.index] = content_of(here, others, study)
        return self._contents[here.index]

    def _show_scale(self, reading: Reading) -> None:
        """The scale next to the title of its section, which unfolds where there is none."""
        fold, scale = self.folds.get("Calibration"), reading.calibration
        if fold is None:
            return
        fold.show_count(
            tr("no scale") if scale is None else translated(scale.words),
            Severity.CHECK if scale is None else None,
        )
        if scale is None and self._unscaled != reading.facts.recording_id:
            fold.head.setChecked(True)
        self._unscaled = reading.facts.recording_id if scale is None else ""

    def _show(self, content: Content) -> None:
        self.content = content
        self.empty.setVisible(bool(content.empty))
        self.empty.setText(content.empty)
        self.headline.show_headline(content.headline)
        self.pairs.show_pairs(content.pairs)
        self.list.setVisible(bool(content.rows))
        self.list.show_rows(content.rows)
        self._show_sections(content.sections)
        sentence = "<br>".join(f"<b>{escape(head)}</b> {escape(text)}" for head, text in content.provenance)
        if sentence != self.provenance.text():
            self.provenance.setText(sentence)
        self.folds["Provenance"].setVisible(bool(content.provenance))
        self.state.setText(tr(content.state))
        self._enable_accept_all()
        self._column.activate()  # at once: a row with a remark would cover what is below it until the next event

    def _enable_accept_all(self) -> None:
        """Not while values are computed (they would look as if they had been seen), and not of a signed study."""
        done = (
            not self._workspace.computing.awaited
            and not self._workspace.signing.closed
            and not self._workspace.checks.pending
        )
        self.accept_all.setEnabled(done and any(not row.accepted for row in self.content.to_accept))

    def _show_sections(self, sections: Sequence[Section]) -> None:
        for section in sections:
            if section.title not in self.folds:
                body = RowList()
                self._listen(body)
                fold = self.folds[section.title] = Fold(tr(section.title), body)
                fold.head.clicked.connect(partial(self._bring_later, fold))
                before = [title for title in ORDER[: ORDER.index(section.title)] if title in self.folds]
                self._sections.insertWidget(len(before), fold)
        shown = {section.title: section for section in sections}
        for title, fold in self.folds.items():
            if isinstance(fold.body, RowList):
                fold.setVisible(title in shown)
                if title in shown:
                    fold.body.show_rows(shown[title].rows)
                    fold.show_count(shown[title].count, _worst(shown[title].rows))

    # Deciding

    def decide(self, row: Row, *, accept: bool) -> None:
        """Accept or reject a value; deciding the same again takes it back."""
        if row.owner == STUDY:
            self._decide_study(row, accept=accept)
            return
        if row.withheld and not row.rejected:
            return
        recording, saved = self._holder(row)
        now = saved.decisions.get(row.code)
        edits: list[Edit] = [
            ClearDecision(code) if now and now.accepted is accept else decision(saved, code, accept)
            for code in row.codes
        ]
        self._do(edits, edits[0].summary, recording)

    def enter(self, row: Row, value: float) -> None:
        """Put the reader's own value in place of the computed one, or of one that was withheld."""
        if row.owner == STUDY:
            self._workspace.study.do(self._study_decision(row.code, accepted=True, value=value))
            return
        recording, saved = self._holder(row)
        self._workspace.do(decision(saved, row.code, accepted=True, value=value), by=self, recording=recording)

    def comment(self, row: Row, words: str) -> None:
        """Comment on a value of the study, or add a line to the notes of its recording; the report prints both."""
        if not words.strip():
            return
        if row.owner == STUDY:
            self._workspace.study.do(SetComment(row.code, words.strip()))
            return
        recording, saved = self._holder(row)
        notes = "\n".join(filter(None, (saved.notes, f"{row.short}: {words.strip()}")))
        self._workspace.do(SetNotes(notes), by=self, recording=recording)

    def _accept_all(self) -> None:
        """Accept what is listed and has no open check, as one step; say what is left."""
        wanted = [row for row in self.content.to_accept if not row.accepted]
        codes = [code for row in wanted if row.owner == STUDY for code in row.codes]
        decisions = tuple(self._study_decision(code, accepted=True) for code in codes)
        own: dict[int, Edit] = {}
        for owner in dict.fromkeys(row.owner for row in wanted if row.owner != STUDY):
            mine = [row for row in wanted if row.owner == owner]
            recording, saved = self._holder(mine[0])
            edits = tuple(decision(saved, code, accepted=True) for row in mine for code in row.codes)
            own[self._workspace.opened.recordings.index(recording)] = Several(
                message("{count} values accepted", count=len(mine)), edits
            )
        accepted = message("study: {count} values accepted", count=len(decisions))
        of_study = SeveralOfStudy(accepted, decisions) if decisions else None
        if (of_study is not None or own) and not self._workspace.study.do_together(of_study, own):
            return  # with a message
        left = [row for row in self.rows if row.opened and not row.withheld and not row.exploratory]
        if left:
            names = ", ".join(dict.fromkeys(row.short for row in left))
            self._workspace.notices.remark.emit(
                tr("Not accepted, since their checks are open: {names}.").format(names=names)
            )

    def _decide_study(self, row: Row, *, accept: bool) -> None:
        """Accept or reject a value over views; deciding the same again takes it back."""
        study = self._workspace.study.reading
        if study is None or (row.withheld and not row.rejected):
            return
        now = study.decisions.get(row.code)
        same = now is not None and now.accepted is accept
        edits = tuple(
            ClearStudyDecision(code) if same else self._study_decision(code, accepted=accept) for code in row.codes
        )
        # With its index by body surface as one step, which one Ctrl+Z takes back.
        self._workspace.study.do(edits[0] if len(edits) == 1 else SeveralOfStudy(edits[0].summary, edits))

    def _study_decision(self, code: str, *, accepted: bool, value: float | None = None) -> DecideStudy:
        """The decision with the value over views that it is about."""
        row = next(
            (measurement for measurement in self._workspace.checks.study.measurements if measurement.code == code), None
        )
        computed = row.quantity.value if row is not None and row.quantity else None
        return DecideStudy(code, accepted, value, computed, row.unit if row is not None else "")

    def _holder(self, row: Row) -> tuple[Recording, Reading]:
        """The recording whose value this is, and its saved Reading."""
        recording = self._workspace.opened.recordings[row.owner]
        return recording, self._workspace.opened.saved_reading(recording)

    def _do(self, edits: Sequence[Edit], summary: Message, recording: Recording) -> None:
        edit = edits[0] if len(edits) == 1 else Several(summary, tuple(edits))
        self._workspace.do(edit, by=self, recording=recording)

    def _open_menu(self, row: Row, position: QPoint) -> None:
        menu = QMenu(self)
        decided = not row.withheld or row.rejected
        accept = tr("Accept {value}").format(value=row.short)
        reject = tr("Reject {value}").format(value=row.short)
        for text, use, able in (
            (tr("Take back") if row.accepted else accept, lambda: self.decide(row, accept=True), decided),
            (
                tr("Take back the rejection") if row.rejected else reject,
                lambda: self.decide(row, accept=False),
                decided,
            ),
            (tr("Enter a value\N{HORIZONTAL ELLIPSIS}"), lambda: self.ask_for_value(row), True),
            (tr("Comment\N{HORIZONTAL ELLIPSIS}"), lambda: self.ask_for_comment(row), True),
            ("", None, True),
            (tr("Go to"), lambda: self._go_to(row), row.place is not None),
            (tr("Copy"), self.copy, True),
        ):
            if use is None:
                menu.addSeparator()
            else:
                menu.addAction(text, use).setEnabled(able)
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(position)

    def ask_for_value(self, row: Row) -> None:
        """Ask for the reader's own value."""
        now = 0.0 if row.withheld else float(row.value.replace(MINUS, "-"))
        prompt = tr("{value} in {unit}:").format(value=row.short, unit=row.unit) if row.unit else f"{row.short}:"
        decimals = decimals_of(row.code, "") + 1  # one more than is shown
        value, given = ask_number(self, row.shown_name, prompt, now, -1e6, 1e6, decimals)
        if given:
            self.enter(row, value)

    def ask_for_comment(self, row: Row) -> None:
        """Ask for a comment on a value."""
        prompt = tr("Comment on {value}, printed with the notes:").format(value=row.short)
        text, given = QInputDialog.getText(self, row.shown_name, prompt)
        if given:
            self.comment(row, text)

    def copy(self) -> None:
        """Copy the selected rows, or all of them, as a table."""
        chosen = {key for widget in self._widgets for key in widget.chosen}
        rows = [row for row in self.rows if row.key in chosen] or self.rows
        QGuiApplication.clipboard().setText(as_table(rows))

    def _go_to(self, row: Row) -> None:
        if row.place is not None:
            self.place_wanted.emit(*row.place)

    def _press(self, row: Row, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.decide(row, accept=True)
        elif event.key() == Qt.Key.Key_Delete:
            self.decide(row, accept=False)
        elif event.key() == Qt.Key.Key_F2:
            self.ask_for_value(row)
        else:
            return
        event.accept()


def decision(reading: Reading, code: str, accepted: bool, value: float | None = None) -> Decide:
    """The decision with the value it is about: the one on screen, or the one that was rejected."""
    assessment = assess(reading)
    shown = [row for row in assessment.measurements if row.code == code]
    if code in reading.decisions:
        without = reading.with_(decisions={name: d for name, d in reading.decisions.items() if name != code})
        shown += [row for row in assessed_during_edit(without, assessment).measurements if row.code == code]
    unit = shown[0].unit if shown else ""
    computed = next((m.quantity.value for m in shown if m.quantity is not None), None)
    return Decide(code, accepted, value, computed, unit)


def _worst(rows: Sequence[Row]) -> Severity | None:
    """The most serious open sign of rows that are folded away."""
    marks = {row.mark for row in rows if row.opened}
    return next((name for name in (Severity.STOP, Severity.CHECK) if name in marks), None)


def _label(recording: Recording, reading: Reading) -> str:
    if isinstance(recording, Stack):
        return tr("Short axis")
    view = reading.view
    return "" if view is None or view.label == UNKNOWN_VIEW else reading.kind.view_name(view.label)


def _computed(reading: Reading, assessment: Assessment) -> dict[str, Measurement]:
    """What the values are without the reader's decisions; not where a check withholds them."""
    if not reading.decisions:
        return {}
    without = assessed_during_edit(reading.with_(decisions={}), assessment)
    return {measurement.code: measurement for measurement in without.measurements}


def _without_strain(reading: Reading) -> Reading:
    """The Reading without what strain is computed from, since that takes too long while something is dragged."""
    if reading.kind.stack:
        still = tuple(
            slice_reading if slice_reading.motion is None else slice_reading.with_(motion=None)
            for slice_reading in reading.slices
        )
        return reading.with_(slices=still)
    quick = {structure: track for structure, track in reading.tracks.items() if structure is not Structure.LV_EPI}
    return reading.with_(tracks=quick)


def _with_strain_of(now: Assessment, before: Assessment) -> Assessment:
    """The values of now in the order of before; strain, and what now lacks, are as before."""
    rows = {measurement.code: measurement for measurement in now.measurements if measurement.code not in _STILL}
    known = {measurement.code for measurement in before.measurements}
    kept_measurements = tuple(rows.get(measurement.code, measurement) for measurement in before.measurements)
    return Assessment((*kept_measurements, *(row for code, row in rows.items() if code not in known)), now.findings)


_STILL: Final = STRAIN_CODES | SHORT_AXIS_CODES
