"""Which slices count at each phase: decided from the whole stack, moved by the reader, checked on the long axes.

The middle between the hinge points of a long axis' endocardium is in the mitral plane. Through patient coordinates it
gives the most basal slice on the ventricle's side of it (SCMR 2013, 2020: basal slices are checked on the long axes).

Each slice and phase has log-odds of being ventricle: as a model sees it (Presence; decision 0080) or, where none
looked, from the muscle round its cavity. Base and apex are each a chain round the cycle: a move costs, away from the
apex in systole above all, since the mitral annulus descends towards the apex as the ventricle empties. The most likely
slice of each phase is decided on, and its probability is how sure that is.

Phases of a gated cycle follow each other round and round, so the last is followed by the first. A first-order chain:
the cost of a move depends on the two states that it connects and on when it takes place. Every phase weighs all paths
through it (forward-backward algorithm, Rabiner, Proc IEEE 1989;77:257), which gives a decision and how sure it is.

SCMR 2013 and 2020 (doi 10.1186/1532-429X-15-35, 10.1186/s12968-020-00610-6): a basal slice counts where muscle
surrounds at least half of the cavity. A line drawn round an atrium encloses a wall as well, but a thin one: muscle is
where the wall has a plausible share of the thickness of the ventricle's own wall.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from kinecor.core.outlines.wall_outline import CHORDS, wall_thicknesses
from kinecor.core.values.choices import Extent
from kinecor.core.values.events import Beat
from kinecor.core.values.geometry import FloatArray, frozen_array
from kinecor.core.values.message import Message, joined_by, message, verbatim
from kinecor.core.values.reading import Reading, choices, compute_once, has_contour, is_by_person
from kinecor.core.values.track import ContourTrack, Origin, Structure
from kinecor.core.volumes.long_axis import base_check
from kinecor.core.volumes.segments import base_is_first, larger_first
from kinecor.core.volumes.stack_volumes import areas, stack_curves

End = Literal["base", "apex", "rv base"]
"""Of the left ventricle, or the base of the right one."""


def extent_of(reading: Reading) -> Extent:
    """The extent in force; where none was chosen, the first and last contoured slice of each phase, or all slices.

    Args:
        reading: of the stack.

    """
    chosen = reading.short_axis.extent if reading.short_axis else None
    if chosen is not None:
        return chosen
    here = np.isfinite(stack_curves(reading).areas[Structure.LV_ENDO])
    rows = [np.flatnonzero(here[:, phase]) for phase in range(reading.facts.frames)]
    last = len(reading.slices) - 1
    low = tuple(int(row[0]) if len(row) else 0 for row in rows)
    high = tuple(int(row[-1]) if len(row) else last for row in rows)
    return Extent(low, high) if base_is_first(reading, 0) else Extent(high, low)


def right_base_of(reading: Reading) -> tuple[int, ...]:
    """The right ventricle's base in force; where none was chosen, its most basal contoured slice of each phase.

    Args:
        reading: of the stack.

    """
    chosen = reading.short_axis.rv_base if reading.short_axis else None
    if chosen is not None:
        return chosen
    here = np.isfinite(stack_curves(reading).areas[Structure.RV])
    first = base_is_first(reading, 0)
    rows = [np.flatnonzero(here[:, phase]) for phase in range(reading.facts.frames)]
    nowhere = 0 if first else len(reading.slices) - 1
    return tuple(int(row[0 if first else -1]) if len(row) else nowhere for row in rows)


def slices_with_number(
    ends: tuple[int, ...], number: int, phase: int | None, marks: Collection[int] = ()
) -> tuple[int, ...]:
    """Slices by phase with `number` at one phase (from 0) or, with None, at all.

    Args:
        ends: before, by phase.
        number: the slice that a reader chose.
        phase: at which.
        marks: phases whose slice stays, such as ED and ES: the reader's correction fades out evenly towards them, round
            the cycle, so that the volume curve has no step next to a single phase. Without any, one phase changes.

    """
    if phase is None:
        return (number,) * len(ends)
    count = len(ends)
    fixed = [mark for mark in marks if mark != phase]
    if not fixed:
        return tuple(number if phase == index else end for index, end in enumerate(ends))
    ahead, behind = (
        min((fixed_phase - phase) % count for fixed_phase in fixed),
        min((phase - fixed_phase) % count for fixed_phase in fixed),
    )
    low, high = min(*ends, number), max(*ends, number)
    out = []
    for place, single_end in enumerate(ends):
        later, earlier = (place - phase) % count, (phase - place) % count
        left = max(1 - later / ahead, 1 - earlier / behind, 0.0)
        out.append(min(max(single_end + round((number - ends[phase]) * left), low), high))
    return tuple(out)


def with_end(
    extent: Extent, end: Literal["base", "apex"], number: int, phase: int | None, marks: Collection[int] = ()
) -> Extent:
    """The extent with its base or apex moved to another slice.

    Args:
        extent: before.
        end: which of its ends moves.
        number: the slice that it moves to, from 0.
        phase: at which, from 0; None for all.
        marks: phases whose slice stays, as `slices_with_number` has them.

    Raises:
        ValueError: the base would lie beyond the apex: the ventricle would be upside down at some phases, its volume
            there be that of the slices between, and EF below 0. All phases are turned over by `exchange_ends`.

    """
    if end == "base":
        changed = replace(extent, base=slices_with_number(extent.base, number, phase, marks))
        limit = message("the base would lie beyond the apex (slice {slice})", slice=_limit(extent.apex, phase))
    else:
        changed = replace(extent, apex=slices_with_number(extent.apex, number, phase, marks))
        limit = message("the apex would lie beyond the base (slice {slice})", slice=_limit(extent.base, phase))
    turned = is_turned(extent)
    if crossed_phases(changed, turned=turned) - crossed_phases(extent, turned=turned):
        raise ValueError(message("{limit}; where the stack is upside down, exchange base and apex first", limit=limit))
    return changed


def _limit(ends: tuple[int, ...], phase: int | None) -> int:
    """The slice of the other end, from 1."""
    return ends[0 if phase is None else phase] + 1


def is_turned(extent: Extent) -> bool:
    """Whether slices are numbered from apex to base.

    Args:
        extent: by phase.

    """
    return sum(extent.base) > sum(extent.apex)


def crossed_phases(extent: Extent, *, turned: bool | None = None) -> frozenset[int]:
    """The phases (from 0) at which base and apex have changed places.

    Args:
        extent: base and apex by phase.
        turned: whether slices are numbered from apex to base; None: as at most phases.

    """
    turned = is_turned(extent) if turned is None else turned
    way = -1 if turned else 1
    ends = enumerate(zip(extent.base, extent.apex, strict=True))
    return frozenset(phase for phase, (base, apex) in ends if way * (apex - base) < 0)


def exchange_ends(reading: Reading) -> tuple[Extent, tuple[int, ...] | None]:
    """The ends of a stack's ventricles where base and apex are exchanged: extent, and base of the right ventricle.

    Where base and apex are as they were decided on, they are decided on from the other side, since what speaks for a
    slice as base is not what speaks for it as apex. Ends that a reader moved change places as they are. The right
    ventricle's base is then on the other side, too; None where it has no contour, or no base was chosen.

    Args:
        reading: of the stack.

    Raises:
        ValueError: no slice has a contour of the cavity.

    """
    now = extent_of(reading)
    turned = is_turned(now)
    before = decided_extent(reading, turned=turned)
    after = decided_extent(reading, turned=not turned)
    if before is None or after is None:
        raise ValueError(message("base and apex cannot be exchanged: no slice has a contour of the left ventricle"))
    extent = after.extent if now == before.extent else Extent(now.apex, now.base)
    right = decided_right_base(reading, extent) if choices(reading).rv_base is not None else None
    return extent, right


def marks_of(reading: Reading) -> tuple[int, ...]:
    """The phases of ED and ES, or none.

    Args:
        reading: of the stack.

    """
    beats = reading.events.beats if reading.events else ()
    return (beats[0].ed, beats[0].es) if beats else ()


# A valve plane that is one slice off may be between the two; two slices are an error of one or the other.
MAX_APART = 1


@dataclass(frozen=True, slots=True)
class LongAxisCheck:
    """What a long axis says of the base at ED or ES.

    Attributes:
        view: of the long axis, or its recording where it has no name.
        mark: "ED" or "ES".
        phase: of the stack.
        expected: number (from 0) of the slice that should be the base.
        chosen: of the slice that is.
        beyond_mm: how far the chosen slice's middle is beyond the valve; negative on the ventricle's side.

    """

    view: str
    mark: str
    phase: int
    expected: int
    chosen: int
    beyond_mm: float

    @property
    def apart(self) -> int:
        """By how many slices the two differ."""
        return abs(self.expected - self.chosen)


def long_axis_checks(stack: Reading, loops: Iterable[Reading]) -> tuple[LongAxisCheck, ...]:
    """What every outlined long axis says at the stack's ED and ES; none where places, marks or outlines are lacking.

    A long axis with its own marks is examined at its own ED and ES: its heart rate may have been another.

    Args:
        stack: of the study, with ED and ES.
        loops: other recordings of the study, long axes among them.

    """
    if not (stack.kind.stack and stack.events and stack.events.beats):
        return ()
    beat = stack.events.beats[0]
    return tuple(
        check
        for loop in loops
        if loop.kind.oriented_by_plane and Structure.LV_ENDO in loop.tracks
        for check in compute_once(
            loop, "base by a long axis", (stack, loop), partial(_checks_of_pair, stack, beat, loop)
        )
    )


def _checks_of_pair(stack: Reading, beat: Beat, loop: Reading) -> tuple[LongAxisCheck, ...]:
    """What one long axis says."""
    found = []
    own = loop.events.beats[0] if loop.events and loop.events.beats else None
    for mark, phase, frame in (
        ("ED", beat.ed, own.ed if own else None),
        ("ES", beat.es, own.es if own else None),
    ):
        at = _frame_at(stack, loop, phase) if frame is None else frame
        single_base_check = base_check(stack, loop, at, phase)
        if single_base_check is not None:
            name = loop.view.label if loop.view else loop.facts.recording_id
            found.append(
                LongAxisCheck(
                    name, mark, phase, single_base_check.expected, single_base_check.chosen, single_base_check.beyond_mm
                )
            )
    return tuple(found)


def base_doubts(stack: Reading, loops: Iterable[Reading]) -> tuple[Message, ...]:
    """One sentence for ED and one for ES where long axes put the base more than a slice elsewhere.

    Slices are counted from 1, as on screen.

    Args:
        stack: of the study, with ED and ES.
        loops: other recordings of the study, long axes among them.

    """
    doubted = [
        long_axis_check for long_axis_check in long_axis_checks(stack, loops) if long_axis_check.apart > MAX_APART
    ]
    by_mark = (
        [long_axis_check for long_axis_check in doubted if long_axis_check.mark == mark] for mark in ("ED", "ES")
    )
    return tuple(_words(checks) for checks in by_mark if checks)


def _words(checks: list[LongAxisCheck]) -> Message:
    """What long axes say at one mark."""
    first = checks[0]
    at = {check.expected + 1: [o.view for o in checks if o.expected == check.expected] for check in checks}
    places = [
        message("slice {slice_number} by {views}", slice_number=number, views=joined_by(", ", views))
        for number, views in at.items()
    ]
    beyond_mm = sum(check.beyond_mm for check in checks) / len(checks)
    mark, base, valve = verbatim(first.mark), first.chosen + 1, joined_by("; ", places)
    if beyond_mm > 0:
        return message(
            "At {mark} the base is slice {base}, but the mitral valve lies at {places}: the base is {apart_mm:.0f} mm "
            "beyond it, check it.",
            mark=mark,
            base=base,
            places=valve,
            apart_mm=beyond_mm,
        )
    return message(
        "At {mark} the base is slice {base}, but the mitral valve lies at {places}: the base is {apart_mm:.0f} mm "
        "short of it, check it.",
        mark=mark,
        base=base,
        places=valve,
        apart_mm=-beyond_mm,
    )


def _frame_at(stack: Reading, loop: Reading, phase: int) -> int:
    return round(phase / max(stack.facts.frames - 1, 1) * (loop.facts.frames - 1))


def state_probability(evidence: FloatArray, moves: FloatArray) -> FloatArray:
    """(states, phases) posterior probability of each state: the weight of all closed paths through it.

    Args:
        evidence: (states, phases) score of each state at each phase, in natural logarithms.
        moves: (phases, states, states) score of the move from a state at a phase to a state at the next one, 0 or
            negative; that of the last phase leads to the first.

    Raises:
        ValueError: shapes do not match, or there is no state.

    """
    states, phases = evidence.shape
    if not states or moves.shape != (phases, states, states):
        raise ValueError(f"moves of shape {(phases, states, states)} were expected, got {moves.shape}")
    steps = np.exp(evidence - evidence.max(axis=0)).T[:, :, None] * (np.exp(moves) if phases > 1 else np.eye(states))
    before, after = np.empty((phases, states, states)), np.empty((phases, states, states))
    before[0], after[-1] = np.eye(states), _scaled(steps[-1])
    for phase in range(1, phases):
        before[phase] = _scaled(before[phase - 1] @ steps[phase - 1])
    for phase in range(phases - 2, -1, -1):
        after[phase] = _scaled(steps[phase] @ after[phase + 1])
    around = np.einsum("pij,pji->ip", after, before)
    return frozen_array(around / around.sum(axis=0))


def _scaled(product: FloatArray) -> FloatArray:
    return np.asarray(product / product.max())


MIN_WALL_MM = 2.0
"""Thinner is no wall but the two outlines running together: less than a pixel and a half of cine MRI."""
MIN_OF_USUAL = 0.7
"""Share of the ventricle's usual thickness at its thinnest phase that makes a wall of muscle.

