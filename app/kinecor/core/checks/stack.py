"""Checks of a stack: where it begins and ends, missing and shifted slices, masses, what is excluded."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from kinecor.core.checks.alternatives import values_words
from kinecor.core.checks.check import Check, Question, finds
from kinecor.core.checks.findings import (
    MASS,
    OF_BOTH_VOLUMES,
    RIGHT,
    SCALED,
    VOLUMES,
    Finding,
    Remedy,
    Severity,
    codes_affected,
    numbers_from_1,
    slices_words,
    threshold,
)
from kinecor.core.table.expected_error import usual_errors
from kinecor.core.table.intervals import Alternative, AlternativeKind
from kinecor.core.table.measures import EJECTION_FRACTION, SHORT_AXIS_CODES
from kinecor.core.values.choices import Extent, Papillaries
from kinecor.core.values.events import Beat
from kinecor.core.values.geometry import FloatArray
from kinecor.core.values.message import NOTHING, Message, Value, in_context, joined_by, message, plural, verbatim
from kinecor.core.values.reading import Reading, body, choices, has_contour
from kinecor.core.values.track import ContourTrack, Structure
from kinecor.core.volumes.extent import (
    MIN_SHARE,
    crossed_phases,
    decision_of,
    is_end_by_person,
    myocardial_share,
    right_base_probability,
    single_phase,
    slice_evidence,
)
from kinecor.core.volumes.foreshortening import shape_score
from kinecor.core.volumes.heart_size import stack_length_mm
from kinecor.core.volumes.stack_volumes import (
    MM3_PER_ML,
    MYOCARDIUM_G_PER_ML,
    SHIFTED_MM,
    areas,
    counted_right,
    gaps,
    missing_places,
    muscle_within,
    shifts_mm,
    stack_curves,
    usual_step_mm,
)

End = Literal["base", "apex"]
_AT = {"ED": codes_affected("EDV", "LVM"), "ES": codes_affected("ESV", "LVMES")}


@dataclass(frozen=True, slots=True)
class DoubtfulEnd:
    """A base or an apex in force that is not surely the right slice; slices from 0.

    Attributes:
        end: which.
        mark: "ED" or "ES".
        phase: of the mark.
        chosen: the slice in force.
        other: the slice that is more likely, or nearly as likely.
        probability: of the slice in force, 0 to 1.
        by_person: whether a person chose the slice in force, against the decision: then it is in doubt only where the
            images contradict it beyond doubt.

    """

    end: End
    mark: str
    phase: int
    chosen: int
    other: int
    probability: float
    by_person: bool = False

    @property
    def severity(self) -> Severity:
        """By its probability; where that is high, its shape speaks against it."""
        return threshold(_OF_END[self.end].code).severity(self.probability) or Severity.CHECK


def marked_phases(reading: Reading) -> tuple[tuple[str, int], ...]:
    """ED and ES by name; none where the stack has no contours, no extent or no marks, or is withheld.

    Args:
        reading: of a recording of any kind.

    """
    if not reading.kind.stack or reading.withheld or not (reading.events and reading.events.beats):
        return ()
    if choices(reading).extent is None or not has_contour(reading, Structure.LV_ENDO):
        return ()
    beat = reading.events.beats[0]
    return ("ED", beat.ed), ("ES", beat.es)


def doubtful_ends(reading: Reading) -> tuple[DoubtfulEnd, ...]:
    """Base and apex at ED and ES that the check of basal or apical slices would report, most doubtful first.

    Args:
        reading: of the stack.

    """
    marks, extent_decision = marked_phases(reading), decision_of(reading)
    extent = choices(reading).extent
    if not marks or extent_decision is None or extent is None:
        return ()
    ends: tuple[tuple[End, tuple[int, ...]], ...] = (("base", extent.base), ("apex", extent.apex))
    doubts = []
    for end, slices in ends:
        table = extent_decision.base_probability if end == "base" else extent_decision.apex_probability
        for mark, phase in marks:
            chosen, likely = slices[phase], table[:, phase].copy()
            probability = float(likely[chosen])
            by_person = is_end_by_person(reading, end, phase)
            if by_person:
                doubtful = _contradicted(reading, end, chosen, phase, probability)
            else:
                doubtful = threshold(_OF_END[end].code).severity(probability) is not None
                doubtful = doubtful or (end == "base" and _narrow(reading, chosen, phase))
            if doubtful:
                likely[chosen] = -1.0
                other = int(likely.argmax())
                if by_person:  # what the reader chose against, not what would be likelier still
                    other = (extent_decision.extent.base if end == "base" else extent_decision.extent.apex)[phase]
                doubts.append(DoubtfulEnd(end, mark, phase, chosen, other, probability, by_person))
    return tuple(sorted(doubts, key=lambda doubtful_end: doubtful_end.probability))


def _contradicted(reading: Reading, end: End, number: int, phase: int, probability: float) -> bool:
    """Whether the images contradict the end that a person chose beyond doubt.

    A base that leaves out ventricle does where muscle closes round the next slice outwards, and the model of slices
    sees a ventricle there, too; one beyond it where less than half of its own ring is muscle. What lies between, and
    one slice nearer to the apex than the decision, is for a reader to decide.
    """
    if threshold(_CONTRADICTED).severity(probability) is None:
        return False
    decision, extent = decision_of(reading), choices(reading).extent
    if end == "apex" or decision is None or extent is None:
        return True
    decided = decision.extent.base[phase]
    outwards = -1 if extent.apex[phase] > decided else 1
    beyond = (number - decided) * outwards
    if beyond > 0:
        return myocardial_share(reading, number, phase) < MIN_SHARE
    if beyond == -1:
        return False
    presence, left_out = choices(reading).presence, number + outwards
    closed = threshold("stack.end-closed").severity(myocardial_share(reading, left_out, phase)) is not None
    seen = presence is None or threshold("stack.end-seen").severity(presence.left[left_out][phase]) is not None
    return closed and seen


def _narrow(reading: Reading, number: int, phase: int) -> bool:
    """Whether a basal slice is narrower than the next one and not surrounded by muscle throughout, as a tract is."""
    ratio = _against_next(reading, number, phase)
    muscle = slice_evidence(reading).muscle[number, phase]
    return bool(
        threshold("stack.basal-narrow").severity(ratio) is not None
        and threshold("stack.basal-open").severity(float(muscle)) is not None
    )


def _against_next(reading: Reading, number: int, phase: int) -> float:
    """Area of a basal slice's cavity over that of the next slice towards the apex; NaN without both."""
    extent = choices(reading).extent
    if extent is None or extent.base[phase] == extent.apex[phase]:
        return float("nan")
    area = slice_evidence(reading).area[:, phase]
    inner = number + (1 if extent.apex[phase] > extent.base[phase] else -1)
    return float(area[number] / area[inner]) if 0 <= inner < len(area) and area[inner] > 0 else float("nan")


STACK_BASAL_SLICE: Final = Check(
    "stack.basal-slice",
    in_context("stack", "basal slice"),
    limits=(
        "stack.basal-slice",
        "stack.basal-narrow",
        "stack.basal-open",
        "stack.basal-undecided",
        "stack.basal-sure",
        "stack.end-contradicted",
        "stack.end-closed",
        "stack.end-seen",
        "stack.end-matters",
        "stack.end-volume",
        "stack.end-stroke",
        "stack.end-ef",
    ),
    answered_by=Question.BASE,
)
STACK_APICAL_SLICE: Final = Check(
    "stack.apical-slice",
    in_context("stack", "apical slice"),
    limits=(
        "stack.apical-slice",
        "stack.end-contradicted",
        "stack.end-volume",
        "stack.end-stroke",
        "stack.end-ef",
    ),
    answered_by=Question.APEX,
)
_OF_END: Final[dict[End, Check]] = {"base": STACK_BASAL_SLICE, "apex": STACK_APICAL_SLICE}
# A slice that a person chose, and that is less likely than this, contradicts the images beyond doubt.
_CONTRADICTED = "stack.end-contradicted"
# What a person excludes at an end with less than this share of EDV or ESV marks nothing.
_MATTERS = "stack.end-matters"
# A base that is rather sure from the whole cycle is marked where the model that looks at this slice alone is not.
_UNDECIDED = "stack.basal-undecided"
# One that is surer than this is not marked, whatever its shape.
_SURE = "stack.basal-sure"


