"""The scanner: one frame of a scene in beam space, as shares of the dynamic range."""

import math
from collections.abc import Callable

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from kinecor_phantoms.scanner import shadow
from kinecor_phantoms.scanner.backdrop import Clutter, noise_level, noise_piece, noise_pool, waves
from kinecor_phantoms.scanner.beam_space import BeamSpace, Field, Floats
from kinecor_phantoms.scanner.compress import Compressor
from kinecor_phantoms.scanner.look import Look
from kinecor_phantoms.scanner.point_spread import PointSpread
from kinecor_phantoms.scanner.probe import Probe
from kinecor_phantoms.scanner.scene import Echoes, Scene


class Stitching:
    """Which frame each piece of the sector shows, and by how much it is off.

    Piece k shows the same moment of the beat k beats earlier (or later, where the clip begins), and the heart a little
    displaced, as the hand and breathing moved in between. Without a heartbeat, or with less than two beats, all pieces
    show the same frame and only the displacement is seen.
    """

    def __init__(
        self,
        beats: int,
        seam_mm: float,
        times_s: NDArray[np.float64],
        heartbeat: Callable[[float], float] | None,
        rng: Generator,
    ) -> None:
        off = rng.normal(0, seam_mm, (beats, 3)).astype(np.float32)
        self._off = off - off.mean(axis=0)
        self._gone: NDArray[np.float64] | None = None
        if heartbeat is not None and beats > 1:
            phase = np.array([heartbeat(float(time)) for time in times_s])
            self._gone = phase + np.concatenate(([0], np.cumsum(np.diff(phase) < 0)))

    def pieces(self, frame: int) -> list[tuple[int, NDArray[np.float32]]]:
        """Frame and displacement (3,) in mm of each piece, from left to right."""
        return [(self._shown(frame, piece), off) for piece, off in enumerate(self._off)]

    def _shown(self, frame: int, piece: int) -> int:
        if self._gone is None:
            return frame
        whole = int(self._gone[-1] - self._gone[0])
        if whole < 1:
            return frame
        wanted = self._gone[frame] - piece % (whole + 1)
        if wanted < self._gone[0]:
            wanted += whole
        return int(np.abs(self._gone - wanted).argmin())


_TISSUE_POWER = 0.12  # half of tissue's attenuation is reached at this power over tissue's mean
_BRIGHT_POWER = 8.0  # from here on an echo casts a shadow
# Layers of the chest wall are bright and cast none: they are smaller than the aperture that looks past them.
_NEAR_MM = (12.0, 30.0)
_SMOOTH_BEAMS = (1.0, 2.0, 3.0, 4.0, 3.0, 2.0, 1.0)  # the aperture looks past what is small


def loss_db(field: Field, step_mm: float, tissue_db_per_cm: float, bright_db_per_mm: float) -> Floats:
    """(samples, beams) dB lost above each point, going both ways.

    Args:
        field: (samples, beams), tissue of unit power.
        step_mm: between samples.
        tissue_db_per_cm: that tissue takes more than blood; makes what is behind a cavity brighter.
        bright_db_per_mm: taken by echoes far above tissue's; casts streaks behind bright valves and pericardium.

    """
    power = field.real * field.real + field.imag * field.imag
    lost = power / (power + np.float32(_TISSUE_POWER))
    lost *= np.float32(tissue_db_per_cm / 10 * step_mm)
    if bright_db_per_mm > 0:
        # One full share for an echo ten times as strong as where shadows begin.
        bright = np.clip((power - _BRIGHT_POWER) * np.float32(0.1 / _BRIGHT_POWER), 0, 1)
        depth_mm = np.arange(len(field), dtype=np.float32) * np.float32(step_mm)
        onset = np.clip((depth_mm - _NEAR_MM[0]) / (_NEAR_MM[1] - _NEAR_MM[0]), 0, 1)
        lost += bright * (onset * np.float32(bright_db_per_mm * step_mm))[:, None]
    lost = lost.cumsum(axis=0)
    half = len(_SMOOTH_BEAMS) // 2
    padded = np.pad(lost, ((0, 0), (half, half)), mode="edge")
    smooth: Floats = np.zeros_like(lost)
    for lag, share in enumerate(_SMOOTH_BEAMS):
        smooth += padded[:, lag : lag + lost.shape[1]] * np.float32(share / sum(_SMOOTH_BEAMS))
    return smooth


_AMPLITUDE_PER_DB = math.log(10) / 20
_ARC_RAD = 0.05  # standard deviation of the grain of layers near the transducer, across the beams


