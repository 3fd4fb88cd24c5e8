"""What a check finds: one sentence, the places to look at, the measurements concerned, and what would resolve it.

The thresholds of all checks stand in one data file, with their sources and populations.
"""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache, lru_cache
from importlib import resources
from itertools import pairwise
from typing import Any, Literal

from kinecor.core.table.intervals import Alternative
from kinecor.core.table.measures import (
    ATRIAL_CODES,
    BODY_SURFACE,
    MEASURES,
    SCALED_CODES,
    STRAIN_CODES,
    Group,
    Source,
    codes_of,
    read_from,
)
from kinecor.core.values.message import NOTHING, Message, joined_by, message, plural, verbatim


class Severity(StrEnum):
    """What a finding does to the measurements it concerns."""

    INFO = "info"
    """Worth knowing; every value stays as it is."""
    CHECK = "check"
    """Values are shown, marked, and named in the report."""
    STOP = "stop"
    """Values are withheld, with the finding as the reason."""


class State(StrEnum):
    """Where a finding stands; one whose cause is gone is no longer found."""

    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"


Action = Literal[
    "enter-value", "exclude-beat", "move-mark", "move-base", "exclude-slice", "name-view", "exclude-segment"
]
"""What a remedy does; the window makes an edit of it."""


@dataclass(frozen=True, slots=True)
class Remedy:
    """One way to resolve a finding.

    Attributes:
        action: the kind of edit.
        label: what a reader chooses by, e.g. "Use 54/min, from the phases".
        arguments: of the edit, by name: `code` and `value` (enter-value), `beat` (exclude-beat, from 0), `mark` and
            `frame` (move-mark), `frame` and `slice` (exclude-slice; move-base, with `end`, "base" or "apex"), `view`
            (name-view), `segment`.
        effect: the value that follows, e.g. "CO 3.0 l/min"; empty where it is not computed.
        reason: what is put down as the reason where choosing it acknowledges a finding; the label where it is empty.

    """

    action: Action
    label: Message
    arguments: Mapping[str, Any] = field(default_factory=dict)
    effect: Message = NOTHING
    reason: Message = NOTHING


@dataclass(frozen=True, slots=True)
class Finding:
    """One contradiction or doubt.

    Attributes:
        code: stable name, "family.what", e.g. "time.rate-contradicts".
        severity: see Severity.
        message: one plain sentence; frames and slices are counted from 1.
        frames: to look at, from 0.
        slices: of a stack to look at, from 0.
        measurements: codes of the measurements it concerns, all of them (see `codes_affected`).
        resolve: what would resolve it, in words.
        subject: distinguishes findings of one code, e.g. "ES"; part of what a reader acknowledges.
        remedies: see Remedy; acknowledging is always possible and not listed.
        alternatives: what values would be if what is doubted were otherwise; while the finding is open, their
            intervals contain it.
        beyond_doubt: whether the images contradict a reader's decision so that it does not settle the finding.
        state: see State.
        acknowledged_by, why: of a finding that a reader acknowledged.

    """

    code: str
    severity: Severity
    message: Message
    frames: tuple[int, ...] = ()
    slices: tuple[int, ...] = ()
    measurements: frozenset[str] = frozenset()
    resolve: Message = NOTHING
    subject: str = ""
    remedies: tuple[Remedy, ...] = ()
    alternatives: tuple[Alternative, ...] = ()
    beyond_doubt: bool = False
    state: State = State.OPEN
    acknowledged_by: str = ""
    why: str = ""

    @property
    def key(self) -> str:
        """What an acknowledgement names."""
        return f"{self.code}:{self.subject}" if self.subject else self.code

    @property
    def marks(self) -> bool:
        """Whether values are marked or withheld because of it."""
        return self.severity is not Severity.INFO and bool(self.measurements)


@lru_cache(maxsize=256)
def codes_affected(*codes: str) -> frozenset[str]:
    """These measurements and all that are computed from them (EDV: SV, EF, CO and the indices, too).

    Args:
        codes: of measurements.

    """
    found = set(codes)
    while more := {measure.code for measure in MEASURES if measure.code not in found and found & set(measure.inputs)}:
        found |= more
    return frozenset(found)


