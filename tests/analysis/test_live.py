"""Live contouring: pace and accounting with a stand-in for the network, and the network itself once."""

import numpy as np

from kinecor.analysis.live import SIDES, LiveContouring, LiveSession
from kinecor_models.contours.outlines import Outlines
from kinecor_models.contract import Grid


class Clock:
    """Time that goes on by what each network costs."""

    def __init__(self) -> None:
        self.now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


def contouring(costs_s: dict[int, float], clock: Clock, confidence: float = 0.9) -> LiveContouring:
    def opener(side: int, device: str):  # type: ignore[no-untyped-def]
        def live(grid: Grid, interval_s: float):  # type: ignore[no-untyped-def]
            def step(frame: np.ndarray) -> Outlines:
                clock.now_s += costs_s[side]
                line = np.array([[10, 10], [20, 20], [30, 10]], np.float32)
                return Outlines({"lv_endo": line, "la": None}, {"lv_endo": confidence, "la": 0.0})

            return step

        return live

    return LiveContouring("cpu", tuple(costs_s), clock, opener)


IMAGE = np.random.default_rng(1).integers(0, 200, (96, 128), dtype=np.uint8)


def test_the_best_network_that_is_quick_enough() -> None:
    clock = Clock()
    contour = contouring({160: 0.060, 128: 0.040, 96: 0.020}, clock)
    found = [contour(number, IMAGE, clock.now_s, 1 / 30) for number in range(120)]
    assert [found[at].side for at in (0, 44, 45, 89, 90, 119)] == [160, 160, 128, 128, 96, 96]


def test_it_stays_with_the_best_where_there_is_time() -> None:
    clock = Clock()
    contour = contouring({160: 0.020, 96: 0.001}, clock)
    assert {contour(number, IMAGE, clock.now_s, 1 / 30).side for number in range(60)} == {160}


def test_latency_passed_over_and_doubt() -> None:
    clock = Clock()
    contour = contouring({160: 0.010}, clock, confidence=0.5)
    contour(3, IMAGE, 0.0, 0.0)
    found = contour(7, IMAGE, clock.now_s - 0.005, 0.0)
    assert found.passed_over == 3
    assert abs(found.latency_s - 0.015) < 1e-9
    assert set(found.contours) == {"lv_endo"}
    assert found.doubtful == {"lv_endo"}


def test_another_size_of_image_begins_anew() -> None:
    clock = Clock()
    contour = contouring({160: 0.010}, clock)
    contour(0, IMAGE, 0.0, 0.0)
    small = contour(1, IMAGE[::2, ::2], 0.0, 0.0)
    assert small.contours["lv_endo"].max() < 64


def test_a_session_to_its_end_with_the_network() -> None:
    frames = [np.roll(IMAGE, shift, 0) for shift in range(3)]
    seen = []
    session = LiveSession(lambda stop: iter(frames), "cpu", seen.append)
    session._thread.join(120)
    assert session.ended
    assert session.error is None
    assert seen
    assert seen[-1].number == 2
    assert seen[-1].side in SIDES
