"""A run over several recordings: killed, interrupted, resumed; real files, with a stand-in for the models."""

import csv
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections import OrderedDict
from pathlib import Path
from typing import Any

import psutil
import pytest

from kinecor.cli import main
from kinecor.cli.analyse import analyse
from kinecor.cli.batch import recordings, work
from kinecor.cli.batch.folder import RunFolder
from kinecor.cli.commands import parse_command_line
from kinecor.core.values.errors import Tick
from kinecor.core.values.recording import Recording
from kinecor.io.open import recordings as opening
from tests.cli.test_analyse_command import propose
from tests.cli_stand_ins import mortal
from tests.io.write.sources import write_clip
from tests.results import check, read_result

DRIVER = """
import sys
from kinecor.cli.analyse import analyse
from kinecor.cli.commands import parse_command_line
from tests import cli_stand_ins

if __name__ == "__main__":
    sys.exit(analyse(parse_command_line(sys.argv[2:]), getattr(cli_stand_ins, sys.argv[1])))
"""


@pytest.fixture
def analysed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[str]:
    """Paths of the recordings that were analysed, in order."""
    found: list[str] = []

    def recorded(recording: Recording, *args: Any, **options: Any) -> Any:
        found.append(Path(recording.source.path).name)
        return propose(recording, *args, **options)

    monkeypatch.setattr(recordings, "propose", recorded)
    monkeypatch.setenv("KINECOR_DATA_DIR", str(tmp_path / "data"))
    return found


def clips(folder: Path, *names: str) -> Path:
    """A clip by each name; those with the same first letter are of one study, those of one patient follow in time."""
    folder.mkdir(exist_ok=True)
    for number, name in enumerate(names, start=1):
        uids = {"SOPInstanceUID": f"1.2.{ord(name[0])}.{number}", "StudyInstanceUID": f"1.2.{ord(name[0])}"}
        header = {"PatientID": name[0], "PatientName": name[0], "StudyDate": "20260102"}
        write_clip(folder / f"{name}.dcm", "A2C" if number % 2 else "A4C", instance=number, **uids, **header)
    return folder


def run(folder: Path, out: Path, *options: str) -> int:
    return main(["analyse", str(folder), "--out", str(out), "--csv", *options])


def results(out: Path) -> dict[str, bytes]:
    """Everything that a run wrote for others to read."""
    files = [one for one in out.rglob("*") if one.is_file() and ".work" not in one.parts]
    return {str(one.relative_to(out)): one.read_bytes() for one in files}


