"""Segmentations and presentation states over the images: a click in the study list shows and hides them."""

from PySide6.QtGui import QColor

from kinecor.io.open.recordings import open_path
from kinecor.io.write.presentation import write_presentation
from kinecor.ui.study.study_rows import Paper
from kinecor.ui.tiles.foreign import COLOUR
from tests.io.write.sources import AT, read_clip, write_clip


def drawn_pixels(widget) -> int:
    image = widget.grab().toImage()
    wanted = QColor(COLOUR)
    return sum(
        abs(image.pixelColor(x, y).red() - wanted.red()) + abs(image.pixelColor(x, y).blue() - wanted.blue()) < 12
        for y in range(image.height())
        for x in range(0, image.width(), 2)
    )


def test_a_presentation_state_is_shown_and_hidden(open_window, qtbot, tmp_path):
    clip = write_clip(tmp_path / "clip.dcm")
    write_presentation(tmp_path / "pr.dcm", read_clip(clip), AT)
    opened = open_path(tmp_path)
    window = open_window(list(opened.recordings))
    window.workspace.add((), (), opened.documents)
    window.study_list.model.load()
    (number,) = (at for at, one in enumerate(window.workspace.opened.documents) if one.path.endswith("pr.dcm"))
    board, model = window.reading.board, window.study_list.model
    window.study_list.document_wanted.emit(number)
    qtbot.waitUntil(lambda: bool(board.documents.paths))
    (paper,) = (row for row in model.rows if isinstance(row, Paper))
    assert paper.drawn
    qtbot.waitUntil(lambda: drawn_pixels(window.image) > 50)
    window.study_list.document_wanted.emit(number)
    assert not board.documents.paths
    (paper,) = (row for row in model.rows if isinstance(row, Paper))
    assert not paper.drawn
    assert drawn_pixels(window.image) == 0
