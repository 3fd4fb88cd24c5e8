"""`kinecor evaluate sax-stacks`: whole short-axis stacks against experts, with the slices that the program counts.

Three ways to choose slices, with the same contours: as the program decides base and apex, every slice that has a
contour, and the slices that experts contoured (an oracle: what a perfect choice would give). Where a set states the
volumes that its experts measured (DSB, and ACDC with --scale), those of each choice are compared with them.
"""

import argparse
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load_file

from kinecor.analysis.analyse import slice_clip, stack_edits
from kinecor.analysis.strategy import apply_edits
from kinecor.core.values.calibration import Calibration
from kinecor.core.values.errors import no_tick
from kinecor.core.values.message import verbatim
from kinecor.core.values.reading import Reading, first_stack_reading
from kinecor.core.values.track import Structure
from kinecor.core.volumes.extent import extent_of
from kinecor.core.volumes.stack_volumes import (
    MM3_PER_ML,
    areas,
    counted_right,
    counts_for_lv,
    summed_disks,
    usual_step_mm,
)
from kinecor_lab.common import value_files
from kinecor_lab.common.commands import add_device, add_split, reported, show_progress
from kinecor_lab.common.metrics import Mask, filled
from kinecor_lab.common.table import Cell, Column, Table, add_output, report, spread
from kinecor_lab.datasets.acdc_geometry import acdc_geometry, with_scale
from kinecor_lab.datasets.dsb_stacks import dsb_stacks
from kinecor_lab.datasets.short_axis import CAVITY, DSB, MYOCARDIUM, RV, Picture
from kinecor_lab.datasets.stacks import (
    LabelledStack,
    acdc_stacks,
    recording_of,
    scd_stacks,
    study_stacks,
    thinned,
    york_stacks,
)
from kinecor_lab.tasks.sax.networks import TRIED, add_networks, model_of
from kinecor_lab.tasks.sax.simulated import SIMULATED, bits_of
from kinecor_lab.tasks.trust.simulated import StackSeries, StackSetting, stack_series
from kinecor_models.contours.presence import PresenceModel, open_presence
from kinecor_models.contours.sax import SaxModel
from kinecor_models.contract import ClipOutput

STRUCTURES = {"LV cavity": CAVITY, "myocardium": MYOCARDIUM, "RV cavity": RV}
LEFT, RIGHT = "LV", "RV"
PROGRAM, ALL, ORACLE = "program", "every contour", "oracle"
LABELS = "labels"
"""The set's own labels in place of contours: what its volumes are by them."""
Shown = NDArray[np.bool_]
"""(slices, phases): whether a slice counts."""


@dataclass(frozen=True, slots=True)
class Volume:
    """One structure at one phase of one stack, all slices together.

    Attributes:
        source, patient, mark: which set, who, and ED or ES.
        structure: of STRUCTURES.
        choice: by whom slices were chosen: "program", "every contour" or "oracle".
        dice: of all slices that are labelled.
        error: found over true volume, minus 1; slices count alike.

    """

    source: str
    patient: str
    mark: str
    structure: str
    choice: str
    dice: float
    error: float


@dataclass(frozen=True, slots=True)
class EndError:
    """Where a ventricle ends against the expert.

    Attributes:
        source, patient, mark, ventricle: as above, the ventricle "LV" or "RV".
        end: "base" or "apex".
        beyond: slices by which the program's end is beyond the expert's; negative where it leaves slices out.
        choice: as above.

    """

    source: str
    patient: str
    mark: str
    ventricle: str
    end: str
    beyond: int
    choice: str


@dataclass(frozen=True, slots=True)
class MeasuredVolume:
    """The volume of the LV cavity against the one that experts measured.

    Attributes:
        source, patient, mark: as above.
        choice: as above, or LABELS.
        measured_ml: 0 where no slice counts.
        experts_ml: what the set states.

    """

    source: str
    patient: str
    mark: str
    choice: str
    measured_ml: float
    experts_ml: float


