"""Fitting the expected error of volumes (core/table/expected_error.py) where the truth is known."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize
from scipy.stats import t as student

from kinecor.core.table.expected_error import ExpectedError, UsualError, apart, correlation, signals
from kinecor.core.table.table import value_of
from kinecor.core.values.geometry import FloatArray
from kinecor.core.values.reading import Reading
from kinecor.core.values.track import Origin

_MARKS = (("ed", "EDV"), ("es", "ESV"))
_TAILS = 5.0
"""Degrees of freedom of Student's distribution: errors of contours have heavier tails than normal ones."""
_SHRUNK = 1.0
_RANGE_PERCENT = (0.5, 99.5)
COVERED = (90, 95)


@dataclass(frozen=True, slots=True)
class Observed:
    """Both volumes of one beat by a network's contours, and their truth.

    Attributes:
        source, name: of the recording.
        found: signals at ED and at ES.
        measured, true: EDV and ESV, in the same unit.

    """

    source: str
    name: str
    found: tuple[Mapping[str, float], Mapping[str, float]]
    measured: tuple[float, float]
    true: tuple[float, float]

    @property
    def off(self) -> tuple[float, float]:
        """Errors as shares of what was measured."""
        (edv, esv), (true_edv, true_esv) = self.measured, self.true
        return (edv - true_edv) / edv, (esv - true_esv) / esv

    @property
    def ef_off(self) -> float:
        """Error of EF, as a share of ESV / EDV as measured."""
        (edv, esv), (true_edv, true_esv) = self.measured, self.true
        return (true_esv / true_edv - esv / edv) / (esv / edv)


def observed(source: str, name: str, reading: Reading, truth: Mapping[str, float]) -> Iterator[Observed]:
    """What a Reading shows against the truth; nothing where it has no beat, or where a person drew its contours."""
    beats = reading.events.beats if reading.events else ()
    volumes = [value_of(reading, code) for _, code in _MARKS]
    if not beats or any(one is None or one <= 0 for one in volumes):
        return
    at_ed, at_es = (signals(reading, getattr(beats[0], mark)) for mark, _ in _MARKS)
    edv, esv = volumes
    automatic = reading.events is not None and reading.events.origin is not Origin.EDITED
    if at_ed is not None and at_es is not None and edv is not None and esv is not None and automatic:
        yield Observed(source, name, (at_ed, at_es), (edv, esv), (truth["EDV"], truth["ESV"]))


@dataclass(frozen=True, slots=True)
class Fitted:
    """See ExpectedError."""

    base: float
    powers: Mapping[str, float]
    ranges: Mapping[str, tuple[float, float]]
    within: Mapping[str, float]
    together: float
    within_ef: Mapping[str, float]

    def model(self, drawn: float, card: Mapping[str, str]) -> ExpectedError:
        """As the program reads it from the data file."""
        return ExpectedError(
            self.base, self.powers, self.ranges, self.within, self.together, drawn, card, self.within_ef
        )

    def toml(self, drawn: float, card: Mapping[str, str]) -> str:
        """As the data file."""
        lines = [
            "# Written by `kinecor evaluate intervals`; read by expected_error.py, which says what is what.",
            f"base = {self.base:.3f}",
            f"together = {self.together:.2f}",
            f"drawn = {drawn:.3f}",
            "",
            "[powers]",
            *(f"{name} = {value:.3f}" for name, value in self.powers.items()),
            "",
            "[ranges]",
            *(f"{name} = [{low:.2f}, {high:.2f}]" for name, (low, high) in self.ranges.items()),
            "",
            "[within]",
            *(f"{name} = {value:.2f}" for name, value in self.within.items()),
            "",
            "[within_ef]",
            *(f"{name} = {value:.2f}" for name, value in self.within_ef.items()),
            "",
            "[card]",
            *(f'{name} = "{text}"' for name, text in card.items()),
        ]
        return "\n".join(lines) + "\n"


def fit(found: Sequence[Observed]) -> Fitted:
    """The scale of the error by maximum likelihood, with powers drawn towards 0; coverage by quantiles.

    EF of simulated hearts is less wrong for its scale than that of patients: where there are patients, they alone say
    how many scales cover it.
    """
    rows = [one for beat in found for one in beat.found]
    names = tuple(rows[0])
    table = np.array([[row[name] for name in names] for row in rows])
    low, high = np.percentile(table, _RANGE_PERCENT, axis=0)
    table = np.clip(table, low, high)
    off = np.array([one for beat in found for one in beat.off])

    def loss(at: FloatArray) -> float:
        log_scale = at[0] + table @ at[1:]
        tails = (_TAILS + 1) / 2 * np.log1p((off / np.exp(log_scale)) ** 2 / _TAILS)
        return float((log_scale + tails).sum() + _SHRUNK * (at[1:] ** 2).sum())

    best = minimize(loss, np.array([np.log(0.1), *np.zeros(len(names))]), method="L-BFGS-B").x
    scale = np.exp(best[0] + table @ best[1:])
    within = _covering(np.abs(off) / scale)
    usual = _together(found, scale.reshape(-1, 2), within["95"])
    patients = np.array([not one.source.startswith("simulated") for one in found])
    ef_off = _in_scales(found, scale.reshape(-1, 2), usual)[patients if patients.any() else ~patients]
    return Fitted(
        base=float(best[0]),
        powers=dict(zip(names, map(float, best[1:]), strict=True)),
        ranges={name: (float(a), float(b)) for name, a, b in zip(names, low, high, strict=True)},
        within=within,
        together=usual,
        within_ef=_covering(ef_off),
    )