Of the basal slices that experts count in 80 patients of ACDC (infarct and hypertrophic among them), at ED and at ES,
muscle so defined surrounds 0.50 to 1 of the cavity (5 %: 0.71 and 0.62).
"""
# The thinnest phase, but for single phases that are outlined badly.
_THINNEST_PERCENT = 10.0
MIN_SHARE = 0.5
"""Of the cavity's circumference with muscle outside it, for a basal slice to count: SCMR 2013 and 2020."""


@dataclass(frozen=True, eq=False)
class SliceEvidence:
    """By slice and phase, each of shape (slices, phases); slices in the stack's order.

    Attributes:
        cavity: whether an endocardium is outlined.
        drawn: whether a person outlined it.
        confidence: of the endocardium, 0 without one.
        muscle: share of its circumference with muscle outside it, 0 to 1; NaN without both outlines, and throughout
            where no slice of the stack has an epicardium.
        area: enclosed by the endocardium, mm2 (square pixels without scale); NaN without one.

    """

    cavity: NDArray[np.bool_]
    drawn: NDArray[np.bool_]
    confidence: FloatArray
    muscle: FloatArray
    area: FloatArray


def slice_evidence(reading: Reading) -> SliceEvidence:
    """The evidence of all slices and phases.

    Args:
        reading: of the stack.

    """
    tracks = tuple(slice_reading.tracks.get(structure) for slice_reading in reading.slices for structure in _OUTLINES)
    scales = tuple(slice_reading.calibration for slice_reading in reading.slices)
    return compute_once(reading, "slice_evidence", (reading.facts.frames, *tracks, *scales), lambda: _evidence(reading))


