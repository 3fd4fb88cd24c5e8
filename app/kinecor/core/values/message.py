"""What the program says, as data: an English template with its values, rendered in a reader's language at the edge.

A `Message` is its English text, so that files, logs and journals keep English, and it carries what the text was made
of, so that `core.report.language` renders it in another language from a catalogue (gettext), with the numbers and dates
of that language. What a person wrote, and codes such as "A4C", are the same in every language: `verbatim`.

Joining messages by `+`, an f-string or a method of `str` gives plain text and loses the data. Functions and fields that
end on a screen or a page, and values of messages, ask for a `Message`, so that mypy finds what was lost on the way.
"""

import string
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from enum import Enum
from types import MappingProxyType
from typing import Any, Final

NO_VALUES: Final[Mapping[str, Any]] = MappingProxyType({})


class Form(Enum):
    """How a message is changed where another one includes it."""

    AS_IS = "as is"
    CLAUSE = "clause"
    """Without the period at its end."""
    CAPITAL = "capital"
    """With a capital first letter."""
    SMALL = "small"
    """With a small first letter."""

    def applied(self, text: str) -> str:
        """A rendered text in this form.

        Args:
            text: in the reader's language.

        """
        if self is Form.CLAUSE:
            return text.rstrip(".")
        if self is Form.SMALL:
            return text[:1].lower() + text[1:]
        return text[:1].upper() + text[1:] if self is Form.CAPITAL else text


class Message(str):
    """A text of the program: see the module. Made by `message`, `plural`, `join_texts`, `number` and `verbatim`.

    Attributes:
        template: English, with values by name as in `str.format` ("{share:.0f} % of the contour"); what the catalogues
            of languages are looked up by. Empty for a message that is only its parts.
        plural_template: the same for a count other than 1; empty where there is none.
        plural_count: decides between the two.
        context: tells apart two meanings of one English template; empty where there is one.
        values: by name. A `Message` is rendered in its place, a float or a date is written as the language writes
            it.
        parts: of a message without a template, one after the other.
        form: how it is changed where it stands.
        rendered: as rendered last, with the language: kept since tables show the same texts again and again.

    """

    __slots__ = ("context", "form", "parts", "plural_count", "plural_template", "rendered", "template", "values")
    template: str
    plural_template: str
    plural_count: int
    context: str
    values: Mapping[str, Any]
    parts: tuple[str, ...]
    form: Form
    rendered: tuple[object, str] | None

    def __new__(
        cls,
        template: str = "",
        plural_template: str = "",
        plural_count: int = 1,
        context: str = "",
        values: Mapping[str, Any] = NO_VALUES,
        parts: tuple[str, ...] = (),
        form: Form = Form.AS_IS,
    ) -> "Message":
        """The message, with its English text.

        Raises:
            KeyError: the template names a value that is not given.

        """
        if template:
            chosen = plural_template if plural_template and plural_count != 1 else template
            text = _english(chosen, values)
        else:
            text = "".join(parts)
        made = str.__new__(cls, text if form is Form.AS_IS else form.applied(text))
        made.template, made.plural_template, made.plural_count = template, plural_template, plural_count
        made.context, made.values, made.parts, made.form, made.rendered = context, values, parts, form, None
        return made

    def __reduce__(self) -> tuple[Any, ...]:
        """As its parts, for other processes: a read-only mapping cannot be sent."""
        values = dict(self.values)
        return Message, (
            self.template,
            self.plural_template,
            self.plural_count,
            self.context,
            values,
            self.parts,
            self.form,
        )

    def __deepcopy__(self, _memo: object) -> "Message":
        return self

    def in_form(self, form: Form) -> "Message":
        """The same message in another form.

        Args:
            form: see Form.

        """
        return Message(
            self.template, self.plural_template, self.plural_count, self.context, self.values, self.parts, form
        )

    def clause(self) -> "Message":
        """Without the period at its end, to stand within another message."""
        return self.in_form(Form.CLAUSE)

    def capitalised(self) -> "Message":
        """With a capital first letter, to stand at the beginning of a sentence."""
        return self.in_form(Form.CAPITAL)

    def uncapitalised(self) -> "Message":
        """With a small first letter, to stand within a sentence: names that are adjectives, "Basal anterior"."""
        return self.in_form(Form.SMALL)


def _english(template: str, values: Mapping[str, Any]) -> str:
    """A template filled in English: by `str.format`, which is much faster than `ValueFormat`, where no date is."""
    for value in values.values():
        if isinstance(value, date):
            return ENGLISH_FORMAT.vformat(template, (), values)
    return template.format_map(values)


Value = Message | float | date
"""What a message may have as a value; a whole number is one, too."""


