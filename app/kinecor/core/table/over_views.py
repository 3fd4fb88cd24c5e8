"""Values over the views of a study, and over the beats of a loop.

Those of a study: biplane volumes from two apical views, and strain averaged over views.

Which recordings enter is decided by rule: of a view with several clips all good ones, unless a reader chose or left out
some (`study.Sources`). Values are means over their beats. `sources_of` names them, so that no value is of unknown
origin.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain, pairwise, product
from typing import Final, Literal

import numpy as np

from kinecor.core.strain.wall_strain import Judge, StudyStrain, as_computed, strain_depth, study_strain, wall_strain
from kinecor.core.table.evaluation import Basis, Given, Inputs, rows, together, withheld
from kinecor.core.table.expected_error import ExpectedError, Form, apart, expected_error_of
from kinecor.core.table.intervals import form_of, interval_of, width_of, with_indices, with_scale_in_doubt
from kinecor.core.table.loop_inputs import (
    body_surface,
    ed_after_es,
    end_systole_definition,
    end_systole_of,
    rate_technique,
)
from kinecor.core.table.measures import (
    BY_IMPORTANCE,
    MEASURES,
    Measurement,
    Source,
    Status,
    ejection_fraction_percent,
    outflow_area_cm2,
    read_from,
)
from kinecor.core.table.table import measurements
from kinecor.core.table.technique import Kind, Technique
from kinecor.core.values.choices import layer_words
from kinecor.core.values.confidence import Trust
from kinecor.core.values.geometry import Contour
from kinecor.core.values.interval import ErrorSource, Interval
from kinecor.core.values.kind import APICAL_VIEWS
from kinecor.core.values.message import (
    NOTHING,
    Message,
    chain_texts,
    either,
    join_texts,
    joined_by,
    message,
    number,
    verbatim,
)
from kinecor.core.values.reading import Reading, counted_beats, index_beat
from kinecor.core.values.study import StudyReading, counting, of_one_stage
from kinecor.core.values.track import Structure
from kinecor.core.volumes.foreshortening import unlike
from kinecor.core.volumes.loop_volumes import (
    axis_mm,
    biplane_area_length_volume,
    biplane_disks_volume,
    disks_volume,
    long_axis,
)
from kinecor.core.volumes.stack_volumes import MM3_PER_ML

BIPLANE: Final = message("biplane method of disks (A4C and A2C)")
NO_SCALE: Final = message("no scale: biplane disks need millimetres in both views")
PLANES: Final = ("A4C", "A2C")
BIPLANE_AREA_LENGTH: Final = message("biplane area-length method (4CH and 2CH)")
_OF_PLANES: Final = Technique(Kind.BIPLANE, PLANES, words=BIPLANE)
_BY_AREA_LENGTH: Final = Technique(Kind.BIPLANE_AREA_LENGTH, PLANES, words=BIPLANE_AREA_LENGTH)

Result = Literal["LV", "LA", "GLS"]

RowsOf = Callable[[Reading], Sequence[Measurement]]
"""The measurements of one recording."""

_READ_FROM: Final[Mapping[Result, tuple[Source, ...]]] = {
    "LV": (Source.LV_ED, Source.LV_ES),
    "LA": (Source.LA_ES,),
    "GLS": (Source.GLS,),
}
RESULTS: Final = tuple(_READ_FROM)


def codes_of_result(result: Result) -> tuple[str, ...]:
    """Measurements of the study that rest on a result alone, in the order of the table.

    Args:
        result: "LV", "LA" or "GLS".

    """
    listed = (measure.code for measure in MEASURES if "study" in measure.kinds)
    return tuple(code for code in listed if read_from(code) <= set(_READ_FROM[result]))


def result_of(code: str) -> Result:
    """The result that a measurement of the study rests on, whatever else it needs; the volumes for a rate of theirs.

    Args:
        code: of a measurement of the study.

    """
    rests_on = read_from(code)
    return next((result for result, sources in _READ_FROM.items() if rests_on & set(sources)), "LV")


def _first(result: Result) -> str:
    """The most important measurement of a result: a view without it does not enter."""
    return next(code for code in BY_IMPORTANCE if code in codes_of_result(result))


_STRUCTURE: Final[Mapping[Result, Structure]] = {"LV": Structure.LV_ENDO, "LA": Structure.LA}
"""Of results by biplane disks."""
_EVENT: Final = {Source.LV_ED: "ed", Source.LV_ES: "es", Source.LA_ES: "es"}


@dataclass(frozen=True, eq=False)
class SourceOf:
    """A recording that a result over views rests on.

    Attributes:
        result: "LV" (EDV, ESV, EF by biplane disks), "LA" (its volume), or "GLS".
        view: of the recording.
        reading: of the recording.
        beats: numbers of its beats that enter, from 0.
        chosen_by: the reader who chose it, or "" where the rule did.

    """

    result: Result
    view: str
    reading: Reading
    beats: tuple[int, ...]
    chosen_by: str = ""


def study_measurements(
    readings: Sequence[Reading],
    rows_of: RowsOf = measurements,
    judge: Judge = as_computed,
    study: StudyReading | None = None,
    *,
    strain: bool = True,
) -> tuple[Measurement, ...]:
    """LV and LA volumes by biplane disks (ASE/EACVI 2015) and the mean of the apical views' GLS; empty without views.

    Frames are empty: they are of several recordings. Of a stress study, views of different stages are not combined.

    Args:
        readings: of the study's recordings.
        rows_of: their measurements; those withheld there do not enter.
        judge: withholds strain that the checks stop.
        study: what was concluded about the study: its reader's choices and decisions.
        strain: whether GLS is looked for, which needs that of all loops.

    """
    used = counting(readings, study)
    strained = _strained(used, judge) if strain else []
    given = _biplane(used, rows_of) | (_average(used, strained, rows_of, judge) if strain else {})
    given |= _filling(of_one_stage(used), rows_of) | _outflow(of_one_stage(used), rows_of)
    size = next((given_input for reading in used if (given_input := body_surface(reading))), None)
    if given and size is not None:
        given[Source.BODY_SURFACE] = size
    listed = rows("study", given, study.decisions if study else {})
    return _of_mean(_with_intervals(listed, of_one_stage(used), rows_of), strained, rows_of)


def sources_of(
    readings: Sequence[Reading],
    rows_of: RowsOf = measurements,
    judge: Judge = as_computed,
    study: StudyReading | None = None,
) -> tuple[SourceOf, ...]:
    """The recordings that the results of `study_measurements` with the same arguments rest on.

    Args:
        readings: of the study's recordings.
        rows_of: gives the measurements of a recording.
        judge: see `study_measurements`.
        study: what was concluded about the study; None for the rules alone.

    """
    used = counting(readings, study)
    sources: list[SourceOf] = []

    def add(result: Result, reading: Reading) -> None:
        view = reading.view.label if reading.view else ""
        by = study.authors.get("sources", "") if study and study.sources.of(view) == reading.facts.recording_id else ""
        beats = reading.events.beats if reading.events else ()
        numbers = tuple(number for number, beat in enumerate(beats) if beat in counted_beats(reading))
        sources.append(SourceOf(result, view, reading, numbers, by))

    for result in _STRUCTURE:
        for reading in chain.from_iterable(_clips(used, rows_of, result) or ()):
            add(result, reading)
    for reading in _strained(used, judge):
        add("GLS", reading)
    return tuple(sources)


# Codes of biplane values that have an interval, and the value of the planes that has the same relative error.
_INTERVAL_OF: Final[Mapping[Result, Mapping[str, str]]] = {
    "LV": {code: code for code in codes_of_result("LV")} | {"CO": "SV"},
    "LA": {code: code for code in codes_of_result("LA")},
}
# Correlation of the errors of the two planes of a heart. In 49 patients it was -0.1 to 0.1 (decision 0169); more is
# assumed, since what blurs one view of a patient often blurs the other.
PLANES_TOGETHER: Final = 0.5


def _with_intervals(
    found: tuple[Measurement, ...], readings: Sequence[Reading], rows_of: RowsOf
) -> tuple[Measurement, ...]:
    """The rows with intervals of biplane values, from those of the same values of both planes.

    A biplane volume is about the geometric mean of the volumes of its planes, so that the logarithm of its error is the
    mean of theirs; that of what EF leaves likewise. How many such scales cover 95 % is counted on patients.
    """
    intervals: dict[str, Interval] = {}
    for result, codes in _INTERVAL_OF.items():
        clips = _clips(readings, rows_of, result)
        planes = [[{row.code: row for row in rows_of(reading)} for reading in of_view] for of_view in clips or ()]
        for row in found:
            if row.code not in codes or row.quantity is None or row.entered or not planes:
                continue
            of_planes = [[clip.get(codes[row.code]) for clip in plane] for plane in planes]
            at_four, at_two = (
                _mean_known([width_of(measurement) for measurement in of_clips]) for of_clips in of_planes
            )
            if at_four is None or at_two is None:
                continue
            factor = biplane_factor(expected_error_of(clips[0][0]), row.code) if clips else 1.0
            width = factor * apart(at_four, at_two, -PLANES_TOGETHER) / 2
            if row.code == "CO":
                width = float(np.hypot(width, _rates_off(planes)))
            every = [measurement for of_clips in of_planes for measurement in of_clips]
            readers = all(
                measurement and measurement.interval and measurement.interval.source is ErrorSource.READERS
                for measurement in every
            )
            source = ErrorSource.READERS if readers else ErrorSource.NETWORK
            intervals[row.code] = interval_of(row.quantity.value, width, form_of(row.code), source)
        if clips:
            intervals |= with_scale_in_doubt([*clips[0], *clips[1]], {row.code: row for row in found}, intervals)
    rows = tuple(replace(row, interval=intervals[row.code]) if row.code in intervals else row for row in found)
    return with_indices(rows)


def _rates_off(planes: Sequence[Sequence[Mapping[str, Measurement]]]) -> float:
    """How far the rate of a clip is off the mean of the planes, in logarithms: the output may be that at any of them.

    Args:
        planes: measurements of the clips of each plane, by code.

    """
    rates = [
        [clip["HR"].quantity.value for clip in clips if "HR" in clip and clip["HR"].quantity is not None]
        for clips in planes
    ]
    if not all(rates):
        return 0.0
    mean = np.mean([np.mean(of_plane) for of_plane in rates])
    return float(max(abs(np.log(rate / mean)) for of_plane in rates for rate in of_plane))


def biplane_factor(model: ExpectedError, code: str, percent: str = "95") -> float:
    """By how much a biplane value's scales cover more or less than those of its planes; 1 of what was not counted.

    Args:
        model: the learnt numbers of single planes.
        code: of the measurement.
        percent: of values that an interval covers, "90" or "95".

    """
    many, of_planes = (
        (model.within_ef_biplane, model.within_ef)
        if code in ("EF", "SV", "CO")
        else (model.within_biplane, model.within)
    )
    return many.get(percent, of_planes[percent]) / of_planes[percent] if code in _COUNTED else 1.0


_COUNTED: Final = frozenset({"EDV", "ESV", "SV", "EF", "CO"})


def _of_mean(found: tuple[Measurement, ...], readings: Sequence[Reading], rows_of: RowsOf) -> tuple[Measurement, ...]:
    """The rows with an interval of GLS: the mean of those of its views, as if all were off alike."""
    widths = [width_of(_row(rows_of(reading), "GLS")) for reading in readings]
    known = [width for width in widths if width is not None]
    if not known or len(known) < len(widths):
        return found
    width = float(np.mean(known))
    return tuple(
        replace(row, interval=interval_of(row.quantity.value, width, Form.POINTS))
        if row.code == "GLS" and row.quantity is not None and not row.entered
        else row
        for row in found
    )


def _mean_known(widths: Sequence[float | None]) -> float | None:
    """The mean; None where any is not known. Clips of one view may all be off alike, so it is no narrower."""
    known = [width for width in widths if width is not None]
    return float(np.mean(known)) if known and len(known) == len(widths) else None


def _of_view(readings: Sequence[Reading], view: str) -> list[Reading]:
    return [reading for reading in readings if reading.view is not None and reading.view.label == view]


def _row(of_view: Sequence[Measurement], code: str) -> Measurement | None:
    """A measurement of a view, where it has a value."""
    return next((row for row in of_view if row.code == code and row.quantity is not None), None)


Clips = tuple[Reading, ...]
"""Of one view, one at least."""


def _clips(readings: Sequence[Reading], rows_of: RowsOf, result: Result) -> tuple[Clips, Clips] | None:
    """The four- and the two-chamber clips that give a biplane result; None where a view has no such value.

    Of each view its good clips: of sufficient confidence, and not foreshortened beside the longest. Where none is, the
    one with the highest confidence.
    """
    code, readings = _first(result), of_one_stage(readings)
    planes: list[Clips] = []
    for view in PLANES:
        usable = [
            (reading, row) for reading in _of_view(readings, view) if (row := _row(rows_of(reading), code)) is not None
        ]
        if not usable:
            return None
        good = _longest([reading for reading, row in usable if row.trust is Trust.OK])
        planes.append(good or (max(usable, key=lambda clip: clip[1].confidence or 0.0)[0],))
    return planes[0], planes[1]


def _longest(clips: Sequence[Reading]) -> Clips:
    """Clips of one view without those whose long axis is shorter than the longest by what a missed apex costs."""
    lengths_mm = [axis_mm(reading) for reading in clips]
    longest_mm = max((length for length in lengths_mm if length is not None), default=None)
    return tuple(
        reading
        for reading, length in zip(clips, lengths_mm, strict=True)
        if longest_mm is None or length is None or not unlike(length, longest_mm)
    )


def _biplane(readings: Sequence[Reading], rows_of: RowsOf) -> Inputs:
    readings = of_one_stage(readings)
    if not all(_of_view(readings, view) for view in PLANES):
        return {}
    return _planes(readings, rows_of, "LV") | _planes(readings, rows_of, "LA")


_PRIMES: Final = ("ESEP", "ELAT")
_ONE_E: Final = message("E and e' of several recordings, septal or lateral e' only")
_MEAN_E: Final = message("E and e' of several recordings, mean of septal and lateral e'")


def _filling(readings: Sequence[Reading], rows_of: RowsOf) -> Inputs:
    """E and e' where they were measured on different recordings, as is usual: the mean of each over recordings."""
    values: dict[str, list[float]] = {code: [] for code in ("E", *_PRIMES)}
    authors: list[str] = []
    for reading in readings:
        if not reading.callipers:
            continue
        for row in rows_of(reading):
            if row.code in values and row.quantity is not None:
                values[row.code].append(row.quantity.value)
                authors += row.by
    primes = [float(np.mean(values[code])) for code in _PRIMES if values[code]]
    if not values["E"] or not primes:
        return {}
    basis = Basis(marked_by=tuple(dict.fromkeys(authors)), edited=True)
    method = _MEAN_E if len(primes) == 2 else _ONE_E
    technique = Technique(Kind.CALLIPER, conventions=(method,), words=method)
    return {
        Source.MITRAL_E: Given(float(np.mean(values["E"])), basis, method, technique=technique),
        Source.ANNULAR_E: Given(float(np.mean(primes)), basis, method, technique=technique),
    }


