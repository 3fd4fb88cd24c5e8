"""The command's stages on a cache that was prepared by hand."""

import json
from itertools import islice

import pytest

from kinecor_lab.common.commands import evaluate
from kinecor_lab.tasks.trust import evaluate as command
from kinecor_lab.tasks.trust import prepared
from kinecor_lab.tasks.trust.plan import SOUND, EchoCase, echo_hearts, stack_hearts
from kinecor_lab.tasks.trust.prepared import Maker, cases_in, load, prepare, renewed
from kinecor_lab.tasks.trust.simulated import EchoSetting
from tests import readings


def test_parts_share_the_hearts_between_them():
    whole = [case.name for case in command.wanted(echo_hearts("choose"), 40, "1/1")]
    parts = [[case.name for case in command.wanted(echo_hearts("choose"), 40, f"{part}/3")] for part in (1, 2, 3)]
    assert sorted(name for part in parts for name in part) == sorted(whole)
    assert len(whole) >= 40
    with pytest.raises(ValueError, match="--part"):
        list(command.wanted(echo_hearts("choose"), 4, "3/2"))


def test_an_empty_cache_is_reported(tmp_path, capsys):
    assert evaluate(["trust", "--cache", str(tmp_path)]) == 1
    assert "run with --prepare first" in capsys.readouterr().err


def test_a_case_is_prepared_once_and_judged(tmp_path, small_clip, monkeypatch, capsys):
    setting = EchoSetting("normal", 910_000)
    reading = readings.read(readings.cine(frames=24))
    monkeypatch.setattr(prepared, "echo_clip", lambda _: small_clip)
    monkeypatch.setattr(prepared, "analysed", lambda _: ("", None, "", reading))
    case, said = EchoCase("choose", setting), []
    assert prepare(case, tmp_path, Maker(), said.append)
    assert not prepare(case, tmp_path, Maker(), said.append)
    assert len(said) == 1
    (folder,) = cases_in(tmp_path, "choose", "echo")
    assert json.loads((folder / "case.json").read_text())["setting"]["seed"] == 910_000
    (found,) = load([folder])
    assert (found.kind, found.population, found.truth) == (SOUND, "normal", {"HR": 74.0})
    assert found.reading.facts.frames == 24
    assert renewed(folder).facts.frames == 30  # by the recording in the folder
    assert evaluate(["trust", "--cache", str(tmp_path), "--half", "choose", "--out", str(tmp_path / "out")]) == 0
    assert "Sound recordings, by population" in capsys.readouterr().out
    assert json.loads((tmp_path / "out/trust-choose.json").read_text())["seed"] == 910_000
    assert evaluate(["trust", "--cache", str(tmp_path), "--half", "choose", "--sound", "--out", str(tmp_path)]) == 0
    alone = json.loads((tmp_path / "trust-sound-choose.json").read_text())
    assert "0 kinds of tampering" in alone["notes"][-1]


def test_with_another_network_a_case_is_analysed_again_from_its_recording(tmp_path, small_clip, monkeypatch):
    seen, simulated = [], []
    reading = readings.read(readings.cine(frames=24))
    monkeypatch.setattr(prepared, "echo_clip", lambda _: simulated.append(1) or small_clip)
    monkeypatch.setattr(prepared, "analysed", lambda path: seen.append(path) or ("", None, "", reading))
    case = EchoCase("choose", EchoSetting("normal", 910_000))
    assert prepare(case, tmp_path, Maker(), seen.append)
    (folder,) = cases_in(tmp_path, "choose", "echo")
    monkeypatch.setattr(prepared, "networks", lambda modality: {"lv-apical": "another"})
    assert prepare(case, tmp_path, Maker(), seen.append)
    assert not prepare(case, tmp_path, Maker(), seen.append)
    assert [one for one in seen if one == folder / "recording.zip"] == [folder / "recording.zip"] * 2
    assert simulated == [1]
    (found,) = load([folder])
    assert (found.truth, found.reading.facts.frames) == ({"HR": 74.0}, 24)


def test_stacks_have_more_kinds_that_need_no_network():
    cases = [case for heart in islice(stack_hearts("report"), 8) for case in heart]
    assert sum(case.kind == SOUND for case in cases) == 8
    assert len(cases) >= 8 * 5
