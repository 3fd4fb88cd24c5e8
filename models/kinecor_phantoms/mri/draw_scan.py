"""Random settings of the scanner, as varied as those of real studies."""

from dataclasses import replace

import numpy as np
from numpy.random import Generator

from kinecor_phantoms.mri.scan import Scan
from kinecor_phantoms.mri.signals import VENDORS


def draw_scan(rng: Generator, rows: int = 192, columns: int = 224, phases: int = 25, size: float = 1.0) -> Scan:
    """Settings drawn at random; most scans are good, some are bad in one way or other.

    Args:
        rng: what they are drawn from.
        rows: of an image.
        columns: of an image.
        phases: of the cycle.
        size: of the heart, 1 normal; a small patient is given a small field of view.

    """

    def seldom(share: float, low: float, high: float) -> float:
        return float(rng.uniform(low, high)) if rng.random() < share else 0.0

    field_mm = rng.uniform(255, 370) * float(np.clip(size, 0.55, 1.1))
    pixel_mm = float(np.clip(field_mm / max(rows, columns), 0.7, 3.0))
    thickness_mm = float(rng.choice([6.0, 7.0, 8.0, 8.0, 10.0]))
    made = Scan(
        rows=rows,
        columns=columns,
        pixel_mm=pixel_mm,
        acquired=float(rng.uniform(0.72, 1.0)),
        thickness_mm=thickness_mm,
        gap_mm=float(rng.choice([0.0, 2.0, 2.0, 10.0 - thickness_mm])),
        phases=phases,
        trigger_delay_ms=seldom(0.5, 0, 60),
        vendor=str(rng.choice(list(VENDORS))),
        rotation_deg=float(rng.normal(0, 20)) if rng.random() < 0.85 else float(rng.uniform(-180, 180)),
        tilt_deg=float(abs(rng.normal(0, 4))),
        coil=float(rng.uniform(0.2, 1.2)),
        noise=float(np.exp(rng.normal(np.log(0.02), 0.3))),
        blur_px=float(rng.uniform(0.0, 0.5)),
        misregistration_mm=float(rng.uniform(0, 2)) + seldom(0.15, 2, 6),
        ghosting=float(rng.uniform(0, 0.01)) + seldom(0.12, 0.01, 0.06),
        banding=float(rng.uniform(0.1, 0.4)) + seldom(0.12, 0.1, 0.5),
        flow=float(rng.uniform(0.2, 1)),
        trabeculae=float(rng.uniform(0.7, 2.0)),
        scar=float(rng.uniform(-0.15, 0.4)),
        muscle=float(np.clip(rng.normal(1.2, 0.22), 0.75, 1.9)),
    )
    across_mm, down_mm = made.field_mm
    offset_mm = (float(rng.normal(0.03, 0.06)) * across_mm, float(rng.normal(0, 0.06)) * down_mm)
    return replace(made, offset_mm=offset_mm)
