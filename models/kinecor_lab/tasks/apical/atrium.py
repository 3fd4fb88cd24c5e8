"""How far left atrial volumes at ES are from those of experts' contours, in one view and in both.

One view takes the atrium for round, which it is not. So a volume of one view is off for two reasons: how it was
contoured, and that the other view was not seen. The experts' own contours in one view, held against theirs in both,
show the second reason alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from kinecor.core.values.geometry import Contour
from kinecor.core.volumes.loop_volumes import biplane_disks_volume, disks_volume
from kinecor_lab.common.table import Cell, Column, Table, spread
from kinecor_lab.datasets.samples import Sample
from kinecor_lab.tasks.apical.ejection import BIPLANE, contour, expert_contour
from kinecor_models.contract import ClipOutput

WRONG: Final = 0.2
"""An atrial volume that is off by more than this share counts as wrong, as in the trust battery."""
_MM3_PER_ML = 1000.0


@dataclass(frozen=True, slots=True)
class AtrialVolume:
    """The left atrium of one patient at ES by one method.

    Attributes:
        patient: whose.
        method: "A4C" or "A2C" for that view alone, or BIPLANE.
        measured_ml: from the model's contours; NaN where one is missing.
        same_ml: from the experts' masks by the same method.
        both_ml: from the experts' masks in both views; NaN where they have one view.

    """

    patient: str
    method: str
    measured_ml: float
    same_ml: float
    both_ml: float


@dataclass(frozen=True, eq=False)
class Atrium:
    """The atrium of one frame in image pixels: the model's contour and the experts', None where there is none."""

    found: Contour | None
    true: Contour | None
    sample: Sample


def atrium(output: ClipOutput, sample: Sample) -> Atrium:
    """The two contours of a frame that the model has contoured as a clip of one frame."""
    return Atrium(contour(output, "la"), expert_contour(sample, "la"), sample)


def volumes(atria: Sequence[Atrium]) -> list[AtrialVolume]:
    """Of frames at ES whose spacing is known and in which an expert drew the atrium."""
    by_patient: dict[str, dict[str, Atrium]] = {}
    for atrium in atria:
        if atrium.sample.phase == "ES" and atrium.true is not None and np.isfinite(atrium.sample.spacing_mm):
            by_patient.setdefault(atrium.sample.patient, {})[atrium.sample.view] = atrium
    out = []
    for patient, views in sorted(by_patient.items()):
        both = _both(views, true=True)
        for view in ("A4C", "A2C"):
            if view in views:
                measured, same = (_alone(views[view], true=true) for true in (False, True))
                out.append(AtrialVolume(patient, view, measured, same, both))
        if np.isfinite(both):
            out.append(AtrialVolume(patient, BIPLANE, _both(views, true=False), both, both))
    return out


def _alone(atrium: Atrium, *, true: bool) -> float:
    drawn, side_mm = atrium.true if true else atrium.found, atrium.sample.spacing_mm
    return np.nan if drawn is None else disks_volume(drawn, side_mm, side_mm) / _MM3_PER_ML


def _both(views: dict[str, Atrium], *, true: bool) -> float:
    frames = [views.get(view) for view in ("A4C", "A2C")]
    drawn = [None if frame is None else frame.true if true else frame.found for frame in frames]
    if frames[0] is None or frames[1] is None or drawn[0] is None or drawn[1] is None:
        return np.nan
    sides = [np.full(2, frame.sample.spacing_mm) for frame in frames if frame]
    return biplane_disks_volume(drawn[0], drawn[1], sides[0], sides[1]) / _MM3_PER_ML


def table(found: Sequence[AtrialVolume]) -> Table:
    """Percent off: the model's contours against the experts', and either in one view against the experts' in both."""
    columns = (
        Column("volume"),
        Column("against"),
        Column("n", form="d"),
        Column("off", "%", "+.0f"),
        Column("off by > 20 %", form="d"),
    )
    rows: list[tuple[Cell, ...]] = []
    for method in ("A4C", "A2C", BIPLANE):
        some = [volume for volume in found if volume.method == method]
        name = method if method == BIPLANE else f"{method} alone"
        compared = [
            (f"measured, {name}", f"experts', {name}", [(volume.measured_ml, volume.same_ml) for volume in some])
        ]
        if method != BIPLANE:
            for what, values in (
                ("experts'", [(volume.same_ml, volume.both_ml) for volume in some]),
                ("measured", [(volume.measured_ml, volume.both_ml) for volume in some]),
            ):
                both = [pair for pair in values if np.isfinite(pair[1])]
                compared.append((f"{what}, {name}", f"experts', {BIPLANE}", both))
        for volume, against, pairs in compared:
            off = np.array([value / true - 1 for value, true in pairs])
            if len(off):
                wrong = int((np.abs(off[np.isfinite(off)]) > WRONG).sum())
                rows.append((volume, against, len(off), spread(100 * off), wrong))
    return Table("Left atrium at ES, by the method of disks", columns, tuple(rows))
