"""`kinecor evaluate intervals`: how many true values of patients are within the intervals that are given.

The expected error that intervals follow from (core/table/expected_error.py) is fitted on patients that no network has
learnt from or was chosen by. Each half of them (even and odd numbers) is reported with what was fitted on the other
half; with --fit, what was fitted on both is written, as it ships. Simulated hearts say how the error grows with what is
seen of a contour, not how many scales cover it.
"""

import argparse
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.resources import files
from pathlib import Path
from typing import Final

import numpy as np
from safetensors.numpy import load_file
from scipy.stats import beta

from kinecor.core.norms.classes import too_wide
from kinecor.core.table.expected_error import (
    ExpectedError,
    Form,
    UsualError,
    apart,
    parse_numbers,
    parsed_usual,
    usual_errors,
)
from kinecor.core.table.intervals import form_of, interval_of, widths_of_volumes
from kinecor.core.table.over_views import PLANES_TOGETHER, biplane_factor
from kinecor.core.table.table import value_of
from kinecor.core.values.geometry import Contour
from kinecor.core.values.interval import Interval
from kinecor.core.values.track import Structure
from kinecor_lab.common.commands import add_device, reported
from kinecor_lab.common.table import Cell, Column, Table, add_output, report, spread
from kinecor_lab.datasets.data_folder import camus_frames_of_view
from kinecor_lab.tasks.apical.ejection import BIPLANE, Cavity, errors, expert_contour
from kinecor_lab.tasks.sax.networks import TRIED, add_networks
from kinecor_lab.tasks.trust.expected import (
    HALVES,
    SIMULATED,
    Against,
    Half,
    Observed,
    covering_strokes,
    error_of,
    fit,
    fit_usual,
    half_of,
    observed,
    usual_toml,
    with_biplane,
)
from kinecor_lab.tasks.trust.interval_cases import Known, camus, observed_stack, simulated_loops, stacks
from kinecor_lab.tasks.trust.values import LIMITS
from kinecor_models.contours.presence import PresenceModel, open_presence
from kinecor_models.contract import load_card
from kinecor_models.registry import DEFAULT_APICAL

USUAL: Final = ("LAV", "LVM", "RVEDV", "RVESV", "RVEF")
CODES: Final = ("EDV", "ESV", "SV", "EF", *USUAL)
BOTH_PLANES: Final = "CAMUS, both planes"
PATIENTS: Final = "all patients"


@dataclass(frozen=True, slots=True)
class Covered:
    """One value with its interval, and the truth.

    Attributes:
        source: row of the table.
        name: of the recording.
        code: of the value.
        measured, true: in the unit of the value.
        low, high: ends of its interval of 95 %.
        of_90: whether the truth is in its interval of 90 %.

    """

    source: str
    name: str
    code: str
    measured: float
    true: float
    low: float
    high: float
    of_90: bool

    @property
    def inside(self) -> bool:
        """Whether the truth is in its interval of 95 %."""
        return self.low <= self.true <= self.high

    @property
    def half_width(self) -> float:
        """Half of the interval of 95 %."""
        return (self.high - self.low) / 2


def _covered(one: Observed | Against, code: str, measured: float, true: float, of: dict[str, Interval]) -> Covered:
    interval = of["95"]
    of_90 = of["90"].contains(true)
    return Covered(one.source, one.name, code, measured, true, interval.low, interval.high, of_90)


def of_observed(observation: Observed, model: ExpectedError) -> Iterator[Covered]:
    """EDV, ESV, SV and EF of one beat with the intervals of an expected error."""
    (edv, esv), (true_edv, true_esv) = observation.measured, observation.true
    measured = {"EDV": edv, "ESV": esv, "SV": edv - esv, "EF": 100 * (1 - esv / edv)}
    true = {"EDV": true_edv, "ESV": true_esv, "SV": observation.true_sv, "EF": observation.true_ef}
    scales = [model.scale(seen) for seen in observation.seen]
    widths = {percent: widths_of_volumes(measured, scales, model, percent) for percent in ("90", "95")}
    for code in widths["95"]:
        of = {percent: interval_of(measured[code], widths[percent][code], form_of(code)) for percent in widths}
        yield _covered(observation, code, measured[code], true[code], of)