def _together(found: Sequence[Observed], scale: FloatArray, within_95: float) -> float:
    """The correlation with which the interval of EF covers 95 % by the factor of volumes, too."""
    for usual in np.arange(0.9, -0.01, -0.05):
        if _quantile(_in_scales(found, scale, float(usual)), 0.95) <= within_95:
            return float(usual)
    return 0.0


def _in_scales(found: Sequence[Observed], scale: FloatArray, usual: float) -> FloatArray:
    """Errors of EF in their scales, with a correlation of the errors at ED and ES."""
    left = [one.measured[1] / one.measured[0] for one in found]
    each = [
        apart(float(at_ed), float(at_es), correlation(usual, share))
        for (at_ed, at_es), share in zip(scale, left, strict=True)
    ]
    off: FloatArray = np.abs([one.ef_off for one in found]) / np.array(each)
    return off


_MANY = 100
"""From so many values on, how many scales cover 95 % is counted; of fewer, single ones would decide."""


def _covering(in_scales: FloatArray) -> dict[str, float]:
    """How many scales cover a percentage of the errors, counted; of few, as their distribution has it."""
    if len(in_scales) < _MANY:
        return {str(share): float(student.ppf((1 + share / 100) / 2, _TAILS)) for share in COVERED}
    return {str(share): _quantile(in_scales, share / 100) for share in COVERED}


def _quantile(values: FloatArray, share: float) -> float:
    """The least value that covers this share of all."""
    return float(np.quantile(values, share, method="inverted_cdf"))


@dataclass(frozen=True, slots=True)
class Against:
    """One value by a network's contours, and its truth.

    Attributes:
        source, name: of the recording.
        code: of the value.
        measured, true: in its unit.

    """

    source: str
    name: str
    code: str
    measured: float
    true: float


POINTS = ("GLS", "RVEF")
"""Values whose errors are in percentage points, not shares."""


def fit_usual(found: Sequence[Against]) -> dict[str, UsualError]:
    """By code, half widths that cover errors about 0 with heavy tails; patients and simulated hearts weigh equally."""
    out = {}
    for code in dict.fromkeys(one.code for one in found):
        some = [one for one in found if one.code == code]
        points = code in POINTS
        off = np.array([(one.measured - one.true) / (1.0 if points else one.measured) for one in some])
        simulated = np.array([one.source.startswith("simulated") for one in some])
        weight = np.ones(len(some))
        for part in (simulated, ~simulated):
            if part.any():
                weight[part] = 1 / part.sum()
        weight *= len(some) / weight.sum()

        def loss(log_scale: FloatArray, off: FloatArray = off, weight: FloatArray = weight) -> float:
            tails = (_TAILS + 1) / 2 * np.log1p((off / np.exp(log_scale[0])) ** 2 / _TAILS)
            return float((weight * (log_scale[0] + tails)).sum())

        scale = float(np.exp(minimize(loss, np.array([np.log(off.std() + 1e-6)]), method="L-BFGS-B").x[0]))
        within = {str(share): scale * float(student.ppf((1 + share / 100) / 2, _TAILS)) for share in COVERED}
        out[code] = UsualError(within, points)
    return out


def usual_toml(fitted: Mapping[str, UsualError], card: Mapping[str, str]) -> str:
    """As the data file."""
    lines = ["# Written by `kinecor evaluate intervals`; read by expected_error.py, which says what is what."]
    for code, one in fitted.items():
        within = ", ".join(f"{share} = {half:.{1 if one.points else 3}f}" for share, half in one.within.items())
        lines += ["", f"[{code}]", f"within = {{ {within} }}", f"points = {str(one.points).lower()}"]
    return "\n".join([*lines, "", "[card]", *(f'{name} = "{text}"' for name, text in card.items())]) + "\n"


def left_out_usual(found: Sequence[Against]) -> list[tuple[Against, UsualError]]:
    """Each value with what was fitted on the recordings of others."""
    names = sorted({one.name for one in found})
    fold = {name: number % FOLDS for number, name in enumerate(names)}
    pairs = []
    for left in range(FOLDS):
        fitted = fit_usual([one for one in found if fold[one.name] != left])
        pairs += [(one, fitted[one.code]) for one in found if fold[one.name] == left and one.code in fitted]
    return pairs


FOLDS = 5


def left_out(found: Sequence[Observed]) -> list[tuple[Observed, Fitted]]:
    """Each beat with what was fitted on the recordings of others: all beats of one name are left out together."""
    names = sorted({one.name for one in found})
    fold = {name: number % FOLDS for number, name in enumerate(names)}
    pairs = []
    for left in range(FOLDS):
        fitted = fit([one for one in found if fold[one.name] != left])
        pairs += [(one, fitted) for one in found if fold[one.name] == left]
    return pairs
