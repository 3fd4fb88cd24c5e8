"""The pages of a report on one recording in detail: all its values with their confidence, and strain by segment."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from itertools import groupby

import numpy as np
from reportlab.lib.colors import Color, HexColor
from reportlab.pdfgen.canvas import Canvas

from kinecor.core.checks.assessment import Assessment, assess, strain_as_assessed, study_strain_as_assessed
from kinecor.core.norms.classes import NOT_MEASURED_WELL
from kinecor.core.report.language import Language
from kinecor.core.report.sentences import place_of
from kinecor.core.strain.drawing import ON_WHITE, short_name
from kinecor.core.strain.short_axis import ShortAxisRegions, short_axis_regions, short_axis_view
from kinecor.core.strain.wall_strain import (
    FROM_CONTOURS,
    SEGMENT_OF_POINT,
    StudyStrain,
    WallStrain,
    wall_strain,
)
from kinecor.core.table.loop_inputs import method_of
from kinecor.core.table.measures import (
    BODY_SURFACE,
    SEGMENTAL,
    Measurement,
    Quantity,
    Status,
    format_quantity,
    interval_words,
    name_of,
    typeset,
    unit_name,
    with_unit,
)
from kinecor.core.table.stack_inputs import convention
from kinecor.core.values.choices import APICAL, BASAL, MID
from kinecor.core.values.confidence import TRACKING_QUALITY, Trust
from kinecor.core.values.message import NOTHING, Message, join_texts, joined_by, message, number, verbatim
from kinecor.core.values.reading import Reading
from kinecor.core.values.recording import CineSequence, Region
from kinecor.core.values.study import StudyReading, counting
from kinecor.core.volumes.segments import NAMES as AHA_NAMES
from kinecor.core.volumes.segments import bulls_eye, segments_of_view
from kinecor.io.report import words
from kinecor.io.report.blocks import (
    ALERT,
    GAP,
    INK,
    QUIET,
    Block,
    Box,
    Cell,
    Drawing,
    Lines,
    Page,
    Rows,
    Sentence,
    Span,
)
from kinecor.io.report.drawings import caption, draw_bulls_eye, draw_bulls_eyes, draw_frame, draw_strain, fit_rectangle
from kinecor.io.report.pdf import PLAIN

_RIM_SHARE = 0.16
_NOT_ROUTINE = message("Exploratory, not for routine use (ASE/EACVI 2025, doi 10.1016/j.echo.2025.07.007)")
_RING_NOT_ROUTINE = message("Segments and radial strain are exploratory, not for routine use (ASE/EACVI 2025)")
_SEGMENT_TITLES = (
    message("Segment"),
    message("At ES"),
    message("Peak"),
    message("Time to peak"),
    message("Post-systolic index"),
    message("Tracking"),
    message("Included"),
)
_SEGMENT_SHARES = (0.24, 0.11, 0.1, 0.13, 0.18, 0.1, 0.14)
_TITLES = (
    message("Measurement"),
    message("Value"),
    message("Normal"),
    message("Confidence"),
    message("Frames"),
    message("Status"),
    message("Method, remark"),
)
_SHARES = (0.215, 0.13, 0.11, 0.1, 0.075, 0.14, 0.23)
_RING_TITLES = (
    message("Segment"),
    message("At ES"),
    message("Peak"),
    message("Time to peak"),
    message("Post-systolic"),
    message("Radial at ES"),
    message("Tracking"),
    message("Reason"),
)
_RING_SHARES = (0.19, 0.085, 0.085, 0.125, 0.13, 0.125, 0.1, 0.16)
_LEVEL_TITLES = {BASAL: message("Basal, %"), MID: message("Mid-ventricular, %"), APICAL: message("Apical, %")}
_NONE = verbatim("–")
_RING_EYES = (
    (message("Circumferential at ES, %"), "end_systolic", "strain %"),
    (message("Circumferential peak, %"), "peak", "strain %"),
    (message("Time to peak, ms"), "time_to_peak_s", "ms"),
    (message("Radial at ES, %"), "radial", "radial %"),
)


def detail_pages(
    cine: CineSequence,
    reading: Reading,
    others: Sequence[Reading],
    concluded: StudyReading | None,
    language: Language,
) -> Iterator[Page]:
    """The pages on one recording in detail.

    Args:
        cine: the recording, of a stack its first slice with the stack's identity.
        reading: what was concluded about it.
        others: Readings of the study's other recordings, for checks and averages over views.
        concluded: what was concluded about the study.
        language: of titles in drawings; texts are translated where they are set.

    """
    yield values_page(reading, others, language)
    of_loop = longitudinal_page(cine, reading, others, concluded, language)
    page = of_loop if reading.kind.strain == "longitudinal" else short_axis_page(reading, language)
    if page is not None:
        yield page


def values_page(reading: Reading, others: Sequence[Reading], language: Language) -> Page:
    """All values of the recording but those by segment, and wall thickness of a stack.

    Args:
        reading: of the recording.
        others: Readings of the study's other recordings.
        language: of the report.

    """
    assessment = assess(reading, others)
    return Page(
        message("{recording}: all values", recording=place_of(reading)),
        (*_values(reading, assessment), *_bulls_eyes(reading, language)),
    )


def longitudinal_page(
    cine: CineSequence,
    reading: Reading,
    others: Sequence[Reading],
    concluded: StudyReading | None,
    language: Language,
) -> Page | None:
    """The page of longitudinal strain of an apical view, or None without strain curves or a view.

    `others` are Readings of the study's other recordings, for the average of the views and the bull's-eyes: of a
    stress study those of its stage. `concluded` is what was concluded about the study.

    Args:
        cine: its images.
        reading: of the recording.
        others: Readings of the study's other recordings.
        concluded: about the study; None for nothing.
        language: of the report.

    """
    strain = wall_strain(reading)
    strain = strain and strain_as_assessed(reading, strain)
    if strain is None or strain.view is None:
        return None
    alike = (single_reading for single_reading in others if single_reading.facts.stage == reading.facts.stage)
    study = study_strain_as_assessed(counting((reading, *alike), concluded))
    valves = [("AVC", frame) for frame in reading.valve_closures]
    valves += [("MVO", frame) for frame in reading.valve_openings]
    curves = partial(draw_strain, found=strain, events=reading.events, valves=valves, language=language)
    row = partial(_draw_wall_and_eyes, cine=cine, reading=reading, found=strain, study=study, language=language)
    return Page(
        message("{recording}: longitudinal strain", recording=place_of(reading)),
        (
            Lines(_longitudinal_head(reading, strain, study, language)),
            Drawing(curves, 150.0, 205.0, 230.0, message("Longitudinal strain over time")),
            Sentence(_NOT_ROUTINE, bold=True, colour=ALERT),
            Drawing(row, 130.0, 168.0, 190.0, message("Tracked points at end-systole; bull's-eyes of the study")),
            _longitudinal_segments(strain),
        ),
        message("Shortening is negative. 18 segments, walls as in ASE/EACVI 2015."),
    )


def short_axis_page(reading: Reading, language: Language) -> Page | None:
    """The page of short-axis strain of a stack or a loop, or None where no segments were followed.

    Args:
        reading: of the recording.
        language: of the report.

    """
    regions = short_axis_regions(reading)
    if regions is None:
        return None
    return Page(
        message("{recording}: short-axis strain", recording=place_of(reading)),
        (
            Lines(_short_axis_head(reading, regions)),
            Drawing(
                partial(_draw_levels, reading=reading, found=regions, language=language),
                120.0,
                150.0,
                190.0,
                message("Circumferential strain over time"),
            ),
            Sentence(_RING_NOT_ROUTINE, bold=True, colour=ALERT),
            Drawing(
                partial(draw_bulls_eyes, eyes=_ring_eyes(reading, regions, language)),
                105.0,
                125.0,
                145.0,
                joined_by("; ", [title for title, *_ in _RING_EYES]),
            ),
            Sentence(message("Red shortens, blue lengthens."), colour=QUIET),
            _short_axis_segments(reading, regions),
        ),
        message("Shortening is negative. AHA segments, counted from the anterior RV insertion."),
    )


def _longitudinal_head(
    reading: Reading, strain: WallStrain, study: StudyStrain, language: Language
) -> tuple[tuple[Message, Message], ...]:
    measured = {measurement.code: measurement for measurement in assess(reading).measurements}
    here = message("{value} at ES", value=_value(measured["GLS"], reading))
    if "GLSPS" in measured:
        here = join_texts(here, "; ", message("peak systolic {value}", value=_value(measured["GLSPS"], reading)))
    count = len(study.view_percent)
    average = message("needs two apical views or more")
    if study.average_percent is not None and count > 1:
        each = [
            join_texts(_view(reading, view), " ", with_unit(percent, "%"))
            for view, percent in study.view_percent.items()
        ]
        average = join_texts(with_unit(study.average_percent, "%"), " (", joined_by(", ", each), ")")
        average = joined_by("; ", (average, study.doubt or NOTHING))
    several = message("GLS ({count}-view average)", count=count) if count > 1 else message("GLS (average of views)")
    return (
        (message("{view} longitudinal strain", view=_view(reading, strain.view or "")), here),
        (several, average),
        (message("Method"), verbatim(typeset(language.render(method_of(reading, strain))))),
    )


def _view(reading: Reading, label: str) -> Message:
    return verbatim(reading.kind.view_name(label))


def _value(measurement: Measurement, reading: Reading) -> Message:
    """A value with its reader's decision, or the reason why it is not available."""
    if measurement.quantity is None:
        return message("not available: {reason}", reason=measurement.note or NOTHING)
    value = format_quantity(measurement.quantity, measurement.code)
    if measurement.status not in (Status.ACCEPTED, Status.EDITED):
        return value
    return join_texts(value, " (", words.status_line(measurement, reading), ")")


