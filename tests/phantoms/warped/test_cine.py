import time

import numpy as np
import pytest

from kinecor_phantoms.heart.rhythm import ectopic_rhythm, sinus_rhythm
from kinecor_phantoms.lines import enclosed_area
from kinecor_phantoms.warped.cine import MadeCine, Weakness, make_cine, weaken_flow
from kinecor_phantoms.warped.poses import swaying
from kinecor_phantoms.warped.texture import UNCHANGED, Look
from tests.models.warped_fields import path

VIEWS = ["apical", "short axis"]
RHYTHM = sinus_rhythm(60, 1)
ES_S = RHYTHM.beats[0].aortic_close_s


def _cine(view: str, times_s: object = (0.0, 0.1, 0.2, ES_S, 0.6), **options: object) -> MadeCine:
    settings = {"look": UNCHANGED, **options}
    return make_cine(path(view), RHYTHM, np.array(times_s), np.random.default_rng(7), **settings)  # type: ignore[arg-type]


@pytest.mark.parametrize("view", VIEWS)
def test_ed_is_the_experts_frame_and_label(view: str) -> None:
    cine, found = _cine(view), path(view)
    assert np.array_equal(cine.labels[0], found.ed.label)
    off = abs(cine.frames[0].astype(int) - found.ed.image)
    inner = off if found.seen is None else off[_eroded(found.seen, 4)]
    assert inner.max() <= 1


@pytest.mark.parametrize("view", VIEWS)
def test_es_is_nearly_the_experts_frame(view: str) -> None:
    cine, found = _cine(view), path(view)
    off = abs(cine.frames[3].astype(int) - found.es.image)
    inner = off if found.seen is None else off[_eroded(found.seen, 4)]
    assert np.median(inner) <= 2
    for value in (1, 2, 3):
        one, other = cine.labels[3] == value, found.es.label == value
        assert 2 * (one & other).sum() / (one.sum() + other.sum()) > 0.97


def _eroded(mask: np.ndarray, by_px: int) -> np.ndarray:
    wide = np.pad(mask, by_px)
    return np.all([np.roll(wide, k, axis) for axis in (0, 1) for k in (-by_px, by_px)], axis=0)[
        by_px:-by_px, by_px:-by_px
    ]


@pytest.mark.parametrize("view", VIEWS)
def test_there_and_back_is_where_it_was(view: str) -> None:
    cine = _cine(view, poses=swaying(np.array((0.0, 0.1, 0.2, ES_S, 0.6)), (60, 70), 3.0, np.random.default_rng(1)))
    points = np.random.default_rng(0).uniform(10, 110, (300, 2))
    there = cine.carried(points, 1, 3)
    assert np.linalg.norm(there - points, axis=1).max() > 5
    assert cine.carried(there, 3, 1) == pytest.approx(points, abs=0.02)


@pytest.mark.parametrize("view", VIEWS)
def test_displacements_agree_with_points_and_contours(view: str) -> None:
    cine = _cine(view)
    field = cine.displacement_px(3, 1)
    assert field.shape == (*cine.frames.shape[1:], 2)
    y, x = np.nonzero((cine.labels[1] > 0) & ~np.isnan(field[..., 0]))
    points = np.stack([x, y], axis=1).astype(float)
    assert len(points) > 1000
    assert points + field[y, x] == pytest.approx(cine.carried(points, 1, 3), abs=0.01)
    contour = cine.contour("lv_endo", 1)
    assert cine.carried(contour, 1, 3) == pytest.approx(cine.contour("lv_endo", 3), abs=0.01)


@pytest.mark.parametrize("view", VIEWS)
def test_pixels_follow_the_displacement(view: str) -> None:
    """Frames of one texture (early in the cycle) are one image resampled: grey levels travel with their points."""
    cine = _cine(view, (0.0, 0.12))
    field = cine.displacement_px(1, 0)
    y, x = np.nonzero((cine.labels[0] > 0) & ~np.isnan(field[..., 0]))
    there = np.stack([x, y], axis=1) + field[y, x]
    assert np.linalg.norm(field[y, x], axis=1).max() > 0.5
    column, row = there.astype(int).T
    inside = (column >= 0) & (column < field.shape[1] - 1) & (row >= 0) & (row < field.shape[0] - 1)
    a, b = (there - np.floor(there))[inside].T
    column, row, frame = column[inside], row[inside], cine.frames[1].astype(float)
    moved = (frame[row, column] * (1 - a) + frame[row, column + 1] * a) * (1 - b)
    moved += (frame[row + 1, column] * (1 - a) + frame[row + 1, column + 1] * a) * b
    start = cine.frames[0][y[inside], x[inside]].astype(float)
    assert np.corrcoef(moved, start)[0, 1] > 0.99
    assert np.corrcoef(frame[y[inside], x[inside]], start)[0, 1] < np.corrcoef(moved, start)[0, 1]


def test_outside_the_sector_nothing_is_said() -> None:
    field = _cine("apical").displacement_px(3)
    seen = path("apical").seen
    assert seen is not None
    assert np.isnan(field[~seen]).all()
    assert np.isnan(field[seen]).any(axis=-1).mean() < 0.05


