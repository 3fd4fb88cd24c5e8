from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from torch import nn

from kinecor_lab.common.table import spread
from kinecor_lab.datasets import cycles
from kinecor_lab.datasets.cycles import PHASES, Cycle, Place, pairs, recorded_cycles, turned, warped_cycles
from kinecor_lab.datasets.short_axis import BACKGROUND, CAVITY, MYOCARDIUM, SaxSample, acdc_png
from kinecor_lab.datasets.stacks import LabelledStack, recording_of
from kinecor_lab.tasks.circular import evaluate as measuring
from kinecor_lab.tasks.circular import train as command
from kinecor_lab.tasks.circular.folds import FOLDS, choosing, fold_splits, measured_splits
from kinecor_lab.tasks.circular.table import (
    PIXELS,
    FrameScore,
    alone_table,
    cycle_scores,
    frame_score,
    paired_table,
    patients_difference,
    table,
)
from kinecor_lab.tasks.circular.train import CircularPlan, each_alone, mean_dice, train_circular, trained
from kinecor_models.contract import WeightsError
from tests.lab.sax_sets import write_acdc

TINY = {"units": 1, "channels": (6, 8, 8)}


def cycle(seed: int, frames: int = 6, side: int = 32) -> Cycle:
    rng = np.random.default_rng(seed)
    images, walls = np.full((frames, side, side), 120, np.uint8), np.zeros((frames, side, side), np.uint8)
    for number in range(frames):
        inner = round(6 + 2 * np.cos(2 * np.pi * number / frames))
        cv2.circle(walls[number], (16, 16), inner + 4, (1,), -1)
        cv2.circle(walls[number], (16, 16), inner, (0,), -1)
        images[number][walls[number] > 0] = 30
    return Cycle(f"p{seed}", 0, (images + rng.integers(0, 20, images.shape)).astype(np.uint8), walls, 0.9)


@pytest.fixture(scope="module", autouse=True)
def one_thread():
    """Tiny maps do not share out well: on a busy machine, threads waiting for each other take minutes."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All three arms of two networks each, trained on drawn cycles."""
    folder = tmp_path_factory.mktemp("circular")
    learn, check = [cycle(i) for i in range(8)], [cycle(20)]
    for seed in (0, 1):
        for arm, epochs in (("cnn", 8), ("one-level", 1), ("multi-level", 7)):
            plan = CircularPlan(arm, epochs, 2, 1e-2, seed, **TINY)
            train_circular(plan, learn, check, folder, lambda line: None)
    return folder


def test_both_steps_learn_what_is_drawn(run: Path) -> None:
    assert mean_dice(trained(run / "cnn-0" / "best.pt"), [cycle(30)]) > 0.7
    assert mean_dice(trained(run / "multi-level-0" / "best.pt"), [cycle(30)]) > 0.6
    step_one, step_two = (trained(run / name / "best.pt").extractor for name in ("cnn-1", "multi-level-1"))
    for (name, one), two in zip(step_one.state_dict().items(), step_two.state_dict().values(), strict=True):
        assert torch.equal(one, two), name


def ensemble(nets: Sequence[nn.Module], of: Cycle) -> np.ndarray:
    return each_alone(nets, of).mean(axis=0)


def test_networks_are_scored_by_their_mean_and_each_alone(run: Path) -> None:
    arms = measuring.networks(run)
    assert {arm: len(nets) for arm, nets in arms.items()} == {"cnn": 2, "one-level": 2, "multi-level": 2}
    nets = arms["multi-level"]
    assert each_alone(nets, cycle(30)).shape == (2, 6, 32, 32)
    together, alone = measuring.measured(nets, [cycle(30), cycle(31)])
    assert together == [one for of in (cycle(30), cycle(31)) for one in cycle_scores(of, ensemble(nets, of))]
    for net, own in zip(nets, alone, strict=True):
        assert own == measuring.measured([net], [cycle(30), cycle(31)])[0]
    assert alone[0] != alone[1]


def test_how_much_networks_of_an_arm_differ_is_over_networks_not_frames() -> None:
    first = [FrameScore("p", 0.9, 3.0, 1.0), FrameScore("p", 0.7, 5.0, 2.0)]
    second = [FrameScore("p", 0.6, 8.0, 3.0), FrameScore("p", 0.0, float("inf"), float("inf"))]
    (row,) = alone_table({"cnn": [first, second]}).rows
    assert row == ("cnn", 2, spread([0.8, 0.3]), spread([4.0, 8.0]), spread([1.5, 3.0]))


