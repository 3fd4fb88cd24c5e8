import pytest
from PySide6.QtCore import QEvent, QPointF, Qt

from kinecor.core.values.callipers import PARASTERNAL_NAMES
from kinecor.core.values.reading import View
from kinecor.session.edits import SetCalliper, SetView
from kinecor.ui.tiles.callipers import free_name, next_name, offered_names
from kinecor.ui.tiles.tools import Tool
from tests.readings import cine
from tests.ui.mouse import drag, move, press, release, send

TOP, BOTTOM = (30.0, 20.0), (30.0, 60.0)


@pytest.fixture
def plax(window):
    """The window on a parasternal long axis; the mouse is far from contours at the points used here."""
    window.workspace.do(SetView(View("PLAX", None, "Dr Grey")))
    window.player.seek(4)
    return window


def click(widget, at_px):
    press(widget, at_px)
    release(widget, at_px)


def choose(tool, word):
    """Trigger the entry of the menu of names that begins with a word, as a click on it does."""
    entry = next(one for one in tool.names.actions() if one.text().startswith(word))
    tool.names.hide()
    entry.trigger()


def callipers(window):
    return window.workspace.reading.callipers


def test_two_clicks_and_a_name_measure_a_distance(plax):
    tool = plax.reading.callipers
    tool.start("distance")
    click(plax.image, TOP)
    click(plax.image, BOTTOM)
    choose(tool, "IVSd")
    one = callipers(plax)["IVSd"]
    assert one.frame == 4
    assert one.points[0] == pytest.approx(TOP, abs=0.2)
    assert one.points[1] == pytest.approx(BOTTOM, abs=0.2)
    assert plax.workspace.history.entries()[-1].summary == "IVSd, frame 5"
    assert tool.shape == "distance"  # ready for the next one


def test_two_points_and_their_distance_give_the_scale(open_window):
    window = open_window([cine(calibrated=False)])
    tool, bar = window.reading.callipers, window.reading.scale
    window.reading.results.folds["Calibration"].head.setChecked(True)
    assert bar.draw.isVisible()
    tool.ask_mm = lambda: 20.0
    bar.draw.click()
    assert tool.calibrating
    click(window.image, TOP)
    click(window.image, BOTTOM)
    scale = window.workspace.saved.calibration
    assert scale.row_mm == pytest.approx(0.5, rel=0.01)
    assert scale.row_mm == pytest.approx(scale.col_mm)
    assert not callipers(window)
    assert not tool.calibrating
    assert "set on two points 20 mm apart" in scale.origin
    window.workspace.history.undo()
    assert window.workspace.saved.calibration is None
    tool.ask_mm = lambda: None  # cancelled
    window.actions_by_name["calibrate"].trigger()
    drag(window.image, TOP, BOTTOM)
    assert window.workspace.saved.calibration is None
    assert not tool.shape


def test_a_scale_is_not_drawn_on_one_point(plax):
    tool = plax.reading.callipers
    before = plax.workspace.saved.calibration
    tool._set_scale(plax.workspace.saved, (TOP, TOP), 50.0)
    assert plax.workspace.saved.calibration is before


def test_the_same_key_again_begins_anew_and_keeps_the_tool(plax):
    tool, action = plax.reading.callipers, plax.actions_by_name["calliper_distance"]
    action.trigger()
    click(plax.image, TOP)
    action.trigger()
    assert (tool.shape, tool.points, action.isChecked()) == ("distance", [], True)
    plax.actions_by_name["tool_select"].trigger()
    assert (tool.shape, action.isChecked()) == ("", False)


def test_dragging_from_one_end_to_the_other_does_too(plax):
    tool = plax.reading.callipers
    tool.start("distance")
    drag(plax.image, TOP, BOTTOM)
    choose(tool, "LVIDd")
    assert callipers(plax)["LVIDd"].points[1] == pytest.approx(BOTTOM, abs=0.2)


