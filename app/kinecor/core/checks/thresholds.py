"""The thresholds of the checks, from the one data file they stand in, with their sources and populations."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

from kinecor.core.checks.findings import Severity


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
        """How serious a value is; None where it is nothing to report, or not finite."""
        for one, limit in ((Severity.STOP, self.stop), (Severity.CHECK, self.check), (Severity.INFO, self.info)):
            if value < limit if self.below else value > limit:
                return one
        return None


@cache
def thresholds() -> Mapping[str, Threshold]:
    """All of them by name."""
    text = resources.files("kinecor.core.checks").joinpath("thresholds.toml").read_text("utf-8")
    return {name: Threshold(**entry) for name, entry in tomllib.loads(text).items()}


def threshold(name: str) -> Threshold:
    """One of them.

    Raises:
        KeyError: the file has none of that name.

    """
    return thresholds()[name]