def test_differences_of_arms_are_paired_and_count_each_patient_once() -> None:
    frames = [("a", 0.5), ("a", 0.5), ("a", 0.5), ("b", 0.7)]
    worse = [FrameScore(patient, dsc, 10.0, 2.0) for patient, dsc in frames]
    better = [FrameScore(patient, dsc + (0.1 if patient == "a" else 0.3), 8.0, 2.0) for patient, dsc in frames]

    mean, low, high = patients_difference(better, worse, lambda score: score.dsc)
    assert (mean, low, high) == pytest.approx((0.2, 0.1, 0.3))  # by frame it were 0.15

    lost = [*better[:3], FrameScore("b", 0.0, float("inf"), float("inf"))]
    assert patients_difference(lost, worse, lambda score: score.hd_mm) == (-2.0, -2.0, -2.0)
    assert np.isnan(patients_difference(lost[3:], worse[3:], lambda score: score.hd_mm)).all()

    arms = paired_table({"cnn": worse, "multi-level": better}, {"multi-level": [worse, better]})
    assert [row[:4] for row in arms.rows] == [
        ("multi-level less cnn", 2, "+0.200 (+0.100 to +0.300)", "-2.0 (-2.0 to -2.0)"),
        ("multi-level: average less each alone", 2, "+0.100 (+0.050 to +0.150)", "-1.0 (-1.0 to -1.0)"),
    ]


def test_recorded_cycles_are_of_slices_drawn_at_every_phase() -> None:
    rng = np.random.default_rng(5)
    images = [rng.integers(0, 200, (4, 90, 100)).astype(np.uint8) for _ in range(3)]
    wall = np.zeros((90, 100), np.uint8)
    cv2.circle(wall, (50, 40), 20, (1,), -1)
    cv2.circle(wall, (50, 40), 12, (0,), -1)
    labels = {(z, t): np.where(wall > 0, MYOCARDIUM, BACKGROUND).astype(np.uint8) for z in range(3) for t in range(4)}
    labels[1, 2] = np.full((90, 100), BACKGROUND, np.uint8)
    known = np.ones((3, 4))
    stack = LabelledStack("York", "2", recording_of("York 2", images), labels, known, known, {"ED": 0, "ES": 2})
    first, third = recorded_cycles([stack], lambda _: (92.0, 84.5))
    assert [(one.patient, one.number) for one in (first, third)] == [("2", 0), ("2", 2)]
    assert first.frames.shape == first.wall.shape == (4, 112, 112)
    assert first.wall.sum(axis=(1, 2)) == pytest.approx(np.full(4, wall.sum() * 1.5**2), rel=0.05)


def test_members_are_added_to_a_finished_network(run: Path, tmp_path: Path) -> None:
    finished = run / "multi-level-0" / "best.pt"
    before = trained(finished)
    plan = CircularPlan("multi-level", 1, 2, 1e-2, 7, members=2, **TINY)
    file = train_circular(plan, [cycle(i) for i in range(4)], [cycle(20)], tmp_path, print, finished)
    assert file.parent.name == "ensemble-7"
    together = trained(file)
    first, *others = together.alone()
    assert ensemble([first], cycle(30)) == pytest.approx(ensemble([before], cycle(30)), abs=1e-6)
    assert len(others) == 2
    assert abs(ensemble(others[:1], cycle(30)) - ensemble(others[1:], cycle(30))).max() > 1e-3
    assert ensemble([together], cycle(30)) == pytest.approx(ensemble([first, *others], cycle(30)), abs=1e-4)
    with pytest.raises(ValueError, match="expected one-level"):
        train_circular(CircularPlan("one-level", 1, **TINY), [cycle(0)], [cycle(20)], tmp_path, print, finished)


def test_another_pixel_size_preserves_millimetres() -> None:
    fine = cycle(3, side=64)
    coarse = fine.at(1.6)
    assert coarse.frames.shape == coarse.wall.shape == (6, 40, 40)
    assert coarse.pixel_mm == pytest.approx(1.6)
    assert coarse.wall.sum() * 1.6**2 == pytest.approx(fine.wall.sum(), rel=0.1)
    assert fine.at(1.0) is fine
    truth = lambda one: one.wall.astype(float)  # noqa: E731
    shifted = lambda one: np.roll(truth(one), 1, axis=2)  # noqa: E731
    assert np.mean([s.hd_mm for s in cycle_scores(coarse, shifted(coarse))]) == pytest.approx(1.6, rel=0.2)
    assert {s.hd_mm for s in cycle_scores(coarse, truth(coarse))} == {0.0}