def _longitudinal_segments(strain: WallStrain) -> Block:
    rows: list[tuple[Cell, ...]] = []
    for index, name in enumerate(strain.names):
        shortening, quality = strain.segments[index], float(strain.quality[index])
        if shortening is None:
            apart = message("not tracked") if strain.method == FROM_CONTOURS else message("not on MRI")
            numbers = [message("not available") if strain.regional else apart, NOTHING, NOTHING, NOTHING]
        else:
            numbers = [
                _segment(shortening.end_systolic, "%", "LS1"),
                _segment(shortening.peak, "%", "LS1"),
                _segment(1000 * shortening.time_to_peak_s, "ms", "TTP"),
                _segment(shortening.post_systolic_index, "%", "PSI"),
            ]
        tag = (Span(verbatim(short_name(name)), bold=True, colour=ON_WHITE[index]), Span(name.uncapitalised()))
        included = message("excluded by reader") if index in strain.excluded else message("yes")
        rows.append((tag, *numbers, _tracking(quality) if strain.regional else NOTHING, included))
    return Rows(_SEGMENT_TITLES, _SEGMENT_SHARES, tuple(rows))


def _segment(value: float, unit: str, code: str) -> Message:
    """A segment's value with the decimals of the whole wall's measure `code`, or a dash for NaN."""
    return format_quantity(Quantity(value, unit), code) if np.isfinite(value) else _NONE


