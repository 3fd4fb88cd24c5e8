import time
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt

from kinecor.core.checks.assessment import Assessment, assess
from kinecor.core.values.errors import KinecorError, no_tick
from kinecor.core.values.foreign import Document
from kinecor.core.values.reading import View
from kinecor.core.values.recording import Stack, Stage
from kinecor.core.values.series import Series
from kinecor.core.values.track import Structure
from kinecor.session.edits import Decide, SetContours, SetView
from kinecor.ui.study.study_rows import (
    PICTURE,
    ROW,
    THUMBNAIL_PX,
    Divider,
    Paper,
    Part,
    Row,
    State,
    length_of,
    row_words,
    state_of,
    thumbnails,
    view_label,
)
from tests.readings import cine, read, with_identity
from tests.ui.mouse import drag
from tests.ui.settled import settle
from tests.ui.tiles.test_image_view import wall


class Broken:
    shape = (12, 96, 128)

    def __len__(self):
        return 12

    def __getitem__(self, frame):
        raise KinecorError("The frame is damaged.")


def of(name, study, number, view=None):
    """A recording of a patient and a study."""
    made = with_identity(replace(cine(), view=view), path=f"{number}.dcm", recording_id=f"9.{number}")
    patient = replace(made.source.patient, name=name, patient_id=f"ID-{name}", study_date="20200101")
    return replace(made, source=replace(made.source, patient=patient, study_id=study))


def rows(window):
    return window.study_list.model.rows


def row(window, index):
    return rows(window)[window.study_list.model.places[index]]


def test_words_of_a_recording():
    assert view_label(cine(), None) == "clip"
    assert view_label(replace(cine(), view="A4C"), None) == "A4C"
    staged = replace(cine(), source=replace(cine().source, stage=Stage("Peak", 4), view_number=2))
    assert view_label(staged, None) == "Peak 2"
    assert view_label(replace(staged, view="A4C"), None) == "A4C Peak"
    assert row_words(staged, None) == ("Peak 2", length_of(staged))
    assert row_words(replace(staged, view="A4C"), None) == ("A4C", f"Peak 2, {length_of(staged)}")
    assert view_label(replace(staged, source=replace(staged.source, view_number=None)), None) == "Peak"
    assert length_of(cine()) == "12 frames, 0.4 s"
    assert length_of(cine(1)) == "still"
    stack = Stack((cine(), cine()), np.array([0.0, 8.0]), 8.0, "1.2.3")
    assert (view_label(stack, None), length_of(stack)) == ("Short axis", "2 × 12")


def test_thumbnails_are_small_and_a_broken_recording_has_none():
    stack = Stack((cine(), cine()), np.array([0.0, 8.0]), 8.0, "1.2.3")
    made = thumbnails((cine(), replace(cine(), frames=Broken()), stack), no_tick)
    assert made[1] is None
    assert all(max(made[i].shape) <= 2 * THUMBNAIL_PX for i in (0, 2))


def test_a_state_is_accepted_where_every_value_of_contours_is():
    reading = read(cine())
    assert state_of(None, Assessment((), ())) is State.NEW
    assert state_of(reading.with_(tracks={}), assess(reading.with_(tracks={}))) is State.NEW
    judged = reading.with_(tracks={}, view=View("unknown", 0.6, "model:views@1"))
    assert state_of(judged, assess(judged)) is State.UNKNOWN
    assert state_of(reading, assess(reading)) is State.AUTOMATIC
    own = SetContours(Structure.LV_ENDO, 1, (reading.tracks[Structure.LV_ENDO].contours[1],)).apply(reading, "Dr Grey")
    gone = own.with_(events=None)
    assert state_of(gone, assess(gone)) is State.EDITED, "though no value rests on what was drawn"
    one = Decide("EF", True).apply(reading, "Dr Grey")
    assert state_of(one, assess(one)) is State.PARTLY
    every = reading
    for code in [found.code for found in assess(reading).measurements if found.quantity is not None]:
        every = Decide(code, True).apply(every, "Dr Grey")
    assert state_of(every, assess(every)) is State.ACCEPTED


def test_grouped_by_patient_and_study_with_name_and_id(open_window):
    recordings = [of("Doe", "1.1", 1), of("Roe", "1.2", 2), of("Doe", "1.1", 3), of("Doe", "1.3", 4)]
    window = open_window(recordings)
    found = rows(window)
    dividers = [one for one in found if isinstance(one, Divider)]
    assert [(one.name, one.patient_id) for one in dividers] == [("Doe", "ID-Doe"), ("Doe", "ID-Doe"), ("Roe", "ID-Roe")]
    assert dividers[0].study == "Echo  ·  2020-01-01  ·  2 recordings"
    assert dividers[1].study.endswith("·  1 recording")
    assert window.study_list.model.order == (0, 2, 3, 1)
    window.actions_by_name["next"].trigger()
    assert window.workspace.index == 2
    window.workspace.show(1)
    window.actions_by_name["next"].trigger()
    assert window.workspace.index == 1


