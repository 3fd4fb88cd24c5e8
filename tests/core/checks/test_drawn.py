import csv
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from kinecor.core.checks.assessment import assess
from kinecor.core.checks.contours import CHECKS as OF_LOOPS
from kinecor.core.checks.drawn import CHECKS, compare_with_automatic
from kinecor.core.checks.findings import Finding, Severity, threshold
from kinecor.core.tracking.anchors import follow_anchors
from kinecor.core.values.calibration import Calibration
from kinecor.core.values.events import Beat, CardiacEvents
from kinecor.core.values.geometry import Contour
from kinecor.core.values.reading import Reading
from kinecor.core.values.recording import ImageFacts
from kinecor.core.values.track import ContourTrack, Origin, Structure
from kinecor.core.volumes.extent import proposed_extent
from kinecor.session.edits import OnSlice, SetCalibration, SetContours
from tests import stacks
from tests.core.checks.test_contours import bulged
from tests.core.readings import HALF_MM, beating, reading_of

WIDTHS = beating()


def of_loop(reading: Reading) -> dict[str, Finding]:
    return {one.code: one for check in (*OF_LOOPS, *CHECKS) for one in check(reading)}


def propagated(reading: Reading) -> Reading:
    """All frames follow the drawn ones, as Propagate has it."""
    bent = follow_anchors(reading.tracks, reading.time_axis, closed=False, aspect=reading.aspect)[Structure.LV_ENDO]
    return SetContours(Structure.LV_ENDO, 0, bent.contours, bent.origins).apply(reading, "Ada")


@pytest.mark.parametrize(("px", "far"), [(8, False), (30, True)])
def test_a_contour_far_off_the_automatic_one_is_found_where_other_frames_follow_it(px: int, far: bool) -> None:
    reading = reading_of(WIDTHS, calibration=HALF_MM, events=CardiacEvents((Beat(0, 10), Beat(20, 30)), Origin.MODEL))
    after = propagated(bulged(reading, 5, px))
    assert "contours.jump" not in of_loop(after)
    one = of_loop(after).get("contours.far-from-automatic")
    assert (one is not None) is far
    if one is not None:
        assert (one.severity, one.frames) == (Severity.CHECK, (5,))
        assert {"EDV", "EF", "GLS"} <= one.measurements
    # Of a frame that no value rests on, and that no other follows, nothing is said.
    assert "contours.far-from-automatic" not in of_loop(bulged(reading, 5, px))


@pytest.mark.parametrize(("times", "far"), [(1.05, False), (1.15, True), (0.85, True)])
def test_a_contour_that_is_too_large_all_round_is_far_off_the_automatic_one(times: float, far: bool) -> None:
    reading = reading_of(WIDTHS, calibration=HALF_MM, events=CardiacEvents((Beat(0, 10), Beat(20, 30)), Origin.MODEL))
    contour = reading.tracks[Structure.LV_ENDO].contours[0]
    assert contour is not None
    middle = contour.points[[0, -1]].mean(axis=0)
    drawn = SetContours(Structure.LV_ENDO, 0, (Contour(middle + times * (contour.points - middle)),))
    after = of_loop(propagated(drawn.apply(reading, "Ada")))
    assert ("contours.far-from-automatic" in after) is far
    if far:
        assert f"{100 * times**3:.0f} % of its volume" in after["contours.far-from-automatic"].message


@pytest.mark.parametrize(("frame", "dented"), [(0, True), (10, False)])
def test_a_wall_pulled_into_a_full_ventricle_is_a_dent(frame: int, dented: bool) -> None:
    reading = reading_of(WIDTHS, calibration=HALF_MM, events=CardiacEvents((Beat(0, 10), Beat(20, 30)), Origin.MODEL))
    contour = reading.tracks[Structure.LV_ENDO].contours[frame]
    assert contour is not None
    in_by = 0.1 * float(np.ptp(contour.points[:, 1]))
    after = of_loop(propagated(bulged(reading, frame, -in_by)))
    assert ("contours.dented" in after) is dented
    assert "contours.far-from-automatic" not in after
    assert "contours.dented" not in of_loop(propagated(bulged(reading, frame, in_by)))


def test_a_network_that_is_unsure_is_no_witness_against_a_person() -> None:
    reading = reading_of(
        WIDTHS, calibration=HALF_MM, events=CardiacEvents((Beat(0, 10), Beat(20, 30)), Origin.MODEL), confidence=0.72
    )
    assert "contours.far-from-automatic" not in of_loop(propagated(bulged(reading, 5, 30)))


@pytest.fixture(scope="module")
def stack():
    reading = stacks.read(stacks.stack(stacks.positions()))
    chosen = replace(reading.short_axis, extent=proposed_extent(reading))
    return reading.with_(short_axis=chosen, events=CardiacEvents((Beat(0, 10),), Origin.MODEL))


