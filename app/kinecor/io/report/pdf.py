"""A report as a PDF file: its letters in fonts that come with the program, PDF/A for archives, its pages as images.

DejaVu Sans Condensed has Latin, Greek, Cyrillic, Arabic and signs, Droid Sans Fallback Chinese and Japanese, so every
machine prints the same page. Fonts of the machine are only looked for where both lack a letter, e.g. for Korean.

reportlab lays the pages out and embeds the fonts. What PDF/A-2b (ISO 19005-2) asks beyond that, so that a report opens
and looks the same in decades, is added by pikepdf: colours defined by an embedded profile (sRGB), the document's
properties once more as XMP that names the standard, and streams written as it demands.
"""

import os
import re
import sys
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import as_file, files
from io import BytesIO
from itertools import groupby
from pathlib import Path
from xml.sax.saxutils import escape

import numpy as np
import pikepdf
import pypdfium2
from numpy.typing import NDArray
from reportlab import rl_config
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFError, TTFont
from reportlab.platypus import BaseDocTemplate

from kinecor import RESEARCH_USE
from kinecor.core.values.errors import Tick
from kinecor.core.values.message import Message, message, verbatim
from kinecor.io.files.colour import SRGB, srgb_profile
from kinecor.io.report.tags import Element, write_structure

# Streams as bytes, not as letters: images are written twice as fast, files are a fifth smaller.
rl_config.useA85 = 0

PLAIN, BOLD, ITALIC = "DejaVuSansCondensed", "DejaVuSansCondensed-Bold", "DejaVuSansCondensed-Oblique"
CJK = "DroidSansFallbackFull"
# Fonts with many letters first; then any others, up to a number that limits the search to a second or two.
_PREFERRED = (
    "DejaVuSans.ttf",
    "NotoSans-Regular.ttf",
    "NotoSansKR-Regular.ttf",
    "arialuni.ttf",
    "Arial Unicode.ttf",
    "arial.ttf",
)
_MAX_TRIED = 60

# Loading the packaged font takes 0.3 s: only where a letter of China or Japan occurs.
_EAST_ASIAN = re.compile(r"[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef]")
_RTL = r"[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]+"
# A number and its unit stay on one line.
_BEFORE_UNIT = re.compile(r"(?<=\d) (?=(?:%|[kmcµ]?[mglsL](?:[²³]|/\w+)*|/min|Hz|px|points?|Punkte?)(?!\w))")
_RIGHT_TO_LEFT = re.compile(rf"{_RTL}(?:\s+{_RTL})*")


class Typesetter:
    """Turns text into reportlab's paragraph markup, and remembers what it could not print."""

    def __init__(self) -> None:
        for name in (PLAIN, BOLD, ITALIC):
            _packaged(name)
        pdfmetrics.registerFontFamily(PLAIN, normal=PLAIN, bold=BOLD, italic=ITALIC, boldItalic=BOLD)
        self.changed: set[str] = set()

    def markup(self, text: str, limit: int = 240) -> str:
        """`text` on one line, escaped, at most `limit` characters, each letter in a font that has it.

        A letter that no font has becomes the plain letters it is composed of, else "?"; it is added to
        `changed`, so that the page can say so. Hebrew and Arabic are put in visual order.

        Args:
            text: of any letters.
            limit: characters.

        """
        line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
        if len(line) > limit:
            line = line[: limit - 1] + "…"
        line = _BEFORE_UNIT.sub("\u00a0", line)
        line = _RIGHT_TO_LEFT.sub(lambda found: found[0][::-1], line)
        pieces = [self._printable(character) for character in line]
        runs = groupby(pieces, key=lambda piece: piece[0])
        return "".join(_run(font, "".join(piece for _, piece in pieces)) for font, pieces in runs)

    def note(self) -> Message | None:
        """A sentence on the letters that were changed, or None where none was."""
        if not self.changed:
            return None
        codes = ", ".join(f"U+{ord(letter):04X}" for letter in sorted(self.changed)[:6])
        return message(
            "{count} letters ({codes}) are replaced here, since no font on this machine has them: install a TrueType "
            "font that does",
            count=len(self.changed),
            codes=verbatim(codes + (", ..." if len(self.changed) > 6 else "")),
        )

    def _printable(self, character: str) -> tuple[str, str]:
        """(font, what to print) for one character; the font is "" for the paragraph's own."""
        if _has(PLAIN, character):
            return "", character
        other = _font_with(character)
        if other:
            return other, character
        self.changed.add(character)
        return "", "".join(c for c in unicodedata.normalize("NFKD", character) if _has(PLAIN, c)) or "?"


def _run(font: str, text: str) -> str:
    return f'<font name="{font}">{escape(text)}</font>' if font else escape(text)


def _has(font: str, character: str) -> bool:
    return ord(character) in pdfmetrics.getFont(font).face.charToGlyph


def _packaged(name: str) -> str:
    """A font that comes with the program, registered under its name."""
    if name not in pdfmetrics.getRegisteredFontNames():
        with as_file(files("kinecor_resources") / "fonts" / f"{name}.ttf") as path:
            pdfmetrics.registerFont(TTFont(name, str(path)))
    return name


