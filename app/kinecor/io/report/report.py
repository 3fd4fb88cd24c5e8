"""The PDF report of a recording: for each kind of recording the list of pages and their blocks.

Strain has pages of its own: longitudinal strain of an apical view, short-axis strain of a loop or a stack. Nothing here
needs a screen. `write_report` serves the window and the command line.
"""

import datetime
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from itertools import groupby
from pathlib import Path

import numpy as np
from reportlab.lib.colors import Color, HexColor
from reportlab.pdfgen.canvas import Canvas

from kinecor.core.checks.assessment import (
    Assessment,
    assessed,
    assessed_study,
    strain_as_assessed,
    study_sources,
    study_strain_as_assessed,
)
from kinecor.core.checks.conclusions import sign_status
from kinecor.core.checks.findings import Finding, Severity, State
from kinecor.core.strain.drawing import ON_WHITE, short_name
from kinecor.core.strain.short_axis import ShortAxisRegions, short_axis_regions, short_axis_view
from kinecor.core.strain.wall_strain import (
    FROM_CONTOURS,
    SEGMENT_OF_POINT,
    StudyStrain,
    WallStrain,
    wall_strain,
)
from kinecor.core.table.linear_inputs import calliper_words
from kinecor.core.table.loop_inputs import LEVEL_WORDS, method_of
from kinecor.core.table.measures import (
    ATRIAL_CODES,
    BODY_SURFACE,
    EXPLORATORY,
    SEGMENTAL,
    STRAIN_CODES,
    Measurement,
    Quantity,
    Status,
    format_quantity,
    index_code,
    interval_words,
    name_of,
    signed,
    typeset,
    unit_name,
    with_unit,
)
from kinecor.core.table.stack_inputs import convention
from kinecor.core.values.callipers import NAMED
from kinecor.core.values.confidence import TRACKING_QUALITY, Trust
from kinecor.core.values.reading import Acknowledgement, Reading, body_words
from kinecor.core.values.recording import CineSequence, Recording, Region, Stack
from kinecor.core.values.study import Addendum, StudyReading, counting
from kinecor.core.values.wall_motion import SCORES, WallMotion
from kinecor.core.volumes.loop_volumes import curves
from kinecor.core.volumes.segments import NAMES as AHA_NAMES
from kinecor.core.volumes.segments import bulls_eye, segments_of_view
from kinecor.io.files.atomic import write_bytes
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
    Findings,
    Lines,
    Page,
    Rows,
    Sentence,
    Span,
    pdf_of,
)
from kinecor.io.report.drawings import (
    RIGHT_COLOUR,
    Curve,
    caption,
    contour_key,
    draw_bulls_eye,
    draw_bulls_eyes,
    draw_curves,
    draw_frame,
    draw_strain,
    fitted,
    frames_drawing,
    slices_drawing,
)
from kinecor.io.report.typesetter import PLAIN
from kinecor.io.write.drawing import COLOURS

_RIM_SHARE = 0.16
_NOT_ROUTINE = "Exploratory, not for routine use (ASE/EACVI 2025, doi 10.1016/j.echo.2025.07.007)"
_RING_NOT_ROUTINE = "Segments and radial strain are exploratory, not for routine use (ASE/EACVI 2025)"
_SEGMENT_TITLES = ("Segment", "At ES", "Peak", "Time to peak", "Post-systolic index", "Tracking", "Included")
_SEGMENT_SHARES = (0.24, 0.11, 0.1, 0.13, 0.18, 0.1, 0.14)
_OTHER_TITLES = ("Other", "Value", "Confidence", "Status", "Remark")
_OTHER_SHARES = (0.24, 0.11, 0.125, 0.215, 0.31)
_RING_TITLES = ("Segment", "At ES", "Peak", "Time to peak", "Post-systolic", "Radial at ES", "Tracking", "Reason")
_RING_SHARES = (0.19, 0.085, 0.085, 0.125, 0.13, 0.125, 0.1, 0.16)
_RING_EYES = (
    ("Circumferential at ES, %", "end_systolic", "strain %"),
    ("Circumferential peak, %", "peak", "strain %"),
    ("Time to peak, ms", "time_to_peak_s", "ms"),
    ("Radial at ES, %", "radial", "radial %"),
)


def on_strain_page(every: Sequence[Measurement]) -> list[Measurement]:
    """Rows of the page of longitudinal strain rather than the first page: all strain but the global value."""
    return [one for one in every if one.code in (STRAIN_CODES | ATRIAL_CODES) - {"GLS"}]