@finds(STACK_BASAL_SLICE, STACK_APICAL_SLICE)
def _ends(reading: Reading) -> Iterator[Finding]:
    risen = _rising_base(reading)
    for one in doubtful_ends(reading):
        if risen and not one.by_person and (one.end, one.mark, one.other) == ("base", risen.mark, risen.other):
            continue  # said by what is not possible
        other = _volumes_ml(reading, one.end, one.other, one.phase)
        now = _volumes_ml(reading, one.end, one.chosen, one.phase)
        if other == now and one.by_person:
            continue  # no contour is in between: nothing follows from the choice
        severity = _base_severity(reading, one) if one.end == "base" else one.severity
        concerned = _concerned(reading, one, now, other) if severity is Severity.CHECK else frozenset()
        alternatives, remedies = _alternatives(one, now, other), _remedies(one, now, other)
        further, extent = _base_further_in(reading, one), choices(reading).extent
        if further is not None and extent is not None:
            inner, ends = further
            alternatives += _alternative_further_in(one, inner, ends, extent, _volumes_with(reading, ends))
            remedies += (_choice(one, inner, _volumes_ml(reading, "base", inner, one.phase)),)
        right = severity is Severity.CHECK and _doubts_right(reading, one)
        if not concerned and not right and severity is Severity.CHECK:
            severity = Severity.INFO
        yield _OF_END[one.end].finding(
            severity,
            joined_by(
                " ",
                (
                    _sentence(reading, one),
                    _why_counted(reading, one),
                    _once(reading, one),
                    _either(one, now, other),
                    _right_too(reading, one) if right else NOTHING,
                ),
            ),
            (one.phase,),
            (one.chosen, one.other),
            measurements=(concerned if severity is Severity.CHECK else _AT[one.mark])
            | (_RIGHT_AT[one.mark] if right else frozenset()),
            resolve=message("choose the basal slice at {mark}", mark=verbatim(one.mark))
            if one.end == "base"
            else message("choose the apical slice at {mark}", mark=verbatim(one.mark)),
            subject=_held(one.mark, one.chosen),
            remedies=remedies,
            alternatives=alternatives,
            beyond_doubt=one.by_person and severity is Severity.CHECK,
        )


def _values(ml: "_Volumes") -> dict[str, float]:
    """Of volumes of cavity and wall, by code; none where the ventricle does not eject."""
    edv, esv, at_ed, at_es = ml
    if not edv > esv:
        return {}
    values = {
        "EDV": edv,
        "ESV": esv,
        "SV": edv - esv,
        EJECTION_FRACTION: _ef_percent(ml),
        "LVM": at_ed * MYOCARDIUM_G_PER_ML,
        "LVMES": at_es * MYOCARDIUM_G_PER_ML,
    }
    return {code: value for code, value in values.items() if np.isfinite(value)}


def _alternatives(doubtful_end: DoubtfulEnd, now: "_Volumes", other: "_Volumes") -> tuple[Alternative, ...]:
    """The values with the other slice, where they differ."""
    known = _values(other)
    if other == now or not known:
        return ()
    said: dict[str, Value] = {
        "values": _effect(_of_left(doubtful_end.mark, other), _ef_percent(other)),
        "slice": doubtful_end.other + 1,
        "mark": verbatim(doubtful_end.mark),
    }
    if doubtful_end.end == "base":
        return (
            Alternative(
                AlternativeKind.BASE, known, message("{values} if the base is slice {slice} at {mark}", **said)
            ),
        )
    return (
        Alternative(AlternativeKind.APEX, known, message("{values} if the apex is slice {slice} at {mark}", **said)),
    )


def _base_further_in(reading: Reading, doubtful_end: DoubtfulEnd) -> tuple[int, Extent] | None:
    """One slice nearer to the apex than the other slice, and the ends with it as base; None where nothing says so.

    A base that is narrower than the next slice and not sure is a tract or the atrium, and may be two slices beyond the
    ventricle: a doubt that names the next slice only holds neither. The base at ES is no farther out than at ED, so
    that it moves along.
    """
    extent, marks = choices(reading).extent, dict(marked_phases(reading))
    if doubtful_end.end != "base" or doubtful_end.by_person or extent is None:
        return None
    phase, chosen, other = doubtful_end.phase, doubtful_end.chosen, doubtful_end.other
    inwards = 1 if extent.apex[phase] > extent.base[phase] else -1
    inner = other + inwards
    if other != chosen + inwards or not 0 <= inner < len(reading.slices) or inner == extent.apex[phase]:
        return None
    narrow = threshold("stack.basal-narrow").severity(_against_next(reading, chosen, phase)) is not None
    unsure = threshold(STACK_BASAL_SLICE.code).severity(doubtful_end.probability) is not None
    if not (narrow and unsure):
        return None
    moved = {phase}
    if doubtful_end.mark == "ED":
        moved |= {mark for mark in marks.values() if (inner - extent.base[mark]) * inwards > 0}
    base = tuple(inner if index in moved else end for index, end in enumerate(extent.base))
    return inner, replace(extent, base=base)


def _alternative_further_in(
    doubtful_end: DoubtfulEnd, inner: int, ends: Extent, before: Extent, ml: "_Volumes"
) -> tuple[Alternative, ...]:
    values = _values(ml)
    said: dict[str, Value] = {"values": values_words(values), "slice": inner + 1}
    both = sum(a != b for a, b in zip(ends.base, before.base, strict=True)) > 1
    text = (
        message("{values} if the base is slice {slice} at ED and ES", **said)
        if both
        else message("{values} if the base is slice {slice} at {mark}", mark=verbatim(doubtful_end.mark), **said)
    )
    return (Alternative(AlternativeKind.BASE, values, text),) if values else ()


def _may_be_beyond(reading: Reading, doubtful_end: DoubtfulEnd, now: float, other: float) -> bool:
    """Whether the basal slice in force may be one too far, and a model that looks at it alone has not decided.

    The volumes of such stacks are too large by more than that slice (decision 0161).
    """
    presence = choices(reading).presence
    if presence is None or doubtful_end.end != "base" or doubtful_end.by_person or not other < now:
        return False
    return threshold(_UNDECIDED).severity(presence.left[doubtful_end.chosen][doubtful_end.phase]) is not None


_Volumes = tuple[float, float, float, float]
"""EDV and ESV, and the wall's volume at ED and ES, in ml."""
_STROKE = codes_affected("SV")
_FRACTION = OF_BOTH_VOLUMES - _STROKE


def _concerned(reading: Reading, doubtful_end: DoubtfulEnd, now: _Volumes, other: _Volumes) -> frozenset[str]:
    """What the other slice would change by as much as matters; a smaller doubt is in the interval that is shown."""
    at = 0 if doubtful_end.mark == "ED" else 1
    beyond = _may_be_beyond(reading, doubtful_end, now[at], other[at])
    return _changed(doubtful_end.mark, now, other, _MATTERS if beyond else "stack.end-volume")


def _changed(mark: str, now: _Volumes, other: _Volumes, of_volume: str) -> frozenset[str]:
    """What another slice changes by more than the limits; that of the volume at the mark by name."""
    at, code, mass = (0, "EDV", "LVM") if mark == "ED" else (1, "ESV", "LVMES")

    def changes(before: float, after: float, name: str) -> bool:
        return not before > 0 or threshold(name).severity(abs(after / before - 1)) is not None

    codes: frozenset[str] = frozenset()
    if changes(now[at], other[at], of_volume):
        codes |= codes_affected(code) - OF_BOTH_VOLUMES
    if changes(now[0] - now[1], other[0] - other[1], "stack.end-stroke"):
        codes |= _STROKE
    if threshold("stack.end-ef").severity(abs(_ef_percent(now) - _ef_percent(other))) is not None:
        codes |= _FRACTION
    if changes(now[2 + at], other[2 + at], "stack.end-volume"):
        codes |= codes_affected(mass)
    return codes


def _held(mark: str, number: int) -> str:
    """The subject of a doubt about a slice: who lets one slice stand says nothing of another."""
    return f"{mark}, slice {number + 1}"


def _base_severity(reading: Reading, doubtful_end: DoubtfulEnd) -> Severity:
    """By its probability, and by what a model sees in the slice alone; its shape speaks where no model does."""
    if doubtful_end.by_person:
        return Severity.CHECK
    if _sure(reading, doubtful_end):
        return Severity.INFO
    presence = choices(reading).presence
    if presence is None:
        return doubtful_end.severity
    by_slice = threshold(_UNDECIDED).severity(presence.left[doubtful_end.chosen][doubtful_end.phase])
    return by_slice or threshold(STACK_BASAL_SLICE.code).severity(doubtful_end.probability) or Severity.INFO


def _sure(reading: Reading, doubtful_end: DoubtfulEnd) -> bool:
    """Whether a base is so likely that its shape alone does not speak against it."""
    surrounded = myocardial_share(reading, doubtful_end.chosen, doubtful_end.phase) >= MIN_SHARE
    return surrounded and threshold(_SURE).severity(doubtful_end.probability) is None


