"""What contours are judged by, patient by patient, when a network is to be taken for another."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from kinecor.analysis.analyse import slice_clip
from kinecor.core.values.recording import CineSequence
from kinecor.io.open.recordings import open_path
from kinecor_lab.common.commands import show_progress
from kinecor_lab.datasets.data_folder import camus_of_folders
from kinecor_lab.datasets.dsb_long import dsb_long_axes
from kinecor_lab.pipeline.clip_flicker import measured
from kinecor_lab.quantisation.variants import Variant
from kinecor_lab.tasks.apical.ejection import Cavity, cavity, contoured, errors
from kinecor_lab.tasks.apical.table import ROWS, scores_of
from kinecor_lab.tasks.lax import evaluate as lax
from kinecor_lab.tasks.sax.stacks import ORACLE, PROGRAM, labelled_stacks, measured_volumes, read, volumes
from kinecor_models.contours.apical import ApicalModel
from kinecor_models.contours.long_axis import LongAxisModel
from kinecor_models.contours.presence import open_presence
from kinecor_models.contours.sax import SaxModel

FLICKER = "flicker"
_SAX = ("acdc", "scd", "york", "dsb")


@dataclass(frozen=True, slots=True)
class VariantValue:
    """One value of one patient or clip by one variant of a network.

    Attributes:
        variant: its name.
        group: the set of patients, e.g. "CAMUS A4C".
        patient: whose.
        what: e.g. "LV, ED, Dice", "EF, off" or FLICKER.
        value: the value; of what ends in "off", measured less true.

    """

    variant: str
    group: str
    patient: str
    what: str
    value: float


def values_of(
    variant: Variant, folders: Mapping[str, list[Path]], split: str, clips: Sequence[Path], *, choosing: bool
) -> list[VariantValue]:
    """Every value that the folders allow for the variant's network.

    Args:
        variant: what contours.
        folders: by set, see publish.FOLDERS.
        split: "train", "valid" or "test"; of DSB and the short-axis sets "valid" chooses and "test" reports.
        clips: folders of apical clips without truth, for flicker.
        choosing: of CAMUS, only the fold of "train" that chooses.

    Raises:
        DataSetError: a folder does not hold what is expected.

    """
    name = variant.card.name
    if name == "lv-apical":
        values = list(_apical(variant, folders.get("camus", []), split, choosing=choosing))
        return values + [value for folder in clips for value in _flicker(variant, folder)]
    if name == "lv-lax":
        return list(_long_axes(variant, folders.get("dsb-4ch", []), split))
    return list(_short_axes(variant, folders, split))


def _apical(variant: Variant, folders: list[Path], split: str, *, choosing: bool) -> Iterable[VariantValue]:
    if not folders:
        return
    model = ApicalModel(variant.card, variant.engine())
    cavities: list[Cavity] = []
    titles = {name: title for title, name in ROWS}
    samples = camus_of_folders(folders, split, choosing=choosing)
    for number, sample in enumerate(samples, 1):
        drawn = contoured(model, sample)
        cavities.append(cavity(drawn, sample))
        for score in scores_of(drawn, sample):
            if score.structure in titles:
                what = f"{titles[score.structure]}, {score.phase}, Dice"
                yield VariantValue(variant.name, f"CAMUS {score.view}", score.patient, what, score.dice)
        show_progress(f"{variant.name} {number}/{len(samples)}")
    for error in errors(cavities):
        group, what = f"CAMUS {error.method}", f"{error.code}, off"
        yield VariantValue(variant.name, group, error.patient, what, error.off)
    for (patient, view), (measured_percent, true_percent) in _shortening(cavities).items():
        off = measured_percent - true_percent
        yield VariantValue(variant.name, f"CAMUS {view}", patient, "GLS by lengths, off", off)


def _shortening(cavities: list[Cavity]) -> dict[tuple[str, str], tuple[float, float]]:
    """Change of the endocardium's length from ED to ES in percent, measured and true, by patient and view."""
    lengths: dict[tuple[str, str], dict[str, tuple[float, float]]] = {}
    for single_cavity in cavities:
        if single_cavity.found is not None and single_cavity.true is not None:
            both = tuple(
                float(np.linalg.norm(np.diff(line.points, axis=0), axis=1).sum())
                for line in (single_cavity.found, single_cavity.true)
            )
            lengths.setdefault((single_cavity.sample.patient, single_cavity.sample.view), {})[
                single_cavity.sample.phase
            ] = both  # type: ignore[assignment]
    return {
        key: (100 * (by["ES"][0] / by["ED"][0] - 1), 100 * (by["ES"][1] / by["ED"][1] - 1))
        for key, by in lengths.items()
        if {"ED", "ES"} <= set(by)
    }


def _flicker(variant: Variant, folder: Path) -> Iterable[VariantValue]:
    model = ApicalModel(variant.card, variant.engine())
    for cine in open_path(str(folder)).recordings:
        if isinstance(cine, CineSequence):
            flicker = measured(cine, {"fusion": model}, "cpu")
            if flicker.why is None:
                clip = f"{folder.name} {flicker.name}"
                yield VariantValue(variant.name, "clips", clip, FLICKER, 100 * flicker.every["fusion"])


def _short_axes(variant: Variant, folders: Mapping[str, list[Path]], split: str) -> Iterable[VariantValue]:
    model = SaxModel(variant.card, variant.engine(), channels=variant.card.channels)
    presence = open_presence()
    given = {name: next(iter(folders.get(name, [])), None) for name in _SAX} | {"studies": None}
    stacks = labelled_stacks(given, split, 100)
    for number, stack in enumerate(stacks, 1):
        outputs = list(model.stack([slice_clip(cine) for cine in stack.recording.cines], lambda *_: None))
        reading = read(stack, outputs, model.card.author, presence)
        for single_volume in volumes(stack, reading):
            if single_volume.choice == ORACLE:
                what = f"{single_volume.structure}, {single_volume.mark}, Dice"
                yield VariantValue(variant.name, single_volume.source, single_volume.patient, what, single_volume.dice)
        for volume in measured_volumes(stack, reading):
            if volume.choice == PROGRAM:
                off = volume.measured_ml - volume.experts_ml
                yield VariantValue(variant.name, volume.source, volume.patient, f"{volume.mark} volume, off", off)
        show_progress(f"{variant.name} {number}/{len(stacks)}")


def _long_axes(variant: Variant, folders: list[Path], split: str) -> Iterable[VariantValue]:
    model = LongAxisModel(variant.card, variant.engine())
    for folder in folders:
        samples = dsb_long_axes(folder, [split])
        for number, sample in enumerate(samples, 1):
            value = lax.drawn(model, sample, scale=True).value
            what = f"LV, {value.phase}, Dice"
            yield VariantValue(variant.name, "DSB 4CH", value.patient, what, value.dice)
            show_progress(f"{variant.name} {number}/{len(samples)}")
