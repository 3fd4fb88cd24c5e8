import json

import numpy as np
import pytest
import torch

from kinecor_lab.datasets.samples import camus_png
from kinecor_lab.tasks.listener import evaluate, train
from kinecor_lab.tasks.listener.data import DEPTH, PLACES, batch_of, left_open, looked_up, pairs_of, strips_of
from kinecor_models.contours.listener import HALF
from tests.lab.camus import write_camus


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return write_camus(tmp_path_factory.mktemp("camus"))


@pytest.fixture(scope="module")
def pairs(folder):
    return pairs_of(camus_png(folder, ["train"]))


def test_pairs_have_both_walls_of_both_phases(pairs):
    assert pairs
    for pair in pairs:
        assert len(pair.images) == 2
        assert all(len(one.points) == 96 for track in pair.tracks.values() for one in track.contours)


def test_strips_hold_the_wall_in_their_middle(pairs):
    strips = strips_of(pairs)
    assert strips.shape == (2 * len(pairs), 2, 96, 2 * DEPTH + 1)
    # Cavity and wall differ in grey: across the endocardium it changes more than elsewhere.
    change = np.abs(np.diff(strips[::2].astype(float), axis=-1)).mean(axis=(0, 1, 2))
    assert change[DEPTH - 2 : DEPTH + 2].max() > 2 * np.median(change)


def test_a_line_off_the_truth_sees_the_image_shifted():
    strips = np.zeros((2, 96, 2 * DEPTH + 1), np.uint8)
    strips[:, :, DEPTH] = 200
    off = np.full((2, 96), 5.0)
    seen = looked_up(strips, -off, np.zeros((2, 96)))
    assert seen.shape == (2, len(PLACES), 2 * HALF + 1)
    assert (seen.argmax(axis=-1) == HALF + 5).all()  # the truth is 5 steps beyond the line


def test_a_batch_says_how_far_its_lines_are_off(pairs):
    made = batch_of([strips_of(pairs)], [1.0], 4, np.random.default_rng(1))
    assert made.seen.shape[:2] == made.off.shape == (4, 32)
    assert np.isfinite(made.seen).all()
    again = batch_of([strips_of(pairs)], [1.0], 4, np.random.default_rng(1))
    assert (again.seen == made.seen).all()
    assert 1 < left_open(np.random.default_rng(2), 400).std() < 3


def test_training_lowers_the_loss(pairs, tmp_path):
    torch.manual_seed(0)
    strips = strips_of(pairs)
    best = train.train_listener(
        train.ListenerPlan(width=8, steps=30, batch=4),
        [strips],
        strips,
        tmp_path,
        validate_every=30,
        say=lambda _: None,
    )
    lines = [json.loads(one) for one in (tmp_path / "log.jsonl").read_text().splitlines()]
    assert best.is_file()
    assert lines[-1]["error"] < 1.1 * lines[-1]["before"]


def test_commands(folder, tmp_path, capsys):
    arguments = ["--data", str(folder), "--run", str(tmp_path / "run"), "--device", "cpu"]
    assert train.main([*arguments, "--simulated", "0", "--steps", "2", "--batch", "2", "--every", "1"]) == 0
    network = tmp_path / "run/listener/best.pt"
    found = ["--data", str(folder), "--split", "train", "--network", str(network), "--out", str(tmp_path)]
    assert evaluate.main(found) == 0
    said = capsys.readouterr().out
    assert "refined by the network" in said
    assert "Gain by the network" in said
    written = json.loads((tmp_path / "listener.json").read_text())
    rows = {row[2]: row for row in written["tables"][0]["rows"] if row[1] == "ES"}
    assert rows["refined by correlation"][4]["mean"] > rows["the damaged contour"][4]["mean"]


def test_without_patients_the_reason_is_said(folder, capsys, monkeypatch):
    monkeypatch.setattr(evaluate, "pairs_of", lambda _: [])
    assert evaluate.main(["--data", str(folder), "--split", "train"]) == 1
    assert "expected patients with ED and ES" in capsys.readouterr().err
