import pickle
from pathlib import Path

import numpy as np
import pytest

from kinecor_phantoms.warped.flow import Flow
from kinecor_phantoms.warped.frame import APICAL, SHORT_AXIS, LabelledFrame, NoMatchError
from kinecor_phantoms.warped.path import FURTHEST_PHASE, find_path, overlap, resting_path
from kinecor_phantoms.warped.sampling import blur_image
from tests.models.warped_fields import apical, pair, path

VIEWS = ["apical", "short axis"]


@pytest.mark.parametrize("view", VIEWS)
def test_the_ed_label_arrives_at_the_es_label(view: str) -> None:
    found = path(view)
    assert min(found.dice.values()) > 0.97
    assert found.unmatched == ()


@pytest.mark.parametrize("view", VIEWS)
def test_nothing_folds(view: str) -> None:
    found = path(view)
    assert 0.05 < found.least_growth < 1
    assert 1 <= found.furthest <= FURTHEST_PHASE


@pytest.mark.parametrize("view", VIEWS)
def test_the_ed_frame_arrives_at_the_es_frame(view: str) -> None:
    """Softened, since the two frames' speckle differs."""
    found = path(view)
    shape = found.ed.image.shape
    [(_, origin)] = [*found.flow.origins(shape, np.array([1.0]))]
    x, y = np.round(origin.real).astype(int).clip(0, shape[1] - 1), np.round(origin.imag).astype(int)
    ed, es = (blur_image(frame.image.astype(np.float32), 2.5) for frame in (found.ed, found.es))
    assert abs(ed[y.clip(0, shape[0] - 1), x] - es).mean() < 0.7 * abs(ed - es).mean()


def test_contours_begin_and_end_at_the_valve_or_close() -> None:
    contours = path("apical").contours
    assert {name: len(line) for name, line in contours.items()} == {"lv_endo": 96, "lv_epi": 96, "la": 64}
    assert np.linalg.norm(contours["lv_endo"][[0, -1]] - contours["la"][[0, -1]], axis=1).max() < 2
    loop = path("short axis").contours["rv"]
    steps = np.linalg.norm(np.diff(np.concatenate([loop, loop[:1]]), axis=0), axis=1)
    assert steps.max() < 1.3 * steps.mean()


def test_a_flow_can_be_cached_on_disk(tmp_path: Path) -> None:
    found = path("short axis")
    np.savez_compressed(tmp_path / "flow.npz", origin=found.flow.origin, velocity=found.flow.velocity)
    with np.load(tmp_path / "flow.npz") as saved:
        x, y = saved["origin"].tolist()
        flow = Flow((x, y), saved["velocity"])
    again = find_path(found.ed, found.es, found.anatomy, flow=flow)
    assert again.dice == found.dice
    assert again.least_growth == found.least_growth
    assert np.array_equal(again.flow.moved(found.borders.points, 0.7), found.flow.moved(found.borders.points, 0.7))


def test_a_path_can_be_handed_to_another_process() -> None:
    found = path("short axis")
    again = pickle.loads(pickle.dumps(found))
    assert np.array_equal(again.flow.moved(found.borders.points, 0.7), found.flow.moved(found.borders.points, 0.7))


def test_a_missing_ventricle_and_frames_of_two_sizes_are_refused() -> None:
    ed, es, _ = pair("apical")
    with pytest.raises(NoMatchError, match="at ES"):
        find_path(ed, LabelledFrame(es.image, np.zeros_like(es.label)), APICAL)
    with pytest.raises(NoMatchError, match="one size"):
        find_path(ed, LabelledFrame(es.image[1:], es.label[1:]), APICAL)


def test_frames_that_do_not_match_are_refused() -> None:
    ed, es, _ = pair("apical")
    torn = es.label.copy()
    # A tongue of cavity that no smooth motion can grow.
    torn[60:64, 66:120] = 1
    with pytest.raises(NoMatchError, match="leave this patient out"):
        find_path(ed, LabelledFrame(es.image, torn), APICAL, least_dice=0.999)


def test_a_structure_in_one_frame_only_is_named() -> None:
    ed, es, _ = pair("apical")
    without = np.where(es.label == 3, 0, es.label).astype(np.uint8)
    found = find_path(ed, LabelledFrame(es.image, without), APICAL)
    assert found.unmatched == ("la",)
    assert "la" not in found.contours


def test_a_resting_heart_rests() -> None:
    found = resting_path(apical(0.3), APICAL)
    points = found.contours["lv_endo"]
    assert np.array_equal(found.flow.moved(points, 1.0), points)


def test_overlap() -> None:
    one = np.array([True, True, False, False])
    assert overlap(one, np.array([False, True, True, False])) == 0.5
    assert np.isnan(overlap(~one & one, ~one & one))


def test_a_motion_that_folds_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    ed, es, _ = pair("short axis")
    # No smooth field of ours folds: the cavity's own shrinking stands in, which a stricter limit takes for one.
    monkeypatch.setattr("kinecor_phantoms.warped.path.MIN_GROWTH", 0.5)
    with pytest.raises(NoMatchError, match="without folds"):
        find_path(ed, es, SHORT_AXIS)
