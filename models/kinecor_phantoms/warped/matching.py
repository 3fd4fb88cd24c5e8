"""Which point of an ED outline is which point of the ES outline."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kinecor_phantoms.lines import arc_length, at_arcs, close_loop, longest_run, normals, space_evenly
from kinecor_phantoms.raster import Points
from kinecor_phantoms.warped.frame import Anatomy, NoMatchError
from kinecor_phantoms.warped.outline import Outlines

# A run of wall along an outline continues over gaps of at most this many crossings.
GAP = 8
# Distance of landmarks on the ED outline, about.
APART_PX = 2.5
# A structure with fewer crossings than this has no outline to speak of.
MIN_CROSSINGS = 12
# By how much the apex may decide along which share of the wall it is; the rest is left to the length of the wall.
APEX_SAY = 0.6
# A corner is a bend of more than this, in radians, between pieces of line this long.
SHARP, CORNER_PX = 0.7, 7.0


@dataclass(frozen=True, eq=False)
class Line:
    """One stretch of outline at ED and at ES, matched from end to end.

    Attributes:
        structure: contour that it is, or is a part of; a valve plane is of none.
        ed, es: open lines (n, 2) and (m, 2).
        anchors: (k, 2) shares of length at ED and at ES that are the same place, from (0, 0) to (1, 1).

    """

    structure: str
    ed: Points
    es: Points
    anchors: NDArray[np.float64]

    def landmarks(self) -> tuple[Points, Points]:
        """Pairs of points (n, 2) about APART_PX apart."""
        long = arc_length(self.ed)[-1]
        share = np.linspace(0, 1, max(int(long / APART_PX), 4) + 1)
        other = np.interp(share, self.anchors[:, 0], self.anchors[:, 1])
        return at_arcs(self.ed, share * long), at_arcs(self.es, other * arc_length(self.es)[-1])


def _turned(line: Points) -> Points:
    """From the left end to the right one."""
    return line if line[0, 0] <= line[-1, 0] else line[::-1]


def _share_of(line: Points, index: int) -> float:
    arc = arc_length(line)
    return float(arc[index] / arc[-1])


@dataclass(frozen=True, eq=False)
class LongAxis:
    """The lines of one long-axis frame, each from the left hinge point of the mitral valve to the right one."""

    endo: Points
    epi: Points
    atrium: Points | None
    valve: Points
    corners: tuple[int | None, int | None]

    @property
    def middle(self) -> Points:
        """(2,) the middle of the mitral annulus."""
        return np.asarray((self.endo[0] + self.endo[-1]) / 2)

    def apex(self, line: Points) -> int:
        """Which point of a line is farthest from the annulus."""
        return int(((line - self.middle) ** 2).sum(axis=1).argmax())


def _run_of(borders: Outlines, region: int, wall: tuple[int, ...], side: str) -> tuple[Points, Points] | None:
    """A region's largest outline where the labels on one side are wall: that line, and the one that closes it."""
    which = borders.largest(region)
    if which is None or len(borders.loops[region][which]) < MIN_CROSSINGS:
        return None
    labels = (borders.inner if side == "inner" else borders.outer)[region][which]
    run = longest_run(np.isin(labels, wall), GAP)
    loop = borders.points[borders.loops[region][which]]
    if run is None or len(run) < MIN_CROSSINGS or len(run) == len(loop):
        return None
    rest = (run[-1] + np.arange(len(loop) - len(run) + 2)) % len(loop)
    return loop[run], loop[rest]


def _corner(line: Points) -> int | None:
    """Where the wall's base turns into its outside: the sharpest bend in the first part of a line, if one is sharp."""
    arc = arc_length(line)
    at = np.arange(CORNER_PX / 2, 0.2 * arc[-1])
    if not len(at):
        return None
    here, before, after = (at_arcs(line, at + off) for off in (0.0, -CORNER_PX, CORNER_PX))
    first, second = here - before, after - here
    size = np.linalg.norm(first, axis=1) * np.linalg.norm(second, axis=1)
    bend = np.arccos(np.clip((first * second).sum(axis=1) / np.maximum(size, 1e-9), -1, 1))
    best = int(bend.argmax())
    return int(abs(arc - at[best]).argmin()) if bend[best] > SHARP else None


def long_axis(borders: Outlines, anatomy: Anatomy, phase: str) -> LongAxis:
    """The lines of a frame in a long-axis view.

    Raises:
        NoMatchError: there is no cavity that opens to a valve between two walls.

    """
    inner = _run_of(borders, 2, (anatomy.wall,), "outer")
    outer = _run_of(borders, 1, (anatomy.wall,), "inner")
    if inner is None or outer is None:
        raise NoMatchError(f"expected a cavity with wall on three sides at {phase}, found none; leave this patient out")
    endo, valve, epi = _turned(inner[0]), _turned(inner[1]), _turned(outer[0])
    # All round but for the valve: what the atrium has next to it, a wall or nothing, differs from frame to frame.
    upper = _run_of(borders, 0, tuple({*range(256)} - {anatomy.cavity}), "outer")
    atrium = None if upper is None else _turned(upper[0])
    right = _corner(epi[::-1])
    corners = _corner(epi), None if right is None else len(epi) - 1 - right
    return LongAxis(endo, epi, atrium, valve, corners)


def _anchored(name: str, ed: Points, es: Points, at: list[tuple[int | None, int | None, float]]) -> Line:
    """A line whose points at given indices correspond, each with a weight of 0..1 against plain length."""
    pairs = [(0.0, 0.0)]
    for i, j, say in at:
        if i is None or j is None:
            continue
        first, second = _share_of(ed, i), _share_of(es, j)
        both = say * second + (1 - say) * first
        if pairs[-1][0] + 0.02 < first < 0.98 and pairs[-1][1] + 0.02 < both < 0.98:
            pairs.append((first, both))
    return Line(name, ed, es, np.array([*pairs, (1.0, 1.0)]))


