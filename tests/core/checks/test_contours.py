from dataclasses import replace

import numpy as np
import pytest

from kinecor.core.checks.assessment import assess
from kinecor.core.checks.contours import CHECKS as OF_CONTOURS
from kinecor.core.checks.contours import OF_THE_ATRIUM, filling
from kinecor.core.checks.findings import Finding, Severity
from kinecor.core.checks.foreshortening import CHECKS as OF_PLANES
from kinecor.core.report.language import language
from kinecor.core.table.measures import Status
from kinecor.core.values.confidence import Trust
from kinecor.core.values.events import Beat, CardiacEvents
from kinecor.core.values.geometry import Contour
from kinecor.core.values.reading import Reading, View
from kinecor.core.values.recording import Region
from kinecor.core.values.track import ContourTrack, Origin, Structure
from kinecor.session.edits import SetContours
from tests.core.readings import HALF_MM, beating, reading_of, two_beats
from tests.core.shapes import truncated_ellipse

CHECKS = (*OF_CONTOURS, *OF_PLANES)

EVENTS = CardiacEvents((Beat(0, 10),), Origin.MODEL)
WIDTHS = beating()


def loop(wall_px: float = 18.0) -> Reading:
    """A loop whose wall is half of `wall_px` mm thick."""
    reading = reading_of(WIDTHS, calibration=HALF_MM, events=EVENTS)
    endo = reading.tracks[Structure.LV_ENDO]
    outer = tuple(wider(one, wall_px) for one in endo.contours if one is not None)
    epi = ContourTrack(Structure.LV_EPI, outer, endo.origins, endo.confidence)
    return reading.with_(tracks={Structure.LV_ENDO: endo, Structure.LV_EPI: epi})


def wider(contour: Contour, wall_px: float) -> Contour:
    """A contour around another one, open at the annulus."""
    line = contour.outline(closed=False)
    return Contour(line.points + wall_px * line.normals())


def found(reading: Reading) -> dict[str, Finding]:
    return {one.code: one for check in CHECKS for one in check(reading)}


def test_a_sound_loop_has_no_findings() -> None:
    assert found(loop()) == {}


@pytest.mark.parametrize(("reach", "severity"), [(6, Severity.CHECK), (40, Severity.STOP)])
def test_an_endocardium_pulled_through_the_epicardium_is_found(reach: int, severity: Severity) -> None:
    reading = loop()
    contour = reading.tracks[Structure.LV_ENDO].contours[0]
    assert contour is not None
    points = contour.points.copy()
    middle = points.mean(axis=0)
    pulled = slice(20, 20 + reach)
    points[pulled] = middle + 2.2 * (points[pulled] - middle)
    edited = SetContours(Structure.LV_ENDO, 0, (Contour(points),)).apply(reading, "Ada")
    one = found(edited)["contours.crossing"]
    assert one.severity is severity
    assert one.frames == (0,)
    assert "frame 1" in one.message
    assert {"EDV", "EF", "GLS"} <= one.measurements


def test_a_wall_of_five_centimetres_is_found() -> None:
    assert found(loop(wall_px=110))["contours.thick-wall"].frames == (0, 10)


def test_a_frame_unlike_its_neighbours_is_found_and_concerns_values_only_where_they_rest_on_it() -> None:
    reading = loop()
    for frame, severity in ((15, Severity.INFO), (5, Severity.CHECK), (10, Severity.CHECK)):
        wide = (truncated_ellipse(half_width=float(WIDTHS[frame]) * 1.8, points=96),)
        one = found(SetContours(Structure.LV_ENDO, frame, wide).apply(reading, "Ada"))["contours.jump"]
        assert (one.severity, frame in one.frames) == (severity, True)
        assert bool(one.measurements) is (severity is Severity.CHECK)


def bulged(reading: Reading, frame: int, px: float) -> Reading:
    """One wall pulled outwards by so many pixels at a frame, over a tenth of the contour."""
    contour = reading.tracks[Structure.LV_ENDO].contours[frame]
    assert contour is not None
    points = contour.points.copy()
    near = np.exp(-(((np.linspace(0, 1, len(points)) - 0.75) / 0.1) ** 2))
    points[:, 0] += near * px * np.sign(points[int(0.75 * len(points)), 0] - points[:, 0].mean())
    return SetContours(Structure.LV_ENDO, frame, (Contour(points),)).apply(reading, "Ada")


@pytest.mark.parametrize("frame", [0, 10])
def test_a_part_of_the_wall_that_leaves_its_place_at_ed_or_es_is_found(frame: int) -> None:
    reading = reading_of(WIDTHS, calibration=HALF_MM, events=CardiacEvents((Beat(0, 10), Beat(20, 30)), Origin.MODEL))
    assert "contours.jump" not in found(bulged(reading, frame, 4))
    one = found(bulged(reading, frame, 30))["contours.jump"]
    assert (one.severity, one.frames) == (Severity.CHECK, (frame,))
    assert {"EDV", "EF", "GLS"} <= one.measurements


