"""Agreement of automatic with signed values as CSV and JSON; nothing in them names a patient or a study."""

import csv
import json
from pathlib import Path
from typing import Any, Final

from kinecor.core.study.site_agreement import Comparison, SiteAgreement
from kinecor.io.files.atomic import whole
from kinecor.io.files.cells import csv_cells
from kinecor.session.signed_studies import SiteStudies, as_data

SCHEMA: Final = 1
COLUMNS: Final = (
    *("code", "unit", "group_by", "group", "patients", "changed", "bias", "bias_low", "bias_high", "sd"),
    *("lower_limit", "lower_limit_low", "lower_limit_high", "upper_limit", "upper_limit_low", "upper_limit_high"),
    *("covered", "with_interval", "coverage", "coverage_low", "coverage_high"),
)
"""Of the CSV; differences are automatic less signed, `_low` and `_high` the ends of a 95 % confidence interval."""


def row(comparison: Comparison) -> dict[str, Any]:
    """A comparison by column.

    Args:
        comparison: of automatic and signed values.

    """
    differences = comparison.differences
    (low, high), (of_bias, of_limit) = differences.limits, differences.half_widths
    hits, total = comparison.covered
    first, last = comparison.coverage_limits
    values = (
        *(
            comparison.code,
            comparison.unit,
            comparison.kind.value,
            comparison.group,
            comparison.count,
            comparison.changed,
        ),
        *(differences.bias, differences.bias - of_bias, differences.bias + of_bias, differences.sd),
        *(low, low - of_limit, low + of_limit, high, high - of_limit, high + of_limit),
        *(hits, total, *((hits / total, first, last) if total else (None, None, None))),
    )
    return {
        name: round(value, 4) if isinstance(value, float) else value
        for name, value in zip(COLUMNS, values, strict=True)
    }


def write_site_csv(path: Path, agreement: SiteAgreement) -> None:
    """Write a row for every comparison.

    Args:
        path: of the file.
        agreement: with its comparisons.

    Raises:
        KinecorError: the file cannot be written there.

    """
    with whole(path) as temporary, temporary.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        rows = (row(comparison) for comparison in agreement.comparisons)
        writer.writerows(csv_cells(cells[column] for column in COLUMNS) for cells in rows)


def site_json(agreement: SiteAgreement, read: SiteStudies) -> dict[str, Any]:
    """All of it as data: with the values of each pair, in no order that tells patients apart.

    Args:
        agreement: with its comparisons.
        read: the studies that it is of.

    """
    return {
        "schema": SCHEMA,
        "patients": agreement.patients,
        "studies": agreement.studies,
        "too_few": dict(agreement.too_few),
        "set_aside": [as_data(set_aside) for set_aside in read.set_aside],
        "comparisons": [
            row(comparison)
            | {"pairs": sorted(zip(comparison.automatic.tolist(), comparison.signed.tolist(), strict=True))}
            for comparison in agreement.comparisons
        ],
    }


def write_site_json(path: Path, agreement: SiteAgreement, read: SiteStudies) -> None:
    """Write `site_json`.

    Args:
        path: of the file.
        agreement: with its comparisons.
        read: the studies that it is of.

    Raises:
        KinecorError: the file cannot be written there.

    """
    with whole(path) as temporary:
        temporary.write_text(json.dumps(site_json(agreement, read), ensure_ascii=False, indent=1), encoding="utf-8")
