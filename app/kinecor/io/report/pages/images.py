"""The images of a report: ED and ES of each view, and all slices of a stack."""

from collections.abc import Iterator, Sequence
from functools import partial

from reportlab.platypus import Flowable, Spacer

from kinecor.core.report.sentences import ECHO
from kinecor.core.values.kind import APICAL_VIEWS
from kinecor.core.values.message import NOTHING, Message, joined_by, message, verbatim
from kinecor.core.values.reading import Reading
from kinecor.core.values.recording import Stack
from kinecor.core.values.study import counting
from kinecor.core.values.track import Structure
from kinecor.io.report.blocks import QUIET, Painted
from kinecor.io.report.drawings import contour_key, slices_drawing
from kinecor.io.report.pages.draft import SMALL, Member, ReportDraft
from kinecor.io.report.pages.panel import Panel
from kinecor.io.report.study_drawings import Still, draw_stills

_CHARTS = 168.0  # points of the curves with their heading and note


def image_blocks(draft: ReportDraft) -> Iterator[Flowable]:
    """ED and ES of each view, and all slices of stacks, where images are printed.

    Args:
        draft: of the report.

    """
    if not draft.study.report.printed.images:
        return
    stills = [still for view in shown_views(draft) for still in _end_stills(draft, view)]
    if not stills and draft.around is not None and not draft.members[0].reading.kind.stack:
        stills = [_still_of_frame(draft, draft.members[0], 0)]
    if stills:
        many = len(stills) > 4
        columns = 3 if many else max(2, len(stills))
        ordered = [still for row in _rows_of_stills(stills, columns) for still in row] if many else stills
        lines = -(-len(ordered) // columns)
        paint = partial(draw_stills, stills=ordered, columns=columns)
        least, most = (88.0, 132.0) if columns > 2 else (125.0, 190.0)
        key = [_contour_key_line(draft, stills)] if stills else []
        alt = "; ".join(still.caption for still in ordered)
        above = [draft.heading(message("Images"))]
        yield Panel(above, paint, lines * least, lines * most, key, alt, spare=_CHARTS)
    for member in draft.members:
        if isinstance(member.recording, Stack) and member.reading.kind.network and member.reading.events:
            yield from _stack_blocks(draft, member.recording, member.reading)


def _contour_key_line(draft: ReportDraft, stills: Sequence[Still]) -> Flowable:
    (key,) = contour_key(stills[0].reading, draft.language) or (None,)
    return Painted(key.paint, 11.0) if key else Spacer(0, 0)


def _stack_blocks(draft: ReportDraft, stack: Stack, reading: Reading) -> Iterator[Flowable]:
    """All slices at ED and at ES."""
    beats = reading.events.beats if reading.events else ()
    ends = ((message("End-diastole"), beats[0].ed), (message("End-systole"), beats[0].es)) if beats else ()
    for name, phase in ends:
        drawing = slices_drawing(stack, reading, name, phase, draft.language)
        yield Spacer(0, 4)
        yield Painted(drawing.paint, 205.0, alt=draft.language.render(joined_by(", ", (draft.place(reading), name))))
    (key,) = contour_key(reading, draft.language) or (None,)
    if key:
        yield Painted(key.paint, 11.0)
    note = message("×: slice not included in the LV volume. Blue frame: basal and apical slice. Frames are phases.")
    yield draft.plain(note, QUIET, size=SMALL)


def _end_stills(draft: ReportDraft, member: Member) -> list[Still]:
    """ED and ES of the first beat of a loop; without contours, the first two frames with callipers."""
    beats = member.reading.events.beats if member.reading.events else ()
    callipers = member.reading.callipers.values()
    measured = sorted({each.frame for each in callipers if each.shape not in ("time", "line")})
    shown = [(verbatim("ED"), beats[0].ed), (verbatim("ES"), beats[0].es)] if beats else []
    if not member.reading.tracks and measured:
        shown = [(message("callipers"), frame) for frame in measured[:2]]
    return [_still_of_frame(draft, member, frame, name) for name, frame in shown]


def _still_of_frame(draft: ReportDraft, member: Member, frame: int, name: Message = NOTHING) -> Still:
    place = joined_by(", ", (draft.place(member.reading), name))
    if member.reading.kind.gated:
        caption = message("{place}, phase {phase}", place=place, phase=frame + 1)
    else:
        caption = message("{place}, frame {frame}", place=place, frame=frame + 1)
    return Still(member.cine, member.reading, frame, draft.language.render(caption))


def shown_views(draft: ReportDraft) -> list[Member]:
    """Loops with contours, ED and ES, or with callipers, apical views first.

    Of several of a view the one that its values are of.

    Of a stress study those at rest and at peak; of all stages where neither has any.

    Args:
        draft: of the report.

    """
    members: dict[tuple[str, str, int], Member] = {}
    counted = {reading.facts.recording_id for reading in counting(draft.readings, draft.study)} if draft.stages else ()
    valued = draft.clips_with_values()
    ids = ((member, member.reading.facts.recording_id) for member in draft.members)
    for single_member, _ in sorted(ids, key=lambda pair: (pair[1] not in valued, pair[1] not in counted)):
        reading = single_member.reading
        contoured = reading.events is not None and Structure.LV_ENDO in reading.tracks
        if reading.kind.stack or not (contoured or reading.callipers):
            continue
        stage = reading.facts.stage
        label = reading.view.label if reading.view else ""
        at = draft.stages.index(stage) if stage is not None else len(draft.stages)
        members.setdefault((reading.kind.modality, label, at), single_member)
    order, stress = [*APICAL_VIEWS], draft.stress
    shown = {0, draft.stages.index(stress.peak), len(draft.stages)} if stress else {*range(len(draft.stages) + 1)}
    if not any(at in shown for *_, at in members):
        shown = {*range(len(draft.stages))}
    return [
        members[key]
        for key in sorted(
            members, key=lambda key: (key[0] != ECHO, order.index(key[1]) if key[1] in order else 9, key[2])
        )
        if key[2] in shown
    ]


def _rows_of_stills(stills: Sequence[Still], columns: int) -> Iterator[list[Still]]:
    """Stills of ED and ES in turn, as rows of ED above rows of ES of the same views."""
    for index in range(0, len(stills), 2 * columns):
        here = stills[index : index + 2 * columns]
        yield list(here[0::2])
        yield list(here[1::2])
