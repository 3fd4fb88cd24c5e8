"""Checks of a short-axis stack's ends: whether base and apex are surely ventricle, and whether the stack covers it."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final, Literal

import numpy as np

from kinecor.core.checks.findings import MASS, VOLUMES, Finding, Remedy, Severity, affected
from kinecor.core.checks.thresholds import threshold
from kinecor.core.values.choices import Extent, ShortAxis
from kinecor.core.values.reading import Reading, cached, choices, contoured
from kinecor.core.values.track import Structure
from kinecor.core.volumes.extent_decision import ExtentDecision, decided_extent, myocardial_share
from kinecor.core.volumes.slice_evidence import LEAST_SHARE, slice_evidence
from kinecor.core.volumes.stack_volumes import MM3_PER_ML, areas, stack_curves

End = Literal["base", "apex"]
_AT = {"ED": affected("EDV", "LVM"), "ES": affected("ESV", "LVMES")}


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

    """

    end: End
    mark: str
    phase: int
    chosen: int
    other: int
    probability: float

    @property
    def name(self) -> str:
        """As a reader calls it."""
        return "basal" if self.end == "base" else "apical"


def marked_phases(reading: Reading) -> tuple[tuple[str, int], ...]:
    """ED and ES by name; none where the stack has no contours, no extent or no marks, or is withheld."""
    if not reading.kind.stack or reading.withheld or not (reading.events and reading.events.beats):
        return ()
    if choices(reading).extent is None or not contoured(reading, Structure.LV_ENDO):
        return ()
    beat = reading.events.beats[0]
    return ("ED", beat.ed), ("ES", beat.es)


def decision_of(reading: Reading) -> ExtentDecision | None:
    """The decision on base and apex from the contours alone, whatever is in force."""
    tracks = tuple(one.tracks.get(s) for one in reading.slices for s in (Structure.LV_ENDO, Structure.LV_EPI))
    scales = tuple(one.calibration for one in reading.slices)
    return cached("extent_decision", (reading.facts.frames, *tracks, *scales), lambda: decided_extent(reading))


def doubtful_ends(reading: Reading) -> tuple[DoubtfulEnd, ...]:
    """Base and apex at ED and ES that the check of basal or apical slices would report, most doubtful first."""
    marks, found = marked_phases(reading), decision_of(reading)
    extent = choices(reading).extent
    if not marks or found is None or extent is None:
        return ()
    ends: tuple[tuple[End, tuple[int, ...]], ...] = (("base", extent.base), ("apex", extent.apex))
    doubts = []
    for end, slices in ends:
        table = found.base_probability if end == "base" else found.apex_probability
        for mark, phase in marks:
            chosen, likely = slices[phase], table[:, phase].copy()
            probability = float(likely[chosen])
            doubtful = threshold(_CODES[end]).severity(probability) is not None
            if doubtful or (end == "base" and _narrow(reading, chosen, phase)):
                likely[chosen] = -1.0
                doubts.append(DoubtfulEnd(end, mark, phase, chosen, int(likely.argmax()), probability))
    return tuple(sorted(doubts, key=lambda one: one.probability))


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


_CODES: Final[dict[End, str]] = {"base": "stack.basal-slice", "apex": "stack.apical-slice"}
# A doubt that would move EDV or ESV by less than this share of it is worth knowing, and marks nothing.
_MATTERS = "stack.end-matters"


def _ends(reading: Reading) -> Iterator[Finding]:
    for one in doubtful_ends(reading):
        other = _volumes_ml(reading, one.end, one.other, one.phase)
        now = _volumes_ml(reading, one.end, one.chosen, one.phase)
        at = 0 if one.mark == "ED" else 1
        differ = abs(other[at] / now[at] - 1) if now[at] > 0 else np.inf
        severity = threshold(_CODES[one.end]).severity(one.probability) or Severity.CHECK
        if severity is Severity.CHECK and threshold(_MATTERS).severity(differ) is None:
            severity = Severity.INFO
        yield Finding(
            _CODES[one.end],
            severity,
            _sentence(reading, one),
            (one.phase,),
            (one.chosen, one.other),
            _AT[one.mark],
            f"choose the {one.name} slice at {one.mark}",
            one.mark,
            _remedies(one, now, other),
        )


