"""Table I of Smistad and Tables 2 to 4 of Li 2019 with our rows, and the published ones."""

from collections.abc import Mapping, Sequence

import numpy as np

from kinecor_lab.common.table import Cell, Column, Table, spread
from kinecor_lab.tasks.sequence.metrics import FrameScore, agreement
from kinecor_lab.tasks.sequence.scores import CaseScore

NAMES = ("LV", "myocardium", "left atrium")

# mFIP, #LTE, Dice and Hausdorff (mm) of LV, myocardium, left atrium: 174 recordings of a population study.
TABLE_I = {
    "Non-temporal ED/ES frames": "0.013    11  0.93±0.04 0.80±0.08 0.89±0.09  5.78±4.08 6.38±4.25 5.07±4.44",
    "Non-temporal 7 frames": "0.011     4  0.94±0.03 0.80±0.08 0.91±0.05  4.94±2.13 5.60±2.71 4.31±2.46",
    "Non-temporal 7 frames + WMA": "0.007     3  0.93±0.03 0.80±0.08 0.91±0.05  4.95±2.06 5.71±3.24 4.39±2.33",
    "Temporal ConvLSTM": "0.007     1  0.93±0.03 0.79±0.07 0.88±0.07  5.55±2.09 6.26±2.65 5.66±2.91",
}
# Accuracy, Dice, HD, MAD (mm) of the LV, and share of views named rightly: 300 sequences of three views.
TABLES_2_3 = {
    "RAL": "0.987±0.005  0.919±0.040  5.87±3.46  2.90±1.49  0.933",
    "RAL w/o classification": "0.971±0.008  0.910±0.049  5.99±3.69  3.10±1.66  -",
    "RAL w/o ConvBlock": "0.963±0.015  0.907±0.057  6.21±4.95  3.27±1.85  0.867",
    "RAL w/o temporal": "0.955±0.019  0.896±0.062  6.64±5.04  3.51±1.93  0.917",
    "RAL w/o spatial": "0.968±0.011  0.911±0.054  6.03±4.16  3.08±1.71  0.883",
    "U-Net": "0.942±0.030  0.883±0.068  8.94±6.87  3.72±1.87  -",
    "ACNN": "0.959±0.013  0.893±0.061  7.70±6.58  3.40±1.57  -",
    "U-Net++": "0.937±0.032  0.880±0.072  9.01±7.14  3.86±2.01  -",
}
# Correlation, bias ± SD, mean absolute error of EDV (ml), ESV (ml), EF (%): CAMUS, both views.
TABLE_4 = {
    "RAL": "0.952   -7.5±11.0   8.8   0.960   -3.8±9.2   7.1   0.839   -0.9±6.8   5.0",
    "U-Net": "0.954   -6.9±11.8   9.8   0.964   -3.7±9.0   6.8   0.823   -1.0±7.1   5.3",
    "ACNN": "0.945   -6.7±12.9  10.8   0.947   -4.0±10.8  8.3   0.799   -0.8±7.5   5.7",
    "U-Net++": "0.946  -11.4±12.9  13.2   0.952   -5.7±10.7  8.6   0.789   -1.8±7.7   5.6",
}

Scores = Mapping[str, Sequence[CaseScore]]
"""Scores of all cases by row."""


_TABLE_I = (
    Column("mFIP", form=".4f"),
    Column("true mFIP", form=".4f"),
    Column("#LTE", form="d"),
    *(Column(f"Dice {name}") for name in NAMES),
    *(Column(f"HD {name}", "mm", ".2f") for name in NAMES),
)
_TABLES_2_3 = (
    Column("frames", form="d"),
    Column("accuracy LV"),
    Column("Dice LV"),
    Column("HD LV", "mm", ".2f"),
    Column("MAD LV", "mm", ".2f"),
    Column("views right"),
)
_TABLE_4 = tuple(
    Column(f"{what} {name}", unit if what != "r" else "", ".3f" if what == "r" else "+.1f" if what == "bias" else ".1f")
    for name, unit in (("EDV", "ml"), ("ESV", "ml"), ("EF", "%"))
    for what in ("r", "bias", "MAE")
)
_STIFFNESS = (
    Column("known", form="d"),
    Column("ESV against truth", "%", ".2f"),
    Column("ESV against no smoothing", "%", ".2f"),
    Column("mitral ring lag", "ms", ".1f"),
)


