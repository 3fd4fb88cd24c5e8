"""The table of measurements of a report: value, index, range, flag, prior value and method of each."""

from collections.abc import Iterator
from typing import Final

from reportlab.lib.colors import HexColor
from reportlab.platypus import CondPageBreak, Flowable

from kinecor.core.checks.assessment import study_sources
from kinecor.core.checks.table import short_title_of_check
from kinecor.core.norms.classes import NOT_MEASURED_WELL
from kinecor.core.report.sentences import CMR, ECHO, Part, Value, stage_of, view_of
from kinecor.core.study.prior import Changed
from kinecor.core.study.stress import clip_of
from kinecor.core.table.measures import (
    BODY_SURFACE,
    INDICES,
    Status,
    decimals_of,
    format_quantity,
    format_signed,
    index_code,
    interval_words,
    name_of,
    unit_name,
)
from kinecor.core.table.over_views import result_of
from kinecor.core.values.confidence import Trust
from kinecor.core.values.message import NOTHING, Message, join_texts, joined_by, message, plural, verbatim
from kinecor.core.values.reading import Reading
from kinecor.core.values.study import SEX_NAMES
from kinecor.io.report import words
from kinecor.io.report.blocks import ALERT, INK, QUIET
from kinecor.io.report.pages.draft import (
    BODY,
    CELL_GAP,
    CHECK,
    CHECK_GROUND,
    MAX_CHARACTERS,
    NO_VALUE,
    RULE,
    SMALL,
    ReportDraft,
)
from kinecor.io.report.tags import TaggedParagraph

_MODALITIES = {ECHO: message("Echocardiography"), CMR: message("Cine MRI")}
UNBROKEN: Final = 4000.0
"""Wider than any line (points)."""
_MAY_BE_EMPTY: Final = (2, 3, 4)
"""Columns of the table of measurements that no value may fill: indices, ranges and flags."""


def measurement_blocks(draft: ReportDraft) -> Iterator[Flowable]:
    """The table of measurements, and what values would be if what open checks doubt were otherwise.

    Args:
        draft: of the report.

    """
    normal = joined_by(", ", (message("Normal"), SEX_NAMES.get(draft.study.demographics.sex, NOTHING)))
    titles = [message("Measurement"), message("Value"), message("Indexed"), normal]
    titles += [message("Flag"), message("Method")]
    if draft.prior:
        titles.insert(5, draft.day(draft.prior.then.study_date))
    shares: tuple[float, ...] = (0.235, 0.105, 0.1, 0.12, 0.15, 0.29)
    if draft.prior:
        shares = (0.215, 0.1, 0.1, 0.115, 0.155, 0.09, 0.225)
    if any(value.open for part in draft.parts for values in _listed_values(draft, part) for value in values):
        # The titles of the checks need the room more than the methods do.
        *before, method = shares
        before[4] += 0.07
        shares = (*before, method - 0.07)
    rows: list[list[Flowable | str]] = [
        [
            draft.plain(title, QUIET, size=SMALL + 0.4, right=1 <= index <= 3 or (index == 5 and len(titles) > 6))
            for index, title in enumerate(titles)
        ]
    ]
    style: list[tuple[object, ...]] = [("LINEBELOW", (0, 0), (-1, 0), 0.8, HexColor(INK))]
    spanned: set[int] = set()
    for part in draft.parts:
        if len(draft.parts) > 1:
            style.append(("SPAN", (0, len(rows)), (-1, len(rows))))
            spanned.add(len(rows))
            rows.append(
                [
                    draft.plain(_MODALITIES[part.modality], draft.template.colour, bold=True),
                    *[""] * (len(titles) - 1),
                ]
            )
        for values in _listed_values(draft, part):
            if any(value.open for value in values):
                style.append(("BACKGROUND", (0, len(rows)), (-1, len(rows)), HexColor(CHECK_GROUND)))
            rows.append(_measurement_row(draft, part, values))
            style.append(("LINEBELOW", (0, len(rows) - 1), (-1, len(rows) - 1), 0.4, HexColor(RULE)))
    if len(rows) == 1:
        yield draft.heading(message("Measurements"))
        yield draft.plain(message("Nothing was measured."), QUIET)
        return
    empty = [at for at in _MAY_BE_EMPTY if all(row[at] == "" for row in rows[1:])]
    rows = [[cell for at, cell in enumerate(row) if at not in empty] for row in rows]
    limits = [share * draft.width for column, share in enumerate(shares) if column not in empty]
    limits[0] += draft.width * sum(shares[column] for column in empty) / 3  # names of other languages are longer
    widths = _widths([row for number, row in enumerate(rows) if number not in spanned], limits, draft.width)
    table = draft.table(rows, widths, style, padding=2.0, repeat=1)
    yield CondPageBreak(70)
    yield draft.heading(message("Measurements"))
    yield from draft.stage_note()
    yield table
    for other in _alternatives(draft):
        yield draft.plain(message("Also possible: {values}.", values=other), QUIET, size=SMALL)


