"""The first page of a report: who was examined, the values looked for first, impression and signature."""

from collections.abc import Iterator
from typing import Final

from reportlab.lib.colors import HexColor
from reportlab.platypus import Flowable, KeepTogether, Spacer

from kinecor.core.report.sentences import CMR, ECHO, Part, Value
from kinecor.core.study.conclusions import SignState, sign_status
from kinecor.core.study.prior import Changed
from kinecor.core.table.measures import LEADING, digits, interval_words, unit_name
from kinecor.core.values.confidence import Trust
from kinecor.core.values.message import NOTHING, Message, join_texts, joined_by, message, number, plural, verbatim
from kinecor.core.values.study import IMPRESSION, SEX_NAMES, Addendum, Signature
from kinecor.io.report import words
from kinecor.io.report.blocks import ALERT, INK, QUIET
from kinecor.io.report.pages.draft import BODY, CHECK, FOOT, MARGIN, NO_VALUE, RULE, SMALL, UNSIGNED_MARK, ReportDraft
from kinecor.io.report.pages.findings import outdated_line
from kinecor.io.report.pages.measurements import change_since_prior, flag_cell, judged_value
from kinecor.io.report.tags import TaggedParagraph

_IMPRESSION_GROUND = "#f1f5fa"
_HEAD_VALUES: Final = {ECHO: (LEADING, "EDV", "ESV", "GLS", "LAV"), CMR: (LEADING, "EDV", "ESV", "LVM", "RVEF")}
_TO_SIGN = 18.0  # points above the line to sign on


def conclusion_blocks(draft: ReportDraft) -> Iterator[Flowable]:
    """The impression and the signature; the signature first where page 1 would not hold both.

    Args:
        draft: of the report.

    """
    last = draft.study.signature
    signature = _lines_to_sign(draft) if last is None else _signature_blocks(draft, last)
    impression = _impression_blocks(draft)
    high = sum(
        float(block.wrap(draft.width, draft.page_height)[1])
        for block in (identity_table(draft), *head_value_blocks(draft), *impression, *signature)
    )
    fits = high + 6 <= draft.page_height - 2 * MARGIN - FOOT - 78 - (UNSIGNED_MARK if draft.beyond else 0.0)
    if fits:
        yield KeepTogether([*impression, *signature])
    else:
        yield from (*signature, *impression)


def head_value_blocks(draft: ReportDraft) -> Iterator[Flowable]:
    """The values a referrer looks for first: each with its interval, its class, and its change.

    Args:
        draft: of the report.

    """
    for part in draft.parts:
        values = [value for code in _HEAD_VALUES[part.modality] if (value := part.get(code)) and value.row.quantity]
        if not values:
            continue
        cells = [_head_value_cell(draft, part, value) for value in values]
        share = draft.width / len(values)
        style = [("LINEBELOW", (0, 0), (-1, -1), 0.6, HexColor(RULE))]
        yield Spacer(0, 3)
        yield draft.table([cells], [share] * len(values), style, padding=2.2, layout=True)


def _head_value_cell(draft: ReportDraft, part: Part, value: Value) -> list[Flowable | str]:
    judged = judged_value(part, value)
    colour = ALERT if judged.flagged and not value.imprecise else INK
    code = value.row.code if len(draft.parts) == 1 else value.key
    markup = draft.writer.type.markup(draft.language.render(value.words))
    name = draft.writer.type.markup(code)
    tone = f'<font color="{colour}"><b>{markup}</b></font>'
    lines: list[Flowable | str] = [
        draft.writer.styled(f'<font color="{QUIET}" size="{BODY}">{name}</font>&nbsp; {tone}', 10.5)
    ]
    if interval := interval_words(value.row):
        spread = joined_by(" ", (interval, unit_name(value.row.unit)))
        lines.append(draft.plain(spread, QUIET, size=SMALL))
    lines.append(flag_cell(draft, part, value, judged, brief=True))
    change = change_since_prior(draft, value)
    if change is not None:
        lines.append(draft.plain(_change_words(change), QUIET, size=SMALL))
    return [line for line in lines if line != ""]