def tables(by_row: Scores, plain: str) -> list[Table]:
    """All tables, by source of cases, the published rows last.

    Args:
        by_row: scores of every row.
        plain: the row without smoothing, from which the bias by smoothing is taken.

    """
    out = []
    sources = list(dict.fromkeys(score.source for some in by_row.values() for score in some))
    reference = {score.case: score for score in by_row.get(plain, ())}
    first = (Column("method"), Column("n", form="d"))
    for source in sources:
        rows = {name: [score for score in some if score.source == source] for name, some in by_row.items()}
        rows = {name: some for name, some in rows.items() if some}
        patients = len({score.patient for some in rows.values() for score in some})
        where = f"{source}: {patients} patients or hearts, n clips"
        for title, columns, cells in (
            ("Table I of Smistad (mFIP per pair of frames)", _TABLE_I, _cells_i),
            ("Tables 2 and 3 of Li 2019 (LV)", _TABLES_2_3, _cells_23),
            ("Table 4 of Li 2019 (a single plane)", _TABLE_4, _cells_4),
        ):
            body = tuple((name, len(some), *cells(some)) for name, some in rows.items())
            out.append(Table(f"{where}: {title}", (*first, *columns), body))
        if any(score.jump_mm for some in rows.values() for score in some):
            title = "Stiffness: ES volume against truth and against no smoothing, and lag of the mitral ring"
            body = tuple((name, len(some), *_stiffness(some, reference)) for name, some in rows.items())
            out.append(Table(f"{where}: {title}", (*first, *_STIFFNESS), body))
    return [*out, *published()]


def published() -> list[Table]:
    """The published rows; other patients, scanners and experts than ours."""
    note = ("Published on other patients, scanners and experts than ours.",)
    structures = ("LV", "myocardium", "left atrium")
    return [
        Table(
            title,
            (Column("method"), *(Column(name) for name in names)),
            tuple((name, *cells.split()) for name, cells in rows.items()),
            note,
        )
        for title, names, rows in (
            (
                "Table I of Smistad: 174 recordings of a population study",
                (
                    "mFIP",
                    "#LTE",
                    *(f"Dice {structure}" for structure in structures),
                    *(f"HD {structure} mm" for structure in structures),
                ),
                TABLE_I,
            ),
            (
                "Tables 2 and 3 of Li 2019: LV, 300 sequences of three views",
                ("accuracy", "Dice", "HD mm", "MAD mm", "views right"),
                TABLES_2_3,
            ),
            (
                "Table 4 of Li 2019: CAMUS, A2C and A4C",
                tuple(f"{what} {name}" for name in ("EDV", "ESV", "EF") for what in ("r", "bias", "MAE")),
                TABLE_4,
            ),
        )
    ]


def _frames(some: Sequence[CaseScore], structure: str) -> list[FrameScore]:
    return [frame for score in some for frame in score.frames if frame.structure == structure]


def _lost(values: Sequence[float]) -> Cell:
    """The spread of what is known; infinite values, structures that were not found, are missing."""
    return spread([value for value in values if not np.isnan(value)])


def _mean(values: Sequence[float]) -> float:
    known = [value for value in values if np.isfinite(value)]
    return float(np.mean(known)) if known else float("nan")


def _cells_i(some: Sequence[CaseScore]) -> tuple[Cell, ...]:
    moving = [score for score in some if score.jump_mm]
    return (
        _mean([score.flicker for score in some]),
        _mean([score.true_flicker for score in some]),
        sum(score.large_error for score in moving) if moving else None,
        *(_lost([frame.dice for frame in _frames(some, name)]) for name in NAMES),
        *(_lost([frame.hausdorff_mm for frame in _frames(some, name)]) for name in NAMES),
    )


def _cells_23(some: Sequence[CaseScore]) -> tuple[Cell, ...]:
    frames, classified = _frames(some, "LV"), [score for score in some if score.view is not None]
    return (
        len(frames),
        _lost([frame.accuracy for frame in frames]),
        _lost([frame.dice for frame in frames]),
        _lost([frame.hausdorff_mm for frame in frames]),
        _lost([frame.mad_mm for frame in frames]),
        float(np.mean([score.view == score.true_view for score in classified])) if classified else None,
    )


def _cells_4(some: Sequence[CaseScore]) -> tuple[Cell, ...]:
    pairs = np.array([[score.at(score.ed), score.at(score.es), score.ef_percent] for score in some]).reshape(-1, 3, 2)
    cells: list[Cell] = []
    for number in range(3):
        found, true = pairs[:, number].T
        fit = agreement(found.tolist(), true.tolist())
        known = np.isfinite(found) & np.isfinite(true)
        cells += [fit.correlation, spread((found - true)[known]), fit.mae] if fit.count else [None, None, None]
    return tuple(cells)


def _stiffness(some: Sequence[CaseScore], plain: Mapping[str, CaseScore]) -> tuple[Cell, ...]:
    of_truth, of_smoothing, lags = [], [], []
    for score in some:
        found, true = score.at(score.es)
        of_truth.append(100 * (found / true - 1))
        if score.case in plain:
            of_smoothing.append(100 * (found / plain[score.case].at(score.es)[0] - 1))
        lags.append(score.ring_lag_ms)
    known = int(np.isfinite(of_truth).sum())
    return known, _lost(of_truth), _lost(of_smoothing) if of_smoothing else None, _lost(lags)
