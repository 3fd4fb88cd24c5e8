import pytest

from kinecor.core.reading import View
from kinecor.core.view_warnings import view_warnings
from tests.core.readings import MODEL, beating, reading_of

SEEN = View("PLAX", 0.96, MODEL)


def test_an_unknown_view_and_one_that_a_model_named_are_told() -> None:
    reading = reading_of(beating())
    assert "is not known" in view_warnings(reading)[0]
    (line,) = view_warnings(reading.with_(view=View("A4C", 0.97, MODEL)))
    assert "A4C, was named by the model test@1 (0.97)" in line
    assert view_warnings(reading.with_(view=View("A4C", None, "header"))) == ()


def test_where_nothing_is_measured_the_way_out_is_told() -> None:
    reading = reading_of(beating()).with_(withheld="colour Doppler")
    assert view_warnings(reading) == ()
    assert view_warnings(reading.with_(view=View("PLAX", None, "Ada"))) == ()
    (line,) = view_warnings(reading.with_(view=SEEN, view_seen=SEEN))
    assert "name its view and analyse again" in line


@pytest.mark.parametrize(("by", "who"), [("header", "the file's header"), ("Ada", "Ada")])
def test_a_model_that_is_sure_contradicts(by: str, who: str) -> None:
    told = reading_of(beating()).with_(view=View("A4C", None, by), view_seen=SEEN)
    assert view_warnings(told) == (f"A4C by {who}, but it looks like PLAX (0.96): check the view.",)
    assert view_warnings(told.with_(withheld="it is noise"))
    assert view_warnings(told.with_(view=View("PLAX", None, by))) == ()


@pytest.mark.parametrize(("label", "sure"), [("PLAX", 0.8), ("unknown", 0.99), ("A4C", 0.99)])
def test_one_that_is_not_sure_or_agrees_does_not(label: str, sure: float) -> None:
    reading = reading_of(beating()).with_(view=View("A4C", None, "Ada"), view_seen=View(label, sure, MODEL))
    assert view_warnings(reading) == ()
