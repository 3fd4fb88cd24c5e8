import numpy as np
import pytest

from kinecor_models.smoothing import AFTER, BEFORE, moving_average, weights


def smoothed(values: list[float]) -> list[float]:
    return [float(frame[0]) for frame in moving_average(np.array([v], np.float32) for v in values)]


@pytest.mark.parametrize("frames", range(10))
def test_every_frame_comes_out_once_and_constants_stay(frames: int) -> None:
    assert smoothed([0.7] * frames) == pytest.approx([0.7] * frames)


def test_an_impulse_spreads_by_the_weights() -> None:
    out = smoothed([0.0] * 8 + [1.0] + [0.0] * 8)
    expected = np.zeros(17)
    # A frame looks BEFORE back and AFTER ahead, so an impulse reaches AFTER back and BEFORE ahead.
    expected[8 - AFTER : 8 + BEFORE + 1] = weights()[::-1] / weights().sum()
    assert out == pytest.approx(expected)


def test_it_hardly_delays() -> None:
    ramp = [float(i) for i in range(30)]
    assert np.mean(np.array(smoothed(ramp))[5:-5] - ramp[5:-5]) == pytest.approx(0, abs=0.1)


def test_weights_are_those_of_a_moving_average_at_fifty_frames_a_second() -> None:
    assert 4 * weights(0.02) == pytest.approx([1, 2, 3, 4, 3, 2], abs=0.8)


def test_a_slow_recording_is_hardly_averaged_and_a_fast_one_over_all_six() -> None:
    assert weights(0.05)[BEFORE - 1] < 0.2
    assert weights(0.005).min() > 0.8
    # A beat of 0.8 s as raised cosine: averaging takes at most 2 % of its swing, whatever the frame rate.
    for rate in (15, 20, 30, 50, 80):
        times = np.arange(0, 2.4, 1 / rate)
        beat = [np.array([np.cos(2 * np.pi * t / 0.8)], np.float32) for t in times]
        swing = np.ptp([float(p[0]) for p in moving_average(beat, 1 / rate)][4:-4])
        assert swing > 0.975 * np.ptp(np.array(beat)[4:-4])


def test_only_six_frames_are_held() -> None:
    alive = []

    def frames():
        for i in range(20):
            alive.append(i)
            yield np.array([float(i)], np.float32)

    made = moving_average(frames())
    next(made)
    assert len(alive) == AFTER + 1
