"""A drawn short-axis cine, like enough to one for a trained network: chest wall, lung, liver, both ventricles."""

import cv2
import numpy as np

PHASES = 12


def _disk(image: np.ndarray, x: float, y: float, wide: float, high: float, grey: int) -> None:
    centre, half = (round(x * 16), round(y * 16)), (round(wide * 16), round(high * 16))
    cv2.ellipse(image, centre, half, 0, 0, 360, (grey,), -1, cv2.LINE_AA, 4)


def radius_px(phase: int, phases: int = PHASES) -> float:
    """Radius of the cavity: 17 at ED (phase 0), 12 at ES."""
    return 14.5 + 2.5 * float(np.cos(2 * np.pi * phase / phases))


def drawn_cine(phases: int = PHASES, *, heart: bool = True) -> np.ndarray:
    """(phases, 256, 216) uint8 at about 1.5 mm a pixel, the left ventricle's middle at (120, 120)."""
    rng = np.random.default_rng(5)
    out = []
    for phase in range(phases):
        image = np.full((256, 216), 8, np.uint8)
        _disk(image, 108, 128, 100, 118, 215)  # fat of the chest wall
        _disk(image, 108, 128, 90, 108, 70)  # muscle
        _disk(image, 124, 106, 72, 70, 14)  # lung
        _disk(image, 72, 200, 62, 46, 82)  # liver
        inner = radius_px(phase, phases)
        if heart:
            outer = float(np.sqrt(inner**2 + 24.0**2 - 17.0**2))  # the area of the wall is constant
            _disk(image, 96, 124, 31, 32, 60)
            _disk(image, 96, 124, 28, 28, 172)  # right ventricle
            _disk(image, 120, 120, outer + 1.5, outer + 1.5, 95)
            _disk(image, 120, 120, outer, outer, 52)
            _disk(image, 120, 120, inner, inner, 182)
            for dx, dy in ((0.62, -0.45), (0.3, 0.7)):
                _disk(image, 120 + dx * inner, 120 + dy * inner, 0.17 * inner, 0.17 * inner, 75)
        soft = cv2.GaussianBlur(image, (0, 0), 0.9).astype(float)
        out.append((soft + rng.normal(0, 4, soft.shape)).clip(0, 255).astype(np.uint8))
    return np.stack(out)