def test_a_training_ends_with_its_minutes(tmp_path: Path) -> None:
    plan = CircularPlan("cnn", 500, 2, 1e-2, **TINY, minutes=0.02)
    train_circular(plan, [cycle(i) for i in range(4)], [cycle(20)], tmp_path, lambda line: None)
    assert len((tmp_path / "cnn-0" / "log.jsonl").read_text().splitlines()) < 500


def test_time_needs_the_cnn_of_its_seed_first(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match="--arm cnn with this seed first"):
        train_circular(CircularPlan("multi-level", 1), [cycle(0)], [cycle(1)], tmp_path)
    with pytest.raises(WeightsError, match="expected a network"):
        trained(tmp_path / "cnn-0" / "best.pt")


def test_rotation_moves_images_and_walls_together_at_all_phases() -> None:
    for seed in range(5):
        frames, wall = turned(cycle(0), np.random.default_rng(seed))
        assert frames.shape == wall.shape == (6, 32, 32)
        bright = frames[wall == 0]
        assert np.median(frames[wall > 0]) < np.median(bright[bright > 0]) - 30
        areas = np.sort(wall.sum(axis=(1, 2)))
        assert areas[0] < areas[-1]


def test_scores_of_known_shapes() -> None:
    truth = np.zeros((40, 40), bool)
    truth[10:30, 10:30] = True
    moved = np.roll(truth, 3, axis=1)
    score = frame_score("p", moved, truth, 2.0)
    assert score.dsc == pytest.approx(0.85)
    assert score.hd_mm == pytest.approx(6.0, abs=0.3)
    assert 1 < score.apd_mm < 4
    assert frame_score("p", truth & False, truth).hd_mm == float("inf")
    perfect = cycle_scores(cycle(0), cycle(0).wall.astype(float))
    assert len(perfect) == 6
    assert all(one.dsc == 1 and one.hd_mm == 0 for one in perfect)


def test_the_table_prints_the_published_rows_and_ours() -> None:
    scored = [FrameScore("p", 0.9, 3.0, 0.5), FrameScore("p", 0.0, float("inf"), float("inf"))]
    text = table({"multi-level": scored}).text()
    assert "0.842 ± 0.080" in text
    assert "0.450 ± 0.636" in text
    assert text.splitlines()[-1].endswith("0.500 (1 missing)")


def moving_pair() -> tuple[SaxSample, SaxSample]:
    out = []
    for phase, inner in (("ED", 16), ("ES", 11)):
        allowed = np.ones((110, 100), np.uint8)
        cv2.circle(allowed, (50, 56), inner + 8, (MYOCARDIUM,), -1)
        cv2.circle(allowed, (50, 56), inner, (CAVITY,), -1)
        image = np.choose((allowed > 1) * 1 + (allowed == CAVITY), (90, 40, 180)).astype(np.uint8)
        out.append(SaxSample("p", phase, 3, image, allowed, (50.0, 56.0), "ACDC"))
    return out[0], out[1]


def test_a_pair_becomes_a_cycle_that_thickens_comes_back_and_is_cached(tmp_path: Path) -> None:
    reported: list[tuple[int, int]] = []
    saved = tmp_path / "kept.npz"
    (made,) = warped_cycles(list(moving_pair()), 1, lambda done, total: reported.append((done, total)), saved)
    assert reported == [(1, 1)]
    assert made.frames.shape == (PHASES, 112, 112)
    areas = made.wall.sum(axis=(1, 2)).astype(float)
    # 1.5 mm a pixel: the ED wall is pi ((16 + 8)^2 - 16^2) pixels.
    assert areas[0] == pytest.approx(np.pi * (24**2 - 16**2) * 1.5**2, rel=0.05)
    assert abs(areas[-1] - areas[0]) < 0.06 * areas[0]
    rows, columns = np.nonzero(made.wall[0])
    assert (columns.mean(), rows.mean()) == pytest.approx((55.5, 55.5), abs=12)
    (again,) = warped_cycles([], 1, lambda *_: None, saved)
    assert (again.frames == made.frames).all()
    assert (again.patient, again.number) == ("p", 3)


