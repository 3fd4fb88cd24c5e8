"""Lines of text that are shortened where they have no room."""

from PySide6.QtCore import Qt

from kinecor.ui.style.elided import ElidedLabel, broken_lines


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


def test_a_name_goes_on_in_the_next_line_after_a_word(qtbot):
    metrics = ElidedLabel().fontMetrics()
    room = metrics.horizontalAdvance("Colour Doppl")
    assert broken_lines("Colour Doppler", metrics, room) == ["Colour", "Doppler"]
    assert broken_lines("sa_cine_12sl_first", metrics, metrics.horizontalAdvance("sa_cine_12sl")) == [
        "sa_cine_",
        "12sl_first",
    ]
    assert broken_lines("A4C", metrics, room) == ["A4C"]
    assert broken_lines("", metrics, room) == [""]


def test_the_last_line_is_shortened_where_a_name_has_even_less_room(qtbot):
    metrics = ElidedLabel().fontMetrics()
    room = metrics.horizontalAdvance("patient0015")
    first, last = broken_lines("patient0015" * 4, metrics, room)
    assert first == "patient0015"
    assert last.endswith("\N{HORIZONTAL ELLIPSIS}")
    assert all(metrics.horizontalAdvance(line) <= room for line in (first, last))
    (only,) = broken_lines("patient0015" * 4, metrics, room, 1, Qt.TextElideMode.ElideLeft)
    assert only.endswith("0015")