def looked_at(stack: LabelledStack, model: SaxModel, cache: Path | None = None) -> list[ClipOutput]:
    """What the network gives for every slice; taken from a folder where it is there already, else stored there."""
    shown = f"{'+'.join(stack.marks)} {stack.recording.phases}"
    path = cache / f"{stack.name} {shown} {model.card.sha256[:12]}.npz" if cache else None
    if path is not None and path.is_file():
        outputs: list[ClipOutput] = value_files.load(path)
        return outputs
    outputs = list(model.stack([slice_clip(cine) for cine in stack.recording.cines], no_tick))
    if path is not None:
        value_files.save(path, outputs)
    return outputs


def read(stack: LabelledStack, outputs: Sequence[ClipOutput], by: str, presence: PresenceModel | None) -> Reading:
    """The stack as the program reads it: contours, base and apex."""
    first = first_stack_reading(stack.recording)
    return apply_edits(first, stack_edits(outputs, first, by, presence), by)


POPULATIONS = ("normal", "dilated", "hypertrophic", "infarct", "small", "amyloid", "athletic", "child")
"""Kinds of simulated hearts, by turns."""
REPORTED_SEED = 982000
"""First seed of the stacks that figures are of."""
SIMULATED_PHASES = 8
"""The most phases that are simulated: contours of ED and ES need no more."""


def simulated_stacks(count: int, first_seed: int, phases: int) -> list[LabelledStack]:
    """Stacks of all kinds of hearts by turns, by consecutive seeds."""
    kinds = (POPULATIONS[number % len(POPULATIONS)] for number in range(count))
    return [simulated_stack(population, first_seed + index, phases) for index, population in enumerate(kinds)]


def simulated_stack(population: str, seed: int, phases: int) -> LabelledStack:
    """A simulated stack whose truth is where muscle surrounds at least half of the cavity, at ED and ES."""
    return labelled(f"{population} {seed}", stack_series(StackSetting(population, seed), phases))


def labelled(name: str, made: StackSeries) -> LabelledStack:
    """A simulated stack with its exact labels."""
    white = np.percentile(np.stack([mr_slice.frames for mr_slice in made.series.slices]), _WHITE_PERCENT)
    images = [np.clip(mr_slice.frames * (255 / white), 0, 255).astype(np.uint8) for mr_slice in made.series.slices]
    recording = recording_of(f"simulated {name}", images)
    cines = tuple(
        replace(cine, calibration=Calibration(*mr_slice.spacing_mm, verbatim("simulated")))
        for cine, mr_slice in zip(recording.slices, made.series.slices, strict=True)
    )
    left = np.full((len(cines), recording.phases), np.nan)
    labels: dict[tuple[int, int], Picture] = {}
    for index, (mark, phase) in enumerate((("ED", made.ed), ("ES", made.es))):
        left[:, phase] = 0.0
        labels |= {(number, phase): bits_of(label[index]) for number, label in enumerate(made.labels)}
        left[made.ends[f"apex {mark}"] : made.ends[f"base {mark}"] + 1, phase] = 1.0
    return LabelledStack(
        SIMULATED,
        name,
        replace(recording, slices=cines),
        labels,
        left,
        np.full(left.shape, np.nan),
        {"ED": made.ed, "ES": made.es},
    )


_WHITE_PERCENT = 99.5


def contoured_slices(reading: Reading, structure: Structure) -> Shown:
    """(slices, phases) whether there is a contour of the structure."""
    out = np.zeros((len(reading.slices), reading.facts.frames), bool)
    for number, slice_reading in enumerate(reading.slices):
        if (track := slice_reading.tracks.get(structure)) is not None:
            out[number] = [contour is not None for contour in track.contours]
    return out


def _masks(reading: Reading, number: int, phase: int) -> dict[str, Mask]:
    single_reading = reading.slices[number]
    shape = single_reading.facts.rows, single_reading.facts.columns
    inside = {}
    for structure in (Structure.LV_ENDO, Structure.LV_EPI, Structure.RV):
        track = single_reading.tracks.get(structure)
        contour = track.contours[phase] if track is not None else None
        inside[structure] = np.zeros(shape, bool) if contour is None else filled(contour.points, shape)
    endo, epi, rv = inside.values()
    return {"LV cavity": endo, "myocardium": epi & ~endo, "RV cavity": rv}