_BY_OUTFLOW: Final = message("LVOT area × VTI, by calliper and trace")
_NO_DIAMETER: Final = message("no LVOT diameter: measure it by calliper on the parasternal long axis")


def _outflow(readings: Sequence[Reading], rows_of: RowsOf) -> Inputs:
    """LVOT diameter and VTI, which are measured on different recordings: the mean of each over recordings.

    A trace alone says why there is no stroke volume; a diameter alone is no reason to expect one.
    """
    found = {
        code: [
            row
            for one in readings
            if one.callipers
            for row in rows_of(one)
            if row.code == code and row.quantity is not None
        ]
        for code in ("LVOT", "LVOTVTI")
    }
    diameters, integrals = found["LVOT"], found["LVOTVTI"]
    if not integrals:
        return {}
    technique = Technique(Kind.CALLIPER, words=_BY_OUTFLOW)
    traced = Basis(marked_by=_authors(integrals), edited=True)
    given: Inputs = {Source.OUTFLOW_INTEGRAL: Given(_mean_of(integrals), traced, _BY_OUTFLOW, technique=technique)}
    if not diameters:
        return given | {Source.OUTFLOW: withheld(_NO_DIAMETER, _BY_OUTFLOW, traced, technique)}
    trust = Trust.CHECK if any(row.trust is Trust.CHECK for row in (*diameters, *integrals)) else Trust.OK
    basis = Basis(marked_by=_authors(diameters), edited=True, trust=trust)
    diameter_mm, integral_cm = _mean_of(diameters), _mean_of(integrals)
    method = message(
        "LVOT area {area_cm2:.2f} cm² × VTI {integral_cm:.1f} cm",
        area_cm2=outflow_area_cm2(diameter_mm),
        integral_cm=integral_cm,
    )
    return given | {Source.OUTFLOW: Given(diameter_mm, basis, method, technique=technique)}


