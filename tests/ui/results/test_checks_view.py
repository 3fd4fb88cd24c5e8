"""The Checks list: what is listed, where Go to leads, what resolves a finding."""

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt

from kinecor.core.checks import assessment
from kinecor.core.checks import view as view_checks
from kinecor.core.checks.findings import Finding, Remedy, Severity, codes_affected
from kinecor.core.table.measures import EXPLORATORY
from kinecor.core.values.errors import KinecorError
from kinecor.core.values.message import message, verbatim
from kinecor.core.values.reading import View
from kinecor.core.volumes.extent import marks_of, with_end
from kinecor.session.edits import SetExtent, SetView
from kinecor.ui.results.checks_view import MAX_VALUES, values_words
from kinecor.ui.study.study_rows import State
from kinecor.ui.workspace.changes import Topic, follow
from kinecor.ui.workspace.study_checks import Listed, Place, title_of
from tests import stacks
from tests.readings import cine, read, with_identity
from tests.ui.conftest import beating
from tests.ui.settled import settle


def a_check(reading):
    """Marks EF where the reader has entered no heart rate, at frames 4, 5 and 9."""
    if reading.tracks and "HR" not in reading.decisions:
        yield Finding(
            "time.rate-contradicts",
            Severity.CHECK,
            message("The header says 64/min, the images 54/min."),
            (4, 5, 9),
            measurements=codes_affected("HR"),
            remedies=(
                Remedy("enter-value", "Use 54/min, from the images", {"code": "HR", "value": 54}),
                Remedy("enter-value", "Type another heart rate", {"code": "HR"}),
            ),
        )


def a_stop(reading):
    if reading.tracks:
        yield Finding(
            "contours.crossing", Severity.STOP, message("The contours cross."), (2,), measurements=codes_affected("EDV")
        )


@pytest.fixture
def found(monkeypatch):
    """found(check, ...): these are the only checks."""

    def use(*checks):
        monkeypatch.setattr(assessment, "OF_A_RECORDING", checks)
        monkeypatch.setattr(assessment, "check_against_other_views", lambda *_: ())
        for name in ("study_findings", "between_planes"):
            monkeypatch.setattr(assessment, name, lambda *_: ())

    return use


def opened(window):
    window.actions_by_name["checks"].trigger()
    return window.reading.checks


def choose(card, text, typed=""):
    window = card.window()
    choice = next(one for one in card.choices if one.button.text().startswith(text))
    choice.button.setChecked(True)
    if typed:
        choice.typed.setText(typed)
        choice.typed.textEdited.emit(typed)
    card.resolve.click()
    settle(window)


def row(window, code):
    return settle(window).reading.results.row(code)


def test_a_clean_study_has_no_mark(found, open_window):
    found()
    window = open_window([cine()])
    assert window.top.checks.defaultAction().iconText() == "Checks 0"
    assert opened(window).cards == []
    assert all(one.mark is None for one in window.reading.results.rows)
    assert window.reading.curve.plot.checked.frames == ()
    assert window.workspace.checks.finding_at(0) is None


def test_the_list_opens_over_the_results_most_serious_first_and_closes(found, open_window):
    found(a_check, a_stop)
    window = open_window([cine()])
    assert window.top.checks.defaultAction().iconText() == "Checks 2"
    view = opened(window)
    assert view.isVisible()
    assert not window.reading.results.isVisible()
    assert [card.one.title for card in view.cards] == ["Contours: crossing", "Time: rate contradicts"]
    assert view.count.text() == "2 open, 0 acknowledged"
    assert not view.cards[0].resolve.isEnabled()
    view.close_button.click()
    assert window.reading.results.isVisible()


def test_marked_and_withheld_values_say_so(found, open_window):
    found(a_check, a_stop)
    window = open_window([cine()])
    assert row(window, "HR").mark is Severity.CHECK
    assert row(window, "EDV").withheld
    assert row(window, "EDV").mark is None  # what is not shown raises no alarm
    assert row(window, "EDV").note == "The contours cross."
    card = opened(window).cards[0]
    words = values_words(card.one.finding, window.workspace.checks.here.measurements)
    assert words.startswith("EF – withheld, EDV – withheld")
    affected = values_words(opened_card(window, "Time").one.finding, window.workspace.checks.here.measurements)
    assert "HR 64 /min" in affected.split(", ")
    assert "marked" not in affected


