from dataclasses import replace

import numpy as np

from kinecor.core.values.calibration import Calibration
from kinecor.core.values.message import message
from kinecor.core.values.reading import HEADER, View
from kinecor.session.edits import SetView, SetViewSeen, SetWithheld, Several
from kinecor.ui.study.panel import MENU_SIGN, VIEWS
from kinecor.ui.workspace.captions import patient_line, recording_line
from tests.readings import BY, cine, with_identity
from tests.ui.conftest import Proposal, beating
from tests.ui.settled import settle


def test_patient_line_says_what_the_file_says():
    recording = cine()
    assert patient_line(recording) == "Doe Jane  ·  42"
    patient = replace(recording.source.patient, birth_date="19561231", study_date="unknown", sex="F")
    known = replace(recording, source=replace(recording.source, patient=patient))
    assert patient_line(known) == "Doe Jane  ·  42  ·  F  ·  born 1956-12-31  ·  study unknown"


def test_no_reader_named():
    recording = cine()
    source = replace(recording.source, patient=type(recording.source.patient)())
    assert patient_line(replace(recording, source=source)) == "Patient: unknown"


def test_recording_line():
    assert recording_line(cine()) == "12 frames  ·  25 frames/s  ·  128 × 96  ·  Maker Model 1"
    assumed = replace(cine(), times_origin="assumed")
    assert "25 frames/s (assumed)" in recording_line(assumed)
    still = replace(cine(1), times_s=np.zeros(1))
    assert recording_line(still).startswith("still")


def apical_only(recording, reading, tick):
    if reading.view is None or reading.view.label not in ("A4C", "A2C", "A3C"):
        return Proposal(SetWithheld(message("contours need an apical view")), BY)
    proposal = beating(recording, reading, tick)
    return Proposal(replace(proposal.edit, edits=(*proposal.edit.edits, SetWithheld(None))), BY)


def shown(header):
    return header.view.text().removesuffix(MENU_SIGN).strip()


def test_a_reader_corrects_the_view_and_can_analyse_again(open_window, qtbot):
    window = open_window([replace(cine(), view="PLAX")], propose=apical_only)
    header = window.reading.header
    assert header.view.isVisible()
    assert shown(header) == "PLAX"
    assert window.workspace.reading.withheld
    apical = next(one for one in header.view.menu().actions() if one.text().startswith("A4C"))
    apical.trigger()
    assert shown(header) == "A4C"
    view = window.workspace.reading.view
    assert (view.label, view.confidence, view.by) == ("A4C", None, "Dr Grey")
    assert window.workspace.history.entries()[-1].summary == "view A4C"
    qtbot.waitUntil(lambda: not window.busy)
    assert window.workspace.reading.withheld is None
    assert window.workspace.reading.tracks
    window.workspace.history.undo()
    window.workspace.history.undo()
    assert shown(header) == "PLAX"


def test_a_model_s_view_shows_its_confidence_and_a_reader_confirms_it(window):
    header, seen = window.reading.header, View("A4C", 0.972, "model:views@1.0.0+ab")
    window.workspace.do(Several(message("seen"), (SetViewSeen(seen), SetView(seen))), actor="model:views@1.0.0+ab")
    assert shown(header) == "A4C (0.97)"
    assert "views@1.0.0" in header.view.toolTip()
    header.choose_view("A4C")
    assert shown(header) == "A4C"
    assert "Dr Grey" in header.view.toolTip()
    header.choose_view("PLAX")
    settle(window)
    assert "PLAX by Dr Grey, but it looks like A4C (0.97)" in window.reading.checks.words


def test_a_header_s_view_is_confirmed_by_choosing_it(open_window):
    """Where the images made Kinecor withhold, the reader may confirm the view of the header."""
    window = open_window([replace(cine(), view="A4C")], propose=beating)
    header, entries = window.reading.header, len(window.workspace.history.entries())
    assert window.workspace.reading.view.by == HEADER
    header.choose_view("A4C")
    assert window.workspace.reading.view.by == "Dr Grey"
    assert len(window.workspace.history.entries()) == entries + 1
    header.choose_view("A4C")
    assert len(window.workspace.history.entries()) == entries + 1


def test_choosing_the_same_view_is_no_edit(window):
    entries = len(window.workspace.history.entries())
    header = window.reading.header
    assert shown(header) == "view unknown"
    header.choose_view("unknown")
    assert len(window.workspace.history.entries()) == entries
    header.choose_view("A4C")
    settle(window)
    assert "view is not known" not in window.reading.checks.words
    for label in VIEWS:
        header.choose_view(label)
        settle(window)
        if label == "unknown":
            assert "view is not known" in window.reading.checks.words
    assert shown(header) == list(VIEWS)[-1]


def test_a_longer_ventricle_in_another_view_of_the_study_is_reported(open_window, qtbot):
    short = with_identity(replace(cine(), view="A4C"), path="a.dcm", recording_id="1")
    longer = with_identity(
        replace(cine(), view="A2C", calibration=Calibration(1.0, 0.5, message("the file"))),
        path="b.dcm",
        recording_id="2",
    )
    window = open_window([longer, short], propose=beating)
    for index in (0, 1):
        window.workspace.show(index)
        if not window.workspace.reading.tracks:
            window.actions_by_name["analyse"].trigger()
            qtbot.waitUntil(lambda: not window.busy and bool(window.workspace.reading.tracks))
    assert "foreshortened" in " ".join(window.workspace.checks.here.warnings)
    window.workspace.show(0)
    assert "foreshortened" not in " ".join(window.workspace.checks.here.warnings)
