"""How well the short-axis model contours slices that experts have contoured: Dice per volume, and gross failures."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from kinecor_lab.common.metrics import Mask, boundary, distances_mm, filled
from kinecor_lab.common.table import Cell, Column, Table, spread
from kinecor_lab.datasets.short_axis import CAVITY, MYOCARDIUM, RV, SaxSample, by_volume
from kinecor_models.contract import ClipInput, ClipOutput, Tick

STRUCTURES = {"cavity": CAVITY, "myocardium": MYOCARDIUM, "RV": RV}
GROSS_PX, GROSS_DICE = 100, 0.5
"""A cavity of more pixels than the first that is found with less Dice than the second is a gross failure."""
Stack = Callable[[Sequence[ClipInput], Tick], Sequence[ClipOutput]]


@dataclass(frozen=True, slots=True)
class Slice:
    """One structure in one slice: pixel counts, distances in pixels, and the model's own confidence."""

    source: str
    patient: str
    phase: str
    number: int
    structure: str
    both: int
    found: int
    truth: int
    hausdorff_px: float
    mad_px: float
    confidence: float

    @property
    def dice(self) -> float:
        """2 |A and B| / (|A| + |B|); NaN where both are empty."""
        total = self.found + self.truth
        return 2 * self.both / total if total else float("nan")


@dataclass(frozen=True, slots=True)
class Volume:
    """One structure in one volume (a patient at a phase): Dice of all its slices together, and volume found / true."""

    source: str
    patient: str
    phase: str
    structure: str
    dice: float
    ratio: float


def masks_of(output: ClipOutput, frame: int, shape: tuple[int, int]) -> dict[str, Mask]:
    """What the contours of a frame enclose, on the image's own pixels: cavity, myocardium between both lines, RV."""
    inside = {}
    for name in ("lv_endo", "lv_epi", "rv"):
        points = output.contours[name][frame]
        inside[name] = np.zeros(shape, bool) if points is None else filled(output.grid.to_image(points), shape)
    return {"cavity": inside["lv_endo"], "myocardium": inside["lv_epi"] & ~inside["lv_endo"], "RV": inside["rv"]}


def slices(
    look: Stack,
    samples: Sequence[SaxSample],
    tick: Callable[[int, int], None],
    compare: Callable[[SaxSample, dict[str, Mask]], None] = lambda *_: None,
) -> list[Slice]:
    """Contours every volume as the window would, each slice a clip of one frame, and compares pixel by pixel.

    A structure that the expert left open in a slice is left out there.

    Args:
        look: contours the slices of a volume.
        samples: slices with experts' masks.
        tick: called with the number of volumes done, and of all.
        compare: called with each slice and the masks of what was drawn in it.

    """
    out: list[Slice] = []
    volumes = by_volume(samples)
    for done, volume in enumerate(volumes):
        answers = look([ClipInput(sample.image[None]) for sample in volume], lambda *_: None)
        for sample, answer in zip(volume, answers, strict=True):
            rows, columns = sample.image.shape
            masks = masks_of(answer, 0, (rows, columns))
            compare(sample, masks)
            for name, bit in STRUCTURES.items():
                if ((sample.allowed != bit) & (sample.allowed & bit > 0)).any():
                    continue
                truth = sample.certain(bit)
                hausdorff, mad = distances_mm(boundary(masks[name]), boundary(truth), 1.0)
                sure = answer.confidence[{"cavity": "lv_endo", "myocardium": "lv_epi", "RV": "rv"}[name]][0]
                out.append(
                    Slice(
                        sample.source,
                        sample.patient,
                        sample.phase,
                        sample.number,
                        name,
                        int((masks[name] & truth).sum()),
                        int(masks[name].sum()),
                        int(truth.sum()),
                        hausdorff,
                        mad,
                        float(sure),
                    )
                )
        tick(done + 1, len(volumes))
    return out


def volumes(all_slices: Iterable[Slice]) -> list[Volume]:
    """Slices added up by volume; only slices with that structure's label count."""
    groups: dict[tuple[str, str, str, str], list[Slice]] = defaultdict(list)
    for single_slice in all_slices:
        groups[single_slice.source, single_slice.patient, single_slice.phase, single_slice.structure].append(
            single_slice
        )
    out = []
    for key, some in groups.items():
        both, found, truth = (
            sum(getattr(single_slice, field) for single_slice in some) for field in ("both", "found", "truth")
        )
        if truth:
            out.append(Volume(*key, 2 * both / (found + truth), found / truth))
    return out


def gross(all_slices: Iterable[Slice]) -> tuple[list[Slice], int]:
    """The gross failures, and how many slices there are whose cavity is large enough to count."""
    counted = [
        single_slice
        for single_slice in all_slices
        if single_slice.structure == "cavity" and single_slice.truth > GROSS_PX
    ]
    return [single_slice for single_slice in counted if single_slice.dice < GROSS_DICE], len(counted)


def table(all_slices: Sequence[Slice]) -> Table:
    """A row per source, structure and phase: mean and SD over volumes; gross failures are listed below."""
    columns = (
        Column("set"),
        Column("structure"),
        Column("phase"),
        Column("n", form="d"),
        Column("Dice per volume"),
        Column("found/true"),
        Column("MAD per slice", "px"),
        Column("worst Dice"),
    )
    rows: list[tuple[Cell, ...]] = []
    found = volumes(all_slices)
    for source in sorted({volume.source for volume in found}):
        for structure in STRUCTURES:
            for phases in (("ED",), ("ES",), ("ED", "ES")):
                some = [v for v in found if (v.source, v.structure) == (source, structure) and v.phase in phases]
                if not some:
                    continue
                mads = [
                    s.mad_px
                    for s in all_slices
                    if (s.source, s.structure) == (source, structure) and s.phase in phases and np.isfinite(s.mad_px)
                ]
                worst = sorted(some, key=lambda v: v.dice)[:3]
                rows.append(
                    (
                        source,
                        structure,
                        "+".join(phases),
                        len(some),
                        spread([v.dice for v in some]),
                        spread([v.ratio for v in some]),
                        spread(mads),
                        ", ".join(f"{v.patient} {v.phase} {v.dice:.3f}" for v in worst),
                    )
                )
    wrong, counted = gross(all_slices)
    notes = [f"gross failures: {len(wrong)} of {counted} slices with a cavity of more than {GROSS_PX} pixels"]
    notes += [
        f"  {single_slice.dice:.2f} {single_slice.patient} {single_slice.phase} slice {single_slice.number + 1}"
        for single_slice in wrong
    ]
    empty = [
        single_slice for single_slice in all_slices if single_slice.structure == "cavity" and not single_slice.truth
    ]
    false = [single_slice for single_slice in empty if single_slice.found]
    notes.append(f"slices without a cavity: {len(empty)}, of which {len(false)} were given one")
    return Table("Contours of short-axis slices; mean ± SD over volumes", columns, tuple(rows), tuple(notes))
