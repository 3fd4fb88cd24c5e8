"""Everything the reader can ask of the window, as one table: words, keys, icons and what they do."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtGui import QAction, QKeySequence

from kinecor.ui.curves.closure_marks import go_to_closure, toggle_closure
from kinecor.ui.style.images import icon

if TYPE_CHECKING:
    from kinecor.ui.app.main_window import MainWindow


@dataclass(frozen=True, slots=True)
class Action:
    """One thing to do.

    Attributes:
        name: by which the window finds it again.
        text: in menus, tool tips and the list of keys.
        keys: shortcuts in Qt's portable words; the first is shown.
        does: what happens.
        group: heading in the list of keys.
        icon: file in kinecor_resources/icons, "" for none; with an icon it stands in the toolbar.
        checkable: whether it stays pressed.
        pressed: whether it starts pressed.

    """

    name: str
    text: str
    keys: tuple[str, ...]
    does: Callable[["MainWindow"], object]
    group: str
    icon: str = ""
    checkable: bool = False
    pressed: bool = True


ACTIONS: tuple[Action, ...] = (
    Action("open", "Open file…", ("Ctrl+O",), lambda w: w.choose_file(), "File", "open"),
    Action("folder", "Open folder…", ("Ctrl+Shift+O",), lambda w: w.choose_folder(), "File", "folder"),
    Action("export", "Export PDF report…", ("Ctrl+E",), lambda w: w.choose_export(), "File", "export"),
    Action("play", "Play or stop", ("Space", "P"), lambda w: w.player.toggle(), "Time", "play"),
    Action("back", "One frame back", ("Left",), lambda w: w.player.step(-1), "Time"),
    Action("on", "One frame on", ("Right",), lambda w: w.player.step(1), "Time"),
    Action("first", "First frame", ("Home",), lambda w: w.player.seek(0), "Time"),
    Action("last", "Last frame", ("End",), lambda w: w.player.seek(w.player.frames - 1), "Time"),
    Action("ed", "Go to ED", ("D",), lambda w: w.go_to_mark("ed"), "Time"),
    Action("es", "Go to ES", ("S",), lambda w: w.go_to_mark("es"), "Time"),
    Action("avc", "Go to aortic valve closure", ("V",), lambda w: go_to_closure(w.workspace, w.player), "Time"),
    Action("set_ed", "Set ED here", ("Alt+D",), lambda w: w.set_mark("ed"), "Correct"),
    Action("set_es", "Set ES here", ("Alt+S",), lambda w: w.set_mark("es"), "Correct"),
    Action(
        "set_avc",
        "Aortic valve closes here, or no longer",
        ("Alt+V",),
        lambda w: toggle_closure(w.workspace, w.player),
        "Correct",
    ),
    Action("undo", "Undo", ("Ctrl+Z",), lambda w: w.workspace.undo(), "Correct", "undo"),
    Action("redo", "Redo", ("Ctrl+Y", "Ctrl+Shift+Z"), lambda w: w.workspace.redo(), "Correct", "redo"),
    Action(
        "from_stack", "Outline a long axis from the short axes", ("L",), lambda w: w.outline_from_stack(), "Correct"
    ),
    Action("base", "Base slice here", ("B",), lambda w: w.stack.set_end("base"), "Correct"),
    Action(
        "base_all",
        "Base slice, all phases",
        ("Shift+B",),
        lambda w: w.stack.set_end("base", all_phases=True),
        "Correct",
    ),
    Action("apex", "Apex slice here", ("A",), lambda w: w.stack.set_end("apex"), "Correct"),
    Action(
        "apex_all",
        "Apex slice, all phases",
        ("Shift+A",),
        lambda w: w.stack.set_end("apex", all_phases=True),
        "Correct",
    ),
    Action("rv_base", "RV base slice here", ("Ctrl+B",), lambda w: w.stack.set_end("rv base"), "Correct"),
    Action(
        "rv_base_all",
        "RV base slice, all phases",
        ("Ctrl+Shift+B",),
        lambda w: w.stack.set_end("rv base", all_phases=True),
        "Correct",
    ),
    Action("exclude", "Exclude the slice", ("X",), lambda w: w.stack.toggle_excluded(), "Correct"),
    Action("analyse", "Analyse again", ("Ctrl+R",), lambda w: w.analysing.again(), "Correct", "analyse"),
    Action("networks", "Analyse by another network…", ("Ctrl+Shift+R",), lambda w: w.ask_network(), "Correct"),
    Action("overlays", "Show contours", ("H",), lambda w: w.toggle_overlays(), "View", "overlay", True),
    Action("strain", "Strain", ("T",), lambda w: w.toggle_strain(), "View", "strain", True, False),
    Action("points", "Points of the wall", ("W",), lambda w: w.toggle_points(), "View", "points", True, False),
    Action("fit", "Fit the picture", ("F",), lambda w: w.fit(), "View", "fit"),
    Action("up", "Next slice towards the base", ("Up",), lambda w: w.stack.step(-1), "View"),
    Action("down", "Next slice towards the apex", ("Down",), lambda w: w.stack.step(1), "View"),
    Action("enlarge", "One slice or all", ("G",), lambda w: w.stack.set_enlarged(not w.stack.enlarged), "View"),
    Action("previous", "Previous recording", ("PgUp",), lambda w: w.go_to_recording(-1), "View"),
    Action("next", "Next recording", ("PgDown",), lambda w: w.go_to_recording(1), "View"),
    Action("keys", "Keys", ("F1",), lambda w: w.show_keys(), "Help"),
    Action("about", "About Kinecor", (), lambda w: w.show_about(), "Help"),
    Action("reader", "Reader's name…", (), lambda w: w.ask_reader(), "File"),
    Action("quit", "Close", ("Ctrl+Q",), lambda w: w.close(), "File"),
)

MOUSE = (
    ("Drag an outline", "bend it, the frames around it follow"),
    ("Alt-drag, Ctrl-drag", "this frame only"),
    ("Shift-drag", "the whole loop"),
    ("Drag a square handle", "move the mitral hinge point, of all structures"),
    ("Escape while dragging", "let go of an outline or line, nothing changes"),
    ("Drag an ED, ES or AVC line", "move the mark"),
    ("Click on the curve", "go to that time"),
    ("Click on a segment's box", "leave it out of strain, or take it in again"),
    ("Click on the bull's-eye of strain", "open the view, or select the slice, that shows the segment"),
    ("Wheel", "frames (echo), slices (MR); Shift-wheel frames"),
    ("Ctrl-wheel, double click", "zoom, fit"),
    ("Click on a slice, Escape", "one slice (MR), all slices"),
    ("Right-drag, right click", "grey window, menu of the slice or the loop"),
)


def bind(window: "MainWindow") -> dict[str, QAction]:
    """Make all actions live in `window`; by name."""
    made = {}
    for one in ACTIONS:
        action = QAction(one.text, window)
        action.setShortcuts([QKeySequence(key) for key in one.keys])
        if one.icon:
            action.setIcon(icon(one.icon))
        keys = f"  ({one.keys[0]})" if one.keys else ""
        action.setToolTip(one.text.removesuffix("…") + keys)
        action.setCheckable(one.checkable)
        action.setChecked(one.checkable and one.pressed)
        action.triggered.connect(lambda _=False, does=one.does: does(window))
        window.addAction(action)
        made[one.name] = action
    return made
