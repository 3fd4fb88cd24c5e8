"""How far off a volume of a loop is expected to be, from what is seen of its contours: learnt where truth is known.

The logarithm of true over measured volume has a heavy-tailed distribution about 0. Its scale is a product of signals of
the contour, each to a power that was fitted (`kinecor evaluate intervals --fit`). Errors at ED and ES of one beat go
together, the more the less it ejects, so that EF is more exact than both volumes are. How many scales cover 95 % is
counted on patients that no network has learnt from or was chosen by. The numbers, their population and their limits
are in expected_error.toml; `intervals` makes intervals of them.
"""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from importlib import resources
from typing import Final

import numpy as np

from kinecor.core.strain.wall_strain import BY_MOTION, wall_strain
from kinecor.core.values.message import Message, message
from kinecor.core.values.reading import Reading, choices
from kinecor.core.values.track import Origin, Structure
from kinecor.core.volumes.extent import ExtentDecision, decision_of
from kinecor.core.volumes.loop_volumes import long_axis
from kinecor.core.volumes.stack_volumes import StackCurves, stack_curves

SIGNALS: Final = ("unsure", "wide", "small_atrium", "end_systole", "two_chamber")
"""Names of the signals, see `signals`."""
# A cavity of usual shape has this share of the square of its length; a doubt of 5 % is usual.
_USUAL_SHAPE, _USUAL_DOUBT = 0.5, 0.05
_MIN_DOUBT, _MIN_ATRIUM, _USUAL_ATRIUM = 0.005, 0.1, 0.6


class Form(StrEnum):
    """How errors of a value are counted."""

    SHARE = "share"
    """As the logarithm of true over measured."""
    RATIO = "ratio"
    """As that of 100 % less the value: of what an ejection fraction leaves."""
    POINTS = "points"
    """As a difference."""


@dataclass(frozen=True, slots=True)
class ExpectedError:
    """The learnt numbers.

    Attributes:
        base: logarithm of the scale where every signal is 0.
        powers: by signal, what it adds to the logarithm of the scale per unit.
        ranges: by signal, (low, high) seen in the fit; beyond, the nearer end holds.
        within: by percentage of values covered ("90", "95"), how many scales to each side cover them.
        within_ef: the same of EF, and of the stroke volume where `within_sv` is empty.
        within_sv: the same of the stroke volume, counted on errors of stroke volumes themselves.
        within_biplane, within_ef_biplane: the same of biplane values, in the scales that their planes give them; empty
            for stacks.
        together: correlation of the errors at ED and ES of one beat of usual EF; see `correlation`.
        drawn: scale of contours that a person drew.
        card: what it was fitted on, its limits and its source, by name.

    """

    base: float
    powers: Mapping[str, float]
    ranges: Mapping[str, tuple[float, float]]
    within: Mapping[str, float]
    together: float
    drawn: float
    card: Mapping[str, str]
    within_ef: Mapping[str, float]
    within_biplane: Mapping[str, float] = field(default_factory=dict)
    within_ef_biplane: Mapping[str, float] = field(default_factory=dict)
    within_sv: Mapping[str, float] = field(default_factory=dict)

    def scale(self, found: Mapping[str, float] | None) -> float:
        """The scale of the error, as a share of the volume; of None, that of a contour that a person drew.

        Args:
            found: the signals of the contour by name, see `signals`.

        """
        if found is None:
            return self.drawn
        return float(np.exp(self.base + sum(self.part(name, value) for name, value in found.items())))

    def part(self, name: str, value: float) -> float:
        """What one signal adds to the logarithm of the scale.

        Args:
            name: of the signal, see SIGNALS.
            value: of the signal; beyond the range of the fit, the nearer end counts.

        """
        low, high = self.ranges[name]
        return self.powers[name] * float(np.clip(value, low, high))


