"""Outlines of a short axis do not cross: one that is pulled against another pushes it along.

Endocardium, epicardium and the right ventricle surround one another as seen from the cavity's centre; what is in the
way of a pull moves outwards or inwards on its ray from there, no farther than it must.
"""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from kinecor.core.values.geometry import Contour, FloatArray, frozen
from kinecor.core.values.track import Structure

GAP_PX = 1.0
"""What is left between two outlines that would touch."""
LEAST_PX = 0.05
"""An outline that moved less at a place pushes nothing there."""
# From the inside out; the right ventricle is outside of the left's wall and pushes it back where it is pulled in.
_ORDER = (Structure.LV_ENDO, Structure.LV_EPI, Structure.RV)


def pushed(
    contours: Mapping[Structure, Contour | None], pulled: Structure, before: Contour, after: Contour
) -> dict[Structure, Contour]:
    """The outlines of one frame that a pull takes along, by structure; those it does not reach are left out.

    Args:
        contours: of the frame, as they were.
        pulled: the structure that was pulled.
        before: its outline before the pull.
        after: and after it.

    """
    endo = contours.get(Structure.LV_ENDO) or contours.get(Structure.LV_EPI)
    if pulled not in _ORDER or endo is None:
        return {}
    centre = (before if pulled is Structure.LV_ENDO else endo).centroid
    out: dict[Structure, Contour] = {}
    place = _ORDER.index(pulled)
    if pulled is not Structure.RV:
        inner, old = after, before
        for other in _ORDER[place + 1 :]:
            contour = contours.get(other)
            moved = None if contour is None else _outwards(contour, centre, old, inner)
            if moved is None or contour is None:
                break
            out[other], inner, old = moved, moved, contour
        outer, old = after, before
        for other in reversed(_ORDER[:place]):
            contour = contours.get(other)
            moved = None if contour is None else _inwards(contour, centre, old, outer)
            if moved is None or contour is None:
                break
            out[other], outer, old = moved, moved, contour
    return out


def _outwards(contour: Contour, centre: FloatArray, before: Contour, after: Contour) -> Contour | None:
    """`contour` pushed out where an outline inside it has come too near; None where nothing moves."""
    angle, radius = _polar(contour, centre)
    was, now = (_radius(one, centre, angle) for one in (before, after))
    # Outlines that touched before may touch again: a pull must not part them.
    least = now + np.clip(radius - was, 0.0, GAP_PX)
    hit = (now > was + LEAST_PX) & (radius < least)
    return _at(contour, centre, angle, least, hit)


def _inwards(contour: Contour, centre: FloatArray, before: Contour, after: Contour) -> Contour | None:
    """`contour` pushed in where an outline around it has come too near; None where nothing moves."""
    angle, radius = _polar(contour, centre)
    was, now = (_radius(one, centre, angle) for one in (before, after))
    most = np.maximum(now - np.clip(was - radius, 0.0, GAP_PX), 0.0)
    hit = (now < was - LEAST_PX) & (radius > most)
    return _at(contour, centre, angle, most, hit)


def _polar(contour: Contour, centre: FloatArray) -> tuple[FloatArray, FloatArray]:
    """(n,) angle in radians and (n,) distance in pixels of the points, as seen from the centre."""
    away = contour.points - centre
    return np.arctan2(away[:, 1], away[:, 0]), np.hypot(*away.T)


def _radius(outline: Contour, centre: FloatArray, angle: FloatArray) -> FloatArray:
    """(n,) distance from the centre to the outline at each angle, between its points in a straight line of angle."""
    own, radius = _polar(outline, centre)
    found: FloatArray = np.interp(angle, own, radius, period=2 * np.pi)
    return found


def _at(
    contour: Contour, centre: FloatArray, angle: FloatArray, radius: FloatArray, hit: NDArray[np.bool_]
) -> Contour | None:
    if not hit.any():
        return None
    points = contour.points.copy()
    away = np.stack([np.cos(angle), np.sin(angle)], axis=1) * radius[:, None]
    points[hit] = (centre + away)[hit]
    return Contour(frozen(points))
