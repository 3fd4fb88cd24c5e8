"""Training frames beyond those of CAMUS: simulated ones, and two-chamber ones warped from four-chamber ones."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path

import cv2
import numpy as np
from numpy.random import Generator

from kinecor_lab.common.pictures import varied
from kinecor_lab.datasets.placing import IGNORE, placed
from kinecor_lab.datasets.samples import Picture, Sample
from kinecor_lab.tasks.views.two_chamber import two_chamber_frames
from kinecor_phantoms.echo.stream import APICAL, echo_clips, echo_pairs, leaning_stand, random_stand, smoothed_look
from kinecor_phantoms.echo.views import Stand
from kinecor_phantoms.scanner.look import Look, random_look

SIDE_PX = 276
"""As high as CAMUS' images are."""


def simulated_frames(
    count: int,
    seed: int,
    views: Sequence[str] = APICAL,
    look: Callable[[Generator], Look] = random_look,
) -> list[Sample]:
    """One frame each of random hearts, in apical two-, three- and four-chamber views in equal shares.

    Args:
        count: of frames; each takes about half a second.
        seed: the same one gives the same frames.
        views: drawn with equal chance; one that is named twice comes twice as often.
        look: draws settings and window.

    """
    made = echo_clips(seed, frames=1, side_px=SIDE_PX, views=views, look=look)
    return [
        Sample(
            f"sim{seed}-{number}",
            "ES" if clip.contraction[0] > 0.5 else "ED",
            clip.frames[0],
            clip.left_labels[0],
            clip.mm_per_px,
            clip.view,
        )
        for number, clip in enumerate(islice(made, count))
    ]


