import dataclasses

import numpy as np
import pytest

from kinecor.analysis.phantoms import dense, echo_truth, mri_truth
from kinecor.io.write.truth import write_truth
from tests.analysis import phantom_recordings as made


def test_a_clip_is_described_in_the_terms_of_result_json(tmp_path):
    truth = echo_truth(made.echo(), "echo.dcm")
    one = truth["recordings"][0]
    assert (one["files"], one["view"], one["frames"], one["slices"]) == (["echo.dcm"], "A4C", 10, 1)
    assert len(one["tracks"]["lv_endo"]["contours"]) == 10
    assert one["tracks"]["la"]["contours"] == (None,) * 10
    # ED at 0.01 s and ES at 0.26 s, 20 frames a second; the second beat is outside.
    assert one["events"]["beats"] == [{"ed": 0, "es": 5}, {"ed": None, "es": None}]
    assert truth["parameters"]["seed"] == 7
    write_truth(tmp_path, "echo", truth)


def test_the_heart_has_volumes_events_and_segments():
    heart = echo_truth(made.echo(), "echo.dcm")["heart"]
    assert (heart["largest_ml"], heart["smallest_ml"]) == (100.0, pytest.approx(50.0))
    assert heart["ejected_percent"] == pytest.approx(50)
    assert heart["beats"][0]["es_s"] == 0.26
    assert len(heart["segments"]) == np.shape(heart["segment_strain_percent"]["longitudinal"])[1] == 18


def test_a_clip_without_a_heart_says_so(tmp_path):
    truth = echo_truth(dataclasses.replace(made.echo("IVC"), truth=None, plane=None), "echo.dcm")
    assert truth["heart"] is None
    assert "tracks" not in truth["recordings"][0]
    assert truth["recordings"][0]["events"]["beats"] == []
    write_truth(tmp_path, "echo", truth)


def test_a_stack_has_a_list_per_slice_and_long_axes_follow(tmp_path):
    study = made.mri()
    truth = mri_truth(study, [["sax/a.dcm", "sax/b.dcm"], ["a4c.dcm"], ["a2c.dcm"]])
    stack, four, _ = truth["recordings"]
    assert (stack["view"], stack["slices"], stack["frames"]) == ("SAX", 3, 5)
    assert np.shape(stack["tracks"]["lv_endo"]["contours"]) == (3, 5, 3, 2)
    assert np.shape(four["tracks"]["lv_endo"]["contours"]) == (5, 3, 2)
    assert stack["times_s"][0] == 0
    assert np.diff(np.asarray(stack["position_mm"]) @ np.cross([1, 0, 0], [0, 0.6, -0.8])) == pytest.approx([10, 10])
    assert four["files"] == ["a4c.dcm"]
    # Trigger times begin at 20 ms: the end-diastole at 10 ms is nearest to the first phase.
    assert stack["events"]["beats"][0]["ed"] == 0
    write_truth(tmp_path, "mri", truth)


def test_a_stack_says_which_slices_are_ventricle_at_each_phase():
    study = made.mri(slices=4, phases=3)
    has = np.array([[0, 1, 0], [1, 1, 0], [1, 1, 0], [1, 0, 0]], bool)
    slices = []
    for one, shown in zip(study.stack, has, strict=True):
        lines = tuple(made.OUTLINE if is_shown else None for is_shown in shown)
        share = shown.astype(float)
        slices.append(
            dataclasses.replace(
                one, plane=dataclasses.replace(one.plane, contours={"lv_endo": lines}, wall_share=share)
            )
        )
    truth = mri_truth(dataclasses.replace(study, stack=tuple(slices)), [["a"], ["b"], ["c"]])
    stack, four, _ = truth["recordings"]
    assert (stack["apex"], stack["base"]) == ([1, 0, None], [3, 2, None])
    assert np.array_equal(stack["wall_share"], has)
    assert "base" not in four


def test_dense_arrays_are_named_by_recording():
    found = dense({"echo": made.echo().plane})
    names = ("labels", "wall_points_px", "wall_points_out_mm", "displacement_mm")
    assert set(found) == {f"echo/{name}" for name in names}
    assert found["echo/displacement_mm"].shape == (10, 40, 48, 3)
    assert (found["echo/displacement_mm"][7] == 7).all()
    assert found["echo/labels"].shape == (10, 40, 48)


def test_what_follows_from_strain_is_included():
    heart = echo_truth(made.echo(), "echo.dcm")["heart"]
    strain = np.asarray(heart["segment_strain_percent"]["longitudinal"])
    assert np.asarray(heart["segment_17_strain_percent"]["longitudinal"]).shape == (len(strain), 17)
    assert np.asarray(heart["segment_16_strain_percent"]["longitudinal"]).shape == (len(strain), 16)
    rate = np.asarray(heart["strain_rate_per_s"]["longitudinal"])
    times, whole = np.asarray(heart["times_s"]), np.asarray(heart["strain_percent"]["longitudinal"])
    np.testing.assert_allclose(rate[1:-1], 0.01 * (whole[2:] - whole[:-2]) / (times[2:] - times[:-2]), rtol=1e-6)
    np.testing.assert_allclose(heart["segment_time_to_peak_s"]["longitudinal"], times[-1])


def test_phases_go_round():
    # 50 ms apart, from 120 ms on: the end-diastole at 10 ms comes round at 1010 ms.
    study = made.mri(phases=20)
    late = [dataclasses.replace(one, trigger_ms=120 + 50.0 * np.arange(20)) for one in (*study.stack, *study.long_axes)]
    moved = dataclasses.replace(study, stack=tuple(late[:3]), long_axes=tuple(late[3:]))
    recordings = mri_truth(moved, [["a"], ["b"], ["c"]])["recordings"]
    assert [one["events"]["beats"] for one in recordings] == [[{"ed": 18, "es": 3}]] * 3


def test_a_study_of_one_phase_has_its_events_there():
    study = made.mri(phases=1)
    assert mri_truth(study, [["a"], ["b"], ["c"]])["recordings"][0]["events"]["beats"] == [{"ed": 0, "es": 0}]
