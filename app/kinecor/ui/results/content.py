"""What the results panel shows, and where: the headline, one row per value, sections; without any widget."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Final

from kinecor.core.checks.assessment import Assessment
from kinecor.core.checks.findings import Finding, State, codes_affected
from kinecor.core.table.measures import (
    BY_CODE,
    EXPLORATORY,
    FUNCTION_CODES,
    HEADLINES,
    INDICES,
    LEADING,
    MEASURES,
    SEGMENTAL,
    SHORT_AXIS_CODES,
    STRAIN_CODES,
    Group,
    Measurement,
    Source,
    Status,
    codes_of,
    digits,
    index_code,
    typeset,
)
from kinecor.core.values.choices import Papillaries
from kinecor.core.values.confidence import Trust
from kinecor.core.values.kind import OTHER_VIEW
from kinecor.core.values.message import Message, joined_by
from kinecor.core.values.reading import Reading, choices, model_author, short_author
from kinecor.core.values.recording import Stage
from kinecor.core.values.series import Series
from kinecor.core.values.study import first_stage
from kinecor.ui.results.rows import COMPUTING, NO_VALUE, STUDY, Row, Span, awaited_row, place_of, row
from kinecor.ui.style.language import tr, translated
from kinecor.ui.workspace.computing import Awaited
from kinecor.ui.workspace.corrections import contours_corrected


@dataclass(frozen=True, eq=False)
class Member:
    """One recording of the study as the panel reads it.

    Attributes:
        index: in the workspace.
        label: its view, "A4C"; "short axis" of a stack.
        reading: on screen, or saved.
        assessment: its measurements and findings.
        computed: its measurements without the reader's decisions, by code; empty without decisions.
        name: its view and stage, "A4C Peak", or what else it is called where its view is not known; "" is the label.
        file: the file's name without its extension, for recordings of one name.
        made: its rows by the view that they are labelled with: while a contour is dragged, or something else is
            checked, those of other recordings stay as they are.

    """

    index: int
    label: str
    reading: Reading
    assessment: Assessment
    computed: Mapping[str, Measurement] = field(default_factory=dict)
    name: str = ""
    file: str = ""
    made: dict[str, Mapping[str, "Row"]] = field(default_factory=dict, repr=False)

    @cached_property
    def origins(self) -> "Origins":
        """What its values rest on, and who made them."""
        given = [measurement for measurement in self.assessment.measurements if measurement.quantity is not None]
        made = row(given[0] if given else self.assessment.measurements[0], self.reading)
        sure = tr("confidence {value}").format(value=translated(made.confidence)) if made.confidence else ""
        authors = tuple(dict.fromkeys(name for m in given for name in m.by))
        models = tuple(author for author in authors if model_author(author) is not None)
        return Origins(
            ", ".join(filter(None, (typeset(translated(made.method)), made.frames, sure))),
            tuple(dict.fromkeys(map(short_author, models))),
            tuple(author for author in authors if author not in models),
        )

    @property
    def stage(self) -> Stage | None:
        """Its stage in a stress study."""
        return self.reading.facts.stage

    @property
    def measures(self) -> bool:
        """Whether it lists any measurement."""
        return bool(self.assessment.measurements)


@dataclass(frozen=True, slots=True)
class Origins:
    """What the values of a recording rest on.

    Attributes:
        method: of the first one, with its frames and confidence.
        models: that made what they are computed from, by name and version.
        persons: who drew or entered some of it.

    """

    method: str
    models: tuple[str, ...]
    persons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Headline:
    """The one value on top.

    Attributes:
        title: "EF biplane", "EF single plane, A4C", or "EF" where the view is not a long axis.
        row: the value.
        parts: what it is made of, "A4C" and "55 %".
        prior: "Prior 57 % (2025-10-14)", or "".

    """

    title: str
    row: Row
    parts: tuple[tuple[str, str], ...] = ()
    prior: str = ""


@dataclass(frozen=True, slots=True)
class Pair:
    """One line of the card of a stack: a name, and its value of either ventricle, where there is one.

    Attributes:
        name: of the line, the same for both ventricles.
        left, right: see Row.

    """

    name: str
    left: Row | None
    right: Row | None

    @property
    def leading(self) -> bool:
        """Whether it is the line of the value that a study is headed by."""
        return self.name == BY_CODE[LEADING].card

    def map(self, change: Callable[[Row], Row]) -> "Pair":
        """The same with both rows changed."""
        return replace(self, left=self.left and change(self.left), right=self.right and change(self.right))


@dataclass(frozen=True, slots=True)
class Section:
    """Rows that are folded away, with what stands at the right of the title."""

    title: str
    count: str
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Content:
    """All of the panel.

    Attributes:
        headline: of loops; None of a stack, or where nothing is measured.
        pairs: of a stack, else empty.
        rows: one line each.
        sections: see Section.
        provenance: (heading, text) of what everything rests on.
        state: "Not analysed", "Automatic", "Edited", "Partly accepted" or "Accepted".
        empty: why nothing is shown, or "".

    """

    headline: Headline | None = None
    pairs: tuple[Pair, ...] = ()
    rows: tuple[Row, ...] = ()
    sections: tuple[Section, ...] = ()
    provenance: tuple[tuple[str, str], ...] = ()
    state: str = "Not analysed"
    empty: str = ""

    @property
    def every(self) -> tuple[Row, ...]:
        """Every row, from top to bottom."""
        card = [self.headline.row] if self.headline else []
        pairs = [row for pair in self.pairs for row in (pair.left, pair.right) if row is not None]
        return (*card, *pairs, *self.rows, *(row for section in self.sections for row in section.rows))

    @property
    def to_accept(self) -> tuple[Row, ...]:
        """What "Accept all" accepts: values for routine use without an open check; none while the headline is withheld.

        Without the headline, what is left (a heart rate) is no reading, and the study would be listed as accepted.
        """
        leading = (self.headline.row,) if self.headline else tuple(pair.left for pair in self.pairs[:1] if pair.left)
        if any(row.withheld and not row.rejected for row in leading):
            return ()
        return tuple(row for row in self.every if not (row.withheld or row.opened or row.exploratory or row.computing))

    def map(self, change: Callable[[Row], Row]) -> "Content":
        """The same with every row changed."""
        card = None if self.headline is None else replace(self.headline, row=change(self.headline.row))
        pairs = tuple(pair.map(change) for pair in self.pairs)
        sections = tuple(replace(section, rows=tuple(map(change, section.rows))) for section in self.sections)
        return replace(self, headline=card, pairs=pairs, rows=tuple(map(change, self.rows)), sections=sections)


# What a study shows before anything is computed, so that nothing moves when values come: what contours alone give.
_OF_LOOPS: Final = tuple(
    measure.code
    for measure in MEASURES
    if "study" in measure.kinds
    and measure.group is not Group.DOPPLER
    and measure.code not in {LEADING} | codes_affected(*codes_of(Group.RATES, Group.BODY))
)


def awaiting(content: Content, awaited: Mapping[int, Awaited], *, stack: bool) -> Content:
    """The panel while the models are computing: what may still change says so, what is not there yet has its place.

    Args:
        content: by what is there.
        awaited: what is being computed of the study's recordings, by index.
        stack: whether a stack is on screen, whose card is that of both ventricles.

    """
    if not awaited:
        return content
    if (not content.every or (stack and not content.pairs)) and Awaited.ALL in awaited.values():
        if stack:  # also where its long axes have rows already: their card would be replaced in a moment
            return Content(pairs=_pairs(awaited_row), state=COMPUTING.capitalize())
        rows = tuple(map(awaited_row, _OF_LOOPS))
        return Content(headline=Headline(LEADING, awaited_row(LEADING)), rows=rows, state=COMPUTING.capitalize())
    contours = Awaited.ALL in awaited.values()

    def marked(single_row: Row) -> Row:
        own = awaited.get(single_row.owner)
        strain = single_row.code in STRAIN_CODES | SHORT_AXIS_CODES
        of_study = single_row.owner == STUDY and (contours or strain)
        if not (of_study or own is Awaited.ALL or (own is Awaited.STRAIN and strain)):
            return single_row
        made = replace(single_row, computing=True)
        return replace(made, reason=tr(COMPUTING), repeated=False, place=None) if single_row.withheld else made

    found = _waiting_in_place(content.map(marked))
    if contours and found.headline is not None:  # the contours of another view make it another value
        found = replace(found, headline=replace(found.headline, row=replace(found.headline.row, computing=True)))
    # While other views are computed, GLS is of those that are done, and becomes the mean of all of them.
    rows = tuple(replace(row, computing=True) if row.code == _AVERAGED else row for row in found.rows)
    card = found.headline
    if card is not None and card.row.code == _AVERAGED:
        card = replace(card, row=replace(card.row, computing=True))
    return replace(found, rows=rows, headline=card, state=COMPUTING.capitalize())


def strain_only(content: Content, here: Member, others: Sequence[Member], study: Assessment) -> Content:
    """The panel in strain mode: GLS over the views on top, then what else is strain."""
    made = _Rows((here, *others))
    stage = first_stage([member.reading for member in (here, *others)])
    views = [
        member for member in (here, *others) if member.reading.kind.strain == "longitudinal" and member.stage == stage
    ]
    whole, own = made.of_study(study) if here.stage in (None, stage) else {}, made.of(here)
    single = [(view.label, gls) for view in views if (gls := made.of(view).get(_AVERAGED)) is not None]
    measured = [values for values in single if not values[1].withheld]
    headline = None
    if _AVERAGED in whole and len(measured) > 1:
        headline = Headline(
            _at_stage(tr("GLS ({count}-view average)").format(count=len(measured)), stage),
            whole[_AVERAGED],
            tuple((at, row.value) for at, row in sorted(single, key=_by_view)),
        )
    elif (code := here.reading.kind.headline_strain) in own:
        headline = Headline(f"{code} {made.names[here.index]}".rstrip(), replace(own[code], view=""))
    listed = list(own.values())
    stack = next((member for member in others if member.reading.kind.stack and member.measures), None)
    if stack is not None:  # a long axis is in focus: the strain of its study's short axes stays
        round_the_ring = [
            replace(row, view=tr("SAX")) for code, row in made.of(stack).items() if code in SHORT_AXIS_CODES
        ]
        listed += round_the_ring
        if headline is None and round_the_ring:
            headline = Headline(f"{round_the_ring[0].label} {tr('SAX')}", replace(round_the_ring[0], view=""))
    top = headline.row.key if headline else None
    rows = tuple(row for row in listed if row.code not in FUNCTION_CODES | _UNLISTED and row.key != top)
    exploratory = tuple(row for row in rows if row.exploratory and row.code not in SEGMENTAL)
    sections = (Section("Exploratory: strain", str(len(exploratory)), exploratory),) if exploratory else ()
    found = replace(
        content, headline=headline, pairs=(), rows=tuple(row for row in rows if not row.exploratory), sections=sections
    )
    return _said_once(found, [member for member in (here, *others) if member.measures], study)


SAME_REASON: Final = "Withheld for the same reason"
_UNLISTED: Final = frozenset(measure.code for measure in BY_CODE.values() if measure.inputs == (Source.GLS_PEAK,))
"""Peak systolic strain: beside GLS, read at end-systole, a second number for one thing; in exports only."""
_RATES: Final = codes_of(Group.RATES, Group.BODY)
_ON_CARD: Final = tuple(code for code in codes_of(*Group) if BY_CODE[code].card)
_FOLDED: Final = (
    ("Wall", (Group.WALL, Group.MASS)),
    ("Strain", (Group.SHORT_AXIS,)),
    ("Rates and body", (Group.RATES, Group.BODY)),
)
"""Sections of a stack by the groups of their values, but for what stands in its card and for the heart rate."""
_IN_SIGHT: Final = "HR"
"""The rate that stays in the list of a stack, next to cardiac output."""
_AVERAGED: Final = codes_of(Group.LONGITUDINAL)[0]
"""Strain that is the mean over the views where there are several."""
# What each view has, too, of the values over views.
_OF_A_VIEW: Final = tuple(
    code for code in codes_of(Group.LEFT, Group.LONGITUDINAL) if code not in EXPLORATORY | INDICES
)


def _pairs(row_of: Callable[[str], Row | None]) -> tuple[Pair, ...]:
    """The lines of the card of a stack, in the order of importance.

    Args:
        row_of: the row of a measurement by its code, or None.

    """
    lines = dict.fromkeys(BY_CODE[code].card for code in _ON_CARD)
    pairs = []
    for line in lines:
        codes = {BY_CODE[code].group is Group.RIGHT: code for code in _ON_CARD if BY_CODE[code].card == line}
        left, right = (row_of(codes[side]) if side in codes else None for side in (False, True))
        pairs.append(Pair(line, left, right))
    return tuple(pairs)


def content_of(here: Member, others: Sequence[Member], study: Assessment) -> Content:
    """The panel of a study, with one recording on screen.

    Args:
        here: the recording on screen.
        others: the other recordings of its study that have a Reading.
        study: measurements and findings of the study as a whole.

    """
    made = _Rows((here, *others))
    stack = next((member for member in (here, *others) if member.reading.kind.stack and member.measures), None)
    content = _of_stack(made, stack, here, study) if stack is not None else _of_loops(made, here, others, study)
    if not content.every:
        return Content(empty=_why_empty(here))
    used = [member for member in (here, *others) if member.measures]
    over_views = frozenset(
        measurement.code for measurement in study.measurements if measurement.status is Status.ACCEPTED
    )
    rows = [m for member in used for m in member.assessment.measurements if m.code not in EXPLORATORY]
    edited = any(contours_corrected(member.reading) or member.reading.callipers for member in used)
    state = state_words(rows, over_views, edited=edited)
    return _said_once(replace(content, provenance=_provenance(used), state=state), [*used], study)


def state_words(
    measured: Sequence[Measurement], over_views: frozenset[str] = frozenset(), *, edited: bool = False
) -> str:
    """Where a study stands with its reader, by its values that rest on contours, as the study list says it.

    Args:
        measured: values for routine use of all its recordings.
        over_views: codes of values that were accepted as those of the whole study.
        edited: whether a person drew contours, of frames that no value rests on, too.

    """
    counted = [measurement for measurement in measured if measurement.quantity is not None and measurement.structures]
    given = {Status.ACCEPTED if measurement.code in over_views else measurement.status for measurement in counted}
    if not measured:
        return "Not analysed"
    if given == {Status.ACCEPTED}:
        return "Accepted"
    if Status.ACCEPTED in given:
        return "Partly accepted"
    return "Edited" if edited or Status.EDITED in given else "Automatic"


class _Rows:
    """Makes rows with index and range, labelled with their view where there are several."""

    def __init__(self, members: Sequence[Member]) -> None:
        self.several = len(members) > 1
        self.names = _names(members)

    def of(self, member: Member) -> dict[str, Row]:
        """The rows of a recording by code; indices by body surface are part of the rows of their values."""
        view = self.names[member.index] if self.several else ""
        if view not in member.made:
            member.made[view] = _rows_of(member, view)
        return dict(member.made[view])

    def of_study(self, study: Assessment) -> dict[str, Row]:
        """The rows of the study as a whole."""
        return {
            code: _graded(row(measurement, None, found=study.concerning(code)), measurement, index, study)
            for code, measurement, index in _measured(study)
        }


def _names(members: Sequence[Member]) -> dict[int, str]:
    """What recordings are called, each by a name of its own: values of two clips of one view must not look alike."""
    names = {member.index: member.name or member.label for member in members}
    often = Counter(names.values())
    return {
        member.index: f"{name}, {member.file}" if often[name] > 1 and member.file else name
        for member, name in zip(members, names.values(), strict=True)
    }


def _at_stage(title: str, stage: Stage | None) -> str:
    """The title of a value over views, with the stage of a stress study that it is of."""
    return title if stage is None else f"{title}, {translated(stage.words)}"


def _rows_of(member: Member, view: str) -> Mapping[str, Row]:
    assessment = member.assessment
    rows = {}
    for code, measurement, index in _measured(assessment):
        checks = assessment.concerning(code)
        made = row(measurement, member.reading, member.computed.get(code), checks, owner=member.index, view=view)
        rows[code] = _graded(made, measurement, index, assessment)
    return rows


def _measured(assessment: Assessment) -> Iterator[tuple[str, Measurement, Measurement | None]]:
    """Code, measurement and its index by body surface, where it has one; indices are not listed by themselves."""
    measured = {measurement.code: measurement for measurement in assessment.measurements}
    indices = set(map(index_code, measured))
    for code, single_measurement in measured.items():
        if code not in indices:
            yield code, single_measurement, measured.get(index_code(code))


def _graded(made: Row, m: Measurement, index: Measurement | None, assessment: Assessment) -> Row:
    """A row with its index and its range: that of the index where it has one."""
    if m.quantity is None:
        return made
    made = replace(made, imprecise=assessment.imprecise(m.code))
    if index is not None:
        given = index.quantity
        codes = (m.code, index.code) if given is not None else (m.code,)
        made = replace(made, codes=codes, index=NO_VALUE if given is None else digits(given, index.code))
        if given is not None and index.code in assessment.norms:
            return replace(made, span=Span(assessment.norms[index.code], given.value))
    norm = assessment.norms.get(m.code)
    if norm is None or (norm.indexed and not m.unit.endswith("/m2")):
        return made
    return replace(made, span=Span(norm, m.quantity.value))


def _of_stack(made: _Rows, stack: Member, here: Member, study: Assessment) -> Content:
    made.several = False  # the card names its ventricles
    rows = made.of(stack)
    pairs = tuple(pair for pair in _pairs(rows.get) if pair.left or pair.right)
    in_sections = [
        (title, [code for code in codes_of(*groups) if code not in _ON_CARD and code != _IN_SIGHT])
        for title, groups in _FOLDED
    ]
    folded = {*_ON_CARD, *(code for _, codes in in_sections for code in codes)}
    sections = [_section(title, rows, codes) for title, codes in in_sections]
    sections.append(_exploratory(rows.values()))
    if here is not stack:
        made.several = True
        own = tuple(made.of(here).values())
        sections.insert(0, Section("Long axis", here.label, own) if own else None)
    made.several = False
    if LEADING in (whole := made.of_study(study)):
        sections.insert(0, Section("Long axes, biplane", str(len(whole)), tuple(whole.values())))
    main = tuple(row for code, row in rows.items() if code not in folded and not row.exploratory)
    return Content(pairs=pairs, rows=main, sections=tuple(section for section in sections if section))


def _of_loops(made: _Rows, here: Member, others: Sequence[Member], study: Assessment) -> Content:
    views = [member for member in (here, *others) if member.measures and not member.reading.kind.stack]
    stage = first_stage([member.reading for member in (here, *others)])
    whole = made.of_study(study)
    single = {view.index: made.of(view) for view in views}
    own = single.get(here.index, {})
    at_stage = [view for view in views if view.stage == stage]
    if len([member for member in at_stage if (gls := single[member.index].get(_AVERAGED)) and not gls.withheld]) < 2:
        whole.pop(_AVERAGED, None)  # it would be the one view's own
    # Values over views are those of the first stage of a stress study: they are no headline of a clip of another one.
    elsewhere = tuple(whole.values()) if here.stage not in (None, stage) else ()
    whole = {} if elsewhere else whole
    leading = [view for view in views if LEADING in single[view.index]]
    lead = next((member for member in leading if member.stage == here.stage), None) or next(iter(leading), None)
    lead = here if here in leading else lead
    headline: Headline | None = None
    if LEADING in whole:
        parts = [
            (member.label, single[member.index].get(LEADING))
            for member in at_stage
            if member.label in ("A4C", "A2C", "4CH", "2CH")
        ]
        order = sorted((label, _value(ef)) for label, ef in parts if ef is not None)
        headline = Headline(_at_stage(tr("EF biplane"), stage), whole[LEADING], tuple(reversed(order)))
    elif lead is not None:
        title = tr("EF single plane, {view}").format(view=made.names[lead.index]) if lead.label in _APICAL else LEADING
        headline = Headline(title, replace(single[lead.index][LEADING], view=""))
        own = single[lead.index] | own if lead is here else single[lead.index]
    else:
        code = here.reading.kind.headline_strain
        if code in own:
            headline = Headline(own[code].shown_name, replace(own[code], view=""))
    top = headline.row.key if headline else None
    main = [row for code, row in whole.items() if row.key != top and code not in _RATES]
    taken = set(whole)
    own = {code: row for code, row in own.items() if row.exploratory or code not in _OTHER_STRAIN}
    routine = [row for row in own.values() if not row.exploratory and row.code not in _RATES and row.key != top]
    # A clip that is no apical view has no such values; in a study of two dozen clips nobody looks for each of them.
    planes = [
        (code, rows[code])
        for code in _OF_A_VIEW
        for view in views
        if code in (rows := single[view.index]) and (view.label in _APICAL or not rows[code].withheld)
    ]
    if LEADING in whole:
        of_a_view = taken | ({*_OF_A_VIEW} - {_AVERAGED})
        main += [row for row in routine if row.code not in of_a_view]
        folded = [row for _, row in planes]
    else:
        main = [row for row in routine if row.code not in taken] + main
        seen = {row.key for row in main} | {top}
        folded = [row for code, row in planes if code in HEADLINES and row.key not in seen]
    owners = {row.owner for row in folded}
    labels = ", ".join(dict.fromkeys(view.label for view in views if view.index in owners and view.label))
    sections = (
        Section("Long axes, biplane", translated(stage.words), elsewhere) if elsewhere and stage else None,
        Section("Single plane", labels, tuple(folded)) if folded else None,
        _section("Rates and times", own, _RATES),
        _exploratory(own.values()),
    )
    return Content(headline=headline, rows=tuple(main), sections=tuple(section for section in sections if section))


_OTHER_STRAIN: Final = frozenset(codes_of(Group.LONGITUDINAL)[1:])
"""What describes longitudinal strain beside its end-systolic value: Strain mode and the report have it."""

_APICAL: Final = ("A4C", "4CH", "A2C", "2CH", "A3C", "3CH")


def _by_view(values: tuple[str, Row]) -> tuple[int, str]:
    """The usual order of the apical views."""
    return (_APICAL.index(values[0]) if values[0] in _APICAL else len(_APICAL), values[0])


def _value(single_row: Row) -> Message:
    return NO_VALUE if single_row.withheld else joined_by(" ", (single_row.value, single_row.unit))


def _section(title: str, rows: Mapping[str, Row], codes: Sequence[str]) -> Section | None:
    found = tuple(rows[code] for code in codes if code in rows)
    return Section(title, str(len(found)), found) if found else None


def _exploratory(rows: Iterable[Row]) -> Section | None:
    exploratory = tuple(row for row in rows if row.exploratory)
    return Section("Exploratory: strain", str(len(exploratory)), exploratory) if exploratory else None


def shown_only_words(series: Series) -> str:
    """What the panel says of a series that is only shown, and why; "" of others."""
    kind = series.known
    if kind is None:
        return ""
    text = tr("{kind}: shown, not measured; {why}.")
    return text.format(kind=translated(kind.name.capitalised()), why=translated(kind.reason))


def _why_empty(here: Member) -> str:
    if here.reading.withheld:
        return tr("Not measured: {why}.").format(why=translated(here.reading.withheld))
    kind = here.reading.kind
    if kind.network is None and kind.by_hand:
        return tr("Not contoured automatically: {how}.").format(how=translated(kind.by_hand))
    if kind.network is None or kind == OTHER_VIEW:
        return tr("Not contoured: measure with the calliper.")
    return tr("No contours yet.")


# Reasons, each once


def _waiting_in_place(content: Content) -> Content:
    """With what is still computed in the list, not among what is withheld: it is not known yet whether it will be."""
    held = next((section for section in content.sections if section.title == SAME_REASON), None)
    if held is None:
        return content
    rows = tuple(row for row in held.rows if row.computing)
    left = tuple(row for row in held.rows if not row.computing)
    stays = (replace(held, count=", ".join(row.short for row in left), rows=left),) if left else ()
    others = tuple(section for section in content.sections if section is not held)
    return replace(content, rows=(*rows, *content.rows), sections=(*stays, *others))


def _said_once(content: Content, members: Sequence[Member], study: Assessment) -> Content:
    """Give every reason to the first row that it concerns; rows after it have only their mark."""
    assessments = {member.index: member.assessment for member in members} | {STUDY: study}
    said: dict[str, str] = {}

    def reasoned(single_row: Row) -> Row:
        reason = _reasoned(single_row, assessments[single_row.owner].concerning(single_row.code), said)
        return (
            reason
            if reason.reason or single_row.withheld
            else _otherwise(single_row, assessments[single_row.owner], said)
        )

    headline = content.headline and replace(content.headline, row=reasoned(content.headline.row))
    pairs = tuple(pair.map(reasoned) for pair in content.pairs)
    rows = tuple(map(reasoned, content.rows))
    sections = tuple(replace(section, rows=tuple(map(reasoned, section.rows))) for section in content.sections)
    again = tuple(row for row in rows if row.repeated)
    if again:  # still there for who enters a value
        names = ", ".join(row.short for row in again)
        sections = (Section(SAME_REASON, names, again), *sections)
        rows = tuple(row for row in rows if not row.repeated)
    return replace(content, headline=headline, pairs=pairs, rows=rows, sections=sections)


def _reasoned(single_row: Row, findings: Sequence[Finding], said: dict[str, str]) -> Row:
    if single_row.withheld:
        findings = [f for f in findings if f.message == single_row.note]
        place = place_of(findings[0], single_row.owner) if findings else None
        if single_row.rejected:
            return replace(single_row, reason=tr("Rejected"))
        if single_row.note in said:
            return replace(single_row, reason=tr("As for {value}").format(value=said[single_row.note]), repeated=True)
        said[single_row.note] = single_row.short
        return replace(single_row, reason=_sentence(single_row.note), place=place)
    for finding in findings:
        text = finding.message
        if finding.state is State.OPEN and text not in said:
            said[text] = single_row.short
            return replace(single_row, reason=typeset(translated(text)), place=place_of(finding, single_row.owner))
    low = single_row.checks if single_row.trust is Trust.CHECK and not findings else ()
    for text in filter(None, (*low, single_row.note)):
        if text not in said:
            said[text] = single_row.short
            return replace(single_row, reason=_sentence(text))
    return single_row


def _otherwise(single_row: Row, assessment: Assessment, said: dict[str, str]) -> Row:
    """What the value would be if what a check doubts were otherwise; its interval contains that."""
    for finding in assessment.findings:
        for other in finding.alternatives if finding.state is State.OPEN else ():
            if single_row.code in other.values and single_row.interval and other.message not in said:
                said[other.message] = single_row.short
                return replace(
                    single_row, reason=typeset(translated(other.message)), place=place_of(finding, single_row.owner)
                )
    return single_row


def _sentence(words: Message) -> str:
    """A reason in the language in force, with a capital first letter."""
    return typeset(translated(words.capitalised()))


# Provenance


def _provenance(members: Sequence[Member]) -> tuple[tuple[str, str], ...]:
    lines: list[tuple[str, str]] = []
    models: dict[str, None] = {}
    names = _names(members)
    for member in members:
        origins = member.origins
        lines.append((names[member.index], origins.method))
        models |= dict.fromkeys(origins.models)
        if origins.persons:
            lines.append(("", tr("corrected by {who}").format(who=", ".join(origins.persons))))
    if models:
        lines.append((tr("Models"), ", ".join(models)))
    stack = next((member.reading for member in members if member.reading.kind.stack), None)
    if stack is not None:
        inside = choices(stack).papillaries is Papillaries.CAVITY
        lines.append((tr("Papillaries"), tr("in the cavity") if inside else tr("in the myocardium")))
    return tuple(lines)
