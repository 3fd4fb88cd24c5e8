"""Collects the text of the program for translation, and compiles the translations.

python installer/languages.py new CODE   begin a language, e.g. fr: its files without translations and its name
python installer/languages.py            update resources/kinecor_resources/languages/*.ts and *.po, then compile them
python installer/languages.py --list     print the text
python installer/languages.py --missing  print what has no translation yet

Widgets of the window say what they say through `tr` (app/kinecor/ui), constants and tables that these name, and other
tables of the program (actions, tools): kinecor_CODE.ts, by Qt's tools. Everything else is a `Message`: of checks,
values, the history, errors, reports and the command line: messages_CODE.po, by Babel. New text has no translation yet:
add it to the .ts or .po file (pyside6-linguist, Poedit, or a text editor), then run this again.
"""

import argparse
import ast
import io
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import get_args
from xml.etree import ElementTree

from babel.core import Locale, UnknownLocaleError
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_file
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parents[1]
UI = ROOT / "app/kinecor/ui"
APP = ROOT / "app/kinecor"
LANGUAGES = ROOT / "resources/kinecor_resources/languages"
# Functions whose first arguments are texts: (position, "c" for a context), as Babel has it; see core/values/message.py.
KEYWORDS = {"message": None, "fill": None, "plural": (1, 2), "in_context": ((1, "c"), 2)}
BIN = Path(sys.executable).parent
NAMES = "names.json"
"""What each language but English is called in itself, by its code."""


