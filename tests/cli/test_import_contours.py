"""`kinecor analyse --import-contours`: whole runs on real files; no network contours anything."""

from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk  # noqa: N813

from kinecor.cli import main
from kinecor.cli.batch import recordings
from kinecor.io.export.contours import write_masks
from kinecor.io.write.segmentation import write_segmentation
from tests.io.write.sources import AT, read_clip, read_stack, write_clip, write_stack
from tests.results import read_result


@pytest.fixture(autouse=True)
def _no_models(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def propose(*_: object, **__: object) -> None:
        raise AssertionError("a network was asked for")

    monkeypatch.setattr(recordings, "propose", propose)
    monkeypatch.setenv("KINECOR_DATA_DIR", str(tmp_path / "data"))


def run(path: Path, out: Path, *more: str) -> tuple[int, list[dict]]:
    status = main(["analyse", str(path), "--out", str(out), "--quiet", *more])
    return status, read_result(out / "result.json")["recordings"]


def values(entry: dict) -> dict:
    return {one["name"]: one["value"] for one in entry["measurements"]}


def test_a_segmentation_of_a_loop(tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "clip.dcm")
    whole = read_clip(clip)
    write_segmentation(tmp_path / "seg.dcm", whole, AT)
    status, (entry,) = run(clip, tmp_path / "out", "--import-contours", str(tmp_path / "seg.dcm"))
    assert status == 0
    (imported,) = entry["imported"]
    assert imported["file"] == "seg.dcm"
    assert imported["contours"] == 36
    assert imported["dice_min"] > 0.98
    assert entry["tracks"]["lv_endo"]["drawn_by"] == ["imported: seg.dcm"] * 12
    assert any("labels were read as" in one for one in entry["warnings"])
    assert values(entry)["EDV"] > values(entry)["ESV"] > 0


def test_a_mask_of_a_stack_in_a_stated_order(tmp_path: Path) -> None:
    folder = write_stack(tmp_path / "mr")
    whole = read_stack(folder)
    write_masks(tmp_path / "m.nii.gz", whole.reading)
    image = sitk.ReadImage(str(tmp_path / "m.nii.gz"))
    labels = np.array([0, 7, 5, 0, 0], np.uint8)[sitk.GetArrayFromImage(image)]
    other = sitk.JoinSeries([sitk.GetImageFromArray(one) for one in labels])
    other.CopyInformation(image)
    sitk.WriteImage(other, str(tmp_path / "m.nii.gz"))
    status, (entry,) = run(
        folder, tmp_path / "out", "--import-contours", str(tmp_path / "m.nii.gz"), "--labels", "7=lv,5=wall"
    )
    assert status == 0
    assert entry["imported"][0]["matched_by"] == "by coordinates in the patient"
    assert set(entry["tracks"]) == {"lv_endo", "lv_epi"}
    assert values(entry)["EDV"] > values(entry)["ESV"] > 0


def test_what_does_not_fit_fails_the_only_recording(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    clip = write_clip(tmp_path / "clip.dcm")
    labels = np.zeros((5, 96, 128), np.uint8)
    labels[:, 20:60, 40:80] = 1
    sitk.WriteImage(sitk.GetImageFromArray(labels), str(tmp_path / "m.nii.gz"))
    status, (entry,) = run(clip, tmp_path / "out", "--import-contours", str(tmp_path / "m.nii.gz"))
    assert status == 1
    assert "do not belong together" in entry["error"]
    assert "do not belong together" in capsys.readouterr().err


def test_of_several_recordings_the_one_that_the_file_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from tests.cli.test_analyse_command import propose

    monkeypatch.setattr(recordings, "propose", propose)
    clips = tmp_path / "clips"
    clips.mkdir()
    for view, number in (("A4C", 1), ("A2C", 2)):
        write_clip(clips / f"{view}.dcm", view, instance=number)
    write_segmentation(tmp_path / "seg.dcm", read_clip(clips / "A2C.dcm", "A2C"), AT)
    status, entries = run(clips, tmp_path / "out", "--import-contours", str(tmp_path / "seg.dcm"))
    assert status == 0
    assert {Path(one["source"]).stem: "imported" in one for one in entries} == {"A2C": True, "A4C": False}
    # By its shape alone a file would fit both: it is imported into neither, and that is said.
    write_masks(tmp_path / "m.nii.gz", read_clip(clips / "A2C.dcm", "A2C").reading)
    status, entries = run(clips, tmp_path / "out2", "--import-contours", str(tmp_path / "m.nii.gz"))
    assert status == 1
    assert not any("imported" in one for one in entries)
    assert "nothing was imported from it" in capsys.readouterr().err


@pytest.mark.parametrize(
    "more",
    [
        ("--import-contours", "missing.nii"),
        ("--labels", "acdc"),
        ("--import-frame", "3"),
        ("--labels", "1=heart"),
        ("--import-frame", "0"),
    ],
)
def test_wrong_options_are_refused_before_anything_is_done(tmp_path: Path, more: tuple[str, ...]) -> None:
    clip = write_clip(tmp_path / "clip.dcm")
    assert main(["analyse", str(clip), "--out", str(tmp_path / "out"), *more]) == 2
    assert not (tmp_path / "out").exists()
