"""ED and ES that cannot be of one heart: how far the annulus moves, and the outside shortens."""

from dataclasses import replace

import numpy as np
import pytest

from kinecor.core.checks.contours import CHECKS
from kinecor.core.values.events import Beat, CardiacEvents
from kinecor.core.values.geometry import Contour
from kinecor.core.values.kind import APICAL_LOOP
from kinecor.core.values.reading import Facts, Reading, View
from kinecor.core.values.track import ContourTrack, Origin, Structure


def arch(top: float, bottom: float, width: float) -> Contour:
    """An open contour from hinge to hinge, its apex at the row `top`, its hinges at `bottom`."""
    angle = np.linspace(0, np.pi, 64)
    return Contour(np.stack([100 + width * np.cos(angle), bottom - (bottom - top) * np.sin(angle)], axis=1))


def reading(moved: float, shorter: float = 0.1) -> Reading:
    """The annulus moves by a share of an axis of 80 px, the epicardium of 90 px is shorter by a share."""
    endo = arch(30, 110, 25), arch(30, 110 - 80 * moved, 15)
    outside = arch(20, 110, 35), arch(20, 20 + 90 * (1 - shorter), 30)
    tracks = {
        name: ContourTrack(name, pair, (Origin.MODEL,) * 2, np.ones(2))
        for name, pair in ((Structure.LV_ENDO, endo), (Structure.LV_EPI, outside))
    }
    made = Reading(
        Facts("r", 200, 200, np.array([0.0, 0.3]), "assumed", modality="US"),
        view=View("A4C", None, "header"),
        tracks=tracks,
        events=CardiacEvents((Beat(0, 1),), Origin.MODEL),
    )
    assert made.kind == APICAL_LOOP
    return made


def found(one: Reading) -> list[str]:
    return [str(finding.message) for check in CHECKS for finding in check(one) if finding.code == "contours.two-hearts"]


@pytest.mark.parametrize(
    ("moved", "shorter", "expected"),
    [
        (0.1, 0.1, False),
        (-0.04, 0.1, False),
        (-0.06, 0.1, True),
        (0.25, 0.1, False),
        (0.27, 0.1, True),
        (0.1, -0.06, True),
        (0.1, 0.25, True),
        (0.1, 0.23, False),
    ],
)
def test_what_no_heart_does(moved: float, shorter: float, *, expected: bool) -> None:
    assert bool(found(reading(moved, shorter))) is expected


def test_the_sentence_says_by_how_much() -> None:
    (said,) = found(reading(0.4, 0.3))
    assert "by 40 % of the long axis" in said
    assert "shortens by 30 %" in said


def test_without_a_wall_or_marks_nothing_is_said() -> None:
    far = reading(0.4)
    assert not found(far.with_(tracks={Structure.LV_ENDO: far.tracks[Structure.LV_ENDO]}))
    assert not found(far.with_(events=None))
    assert not found(far.with_(facts=replace(far.facts, modality="MR")))
