"""`kinecor evaluate lv-sequence`: Table I of Smistad and Tables 2-4 of Li 2019, with our rows."""

import argparse
import sys
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from kinecor_lab.common.commands import add_device, add_split, reported
from kinecor_lab.common.table import add_output, flat, report
from kinecor_lab.datasets.camus import camus_sequences
from kinecor_lab.datasets.data_folder import kind_of, labelled_frames
from kinecor_lab.datasets.echonet import echonet_sequences
from kinecor_lab.datasets.samples import DataSetError
from kinecor_lab.tasks.sequence import cases, scores
from kinecor_lab.tasks.sequence.cases import SequenceCase
from kinecor_lab.tasks.sequence.data import pairs_of
from kinecor_lab.tasks.sequence.plan import TITLES
from kinecor_lab.tasks.sequence.scores import CaseScore
from kinecor_lab.tasks.sequence.table import tables
from kinecor_lab.tasks.sequence.train import trained
from kinecor_models.contours.apical import ApicalModel
from kinecor_models.contours.sequence import SequenceModel
from kinecor_models.contract import ClipModel, ClipOutput, ModelCard, Points, load_card, load_weights
from kinecor_models.engines.engine import Engine, one_by_one
from kinecor_models.engines.opening import open_engine
from kinecor_models.engines.sequence import TorchSequence
from kinecor_models.registry import DEFAULT_APICAL, open_model

PLAIN = "lv-apical, each frame alone"
CASES = ("stills", "warped", "simulated", "sequences")
KEPT = 192
"""Answers that are remembered: more than the longest warped clip has frames."""


class Remembering:
    """An engine that remembers its last answers, so that rows which differ in smoothing alone cost one pass."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._held: OrderedDict[bytes, NDArray[np.float32]] = OrderedDict()

    def __call__(self, picture: NDArray[np.uint8]) -> NDArray[np.float32]:
        """See Engine."""
        key = picture.tobytes()
        if key not in self._held:
            self._held[key] = self._engine(picture)
            if len(self._held) > KEPT:
                self._held.popitem(last=False)
        return self._held[key]


Row = Callable[[SequenceCase], ClipOutput]
"""Contours of a case, and its view where the row names one."""


def _silent(_done: int, _total: int) -> None:
    return None


def _stacked(outputs: list[ClipOutput]) -> ClipOutput:
    """Clips of one frame as one; their grids may differ, so contours go to the first one's."""
    grid = outputs[0].grid
    contours: dict[str, list[Points | None]] = {}
    for name in outputs[0].contours:
        contours[name] = [
            None if line is None else grid.to_network(output.grid.to_image(line)).astype(np.float32)
            for output in outputs
            for line in output.contours[name]
        ]
    sure = {name: np.concatenate([output.confidence[name] for output in outputs]) for name in outputs[0].confidence}
    return ClipOutput(contours, sure, grid, outputs[0].view)


def split_into_frames(case: SequenceCase) -> list[SequenceCase]:
    """The frames of a case of single images, each as a separate clip."""
    return [
        replace(case, clip=replace(case.clip, frames=case.clip.frames[frame : frame + 1]), truth=case.truth[[frame]])  # type: ignore[index]
        for frame in range(len(case.clip.frames))
    ]


def by_model(model: ClipModel) -> Row:
    """A row of a model that ships."""

    def look(case: SequenceCase) -> ClipOutput:
        if case.still:
            return _stacked([model(sequence_case.clip, _silent) for sequence_case in split_into_frames(case)])
        return model(case.clip, _silent)

    return look


def by_network(file: Path, *, average: bool = False) -> Row:
    """A row of a network of a training run.

    Args:
        file: best.pt of the run.
        average: whether probabilities are averaged over time.

    Raises:
        WeightsError: the file is missing or holds something else.

    """
    net, plan = trained(file)
    name = file.parent.name
    # A network that does not ship has a name and a size, and no more.
    card = ModelCard(
        name, "0", TITLES.get(name, name), "", "", "", "a training run", (), "measuring", (), {}, plan.cutting.side
    )

    def look(case: SequenceCase) -> ClipOutput:
        model = SequenceModel(card, TorchSequence(net), view=case.view, average=average)
        return by_model(model)(case)

    return look


