"""Whom a simulated heart belongs to: age, sex and body size that fit it."""

from dataclasses import dataclass

import numpy as np

from kinecor_phantoms.heart.heart import Heart

Range = tuple[float, float]

# Ages at which such hearts are usual. A child's follows from the size of its heart.
_AGES_YEARS: dict[str, tuple[int, int]] = {
    "dilated": (35, 75),
    "hypertrophic": (22, 70),
    "infarct": (50, 82),
    "dyssynchronous": (50, 82),
    "athletic": (18, 38),
    "amyloid": (62, 86),
    "aneurysm": (52, 80),
    "bundle-branch-block": (48, 80),
    "regurgitation": (35, 75),
    "tachycardia": (20, 60),
}
_ADULT: tuple[int, int] = (20, 75)
# Length of the left ventricle at end-diastole, mm, from infancy to youth (Lopez et al., Circ Cardiovasc Imaging
# 10:e005797, 2017, as a line).
_CHILD_LENGTH_MM: Range = (40.0, 66.0)
_CHILD_YEARS: Range = (1.5, 12.0)


@dataclass(frozen=True, slots=True)
class Patient:
    """A fictitious person.

    Attributes:
        age_years: whole years, 1 or more.
        sex: "F" or "M".
        height_cm: standing.
        weight_kg: of the body.

    """

    age_years: int
    sex: str
    height_cm: float
    weight_kg: float


def patient_of(heart: Heart, seed: int) -> Patient:
    """Somebody whom the heart fits; the same for the same heart and seed.

    Args:
        heart: of any population.
        seed: 0 or more; that of the heart.

    """
    rng = np.random.default_rng((seed, 2))
    length_mm = heart.shape.length_mm
    if heart.population == "child":
        share = (length_mm - _CHILD_LENGTH_MM[0]) / (_CHILD_LENGTH_MM[1] - _CHILD_LENGTH_MM[0])
        age = int(np.clip(_CHILD_YEARS[0] + share * (_CHILD_YEARS[1] - _CHILD_YEARS[0]), 1, 14))
        height_cm = 77 + 6.2 * (age - 1) + float(rng.normal(0, 3))
        return Patient(age, str(rng.choice(["F", "M"])), round(height_cm), round(16.3 * (height_cm / 100) ** 2, 1))
    low, high = _AGES_YEARS.get(heart.population, _ADULT)
    age = int(rng.integers(low, high, endpoint=True))
    if heart.population == "small":
        sex, height_cm = "F", float(rng.uniform(148, 162))
    else:
        # The larger heart is more often a man's.
        sex = "M" if rng.random() < np.clip((length_mm - 70) / 30, 0.2, 0.8) else "F"
        height_cm = float(np.clip(rng.normal(177 if sex == "M" else 164, 6), 150, 200))
    mass_index = float(np.clip(rng.normal(25, 3), 19, 34))
    return Patient(age, sex, round(height_cm), round(mass_index * (height_cm / 100) ** 2, 1))
