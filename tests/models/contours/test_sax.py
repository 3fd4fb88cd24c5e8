import numpy as np
import pytest

from kinecor_models.contours.sax import SaxModel
from kinecor_models.contract import ClipInput
from kinecor_models.engines.engine import one_by_one
from kinecor_models.localisation.framing import neighbours_of_each
from tests.models.sax_fields import beating, engine, image, model


def quiet(done: int, total: int) -> None:
    assert 0 <= done <= total


def areas(found, name: str) -> np.ndarray:
    out = []
    for points in found.contours[name]:
        x, y = found.grid.to_image(points).T
        out.append(abs(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1))) / 2)
    return np.array(out)


@pytest.mark.parametrize("spacing_mm", [None, 1.0, 1.7])
def test_a_beating_slice_is_contoured_where_it_is(spacing_mm: float | None) -> None:
    found = model(smooth=False)(ClipInput(beating(8), spacing_mm=spacing_mm), quiet)
    radii = 16 + 4 * np.cos(2 * np.pi * np.arange(8) / 8)
    # The line between two levels of grey is within half a pixel of the drawn edge.
    assert np.sqrt(areas(found, "lv_endo") / np.pi) == pytest.approx(radii, abs=0.6)
    assert np.sqrt(areas(found, "lv_epi") / np.pi) == pytest.approx(radii + 10, abs=0.8)
    centre = found.grid.to_image(found.contours["lv_endo"][0]).mean(axis=0)
    assert centre == pytest.approx((100, 90), abs=0.5)
    rv = found.grid.to_image(found.contours["rv"][0])
    assert rv[:, 0].max() < 100 - 16
    assert found.confidence["lv_endo"].min() > 0.8


def test_contours_begin_on_the_right_and_go_clockwise() -> None:
    found = model()(ClipInput(beating(8)), quiet)
    for points in found.contours["lv_endo"]:
        assert points.shape == (96, 2)
        right, next_one = found.grid.to_image(points)[:2]
        assert right[1] == pytest.approx(90, abs=0.5)
        assert right[0] > 110
        assert next_one[1] > right[1]
        assert np.linalg.norm(points[-1] - points[0]) > 0.1


def test_smoothing_goes_round_the_cycle_without_lag() -> None:
    frames = beating(20)
    plain, smooth = (areas(model(smooth=s)(ClipInput(frames), quiet), "lv_endo") for s in (False, True))
    assert int(smooth.argmin()) == 10
    assert int(smooth.argmax()) == 0
    assert abs(smooth - plain).max() < 0.05 * plain.max()
    # Symmetric in time, as the beat is.
    assert smooth[1:10] == pytest.approx(smooth[:10:-1], rel=0.02)
    # One phase of noise is pulled towards its neighbours.
    frames[3] = beating(20, 14, 24)[0]
    outlier = areas(model(smooth=True)(ClipInput(frames), quiet), "lv_endo")[3]
    assert outlier < areas(model(smooth=False)(ClipInput(frames), quiet), "lv_endo")[3]


def test_a_slice_without_a_heart_gives_nothing() -> None:
    found = model()(ClipInput(np.zeros((8, 200, 220), np.uint8)), quiet)
    for name in ("lv_endo", "lv_epi", "rv"):
        assert found.contours[name] == [None] * 8
        assert not found.confidence[name].any()


def test_what_is_seen_at_a_single_phase_is_rejected() -> None:
    frames = np.zeros((12, 200, 220), np.uint8)
    frames[4] = image(14)
    assert model(smooth=False)(ClipInput(frames), quiet).contours["lv_endo"] == [None] * 12
    frames[5] = image(14)
    found = model(smooth=False)(ClipInput(frames), quiet).contours["lv_endo"]
    assert [i for i, points in enumerate(found) if points is not None] == [4, 5]


def test_pixels_that_are_not_square_are_seen_in_proportion() -> None:
    frames = beating(8)[:, ::2]  # rows twice as far apart
    found = model(smooth=False)(ClipInput(frames, aspect=2.0, spacing_mm=1.4), quiet)
    x, y = found.grid.to_image(found.contours["lv_endo"][0]).T
    assert np.ptp(x) == pytest.approx(40, abs=1.5)
    assert np.ptp(y) == pytest.approx(20, abs=1.5)


def test_a_stack_is_each_of_its_slices_and_reports_progress() -> None:
    calls: list[tuple[int, int]] = []
    clips = [ClipInput(beating(6, centre=(100 + 2 * i, 90)), spacing_mm=1.4) for i in range(4)]
    found = model().stack(clips, lambda done, total: calls.append((done, total)))
    assert calls[0] == (0, 24)
    assert [done for done, _ in calls[1:] if done] == list(range(1, 25))
    for number, (one, clip) in enumerate(zip(found, clips, strict=True)):
        alone = model()(clip, quiet)
        assert areas(one, "lv_endo") == pytest.approx(areas(alone, "lv_endo"), rel=0.03)
        assert one.grid.to_image(one.contours["lv_endo"][0]).mean(axis=0)[0] == pytest.approx(100 + 2 * number, abs=0.6)


