"""Recordings with known truth, as the program reads them: of patients that no network has learnt from, and simulated.

Loops are ED and ES of one patient, contoured as the program does. Stacks are whole; where a set states the volumes that
experts measured, these are the truth, else the volumes of its labels.
"""

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path
from typing import Final

import numpy as np

from kinecor.core.table.expected_error import signals_of_stack
from kinecor.core.table.table import value_of
from kinecor.core.values.calibration import Calibration
from kinecor.core.values.events import Beat, CardiacEvents
from kinecor.core.values.geometry import Contour
from kinecor.core.values.message import verbatim
from kinecor.core.values.reading import Facts, Reading, View
from kinecor.core.values.track import ContourTrack, Origin, Structure
from kinecor.core.volumes.loop_volumes import disks_volume
from kinecor.core.volumes.stack_volumes import MM3_PER_ML, MYOCARDIUM_G_PER_ML, summed_disks
from kinecor_lab.datasets.acdc_geometry import acdc_geometry, with_scale
from kinecor_lab.datasets.data_folder import camus_frames_of_view
from kinecor_lab.datasets.samples import Sample
from kinecor_lab.datasets.short_axis import CAVITY, DSB, MYOCARDIUM, RV
from kinecor_lab.datasets.stacks import LabelledStack
from kinecor_lab.tasks.apical.ejection import with_es_seen_together
from kinecor_lab.tasks.sax.networks import model_of
from kinecor_lab.tasks.sax.simulated import SIMULATED as SIMULATED_SET
from kinecor_lab.tasks.sax.stacks import labelled_stacks, looked_at, read, simulated_stacks
from kinecor_lab.tasks.trust.expected import SIMULATED, Observed
from kinecor_lab.tasks.trust.plan import SOUND
from kinecor_lab.tasks.trust.prepared import cases_in, load
from kinecor_lab.tasks.trust.values import Values
from kinecor_models.contours.apical import open_apical
from kinecor_models.contours.outlines import Points, outlines
from kinecor_models.contours.pairs import PairModel, open_pairs
from kinecor_models.contours.presence import PresenceModel
from kinecor_models.contract import ClipInput, ClipModel
from kinecor_models.registry import DEFAULT_APICAL

_PER_ML = 1000.0


@dataclass(frozen=True, eq=False)
class Known:
    """One recording.

    Attributes:
        source: the set, such as "CAMUS A4C".
        name: of the patient or heart.
        reading: as the program reads it, not edited.
        truth: values by code.

    """

    source: str
    name: str
    reading: Reading
    truth: Values


_STRUCTURES = (Structure.LV_ENDO, Structure.LA)


def of_patient(
    source: str, model: ClipModel, ed: Sample, es: Sample, pairs: PairModel | None = None
) -> Iterator[Known]:
    """Two frames with experts' labels, contoured as the program does; in cubic pixels without a spacing.

    Args:
        source: the set.
        model: contours single frames.
        ed: at end-diastole.
        es: at end-systole.
        pairs: contours the ventricle at ES where the two are of one shape; None: frames are contoured one by one.

    """
    seen, volumes = [], []
    atria: list[Points | None] = []
    spacing_mm = ed.spacing_mm if np.isfinite(ed.spacing_mm) else 1.0
    for sample in (ed, es):
        output = model(ClipInput(sample.image[None]), lambda *_: None)
        experts = outlines(np.stack([sample.label == value for value in range(4)]).astype(np.float32))
        true, atria = experts.contours["lv_endo"], [*atria, experts.contours["la"]]
        if output.contours["lv_endo"][0] is None or true is None:
            return
        if sample is es and pairs is not None and ed.image.shape == es.image.shape:
            output = with_es_seen_together(output, ed.image, es.image, pairs)
        seen.append(output)
        volumes.append(disks_volume(Contour(true.astype(np.float64)), spacing_mm, spacing_mm) / _PER_ML)
    tracks = {}
    for structure in _STRUCTURES:
        points = [output.contours[structure][0] for output in seen]
        grids = [output.grid for output in seen]
        contours = tuple(
            None if point is None else Contour(grid.to_image(point).astype(np.float64))
            for point, grid in zip(points, grids, strict=True)
        )
        sure = np.array([float(output.confidence[structure][0]) for output in seen])
        tracks[structure] = ContourTrack(structure, contours, (Origin.MODEL,) * 2, sure)
    rows, columns = ed.image.shape
    reading = Reading(
        facts=Facts(ed.patient, rows, columns, np.array([0.0, 0.35]), "FrameTime"),
        calibration=Calibration(spacing_mm, spacing_mm, verbatim("data set")),
        view=View(ed.view, None, "header"),
        tracks=tracks,
        events=CardiacEvents((Beat(0, 1),), Origin.MODEL),
    )
    edv, esv = volumes
    truth = {"EDV": edv, "ESV": esv, "SV": edv - esv, "EF": 100 * (edv - esv) / edv}
    if Structure.LA in tracks and atria[1] is not None:
        by_expert = ContourTrack(
            Structure.LA, (None, Contour(atria[1].astype(np.float64))), (Origin.EDITED,) * 2, np.ones(2)
        )
        lav = value_of(reading.with_(tracks={**tracks, Structure.LA: by_expert}), "LAV")
        truth |= {} if lav is None else {"LAV": lav}
    yield Known(source, ed.patient, reading, truth)


