"""What is irregular about one heart: fat, trabeculae, scar, signal of the wall, over material angle and height."""

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from kinecor_phantoms.heart import chambers
from kinecor_phantoms.heart.field import basis, from_segments
from kinecor_phantoms.heart.heart import Heart
from kinecor_phantoms.mri.waves import Numbers

Array = NDArray[np.float64]
Pixels = NDArray[np.float32]

_TURNS, _LEVELS = 256, 96
_LOW, _HIGH = -0.15, 1.3

FAT, TRABECULA, RIGHT_TRABECULA, WALL = range(4)
"""Columns: thickness of epicardial fat, depth of trabeculae left and right (mm), signal of the wall over muscle's."""


class Texture:
    """A table over material angle and height.

    Args:
        heart: whose.
        trabeculae: depth of trabeculation, 1 normal.
        scar: change of the signal of wall that does not contract, as a share.
        rng: what it is drawn from.

    """

    def __init__(self, heart: Heart, trabeculae: float, scar: float, rng: Generator) -> None:
        size = heart.shape.radius_mm / 25
        angle = np.arange(_TURNS) * 2 * np.pi / _TURNS
        height = _LOW + (_HIGH - _LOW) * np.arange(_LEVELS) / (_LEVELS - 1)
        wide, high = (grid.ravel() for grid in np.meshgrid(angle, height, indexing="ij"))
        apical = np.clip(1 - high, 0, 1)
        ridges = _random(wide, high, (5, 16), 9, rng)
        ridges = np.clip(0.4 + 0.5 * ridges + 0.3 * _random(wide, high, (12, 30), 20, rng), 0, 1.8)
        depth = trabeculae * size * ridges * (2.6 + 6.5 * apical**1.5)
        # The septum is smooth.
        depth *= 1 - 0.65 * np.clip(np.cos(wide - np.pi), 0, 1)
        right = np.clip(0.4 + 0.7 * _random(wide, high, (8, 24), 14, rng), 0, 2)
        right_depth = trabeculae * size * (3.5 + 7.0 * apical) * right
        coarse, fine = (_random(wide, high, *of, rng) for of in (((1, 8), 6), ((10, 40), 30)))
        wall = 1 + 0.05 * coarse + 0.05 * fine + scar * _still(heart, wide, high)
        columns = (size * _fat_mm(wide, high, heart, rng), depth, right_depth, wall)
        self._table = np.stack(columns, axis=-1).astype(np.float32)

    def at(self, angle: Numbers, height: Numbers) -> Pixels:
        """(n, 4) the columns above at material angles (radians) and heights (1 at the base)."""
        turn = np.asarray(np.mod(angle, 2 * np.pi) * (_TURNS / (2 * np.pi)), np.intp) % _TURNS
        level = np.asarray((np.clip(height, _LOW, _HIGH) - _LOW) * ((_LEVELS - 1) / (_HIGH - _LOW)), np.intp)
        return np.asarray(self._table[turn * _LEVELS + level])


def _random(angle: Array, height: Array, turns: tuple[int, int], steep: float, rng: Generator) -> Array:
    """Mean 0, variance 1: waves that go round `turns` times, and up as steeply as +-`steep` turns per height."""
    found = np.zeros(len(angle))
    count = 10
    for _ in range(count):
        phase = rng.integers(turns[0], turns[1] + 1) * angle + rng.uniform(-steep, steep) * height
        found += np.cos(phase + rng.uniform(0, 2 * np.pi))
    return np.asarray(found * np.sqrt(2 / count))


def _fat_mm(angle: Array, height: Array, heart: Heart, rng: Generator) -> Array:
    plenty = float(rng.uniform(0.4, 1.8))
    edge = np.deg2rad(heart.chambers.right_deg)
    across = np.abs(np.angle(np.exp(1j * (angle - chambers.SEPTUM))))
    # In both interventricular grooves, at the valves, and over the right ventricle.
    groove = 3.5 * np.exp(-(((across - edge) / 0.22) ** 2))
    valves = 5.0 * np.exp(-(((height - 1.06) / 0.1) ** 2))
    over = 2.2 * np.clip(1.2 - across / edge, 0, 1)
    uneven = 1.5 * _random(angle, height, (1, 5), 7, rng)
    return np.asarray(np.maximum(0.5 + plenty * (groove + valves + over + uneven), 0.1))


def _still(heart: Heart, angle: Array, height: Array) -> Array:
    lacking = np.clip(1 - heart.amplitude - 0.3, 0, 1)
    if not lacking.any():
        return np.zeros(len(angle))
    return np.asarray(np.clip(basis(angle, np.clip(height, 0, 1)).value @ from_segments(lacking), 0, 1))
