"""Two networks on the patients of a site, each patient contoured by a network that did not learn from them."""

import zlib
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import wilcoxon

from kinecor_lab.common.metrics import dice, filled
from kinecor_lab.datasets.data_folder import camus_of_folders
from kinecor_lab.datasets.samples import Sample
from kinecor_lab.datasets.short_axis import CAVITY, SaxSample, acdc_png, by_volume
from kinecor_lab.tasks.apical.ejection import BIPLANE, Cavity, cavity, contoured, errors
from kinecor_lab.tasks.apical.pair_evaluate import interval, mean_change
from kinecor_lab.tasks.site.learn import APICAL, Task
from kinecor_models.contours.apical import ApicalModel
from kinecor_models.contours.sax import SaxModel, channels_of
from kinecor_models.contract import ClipInput, Tensors
from kinecor_models.engines.opening import open_many
from kinecor_models.localisation.framing import FIELD_MM

MIN_PATIENTS = 20
FOLDS = 3
MAX_CHANCE = 0.05
"""Largest chance (p) with which a network that is no better would look as much better."""


@dataclass(frozen=True, slots=True)
class PatientScore:
    """How a network contours one patient.

    Attributes:
        dice: of the cavity against the signed contours, mean over the frames; 0 where none was found.
        ef_error: absolute error of EF in points, biplane where there is one, else mean over the views; NaN without one.

    """

    dice: float
    ef_error: float


@dataclass(frozen=True, slots=True)
class PatientPair:
    """One held-out patient by the network that ships and by the site's."""

    patient: str
    before: PatientScore
    after: PatientScore


@dataclass(frozen=True)
class Comparison:
    """The two networks over patients that the site's did not learn from."""

    pairs: tuple[PatientPair, ...]

    @property
    def patients(self) -> int:
        """How many."""
        return len(self.pairs)

    @property
    def dice(self) -> tuple[float, float]:
        """Mean Dice before and after."""
        return self._mean("dice")

    @property
    def ef_error(self) -> tuple[float, float]:
        """Mean absolute error of EF in points, before and after, of the patients in whom both are known."""
        return self._mean("ef_error")

    @property
    def chance(self) -> float:
        """One-sided Wilcoxon signed-rank test of the patients' Dice: p of a network that is no better."""
        differences = [pair.after.dice - pair.before.dice for pair in self.pairs]
        return float(wilcoxon(differences, alternative="greater").pvalue) if any(differences) else 1.0

    @property
    def ef_change(self) -> tuple[float, float]:
        """95 % interval of the change of the mean EF error in points, by bootstrap over patients; NaN without any."""
        known = self._known("ef_error")
        return interval(known, mean_change) if len(known) else (float("nan"), float("nan"))

    @property
    def better(self) -> bool:
        """Whether the site's network may be offered: more overlap by the test, and no larger error of EF."""
        before, after = self.ef_error
        return self.chance < MAX_CHANCE and not after > before

    def _mean(self, name: str) -> tuple[float, float]:
        known = self._known(name)
        if not len(known):
            return float("nan"), float("nan")
        return float(known[:, 0].mean()), float(known[:, 1].mean())

    def _known(self, name: str) -> NDArray[np.float64]:
        """(n, 2) of the patients in whom both are known."""
        both = np.array([(getattr(one.before, name), getattr(one.after, name)) for one in self.pairs], np.float64)
        return both[np.isfinite(both).all(axis=1)]


def folds_of(patients: Sequence[str], count: int = FOLDS) -> dict[str, int]:
    """The fold of each patient: by a hash of the name, dealt out so that folds differ by one patient at most."""
    order = sorted(set(patients), key=lambda name: (zlib.crc32(f"site {name}".encode()), name))
    return {name: number % count for number, name in enumerate(order)}


def scores(task: Task[Any], weights: Tensors, samples: Sequence[Any], device: str = "cpu") -> dict[str, PatientScore]:
    """How a network contours each patient.

    Args:
        task: which kind of network.
        weights: of it.
        samples: frames with the signed contours; NaN comes where EF cannot be known.
        device: where it runs.

    """
    engine = open_many(task.card, weights, device)  # type: ignore[arg-type]
    if task is APICAL:
        return _apical_scores(ApicalModel(task.card, engine), samples)
    return _stack_scores(SaxModel(task.card, engine, channels=channels_of(weights)), samples)