def _doubts_right(reading: Reading, doubtful_end: DoubtfulEnd) -> bool:
    """Whether the right ventricle counts from the slice in question, and its volume depends on that.

    Experts leave out slices of the right ventricle that they count for the left, never the other way round.
    """
    chosen = choices(reading)
    if (
        doubtful_end.end != "base"
        or chosen.rv_base is None
        or chosen.extent is None
        or not has_contour(reading, Structure.RV)
    ):
        return False
    middle = _middle(chosen.extent, doubtful_end.phase)
    outer, inner = sorted((doubtful_end.chosen, doubtful_end.other), key=lambda number: -abs(number - middle))
    base = chosen.rv_base[doubtful_end.phase]
    if (base - middle) * (outer - middle) <= 0 or abs(base - middle) < abs(outer - middle):
        return False
    _, at = _RIGHT_VOLUMES[doubtful_end.mark]
    now, then = (_with_right_base(reading, number, doubtful_end.phase)[at] for number in (base, inner))
    return now > 0 and threshold("stack.end-volume").severity(abs(then / now - 1)) is not None


def _ef_percent(ml: Sequence[float]) -> float:
    """EF from EDV and ESV; NaN where the ventricle has no volume at ED, or a larger one at ES, which is no EF."""
    return 100 * (1 - ml[1] / ml[0]) if ml[0] > 0 and ml[1] <= ml[0] else float("nan")


def _either(doubtful_end: DoubtfulEnd, now: Sequence[float], other: Sequence[float]) -> Message:
    """What follows from each of the two slices as that end; EF where both leave one."""
    code, at = ("EDV", 0) if doubtful_end.mark == "ED" else ("ESV", 1)
    values: dict[str, Value] = {
        "code": verbatim(code),
        "slice": doubtful_end.chosen + 1,
        "volume_ml": now[at],
        "other_slice": doubtful_end.other + 1,
        "other_volume_ml": other[at],
    }
    if not np.isfinite([_ef_percent(now), _ef_percent(other)]).all():
        return message(
            "With slice {slice} {code} is {volume_ml:.0f} ml, with slice {other_slice} {code} is "
            "{other_volume_ml:.0f} ml.",
            **values,
        )
    return message(
        "With slice {slice} {code} is {volume_ml:.0f} ml and EF {ef_percent:.0f} %, with slice {other_slice} {code} is "
        "{other_volume_ml:.0f} ml and EF {other_ef_percent:.0f} %.",
        ef_percent=_ef_percent(now),
        other_ef_percent=_ef_percent(other),
        **values,
    )


def _sentence(reading: Reading, one: DoubtfulEnd) -> Message:
    """What speaks for the outer of two slices where that does not count, and against it where it does.

    Where nothing of that kind is seen, no reason is given rather than one that supports what is in force.
    """
    extent = choices(reading).extent
    outer = max((one.chosen, one.other), key=lambda number: abs(number - _middle(extent, one.phase)))
    if one.by_person and one.end == "base" and outer == one.other:
        # What contradicts the reader is the next slice outwards (`_contradicted`), not the decision's own.
        outer = one.chosen + (1 if one.other > one.chosen else -1)
    values: dict[str, Value] = {
        "mark": verbatim(one.mark),
        "slice": outer + 1,
        "chosen_slice": one.chosen + 1,
        "other_slice": one.other + 1,
    }
    if one.end == "apex":
        return message(
            "At {mark}, it is uncertain whether slice {slice} still cuts the ventricle: the apical slice is "
            "{chosen_slice}, slice {other_slice} is possible.",
            **values,
        )
    share = myocardial_share(reading, outer, one.phase)
    seen = slice_evidence(reading)
    counts = outer == one.chosen
    if counts and not seen.cavity[outer, one.phase]:
        return message(
            "At {mark}, the basal slice is {chosen_slice}, but it may be {other_slice}: slice {slice} has no contour "
            "of the cavity.",
            **values,
        )
    values["percent"] = 100 * share
    if counts and share < MIN_SHARE:
        return message(
            "At {mark}, muscle surrounds {percent:.0f} % of the cavity of slice {slice}. A basal slice of the "
            "ventricle has at least {least_percent:.0f} %.",
            least_percent=100 * MIN_SHARE,
            **values,
        )
    if counts and _narrow(reading, outer, one.phase):
        return message(
            "At {mark}, muscle surrounds {percent:.0f} % of the cavity of slice {slice}. Its area is "
            "{area_percent:.0f} % of the next slice's: it may be the outflow tract.",
            area_percent=100 * _against_next(reading, outer, one.phase),
            **values,
        )
    if not counts and share >= MIN_SHARE:
        return message(
            "At {mark}, muscle surrounds {percent:.0f} % of the cavity of slice {slice}. It is not counted, but may be "
            "ventricle still: the basal slice is {chosen_slice}.",
            **values,
        )
    if counts and share < _NEARLY_ALL:
        return message(
            "At {mark}, muscle surrounds {percent:.0f} % of the cavity of slice {slice}. It may still be atrium or "
            "outflow tract: slice {other_slice} is possible as the base, too.",
            **values,
        )
    return message(
        "At {mark}, it is uncertain whether slice {slice} is ventricle: the basal slice is {chosen_slice}, slice "
        "{other_slice} is possible.",
        **values,
    )


def _why_counted(reading: Reading, one: DoubtfulEnd) -> Message:
    """How likely a base is that the program counts although muscle closes round less than half of it."""
    extent = choices(reading).extent
    outer = max((one.chosen, one.other), key=lambda number: abs(number - _middle(extent, one.phase)))
    if one.by_person or one.end != "base" or outer != one.chosen:
        return NOTHING
    if myocardial_share(reading, one.chosen, one.phase) >= MIN_SHARE:
        return NOTHING
    return message("By the whole stack it counts with a probability of {percent:.0f} %.", percent=100 * one.probability)


def _once(reading: Reading, doubtful_end: DoubtfulEnd) -> Message:
    """That a base in force is that of a single phase, which makes a step of the volume curve."""
    extent = choices(reading).extent
    if doubtful_end.end != "base" or extent is None or not single_phase(extent.base, doubtful_end.phase):
        return NOTHING
    before = extent.base[doubtful_end.phase - 1]
    outer = max((doubtful_end.chosen, before), key=lambda number: abs(number - _middle(extent, doubtful_end.phase)))
    if outer == doubtful_end.chosen:
        return message("Slice {slice} counts at phase {phase} only.", slice=outer + 1, phase=doubtful_end.phase + 1)
    return message("Slice {slice} is left out at phase {phase} only.", slice=outer + 1, phase=doubtful_end.phase + 1)


def _right_too(reading: Reading, doubtful_end: DoubtfulEnd) -> Message:
    base = (choices(reading).rv_base or (doubtful_end.chosen,) * (doubtful_end.phase + 1))[doubtful_end.phase]
    return message(
        "The right ventricle counts from slice {slice}, so that its volume is in doubt, too.", slice=base + 1
    )


_NEARLY_ALL = 0.9


def _middle(extent: Extent | None, phase: int) -> float:
    return 0.0 if extent is None else (extent.base[phase] + extent.apex[phase]) / 2


def _remedies(doubtful_end: DoubtfulEnd, now: Sequence[float], other: Sequence[float]) -> tuple[Remedy, ...]:
    return (
        _choice(doubtful_end, doubtful_end.chosen, now, in_force=True),
        _choice(doubtful_end, doubtful_end.other, other),
    )


def _choice(doubtful_end: DoubtfulEnd, number: int, ml: Sequence[float], *, in_force: bool = False) -> Remedy:
    """A slice as that end, with what follows from it."""
    values: dict[str, Value] = {"slice": number + 1, "mark": verbatim(doubtful_end.mark)}
    if doubtful_end.end == "base":
        label = message("Base is slice {slice} at {mark}", **values)
        as_now = message("Base is slice {slice} at {mark}, as now", **values)
    else:
        label = message("Apex is slice {slice} at {mark}", **values)
        as_now = message("Apex is slice {slice} at {mark}, as now", **values)
    return Remedy(
        "move-base",
        as_now if in_force else label,
        {"frame": doubtful_end.phase, "slice": number, "end": doubtful_end.end},
        _effect(_of_left(doubtful_end.mark, ml), _ef_percent(ml)),
        label,
    )


def _of_left(mark: str, ml: Sequence[float]) -> Message:
    """The volume of the left ventricle at a mark."""
    if mark == "ED":
        return message("EDV {volume_ml:.0f} ml", volume_ml=ml[0])
    return message("ESV {volume_ml:.0f} ml", volume_ml=ml[1])


