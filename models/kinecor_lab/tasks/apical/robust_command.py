"""`kinecor evaluate lv-robustness`: overlap and flicker of the apical model under hard conditions."""

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kinecor_lab.tasks.apical.robust_cases import RobustCase

SOURCES = ("stills", "made", "simulated")


def parser() -> argparse.ArgumentParser:
    """The command's options."""
    made = argparse.ArgumentParser(
        prog="kinecor evaluate lv-robustness",
        description="Measure the apical model against gain, depth, shadow, drop-out, noise, JPEG, frame rate, "
        "foreshortening, mirrored pictures and grey maps.",
    )
    made.add_argument(
        "--data", type=Path, help="CAMUS (PNG with index.csv, NIfTI or MHD); without it, simulated hearts only"
    )
    made.add_argument("--split", default="valid", help="train, valid or test (default: valid)")
    made.add_argument("--view", default="A4C", choices=["A4C", "A2C"], help="of CAMUS as NIfTI or MHD (default: A4C)")
    made.add_argument("--paths", type=Path, default=Path("runs/sequence/paths"), help="where paths of made cines lie")
    made.add_argument("--sources", default=",".join(SOURCES), help="comma-separated (default: all)")
    made.add_argument("--frames", type=int, default=100, help="experts' frames at most")
    made.add_argument("--patients", type=int, default=8, help="patients of made cines")
    made.add_argument("--hearts", type=int, default=4, help="simulated hearts")
    made.add_argument("--over-time", default="fusion", choices=["fusion", "average", "live", "none"])
    made.add_argument("--seed", type=int, default=0)
    made.add_argument("--device", choices=["auto", "cpu", "cuda"], default="auto")
    made.add_argument("--out", type=Path, help="also write the table there")
    made.add_argument("--json", type=Path, help="also write every score there")
    return made


def _cases(options: argparse.Namespace, wanted: Sequence[str]) -> "Iterator[RobustCase]":
    from kinecor_lab.datasets.data_folder import camus_frames_of_view
    from kinecor_lab.tasks.apical import robust_cases

    say = partial(print, file=sys.stderr)
    samples = camus_frames_of_view(options.data, [options.split], options.view) if options.data else []
    if samples and "stills" in wanted:
        yield from robust_cases.stills(samples[: options.frames], options.seed)
    if samples and "made" in wanted:
        yield from robust_cases.made(samples, options.paths, options.patients, options.seed, say)
    if "simulated" in wanted:
        yield from robust_cases.simulated(options.hearts, options.seed)


def main(argv: Sequence[str]) -> int:
    """Runs the command; returns its exit status (0 done, 1 failed)."""
    options = parser().parse_args(argv)
    wanted = options.sources.split(",")
    unknown = sorted(set(wanted) - set(SOURCES))
    if unknown:
        print(f"kinecor evaluate: expected sources of {', '.join(SOURCES)}, got {', '.join(unknown)}", file=sys.stderr)
        return 1
    from kinecor_lab.datasets.samples import DataSetError
    from kinecor_lab.tasks.apical.robust_table import score, table
    from kinecor_models.contours.apical import open_apical
    from kinecor_models.engines.engine import DeviceError
    from kinecor_models.registry import DEFAULT_APICAL
    from kinecor_models.weights import WeightsError

    found = []
    try:
        model = open_apical(DEFAULT_APICAL, options.device, over_time=options.over_time)
        for case in _cases(options, wanted):
            found.append(score(model, case))
            print(f"\r{len(found)} {case.source} {case.name}      ", end="", file=sys.stderr)
    except (DataSetError, DeviceError, WeightsError) as wrong:
        print(f"kinecor evaluate: {wrong}", file=sys.stderr)
        return 1
    print(file=sys.stderr)
    if not found:
        print("kinecor evaluate: expected cases, found none; name --data or other --sources", file=sys.stderr)
        return 1
    head = f"{model.card.name} {model.card.version}, {options.over_time}; split {options.split}, seed {options.seed}"
    text = f"{head}\nmean ± SD over recordings; change of Dice against the same recording as it is\n{table(found)}"
    print(text)
    if options.out:
        options.out.write_text(text + "\n")
    if options.json:
        options.json.write_text(json.dumps([asdict(one) for one in found], indent=1))
    return 0