_OUTLINES = (Structure.LV_ENDO, Structure.LV_EPI)


def _evidence(reading: Reading) -> SliceEvidence:
    shape = len(reading.slices), reading.facts.frames
    area = areas(reading, Structure.LV_ENDO)
    confidence = np.zeros(shape)
    cavity, drawn = np.zeros(shape, bool), np.zeros(shape, bool)
    for number, slice_reading in enumerate(reading.slices):
        track = slice_reading.tracks.get(Structure.LV_ENDO)
        if track is not None:
            confidence[number] = track.confidence
            cavity[number] = [contour is not None for contour in track.contours]
            drawn[number] = [origin is Origin.EDITED for origin in track.origins]
    return SliceEvidence(
        cavity,
        drawn & cavity,
        frozen_array(np.where(cavity, confidence, 0.0)),
        muscle_share(reading),
        frozen_array(area),
    )


def muscle_share(reading: Reading) -> FloatArray:
    """(slices, phases) share of each endocardium's circumference with muscle outside it; NaN as in SliceEvidence.

    Args:
        reading: of the stack.

    """
    slices, phases = len(reading.slices), reading.facts.frames
    if not has_contour(reading, Structure.LV_EPI):
        return frozen_array(np.full((slices, phases), np.nan))
    chords = np.full((slices, phases, CHORDS), np.nan)
    for number, slice_reading in enumerate(reading.slices):
        endo, epi = slice_reading.tracks.get(Structure.LV_ENDO), slice_reading.tracks.get(Structure.LV_EPI)
        scale = slice_reading.calibration
        if endo is not None and epi is not None:
            chords[number] = _thickness(endo, epi, *((scale.row_mm, scale.col_mm) if scale else (1.0, 1.0)))
    scaled = all(slice_reading.calibration is not None for slice_reading in reading.slices)
    least = max(MIN_WALL_MM * (1.0 if scaled else 0.5), MIN_OF_USUAL * _usual_thickness(chords))
    return frozen_array(np.where(np.isnan(chords[..., 0]), np.nan, (chords >= least).mean(axis=2)))