def match_long_axis(ed: LongAxis, es: LongAxis, anatomy: Anatomy) -> list[Line]:
    """Matched lines of two long-axis frames: hinge point to hinge point, apex and wall corners to themselves."""
    inner, outer, upper = anatomy.names
    lines = [
        _anchored(inner, ed.endo, es.endo, [(ed.apex(ed.endo), es.apex(es.endo), APEX_SAY)]),
        _anchored(
            outer,
            ed.epi,
            es.epi,
            [
                (ed.corners[0], es.corners[0], 1.0),
                (ed.apex(ed.epi), es.apex(es.epi), APEX_SAY),
                (ed.corners[1], es.corners[1], 1.0),
            ],
        ),
        _anchored("", ed.valve, es.valve, []),
    ]
    if ed.atrium is not None and es.atrium is not None:
        lines.append(_anchored(upper, ed.atrium, es.atrium, []))
    return lines


@dataclass(frozen=True, eq=False)
class ShortAxis:
    """The loops of one short-axis frame; `insertions` are the ends of the septum on the right ventricle's loop."""

    endo: Points
    epi: Points
    right: Points | None
    septum: Points | None
    free_wall: Points | None

    @property
    def middle(self) -> Points:
        """(2,) the mean of the epicardial loop."""
        return np.asarray(space_evenly(close_loop(self.epi), 64)[:-1].mean(axis=0))


def short_axis(borders: Outlines, anatomy: Anatomy, phase: str) -> ShortAxis:
    """The loops of a frame in a short-axis view.

    Raises:
        NoMatchError: cavity or wall is missing.

    """
    found = [borders.largest(region) for region in (2, 1)]
    loops = [
        borders.points[borders.loops[region][which]]
        for region, which in zip((2, 1), found, strict=True)
        if which is not None and len(borders.loops[region][which]) >= MIN_CROSSINGS
    ]
    if len(loops) < 2:
        raise NoMatchError(f"expected a left ventricle with wall at {phase}, found none; leave this slice out")
    which = borders.largest(0)
    if which is None or len(borders.loops[0][which]) < MIN_CROSSINGS:
        return ShortAxis(loops[0], loops[1], None, None, None)
    right = borders.points[borders.loops[0][which]]
    parts = _run_of(borders, 0, (anatomy.wall,), "outer")
    return ShortAxis(loops[0], loops[1], right, *(parts or (None, None)))


def _from_angle(loop: Points, middle: Points, angle: float) -> Points:
    """A loop as an open line that begins and ends where it is at an angle from the middle."""
    off = np.arctan2(loop[:, 1] - middle[1], loop[:, 0] - middle[0]) - angle
    start = int(abs((off + np.pi) % (2 * np.pi) - np.pi).argmin())
    return close_loop(np.roll(loop, -start, axis=0))


def _angle(of: Points, middle: Points) -> float:
    way = of - middle
    return float(np.arctan2(way[1], way[0]))


def match_short_axis(ed: ShortAxis, es: ShortAxis, anatomy: Anatomy, twist_deg: float = 0.0) -> list[Line]:
    """Matched lines of two short-axis frames: angles are counted from the middle of the septum.

    Args:
        ed: loops of the ED frame.
        es: loops of the ES frame.
        anatomy: what the labels mean.
        twist_deg: by how much the heart turns from ED to ES beyond what the septum shows; positive is clockwise on
            the screen.

    """
    start, turn = 0.0, np.radians(twist_deg)
    if ed.septum is not None and es.septum is not None:
        begin, end = (_angle(space_evenly(f.septum, 3)[1], f.middle) for f in (ed, es) if f.septum is not None)
        seen = (end - begin + np.pi) % (2 * np.pi) - np.pi
        # The septum's ends are where the expert stopped drawing: only part of their rotation is used.
        start, turn = begin, turn + float(np.clip(0.7 * seen, -0.35, 0.35))
    ends = np.array([(0.0, 0.0), (1.0, 1.0)])
    inner, outer, right = anatomy.names
    lines = [
        Line(name, _from_angle(a, ed.middle, start), _from_angle(b, es.middle, start + turn), ends)
        for name, a, b in ((inner, ed.endo, es.endo), (outer, ed.epi, es.epi))
    ]
    if ed.right is None or es.right is None:
        return lines
    if ed.septum is not None and es.septum is not None and ed.free_wall is not None and es.free_wall is not None:
        lines += [Line(right, ed.septum, es.septum, ends), Line(right, ed.free_wall, es.free_wall, ends)]
    else:
        middles = [space_evenly(close_loop(loop), 64)[:-1].mean(axis=0) for loop in (ed.right, es.right)]
        lines.append(
            Line(
                right,
                _from_angle(ed.right, middles[0], _angle(ed.middle, middles[0])),
                _from_angle(es.right, middles[1], _angle(es.middle, middles[1])),
                ends,
            )
        )
    return lines


def match_lines(ed: Outlines, es: Outlines, anatomy: Anatomy, twist_deg: float = 0.0) -> list[Line]:
    """Matched lines of two frames.

    Raises:
        NoMatchError: the left ventricle is missing in one.

    """
    if anatomy.long_axis:
        return match_long_axis(long_axis(ed, anatomy, "ED"), long_axis(es, anatomy, "ES"), anatomy)
    return match_short_axis(short_axis(ed, anatomy, "ED"), short_axis(es, anatomy, "ES"), anatomy, twist_deg)


def line_normals(lines: list[Line]) -> list[Points]:
    """Unit normals along each line's ES points."""
    return [normals(line.es) for line in lines]
