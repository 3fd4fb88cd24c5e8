"""Fitting the expected error of volumes (core/table/expected_error.py) where the truth is known.

The powers of the signals are fitted on patients and simulated hearts; how many scales cover 95 % is counted on patients
alone (split conformal prediction, Lei et al. 2018, doi 10.1080/01621459.2017.1307116). Each half of the patients of a
set is reported with what was fitted on the other half (cross-conformal prediction, Vovk 2015,
doi 10.1007/s10472-013-9368-4); what ships is fitted on both.
"""

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

import numpy as np
from scipy.optimize import minimize
from scipy.stats import t as student

from kinecor.core.table.expected_error import ExpectedError, Form, UsualError, apart, correlation, signals
from kinecor.core.table.intervals import form_of
from kinecor.core.table.over_views import PLANES_TOGETHER
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
SIMULATED: Final = "simulated"
"""How the sources of simulated recordings begin."""

Half = Literal["even", "odd", "both"]
HALVES: Final[tuple[Half, Half]] = ("even", "odd")


def half_of(source: str, name: str) -> Half:
    """By the number of a patient; simulated hearts are fitted on with both halves, and not reported."""
    if source.startswith(SIMULATED):
        return "both"
    return "odd" if int(re.findall(r"\d+", name)[-1]) % 2 else "even"


def error_of(measured: float, true: float, form: Form) -> float:
    """How far off a value is; see Form."""
    if form is Form.SHARE:
        return math.log(true / measured)
    if form is Form.RATIO:
        return math.log((100 - true) / (100 - measured))
    return true - measured


@dataclass(frozen=True, slots=True)
class Observed:
    """Both volumes of one beat by a network's contours, and their truth.

    Attributes:
        source: of the recording, such as "CAMUS A4C".
        name: of the patient or heart.
        seen: signals at ED and at ES.
        measured, true: EDV and ESV, in the same unit.
        true_ef: in percent; not that of both volumes where these are of different sources.
        true_sv: in the unit of the volumes; like `true_ef` of one source.

    """

    source: str
    name: str
    seen: tuple[Mapping[str, float], Mapping[str, float]]
    measured: tuple[float, float]
    true: tuple[float, float]
    true_ef: float
    true_sv: float

    @property
    def half(self) -> Half:
        """Of its set."""
        return half_of(self.source, self.name)

    @property
    def simulated(self) -> bool:
        """Whether it is of no patient."""
        return self.half == "both"

    @property
    def off(self) -> tuple[float, float]:
        """Errors of both volumes."""
        at_ed, at_es = (
            error_of(measured, true, Form.SHARE) for measured, true in zip(self.measured, self.true, strict=True)
        )
        return at_ed, at_es

    @property
    def ef_off(self) -> float:
        """Error of what EF leaves."""
        edv, esv = self.measured
        return error_of(100 * (1 - esv / edv), self.true_ef, Form.RATIO)

    @property
    def sv_off(self) -> float | None:
        """Error of the stroke volume; None where nothing is ejected."""
        edv, esv = self.measured
        return error_of(edv - esv, self.true_sv, Form.SHARE) if min(edv - esv, self.true_sv) > 0 else None


def observed(source: str, name: str, reading: Reading, truth: Mapping[str, float]) -> Iterator[Observed]:
    """What a Reading shows against the truth; nothing where it has no beat, or where a person drew its contours."""
    beats = reading.events.beats if reading.events else ()
    edv, esv = (value_of(reading, code) for _, code in _MARKS)
    if not beats or edv is None or esv is None or min(edv, esv) <= 0:
        return
    at_ed, at_es = (signals(reading, getattr(beats[0], mark)) for mark, _ in _MARKS)
    automatic = reading.events is not None and reading.events.origin is not Origin.EDITED
    if at_ed is not None and at_es is not None and automatic:
        true = truth["EDV"], truth["ESV"]
        yield Observed(source, name, (at_ed, at_es), (edv, esv), true, truth["EF"], truth["SV"])