@lru_cache(maxsize=128)
def _thickness(endo: ContourTrack, epi: ContourTrack, row_mm: float, col_mm: float) -> FloatArray:
    """(phases, chords), 0 where the outlines meet; NaN at phases without both outlines.

    Cached by track, since an edit changes those of one slice.
    """
    out = np.full((len(endo), CHORDS), np.nan)
    both = {
        phase: (inner, outer)
        for phase, (inner, outer) in enumerate(zip(endo.contours, epi.contours, strict=True))
        if inner is not None and outer is not None
    }
    if both:
        out[list(both)] = np.nan_to_num(wall_thicknesses(list(both.values()), row_mm, col_mm))
    return frozen_array(out)


def _usual_thickness(chords: FloatArray) -> float:
    """The ventricle's wall at its thinnest phase: the median over slices, without the two outermost at either end."""
    by_phase = []
    for medians in np.median(chords, axis=2).T:
        known = medians[~np.isnan(medians)]
        inner = known[2:-2] if len(known) > 6 else known[1:-1] if len(known) > 2 else known
        if len(inner):
            by_phase.append(float(np.median(inner)))
    return float(np.percentile(by_phase, _THINNEST_PERCENT)) if by_phase else 0.0


@dataclass(frozen=True, eq=False)
class ExtentDecision:
    """Base and apex of the left ventricle with their probabilities; slices from 0 in the stack's order.

    Attributes:
        extent: the decision.
        base_probability, apex_probability: (slices, phases) that this slice is the base (the apex), adding up to 1 at
            each phase.

    """

    extent: Extent
    base_probability: FloatArray
    apex_probability: FloatArray

    @property
    def base_confidence(self) -> FloatArray:
        """(phases,) probability of the base that was decided, 0 to 1."""
        return self.base_probability[list(self.extent.base), np.arange(len(self.extent.base))]

    @property
    def apex_confidence(self) -> FloatArray:
        """(phases,) probability of the apex that was decided, 0 to 1."""
        return self.apex_probability[list(self.extent.apex), np.arange(len(self.extent.apex))]

    def other_base(self, phase: int) -> int:
        """The slice that is most likely the base at a phase, next to the one decided.

        Args:
            phase: from 0.

        """
        return _runner_up(self.base_probability[:, phase], self.extent.base[phase])

    def other_apex(self, phase: int) -> int:
        """The slice that is most likely the apex at a phase, next to the one decided.

        Args:
            phase: from 0.

        """
        return _runner_up(self.apex_probability[:, phase], self.extent.apex[phase])


