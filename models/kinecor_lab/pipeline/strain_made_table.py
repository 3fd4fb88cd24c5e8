"""How strain agrees on made cines: with tracked material points, and with what true outlines alone tell."""

from collections.abc import Iterator, Sequence

import numpy as np

from kinecor.core.values.arrays import FloatArray
from kinecor_lab.pipeline.strain_arms import ARMS, TRUE_OUTLINES, WHOLE, Looked
from kinecor_lab.pipeline.strain_table import errors, segment_errors, told


def made_table(looked: Sequence[Looked]) -> str:
    """All figures as text; differences are measured less true, in points of strain (mean +- SD over cines)."""
    return "\n".join([*_against_points(looked), "", *_against_outlines(looked), "", *_extremes(looked)])


def _against_points(looked: Sequence[Looked]) -> Iterator[str]:
    yield "End-systolic longitudinal strain, less that of true material points (mean +- SD over cines, in points)"
    for arm in ARMS:
        off = segment_errors(looked, arm)
        yield f"{arm:20} GLS {told(errors(looked, arm)):34} segments {_segments(off)}"


def _against_outlines(looked: Sequence[Looked]) -> Iterator[str]:
    """Against strain of the true outlines' length, as a comparison of contours with an expert's would have it."""
    yield "The same, less strain of the true outlines alone"
    truly = np.array([one.by_arm[TRUE_OUTLINES].gls_percent for one in looked])
    for arm in (WHOLE, "contours alone"):
        found = np.array([one.by_arm[arm].gls_percent for one in looked])
        yield f"{arm:20} GLS {told(found - truly)}"


def _segments(off: FloatArray) -> str:
    """Bias, spread and mean absolute error of segments."""
    return f"{told(off.ravel())}, mean absolute {np.nanmean(np.abs(off)):.1f}" if np.isfinite(off).any() else "-"


def _extremes(looked: Sequence[Looked]) -> Iterator[str]:
    true = np.array([one.case.gls_percent for one in looked])
    off = errors(looked)
    yield f"true GLS from {true.min():.1f} to {true.max():.1f} %, mean {true.mean():.1f}"
    if np.isfinite(off).any():
        worst = int(np.nanargmax(np.abs(off)))
        name = looked[worst].case.about.population
        yield f"mean absolute error {np.nanmean(np.abs(off)):.1f}; worst {off[worst]:+.1f}, {name}"
