from dataclasses import replace

import numpy as np
import pytest

from kinecor_lab.tasks.phases.baselines import graph_cut_areas, has_level_sets, level_set_areas
from kinecor_lab.tasks.phases.table import PhaseScore, by_area, by_network, mean_afd, scores, table, thinned
from kinecor_models.phases.model import PhaseEvents, label_curve
from tests.lab.phase_cines import drawn_cine


def exact(cine):
    """What a perfect method would return."""
    step = cine.times_s[1] - cine.times_s[0]
    at = [[(one - cine.times_s[0]) / step for one in some] for some in (cine.ed_s, cine.es_s)]
    inside = [[one for one in some if -0.5 <= one < len(cine.times_s) - 0.5] for some in at]
    frames = [tuple(int(np.floor(one + 0.5)) for one in some) for some in inside]
    return PhaseEvents(*frames, *(tuple(some) for some in inside))


@pytest.mark.parametrize("closed", [True, False])
def test_a_perfect_method_is_off_by_nothing(closed):
    found = scores(exact, [drawn_cine(i, 40, closed=closed) for i in range(4)])
    assert {one.kind for one in found} == {"ED", "ES"}
    assert all(one.off == 0 for one in found)
    assert max(abs(one.off_ms) for one in found) < 1e-6
    if closed:
        assert len(found) == 8


def test_frames_are_counted_round_a_closed_cycle():
    cine = drawn_cine(0, 20)
    true = exact(cine)

    def late(_):
        return PhaseEvents(
            tuple((f + 3) % 20 for f in true.ed),
            tuple((f - 2) % 20 for f in true.es),
            tuple(f + 3.0 for f in true.ed_at),
            tuple(f - 2.0 for f in true.es_at),
        )

    ed, es = scores(late, [cine])
    assert (ed.off, es.off) == (3, -2)
    assert ed.off_ms == pytest.approx(3 * cine.cycle_s / 20 * 1000)


def test_events_at_the_edge_of_a_clip_do_not_count_and_lost_ones_are_reported():
    cine = replace(drawn_cine(1, 30, closed=False), ed_s=(0.02, 0.8), es_s=(0.4, 9.0))
    cine = replace(cine, times_s=np.arange(30) * 0.04)
    found = scores(lambda _: PhaseEvents((), (), (), ()), [cine])
    assert [(one.kind, one.off) for one in found] == [("ED", None), ("ES", None)]
    assert mean_afd(found) == 5
    rows = table({"blind": found}).rows
    assert rows[-1][-2] == 2


def test_sequences_are_as_long_as_those_of_kong_2016():
    cycle = thinned(drawn_cine(2, 36))
    assert len(cycle.frames) == 20
    assert (np.diff(cycle.times_s) > 0).all()
    assert cycle.times_s[-1] - cycle.times_s[0] < cycle.cycle_s
    fast = replace(drawn_cine(3, 60, closed=False), times_s=np.arange(60) / 75)
    assert len(thinned(fast).frames) == 20
    real = drawn_cine(4, 30, source="real mri")
    assert thinned(real) is real


def test_the_table_prints_published_rows_and_ours():
    text = table(
        {"ours": [PhaseScore("real mri", "p/0", "ED", -1, 30.0, 0.1), PhaseScore("real mri", "p/0", "ES", 3, 9.0, 0.1)]}
    ).text()
    published = next(line for line in text.splitlines() if line.startswith("TempReg-Net, Kong 2016"))
    assert "0.38 ± 0.39" in published
    assert "0.44 ± 0.46" in published
    assert "sub-frame: mean absolute time" in text
    ours = next(line for line in text.splitlines() if line.startswith("ours")).split()
    assert ours == ["ours", "real", "mri", "2", "1.00", "30.0", "3.00", "9.0", "0", "0.100"]


def test_a_network_that_says_the_truth_is_read_right():
    cine = thinned(drawn_cine(5, 36))
    truth = label_curve(cine.times_s, cine.ed_s, cine.es_s).astype(np.float32)
    for fit in (True, False):
        ed, es = scores(by_network(lambda frames, closed: truth, 32, fit=fit), [cine])
        assert abs(ed.off) <= (0 if fit else 1)
        assert abs(es.off) <= (0 if fit else 1)


@pytest.mark.parametrize("areas", [graph_cut_areas, level_set_areas], ids=["graph cut", "level set"])
def test_segmented_areas_follow_a_drawn_ventricle(areas):
    if areas is level_set_areas and not has_level_sets():
        pytest.skip("scikit-image is not installed (the extra 'evaluate')")
    cine = thinned(drawn_cine(6, 36, 112))
    area = areas(cine.frames)
    truth = np.pi * (112 * (0.12 + 0.1 * label_curve(cine.times_s, cine.ed_s, cine.es_s))) ** 2
    assert np.corrcoef(area, truth)[0, 1] > 0.95
    ed, es = scores(by_area(areas), [cine])
    assert abs(ed.off) <= 2
    assert abs(es.off) <= 2
