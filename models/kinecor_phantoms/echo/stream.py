"""Endless simulated echo clips for training: generated in memory, each with its labels, never the same twice."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from kinecor_phantoms.echo.heart_scene import HeartScene
from kinecor_phantoms.echo.other_scenes import TissueScene
from kinecor_phantoms.echo.simulate import simulate
from kinecor_phantoms.echo.views import VIEWS_OF_FRAMES, VIEWS_WITHOUT_HEART, Stand, view_plane
from kinecor_phantoms.heart.anatomy import Anatomy
from kinecor_phantoms.heart.heart import Heart
from kinecor_phantoms.heart.plane_truth import labels
from kinecor_phantoms.heart.population import draw, draw_any
from kinecor_phantoms.heart.section import Section
from kinecor_phantoms.scanner.look import Look, random_look
from kinecor_phantoms.scanner.probe import fitting_probe
from kinecor_phantoms.scanner.scene import Scene
from kinecor_phantoms.scanner.screen import Screen

APICAL = ("A4C", "A2C", "A3C")
# Fewer scatterers and a coarser beam grid than a recording has: enough for images of 128 pixels.
_SCATTERERS = 22_000
_BEAMS, _SAMPLES = 96, 256
_SMOOTHED = 0.4


@dataclass(frozen=True, eq=False)
class TrainingClip:
    """A clip to learn from.

    Attributes:
        frames: (t, side, side) uint8.
        labels: (t, side, side) uint8, numbers of recording.py.
        times_s: (t,).
        view: what it shows.
        contraction: (t,) 0 at end-diastole, 1 at end-systole.
        volume_ml: (t,) true volume of the left ventricle.
        mm_per_px: side of a pixel.
        ed_s, es_s: mitral and aortic valve closures on the clock of `times_s`, from before the first frame to after
            the last.

    """

    frames: NDArray[np.uint8]
    labels: NDArray[np.uint8]
    times_s: NDArray[np.float64]
    view: str
    contraction: NDArray[np.float64]
    volume_ml: NDArray[np.float64]
    mm_per_px: float
    ed_s: tuple[float, ...]
    es_s: tuple[float, ...]

    @property
    def left_labels(self) -> NDArray[np.uint8]:
        """(t, side, side) of the left heart alone: 0 background, 1 LV cavity, 2 LV myocardium, 3 left atrium."""
        return np.where(self.labels > 3, 0, self.labels).astype(np.uint8)


def random_stand(rng: Generator) -> Stand:
    """How a hand holds the transducer: mostly well, at times badly foreshortened or turned."""
    wide = 1.0 if rng.random() < 0.75 else 2.2

    def off(spread_deg: float) -> float:
        return float(np.clip(rng.normal(0, spread_deg * wide), -28, 28))

    return Stand(off(5), off(7), off(5), float(rng.uniform(5, 22)))


LEANING_DEG = (10.0, 26.0)
"""By how much a badly foreshortened plane leans off the apex."""


def leaning_stand(rng: Generator) -> Stand:
    """How a hand holds it that misses the apex, to either side."""
    return replace(random_stand(rng), foreshortening_deg=float(rng.choice((-1, 1)) * rng.uniform(*LEANING_DEG)))


def smoothed_look(rng: Generator) -> Look:
    """A look of `random_look`; of two in five, one that smooths more and shows a wider dynamic range than those do.

    Smoothing lets bright walls grow into the cavity, and a wide range makes haze at the apex bright.
    """
    look = random_look(rng)
    if rng.random() >= _SMOOTHED:
        return look
    return replace(
        look,
        dynamic_range_db=float(rng.uniform(55, 85)),
        averaging=float(rng.uniform(0.4, 1.1)),
        smoothing=float(rng.uniform(0.2, 0.7)),
        edge=float(max(0.0, rng.uniform(-0.4, 0.5))),
    )


def echo_clips(
    seed: int,
    *,
    frames: int = 20,
    side_px: int = 128,
    views: Sequence[str] = APICAL,
    look: Callable[[Generator], Look] = random_look,
) -> Iterator[TrainingClip]:
    """Clips of random hearts, views, probes and looks, for ever; the same seed gives the same clips.

    Frames are 1/15 to 1/90 s apart and begin anywhere in the beat.
    """
    rng = np.random.default_rng(seed)
    while True:
        heart, view = draw_any(rng, beats=3), str(rng.choice(list(views)))
        rate_per_s = float(np.exp(rng.uniform(np.log(15), np.log(90))))
        start_s = float(rng.uniform(0, heart.rhythm.duration_s / 2))
        yield _clip(heart, view, start_s + np.arange(frames) / rate_per_s, side_px, rng, look=look)


def echo_pairs(
    seed: int,
    *,
    side_px: int = 128,
    views: Sequence[str] = APICAL,
    population: str = "",
    stand: Callable[[Generator], Stand] = random_stand,
    look: Callable[[Generator], Look] = random_look,
) -> Iterator[TrainingClip]:
    """The same with two frames each, of one beat: at mitral and at aortic valve closure (ED, ES).

    The machine averages no earlier frame into them: at ES that would be ED.

    Args:
        seed: the same one gives the same clips.
        side_px: of the square frames.
        views: drawn with equal chance.
        population: of all hearts; "" for any that training draws from.
        stand: draws how the transducer is held.
        look: draws settings and window.

    """
    rng = np.random.default_rng(seed)

    def of_one_frame(generator: Generator) -> Look:
        return replace(look(generator), persistence=0.0)

    while True:
        heart = draw(population, rng, beats=2) if population else draw_any(rng, beats=2)
        beat = heart.rhythm.beats[0]
        times_s = np.array([beat.start_s, beat.aortic_close_s])
        yield _clip(heart, str(rng.choice(list(views))), times_s, side_px, rng, stand, of_one_frame)


def _clip(
    heart: Heart,
    view: str,
    times_s: NDArray[np.float64],
    side_px: int,
    rng: Generator,
    stand: Callable[[Generator], Stand] = random_stand,
    look: Callable[[Generator], Look] = random_look,
) -> TrainingClip:
    beating = heart.at(times_s)
    plane, depth_mm = view_plane(view, heart, stand(rng))
    seen = replace(look(rng), stitched=1)
    probe = fitting_probe(rng, depth_mm, beams=_BEAMS, samples=_SAMPLES)
    screen = Screen.fitted(
        probe, side_px, side_px, foot_px=12.0 if seen.ecg else 0.0, mirrored=bool(rng.random() < 0.1)
    )
    anatomies = [Anatomy(beating, frame) for frame in range(len(times_s))]
    scene = HeartScene(beating, anatomies, plane, probe, rng, _SCATTERERS)
    pictures = simulate(scene, times_s, probe, seen, screen, rng, heart.rhythm.phase)
    maps = []
    for frame, anatomy in enumerate(anatomies):
        cut = Section(beating, frame, plane, anatomy, exact=False).contours()
        lines = {name: None if line is None else screen.to_px(line) for name, line in cut.items()}
        maps.append(labels(lines, (side_px, side_px)))
    ed_s, es_s = heart.rhythm.events_around()
    return TrainingClip(
        pictures, np.stack(maps), times_s, view, beating.contraction, beating.volume_ml, screen.mm_per_px, ed_s, es_s
    )


_PARASTERNAL_SHIFT = 0.4
"""By how much of the ventricle's length a parasternal transducer may stand nearer to the great vessels: the usual long
axis has the valves in the middle of the sector, the left atrium and the aortic root on its right."""


def view_frames(
    seed: int, *, frames: int = 3, side_px: int = 128, views: Sequence[str] = VIEWS_OF_FRAMES
) -> Iterator[tuple[NDArray[np.uint8], str]]:
    """Frames of a random heart in a random one of some views, for ever: ((frames, side, side) uint8, view)."""
    rng = np.random.default_rng(seed)
    while True:
        view, heart = str(rng.choice(list(views))), draw_any(rng, beats=1)
        times_s = np.sort(rng.uniform(0, heart.rhythm.duration_s, frames))
        yield _pictures(heart, view, times_s, side_px, rng), view


def _pictures(heart: Heart, view: str, times_s: NDArray[np.float64], side_px: int, rng: Generator) -> NDArray[np.uint8]:
    look = replace(random_look(rng), stitched=1)
    if view not in VIEWS_WITHOUT_HEART:
        plane, depth_mm = view_plane(view, heart, random_stand(rng))
        if view == "PLAX":
            shift_mm = float(rng.uniform(0, _PARASTERNAL_SHIFT)) * heart.shape.length_mm
            plane = replace(plane, origin_mm=plane.origin_mm + shift_mm * plane.across)
    else:
        plane, depth_mm = None, float(rng.uniform(110, 200))
    probe = fitting_probe(rng, depth_mm, beams=_BEAMS, samples=_SAMPLES)
    screen = Screen.fitted(probe, side_px, side_px, foot_px=12.0 if look.ecg else 0.0)
    scene: Scene
    if plane is None:
        scene = TissueScene(times_s, probe, rng, vein=view == "IVC", scatterers=_SCATTERERS)
    else:
        beating = heart.at(times_s)
        anatomies = [Anatomy(beating, frame) for frame in range(len(times_s))]
        scene = HeartScene(beating, anatomies, plane, probe, rng, _SCATTERERS)
    return simulate(scene, times_s, probe, look, screen, rng, heart.rhythm.phase)
