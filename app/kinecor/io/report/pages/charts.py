"""The curves of a report, strain by segment and the scores of wall motion."""

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Final

import numpy as np
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable

from kinecor.core.checks.assessment import assess, strain_as_assessed, study_strain_as_assessed
from kinecor.core.report.sentences import CMR, ECHO, Part
from kinecor.core.strain.wall_strain import MAX_SEGMENT_RATIO, StudyStrain, wall_strain
from kinecor.core.table.measures import unit_name
from kinecor.core.values.confidence import TRACKING_QUALITY
from kinecor.core.values.message import Message, join_texts, joined_by, message, plural, verbatim
from kinecor.core.values.reading import Reading
from kinecor.core.values.recording import Stage, stage_words
from kinecor.core.values.wall_motion import SCORES, WallMotion
from kinecor.core.volumes.loop_volumes import curves
from kinecor.core.volumes.segments import APICAL_NAMES
from kinecor.core.volumes.segments import NAMES as AHA_NAMES
from kinecor.io.report.blocks import QUIET, Box
from kinecor.io.report.drawings import draw_bulls_eyes
from kinecor.io.report.pages.draft import SMALL, ReportDraft
from kinecor.io.report.pages.images import shown_views
from kinecor.io.report.pages.panel import Panel
from kinecor.io.report.study_drawings import DASHES, LV, RV, WALL, Series, draw_keyed_eye, draw_series

_CURVES = {ECHO: message("Curves, echocardiography"), CMR: message("Curves, cine MRI")}
CHARTS_A_ROW: Final = 3
_SEGMENTS = message("Segmental strain is exploratory, not for routine use (ASE/EACVI 2025); shortening is negative")


def chart_blocks(draft: ReportDraft) -> Iterator[Flowable]:
    """Curves and strain by segment of each part of the study, of each stage for itself.

    Args:
        draft: of the report.

    """
    printed, views = draft.study.report.printed, shown_views(draft)
    # Stages are never drawn into one chart; None is all recordings of a study without stages.
    shown = dict.fromkeys(view.reading.facts.stage for view in views)
    with_curves = {*shown, *draft.stages[:1]} or {None}
    ordered = [stage for stage in (*draft.stages, None) if stage in with_curves]
    if draft.stages:
        yield from _curves_of_stages(draft, ordered)
    for part, stage in ((part, stage) for part in draft.parts for stage in ordered):
        of_part = [reading for reading in draft.readings if reading.kind.modality == part.modality]
        readings = part.readings
        if draft.stages:
            of_stage = part.readings if stage == draft.stages[0] else of_part
            readings = tuple(
                reading for reading in of_stage if reading.facts.stage == stage and draft.is_counted(reading)
            )
        charts = [*(_curve_charts(draft, part, stage) if printed.curves and not draft.stages else ())]
        strain = study_strain_as_assessed(readings)
        values = strain.drawn_percent
        if printed.bulls_eye and np.isfinite(values).any():
            title = draft.language.fill("Strain at end-systole, %")
            charts.append(partial(draw_keyed_eye, title=title, values=values, unit="strain %", hatched=strain.hatched))
        if not charts:
            continue
        name = _heading(draft, part)
        if draft.stages:
            name = join_texts(message("Strain"), ", ", _stage_words(stage))
        row = partial(_draw_side_by_side, charts=charts)
        below = []
        if np.isfinite(values).any() and printed.bulls_eye:
            said = joined_by(". ", (_SEGMENTS, *_tracking_remarks(strain)))
            below = [draft.plain(said, QUIET, size=SMALL)]
        yield Panel([draft.heading(name)], row, 138.0, 168.0, below, draft.language.render(name))


def _heading(draft: ReportDraft, part: Part) -> Message:
    return _CURVES[part.modality] if len(draft.parts) > 1 else message("Curves")


def _stage_words(stage: Stage | None) -> Message:
    return stage.words if stage else message("no stage")


