"""Made cines with what is true of their wall: experts' frames of a public set, set in motion along a known path."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from kinecor.core.outlines.wall_outline import centreline
from kinecor.core.strain.strain import lengths, strain_percent
from kinecor.core.values.arrays import FloatArray
from kinecor.core.values.contour import Contour
from kinecor_lab.datasets.data_folder import labelled_frames
from kinecor_lab.pipeline.strain_acquisitions import Acquisition
from kinecor_lab.pipeline.strain_case import Case, everywhere
from kinecor_lab.tasks.sequence.cases import whole_beat
from kinecor_lab.tasks.sequence.paths import pairs_of, paths_of
from kinecor_models.contract import ClipInput
from kinecor_models.localisation.framing import sector_box
from kinecor_phantoms.warped.cine import MadeCine

GROUP = "made"
_POINTS = 61


@dataclass(frozen=True, slots=True)
class MadeFrom:
    """Which made cines are wanted.

    Attributes:
        folder: of the public set.
        split: of its patients.
        paths: folder where paths from ED to ES are kept.
        limit: so many patients at most, 0 for all.
        seed: of rhythms, rates, strengths, weak places and grain.

    """

    folder: Path
    split: str
    paths: Path
    limit: int = 0
    seed: int = 0


def made_cases(wanted: MadeFrom, say: Callable[[str], None]) -> Iterator[Case]:
    """A whole beat of every patient whose two frames match.

    Raises:
        DataSetError: the set is missing or damaged.

    """
    pairs = pairs_of(labelled_frames(wanted.folder, [wanted.split]))[: wanted.limit or None]
    for (ed, _), path in paths_of(pairs, wanted.paths, say):
        # The same cines as `kinecor evaluate lv-sequence` makes.
        rng = np.random.default_rng((wanted.seed, 13, *ed.patient.encode(), *ed.view.encode()))
        number = int("".join(filter(str.isdigit, ed.patient)) or 0)
        about = Acquisition(GROUP, ed.patient, number, view=ed.view, take=wanted.seed)
        yield case_of(about, whole_beat(path, rng), ed.spacing_mm)


def case_of(about: Acquisition, cine: MadeCine, spacing_mm: float) -> Case:
    """A made cine as strain is measured on it.

    Mid-wall is laid through the true outlines at the first end-diastole; from there on its points are material.

    Raises:
        ValueError: the cine does not hold two end-diastoles and the end-systole between them.

    """
    if len(cine.ed) < 2 or not cine.es:
        raise ValueError(f"expected a whole beat, got end-diastoles {cine.ed} and end-systoles {cine.es}")
    endo, epi = (_outlines(cine, name) for name in ("lv_endo", "lv_epi"))
    first = cine.ed[0]
    middle = centreline(Contour(endo[first]), Contour(epi[first]), count=_POINTS)
    if middle[0, 0] > middle[-1, 0]:
        middle = middle[::-1]
    frames = range(len(cine.frames))
    placed = np.stack([cine.carried(middle, first, frame) for frame in frames]) * spacing_mm
    wall = np.concatenate([placed, np.zeros((*placed.shape[:2], 1))], axis=2)
    return Case(
        about=about,
        frames=cine.frames,
        times_s=cine.times_s,
        spacing_mm=spacing_mm,
        region=sector_box(ClipInput(cine.frames)),
        rate_per_min=60.0 / (cine.ed_s[1] - cine.ed_s[0]),
        endo=endo,
        epi=epi,
        motion_px=np.stack([everywhere(cine.displacement_px(one + 1, one)) for one in frames[:-1]]),
        wall_mm=wall,
        heart_percent=strain_percent(lengths(wall), first)[:, 0],
        eds=cine.ed,
        ess=cine.es,
    )


def _outlines(cine: MadeCine, name: str) -> FloatArray:
    return np.stack([cine.contour(name, frame) for frame in range(len(cine.frames))])
