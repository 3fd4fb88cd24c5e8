"""Receiver operating characteristic of each check: what it marks, rightly and wrongly, with other thresholds."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

from kinecor.core.checks import findings
from kinecor_lab.common.table import Cell, Column, Table
from kinecor_lab.tasks.trust.plan import SOUND
from kinecor_lab.tasks.trust.prepared import Prepared
from kinecor_lab.tasks.trust.scoring import Study, by_checks, judged

FACTORS = (0.5, 0.7, 1.0, 1.4, 2.0)
"""Of all thresholds at once; below 1 checks are stricter."""


@contextmanager
def scaled(factor: float) -> Iterator[None]:
    """All thresholds of the checks times a factor, or divided by it where values below are found."""
    usual = findings.thresholds
    thresholds = {
        name: replace(
            threshold,
            **{
                limit: getattr(threshold, limit) * (1 / factor if threshold.below else factor)
                for limit in ("check", "stop")
            },
        )
        for name, threshold in usual().items()
    }
    findings.thresholds = lambda: thresholds  # type: ignore[assignment]
    try:
        yield
    finally:
        findings.thresholds = usual


def roc(cases: Sequence[Prepared]) -> Table:
    """Wrong values that each check marks, and right values of sound recordings that it marks, by factor."""
    by_factor = []
    for factor in FACTORS:
        with scaled(factor):
            # Assessments are cached by Reading: a copy is judged anew.
            by_factor.append(
                [judged(replace(case, reading=case.reading and case.reading.with_()), by_checks) for case in cases]
            )
    codes = sorted(
        {finding.code for studies in by_factor for study in studies for finding in study.findings if finding.marks}
    )
    columns = (Column("check"), *(Column(f"thresholds x {factor:g}") for factor in FACTORS))
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (code, *(_point(studies, code) for studies in by_factor)) for code in codes
    )
    return Table(
        "Each check with other thresholds: % of all wrong values that it marks / % of right values of sound recordings",
        columns,
        rows,
    )


def _point(studies: Sequence[Study], code: str) -> str:
    every = [judged_value for study in studies for judged_value in study.values if judged_value.measured is not None]
    wrong = [code in judged_value.checks for judged_value in every if judged_value.wrong]
    right = [
        code in judged_value.checks for judged_value in every if not judged_value.wrong and judged_value.kind == SOUND
    ]
    return " / ".join(f"{100 * sum(some) / max(len(some), 1):.1f}" for some in (wrong, right))
