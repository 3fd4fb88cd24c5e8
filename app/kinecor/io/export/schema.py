"""result.json, schema 1, as types: what the writer builds and what `kinecor schema` prints are one definition.

Schema 1 allows additions; a changed or removed key needs a higher SCHEMA and a line in CHANGELOG.md.
"""

import json
from typing import Annotated, Any, Final, Literal, NotRequired, TypedDict

import msgspec
from msgspec import Meta

from kinecor.core.table.measures import MEASURES
from kinecor.core.values.track import Structure

SCHEMA: Final = 1
Json = dict[str, Any]

_DEFS: Final = "#/$defs/{name}"
Modality = Literal["US", "MR"]
Number = float | None
"""None stands for a number that is not known; NaN has no place in JSON."""
Confidence = Annotated[float, Meta(ge=0, le=1)]
Frame = Annotated[int, Meta(ge=0, description="frame or phase, counted from 0")]
SliceNumber = Annotated[int, Meta(ge=0, description="slice, counted from 0")]
Point = Annotated[list[float], Meta(min_length=2, max_length=2, description="[x, y] in pixels; centres at integers")]
CheckCode = Annotated[str, Meta(pattern="^[a-z]+[.][a-z-]+$", description="family.what, e.g. time.rate")]
Contour = Annotated[list[Point], Meta(min_length=3)]
_STRUCTURES: Final[Json] = {"propertyNames": {"enum": [structure.value for structure in Structure]}}
_MODELS: Final[Json] = {"propertyNames": {"enum": ["18", "17", "16"]}, "required": ["18", "17", "16"]}
Sixteen = Annotated[list[Number], Meta(min_length=16, max_length=16)]
Seventeen = Annotated[list[Number], Meta(min_length=17, max_length=17)]


class ViewEntry(TypedDict):
    """View of a recording; the label is "unknown" where it was not named."""

    label: str
    confidence: Confidence | None


class LoopTrack(TypedDict):
    """One structure of a loop: a contour per frame, or null; null confidence: a person drew it, or it follows."""

    contours: list[Contour | None]
    confidence: list[Confidence | None]
    drawn_by: NotRequired[list[str | None]]


class StackTrack(TypedDict):
    """One structure of a stack: per slice, a contour per phase, or null."""

    contours: list[list[Contour | None]]
    confidence: list[list[Confidence | None]]
    drawn_by: NotRequired[list[list[str | None]]]


class BeatEntry(TypedDict):
    """One beat."""

    ed: Frame
    es: Frame


class RegressedTimes(TypedDict):
    """ED and ES as suggested by AI, in ms to a fraction of a frame."""

    ed: list[Number]
    es: list[Number]


class EventsEntry(TypedDict):
    """Beats, and who marked them; closing_ed: of the ED after the last; avc, mvo: of aortic closure, mitral opening."""

    beats: list[BeatEntry]
    origin: Literal["model", "tracked", "edited"] | None
    closing_ed: NotRequired[Frame]
    avc: NotRequired[list[Frame]]
    mvo: NotRequired[list[Frame]]
    regression_ms: NotRequired[RegressedTimes]


class CurvesEntry(TypedDict, total=False):
    """A value per frame, null where it is not known; a curve without a value in its unit is absent."""

    time_s: list[Number]
    lv_area_mm2: list[Number]
    lv_volume_ml: list[Number]
    rv_volume_ml: list[Number]
    longitudinal_strain_percent: list[Number]
    circumferential_strain_percent: list[Number]
    radial_strain_percent: list[Number]
    phase_regression: list[Number]


class NormalEntry(TypedDict):
    """Reference range of a value.

    Flag and grade are what is said of the value, given its interval: null while a check of it is open (`muted`), where
    it may lie on either side of a limit, and where it is not measured well enough.
    """

    low: Number
    high: Number
    unit: str
    indexed: Annotated[bool, Meta(description="whether the limits are per m2 of body surface")]
    flag: Literal["below", "within", "above"] | None
    grade: Annotated[str, Meta(description='such as "mildly abnormal"; empty without one')] | None
    muted: bool
    set: str
    citation: str
    table: str
    page: str
    caveat: str