def test_frames_without_a_contour_and_doubtful_ones_are_listed() -> None:
    reading = loop()
    endo = reading.tracks[Structure.LV_ENDO]
    confidence = np.where(np.arange(len(endo)) == 7, 0.5, endo.confidence)
    low = ContourTrack(endo.structure, (*endo.contours[:-1], None), endo.origins, confidence)
    both = found(reading.with_(tracks={**reading.tracks, Structure.LV_ENDO: low}))
    assert both["contours.missing"].frames == (len(endo) - 1,)
    assert both["contours.doubtful"].frames == (7,)


def flattened(reading: Reading, *structures: Structure) -> Reading:
    """A loop whose contours are 32 % shorter at ES, towards the base."""
    for structure in structures:
        before = reading.tracks[structure].contours[10]
        assert before is not None
        points = before.points.copy()
        base = points[[0, -1]].mean(axis=0)
        points[:, 1] = base[1] + 0.68 * (points[:, 1] - base[1])
        reading = SetContours(structure, 10, (Contour(points),)).apply(reading, "Ada")
    return reading


def test_a_long_axis_that_shortens_by_a_third_is_foreshortened() -> None:
    one = found(flattened(loop(), Structure.LV_ENDO, Structure.LV_EPI))["contours.foreshortened"]
    assert "32 %" in one.message
    assert {"EDV", "EF", "GLS"} <= one.measurements
    inner_alone = loop().with_(tracks={Structure.LV_ENDO: loop().tracks[Structure.LV_ENDO]})
    assert "contours.foreshortened" in found(flattened(inner_alone, Structure.LV_ENDO))


def test_a_cavity_that_empties_within_a_wall_that_stays_is_not_foreshortened() -> None:
    assert "contours.foreshortened" not in found(flattened(loop(), Structure.LV_ENDO))


def shifted(reading: Reading, px: float, *, apex_only: bool = False) -> Reading:
    """The loop moves evenly by so many pixels; or its apex alone does."""
    endo = reading.tracks[Structure.LV_ENDO]
    contours = []
    for frame, contour in enumerate(endo.contours):
        assert contour is not None
        away = np.array([0.8, 0.6]) * px * frame / len(endo)
        from_base = np.abs(np.linspace(-1, 1, len(contour.points)))[:, None]
        contours.append(Contour(contour.points + away * ((1 - from_base) * 2 if apex_only else 1.0)))
    track = ContourTrack(Structure.LV_ENDO, tuple(contours), endo.origins, endo.confidence)
    return reading.with_(tracks={Structure.LV_ENDO: track})


def test_a_heart_that_is_elsewhere_at_the_next_ed_is_found() -> None:
    reading = reading_of(WIDTHS, calibration=HALF_MM, events=CardiacEvents((Beat(0, 10), Beat(20, 30)), Origin.MODEL))
    assert "contours.moved" not in found(shifted(reading, 8))
    moved = found(shifted(reading, 60))["contours.moved"]
    assert moved.severity is Severity.CHECK
    assert moved.frames == (0, 20)
    assert "the same way" in moved.message
    assert {"EDV", "EF", "GLS", "LAV"} <= moved.measurements
    assert "contours.moved" not in found(shifted(reading, 60, apex_only=True))


A4C = View("A4C", None, "header")


def atrium(deep_px: float, wide_px: float = 40.0) -> Contour:
    """Half an ellipse below the ventricle's base, with its roof `deep_px` below it."""
    turns = np.linspace(0, np.pi, 61)
    base = np.array([150.0, 200.0])
    return Contour(base + np.stack([wide_px * np.cos(turns), deep_px * np.sin(turns)], axis=1))


def with_atrium(contour: Contour, ends_at: int = 300) -> Reading:
    """Two beats with this atrium on every frame; the sector's lower end is at this row."""
    reading = reading_of(beating(), calibration=HALF_MM, events=two_beats())
    n = reading.facts.frames
    track = ContourTrack(Structure.LA, (contour,) * n, (Origin.MODEL,) * n, np.full(n, 0.95))
    facts = replace(reading.facts, region=Region(0, 0, 300, ends_at))
    return reading.with_(view=A4C, facts=facts, tracks={**reading.tracks, Structure.LA: track})


def of_the_atrium(reading: Reading) -> list[Finding]:
    return [one for check in OF_THE_ATRIUM for one in check(reading)]


def test_an_atrium_within_the_picture_is_sound() -> None:
    assert of_the_atrium(with_atrium(atrium(70))) == []


def test_an_atrium_that_runs_into_a_vein_has_a_volume_in_doubt() -> None:
    body = atrium(70)
    points = body.points.copy()
    points[28:33, 1] += 60.0  # a narrow tail from the roof
    (one,) = of_the_atrium(with_atrium(Contour(points)))
    assert (one.code, one.severity, one.frames) == ("atrium.tailed", Severity.CHECK, (10,))
    assert "LAV" in one.measurements
    assert "EDV" not in one.measurements


