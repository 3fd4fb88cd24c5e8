"""The PDF report of a recording: for each kind of recording the list of pages and their blocks.

Nothing here needs a screen. `write_report` serves the window and the command line.
"""

import datetime
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from itertools import groupby
from pathlib import Path

import numpy as np

from kinecor.core.checks.assessment import assessed
from kinecor.core.table.measurement import Measurement, format_quantity, typeset
from kinecor.core.table.measures import index_code, name_of
from kinecor.core.table.stack_inputs import convention
from kinecor.core.values.confidence import Trust
from kinecor.core.values.reading import Reading, choices
from kinecor.core.values.recording import CineSequence, Recording, Stack
from kinecor.core.volumes.loop_volumes import curves
from kinecor.core.volumes.segments import bulls_eye
from kinecor.io.files.atomic import write_bytes
from kinecor.io.report import words
from kinecor.io.report.blocks import (
    ALERT,
    QUIET,
    Block,
    Cell,
    Drawing,
    Lines,
    Page,
    Rows,
    Sentence,
    Span,
    Warnings,
    pdf_of,
)
from kinecor.io.report.drawings import (
    COLOURS,
    RIGHT_COLOUR,
    Curve,
    contour_key,
    draw_bulls_eyes,
    draw_curves,
    frames_drawing,
    slices_drawing,
)
from kinecor.io.report.strain import longitudinal_page, on_strain_page, short_axis_page

_TITLES = ("Measurement", "Value", "Method", "Frames", "Confidence", "Status")
_SHARES = (0.24, 0.107, 0.281, 0.072, 0.105, 0.195)


def write_report(
    path: Path,
    recording: Recording,
    reading: Reading,
    *,
    software_version: str,
    printed_on: datetime.date | None = None,
    others: Sequence[Reading] = (),
) -> None:
    """Write the PDF report of one recording to `path`, whole or not at all.

    Of a loop: a page with images at ED and ES, the volume curve and the measurements, and one of strain where there is
    any. Of a short-axis stack: a page of measurements with bull's-eyes, a page of all slices, and one of strain. Given
    the same date and the same fonts, the same reading makes the same bytes.

    Args:
        path: of the PDF file.
        recording: its images.
        reading: what was concluded about it.
        software_version: of Kinecor, for the banner.
        printed_on: the date printed; today by default.
        others: Readings of the study's other recordings: for the average of strain over views, foreshortening, and
            the base of a stack.

    Raises:
        KinecorError: the file cannot be written there, or a frame cannot be decoded.

    """
    today = printed_on or datetime.datetime.now().astimezone().date()
    pages = pages_of(recording, reading, others)
    write_bytes(path, pdf_of(pages, software_version=software_version, printed_on=today))


def pages_of(recording: Recording, reading: Reading, others: Sequence[Reading] = ()) -> tuple[Page, ...]:
    """The pages of a report and what is on them."""
    if isinstance(recording, Stack):
        return _stack_pages(recording, reading, others)
    return _loop_pages(recording, reading, others)


def _loop_pages(cine: CineSequence, reading: Reading, others: Sequence[Reading]) -> tuple[Page, ...]:
    kind = reading.kind
    longitudinal = kind.strain == "longitudinal"
    strain = longitudinal_page(cine, reading, others) if longitudinal else short_axis_page(cine, reading)
    rows = first_page_rows(reading, others, strained=strain is not None and longitudinal)
    warnings = [*cine.warnings, *assessed(reading, others).warnings]
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
            *_measured(rows, reading),
            *_warned(warnings),
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
            *_measured(assessed(reading, others).measurements, reading),
        ),
        "Frames are phases.",
    )
    images = Page(
        f"{reading.kind.modality}: short axis",
        (
            Lines((("Patient", words.patient_line(header)),), bold_first=True),
            *contour_key(reading),
            *(slices_drawing(stack, reading, name, phase) for name, phase in shown),
            *_warned(assessed(reading, others).warnings),
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
    return [one for one in every if one not in elsewhere]


def _identity(cine: CineSequence, reading: Reading) -> tuple[tuple[str, str], ...]:
    return (
        ("Patient", words.patient_line(cine)),
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
    body = choices(reading).body
    known = f"{body.height_cm:g} cm, {body.weight_kg:g} kg, {body.formula.value}" if body.bsa_m2 else "unknown"
    return f"{convention(reading)}; body size for indexing: {known}"


def _ends(reading: Reading) -> list[tuple[str, int]]:
    """The frames shown of a loop: ED and ES of the first beat."""
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
    return Drawing(paint, 92.0, 120.0, 150.0 if reading.kind.stack else 190.0)


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


def _measured(every: Sequence[Measurement], reading: Reading) -> tuple[Block, ...]:
    """The table of measurements.

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
            rows.append(((codes,), *_row(first, None, reading)[1:]))
        else:
            rows.append(_row(first, index.get(index_code(first.code)), reading))
    return (Rows(_TITLES, _SHARES, tuple(rows)),)


def _row(one: Measurement, index: Measurement | None, reading: Reading) -> tuple[Cell, ...]:
    value = (
        [Span(format_quantity(one.quantity, one.code), bold=True)]
        if one.quantity
        else [Span("not available", colour=ALERT)]
    )
    if one.quantity and index is not None and index.quantity:
        value.append(Span(format_quantity(index.quantity, index.code), new_line=True))
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
    """The confidence in percent, marked where the value should be checked."""
    shown = Span("–" if one.confidence is None else f"{100 * one.confidence:.0f} %")
    return (shown, Span("check", bold=True, colour=ALERT)) if one.trust is Trust.CHECK else (shown,)


def _warned(warnings: Sequence[str]) -> tuple[Block, ...]:
    every = tuple(dict.fromkeys(warnings))
    return (Warnings(every),) if every else ()


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
