"""Everything concluded about a recording, as one immutable value: of a loop, or of a stack and its slices.

Values derived from it are cached by its parts, with the recording (`compute_once`): `functools.lru_cache` would mix
those of all recordings, and a Reading itself is seldom the key, since each edit makes a new one that shares most parts
with the last.
"""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from itertools import pairwise
from types import MappingProxyType
from typing import Any, Final, TypeVar

import numpy as np

from kinecor.core.values.calibration import Calibration
from kinecor.core.values.callipers import Calliper
from kinecor.core.values.choices import (
    EVERY_BEAT,
    HEIGHT_CM,
    USUAL,
    WEIGHT_KG,
    BeatChoices,
    Body,
    PlacedPoint,
    ShortAxis,
    StrainChoices,
)
from kinecor.core.values.derived import KEPT, Derived
from kinecor.core.values.events import Beat, CardiacEvents, PhaseCurve
from kinecor.core.values.geometry import Contour, FloatArray, Plane, finite, frozen_array
from kinecor.core.values.graph import Graph
from kinecor.core.values.kind import APICAL_VIEWS, STACK_VIEW, UNKNOWN_VIEW, Kind, kind_of
from kinecor.core.values.message import NOTHING, Message, chain_texts, join_texts, message, number, verbatim
from kinecor.core.values.recording import (
    NOT_MEASURED,
    CineSequence,
    ImageFacts,
    Patient,
    Recording,
    RecordingFacts,
    Region,
    Stack,
    Stage,
    TimeAxis,
    cycle_length_s,
)
from kinecor.core.values.series import NO_SERIES, Series
from kinecor.core.values.track import ContourTrack, Motion, Structure

_MARK = "model:"
# Numbers as saved and as computed again may differ by rounding only.
_SAME_VALUE = 1e-3


@dataclass(frozen=True, slots=True)
class ModelAuthor:
    """A model that authored a part of a Reading; `digest` is the beginning of its weights' sha256, or empty."""

    name: str
    version: str
    digest: str

    def __str__(self) -> str:
        return f"{self.name}@{self.version}" if self.version else self.name


def model_author(author: str) -> ModelAuthor | None:
    """The model that `author` names, or None for a person.

    Args:
        author: as in `Reading.authors`.

    """
    if not author.startswith(_MARK):
        return None
    name, _, remaining_text = author.removeprefix(_MARK).partition("@")
    version, _, digest = remaining_text.partition("+")
    return ModelAuthor(name, version, digest)


def short_author(author: str) -> str:
    """A name fit for a table: a model as "name@version", a person as they are called.

    Args:
        author: as in `Reading.authors`.

    """
    model = model_author(author)
    return author if model is None else str(model)


def is_person(author: str) -> bool:
    """Whether a name can be a person's: not empty, and not in the form that marks a model's work.

    Args:
        author: any text.

    """
    name = author.strip()
    return bool(name) and not name.casefold().startswith(_MARK)


def is_by_person(reading: "Reading", part: str) -> bool:
    """Whether a person is the author of a part of a Reading (see `Reading.authors`).

    Args:
        reading: of a recording of any kind.
        part: a key of `Reading.authors`, such as "events".

    """
    return is_person(reading.authors.get(part, ""))


@dataclass(frozen=True, eq=False)
class StackFacts:
    """Positions of the slices of a stack.

    Attributes:
        positions_mm: (slices,) along the common normal, increasing.
        thickness_mm: of a slice, or None where it is not known.
        between_mm: distance from slice to slice as the header states it, or None.

    """

    positions_mm: FloatArray
    thickness_mm: float | None = None
    between_mm: float | None = None

    def __post_init__(self) -> None:
        positions = finite(frozen_array(self.positions_mm), "slice positions")
        object.__setattr__(self, "positions_mm", positions)
        if positions.ndim != 1 or not len(positions) or (np.diff(positions) <= 0).any():
            raise ValueError("slice positions increase, and there is at least one")


