"""The table of a stack: values of a known heart, conventions, indices, and why a number is withheld."""

from dataclasses import replace

import numpy as np
import pytest

from kinecor.core.checks.assessment import assess
from kinecor.core.table.measures import BY_CODE, Status
from kinecor.core.table.stack_inputs import no_volume
from kinecor.core.table.table import measurements
from kinecor.core.values.choices import Body, BsaFormula, Extent, Papillaries, bsa_m2
from kinecor.core.values.events import Beat, CardiacEvents
from kinecor.core.values.reading import Decision, first_stack_reading
from kinecor.core.values.recording import Patient
from kinecor.core.values.track import Origin, Structure
from kinecor.core.volumes.loop_volumes import curves
from kinecor.core.volumes.segments import levels
from kinecor.core.volumes.stack_volumes import gaps, stack_curves
from tests import scd, stacks
from tests.core.readings import beating, reading_of
from tests.stacks import BY, Heart


def table(reading):
    return {row.code: row for row in measurements(reading)}


def value(reading, code):
    return table(reading)[code].quantity.value


@pytest.fixture(scope="module")
def known():
    return stacks.read(stacks.stack(patient=Patient("Doe", "1", sex="F", height_cm=180.0, weight_kg=80.0)))


def test_the_numbers_of_a_known_heart(known):
    heart = Heart()
    edv, esv = heart.volume_ml(0), heart.volume_ml(10)
    expected = {
        "EDV": edv,
        "ESV": esv,
        "SV": edv - esv,
        "EF": 100 * (edv - esv) / edv,
        "CO": (edv - esv) * 75 / 1000,
        "LVM": 1.05 * stacks.wall_ml(heart, stacks.positions(), 8.0),
        "LVMES": 1.05 * stacks.wall_ml(heart, stacks.positions(), 8.0),
        "MWT": heart.wall_mm,
    }
    for code, one in expected.items():
        assert value(known, code) == pytest.approx(one, rel=0.005), code


def test_the_rates_of_a_known_heart(known):
    times = np.linspace(0, 0.8, 4001)
    squeeze = 1 - 0.3 * (1 - np.cos(2 * np.pi * times / 0.8)) / 2
    steepest = Heart().volume_ml(0) * np.abs(np.gradient(squeeze**2, times)).max()
    assert value(known, "PER") == pytest.approx(steepest, rel=0.01)
    assert value(known, "PFR") == pytest.approx(steepest, rel=0.01)


def test_every_number_has_a_name_and_a_convention(known):
    for row in measurements(known):
        assert BY_CODE[row.code].name
        if row.code not in ("HR", "BSA", "CO", "CI"):  # an output states the stroke volume, which states it
            assert "cavity" in row.method, row.code
    other = known.with_(short_axis=replace(known.short_axis, papillaries=Papillaries.MYOCARDIUM))
    assert "papillaries in myocardium" in table(other)["EDV"].method
    assert "papillaries in myocardium" in table(other)["EDVI"].method
    assert value(other, "EDV") == value(known, "EDV")


def test_indices_by_either_formula(known):
    assert table(known)["BSA"].method == "Mosteller, 180 cm, 80 kg"
    for code in ("EDV", "ESV", "SV", "LVM", "RVEDV", "RVESV", "RVSV"):
        assert value(known, f"{code}I") == pytest.approx(value(known, code) / 2)
        assert table(known)[f"{code}I"].unit == f"{table(known)[code].unit}/m2"
    assert value(known, "CI") == pytest.approx(value(known, "CO") / 2)
    du_bois = known.with_(short_axis=replace(known.short_axis, body=Body(180, 80, "F", BsaFormula.DU_BOIS)))
    assert value(du_bois, "EDVI") == pytest.approx(value(known, "EDV") / bsa_m2(180, 80, BsaFormula.DU_BOIS))
    assert "(Du Bois)" in table(du_bois)["EDVI"].method


def test_without_height_and_weight_nothing_is_indexed():
    found = table(stacks.read(stacks.stack()))
    assert "EDVI" not in found
    assert found["BSA"].status is Status.WITHHELD
    assert "height and weight" in found["BSA"].note


def test_a_body_surface_entered_by_the_reader_indexes_too():
    reading = stacks.read(stacks.stack())
    decided = reading.with_(decisions={"BSA": Decision("BSA", True, 1.6, "Ann")})
    assert value(decided, "EDVI") == pytest.approx(value(reading, "EDV") / 1.6)