def longitudinal_page(
    cine: CineSequence, reading: Reading, others: Sequence[Reading], concluded: StudyReading | None = None
) -> Page | None:
    """The page of longitudinal strain of an apical view, or None without strain curves or a view.

    `others` are Readings of the study's other recordings, for the average of the views and the bull's-eyes; `concluded`
    is what was concluded about the study.
    """
    found = wall_strain(reading)
    found = found and strain_as_assessed(reading, found)
    if found is None or found.view is None:
        return None
    study = study_strain_as_assessed(counting((reading, *others), concluded))
    curves = partial(draw_strain, found=found, events=reading.events, closures=reading.valve_closures)
    row = partial(_draw_wall_and_eyes, cine=cine, reading=reading, found=found, study=study)
    return Page(
        f"{reading.kind.modality}: longitudinal strain",
        (
            Lines(_longitudinal_head(cine, reading, found, study), bold_first=True),
            Drawing(curves, 150.0, 205.0, 230.0),
            Sentence(_NOT_ROUTINE, bold=True, colour=ALERT),
            Drawing(row, 130.0, 168.0, 190.0),
            _longitudinal_segments(found),
            *_others(reading),
        ),
        "Shortening is negative. 18 segments, walls as in ASE/EACVI 2015.",
    )


def short_axis_page(header: CineSequence, reading: Reading) -> Page | None:
    """The page of short-axis strain of a stack or a loop, or None where no segments were followed.

    `header` is the recording, of a stack its first slice with the stack's identity.
    """
    found = short_axis_regions(reading)
    if found is None:
        return None
    return Page(
        f"{reading.kind.modality}: short-axis strain",
        (
            Lines(_short_axis_head(header, reading, found), bold_first=True),
            Drawing(partial(_draw_levels, reading=reading, found=found), 120.0, 150.0, 190.0),
            Sentence(_RING_NOT_ROUTINE, bold=True, colour=ALERT),
            Drawing(partial(draw_bulls_eyes, eyes=_ring_eyes(reading, found)), 105.0, 125.0, 145.0),
            Sentence("Red shortens, blue lengthens.", colour=QUIET),
            _short_axis_segments(reading, found),
        ),
        "Shortening is negative. AHA segments, counted from the anterior RV insertion.",
    )


def _strain_identity(cine: CineSequence, reading: Reading) -> tuple[tuple[str, str], ...]:
    return (("Patient", words.patient_line(cine, reading)), ("Recording", words.short_recording_line(cine, reading)))


def _longitudinal_head(
    cine: CineSequence, reading: Reading, found: WallStrain, study: StudyStrain
) -> tuple[tuple[str, str], ...]:
    view_name = reading.kind.view_name
    measured = {one.code: one for one in assessed(reading).measurements}
    here = f"{_value(measured['GLS'], reading)} at ES"
    if "GLSPS" in measured:
        here += f"; peak systolic {_value(measured['GLSPS'], reading)}"
    count = len(study.view_percent)
    average = "needs two apical views or more"
    if study.average_percent is not None and count > 1:
        each = (f"{view_name(view)} {signed(one)} %" for view, one in study.view_percent.items())
        average = f"{signed(study.average_percent)} % ({', '.join(each)})"
        average += f"; {study.doubt}" if study.doubt else ""
    return (
        *_strain_identity(cine, reading),
        (f"{view_name(found.view or '')} longitudinal strain", here),
        (f"GLS ({count}-view average)" if count > 1 else "GLS (average of views)", average),
        ("Method", typeset(method_of(reading, found))),
    )


def _value(one: Measurement, reading: Reading) -> str:
    """A value with its reader's decision, or the reason why it is not available."""
    if one.quantity is None:
        return f"not available: {one.note}"
    decided = f" ({words.status_line(one, reading)})" if one.status in (Status.ACCEPTED, Status.EDITED) else ""
    return f"{format_quantity(one.quantity, one.code)}{decided}"


def _longitudinal_segments(found: WallStrain) -> Block:
    rows: list[tuple[Cell, ...]] = []
    for at, name in enumerate(found.names):
        one, quality = found.segments[at], float(found.quality[at])
        if one is None:
            apart = "not tracked" if found.method == FROM_CONTOURS else "not on MRI"
            numbers = ["not available" if found.regional else apart, "", "", ""]
        else:
            numbers = [
                _segment(one.end_systolic, "%", "LS1"),
                _segment(one.peak, "%", "LS1"),
                _segment(1000 * one.time_to_peak_s, "ms", "TTP"),
                _segment(one.post_systolic_index, "%", "PSI"),
            ]
        tag = (Span(short_name(name), bold=True, colour=ON_WHITE[at]), Span(name))
        included = "excluded by reader" if at in found.excluded else "yes"
        rows.append((tag, *numbers, _tracking(quality) if found.regional else "", included))
    return Rows(_SEGMENT_TITLES, _SEGMENT_SHARES, tuple(rows))


