import numpy as np

from kinecor_phantoms.echo.font import written


def test_letters_are_three_by_five_and_scale() -> None:
    one = written("1")
    assert one.shape == (5, 4)
    assert not one[:, 3].any()
    assert written("A1", 3).shape == (15, 24)
    assert np.array_equal(written("1", 2)[::2, ::2], one)


def test_letters_differ_and_what_is_unknown_is_blank() -> None:
    letters = {written(letter).tobytes() for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.:/-%"}
    assert len(letters) == 41
    assert not written("é").any()
