"""What the material looks like on its way from ED to ES.

Everything is laid out on the ED frame, where each piece of tissue stays put. The ES frame is carried back onto it.
Both are taken apart into local mean, local contrast and fine pattern. Mean and contrast pass over evenly; the patterns
are mixed as two random fields are, by weights on a circle, so that speckle neither doubles nor fades half way (plain
mixing loses up to 30 % of its contrast), while patterns that agree in both frames stay as they are.
"""

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from kinecor_phantoms.raster import Bools
from kinecor_phantoms.warped.flow import Flow
from kinecor_phantoms.warped.sampling import Picture, blur_image, double_grid, looked_up
from kinecor_phantoms.warped.sector import widen_image

# Pixels of material known outside the image on each side.
MARGIN_PX = 28
# Fine patterns are what is finer than this Gaussian.
FINE_PX = 3.2
# The ES frame takes over between these phases.
FROM_PHASE, TO_PHASE = 0.1, 0.95
# Patterns that are mixed to new speckle.
PATTERNS = 6


@dataclass(frozen=True)
class Look:
    """How images change beyond motion.

    Attributes:
        blood, tissue: share 0..1 of the fine pattern that is no longer there after `memory_s`, in the cavities and
            elsewhere: speckle of flowing blood is new in each frame, that of tissue leaves the plane slowly.
        memory_s: time over which it goes.
        grain: standard deviation of noise added to each pixel, in grey levels.

    Raises:
        ValueError: a share is not in 0..1, the memory not positive, or the grain negative.

    """

    blood: float = 0.75
    tissue: float = 0.35
    memory_s: float = 0.05
    grain: float = 0.0

    def __post_init__(self) -> None:
        if not (0 <= self.blood <= 1 and 0 <= self.tissue <= 1):
            raise ValueError(f"shares must be 0 to 1, got blood {self.blood:g} and tissue {self.tissue:g}")
        if self.memory_s <= 0 or self.grain < 0:
            raise ValueError(f"memory must be above 0 s and grain 0 or more, got {self.memory_s:g} and {self.grain:g}")


ECHO = Look()
MRI = Look(blood=0.0, tissue=0.0, grain=1.5)
UNCHANGED = Look(blood=0.0, tissue=0.0)


def _finer(smooth: Picture) -> Picture:
    """A smooth field on a grid of half the spacing."""
    out = np.empty((2 * smooth.shape[0] - 1, 2 * smooth.shape[1] - 1), np.float32)
    out[::2, ::2] = smooth
    out[1::2, ::2] = (smooth[1:] + smooth[:-1]) / 2
    out[:, 1::2] = (out[:, 2::2] + out[:, :-1:2]) / 2
    return out


@dataclass(frozen=True, eq=False)
class Texture:
    """A patient's material on a grid of half pixels; sample (0, 0) is at (-MARGIN_PX, -MARGIN_PX).

    Attributes:
        mean: local mean at ED, and what is added to it until ES.
        spread: the same for local contrast.
        fine: fine patterns of ED and of ES with mean square 1.
        alike: local correlation of the two.
        blood: 1 in the cavities, 0 elsewhere.

    """

    mean: tuple[Picture, Picture]
    spread: tuple[Picture, Picture]
    fine: tuple[Picture, Picture]
    alike: Picture
    blood: Picture

    def at(self, phase: float, look: Look, noise: Picture | None) -> Picture:
        """The material's grey levels at a phase, on the texture's own grid."""
        u = float(np.clip((phase - FROM_PHASE) / (TO_PHASE - FROM_PHASE), 0, 1))
        u = u * u * (3 - 2 * u)
        first, second = np.float32(np.cos(np.pi / 2 * u)), np.float32(np.sin(np.pi / 2 * u))
        fine = self.fine[0]
        if second > 0:
            fine = first * fine
            fine += second * self.fine[1]
            fine /= np.sqrt(1 + 2 * first * second * self.alike)
        if noise is not None:
            gone = look.tissue + (look.blood - look.tissue) * self.blood
            fine = np.sqrt(1 - gone * gone) * fine
            fine += gone * noise
        level = self.mean[0] + np.float32(u) * self.mean[1]
        level += (self.spread[0] + np.float32(u) * self.spread[1]) * fine
        return level

    def patterns(self, rng: Generator) -> "tuple[Picture, ...]":
        """Patterns like the material's own, laid elsewhere: mixtures of them are speckle of other tissue."""
        shifts = rng.integers(8, 50, (PATTERNS, 2)) * rng.choice((-1, 1), (PATTERNS, 2))
        # Valves and the like stand out far; laid on tissue they would be holes and sparks.
        even = [np.clip(fine, -2, 2) for fine in self.fine]
        return tuple(np.roll(even[k % 2], shift, axis=(0, 1)) for k, shift in enumerate(shifts))


def mixtures(times_s: NDArray[np.float64], memory_s: float, rng: Generator) -> Picture:
    """(t, PATTERNS) weights with sum of squares 1 that forget themselves over `memory_s`."""
    weights = rng.standard_normal(PATTERNS)
    mixed = np.empty((len(times_s), PATTERNS), np.float32)
    for i, gap_s in enumerate(np.diff(times_s, prepend=times_s[:1])):
        kept = np.exp(-gap_s / memory_s)
        weights = kept * weights + np.sqrt(1 - kept**2) * rng.standard_normal(PATTERNS)
        mixed[i] = weights / np.linalg.norm(weights)
    return mixed


def laid_out(ed: NDArray[np.uint8], es: NDArray[np.uint8], seen: Bools | None, flow: Flow, blood: Bools) -> Texture:
    """A patient's material.

    Args:
        ed: (rows, columns) frame.
        es: its like.
        seen: the sector, or None where the whole image shows something.
        flow: carries ED to ES by phase 1.
        blood: (rows, columns) pixels of the ED frame that are cavity.

    """
    first, last = (double_grid(widen_image(image, seen, MARGIN_PX)) for image in (ed, es))
    rows, columns = ed.shape[0] + 2 * MARGIN_PX, ed.shape[1] + 2 * MARGIN_PX
    y, x = np.mgrid[:rows, :columns].astype(np.float32) - MARGIN_PX
    z = flow.drifted((x + 1j * y).astype(np.complex64), 1.0) + (1 + 1j) * MARGIN_PX
    last = looked_up(last, 2 * _finer(z.real), 2 * _finer(z.imag))
    means, spreads, fines = [], [], []
    for picture in (first, last):
        mean = _finer(blur_image(picture[::2, ::2], FINE_PX))
        rest = picture - mean
        spread = _finer(np.sqrt(blur_image(rest[::2, ::2] ** 2, 1.5 * FINE_PX)) + np.float32(0.3))
        means.append(mean)
        spreads.append(spread)
        fines.append(rest / spread)
    alike = blur_image((fines[0] * fines[1])[::2, ::2], 1.5 * FINE_PX)
    soft = blur_image(np.pad(blood, MARGIN_PX).astype(np.float32), 2.0)
    return Texture(
        (means[0], means[1] - means[0]),
        (spreads[0], spreads[1] - spreads[0]),
        (fines[0], fines[1]),
        np.clip(_finer(alike), -0.5, 1),
        _finer(soft),
    )
