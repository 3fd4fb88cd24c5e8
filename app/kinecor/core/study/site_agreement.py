"""Automatic against signed values of a site: Bland-Altman and coverage of the intervals, one pair a patient."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np

from kinecor.core.study.signed_pairs import COMPARED, OVER_VIEWS, SignedPair, SignedValues
from kinecor.core.table.differences import Differences, count_within_intervals, share_limits
from kinecor.core.values.errors import KinecorError
from kinecor.core.values.geometry import FloatArray
from kinecor.core.values.message import Message, message, verbatim

MIN_PATIENTS: Final = 30
"""Of fewer patients the limits of agreement are too uncertain: at 30 each is known to within 0.65 SD."""
MIN_GROUP: Final = 10
"""Patients of a view, maker or quality for a row of its own, within a value that has enough."""


class GroupKind(StrEnum):
    """What the patients of a comparison have in common."""

    ALL = "all"
    VIEW = "view"
    MAKER = "maker"
    QUALITY = "quality"


@dataclass(frozen=True, eq=False)
class Comparison:
    """One value of a group of patients, one pair each.

    Attributes:
        code: of the measurement.
        unit: of its values.
        kind: what the group is by.
        group: the view (OVER_VIEWS: the study as a whole), the maker ("" where unknown), "ok" or "check"; "" of all.
        automatic, signed: (patients,) in the unit.
        low, high: (patients,) ends of the intervals shown with the automatic values; NaN without one.

    """

    code: str
    unit: str
    kind: GroupKind
    group: str
    automatic: FloatArray
    signed: FloatArray
    low: FloatArray
    high: FloatArray

    @property
    def count(self) -> int:
        """Patients."""
        return len(self.signed)

    @property
    def differences(self) -> Differences:
        """Automatic less signed."""
        return Differences(self.automatic - self.signed)

    @property
    def changed(self) -> int:
        """Patients whose value the reader changed by more than rounding."""
        return int((np.abs(self.automatic - self.signed) > _SAME * np.maximum(np.abs(self.signed), 1.0)).sum())

    @property
    def covered(self) -> tuple[int, int]:
        """Patients whose signed value is in the interval that was shown, and those that had one."""
        return count_within_intervals(self.signed, self.low, self.high)

    @property
    def coverage_limits(self) -> tuple[float, float]:
        """The 95 % confidence interval of the share that is covered."""
        return share_limits(*self.covered)


_SAME: Final = 1e-6


@dataclass(frozen=True, eq=False)
class SiteAgreement:
    """What the signed studies of a site show.

    Attributes:
        patients: counted once, by the latest study that was signed.
        studies: signed studies that were read; earlier ones of a patient among them.
        comparisons: of each value that enough patients have, all of them first, then by view, maker and quality.
        too_few: (code, patients) of values that fewer than MIN_PATIENTS have.

    """

    patients: int
    studies: int
    comparisons: tuple[Comparison, ...]
    too_few: tuple[tuple[str, int], ...] = ()

    @property
    def codes(self) -> tuple[str, ...]:
        """Values that are compared, in the order of the table."""
        return tuple(comparison.code for comparison in self.comparisons if comparison.kind is GroupKind.ALL)

    def of_value(self, code: str) -> tuple[Comparison, ...]:
        """The comparisons of a value, all patients first.

        Args:
            code: of the measurement, e.g. "EF".

        """
        return tuple(comparison for comparison in self.comparisons if comparison.code == code)


@dataclass(frozen=True, slots=True)
class SignedStudy:
    """One signed study of the site.

    Attributes:
        name: of its file, which tells studies without a patient apart.
        at: when it was signed, UTC, ISO 8601.
        values: see SignedValues.

    """

    name: str
    at: str
    values: SignedValues


def site_agreement(studies: Iterable[SignedStudy]) -> SiteAgreement:
    """Compare automatic with signed values; of each patient the latest study that was signed counts.

    A patient's value is that over views where there is one, else that of the first recording.

    Args:
        studies: signed, of any patients.

    Raises:
        KinecorError: they are of fewer than MIN_PATIENTS patients.

    """
    every = sorted(studies, key=lambda signed_study: (signed_study.at, signed_study.name))
    latest = {
        signed_study.values.patient or f"study {signed_study.name}": signed_study.values for signed_study in every
    }
    if len(latest) < MIN_PATIENTS:
        raise KinecorError(too_few_words(len(latest)))
    values = tuple(latest.values())
    comparisons: list[Comparison] = []
    too_few: list[tuple[str, int]] = []
    for code in COMPARED:
        pairs = [(signed_values, pair) for signed_values in values if (pair := _first(signed_values, code)) is not None]
        if len(pairs) < MIN_PATIENTS:
            too_few += [(code, len(pairs))] if pairs else []
            continue
        comparisons.append(_comparison(code, GroupKind.ALL, "", [pair for _, pair in pairs]))
        comparisons += _by_view(code, values)
        comparisons += _grouped(
            code, GroupKind.MAKER, pairs, lambda signed_values, _: maker_of(signed_values.equipment)
        )
        comparisons += _grouped(code, GroupKind.QUALITY, pairs, lambda _, pair: "check" if pair.doubtful else "ok")
    return SiteAgreement(len(latest), len(every), tuple(comparisons), tuple(too_few))


def too_few_words(patients: int) -> Message:
    """The sentence for fewer patients than are needed.

    Args:
        patients: that there are.

    """
    return message(
        "Agreement needs signed studies of at least {needed} patients: {patients} were found. Limits from fewer would "
        "say little; sign more studies, or add the folder of a colleague.",
        needed=MIN_PATIENTS,
        patients=patients,
    )


def maker_of(equipment: str) -> str:
    """The maker of a scanner: the first word of its equipment, in one spelling; "" where unknown.

    Args:
        equipment: of the header.

    """
    texts = equipment.split()
    return texts[0].upper() if texts else ""


def group_words(comparison: Comparison) -> Message:
    """What the patients of a comparison have in common, as a reader is shown it.

    Args:
        comparison: of automatic and signed values.

    """
    match comparison.kind:
        case GroupKind.ALL:
            return message("all patients")
        case GroupKind.VIEW:
            return verbatim(comparison.group) if comparison.group else message("of the study as a whole")
        case GroupKind.MAKER:
            return verbatim(comparison.group) if comparison.group else message("maker not known")
        case GroupKind.QUALITY:
            return message("without an open check") if comparison.group == "ok" else message("with an open check")


def _first(values: SignedValues, code: str) -> SignedPair | None:
    return next((pair for pair in values.pairs if pair.code == code), None)


def _by_view(code: str, values: Sequence[SignedValues]) -> list[Comparison]:
    views = dict.fromkeys(pair.view for each in values for pair in each.pairs if pair.code == code)
    by_view = {
        view: [
            pair for signed_values in values for pair in signed_values.pairs if pair.code == code and pair.view == view
        ]
        for view in sorted(views, key=lambda view: (view != OVER_VIEWS, view))
    }
    return [_comparison(code, GroupKind.VIEW, view, some) for view, some in by_view.items() if len(some) >= MIN_GROUP]


def _grouped(
    code: str,
    kind: GroupKind,
    pairs: Sequence[tuple[SignedValues, SignedPair]],
    group_of: Callable[[SignedValues, SignedPair], str],
) -> list[Comparison]:
    groups: dict[str, list[SignedPair]] = {}
    for signed_values, pair in pairs:
        groups.setdefault(group_of(signed_values, pair), []).append(pair)
    order = sorted(groups, key=lambda name: (-len(groups[name]), name))
    if len(order) == 1:  # it would repeat the row of all patients
        return []
    return [_comparison(code, kind, name, groups[name]) for name in order if len(groups[name]) >= MIN_GROUP]


def _comparison(code: str, kind: GroupKind, group: str, pairs: Sequence[SignedPair]) -> Comparison:
    def column(values: Iterable[float | None]) -> FloatArray:
        return np.array([np.nan if value is None else value for value in values], np.float64)

    return Comparison(
        code,
        pairs[0].unit,
        kind,
        group,
        column(pair.automatic for pair in pairs),
        column(pair.signed for pair in pairs),
        column(pair.low for pair in pairs),
        column(pair.high for pair in pairs),
    )
