"""The table of measurements: code, name, unit, decimals, recordings, inputs, formula and source of every value.

Window, report, CSV, result.json with its JSON Schema, and a reader's overrides read this table, and how much a value
matters, too: rank, group and place in it stand here, and in no list of codes elsewhere. A new measurement is one entry
and one pure formula here. Formulas are functions of floats, each with its source; loops, stacks, both
ventricles and biplane studies share them. A formula that returns a ratio takes its inputs in one and the same unit,
which need not be millilitres: without a scale they are in cubic pixels.

A `Measurement` is a value with everything a reader needs to judge it. What machines read (result.json, CSV) uses "-",
the only minus sign they accept.
"""

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import lru_cache
from types import MappingProxyType
from typing import Final, Literal

from kinecor.core.table.technique import Technique
from kinecor.core.values.callipers import NAMED
from kinecor.core.values.choices import SEGMENTS
from kinecor.core.values.confidence import Trust
from kinecor.core.values.interval import Interval
from kinecor.core.values.message import NOTHING, Message, join_texts, joined_by, message, number, verbatim
from kinecor.core.values.track import Structure
from kinecor.core.volumes.stack_volumes import MM3_PER_ML, MYOCARDIUM_G_PER_ML


def as_read(value: float) -> float:
    """The input itself: what is measured where it is read, such as strain.

    Args:
        value: in any unit, which it keeps.

    """
    return value


def millilitres(volume_mm3: float) -> float:
    """Volume in ml.

    Args:
        volume_mm3: in mm3, not negative.

    """
    return volume_mm3 / MM3_PER_ML


def square_centimetres(area_mm2: float) -> float:
    """Area in cm2.

    Args:
        area_mm2: in mm2, not negative.

    """
    return area_mm2 / 100


def stroke_volume(edv: float, esv: float) -> float:
    """EDV - ESV, in their unit (ASE/EACVI 2015, doi 10.1016/j.echo.2014.10.003).

    Args:
        edv: end-diastolic volume.
        esv: end-systolic volume, in the same unit.

    """
    return edv - esv


def ejection_fraction_percent(edv: float, esv: float) -> float:
    """100 (EDV - ESV) / EDV, in percent (ASE/EACVI 2015).

    Args:
        edv: end-diastolic volume, over 0.
        esv: end-systolic volume, in the same unit.

    """
    return 100 * (edv - esv) / edv


def cardiac_output_l_per_min(stroke_volume_ml: float, heart_rate_per_min: float) -> float:
    """Stroke volume times heart rate, in l/min.

    Args:
        stroke_volume_ml: of the left or the right ventricle.
        heart_rate_per_min: in beats a minute.

    """
    return stroke_volume_ml * heart_rate_per_min / 1000


def myocardial_mass_g(wall_mm3: float) -> float:
    """Volume between epicardium and endocardium times the density of myocardium, in g (SCMR 2013 and 2020).

    Args:
        wall_mm3: in mm3, not negative.

    """
    return MYOCARDIUM_G_PER_ML * wall_mm3 / MM3_PER_ML


def per_body_surface(value: float, body_surface_m2: float) -> float:
    """Index by body surface area: the value per m2.

    Args:
        value: in any unit.
        body_surface_m2: over 0.

    """
    return value / body_surface_m2


def linear_mass_g(septum_mm: float, diameter_mm: float, posterior_mm: float) -> float:
    """LV mass by the cube formula, in g: 0.8 x 1.04 x ((IVS + LVID + PW)^3 - LVID^3) + 0.6, lengths in cm at ED.

    ASE/EACVI 2015, after Devereux et al. 1986 (doi 10.1016/0002-9149(86)90771-X).

    Args:
        septum_mm: thickness of the interventricular septum at ED.
        diameter_mm: inner diameter of the left ventricle at ED.
        posterior_mm: thickness of the posterior wall at ED.

    """
    outer_cm, inner_cm = (septum_mm + diameter_mm + posterior_mm) / 10, diameter_mm / 10
    return 0.8 * 1.04 * (outer_cm**3 - inner_cm**3) + 0.6


def relative_wall_thickness(posterior: float, diameter: float) -> float:
    """2 x posterior wall / LV diameter, both at ED in one unit (ASE/EACVI 2015).

    Args:
        posterior: thickness of the posterior wall.
        diameter: inner diameter of the left ventricle, over 0.

    """
    return 2 * posterior / diameter


def fractional_shortening_percent(diastolic: float, systolic: float) -> float:
    """100 x (LVIDd - LVIDs) / LVIDd, in percent (ASE/EACVI 2015).

    Args:
        diastolic: inner diameter of the left ventricle at ED, over 0.
        systolic: that at ES, in the same unit.

    """
    return 100 * (diastolic - systolic) / diastolic


def teichholz_ml(diameter_mm: float) -> float:
    """LV volume of a diameter, in ml: 7 / (2.4 + D) x D^3, D in cm.

    Teichholz et al. 1976, doi 10.1016/0002-9149(76)90491-4.

    Args:
        diameter_mm: inner diameter of the left ventricle.

    """
    diameter_cm = diameter_mm / 10
    return 7 / (2.4 + diameter_cm) * diameter_cm**3


def outflow_area_cm2(diameter_mm: float) -> float:
    """Area of the LV outflow tract as a circle, in cm2: pi/4 x d^2.

    Lewis et al. 1984, doi 10.1161/01.CIR.70.3.425.

    Args:
        diameter_mm: of the LV outflow tract.

    """
    return math.pi / 4 * (diameter_mm / 10) ** 2


def outflow_stroke_volume_ml(diameter_mm: float, integral_cm: float) -> float:
    """Stroke volume through the LV outflow tract, in ml: its area times the velocity time integral of the flow.

    Lewis et al. 1984, doi 10.1161/01.CIR.70.3.425.

    Args:
        diameter_mm: of the LV outflow tract.
        integral_cm: velocity time integral in it.

    """
    return outflow_area_cm2(diameter_mm) * integral_cm


