"""The languages of window and report: messages rendered from a catalogue, numbers and dates by locale.

English is what messages are written in. Another language has a gettext catalogue, `messages_CODE.po` in the resources,
which `installer/languages.py` collects from the program and compiles. gettext knows plural rules, translators have
editors for it, and it looks a message up by its English template, so that a new message stands in the code and in the
catalogue only (decision 0175).
"""

import gettext
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Final

from kinecor.core.values import message as messages
from kinecor.core.values.choices import LANGUAGES
from kinecor.core.values.message import Message, Value, ValueFormat


@dataclass(frozen=True, eq=False)
class Language:
    """How a report or the window says what it says.

    Attributes:
        code: ISO 639-1, as "de".
        name: in itself.
        catalogue: of messages; without one they are English.

    """

    code: str
    name: str
    catalogue: gettext.NullTranslations = field(default_factory=gettext.NullTranslations)

    def render(self, text: Message) -> str:
        """A message in this language; English where its catalogue has no translation.

        Args:
            text: with its values.

        """
        if self is ENGLISH:
            return str(text)
        if text.rendered is None or text.rendered[0] is not self:
            text.rendered = self, text.form.applied(self._rendered(text))
        return text.rendered[1]

    def _rendered(self, text: Message) -> str:
        if text.template:
            form = ValueFormat(self.decimal, self.date, self.render)
            return form.vformat(self.template(text), (), text.values)
        return "".join(self.render(part) if isinstance(part, Message) else part for part in text.parts)

    def fill(self, template: str, **values: Value) -> str:
        """A template of the program in this language, with values; see `Message`.

        Args:
            template: in English, as of `message`.
            values: by their names in the template.

        """
        return self.render(messages.message(template, **values))

    def listed(self, parts: Sequence[str]) -> str:
        """As "a", "a and b" or "a, b and c".

        Args:
            parts: messages and plain texts.

        """
        return self.render(messages.list_texts(parts))

    def day(self, text: str) -> str:
        """A date (YYYY-MM-DD), alone or at the beginning of a text, as this language writes it; else as it is.

        Args:
            text: that may begin with a date.

        """
        try:
            day = date.fromisoformat(text[:10])
        except ValueError:
            return text
        return self.date(day) + text[10:]

    def date(self, day: date) -> str:
        """A date; in English as YYYY-MM-DD, since day and month are swapped among English-speaking countries.

        Args:
            day: of the calendar.

        """
        if self is ENGLISH:
            return day.isoformat()
        from babel.dates import format_date  # at start, English needs none of it

        return format_date(day, "medium", self.code)

    def iso_day(self, text: str) -> str:
        """A date as this language writes it as YYYY-MM-DD, e.g. "1.7.2025"; anything else as it is.

        Args:
            text: as typed.

        """
        if self is ENGLISH or not _A_DATE.fullmatch(text.strip()):
            return text
        from babel.dates import parse_date

        try:
            return parse_date(text.strip(), self.code).isoformat()
        except ValueError:
            return text

    @property
    def decimal(self) -> str:
        """Between whole and fraction of a number."""
        return "." if self is ENGLISH else _decimal(self.code)

    def template(self, text: Message) -> str:
        """The template of a message in this language, with names of values in place of values.

        Args:
            text: with its values.

        """
        null_translations = self.catalogue
        if text.plural_template:
            return null_translations.ngettext(text.template, text.plural_template, text.plural_count)
        return (
            null_translations.pgettext(text.context, text.template)
            if text.context
            else null_translations.gettext(text.template)
        )


# Day and month in either order, or with the year first.
_A_DATE: Final = re.compile(r"\d{1,4}\D\d{1,2}\D\d{1,4}")
ENGLISH: Final = Language("en", "English")


@cache
def language(code: str) -> Language:
    """A language by its code; English for "".

    Args:
        code: e.g. "de".

    Raises:
        ValueError: there is no such language.

    """
    if code in ("", ENGLISH.code):
        return ENGLISH
    if code not in LANGUAGES:
        raise ValueError(f"language: expected {' or '.join(LANGUAGES)}, got {code!r}")
    with (files("kinecor_resources") / "languages" / f"messages_{code}.mo").open("rb") as file:
        return Language(code, LANGUAGES[code], gettext.GNUTranslations(file))


@cache
def _decimal(code: str) -> str:
    from babel.numbers import get_decimal_symbol

    return get_decimal_symbol(code)
