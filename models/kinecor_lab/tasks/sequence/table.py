"""Table I of paper 000 and Tables 2 to 4 of paper 001 with our rows, beside the papers' own."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from kinecor_lab.tasks.sequence.metrics import FrameScore, agreement
from kinecor_lab.tasks.sequence.scores import CaseScore

NAMES = ("LV", "myocardium", "left atrium")
SHORT = ("LV", "myo", "LA")

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


@dataclass(frozen=True, slots=True)
class _Numbers:
    mean: float
    spread: float
    lost: int

    def text(self, digits: int) -> str:
        lost = f" ({self.lost} lost)" if self.lost else ""
        return f"{self.mean:.{digits}f}±{self.spread:.{digits}f}{lost}" if np.isfinite(self.mean) else "-"


def _numbers(values: Sequence[float]) -> _Numbers:
    """Mean and SD over finite values; infinite ones are lost structures."""
    found = np.array([one for one in values if np.isfinite(one)])
    lost = int(sum(np.isinf(one) for one in values))
    if not len(found):
        return _Numbers(float("nan"), float("nan"), lost)
    return _Numbers(float(found.mean()), float(found.std(ddof=1)) if len(found) > 1 else 0.0, lost)


def _frames(some: Sequence[CaseScore], structure: str) -> list[FrameScore]:
    return [frame for one in some for frame in one.frames if frame.structure == structure]


def _line(name: str, cells: Sequence[str], widths: Sequence[int]) -> str:
    return "  ".join([f"{name[:46]:46}", *(f"{cell:>{width}}" for cell, width in zip(cells, widths, strict=True))])


_WIDTHS_I = (4, 7, 7, 4, 11, 11, 11, 11, 11, 11)


def _cells_i(some: Sequence[CaseScore]) -> list[str]:
    jumps, true = _numbers([one.flicker for one in some]), _numbers([one.true_flicker for one in some])
    moving = [one for one in some if one.jump_mm]
    return [
        str(len(some)),
        f"{jumps.mean:.4f}" if np.isfinite(jumps.mean) else "-",
        f"{true.mean:.4f}" if np.isfinite(true.mean) else "-",
        str(sum(one.large_error for one in moving)) if moving else "-",
        *(_numbers([frame.dice for frame in _frames(some, name)]).text(3) for name in NAMES),
        *(_numbers([frame.hausdorff_mm for frame in _frames(some, name)]).text(2) for name in NAMES),
    ]


_WIDTHS_23 = (5, 11, 11, 10, 9, 5)


def _cells_23(some: Sequence[CaseScore]) -> list[str]:
    frames, named = _frames(some, "LV"), [one for one in some if one.view is not None]
    return [
        str(len(frames)),
        _numbers([one.accuracy for one in frames]).text(3),
        _numbers([one.dice for one in frames]).text(3),
        _numbers([one.hausdorff_mm for one in frames]).text(2),
        _numbers([one.mad_mm for one in frames]).text(2),
        f"{np.mean([one.view == one.true_view for one in named]):.3f}" if named else "-",
    ]


_WIDTHS_4 = (4, 6, 11, 7, 6, 11, 7, 6, 11, 7)


def _cells_4(some: Sequence[CaseScore]) -> list[str]:
    pairs = np.array([[one.at(one.ed), one.at(one.es), one.ef_percent] for one in some]).reshape(-1, 3, 2)
    cells, count = [], 0
    for number in range(3):
        fit = agreement(pairs[:, number, 0].tolist(), pairs[:, number, 1].tolist())
        count = fit.count if number == 0 else min(count, fit.count)
        if fit.count == 0:
            cells += ["-", "-", "-"]
            continue
        cells += [f"{fit.correlation:.3f}", f"{fit.bias:+.1f}±{fit.spread:.1f}", f"{fit.mae:.1f}"]
    return [str(count), *cells]


_WIDTHS_STIFF = (4, 15, 15, 12)


def _stiffness(some: Sequence[CaseScore], plain: Mapping[str, CaseScore]) -> list[str]:
    of_truth, of_smoothing, lags = [], [], []
    for one in some:
        found, true = one.at(one.es)
        of_truth.append(100 * (found / true - 1))
        if one.case in plain:
            of_smoothing.append(100 * (found / plain[one.case].at(one.es)[0] - 1))
        lags.append(one.ring_lag_ms)
    known = int(np.isfinite(of_truth).sum())
    return [
        str(known),
        _numbers(of_truth).text(2),
        _numbers(of_smoothing).text(2) if of_smoothing else "-",
        _numbers(lags).text(1),
    ]


_TABLES: tuple[tuple[str, Sequence[str], Sequence[int], Callable[[Sequence[CaseScore]], list[str]]], ...] = (
    (
        "-- Table I, paper 000 (mFIP a pair of frames, found and of the truth)",
        ("n", "mFIP", "true", "#LTE", *(f"Dice {one}" for one in SHORT), *(f"HD {one}" for one in SHORT)),
        _WIDTHS_I,
        _cells_i,
    ),
    (
        "-- Tables 2-3, paper 001 (LV; n frames)",
        ("n", "accuracy", "Dice", "HD mm", "MAD mm", "views"),
        _WIDTHS_23,
        _cells_23,
    ),
    (
        "-- Table 4, paper 001 (a single plane here; ml and %)",
        ("n", *(f"{what} {one}" for one in ("EDV", "ESV", "EF") for what in ("r", "bias", "MAE"))),
        _WIDTHS_4,
        _cells_4,
    ),
)
_STIFF = "-- Stiffness: ES volume against the truth's and against no smoothing, and how late the mitral ring follows"
_HEADS_STIFF = ("n", "to truth %", "by smoothing %", "ring lag ms")


def tables(by_row: Scores, plain: str) -> str:
    """All tables as text, by source of cases.

    Args:
        by_row: scores of every row.
        plain: the row without smoothing, from which the bias by smoothing is taken.

    """
    parts = []
    sources = list(dict.fromkeys(one.source for some in by_row.values() for one in some))
    reference = {one.case: one for one in by_row.get(plain, ())}
    for source in sources:
        rows = {name: [one for one in some if one.source == source] for name, some in by_row.items()}
        rows = {name: some for name, some in rows.items() if some}
        patients = len({one.patient for some in rows.values() for one in some})
        parts.append(f"== {source}: {patients} patients or hearts; mean±SD, n clips")
        for title, heads, widths, cells in _TABLES:
            lines = [_line(name, cells(some), widths) for name, some in rows.items()]
            parts.append("\n".join([title, _line("", heads, widths), *lines]))
        if any(one.jump_mm for some in rows.values() for one in some):
            lines = [_line(name, _stiffness(some, reference), _WIDTHS_STIFF) for name, some in rows.items()]
            parts.append("\n".join([_STIFF, _line("", _HEADS_STIFF, _WIDTHS_STIFF), *lines]))
    return "\n\n".join([*parts, papers()])


def papers() -> str:
    """The papers' own rows, on their own data: not to be held against ours."""
    lines = ["== the papers' rows, on their own data: other patients, scanners and experts than ours"]
    for title, rows in (
        ("-- Table I, paper 000: mFIP, #LTE of 174, Dice and HD (mm) of LV, myocardium, left atrium", TABLE_I),
        ("-- Tables 2-3, paper 001: accuracy, Dice, HD (mm), MAD (mm) of the LV, views named rightly", TABLES_2_3),
        ("-- Table 4, paper 001, CAMUS A2C and A4C: r, bias±SD, MAE of EDV (ml), ESV (ml), EF (%)", TABLE_4),
    ):
        lines += ["", title, *(f"{name:46}  {cells}" for name, cells in rows.items())]
    return "\n".join(lines)
