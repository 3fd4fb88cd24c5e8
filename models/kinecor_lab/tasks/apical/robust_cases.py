"""Pictures under hard conditions: experts' frames and made cines with changes on top, hearts simulated with them."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from kinecor_lab.datasets.samples import Sample
from kinecor_lab.tasks.apical.robust_changes import CHANGES, MIRRORED, UNCHANGED, jpeg
from kinecor_lab.tasks.sequence.paths import pairs_of, paths_of
from kinecor_models.contract import ClipInput
from kinecor_phantoms.echo.record import record_echo
from kinecor_phantoms.echo.views import Stand
from kinecor_phantoms.heart.heart import Heart
from kinecor_phantoms.heart.population import draw_any
from kinecor_phantoms.heart.rhythm import sinus
from kinecor_phantoms.scanner.grey_map import GREY_MAPS
from kinecor_phantoms.scanner.look import Look
from kinecor_phantoms.scanner.probe import Probe
from kinecor_phantoms.scanner.shadow import Shadow
from kinecor_phantoms.warped.cine import make_cine
from kinecor_phantoms.warped.path import Path2D

Labels = NDArray[np.uint8]

RATES_PER_S = (15, 30, 60, 120)
USUAL_PER_S = 50
_LASTS_S, _LEAST, _MOST = 0.4, 8, 32
_SIDE_PX = 192
_FIRST_SEED = 640_000
"""Of simulated hearts: no training and no choice has seen them."""


@dataclass(frozen=True, eq=False)
class RobustCase:
    """A clip or a still under a condition, and what is true of it.

    Attributes:
        source, condition: rows of the table; the condition UNCHANGED.name is what others are held against.
        name: the same for all conditions of one recording.
        clip: what the model is given; one frame for a still.
        truth: (t, rows, columns) uint8 labels 0..3.
        shown: labels 1..3 that the truth is known of.

    """

    source: str
    condition: str
    name: str
    clip: ClipInput
    truth: Labels
    shown: tuple[int, ...] = (1, 2, 3)


def _frames(rate_per_s: int) -> int:
    return int(np.clip(round(_LASTS_S * rate_per_s), _LEAST, _MOST))


def _changed(case: RobustCase, seed: int) -> Iterator[RobustCase]:
    """The case as it is, and with each change of its pictures."""
    frames = np.stack([case.clip.frames[frame] for frame in range(len(case.clip.frames))])
    for number, change in enumerate(CHANGES):
        rng = np.random.default_rng((seed, number))
        clip = replace(case.clip, frames=change.of(frames, rng))
        yield replace(case, condition=change.name, clip=clip, truth=change.of_labels(case.truth))


def stills(samples: Sequence[Sample], seed: int) -> Iterator[RobustCase]:
    """Experts' frames with each change."""
    for sample in samples:
        name, clip = f"{sample.patient}/{sample.phase}", ClipInput(sample.image[None])
        yield from _changed(RobustCase("CAMUS frames", UNCHANGED.name, name, clip, sample.label[None]), seed)


def made(
    samples: Sequence[Sample], folder: Path, count: int, seed: int, say: Callable[[str], None]
) -> Iterator[RobustCase]:
    """Made cines of the first patients that match, with each change and at other frame rates."""
    for (ed, _), path in islice(paths_of(pairs_of(samples), folder, say), count):
        usual = _cine(path, ed.patient, USUAL_PER_S, seed)
        yield from _changed(usual, seed)
        for rate_per_s in RATES_PER_S:
            yield replace(_cine(path, ed.patient, rate_per_s, seed), condition=f"{rate_per_s} frames/s")


