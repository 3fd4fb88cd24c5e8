"""Any text on a PDF page: a font for every letter, and a transliteration where none has it."""

import os
import re
import sys
import unicodedata
from collections.abc import Iterator
from functools import cache
from itertools import groupby
from pathlib import Path
from xml.sax.saxutils import escape

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFError, TTFont

# Bitstream Vera comes with reportlab, so every machine prints the same page; other fonts only fill its gaps.
PLAIN, BOLD, ITALIC = "Vera", "VeraBd", "VeraIt"
_FILES = {PLAIN: "Vera.ttf", BOLD: "VeraBd.ttf", ITALIC: "VeraIt.ttf"}
# Fonts with many letters first; then any others, up to a number that limits the search to a second or two.
_PREFERRED = (
    "DejaVuSans.ttf",
    "NotoSans-Regular.ttf",
    "arialuni.ttf",
    "Arial Unicode.ttf",
    "arial.ttf",
    "wqy-zenhei.ttc",
)
_MAX_TRIED = 60

_RTL = r"[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]+"
_RIGHT_TO_LEFT = re.compile(rf"{_RTL}(?:\s+{_RTL})*")

# Where a machine has no font for Cyrillic or Greek, a name is still a name in Latin letters.
_CYRILLIC = (
    "аa бb вv гg дd еe ёe жzh зz иi йy кk лl мm нn оo пp рr сs тt уu фf хkh цts чch шsh щshch ъ ыy ь эe юyu яya "
    "іi їi єe ґg"
)
_GREEK = "αa βv γg δd εe ζz ηi θth ιi κk λl μm νn ξx οo πp ρr σs ςs τt υy φf χch ψps ωo"
_OTHER = "łl đd ıi ħh →to −- ≈~"
_TRANSLITERATED = {pair[0]: pair[1:] for pair in f"{_CYRILLIC} {_GREEK} {_OTHER}".split()}


class Typesetter:
    """Turns text into reportlab's paragraph markup, and remembers what it could not print."""

    def __init__(self) -> None:
        for name, file in _FILES.items():
            if name not in pdfmetrics.getRegisteredFontNames():
                pdfmetrics.registerFont(TTFont(name, file))
        pdfmetrics.registerFontFamily(PLAIN, normal=PLAIN, bold=BOLD, italic=ITALIC, boldItalic=BOLD)
        self.changed: set[str] = set()

    def markup(self, text: str, limit: int = 240) -> str:
        """`text` on one line, escaped, at most `limit` characters, each letter in a font that has it.

        A letter that no installed font has is transliterated where possible and else becomes "?"; it is added to
        `changed`, so that the page can say so. Hebrew and Arabic are put in visual order.
        """
        line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
        if len(line) > limit:
            line = line[: limit - 1] + "…"
        line = _RIGHT_TO_LEFT.sub(lambda found: found[0][::-1], line)
        pieces = [self._printable(character) for character in line]
        runs = groupby(pieces, key=lambda piece: piece[0])
        return "".join(_run(font, "".join(piece for _, piece in pieces)) for font, pieces in runs)

    def note(self) -> str | None:
        """A sentence on the letters that were changed, or None where none was."""
        if not self.changed:
            return None
        codes = ", ".join(f"U+{ord(one):04X}" for one in sorted(self.changed)[:6])
        return (
            f"{len(self.changed)} letters ({codes}{', ...' if len(self.changed) > 6 else ''}) are replaced here, since "
            "no font on this machine has them: install a TrueType font that does"
        )

    def _printable(self, character: str) -> tuple[str, str]:
        """(font, what to print) for one character; the font is "" for the paragraph's own."""
        if _has(PLAIN, character):
            return "", character
        other = _font_with(character)
        if other:
            return other, character
        self.changed.add(character)
        plain = _TRANSLITERATED.get(character.lower())
        if plain is None:
            plain = "".join(c for c in unicodedata.normalize("NFKD", character) if _has(PLAIN, c)) or "?"
        elif character.isupper():
            plain = plain.capitalize()
        return "", plain


def _run(font: str, text: str) -> str:
    return f'<font name="{font}">{escape(text)}</font>' if font else escape(text)


def _has(font: str, character: str) -> bool:
    return ord(character) in pdfmetrics.getFont(font).face.charToGlyph


@cache
def _font_with(character: str) -> str | None:
    """The name of a registered font of this machine that has `character`, or None."""
    for name in _other_fonts():
        if _has(name, character):
            return name
    return None


@cache
def _other_fonts() -> tuple[str, ...]:
    """The machine's own fonts that reportlab can read, registered, widest first."""
    files = [path for folder in _font_folders() for path in _font_files(folder)]
    order = {name.lower(): place for place, name in enumerate(_PREFERRED)}
    files.sort(key=lambda path: (order.get(path.name.lower(), len(order)), path.name, str(path)))
    names = []
    for path in files[:_MAX_TRIED]:
        name = f"other-{path.stem}"
        try:
            pdfmetrics.registerFont(TTFont(name, str(path)))
        except (TTFError, OSError, ValueError, KeyError, IndexError, AssertionError):
            continue  # PostScript outlines, or a broken file: try the next one
        names.append(name)
    return tuple(names)


def _font_folders() -> Iterator[Path]:
    home = Path.home()
    if sys.platform == "win32":
        yield Path(os.environ.get("WINDIR", r"C:\Windows")) / "Fonts"
    elif sys.platform == "darwin":
        yield from (home / "Library/Fonts", Path("/Library/Fonts"), Path("/System/Library/Fonts"))
    else:
        yield from (Path("/usr/share/fonts"), Path("/usr/local/share/fonts"), home / ".local/share/fonts")


def _font_files(folder: Path) -> list[Path]:
    try:
        return [path for path in folder.rglob("*") if path.suffix.lower() in {".ttf", ".ttc"}]
    except OSError:
        return []
