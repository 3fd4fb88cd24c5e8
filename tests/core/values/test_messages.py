"""Texts of values: their English, and what another language makes of the data that they carry."""

import pickle
from datetime import date

import pytest

from kinecor.core.norms.norms import Context, Person, grade_value, texts
from kinecor.core.report.language import language
from kinecor.core.table.measures import BY_CODE, Quantity, format_quantity, format_signed, name_of
from kinecor.core.table.table import measurements
from kinecor.core.values.calibration import Calibration
from kinecor.core.values.choices import StrainChoices, layer_words
from kinecor.core.values.errors import KinecorError, error_message
from kinecor.core.values.message import Message, chain_texts, message, plural, verbatim
from kinecor.core.values.reading import Decision
from kinecor.core.values.study import Demographics
from kinecor.core.volumes.segments import names_of
from tests.core.strains import reading

GERMAN = language("de")


def rows(one):
    return {row.code: row for row in measurements(one)}


def test_english_is_filled_as_other_languages_are():
    made = message("{day}: {share:.1f} % of {what}", day=date(2026, 11, 2), share=51.46, what=verbatim("A4C"))
    assert made == "2026-11-02: 51.5 % of A4C"
    assert GERMAN.render(made) == "02.11.2026: 51,5 % of A4C"


@pytest.mark.parametrize(
    ("parts", "words"), [((), ""), (("EDV",), "EDV"), (("EDV", "ESV", "HR"), "EDV and ESV and HR")]
)
def test_codes_are_chained(parts, words):
    assert chain_texts(parts) == words


def test_a_count_decides_and_methods_of_text_stay():
    one, two = (plural("{count} frame", "{count} frames", count) for count in (1, 2))
    assert (one, two) == ("1 frame", "2 frames")
    assert two.count("f") == 1
    assert pickle.loads(pickle.dumps(two)).plural_count == 2


def test_numbers_have_the_decimals_of_the_language_and_a_true_minus():
    shown = format_quantity(Quantity(-17.46, "%"), "GLS")
    assert (shown, GERMAN.render(shown)) == ("−17.5 %", "−17,5 %")
    assert GERMAN.render(format_signed(-0.04)) == "0,0"
    assert GERMAN.render(Calibration(0.5, 0.25, verbatim("x")).words) == "0,5 × 0,25 mm/px"


def test_every_row_of_the_table_carries_its_data():
    accepted = Decision("GLS", accepted=False, value=None, by="Anna")
    one = reading().with_(strain=StrainChoices((0,)), authors={"strain": "Anna"}, decisions={"GLS": accepted})
    found = rows(one)
    assert all(isinstance(row.method, Message) for row in found.values())
    assert all(isinstance(row.note, Message) for row in found.values() if row.note is not None)
    assert {"without basal inferoseptal"} <= set(found["GLS"].method.split("; "))
    parts = GERMAN.render(found["GLS"].method).split("; ")
    assert parts[:3] == ["Wandmitte", "Konturen und Bewegung", "ES beim kleinsten Volumen"]
    assert parts[-1] == "ohne basal inferoseptal"
    assert GERMAN.render(found["GLS"].note) == "abgelehnt von Anna"


def test_what_a_value_needs_is_said_in_the_language():
    found = rows(reading())
    assert found["SV"].note == "no scale: lengths and volumes need millimetres per pixel"
    assert GERMAN.render(found["SV"].note).startswith("kein Maßstab:")
    calibrated = reading().with_(calibration=Calibration(0.5, 0.5, verbatim("test")))
    output = rows(calibrated)["CO"].method
    assert GERMAN.render(output).endswith("/min (ED zu ED)")
    assert GERMAN.render(output) != str(output)


def test_segments_and_layers_are_named():
    assert names_of("A4C")[1] == "Mid inferoseptal"
    assert GERMAN.render(names_of("A4C")[1]) == "Mittventrikulär inferoseptal"
    assert GERMAN.render(names_of(None)[0]) == "Basal links"
    assert GERMAN.render(layer_words(0.25)) == "25% tief in der Wand"
    assert GERMAN.render(name_of("LS3")) == "Strain, Segment 3"
    assert all(isinstance(measure.name, Message) for measure in BY_CODE.values())


def test_words_of_reference_sources_are_in_the_catalogue():
    assert all(GERMAN.render(words) != str(words) for words in texts())
    low = grade_value("EF", 35.0, Person("M", 60.0), Context("US", view="A4C"))
    assert low is not None
    assert low.words == "below range, moderately abnormal"
    assert GERMAN.render(low.words) == "erniedrigt, mittelgradig"
    assert GERMAN.render(low.caveat) == "der Normbereich gilt für die biplane Methode"


def test_an_error_keeps_what_it_says():
    with pytest.raises(ValueError, match=r"^height: expected 30 to 260 cm, got 1\.8$") as caught:
        Demographics(height_cm=1.8)
    assert GERMAN.render(error_message(caught.value)) == "Größe: 30 bis 260 cm wurden erwartet, nicht 1,8"
    assert error_message(OSError(2, "gone")) == "[Errno 2] gone"
    assert error_message(KinecorError(message("the files have no heart rate"))) == "the files have no heart rate"
