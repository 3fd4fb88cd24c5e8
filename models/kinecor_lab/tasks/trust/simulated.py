"""The recordings of the battery: simulated as files of a scanner would hold them, with what is true of the heart.

Leaner than kinecor_phantoms' own recordings: truth is computed of the heart at its events only, not of every pixel.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from kinecor.io.write.mr import MrSeries, MrSlice
from kinecor.io.write.ultrasound import UltrasoundLoop
from kinecor_lab.tasks.trust.values import Values, left_heart, right_heart
from kinecor_phantoms.echo.heart_scene import HeartScene
from kinecor_phantoms.echo.overlay import ECG_SHARE
from kinecor_phantoms.echo.simulate import simulate
from kinecor_phantoms.echo.views import Stand, view_plane
from kinecor_phantoms.heart.anatomy import Anatomy
from kinecor_phantoms.heart.patient import Patient, patient_of
from kinecor_phantoms.heart.plane import Plane
from kinecor_phantoms.heart.population import draw
from kinecor_phantoms.mri.placing import short_planes
from kinecor_phantoms.mri.record import pictures, subjects_of
from kinecor_phantoms.mri.scan import draw_scan
from kinecor_phantoms.mri.slice_scene import pixels_mm
from kinecor_phantoms.mri.stream import quick_labels, ring_shares
from kinecor_phantoms.recording import LV_CAVITY
from kinecor_phantoms.scanner.look import LOOKS, Look, random_look
from kinecor_phantoms.scanner.probe import fitting_probe
from kinecor_phantoms.scanner.screen import Screen

_SCATTERERS, _BEAMS, _SAMPLES, _SIDE_PX = 26_000, 104, 288, 224
_ROWS, _COLUMNS, _PHASES = 128, 144, 20
_AFTER_S = 0.1
_MIN_SPACING_MM = 8.0
POOR = "poor"
_POOR_DB = -20.0


@dataclass(frozen=True, slots=True)
class EchoSetting:
    """How an apical clip is simulated.

    Attributes:
        population, rhythm: names of kinecor_phantoms.heart.population.
        seed: of the heart and of everything else that is drawn.
        view: the plane that is recorded.
        named: the view in the header, or "" where it names none.
        beats: whole beats in the clip.
        frames_per_s: frame rate.
        graphics: whether ECG, text and depth scale are drawn.
        foreshortening_deg: by which the plane leans off the apex, in addition to what a hand is off by.
        look: a name of kinecor_phantoms.scanner.look.LOOKS, or "poor" for a poor window drawn at random.
        rated: whether the header holds heart rate and R waves.

    """

    population: str
    seed: int
    view: str = "A4C"
    named: str = ""
    rhythm: str = "sinus"
    beats: int = 1
    frames_per_s: float = 40.0
    graphics: bool = False
    foreshortening_deg: float = 0.0
    look: str = "soft"
    rated: bool = True


@dataclass(frozen=True, slots=True)
class StillSetting(EchoSetting):
    """ED and ES as two stills of one view, in a file each."""


@dataclass(frozen=True, eq=False)
class EchoClip:
    """A clip to be written.

    Attributes:
        loop: images and header.
        ed, es: frames nearest to mitral and to aortic valve closure of each whole beat.
        truth: headline values of the heart.
        patient: in the header; None for nobody.

    """

    loop: UltrasoundLoop
    ed: tuple[int, ...]
    es: tuple[int, ...]
    truth: Values
    patient: Patient | None = None


def echo_clip(setting: EchoSetting) -> EchoClip:
    """Simulate a clip.

    Raises:
        ValueError: the heart cannot beat as requested.

    """
    rng = np.random.default_rng((setting.seed, 17))
    heart = draw(setting.population, setting.seed, rhythm=setting.rhythm, beats=setting.beats + 1)
    beats = heart.rhythm.beats[: setting.beats]
    begin_s = float(rng.uniform(-0.04, 0.02))
    times_s = np.arange(begin_s, beats[-1].end_s + _AFTER_S, 1 / setting.frames_per_s)
    stand = Stand(
        foreshortening_deg=float(np.clip(rng.normal(0, 1.5), -4, 4)) + setting.foreshortening_deg,
        turn_deg=float(np.clip(rng.normal(0, 3), -8, 8)),
        swing_deg=float(np.clip(rng.normal(0, 3), -8, 8)),
        away_mm=float(rng.uniform(6, 16)),
    )
    look = _poor(rng) if setting.look == POOR else LOOKS[setting.look]
    look = replace(look, gain_db=look.gain_db + float(rng.uniform(-3, 3)))
    if setting.graphics:
        look = replace(look, ecg=True, text=True, ticks=True)
    beating = heart.at(times_s)
    plane, depth_mm = view_plane(setting.view, heart, stand)
    probe = replace(
        fitting_probe(rng, depth_mm, beams=_BEAMS, samples=_SAMPLES), frames_per_s=max(10.0, setting.frames_per_s)
    )
    foot_px = _SIDE_PX - round(_SIDE_PX * (1 - ECG_SHARE)) if look.ecg else 0
    screen = Screen.fitted(probe, _SIDE_PX, _SIDE_PX, foot_px=foot_px)
    anatomies = [Anatomy(beating, frame) for frame in range(len(times_s))]
    scene = HeartScene(beating, anatomies, plane, probe, rng, _SCATTERERS)
    frames = simulate(scene, times_s, probe, look, screen, rng, heart.rhythm.phase)
    truth = left_heart(heart, beats)
    del truth["GCS"], truth["LVM"]  # not measured on long axes
    nearest = partial(_nearest, times_s)
    loop = UltrasoundLoop(
        frames=frames,
        times_s=times_s - times_s[0],
        spacing_mm=(screen.mm_per_px, screen.mm_per_px),
        region=screen.region,
        view=setting.named,
        heart_rate_per_min=truth["HR"] if setting.rated else None,
        r_wave_s=tuple(max(0.0, beat.start_s - begin_s) for beat in heart.rhythm.beats) if setting.rated else (),
        ecg_region=(0, _SIDE_PX - foot_px, _SIDE_PX, _SIDE_PX) if look.ecg else None,
    )
    ed, es = (tuple(map(nearest, some)) for some in zip(*((b.start_s, b.aortic_close_s) for b in beats), strict=True))
    return EchoClip(loop, ed, es, truth, patient_of(heart, setting.seed))


def _poor(rng: np.random.Generator) -> Look:
    """A look through a poor window: noise, haze, shadows."""
    while True:
        look = random_look(rng, graphics=False)
        if look.noise_db > _POOR_DB:
            return look


def _nearest(times_s: np.ndarray, moment_s: float) -> int:
    return int(np.argmin(np.abs(times_s - moment_s)))


@dataclass(frozen=True, slots=True)
class StackSetting:
    """How a short-axis stack is simulated.

    Attributes:
        population, rhythm: names of kinecor_phantoms.heart.population.
        seed: of the heart, the scanner and everything else that is drawn.
        ghosting: strength of ghosts in the phase direction, in addition to the scanner's own.

    """

    population: str
    seed: int
    rhythm: str = "sinus"
    ghosting: float = 0.0


@dataclass(frozen=True, eq=False)
class StackSeries:
    """A stack to be written.

    Attributes:
        series: images and headers, from apex to base.
        ed, es: phases nearest to mitral and aortic valve closure.
        truth: headline values of the heart.
        ends: numbers, from the apex, of the most apical and the most basal slice with muscle round at least half of
            the cavity: "apex ED", "base ED", "apex ES", "base ES".
        patient: in the header; None for nobody.
        labels: by slice, from the apex: (2, rows, columns) label maps at ED and ES (numbers of
            kinecor_phantoms.recording).
        rings: (slices, 2) share of the cavity's circumference with muscle outside it, at ED and ES.

    """

    series: MrSeries
    ed: int
    es: int
    truth: Values
    ends: Mapping[str, int] = field(default_factory=dict)
    patient: Patient | None = None
    labels: tuple[NDArray[np.uint8], ...] = ()
    rings: NDArray[np.float64] = field(default_factory=lambda: np.zeros((0, 2)))


def stack_series(setting: StackSetting, phases: int = _PHASES) -> StackSeries:
    """Simulate a stack of as many phases.

    Raises:
        ValueError: the heart cannot beat as requested.

    """
    rng = np.random.default_rng((setting.seed, 18))
    beats = 1 if setting.rhythm == "sinus" else 3
    heart = draw(setting.population, setting.seed, rhythm=setting.rhythm, beats=beats, still=True)
    scan = draw_scan(rng, _ROWS, _COLUMNS, phases, heart.shape.radius_mm / 25)
    scan = replace(scan, beats=beats, ghosting=min(scan.ghosting + setting.ghosting, 0.5))
    if scan.spacing_mm < _MIN_SPACING_MM:  # thinner slices take longer and are rare
        scan = replace(scan, thickness_mm=8.0, gap_mm=2.0)
    subjects = subjects_of(heart, rng, scan)
    planes = short_planes(heart, scan, rng)
    first = subjects[0]
    times_s = first.beating.times_s
    beat = heart.rhythm.beats[0]
    marks = [_nearest(times_s, moment_s) for moment_s in (beat.start_s, beat.aortic_close_s)]
    shown = tuple(first.anatomies[phase] for phase in marks)
    slices, labels, rings = [], [], []
    for plane in planes:
        shift_mm = rng.normal(0, scan.misregistration_mm, (1, 2))
        seen = Plane(plane.to_chest(-shift_mm)[0], plane.across, plane.down)
        labels.append(quick_labels(shown, seen, scan))
        rings.append(ring_shares(shown, seen))
        slices.append(
            MrSlice(
                frames=pictures(subjects, seen, scan, rng),
                trigger_ms=(times_s - times_s[0]) * 1000 + scan.trigger_delay_ms,
                spacing_mm=(scan.pixel_mm, scan.pixel_mm),
                thickness_mm=scan.thickness_mm,
                position_mm=first.placing.to_patient(plane.to_chest(pixels_mm(scan)[:1, 0]))[0],
                across=first.placing.axes @ plane.across,
                down=first.placing.axes @ plane.down,
            )
        )
    truth = left_heart(heart, heart.rhythm.beats) | right_heart(first.anatomies)
    del truth["GLS"], truth["LAV"]  # not measured on short axes
    cavity = np.array([(label == LV_CAVITY).any(axis=(1, 2)) for label in labels])
    found = {name: np.flatnonzero(column) for name, column in zip(("ED", "ES"), cavity.T, strict=True)}
    ends = {
        f"{end} {name}": int(some[place])
        for name, some in found.items()
        if len(some)
        for end, place in (("apex", 0), ("base", -1))
    }
    series = MrSeries("cine SAX", tuple(slices), truth["HR"])
    patient = patient_of(heart, setting.seed)
    return StackSeries(series, marks[0], marks[1], truth, ends, patient, tuple(labels), np.stack(rings))