def drawn(reading, phase, times, slices):
    """The cavity of some slices drawn larger at a phase."""
    for number in slices:
        track = reading.slices[number].tracks.get(Structure.LV_ENDO)
        contour = track.contours[phase] if track else None
        if contour is not None:
            middle = contour.points.mean(axis=0)
            larger = (Contour(middle + times * (contour.points - middle)),)
            reading = OnSlice(number, SetContours(Structure.LV_ENDO, phase, larger)).apply(reading, "Ada")
    return reading


def found(reading):
    return [one for one in assess(reading).findings if one.code == "stack.far-from-automatic"]


@pytest.mark.parametrize(
    ("phase", "times", "code"),
    [(0, 1.15, "EDV"), (0, 0.85, "EDV"), (10, 1.15, "ESV"), (10, 0.84, "ESV"), (0, 1.06, ""), (10, 0.9, "")],
)
def test_cavities_drawn_too_large_or_too_small_in_all_slices_are_far_from_the_automatic_ones(stack, phase, times, code):
    everywhere = range(len(stack.slices))
    findings = found(drawn(stack, phase, times, everywhere))
    assert bool(findings) is bool(code)
    for one in findings:
        assert (one.severity, one.frames) == (Severity.CHECK, (phase,))
        assert {code, "SV", "EF"} <= one.measurements
        assert ("ESV" if code == "EDV" else "EDV") not in one.measurements
        assert f"{100 * times**2:.0f} %" in one.message
        assert len(one.slices) > 5