@dataclass(frozen=True, eq=False)
class Facts:
    """What the file itself says and no reader changes.

    Attributes:
        recording_id: of the recording that is read.
        rows, columns: size of a frame in pixels.
        times_s: (frames,) seconds.
        times_origin: as in CineSequence.
        heart_rate_per_min: from the header, or None.
        offered: a corrected scale that a person must accept first, or None.
        calibration_origin: where the file's scale comes from, or why it has none.
        region: the part of the image that the file's scale belongs to, or None where it is the whole image.
        warnings: found on opening.
        digest: of the pixels, as in Source; "" where there is none.
        plane: of the image in the patient, or None.
        in_stack: whether this is one slice of a stack.
        stack: of a whole stack, the positions of its slices; else None.
        r_wave_s: times of R waves from the header or the recorded ECG, relative to the first frame; may be empty.
        modality: "US", "MR" or another; "" where the file does not say.
        images: what the images show, as measured after opening; see ImageFacts.
        age_years: of the patient on the day of the study, or None where the header does not say.
        sex: "M", "F" or another by the header; "" where it does not say.
        patient: what tells patients apart: the header's identifier, else the name; "" where it has neither.
        body: height, weight and sex by the header, with the formula of the body surface area.
        birth_date: YYYYMMDD or YYYY-MM-DD; "" where the header does not say.
        entered: names of those facts that a reader entered for the study in place of the header's, as in
            `study.Entered`, each with who did.
        stage: of a stress study, or None.
        view_number: place of the view in its stage, from 1, or None.
        stills: whether its two frames are still images, the first at ED and the second at ES.
        scale: the scale of a loop that it was opened with, by its file or as stated then; None without one.
        series: what it is a series of, with its kind.
        graphs: parts of the images that are spectra or M-modes; see `graph.Graph`.

    """

    recording_id: str
    rows: int
    columns: int
    times_s: FloatArray
    times_origin: str
    heart_rate_per_min: float | None = None
    offered: Calibration | None = None
    calibration_origin: Message = NOTHING
    region: Region | None = None
    warnings: tuple[Message, ...] = ()
    digest: str = ""
    plane: Plane | None = None
    in_stack: bool = False
    stack: StackFacts | None = None
    r_wave_s: tuple[float, ...] = ()
    modality: str = ""
    images: ImageFacts = NOT_MEASURED
    age_years: float | None = None
    sex: str = ""
    patient: str = ""
    body: Body = field(default_factory=Body)
    birth_date: str = ""
    entered: tuple[tuple[str, str], ...] = ()
    stage: Stage | None = None
    view_number: int | None = None
    stills: bool = False
    scale: Calibration | None = None
    series: Series = NO_SERIES
    graphs: tuple[Graph, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "times_s", finite(frozen_array(self.times_s), "frame times"))

    @property
    def frames(self) -> int:
        """Number of frames."""
        return len(self.times_s)

    @property
    def known_waves_s(self) -> tuple[float, ...]:
        """R waves that the file states or its ECG shows, else those of an ECG that is drawn into the images, in s."""
        return self.r_wave_s or self.images.r_wave_s

    @property
    def image_period_s(self) -> float | None:
        """Length of the heart beat by the images and the usual step of the frame times; None where it is not known."""
        frames = self.images.period_frames
        return None if frames is None or self.frames < 2 else frames * float(np.median(np.diff(self.times_s)))

    def entered_by(self, name: str) -> str | None:
        """Who entered one of the facts in place of the header's, by its name in `study.Entered`; None: the header's.

        Args:
            name: e.g. "height_cm".

        """
        return dict(self.entered).get(name)

    @property
    def rate_origin(self) -> Message:
        """Where the heart rate comes from."""
        return origin_words(self.entered_by("heart_rate_per_min"))

    @property
    def rate_words(self) -> Message:
        """What the heart rate is and who says so; empty without one."""
        if self.heart_rate_per_min is None:
            return NOTHING
        by = self.entered_by("heart_rate_per_min")
        if by:
            return message("{reader} entered {rate:.0f}", reader=verbatim(by), rate=self.heart_rate_per_min)
        return message("the file's header says {rate:.0f}", rate=self.heart_rate_per_min)


_FILE_HEADER: Final = message("file header")


