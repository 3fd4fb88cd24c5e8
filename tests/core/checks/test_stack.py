from dataclasses import replace

import numpy as np
import pytest

from kinecor.core.checks.assessment import assess
from kinecor.core.checks.findings import MASS, RIGHT, VOLUMES, Severity
from kinecor.core.table.intervals import with_intervals
from kinecor.core.table.table import measurements
from kinecor.core.values.choices import Body, Extent, Muscle, Papillaries, Presence
from kinecor.core.values.confidence import Trust
from kinecor.core.values.events import Beat, CardiacEvents
from kinecor.core.values.geometry import Contour
from kinecor.core.values.track import Origin, Structure
from kinecor.core.volumes.extent import decided_right_base, proposed_extent
from kinecor.session.edits import AcknowledgeFinding, SetExtent
from tests import stacks
from tests.core.volumes.test_extent_decision import changed, open_wall, scaled, without

ENDO, RV = Structure.LV_ENDO, Structure.RV
PLACES = np.concatenate((stacks.positions(slices=1) - 8.0, stacks.positions()))


def measured(reading, extent=None):
    chosen = replace(reading.short_axis, extent=extent or proposed_extent(reading))
    return reading.with_(short_axis=chosen, events=CardiacEvents((Beat(0, 10),), Origin.MODEL))


def with_right(reading, times):
    """The right ventricle's outlines scaled about their centres: by slice, by phase."""
    for number, one in enumerate(reading.slices):
        row = tuple(
            c and Contour(c.points.mean(axis=0) + times[number, phase] * (c.points - c.points.mean(axis=0)))
            for phase, c in enumerate(one.tracks[RV].contours)
        )
        reading = changed(reading, number, RV, contours=row)
    return reading


EVENLY = np.ones((13, 20))
RIGHT_AT_ES = {"RVESV", "RVESVI", "RVSV", "RVSVI", "RVEF"}


@pytest.fixture(scope="module")
def sound():
    """A slice of atrium above the base, so that the stack covers the ventricle; both ventricles eject alike."""
    return with_right(stacks.read(stacks.stack(PLACES)), 1.6 * EVENLY)


def found(reading, code):
    return [one for one in assess(reading).findings if one.code == code]


def _marks(findings):
    """By the mark that each is about."""
    return {one.subject.partition(",")[0]: one for one in findings}


def codes(reading):
    return {one.code for one in assess(reading).findings if one.code.startswith("stack.")}


def test_a_sound_stack_has_no_finding(sound):
    assert not codes(measured(sound))
    assert not assess(measured(sound)).open


def test_a_base_half_surrounded_is_asked_for_with_what_follows_from_either_choice(sound):
    reading = measured(open_wall(sound, 2, 0.42), Extent((2,) * 20, (11,) * 20))
    at_ed, at_es = sorted(found(reading, "stack.basal-slice"), key=lambda one: one.subject)
    assert "muscle surrounds" in at_es.message
    assert "of the cavity of slice 3. A basal slice of the ventricle has at least 50 %" in at_es.message
    assert at_ed.frames == (0,)
    assert at_es.key == "stack.basal-slice:ES, slice 3"
    assert set(at_ed.slices) == {2, 3}
    assert "EF" in at_ed.measurements
    # EDV changes by less than its interval allows, which then holds both.
    assert "EDV" not in at_ed.measurements
    rows = {one.code: one for one in assess(reading).measurements}
    (other,) = [one for one in assess(reading).alternatives if "at ED" in one.message]
    assert rows["EDV"].interval.contains(rows["EDV"].quantity.value)
    assert rows["EDV"].interval.low < other.values["EDV"] < rows["EDV"].quantity.value
    assert "ESV" not in at_ed.measurements
    assert [one.arguments["slice"] for one in at_es.remedies] == [2, 3]
    assert "With slice 3 ESV is " in at_es.message
    assert ", with slice 4 ESV is " in at_es.message
    assert at_es.remedies[0].effect.startswith("ESV ")
    assert "EF " in at_es.remedies[1].effect


