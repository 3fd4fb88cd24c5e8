import pytest

from kinecor.io.mr.slices import long_axis_view


@pytest.mark.parametrize(
    ("words", "view"),
    [
        ("CINE_4CH", "A4C"),
        ("cine A4C", "A4C"),
        ("tfisp cine HLA", "A4C"),
        ("cine_retro_2 chamber_iPAT", "A2C"),
        ("VLA cine", "A2C"),
        ("trufi2ch", "A2C"),
        ("LAX 3-CHAMBER", "A3C"),
        ("SSFP 14ch", None),
        ("4ch and 2ch scout", None),
        ("RV 2ch", None),
        ("4CH flow venc 150", None),
        ("cine SAX", None),
        ("LVOT", None),
        ("", None),
    ],
)
def test_series_are_known_by_what_they_are_called(words, view):
    assert long_axis_view([words]) == view


def test_the_first_that_names_one_counts():
    assert long_axis_view(["cine", "bSSFP 3ch"]) == "A3C"
    assert long_axis_view(["cine 2ch", "bSSFP 3ch"]) == "A2C"
