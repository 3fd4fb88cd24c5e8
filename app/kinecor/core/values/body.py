"""Body surface area, by which volumes and mass are indexed."""

import math
from dataclasses import dataclass
from enum import StrEnum


class BsaFormula(StrEnum):
    """How body surface area is worked out from height and weight."""

    MOSTELLER = "Mosteller"
    DU_BOIS = "Du Bois"


# Outside these a height or weight is a slip of the pen (metres for centimetres, pounds of a child, ...).
HEIGHT_CM, WEIGHT_KG = (30.0, 260.0), (1.0, 400.0)


@dataclass(frozen=True, slots=True)
class Body:
    """Of whom the numbers are, as far as it is known.

    Attributes:
        height_cm, weight_kg: or None where nobody told.
        sex: "F", "M", "O" or "" where nobody told.
        formula: see BsaFormula.

    Raises:
        ValueError: a height or weight that no person has.

    """

    height_cm: float | None = None
    weight_kg: float | None = None
    sex: str = ""
    formula: BsaFormula = BsaFormula.MOSTELLER

    def __post_init__(self) -> None:
        for name, value, (low, high) in (
            ("height", self.height_cm, HEIGHT_CM),
            ("weight", self.weight_kg, WEIGHT_KG),
        ):
            if value is not None and not (math.isfinite(value) and low <= value <= high):
                raise ValueError(
                    f"{name}: expected {low:g} to {high:g} {'cm' if name == 'height' else 'kg'}, got {value}"
                )

    @property
    def bsa_m2(self) -> float | None:
        """Body surface area in m2, or None where height or weight is not known."""
        if self.height_cm is None or self.weight_kg is None:
            return None
        return bsa_m2(self.height_cm, self.weight_kg, self.formula)


def bsa_m2(height_cm: float, weight_kg: float, formula: BsaFormula = BsaFormula.MOSTELLER) -> float:
    """Body surface area in m2.

    Mosteller (N Engl J Med 1987;317:1098): sqrt(height * weight / 3600). Du Bois and Du Bois (Arch Intern Med
    1916;17:863): 0.007184 * weight ** 0.425 * height ** 0.725.
    """
    if formula is BsaFormula.MOSTELLER:
        return math.sqrt(height_cm * weight_kg / 3600)
    return float(0.007184 * weight_kg**0.425 * height_cm**0.725)
