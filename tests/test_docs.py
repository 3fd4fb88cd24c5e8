"""Links, commands and paths in the documents hold; generated pages are up to date."""

import importlib.util
import json
import re
import shlex
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

import kinecor
from kinecor.cli.commands import parse_command_line
from kinecor.ui.app.actions import ACTIONS
from kinecor_lab.common import commands as lab
from kinecor_lab.common.table import Column, Table, report, spread
from kinecor_models.registry import cards

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
OUTER = [ROOT / f"{name}.md" for name in ("README", "CONTRIBUTING", "SECURITY", "CHANGELOG")]
PAGES = sorted(DOCS.rglob("*.md"))
WRITTEN = [
    *OUTER,
    *(page for page in PAGES if page.parent.name not in ("validation", "models", "decisions", "research")),
]

# [text](target), also of images; not in code.
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
FENCED = re.compile(r"^```\w*\n(.*?)^```", re.MULTILINE | re.DOTALL)
# A shortcut of the window.
KEY = re.compile(r"\b(?:Ctrl|Alt|Shift)\+(?:Shift\+)?[A-Z]\b")
# A path from the root of the tree in backticks; NNNN, PAGE and NAME are placeholders.
TREE = re.compile(r"`((?:app|models|resources|docs|tests|installer|benchmarks)/[\w./-]+)`")

# A file named in code by the end of its path, from a folder that the tree has.
NAMED = re.compile(
    r"(?<![\w./-])((?:app|models|resources|docs|tests|installer|benchmarks|core|session|io|analysis|ui|cli)"
    r"/[\w./-]+?\.(?:py|md|toml|json|csv|po|ts))\b"
)
MAX_DECISION_LINES = 25


def text(page):
    return page.read_text(encoding="utf-8")