def choices_of(stack: LabelledStack, reading: Reading) -> dict[str, tuple[Shown, Shown]]:
    """Slices that count for the left and for the right ventricle, by who chose them."""
    every = np.ones(stack.left.shape, bool)
    return {
        PROGRAM: (counts_for_lv(reading), counted_right(reading)),
        ALL: (every, every),
        ORACLE: (stack.left != 0, stack.right != 0),
    }


def volumes(stack: LabelledStack, reading: Reading) -> list[Volume]:
    """Overlap and volume at ED and ES; structures of which the expert says nothing are left out."""
    out = []
    for mark, phase in stack.marks.items():
        labelled = [number for number in range(len(reading.slices)) if (number, phase) in stack.labels]
        masks = {number: _masks(reading, number, phase) for number in labelled}
        for choice, (left, right) in choices_of(stack, reading).items():
            for structure, bit in STRUCTURES.items():
                both = found = true = 0
                here = right if bit == RV else left
                for number in labelled:
                    allowed = stack.labels[number, phase]
                    if ((allowed != bit) & (allowed & bit > 0)).any():
                        continue
                    mask, sure = masks[number][structure] & here[number, phase], allowed == bit
                    both, found, true = both + int((mask & sure).sum()), found + int(mask.sum()), true + int(sure.sum())
                if true:
                    dice, error = 2 * both / (found + true), found / true - 1
                    out.append(Volume(stack.source, stack.patient, mark, structure, choice, dice, error))
    return out


def end_errors(stack: LabelledStack, reading: Reading) -> list[EndError]:
    """Base and apex at ED and ES, where experts left slices out that the set holds, or could have."""
    extent = extent_of(reading)
    upwards = sum(extent.base) > sum(extent.apex)
    out = []
    for choice, shown in choices_of(stack, reading).items():
        for ventricle, here, true, structure in (
            (LEFT, shown[0], stack.left, Structure.LV_ENDO),
            (RIGHT, shown[1], stack.right, Structure.RV),
        ):
            found = here & contoured_slices(reading, structure)
            for mark, phase in stack.marks.items():
                some, own = np.flatnonzero(found[:, phase]), np.flatnonzero(true[:, phase] == 1)
                if np.isnan(true[:, phase]).any() or not len(some) or not len(own):
                    continue
                low, high = int(own[0] - some[0]), int(some[-1] - own[-1])
                for end, beyond in (("base", high if upwards else low), ("apex", low if upwards else high)):
                    out.append(EndError(stack.source, stack.patient, mark, ventricle, end, beyond, choice))
    return out


def measured_volumes(stack: LabelledStack, reading: Reading) -> list[MeasuredVolume]:
    """Volumes of the LV cavity at the marks that the set states volumes of; none where there is no scale."""
    step_mm = usual_step_mm(reading.facts.stack) if reading.facts.stack is not None else None
    pixels = [cine.calibration for cine in stack.recording.slices]
    if not stack.experts_ml or step_mm is None:
        return []
    drawn = areas(reading, Structure.LV_ENDO)
    by_choice = {name: np.where(left, drawn, np.nan) for name, (left, _) in choices_of(stack, reading).items()}
    by_choice[LABELS] = np.full(drawn.shape, np.nan)
    for (number, phase), allowed in stack.labels.items():
        pixel, cavity = pixels[number], allowed == CAVITY
        if pixel is not None and cavity.any():
            by_choice[LABELS][number, phase] = cavity.sum() * pixel.row_mm * pixel.col_mm
    out = []
    for choice, area in by_choice.items():
        volume = np.nan_to_num(summed_disks(area, stack.recording.positions_mm, step_mm)) / MM3_PER_ML
        out += [
            MeasuredVolume(stack.source, stack.patient, mark, choice, float(volume[stack.marks[mark]]), experts_ml)
            for mark, experts_ml in stack.experts_ml.items()
        ]
    return out