def collapse_percent(largest: float, smallest: float) -> float:
    """100 x (largest - smallest) / largest diameter of the inferior vena cava, in percent (ASE/EACVI 2015).

    Args:
        largest: diameter, over 0.
        smallest: diameter, in the same unit.

    """
    return 100 * (largest - smallest) / largest


def ratio(numerator: float, denominator: float) -> float:
    """One value by another of the same unit.

    Args:
        numerator: in any unit.
        denominator: in the same unit, not 0.

    """
    return numerator / denominator


def metres_per_second(velocity_cm_per_s: float) -> float:
    """Velocity in m/s.

    Args:
        velocity_cm_per_s: in cm/s, of either sign.

    """
    return velocity_cm_per_s / 100


def pressure_gradient_mmhg(velocity_m_per_s: float) -> float:
    """Pressure gradient by the simplified Bernoulli equation, in mmHg: 4 v^2, v in m/s.

    Args:
        velocity_m_per_s: in m/s, of either sign.

    """
    return 4 * velocity_m_per_s**2


Listing = Literal["disks", "area", "stack", "study"]
"""Where a measurement is listed: recordings by `Kind.volumes`, or the study as a whole."""


_OF_SPECTRA: Final = ("mitral_e_", "mitral_a_", "mitral_dec", "annular_e_", "tricuspid_annular_s_", "tricuspid_jet_")


class Source(StrEnum):
    """Inputs that are read from a recording; the name ends in the unit. With several beats, the mean over beats.

    Volumes are in cubic pixels where there is no scale.
    """

    LV_ED = "lv_ed_mm3"
    LV_ES = "lv_es_mm3"
    LA_ES = "la_es_mm3"
    RV_ED = "rv_ed_mm3"
    RV_ES = "rv_es_mm3"
    WALL_ED = "wall_ed_mm3"
    WALL_ES = "wall_es_mm3"
    EJECTION = "peak_ejection_ml_per_s"
    FILLING = "peak_filling_ml_per_s"
    THICKEST = "thickest_segment_ed_mm"
    HEART_RATE = "heart_rate_per_min"
    BODY_SURFACE = "body_surface_m2"
    GLS = "longitudinal_es_percent"
    GLS_PEAK = "longitudinal_peak_systolic_percent"
    POST_SYSTOLIC = "post_systolic_index_percent"
    TIME_TO_PEAK = "time_to_peak_ms"
    DISPERSION = "mechanical_dispersion_ms"
    SYSTOLIC_RATE = "systolic_rate_per_s"
    EARLY_RATE = "early_diastolic_rate_per_s"
    SEGMENT_1 = "segment_1_percent"
    SEGMENT_2 = "segment_2_percent"
    SEGMENT_3 = "segment_3_percent"
    SEGMENT_4 = "segment_4_percent"
    SEGMENT_5 = "segment_5_percent"
    SEGMENT_6 = "segment_6_percent"
    RESERVOIR = "la_reservoir_percent"
    CONDUIT = "la_conduit_percent"
    PUMP = "la_pump_percent"
    RV_AREA_ED = "rv_area_ed_mm2"
    RV_AREA_ES = "rv_area_es_mm2"
    IVS_ED = "septum_ed_mm"
    LVID_ED = "lv_diameter_ed_mm"
    PW_ED = "posterior_wall_ed_mm"
    LVID_ES = "lv_diameter_es_mm"
    LA_DIAMETER = "la_diameter_mm"
    AORTIC_ROOT = "aortic_root_mm"
    OUTFLOW = "lv_outflow_mm"
    RV_BASAL = "rv_basal_diameter_mm"
    RV_MID = "rv_mid_diameter_mm"
    RV_LENGTH = "rv_length_mm"
    TRICUSPID = "tricuspid_annulus_mm"
    RVOT_PROXIMAL = "rv_outflow_proximal_mm"
    RVOT_DISTAL = "rv_outflow_distal_mm"
    VENA_CAVA_MAX = "vena_cava_max_mm"
    VENA_CAVA_MIN = "vena_cava_min_mm"
    MAPSE_SEPTAL = "mitral_annulus_excursion_septal_mm"
    MAPSE_LATERAL = "mitral_annulus_excursion_lateral_mm"
    OUTFLOW_INTEGRAL = "lv_outflow_vti_cm"
    MITRAL_E = "mitral_e_cm_per_s"
    MITRAL_A = "mitral_a_cm_per_s"
    DECELERATION = "mitral_deceleration_ms"
    ANNULAR_E_SEPTAL = "annular_e_septal_cm_per_s"
    ANNULAR_E_LATERAL = "annular_e_lateral_cm_per_s"
    ANNULAR_E = "annular_e_cm_per_s"
    ANNULAR_S_RIGHT = "tricuspid_annular_s_cm_per_s"
    TRICUSPID_JET = "tricuspid_jet_cm_per_s"
    MAPSE = "mitral_annulus_excursion_mm"
    TAPSE = "tricuspid_annulus_excursion_mm"
    GCS = "circumferential_es_percent"
    GRS = "radial_es_percent"

    @property
    def in_time(self) -> bool:
        """Whether it is a time or a rate that needs the time between frames, or the heart rate.

        What is read off a spectrum needs neither: its axis has a scale.
        """
        return self.endswith(("_s", "_ms", "_per_min")) and not self.startswith(_OF_SPECTRA)


class Rank(StrEnum):
    """How much a value matters where there is no room for all of them."""

    HEADLINE = "headline"
    """Sums up a recording in one line, and says in tables how far it is to be trusted."""
    MAIN = "main"
    """Sums up a chamber or a property: named before others where few values are, such as the effect of a remedy."""
    ROUTINE = "routine"
    """For routine use: a row of the panel, a column of tables."""
    EXPLORATORY = "exploratory"
    """Not endorsed for routine use (ASE/EACVI 2025): folded away, never accepted with the others, no column."""


