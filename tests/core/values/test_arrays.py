import numpy as np
import pytest

from kinecor.core.values.geometry import finite, frozen_array


def test_a_writable_array_is_copied_and_made_read_only():
    mine = np.arange(4.0)
    result = frozen_array(mine)
    mine[0] = 99
    assert result.tolist() == [0, 1, 2, 3]
    assert not result.flags.writeable
    with pytest.raises(ValueError, match="read-only"):
        result[0] = 1


def test_a_frozen_array_is_not_copied_again():
    result = frozen_array([1.0, 2.0])
    assert frozen_array(result) is result


def test_the_result_is_contiguous_and_of_the_requested_type():
    result = frozen_array(np.arange(12).reshape(3, 4).T, np.float64)
    assert result.flags.c_contiguous
    assert result.dtype == np.float64
    assert frozen_array([1, 2], np.uint8).dtype == np.uint8


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_what_is_not_finite_is_refused(bad):
    with pytest.raises(ValueError, match="times: expected finite"):
        finite(np.array([0.0, bad]), "times")
    with pytest.raises(LookupError):
        finite(np.array([0.0, bad]), "times", LookupError)


def test_what_is_finite_passes_unchanged():
    array = np.array([0.0, 1.0])
    assert finite(array, "x") is array