def _tracking(quality: float) -> Message:
    """Tracking quality 0..1, marked where it is too low for a value; "" for NaN."""
    if not np.isfinite(quality):
        return NOTHING
    if quality >= TRACKING_QUALITY.withheld:
        return number(quality, ".2f")
    return message("{quality:.2f}, low", quality=quality)


def _draw_wall_and_eyes(
    canvas: Canvas,
    box: Box,
    *,
    cine: CineSequence,
    reading: Reading,
    found: WallStrain,
    study: StudyStrain,
    language: Language,
) -> None:
    """The wall at end-systole with its tracked points, and two bull's-eyes of the study."""
    third = (box.width - 2 * GAP) / 3
    region = _around(found, cine)
    frame = found.beats[0].es if found.beats else 0
    inner = fit_rectangle(Box(box.x, box.y + 11, third, box.height - 11), region, reading)
    draw_frame(canvas, inner, region, cine, reading, frame)
    _draw_points(canvas, inner, region, found, frame)
    canvas.setFillColor(HexColor(INK))
    canvas.setFont(PLAIN, 7)
    name = message("Aortic valve closure") if frame in reading.valve_closures else message("End-systole")
    canvas.drawCentredString(inner.x + inner.width / 2, inner.y - 8.5, caption(cine, name, frame, language))
    rims = (
        {apical_segment.number: ON_WHITE[index] for index, apical_segment in enumerate(segments_of_view(found.view))}
        if found.view
        else {}
    )
    for place, (title, values, unit) in enumerate(
        (
            (message("Strain at end-systole, %"), study.drawn_percent, "strain %"),
            (message("Time to peak strain, ms"), study.time_to_peak_ms, "ms"),
        ),
        1,
    ):
        cell = Box(box.x + place * (third + GAP), box.y + 11, third, box.height - 11)
        draw_bulls_eye(canvas, cell, language.render(title), values, unit, rims, study.hatched)
    seen = joined_by(", ", [_view(reading, view) for view in study.view_percent]) or message("none")
    said = language.fill("Views: {views}. Red shortens, blue lengthens. Rims: this view.", views=seen)
    canvas.setFillColor(HexColor(QUIET))
    canvas.setFont(PLAIN, 6.5)
    middle = box.x + third + GAP + (2 * third + GAP) / 2
    canvas.drawCentredString(middle, box.y + 2, said)