def test_the_expected_name_comes_first_and_the_action_is_pressed_while_drawing(plax):
    tool = plax.reading.callipers
    action = plax.actions_by_name["calliper_distance"]
    action.trigger()
    assert action.isChecked()
    for name in PARASTERNAL_NAMES:
        drag(plax.image, TOP, BOTTOM)
        assert tool.names.actions()[0].text().startswith(name)
        assert tool.names.defaultAction() is tool.names.actions()[0]
        choose(tool, name)
    assert list(callipers(plax)) == list(PARASTERNAL_NAMES)
    assert tool.shape == ""
    assert not action.isChecked()


def test_a_calliper_and_the_tools_of_contours_exclude_each_other(plax):
    named = plax.actions_by_name

    def pressed():
        return [name for name, one in named.items() if name.startswith(("tool_", "calliper_")) and one.isChecked()]

    assert pressed() == ["tool_select"]
    named["tool_push"].trigger()
    named["calliper_distance"].trigger()
    assert pressed() == ["calliper_distance"]
    assert plax.toolbox.tool is Tool.SELECT
    named["tool_trace"].trigger()
    assert pressed() == ["tool_trace"]
    assert plax.reading.callipers.shape == ""
    named["calliper_area"].trigger()
    named["calliper_area"].trigger()
    assert pressed() == ["calliper_area"]


def test_names_that_the_view_suggests(plax):
    reading = plax.workspace.reading
    assert next_name(reading) == "IVSd"
    assert offered_names(reading, "distance")[:2] == ("IVSd", "LVIDd")
    assert offered_names(reading, "area") == ("Area 1",)
    apical = reading.with_(view=View("A4C", None, "Dr Grey"))
    assert offered_names(apical, "distance")[:2] == ("RVD1", "RVD2")
    two = reading.with_(view=View("A2C", None, "Dr Grey"))
    assert offered_names(two, "distance")[:2] == ("Distance 1", "IVSd")
    vein = reading.with_(view=View("IVC", None, "Dr Grey"))
    assert offered_names(vein, "distance") == ("IVC max", "IVC min", "Distance 1")
    used = SetCalliper("Distance 1", 0, (TOP, BOTTOM)).apply(apical, "Dr Grey")
    assert free_name(used, "distance") == "Distance 2"


def test_an_area_closes_at_its_first_corner_and_takes_a_name_of_its_own(plax):
    tool = plax.reading.callipers
    tool.start("area")
    for corner in ((10.0, 10.0), (50.0, 10.0), (50.0, 50.0), (10.0, 10.0)):
        click(plax.image, corner)
    tool.ask = lambda: "effusion"
    choose(tool, "Other name")
    one = callipers(plax)["effusion"]
    assert (one.shape, len(one.points)) == ("area", 3)
    assert tool.shape == ""


def test_an_angle_has_three_points(plax):
    tool = plax.reading.callipers
    tool.start("angle")
    for at in ((10.0, 40.0), (10.0, 10.0), (40.0, 10.0)):
        click(plax.image, at)
    choose(tool, "Angle 1")
    assert callipers(plax)["Angle 1"].value(1, 1) == pytest.approx(90, abs=0.5)


def test_an_end_is_dragged_and_the_table_follows(plax):
    tool = plax.reading.callipers
    plax.workspace.do(SetCalliper("LAD", 4, (TOP, BOTTOM)))
    entries = len(plax.workspace.history.entries())
    press(plax.image, BOTTOM)
    move(plax.image, (30.0, 70.0))
    assert callipers(plax)["LAD"].points[1] == pytest.approx((30.0, 70.0), abs=0.2)
    assert len(plax.workspace.history.entries()) == entries
    release(plax.image, (30.0, 70.0))
    assert len(plax.workspace.history.entries()) == entries + 1
    assert tool.selected == ("LAD", 1)
    plax.workspace.history.undo()
    assert callipers(plax)["LAD"].points[1] == pytest.approx(BOTTOM)