def _widths(rows: list[list[Flowable | str]], limits: list[float], width: float) -> list[float]:
    """Columns as wide as their longest line, up to their limits; the last, with long sentences, has what is left."""
    needed = (max(map(_line_width, column)) + CELL_GAP + 1 for column in list(zip(*rows, strict=True))[:-1])
    *_, method = limits
    before = [min(line, limit) for line, limit in zip(needed, limits[:-1], strict=True)]
    return [*before, max(width - sum(before), method)]


def _line_width(cell: object) -> float:
    """The longest line of a cell where nothing breaks it (points)."""
    if isinstance(cell, list):
        return max(map(_line_width, cell), default=0.0)
    if not isinstance(cell, TaggedParagraph):
        return 0.0
    cell.wrap(UNBROKEN, UNBROKEN)
    return max(map(float, cell.getActualLineWidths0()), default=0.0)


def _alternatives(draft: ReportDraft) -> Iterator[Message]:
    """What values would be if what open checks doubt were otherwise; their intervals contain that."""
    for part in draft.parts:
        for reading, assessment in zip(part.readings, part.found, strict=True):
            for alternative in assessment.alternatives:
                place = draft.place(reading)
                yield (
                    join_texts(place, ": ", alternative.message)
                    if place and len(part.readings) > 1
                    else alternative.message
                )


def _listed_values(draft: ReportDraft, part: Part) -> list[tuple[Value, ...]]:
    """Values in the order of the template; those withheld for one reason share a row."""
    codes = draft.template.rows or tuple(value.row.code for value in part.values.values())
    hidden = INDICES | {BODY_SURFACE, "HR"}
    values = [single_value for code in codes if code not in hidden and (single_value := part.get(code)) is not None]
    rows: list[tuple[Value, ...]] = []
    withheld: dict[str, list[Value]] = {}
    for single_value in values:
        if single_value.row.quantity is None:
            withheld.setdefault(single_value.row.note or "", []).append(single_value)
        else:
            rows.append((single_value,))
    return [*rows, *map(tuple, withheld.values())]


def _measurement_row(draft: ReportDraft, part: Part, values: tuple[Value, ...]) -> list[Flowable | str]:
    single_value = values[0]
    if single_value.row.quantity is None:
        several = draft.plain(verbatim(", ".join(each.row.code for each in values)), bold=True)
        why = message("Not available: {reason}", reason=single_value.row.note or NOTHING)
        reason = draft.plain(why, QUIET, size=SMALL + 0.3)
        name = several if len(values) > 1 else _name_cell(draft, single_value)
        return [name, draft.plain(NO_VALUE, right=True), "", "", "", *_prior_cell(draft, single_value), reason]
    index = part.get(index_code(single_value.row.code))
    judged = judged_value(part, single_value)
    # By the range that the flag is of: red next to "Normal" contradicts itself.
    colour = ALERT if judged.flagged and not single_value.imprecise else INK
    interval = interval_words(single_value.row)
    value = [draft.plain(single_value.words, colour, bold=not single_value.imprecise, right=True)]
    if interval:
        spread = joined_by(" ", (interval, unit_name(single_value.row.unit)))
        value.append(draft.plain(spread, QUIET, size=SMALL, right=True))
    shown = format_quantity(index.row.quantity, index.row.code) if index and index.row.quantity else NOTHING
    limits = joined_by(" ", (judged.norm.range_words, unit_name(judged.norm.unit))) if judged.norm else NOTHING
    return [
        _name_cell(draft, single_value),
        value,
        draft.plain(shown, right=True) if shown else "",
        draft.plain(limits, right=True) if limits else "",
        flag_cell(draft, part, single_value, judged),
        *_prior_cell(draft, single_value),
        draft.plain(_method_words(draft, single_value), QUIET, size=SMALL + 0.3, signs=True),
    ]


def _prior_cell(draft: ReportDraft, value: Value) -> list[str | list[Flowable]]:
    """The value of the prior study and the difference, as a column where there is one."""
    if draft.prior is None:
        return []
    change = change_since_prior(draft, value)
    if change is None or change.then.quantity is None:
        return [""]
    doubt = "! " if change.then.trust is Trust.CHECK else ""
    decimals = decimals_of(value.row.code, change.now.unit)
    less = join_texts("+" if change.shown_difference > 0 else "", format_signed(change.shown_difference, decimals))
    then = join_texts(doubt, format_quantity(change.then.quantity, value.row.code))
    colour, bold = (INK, True) if change.exceeds else (QUIET, False)
    return [[draft.plain(then, right=True), draft.plain(less, colour, bold=bold, size=SMALL, right=True)]]


