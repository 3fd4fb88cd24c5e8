"""How far ejection fractions and volumes from the model's contours are from those of the experts' masks.

Both are computed by the program's own methods of disks: each apical view alone, and both views together (biplane).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from kinecor.core.values.geometry import Contour
from kinecor.core.volumes.loop_volumes import biplane_disks_volume, disks_volume
from kinecor_lab.common.table import Cell, Column, Table, spread
from kinecor_lab.datasets.samples import Picture, Sample
from kinecor_models.contours.outlines import outlines
from kinecor_models.contours.pairs import PairModel, PairOutput, with_pairs
from kinecor_models.contract import ClipInput, ClipModel, ClipOutput

_MM3_PER_ML = 1000.0
BIPLANE = "biplane"


@dataclass(frozen=True, slots=True)
class Error:
    """One value of one patient.

    Attributes:
        patient: whose.
        method: "A4C" or "A2C" for that view alone, or BIPLANE.
        code: "EF" (percent), "EDV" or "ESV" (ml).
        measured: from the model's contours; NaN where one is missing.
        true: from the experts' masks.
        quality: of the two-chamber images, "" where it is not known.

    """

    patient: str
    method: str
    code: str
    measured: float
    true: float
    quality: str = ""

    @property
    def off(self) -> float:
        """Measured less true."""
        return self.measured - self.true


class Cavity(NamedTuple):
    """The cavity of one frame in image pixels: the model's contour and the experts', None where there is none."""

    found: Contour | None
    true: Contour | None
    sample: Sample

    def volume_mm3(self, *, true: bool) -> float:
        """Of this view alone; in cubic pixels where the spacing is not known."""
        contour, side_mm = self.true if true else self.found, self.sample.spacing_mm
        side_mm = side_mm if np.isfinite(side_mm) else 1.0
        return np.nan if contour is None else disks_volume(contour, side_mm, side_mm)


def contour(output: ClipOutput, structure: str) -> Contour | None:
    """The model's contour of a clip of one frame, in image pixels."""
    points = output.contours[structure][0]
    return None if points is None else Contour(output.grid.to_image(points).astype(np.float64))


def expert_contour(sample: Sample, structure: str) -> Contour | None:
    """The outline of the expert's mask, drawn as the model's are."""
    masks = np.stack([sample.label == value for value in range(4)]).astype(np.float32)
    points = outlines(masks, (structure,)).contours[structure]
    return None if points is None else Contour(points.astype(np.float64))


def cavity(output: ClipOutput, sample: Sample) -> Cavity:
    """The two contours of a frame that the model has contoured as a clip of one frame."""
    return Cavity(contour(output, "lv_endo"), expert_contour(sample, "lv_endo"), sample)


def contoured(model: ClipModel, sample: Sample) -> ClipOutput:
    """A frame as a clip of one frame, as the window would analyse it."""
    return model(ClipInput(sample.image[None]), lambda *_: None)


def with_es_seen_together(es: ClipOutput, ed_image: Picture, es_image: Picture, model: PairModel) -> ClipOutput:
    """ES contoured alone, with the ventricle of the network that sees it together with ED, as the program has it.

    Args:
        es: of the frame alone.
        ed_image: (rows, columns) of the same patient and view.
        es_image: (rows, columns).
        model: sees both.

    """
    seen = model(ClipInput(np.stack([ed_image, es_image])), [(0, 1)], lambda *_: None)
    # A clip of one frame, which is ES; its ED lies beyond it.
    return with_pairs(es, PairOutput({0: seen.frames[1]}, seen.grid), [(1, 0)])


def errors(cavities: Sequence[Cavity]) -> list[Error]:
    """Every EF, EDV and ESV that the frames allow; volumes need a spacing, biplane those of both views."""
    by_patient: dict[str, dict[tuple[str, str], Cavity]] = {}
    for cavity in cavities:
        by_patient.setdefault(cavity.sample.patient, {})[cavity.sample.view, cavity.sample.phase] = cavity
    out: list[Error] = []
    for patient, frames in sorted(by_patient.items()):
        quality = next((frame.sample.quality for frame in frames.values() if frame.sample.quality), "")
        for view in ("A4C", "A2C"):
            both = [frames.get((view, phase)) for phase in ("ED", "ES")]
            if both[0] is not None and both[1] is not None:
                known = np.isfinite(both[0].sample.spacing_mm)
                volumes = [[one.volume_mm3(true=true) for one in both if one] for true in (False, True)]
                out += _values(patient, view, quality, volumes, scaled=bool(known))
        if len(frames) == 4 and all(np.isfinite(frame.sample.spacing_mm) for frame in frames.values()):
            volumes = [
                [_biplane(frames["A4C", phase], frames["A2C", phase], true=true) for phase in ("ED", "ES")]
                for true in (False, True)
            ]
            out += _values(patient, BIPLANE, quality, volumes, scaled=True)
    return out


def _biplane(four: Cavity, two: Cavity, *, true: bool) -> float:
    first, second = (one.true if true else one.found for one in (four, two))
    if first is None or second is None:
        return np.nan
    sides = [np.full(2, one.sample.spacing_mm) for one in (four, two)]
    return biplane_disks_volume(first, second, *sides)


def _values(
    patient: str, method: str, quality: str, volumes: Sequence[Sequence[float]], *, scaled: bool
) -> list[Error]:
    """Of [[measured ED, ES], [true ED, ES]] volumes in mm3; nothing where the truth has no contour."""
    (ed, es), (true_ed, true_es) = volumes
    if not (true_ed > 0 and true_es > 0):
        return []
    out = [Error(patient, method, "EF", 100 * (1 - es / ed) if ed else np.nan, 100 * (1 - true_es / true_ed), quality)]
    if scaled:
        for code, found, true in (("EDV", ed, true_ed), ("ESV", es, true_es)):
            out.append(Error(patient, method, code, found / _MM3_PER_ML, true / _MM3_PER_ML, quality))
    return out


def table(found: Sequence[Error]) -> Table:
    """Bias, spread and mean absolute error by method and value; of EFs also by the quality of two-chamber images."""
    columns = (
        Column("method"),
        Column("value"),
        Column("images"),
        Column("n", form="d"),
        Column("true", form=".1f"),
        Column("measured less true", form="+.1f"),
        Column("mean absolute error", form=".1f"),
        Column("largest", form="+.1f"),
    )
    rows: list[tuple[Cell, ...]] = []
    for method in ("A4C", "A2C", BIPLANE):
        for code in ("EF", "EDV", "ESV"):
            qualities = ("", "Good", "Medium", "Poor") if code == "EF" else ("",)
            for quality in qualities:
                some = [
                    error
                    for error in found
                    if (error.method, error.code) == (method, code) and (not quality or error.quality == quality)
                ]
                if not some:
                    continue
                off = np.array([error.off for error in some])
                known = off[np.isfinite(off)]
                rows.append(
                    (
                        method if method == BIPLANE else f"{method} alone",
                        f"{code} ({'%' if code == 'EF' else 'ml'})",
                        quality.lower() or "all",
                        len(some),
                        spread([error.true for error in some]),
                        spread(off),
                        float(np.abs(known).mean()) if len(known) else None,
                        float(known[np.abs(known).argmax()]) if len(known) else None,
                    )
                )
    return Table("EF and volumes against experts' masks, both by the method of disks", columns, tuple(rows))