class Machine:
    """All of a clip that does not depend on the frame, computed once; then frames in any order, from any thread."""

    def __init__(
        self,
        scene: Scene,
        times_s: NDArray[np.floating],
        probe: Probe,
        look: Look,
        rng: Generator,
        heartbeat: Callable[[float], float] | None = None,
    ) -> None:
        self.space = BeamSpace(probe)
        self._scene, self._look, self._times = scene, look, np.asarray(times_s, np.float64)
        self._seed = int(rng.integers(2**62))
        self._spread = PointSpread(self.space, look.side_lobe_db)
        first = scene.echoes(0)
        self._per_level = (1 / self._spread.level(self._spread.density(first)))[:, None]
        self._stitching = Stitching(look.stitched, look.seam_mm, self._times, heartbeat, rng)
        self._compress = Compressor(self.space, look)
        self._window = self._drawn_window(rng)
        self._moving = shadow.moving(look.shadows)
        self._noise = noise_level(self.space, look.noise_db)[:, None]
        self._pool = noise_pool(self.space, rng) if np.isfinite(look.noise_db) else None
        self._clutter = self._drawn_clutter(rng) if np.isfinite(look.clutter_db) else None
        self._usual_loss = self._loss(self._field(first)).mean(axis=1, keepdims=True)

    def frame(self, number: int) -> Floats:
        """(samples, beams) shares of the dynamic range, about 0 to 1."""
        rng = np.random.default_rng((self._seed, number))
        time_s = float(self._times[number])
        field = self._stitched(number)
        if self._lossy:
            field *= np.exp((self._usual_loss - self._loss(field)) * np.float32(_AMPLITUDE_PER_DB))
        self._reverberate(field)
        field *= self._window
        if self._look.flicker_db > 0:
            field *= self._flicker(rng)
        if self._moving:
            field *= shadow.gain(self._moving, self.space.ranges_mm, self.space.angles_rad, time_s)
        if self._clutter is not None:
            field += self._clutter.at(time_s)
        if self._pool is not None:
            field += noise_piece(self._pool, field.shape, rng) * self._noise
        return self._compress(field)

    @property
    def _lossy(self) -> bool:
        return self._look.enhancement_db_per_cm > 0 or self._look.bright_shadow_db_per_mm > 0

    def _field(self, echoes: Echoes) -> Field:
        """(samples, beams) echo, uniform tissue of unit power at every depth."""
        field: Field = self._spread(*self.space.splat(echoes)) * self._per_level
        return field

    def _stitched(self, number: int) -> Field:
        pieces = self._stitching.pieces(number)
        if len(pieces) == 1:
            return self._field(self._scene.echoes(number))
        whole = np.empty((self.space.probe.samples, self.space.probe.beams), np.complex64)
        edges = np.linspace(0, self.space.probe.beams, len(pieces) + 1).round().astype(int)
        shown = {frame: self._scene.echoes(frame) for frame in {frame for frame, _ in pieces}}
        for (frame, off_mm), start, stop in zip(pieces, edges[:-1], edges[1:], strict=True):
            moved = Echoes(shown[frame].points_mm + off_mm, shown[frame].strength)
            whole[:, start:stop] = self._field(moved)[:, start:stop]
        return whole

    def _loss(self, field: Field) -> Floats:
        look = self._look
        return loss_db(field, self.space.step_mm, look.enhancement_db_per_cm, look.bright_shadow_db_per_mm)

    def _flicker(self, rng: Generator) -> Floats:
        """(beams,) gain of one frame: contact and focusing differ a little from one to the next, more so at a side."""
        whole, tilt = rng.normal(0, self._look.flicker_db * _AMPLITUDE_PER_DB, 2)
        across = np.linspace(-1, 1, self.space.probe.beams, dtype=np.float32)
        gain: Floats = np.exp(np.float32(whole) + np.float32(tilt) * across)
        return gain

    def _reverberate(self, field: Field) -> None:
        if not np.isfinite(self._look.reverberation_db):
            return
        lag = max(1, round(self._look.reverberation_mm / self.space.step_mm))
        if lag < len(field):
            # From a copy: each echo returns once more, not again and again.
            field[lag:] += field[:-lag].copy() * np.complex64(1j * 10 ** (self._look.reverberation_db / 20))

    def _drawn_window(self, rng: Generator) -> Floats:
        """Gain of each point that stays through the clip: the array's directivity, the uneven window, still shadows."""
        space, look = self.space, self._look
        uneven = waves(space, rng, (3, 4)) + waves(space, rng, (9, 9))
        window = np.exp(np.float32(math.sqrt(0.5) * look.patches_db * _AMPLITUDE_PER_DB) * uneven)
        window *= shadow.gain(shadow.still(look.shadows), space.ranges_mm, space.angles_rad, 0.0)
        directed: Floats = window * space.directivity()
        return directed

    def _drawn_clutter(self, rng: Generator) -> Clutter:
        look = self._look
        # Flat layers of the chest wall return long arcs; what scatters between them returns common grain.
        fields = (self._uniform(rng, _ARC_RAD), self._uniform(rng, 0.0))
        return Clutter(self.space, fields, look.clutter_db, look.clutter_reach_mm, rng)

    def _uniform(self, rng: Generator, wide_rad: float) -> Field:
        """Speckle of unit power that belongs to no scene, its grains wider across the beams by a Gaussian."""
        shape = (self.space.probe.samples, self.space.columns)
        frequency = np.fft.fftfreq(shape[1]) / self.space.step_rad
        keep = np.exp(-2 * (math.pi * frequency * wide_rad) ** 2)
        white = np.fft.ifft(np.fft.fft(rng.standard_normal(shape), axis=1) * keep, axis=1).real
        other = np.fft.ifft(np.fft.fft(rng.standard_normal(shape), axis=1) * keep, axis=1).real
        field = self._spread(white, other)
        even: Field = field / np.sqrt(np.mean(np.abs(field) ** 2, axis=1, keepdims=True))
        return even
