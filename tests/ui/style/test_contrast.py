"""Text has the contrast of WCAG 2.2 AA in both themes, painted or in labels, on images and on panels."""

import pytest
from PySide6.QtWidgets import QApplication

from kinecor.ui.app.modes import Mode
from kinecor.ui.style.palettes import PALETTES
from kinecor.ui.style.theme import apply_theme
from tests import stacks
from tests.readings import cine
from tests.ui.style.painted_text import painted_texts


@pytest.fixture(params=PALETTES)
def palette(request, themed):
    apply_theme(themed, PALETTES[request.param])
    yield PALETTES[request.param]
    apply_theme(themed)


def too_faint(texts):
    return [
        f"{text.text!r} {text.pen.name()} on {text.ground.name()}: {text.contrast:.1f}, needs {text.required}"
        for text in texts
        if text.contrast < text.required
    ]


@pytest.mark.parametrize("recording", ["echo", "stack"])
def test_painted_text_is_legible(open_window, palette, recording):
    window = open_window([cine()] if recording == "echo" else [stacks.stack()])
    faint = []
    for mode in (Mode.REVIEW, Mode.MEASURE, Mode.STRAIN):
        window.show_mode(mode)
        for checks in (False, True):
            window.reading.show_checks(checks)
            QApplication.processEvents()
            texts = painted_texts(window)
            assert len(texts) > 10
            faint += too_faint(texts)
    assert not faint, "\n".join(sorted(set(faint)))