def measured_table(found: Iterable[MeasuredVolume]) -> Table:
    """A row per set, mark and choice: bias, spread and typical error in ml against the experts' volumes."""
    groups: dict[tuple[str, str, str], list[MeasuredVolume]] = {}
    for volume in found:
        groups.setdefault((volume.source, volume.mark, volume.choice), []).append(volume)
    columns = (
        Column("set"),
        Column("phase"),
        Column("slices"),
        Column("n", form="d"),
        Column("experts", "ml", ".0f"),
        Column("measured less experts", "ml", "+.1f"),
        Column("median error", "ml", ".1f"),
        Column("worst", "ml"),
    )
    rows: list[tuple[Cell, ...]] = []
    for key, some in groups.items():
        off = np.array([volume.measured_ml - volume.experts_ml for volume in some])
        worst = int(np.abs(off).argmax())
        rows.append(
            (
                *key,
                len(some),
                spread([volume.experts_ml for volume in some]),
                spread(off),
                float(np.median(np.abs(off))),
                f"{off[worst]:+.0f} {some[worst].patient}",
            )
        )
    near = "The images of DSB at ES are of a fixed phase near it, so that some hearts are not at their smallest."
    notes = (near,) if any(source == DSB for source, _, _ in groups) else ()
    return Table("Volumes of the LV cavity against those that experts measured; mean ± SD", columns, tuple(rows), notes)


def volume_table(found: Iterable[Volume]) -> Table:
    """A row per set, structure and mark: Dice and volume error by who chose the slices."""
    groups: dict[tuple[str, str, str], dict[str, list[Volume]]] = {}
    for volume in found:
        groups.setdefault((volume.source, volume.structure, volume.mark), {}).setdefault(volume.choice, []).append(
            volume
        )
    columns = (
        Column("set"),
        Column("structure"),
        Column("phase"),
        Column("n", form="d"),
        *(Column(f"Dice, {choice}") for choice in (PROGRAM, ALL, ORACLE)),
        *(Column(f"volume, {choice}", "%", "+.1f") for choice in (PROGRAM, ORACLE)),
        Column("worst Dice, program"),
    )
    rows: list[tuple[Cell, ...]] = []
    for key, by in groups.items():
        worst = min(by[PROGRAM], key=lambda volume: volume.dice)
        rows.append(
            (
                *key,
                len(by[PROGRAM]),
                *(spread([volume.dice for volume in by[choice]]) for choice in (PROGRAM, ALL, ORACLE)),
                *(spread([100 * volume.error for volume in by[choice]]) for choice in (PROGRAM, ORACLE)),
                f"{worst.dice:.3f} {worst.patient}",
            )
        )
    return Table("Volumes, all slices of a patient and phase together; mean ± SD", columns, tuple(rows))


def end_table(found: Iterable[EndError]) -> Table:
    """A row per set, ventricle, end and mark: how often it is the expert's slice, or next to it."""
    groups: dict[tuple[str, str, str, str], dict[str, list[int]]] = {}
    for end_error in found:
        key = end_error.source, end_error.ventricle, end_error.end, end_error.mark
        groups.setdefault(key, {}).setdefault(end_error.choice, []).append(end_error.beyond)
    columns = (
        Column("set"),
        Column("ventricle"),
        Column("end"),
        Column("phase"),
        Column("n", form="d"),
        Column("the same slice", "%", ".0f"),
        Column("within one", "%", ".0f"),
        Column("the same slice, every contour", "%", ".0f"),
        Column("slices beyond the expert's: stacks"),
    )
    rows: list[tuple[Cell, ...]] = []
    for key, by in groups.items():
        beyond = by[PROGRAM]
        counts = ", ".join(f"{off:+d}: {beyond.count(off)}" for off in sorted(set(beyond)))
        rows.append(
            (*key, len(beyond), _percent(beyond, 0), _percent(beyond, 1), _percent(by[ALL], 0), counts),
        )
    return Table("Base and apex", columns, tuple(rows))


def _percent(beyond: Sequence[int], within: int) -> float:
    return 100 * float(np.mean([abs(off_by) <= within for off_by in beyond]))


