"""The table of all checks: their functions in the order in which they run, and their rows by code."""

from collections.abc import Callable, Iterable, Mapping
from typing import Final

from kinecor.core.checks import (
    contours,
    cycle,
    drawn,
    expected,
    foreshortening,
    images,
    scale,
    slices,
    stack,
    strain,
    view,
)
from kinecor.core.checks.check import Check, by_code
from kinecor.core.checks.findings import Finding
from kinecor.core.values.message import Message, verbatim
from kinecor.core.values.reading import Reading

Finder = Callable[[Reading], Iterable[Finding]]

OF_A_RECORDING: Final[tuple[Finder, ...]] = (
    *view.AT_OPENING,
    *view.CHECKS,
    *images.CHECKS,
    *slices.CHECKS,
    *cycle.OF_TIME,
    *cycle.CHECKS,
    *strain.CHECKS,
    *contours.CHECKS,
    *drawn.CHECKS,
    *contours.OF_THE_ATRIUM,
    *expected.CHECKS,
    *scale.CHECKS,
    *scale.OF_CALLIPERS,
    *foreshortening.CHECKS,  # a wrong scale is worse, and named first
    *stack.OF_ENDS,
    *stack.CHECKS,
)
"""All checks of a recording, family by family; each gives what it finds, or nothing where it does not apply."""

CHECKS: Final[Mapping[str, Check]] = by_code((*OF_A_RECORDING, *view.BETWEEN, *view.OF_A_STUDY))
"""Every check by its code: of a recording, between recordings, and of a study."""


def title_of_check(code: str) -> Message:
    """What the list of checks calls the findings of a code; the code itself where no check has it (an old file's).

    Args:
        code: of a check, or of an older version's.

    """
    return CHECKS[code].title if code in CHECKS else verbatim(code)


def short_title_of_check(code: str) -> Message:
    """The same without the family, for a narrow place.

    Args:
        code: of a check, or of an older version's.

    """
    return CHECKS[code].short_title if code in CHECKS else verbatim(code)
