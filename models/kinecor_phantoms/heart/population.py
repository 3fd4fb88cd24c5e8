"""Kinds of hearts, and how to draw one of them at random.

Sizes follow the ranges that guidelines and registries give for such hearts (chamber sizes: Lang et al., ASE/EACVI
2015, doi 10.1016/j.echo.2014.10.003; hypertrophic wall 15 mm or more: Ommen et al. 2020); a population here is a way
to get a variety of hearts, not a claim on how common each is.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from kinecor_phantoms.heart.chambers import Chambers
from kinecor_phantoms.heart.field import SEGMENTS, from_segments
from kinecor_phantoms.heart.heart import Drift, Heart
from kinecor_phantoms.heart.regions import REGIONS, Regions, towards_apex
from kinecor_phantoms.heart.rhythm import Rhythm, ectopic_rhythm, fibrillation_rhythm, sinus_rhythm
from kinecor_phantoms.heart.right_ventricle import match_right_ventricle
from kinecor_phantoms.heart.shape import Shape

Array = NDArray[np.float64]
Range = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Population:
    """Ranges that hearts of one kind are drawn from, evenly.

    Attributes:
        length_mm, radius_mm, wall_mm: of the left ventricle at end-diastole.
        septal_share: thickness of the septum over that of the free wall.
        ef_percent: ejection fraction.
        rate_per_min: heart rate.
        atrium_mm: height of the left atrium.
        right_mm: size of the right ventricle.
        longitudinal_share: longitudinal shortening over ejection fraction (the apical cap takes some of it back).
        apex_power: of the ventricle, see Shape.
        regurgitation: share of the stroke volume that flows back into the left atrium.

    """

    length_mm: Range
    radius_mm: Range
    wall_mm: Range
    septal_share: Range
    ef_percent: Range
    rate_per_min: Range
    atrium_mm: Range
    right_mm: Range = (22.0, 32.0)
    longitudinal_share: Range = (0.32, 0.38)
    apex_power: Range = (0.92, 1.12)
    regurgitation: Range = (0.0, 0.0)


POPULATIONS: dict[str, Population] = {
    "normal": Population((76, 94), (21, 26), (8, 10.5), (0.95, 1.1), (54, 70), (55, 85), (30, 42)),
    "dilated": Population((92, 118), (29, 40), (7, 10), (0.85, 1.05), (15, 38), (60, 105), (40, 58), (24, 38)),
    "hypertrophic": Population(
        (72, 90), (17, 22), (13, 18), (1.2, 1.9), (60, 75), (52, 80), (38, 54), longitudinal_share=(0.22, 0.29)
    ),
    "infarct": Population((82, 105), (24, 32), (8, 10.5), (0.95, 1.1), (25, 50), (58, 95), (34, 48)),
    "dyssynchronous": Population((86, 112), (26, 36), (8, 10.5), (0.8, 1.0), (20, 45), (58, 90), (36, 52)),
    "small": Population((62, 76), (16.5, 21), (7, 10), (0.95, 1.15), (58, 74), (62, 95), (28, 38), (18, 26)),
    "athletic": Population((90, 106), (26, 31), (9.5, 12.5), (0.95, 1.1), (50, 62), (42, 60), (36, 48), (30, 40)),
    "child": Population((40, 66), (12, 18.5), (4, 6.8), (0.95, 1.1), (55, 72), (75, 140), (18, 30), (13, 22)),
    "amyloid": Population(
        (68, 84), (18, 22), (13.5, 17.5), (1.0, 1.15), (56, 64), (62, 88), (44, 56), longitudinal_share=(0.165, 0.195)
    ),
    "aneurysm": Population(
        (92, 112), (26, 33), (8, 10), (0.95, 1.1), (22, 38), (60, 95), (38, 52), apex_power=(0.82, 0.92)
    ),
    "bundle-branch-block": Population((86, 108), (25, 33), (8, 10.5), (0.85, 1.0), (28, 48), (58, 88), (36, 52)),
    "regurgitation": Population(
        (88, 106), (28, 34), (8.5, 11), (0.95, 1.1), (60, 72), (60, 88), (52, 70), regurgitation=(0.35, 0.5)
    ),
    "tachycardia": Population((76, 94), (21, 26), (8, 10.5), (0.95, 1.1), (52, 66), (125, 140), (30, 42)),
}
"""Kinds of hearts by name."""

TRAINING = ("normal", "dilated", "hypertrophic", "infarct", "dyssynchronous", "small", "athletic", "child")
"""Populations that hearts for training are drawn from; models have not seen the others."""

DISEASES = (
    "amyloid",
    "hypertrophic",
    "dilated",
    "aneurysm",
    "bundle-branch-block",
    "regurgitation",
    "tachycardia",
    "child",
)
"""Populations whose unusual but true values a check must not mark."""

RHYTHMS: dict[str, Callable[[float, int, Generator], Rhythm]] = {
    "sinus": sinus_rhythm,
    "ectopic": ectopic_rhythm,
    "fibrillation": fibrillation_rhythm,
}
"""Kinds of rhythms by name."""


_GRADIENT_BY_DISEASE = ("amyloid", "aneurysm")


def _drawn(limits: Range, rng: Generator) -> float:
    return float(rng.uniform(*limits))


def draw(
    population: str = "normal",
    seed: int | Generator = 0,
    *,
    ef_percent: float | None = None,
    rate_per_min: float | None = None,
    rhythm: str = "sinus",
    beats: int = 1,
    still: bool = False,
    apical_gradient: bool = False,
) -> Heart:
    """A heart of a population.

    Args:
        population: a name of POPULATIONS.
        seed: the same gives the same heart.
        ef_percent: ejection fraction wanted, 5..85; drawn if None.
        rate_per_min: heart rate wanted, 30..220; drawn if None.
        rhythm: a name of RHYTHMS.
        beats: how many, 1..60.
        still: no breathing and no drift.
        apical_gradient: longitudinal shortening grows towards the apex (`towards_apex`), where the population has no
            gradient by disease; without, the apex shortens less than the base.

    Raises:
        ValueError: an unknown name, or a number out of its range; the message lists the valid ones.

    """
    for what, name, names in (("population", population, POPULATIONS), ("rhythm", rhythm, RHYTHMS)):
        if name not in names:
            raise ValueError(f"{what} must be one of {', '.join(names)}, got {name}")
    rng = np.random.default_rng(seed)
    kind = POPULATIONS[population]
    # A small heart is small in all directions: sizes of one heart hang together.
    size = rng.random()
    low, high = kind.length_mm
    length_mm = low + (high - low) * float(np.clip(size + rng.normal(0, 0.15), 0, 1))
    low, high = kind.radius_mm
    radius_mm = low + (high - low) * float(np.clip(size + rng.normal(0, 0.2), 0, 1))
    amplitude = np.clip(1 + 0.06 * rng.standard_normal(SEGMENTS), 0.7, 1.3)
    delay_s = 0.008 * rng.standard_normal(SEGMENTS)
    regions = REGIONS[population](rng) if population in REGIONS else Regions()
    if apical_gradient and population not in _GRADIENT_BY_DISEASE:
        regions = towards_apex(regions)
    wall_mm = _drawn(kind.wall_mm, rng)
    shape = Shape(
        length_mm=length_mm,
        radius_mm=radius_mm,
        wall_mm=wall_mm,
        apical_wall_mm=max(2.0, wall_mm * float(rng.uniform(0.5, 0.75))),
        base_deg=float(rng.uniform(106, 124)),
        apex_power=_drawn(kind.apex_power, rng),
        ellipticity=float(rng.uniform(-0.03, 0.08)),
        septal_share=_drawn(kind.septal_share, rng),
        tilt_deg=float(rng.uniform(-4, 9)),
        saddle_mm=float(rng.uniform(0.3, 2.0)),
        thinning=from_segments(regions.thickness - 1),
    )
    scale = radius_mm / 24
    chambers = Chambers(
        right_mm=_drawn(kind.right_mm, rng),
        right_deg=float(rng.uniform(58, 70)),
        right_wall_mm=float(rng.uniform(2.5, 4.5)) * min(scale, 1.2),
        right_shortening=float(rng.uniform(0.2, 0.38)),
        atrium_mm=_drawn(kind.atrium_mm, rng),
        atrium_wide=float(rng.uniform(1.1, 1.45)),
        right_atrium_mm=_drawn(kind.atrium_mm, rng),
        aorta_mm=float(rng.uniform(10, 12.5)) * min(scale, 1.1),
        papillary=float(rng.uniform(0.13, 0.21)),
        leaflet=float(rng.uniform(0.95, 1.15)),
    )
    ef = _drawn(kind.ef_percent, rng) if ef_percent is None else ef_percent
    rate = _drawn(kind.rate_per_min, rng) if rate_per_min is None else rate_per_min
    drift = Drift(
        breathing_mm=(float(rng.normal(0, 1.2)), float(rng.normal(0, 1.2)), float(rng.normal(0, 1.5))),
        breathing_deg=float(rng.normal(0, 1.0)),
        breathing_s=float(rng.uniform(3, 5.5)),
        start=float(rng.random()),
        slide_mm_per_s=(float(rng.normal(0, 0.4)), float(rng.normal(0, 0.4)), float(rng.normal(0, 0.3))),
    )
    twist = ef / 60
    low, high = kind.regurgitation
    regurgitation = low + (high - low) * size
    heart = Heart(
        shape,
        # From a separate generator: a heart is the same however many of its beats are simulated.
        RHYTHMS[rhythm](rate, beats, rng.spawn(1)[0]),
        chambers,
        longitudinal=-ef / 100 * _drawn(kind.longitudinal_share, rng),
        amplitude=amplitude * regions.amplitude,
        along=regions.along,
        delay_s=delay_s + regions.delay_s,
        flash=regions.flash,
        apical_narrowing=regions.apical_narrowing,
        apical_twist_deg=float(rng.uniform(5, 13)) * twist,
        basal_twist_deg=-float(rng.uniform(2, 6)) * twist,
        drift=Drift() if still else drift,
        population=population,
    )
    return match_right_ventricle(heart.with_ejection_fraction(ef), regurgitation)


def draw_any(rng: Generator, beats: int = 1, *, still: bool = False) -> Heart:
    """A heart of any population, rhythm and ejection fraction, for training; each number spreads wider than in `draw`.

    A draw that cannot beat (a wall that would fold) is drawn again.
    """
    for _ in range(20):
        population = str(rng.choice(TRAINING))
        rhythm = str(rng.choice(list(RHYTHMS), p=(0.8, 0.08, 0.12)))
        ef = float(np.clip(rng.normal(np.mean(POPULATIONS[population].ef_percent), 9), 15, 75))
        try:
            heart = draw(population, rng, ef_percent=ef, rhythm=rhythm, beats=beats, still=still)
            wide = replace(heart.shape, base_deg=float(rng.uniform(100, 130)), tilt_deg=float(rng.uniform(-10, 14)))
            return match_right_ventricle(replace(heart, shape=wide).with_ejection_fraction(ef))
        except ValueError:
            continue
    raise RuntimeError("no heart of twenty could beat: a population's ranges are at odds with each other")