def test_events_have_frames_and_exact_times() -> None:
    rhythm = sinus_rhythm(75, 3, np.random.default_rng(2))
    times_s = np.arange(0, 2.0, 1 / 40)
    cine = make_cine(path("short axis"), rhythm, times_s, np.random.default_rng(0))
    assert cine.ed_s == tuple(b.start_s for b in rhythm.beats if b.start_s < 2)
    assert cine.es_s == tuple(b.aortic_close_s for b in rhythm.beats if b.aortic_close_s < 2)
    areas = (cine.labels == 3).sum(axis=(1, 2))
    for ed, es in zip(cine.ed, cine.es, strict=True):
        assert areas[es] < 0.6 * areas[ed]
    assert abs(times_s[list(cine.es)] - cine.es_s).max() <= 1 / 80 + 1e-9
    assert cine.phase[list(cine.es)] == pytest.approx(1, abs=0.08)


@pytest.mark.parametrize(("amplitude", "least", "most"), [(0.3, 0.7, 0.95), (0.6, 0.45, 0.8), (1.15, 0.05, 0.45)])
def test_the_amplitude_sets_how_small_the_cavity_gets(amplitude: float, least: float, most: float) -> None:
    cine = _cine("short axis", amplitude=amplitude)
    share = enclosed_area(cine.contour("lv_endo", 3)) / enclosed_area(cine.contour("lv_endo", 0))
    assert least < share < most


def test_a_weak_wall_moves_less_and_the_rest_as_before() -> None:
    found = path("short axis")
    place = found.contours["lv_endo"][10]
    still = Weakness((place[0], place[1]), 8.0, 0.9)
    weak, strong = _cine("short axis", weak=[still]), _cine("short axis")
    moved = [np.linalg.norm(c.contour("lv_endo", 3) - c.contour("lv_endo", 0), axis=1) for c in (weak, strong)]
    assert moved[0][10] < 0.4 * moved[1][10]
    assert moved[0][58] == pytest.approx(moved[1][58], rel=0.1)
    assert weaken_flow(found.flow, [still]).least_growths([1.0])[0] > 0


def test_early_beats_do_not_push_tissue_through_itself() -> None:
    rhythm = ectopic_rhythm(90, 4, np.random.default_rng(5))
    cine = make_cine(path("apical"), rhythm, np.arange(0, 2.4, 0.05), np.random.default_rng(0), amplitude=1.2)
    assert cine.phase.max() <= path("apical").furthest + 1e-9


def test_frames_change_smoothly() -> None:
    cine = _cine("apical", np.arange(0, 1, 0.02))
    area = np.array([enclosed_area(cine.contour("lv_endo", i)) for i in range(len(cine.frames))])
    assert abs(np.diff(area, 2)).max() < 0.05 * np.ptp(area)
    whole = abs(path("apical").ed.image.astype(int) - path("apical").es.image).mean()
    assert abs(np.diff(cine.frames.astype(int), axis=0)).mean(axis=(1, 2)).max() < 0.35 * whole


def test_chance_is_reproducible_and_speckle_of_blood_comes_and_goes() -> None:
    look = Look(blood=0.8, tissue=0.1, memory_s=0.05)
    one, again = (_cine("apical", (0.0, 0.01, 0.02, 0.03), look=look) for _ in range(2))
    assert np.array_equal(one.frames, again.frames)
    blood, tissue = (one.labels == 1).all(axis=0), (one.labels == 2).all(axis=0)
    change = abs(np.diff(one.frames.astype(float), axis=0))
    spread = [one.frames[0][m].std() for m in (blood, tissue)]
    assert change[:, blood].mean() / spread[0] > 1.5 * change[:, tissue].mean() / spread[1]


def test_a_cine_is_warped_within_a_second() -> None:
    texture, times_s = path("apical").texture(), np.linspace(0, 0.95, 20)
    begin = time.process_time()
    make_cine(path("apical"), RHYTHM, times_s, np.random.default_rng(0), texture=texture)
    # A 256 x 256 image has 3.4 times the pixels of this one.
    assert time.process_time() - begin < 1.0


def test_bad_requests_are_refused() -> None:
    with pytest.raises(ValueError, match="amplitude"):
        _cine("apical", amplitude=1.5)
    with pytest.raises(ValueError, match="increase"):
        _cine("apical", (0.0, 0.0))
    with pytest.raises(ValueError, match="loss"):
        Weakness((0, 0), 5, 1.2)
    with pytest.raises(ValueError, match="shares"):
        Look(blood=1.2)
    with pytest.raises(ValueError, match="memory"):
        Look(memory_s=0)


def test_events_are_listed_where_a_cine_outlasts_its_beats() -> None:
    cine = _cine("short axis", np.arange(0.5, 1.5, 0.05))
    assert cine.ed_s == pytest.approx((1.0,))
    assert cine.es_s == pytest.approx((1.0 + ES_S,))
    assert cine.times_s[cine.ed[0]] == pytest.approx(1.0)
    assert _cine("short axis", np.arange(0, 1, 0.05)).ed_s == (0.0,)