def decided_extent(reading: Reading, *, turned: bool | None = None) -> ExtentDecision | None:
    """Base and apex for every phase, or None where no slice has a contour of the cavity.

    What was chosen for the stack before does not matter, but for what a model saw in its slices (Presence).

    Args:
        reading: of the stack.
        turned: whether slices are numbered from apex to base; None: by the sizes of the cavities, else by geometry.

    """
    evidence = slice_evidence(reading)
    if not evidence.cavity.any():
        return None
    if turned is None:
        larger = larger_first(evidence.area)
        turned = not (base_is_first(reading, 0) if larger is None else larger)
    order = slice(None, None, -1) if turned else slice(None)
    evidence = _ordered(evidence, order)
    presence = choices(reading).presence
    if presence is None:
        at_base, at_apex = _muscle_odds(evidence), np.full(evidence.cavity.shape, _CONTOURED)
    else:
        at_apex = _log_odds(np.array(presence.left)[order])
        # An open ring speaks against the base whatever a model says; in stills lightly.
        weight = _OPEN_IN_STILLS if evidence.cavity.shape[1] <= _STILLS else 1.0
        at_base = at_apex + weight * np.minimum(_muscle_odds(evidence), 0.0)
    valve = _valve_odds(reading, evidence.cavity.shape, turned=turned)
    if valve is not None:
        at_base = at_base + valve
    middle = _middle(evidence)
    base = _end(_with_gaps(evidence, at_base)[: middle + 1], _systole(evidence))
    # Counted from the far end, the apex is a base, whose moves are as likely in systole as in diastole.
    apex = _end(_with_gaps(evidence, at_apex)[middle:][::-1], None)
    base_rows, apex_rows = np.zeros(evidence.cavity.shape), np.zeros(evidence.cavity.shape)
    base_rows[: middle + 1], apex_rows[middle:] = base, apex[::-1]
    base_rows, apex_rows = base_rows[order], apex_rows[order]
    drawn = evidence.drawn[order]
    extent = Extent(*(steady(tuple(map(int, rows.argmax(axis=0))), drawn) for rows in (base_rows, apex_rows)))
    return ExtentDecision(extent, frozen_array(base_rows), frozen_array(apex_rows))


def decision_of(reading: Reading) -> ExtentDecision | None:
    """The decision on base and apex from the contours alone, whatever is in force; kept.

    But for where the base is: a reader who exchanged base and apex knows that.

    Args:
        reading: of the stack.

    """
    turned = None
    chosen = choices(reading).extent
    if chosen is not None and is_by_person(reading, _EXTENT):
        turned = is_turned(chosen)
    tracks = tuple(
        slice_reading.tracks.get(s) for slice_reading in reading.slices for s in (Structure.LV_ENDO, Structure.LV_EPI)
    )
    scales = tuple(slice_reading.calibration for slice_reading in reading.slices)
    parts = (reading.facts.frames, choices(reading).presence, choices(reading).valve, turned, *tracks, *scales)
    return compute_once(reading, "extent_decision", parts, lambda: decided_extent(reading, turned=turned))