def _authors(found: Sequence[Measurement]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(author for row in found for author in row.by))


def _mean_of(found: Sequence[Measurement]) -> float:
    return float(np.mean([row.quantity.value for row in found if row.quantity is not None]))


def _why_no_pair(readings: Sequence[Reading], rows_of: RowsOf, structure: Structure, code: str) -> Message:
    without = [view for view in PLANES if not any(_row(rows_of(reading), code) for reading in _of_view(readings, view))]
    empty = [view for view in without if not any(structure in reading.tracks for reading in _of_view(readings, view))]
    if empty:
        return message("{views}: no contours yet", views=chain_texts(empty))
    why = {view: _withheld_because(_of_view(readings, view), rows_of, code) for view in without}
    said: list[Message] = []
    for reason in dict.fromkeys(why.values()):
        views = chain_texts([view for view in without if why[view] == reason])
        said.append(
            message("{code} is withheld in {views}: {reason}", code=verbatim(code), views=views, reason=reason)
            if reason
            else _withheld_in(code, views)
        )
    return joined_by(" ", [text if text.endswith(".") or text is said[-1] else join_texts(text, ";") for text in said])


def _withheld_in(code: str, views: Message) -> Message:
    return message("{code} is withheld in {views}", code=verbatim(code), views=views)


