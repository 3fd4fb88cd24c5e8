"""A simulated cine study with long axes: opened from its files, outlined at two frames, carried, measured."""

from functools import cache

import numpy as np
import pytest

from kinecor.analysis.analyse import NO_NETWORK, propose
from kinecor.analysis.phantoms import Output, write_mri
from kinecor.core.strain.wall_strain import wall_strain
from kinecor.core.table.table import measurements
from kinecor.core.values.choices import Extent
from kinecor.core.values.events import Beat, CardiacEvents
from kinecor.core.values.geometry import Contour
from kinecor.core.values.kind import LONG_AXIS_MRI
from kinecor.core.values.reading import first_reading, first_stack_reading
from kinecor.core.values.recording import Stack
from kinecor.core.values.track import ContourTrack, Origin, Structure
from kinecor.core.volumes.extent import base_doubts, long_axis_checks, proposed_extent
from kinecor.core.volumes.loop_volumes import disks_volume
from kinecor.io.open.recordings import open_path
from kinecor.session.edits import OnSlice, SetContours, SetEvents, SetExtent, SetTrack
from kinecor_phantoms.heart.population import draw
from kinecor_phantoms.mri.record import record_mri
from kinecor_phantoms.mri.scan import Scan

ENDO, EPI = Structure.LV_ENDO, Structure.LV_EPI
PHASES = 7


@cache
def study():
    heart = draw("normal", 1, beats=1)
    scan = Scan(rows=96, columns=104, pixel_mm=2.4, phases=PHASES, slices=6, gap_mm=6.0, misregistration_mm=0.0)
    return record_mri(heart, np.random.default_rng(1), scan, workers=1)


@pytest.fixture(scope="module")
def opened(tmp_path_factory):
    folder = tmp_path_factory.mktemp("mri") / "study"
    write_mri(study(), Output(folder, "Normal", "test of long axes"))
    return open_path(folder).recordings


def es_frame(one):
    return int(np.argmin(np.abs(one.trigger_ms / 1000 - study().truth.beats[0].es_s)))


def outlined(cine, truth, structures=(ENDO, EPI)):
    """What a person has outlined: the truth at ED and ES."""
    reading = first_reading(cine)
    for structure in structures:
        for frame in (0, es_frame(truth)):
            contour = Contour(truth.plane.contours[structure.value][frame])
            reading = SetContours(structure, frame, (contour,)).apply(reading, "Anna")
    return reading


def loops(opened):
    by_view = {one.view: one for one in opened if not isinstance(one, Stack)}
    return [(by_view[truth.view], truth) for truth in study().long_axes]


def test_long_axes_open_by_their_names_with_the_stack(opened):
    assert sorted(one.view for one in opened if not isinstance(one, Stack)) == ["A2C", "A3C", "A4C"]
    assert sum(isinstance(one, Stack) for one in opened) == 1
    for cine, _ in loops(opened):
        assert first_reading(cine).kind is LONG_AXIS_MRI


def test_without_outlines_nothing_is_measured_and_the_next_step_is_named(opened):
    cine, _ = loops(opened)[0]
    reading = first_reading(cine)
    proposal = propose(cine, reading)
    after = proposal.edit.apply(reading, proposal.by)
    assert after.withheld == f"{NO_NETWORK}: {reading.kind.by_hand}"
    assert after.tracks == {}


@pytest.mark.parametrize("place", range(3))
def test_outlines_at_ed_and_es_make_volumes_and_strain(opened, place):
    cine, truth = loops(opened)[place]
    reading = outlined(cine, truth)
    proposal = propose(cine, reading)
    assert proposal.by.startswith("model:")
    after = proposal.edit.apply(reading, proposal.by)
    es = es_frame(truth)
    assert after.events.beats == (Beat(0, es),)
    track = after.tracks[ENDO]
    assert track.contours[0] is reading.tracks[ENDO].contours[0]
    assert after.authors["tracks/lv_endo/edited"] == "Anna"
    assert after.authors["tracks/lv_endo"] == proposal.by
    for frame in range(PHASES):
        true = disks_volume(Contour(truth.plane.contours["lv_endo"][frame]))
        assert disks_volume(track.contours[frame]) == pytest.approx(true, rel=0.2)
    found = wall_strain(after)
    assert found.why is None
    assert found.whole.end_systolic == pytest.approx(truth.plane.strain_percent["longitudinal"][es], abs=2.5)
    assert not found.regional
    rows = {row.code: row for row in measurements(after)}
    assert rows["GLS"].quantity is not None
    assert "Anna" in rows["GLS"].by
    assert rows["EF"].quantity is not None
    assert not any(code.startswith("LS") for code in rows)


def test_the_wall_begins_on_the_side_that_an_echo_shows_on_the_left(opened):
    for cine, truth in loops(opened):
        reading = outlined(cine, truth)
        proposal = propose(cine, reading)
        found = wall_strain(proposal.edit.apply(reading, proposal.by))
        ends = cine.plane.in_patient(found.points_px[0][[0, -1]] * (cine.calibration.col_mm, cine.calibration.row_mm))
        left, posterior, superior = ends[1] - ends[0]
        # To the lateral, the anterior, the anteroseptal wall.
        assert {"A4C": left > 10 and posterior > 0, "A2C": superior > 10, "A3C": left < 0}[cine.view]


def test_marks_of_a_person_stay(opened):
    cine, truth = loops(opened)[0]
    mine = CardiacEvents((Beat(1, 3),), Origin.EDITED)
    reading = SetEvents(mine).apply(outlined(cine, truth), "Anna")
    proposal = propose(cine, reading)
    assert proposal.edit.apply(reading, proposal.by).events is mine


def test_long_axes_check_the_base_of_the_stack(opened):
    stack = next(one for one in opened if isinstance(one, Stack))
    whole = first_stack_reading(stack)
    by_place = {tuple(np.round(one.position_mm, 1)): one for one in study().stack}
    for number, cine in enumerate(stack.slices):
        truth = by_place[tuple(np.round(cine.plane.origin_mm, 1))]
        for structure in (ENDO, EPI):
            outlines = truth.plane.contours[structure.value]
            contours = tuple(None if one is None else Contour(one) for one in outlines)
            track = ContourTrack(structure, contours, (Origin.MODEL,) * PHASES, np.ones(PHASES))
            whole = OnSlice(number, SetTrack(track)).apply(whole, "model:x@1")
    es = es_frame(study().long_axes[0])
    whole = SetEvents(CardiacEvents((Beat(0, es),), Origin.EDITED)).apply(whole, "Anna")
    whole = SetExtent(proposed_extent(whole)).apply(whole, "Anna")
    read = [outlined(cine, truth, (ENDO,)) for cine, truth in loops(opened)]
    checks = long_axis_checks(whole, read)
    assert [(one.view, one.mark) for one in checks] == [
        (view, mark) for view in ("A2C", "A3C", "A4C") for mark in ("ED", "ES")
    ]
    assert max(one.apart for one in checks) <= 1
    assert base_doubts(whole, read) == ()
    ends = whole.short_axis.extent
    step = 1 if ends.apex[0] > ends.base[0] else -1
    wrong = Extent(tuple(one + 3 * step for one in ends.base), ends.apex)
    moved = SetExtent(wrong).apply(whole, "Anna")
    assert len(base_doubts(moved, read)) == 2
    assert "short of it" in base_doubts(moved, read)[0]
