from dataclasses import replace

import pytest

from kinecor.core.values.choices import Extent, ShortAxis
from kinecor.core.values.kind import SHORT_AXIS_STACK, STACK_SLICE
from kinecor.core.values.reading import body_of, first_reading_of, first_stack_reading, stack_digest
from kinecor.core.values.recording import Patient, Stack
from tests import stacks


def test_the_first_reading_knows_the_files_only():
    recording = stacks.stack(patient=Patient("Doe", sex="m", height_cm=171.0, weight_kg=None))
    reading = first_stack_reading(recording)
    assert reading.facts.recording_id == "1.2.3.7"
    assert len(reading.slices) == 12
    assert reading.facts.stack.positions_mm.tolist() == recording.positions_mm.tolist()
    assert reading.kind is SHORT_AXIS_STACK
    assert all(one.kind is STACK_SLICE for one in reading.slices)
    assert reading.view.label == "SAX"
    assert (reading.short_axis.body.height_cm, reading.short_axis.body.weight_kg, reading.short_axis.body.sex) == (
        171,
        None,
        "M",
    )
    assert reading.slices[3].facts.plane is recording.slices[3].plane


def test_a_body_no_person_has_is_passed_over():
    assert body_of(Patient(height_cm=20.0, weight_kg=500.0)).bsa_m2 is None


def test_the_digest_is_of_all_slices():
    recording = stacks.stack()
    assert stack_digest(recording) == ""
    named = [replace(one, source=replace(one.source, digest=f"d{i}")) for i, one in enumerate(recording.slices)]
    whole = replace(recording, slices=tuple(named))
    other = replace(recording, slices=(*named[:-1], replace(named[0])))
    assert stack_digest(whole) != stack_digest(other)


def test_a_stack_without_a_name_goes_by_its_first_slice():
    recording = stacks.stack()
    assert Stack(recording.slices, recording.positions_mm, None, "1.2.3").recording_id == "1.2.3.7-s01"


def test_choices_must_fit_the_stack():
    reading = first_stack_reading(stacks.stack())
    for chosen in (
        ShortAxis(excluded=(12,)),
        ShortAxis(extent=Extent((0,) * 3, (5,) * 3)),
        ShortAxis(extent=Extent((0,) * 20, (12,) * 20)),
    ):
        with pytest.raises(ValueError, match=r"slices|phases"):
            reading.with_(short_axis=chosen)
    with pytest.raises(ValueError, match="every slice"):
        reading.with_(slices=reading.slices[:3])


def test_loops_and_stacks_have_a_first_reading_each():
    recording = stacks.stack()
    assert len(first_reading_of(recording).slices) == 12
    assert first_reading_of(recording.slices[0]).slices == ()