def _effect(volume: Message, ef_percent: float, *, right: bool = False) -> Message:
    """What a remedy leads to: a volume, and EF where there is a volume at ED."""
    if not np.isfinite(ef_percent):
        return volume
    fraction = (
        message("RVEF {percent:.0f} %", percent=ef_percent)
        if right
        else message("EF {percent:.0f} %", percent=ef_percent)
    )
    return joined_by(", ", (volume, fraction))


def _volumes_ml(reading: Reading, end: End, number: int, phase: int) -> _Volumes:
    """EDV, ESV and the wall's volumes with an end at another slice at one phase."""
    extent = choices(reading).extent
    if extent is None or reading.events is None:
        return (float("nan"),) * 4
    ends = extent.base if end == "base" else extent.apex
    moved = tuple(number if index == phase else end for index, end in enumerate(ends))
    return _volumes_with(reading, replace(extent, **{end: moved}))


def _volumes_with(reading: Reading, extent: Extent) -> _Volumes:
    """EDV, ESV and the wall's volumes with other ends."""
    if reading.events is None:
        return (float("nan"),) * 4
    beat = reading.events.beats[0]
    if extent != choices(reading).extent:
        reading = reading.with_(short_axis=replace(choices(reading), extent=extent))
    curves = stack_curves(reading)
    edv, esv, at_ed, at_es = (
        float(volumes_mm3[at] / MM3_PER_ML) for volumes_mm3 in (curves.endo, curves.wall) for at in (beat.ed, beat.es)
    )
    return edv, esv, at_ed, at_es


STACK_BASE_LEAPS: Final = Check(
    "stack.base-leaps",
    in_context("stack", "base leaps"),
    measurements=codes_affected("PER", "PFR"),
    resolve=message("choose the basal slice at these phases"),
)


@finds(STACK_BASE_LEAPS)
def _moves(reading: Reading) -> Iterator[Finding]:
    """A base in force that leaps by more than a slice from a phase to the next: the curve has a step there."""
    extent = choices(reading).extent
    if not marked_phases(reading) or extent is None or len(extent.base) < 3:
        return
    leaps = np.abs(np.roll(extent.base, -1) - np.array(extent.base))
    indices = tuple(int(index) for index in np.flatnonzero(leaps > 1))
    if indices:
        yield STACK_BASE_LEAPS.finding(
            Severity.CHECK,
            message(
                "The base moves by {slices} slices from phase {phase} to the next: the volume curve has a step.",
                slices=int(leaps.max()),
                phase=indices[0] + 1,
            ),
            indices,
            tuple(sorted({extent.base[phase] for phase in indices})),
        )


STACK_BASE_RISES: Final = Check(
    "stack.base-rises",
    in_context("stack", "base rises"),
    limits=("stack.end-matters", "stack.end-stroke", "stack.end-ef"),
    answered_by=Question.BASE,
)


def _rising_base(reading: Reading) -> DoubtfulEnd | None:
    """The base that lies farther out at ES than at ED, and where it would not; None where it descends or stays.

    That of the program: where a reader set the base at ES alone, the one at ED.
    """
    marks, extent = marked_phases(reading), choices(reading).extent
    if not marks or extent is None:
        return None
    (_, ed), (_, es) = marks
    outwards = -1 if extent.apex[ed] > extent.base[ed] else 1
    if (extent.base[es] - extent.base[ed]) * outwards <= 0:
        return None
    at_es_alone = is_end_by_person(reading, "base", es) and not is_end_by_person(reading, "base", ed)
    mark, phase, other = ("ED", ed, es) if at_es_alone else ("ES", es, ed)
    return DoubtfulEnd("base", mark, phase, extent.base[phase], extent.base[other], float("nan"))


@finds(STACK_BASE_RISES)
def _rises(reading: Reading) -> Iterator[Finding]:
    """A base that moves away from the apex in systole, which no annulus does."""
    risen = _rising_base(reading)
    if risen is None:
        return
    now, other = (_volumes_ml(reading, "base", number, risen.phase) for number in (risen.chosen, risen.other))
    if now == other:
        return
    at_ed, at_es = (risen.chosen, risen.other) if risen.mark == "ED" else (risen.other, risen.chosen)
    concerned = _changed(risen.mark, now, other, _MATTERS)
    yield STACK_BASE_RISES.finding(
        Severity.CHECK if concerned else Severity.INFO,
        joined_by(
            " ",
            (
                message(
                    "At ES the base (slice {es_slice}) lies farther from the apex than at ED (slice {ed_slice}). The "
                    "annulus moves towards the apex in systole: one of the two is not right.",
                    es_slice=at_es + 1,
                    ed_slice=at_ed + 1,
                ),
                _either(risen, now, other),
            ),
        ),
        (risen.phase,),
        (risen.chosen, risen.other),
        measurements=concerned or _AT[risen.mark],
        resolve=message("choose the basal slice at {mark}", mark=verbatim(risen.mark)),
        subject=_held(risen.mark, risen.chosen),
        remedies=_remedies(risen, now, other),
        alternatives=_alternatives(risen, now, other),
    )


STACK_ENDS_CROSSED: Final = Check(
    "stack.ends-crossed",
    in_context("stack", "ends crossed"),
    measurements=VOLUMES | MASS | RIGHT,
    resolve=message("choose base and apex at these phases"),
)


@finds(STACK_ENDS_CROSSED)
def _crossed(reading: Reading) -> Iterator[Finding]:
    """Phases at which base and apex have changed places, as files of earlier versions may have them."""
    extent = choices(reading).extent
    crossed = crossed_phases(extent) if marked_phases(reading) and extent is not None else frozenset()
    if crossed:
        yield STACK_ENDS_CROSSED.finding(
            Severity.STOP,
            plural(
                "At phase {numbers} the base lies beyond the apex: what counts there is no ventricle.",
                "At phases {numbers} the base lies beyond the apex: what counts there is no ventricle.",
                len(crossed),
                numbers=numbers_from_1(sorted(crossed)),
            ),
            tuple(sorted(crossed)),
        )


STACK_BASE_MISSING: Final = Check(
    "stack.base-missing",
    in_context("stack", "base missing"),
    limits=(
        "stack.base-missing-small",
        "stack.base-missing",
        "stack.apex-missing",
        "stack.base-missing-short",
        "stack.apex-missing-open",
    ),
    resolve=message("open the slices that are missing, or accept the volumes as they are"),
)


STACK_APEX_MISSING: Final = Check(
    "stack.apex-missing",
    in_context("stack", "apex missing"),
    limits=(
        "stack.base-missing-small",
        "stack.base-missing",
        "stack.apex-missing",
        "stack.base-missing-short",
        "stack.apex-missing-open",
    ),
    measurements=VOLUMES | MASS,
    resolve=message("open the slices that are missing, or accept the volumes as they are"),
)


@finds(STACK_BASE_MISSING, STACK_APEX_MISSING, for_body=True)
def _coverage(reading: Reading) -> Iterator[Finding]:
    """A stack that ends within the ventricle, at ED: its last slice still has a full ring and nearly the full area."""
    marks, extent = marked_phases(reading), choices(reading).extent
    if not marks or extent is None:
        return
    (_, ed), (_, es) = marks
    area = areas(reading, Structure.LV_ENDO)
    most = float(np.nanmax(area[:, ed])) if np.isfinite(area[:, ed]).any() else 0.0
    last = len(reading.slices) - 1
    base, apex = extent.base[ed], extent.apex[ed]
    if most <= 0 or last < 2:
        return
    stays = extent.base[es] == base and myocardial_share(reading, base, es) >= MIN_SHARE
    wide = np.nan_to_num(area[base, ed] / most)
    small = threshold("stack.base-missing-small").severity(_length_for_width_and_body(reading, ed))
    if base in (0, last) and stays and threshold("stack.base-missing").severity(wide) is not None:
        short = threshold("stack.base-missing-short").severity(_length_over_width(reading, ed))
        marked = small if body(reading).bsa_m2 is not None else short
        yield STACK_BASE_MISSING.finding(
            marked or Severity.INFO,
            message(
                "The stack may end below the base: its last slice, {slice}, is ventricle at ED and still at ES.",
                slice=base + 1,
            ),
            (ed, es),
            (base,),
            measurements=VOLUMES | MASS | RIGHT if marked else frozenset(),
            alternatives=_beyond_the_last(reading, ed, es) if marked else (),
        )
    tip = float(np.nan_to_num(area[apex, ed] / most))
    severity = threshold("stack.apex-missing").severity(tip)
    if severity is Severity.CHECK and threshold("stack.apex-missing-open").severity(_share(area[:, es], apex)) is None:
        severity = Severity.INFO
    if severity is not None and small is not None:
        severity = small
    if apex in (0, last) and severity is not None:
        yield STACK_APEX_MISSING.finding(
            severity,
            message(
                "The stack may end above the apex: the cavity of its last slice, {slice}, still has "
                "{percent:.0f} % of the largest area.",
                slice=apex + 1,
                percent=100 * tip,
            ),
            (ed,),
            (apex,),
        )


