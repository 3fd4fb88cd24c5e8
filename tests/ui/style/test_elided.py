"""Lines of text that are shortened where they have no room."""

from kinecor.ui.style.elided import ElidedLabel


def test_parts_without_room_are_left_out_whole(qtbot):
    label = ElidedLabel("46 frames  \N{MIDDLE DOT}  50 frames/s  \N{MIDDLE DOT}  256 x 256")
    qtbot.addWidget(label)
    wide = label.fontMetrics().horizontalAdvance(label.text())
    label.resize(wide + 2, 20)
    assert label.shown == label.text()
    label.resize(wide - 10, 20)
    assert label.shown == "46 frames  \N{MIDDLE DOT}  50 frames/s"
    label.resize(20, 20)
    assert label.shown.endswith("\N{HORIZONTAL ELLIPSIS}")
