from dataclasses import replace

import numpy as np
import pytest

from kinecor_lab.datasets.placing import IGNORE
from kinecor_lab.tasks.sequence.samples import Cutting, cut_out, draw_subsequence, usable
from kinecor_models.views.classes import APICAL
from tests.lab.sequence_clips import beating


def test_sub_sequences_have_a_random_step_and_an_annotated_frame():
    clip, seen = beating(), set()
    for seed in range(60):
        taken = draw_subsequence(clip, Cutting(5, steps=(1, 2), annotations="edes"), np.random.default_rng(seed))
        steps = set(np.diff(taken).tolist())
        assert len(steps) == 1
        seen |= steps
        assert set(taken.tolist()) & {0, 6, 12}
    assert seen == {1, 2}


def test_every_start_comes_up():
    starts = {
        int(draw_subsequence(beating(), Cutting(5, steps=(1,)), np.random.default_rng(seed))[0]) for seed in range(200)
    }
    assert starts == set(range(9))


def test_a_short_clip_stands_still_at_its_end():
    taken = draw_subsequence(beating(frames=4), Cutting(6), np.random.default_rng(0))
    assert taken.tolist() == [0, 1, 2, 3, 3, 3]


def test_single_frames_are_annotated_ones():
    found = {
        int(draw_subsequence(beating(), Cutting(1, annotations="seven"), np.random.default_rng(seed))[0])
        for seed in range(100)
    }
    assert found == {0, 2, 4, 6, 8, 10, 12}


def test_labels_of_frames_that_were_not_annotated_say_nothing():
    cut = cut_out(beating(), Cutting(13, 32, (1,), "edes"), np.random.default_rng(3))
    labelled = (cut.labels != IGNORE).any(axis=(1, 2))
    assert np.flatnonzero(labelled).tolist() == [0, 6, 12]
    assert cut.frames.shape == cut.labels.shape == (13, 32, 32)
    assert cut.view == APICAL.index("A4C")


def test_all_frames_are_placed_alike():
    clip = beating()
    still = replace(clip, frames=clip.frames[:1].repeat(13, 0), labels=clip.labels[:1].repeat(13, 0))
    for seed in range(8):
        cut = cut_out(still, Cutting(5, 48), np.random.default_rng(seed))
        assert (cut.labels == cut.labels[:1]).all()
        spread = cut.frames.astype(float).std(axis=0).mean()
        assert spread < 6  # grain alone


def test_the_same_chance_gives_the_same_sample():
    one, other = (cut_out(beating(), Cutting(4, 32), np.random.default_rng(5)) for _ in range(2))
    assert np.array_equal(one.frames, other.frames)
    assert np.array_equal(one.labels, other.labels)


def test_the_cavity_is_never_cut_off_by_depth():
    for seed in range(20):
        cut = cut_out(beating(), Cutting(3, 64), np.random.default_rng(seed))
        assert (cut.labels == 1).any(axis=(1, 2)).all()


def test_clips_without_an_annotated_frame_are_left_out():
    nothing = replace(beating(), ed=(), es=())
    assert usable([nothing], Cutting(annotations="edes")) == []
    assert usable([nothing], Cutting()) == [nothing]
    with pytest.raises(ValueError, match="leave it out"):
        draw_subsequence(nothing, Cutting(annotations="edes"), np.random.default_rng(0))