@cache
def _font_with(character: str) -> str | None:
    """The name of a registered font that has `character`, or None; those of this machine come last."""
    if _EAST_ASIAN.match(character) and _has(_packaged(CJK), character):
        return CJK
    for name in _other_fonts():
        if _has(name, character):
            return name
    return None


@cache
def _other_fonts() -> tuple[str, ...]:
    """The machine's own fonts that reportlab can read, registered, widest first."""
    paths = [path for folder in _font_folders() for path in _font_files(folder)]
    order = {name.lower(): place for place, name in enumerate(_PREFERRED)}
    paths.sort(key=lambda path: (order.get(path.name.lower(), len(order)), path.name, str(path)))
    names = []
    for path in paths[:_MAX_TRIED]:
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


# All namespaces at the top, where stricter readers look for them.
_EMPTY = b"""<?xpacket begin="\xef\xbb\xbf" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:xmp="http://ns.adobe.com/xap/1.0/"
 xmlns:pdf="http://ns.adobe.com/pdf/1.3/" xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/"/>
</rdf:RDF></x:xmpmeta>
<?xpacket end="w"?>"""


@dataclass(frozen=True, slots=True)
class Identity:
    """What a report is of and made by, for programs and archives.

    Attributes:
        study: its instance UID; "" of a report that is of no single study.
        recordings: view, file, equipment and instance UID of each.
        models: with the digest of their weights.

    """

    study: str
    recordings: tuple[str, ...] = ()
    models: tuple[str, ...] = ()


def report_document(
    content: BytesIO, *, size: tuple[float, float], title: str, version: str, language: str = "en"
) -> BaseDocTemplate:
    """A document of reportlab's that writes pages of `size` points to `content`; equal pages make equal bytes.

    Args:
        content: that the pages are written to.
        size: (width, height).
        title: of the document.
        version: of Kinecor.
        language: its code.

    """
    return BaseDocTemplate(
        content,
        pagesize=size,
        title=title,
        author="Kinecor",
        subject=RESEARCH_USE,
        creator=f"Kinecor {version}",
        lang=language,
        invariant=1,
        pageCompression=1,
    )


def archival(pdf: bytes, root: Element, *, made_on: date, identity: Identity) -> bytes:
    """A PDF of reportlab's as PDF/A-2b, tagged, with its identifiers among its properties.

    Args:
        pdf: drawn on a TaggedCanvas.
        root: of that canvas.
        made_on: the day on which it was made. The time is left out: equal pages of a day make equal bytes.
        identity: what it is of.

    """
    out = BytesIO()
    with pikepdf.open(BytesIO(pdf)) as document:
        write_structure(document, root)
        document.docinfo["/CreationDate"] = document.docinfo["/ModDate"] = f"D:{made_on:%Y%m%d}"
        profile = document.make_stream(srgb_profile(), N=3)
        intent = pikepdf.Dictionary(
            Type=pikepdf.Name.OutputIntent,
            S=pikepdf.Name.GTS_PDFA1,
            OutputConditionIdentifier=SRGB,
            Info=SRGB,
            DestOutputProfile=profile,
        )
        document.Root.OutputIntents = pikepdf.Array([document.make_indirect(intent)])
        for empty in ("/Trapped", "/Keywords"):  # what has nothing to say may not stand in one of the two places only
            if empty in document.docinfo:
                del document.docinfo[empty]
        document.Root.Metadata = document.make_stream(_EMPTY, Type=pikepdf.Name.Metadata, Subtype=pikepdf.Name.XML)
        with document.open_metadata(set_pikepdf_as_editor=False, update_docinfo=False) as xmp:
            xmp.load_from_docinfo(document.docinfo)
            xmp["xmp:CreateDate"] = xmp["xmp:ModifyDate"] = made_on.isoformat()
            # The properties of Dublin Core: those of a schema of its own would have to be described for PDF/A.
            if identity.study:
                xmp["dc:identifier"] = identity.study
            if identity.recordings:
                xmp["dc:source"] = "; ".join(identity.recordings)
            if identity.models:
                xmp["dc:relation"] = {"; ".join(identity.models)}
            xmp["pdfaid:part"], xmp["pdfaid:conformance"] = "2", "B"
        document.save(out, preserve_pdfa=True, deterministic_id=True, fix_metadata_version=False)
    return out.getvalue()


POINTS_PER_INCH = 72.0


def page_images(data: bytes, *, dots_per_inch: float, tick: Tick) -> tuple[NDArray[np.uint8], ...]:
    """The pages of a PDF file, each as (h, w, 3) RGB.

    Args:
        data: of the file.
        dots_per_inch: of the images.
        tick: may raise Cancelled.

    Raises:
        Cancelled: by `tick`.

    """
    tick(0, 0)
    document = pypdfium2.PdfDocument(data)
    try:
        pages = []
        for number in range(len(document)):
            tick(number, len(document))
            page = document[number]
            bitmap = page.render(scale=dots_per_inch / POINTS_PER_INCH, rev_byteorder=True)
            pages.append(np.array(bitmap.to_numpy()[..., :3], np.uint8))  # a copy: the bitmap is freed with its page
            bitmap.close()
            page.close()
        return tuple(pages)
    finally:
        document.close()
