import numpy as np
import pytest

from kinecor_phantoms.scanner.shadow import Shadow, gain, moving, still

RANGES = np.linspace(0, 150, 301, dtype=np.float32)
ANGLES = np.radians(np.linspace(-40, 40, 161)).astype(np.float32)


def test_a_shadow_takes_its_loss_inside_its_wedge_and_nothing_elsewhere() -> None:
    loss = Shadow(angle_deg=10, width_deg=20, onset_mm=40, loss_db=12, edge_deg=1).loss(RANGES, ANGLES, 0)
    degrees = np.degrees(ANGLES)
    inside, outside = np.abs(degrees - 10) < 8, np.abs(degrees - 10) > 13
    assert loss[RANGES > 60][:, inside] == pytest.approx(12, abs=0.3)
    assert loss[:, outside] == pytest.approx(0, abs=0.1)
    assert loss[RANGES < 25] == pytest.approx(0, abs=0.5)
    assert loss[np.abs(RANGES - 40).argmin(), inside] == pytest.approx(6, abs=0.2)


def test_breathing_carries_it_to_both_sides_and_back() -> None:
    shadow = Shadow(0, 10, 10, 20, swing_deg=8, period_s=4)

    def middle(time_s: float) -> float:
        row = shadow.loss(RANGES, ANGLES, time_s)[-1]
        return float((row * np.degrees(ANGLES)).sum() / row.sum())

    assert middle(0) == pytest.approx(0, abs=0.1)
    assert middle(1) == pytest.approx(8, abs=0.1)
    assert middle(3) == pytest.approx(-8, abs=0.1)
    assert middle(4) == pytest.approx(0, abs=0.1)


def test_losses_add_up_as_decibels() -> None:
    one = Shadow(0, 30, 5, 6)
    assert gain((one, one), RANGES, ANGLES, 0)[-1, 80] == pytest.approx(10 ** (-12 / 20), rel=1e-3)
    assert np.all(gain((), RANGES, ANGLES, 0) == 1)


def test_what_moves_is_distinguished_from_what_stays() -> None:
    rib, wall = Shadow(0, 5, 10, 10, swing_deg=2), Shadow(20, 15, 10, 10)
    assert moving((rib, wall)) == (rib,)
    assert still((rib, wall)) == (wall,)


@pytest.mark.parametrize("bad", [{"loss_db": -1}, {"width_deg": 0}, {"period_s": 0}, {"angle_deg": 80}])
def test_a_value_out_of_range_is_refused(bad: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=f"{next(iter(bad))} must be between"):
        Shadow(**{"angle_deg": 0, "width_deg": 10, "onset_mm": 10, "loss_db": 10} | bad)