def test_a_narrow_base_is_marked_where_it_is_not_sure(sound):
    shape = np.ones(20)
    narrow = scaled(open_wall(scaled(sound, 2, 0.8 * shape), 2, 0.8), 3, 1.1 * shape)
    extent = Extent((2,) * 20, (11,) * 20)

    def severities(likely):
        seen = np.full((13, 20), 0.99)
        seen[:2], seen[2], seen[12] = 0.005, likely, 0.005
        rows = tuple(map(tuple, seen.tolist()))
        reading = narrow.with_(short_axis=replace(narrow.short_axis, presence=Presence(rows, rows)))
        return {one.severity for one in found(measured(reading, extent), "stack.basal-slice")}

    # Of the same contours, so that what a model saw before must not be taken for what it sees now.
    assert severities(0.99) == {Severity.INFO}
    assert Severity.CHECK in severities(0.5)
    assert severities(0.99) == {Severity.INFO}


def test_a_doubt_marks_what_the_other_slice_would_change_by_as_much_as_matters(sound):
    """Of twelve slices of 8 mm, base and its neighbour are made smaller, so that either changes EDV by less."""

    def marked(times):
        seen = np.full((13, 20), 0.99)
        seen[:2], seen[2], seen[12] = 0.005, 0.503, 0.005
        rows = tuple(map(tuple, seen.tolist()))
        smaller = scaled(scaled(sound, 2, times * np.ones(20)), 3, times * np.ones(20))
        reading = smaller.with_(short_axis=replace(smaller.short_axis, presence=Presence(rows, rows)))
        return found(measured(reading, proposed_extent(reading)), "stack.basal-slice")

    assert {one.severity for one in marked(0.3)} <= {Severity.INFO}
    # EDV by 8 % and more, of a slice that may be one too far; the rest by less than matters.
    (small,) = (one for one in marked(0.8) if one.severity is Severity.CHECK)
    assert small.measurements & {"EDV", "SV", "EF", "LVM", "ESV"} == {"EDV"}
    (large,) = (one for one in marked(1.2) if one.severity is Severity.CHECK)
    assert large.frames == (0,)
    # EDV by 17 %, EF by 8 points; the wall by less.
    assert large.measurements & {"EDV", "SV", "EF", "LVM", "ESV"} == {"EDV", "SV", "EF"}


def test_the_choice_that_is_proposed_resolves_it(sound):
    reading = open_wall(sound, 2, 0.3)
    assert not found(measured(reading), "stack.basal-slice")


def test_a_base_moved_into_the_atrium_is_found(sound):
    extent = proposed_extent(sound)
    moved = Extent(tuple(one - 1 for one in extent.base), extent.apex)
    assert _marks(found(measured(sound, moved), "stack.basal-slice")).keys() == {"ED", "ES"}
    inwards = Extent(tuple(one + 2 for one in extent.base), extent.apex)
    marked = found(measured(sound, inwards), "stack.basal-slice")
    assert {one.severity for one in marked} == {Severity.CHECK}


def test_a_base_that_leaps_leaves_a_step_in_the_curve(sound):
    base = [2] * 20
    base[8:12] = [5] * 4
    (leap,) = found(measured(sound, Extent(tuple(base), (11,) * 20)), "stack.base-leaps")
    assert leap.frames == (7, 11)
    assert {"PER", "PFR"} <= leap.measurements


def test_a_right_ventricle_that_counts_from_the_slice_in_doubt_is_marked_with_the_left(sound):
    wide = EVENLY.copy()
    wide[2] = 1.5
    reading = measured(open_wall(with_right(sound, wide), 2, 0.42), Extent((2,) * 20, (11,) * 20))

    def marked(base):
        chosen = replace(reading.short_axis, rv_base=(base,) * 20)
        return _marks(found(reading.with_(short_axis=chosen), "stack.basal-slice"))

    both = marked(2)
    assert {one.severity for one in both.values()} == {Severity.CHECK}
    assert both["ES"].measurements >= RIGHT_AT_ES
    assert both["ED"].measurements >= {"RVEDV", "RVEF", "EF"}
    assert "RVESV" not in both["ED"].measurements
    assert both["ED"].message.endswith("The right ventricle counts from slice 3, so that its volume is in doubt, too.")
    for one in marked(3).values():
        assert not one.measurements & RIGHT
        assert "right ventricle" not in one.message


