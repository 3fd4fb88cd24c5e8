"""The table of rules that give every series its kind, before anything is measured.

The first rule that applies decides. Those on the standard's own elements come first, then makers' image types and names
of sequences, then people's names of series, then the structure of the series, and pixels last: of names there are many
in use, so that a series whose elements say what it is needs none. A new rule is a row here, with a test for the maker
whose files it reads (tests/io/dicom/test_kinds.py).

PS3.3 is the standard's part on information objects: C.8.13 enhanced MR, C.8.5.5 and C.8.5.6 ultrasound, C.7.6.1 and
C.8.3 Image Type.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from kinecor.io.dicom.evidence import Evidence


@dataclass(frozen=True, slots=True)
class Rule:
    """One row of the table.

    Attributes:
        code: of the rule, as `kinecor doctor` prints it.
        kind: code of the kind (`kinecor.core.values.series`).
        source: what it rests on: the standard, a maker, or how people name series.
        applies: whether it decides, by what is known.

    """

    code: str
    kind: str
    source: str
    applies: "_Predicate"


_Predicate = Callable[[Evidence], bool]


def name_matches(pattern: str) -> _Predicate:
    """Whether series description or protocol match a regular expression.

    Args:
        pattern: see `Evidence.named`.

    """
    return lambda e: e.named(pattern)


def us_named(pattern: str) -> _Predicate:
    """Whether stage or view of an ultrasound object match: its series' description is that of the examination.

    Args:
        pattern: see `Evidence.staged`.

    """
    return lambda e: e.staged(pattern)


def runs(pattern: str) -> _Predicate:
    """Whether the name of the pulse sequence matches a regular expression.

    Args:
        pattern: see `Evidence.runs`.

    """
    return lambda e: e.runs(pattern)


def has_image_type(*values: str) -> _Predicate:
    """Whether Image Type has one of the values.

    Args:
        values: of which one is enough.

    """
    return lambda e: any(value in e.image_type for value in values)


def has_flag(*flags: str) -> _Predicate:
    """Whether the header has one of these "Keyword=VALUE".

    Args:
        flags: of which one is enough.

    """
    return lambda e: any(flag in e.flags for flag in flags)


def mode(bit: int) -> _Predicate:
    """Whether the fourth value of an ultrasound Image Type has a bit.

    Args:
        bit: of the modes, PS3.3 C.8.5.6.1.1.

    """
    return lambda e: e.modes is not None and bool(e.modes & bit)


def always(_: Evidence) -> bool:
    """The last rule of a table."""
    return True


_NAMES: Final = "names of series"
_OBJECT: Final = "PS3.3, SOP class"
_SR: Final = "1.2.840.10008.5.1.4.1.1.88."
_KEY_OBJECTS: Final = _SR + "59"
_PRESENTATION: Final = "1.2.840.10008.5.1.4.1.1.11."
_SEGMENTATION: Final = "1.2.840.10008.5.1.4.1.1.66.4"
_SURFACE: Final = "1.2.840.10008.5.1.4.1.1.66.5"
_RAW: Final = "1.2.840.10008.5.1.4.1.1.66"
_WAVEFORM: Final = "1.2.840.10008.5.1.4.1.1.9."
_ENCAPSULATED: Final = "1.2.840.10008.5.1.4.1.1.104."
_CAPTURE: Final = "1.2.840.10008.5.1.4.1.1.7"
_VOLUME: Final = "1.2.840.10008.5.1.4.1.1.6.2"
_SPECTROSCOPY: Final = "1.2.840.10008.5.1.4.1.1.4.2"
_RADIOTHERAPY: Final = "1.2.840.10008.5.1.4.1.1.481."
_OBJECT_MODALITIES: Final = frozenset({"RTDOSE", "RTSTRUCT", "RTPLAN", "RTIMAGE", "REG", "FID", "RWV", "AU", "DOC"})
# Spatial formats and data types of regions.
_M_MODE, _SPECTRAL = 2, 3
_TISSUE, _COLOUR, _PW, _CW = 1, 2, 3, 4
# Bits of the fourth value of Image Type.
_BIT_2D, _BIT_M_MODE, _BIT_CW, _BIT_PW, _BIT_COLOUR, _BIT_COLOUR_M, _BIT_3D, _BIT_POWER = (
    0x0001,
    0x0002,
    0x0004,
    0x0008,
    0x0010,
    0x0020,
    0x0040,
    0x0100,
)
# Myocardial velocities are below some 20 cm/s: scales of tissue Doppler span 30 to 60, of blood flow 100 and more.
_TISSUE_SPAN_CM_S = 62.0
_MIN_COLOURED = 0.02
# Between 0.08 to 0.29 of single frames of two colour loops, and 0.62 to 1 of masks painted on stills (decision 0233).
_MIN_PAINTED = 0.45
_REGIONS: Final = "PS3.3 C.8.5.5.1, regions"
_MODES: Final = "PS3.3 C.8.5.6.1.1, Image Type"
_ENHANCED: Final = "PS3.3 C.8.13"
_TYPE: Final = "PS3.3 C.8.3.1.1.1, Image Type"
_T1_MAP: Final = "t1 ?map(ping)?|map t1|t1 ?star|molli.{0,20}(t1 ?star|map)|ecv( ?map)?"
_CINE_PHASES = 10
_CINE_SPAN_MS = 250.0
# A cycle at 27 beats a minute.
_LONGEST_BEAT_MS = 2200.0
_MIN_TIMES = 3
_PERFUSION_PHASES = 15


def _is_report(evidence: Evidence) -> bool:
    return evidence.sop_uid.startswith(_SR) or evidence.modality == "SR"


def _is_segmentation(evidence: Evidence) -> bool:
    return evidence.sop_uid in (_SEGMENTATION, _SURFACE) or evidence.modality == "SEG"


def _is_derived(evidence: Evidence) -> bool:
    """Whether a secondary capture is not what a scanner without an object class of its own writes for its loops."""
    return evidence.modality not in ("US", "IVUS") or "DERIVED" in evidence.image_type


def _has(evidence: Evidence, bit: int) -> bool:
    return evidence.modes is not None and bool(evidence.modes & bit)


def _is_spectral(evidence: Evidence) -> bool:
    return any(form == _SPECTRAL for form, _ in evidence.regions) or _has(evidence, _BIT_PW) or _has(evidence, _BIT_CW)


def _narrow_spectrum(evidence: Evidence) -> bool:
    span = evidence.velocity_span_cm_s
    return span is not None and 0 < span <= _TISSUE_SPAN_CM_S and (_SPECTRAL, _CW) not in evidence.regions


def _typed(evidence: Evidence, *values: str) -> bool:
    return any(value in evidence.image_type for value in values)


def _named_ti_scout(evidence: Evidence) -> bool:
    return evidence.named(r"ti ?scout|tiscout|ti ?loc|inversion ?time scout|cine ?ir|ti ?finder")


def _is_spin(evidence: Evidence) -> bool:
    return "EchoPulseSequence=SPIN" in evidence.flags or evidence.runs(r"tse|fse|\bse\b|grase|haste")


OBJECTS: Final = (
    Rule("own-report", "own-report", "our own software name", lambda e: e.own and _is_report(e)),
    Rule("own-segmentation", "own-segmentation", "our own software name", lambda e: e.own and _is_segmentation(e)),
    Rule(
        "own-presentation",
        "own-segmentation",
        "our own software name",
        lambda e: e.own and e.sop_uid.startswith(_PRESENTATION),
    ),
    Rule("own-capture", "own-capture", "our own software name", lambda e: e.own and e.sop_uid.startswith(_CAPTURE)),
    Rule("own-pdf", "own-report", "our own software name", lambda e: e.own and e.sop_uid.startswith(_ENCAPSULATED)),
    Rule("own-study", "own-study", "our own software name", lambda e: e.own and e.sop_uid == _RAW),
    Rule("key-objects", "key-objects", _OBJECT, lambda e: e.sop_uid == _KEY_OBJECTS or e.modality == "KO"),
    Rule("structured-report", "report", _OBJECT, _is_report),
    Rule("encapsulated", "pdf", _OBJECT, lambda e: e.sop_uid.startswith(_ENCAPSULATED)),
    Rule("waveform", "ecg", _OBJECT, lambda e: e.sop_uid.startswith(_WAVEFORM) or e.modality == "ECG"),
    Rule(
        "presentation-state",
        "presentation",
        _OBJECT,
        lambda e: e.sop_uid.startswith(_PRESENTATION) or e.modality == "PR",
    ),
    Rule("segmentation", "segmentation", _OBJECT, _is_segmentation),
    Rule("raw-data", "raw", _OBJECT, lambda e: e.sop_uid in (_RAW, _SPECTROSCOPY)),
    Rule(
        "no-image",
        "other-object",
        _OBJECT,
        lambda e: e.sop_uid.startswith(_RADIOTHERAPY) or e.modality in _OBJECT_MODALITIES,
    ),
    Rule("secondary-capture", "capture", "PS3.3 A.8", lambda e: e.sop_uid.startswith(_CAPTURE) and _is_derived(e)),
)
"""Objects other than plain images."""


ULTRASOUND: Final = (
    Rule("us-volume", "echo-volume", _OBJECT, lambda e: e.sop_uid == _VOLUME),
    Rule("us-volume-bit", "echo-volume", _MODES, mode(_BIT_3D)),
    Rule("us-named-volume", "echo-volume", _NAMES, us_named(r"3d full ?volume|full volume 3d|4d ?volume")),
    Rule("us-m-mode", "m-mode", _REGIONS, lambda e: any(form == _M_MODE for form, _ in e.regions)),
    Rule(
        "us-m-mode-bit", "m-mode", _MODES, lambda e: not e.regions and (_has(e, _BIT_M_MODE) or _has(e, _BIT_COLOUR_M))
    ),
    Rule("us-tissue-spectral", "tissue-doppler", f"{_REGIONS}; velocities up to 30 cm/s", _narrow_spectrum),
    Rule(
        "us-named-tissue-spectral",
        "tissue-doppler",
        _NAMES,
        lambda e: _is_spectral(e) and e.staged("tdi|tvi|dti|tissue doppler|e prime"),
    ),
    Rule("us-pw", "pw-doppler", _REGIONS, lambda e: (_SPECTRAL, _PW) in e.regions),
    Rule("us-cw", "cw-doppler", _REGIONS, lambda e: (_SPECTRAL, _CW) in e.regions),
    Rule("us-spectral", "spectral", _REGIONS, lambda e: any(form == _SPECTRAL for form, _ in e.regions)),
    Rule("us-cw-bit", "cw-doppler", _MODES, lambda e: not e.regions and _has(e, _BIT_CW)),
    Rule("us-pw-bit", "pw-doppler", _MODES, lambda e: not e.regions and _has(e, _BIT_PW)),
    Rule(
        "us-named-tissue-colour",
        "tissue-colour",
        _NAMES,
        us_named("tdi|tvi|dti|tissue velocity|tissue doppler|tissue tracking"),
    ),
    Rule("us-contrast-agent", "contrast", "Contrast/Bolus Agent", lambda e: e.agent),
    Rule("us-named-contrast", "contrast", _NAMES, us_named("lvo|mce|contrast|bubble|sonovue|definity|optison|flash")),
    Rule("us-colour-region", "colour", _REGIONS, lambda e: any(kind == _COLOUR for _, kind in e.regions)),
    Rule("us-colour-bit", "colour", _MODES, lambda e: _has(e, _BIT_COLOUR) or _has(e, _BIT_POWER)),
    Rule(
        "us-derived-capture",
        "capture",
        "PS3.3 C.7.6.1.1.2, Image Type",
        lambda e: {"DERIVED", "SECONDARY"} <= e.image_type and not e.regions and e.frames == 1,
    ),
    Rule(
        "us-painted",
        "capture",
        "pixels",
        lambda e: e.coloured() >= _MIN_COLOURED and e.painted() >= _MIN_PAINTED,
    ),
    Rule("us-coloured", "colour", "pixels", lambda e: e.coloured() >= _MIN_COLOURED),
    Rule("us-still", "echo-still", "one frame", lambda e: e.frames == 1),
    Rule("us-loop", "echo-loop", "several frames", always),
)
"""Ultrasound, one object at a time: a series holds all clips of an examination."""


MAGNETIC_RESONANCE: Final = (
    # The standard's own elements.
    Rule("mr-phase-contrast", "flow", f"{_ENHANCED}.4, Phase Contrast", has_flag("PhaseContrast=YES")),
    Rule("mr-velocity", "flow", f"{_ENHANCED}.5, Velocity Encoding", lambda e: e.velocity),
    Rule("mr-tagging", "tagging", f"{_ENHANCED}.5, Tagging", has_flag("Tagging=GRID", "Tagging=LINE")),
    Rule("mr-tof", "angiography", f"{_ENHANCED}.4, Time of Flight Contrast", has_flag("TimeOfFlightContrast=YES")),
    Rule(
        "mr-contrast-flow", "flow", f"{_ENHANCED}.1, Acquisition Contrast", has_flag("AcquisitionContrast=FLOW_ENCODED")
    ),
    Rule(
        "mr-contrast-tagging",
        "tagging",
        f"{_ENHANCED}.1, Acquisition Contrast",
        has_flag("AcquisitionContrast=TAGGING"),
    ),
    Rule(
        "mr-contrast-perfusion",
        "perfusion",
        f"{_ENHANCED}.1, Acquisition Contrast",
        has_flag("AcquisitionContrast=PERFUSION"),
    ),
    Rule("mr-localizer-type", "localizer", _TYPE, has_image_type("LOCALIZER")),
    # Image types of makers.
    Rule(
        "mr-type-t1-map", "t1-map", "Siemens, Philips: Image Type", has_image_type("T1 MAP", "T1_MAP", "T1MAP", "ECV")
    ),
    Rule("mr-type-t2-map", "t2-map", "Siemens, Philips: Image Type", has_image_type("T2 MAP", "T2_MAP", "T2MAP")),
    Rule(
        "mr-type-t2-star",
        "t2-star",
        "Siemens, Philips: Image Type",
        has_image_type("T2_STAR MAP", "T2_STAR_MAP", "R2_STAR MAP", "T2 STAR MAP"),
    ),
    Rule("mr-type-derived-t1", "t1-map", "Philips: derived T1", lambda e: _typed(e, "DERIVED") and _typed(e, "T1")),
    Rule("mr-type-derived-t2", "t2-map", "Philips: derived T2", lambda e: _typed(e, "DERIVED") and _typed(e, "T2")),
    Rule(
        "mr-type-phase-contrast",
        "flow",
        "Philips, GE: Image Type",
        has_image_type("PHASE CONTRAST M", "PCA", "VELOCITY MAP", "VELOCITY", "FLOW_ENCODED", "PCM"),
    ),
    Rule("mr-type-perfusion", "perfusion", "Siemens: Image Type", has_image_type("PERFUSION", "FIRST_PASS")),
    Rule("mr-type-psir", "lge", "Siemens: Image Type", lambda e: _typed(e, "PSIR", "CR") and e.phases <= 2),
    Rule("mr-type-projection", "angiography", _TYPE, has_image_type("PROJECTION IMAGE", "MIP", "CSAMIP")),
    # Names of pulse sequences.
    Rule(
        "mr-siemens-flow",
        "flow",
        "Siemens: fl2d_v150in, fl3d_v1",
        runs(r"\bfl[23]d\d*( \w+)* ?v\d+|_v\d+(in|th|ap|rl|fh)|\bv\d+(in|ap|rl|fh)\b"),
    ),
    Rule("mr-siemens-tagging", "tagging", "Siemens: tag", runs(r"tag|spamm|dense")),
    Rule("mr-ge-phase-contrast", "flow", "GE: fastcard phase contrast", runs(r"fastcardpc|fcardpc|2dpc|4dflow|\bpc\b")),
    Rule("mr-ge-mde", "lge", "GE: myocardial delayed enhancement", runs(r"\bmde|psmde|fgremde|ssfse ?mde|2dmde|3dmde")),
    Rule("mr-ge-perfusion", "perfusion", "GE: FGRE time course", runs(r"fgretc|timecourse")),
    # People's names of series.
    Rule(
        "mr-named-localizer",
        "localizer",
        _NAMES,
        lambda e: (
            e.named(r"(?:aa ?)?(?:heart ?)?(?:scout|locali[sz]ers?|loc|survey|surv|scanogram|3 ?plane|tri ?plane)")
            and e.phases < _CINE_PHASES
            and not _named_ti_scout(e)
        ),
    ),
    Rule("mr-named-ti-scout", "ti-scout", _NAMES, _named_ti_scout),
    Rule("mr-named-tagging", "tagging", _NAMES, name_matches("tag(ged|ging)?|grid ?tag|c?spamm|dense|sinmod")),
    Rule(
        "mr-named-flow",
        "flow",
        _NAMES,
        name_matches(r"[24]?d? ?flow|q ?flow|pc|venc ?\d*|velocity|phase ?contrast|pcmr|through ?plane|q[ps] ?q[ps]"),
    ),
    Rule("mr-named-t2-star", "t2-star", _NAMES, name_matches(r"t2 ?(\*|star)( ?map)?|r2 ?(\*|star)|iron")),
    Rule("mr-named-t1-map", "t1-map", _NAMES, lambda e: e.named(_T1_MAP) and e.phases <= 2),
    Rule("mr-named-molli", "molli", _NAMES, name_matches(r"s?h?molli\w*|sasha|look ?locker|" + _T1_MAP)),
    Rule("mr-named-t2-map", "t2-map", _NAMES, lambda e: e.named("t2 ?map(ping)?|map t2|t2 ?gra?se") and e.phases <= 2),
    Rule("mr-named-t2-images", "t2-images", _NAMES, name_matches("t2 ?map(ping)?|map t2|t2 ?prep|t2 ?gra?se")),
    Rule(
        "mr-named-perfusion",
        "perfusion",
        _NAMES,
        name_matches(r"(stress|rest)? ?perf(usion)?|first ?pass|fpp|(stress|rest) dyn(amic)?|dyn perf\w*|perfusao"),
    ),
    Rule(
        "mr-named-lge",
        "lge",
        _NAMES,
        name_matches(
            r"lge|ledge|late( ?gad\w*| ?enh\w*)?|delayed( ?enh\w*)?|de ?mri?|mde|psir|psmde|dhe|viab\w*|gad delayed"
            r"|ir ?tfl|late ?iri?|retardo|spaet\w*"
        ),
    ),
    Rule(
        "mr-named-black-blood",
        "black-blood",
        _NAMES,
        name_matches(
            r"bb|black ?blood|dark ?blood|db ?(haste|tse|fse)?|haste|t[12]? ?w? ?(tse|fse)( bb)?|stir|tirm"
            r"|(double|triple) ir|t2 ?(stir|spair|w)|t1 ?w"
        ),
    ),
    Rule(
        "mr-named-angiography",
        "angiography",
        _NAMES,
        name_matches(r"mra|angio\w*|twist|whole ?heart|tricks|coronar\w*|navi?g? 3d"),
    ),
    Rule(
        "mr-named-real-time",
        "real-time-cine",
        _NAMES,
        lambda e: (
            e.phases > 1 and e.named(r"real ?time|rt ?cine|cine ?rt|free ?breath\w* ?rt|ungated|rt ssfp|realtime")
        ),
    ),
    # Techniques that are used for more than one kind.
    Rule("mr-blood-nulling", "black-blood", f"{_ENHANCED}.5, Blood Signal Nulling", has_flag("BloodSignalNulling=YES")),
    Rule(
        "mr-inversion",
        "lge",
        f"{_ENHANCED}.5, Inversion Recovery",
        lambda e: "InversionRecovery=YES" in e.flags and e.phases <= 2 and e.agent,
    ),
    # The structure of the series.
    Rule("mr-inversion-times", "molli", "several inversion times at one place", lambda e: e.inversions >= _MIN_TIMES),
    Rule(
        "mr-spin-echoes",
        "t2-images",
        "several echo times at one place, spin echo",
        lambda e: e.echoes >= _MIN_TIMES and _is_spin(e),
    ),
    Rule("mr-gradient-echoes", "t2-star", "several echo times at one place", lambda e: e.echoes >= _MIN_TIMES),
    Rule(
        "mr-beat-by-beat",
        "perfusion",
        "images of one place taken beat by beat, at one moment of the cycle",
        lambda e: e.beat_steps and e.phases >= _PERFUSION_PHASES and e.trigger_span_ms < _CINE_SPAN_MS,
    ),
    Rule(
        "mr-beats",
        "real-time-cine",
        "trigger times over more than one heart beat",
        lambda e: e.triggers >= _MIN_TIMES and e.trigger_span_ms > _LONGEST_BEAT_MS,
    ),
    Rule(
        "mr-phase-images", "flow", "phase images of several moments", lambda e: e.components == {"P"} and e.phases > 2
    ),
    Rule(
        "mr-phases",
        "cine",
        "several trigger times at one place, over a heart cycle",
        lambda e: e.triggers >= _MIN_TIMES and e.trigger_span_ms >= _CINE_SPAN_MS,
    ),
    Rule("mr-several", "cine", "several images at one place", lambda e: e.phases > 1),
    Rule(
        "mr-planes",
        "localizer",
        "single images in several orientations of a study with cines",
        lambda e: e.study_moves and e.orientations > 1,
    ),
    Rule("mr-single", "mr-images", "single images of a study with cines", lambda e: e.study_moves),
    Rule("mr-alone", "cine", "the study has nothing else", always),
)
"""MR, a series at a time."""

OTHERS: Final = (
    Rule("other-modality", "other-images", "Modality", lambda e: e.modality not in ("", "US", "IVUS")),
    Rule("unknown", "echo-loop", "no modality", always),
)
"""What is neither ultrasound nor MR."""

RULES: Final = (*OBJECTS, *ULTRASOUND, *MAGNETIC_RESONANCE, *OTHERS)
"""All rules, those of objects first."""


def deciding_rule(evidence: Evidence) -> Rule:
    """The rule that decides the kind of a series or object.

    Args:
        evidence: of the series or object.

    """
    table = {"MR": MAGNETIC_RESONANCE, "US": ULTRASOUND, "IVUS": ULTRASOUND}.get(evidence.modality, OTHERS)
    return next(rule for rule in (*OBJECTS, *table) if rule.applies(evidence))
