"""`kinecor analyse` on what is not to be measured, and `kinecor doctor PATH`."""

import json
import zipfile

from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from kinecor.cli.commands import main
from tests.io import make_dicom as make
from tests.results import read_result


def m_mode(path):
    region = Dataset()
    region.RegionSpatialFormat, region.RegionDataType = 2, 1
    header = make.loop_dataset(make.grey_loop()[:1], SeriesNumber=3, SeriesDescription="TTE")
    header.SequenceOfUltrasoundRegions = Sequence([region])
    return make.save(header, path)


def segmentation(path):
    return make.save(make.loop_dataset(make.grey_loop(), Modality="SEG", SeriesNumber=9), path)


def test_a_folder_of_which_nothing_is_to_be_measured_is_done(tmp_path, capsys):
    folder = tmp_path / "study"
    folder.mkdir()
    m_mode(folder / "a")
    segmentation(folder / "b.dcm")
    with zipfile.ZipFile(folder / "more.zip", "w") as archive:
        archive.write(m_mode(tmp_path / "c.dcm"), "inner/c.dcm")
    assert main(["analyse", str(folder), "--out", str(tmp_path / "out")]) == 0
    found = read_result(tmp_path / "out" / "result.json")
    assert found["recordings"] == []
    kinds = [(one["series"], one["description"], one["kind"], one["images"]) for one in found["set_aside"]]
    assert sorted(kinds) == [(3, "TTE", "m-mode", 1), (3, "TTE", "m-mode", 1), (9, "", "segmentation", 1)]
    assert all(one["reason"] and one["rule"] for one in found["set_aside"])
    assert "3 set aside, not measured: 2 M-mode, 1 segmentation" in capsys.readouterr().err


def test_an_empty_folder_is_none(tmp_path):
    (tmp_path / "empty").mkdir()
    assert main(["analyse", str(tmp_path / "empty"), "--out", str(tmp_path / "out")]) == 1


def test_the_doctor_prints_kinds_and_rules(tmp_path, capsys):
    m_mode(tmp_path / "a")
    make.write_study(tmp_path / "cine")
    assert main(["doctor", str(tmp_path)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split()[:3] == ["patient", "study", "series"]
    assert any("m-mode" in line and "us-m-mode (PS3.3" in line for line in lines)
    assert any("cine" in line and "15" in line and "mr-" in line for line in lines)
    assert main(["doctor", str(tmp_path), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert {(one["kind"], one["measured"]) for one in found} == {("m-mode", False), ("cine", True)}


def test_the_doctor_says_what_cannot_be_opened(tmp_path, capsys):
    (tmp_path / "a.dcm").write_bytes(b"")
    assert main(["doctor", str(tmp_path)]) == 1
    assert "the file is empty" in capsys.readouterr().err


def test_a_zip_in_a_zip_stays_closed(tmp_path):
    from kinecor.io.open.recordings import open_path

    with zipfile.ZipFile(tmp_path / "inner.zip", "w") as archive:
        archive.write(m_mode(tmp_path / "a.dcm"), "a.dcm")
    (tmp_path / "a.dcm").unlink()
    (tmp_path / "study").mkdir()
    with zipfile.ZipFile(tmp_path / "study" / "outer.zip", "w") as archive:
        archive.write(tmp_path / "inner.zip", "inner.zip")
    found = open_path(tmp_path / "study")
    assert not found.recordings
    assert ["unpack that one first" in one.reason for one in found.refused] == [True]