class Group(StrEnum):
    """What a measurement is of, in the order in which values are named by importance.

    Edits of the strain choices reopen accepted strain only, those of callipers linear measurements only.
    """

    LEFT = "LV volumes and function"
    RATES = "rates and times"
    ANNULUS = "movement of the valve plane"
    LONGITUDINAL = "longitudinal strain"
    SHORT_AXIS = "short-axis strain"
    ATRIUM = "left atrial volume"
    WALL = "LV wall thickness"
    MASS = "LV mass"
    RIGHT = "right ventricle"
    RIGHT_APICAL = "right ventricle in an apical view"
    ATRIAL_STRAIN = "left atrial strain"
    LINEAR = "linear measurements"
    DOPPLER = "spectral Doppler"
    BODY = "body size"


class Grading(StrEnum):
    """How the reference range of a value is applied; which range that is, if any, stands in `core/norms`.

    A value with an index by body surface area is judged by the range of the index first.
    """

    OWN = "of the value"
    ALL_VIEWS = "of the mean over all apical views"
    """The range is of that mean: a value of fewer views says so."""


@dataclass(frozen=True, slots=True)
class Measure:
    """One kind of measurement.

    Attributes:
        code: short name, unique, e.g. "EF"; the "name" of result.json.
        name: what a reader calls it.
        unit: of its value; one of UNITS.
        decimals: shown to a reader and written to CSV.
        kinds: of recording (see Listing) that it is listed for, where these have all its inputs.
        inputs: members of `Source` or codes of other measures, in the order of the formula's arguments.
        formula: pure; floats in, a float in `unit` out. A ZeroDivisionError withholds the value.
        reference: guideline or paper that defines it.
        group: see Group.
        rank: see Rank.
        order: place, from 1, among the values of its group that are named by importance; 0 of all others, which follow
            in the order of the table.
        grading: see Grading.
        segment: whether it is of one segment of a view; its method then names the segment.
        short: what it is called in a narrow row; "" is the code.
        card: the line of a stack's card that it stands in, "EF"; the two ventricles share lines. "" is none.
        by_own_axis: whether the length in its unit is read off the axis of a spectrum, not by the image's scale.
        since: edition of the table that lists it first, from 1. A signature of an earlier edition does not cover it,
            see `conclusions.sign_status`.

    Raises:
        ValueError: a unit that is not in UNITS, an order below 0, or an edition below 1.

    """

    code: str
    name: Message
    unit: str
    decimals: int
    kinds: frozenset[Listing]
    inputs: tuple[str, ...]
    formula: Callable[..., float]
    reference: str
    group: Group
    rank: Rank = Rank.ROUTINE
    order: int = 0
    grading: Grading = Grading.OWN
    segment: bool = False
    short: str = ""
    card: str = ""
    by_own_axis: bool = False
    since: int = 1

    def __post_init__(self) -> None:
        if self.unit not in UNITS:
            raise ValueError(f"{self.code}: unknown unit {self.unit!r}, expected one of {', '.join(UNITS)}")
        if self.order < 0:
            raise ValueError(f"{self.code}: expected a place from 1, or 0 for none, got {self.order}")
        if self.since < 1:
            raise ValueError(f"{self.code}: editions are counted from 1, got {self.since}")

    @property
    def has_length(self) -> bool:
        """Whether its value needs a scale: a length is part of its unit."""
        return UNITS[self.unit].length and not self.by_own_axis

    @property
    def in_percent(self) -> bool:
        """Whether two of its values differ by points, not by a share."""
        return self.unit == "%"

    @property
    def exploratory(self) -> bool:
        """Whether it is not endorsed for routine use."""
        return self.rank is Rank.EXPLORATORY

    @property
    def is_read(self) -> bool:
        """Whether it is read from a recording, not computed from other measurements."""
        return all(input_name in set(Source) for input_name in self.inputs)

    @property
    def is_index(self) -> bool:
        """Whether it is a value by body surface area: part of the row of that value."""
        return BODY_SURFACE in self.inputs


@dataclass(frozen=True, slots=True)
class Unit:
    """How a unit is written, and whether its values need a scale.

    Attributes:
        shown: to a reader.
        column: at the end of a column's name in tables for programs, such as "ml_per_m2".
        length: whether a length is part of it, so that its values need millimetres per pixel.

    """

    shown: str
    column: str
    length: bool


UNITS: Final[Mapping[str, Unit]] = MappingProxyType(
    {
        "1": Unit("", "ratio", length=False),
        "%": Unit("%", "percent", length=False),
        "1/min": Unit("/min", "per_min", length=False),
        "1/s": Unit("/s", "per_s", length=False),
        "ms": Unit("ms", "ms", length=False),
        "s": Unit("s", "s", length=False),
        "m2": Unit("m²", "m2", length=False),  # of the body, not of the image
        "mm": Unit("mm", "mm", length=True),
        "cm": Unit("cm", "cm", length=True),
        "mm2": Unit("mm²", "mm2", length=True),
        "cm2": Unit("cm²", "cm2", length=True),
        "ml": Unit("ml", "ml", length=True),
        "g": Unit("g", "g", length=True),
        "g/ml": Unit("g/ml", "g_per_ml", length=True),
        # By the axis of a spectrum: the scale of the image beside it does not count.
        "cm/s": Unit("cm/s", "cm_per_s", length=False),
        "m/s": Unit("m/s", "m_per_s", length=False),
        "mmHg": Unit("mmHg", "mmhg", length=False),
        "mm/s": Unit("mm/s", "mm_per_s", length=True),
        "ml/s": Unit("ml/s", "ml_per_s", length=True),
        "l/min": Unit("l/min", "l_per_min", length=True),
        "mm/m2": Unit("mm/m²", "mm_per_m2", length=True),
        "ml/m2": Unit("ml/m²", "ml_per_m2", length=True),
        "g/m2": Unit("g/m²", "g_per_m2", length=True),
        "l/min/m2": Unit("l/min/m²", "l_per_min_per_m2", length=True),
    }
)
"""Units of measurements, as result.json writes them."""

