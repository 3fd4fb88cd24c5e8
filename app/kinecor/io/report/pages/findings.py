"""The findings of a report in sentences, and its open checks."""

from collections.abc import Iterator

from reportlab.lib.colors import HexColor
from reportlab.platypus import CondPageBreak, Flowable, Spacer

from kinecor.core.checks.findings import Severity
from kinecor.core.report.sentences import Drafted
from kinecor.core.report.sentences import State as Written
from kinecor.core.table.measures import typeset
from kinecor.core.values.message import joined_by, message, verbatim
from kinecor.core.values.study import IMPRESSION
from kinecor.io.report.blocks import QUIET
from kinecor.io.report.pages.draft import BODY, CHECK, CHECK_GROUND, ReportDraft
from kinecor.io.report.tags import TaggedParagraph


def findings_blocks(draft: ReportDraft) -> Iterator[Flowable]:
    """The sections of the report but the impression, each with its sentences or why it has none.

    Args:
        draft: of the report.

    """
    rows: list[list[Flowable | str]] = []
    for section in draft.sections:
        if section.section == IMPRESSION:
            continue
        said: list[Flowable] = []
        if section.text:
            said += [draft.plain(verbatim(line)) for line in section.text.splitlines() if line.strip()]
        if section.state in (Written.AUTOMATIC, Written.NONE):
            said += [draft.plain(verbatim(why), QUIET) for why in section.why]
        if section.changed:
            said.append(outdated_line(draft, section))
        rows.append([draft.plain(verbatim(section.title), QUIET), said])
    if rows:
        yield CondPageBreak(40)
        yield draft.heading(message("Findings"))
        yield from draft.stage_note()
        yield draft.table(rows, [104, draft.width - 104], [], padding=1.6)


def outdated_line(draft: ReportDraft, section: Drafted) -> TaggedParagraph:
    """That a reader's text does not match the values any more, and which.

    Args:
        draft: of the report.
        section: whose text a reader wrote.

    """
    said = message("! No longer matches the values: {changes}.", changes=joined_by("; ", section.changed))
    return draft.plain(said, CHECK, bold=True)


def open_check_blocks(draft: ReportDraft) -> Iterator[Flowable]:
    """The open checks with their numbers and the values that they mark; the first ten.

    Args:
        draft: of the report.

    """
    if not draft.open_checks:
        return
    shown = draft.open_checks[:10]
    parts = []
    for open_check in shown:
        codes = [each.row.code for each in open_check.part.values.values() if open_check.concerns(each)]
        shown_codes = verbatim(", ".join(codes[:5]))
        listed = message("{codes} and others", codes=shown_codes) if len(codes) > 5 else shown_codes
        withheld = open_check.finding.severity is Severity.STOP
        does = message("(withheld {codes})", codes=listed) if withheld else message("(concerns {codes})", codes=listed)
        found = typeset(draft.language.render(draft.finding_words(open_check.finding, *open_check.places)))
        text = draft.writer.type.markup(found, 300)
        tail = draft.writer.type.markup(draft.language.render(does)) if codes else ""
        parts.append(f"<b>{open_check.number}</b>&nbsp; {text} {tail}")
    if len(draft.open_checks) > len(shown):
        more = len(draft.open_checks) - len(shown)
        parts.append(draft.language.fill("... and {count} more on the methods page.", count=more))
    head = draft.language.fill("! Open checks: {count}", count=len(draft.open_checks))
    title = draft.writer.styled(f'<font color="{CHECK}"><b>{head}</b></font>', BODY)
    lines: list[list[Flowable]] = [[title], *([draft.writer.styled(part, BODY - 0.4)] for part in parts)]
    style = [
        ("BACKGROUND", (0, 0), (-1, -1), HexColor(CHECK_GROUND)),
        ("BOX", (0, 0), (-1, -1), 0.6, HexColor("#d9a441")),
    ]
    yield Spacer(0, 6)
    yield draft.table(lines, [draft.width], style, padding=1.6, left=7, layout=True)