def test_each_result_is_complete_by_itself(analysed: list[str], tmp_path: Path) -> None:
    assert run(clips(tmp_path / "in", "a1", "a2", "b1"), tmp_path / "out") == 0
    result = read_result(tmp_path / "out" / "result.json")
    for entry in result["recordings"]:
        alone = read_result(tmp_path / "out" / "results" / f"{entry['id']}.json")
        assert alone["recordings"] == [entry]
    assert [one["id"] for one in result["studies"]] == ["1.2.97", "1.2.98"]
    for study in result["studies"]:
        alone = RunFolder(tmp_path / "out").study(study["id"])
        assert alone == study
    with (tmp_path / "out" / "recordings.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["patient"] for row in rows] == ["a", "a", "b"]
    assert [row["EF_trust"] for row in rows] == [
        next(one["trust"] for one in entry["measurements"] if one["name"] == "EF") for entry in result["recordings"]
    ]


def test_several_processes_give_the_same_bytes(analysed: list[str], tmp_path: Path) -> None:
    folder = clips(tmp_path / "in", "a1", "a2", "b1")
    assert run(folder, tmp_path / "one") == 0
    chosen = parse_command_line(["analyse", str(folder), "--out", str(tmp_path / "two"), "--csv", "--jobs", "2"])
    assert analyse(chosen, mortal) == 0
    assert results(tmp_path / "one") == results(tmp_path / "two")


def test_a_recording_that_kills_its_process_twice_is_named_and_passed_over(
    analysed: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = clips(tmp_path / "in", "a1", "a2-deadly", "b1", "c1-deadly-once")
    chosen = parse_command_line(["analyse", str(folder), "--out", str(tmp_path / "out"), "--csv", "--jobs", "2"])
    assert analyse(chosen, mortal) == 1
    lines = capsys.readouterr().err
    assert "a2-deadly.dcm: failed: it was passed over: the process that analysed it was killed twice" in lines
    entries = read_result(tmp_path / "out" / "result.json")["recordings"]
    assert [bool(one["error"]) for one in entries] == [False, True, False, False]
    with (tmp_path / "out" / "studies.csv").open(newline="") as file:
        assert [row["failed"] for row in csv.DictReader(file)] == ["1", "0", "0"]
    # Resumed, it is not tried again; nor is anything else.
    analysed.clear()
    assert run(folder, tmp_path / "out", "--resume") == 1
    assert analysed == []


def test_stopped_and_resumed_is_as_never_stopped(
    analysed: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = clips(tmp_path / "in", "a1", "a2", "b1", "b2", "c1")
    assert run(folder, tmp_path / "whole") == 0

    def interrupted(recording: Recording, *args: Any, **options: Any) -> Any:
        if "b2" in recording.source.path:
            raise KeyboardInterrupt
        return propose(recording, *args, **options)

    with monkeypatch.context() as once:
        once.setattr(recordings, "propose", interrupted)
        assert run(folder, tmp_path / "out") == 130
    assert "interrupted; 2 recordings are left, --resume goes on" in capsys.readouterr().err
    result = read_result_so_far(tmp_path / "out")
    assert [one["id"] for one in result["recordings"]] == ["1.2.97.1", "1.2.97.2", "1.2.98.3"]
    assert [one["id"] for one in result["studies"]] == ["1.2.97"]
    assert (tmp_path / "out" / "studies.csv").read_text().count("\n") == 2
    analysed.clear()
    assert run(folder, tmp_path / "out", "--resume") == 0
    assert analysed == ["b2.dcm", "c1.dcm"]
    assert results(tmp_path / "out") == results(tmp_path / "whole")


def read_result_so_far(out: Path) -> dict[str, Any]:
    """As `read_result`, of a run that was interrupted: a study that is not done is not listed."""
    result: dict[str, Any] = json.loads((out / "result.json").read_bytes())
    of_studies = {one for study in result["studies"] for one in study["recordings"]}
    check(result | {"recordings": [one for one in result["recordings"] if one["id"] in of_studies]})
    return result


def test_resume_does_again_what_changed(analysed: list[str], tmp_path: Path) -> None:
    folder = clips(tmp_path / "in", "a1", "a2", "b1")
    assert run(folder, tmp_path / "out") == 0
    analysed.clear()
    assert run(folder, tmp_path / "out", "--resume") == 0
    assert analysed == []
    clips(folder, "b1")  # another instance of the same name
    assert run(folder, tmp_path / "out", "--resume") == 0
    assert analysed == ["b1.dcm"]
    analysed.clear()
    clips(folder, "b1", "b2")  # the study has one more
    assert run(folder, tmp_path / "out", "--resume") == 0
    assert analysed == ["b1.dcm", "b2.dcm"]
    analysed.clear()
    assert run(folder, tmp_path / "out", "--resume", "--view", "A2C") == 0
    assert len(analysed) == 4


def test_a_study_is_compared_with_the_one_before_also_when_resumed(
    analysed: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = clips(tmp_path / "in", "a1", "b1")
    for name, day in (("a1", "20250102"), ("b1", "20260102")):
        uid = {"SOPInstanceUID": f"1.2.{name[0] == 'b':d}", "StudyInstanceUID": f"1.3.{name[0] == 'b':d}"}
        write_clip(folder / f"{name}.dcm", PatientID="p", PatientName="p", StudyDate=day, **uid)
    assert run(folder, tmp_path / "whole") == 0
    first, second = read_result(tmp_path / "whole" / "result.json")["studies"]
    assert "prior" not in first
    assert second["prior"]["study"] == first["id"]
    shutil.copytree(tmp_path / "whole", tmp_path / "out")
    later = read_result(tmp_path / "out" / "result.json")["recordings"][1]["id"]
    (tmp_path / "out" / "results" / f"{later}.json").unlink()
    assert run(folder, tmp_path / "out", "--resume") == 0
    assert results(tmp_path / "out") == results(tmp_path / "whole")


def test_in_this_process_deaths_are_counted_before_they_happen(
    analysed: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, out = clips(tmp_path / "in", "a1", "b1"), tmp_path / "out"
    RunFolder(out).begun("1.2.97.1")
    assert run(folder, out, "--resume") == 0
    assert analysed == ["a1.dcm", "b1.dcm"]
    for _ in range(2):
        RunFolder(tmp_path / "other").begun("1.2.97.1")
    assert run(folder, tmp_path / "other", "--resume") == 1
    assert "a1.dcm: failed: it was passed over" in capsys.readouterr().err


def test_each_file_is_read_once_and_again_where_it_changed(
    analysed: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[str] = []
    read_dicom = opening.read_dicom
    monkeypatch.setattr(opening, "read_dicom", lambda path: (read.append(path.name), read_dicom(path))[1])
    monkeypatch.setattr(recordings, "_held", OrderedDict())
    work._read.clear()
    folder = clips(tmp_path / "in", "a1", "a2", "b1")
    assert run(folder, tmp_path / "out") == 0
    assert sorted(read) == ["a1.dcm", "a2.dcm", "b1.dcm"]
    held = [*recordings._held]
    monkeypatch.setattr(recordings, "_held", OrderedDict())
    work._read.clear()
    assert run(folder, tmp_path / "again") == 0
    assert [*recordings._held] == held
    assert results(tmp_path / "again").keys() == results(tmp_path / "out").keys()
    os.utime(folder / "a1.dcm", ns=(1, 1))
    read.clear()
    assert run(folder, tmp_path / "changed") == 0
    assert len(read) == 3  # all are seen when the run is planned, and none after that
    assert sum(("a1.dcm" in str(one)) for one in recordings._held) == 2  # as it is now, and as it was


def test_a_study_derives_nothing_again_of_what_its_recordings_derived(
    analysed: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    replayed: list[str] = []
    reading = RunFolder.reading
    monkeypatch.setattr(
        RunFolder, "reading", lambda folder, name, first: (replayed.append(name), reading(folder, name, first))[1]
    )
    folder = clips(tmp_path / "in", "a1", "a2")
    assert run(folder, tmp_path / "held") == 0
    assert replayed == []
    monkeypatch.setattr(work, "_MAX_READ", 0)
    assert run(folder, tmp_path / "replayed") == 0
    assert len(replayed) == 2
    written, again = results(tmp_path / "held"), results(tmp_path / "replayed")
    assert json.loads(written["result.json"])["studies"] == json.loads(again["result.json"])["studies"]


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_the_program_is_killed_and_resumed(analysed: list[str], tmp_path: Path, how: signal.Signals) -> None:
    folder, out = clips(tmp_path / "in", "a1", "b1-wait", "c1-wait", "d1-wait"), tmp_path / "out"
    driver = tmp_path / "driver.py"
    driver.write_text(DRIVER)
    command = [
        sys.executable,
        str(driver),
        "waiting",
        "analyse",
        str(folder),
        "--out",
        str(out),
        "--csv",
        "--jobs",
        "2",
    ]
    with subprocess.Popen(command, cwd=Path(__file__).parents[3], env=_environment(), stderr=subprocess.PIPE) as one:
        until_s = time.monotonic() + 120
        while not RunFolder(out).outcome("1.2.97.1") and time.monotonic() < until_s:
            time.sleep(0.05)
        workers = psutil.Process(one.pid).children(recursive=True)
        one.send_signal(how)
        one.communicate()
    _, alive = psutil.wait_procs(workers, timeout=60)
    assert alive == []
    if how is signal.SIGTERM:
        assert [Path(one["source"]).name for one in read_result(out / "result.json")["recordings"]] == ["a1.dcm"]
    assert run(folder, out, "--resume") == 0
    assert "a1.dcm" not in analysed
    assert len(read_result(out / "result.json")["recordings"]) == 4


def _environment() -> dict[str, str]:
    return os.environ | {"PYTHONPATH": os.pathsep.join([str(Path(__file__).parents[3]), *sys.path])}


def test_memory_does_not_grow_with_the_recordings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, analysed: list[str]
) -> None:
    """The small form, with 36 recordings: what models and caches take is there after 12."""
    folder = tmp_path / "in"
    folder.mkdir()
    for number in range(36):
        uids = {"SOPInstanceUID": f"1.2.{number}", "StudyInstanceUID": f"1.3.{number // 2}"}
        write_clip(folder / f"{number:03d}.dcm", instance=number + 1, PatientID=f"p{number}", **uids)
    process = psutil.Process()
    seen: list[int] = []

    def measured(recording: Recording, reading: Any, tick: Tick, **options: Any) -> Any:
        seen.append(process.memory_info().rss)
        return propose(recording, reading, tick, **options)

    monkeypatch.setattr(recordings, "propose", measured)
    assert run(folder, tmp_path / "out", "--quiet") == 0
    assert len(seen) == 36
    assert seen[-1] - seen[12] < 24e6
