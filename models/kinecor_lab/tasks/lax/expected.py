"""Expected errors of volumes and EF on long axes: what contours are off by in patients, and what a plane alone is.

Their scale follows the network's confidence. The logarithm of the error of a volume is that of the contour (DSB's
labels) plus that of the plane (exact contours of simulated hearts against their volume), paired at random.
"""

import csv
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from kinecor.core.table.expected_error import SIGNALS, apart

Floats = NDArray[np.float64]
_USUAL_DOUBT, _MIN_DOUBT = 0.05, 0.005
"""As in core/table/expected_error.py."""
_POWERS = np.arange(0.0, 1.51, 0.05)
"""Of the doubt; more would promise too much where a network is very sure."""
_PAIRED = 40
"""Planes of simulated hearts that each contour is paired with."""
# Differences between observers of volumes are about 10 % (ASE/EACVI 2015), as a normal standard deviation.
_OBSERVERS = 0.10


@dataclass(frozen=True, slots=True)
class LongValue:
    """How well one image was contoured.

    Attributes:
        patient, phase: which.
        dice: of the cavity; 0 where none was drawn.
        area: drawn over labelled, minus 1.
        volume: by single-plane disks, likewise; NaN where none was drawn.
        length: of the endocardium from hinge point to hinge point, likewise.
        nearer_mm, farther_mm: how far the two hinge points are off the label's.
        along_mm: how far their middle is off the label's along the long axis, towards the apex.
        confidence: 0..1, as the model gives it.
        right, atrium: right ventricle and atrium, as shares of the cavity; what the view is distinguished by.
        seconds: that the image took.

    """

    patient: str
    phase: str
    dice: float
    area: float
    volume: float
    length: float
    nearer_mm: float
    farther_mm: float
    along_mm: float
    confidence: float
    right: float
    atrium: float
    seconds: float


@dataclass(frozen=True, slots=True)
class Fit:
    """The numbers of ExpectedError.

    Attributes:
        base, power, low, high: logarithm of the scale at a usual doubt, what it grows by per unit of its logarithm, and
            the range of that.
        together: correlation of the errors at the two frames of a patient.
        within, within_ef: scales to each side that cover 90 and 95 %.

    """

    base: float
    power: float
    low: float
    high: float
    together: float
    within: tuple[float, float]
    within_ef: tuple[float, float]


def fit(values: Sequence[LongValue], planes: Path, seed: int = 0) -> Fit:
    """Fit the expected errors.

    Args:
        values: of patients, by the network that ships.
        planes: lax-hearts.csv of `kinecor evaluate lax-hearts`.
        seed: of the pairing.

    Raises:
        OSError: the table cannot be read.

    """
    patients: dict[str, dict[str, LongValue]] = defaultdict(dict)
    for value in values:
        if np.isfinite(value.volume):
            patients[value.patient][value.phase] = value
    both = [(patient["ED"], patient["ES"]) for patient in patients.values() if {"ED", "ES"} <= set(patient)]
    with planes.open(newline="", encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["view"] == "A4C"]
    of_plane = np.array([[1 + float(row[name]) for name in ("plane_edv", "plane_esv")] for row in rows])
    of_contour = np.array([[1 + a.volume, 1 + b.volume] for a, b in both])
    doubt = np.array([[_unsure(long_value) for long_value in pair] for pair in both])
    rng = np.random.default_rng(seed)
    chosen = rng.integers(len(of_plane), size=(len(both), _PAIRED))
    error = np.log(of_contour[:, None] * of_plane[chosen])  # (patients, planes, frames)
    low, high = (float(value) for value in np.quantile(doubt, (0.02, 0.98)))
    clipped = np.clip(doubt, low, high)[:, None]
    base, power = min(
        (_best_base(error, clipped, power) for power in _POWERS),
        key=lambda candidate: _misfit(error, np.exp(candidate[0] + candidate[1] * clipped)),
    )
    scale = np.exp(base + power * clipped)
    in_scales = np.abs(error / scale).ravel()
    together = float(np.clip(_rank_correlation(error[..., 0].ravel(), error[..., 1].ravel()), 0.0, 0.95))
    ratio = np.abs(error[..., 1] - error[..., 0])
    of_ratio = np.array([apart(float(a), float(b), together) for a, b in scale[:, 0]])
    return Fit(
        base,
        power,
        low,
        high,
        together,
        _quantiles(in_scales),
        _quantiles((ratio / of_ratio[:, None]).ravel()),
    )


def _unsure(value: LongValue) -> float:
    return float(np.log(max(1 - value.confidence, _MIN_DOUBT) / _USUAL_DOUBT))


def _best_base(error: Floats, doubt: Floats, power: float) -> tuple[float, float]:
    """The base at which errors have a median of half a scale, which outliers do not move."""
    return float(np.log(np.median(np.abs(error) / np.exp(power * doubt)) / 0.5)), float(power)


def _misfit(error: Floats, scale: Floats) -> float:
    """Negative logarithm of the likelihood of a Laplace distribution."""
    return float((np.abs(error) / scale + np.log(scale)).mean())


def _rank_correlation(left: Floats, right: Floats) -> float:
    first, second = (np.argsort(np.argsort(some)).astype(np.float64) for some in (left, right))
    return float(np.corrcoef(first, second)[0, 1])


def _quantiles(values: Floats) -> tuple[float, float]:
    at_90, at_95 = np.quantile(values, (0.90, 0.95))
    return float(at_90), float(at_95)


def volumes_text(found: Fit, about: str, command: str) -> str:
    """expected_error_of_long_axes.toml."""
    return _text(
        f"base = {found.base:.3f}",
        f"together = {found.together:.2f}",
        f"drawn = {1.96 * _OBSERVERS / found.within[1]:.3f}",
        "",
        "[powers]",
        f"unsure = {found.power:.3f}",
        *(f"{name} = 0.0" for name in _WITHOUT),
        "",
        "[ranges]",
        f"unsure = [{found.low:.2f}, {found.high:.2f}]",
        *(f"{name} = [0.0, 0.0]" for name in _WITHOUT),
        "",
        "[within]",
        f"90 = {found.within[0]:.2f}",
        f"95 = {found.within[1]:.2f}",
        "",
        "[within_ef]",
        f"90 = {found.within_ef[0]:.2f}",
        f"95 = {found.within_ef[1]:.2f}",
        "",
        "[card]",
        f'model = "{about}"',
        f'fitted_on = "{_FITTED_ON}; planes: exact contours of simulated hearts"',
        'holds_for = "single-plane EDV, ESV, SV and EF of long axes of cine MRI by contours of this network, or drawn"',
        f'limits = "{_LIMITS}"',
        f'drawn_source = "{_DRAWN_SOURCE}"',
        f'command = "{command}"',
    )


_WITHOUT = tuple(name for name in SIGNALS if name != "unsure")
_FITTED_ON = "two four-chamber frames each of the patients of DSB that chose the network"
_AGAIN = "To be fitted again with other weights"
_LIMITS = (
    "frames of the patients are of any two phases, labelled by non-physicians; two- and three-chamber views of "
    f"patients are in no set: their intervals are those of the four-chamber view. {_AGAIN}"
)
_DRAWN_SOURCE = (
    "differences between observers of EDV and ESV are about 10 % (ASE/EACVI 2015), as a normal standard deviation; the "
    "scale is that times 1.96 over within.95"
)


def _text(*lines: str) -> str:
    head = "# Written by `kinecor evaluate lax-cine --fit`; read by expected_error.py, which says what is what."
    return "\n".join((head, *lines)) + "\n"
