"""`kinecor evaluate strain-intervals`: the interval of GLS by how well the wall was followed, against known strain.

The half width of the interval is a usual one times signals of the tracking (`signals_of_strain`), each to a power that
is fitted on one half of simulated hearts; how many such scales cover 95 % is the conformal quantile of the same half
(Lei et al. 2018, doi 10.1080/01621459.2017.1307116). The other half reports, next to one width for all.
"""

import argparse
import sys
from collections.abc import Callable, Sequence
from functools import partial
from importlib.resources import files
from pathlib import Path
from typing import Final

import numpy as np
from scipy.optimize import minimize

from kinecor.core.table.expected_error import Form, UsualError, parsed_usual
from kinecor.core.values.geometry import FloatArray
from kinecor_lab.common.commands import reported
from kinecor_lab.common.table import Cell, Column, Table, add_output, report, spread
from kinecor_lab.tasks.trust.expected import usual_toml
from kinecor_lab.tasks.trust.intervals import binomial_percent
from kinecor_lab.tasks.trust.plan import FIRST_SEED, SOUND
from kinecor_lab.tasks.trust.strain.cases import StrainError, prepare_strain_cases, strain_errors
from kinecor_models.contract import load_card
from kinecor_models.registry import DEFAULT_APICAL

SIGNALS: Final = ("lost", "drift")
COVERED: Final = (90, 95)
_TAILS: Final = 5.0
# Powers are few clips' and therefore held near 0 by a normal prior of this standard deviation.
_POWER_SPREAD: Final = 1.0
_FILE: Final = "usual_errors.toml"
BEFORE: Final = UsualError({"90": 2.2, "95": 2.8}, Form.POINTS)
"""What was shown whatever was seen, fitted on 26 sound clips."""


def conformal(scores: FloatArray, share: float) -> float:
    """The quantile of scores that covers a share of what comes next, by as many scores as there are."""
    ordered = np.sort(scores)
    return float(ordered[min(int(np.ceil((len(ordered) + 1) * share)), len(ordered)) - 1])


def fit_strain(errors: Sequence[StrainError], signals: Sequence[str] = SIGNALS) -> UsualError:
    """Powers of the signals by heavy-tailed maximum likelihood, and half widths that cover the same errors.

    Args:
        errors: of one half.
        signals: which of them count; none for one width for all.

    Raises:
        ValueError: there is no error.

    """
    if not errors:
        raise ValueError("no recording has a global strain and its truth")
    off = np.array([error.true - error.measured for error in errors])
    seen = np.array([[error.seen[name] for name in signals] for error in errors]).reshape(len(errors), len(signals))

    def loss(numbers: FloatArray) -> float:
        log_scale = numbers[0] + seen @ numbers[1:]
        tails = (_TAILS + 1) / 2 * np.log1p((off / np.exp(log_scale)) ** 2 / _TAILS)
        prior = 0.5 * float(((numbers[1:] / _POWER_SPREAD) ** 2).sum())
        return float((log_scale + tails).sum()) + prior

    start = np.concatenate(([np.log(off.std() + 1e-6)], np.zeros(len(signals))))
    # A wall that is followed worse is not known better.
    bounds = [(None, None), *[(0.0, None)] * len(signals)]
    powers = np.asarray(minimize(loss, start, method="L-BFGS-B", bounds=bounds).x[1:])
    scores = np.abs(off) / np.exp(seen @ powers)
    return UsualError(
        {str(share): conformal(scores, share / 100) for share in COVERED},
        Form.POINTS,
        dict(zip(signals, map(float, powers), strict=True)),
        {name: (float(column.min()), float(column.max())) for name, column in zip(signals, seen.T, strict=True)},
    )


