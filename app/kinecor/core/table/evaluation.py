"""From inputs read off a recording to rows of the table: formulas, provenance, and a reader's overrides."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from itertools import chain, zip_longest
from typing import Final

from kinecor.core.table.measures import (
    BODY_SURFACE,
    BY_CODE,
    MEASURES,
    NOT_ROUTINE,
    Listing,
    Measure,
    Measurement,
    Quantity,
    Status,
)
from kinecor.core.table.technique import Kind, Technique
from kinecor.core.values.confidence import Trust
from kinecor.core.values.message import NOTHING, Message, chain_texts, message, verbatim
from kinecor.core.values.reading import Decision
from kinecor.core.values.track import Structure

_BY_TRUST = (Trust.WITHHELD, Trust.CHECK, Trust.OK)


@dataclass(frozen=True, slots=True)
class Basis:
    """What a value rests on; one type for loops, stacks, strain and studies.

    Attributes:
        frames: 0-based.
        structures: contours.
        drawn_by: authors of the contours.
        marked_by: authors of ED and ES, and of choices such as which slices count.
        scaled_by: who set the scale by hand; an author only of values with a length in their unit.
        confidence: the least of its contours; None without one.
        edited: whether a person changed a part of it.
        trust: by the confidence policy. A value that is given in spite of WITHHELD (a gate on other contours let it
            pass) is to be checked.

    """

    frames: tuple[int, ...] = ()
    structures: tuple[Structure, ...] = ()
    drawn_by: tuple[str, ...] = ()
    marked_by: tuple[str, ...] = ()
    scaled_by: tuple[str, ...] = ()
    confidence: float | None = None
    edited: bool = False
    trust: Trust = Trust.OK

    def authors(self, *, scaled: bool) -> tuple[str, ...]:
        """Everybody, each once; with those of the scale where the value has a length in its unit.

        Args:
            scaled: whether the value has a length in its unit, so that those who set the scale count.

        """
        return tuple(dict.fromkeys((*self.drawn_by, *self.marked_by, *(self.scaled_by if scaled else ()))))


def together(bases: Iterable[Basis]) -> Basis:
    """The basis of a value computed from others: of those with contours, where any has some.

    Args:
        bases: of the values that enter, one at least.

    """
    every = tuple(bases)
    some = [basis for basis in every if basis.structures] or list(every)
    if len(some) == 1:
        return some[0]
    frames = (frame for group in zip_longest(*(basis.frames for basis in some)) for frame in group if frame is not None)
    sure = [basis.confidence for basis in some if basis.confidence is not None]
    return Basis(
        frames=tuple(dict.fromkeys(frames)),
        structures=tuple(dict.fromkeys(chain.from_iterable(basis.structures for basis in some))),
        drawn_by=tuple(chain.from_iterable(basis.drawn_by for basis in some)),
        marked_by=tuple(chain.from_iterable(basis.marked_by for basis in some)),
        scaled_by=tuple(chain.from_iterable(basis.scaled_by for basis in some)),
        confidence=min(sure, default=None),
        edited=any(basis.edited for basis in some),
        trust=min((basis.trust for basis in some), key=_BY_TRUST.index),
    )


@dataclass(frozen=True, slots=True)
class Scaling:
    """Whether lengths can be given.

    Attributes:
        missing: why a value with a length in its unit is withheld, or None.
        note: a remark on such values, e.g. whose scale it is.
        ratio: a remark on values without a length, which need no scale.

    """

    missing: Message | None = None
    note: Message | None = None
    ratio: Message | None = None


@dataclass(frozen=True, slots=True)
class Given:
    """An input as it was read off a recording.

    Attributes:
        value: in the unit of its name (see `measures.Source`); None where `withheld` says why.
        basis: what it rests on.
        method: how it is computed.
        short: the part of the method that is named of an index by body surface area, or of what is indexed by it;
            empty where that is all of it.
        withheld: the reason there is no value.
        note: a remark on the value itself.
        remark: a remark on it and on everything computed from it.
        scaling: see Scaling.
        technique: the method as data; None where nothing decides by it.

    """

    value: float | None
    basis: Basis = field(default_factory=Basis)
    method: Message = NOTHING
    withheld: Message | None = None
    note: Message | None = None
    remark: Message | None = None
    scaling: Scaling = field(default_factory=Scaling)
    short: Message = NOTHING
    technique: Technique | None = None


_NO_VALUE: Final = message("no value")
ENTERED: Final = message("entered by hand")
"""The method of a value that a reader entered."""

Inputs = dict[str, Given]
"""By the name of `measures.Source`; what a recording does not show is absent."""


def withheld(
    reason: Message, method: Message = NOTHING, basis: Basis | None = None, technique: Technique | None = None
) -> Given:
    """An input without a value, and the reason.

    Args:
        reason: as a reader is shown it.
        method: how it would have been computed.
        basis: what it would have rested on; None for nothing.
        technique: the method as data; None where nothing decides by it.

    """
    return Given(None, basis or Basis(), method, reason, technique=technique)


def rows(kind: Listing, given: Inputs, decisions: Mapping[str, Decision]) -> tuple[Measurement, ...]:
    """The measurements of a recording, with a reader's decisions applied, in the order of the table.

    A measure is listed where all its inputs are given, be it with a reason in place of a value. What is computed from a
    value that a reader replaced is recomputed, and what is computed from one that a reader rejected is withheld, so
    that the table never contradicts itself.

    Args:
        kind: which listing of the table, such as that of loops or of stacks.
        given: what was read off the recording, by source.
        decisions: of the reader, by code.

    """
    table = _Table(kind, given, decisions)
    nodes = (table.of(measure.code) for measure in MEASURES if kind in measure.kinds)
    return tuple(node.row for node in nodes if node is not None and node.row is not None)


@dataclass(frozen=True, slots=True)
class _Node:
    """An input or a measure on the way to its row.

    Attributes:
        given: as computed, before decisions; lengths in pixels where there is no scale.
        row: with decisions applied; None of an input that is no measure.
        replaced: codes that a reader replaced, with who did, among itself and all it is computed from.
        rejected: (code, by) of the first that a reader rejected, likewise.

    """

    given: Given
    row: Measurement | None = None
    replaced: Mapping[str, str] = field(default_factory=dict)
    rejected: tuple[str, str] | None = None

    @property
    def final(self) -> float | None:
        """The value a reader sees."""
        if self.row is None:
            return self.given.value
        return self.row.quantity.value if self.row.quantity else None


class _Table:
    """Evaluates each measure once, its inputs first."""

    def __init__(self, kind: Listing, given: Inputs, decisions: Mapping[str, Decision]) -> None:
        self._kind, self._given, self._decisions = kind, given, decisions
        self._nodes: dict[str, _Node | None] = {}

    def of(self, name: str) -> _Node | None:
        """An input or a measure; None where the recording has none."""
        if name not in self._nodes:
            self._nodes[name] = self._made(name)
        return self._nodes[name]

    def _made(self, name: str) -> _Node | None:
        if name not in BY_CODE:
            return _Node(self._given[name]) if name in self._given else None
        measure = BY_CODE[name]
        if self._kind not in measure.kinds:
            return None
        inputs = [node for node in map(self.of, measure.inputs) if node is not None]
        if len(inputs) < len(measure.inputs) or not _body_known(measure, inputs):
            return None
        return self._decided(measure, inputs, _combined(measure, inputs))

    def _decided(self, measure: Measure, inputs: list[_Node], given: Given) -> _Node:
        """The node with the decisions of a reader on it and on its inputs."""
        row, own = _row(measure, given), self._decisions.get(measure.code)
        if own is not None and not own.accepted:
            note = message("rejected by {reader}", reader=verbatim(own.by))
            none = replace(row, quantity=None, status=Status.WITHHELD, note=note)
            return _Node(given, none, rejected=(measure.code, own.by))
        if own is not None and own.value is not None:
            entered = replace(
                row,
                quantity=Quantity(own.value, measure.unit),
                status=Status.EDITED,
                method=ENTERED,
                technique=_entered(row.technique),
                by=(own.by,),
                confidence=None,
                trust=Trust.OK,
                entered=(measure.code,),
            )
            return _Node(given, entered, {measure.code: own.by})
        rejected = next((input_name.rejected for input_name in inputs if input_name.rejected), None)
        if rejected is not None:
            code, by = map(verbatim, rejected)
            note = message("{code} rejected by {reader}", code=code, reader=by)
            none = replace(row, quantity=None, status=Status.WITHHELD, confidence=None, note=note)
            return _Node(given, none, rejected=rejected)
        replaced = {code: by for input_name in inputs for code, by in input_name.replaced.items()}
        value = _value(measure, [input_name.final for input_name in inputs]) if replaced else None
        if value is not None:
            again = replace(
                row,
                quantity=Quantity(value, measure.unit),
                status=Status.EDITED,
                by=tuple(dict.fromkeys((*row.by, *replaced.values()))),
                confidence=None,
                note=message("with {codes} as entered", codes=chain_texts(tuple(replaced))),
                entered=tuple(replaced),
                trust=_of_value(given.basis),
            )
            return _Node(given, again, replaced)
        if own is not None and row.quantity is not None and own.is_of(row.quantity.value):
            row = replace(row, status=Status.ACCEPTED)
        return _Node(given, row)


def _body_known(measure: Measure, inputs: list[_Node]) -> bool:
    """Whether the body surface area is known, of a measure that is an index by it."""
    if BODY_SURFACE not in measure.inputs:
        return True
    body = inputs[measure.inputs.index(BODY_SURFACE)]
    return body.final is not None or body.rejected is not None


def _combined(measure: Measure, inputs: list[_Node]) -> Given:
    """The measure as computed from its inputs, before decisions."""
    parts = [input_name.given for input_name in inputs]
    direct = inputs[0].row is None
    body = BODY_SURFACE in measure.inputs
    scaling = Scaling(
        missing=next((given_input.scaling.missing for given_input in parts if given_input.scaling.missing), None),
        note=next((given_input.scaling.note for given_input in parts if given_input.scaling.note), None),
        ratio=next((given_input.scaling.ratio for given_input in parts if given_input.scaling.ratio), None),
    )
    remark = None if body else next((given_input.remark for given_input in parts if given_input.remark), None)
    method, technique = parts[0].method, parts[0].technique
    if body:
        formula = _formula_of(inputs[-1])
        method, technique = _index_method(parts[0], formula), _index_technique(parts[0], formula)
    if measure.inputs == ("SV", "HR"):  # which of several volumes and rates it is the product of
        stroke, rate = (input_name.final for input_name in inputs)
        if stroke is not None and rate is not None:
            # With a digit more than they are shown with, so that the product is the one that is shown.
            method = message(
                "SV {stroke_ml:g} ml × HR {rate:g}/min ({origin_of_rate})",
                stroke_ml=round(stroke, 1),
                rate=round(rate, 1),
                origin_of_rate=parts[1].method,
            )
            technique = _product(parts[1].technique)
    reason = _reason(measure, parts)
    value = None if reason else _value(measure, [given_input.value for given_input in parts])
    if reason is None and value is None:
        reason = message("{inputs} give no finite value", inputs=chain_texts(measure.inputs))
    return Given(
        value=value,
        basis=together(given_input.basis for given_input in parts),
        method=method,
        withheld=reason,
        note=parts[0].note if direct else None,
        remark=remark,
        scaling=scaling,
        short=NOTHING if body or method is not parts[0].method else parts[0].short,
        technique=technique,
    )


def _reason(measure: Measure, parts: list[Given]) -> Message | None:
    """Why an input has no value, in words; None where all have one."""
    for name, given_input in zip(measure.inputs, parts, strict=True):
        if given_input.withheld is not None:
            if given_input is parts[0]:
                return given_input.withheld
            return message("needs {code}: {reason}", code=verbatim(name), reason=given_input.withheld)
    return None


def _value(measure: Measure, inputs: list[float | None]) -> float | None:
    """The formula's value; None where an input is missing, or a divisor is 0."""
    values = [input_name for input_name in inputs if input_name is not None]
    if len(values) < len(inputs):
        return None
    try:
        return measure.formula(*values)
    except ZeroDivisionError:
        return None


