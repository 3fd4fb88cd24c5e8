"""Ways to tamper with recordings of patients: what they change, and what they leave as it was."""

from dataclasses import replace

import numpy as np
import pytest

from kinecor.io.write.mr import MrSeries, MrSlice
from kinecor.io.write.ultrasound import UltrasoundLoop
from kinecor_lab.tasks.trust.patients.clip_kinds import SCALES, kinds_of_loops, kinds_of_stills
from kinecor_lab.tasks.trust.patients.slice_kinds import kinds_of_stacks
from kinecor_lab.tasks.trust.simulated import EchoClip, StackSeries

ROWS, COLUMNS, SLICES = 48, 60, 8


def clip(grey=100, frames=2):
    images = np.stack([np.full((ROWS, COLUMNS), grey + 10 * n, np.uint8) for n in range(frames)])
    images[:, ::4] //= 2
    loop = UltrasoundLoop(images, np.arange(frames) * 0.1, (0.5, 0.5), (0, 0, COLUMNS, ROWS), "A4C")
    return EchoClip(loop, (0,), (1,), {"HR": 60.0})


def stack(grey=10, phases=2, shade=1.0):
    pattern = np.where(np.arange(COLUMNS) % 2, shade, 1.0)
    slices = tuple(
        MrSlice(
            np.stack(
                [(np.full((ROWS, COLUMNS), grey * (n + 1) + t) * pattern).astype(np.uint8) for t in range(phases)]
            ),
            np.arange(phases) * 400.0,
            (1.5, 1.5),
            8.0,
            np.array([0.0, 0.0, 10.0 * n]),
            np.array([1.0, 0.0, 0.0]),
            np.array([0.0, 1.0, 0.0]),
        )
        for n in range(SLICES)
    )
    ends = {"apex ED": 1, "base ED": 6, "apex ES": 1, "base ES": 5}
    return StackSeries(MrSeries("cine", slices, 60.0), 0, 1, {"HR": 60.0}, ends)


def way(kinds, name, strength=None):
    kind = next(one for one in kinds if one.name == name)
    return kind.ways[strength] if strength else next(iter(kind.ways.values()))


def made(of, what):
    return of.made(what, np.random.default_rng(1))


@pytest.fixture
def stills():
    return kinds_of_stills(lambda: clip(grey=200))


def test_each_kind_is_there_once(stills):
    stacks = kinds_of_stacks(lambda: stack(20, shade=0.5))
    loops = kinds_of_loops(lambda: clip(200))
    for kinds in (stills, loops, stacks):
        names = [one.name for one in kinds]
        assert len(set(names)) == len(names)
    assert len(stills) + len(stacks) >= 25
    assert set(SCALES) < {one.name for one in stills}


def test_every_kind_of_stills_changes_the_recording(stills):
    before = clip()
    for kind in stills:
        for one in kind.ways.values():
            after = made(one, before).loop
            assert after.frames.shape == before.loop.frames.shape
            same = np.array_equal(after.frames, before.loop.frames)
            assert not same or replace(after, frames=before.loop.frames) != before.loop, kind.name


def test_a_scale_changes_no_image(stills):
    after = made(way(stills, "scale x 0.7"), clip()).loop
    assert after.spacing_mm == pytest.approx((0.35, 0.35))
    assert np.array_equal(after.frames, clip().loop.frames)


def test_ed_and_es_are_exchanged_and_blended(stills):
    before = clip().loop.frames
    after = made(way(stills, "ED and ES exchanged"), clip()).loop.frames
    assert np.array_equal(after, before[::-1])
    mixed = made(way(stills, "ED and ES blended", "40 %"), clip()).loop.frames
    assert mixed[0, 1, 0] == round(0.6 * 100 + 0.4 * 110)


def test_es_of_another_patient_stands_next_to_ed_of_this_one(stills):
    after = made(way(stills, "two patients at ED and ES", "ES"), clip()).loop.frames
    assert after[0, 1, 0] == 100
    assert after[1, 1, 5] == 210
    other = made(way(stills, "two patients at ED and ES", "ED"), clip()).loop.frames
    assert (other[0, 1, 5], other[1, 1, 5]) == (200, 110)


def test_less_motion_leaves_the_ends_of_the_beat():
    loops = kinds_of_loops(lambda: clip(200))
    before = clip(frames=5)
    before = replace(before, es=(2,))
    after = made(way(loops, "motion lessened", "x 0.6"), before).loop.frames
    assert np.array_equal(after[0], before.loop.frames[0])
    assert after[2, 1, 0] == 112
    assert after[4, 1, 0] == 100


def test_a_doubled_slice_moves_all_above():
    kinds = kinds_of_stacks(lambda: stack(20, shade=0.5))
    after = made(way(kinds, "slice doubled", "2"), stack()).series.slices
    assert len(after) == SLICES + 2
    assert [one.position_mm[2] for one in after] == [10.0 * n for n in range(SLICES + 2)]
    assert np.array_equal(after[4].frames, after[5].frames)


def test_phases_are_exchanged_in_a_share_of_the_slices():
    kinds = kinds_of_stacks(lambda: stack(20, shade=0.5))
    for name, count in (("every other", 4), ("all", 8)):
        after = made(way(kinds, "phases exchanged by slice", name), stack()).series.slices
        assert sum(one.frames[0, 0, 0] > one.frames[1, 0, 0] for one in after) == count


def test_order_step_and_slices_of_another_patient():
    kinds = kinds_of_stacks(lambda: stack(20, shade=0.5))
    turned = made(way(kinds, "slice order reversed"), stack()).series.slices
    assert [one.frames[0, 0, 0] for one in turned] == [10 * n for n in range(SLICES, 0, -1)]
    far = made(way(kinds, "step x 1.3"), stack()).series.slices
    assert far[-1].position_mm[2] == pytest.approx(1.3 * 70)
    mixed = made(way(kinds, "slice of another patient", "2"), stack()).series.slices
    changed = [n for n in range(SLICES) if not np.array_equal(mixed[n].frames, stack().series.slices[n].frames)]
    assert len(changed) == 2
    both = made(way(kinds, "two patients at ED and ES", "ES"), stack()).series.slices
    assert all(np.array_equal(a.frames[0], b.frames[0]) for a, b in zip(both, stack().series.slices, strict=True))
    assert any(not np.array_equal(a.frames[1], b.frames[1]) for a, b in zip(both, stack().series.slices, strict=True))