# More slices than these are not lost without its being seen.
_MAX_LOST = 3


def _beyond_the_last(reading: Reading, ed: int, es: int) -> tuple[Alternative, ...]:
    """The ventricle with as many slices beyond the last one as it lacks of its usual length, each as large as that.

    At ES as at ED, since the last slice is ventricle at both: experts count the same base in half of the stacks.
    """
    extent, stack, ratio = choices(reading).extent, reading.facts.stack, _length_over_width(reading, ed)
    step_mm, length_mm = usual_step_mm(stack) if stack else None, stack_length_mm(reading)
    if extent is None or step_mm is None or length_mm is None or not ratio > 0:
        return ()
    count = int(np.clip(np.ceil((_USUAL_SHAPE / ratio - 1) * length_mm / step_mm), 1, _MAX_LOST))
    curves, base = stack_curves(reading), extent.base[ed]
    inner, outer = (curves.areas.get(structure) for structure in (Structure.LV_ENDO, Structure.LV_EPI))
    if inner is None:
        return ()

    def more_ml(area_mm2: FloatArray, phase: int) -> float:
        return float(np.nan_to_num(area_mm2[base, phase])) * count * step_mm / MM3_PER_ML

    edv, esv, at_ed, at_es = _volumes_ml(reading, "base", base, ed)
    wall = np.zeros_like(inner) if outer is None else outer - inner
    values = _values(
        (
            edv + more_ml(inner, ed),
            esv + more_ml(inner, es),
            at_ed + more_ml(wall, ed),
            at_es + more_ml(wall, es),
        )
    )
    text = plural(
        "{values} with {count} more slice beyond the base",
        "{values} with {count} more slices beyond the base",
        count,
        values=values_words(values),
    )
    return (Alternative(AlternativeKind.BASE, values, text),) if values else ()


def _share(area: FloatArray, number: int) -> float:
    """Of the largest area of a phase; 0 without a contour."""
    most = float(np.nanmax(area)) if np.isfinite(area).any() else 0.0
    return float(np.nan_to_num(area[number])) / most if most > 0 else 0.0


def _length_over_width(reading: Reading, phase: int) -> float:
    """From base to apex over the diameter of a circle of the widest slice's area; NaN without a scale or contours."""
    stack, curves = reading.facts.stack, stack_curves(reading)
    step_mm = usual_step_mm(stack) if stack else None
    area_mm2 = np.where(curves.counted[:, phase], curves.areas[Structure.LV_ENDO][:, phase], np.nan)
    here = np.flatnonzero(np.isfinite(area_mm2))
    if (
        stack is None
        or step_mm is None
        or not len(here)
        or any(slice_reading.calibration is None for slice_reading in reading.slices)
    ):
        return float("nan")
    length_mm = float(np.ptp(stack.positions_mm[here])) + step_mm
    return length_mm / float(2 * np.sqrt(np.nanmax(area_mm2) / np.pi))


# Length over width of ventricles of all populations at ED, from the most basal slice to the apex.
_USUAL_SHAPE = 1.7


def _length_for_width_and_body(reading: Reading, phase: int) -> float:
    """Logarithms of the length over the usual for the width and for the body, added; NaN where one is not known.

    Dilated ventricles are short for their width, but not for the body; small ones the other way round.
    """
    length_mm, size_m2 = stack_length_mm(reading), body(reading).bsa_m2
    over_width = _length_over_width(reading, phase)
    if length_mm is None or size_m2 is None or not over_width > 0:
        return float("nan")
    return shape_score(length_mm, over_width, size_m2, _USUAL_SHAPE)


STACK_PROPORTIONS: Final = Check(
    "stack.proportions",
    in_context("stack", "proportions"),
    limits=("stack.short", "stack.long"),
    measurements=SCALED | VOLUMES,
    resolve=message("check slice distance and pixel spacing, or open the slices that are missing"),
)


@finds(STACK_PROPORTIONS, for_body=True)
def _proportions(reading: Reading) -> Iterator[Finding]:
    """A ventricle that is short or long, for its width and for the body alike: slices or their distance are wrong."""
    marks, size_m2 = marked_phases(reading), body(reading).bsa_m2
    if not marks or size_m2 is None:
        return
    (_, ed), _ = marks
    off = _length_for_width_and_body(reading, ed)
    severity = STACK_PROPORTIONS.severity(off)
    if severity is not None:
        length_cm = (stack_length_mm(reading) or 0.0) / 10
        width_cm = length_cm / _length_over_width(reading, ed)
        yield STACK_PROPORTIONS.finding(
            severity,
            message(
                "At ED the left ventricle is {length_cm:.1f} cm long and {width_cm:.1f} cm wide, {long} "
                "for its width and for a body of {size_m2:.2f} m²: check the distance between slices, "
                "the pixel spacing, and whether slices are missing.",
                length_cm=length_cm,
                width_cm=width_cm,
                long=message("long") if off > 0 else message("short"),
                size_m2=size_m2,
            ),
            (ed,),
        )


OF_ENDS: Final = (_ends, _moves, _rises, _crossed, _coverage)


def _measured(reading: Reading) -> bool:
    return reading.kind.stack and has_contour(reading, Structure.LV_ENDO)


def _beat(reading: Reading) -> Beat | None:
    """The beat of a stack with contours."""
    return reading.events.beats[0] if _measured(reading) and reading.events and reading.events.beats else None


STACK_NO_CONTOUR: Final = Check(
    "stack.no-contour",
    in_context("stack", "no contour"),
    resolve=message("trace the slices, or fill them in from the neighbouring ones (right click)"),
)


@finds(STACK_NO_CONTOUR)
def _missing(reading: Reading) -> Iterator[Finding]:
    beat = _beat(reading)
    for mark, frame in (("ED", beat.ed), ("ES", beat.es)) if beat else ():
        empty = gaps(reading, frame)
        if empty:
            yield STACK_NO_CONTOUR.finding(
                Severity.INFO,
                message(
                    "No LV contour at {mark} in slices that count: {slices}; interpolated from their neighbours.",
                    mark=verbatim(mark),
                    slices=numbers_from_1(empty),
                ),
                (frame,),
                tuple(empty),
                subject=mark,
            )


STACK_MASS: Final = Check(
    "stack.mass",
    in_context("stack", "mass"),
    limits=("stack.mass",),
    measurements=MASS | VOLUMES,
    resolve=message("correct base, apex or epicardium"),
)


@finds(STACK_MASS)
def _masses(reading: Reading) -> Iterator[Finding]:
    beat = _beat(reading)
    if beat is None:
        return
    wall = stack_curves(reading).wall
    if not np.isfinite(wall[[beat.ed, beat.es]]).all() or wall[beat.ed] <= 0:
        return
    differ = abs(wall[beat.es] / wall[beat.ed] - 1)
    severity = STACK_MASS.severity(differ)
    if severity is not None:
        yield STACK_MASS.finding(
            severity,
            message(
                "Myocardial mass differs by {percent:.0f} % between ED and ES: check base, apex and contours.",
                percent=100 * float(differ),
            ),
            (beat.ed, beat.es),
        )


STACK_EXCLUDED: Final = Check(
    "stack.excluded",
    in_context("stack", "excluded"),
)


STACK_EXCLUDED_END: Final = Check(
    "stack.excluded-end",
    in_context("stack", "excluded end"),
    limits=("stack.end-matters",),
    measurements=VOLUMES | MASS | RIGHT,
    resolve=message("include the slices and correct their contours, or choose another basal or apical slice"),
)


@finds(STACK_EXCLUDED, STACK_EXCLUDED_END)
def _excluded(reading: Reading) -> Iterator[Finding]:
    excluded = choices(reading).excluded if _measured(reading) else ()
    lost = _lost_at_an_end(reading, excluded)
    between = tuple(number for number in excluded if number not in lost)
    if between:
        concerned = _changed_without(reading, between)
        yield STACK_EXCLUDED.finding(
            Severity.CHECK if concerned else Severity.INFO,
            message(
                "Excluded by the reader: slices {slices}; interpolated from their neighbours.",
                slices=numbers_from_1(between),
            ),
            slices=between,
            measurements=concerned,
            resolve=message("include the slices and correct their contours") if concerned else NOTHING,
        )
    if lost:
        yield from _excluded_end(reading, lost)


