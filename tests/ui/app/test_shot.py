from dataclasses import replace

import pytest
from PySide6.QtGui import QImage

from kinecor.core.strain.drawing import ON_DARK
from kinecor.core.values.errors import KinecorError
from kinecor.ui.app.application import shot
from kinecor.ui.commands import opening
from tests.readings import cine
from tests.ui.conftest import beating


def test_writes_an_image_of_the_analysed_window(themed, monkeypatch, tmp_path):
    monkeypatch.setattr(opening, "open_all", lambda paths, tick: ((cine(),), (), ()))
    shot("clip.dcm", tmp_path / "window.png", (1000, 700), propose=beating)
    image = QImage(str(tmp_path / "window.png"))
    assert (image.width(), image.height()) == (1000, 700)
    colours = {image.pixelColor(x, y).name() for x in range(0, 600, 2) for y in range(40, 500, 2)}
    assert "#f0e442" in colours


def test_with_strain_next_to_the_loop(themed, monkeypatch, tmp_path):
    loop = replace(cine(), view="A4C")
    monkeypatch.setattr(opening, "open_all", lambda paths, tick: ((loop,), (), ()))
    shot("clip.dcm", tmp_path / "strain.png", (1000, 700), propose=beating, strain=True)
    image = QImage(str(tmp_path / "strain.png"))
    colours = {image.pixelColor(x, y).name() for x in range(600) for y in range(40, 500)}
    assert ON_DARK[0] in colours


def test_says_why_nothing_could_be_opened(themed, monkeypatch, tmp_path):
    monkeypatch.setattr(opening, "open_all", lambda paths, tick: ((), ("a.txt: not an image.",), ()))
    with pytest.raises(KinecorError, match="not an image"):
        shot("a.txt", tmp_path / "window.png", propose=beating)
    assert not (tmp_path / "window.png").exists()


def test_says_when_the_image_cannot_be_written(themed, monkeypatch, tmp_path):
    monkeypatch.setattr(opening, "open_all", lambda paths, tick: ((cine(),), (), ()))
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(KinecorError, match="cannot be written"):
        shot("clip.dcm", tmp_path / "file" / "window.png", propose=beating)