def test_a_base_of_a_single_phase_is_said_to_be_one(sound):
    reading = measured(open_wall(sound, 2, 0.42), Extent((2,) + (3,) * 19, (11,) * 20))
    at_ed = _marks(found(reading, "stack.basal-slice"))["ED"]
    assert "Slice 3 counts at phase 1 only." in at_ed.message
    reading = measured(sound, Extent((3,) + (2,) * 19, (11,) * 20))
    at_ed = _marks(found(reading, "stack.basal-slice"))["ED"]
    assert "Slice 3 is left out at phase 1 only." in at_ed.message


def test_a_stack_that_ends_within_the_ventricle():
    def missing(slices):
        cut = stacks.read(stacks.stack(stacks.positions()[slices:]))
        (one,) = found(measured(cut), "stack.base-missing")
        assert one.slices == (0,)
        return one

    # Half of all stacks end where their base is: that is marked where the ventricle is too short for its width.
    assert (missing(2).severity, missing(2).measurements) == (Severity.INFO, frozenset())
    assert (missing(5).severity, missing(5).measurements) == (Severity.CHECK, VOLUMES | MASS | RIGHT)
    without_apex = stacks.read(stacks.stack(PLACES[:-5]))
    (open_at_es,) = found(measured(without_apex), "stack.apex-missing")
    assert open_at_es.severity is Severity.CHECK
    # A slice that hardly has a cavity at ES is the last one of the ventricle.
    last = len(without_apex.slices) - 1
    closes = np.where(np.arange(20) == 10, 0.1, 1.0)
    (closed,) = found(measured(scaled(without_apex, last, closes)), "stack.apex-missing")
    assert closed.severity is Severity.INFO


def test_slices_that_may_be_lost_beyond_the_base_lie_in_the_interval():
    cut = measured(stacks.read(stacks.stack(stacks.positions()[5:])))
    longer = measured(stacks.read(stacks.stack(stacks.positions()[2:])))
    (one,) = found(cut, "stack.base-missing")
    (named,) = one.alternatives
    assert "beyond the base" in named.message
    rows, true = ({row.code: row for row in assess(reading).measurements} for reading in (cut, longer))
    exact = {row.code: row for row in with_intervals(cut, measurements(cut))}
    for code in ("EDV", "ESV"):
        assert named.values[code] > rows[code].quantity.value
        assert rows[code].interval.contains(named.values[code])
        assert not exact[code].interval.contains(true[code].quantity.value)
        assert rows[code].interval.contains(true[code].quantity.value)
    # Half of all stacks end where their base is: what marks nothing names nothing.
    (note,) = found(measured(stacks.read(stacks.stack(stacks.positions()[2:]))), "stack.base-missing")
    assert not note.alternatives


def of_a_body(reading, height_cm, weight_kg):
    size = Body(height_cm, weight_kg, "F")
    return measured(reading.with_(short_axis=replace(reading.short_axis, body=size)))


def test_a_stack_that_ends_at_its_base_is_marked_where_it_is_short_for_width_and_body():
    cut = stacks.read(stacks.stack(stacks.positions()[3:]))
    assert found(of_a_body(cut, 120, 25), "stack.base-missing")[0].severity is Severity.INFO
    (one,) = found(of_a_body(cut, 190, 95), "stack.base-missing")
    assert (one.severity, one.measurements) == (Severity.CHECK, VOLUMES | MASS | RIGHT)


def test_a_distance_between_slices_that_no_ventricle_fits_is_found(sound):
    assert not found(of_a_body(sound, 170, 70), "stack.proportions")
    stretched = stacks.read(stacks.stack(1.7 * PLACES), stacks.Heart(length_mm=1.7 * 80))
    (one,) = found(of_a_body(stretched, 170, 70), "stack.proportions")
    assert one.severity is Severity.CHECK
    assert "long for its width and for a body of 1.8" in one.message
    assert {"EDV", "ESV", "LVM"} <= one.measurements


