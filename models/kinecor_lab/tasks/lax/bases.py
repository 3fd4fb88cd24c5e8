"""`kinecor evaluate lax-bases`: the base of simulated stacks, decided with and without the valve on their long axes.

Stacks and long axes are written as files, opened, and contoured by the networks that ship. A slice belongs to the
ventricle where muscle is round at least half of its cavity; no real study has both planes and such a truth.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from kinecor.analysis.analyse import propose_first
from kinecor.analysis.phantoms import Output, write_mri
from kinecor.core.values.reading import Reading, choices, first_reading, first_stack_reading
from kinecor.core.values.recording import Recording, Stack
from kinecor.io.open.recordings import open_path
from kinecor.session.valve import VALVE_AUTHOR, valve_edit
from kinecor_lab.common.commands import add_device, reported, show_progress
from kinecor_lab.common.table import Column, Table, add_output, report
from kinecor_lab.tasks.lax.evaluate import MODEL
from kinecor_models.contract import load_card
from kinecor_phantoms.heart.population import draw_any
from kinecor_phantoms.mri.record import record_mri
from kinecor_phantoms.mri.scan import Scan

NAME = "lax-bases"
_MIN_SHARE = 0.5
_MODELS = (MODEL, "lv-sax", "sax-presence")


@dataclass(frozen=True, slots=True)
class BaseValue:
    """The base of one study at one phase: number of the slice from 0, in the stack's order."""

    study: int
    phase: int
    true: int
    alone: int
    with_valve: int


def written(folder: Path, seed: int, number: int) -> Path:
    """A folder with a simulated study; it is written where it is not there."""
    place = folder / f"{NAME}-{seed}" / f"{number:02d}"
    if not (place / "truth.json").is_file():
        rng = np.random.default_rng((seed, number))
        heart = draw_any(rng, 1)
        tilt_deg = abs(float(rng.normal(0, 3)))
        scan = Scan(rows=144, columns=160, pixel_mm=1.9, phases=16, misregistration_mm=1.0, tilt_deg=tilt_deg)
        write_mri(record_mri(heart, rng, scan, workers=1), Output(place, "Simulated", f"{NAME} {seed} {number}"))
    return place


def measured(place: Path, number: int, device: str) -> list[BaseValue]:
    """The base at every phase."""
    stack: Reading | None = None
    loops = []
    for recording in open_path(place).recordings:
        reading = _contoured(recording, device)
        if isinstance(recording, Stack):
            stack = reading
        else:
            loops.append(reading)
    alone = choices(stack).extent if stack is not None else None
    if stack is None or alone is None:
        return []
    edit = valve_edit(stack, loops)
    after = choices(stack if edit is None else edit.apply(stack, VALVE_AUTHOR)).extent or alone
    true = _true_base(place)
    return [BaseValue(number, phase, *row) for phase, row in enumerate(zip(true, alone.base, after.base, strict=True))]


def _contoured(recording: Recording, device: str) -> Reading:
    first = first_stack_reading(recording) if isinstance(recording, Stack) else first_reading(recording)
    proposal = propose_first(recording, first, device=device)
    return proposal.edit.apply(first, proposal.by)


def _true_base(place: Path) -> list[int]:
    """By phase, the most basal slice with muscle round half of its cavity; slices run from the apex."""
    truth = json.loads((place / "truth.json").read_text(encoding="utf-8"))
    share = next(np.array(recording["wall_share"]) for recording in truth["recordings"] if recording["slices"] > 1)
    return [int(np.flatnonzero(phase >= _MIN_SHARE).max()) for phase in share.T]


def table(values: Sequence[BaseValue]) -> Table:
    """How many phases have the right base, and how far off others are."""
    columns = (
        Column("base decided"),
        Column("phases", form="d"),
        Column("right", form="d"),
        Column("share", "%", ".1f"),
        Column("farthest off", "slices", "d"),
    )
    rows = []
    for name, off in (
        ("by the stack alone", [value.alone - value.true for value in values]),
        ("with the valve on long axes", [value.with_valve - value.true for value in values]),
    ):
        right = sum(number == 0 for number in off)
        rows.append((name, len(off), right, 100 * right / max(len(off), 1), max(map(abs, off), default=0)))
    return Table("Base of simulated stacks, phase by phase", columns, tuple(rows))


def parser() -> argparse.ArgumentParser:
    """The command's options."""
    out = argparse.ArgumentParser(prog=f"kinecor evaluate {NAME}", description="Measure the base with long axes.")
    out.add_argument("--studies", type=int, default=6, help="simulated studies (default: 6)")
    out.add_argument("--seed", type=int, default=555, help="of the studies")
    out.add_argument("--cache", type=Path, required=True, help="folder in which studies are saved, once simulated")
    add_device(out)
    add_output(out)
    return out


@reported("kinecor evaluate")
def main(argv: Sequence[str]) -> int:
    """Runs the command; returns its exit status (0 done, 1 failed)."""
    options = parser().parse_args(argv)
    values: list[BaseValue] = []
    for number in range(options.studies):
        values += measured(written(options.cache, options.seed, number), number, options.device)
        show_progress(f"{number + 1}/{options.studies}")
    print(file=sys.stderr)
    report(
        NAME,
        argv,
        "Base of stacks with long axes",
        [table(values)],
        out=options.out,
        seed=options.seed,
        models={name: load_card(name).version for name in _MODELS},
        notes=[f"{options.studies} studies, 16 phases, breath-holds 1 mm apart (standard deviation)"],
        values=values,
    )
    return 0