VOLUMES = codes_affected("EDV", "ESV")
"""Everything computed from the volumes of the left ventricle."""
OF_BOTH_VOLUMES = codes_affected("EDV") & codes_affected("ESV")
"""What is computed from both: stroke volume, output and ejection fraction."""
RATES = frozenset(
    measure.code for measure in MEASURES if any(Source(source).in_time for source in read_from(measure.code))
)
"""Everything that needs the time between frames, or the rate."""
STRAIN = STRAIN_CODES | ATRIAL_CODES
"""Longitudinal strain, of ventricle and atrium."""
SCALED = SCALED_CODES - {BODY_SURFACE}
"""Everything with a length in its unit."""
RIGHT = frozenset(codes_of(Group.RIGHT, Group.RIGHT_APICAL))
"""Everything computed from contours of the right ventricle."""
MASS = frozenset(codes_of(Group.MASS))
EVERYTHING = frozenset(measure.code for measure in MEASURES) - {BODY_SURFACE}


def most_serious(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """The findings in the order of the Checks list: open before acknowledged, stop before check before info.

    Args:
        findings: in any order, which stays among equals.

    """
    order = (Severity.STOP, Severity.CHECK, Severity.INFO)
    return tuple(
        sorted(findings, key=lambda finding: (finding.state is State.ACKNOWLEDGED, order.index(finding.severity)))
    )


_NAMED = 4


def frames_words(frames: Iterable[int]) -> Message:
    """As "frame 3" or "frames 3 to 5, 9", counted from 1.

    Args:
        frames: from 0, in any order.

    """
    indices = sorted(frames)
    return plural("frame {numbers}", "frames {numbers}", len(indices), numbers=_runs(indices))


def slices_words(slices: Iterable[int]) -> Message:
    """As `frames_words`.

    Args:
        slices: from 0, in any order.

    """
    indices = sorted(slices)
    return plural("slice {numbers}", "slices {numbers}", len(indices), numbers=_runs(indices))


def numbers_from_1(indices: Iterable[int]) -> Message:
    """Indices as a reader counts, e.g. "3, 4".

    Args:
        indices: from 0.

    """
    return verbatim(", ".join(str(index + 1) for index in indices))


def _runs(numbers: list[int]) -> Message:
    """Indices in ascending order as a reader counts; those that follow each other as "3 to 5", and the first few."""
    starts = [b for a, b in pairwise([-2, *numbers]) if b != a + 1]
    ends = [a for a, b in pairwise([*numbers, numbers[-1] + 2]) if b != a + 1]
    runs = [
        numbers_from_1((first,)) if first == last else message("{first} to {last}", first=first + 1, last=last + 1)
        for first, last in zip(starts, ends, strict=True)
    ]
    named = joined_by(", ", runs[:_NAMED])
    left_out = len(runs) - _NAMED
    return message("{numbers} and {left_out} more", numbers=named, left_out=left_out) if left_out > 0 else named


@dataclass(frozen=True, slots=True)
class Threshold:
    """One entry of thresholds.toml; see there.

    Attributes:
        unit: of the numbers.
        source: where they come from.
        population: what they hold for.
        info, check, stop: from where on a finding has that severity; NaN where it never has.
        below: whether values below the number are found, in place of values above.

    """

    unit: str
    source: str
    population: str
    info: float = float("nan")
    check: float = float("nan")
    stop: float = float("nan")
    below: bool = False

    def severity(self, value: float) -> Severity | None:
        """How serious a value is; None where it is nothing to report, or not finite.

        Args:
            value: in its unit.

        """
        for single_severity, limit in (
            (Severity.STOP, self.stop),
            (Severity.CHECK, self.check),
            (Severity.INFO, self.info),
        ):
            if value < limit if self.below else value > limit:
                return single_severity
        return None


@cache
def thresholds() -> Mapping[str, Threshold]:
    """All of them by name."""
    text = resources.files("kinecor.core.checks").joinpath("thresholds.toml").read_text("utf-8")
    return {name: Threshold(**entry) for name, entry in tomllib.loads(text).items()}


def severity_beyond(value: float, *names: str) -> Severity | None:
    """How serious a value is by the first of these thresholds that finds it, such as a least and a most.

    Args:
        value: in their unit.
        names: of thresholds, those that count first.

    """
    return next((severity for name in names if (severity := threshold(name).severity(value)) is not None), None)


def threshold(name: str) -> Threshold:
    """One of them.

    Args:
        name: in thresholds.toml.

    Raises:
        KeyError: the file has none of that name.

    """
    return thresholds()[name]
