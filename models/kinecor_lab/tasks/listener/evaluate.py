"""`kinecor evaluate listener`: ED drawn by an expert, ES follows, and the other way round, on CAMUS."""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from kinecor.core.tracking.anchors import follow_anchors
from kinecor.core.tracking.wall_image import Listener
from kinecor.core.values.recording import ArrayFrames, TimeAxis
from kinecor.core.values.track import ContourTrack, Origin, Structure
from kinecor_lab.common.commands import add_network, add_split, reported
from kinecor_lab.common.metrics import dice, filled
from kinecor_lab.common.publish import weights_to_measure
from kinecor_lab.common.table import Column, Table, add_output, report, spread
from kinecor_lab.datasets.data_folder import camus_of_folders
from kinecor_lab.datasets.samples import DataSetError
from kinecor_lab.tasks.listener.damage import CLIP_DAMAGES, damaged
from kinecor_lab.tasks.listener.data import Pair, pairs_of
from kinecor_models.contours.listener import ListenerModel
from kinecor_models.contract import load_card

NAME = "listener"
BEFORE, ALONE, CORRELATION, NETWORK = (
    "the damaged contour",
    "propagated, without the image",
    "refined by correlation",
    "refined by the network",
)
APART_S = 0.33
"""From ED to ES; the frames' times are not in every copy of the data."""
_SEED, _ED, _ES, _USUAL_MM = 900, 0, 1, 0.6
_WAYS: Final = (BEFORE, ALONE, CORRELATION, NETWORK)


@dataclass(frozen=True, slots=True)
class Score:
    """One patient's view: the Dice of the cavity at ED or ES with the expert's, by way."""

    patient: str
    view: str
    following: str
    dice: dict[str, float]


def parser() -> argparse.ArgumentParser:
    """The command's options."""
    out = argparse.ArgumentParser(
        prog=f"kinecor evaluate {NAME}", description="Propagate experts' contours from ED to ES and back."
    )
    out.add_argument("--data", type=Path, nargs="+", required=True, help="folders of CAMUS, as for lv-apical")
    add_split(out, "valid")
    out.add_argument("--choosing", action="store_true", help="only patients of the fold that chooses")
    add_network(out)
    add_output(out)
    return out


@reported("kinecor evaluate")
def main(argv: Sequence[str]) -> int:
    """Runs the command; returns its exit status (0 done, 1 failed)."""
    options = parser().parse_args(argv)
    card = load_card(NAME)
    model = ListenerModel(card, weights_to_measure(card, options.network))
    pairs = pairs_of(camus_of_folders(options.data, options.split, choosing=options.choosing))
    if not pairs:
        raise DataSetError("expected patients with ED and ES, wall and cavity drawn, found none")
    found = scores(pairs, model)
    report(
        NAME,
        argv,
        "Contours that follow an expert's, from ED to ES and back",
        [table(found), gains(found)],
        out=options.out,
        models={} if options.network else {NAME: card.version},
        notes=(
            "Experts' contours of cavity and wall are damaged at ED and ES alike, as automatic ones go wrong: one of "
            f"{', '.join(CLIP_DAMAGES)} in turn, which changes by up to a third between the two, and small errors "
            "everywhere. One of the two is then drawn as the expert drew it, and the other follows.",
        ),
    )
    return 0


def scores(pairs: Sequence[Pair], model: Listener) -> list[Score]:
    """Every pair, ES following ED and ED following ES."""
    axis, out = TimeAxis(np.array([0.0, APART_S])), []
    for number, pair in enumerate(pairs):
        side_mm = pair.spacing_mm if np.isfinite(pair.spacing_mm) else _USUAL_MM
        kind = CLIP_DAMAGES[number % len(CLIP_DAMAGES)]
        wrong = damaged(pair.tracks, kind, _SEED + number, 2, side_mm, _ES, closed=False)
        images = ArrayFrames(np.stack(pair.images))
        for drawn, other, name in ((_ED, _ES, "ES"), (_ES, _ED, "ED")):
            tracks = {
                wall: track.replaced(drawn, (pair.tracks[wall].contours[drawn],), (Origin.EDITED,))
                for wall, track in wrong.items()
            }
            ways = {
                ALONE: follow_anchors(tracks, axis, closed=False),
                CORRELATION: follow_anchors(tracks, axis, closed=False, images=images),
                NETWORK: follow_anchors(tracks, axis, closed=False, images=images, listener=model),
            }
            cavities = {way: bent[Structure.LV_ENDO].contours[other] for way, bent in ways.items()}
            cavities[BEFORE] = wrong[Structure.LV_ENDO].contours[other]
            true = _mask(pair.tracks[Structure.LV_ENDO], other, pair.images[other].shape)
            overlap = {
                way: dice(filled(line.points, true.shape), true) for way, line in cavities.items() if line is not None
            }
            out.append(Score(pair.patient, pair.view, name, overlap))
    return out


def _mask(track: ContourTrack, frame: int, shape: tuple[int, ...]) -> np.ndarray:
    contour = track.contours[frame]
    return np.zeros(shape, bool) if contour is None else filled(contour.points, shape)


def table(found: Sequence[Score]) -> Table:
    """A row for each way, view and phase that follows."""
    rows = []
    for view in sorted({score.view for score in found}, reverse=True):
        for following in ("ES", "ED"):
            these = [score for score in found if (score.view, score.following) == (view, following)]
            for way in _WAYS:
                values = np.array([score.dice[way] for score in these])
                rows.append((view, following, way, len(values), spread(values), float(np.percentile(values, 5))))
    columns = (
        Column("view"),
        Column("follows"),
        Column("contour"),
        Column("n", form="d"),
        Column("LV Dice", form=".3f"),
        Column("5 % are below", form=".3f"),
    )
    return Table("LV cavity of the frame that follows", columns, tuple(rows))


def gains(found: Sequence[Score]) -> Table:
    """What the network gains, by patient."""
    rows = []
    patients = sorted({score.patient for score in found})
    for other in (ALONE, CORRELATION):
        by_patient = np.array(
            [
                np.mean([score.dice[NETWORK] - score.dice[other] for score in found if score.patient == patient])
                for patient in patients
            ]
        )
        error = float(by_patient.std(ddof=1)) / len(patients) ** 0.5 if len(patients) > 1 else float("nan")
        rows.append((other, len(patients), float(by_patient.mean()), error, 100 * float((by_patient > 0).mean())))
    columns = (
        Column("against"),
        Column("patients", form="d"),
        Column("gain in Dice", form="+.4f"),
        Column("standard error", form=".4f"),
        Column("patients with a gain", "%", ".0f"),
    )
    return Table("Gain by the network", columns, tuple(rows), ("Both views and phases of a patient count as one.",))
