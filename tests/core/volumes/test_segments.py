from dataclasses import replace

import numpy as np
import pytest

from kinecor.core.values.choices import APICAL, BASAL, MID, Extent, Insertion
from kinecor.core.values.geometry import Contour, Plane
from kinecor.core.values.reading import first_stack_reading
from kinecor.core.values.track import Structure
from kinecor.core.volumes import segments
from kinecor.core.volumes.segments import NAMES, base_is_first, bulls_eye, levels, segments_of
from tests import stacks
from tests.stacks import CENTRE_PX, Heart

ORIGIN = Insertion(120.0, 1)


def named(angle, level, origin=ORIGIN):
    return NAMES[segments_of(np.array([float(angle)]), level, origin)[0] - 1]


def test_the_short_axis_as_it_is_usually_shown():
    # Septum on the left, anterior wall on top.
    assert named(90, BASAL) == "basal anterior"
    assert named(150, BASAL) == "basal anteroseptal"
    assert named(210, MID) == "mid inferoseptal"
    assert named(270, MID) == "mid inferior"
    assert named(330, BASAL) == "basal inferolateral"
    assert named(30, BASAL) == "basal anterolateral"
    assert [named(angle, APICAL) for angle in (90, 180, 270, 0)] == [
        "apical anterior",
        "apical septal",
        "apical inferior",
        "apical lateral",
    ]


def test_a_mirrored_heart_has_its_septum_on_the_right():
    mirrored = Insertion(60.0, -1)
    assert named(90, BASAL, mirrored) == "basal anterior"
    assert named(30, BASAL, mirrored) == "basal anteroseptal"
    assert named(0, APICAL, mirrored) == "apical septal"


def test_every_angle_has_one_segment_and_all_sixteen_are_met():
    angles = np.arange(360.0)
    for level, expected in ((BASAL, range(1, 7)), (MID, range(7, 13)), (APICAL, range(13, 17))):
        found, counts = np.unique(segments_of(angles, level, ORIGIN), return_counts=True)
        assert found.tolist() == list(expected)
        assert len(set(counts.tolist())) == 1


def test_thirds_from_base_to_apex_whichever_way_slices_are_numbered():
    reading = stacks.read(stacks.stack())
    found = levels(reading, 0)
    assert [found[number] for number in range(1, 11)] == [0, 0, 0, 1, 1, 1, 1, 2, 2, 2]
    turned = reading.with_(
        slices=reading.slices[::-1],
        facts=replace(
            reading.facts, stack=replace(reading.facts.stack, positions_mm=-reading.facts.stack.positions_mm[::-1])
        ),
    )
    assert base_is_first(reading, 0)
    assert not base_is_first(turned, 0)
    assert [levels(turned, 0)[11 - number] for number in range(1, 11)] == [found[number] for number in range(1, 11)]
    chosen = reading.with_(short_axis=replace(reading.short_axis, extent=Extent((10,) * 20, (1,) * 20)))
    assert not base_is_first(chosen, 0)


def test_without_contours_patient_coordinates_decide_where_the_apex_is():
    along, down = np.array((0.7171, 0.6892, -0.1039)), np.array((-0.3534, 0.2310, -0.9065))
    normal = np.cross(along, down)
    towards_apex = normal if normal @ (1, -1, -1) > 0 else -normal
    first = first_stack_reading(stacks.stack())
    for way in (1, -1):
        slices = tuple(
            one.with_(facts=replace(one.facts, plane=Plane(8.0 * way * number * towards_apex, along, down)))
            for number, one in enumerate(first.slices)
        )
        assert base_is_first(first.with_(slices=slices), 0) is (way == 1)


def test_thickness_and_thickening_of_a_known_wall():
    heart = Heart()
    eye = bulls_eye(stacks.read(stacks.stack(), heart))
    assert eye.ed_mm[:16] == pytest.approx(heart.wall_mm, abs=0.02)
    # The cap is thinner: this wall closes round the cavity's tip a little faster than it is thick.
    assert eye.ed_mm[16] == pytest.approx(8, abs=1.5)
    assert eye.origin.endswith("; 17 estimated from the apical slices")
    assert (eye.es_mm[:16] > 10).all()
    assert eye.thickening_percent[:16] == pytest.approx(100 * (eye.es_mm / eye.ed_mm - 1)[:16])


def test_a_thin_inferior_wall_is_found_there():
    reading = stacks.read(stacks.stack())
    slices = []
    for one in reading.slices:
        track = one.tracks[Structure.LV_EPI]
        row = tuple(
            c
            and Contour(
                CENTRE_PX + (c.points - CENTRE_PX) * np.where(c.points[:, 1:] > CENTRE_PX[1] + 12, (1, 0.85), 1)
            )
            for c in track.contours
        )
        slices.append(one.with_(tracks={**one.tracks, Structure.LV_EPI: replace(track, contours=row)}))
    thin = reading.with_(slices=tuple(slices), short_axis=replace(reading.short_axis, insertion=ORIGIN))
    eye = bulls_eye(thin)
    assert NAMES[int(np.nanargmin(eye.ed_mm[:6]))] == "basal inferior"
    assert NAMES[int(np.nanargmin(eye.ed_mm[:12]))].endswith("inferior")
    assert eye.ed_mm[0] == pytest.approx(9, abs=0.1)


def test_no_beat_no_eye():
    assert bulls_eye(stacks.read(stacks.stack(), events=None)) is None


def test_a_slice_without_outlines_has_no_thickness(monkeypatch):
    reading = stacks.read(stacks.stack())
    monkeypatch.setattr(segments, "levels", lambda *_: {0: 1})
    assert np.isnan(segments.thickness_mm(reading, 0, ORIGIN)).all()