def test_missing_slices():
    one = measured(stacks.read(stacks.stack(np.delete(PLACES, 5))))
    (single,) = found(one, "stack.slice-missing")
    assert single.severity is Severity.INFO
    assert "after slice 5" in single.message
    (two,) = found(measured(stacks.read(stacks.stack(np.delete(PLACES, [5, 6])))), "stack.slice-missing")
    assert two.severity is Severity.CHECK
    assert two.measurements >= VOLUMES | MASS | RIGHT


def test_slices_out_of_order(sound):
    order = [0, 1, 9, 3, 11, 5, 10, 7, 8, 2, 6, 4, 12]
    mixed = sound.with_(
        slices=tuple(sound.slices[at].with_(facts=here.facts) for at, here in zip(order, sound.slices, strict=True))
    )
    (order_finding,) = found(measured(mixed, Extent((2,) * 20, (11,) * 20)), "stack.order")
    assert order_finding.severity is Severity.CHECK


def test_a_slice_much_larger_than_its_neighbours(sound):
    (jump,) = found(measured(scaled(centred(sound), 6, np.full(20, 1.5))), "stack.area-jump")
    assert jump.slices == (6,)


def test_a_copied_slice(sound):
    copy = sound.slices[6].with_(tracks=sound.slices[5].tracks)
    (same,) = found(measured(sound.with_(slices=(*sound.slices[:6], copy, *sound.slices[7:]))), "stack.same-contours")
    assert same.slices == (5, 6)


def test_stroke_volumes_that_differ_lower_trust_only_with_a_doubtful_base(sound):
    small = with_right(sound, 0.8 * EVENLY)
    (info,) = found(measured(small), "stack.stroke-volumes")
    assert (info.severity, info.measurements) == (Severity.INFO, frozenset())
    doubtful = measured(open_wall(small, 2, 0.42), Extent((2,) * 20, (11,) * 20))
    (check,) = found(doubtful, "stack.stroke-volumes")
    assert (check.severity, check.measurements) == (Severity.CHECK, RIGHT_AT_ES)


def test_stroke_volumes_that_no_regurgitation_explains_mark_the_right_ventricle_alone(sound):
    (far,) = found(measured(with_right(sound, 0.5 * EVENLY)), "stack.stroke-volumes")
    assert (far.severity, far.measurements) == (Severity.CHECK, RIGHT_AT_ES)
    assert "too far apart for most regurgitation" in far.message


def test_a_right_ventricle_that_is_small_and_ejects_less_is_looked_at(sound):
    (small,) = found(measured(with_right(sound, 0.55 * EVENLY)), "stack.right-small")
    assert small.measurements == RIGHT
    assert small.message.startswith("The right ventricle is small for the left (EDV ")
    # Compared with a dilated left ventricle that ejects as little, it is no surprise.
    assert not found(measured(sound), "stack.right-small")


def test_a_right_ventricle_that_leaps_between_slices_is_found_at_its_phase(sound):
    leap = EVENLY.copy()
    leap[6, 10] = 0.4
    (jump,) = found(measured(with_right(sound, leap)), "stack.right-jump")
    assert (jump.frames, jump.slices, jump.measurements) == ((10,), (6,), RIGHT_AT_ES)
    assert not found(measured(sound), "stack.right-jump")