def _others(reading: Reading) -> tuple[Block, ...]:
    """The other values of strain; the method of the ventricle's is named at the head, that of the atrium here."""
    found = assessed(reading)
    rows: list[tuple[Cell, ...]] = [
        (
            name_of(one.code),
            (Span(format_quantity(one.quantity, one.code) if one.quantity else "–"), *range_spans(one.code, found)),
            "" if one.confidence is None else f"{100 * one.confidence:.0f} %",
            words.status_line(one, reading),
            _how(one),
        )
        for one in found.measurements
        if one.code in EXPLORATORY and one.code not in SEGMENTAL
    ]
    return (Rows(_OTHER_TITLES, _OTHER_SHARES, tuple(rows)),) if rows else ()


def _how(one: Measurement) -> str:
    """Why a value is withheld; of the atrium, how it was measured."""
    if one.quantity is None:
        return one.note or ""
    return one.method if one.code in ATRIAL_CODES else ""


def _segment(value: float, unit: str, code: str) -> str:
    """A segment's value with the decimals of the whole wall's measure `code`, or a dash for NaN."""
    return format_quantity(Quantity(value, unit), code) if np.isfinite(value) else "–"


def _tracking(quality: float) -> str:
    """Tracking quality 0..1, marked where it is too low for a value; "" for NaN."""
    if not np.isfinite(quality):
        return ""
    return f"{quality:.2f}" + ("" if quality >= TRACKING_QUALITY.withheld else ", low")


def _draw_wall_and_eyes(
    canvas: Canvas, box: Box, *, cine: CineSequence, reading: Reading, found: WallStrain, study: StudyStrain
) -> None:
    """The wall at end-systole with its tracked points, and two bull's-eyes of the study."""
    third = (box.width - 2 * GAP) / 3
    region = _around(found, cine)
    frame = found.beats[0].es if found.beats else 0
    inner = fitted(Box(box.x, box.y + 11, third, box.height - 11), region, reading)
    draw_frame(canvas, inner, region, cine, reading, frame)
    _draw_points(canvas, inner, region, found, frame)
    canvas.setFillColor(HexColor(INK))
    canvas.setFont(PLAIN, 7)
    name = "Aortic valve closure" if frame in reading.valve_closures else "End-systole"
    canvas.drawCentredString(inner.x + inner.width / 2, inner.y - 8.5, caption(cine, name, frame))
    rims = {one.number: ON_WHITE[at] for at, one in enumerate(segments_of_view(found.view))} if found.view else {}
    for place, (title, values, unit) in enumerate(
        (
            ("Strain at end-systole, %", study.end_systolic_percent, "strain %"),
            ("Time to peak strain, ms", study.time_to_peak_ms, "ms"),
        ),
        1,
    ):
        cell = Box(box.x + place * (third + GAP), box.y + 11, third, box.height - 11)
        draw_bulls_eye(canvas, cell, title, values, unit, rims)
    seen = ", ".join(reading.kind.view_name(view) for view in study.view_percent) or "none"
    canvas.setFillColor(HexColor(QUIET))
    canvas.setFont(PLAIN, 6.5)
    middle = box.x + third + GAP + (2 * third + GAP) / 2
    canvas.drawCentredString(middle, box.y + 2, f"Views: {seen}. Red shortens, blue lengthens. Rims: this view.")


def _around(found: WallStrain, cine: CineSequence) -> Region:
    """The part of the image that holds the wall through the loop, and a rim."""
    points = found.points_px[np.isfinite(found.points_px).all(axis=2)]
    low, high = points.min(axis=0), points.max(axis=0)
    rim = _RIM_SHARE * float((high - low).max())
    x0, y0 = (max(int(one), 0) for one in low - rim)
    x1, y1 = (min(int(one) + 1, most) for one, most in zip(high + rim, (cine.columns, cine.rows), strict=True))
    return Region(x0, y0, x1, y1) if x1 > x0 and y1 > y0 else Region(0, 0, cine.columns, cine.rows)


