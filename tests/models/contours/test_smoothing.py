import numpy as np
import pytest

from kinecor_models.contours.smoothing import AFTER, BEFORE, average_frames, bending_weights, moving_average, weights


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


def test_bending_weights_leave_a_parabola_as_it_is() -> None:
    half = bending_weights(0.02, 0.05, 20)
    whole = np.concatenate([half[:0:-1], half])
    parabola = [np.array([0.001 * (i - 20) ** 2], np.float32) for i in range(41)]
    bent = [float(p[0]) for p in average_frames(parabola, whole, len(half) - 1)]
    assert bent[12:29] == pytest.approx([float(p[0]) for p in parabola[12:29]], abs=2e-3)
    # A plain average of that spread would lift its bottom by 0.001 x (50 / 20) squared.
    plain = np.exp(-((np.arange(-10, 11) * 0.4) ** 2) / 2).astype(np.float32)
    flat = [float(p[0]) for p in average_frames(parabola, plain, 10)]
    assert flat[20] > 0.005


@pytest.mark.parametrize(("interval_s", "reach"), [(0.1, 2), (0.02, 10), (0.008, 10)])
def test_bending_weights_reach_by_time_and_not_further_than_specified(interval_s: float, reach: int) -> None:
    assert len(bending_weights(interval_s, 0.06, 10)) == reach + 1
