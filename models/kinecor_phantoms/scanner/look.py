"""What a sonographer sets and a maker builds in: all that turns the same heart into another image."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.random import Generator

from kinecor_phantoms.scanner.grey_map import GREY_MAPS
from kinecor_phantoms.scanner.shadow import Shadow

SLIDERS = 8

_RANGES = {
    "gain_db": (-30, 30),
    "dynamic_range_db": (30, 100),
    "persistence": (0, 0.95),
    "averaging": (0, 3),
    "smoothing": (0, 3),
    "edge": (0, 2),
    "reverberation_mm": (4, 60),
    "clutter_reach_mm": (3, 100),
    "enhancement_db_per_cm": (0, 3),
    "bright_shadow_db_per_mm": (0, 20),
    "patches_db": (0, 10),
    "flicker_db": (0, 3),
    "stitched": (1, 8),
    "seam_mm": (0, 8),
}
_DECIBELS = ("noise_db", "clutter_db", "side_lobe_db", "reverberation_db")


@dataclass(frozen=True, slots=True)
class Look:
    """Settings of the machine and how well the window sees. Decibels are over tissue unless said otherwise.

    Attributes:
        gain_db: -30 to 30.
        dynamic_range_db: shown between black and white, 30 to 100.
        tgc_db: eight sliders from the transducer down, each -20 to 20.
        grey_map: a name of `grey_map.GREY_MAPS`.
        persistence: share of the last image in the next, 0 to 0.95.
        averaging: of power before compression (compounding): how wide over the point response, 0 to 3. It fills the
            dark gaps between grains.
        smoothing: of the compressed image, in the same measure, 0 to 3.
        edge: how much of what smoothing takes off is added on top, 0 to 2.
        noise_db: electronic noise at the bottom of the image; -inf for none.
        clutter_db, clutter_reach_mm: haze and arcs at the transducer, and where they have fallen to 1/e.
        side_lobe_db: of the side lobes' envelope over the main lobe, at its middle.
        reverberation_db, reverberation_mm: of an echo that went to and fro once more, and how much deeper it shows.
        enhancement_db_per_cm: that tissue takes more than blood, 0 to 3.
        bright_shadow_db_per_mm: that very bright echoes take, 0 to 20.
        patches_db: unevenness of the window (contact, fat), standard deviation, 0 to 10.
        flicker_db: of the gain from frame to frame, standard deviation, 0 to 3.
        shadows: ribs, lung, walls that drop out.
        stitched: beats from which the sector is put together, 1 to 8.
        seam_mm: by which the pieces are off from each other, standard deviation, 0 to 8.
        ecg, text, ticks, bar: whether the trace, the text, the depth ticks and the grey bar are drawn.

    Raises:
        ValueError: a value is outside its range.

    """

    gain_db: float = 5.0
    dynamic_range_db: float = 55.0
    tgc_db: tuple[float, ...] = (-12.0, -5.0, -1.0, 0.0, 0.0, 0.0, 0.0, 0.0)
    grey_map: str = "soft"
    persistence: float = 0.12
    averaging: float = 0.35
    smoothing: float = 0.2
    edge: float = 0.0
    noise_db: float = -20.0
    clutter_db: float = 5.0
    clutter_reach_mm: float = 18.0
    side_lobe_db: float = -31.0
    reverberation_db: float = -math.inf
    reverberation_mm: float = 14.0
    enhancement_db_per_cm: float = 0.8
    bright_shadow_db_per_mm: float = 1.0
    patches_db: float = 4.0
    flicker_db: float = 0.3
    shadows: tuple[Shadow, ...] = ()
    stitched: int = 1
    seam_mm: float = 1.0
    ecg: bool = False
    text: bool = False
    ticks: bool = False
    bar: bool = False

    def __post_init__(self) -> None:
        for name, (low, high) in _RANGES.items():
            if not low <= getattr(self, name) <= high:
                raise ValueError(f"a look's {name} must be between {low} and {high}, got {getattr(self, name)}")
        for name in _DECIBELS:
            if not getattr(self, name) <= 20:
                raise ValueError(f"a look's {name} is at most 20 dB over tissue, got {getattr(self, name)}")
        if len(self.tgc_db) != SLIDERS or not all(-20 <= slider <= 20 for slider in self.tgc_db):
            raise ValueError(f"a look's tgc_db are {SLIDERS} values between -20 and 20, got {self.tgc_db}")
        if self.grey_map not in GREY_MAPS:
            raise ValueError(f"a look's grey_map is one of {', '.join(GREY_MAPS)}, got {self.grey_map!r}")


LOOKS: Mapping[str, Look] = MappingProxyType(
    {
        "soft": Look(),
        "clean": Look(
            flicker_db=0, noise_db=-40, clutter_db=-14, clutter_reach_mm=10, side_lobe_db=-55, patches_db=0.5
        ),
        "contrasty": Look(grey_map="contrasty", dynamic_range_db=55, averaging=0.3, persistence=0.05, edge=0.4),
        "grainy": Look(grey_map="linear", averaging=0, smoothing=0, persistence=0, noise_db=-20),
        "hazy": Look(grey_map="hazy", clutter_db=7, clutter_reach_mm=27, noise_db=-16, side_lobe_db=-28),
        "dark": Look(grey_map="dark", gain_db=-4, patches_db=3.5),
        "smooth": Look(
            grey_map="bright", dynamic_range_db=80, averaging=0.9, smoothing=0.3, persistence=0.45, edge=0.3
        ),
        "stitched": Look(grey_map="contrasty", averaging=1, smoothing=0.6, stitched=4, noise_db=-30, persistence=0),
    }
)
"""Neutral names; each could be several makers' and many operators'."""


# How often a maker's curve is met.
_MAPS = {"soft": 0.4, "bright": 0.16, "hazy": 0.12, "linear": 0.12, "contrasty": 0.12, "dark": 0.08}


def random_look(rng: Generator, *, graphics: bool = True) -> Look:
    """A look as another laboratory on another day might have it; one in three windows is a poor one.

    Args:
        rng: draws it.
        graphics: whether text, ticks, bar and ECG may be drawn.

    """
    poor = rng.random() < 0.33
    tilt = rng.normal(0, 2.0)
    near = rng.uniform(-16, -4) * np.exp(-1.2 * np.arange(SLIDERS))
    sliders = near + tilt * np.linspace(-1, 1, SLIDERS) + rng.normal(0, 1.2, SLIDERS)
    stitched = int(rng.integers(2, 7)) if rng.random() < 0.06 else 1
    return Look(
        gain_db=float(np.clip(rng.normal(6, 4), -6, 16)),
        dynamic_range_db=float(rng.uniform(45, 72)),
        tgc_db=tuple(float(slider) for slider in np.clip(sliders, -20, 12)),
        grey_map=str(rng.choice(list(_MAPS), p=list(_MAPS.values()))),
        persistence=float(max(0.0, rng.uniform(-0.3, 0.4))),
        averaging=float(max(0.0, rng.uniform(-0.1, 0.7))),
        smoothing=float(max(0.0, rng.uniform(-0.2, 0.5))),
        edge=float(max(0.0, rng.uniform(-0.6, 0.6))),
        noise_db=float(rng.uniform(-22, -10) if poor else rng.uniform(-36, -20)),
        clutter_db=float(rng.uniform(0, 9) if poor else rng.uniform(-10, 7)),
        clutter_reach_mm=float(rng.uniform(10, 40) if poor else rng.uniform(5, 25)),
        side_lobe_db=float(rng.uniform(-32, -25) if poor else rng.uniform(-48, -30)),
        reverberation_db=float(rng.uniform(-30, -18)) if rng.random() < 0.25 else -math.inf,
        reverberation_mm=float(rng.uniform(6, 30)),
        enhancement_db_per_cm=float(rng.uniform(0.1, 1.2)),
        bright_shadow_db_per_mm=float(rng.uniform(0, 2.5)),
        patches_db=float(rng.uniform(4, 7) if poor else rng.uniform(2, 5)),
        flicker_db=float(rng.uniform(0, 0.6)),
        shadows=_random_shadows(rng, poor=poor),
        stitched=stitched,
        seam_mm=float(rng.uniform(0.2, 0.8)),
        ecg=graphics and bool(rng.random() < 0.5),
        text=graphics and bool(rng.random() < 0.35),
        ticks=graphics and bool(rng.random() < 0.4),
        bar=graphics and bool(rng.random() < 0.25),
    )


def _random_shadows(rng: Generator, *, poor: bool) -> tuple[Shadow, ...]:
    breath = {"period_s": float(rng.uniform(3, 6)), "phase": float(rng.uniform(0, 1))}
    shadows = []
    if rng.random() < (0.7 if poor else 0.4):  # the lateral wall is along the beams and fades
        shadows.append(
            Shadow(
                angle_deg=float(rng.uniform(14, 36)),
                width_deg=float(rng.uniform(8, 26)),
                onset_mm=float(rng.uniform(5, 70)),
                loss_db=float(rng.uniform(5, 16)),
                edge_deg=float(rng.uniform(5, 14)),
            )
        )
    if rng.random() < (0.35 if poor else 0.12):  # a rib: narrow, from the skin on
        shadows.append(
            Shadow(
                angle_deg=float(rng.uniform(-34, 34)),
                width_deg=float(rng.uniform(4, 12)),
                onset_mm=float(rng.uniform(6, 18)),
                loss_db=float(rng.uniform(6, 22)),
                edge_deg=float(rng.uniform(2, 6)),
                swing_deg=float(rng.uniform(0, 2.5)),
                **breath,
            )
        )
    if rng.random() < (0.4 if poor else 0.15):  # lung: slides in from a side with each breath
        side = 1 if rng.random() < 0.6 else -1
        shadows.append(
            Shadow(
                angle_deg=float(side * rng.uniform(34, 46)),
                width_deg=float(rng.uniform(14, 34)),
                onset_mm=float(rng.uniform(10, 60)),
                loss_db=float(rng.uniform(8, 26)),
                edge_deg=float(rng.uniform(2, 8)),
                swing_deg=float(rng.uniform(0.5, 6)),
                **breath,
            )
        )
    return tuple(shadows)