def labelled_stacks(folders: Mapping[str, Path | None], split: str, phases: int) -> list[LabelledStack]:
    """The stacks of the folders that are given, by set (SETS), of one split.

    Args:
        folders: by set.
        split: of the committed lists; of the studies there is none.
        phases: more than these are thinned out.

    Raises:
        DataSetError: a folder does not hold what is expected.

    """
    loaders = {"acdc": acdc_stacks, "scd": scd_stacks, "york": york_stacks, "dsb": dsb_stacks}
    stacks = [
        stack for name, load in loaders.items() if (folder := folders.get(name)) for stack in load(folder, [split])
    ]
    stacks += study_stacks(folders["studies"]) if folders["studies"] else []
    return [thinned(stack, phases) for stack in stacks]


SETS = ("acdc", "scd", "york", "studies", "dsb")


def add_folders(parser: argparse.ArgumentParser) -> None:
    """The options that name the sets."""
    parser.add_argument("--acdc", type=Path, help="ACDC slices as PNG with index.csv")
    parser.add_argument("--scd", type=Path, help="Sunnybrook slices as PNG with index.csv")
    parser.add_argument("--york", type=Path, help="York cines as PNG with frames.csv")
    parser.add_argument("--studies", type=Path, help="complete Sunnybrook studies: DICOM and contours")
    parser.add_argument("--dsb", type=Path, help="short-axis stacks of the Second National Data Science Bowl")


def parser() -> argparse.ArgumentParser:
    """The command's options."""
    out = argparse.ArgumentParser(prog="kinecor evaluate sax-stacks", description=__doc__.splitlines()[0])
    add_folders(out)
    out.add_argument("--scale", action="store_true", help="give ACDC's stacks the scale of its geometry.csv")
    out.add_argument("--simulated", type=int, default=0, help="how many simulated stacks are measured, too")
    out.add_argument("--first-seed", type=int, default=REPORTED_SEED, help="of the simulated stacks")
    add_split(out, "test")
    out.add_argument("--phases", type=int, default=100, help="thin out cines of more phases than these")
    out.add_argument(
        "--without-head", action="store_true", help="decide base and apex from muscle alone, without sax-presence"
    )
    out.add_argument("--head", type=Path, help="weights of another sax-presence")
    out.add_argument("--cache", type=Path, help="folder where what the network gives is stored, for the next time")
    add_networks(out)
    add_device(out)
    add_output(out)
    return out


@reported("kinecor evaluate")
def main(argv: Sequence[str]) -> int:
    """Runs the command; returns its exit status (0 done, 1 failed)."""
    options = parser().parse_args(argv)
    folders = {name: getattr(options, name) for name in SETS}
    stacks = labelled_stacks(folders, options.split, options.phases)
    if options.scale and options.acdc:
        acdc = [stack for stack in stacks if stack.source == "ACDC"]
        scaled = with_scale(acdc, acdc_geometry(options.acdc))
        stacks = scaled + [stack for stack in stacks if stack.source != "ACDC"]
    phases = min(options.phases, SIMULATED_PHASES)
    stacks += simulated_stacks(options.simulated, options.first_seed, phases)
    if not stacks:
        raise ValueError("expected --acdc, --scd, --york, --studies, --dsb or --simulated, got none")
    model = model_of(options)
    presence = None if options.without_head else open_presence()
    if presence is not None and options.head:
        presence = PresenceModel(replace(presence.card, version=TRIED), load_file(options.head))
    cards = [model_used.card for model_used in (model, presence) if model_used is not None]
    found: list[Volume] = []
    ends: list[EndError] = []
    measured: list[MeasuredVolume] = []
    for done, stack in enumerate(stacks, 1):
        reading = read(stack, looked_at(stack, model, options.cache), model.card.author, presence)
        found += volumes(stack, reading)
        ends += end_errors(stack, reading)
        measured += measured_volumes(stack, reading)
        show_progress(f"{done}/{len(stacks)}")
    print(file=sys.stderr)
    report(
        "sax-stacks",
        argv,
        "Whole short-axis stacks against experts",
        [volume_table(found), end_table(ends), *([measured_table(measured)] if measured else [])],
        out=options.out,
        models={card.name: card.version for card in cards if card.version != TRIED},
        notes=[f"split {options.split}, {len({stack.name for stack in stacks})} patients"],
        values=[*found, *ends, *measured],
    )
    return 0
