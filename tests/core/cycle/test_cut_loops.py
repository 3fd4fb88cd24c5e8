"""Loops cut anywhere out of simulated hearts, whose size drifts as under a moving probe: is ED before its ES?"""

from collections import Counter

import numpy as np
import pytest

from kinecor.core.cycle.cycle import find_beats
from kinecor_phantoms.heart.population import POPULATIONS
from kinecor_phantoms.heart.truth import beats_in
from tests.hearts import heart

FRAMES_PER_S, CUTS, DRIFT, NOISE = 40.0, 8, 0.25, 0.01
# Hearts that nothing was chosen on.
SEED = 200


@pytest.fixture(scope="module")
def placed():
    """How the first whole ES of each loop was paired, by whether the loop shows the ED before it."""
    rng = np.random.default_rng(1)
    found = {"shown": Counter(), "lost": Counter()}
    for number, population in enumerate(POPULATIONS):
        for rhythm in ("sinus", "ectopic", "fibrillation"):
            whole = heart(population, SEED + number % 2, rhythm=rhythm, beats=4)
            times_s = np.arange(0, whole.rhythm.duration_s, 1 / FRAMES_PER_S)
            beating = whole.at(times_s)
            for _ in range(CUTS):
                _place(found, rng, beating.volume_ml, times_s, beats_in(beating))
    return found


def _place(found, rng, volume, times_s, beats):
    begin_s = rng.uniform(0, 0.45 * times_s[-1])
    inside = (times_s >= begin_s) & (times_s <= begin_s + rng.uniform(0.9, 1.9) * (beats[1].ed_s - beats[0].ed_s))
    own_s = times_s[inside] - times_s[inside][0]
    first = next((b for b in beats if begin_s + 0.02 < b.es_s < times_s[inside][-1] - 0.05), None)
    if len(own_s) < 12 or first is None:
        return
    drifting = 1 + rng.uniform(-DRIFT, DRIFT) * own_s / own_s[-1]
    events = find_beats(volume[inside] * drifting * (1 + rng.normal(0, NOISE, len(own_s))), own_s)
    late_s = max(first.ed_s, first.fullest_s, first.aortic_open_s)
    lost = 1 - np.interp(max(begin_s, late_s), times_s, volume) / np.interp(late_s, times_s, volume)
    shown = min(first.ed_s, first.fullest_s) >= begin_s - 0.02
    if not shown and lost < 0.05:
        return  # as good as shown
    near = [b for b in events.beats if abs(own_s[b.es] + begin_s - first.emptiest_s) < 0.12] if events else []
    how = "left out" if not near else "before" if near[0].ed < near[0].es else "after"
    found["shown" if shown else "lost"][how] += 1


def test_ed_is_before_its_es_wherever_the_loop_shows_it(placed):
    shown = placed["shown"]
    assert shown.total() > 120
    # The others are left out beside a whole beat that begins fuller.
    assert shown["before"] >= 0.9 * shown.total()
    assert shown["after"] <= 0.01 * shown.total()


def test_a_loop_that_begins_in_ejection_rarely_takes_its_first_frame_for_ed(placed):
    lost = placed["lost"]
    assert lost.total() > 80
    assert lost["before"] <= 0.15 * lost.total()
