"""Wall motion scores in result.json and in the report."""

import pypdfium2

from kinecor.core.values.study import first_study_reading
from kinecor.io.export.result import cine_entry, document
from kinecor.io.report.study_report import Member, study_report_bytes
from kinecor.session.edits import SetWallMotion
from tests.readings import cine, read


def test_scores_of_a_study_are_written_with_their_index() -> None:
    recording = cine()
    reading = read(recording)
    study = first_study_reading("1.2.3", (recording,))
    scored = SetWallMotion("", (2, 4, *(1,) * 13, None), (2,)).apply(study, "Ada")
    entry = document([cine_entry("a", recording, reading)], ["1.2.3"], [reading], {"1.2.3": scored})["studies"][0]
    (found,) = entry["wall_motion"]
    assert found["scores"] == [2, 4, *[1] * 13, None]
    assert (found["stage"], found["aneurysms"], found["by"]) == ("", [2], "Ada")
    assert found["index"] == round(19 / 15, 4)
    assert "wall_motion" not in document([cine_entry("a", recording, reading)], ["1.2.3"], [reading])["studies"][0]


def test_the_report_shows_the_scores_of_each_stage() -> None:
    recording = cine()
    study = first_study_reading("1.2.3", (recording,))
    for stage, scores in (("Baseline", (1,) * 16), ("Peak", (1, 3, *(1,) * 14))):
        study = SetWallMotion(stage, scores, (2,) if stage == "Peak" else ()).apply(study, "Ada")
    document = pypdfium2.PdfDocument(
        study_report_bytes([Member(recording, read(recording))], study, software_version="1")
    )
    text = " ".join(" ".join(page.get_textpage().get_text_bounded().split()) for page in document)
    document.close()
    assert "Wall motion, Peak" in text
    assert "Baseline: WMSI 1.00 (16 of 16 segments), scored by Ada" in text
    assert "scored by Ada: basal anteroseptal akinetic (aneurysm)" in text
    assert "4 dyskinetic. The index is the mean over the segments scored." in text