def table(errors: Sequence[StrainError], half: str, models: dict[str, UsualError]) -> Table:
    """Coverage and width of each model in one half, of all clips and of those that are sound and seen badly."""
    errors = [error for error in errors if error.half == half]
    groups: dict[str, Callable[[StrainError], bool]] = {
        "all": lambda _: True,
        "sound": lambda error: error.kind == SOUND,
        "seen badly": lambda error: error.kind != SOUND,
    }
    rows: list[tuple[Cell, ...]] = []
    for model_name, model in models.items():
        for name, wanted in groups.items():
            some = [error for error in errors if wanted(error)]
            if not some:
                continue
            off = np.array([abs(error.true - error.measured) for error in some])
            widths = {share: np.array([model.width(str(share), error.seen) for error in some]) for share in COVERED}
            inside = int((off <= widths[95]).sum())
            low, high = binomial_percent(inside, len(some))
            rows.append(
                (
                    model_name,
                    name,
                    len(some),
                    100 * inside / len(some),
                    f"{low:.0f} to {high:.0f}",
                    100 * float((off <= widths[90]).mean()),
                    spread(widths[95]),
                    spread([error.measured - error.true for error in some]),
                )
            )
    columns = (
        Column("interval"),
        Column("clips"),
        Column("n", form="d"),
        Column("in the interval of 95", "%", ".0f"),
        Column("95 % interval of that share"),
        Column("in the interval of 90", "%", ".0f"),
        Column("half width", "points"),
        Column("measured less true", "points"),
    )
    ending = "half that reports" if half == "report" else "half that chooses"
    return Table(f"Intervals of GLS of one view, {ending}", columns, tuple(rows))


def _write(folder: Path, fitted: UsualError, count: int) -> None:
    """Rewrites the data file with GLS as fitted; the other values stay."""
    text = files("kinecor.core.table").joinpath(_FILE).read_text("utf-8")
    about = dict(line.split(" = ", 1) for line in text.partition("[card]")[2].strip().splitlines() if " = " in line)
    card = {name: value.strip('"') for name, value in about.items()}
    card["fitted_on"] = "; ".join(part for part in card["fitted_on"].split("; ") if not part.startswith("GLS"))
    network = load_card(DEFAULT_APICAL)
    card["strain"] = (
        f"GLS by {network.name} {network.version}: {count} simulated clips of even seeds, half of them seen badly; of "
        "patients none, since no set has a true global strain. `kinecor evaluate strain-intervals`"
    )
    folder.mkdir(parents=True, exist_ok=True)
    (folder / _FILE).write_text(usual_toml({**parsed_usual(text), "GLS": fitted}, card), encoding="utf-8")


def parser() -> argparse.ArgumentParser:
    """The command's options."""
    out = argparse.ArgumentParser(
        prog="kinecor evaluate strain-intervals", description="Count true GLS within intervals by tracking quality."
    )
    out.add_argument("--cache", type=Path, default=Path("runs/strain"), help="folder of the prepared clips")
    out.add_argument("--prepare", action="store_true", help="simulate and analyse what is not in the cache")
    out.add_argument("--hearts", type=int, default=24, metavar="N", help="of each half, two clips each (default: 24)")
    out.add_argument("--fit", type=Path, metavar="FOLDER", help="write the data file with what was fitted")
    add_output(out)
    return out


@reported("kinecor evaluate")
def main(argv: Sequence[str]) -> int:
    """Runs the command; returns its exit status (0 done, 1 failed)."""
    options = parser().parse_args(argv)
    if options.prepare:
        prepare_strain_cases(options.cache, options.hearts, partial(print, file=sys.stderr, flush=True))
    errors = strain_errors(options.cache)
    chosen = [error for error in errors if error.half == "choose"]
    fitted = fit_strain(chosen)
    if options.fit:
        _write(options.fit, fitted, len(chosen))
    models = {
        "2.8 points for all, as in 0.2.0": BEFORE,
        "one width for all, fitted": fit_strain(chosen, ()),
        "by tracking": fitted,
    }
    report(
        "strain-intervals",
        argv,
        "Intervals of GLS by how the wall was followed",
        [table(errors, half, models) for half in ("report", "choose")],
        out=options.out,
        seed=FIRST_SEED["echo"],
        models={},
        notes=[
            f"Simulated hearts: {len(chosen)} clips of even seeds choose, {len(errors) - len(chosen)} of odd ones "
            "report. No set of patients has a true global strain.",
            "Fitted: "
            + ", ".join(f"{name} to the power {power:.2f}" for name, power in fitted.powers.items())
            + f"; half width {fitted.within['95']:.2f} points where every signal is 0.",
        ],
        values=errors,
    )
    return 0
