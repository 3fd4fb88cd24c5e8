"""The Checks list: what the checks found in the study on screen, where to look, and what would resolve it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import islice
from typing import Final

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QDoubleValidator, QKeyEvent, QShowEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QButtonGroup,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QRadioButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from kinecor.core.checks.findings import Finding, Remedy, Severity, State
from kinecor.core.table.measures import (
    BY_CODE,
    BY_IMPORTANCE,
    EXPLORATORY,
    Measurement,
    Status,
    format_quantity,
    typeset,
)
from kinecor.core.values.errors import KinecorError, Tick, error_message
from kinecor.core.values.message import Message
from kinecor.core.values.reading import Reading
from kinecor.session.edits import AcknowledgeFinding, Edit, ReopenFinding
from kinecor.ui.results.fold import Fold
from kinecor.ui.results.remedies import chosen_edit, effect_of
from kinecor.ui.style import theme
from kinecor.ui.style.elided import ElidedLabel
from kinecor.ui.style.language import tr, translated
from kinecor.ui.style.marks import COLOURS, mark_pixmap
from kinecor.ui.style.number_field import accept_both_signs
from kinecor.ui.workspace.changes import Topic, follow
from kinecor.ui.workspace.study_checks import Listed, Place
from kinecor.ui.workspace.workspace import Workspace

MAX_VALUES = 6
MAX_UNFOLDED: Final = 8
"""Findings of a list that is shown whole."""
_PRESS = (Qt.Key.Key_Space, Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Left, Qt.Key.Key_Right)


def values_words(finding: Finding, rows: tuple[Measurement, ...]) -> str:
    """The values a finding concerns, the most important first: "EF 54 %, CO – withheld".

    What is withheld for another reason is not listed; exploratory values are counted where there are others.
    """
    mine = [row for row in rows if row.code in finding.measurements]
    every = [
        measurement for measurement in mine if measurement.quantity is not None or measurement.note == finding.message
    ]
    order = {code: number for number, code in enumerate(BY_IMPORTANCE)}
    every.sort(key=lambda measurement: order.get(measurement.code, len(order)))
    routine = [measurement for measurement in every if measurement.code not in EXPLORATORY]
    shown = [_value_words(measurement) for measurement in (routine or every)[:MAX_VALUES]]
    more = len(every) - len(shown)
    return ", ".join([*shown, *([tr("and {number} more").format(number=more)] if more > 0 else [])])


def _value_words(measurement: Measurement) -> str:
    if measurement.quantity is None or measurement.status is Status.WITHHELD:
        return tr("{value} withheld").format(value=f"{measurement.code} \N{EN DASH}")
    return f"{measurement.code} {translated(format_quantity(measurement.quantity, measurement.code))}"


def place_words(listed_finding: Listed, *, gated: bool = False) -> str:
    """The recording, slices and frames (phases of a gated cycle) of a finding that it names; counted from 1."""
    finding = listed_finding.finding
    slices = _numbers(finding.slices, tr("slice {number}"), tr("{count} slices"))
    texts = (tr("phase {number}"), tr("{count} phases")) if gated else (tr("frame {number}"), tr("{count} frames"))
    return ", ".join(part for part in (listed_finding.name, slices, _numbers(finding.frames, *texts)) if part)


def _numbers(numbers: tuple[int, ...], single: str, several: str) -> str:
    if not numbers:
        return ""
    return single.format(number=numbers[0] + 1) if len(numbers) == 1 else several.format(count=len(numbers))


class Choice(QWidget):
    """One way to resolve a finding: a radio button, what it needs typed, and the values it leads to.

    Signals:
        changed(): chosen, or something was typed.
    """

    changed = Signal()

    def __init__(self, label: str, asks: str = "", *, number: bool = False) -> None:
        super().__init__()
        self.button = QRadioButton(label)
        self.effect = QLabel()
        self.effect.setObjectName("quiet")
        self.effect.setWordWrap(True)  # as wide a panel as one line needs does not fit on a small screen
        self.effect.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.typed = QLineEdit() if asks else None
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        line.addWidget(self.button)
        if self.typed is not None:
            self.typed.setPlaceholderText(asks)
            if number:
                self.typed.setValidator(QDoubleValidator(self.typed))
                accept_both_signs(self.typed)
            self.typed.textEdited.connect(self._pick)
            line.addWidget(self.typed, 1)
        line.addWidget(self.effect, 0 if asks else 1)
        self.button.toggled.connect(lambda _: self.changed.emit())

    def _pick(self) -> None:
        self.button.setChecked(True)
        self.changed.emit()

    @property
    def text(self) -> str:
        """What was typed."""
        return self.typed.text().strip() if self.typed is not None else ""

    @property
    def ready(self) -> bool:
        """Whether it is chosen and has what it needs."""
        return self.button.isChecked() and (self.typed is None or bool(self.text))


class CheckCard(QFrame):
    """A finding with its place, the values it concerns, Go to, and the ways to resolve it; nothing is preselected.

    Signals:
        go_to(Listed): look at its places.
        resolved(Listed, Remedy | None, str): by a remedy, or by acknowledging it, with what was typed.
        reopened(Listed): an acknowledgement was withdrawn.
    """

    go_to = Signal(object)
    resolved = Signal(object, object, str)
    reopened = Signal(object)

    def __init__(self, listed_finding: Listed, values: str, *, gated: bool = False) -> None:
        super().__init__()
        self.one, finding = listed_finding, listed_finding.finding
        self._choices: list[tuple[Choice, Remedy | None]] = []
        edge = theme.QUIET if finding.state is State.ACKNOWLEDGED else COLOURS[finding.severity]
        self.setStyleSheet(
            f"CheckCard {{ background: {theme.RAISED}; border: 1px solid {theme.LINE}; border-left: 3px solid {edge}; "
            "border-radius: 4px; }"
        )
        column = QVBoxLayout(self)
        column.setContentsMargins(10, 8, 10, 8)
        column.setSpacing(5)
        head = QHBoxLayout()
        sign, title = QLabel(), _words(translated(listed_finding.title), "font-weight: 600;")
        place = _words(place_words(listed_finding, gated=gated), _quiet())
        sign.setPixmap(mark_pixmap(finding.severity))
        head.addWidget(sign)
        head.addWidget(title, 1)
        head.addWidget(place)
        column.addLayout(head)
        column.addWidget(_words(typeset(translated(finding.message))))
        self.go = QPushButton(tr("Go to"))
        self.go.setVisible(any(part != Place() for part in listed_finding.places))
        self.go.clicked.connect(lambda: self.go_to.emit(self.one))
        middle = QHBoxLayout()
        if values:
            middle.addWidget(_words(tr("Affects {values}").format(values=values), _quiet()), 1)
        else:
            middle.addStretch(1)
        middle.addWidget(self.go, 0, Qt.AlignmentFlag.AlignTop)
        column.addLayout(middle)
        self.resolve = QPushButton(tr("Resolve"), self)
        self.resolve.hide()
        if finding.state is State.ACKNOWLEDGED:
            self._add_acknowledged(column, finding)
        elif finding.marks or finding.remedies:
            self._add_choices(column, finding)
        elif finding.resolve:
            column.addWidget(_words(tr("To resolve: {how}.").format(how=translated(finding.resolve)), _quiet()))

    @property
    def choices(self) -> list[Choice]:
        """The ways to resolve it; the last one acknowledges it."""
        return [choice for choice, _ in self._choices]

    def _add_acknowledged(self, column: QVBoxLayout, finding: Finding) -> None:
        line = QHBoxLayout()
        line.addWidget(
            _words(tr("Acknowledged by {who}: {why}").format(who=finding.acknowledged_by, why=finding.why), _quiet()), 1
        )
        again = self.reopen = QPushButton(tr("Reopen"))
        again.clicked.connect(lambda: self.reopened.emit(self.one))
        line.addWidget(again, 0, Qt.AlignmentFlag.AlignTop)
        column.addLayout(line)

    def show_effects(self, effects: tuple[Message, ...]) -> None:
        """Show the values that remedies lead to, in their order; they are computed after the card is shown."""
        for (choice, _), effect in zip(self._choices, effects, strict=False):
            choice.effect.setText(translated(effect))

    def _add_choices(self, column: QVBoxLayout, finding: Finding) -> None:
        if finding.resolve:
            column.addWidget(_words(tr("To resolve: {how}.").format(how=translated(finding.resolve)), _quiet()))
        for remedy in finding.remedies:
            asks = ""
            if remedy.action == "enter-value" and "value" not in remedy.arguments:
                asks = BY_CODE[str(remedy.arguments["code"])].unit or "value"
            self._choices.append((Choice(translated(remedy.label), asks, number=True), remedy))
        if finding.marks:
            shown = tr("Acknowledge and show") if finding.severity is Severity.STOP else tr("Acknowledge")
            self._choices.append((Choice(shown, tr("reason")), None))
        group = QButtonGroup(self)  # each button has a parent of its own
        for choice, _ in self._choices:
            group.addButton(choice.button)
            choice.changed.connect(self._enable)
            if choice.typed is not None:
                # Queued: what follows deletes the field, which is still at work.
                choice.typed.returnPressed.connect(self.resolve.click, Qt.ConnectionType.QueuedConnection)
            column.addWidget(choice)
        line = QHBoxLayout()
        line.addStretch(1)
        self.resolve.show()
        self.resolve.setObjectName("primary")
        self.resolve.setEnabled(False)
        self.resolve.clicked.connect(self._resolve)
        line.addWidget(self.resolve)
        column.addLayout(line)

    def _enable(self) -> None:
        self.resolve.setEnabled(any(choice.ready for choice in self.choices))

    def _resolve(self) -> None:
        for choice, remedy in self._choices:
            if choice.ready:
                self.resolved.emit(self.one, remedy, choice.text)
                return


def _quiet() -> str:
    return f"color: {theme.QUIET}; font-size: 12px;"


def _words(text: str, style: str = "") -> QLabel:
    label = QLabel(text)
    label.setWordWrap(True)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    label.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    if style:
        label.setStyleSheet(style)
    return label


@dataclass(frozen=True, slots=True)
class _Group:
    """Findings that stand below one heading.

    Attributes:
        key: of its heading, by which a reader's folding is remembered; None without one.
        title: its heading.
        members: its findings in their order.
        folded: whether it is folded unless a reader unfolds it.

    """

    key: str | None
    title: str
    members: tuple[Listed, ...]
    folded: bool = False


def group_findings(listed: Sequence[Listed], here: int) -> tuple[_Group, ...]:
    """Findings by recording where open ones are of several, then notes, then what was acknowledged.

    In a long list all but the findings of the recording on screen are folded, so that it begins with what is to be
    done there.

    Args:
        listed: in the order of `StudyChecks.listed`: the most serious first.
        here: index of the recording on screen.

    """
    long = len(listed) > MAX_UNFOLDED
    by_name: dict[str, list[Listed]] = {}
    for one in sorted((one for one in listed if one.counts), key=lambda one: one.index != here):
        by_name.setdefault(one.name, []).append(one)
    groups = [
        _Group(f"open {name}" if len(by_name) > 1 else None, name, tuple(members), long and members[0].index != here)
        for name, members in by_name.items()
    ]
    if groups and all(group.folded for group in groups):  # nothing is open here: the first one is read next
        groups[0] = replace(groups[0], folded=False)
    notes = tuple(one for one in listed if not one.counts and one.finding.state is State.OPEN)
    acknowledged = tuple(one for one in listed if one.finding.state is State.ACKNOWLEDGED)
    groups += [_Group("notes", tr("Notes"), notes, long)] if notes else []
    groups += [_Group("acknowledged", tr("Acknowledged"), acknowledged, long)] if acknowledged else []
    return tuple(groups)


class ChecksView(QFrame):
    """All findings of the study on screen: open ones first by recording, then notes, then acknowledged ones.

    Signals:
        closed(): Close was pressed.
        place_wanted(int, Place): another recording, frame or slice is to be shown.
        view_named(): a remedy named the view of the recording on screen.
    """

    closed = Signal()
    place_wanted = Signal(int, object)
    view_named = Signal()

    def __init__(self, workspace: Workspace, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._shown: object = None
        self._visited: tuple[int, str, int] | None = None  # recording, finding, place
        self.cards: list[CheckCard] = []
        self.folds: dict[str, Fold] = {}
        """By the key of the group."""
        self._unfolded: dict[str, bool] = {}
        """Groups that a reader folded or unfolded."""
        self.heading, self.count = QLabel(tr("Checks")), ElidedLabel()
        self.heading.setStyleSheet("font-size: 14px; font-weight: 600;")
        self.count.setObjectName("quiet")
        close = self.close_button = QPushButton(tr("Close"))
        close.setToolTip(tr("Close the list  (C or Escape)"))
        close.clicked.connect(self.closed)
        head = QHBoxLayout()
        head.setContentsMargins(10, 8, 10, 6)
        head.setSpacing(12)
        head.addWidget(self.heading)
        head.addWidget(self.count, 1)
        head.addWidget(close)
        self._area = QScrollArea()
        self._area.setWidgetResizable(True)
        self._area.setFrameShape(QFrame.Shape.NoFrame)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        self._area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.next_button = QPushButton(tr("Next  (N)"))
        self.next_button.setToolTip(tr("Go to the next frame or slice to check  (N)"))
        self.next_button.clicked.connect(self.go_to_next)
        foot = QHBoxLayout()
        foot.setContentsMargins(10, 6, 10, 8)
        foot.addWidget(_words(tr("Open checks are listed in the report."), _quiet()), 1)
        foot.addWidget(self.next_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(head)
        column.addWidget(self._area, 1)
        column.addLayout(foot)
        for button in (close, self.next_button):
            button.installEventFilter(self)
        follow(workspace, self.refresh, Topic.CHECKS)

    @property
    def words(self) -> str:
        """The sentences of all findings listed, one a line."""
        return "\n".join(listed_finding.finding.message for listed_finding in self._workspace.checks.listed)

    def refresh(self) -> None:
        """List the findings again where they or their values changed; nothing while the list is closed."""
        if not self.isVisible():
            return
        listed = self._workspace.checks.listed
        rows = {
            listed_finding.index: self._workspace.checks.assessment_of(listed_finding.index).measurements
            for listed_finding in listed
        }
        values = [
            values_words(listed_finding.finding, rows[listed_finding.index]) if listed_finding.finding.marks else ""
            for listed_finding in listed
        ]
        if self._shown == (listed, values):
            return
        self._shown = (listed, values)
        holder = QApplication.focusWidget()
        focused = holder is not None and self.isAncestorOf(holder)
        groups = group_findings(listed, self._workspace.index)
        words = {(one.index, one.finding.key): each for one, each in zip(listed, values, strict=True)}
        self.cards = [self._card(one, words[one.index, one.finding.key]) for group in groups for one in group.members]
        self._lay_out(groups)
        self._compute_effects()
        opened = sum(listed_finding.counts for listed_finding in listed)
        done = sum(listed_finding.finding.state is State.ACKNOWLEDGED for listed_finding in listed)
        self.count.setText(tr("{opened} open, {done} acknowledged").format(opened=opened, done=done))
        self.next_button.setEnabled(bool(self._stops()))
        if focused:
            self.focus_first()

    def _compute_effects(self) -> None:
        """Each remedy is tried and checked, which takes as long as a check."""
        cards, actor = self.cards, self._workspace.actor
        tried = [(card.one.finding, self._reading(card.one)) for card in cards]

        def work(tick: Tick) -> list[tuple[Message, ...]]:
            found: list[tuple[Message, ...]] = []
            for finding, reading in tried:
                tick(0, 0)
                of_finding = finding.measurements
                found.append(
                    tuple(effect_of(remedy, reading, (), of_finding, actor) for remedy in finding.remedies if reading)
                )
            return found

        def show(found: list[tuple[Message, ...]]) -> None:
            for card, effects in zip(cards, found, strict=True):
                card.show_effects(effects)

        self._workspace.checks.compute("effects of remedies", work, show)

    def _card(self, listed_finding: Listed, values: str) -> CheckCard:
        reading = self._reading(listed_finding)
        card = CheckCard(listed_finding, values, gated=reading is not None and reading.kind.gated)
        card.go_to.connect(self._go_to)
        card.resolved.connect(self._resolve)
        card.reopened.connect(self._reopen)
        for button in card.findChildren(QAbstractButton):
            button.installEventFilter(self)
        return card

    def _lay_out(self, groups: Sequence[_Group]) -> None:
        body = QWidget()
        column = QVBoxLayout(body)
        column.setContentsMargins(10, 4, 10, 10)
        column.setSpacing(8)
        cards = iter(self.cards)
        self.folds = {}
        for group in groups:
            inside = QWidget()
            lines = QVBoxLayout(inside)
            lines.setContentsMargins(0, 0, 0, 0)
            lines.setSpacing(8)
            for card in islice(cards, len(group.members)):
                lines.addWidget(card)
            if group.key is None:
                column.addWidget(inside)
                continue
            fold = self.folds[group.key] = Fold(group.title, inside)
            fold.show_count(str(len(group.members)), group.members[0].finding.severity)
            fold.head.setChecked(self._unfolded.get(group.key, not group.folded))
            fold.head.clicked.connect(lambda unfolded, key=group.key: self._remember(key, unfolded=unfolded))
            fold.head.installEventFilter(self)
            column.addWidget(fold)
        if not any(card.one.counts for card in self.cards):
            column.insertWidget(0, _words(tr("No open checks."), _quiet()))
        column.addStretch(1)
        self._area.setWidget(body)  # deletes the one before

    def _remember(self, key: str, *, unfolded: bool) -> None:
        self._unfolded[key] = unfolded

    def focus_first(self) -> None:
        """Give the keyboard focus to the first Go to or choice."""
        for card in self.cards:
            for widget in (card.go, *(choice.button for choice in card.choices)):
                if widget.isVisibleTo(self):
                    widget.setFocus(Qt.FocusReason.OtherFocusReason)
                    return
        self.close_button.setFocus(Qt.FocusReason.OtherFocusReason)

    # Looking

    def go_to_next(self) -> None:
        """Look at the next place of an open check; after the last one, at those of notes, and round again."""
        stops = self._stops()
        if not stops:
            self._workspace.notices.remark.emit(tr("No check names a frame or a slice to look at."))
            return
        keys = [(listed_finding.index, listed_finding.finding.key, number) for listed_finding, number in stops]
        at = keys.index(self._visited) + 1 if self._visited in keys else 0
        single_listed_finding, number = stops[at % len(stops)]
        self._visit(single_listed_finding, number)

    def _stops(self) -> list[tuple[Listed, int]]:
        return [
            (listed_finding, number)
            for listed_finding in self._workspace.checks.listed
            if listed_finding.finding.state is State.OPEN
            for number, place in enumerate(listed_finding.places)
            if place != Place()
        ]

    def _go_to(self, listed_finding: Listed) -> None:
        """The first place of a finding; pressed again, its next one."""
        known = self._visited is not None and self._visited[:2] == (listed_finding.index, listed_finding.finding.key)
        number = (self._visited[2] + 1) % len(listed_finding.places) if known and self._visited is not None else 0
        self._visit(listed_finding, number)

    def _visit(self, listed_finding: Listed, number: int) -> None:
        self._visited = (listed_finding.index, listed_finding.finding.key, number)
        self.place_wanted.emit(listed_finding.index, listed_finding.places[number])
        self._workspace.notices.remark.emit(typeset(translated(listed_finding.finding.message)))
        for card in self.cards:
            if card.one.index == listed_finding.index and card.one.finding.key == listed_finding.finding.key:
                for fold in self.folds.values():
                    if fold.isAncestorOf(card):
                        fold.head.setChecked(True)
                self._area.ensureWidgetVisible(card)

    # Resolving

    def _reading(self, listed_finding: Listed) -> Reading | None:
        return self._workspace.opened.known_reading(self._workspace.opened.recordings[listed_finding.index])

    def _resolve(self, listed_finding: Listed, remedy: Remedy | None, typed: str) -> None:
        if listed_finding.index != self._workspace.index:
            self._workspace.show(listed_finding.index)  # undo works on the recording on screen
        reading, actor = self._workspace.saved, self._workspace.actor
        if reading is None:
            return
        try:
            if remedy is None:
                edit: Edit = AcknowledgeFinding(
                    listed_finding.finding.key, datetime.now(UTC).isoformat(timespec="seconds"), typed
                )
            else:
                edit = chosen_edit(_typed(remedy, typed), listed_finding.finding, reading, actor)
        except KinecorError as error:
            self._workspace.notices.message.emit(error_message(error))
            return
        if self._workspace.do(edit) and remedy is not None and remedy.action == "name-view":
            self.view_named.emit()

    def _reopen(self, listed_finding: Listed) -> None:
        recordings, key = self._workspace.opened.recordings, listed_finding.finding.key
        # A finding between recordings is acknowledged in the one that was on screen.
        holders = [listed_finding.index, *range(len(recordings))]
        for index in holders:
            reading = self._workspace.opened.known_reading(recordings[index])
            if reading is not None and key in reading.acknowledged:
                if index != self._workspace.index:
                    self._workspace.show(index)
                self._workspace.do(ReopenFinding(key))
                return

    # Qt

    def showEvent(self, event: QShowEvent) -> None:
        """The list is made when it is opened."""
        self.refresh()
        super().showEvent(event)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Keys that press a focused button, or choose among buttons, are not the window's shortcuts."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and event.key() in _PRESS:
            event.accept()
            return True
        return super().eventFilter(watched, event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape closes the list."""
        if event.key() == Qt.Key.Key_Escape:
            self.closed.emit()
        else:
            super().keyPressEvent(event)


def _typed(remedy: Remedy, typed: str) -> Remedy:
    """The remedy with the value that was typed."""
    if remedy.action != "enter-value" or not typed:
        return remedy
    return Remedy(remedy.action, remedy.label, {**remedy.arguments, "value": typed.replace(",", ".")}, remedy.effect)
