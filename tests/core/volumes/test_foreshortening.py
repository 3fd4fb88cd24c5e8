import numpy as np
import pytest

from kinecor.core.checks.foreshortening import STUDY_DRAWN_LONG, STUDY_FORESHORTENED, lengths_apart
from kinecor.core.values.calibration import Calibration
from kinecor.core.values.reading import View
from kinecor.core.values.track import Origin, Structure
from kinecor.core.volumes.loop_volumes import axis_mm, long_axis
from tests.core.strains import reading


def scaled(view="A4C", mm=0.5, **about):
    return reading(view, **about).with_(calibration=Calibration(mm, mm, "test"))


def said(check, one, others):
    """The message of a check of one recording next to others; None where it finds nothing."""
    return next((finding.message for finding in lengths_apart(one, others) if finding.code == check.code), None)


def test_the_axis_is_that_of_the_contour_at_ed_in_millimetres():
    one = scaled()
    ed = one.events.beats[0].ed
    contour = one.tracks[Structure.LV_ENDO].contours[ed]
    assert axis_mm(one) == pytest.approx(0.5 * long_axis(contour).length)
    assert axis_mm(one.with_(calibration=None)) is None
    assert axis_mm(one.with_(view=View("PLAX", None, "Dr Grey"))) is None
    assert axis_mm(one.with_(events=None)) is None
    assert axis_mm(one.with_(withheld="colour Doppler")) is None
    assert axis_mm(scaled(confidence=0.1)) is None


def test_the_shorter_view_is_reported_and_the_longer_is_not():
    short, long = scaled("A4C", 0.42), scaled("A2C", 0.5)
    reported = said(STUDY_FORESHORTENED, short, [long])
    assert f"{axis_mm(short):.0f} mm long in A4C" in reported
    assert f"{axis_mm(long):.0f} mm in A2C" in reported
    assert "19 % more" in reported
    assert said(STUDY_FORESHORTENED, long, [short]) is None


@pytest.mark.parametrize(("mm", "reported"), [(0.46, False), (0.44, True)])
def test_a_tenth_of_the_longer_axis_is_allowed(mm, reported):
    assert (said(STUDY_FORESHORTENED, scaled("A4C", mm), [scaled("A3C")]) is not None) is reported


def test_what_is_no_apical_view_with_a_scale_says_nothing():
    short = scaled("A4C", 0.4)
    others = [
        reading("A2C"),
        scaled("A2C").with_(view=View("unknown", None, "Dr Grey")),
        scaled("A2C").with_(view=None),
    ]
    assert said(STUDY_FORESHORTENED, short, others) is None
    assert said(STUDY_FORESHORTENED, short, []) is None
    assert np.isfinite(axis_mm(short))


def by_hand(one, frame=None):
    """The reading with the ventricle of a frame, of ED unless given, drawn as it is by a person."""
    endo = one.tracks[Structure.LV_ENDO]
    at = one.events.beats[0].ed if frame is None else frame
    drawn = endo.replaced(at, (endo.contours[at],), (Origin.EDITED,))
    return one.with_(tracks={**one.tracks, Structure.LV_ENDO: drawn})


def test_the_longer_view_is_reported_where_a_person_drew_it():
    short, long = scaled("A4C", 0.42), by_hand(scaled("A2C", 0.5))
    reported = said(STUDY_DRAWN_LONG, long, [short])
    assert f"{axis_mm(long):.0f} mm long in A2C at ED" in reported
    assert f"at most {axis_mm(short):.0f} mm in another view (A4C)" in reported
    assert said(STUDY_DRAWN_LONG, by_hand(short), [long]) is None
    assert said(STUDY_DRAWN_LONG, scaled("A2C", 0.5), [short]) is None
    assert said(STUDY_DRAWN_LONG, long, [short, scaled("A3C", 0.49)]) is None  # not alone: then A4C is short
    assert said(STUDY_DRAWN_LONG, long, []) is None


def test_a_contour_drawn_elsewhere_does_not_make_ed_a_persons():
    one = scaled("A2C", 0.5)
    assert said(STUDY_DRAWN_LONG, by_hand(one, one.events.beats[0].es), [scaled("A4C", 0.42)]) is None
