import numpy as np
import pytest

from kinecor_lab.common.metrics import calibration_error, reliability
from kinecor_lab.tasks.views.data import UNKNOWN
from kinecor_lab.tasks.views.evaluate import (
    SCENES,
    SIMULATED,
    Scored,
    Trial,
    answer,
    best_temperature,
    by_threshold,
    real_table,
    real_views,
    simulated,
    tables,
)
from kinecor_models.contract import ClipInput, load_card
from kinecor_models.views.classes import CLASSES
from kinecor_models.views.model import (
    COLOUR_DOPPLER,
    LOOKED_AT,
    VIEW_NAMED_FROM,
    ViewModel,
    decide_view,
    looked_at,
    pool_scores,
    softmax,
)
from tests.lab.camus import write_resized_camus
from tests.lab.tasks.views.test_view_samples import camus_folder, sector

A4C, PLAX = CLASSES.index("A4C"), CLASSES.index("PLAX")


def one_hot(view: int, height: float = 9.0) -> np.ndarray:
    return np.eye(len(CLASSES), dtype=np.float32)[view] * height


class Seen:
    """An engine that answers the same for every image and remembers what it was shown."""

    def __init__(self, scores: np.ndarray) -> None:
        self.scores, self.images = scores, []

    def __call__(self, images: np.ndarray) -> np.ndarray:
        self.images += list(images)
        return np.repeat(self.scores[None], len(images), axis=0).astype(np.float32)


def model(scores: np.ndarray) -> tuple[ViewModel, Seen]:
    engine = Seen(scores)
    return ViewModel(load_card("lv-apical"), engine), engine


def quiet(done: int, total: int) -> None:
    assert 0 <= done <= total


def test_some_frames_spread_over_the_clip_are_enough():
    assert looked_at(1) == (0,)
    assert looked_at(5) == (0, 1, 2, 3, 4)
    some = looked_at(300)
    assert (len(some), some[0], some[-1]) == (LOOKED_AT, 0, 299)


def test_a_clip_is_looked_at_as_it_is_and_mirrored():
    named, engine = model(one_hot(PLAX))
    found = named(ClipInput(np.stack([sector(seed=seed) for seed in range(3)])), quiet)
    assert (found.label, found.nearest, found.why) == ("PLAX", "PLAX", None)
    assert found.confidence > 0.9
    assert found.by_frame.shape == (3, len(CLASSES))
    assert len(engine.images) == 6
    assert np.array_equal(engine.images[0], engine.images[3][:, ::-1])


def test_progress_is_reported_and_what_it_raises_ends_the_work():
    class Enough(Exception):  # noqa: N818 - a signal, not an error
        pass

    calls = []

    def tick(done, total):
        calls.append((done, total))
        if done == 8:
            raise Enough

    named, engine = model(one_hot(A4C))
    with pytest.raises(Enough):
        named(ClipInput(np.repeat(sector()[None], 40, axis=0)), tick)
    assert calls == [(0, 16), (4, 16), (8, 16)]
    assert len(engine.images) == 16


def test_no_view_an_unsure_one_and_colour_are_refused_with_the_reason():
    named, _ = model(one_hot(UNKNOWN))
    nothing = named(ClipInput(sector()[None]), quiet)
    assert nothing.label == "unknown"
    assert "no known view" in (nothing.why or "")
    assert nothing.confidence > 0.9
    flat, _ = model(one_hot(A4C, 1.0))
    unsure = flat(ClipInput(sector()[None]), quiet)
    assert (unsure.label, unsure.nearest) == ("unknown", "A4C")
    assert "A4C at best" in (unsure.why or "")
    sure, _ = model(one_hot(A4C))
    red = np.zeros((2, 160, 160, 3), np.uint8)
    red[..., 0] = sector()
    red[:, 60:120, 50:110] = (230, 30, 20)
    assert "colour" in (sure(ClipInput(red), quiet).why or "")


def test_frames_are_pooled_by_their_mean_scores():
    scores = np.stack([one_hot(A4C, 6), one_hot(A4C, 6), one_hot(PLAX, 6)])
    assert pool_scores(scores, 1.0) == pytest.approx(softmax(scores.mean(axis=0)))
    assert int(pool_scores(scores).argmax()) == A4C
    assert softmax(scores).sum(axis=1) == pytest.approx([1, 1, 1])
    assert softmax(scores[0], 3.0)[A4C] < softmax(scores[0], 1.0)[A4C]