def _changed_without(reading: Reading, between: tuple[int, ...]) -> frozenset[str]:
    """Values that slices excluded in between change by as much as a doubtful end would have to.

    The right ventricle may end at one of them, so that nothing beyond stands for it.
    """
    marks, chosen = marked_phases(reading), choices(reading)
    kept_numbers = tuple(number for number in chosen.excluded if number not in between)
    whole, now = stack_curves(reading.with_(short_axis=replace(chosen, excluded=kept_numbers))), stack_curves(reading)
    found: frozenset[str] = frozenset()
    for mark, phase in marks:
        for before, after, limit, codes in (
            (whole.endo, now.endo, "stack.end-volume", _AT[mark]),
            (whole.rv, now.rv, "stack.right-base-matters", _RIGHT_AT[mark]),
        ):
            if (
                before[phase] > 0
                and threshold(limit).severity(abs(float(after[phase] / before[phase]) - 1)) is not None
            ):
                found |= codes
    return found


def _lost_at_an_end(reading: Reading, excluded: tuple[int, ...]) -> tuple[int, ...]:
    """Excluded slices at base or apex, at ED: no slice is beyond them, so that their volume is lost."""
    marks, extent = marked_phases(reading), choices(reading).extent
    if not marks or extent is None or not excluded:
        return ()
    (_, ed), _ = marks
    lost: list[int] = []
    for start, stop in ((extent.base[ed], extent.apex[ed]), (extent.apex[ed], extent.base[ed])):
        step = 1 if stop > start else -1
        for number in range(start, stop, step):
            if number not in excluded:
                break
            lost.append(number)
    return tuple(sorted(set(lost)))


def _excluded_end(reading: Reading, lost: tuple[int, ...]) -> Iterator[Finding]:
    (_, ed), (_, es) = marked_phases(reading)
    chosen = choices(reading)
    kept_numbers = tuple(number for number in chosen.excluded if number not in lost)
    whole = stack_curves(reading.with_(short_axis=replace(chosen, excluded=kept_numbers))).endo / MM3_PER_ML
    now = stack_curves(reading).endo / MM3_PER_ML
    missing = [1 - float(now[phase] / whole[phase]) for phase in (ed, es) if whole[phase] > 0]
    severity = threshold(_MATTERS).severity(max(missing, default=float("nan")))
    yield STACK_EXCLUDED_END.finding(
        Severity.INFO if severity is None else severity,
        message(
            "Excluded by the reader at the end of the ventricle: {slices}. No slice lies beyond, so nothing is "
            "interpolated and their volume is lost (EDV {edv_ml:.0f} ml, with them {whole_edv_ml:.0f} ml).",
            slices=slices_words(lost),
            edv_ml=float(now[ed]),
            whole_edv_ml=float(whole[ed]),
        )
        if missing
        else message(
            "Excluded by the reader at the end of the ventricle: {slices}. No slice lies beyond, so nothing is "
            "interpolated and their volume is lost.",
            slices=slices_words(lost),
        ),
        (ed, es),
        lost,
    )


STACK_SHIFTED: Final = Check(
    "stack.shifted",
    in_context("stack", "shifted"),
)


@finds(STACK_SHIFTED)
def _shifted(reading: Reading) -> Iterator[Finding]:
    """Slices whose ventricle is out of line with the others."""
    shifts = shifts_mm(reading) if _measured(reading) else None
    if shifts is None:
        return
    size = np.hypot(*shifts.T)
    for number in np.flatnonzero(np.nan_to_num(size) >= SHIFTED_MM):
        yield STACK_SHIFTED.finding(
            Severity.INFO,
            message(
                "Slice {slice} is shifted by {distance_mm:.0f} mm against its neighbours (another "
                "breath-hold?); it is measured where it is.",
                slice=int(number) + 1,
                distance_mm=float(size[number]),
            ),
            slices=(int(number),),
            subject=str(number),
        )


STACK_SLICE_MISSING: Final = Check(
    "stack.slice-missing",
    in_context("stack", "slice missing"),
    limits=("stack.slice-missing",),
    measurements=VOLUMES | MASS | RIGHT,
    resolve=message("open the slices that are missing, or accept the volumes as they are"),
)


@finds(STACK_SLICE_MISSING)
def _absent(reading: Reading) -> Iterator[Finding]:
    """Slices that the stack lacks between base and apex at ED."""
    marks, stack, extent = marked_phases(reading), reading.facts.stack, choices(reading).extent
    if not marks or stack is None or extent is None:
        return
    (_, ed), _ = marks
    low, high = sorted((extent.base[ed], extent.apex[ed]))
    after = [number for number in missing_places(stack) if low <= number < high]
    severity = STACK_SLICE_MISSING.severity(len(after))
    if severity is not None:
        yield STACK_SLICE_MISSING.finding(
            severity,
            plural(
                "{count} slice is missing after slice {slices}: the volume there is interpolated from its neighbours.",
                "{count} slices are missing after slice {slices}: the volume there is interpolated from its "
                "neighbours.",
                len(after),
                slices=numbers_from_1(dict.fromkeys(after)),
            ),
            (ed,),
            tuple(dict.fromkeys(after)),
        )


def _profile(reading: Reading) -> tuple[int, NDArray[np.intp], FloatArray] | None:
    """ED, the slices between base and apex in order, and the areas of their cavities then; None without five."""
    marks = marked_phases(reading)
    if not marks:
        return None
    (_, ed), _ = marks
    curves = stack_curves(reading)
    area = curves.areas[Structure.LV_ENDO][:, ed]
    inside = np.flatnonzero(curves.counted[:, ed] & np.isfinite(area))
    return (ed, inside, area[inside]) if len(inside) >= _MIN_SLICES else None


_MIN_SLICES = 5
# A change of less than this share of the largest area is no rise or fall.
_LEVEL = 0.08


STACK_ORDER: Final = Check(
    "stack.order",
    in_context("stack", "order"),
    limits=("stack.order",),
    measurements=VOLUMES | MASS | RIGHT,
    resolve=message("look at the order of the slices"),
)


@finds(STACK_ORDER)
def _order(reading: Reading) -> Iterator[Finding]:
    """Cavities that grow and shrink several times from base to apex: slices out of order, or of another heart."""
    profile = _profile(reading)
    if profile is None:
        return
    ed, inside, area = profile
    steps = np.diff(area)
    signs = np.sign(steps[np.abs(steps) > _LEVEL * area.max()])
    turns = int((np.diff(signs) != 0).sum())
    severity = STACK_ORDER.severity(turns)
    if severity is not None:
        yield STACK_ORDER.finding(
            severity,
            message(
                "From base to apex the cavity grows and shrinks {turns} times: slices may be out of order.", turns=turns
            ),
            (ed,),
            tuple(inside.tolist()),
        )


STACK_AREA_JUMP: Final = Check(
    "stack.area-jump",
    in_context("stack", "area jump"),
    limits=("stack.area-jump",),
    measurements=VOLUMES | MASS | SHORT_AXIS_CODES | codes_affected("MWT"),
    resolve=message("correct the contour of this slice, or exclude it"),
)


@finds(STACK_AREA_JUMP)
def _jumps(reading: Reading) -> Iterator[Finding]:
    """A slice whose cavity is much larger or smaller than both neighbours' mean."""
    profile = _profile(reading)
    if profile is None:
        return
    ed, inside, area = profile
    # Not at the outermost slices, where the cavity closes within a slice.
    between = (area[1:-3] + area[3:-1]) / 2
    off = np.abs(area[2:-2] - between)
    for number, away, mean in zip(inside[2:-2].tolist(), off.tolist(), between.tolist(), strict=True):
        # Of the largest area: a small slice near the apex hardly changes the volume.
        severity = STACK_AREA_JUMP.severity(away / float(area.max()))
        if severity is not None:
            yield STACK_AREA_JUMP.finding(
                severity,
                message(
                    "At ED the cavity of slice {slice} differs by {percent:.0f} % from its neighbours' mean.",
                    slice=number + 1,
                    percent=100 * away / mean,
                ),
                (ed,),
                (number,),
                subject=str(number),
            )


STACK_SAME_CONTOURS: Final = Check(
    "stack.same-contours",
    in_context("stack", "same contours"),
    measurements=VOLUMES | MASS,
    resolve=message("correct the contours of one of them, or exclude it"),
)