def _curves_of_stages(draft: ReportDraft, stages: Sequence[Stage | None]) -> Iterator[Flowable]:
    """The curves of all stages, each named, one after the other: a row for each left half a page empty."""
    if not draft.study.report.printed.curves:
        return
    for part in draft.parts:
        charts = [
            partial(chart, title=f"{draft.language.render(_stage_words(stage))}: {chart.keywords['title']}")
            for stage in stages
            for chart in _curve_charts(draft, part, stage)
        ]
        name = _heading(draft, part)
        for first in range(0, len(charts), CHARTS_A_ROW):
            above = [] if first else [draft.heading(name)]
            paint = partial(_draw_side_by_side, charts=charts[first : first + CHARTS_A_ROW])
            yield Panel(above, paint, 130.0, 150.0, [], draft.language.render(name))


def _curve_charts(draft: ReportDraft, part: Part, stage: Stage | None) -> Iterator[partial[None]]:
    """Volume of each view or ventricle at a stage, the cavity's area of short axes, and strain of each view."""
    volume, strain, areas = [], [], []
    units = set()
    views = [
        view
        for view in shown_views(draft)
        if view.reading.kind.modality == part.modality and view.reading.facts.stage == stage
    ]
    stacks = [member for member in draft.members if member.reading.kind.stack and member.reading in part.readings]
    for index, single_member in enumerate((*stacks, *views)):
        drawn, dash = curves(single_member.reading), DASHES[index % len(DASHES)]
        name, events = (
            draft.language.render(draft.place(single_member.reading)),
            _event_times(single_member.reading, drawn.time_s),
        )
        if single_member.reading.kind.volumes == "area":
            if np.isfinite(drawn.lv_volume).any():
                areas.append((drawn.volume_unit, Series(name, drawn.time_s, drawn.lv_volume, LV, dash, events)))
        elif np.isfinite(drawn.lv_volume).any():
            units.add(drawn.volume_unit)
            if single_member.reading.kind.stack:
                volume.append(Series("LV", drawn.time_s, drawn.lv_volume, LV, (), events))
                if drawn.rv_volume is not None and np.isfinite(drawn.rv_volume).any():
                    volume.append(Series("RV", drawn.time_s, drawn.rv_volume, RV, (), events))
            elif not stacks:
                volume.append(Series(name, drawn.time_s, drawn.lv_volume, LV, dash, events))
        wall = wall_strain(single_member.reading)
        wall = wall and strain_as_assessed(single_member.reading, wall)
        if wall is None or _is_withheld(part, single_member.reading, wall.code):
            continue  # the table of measurements says why
        if wall.why is None and wall.view and np.isfinite(wall.global_percent).any():
            strain.append(Series(name, wall.time_s, wall.global_percent, WALL, dash, events))
    if volume and len(units) == 1:
        unit = units.pop()
        of = message("% of the largest") if "%" in unit else verbatim(unit)
        if stacks:
            title = draft.language.fill("Volume, {unit}", unit=of)
        else:
            title = draft.language.fill("LV volume, single plane, {unit}", unit=of)
        yield partial(draw_series, title=title, series=tuple(volume))
    for unit in dict.fromkeys(unit for unit, _ in areas):
        title = draft.language.fill("LV cavity area, {unit}", unit=verbatim(unit_name(unit)))
        yield partial(draw_series, title=title, series=tuple(series for its, series in areas if its == unit))
    if strain:
        title = draft.language.fill("Longitudinal strain, %")
        yield partial(draw_series, title=title, series=tuple(strain), strain=True)


def _is_withheld(part: Part, reading: Reading, code: str) -> bool:
    """Whether a recording has a row of a value, and the row no value."""
    pairs = zip(part.readings, part.found, strict=True)
    assessment = next((its for own, its in pairs if own is reading), None) or assess(reading)
    row = next((row for row in assessment.measurements if row.code == code), None)
    return row is not None and row.quantity is None


