"""How a message of the program is written to the file: as its English text, and where that is not all, with its data.

A string is a message without values, such as "the spacing in the file", or what earlier versions wrote of any message:
it is shown in the reader's language where the catalogue has it. Everything else is an object: the English text, as
programs read it, with template and values, so that the history of a reopened file is in the reader's language.
"""

import re
from collections.abc import Mapping
from datetime import date
from typing import Any, Final

import msgspec

from kinecor.core.values.message import NO_VALUES, Form, Message, Value, join_texts, message, verbatim

# Names of values with the formats that the program uses: a template from a file must not reach further into a value,
# nor ask for a text of a million letters.
_FIELD: Final = re.compile(r"\{\{|\}\}|\{[a-z]\w*(?::[+,]?(?:\.\d{1,2})?[defg%]?)?\}", re.ASCII)


class _Stored(msgspec.Struct, omit_defaults=True, forbid_unknown_fields=True):
    """A message with its data, as in Message; `text` is its English, `values` are numbers, messages and dates."""

    text: str
    template: str = ""
    plural: str = ""
    count: int = 1
    context: str = ""
    values: dict[str, Any] = {}
    parts: list[Any] = []
    form: Form = Form.AS_IS


class _Date(msgspec.Struct, forbid_unknown_fields=True):
    date: date


def encode_message(value: Any) -> Any:
    """For `enc_hook` of msgspec: a message as the file has it.

    Raises:
        NotImplementedError: it is no message.

    """
    text = english(value)
    return text if _is_plain(value) else _stored(value)


def english(value: Any) -> str:
    """The same where the file has room for English only.

    Raises:
        NotImplementedError: it is no message.

    """
    if not isinstance(value, Message):
        raise NotImplementedError(f"expected a message, got {type(value).__name__}")
    return str(value)


def _is_plain(text: Message) -> bool:
    """Whether the English text alone gives the message again."""
    if not text.template:
        return not text.parts
    bare = not (text.plural_template or text.context or text.values) and text.form is Form.AS_IS
    return bare and text == text.template and "{" not in text


def _stored(text: Message) -> _Stored:
    values = {name: _stored_value(value) for name, value in text.values.items()}
    parts = [_stored(part) if isinstance(part, Message) else str(part) for part in text.parts]
    return _Stored(
        str(text), text.template, text.plural_template, text.plural_count, text.context, values, parts, text.form
    )


def _stored_value(value: Value | str) -> Any:
    if isinstance(value, Message):
        return encode_message(value)
    if isinstance(value, date):
        return _Date(value)
    if isinstance(value, str):
        return _stored(verbatim(str(value)))
    return value if isinstance(value, int) else float(value)


def read(kind: type[Any], content: Any) -> Message:
    """For `dec_hook` of msgspec: the message that `encode_message` gave the content for.

    Raises:
        ValueError: it is neither text nor a message with its data.
        NotImplementedError: another type is asked for.

    """
    if kind is not Message:
        raise NotImplementedError(f"expected the type of a message, got {kind.__name__}")
    if isinstance(content, str):
        return verbatim(content) if "{" in content or "}" in content else message(content) if content else join_texts()
    return _with_data(msgspec.convert(content, _Stored))


def _with_data(stored: _Stored) -> Message:
    for template in (stored.template, stored.plural):
        if "{" in _FIELD.sub("", template) or "}" in _FIELD.sub("", template):
            raise ValueError(f"no template of a message: {template!r}")
    values = {name: _read_value(value) for name, value in stored.values.items()}
    parts = tuple(
        part if isinstance(part, str) else _with_data(msgspec.convert(part, _Stored)) for part in stored.parts
    )
    try:
        made = Message(
            stored.template, stored.plural, stored.count, stored.context, values or NO_VALUES, parts, stored.form
        )
    except KeyError as error:
        raise ValueError(f"a value of a message is missing: {error}") from error
    # What the text says counts.
    return made if made == stored.text else verbatim(stored.text)


def _read_value(stored: Any) -> Value:
    if isinstance(stored, int | float):
        return stored
    if isinstance(stored, Mapping) and "date" in stored:
        return msgspec.convert(stored, _Date).date
    return read(Message, stored)
