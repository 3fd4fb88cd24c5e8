import numpy as np
import pytest

from kinecor_models.phases.model import extrema, found_events, label_curve, parabola_offset


def curve(frames: int, step_s: float, ed, es, noise: float = 0.0, seed: int = 0) -> np.ndarray:
    times = np.arange(frames) * step_s
    return label_curve(times, ed, es) + np.random.default_rng(seed).normal(0, noise, frames)


def closed_curve(frames: int, ed: float, es: float, noise: float = 0.0, seed: int = 0) -> np.ndarray:
    eds, ess = ([at + turn * frames for turn in (-2, -1, 0, 1, 2)] for at in (ed, es))
    return curve(frames, 1.0, eds, ess, noise, seed)


def test_the_vertex_of_a_parabola_is_found():
    at = 0.3
    assert parabola_offset(*(1 - (x - at) ** 2 for x in (-1, 0, 1))) == pytest.approx(at)
    assert parabola_offset(0, 1, 2) == 0


@pytest.mark.parametrize(("ed", "es"), [(0, 8), (18, 6), (5, 12), (19, 7), (12, 0)])
def test_a_closed_cycle_has_one_ed_and_one_es_wherever_it_begins(ed, es):
    for fit in (True, False):
        found = found_events(closed_curve(20, ed, es), 0.04, closed=True, fit=fit)
        assert (found.ed, found.es) == ((ed,), (es,))


def test_the_shape_gives_fractions_of_a_frame_and_outvotes_noise():
    off, printed = [], []
    for seed in range(40):
        rng = np.random.default_rng(seed)
        ed = float(rng.uniform(4, 15))
        es = ed + float(rng.uniform(6, 9))
        noisy = closed_curve(20, ed, es, 0.06, seed)
        found = found_events(noisy, 0.04, closed=True)
        off += [found.ed_at[0] - ed, (found.es_at[0] - es + 10) % 20 - 10]
        plain = found_events(noisy, 0.04, closed=True, fit=False)
        printed += [plain.ed[0] - ed, (plain.es[0] - es + 10) % 20 - 10]
    assert np.mean(np.abs(off)) < 0.35
    assert np.mean(np.abs(off)) < np.mean(np.abs(printed))


def test_every_beat_of_a_clip_is_found():
    ed, es = [-0.3, 0.5, 1.4, 2.2, 3.2], [0.05, 0.85, 1.72, 2.55]
    found = found_events(curve(75, 0.04, ed, es, 0.02), 0.04)
    assert [at * 0.04 for at in found.ed_at] == pytest.approx([0.5, 1.4, 2.2], abs=0.03)
    assert [at * 0.04 for at in found.es_at] == pytest.approx([0.05, 0.85, 1.72, 2.55], abs=0.03)
    assert all(abs(a - b) <= 0.5 for a, b in zip(found.ed + found.es, found.ed_at + found.es_at, strict=True))


def test_an_ed_before_the_first_es_is_taken_only_where_it_was_recorded():
    begins_in_systole = curve(30, 0.04, [-0.15, 0.75, 1.6], [0.2, 1.05])
    assert 0 not in extrema(begins_in_systole, 0.04)[0]
    begins_before = curve(30, 0.04, [-0.6, 0.12, 1.0], [-0.25, 0.42, 1.4])
    assert extrema(begins_before, 0.04)[0][0] == 3


@pytest.mark.parametrize("still", [np.full(30, 0.6), np.zeros(1), np.linspace(1, 0, 20), np.zeros(2)])
def test_where_nothing_beats_nothing_is_found(still):
    found = found_events(still, 0.04)
    assert found.ed == found.es == ()
    assert found_events(still * 0 + 0.5, 0.04, closed=True).es == ()


def test_events_never_cross_where_a_cycle_closes():
    for seed in range(60):
        jagged = np.random.default_rng(seed).random(12)
        found = found_events(jagged, 0.05, closed=True)
        assert 1 <= (found.es_at[0] - found.ed_at[0]) % 12 <= 11
        assert 0 <= found.ed[0] < 12


def test_what_a_network_is_late_by_is_taken_off():
    late = found_events(closed_curve(20, 5.4, 13.4), 0.04, closed=True, late=(0.0, 0.0))
    mended = found_events(closed_curve(20, 5.4, 13.4), 0.04, closed=True, late=(0.4, 1.4))
    assert mended.ed_at[0] == pytest.approx(late.ed_at[0] - 0.4)
    assert (late.es[0], mended.es[0]) == (13, 12)


def test_a_clip_shorter_than_a_beat_may_show_one_event_alone():
    """Filled and emptied between two systoles beyond the first and the last frame."""
    times = np.arange(20) * 0.04
    found = found_events(label_curve(times, [0.5, 1.3], [-0.1, 0.85]), 0.04, late=(0.2, 0.3))
    assert found.ed == (12,)
    assert found.es == ()
    falling = found_events(np.linspace(0.9, 0.1, 15), 0.04)
    assert (falling.ed, falling.es) == ((), ())