def _sentence(reading: Reading, one: DoubtfulEnd) -> str:
    """What speaks against the slice in question: the outer of the two."""
    extent = choices(reading).extent
    outer = max((one.chosen, one.other), key=lambda number: abs(number - _middle(extent, one.phase)))
    if one.end == "apex":
        return (
            f"At {one.mark}, it is not sure whether slice {outer + 1} still cuts the ventricle: the apical slice is "
            f"{one.chosen + 1}, slice {one.other + 1} is possible."
        )
    share = myocardial_share(reading, outer, one.phase)
    seen = slice_evidence(reading)
    if not seen.cavity[outer, one.phase]:
        return (
            f"At {one.mark}, the basal slice is {one.chosen + 1}, but it may be {one.other + 1}: slice {outer + 1} has "
            "no contour of the cavity."
        )
    said = f"At {one.mark}, muscle surrounds {100 * share:.0f} % of the cavity of slice {outer + 1}."
    if share < LEAST_SHARE:
        return f"{said} A basal slice of the ventricle has at least {100 * LEAST_SHARE:.0f} %."
    if outer == one.chosen and _narrow(reading, outer, one.phase):
        ratio = _against_next(reading, outer, one.phase)
        return f"{said} Its area is {100 * ratio:.0f} % of the next slice's: it may be the outflow tract."
    if share < _NEARLY_ALL:
        return f"{said} It may still be atrium or outflow tract: slice {one.other + 1} is possible as the base, too."
    return (
        f"At {one.mark}, it is not sure whether slice {outer + 1} is ventricle: the basal slice is {one.chosen + 1}, "
        f"slice {one.other + 1} is possible."
    )


_NEARLY_ALL = 0.9


def _middle(extent: Extent | None, phase: int) -> float:
    return 0.0 if extent is None else (extent.base[phase] + extent.apex[phase]) / 2


def _remedies(one: DoubtfulEnd, now: tuple[float, float], other: tuple[float, float]) -> tuple[Remedy, ...]:
    at = 0 if one.mark == "ED" else 1

    def choice(number: int, ml: tuple[float, float], words: str) -> Remedy:
        ef = f", EF {100 * (1 - ml[1] / ml[0]):.0f} %" if ml[0] > 0 else ""
        return Remedy(
            "move-base",
            f"{one.end.capitalize()} is slice {number + 1} at {one.mark}{words}",
            {"frame": one.phase, "slice": number, "end": one.end},
            f"{'EDV' if at == 0 else 'ESV'} {ml[at]:.0f} ml{ef}",
        )

    return choice(one.chosen, now, ", as now"), choice(one.other, other, "")


def _volumes_ml(reading: Reading, end: End, number: int, phase: int) -> tuple[float, float]:
    """EDV and ESV with an end at another slice at one phase."""
    chosen = choices(reading)
    if chosen.extent is None or reading.events is None:
        return float("nan"), float("nan")
    ends = chosen.extent.base if end == "base" else chosen.extent.apex
    moved = tuple(number if at == phase else one for at, one in enumerate(ends))
    extent = replace(chosen.extent, **{end: moved})
    short_axis: ShortAxis = replace(chosen, extent=extent)
    volume = stack_curves(reading.with_(short_axis=short_axis)).endo / MM3_PER_ML
    beat = reading.events.beats[0]
    return float(volume[beat.ed]), float(volume[beat.es])


def _moves(reading: Reading) -> Iterator[Finding]:
    """A base in force that leaps by more than a slice from a phase to the next: the curve has a step there."""
    extent = choices(reading).extent
    if not marked_phases(reading) or extent is None or len(extent.base) < 3:
        return
    leaps = np.abs(np.roll(extent.base, -1) - np.array(extent.base))
    at = tuple(int(one) for one in np.flatnonzero(leaps > 1))
    if at:
        yield Finding(
            "stack.base-leaps",
            Severity.CHECK,
            f"The base moves by {leaps.max()} slices from phase {at[0] + 1} to the next: the volume curve has a step.",
            at,
            tuple(sorted({extent.base[one] for one in at})),
            affected("PER", "PFR"),
            "choose the basal slice at these phases",
        )


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
    stays = extent.base[es] == base and myocardial_share(reading, base, es) >= LEAST_SHARE
    wide = np.nan_to_num(area[base, ed] / most)
    if base in (0, last) and stays and threshold("stack.base-missing").severity(wide) is not None:
        yield Finding(
            "stack.base-missing",
            Severity.CHECK,
            f"The stack may end below the base: its last slice, {base + 1}, is ventricle at ED and still at ES.",
            (ed, es),
            (base,),
            VOLUMES | MASS,
            "open the slices that are missing, or accept the volumes as they are",
        )
    tip = float(np.nan_to_num(area[apex, ed] / most))
    severity = threshold("stack.apex-missing").severity(tip)
    if apex in (0, last) and severity is not None:
        yield Finding(
            "stack.apex-missing",
            severity,
            f"The stack may end above the apex: the cavity of its last slice, {apex + 1}, still has {100 * tip:.0f} % "
            "of the largest area.",
            (ed,),
            (apex,),
            VOLUMES | MASS,
            "open the slices that are missing, or accept the volumes as they are",
        )


CHECKS: Final = (_ends, _moves, _coverage)