def origin_words(by: str | None) -> Message:
    """Where a fact of the patient comes from: the reader who entered it, else the header of the file.

    Args:
        by: the reader; None for the header.

    """
    return message("entered by {reader}", reader=verbatim(by)) if by else _FILE_HEADER


HEADER = "header"
"""Author recorded for a view label taken from the DICOM header."""


@dataclass(frozen=True, slots=True)
class View:
    """The echocardiographic view ("A4C", ..., "unknown"), how sure, and who says so."""

    label: str
    confidence: float | None
    by: str


@dataclass(frozen=True, slots=True)
class Decision:
    """What a reader said of one measurement: accepted (value None), rejected, or replaced by a value of theirs.

    Attributes:
        code: of the measurement.
        accepted: False where it was rejected.
        value: the reader's own, or None.
        by: the reader.
        computed: the value that was on screen, or None where that is not known.

    """

    code: str
    accepted: bool
    value: float | None
    by: str
    computed: float | None = None

    def is_of(self, value: float) -> bool:
        """Whether a computed value is the one that was decided on: another one needs another decision.

        Args:
            value: computed now, in the unit of the measurement.

        """
        return self.computed is None or abs(value - self.computed) <= _SAME_VALUE * max(abs(value), 1.0)


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """A reader saw a finding of the checks and lets the values stand: `key` of the finding, who, when (UTC) and why."""

    key: str
    by: str
    at: str
    why: str