@cache
def expected_error(*, stack: bool = False, long_axis_mri: bool = False) -> ExpectedError:
    """The numbers of this version, for volumes by disks of an echo loop or a long axis of cine MRI, or of a stack.

    Args:
        stack: for volumes of a short-axis stack.
        long_axis_mri: for volumes by disks of a long axis of cine MRI; a stack takes precedence.

    """
    name = "expected_error.toml"
    if stack or long_axis_mri:
        name = "expected_error_of_stacks.toml" if stack else "expected_error_of_long_axes.toml"
    return parse_numbers(resources.files("kinecor.core.table").joinpath(name).read_text("utf-8"))


def parse_numbers(text: str) -> ExpectedError:
    """The numbers of a data file.

    Args:
        text: TOML, such as that of expected_error.toml.

    """
    found = tomllib.loads(text)
    ranges = {name: (float(low), float(high)) for name, (low, high) in found.pop("ranges").items()}
    return ExpectedError(ranges=ranges, **found)


def expected_error_of(reading: Reading) -> ExpectedError:
    """The numbers for volumes of a recording.

    Args:
        reading: of the recording, which is told by its kind.

    """
    return expected_error(stack=reading.kind.stack, long_axis_mri=reading.kind.oriented_by_plane)


def signals(reading: Reading, frame: int) -> dict[str, float] | None:
    """What is seen of the endocardium at a frame; None where a person drew it, or there is none.

    unsure: logarithm of the network's doubt (1 - confidence) over a usual one. wide: of the cavity's area over the
    square of its length, over the usual. small_atrium: of the usual share of the atrium's area in the cavity's over
    its share here. end_systole: 1 at ES, else 0.

    Args:
        reading: of the loop.
        frame: from 0.

    """
    endo = reading.tracks.get(Structure.LV_ENDO)
    contour = endo.contours[frame] if endo is not None else None
    if endo is None or contour is None or contour.area_px2 <= 0 or endo.origins[frame] is Origin.EDITED:
        return None
    length_px = long_axis(contour, reading.aspect, 1.0).length
    area = contour.area_px2 * reading.aspect
    atrium = reading.tracks.get(Structure.LA)
    beside = atrium.contours[frame] if atrium is not None and frame < len(atrium) else None
    share = beside.area_px2 / contour.area_px2 if beside is not None else 0.0
    at_es = any(beat.es == frame for beat in reading.events.beats) if reading.events else False
    return {
        "unsure": float(np.log(max(1 - float(endo.confidence[frame]), _MIN_DOUBT) / _USUAL_DOUBT)),
        "wide": float(np.log(area / length_px**2 / _USUAL_SHAPE)) if length_px > 0 else 0.0,
        "small_atrium": float(np.log(_USUAL_ATRIUM / max(share, _MIN_ATRIUM))) if atrium is not None else 0.0,
        "end_systole": float(at_es),
        "two_chamber": float(reading.view is not None and reading.view.label == "A2C"),
    }


# A cavity of usual size has this radius in the mean of its slices; such a doubt about its ends is usual.
_USUAL_RADIUS_MM, _USUAL_ENDS, _MIN_ENDS = 20.0, 0.03, 0.005


def signals_of_stack(reading: Reading) -> tuple[dict[str, float], dict[str, float]] | None:
    """What is seen of a stack's cavity at ED and at ES; None without both marks.

    small: logarithm of a usual radius over that of the mean slice, since contours are off by millimetres. ends: of the
    share of the volume that base and apex leave in doubt (root mean square over the slices that each may be) over a
    usual one; a slice that a person chose instead of the decision's leaves the usual one, since readers differ, too
    (decision 0188). end_systole: 1 at ES, else 0.

    Args:
        reading: of the stack.

    """
    if reading.events is None or not reading.events.beats:
        return None
    beat = reading.events.beats[0]
    curves, decision = stack_curves(reading), decision_of(reading)
    at_ed, at_es = (
        {
            "small": float(np.log(_USUAL_RADIUS_MM / max(_radius_mm(curves, phase), 1.0))),
            "ends": float(np.log(max(_doubt_of_ends(reading, curves, decision, phase), _MIN_ENDS) / _USUAL_ENDS)),
            "end_systole": systole,
        }
        for phase, systole in ((beat.ed, 0.0), (beat.es, 1.0))
    )
    return at_ed, at_es


