"""Sound lost on the way: more in tissue than in blood, most in what is bright."""

import numpy as np

from kinecor_phantoms.scanner.beam_space import Field, Floats

_TISSUE_POWER = 0.12  # half of tissue's attenuation is reached at this power over tissue's mean
_BRIGHT_POWER = 8.0  # from here on an echo casts a shadow of its own
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