def test_a_right_base_that_is_likely_elsewhere_is_asked_for(sound):
    there = np.array([[one is not None for one in each.tracks[RV].contours] for each in sound.slices])
    first = int(np.flatnonzero(there.all(axis=1))[0])
    wide = EVENLY.copy()
    wide[first] = 1.5
    reading = measured(with_right(sound, wide))
    left, right = (tuple(map(tuple, one.tolist())) for one in (np.full(there.shape, 0.97), np.where(there, 0.97, 0.02)))
    chosen = replace(reading.short_axis, presence=Presence(left, right))
    seen = reading.with_(short_axis=chosen)
    decided = decided_right_base(seen, chosen.extent)
    assert not found(seen.with_(short_axis=replace(chosen, rv_base=decided)), "stack.right-base")
    inwards = seen.with_(short_axis=replace(chosen, rv_base=(first + 1,) * 20))
    at_ed, at_es = sorted(found(inwards, "stack.right-base"), key=lambda one: one.subject)
    assert (at_ed.subject, at_es.subject) == (f"ED, slice {first + 2}", f"ES, slice {first + 2}")
    assert at_es.measurements == RIGHT_AT_ES
    assert at_es.slices == (first + 1, first)
    assert {one.arguments["end"] for one in at_es.remedies} == {"rv base"}
    assert f"With slice {first + 2} RVESV is " in at_es.message
    assert at_es.remedies[1].effect.startswith("RVESV ")
    # A small slice at the base does not matter.
    assert not found(measured(sound).with_(short_axis=inwards.short_axis), "stack.right-base")


def test_an_es_at_which_the_right_ventricle_is_far_from_its_smallest_doubts_its_values(sound):
    right_late = sound
    for number in range(len(sound.slices)):
        row = tuple(np.roll(np.array(sound.slices[number].tracks[RV].contours, dtype=object), 8))
        right_late = changed(right_late, number, RV, contours=row)
    (off,) = found(measured(right_late), "cycle.right-es-off")
    assert off.measurements == {"RVESV", "RVESVI", "RVSV", "RVSVI", "RVEF"}
    assert not found(measured(sound), "cycle.right-es-off")


def test_papillaries_that_fill_the_cavity(sound):
    much = Muscle(((0.3,) * 20,) * 13)
    reading = measured(sound)
    taken = replace(reading.short_axis, muscle=much, papillaries=Papillaries.MYOCARDIUM)
    assert found(reading.with_(short_axis=taken), "stack.papillaries")
    assert not found(reading.with_(short_axis=replace(taken, papillaries=Papillaries.CAVITY)), "stack.papillaries")


def test_a_volume_at_es_that_leaves_its_neighbours(sound):
    factor = np.ones(20)
    factor[10] = 0.6
    spiky = centred(sound)
    for number in range(2, 12):
        spiky = scaled(spiky, number, factor)
    (jump,) = found(measured(spiky), "stack.curve-jump")
    assert jump.subject == "ES"


def test_the_base_of_another_phase_does_not_matter(sound):
    assert not found(measured(without(sound, 2, {5})), "stack.basal-slice")


def centred(reading):
    """The slices without their right ventricle, so that only the left one changes."""
    return reading.with_(
        slices=tuple(one.with_(tracks={s: t for s, t in one.tracks.items() if s is not RV}) for one in reading.slices)
    )


def without_slices(reading, *numbers):
    return reading.with_(short_axis=replace(reading.short_axis, excluded=numbers))


def test_slices_excluded_at_the_base_are_lost_and_between_others_interpolated(sound):
    reading = measured(sound)
    base = reading.short_axis.extent.base[0]
    (lost,) = found(without_slices(reading, base, base + 1), "stack.excluded-end")
    assert lost.severity is Severity.CHECK
    assert f"slices {base + 1} to {base + 2}" in lost.message
    assert {"EDV", "SV", "EF", "LVM", "RVEDV", "RVESV"} <= lost.measurements
    assert not found(without_slices(reading, base, base + 1), "stack.excluded")
    (between,) = found(without_slices(reading, base + 2), "stack.excluded")
    assert between.severity is Severity.INFO
    assert not found(without_slices(reading, base + 2), "stack.excluded-end")


def test_a_slice_excluded_beyond_the_ventricle_loses_nothing(sound):
    reading = measured(sound)
    assert not found(without_slices(reading, reading.short_axis.extent.base[0] - 1), "stack.excluded-end")


def test_a_small_slice_excluded_at_the_apex_is_information(sound):
    reading = measured(sound)
    (lost,) = found(without_slices(reading, reading.short_axis.extent.apex[0]), "stack.excluded-end")
    assert lost.severity is Severity.INFO


