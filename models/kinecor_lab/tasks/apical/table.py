"""How well the apical model contours frames that an expert has contoured."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from kinecor_lab.common.metrics import boundary, dice, distances_mm, filled
from kinecor_lab.common.table import Cell, Column, Table, spread
from kinecor_lab.datasets.samples import Sample
from kinecor_lab.tasks.apical.ejection import contoured
from kinecor_models.contract import ClipModel, ClipOutput

# Label values that make up what each contour encloses.
ENCLOSED = {"lv_endo": (1,), "lv_epi": (1, 2), "la": (3,)}
ROWS = (("LV", "lv_endo"), ("myocardium", "myocardium"), ("left atrium", "la"))


@dataclass(frozen=True, slots=True)
class Score:
    """One structure in one frame: Dice, Hausdorff and mean absolute distance in mm, and the model's own confidence."""

    patient: str
    phase: str
    structure: str
    dice: float
    hausdorff_mm: float
    mad_mm: float
    confidence: float
    view: str = "A4C"
    quality: str = ""


def scores(model: ClipModel, samples: Sequence[Sample], tick: Callable[[int, int], None]) -> list[Score]:
    """Contours every sample as the window would (a clip of one frame) and compares at the sample's own resolution."""
    out: list[Score] = []
    for number, sample in enumerate(samples):
        out += scores_of(contoured(model, sample), sample)
        tick(number + 1, len(samples))
    return out


def scores_of(output: ClipOutput, sample: Sample) -> list[Score]:
    """The scores of one frame's contours.

    Masks are what the contours enclose; the myocardium is between epicardium and endocardium. A structure that the
    expert did not draw is left out; one that the model did not find has Dice 0.
    """
    out: list[Score] = []
    masks, sure = {}, {}
    for name in ENCLOSED:
        points = output.contours[name][0]
        empty = np.zeros(sample.label.shape, bool)
        masks[name] = empty if points is None else filled(output.grid.to_image(points), empty.shape)
        sure[name] = float(output.confidence[name][0])
    truths = {name: np.isin(sample.label, values) for name, values in ENCLOSED.items()}
    masks["myocardium"], truths["myocardium"] = masks["lv_epi"] & ~masks["lv_endo"], sample.label == 2
    sure["myocardium"] = sure["lv_epi"]
    for name, truth in truths.items():
        if truth.any():
            hausdorff, mad = distances_mm(boundary(masks[name]), boundary(truth), sample.spacing_mm)
            overlap = dice(masks[name], truth)
            of_frame = (sample.patient, sample.phase, name, overlap, hausdorff, mad, sure[name])
            out.append(Score(*of_frame, sample.view, sample.quality))
    return out


def table(all_scores: Sequence[Score]) -> Table:
    """A row per view, structure and phase: mean and SD over frames, n, and the worst cases."""
    columns = (
        Column("view"),
        Column("structure"),
        Column("phase"),
        Column("n", form="d"),
        Column("Dice"),
        Column("Hausdorff", "mm"),
        Column("MAD", "mm"),
        Column("worst Dice"),
    )
    rows: list[tuple[Cell, ...]] = []
    for view in sorted({score.view for score in all_scores}, reverse=True):
        for title, name in ROWS:
            for phase in ("ED", "ES"):
                wanted = (view, name, phase)
                some = [score for score in all_scores if (score.view, score.structure, score.phase) == wanted]
                if some:
                    rows.append((view, title, phase, len(some), *_figures(some)))
    return Table("Contours of single frames; mean ± SD over frames", columns, tuple(rows))


def _figures(some: Sequence[Score]) -> tuple[Cell, ...]:
    worst = sorted(some, key=lambda score: score.dice)[:3]
    return (
        spread([s.dice for s in some]),
        spread([s.hausdorff_mm for s in some]),
        spread([s.mad_mm for s in some]),
        ", ".join(f"{s.patient} {s.dice:.3f}" for s in worst),
    )


def table_by_quality(all_scores: Sequence[Score]) -> Table:
    """LV Dice by view, phase and quality of the images, where the quality is known."""
    columns = (Column("view"), Column("images"), Column("phase"), Column("n", form="d"), Column("LV Dice"))
    rows: list[tuple[Cell, ...]] = []
    for view in sorted({score.view for score in all_scores}, reverse=True):
        for quality in ("Good", "Medium", "Poor"):
            for phase in ("ED", "ES"):
                wanted = (view, quality, phase, "lv_endo")
                some = [s.dice for s in all_scores if (s.view, s.quality, s.phase, s.structure) == wanted]
                if some:
                    rows.append((view, quality.lower(), phase, len(some), spread(some)))
    return Table("LV by the quality of images", columns, tuple(rows))