class ClassEntry(TypedDict):
    """One class of a reference range: `low` and `high` are its ends, null where it is open."""

    flag: Literal["below", "within", "above"]
    grade: str
    low: Number
    high: Number
    probability: float
    stated: Annotated[bool, Meta(description="whether the statement names it")]


class MeasurementEntry(TypedDict):
    """One measurement; `value` is null exactly where trust is "withheld", and `note` then gives the reason."""

    name: str
    value: Number
    unit: str
    method: str
    frames: list[Frame]
    models: list[Annotated[str, Meta(pattern="^[^@+]+@[^@+]+$")]]
    confidence: Confidence | None
    status: Literal["auto", "accepted", "edited", "withheld"]
    trust: Literal["ok", "check", "withheld"]
    interval: Annotated[list[float], Meta(min_length=2, max_length=2, description="[low, high] of 95 %")] | None
    checks: list[CheckCode]
    note: str | None
    normal: NotRequired[NormalEntry]
    statement: NotRequired[
        Annotated[str, Meta(description='such as "normal to mildly abnormal"; absent while a check is open')]
    ]
    classes: NotRequired[
        Annotated[list[ClassEntry], Meta(description="given the interval, in the unit of the range; absent without it")]
    ]


class CalliperEntry(TypedDict):
    """What a reader measured; `value` is in mm, mm2, degrees, ms, cm or cm/s, null without a scale or times of frames.

    A time is from `frame` until the frame `until`; a line is the one that an M-mode is of. A point is a velocity of a
    spectrum, above 0 towards the transducer; a slope is the time that it takes from its peak to velocity 0; a trace is
    the velocity time integral below an envelope.
    """

    name: str
    shape: Literal["distance", "angle", "area", "time", "line", "point", "slope", "trace"]
    frame: Frame
    until: NotRequired[Frame]
    points: list[Point]
    value: Number
    unit: Literal["mm", "mm2", "deg", "ms", "cm", "cm/s"]
    by: str


class CheckEntry(TypedDict):
    """One finding of the checks; `measurements` are the codes it marks ("check") or withholds ("stop")."""

    code: CheckCode
    severity: Literal["info", "check", "stop"]
    message: Annotated[str, Meta(min_length=1)]
    frames: list[Frame]
    slices: list[SliceNumber]
    measurements: list[str]
    state: Literal["open", "acknowledged"]
    resolve: NotRequired[str]
    acknowledged_by: NotRequired[str]
    why: NotRequired[str]


class AlternativeEntry(TypedDict):
    """What values would be if what an open check doubts were otherwise; their intervals contain them."""

    kind: Literal["base", "apex", "rv base", "rv stroke volume", "mark", "beat", "scale"]
    message: Annotated[str, Meta(min_length=1)]
    values: Annotated[dict[str, float], Meta(description="by the name of the measurement, in its unit")]


class SegmentsEntry(TypedDict):
    """Wall of the 17 segments."""

    wall_ed_mm: Seventeen
    wall_es_mm: Seventeen
    thickening_percent: Seventeen
    origin: str


class BaseCheck(TypedDict):
    """What a long axis shows of the chosen base."""

    view: str
    mark: str
    phase: Frame
    base: SliceNumber
    expected: SliceNumber
    beyond_mm: Number


class ValvePlaneEntry(TypedDict):
    """Where long axes show the mitral valve: mm from the first slice's middle towards the last, phase by phase."""

    place_mm: list[Number]
    views: list[str]


class StackFactsEntry(TypedDict):
    """Where the slices of a stack are, which count, and its wall by segment."""

    positions_mm: list[Number]
    thickness_mm: Number
    base: NotRequired[list[SliceNumber] | None]
    apex: NotRequired[list[SliceNumber] | None]
    rv_base: NotRequired[list[SliceNumber] | None]
    excluded: NotRequired[list[SliceNumber]]
    papillaries: NotRequired[str]
    muscle_share: NotRequired[list[list[float]] | None]
    shift_mm: NotRequired[list[Number] | None]
    segments: NotRequired[SegmentsEntry | None]
    base_checks: NotRequired[list[BaseCheck]]
    valve: NotRequired[ValvePlaneEntry]


