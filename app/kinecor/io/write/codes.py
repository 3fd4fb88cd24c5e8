"""Codes of structured reports: what the standard calls our measurements, views, units and parts of the heart.

Codes of DICOM (DCM), LOINC (LN) and SNOMED CT (SCT) are those of PS3.16; a test compares each with the copy of PS3.16
in pydicom. What has no code there has one of our own scheme, whose value is the code of the measurement in result.json.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final, NamedTuple

from pydicom.dataset import Dataset

from kinecor.core.table.measures import name_of
from kinecor.core.values.track import Structure
from kinecor.io.write.derived import PRIVATE_SCHEME

_SHORTEST, _LONGEST = 16, 64


class Code(NamedTuple):
    """A concept: value, coding scheme and meaning."""

    value: str
    scheme: str
    meaning: str

    @property
    def item(self) -> Dataset:
        """As an item of a code sequence."""
        made = Dataset()
        made.CodeValue, made.CodingSchemeDesignator, made.CodeMeaning = self
        return made


def own(value: str, meaning: str) -> Code:
    """A code of our own, for what the standard has none.

    Args:
        value: of the code, cut off at what DICOM allows.
        meaning: in words, likewise.

    """
    return Code(value[:_SHORTEST], PRIVATE_SCHEME, meaning[:_LONGEST])


def _sct(value: str, meaning: str) -> Code:
    return Code(value, "SCT", meaning)


def _ln(value: str, meaning: str) -> Code:
    return Code(value, "LN", meaning)


def _dcm(value: str, meaning: str) -> Code:
    return Code(value, "DCM", meaning)


UNITS: Final[Mapping[str, Code]] = MappingProxyType(
    {
        "1": Code("1", "UCUM", "no units"),
        "1/min": Code("/min", "UCUM", "/min"),
        "1/s": Code("/s", "UCUM", "/s"),
        **{unit: Code(unit, "UCUM", unit) for unit in ("%", "ms", "s", "m2", "mm", "cm", "mm2", "cm2", "ml", "g")},
        **{name: Code(name, "UCUM", name) for name in ("g/ml", "mm/s", "ml/s", "l/min", "mm/m2", "ml/m2", "g/m2")},
        "l/min/m2": Code("l/min/m2", "UCUM", "l/min/m2"),
        **{name: Code(name, "UCUM", name) for name in ("cm/s", "m/s")},
        "mmHg": Code("mm[Hg]", "UCUM", "mmHg"),
    }
)
"""UCUM codes of our units (`measures.UNITS`)."""

LEFT_VENTRICLE: Final = _sct("87878005", "Left ventricle")
RIGHT_VENTRICLE: Final = _sct("53085002", "Right ventricle")
LEFT_ATRIUM: Final = _sct("82471001", "Left atrium")
MYOCARDIUM: Final = _sct("49848007", "Left Ventricle Myocardium")
HEART: Final = _sct("80891009", "Heart")

SITES: Final[Mapping[Structure, Code]] = MappingProxyType(
    {
        Structure.LV_ENDO: LEFT_VENTRICLE,
        Structure.LV_EPI: MYOCARDIUM,
        Structure.LA: LEFT_ATRIUM,
        Structure.RV: RIGHT_VENTRICLE,
    }
)
"""What each outline encloses."""

VIEWS: Final[Mapping[str, Code]] = MappingProxyType(
    {
        "A4C": _sct("399214001", "Apical four chamber"),
        "A2C": _sct("399232001", "Apical two chamber"),
        "A3C": _sct("399339008", "Apical long axis"),
        "PLAX": _sct("399139001", "Parasternal long axis"),
        "PSAX": _sct("399306005", "Parasternal short axis"),
        "PSAX base": _sct("399036006", "Parasternal short axis at the Mitral Valve level"),
        "PSAX mid": _sct("399271003", "Parasternal short axis at the Papillary Muscle level"),
        "PSAX apex": _sct("399306005", "Parasternal short axis"),
    }
)
"""CID 12226; a view that is not listed has no code."""

BY_DISKS: Final = _dcm("125208", "Method of Disks, Single Plane")
BIPLANE: Final = _dcm("125207", "Method of Disks, Biplane")
OF_SLICES: Final = own("SLICES", "Summation of short-axis slices")
ENDOCARDIAL: Final = _dcm("130683", "Endocardial Method")
MID_WALL: Final = _dcm("130685", "Myocardial Midlayer Method")
EPICARDIAL: Final = _dcm("130684", "Epicardial Method")

END_DIASTOLE: Final = _sct("416190007", "End diastole")
END_SYSTOLE: Final = _sct("416430001", "End Systole")
SYSTOLE: Final = _sct("111973004", "Systole")
DIASTOLE: Final = _sct("90892000", "Diastole")

DIRECT: Final = _dcm("125316", "Directly measured")
CALCULATED: Final = _dcm("125315", "Calculated")
FRACTIONAL: Final = _dcm("125314", "Fractional Change")
INDEXED: Final = _dcm("125313", "Indexed")
BY_HAND: Final = _dcm("113857", "Manual Entry")

STRUCTURE_OF_SITE: Final = _dcm("125311", "Structure of the Finding Site")
BEHAVIOUR_OF_SITE: Final = _dcm("125312", "Behavior of the Finding Site")
HEMODYNAMIC: Final = _sct("44324008", "Hemodynamic Measurements")

USER_CHOSEN: Final = _dcm("121410", "User chosen value")
BSA: Final = _ln("8277-6", "BSA")

_VOLUME, _STROKE = _sct("118565006", "Volume"), _sct("90096001", "Stroke Volume")
_FRACTION, _MASS = _sct("70822001", "Cardiac ejection fraction"), _sct("118538004", "Mass")
_OUTPUT, _INDEX = _sct("82799009", "Cardiac Output"), _sct("54993008", "Cardiac Index")
_RATE = _ln("8867-4", "Heart rate")
_STRAIN, _STRAIN_RATE = (
    _dcm("130670", "Longitudinal Lagrangian Strain"),
    _dcm("130674", "Longitudinal Lagrangian Strain Rate"),
)
_CIRCUMFERENTIAL = _dcm("130677", "Circumferential Lagrangian Strain")
_RADIAL = _dcm("130675", "Radial Lagrangian Strain")
_THICKNESS, _DIMENSION = _ln("59089-3", "Thickness"), _ln("59090-1", "Internal Dimension")
_LENGTH, _EXCURSION = _sct("410668003", "Length"), _dcm("125327", "Excursion Distance")
_AREA: Final = _sct("42798000", "Area")
_OUTFLOW: Final = _sct("13418002", "Left ventricle outflow tract")
_VENA_CAVA: Final = _sct("64131007", "Inferior vena cava")
_BY_UNIT: Final = {
    "ml": _VOLUME,
    "ml/m2": _VOLUME,
    "g": _MASS,
    "g/m2": _MASS,
    "mm": _sct("410668003", "Length"),
    "cm": _sct("410668003", "Length"),
    "mm/m2": _sct("410668003", "Length"),
    "mm2": _AREA,
    "cm2": _AREA,
    "ms": _sct("385673002", "Interval"),
    "s": _sct("385673002", "Interval"),
}
ANY_VIEW: Final = "*"


@dataclass(frozen=True, slots=True)
class Concept:
    """What a measurement is, in codes.

    Attributes:
        measured: the property that is measured (CID 12304).
        site: where (CID 12305).
        kind: how the number came about (CID 12303).
        observed: whether the structure, the behaviour or the haemodynamics of the site (CID 12302).
        point: of the cardiac cycle, or None.
        echo: codes that say all of it (CID 12300), by view; "" is the study as a whole (biplane, mean of views),
            `ANY_VIEW` all views.
        mr: the code of a cine MRI measurement, or None: then `measured` with the site, or one of our own.

    """

    measured: Code
    site: Code = LEFT_VENTRICLE
    kind: Code = CALCULATED
    observed: Code = STRUCTURE_OF_SITE
    point: Code | None = None
    echo: Mapping[str, Code] = field(default_factory=dict)
    mr: Code | None = None


def _by_view(four: tuple[str, str], two: tuple[str, str], whole: tuple[str, str] | None = None) -> dict[str, Code]:
    found = {"A4C": _ln(*four), "A2C": _ln(*two)}
    return found | ({"": _ln(*whole)} if whole else {})


def _right_size(value: str, meaning: str) -> Concept:
    """A diameter of the right ventricle at ED by its LOINC code."""
    code = _ln(value, meaning)
    return Concept(_DIMENSION, site=RIGHT_VENTRICLE, kind=DIRECT, point=END_DIASTOLE, echo={ANY_VIEW: code})


def _flow(value: str, meaning: str, kind: Code = DIRECT) -> Concept:
    """What a spectrum shows, by its LOINC code."""
    code = _ln(value, meaning)
    return Concept(code, site=HEART, kind=kind, observed=HEMODYNAMIC, echo={ANY_VIEW: code})


CONCEPTS: Final[Mapping[str, Concept]] = MappingProxyType(
    {
        "EDV": Concept(
            _VOLUME,
            point=END_DIASTOLE,
            echo=_by_view(
                ("79999-9", "Left ventricular end diastolic volume single plane 4C (MOD)"),
                ("79998-1", "Left ventricular end diastolic volume single plane 2C (MOD)"),
                ("79996-5", "Left ventricular end diastolic volume biplane (MOD)"),
            ),
            mr=_ln("8821-1", "Left Ventricular ED Volume"),
        ),
        "ESV": Concept(
            _VOLUME,
            point=END_SYSTOLE,
            echo=_by_view(
                ("80004-5", "Left ventricular end systolic volume single plane 4C (MOD)"),
                ("80003-7", "Left ventricular end systolic volume single plane 2C (MOD)"),
                ("80001-1", "Left ventricular end systolic volume biplane (MOD)"),
            ),
            mr=_ln("8823-7", "Left Ventricular ES Volume"),
        ),
        "EF": Concept(
            _FRACTION,
            kind=FRACTIONAL,
            observed=BEHAVIOUR_OF_SITE,
            echo=_by_view(
                ("79993-2", "Left ventricular ejection fraction single plane 4C (MOD)"),
                ("79992-4", "Left ventricular ejection fraction single plane 2C (MOD)"),
                ("79991-6", "Left ventricular ejection fraction biplane (MOD)"),
            ),
            mr=_ln("8811-2", "Left ventricular ejection fraction by MR"),
        ),
        "EDVI": Concept(
            _VOLUME,
            kind=INDEXED,
            point=END_DIASTOLE,
            echo={"": _ln("79997-3", "Left ventricular end diastolic volume biplane (MOD) / BSA")},
        ),
        "ESVI": Concept(
            _VOLUME,
            kind=INDEXED,
            point=END_SYSTOLE,
            echo={"": _ln("80002-9", "Left ventricular end systolic volume biplane (MOD) / BSA")},
        ),
        "SV": Concept(_STROKE, observed=HEMODYNAMIC, mr=_STROKE),
        "SVI": Concept(_STROKE, kind=INDEXED, observed=HEMODYNAMIC),
        "CO": Concept(_OUTPUT, observed=HEMODYNAMIC, mr=_OUTPUT),
        "CI": Concept(_INDEX, kind=INDEXED, observed=HEMODYNAMIC, mr=_INDEX),
        "HR": Concept(_RATE, site=HEART, kind=DIRECT, observed=HEMODYNAMIC, mr=_RATE),
        "BSA": Concept(BSA, site=HEART, mr=BSA),
        "LVM": Concept(_MASS, site=MYOCARDIUM, point=END_DIASTOLE, mr=_ln("18087-7", "Left Ventricle Mass")),
        "LVMI": Concept(_MASS, site=MYOCARDIUM, kind=INDEXED, point=END_DIASTOLE),
        "LVMES": Concept(_MASS, site=MYOCARDIUM, point=END_SYSTOLE),
        "PER": Concept(
            _dcm("122616", "Peak Ejection Rate"), observed=HEMODYNAMIC, mr=_dcm("122616", "Peak Ejection Rate")
        ),
        "PFR": Concept(
            _dcm("122618", "Peak Filling Rate"), observed=HEMODYNAMIC, mr=_dcm("122618", "Peak Filling Rate")
        ),
        "MWT": Concept(_THICKNESS, site=MYOCARDIUM, kind=DIRECT, point=END_DIASTOLE),
        "LAV": Concept(
            _VOLUME,
            site=LEFT_ATRIUM,
            point=END_SYSTOLE,
            echo=_by_view(
                ("79986-6", "Left atrial end systolic volume single plane 4C (MOD)"),
                ("79985-8", "Left atrial end systolic volume single plane 2C (MOD)"),
                ("79983-3", "Left atrial end systolic volume biplane (MOD)"),
            ),
        ),
        "LAVI": Concept(
            _VOLUME,
            site=LEFT_ATRIUM,
            kind=INDEXED,
            point=END_SYSTOLE,
            echo={"": _ln("79984-1", "Left atrial end systolic volume biplane (MOD) / BSA")},
        ),
        "RVEDV": Concept(
            _VOLUME, site=RIGHT_VENTRICLE, point=END_DIASTOLE, mr=_ln("8822-9", "Right Ventricular ED Volume")
        ),
        "RVESV": Concept(
            _VOLUME, site=RIGHT_VENTRICLE, point=END_SYSTOLE, mr=_ln("8824-5", "Right Ventricular ES Volume")
        ),
        "RVEDVI": Concept(_VOLUME, site=RIGHT_VENTRICLE, kind=INDEXED, point=END_DIASTOLE),
        "RVESVI": Concept(_VOLUME, site=RIGHT_VENTRICLE, kind=INDEXED, point=END_SYSTOLE),
        "RVSV": Concept(_STROKE, site=RIGHT_VENTRICLE, observed=HEMODYNAMIC, mr=_STROKE),
        "RVSVI": Concept(_STROKE, site=RIGHT_VENTRICLE, kind=INDEXED, observed=HEMODYNAMIC),
        "RVEF": Concept(
            _FRACTION,
            site=RIGHT_VENTRICLE,
            kind=FRACTIONAL,
            observed=BEHAVIOUR_OF_SITE,
            mr=_ln("8818-7", "Right ventricular ejection fraction by MR"),
        ),
        "GLS": Concept(_STRAIN, site=MYOCARDIUM, observed=BEHAVIOUR_OF_SITE, point=END_SYSTOLE, mr=_STRAIN),
        "GLSPS": Concept(
            _dcm("130671", "Peak Longitudinal Lagrangian Strain"),
            site=MYOCARDIUM,
            observed=BEHAVIOUR_OF_SITE,
            point=SYSTOLE,
        ),
        "PSI": Concept(
            own("PSI", "Post-systolic index"),
            site=MYOCARDIUM,
            kind=_sct("118586006", "Ratio"),
            observed=BEHAVIOUR_OF_SITE,
        ),
        "TTP": Concept(
            _dcm("130672", "Time to Peak Longitudinal Lagrangian Strain"), site=MYOCARDIUM, observed=BEHAVIOUR_OF_SITE
        ),
        "MD": Concept(_dcm("130673", "Mechanical Dispersion"), site=MYOCARDIUM, observed=BEHAVIOUR_OF_SITE),
        "GLSRS": Concept(_STRAIN_RATE, site=MYOCARDIUM, observed=BEHAVIOUR_OF_SITE, point=SYSTOLE),
        "GLSRE": Concept(_STRAIN_RATE, site=MYOCARDIUM, observed=BEHAVIOUR_OF_SITE, point=DIASTOLE),
        "GCS": Concept(
            _CIRCUMFERENTIAL, site=MYOCARDIUM, observed=BEHAVIOUR_OF_SITE, point=END_SYSTOLE, mr=_CIRCUMFERENTIAL
        ),
        "IVSd": Concept(
            _THICKNESS,
            site=_sct("589001", "Interventricular septum"),
            kind=DIRECT,
            point=END_DIASTOLE,
            echo={ANY_VIEW: _ln("79969-2", "Interventricular septum diastolic dimension 2D")},
        ),
        "LVIDd": Concept(
            _DIMENSION,
            kind=DIRECT,
            point=END_DIASTOLE,
            echo={ANY_VIEW: _ln("80007-8", "Left ventricular internal diastolic dimension - 2D")},
        ),
        "PWd": Concept(
            _THICKNESS,
            site=MYOCARDIUM,
            kind=DIRECT,
            point=END_DIASTOLE,
            echo={ANY_VIEW: _ln("80032-6", "Left ventricular posterior wall diastolic thickness")},
        ),
        "LVIDs": Concept(
            _DIMENSION,
            kind=DIRECT,
            point=END_SYSTOLE,
            echo={ANY_VIEW: _ln("80011-0", "Left ventricular internal systolic dimension - 2D")},
        ),
        "LAD": Concept(
            _DIMENSION,
            site=LEFT_ATRIUM,
            kind=DIRECT,
            point=END_SYSTOLE,
            echo={ANY_VIEW: _ln("79975-9", "Left atrial end systolic diameter (AP) 2D")},
        ),
        "AoR": Concept(
            _DIMENSION,
            site=_sct("8128003", "Aortic Root"),
            kind=DIRECT,
            echo={ANY_VIEW: _ln("79953-6", "Aortic root diameter")},
        ),
        "LVOT": Concept(
            _DIMENSION,
            site=_OUTFLOW,
            kind=DIRECT,
            echo={ANY_VIEW: _ln("80028-4", "Left ventricular outflow tract dimension (2D)")},
        ),
        "LVOTA": Concept(_AREA, site=_OUTFLOW, point=END_SYSTOLE),
        "LVOTVTI": _flow("80030-0", "Left ventricular outflow tract VTI"),
        "SVD": Concept(_STROKE, site=_OUTFLOW, observed=HEMODYNAMIC),
        "SVDI": Concept(_STROKE, site=_OUTFLOW, kind=INDEXED, observed=HEMODYNAMIC),
        "LVML": Concept(
            _MASS,
            site=MYOCARDIUM,
            point=END_DIASTOLE,
            echo={ANY_VIEW: _ln("80019-3", "Left ventricular mass (dimension method) 2D")},
        ),
        "LVMLI": Concept(
            _MASS,
            site=MYOCARDIUM,
            kind=INDEXED,
            point=END_DIASTOLE,
            echo={ANY_VIEW: _ln("80020-1", "Left ventricular mass (dimension method) 2D / BSA")},
        ),
        "RWT": Concept(
            own("RWT", "Relative wall thickness"),
            site=MYOCARDIUM,
            kind=_sct("118586006", "Ratio"),
            point=END_DIASTOLE,
        ),
        "FS": Concept(
            _ln("59132-1", "Fractional Shortening"),
            kind=FRACTIONAL,
            observed=BEHAVIOUR_OF_SITE,
            echo={ANY_VIEW: _ln("29434-8", "Left ventricular fractional shortening (of minor axis) (2D)")},
        ),
        "EDVT": Concept(_VOLUME, point=END_DIASTOLE),
        "ESVT": Concept(_VOLUME, point=END_SYSTOLE),
        "EFT": Concept(
            _FRACTION,
            kind=FRACTIONAL,
            observed=BEHAVIOUR_OF_SITE,
            echo={ANY_VIEW: _ln("77891-0", "Left ventricular ejection fraction (Teichholz) 2D")},
        ),
        "RVD1": _right_size("80080-5", "Right ventricular basal dimension 4C"),
        "RVD2": _right_size("80085-4", "Right ventricular mid-cavity dimension 4C"),
        "RVD3": Concept(_LENGTH, site=RIGHT_VENTRICLE, kind=DIRECT, point=END_DIASTOLE),
        "TVd": _right_size("80091-2", "Tricuspid annulus diameter"),
        "RVOTP": _right_size("80088-8", "Right ventricular outflow tract diameter at subvalvular level"),
        "RVOTD": _right_size("80087-0", "Right ventricular outflow tract diameter at pulmonic valve"),
        "TAPSE": Concept(
            _EXCURSION,
            site=_sct("113259005", "Tricuspid Annulus"),
            kind=DIRECT,
            observed=BEHAVIOUR_OF_SITE,
            echo={ANY_VIEW: _ln("77903-3", "Tricuspid Annular Plane Systolic Excursion (TAPSE)")},
        ),
        "IVCMAX": Concept(
            _DIMENSION,
            site=_VENA_CAVA,
            kind=DIRECT,
            echo={ANY_VIEW: _ln("79967-6", "Inferior vena cava diameter")},
        ),
        "IVCMIN": Concept(_DIMENSION, site=_VENA_CAVA, kind=DIRECT),
        "IVCCI": Concept(own("IVCCI", "Inferior vena cava collapse"), site=_VENA_CAVA, kind=FRACTIONAL),
        "E": _flow("80070-6", "Mitral valve E-wave Vmax"),
        "A": _flow("80066-4", "Mitral valve A-wave Vmax"),
        "EA": _flow("18038-0", "Mitral Valve E to A Ratio", CALCULATED),
        "DT": _flow("78191-4", "Mitral valve deceleration time"),
        "ESEP": _flow("79911-4", "Mitral septal e-prime Vmax"),
        "ELAT": _flow("80054-0", "Mitral lateral e-prime Vmax"),
        "EE": Concept(own("EE", "E/e' ratio"), site=HEART, observed=HEMODYNAMIC),
        "SRV": _flow("79926-2", "Tricuspid valve s-prime Vmax"),
        "TRV": _flow("79921-3", "Tricuspid regurgitation Vmax"),
        "TRPG": _flow("79937-9", "Tricuspid regurgitation peak gradient", CALCULATED),
        "GRS": Concept(_RADIAL, site=MYOCARDIUM, observed=BEHAVIOUR_OF_SITE, point=END_SYSTOLE, mr=_RADIAL),
    }
)
"""By code of the measurement. Codes of MR that say nothing of a site are given one next to them."""

ENDOCARDIAL_GLS: Final[Mapping[str, Code]] = MappingProxyType(
    {
        "A4C": _dcm("130687", "LV End-systolic GLS 4CH (Endocardial)"),
        "A2C": _dcm("130688", "LV End-systolic GLS 2CH (Endocardial)"),
        "A3C": _dcm("130689", "LV End-systolic GLS ALAX (Endocardial)"),
        "": _dcm("130686", "LV End-systolic GLS Multiview Mean (Endocardial)"),
    }
)
"""CID 12300 has GLS of the endocardium only; mid-wall GLS, the usual one here, is described by its parts."""


def concept_of(code: str, unit: str) -> Concept:
    """The codes of a measurement; of one that is not in `CONCEPTS`, what its unit says.

    Args:
        code: of the measurement.
        unit: of the measurement.

    """
    concept = CONCEPTS.get(code)
    if concept is not None:
        return concept
    if code.startswith("LS") and code[2:].isdigit():
        return CONCEPTS["GLS"]
    indexed = unit.endswith("/m2")
    measured = _BY_UNIT.get(unit, own(code, name_of(code)))
    return Concept(measured, site=HEART, kind=INDEXED if indexed else CALCULATED)


def segment_site(name: str) -> Code | None:
    """The code of a segment of the left ventricle by its name, such as "Basal inferoseptal"; None if it has none.

    Args:
        name: in English.

    """
    from pydicom.sr.codedict import codes  # 60 ms: only those who write reports pay

    key = "".join(word.capitalize() for word in name.split())
    try:
        found = getattr(codes.cid12305, f"LeftVentricle{key}Segment")
    except AttributeError:
        return None
    return Code(found.value, found.scheme_designator, found.meaning)
