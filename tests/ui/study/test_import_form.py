"""Import contours in the window: preview, choice of labels, accept, undo."""

from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk  # noqa: N813

from kinecor.core.values.track import Origin, Structure
from kinecor.io.export.contours import write_masks
from kinecor.io.write.labels import label_frame
from kinecor.ui.study.import_form import ImportForm
from tests import stacks
from tests.readings import cine, read


def acdc(labels: np.ndarray) -> np.ndarray:
    return np.array([0, 3, 2, 0, 1], np.uint8)[labels]


def shifted_masks(path: Path, recording) -> None:
    """Those of a heart that lies ten pixels further to the right than the analysis says."""
    write_masks(path, read(recording))
    image = sitk.ReadImage(str(path))
    values = np.roll(sitk.GetArrayFromImage(image), 10, axis=-1)
    moved = sitk.JoinSeries([sitk.GetImageFromArray(one) for one in values])
    moved.CopyInformation(image)
    sitk.WriteImage(moved, str(path))


def left(reading) -> float:
    return float(reading.tracks[Structure.LV_ENDO].contours[0].points[:, 0].min())


def form_of(window, path: Path, qtbot) -> ImportForm:
    form = ImportForm(window.workspace, window.player, path, window)
    qtbot.addWidget(form)
    qtbot.waitUntil(lambda: not form.jobs.keys and form.found.text() != "Reading…")
    return form


def test_contours_are_seen_then_imported_then_undone(open_window, qtbot, tmp_path):
    recording = cine(8)
    shifted_masks(tmp_path / "m.nii.gz", recording)
    window = open_window([recording])
    workspace = window.workspace
    before = workspace.saved
    form = form_of(window, tmp_path / "m.nii.gz", qtbot)
    qtbot.waitUntil(form.done_button.isEnabled)
    assert form.order.currentText() == "Kinecor, CAMUS"
    assert "8 contours" in form.found.text()
    assert workspace.previewing
    assert left(workspace.reading) == pytest.approx(left(before) + 10, abs=1)
    assert workspace.saved is before
    form.slider.setValue(5)
    assert window.player.frame == 5
    steps = len(workspace.history.steps)
    form.done_button.click()
    assert not workspace.previewing
    assert len(workspace.history.steps) == steps + 1  # one edit
    assert set(workspace.saved.tracks[Structure.LV_ENDO].origins) == {Origin.EDITED}
    assert "m.nii.gz" in str(workspace.history.steps[-1].summary)
    assert workspace.saved.authors["tracks/la/edited"] == workspace.actor
    workspace.history.undo()
    assert left(workspace.saved) == left(before)
    assert Origin.EDITED not in workspace.saved.tracks[Structure.LV_ENDO].origins


def test_cancel_changes_nothing(open_window, qtbot, tmp_path):
    recording = cine(8)
    shifted_masks(tmp_path / "m.nii.gz", recording)
    window = open_window([recording])
    before = window.workspace.saved
    form = form_of(window, tmp_path / "m.nii.gz", qtbot)
    qtbot.waitUntil(form.done_button.isEnabled)
    form.reject()
    assert not window.workspace.previewing
    assert window.workspace.reading is window.workspace.saved is before


def test_what_labels_stand_for_can_be_changed(open_window, qtbot, tmp_path):
    recording = cine(4)
    shifted_masks(tmp_path / "m.nii.gz", recording)
    window = open_window([recording])
    form = form_of(window, tmp_path / "m.nii.gz", qtbot)
    qtbot.waitUntil(form.done_button.isEnabled)
    form.labels[1].setCurrentIndex(form.labels[1].findData("la"))
    form.labels[1].activated.emit(0)
    assert form.order.currentText() == "as chosen below"
    assert "Two labels stand for the same part" in form.problem.text()
    assert not form.done_button.isEnabled()
    form.labels[3].setCurrentIndex(form.labels[3].findData("none"))
    form.labels[3].activated.emit(0)
    qtbot.waitUntil(form.done_button.isEnabled)
    assert form.imported is not None
    assert form.imported.structures == (Structure.LA,)
    assert left(window.workspace.reading) == left(window.workspace.saved)
    form.order.setCurrentIndex(form.order.findData("kinecor"))
    form.order.activated.emit(0)
    qtbot.waitUntil(form.done_button.isEnabled)
    assert left(window.workspace.reading) == pytest.approx(left(window.workspace.saved) + 10, abs=1)
    form.reject()


def test_labels_of_one_phase_of_a_stack_go_where_the_reader_says(open_window, qtbot, tmp_path):
    recording = stacks.stack()
    labels = acdc(np.stack([[label_frame(one, 10)] for one in stacks.read(recording).slices])[:, 0])
    image = sitk.GetImageFromArray(labels)
    image.SetSpacing((1.5, 1.5, 8.0))
    sitk.WriteImage(image, str(tmp_path / "m.nii.gz"))
    window = open_window([recording])
    form = form_of(window, tmp_path / "m.nii.gz", qtbot)
    qtbot.waitUntil(form.done_button.isEnabled)
    assert form.order.currentText() == "ACDC"
    form.at.setValue(11)
    qtbot.waitUntil(lambda: form.imported is not None and form.imported.frames == {10} and form.done_button.isEnabled())
    form.done_button.click()
    track = window.workspace.saved.slices[5].tracks[Structure.LV_ENDO]
    assert [one is Origin.EDITED for one in track.origins] == [phase == 10 for phase in range(20)]


@pytest.mark.parametrize("name", ["other.nii.gz", "broken.nii.gz"])
def test_a_file_that_does_not_fit_says_why(open_window, qtbot, tmp_path, name):
    write_masks(tmp_path / "other.nii.gz", read(cine(5)))
    (tmp_path / "broken.nii.gz").write_bytes(b"nothing")
    window = open_window([cine(8)])
    form = form_of(window, tmp_path / name, qtbot)
    qtbot.waitUntil(lambda: bool(form.problem.text()))
    assert not form.done_button.isEnabled()
    assert not window.workspace.previewing
    form.reject()
