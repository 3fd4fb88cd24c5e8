"""Contours of a plane that misses the apex."""

from dataclasses import astuple, replace

import numpy as np
import pytest

from kinecor.core.checks.assessment import assess, assessed_study
from kinecor.core.checks.findings import Finding, Severity
from kinecor.core.checks.foreshortening import CHECKS
from kinecor.core.values.calibration import Calibration
from kinecor.core.values.events import Beat, CardiacEvents
from kinecor.core.values.geometry import Contour
from kinecor.core.values.kind import APICAL_LOOP
from kinecor.core.values.reading import Reading, View
from kinecor.core.values.track import ContourTrack, Origin, Structure
from kinecor.core.volumes.foreshortening import leaning_of
from kinecor.ui.results.content import Member, content_of
from tests.core.readings import HALF_MM, reading_of


def arch(width: float, length: float) -> Contour:
    """A pointed ventricle on an annulus at row 200, its apex above."""
    return Contour(np.array([(100 - width / 2, 200), (100, 200 - length), (100 + width / 2, 200)], np.float64))


def loop(annulus: float, wall: float, view: str = "A4C") -> Reading:
    """A loop of two frames, 100 pixels long at ED and 80 at ES.

    Args:
        annulus: of the length at ED.
        wall: at the apex, of the length at ES.
        view: of the loop.

    """
    endo = arch(100 * annulus, 100), arch(80 * annulus, 80)
    epi = arch(110 * annulus, 100 * 1.1), arch(90 * annulus, 80 * (1 + wall))
    sure, origins = np.full(2, 0.95), (Origin.MODEL,) * 2
    tracks = {
        Structure.LV_ENDO: ContourTrack(Structure.LV_ENDO, endo, origins, sure),
        Structure.LV_EPI: ContourTrack(Structure.LV_EPI, epi, origins, sure),
    }
    events = CardiacEvents((Beat(0, 1),), Origin.MODEL)
    found = reading_of(np.full(2, 25.0), calibration=HALF_MM, events=events)
    assert found.kind == APICAL_LOOP
    return found.with_(tracks=tracks, view=View(view, None, "header"))


def found(reading: Reading) -> list[Finding]:
    return [one for check in CHECKS for one in check(reading)]


@pytest.mark.parametrize(
    ("annulus", "wall", "doubted"),
    [(0.45, 0.12, False), (0.62, 0.08, False), (0.45, 0.3, False), (0.7, 0.3, True)],
    ids=["usual", "wide annulus", "thick apex", "both"],
)
def test_a_wide_annulus_and_a_thick_apex_together_doubt_the_plane(annulus: float, wall: float, doubted: bool) -> None:
    assert bool(found(loop(annulus, wall))) is doubted


def test_the_finding_says_what_was_measured_and_marks_the_volumes() -> None:
    reading = loop(0.7, 0.3)
    (one,) = found(reading)
    assert one.severity is Severity.CHECK
    assert "70 % as wide" in one.message
    assert "30 % as thick" in one.message
    assert {"EDV", "EF", "GLS", "LAV"} <= one.measurements
    assert one.code in {shown.code for shown in assess(reading).findings}


def test_other_views_and_loops_without_a_wall_are_not_judged() -> None:
    reading = loop(0.7, 0.3)
    assert found(loop(0.7, 0.3, "A3C")) == []
    assert found(reading.with_(view=None)) == []
    assert found(reading.with_(tracks={Structure.LV_ENDO: reading.tracks[Structure.LV_ENDO]})) == []
    assert found(reading.with_(events=None)) == []


def test_what_is_measured_depends_neither_on_size_nor_on_the_shape_of_pixels() -> None:
    reading = loop(0.6, 0.2)
    endo, epi = reading.tracks[Structure.LV_ENDO].contours, reading.tracks[Structure.LV_EPI].contours
    contours = [endo[0], endo[1], epi[1]]
    assert all(one is not None for one in contours)
    plain = leaning_of(*(one for one in contours if one is not None))
    assert (plain.annulus, plain.wall) == pytest.approx((0.6, 0.2))
    flat = [Contour(one.points * (3, 1.5)) for one in contours if one is not None]
    assert astuple(leaning_of(*flat, aspect=2.0)) == pytest.approx(astuple(plain))


def test_a_scale_in_doubt_is_named_before_the_plane_in_the_list_and_below_the_volume() -> None:
    reading = loop(0.7, 0.3)
    facts = replace(reading.facts, times_s=np.array([0.0, 0.33]))
    reading = reading.with_(calibration=Calibration(1.5, 1.5, "x"), facts=facts)
    listed = assess(reading)
    codes = [one.code for one in listed.findings]
    assert codes.index("scale.heart-size") < codes.index("contours.misses-apex")
    shown = content_of(Member(0, "A4C", reading, listed), [], assessed_study([reading]))
    edv = next(one for one in shown.rows if one.code == "EDV")
    assert edv.reason == listed.concerning("EDV")[0].message
    assert listed.concerning("EDV")[0].code == "scale.heart-size"
