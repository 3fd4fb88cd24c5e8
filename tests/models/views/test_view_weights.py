"""Answers of the shipped view model: of the demo clip, of noise, and of real clips where they are available."""

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from kinecor_lab.datasets.samples import camus_png
from kinecor_models.contract import ClipInput
from kinecor_models.views.classes import CLASSES
from kinecor_models.views.model import ViewModel, ViewOutput, open_views
from tests.models.test_contract import demo_clip

GOLDEN = Path(__file__).with_name("golden_views.json")


@pytest.fixture(scope="module")
def model() -> ViewModel:
    return open_views(device="cpu")


def quiet(done: int, total: int) -> None:
    assert 0 <= done <= total


def demo_answer(model: ViewModel, *, mirrored: bool = False) -> ViewOutput:
    frames = demo_clip()
    region = (42, 15, 298, 207)
    if mirrored:
        frames, region = frames[:, :, ::-1], (frames.shape[2] - 298, 15, frames.shape[2] - 42, 207)
    return model(ClipInput(frames, region), quiet)


def demo_probabilities(model: ViewModel) -> dict[str, float]:
    likely = demo_answer(model).probabilities
    return {name: round(float(value), 4) for name, value in zip(CLASSES, likely, strict=True)}


def test_the_demo_clip_gives_what_it_gave(model: ViewModel) -> None:
    """Golden output. Regenerate with tests/models/golden.py when the model is published."""
    assert demo_probabilities(model) == pytest.approx(json.loads(GOLDEN.read_text()), abs=0.02)


def test_the_demo_clip_is_a_four_chamber_view_mirrored_or_not(model: ViewModel) -> None:
    assert demo_answer(model).label == "A4C"
    assert demo_answer(model, mirrored=True).label == "A4C"


@pytest.mark.parametrize(
    "image",
    [
        np.random.default_rng(0).integers(0, 256, (200, 260), dtype=np.uint8),
        np.zeros((120, 160), np.uint8),
        np.tile(np.arange(0, 240, dtype=np.uint8), (180, 1)),
    ],
    ids=["noise", "black", "slope"],
)
def test_what_is_no_echo_is_refused(model: ViewModel, image: np.ndarray) -> None:
    found = model(ClipInput(image[None]), quiet)
    assert found.label == "unknown"
    assert found.why


def test_real_four_chamber_frames_are_named(model: ViewModel, shared_data: Path) -> None:
    samples = camus_png(shared_data / "camus-a4c", ["valid"])[::10]
    found = [model(ClipInput(sample.image[None]), quiet).label for sample in samples]
    assert found.count("A4C") >= 0.8 * len(found)
    assert set(found) <= {"A4C", "unknown"}


@pytest.mark.parametrize("name", ["A4C", "A2C", "PLAX", "PSAX"])
def test_each_real_clip_is_right_or_refused(model: ViewModel, shared_data: Path, name: str) -> None:
    film, frames = cv2.VideoCapture(str(shared_data / "echo-clips" / f"{name}.mp4")), []
    while (got := film.read())[0]:
        frames.append(cv2.cvtColor(got[1], cv2.COLOR_BGR2RGB))
    film.release()
    assert model(ClipInput(np.stack(frames)), quiet).label in (name, "unknown")
