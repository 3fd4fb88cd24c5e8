"""All actions of the window as one table, and the bars around the page that show them, messages and progress."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import (
    QComboBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QMenu,
    QProgressBar,
    QPushButton,
    QSizePolicy,
    QStatusBar,
    QToolBar,
    QToolButton,
    QWidget,
)

from kinecor import RESEARCH_USE
from kinecor.core.checks.findings import Severity
from kinecor.ui.style import theme
from kinecor.ui.style.marks import COLOURS, mark_icon
from kinecor.ui.style.theme import icon
from kinecor.ui.workspace.jobs import Progress
from kinecor.ui.workspace.player import SPEEDS

if TYPE_CHECKING:
    from kinecor.core.volumes.extent import End
    from kinecor.ui.app.main_window import MainWindow


@dataclass(frozen=True, slots=True)
class Action:
    """One entry of the table.

    Attributes:
        name: by which the window finds it.
        text: in menus, tool tips and the list of shortcuts.
        keys: shortcuts in Qt's portable notation; the first is shown.
        does: what happens.
        group: heading in the list of shortcuts.
        icon: file in kinecor_resources/icons, "" for none; one with an icon is also in the toolbar.
        checked: the initial state of an action that stays pressed; None for one that does not.
        needs: what must be on screen: "" for nothing, "recording", or "stack".

    """

    name: str
    text: str
    keys: tuple[str, ...]
    does: Callable[["MainWindow"], object]
    group: str
    icon: str = ""
    checked: bool | None = None
    needs: Literal["", "recording", "stack"] = ""


def _set_end(name: str, text: str, key: str, end: "End", *, all_phases: bool = False) -> Action:
    """Make the selected slice the base or apex."""
    return Action(name, text, (key,), lambda w: w.stack.set_end(end, all_phases=all_phases), "Correct", needs="stack")


RECORDING: Final = "recording"
ACTIONS: Final[tuple[Action, ...]] = (
    Action("open", "Open file…", ("Ctrl+O",), lambda w: w.choose_file(), "File", "open"),
    Action("folder", "Open folder…", ("Ctrl+Shift+O",), lambda w: w.choose_folder(), "File", "folder"),
    Action("export", "Export PDF report…", ("Ctrl+E",), lambda w: w.choose_export(), "File", "export", needs=RECORDING),
    Action("play", "Play or stop", ("Space", "P"), lambda w: w.player.toggle(), "Time", "play", needs=RECORDING),
    Action("back", "Previous frame", ("Left",), lambda w: w.player.step(-1), "Time", needs=RECORDING),
    Action("on", "Next frame", ("Right",), lambda w: w.player.step(1), "Time", needs=RECORDING),
    Action("first", "First frame", ("Home",), lambda w: w.player.seek(0), "Time", needs=RECORDING),
    Action("last", "Last frame", ("End",), lambda w: w.player.seek(w.player.frames - 1), "Time", needs=RECORDING),
    Action("ed", "Go to ED", ("D",), lambda w: w.go_to_mark("ed"), "Time"),
    Action("es", "Go to ES", ("S",), lambda w: w.go_to_mark("es"), "Time"),
    Action("avc", "Go to aortic valve closure", ("V",), lambda w: w.go_to_mark("avc"), "Time"),
    Action("set_ed", "Set ED here", ("Alt+D",), lambda w: w.set_mark("ed"), "Correct", needs=RECORDING),
    Action("set_es", "Set ES here", ("Alt+S",), lambda w: w.set_mark("es"), "Correct", needs=RECORDING),
    Action("set_avc", "Set or clear aortic valve closure here", ("Alt+V",), lambda w: w.set_mark("avc"), "Correct"),
    Action("undo", "Undo", ("Ctrl+Z",), lambda w: w.workspace.undo(), "Correct", "undo"),
    Action("redo", "Redo", ("Ctrl+Y", "Ctrl+Shift+Z"), lambda w: w.workspace.redo(), "Correct", "redo"),
    Action("from_stack", "Trace long axis from short-axis contours", ("L",), lambda w: w.trace_from_stack(), "Correct"),
    _set_end("base", "Set base slice", "B", "base"),
    _set_end("base_all", "Set base slice, all phases", "Shift+B", "base", all_phases=True),
    _set_end("apex", "Set apex slice", "A", "apex"),
    _set_end("apex_all", "Set apex slice, all phases", "Shift+A", "apex", all_phases=True),
    _set_end("rv_base", "Set RV base slice", "Ctrl+B", "rv base"),
    _set_end("rv_base_all", "Set RV base slice, all phases", "Ctrl+Shift+B", "rv base", all_phases=True),
    Action(
        "exclude", "Exclude or include slice", ("X",), lambda w: w.stack.toggle_excluded(), "Correct", needs="stack"
    ),
    Action("analyse", "Analyse again", ("Ctrl+R",), lambda w: w.analyse_again(), "Correct", "analyse", needs=RECORDING),
    Action(
        "networks",
        "Analyse with another network…",
        ("Ctrl+Shift+R",),
        lambda w: w.ask_network(),
        "Correct",
        needs=RECORDING,
    ),
    Action(
        "overlays",
        "Show contours",
        ("H",),
        lambda w: w.toggle_overlays(),
        "View",
        "overlay",
        checked=True,
        needs=RECORDING,
    ),
    Action("strain", "Strain", ("T",), lambda w: w.toggle_strain(), "View", "strain", checked=False, needs=RECORDING),
    Action(
        "points",
        "Tracking points",
        ("W",),
        lambda w: w.toggle_points(),
        "View",
        "points",
        checked=False,
        needs=RECORDING,
    ),
    Action(
        "checks",
        "Checks",
        ("C",),
        lambda w: w.reading.show_checks(not w.reading.checks_shown),
        "View",
        needs=RECORDING,
    ),
    Action("next_check", "Next check", ("N",), lambda w: w.reading.checks.go_to_next(), "View", needs=RECORDING),
    Action("fit", "Fit image", ("F",), lambda w: w.fit(), "View", "fit", needs=RECORDING),
    Action("up", "Next slice towards base", ("Up",), lambda w: w.stack.step(-1), "View", needs="stack"),
    Action("down", "Next slice towards apex", ("Down",), lambda w: w.stack.step(1), "View", needs="stack"),
    Action(
        "enlarge",
        "One slice or all slices",
        ("G",),
        lambda w: w.stack.set_enlarged(not w.stack.enlarged),
        "View",
        needs="stack",
    ),
    Action("previous", "Previous recording", ("PgUp",), lambda w: w.go_to_recording(-1), "View"),
    Action("next", "Next recording", ("PgDown",), lambda w: w.go_to_recording(1), "View"),
    Action("keys", "Keyboard shortcuts", ("F1",), lambda w: w.show_keys(), "Help"),
    Action("about", "About Kinecor", (), lambda w: w.show_about(), "Help"),
    Action("reader", "Reader name…", (), lambda w: w.ask_reader(), "File"),
    Action("quit", "Close", ("Ctrl+Q",), lambda w: w.close(), "File"),
)

MOUSE: Final = (
    ("Drag a contour", "reshape it; neighbouring frames follow"),
    ("Alt-drag, Ctrl-drag", "this frame only"),
    ("Shift-drag", "the whole loop"),
    ("Drag a square handle", "move the mitral hinge point of all structures"),
    ("Escape while dragging", "cancel; nothing changes"),
    ("Drag an ED, ES or AVC line", "move the event"),
    ("Click on the curve", "go to that time"),
    ("Click on a segment's box", "exclude it from strain, or include it again"),
    ("Click on the strain bull's-eye", "open the view, or select the slice, that shows the segment"),
    ("Wheel", "frames (echo), slices (MRI); Shift-wheel frames"),
    ("Ctrl-wheel, double click", "zoom, fit"),
    ("Click on a slice, Escape", "one slice (MRI), all slices"),
    ("Right-drag", "window (brightness and contrast)"),
    ("Right click", "menu of the loop or the slice"),
)


def bind(window: "MainWindow") -> dict[str, QAction]:
    """Add all actions to `window`; by name."""
    made = {}
    for one in ACTIONS:
        action = QAction(one.text, window)
        action.setShortcuts([QKeySequence(key) for key in one.keys])
        if one.icon:
            action.setIcon(icon(one.icon))
        keys = f"  ({one.keys[0]})" if one.keys else ""
        action.setToolTip(one.text.removesuffix("…") + keys)
        action.setCheckable(one.checked is not None)
        action.setChecked(bool(one.checked))
        action.triggered.connect(lambda _=False, does=one.does: does(window))
        window.addAction(action)
        made[one.name] = action
    return made


MENU = ("keys", "about", "reader", "quit")


class Tools(QToolBar):
    """Actions with icons in groups, the playback speed, and a menu for the rest.

    Signals:
        speed_chosen(float): times real speed.
    """

    speed_chosen = Signal(float)

    def __init__(self, named: Mapping[str, QAction], parent: QWidget | None = None) -> None:
        super().__init__("Tools", parent)
        self.setMovable(False)
        self.speed = QComboBox()
        for speed in SPEEDS:
            self.speed.addItem(f"{speed:g} \N{MULTIPLICATION SIGN}", speed)
        self.speed.setCurrentIndex(SPEEDS.index(1.0))
        self.speed.setToolTip("Playback speed")
        self.speed.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.speed.currentIndexChanged.connect(lambda index: self.speed_chosen.emit(SPEEDS[index]))
        self._add(named, "open", "folder", "export")
        self.addSeparator()
        self._add(named, "play")
        self.addWidget(self.speed)
        self.addSeparator()
        self._add(named, "undo", "redo", "analyse")
        self.addSeparator()
        self._add(named, "overlays", "fit")
        self.addSeparator()
        self._add(named, "strain", "points")
        spacer = QWidget()
        spacer.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.addWidget(spacer)
        self.checks = QToolButton()
        self.checks.setDefaultAction(named["checks"])
        self.checks.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.addWidget(self.checks)
        self.show_checks(())
        menu = QMenu(self)
        for name in MENU:
            menu.addAction(named[name])
        more = QToolButton()
        more.setIcon(icon("menu"))
        more.setToolTip("Shortcuts, about, reader name")
        more.setMenu(menu)
        more.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.addWidget(more)

    def show_checks(self, opened: Sequence[Severity]) -> None:
        """Show how many checks are open: amber, red where one withholds a value, quiet where there is none."""
        worst = Severity.STOP if Severity.STOP in opened else Severity.CHECK if opened else Severity.INFO
        self.checks.defaultAction().setIconText(f"Checks {len(opened)}")
        self.checks.setIcon(mark_icon(worst))
        self.checks.setStyleSheet(f"QToolButton {{ color: {COLOURS[worst]}; border: 1px solid {theme.LINE}; }}")

    def _add(self, named: Mapping[str, QAction], *names: str) -> None:
        for name in names:
            self.addAction(named[name])


MOST_MESSAGES = 5


class Banner(QFrame):
    """Shows the latest messages above the image until they are dismissed; never a dialog."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.messages: list[str] = []
        self.words = QLabel()
        self.words.setWordWrap(True)
        self.words.setTextFormat(Qt.TextFormat.PlainText)
        self.words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        close = QToolButton()
        close.setText("\N{MULTIPLICATION SIGN}")
        close.setToolTip("Dismiss")
        close.clicked.connect(self.clear)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(12, 6, 6, 6)
        layout.addWidget(self.words, 1)
        layout.addWidget(close, 0, Qt.AlignmentFlag.AlignTop)
        self.setStyleSheet(f"Banner {{ background: {theme.WARNING_GROUND}; }} QLabel {{ color: {theme.WARNING}; }}")
        self.hide()

    def show_message(self, message: str) -> None:
        """Add a message; a repeated one moves to the end."""
        self.messages = [*(one for one in self.messages if one != message), message]
        hidden = len(self.messages) - MOST_MESSAGES
        shown = self.messages[-MOST_MESSAGES:]
        if hidden > 0:
            shown = [f"{hidden} earlier messages.", *shown]
        self.words.setText("\n".join(shown))
        self.show()

    def clear(self) -> None:
        """Dismiss all messages."""
        self.messages = []
        self.hide()


class Status(QStatusBar):
    """Progress and Cancel appear while there is work.

    Signals:
        cancelled(): Cancel was pressed.
    """

    cancelled = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizeGripEnabled(False)
        self.words = QLabel()
        self.bar = QProgressBar()
        self.bar.setFixedWidth(220)
        self.bar.setTextVisible(False)
        self.cancel = QPushButton("Cancel")
        self.cancel.setStyleSheet("padding: 1px 10px;")
        self.cancel.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.cancel.clicked.connect(self.cancelled)
        notice = QLabel(RESEARCH_USE)
        notice.setStyleSheet(f"color: {theme.WARNING}; padding-right: 8px;")
        for widget in (self.words, self.bar, self.cancel):
            self.addWidget(widget)
        self.addPermanentWidget(notice)
        self.show_progress(None)

    def show_progress(self, progress: Progress | None) -> None:
        """Show the progress of background work; None hides it."""
        for widget in (self.words, self.bar, self.cancel):
            widget.setVisible(progress is not None)
        if progress:
            self.bar.setRange(0, progress.total)
            self.bar.setValue(progress.done)
            share = f"   {progress.done} of {progress.total}" if progress.total else ""
            self.words.setText(progress.text + share)
