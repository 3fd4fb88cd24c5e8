"""What a check finds: one sentence, the places to look at, the measurements concerned, and what would resolve it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache
from typing import Any, Literal

from kinecor.core.table.measures import BODY_SURFACE, MEASURES, SCALED_CODES, STRAIN_CODES


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

    """

    action: Action
    label: str
    arguments: Mapping[str, Any] = field(default_factory=dict)
    effect: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """One contradiction or doubt.

    Attributes:
        code: stable name, "family.what", e.g. "time.rate-contradicts".
        severity: see Severity.
        message: one plain sentence; frames and slices are counted from 1.
        frames: to look at, from 0.
        slices: of a stack to look at, from 0.
        measurements: codes of the measurements it concerns, all of them (see `affected`).
        resolve: what would resolve it, in words.
        subject: distinguishes findings of one code, e.g. "ES"; part of what a reader acknowledges.
        remedies: see Remedy; acknowledging is always possible and not listed.
        state: see State.
        acknowledged_by, why: of a finding that a reader acknowledged.

    """

    code: str
    severity: Severity
    message: str
    frames: tuple[int, ...] = ()
    slices: tuple[int, ...] = ()
    measurements: frozenset[str] = frozenset()
    resolve: str = ""
    subject: str = ""
    remedies: tuple[Remedy, ...] = ()
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
def affected(*codes: str) -> frozenset[str]:
    """These measurements and all that are computed from them (EDV: SV, EF, CO and the indices, too)."""
    found = set(codes)
    while more := {one.code for one in MEASURES if one.code not in found and found & set(one.inputs)}:
        found |= more
    return frozenset(found)


VOLUMES = affected("EDV", "ESV")
"""Everything computed from the volumes of the left ventricle."""
RATES = affected("HR") | {"PER", "PFR", "TTP", "MD", "GLSRS", "GLSRE"}
"""Everything that needs the time between frames, or the rate."""
STRAIN = frozenset(STRAIN_CODES)
"""Longitudinal strain."""
SCALED = SCALED_CODES - {BODY_SURFACE}
"""Everything with a length in its unit."""
RIGHT = affected("RVEDV", "RVESV")
"""Everything computed from the volumes of the right ventricle."""
MASS = affected("LVM", "LVMES")
EVERYTHING = frozenset(one.code for one in MEASURES) - {BODY_SURFACE}


def most_serious(found: Iterable[Finding]) -> tuple[Finding, ...]:
    """The findings in the order of the Checks list: open before acknowledged, stop before check before info."""
    order = (Severity.STOP, Severity.CHECK, Severity.INFO)
    return tuple(sorted(found, key=lambda one: (one.state is State.ACKNOWLEDGED, order.index(one.severity))))
