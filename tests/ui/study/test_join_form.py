from kinecor.ui.study.join_form import JoinForm, stills_of
from tests.readings import cine, with_identity


def test_two_stills_are_joined_by_hand(open_window, qtbot):
    stills = [with_identity(cine(1), path=f"{name}.png", recording_id=name) for name in ("d", "s")]
    window = open_window([*stills, with_identity(cine(1, rows=90), path="x.png", recording_id="x")], analysed=False)
    assert stills_of(window.workspace) == (0, 1, 2)
    form = JoinForm(window.workspace, window)
    qtbot.addWidget(form)
    assert form.done_button.isEnabled()
    form.es.setCurrentIndex(0)
    assert not form.done_button.isEnabled()
    form.es.setCurrentIndex(2)
    assert "differ in size" in form.problem.text()
    form.es.setCurrentIndex(1)
    form.view.setCurrentIndex(form.view.findData("A4C"))
    form.carry_out()
    assert [len(one) for one in window.workspace.opened.recordings] == [2, 1]
    assert window.workspace.opened.recordings[0].view == "A4C"


def test_where_there_are_none_it_is_said(window):
    window.actions_by_name["join"].trigger()
    assert "no two stills" in window.banner.messages[-1]
    window.actions_by_name["name_views"].trigger()
    assert "No view could be named" in window.banner.messages[-1]