def test_apical_is_known_without_a_name():
    likely = np.zeros(len(CLASSES), np.float32)
    likely[:2] = 0.55, 0.4
    found = decide_view(likely, likely[None], (0,))
    assert found.label == "unknown"
    assert found.apical
    assert not decide_view(likely, likely[None], (0,), COLOUR_DOPPLER).apical
    likely[1] = 0.3
    assert not decide_view(likely, likely[None], (0,)).apical
    assert decide_view(one_hot(A4C, 0.9), one_hot(A4C, 0.9)[None], (0,)).apical
    assert not decide_view(one_hot(PLAX, 0.9), one_hot(PLAX, 0.9)[None], (0,)).apical


@pytest.mark.parametrize("sure", [VIEW_NAMED_FROM - 0.01, VIEW_NAMED_FROM + 0.01])
def test_the_threshold_decides(sure):
    likely = np.full(len(CLASSES), (1 - sure) / (len(CLASSES) - 1), np.float32)
    likely[A4C] = sure
    found = decide_view(likely, likely[None], (0,))
    assert found.label == ("A4C" if sure > VIEW_NAMED_FROM else "unknown")
    assert found.confidence == pytest.approx(sure if found.label == "A4C" else 1 - sure, abs=1e-6)


def test_bins_hold_equally_many_and_their_distance_is_the_error():
    sure = np.repeat([0.6, 0.9], 50)
    right = np.concatenate([np.arange(50) < 30, np.arange(50) < 40]).astype(float)
    bins = reliability(sure, right, 2)
    assert [(one.count, one.quality) for one in bins] == [(50, 0.6), (50, 0.8)]
    assert calibration_error(bins) == pytest.approx(0.05)
    assert calibration_error(reliability([0.5], [1.0])) == pytest.approx(0.5)
    with pytest.raises(ValueError, match="as many"):
        reliability([0.5], [])


def scored_clips(height=6.0, right=0.8, n=200):
    rng = np.random.default_rng(0)
    found = []
    for number in range(n):
        truth = number % len(CLASSES)
        said = truth if rng.random() < right else (truth + 1) % len(CLASSES)
        source = SCENES if truth == UNKNOWN else SIMULATED
        found.append(Scored(Trial(source, sector()[None], truth), one_hot(said, height), 4.0))
    return found


def test_the_best_temperature_makes_confidence_true():
    found = scored_clips()
    temperature = best_temperature(found)
    sure = [softmax(one.scores, temperature).max() for one in found]
    right = np.mean([one.scores.argmax() == one.trial.view for one in found])
    assert np.mean(sure) == pytest.approx(right, abs=0.02)
    assert temperature > 1


def test_the_report_is_complete_and_thresholds_refuse_more_and_more():
    found = scored_clips()
    text = "\n".join(one.text() for one in tables(found))
    for words in ("mean F1", "refused", "expected calibration error", "ms (median"):
        assert words in text
    assert answer(found[0], 1.0) == found[0].scores.argmax()
    refused = [row[3] for row in by_threshold(found, best_temperature(found)).rows]
    assert refused == sorted(refused)
    assert refused[-1] > refused[0]


def test_trials_come_from_other_hearts_and_patients(tmp_path, monkeypatch):
    clips = [(np.stack([sector(seed=seed)] * 3), seed % 8) for seed in range(8)]
    monkeypatch.setattr("kinecor_lab.tasks.views.evaluate.rendered_clips", lambda *_: clips)
    found = simulated(tmp_path, 8, 3)
    assert [one.source for one in found] == [SIMULATED] * 8 + [SCENES] * 4
    folders = [camus_folder(tmp_path / "camus", "valid"), write_resized_camus(tmp_path / "two", 3)]
    real = real_views(folders, "valid")
    assert [one.frames.shape[0] for one in real] == [2, 2, 2]
    assert [CLASSES[one.view] for one in real] == ["A4C", "A4C", "A2C"]
    soft = real_views(folders, "valid", soft=True)
    assert [one.frames.shape for one in soft] == [(2, 224, 224), (2, 224, 224), (2, 64, 80)]
    assert not real_views(folders, "valid", choosing=True)


def test_real_views_are_told_apart_in_a_table():
    a4c, a2c = CLASSES.index("A4C"), CLASSES.index("A2C")
    one = real_table("real", [(a4c, a4c), (a4c, a4c), (a2c, a2c), (a2c, a4c)])
    assert [row[:5] for row in one.rows] == [
        ("A4C", 2, pytest.approx(2 / 3), 1.0, pytest.approx(0.8)),
        ("A2C", 2, 1.0, 0.5, pytest.approx(2 / 3)),
    ]
    assert one.rows[1][5] in ("A4C 1, A2C 1", "A2C 1, A4C 1")
