"""From signal to image by way of k-space: truncation, filter, beats, ghosts, noise, magnitude."""

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from kinecor_phantoms.mri.scan import Scan

Pixels = NDArray[np.float32]

_PHASE_SHARE = 0.88
"""Of the lines of k-space along the phase direction that a square measured part would have."""


def window(count: int, share: float, strength: float, blur_px: float) -> Pixels:
    """(count,) weights of spatial frequencies in the order of the FFT: 0 where not measured.

    Args:
        count: pixels.
        share: of k-space that is measured, 0..1.
        strength: 0 a sharp end, 1 a Hann window.
        blur_px: standard deviation of a Gaussian blur of the image.

    """
    at = np.fft.fftfreq(count)
    measured = np.abs(at) <= 0.5 * share
    hann = 1 - strength * np.sin(np.pi * at / share) ** 2
    return np.asarray(np.where(measured, hann * np.exp(-2 * (np.pi * blur_px * at) ** 2), 0), np.float32)


def acquire(signal: Pixels, scan: Scan, sharpness: float, rng: Generator) -> Pixels:
    """Images as the scanner would reconstruct them from measured lines of k-space.

    Args:
        signal: (beats, phases, rows, columns) what the coil receives, over that of blood at the heart.
        scan: settings.
        sharpness: of the vendor's window over k-space, see `window`.
        rng: of noise and ghosts.

    Returns:
        (phases, rows, columns) magnitude.

    """
    _, phases, rows, columns = signal.shape
    down = window(rows, scan.acquired * _PHASE_SHARE, sharpness, scan.blur_px)
    across = window(columns, scan.acquired, sharpness, scan.blur_px)
    lines = np.fft.fft2(signal.astype(np.complex64)) if signal.shape[0] > 1 else np.fft.fft2(signal[0])[None]
    # Each beat contributes every n-th line.
    order = np.arange(rows) % len(signal)
    space = np.asarray(lines[0], np.complex64)
    for beat in range(1, len(signal)):
        space[:, order == beat] = lines[beat][:, order == beat]
    if scan.ghosting > 0:
        turn = rng.uniform(0, 2 * np.pi, (phases, 1)) * 0.3 + rng.uniform(0, 2 * np.pi)
        period = rows / rng.uniform(0.28, 0.5) / rows
        wave = np.cos(2 * np.pi * np.arange(rows)[None] / period + turn)
        space *= (1 + 2 * scan.ghosting * wave[:, :, None]).astype(np.float32)
    weight = down[:, None] * across[None]
    space *= weight
    if scan.noise > 0:
        # White in k-space, and `scan.noise` in each channel of the image after the window.
        size = scan.noise * rows * columns / np.sqrt(float((weight**2).sum()))
        noise = rng.standard_normal((phases, rows, columns, 2), np.float32).view(np.complex64)[..., 0]
        space += np.float32(size) * weight * noise
    return np.asarray(np.abs(np.fft.ifft2(space)), np.float32)