def _withheld_because(readings: Sequence[Reading], rows_of: RowsOf, code: str) -> Message:
    """Why a value of a view is withheld, in the words of its row; empty where it has none."""
    rows = [row for reading in readings for row in rows_of(reading) if row.code == code and row.quantity is None]
    return next((row.note for row in rows if row.note), NOTHING)


def _planes(readings: Sequence[Reading], rows_of: RowsOf, result: Result) -> Inputs:
    """Volumes of one cavity from two planes, or why there are none."""
    structure, code, sources = _STRUCTURE[result], _first(result), _READ_FROM[result]
    clips = _clips(readings, rows_of, result)
    if clips is None:
        if result == "LA" and not all(
            any(structure in reading.tracks for reading in _of_view(readings, view)) for view in PLANES
        ):
            return {}
        return dict.fromkeys(sources, _without_volume(_why_no_pair(readings, rows_of, structure, code)))
    rate = _rate(clips, rows_of) if result == "LV" else {}
    every = [reading for of_view in clips for reading in of_view]
    if any(reading.calibration is None for reading in every):
        return dict.fromkeys(sources, _without_volume(NO_SCALE))
    rows = [row for reading in every if (row := _row(rows_of(reading), code)) is not None]
    basis, remark = (
        together(map(_basis, rows)),
        (_axes_note(*map(_with_longest_axis, clips)) or _of_two_beats(every)) if result == "LV" else None,
    )
    by_length = _atria_of_mri(*clips, structure)
    method = _method(BIPLANE_AREA_LENGTH if by_length else BIPLANE, *clips)
    technique = _BY_AREA_LENGTH if by_length else _OF_PLANES
    volumes = {
        source: Given(_volume_mm3(*clips, structure, _EVENT[source]), basis, method, remark=remark, technique=technique)
        for source in sources
    }
    return volumes | rate


