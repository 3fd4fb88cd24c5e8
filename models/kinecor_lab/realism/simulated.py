"""What is held against real recordings: simulated ones, or stand-ins that show what the measures can tell."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import partial

import cv2
import numpy as np

from kinecor_lab.realism.frame import LookFrame
from kinecor_phantoms.echo.record import record_echo
from kinecor_phantoms.echo.stream import random_stand
from kinecor_phantoms.heart.population import draw
from kinecor_phantoms.mri.draw_scan import draw_scan
from kinecor_phantoms.mri.record import record_mri
from kinecor_phantoms.scanner.looks import random_look
from kinecor_phantoms.scanner.probes import fitting_probe

# Kinds of hearts as the real data sets hold them: adults, about half of them with a poor ejection fraction.
_POPULATIONS = ("normal", "dilated", "hypertrophic", "infarct", "dyssynchronous")
_SHARES = (0.4, 0.2, 0.1, 0.2, 0.1)
# Finer than what is measured, as the real frames were before they were brought to their spacing.
_ECHO_PX = 400
_ECHO_FRAMES_PER_S = 50.0
# So many frames after end-diastole, when persistence has settled.
_SETTLED = 3


def simulated_echo(recordings: int, seed: int) -> Iterator[LookFrame]:
    """A frame near ED and the one at ES of apical four-chamber clips, each of another heart, look, probe and hand.

    Looks, probes and hands are as varied as those of the clips that networks are trained on.

    The frame at ES has the clip from ED to ES with it.
    """
    for number in range(recordings):
        rng = np.random.default_rng((seed, number))
        heart = draw(str(rng.choice(_POPULATIONS, p=_SHARES)), rng)
        systole = round(heart.rhythm.beats[0].aortic_close_s * _ECHO_FRAMES_PER_S)
        clip = record_echo(
            heart,
            "A4C",
            int(rng.integers(2**31)),
            frames=max(systole, _SETTLED) + 1,
            frames_per_s=_ECHO_FRAMES_PER_S,
            size=(_ECHO_PX, _ECHO_PX),
            stand=random_stand(rng),
            look=random_look(rng, graphics=False),
            probe_for=partial(fitting_probe, rng),
        )
        for phase, frame in (("ED", _SETTLED), ("ES", systole)):
            labels = clip.plane.labels[frame] if clip.plane is not None else None
            film = clip.frames if phase == "ES" else None
            interval_s = 1 / _ECHO_FRAMES_PER_S
            name = f"simulated{number}_{phase}"
            yield LookFrame(name, clip.frames[frame], labels, clip.spacing_mm[0], film, interval_s)


def simulated_mri(recordings: int, seed: int) -> Iterator[LookFrame]:
    """Every short-axis slice at ED and near ES of studies, each of another heart and scan.

    Grey levels are cut at the study's 99th percentile and stored in 8 bits, as those of the real pictures were.
    """
    for number in range(recordings):
        rng = np.random.default_rng((seed, number))
        heart = draw(str(rng.choice(_POPULATIONS, p=_SHARES)), rng)
        # Of three phases the second shows a third of the beat, which is close to end-systole.
        scan = draw_scan(rng, phases=3, size=heart.shape.radius_mm / 25)
        study = record_mri(heart, rng, replace(scan, long_axes=False))
        white = float(np.percentile(np.stack([one.frames for one in study.stack]), 99))
        for place, one in enumerate(study.stack):
            for phase, frame in (("ED", 0), ("ES", 1)):
                image = np.asarray((one.frames[frame] * (255 / white)).clip(0, 255), np.uint8)
                yield LookFrame(f"simulated{number}_{phase}_s{place:02d}", image, one.plane.labels[frame])


def blurred_noise(frames: Iterable[LookFrame], seed: int) -> Iterator[LookFrame]:
    """An obviously bad simulation: blurred normal noise around each class's mean, on the labels of real frames."""
    rng = np.random.default_rng(seed)
    for frame in frames:
        labels = frame.labels if frame.labels is not None else np.zeros(frame.image.shape, np.uint8)
        lit = frame.image > 2
        made = np.zeros(frame.image.shape)
        for label in np.unique(labels):
            part = labels == label
            made[part] = frame.image[part & lit].mean() if (part & lit).any() else 0.0
        blurred = np.asarray(cv2.GaussianBlur(rng.standard_normal(made.shape), (0, 0), 1.5), np.float64)
        made += 12 * blurred / blurred.std()
        image = np.asarray(np.where(lit, made.clip(3, 255), 0), np.uint8)
        yield LookFrame(frame.name, image, frame.labels, frame.spacing_mm)
