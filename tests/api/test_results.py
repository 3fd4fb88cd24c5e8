import pickle
import threading
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import FrozenInstanceError
from functools import partial
from multiprocessing import get_context

import numpy as np
import pytest

import kinecor
from kinecor.core.checks.assessment import assess
from kinecor.io.export.tidy import TIDY


def a4c(result):
    return next(one for one in result.recordings if one.view == "A4C")


def test_values_have_unit_interval_trust_and_method(result):
    ef = result["EF"]
    assert ef.value == pytest.approx(35, abs=10)
    assert ef.unit == "%"
    assert ef.interval.low < ef.value < ef.interval.high
    assert ef.trust in ("ok", "check")
    assert "biplane" in ef.method
    assert ef.recording == ""
    assert str(ef).startswith(f"EF {ef.value:.0f} %")
    single = a4c(result)["EF"]
    assert single.recording == a4c(result).id
    assert single.view == "A4C"
    assert single.value != ef.value


def test_a_value_that_is_not_there_is_answered_with_those_there_are(result):
    with pytest.raises(kinecor.MissingValueError, match="EDV") as caught:
        result["XYZ"]
    assert isinstance(caught.value, kinecor.Error)
    assert isinstance(caught.value, KeyError)
    assert result.get("XYZ") is None


def test_contours_masks_events_curves_and_strain(result):
    one = a4c(result)
    ed, es = one.beats[0]
    assert one.events["ed"] == tuple(beat.ed for beat in one.beats)
    assert one.structures == ("lv_endo", "lv_epi", "la")
    endo = one.contour("lv_endo", frame=ed)
    assert endo.shape[1] == 2
    assert not endo.flags.writeable
    mask = one.mask(ed)
    assert mask.shape == (160, 160)
    assert set(np.unique(mask)) == {0, 1, 2, 3}
    assert (mask == 1).sum() > (one.mask(es) == 1).sum()
    assert 0 < one.confidence("lv_endo", ed) <= 1
    volume_ml = one.curves["lv_volume_ml"]
    assert volume_ml.shape == one.recording.times_s.shape
    assert volume_ml[ed] > volume_ml[es]
    assert one.strain.kind == "longitudinal"
    assert one.strain.percent.shape == (24,)
    assert one.strain.segments_percent.shape == (24, 6)
    assert np.nanmin(one.strain.percent) < -5
    with pytest.raises(kinecor.Error, match="lv_endo, lv_epi, la"):
        one.contour("aorta", 0)
    with pytest.raises(IndexError):
        one.contour("lv_endo", 24)


def test_an_edit_gives_a_new_result_whose_values_follow(result):
    one = a4c(result)
    es = one.beats[0].es
    endo = one.contour("lv_endo", es)
    larger = (endo - endo.mean(axis=0)) * 1.05 + endo.mean(axis=0)
    changed = one.with_contour("lv_endo", es, larger, author="A. Reader")
    assert changed["ESV"].value > one["ESV"].value
    assert changed["EF"].value < one["EF"].value
    assert changed.readers == ("A. Reader",)
    assert changed.confidence("lv_endo", es) is None
    assert one.readers == ()
    assert np.array_equal(one.contour("lv_endo", es), endo)
    whole = result.with_recording(changed)
    assert whole["EF"].value < result["EF"].value
    assert result.recording(one.id) is one
    followed = changed.propagate()
    assert np.array_equal(followed.contour("lv_endo", es), larger)
    assert not np.array_equal(followed.contour("lv_endo", es - 3), one.contour("lv_endo", es - 3))
    with pytest.raises(kinecor.Error, match="nothing to propagate"):
        one.propagate()


def test_an_edit_after_propagating_is_followed_as_in_the_window(result):
    one = a4c(result)
    ed, es = one.beats[0]
    first = one.with_contour("lv_endo", es, one.contour("lv_endo", es) * 1.02, author="me").propagate()
    second = first.with_contour("lv_endo", ed, first.contour("lv_endo", ed) * 1.02, author="me")
    between = (ed + es) // 2
    assert not np.array_equal(second.contour("lv_endo", between), first.contour("lv_endo", between))
    assert np.array_equal(second.contour("lv_endo", es), first.contour("lv_endo", es))


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda one: one.with_contour("lv_endo", 3, [[0, 0], [1, 1]], author="me"), "contour"),
        (lambda one: one.with_contour("rv", 3, [[0, 0], [9, 9], [0, 9]], author="me"), "not traced"),
        (lambda one: one.with_contour("lv_endo", 3, [[0, 0], [9, 9], [0, 9]], author=" "), "author"),
        (lambda one: one.with_contour("lv_endo", 3, [[0, 0], [9, 9], [0, 9]], author="model:x@1"), "author"),
        (lambda one: one.with_events([(0, 99)], author="me"), "beyond"),
        (lambda one: one.with_events([(3, 3)], author="me"), "same frame"),
        (lambda one: one.with_spacing(0, 1, author="me"), "mm"),
    ],
)
def test_a_wrong_edit_is_one_sentence(result, change, why):
    with pytest.raises(kinecor.Error, match=why):
        change(a4c(result))


def test_marks_and_scale_change_what_rests_on_them(result):
    one = a4c(result)
    ed, es = one.beats[0]
    assert one.with_events([(ed, es - 2)], author="me")["EF"].value < one["EF"].value
    row_mm, column_mm = one.spacing_mm
    doubled = one.with_spacing(2 * row_mm, 2 * column_mm, author="me")
    assert doubled["EDV"].value == pytest.approx(8 * one["EDV"].value, rel=1e-3)
    assert doubled["EF"].value == pytest.approx(one["EF"].value, rel=1e-3)