def of_both_planes(
    observations: Sequence[Observed], planes: Mapping[tuple[str, str], tuple[float, float]], model: ExpectedError
) -> Iterator[Covered]:
    """Biplane EDV, ESV and EF of patients whose planes are both observed.

    Args:
        observations: both planes of patients.
        planes: measured and true biplane values, by patient and code.
        model: the expected error of planes and of both.

    """
    for patient in dict.fromkeys(observation.name for observation in observations):
        both = [observation for observation in observations if observation.name == patient]
        for code in ("EDV", "ESV", "EF") if len(both) == 2 else ():
            if (patient, code) not in planes:
                continue
            measured, true = planes[patient, code]
            of = {}
            for percent in ("90", "95"):
                four, two = (_plane_width(observation, model, code, percent) for observation in both)
                if four is not None and two is not None:
                    width = biplane_factor(model, code, percent) * apart(four, two, -PLANES_TOGETHER) / 2
                    of[percent] = interval_of(measured, width, form_of(code))
            if len(of) == 2:
                yield _covered(replace(both[0], source=BOTH_PLANES), code, measured, true, of)


def _plane_width(observation: Observed, model: ExpectedError, code: str, percent: str) -> float | None:
    """The width of a value in one plane; None without one."""
    edv, esv = observation.measured
    values = {"EDV": edv, "ESV": esv, "EF": 100 * (1 - esv / edv)}
    return widths_of_volumes(values, [model.scale(seen) for seen in observation.seen], model, percent).get(code)


def of_usual(comparison: Against, errors_of: Mapping[str, UsualError]) -> Iterator[Covered]:
    """A value without signals with its interval."""
    usual = errors_of.get(comparison.code)
    if usual is not None:
        of = {percent: interval_of(comparison.measured, usual.within[percent], usual.form) for percent in ("90", "95")}
        yield _covered(comparison, comparison.code, comparison.measured, comparison.true, of)


def biplane(four: Path, two: Path, known_cases: Sequence[Known]) -> dict[tuple[str, str], tuple[float, float]]:
    """Measured and true biplane values of patients of whom both views are read, by patient and code."""
    samples = [*camus_frames_of_view(four, ["valid"], "A4C"), *camus_frames_of_view(two, ["valid"], "A2C")]
    drawn: dict[tuple[str, str, str], Contour | None] = {}
    for known_case in known_cases:
        track = known_case.reading.tracks[Structure.LV_ENDO]
        view = known_case.reading.view.label if known_case.reading.view else ""
        drawn |= {
            (known_case.name, view, phase): contour for phase, contour in zip(("ED", "ES"), track.contours, strict=True)
        }
    cavities = [
        Cavity(drawn.get((sample.patient, sample.view, sample.phase)), expert_contour(sample, "lv_endo"), sample)
        for sample in samples
    ]
    return {
        (error.patient, error.code): (error.measured, error.true)
        for error in errors(cavities)
        if error.method == BIPLANE and np.isfinite(error.measured)
    }


def _against(known_cases: Sequence[Known]) -> Iterator[Against]:
    """Values without signals."""
    for known_case in known_cases:
        for code in USUAL:
            measured = value_of(known_case.reading, code)
            if measured is not None and code in known_case.truth and measured * known_case.truth[code] > 0:
                yield Against(known_case.source, known_case.name, code, measured, known_case.truth[code])


