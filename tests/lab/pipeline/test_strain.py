import csv
import io
import re
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from kinecor.analysis.models import Models
from kinecor.core.values.track import Structure
from kinecor_lab.pipeline import strain, strain_arms
from kinecor_lab.pipeline.strain import errors, segment_errors, tables
from kinecor_lab.pipeline.strain_arms import ARMS, WHOLE, gain_of, looked_at
from kinecor_lab.pipeline.strain_case import Acquisition, acquisitions, simulated
from tests.analysis.strain_results import case, looks

A4C = Acquisition("main", "normal", 0)


def test_every_question_has_its_recordings_and_none_comes_twice():
    found = list(acquisitions(4))
    assert len({one.name for one in found}) == len(found)
    groups = Counter(one.group for one in found)
    assert groups["main"] == 12
    assert groups["retest"] == 4
    assert {"frame rate", "three beats", "noise", "dropout", "foreshortening 10", "foreshortening 20", "infarct"} < set(
        groups
    )


def test_truth_is_of_material_points():
    assert case(A4C).gls_percent == pytest.approx(-20)
    np.testing.assert_allclose(case(A4C).segments_percent, -20)


def test_a_slower_recording_shows_every_second_frame():
    slow = case(A4C).every(2)
    assert len(slow.frames) == len(slow.times_s) == len(slow.motion_px) + 1 == 23
    assert (slow.eds, slow.ess) == ((0, 20), (10,))
    assert slow.gls_percent == pytest.approx(-20)


@pytest.fixture
def seen(monkeypatch):
    """A case, models that see the truth."""
    one = case(A4C)
    monkeypatch.setattr(Models, "apical", lambda _: lambda clip, tick: None)
    monkeypatch.setattr(strain_arms, "tracks_of", lambda output: list(one.tracks()))
    monkeypatch.setattr(strain_arms, "_moved", lambda reading, clip, device: reading.with_(motion=one.motion()))
    return one


def test_perfect_contours_and_motion_give_the_truth_in_every_arm(seen):
    found = looked_at(seen)
    assert tuple(found.by_arm) == ARMS
    for arm, one in found.by_arm.items():
        assert one.gls_percent == pytest.approx(-20, abs=0.4), arm
        assert one.why is None
    np.testing.assert_allclose(found.by_arm[WHOLE].segments_percent, -20, atol=0.8)
    assert np.isnan(found.by_arm["contours alone"].segments_percent).all()
    assert set(found.ms_per_frame) == {"contours", "motion", "fusion"}


def test_the_share_of_motion_that_is_found_is_measured_along_and_across_the_wall(seen):
    assert looked_at(seen).gain == pytest.approx((1.0, 1.0), abs=0.05)
    motion = seen.motion()
    along, across = gain_of(replace(motion, displacement_px=motion.displacement_px * np.float32(0.8)), seen)
    assert along == pytest.approx(0.8, abs=0.04)
    assert across == pytest.approx(0.8, abs=0.04)
    still = replace(motion, displacement_px=np.zeros_like(motion.displacement_px))
    assert gain_of(still, seen) == (0.0, 0.0)
    found = [replace(one, gain=(0.9, 0.8 + 0.1 * (n % 2))) for n, one in enumerate(looks())]
    assert "along the wall 0.90 ± 0.00, across it 0.85 ± 0.05 (6)" in written(found)
    assert "is found" not in written(looks())


def test_what_cannot_be_measured_is_not_a_number(seen, monkeypatch):
    endo = [one for one in seen.tracks() if one.structure is Structure.LV_ENDO]
    monkeypatch.setattr(strain_arms, "tracks_of", lambda output: endo)
    found = looked_at(seen).by_arm[WHOLE]
    assert np.isnan(found.gls_percent)
    assert found.why


