"""The language of a report: English as it stands in the program, or another one by a file of translations.

A file has the name of the language, how it writes decimals and dates, and its texts by their English ones, with values
by name ("Enlarged {ventricle}{grade}: {volumes}{method}."); a name of one letter stands for a number. What a reader
wrote is never translated; where it stands within a text of the program, its name is "own". The window has a file more:
the history of edits, and why something is refused.
"""

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any, Final

from kinecor.core.values.choices import LANGUAGES

_JOINING: Final = "joining"
_AS_WRITTEN: Final = "own"
_ANY: Final = ".+?"
_BRACKETED: Final = r"(?:[^()]|\([^()]*\))+?"
_A_NUMBER: Final = r"[−+-]?\d+(?:\.\d+)?"
_NAME: Final = re.compile(r"\{([A-Za-z][a-z_]*)\}")
# Of numbers, not of versions ("1.2.0"), file names or doi ("10.1016/j...").
_DECIMALS: Final = re.compile(r"(?<![\d.\w])(\d+)\.(\d+)(?!\.?\d|[\w/])")
_SENTENCE_END: Final = re.compile(r"\. (?=[A-Z])")
_ISO_DATE: Final = re.compile(r"(\d{4})-(\d\d)-(\d\d)")


@dataclass(frozen=True, eq=False)
class Language:
    """How a report says what it says.

    Attributes:
        code: ISO 639-1, as "de".
        name: in itself.
        decimal: between whole and fraction of a number.
        date: with {day}, {month} and {year}.
        texts: by the English text.
        patterns: of finished English sentences, narrow ones first: the pattern, names of its values, the template.

    """

    code: str
    name: str
    decimal: str = "."
    date: str = "{year}-{month}-{day}"
    texts: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    patterns: tuple[tuple[re.Pattern[str], tuple[str, ...], str], ...] = ()

    def fill(self, template: str, **values: str) -> str:
        """An English template in this language, with values in place of their names.

        "{Name}" is the value with a capital first letter. Names that are not among the values stay as they are.
        """

        def value(found: re.Match[str]) -> str:
            name = found[1]
            if name in values:
                return values[name]
            low = values.get(name[0].lower() + name[1:])
            return found[0] if low is None else low[:1].upper() + low[1:]

        return _NAME.sub(value, self.texts.get(template, template))

    def translate(self, text: str) -> str:
        """A finished English text of the program in this language; what has no translation stays English."""
        return text if self is ENGLISH or not text else _translated(self, text)

    def number(self, text: str) -> str:
        """A text with its numbers as this language writes them."""
        return text if self.decimal == "." else _DECIMALS.sub(rf"\1{self.decimal}\2", text)

    def day(self, text: str) -> str:
        """A date (YYYY-MM-DD), alone or at the beginning of a text; anything else as it is."""
        found = _ISO_DATE.match(text)
        if found is None:
            return text
        year, month, day = found.groups()
        return self.date.format(year=year, month=month, day=day) + text[found.end() :]

    def iso_day(self, text: str) -> str:
        """A date as this language writes it as YYYY-MM-DD, e.g. "1.7.2025"; anything else as it is."""
        pattern = re.escape(self.date)
        for name, digits in (("year", r"\d{4}"), ("month", r"\d{1,2}"), ("day", r"\d{1,2}")):
            pattern = pattern.replace(re.escape(f"{{{name}}}"), f"(?P<{name}>{digits})")
        found = re.fullmatch(pattern, text.strip())
        return text if found is None else f"{found['year']}-{found['month']:0>2}-{found['day']:0>2}"

    def listed(self, words: tuple[str, ...] | list[str]) -> str:
        """As "a", "a and b" or "a, b and c"."""
        if len(words) < 2:
            return "".join(words)
        return self.fill("{some} and {last}", some=", ".join(words[:-1]), last=words[-1])


ENGLISH: Final = Language("en", "English")