class ShortAxisStrainEntry(TypedDict):
    """Short-axis strain of 16 segments, segment 1 first; `why` alone where all of it is withheld."""

    status: Literal["exploratory", "withheld"]
    why: NotRequired[str]
    origin: NotRequired[str]
    slices: NotRequired[list[SliceNumber]]
    end_systolic_circumferential_percent: NotRequired[Sixteen]
    peak_circumferential_percent: NotRequired[Sixteen]
    time_to_peak_ms: NotRequired[Sixteen]
    end_systolic_radial_percent: NotRequired[Sixteen]
    quality: NotRequired[Sixteen]
    withheld: NotRequired[Annotated[list[str | None], Meta(min_length=16, max_length=16)]]


class ImportedEntry(TypedDict):
    """A file of --import-contours whose contours this recording has: how many, and how they were placed.

    `dice_min` is the least overlap of a contour with the mask that it was traced from; null where the file has points.
    """

    file: str
    contours: int
    matched_by: str
    dice_min: Number


class MethodEntry(TypedDict):
    """How a recording was analysed: name of the method; null where network, motion or events are the usual ones."""

    name: str
    network: str | None
    motion: Literal["search", "stack"] | None
    events: Literal["contours", "images"] | None


class _Entry(TypedDict):
    source: str
    id: Annotated[str, Meta(min_length=1)]
    modality: Modality | None
    frames: Annotated[int, Meta(ge=0)]
    slices: Annotated[int, Meta(ge=0)]
    view: ViewEntry
    times_s: list[Number]
    times_origin: str | None
    spacing_mm: Annotated[list[float], Meta(min_length=2, max_length=2, description="[row, column]")] | None
    calibration_origin: str | None
    events: EventsEntry
    curves: CurvesEntry
    measurements: list[MeasurementEntry]
    short_axis_strain: NotRequired[ShortAxisStrainEntry]
    callipers: NotRequired[list[CalliperEntry]]
    lv_geometry: NotRequired[str]
    imported: NotRequired[list[ImportedEntry]]
    method: NotRequired[MethodEntry]
    checks: list[CheckEntry]
    alternatives: NotRequired[list[AlternativeEntry]]
    warnings: list[Annotated[str, Meta(min_length=1)]]
    error: Annotated[str, Meta(min_length=1)] | None


class BeatsEntry(TypedDict):
    """Of a loop with several beats, by beat; `counted` are those that the measurements are the mean of."""

    length_before_s: list[Number]
    edv_ml: list[Number]
    esv_ml: list[Number]
    ef_percent: list[Number]
    counted: list[bool]
    sd: Annotated[dict[str, float], Meta(description="over those counted: EDV and ESV in ml, EF in points")]


class LoopEntry(_Entry):
    """A loop, a still image, or a file that could not be opened (then `error` says why, and `frames` is 0)."""

    tracks: Annotated[dict[str, LoopTrack], Meta(extra_json_schema=_STRUCTURES)]
    beats: NotRequired[BeatsEntry]


class StackEntry(_Entry):
    """A stack of parallel slices."""

    tracks: Annotated[dict[str, StackTrack], Meta(extra_json_schema=_STRUCTURES)]
    stack: StackFactsEntry


RecordingEntry = LoopEntry | StackEntry


class BullsEyeEntry(TypedDict):
    """Strain of a study by segment, for models of 18, 17 and 16 segments."""

    status: Literal["exploratory"]
    end_systolic_strain_percent: Annotated[dict[str, list[Number]], Meta(extra_json_schema=_MODELS)]
    time_to_peak_ms: Annotated[dict[str, list[Number]], Meta(extra_json_schema=_MODELS)]


