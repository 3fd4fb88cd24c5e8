"""How likely each class of a value is, given its interval, and which of them may be said.

The limits of a reference range and of its grades part the scale into zones, one a class. The error of a value has
Student's distribution with 5 degrees of freedom, as in the fit of its interval, on the scale of that (logarithm of a
volume, of what an EF leaves, points of strain); each side is as wide as the interval is there, and has half of the
probability, so that 2.5 % lie beyond each end. Said is the class that
holds 80 %, else the smallest run of neighbouring classes that does. A value that needs three classes, or whose
interval is too wide for any, is not measured well enough: it has no class. The limits are in classes.toml.
"""

import itertools
import math
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Final, Literal

from kinecor.core.table.expected_error import Form
from kinecor.core.table.intervals import HIGHEST_EF_PERCENT, form_of
from kinecor.core.table.measures import Measurement, interval_limits, unit_name
from kinecor.core.values.interval import Interval
from kinecor.core.values.message import NOTHING, Message, join_texts, message, verbatim

Flag = Literal["below", "within", "above"]
FLAG_WORDS: Final[dict[Flag, Message]] = {
    "below": message("below range"),
    "within": message("within range"),
    "above": message("above range"),
}
BORDERLINE: Final = "borderline"
WITHIN_95: Final = 2.570581835636314
"""Where 2.5 % of Student's distribution with 5 degrees of freedom lie beyond."""


def student_5(at: float) -> float:
    """Share of Student's distribution with 5 degrees of freedom below a value; errors of contours have such tails.

    In closed form, since scipy takes 0.4 s to import.

    Args:
        at: the value, in units of the distribution.

    """
    reduced = 1 + at * at / 5
    angle = math.atan(at / math.sqrt(5))
    return 0.5 + (angle + at / (math.sqrt(5) * reduced) * (1 + 2 / (3 * reduced))) / math.pi


@dataclass(frozen=True, slots=True)
class Zone:
    """One class, and the part of the scale that it holds.

    Attributes:
        flag: where it lies.
        grade: how abnormal, in the words of the source; empty where it has none.
        low, high: its ends, half a step of the source beyond its printed limits; None where it is open on that side.
        where: the flag in words.

    """

    flag: Flag
    grade: Message = NOTHING
    low: float | None = None
    high: float | None = None
    where: Message = NOTHING

    @property
    def key(self) -> tuple[str, str]:
        """What tells classes apart."""
        return ("", self.grade) if self.borderline else (self.flag, self.grade)

    @property
    def normal(self) -> bool:
        """Whether there is nothing to flag."""
        return self.flag == "within" and not self.grade

    @property
    def borderline(self) -> bool:
        """Whether the source leaves open if it is abnormal."""
        return self.grade == BORDERLINE

    @property
    def words(self) -> Message:
        """All that is said of a value in it: "within range", "below range, mildly abnormal"."""
        where = self.where or FLAG_WORDS[self.flag]
        return join_texts(where, ", ", self.grade) if self.grade else where

    @property
    def name(self) -> Message:
        """The class alone: "normal", "mildly abnormal", "above range"."""
        if self.normal:
            return message("normal")
        return self.grade or self.where or FLAG_WORDS[self.flag]


@dataclass(frozen=True, slots=True)
class Statement:
    """What may be said of a value.

    Attributes:
        stated: the classes that are said, neighbours in the order of the scale; empty where the value is not measured
            well enough for any.
        probabilities: of all classes, in the order of the scale; empty where the value has no interval: then the class
            that the value itself lies in is said.

    """

    stated: tuple[Zone, ...]
    probabilities: tuple[tuple[Zone, float], ...] = ()

    @property
    def imprecise(self) -> bool:
        """Whether the value is not measured well enough for a class."""
        return not self.stated

    @property
    def certain(self) -> Zone | None:
        """The class, where a single one is said."""
        return self.stated[0] if len(self.stated) == 1 else None

    @property
    def outwards(self) -> tuple[Zone, ...]:
        """The classes that are said, from the normal side on."""
        return self.stated[::-1] if self.stated and self.stated[0].flag == "below" else self.stated

    @property
    def normal(self) -> bool:
        """Whether what is said is that the value is normal."""
        return bool(self.stated) and all(zone.normal for zone in self.stated)

    @property
    def abnormal(self) -> bool:
        """Whether every class that is said is abnormal; borderline is not."""
        return bool(self.stated) and not any(zone.normal or zone.borderline for zone in self.stated)

    @property
    def borderline(self) -> bool:
        """Whether what is said is that the value is borderline."""
        return bool(self.stated) and all(zone.borderline for zone in self.stated)

    @property
    def flag(self) -> Flag | None:
        """Where the value lies, if all classes that are said lie there; else None."""
        flags = {zone.flag for zone in self.stated}
        return flags.pop() if len(flags) == 1 else None

    @property
    def grade(self) -> Message:
        """How abnormal: "mildly to moderately abnormal"; empty without grades, and where it may be normal."""
        if not self.stated or not all(zone.grade for zone in self.stated):
            return NOTHING
        return self.range

    @property
    def range(self) -> Message:
        """The classes that are said, without the flag: "normal", "normal to mildly abnormal"; empty without any."""
        if not self.stated:
            return NOTHING
        first, last = self.outwards[0], self.outwards[-1]
        if first is last:
            return first.name
        together = _TOGETHER.get((str(first.name), str(last.name)))
        return together or message("{first} to {last}", first=first.name, last=last.name)

    @property
    def words(self) -> Message:
        """All that is said: "below range, mildly abnormal", "normal to mildly abnormal", "not measured well enough"."""
        if not self.stated:
            return NOT_MEASURED_WELL
        return self.stated[0].words if len(self.stated) == 1 else self.range