def test_a_single_slice_that_is_corrected_is_not(stack):
    assert not found(drawn(stack, 0, 1.3, [len(stack.slices) // 2]))


def values_found(reading):
    said = [one for one in assess(reading).findings if one.code == "stack.value-far-from-automatic"]
    return {one.subject: one for one in said}


def all_drawn(reading, structure, times):
    """A structure of every slice, scaled about its middle at phases."""
    for number, one in enumerate(reading.slices):
        track = one.tracks.get(structure)
        for phase, factor in times.items():
            contour = track.contours[phase] if track else None
            if contour is not None:
                middle = contour.points.mean(axis=0)
                larger = (Contour(middle + factor * (contour.points - middle)),)
                reading = OnSlice(number, SetContours(structure, phase, larger)).apply(reading, "Ada")
    return reading


@pytest.mark.parametrize(
    ("structure", "times", "codes"),
    [
        (Structure.RV, {0: 1.15}, {"RVEDV"}),
        (Structure.RV, {0: 0.85, 10: 0.85}, {"RVEDV", "RVESV"}),
        (Structure.RV, {0: 1.05, 10: 1.05}, set()),
        (Structure.LV_EPI, {0: 1.12, 10: 1.12}, {"LVM"}),
        (Structure.LV_EPI, {0: 1.03}, set()),
        (Structure.LV_ENDO, {0: 1.06, 10: 0.90}, {"EF"}),
    ],
)
def test_values_of_a_stack_that_what_was_drawn_moves_far_are_marked(stack, structure, times, codes):
    said = values_found(all_drawn(stack, structure, times))
    assert codes <= said.keys() <= codes | {"RVEF", "SV", "LVM"}
    for code in codes:
        assert code in said[code].measurements
        assert said[code].severity is Severity.CHECK
        assert said[code].message.startswith(f"{code} by the contours as drawn is ")


def test_right_contours_that_were_removed_are_missed(stack):
    reading = stack
    for number in range(6):
        reading = OnSlice(number, SetContours(Structure.RV, 0, (None,))).apply(reading, "Ada")
    assert "RVEDV" in values_found(reading)


def test_contours_that_nobody_drew_are_not_compared(stack):
    assert not values_found(stack)
    assert not found(stack)


def test_a_repair_that_makes_a_dented_contour_round_is_not_far():
    length = 100.0
    round_one = apical(length)
    pulled = apical(length, dent=18.0)
    full = 1.0
    assert compare_with_automatic(round_one, pulled, 1.0, full).apart > 0.14
    assert not compare_with_automatic(round_one, pulled, 1.0, full).far
    assert compare_with_automatic(pulled, round_one, 1.0, full).far


def apical(length, dent=0.0):
    """Half an ellipse of an apical view, with a wall pulled in by so many pixels."""
    turn = np.linspace(0, np.pi, 96)
    points = np.stack([100 - 0.3 * length * np.cos(turn), 150 - length * np.sin(turn)], axis=1)
    points[:, 0] -= dent * np.exp(-(((np.linspace(0, 1, 96) - 0.75) / 0.1) ** 2))
    return Contour(points)


def two_beats_of(widths=WIDTHS):
    return reading_of(widths, calibration=HALF_MM, events=CardiacEvents((Beat(0, 10), Beat(20, 30)), Origin.MODEL))


def scaled(reading, times, frames):
    """Contours of some frames drawn in another size, about the middle of the annulus."""
    for frame in frames:
        contour = reading.tracks[Structure.LV_ENDO].contours[frame]
        middle = contour.points[[0, -1]].mean(axis=0)
        larger = (Contour(middle + times * (contour.points - middle)),)
        reading = SetContours(Structure.LV_ENDO, frame, larger).apply(reading, "Ada")
    return reading


@pytest.mark.parametrize(("times", "far"), [(0.97, False), (0.9, True), (1.1, True)])
def test_contours_of_which_a_person_drew_every_one_are_compared_too(times, far):
    after = of_loop(scaled(two_beats_of(), times, range(len(WIDTHS))))
    assert "contours.jump" not in after
    assert ("contours.far-from-automatic" in after) is far


def test_what_a_network_says_it_is_unsure_of_is_no_witness_where_every_contour_was_drawn():
    unsure = reading_of(WIDTHS, calibration=HALF_MM, events=two_beats_of().events, confidence=0.72)
    assert "contours.far-from-automatic" not in of_loop(scaled(unsure, 0.8, range(len(WIDTHS))))


@pytest.mark.parametrize(("mm", "far"), [(3, False), (12, True), (-12, True)])
def test_an_annulus_moved_along_the_axis_is_far_where_the_walls_are_not(mm, far):
    reading = two_beats_of()
    for frame, contour in enumerate(reading.tracks[Structure.LV_ENDO].contours):
        share = np.linspace(0, 1, len(contour.points))
        near = np.clip(1 - np.minimum(share, 1 - share) / 0.2, 0, 1)
        moved = contour.points + near[:, None] * (0.0, mm / 0.5)
        reading = SetContours(Structure.LV_ENDO, frame, (Contour(moved),)).apply(reading, "Ada")
    assert ("contours.far-from-automatic" in of_loop(reading)) is far


@pytest.mark.parametrize("frame", [0, 10])
def test_ed_or_es_alone_of_another_size_jumps(frame):
    reading = two_beats_of()
    assert "contours.jump" not in of_loop(scaled(reading, 0.99, [frame]))
    one = of_loop(scaled(reading, 0.95, [frame]))["contours.jump"]
    assert (one.severity, one.frames) == (Severity.CHECK, (frame,))
    # Of other frames no value is computed.
    assert "contours.jump" not in of_loop(scaled(reading, 0.95, [5]))


def with_atrium(reading):
    """An ellipse below the annulus."""
    turn = np.linspace(0, 2 * np.pi, 64, endpoint=False)
    atrium = Contour(np.stack([150 + 40 * np.cos(turn), 250 + 30 * np.sin(turn)], axis=1))
    n = reading.facts.frames
    track = ContourTrack(Structure.LA, (atrium,) * n, (Origin.MODEL,) * n, np.full(n, 0.95))
    return reading.with_(tracks={**reading.tracks, Structure.LA: track})


@pytest.mark.parametrize(("times", "far"), [(1.05, False), (1.15, True), (0.85, True)])
def test_an_atrium_drawn_too_large_or_too_small_is_far_from_the_automatic_one(times, far):
    reading = with_atrium(two_beats_of())
    contour = reading.tracks[Structure.LA].contours[10]
    larger = Contour((contour.points - contour.points.mean(axis=0)) * times + contour.points.mean(axis=0))
    after = of_loop(SetContours(Structure.LA, 10, (larger,)).apply(reading, "Ada"))
    assert "atrium.far-from-automatic" not in of_loop(reading)
    assert ("atrium.far-from-automatic" in after) is far
    if far:
        assert "LAV" in after["atrium.far-from-automatic"].measurements
        assert "EDV" not in after["atrium.far-from-automatic"].measurements


@pytest.mark.parametrize(("times", "marked"), [(1.02, False), (1.1, False), (1.25, True), (0.8, True)])
def test_a_scale_set_against_that_of_the_file_marks_sizes(times, marked):
    reading = two_beats_of()
    reading = reading.with_(facts=replace(reading.facts, scale=HALF_MM))
    other = SetCalibration(Calibration(0.5 * times, 0.5 * times, "two points")).apply(reading, "Ada")
    assert "scale.by-hand" not in of_loop(reading)
    one = of_loop(other).get("scale.by-hand")
    assert (one is not None and one.severity is Severity.CHECK) is marked
    if marked:
        assert "EDV" in one.measurements
        assert "EF" not in one.measurements
    if one is not None:  # what a reader may decide marks nothing, and what the file says lies in the interval
        (named,) = one.alternatives
        rows = {row.code: row for row in assess(other).measurements}
        before = {row.code: row for row in assess(reading).measurements}
        assert named.values["EDV"] == pytest.approx(before["EDV"].quantity.value, rel=1e-6)
        assert rows["EDV"].interval.contains(before["EDV"].quantity.value)
        assert marked or not one.measurements
    # With no scale in the file there is nothing to hold it against.
    assert "scale.by-hand" not in of_loop(two_beats_of().with_(calibration=other.calibration))


def test_a_scale_set_in_place_of_one_that_is_wrong_marks_nothing():
    # Marks of the depth scale, drawn every centimetre, are 2 cm apart by the file's scale.
    reading = two_beats_of()
    images = ImageFacts(measured=True, tick_px=(0.0, 20.0))
    file_scale = Calibration(1.0, 1.0, "the file")
    reading = reading.with_(facts=replace(reading.facts, scale=file_scale, images=images), calibration=file_scale)
    right = SetCalibration(HALF_MM).apply(reading, "Ada")
    assert "scale.by-hand" not in of_loop(right)


def about_its_middle(contour: Contour, times: float) -> Contour:
    middle = contour.points.mean(axis=0)
    return Contour(middle + times * (contour.points - middle))


@pytest.mark.parametrize(("times", "severity"), [(1.01, None), (1.2, Severity.INFO), (1.5, Severity.CHECK)])
def test_a_phase_of_a_stack_drawn_alone_leaves_a_spike_that_is_said(times: float, severity: Severity | None) -> None:
    reading = stacks.read(stacks.stack())
    assert reading.events is not None
    es = reading.events.beats[0].es
    drawn = reading
    for number, one in enumerate(reading.slices):
        track = one.tracks.get(Structure.LV_ENDO)
        contour = None if track is None else track.contours[es]
        if contour is not None and number in (4, 5, 6):
            edit = OnSlice(number, SetContours(Structure.LV_ENDO, es, (about_its_middle(contour, times),)))
            drawn = edit.apply(drawn, "Ada")
    alone = [one for check in CHECKS for one in check(drawn) if one.code == "contours.drawn-alone"]
    assert [one.severity for one in alone] == ([] if severity is None else [severity])
    for one in alone:
        assert one.frames == (es,)
        assert one.slices == (4, 5, 6)
        assert {"ESV", "EF"} <= one.measurements
        assert "EDV" not in one.measurements
    assert not [one for check in CHECKS for one in check(reading) if one.code == "contours.drawn-alone"]


def test_a_frame_whose_neighbours_were_drawn_too_or_that_no_value_rests_on_is_no_spike_of_a_value() -> None:
    reading = reading_of(WIDTHS, calibration=HALF_MM, events=CardiacEvents((Beat(0, 10), Beat(20, 30)), Origin.MODEL))
    contours = reading.tracks[Structure.LV_ENDO].contours
    wide = [about_its_middle(one, 1.15) for one in contours if one is not None]
    alone = of_loop(SetContours(Structure.LV_ENDO, 10, (wide[10],)).apply(reading, "Ada"))["contours.drawn-alone"]
    assert (alone.severity, alone.frames) == (Severity.CHECK, (10,))
    elsewhere = of_loop(SetContours(Structure.LV_ENDO, 15, (wide[15],)).apply(reading, "Ada"))["contours.drawn-alone"]
    assert (elsewhere.severity, elsewhere.measurements) == (Severity.INFO, frozenset())
    together = SetContours(Structure.LV_ENDO, 9, tuple(wide[9:12])).apply(reading, "Ada")
    assert "contours.drawn-alone" not in of_loop(together)


@pytest.mark.parametrize("patients", [(2, 4, 6, 8), (1, 3, 5, 7)])
def test_experts_contours_of_every_phase_leave_no_spike(patients: tuple[int, ...], shared_data: Path) -> None:
    cavities = york_cavities_px(shared_data)
    limit = threshold("contours.drawn-alone")
    for patient in patients:
        volume = cavities[patient]
        over = np.minimum(volume - np.roll(volume, 1), volume - np.roll(volume, -1))
        under = np.minimum(np.roll(volume, 1) - volume, np.roll(volume, -1) - volume)
        assert limit.severity(float(np.maximum(over, under).max()) / volume.max()) is None


def york_cavities_px(folder: Path) -> dict[int, np.ndarray]:
    """By patient, (phases,) pixels of the cavity in all slices, as experts drew them."""
    table = folder / "york-cine" / "frames.csv"
    if not table.is_file():
        pytest.skip("needs the cine MRI of York University")
    found: dict[int, dict[int, float]] = {}
    for row in csv.DictReader(table.read_text().splitlines()):
        frames = found.setdefault(int(row["patient"]), {})
        frames[int(row["frame"])] = frames.get(int(row["frame"]), 0.0) + float(row["cavity_px"])
    return {patient: np.array([frames[at] for at in sorted(frames)]) for patient, frames in found.items()}
