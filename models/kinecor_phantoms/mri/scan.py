"""How the simulated scanner is set, and what it may be set to."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.random import Generator

from kinecor_phantoms.heart.shape import check_range
from kinecor_phantoms.mri.signals import VENDORS

RANGES: dict[str, tuple[float, float]] = {
    "rows": (32, 512),
    "columns": (32, 512),
    "pixel_mm": (0.5, 4.0),
    "acquired": (0.3, 1.0),
    "thickness_mm": (2.0, 20.0),
    "gap_mm": (0.0, 12.0),
    "phases": (1, 60),
    "trigger_delay_ms": (0.0, 200.0),
    "beats": (1, 6),
    "rotation_deg": (-180.0, 180.0),
    "tilt_deg": (0.0, 25.0),
    "coil": (0.0, 1.5),
    "noise": (0.0, 0.3),
    "blur_px": (0.0, 3.0),
    "misregistration_mm": (0.0, 20.0),
    "ghosting": (0.0, 0.5),
    "banding": (0.0, 3.0),
    "flow": (0.0, 1.0),
    "trabeculae": (0.0, 2.5),
    "scar": (-0.5, 0.8),
    "muscle": (0.5, 2.0),
}
"""Ranges that a scan's numbers must be in."""

SLICES = (1, 30)


@dataclass(frozen=True, slots=True)
class Scan:
    """Settings of a cine study.

    Attributes:
        rows, columns: of an image.
        pixel_mm: size of its square pixels; the field of view is rows x pixel_mm by columns x pixel_mm.
        acquired: share of each direction of k-space that is measured; the rest is filled up with zeros.
        thickness_mm, gap_mm: of the short-axis slices; long axes are as thick.
        slices: of the stack, None for as many as cover the ventricle and one more at either end.
        phases: images of the cycle.
        trigger_delay_ms: from mitral valve closure to the middle of the first phase.
        beats: heart beats whose k-space lines make up one image; if they differ, it blurs and ghosts.
        long_axes: whether A2C, A3C and A4C are taken too.
        vendor: a name of signals.VENDORS: field strength, flip angle, grey scale, fat, filter.
        rotation_deg: turns short-axis images in their plane; 0 has the lateral wall on the right.
        tilt_deg: between the stack's normal and the long axis.
        offset_mm: where the long axis is from the middle of the image, (across, down).
        coil: how much brightness falls off from the coils; 0 is even, 1 as strong as without any correction.
        noise: standard deviation of the noise in each channel, over the signal of blood at the heart.
        blur_px: standard deviation of an additional Gaussian blur.
        misregistration_mm: standard deviation of each slice's shift in each direction, from breath-hold to breath-hold.
        ghosting: strength of ghosts in the phase direction (down), over the signal.
        banding: dark bands of off-resonance; 1 puts the first about 130 mm from the heart.
        flow: strength of inflow and of the jets' dephasing, 1 plenty.
        trabeculae: depth of trabeculation, 1 normal.
        scar: change of the signal of wall that does not contract.
        muscle: signal of myocardium over what relaxation times say; contrast agent, inflow and preparation move it.

    Raises:
        ValueError: a number out of RANGES, or a name that is not known.

    """

    rows: int = 192
    columns: int = 224
    pixel_mm: float = 1.45
    acquired: float = 0.88
    thickness_mm: float = 8.0
    gap_mm: float = 2.0
    slices: int | None = None
    phases: int = 25
    trigger_delay_ms: float = 0.0
    beats: int = 1
    long_axes: bool = True
    vendor: str = "A"
    rotation_deg: float = 0.0
    tilt_deg: float = 0.0
    offset_mm: tuple[float, float] = (10.0, 0.0)
    coil: float = 0.5
    noise: float = 0.02
    blur_px: float = 0.25
    misregistration_mm: float = 1.5
    ghosting: float = 0.01
    banding: float = 0.3
    flow: float = 0.5
    trabeculae: float = 1.0
    scar: float = 0.1
    muscle: float = 1.2

    def __post_init__(self) -> None:
        for name, (low, high) in RANGES.items():
            check_range(name, getattr(self, name), low, high)
        if self.slices is not None:
            check_range("slices", self.slices, *SLICES)
        for name, reach in zip(("across", "down"), self.field_mm, strict=True):
            check_range(f"offset_mm {name}", self.offset_mm[name == "down"], -reach / 2, reach / 2)
        if self.vendor not in VENDORS:
            raise ValueError(f"vendor must be one of {', '.join(VENDORS)}, got {self.vendor}")

    @property
    def field_mm(self) -> tuple[float, float]:
        """Field of view, (across, down)."""
        return self.columns * self.pixel_mm, self.rows * self.pixel_mm

    @property
    def spacing_mm(self) -> float:
        """From the middle of a slice to the middle of the next."""
        return self.thickness_mm + self.gap_mm


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