def _change_words(change: Changed) -> Message:
    """As "EF 47 → 70 %, beyond measurement error"; ! where a check or another method stands in the way."""
    then, now = change.then.quantity, change.now.quantity
    assert then is not None
    assert now is not None
    checked = Trust.CHECK in (change.then.trust, change.now.trust)
    doubt = "! " if checked or change.remark else ""
    before, after = digits(then, change.code), digits(now, change.code)
    difference = join_texts(doubt, before, " → ", after, " ", unit_name(now.unit))
    if change.exceeds is None:
        return joined_by(", ", (difference, change.open if change.variability else NOTHING))
    error = message("beyond measurement error") if change.exceeds else message("within measurement error")
    return joined_by(", ", (difference, error))


def identity_table(draft: ReportDraft) -> Flowable:
    """Who was examined, when, and why.

    Args:
        draft: of the report.

    """
    study, patient, head = draft.study, draft.patient, draft.study.report.letterhead
    who, age = study.demographics, study.age_years
    size = [
        join_texts(number(who.height_cm, ".4g"), " cm") if who.height_cm else NOTHING,
        join_texts(number(who.weight_kg, ".4g"), " kg") if who.weight_kg else NOTHING,
    ]
    sex = SEX_NAMES.get(who.sex, NOTHING)
    years = message("{years} y", years=int(age)) if age is not None else NOTHING
    bsa = join_texts(number(who.bsa_m2, ".2f"), f" m² ({who.formula.value})") if who.bsa_m2 else NOTHING
    today = join_texts(draft.language.date(draft.today))
    cells = [
        (message("Patient"), verbatim(words.person_name(patient.name) if patient else "")),
        (message("ID"), verbatim(patient.patient_id if patient else "")),
        (message("Sex, age, born"), joined_by(", ", (sex, years, draft.day(who.birth_date)))),
        (message("Study"), draft.day(study.study_date)),
        (message("Height, weight"), joined_by(", ", size)),
        (message("BSA"), bsa),
        (message("Heart rate"), _heart_rate_words(draft)),
        (message("Prior"), draft.day(draft.prior.then.study_date)) if draft.prior else (message("Printed"), today),
    ]
    shares = (0.27, 0.24, 0.29, 0.2)
    rows: list[list[Flowable | str]] = [
        [_labelled(draft, name, text or NO_VALUE) for name, text in cells[index : index + 4]]
        for index in range(0, len(cells), 4)
    ]
    style: list[tuple[object, ...]] = []
    if head.referrer or head.accession:
        style += [("SPAN", (0, len(rows)), (1, len(rows))), ("SPAN", (2, len(rows)), (3, len(rows)))]
        rows.append(
            [
                _labelled(draft, message("Referrer"), verbatim(head.referrer or "–")),
                "",
                _labelled(draft, message("Accession"), verbatim(head.accession or "–")),
                "",
            ]
        )
    if head.indication:
        style.append(("SPAN", (0, len(rows)), (-1, len(rows))))
        rows.append([_labelled(draft, message("Indication"), verbatim(head.indication)), "", "", ""])
    style.append(("LINEBELOW", (0, -1), (-1, -1), 0.6, HexColor(RULE)))
    return draft.table(rows, [share * draft.width for share in shares], style, padding=2.2, layout=True)


def _labelled(draft: ReportDraft, name: Message, text: Message) -> TaggedParagraph:
    markup = draft.writer.type.markup(draft.language.render(text), 260)
    label = draft.language.render(name)
    return draft.writer.styled(f'<font color="{QUIET}">{label}</font>&nbsp; <b>{markup}</b>', BODY)


def _impression_blocks(draft: ReportDraft) -> list[Flowable]:
    single_section = next(section for section in draft.sections if section.section == IMPRESSION)
    lines = [line.strip() for line in single_section.text.splitlines() if line.strip()]
    if not lines:
        text = [draft.plain(message("No impression has been entered."), QUIET)]
    else:
        text = [draft.plain(verbatim(line), size=8.6) for line in lines]
        text += [outdated_line(draft, single_section)] if single_section.changed else []
    style = [
        ("BACKGROUND", (0, 0), (-1, -1), HexColor(_IMPRESSION_GROUND)),
        ("LINEBEFORE", (0, 0), (0, -1), 2.2, HexColor(draft.template.colour)),
    ]
    box = draft.table([[line] for line in text], [draft.width], style, padding=2.6, left=8, layout=True)
    return [draft.heading(message("Impression")), box]