BODY_SURFACE: Final = "BSA"
"""Indices by body surface area have it among their inputs, and are listed only where it is known."""

_LOOP: Final[frozenset[Listing]] = frozenset({"disks"})
_STACK: Final[frozenset[Listing]] = frozenset({"stack"})
_VENTRICLE: Final[frozenset[Listing]] = frozenset({"disks", "stack"})
_BIPLANE: Final[frozenset[Listing]] = frozenset({"disks", "stack", "study"})
_RECORDINGS: Final[frozenset[Listing]] = frozenset({"disks", "area", "stack"})
_SHORT_AXIS: Final[frozenset[Listing]] = frozenset({"area", "stack"})
_LONGITUDINAL: Final[frozenset[Listing]] = frozenset({"disks", "study"})

_CHAMBERS: Final = "ASE/EACVI 2015, doi 10.1016/j.echo.2014.10.003"
_CMR: Final = "SCMR 2020, doi 10.1186/s12968-020-00610-6"
_ATRIAL: Final = "Badano et al. 2018, doi 10.1093/ehjci/jey042"
_STRAIN: Final = "ASE/EACVI 2025, doi 10.1016/j.echo.2025.07.007"
_DIASTOLE: Final = "peak velocities and their ratio, by the reader's callipers on the Doppler tracing"
_OUTFLOW: Final = "Lewis et al. 1984, doi 10.1161/01.CIR.70.3.425"
_ANNULUS: Final = "Rangarajan et al. 2016, doi 10.1186/s12968-016-0257-y"


def _with_index(measure: Measure, name: Message, decimals: int) -> tuple[Measure, Measure]:
    """A measure, and its index by body surface area, where height and weight are known."""
    index = Measure(
        code=index_code(measure.code),
        name=name,
        unit=f"{measure.unit}/m2",
        decimals=decimals,
        kinds=measure.kinds,
        inputs=(measure.code, BODY_SURFACE),
        formula=per_body_surface,
        reference=measure.reference,
        group=measure.group,
    )
    return measure, index


def index_code(code: str) -> str:
    """The code of a measurement's index by body surface area.

    Args:
        code: of the value, e.g. "EDV".

    """
    return "CI" if code == "CO" else f"{code}I"


def _strain(
    code: str,
    name: Message,
    unit: str,
    decimals: int,
    source: Source,
    *,
    rank: Rank = Rank.EXPLORATORY,
    segment: bool = False,
) -> Measure:
    """Longitudinal strain of an apical loop."""
    return Measure(
        code=code,
        name=name,
        unit=unit,
        decimals=decimals,
        kinds=_LOOP,
        inputs=(source,),
        formula=as_read,
        reference=_STRAIN,
        group=Group.LONGITUDINAL,
        rank=rank,
        segment=segment,
    )


def _annular(code: str, name: Message, source: Source) -> Measure:
    """Movement of a valve's annulus on a long axis of cine MRI."""
    return Measure(code, name, "mm", 0, _LOOP, (source,), as_read, _ANNULUS, Group.ANNULUS)


def _atrial(code: str, name: Message, source: Source) -> Measure:
    """Strain of the left atrium in an apical loop."""
    return Measure(code, name, "%", 1, _LOOP, (source,), as_read, _ATRIAL, Group.ATRIAL_STRAIN, Rank.EXPLORATORY)


def _right(
    code: str, name: Message, unit: str, decimals: int, inputs: tuple[str, ...], formula: Callable[..., float]
) -> Measure:
    """What contours of the right ventricle in an apical four-chamber loop give."""
    return Measure(code, name, unit, decimals, _LOOP, inputs, formula, _CHAMBERS, Group.RIGHT_APICAL)


def _since(edition: int, *measures: Measure) -> tuple[Measure, ...]:
    """Measures that the table lists from this edition on."""
    return tuple(replace(measure, since=edition) for measure in measures)


def _linear(
    code: str, name: Message, unit: str, decimals: int, inputs: tuple[str, ...], formula: Callable[..., float] = as_read
) -> Measure:
    """A distance measured by calliper, or what follows from such distances."""
    return Measure(code, name, unit, decimals, _LOOP, inputs, formula, _CHAMBERS, Group.LINEAR)


def _doppler(
    code: str,
    name: Message,
    unit: str,
    decimals: int,
    inputs: tuple[str, ...],
    formula: Callable[..., float] = as_read,
    short: str = "",
    kinds: frozenset[Listing] = frozenset({"disks"}),
) -> Measure:
    """A velocity or time read off a spectrum, or what follows from them."""
    return Measure(code, name, unit, decimals, kinds, inputs, formula, _DIASTOLE, Group.DOPPLER, short=short)


def _left(
    code: str,
    name: Message,
    unit: str,
    decimals: int,
    inputs: tuple[str, ...],
    formula: Callable[..., float],
    rank: Rank,
    order: int,
    card: str = "",
) -> Measure:
    """What contours of the left ventricle give in apical views, over both of them, and in a stack."""
    return Measure(code, name, unit, decimals, _BIPLANE, inputs, formula, _CHAMBERS, Group.LEFT, rank, order, card=card)


def _of_stack(
    code: str,
    name: Message,
    unit: str,
    decimals: int,
    inputs: tuple[str, ...],
    formula: Callable[..., float],
    group: Group,
    rank: Rank = Rank.ROUTINE,
    order: int = 0,
    *,
    short: str = "",
    card: str = "",
) -> Measure:
    """What a short-axis stack alone gives."""
    return Measure(
        code, name, unit, decimals, _STACK, inputs, formula, _CMR, group, rank, order, short=short, card=card
    )


_volume, _ef = millilitres, ejection_fraction_percent