def _formula_of(size: _Node) -> Message:
    """The formula of the body surface area, or that it was entered."""
    formula = size.row.method if size.row else NOTHING
    return size.given.short or formula if formula is size.given.method else formula


def _index_method(indexed: Given, formula: Message) -> Message:
    """The convention of the value that is indexed, and the formula of the body surface area."""
    return _by_body(indexed.short or indexed.method, formula)


def _by_body(convention: Message, formula: Message) -> Message:
    return message("{convention}, by body surface area ({formula})", convention=convention, formula=formula)


def _index_technique(indexed: Given, formula: Message) -> Technique | None:
    """That of the value that is indexed, with the formula among the conventions."""
    own = indexed.technique
    if own is None:
        return None
    text = _by_body(indexed.short or own.words, formula)
    return replace(own, conventions=(*own.conventions, formula), words=text)


def _product(rate: Technique | None) -> Technique | None:
    """The technique of stroke volume times heart rate; None where that of the rate is not known."""
    if rate is None:
        return None
    text = message("SV × HR ({origin_of_rate})", origin_of_rate=rate.words)
    return Technique(Kind.PRODUCT, rate.views, conventions=rate.conventions, words=text)


def _entered(computed: Technique | None) -> Technique:
    """The technique of a value that a reader entered; views that its computed value lacks are still missing."""
    return Technique(Kind.ENTERED, missing=computed.missing if computed else (), words=ENTERED)