@dataclass(frozen=True, slots=True)
class Fitted:
    """See ExpectedError; biplane values are counted apart (`with_biplane`)."""

    base: float
    powers: Mapping[str, float]
    ranges: Mapping[str, tuple[float, float]]
    within: Mapping[str, float]
    together: float
    within_ef: Mapping[str, float]
    within_sv: Mapping[str, float]
    within_biplane: Mapping[str, float] | None = None
    within_ef_biplane: Mapping[str, float] | None = None

    def model(self, drawn: float, card: Mapping[str, str]) -> ExpectedError:
        """As the program reads it from the data file."""
        return ExpectedError(
            self.base,
            self.powers,
            self.ranges,
            self.within,
            self.together,
            drawn,
            card,
            self.within_ef,
            self.within_biplane or {},
            self.within_ef_biplane or {},
            self.within_sv,
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
            *self._covering_lines(),
            "",
            "[card]",
            *(f'{name} = "{text}"' for name, text in card.items()),
        ]
        return "\n".join(lines) + "\n"

    def _covering_lines(self) -> list[str]:
        """How many scales cover, in a table for each kind of value."""
        lines = []
        for name in ("within", "within_ef", "within_sv", "within_biplane", "within_ef_biplane"):
            if shares := getattr(self, name):
                lines += ["", f"[{name}]", *(f"{share} = {value:.2f}" for share, value in shares.items())]
        return lines


def fit(observations: Sequence[Observed]) -> Fitted:
    """The scale of the error by maximum likelihood, with powers drawn towards 0; coverage counted on patients."""
    rows = [values_by_name for beat in observations for values_by_name in beat.seen]
    names = tuple(rows[0])
    table = np.array([[row[name] for name in names] for row in rows])
    low, high = np.percentile(table, _RANGE_PERCENT, axis=0)
    table = np.clip(table, low, high)
    off = np.array([value for beat in observations for value in beat.off])

    def loss(at: FloatArray) -> float:
        log_scale = at[0] + table @ at[1:]
        tails = (_TAILS + 1) / 2 * np.log1p((off / np.exp(log_scale)) ** 2 / _TAILS)
        return float((log_scale + tails).sum() + _SHRUNK * (at[1:] ** 2).sum())

    best = minimize(loss, np.array([np.log(0.1), *np.zeros(len(names))]), method="L-BFGS-B").x
    scale = np.exp(best[0] + table @ best[1:]).reshape(-1, 2)
    patients = np.array([not observation.simulated for observation in observations])
    counted = patients if patients.any() else ~patients
    within = covering((np.abs(off).reshape(-1, 2) / scale)[counted].ravel())
    some = [observation for observation, counts in zip(observations, counted, strict=True) if counts]
    usual = _together(some, scale[counted])
    within_ef = covering(_in_scales(some, scale[counted], usual))
    return Fitted(
        base=float(best[0]),
        powers=dict(zip(names, map(float, best[1:]), strict=True)),
        ranges={name: (float(a), float(b)) for name, a, b in zip(names, low, high, strict=True)},
        within=within,
        together=usual,
        within_ef=within_ef,
        within_sv=covering_strokes(some, scale[counted], usual) or within_ef,
    )


def with_biplane(fitted: Fitted, observations: Sequence[Observed], true: Mapping[tuple[str, str], float]) -> Fitted:
    """The same with how many scales of their planes cover biplane values.

    Args:
        fitted: of single planes.
        observations: both planes of patients, A4C and A2C.
        true: by patient and "EDV", "ESV", "EF": the error of the biplane value, see `error_of`.

    """
    volumes: list[float] = []
    ratios: list[float] = []
    for patient in dict.fromkeys(observation.name for observation in observations):
        both = [observation for observation in observations if observation.name == patient]
        if len(both) != 2 or (patient, "EDV") not in true:
            continue
        planes = [biplane_scales(fitted.model(0.1, {}), observation) for observation in both]
        for code in ("EDV", "ESV", "EF"):
            scale = apart(planes[0][code], planes[1][code], -PLANES_TOGETHER) / 2
            (ratios if code == "EF" else volumes).append(abs(true[patient, code]) / scale)
    return replace(fitted, within_biplane=covering(np.array(volumes)), within_ef_biplane=covering(np.array(ratios)))


def biplane_scales(model: ExpectedError, observation: Observed) -> dict[str, float]:
    """The scales of the errors of EDV, ESV and of what EF leaves, in one plane."""
    at_ed, at_es = (model.scale(seen) for seen in observation.seen)
    together = correlation(model.together, observation.measured[1] / observation.measured[0])
    return {"EDV": at_ed, "ESV": at_es, "EF": apart(at_ed, at_es, together)}


