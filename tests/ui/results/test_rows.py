import re
from dataclasses import replace

import pytest
from PySide6.QtCore import QRect
from PySide6.QtGui import QFontMetrics

from kinecor.core.norms.norms import Context, Person, grade_value
from kinecor.core.table.measures import Measurement, Quantity, Status
from kinecor.core.values.events import Beat, CardiacEvents
from kinecor.core.values.interval import Interval
from kinecor.core.values.message import message
from kinecor.core.values.track import Origin
from kinecor.ui.results import row_list
from kinecor.ui.results.cards import HeadlineCard, PairsCard
from kinecor.ui.results.content import SAME_REASON, Content, Headline, Pair, Section, awaiting
from kinecor.ui.results.row_list import RowList
from kinecor.ui.results.rows import Span, awaited_row, details, row
from kinecor.ui.results.rows_widget import WRAP
from kinecor.ui.style import theme
from kinecor.ui.workspace.computing import Awaited
from tests.readings import cine, read

READING = read(cine(30))
EF = Measurement(
    "EF",
    Quantity(58.1, "%"),
    "%",
    "method of disks (single plane)",
    (0, 15),
    (),
    ("model:unet@1.2+ff", "Dr Grey"),
    0.934,
    Status.AUTO,
)


def test_a_row_in_words():
    made = row(EF, READING)
    assert (made.code, made.name, made.value, made.unit) == ("EF", "Ejection fraction", "58", "%")
    assert (made.frames, made.by, made.confidence) == ("ED 1, ES 16", "unet@1.2, Dr Grey", "0.93")
    assert made.status == "automatic"


def test_rates_and_flows_get_the_digits_they_deserve():
    output = replace(EF, code="CO", quantity=Quantity(4.256, "l/min"), unit="l/min")
    rate = replace(EF, code="HR", quantity=Quantity(61.7, "1/min"), unit="1/min")
    assert (row(output, READING).value, row(rate, READING).value) == ("4.3", "62")
    assert row(rate, READING).unit == "/min"


def test_a_withheld_value_is_a_dash_with_its_reason():
    made = row(replace(EF, quantity=None, status=Status.WITHHELD, note=message("no scale"), confidence=None), READING)
    assert (made.value, made.note, made.status, made.confidence) == ("–", "no scale", "withheld", "")


def test_frames_of_many_beats_are_left_to_the_method():
    events = CardiacEvents((Beat(0, 6), Beat(12, 18)), Origin.MODEL)
    assert row(replace(EF, frames=(0, 6, 12, 18)), READING.with_(events=events)).frames == ""


@pytest.mark.parametrize(
    ("code", "value", "flag", "grade"),
    [
        ("GLS", -16.7, "Borderline", "Borderline"),
        ("GLS", -13.0, "Reduced", "Reduced"),
        ("EF", 35.0, "Low", "Moderately abnormal"),
    ],
)
def test_a_value_has_one_word_in_its_row_and_on_its_card(code, value, flag, grade):
    found = grade_value(code, value, Person("F", 60.0, 1.7), Context("US"))
    assert found is not None
    span = Span(found, value)
    assert (span.flag_word, span.grade) == (flag, grade)


def test_rows_take_no_more_room_than_they_need_once_their_values_are_final(themed, qtbot):
    final = tuple(replace(awaited_row(code), value="75", kind=Status.AUTO, computing=False) for code in ("CO", "HR"))
    widget, fresh = RowList(headed=True), RowList(headed=True)
    for one in (widget, fresh):
        qtbot.addWidget(one)
        one.resize(300, 200)
    widget.show_rows([replace(one, computing=True) for one in final])
    widget.show_rows(final)
    fresh.show_rows(final)
    assert [widget.box(number) for number in (0, 1)] == [fresh.box(number) for number in (0, 1)]
    assert widget.height() == fresh.height() == widget.box(1).bottom() + 1


def test_a_row_of_one_view_names_it_whole_next_to_its_interval(themed, qtbot, monkeypatch):
    shown = []
    monkeypatch.setattr(row_list, "elided", lambda text, font, room: shown.append((text, room, font)) or text)
    widget = RowList(headed=True)
    qtbot.addWidget(widget)
    widget.resize(298, 200)  # as wide as the panel of a window of 1366 pixels
    values = [("EDV", "185", "ml", "162–211"), ("CO", "4.0", "l/min", "± 1.8"), ("GLSPS", "−16.7", "%", "")]
    widget.show_rows(
        [
            replace(
                awaited_row(code), value=value, unit=unit, interval=interval, kind=Status.AUTO, view="A2C", index="96"
            )
            for code, value, unit, interval in values
        ]
    )
    widget.grab()
    views = [(room, QFontMetrics(font).horizontalAdvance(text)) for text, room, font in shown if text == "A2C"]
    assert len(views) == 3
    assert all(room >= wide for room, wide in views)


