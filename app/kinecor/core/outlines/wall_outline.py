"""The wall between endocardium and epicardium, open (apical) or closed (short axis): its layers, its thickness.

Muscle hardly changes its volume, so that the share of the wall's volume within a layer is constant, not its
share of the thickness: as the wall thickens inwards, mid-wall moves nearer to the epicardium. A line at half the
thickness would leave the muscle that it began in, and shorten by up to four points too much where walls are thick.

Chords stand at right angles on the line half way between endocardium and epicardium (Sheehan et al., Circulation
1986;74:293): unlike radii from the centre they do not lengthen where the cavity is not round.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from kinecor.core.values.geometry import Contour, FloatArray, Outline, by_size, evenly, frozen_array
from kinecor.core.values.track import ContourTrack

POINTS = 120
"""Points along the wall (Østvik et al. 2018, section 2.2)."""
_MIN_RADIUS_PX = 1.0
# The epicardium's contour runs to the hinge points along the annulus; nearer to them than this share of the wall's
# length, thickness is taken from where it is wall.
_ENDS = 0.08
# Thickness is smoothed over this many points along the wall.
_SMOOTH = 9
# A normal that meets the epicardium farther off than this, in usual thicknesses, has slipped past a corner of the
# outline and measures another part of the heart.
_MOST = 3.0


@dataclass(frozen=True, eq=False)
class Wall:
    """The wall in each frame, in pixels as wide as they are high; NaN where a frame has none.

    Points are in the order of `Outline.oriented`.

    Attributes:
        inner: (t, 120, 2) the endocardium, evenly spaced.
        normals: (t, 120, 2) pointing outwards, unit length.
        thickness: (t, 120).
        radius: (t, 120) by which the wall is bent: distance from the long axis, or where closed the mean radius.
        widening: (t, 120) 0..1, by how much that grows per length into the wall.
        closed: whether the last point is followed by the first.

    """

    inner: FloatArray
    normals: FloatArray
    thickness: FloatArray
    radius: FloatArray
    widening: FloatArray
    closed: bool

    @property
    def there(self) -> np.ndarray:
        """(t,) whether a frame has a wall."""
        return np.asarray(np.isfinite(self.thickness[:, 0]))

    def nearest(self, frame: int) -> int | None:
        """The frame with a wall that is nearest to another; None where no frame has one.

        Args:
            frame: from 0.

        """
        with_wall = np.flatnonzero(self.there)
        return int(with_wall[np.argmin(np.abs(with_wall - frame))]) if len(with_wall) else None

    def layer(self, depth: float, frame: int) -> FloatArray:
        """(t, 120, 2) the line of muscle that is at `depth` (0 endocardium, 1 epicardium) in one frame.

        Points are evenly spaced in each frame, so they are not the same muscle from frame to frame; the line is.

        Args:
            depth: 0 to 1.
            frame: from 0.

        """
        share = _within(depth, self.radius[frame], self.thickness[frame], self.widening[frame])
        reach = _depth_with(share, self.radius, self.thickness, self.widening) * self.thickness
        return evenly(self.inner + reach[..., None] * self.normals, closed=self.closed)

    def thickness_at(self, points: FloatArray) -> FloatArray:
        """(t, n) thickness where the wall's normal passes nearest to each of (t, n, 2) points; NaN without a wall.

        Args:
            points: in the unit of the wall.

        """
        # The middle of the line that leaves the endocardium at right angles.
        middle = self.inner + 0.5 * self.thickness[..., None] * self.normals
        squared = (middle**2).sum(axis=2)[:, None, :] - 2 * points @ middle.swapaxes(1, 2)
        closest = np.where(np.isfinite(squared), squared, np.inf).argmin(axis=2)
        return np.asarray(np.take_along_axis(self.thickness, closest, axis=1))


def _within(depth: float, radius: FloatArray, thickness: FloatArray, widening: FloatArray) -> FloatArray:
    """Share of the wall's volume that is within `depth`: a shell about the long axis."""
    bend = widening * thickness / 2
    return np.asarray((radius * depth + bend * depth**2) / (radius + bend))


