import numpy as np

from kinecor_phantoms.echo.font import write_text


def test_letters_are_three_by_five_and_scale() -> None:
    one = write_text("1")
    assert one.shape == (5, 4)
    assert not one[:, 3].any()
    assert write_text("A1", 3).shape == (15, 24)
    assert np.array_equal(write_text("1", 2)[::2, ::2], one)


def test_letters_differ_and_what_is_unknown_is_blank() -> None:
    letters = {write_text(letter).tobytes() for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.:/-%"}
    assert len(letters) == 41
    assert not write_text("é").any()
