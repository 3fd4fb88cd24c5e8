"""Codes and names of what is measured of strain."""

from typing import Final

STRAIN_NAMES: Final = {
    "GLS": "Global longitudinal strain",
    "GLSPS": "Peak systolic strain",
    "PSI": "Post-systolic index",
    "TTP": "Time to peak strain",
    "GLSRS": "Systolic strain rate",
    "GLSRE": "Early diastolic strain rate",
    "LS1": "Strain, segment 1",
    "LS2": "Strain, segment 2",
    "LS3": "Strain, segment 3",
    "LS4": "Strain, segment 4",
    "LS5": "Strain, segment 5",
    "LS6": "Strain, segment 6",
    "MD": "Mechanical dispersion",
}
"""What a reader calls each, by code; LS1 to LS6 go from the left of the picture over the apex to the right."""
STRAIN_CODES: Final = frozenset(STRAIN_NAMES)
SHORT_AXIS_NAMES: Final = {"GCS": "Global circumferential strain", "GRS": "Global radial strain"}
"""The same of a short-axis stack."""
SEGMENTAL: Final = frozenset(f"LS{number}" for number in range(1, 7))
"""Of the segments of a view; the method of such a row names the segment."""
EXPLORATORY: Final = frozenset(("PSI", "TTP", "GLSRS", "GLSRE", "MD", *SEGMENTAL))
"""Not for routine use (ASE/EACVI 2025, doi 10.1016/j.echo.2025.07.007)."""
NOT_ROUTINE: Final = "exploratory: not endorsed for routine use (ASE/EACVI 2025)"
