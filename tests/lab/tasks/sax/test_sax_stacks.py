from pathlib import Path

import numpy as np
import pytest

from kinecor_lab.datasets.acdc_geometry import acdc_geometry, with_scale
from kinecor_lab.datasets.dsb_stacks import dsb_stacks
from kinecor_lab.datasets.samples import DataSetError
from kinecor_lab.datasets.short_axis import BACKGROUND, CAVITY, MYOCARDIUM, RV
from kinecor_lab.datasets.stacks import LabelledStack, acdc_stacks, recording_of, thinned, york_stacks
from kinecor_lab.tasks.sax import stacks
from kinecor_lab.tasks.sax.stacks import (
    ALL,
    LABELS,
    ORACLE,
    PROGRAM,
    end_errors,
    end_table,
    measured_table,
    measured_volumes,
    volume_table,
    volumes,
)
from tests.lab.sax_sets import write_dsb, write_york
from tests.models.sax_fields import GREY, image, model

BITS = {GREY["background"]: BACKGROUND, GREY["wall"]: MYOCARDIUM, GREY["cavity"]: CAVITY, GREY["rv"]: RV}
RADII = (20, 19, 18, 16, 13, 9)


def labelled(left_out: int = 1) -> LabelledStack:
    """Six slices, two alike phases; the expert leaves out the first ones, in which a network sees a ventricle."""
    pictures = [image(radius) for radius in RADII]
    labels = {}
    present = np.ones((len(RADII), 2))
    present[:left_out] = 0
    for number, grey in enumerate(pictures):
        truth = np.vectorize(BITS.get)(grey).astype(np.uint8)
        for phase in range(2):
            labels[number, phase] = truth if number >= left_out else np.full_like(truth, BACKGROUND)
    recording = recording_of("made p", [np.stack([one, one]) for one in pictures])
    return LabelledStack("made", "p", recording, labels, present, present, {"ED": 0, "ES": 1})


@pytest.fixture(scope="module")
def scored():
    stack = labelled()
    reading = stacks.read(stack, stacks.looked_at(stack, model()), "model:test@1+0", None)
    return volumes(stack, reading), end_errors(stack, reading)


def test_slices_that_the_expert_leaves_out_cost_overlap_unless_the_oracle_chooses(scored) -> None:
    found, _ = scored
    dice = {one.choice: one.dice for one in found if (one.mark, one.structure) == ("ED", "LV cavity")}
    assert dice[ORACLE] > 0.95 > dice[ALL]
    error = {one.choice: one.error for one in found if (one.mark, one.structure) == ("ES", "LV cavity")}
    assert error[ALL] == pytest.approx(20**2 / sum(r**2 for r in RADII[1:]), abs=0.06)
    assert "made" in volume_table(found).text()


def test_ends_are_counted_in_slices_beyond_the_experts(scored) -> None:
    _, found = scored
    every = {(o.ventricle, o.end, o.mark): o.beyond for o in found if o.choice == ALL}
    assert every["LV", "base", "ED"] == 1
    assert every["LV", "apex", "ES"] == 0
    assert {one.beyond for one in found if one.choice == ORACLE} == {0}
    table = end_table(found).text()
    assert "+1: 1" in table
    assert {one.choice for one in found} == {PROGRAM, ALL, ORACLE}


def test_what_the_network_gives_is_stored_and_read_again(tmp_path: Path) -> None:
    stack = labelled()
    first = stacks.looked_at(stack, model(), tmp_path)
    (stored,) = tmp_path.iterdir()
    assert "made p" in stored.name
    again = stacks.looked_at(stack, model(), tmp_path)
    assert np.array_equal(first[0].contours["lv_endo"][0], again[0].contours["lv_endo"][0])


def test_a_long_cine_is_thinned_out_and_holds_its_marks() -> None:
    pictures = np.arange(20, dtype=np.uint8)[:, None, None] * np.ones((8, 8), np.uint8)
    labels = {(0, phase): np.full((8, 8), phase, np.uint8) for phase in range(20)}
    present = np.arange(20.0)[None]
    whole = LabelledStack("made", "p", recording_of("p", [pictures]), labels, present, present, {"ED": 3, "ES": 11})
    some = thinned(whole, 6)
    assert some.recording.phases == 6
    for mark, phase in (("ED", 3), ("ES", 11)):
        at = some.marks[mark]
        assert some.left[0, at] == phase
        assert (some.labels[0, at] == phase).all()
        assert (some.recording.slices[0].frames[at] == phase).all()
    assert thinned(some, 6) is some