@finds(STACK_SAME_CONTOURS)
def _copies(reading: Reading) -> Iterator[Finding]:
    """Neighbours with the same contour at every phase; for the same image, see the checks of the images."""
    if not _measured(reading):
        return
    tracks = [slice_reading.tracks.get(Structure.LV_ENDO) for slice_reading in reading.slices]
    for number, (track, other) in enumerate(pairwise(tracks)):
        if track is None or other is None or not any(track.contours) or not _alike(track, other):
            continue
        yield STACK_SAME_CONTOURS.finding(
            Severity.CHECK,
            message(
                "Slices {slice} and {next_slice} have the same contours: one may be a copy of the other.",
                slice=number + 1,
                next_slice=number + 2,
            ),
            slices=(number, number + 1),
            subject=str(number),
        )


def _alike(track: ContourTrack, other: ContourTrack) -> bool:
    pairs = zip(track.contours, other.contours, strict=True)
    return all((a is None and b is None) or (a and b and np.array_equal(a.points, b.points)) for a, b in pairs)


_RIGHT_VOLUMES: Final = {"ED": ("RVEDV", 0), "ES": ("RVESV", 1)}
"""Code of the right ventricle's volume at a mark, and its place in (EDV, ESV)."""
_RIGHT_AT: Final = {mark: codes_affected(code) for mark, (code, _) in _RIGHT_VOLUMES.items()}


STACK_STROKE_VOLUMES: Final = Check(
    "stack.stroke-volumes",
    in_context("stack", "stroke volumes"),
    limits=(
        "stack.stroke-volumes",
        "stack.stroke-volumes-apart",
        "stack.right-base-likely",
        "stack.stroke-volumes-far",
    ),
    resolve=message("choose the basal slices of both ventricles"),
)


@finds(STACK_STROKE_VOLUMES)
def _stroke_volumes(reading: Reading) -> Iterator[Finding]:
    """Stroke volumes of both ventricles: regurgitation or shunt, or a base that is wrong."""
    volumes = _both_ventricles_ml(reading)
    if volumes is None:
        return
    left, right = (edv - esv for edv, esv in volumes)
    if min(left, right) <= 0:  # then there is no stroke volume to compare
        return
    severity = threshold("stack.stroke-volumes").severity(abs(left - right) / max(left, right))
    if severity is None:
        return
    # A model that looked for the right ventricle found its base for itself: a doubt about the left says nothing of it.
    looked = choices(reading).presence is not None
    doubtful = not looked and any(doubtful_end.severity is Severity.CHECK for doubtful_end in doubtful_ends(reading))
    apart = threshold("stack.stroke-volumes-apart").severity(abs(left - right) / max(left, right)) is not None
    evidence = _against_right(reading, left) if apart else NOTHING
    far = threshold("stack.stroke-volumes-far").severity(min(left, right) / max(left, right))
    values: dict[str, Value] = {"left_ml": left, "right_ml": right}
    text = message(
        "The stroke volumes of the left and right ventricle are {left_ml:.0f} and {right_ml:.0f} ml: regurgitation, a "
        "shunt, or a wrong basal slice.",
        **values,
    )
    if doubtful:
        severity = Severity.CHECK
        text = message(
            "The stroke volumes of the left and right ventricle are {left_ml:.0f} and {right_ml:.0f} ml: base or apex "
            "is in doubt.",
            **values,
        )
    elif far is not None:
        severity = far
        text = message(
            "The stroke volumes of the left and right ventricle are {left_ml:.0f} and {right_ml:.0f} ml: too far apart "
            "for most regurgitation, so the right ventricle may be measured wrongly.",
            **values,
        )
    elif evidence:
        severity = Severity.CHECK
        text = message(
            "The stroke volumes of the left and right ventricle are {left_ml:.0f} and {right_ml:.0f} ml, and {reason}: "
            "the right ventricle may be measured wrongly.",
            reason=evidence,
            **values,
        )
    yield STACK_STROKE_VOLUMES.finding(
        severity,
        text,
        tuple(phase for _, phase in marked_phases(reading)),
        measurements=_RIGHT_AT["ES"] if severity is not Severity.INFO else frozenset(),
        alternatives=_ejecting_alike(volumes[1], left) if apart else (),
    )


def _ejecting_alike(right: tuple[float, float], stroke_ml: float) -> tuple[Alternative, ...]:
    """The right ventricle that ejects as much as the left and is the most likely one for what was measured.

    Both volumes give way by as much as each is usually off: weighted least squares under one condition.

    Args:
        right: its EDV and ESV, ml.
        stroke_ml: of the left ventricle.

    """
    edv, esv = right
    usual = usual_errors()
    if not {"RVEDV", "RVESV"} <= usual.keys():
        return ()
    off_ed, off_es = edv * usual["RVEDV"].within["95"], esv * usual["RVESV"].within["95"]
    lacking = stroke_ml - (edv - esv)
    share = off_ed**2 / (off_ed**2 + off_es**2) if off_ed or off_es else 1.0
    both = edv + share * lacking, esv - (1 - share) * lacking
    if not (both[0] > 0 and both[1] > 0):
        return ()
    text = message(
        "RVEDV {edv_ml:.0f} ml, RVESV {esv_ml:.0f} ml, RVEF {percent:.0f} % if both ventricles eject alike",
        edv_ml=both[0],
        esv_ml=both[1],
        percent=_ef_percent(both),
    )
    return (Alternative(AlternativeKind.RIGHT_STROKE, _right_values(*both), text),)


def _against_right(reading: Reading, stroke_ml: float) -> Message:
    """What speaks against base or contours of the right ventricle, in words; "" where nothing does.

    Regurgitation and shunts make stroke volumes differ in sound ventricles, too.
    """
    marks, chosen = marked_phases(reading), choices(reading)
    likely = None if chosen.extent is None else right_base_probability(reading, chosen.extent)
    for mark, phase in marks if likely is not None and chosen.rv_base is not None else ():
        if likely is None or chosen.rv_base is None or is_end_by_person(reading, "rv base", phase):
            continue
        base = chosen.rv_base[phase]
        others = likely[:, phase].copy()
        others[base] = -1.0
        now, then = (
            abs(stroke_ml - (edv - esv))
            for edv, esv in (
                _with_right_base(reading, base_number, phase) for base_number in (base, int(others.argmax()))
            )
        )
        if threshold("stack.right-base-likely").severity(float(likely[base, phase])) is not None and then < now / 2:
            return message("its base at {mark} is uncertain", mark=verbatim(mark))
    if any(finding.marks for finding in _right_jumps(reading)) or any(
        finding.marks for finding in _right_small(reading)
    ):
        return message("its contours do not fit together")
    return NOTHING


def _both_ventricles_ml(reading: Reading) -> tuple[tuple[float, float], tuple[float, float]] | None:
    """EDV and ESV of the left and of the right ventricle; None where one is not known."""
    marks = marked_phases(reading)
    if not marks or not has_contour(reading, Structure.RV):
        return None
    (_, ed), (_, es) = marks
    curves = stack_curves(reading)
    volumes_ml = np.array([[volumes_mm3[ed], volumes_mm3[es]] for volumes_mm3 in (curves.endo, curves.rv)]) / MM3_PER_ML
    if not np.isfinite(volumes_ml).all():
        return None
    (left_edv, left_esv), (right_edv, right_esv) = volumes_ml.tolist()
    return (left_edv, left_esv), (right_edv, right_esv)


STACK_RIGHT_SMALL: Final = Check(
    "stack.right-small",
    in_context("stack", "right small"),
    limits=("stack.right-small", "stack.right-ejects-less"),
    measurements=RIGHT,
    resolve=message("look at the right ventricle in every slice, and choose its basal slice"),
)


@finds(STACK_RIGHT_SMALL)
def _right_small(reading: Reading) -> Iterator[Finding]:
    """A right ventricle that is small for the left one and ejects less: a part of it may have no contour.

    With a dilated left ventricle the right one is relatively small, too, but then ejects as much.
    """
    volumes = _both_ventricles_ml(reading)
    if volumes is None:
        return
    (left_edv, left_esv), (right_edv, right_esv) = volumes
    left, right = left_edv - left_esv, right_edv - right_esv
    if left_edv <= 0 or left <= 0 or threshold("stack.right-ejects-less").severity(right / left) is None:
        return
    severity = threshold("stack.right-small").severity(right_edv / left_edv)
    if severity is not None:
        yield STACK_RIGHT_SMALL.finding(
            severity,
            message(
                "The right ventricle is small for the left (EDV {right_edv:.0f} and {left_edv:.0f} ml) "
                "and ejects less ({right:.0f} and {left:.0f} ml): contours of it may be missing.",
                right_edv=right_edv,
                left_edv=left_edv,
                right=right,
                left=left,
            ),
            tuple(phase for _, phase in marked_phases(reading)),
        )


