"""The stages of a stress study side by side."""

from collections.abc import Iterator

from reportlab.lib.colors import HexColor
from reportlab.platypus import CondPageBreak, Flowable

from kinecor.core.report.sentences import BIPLANE
from kinecor.core.study.stress import SHOWN, StressStudy, clip_of
from kinecor.core.table.measures import BY_CODE, LEADING, format_quantity, typeset, unit_name
from kinecor.core.values.confidence import Trust
from kinecor.core.values.message import NOTHING, Message, join_texts, joined_by, message, verbatim
from kinecor.core.values.reading import Reading
from kinecor.core.values.recording import Stage
from kinecor.io.report.blocks import INK, QUIET
from kinecor.io.report.pages.draft import CHECK, NO_VALUE, RULE, SMALL, ReportDraft


def stress_blocks(draft: ReportDraft) -> Iterator[Flowable]:
    """The stages side by side: heart rate, EF and volumes of each, over views or of one view.

    Args:
        draft: of the report.

    """
    if not draft.stages or draft.around is not None:
        return
    stress = draft.stress
    yield CondPageBreak(80)
    yield draft.heading(message("Rest and peak stress"))
    if stress is None:
        said = message("Not available: only the stage {stage} is named.", stage=draft.stages[0].words)
        yield draft.plain(said, QUIET)
        return
    titles = [
        NOTHING,
        *(_stage_title(stage.stage, stress) for stage in stress.stages),
        message("Peak less rest"),
    ]
    rates = [stage.heart_rate_per_min for stage in stress.stages]
    shown_rates = [verbatim(f"{rate:.0f}/min" if rate else "–") for rate in rates]
    rows = [titles, [message("Heart rate"), *shown_rates, NOTHING]]
    place_of_peak = [stage.stage for stage in stress.stages].index(stress.peak)
    rest, peak = rates[0], rates[place_of_peak]
    rows[-1][-1] = verbatim(typeset(f"{peak - rest:+.0f}/min") if rest and peak else "–")
    changes = {(change.code, change.of): change for change in stress.changes}
    for code in SHOWN:
        every = dict.fromkeys(of for stage in stress.stages for its, of in stage.rows if its == code)
        compared = [of for its, of in changes if its == code]
        for of in compared or every:
            measurements = [stage.rows.get((code, of)) for stage in stress.stages]
            change = changes.get((code, of))
            where = verbatim(of) if of else BIPLANE
            values = [
                join_texts(
                    "! " if row.trust is Trust.CHECK else "",
                    format_quantity(row.quantity, code),
                    _clip_words(draft, stage.clips.get(of)),
                )
                if row is not None and row.quantity
                else NO_VALUE
                for row, stage in zip(measurements, stress.stages, strict=True)
            ]
            unit = next(row.unit for row in measurements if row is not None)
            shown_unit = message("points") if BY_CODE[code].in_percent else unit_name(unit)
            marked = "! " if any(text.startswith("!") for text in (values[0], values[place_of_peak])) else ""
            within = f"± {change.half_width:.0f} " if change and change.half_width is not None else ""
            difference = typeset(f"{change.shown_difference:+.0f}") if change else ""
            less = join_texts(marked, difference, f" {within}", shown_unit) if change else NO_VALUE
            rows.append([join_texts(f"{code}, ", where), *values, less])
    share = 0.7 * draft.width / (len(titles) - 1)
    cells = [
        [draft.plain(text, QUIET if not down else INK, right=index > 0) for index, text in enumerate(row)]
        for down, row in enumerate(rows)
    ]
    style = [
        ("LINEBELOW", (0, 0), (-1, 0), 0.8, HexColor(INK)),
        ("LINEBELOW", (0, 1), (-1, -1), 0.4, HexColor(RULE)),
    ]
    yield draft.table(cells, [0.3 * draft.width, *[share] * (len(titles) - 1)], style, padding=2.0, repeat=1)
    notes = [
        message("–: not measured at this stage, or withheld. !: marked by a check."),
        message("±: the interval of 95 % of a difference."),
    ]
    if not any(code == LEADING for code, _ in changes):
        notes.append(message("EF at rest and at peak is not available in one view."))
    yield draft.plain(joined_by(" ", notes), QUIET, size=SMALL)
    for line in _marks_of_stages(draft, stress):
        yield draft.plain(line, CHECK, size=SMALL, signs=True)


def _marks_of_stages(draft: ReportDraft, stress: StressStudy) -> Iterator[Message]:
    """Why values of the stages are marked; those of the first are among the open checks of the study."""
    for stage in stress.stages[1:]:
        if any(row.trust is Trust.CHECK for (code, _), row in stage.rows.items() if code in SHOWN):
            for of, findings in stage.marked.items():
                place = draft.place(stage.clips[of]) if of in stage.clips else stage.stage.words
                yield from (join_texts("! ", place, ": ", finding) for finding in findings)


def _clip_words(draft: ReportDraft, reading: Reading | None) -> Message:
    """What tells a recording from others of its view at its stage, after its value."""
    clip = clip_of(reading, draft.all_readings) if reading is not None else NOTHING
    return join_texts(", ", clip) if clip else NOTHING


def _stage_title(stage: Stage, stress: StressStudy) -> Message:
    if stage == stress.stages[0].stage:
        return message("{stage} (rest)", stage=stage.words)
    return message("{stage} (peak)", stage=stage.words) if stage == stress.peak else stage.words
