"""Small recordings to tamper with, of noise."""

import numpy as np
import pytest

from kinecor.io.write.mr import MrSeries, MrSlice
from kinecor.io.write.ultrasound import UltrasoundLoop
from kinecor_lab.tasks.trust.simulated import EchoClip, StackSeries


@pytest.fixture(scope="module")
def small_clip():
    """One beat of 30 frames of noise in a sector; ED at frames 1 and 28, ES at 11."""
    rng = np.random.default_rng(0)
    frames = rng.integers(0, 200, (30, 64, 72)).astype(np.uint8)
    frames[:, :, :4] = 0
    loop = UltrasoundLoop(
        frames=frames,
        times_s=np.arange(30) * 0.03,
        spacing_mm=(2.0, 2.0),
        region=(4, 0, 72, 64),
        heart_rate_per_min=74.0,
        r_wave_s=(0.03, 0.84),
    )
    return EchoClip(loop, (1,), (11,), {"HR": 74.0})


@pytest.fixture(scope="module")
def small_stack():
    """Eight slices of six phases of noise, the ventricle in slices 1 to 6."""
    rng = np.random.default_rng(1)
    across, down = np.eye(3)[0], np.eye(3)[1]
    slices = tuple(
        MrSlice(
            frames=rng.integers(0, 900, (6, 32, 32)).astype(np.uint16),
            trigger_ms=np.arange(6) * 130.0,
            spacing_mm=(2.0, 2.0),
            thickness_mm=8.0,
            position_mm=np.array([0.0, 0.0, 10.0 * number]),
            across=across,
            down=down,
        )
        for number in range(8)
    )
    ends = {"apex ED": 1, "base ED": 6, "apex ES": 2, "base ES": 5}
    return StackSeries(MrSeries("cine SAX", slices, 75.0), 0, 2, {"HR": 75.0}, ends)