def _patients(folder: Path, split: str, view: str) -> Iterator[tuple[Sample, Sample]]:
    """ED and ES of each patient."""
    samples = sorted(camus_frames_of_view(folder, [split], view), key=lambda sample: (sample.patient, sample.phase))
    for _, both in groupby(samples, key=lambda sample: sample.patient):
        phases = {sample.phase: sample for sample in both}
        if {"ED", "ES"} <= set(phases):
            yield phases["ED"], phases["ES"]


def camus(four: Path | None, two: Path | None) -> Iterator[Known]:
    """The patients of CAMUS that report the figures of the apical network: it has not learnt from them."""
    model, pairs = open_apical(DEFAULT_APICAL, "cpu"), open_pairs(device="cpu")
    for folder, view in ((four, "A4C"), (two, "A2C")):
        for ed, es in _patients(folder, "valid", view) if folder else ():
            yield from of_patient(f"CAMUS {view}", model, ed, es, pairs)


_CHANGED_IMAGES: Final = (
    SOUND,
    "foreshortened",
    "compression",
    "noise",
    "shadow over a wall",
    "mirrored",
    "apex cut off",
)
"""Kinds of the half that thresholds are chosen on whose images differ, but not their scale, times or marks."""


def simulated_loops(caches: Sequence[Path]) -> Iterator[Known]:
    """Each recording once, also where several caches hold it."""
    folders = {folder.name: folder for cache in caches for folder in cases_in(cache, "choose", "echo")}
    for case in load(folders.values()):
        if case.kind in _CHANGED_IMAGES and case.reading is not None:
            yield Known(f"{SIMULATED} loops", case.name, case.reading, dict(case.truth))


SIMULATED_SEED = 960_000
"""First seed of the simulated stacks that intervals are fitted on."""
_UNSCALED = Calibration(1.0, 1.0, verbatim("none: pixels count as millimetres, in truth and measurement"))


def stacks(options: argparse.Namespace, presence: PresenceModel | None) -> Iterator[Known]:
    """Stacks of patients that no network has learnt from (split "test" of each set), and simulated ones.

    Args:
        options: the folders of the sets, `simulated`, `stack_cache`, and what `model_of` needs.
        presence: which slices the ventricles are in.

    """
    for _, known in known_stacks(options, presence, simulated=options.simulated):
        yield known


def known_stacks(
    options: argparse.Namespace, presence: PresenceModel | None, *, split: str = "test", simulated: int = 0
) -> Iterator[tuple[LabelledStack, Known]]:
    """Stacks of one split with their labels, and simulated ones; see `stacks`."""
    folders = {"acdc": options.acdc, "york": options.york, "dsb": options.dsb, "studies": options.studies, "scd": None}
    found = labelled_stacks(folders, split, _PHASES)
    if options.acdc:
        geometry = acdc_geometry(options.acdc)
        found = [with_scale([stack], geometry)[0] if stack.source == "ACDC" else stack for stack in found]
    found += simulated_stacks(simulated, SIMULATED_SEED, _PHASES)
    model = model_of(options)
    for stack in map(_scaled, found):
        reading = read(stack, looked_at(stack, model, options.stack_cache), model.card.author, presence)
        beat = Beat(stack.marks["ED"], stack.marks["ES"])
        yield (
            stack,
            Known(
                f"{SIMULATED} stacks" if stack.source == SIMULATED_SET else stack.source,
                stack.patient,
                reading.with_(events=CardiacEvents((beat,), Origin.MODEL)),
                truth_of(stack),
            ),
        )