MEASURES: Final[tuple[Measure, ...]] = (
    *_with_index(
        _left("EDV", message("End-diastolic volume"), "ml", 0, (Source.LV_ED,), _volume, Rank.HEADLINE, 2, "ED"),
        message("End-diastolic volume index"),
        0,
    ),
    *_with_index(
        _left("ESV", message("End-systolic volume"), "ml", 0, (Source.LV_ES,), _volume, Rank.HEADLINE, 3, "ES"),
        message("End-systolic volume index"),
        0,
    ),
    *_with_index(
        _left("SV", message("Stroke volume"), "ml", 0, ("EDV", "ESV"), stroke_volume, Rank.ROUTINE, 4, "SV"),
        message("Stroke volume index"),
        0,
    ),
    _left("EF", message("Ejection fraction"), "%", 0, ("EDV", "ESV"), _ef, Rank.HEADLINE, 1, "EF"),
    *_with_index(
        _left("CO", message("Cardiac output"), "l/min", 1, ("SV", "HR"), cardiac_output_l_per_min, Rank.MAIN, 5),
        message("Cardiac index"),
        1,
    ),
    *_with_index(
        _of_stack(
            *("LVM", message("LV mass at ED"), "g", 0, (Source.WALL_ED,), myocardial_mass_g, Group.MASS, Rank.MAIN, 1),
            short="Mass",
            card="Mass",
        ),
        message("LV mass index at ED"),
        0,
    ),
    _of_stack(
        "LVMES", message("LV mass at ES"), "g", 0, (Source.WALL_ES,), myocardial_mass_g, Group.MASS, short="Mass ES"
    ),
    _of_stack("PER", message("Peak ejection rate"), "ml/s", 0, (Source.EJECTION,), as_read, Group.RATES),
    _of_stack("PFR", message("Peak filling rate"), "ml/s", 0, (Source.FILLING,), as_read, Group.RATES),
    _of_stack(
        "MWT", message("Thickest segment at ED"), "mm", 1, (Source.THICKEST,), as_read, Group.WALL, short="Thickest"
    ),
    Measure(
        code="GCS",
        name=message("Global circumferential strain"),
        unit="%",
        decimals=1,
        kinds=_SHORT_AXIS,
        inputs=(Source.GCS,),
        formula=as_read,
        reference=_STRAIN,
        group=Group.SHORT_AXIS,
        rank=Rank.MAIN,
        order=1,
    ),
    Measure(
        code="GRS",
        name=message("Global radial strain"),
        unit="%",
        decimals=1,
        kinds=_SHORT_AXIS,
        inputs=(Source.GRS,),
        formula=as_read,
        reference=_STRAIN,
        group=Group.SHORT_AXIS,
    ),
    Measure(
        code="HR",
        name=message("Heart rate"),
        unit="1/min",
        decimals=0,
        kinds=_RECORDINGS | {"study"},
        inputs=(Source.HEART_RATE,),
        formula=as_read,
        reference=_CHAMBERS,
        group=Group.RATES,
        rank=Rank.MAIN,
        order=1,
    ),
    Measure(
        *(BODY_SURFACE, message("Body surface area"), "m2", 2, _BIPLANE, (Source.BODY_SURFACE,), as_read, _CHAMBERS),
        group=Group.BODY,
    ),
    *_with_index(
        Measure(
            code="LAV",
            name=message("Left atrial volume at ES"),
            unit="ml",
            decimals=0,
            kinds=_LONGITUDINAL,
            inputs=(Source.LA_ES,),
            formula=millilitres,
            reference=_CHAMBERS,
            group=Group.ATRIUM,
            rank=Rank.MAIN,
            order=1,
        ),
        message("Left atrial volume index at ES"),
        0,
    ),
    *_with_index(
        _of_stack(
            *("RVEDV", message("RV end-diastolic volume"), "ml", 0, (Source.RV_ED,), _volume, Group.RIGHT),
            order=2,
            card="ED",
        ),
        message("RV end-diastolic volume index"),
        0,
    ),
    *_with_index(
        _of_stack(
            *("RVESV", message("RV end-systolic volume"), "ml", 0, (Source.RV_ES,), _volume, Group.RIGHT),
            order=3,
            card="ES",
        ),
        message("RV end-systolic volume index"),
        0,
    ),
    *_with_index(
        _of_stack(
            "RVSV", message("RV stroke volume"), "ml", 0, ("RVEDV", "RVESV"), stroke_volume, Group.RIGHT, card="SV"
        ),
        message("RV stroke volume index"),
        0,
    ),
    _of_stack(
        *("RVEF", message("RV ejection fraction"), "%", 0, ("RVEDV", "RVESV"), _ef, Group.RIGHT, Rank.MAIN, 1),
        card="EF",
    ),
    Measure(
        code="GLS",
        name=message("Global longitudinal strain"),
        unit="%",
        decimals=1,
        kinds=_LONGITUDINAL,
        inputs=(Source.GLS,),
        formula=as_read,
        reference=_STRAIN,
        group=Group.LONGITUDINAL,
        rank=Rank.HEADLINE,
        order=1,
        grading=Grading.ALL_VIEWS,
    ),
    _annular("MAPSE", message("Mitral annular plane systolic excursion"), Source.MAPSE),
    _annular("TAPSE", message("Tricuspid annular plane systolic excursion"), Source.TAPSE),
    _strain("GLSPS", message("Peak systolic strain"), "%", 1, Source.GLS_PEAK, rank=Rank.ROUTINE),
    _strain("PSI", message("Post-systolic index"), "%", 1, Source.POST_SYSTOLIC),
    _strain("TTP", message("Time to peak strain"), "ms", 0, Source.TIME_TO_PEAK),
    _strain("MD", message("Mechanical dispersion"), "ms", 0, Source.DISPERSION),
    _strain("GLSRS", message("Systolic strain rate"), "1/s", 2, Source.SYSTOLIC_RATE),
    _strain("GLSRE", message("Early diastolic strain rate"), "1/s", 2, Source.EARLY_RATE),
    *(
        _strain(
            f"LS{index}",
            message("Strain, segment {segment}", segment=index),
            "%",
            1,
            Source[f"SEGMENT_{index}"],
            segment=True,
        )
        for index in range(1, SEGMENTS + 1)
    ),
    _atrial("LASr", message("LA reservoir strain"), Source.RESERVOIR),
    _atrial("LAScd", message("LA conduit strain"), Source.CONDUIT),
    _atrial("LASct", message("LA pump strain"), Source.PUMP),
    _right("RVAd", message("RV area at ED"), "cm2", 1, (Source.RV_AREA_ED,), square_centimetres),
    _right("RVAs", message("RV area at ES"), "cm2", 1, (Source.RV_AREA_ES,), square_centimetres),
    _right("RVFAC", message("RV fractional area change"), "%", 0, ("RVAd", "RVAs"), ejection_fraction_percent),
    _linear("IVSd", NAMED["IVSd"].words, "mm", 0, (Source.IVS_ED,)),
    _linear("LVIDd", NAMED["LVIDd"].words, "mm", 0, (Source.LVID_ED,)),
    _linear("PWd", NAMED["PWd"].words, "mm", 0, (Source.PW_ED,)),
    _linear("LVIDs", NAMED["LVIDs"].words, "mm", 0, (Source.LVID_ES,)),
    _linear("LAD", NAMED["LAD"].words, "mm", 0, (Source.LA_DIAMETER,)),
    _linear("AoR", NAMED["AoR"].words, "mm", 0, (Source.AORTIC_ROOT,)),
    _linear("LVOT", NAMED["LVOT"].words, "mm", 0, (Source.OUTFLOW,)),
    _linear("LVML", message("LV mass, linear method"), "g", 0, ("IVSd", "LVIDd", "PWd"), linear_mass_g),
    _linear("LVMLI", message("LV mass index, linear method"), "g/m2", 0, ("LVML", BODY_SURFACE), per_body_surface),
    _linear("RWT", message("Relative wall thickness"), "1", 2, ("PWd", "LVIDd"), relative_wall_thickness),
    _linear("FS", message("Fractional shortening"), "%", 0, ("LVIDd", "LVIDs"), fractional_shortening_percent),
    *_since(
        2,
        _linear("EDVT", message("End-diastolic volume (Teichholz)"), "ml", 0, ("LVIDd",), teichholz_ml),
        _linear("ESVT", message("End-systolic volume (Teichholz)"), "ml", 0, ("LVIDs",), teichholz_ml),
        _linear("EFT", message("Ejection fraction (Teichholz)"), "%", 0, ("EDVT", "ESVT"), ejection_fraction_percent),
        _linear("RVD1", NAMED["RVD1"].words, "mm", 0, (Source.RV_BASAL,)),
        _linear("RVD2", NAMED["RVD2"].words, "mm", 0, (Source.RV_MID,)),
        _linear("RVD3", NAMED["RVD3"].words, "mm", 0, (Source.RV_LENGTH,)),
        _linear("TVd", NAMED["TVd"].words, "mm", 0, (Source.TRICUSPID,)),
        _linear("MAPSES", NAMED["MAPSE septal"].words, "mm", 0, (Source.MAPSE_SEPTAL,)),
        _linear("MAPSEL", NAMED["MAPSE lateral"].words, "mm", 0, (Source.MAPSE_LATERAL,)),
        _linear("RVOTP", NAMED["RVOT prox"].words, "mm", 0, (Source.RVOT_PROXIMAL,)),
        _linear("RVOTD", NAMED["RVOT dist"].words, "mm", 0, (Source.RVOT_DISTAL,)),
        _linear("IVCMAX", NAMED["IVC max"].words, "mm", 0, (Source.VENA_CAVA_MAX,)),
        _linear("IVCMIN", NAMED["IVC min"].words, "mm", 0, (Source.VENA_CAVA_MIN,)),
        _linear("IVCCI", message("Inferior vena cava, collapse"), "%", 0, ("IVCMAX", "IVCMIN"), collapse_percent),
        _doppler("E", NAMED["E"].words, "cm/s", 0, (Source.MITRAL_E,)),
        _doppler("A", NAMED["A"].words, "cm/s", 0, (Source.MITRAL_A,)),
        _doppler("EA", message("E/A ratio"), "1", 2, ("E", "A"), ratio, "E/A"),
        _doppler("DT", NAMED["DT"].words, "ms", 0, (Source.DECELERATION,)),
        _doppler("ESEP", NAMED["e' septal"].words, "cm/s", 1, (Source.ANNULAR_E_SEPTAL,), short="e' sept."),
        _doppler("ELAT", NAMED["e' lateral"].words, "cm/s", 1, (Source.ANNULAR_E_LATERAL,), short="e' lat."),
        _doppler(
            *("EE", message("E/e' ratio"), "1", 1, (Source.MITRAL_E, Source.ANNULAR_E), ratio, "E/e'"),
            kinds=_LONGITUDINAL,
        ),
        _doppler("SRV", NAMED["S'"].words, "cm/s", 1, (Source.ANNULAR_S_RIGHT,), short="S'"),
        _doppler("TRV", NAMED["TR Vmax"].words, "m/s", 2, (Source.TRICUSPID_JET,), metres_per_second, "TR Vmax"),
        _doppler(
            *("TRPG", message("Tricuspid regurgitation peak gradient"), "mmHg", 0, ("TRV",), pressure_gradient_mmhg),
            short="TR PG",
        ),
    ),
    *_since(
        3,
        Measure(
            code="LVOTVTI",
            name=NAMED["LVOT VTI"].words,
            unit="cm",
            decimals=1,
            kinds=_LOOP,
            inputs=(Source.OUTFLOW_INTEGRAL,),
            formula=as_read,
            reference=_OUTFLOW,
            group=Group.DOPPLER,
            short="LVOT VTI",
            by_own_axis=True,
        ),
        _linear("LVOTA", message("LV outflow tract area"), "cm2", 1, ("LVOT",), outflow_area_cm2),
        *_with_index(
            Measure(
                code="SVD",
                name=message("Stroke volume (LVOT Doppler)"),
                unit="ml",
                decimals=0,
                kinds=frozenset({"study"}),
                inputs=(Source.OUTFLOW, Source.OUTFLOW_INTEGRAL),
                formula=outflow_stroke_volume_ml,
                reference=_OUTFLOW,
                group=Group.DOPPLER,
                short="SV LVOT",
            ),
            message("Stroke volume index (LVOT Doppler)"),
            0,
        ),
    ),
)
"""In the order in which they are listed everywhere. LS1 to LS6 go from the left of the image over the apex."""

