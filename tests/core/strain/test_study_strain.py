import numpy as np
import pytest

from kinecor.core.strain import wall_strain as module
from kinecor.core.strain.wall_strain import in_model, study_strain
from kinecor.core.values.choices import StrainChoices
from kinecor.core.values.reading import View
from tests.readings import cine, read
from tests.wall_strains import SHORTENING, prescribed


@pytest.fixture
def loops(monkeypatch):
    """Readings of A4C, A2C and A3C, each with prescribed strain."""
    reading = read(cine())
    views = {view: reading.with_(view=View(view, 1.0, "Dr Grey")) for view in ("A4C", "A2C", "A3C")}
    strains = {id(one): prescribed(one.facts.times_s, view=view) for view, one in views.items()}
    monkeypatch.setattr(module, "wall_strain", lambda one: strains.get(id(one)))

    def change(view, **changes):
        strains[id(views[view])] = prescribed(reading.facts.times_s, view=view, **changes)

    return views, change


def test_the_average_is_over_views_not_over_segments(loops):
    views, change = loops
    change("A2C", excluded=(3,))
    found = study_strain(views.values())
    assert list(found.view_percent) == ["A4C", "A2C", "A3C"]
    assert found.view_percent["A4C"] == pytest.approx(SHORTENING.mean())
    assert found.view_percent["A2C"] == pytest.approx(np.delete(SHORTENING, 3).mean())
    assert found.average_percent == pytest.approx(np.mean(list(found.view_percent.values())))
    assert found.missing == ()
    assert found.doubt is None


def test_segments_left_out_or_badly_followed_stay_empty(loops):
    views, change = loops
    change("A4C", excluded=(0,))
    found = study_strain([views["A4C"]])
    by_segment = dict(enumerate(found.end_systolic_percent, 1))
    assert np.isnan(by_segment[3])  # basal inferoseptal, left out
    assert by_segment[9] == pytest.approx(-18)  # mid inferoseptal
    assert np.isnan(by_segment[12])  # mid anterolateral, followed badly
    assert np.isnan(by_segment[1])  # basal anterior, in no view here
    assert found.missing == ("A2C", "A3C")
    assert found.withheld == (3, 12)
    assert found.quality[11] == pytest.approx(0.2)
    assert found.time_to_peak_ms[8] == pytest.approx(240)


def test_a_view_that_is_withheld_is_not_averaged(loops):
    views, change = loops
    change("A3C", why="only 3 of 6 segments could be followed well")
    found = study_strain(views.values())
    assert found.missing == ("A3C",)
    assert study_strain([]).average_percent is None


def test_views_measured_differently_are_reported(loops, monkeypatch):
    views, _ = loops
    deep = views["A2C"].with_(strain=StrainChoices(depth=0.0))
    usual, strain = module.wall_strain, prescribed(deep.facts.times_s, view="A2C")
    monkeypatch.setattr(module, "wall_strain", lambda one: strain if one is deep else usual(one))
    assert study_strain([views["A4C"], views["A3C"]]).doubt is None
    assert "differ in depth" in study_strain([views["A4C"], deep]).doubt


def test_views_measured_at_different_end_systoles_are_reported(loops, monkeypatch):
    views, _ = loops
    beat = views["A2C"].events.beats[0]
    closed = {view: one.with_(valve_closures=(beat.es + 1,)) for view, one in views.items()}
    strains = {
        id(one): prescribed(one.facts.times_s, view=view) for some in (views, closed) for view, one in some.items()
    }
    monkeypatch.setattr(module, "wall_strain", lambda one: strains.get(id(one)))
    assert study_strain(closed.values()).doubt is None
    assert "valve closure in some views" in study_strain([views["A4C"], closed["A2C"]]).doubt


def test_models_of_fewer_segments():
    values = np.arange(18.0)
    assert len(in_model(values, 17)) == 17
    assert in_model(values, 16)[13] == pytest.approx(13.5)
    assert in_model(values, 18) is values


def test_a_segment_that_does_not_go_with_its_view_has_a_value_and_no_colour(loops):
    views, _ = loops
    study = study_strain([views["A4C"]])  # its apex on the right does not beat
    (number,) = study.implausible
    assert study.end_systolic_percent[number - 1] == pytest.approx(-3)
    assert np.isnan(study.drawn_percent[number - 1])
    assert set(study.hatched) == {number, *study.withheld}
    kept = [other for other in range(1, 19) if other != number]
    np.testing.assert_array_equal(
        study.drawn_percent[[one - 1 for one in kept]], study.end_systolic_percent[[one - 1 for one in kept]]
    )


@pytest.mark.parametrize(("wrong", "hidden"), [(5, 6), (4, 6), (3, 3), (0, 0)])
def test_where_most_segments_of_a_level_are_left_out_none_of_it_has_a_colour(loops, monkeypatch, wrong, hidden):
    """Of six apical segments, two a view, so many do not go together with their views."""
    views, _ = loops
    strains, apical = {}, np.where(np.arange(6) < wrong, -2.0, -12.0)
    for number, (view, one) in enumerate(views.items()):
        values = np.full(6, -20.0)
        values[[2, 3]] = apical[2 * number : 2 * number + 2]
        strains[id(one)] = prescribed(one.facts.times_s, view=view, quality=np.full(6, 0.9), shortening=values)
    monkeypatch.setattr(module, "wall_strain", lambda one: strains.get(id(one)))
    study = study_strain(views.values())
    assert len(study.implausible) == hidden
    assert set(study.implausible) <= set(range(13, 19))
