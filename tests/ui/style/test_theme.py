"""Both themes: enough contrast, no colour fixed at import, a window that changes over."""

import ast
from dataclasses import fields, replace
from pathlib import Path

import pytest
from PySide6.QtGui import QColor

import kinecor.ui
from kinecor.ui.app.application import made_again
from kinecor.ui.app.modes import Mode
from kinecor.ui.style import on_image, theme
from kinecor.ui.style.palettes import DARK, LIGHT, PALETTES
from tests.ui.study.test_study_list import of

UI = Path(kinecor.ui.__file__).parent
COLOURS = {one.name.upper() for one in fields(DARK)}


def luminance(colour):
    """Relative luminance as WCAG 2.2 defines it."""
    parts = [QColor(colour).redF(), QColor(colour).greenF(), QColor(colour).blueF()]
    linear = [one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in parts]
    return sum(share * one for share, one in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one, other):
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("name", PALETTES)
def test_contrast(name):
    palette = PALETTES[name]
    for ground in (palette.background, palette.ground, palette.strip):
        for colour in (palette.text, palette.soft, palette.quiet, palette.warning, palette.bad, palette.good):
            assert contrast(colour, ground) >= 4.5, (colour, ground)
        for colour in (palette.accent, palette.focus, *palette.structures.values()):
            assert contrast(colour, ground) >= 3, (colour, ground)
    for ground in (palette.raised, palette.chosen):
        assert contrast(palette.text, ground) >= 7
        assert contrast(palette.soft, ground) >= 4.5
    assert contrast(palette.warning, palette.warning_ground) >= 4.5
    assert contrast("#ffffff", palette.primary) >= 4.5


def test_contours_are_seen_on_black_in_every_theme():
    assert all(contrast(colour, theme.IMAGE) >= 3 for colour in on_image.STRUCTURE_COLOURS.values())
    assert DARK.text == on_image.TEXT


def at_import(tree):
    """Nodes that run when a module is imported: not the bodies of functions."""
    due = list(tree.body)
    while due:
        node = due.pop()
        yield node
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            due += [*node.args.defaults, *(one for one in node.args.kw_defaults if one)]
        elif not isinstance(node, ast.Lambda):
            due += ast.iter_child_nodes(node)


def test_no_colour_of_the_theme_is_taken_at_import():
    taken = []
    for path in UI.rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        if "import on_image as theme" in text:
            continue
        taken += [
            f"{path.relative_to(UI)}:{node.lineno}"
            for node in at_import(ast.parse(text))
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)
            if node.value.id == "theme" and node.attr in COLOURS | {"STRUCTURE_COLOURS", "SEGMENT_COLOURS"}
        ]
    assert taken == []


def test_the_window_changes_over_with_its_study(open_window, qtbot):
    window = open_window([of("Doe", "1.1", 1), of("Doe", "1.1", 2)])
    window.workspace.show(1)
    qtbot.waitUntil(lambda: not window.busy)
    window.player.seek(3)
    window.show_mode(Mode.REVIEW)
    reading = window.workspace.reading
    dark = window.reading.curve.grab().toImage().pixelColor(2, 2)
    asked = []
    window.look_chosen.connect(lambda: asked.append(window.settings.theme))
    window.actions_by_name["light"].trigger()
    window.actions_by_name["light"].trigger()
    assert asked == ["light"]
    window.settings = replace(window.settings, language="en")
    again = made_again(window)
    qtbot.addWidget(again)
    qtbot.waitUntil(lambda: not again.busy)
    assert not window.isVisible()
    assert (again.workspace.index, again.player.frame, again.mode) == (1, 3, Mode.REVIEW)
    assert again.workspace.reading.tracks.keys() == reading.tracks.keys()
    assert again.actions_by_name["light"].isChecked()
    assert LIGHT.text == theme.TEXT
    light = again.reading.curve.grab().toImage().pixelColor(2, 2)
    assert luminance(light.name()) > 0.6 > luminance(dark.name())
    image = again.image.grab().toImage()
    assert luminance(image.pixelColor(1, image.height() // 2).name()) < 0.05
    again.close()


def test_a_theme_that_is_not_known_is_the_dark_one(data_dir):
    from kinecor.ui.app import settings

    settings.save(replace(settings.Settings(), theme="pink"))
    assert settings.load().theme == "dark"