class StatedEntry(TypedDict):
    """What is known of the patient, and where it comes from: "file header" or "entered by NAME"."""

    value: float | str
    origin: str


class DemographicsEntry(TypedDict):
    """The patient as the study is measured by; what is not known is absent. No name, identifier or birth date."""

    sex: NotRequired[StatedEntry]
    age_years: NotRequired[StatedEntry]
    height_cm: NotRequired[StatedEntry]
    weight_kg: NotRequired[StatedEntry]
    heart_rate_per_min: NotRequired[StatedEntry]
    bsa_m2: NotRequired[StatedEntry]


class WallMotionEntry(TypedDict):
    """A reader's scores of wall motion: 1 normal, 2 hypokinetic, 3 akinetic, 4 dyskinetic, null where not scored.

    The index is the mean over the segments scored; aneurysms (segments from 1) are remarks.
    """

    stage: str
    scores: list[Annotated[int, Meta(ge=1, le=4)] | None]
    aneurysms: list[Annotated[int, Meta(ge=1, le=17)]]
    index: Number
    by: str


class SourceEntry(TypedDict):
    """A recording that a result over views rests on: "LV" (biplane EDV, ESV, SV, EF), "LA" (its volume) or "GLS"."""

    result: Literal["LV", "LA", "GLS"]
    view: str
    recording: str
    beats: Annotated[list[int], Meta(description="numbers of its beats in events, from 0")]
    chosen_by: Annotated[str, Meta(description='"rule", or the reader who chose it')]


class AddendumEntry(TypedDict):
    """Why a signed study was changed."""

    by: str
    at: str
    reason: str


class SignatureEntry(TypedDict):
    """The last signature of the study; `holds` is whether this document concludes what was signed."""

    by: str
    at: str
    holds: bool
    login: Annotated[str, Meta(description='the system\'s account that signed; "" of an earlier version')]
    remark: Annotated[str, Meta(description="what the reader wrote with the signature")]
    document: Annotated[
        str | None, Meta(description="SHA-256 of the report that was signed; null where an earlier version kept none")
    ]
    prior: Annotated[
        str | None, Meta(description="the earlier study that the signed report compares with; any other was not signed")
    ]
    addenda: Annotated[list[AddendumEntry], Meta(description="all of them, in their order")]


class ChangeEntry(TypedDict):
    """A value then and now.

    `exceeds_variability` is null where no source says how much studies vary, and where `open` says why it is not known:
    the difference lies within the intervals of both values.
    """

    name: str
    view: Annotated[str, Meta(description='"" for the study as a whole and for stacks')]
    unit: str
    then: float
    now: float
    difference: float
    percent: Annotated[Number, Meta(description="difference as a share of the mean of both")]
    exceeds_variability: bool | None
    open: Annotated[str, Meta(description="why it is not known whether the difference exceeds variability; else empty")]
    variability_percent: Number
    source: str | None
    remark: Annotated[str, Meta(description="what differs in how the two were measured")]


class StageValueEntry(TypedDict):
    """A value of a stage; `view` is "" where it is over views."""

    name: str
    view: str
    unit: str
    value: float
    trust: Literal["ok", "check"]


class StageEntry(TypedDict):
    """A stage of a stress study, in the order of its protocol; recordings are ids by view ("" where not known)."""

    name: str
    number: int | None
    heart_rate_per_min: Number
    recordings: dict[str, list[str]]
    measurements: list[StageValueEntry]


class StageChangeEntry(TypedDict):
    """A value at rest (the first stage) and at peak stress."""

    name: str
    view: str
    unit: str
    rest: float
    peak: float
    difference: float
    half_width: Annotated[Number, Meta(description="of the interval of 95 % of the difference; null where not known")]


class StressEntry(TypedDict):
    """The stages of a stress study, and which of them is peak stress."""

    stages: list[StageEntry]
    peak: str
    rest_to_peak: list[StageChangeEntry]


class PriorEntry(TypedDict):
    """The latest earlier study of the same patient among those analysed or reported, and what changed since."""

    study: str
    date: str
    changes: list[ChangeEntry]
    warnings: list[str]
    stated_by: Annotated[
        str | None, Meta(description="the system whose report states the earlier values; null where they were measured")
    ]


