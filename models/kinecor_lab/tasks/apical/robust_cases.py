"""Images under hard conditions: experts' frames and warped cines with changes on top, hearts simulated with them."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from kinecor_lab.datasets.samples import Sample
from kinecor_lab.tasks.sequence.data import pairs_of, paths_of
from kinecor_models.contract import ClipInput
from kinecor_phantoms.echo.record import record_echo
from kinecor_phantoms.echo.views import Stand
from kinecor_phantoms.heart.heart import Heart
from kinecor_phantoms.heart.population import draw_any
from kinecor_phantoms.heart.rhythm import sinus_rhythm
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
        source, condition: rows of the table; the condition UNCHANGED.name is the reference of the others.
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
    """The case as it is, and with each change of its images."""
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


def warped(
    samples: Sequence[Sample], folder: Path, count: int, seed: int, say: Callable[[str], None]
) -> Iterator[RobustCase]:
    """Warped cines of the first patients that match, with each change and at other frame rates."""
    for (ed, _), path in islice(paths_of(pairs_of(samples), folder, say), count):
        usual = _cine(path, ed.patient, USUAL_PER_S, seed)
        yield from _changed(usual, seed)
        for rate_per_s in RATES_PER_S:
            yield replace(_cine(path, ed.patient, rate_per_s, seed), condition=f"{rate_per_s} frames/s")


def _cine(path: Path2D, patient: str, rate_per_s: int, seed: int) -> RobustCase:
    rng = np.random.default_rng((seed, 17, *patient.encode()))
    rhythm, start_s = sinus_rhythm(float(rng.uniform(55, 95)), 2), float(rng.uniform(0, 0.5))
    times_s = start_s + np.arange(_frames(rate_per_s)) / rate_per_s
    cine = make_cine(path, rhythm, times_s, rng)
    clip = ClipInput(cine.frames, interval_s=1 / rate_per_s)
    values = dict(zip(path.anatomy.names, (path.anatomy.cavity, path.anatomy.wall, path.anatomy.other), strict=True))
    shown = tuple(value for name, value in values.items() if name not in path.unmatched)
    return RobustCase("warped cines", UNCHANGED.name, patient, clip, cine.labels, shown)


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
    settings = {
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
    settings |= {
        f"grey map {name}": _Setting(replace(plain, grey_map=name)) for name in GREY_MAPS if name != plain.grey_map
    }
    return settings | {f"{rate} frames/s": _Setting(rate_per_s=rate) for rate in RATES_PER_S}


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
    echo_recording = record_echo(
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
    assert echo_recording.plane is not None
    clip = ClipInput(echo_recording.frames, interval_s=1 / setting.rate_per_s)
    truth = np.where(echo_recording.plane.labels > 3, 0, echo_recording.plane.labels).astype(np.uint8)
    return RobustCase("simulated hearts", UNCHANGED.name, name, clip, truth)


Frames = NDArray[np.uint8]

DYNAMIC_DB = 60.0
_LEVELS_PER_DB = 255 / DYNAMIC_DB


def _same(frames: Frames) -> Frames:
    return frames


@dataclass(frozen=True, eq=False)
class Change:
    """A change of images.

    Attributes:
        name: as in the table.
        of: takes (t, rows, columns) uint8 and a source of chance, gives the same shape.
        of_labels: what becomes of label maps of that shape.

    """

    name: str
    of: Callable[[Frames, Generator], Frames]
    of_labels: Callable[[Frames], Frames] = _same


def lit(frames: Frames) -> NDArray[np.bool_]:
    """(rows, columns) where the sector shows something in any frame, small gaps closed."""
    some = (frames.max(axis=0) > 2).astype(np.uint8)
    return np.asarray(cv2.morphologyEx(some, cv2.MORPH_CLOSE, np.ones((9, 9), np.uint8))) > 0


def _whole(levels: NDArray[np.floating], sector: NDArray[np.bool_]) -> Frames:
    return np.where(sector, np.clip(levels + 0.5, 0, 255), 0).astype(np.uint8)


def gained(gain_db: float) -> Change:
    """More or less gain."""

    def change_frames(frames: Frames, _: Generator) -> Frames:
        return _whole(frames + np.float32(gain_db * _LEVELS_PER_DB), lit(frames))

    return Change(f"gain {gain_db:+.0f} dB", change_frames)


def curved(name: str, curve: Callable[[NDArray[np.float64]], NDArray[np.float64]]) -> Change:
    """Another grey map: `curve` takes and gives shares 0..1 of white."""
    table = np.clip(curve(np.arange(256) / 255) * 255 + 0.5, 0, 255).astype(np.uint8)
    return Change(f"grey map {name}", lambda frames, _: np.asarray(table[frames], np.uint8))


def noisy(levels: float) -> Change:
    """Electronic noise that grows with depth: standard deviation in grey levels at the bottom."""

    def change_frames(frames: Frames, rng: Generator) -> Frames:
        grows = np.linspace(0, levels, frames.shape[1], dtype=np.float32)[:, None]
        return _whole(frames + rng.standard_normal(frames.shape, np.float32) * grows, lit(frames))

    return Change(f"noise, SD {levels:.0f} levels at the bottom", change_frames)


def shadowed(angle_deg: float, width_deg: float, loss_db: float) -> Change:
    """A wedge from the tip of the sector in which echoes are lost; positive angles are on the right."""

    def change_frames(frames: Frames, _: Generator) -> Frames:
        sector = lit(frames)
        rows, columns = np.nonzero(sector)
        y, x = np.mgrid[: frames.shape[1], : frames.shape[2]].astype(np.float32)
        top = rows == rows.min() if len(rows) else rows
        tip_x, tip_y = (float(columns[top].mean()), float(rows.min())) if len(rows) else (0.0, 0.0)
        off = np.degrees(np.arctan2(x - tip_x, np.maximum(y - tip_y, 1))) - angle_deg
        share = 1 / (1 + np.exp(np.clip(4 * (abs(off) - width_deg / 2), -30, 30)))
        return _whole(frames - share * np.float32(loss_db * _LEVELS_PER_DB), sector)

    return Change(f"shadow of {width_deg:.0f} degrees, {loss_db:.0f} dB", change_frames)


def dropped(loss_db: float) -> Change:
    """Echoes missing at two places, left and right of the middle, as where the beam runs along a wall."""

    def change_frames(frames: Frames, _: Generator) -> Frames:
        sector = lit(frames)
        rows, columns = (np.flatnonzero(sector.any(axis=axis)) for axis in (1, 0))
        if not len(rows):
            return frames
        high, wide = np.ptp(rows), np.ptp(columns)
        y, x = np.mgrid[: frames.shape[1], : frames.shape[2]].astype(np.float32)
        share = np.zeros_like(x)
        for across, down in ((0.4, 0.4), (0.62, 0.5)):
            away = np.hypot(x - columns[0] - across * wide, y - rows[0] - down * high)
            share = np.maximum(share, np.exp(-((away / (0.08 * high)) ** 2) / 2))
        return _whole(frames - share * np.float32(loss_db * _LEVELS_PER_DB), sector)

    return Change(f"drop-out at two places, {loss_db:.0f} dB", change_frames)


def jpeg(quality: int) -> Change:
    """Stored as JPEG and read again."""

    def change_frames(frames: Frames, _: Generator) -> Frames:
        stored = (cv2.imencode(".jpg", frame, [cv2.IMWRITE_JPEG_QUALITY, quality])[1] for frame in frames)
        return np.stack([np.asarray(cv2.imdecode(image, cv2.IMREAD_GRAYSCALE), np.uint8) for image in stored])

    return Change(f"JPEG quality {quality}", change_frames)


def cut_off(share: float) -> Change:
    """Less depth: the lowest share of the image is not shown."""

    def change_frames(frames: Frames) -> Frames:
        out = frames.copy()
        out[:, round(frames.shape[1] * (1 - share)) :] = 0
        return out

    return Change(f"depth less {100 * share:.0f} %", lambda frames, _: change_frames(frames), change_frames)


def _turned(frames: Frames) -> Frames:
    return np.ascontiguousarray(frames[:, :, ::-1])


UNCHANGED = Change("as it is", lambda frames, _: frames)
MIRRORED = Change("mirrored", lambda frames, _: _turned(frames), _turned)
CHANGES = (
    UNCHANGED,
    gained(-10),
    gained(10),
    curved("dark (gamma 1.6)", lambda share: share**1.6),
    curved("bright (gamma 0.6)", lambda share: share**0.6),
    curved("contrasty (S)", lambda share: share * share * (3 - 2 * share)),
    cut_off(0.15),
    shadowed(18, 12, 25),
    shadowed(-15, 20, 25),
    dropped(25),
    noisy(20),
    noisy(40),
    jpeg(50),
    jpeg(20),
    jpeg(8),
    MIRRORED,
)