def test_york_is_read_with_what_was_left_out(tmp_path: Path) -> None:
    (stack,) = york_stacks(write_york(tmp_path), ["test"])
    assert stack.left.tolist() == [[0.0] * 4, [1.0] * 4, [1.0] * 4]
    assert np.isnan(stack.right).all()
    assert stack.marks == {"ED": 0, "ES": 3}
    assert (stack.labels[0, 0] == BACKGROUND | RV).all()


def test_patients_of_york_with_some_slices_are_no_stacks(tmp_path: Path) -> None:
    with pytest.raises(DataSetError, match="no patient of split train"):
        york_stacks(write_york(tmp_path, patient=13), ["train"])


def test_stacks_of_dsb_have_a_scale_and_the_experts_volumes(tmp_path: Path) -> None:
    (stack,) = dsb_stacks(write_dsb(tmp_path), ["valid"], {"2": "valid"})
    assert stack.recording.positions_mm.tolist() == [-20, -10, 1, 20]
    assert stack.left.tolist() == [[0, 0], [1, 1], [1, 1], [1, 1]]
    assert np.isnan(stack.right).all()
    assert stack.experts_ml == {"ED": 102.5, "ES": 42}
    reading = stacks.read(stack, stacks.looked_at(stack, model()), "model:test@1+0", None)
    found = measured_volumes(stack, reading)
    assert {(one.mark, one.choice) for one in found} == {
        (mark, choice) for mark in ("ED", "ES") for choice in (PROGRAM, ALL, ORACLE, LABELS)
    }
    areas = [(stack.labels[number, 0] == CAVITY).sum() for number in (1, 2, 3)]
    # The slices are 11 and 19 mm apart; the outermost reach outwards by half of the median step, 11 mm.
    expected_ml = (areas[0] * (5.5 + 5.5) + areas[1] * (5.5 + 9.5) + areas[2] * (9.5 + 5.5)) / 1000
    (by_labels,) = (one for one in found if (one.mark, one.choice) == ("ED", LABELS))
    assert by_labels.measured_ml == pytest.approx(expected_ml)
    assert by_labels.experts_ml == 102.5
    text = measured_table(found).text()
    assert f"{expected_ml - 102.5:+.0f} 2" in text
    # A set without a scale or without such volumes has none.
    assert not measured_volumes(labelled(), stacks.read(labelled(), stacks.looked_at(labelled(), model()), "a", None))


def test_stacks_of_acdc_get_the_scale_of_its_list(tmp_path: Path) -> None:
    columns = "pid,original_sax_spacing_x,original_sax_spacing_y,original_sax_spacing_z,edv,esv"
    (tmp_path / "geometry.csv").write_text(f"{columns}\np,1.5,2,10,120,50\n")
    geometry = acdc_geometry(tmp_path)
    (stack,) = with_scale([labelled()], geometry)
    assert stack.experts_ml == {"ED": 120, "ES": 50}
    assert stack.recording.positions_mm.tolist() == [0, 10, 20, 30, 40, 50]
    reading = stacks.read(stack, stacks.looked_at(stack, model()), "model:test@1+0", None)
    volumes_ml = {one.choice: one.measured_ml for one in measured_volumes(stack, reading) if one.mark == "ED"}
    cavities = sum(int((label == CAVITY).sum()) for (_, phase), label in stack.labels.items() if phase == 0)
    assert volumes_ml[LABELS] == pytest.approx(cavities * 1.5 * 2 * 10 / 1000)
    with pytest.raises(DataSetError, match="expected p in"):
        with_scale([labelled()], {})


def test_labels_of_acdc_give_the_volumes_of_its_list(shared_data: Path) -> None:
    if not (shared_data / "acdc-sax" / "geometry.csv").is_file():
        pytest.skip(f"no acdc-sax with geometry.csv in {shared_data}")
    folder = shared_data / "acdc-sax"
    geometry = acdc_geometry(folder)
    off = []
    for stack in acdc_stacks(folder, ["train"]):
        own = geometry[stack.patient]
        pixels = sum(int((label == CAVITY).sum()) for (_, phase), label in stack.labels.items() if phase == 0)
        off.append(pixels * own.row_mm * own.column_mm * own.step_mm / 1000 / own.edv_ml - 1)
    assert np.median(np.abs(off)) < 0.003
    assert np.percentile(np.abs(off), 85) < 0.02


def test_the_command_reports_bad_data(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert stacks.main([]) == 1
    assert "expected --acdc" in capsys.readouterr().err
    assert stacks.main(["--york", str(tmp_path)]) == 1
    assert "frames.csv" in capsys.readouterr().err
