"""How well the short-axis model contours slices that experts have contoured: Dice per volume, and gross failures."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from kinecor_lab.common.metrics import Mask, boundary, distances_mm, filled
from kinecor_lab.datasets.slices import CAVITY, MYOCARDIUM, RV, SaxSample
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


def masks_of(found: ClipOutput, frame: int, shape: tuple[int, int]) -> dict[str, Mask]:
    """What the contours of a frame enclose, on the picture's own pixels: cavity, myocardium between both lines, RV."""
    inside = {}
    for name in ("lv_endo", "lv_epi", "rv"):
        points = found.contours[name][frame]
        inside[name] = np.zeros(shape, bool) if points is None else filled(found.grid.to_image(points), shape)
    return {"cavity": inside["lv_endo"], "myocardium": inside["lv_epi"] & ~inside["lv_endo"], "RV": inside["rv"]}


def by_volume(samples: Iterable[SaxSample]) -> list[list[SaxSample]]:
    """The samples of each volume, slices in order."""
    volumes: dict[str, list[SaxSample]] = defaultdict(list)
    for sample in samples:
        volumes[sample.volume].append(sample)
    return [sorted(one, key=lambda sample: sample.number) for one in volumes.values()]


def slices(look: Stack, samples: Sequence[SaxSample], tick: Callable[[int, int], None]) -> list[Slice]:
    """Contours every volume as the window would, each slice a clip of one frame, and compares pixel by pixel.

    A structure that the expert left open in a slice is left out there.
    """
    out: list[Slice] = []
    volumes = by_volume(samples)
    for done, volume in enumerate(volumes):
        answers = look([ClipInput(sample.image[None]) for sample in volume], lambda *_: None)
        for sample, answer in zip(volume, answers, strict=True):
            rows, columns = sample.image.shape
            masks = masks_of(answer, 0, (rows, columns))
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
    for one in all_slices:
        groups[one.source, one.patient, one.phase, one.structure].append(one)
    out = []
    for key, some in groups.items():
        both, found, truth = (sum(getattr(one, field) for one in some) for field in ("both", "found", "truth"))
        if truth:
            out.append(Volume(*key, 2 * both / (found + truth), found / truth))
    return out


def gross(all_slices: Iterable[Slice]) -> tuple[list[Slice], int]:
    """The gross failures, and how many slices there are whose cavity is large enough to count."""
    counted = [one for one in all_slices if one.structure == "cavity" and one.truth > GROSS_PX]
    return [one for one in counted if one.dice < GROSS_DICE], len(counted)


def _spread(values: Sequence[float]) -> str:
    return f"{np.mean(values):.3f} ± {np.std(values, ddof=1):.3f}" if len(values) > 1 else "-"


def table(all_slices: Sequence[Slice]) -> str:
    """The table as text: a row per source, structure and phase; mean ± SD over volumes, and what went wrong."""
    lines = [
        f"{'':5} {'':11} {'':6} {'n':>3}  {'Dice per volume':16} {'found/true':16} {'MAD px (slices)':16} worst Dice"
    ]
    found = volumes(all_slices)
    for source in sorted({one.source for one in found}):
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
                lines.append(
                    f"{source:5} {structure:11} {'+'.join(phases):6} {len(some):3}  "
                    f"{_spread([v.dice for v in some]):16} {_spread([v.ratio for v in some]):16} {_spread(mads):16} "
                    + ", ".join(f"{v.dice:.3f} {v.patient} {v.phase}" for v in worst)
                )
    wrong, counted = gross(all_slices)
    lines.append(f"gross failures: {len(wrong)} of {counted} slices with a cavity of more than {GROSS_PX} pixels")
    lines += [f"  {one.dice:.2f} {one.patient} {one.phase} slice {one.number}" for one in wrong]
    empty = [one for one in all_slices if one.structure == "cavity" and not one.truth]
    false = [one for one in empty if one.found]
    lines.append(f"slices without a cavity: {len(empty)}, of which {len(false)} were given one")
    return "\n".join(lines)