def _of_two_beats(clips: Sequence[Reading]) -> Message | None:
    """That a clip gives ES and ED of two beats, with its view; None where each shows both of one."""
    for clip in clips:
        remark = ed_after_es(clip)
        if remark is not None and clip.view is not None:
            return join_texts(clip.kind.view_name(clip.view.label), ": ", remark)
    return None


def _atria_of_mri(four: Clips, two: Clips, structure: Structure) -> bool:
    """Whether a volume is of the atrium by two long axes of cine MRI: by areas and length, as its ranges are."""
    return structure is Structure.LA and all(reading.kind.oriented_by_plane for reading in (*four, *two))


def _without_volume(reason: Message) -> Given:
    """What biplane disks do not give, and the reason."""
    return withheld(reason, BIPLANE, technique=_OF_PLANES)


def _method(method: Message, four: Clips, two: Clips) -> Message:
    """The method, and of how many clips the value is the mean, where a view has several."""
    if len(four) == len(two) == 1:
        return method
    return message("{method}, mean of {clips} clips", method=method, clips=len(four) + len(two))


def _with_longest_axis(clips: Clips) -> Reading:
    return max(clips, key=lambda reading: axis_mm(reading) or 0.0)


def _rate(clips: tuple[Clips, Clips], rows_of: RowsOf) -> Inputs:
    """The heart rate of the two planes of a biplane volume: their mean, or why it is withheld; nothing if unknown."""
    of_planes = [[row for reading in of_view if (row := _row(rows_of(reading), "HR")) is not None] for of_view in clips]
    found = [row for rows in of_planes for row in rows]
    values = [
        float(np.mean([row.quantity.value for row in rows if row.quantity is not None])) for rows in of_planes if rows
    ]
    if len(values) < len(clips):
        listed = [any(row.code == "HR" for reading in of_view for row in rows_of(reading)) for of_view in clips]
        without = [view for view, rows in zip(PLANES, of_planes, strict=True) if not rows]
        why = _withheld_in("HR", chain_texts(without))
        return {Source.HEART_RATE: _without_volume(why)} if all(listed) else {}
    each = [join_texts(view, " ", number(rate, ".0f"), "/min") for view, rate in zip(PLANES, values, strict=True)]
    method = message("mean of {rates}", rates=chain_texts(each))
    technique = rate_technique(message("mean of {views}", views=chain_texts(PLANES)), PLANES)
    return {Source.HEART_RATE: Given(float(np.mean(values)), together(map(_basis, found)), method, technique=technique)}