def is_end_by_person(reading: Reading, end: End, phase: int) -> bool:
    """Whether a person, and not the decision, chose the slice that is an end of a ventricle at a phase (from 0).

    One that differs from the decision's, or that a person chose for all phases at once.

    Args:
        reading: of the stack.
        end: "base", "apex" or "rv base".
        phase: from 0.

    """
    chosen = choices(reading)
    if end == "rv base":
        if chosen.rv_base is None or not is_by_person(reading, _RIGHT_BASE):
            return False
        decided = decided_right_base(reading, extent_of(reading))
        return decided is None or _chosen_instead(chosen.rv_base, decided, phase)
    if chosen.extent is None or not is_by_person(reading, _EXTENT):
        return False
    decision = decision_of(reading)
    if decision is None:
        return True
    now, before = (extent.base if end == "base" else extent.apex for extent in (chosen.extent, decision.extent))
    return _chosen_instead(now, before, phase)


def _chosen_instead(now: tuple[int, ...], decided: tuple[int, ...], phase: int) -> bool:
    at_once = len(set(now)) == 1 and len(set(decided)) > 1
    return at_once or now[phase] != decided[phase]


# From so many phases on, one of them lasts some 50 ms: no annulus passes a slice and comes back within one.
_SINGLE_PHASES = 16


def steady(ends: tuple[int, ...], drawn: NDArray[np.bool_]) -> tuple[int, ...]:
    """The ends by phase without a slice that counts, or is left out, at a single phase: see `_SINGLE_PHASES`.

    Such a phase takes the nearer end of its neighbours, unless a person outlined one of the slices between at that
    phase (`drawn`, of shape (slices, phases)).

    Args:
        ends: slice, from 0, at each phase.
        drawn: where a person drew an outline.

    """
    if len(ends) < _SINGLE_PHASES:
        return ends
    out = list(ends)
    for phase, here in enumerate(ends):
        middle = sorted((out[phase - 1], here, out[(phase + 1) % len(out)]))[1]
        if not drawn[min(here, middle) : max(here, middle) + 1, phase].any():
            out[phase] = middle
    return tuple(out)


def single_phase(ends: tuple[int, ...], phase: int) -> bool:
    """Whether an end leaves both neighbouring phases of the cycle to the same side; never so with few phases.

    Args:
        ends: slice, from 0, at each phase.
        phase: from 0.

    """
    before, here, after = ends[phase - 1], ends[phase], ends[(phase + 1) % len(ends)]
    return len(ends) >= _SINGLE_PHASES and (here > max(before, after) or here < min(before, after))


def proposed_extent(reading: Reading) -> Extent | None:
    """The decision's base and apex for every phase, or None where no slice has a contour of the cavity.

    Args:
        reading: of the stack.

    """
    extent_decision = decided_extent(reading)
    return None if extent_decision is None else extent_decision.extent


def decided_right_base(reading: Reading, extent: Extent) -> tuple[int, ...] | None:
    """The right ventricle's basal slice for every phase, or None where it has no contour.

    Its annulus descends farther than the left's: experts leave out slices of the right ventricle at ES that they
    count for the left, and never the other way round (80 patients of ACDC: 0 to 3 slices, 1 in the median). Where no
    model looked for it, it is its most basal contour that is not beyond the left's base.

    Args:
        reading: of the stack.
        extent: base and apex of the left ventricle.

    """
    likely = right_base_probability(reading, extent)
    if likely is None:
        return None
    # Of slices that are equally likely, the one farther from the apex.
    turned = sum(extent.base) > sum(extent.apex)
    ends = likely[::-1].argmax(axis=0) if turned else likely.argmax(axis=0)
    drawn = np.array(
        [_drawn(slice_reading.tracks.get(Structure.RV), likely.shape[1]) for slice_reading in reading.slices]
    )
    return steady(tuple(int(len(likely) - 1 - end if turned else end) for end in ends), drawn)


def right_base_with(reading: Reading, extent: Extent) -> tuple[int, ...] | None:
    """The right ventricle's base when the left's moves to another extent; None where it stays as it is.

    No slice counts for the right ventricle that does not for the left (see `decided_right_base`): one that a model
    decided on, or that followed the left's base before, follows it; one that a person chose stays.

    Args:
        reading: before.
        extent: base and apex of the left ventricle after.

    """
    now, before = choices(reading).rv_base, extent_of(reading)
    if now is None:
        return None
    turned = sum(extent.base) > sum(extent.apex)
    inner = min if turned else max
    automatic = now
    if is_by_person(reading, _RIGHT_BASE):
        was, automatic = (decided_right_base(reading, single_extent) or now for single_extent in (before, extent))
        if any(number not in (end, inner(end, left)) for number, end, left in zip(now, was, before.base, strict=True)):
            return None
    after = tuple(
        number if was == left else inner(end, left)
        for number, end, was, left in zip(now, automatic, before.base, extent.base, strict=True)
    )
    return None if after == now else after


