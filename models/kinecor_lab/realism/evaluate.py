"""`kinecor evaluate look`: how like real recordings the simulated ones look, measure by measure."""

import argparse
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from itertools import chain
from pathlib import Path

from kinecor_lab.realism.frame import LookFrame

NAME = "look"


def parser() -> argparse.ArgumentParser:
    """The command's options."""
    made = argparse.ArgumentParser(
        prog=f"kinecor evaluate {NAME}",
        description="Compare simulated recordings with real ones, measure by measure.",
        epilog="effect: difference of the means, simulated less real, over the pooled standard deviation.",
    )
    made.add_argument("--real", type=Path, required=True, help="a data set as PNG with index.csv, or a folder of them")
    made.add_argument("--kind", choices=["echo", "mri"], default="echo")
    made.add_argument(
        "--against",
        choices=["phantoms", "noise", "real"],
        default="phantoms",
        help="what is compared: simulated recordings; or, to judge the measures, noise or other real patients",
    )
    made.add_argument("--recordings", type=int, default=40, metavar="N", help="patients of each (default: 40)")
    made.add_argument("--seed", type=int, default=0, help="of the draw of patients, and of what is simulated")
    made.add_argument("--pictures", type=Path, metavar="FILE.png", help="also draw some of both side by side")
    made.add_argument("--json", type=Path, help="also write the rows there")
    return made


def main(argv: Sequence[str]) -> int:
    """Run the command; its exit status (0 done, 1 failed)."""
    options = parser().parse_args(argv)
    from kinecor_lab.datasets.samples import DataSetError
    from kinecor_lab.realism.real import real_clips, real_frames
    from kinecor_lab.realism.sheet import Sheet
    from kinecor_lab.realism.table import looked, rows, table

    if options.recordings < 1:
        print("kinecor evaluate: expected --recordings from 1 on", file=sys.stderr)
        return 2
    try:
        sheet = Sheet()
        frames: Iterator[LookFrame] = real_frames(options.real, options.kind, options.recordings, options.seed)
        if options.kind == "echo":
            frames = chain(frames, real_clips(options.real))
        real = looked(sheet.watch("real", frames), options.kind, _tick("real"))
        simulated = looked(sheet.watch(options.against, _others(options)), options.kind, _tick(options.against))
    except DataSetError as wrong:
        print(f"kinecor evaluate: {wrong}", file=sys.stderr)
        return 1
    found = rows(real, simulated, options.kind)
    print(file=sys.stderr)
    print(f"{options.kind}: real recordings and {options.against}, mean ± SD (frames)")
    print(table(found, real, simulated))
    if options.pictures:
        sheet.write(options.pictures)
    if options.json:
        options.json.write_text(json.dumps([asdict(row) for row in found], indent=1))
    return 0


def _others(options: argparse.Namespace) -> Iterator[LookFrame]:
    from kinecor_lab.realism.real import real_frames
    from kinecor_lab.realism.simulated import blurred_noise, simulated_echo, simulated_mri

    if options.against == "phantoms":
        simulated = simulated_echo if options.kind == "echo" else simulated_mri
        return simulated(options.recordings, options.seed)
    # Other patients than those drawn first: the draw is one permutation, cut in two.
    others = real_frames(options.real, options.kind, options.recordings, options.seed, options.recordings)
    if options.against == "real":
        return others
    return blurred_noise(others, options.seed)


def _tick(what: str) -> Callable[[int], None]:
    def tick(done: int) -> None:
        print(f"\r{what}: {done} frames ", end="", file=sys.stderr, flush=True)

    return tick