def _draw_points(canvas: Canvas, box: Box, region: Region, found: WallStrain, frame: int) -> None:
    points = found.points_px[frame]
    x = box.x + (points[:, 0] + 0.5 - region.x0) * box.width / (region.x1 - region.x0)
    y = box.y + box.height - (points[:, 1] + 0.5 - region.y0) * box.height / (region.y1 - region.y0)
    for at in range(0, len(points), 2):
        if np.isfinite(x[at]) and np.isfinite(y[at]):
            canvas.setFillColor(Color(1, 1, 1))
            canvas.circle(x[at], y[at], 1.5, stroke=0, fill=1)
            canvas.setFillColor(HexColor(ON_WHITE[SEGMENT_OF_POINT[at]]))
            canvas.circle(x[at], y[at], 1.1, stroke=0, fill=1)


def _short_axis_head(header: CineSequence, reading: Reading, found: ShortAxisRegions) -> tuple[tuple[str, str], ...]:
    rows = {one.code: one for one in assessed(reading).measurements}
    slices = words.frame_list(one.number for one in found.slices)
    where = f"from: {found.origin}" + (f"; slices tracked: {slices}" if reading.kind.stack else "")
    return (
        *_strain_identity(header, reading),
        ("GCS at ES", _with_method(rows.get("GCS"), reading)),
        ("GRS at ES", _with_method(rows.get("GRS"), reading)),
        ("Segments", where),
    )


def _with_method(row: Measurement | None, reading: Reading) -> str:
    if row is None:
        return "not measured"
    return _value(row, reading) + (f"; {row.method}" if row.quantity else "")


def _draw_levels(canvas: Canvas, box: Box, *, reading: Reading, found: ShortAxisRegions) -> None:
    """A chart for each level that the slices show, base first."""
    at = {one.level: one.number for one in found.slices}
    each = box.width / len(at)
    for place, level in enumerate(sorted(at)):
        shown = short_axis_view(reading, at[level])
        if shown is not None:
            cell = Box(box.x + place * each, box.y, each - GAP / 2, box.height)
            draw_strain(canvas, cell, shown, reading.events, title=f"{LEVEL_WORDS[level].capitalize()}, %")


def _timed(reading: Reading) -> bool:
    """Whether times are known and not assumed."""
    return reading.facts.times_origin != "assumed"


def _ring_eyes(reading: Reading, found: ShortAxisRegions) -> tuple[tuple[str, np.ndarray, str], ...]:
    return tuple(
        (title, found.values(what) * ((1000 if _timed(reading) else np.nan) if unit == "ms" else 1), unit)
        for title, what, unit in _RING_EYES
    )


def _short_axis_segments(reading: Reading, found: ShortAxisRegions) -> Block:
    rows: list[tuple[Cell, ...]] = []
    radial = found.values("radial")
    for at, name in enumerate(AHA_NAMES[: len(found.why)]):
        one, quality = found.summaries[at], float(found.quality[at])
        if not np.isfinite(quality) and not reading.kind.stack:
            continue  # another level than this loop's
        numbers = ["–"] * 5
        if one is not None:
            late = np.isfinite(one.time_to_peak_s) and _timed(reading)
            numbers = [
                with_unit(one.end_systolic, "%"),
                with_unit(one.peak, "%"),
                f"{1000 * one.time_to_peak_s:.0f} ms" if late else "–",
                with_unit(one.post_systolic_index, "%") if np.isfinite(one.post_systolic_index) else "–",
                with_unit(float(radial[at]), "%") if np.isfinite(radial[at]) else "–",
            ]
        rows.append((f"{at + 1}  {name}", *numbers, _tracking(quality), found.why[at] or ""))
    return Rows(_RING_TITLES, _RING_SHARES, tuple(rows), padding=0.9)


_TITLES = ("Measurement", "Value", "Method", "Frames", "Confidence", "Status")
_SHARES = (0.22, 0.147, 0.271, 0.072, 0.105, 0.185)


def report_bytes(
    recording: Recording,
    reading: Reading,
    *,
    software_version: str,
    printed_on: datetime.date | None = None,
    others: Sequence[Reading] = (),
    study: StudyReading | None = None,
) -> bytes:
    """What `write_report` writes.

    Raises:
        KinecorError: a frame cannot be decoded.

    """
    today = printed_on or datetime.datetime.now().astimezone().date()
    pages = pages_of(recording, reading, others, study)
    return pdf_of(pages, software_version=software_version, printed_on=today)