def test_exploratory_values_are_counted_where_there_are_others(window):
    rows = window.workspace.checks.here.measurements
    codes = frozenset(row.code for row in rows if row.quantity is not None)
    affected = values_words(replace(next(a_check(read(cine()))), measurements=codes), rows)
    routine = [row for row in rows if row.quantity is not None and row.code not in EXPLORATORY]
    assert not any(affected_code in EXPLORATORY for affected_code in (part.split()[0] for part in affected.split(", ")))
    assert affected.endswith(f"and {len(codes) - min(len(routine), MAX_VALUES)} more")


def opened_card(window, family):
    return next(one for one in window.reading.checks.cards if one.one.title.startswith(family))


def test_go_to_and_next_visit_frames_and_come_round(found, open_window):
    found(a_check, a_stop)
    window = open_window([cine()])
    view = opened(window)
    view.cards[1].go.click()
    assert window.player.frame == 4
    view.cards[1].go.click()
    assert window.player.frame == 8 or window.player.frame == 9
    frames = []
    for _ in range(4):
        window.actions_by_name["next_check"].trigger()
        frames.append(window.player.frame)
    assert frames == [2, 4, 9, 2]
    assert window.workspace.checks.finding_at(2).code == "contours.crossing"
    assert window.reading.curve.plot.checked.frames == (2, 4, 5, 9)


def test_a_remedy_resolves_and_undo_brings_it_back(found, open_window):
    found(a_check)
    window = open_window([cine()])
    view = opened(window)
    choose(view.cards[0], "Use 54/min")
    assert view.cards == []
    assert row(window, "HR").value == "54"
    window.workspace.history.undo()
    settle(window)
    assert len(view.cards) == 1
    choose(view.cards[0], "Type another", "58,5")
    assert row(window, "HR").value in ("58", "59")


def test_a_remedy_says_what_it_leads_to_as_soon_as_that_is_computed(found, open_window, qtbot):
    found(a_check)
    window = open_window([cine()])
    choice = opened(window).cards[0].choices[0]
    assert row(window, "HR").value == "64"
    qtbot.waitUntil(lambda: "HR 54 /min" in choice.effect.text())


def test_acknowledging_needs_a_reason_and_can_be_taken_back(found, open_window):
    found(a_stop)
    window = open_window([cine()])
    view = opened(window)
    card = view.cards[0]
    card.choices[-1].button.setChecked(True)
    assert not card.resolve.isEnabled()
    choose(card, "Acknowledge", "seen in another view")
    assert window.top.checks.defaultAction().iconText() == "Checks 0"
    assert row(window, "EDV").mark is Severity.CHECK
    assert "seen in another view (Dr Grey)" in row(window, "EDV").note
    assert view.count.text() == "0 open, 1 acknowledged"
    view.cards[0].reopen.click()
    assert row(window, "EDV").withheld
    assert row(window, "EDV").mark is None  # what is not shown raises no alarm
    assert view.count.text() == "1 open, 0 acknowledged"


def test_return_after_the_reason_acknowledges(found, open_window, qtbot):
    found(a_stop)
    view = opened(open_window([cine()]))
    typed = view.cards[0].choices[-1].typed
    qtbot.keyClick(typed, Qt.Key.Key_Return)
    assert view.count.text() == "1 open, 0 acknowledged"
    qtbot.keyClicks(typed, "seen in another view")
    qtbot.keyClick(typed, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: view.count.text() == "0 open, 1 acknowledged")


def test_notes_are_listed_below_and_mark_nothing(found, open_window):
    def note(reading):
        yield Finding(
            "files.warning", Severity.INFO, message("Two frames are missing."), resolve=message("export it again")
        )

    found(note)
    window = open_window([cine()])
    view = opened(window)
    assert window.top.checks.defaultAction().iconText() == "Checks 0"
    assert [card.one.counts for card in view.cards] == [False]
    assert view.cards[0].choices == []
    assert not view.cards[0].go.isVisible()