def _basis(row: Measurement) -> Basis:
    """A measurement of one view as the basis of one of the study; frames stay empty, they are of several recordings."""
    return Basis(
        structures=row.structures,
        drawn_by=row.by,
        confidence=row.confidence,
        edited=row.status is Status.EDITED,
        trust=row.trust,
    )


def _contours(reading: Reading, structure: Structure, event: str) -> list[Contour]:
    frames = [getattr(beat, event) for beat in counted_beats(reading)]
    found = [reading.tracks[structure].contours[frame] for frame in frames]
    return [contour for contour in found if contour is not None]


def _volume_mm3(four: Clips, two: Clips, structure: Structure, event: str) -> float:
    """The mean over every beat of the four-chamber clips with every beat of the two-chamber ones.

    No beat of one view was recorded with one of the other, so that all combinations count alike.
    """
    seen = [
        [(contour, np.array(reading.spacing)) for reading in clips for contour in _contours(reading, structure, event)]
        for clips in (four, two)
    ]
    volume = biplane_area_length_volume if _atria_of_mri(four, two, structure) else biplane_disks_volume
    return float(np.mean([volume(a, b, a_mm, b_mm) for (a, a_mm), (b, b_mm) in product(*seen)]))


def _axes_note(four: Reading, two: Reading) -> Message | None:
    """A remark that one view may be foreshortened, with the same lengths as the views' own warnings."""
    endo = Structure.LV_ENDO
    a, b = (
        axis_mm(reading) or long_axis(_contours(reading, endo, "ed")[0], *reading.spacing).length
        for reading in (four, two)
    )
    if not unlike(a, b):
        return None
    return message(
        "the long axis at ED is {four_mm:.0f} mm in A4C and {two_mm:.0f} mm in A2C: is one view foreshortened?",
        four_mm=a,
        two_mm=b,
    )


def _strained(readings: Sequence[Reading], judge: Judge) -> list[Reading]:
    """The apical loops whose strain is measured."""
    loops = of_one_stage(
        reading for reading in readings if (strain := wall_strain(reading)) is not None and strain.view
    )
    seen = [(reading, judge(reading, strain)) for reading in loops if (strain := wall_strain(reading)) is not None]
    return [reading for reading, strain in seen if strain.why is None]


