"""Checks of a stack's slices against the header and each other."""

from dataclasses import replace

import numpy as np
import pytest

from kinecor.core.checks.assessment import assess
from kinecor.core.checks.findings import MASS, RIGHT, SCALED, VOLUMES, Finding, Severity
from kinecor.core.checks.slices import CHECKS
from kinecor.core.values.calibration import Calibration
from kinecor.core.values.events import Beat, CardiacEvents
from kinecor.core.values.geometry import Contour
from kinecor.core.values.reading import Reading, StackFacts
from kinecor.core.values.recording import ImageFacts, RecordingFacts
from kinecor.core.values.track import Origin
from kinecor.core.volumes.extent import proposed_extent
from tests import stacks

PLACES = np.concatenate((stacks.positions(slices=1) - 8.0, stacks.positions()))
COUNT = len(PLACES)


def measured(places: np.ndarray) -> Reading:
    reading = stacks.read(stacks.stack(places))
    chosen = replace(reading.short_axis, extent=proposed_extent(reading))
    return reading.with_(short_axis=chosen, events=CardiacEvents((Beat(0, 10),), Origin.MODEL))


@pytest.fixture(scope="module")
def sound() -> Reading:
    return measured(PLACES)


def found(reading: Reading) -> list[Finding]:
    return [one for check in CHECKS for one in check(reading)]


def stated(reading: Reading, between_mm: float | None, thickness_mm: float) -> Reading:
    stack = reading.facts.stack
    assert stack is not None
    facts = StackFacts(stack.positions_mm, thickness_mm, between_mm)
    return reading.with_(facts=replace(reading.facts, stack=facts))


def of_images(reading: Reading, **images: object) -> Reading:
    each = tuple(ImageFacts(measured=True) for _ in reading.slices)
    return reading.with_images(RecordingFacts(ImageFacts(measured=True, **images), each))  # type: ignore[arg-type]


def test_a_sound_stack_has_no_finding(sound: Reading) -> None:
    assert not found(sound)
    assert not found(of_images(sound, phase_order=(0.6,) * COUNT))


@pytest.mark.parametrize(
    ("between_mm", "thickness_mm", "contradicts"),
    [
        (8.0, 6.0, False),
        (8.4, 6.0, False),
        (2.0, 6.0, False),  # the gap alone
        (6.0, 6.0, False),  # the thickness
        (None, 6.0, False),
        (11.0, 6.0, True),
        (5.5, 1.0, True),
        (2.0, 2.0, True),
        (12.0, 12.0, True),
    ],
)
def test_a_distance_of_slices_that_the_header_contradicts(
    sound: Reading, between_mm: float | None, thickness_mm: float, contradicts: bool
) -> None:
    findings = found(stated(sound, between_mm, thickness_mm))
    assert [one.code for one in findings] == ["stack.spacing-contradicts"] * contradicts
    if contradicts:
        assert findings[0].severity is Severity.CHECK
        assert findings[0].measurements == SCALED
        assert f"are 8.0 mm apart, by the header {between_mm:.1f} mm" in findings[0].message


def test_slices_far_apart_know_no_ends() -> None:
    (one,) = found(measured(PLACES[::2]))
    assert (one.code, one.severity) == ("stack.coarse", Severity.CHECK)
    assert one.measurements >= VOLUMES | MASS | RIGHT
    assert one.message.startswith("Slices are 16 mm apart")


def test_pixels_that_are_not_square(sound: Reading) -> None:
    high = Calibration(2.0, 1.4, "Pixel Spacing in the file")
    slices = tuple(one.with_(calibration=high) for one in sound.slices)
    one = next(one for one in found(sound.with_(calibration=high, slices=slices)) if one.code != "stack.oval")
    assert (one.code, one.severity) == ("scale.not-square", Severity.CHECK)
    assert "2.00 mm high and 1.40 mm wide" in one.message


@pytest.mark.parametrize(("high", "wide"), [(1.0, 0.7), (0.7, 1.0)])
def test_a_ventricle_that_is_oval_in_all_slices(sound: Reading, high: float, wide: float) -> None:
    slices = []
    for one in sound.slices:
        tracks = {
            structure: replace(
                track, contours=tuple(None if c is None else Contour(c.points * (wide, high)) for c in track.contours)
            )
            for structure, track in one.tracks.items()
        }
        slices.append(one.with_(tracks=tracks))
    (finding,) = [one for one in found(sound.with_(slices=tuple(slices))) if one.code == "stack.oval"]
    assert finding.severity is Severity.CHECK
    assert ("% higher than wide" if high > wide else "% wider than high") in finding.message
    # Some slices alone may be flattened by the right ventricle.
    assert not found(sound.with_(slices=(*slices[:4], *sound.slices[4:])))