def test_choosing_a_base_answers_the_check_in_one_step_until_the_base_is_another(found, open_window):
    def base(reading):
        if reading.short_axis.extent is None:
            return
        now = reading.short_axis.extent.base[0]
        yield Finding(
            "stack.basal-slice",
            Severity.CHECK,
            message("Which slice is the base?"),
            (0,),
            measurements=codes_affected("EDV"),
            subject=f"ED, slice {now + 1}",
            remedies=tuple(
                Remedy(
                    "move-base",
                    verbatim(f"Base is slice {one + 1} at ED{words}"),
                    {"frame": 0, "slice": one, "end": "base"},
                    reason=verbatim(f"Base is slice {one + 1} at ED"),
                )
                for one, words in ((now, ", as now"), (now + 1, ""))
            ),
        )

    found(base)
    window = open_window([stacks.stack()])
    workspace, view = window.workspace, opened(window)
    first = workspace.saved.short_axis.extent.base[0]
    # The slice in force is let stand with the choice as the reason; another one settles the doubt by itself.
    for number, seen in ((first, 1), (first + 1, 0)):
        choose(view.cards[0], f"Base is slice {number + 1} at ED")
        assert view.count.text() == f"0 open, {seen} acknowledged"
        assert workspace.saved.short_axis.extent.base[0] == number
        why = [one.why for one in workspace.saved.acknowledged.values()]
        assert why == [f"Base is slice {number + 1} at ED"] * seen
        workspace.history.undo()
        settle(window)
        assert view.count.text() == "1 open, 0 acknowledged"
    workspace.history.redo()
    there = workspace.saved.short_axis.extent
    workspace.do(SetExtent(with_end(there, "base", first, 0, marks_of(workspace.saved))))
    settle(window)
    assert view.count.text() == "1 open, 0 acknowledged"


def test_naming_the_view_is_a_remedy_and_the_keyboard_reaches_it(found, open_window, qtbot):
    found(*view_checks.CHECKS)
    window = open_window([cine()])
    view = opened(window)
    card = opened_card(window, "View")
    assert window.workspace.checks.here.open
    card.choices[0].button.setFocus()
    qtbot.keyClick(card.choices[0].button, Qt.Key.Key_Space)
    card.resolve.setFocus()
    qtbot.keyClick(card.resolve, Qt.Key.Key_Space)
    assert window.workspace.saved.view == View("A4C", None, "Dr Grey")
    settle(window)
    assert not any(one.one.title.startswith("View") for one in view.cards)
    qtbot.keyClick(view, Qt.Key.Key_Escape)
    assert not window.reading.checks_shown


def test_a_finding_of_a_slice_enlarges_it_and_marks_its_image(found, open_window):
    def base(reading):
        if reading.kind.stack and reading.slices[2].tracks:
            yield Finding(
                "stack.base",
                Severity.CHECK,
                message("Slice 3 is not surely ventricle."),
                (10,),
                (2,),
                codes_affected("ESV"),
                remedies=(Remedy("exclude-slice", "Exclude slice 3", {"slice": 2}),),
            )

    found(base)
    window = open_window([stacks.stack()])
    view = opened(window)
    view.cards[0].go.click()
    assert (window.grid.selected, window.player.frame, window.stack.enlarged) == (2, 10, True)
    assert window.workspace.checks.finding_at(10, 2) is not None
    assert window.workspace.checks.finding_at(10, 3) is None
    choose(view.cards[0], "Exclude slice 3")
    assert window.workspace.saved.short_axis.excluded == (2,)


def test_words_of_a_finding():
    one = Finding("cycle.es-at-the-end", Severity.CHECK, "", (3, 4, 5, 8), (1, 2))
    assert title_of(one) == "Cycle: ES at the end"
    assert Listed(0, "", one).places == (Place(3, 1), Place(8, 1), Place(3, 2), Place(8, 2))
    assert Listed(0, "", replace(one, frames=(), slices=())).places == (Place(),)


