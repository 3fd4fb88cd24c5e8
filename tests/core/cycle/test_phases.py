import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kinecor.core.cycle.cycle import find_beats
from kinecor.core.values.geometry import FloatArray


def curve(frames: int, beats: float, start: float = 0.0, low: float = 50, high: float = 120) -> FloatArray:
    """A volume curve: ejection in the first third of a beat, filling in the rest; ED at phase 0."""
    phase = (start + beats * np.arange(frames) / frames) % 1
    ejecting = phase < 0.35
    down = (1 + np.cos(np.pi * phase / 0.35)) / 2
    up = (1 - np.cos(np.pi * (phase - 0.35) / 0.65)) / 2
    return low + (high - low) * np.where(ejecting, down, up)


@given(rate=st.floats(45, 150), fps=st.floats(25, 100), beats=st.integers(2, 5))
def test_every_beat_is_found_within_a_frame(rate: float, fps: float, beats: int) -> None:
    frames = round(beats * 60 / rate * fps)
    times = np.arange(frames) / fps
    found = find_beats(curve(frames, beats), times)
    assert found is not None
    assert len(found.beats) == beats
    period = frames / beats
    for number, beat in enumerate(found.beats):
        assert beat.ed == pytest.approx(number * period, abs=1.5)
        assert beat.es == pytest.approx((number + 0.35) * period, abs=1.5)


def test_a_loop_that_begins_in_systole_pairs_its_only_es_with_the_filling_after() -> None:
    volume = curve(30, 0.8, start=0.2)
    found = find_beats(volume, np.arange(30) / 30)
    assert found is not None
    (beat,) = found.beats
    assert beat.es == int(np.argmin(volume))
    assert beat.ed > beat.es


def test_noise_and_a_single_outlier_make_no_beat() -> None:
    rng = np.random.default_rng(0)
    volume = curve(60, 2) + rng.normal(0, 1.5, 60)
    volume[5] = 20
    found = find_beats(volume, np.arange(60) / 30)
    assert found is not None
    assert len(found.beats) == 2


def test_gaps_are_bridged() -> None:
    volume = curve(60, 2)
    volume[[3, 4, 33]] = np.nan
    found = find_beats(volume, np.arange(60) / 30)
    assert found is not None
    assert len(found.beats) == 2


@pytest.mark.parametrize(
    "volume", [np.full(30, 80.0), np.full(30, np.nan), np.zeros(30), np.array([80.0]), 80 + np.linspace(0, 1, 30)]
)
def test_where_nothing_beats_nothing_is_found(volume: FloatArray) -> None:
    assert find_beats(volume, np.arange(len(volume)) / 30) is None


def test_an_ed_and_an_es_frame_are_a_beat() -> None:
    found = find_beats(np.array([120.0, 60.0]), np.array([0, 0.4]))
    assert found is not None
    assert (found.beats[0].ed, found.beats[0].es) == (0, 1)


def test_r_waves_set_ed() -> None:
    volume = curve(60, 2)
    found = find_beats(volume, np.arange(60) / 30, r_wave_s=(0.1, 1.1))
    assert found is not None
    assert [beat.ed for beat in found.beats] == [3, 33]


def test_a_beat_too_weak_to_count_does_not_lend_its_ed_to_the_next() -> None:
    beat = curve(24, 1)
    weak = 120 - (120 - beat) * 0.2
    found = find_beats(np.concatenate([beat, weak, beat]), np.arange(72) / 30)
    assert found is not None
    assert [b.ed for b in found.beats] == pytest.approx([0, 48], abs=1)
    assert all(0 < b.es - b.ed < 12 for b in found.beats)


def test_a_loop_that_is_cut_off_in_the_next_systole_takes_the_es_it_holds() -> None:
    # From mid-systole over one ES (frame 4) and a whole filling to the middle of the next systole.
    volume = curve(30, 1.2, start=0.18)
    assert volume[-1] < volume[0]
    found = find_beats(volume, np.arange(30) / 30)
    assert found is not None
    (beat,) = found.beats
    assert beat.es == pytest.approx(int(np.argmin(volume[:15])), abs=1)
    assert beat.ed == pytest.approx(15 + int(np.argmax(volume[15:])), abs=1)


@pytest.mark.parametrize("smaller", [0.72, 0.8, 0.9])
def test_the_first_ed_of_two_unlike_beats_is_before_its_es_though_the_second_is_fuller(smaller: float) -> None:
    # As where the ventricle fills less before an early beat, or the probe shows less of it: 60 frames a beat.
    volume = curve(90, 1.5)
    volume[:30] *= smaller
    volume[21:51] = np.linspace(volume[21], volume[51], 30)
    whole = find_beats(volume, np.arange(90) / 60, less_full=True)
    assert whole is not None
    assert whole.beats[0].ed <= 2
    # Where the second beat is whole, too, and fuller, it is measured alone.
    both = find_beats(volume, np.arange(90) / 60)
    assert both is not None
    assert [beat.ed < beat.es for beat in both.beats] == [True] * (2 if smaller == 0.9 else 1)
    found = find_beats(volume[:70], np.arange(70) / 60)
    assert found is not None
    assert found.beats[0].ed <= 2
    assert found.beats[0].es == pytest.approx(21, abs=2)


def test_a_loop_that_begins_in_systole_has_its_first_whole_beat() -> None:
    volume = curve(60, 2.4, start=0.3)
    found = find_beats(volume, np.arange(60) / 30)
    assert found is not None
    first_es = int(np.argmin(volume[:15]))
    assert all(beat.ed > first_es for beat in found.beats)
