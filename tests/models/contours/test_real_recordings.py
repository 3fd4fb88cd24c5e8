"""On real recordings, where they are available: the figures of the card, and clips of other makers."""

import re
from pathlib import Path

import cv2
import numpy as np
import pytest

from kinecor_lab.datasets.samples import camus_png
from kinecor_lab.tasks.apical.table import Score, scores
from kinecor_models.contract import ClipInput, load_card
from kinecor_models.registry import open_model

STRUCTURE = {"LV": "lv_endo", "myocardium": "myocardium", "left atrium": "la"}


@pytest.fixture(scope="module")
def camus_scores(shared_data: Path) -> list[Score]:
    samples = camus_png(shared_data / "camus-a4c", ["valid"])
    return scores(open_model("lv-apical", "cpu"), samples, lambda *_: None)


@pytest.mark.slow
@pytest.mark.parametrize("title", STRUCTURE)
@pytest.mark.parametrize("phase", ["ED", "ES"])
def test_the_cards_figures_are_reproduced(camus_scores: list[Score], title: str, phase: str) -> None:
    card = load_card("lv-apical")
    said = re.match(r"Dice (0\.\d+) ± 0\.\d+, .*n = (\d+)", card.figures[f"{title} {phase}, CAMUS valid"])
    assert said is not None
    some = [s.dice for s in camus_scores if s.structure == STRUCTURE[title] and s.phase == phase]
    assert len(some) == int(said[2])
    # Another processor rounds otherwise; the third decimal may differ by one or two.
    assert np.mean(some) == pytest.approx(float(said[1]), abs=0.002)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["A4C", "A2C"])
def test_clips_of_another_maker_have_one_whole_cavity(shared_data: Path, name: str) -> None:
    video = cv2.VideoCapture(str(shared_data / "echo-clips" / f"{name}.mp4"))
    frames = []
    while (read := video.read())[0]:
        frames.append(cv2.cvtColor(read[1], cv2.COLOR_BGR2RGB))
    found = open_model("lv-apical", "cpu")(ClipInput(np.stack(frames), interval_s=0.05), lambda *_: None)
    areas = []
    for points in found.contours["lv_endo"]:
        assert points is not None
        areas.append(cv2.contourArea(points))
    assert found.confidence["lv_endo"].mean() > 0.8
    # It beats, and nothing jumps: at 20 frames/s rapid filling adds a third to the area, and nothing more sudden does.
    assert min(areas) < 0.75 * max(areas)
    assert (abs(np.diff(areas)) / areas[:-1]).max() < 0.4
