import numpy as np
import pytest

from kinecor_models.smoothing import AFTER, BEFORE, WEIGHTS, moving_average


def smoothed(values: list[float]) -> list[float]:
    return [float(frame[0]) for frame in moving_average(np.array([v], np.float32) for v in values)]


@pytest.mark.parametrize("frames", range(10))
def test_every_frame_comes_out_once_and_constants_stay(frames: int) -> None:
    assert smoothed([0.7] * frames) == pytest.approx([0.7] * frames)


def test_an_impulse_spreads_by_the_weights() -> None:
    out = smoothed([0.0] * 8 + [1.0] + [0.0] * 8)
    expected = np.zeros(17)
    # A frame looks BEFORE back and AFTER ahead, so an impulse reaches AFTER back and BEFORE ahead.
    expected[8 - AFTER : 8 + BEFORE + 1] = WEIGHTS[::-1] / WEIGHTS.sum()
    assert out == pytest.approx(expected)


def test_it_hardly_delays() -> None:
    ramp = [float(i) for i in range(30)]
    assert np.mean(np.array(smoothed(ramp))[5:-5] - ramp[5:-5]) == pytest.approx(-0.2, abs=1e-5)


def test_only_six_frames_are_held() -> None:
    alive = []

    def frames():
        for i in range(20):
            alive.append(i)
            yield np.array([float(i)], np.float32)

    made = moving_average(frames())
    next(made)
    assert len(alive) == AFTER + 1
