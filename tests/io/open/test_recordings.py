"""Stills named as in CAMUS, or by their headers, open as pairs; wrong pairs stay apart, with the reason."""

from dataclasses import replace

import imagecodecs
import numpy as np
import pytest

from kinecor.core.table.over_views import study_measurements
from kinecor.core.table.table import measurements
from kinecor.core.values.calibration import Calibration
from kinecor.core.values.errors import KinecorError
from kinecor.core.values.reading import first_reading
from kinecor.core.values.recording import ArrayFrames, CineSequence, Instance, Patient, Source
from kinecor.core.values.stills import mismatch, stills_as_recording
from kinecor.core.values.track import ContourTrack, Origin, Structure
from kinecor.core.volumes.loop_volumes import volume_events
from kinecor.io.open.recordings import open_path, with_pairs
from kinecor.session.edits import SetEvents, SetTrack
from tests.readings import ellipse


def still(path, *, shade=0, size=(96, 128), scale=0.5, view=None, patient="", study="", header="", digest=None):
    source = Source(
        path=path,
        recording_id=path,
        study_id=study or path,
        modality="US",
        patient=Patient(patient_id=patient),
        extra=(("Comment", header),) if header else (),
        digest=digest or f"{path}{shade}",
    )
    instances = (Instance(path, "1", path, "2", study),) if study else ()
    return CineSequence(
        frames=ArrayFrames(np.full((1, *size), shade, np.uint8)),
        times_s=np.zeros(1),
        times_origin="single frame",
        calibration=Calibration(scale, scale, "test") if scale else None,
        source=source,
        view=view,
        instances=instances,
    )


def camus(folder="data", **changes):
    names = [f"{folder}/patient0001_{view}_{phase}.png" for view in ("2CH", "4CH") for phase in ("ED", "ES")]
    return [still(name, shade=number, **changes) for number, name in enumerate(names)]


def test_four_stills_are_two_pairs_of_one_study():
    two, four = with_pairs(camus())
    assert (two.view, four.view, two.view_by) == ("A2C", "A4C", "file name")
    assert (len(two), two.times_origin, two.stills) == (2, "assumed", True)
    assert [int(two.frames[frame][0, 0]) for frame in (0, 1)] == [0, 1]
    assert two.source.study_id == four.source.study_id != camus()[0].source.study_id
    assert two.source.patient.patient_id == "patient0001"
    again, _ = with_pairs(camus()[::-1])
    assert again.source.study_id == two.source.study_id
    assert {one.source.recording_id for one in with_pairs(camus()[::-1])} == {
        two.source.recording_id, four.source.recording_id,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("ed", "es"),
    [
        ("a/Smith AP4 end-diastole.png", "a/Smith AP4 end-systole.png"),
        ("a/4ch-ed.jpg", "a/4ch-es.jpg"),
        ("a/x_A3C_ED.nii.gz", "a/x_A3C_ES.nii.gz"),
    ],
)
def test_other_names_of_a_pair(ed, es):
    assert len(with_pairs([still(ed), still(es)])) == 1


@pytest.mark.parametrize(
    ("ed", "es"),
    [
        ("a/p1_4CH_ED.png", "a/p2_4CH_ES.png"),
        ("a/p1_4CH_ED.png", "b/p1_4CH_ES.png"),
        ("a/p1_4CH_ED.png", "a/p1_2CH_ES.png"),
        ("a/p1_ED.png", "a/p1_ES.png"),
        ("a/p1_4CH_ED.png", "a/p1_4CH_1.png"),
    ],
)
def test_stills_that_are_named_otherwise_stay_apart(ed, es):
    apart = with_pairs([still(ed), still(es)])
    assert len(apart) == 2
    assert not any(one.warnings for one in apart)


def test_two_stills_at_one_phase_are_not_guessed_at():
    assert len(with_pairs([still("a/p_4CH_ED.png"), still("a/p_A4C_ED.png"), still("a/p_4CH_ES.png")])) == 3


def test_a_pair_by_header_is_of_its_study():
    ed = still("1.dcm", study="7", view="A4C", header="End diastole")
    es = still("2.dcm", study="7", view="A4C", header="end-systolic frame")
    other = still("3.dcm", study="8", view="A4C", header="end systole")
    pair, left = with_pairs([ed, es, other])
    assert (pair.source.study_id, pair.view_by) == ("7", "header")
    assert left is other


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"size": (90, 128)}, "differ in size: 96 x 128 and 90 x 128"),
        ({"scale": 0.4}, "scales differ: 0.5 and 0.4 mm"),
        ({"scale": None}, "only one of them has a scale"),
        ({"patient": "other"}, "two patients"),
    ],
)
def test_a_wrong_pair_stays_apart_with_the_reason(change, why):
    ed, es = still("a/p_4CH_ED.png", patient="p"), still("a/p_4CH_ES.png", **{"patient": "p", **change})
    apart = with_pairs([ed, es])
    assert len(apart) == 2
    assert all(why in one.warnings[0] for one in apart)
    assert "p_4CH_ES.png" in apart[0].warnings[0]
    with pytest.raises(KinecorError, match="choose two stills"):
        stills_as_recording(ed, es)


def test_one_image_twice_and_a_loop_are_no_pair():
    one = still("a.png", digest="same")
    assert mismatch(one, still("b.png", digest="same")) == "both are the same image"
    loop = replace(one, frames=ArrayFrames(np.zeros((3, 96, 128), np.uint8)), times_s=np.arange(3.0))
    assert mismatch(one, loop) == "a still has one frame"
    assert "two views" in mismatch(still("a", view="A4C"), still("b", view="A2C"))


def contoured(pair, at_ed, at_es):
    outlines = tuple(ellipse(64, 45, *size) for size in (at_ed, at_es))
    track = ContourTrack(Structure.LV_ENDO, outlines, (Origin.MODEL,) * 2, np.full(2, 0.9))
    reading = SetTrack(track).apply(first_reading(pair), "model:a@1")
    return SetEvents(volume_events(reading)).apply(reading, "model:a@1")


def test_a_biplane_ef_from_four_stills():
    readings = [contoured(one, (20, 30), (15, 25)) for one in with_pairs(camus())]
    rows = {row.code: row for row in study_measurements(readings)}
    assert rows["EF"].quantity.value == pytest.approx(100 * (1 - 15**2 * 25 / (20**2 * 30)), abs=0.5)
    assert "GLS" not in rows


def test_es_larger_than_ed_is_not_measured():
    (pair,) = with_pairs(camus()[:2])
    rows = {row.code: row for row in measurements(contoured(pair, (15, 25), (20, 30)))}
    assert rows["EF"].quantity is None
    assert "not smaller than at ED" in rows["EF"].note


def test_a_folder_of_png_opens_as_pairs(tmp_path):
    for number, name in enumerate(("4CH_ED", "4CH_ES", "2CH_ED", "2CH_ES")):
        image = np.full((64, 80), 40 * number, np.uint8)
        (tmp_path / f"patient0001_{name}.png").write_bytes(imagecodecs.png_encode(image))
    opened = open_path(tmp_path, spacing_mm=(0.6, 0.6))
    assert [(one.view, len(one)) for one in opened.recordings] == [("A2C", 2), ("A4C", 2)]
    assert len({one.source.study_id for one in opened.recordings}) == 1