@dataclass(frozen=True, eq=False)
class Reading:
    """All conclusions about one recording; every edit makes the next one.

    Attributes:
        facts: see Facts.
        calibration: the scale in force, or None.
        view: see View, or None before one was named.
        view_seen: the view that a model sees in the images, whoever named `view`; None before one looked.
        tracks: contours by structure.
        events: ED and ES, or None.
        motion: from frame to frame, or None where it was not estimated.
        strain: what a reader chose for strain.
        valve_closures: frames (increasing) at which a reader saw the aortic valve close; of a stack none.
        valve_openings: frames (increasing) of mitral valve opening that a reader marked; of a stack none.
        authors: who last touched each part: key "tracks/lv_endo" (the whole track), "tracks/lv_endo/edited" (some of
            its frames), "tracks/lv_endo/propagated" (the model that refined the frames that follow a person's),
            "tracks/lv_endo/at-es" (that of the contours at ES, where it is another),
            "events", "motion", "strain", "valve_closures", "valve_openings", "calibration", "view", "view_seen",
            "withheld", "notes", "decisions/EF", "callipers/LVIDd". An author is "model:NAME@VERSION+SHA", or a
            person's name.
        decisions: by measurement code.
        withheld: why nothing is measured here (e.g. colour Doppler), or None.
        notes: the reader's own words.
        slices: of a stack, the Reading of each slice in order of position, with its contours; ED and ES are the
            stack's. Empty for a loop.
        short_axis: of a stack, what was chosen for all of it, or None before a choice.
        phase_curve: ED and ES as regressed from the images, or None where no model did; of a stack, of all slices.
        acknowledged: findings of the checks that a reader acknowledged, by key.
        callipers: what a reader measured on frames, by name.
        beats: which of its beats are measured.
        placed_points: points of the wall that a reader placed for strain.
        derived: what was computed from the Readings of this recording; shared by all of them, and no conclusion.

    """

    facts: Facts
    calibration: Calibration | None = None
    view: View | None = None
    tracks: Mapping[Structure, ContourTrack] = field(default_factory=dict)
    events: CardiacEvents | None = None
    authors: Mapping[str, str] = field(default_factory=dict)
    decisions: Mapping[str, Decision] = field(default_factory=dict)
    withheld: Message | None = None
    notes: str = ""
    slices: "tuple[Reading, ...]" = ()
    short_axis: ShortAxis | None = None
    phase_curve: PhaseCurve | None = None
    motion: Motion | None = None
    strain: StrainChoices = USUAL
    view_seen: View | None = None
    valve_closures: tuple[int, ...] = ()
    acknowledged: Mapping[str, Acknowledgement] = field(default_factory=dict)
    callipers: Mapping[str, Calliper] = field(default_factory=dict)
    beats: BeatChoices = EVERY_BEAT
    placed_points: tuple[PlacedPoint, ...] = ()
    valve_openings: tuple[int, ...] = ()
    derived: Derived = field(default_factory=Derived, repr=False, compare=False)

    def __post_init__(self) -> None:
        for name in ("tracks", "authors", "decisions", "acknowledged", "callipers"):
            # What the next Reading takes over stays the same object, so that a view sees by `is` what did not change.
            if not isinstance(getattr(self, name), MappingProxyType):
                object.__setattr__(self, name, MappingProxyType(dict(getattr(self, name))))
        for structure, track in self.tracks.items():
            if track.structure is not structure or len(track) != self.facts.frames:
                raise ValueError(
                    f"{structure}: a track of {self.facts.frames} frames was expected, "
                    f"got {track.structure} of {len(track)}"
                )
        if self.events:
            last = self.facts.frames - 1
            for beat in self.events.beats:
                if max(beat.ed, beat.es) > last:
                    raise ValueError(f"ED {beat.ed} / ES {beat.es} is beyond the last frame, {last}")
            if self.events.closing_ed is not None and self.events.closing_ed > last:
                raise ValueError(f"closing ED {self.events.closing_ed} is beyond the last frame, {last}")
        for calliper in self.callipers.values():
            last_frame = calliper.frame if calliper.until is None else calliper.until
            if last_frame >= self.facts.frames:
                raise ValueError(f"{calliper.name}: frame {last_frame} is beyond the last, {self.facts.frames - 1}")
        if any(placed_point.frame >= self.facts.frames for placed_point in self.placed_points):
            raise ValueError(f"points of the wall were placed beyond the last frame, {self.facts.frames - 1}")
        # Motion of a gated cycle may lead round to its first frame.
        most = self.facts.frames if self.facts.in_stack else self.facts.frames - 1
        if self.motion is not None and not self.facts.frames - 1 <= len(self.motion) <= most:
            raise ValueError(f"motion of {self.facts.frames - 1} pairs of frames was expected, got {len(self.motion)}")
        if self.phase_curve and len(self.phase_curve.values) != self.facts.frames:
            raise ValueError(
                f"a phase curve of {self.facts.frames} frames was expected, got {len(self.phase_curve.values)}"
            )
        for what, at in (("closures", self.valve_closures), ("openings", self.valve_openings)):
            if any(not 0 <= frame < self.facts.frames for frame in at) or sorted(set(at)) != list(at):
                raise ValueError(f"valve {what} are frames 0 to {self.facts.frames - 1} in order, got {at}")
        self._check_slices()

    def _check_slices(self) -> None:
        stack, chosen = self.facts.stack, self.short_axis
        if len(self.slices) != (0 if stack is None else len(stack.positions_mm)):
            raise ValueError(f"{self.facts.recording_id}: a stack has a Reading for every slice, a loop has none")
        if chosen is None:
            return
        if chosen.rv_base is not None and len(chosen.rv_base) != self.facts.frames:
            raise ValueError(f"an RV base for {self.facts.frames} phases was expected, got {len(chosen.rv_base)}")
        if chosen.extent and len(chosen.extent.base) != self.facts.frames:
            raise ValueError(
                f"base and apex for {self.facts.frames} phases were expected, got {len(chosen.extent.base)}"
            )
        numbers = (*(chosen.rv_base or ()), *chosen.excluded)
        if chosen.extent:
            numbers += (*chosen.extent.base, *chosen.extent.apex)
        if any(not 0 <= number < len(self.slices) for number in numbers):
            raise ValueError(f"slices are numbered 0 to {len(self.slices) - 1}, got {max(numbers)}")

    @property
    def kind(self) -> Kind:
        """The kind of recording that is read, as far as its view is known: see Kind."""
        return kind_of(
            stack=self.facts.stack is not None,
            stack_slice=self.facts.in_stack,
            modality=self.facts.modality,
            view=self.view.label if self.view else None,
            series=self.facts.series,
        )

    @property
    def view_known(self) -> bool:
        """Whether the file, a person or a model named the view."""
        return self.view is not None and self.view.label != UNKNOWN_VIEW

    @property
    def view_confirmed(self) -> bool:
        """Whether the file or a person, not a model, said what the view is, even if only that it is unknown."""
        return self.view is not None and model_author(self.view.by) is None

    @property
    def time_axis(self) -> TimeAxis:
        """When the frames were taken; periodic where they are the phases of one gated cycle."""
        facts = self.facts
        period_s = cycle_length_s(facts.times_s, facts.heart_rate_per_min) if self.kind.gated else None
        return TimeAxis(facts.times_s, period_s)

    @property
    def aspect(self) -> float:
        """Height of a pixel over its width: of the scale in force, else of the one on offer, else 1 (square)."""
        scale = self.calibration or self.facts.offered
        return scale.row_mm / scale.col_mm if scale else 1.0

    @property
    def spacing(self) -> tuple[float, float]:
        """Height and width of a pixel: in mm, or in widths of a pixel where there is no scale."""
        scale = self.calibration
        return (scale.row_mm, scale.col_mm) if scale else (self.aspect, 1.0)

    def __reduce__(self) -> tuple[Any, ...]:
        """As its fields: read-only mappings cannot be sent to another process, and what is derived is not sent."""
        values = (getattr(self, field.name) for field in fields(self) if field.name != "derived")
        return Reading, tuple(dict(value) if isinstance(value, MappingProxyType) else value for value in values)

    def with_images(self, facts: RecordingFacts) -> "Reading":
        """This Reading with what its images show; nothing that was concluded changes.

        Args:
            facts: of the whole, and of each slice of a stack.

        """
        slices = tuple(
            slice_reading.with_images(RecordingFacts(own))
            for slice_reading, own in zip(self.slices, facts.slices, strict=bool(self.slices))
        )
        return replace(self, facts=replace(self.facts, images=facts.whole), slices=slices)

    def with_(self, **changes: Any) -> "Reading":
        """The next Reading: this one with some parts replaced.

        Args:
            changes: by names of attributes.

        """
        return replace(self, **changes)


