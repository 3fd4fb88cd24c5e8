"""Whatever a reader does to a stack, its numbers, curves and warnings can be computed, and none is a NaN."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kinecor.core.checks.assessment import assess
from kinecor.core.outlines.insertion import heart_view
from kinecor.core.table.measures import Status
from kinecor.core.table.table import measurements
from kinecor.core.values.choices import Extent
from kinecor.core.values.events import Beat, CardiacEvents
from kinecor.core.values.geometry import Contour
from kinecor.core.values.reading import first_stack_reading
from kinecor.core.values.track import Origin, Structure
from kinecor.core.volumes.extent import extent_of, proposed_extent
from kinecor.core.volumes.loop_volumes import curves
from kinecor.core.volumes.segments import bulls_eye
from kinecor.core.volumes.stack_volumes import shifts_mm
from tests import stacks

WHOLE = stacks.read(stacks.stack(phases=6), events=CardiacEvents((Beat(0, 3),), Origin.MODEL))
SLICES, PHASES = 12, 6
_number, _phase = st.integers(0, SLICES - 1), st.integers(0, PHASES - 1)
_ends = st.lists(_number, min_size=PHASES, max_size=PHASES).map(tuple)
_gone = st.lists(st.tuples(_number, st.sampled_from(list(Structure)), _phase), max_size=60)


def without(reading, gone):
    slices = list(reading.slices)
    for number, structure, phase in gone:
        one = slices[number]
        if structure in one.tracks:
            track = one.tracks[structure].replaced(phase, (None,), Origin.EDITED)
            slices[number] = one.with_(tracks={**one.tracks, structure: track})
    return reading.with_(slices=tuple(slices))


def check(reading):
    rows = measurements(reading)
    assert all(row.quantity is not None or row.note for row in rows)
    assert len({row.code for row in rows}) == len(rows)
    for row in rows:
        if row.status is not Status.WITHHELD and row.code in ("EDV", "ESV", "LVM", "RVEDV"):
            assert row.quantity.value >= 0
    assert all(isinstance(one, str) and one for one in assess(reading).warnings)
    assert len(curves(reading).lv_volume) == reading.facts.frames
    bulls_eye(reading)
    shifts_mm(reading)
    heart_view(reading)
    proposed_extent(reading)
    extent_of(reading)


@given(
    _gone,
    st.none() | st.builds(Extent, _ends, _ends),
    st.sets(_number).map(sorted).map(tuple),
    st.none() | st.tuples(_phase, _phase).filter(lambda pair: pair[0] != pair[1]),
)
@settings(max_examples=60, deadline=None)
def test_after_any_choice(gone, extent, excluded, marks):
    reading = without(WHOLE, gone)
    events = CardiacEvents((Beat(*marks),), Origin.EDITED) if marks else None
    chosen = replace(reading.short_axis, extent=extent, excluded=excluded)
    check(reading.with_(short_axis=chosen, events=events))


@given(st.integers(1, 4), st.integers(1, 3))
@settings(max_examples=12, deadline=None)
def test_of_any_size(slices, phases):
    recording = stacks.stack(stacks.positions(9.0, slices, 1.0), phases=phases)
    events = CardiacEvents((Beat(0, 1),), Origin.MODEL) if phases > 1 else None
    check(stacks.read(recording, events=events))
    check(first_stack_reading(recording))


@pytest.mark.parametrize("structure", [Structure.LV_ENDO, Structure.LV_EPI, Structure.RV])
def test_outlines_pulled_out_of_all_shape(structure):
    rng = np.random.default_rng(4)
    slices = []
    for one in WHOLE.slices:
        tracks = dict(one.tracks)
        if structure in tracks:
            wild = tuple(c and Contour(rng.uniform(0, 96, (12, 2))) for c in tracks[structure].contours)
            tracks[structure] = replace(tracks[structure], contours=wild)
        slices.append(one.with_(tracks=tracks))
    check(WHOLE.with_(slices=tuple(slices)))


def test_outlines_that_shrank_to_a_point():
    slices = []
    for one in WHOLE.slices:
        tracks = {
            s: replace(t, contours=tuple(c and Contour(np.full((5, 2), 40.0)) for c in t.contours))
            for s, t in one.tracks.items()
        }
        slices.append(one.with_(tracks=tracks))
    check(WHOLE.with_(slices=tuple(slices)))
