"""`kinecor evaluate phases`: Table 1 of paper 003 (ED and ES) with our rows, simulated, made and real apart."""

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path


def parser() -> argparse.ArgumentParser:
    """The command's options."""
    made = argparse.ArgumentParser(
        prog="kinecor evaluate phases",
        description="Measure trained networks and baselines on cines with known ED and ES.",
    )
    made.add_argument(
        "--cines", type=Path, default=Path("runs/phases/cines"), help="folder of made and simulated cines"
    )
    made.add_argument("--split", default="test", choices=["train", "valid", "test"])
    made.add_argument("--real", type=Path, nargs="*", default=[], help="further files (.npz) of real cines")
    made.add_argument(
        "--run", type=Path, default=Path("runs/phases"), help="its folders hold trained networks (best.pt)"
    )
    made.add_argument("--baselines", action="store_true", help="level sets and graph cuts as well (MRI only)")
    made.add_argument("--limit", type=int, default=0, help="use only so many cines of each source")
    made.add_argument("--device", choices=["cpu", "cuda"], default="cpu")
    made.add_argument("--json", type=Path, help="also write every event there")
    return made


def main(argv: Sequence[str]) -> int:
    """Runs the command; returns its exit status (0 done, 1 failed)."""
    options = parser().parse_args(argv)
    from kinecor_lab.datasets.samples import DataSetError
    from kinecor_lab.tasks.phases import baselines as phase_baselines
    from kinecor_lab.tasks.phases.cine import PhaseCine, read_cines
    from kinecor_lab.tasks.phases.loop import trained, trained_late, trained_side
    from kinecor_lab.tasks.phases.methods import Method, by_area, by_network, by_study
    from kinecor_lab.tasks.phases.packs import files
    from kinecor_lab.tasks.phases.table import PhaseScore, scores, table, thinned
    from kinecor_models.engines.engine import DeviceError
    from kinecor_models.engines.torch_engines import curve_engine

    try:
        by_source: dict[str, list[PhaseCine]] = {}
        for cine in read_cines([*files(options.cines, options.split), *options.real]):
            by_source.setdefault(cine.source, []).append(thinned(cine))
        cines = [cine for some in by_source.values() for cine in some[slice(options.limit or None)]]
        if not cines:
            raise DataSetError(f"expected cines in {options.cines}, found none; make them with kinecor train phases")
        methods: dict[str, Method] = {}
        networks = [
            (file.parent.name, curve_engine(trained(file), options.device), trained_side(file), trained_late(file))
            for file in sorted(options.run.glob("*/best.pt"))
        ]
        for name, engine, size, late in networks:
            methods[f"{name}, as printed"] = by_network(engine, size, fit=False)
            methods[f"{name}, fitted"] = by_network(engine, size, late=late)
    except (DataSetError, DeviceError, FileNotFoundError) as wrong:
        print(f"kinecor evaluate: {wrong}", file=sys.stderr)
        return 1
    found: dict[str, list[PhaseScore]] = {}
    if options.baselines:
        short_axes = [cine for cine in cines if cine.source.endswith("mri")]
        found["graph cut"] = scores(by_area(phase_baselines.graph_cut_areas), short_axes)
        if phase_baselines.has_level_sets():
            found["level set"] = scores(by_area(phase_baselines.level_set_areas), short_axes)
        else:
            print("level sets left out: scikit-image is not there (pip install kinecor[evaluate])", file=sys.stderr)
    for name, method in methods.items():
        found[name] = scores(method, cines)
        print(f"{name}: {len(found[name])} events", file=sys.stderr)
    real = [cine for cine in cines if cine.source == "real mri" and cine.cycle_s is not None]
    one_each = list({cine.patient: cine for cine in real}.values())
    for name, engine, size, late in networks:
        if one_each:
            found[f"{name}, whole studies"] = scores(by_study(engine, size, real, late), one_each)
    patients = len({cine.patient for cine in cines})
    print(f"split {options.split}: {patients} patients, {len(cines)} cines; 20 frames a cycle (MRI), about 25/s (echo)")
    print(table(found))
    if options.json:
        options.json.write_text(json.dumps({name: [asdict(one) for one in some] for name, some in found.items()}))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
