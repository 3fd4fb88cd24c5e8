"""German pages of the user guide say what the English ones say, and the window shows them."""

import re
from collections import Counter
from pathlib import Path

import pytest

from kinecor.ui.app.actions import ACTIONS, key_words
from kinecor.ui.app.guide import FIRST, PAGES, Guide, anchor_of, place_of, title_of
from kinecor.ui.style.language import use_language
from tests.test_docs import DOCS, FENCED, LINK, generator, text

GERMAN = DOCS / "de"
GENERATED = ["guide/shortcuts", "measurements"]
WRITTEN = [*(f"guide/{name}" for name in PAGES if name != "shortcuts"), FIRST, "glossary", "installing"]
HEADING = re.compile(r"^(#+) ", re.MULTILINE)
PICTURE = re.compile(r"!\[[^\]]*\]\(([^)]+)\)")
COMMENT = re.compile(r"<!--.*?-->\s*", re.DOTALL)
NUMBER = re.compile(r"\d+(?:\.\d+)*")


@pytest.fixture
def german(qapp):
    use_language(qapp, "de")
    yield
    use_language(qapp, "en")


def both(name):
    return (COMMENT.sub("", text(folder / f"{name}.md")).strip() for folder in (DOCS, GERMAN))


def blocks(page):
    """The paragraphs, lists and tables of a page, without code."""
    return FENCED.sub("```\n", page).split("\n\n")


def numbers(block, *, german=False):
    """How often each number stands in a block, as English writes it; the names of keys and links have none."""
    plain = re.sub(r"\]\([^)]*\)|`[^`]*`", "", block)
    if german:
        plain = re.sub(r"(?<=\d),(?=\d)", ".", re.sub(r"(?<=\d)\u00a0(?=\d{3})", "", plain))
    else:
        plain = re.sub(r"(?<=\d),(?=\d{3}\b)", "", plain)
    return Counter(NUMBER.findall(plain))


def targets(folder, page):
    """What the links and pictures of a page lead to, without headings; German pages count as the English ones."""
    for one in LINK.findall(FENCED.sub("", page)):
        if "://" in one:
            yield one
        else:
            path = (folder / one.partition("#")[0]).resolve()
            yield str(DOCS / path.relative_to(GERMAN)) if path.is_relative_to(GERMAN) else str(path)


def test_every_page_of_the_guide_is_there_in_german():
    assert {page.relative_to(GERMAN).with_suffix("").as_posix() for page in GERMAN.rglob("*.md")} == {
        *WRITTEN,
        *GENERATED,
    }


@pytest.mark.parametrize("name", WRITTEN)
def test_a_german_page_has_the_parts_of_the_english_one(name):
    english, own = both(name)
    assert HEADING.findall(own) == HEADING.findall(english)
    assert [Path(one).name for one in PICTURE.findall(own)] == [Path(one).name for one in PICTURE.findall(english)]
    assert [(m[0].partition("\n")[0], m[1]) for m in FENCED.finditer(own)] == [
        (m[0].partition("\n")[0], m[1]) for m in FENCED.finditer(english)
    ]
    here = Path(f"{name}.md").parent
    assert Counter(targets(GERMAN / here, own)) >= Counter(targets(DOCS / here, english))
    for theirs, mine in zip(blocks(english), blocks(own), strict=True):
        assert len(re.findall(r"^- ", mine, re.MULTILINE)) == len(re.findall(r"^- ", theirs, re.MULTILINE)), mine
        rows = [[line.count("|") for line in one.splitlines() if line.startswith("|")] for one in (mine, theirs)]
        assert rows[0] == rows[1], mine
        assert numbers(mine, german=True) == numbers(theirs), mine


def test_a_changed_number_is_seen():
    assert numbers("3,5 von 50\u00a0000", german=True) == numbers("3.5 of 50,000")
    assert numbers("3,6 von 50\u00a0000", german=True) != numbers("3.5 of 50,000")


def test_german_pages_were_written_from_the_english_ones_as_they_are():
    made = generator()
    old = [
        page.relative_to(GERMAN).as_posix()
        for english, page in made.translations()
        if made.DIGEST.search(text(page))[1] != made.digest_of(text(english))
    ]
    assert old == [], (
        "the English pages were changed: change docs/de/PAGE, then python docs/generate.py --translated PAGE"
    )


def test_figures_of_tables_are_those_of_the_english_page():
    made = generator()
    for english, page in made.translations():
        assert made.with_figures(text(english), text(page)) == text(page), "run: python docs/generate.py"
    table = "| a | 1.25 | 3 / 4 |\n"
    assert made.with_figures(table, "| b | 9 | 9 |\n") == "| b | 1,25 | 3 / 4 |\n"
    assert made.with_figures(table, "| b | 9 |\n") == "| b | 9 |\n"


def test_words_and_numbers_in_text_change_the_digest_but_figures_in_tables_do_not():
    digest = generator().digest_of
    page = "One line,\n3 lines.\n\n| a | 4.5 ms |\n"
    assert digest(page.replace("4.5", "5.5")) == digest(page)
    assert digest(page.replace("line,\n", "line, ")) == digest(page)
    assert digest(page.replace("3", "4")) != digest(page)
    assert digest(page.replace("| a", "| b")) != digest(page)


def test_keys_are_called_as_in_the_german_window(german):
    made = generator()
    for action in ACTIONS:
        for key in action.keys:
            assert made._key(key, german=True) == key_words(key)


@pytest.mark.parametrize("name", WRITTEN)
def test_links_between_german_pages_find_their_headings(name):
    page = GERMAN / f"{name}.md"
    for target in LINK.findall(FENCED.sub("", text(page))):
        path, _, anchor = target.partition("#")
        if anchor and "://" not in target:
            headings = re.findall(r"^#+ (.*)$", text(page.parent / path), re.MULTILINE)
            assert anchor in map(anchor_of, headings)


def test_the_guide_of_a_german_window_is_german(german, themed, qtbot):
    guide = Guide()
    qtbot.addWidget(guide)
    guide.show_page("checks")
    assert guide.page.path == GERMAN / "guide/checks.md"
    assert guide.page.toPlainText().startswith("Prüfungen\n")
    listed = [guide.pages.item(row).text() for row in range(guide.pages.count())]
    assert listed[:3] == ["Übersicht", "Echo", "Cine-MRT"]
    assert guide.pages.currentItem().text() == "Prüfungen"
    guide.words.setText("Widersprüche")
    assert guide.page.textCursor().selectedText() == "Widersprüche"


def test_a_page_without_a_german_one_is_shown_in_english(german, monkeypatch, tmp_path):
    monkeypatch.setattr("kinecor.ui.app.guide.documents", lambda: tmp_path)
    (tmp_path / "guide").mkdir()
    (tmp_path / "guide/echo.md").write_text("# Echo in English\n", encoding="utf-8")
    assert title_of("echo") == "Echo in English"
    (tmp_path / "de/guide").mkdir(parents=True)
    (tmp_path / "de/guide/echo.md").write_text("# Echo auf Deutsch\n", encoding="utf-8")
    assert title_of("echo") == "Echo auf Deutsch"
    assert place_of("echo").parent == tmp_path / "de/guide"