def test_a_replaced_volume_reaches_values_derived_from_it(known):
    decided = known.with_(decisions={"EDV": Decision("EDV", True, 150.0, "Ann")})
    found = table(decided)
    esv = found["ESV"].quantity.value
    assert found["EF"].quantity.value == pytest.approx(100 * (150 - esv) / 150)
    assert found["EDVI"].quantity.value == pytest.approx(75)
    assert found["CI"].quantity.value == pytest.approx((150 - esv) * 75 / 1000 / 2)
    rejected = table(known.with_(decisions={"LVM": Decision("LVM", False, None, "Ann")}))
    assert rejected["LVMI"].status is Status.WITHHELD
    assert rejected["EDV"].quantity


def test_who_and_how_sure(known):
    row = table(known)["EDV"]
    assert row.by == (BY,)
    assert row.confidence == pytest.approx(0.95)
    assert row.status is Status.AUTO
    assert row.frames == (0,)
    assert row.note == "slices 2–11 at ED, 2–11 at ES"
    chosen = known.with_(authors={**known.authors, "short_axis/extent": "Ann"})
    assert table(chosen)["EDV"].status is Status.EDITED
    assert table(chosen)["EDV"].by == (BY, "Ann")
    assert table(known.with_(events=CardiacEvents((Beat(0, 10),), Origin.EDITED)))["EF"].status is Status.EDITED


def test_a_mass_rests_on_both_outlines(known):
    one = known.slices[5]
    track = one.tracks[Structure.LV_ENDO]
    drawn = track.replaced(0, track.contours[:1], Origin.EDITED)
    edited = one.with_(
        tracks={**one.tracks, Structure.LV_ENDO: drawn}, authors={**one.authors, "tracks/lv_endo/edited": "Ann"}
    )
    found = table(known.with_(slices=(*known.slices[:5], edited, *known.slices[6:])))
    assert found["LVM"].status is Status.EDITED
    assert found["LVM"].by == (BY, "Ann")
    assert found["LVM"].structures == (Structure.LV_ENDO, Structure.LV_EPI)
    assert found["ESV"].status is Status.AUTO
    assert found["RVEDV"].status is Status.AUTO


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda r: r.with_(events=None), "mark them"),
        (lambda r: r.with_(withheld="scout pictures"), "scout pictures"),
        (lambda r: r.with_(events=CardiacEvents((Beat(10, 0),), Origin.MODEL)), "not smaller"),
        (lambda r: r.with_(slices=tuple(map(_doubtful, r.slices))), "low contour confidence"),
        (lambda r: r.with_(slices=(r.slices[0].with_(calibration=None), *r.slices[1:])), "some have none"),
        (
            lambda r: r.with_(short_axis=replace(r.short_axis, extent=Extent((0,) * 20, (0,) * 20))),
            "no slice that counts",
        ),
    ],
)
def test_why_a_volume_is_withheld(known, change, why):
    found = table(change(known))
    for code in ("EDV", "EF", "LVM"):
        assert found[code].status is Status.WITHHELD
        assert why in found[code].note


def _doubtful(one):
    return one.with_(
        tracks={structure: replace(t, confidence=np.full(len(t), 0.4)) for structure, t in one.tracks.items()}
    )


def test_without_a_scale_only_ratios_are_reported(known):
    bare = known.with_(calibration=None, slices=tuple(one.with_(calibration=None) for one in known.slices))
    found = table(bare)
    assert found["EF"].quantity.value == pytest.approx(value(known, "EF"))
    assert "no scale" in found["EF"].note
    for code in ("EDV", "SV", "LVM", "PER", "MWT", "RVEDV"):
        assert found[code].status is Status.WITHHELD
    assert curves(bare).volume_unit == "relative %"
    assert np.nanmax(curves(bare).lv_volume) == 100


def test_without_epicardium_there_is_no_mass(known):
    endo = Structure.LV_ENDO
    bare = known.with_(slices=tuple(one.with_(tracks={endo: one.tracks[endo]}) for one in known.slices))
    found = table(bare)
    assert found["EDV"].quantity
    assert "epicardium is not contoured" in found["LVM"].note
    assert found["MWT"].status is Status.WITHHELD
    assert "RVEDV" not in found


def test_assumed_times_bear_no_rate(known):
    assumed = known.with_(facts=replace(known.facts, times_origin="assumed"))
    assert "assumed" in table(assumed)["PER"].note
    assert any("frame times" in one for one in assess(assumed).warnings)