BY_CODE: Final[Mapping[str, Measure]] = MappingProxyType({measure.code: measure for measure in MEASURES})
EDITION: Final = max(measure.since for measure in MEASURES)
"""Of the table: raised by one with the first measure that a version adds."""


def codes_of(*groups: Group) -> tuple[str, ...]:
    """Codes of the measurements of these groups: group by group, in a group those with an order first.

    Args:
        groups: of the table; each group's codes come in the order of these.

    """
    return tuple(
        measure.code
        for group in groups
        for measure in sorted(_measures_of_group(group), key=lambda measure: measure.order or len(MEASURES))
    )


def _measures_of_group(group: Group) -> list[Measure]:
    return [measure for measure in MEASURES if measure.group is group]


BY_IMPORTANCE: Final = tuple(code for code in codes_of(*Group) if BY_CODE[code].order)
"""Codes of the values that are named by importance; others follow them in the order of the table."""
LEADING: Final = BY_IMPORTANCE[0]
"""Code of the value that a study is headed by."""
EJECTION_FRACTION: Final = "EF"
"""For checks that compute it of other contours."""
HEADLINES: Final = tuple(code for code in BY_IMPORTANCE if BY_CODE[code].rank is Rank.HEADLINE)
MAIN: Final = tuple(code for code in BY_IMPORTANCE if BY_CODE[code].rank in (Rank.HEADLINE, Rank.MAIN))
"""Codes of headline and of main values."""

