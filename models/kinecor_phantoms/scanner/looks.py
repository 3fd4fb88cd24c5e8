"""Looks by name, and looks drawn at random."""

import math
from collections.abc import Mapping
from types import MappingProxyType

import numpy as np
from numpy.random import Generator

from kinecor_phantoms.scanner.look import SLIDERS, Look
from kinecor_phantoms.scanner.shadow import Shadow

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
