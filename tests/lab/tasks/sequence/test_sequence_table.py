from dataclasses import replace

import numpy as np
import pytest

from kinecor_lab.datasets.samples import Sample
from kinecor_lab.tasks.sequence import cases as sequence_cases
from kinecor_lab.tasks.sequence.cases import SequenceCase, simulated, stills, whole_beat
from kinecor_lab.tasks.sequence.evaluate import Remembering, by_model, cases_of, parser
from kinecor_lab.tasks.sequence.metrics import UNKNOWN
from kinecor_lab.tasks.sequence.scores import lag_frames, scored, true_contours, volume_ml
from kinecor_lab.tasks.sequence.table import tables
from kinecor_models.contours.outlines import outlines
from kinecor_models.contract import ClipInput, ClipOutput, fit_grid
from tests.lab.public_sets import write_nifti
from tests.lab.sequence_clips import beating
from tests.models import warped_fields


@pytest.fixture(scope="module")
def case():
    clip = beating(frames=13, side=128)
    looked_at = ClipInput(clip.frames, interval_s=0.04, spacing_mm=0.9)
    return SequenceCase("p/0", "p", "drawn", "A4C", looked_at, clip.labels, clip.ed, clip.es, 0.9)


def answering(labels):
    """What a network would give whose most probable classes are these labels, on a grid of the image's size."""
    found = [outlines(np.stack([one == k for k in range(4)]).astype(np.float32), blur_px=1.0) for one in labels]
    names = ("lv_endo", "lv_epi", "la")
    contours = {name: [one.contours[name] for one in found] for name in names}
    sure = {name: np.ones(len(labels), np.float32) for name in names}
    side = labels.shape[1]
    return ClipOutput(contours, sure, fit_grid((0, 0, side, side), side))


def test_the_truth_scores_as_the_truth(case):
    score = scored(case, answering(case.truth))
    assert score.flicker == pytest.approx(score.true_flicker, rel=0.15)
    assert not score.large_error
    assert {frame.structure for frame in score.frames} == {"LV", "myocardium", "left atrium"}
    assert min(frame.dice for frame in score.frames if frame.structure == "LV") > 0.97
    found, true = score.at(score.ed)
    assert found == pytest.approx(true, rel=0.02)
    assert score.ef_percent[0] == pytest.approx(score.ef_percent[1], abs=2)
    assert score.ef_percent[1] > 40
    assert score.ring_lag_ms == pytest.approx(0, abs=8)


def test_a_late_answer_lags_and_a_flickering_one_flickers(case):
    late = np.concatenate([case.truth[:1], case.truth[:-1]])
    one = scored(case, answering(late))
    assert one.ring_lag_ms == pytest.approx(40, abs=16)
    shaken = case.truth.copy()
    shaken[1::2] = np.roll(shaken[1::2], 3, axis=2)
    other = scored(case, answering(shaken))
    assert other.flicker > 2 * other.true_flicker


def test_a_frame_without_a_ventricle_is_a_large_error(case):
    gone = case.truth.copy()
    gone[3] = 0
    score = scored(case, answering(gone))
    assert score.large_error
    assert score.jump_mm["LV"] == np.inf


def test_frames_without_truth_are_not_scored(case):
    truth = case.truth.copy()
    truth[1:-1] = UNKNOWN
    some = replace(case, truth=truth, es=())
    score = scored(some, answering(case.truth))
    assert len(score.frames) == 6
    assert np.isnan(score.true_flicker)
    assert np.isnan(score.ef_percent).all()


def test_lag_is_found_between_frames_and_not_where_nothing_moves():
    t = np.arange(30.0)
    true = 10 * np.sin(t / 4)
    assert lag_frames(10 * np.sin((t - 0.5) / 4), true) == pytest.approx(0.5, abs=0.051)
    assert lag_frames(8 * np.sin((t + 1) / 4) + 3, true) == pytest.approx(-1.0, abs=0.051)
    assert np.isnan(lag_frames(np.random.default_rng(0).normal(size=30), true))
    assert np.isnan(lag_frames(true, 0.05 * true))
    assert np.isnan(lag_frames(0 * true, true))


