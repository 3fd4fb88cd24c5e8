"""`kinecor evaluate views`: which view a clip shows, on simulated and real ones."""

import argparse
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from time import perf_counter

import numpy as np
from numpy.typing import NDArray

from kinecor_lab.common.commands import add_device, add_network, reported, show_progress
from kinecor_lab.common.metrics import calibration_error, reliability
from kinecor_lab.common.publish import weights_to_measure
from kinecor_lab.common.table import Cell, Column, Table, add_output, report
from kinecor_lab.datasets.data_folder import CHOOSING_FOLD, camus_views, fold_of
from kinecor_lab.datasets.samples import Picture
from kinecor_lab.datasets.short_axis import acdc_png
from kinecor_lab.tasks.views.data import UNKNOWN, ViewSample, rendered_clips, through_square
from kinecor_lab.tasks.views.scenes import no_views
from kinecor_lab.tasks.views.table import counted, f1_scores, table
from kinecor_models.contract import ClipInput, load_card
from kinecor_models.engines.opening import open_view_engine
from kinecor_models.views.classes import CLASSES
from kinecor_models.views.model import (
    APICAL,
    DEFAULT_VIEWS,
    TEMPERATURE,
    VIEW_NAMED_FROM,
    ViewModel,
    decide_view,
    softmax,
)

SIMULATED, SCENES, CAMUS, MRI = "simulated", "no view", "CAMUS", "short-axis MRI"
SOFT = "CAMUS, resized"


@dataclass(frozen=True, eq=False)
class Trial:
    """A clip: where it is from, its (frames, rows, columns) images, and the true class."""

    source: str
    frames: Picture
    view: int


@dataclass(frozen=True, eq=False)
class Scored:
    """A trial, the (classes,) mean scores of its frames before softmax, and how long a frame took, in ms."""

    trial: Trial
    scores: NDArray[np.float32]
    frame_ms: float


