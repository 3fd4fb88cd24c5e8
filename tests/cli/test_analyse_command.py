"""`kinecor analyse` through main(): real documents of synthetic recordings, with a stand-in for the models."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from kinecor.analysis.methods import DEFAULT, Method
from kinecor.analysis.strategy import Proposal
from kinecor.cli import main
from kinecor.cli.batch import recordings
from kinecor.cli.batch.command import command_plan
from kinecor.cli.commands import parse_command_line
from kinecor.cli.outcomes import resolve_path
from kinecor.core.values.calibration import Calibration
from kinecor.core.values.choices import Extent
from kinecor.core.values.errors import KinecorError, Tick
from kinecor.core.values.reading import Reading
from kinecor.core.values.recording import CineSequence, Recording, Stack
from kinecor.io.open.find import Refused
from kinecor.io.open.recordings import Opened
from kinecor.session.edits import OnSlice, SetEvents, SetExtent, SetTrack, Several
from tests import stacks
from tests.readings import BY, cine, names, read, with_identity
from tests.results import read_result

Studies = dict[str, Opened]


def propose(
    recording: Recording,
    reading: Reading,
    tick: Tick,
    *,
    device: str = "auto",
    network: str | None = None,
    method: Method = DEFAULT,
) -> Proposal:
    tick(1, 1)
    path = (recording.slices[0] if isinstance(recording, Stack) else recording).source.path
    if "hopeless" in path:
        raise KinecorError("no left ventricle was found: choose an apical view")
    if "broken" in path:
        raise RuntimeError("a secret of the inside")
    if "interrupt" in path:
        raise KeyboardInterrupt
    if isinstance(recording, Stack):
        return of_stack(recording)
    found = read(recording)
    assert found.events is not None
    edits = (*(SetTrack(track) for track in found.tracks.values()), SetEvents(found.events))
    return Proposal(Several(f"analysed for {device}", edits), BY)


def of_stack(recording: Stack) -> Proposal:
    found = stacks.read(recording)
    assert found.events is not None
    edits = [
        OnSlice(number, SetTrack(track)) for number, one in enumerate(found.slices) for track in one.tracks.values()
    ]
    extent = SetExtent(Extent((1,) * 20, (10,) * 20))
    return Proposal(Several("analysed", (*edits, extent, SetEvents(found.events))), BY)


def clip(path: str, uid: str, study: str = "9") -> CineSequence:
    return with_identity(cine(), path=path, recording_id=uid, study_id=study)


@pytest.fixture
def studies(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Studies:
    """What each path opens as; the options it was opened with are recorded under "asked"."""
    known: Studies = {}

    def open_path(path: str, **options: Any) -> Opened:
        return known[path]

    monkeypatch.setattr(recordings, "open_path", open_path)
    monkeypatch.setattr(recordings, "propose", propose)
    monkeypatch.setenv("KINECOR_DATA_DIR", str(tmp_path / "data"))
    return known


def opened(*recordings: Recording, refused: tuple[Refused, ...] = ()) -> Opened:
    return Opened(recordings, refused)


def test_prints_the_result_and_nothing_else(
    studies: Studies, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    studies["s"] = opened(clip("s/a.dcm", "1.1"), clip("s/b.dcm", "1.2"))
    out = tmp_path / "out"
    assert main(["analyse", "s", "--out", str(out)]) == 0
    streams = capsys.readouterr()
    assert streams.out == f"{out / 'result.json'}\n"
    assert streams.err.splitlines()[0].startswith("[1/2] s/a.dcm: EF ")
    assert names(out) == ["result.json", "results"]
    result = read_result(out / "result.json")
    assert [one["id"] for one in result["recordings"]] == ["1.1", "1.2"]
    assert result["studies"][0]["recordings"] == ["1.1", "1.2"]
    measured = {one["name"]: one for one in result["recordings"][0]["measurements"]}
    assert measured["EF"]["status"] == "auto"
    assert measured["EF"]["models"] == ["unet@1.0"]


def test_all_documents(studies: Studies, tmp_path: Path) -> None:
    studies["s"] = opened(clip("s/a.dcm", "1.1"))
    assert main(["analyse", "s", "--out", str(tmp_path), "--masks", "--pdf", "--csv"]) == 0
    written = sorted(str(one.relative_to(tmp_path)) for one in tmp_path.rglob("*") if one.is_file())
    assert [one for one in written if ".work" not in one] == [
        "csv/1.1-curves.csv",
        "csv/1.1-measurements.csv",
        "masks/1.1.nii.gz",
        "recordings.csv",
        "reports/1.1.pdf",
        "result.json",
        "results/1.1.json",
        "results/studies/9.json",
        "studies.csv",
        "study-reports/9.pdf",
    ]


def test_what_is_gathered_is_what_was_planned(studies: Studies, tmp_path: Path) -> None:
    studies["s"] = opened(clip("s/a.dcm", "1.1"))
    words = ["analyse", "s", "--out", str(tmp_path / "out"), "--csv", "--overview"]
    planned = {name for output in command_plan(parse_command_line(words)).outputs for name in output.value}
    assert main(words) == 0
    assert {one.name for one in (tmp_path / "out").iterdir() if one.is_file()} == planned


def test_reports_of_a_study_know_its_other_loops(
    studies: Studies, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    studies["s"] = opened(clip("s/a.dcm", "1.1"), clip("s/b.dcm", "1.2"), clip("s/c.dcm", "1.3", study="other"))
    reported: dict[str, list[str]] = {}

    def made(loop: CineSequence, reading: Reading, **options: Any) -> bytes:
        reported[loop.source.recording_id] = [one.facts.recording_id for one in options.get("others", ())]
        assert loop.source.recording_id == reading.facts.recording_id
        return b""

    monkeypatch.setattr("kinecor.io.report.study_report.recording_report_bytes", made)
    asked = ["analyse", "s", "--out", str(tmp_path), "--view", "A4C", "--pdf"]
    assert main(asked) == 0
    assert reported == {"1.1": ["1.2"], "1.2": ["1.1"], "1.3": []}


def test_a_view_that_shows_the_ventricle_short_says_so(studies: Studies, tmp_path: Path) -> None:
    short = replace(clip("s/a.dcm", "1.1"), calibration=Calibration(0.6, 0.4, "the file"))
    studies["s"] = opened(short, clip("s/b.dcm", "1.2"))
    assert main(["analyse", "s", "--out", str(tmp_path), "--view", "A4C"]) == 0
    first, second = read_result(tmp_path / "result.json")["recordings"]
    assert any("foreshortened" in one for one in first["warnings"])
    assert not any("foreshortened" in one for one in second["warnings"])


def test_a_report_that_waited_and_cannot_be_written_is_reported(
    studies: Studies, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    studies["s"] = opened(clip("s/a.dcm", "1.1"), clip("s/b.dcm", "1.2"))
    (tmp_path / "reports" / "1.1.pdf").mkdir(parents=True)
    assert main(["analyse", "s", "--out", str(tmp_path), "--view", "A4C", "--pdf"]) == 1
    assert "a.dcm: failed: " in capsys.readouterr().err
    first, second = read_result(tmp_path / "result.json")["recordings"]
    assert "cannot be written" in first["error"]
    assert first["measurements"]
    assert second["error"] is None
    assert names(tmp_path / "reports") == ["1.1.pdf", "1.2.pdf"]


def test_failures_are_reported_and_the_rest_is_done(
    studies: Studies, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bad = Refused("s/x.dcm", "Expected a recording, this is text")
    studies["s"] = opened(clip("s/hopeless.dcm", "1.1"), clip("s/b.dcm", "1.2"), refused=(bad,))
    assert main(["analyse", "s", "--out", str(tmp_path), "--pdf"]) == 1
    streams = capsys.readouterr()
    assert "hopeless.dcm: failed: no left ventricle was found" in streams.err
    assert "x.dcm: refused: Expected a recording" in streams.err
    assert "2 of 3 recordings failed or were refused" in streams.err
    result = read_result(tmp_path / "result.json")
    assert [one["error"] for one in result["recordings"]] == [
        "no left ventricle was found: choose an apical view",
        None,
        "Expected a recording, this is text",
    ]
    assert names(tmp_path / "reports") == ["1.2.pdf"]


def test_the_unforeseen_is_one_sentence_and_a_log(
    studies: Studies, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    studies["s"] = opened(clip("s/broken.dcm", "1.1"), clip("s/b.dcm", "1.2"))
    assert main(["analyse", "s", "--out", str(tmp_path)]) == 1
    error = capsys.readouterr().err
    log = tmp_path / "data" / "kinecor.log"
    assert str(log) in error
    assert "Traceback" not in error
    assert "secret" not in error
    assert "secret" not in log.read_text()
    assert "Error" in log.read_text()
    first, second = read_result(tmp_path / "result.json")["recordings"]
    assert str(log) in first["error"]
    assert second["error"] is None


def test_ctrl_c_leaves_nothing(studies: Studies, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    studies["s"] = opened(clip("s/interrupt.dcm", "1.1"))
    out = tmp_path / "out"
    assert main(["analyse", "s", "--out", str(out), "--masks"]) == 130
    assert not out.exists()
    assert "interrupted" in capsys.readouterr().err


def test_a_single_slice_of_mr_is_listed_and_not_measured(studies: Studies, tmp_path: Path) -> None:
    one = clip("mr/one", "3")
    studies["mr"] = opened(replace(one, source=replace(one.source, modality="MR")))
    assert main(["analyse", "mr", "--out", str(tmp_path), "--masks", "--pdf"]) == 0
    (recording,) = read_result(tmp_path / "result.json")["recordings"]
    assert recording["warnings"][-1].startswith("cine MRI is measured as a stack of short axes")
    assert recording["measurements"] == []
    assert recording["error"] is None
    assert names(tmp_path) == ["result.json", "results"]


def test_a_long_axis_of_mr_goes_to_the_models(studies: Studies, tmp_path: Path) -> None:
    one = clip("mr/long", "3")
    studies["mr"] = opened(replace(one, view="A4C", source=replace(one.source, modality="MR")))
    assert main(["analyse", "mr", "--out", str(tmp_path)]) == 0
    (recording,) = read_result(tmp_path / "result.json")["recordings"]
    assert recording["view"]["label"] == "A4C"
    assert recording["measurements"]
    assert not any("trace its contours" in one for one in recording["warnings"])


def test_a_single_slice_named_as_a_short_axis_goes_to_the_models(studies: Studies, tmp_path: Path) -> None:
    one = clip("mr/one", "3")
    studies["mr"] = opened(replace(one, source=replace(one.source, modality="MR")))
    assert main(["analyse", "mr", "--out", str(tmp_path), "--view", "SAX"]) == 0
    (recording,) = read_result(tmp_path / "result.json")["recordings"]
    assert recording["view"]["label"] == "SAX"
    assert recording["measurements"]
    assert recording["events"]["beats"]


def test_a_stack_is_measured_with_all_its_documents(
    studies: Studies, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    studies["mr"] = opened(stacks.stack())
    assert main(["analyse", "mr", "--out", str(tmp_path), "--masks", "--pdf", "--csv"]) == 0
    (recording,) = read_result(tmp_path / "result.json")["recordings"]
    assert recording["id"] == "1.2.3.7"
    assert (recording["slices"], recording["frames"]) == (12, 20)
    assert recording["stack"]["base"] == [1] * 20
    assert {one["name"]: one["status"] for one in recording["measurements"]}["EDV"] == "auto"
    assert names(tmp_path / "masks") == ["1.2.3.7.nii.gz"]
    assert names(tmp_path / "reports") == ["1.2.3.7.pdf"]
    tables = ("curves", "measurements", "segments", "slices")
    assert names(tmp_path / "csv") == [f"1.2.3.7-{one}.csv" for one in tables]
    # All slices of this stack show one image.
    assert "study/mr: EF 51 % (check), EDV 105 ml (check), ESV 51 ml (check)" in capsys.readouterr().err


def test_slices_of_unknown_modality_are_read_as_mri_and_said(studies: Studies, tmp_path: Path) -> None:
    whole = stacks.stack()
    plain = tuple(replace(one, source=replace(one.source, modality="")) for one in whole.slices)
    studies["v"] = opened(replace(whole, slices=plain))
    assert main(["analyse", "v", "--out", str(tmp_path)]) == 0
    (recording,) = read_result(tmp_path / "result.json")["recordings"]
    assert recording["modality"] == "MR"
    assert any("read as cine MRI" in warning for warning in recording["warnings"])


def test_a_stack_that_cannot_be_contoured_says_why(studies: Studies, tmp_path: Path) -> None:
    whole = stacks.stack()
    hopeless = tuple(replace(one, source=replace(one.source, path="hopeless")) for one in whole.slices)
    studies["mr"] = opened(replace(whole, slices=hopeless))
    assert main(["analyse", "mr", "--out", str(tmp_path), "--masks"]) == 1
    (recording,) = read_result(tmp_path / "result.json")["recordings"]
    assert recording["error"].startswith("no left ventricle was found")
    assert recording["tracks"] == {}
    assert names(tmp_path) == ["result.json", "results"]


def test_an_unknown_modality_is_read_as_ultrasound_and_said(studies: Studies, tmp_path: Path) -> None:
    one = clip("v.mp4", "3")
    studies["v"] = opened(replace(one, source=replace(one.source, modality="")))
    assert main(["analyse", "v", "--out", str(tmp_path)]) == 0
    (recording,) = read_result(tmp_path / "result.json")["recordings"]
    assert recording["modality"] == "US"
    assert any("read as ultrasound" in warning for warning in recording["warnings"])


def test_another_modality_is_an_error_and_not_measured(
    studies: Studies, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    one = clip("angio.dcm", "3")
    xa = replace(one, source=replace(one.source, modality="XA"))
    studies["s"] = opened(xa, Stack((xa, xa), np.array([0.0, 8]), 8, "9"), clip("echo.dcm", "4"))
    assert main(["analyse", "s", "--out", str(tmp_path), "--masks", "--pdf"]) == 1
    loop, stack, echo = read_result(tmp_path / "result.json")["recordings"]
    for recording in (loop, stack):
        assert recording["modality"] is None
        assert recording["measurements"] == []
        assert "this recording is XA" in recording["error"]
    assert echo["error"] is None
    assert names(tmp_path / "reports") == ["4.pdf"]
    assert "angio.dcm: failed: expected ultrasound or MR" in capsys.readouterr().err


def test_one_identity_twice_gets_two_names(studies: Studies, tmp_path: Path) -> None:
    studies["a"], studies["b"] = opened(clip("a/1", "1/../2")), opened(clip("b/1", "1/../2"))
    assert main(["analyse", "a", "b", "a", "--out", str(tmp_path), "--masks"]) == 0
    ids = [one["id"] for one in read_result(tmp_path / "result.json")["recordings"]]
    assert len(ids) == len(set(ids)) == 2
    assert names(tmp_path / "masks") == sorted(f"{one}.nii.gz" for one in ids)


def test_an_unknown_network_is_one_sentence(
    studies: Studies, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["analyse", "a", "--out", str(tmp_path), "--network", "best"]) == 1
    assert "network: expected one of lv-apical" in capsys.readouterr().err


def test_a_network_that_fits_no_recording_is_refused(
    studies: Studies, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The default one would silently take its place, as in Python."""
    studies["a"] = opened(clip("a/1", "1"))
    assert main(["analyse", "a", "--out", str(tmp_path), "--network", "lv-sax"]) == 1
    assert "network: lv-sax contours stacks of short-axis slices, and none of these" in capsys.readouterr().err
    assert names(tmp_path) == []
    studies["b"] = opened(stacks.stack())
    assert main(["analyse", "a", "b", "--out", str(tmp_path), "--network", "lv-sax"]) == 0


