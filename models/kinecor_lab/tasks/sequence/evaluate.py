"""`kinecor evaluate lv-sequence`: Table I of paper 000 and Tables 2-4 of paper 001, with our rows."""

import argparse
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from kinecor_lab.common.allocator import quiet_allocator

if TYPE_CHECKING:
    from kinecor_lab.tasks.sequence.cases import SequenceCase
    from kinecor_lab.tasks.sequence.rows import Row
    from kinecor_lab.tasks.sequence.scores import CaseScore

PLAIN = "lv-apical, each frame alone"
CASES = ("stills", "made", "simulated", "sequences")


def parser() -> argparse.ArgumentParser:
    """The command's options."""
    made = argparse.ArgumentParser(
        prog="kinecor evaluate lv-sequence",
        description="Measure contours over clips: the shipped model with and without smoothing, and trained networks. "
        "Flicker on real clips without any truth: kinecor evaluate clip-flicker.",
    )
    made.add_argument("--data", type=Path, help="CAMUS (PNG with index.csv, NIfTI or MHD) or EchoNet-Dynamic")
    made.add_argument("--split", default="valid", choices=["train", "valid", "test"])
    made.add_argument("--run", type=Path, default=Path("runs/sequence"), help="holds paths/ and NAME/best.pt")
    made.add_argument("--cases", default=",".join(CASES), help="comma-separated (default: all that can be had)")
    made.add_argument("--rows", help="comma-separated parts of names; only rows with one of them are measured")
    made.add_argument("--model", action="append", default=[], help="a further model that ships, by its name")
    made.add_argument("--limit", type=int, default=0, help="only so many cases of each kind")
    made.add_argument("--simulated", type=int, default=24, help="simulated hearts")
    made.add_argument("--beats", type=int, default=1, help="whole beats of a made cine (default: 1)")
    made.add_argument("--seed", type=int, default=0, help="of rhythms, rates, grain and simulated hearts")
    made.add_argument("--device", choices=["auto", "cpu", "cuda"], default="auto")
    made.add_argument("--json", type=Path, help="also write every score there")
    return made


def cases_of(options: argparse.Namespace, say: Callable[[str], None]) -> "Iterator[SequenceCase]":
    """The cases asked for, one at a time.

    Raises:
        DataSetError: a set is missing or damaged.

    """
    from kinecor_lab.datasets.camus_sequences import camus_sequences
    from kinecor_lab.datasets.data_folder import kind_of, labelled_frames
    from kinecor_lab.datasets.echonet_clips import echonet_sequences
    from kinecor_lab.tasks.sequence import cases as kinds
    from kinecor_lab.tasks.sequence.paths import pairs_of

    wanted, most = options.cases.split(","), options.limit or None
    kind = kind_of(options.data) if options.data else None
    if kind in ("png", "camus") and {"stills", "made"} & set(wanted):
        samples = labelled_frames(options.data, [options.split])
        if "stills" in wanted:
            yield from islice(kinds.stills(samples), most)
        if "made" in wanted:
            yield from kinds.made(pairs_of(samples)[:most], options.run / "paths", options.seed, say, options.beats)
    if "sequences" in wanted and kind in ("camus", "echonet"):
        read = camus_sequences if kind == "camus" else echonet_sequences
        clips = read(options.data, [options.split], kinds.SIMULATED_PX, interpolate=False)
        yield from islice(kinds.real(clips), most)
    if "simulated" in wanted:
        yield from kinds.simulated(min(options.simulated, most or options.simulated), options.seed)


def rows_of(options: argparse.Namespace) -> "dict[str, Row]":
    """The rows at hand, by name.

    Raises:
        KeyError: no such model ships.
        WeightsError, DeviceError: weights or device are not there.

    """
    from kinecor_lab.tasks.sequence.loop import trained
    from kinecor_lab.tasks.sequence.plan import TITLES
    from kinecor_lab.tasks.sequence.rows import Remembering, Row, by_model, by_network
    from kinecor_models.card import load_card
    from kinecor_models.contours.apical import ApicalModel
    from kinecor_models.engines.engine import open_engine
    from kinecor_models.registry import DEFAULT_APICAL, open_model
    from kinecor_models.weights import load_weights

    card = load_card(DEFAULT_APICAL)
    engine = Remembering(open_engine(card, load_weights(card), options.device))
    rows: dict[str, Row] = {
        PLAIN: by_model(ApicalModel(card, engine, over_time="none")),
        "lv-apical, weighted moving average": by_model(ApicalModel(card, engine, over_time="average")),
        "lv-apical, fusion along the motion, live": by_model(ApicalModel(card, engine, over_time="live")),
        "lv-apical, fusion along the motion": by_model(ApicalModel(card, engine, over_time="fusion")),
    }
    if options.beats > 1:
        rows["lv-apical, fusion, and over beats"] = by_model(ApicalModel(card, engine, over_time="beats"))
    for name in options.model:
        rows[name] = by_model(open_model(name, options.device))
    for file in sorted(options.run.glob("*/best.pt")):
        name = file.parent.name
        title = f"{TITLES.get(name, name)} [{name}]"
        rows[title] = by_network(file)
        if trained(file)[1].shape.kind == "frames":  # paper 000's third arm
            rows[f"{title} + WMA"] = by_network(file, average=True)
    if options.rows:
        parts = options.rows.split(",")
        rows = {name: row for name, row in rows.items() if any(part in name for part in parts)}
    return rows


def _plain(one: "CaseScore") -> dict[str, object]:
    """A score as JSON has it."""
    from dataclasses import asdict

    return asdict(one) | {"volumes_ml": one.volumes_ml.tolist()}


def main(argv: Sequence[str]) -> int:
    """Runs the command; returns its exit status (0 done, 1 failed, or interrupted and measured in part)."""
    options = parser().parse_args(argv)
    unknown = sorted(set(options.cases.split(",")) - set(CASES))
    if unknown:
        print(f"kinecor evaluate: expected cases of {', '.join(CASES)}, got {', '.join(unknown)}", file=sys.stderr)
        return 1
    quiet_allocator()
    from kinecor_lab.datasets.samples import DataSetError
    from kinecor_lab.tasks.sequence.scores import CaseScore, scored
    from kinecor_lab.tasks.sequence.table import tables
    from kinecor_models.engines.engine import DeviceError
    from kinecor_models.weights import WeightsError

    say, stopped = partial(print, file=sys.stderr), False
    found: dict[str, list[CaseScore]] = {}
    try:
        rows = rows_of(options)
        found = {name: [] for name in rows}
        for number, case in enumerate(cases_of(options, say)):
            for name, row in rows.items():
                found[name].append(scored(case, row(case)))
            say(f"\r{number + 1} {case.source} {case.name}   ", end="")
    except (DataSetError, DeviceError, WeightsError, FileNotFoundError, KeyError) as wrong:
        print(f"kinecor evaluate: {wrong}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        # Hours of a slow machine are not thrown away: what was measured is told.
        least = min((len(some) for some in found.values()), default=0)
        found, stopped = {name: some[:least] for name, some in found.items()}, True
        say(f"\ninterrupted: the tables hold the {least} cases that every row has")
    say()
    if not any(found.values()):
        print("kinecor evaluate: expected cases, found none; name --data, or other --cases", file=sys.stderr)
        return 1
    print(f"split {options.split}, seed {options.seed}; trained networks from {options.run}")
    print(tables(found, PLAIN))
    if options.json:
        kept = {name: [_plain(one) for one in some] for name, some in found.items()}
        options.json.write_text(json.dumps(kept, indent=1))
    return 1 if stopped else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