STRAIN_CODES: Final = frozenset(codes_of(Group.LONGITUDINAL))
SHORT_AXIS_CODES: Final = frozenset(codes_of(Group.SHORT_AXIS))
ATRIAL_CODES: Final = frozenset(codes_of(Group.ATRIAL_STRAIN))
LINEAR_CODES: Final = frozenset(codes_of(Group.LINEAR))
DOPPLER_CODES: Final = frozenset(codes_of(Group.DOPPLER))
FUNCTION_CODES: Final = frozenset(
    codes_of(Group.LEFT, Group.RATES, Group.ATRIUM, Group.ANNULUS, Group.WALL, Group.MASS, Group.RIGHT, Group.BODY)
)
"""Volumes, mass, and what follows from them; neither strain nor areas and distances of an echo."""
EXPLORATORY: Final = frozenset(measure.code for measure in MEASURES if measure.exploratory)
SCALED_CODES: Final = frozenset(measure.code for measure in MEASURES if measure.has_length)
SEGMENTAL: Final = frozenset(measure.code for measure in MEASURES if measure.segment)
INDICES: Final = frozenset(measure.code for measure in MEASURES if measure.is_index)
NOT_ROUTINE: Final = message("exploratory: not endorsed for routine use (ASE/EACVI 2025)")


@lru_cache(maxsize=len(MEASURES))
def read_from(code: str) -> frozenset[str]:
    """The inputs (members of `Source`) that a measurement is computed from in the end.

    Args:
        code: in the table.

    """
    return frozenset().union(
        *(read_from(input_name) if input_name in BY_CODE else {input_name} for input_name in BY_CODE[code].inputs)
    )


def name_of(code: str) -> Message:
    """What a reader calls a measurement; the code itself where it is not in the table (an old file's).

    Args:
        code: in the table or not.

    """
    return BY_CODE[code].name if code in BY_CODE else verbatim(code)


def decimals_of(code: str, unit: str) -> int:
    """Decimals a value is shown with: of its code, else of the first measurement in that unit, else 1.

    Args:
        code: in the table or not.
        unit: that it is shown in; "" for its own.

    """
    if code in BY_CODE and unit in (BY_CODE[code].unit, ""):
        return BY_CODE[code].decimals
    # Ratios have nothing in common but that they have no unit.
    return 1 if unit == "1" else next((measure.decimals for measure in MEASURES if measure.unit == unit), 1)


def rounded_difference(now: float, then: float, decimals: int) -> float:
    """`now` less `then`, each rounded as it is shown, so that what a reader is shown adds up.

    Args:
        now: value in any unit.
        then: value in the same unit.
        decimals: that both are shown with.

    """
    return round(round(now, decimals) - round(then, decimals), decimals)


def unit_name(unit: str) -> str:
    """The unit as a reader is shown it; empty for a value without dimension.

    Args:
        unit: as in the table, e.g. "ml/m2" or "1".

    """
    return UNITS[unit].shown if unit in UNITS else unit


MINUS: Final = "\N{MINUS SIGN}"
RANGE: Final = "\N{EN DASH}"
_SIGN = re.compile(r"(?<![\w.)-])-(?=\d)")


def format_fixed(value: float, decimals: int) -> str:
    """With fixed decimals and "-", for programs.

    Args:
        value: finite.
        decimals: from 0.

    """
    text = f"{value:.{decimals}f}"
    return text.removeprefix("-") if not float(text) else text