def card_of_usual(seen: Sequence[Against]) -> dict[str, str]:
    """What the errors without signals were fitted on, and their limits."""
    models = [load_card(name) for name in (DEFAULT_APICAL, "lv-sax", "sax-presence")]
    parts = []
    for code in dict.fromkeys(comparison.code for comparison in seen):
        simulated = sum(comparison.source.startswith(SIMULATED) for comparison in seen if comparison.code == code)
        of_patients = sum(comparison.code == code for comparison in seen) - simulated
        parts.append(f"{code}: {of_patients} of patients, {simulated} simulated")
    return {
        "model": ", ".join(f"{model.name} {model.version}" for model in models),
        "fitted_on": "; ".join(parts),
        "holds_for": "values by these networks' contours; patients and simulated hearts weigh equally",
        "limits": "the same for all, whatever the contours look like; to be fitted again with other weights",
        "command": COMMAND,
    }


COMMAND: Final = (
    "kinecor evaluate intervals --data camus-a4c --two-chamber camus-a2c --cache cache --acdc acdc-sax "
    "--york york-cine --dsb dsb-sax --studies scd-dicom --simulated 24 --fit FOLDER"
)


def card_of(seen: Sequence[Observed], *, of_stacks: bool = False) -> dict[str, str]:
    """What the numbers were fitted on, and their limits."""
    counts = {
        source: sum(observation.source == source for observation in seen)
        for source in dict.fromkeys(o.source for o in seen)
    }
    models = [load_card(name) for name in (("lv-sax", "sax-presence") if of_stacks else (DEFAULT_APICAL,))]
    beats = "stacks" if of_stacks else "beats"
    return {
        "model": " and ".join(f"{model.name} {model.version}" for model in models),
        "fitted_on": "; ".join(f"{source}: {n} {beats}" for source, n in counts.items())
        + "; patients that no network has learnt from; coverage counted on patients alone",
        "holds_for": "EDV, ESV, SV and EF of short-axis stacks by contours of this network, bases as it sees them"
        if of_stacks
        else "EDV, ESV, SV and EF of apical loops by contours of this network, in one plane and in both",
        "limits": (
            "of patients four data sets, of which one (many hospitals) is the most"
            if of_stacks
            else "experts' contours of one hospital and one maker; confidences below those of these recordings count "
            "as their least"
        )
        + ". To be fitted again with other weights",
        "drawn_source": "differences between observers of EDV are about 5 %, of ESV 10 % (SCMR 2020, "
        "doi 10.1186/s12968-020-00610-6); 5 % as a normal standard deviation, times 1.96 over within.95"
        if of_stacks
        else "differences between observers of EDV and ESV are about 10 % (ASE/EACVI 2015), as a normal "
        "standard deviation; the scale is that times 1.96 over within.95",
        "command": COMMAND,
    }


_OBSERVERS, _OBSERVERS_OF_STACKS = 0.10, 0.05


def binomial_percent(inside: int, count: int) -> tuple[float, float]:
    """The 95 % interval of a share, in percent (Clopper and Pearson 1934)."""
    low = beta.ppf(0.025, inside, count - inside + 1) if inside else 0.0
    high = beta.ppf(0.975, inside + 1, count - inside) if inside < count else 1.0
    return 100 * float(low), 100 * float(high)


def table(covered_values: Sequence[Covered]) -> Table:
    """Coverage, width and error by value and source; patients of all sets pooled last."""
    columns = (
        Column("value"),
        Column("recordings"),
        Column("n", form="d"),
        Column("in the interval of 95", "%", ".0f"),
        Column("95 % interval of that share"),
        Column("holds 95 %"),
        Column("in the interval of 90", "%", ".0f"),
        Column("half width"),
        Column("measured less true"),
    )
    rows: list[tuple[Cell, ...]] = []
    for code in CODES:
        of_code = [covered_value for covered_value in covered_values if covered_value.code == code]
        sources = list(dict.fromkeys(covered_value.source for covered_value in of_code))
        groups = {
            source: [covered_value for covered_value in of_code if covered_value.source == source] for source in sources
        }
        if len(sources) > 1:
            groups[PATIENTS] = of_code
        for source, some in groups.items():
            inside = sum(covered_value.inside for covered_value in some)
            low, high = binomial_percent(inside, len(some))
            rows.append(
                (
                    code,
                    source,
                    len(some),
                    100 * inside / len(some),
                    f"{low:.0f} to {high:.0f}",
                    "yes" if low <= 95 <= high else "no",
                    100 * float(np.mean([covered_value.of_90 for covered_value in some])),
                    spread([covered_value.half_width for covered_value in some]),
                    spread([covered_value.measured - covered_value.true for covered_value in some]),
                )
            )
    return Table("Intervals against the truth", columns, tuple(rows))