def test_label_and_state_follow_at_once(open_window, qtbot):
    window = open_window([of("Doe", "1.1", 1), of("Doe", "1.1", 2, "PLAX")])
    qtbot.waitUntil(lambda: None not in (row(window, 0).state, row(window, 1).state))
    assert row(window, 0).state is State.AUTOMATIC
    assert row(window, 1).state is State.NEW
    window.reading.header.choose_view("A2C")
    assert row(window, 0).view == "A2C"
    drag(window.image, *wall(window))
    settle(window)
    assert row(window, 0).state is State.EDITED
    window.workspace.history.undo()
    settle(window)
    assert row(window, 0).state is State.AUTOMATIC


def test_thumbnails_arrive(open_window, qtbot):
    window = open_window([of("Doe", "1.1", number) for number in range(8)])
    model = window.study_list.model
    qtbot.waitUntil(lambda: all(model.index(at).data(PICTURE) for at in model.places.values()))


def at(window, index):
    view = window.study_list.view
    return view.visualRect(window.study_list.model.index(window.study_list.model.places[index])).center()


def test_only_the_left_button_opens(open_window, qtbot):
    window = open_window([of("Doe", "1.1", 1), of("Doe", "1.1", 2)])
    view = window.study_list.view
    qtbot.mouseClick(view.viewport(), Qt.MouseButton.RightButton, pos=at(window, 1))
    assert window.workspace.index == 0
    assert view.current == 0
    assert view.currentIndex().data(ROW).index == 0
    qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=at(window, 1))
    assert window.workspace.index == 1
    qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(20, 12))  # a divider
    assert window.workspace.index == 1


def test_the_words_of_an_unknown_view_offer_the_views(open_window, qtbot):
    window = open_window([of("Doe", "1.1", 1), of("Doe", "1.1", 2)])
    model, view, menu = window.study_list.model, window.study_list.view, window.reading.header.view.menu()
    model.rows[model.places[0]] = replace(row(window, 0), state=State.UNKNOWN)
    box = view.visualRect(model.index(model.places[0]))
    qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=box.topLeft() + QPoint(60, 6))
    assert not menu.isVisible()
    qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=box.bottomLeft() + QPoint(60, -8))
    assert menu.isVisible()
    menu.close()


def test_arrows_and_enter(open_window, qtbot):
    window = open_window([of("Doe", "1.1", 1), of("Roe", "1.2", 2)])
    view = window.study_list.view
    view.setFocus(Qt.FocusReason.TabFocusReason)
    without = view.grab().toImage()
    qtbot.keyClick(view, Qt.Key.Key_Down)
    assert window.workspace.index == 0
    assert view.currentIndex().data(ROW).index == 1, "over the divider of the second patient"
    assert view.grab().toImage() != without
    qtbot.keyClick(view, Qt.Key.Key_Return)
    assert window.workspace.index == 1


def test_others_on_screen_have_a_bar(open_window):
    window = open_window([of("Doe", "1.1", 1), of("Doe", "1.1", 2)])
    before = window.study_list.view.grab().toImage()
    window.study_list.show_linked([1])
    assert window.study_list.view.grab().toImage() != before


def test_one_recording_needs_no_list_and_a_hidden_one_stays_hidden(open_window):
    assert not open_window([of("Doe", "1.1", 1)]).study_list.isVisible()
    window = open_window([of("Doe", "1.1", 1), of("Doe", "1.1", 2)])
    assert window.study_list.isVisible()
    window.actions_by_name["list"].trigger()
    assert not window.study_list.isVisible()
    window.workspace.open(window.workspace.opened.recordings)
    assert not window.study_list.isVisible()


@pytest.mark.parametrize("patients", [20])
def test_two_hundred_recordings_of_many_patients_are_quick(open_window, patients):
    recordings = [of(f"P{number % patients}", f"1.{number % patients}", number) for number in range(200)]
    window = open_window(recordings[:2])
    began_s = time.thread_time()
    window.workspace.open(tuple(recordings))
    window.study_list.view.grab()
    assert time.thread_time() - began_s < 1.5  # it is a tenth of that; here only that it is no minute
    assert len(rows(window)) == 220