_TOGETHER: Final = {
    ("mildly abnormal", "moderately abnormal"): message("mildly to moderately abnormal"),
    ("moderately abnormal", "severely abnormal"): message("moderately to severely abnormal"),
}
"""Neighbouring grades in words, where one adjective does for both."""

UNSTATED: Final = Statement(())
"""Of a value whose statement is that of its class."""
NOT_MEASURED_WELL: Final = message("not measured well enough")


def imprecise_words(row: Measurement) -> Message:
    """Why a value has no class, in a sentence with its interval.

    Args:
        row: with an interval.

    """
    low, high = interval_limits(row)
    return message(
        "Not measured well enough for a statement: 95 % of such values lie between {low} and {high} {unit}.",
        low=low,
        high=high,
        unit=verbatim(unit_name(row.unit)),
    )


def too_wide(code: str, value: float, interval: Interval | None) -> bool:
    """Whether the interval of a value is too wide for any statement; False where none is known.

    Args:
        code: of the measurement.
        value: in its unit.
        interval: of the value, in the same unit.

    """
    if interval is None:
        return False
    form = form_of(code)
    scale = abs(value) if form is Form.SHARE else 1.0
    return interval.half_width > float(_limits()[form.value]["most"]) * scale


def class_statement(
    code: str, value: float, interval: Interval | None, here: Zone, zones: Sequence[Sequence[Zone]]
) -> Statement:
    """What may be said of a value.

    Args:
        code: of the measurement, which says how its errors are counted.
        value: in the unit of the zones.
        interval: of the value, in the same unit; None where none is known.
        here: the class that the value itself lies in, as its source prints it.
        zones: the classes, in the order of the scale; several lists, of the same classes, where it is not known which
            holds (sex): each counts alike.

    """
    if interval is None:
        return Statement((here,))
    shares = [_probabilities(form_of(code), value, interval, each) for each in zones]
    given = tuple((zone, sum(share[number] for share in shares) / len(shares)) for number, zone in enumerate(zones[0]))
    if too_wide(code, value, interval):
        return Statement((), given)
    wanted = float(_limits()["stated"]["share"])
    for count in range(1, int(_limits()["classes"]["most"]) + 1):
        runs = [given[first : first + count] for first in range(len(given) - count + 1)]
        if runs:
            likely = max(runs, key=lambda run: sum(share for _, share in run))
            if sum(share for _, share in likely) >= wanted:
                return Statement(tuple(zone for zone, _ in likely), given)
    return Statement((), given)


def _probabilities(form: Form, value: float, interval: Interval, zones: Sequence[Zone]) -> list[float]:
    ends = [0.0, *(_below(zone.high, form, value, interval) for zone in zones[:-1]), 1.0]
    return [after - before for before, after in itertools.pairwise(ends)]


def _below(limit: float | None, form: Form, value: float, interval: Interval) -> float:
    """The probability that the true value is below a limit."""
    assert limit is not None
    middle = _on_scale(value, form)
    down = middle - _on_scale(interval.low, form)
    up = _on_scale(interval.high, form) - middle
    if form is Form.RATIO and (interval.low <= 0 or interval.high >= HIGHEST_EF_PERCENT):
        down = up = max(down, up)  # one end is cut off at what is possible
    at = _on_scale(limit, form) - middle
    width = down if at < 0 else up
    if width <= 0:
        return float(at > 0)
    return student_5(at / width * WITHIN_95)


def _on_scale(value: float, form: Form) -> float:
    """The value on the scale of its errors, which grows with it."""
    if form is Form.SHARE:
        return math.log(value) if value > 0 else -math.inf
    if form is Form.RATIO:
        return -math.log(100 - value) if value < 100 else math.inf
    return value


@cache
def _limits() -> dict[str, dict[str, Any]]:
    return tomllib.loads(resources.files("kinecor.core.norms").joinpath("classes.toml").read_text("utf-8"))