_TIMES: Final = (1.0, 1.15, 1.3, 1.5)


def wider_table(covered_values: Sequence[Covered]) -> Table:
    """Values of single planes of patients, by half, were their intervals wider: wrong and outside, and too wide.

    What an interval of 95 % leaves out is wrong more often than not. Fewer are wrong and outside only with intervals
    that are too wide for a class.
    """
    rows: list[tuple[Cell, ...]] = []
    for half in HALVES:
        some = [
            each for each in covered_values if each.source in SINGLE_PLANES and half_of(each.source, each.name) == half
        ]
        for times in _TIMES if some else ():
            intervals = [_widen(each, times) for each in some]
            pairs = list(zip(some, intervals, strict=True))
            inside = sum(interval.contains(each.true) for each, interval in pairs)
            wrong = sum(
                LIMITS[each.code].wrong(each.measured, each.true) and not interval.contains(each.true)
                for each, interval in pairs
            )
            wide = sum(too_wide(each.code, each.measured, interval) for each, interval in pairs)
            shares = (100 * count / len(some) for count in (inside, wrong, wide))
            rows.append((half, len(some), f"x {times:g}", *shares))
    columns = (
        Column("patients"),
        Column("values", form="d"),
        Column("half width"),
        Column("in the interval", "%", ".1f"),
        Column("wrong and outside", "%", ".1f"),
        Column("not measured well enough", "%", ".0f"),
    )
    return Table("Single planes of CAMUS, were their intervals wider", columns, tuple(rows))


SINGLE_PLANES: Final = ("CAMUS A4C", "CAMUS A2C")


def _widen(covered_value: Covered, times: float) -> Interval:
    """The interval of a value with another width."""
    value, low, high = covered_value.measured, covered_value.low, covered_value.high
    form = form_of(covered_value.code)
    if form is Form.SHARE:
        width = float(np.log(high / value))
    elif form is Form.RATIO:
        left = [max(100 - each, _TINY) for each in (low, value, high)]
        width = float(max(np.log(left[0] / left[1]), np.log(left[1] / left[2])))
    else:
        width = covered_value.half_width
    return interval_of(value, times * width, form)


_TINY: Final = 1e-6


def parser() -> argparse.ArgumentParser:
    """The command's options."""
    out = argparse.ArgumentParser(
        prog="kinecor evaluate intervals", description="Count the true values within their intervals."
    )
    out.add_argument("--data", type=Path, help="CAMUS A4C (PNG with index.csv)")
    out.add_argument("--two-chamber", type=Path, help="CAMUS A2C (PNG with frames.csv)")
    out.add_argument("--cache", type=Path, nargs="+", default=[], help="batteries of `kinecor evaluate trust`: clips")
    out.add_argument("--acdc", type=Path, help="ACDC slices as PNG with index.csv and geometry.csv")
    out.add_argument("--york", type=Path, help="York cines as PNG with frames.csv")
    out.add_argument("--dsb", type=Path, help="short-axis stacks of the Second National Data Science Bowl")
    out.add_argument("--studies", type=Path, help="complete Sunnybrook studies: DICOM and contours")
    out.add_argument("--simulated", type=int, default=0, help="how many simulated stacks are fitted on, too")
    out.add_argument("--stack-cache", type=Path, help="folder where what the network gives of stacks is stored")
    out.add_argument("--head", type=Path, help="weights of another sax-presence")
    add_networks(out)
    add_device(out)
    out.add_argument("--fit", type=Path, metavar="FOLDER", help="fit the expected error and write its files there")
    out.add_argument(
        "--shipped", action="store_true", help="count with the intervals that ship, which were fitted on these patients"
    )
    out.add_argument(
        "--strokes",
        action="store_true",
        help="keep what ships of stacks, and count only how many of its scales cover the stroke volume",
    )
    out.add_argument("--seed", type=int, default=0, help="unused: nothing is drawn")
    add_output(out)
    return out


