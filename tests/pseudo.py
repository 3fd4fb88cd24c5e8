"""A pseudo-language: every text of the program accented and a quarter longer, so that what is not translated shows.

`accented` changes letters, not names of values, tags or keys; `literals` finds words that it never saw.
"""

import gettext
import re

from PySide6.QtCore import QTranslator

from kinecor.core.report.language import Language

_ACCENTS = str.maketrans("aeiouyAEIOUYcnsz", "àéïöùýÀÉÏÖÙÝçñšž")
_VOWELS = set("àéïöùýÀÉÏÖÙÝ")
_KEPT = re.compile(r"\{[^}]*\}|<[^>]*>|&\w+;|\n")
_WORD = re.compile(r"[^\W\d_]+")


def accented(text: str) -> str:
    """A template with its letters accented and every third vowel doubled; names of values and tags stay."""
    parts, last = [], 0
    for found in _KEPT.finditer(text):
        parts += [_longer(text[last : found.start()]), found[0]]
        last = found.end()
    return "".join((*parts, _longer(text[last:])))


def _longer(text: str) -> str:
    out, vowels = [], 0
    for letter in text.translate(_ACCENTS):
        vowels += letter in _VOWELS
        out.append(letter * 2 if letter in _VOWELS and vowels % 3 == 1 and letter.islower() else letter)
    return "".join(out)


class Catalogue(gettext.NullTranslations):
    """Of every template."""

    def gettext(self, message: str) -> str:
        return accented(message)

    def pgettext(self, context: str, message: str) -> str:
        return accented(message)

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return accented(msgid1 if n == 1 else msgid2)


PSEUDO = Language("de", "Pseudo", Catalogue())


class Translator(QTranslator):
    """The same for what widgets say, of one context."""

    def __init__(self, context: str, parent: object = None) -> None:
        super().__init__(parent)
        self.context = context

    def isEmpty(self) -> bool:  # noqa: N802 - Qt's name
        return False

    def translate(self, context: str, text: str, disambiguation: str | None = None, n: int = -1) -> str | None:
        return accented(text) if context == self.context else None


def literals(text: str, allowed: set[str]) -> list[str]:
    """Words with vowels of three letters and more of which no letter is accented, and that are not allowed."""
    return [
        word
        for word in _WORD.findall(text)
        if len(word) > 2 and word not in allowed and word.isascii() and set(word.lower()) & set("aeiouy")
    ]
