"""Precisions of a network side by side, patient by patient."""

from pathlib import Path

import pytest
import torch

from kinecor_lab.quantisation import evaluate, variants
from kinecor_lab.quantisation.evaluate import falls_table, paired, tables
from kinecor_lab.quantisation.publish import publish, write_quantisation
from kinecor_lab.quantisation.values import VariantValue
from kinecor_lab.quantisation.variants import variants_of
from kinecor_models.contract import load_card, load_quantisation, load_weights
from tests.lab.camus import write_camus

DICE, OFF = "LV, ED, Dice", "EF, off"


def some(variant: str, what: str, *values: float) -> list[VariantValue]:
    return [VariantValue(variant, "CAMUS A4C", f"p{at}", what, value) for at, value in enumerate(values)]


def test_patients_that_both_have_a_value_of_are_compared() -> None:
    values = [*some("f32", DICE, 0.9, 0.8, float("nan"), 0.7), *some("int8", DICE, 0.91, 0.8, 0.7)]
    assert paired(values)["CAMUS A4C", DICE] == {"f32": {"p0": 0.9, "p1": 0.8}, "int8": {"p0": 0.91, "p1": 0.8}}


def test_dice_changes_by_its_mean_and_errors_by_their_spread() -> None:
    values = [*some("f32", DICE, 0.9, 0.8, 0.7), *some("int8", DICE, 0.9, 0.79, 0.7)]
    values += [*some("f32", OFF, -3, 0, 3), *some("int8", OFF, 1, 2, 3)]
    (found,) = tables(values)
    rows = {row[1]: row for row in found.rows}
    assert rows[DICE][5] == pytest.approx(-0.01 / 3)
    assert rows[DICE][7] == pytest.approx(-0.01)
    assert rows[f"{OFF}; change of SD"][5] == pytest.approx(-2.0)


@pytest.mark.parametrize(("fall", "within"), [(0.0009, "yes"), (0.0011, "no")])
def test_a_set_that_loses_more_than_allowed_is_named(fall: float, within: str) -> None:
    values = [*some("f32", DICE, 0.9, 0.8), *some("int8", DICE, 0.9 - fall, 0.8 - fall)]
    values += [*some("f32", "LV, ES, Dice", 0.9, 0.8), *some("int8", "LV, ES, Dice", 0.95, 0.85)]
    ((name, where, change, answer, size),) = falls_table(values).rows
    assert (name, where, answer) == ("int8", f"CAMUS A4C, {DICE}", within)
    assert change == pytest.approx(-fall)
    assert size == pytest.approx((fall + 0.05) / 2)


def test_the_command_compares_precisions_and_a_network_of_a_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(variants, "ROUNDS", 1)
    folder = write_camus(tmp_path / "camus")
    rounded = tmp_path / "q.safetensors"
    write_quantisation({}, load_weights(load_card("lv-apical")), rounded)
    network = tmp_path / "lean-run" / "best.pt"
    network.parent.mkdir()
    same = {name: torch.from_numpy(value) for name, value in load_weights(load_card("lv-apical")).items()}
    torch.save({"settings": "{}", "averaged": same}, network)
    arguments = ["lv-apical", "--camus", str(folder), "--quantised", str(rounded), "--out", str(tmp_path / "out")]
    arguments += ["--network", str(network)]
    assert evaluate.main(arguments) == 0
    shown = capsys.readouterr().out
    assert "int8 against f32" in shown
    assert "lean-run f32 against f32" in shown
    assert "GLS by lengths" in shown
    assert "Largest fall" in shown


def test_a_published_quantisation_is_pinned_in_the_card(tmp_path: Path) -> None:
    card = load_card("lv-apical")
    (tmp_path / "lv-apical.json").write_text('{"name": "lv-apical", "size": 160}')
    path = publish({}, card, tmp_path)
    assert path.name == f"lv-apical-{card.version}-int8.safetensors"
    from dataclasses import replace
    from hashlib import sha256

    written = (tmp_path / "lv-apical.json").read_text()
    digest = sha256(path.read_bytes()).hexdigest()
    assert digest in written
    pinned = replace(card, folder=str(tmp_path), quantised=path.name, quantised_sha256=digest)
    found = load_quantisation(pinned)
    assert found is not None
    assert found[1] == {}
    assert next(one.precision for one in variants_of("lv-apical")) == "f32"