def test_volume_is_that_of_an_ellipsoid():
    angle = np.linspace(np.pi, 2 * np.pi, 200)
    half = np.stack([30 * np.cos(angle), 60 * np.sin(angle)], axis=1)
    # Half an ellipsoid of half axes 30, 30 and 60 mm.
    assert volume_ml(half, 1.0) == pytest.approx(2 / 3 * np.pi * 30 * 30 * 60 / 1000, rel=0.01)
    assert volume_ml(half, 0.5) == pytest.approx(volume_ml(half, 1.0) / 8, rel=1e-9)
    assert np.isnan(volume_ml(None, 1.0))
    assert true_contours(np.full((1, 8, 8), UNKNOWN, np.uint8)) == [None]


def test_single_frames_are_shown_one_by_one():
    frames = warped_fields.apical(0.0), warped_fields.apical(1.0)
    samples = [Sample("p", phase, one.image, one.label, 0.9) for phase, one in zip(("ED", "ES"), frames, strict=True)]
    (case,) = stills(samples)
    lengths = []

    class Seeing:
        card = None

        def __call__(self, clip, tick):
            lengths.append(len(clip.frames))
            number = len(lengths) - 1
            return answering(case.truth[[number], :128, :128])

    looked = by_model(Seeing())(case)
    assert lengths == [1, 1]
    score = scored(case, looked)
    assert np.isnan(score.flicker)
    assert score.jump_mm == {}
    assert score.at(score.es)[1] < score.at(score.ed)[1]


def test_the_tables_hold_every_row_and_the_published_ones(case):
    good = replace(answering(case.truth), view="A4C")
    poor = replace(answering(np.roll(case.truth, 2, axis=1)), view="A2C")
    found = tables({"good": [scored(case, good)], "poor": [scored(case, poor)]}, "good")
    ours = [row for table in found for row in table.rows if row[0] in ("good", "poor")]
    assert len(ours) == 8
    assert (ours[2][-1], ours[3][-1]) == (1, 0)
    text = "\n".join(table.text() for table in found)
    assert any(row[:4] == ("Temporal ConvLSTM", "0.007", "1", "0.93±0.03") for table in found for row in table.rows)
    assert "n clips" in text


def test_warped_cases_hold_a_whole_beat():
    cine = whole_beat(warped_fields.path("apical"), np.random.default_rng(0))
    assert len(cine.ed) >= 2
    assert len(cine.es) >= 1
    assert cine.ed[0] < cine.es[0] < cine.ed[-1]


def test_warped_cases_can_hold_two_beats():
    cine = whole_beat(warped_fields.path("apical"), np.random.default_rng(0), 2)
    assert len(cine.ed) >= 3
    assert cine.ed[0] < cine.es[0] < cine.ed[1] < cine.es[1] < cine.ed[2]


def test_simulated_cases_are_those_of_their_seed(monkeypatch):
    monkeypatch.setattr(sequence_cases, "FRAMES", 3)
    monkeypatch.setattr(sequence_cases, "SIMULATED_PX", 64)
    (one,), (other,) = simulated(1, 3), simulated(1, 3)
    assert np.array_equal(one.truth, other.truth)
    assert one.annotated == list(range(len(one.truth)))
    assert one.truth.max() <= 3


def test_sequences_of_public_sets_become_cases(tmp_path):
    data = write_nifti(tmp_path, views=("4CH",))
    arguments = ["--data", str(data), "--split", "test", "--cases", "stills,warped,sequences", "--run", str(tmp_path)]
    found = list(cases_of(parser().parse_args(arguments), print))
    assert [one.source for one in found] == ["CAMUS ED/ES", "warped cines", "CAMUS sequences"]
    assert {one.patient for one in found} == {"patient0003"}
    assert found[2].annotated == [0, 1, 2, 3, 4]
    assert found[2].spacing_mm == pytest.approx(found[2].clip.spacing_mm)


def test_an_engine_that_remembers_is_called_once():
    requested = []

    def engine(image):
        requested.append(image)
        return np.full((4, 2, 2), float(image[0, 0]), np.float32)

    remembering = Remembering(engine)
    one, two = np.zeros((2, 2), np.uint8), np.ones((2, 2), np.uint8)
    assert remembering(one)[0, 0, 0] == remembering(one.copy())[0, 0, 0] == 0
    assert remembering(two)[0, 0, 0] == 1
    assert len(requested) == 2
