"""Answers of the shipped short-axis model: on a drawn heart, and on real recordings where they are available."""

import json
import re
from pathlib import Path

import numpy as np
import pytest

from kinecor_lab.datasets.short_axis import acdc_png, scd_png
from kinecor_lab.tasks.sax.table import Slice, gross, slices, volumes
from kinecor_models.contours.sax import SaxModel
from kinecor_models.contract import ClipInput, ClipOutput
from kinecor_models.engines import openvino_graphs
from kinecor_models.registry import open_model
from tests.lab.sax_images import PHASES, drawn_cine, radius_px

GOLDEN = Path(__file__).with_name("golden_sax.json")
# Dice of each structure in all volumes of both test sets, measured in float32; every ninth is measured again here,
# which takes ED and ES in turn, of both sets.
GOLDEN_VOLUMES = json.loads(Path(__file__).with_name("golden_sax_volumes.json").read_text())
EVERY = 9
NAME = "lv-sax"


def opened() -> SaxModel:
    model = open_model(NAME, "cpu")
    assert isinstance(model, SaxModel)
    return model


def quiet(done: int, total: int) -> None:
    assert 0 <= done <= total


def areas(found: ClipOutput, structure: str) -> list[float]:
    out = []
    for points in found.contours[structure]:
        assert points is not None
        x, y = found.grid.to_image(points).T
        out.append(round(float(abs(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1))) / 2), 1))
    return out


def drawn_areas() -> dict[str, list[float]]:
    found = opened()(ClipInput(drawn_cine(), spacing_mm=1.5), quiet)
    return {structure: areas(found, structure) for structure in found.contours}


def test_a_drawn_heart_gives_what_it_gave() -> None:
    """Golden output: areas in image pixels. Regenerate with tests/models/golden.py when a model is published."""
    found, golden = drawn_areas(), json.loads(GOLDEN.read_text())
    assert set(found) == set(golden)
    for structure, expected in golden.items():
        assert found[structure] == pytest.approx(expected, rel=0.04)
    radii = np.sqrt(np.array(found["lv_endo"]) / np.pi)
    assert radii == pytest.approx([radius_px(phase) for phase in range(PHASES)], abs=2.5)
    assert int(radii.argmin()) == PHASES // 2
    assert int(radii.argmax()) == 0


def test_scale_turn_and_screen_do_not_matter() -> None:
    frames, model = drawn_cine()[:1], opened()
    expected = areas(model(ClipInput(frames, spacing_mm=1.5), quiet), "lv_endo")[0]
    double = frames.repeat(2, axis=1).repeat(2, axis=2)
    assert areas(model(ClipInput(double, spacing_mm=0.75), quiet), "lv_endo")[0] == pytest.approx(
        4 * expected, rel=0.06
    )
    on_screen = np.zeros((1, 600, 760), np.uint8)
    on_screen[:, 40:552, 200:632] = double
    assert areas(model(ClipInput(on_screen, spacing_mm=0.75), quiet), "lv_endo")[0] == pytest.approx(
        4 * expected, rel=0.06
    )
    for turned in (np.rot90(frames, 1, (1, 2)), np.rot90(frames, 2, (1, 2)), frames[:, :, ::-1]):
        found = model(ClipInput(np.ascontiguousarray(turned), spacing_mm=1.5), quiet)
        assert areas(found, "lv_endo")[0] == pytest.approx(expected, rel=0.06)


def test_a_body_without_a_heart_gives_nothing() -> None:
    found = opened()(ClipInput(drawn_cine(8, heart=False), spacing_mm=1.5), quiet)
    assert found.contours["lv_endo"] == [None] * 8


@pytest.fixture(scope="module")
def measured(shared_data: Path) -> list[Slice]:
    # The card's figures are of float32: in bfloat16 a contour at the limit of what is drawn at all can come or go.
    with pytest.MonkeyPatch.context() as exact:
        exact.setattr(openvino_graphs, "default_precision", lambda: "f32")
        model = opened()
    samples = acdc_png(shared_data / "acdc-sax", ["test"]) + scd_png(shared_data / "scd-sax", ["test"])
    some = set(sorted({sample.volume for sample in samples})[::EVERY])
    return slices(model.stack, [sample for sample in samples if sample.volume in some], lambda *_: None)


@pytest.mark.slow
def test_volumes_are_contoured_as_when_the_card_was_written(measured: list[Slice]) -> None:
    found = volumes(measured)
    assert len({(one.source, one.patient, one.phase) for one in found}) == len(range(0, len(GOLDEN_VOLUMES), EVERY))
    assert {(one.source, one.phase) for one in found} == {(s, p) for s in ("ACDC", "SCD") for p in ("ED", "ES")}
    expected = [GOLDEN_VOLUMES[f"{one.source} {one.patient} {one.phase}"][one.structure] for one in found]
    dice = [one.dice for one in found]
    assert dice == pytest.approx(expected, abs=0.002)


def test_the_cards_figures_are_those_of_all_volumes() -> None:
    checked = 0
    for title, said in opened().card.figures.items():
        match = re.match(r"Dice per volume (0\.\d+) ± 0\.\d+, .*n = (\d+)", said)
        key = re.match(r"(cavity|myocardium|RV) (ED|ES|ED and ES), (ACDC|SCD) test", title)
        if match is None or key is None:
            continue
        phases = ("ED", "ES") if "and" in key[2] else (key[2],)
        some = [
            dice[key[1]]
            for volume, dice in GOLDEN_VOLUMES.items()
            if volume.split()[0] == key[3] and volume.split()[-1] in phases and key[1] in dice
        ]
        assert len(some) == int(match[2])
        # The card was measured in bfloat16. In float32 the third decimal may differ, and by more at the
        # myocardium's ES, which has 0.9005 there instead of 0.905.
        assert np.mean(some) == pytest.approx(float(match[1]), abs=0.006)
        checked += 1
    assert checked >= 7


@pytest.mark.slow
def test_gross_failures_are_as_rare_as_the_card_says(measured: list[Slice]) -> None:
    wrong, counted = gross(measured)
    said = re.match(r"(\d+) of (\d+) slices", opened().card.figures["gross failures, both tests"])
    assert said is not None
    assert counted > int(said[2]) / EVERY / 2
    assert len(wrong) <= int(said[1])