def write_report(
    path: Path,
    recording: Recording,
    reading: Reading,
    *,
    software_version: str,
    printed_on: datetime.date | None = None,
    others: Sequence[Reading] = (),
    study: StudyReading | None = None,
) -> None:
    """Write the PDF report of one recording to `path`, whole or not at all.

    Of a loop: a page with images at ED and ES, the volume curve and the measurements, one of strain where there is
    any, and one of results over views where its study has some. Of a short-axis stack: a page of measurements with
    bull's-eyes, a page of all slices, and one of strain. Given the same date and the same fonts, the same reading
    makes the same bytes.

    Args:
        path: of the PDF file.
        recording: its images.
        reading: what was concluded about it.
        software_version: of Kinecor, for the banner.
        printed_on: the date printed; today by default.
        others: Readings of the study's other recordings: for the average of strain over views, foreshortening, and
            the base of a stack.
        study: what was concluded about the study as a whole, or None.

    Raises:
        KinecorError: the file cannot be written there, or a frame cannot be decoded.

    """
    data = report_bytes(
        recording, reading, software_version=software_version, printed_on=printed_on, others=others, study=study
    )
    write_bytes(path, data, private=True)


def pages_of(
    recording: Recording, reading: Reading, others: Sequence[Reading] = (), study: StudyReading | None = None
) -> tuple[Page, ...]:
    """The pages of a report and what is on them."""
    if isinstance(recording, Stack):
        return _stack_pages(recording, reading, others)
    over_views = study_page(recording, reading, others, study)
    return (*_loop_pages(recording, reading, others, study), *([over_views] if over_views else []))


def study_page(
    cine: CineSequence, reading: Reading, others: Sequence[Reading], study: StudyReading | None
) -> Page | None:
    """The page of results over views, with what is behind them, and of wall motion; None where there is neither."""
    readings = (reading, *others)
    found = assessed_study(readings, study)
    motion = study.wall_motion if study is not None else {}
    if not motion and (not others or not found.measurements):
        return None
    names = {"LV": "EDV, ESV, SV, EF", "LA": "LA volume", "GLS": "GLS"}
    used = study_sources(readings, study)
    lines = []
    for result, name in names.items():
        of_result = [one for one in used if one.result == result]
        if of_result:
            lines.append((name, "; ".join(map(words.source_words, of_result))))
    return Page(
        f"{reading.kind.modality}: study, results over views",
        (
            Lines((("Patient", words.patient_line(cine, reading)), ("Study", words.study_line(cine))), bold_first=True),
            *(_measured(found.measurements, reading, found) if found.measurements else ()),
            *_wall_motion(motion),
            Lines((*lines, *_decided(readings, study)), limit=900),
            *_listed(found, {key: seen for one in readings for key, seen in one.acknowledged.items()}),
        ),
        "Biplane: method of disks in A4C and A2C (ASE/EACVI 2015).",
    )


def _decided(readings: Sequence[Reading], study: StudyReading | None) -> Iterator[tuple[str, str]]:
    """Comments, signature and addenda of a study."""
    if study is None:
        return
    for code, text in study.comments.items():
        yield f"Comment{f' on {code}' if code else ''}", text
    yield "Signature", sign_status(readings, study).words or "not signed"
    for one in study.signed:
        if isinstance(one, Addendum):
            yield "Addendum", f"{one.reason} ({one.by}, {one.at[:16].replace('T', ' ')} UTC)"


def _wall_motion(motion: Mapping[str, WallMotion]) -> tuple[Block, ...]:
    """A reader's scores on bull's-eyes, the index of each stage, and segments that are not normal in words."""
    if not motion:
        return ()
    lines = []
    for stage, one in motion.items():
        aside = [
            f"{name} {SCORES[score]}" + (" (aneurysm)" if number in one.aneurysms else "")
            for number, (name, score) in enumerate(zip(AHA_NAMES, one.scores, strict=False), 1)
            if score is not None and score > 1
        ]
        lines.append(("Wall motion" + (f", {stage}" if stage else ""), f"{one.words}, scored by {one.by}"))
        lines += [("", "; ".join(aside))] if aside else []
    eyes = tuple(
        (f"Wall motion{f', {stage}' if stage else ''}", np.array(one.scores, float), "score")
        for stage, one in motion.items()
    )
    key = "; ".join(f"{score} {words_}" for score, words_ in SCORES.items())
    return (
        Lines(tuple(lines), limit=900),
        Drawing(partial(draw_bulls_eyes, eyes=eyes), 90.0, 120.0, 170.0),
        Sentence(f"Wall motion: {key}. The index is the mean over the segments scored.", colour=QUIET),
    )


