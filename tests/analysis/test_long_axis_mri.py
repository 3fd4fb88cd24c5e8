"""A simulated cine study with long axes: opened from its files, outlined at two frames, carried, measured."""

from functools import cache

import numpy as np
import pytest

from kinecor.analysis.analyse import NO_NETWORK, propose
from kinecor.analysis.models import Models
from kinecor.analysis.phantoms import Output, write_mri
from kinecor.analysis.propagation import with_followers
from kinecor.core.checks.assessment import assess
from kinecor.core.strain.wall_strain import wall_strain
from kinecor.core.table.over_views import study_measurements
from kinecor.core.table.table import measurements
from kinecor.core.values.choices import Extent
from kinecor.core.values.confidence import Trust
from kinecor.core.values.events import Beat, CardiacEvents
from kinecor.core.values.geometry import Contour
from kinecor.core.values.kind import LONG_AXIS_MRI
from kinecor.core.values.reading import first_reading, first_stack_reading
from kinecor.core.values.recording import Stack
from kinecor.core.values.track import ContourTrack, Origin, Structure
from kinecor.core.volumes.extent import base_doubts, long_axis_checks, proposed_extent
from kinecor.core.volumes.long_axis import valve_of_stack
from kinecor.core.volumes.loop_volumes import area_length_volume, cavity, disks_volume
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


def test_without_the_network_nothing_is_measured_and_the_next_step_is_named(opened, monkeypatch):
    monkeypatch.setattr(Models, "long_axis", lambda _: None)
    cine, _ = loops(opened)[0]
    reading = first_reading(cine)
    proposal = propose(cine, reading)
    after = proposal.edit.apply(reading, proposal.by)
    assert after.withheld == f"{NO_NETWORK}: {reading.kind.by_hand}"
    assert after.tracks == {}


def by_network(cine):
    reading = first_reading(cine)
    proposal = propose(cine, reading)
    return proposal.edit.apply(reading, proposal.by)


def true_wall(truth, frame):
    return Contour(truth.plane.contours["lv_endo"][frame])


@pytest.mark.parametrize("place", range(3))
def test_a_network_contours_the_cavity_in_every_phase(opened, place):
    cine, truth = loops(opened)[place]
    after = by_network(cine)
    assert set(after.tracks) == {ENDO}
    assert after.authors["tracks/lv_endo"].startswith("model:lv-lax@")
    for frame, contour in enumerate(after.tracks[ENDO].contours):
        assert disks_volume(contour) == pytest.approx(disks_volume(true_wall(truth, frame)), rel=0.25)
        ends, wanted = contour.points[[0, -1]], true_wall(truth, frame).points[[0, -1]]
        off = min(np.hypot(*(ends - way).T).max() for way in (wanted, wanted[::-1]))
        assert 2.4 * off < 10
    assert after.events.beats[0].es == pytest.approx(es_frame(truth), abs=1)


def test_what_the_network_is_too_rough_for_is_withheld_with_the_reason(opened):
    for cine, _ in loops(opened):
        rows = {row.code: row for row in assess(by_network(cine)).measurements}
        assert rows["EDV"].quantity is not None
        assert rows["EDV"].interval is not None
        assert rows["GLS"].quantity is None
        assert "correct or confirm" in rows["GLS"].note
        if cine.view == "A3C":
            assert not {"LAV", "MAPSE", "TAPSE"} & set(rows)
            continue
        assert rows["LAV"].quantity is None
        assert "no network contours the left atrium" in rows["LAV"].note
        assert rows["MAPSE"].quantity is None
        assert "correct or confirm" in rows["MAPSE"].note
        assert ("TAPSE" in rows) is (cine.view == "A4C")


def test_contours_that_a_person_confirmed_give_strain_and_the_way_of_the_valve(opened):
    cine, truth = loops(opened)[2]
    after = by_network(cine)
    beat = after.events.beats[0]
    for frame in (beat.ed, beat.es):
        after = SetContours(ENDO, frame, (true_wall(truth, frame),)).apply(after, "Anna")
    rows = {row.code: row for row in measurements(after)}
    ends = [true_wall(truth, frame).points * 2.4 for frame in (beat.ed, beat.es)]
    base = ends[0][[0, -1]].mean(axis=0)
    axis = max(ends[0] - base, key=lambda one: float(np.hypot(*one)))
    way = float((ends[1][[0, -1]].mean(axis=0) - base) @ axis / np.hypot(*axis))
    assert rows["MAPSE"].quantity.value == pytest.approx(way, abs=0.01)
    assert rows["MAPSE"].trust is Trust.OK
    lengths = [np.linalg.norm(np.diff(one, axis=0), axis=1).sum() for one in ends]
    assert rows["GLS"].quantity.value == pytest.approx(100 * (lengths[1] / lengths[0] - 1), abs=1.0)
    assert "endocardium" in rows["GLS"].method


def test_the_atrium_is_measured_by_area_and_length_where_a_person_traced_it(opened):
    readings = []
    for cine, truth in loops(opened):
        after = by_network(cine)
        es = after.events.beats[0].es
        if truth.view != "A3C":
            atrium = Contour(truth.plane.contours["la"][es])
            after = SetContours(Structure.LA, es, (atrium,)).apply(after, "Anna")
            row = next(row for row in measurements(after) if row.code == "LAV")
            assert row.quantity.value == pytest.approx(area_length_volume(atrium, 2.4, 2.4) / 1000)
            assert "area-length" in row.method
        readings.append(after)
    row = next(row for row in study_measurements(readings) if row.code == "LAV")
    assert "biplane area-length" in row.method


def test_the_stack_takes_its_base_from_the_valve_on_long_axes(opened):
    stack = next(one for one in opened if isinstance(one, Stack))
    whole = first_stack_reading(stack)
    whole = whole if whole.facts.frames == PHASES else None
    read = [outlined(cine, truth, (ENDO,)) for cine, truth in loops(opened)]
    valve = valve_of_stack(whole, read)
    assert valve.views == ("A2C", "A3C", "A4C")
    known = [one for one in valve.place_mm if one is not None]
    assert len(known) >= 1
    places = whole.facts.stack.positions_mm - whole.facts.stack.positions_mm[0]
    assert all(places[0] - 15 < one < places[-1] + 15 for one in known)


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


@pytest.mark.parametrize("frame", ["es", "between"])
def test_a_trace_takes_the_phases_along_that_motion_propagated_and_leaves_no_spike(opened, frame):
    cine, truth = loops(opened)[0]
    reading = outlined(cine, truth, (ENDO,))
    proposal = propose(cine, reading)
    before = proposal.edit.apply(reading, proposal.by)
    at = es_frame(truth) if frame == "es" else es_frame(truth) + 2
    contour = before.tracks[ENDO].contours[at]
    middle = contour.points[[0, -1]].mean(axis=0)
    edit = SetContours(ENDO, at, (Contour(middle + 1.12 * (contour.points - middle)),))
    alone, after = edit.apply(before, "Anna"), with_followers(edit, before, "Anna").apply(before, "Anna")
    assert "contours.drawn-alone" in {one.code for one in assess(alone).findings}
    volumes, then = cavity(after), cavity(before)
    # Seven phases are far apart: half way to the next drawn one the correction has faded to a third.
    assert volumes[at] - volumes[at + 1] < 0.6 * (cavity(alone)[at] - then[at + 1])
    assert volumes[at] == pytest.approx(cavity(alone)[at])
    assert volumes[at + 1] > then[at + 1]
    assert after.tracks[ENDO].origins[at + 1] is Origin.TRACKED
    assert after.authors["tracks/lv_endo"] == before.authors["tracks/lv_endo"]
