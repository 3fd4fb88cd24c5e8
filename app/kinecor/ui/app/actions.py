"""All actions of the window as one table: text, shortcuts, icon, what it does, and what it needs."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from PySide6.QtGui import QAction, QKeySequence

from kinecor.ui.style.images import icon

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
    Action(
        "analyse", "Analyse again", ("Ctrl+R",), lambda w: w.analysing.again(), "Correct", "analyse", needs=RECORDING
    ),
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
