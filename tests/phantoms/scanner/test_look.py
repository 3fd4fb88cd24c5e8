import numpy as np
import pytest

from kinecor_phantoms.scanner.look import LOOKS, Look, random_look


@pytest.mark.parametrize(
    "bad",
    [
        {"gain_db": 40},
        {"dynamic_range_db": 10},
        {"persistence": 1.0},
        {"averaging": 4},
        {"smoothing": -1},
        {"noise_db": float("nan")},
        {"clutter_db": 30},
        {"tgc_db": (0.0,) * 7},
        {"tgc_db": (0.0,) * 7 + (25.0,)},
        {"grey_map": "sepia"},
        {"stitched": 0},
        {"seam_mm": float("inf")},
    ],
)
def test_a_value_out_of_range_is_refused(bad: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=next(iter(bad))):
        Look(**bad)  # type: ignore[arg-type]


def test_named_looks_differ() -> None:
    assert len(set(LOOKS.values())) == len(LOOKS) >= 6


def test_random_looks_are_valid_varied_and_repeatable() -> None:
    looks = [random_look(np.random.default_rng(seed)) for seed in range(300)]
    assert looks[7] == random_look(np.random.default_rng(7))
    assert len(set(looks)) == 300
    assert {look.grey_map for look in looks} >= {"soft", "contrasty", "bright"}
    assert 0.2 < np.mean([bool(look.shadows) for look in looks]) < 0.9
    assert 0 < sum(look.stitched > 1 for look in looks) < 60
    assert 0.3 < np.mean([look.ecg for look in looks]) < 0.7


def test_graphics_can_be_left_off() -> None:
    looks = [random_look(np.random.default_rng(seed), graphics=False) for seed in range(40)]
    assert not any(look.ecg or look.text or look.ticks or look.bar for look in looks)
