"""What the window says of edits, files and models is German in the German window, and words of persons are not."""

import re
import zipfile

import msgspec
import pytest

from kinecor.core.report.language import ENGLISH, language
from kinecor.core.values.choices import StrainChoices
from kinecor.core.values.errors import KinecorError
from kinecor.core.values.message import Message, message, verbatim
from kinecor.core.values.track import STRUCTURE_NAMES, Structure
from kinecor.io.archive.nodes import Node, Receiver, check_ae_title, warn_if_open
from kinecor.io.open.recordings import open_path
from kinecor.session.edits import (
    AcknowledgeFinding,
    Decide,
    OnSlice,
    RemoveTrack,
    SetComment,
    SetDemographics,
    SetNotes,
    SetReportText,
    SetStage,
    SetStrainChoices,
    SetWithheld,
    Several,
)
from kinecor.session.edits.study import Entered
from kinecor.session.journal import Journal
from kinecor.session.store import Store
from kinecor_models.engines.engine import GPU_FULL
from kinecor_models.registry import cards
from tests.session.samples import ALL_EDITS, ALL_STACK_EDITS, first
from tests.session.test_codec import GOLDEN

GERMAN = language("de")
WORDS = re.compile(r"\b(?:the|this|it|is|are|were|of|and|with|without|expected|cannot|removed|frames?|slices?)\b")
EDITS = [*ALL_EDITS, *ALL_STACK_EDITS, *(edit for edit, _, _ in GOLDEN)]


def is_german(text, folder=""):
    """Whether no English word is left of a message, the name of a folder aside."""
    return isinstance(text, Message) and not WORDS.search(GERMAN.render(text).replace(str(folder), ""))


@pytest.mark.parametrize("edit", EDITS, ids=lambda one: type(one).__name__)
def test_a_summary_in_the_history_is_german(edit):
    summary = edit.summary
    assert isinstance(summary, Message)
    assert ENGLISH.render(summary) == str(summary)
    assert is_german(summary), GERMAN.render(summary)


@pytest.mark.parametrize(
    ("edit", "english", "german"),
    [
        (OnSlice(3, RemoveTrack(Structure.LV_EPI)), "slice 4: LV epicardium removed", "Schicht 4: LV-Epikard entfernt"),
        (Decide("EF", True, 51.5, 55.0, "%"), "EF 55 % replaced by 51.5 %", "EF 55 % ersetzt durch 51,5 %"),
        (
            SetStrainChoices(StrainChoices((1, 5), True, 0.5)),
            "strain: 2 segments excluded, drift compensation on, depth 50%",
            "Strain: 2 Segmente ausgeschlossen, Driftkompensation ein, Tiefe 50%",
        ),
        (
            SetDemographics(Entered(birth_date="1961-07-30", height_cm=171.5)),
            "patient: born 1961-07-30, height 171.5 cm",
            "Patient/in: geboren 30.07.1961, Größe 171,5 cm",
        ),
    ],
)
def test_numbers_and_dates_of_a_summary_are_german(edit, english, german):
    assert edit.summary == english
    assert GERMAN.render(edit.summary) == german


READERS = "frame 3 (Dr. Frame 2.5)"


@pytest.mark.parametrize(
    "edit",
    [
        AcknowledgeFinding("rate", "2026-11-22T20:00:00+00:00", READERS),
        SetReportText("impression", READERS, "", {}),
        SetStage("1.2.3", READERS),
    ],
)
def test_words_of_a_reader_are_the_same_in_every_language(edit):
    assert edit.summary.endswith(READERS)
    assert GERMAN.render(edit.summary).endswith(READERS)
    assert GERMAN.render(edit.summary) != edit.summary


def test_a_reader_s_words_are_no_message_even_where_they_read_like_one():
    assert (
        GERMAN.render(SetReportText("impression", "comment removed", "", {}).summary) == "Beurteilung: comment removed"
    )
    assert GERMAN.render(SetComment("EF", "").summary) == "EF: Kommentar entfernt"


def refused(path):
    return open_path(path).refused[0].reason


def refusals(folder):
    """Messages of files that cannot be opened, and of settings that cannot be used."""
    yield refused(folder / "missing")
    (folder / "empty.dcm").touch()
    yield refused(folder / "empty.dcm")
    (folder / "text.dcm").write_text("no recording")
    yield refused(folder / "text.dcm")
    (folder / "damaged.nii").write_bytes(b"\x00" * 400)
    yield refused(folder / "damaged.nii")
    (folder / "damaged.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    yield refused(folder / "damaged.png")
    with zipfile.ZipFile(folder / "nothing.zip", "w") as archive:
        archive.writestr("a.txt", "no recording")
    yield refused(folder / "nothing.zip")
    (folder / "inner").mkdir()
    yield refused(folder / "inner")
    yield warn_if_open(Receiver(host=""))
    for make in (
        lambda: Node("", "host"),
        lambda: Node("Archive"),
        lambda: check_ae_title("\\"),
        lambda: Store.open(folder / "text.dcm"),
    ):
        with pytest.raises(KinecorError) as error:
            make()
        yield error.value.message


def test_why_something_cannot_be_used_is_german(tmp_path):
    for reason in refusals(tmp_path):
        assert WORDS.search(reason), reason
        assert is_german(reason, tmp_path), GERMAN.render(reason)


def test_what_the_system_says_stays_as_it_is():
    said = message(
        "Expected a readable file, the system says: {reason}; check the disk and the path", reason=verbatim("I/O error")
    )
    assert "I/O error" in GERMAN.render(said)


def history(path):
    with Store.open(path) as store:
        journal = Journal(store)
        journal.open(first())
        return [GERMAN.render(entry.summary) for entry in journal.history("1.2.3")]


def test_the_history_of_a_file_that_is_opened_again_is_german(tmp_path):
    path = tmp_path / "study.kinecor"
    label = message("{edit}, refined by {model}", edit=STRUCTURE_NAMES[Structure.LV_EPI], model=verbatim("frame@2"))
    with Store.open(path) as store:
        journal = Journal(store)
        journal.open(first())
        journal.do("1.2.3", Several(label, (SetNotes("a"),)), "Anna")
        journal.do("1.2.3", SetWithheld(message("contours need an ultrasound clip")), "Anna")
        journal.undo("1.2.3", "Anna")
    reason = GERMAN.render(message("contours need an ultrasound clip"))
    assert history(path) == [
        "LV-Epikard, verfeinert durch frame@2",
        f"nicht gemessen: {reason}",
        f"rückgängig: nicht gemessen: {reason}",
    ]


def test_labels_of_files_of_earlier_versions_are_german_where_they_are_in_the_catalogue(tmp_path):
    path = tmp_path / "study.kinecor"
    with Store.open(path) as store:
        for label in ("provisional contours", "propagated to {24} frames"):
            store.append("Anna", "1.2.3", "several/1", msgspec.json.encode({"label": label, "edits": []}))
    assert history(path) == ["vorläufige Konturen", "propagated to {24} frames"]


@pytest.mark.parametrize("card", cards(), ids=lambda card: card.name)
def test_what_a_model_does_is_german(card):
    assert is_german(message(card.summary))


def test_the_notice_of_a_full_gpu_is_german():
    assert is_german(message(GPU_FULL))