def _depth_with(share: FloatArray, radius: FloatArray, thickness: FloatArray, widening: FloatArray) -> FloatArray:
    """The depth within which `share` of the volume is."""
    bend = widening * thickness / 2
    filled = share * (radius + bend)
    # The root of bend x2 + radius x = filled, in the form that holds for a flat wall as well.
    return np.asarray(2 * filled / (radius + np.sqrt(radius**2 + 4 * bend * filled)))


def wall_of(endo: ContourTrack, epi: ContourTrack | None, aspect: float = 1.0, *, closed: bool) -> Wall:
    """The wall between two tracks; NaN in frames that lack a contour.

    Args:
        endo: contours, from hinge point to hinge point or closed.
        epi: likewise; None for the endocardium alone, a wall without thickness.
        aspect: height of a pixel over its width.
        closed: whether they are closed.

    """
    nothing = np.full((POINTS, 7), np.nan)
    frames = []
    outside = endo.contours if epi is None else epi.contours
    for inner, outer in zip(endo.contours, outside, strict=True):
        if inner is None or outer is None:
            frames.append(nothing)
            continue
        found = _in_frame(inner, None if epi is None else outer, aspect, closed)
        frames.append(nothing if found is None else found)
    every = np.stack(frames)
    return Wall(every[..., :2], every[..., 2:4], every[..., 4], every[..., 5], every[..., 6], closed)


@lru_cache(maxsize=2048)  # 10 kB each: more frames than a study shows, and no more of the studies closed before it
def _in_frame(endo: Contour, epi: Contour | None, aspect: float, closed: bool) -> FloatArray | None:
    """(120, 7) a Wall's numbers in one frame; cached, since an edit changes the contours of some frames only."""
    # An open line is resampled before it is turned round, a closed one needs its beginning first.
    inner = Outline(endo.scaled_mm(aspect, 1.0), closed)
    inner = inner.oriented().resampled(POINTS) if closed else inner.resampled(POINTS).oriented()
    normals = inner.normals()
    try:
        thickness = np.zeros(POINTS) if epi is None else _thickness(inner, normals, epi.scaled_mm(aspect, 1.0))
    except ValueError:
        return None
    radius, widening = _curvature(inner, normals)
    return frozen_array(np.column_stack([inner.points, normals, thickness, radius, widening]))


def _curvature(inner: Outline, normals: FloatArray) -> tuple[FloatArray, FloatArray]:
    """(n,) `radius` and (n,) `widening` of a Wall."""
    if inner.closed:
        # Lines at a distance d round a closed curve are 2 pi d longer (Steiner): as round a circle of the same length.
        way = np.roll(inner.points, -1, axis=0) - np.roll(inner.points, 1, axis=0)
        length = float(np.linalg.norm(way, axis=1).sum() / 2)
        return np.full(len(inner.points), length / (2 * np.pi)), np.ones(len(inner.points))
    points = inner.points
    base = (points[0] + points[-1]) / 2
    axis = points[np.argmax(((points - base) ** 2).sum(axis=1))] - base
    axis = axis / max(float(np.hypot(*axis)), 1e-9)
    off = (points - base) @ (axis[1], -axis[0])
    widening = np.clip(np.sign(off) * (normals @ (axis[1], -axis[0])), 0, 1)
    return np.maximum(np.abs(off), _MIN_RADIUS_PX), widening