def simulated_pairs(
    count: int,
    seed: int,
    views: Sequence[str] = APICAL,
    population: str = "",
    *,
    stand: Callable[[Generator], Stand] = random_stand,
    look: Callable[[Generator], Look] = random_look,
) -> list[Sample]:
    """ED and ES of random hearts, one after the other; see `simulated_frames` and `echo_pairs`."""
    made = echo_pairs(seed, side_px=SIDE_PX, views=views, population=population, stand=stand, look=look)
    return [
        Sample(
            f"sim{seed}-{population}{number}",
            phase,
            clip.frames[index],
            clip.left_labels[index],
            clip.mm_per_px,
            clip.view,
        )
        for number, clip in enumerate(islice(made, count // 2))
        for index, phase in enumerate(("ED", "ES"))
    ]


def saved_simulated_frames(
    folder: Path, count: int, seed: int, views: Sequence[str], *, leaning: int = 0
) -> list[Sample]:
    """Frames at any time of the beat (a quarter of the count) and pairs of ED and ES, simulated once and saved.

    Args:
        folder: to save them in.
        count: of frames.
        seed: the same one gives the same frames.
        views: drawn with equal chance.
        leaning: as many more, in pairs, of planes that miss the apex.

    """
    in_pairs = 2 * (3 * count // 8)
    name = f"{seed}-%d-{'-'.join(views)}.npz"

    def usual() -> list[Sample]:
        pairs = simulated_pairs(in_pairs, seed + 1, views, look=smoothed_look)
        return [*pairs, *simulated_frames(count - in_pairs, seed, views, smoothed_look)]

    def missing() -> list[Sample]:
        return simulated_pairs(leaning, seed + 2, views, stand=leaning_stand, look=smoothed_look)

    return [
        *(_saved(folder / f"simulated-{name % count}", usual) if count else ()),
        *(_saved(folder / f"leaning-{name % leaning}", missing) if leaning else ()),
    ]


def saved_simulated_pairs(
    folder: Path, count: int, seed: int, views: Sequence[str], *, leaning: int = 0
) -> list[Sample]:
    """Pairs of ED and ES, one after the other, simulated once and saved; see `simulated_pairs`.

    Args:
        folder: to save them in.
        count: of pairs.
        seed: the same one gives the same frames.
        views: drawn with equal chance; one that is named twice comes twice as often.
        leaning: as many pairs more, of planes that miss the apex.

    """
    name = f"{seed}-%d-{'-'.join(views)}.npz"

    def usual() -> list[Sample]:
        return simulated_pairs(2 * count, seed + 1, views, look=smoothed_look)

    def missing() -> list[Sample]:
        return simulated_pairs(2 * leaning, seed + 2, views, stand=leaning_stand, look=smoothed_look)

    return [
        *(_saved(folder / f"simulated-pairs-{name % count}", usual) if count else ()),
        *(_saved(folder / f"leaning-pairs-{name % leaning}", missing) if leaning else ()),
    ]


def _saved(file: Path, make: Callable[[], list[Sample]]) -> list[Sample]:
    """The samples in a file, which is made if it is not there."""
    if not file.is_file():
        made = make()
        file.parent.mkdir(parents=True, exist_ok=True)
        part = file.with_suffix(".part.npz")
        np.savez_compressed(
            part,
            images=np.stack([sample.image for sample in made]),
            labels=np.stack([sample.label for sample in made]),
            spacings_mm=np.array([sample.spacing_mm for sample in made]),
            phases=np.array([sample.phase for sample in made]),
            views=np.array([sample.view for sample in made]),
            patients=np.array([sample.patient for sample in made]),
        )
        part.replace(file)
    with np.load(file) as saved:
        parts = (saved[name] for name in ("patients", "phases", "images", "labels", "spacings_mm", "views"))
        return [
            Sample(str(patient), str(phase), image, label, float(side_mm), str(view))
            for patient, phase, image, label, side_mm, view in zip(*parts, strict=True)
        ]


SHARES = ("A4C", "A4C", "A2C", "A2C", "A3C")
"""Views of simulated frames. Volumes of A3C, of which there are no real labels, are off least in simulated hearts."""


def repeated(samples: Sequence[Sample], times: int, view: str = "A4C") -> list[Sample]:
    """Samples, those of one view as often as given; a repeated one counts as another patient's."""
    of_view = [sample for sample in samples if sample.view == view]
    again = [replace(sample, patient=f"{sample.patient}-{number}") for number in range(1, times) for sample in of_view]
    return [*samples, *again]


def paired(samples: Sequence[Sample]) -> list[Sample]:
    """Samples two by two: ED and ES of a patient's view, then what is left in any two; an odd last one is dropped."""
    views: dict[tuple[str, str], dict[str, Sample]] = {}
    left = []
    for sample in samples:
        phases = views.setdefault((sample.patient, sample.view), {})
        if sample.phase in phases:
            left.append(sample)
        phases.setdefault(sample.phase, sample)
    both = [phases for phases in views.values() if set(phases) == {"ED", "ES"}]
    left += [phase for phases in views.values() if len(phases) == 1 for phase in phases.values()]
    out = [phases[name] for phases in both for name in ("ED", "ES")] + left
    return out[: len(out) // 2 * 2]


# Within this many pixels of a warped frame's atrium, whose halves seldom meet below the valve, labels are ignored.
_ATRIUM, _DOUBT_PX = 3, 25


def warped_two_chamber(samples: Sequence[Sample], count: int, seed: int) -> list[Sample]:
    """Two-chamber frames warped from four-chamber ones (views/two_chamber.py); their atria are ignored.

    Args:
        samples: labelled four-chamber frames.
        count: how many, at most.
        seed: of the choice of frames and of their other halves.

    """
    four = [sample for sample in samples if sample.view == "A4C"]
    order = np.random.default_rng((seed, 17)).permutation(len(four))
    made = two_chamber_frames(four, seed) if count else []
    kernel = np.ones((2 * _DOUBT_PX + 1, 2 * _DOUBT_PX + 1), np.uint8)
    chosen = []
    for number in [int(number) for number in order if number < len(made)][:count]:
        label = made[number].label.copy()
        near = np.asarray(cv2.dilate((label == _ATRIUM).astype(np.uint8), kernel)) > 0
        label[near & ((label == 0) | (label == _ATRIUM))] = IGNORE
        chosen.append(replace(made[number], patient=f"{made[number].patient}-2ch", label=label))
    return chosen


def prepared(sample: Sample, size: int, rng: Generator, strength: float) -> tuple[Picture, Picture]:
    """An apical frame and its label, placed on a square of `size` pixels and augmented."""
    image, label = placed(sample, size, rng, strength)
    return varied(image, rng, strength), label