def _loop_pages(
    cine: CineSequence, reading: Reading, others: Sequence[Reading], study: StudyReading | None
) -> tuple[Page, ...]:
    kind = reading.kind
    longitudinal = kind.strain == "longitudinal"
    strain = longitudinal_page(cine, reading, others, study) if longitudinal else short_axis_page(cine, reading)
    rows = first_page_rows(reading, others, strained=strain is not None and longitudinal)
    first = Page(
        f"{kind.modality}: left ventricle",
        (
            Lines(
                (
                    *_identity(cine, reading),
                    ("Scale", words.calibration_line(reading)),
                ),
                bold_first=True,
            ),
            frames_drawing(cine, reading, _ends(reading)),
            *contour_key(reading),
            _volume_block(reading),
            *_measured(rows, reading, assessed(reading, others)),
            *_callipers(reading, assessed(reading, others)),
            *_checks(reading, others),
            _provenance(reading, cine.source.recording_id),
        ),
        "Dashed line: plane of the mitral annulus." if reading.tracks and not kind.closed else "",
    )
    return (first,) if strain is None else (first, strain)


def _stack_pages(stack: Stack, reading: Reading, others: Sequence[Reading]) -> tuple[Page, ...]:
    header = replace(stack.slices[0], source=stack.source)
    beats = reading.events.beats if reading.events else ()
    shown = (("End-diastole", beats[0].ed), ("End-systole", beats[0].es)) if beats else (("First phase", 0),)
    numbers = Page(
        f"{reading.kind.modality}: short axis",
        (
            Lines(
                (
                    *_identity(header, reading),
                    ("Stack", _stack_line(stack)),
                    ("Scale", words.calibration_line(reading)),
                    ("Convention", _convention_line(reading)),
                ),
                bold_first=True,
            ),
            _volume_block(reading),
            *_bulls_eyes(reading),
            *_measured(assessed(reading, others).measurements, reading, assessed(reading, others)),
        ),
        "Frames are phases.",
    )
    images = Page(
        f"{reading.kind.modality}: short axis",
        (
            Lines((("Patient", words.patient_line(header, reading)),), bold_first=True),
            *contour_key(reading),
            *(slices_drawing(stack, reading, name, phase) for name, phase in shown),
            *_checks(reading, others),
            _provenance(reading, header.source.recording_id),
        ),
        "×: slice not included in the LV volume. Blue frame: basal and apical slice.",
    )
    strain = short_axis_page(header, reading)
    return (numbers, images) if strain is None else (numbers, images, strain)


def first_page_rows(reading: Reading, others: Sequence[Reading] = (), *, strained: bool) -> list[Measurement]:
    """The measurements of a loop's first page: all but those on the page of strain, where there is one."""
    every = assessed(reading, others).measurements
    elsewhere = on_strain_page(every) if strained else []
    # Body surface is in the line of the patient.
    return [one for one in every if one not in elsewhere and one.code != BODY_SURFACE]


def _identity(cine: CineSequence, reading: Reading) -> tuple[tuple[str, str], ...]:
    return (
        ("Patient", words.patient_line(cine, reading)),
        ("Study", words.study_line(cine)),
        ("Recording", words.recording_line(cine, reading)),
    )


def _stack_line(stack: Stack) -> str:
    thick = f", {stack.thickness_mm:g} mm thick" if stack.thickness_mm else ""
    steps = np.diff(stack.positions_mm)
    ends = list(dict.fromkeys(f"{one:.3g}" for one in (steps.min(), steps.max()))) if len(steps) else []
    apart = f", {' to '.join(ends)} mm apart" if ends else ""
    return f"{len(stack.slices)} slices of {stack.phases} phases{thick}{apart}"


def _convention_line(reading: Reading) -> str:
    formula, _, size = body_words(reading).partition(", ")
    return f"{convention(reading)}; body size for indexing: {f'{size}, {formula}' if size else 'unknown'}"


def _ends(reading: Reading) -> list[tuple[str, int]]:
    """The frames shown of a loop: ED and ES of the first beat; without contours, two frames with callipers."""
    measured = sorted({one.frame for one in reading.callipers.values()})
    if measured and not reading.tracks:
        return [("Callipers", frame) for frame in measured[:2]]
    if not reading.events or not reading.events.beats:
        return [("ED and ES are not marked", 0)]
    beat, count = reading.events.beats[0], len(reading.events.beats)
    of = "" if count == 1 else f" of beat 1 of {count}"
    return [(f"End-diastole{of}", beat.ed), (f"End-systole{of}", beat.es)]