@dataclass(frozen=True, eq=False)
class Measured:
    """What is compared with the truth.

    Attributes:
        beats: of loops.
        stacks: whole ones.
        usual: values without signals.
        planes: measured and true biplane values, by patient and code.

    """

    beats: Sequence[Observed]
    stacks: Sequence[Observed]
    usual: Sequence[Against]
    planes: Mapping[tuple[str, str], tuple[float, float]]

    def without(self, half: Half) -> "Measured":
        """The other half of the patients, and simulated hearts."""
        return self._where(lambda each: each != half)

    def of(self, half: Half) -> "Measured":
        """The patients of one half."""
        return self._where(lambda each: each == half)

    def _where(self, wanted: Callable[[Half], bool]) -> "Measured":
        return Measured(
            [beat for beat in self.beats if wanted(beat.half)],
            [stack for stack in self.stacks if wanted(stack.half)],
            [value for value in self.usual if wanted(value.half)],
            self.planes,
        )


@dataclass(frozen=True, eq=False)
class FittedErrors:
    """What was fitted, as the program's data files; None of kinds of recordings that were not there."""

    loops: str | None
    stacks: str | None
    usual: str | None

    def covered(self, measured: Measured) -> Iterator[Covered]:
        """Values with their intervals, of kinds that were fitted."""
        if self.loops:
            model = parse_numbers(self.loops)
            for beat in measured.beats:
                yield from of_observed(beat, model)
            yield from of_both_planes(measured.beats, measured.planes, model)
        if self.stacks:
            for stack in measured.stacks:
                yield from of_observed(stack, parse_numbers(self.stacks))
        if self.usual:
            for value in measured.usual:
                yield from of_usual(value, parsed_usual(self.usual))


_NORMAL_95: Final = 1.96


def fitted_errors(found: Measured) -> FittedErrors:
    """The expected errors of loops, of stacks and of values without signals."""
    loops = whole = usual = None
    if found.beats:
        off = {key: error_of(measured, true, form_of(key[1])) for key, (measured, true) in found.planes.items()}
        fitted = with_biplane(fit(found.beats), [beat for beat in found.beats if not beat.simulated], off)
        loops = fitted.toml(_OBSERVERS * _NORMAL_95 / fitted.within["95"], card_of(found.beats))
    if found.stacks:
        fitted = fit(found.stacks)
        drawn = _OBSERVERS_OF_STACKS * _NORMAL_95 / fitted.within["95"]
        whole = fitted.toml(drawn, card_of(found.stacks, of_stacks=True))
    if found.usual:
        usual = usual_toml({**usual_errors(), **fit_usual(found.usual)}, card_of_usual(found.usual))
    return FittedErrors(loops, whole, usual)


_FILES: Final = ("expected_error.toml", "expected_error_of_stacks.toml", "usual_errors.toml")


def shipped_errors() -> FittedErrors:
    """What ships, e.g. to see whether it still holds for another network."""
    room = files("kinecor.core.table")
    return FittedErrors(*(room.joinpath(name).read_text(encoding="utf-8") for name in _FILES))