def test_early_contours_of_a_stack_come_from_its_ends_and_do_not_change_what_follows() -> None:
    passes: list[np.ndarray] = []

    def counted(square: np.ndarray) -> np.ndarray:
        passes.append(square)
        return engine(square)

    one = SaxModel(model().card, one_by_one(counted), looks=[0, 1])
    clips = [ClipInput(beating(8, centre=(100 + 2 * i, 90)), spacing_mm=1.4) for i in range(6)]
    early = one.early_stack(clips, quiet)
    assert early is not None
    so_far = len(passes)
    assert so_far == 6 * 4 + 8 + 6 * 2 * 2 - 2  # to find the heart, two halves of a cycle, both ends less what was seen
    later = early.whole(quiet)
    assert len(passes) - so_far == 6 * 8 * 2 - 8 - (6 * 2 * 2 - 2)
    whole = one.stack(clips, quiet)
    for found, again, first in zip(early.found, later, whole, strict=True):
        ends = areas(first, "lv_endo").argmax(), areas(first, "lv_endo").argmin()
        assert areas(found, "lv_endo")[[*ends]] == pytest.approx(areas(first, "lv_endo")[[*ends]], rel=0.06)
        assert (np.diff(areas(found, "lv_endo")[ends[0] : ends[1] + 1]) < 0).all()
        for name in ("lv_endo", "lv_epi", "rv"):
            for outline, other in zip(again.contours[name], first.contours[name], strict=True):
                assert np.array_equal(outline, other)


def test_a_stack_of_few_phases_or_slices_has_no_early_contours() -> None:
    slices = [ClipInput(beating(8), spacing_mm=1.4)] * 6
    assert model().early_stack(slices[:4], quiet) is None
    assert model().early_stack([ClipInput(beating(6), spacing_mm=1.4)] * 6, quiet) is None
    assert model().early_stack([*slices, ClipInput(beating(6), spacing_mm=1.4)], quiet) is None


def test_a_network_of_three_images_sees_the_slices_before_and_after_at_the_same_phase() -> None:
    seen: list[np.ndarray] = []

    def three(layers: np.ndarray) -> np.ndarray:
        seen.append(layers)
        return engine(layers[1])

    clips = [ClipInput(beating(6, centre=(100 + 4 * i, 90)), spacing_mm=1.4) for i in range(3)]
    clips.append(ClipInput(beating(12, centre=(112, 90)), spacing_mm=1.4))
    three_slices = SaxModel(model().card, one_by_one(three), looks=[0], smooth=False, channels=3)
    found = three_slices.stack(clips, quiet)
    assert [one.shape for one in seen] == [(3, 160, 160)] * (4 * 4 + 3 * 6 + 12)
    close = seen[16:]  # after four looks at each whole image
    assert not any(layers[0].any() for layers in close[:6])
    assert not any(layers[2].any() for layers in close[18:])
    assert all(layers[i].any() for layers in close[6:12] for i in (0, 2))
    # The third slice's phase 3 of 6 corresponds to phase 6 of 12: end-systole in both, so that cavities are alike.
    sizes = [int((layers[2] == 170).sum()) for layers in close[12:18]]
    assert sizes.index(min(sizes)) == 3
    assert areas(found[1], "lv_endo") == pytest.approx(areas(model(smooth=False)(clips[1], quiet), "lv_endo"), rel=0.03)
    seen.clear()
    three_slices(clips[0], quiet)
    assert not any(layers[i].any() for layers in seen for i in (0, 2))
    seen.clear()
    SaxModel(model().card, one_by_one(three), looks=[0, 8], channels=3).stack(clips, quiet)
    first, again = seen[28:30]  # both looks at the second slice's first phase
    assert first[0].any()
    assert (again == first[::-1]).all()
    assert (again != first).any()


def test_a_neighbour_of_another_image_size_is_left_out() -> None:
    clips = [ClipInput(beating(2)), ClipInput(beating(2, shape=(180, 220)))]
    assert [(one.before, one.after) for one in neighbours_of_each(clips)] == [(None, None)] * 2
    assert neighbours_of_each([clips[0]] * 2)[0].after is clips[0]


def test_another_round_chamber_is_not_taken_for_the_ventricle_of_its_slice() -> None:
    """At the base the aorta is round and bright in something dark too; the other slices show where the ventricle is."""
    frames = [beating(6, centre=(110, 90)) for _ in range(5)]
    aorta = np.stack([image(24, centre=(60, 110))] * 6)
    small = beating(6, 6, 8, centre=(110, 90))
    frames.append(np.where(small > 0, small, aorta))
    found = model().stack([ClipInput(one, spacing_mm=1.4) for one in frames], quiet)[-1]
    for points in found.contours["lv_endo"]:
        assert points is not None
        assert found.grid.to_image(points).mean(axis=0) == pytest.approx((110, 90), abs=2)


def test_turned_and_mirrored_looks_agree_with_the_upright_one() -> None:
    clip = ClipInput(beating(6))
    upright = model(looks=[0])(clip, quiet)
    for looks in ([1], [2], [3], [4], [5], [6], [7], [12], range(16)):
        other = model(looks=looks)(clip, quiet)
        for name in ("lv_endo", "lv_epi", "rv"):
            assert other.contours[name][0] == pytest.approx(upright.contours[name][0], abs=0.3)
