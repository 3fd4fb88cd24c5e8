"""From decibels to grey levels, as makers' curves do it."""

import numpy as np
from numpy.typing import NDArray

STEPS = 1024

# Share of the dynamic range -> share of full grey, by control points joined smoothly.
_CURVES: dict[str, tuple[tuple[float, float], ...]] = {
    "linear": ((0, 0), (1, 1)),
    "soft": ((0, 0.03), (0.15, 0.12), (0.35, 0.25), (0.55, 0.43), (0.75, 0.68), (1, 1)),
    "contrasty": ((0, 0), (0.2, 0.02), (0.4, 0.14), (0.6, 0.42), (0.8, 0.78), (1, 1)),
    "bright": ((0, 0.04), (0.2, 0.26), (0.4, 0.46), (0.6, 0.65), (0.8, 0.83), (1, 1)),
    "dark": ((0, 0), (0.25, 0.07), (0.5, 0.22), (0.75, 0.5), (1, 0.93)),
    "hazy": ((0, 0.14), (0.2, 0.25), (0.4, 0.36), (0.6, 0.52), (0.8, 0.74), (1, 1)),
}
GREY_MAPS: tuple[str, ...] = tuple(_CURVES)


def grey_map(name: str) -> NDArray[np.uint8]:
    """(1024,) grey level for each step from the bottom of the dynamic range to its top.

    Raises:
        ValueError: no map of that name.

    """
    if name not in _CURVES:
        raise ValueError(f"a grey map is one of {', '.join(GREY_MAPS)}, got {name!r}")
    x, y = np.array(_CURVES[name], np.float64).T
    share = np.linspace(0, 1, STEPS)
    curve = np.interp(share, x, y)
    # Corners of the polygon are rounded off; its ends stay.
    width = STEPS // 8
    padded = np.concatenate((2 * curve[0] - curve[width:0:-1], curve, 2 * curve[-1] - curve[-2 : -width - 2 : -1]))
    smooth = np.convolve(padded, np.hanning(2 * width + 1) / width, "valid")
    levels: NDArray[np.uint8] = np.rint(np.clip(smooth, 0, 1) * 255).astype(np.uint8)
    return levels