_PHASES: Final = 6


def _scaled(stack: LabelledStack) -> LabelledStack:
    """The stack with a scale: its own, or pixels as millimetres."""
    recording = stack.recording
    if all(cine.calibration is not None for cine in recording.slices):
        return stack
    slices = tuple(replace(cine, calibration=_UNSCALED) for cine in recording.slices)
    return replace(stack, recording=replace(recording, slices=slices))


_BITS: Final = {"LV": CAVITY, "wall": MYOCARDIUM, "RV": RV}


def truth_of(stack: LabelledStack) -> Values:
    """The values of a labelled stack with a scale; those of structures that it does not label are left out.

    Volumes of the left ventricle are those that experts measured, where the set states them.
    """
    volumes = {
        (name, mark): _labelled_ml(stack, bit, phase)
        for name, bit in _BITS.items()
        for mark, phase in stack.marks.items()
    }
    labelled = volumes["LV", "ED"], volumes["LV", "ES"]
    for mark, experts_ml in stack.experts_ml.items():
        # Images of DSB at ES are of a fixed phase near it: the labels are of these images, the experts' volume is not.
        if stack.source != DSB or mark == "ED":
            volumes["LV", mark] = experts_ml
    out: Values = {}
    for prefix, name in (("", "LV"), ("RV", "RV")):
        edv, esv = volumes[name, "ED"], volumes[name, "ES"]
        if edv and esv:
            out |= {f"{prefix}EDV": edv, f"{prefix}ESV": esv, f"{prefix}SV": edv - esv}
            out |= {f"{prefix}EF": 100 * (edv - esv) / edv}
    # What is a difference or a ratio of both volumes is of one source: readers differ by more than strokes do.
    if stack.source == DSB and labelled[0] and labelled[1] is not None:
        out |= {"SV": labelled[0] - labelled[1], "EF": 100 * (1 - labelled[1] / labelled[0])}
    if wall := volumes["wall", "ED"]:
        out["LVM"] = wall * MYOCARDIUM_G_PER_ML
    return out


def _labelled_ml(stack: LabelledStack, bit: int, phase: int) -> float | None:
    """The volume of a structure by the labels of one phase; None where a label leaves it open, or has none of it."""
    step_mm = float(np.median(np.diff(stack.recording.positions_mm)))
    area = np.zeros(len(stack.recording.slices))
    for number, cine in enumerate(stack.recording.slices):
        allowed, pixel = stack.labels.get((number, phase)), cine.calibration
        if allowed is None or pixel is None:
            continue
        sure = allowed == bit
        if ((allowed & bit > 0) & ~sure).any():
            return None
        area[number] = sure.sum() * pixel.row_mm * pixel.col_mm
    drawn = np.where(area > 0, area, np.nan)[:, None]
    volume = float(np.nan_to_num(summed_disks(drawn, stack.recording.positions_mm, step_mm))[0]) / MM3_PER_ML
    return volume if volume > 0 else None


def observed_stack(known_case: Known) -> Iterator[Observed]:
    """Both volumes of a stack against the truth; nothing where it has none."""
    edv, esv = (value_of(known_case.reading, code) for code in ("EDV", "ESV"))
    seen = signals_of_stack(known_case.reading)
    known = {"EDV", "ESV"} <= known_case.truth.keys()
    if edv is not None and esv is not None and seen is not None and known and min(edv, esv) > 0:
        true = known_case.truth["EDV"], known_case.truth["ESV"]
        yield Observed(
            known_case.source, known_case.name, seen, (edv, esv), true, known_case.truth["EF"], known_case.truth["SV"]
        )