def _write(fitted: FittedErrors, folder: Path) -> None:
    """Writes the files of what was fitted; others are left alone."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in zip(_FILES, (fitted.loops, fitted.stacks, fitted.usual), strict=True):
        if text is not None:
            (folder / name).write_text(text, encoding="utf-8")


def gathered(options: argparse.Namespace) -> Measured:
    """What the networks measure in the recordings of the options, with the truth."""
    of_camus = list(camus(options.data, options.two_chamber))
    loops = [*of_camus, *simulated_loops(options.cache)]
    presence = open_presence()
    if options.head:
        presence = PresenceModel(replace(presence.card, version=TRIED), load_file(options.head))
    any_stack = any((options.acdc, options.york, options.dsb, options.studies, options.simulated))
    of_stacks = list(stacks(options, presence)) if any_stack else []
    return Measured(
        [seen for loop in loops for seen in observed(loop.source, loop.name, loop.reading, loop.truth)],
        [seen for known_case in of_stacks for seen in observed_stack(known_case)],
        list(_against([*loops, *of_stacks])),
        biplane(options.data, options.two_chamber, of_camus) if options.data and options.two_chamber else {},
    )


def covered_by_halves(measured: Measured, fitting: Callable[[Measured], FittedErrors] = fitted_errors) -> list[Covered]:
    """The values of each half of the patients, with the intervals that follow from the other half."""
    return [row for half in HALVES for row in fitting(measured.without(half)).covered(measured.of(half))]


def with_strokes(measured: Measured) -> FittedErrors:
    """What ships of stacks, with how many of its scales cover the stroke volumes of patients."""
    text = shipped_errors().stacks or ""
    model, some = parse_numbers(text), [stack for stack in measured.stacks if not stack.simulated]
    scale = np.array([[model.scale(seen) for seen in observation.seen] for observation in some])
    within = covering_strokes(some, scale, model.together)
    table = "\n".join(("[within_sv]", *(f"{share} = {value:.2f}" for share, value in within.items())))
    strokes = {"strokes": _card_of_strokes(some)}
    return FittedErrors(None, with_table(text, table, strokes), None)


def with_table(text: str, table: str, card: Mapping[str, str]) -> str:
    """A data file with the table of stroke volumes, in place of the one that it may have, and more in its card."""
    head, _, about = re.sub(r"\[within_sv\][^\[]*", "", text).partition("[card]")
    lines = [line for line in about.strip().splitlines() if line.partition(" = ")[0] not in card]
    lines += [f'{name} = "{value}"' for name, value in card.items()]
    return f"{head.rstrip()}\n\n{table}\n\n[card]\n" + "\n".join(lines) + "\n"


def _card_of_strokes(some: Sequence[Observed]) -> str:
    """What the stroke volumes were counted on."""
    networks = " and ".join(f"{card.name} {card.version}" for card in map(load_card, ("lv-sax", "sax-presence")))
    counts = {
        source: sum(observation.source == source for observation in some)
        for source in dict.fromkeys(o.source for o in some)
    }
    return f"by {networks}; " + "; ".join(f"{source}: {n} stacks" for source, n in counts.items())


@reported("kinecor evaluate")
def main(argv: Sequence[str]) -> int:
    """Runs the command; returns its exit status (0 done, 1 failed)."""
    options = parser().parse_args(argv)
    measured = gathered(options)
    fitting = with_strokes if options.strokes else fitted_errors
    covered = list(shipped_errors().covered(measured)) if options.shipped else covered_by_halves(measured, fitting)
    if options.fit:
        _write(fitting(measured), options.fit)
    report(
        "intervals",
        argv,
        "Intervals of volumes and EF",
        [table(covered), wider_table(covered)],
        out=options.out,
        seed=options.seed,
        models={},
        notes=[
            "With the intervals that ship, which were fitted on these patients by other networks, too."
            if options.shipped
            else "The intervals that ship; stroke volumes of each half with what was counted on the other half."
            if options.strokes
            else "Each half of the patients with what was fitted on the other half and on simulated hearts.",
            "Volumes of loops by single-plane disks; of CAMUS ED is contoured alone, ES with it.",
        ],
        values=covered,
    )
    return 0
