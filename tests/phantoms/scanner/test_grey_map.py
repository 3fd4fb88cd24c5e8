import numpy as np
import pytest

from kinecor_phantoms.scanner.grey_map import GREY_MAPS, STEPS, grey_map


@pytest.mark.parametrize("name", GREY_MAPS)
def test_a_map_never_falls_and_spans_the_greys(name: str) -> None:
    levels = grey_map(name).astype(int)
    assert levels.shape == (STEPS,)
    assert np.all(np.diff(levels) >= 0)
    assert levels[0] <= 36
    assert levels[-1] >= 228


def test_linear_is_linear() -> None:
    assert np.abs(grey_map("linear") - np.linspace(0, 255, STEPS)).max() <= 0.5


def test_maps_differ_in_their_middle() -> None:
    middles = {name: int(grey_map(name)[STEPS // 2]) for name in GREY_MAPS}
    assert middles["dark"] < middles["contrasty"] < middles["soft"] < middles["bright"] < middles["linear"]


def test_an_unknown_name_is_refused_with_those_there_are() -> None:
    with pytest.raises(ValueError, match="soft"):
        grey_map("sepia")