def _average(readings: Sequence[Reading], used: Sequence[Reading], rows_of: RowsOf, judge: Judge) -> Inputs:
    """GLS over the views; `used` are the readings whose strain is measured."""
    strain = study_strain(readings, judge)
    if strain.average_percent is None:
        return {}
    views_gls = [row for reading in used if (row := _row(rows_of(reading), "GLS")) is not None]
    if not views_gls:
        return {}
    sources = list(dict.fromkeys(map(end_systole_of, used)))
    views = joined_by(
        ", ", [join_texts(view, " ", number(percent, ".1f"), " %") for view, percent in strain.view_percent.items()]
    )
    mean = message("mean of {views}", views=views)
    notes = [message("without {views}", views=chain_texts(strain.missing)) if strain.missing else NOTHING]
    notes += [strain.doubt] if strain.doubt else []
    return {
        Source.GLS: Given(
            value=strain.average_percent,
            basis=together(map(_basis, views_gls)),
            method=joined_by("; ", (mean, layer_words(strain_depth(used[0])), either(sources))),
            note=joined_by("; ", notes) or None,
            technique=_mean_technique(strain, used, mean),
        )
    }


def _mean_technique(found: StudyStrain, used: Sequence[Reading], words: Message) -> Technique:
    """The technique of a mean over views: which these are in their usual order, and how the wall was followed."""
    strains = [(reading, strain) for reading in used if (strain := wall_strain(reading)) is not None]
    conventions = {
        *(strain.method for _, strain in strains),
        *(end_systole_definition(reading) for reading, _ in strains),
    }
    views = tuple(sorted(found.view_percent, key=APICAL_VIEWS.index))
    depth = strain_depth(used[0])
    return Technique(Kind.MEAN_OF_VIEWS, views, found.missing, depth, tuple(sorted(conventions)), words)


@dataclass(frozen=True, slots=True)
class BeatRow:
    """One beat of a loop.

    Attributes:
        number: from 0.
        ed, es: frames, from 0.
        before_s: length of the beat before it, ED to ED, or None of the first.
        edv_ml, esv_ml: by single-plane disks; None without a scale or a contour.
        ef_percent: None without contours.
        counted: whether it is measured.
        index_beat: whether the two beats before it are the most alike in length.

    """

    number: int
    ed: int
    es: int
    before_s: float | None
    edv_ml: float | None
    esv_ml: float | None
    ef_percent: float | None
    counted: bool
    index_beat: bool


OF_A_BEAT: Final[Mapping[str, str]] = {"EDV": "edv_ml", "ESV": "esv_ml", "EF": "ef_percent"}
"""Attributes of a beat by the code of their measurement."""


def beat_rows(reading: Reading) -> tuple[BeatRow, ...]:
    """The beats of an apical loop, in order; empty of other recordings.

    Args:
        reading: of a recording of any kind.

    """
    beats = reading.events.beats if reading.events and reading.kind.volumes == "disks" else ()
    if Structure.LV_ENDO not in reading.tracks or not beats:
        return ()
    times_s, counted, index = reading.facts.times_s, counted_beats(reading), index_beat(reading)
    before = [None, *(float(times_s[b.ed] - times_s[a.ed]) for a, b in pairwise(beats))]
    ml = 1 / MM3_PER_ML if reading.calibration else None
    found = []
    for place, beat in enumerate(beats):
        ed, es = (_volume(reading, frame) for frame in (beat.ed, beat.es))
        found.append(
            BeatRow(
                number=place,
                ed=beat.ed,
                es=beat.es,
                before_s=before[place],
                edv_ml=ed * ml if ed is not None and ml else None,
                esv_ml=es * ml if es is not None and ml else None,
                ef_percent=ejection_fraction_percent(ed, es) if ed and es is not None else None,
                counted=beat in counted,
                index_beat=place == index,
            )
        )
    return tuple(found)


def spread(rows: Sequence[BeatRow]) -> dict[str, float]:
    """Standard deviation of EDV, ESV (ml) and EF (points) over the beats that are measured, of two or more.

    Args:
        rows: of the beats of a loop, see `beat_rows`.

    """
    found = {}
    for code, name in OF_A_BEAT.items():
        values = [value for row in rows if row.counted and (value := getattr(row, name)) is not None]
        if len(values) > 1:
            found[code] = float(np.std(values, ddof=1))
    return found


def _volume(reading: Reading, frame: int) -> float | None:
    """In mm3, or cubic widths of a pixel without a scale."""
    contour = reading.tracks[Structure.LV_ENDO].contours[frame]
    return None if contour is None else disks_volume(contour, *reading.spacing)