_EXTENT, _RIGHT_BASE = "short_axis/extent", "short_axis/rv_base"
"""Who decided on them, among a Reading's authors."""


def _drawn(track: ContourTrack | None, phases: int) -> list[bool]:
    """Whether a person outlined it, by phase."""
    return [origin is Origin.EDITED for origin in track.origins] if track else [False] * phases


def right_base_probability(reading: Reading, extent: Extent) -> FloatArray | None:
    """(slices, phases) that this slice is the right ventricle's base, adding up to 1 at each phase.

    None where it has no contour. See `decided_right_base`.

    Args:
        reading: of the stack.
        extent: of its left ventricle.

    """
    area = areas(reading, Structure.RV)
    tracks = [slice_reading.tracks.get(Structure.RV) for slice_reading in reading.slices]
    drawn = [[c is not None for c in track.contours] if track else [False] * area.shape[1] for track in tracks]
    cavity = np.array(drawn, bool)
    if not cavity.any():
        return None
    sure = np.array([track.confidence if track else np.zeros(area.shape[1]) for track in tracks])
    person = np.array([[o is Origin.EDITED for o in track.origins] if track else drawn[0] for track in tracks]) & cavity
    turned = sum(extent.base) > sum(extent.apex)
    order = slice(None, None, -1) if turned else slice(None)
    evidence = SliceEvidence(cavity[order], person[order], sure[order], np.full(area.shape, np.nan), area[order])
    presence = choices(reading).presence
    if presence is None:
        base = len(cavity) - 1 - np.array(extent.base) if turned else np.array(extent.base)
        seen = np.where(np.arange(len(cavity))[:, None] < base, -_MOST, _CONTOURED)
    else:
        seen = _log_odds(np.array(presence.right)[order])
    # In the middle of the slices that have it, it counts in any case.
    there = np.flatnonzero(evidence.cavity.any(axis=1))
    inner = int(there[len(there) // 2])
    odds = _with_gaps(evidence, seen)[: inner + 1]
    odds[-1] = _MOST
    likely = np.zeros(area.shape)
    likely[: inner + 1] = _end(odds, _systole(_ordered(slice_evidence(reading), order)))
    return frozen_array(likely[order])


def myocardial_share(reading: Reading, number: int, phase: int) -> float:
    """Share (0 to 1) of the endocardium's circumference with muscle outside it; 0 without both outlines.

    Args:
        reading: of the stack.
        number: of the slice, from 0.
        phase: from 0.

    """
    return float(np.nan_to_num(slice_evidence(reading).muscle[number, phase]))


# Log-odds of one slice and phase where no model looked for the ventricles: muscle round at least half of the cavity
# speaks for the base, gaining one unit over the second share; any contour for the apex. How far odds can go either way.
_MUSCLE, _MUSCLE_PER = MIN_SHARE, 0.05
# Of ED or ES alone, or both, contours miss more of the muscle than they do over a cycle: there an open ring weighs less
# than what a model sees (decision 0166).
_STILLS, _OPEN_IN_STILLS = 2, 0.25
_CONTOURED = 1.0
_MOST = 4.0
# A slice without an outline where others have one; one that a person outlined.
_EMPTY, _DRAWN = -2.7, 4.0


def _muscle_odds(evidence: SliceEvidence) -> FloatArray:
    """(slices, phases) log-odds that a slice is ventricle by its wall; without any wall, by its cavity."""
    muscle = np.clip((evidence.muscle - _MUSCLE) / _MUSCLE_PER, -_MOST, 3.0)
    return np.where(np.isfinite(evidence.muscle), muscle, _CONTOURED)


def _with_gaps(evidence: SliceEvidence, seen: FloatArray) -> FloatArray:
    """What is seen where there is an outline; phases without any say nothing."""
    odds = np.where(evidence.cavity, np.clip(seen, -_MOST, _MOST), _EMPTY)
    odds = np.where(evidence.drawn, _DRAWN, odds)
    return np.where(evidence.cavity.any(axis=0), odds, 0.0)


def _extremes(area: FloatArray) -> tuple[int | None, int | None]:
    """Phases at which the slices that are outlined throughout are largest and smallest; None where nothing beats."""
    whole = area[np.isfinite(area).all(axis=1)]
    if not len(whole):
        return None, None
    total = whole.sum(axis=0)
    if total.max() <= 0 or 1 - total.min() / total.max() < _MIN_BEAT:
        return None, None
    return int(total.argmax()), int(total.argmin())


# Below this share of the largest area the ventricle does not beat visibly, and systole is not known.
_MIN_BEAT = 0.08


def _systole(evidence: SliceEvidence) -> NDArray[np.bool_] | None:
    """(phases,) whether the move from a phase to the next one is in systole; None where that is not known."""
    ed, es = _extremes(evidence.area)
    if ed is None or es is None:
        return None
    phases = evidence.area.shape[1]
    return np.asarray((np.arange(phases) - ed) % phases < (es - ed) % phases)


# Scores of moving by one slice from a phase to the next, towards the apex and away from it; by each further slice. They
# are of cines of 20 phases: from ED to ES at once, as in stills, a move is no surprise.
_PHASES = 20
_DESCENDS, _RISES = (-1.1, -3.0), (-2.2, -1.1)
_UNKNOWN_MOVE, _FURTHER = -1.5, -3.0
# Evidence of neighbouring phases is not independent: the same slice errs for the same reason in many of them. A cycle
# says as much as this many phases that were.
_INDEPENDENT = 8.0


def _end(odds: FloatArray, systole: NDArray[np.bool_] | None) -> FloatArray:
    """(slices, phases) probability that a slice is the end, from the outermost slice to one that counts anyway."""
    total = np.cumsum(odds[::-1], axis=0)[::-1]
    states, phases = odds.shape
    step = np.arange(states)[None, :] - np.arange(states)[:, None]  # (from, to), positive towards the apex
    # With few phases, one step may be several of those that the scores are of.
    dense = min(1.0, phases / _PHASES)
    further = dense * _FURTHER * np.maximum(np.abs(step) - 1, 0)

    def scores(towards: float, away: float) -> FloatArray:
        return np.asarray(np.where(step > 0, towards, np.where(step < 0, away, 0.0)) + further)

    if systole is None:
        moves = np.broadcast_to(scores(_UNKNOWN_MOVE, _UNKNOWN_MOVE), (phases, states, states))
    else:
        kinds = np.stack([scores(*_RISES), scores(*_DESCENDS)])
        moves = kinds[systole.astype(int)]
    return state_probability(min(1.0, _INDEPENDENT / phases) * total, dense * moves)


def _middle(evidence: SliceEvidence) -> int:
    """A slice that counts in any case: in the middle of those that are surely outlined, and largest among them."""
    score = evidence.confidence.mean(axis=1) * np.where(np.isnan(evidence.muscle), 1.0, evidence.muscle).mean(axis=1)
    sure = np.flatnonzero(score >= 0.7 * score.max())
    return int(sure[len(sure) // 2])


# A valve plane by a network's hinge points is 2 to 4 mm off in most four-chamber frames, and breath-holds differ by
# millimetres: the logistic distribution of this scale has a standard deviation of 5.4 mm. A long axis may be of
# another breath-hold altogether, so that its evidence is limited: see decision 0182.
_VALVE_SCALE_MM, _VALVE_MOST = 3.0, 2.0


def _valve_odds(reading: Reading, shape: tuple[int, int], *, turned: bool) -> FloatArray | None:
    """(slices, phases) log-odds that a slice is on the ventricle's side of the valve that long axes show.

    From base to apex, as the evidence is; 0 at phases at which none shows it, None without any.

    Args:
        reading: of the stack.
        shape: (slices, phases).
        turned: whether the stack is numbered from apex to base.

    """
    valve, stack = choices(reading).valve, reading.facts.stack
    if valve is None or stack is None or len(valve.place_mm) != shape[1]:
        return None
    place_mm = stack.positions_mm - stack.positions_mm[0]
    known = np.array([np.nan if place_mm is None else place_mm for place_mm in valve.place_mm])
    inside_mm = (place_mm[:, None] - known) * (-1.0 if turned else 1.0)
    odds = np.nan_to_num(np.clip(inside_mm / _VALVE_SCALE_MM, -_VALVE_MOST, _VALVE_MOST))
    return np.asarray(odds[::-1] if turned else odds)


def _log_odds(probability: FloatArray) -> FloatArray:
    within = np.clip(probability, 0.02, 0.98)
    return np.asarray(np.nan_to_num(np.log(within / (1 - within))))


def _ordered(evidence: SliceEvidence, order: slice) -> SliceEvidence:
    return SliceEvidence(
        evidence.cavity[order],
        evidence.drawn[order],
        evidence.confidence[order],
        evidence.muscle[order],
        evidence.area[order],
    )


def _runner_up(probability: FloatArray, chosen: int) -> int:
    others = np.where(np.arange(len(probability)) == chosen, -1.0, probability)
    return int(others.argmax())