def test_options_reach_those_they_are_for(studies: Studies, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: dict[str, Any] = {}

    def open_path(path: str, **options: Any) -> Opened:
        asked.update(options)
        return opened(clip("a", "1"))

    def recorded(*args: Any, **options: Any) -> Proposal:
        asked.update(options, view=args[1].view.label)
        return propose(*args, **options)

    monkeypatch.setattr(recordings, "open_path", open_path)
    monkeypatch.setattr(recordings, "propose", recorded)
    options = "--view A2C --modality US --third-axis slice --spacing 0.25,0.5 --device cpu --network lv-convlstm"
    assert main(["analyse", "a", "--out", str(tmp_path), *options.split()]) == 0
    assert asked == {
        "view": "A2C",
        "device": "cpu",
        "network": "lv-convlstm",
        "method": DEFAULT,
        "modality": "US",
        "third_axis": "slice",
        "spacing_mm": (0.25, 0.5),
    }


def test_nothing_there_is_not_success(studies: Studies, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    studies["empty"] = opened()
    assert main(["analyse", "empty", "--out", str(tmp_path)]) == 1
    assert "no recording was found" in capsys.readouterr().err


def test_a_document_that_cannot_be_written_is_reported_and_the_numbers_stay(
    studies: Studies, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    studies["s"] = opened(clip("s/a.dcm", "1.1"), clip("s/b.dcm", "1.2"))
    (tmp_path / "masks").mkdir()
    (tmp_path / "masks" / "1.1.nii.gz").mkdir()
    assert main(["analyse", "s", "--out", str(tmp_path), "--masks"]) == 1
    assert "a.dcm: failed: " in capsys.readouterr().err
    first, second = read_result(tmp_path / "result.json")["recordings"]
    assert "cannot be written" in first["error"]
    assert first["measurements"]
    assert second["error"] is None
    assert names(tmp_path / "masks") == ["1.1.nii.gz", "1.2.nii.gz"]


def test_a_result_that_cannot_be_written_is_one_sentence(
    studies: Studies, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    studies["s"] = opened(clip("s/a.dcm", "1.1"))
    (tmp_path / "result.json").mkdir()
    assert main(["analyse", "s", "--out", str(tmp_path)]) == 1
    streams = capsys.readouterr()
    assert "cannot be written" in streams.err
    assert not streams.out
    assert names(tmp_path) == ["result.json", "results"]


def test_demo_is_the_demo_study_unless_there_is_such_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert Path(resolve_path("demo")).is_dir()
    assert Path(resolve_path("sample")).is_file()
    (tmp_path / "demo").mkdir()
    assert resolve_path("demo") == "demo"