def by_reader(reading, extent):
    return SetExtent(extent).apply(measured(reading), "Dr Reader")


def seen_as(reading, likely):
    """A stack whose base is as likely ventricle as a model says, and the slices above it are not."""
    rows = np.full((13, 20), 0.99)
    rows[:2], rows[2], rows[12] = 0.005, likely, 0.005
    given = tuple(map(tuple, rows.tolist()))
    return reading.with_(short_axis=replace(reading.short_axis, presence=Presence(given, given)))


def test_a_base_that_a_reader_sets_nearer_to_the_apex_settles_the_doubt(sound):
    doubtful = seen_as(open_wall(sound, 2, 0.52), 0.503)
    automatic = measured(doubtful)
    assert automatic.short_axis.extent.base[0] == 2
    (named,) = [one for one in assess(automatic).alternatives if "slice 4 at ED" in one.message]
    assert named.kind == "base"
    inner = Extent((3,) * 20, automatic.short_axis.extent.apex)
    after = by_reader(doubtful, inner)
    assert not found(after, "stack.basal-slice")
    assert not assess(after).alternatives
    rows = {one.code: one for one in assess(after).measurements}
    assert rows["EDV"].trust is Trust.OK
    assert rows["EDV"].quantity.value == pytest.approx(named.values["EDV"], rel=0.2)
    # What the program decides on is not judged less strictly: the same slices, in force without a reader, are in doubt.
    assert found(measured(doubtful, inner), "stack.basal-slice")


def test_a_reader_is_never_judged_more_strictly_than_the_program(sound):
    """Every base that a reader may choose, at every openness of its ring: what marks theirs marks the program's."""
    for share in (0.3, 0.45, 0.49, 0.52, 0.6, 1.0):
        reading = open_wall(sound, 2, share)
        apex = proposed_extent(reading).apex
        for base in range(1, 6):
            extent = Extent((base,) * 20, apex)
            theirs, programs = by_reader(reading, extent), measured(reading, extent)
            held = {code for one in found(theirs, "stack.basal-slice") if one.marks for code in one.measurements}
            assert held <= {
                code for one in found(programs, "stack.basal-slice") if one.marks for code in one.measurements
            }


def test_a_reason_never_supports_the_slice_in_force(sound):
    for share in (0.3, 0.42, 0.49):
        reading = open_wall(sound, 2, share)
        inner = measured(reading, Extent((3,) * 20, proposed_extent(reading).apex))
        for one in found(inner, "stack.basal-slice"):
            assert "of the cavity of slice 3. A basal slice of the ventricle has at least" not in one.message


def test_a_base_that_leaves_out_closed_ventricle_is_contradicted_by_the_images(sound):
    apex = proposed_extent(sound).apex
    marked = found(by_reader(sound, Extent((4,) * 20, apex)), "stack.basal-slice")
    assert {one.severity for one in marked} == {Severity.CHECK}
    assert all("muscle surrounds 100 % of the cavity of slice 4" in one.message for one in marked)


def test_what_contradicts_a_reader_is_said_of_the_slice_that_does(sound):
    """The decision's own base is partly open: muscle closes round the slice between, which the reader left out, too."""
    reading = open_wall(sound, 2, 0.6)
    marked = found(by_reader(reading, Extent((4,) * 20, proposed_extent(reading).apex)), "stack.basal-slice")
    assert {one.severity for one in marked} == {Severity.CHECK}
    assert all("muscle surrounds 100 % of the cavity of slice 4" in one.message for one in marked)
    assert all("with slice 3" in one.message for one in marked)


def test_a_base_that_counts_against_the_rule_of_half_a_ring_says_how_likely_it_is(sound):
    open_base = measured(open_wall(sound, 2, 0.42), Extent((2,) * 20, proposed_extent(sound).apex))
    (one, *_) = found(open_base, "stack.basal-slice")
    assert "A basal slice of the ventricle has at least 50 %. By the whole stack it counts with a prob" in one.message
    closed = found(measured(open_wall(sound, 2, 0.52)), "stack.basal-slice")
    assert not any("By the whole stack" in one.message for one in closed)