def _volume_block(reading: Reading) -> Block:
    """The volume curves over time, or a sentence where there are none."""
    found = curves(reading)
    if not np.isfinite(found.lv_volume).any():
        return Sentence("No volume curve: the LV cavity is contoured in no frame.", colour=QUIET)
    relative = "%" in found.volume_unit
    what = "cavity area" if reading.kind.volumes == "area" else "volume"
    shown = [Curve(f"LV {what}, {'% of the largest' if relative else found.volume_unit}", found.lv_volume)]
    if found.rv_volume is not None and np.isfinite(found.rv_volume).any():
        shown.append(Curve("RV" if relative else f"RV, {found.volume_unit}", found.rv_volume, RIGHT_COLOUR, 0.8))
    paint = partial(
        draw_curves,
        curves=shown,
        time_s=found.time_s,
        events=reading.events,
        closures=reading.valve_closures,
    )
    return Drawing(paint, 80.0, 120.0, 150.0 if reading.kind.stack else 190.0)


def _bulls_eyes(reading: Reading) -> tuple[Block, ...]:
    """Wall thickness at ED and ES and thickening by segment, or a sentence where the wall is not contoured."""
    eye = bulls_eye(reading) if reading.calibration else None
    if eye is None:
        return (Sentence("No bull's-eye: the wall is not contoured at ED and ES.", colour=QUIET),)
    how = f"AHA 17 segments, centreline chords, {convention(reading)}; segments from: {eye.origin}"
    eyes = (
        ("Wall at ED, mm", eye.ed_mm, "mm"),
        ("Wall at ES, mm", eye.es_mm, "mm"),
        ("Thickening, %", eye.thickening_percent, "%"),
    )
    return (
        Drawing(partial(draw_bulls_eyes, eyes=eyes), 100.0, 112.0, 150.0),
        Sentence(f"{how}. Regional thickening is exploratory.", colour=QUIET),
    )


def _measured(every: Sequence[Measurement], reading: Reading, found: Assessment) -> tuple[Block, ...]:
    """The table of measurements, and the sources of its reference ranges.

    An index by body surface area stands below the value it is computed from, not in a separate row; values withheld
    for one reason share a row.
    """
    if not every:
        return (Sentence("Nothing was measured in this recording.", bold=True),)
    index = {one.code: one for one in every if one.unit.endswith("/m2")}
    rows: list[tuple[Cell, ...]] = []
    shown = [one for one in every if one.code not in index]
    for _, group in groupby(shown, lambda one: (one.note, one.method, one.code if one.quantity else "")):
        first, *more = group
        if first.quantity is None and more:
            codes = Span(", ".join(one.code for one in (first, *more)), bold=True)
            rows.append(((codes,), *_row(first, None, reading, found)[1:]))
        else:
            rows.append(_row(first, index.get(index_code(first.code)), reading, found))
    return (Rows(_TITLES, _SHARES, tuple(rows)), *reference_lines(every, found))


def _callipers(reading: Reading, found: Assessment) -> tuple[Block, ...]:
    """LV geometry, and what a reader measured and named freely."""
    free = [one for name, one in reading.callipers.items() if name not in NAMED]
    each = "; ".join(f"{one.name} {calliper_words(reading, one)} (frame {one.frame + 1})" for one in free)
    named = (("Geometry", found.geometry), ("Callipers", each))
    lines = tuple(one for one in named if one[1])
    return (Lines(lines, limit=600),) if lines else ()


def reference_lines(every: Sequence[Measurement], found: Assessment) -> tuple[Block, ...]:
    """Sources of the reference ranges and what limits them, each once; nothing where no value has one."""
    norms = [found.norms[one.code] for one in every if one.code in found.norms]
    if not norms:
        return ()
    sources = dict.fromkeys(f"{one.set_name}: {one.citation}" for one in norms)
    caveats: dict[str, list[str]] = {}
    for one in every:
        limit = found.norms[one.code].caveat if one.code in found.norms else ""
        for said in filter(None, limit.split("; ")):
            caveats.setdefault(said, []).append(one.code)
        if one.code in found.norms and found.muted(one.code):
            caveats.setdefault("not graded while a check is open", []).append(one.code)
    limits = "; ".join(f"{', '.join(codes)}: {what}" for what, codes in caveats.items())
    named = [("Ranges", "; ".join(sources)), ("", limits)]
    return (Lines(tuple(one for one in named if one[1]), limit=900),)


