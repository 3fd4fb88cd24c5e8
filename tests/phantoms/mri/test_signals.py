import numpy as np
import pytest

from kinecor_phantoms.mri.signals import VENDORS, band_signal, levels, steady_state


def test_the_signal_is_that_of_the_short_repetition_limit() -> None:
    # For repetitions far shorter than T2: sin a / (1 + cos a + (1 - cos a) T1 / T2), Scheffler and Lehnhardt 2003.
    for t1_ms, t2_ms, flip_deg in ((1441, 290, 55), (1030, 40, 45), (343, 58, 60)):
        flip = np.deg2rad(flip_deg)
        limit = np.sin(flip) / (1 + np.cos(flip) + (1 - np.cos(flip)) * t1_ms / t2_ms)
        assert steady_state(t1_ms, t2_ms, flip_deg, 0.05) == pytest.approx(limit, rel=2e-3)


def test_the_signal_is_that_of_pulses_counted_out() -> None:
    # Bloch's equations, pulse by pulse with alternating sign, until nothing changes.
    t1_ms, t2_ms, repetition_ms, flip, turn = 800.0, 80.0, 4.0, np.deg2rad(50), 0.7
    state = np.array([0.0, 0.0, 1.0])
    decay = np.diag(np.exp(-repetition_ms / 2 / np.array([t2_ms, t2_ms, t1_ms])))
    c, s = np.cos(turn / 2), np.sin(turn / 2)
    half = decay @ np.array([[c, -s, 0], [s, c, 0], [0, 0, 1]])
    grown = np.array([0, 0, 1 - np.exp(-repetition_ms / 2 / t1_ms)])
    for pulse in range(4000):
        angle = flip * (-1) ** pulse
        c, s = np.cos(angle), np.sin(angle)
        state = half @ (np.array([[1, 0, 0], [0, c, -s], [0, s, c]]) @ state) + grown
        middle = np.hypot(*state[:2])
        state = half @ state + grown
    assert steady_state(t1_ms, t2_ms, 50, repetition_ms, turn) == pytest.approx(middle, rel=1e-3)


@pytest.mark.parametrize("name", sorted(VENDORS))
def test_tissues_are_as_bright_as_readers_know_them(name: str) -> None:
    vendor = VENDORS[name]
    level = levels(vendor)
    assert level["blood"] == 1
    assert 0.2 < level["muscle"] < 0.42
    assert level["lung"] < 0.15 < level["muscle"] < level["spleen"] < level["blood"] < level["fluid"]
    assert (level["fat"] < 0) == vendor.fat_opposed
    assert 0.7 < abs(level["fat"]) < 1.15


def test_bands_are_dark_half_a_turn_off_resonance_and_the_next_is_out_of_phase() -> None:
    found = band_signal(VENDORS["A"], np.array([0.0, np.pi, 2 * np.pi, 4 * np.pi], np.float32))
    assert found[0] == pytest.approx(1)
    assert abs(found[1]) < 0.1
    assert found[2] == pytest.approx(-1, abs=1e-3)
    assert found[3] == pytest.approx(1, abs=1e-3)