def _apical_scores(model: ApicalModel, samples: Sequence[Sample]) -> dict[str, PatientScore]:
    cavities: list[Cavity] = []
    overlaps: dict[str, list[float]] = defaultdict(list)
    for sample in samples:
        shown = cavity(contoured(model, sample), sample)
        cavities.append(shown)
        empty = np.zeros(sample.label.shape, bool)
        mask = empty if shown.found is None else filled(shown.found.points, empty.shape)
        overlaps[sample.patient].append(dice(mask, sample.label == 1))
    off: dict[str, dict[str, float]] = defaultdict(dict)
    for error in errors(cavities):
        if error.code == "EF":
            off[error.patient][error.method] = abs(error.off)
    return {
        name: PatientScore(float(np.nanmean(some)), off[name].get(BIPLANE, _mean(list(off[name].values()))))
        for name, some in overlaps.items()
    }


def _mean(values: Sequence[float]) -> float:
    return float(np.mean(values)) if values else float("nan")


def _stack_scores(model: SaxModel, samples: Sequence[SaxSample]) -> dict[str, PatientScore]:
    counts: dict[str, dict[str, np.ndarray]] = defaultdict(dict)
    for volume in by_volume(samples):
        clips = [ClipInput(sample.image[None], spacing_mm=FIELD_MM / sample.field_px) for sample in volume]
        total = np.zeros(3)
        for single_sample, answer in zip(volume, model.stack(clips, lambda *_: None), strict=True):
            points = answer.contours["lv_endo"][0]
            shape = single_sample.image.shape
            mask = np.zeros(shape, bool) if points is None else filled(answer.grid.to_image(points), shape)
            truth = single_sample.certain(CAVITY)
            # EF is of the slices that the reader contoured: where a ventricle ends is no matter of the outline.
            within = mask.sum() if truth.any() else 0
            total += (mask & truth).sum(), within, truth.sum()
        counts[volume[0].patient][volume[0].phase] = total
    return {name: _of_phases(phases) for name, phases in counts.items()}


def _of_phases(phases: dict[str, np.ndarray]) -> PatientScore:
    overlap = [2 * both / (found + true) for both, found, true in phases.values() if true]
    if set(phases) != {"ED", "ES"} or not phases["ED"][1] or not phases["ED"][2]:
        return PatientScore(_mean(overlap), float("nan"))
    (_, found_ed, true_ed), (_, found_es, true_es) = phases["ED"], phases["ES"]
    return PatientScore(_mean(overlap), 100 * abs(found_es / found_ed - true_es / true_ed))


def compared(
    task: Task[Any],
    samples: Sequence[Any],
    learn: Callable[[int, Sequence[Any]], Tensors],
    *,
    device: str = "cpu",
    folds: int = FOLDS,
) -> Comparison:
    """Both networks on every patient of a site, by cross-validation.

    Args:
        task: which kind of network.
        samples: all frames of the site.
        learn: of the number of a fold and of the frames of all other folds: the weights learnt from them.
        device: where the networks run.
        folds: how many.

    """
    fold = folds_of([sample.patient for sample in samples], folds)
    before = scores(task, task.shipped(), samples, device)
    pairs: list[PatientPair] = []
    for number in range(folds):
        held_out = [sample for sample in samples if fold[sample.patient] == number]
        weights = learn(number, [sample for sample in samples if fold[sample.patient] != number])
        after = scores(task, weights, held_out, device)
        pairs += [PatientPair(name, before[name], after[name]) for name in sorted(after)]
    return Comparison(tuple(pairs))


def elsewhere(
    task: Task[Any], weights: Tensors, *, camus: Sequence[Path] = (), acdc: Path | None = None, device: str = "cpu"
) -> dict[str, Comparison]:
    """Both networks on public sets whose patients the network that ships did not learn from, by the set's name.

    Args:
        task: which kind of network.
        weights: of the site's.
        camus: folders of CAMUS (split valid), for apical networks.
        acdc: folder of ACDC (split test), for short-axis networks.
        device: where the networks run.

    """
    samples: list[Any]
    if task is APICAL and camus:
        samples, title = list(camus_of_folders(camus, "valid")), "CAMUS valid"
    elif task is not APICAL and acdc is not None:
        samples, title = list(acdc_png(acdc, ["test"])), "ACDC test"
    else:
        return {}
    return {title: both_on(task, weights, samples, device)}


def both_on(task: Task[Any], weights: Tensors, samples: Sequence[Any], device: str = "cpu") -> Comparison:
    """The network that ships and the site's (its weights) on patients that neither learnt from."""
    before, after = (scores(task, some, samples, device) for some in (task.shipped(), weights))
    return Comparison(tuple(PatientPair(name, before[name], after[name]) for name in sorted(before)))
