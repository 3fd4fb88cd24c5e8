"""Checks of the left atrium: cut off by the end of the picture, or too small for one."""

from dataclasses import replace

import numpy as np

from kinecor.core.checks.assessment import assessed
from kinecor.core.checks.atrium import CHECKS
from kinecor.core.checks.findings import Finding, Severity
from kinecor.core.table.measures import Status
from kinecor.core.values.confidence import Trust
from kinecor.core.values.geometry import Contour
from kinecor.core.values.reading import Reading, View
from kinecor.core.values.recording import Region
from kinecor.core.values.track import ContourTrack, Origin, Structure
from tests.core.readings import HALF_MM, beating, reading_of, two_beats

A4C = View("A4C", None, "header")


def atrium(deep_px: float, wide_px: float = 40.0) -> Contour:
    """Half an ellipse below the ventricle's base, with its roof `deep_px` below it."""
    turns = np.linspace(0, np.pi, 61)
    base = np.array([150.0, 200.0])
    return Contour(base + np.stack([wide_px * np.cos(turns), deep_px * np.sin(turns)], axis=1))


def loop(contour: Contour, ends_at: int = 300) -> Reading:
    """Two beats with this atrium on every frame; the sector's lower end is at this row."""
    reading = reading_of(beating(), calibration=HALF_MM, events=two_beats())
    n = reading.facts.frames
    track = ContourTrack(Structure.LA, (contour,) * n, (Origin.MODEL,) * n, np.full(n, 0.95))
    facts = replace(reading.facts, region=Region(0, 0, 300, ends_at))
    return reading.with_(view=A4C, facts=facts, tracks={**reading.tracks, Structure.LA: track})


def found(reading: Reading) -> list[Finding]:
    return [one for check in CHECKS for one in check(reading)]


def test_an_atrium_within_the_picture_is_sound() -> None:
    assert found(loop(atrium(70))) == []


def flat(contour: Contour, row: float) -> Contour:
    return Contour(np.stack([contour.points[:, 0], np.minimum(contour.points[:, 1], row)], axis=1))


def test_a_roof_beyond_the_end_of_the_picture_is_marked() -> None:
    reading = loop(flat(atrium(90), 249.0), 250)
    (one,) = found(reading)
    assert (one.code, one.severity) == ("atrium.cut", Severity.CHECK)
    assert "at least as large as shown" in one.message
    assert one.frames == (10, 30)
    row = next(one for one in assessed(reading).measurements if one.code == "LAV")
    assert row.quantity is not None
    assert row.trust is Trust.CHECK
    assert "EDV" not in one.measurements


def test_what_is_too_small_for_an_atrium_has_no_volume() -> None:
    reading = loop(atrium(9, 22))
    (one,) = found(reading)
    assert (one.code, one.severity) == ("atrium.small", Severity.STOP)
    assert "it is not a whole one" in one.message
    row = next(one for one in assessed(reading).measurements if one.code == "LAV")
    assert row.status is Status.WITHHELD


def test_a_rest_of_an_atrium_at_the_end_of_the_picture_has_none_either() -> None:
    (one,) = found(loop(flat(atrium(60, 18), 220.0), 221))
    assert (one.code, one.severity) == ("atrium.small", Severity.STOP)
    assert "beyond the lower end" in one.message
