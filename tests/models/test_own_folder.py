"""Cards and weights in a folder of one's own: found by name, opened, or refused in one sentence."""

import hashlib
import json
import shutil
from importlib.resources import files
from pathlib import Path

import pytest

import kinecor
from kinecor.analysis.models import known_network, networks, unusable
from kinecor.analysis.own_models import models_folder, set_models_folder
from kinecor.cli import main
from kinecor_models.contract import load_card, load_weights
from kinecor_models.registry import names

WEIGHTS = Path(str(files("kinecor_models").joinpath("weights")))


def card_of(folder, /, **changes):
    """The shipped apical network under another name, with its weights."""
    content = json.loads((WEIGHTS / "lv-apical.json").read_text("utf-8"))
    shutil.copy(WEIGHTS / content["weights"], folder / "site-apical-1.0.0.safetensors")
    content |= {"name": "site-apical", "version": "1.0.0", "weights": "site-apical-1.0.0.safetensors"} | changes
    content = {name: value for name, value in content.items() if value is not None}
    (folder / "site-apical.json").write_text(json.dumps(content), "utf-8")
    return content


@pytest.fixture
def folder(tmp_path, monkeypatch):
    place = tmp_path / "models"
    place.mkdir()
    monkeypatch.setenv("KINECOR_MODELS", str(place))
    return place


def test_a_network_of_ones_own_is_listed_and_contours(folder, capsys):
    card_of(folder, summary="Ours.")
    assert names("apical")[0] == "lv-apical"
    assert "site-apical" in names("apical")
    assert networks("apical")[0].name == "lv-apical"
    (ours,) = [one for one in kinecor.models() if one.folder]
    assert (ours.name, ours.contours, ours.default, ours.folder) == ("site-apical", "apical", False, str(folder))
    assert main(["models"]) == 0
    assert f"folder: {folder}" in capsys.readouterr().out
    made = kinecor.phantom("a4c", seed=7, frames=6, size=(96, 96))
    (found,) = kinecor.analyse(made.study, network="site-apical", device="cpu").recordings
    assert found.models[0] == "site-apical@1.0.0"
    assert found.contour("lv_endo", 0) is not None


def test_the_setting_is_for_all_and_is_forgotten(tmp_path, capsys):
    assert models_folder() is None
    place = tmp_path / "models"
    place.mkdir()
    card_of(place)
    assert main(["models", "--folder", str(place)]) == 0
    assert models_folder() == place
    assert known_network("site-apical") == "site-apical"
    capsys.readouterr()
    assert main(["models", "--folder", ""]) == 0
    assert "site-apical" not in capsys.readouterr().out
    with pytest.raises(kinecor.Error, match="there is none"):
        set_models_folder(tmp_path / "nothing")
    assert main(["models", "--folder", str(tmp_path / "nothing")]) == 1


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"sha256": None}, "the field sha256, it is missing"),
        ({"extra": 1}, "the field extra is not known"),
        ({"folder": "/"}, "the field folder is not known"),
        ({"size": "160"}, "size: expected a whole number"),
        ({"size": 4}, "16 to 1024"),
        ({"limits": "none"}, "limits: expected a list"),
        ({"sha256": "abc"}, "64 hexadecimal digits"),
        ({"version": "1 0"}, "a version such as"),
        ({"name": "Site Apical"}, "small letters"),
        ({"name": "other"}, "expected the name of the file"),
        ({"weights": "../site-apical-1.0.0.safetensors"}, "in the same folder"),
        ({"weights": "site-apical.pt"}, "safetensors"),
        ({"weights": "none.safetensors"}, "there are none"),
        ({"task": "phases"}, "task: expected one of apical"),
    ],
)
def test_a_wrong_card_is_one_sentence(folder, capsys, changes, why):
    card_of(folder, **changes)
    (sentence,) = unusable()
    assert sentence.startswith("site-apical.json: ")
    assert why in sentence
    assert "site-apical" not in names()
    assert main(["models"]) == 1
    assert sentence in capsys.readouterr().err


def test_what_is_no_card_is_one_sentence(folder):
    (folder / "a.json").write_text("{")
    (folder / "b.json").write_text("[]")
    (folder / "lv-apical.json").write_text((WEIGHTS / "lv-apical.json").read_text("utf-8"))
    shutil.copy(WEIGHTS / json.loads((folder / "lv-apical.json").read_text())["weights"], folder)
    wrong = unusable()
    assert [one.partition(":")[0] for one in wrong] == ["a.json", "b.json", "lv-apical.json"]
    assert "ships with Kinecor" in wrong[2]
    assert not load_card("lv-apical").folder


def test_other_weights_are_refused_when_they_are_opened(folder):
    card_of(folder, sha256=hashlib.sha256(b"expected").hexdigest())
    (folder / "site-apical-1.0.0.safetensors").write_bytes(b"other")
    made = kinecor.phantom("a4c", seed=7, frames=3, size=(64, 64))
    (found,) = kinecor.analyse(made.study, network="site-apical", device="cpu").recordings
    assert "sha256" in found.error
    card_of(folder, sha256=hashlib.sha256(b"other").hexdigest())
    (folder / "site-apical-1.0.0.safetensors").write_bytes(b"other")
    (found,) = kinecor.analyse(made.study, network="site-apical", device="cpu").recordings
    assert "expected to be safetensors" in found.error


def test_a_card_that_was_replaced_is_read_again(folder):
    card_of(folder)
    assert load_card("site-apical").version == "1.0.0"
    assert load_weights(load_card("site-apical"))
    card_of(folder, version="2.0.0")
    assert load_card("site-apical").version == "2.0.0"
    assert "site-apical" in names()
    (folder / "site-apical.json").unlink()
    assert "site-apical" not in names()