def _thickness(inner: Outline, normals: FloatArray, outer: FloatArray) -> FloatArray:
    """(n,) thickness of the wall along normals, smoothed; gaps and open ends are filled from their neighbours.

    Args:
        inner: the endocardium, n points evenly spaced.
        normals: (n, 2) of `inner`.
        outer: (m, 2) epicardium.

    Raises:
        ValueError: no wall is found around the endocardium.

    """
    count = len(inner.points)
    ahead = Outline(outer, closed=True).crossings(inner.points, normals)
    thickness = np.where(ahead > 0, ahead, np.inf).min(axis=1)
    place = np.linspace(0, 1, count, endpoint=not inner.closed)
    trusted = np.isfinite(thickness)
    if not inner.closed:
        trusted &= (place >= _ENDS) & (place <= 1 - _ENDS)
    if trusted.sum() < count // 4:
        raise ValueError("no wall was found around the endocardium: the contours cross or are far apart")
    trusted &= thickness < _MOST * float(np.median(thickness[trusted]))
    wall = np.interp(place, place[trusted], thickness[trusted], period=1.0 if inner.closed else None)
    padded = np.pad(wall, _SMOOTH // 2, mode="wrap" if inner.closed else "edge")
    return np.asarray(np.convolve(padded, np.ones(_SMOOTH) / _SMOOTH, mode="valid"))


def centreline(
    endo: Contour, epi: Contour, row_mm: float = 1.0, col_mm: float = 1.0, *, depth: float = 0.5, count: int = POINTS
) -> FloatArray:
    """Points evenly along a line through the wall of an apical view, from the first hinge point's side to the last's.

    At each place of the endocardium the wall's thickness is measured along the normal, smoothed, and gone through by
    `depth`.

    Args:
        endo: endocardium, from hinge point to hinge point.
        epi: epicardium, likewise.
        row_mm: height of a pixel.
        col_mm: width of a pixel.
        depth: 0 at the endocardium, 1 at the epicardium.
        count: number of points.

    Returns:
        (count, 2) float64 (x, y) in mm; in pixels where the spacings are left at 1.

    Raises:
        ValueError: depth out of 0..1, or no wall is found around the endocardium.

    """
    if not 0 <= depth <= 1:
        raise ValueError(f"a depth in the wall of 0..1 was expected, got {depth}")
    inner = Outline(endo.scaled_mm(row_mm, col_mm), closed=False).resampled(count)
    if depth == 0:
        return inner.points
    normals = inner.normals()
    thickness = _thickness(inner, normals, epi.scaled_mm(row_mm, col_mm))
    line = Outline(inner.points + depth * thickness[:, None] * normals, closed=False)
    return line.resampled(count).points


CHORDS = 72


@dataclass(frozen=True, eq=False)
class WallThickness:
    """Thickness along chords around one slice.

    Attributes:
        angle_deg: (chords,) as seen from the cavity's centre on the image: 0 is to the right, 90 up.
        thickness_mm: (chords,); 0 where the outlines meet, NaN where a chord does not meet both.

    """

    angle_deg: FloatArray
    thickness_mm: FloatArray


@lru_cache(maxsize=8192)
def wall_thickness(endo: Contour, epi: Contour, row_mm: float = 1.0, col_mm: float = 1.0) -> WallThickness:
    """Thickness between two closed outlines of one slice; in pixels where the spacings are left at 1.

    Args:
        endo: of the endocardium.
        epi: of the epicardium.
        row_mm: height of a pixel.
        col_mm: width of a pixel.

    """
    (found,) = wall_thicknesses([(endo, epi)], row_mm, col_mm)
    return WallThickness(frozen_array(np.degrees(_TURN)), frozen_array(found))


_TURN = np.arange(CHORDS) * (2 * np.pi / CHORDS)
# y runs down on the image, angles run up.
_RAYS = np.stack([np.cos(_TURN), -np.sin(_TURN)], axis=1)


def wall_thicknesses(pairs: Sequence[tuple[Contour, Contour]], row_mm: float, col_mm: float) -> FloatArray:
    """(pairs, chords) thickness between endocardium and epicardium, of many phases at once; as in WallThickness.

    Args:
        pairs: endocardium and epicardium of each phase.
        row_mm: height of a pixel.
        col_mm: width of a pixel.

    """
    out = np.empty((len(pairs), CHORDS))
    for same in by_size(range(len(pairs)), lambda at: (len(pairs[at][0]), len(pairs[at][1]))):
        centre = np.stack([pairs[at][0].centroid for at in same])[:, None] * (col_mm, row_mm)
        inner, outer = (
            _closed(np.stack([pairs[at][which].points for at in same]) * (col_mm, row_mm) - centre) for which in (0, 1)
        )
        rays = np.broadcast_to(_RAYS, (len(same), CHORDS, 2))
        middle = rays * ((_reach(rays, inner) + _reach(rays, outer)) / 2)[..., None]
        tangent = np.concatenate([middle[:, 1:], middle[:, :1]], 1) - np.concatenate(
            [middle[:, -1:], middle[:, :-1]], 1
        )
        across = np.stack([tangent[..., 1], -tangent[..., 0]], axis=2)
        across /= np.maximum(np.hypot(across[..., 0], across[..., 1]), 1e-9)[..., None]
        # From the centreline outwards, whichever way the chords were counted.
        across *= np.where((across * rays).sum(axis=2) < 0, -1.0, 1.0)[..., None]
        out[same] = np.maximum(_nearest(middle, across, outer) - _nearest(middle, across, inner), 0)
    return out


def _closed(lines: FloatArray) -> FloatArray:
    """(t, n + 1, 2) with the first point of each line again at its end."""
    return np.concatenate([lines, lines[:, :1]], axis=1)


def _reach(along: FloatArray, lines: FloatArray) -> FloatArray:
    """(t, rays) distance from the origin to the farthest crossing ahead; NaN without any."""
    begin, places, distance = _crossings(np.zeros_like(along), along, lines)
    out = np.full(along.shape[:2], np.nan)
    if len(begin):
        far = np.maximum.reduceat(np.where(distance >= 0, distance, -np.inf), begin)
        out.flat[places] = np.where(np.isfinite(far), far, np.nan)
    return out


def _nearest(start: FloatArray, along: FloatArray, lines: FloatArray) -> FloatArray:
    """(t, rays) signed distance to the crossing nearest to the start; NaN without any."""
    begin, places, distance = _crossings(start, along, lines)
    out = np.full(along.shape[:2], np.nan)
    if len(begin):
        ahead = np.minimum.reduceat(np.where(distance >= 0, distance, np.inf), begin)
        behind = np.maximum.reduceat(np.where(distance < 0, distance, -np.inf), begin)
        out.flat[places] = np.where(ahead <= -behind, ahead, behind)
    return out


def _crossings(
    start: FloatArray, along: FloatArray, lines: FloatArray
) -> tuple[NDArray[np.intp], NDArray[np.intp], FloatArray]:
    """Where straight lines through starts meet closed lines: an edge is met whose ends are to either side.

    Args:
        start: (t, rays, 2) places on them.
        along: (t, rays, 2) their unit vectors.
        lines: (t, n + 1, 2) closed lines.

    Returns:
        Where the crossings of each ray begin, the ray of each of these as an index into (t, rays), and the signed
        distances of all crossings.

    """
    edges = lines.shape[1] - 1
    aside = np.stack([-along[..., 1], along[..., 0]], axis=2)
    left = aside @ lines.transpose(0, 2, 1) > (aside * start).sum(axis=2)[..., None]
    met = np.flatnonzero(left[..., 1:] != left[..., :-1])
    ray = met // edges
    corner = met - ray * edges + ray // along.shape[1] * (edges + 1)
    # x and y apart, each in one run: columns of pairs would be read by every second number.
    (x, y), (ray_x, ray_y), (from_x, from_y) = (
        (np.ascontiguousarray(part[..., 0]).ravel(), np.ascontiguousarray(part[..., 1]).ravel())
        for part in (lines, along, start)
    )
    at_x, at_y, across, down = x[corner], y[corner], ray_x[ray], ray_y[ray]
    step_x, step_y = x[corner + 1] - at_x, y[corner + 1] - at_y
    to_x, to_y = at_x - from_x[ray], at_y - from_y[ray]
    distance = (to_x * step_y - to_y * step_x) / (across * step_y - down * step_x)
    begin = np.flatnonzero(np.diff(ray, prepend=-1))
    return begin, ray[begin], distance