STACK_RIGHT_BASE: Final = Check(
    "stack.right-base",
    in_context("stack", "right base"),
    limits=("stack.right-base", "stack.right-base-matters"),
    answered_by=Question.RIGHT_BASE,
)


@finds(STACK_RIGHT_BASE)
def _right_base(reading: Reading) -> Iterator[Finding]:
    """A basal slice of the right ventricle for which the next one is nearly as likely, with another volume."""
    marks, chosen = marked_phases(reading), choices(reading)
    if not marks or chosen.extent is None or chosen.rv_base is None or not has_contour(reading, Structure.RV):
        return
    likely = right_base_probability(reading, chosen.extent)
    if likely is None:
        return
    for mark, phase in marks:
        base = chosen.rv_base[phase]
        severity = threshold("stack.right-base").severity(float(likely[base, phase]))
        others = likely[:, phase].copy()
        others[base] = -1.0
        other = int(others.argmax())
        if severity is None:
            continue
        now, then = (_with_right_base(reading, base_number, phase) for base_number in (base, other))
        code, at = _RIGHT_VOLUMES[mark]
        differ = abs(then[at] / now[at] - 1) if now[at] > 0 else float("nan")
        if threshold("stack.right-base-matters").severity(differ) is None:
            continue
        yield STACK_RIGHT_BASE.finding(
            severity,
            message(
                "At {mark}, it is uncertain where the right ventricle begins: its basal slice is {slice}, slice "
                "{other_slice} is possible. With slice {slice} {code} is {volume_ml:.0f} ml, with slice {other_slice} "
                "{other_volume_ml:.0f} ml.",
                mark=verbatim(mark),
                slice=base + 1,
                other_slice=other + 1,
                code=verbatim(code),
                volume_ml=now[at],
                other_volume_ml=then[at],
            ),
            (phase,),
            (base, other),
            measurements=_RIGHT_AT[mark],
            resolve=message("choose the right ventricle's basal slice at {mark}", mark=verbatim(mark)),
            subject=_held(mark, base),
            remedies=(
                _right_remedy(base, phase, mark, now, in_force=True),
                _right_remedy(other, phase, mark, then),
            ),
            alternatives=(
                Alternative(
                    AlternativeKind.RIGHT_BASE,
                    _right_values(*then),
                    message(
                        "{values} if the right ventricle's base is slice {slice} at {mark}",
                        values=_right_effect(mark, then),
                        slice=other + 1,
                        mark=verbatim(mark),
                    ),
                ),
            ),
        )


def _right_values(edv: float, esv: float) -> dict[str, float]:
    """Values of the right ventricle that follow from its volumes."""
    values = {"RVEDV": edv, "RVESV": esv, "RVSV": edv - esv, "RVEF": _ef_percent((edv, esv))}
    return {code: value for code, value in values.items() if np.isfinite(value)}


def _right_effect(mark: str, ml: tuple[float, float]) -> Message:
    code, at = _RIGHT_VOLUMES[mark]
    volume = message("{code} {volume_ml:.0f} ml", code=verbatim(code), volume_ml=ml[at])
    return _effect(volume, _ef_percent(ml), right=True)


def _right_remedy(number: int, phase: int, mark: str, ml: tuple[float, float], *, in_force: bool = False) -> Remedy:
    label = message("RV base is slice {slice} at {mark}", slice=number + 1, mark=verbatim(mark))
    as_now = message("RV base is slice {slice} at {mark}, as now", slice=number + 1, mark=verbatim(mark))
    return Remedy(
        "move-base",
        as_now if in_force else label,
        {"frame": phase, "slice": number, "end": "rv base"},
        _right_effect(mark, ml),
        label,
    )


def _with_right_base(reading: Reading, number: int, phase: int) -> tuple[float, float]:
    """EDV and ESV of the right ventricle with its base at another slice at one phase."""
    chosen, ((_, ed), (_, es)) = choices(reading), marked_phases(reading)
    base = tuple(number if index == phase else base_number for index, base_number in enumerate(chosen.rv_base or ()))
    volume = stack_curves(reading.with_(short_axis=replace(chosen, rv_base=base))).rv / MM3_PER_ML
    return float(volume[ed]), float(volume[es])


STACK_RIGHT_JUMP: Final = Check(
    "stack.right-jump",
    in_context("stack", "right jump"),
    limits=("stack.right-jump",),
    resolve=message("correct the contour of the right ventricle there or in a neighbouring slice"),
)


@finds(STACK_RIGHT_JUMP)
def _right_jumps(reading: Reading) -> Iterator[Finding]:
    """A slice in which the right ventricle is much larger or smaller than in its neighbours, at ED or ES."""
    if not marked_phases(reading) or not has_contour(reading, Structure.RV):
        return
    area, here = areas(reading, Structure.RV), counted_right(reading)
    for mark, phase in marked_phases(reading):
        known = np.flatnonzero(here[:, phase] & np.isfinite(area[:, phase]))
        if len(known) < _MIN_SLICES:
            continue
        # Between the outermost, a slice without a contour has none of the ventricle.
        row = np.nan_to_num(area[known[0] : known[-1] + 1, phase])
        off = np.abs(row[1:-1] - (row[:-2] + row[2:]) / 2) / row.max()
        severity = STACK_RIGHT_JUMP.severity(float(off.max()))
        if severity is None:
            continue
        number = int(known[0] + 1 + off.argmax())
        yield STACK_RIGHT_JUMP.finding(
            severity,
            message(
                "At {mark} the right ventricle in slice {slice} differs from its neighbours' mean by "
                "{percent:.0f} % of its largest area.",
                mark=verbatim(mark),
                slice=number + 1,
                percent=100 * float(off.max()),
            ),
            (phase,),
            (number,),
            measurements=_RIGHT_AT[mark],
            subject=mark,
        )


STACK_PAPILLARIES: Final = Check(
    "stack.papillaries",
    in_context("stack", "papillaries"),
    limits=("stack.papillaries",),
    measurements=VOLUMES | MASS,
    resolve=message("count papillaries in the cavity, or correct the contours"),
)


@finds(STACK_PAPILLARIES)
def _papillaries(reading: Reading) -> Iterator[Finding]:
    """Papillary muscles that take too much of the cavity, where they are counted as wall."""
    marks = marked_phases(reading)
    if not marks or choices(reading).papillaries is not Papillaries.MYOCARDIUM:
        return
    (_, ed), _ = marks
    curves = stack_curves(reading)
    area = np.where(curves.counted, curves.areas[Structure.LV_ENDO], np.nan)[:, ed]
    share = float(np.nansum(area * muscle_within(reading)[:, ed]) / max(float(np.nansum(area)), 1e-9))
    severity = STACK_PAPILLARIES.severity(share)
    if severity is not None:
        yield STACK_PAPILLARIES.finding(
            severity,
            message("Papillary muscles and trabeculae take {percent:.0f} % of the cavity at ED.", percent=100 * share),
            (ed,),
        )


STACK_CURVE_JUMP: Final = Check(
    "stack.curve-jump",
    in_context("stack", "curve jump"),
    limits=("stack.curve-jump",),
)


@finds(STACK_CURVE_JUMP)
def _spikes(reading: Reading) -> Iterator[Finding]:
    """ED or ES at a phase whose volume leaves both neighbours."""
    marks = marked_phases(reading)
    if not marks or reading.facts.frames < _MIN_PHASES:
        return
    volume = stack_curves(reading).endo
    off = np.abs(volume - (np.roll(volume, 1) + np.roll(volume, -1)) / 2) / np.nanmax(volume)
    for mark, phase in marks:
        severity = STACK_CURVE_JUMP.severity(float(off[phase]))
        if severity is not None:
            yield STACK_CURVE_JUMP.finding(
                severity,
                message(
                    "The volume at {mark} differs by {percent:.0f} % of EDV from the phases before and after it.",
                    mark=verbatim(mark),
                    percent=100 * float(off[phase]),
                ),
                (phase,),
                measurements=codes_affected("EDV" if mark == "ED" else "ESV"),
                resolve=message("choose the basal slice at {mark}, or correct contours", mark=verbatim(mark)),
                subject=mark,
            )


_MIN_PHASES = 8

CHECKS: Final = (
    _missing,
    _masses,
    _excluded,
    _shifted,
    _absent,
    _order,
    _jumps,
    _copies,
    _stroke_volumes,
    _right_small,
    _right_base,
    _right_jumps,
    _proportions,
    _papillaries,
    _spikes,
)