def format_signed(value: float, decimals: int = 1) -> Message:
    """With fixed decimals and a true minus sign.

    Args:
        value: finite.
        decimals: from 0.

    """
    size = number(abs(value), f".{decimals}f")
    return join_texts(MINUS, size) if format_fixed(value, decimals).startswith("-") else size


def with_unit(value: float, unit: str, decimals: int = 1) -> Message:
    """The same with its unit.

    Args:
        value: finite.
        unit: as a reader is shown it.
        decimals: from 0.

    """
    return join_texts(format_signed(value, decimals), " ", unit)


@lru_cache(maxsize=1024)  # the same methods and notes again and again, with every move of the mouse
def typeset(text: str) -> str:
    """Text with true minus signs before its numbers; hyphens and ranges stay.

    Args:
        text: already in the reader's language.

    """
    return _SIGN.sub(MINUS, text)


class Status(StrEnum):
    """Where a measurement stands with its reader."""

    AUTO = "auto"
    ACCEPTED = "accepted"
    EDITED = "edited"
    WITHHELD = "withheld"


@dataclass(frozen=True, slots=True)
class Quantity:
    """A finite value and its unit, one of `measures.UNITS`."""

    value: float
    unit: str

    def __post_init__(self) -> None:
        if not math.isfinite(self.value):
            raise ValueError(f"a quantity is finite, got {self.value} {self.unit}")


def digits(quantity: Quantity, code: str = "") -> Message:
    """The value as a reader is shown it, without its unit.

    Args:
        quantity: value and unit.
        code: of the measurement, which says how many decimals; "" where the unit does.

    """
    return format_signed(quantity.value, decimals_of(code, quantity.unit))


def plain_digits(quantity: Quantity, code: str = "") -> str:
    """The same for programs: with "-" for a minus sign.

    Args:
        quantity: value and unit.
        code: see `digits`.

    """
    return format_fixed(quantity.value, decimals_of(code, quantity.unit))


def format_quantity(quantity: Quantity, code: str = "") -> Message:
    """The value as a reader is shown it, with its unit.

    Args:
        quantity: value and unit.
        code: see `digits`.

    """
    return joined_by(" ", (digits(quantity, code), unit_name(quantity.unit)))


@dataclass(frozen=True, slots=True)
class Measurement:
    """One row of the table, one NUM item of a structured report, one entry of result.json.

    Attributes:
        code: short name, e.g. "EDV", "EF"; see `measures.MEASURES`.
        quantity: value and unit, or None where it is withheld: then `status` is WITHHELD and `note` says why.
        unit: the unit it has or would have.
        method: how it is computed, e.g. "method of disks (single plane, A4C)".
        frames: the frames (0-based) it rests on.
        structures: the contours it rests on.
        by: models ("name@version") and persons its contours and marks come from.
        confidence: 0..1, or None where there is none, such as of a value entered by a person.
        status: see Status.
        note: a remark for the reader, or why the value is withheld; None without one.
        trust: what may be done with the value; WITHHELD exactly where there is none.
        entered: codes of the values that a reader entered and that it is, or is computed from.
        interval: where it lies with a probability of 95 % (see `intervals`); None where that is not known.
        technique: the method as data, for what decides by it; None where nothing does.

    """

    code: str
    quantity: Quantity | None
    unit: str
    method: Message
    frames: tuple[int, ...]
    structures: tuple[Structure, ...]
    by: tuple[str, ...]
    confidence: float | None
    status: Status
    note: Message | None = None
    trust: Trust = Trust.OK
    interval: Interval | None = None
    entered: tuple[str, ...] = ()
    technique: Technique | None = None

    def __post_init__(self) -> None:
        if (self.quantity is None) != (self.status is Status.WITHHELD):
            raise ValueError(f"{self.code}: withheld exactly where there is no value")
        if self.quantity is None and not self.note:
            raise ValueError(f"{self.code}: a withheld value must say why")
        if self.quantity is not None and self.quantity.unit != self.unit:
            raise ValueError(f"{self.code}: unit {self.quantity.unit} where {self.unit} was expected")
        if self.confidence is not None and not 0 <= self.confidence <= 1:
            raise ValueError(f"{self.code}: confidence must lie in 0..1, got {self.confidence}")
        if self.quantity is None:
            object.__setattr__(self, "trust", Trust.WITHHELD)
            object.__setattr__(self, "interval", None)
        elif self.trust is Trust.WITHHELD:
            raise ValueError(f"{self.code}: a value that is not trusted at all must be withheld")


def interval_limits(measurement: Measurement) -> tuple[Message, Message]:
    """The ends of the interval of 95 % as a reader is shown them.

    Args:
        measurement: a row with an interval.

    Raises:
        ValueError: the value has no interval.

    """
    if measurement.interval is None:
        raise ValueError(f"{measurement.code}: expected a value with an interval")
    decimals = decimals_of(measurement.code, measurement.unit)
    return format_signed(measurement.interval.low, decimals), format_signed(measurement.interval.high, decimals)


def within_words(one: Measurement) -> Message:
    """A value's code with its interval of 95 %, as in "EF 40 to 61 %".

    Args:
        one: a row with an interval.

    Raises:
        ValueError: the value has no interval.

    """
    low, high = interval_limits(one)
    return message(
        "{code} {low} to {high} {unit}", code=verbatim(one.code), low=low, high=high, unit=verbatim(unit_name(one.unit))
    )


def interval_words(measurement: Measurement) -> Message:
    """The interval of 95 % as a reader is shown it: "± 6", or "52–66" where it is not even; empty without one.

    Args:
        measurement: a row with or without an interval.

    """
    if measurement.interval is None or measurement.quantity is None:
        return NOTHING
    decimals = decimals_of(measurement.code, measurement.unit)
    value, interval = measurement.quantity.value, measurement.interval
    below, above = (round(each, decimals) for each in (value - interval.low, interval.high - value))
    if below == above:
        return join_texts("± ", format_signed(interval.half_width, decimals))
    return joined_by(RANGE, interval_limits(measurement))