def _name_cell(draft: ReportDraft, value: Value) -> TaggedParagraph:
    markup = draft.writer.type.markup(draft.language.render(name_of(value.row.code)))
    return draft.writer.styled(f'<b>{value.row.code}</b>&nbsp; <font size="{SMALL + 0.2}">{markup}</font>', BODY)


def flag_cell(draft: ReportDraft, part: Part, value: Value, judged: Value, *, brief: bool = False) -> Flowable | str:
    """The class of a value, or every open check that it has; if `brief`, by their numbers alone.

    Args:
        draft: of the report.
        part: of the study that the value is of.
        value: of the row.
        judged: see `judged_value`.
        brief: name open checks by their numbers alone.

    """
    if value.imprecise:
        return draft.plain(NOT_MEASURED_WELL.capitalised(), QUIET)
    if value.doubt:
        concerned = [each for each in draft.open_checks if each.part is part and each.concerns(value)]
        titles: dict[Message, list[str]] = {}
        for each in concerned:
            titles.setdefault(short_title_of_check(each.finding.code), []).append(str(each.number))
        named = [join_texts(title, " (", ", ".join(numbers), ")") for title, numbers in titles.items()]
        if brief:
            named = [verbatim(", ".join(str(each.number) for each in concerned))]
        head = draft.writer.type.markup(draft.language.render(message("! check")))
        remaining_text = draft.writer.type.markup(draft.language.render(joined_by("; ", named)), MAX_CHARACTERS)
        return draft.writer.styled(f"<b>{head}</b> {remaining_text}", SMALL, CHECK)
    if judged.norm is None:
        return ""
    if judged.norm.normal:
        return draft.plain(message("Normal"), QUIET)
    colour = ALERT if judged.norm.abnormal else INK
    bold = judged.norm.abnormal or judged.norm.borderline
    return draft.plain(judged.norm.words.capitalised(), colour, bold=bold)


def judged_value(part: Part, value: Value) -> Value:
    """What the range and the class are of: the index where that has a range, else the value itself.

    Args:
        part: of the study that the value is of.
        value: of the row.

    """
    index = part.get(index_code(value.row.code))
    return index if index is not None and index.norm is not None else value


def change_since_prior(draft: ReportDraft, value: Value) -> Changed | None:
    """The same value in the prior study, with the difference.

    Args:
        draft: of the report.
        value: of the row.

    """
    if draft.prior is None:
        return None
    of_view = next((reading for reading in draft.readings if draft.place(reading) == value.place), None)
    view = view_of(of_view) if of_view is not None and not of_view.kind.stack else ""
    return next((each for each in draft.prior.changes if (each.code, each.of) == (value.row.code, view)), None)


def _method_words(draft: ReportDraft, value: Value) -> Message:
    """Method, place, frames, reader's decision, remark: what a reader must know of this one value."""
    frames = words.frame_list(value.row.frames) if len(value.row.frames) <= 4 else NOTHING
    by = NOTHING
    of_view = next((reading for reading in draft.readings if draft.place(reading) == value.place), None)
    if value.row.status in (Status.ACCEPTED, Status.EDITED):
        # A value over views is decided on for the study: a view's own decision may be another reader's.
        decided = (of_view or draft.study).decisions.get(value.row.code)
        by = message("accepted") if value.row.status is Status.ACCEPTED else message("edited")
        by = message("{what} by {who}", what=by, who=verbatim(decided.by)) if decided else by
    frame = NOTHING
    if frames and of_view is not None and of_view.kind.gated:
        frame = plural("phase {numbers}", "phases {numbers}", len(value.row.frames), numbers=frames)
    elif frames:
        frame = plural("frame {numbers}", "frames {numbers}", len(value.row.frames), numbers=frames)
    stage = _stage_behind(draft, value, of_view)
    clip = clip_of(of_view, draft.all_readings) if of_view is not None else _clips_behind(draft, value)
    return joined_by("; ", (*words.pieces(value.row.method)[:1], stage, clip, frame, by, value.row.note or NOTHING))


def _clips_behind(draft: ReportDraft, value: Value) -> Message:
    """The clips that a value over views is of, where a view has several."""
    result = result_of(value.row.code)
    sources = [each for part in draft.parts for each in study_sources(part.readings, draft.study)]
    named = [
        draft.place(each.reading)
        for each in sources
        if each.result == result and clip_of(each.reading, draft.all_readings)
    ]
    return joined_by(", ", tuple(dict.fromkeys(named)))


def _stage_behind(draft: ReportDraft, value: Value, of_view: Reading | None) -> Message:
    """The stage that a value is of; "" in a study without stages."""
    if not draft.stages:
        return NOTHING
    result = result_of(value.row.code)
    sources = (each for part in draft.parts for each in study_sources(part.readings, draft.study))
    behind = of_view or next((each.reading for each in sources if each.result == result), None)
    if behind is None or behind.kind.stack:
        return NOTHING
    return stage_of(behind) or message("no stage")
