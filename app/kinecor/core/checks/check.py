"""A check: a row that says what it is about, and a pure function that finds it in a Reading.

A new check is one row and one function in the file of its family, listed in the tuple there; its threshold, with source
and population, in thresholds.toml; its German in the catalogue (CONTRIBUTING has the recipe).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Final, TypeVar

from kinecor.core.checks.findings import Finding, Remedy, Severity, Threshold, severity_beyond, threshold, thresholds
from kinecor.core.table.intervals import Alternative
from kinecor.core.values.message import NOTHING, Message, in_context, message


class Family(StrEnum):
    """What a check is about: the first part of its code.

    The file of a family has its name, but for ATRIUM (contours.py, drawn.py), LINEAR (scale.py), TIME (cycle.py,
    images.py, slices.py), FILES (images.py, view.py) and STUDY (foreshortening.py, view.py).
    """

    FILES = "files"
    VIEW = "view"
    TIME = "time"
    CYCLE = "cycle"
    STRAIN = "strain"
    CONTOURS = "contours"
    ATRIUM = "atrium"
    SCALE = "scale"
    LINEAR = "linear"
    STACK = "stack"
    EXPECTED = "expected"
    STUDY = "study"


FAMILY_NAMES: Final[Mapping[Family, Message]] = {
    Family.FILES: in_context("check", "Files"),
    Family.VIEW: in_context("check", "View"),
    Family.TIME: in_context("check", "Time"),
    Family.CYCLE: in_context("check", "Cycle"),
    Family.STRAIN: in_context("check", "Strain"),
    Family.CONTOURS: in_context("check", "Contours"),
    Family.ATRIUM: in_context("check", "Atrium"),
    Family.SCALE: in_context("check", "Scale"),
    Family.LINEAR: in_context("check", "Linear"),
    Family.STACK: in_context("check", "Stack"),
    Family.EXPECTED: in_context("check", "Expected"),
    Family.STUDY: in_context("check", "Study"),
}
"""What a reader calls the families: the first part of a title."""


class Question(StrEnum):
    """What a check may ask a reader to decide; who decided is known of a Reading (`answers.answered`)."""

    BASE = "base"
    APEX = "apex"
    RIGHT_BASE = "rv base"


@dataclass(frozen=True, eq=False)
class Check:
    """One kind of contradiction or doubt.

    Attributes:
        code: "family.what", stable: acknowledgements and result.json name it.
        short_title: what it finds, in the context of its family: "jump"; alone where the place is narrow.
        limits: names of its thresholds in thresholds.toml, where source and population stand.
        measurements: codes of all measurements it concerns (see `codes_affected`); empty where a finding says.
        resolve: what would resolve it; empty where a finding says.
        answered_by: the decision that settles what it finds once a reader has made it (but for what the images
            contradict beyond doubt, see `Finding`); None where none does.

    Raises:
        ValueError: the code has no known family, or a threshold is not in the file.

    """

    code: str
    short_title: Message
    limits: tuple[str, ...] = ()
    measurements: frozenset[str] = frozenset()
    resolve: Message = NOTHING
    answered_by: Question | None = None

    def __post_init__(self) -> None:
        unknown = [name for name in self.limits if name not in thresholds()]
        if unknown:
            raise ValueError(f"{self.code}: expected thresholds of thresholds.toml, got {', '.join(unknown)}")
        _ = self.family  # known, or a ValueError

    @property
    def family(self) -> Family:
        """What it is about."""
        return Family(self.code.partition(".")[0])

    @cached_property
    def title(self) -> Message:
        """What the list of checks calls it: "Contours: jump"."""
        return message("{family}: {finding}", family=FAMILY_NAMES[self.family], finding=self.short_title)

    @property
    def thresholds(self) -> tuple[Threshold, ...]:
        """Its limits, with source and population."""
        return tuple(threshold(name) for name in self.limits)

    def severity(self, value: float) -> Severity | None:
        """How serious a value is by the first of its limits that it is beyond; None where it is beyond none.

        Args:
            value: in the unit of its thresholds.

        """
        return severity_beyond(value, *self.limits)

    def finding(
        self,
        severity: Severity,
        message: Message,
        frames: tuple[int, ...] = (),
        slices: tuple[int, ...] = (),
        *,
        measurements: frozenset[str] | None = None,
        resolve: Message | None = None,
        subject: str = "",
        remedies: tuple[Remedy, ...] = (),
        alternatives: tuple[Alternative, ...] = (),
        beyond_doubt: bool = False,
    ) -> Finding:
        """What it found; arguments as the attributes of `Finding`, those left out as the row has them.

        Args:
            severity: see Finding, as all of these.
            message: one sentence.
            frames: from 0.
            slices: from 0.
            measurements: codes; None for those of the row.
            resolve: what would resolve it; None for that of the row.
            subject: distinguishes findings of one code.
            remedies: see Remedy.
            alternatives: what values would be otherwise.
            beyond_doubt: whether the images contradict a reader's decision.

        """
        return Finding(
            self.code,
            severity,
            message,
            frames,
            slices,
            self.measurements if measurements is None else measurements,
            self.resolve if resolve is None else resolve,
            subject,
            remedies,
            alternatives,
            beyond_doubt,
        )


_Function = TypeVar("_Function", bound=Callable[..., object])
_ROWS: dict[Callable[..., object], tuple[Check, ...]] = {}
_FOR_BODY: set[Callable[..., object]] = set()


def finds(*checks: Check, for_body: bool = False) -> Callable[[_Function], _Function]:
    """Says which checks a function finds; it is pure: the same Reading gives the same findings.

    Args:
        checks: see Check.
        for_body: whether it reads the body surface area, or height or weight: all others are not run again where these
            are entered.

    """

    def marked(function: _Function) -> _Function:
        _ROWS[function] = checks
        if for_body:
            _FOR_BODY.add(function)
        return function

    return marked


def rows_of(function: Callable[..., object]) -> tuple[Check, ...]:
    """The checks that a function finds.

    Args:
        function: marked with `finds`.

    Raises:
        KeyError: it is marked with none.

    """
    return _ROWS[function]


def is_for_body(function: Callable[..., object]) -> bool:
    """Whether what a function finds depends on the size of the body.

    Args:
        function: marked with `finds`.

    """
    return function in _FOR_BODY


def marked_functions() -> tuple[Callable[..., object], ...]:
    """All functions that are marked with checks."""
    return tuple(_ROWS)


def by_code(functions: tuple[Callable[..., object], ...]) -> Mapping[str, Check]:
    """The checks of these functions by their codes.

    Args:
        functions: marked with `finds`.

    Raises:
        ValueError: two rows have one code.

    """
    out: dict[str, Check] = {}
    for function in functions:
        for row in rows_of(function):
            if out.setdefault(row.code, row) is not row:
                raise ValueError(f"{row.code}: expected one row, there are two")
    return out