def test_results_are_immutable_and_pickle(result):
    one = a4c(result)
    with pytest.raises(FrozenInstanceError):
        one.error = "changed"
    with pytest.raises(TypeError):
        one.values["EF"] = None
    again = pickle.loads(pickle.dumps(result))
    assert list(again.rows()) == list(result.rows())
    assert np.array_equal(a4c(again).contour("lv_endo", 3), one.contour("lv_endo", 3))
    assert np.array_equal(again.recordings[0].recording.pixels, result.recordings[0].recording.pixels)


def widened(result):
    """In another process: the cavity of the first recording drawn wider at ES, and the values that follow."""
    one = result.recordings[0]
    es = one.beats[0].es
    points = one.contour("lv_endo", es)
    points = (points - points.mean(axis=0)) * 1.1 + points.mean(axis=0)
    return result.with_recording(one.with_contour("lv_endo", es, points, author="me"))


def test_results_and_studies_go_through_processes(result, study, tmp_path):
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        analysed = pool.submit(partial(kinecor.analyse, device="cpu"), study)
        edited = pool.submit(widened, result)
        assert list(analysed.result().rows()) == list(result.rows())
        back = edited.result()
    assert list(back.rows()) == list(widened(result).rows())
    assert back.recordings[0].readers == ("me",)
    assert back["EF"].value < result["EF"].value
    # What came back is whole: it is corrected further, saved and opened again.
    kinecor.save(widened(back), tmp_path / "back.kinecor")
    again = kinecor.load(tmp_path / "back.kinecor", study)
    assert again["EF"].value == widened(back)["EF"].value


def test_threads_get_the_same(result, study):
    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(lambda one: kinecor.analyse(one, device="cpu"), [study, study])
    assert list(first.rows()) == list(second.rows()) == list(result.rows())


def test_values_are_those_of_the_table(result):
    one = a4c(result)
    other = next(each for each in result.recordings if each is not one)
    found = assess(one._reading, (other._reading,))
    assert [(each.code, each.trust.value) for each in found.measurements] == [
        (value.code, value.trust) for value in one.values.values()
    ]


def test_progress_and_cancelling(study):
    seen = []
    kinecor.analyse(study, progress=seen.append, device="cpu")
    assert (seen[0].recording, seen[0].recordings) == (1, 2)
    assert seen[-1].recording == 2
    assert 0.9 < seen[-1].share <= 1
    assert "of 2" in str(seen[-1])
    cancel = threading.Event()

    def stop(progress):
        if progress.frame > 3:
            cancel.set()

    with pytest.raises(kinecor.Cancelled):
        kinecor.analyse(study, progress=stop, cancel=cancel, device="cpu")


def test_a_wrong_option_is_one_sentence(study):
    for options, why in (({"network": "x"}, "network"), ({"view": "A9C"}, "view"), ({"device": "tpu"}, "device")):
        try:
            result = kinecor.analyse(study, **options)
        except kinecor.Error as error:
            assert why in str(error)  # noqa: PT017 - one of them is said per recording
        else:
            assert all(why in one.error for one in result.failed)
            assert len(result.failed) == len(study)


def test_another_network_contours(study, result):
    other = kinecor.analyse(study.studies[0], network="lv-convlstm", device="cpu")
    assert any(name.startswith("lv-convlstm@") for one in other.recordings for name in one.models)
    assert other["EF"].value != result["EF"].value


def test_a_network_that_fits_no_recording_is_refused(study):
    """It would be left out without a word, and a comparison of two networks would show no difference."""
    with pytest.raises(kinecor.Error, match="lv-sax contours stacks of short-axis slices, and none of these"):
        kinecor.analyse(study, network="lv-sax")


def test_rows_are_tidy(result):
    rows = list(result.rows())
    assert all(list(row) == [one.name for one in TIDY] for row in rows)
    (ef,) = [row for row in rows if row["code"] == "EF" and not row["recording"]]
    assert (ef["value"], ef["low"]) == (result["EF"].value, result["EF"].interval.low)
    assert ef["patient"].startswith("PHANTOM")
    assert {row["view"] for row in rows} == {"", "A2C", "A4C"}


def test_a_data_frame(result):
    pandas = pytest.importorskip("pandas", reason="pandas is an extra: pip install kinecor[pandas]")
    frame = result.to_dataframe()
    assert isinstance(frame, pandas.DataFrame)
    assert list(frame.columns) == [one.name for one in TIDY]
    assert frame.query("code == 'EF' and recording == ''").value.item() == result["EF"].value


def test_several_studies(tmp_path):
    for seed in (1, 2):
        kinecor.phantom("a4c", seed=seed, frames=8, size=(96, 96), out=tmp_path / str(seed))
    study = kinecor.open(tmp_path)
    assert len(study.studies) == 2
    result = kinecor.analyse(study, device="cpu")
    with pytest.raises(kinecor.Error, match="take each from `studies`"):
        result["EF"]
    assert len(result.studies) == 2
    assert [one.study_ids[0] for one in result.studies] == list(result.study_ids)
    assert {row["study"] for row in result.rows()} == set(study.study_ids)


def test_what_cannot_be_measured_says_why(tmp_path):
    made = kinecor.phantom("plax", seed=1, frames=6, size=(96, 96))
    (one,) = kinecor.analyse(made.study, device="cpu").recordings
    assert one.values.get("EF") is None or one.values["EF"].value is None
    assert one.why_not_measured
    assert one.error == ""
