"""Wall motion scores in result.json."""

from kinecor.core.values.study import first_study_reading
from kinecor.io.export.result import cine_entry, document
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