def _around(strain: WallStrain, cine: CineSequence) -> Region:
    """The part of the image that holds the wall through the loop, and a rim."""
    points = strain.points_px[np.isfinite(strain.points_px).all(axis=2)]
    low, high = points.min(axis=0), points.max(axis=0)
    rim = _RIM_SHARE * float((high - low).max())
    x0, y0 = (max(int(corner), 0) for corner in low - rim)
    x1, y1 = (min(int(corner) + 1, most) for corner, most in zip(high + rim, (cine.columns, cine.rows), strict=True))
    return Region(x0, y0, x1, y1) if x1 > x0 and y1 > y0 else Region(0, 0, cine.columns, cine.rows)


def _draw_points(canvas: Canvas, box: Box, region: Region, strain: WallStrain, frame: int) -> None:
    points = strain.points_px[frame]
    x = box.x + (points[:, 0] + 0.5 - region.x0) * box.width / (region.x1 - region.x0)
    y = box.y + box.height - (points[:, 1] + 0.5 - region.y0) * box.height / (region.y1 - region.y0)
    for index in range(0, len(points), 2):
        if np.isfinite(x[index]) and np.isfinite(y[index]):
            canvas.setFillColor(Color(1, 1, 1))
            canvas.circle(x[index], y[index], 1.5, stroke=0, fill=1)
            canvas.setFillColor(HexColor(ON_WHITE[SEGMENT_OF_POINT[index]]))
            canvas.circle(x[index], y[index], 1.1, stroke=0, fill=1)


def _short_axis_head(reading: Reading, regions: ShortAxisRegions) -> tuple[tuple[Message, Message], ...]:
    rows = {measurement.code: measurement for measurement in assess(reading).measurements}
    slices = words.frame_list(slice_wall.number for slice_wall in regions.slices)
    where = message("from: {origin}", origin=regions.origin)
    if reading.kind.stack:
        where = join_texts(where, "; ", message("slices tracked: {slices}", slices=slices))
    return (
        (message("GCS at ES"), _with_method(rows.get("GCS"), reading)),
        (message("GRS at ES"), _with_method(rows.get("GRS"), reading)),
        (message("Segments"), where),
    )


def _with_method(row: Measurement | None, reading: Reading) -> Message:
    if row is None:
        return message("not measured")
    return joined_by("; ", (_value(row, reading), row.method if row.quantity else NOTHING))


def _draw_levels(canvas: Canvas, box: Box, *, reading: Reading, found: ShortAxisRegions, language: Language) -> None:
    """A chart for each level that the slices show, base first."""
    at = {slice_wall.level: slice_wall.number for slice_wall in found.slices}
    gcs = next((measurement for measurement in assess(reading).measurements if measurement.code == "GCS"), None)
    withheld = gcs.note if gcs is not None and gcs.status is Status.WITHHELD else None
    each = box.width / len(at)
    for place, level in enumerate(sorted(at)):
        shown = short_axis_view(reading, at[level])
        if shown is not None:
            cell = Box(box.x + place * each, box.y, each - GAP / 2, box.height)
            title = _LEVEL_TITLES[level]
            draw_strain(canvas, cell, replace(shown, why=withheld), reading.events, title=title, language=language)


def _timed(reading: Reading) -> bool:
    """Whether times are known and not assumed."""
    return reading.facts.times_origin != "assumed"


def _ring_eyes(
    reading: Reading, regions: ShortAxisRegions, language: Language
) -> tuple[tuple[str, np.ndarray, str], ...]:
    return tuple(
        (
            language.render(title),
            regions.values(what) * ((1000 if _timed(reading) else np.nan) if unit == "ms" else 1),
            unit,
        )
        for title, what, unit in _RING_EYES
    )


def _short_axis_segments(reading: Reading, regions: ShortAxisRegions) -> Block:
    rows: list[tuple[Cell, ...]] = []
    radial = regions.values("radial")
    for index, name in enumerate(AHA_NAMES[: len(regions.why)]):
        shortening, quality = regions.summaries[index], float(regions.quality[index])
        if not np.isfinite(quality) and not reading.kind.stack:
            continue  # another level than this loop's
        numbers = [_NONE] * 5
        if shortening is not None:
            late = np.isfinite(shortening.time_to_peak_s) and _timed(reading)
            numbers = [
                with_unit(shortening.end_systolic, "%"),
                with_unit(shortening.peak, "%"),
                verbatim(f"{1000 * shortening.time_to_peak_s:.0f} ms") if late else _NONE,
                with_unit(shortening.post_systolic_index, "%")
                if np.isfinite(shortening.post_systolic_index)
                else _NONE,
                with_unit(float(radial[index]), "%") if np.isfinite(radial[index]) else _NONE,
            ]
        tag = (Span(verbatim(f"{index + 1}")), Span(name))
        rows.append((tag, *numbers, _tracking(quality), regions.why[index] or NOTHING))
    return Rows(_RING_TITLES, _RING_SHARES, tuple(rows), padding=0.9)