def _cine(path: Path2D, patient: str, rate_per_s: int, seed: int) -> RobustCase:
    rng = np.random.default_rng((seed, 17, *patient.encode()))
    rhythm, start_s = sinus(float(rng.uniform(55, 95)), 2), float(rng.uniform(0, 0.5))
    times_s = start_s + np.arange(_frames(rate_per_s)) / rate_per_s
    cine = make_cine(path, rhythm, times_s, rng)
    clip = ClipInput(cine.frames, interval_s=1 / rate_per_s)
    values = dict(zip(path.anatomy.names, (path.anatomy.cavity, path.anatomy.wall, path.anatomy.other), strict=True))
    shown = tuple(value for name, value in values.items() if name not in path.unmatched)
    return RobustCase("made cines", UNCHANGED.name, patient, clip, cine.labels, shown)


@dataclass(frozen=True)
class _Setting:
    """How a heart is recorded."""

    look: Look = field(default_factory=Look)
    stand: Stand = field(default_factory=Stand)
    deeper: float = 1.0
    rate_per_s: int = USUAL_PER_S


def _settings() -> Mapping[str, _Setting]:
    plain = Look()
    rib, lung = Shadow(16, 12, 20, 25), Shadow(-26, 24, 15, 25)
    wall = Shadow(14, 12, 60, 18, 6)
    found = {
        UNCHANGED.name: _Setting(),
        "gain -10 dB": _Setting(replace(plain, gain_db=plain.gain_db - 10)),
        "gain +10 dB": _Setting(replace(plain, gain_db=plain.gain_db + 10)),
        "depth 1.35 times": _Setting(deeper=1.35),
        "shadow of a rib": _Setting(replace(plain, shadows=(rib,))),
        "shadow of the lung": _Setting(replace(plain, shadows=(lung,))),
        "wall drops out": _Setting(replace(plain, shadows=(wall,))),
        "noise 12 dB higher": _Setting(replace(plain, noise_db=plain.noise_db + 12)),
        "haze 10 dB higher": _Setting(replace(plain, clutter_db=plain.clutter_db + 10)),
        "foreshortened 10 degrees": _Setting(stand=Stand(foreshortening_deg=10)),
        "foreshortened 20 degrees": _Setting(stand=Stand(foreshortening_deg=20)),
    }
    found |= {
        f"grey map {name}": _Setting(replace(plain, grey_map=name)) for name in GREY_MAPS if name != plain.grey_map
    }
    return found | {f"{rate} frames/s": _Setting(rate_per_s=rate) for rate in RATES_PER_S}


def simulated(count: int, seed: int) -> Iterator[RobustCase]:
    """Four-chamber clips of random hearts, each recorded in every setting; scatterers and noise stay the same."""
    for number in range(count):
        heart = draw_any(np.random.default_rng((_FIRST_SEED, seed, number)), beats=2)
        for condition, setting in _settings().items():
            case = replace(_recorded(heart, f"sim{seed}-{number}", setting, seed + number), condition=condition)
            yield case
            if condition == UNCHANGED.name:
                frames, rng = np.asarray(case.clip.frames), np.random.default_rng(0)
                for change in (MIRRORED, jpeg(8)):
                    clip = replace(case.clip, frames=change.of(frames, rng))
                    yield replace(case, condition=change.name, clip=clip, truth=change.of_labels(case.truth))


def _recorded(heart: Heart, name: str, setting: _Setting, seed: int) -> RobustCase:
    found = record_echo(
        heart,
        "A4C",
        seed,
        frames=_frames(setting.rate_per_s),
        frames_per_s=setting.rate_per_s,
        size=(_SIDE_PX, _SIDE_PX),
        stand=setting.stand,
        look=setting.look,
        probe_for=lambda depth_mm: Probe(depth_mm=min(depth_mm * setting.deeper, 300), beams=96, samples=256),
        scatterers=22_000,
    )
    # Apical views show a heart.
    assert found.plane is not None
    clip = ClipInput(found.frames, interval_s=1 / setting.rate_per_s)
    truth = np.where(found.plane.labels > 3, 0, found.plane.labels).astype(np.uint8)
    return RobustCase("simulated hearts", UNCHANGED.name, name, clip, truth)
