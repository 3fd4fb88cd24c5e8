"""Collects the text of the window for translation, with Qt's tools, and compiles the translations.

python installer/languages.py            update resources/kinecor_resources/languages/*.ts, then compile them to *.qm
python installer/languages.py --list     print the text

Text comes from calls of `tr` in app/kinecor/ui, from the constants and tables that these name, and from other tables of
the program (actions, tools, short names of measurements; their names are texts of reports).
New text has no translation yet: add it to the .ts file (pyside6-linguist, or a text editor), then run this again.
"""

import argparse
import ast
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

ROOT = Path(__file__).resolve().parents[1]
UI = ROOT / "app/kinecor/ui"
LANGUAGES = ROOT / "resources/kinecor_resources/languages"
BIN = Path(sys.executable).parent


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
    from kinecor import RESEARCH_USE
    from kinecor.core.table.measures import MEASURES
    from kinecor.core.values.callipers import NAMED
    from kinecor.core.values.track import STRUCTURE_NAMES as WITHIN_SENTENCES
    from kinecor.core.volumes.event_choices import SOURCES
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
    from kinecor.ui.workspace.propagation import NOTHING
    from kinecor.ui.workspace.workspace import ONLY_THE_ANALYSIS, STAYS

    yield from (RESEARCH_USE, ONLY_THE_ANALYSIS, STAYS, NOTHING)
    for title in get_args(Menu):
        yield from (title, mnemonic(title))
    yield from (one.text for one in (*ACTIONS, *FORMATS))
    yield from (one.word for one in TOOLS)
    yield from (words for step in STEPS for words in (step.title, step.words))
    yield from (words for _, words in OBJECTS)
    yield from COLUMNS
    yield from (words for pair in MOUSE for words in pair)
    yield from (one.short for one in MEASURES)
    yield from (one.words for one in NAMED.values())
    yield from (*LETTERHEAD.values(), *PARTS.values())
    yield from ORDER
    yield from ("Prior", "Other systems", "Views and beats", "Biplane volumes", "LA volume", "GLS")
    yield from ("Provenance", "Choices", "Wall thickness", "Calibration", "History")
    yield from (*STRUCTURE_NAMES.values(), *WITHIN_SENTENCES.values())
    yield COMPUTING.capitalize()
    yield from SOURCES
    yield from DEPTHS.values()
    yield from (words for words, _ in (*APICAL_SHOWN, *RING_SHOWN))
    yield "Go to"
    yield from ("Not analysed", "Automatic", "Edited", "Accepted")


def texts() -> list[str]:
    """All text to translate, each once."""
    return sorted({one for one in (*called(), *tabled()) if one.strip()})


def main() -> None:
    """Update and compile the translations."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--list", action="store_true", help="only print the text")
    if parser.parse_args().list:
        print("\n".join(map(repr, texts())))
        return
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
