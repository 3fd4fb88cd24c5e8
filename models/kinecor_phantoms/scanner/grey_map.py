"""From decibels to grey levels, as makers' curves do it."""

import numpy as np
from numpy.typing import NDArray

STEPS = 1024

# Grey of nothing, convexity, and the shares of the dynamic range at which black ends and white begins. With a convexity
# of c a step in decibels shows 10**c times as large at the top as at the bottom.
_CURVES: dict[str, tuple[float, float, float, float]] = {
    "linear": (0.0, 0.0, 0.0, 1.0),
    "soft": (0.02, 1.0, 0.0, 1.0),
    "contrasty": (0.0, 0.9, 0.22, 0.96),
    "bright": (0.04, 0.4, 0.0, 1.0),
    "dark": (0.0, 1.5, 0.0, 1.03),
    "hazy": (0.13, 0.8, 0.0, 1.0),
}
GREY_MAPS: tuple[str, ...] = tuple(_CURVES)


def grey_map(name: str) -> NDArray[np.uint8]:
    """(1024,) grey level for each step from the bottom of the dynamic range to its top.

    Raises:
        ValueError: no map of that name.

    """
    if name not in _CURVES:
        raise ValueError(f"a grey map is one of {', '.join(GREY_MAPS)}, got {name!r}")
    base, convexity, black, white = _CURVES[name]
    share = np.clip((np.linspace(0, 1, STEPS) - black) / (white - black), 0, 1)
    curve = (10 ** (convexity * share) - 1) / (10**convexity - 1) if convexity > 0 else share
    levels: NDArray[np.uint8] = np.rint((base + (1 - base) * curve) * 255).astype(np.uint8)
    return levels