def _tracking_remarks(strain: StudyStrain) -> Iterator[Message]:
    """What hatching means, where a segment is hatched, and how well the segments with a value were followed."""
    if strain.withheld:
        yield message(
            "Hatched: no value, tracking quality below {lowest:.2f} or excluded by the reader",
            lowest=TRACKING_QUALITY.withheld,
        )
    if strain.implausible:
        yield plural(
            "{count} segment is hatched since it does not go together with the others of its view (it lengthens, "
            "or differs by more than {ratio:.0f} times)",
            "{count} segments are hatched since they do not go together with the others of their view (they "
            "lengthen, or differ by more than {ratio:.0f} times)",
            len(strain.implausible),
            ratio=MAX_SEGMENT_RATIO,
        )
    known = np.where(np.isfinite(strain.drawn_percent), strain.quality, np.nan)
    if np.isfinite(known).any():
        at = int(np.nanargmin(known))
        yield message(
            "Tracking quality (0 to 1) of the segments shown: {lowest:.2f} ({segment}) to {highest:.2f}",
            lowest=float(known[at]),
            segment=APICAL_NAMES[at],
            highest=float(np.nanmax(known)),
        )


def wall_motion_blocks(draft: ReportDraft) -> Iterator[Flowable]:
    """A reader's scores on a bull's-eye for each stage, and what is not normal in words.

    Args:
        draft: of the report.

    """
    for part in draft.parts:
        if not part.wall_motion:
            continue
        eyes = tuple(
            (
                draft.language.render(joined_by(", ", (message("Wall motion"), stage_words(stage)))),
                np.array(motion.scores, float),
                "score",
            )
            for stage, motion in part.wall_motion.items()
        )
        lines = [draft.plain(_scores_words(stage, motion)) for stage, motion in part.wall_motion.items()]
        key = joined_by("; ", [join_texts(f"{score} ", name) for score, name in SCORES.items()])
        said = message("{scores}. The index is the mean over the segments scored.", scores=key)
        below = [*lines, draft.plain(said, QUIET, size=SMALL)]
        paint, alt = partial(draw_bulls_eyes, eyes=eyes), "; ".join(title for title, *_ in eyes)
        yield Panel([draft.heading(message("Wall motion"))], paint, 90.0, 130.0, below, alt)


def _scores_words(stage: str, motion: WallMotion) -> Message:
    """Index and reader of a stage, and its segments that are not normal."""
    aside = [
        join_texts(name, " ", SCORES[score], *((" (", message("aneurysm"), ")") if index in motion.aneurysms else ()))
        for index, (name, score) in enumerate(zip(AHA_NAMES, motion.scores, strict=False), 1)
        if score is not None and score > 1
    ]
    said = join_texts(motion.words, ", ", message("scored by {who}", who=verbatim(motion.by)))
    return joined_by(": ", (stage_words(stage), said, joined_by("; ", aside)))


def _event_times(reading: Reading, time_s: np.ndarray) -> tuple[tuple[str, float], ...]:
    """When ED, ES, AVC and MVO are."""
    beats = reading.events.beats if reading.events else ()
    marks = [(name, frame) for beat in beats for name, frame in (("ED", beat.ed), ("ES", beat.es))]
    marks += [("AVC", frame) for frame in reading.valve_closures]
    marks += [("MVO", frame) for frame in reading.valve_openings]
    return tuple((name, float(time_s[frame])) for name, frame in marks if frame < len(time_s))


def _draw_side_by_side(canvas: Canvas, box: Box, charts: Sequence[partial[None]]) -> None:
    each = (box.width - 12 * 2) / max(len(charts), 3) if len(charts) != 2 else (box.width - 12) / 2
    for place, chart in enumerate(charts):
        chart(canvas, Box(box.x + place * (each + 12), box.y, each, box.height))