def test_without_contours_nothing_is_reported():
    assert measurements(first_stack_reading(stacks.stack())) == ()


def test_curves_are_those_of_the_stack(known):
    found = curves(known)
    assert found.volume_unit == "ml"
    assert found.lv_volume[0] == pytest.approx(value(known, "EDV"))
    assert found.rv_volume[10] == pytest.approx(value(known, "RVESV"))


def test_warnings_name_slices_as_they_are_counted_on_screen(known):
    assert assess(known).warnings == ()
    shifted = stacks.read(stacks.stack(), shift_px={4: (5.0, 0.0)})
    assert any(
        one.startswith(("Slice 5 is shifted by 7 mm", "Slice 5 is shifted by 8 mm")) for one in assess(shifted).warnings
    )
    excluded = known.with_(short_axis=replace(known.short_axis, excluded=(6,)))
    assert any("slices 7" in one for one in assess(excluded).warnings)
    one = known.slices[5]
    hole = {s: t.replaced(0, (None,), Origin.EDITED) for s, t in one.tracks.items()}
    gap = known.with_(slices=(*known.slices[:5], one.with_(tracks=hole), *known.slices[6:]))
    assert any("No LV contour at ED in slices that count: 6;" in one for one in assess(gap).warnings)
    assert value(gap, "EDV") == pytest.approx(value(known, "EDV"), rel=0.02)


@pytest.mark.parametrize("study", scd.REFERENCE_ML)
def test_the_experts_contours_give_the_reference_volumes(shared_data, study):
    reading = scd.expert_reading(shared_data, study)
    edv, esv = scd.REFERENCE_ML[study]
    assert value(reading, "EDV") == pytest.approx(edv, abs=0.6)
    assert value(reading, "ESV") == pytest.approx(esv, abs=0.6)
    assert value(reading, "EF") == pytest.approx(100 * (edv - esv) / edv, abs=0.3)
    assert reading.events.beats[0].ed in (18, 19)
    assert reading.events.beats[0].es in (6, 7, 8)
    assert table(reading)["LVMES"].status is Status.WITHHELD  # epicardium is drawn at ED only


def bare(reading):
    return reading.with_(slices=tuple(one.with_(tracks={}) for one in reading.slices))


def test_stacks_without_contours_or_beats_say_so(known):
    assert "No beat was found" in " ".join(assess(known.with_(events=None)).warnings)
    assert "no ED and ES" in table(known.with_(events=None))["EF"].note
    assert not any("beat" in one for one in assess(bare(known)).warnings)


def test_what_the_file_lacks_is_warned_of(known):
    facts = replace(known.facts, times_origin="assumed", calibration_origin="the files name no scale")
    reported = assess(known.with_(facts=facts, calibration=None, withheld="not a heart")).warnings
    for words in ("frame rate is assumed", "name no scale", "Nothing is measured here: not a heart"):
        assert any(words in one for one in reported), words
    assert table(known.with_(withheld="not a heart"))["EF"].note == "not a heart"


def test_scales_of_some_slices_only_add_up_to_nothing(known):
    slices = (*known.slices[:3], known.slices[3].with_(calibration=None), *known.slices[4:])
    assert "some slices have a scale and some have none" in table(known.with_(slices=slices))["EDV"].note


def test_a_single_slice_of_unknown_thickness_has_no_volume():
    one = stacks.read(replace(stacks.stack(np.array([20.0])), thickness_mm=None))
    assert "single slice of unknown thickness" in table(one)["EDV"].note


def test_masses_that_differ_are_reported(known):
    extent = Extent((1,) * 20, (9,) * 10 + (5,) * 10)
    chosen = replace(known.short_axis, extent=extent)
    assert any("mass differs by" in one for one in assess(known.with_(short_axis=chosen)).warnings)


def test_an_unknown_heart_rate_is_withheld(known):
    facts = replace(known.facts, heart_rate_per_min=None)
    assert table(known.with_(facts=facts))["HR"].note == "the files have no heart rate"


def test_an_undrawn_structure_is_not_contoured(known):
    reading = bare(known)
    assert no_volume(reading, Structure.LV_ENDO, np.zeros(20), "left ventricle") == (
        "the left ventricle is not contoured"
    )
    assert gaps(reading, 0) == []


def test_a_loop_is_no_stack():
    loop = reading_of(beating())
    assert levels(loop, 0) == {}
    with pytest.raises(ValueError, match="is not a stack"):
        stack_curves(loop)