def test_a_values_tooltip_and_a_finding_of_another_recording(found, open_window, qtbot):
    from tests.readings import with_identity

    found(a_check)
    recordings = [with_identity(cine(), path=f"{name}.dcm", recording_id=name) for name in ("one", "two")]

    def only_the_first(recording, reading, tick):
        if recording is not recordings[0]:
            raise KinecorError("No model contours this one.")
        return beating(recording, reading, tick)

    window = open_window(recordings, propose=only_the_first)
    window.workspace.show(1)
    assert window.workspace.checks.open_of(0)
    model = window.study_list.model
    hints = [model.index(model.places[index]) for index in (0, 1)]
    sentence = message("The header says 64/min, the images 54/min.")
    qtbot.waitUntil(lambda: sentence in hints[0].data(Qt.ItemDataRole.ToolTipRole))
    assert sentence not in hints[1].data(Qt.ItemDataRole.ToolTipRole)
    view = opened(window)
    assert [card.one.name for card in view.cards] == ["one"]
    view.cards[0].go.click()
    assert window.workspace.index == 0


def test_accept_all_is_one_step_and_the_study_list_says_so(found, open_window):
    found()
    two = with_identity(cine(20), path="study/two.dcm", recording_id="1.2.3.5")
    window = open_window([cine(), two])
    workspace, panel, announced = window.workspace, window.reading.results, []
    for index, view in ((0, "A4C"), (1, "A2C")):
        workspace.do(SetView(View(view, None, "Dr Grey")), recording=workspace.opened.recordings[index])
    settle(window)
    follow(workspace, lambda: announced.append(1), Topic.CHECKS)
    before, listed = len(workspace.history.entries()), window.study_list.model

    def states():
        for index in listed.order:
            listed.refresh(index)
        return [listed.rows[listed.places[index]].state for index in listed.order]

    panel.accept_all.click()
    settle(window)
    assert len(announced) <= 2
    assert all(one.accepted for one in panel.content.to_accept)
    assert not panel.accept_all.isEnabled()
    assert states() == [State.ACCEPTED, State.ACCEPTED]
    assert panel.state.text() == "Accepted"
    for _ in range(2):
        workspace.history.undo()
        settle(window)
        assert not any(one.accepted for one in panel.content.to_accept)
        assert states() == [State.AUTOMATIC, State.AUTOMATIC]
        workspace.history.redo()
        settle(window)
        assert all(one.accepted for one in panel.content.to_accept)
    workspace.history.undo()
    assert all(
        one.undone for one in workspace.history.entries()[before:] if one.kind.startswith(("several", "study-several"))
    )


def a_note(reading):
    if reading.tracks:
        yield Finding("files.warning", Severity.INFO, message("Two frames are missing."))


def crossings(reading):
    """Five open checks of each recording."""
    for number in range(5 if reading.tracks else 0):
        yield Finding(
            "contours.crossing",
            Severity.CHECK,
            message("The contours cross."),
            (number,),
            measurements=codes_affected("EDV"),
            subject=f"frame {number}",
        )


def several(open_window, count=3):
    paths = [f"{number}.dcm" for number in range(count)]
    window = open_window([with_identity(cine(), path=path, recording_id=path) for path in paths])
    for index in range(count):
        window.workspace.show(index)
        settle(window)
    window.workspace.show(1)
    return settle(window)


def test_a_long_list_begins_with_what_is_open_here_and_folds_the_others(found, open_window):
    """54 checks of a stress study stood one below the other."""
    found(crossings, a_note)
    view = opened(several(open_window))
    assert [(fold.title, fold.count.text()) for fold in view.folds.values()] == [
        ("1", "5"),
        ("0", "5"),
        ("2", "5"),
        ("Notes", "3"),
    ]
    assert [fold.head.isChecked() for fold in view.folds.values()] == [True, False, False, False]
    assert [card.isVisible() for card in view.cards] == [True] * 5 + [False] * 13
    assert [card.one.name for card in view.cards[:5]] == ["1"] * 5


def test_a_reader_s_folding_stays_and_going_to_a_check_unfolds_its_group(found, open_window):
    found(crossings, a_note)
    window = several(open_window)
    view = opened(window)
    view.folds["open 2"].head.click()
    view.folds["open 1"].head.click()
    choose(view.cards[0], "Acknowledge", "seen")
    assert [fold.head.isChecked() for fold in view.folds.values()] == [False, False, True, False, False]
    view._go_to(view.cards[0].one)
    assert view.folds["open 1"].head.isChecked()


def test_a_short_list_is_shown_whole(found, open_window):
    found(a_check, a_note)
    view = opened(open_window([cine()]))
    assert [fold.title for fold in view.folds.values()] == ["Notes"]
    assert all(card.isVisible() for card in view.cards)