def parser() -> argparse.ArgumentParser:
    """The command's options."""
    out = argparse.ArgumentParser(
        prog="kinecor evaluate lv-sequence",
        description="Measure contours over clips: the shipped model with and without smoothing, and trained networks. "
        "Flicker on real clips without any truth: kinecor evaluate clip-flicker.",
    )
    out.add_argument("--data", type=Path, help="CAMUS (PNG with index.csv, NIfTI or MHD) or EchoNet-Dynamic")
    add_split(out, "valid")
    out.add_argument("--run", type=Path, default=Path("runs/sequence"), help="holds paths/ and NAME/best.pt")
    out.add_argument("--cases", default=",".join(CASES), help="comma-separated (default: all that are available)")
    out.add_argument("--rows", help="comma-separated parts of names; only rows with one of them are measured")
    out.add_argument("--model", action="append", default=[], help="a further model that ships, by its name")
    out.add_argument("--limit", type=int, default=0, help="maximum number of cases of each kind (0: all)")
    out.add_argument("--simulated", type=int, default=24, help="simulated hearts")
    out.add_argument("--beats", type=int, default=1, help="whole beats of a made cine (default: 1)")
    out.add_argument("--seed", type=int, default=0, help="of rhythms, rates, grain and simulated hearts")
    add_device(out)
    add_output(out)
    return out


def cases_of(options: argparse.Namespace, say: Callable[[str], None]) -> Iterator[SequenceCase]:
    """The cases requested, one at a time.

    Raises:
        DataSetError: a set is missing or damaged.

    """
    wanted, most = options.cases.split(","), options.limit or None
    kind = kind_of(options.data) if options.data else None
    if kind in ("png", "resized", "camus") and {"stills", "warped"} & set(wanted):
        samples = labelled_frames(options.data, [options.split])
        if "stills" in wanted:
            yield from islice(cases.stills(samples), most)
        if "warped" in wanted:
            yield from cases.warped(pairs_of(samples)[:most], options.run / "paths", options.seed, say, options.beats)
    if "sequences" in wanted and kind in ("camus", "echonet"):
        read = camus_sequences if kind == "camus" else echonet_sequences
        clips = read(options.data, [options.split], cases.SIMULATED_PX, interpolate=False)
        yield from islice(cases.real(clips), most)
    if "simulated" in wanted:
        yield from cases.simulated(min(options.simulated, most or options.simulated), options.seed)


def rows_of(options: argparse.Namespace) -> dict[str, Row]:
    """The rows that can be measured, by name.

    Raises:
        KeyError: no such model ships.
        WeightsError, DeviceError: weights or device are missing.

    """
    card = load_card(DEFAULT_APICAL)
    engine = one_by_one(Remembering(open_engine(card, load_weights(card), options.device)))
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
        if trained(file)[1].shape.kind == "frames":  # Smistad's third arm
            rows[f"{title} + WMA"] = by_network(file, average=True)
    if options.rows:
        parts = options.rows.split(",")
        rows = {name: row for name, row in rows.items() if any(part in name for part in parts)}
    return rows


@reported("kinecor evaluate")
def main(argv: Sequence[str]) -> int:
    """Runs the command; returns its exit status (0 done, 1 failed, or interrupted and measured in part)."""
    options = parser().parse_args(argv)
    unknown = sorted(set(options.cases.split(",")) - set(CASES))
    if unknown:
        raise ValueError(f"expected cases of {', '.join(CASES)}, got {', '.join(unknown)}")
    say, stopped = partial(print, file=sys.stderr), False
    rows = rows_of(options)
    found: dict[str, list[CaseScore]] = {name: [] for name in rows}
    try:
        for number, case in enumerate(cases_of(options, say)):
            for name, row in rows.items():
                found[name].append(scores.scored(case, row(case)))
            say(f"\r{number + 1} {case.source} {case.name}   ", end="")
    except KeyboardInterrupt:
        # Hours of a slow machine are not thrown away: what was measured is reported.
        least = min((len(some) for some in found.values()), default=0)
        found, stopped = {name: some[:least] for name, some in found.items()}, True
        say(f"\ninterrupted: the tables hold the {least} cases that every row has")
    say()
    if not any(found.values()):
        raise DataSetError("expected cases, found none; name --data, or other --cases")
    card = load_card(DEFAULT_APICAL)
    report(
        "lv-sequence",
        argv,
        "Contours over clips",
        tables(found, PLAIN),
        out=options.out,
        seed=options.seed,
        models={card.name: card.version},
        notes=[f"split {options.split}, seed {options.seed}; mean ± SD"],
        values=[value for name, some in found.items() for score in some for value in _values(name, score)],
    )
    return 1 if stopped else 0


def _values(row: str, score: CaseScore) -> Iterator[dict[str, object]]:
    """A row of CSV for every annotated frame and structure, with what holds for the whole case."""
    edv, esv, ef = score.at(score.ed), score.at(score.es), score.ef_percent
    case: dict[str, object] = {"row": row, "case": score.case, "patient": score.patient, "source": score.source}
    case |= {"flicker": score.flicker, "true_flicker": score.true_flicker, "ring_lag_ms": score.ring_lag_ms}
    case |= {"edv_ml": edv[0], "true_edv_ml": edv[1], "esv_ml": esv[0], "true_esv_ml": esv[1]}
    case |= {"ef_percent": ef[0], "true_ef_percent": ef[1], "view": score.view, "true_view": score.true_view}
    for frame in score.frames:
        yield case | flat(frame)