@cache
def language(code: str, *, window: bool = False) -> Language:
    """A language by its code; English for "".

    Args:
        code: ISO 639-1.
        window: with the texts that only the window shows.

    Raises:
        ValueError: there is no such language.

    """
    if code in ("", ENGLISH.code):
        return ENGLISH
    if code not in LANGUAGES:
        raise ValueError(f"language: expected {' or '.join(LANGUAGES)}, got {code!r}")
    file = _read(f"report_{code}.toml")
    parts = [*file["texts"].items(), *(_read(f"window_{code}.toml")["texts"].items() if window else ())]
    texts = {english: own for _, part in parts for english, own in part.items()}
    # What only joins other texts fits too much to be found again in a finished sentence.
    patterns = _patterns(one for name, part in parts if name != _JOINING for one in part.items())
    return Language(code, file["name"], file["decimal"], file["date"], MappingProxyType(texts), patterns)


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads((files("kinecor_resources") / "languages" / name).read_text("utf-8"))


@lru_cache(maxsize=4096)
def _translated(own: Language, text: str) -> str:
    known = own.texts.get(text)
    if known is not None:
        return known
    ends = [one.end() for one in _SENTENCE_END.finditer(text)]
    # A value that goes on after the end of a sentence is mostly two sentences taken for one, but may be "Dr. Grey".
    made = _by_pattern(own, text, ends)
    for at in reversed(ends) if made is None else ():
        first, rest = text[: at - 1], text[at:]
        made_first, made_rest = _translated(own, first), _translated(own, rest)
        if made_first != first and made_rest != rest:
            return f"{made_first} {made_rest}"
    made = _by_pattern(own, text, ()) if made is None and ends else made
    if made is not None:
        return made
    for between in ("; ", ". ", " · ", ", ", ": "):
        if between in text:
            parts = text.split(between)
            own_parts = [_translated(own, one) for one in parts]
            if own_parts != parts:
                return between.join(own_parts)
    return text


def _by_pattern(own: Language, text: str, ends: Sequence[int]) -> str | None:
    """By the first template that fits and of which no value reaches over one of `ends`; None where there is none."""
    for pattern, names, template in own.patterns:
        found = pattern.fullmatch(text)
        if found is not None and not any(_reaches_over(found, names, at) for at in ends):
            translated = {one: own.number(_translated(own, found[one])) for one in names if one != _AS_WRITTEN}
            values = found.groupdict() | translated
            return _NAME.sub(lambda one: values.get(one[1], one[0]), template)  # noqa: B023 - used at once
    return None


def _reaches_over(found: re.Match[str], names: Sequence[str], end: int) -> bool:
    """Whether a value goes on after a sentence that ends at `end`, outside of brackets."""
    before = found.string[:end]
    return before.count("(") <= before.count(")") and any(found.start(one) < end < found.end(one) for one in names)


def _patterns(texts: Iterable[tuple[str, str]]) -> tuple[tuple[re.Pattern[str], tuple[str, ...], str], ...]:
    """English templates as patterns of what is made of them: most fixed letters first, then fewest free values."""
    found = []
    for english, template in texts:
        names = tuple(dict.fromkeys(_NAME.findall(english)))
        # Without a word of its own a template would match anything.
        if not names or not re.search(r"[a-z]{2}", _NAME.sub("", english)):
            continue
        seen: set[str] = set()
        pattern = ""
        inside = 0  # brackets that are open: what stands in them does not reach beyond
        for at, piece in enumerate(_NAME.split(english)):
            if at % 2 == 0:
                pattern += re.escape(piece)
                inside += piece.count("(") - piece.count(")")
            elif piece in seen:
                pattern += f"(?P={piece})"
            else:
                pattern += f"(?P<{piece}>{_A_NUMBER if len(piece) == 1 else _BRACKETED if inside else _ANY})"
                seen.add(piece)
        fixed = len("".join(_NAME.sub("", english).split()))
        anything = sum(len(one) > 1 for one in names)
        found.append((-fixed, anything, re.compile(pattern, re.DOTALL), names, template))
    found.sort(key=lambda one: one[:2])
    return tuple((pattern, names, template) for *_, pattern, names, template in found)