def first_reading(cine: CineSequence) -> Reading:
    """The Reading before any analysis: only what the file says.

    Args:
        cine: a loop, or a slice of a stack.

    """
    facts = Facts(
        recording_id=cine.source.recording_id,
        rows=cine.rows,
        columns=cine.columns,
        times_s=cine.times_s,
        times_origin=cine.times_origin,
        heart_rate_per_min=cine.heart_rate_per_min,
        offered=cine.offered,
        calibration_origin=cine.calibration_origin,
        region=cine.region,
        warnings=cine.warnings,
        digest=cine.source.digest,
        plane=cine.plane,
        r_wave_s=cine.r_wave_s,
        modality=cine.source.modality,
        age_years=cine.source.patient.age_years,
        sex=cine.source.patient.sex.strip().upper()[:1],
        patient=cine.source.patient.identity,
        body=body_of(cine.source.patient),
        birth_date=cine.source.patient.birth_date,
        stage=cine.source.stage,
        view_number=cine.source.view_number,
        stills=cine.stills,
        scale=cine.calibration,
        series=cine.source.series,
        graphs=cine.graphs,
    )
    view = View(cine.view, None, cine.view_by) if cine.view else None
    return Reading(facts=facts, calibration=cine.calibration, view=view)


def first_stack_reading(stack: Stack) -> Reading:
    """Only what the files say: facts of the whole and of each slice; height, weight and sex from the header.

    Args:
        stack: as opened.

    """
    first = stack.slices[0]
    warnings = tuple(dict.fromkeys((*stack.warnings, *(warning for cine in stack.slices for warning in cine.warnings))))
    facts = Facts(
        recording_id=stack.recording_id,
        rows=first.rows,
        columns=first.columns,
        times_s=stack.times_s,
        times_origin=first.times_origin,
        heart_rate_per_min=first.heart_rate_per_min,
        calibration_origin=first.calibration_origin,
        warnings=warnings,
        digest=stack_digest(stack),
        plane=first.plane,
        stills=all(cine.stills for cine in stack.slices),
        stack=StackFacts(stack.positions_mm, stack.thickness_mm, stack.between_mm),
        modality=first.source.modality,
        age_years=first.source.patient.age_years,
        sex=first.source.patient.sex.strip().upper()[:1],
        patient=first.source.patient.identity,
        body=body_of(first.source.patient),
        birth_date=first.source.patient.birth_date,
        stage=first.source.stage,
        series=first.source.series,
    )
    slices = tuple(map(_slice_reading, stack.slices))
    view = None if first.source.series.view_only else View(STACK_VIEW, None, "parallel slices")
    chosen = ShortAxis(body=body_of(first.source.patient))
    return Reading(facts=facts, calibration=first.calibration, view=view, slices=slices, short_axis=chosen)