def range_spans(code: str, found: Assessment) -> list[Span]:
    """The reference range of a value and its flag, in words and, where it is abnormal, in colour.

    While a check of the value is open there is no flag; `reference_lines` says so.
    """
    one = found.norms.get(code)
    if one is None:
        return []
    unit = f" {unit_name(one.unit)}" if one.indexed else ""
    spans = [Span(f"[{one.range_words}{unit}]", colour=QUIET, new_line=True)]
    if one.normal or found.muted(code):
        return spans
    return [*spans, Span(one.words, bold=True, colour=ALERT, new_line=True)]


def _row(one: Measurement, index: Measurement | None, reading: Reading, found: Assessment) -> tuple[Cell, ...]:
    value = (
        [Span(format_quantity(one.quantity, one.code), bold=True)]
        if one.quantity
        else [Span("not available", colour=ALERT)]
    )
    if one.trust is Trust.CHECK:
        value.append(Span("! check", bold=True, colour=ALERT, new_line=True))
    if interval := interval_words(one):
        value.append(Span(f"{interval} {unit_name(one.unit)}", new_line=True))
    indexed = index is not None and one.code in found.norms and found.norms[one.code].indexed
    value += [] if indexed else range_spans(one.code, found)  # it stands with the index
    if one.quantity and index is not None and index.quantity:
        value.append(Span(format_quantity(index.quantity, index.code), new_line=True))
        value += range_spans(index.code, found)
    method = [Span(typeset(one.method), limit=120)] if one.method else []
    if one.note:
        method.append(Span(typeset(one.note), italic=True, new_line=True, limit=260))
    return (
        (Span(one.code, bold=True), Span(name_of(one.code))),
        tuple(value),
        tuple(method),
        (Span(words.frame_list(one.frames) or "–", limit=40),),
        _confidence(one),
        words.status_line(one, reading),
    )


def _confidence(one: Measurement) -> Cell:
    """The confidence in percent."""
    return (Span("–" if one.confidence is None else f"{100 * one.confidence:.0f} %"),)


def _checks(reading: Reading, others: Sequence[Reading]) -> tuple[Block, ...]:
    """Open checks with the values they concern, acknowledged ones with who, when and why, and notes; each once."""
    return _listed(assessed(reading, others), reading.acknowledged)


def _listed(found: Assessment, acknowledgements: Mapping[str, Acknowledgement]) -> tuple[Block, ...]:
    opened, acknowledged, notes = [], [], []
    for one in found.findings:
        if one.state is State.ACKNOWLEDGED:
            at = acknowledgements[one.key].at[:10] if one.key in acknowledgements else ""
            who = ", ".join(part for part in (one.acknowledged_by, at) if part)
            acknowledged.append(f"{one.message} Acknowledged by {who}: {one.why}")
        elif one.marks:
            opened.append(f"{_concerned(one, found.measurements)}{one.message}")
        else:
            notes.append(one.message)
    parts = (
        Findings(tuple(dict.fromkeys(opened)), title=f"Checks: {len(opened)} open"),
        Findings(tuple(dict.fromkeys(acknowledged)), title="Checks: acknowledged", open=False),
        Findings(tuple(dict.fromkeys(notes)), title="Notes", open=False),
    )
    return tuple(part for part in parts if part.sentences)


_MOST_CODES = 4


def _concerned(one: Finding, rows: Sequence[Measurement]) -> str:
    """Codes of the values that a finding marks or withholds: "EF, EDV and 6 more marked: "."""
    codes = [row.code for row in rows if row.code in one.measurements and (row.quantity or row.note == one.message)]
    more = f" and {len(codes) - _MOST_CODES} more" if len(codes) > _MOST_CODES else ""
    does = "withheld" if one.severity is Severity.STOP else "to be checked"
    return f"{', '.join(codes[:_MOST_CODES])}{more} {does}: " if codes else ""


def _provenance(reading: Reading, recording_id: str) -> Block:
    """How ED, ES and contours came to be, the models once, readers, notes, and the recording's identifier."""
    contours = "; ".join(
        f"{words.NAMES[one]} {words.contour_line(reading, one)}" for one in COLOURS if one in reading.tracks
    )
    named = (
        ("ED and ES", words.events_line(reading)),
        ("Contours", contours),
        ("Models", words.models_line(reading) or "none"),
        ("Readers", words.readers_line(reading)),
        ("Notes", reading.notes.strip()),
        ("Recording ID", recording_id),
    )
    return Lines(tuple(one for one in named if one[1]), limit=500, letters=True)
