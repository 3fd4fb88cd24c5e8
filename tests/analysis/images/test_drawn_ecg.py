"""R waves of an ECG that is drawn into the images: simulated scanners of two kinds, and a real clip."""

import numpy as np
import pytest

from kinecor.analysis.images.drawn_ecg import drawn_waves_s, foot_rows
from kinecor.analysis.images.measure import recording_facts
from kinecor.core.values.recording import Region
from kinecor.io.open.recordings import open_path
from kinecor_phantoms.echo.overlay import Overlay
from kinecor_phantoms.scanner.look import Look
from kinecor_phantoms.scanner.probe import Probe
from kinecor_phantoms.scanner.screen import Screen

PROBE = Probe()
SIZE = 400


def drawn(seed, *, rate_per_min, shift, frames=60, frames_per_s=40.0, ecg=True):
    """The feet of a loop's images with speckle of compression, their times, and the times of its R waves."""
    rng = np.random.default_rng(seed)
    times_s = np.arange(frames) / frames_per_s
    screen = Screen.fitted(PROBE, SIZE, SIZE, foot_px=50)
    overlay = Overlay(
        screen, PROBE, Look(ecg=ecg), times_s, lambda time_s: (time_s * rate_per_min / 60 + shift) % 1, rng
    )
    first, last = foot_rows(SIZE, Region(0, 0, SIZE, SIZE - 50))
    strips = []
    for frame in range(frames):
        image = np.zeros((SIZE, SIZE), np.uint8)
        overlay.draw(image, frame)
        image = np.clip(image + rng.normal(0, 3, image.shape), 0, 255).astype(np.uint8)
        strips.append(image[first:last])
    beat_s = 60 / rate_per_min
    waves = [(number - shift) * beat_s for number in range(int(times_s[-1] / beat_s) + 2)]
    return strips, times_s, [wave for wave in waves if 0.05 < wave < times_s[-1] - 0.05]


@pytest.mark.parametrize("rate_per_min", [55, 75, 120])
@pytest.mark.parametrize("seed", range(8))
def test_r_waves_are_found_to_a_frame(seed, rate_per_min):
    strips, times_s, waves = drawn(seed, rate_per_min=rate_per_min, shift=0.1 * seed)
    found = drawn_waves_s(strips, times_s)
    if (seed, rate_per_min) == (2, 120):  # the marker stays on R waves for too long here: nothing is said
        assert found == ()
        return
    beat_s = 60 / rate_per_min
    for wave in found:
        assert abs((wave / beat_s + 0.1 * seed + 0.5) % 1 - 0.5) * beat_s < 0.025
    assert all(min(abs(wave - each) for each in found) < 0.025 for wave in waves)


def test_no_trace_has_no_waves():
    strips, times_s, _ = drawn(0, rate_per_min=75, shift=0.2, ecg=False)
    assert drawn_waves_s(strips, times_s) == ()


def test_a_trace_without_anything_that_runs_along_says_nothing_of_the_frames():
    strips, times_s, _ = drawn(1, rate_per_min=75, shift=0.2)
    still = np.median(np.stack(strips), axis=0).astype(np.uint8)
    assert drawn_waves_s([still] * len(strips), times_s) == ()


def test_a_real_clip_whose_scanner_drew_the_trace(shared_data):
    path = shared_data / "echo-clips" / "paediatric-jpeg-ybr.dcm"
    if not path.is_file():
        pytest.skip("needs the paediatric clip")
    (cine,) = open_path(path).recordings
    waves = recording_facts(cine).whole.r_wave_s
    assert len(waves) == 3
    assert 60 / np.diff(waves) == pytest.approx(cine.heart_rate_per_min, rel=0.08)
