"""The contract of every registered model, and what ours returned on a real clip when it was shipped."""

import json
from pathlib import Path

import numpy as np
import pytest
from pydicom import examples
from pydicom.pixels import pixel_array

from kinecor_models.contract import ClipInput, ClipModel, ClipOutput
from kinecor_models.registry import names, open_model
from tests.lab.camus import drawn

GOLDEN = Path(__file__).with_name("golden_demo.json")


@pytest.fixture(scope="module", params=names())
def model(request: pytest.FixtureRequest) -> ClipModel:
    return open_model(request.param, "cpu")


@pytest.fixture(scope="module", params=[name for name in names() if "apical" in name])
def apical(request: pytest.FixtureRequest) -> ClipModel:
    return open_model(request.param, "cpu")


def clip(frames: int, high: int = 120, wide: int = 150, *, colour: bool = False) -> np.ndarray:
    images = np.stack([drawn(seed, high, wide)[0] for seed in range(frames)])
    return np.repeat(images[..., None], 3, axis=3) if colour else images


def quiet(done: int, total: int) -> None:
    assert 0 <= done <= total


def check(found: ClipOutput, frames: int) -> None:
    assert set(found.contours) == set(found.confidence)
    for name, contours in found.contours.items():
        sure = found.confidence[name]
        assert len(contours) == frames
        assert sure.shape == (frames,)
        assert ((sure >= 0) & (sure <= 1)).all()
        for points, value in zip(contours, sure, strict=True):
            if points is None:
                assert value == 0
            else:
                assert points.ndim == 2
                assert points.shape[1] == 2
                assert np.isfinite(points).all()
                assert points.min() > -2
                assert points.max() < found.grid.size + 1


@pytest.mark.parametrize(
    "frames",
    [clip(1), clip(3), clip(2, 121, 333), clip(2, 401, 97), clip(2, colour=True), np.zeros((2, 17, 23), np.uint8)],
    ids=["one frame", "three", "wide and odd", "tall and odd", "colour", "tiny and black"],
)
def test_any_clip_gets_an_answer_of_its_shape(model: ClipModel, frames: np.ndarray) -> None:
    check(model(ClipInput(frames), quiet), len(frames))


def test_progress_is_reported_and_cancelling_acts_within_a_frame(model: ClipModel) -> None:
    class Enough(Exception):  # noqa: N818 - a signal, not an error
        pass

    calls: list[tuple[int, int]] = []

    def tick(done: int, total: int) -> None:
        calls.append((done, total))
        if done == 3:
            raise Enough

    with pytest.raises(Enough):
        model(ClipInput(clip(12)), tick)
    assert calls == [(0, 12), (1, 12), (2, 12), (3, 12)]


def test_contours_return_to_the_image_they_came_from(apical: ClipModel) -> None:
    """The same heart drawn at twice the size, in a corner of a larger screen, is contoured in the same place."""
    demo = demo_clip()[:1]
    large = np.zeros((1, 700, 900, 3), np.uint8)
    large[0, 120:600, 200:840] = demo[0].repeat(2, axis=0).repeat(2, axis=1)
    small_out, large_out = apical(ClipInput(demo), quiet), apical(ClipInput(large), quiet)
    small, big = (out.contours["lv_endo"][0] for out in (small_out, large_out))
    assert small is not None
    assert big is not None
    expected = (small_out.grid.to_image(small) + 0.5) * 2 - 0.5 + (200, 120)
    centre = large_out.grid.to_image(big).mean(axis=0)
    assert centre == pytest.approx(expected.mean(axis=0), abs=6)


def demo_clip() -> np.ndarray:
    return pixel_array(examples.get_path("ybr_color"))


@pytest.fixture(scope="module")
def on_demo(apical: ClipModel) -> tuple[str, ClipOutput]:
    return apical.card.name, apical(ClipInput(demo_clip(), region=(42, 15, 298, 207), interval_s=1 / 30), quiet)


def test_the_demo_clip_has_one_whole_ventricle_on_every_frame(on_demo: tuple[str, ClipOutput]) -> None:
    _, found = on_demo
    check(found, 30)
    for name in ("lv_endo", "lv_epi", "la"):
        assert all(points is not None for points in found.contours[name])
    assert found.confidence["lv_endo"].min() > 0.7


def test_the_demo_clip_gives_what_it_gave(on_demo: tuple[str, ClipOutput]) -> None:
    """Golden output: areas in image pixels. Regenerate with tests/models/golden.py when a model is published."""
    name, found = on_demo
    golden = json.loads(GOLDEN.read_text())[name]
    for structure, areas in golden.items():
        assert demo_areas(found, structure) == pytest.approx(areas, rel=0.04)


def demo_areas(found: ClipOutput, structure: str) -> list[float]:
    out = []
    for points in found.contours[structure]:
        assert points is not None
        x, y = found.grid.to_image(points).T
        out.append(round(float(abs(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1))) / 2), 1))
    return out