def settled_ends(seen: Mapping[str, float]) -> dict[str, float]:
    """The signals of a stack (`signals_of_stack`) at ED or ES, were base and apex known.

    Args:
        seen: signals by name; stay as they are but "ends".

    """
    return {**seen, "ends": float(np.log(_MIN_ENDS / _USUAL_ENDS))}


def chosen_ends(seen: Mapping[str, float]) -> dict[str, float]:
    """The signals of a stack (`signals_of_stack`) at ED or ES, had a reader chosen base or apex.

    Args:
        seen: by name, as they are while the program chose.

    """
    return {**seen, "ends": 0.0}


def _radius_mm(curves: StackCurves, phase: int) -> float:
    """Of a circle of the mean area of the slices that count."""
    area = curves.areas[Structure.LV_ENDO][curves.counted[:, phase], phase]
    return float(np.sqrt(np.nanmean(area) / np.pi)) if np.isfinite(area).any() else _USUAL_RADIUS_MM


def _doubt_of_ends(reading: Reading, curves: StackCurves, decision: ExtentDecision | None, phase: int) -> float:
    """Share of the volume by which other slices as base or apex would change it, weighted by how likely they are."""
    extent = choices(reading).extent
    if decision is None or extent is None:
        return 0.0
    area = np.nan_to_num(curves.areas[Structure.LV_ENDO][:, phase])
    total = float(area[curves.counted[:, phase]].sum())
    if total <= 0:
        return 0.0
    upto = np.concatenate(([0.0], np.cumsum(area)))
    square = 0.0
    for ends, other, decided, likely in (
        (extent.base, extent.apex, decision.extent.base, decision.base_probability),
        (extent.apex, extent.base, decision.extent.apex, decision.apex_probability),
    ):
        here, far = ends[phase], other[phase]
        if here == decided[phase]:
            slices = np.arange(len(area))
            low, high = np.minimum(slices, far), np.maximum(slices, far) + 1
            volume = upto[high] - upto[low]
            square += float((likely[:, phase] * (volume - volume[here]) ** 2).sum())
        else:
            square += (total * _USUAL_ENDS) ** 2
    return float(np.sqrt(square)) / total


# A wall that is followed with a quality of 0.8 is usual, and so is one whose strain misses 0 by a point.
_USUAL_LOST, _MIN_LOST = 0.2, 0.02


def signals_of_strain(reading: Reading) -> dict[str, float] | None:
    """What is seen of how the wall of an apical loop was followed; None where it was not.

    lost: logarithm of 1 less the mean quality of the segments that count, over a usual one. drift: logarithm of 1 and
    the points by which strain misses 0 at the next end-diastole; 0 where the loop shows none.

    Args:
        reading: of an apical loop, with contours, events and motion.

    """
    strain = wall_strain(reading)
    if strain is None or strain.method != BY_MOTION:
        return None
    quality = [float(each) for segment, each in enumerate(strain.quality) if segment not in strain.excluded]
    lost = 1 - float(np.mean(quality))
    return {
        "lost": float(np.log(max(lost, _MIN_LOST) / _USUAL_LOST)),
        "drift": float(np.log1p(abs(strain.global_drift_percent or 0.0))),
    }


