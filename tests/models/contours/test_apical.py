import threading

import numpy as np
import pytest

from kinecor_models.contours.apical import STRUCTURES, ApicalModel, OverTime, open_apical
from kinecor_models.contract import ClipInput, ClipOutput, fit_grid, interpolate_contours
from kinecor_models.engines.engine import one_by_one
from kinecor_models.localisation.framing import sector_box
from tests.models.test_contract import demo_clip, quiet

CLIP = ClipInput(demo_clip()[:10], region=(42, 15, 298, 207), interval_s=1 / 30)


@pytest.fixture(scope="module")
def found() -> dict[OverTime, ClipOutput]:
    ways: tuple[OverTime, ...] = ("fusion", "average", "live", "none")
    return {way: open_apical("lv-apical", "cpu", over_time=way)(CLIP, quiet) for way in ways}


def area(output: ClipOutput, frame: int) -> float:
    points = output.contours["lv_endo"][frame]
    assert points is not None
    x, y = points.T
    return float(abs(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1))) / 2)


def roughness(output: ClipOutput) -> float:
    return float(abs(np.diff([area(output, frame) for frame in range(10)], 2)).mean())


def test_every_way_draws_the_same_heart(found: dict[OverTime, ClipOutput]) -> None:
    for output in found.values():
        for frame in range(10):
            assert area(output, frame) == pytest.approx(area(found["none"], frame), rel=0.12)


def test_the_default_is_the_stillest(found: dict[OverTime, ClipOutput]) -> None:
    assert roughness(found["fusion"]) < roughness(found["none"])
    default = open_apical("lv-apical", "cpu")(CLIP, quiet)
    assert area(default, 4) == area(found["fusion"], 4)


def test_a_live_source_gets_frame_by_frame_what_the_clip_gets_at_once(found: dict[OverTime, ClipOutput]) -> None:
    model = open_apical("lv-apical", "cpu")
    live = model.live(fit_grid(sector_box(CLIP), model.card.size), CLIP.interval_s)
    for frame in range(10):
        seen = live(CLIP.frames[frame])
        for name in STRUCTURES:
            one, other = seen.contours[name], found["live"].contours[name][frame]
            assert one is not None
            assert other is not None
            assert abs(one - other).max() < 1e-4
            assert seen.confidence[name] == pytest.approx(found["live"].confidence[name][frame], abs=1e-4)


def test_the_first_frame_of_a_live_source_is_that_frame_alone(found: dict[OverTime, ClipOutput]) -> None:
    assert area(found["live"], 0) == pytest.approx(area(found["none"], 0), rel=1e-4)


def test_a_network_that_fails_is_reported_and_leaves_no_thread() -> None:
    def broken(_: np.ndarray) -> np.ndarray:
        raise RuntimeError("out of memory")

    before = threading.active_count()
    card = open_apical("lv-apical", "cpu").card
    with pytest.raises(RuntimeError, match="out of memory"):
        ApicalModel(card, one_by_one(broken))(CLIP, quiet)
    assert threading.active_count() == before


def test_early_contours_come_after_some_frames_and_do_not_change_what_follows() -> None:
    seen: list[int] = []
    model = open_apical("lv-apical", "cpu")
    clip = ClipInput(demo_clip()[:11], region=(42, 15, 298, 207), interval_s=0.02)
    early = model.early(clip, lambda done, _: seen.append(done))
    assert early is not None
    assert seen == [1, 2, 3, 4, 5]  # frames 1, 4, 7, 10 and the last
    whole, (found,) = model(clip, quiet), early.found
    (later,) = early.whole(quiet)
    alone = open_apical("lv-apical", "cpu", over_time="none")(clip, quiet)
    for frame in (0, 3, 6, 9, 10):
        assert area(found, frame) == area(alone, frame)
    for name in STRUCTURES:
        for one, other in zip(later.contours[name], whole.contours[name], strict=True):
            assert np.array_equal(one, other)  # type: ignore[arg-type]
        assert np.array_equal(later.confidence[name], whole.confidence[name])


def test_a_clip_of_few_frames_a_second_has_no_early_contours() -> None:
    assert open_apical("lv-apical", "cpu").early(CLIP, quiet) is None


def test_a_contour_between_two_frames_is_on_its_way_from_one_to_the_other() -> None:
    one, other = np.zeros((2, 2), np.float32), np.full((2, 2), 3, np.float32)
    found = interpolate_contours({0: one, 3: other, 5: None}, 7)
    assert [None if points is None else float(points[0, 0]) for points in found] == [0, 1, 2, 3, None, None, None]
