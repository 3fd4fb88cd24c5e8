"""The words of an agreement of automatic with signed values: titles, and the cells of a row."""

from typing import Final

from kinecor.core.study.site_agreement import Comparison, SiteAgreement, group_words
from kinecor.core.table.measures import decimals_of, format_signed, name_of, unit_name
from kinecor.core.values.message import NOTHING, Message, join_texts, joined_by, message, number, plural, verbatim

TITLES: Final = (
    message("Group"),
    message("Patients"),
    message("Changed"),
    message("Bias"),
    message("Lower limit"),
    message("Upper limit"),
    message("In the interval"),
)
"""Of the columns of `cells`."""
NOTE: Final = message(
    "Differences are automatic less signed. Limits of agreement are bias ± 1.96 SD; in brackets the 95 % confidence "
    "interval of each (Bland and Altman 1986). Readers saw the automatic values before they signed, so that agreement "
    "is closer than between independent readings."
)
RANGE: Final = " … "


def cells(comparison: Comparison) -> tuple[Message, ...]:
    """A row: group, patients, values changed, bias and limits with their confidence intervals, coverage.

    Args:
        comparison: of automatic and signed values.

    """
    differences, places = comparison.differences, decimals(comparison)
    (low, high), (of_bias, of_limit) = differences.limits, differences.half_widths
    hits, total = comparison.covered
    first, last = comparison.coverage_limits
    covered = NOTHING
    if total:
        covered = message(
            "{share:.0f} % of {total} ({low:.0f}–{high:.0f})",
            share=100 * hits / total,
            total=total,
            low=100 * first,
            high=100 * last,
        )
    return (
        group_words(comparison),
        number(comparison.count, ".0f"),
        message("{share:.0f} %", share=100 * comparison.changed / comparison.count),
        _with_limits(differences.bias, of_bias, places),
        _with_limits(low, of_limit, places),
        _with_limits(high, of_limit, places),
        covered,
    )


def decimals(comparison: Comparison) -> int:
    """Decimals of the differences of a value: one more than it is printed with, at most two.

    Args:
        comparison: of automatic and signed values.

    """
    return min(decimals_of(comparison.code, comparison.unit) + 1, 2)


def _with_limits(value: float, half_width: float, places: int) -> Message:
    ends = joined_by(RANGE, (format_signed(value - half_width, places), format_signed(value + half_width, places)))
    return join_texts(format_signed(value, places), " (", ends, ")")


def heading(comparison: Comparison) -> Message:
    """Code, name and unit of a value.

    Args:
        comparison: of automatic and signed values.

    """
    return join_texts(
        verbatim(comparison.code),
        ": ",
        name_of(comparison.code),
        join_texts(", ", unit_name(comparison.unit)) if comparison.unit else "",
    )


def axis_titles(comparison: Comparison) -> tuple[Message, Message]:
    """Of the horizontal and the vertical axis of a Bland-Altman plot.

    Args:
        comparison: of automatic and signed values.

    """
    unit = verbatim(unit_name(comparison.unit))
    return message("Mean of both, {unit}", unit=unit), message("Automatic less signed, {unit}", unit=unit)


def counts(agreement: SiteAgreement) -> Message:
    """How many studies and patients entered, and what has too few of them.

    Args:
        agreement: with its comparisons.

    """
    text = message(
        "{patients} patients, {studies} signed studies; of each patient the latest counts.",
        patients=agreement.patients,
        studies=agreement.studies,
    )
    if not agreement.too_few:
        return text
    listed = joined_by(", ", [join_texts(code, " (", number(count, ".0f"), ")") for code, count in agreement.too_few])
    return join_texts(text, " ", message("Too few patients for: {values}.", values=listed))


def set_aside_words(unsigned: int, opened: int, without_values: int, unverified: int) -> Message:
    """How many files did not enter, and why; empty where all did.

    Args:
        unsigned: files that are not signed.
        opened: files that are open to changes.
        without_values: files whose signature kept no values.
        unverified: files that could not be verified.

    """
    parts = [
        text
        for count, text in (
            (unsigned, plural("{count} is not signed", "{count} are not signed", unsigned)),
            (opened, plural("{count} is open to changes", "{count} are open to changes", opened)),
            (
                without_values,
                plural(
                    "{count} was signed by a version that kept no values",
                    "{count} were signed by a version that kept no values",
                    without_values,
                ),
            ),
            (unverified, plural("{count} cannot be verified", "{count} cannot be verified", unverified)),
        )
        if count
    ]
    return message("Files not used: {reasons}.", reasons=joined_by("; ", parts)) if parts else NOTHING
