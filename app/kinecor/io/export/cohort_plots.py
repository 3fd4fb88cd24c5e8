"""Plots of a cohort: distribution of a value, Bland-Altman, trust by site; drawn by matplotlib, an extra."""

from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np

import kinecor
from kinecor.core.table.measures import LEADING
from kinecor.core.values.errors import KinecorError
from kinecor.core.values.geometry import FloatArray
from kinecor.core.values.message import message
from kinecor.io.export.cohort import NAMES, Agreement
from kinecor.io.export.run_tables import StudyRow
from kinecor.io.files.atomic import whole

# Okabe and Ito's colours; hatches and markers say the same without colour.
_OK, _CHECK, _WITHHELD, _NONE = "#0072b2", "#e69f00", "#999999", "#dddddd"
_TRUST: Final = (
    ("ok", _OK, ""),
    ("check", _CHECK, "///"),
    ("withheld", _WITHHELD, "xx"),
    ("not measured", _NONE, ".."),
)
_MAX_SITES = 20


def plot_distribution(path: Path, rows: Sequence[StudyRow], code: str = LEADING) -> None:
    """Write a histogram of a value; values that are to be checked are hatched, withheld ones counted below it.

    Args:
        path: of the picture; its ending says the format.
        rows: of the studies.
        code: of the value.

    Raises:
        KinecorError: matplotlib is not installed, or the file cannot be written there.

    """
    listed = [value for row in rows if (value := row.values.get(code)) is not None]
    sure, doubtful = (
        [value.value for value in listed if value.value is not None and value.trust == word] for word in ("ok", "check")
    )
    withheld = sum(value.value is None for value in listed)

    def draw(axes: Any) -> None:
        values = [*sure, *doubtful]
        bins = _bins(values)
        axes.hist([sure, doubtful], bins, stacked=True, color=[_OK, _CHECK], edgecolor="white", label=["ok", "check"])
        for patch in axes.containers[-1] if doubtful else ():
            patch.set_hatch("///")
        axes.set_xlabel(f"{NAMES[code].name} ({NAMES[code].unit})")
        axes.set_ylabel("studies")
        middle = f"median {np.median(values):.1f}, " if values else ""
        spread = f"quartiles {np.percentile(values, 25):.1f} to {np.percentile(values, 75):.1f}; " if values else ""
        axes.set_title(
            f"{code}: n {len(values)}, {middle}{spread}{withheld} withheld, {len(rows) - len(listed)} not measured"
        )
        axes.legend()

    _write(path, draw)


def _bins(values: Sequence[float]) -> FloatArray:
    """Edges at round numbers, about as far apart as Freedman and Diaconis (1981) advise, at most some 40 of them."""
    if not values:
        return np.array([0.0, 1.0])
    low, high = min(values), max(values)
    apart = float(np.diff(np.histogram_bin_edges(values, "fd" if high > low else 1)[:2])[0])
    wanted = max(apart, (high - low) / 40)
    tens = 10 ** np.floor(np.log10(wanted))
    step = next(factor * tens for factor in (1, 2, 5, 10) if factor * tens >= wanted)
    return np.asarray(step * np.arange(np.floor(low / step), np.floor(high / step) + 2), np.float64)


def plot_agreement(path: Path, agreement: Agreement, label: str) -> None:
    """Write a Bland-Altman plot with limits of agreement and their 95 % intervals; doubtful values are triangles.

    Args:
        path: of the picture.
        agreement: see Agreement.
        label: what the reference is.

    Raises:
        KinecorError: as `plot_distribution`.

    """
    measure = NAMES[agreement.code]

    def draw(axes: Any) -> None:
        mean, apart = (agreement.ours + agreement.reference) / 2, agreement.differences
        doubtful = np.array(agreement.doubtful)
        for which, marker, colour, word in ((~doubtful, "o", _OK, "ok"), (doubtful, "^", _CHECK, "check")):
            if which.any():
                axes.scatter(mean[which], apart[which], s=18, marker=marker, color=colour, alpha=0.7, label=word)
        bias_half, limit_half = agreement.half_widths
        low, high = agreement.limits
        for value, half in ((agreement.bias, bias_half), (low, limit_half), (high, limit_half)):
            if np.isfinite(value):
                axes.axhline(value, color="black", linewidth=1, linestyle="-" if value == agreement.bias else "--")
            if np.isfinite(half):
                axes.axhspan(value - half, value + half, color="black", alpha=0.08)
        axes.set_xlabel(f"mean of both ({measure.unit})")
        axes.set_ylabel(f"{agreement.code} less {label} ({measure.unit})")
        limits = f", limits {low:.1f} to {high:.1f}" if np.isfinite(low) else ""
        axes.set_title(
            f"{agreement.code}: n {len(apart)}, bias {agreement.bias:.1f}{limits}; {agreement.withheld} withheld, "
            f"{agreement.unmatched} without a study"
        )
        axes.legend()

    _write(path, draw)


def plot_trust(path: Path, rows: Sequence[StudyRow], by: Callable[[StudyRow], str], label: str) -> None:
    """Write shares of ok, check and withheld by a group of studies, such as their site; the largest groups.

    Args:
        path: of the picture.
        rows: the studies.
        by: group of a study; "" is "not known".
        label: what groups are.

    Raises:
        KinecorError: as `plot_distribution`.

    """
    groups: dict[str, Counter[str]] = {}
    for row in rows:
        groups.setdefault(by(row) or "not known", Counter())[row.trust or "not measured"] += 1
    largest = sorted(groups, key=lambda site: (-groups[site].total(), site))[:_MAX_SITES]

    def draw(axes: Any) -> None:
        places = np.arange(len(largest))
        left = np.zeros(len(largest))
        for word, colour, hatch in _TRUST:
            share = np.array([100 * groups[site][word] / groups[site].total() for site in largest])
            axes.barh(places, share, left=left, color=colour, hatch=hatch, edgecolor="white", label=word)
            left += share
        axes.set_yticks(places, [f"{site[:40]} (n {groups[site].total()})" for site in largest])
        axes.invert_yaxis()
        axes.set_xlim(0, 100)
        axes.set_xlabel("studies (%)")
        left_out = len(groups) - len(largest)
        axes.set_title(f"Trust by {label}" + (f"; {left_out} smaller ones are not shown" if left_out else ""))
        axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.14), ncols=4)

    _write(path, draw)


def _write(path: Path, draw: Callable[[Any], None]) -> None:
    """A picture of one pair of axes; its format is the name's end."""
    try:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
        from matplotlib.layout_engine import ConstrainedLayoutEngine
    except ImportError as error:
        raise KinecorError(message("plots need matplotlib: install kinecor[cohort], or use --csv-only")) from error
    figure = Figure(figsize=(8, 5), layout=ConstrainedLayoutEngine(rect=(0, 0.03, 1, 0.97)))  # below it, the use
    FigureCanvasAgg(figure)
    draw(figure.add_subplot())
    figure.text(0.995, 0.005, kinecor.RESEARCH_USE, ha="right", va="bottom", fontsize=7, color="#555555")
    with whole(path) as temporary:
        figure.savefig(temporary, dpi=150)