def _row(measure: Measure, given: Given) -> Measurement:
    basis, scaling = given.basis, given.scaling
    reason = given.withheld or (scaling.missing if measure.has_length else None)
    by = basis.authors(scaled=measure.has_length)
    if reason is not None or given.value is None:
        why = reason or _NO_VALUE
        return Measurement(
            code=measure.code,
            quantity=None,
            unit=measure.unit,
            method=given.method,
            frames=basis.frames,
            structures=(),
            by=by,
            confidence=None,
            status=Status.WITHHELD,
            note=why,
            technique=given.technique,
        )
    note = given.note or given.remark
    if note is None and BODY_SURFACE not in measure.inputs and basis.structures:
        note = scaling.note if measure.has_length else scaling.ratio
    if note is None and measure.exploratory:
        note = NOT_ROUTINE
    return Measurement(
        code=measure.code,
        quantity=Quantity(given.value, measure.unit),
        unit=measure.unit,
        method=given.method,
        frames=basis.frames,
        structures=basis.structures,
        by=by,
        confidence=basis.confidence,
        status=Status.EDITED if basis.edited else Status.AUTO,
        note=note,
        trust=_of_value(basis),
        technique=given.technique,
    )


def _of_value(basis: Basis) -> Trust:
    return Trust.CHECK if basis.trust is Trust.WITHHELD else basis.trust