class ReportedValueEntry(TypedDict):
    """One number of another system's structured report, in that report's words and codes."""

    name: str
    code: str
    scheme: str
    value: float
    unit: str
    within: list[str]
    details: dict[str, str]
    remark: str


class ReportedEntry(TypedDict):
    """A structured report of another system that was found with the study's recordings."""

    source: str
    title: str
    template: str
    equipment: str
    date: str
    values: list[ReportedValueEntry]


class JournalEntry(TypedDict):
    """State of the study's saved file when the result was written, for `kinecor verify`."""

    entries: Annotated[int, Meta(ge=1)]
    head: Annotated[str, Meta(pattern="^[0-9a-f]{64}$", description="SHA-256 chained over all entries")]


class StudyEntry(TypedDict):
    """Measurements of a study as a whole; `recordings` are ids."""

    id: str
    recordings: Annotated[list[str], Meta(min_length=1)]
    demographics: NotRequired[DemographicsEntry]
    sources: NotRequired[list[SourceEntry]]
    signature: NotRequired[SignatureEntry]
    prior: NotRequired[PriorEntry]
    stress: NotRequired[StressEntry]
    comments: NotRequired[Annotated[dict[str, str], Meta(description='by measurement; "" is the study as a whole')]]
    measurements: list[MeasurementEntry]
    checks: list[CheckEntry]
    bulls_eye: NotRequired[BullsEyeEntry]
    reported: NotRequired[list[ReportedEntry]]
    wall_motion: NotRequired[list[WallMotionEntry]]
    journal: NotRequired[JournalEntry]


class SoftwareEntry(TypedDict):
    """The program that wrote the file."""

    name: Literal["kinecor"]
    version: str


class SetAsideEntry(TypedDict):
    """A series that is shown or listed and not measured; one entry for each kind that a series holds.

    Attributes:
        study: id of its study.
        series: its number, null where the file has none.
        description: in the scanner's words.
        kind: code of its kind.
        rule: code of the rule that decided it.
        reason: why it is not measured.
        images: how many recordings and objects it is.

    """

    study: str
    series: int | None
    description: str
    kind: str
    rule: str
    reason: str
    images: int


class Result(TypedDict):
    """The whole of result.json."""

    schema: Literal[1]
    software: SoftwareEntry
    # A loop and a stack are both objects, which msgspec cannot distinguish in a union; the schema names them.
    recordings: Annotated[
        list[Any],
        Meta(extra_json_schema={"items": {"anyOf": [{"$ref": "#/$defs/StackEntry"}, {"$ref": "#/$defs/LoopEntry"}]}}),
    ]
    studies: list[StudyEntry]
    set_aside: NotRequired[list[SetAsideEntry]]


def json_schema() -> Json:
    """JSON Schema (2020-12) of result.json, from the types above and the table of measurements."""
    (root, *_), defs = msgspec.json.schema_components((Result, LoopEntry, StackEntry), ref_template=_DEFS)
    measurement = defs["MeasurementEntry"]
    measurement["oneOf"] = [
        {
            "title": measure.name,
            "description": f"listed for: {', '.join(sorted(measure.kinds))}; {measure.reference}",
            "properties": {"name": {"const": measure.code}, "unit": {"const": measure.unit}},
        }
        for measure in MEASURES
    ]
    measurement |= {
        "if": {"properties": {"trust": {"const": "withheld"}}},
        "then": {
            "properties": {"value": {"type": "null"}, "status": {"const": "withheld"}, "note": {"type": "string"}}
        },
        "else": {"properties": {"value": {"type": "number"}, "status": {"not": {"const": "withheld"}}}},
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "result.json of kinecor analyse, schema 1",
        **root,
        "$defs": defs,
    }


def schema_text() -> str:
    """What `kinecor schema` prints."""
    return json.dumps(json_schema(), indent=1, ensure_ascii=False) + "\n"