def _heart_rate_words(draft: ReportDraft) -> Message:
    """The heart rate that values are computed from; what the file states without one.

    Where recordings were made at different rates, the lowest and the highest: one of them would look like the rate
    of all, and unlike the mean that outputs over views and stages of a stress study are given with.
    """
    part = next((part for part in draft.parts if part.get("HR") is not None), None)
    stated = draft.study.demographics.heart_rate_per_min
    rates = {round(stated)} if stated else set()
    if part is not None:
        rows = [row for assessment in part.found for row in assessment.measurements if row.code == "HR"]
        rates = {round(row.quantity.value) for row in rows if row.quantity is not None}
    limits = sorted({min(rates), max(rates)}) if rates else []
    rate = "\N{EN DASH}".join(map(str, limits)) + "/min" if limits else "\N{EN DASH}"
    doubted = any("HR" in open_check.finding.measurements for open_check in draft.open_checks)
    return join_texts(rate, " ", message("! check")) if doubted else verbatim(rate)


def _lines_to_sign(draft: ReportDraft) -> list[Flowable]:
    """Of a draft: lines to sign on."""
    third, quiet = draft.width / 3, SMALL + 0.4
    cells = [
        draft.plain(message("Not signed: draft"), QUIET),
        draft.plain(message("Signature"), QUIET, size=quiet),
        draft.plain(NOTHING, QUIET, size=quiet),
        draft.plain(message("Name, date"), QUIET, size=quiet),
    ]
    style = [("LINEABOVE", (at, 0), (at, 0), 0.6, HexColor(INK)) for at in (1, 3)]
    row = draft.table([cells], [third * 0.8, third * 1.1, 14, third * 1.1 - 14], style, padding=3, layout=True)
    return [Spacer(0, _TO_SIGN), row]


def _signature_blocks(draft: ReportDraft, last: Signature) -> list[Flowable]:
    """Who signed and when, with addenda, on the first page."""
    study, quiet = draft.study, SMALL + 0.4
    checks = message("Signed with no open check")
    if draft.open_checks:
        checks = plural("Signed with {count} open check", "Signed with {count} open checks", len(draft.open_checks))
    changed = not draft.signing and sign_status(draft.readings, study).state is SignState.CHANGED
    since = message("! Changed since it was signed") if changed else message("Not changed since")
    lines = [[draft.plain(_signed_words(draft, last), bold=True)]]
    if not draft.signing:
        lines.append([draft.plain(since, CHECK if changed else QUIET, size=quiet)])
        if not last.document:
            kept = message("The report that was signed was not kept; this one was made on {day}", day=draft.today)
            lines.append([draft.plain(kept, QUIET, size=quiet)])
    else:
        lines.append([draft.plain(checks, CHECK if draft.open_checks else QUIET, size=quiet)])
    for signed_entry in study.signed if len(study.signed) > 1 else ():
        who, at = verbatim(signed_entry.by), draft.moment(signed_entry.at)
        if isinstance(signed_entry, Addendum):
            addendum = message("Addendum, {who}, {at}: {reason}", who=who, at=at, reason=verbatim(signed_entry.reason))
            lines.append([draft.plain(addendum, size=BODY)])
        elif signed_entry is not last:
            lines.append([draft.plain(_earlier_words(draft, signed_entry), QUIET, size=quiet)])
    style = [("LINEBEFORE", (0, 0), (0, -1), 2.2, HexColor(CHECK if changed or draft.beyond else INK))]
    return [Spacer(0, 5), draft.table(lines, [draft.width], style, padding=1.4, left=8, layout=True)]


def _signed_words(draft: ReportDraft, signature: Signature) -> Message:
    """Who signed, with the account that did, when, and the reader's remark."""
    who, at = verbatim(signature.by), draft.moment(signature.at)
    signed = message("Signed electronically: {who} · {at}", who=who, at=at)
    if signature.login and signature.login != signature.by:
        login = verbatim(signature.login)
        signed = message("Signed electronically: {who} (login {login}) · {at}", who=who, login=login, at=at)
    return join_texts(signed, " · ", verbatim(signature.remark)) if signature.remark else signed


def _earlier_words(draft: ReportDraft, signature: Signature) -> Message:
    """An earlier signature, with the report that it signed."""
    who, at = verbatim(signature.by), draft.moment(signature.at)
    if not signature.document:
        return message("Signed: {who}, {at}", who=who, at=at)
    digest = verbatim(signature.document[:16])
    return message("Signed: {who}, {at}, report SHA-256 {digest}…", who=who, at=at, digest=digest)