def _bulls_eyes(reading: Reading, language: Language) -> tuple[Block, ...]:
    """Of a stack wall thickness at ED and ES and thickening by segment, or a sentence why there is none."""
    if not reading.kind.stack:
        return ()
    eye = bulls_eye(reading) if reading.calibration else None
    if eye is None:
        return (Sentence(message("No bull's-eye: the wall is not contoured at ED and ES."), colour=QUIET),)
    how = message(
        "AHA 17 segments, centreline chords, {convention}; segments from: {origin}. Regional thickening is "
        "exploratory.",
        convention=convention(reading),
        origin=eye.origin,
    )
    eyes = (
        (language.fill("Wall at ED, mm"), eye.ed_mm, "mm"),
        (language.fill("Wall at ES, mm"), eye.es_mm, "mm"),
        (language.fill("Thickening, %"), eye.thickening_percent, "%"),
    )
    return (
        Drawing(
            partial(draw_bulls_eyes, eyes=eyes), 100.0, 112.0, 150.0, verbatim("; ".join(title for title, *_ in eyes))
        ),
        Sentence(how, colour=QUIET),
    )


def _values(reading: Reading, assessment: Assessment) -> tuple[Block, ...]:
    """The table of all values but those by segment; values withheld for one reason share a row."""
    # Body surface is in the block of the patient.
    shown = [
        measurement
        for measurement in assessment.measurements
        if measurement.code not in SEGMENTAL and measurement.code != BODY_SURFACE
    ]
    if not shown:
        return (Sentence(message("Nothing was measured in this recording."), bold=True),)
    rows: list[tuple[Cell, ...]] = []
    for _, group in groupby(
        shown, lambda measurement: measurement.code if measurement.quantity else measurement.note or ""
    ):
        first, *more = group
        row = _row(first, reading, assessment)
        if more:
            row = (
                (Span(verbatim(", ".join(measurement.code for measurement in (first, *more))), bold=True),),
                *row[1:],
            )
        rows.append(row)
    return (Rows(_TITLES, _SHARES, tuple(rows)),)


def _range(code: str, assessment: Assessment) -> Cell:
    """The reference range of a value and what is said of it, in words and, where it is abnormal, in colour.

    While a check of the value is open there is no flag.
    """
    graded = assessment.norms.get(code)
    if graded is None:
        return (Span(NOT_MEASURED_WELL),) if assessment.imprecise(code) else NOTHING
    spans = [Span(joined_by(" ", (graded.range_words, unit_name(graded.unit))))]
    if assessment.imprecise(code):
        spans.append(Span(NOT_MEASURED_WELL, new_line=True))
    elif not graded.normal and not assessment.muted(code):
        spans.append(Span(graded.words, bold=True, colour=ALERT if graded.abnormal else "", new_line=True))
    return tuple(spans)


def _row(measurement: Measurement, reading: Reading, assessment: Assessment) -> tuple[Cell, ...]:
    value = [
        Span(
            format_quantity(measurement.quantity, measurement.code) if measurement.quantity else _NONE,
            bold=measurement.quantity is not None,
        )
    ]
    if measurement.trust is Trust.CHECK:
        value.append(Span(message("! check"), bold=True, colour=ALERT, new_line=True))
    if interval := interval_words(measurement):
        value.append(Span(joined_by(" ", (interval, unit_name(measurement.unit))), new_line=True))
    method = [Span(measurement.method, limit=160, signs=True)] if measurement.method and measurement.quantity else []
    if measurement.note:
        method.append(Span(measurement.note, italic=bool(method), new_line=True, limit=260, signs=True))
    return (
        (Span(verbatim(measurement.code), bold=True), Span(name_of(measurement.code))),
        tuple(value),
        _range(measurement.code, assessment),
        NOTHING if measurement.confidence is None else verbatim(f"{100 * measurement.confidence:.0f} %"),
        (Span(words.frame_list(measurement.frames), limit=40),),
        words.status_line(measurement, reading),
        tuple(method),
    )