def test_a_ventricle_that_is_flattened_in_diastole_is_no_stretched_image(sound: Reading) -> None:
    assert sound.events is not None
    ed, slices = sound.events.beats[0].ed, []
    for one in sound.slices:
        tracks = {}
        for structure, track in one.tracks.items():
            here = track.contours[ed]
            flat = None if here is None else Contour(here.points * (0.7, 1.0))
            tracks[structure] = replace(track, contours=(*track.contours[:ed], flat, *track.contours[ed + 1 :]))
        slices.append(one.with_(tracks=tracks))
    assert all(one.code != "stack.oval" for one in found(sound.with_(slices=tuple(slices))))


def test_slices_with_pixels_of_another_size(sound: Reading) -> None:
    scale = sound.slices[5].calibration
    assert scale is not None
    larger = Calibration(1.3 * scale.row_mm, 1.3 * scale.col_mm, "Pixel Spacing in the file")
    changed = sound.slices[5].with_(calibration=larger)
    (one,) = found(sound.with_(slices=(*sound.slices[:5], changed, *sound.slices[6:])))
    assert (one.code, one.measurements) == ("stack.pixels-differ", SCALED)
    # In images of another size they may well be of another size.
    other = changed.with_(facts=replace(changed.facts, rows=changed.facts.rows // 2))
    assert not found(sound.with_(slices=(*sound.slices[:5], other, *sound.slices[6:])))


def test_slices_of_another_body_are_marked_where_they_count(sound: Reading) -> None:
    (one,) = found(of_images(sound, unlike_after=(5,)))
    assert (one.code, one.severity, one.slices) == ("stack.unlike-slices", Severity.CHECK, (5, 6))
    assert one.message.startswith("The images of slices 6 and 7 have nothing in common")
    assert one.measurements >= VOLUMES | MASS | RIGHT
    assert not found(of_images(sound, unlike_after=(0,)))


def test_phases_in_no_order_are_marked_where_most_slices_are_so(sound: Reading) -> None:
    (one,) = found(of_images(sound, phase_order=(0.02,) * COUNT))
    assert (one.code, one.severity) == ("stack.phases-disordered", Severity.CHECK)
    assert {"EDV", "EF", "LVM", "RVEDV"} <= one.measurements
    nan = float("nan")
    assert not found(of_images(sound, phase_order=(0.6,) * (COUNT - 2) + (0.02, nan)))


def test_slices_that_are_missing_next_to_the_base(sound: Reading) -> None:
    extent = sound.short_axis.extent if sound.short_axis else None
    assert extent is not None
    outwards = 1 if extent.base[0] > extent.apex[0] else -1
    beyond = extent.base[0] + outwards
    stack = sound.facts.stack
    assert stack is not None
    far = stack.positions_mm.copy()
    there = slice(None, beyond + 1) if outwards < 0 else slice(beyond, None)
    far[there] += 2 * outwards * 8.0
    moved = sound.with_(facts=replace(sound.facts, stack=StackFacts(far, stack.thickness_mm)))
    findings = [one for one in found(moved) if one.code == "stack.base-gap"]
    assert [one.severity for one in findings] == [Severity.CHECK]
    assert "is 3.0 times the usual" in findings[0].message


def test_they_are_among_all_checks(sound: Reading) -> None:
    rows = assess(of_images(sound, unlike_after=(5,)))
    assert any(one.code == "stack.unlike-slices" for one in rows.open)


@pytest.mark.parametrize(("likeness", "marked"), [(None, False), (0.6, False), (0.44, True)])
def test_phases_whose_images_have_little_in_common(sound: Reading, likeness: float | None, marked: bool) -> None:
    facts = replace(sound.facts, images=ImageFacts(measured=True, phase_likeness=likeness))
    findings = [one for one in found(sound.with_(facts=facts)) if one.code == "stack.unlike-phases"]
    assert [one.severity for one in findings] == [Severity.CHECK] * marked
    if marked:
        assert findings[0].measurements >= VOLUMES | MASS | RIGHT
