"""All actions of the window as one table: menus, tool strip, keys and the list of shortcuts are made from it."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final, Literal

from PySide6.QtGui import QAction, QActionGroup, QKeySequence

from kinecor.core.outlines.reshaping import shift_contour
from kinecor.core.values.choices import LANGUAGES
from kinecor.core.values.geometry import Contour
from kinecor.core.values.message import Message, message
from kinecor.ui.app.modes import Mode
from kinecor.ui.style.language import tr
from kinecor.ui.style.theme import icon
from kinecor.ui.tiles.layouts import Layout
from kinecor.ui.tiles.tools import Done, Tool, change_contour, growing, smoothing

if TYPE_CHECKING:
    from kinecor.core.values.callipers import Shape
    from kinecor.core.volumes.extent import End
    from kinecor.ui.app.main_window import MainWindow

Menu = Literal["File", "Edit", "View", "Image", "Contour", "Measure", "Study", "Window", "Help"]


@dataclass(frozen=True, slots=True)
class Action:
    """One entry of the table.

    Attributes:
        name: by which the window finds it.
        text: in menus, tool tips and the list of shortcuts.
        keys: shortcuts in Qt's portable notation; the first is shown.
        does: what happens.
        menu: where it is listed, in the order of the table.
        icon: file in kinecor_resources/icons, "" for none.
        checked: the initial state of an action that stays pressed; None for one that does not.
        needs: what must be on screen: "" for nothing, "recording", or "stack".
        one_of: of the actions with the same word, exactly one is pressed; "" for none.
        divider: whether a line stands above it in its menu.
        submenu: of its menu, with all others of the same word; "" for none.

    """

    name: str
    text: str
    keys: tuple[str, ...]
    does: Callable[["MainWindow"], object]
    menu: Menu
    icon: str = ""
    checked: bool | None = None
    needs: Literal["", "recording", "stack"] = ""
    one_of: str = ""
    divider: bool = False
    submenu: str = ""

    def belongs_to(self, mode: Mode) -> bool:
        """Whether it does something there: in Report mode no images are on screen."""
        return mode is not Mode.REPORT or self.menu not in ("Image", "Contour", "Measure")

    @property
    def edits(self) -> bool:
        """Whether all it does is to change the study: it is disabled where that is signed."""
        return self.name in EDITING or (self.menu == "Contour" and self.name != f"tool_{Tool.SELECT}")


def keys_in(mode: Mode, keys: tuple[str, ...]) -> tuple[str, ...]:
    """Which keys of an action hold in a mode: what types a character is no shortcut in Report, wherever the focus is.

    Args:
        mode: of the window.
        keys: in Qt's portable notation.

    """
    return keys if mode is not Mode.REPORT else tuple(key for key in keys if not _types(key))


def _types(key: str) -> bool:
    """Whether a shortcut types a character."""
    plain = key.removeprefix("Shift+")
    return len(plain) == 1 or plain == "Space"


def _set_end(name: str, text: str, key: str, end: "End", *, all_phases: bool = False) -> Action:
    """Make the selected slice the base or apex."""
    return Action(name, text, (key,), lambda w: w.stack.set_end(end, all_phases=all_phases), "Contour", needs="stack")


def _mode(mode: Mode, keys: tuple[str, ...]) -> Action:
    return Action(
        mode.value,
        mode.words,
        keys,
        lambda w: w.choose_mode(mode),
        "View",
        mode.value,
        checked=mode is Mode.MEASURE,
        needs=RECORDING,
        one_of="mode",
    )


def _tiles(layout: Layout) -> Action:
    return Action(
        f"tiles_{int(layout)}",
        f"Layout: {layout.words}",
        (str(int(layout)),),
        lambda w: w.reading.board.set_layout(layout),
        "View",
        checked=layout is Layout.AUTOMATIC,
        one_of="tiles",
        divider=layout is Layout.AUTOMATIC,
    )


def _language(code: str) -> Action:
    """Show the window in a language, which is named in itself."""
    return Action(
        code,
        LANGUAGES[code],
        (),
        lambda w: w.preferring.choose_language(code),
        "View",
        checked=code == "en",
        one_of="language",
        divider=code == "en",
    )


def _shape(shape: "Shape", text: str, keys: tuple[str, ...], icon_name: str = "") -> Action:
    """Draw a calliper; pressed while it is drawn."""
    return Action(
        f"calliper_{shape}",
        text,
        keys,
        lambda w: w.reading.callipers.start(shape),
        "Measure",
        icon_name,
        checked=False,
        needs=RECORDING,
    )


def _tool(tool: Tool, text: str, key: str) -> Action:
    """Use another tool on the images."""
    return Action(
        f"tool_{tool}",
        text,
        (key,),
        lambda w: w.choose_tool(tool),
        "Contour",
        tool.value,
        checked=tool is Tool.SELECT,
        needs=RECORDING,
        one_of="tool",
        divider=tool is Tool.SELECT,
    )


def _overlay(name: str, text: str, key: str) -> Action:
    """Draw other contours in addition to those of the frame on screen."""

    def does(window: "MainWindow") -> None:
        on = {name: window.actions_by_name[name].isChecked() for name in ("automatic", "neighbours")}
        window.toolbox.show_others(**on)

    return Action(name, text, (key,), does, "View", checked=False, needs=RECORDING)


def _change(
    name: str,
    text: str,
    key: str,
    how: Callable[["MainWindow"], Callable[[Contour], Contour]],
    done: Done,
    *,
    divider: bool = False,
) -> Action:
    """Change the contour that was drawn last as a whole, on the frame on screen."""

    def does(window: "MainWindow") -> bool:
        number = window.stack.grid.selected
        return change_contour(window.workspace, window.toolbox, window.player.frame, number, how(window), done)

    return Action(name, text, (key,), does, "Contour", needs=RECORDING, divider=divider)


def _smoothed(structure: Message) -> Message:
    return message("{structure} smoothed", structure=structure)


def _expanded(structure: Message) -> Message:
    return message("{structure} expanded", structure=structure)


def _contracted(structure: Message) -> Message:
    return message("{structure} contracted", structure=structure)


def _nudged(structure: Message) -> Message:
    return message("{structure} nudged", structure=structure)


RECORDING: Final = "recording"
CONNECTIONS: Final = "Archives and devices"
"""The submenu of what a reader sets up once."""
ACTIONS: Final[tuple[Action, ...]] = (
    Action("open", "Open file…", ("Ctrl+O",), lambda w: w.opening.choose_file(), "File", "open"),
    Action("folder", "Open folder…", ("Ctrl+Shift+O",), lambda w: w.opening.choose_folder(), "File", "folder"),
    Action("demo", "Open demo", (), lambda w: w.opening.open_demo(), "File"),
    Action("sample", "Open sample clip", (), lambda w: w.opening.open_sample(), "File"),
    Action(
        "open_archive",
        "Open from archive…",
        ("Ctrl+Shift+Q",),
        lambda w: w.archiving.open_from_archive(),
        "File",
        divider=True,
    ),
    Action(
        "send_archive",
        "Send to archive…",
        ("Ctrl+Shift+S",),
        lambda w: w.archiving.send_to_archive(),
        "File",
        needs=RECORDING,
    ),
    Action("archives", "Archives…", (), lambda w: w.archiving.ask_archives(), "File", submenu=CONNECTIONS),
    Action("receive", "Receive…", (), lambda w: w.archiving.ask_receiving(), "File", submenu=CONNECTIONS),
    Action("live", "Live…", (), lambda w: w.archiving.ask_live(), "File", submenu=CONNECTIONS),
    Action(
        "anonymise",
        "Anonymise…",
        (),
        lambda w: w.archiving.ask_anonymising(),
        "File",
        needs=RECORDING,
        submenu=CONNECTIONS,
    ),
    Action(
        "export",
        "Export PDF report…",
        ("Ctrl+E",),
        lambda w: w.exporting.choose_export(),
        "File",
        "export",
        needs=RECORDING,
        divider=True,
    ),
    Action(
        "export_data", "Export data…", ("Ctrl+Shift+E",), lambda w: w.exporting.choose_data(), "File", needs=RECORDING
    ),
    Action("quit", "Quit", ("Ctrl+Q",), lambda w: w.close(), "File", divider=True),
    Action("undo", "Undo", ("Ctrl+Z",), lambda w: w.reading_tools.step_back(), "Edit", "undo"),
    Action("redo", "Redo", ("Ctrl+Y", "Ctrl+Shift+Z"), lambda w: w.reading_tools.step_forward(), "Edit", "redo"),
    Action(
        "preferences",
        "Preferences…",
        ("Ctrl+Shift+P",),
        lambda w: w.preferring.show_preferences(),
        "Edit",
        divider=True,
    ),
    Action("worklist", "Worklist", ("F3",), lambda w: w.toggle_worklist(), "View"),
    Action("next_unread", "Open next unread study", ("F4",), lambda w: w.worklist.open_next(), "View"),
    _mode(Mode.REVIEW, ("Ctrl+1",)),
    _mode(Mode.MEASURE, ("Ctrl+2",)),
    _mode(Mode.STRAIN, ("T", "Ctrl+3")),
    _mode(Mode.REPORT, ("Ctrl+4",)),
    Action(
        "overlays",
        "Show contours",
        ("H",),
        lambda w: w.toggle_overlays(),
        "View",
        "overlay",
        checked=True,
        needs=RECORDING,
        divider=True,
    ),
    Action(
        "confidences",
        "Confidence of each contour",
        (),
        lambda w: w.toggle_confidences(),
        "View",
        checked=False,
        needs=RECORDING,
    ),
    _overlay("automatic", "Automatic contours, dotted, where corrected", "O"),
    _overlay("neighbours", "Contours of the neighbouring frames", "J"),
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
    *(_tiles(layout) for layout in Layout),
    Action(
        "checks",
        "Checks",
        ("C",),
        lambda w: w.reading.show_checks(not w.reading.checks_shown),
        "View",
        needs=RECORDING,
        divider=True,
    ),
    Action(
        "next_check", "Next doubtful frame, or check", ("N",), lambda w: w.reading.go_to_next(), "View", needs=RECORDING
    ),
    Action(
        "dark",
        "Dark theme",
        (),
        lambda w: w.preferring.choose_theme("dark"),
        "View",
        checked=True,
        one_of="theme",
        divider=True,
    ),
    Action(
        "light", "Light theme", (), lambda w: w.preferring.choose_theme("light"), "View", checked=False, one_of="theme"
    ),
    *(_language(code) for code in LANGUAGES),
    Action("play", "Play or stop", ("Space", "P"), lambda w: w.player.toggle(), "Image", "play", needs=RECORDING),
    Action(
        "beat",
        "Play one beat, or all",
        ("Shift+Space",),
        lambda w: w.reading.bottom.transport.play_beat(),
        "Image",
        needs=RECORDING,
    ),
    Action(
        "sweep",
        "Play forth and back",
        ("Ctrl+Space",),
        lambda w: w.play_forth_and_back(),
        "Image",
        checked=False,
        needs=RECORDING,
    ),
    Action("back", "Previous frame", ("Left",), lambda w: w.player.step(-1), "Image", needs=RECORDING),
    Action("on", "Next frame", ("Right",), lambda w: w.player.step(1), "Image", needs=RECORDING),
    Action("first", "First frame", ("Home",), lambda w: w.player.seek(0), "Image", needs=RECORDING),
    Action("last", "Last frame", ("End",), lambda w: w.player.seek(w.player.frames - 1), "Image", needs=RECORDING),
    Action("fit", "Fit image", ("F",), lambda w: w.fit(), "Image", "fit", needs=RECORDING, divider=True),
    Action(
        "window_auto",
        "Grey window: automatic",
        (),
        lambda w: w.reading.levels.choose(w.reading.levels.automatic),
        "Image",
        needs=RECORDING,
        divider=True,
    ),
    Action(
        "window_full",
        "Grey window: full range",
        (),
        lambda w: w.reading.levels.choose(w.reading.levels.full),
        "Image",
        needs=RECORDING,
    ),
    Action(
        "contrast_more",
        "More contrast",
        ("Ctrl+Up",),
        lambda w: w.reading.levels.scale_width(0.8),
        "Image",
        needs=RECORDING,
    ),
    Action(
        "contrast_less",
        "Less contrast",
        ("Ctrl+Down",),
        lambda w: w.reading.levels.scale_width(1.25),
        "Image",
        needs=RECORDING,
    ),
    Action(
        "gamma_more",
        "Brighter mid-tones (gamma)",
        ("Ctrl+.",),
        lambda w: w.reading.levels.scale_gamma(1.1),
        "Image",
        needs=RECORDING,
    ),
    Action(
        "gamma_less",
        "Darker mid-tones (gamma)",
        ("Ctrl+,",),
        lambda w: w.reading.levels.scale_gamma(1 / 1.1),
        "Image",
        needs=RECORDING,
    ),
    Action(
        "invert", "Exchange black and white", ("Alt+X",), lambda w: w.reading.levels.invert(), "Image", needs=RECORDING
    ),
    Action(
        "window_reset",
        "Grey window: reset",
        ("Ctrl+0",),
        lambda w: w.reading.levels.reset(),
        "Image",
        needs=RECORDING,
    ),
    Action(
        "up",
        "Next slice towards base",
        ("Up",),
        lambda w: w.stack.step(-1),
        "Image",
        needs="stack",
        divider=True,
    ),
    Action("down", "Next slice towards apex", ("Down",), lambda w: w.stack.step(1), "Image", needs="stack"),
    Action(
        "enlarge",
        "One tile or slice alone, or all",
        ("G",),
        lambda w: w.reading.board.enlarge(),
        "Image",
        needs=RECORDING,
    ),
    Action(
        "analyse",
        "Analyse again",
        ("Ctrl+R",),
        lambda w: w.methods.analyse_again(),
        "Contour",
        "analyse",
        needs=RECORDING,
    ),
    Action(
        "networks",
        "Analyse with another network…",
        ("Ctrl+Shift+R",),
        lambda w: w.methods.ask_network(),
        "Contour",
        needs=RECORDING,
    ),
    Action("methods", "Analyse by method…", (), lambda w: w.methods.ask_method(), "Contour", needs=RECORDING),
    Action(
        "import_contours",
        "Import contours…",
        ("Ctrl+Shift+I",),
        lambda w: w.exporting.choose_contours(),
        "Contour",
        needs=RECORDING,
    ),
    _tool(Tool.SELECT, "Select and drag", "Q"),
    _tool(Tool.TRACE, "Trace by three clicks", "E"),
    _tool(Tool.PUSH, "Push with a round brush", "U"),
    _tool(Tool.REDRAW, "Redraw a stretch", "I"),
    _change("smooth", "Smooth contour", "K", lambda w: smoothing(w.workspace), _smoothed, divider=True),
    _change("expand", "Expand contour by 0.5 mm", "+", lambda w: growing(w.workspace, 0.5), _expanded),
    _change("contract", "Contract contour by 0.5 mm", "-", lambda w: growing(w.workspace, -0.5), _contracted),
    _change("nudge_left", "Nudge contour left", "Alt+Left", lambda _: partial(shift_contour, by_px=(-1, 0)), _nudged),
    _change("nudge_right", "Nudge contour right", "Alt+Right", lambda _: partial(shift_contour, by_px=(1, 0)), _nudged),
    _change("nudge_up", "Nudge contour up", "Alt+Up", lambda _: partial(shift_contour, by_px=(0, -1)), _nudged),
    _change("nudge_down", "Nudge contour down", "Alt+Down", lambda _: partial(shift_contour, by_px=(0, 1)), _nudged),
    Action(
        "propagate",
        "Propagate corrections to all frames",
        ("R",),
        lambda w: w.propagator.start(w.stack.grid.selected),
        "Contour",
        "propagate",
        needs=RECORDING,
    ),
    Action(
        "propagate_slices",
        "Propagate corrections to the neighbouring slices, too",
        ("Shift+R",),
        lambda w: w.propagator.start(w.stack.grid.selected, neighbours=True),
        "Contour",
        needs="stack",
    ),
    Action(
        "from_stack",
        "Trace long axis from short-axis contours",
        ("L",),
        lambda w: w.reading_tools.trace_from_stack(),
        "Contour",
        divider=True,
    ),
    _set_end("base", "Set base slice", "B", "base"),
    _set_end("base_all", "Set base slice, all phases", "Shift+B", "base", all_phases=True),
    _set_end("apex", "Set apex slice", "A", "apex"),
    _set_end("apex_all", "Set apex slice, all phases", "Shift+A", "apex", all_phases=True),
    _set_end("rv_base", "Set RV base slice", "Ctrl+B", "rv base"),
    _set_end("rv_base_all", "Set RV base slice, all phases", "Ctrl+Shift+B", "rv base", all_phases=True),
    Action(
        "exchange_ends",
        "Exchange base and apex",
        ("Ctrl+Shift+X",),
        lambda w: w.stack.exchange_ends(),
        "Contour",
        needs="stack",
    ),
    Action(
        "exclude", "Exclude or include slice", ("X",), lambda w: w.stack.toggle_excluded(), "Contour", needs="stack"
    ),
    _shape("distance", "Calliper: distance", ("M",), "calliper"),
    _shape("angle", "Calliper: angle", ("Shift+M",)),
    _shape("area", "Calliper: area", ("Alt+M",)),
    _shape("trace", "Calliper: trace of a spectrum (VTI)", ("Ctrl+Shift+M",)),
    Action(
        "calibrate",
        "Calibrate by two points",
        ("Shift+K",),
        lambda w: w.reading.callipers.calibrate(),
        "Measure",
        needs=RECORDING,
    ),
    Action(
        "m_mode",
        "M-mode line",
        ("Ctrl+M",),
        lambda w: w.show_m_mode(),
        "Measure",
        checked=False,
        needs=RECORDING,
    ),
    Action("ed", "Go to ED", ("D",), lambda w: w.reading_tools.go_to_mark("ed"), "Measure", divider=True),
    Action("es", "Go to ES", ("S",), lambda w: w.reading_tools.go_to_mark("es"), "Measure"),
    Action("avc", "Go to aortic valve closure", ("V",), lambda w: w.reading_tools.go_to_mark("avc"), "Measure"),
    Action("mvo", "Go to mitral valve opening", ("Shift+V",), lambda w: w.reading_tools.go_to_mark("mvo"), "Measure"),
    Action(
        "set_ed",
        "Set ED here",
        ("Alt+D",),
        lambda w: w.reading_tools.set_mark("ed"),
        "Measure",
        needs=RECORDING,
        divider=True,
    ),
    Action("set_es", "Set ES here", ("Alt+S",), lambda w: w.reading_tools.set_mark("es"), "Measure", needs=RECORDING),
    Action(
        "set_avc",
        "Set or clear aortic valve closure here",
        ("Alt+V",),
        lambda w: w.reading_tools.set_mark("avc"),
        "Measure",
    ),
    Action(
        "set_mvo",
        "Set or clear mitral valve opening here",
        ("Alt+O",),
        lambda w: w.reading_tools.set_mark("mvo"),
        "Measure",
    ),
    Action(
        "find_mvo",
        "Find mitral valve opening by the volume curve",
        (),
        lambda w: w.reading_tools.find_openings(),
        "Measure",
    ),
    Action("patient", "Patient…", ("Ctrl+I",), lambda w: w.study_forms.ask_patient(), "Study", needs=RECORDING),
    Action(
        "sign",
        "Sign the study…",
        ("Ctrl+G",),
        lambda w: w.study_forms.ask_signature(),
        "Study",
        needs=RECORDING,
        divider=True,
    ),
    Action(
        "addendum", "Add addendum…", ("Ctrl+Shift+G",), lambda w: w.study_forms.ask_addendum(), "Study", needs=RECORDING
    ),
    Action("join", "Join two stills…", (), lambda w: w.study_forms.ask_join(), "Study", needs=RECORDING, divider=True),
    Action("stress", "Stress stages…", (), lambda w: w.study_forms.ask_stages(), "Study", needs=RECORDING),
    Action("name_views", "Name views by number", (), lambda w: w.study_forms.name_views(), "Study", needs=RECORDING),
    Action(
        "prior", "Compare with prior…", (), lambda w: w.priors.choose_prior(), "Study", needs=RECORDING, divider=True
    ),
    Action(
        "prior_folder",
        "Compare with prior in folder…",
        (),
        lambda w: w.priors.choose_prior_folder(),
        "Study",
        needs=RECORDING,
    ),
    Action("agreement", "Agreement…", (), lambda w: w.study_forms.show_agreement(), "Study", divider=True),
    Action("previous", "Previous recording", ("PgUp",), lambda w: w.go_to_recording(-1), "Study", divider=True),
    Action("next", "Next recording", ("PgDown",), lambda w: w.go_to_recording(1), "Study"),
    Action(
        "list",
        "Study list",
        ("F8",),
        lambda w: w.show_list(not w.reading.list_shown),
        "Window",
        checked=True,
        needs=RECORDING,
    ),
    Action(
        "results",
        "Results",
        ("F9",),
        lambda w: w.show_side(not w.reading.side_shown),
        "Window",
        checked=True,
        needs=RECORDING,
    ),
    Action(
        "save_layout",
        "Save layout as…",
        (),
        lambda w: w.preferring.ask_layout(),
        "Window",
        needs=RECORDING,
        divider=True,
    ),
    Action("layout", "Reset layout", (), lambda w: w.reset_layout(), "Window", needs=RECORDING),
    Action("full", "Full screen", ("F11",), lambda w: w.toggle_full_screen(), "Window", checked=False, divider=True),
    Action("guide", "User guide", ("F1",), lambda w: w.helping.show_guide(), "Help"),
    Action("keys", "Keyboard shortcuts", ("Shift+F1",), lambda w: w.helping.show_keys(), "Help"),
    Action("tour", "Tour of the window", (), lambda w: w.helping.start_tour(), "Help"),
    Action("about", "About Kinecor", (), lambda w: w.helping.show_about(), "Help"),
)

EDITING: Final = frozenset(
    (
        *("undo", "redo", "patient", "join", "name_views", "calibrate"),
        *("calliper_distance", "calliper_angle", "calliper_area", "calliper_trace"),
        *("set_ed", "set_es", "set_avc", "set_mvo", "find_mvo"),
    )
)
"""Outside the menu of contours, the actions that change the study and do nothing else."""

MOUSE: Final = (
    ("Drag a contour", "reshape it; the frames around follow, after Propagate (R) all frames"),
    ("Wheel while dragging", "how far along the contour the drag is felt"),
    ("Alt-drag, Ctrl-drag", "this frame only"),
    ("Push (U)", "a round brush moves the nearest contour; wheel: its radius; Shift: the epicardium"),
    ("Redraw (I)", "draw from contour to contour: the stretch between is replaced"),
    ("Trace (E)", "click on both ends of the annulus, then on the apex; Shift: the epicardium"),
    ("Shift-drag", "the whole loop, without the frames that you drew"),
    ("Drag a square handle", "move the mitral hinge point of all structures"),
    ("Drag a diamond", "at the apex: lengthen or shorten; between the hinge points: move both alike"),
    ("Drag the cross of a short-axis outline", "move it as a whole, with its wall"),
    ("Escape while dragging", "cancel; nothing changes"),
    (
        "Click both ends, drag an end",
        "calliper (M): measure, move; arrow keys move the selected end, Delete removes it",
    ),
    ("Drag an ED, ES, AVC or MVO line", "move the event"),
    ("Click on the curve", "go to that time"),
    ("Wheel on a curve", "enlarge a span of time; a double click shows all of it"),
    ("Click on a segment's box", "exclude it from strain, or include it again"),
    ("Click on the strain bull's-eye", "open the view, or select the slice, that shows the segment"),
    ("Wheel", "frames (echo), slices (MRI); Shift-wheel frames"),
    ("Ctrl-wheel", "zoom"),
    ("Click on another tile", "bring it into focus; all play in phase"),
    ("Double click", "one tile alone, or all; fit where there is only one"),
    ("Drag from the study list", "show a recording in that tile"),
    ("Drag the valve plane", "set the base at ED (solid) or ES (dashed); a click on a line selects its slice"),
    ("Click on a slice, Escape", "one slice (MRI), all slices"),
    ("Right-drag", "window (brightness and contrast)"),
    ("Right click", "menu of the loop or the slice"),
)


def key_words(key: str) -> str:
    """A key, given in Qt's portable notation, as it is called in the language in force: "Strg+Z"."""
    return QKeySequence(key).toString(QKeySequence.SequenceFormat.NativeText)


def with_key(text: str, keys: tuple[str, ...]) -> str:
    """The tool tip of an action: its text, and its first key where it has one."""
    return text.removesuffix("…") + (f"  ({key_words(keys[0])})" if keys else "")


def bind(window: "MainWindow") -> dict[str, QAction]:
    """Add all actions to `window`; by name."""
    made: dict[str, QAction] = {}
    groups: dict[str, QActionGroup] = {}
    for single_action in ACTIONS:
        text = tr(single_action.text)
        action = QAction(text, window)
        action.setShortcuts([QKeySequence(key) for key in single_action.keys])
        if single_action.icon:
            action.setIcon(icon(single_action.icon))
        action.setToolTip(with_key(text, single_action.keys))
        action.setCheckable(single_action.checked is not None)
        action.setChecked(bool(single_action.checked))
        if single_action.one_of:
            groups.setdefault(single_action.one_of, QActionGroup(window)).addAction(action)
        action.triggered.connect(lambda _=False, does=single_action.does: does(window))
        window.addAction(action)
        made[single_action.name] = action
    return made