def test_figures_are_those_of_the_errors():
    found = looks(off=1.0)
    main = [one for one in found if one.case.about.group == "main"]
    np.testing.assert_allclose(errors(main), [0.5] * 3 + [-0.5] * 3)
    assert np.abs(segment_errors(main)).max() == pytest.approx(1.0)
    by_arm, _, more = tables(found)
    row = next(row for row in by_arm.rows if row[0] == WHOLE)
    assert re.fullmatch(r"[+-]0\.0 ± 0\.5 \(6\)", by_arm.columns[1].text(row[1]))
    assert row[2] == pytest.approx(1)
    text = more.text()
    assert re.search(r"mean of three views against the whole heart: [+-]0\.0 ± 0\.7 \(2\)", text)
    assert "between views of a heart: SD 0.0 measured, 0.0 in truth" in text
    assert "repeated recordings of a heart: SD 0.0" in text
    assert "drift a beat over three beats, before compensation: +1.0 ± 0.0 (2)" in text
    assert "ms a frame, median: contours 20.0, motion 10.0, fusion 1.0; together 31.0" in text


def test_an_infarct_that_is_found_and_one_that_is_not():
    found = looks()
    true = np.array([-1.0, -2, -15, -16, -17, -18])
    for one in found:
        about = one.case.about
        if about.population == "infarct":
            one.case.wall_mm[one.case.ess[0]] = bent(one.case.wall_mm[0], true)
            for arm in ARMS:
                one.by_arm[arm] = replace(one.by_arm[arm], segments_percent=true + 0.5)
    assert "area under the curve 1.00" in written(found)
    for one in found:
        if one.case.about.population == "infarct":
            one.by_arm[WHOLE] = replace(one.by_arm[WHOLE], segments_percent=true[::-1])
    assert "area under the curve 0.00" in written(found)
    assert "in truth in 0 of " in written(found)


def bent(line, percent):
    """The line with each sixth of it shortened by its own percentage."""
    steps = np.diff(line, axis=0) * (1 + np.repeat(percent, 10) / 100)[:, None]
    return np.concatenate([line[:1], line[0] + np.cumsum(steps, axis=0)])


def written(found):
    return "\n".join(one.text() for one in tables(found))


def test_the_command_writes_table_values_and_plot(tmp_path, monkeypatch, capsys):
    found = {one.case.about.name: one for one in looks()}
    monkeypatch.setattr(strain, "simulated", lambda about, store: found[about.name].case)
    monkeypatch.setattr(strain, "looked_at", lambda one, device: replace(found[one_name(one)], case=one))

    def one_name(one):
        about = one.about
        group = "frame rate" if about.group.startswith("frame rate") else about.group
        return replace(about, group=group).name

    assert strain.main(["--hearts", "2", "--out", str(tmp_path)]) == 0
    assert "frame rate 30 /s" in capsys.readouterr().out
    rows = list(csv.DictReader(io.StringIO((tmp_path / "strain.csv").read_text())))
    assert len(rows) % len(ARMS) == 0
    assert float(rows[0]["gls_true"]) == pytest.approx(-20, abs=0.01)
    assert "<svg" in (tmp_path / "strain-bland-altman.svg").read_text()


def test_too_few_hearts_are_refused(capsys):
    with pytest.raises(SystemExit):
        strain.main(["--hearts", "1"])
    assert "2 or more" in capsys.readouterr().err


@pytest.mark.slow
def test_a_recording_is_simulated_once_and_cached(tmp_path, monkeypatch):
    about = Acquisition("main", "normal", 1, frames_per_s=12.0)
    made = simulated(about, tmp_path)
    monkeypatch.setattr("kinecor_lab.pipeline.strain_case.record_echo", None)
    again = simulated(about, tmp_path)
    np.testing.assert_array_equal(again.frames, made.frames)
    assert (again.eds, again.ess, again.spacing_mm) == (made.eds, made.ess, made.spacing_mm)
    assert -30 < made.gls_percent < -8
    assert np.isfinite(made.motion_px).all()
    assert np.abs(made.segments_percent.mean() - made.gls_percent) < 3
