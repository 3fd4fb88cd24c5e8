"""`kinecor evaluate phases`: Table 1 of Kong 2016 (ED and ES) with our rows, by kind of cine."""

import argparse
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from kinecor_lab.common.commands import add_device, add_split, reported
from kinecor_lab.common.table import add_output, flat, report
from kinecor_lab.common.training import torch_device
from kinecor_lab.datasets.samples import DataSetError
from kinecor_lab.datasets.stacks import york_stacks
from kinecor_lab.tasks.phases import baselines
from kinecor_lab.tasks.phases.data import (
    FINDERS,
    SOURCES,
    Amount,
    PhaseCine,
    files,
    jobs,
    make,
    read_cines,
    recorded_mri,
)
from kinecor_lab.tasks.phases.table import (
    Method,
    PhaseScore,
    by_area,
    by_network,
    by_study,
    scores,
    table,
    thinned,
)
from kinecor_lab.tasks.phases.train import trained, trained_late, trained_side
from kinecor_models.contract import load_card, load_weights
from kinecor_models.engines.opening import open_curve_engine
from kinecor_models.engines.torch_engines import curve_engine
from kinecor_models.phases.model import without_late

SHIPPED = "phases"


def parser() -> argparse.ArgumentParser:
    """The command's options."""
    out = argparse.ArgumentParser(
        prog="kinecor evaluate phases",
        description="Measure trained networks and baselines on cines with known ED and ES.",
    )
    out.add_argument("--cines", type=Path, default=Path("runs/phases/cines"), help="folder of made and simulated cines")
    out.add_argument("--acdc", type=Path, help="ACDC slices as PNG with index.csv: cines that are missing are made")
    out.add_argument("--york", type=Path, help="York cines as PNG with frames.csv, all patients: recorded")
    out.add_argument("--heart", choices=[*FINDERS], default="network", help="how the heart is found in such (network)")
    out.add_argument("--sources", default=",".join(SOURCES), help="comma-separated (default: all)")
    add_split(out, "test")
    out.add_argument("--real", type=Path, nargs="*", default=[], help="further files (.npz) of real cines")
    out.add_argument(
        "--run", type=Path, default=Path("runs/phases"), help="its folders hold trained networks (best.pt)"
    )
    out.add_argument("--names", help="comma-separated, of the folders in --run to measure (default: all)")
    out.add_argument("--shipped", action="store_true", help="measure the network that ships as well")
    out.add_argument("--baselines", action="store_true", help="level sets and graph cuts as well (MRI only)")
    out.add_argument("--limit", type=int, default=0, help="maximum number of cines of each source (0: all)")
    add_device(out)
    add_output(out)
    return out


@reported("kinecor evaluate")
def main(argv: Sequence[str]) -> int:
    """Runs the command; returns its exit status (0 done, 1 failed)."""
    options = parser().parse_args(argv)
    by_source: dict[str, list[PhaseCine]] = {}
    wanted = options.sources.split(",")
    if options.acdc:
        missing = jobs(options.cines, wanted, Amount(0, 0), options.acdc, located=FINDERS[options.heart])
        make([job for job in missing if f"-{options.split}-" in job.file.name], partial(print, file=sys.stderr))
    recorded = york_stacks(options.york, ["train", "valid", "test"]) if options.york else []
    for cine in (
        *read_cines([*files(options.cines, options.split, wanted), *options.real]),
        *recorded_mri(recorded, FINDERS[options.heart]),
    ):
        by_source.setdefault(cine.source, []).append(thinned(cine))
    cines = [cine for some in by_source.values() for cine in some[slice(options.limit or None)]]
    if not cines:
        raise DataSetError(f"expected cines in {options.cines}, found none; prepare them with kinecor train phases")
    networks = [
        (
            file.parent.name,
            curve_engine(trained(file), torch_device(options.device).type),
            trained_side(file),
            trained_late(file),
        )
        for file in sorted(options.run.glob("*/best.pt"))
        if options.names is None or file.parent.name in options.names.split(",")
    ]
    if options.shipped:
        card = load_card(SHIPPED)
        weights, late = without_late(load_weights(card))
        engine = open_curve_engine(weights, card.size, options.device)
        networks.append((f"{SHIPPED} {card.version}", engine, card.size, late))
    methods: dict[str, Method] = {}
    for name, engine, size, late in networks:
        methods[f"{name}, as printed"] = by_network(engine, size, fit=False)
        methods[f"{name}, fitted"] = by_network(engine, size, late=late)
    found: dict[str, list[PhaseScore]] = {}
    if options.baselines:
        short_axes = [cine for cine in cines if cine.source.endswith("mri")]
        found["graph cut"] = scores(by_area(baselines.graph_cut_areas), short_axes)
        if baselines.has_level_sets():
            found["level set"] = scores(by_area(baselines.level_set_areas), short_axes)
        else:
            print("level sets left out: scikit-image is not installed (pip install kinecor[evaluate])", file=sys.stderr)
    for name, method in methods.items():
        found[name] = scores(method, cines)
        print(f"{name}: {len(found[name])} events", file=sys.stderr)
    real = [cine for cine in cines if cine.source == "real mri" and cine.cycle_s is not None]
    one_each = list({cine.patient: cine for cine in real}.values())
    for name, engine, size, late in networks:
        if one_each:
            found[f"{name}, whole studies"] = scores(by_study(engine, size, real, late), one_each)
    of = f"split {options.split}" + (", all of York" if recorded else "")
    count = f"{len({cine.patient for cine in cines})} patients, {len(cines)} cines"
    report(
        "phases",
        argv,
        "End-diastole and end-systole",
        [table(found)],
        out=options.out,
        notes=[f"{of}: {count}; 20 frames a cycle (MRI), about 25/s (echo)"],
        values=[flat(score) | {"method": name} for name, some in found.items() for score in some],
    )
    return 0