def first_reading_of(recording: Recording) -> Reading:
    """The Reading of a loop or a stack before any analysis.

    Args:
        recording: a loop or a stack, as opened.

    """
    return first_stack_reading(recording) if isinstance(recording, Stack) else first_reading(recording)


def stack_digest(stack: Stack) -> str:
    """Digest of the pixels of all slices together; "" where a slice has no digest.

    Args:
        stack: as opened.

    """
    digests = [cine.source.digest for cine in stack.slices]
    return hashlib.sha256("\n".join(digests).encode()).hexdigest() if all(digests) else ""


def body_of(patient: Patient) -> Body:
    """Height, weight and sex of the header, as far as they are a person's.

    Args:
        patient: of the header.

    """
    height, weight = patient.height_cm, patient.weight_kg
    return Body(
        height if height is not None and HEIGHT_CM[0] <= height <= HEIGHT_CM[1] else None,
        weight if weight is not None and WEIGHT_KG[0] <= weight <= WEIGHT_KG[1] else None,
        patient.sex.strip().upper()[:1],
    )


def counted_beats(reading: Reading) -> tuple[Beat, ...]:
    """The beats that are measured: those not excluded, or the index beat alone; all where none would be left.

    Args:
        reading: of a loop or a stack.

    """
    beats, chosen = reading.events.beats if reading.events else (), reading.beats
    if chosen.index_beat and (index := index_beat(reading)) is not None:
        return (beats[index],)
    return tuple(beat for beat in beats if beat.ed not in chosen.excluded) or beats


def index_beat(reading: Reading) -> int | None:
    """Number (from 0) of the beat whose two preceding beats are most alike in length; None of fewer than three beats.

    Of beats that a reader excluded none is chosen. Bunting et al. 2021 (doi 10.1136/heartjnl-2020-318557).

    Args:
        reading: of a loop, with the times of its frames.

    """
    beats = reading.events.beats if reading.events else ()
    times_s = reading.facts.times_s
    lengths = [float(times_s[b.ed] - times_s[a.ed]) for a, b in pairwise(beats)]
    able = [number for number in range(2, len(beats)) if beats[number].ed not in reading.beats.excluded]
    return min(able, key=lambda number: abs(lengths[number - 1] - lengths[number - 2]), default=None)


def body(reading: Reading) -> Body:
    """Body size in force: as entered for the study, else as entered for the stack, else by the header.

    Args:
        reading: of a recording of any kind.

    """
    facts, chosen = reading.facts.body, reading.short_axis
    if reading.facts.stack is None or chosen is None:
        return facts
    own, entered = chosen.body, dict(reading.facts.entered)
    return Body(
        facts.height_cm if "height_cm" in entered else own.height_cm,
        facts.weight_kg if "weight_kg" in entered else own.weight_kg,
        facts.sex if "sex" in entered else own.sex,
        facts.formula if "formula" in entered else own.formula,
    )


def parts_but_body(reading: Reading) -> tuple[Any, ...]:
    """All parts of a Reading but what its facts say of height, weight and formula of the body surface area.

    As a key of `compute_once`: of what does not depend on these, a Reading with another height has the same value.

    Args:
        reading: of a recording of any kind.

    """
    facts = (getattr(reading.facts, field.name) for field in fields(Facts) if field.name not in ("body", "entered"))
    entered = (part for pair in reading.facts.entered if pair[0] not in _BODY for part in pair)
    own = (
        getattr(reading, field.name) for field in fields(Reading) if field.name not in ("facts", "slices", "derived")
    )
    slices = (part for slice_reading in reading.slices for part in parts_but_body(slice_reading))
    return (*facts, reading.facts.body.sex, *entered, len(reading.slices), *own, *slices)