def _together(observations: Sequence[Observed], scale: FloatArray) -> float:
    """The correlation of the errors at ED and ES, in their scales; an outlier weighs no more than two scales."""
    off = np.clip(np.array([observation.off for observation in observations]) / scale, -2.0, 2.0)
    strength = np.array(
        [1 - correlation(0.0, observation.measured[1] / observation.measured[0]) for observation in observations]
    )
    product = off.prod(axis=1) / np.maximum((off**2).mean(), 1e-9)
    usual = (strength * (product - 1)).sum() / np.maximum((strength**2).sum(), 1e-9) + 1
    return float(np.clip(usual, 0.0, 0.9))


def _in_scales(observations: Sequence[Observed], scale: FloatArray, usual: float) -> FloatArray:
    """Errors of EF in their scales, with a correlation of the errors at ED and ES."""
    left = [observation.measured[1] / observation.measured[0] for observation in observations]
    each = [
        apart(float(at_ed), float(at_es), correlation(usual, share))
        for (at_ed, at_es), share in zip(scale, left, strict=True)
    ]
    off: FloatArray = np.abs([observation.ef_off for observation in observations]) / np.array(each)
    return off


def covering_strokes(observations: Sequence[Observed], scale: FloatArray, usual: float) -> dict[str, float]:
    """How many scales cover stroke volumes, see `covering`; empty where nothing is ejected.

    Args:
        observations: of patients.
        scale: (n, 2) of the errors at ED and ES, as shares.
        usual: correlation of both, see `correlation`.

    """
    off = []
    for (at_ed, at_es), observation in zip(scale, observations, strict=True):
        (edv, esv), error = observation.measured, observation.sv_off
        if error is not None:
            each = apart(float(at_ed) * edv, float(at_es) * esv, correlation(usual, esv / edv))
            off.append(abs(error) * (edv - esv) / each)
    return covering(np.array(off)) if off else {}


def covering(in_scales: FloatArray) -> dict[str, float]:
    """How many scales cover a percentage of further errors: the error at rank (n + 1) x share, of all from the least.

    Of few errors that is the largest of them.
    """
    ordered = np.sort(in_scales)
    ranks = {share: math.ceil((len(ordered) + 1) * share / 100) for share in COVERED}
    return {str(share): float(ordered[min(rank, len(ordered)) - 1]) for share, rank in ranks.items()}


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

    @property
    def half(self) -> Half:
        """Of its set."""
        return half_of(self.source, self.name)


def fit_usual(comparisons: Sequence[Against]) -> dict[str, UsualError]:
    """By code, half widths that cover errors about 0 with heavy tails; patients and simulated hearts weigh equally."""
    out = {}
    for code in dict.fromkeys(comparison.code for comparison in comparisons):
        some = [comparison for comparison in comparisons if comparison.code == code]
        form = form_of(code)
        off = np.array([error_of(comparison.measured, comparison.true, form) for comparison in some])
        simulated = np.array([comparison.source.startswith(SIMULATED) for comparison in some])
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
        out[code] = UsualError(within, form)
    return out


def usual_toml(fitted: Mapping[str, UsualError], card: Mapping[str, str]) -> str:
    """As the data file."""
    lines = ["# Written by `kinecor evaluate intervals`; read by expected_error.py, which says what is what."]
    for code, usual in fitted.items():
        within = ", ".join(f"{share} = {half:.{1 if usual.form is Form.POINTS else 3}f}" for share, half in
                           usual.within.items())  # fmt: skip
        lines += ["", f"[{code}]", f"within = {{ {within} }}", f'form = "{usual.form}"']
        if usual.powers:
            powers = ", ".join(f"{name} = {power:.3f}" for name, power in usual.powers.items())
            ranges = ", ".join(f"{name} = [{low:.3f}, {high:.3f}]" for name, (low, high) in usual.ranges.items())
            lines += [f"powers = {{ {powers} }}", f"ranges = {{ {ranges} }}"]
    return "\n".join([*lines, "", "[card]", *(f'{name} = "{text}"' for name, text in card.items())]) + "\n"