def test_gls_may_change_as_long_as_another_view_is_computed():
    gls, ef = awaited_row("GLS"), awaited_row("EF")
    done = [replace(one, computing=False, kind=Status.AUTO, owner=0, value="1", reason="") for one in (gls, ef)]
    content = Content(headline=Headline("EF", done[1]), rows=(done[0],))
    shown = awaiting(content, {1: Awaited.STRAIN}, stack=False)
    assert shown.rows[0].computing  # of one view: it becomes the mean of two
    assert not shown.headline.row.computing
    assert awaiting(content, {}, stack=False) is content
    strain = awaiting(Content(headline=Headline("GLS", done[0])), {1: Awaited.STRAIN}, stack=False)
    assert strain.headline.row.computing


def test_what_is_still_computed_is_not_listed_as_withheld():
    """Before any contour there was, EDV and ESV stood under "Withheld for the same reason"."""
    withheld = [
        replace(awaited_row(code, owner=0), computing=False, kind=Status.WITHHELD, repeated=True)
        for code in ("EDV", "SV")
    ]
    elsewhere = replace(withheld[1], owner=1)
    content = Content(sections=(Section(SAME_REASON, "EDV, SV", (withheld[0], elsewhere)),))
    shown = awaiting(content, {0: Awaited.ALL}, stack=False)
    assert [row.code for row in shown.rows] == ["EDV"]
    assert [(section.title, section.rows[0].code) for section in shown.sections] == [(SAME_REASON, "SV")]
    assert awaiting(content, {}, stack=False) is content


def test_a_stack_waits_in_the_card_of_both_ventricles():
    """Its long axes had rows before it had: the card said "EF biplane" meanwhile."""
    of_long_axes = Content(rows=(replace(awaited_row("EF", owner=1), computing=False, kind=Status.WITHHELD),))
    shown = awaiting(of_long_axes, {0: Awaited.ALL}, stack=True)
    assert shown.pairs
    assert all(pair.left.computing for pair in shown.pairs)


def drawn(widget, qtbot, *, wide):
    qtbot.addWidget(widget)
    widget.resize(wide, max(widget.height(), 40))
    return widget.grab().toImage()


@pytest.mark.parametrize("wide", [216, 240, 292, 308, 424])
@pytest.mark.parametrize(
    ("code", "value", "interval", "unit"),
    [("EDV", "185", "± 32", "ml"), ("CO", "4.0", "± 1.8", "l/min"), ("ESV", "120", "102–141", "ml")],
)
def test_the_view_of_a_value_is_shown_at_every_width(themed, qtbot, wide, code, value, interval, unit):
    """Of a single plane, "EDV A…" was all there was on a small screen: the value of another view looked the same."""

    def image(view):
        shown = replace(awaited_row(code), value=value, unit=unit, interval=interval, index="97", kind=Status.AUTO)
        widget = RowList()
        widget.show_rows([replace(shown, computing=False, view=view)])
        return drawn(widget, qtbot, wide=wide)

    assert image("A2C") != image("A3C")
    assert image("A4C Baseline") != image("A4C Peak")


def test_the_selected_value_stays_selected_where_rows_change_places(themed, qtbot):
    """Enter accepted the value that had come to the place of the one that was selected."""
    widget = RowList()
    qtbot.addWidget(widget)
    rows = [replace(awaited_row("GLS", owner), computing=False) for owner in (1, 2, 0)]
    widget.show_rows(rows)
    widget.choose(2)
    widget.show_rows([rows[2], *rows[:2]])
    assert widget.rows[widget.current].owner == 0
    assert widget.chosen == {(0, "GLS")}
    widget.show_rows(rows[:2])
    assert widget.current == 0


def severe(interval):
    found = grade_value("EF", 26.0, Person("M", 60.0, 1.7), Context("US"))
    assert found is not None
    shown = replace(awaited_row("EF"), computing=False, kind=Status.AUTO, value="26", unit="%", interval=interval)
    return replace(shown, span=Span(found, 26.0))


@pytest.mark.parametrize("wide", [216, 240, 308])
def test_ef_has_its_interval_next_to_a_long_flag_in_a_narrow_panel(themed, qtbot, wide):
    images = []
    for interval in ("± 7", "± 9"):
        card = HeadlineCard()
        card.resize(wide, 200)
        card.show_headline(Headline("EF biplane", severe(interval)))
        images.append(drawn(card, qtbot, wide=wide))
    assert images[0] != images[1]


