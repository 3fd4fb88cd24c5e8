"""The formulas of the table of measurements: pure functions of floats, each with its source.

Loops, stacks, both ventricles and biplane studies share them. A formula that returns a ratio takes its inputs in one
and the same unit, which need not be millilitres: without a scale they are in cubic pixels.
"""

from kinecor.core.volumes.stack_volumes import MM3_PER_ML, MYOCARDIUM_G_PER_ML


def as_read(value: float) -> float:
    """The input itself: what is measured where it is read, such as strain."""
    return value


def millilitres(volume_mm3: float) -> float:
    """Volume in ml."""
    return volume_mm3 / MM3_PER_ML


def stroke_volume(edv: float, esv: float) -> float:
    """EDV - ESV, in their unit (ASE/EACVI 2015, doi 10.1016/j.echo.2014.10.003)."""
    return edv - esv


def ejection_fraction_percent(edv: float, esv: float) -> float:
    """100 (EDV - ESV) / EDV, in percent (ASE/EACVI 2015)."""
    return 100 * (edv - esv) / edv


def cardiac_output_l_per_min(stroke_volume_ml: float, heart_rate_per_min: float) -> float:
    """Stroke volume times heart rate, in l/min."""
    return stroke_volume_ml * heart_rate_per_min / 1000


def myocardial_mass_g(wall_mm3: float) -> float:
    """Volume between epicardium and endocardium times the density of myocardium, in g (SCMR 2013 and 2020)."""
    return MYOCARDIUM_G_PER_ML * wall_mm3 / MM3_PER_ML


def per_body_surface(value: float, body_surface_m2: float) -> float:
    """Index by body surface area: the value per m2."""
    return value / body_surface_m2