def test_what_a_check_names_as_nearly_as_likely_lies_in_the_interval(sound):
    doubtful = measured(seen_as(open_wall(sound, 2, 0.52), 0.503))
    exact = {one.code: one for one in with_intervals(doubtful, measurements(doubtful))}
    shown = {one.code: one for one in assess(doubtful).measurements}
    alternatives = assess(doubtful).alternatives
    assert alternatives
    for one in alternatives:
        for code, value in one.values.items():
            if shown[code].interval is not None:
                assert shown[code].interval.contains(value), code
                assert shown[code].interval.low <= exact[code].interval.low
                assert shown[code].interval.high >= exact[code].interval.high
    assert any(str(one.message).startswith("EDV") for one in alternatives)
    assert shown["EDV"].interval.low < exact["EDV"].interval.low
    letting_stand = AcknowledgeFinding(found(doubtful, "stack.basal-slice")[0].key, "2026-11-25T10:00:00+00:00", "seen")
    assert len(assess(letting_stand.apply(doubtful, "Dr Reader")).alternatives) < len(alternatives)


def test_a_narrow_base_that_is_not_sure_may_be_two_slices_out(sound):
    def named(times, likely):
        """What is named two slices in, where the basal slice is `times` as large as the next."""
        narrow = scaled(open_wall(sound, 2, 0.6), 2, times * np.ones(20))
        reading = measured(seen_as(narrow, likely), Extent((2,) * 20, (11,) * 20))
        doubts = found(reading, "stack.basal-slice")
        shown = {row.code: row for row in assess(reading).measurements}
        return [one for one in assess(reading).alternatives if "slice 5 at ED and ES" in one.message], shown, doubts

    assert not named(1.0, 0.45)[0]
    assert not named(0.5, 0.99)[0]
    (both,), shown, doubts = named(0.5, 0.45)
    assert both.values["EDV"] < shown["EDV"].quantity.value
    for code in ("EDV", "ESV", "EF"):
        assert shown[code].interval.contains(both.values[code])
    # The base at ES moves along, so that no EF is named that no annulus would give.
    assert abs(both.values["EF"] - shown["EF"].quantity.value) < 5
    at_ed = next(one for one in doubts if "ED" in one.subject)
    assert [remedy.arguments["slice"] for remedy in at_ed.remedies] == [2, 3, 4]


def test_a_base_farther_out_at_es_than_at_ed_is_marked_unless_a_reader_put_it_there(sound):
    decided = proposed_extent(sound)
    at_ed = by_reader(sound, replace(decided, base=(5, *decided.base[1:])))
    (one,) = found(at_ed, "stack.base-rises")
    assert (one.severity, one.frames) == (Severity.CHECK, (10,))
    assert {"ESV", "EF", "SV"} <= one.measurements
    assert "EDV" not in one.measurements
    (named,) = one.alternatives
    assert "slice 6 at ES" in named.message
    shown = {row.code: row for row in assess(at_ed).measurements}
    assert shown["ESV"].interval.contains(named.values["ESV"])
    assert shown["EF"].interval.contains(named.values["EF"])
    remedy = one.remedies[-1]
    follows = replace(decided, base=tuple(5 if phase in (0, 10) else end for phase, end in enumerate(decided.base)))
    assert remedy.arguments == {"frame": 10, "slice": 5, "end": "base"}
    assert not found(by_reader(sound, follows), "stack.base-rises")
    # One that the reader set at ES stays, and so does one that does not rise.
    theirs = replace(decided, base=tuple({0: 5, 10: 4}.get(phase, end) for phase, end in enumerate(decided.base)))
    assert not found(by_reader(sound, theirs), "stack.base-rises")
    assert not found(measured(sound), "stack.base-rises")