def test_both_planes_stay_on_the_card_next_to_an_earlier_ef(themed, qtbot):
    images = []
    for two in ("26 %", "31 %"):
        card = HeadlineCard()
        card.resize(292, 200)
        card.show_headline(Headline("EF biplane", severe("± 7"), (("A4C", "29 %"), ("A2C", two)), "Prior 56 %"))
        images.append(drawn(card, qtbot, wide=292))
    assert images[0] != images[1]


def test_the_interval_of_a_stacks_ef_stays_where_there_is_a_range(themed, qtbot):
    images = []
    for interval in ("", "± 12", "± 18"):
        card = PairsCard()
        card.resize(292, 200)
        card.show_pairs([Pair("EF", severe(interval), replace(severe(interval), code="RVEF"))])
        images.append((drawn(card, qtbot, wide=292), card.height()))
    assert images[1][0] != images[2][0]
    assert images[1][1] > images[0][1]  # the flag moved down


def test_a_long_reason_ends_with_a_whole_word_on_its_last_line(themed, qtbot):
    """A fifth line was cut through the middle of its letters."""
    words = "a reason of many words " * 20
    shown = row_list._within_lines(words, 11, 270, row_list.MAX_LINES)
    assert shown.endswith("\N{HORIZONTAL ELLIPSIS}")
    assert words.startswith(shown[:-1])
    assert words[len(shown) - 1] == " "
    metrics = QFontMetrics(theme.font(11))
    high = metrics.boundingRect(QRect(0, 0, 270, 1000), WRAP, shown).height()
    assert high <= row_list.MAX_LINES * metrics.lineSpacing()
    assert row_list._within_lines("a short reason", 11, 270, row_list.MAX_LINES) == "a short reason"


def ef_row(value, interval):
    """EF of a man with an interval."""
    found = grade_value("EF", value, Person("M", 60.0, 1.7), Context("US"), interval)
    assert found is not None
    shown = replace(awaited_row("EF"), computing=False, kind=Status.AUTO, value=f"{value:.0f}", unit="%")
    return replace(shown, span=Span(found, value), imprecise=found.statement.imprecise)


@pytest.mark.parametrize(
    ("value", "interval", "flag", "grade"),
    [
        (62.0, Interval(56, 67), "Normal", "Normal"),
        (51.0, Interval(44, 57), "Normal to low", "Normal to mildly abnormal"),
        (41.0, Interval(35, 46.5), "Low", "Mildly to moderately abnormal"),
        (68.0, Interval(5, 89), "", "Not measured well enough"),
    ],
)
def test_what_a_row_says_follows_from_its_interval(themed, value, interval, flag, grade):
    one = ef_row(value, interval)
    assert one.class_words == grade
    assert one.span.flag_word == flag
    assert one.span.abnormal is (flag == "Low")
    assert one.muted is (flag == "")
    shown = details(one)
    assert ("Not measured well enough" in shown) is (flag == "")
    assert "normal " in shown
    assert re.search(r"\d+ %", one.span.likely)


def test_a_value_that_is_not_measured_well_enough_is_small_and_without_colour(themed, qtbot):
    sizes = {}
    for name, one in (("sure", ef_row(26.0, Interval(20, 29))), ("open", ef_row(26.0, Interval(2, 44)))):
        card = HeadlineCard()
        qtbot.addWidget(card)
        card.resize(308, 200)
        card.show_headline(Headline("EF biplane", replace(one, interval="20–29")))
        image = card.grab().toImage()
        red = sum(
            image.pixelColor(x, y).red() > 180 and image.pixelColor(x, y).green() < 130
            for x in range(image.width())
            for y in range(image.height())
        )
        sizes[name] = card._digits_px, red
    assert sizes["open"][0] < 20 < sizes["sure"][0]
    assert sizes["open"][1] == 0 < sizes["sure"][1]


def test_the_reason_of_a_withheld_value_is_shown_whole(themed, qtbot):
    """That of LAV was cut after four lines, and it is all that the row says."""
    words = "A4C and A2C: contours of the left atrium leave the image or have a low confidence at ES, " * 3
    assert row_list._within_lines(words, 11, 270, row_list.MAX_LINES) != words
    withheld = replace(awaited_row("LAV"), computing=False, kind=Status.WITHHELD, reason=words)
    rows = RowList()
    qtbot.addWidget(rows)
    rows.resize(270, 200)
    rows.show_rows((withheld,))
    assert row_list._within_lines(words, 11, 270, row_list._max_lines(withheld)) == words
    needed = QFontMetrics(theme.font(11)).boundingRect(QRect(0, 0, 250, 1000), WRAP, words).height()
    assert rows.box(0).height() >= needed
