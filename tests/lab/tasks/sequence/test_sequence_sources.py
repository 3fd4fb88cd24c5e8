from dataclasses import replace

import numpy as np
import pytest

from kinecor_lab.datasets.clip import on_grid
from kinecor_lab.datasets.placing import IGNORE
from kinecor_lab.tasks.sequence.data import doubted, events_in, from_warped, simulated_clips, still_clips
from kinecor_models.contract import fit_grid
from kinecor_phantoms.warped.draw import drawn_cine
from tests.lab.tasks.views.test_view_samples import labelled
from tests.models.warped_fields import path


def test_labels_are_on_the_grid_as_images_are():
    label = np.zeros((1, 60, 80), np.uint8)
    label[0, 20:40, 30:50] = 1
    grid = fit_grid((10, 5, 70, 55), 48)
    placed = on_grid(label, grid)[0]
    image = grid.sampled(label[0] * 200)
    assert placed.shape == (48, 48)
    assert ((image > 100) == (placed == 1)).mean() > 0.99
    wider = fit_grid((-20, -20, 100, 80), 48)
    assert on_grid(label + 1, wider)[0][0, 0] == 0


def test_a_structure_in_doubt_teaches_nothing_nor_does_what_is_around():
    label = np.zeros((1, 60, 60), np.uint8)
    label[0, 10:30, 20:40], label[0, 30:40, 20:40] = 1, 3
    out = doubted(label, ("la",))[0]
    assert (out[30:40, 20:40] == IGNORE).all()
    assert out[45, 30] == IGNORE  # background near by
    assert out[55, 30] == 0
    assert (out[10:30, 20:40] == 1).all()
    assert np.array_equal(doubted(label, ()), label)


def test_warped_clips_have_the_same_size_events_and_scale():
    cine = drawn_cine(path("apical"), np.random.default_rng(3), 12)
    clip = from_warped(cine, "p/0", "A4C", 96, 0.9)
    assert clip.frames.shape == clip.labels.shape == (12, 96, 96)
    assert (clip.ed, clip.es) == (cine.ed, cine.es)
    area = (clip.labels == 1).sum(axis=(1, 2)) * clip.mm_per_px**2
    assert area == pytest.approx((cine.labels == 1).sum(axis=(1, 2)) * 0.81, rel=0.05)


def test_events_are_the_nearest_frames_of_those_inside():
    times_s = np.arange(10) * 0.04
    assert events_in(times_s, (-0.5, -0.015, 0.17, 0.378, 0.6)) == (0, 4, 9)
    assert events_in(times_s[:1], (0.0,)) == (0,)


def test_simulated_clips_are_those_of_their_seed():
    one, other = (next(simulated_clips(7, 1, 64, 3)) for _ in range(2))
    assert np.array_equal(one.frames, other.frames)
    assert one.labels.max() <= 3
    assert one.frames.shape == (3, 64, 64)
    assert one.source == "simulated"


def test_stills_show_both_views_in_the_real_look():
    ed = labelled("p1", 1)
    found = list(still_clips([ed, replace(labelled("p1", 2), phase="ES"), labelled("p2", 3)], 0, 96))
    assert [(one.name, one.view) for one in found] == [("p1/A4C-stills", "A4C"), ("p1/A2C-stills", "A2C")]
    for one in found:
        assert one.frames.shape == one.labels.shape == (2, 96, 96)
        assert one.annotated("edes") == [0, 1]
    cavity = [(one.labels[0] == 1).sum() * one.mm_per_px**2 for one in found]
    assert cavity[0] == pytest.approx(cavity[1], rel=0.1)
    # The plate on the septal side is gone.
    assert [(one.frames[0][30:60, 15:30] == 120).mean() > 0.5 for one in found] == [True, False]