def simulated(folder: Path, hearts: int, seed: int) -> list[Trial]:
    """Simulated clips of three frames each, and half as many scenes without a view.

    Args:
        folder: of simulated frames, rendered if they are not there.
        hearts: how many clips.
        seed: others than were learnt from.

    """
    clips = rendered_clips(folder, hearts, seed)[:hearts]
    frames = [ViewSample(pictures[0], view) for pictures, view in clips]
    scenes = no_views(hearts // 2, seed, frames)
    return [
        *(Trial(SIMULATED, pictures, view) for pictures, view in clips),
        *(Trial(SCENES, scene.image[None], UNKNOWN) for scene in scenes),
    ]


def real_views(folders: Sequence[Path], split: str, *, choosing: bool = False, soft: bool = False) -> list[Trial]:
    """ED and ES frame of each view of each patient of a split of CAMUS as one clip; DataSetError where there are none.

    Args:
        folders: see camus_views.
        split: of them.
        choosing: only patients of the fold that chooses.
        soft: four-chamber frames as soft as the two-chamber ones that came resized, see through_square.

    """
    by_view: dict[str, list[tuple[str, Picture]]] = {}
    for folder in folders:
        for sample in camus_views(folder, [split]):
            if not choosing or fold_of(sample.patient) == CHOOSING_FOLD:
                image = through_square(sample.image) if soft and sample.view == "A4C" else sample.image
                by_view.setdefault(sample.view, []).append((sample.patient, image))
    source = SOFT if soft else CAMUS
    return [trial for view, named in by_view.items() for trial in _joined(source, named, CLASSES.index(view))]


def short_axis_mri(folder: Path, split: str) -> list[Trial]:
    """ED and ES of each slice of a split of ACDC as one clip of no view; DataSetError where there are none."""
    named = [(f"{sample.patient} {sample.number}", sample.image) for sample in acdc_png(folder, [split])]
    return _joined(MRI, named, UNKNOWN)


def _joined(source: str, named: Sequence[tuple[str, Picture]], view: int) -> list[Trial]:
    """Images of one name and size as one clip."""
    by_name: dict[tuple[str, tuple[int, ...]], list[Picture]] = {}
    for name, picture in named:
        by_name.setdefault((name, picture.shape), []).append(picture)
    return [Trial(source, np.stack(pictures), view) for pictures in by_name.values()]


def scored(model: ViewModel, trials: Sequence[Trial], tick: Callable[[int, int], None]) -> list[Scored]:
    """What the model makes of each trial; `tick` is called after each."""
    found = []
    for number, trial in enumerate(trials):
        started = perf_counter()
        frames, scores = model.scores(ClipInput(trial.frames), lambda *_: None)
        frame_ms = 1000 * (perf_counter() - started) / len(frames)
        found.append(Scored(trial, scores.mean(axis=0), frame_ms))
        tick(number + 1, len(trials))
    return found


# Tried when they are chosen.
_TEMPERATURES = np.geomspace(0.25, 4.0, 49)
_THRESHOLDS = np.round(np.arange(0.3, 0.951, 0.05), 2)


def answer(trial: Scored, temperature: float = TEMPERATURE, least: float = VIEW_NAMED_FROM) -> int:
    """Number of the class that the model names for a clip; "unknown" where it refuses."""
    likely = softmax(trial.scores, temperature)
    output = decide_view(likely, likely[None], (0,), least=least)
    return CLASSES.index(output.label)


def apical(trial: Scored) -> bool:
    """Whether the ventricle would be contoured: see ViewOutput.apical."""
    likely = softmax(trial.scores, TEMPERATURE)
    return decide_view(likely, likely[None], (0,)).apical


def best_temperature(trials: Sequence[Scored]) -> float:
    """The temperature under which the true classes are likeliest (log likelihood)."""
    scores = np.stack([trial.scores for trial in trials])
    truth = [trial.trial.view for trial in trials]

    def loss(temperature: float) -> float:
        return -float(np.log(softmax(scores, temperature)[np.arange(len(trials)), truth] + 1e-9).mean())

    return float(min(_TEMPERATURES, key=loss))


def by_threshold(trials: Sequence[Scored], temperature: float) -> Table:
    """The shares of clips that each threshold lets through; the last column is of clips without a view."""
    columns = (
        Column("threshold", form=".2f"),
        Column("right"),
        Column("wrong"),
        Column("refused"),
        Column("others classified"),
    )
    rows: list[tuple[Cell, ...]] = []
    for least in _THRESHOLDS:
        answers = np.array([answer(trial, temperature, float(least)) for trial in trials])
        truth = np.array([trial.trial.view for trial in trials])
        known = truth != UNKNOWN
        right, refused = float((answers == truth)[known].mean()), float((answers == UNKNOWN)[known].mean())
        classified = float((answers != UNKNOWN)[~known].mean()) if (~known).any() else None
        rows.append((float(least), right, 1 - right - refused, refused, classified))
    return Table(f"thresholds at temperature {temperature:.3f}", columns, tuple(rows))


def tables(trials: Sequence[Scored]) -> list[Table]:
    """The confusion matrix, answers by source, and calibration."""
    out = []
    clips = [trial for trial in trials if trial.trial.source in (SIMULATED, SCENES)]
    if clips:
        counts = counted([(clip.trial.view, answer(clip)) for clip in clips])
        forced = counted([(clip.trial.view, int(clip.scores.argmax())) for clip in clips])
        views = [clip for clip in clips if clip.trial.view != UNKNOWN]
        refused = np.mean([answer(view) == UNKNOWN for view in views])
        title = f"simulated clips and scenes without a view, n = {len(clips)}; refused clips count as unknown"
        note = (
            f"mean F1 if none were refused {np.nanmean(f1_scores(forced)):.3f}; "
            f"refused {100 * refused:.1f} % of {len(views)} clips with a view"
        )
        one_table = table(title, counts)
        out.append(replace(one_table, notes=(*one_table.notes, note)))
    for source in (CAMUS, SOFT):
        real = [trial for trial in trials if trial.trial.source == source]
        if len({trial.trial.view for trial in real}) > 1:
            out += [
                real_table(
                    f"{source}; refused counts as unknown", [(trial.trial.view, answer(trial)) for trial in real]
                ),
                real_table(
                    f"{source}; none refused", [(trial.trial.view, int(trial.scores.argmax())) for trial in real]
                ),
            ]
    trials = [trial for trial in trials if trial.trial.source != SOFT]  # the same patients again
    rows: list[tuple[Cell, ...]] = []
    for inside, text in ((True, "apical clips"), (False, "other clips and images")):
        some = [trial for trial in trials if (CLASSES[trial.trial.view] in APICAL) is inside]
        rows.append((text, len(some), f"{sum(map(apical, some))} of {len(some)} count as apical"))
    for source in (SCENES, MRI, CAMUS):
        some = [trial for trial in trials if trial.trial.source == source]
        if some:
            rows.append((source, len(some), _shares([answer(trial) for trial in some])))
    out.append(Table("answers", (Column("clips"), Column("n", form="d"), Column("answers")), tuple(rows)))
    likely = np.array([softmax(trial.scores, TEMPERATURE).max() for trial in trials])
    right = np.array([float(trial.scores.argmax() == trial.trial.view) for trial in trials])
    bins = reliability(likely, right)
    error = calibration_error(bins)
    title = f"confidence and share right, temperature {TEMPERATURE:.2f}; expected calibration error {error:.3f}"
    columns = (Column("n", form="d"), Column("confidence"), Column("right"))
    curve = tuple((confidence_bin.count, confidence_bin.confidence, confidence_bin.quality) for confidence_bin in bins)
    return [*out, Table(title, columns, curve, (_times([trial.frame_ms for trial in trials]),))]


def real_table(title: str, pairs: Sequence[tuple[int, int]]) -> Table:
    """Precision, recall and F1 of the classes that (true class, answer) pairs have, and the answers themselves."""
    columns = (
        Column("true view"),
        Column("n", form="d"),
        Column("precision"),
        Column("recall"),
        Column("F1"),
        Column("answers"),
    )
    counts = counted(pairs)
    each = f1_scores(counts)
    rows: list[tuple[Cell, ...]] = []
    for view in sorted({truth for truth, _ in pairs}):
        right, answered, total = (
            int(number) for number in (counts[view, view], counts[:, view].sum(), counts[view].sum())
        )
        precision = right / answered if answered else None
        answers = _shares([number for truth, number in pairs if truth == view])
        rows.append((CLASSES[view], total, precision, right / total, float(each[view]), answers))
    return Table(title, columns, tuple(rows))


def _shares(answers: Sequence[int]) -> str:
    counts = np.bincount(answers, minlength=len(CLASSES))
    return ", ".join(f"{CLASSES[int(i)]} {counts[i]}" for i in np.argsort(-counts) if counts[i])


def _times(frame_ms: Sequence[float]) -> str:
    middle: NDArray[np.float64] = np.percentile(frame_ms, (50, 90))
    return f"a frame takes {middle[0]:.1f} ms (median; 90 % under {middle[1]:.1f} ms), finding the sector included"


def parser() -> argparse.ArgumentParser:
    """The command's options."""
    out = argparse.ArgumentParser(
        prog="kinecor evaluate views",
        description="Measure the model that names views. Folders of real clips: kinecor evaluate view-clips.",
    )
    out.add_argument("--frames", type=Path, default=Path("runs/views/frames"), help="folder for simulated frames")
    out.add_argument("--hearts", type=int, default=400, help="simulated clips (default: 400)")
    out.add_argument("--seed", type=int, default=2028, help="of these; 2026 was learnt from, 2027 chosen by")
    out.add_argument("--camus", type=Path, nargs="+", help="folders of CAMUS, split valid: four- and two-chamber views")
    out.add_argument("--choosing", action="store_true", help="of CAMUS, the fold of split train that chooses instead")
    out.add_argument("--acdc", type=Path, help="ACDC slices as PNG with index.csv, split test: no echo at all")
    add_network(out)
    out.add_argument("--choose", action="store_true", help="print the best temperature and what thresholds do")
    add_device(out)
    add_output(out)
    return out


@reported("kinecor evaluate")
def main(argv: Sequence[str]) -> int:
    """Runs the command; returns its exit status (0 done, 1 failed)."""
    options = parser().parse_args(argv)
    card = load_card(DEFAULT_VIEWS)
    weights = weights_to_measure(card, options.network)
    model = ViewModel(card, open_view_engine(weights, card.size, options.device))
    trials = simulated(options.frames, options.hearts, options.seed) if options.hearts else []
    split = "train" if options.choosing else "valid"
    for soft in (False, True) if options.camus else ():
        trials += real_views(options.camus, split, choosing=options.choosing, soft=soft)
    trials += short_axis_mri(options.acdc, "test") if options.acdc else []
    found = scored(model, trials, lambda done, total: show_progress(f"{done}/{total}"))
    print(file=sys.stderr)
    chosen = [by_threshold(found, best_temperature(found))] if options.choose else []
    report(
        "views",
        argv,
        "Views of clips",
        [*chosen, *tables(found)],
        out=options.out,
        seed=options.seed,
        models={} if options.network else {card.name: card.version},
        notes=[f"{options.network.name if options.network else f'{card.name} {card.version}'}, seed {options.seed}"],
        values=[
            {"source": trial.trial.source, "true": CLASSES[trial.trial.view], "answer": CLASSES[answer(trial)]}
            | {"score": dict(zip(CLASSES, trial.scores.tolist(), strict=True)), "frame_ms": trial.frame_ms}
            for trial in found
        ],
    )
    return 0