def test_a_base_that_a_reader_set_at_es_doubts_that_of_the_program_at_ed(sound):
    reading = open_wall(sound, 2, 0.3)
    decided = proposed_extent(reading)
    assert set(decided.base) == {3}
    at_es = by_reader(reading, replace(decided, base=tuple(2 if n == 10 else 3 for n in range(20))))
    (one,) = found(at_es, "stack.base-rises")
    assert one.frames == (0,)
    assert "slice 3 at ED" in one.alternatives[0].message


def test_ends_that_have_changed_places_at_a_phase_withhold_what_counts_there(sound):
    extent = proposed_extent(sound)
    crossed = Extent((12, *extent.base[1:]), extent.apex)
    (one,) = found(measured(sound, crossed), "stack.ends-crossed")
    assert (one.severity, one.frames) == (Severity.STOP, (0,))
    rows = {row.code: row for row in assess(measured(sound, crossed)).measurements}
    assert rows["EF"].quantity is None
    assert rows["EDV"].trust is Trust.WITHHELD
    assert not found(measured(sound), "stack.ends-crossed")


def test_no_ef_below_0_is_named_however_base_and_apex_lie(sound):
    extent = proposed_extent(sound)
    reading = measured(sound, Extent((extent.apex[0], *extent.base[1:]), extent.apex))  # one slice counts at ED
    rows = {row.code: row for row in assess(reading).measurements}
    assert rows["EF"].quantity is None
    assert rows["SV"].quantity is None
    for one in assess(reading).findings:
        texts = [one.message, *(each.effect for each in one.remedies), *(each.message for each in one.alternatives)]
        assert not any(sign in str(text) for text in texts for sign in ("EF -", "EF \N{MINUS SIGN}"))


def test_an_ef_that_hardly_any_ventricle_has_is_marked(sound):
    def with_es(times):
        reading = sound
        for number in range(2, 12):
            factors = np.ones(20)
            factors[10] = times
            reading = scaled(reading, number, factors)
        return measured(reading, proposed_extent(sound))

    assert not found(with_es(1.0), "expected.ejection")
    for times in (1.95, 0.2):
        (one,) = found(with_es(times), "expected.ejection")
        assert (one.severity, one.subject) == (Severity.CHECK, "EF")
        assert {"EF", "SV"} <= one.measurements
        assert "EDV" not in one.measurements


def test_stroke_volumes_far_apart_name_the_right_ventricle_that_would_agree(sound):
    reading = measured(with_right(sound, 0.8 * EVENLY))
    (one,) = found(reading, "stack.stroke-volumes")
    assert (one.severity, one.measurements) == (Severity.INFO, frozenset())
    (named,) = one.alternatives
    rows = {row.code: row for row in assess(reading).measurements}
    assert named.values["RVSV"] == pytest.approx(rows["SV"].quantity.value)
    for code in ("RVEDV", "RVESV", "RVEF"):
        assert rows[code].interval.contains(named.values[code])
        assert rows[code].trust is Trust.OK
    # Each of both volumes gives way in part.
    assert rows["RVEDV"].quantity.value < named.values["RVEDV"] < rows["RVESV"].quantity.value + named.values["RVSV"]
    assert "if both ventricles eject alike" in named.message


def test_stroke_volumes_far_apart_mark_the_right_ventricle_where_its_base_is_uncertain(sound):
    wide = 0.8 * EVENLY
    wide[2] = 1.6
    reading = measured(with_right(sound, wide))
    there = np.array([[one is not None for one in each.tracks[RV].contours] for each in reading.slices])
    first = int(np.flatnonzero(there.all(axis=1))[0])

    def strokes(likely):
        right = np.where(there, 0.97, 0.02)
        right[first] = likely
        given = tuple(map(tuple, right.tolist()))
        left = tuple(map(tuple, np.full(there.shape, 0.97).tolist()))
        chosen = replace(reading.short_axis, presence=Presence(left, given), rv_base=(first + 1,) * 20)
        (one,) = found(reading.with_(short_axis=chosen), "stack.stroke-volumes")
        return one

    doubtful = strokes(0.5)
    assert doubtful.severity is Severity.CHECK
    assert doubtful.measurements == RIGHT_AT_ES
    assert "its base at ED is uncertain" in doubtful.message
