import json
import warnings

import pytest

import kinecor
from kinecor.cli import main
from kinecor.session.store import study_file
from tests.results import read_result


def test_saved_and_loaded_again(result, study, tmp_path):
    one = result.recordings[0]
    es = one.beats[0].es
    changed = result.with_recording(one.with_contour("lv_endo", es, one.contour("lv_endo", es) * 1.03, author="me"))
    path = kinecor.save(changed, tmp_path / "study.kinecor")
    loaded = kinecor.load(path, study)
    assert list(loaded.rows()) == list(changed.rows())
    assert loaded.recordings[0].readers == ("me",)
    assert loaded["EF"] == changed["EF"]


def test_a_loaded_result_is_edited_and_saved_with_its_history(result, study, tmp_path):
    first = kinecor.save(result, tmp_path / "first.kinecor")
    loaded = kinecor.load(first, study)
    one = loaded.recordings[1]
    edited = loaded.with_recording(one.with_contour("lv_endo", 2, one.contour("lv_endo", 2) * 1.02, author="B"))
    second = kinecor.save(edited, tmp_path / "second.kinecor")
    again = kinecor.load(second, study)
    assert list(again.rows()) == list(edited.rows())
    assert again.recordings[1].readers == ("B",)
    assert list(kinecor.load(first, study).rows()) == list(loaded.rows())
    assert main(["verify", str(second)]) == 0


def test_no_file_is_overwritten(result, study, tmp_path):
    path = kinecor.save(result, tmp_path / "study.kinecor")
    before = path.read_bytes()
    with pytest.raises(kinecor.Error, match="exists"):
        kinecor.save(result, path)
    assert path.read_bytes() == before
    with pytest.raises(kinecor.Error, match="there is none"):
        kinecor.load(tmp_path / "other.kinecor", study)
    other = kinecor.phantom("a4c", seed=1, frames=4, size=(64, 64)).study
    with pytest.raises(kinecor.Error, match="nothing about the recordings"):
        kinecor.load(path, other)


def test_saved_where_the_window_finds_it(result, folder, tmp_path):
    one = result.recordings[0]
    changed = result.with_recording(one.with_contour("lv_endo", 1, one.contour("lv_endo", 1) * 1.05, author="me"))
    assert kinecor.save(changed) == study_file(result.study_ids[0])
    assert main(["analyse", str(folder), "--out", str(tmp_path / "out"), "--readings", "--device", "cpu"]) == 0
    entry = next(
        one for one in read_result(tmp_path / "out/result.json")["recordings"] if one["id"] == changed.recordings[0].id
    )
    assert entry["tracks"]["lv_endo"]["drawn_by"][1] == "me"
    values = {one["name"]: one["value"] for one in entry["measurements"]}
    assert values["EDV"] == changed.recordings[0]["EDV"].value


def test_the_export_is_what_the_command_writes(result, folder, tmp_path):
    options = ["--masks", "--csv", "--contours", "--sr", "--seg", "--overview", "--pdf", "--device", "cpu"]
    assert main(["analyse", str(folder), "--out", str(tmp_path / "command"), *options]) == 0
    found = kinecor.export(
        result, tmp_path / "python", masks=True, csv=True, contours=True, sr=True, seg=True, overview=True, pdf=True
    )
    assert found == tmp_path / "python/result.json"
    ours, theirs = (json.loads((tmp_path / one / "result.json").read_text()) for one in ("python", "command"))
    assert ours == theirs

    def files(name):
        root = tmp_path / name
        return {path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file()}

    assert files("python") == files("command")
    for name in sorted(files("python")):
        if name.endswith((".csv", ".nii.gz")) or "contours" in name:
            assert (tmp_path / "python" / name).read_bytes() == (tmp_path / "command" / name).read_bytes(), name


def test_a_cohort_reads_the_export(result, tmp_path):
    kinecor.export(result, tmp_path / "out")
    assert main(["cohort", str(tmp_path / "out"), "--csv-only"]) == 0
    assert "EF_percent" in (tmp_path / "out/cohort/cohort.csv").read_text()


def test_what_cannot_be_made_of_a_recording_is_a_warning(tmp_path):
    made = kinecor.phantom("a4c", seed=2, frames=8, size=(96, 96))
    result = kinecor.analyse(made.study, device="cpu")
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        kinecor.export(result, tmp_path / "out", seg=True, sr=True)
    assert any("DICOM object" in str(one.message) for one in caught)
    assert read_result(tmp_path / "out/result.json")["recordings"][0]["error"] is None


@pytest.mark.slow
def test_a_stack_with_long_axes_goes_the_same_way(tmp_path):
    made = kinecor.phantom("mri", seed=3, ef=40, frames=10, size=(80, 96), out=tmp_path / "mri")
    result = kinecor.analyse(made.study, device="cpu")
    assert main(["analyse", str(tmp_path / "mri"), "--out", str(tmp_path / "command"), "--device", "cpu"]) == 0
    kinecor.export(result, tmp_path / "python")
    ours, theirs = (json.loads((tmp_path / one / "result.json").read_text()) for one in ("python", "command"))
    assert ours == theirs
    path = kinecor.save(result, tmp_path / "study.kinecor")
    assert list(kinecor.load(path, made.study).rows()) == list(result.rows())
    stack = next(one for one in result.recordings if one.stack)
    middle = stack.recording.slices // 2
    ed = stack.beats[0].ed
    outline = stack.contour("lv_endo", ed, middle)
    wider = outline.mean(0) + 1.1 * (outline - outline.mean(0))
    changed = stack.with_contour("lv_endo", ed, wider, author="me", slice=middle)
    assert changed["EDV"].value > stack["EDV"].value
    assert stack.strain is None or stack.strain.kind == "circumferential"
    assert stack.mask(0, middle).shape == (80, 96)
