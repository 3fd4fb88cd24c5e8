"""The methods page of a report: recordings, models, conventions, who decided what, and all checks."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from reportlab.lib.colors import HexColor
from reportlab.platypus import CondPageBreak, Flowable, Spacer

from kinecor.core.checks.assessment import study_sources
from kinecor.core.checks.findings import Finding, State
from kinecor.core.report.sentences import ECHO, rank
from kinecor.core.study.prior import Variability
from kinecor.core.table.linear_inputs import calliper_words
from kinecor.core.table.measures import LEADING, index_code
from kinecor.core.table.over_views import RESULTS, SourceOf, codes_of_result
from kinecor.core.table.stack_inputs import convention
from kinecor.core.values.callipers import Calliper, named_of
from kinecor.core.values.message import NOTHING, Message, join_texts, joined_by, message, plural, verbatim
from kinecor.core.values.reading import Decision, Reading
from kinecor.core.values.recording import Stack
from kinecor.core.values.track import Structure
from kinecor.io.report import words
from kinecor.io.report.blocks import INK, QUIET
from kinecor.io.report.pages.draft import CHECK, RULE, SMALL, ReportDraft
from kinecor.io.report.tags import TaggedParagraph

_METHODS = 300.0  # points that the methods need at least; with less they begin on a page of their own
_ENTERED = {
    "sex": message("sex"),
    "birth_date": message("birth date"),
    "height_cm": message("height"),
    "weight_kg": message("weight"),
    "heart_rate_per_min": message("heart rate"),
    "formula": message("formula"),
}


def methods_blocks(draft: ReportDraft) -> Iterator[Flowable]:
    """How everything was measured, by whom, and all checks.

    Args:
        draft: of the report.

    """
    yield CondPageBreak(_METHODS)
    yield draft.heading(message("Methods"))
    yield _recordings_table(draft)
    yield Spacer(0, 4)
    yield draft.table(
        [[draft.plain(name, QUIET), draft.plain(text)] for name, text in _method_lines(draft) if text],
        [92, draft.width - 92],
        [],
        padding=1.4,
    )
    paragraphs = [*_check_paragraphs(draft)]
    if paragraphs:
        yield CondPageBreak(40)
        yield draft.heading(message("Checks"))
        yield draft.table([[paragraph] for paragraph in paragraphs], [draft.width], [], padding=1.2, layout=True)
    yield Spacer(0, 5)
    line = message(
        "Study {study_id}. Instance UIDs of the recordings, models and digests of their weights: in this file's "
        "properties (XMP).",
        study_id=verbatim(draft.study.study_id),
    )
    yield draft.plain(line, QUIET, size=5.8)


def _recordings_table(draft: ReportDraft) -> Flowable:
    titles = (
        message("View"),
        message("Frames"),
        message("ED, ES"),
        message("Scale and its origin"),
        message("Contours"),
        message("Readers"),
    )
    shares = (0.135, 0.165, 0.11, 0.19, 0.25, 0.15)
    rows: list[list[Flowable | str]] = [[draft.plain(title, QUIET, size=SMALL) for title in titles]]
    for single_member in sorted(draft.members, key=lambda member: rank(member.reading)):
        reading, cine = single_member.reading, single_member.cine
        duration = float(cine.times_s[-1])
        rate = f", {(len(cine) - 1) / duration:.0f}/s" if duration > 0 else ""
        if reading.kind.stack:
            frames = plural("{count} phase", "{count} phases", len(cine))
        else:
            frames = plural("{count} frame", "{count} frames", len(cine))
        if isinstance(single_member.recording, Stack):
            slices = plural("{count} slice", "{count} slices", len(single_member.recording.slices))
            frames = join_texts(slices, ", ", frames)
        times = message("times from {origin}", origin=verbatim(cine.times_origin))
        if cine.times_origin == "assumed":
            times = message("times ASSUMED")
        beats = reading.events.beats if reading.events else ()
        marked = "; ".join(f"{beat.ed + 1}, {beat.es + 1}" for beat in beats[:4])
        marks = [verbatim(marked) if marked else message("not marked")]
        if reading.valve_closures:
            marks.append(join_texts("AVC ", words.frame_list(reading.valve_closures)))
        if reading.valve_openings:
            marks.append(join_texts("MVO ", words.frame_list(reading.valve_openings)))
        by_reader = reading.events is not None and reading.events.origin.value != "model"
        who = join_texts(" (", message("reader") if by_reader else message("auto"), ")") if beats else NOTHING
        contours = joined_by(
            "; ",
            [
                join_texts(words.NAMES[structure], " ", words.contour_line(reading, structure))
                for structure in reading.tracks
            ],
        )
        if reading.kind.stack:
            contours = _stack_contour_words(reading)
        view = reading.view
        file = verbatim(_file_names(draft).get(reading.facts.recording_id, ""))
        sure = f" ({100 * view.confidence:.0f} %)" if view and view.confidence is not None else ""
        texts = (
            joined_by(", ", (join_texts(draft.place(reading), sure), file)),
            join_texts(frames, rate, "; ", times),
            join_texts(joined_by("; ", marks), who),
            words.calibration_line(reading),
            contours or message("none"),
            words.readers_line(reading) or message("none"),
        )
        rows.append([draft.plain(text, size=SMALL, bold=not index) for index, text in enumerate(texts)])
    style = [
        ("LINEBELOW", (0, 0), (-1, 0), 0.8, HexColor(INK)),
        ("LINEBELOW", (0, 1), (-1, -1), 0.4, HexColor(RULE)),
    ]
    return draft.table(rows, [share * draft.width for share in shares], style, padding=1.6, repeat=1)


def _stack_contour_words(reading: Reading) -> Message:
    """How many contours the slices have, and of which structures."""
    counts = {
        structure: sum(
            contour is not None
            for slice_reading in reading.slices
            if structure in slice_reading.tracks
            for contour in slice_reading.tracks[structure].contours
        )
        for structure in (Structure.LV_ENDO, Structure.LV_EPI, Structure.RV)
    }
    return joined_by(
        "; ", [join_texts(words.NAMES[structure], f" {count}") for structure, count in counts.items() if count]
    )


def _method_lines(draft: ReportDraft) -> Iterator[tuple[Message, Message]]:
    models = dict.fromkeys(name for reading in draft.readings for name in words.models(reading))
    contoured = any(kept.tracks for one in draft.readings for kept in (one, *one.slices))
    drawn = message("none: contours were drawn by readers") if contoured else message("none: nothing was contoured")
    yield message("Models"), verbatim(", ".join(models)) if models else drawn
    echo = draft.has_modality(ECHO)
    conventions = [
        message("volumes of loops by the method of disks (20 disks, ASE/EACVI 2015)") if echo else NOTHING,
        *(
            message("volumes of stacks by summation of slices, {convention}", convention=said)
            for said in dict.fromkeys(convention(reading) for reading in draft.readings if reading.kind.stack)
        ),
        message("longitudinal strain negative where the wall shortens, 18 segments") if echo else NOTHING,
        message("with several beats the mean; images show the first"),
        message("frames, phases and slices are counted from 1"),
        message("values are rounded for print only, so that a printed EDV − ESV may differ from SV by 1 ml"),
    ]
    yield message("Conventions"), join_texts(joined_by("; ", conventions), ".")
    norms = [value.norm for part in draft.parts for value in part.values.values() if value.norm]
    sources = dict.fromkeys(f"{graded.set_name}: {graded.citation}" for graded in norms)
    yield message("Ranges"), verbatim("; ".join(sources) + ("." if norms else ""))
    limits: dict[Message, list[str]] = {}
    for part in draft.parts:
        for single_value in part.values.values():
            for said in words.pieces(single_value.norm.caveat) if single_value.norm else ():
                limits.setdefault(said, []).append(single_value.row.code)
    yield message("Limits of ranges"), joined_by("; ", [_with_codes(codes, what) for what, codes in limits.items()])
    entered = [
        message("{what} by {who}", what=_ENTERED.get(name) or verbatim(name), who=verbatim(by))
        for name, by in draft.study.entered_by.items()
    ]
    replaced = message("entered in place of the file's: {what}.", what=joined_by(", ", entered))
    yield message("Patient data"), replaced if entered else NOTHING
    texts = [
        message("{what} by {who}", what=verbatim(section.title), who=verbatim(section.by))
        for section in draft.sections
        if section.by
    ]
    own = message("written by a reader: {sections}; other sentences are automatic.", sections=joined_by(", ", texts))
    yield message("Text"), own if texts else message("All sentences are automatic.")
    if draft.prior:
        about: dict[Message, list[str]] = {}
        for change in draft.prior.changes:
            if change.remark:
                about.setdefault(change.remark, []).append(change.code)
        remarks = [join_texts(_with_codes(codes, what), ".") for what, codes in about.items()]
        day = draft.day(draft.prior.then.study_date)
        legend = message("{day}; ! marks a value with a check there.", day=day)
        yield message("Prior study"), joined_by(" ", (legend, *draft.prior.warnings, *remarks))
        limits_of: dict[Variability, list[str]] = {}
        for change in draft.prior.changes:
            if change.variability is not None:
                limits_of.setdefault(change.variability, []).append(change.code)
        errors = [
            message(
                "{codes} {percent:.1f} % of the mean of both ({source})",
                codes=verbatim(", ".join(dict.fromkeys(codes))),
                percent=limit.percent,
                source=verbatim("; ".join(filter(None, (limit.source, limit.computed)))),
            )
            for limit, codes in limits_of.items()
        ]
        yield message("Measurement error"), joined_by("; ", errors)
    yield from _source_lines(draft)
    decided: dict[tuple[Message, Message], list[str]] = {}
    for place, decisions in (
        *((draft.place(reading), reading.decisions) for reading in draft.readings),
        (message("over views"), draft.study.decisions),
    ):
        for code, decision in decisions.items():
            by_whom = message("{what} by {who}", what=_decision_words(decision), who=verbatim(decision.by))
            decided.setdefault((place, by_whom), []).append(code)
    # An index that was decided on as its value was is not named again.
    named = {
        where: [code for code in codes if code not in set(map(index_code, codes))] for where, codes in decided.items()
    }
    decisions_said = [
        join_texts(", ".join(codes), " ", by_whom, " (", place, ")") for (place, by_whom), codes in named.items()
    ]
    yield message("Decisions"), joined_by("; ", decisions_said)
    comments = [f"{code}: {text}" if code else text for code, text in draft.study.comments.items()]
    yield message("Comments"), verbatim("; ".join(comments))
    free = [
        _calliper_words(reading, calliper)
        for reading in draft.readings
        for calliper in reading.callipers.values()
        if named_of(calliper) is None and calliper.shape != "line"
    ]
    yield message("Callipers"), joined_by("; ", free)
    notes = [
        join_texts(draft.place(reading), ": ", verbatim(reading.notes.strip()))
        for reading in draft.readings
        if reading.notes.strip()
    ]
    yield message("Notes"), joined_by(" ", notes)
    yield message("Letters"), draft.writer.type.note() or NOTHING


def _source_lines(draft: ReportDraft) -> Iterator[tuple[Message, Message]]:
    """The recordings and beats behind results over views, and who chose them."""
    if len(draft.members) < 2:
        return
    # Where there is a stack, volumes are its own: those of disks in long axes are not what is printed.
    stacked = {part for part in draft.parts if any(reading.kind.stack for reading in part.readings)}
    sources = [
        source
        for part in draft.parts
        for source in study_sources(part.readings, draft.study)
        if not (part in stacked and LEADING in codes_of_result(source.result))
    ]
    for result in RESULTS:
        used = [_source_words(draft, source) for source in sources if source.result == result]
        yield (
            message("{codes} from", codes=verbatim(", ".join(codes_of_result(result)))),
            joined_by("; ", used),
        )


def _file_names(draft: ReportDraft) -> dict[str, str]:
    """The name of the file of each recording, by its id."""
    return {each.reading.facts.recording_id: Path(each.recording.source.path).name for each in draft.members}


def _source_words(draft: ReportDraft, source: SourceOf) -> Message:
    """A recording behind a result over views: view, file and beats, and who chose it."""
    count = len(source.reading.events.beats) if source.reading.events else 0
    place = draft.place(source.reading) if draft.stages else verbatim(source.reading.kind.view_name(source.view))
    said = [place, verbatim(_file_names(draft).get(source.reading.facts.recording_id, ""))]
    if count > 1:
        beats = verbatim(", ".join(str(at + 1) for at in source.beats))
        said.append(message("beats {beats} of {count}", beats=beats, count=count))
    if source.chosen_by:
        said.append(message("chosen by {who}", who=verbatim(source.chosen_by)))
    return joined_by(", ", said)


def _check_paragraphs(draft: ReportDraft) -> Iterator[TaggedParagraph]:
    """Every open check, then those a reader acknowledged, then notes, each once."""
    for open_check in draft.open_checks:
        found_here = draft.finding_words(open_check.finding, *open_check.places)
        said = message("{number}  Open. {finding}", number=open_check.number, finding=found_here)
        yield draft.plain(said, CHECK, size=SMALL + 0.2, signs=True)
    seen = set()
    for state in (State.ACKNOWLEDGED, State.OPEN):
        for part in draft.parts:
            for reading, assessment in zip(part.readings, part.found, strict=True):
                for finding in assessment.findings:
                    noted = state is State.OPEN and not finding.marks
                    if finding.state is not state or (state is State.OPEN and not noted):
                        continue
                    text = draft.finding_words(finding, draft.place(reading))
                    if state is State.ACKNOWLEDGED:
                        text = join_texts(text, " ", _acknowledged_words(draft, reading, finding))
                    if text not in seen:
                        seen.add(text)
                        yield draft.plain(text, QUIET if noted else INK, size=SMALL + 0.2, signs=True)


def _acknowledged_words(draft: ReportDraft, reading: Reading, finding: Finding) -> Message:
    """Who acknowledged a check, when and why."""
    here = reading.acknowledged.get(finding.key)
    day = draft.day(here.at[:10]) if here else NOTHING
    who = joined_by(", ", (verbatim(finding.acknowledged_by), day))
    return message("Acknowledged by {who}: {reason}", who=who, reason=verbatim(finding.why))


def _calliper_words(reading: Reading, calliper: Calliper) -> Message:
    """A calliper that has a name of the reader's, its size, and where it is."""
    size, name = calliper_words(reading, calliper), verbatim(calliper.name)
    if calliper.until is None:
        return message("{name} {size} (frame {frame})", name=name, size=size, frame=calliper.frame + 1)
    first, last = calliper.frame + 1, calliper.until + 1
    return message("{name} {size} (frames {first} to {last})", name=name, size=size, first=first, last=last)


def _decision_words(decision: Decision) -> Message:
    """What a reader decided on a value, in a word."""
    if not decision.accepted:
        return message("rejected")
    return message("accepted") if decision.value is None else message("entered")


def _with_codes(codes: Sequence[str], what: Message) -> Message:
    """What is said of some values, after their codes."""
    return join_texts(", ".join(dict.fromkeys(codes)), ": ", what)