_BODY: Final = ("height_cm", "weight_kg", "formula")


def body_words(reading: Reading) -> Message:
    """Formula, height and weight of the body surface area, with who entered them; empty where it is not known.

    Args:
        reading: of a recording of any kind.

    """
    size = body(reading)
    if size.bsa_m2 is None or size.height_cm is None or size.weight_kg is None:
        return NOTHING
    height, weight = number(size.height_cm, "g"), number(size.weight_kg, "g")
    sentence = join_texts(size.formula.value, ", ", height, " cm, ", weight, " kg")
    by = body_authors(reading)
    return message("{body} (entered by {readers})", body=sentence, readers=chain_texts(by)) if by else sentence


def body_authors(reading: Reading) -> tuple[str, ...]:
    """Who entered height, weight or the formula, each once.

    Args:
        reading: of a recording of any kind.

    """
    entered = dict(reading.facts.entered)
    own = reading.authors.get("short_axis/body")
    return tuple(dict.fromkeys(by for part in ("height_cm", "weight_kg", "formula") if (by := entered.get(part, own))))


def is_apical(reading: Reading) -> bool:
    """Whether it is of an apical view, which its study is measured on together with others.

    Args:
        reading: of a recording of any kind.

    """
    return reading.view is not None and reading.view.label in APICAL_VIEWS


def gives_study_values(reading: Reading) -> bool:
    """Whether values of its study may come from it: of an apical view, or with callipers.

    Args:
        reading: of a recording of any kind.

    """
    return is_apical(reading) or bool(reading.callipers)


def choices(reading: Reading) -> ShortAxis:
    """What was chosen for the stack; the defaults where nothing was chosen.

    Args:
        reading: of a stack.

    """
    return reading.short_axis or ShortAxis()


def contour_at(reading: Reading, structure: Structure, number: int, phase: int) -> Contour | None:
    """The contour of a structure in slice `number` at a phase, or None.

    Args:
        reading: of a stack.
        structure: whose contour it is.
        number: of the slice, from 0.
        phase: from 0.

    """
    track = reading.slices[number].tracks.get(structure)
    return track.contours[phase] if track else None


def has_contour(reading: Reading, structure: Structure) -> bool:
    """Whether any slice has a contour of this structure at any phase.

    Args:
        reading: of a stack.
        structure: whose contours are looked for.

    """
    return any(
        contour is not None
        for slice_reading in reading.slices
        if (track := slice_reading.tracks.get(structure)) is not None
        for contour in track.contours
    )


def pixel_mm2(reading: Reading) -> FloatArray | None:
    """(slices,) area of a pixel in mm2; ones where no slice has a scale; None where only some have one.

    Args:
        reading: of a stack.

    """
    scales = [slice_reading.calibration for slice_reading in reading.slices]
    known = [scale.row_mm * scale.col_mm for scale in scales if scale]
    if known and len(known) < len(scales):
        return None
    return np.array(known) if known else np.ones(len(scales))


def _slice_reading(cine: CineSequence) -> Reading:
    reading = first_reading(cine)
    return reading.with_(facts=replace(reading.facts, in_stack=True))


Value = TypeVar("Value")


def compute_once(
    reading: Reading, name: str, key: tuple[Any, ...], compute: Callable[[], Value], kept: int = KEPT
) -> Value:
    """The result of `compute`, or its earlier result for the same objects; kept with the recording.

    Args:
        reading: of the recording that it is derived from.
        name: of the value.
        key: everything it is derived from. Numbers, text and None are compared by value, all else by identity:
            parts of a Reading never change, so the same object is the same value.
        compute: derives it.
        kept: how many values of this name a recording keeps, those used last.

    """
    return reading.derived.value(name, key, compute, kept)