def test_arrow_keys_move_the_selected_end_and_delete_removes_it(plax, qtbot):
    plax.workspace.do(SetCalliper("LAD", 4, (TOP, BOTTOM)))
    click(plax.image, BOTTOM)
    frame = plax.player.frame
    qtbot.keyClick(plax.image, Qt.Key.Key_Down)
    qtbot.keyClick(plax.image, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    assert callipers(plax)["LAD"].points[1] == pytest.approx((35.0, 60.5))
    assert plax.player.frame == frame
    qtbot.keyClick(plax.image, Qt.Key.Key_Delete)
    assert "LAD" not in callipers(plax)


def test_escape_drops_what_is_drawn_then_the_tool(plax, qtbot):
    tool = plax.reading.callipers
    tool.start("distance")
    click(plax.image, TOP)
    qtbot.keyClick(plax.image, Qt.Key.Key_Escape)
    assert (tool.points, tool.shape) == ([], "distance")
    qtbot.keyClick(plax.image, Qt.Key.Key_Escape)
    assert tool.shape == ""
    assert not callipers(plax)


def test_escape_on_the_menu_of_names_drops_what_was_drawn_and_the_next_one_the_tool(plax, qtbot):
    tool = plax.reading.callipers
    tool.start("distance")
    click(plax.image, TOP)
    click(plax.image, BOTTOM)
    assert tool.names.isVisible()
    qtbot.keyClick(tool.names, Qt.Key.Key_Escape)
    assert not tool.names.isVisible()
    assert (tool.points, tool.shape) == ([], "distance")
    qtbot.keyClick(plax.image, Qt.Key.Key_Escape)
    assert tool.shape == ""


def test_a_menu_of_names_left_without_a_choice_does_not_block_the_next_distance(plax):
    tool = plax.reading.callipers
    tool.start("distance")
    click(plax.image, TOP)
    click(plax.image, BOTTOM)
    tool.names.hide()
    click(plax.image, BOTTOM)
    assert len(tool.points) == 1
    click(plax.image, TOP)
    choose(tool, "IVSd")
    assert "IVSd" in callipers(plax)


def test_the_menu_under_the_mouse_deletes_a_calliper(plax):
    plax.workspace.do(SetCalliper("LAD", 4, (TOP, BOTTOM)))
    at = QPointF(*plax.image.viewport.to_widget(*BOTTOM))
    assert plax.reading.menu.fill(at)
    plax.reading.menu.actions()[0].trigger()
    assert not callipers(plax)
    assert plax.reading.callipers.entries(at) == []


def test_on_another_frame_there_is_nothing_to_take_hold_of(plax):
    plax.workspace.do(SetCalliper("LAD", 2, (TOP, BOTTOM)))
    assert plax.reading.callipers.at(QPointF(*plax.image.viewport.to_widget(*BOTTOM))) is None


def test_points_stay_within_the_image(plax):
    tool = plax.reading.callipers
    tool.start("distance")
    drag(plax.image, TOP, (-50.0, 20.0))
    choose(tool, "LAD")
    assert callipers(plax)["LAD"].points[1][0] == -0.5


def test_contours_are_dragged_as_before_where_no_end_is(plax):
    x, y = plax.workspace.reading.tracks["lv_endo"].contours[4].outline(closed=False).place(0.3)
    drag(plax.image, (x, y), (x - 7.0, y))
    assert plax.workspace.reading.tracks["lv_endo"].origins[4].value == "edited"


def test_a_right_click_while_drawing_is_not_a_point(plax):
    tool = plax.reading.callipers
    tool.start("distance")
    right = Qt.MouseButton.RightButton
    send(plax.image, QEvent.Type.MouseButtonPress, TOP, button=right, held=right)
    assert tool.points == []


def test_it_is_drawn_with_its_value(plax):
    before = plax.image.grab().toImage()
    plax.workspace.do(SetCalliper("LAD", 4, (TOP, BOTTOM)))
    assert plax.image.grab().toImage() != before