@dataclass(frozen=True, slots=True)
class UsualError:
    """How far off a value is by a network's contours.

    Attributes:
        within: by percentage of values covered ("90", "95"), the half width of the interval where every signal is 0.
        form: what it is of.
        powers: by signal, what it adds to the logarithm of the half width per unit; empty of values without signals.
        ranges: by signal, (low, high) seen in the fit; beyond, the nearer end holds.

    """

    within: Mapping[str, float]
    form: Form
    powers: Mapping[str, float] = field(default_factory=dict)
    ranges: Mapping[str, tuple[float, float]] = field(default_factory=dict)

    def width(self, percent: str, seen: Mapping[str, float] | None = None) -> float:
        """The half width of the interval, by what is seen of the recording (`signals_of_strain`).

        Args:
            percent: of true values that the interval is to hold: "90" or "95".
            seen: signals by name; those that are missing count as usual.

        """
        of_signals = sum(
            power * float(np.clip((seen or {}).get(name, 0.0), *self.ranges[name]))
            for name, power in self.powers.items()
        )
        return self.within[percent] * float(np.exp(of_signals))


@cache
def usual_errors() -> Mapping[str, UsualError]:
    """By code, of the left atrium, the right ventricle, the mass, and of GLS by how the wall was followed."""
    return parsed_usual(resources.files("kinecor.core.table").joinpath("usual_errors.toml").read_text("utf-8"))


def parsed_usual(text: str) -> Mapping[str, UsualError]:
    """The same of a data file.

    Args:
        text: TOML.

    """
    found = tomllib.loads(text)
    found.pop("card")
    return {
        code: UsualError(
            usual["within"],
            Form(usual["form"]),
            usual.get("powers", {}),
            {name: (float(low), float(high)) for name, (low, high) in usual.get("ranges", {}).items()},
        )
        for code, usual in found.items()
    }


REASONS: Final[Mapping[str, Message]] = {
    "unsure": message("the network is less sure of the endocardium than usual"),
    "wide": message("the cavity is unusually wide for its length, as in a foreshortened view"),
    "small_atrium": message("little of the left atrium is in the picture"),
}
"""What a signal means to a reader."""


@dataclass(frozen=True, slots=True)
class Doubt:
    """The expected error of a volume.

    Attributes:
        scale: of its error, as a share of the volume.
        frame: whose contour is most in doubt; None where a person drew all.
        reason: the signal that widens it most there; "" where none does.

    """

    scale: float
    frame: int | None = None
    reason: str = ""


def doubt_at(reading: Reading, frames: Sequence[int]) -> Doubt:
    """The expected error of a volume that rests on some frames: that of the contour that is most in doubt.

    Args:
        reading: of the loop.
        frames: from 0; of none with a contour of the network, the error of contours drawn by a person.

    """
    model = expected_error_of(reading)
    found = {frame: seen for frame in frames if (seen := signals(reading, frame)) is not None}
    if not found:
        return Doubt(model.scale(None))
    worst = max(found, key=lambda frame: model.scale(found[frame]))
    parts = {name: model.part(name, found[worst][name]) for name in REASONS}
    reason = max(parts, key=lambda name: parts[name])
    scale = model.scale(found[worst])
    return Doubt(scale, worst, reason if parts[reason] > 0 else "")


_USUAL_EF: Final = 0.5


def correlation(usual: float, left: float) -> float:
    """Correlation of the errors at ED and ES: the usual one from an EF of 50 % on, and 1 where nothing is ejected.

    Contours of a ventricle that hardly changes are wrong alike: of 85 real and 41 simulated beats, the errors had
    correlations of 0.80, 0.71 and about 0.5 where EF was below 35, 35 to 45 and above 45 %.

    Args:
        usual: at an EF of 50 % and more.
        left: ESV / EDV.

    """
    return 1 - (1 - usual) * float(np.clip((1 - left) / _USUAL_EF, 0.0, 1.0))


def apart(at_ed: float, at_es: float, correlated: float) -> float:
    """Standard deviation of a difference of two numbers, from theirs and their correlation.

    Args:
        at_ed: standard deviation of the number at ED.
        at_es: of that at ES, in the same unit.
        correlated: their correlation, -1 to 1.

    """
    return float(np.sqrt(max(at_ed**2 + at_es**2 - 2 * correlated * at_ed * at_es, 0.0)))