def test_a_list_that_was_hidden_looks_at_the_rest_when_it_is_shown(open_window, qtbot):
    window = open_window([of("Doe", "1.1", number, "A4C") for number in range(3)])
    panel = window.study_list
    panel.hide()
    panel.load()
    panel.hide()
    qtbot.waitUntil(lambda: not panel._timer.isActive())
    assert {row(window, number).state for number in range(3)} == {None}
    panel.show()
    qtbot.waitUntil(lambda: None not in {row(window, number).state for number in range(3)})


def of_kind(number, kind, description, study="1"):
    """A recording of a series with its kind."""
    made = of("Doe", study, number)
    series = Series(uid=f"1.{number}", number=number, description=description, kind=kind, rule="test")
    return replace(made, source=replace(made.source, series=series))


PDF = Document("letter.dcm", "1", Series("1.9", 9, "", "pdf", "encapsulated"), "Letter")


@pytest.fixture
def divided(open_window):
    """A window on a study with a cine, LGE, perfusion and a PDF."""
    recordings = (of_kind(3, "cine", "sa_cine"), of_kind(21, "lge", "DE_PSIR"), of_kind(12, "perfusion", "stress"))
    window = open_window(recordings, analysed=False)
    window.workspace.add((), documents=(PDF,))
    window.study_list.load()
    return window


def test_series_stand_in_parts_with_number_and_description(divided):
    parts = [(one.title, one.count, one.folded) for one in rows(divided) if isinstance(one, Part)]
    assert parts == [("Cine", 1, False), ("Other MR", 2, False), ("Documents", 1, True)]
    listed = [(one.view, one.series) for one in rows(divided) if isinstance(one, Row) and one.view_only]
    assert listed == [("Perfusion", "12 stress"), ("LGE", "21 DE_PSIR")]
    assert [one.title for one in rows(divided) if isinstance(one, Paper)] == ["PDF"]


def test_a_part_folds_and_opens_again_for_the_recording_that_is_chosen(divided):
    listed = divided.study_list
    place = next(at for at, one in enumerate(rows(divided)) if isinstance(one, Part) and one.title == "Other MR")
    listed.view.clicked.emit(listed.model.index(place))
    assert [listed.view.isRowHidden(at) for at in (place, place + 1, place + 2)] == [False, True, True]
    divided.workspace.show(1)
    assert not listed.view.isRowHidden(place + 1)
    assert not rows(divided)[place].folded


def test_what_is_only_shown_is_no_member_of_its_study_and_cannot_be_edited(divided, qtbot):
    workspace = divided.workspace
    assert workspace.study.members == (0,)
    workspace.show(1)
    assert "no cine" in divided.reading.results.empty.text()
    with qtbot.waitSignal(workspace.notices.remark):
        assert not workspace.do(SetView(View("A4C", None, "Dr Grey")))


def test_rows_are_no_wider_than_what_is_seen_of_the_list(divided):
    listed = divided.study_list.view
    assert all(
        listed.visualRect(divided.study_list.model.index(at)).width() <= listed.viewport().width()
        for at in range(len(rows(divided)))
        if not listed.isRowHidden(at)
    )


def test_a_document_that_is_clicked_is_shown(divided, monkeypatch):
    opened = []
    divided.study_list.document_wanted.connect(opened.append)
    listed = divided.study_list
    place = next(at for at, one in enumerate(rows(divided)) if isinstance(one, Paper))
    listed.view.clicked.emit(listed.model.index(place))
    assert opened == [0]
    assert "nothing that can be shown" in divided.status.currentMessage()


def test_a_name_that_is_too_long_goes_on_below_so_that_what_tells_it_apart_is_seen(open_window):
    """The middle of a name was cut, where recordings of a patient differ."""
    names = ["patient0015_4CH_sequence_breath_hold", "patient0015_2CH_sequence_breath_hold"]
    window = open_window([with_identity(cine(), path=f"{name}.dcm", recording_id=name) for name in names])
    view = window.study_list.view
    view.resize(152, 400)
    wide = view.viewport().width()
    shown = [view.rows._name_lines(row(window, at), view.rows._name_px(row(window, at), wide)) for at in (0, 1)]
    assert [len(lines) for lines in shown] == [2, 2]
    assert "4CH" in "".join(shown[0])
    assert "2CH" in "".join(shown[1])
    short = with_identity(cine(), path="a.dcm", recording_id="a")
    other = open_window([short, with_identity(cine(), path="b.dcm", recording_id="b")]).study_list.view
    heights = [view.sizeHintForRow(window.study_list.model.places[0]), other.sizeHintForRow(1)]
    assert heights[0] > heights[1]