def test_the_filling_of_an_outline_is_its_area_over_that_of_its_hull() -> None:
    square = np.array([[0.0, 0.0], [4.0, 0.0], [4.0, 4.0], [0.0, 4.0]])
    assert filling(Contour(square)) == pytest.approx(1.0)
    dented = np.array([[0.0, 0.0], [4.0, 0.0], [4.0, 4.0], [2.0, 2.0], [0.0, 4.0]])
    assert filling(Contour(dented), aspect=2.0) == pytest.approx(0.75)


def flat(contour: Contour, row: float) -> Contour:
    return Contour(np.stack([contour.points[:, 0], np.minimum(contour.points[:, 1], row)], axis=1))


def test_a_roof_beyond_the_end_of_the_picture_is_marked() -> None:
    reading = with_atrium(flat(atrium(90), 249.0), 250)
    (one,) = of_the_atrium(reading)
    assert (one.code, one.severity) == ("atrium.cut", Severity.CHECK)
    assert "may be too small" in one.message
    assert one.frames == (10, 30)
    row = next(one for one in assess(reading).measurements if one.code == "LAV")
    assert row.quantity is not None
    assert row.trust is Trust.CHECK
    assert "EDV" not in one.measurements


def test_what_is_too_small_for_an_atrium_has_no_volume() -> None:
    reading = with_atrium(atrium(9, 22))
    (one,) = of_the_atrium(reading)
    assert (one.code, one.severity) == ("atrium.small", Severity.STOP)
    assert "it is not a whole one" in one.message
    row = next(one for one in assess(reading).measurements if one.code == "LAV")
    assert row.status is Status.WITHHELD


def test_a_rest_of_an_atrium_at_the_end_of_the_picture_has_none_either() -> None:
    (one,) = of_the_atrium(with_atrium(flat(atrium(60, 18), 220.0), 221))
    assert (one.code, one.severity) == ("atrium.small", Severity.STOP)
    assert "beyond the lower end" in one.message


@pytest.mark.parametrize(
    ("frames", "where", "german"),
    [
        ((10,), "ES (frame 11)", "ES (Bild 11)"),
        ((0, 10), "ED and ES (frames 1, 11)", "ED und ES (Bilder 1, 11)"),
    ],
)
def test_a_mark_without_a_contour_is_one_check_that_withholds_volumes(frames, where, german) -> None:
    reading = loop()
    for frame in frames:
        reading = SetContours(Structure.LV_ENDO, frame, (None,)).apply(reading, "Ada")
    (one,) = (each for each in assess(reading).open if each.code == "contours.missing")
    assert (one.severity, one.frames) == (Severity.STOP, frames)
    assert one.message == f"No LV contour at {where}: volumes and EF need it."
    own = language("de")
    assert own.render(one.message) == f"Keine LV-Kontur bei {german}: Volumina und EF brauchen sie."
    assert own.render(one.resolve) == "die Kontur einzeichnen oder die Marke verschieben"


def test_a_contour_that_no_mark_needs_is_a_note() -> None:
    reading = SetContours(Structure.LV_ENDO, 5, (None,)).apply(loop(), "Ada")
    assert found(reading)["contours.missing"].severity is Severity.INFO


def test_nothing_is_said_of_the_shape_of_an_atrium_that_was_not_found() -> None:
    reading = with_atrium(flat(atrium(90), 249.0), 250)
    track = reading.tracks[Structure.LA]
    unsure = ContourTrack(track.structure, track.contours, track.origins, np.full(len(track), 0.3))
    found_of_it = of_the_atrium(reading.with_(tracks={**reading.tracks, Structure.LA: unsure}))
    assert [one.code for one in found_of_it] == ["contours.no-atrium"]


def long_axis(view: str) -> Reading:
    """A long axis of cine MRI with a model's cavity alone."""
    reading = loop()
    facts = replace(reading.facts, modality="MR")
    endo = {Structure.LV_ENDO: reading.tracks[Structure.LV_ENDO]}
    return reading.with_(facts=facts, tracks=endo, view=View(view, None, "header"))


def test_a_view_that_the_network_was_not_tested_on_in_patients_is_marked_until_it_is_looked_at() -> None:
    reading = long_axis("A2C")
    finding = found(reading)["contours.untested-view"]
    assert finding.severity is Severity.CHECK
    assert finding.frames == (0, 10)
    assert str(finding.message).startswith("The network that contoured this 2CH was tested on 4CH")
    assert "contours.untested-view" not in found(long_axis("A4C"))
    assert "contours.untested-view" not in found(loop().with_(view=View("A2C", None, "header")))
    for frame in (0, 10):
        contour = reading.tracks[Structure.LV_ENDO].contours[frame]
        reading = SetContours(Structure.LV_ENDO, frame, (contour,)).apply(reading, "Anna")
    assert "contours.untested-view" not in found(reading)