def generator():
    spec = importlib.util.spec_from_file_location("docs_generate", DOCS / "generate.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def commands():
    """(page, words) of every `kinecor` command in a fenced block; comments are cut off."""
    for page in [*OUTER, *PAGES]:
        for block in FENCED.findall(text(page)):
            for line in block.splitlines():
                words = shlex.split(line, comments=True)
                if words[:1] == ["kinecor"]:
                    # Trainings and evaluations import torch.
                    marks = pytest.mark.slow if words[1:2] in (["train"], ["evaluate"]) else ()
                    yield pytest.param(words[1:], id=f"{page.stem}: {line}", marks=marks)


@pytest.mark.parametrize("page", [*OUTER, *PAGES], ids=lambda page: page.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(page):
    targets = [one.partition("#")[0] for one in LINK.findall(FENCED.sub("", text(page))) if "://" not in one]
    missing = [one for one in targets if one and not (page.parent / one).exists()]
    assert missing == []


@pytest.mark.parametrize("page", WRITTEN, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_paths_exist(page):
    named = [one for one in TREE.findall(text(page)) if not re.search(r"NNNN|PAGE|NAME", one)]
    assert [one for one in named if not (ROOT / one).exists()] == []


def test_the_tests_that_show_what_is_secure_exist():
    named = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", (ROOT / "SECURITY.md").read_text(encoding="utf-8"))
    assert len(named) > 30
    assert [f"{file}::{name}" for file, name in named if f"def {name}(" not in _source(ROOT / file)] == []


def _source(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.exists() else ""


def test_where_things_are_is_true():
    """A file without its folder is beside the last one with a path, and names in a row are in one of its files."""
    table = text(DOCS / "architecture.md").partition("## Where is ...?")[2].partition("##")[0]
    rows = [line.split(" | ") for line in table.splitlines() if line.startswith("| ") and "`" in line]
    assert len(rows) >= 20
    wrong = []
    for what, where in rows:
        here, contents, words = ROOT, "", []
        for name in re.findall(r"`([^`]+)`", where):
            path = ROOT / name if (ROOT / name).exists() else here / name
            if not path.exists():
                words.append(name)
                continue
            here = path if path.is_dir() else path.parent
            contents += text(path) if path.suffix == ".py" else ""
        commands = ("python ", "import ")
        wrong += [
            f"{what.strip('| ')}: {word}"
            for word in words
            if not word.startswith(commands) and not re.search(rf"\b{re.escape(word)}\b", contents)
        ]
    assert wrong == []


def test_files_named_in_code_exist():
    """Comments and docstrings name files by the end of their path; recipes name files that a reader would add."""
    folders = ("app", "models", "resources", "docs", "tests", "installer", "benchmarks")
    files = [path.as_posix() for folder in folders for path in (ROOT / folder).rglob("*") if path.is_file()]
    stale = [
        f"{path.relative_to(ROOT).as_posix()}: {name}"
        for folder in folders
        for path in sorted((ROOT / folder).rglob("*.py"))
        if path != ROOT / "tests/test_recipes.py"
        for name in NAMED.findall(text(path))
        if not re.search(r"NNNN|PAGE|NAME", name) and not any(file.endswith(f"/{name}") for file in files)
    ]
    assert stale == []


def test_decisions_named_in_code_and_documents_exist():
    numbers = {file.name[:4] for file in (DOCS / "decisions").glob("0*.md")}
    pages = [*OUTER, *PAGES, *(path for folder in ("app", "models") for path in (ROOT / folder).rglob("*.py"))]
    named = {(page, number) for page in pages for number in re.findall(r"decisions?[ /](0\d{3})", text(page))}
    assert [(page.name, number) for page, number in named if number not in numbers] == []


def test_decisions_are_short():
    """A date and a few lines; what was measured and tried at length is a research note of the same number."""
    decisions = sorted((DOCS / "decisions").glob("0*.md"))
    assert [file.name for file in decisions if len(text(file).splitlines()) > MAX_DECISION_LINES] == []
    assert {file.name for file in (DOCS / "research").glob("0*.md")} <= {file.name for file in decisions}


@pytest.mark.parametrize("page", WRITTEN, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_shortcuts_are_those_of_the_window(page):
    known = {key for action in ACTIONS for key in action.keys}
    assert set(KEY.findall(text(page))) - known == set()


@pytest.mark.parametrize("words", list(commands()))
def test_commands_parse(words, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("PATH").touch()
    Path("corrected.nii.gz").touch()
    Path("list.txt").write_text("PATH\n", encoding="utf-8")
    chosen = parse_command_line(words)
    if chosen.command not in ("train", "evaluate"):
        return
    name, *options = chosen.rest
    modules = lab.TRAIN if chosen.command == "train" else lab.EVALUATE | {"look": lab.EVALUATE["realism"]}
    assert name in modules
    module = import_module(modules[name])
    if "--signed" in options:
        import_module("kinecor_lab.tasks.site.train").parser(name).parse_args(options)
    elif hasattr(module, "parser"):
        module.parser().parse_args(options)


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({"row": "CNN", "column": "DSC"}, "0.761 (0.199)"),
        ({"row": "CNN", "column": "HD"}, "10.6 (10.5)"),  # the first of two columns
    ],
)
def test_a_cell_can_be_taken_from_another_section(wanted, found):
    assert generator()._cell({"of": "short-axis/2-circular", **wanted}, "") == found


def test_one_of_several_values_and_a_row_that_is_no_longer_there():
    cell = {"of": "sequence/3-convlstm", "row": "single frames, seven", "column": "mFIP"}
    assert generator()._cell(cell | {"part": 1}, "") == "0.0082"
    with pytest.raises(ValueError, match="found none"):
        generator()._cell(cell | {"row": "no such row"}, "")


def test_generated_pages_are_up_to_date():
    expected = generator().pages()
    stale = [path.name for path, page in expected.items() if not path.exists() or text(path) != page]
    assert stale == [], "run: python docs/generate.py"
    generated = {page for page in PAGES if "Generated by docs/generate.py" in text(page)}
    assert generated == {path for path in expected if path.suffix == ".md"}


def test_every_key_of_the_result_is_described():
    schema = json.loads(text(DOCS / "formats/result.schema.json"))
    keys = {key for part in schema["$defs"].values() for key in part.get("properties", {})}
    assert {key for key in keys if f"`{key}" not in text(DOCS / "formats/result.md")} <= {"version"}


def test_the_output_of_an_evaluation_becomes_a_section(tmp_path, capsys):
    columns = Column("structure", form=""), Column("n", form="d"), Column("Dice"), Column("bias", "mm", "+.1f")
    table = Table("Overlap", columns, (("LV", 3, spread([0.9, 0.92, 0.94]), 0.5), ("LA", 0, spread([]), None)))
    report("lv-apical", ["--data", "camus"], "Contours", [table], out=tmp_path, seed=7, models={"lv-apical": "1.2.0"})
    capsys.readouterr()
    section = generator()._section(json.loads(text(tmp_path / "lv-apical.json")) | {"date": "2026-11-22"})
    assert section.startswith("## Contours\n\nMeasured 2026-11-22. ")
    assert "lv-apical 1.2.0" in section
    assert "seed 7" in section
    assert "kinecor evaluate lv-apical --data camus\n" in section
    assert "| structure | n | Dice | bias, mm |" in section
    assert "| LV | 3 | 0.920 ± 0.020 | +0.5 |\n| LA | 0 | - |  |" in section


def test_the_citation_names_this_version():
    assert f"\nversion: {kinecor.__version__}\n" in (ROOT / "CITATION.cff").read_text(encoding="utf-8")


def test_the_readme_names_the_two_commands():
    assert "python3 installer/dev.py run" in text(ROOT / "README.md")
    assert "python3 installer/dev.py test" in text(ROOT / "README.md")


def test_the_readme_is_short_and_has_the_four_lines_of_python():
    readme = text(ROOT / "README.md")
    assert len(readme.encode()) < 6000
    (code,) = re.findall(r"^```python\n(.*?)^```", readme, re.MULTILINE | re.DOTALL)
    assert len([line for line in code.splitlines() if line]) == 4


def test_every_licence_of_the_weights_is_in_the_package():
    folder = ROOT / "models/kinecor_models/weights/LICENSES"
    for card in cards():
        assert (folder / f"{card.licence.replace(' ', '-')}.txt").exists()
        assert card.name in text(folder / "NOTICE.txt")


@pytest.mark.slow
def test_the_site_builds_without_a_warning(tmp_path):
    pytest.importorskip("mkdocs")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(tmp_path / "site")]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert (tmp_path / "site/index.html").exists()