class ValueFormat(string.Formatter):
    """`str.format` that writes values as a language does.

    Attributes:
        decimal: between whole and fraction of a number.
        write_date: how a date is written.
        render: of a message among the values.

    """

    def __init__(
        self,
        decimal: str = ".",
        write_date: Callable[[date], str] = date.isoformat,
        render: Callable[[Message], str] = str,
    ) -> None:
        self.decimal, self.write_date, self.render = decimal, write_date, render

    def format_field(self, value: Any, format_spec: str) -> str:
        """One value: floats with the language's decimals, dates as it writes them, messages rendered.

        Args:
            value: a number, a date, a message or a text.
            format_spec: as in `format`, e.g. ".1f".

        """
        if isinstance(value, Message):
            return self.render(value)
        if isinstance(value, float) or format_spec[-1:] in _OF_NUMBERS:
            return format(value, format_spec).replace(".", self.decimal)
        if isinstance(value, date):
            return self.write_date(value)
        return format(value, format_spec)


# Ends of format specifications of numbers with a fraction.
_OF_NUMBERS: Final = ("e", "f", "g", "%")

ENGLISH_FORMAT: Final = ValueFormat()


def message(template: str, /, **values: Value) -> Message:
    """A text with values.

    Args:
        template: English, a literal; see Message.
        values: see Message. Frames and slices are counted from 1 here: a reader sees them.

    Raises:
        KeyError: the template names a value that is not given.

    """
    return Message(template, values=MappingProxyType(values))


def in_context(context: str, template: str, /, **values: Value) -> Message:
    """The same where the English text alone has two meanings, e.g. `in_context("sex", "other")`.

    Args:
        context: which of the two meanings.
        template: in English, as in `message`.
        values: by their names in the template.

    """
    return Message(template, context=context, values=MappingProxyType(values))


def plural(singular: str, several: str, /, count: int, **values: Value) -> Message:
    """A text that depends on a count, which it may name as {count}.

    Args:
        singular: English, a literal, for one.
        several: English, a literal, for any other count.
        count: not negative.
        values: see Message.

    """
    return Message(singular, several, count, values=MappingProxyType({"count": count, **values}))


def join_texts(*parts: str) -> Message:
    """Texts one after the other: messages, and what needs no translation between them (", ", "; ", codes, names).

    Args:
        parts: messages and plain texts.

    """
    return Message(parts=parts)


def verbatim(text: str) -> Message:
    """What a person or a file says, and codes such as "A4C": shown as they are in every language.

    Args:
        text: in no language, or in the reader's own; a message stays one.

    """
    return text if isinstance(text, Message) else Message(parts=(text,))


def joined_by(separator: str, parts: Sequence[str]) -> Message:
    """Texts with a separator that needs no translation between them; empty ones are left out.

    Args:
        separator: plain text.
        parts: messages and plain texts.

    """
    out: list[str] = []
    for part in filter(None, parts):
        out += [separator, part] if out else [part]
    return join_texts(*out)


def number(value: float, spec: str) -> Message:
    """A number in the language's own form, e.g. `number(0.5, ".1f")`; specifications as in `format`.

    Args:
        value: finite.
        spec: as in `format`.

    """
    return Message(f"{{value:{spec}}}", values={"value": float(value)})


def written_date(iso: str) -> Message:
    """A date (YYYY-MM-DD) as the language writes it; anything else as it is.

    Args:
        iso: YYYY-MM-DD, or any text.

    """
    try:
        day = date.fromisoformat(iso)
    except ValueError:
        return verbatim(iso)
    return Message("{day}", values={"day": day})


def list_texts(parts: Sequence[str]) -> Message:
    """As "a", "a and b" or "a, b and c".

    Args:
        parts: messages and plain texts.

    """
    if len(parts) < 2:
        return join_texts(*parts)
    return message("{items} and {last}", items=joined_by(", ", parts[:-1]), last=verbatim(parts[-1]))


def chain_texts(parts: Sequence[str]) -> Message:
    """As "a", "a and b" or "a and b and c".

    Args:
        parts: messages and plain texts.

    """
    sentence = join_texts(*parts[:1])
    for part in parts[1:]:
        sentence = message("{items} and {last}", items=sentence, last=verbatim(part))
    return sentence


def either(parts: Sequence[str]) -> Message:
    """As "a", "a or b" or "a or b or c".

    Args:
        parts: messages and plain texts.

    """
    sentence = join_texts(*parts[:1])
    for part in parts[1:]:
        sentence = message("{items} or {last}", items=sentence, last=verbatim(part))
    return sentence


NOTHING: Final = join_texts()
"""An empty text."""
