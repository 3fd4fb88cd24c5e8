import numpy as np
import pytest

from kinecor.core.outlines.drag import Grab, drag_contour
from kinecor.core.outlines.pushing import GAP_PX, push_outlines
from kinecor.core.values.geometry import Contour
from kinecor.core.values.recording import TimeAxis
from kinecor.core.values.track import ContourTrack, Origin, Structure
from tests.stacks import CENTRE_PX, circle, crescent

ENDO, EPI, RV = Structure.LV_ENDO, Structure.LV_EPI, Structure.RV
FRAME = {ENDO: circle(15), EPI: circle(21), RV: crescent(21, 10)}


def pulled(structure: Structure, angle_deg: float, by_px: float) -> Contour:
    """The outline with its place at an angle (0 right, 90 up) pulled outwards from the centre."""
    turn = np.radians(angle_deg)
    out = np.array((np.cos(turn), -np.sin(turn)))
    contour = FRAME[structure]
    outline = contour.outline(closed=True)
    along, _ = outline.nearest(tuple(CENTRE_PX + 18 * out))
    return Contour(outline.bent(along, by_px * out, 10.0).points)


def radii(contour: Contour, angles_deg: np.ndarray) -> np.ndarray:
    away = contour.points - CENTRE_PX
    found = np.degrees(np.arctan2(-away[:, 1], away[:, 0])) % 360
    order = np.argsort(found)
    return np.interp(angles_deg, found[order], np.hypot(*away.T)[order], period=360)


ANGLES = np.arange(0.0, 360.0, 2.0)


def test_what_does_not_meet_is_left_alone() -> None:
    assert push_outlines(FRAME, ENDO, FRAME[ENDO], pulled(ENDO, 0, 3)) == {}
    assert push_outlines(FRAME, EPI, FRAME[EPI], pulled(EPI, 0, -3)) == {}


def test_the_endocardium_pushes_the_epicardium_and_that_the_right_ventricle() -> None:
    after = pulled(ENDO, 180, 12)
    out = push_outlines(FRAME, ENDO, FRAME[ENDO], after)
    assert set(out) == {EPI, RV}
    assert (radii(out[EPI], ANGLES) >= radii(after, ANGLES) + GAP_PX - 0.1).all()
    far = abs(ANGLES - 180) > 90
    assert radii(out[EPI], ANGLES)[far] == pytest.approx(radii(FRAME[EPI], ANGLES)[far], abs=1e-9)
    left = out[RV].points[abs(out[RV].points[:, 1] - CENTRE_PX[1]) < 1]
    # It was 0.3 px off the wall, and is so again.
    assert np.hypot(*(left - CENTRE_PX).T).min() >= 27 + GAP_PX + 0.3 - 0.2
    away_from_it = push_outlines(FRAME, ENDO, FRAME[ENDO], pulled(ENDO, 0, 12))
    assert set(away_from_it) == {EPI}


def test_the_epicardium_pushes_the_endocardium_inwards() -> None:
    after = pulled(EPI, 90, -10)
    out = push_outlines(FRAME, EPI, FRAME[EPI], after)
    assert ENDO in out
    assert EPI not in out
    assert (radii(out[ENDO], ANGLES) <= radii(after, ANGLES) - GAP_PX + 0.1).all()
    assert radii(out[ENDO], np.array([90.0]))[0] == pytest.approx(10, abs=0.2)


def test_a_touching_neighbour_elsewhere_stays() -> None:
    thin = {**FRAME, EPI: circle(15.2)}
    out = push_outlines(thin, ENDO, thin[ENDO], pulled(ENDO, 0, 4))
    far = abs((ANGLES + 180) % 360 - 180) > 90
    assert radii(out[EPI], ANGLES)[far] == pytest.approx(15.2, abs=0.01)


def test_a_pull_pushes_at_the_frames_where_it_is_felt() -> None:
    tracks = {
        one: ContourTrack(one, (contour,) * 10, (Origin.MODEL,) * 10, np.ones(10)) for one, contour in FRAME.items()
    }
    along, _ = FRAME[ENDO].outline(closed=True).nearest((CENTRE_PX[0] + 15, CENTRE_PX[1]))
    found = drag_contour(tracks, Grab(ENDO, 4, along, closed=True), (9.0, 0.0), TimeAxis(np.arange(10) * 0.08, 0.8))
    assert set(found) == {ENDO, EPI}
    assert found[ENDO].start == found[EPI].start
    at = 4 - found[EPI].start
    assert found[EPI].origins[at] is Origin.EDITED
    assert found[EPI].contours[at] != FRAME[EPI]
    # Two frames on the pull has faded, and the wall still has room.
    assert found[EPI].contours[at + 2] is FRAME[EPI]
    assert found[EPI].origins[at + 2] is Origin.MODEL
    assert found[ENDO].origins[at + 2] is Origin.TRACKED
