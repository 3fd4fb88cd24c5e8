"""The language of a report and of the window: messages rendered from a catalogue, numbers and dates by locale."""

import gettext
from datetime import date

import pytest

from kinecor.core.report.language import ENGLISH, Language, language
from kinecor.core.values.message import (
    NOTHING,
    in_context,
    join_texts,
    joined_by,
    list_texts,
    message,
    number,
    plural,
    verbatim,
)

GERMAN = language("de")


class Catalogue(gettext.NullTranslations):
    """Two words of a language, by template and by (context, template)."""

    def __init__(self, texts):
        super().__init__()
        self.texts = texts

    def gettext(self, text):
        return self.texts.get(text, text)

    def pgettext(self, context, text):
        return self.texts.get((context, text), text)

    def ngettext(self, single, several, count):
        return self.texts.get(single if count == 1 else several, single if count == 1 else several)


def test_numbers_dates_and_lists():
    share = message("{share:.1f} % of {views}, lv-apical@1.2.0", share=-15.9, views=list_texts(["A4C", "A2C", "A3C"]))
    assert share == "-15.9 % of A4C, A2C and A3C, lv-apical@1.2.0"
    assert Language("de", "Deutsch").render(share) == "-15,9 % of A4C, A2C and A3C, lv-apical@1.2.0"
    assert GERMAN.render(number(0.84, ".2f")) == "0,84"
    assert GERMAN.render(number(12, "g")) == "12"
    assert GERMAN.date(date(2026, 11, 22)) == "22.11.2026"
    assert GERMAN.day("2026-11-22 10:58") == "22.11.2026 10:58"
    assert GERMAN.day("unknown") == "unknown"
    assert [GERMAN.iso_day(text) for text in ("1.7.2025", "01.07.2025", "yesterday", "40.7.2025")] == [
        *("2025-07-01", "2025-07-01", "yesterday", "40.7.2025"),
    ]
    assert GERMAN.listed(["A4C", "A2C", "A3C"]) == "A4C, A2C und A3C"
    assert GERMAN.listed(["A4C"]) == "A4C"
    assert ENGLISH.day("2026-11-22") == "2026-11-22"


def test_messages_within_messages_are_rendered_with_their_forms():
    found = Language(
        "de",
        "Test",
        Catalogue(
            {
                "{ventricle} of normal size.": "Normal groß: {ventricle}.",
                "left ventricle": "linker Ventrikel",
                ("sex", "other"): "d",
                "{count} frame": "{count} Bild",
                "{count} frames": "{count} Bilder",
            }
        ),
    )
    size = message("{ventricle} of normal size.", ventricle=message("left ventricle").capitalised())
    assert size == "Left ventricle of normal size."
    assert found.render(size) == "Normal groß: Linker Ventrikel."
    assert (
        found.render(join_texts(size.clause(), "; ", in_context("sex", "other"))) == "Normal groß: Linker Ventrikel; d"
    )
    counts = [plural("{count} frame", "{count} frames", count) for count in (0, 1, 2)]
    assert [found.render(one) for one in counts] == ["0 Bilder", "1 Bild", "2 Bilder"]
    assert found.render(joined_by(", ", (counts[1], NOTHING, verbatim("A4C")))) == "1 Bild, A4C"
    assert found.render(message("no translation {share:.0f} %", share=51.6)) == "no translation 52 %"


def test_what_a_person_wrote_and_codes_are_never_changed():
    own = "frame 3 (Dr. Frame 2.5), EF {EF} above range"
    said = message("{reason} (frame {frame})", reason=verbatim(own), frame=4)
    assert GERMAN.render(said) == f"{own} (Bild 4)"
    assert GERMAN.render(verbatim("above range")) == "above range"


def test_a_rendered_text_is_kept_for_its_language_alone():
    text = message("not available")
    assert [GERMAN.render(text), ENGLISH.render(text), GERMAN.render(text)] == [
        *("nicht verfügbar", "not available", "nicht verfügbar"),
    ]


def test_another_language_is_refused():
    assert language("") is ENGLISH
    with pytest.raises(ValueError, match="expected en or de"):
        language("tlh")