def test_a_cycle_to_measure_on_is_placed_by_the_program_one_to_learn_from_by_motion_or_the_drawing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(cycles, "by_motion", lambda _: None)
    seen = []

    def program(frames: np.ndarray) -> tuple[float, float]:
        seen.append(frames.shape)
        return 92.0 + 12, 92.0

    def middle(place: Place | None) -> tuple[float, float]:
        (made,) = warped_cycles(list(moving_pair()), 1, lambda *_: None, place=place)
        return float(np.nonzero(made.wall[0])[1].mean()), made.off_mm

    (drawn, at_drawn), (by_program, off) = middle(None), middle(program)
    assert drawn - by_program == pytest.approx(12, abs=1.5)
    assert at_drawn < 2
    assert off == pytest.approx(12, abs=2)
    assert seen == [(PHASES, 184, 184)]
    monkeypatch.setattr(cycles, "by_motion", lambda _: (80.0, 92.0))
    assert middle(None)[1] == pytest.approx(12, abs=2)


def test_pairs_need_cavity_and_wall_at_both_phases(tmp_path: Path) -> None:
    samples = acdc_png(write_acdc(tmp_path / "set"), ["train"], {"p0": "train"})
    found = pairs(samples)
    assert [(ed.phase, es.phase, ed.number == es.number) for ed, es in found] == [("ED", "ES", True)] * 2


def test_the_commands_name_what_is_missing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["--arm", "cnn", "--acdc", str(tmp_path), "--run", str(tmp_path / "run")]) == 1
    assert "index.csv" in capsys.readouterr().err
    assert measuring.main(["--acdc", str(tmp_path), "--run", str(tmp_path)]) == 1
    assert "train them first" in capsys.readouterr().err


def test_a_limit_that_leaves_no_slice_is_said(
    run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(measuring, "placed", lambda heart: lambda frames: (92.0, 92.0))
    found = acdc_png(write_acdc(tmp_path), ["test"], {"p0": "test"})
    monkeypatch.setattr(measuring, "acdc_png", lambda folder, splits: found)

    assert measuring.main(["--acdc", str(tmp_path), "--run", str(run), "--limit", "1"]) == 1

    assert "has a matching ED and ES" in capsys.readouterr().err


def test_how_far_off_boxes_were_placed_is_printed_in_a_line() -> None:
    cycles = [replace(cycle(number), off_mm=off) for number, off in enumerate((0.5, 2.0, 8.0))]
    line = measuring.localisation_line(cycles, "motion")
    assert line == "hearts found by motion: box 3.5 mm off the middle of the drawn wall, at most 8.0"


def test_yorks_folds_learn_from_others_than_they_are_measured_on() -> None:
    for fold in range(len(FOLDS)):
        assert not set(fold_splits(fold)) & set(measured_splits(fold))
    assert measured_splits(0) == fold_splits(1)
    assert choosing(["1", "3", "13", "3"]) == "13"
    with pytest.raises(ValueError, match="two patients"):
        choosing(["2", "2"])


def test_networks_are_recognised_by_their_plans_and_named_as_the_caller_wants(run: Path, tmp_path: Path) -> None:
    plan = CircularPlan("multi-level", 1, 2, 1e-2, 5, through=True, **TINY)
    start = run / "cnn-1" / "best.pt"
    file = train_circular(plan, [cycle(0), cycle(1)], [cycle(20)], tmp_path, print, start=start, name="any")
    assert file == tmp_path / "any" / "best.pt"
    assert list(measuring.networks(tmp_path)) == ["multi-level, through the first lap"]
    step_one, step_two = trained(start).extractor.state_dict(), trained(file).extractor.state_dict()
    assert all(torch.equal(value, step_two[name]) for name, value in step_one.items())
    assert "through" not in CircularPlan("cnn").fields()  # runs that began without this choice resume


def test_distances_are_stated_in_pixels_where_these_have_no_size() -> None:
    scores = {"cnn": ([FrameScore("1", 0.9, 3.0, 1.5)], [[FrameScore("1", 0.9, 3.0, 1.5)]])}
    pooled, (shown,) = measuring.tables_of(scores, ", York", lambda _: 1 / cycles.ASSUMED_MM, PIXELS)
    assert pooled["cnn"] == [FrameScore("1", 0.9, 2.0, 1.0)]
    published, ours = shown.rows
    assert published[3:] == ("-", "-")  # millimetres of pigs do not stand beside pixels
    assert ours[1:] == (1, spread([0.9]), spread([2.0]), spread([1.0]))