def called() -> Iterator[str]:
    """The text given to `tr`: as it stands there, or by the name of a constant or table of the same module."""
    for path in sorted(UI.rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        named = dict(_constants(tree))
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "tr":
                for part in ast.walk(node.args[0]):
                    yield from _said(named.get(part.id) if isinstance(part, ast.Name) else part)


def _constants(tree: ast.Module) -> Iterator[tuple[str, ast.expr]]:
    """The constants of a module, by name."""
    for node in tree.body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            yield node.targets[0].id, node.value
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.value is not None:
            yield node.target.id, node.value


def _said(node: ast.AST | None) -> Iterator[str]:
    """The text of a constant, or of the values of a table."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.Dict):
        for one in node.values:
            yield from _said(one)
    elif isinstance(node, ast.Tuple | ast.List):
        for one in node.elts:
            yield from _said(one)


def tabled() -> Iterator[str]:
    """The text of the program's tables."""
    from kinecor.core.table.measures import MEASURES
    from kinecor.ui.app.actions import ACTIONS, MOUSE, Menu
    from kinecor.ui.app.bars import TOOLS, mnemonic
    from kinecor.ui.app.exports import FORMATS
    from kinecor.ui.app.tour import STEPS
    from kinecor.ui.archive.calls import OBJECTS
    from kinecor.ui.archive.open_dialog import COLUMNS
    from kinecor.ui.report.draft import LETTERHEAD, PARTS
    from kinecor.ui.results.panel import ORDER
    from kinecor.ui.results.rows import COMPUTING
    from kinecor.ui.strain.page import APICAL_SHOWN, DEPTHS, RING_SHOWN
    from kinecor.ui.style.theme import STRUCTURE_NAMES
    from kinecor.ui.workspace.history import ONLY_THE_ANALYSIS, STAYS
    from kinecor.ui.workspace.propagation import NOTHING

    yield from (ONLY_THE_ANALYSIS, STAYS, NOTHING)
    for title in get_args(Menu):
        yield from (title, mnemonic(title))
    yield from (one.text for one in (*ACTIONS, *FORMATS))
    yield from (one.submenu for one in ACTIONS)
    yield from (one.word for one in TOOLS)
    yield from (words for step in STEPS for words in (step.title, step.words))
    yield from (words for _, words in OBJECTS)
    yield from COLUMNS
    yield from (words for pair in MOUSE for words in pair)
    yield from (one.short for one in MEASURES)
    yield from (*LETTERHEAD.values(), *PARTS.values())
    yield from ORDER
    yield from ("Prior", "Other systems", "Views and beats", "Biplane volumes", "LA volume", "GLS")
    yield from ("Provenance", "Choices", "Wall thickness", "Calibration", "History")
    yield from STRUCTURE_NAMES.values()
    yield COMPUTING.capitalize()
    yield from DEPTHS.values()
    yield from (words for words, _ in (*APICAL_SHOWN, *RING_SHOWN))
    yield "Go to"
    yield from ("Not analysed", "Automatic", "Edited", "Accepted")


def texts() -> list[str]:
    """All text to translate, each once."""
    return sorted({one for one in (*called(), *tabled()) if one.strip()})


def messages() -> Catalog:
    """All messages, by their English templates, with the files that they stand in."""
    catalogue = Catalog(project="Kinecor", fuzzy=False, creation_date=_DAY, revision_date=_DAY)
    for where, text, context in of_code():
        catalogue.add(text, locations=[(where, 0)], context=context)
    for where, text in of_data():
        catalogue.add(text, locations=[(where, 0)])
    return catalogue


@cache
def of_code() -> tuple[tuple[str, str | tuple[str, ...], str | None], ...]:
    """Messages that stand in the code: (file, text, context)."""
    return tuple(
        (path.relative_to(APP).as_posix(), text, context)
        for path in sorted(APP.rglob("*.py"))
        for _, text, _, context in extract_from_file("python", path, keywords=KEYWORDS)
    )


def of_data() -> Iterator[tuple[str, str]]:
    """Messages that stand in data files: (file, text)."""
    from kinecor.core.norms.norms import texts as of_norms
    from kinecor.io.report.templates import built_in_texts
    from kinecor_models.engines.engine import GPU_FULL
    from kinecor_models.registry import cards

    yield "models", GPU_FULL
    yield from (("reports", text) for text in sorted(built_in_texts()))
    yield from (("models", card.summary) for card in cards())
    yield from (("core/norms", words.template) for words in of_norms())


def translated(file: Path) -> Catalog:
    """The messages of the program with their translations of a .po file, as far as there are any."""
    catalogue = messages()
    with file.open("rb") as stream:
        known = read_po(stream, locale=file.stem.partition("_")[2])
    catalogue.locale = known.locale
    for entry in catalogue:
        if entry.id:
            before = known.get(_key(entry.id), entry.context)
            entry.string = before.string if before is not None else ("" if isinstance(entry.id, str) else ("", ""))
            if before is not None and isinstance(before.id, str) != isinstance(entry.id, str):
                entry.string = "" if isinstance(entry.id, str) else ("", "")
    return catalogue


def _key(text: str | tuple[str, ...]) -> str:
    return text if isinstance(text, str) else text[0]


def missing(catalogue: Catalog) -> list[str]:
    """Templates without a translation."""
    return [
        _key(one.id) for one in catalogue if one.id and not all([one.string] if isinstance(one.id, str) else one.string)
    ]


def written_po(catalogue: Catalog) -> bytes:
    """A .po file: by English text, without dates and line numbers, so that changes are small."""
    out = io.BytesIO()
    write_po(out, catalogue, width=0, sort_output=True, include_lineno=False, omit_header=False)
    lines = (line for line in out.getvalue().splitlines(keepends=True) if not line.startswith(_DATED))
    return b"".join(lines)


# One day for ever, so that the compiled file changes with its texts alone.
_DAY = datetime(2026, 1, 1, tzinfo=UTC)
_DATED = (b'"POT-Creation-Date', b'"PO-Revision-Date', b'"Last-Translator', b'"Report-Msgid', b'"Generated-By')


def main() -> None:
    """Update and compile the translations."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--list", action="store_true", help="only print the text")
    parser.add_argument("--missing", action="store_true", help="only print what has no translation")
    parser.add_argument("new", nargs="*", metavar="new CODE", help="begin a language by its ISO 639-1 code")
    options = parser.parse_args()
    if options.new:
        if len(options.new) != 2 or options.new[0] != "new":
            parser.error(f"expected: new CODE, got: {' '.join(options.new)}")
        try:
            begin(options.new[1])
        except ValueError as error:
            parser.error(str(error))
    if options.list:
        print("\n".join(map(repr, (*texts(), *(_key(one.id) for one in messages() if one.id)))))
        return
    for po in sorted(LANGUAGES.glob("*.po")):
        catalogue = translated(po)
        if options.missing:
            for text in missing(catalogue):
                print(f"{po.name}: {text!r}")
            continue
        po.write_bytes(written_po(catalogue))
        with po.with_suffix(".mo").open("wb") as compiled:
            write_mo(compiled, catalogue)
        print(f"written: {po.name}, {po.with_suffix('.mo').name}")
    if options.missing:
        for file, text in missing_in_window():
            print(f"{file}: {text!r}")
        return
    update_window()


def begin(code: str) -> None:
    """Add a language: an empty catalogue of messages, one of widgets, and its name in itself.

    Whatever lists languages reads these: the menu, preferences, reports, the options of commands.

    Args:
        code: ISO 639-1, e.g. "fr".

    Raises:
        ValueError: there is no such language, or it was begun already.

    """
    try:
        locale = Locale(code)
    except (UnknownLocaleError, ValueError) as error:
        raise ValueError(f"expected the code of a language (ISO 639-1), e.g. fr, got {code!r}") from error
    names_file = LANGUAGES / NAMES
    names = json.loads(names_file.read_text(encoding="utf-8"))
    if code in (*names, "en"):
        raise ValueError(f"{code} is there already: translate messages_{code}.po and kinecor_{code}.ts")
    catalogue = messages()
    catalogue.locale = locale
    po, ts = LANGUAGES / f"messages_{code}.po", LANGUAGES / f"kinecor_{code}.ts"
    po.write_bytes(written_po(catalogue))
    ts.write_text(f'<?xml version="1.0" encoding="utf-8"?>\n<!DOCTYPE TS>\n<TS version="2.1" language="{code}"/>\n')
    name = locale.get_display_name(code) or code
    names[code] = name[:1].upper() + name[1:]
    names_file.write_text(json.dumps(names, ensure_ascii=False, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    print(f"begun: {names[code]} ({po.name}, {ts.name}, {NAMES})")


def missing_in_window() -> Iterator[tuple[str, str]]:
    """Texts of widgets without a translation, by file."""
    for ts in sorted(LANGUAGES.glob("*.ts")):
        known = {one.findtext("source"): one.findtext("translation") for one in ElementTree.parse(ts).iter("message")}
        yield from ((ts.name, text) for text in texts() if not known.get(text))


def update_window() -> None:
    """The texts of widgets, by Qt's tools."""
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "texts.py"
        lines = (f'QT_TRANSLATE_NOOP("Kinecor", {_quoted(one)})' for one in texts())
        source.write_text("\n".join(lines) + "\n", encoding="utf-8")
        for ts in sorted(LANGUAGES.glob("*.ts")):
            update = [BIN / "pyside6-lupdate", "-no-obsolete", "-locations", "none", source, "-ts", ts]
            subprocess.run(update, check=True, stdout=subprocess.DEVNULL)
            subprocess.run([BIN / "pyside6-lrelease", ts, "-qm", ts.with_suffix(".qm"), "-silent"], check=True)
            print(f"written: {ts.name}, {ts.with_suffix('.qm').name}")


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


if __name__ == "__main__":
    main()
