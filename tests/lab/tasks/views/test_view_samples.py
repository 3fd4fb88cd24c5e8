import csv
from dataclasses import replace
from importlib.resources import as_file, files

import cv2
import numpy as np
import pytest
import torch

from kinecor_lab.datasets.placing import IGNORE
from kinecor_lab.datasets.samples import DataSetError, Sample, camus_png
from kinecor_lab.tasks.apical.data import warped_two_chamber
from kinecor_lab.tasks.views.clips import read_clip_frames, views_by_file
from kinecor_lab.tasks.views.data import (
    UNKNOWN,
    Looks,
    ViewSample,
    ViewSquares,
    class_of,
    of_frames,
    rendered,
    swept,
    view_square,
)
from kinecor_lab.tasks.views.scenes import SCENES, SIDE_PX, no_views, turned
from kinecor_lab.tasks.views.train import checking, learning, with_five_chamber
from kinecor_lab.tasks.views.two_chamber import two_chamber, two_chamber_frames
from kinecor_models.engines.torch_engines import with_weights
from kinecor_models.nets.view_net import ViewNet
from kinecor_models.views.classes import CLASSES
from kinecor_phantoms.echo.views import VIEWS_OF_FRAMES


def sector(grain: int = 90, seed: int = 0) -> np.ndarray:
    """An image with a sector of speckle in it, the tip above."""
    noise = np.random.default_rng(seed).integers(20, 20 + grain, (SIDE_PX, SIDE_PX), dtype=np.uint8)
    mask = np.zeros((SIDE_PX, SIDE_PX), np.uint8)
    cv2.ellipse(mask, (80, 8), (140, 140), 0, 50, 130, (1,), -1)
    return noise * mask


def labelled(patient: str = "p1", seed: int = 0) -> Sample:
    """A dark ventricle above a dark atrium, the wall around the ventricle bright."""
    image, label = sector(seed=seed), np.zeros((SIDE_PX, SIDE_PX), np.uint8)
    cv2.ellipse(label, (80, 72), (22, 36), 0, 0, 360, (2,), -1)
    cv2.ellipse(label, (80, 72), (16, 30), 0, 0, 360, (1,), -1)
    label[95:] = 0
    cv2.ellipse(label, (80, 112), (15, 17), 0, 0, 360, (3,), -1)
    image[label == 2] = 200
    image[np.isin(label, (1, 3))] = 12
    image[30:120, :50] = np.where(image[30:120, :50] > 0, 120, 0)  # something on the septal side alone
    return Sample(patient, "ED", image, label, 0.6)


def test_every_simulated_view_has_a_class():
    assert {CLASSES[class_of(view)] for view in VIEWS_OF_FRAMES} == set(CLASSES)
    assert class_of("other") == UNKNOWN
    assert class_of("PSAX apex") == class_of("PSAX base") == CLASSES.index("PSAX")


def test_rendering_is_cached_and_resumed(tmp_path, monkeypatch):
    monkeypatch.setattr("kinecor_lab.tasks.views.data._CLIPS_A_FILE", 2)
    first = rendered(tmp_path, 2, 5)
    assert len(first) == 6
    names = {path.name for path in tmp_path.iterdir()}
    assert names == {"views-5-000.npz"}
    monkeypatch.setattr("kinecor_lab.tasks.views.data.view_frames", None)  # existing files are not built again
    again = rendered(tmp_path, 2, 5)
    assert all(np.array_equal(a.image, b.image) and a.view == b.view for a, b in zip(first, again, strict=True))


@pytest.mark.parametrize("scene", dict.fromkeys(SCENES), ids=lambda scene: scene.__name__)
def test_scenes_without_a_heart_are_images_that_differ(scene):
    found = [scene(np.random.default_rng(seed)) for seed in range(5)]
    assert all(image.shape == (SIDE_PX, SIDE_PX) and image.dtype == np.uint8 for image in found)
    assert len({image.tobytes() for image in found}) == 5
    assert np.array_equal(found[0], scene(np.random.default_rng(0)))


def test_images_without_a_heart_are_unknown_and_built_from_frames_too():
    frame = ViewSample(sector(), 0)
    found = no_views(60, 1, [frame])
    assert {sample.view for sample in found} == {UNKNOWN}
    assert len({sample.image.tobytes() for sample in found}) > 50
    assert all(min(sample.image.shape) >= SIDE_PX - 2 and sample.image.dtype == np.uint8 for sample in found)
    assert len(no_views(5, 1)) == 5


def test_turning_puts_the_tip_below():
    image = turned(ViewSample(sector(), 0), 180)
    assert image[140:, 70:90].mean() > 10 * (image[:8, 70:90].mean() + 0.1)


def test_the_square_shows_the_sector_and_plainly_leaves_nothing_to_chance():
    image = np.zeros((200, 300), np.uint8)
    image[40:160, 100:220] = 180
    sample = ViewSample(image, 3)
    one, label = view_square(sample, 128, np.random.default_rng(0), 0.0)
    other, _ = view_square(sample, 128, np.random.default_rng(1), 0.0)
    assert np.array_equal(one, other)
    assert label.tolist() == [[3]]
    assert (one > 90).mean() > 0.7
    varied, _ = view_square(sample, 128, np.random.default_rng(2), 1.0)
    assert not np.array_equal(one, varied)


@pytest.mark.parametrize("view", [0, CLASSES.index("PSAX"), UNKNOWN])
def test_augmented_squares_preserve_size_and_class_and_go_by_the_seed(view):
    samples = [ViewSample(sector(seed=seed), view) for seed in range(4)]
    squares = ViewSquares(Looks(samples, 1))
    for seed in range(40):
        image, label = squares(samples[seed % 4], 64, np.random.default_rng(seed), 1.0)
        assert image.shape == (64, 64)
        assert image.dtype == np.uint8
        assert label.item() == view
    again = [squares(samples[0], 64, np.random.default_rng(7), 1.0)[0] for _ in range(2)]
    assert np.array_equal(*again)


def test_a_lent_look_changes_grey_levels_and_leaves_black_black():
    dark, bright = ViewSample(sector(30), 0), ViewSample(sector(200, 1), 0)
    looks = Looks([bright], 0)
    rng = np.random.default_rng(0)
    lent = np.mean([looks.lent(dark.image, rng, 1.0).mean() for _ in range(30)])
    assert lent > 1.1 * dark.image.mean()
    assert all(looks.lent(dark.image, rng, 1.0)[0, 0] == 0 for _ in range(10))


def test_sweeping_smears_along_arcs():
    image = np.zeros((128, 128), np.uint8)
    image[80, 62:67] = 255
    found = swept(image, 3.0)
    assert found[80, 58] > 5
    assert found[70].max() < 3


def test_warped_two_chamber_frames_have_no_septal_side():
    samples = [labelled("p1", 0), labelled("p1", 1), labelled("p2", 2)]
    found = two_chamber(samples, 3)
    assert {one.view for one in found} == {CLASSES.index("A2C")}
    assert len(found) == 3
    for before, after in zip(samples, found, strict=True):
        assert np.array_equal(before.image[40:100, 100:], after.image[40:100, 100:])
        outside = (slice(80, 100), slice(40, 50))
        assert before.image[outside].std() < 5 < after.image[outside].std()


def test_a_frame_whose_atrium_is_missing_is_passed_over():
    sample = labelled()
    none = Sample("p3", "ED", sample.image, np.where(sample.label == 3, 0, sample.label), 0.6)
    assert len(two_chamber([sample, none, labelled("p1", 4)], 0)) == 2


def camus_folder(folder, split):
    for kind in ("images", "labels"):
        (folder / kind).mkdir(parents=True, exist_ok=True)
    rows = []
    for patient in ("patient0001", "patient0002"):
        for phase in ("ED", "ES"):
            one = labelled(patient)
            cv2.imwrite(str(folder / "images" / f"{patient}_4CH_{phase}.png"), one.image)
            cv2.imwrite(str(folder / "labels" / f"{patient}_4CH_{phase}.png"), one.label)
            rows.append({"patient": patient, "phase": phase, "split": split, "spacing_mm": 0.6})
    with (folder / "index.csv").open("w", newline="") as out:
        table = csv.DictWriter(out, list(rows[0]))
        table.writeheader()
        table.writerows(rows)
    return folder


def test_sets_hold_every_source(tmp_path, monkeypatch):
    frames = [ViewSample(sector(seed=seed), seed % 8) for seed in range(24)]
    monkeypatch.setattr("kinecor_lab.tasks.views.train.rendered", lambda *_: list(frames))
    learn = learning(tmp_path, 8, 1, camus_png(camus_folder(tmp_path / "train", "train"), ["train"]), None)
    assert len(learn) == 24 + 4 + 4 + 32 // 6
    check = checking(tmp_path, 8, 2, camus_png(camus_folder(tmp_path / "valid", "valid"), ["valid"]), None)
    assert len(check) == 24 + 4 + 4
    assert sum(sample.view == CLASSES.index("A2C") for sample in check) == 3


def test_real_two_chamber_frames_take_the_place_of_warped_ones(tmp_path, monkeypatch):
    monkeypatch.setattr("kinecor_lab.tasks.views.train.rendered", lambda *_: [])
    frames = [labelled("p1"), replace(labelled("p1"), view="A2C")]
    learn = learning(tmp_path, 8, 1, frames, None)
    assert [CLASSES[sample.view] for sample in learn] == ["A4C", "A2C"]


def test_four_chamber_frames_are_as_soft_as_two_chamber_ones_half_the_time():
    sharp = replace(labelled(), image=np.random.default_rng(0).integers(0, 256, (300, 400), dtype=np.uint8))
    found = of_frames([sharp] * 4 + [replace(sharp, view="A2C")] * 4)
    assert [one.image.shape for one in found] == [(224, 299), (300, 400), (300, 400), (224, 299)] + [(300, 400)] * 4
    assert found[0].image.std() < 0.7 * sharp.image.std()


def test_the_labels_of_warped_two_chamber_frames_are_mirrored_with_their_images():
    wide, narrow = labelled("p1", 1), labelled("p2", 2)
    thick = wide.label.copy()
    cv2.ellipse(thick, (80, 72), (40, 36), 0, -90, 90, (2,), -1)  # a wall twice as thick on the lateral side
    cv2.ellipse(thick, (80, 72), (16, 30), 0, 0, 360, (1,), -1)
    thick[95:] = narrow.label[95:]
    wide = replace(wide, label=thick)
    found = two_chamber_frames([wide, replace(wide, phase="ES")], 0)
    assert {one.view for one in found} == {"A2C"}
    for one in found:
        left, right = one.label[60:85, :80], one.label[60:85, 81:]
        assert (left == 2).sum() == pytest.approx((right == 2).sum(), rel=0.15)
        assert (left == 1).sum() == pytest.approx((right == 1).sum(), rel=0.15)
    assert (wide.label[60:85, :80] == 2).sum() < 0.5 * (found[0].label[60:85, :80] == 2).sum()


def test_what_is_below_the_valve_of_a_warped_frame_is_not_trained_on():
    samples = [labelled(f"p{number}", number) for number in range(6)]
    found = warped_two_chamber([*samples, replace(samples[0], view="A2C")], 4, 3)
    again = warped_two_chamber(samples, 4, 3)
    assert [one.patient for one in found] == [one.patient for one in again]
    assert len({one.patient for one in found}) == 4
    for one in found:
        assert set(np.unique(one.label)) == {0, 1, 2, IGNORE}
        assert (one.label[105:125, 70:90] == IGNORE).all()
        assert (one.label[:60] != IGNORE).all()
    assert warped_two_chamber(samples, 0, 3) == []


def test_frames_of_listed_clips_have_their_view(tmp_path):
    for name in ("a.png", "b.png"):
        cv2.imwrite(str(tmp_path / name), sector())
    table = tmp_path / "views.csv"
    table.write_text("file,view\na.png,PSAX\n")
    (found,) = read_clip_frames(tmp_path, table)
    assert (found.view, found.image.shape) == (CLASSES.index("PSAX"), (SIDE_PX, SIDE_PX))
    table.write_text("file,view\na.png,sideways\n")
    with pytest.raises(DataSetError, match="sideways"):
        read_clip_frames(tmp_path, table)
    table.write_text("file,view\nother.png,PSAX\n")
    with pytest.raises(DataSetError, match="found none"):
        read_clip_frames(tmp_path, table)


def test_stress_echo_views_are_classes():
    with as_file(files("kinecor_lab").joinpath("datasets", "stress_echo_views.csv")) as table:
        views = views_by_file(table)
    assert len(views) == 24
    assert set(views.values()) == {"A4C", "A2C", "A3C", "PLAX", "PSAX"}


def test_a_network_without_the_five_chamber_view_begins_it_as_a_three_chamber_one():
    torch.manual_seed(0)
    old = {name: value.numpy() for name, value in ViewNet(len(CLASSES) - 1).state_dict().items()}
    new = with_weights(ViewNet(), with_five_chamber(old))
    before = with_weights(ViewNet(len(CLASSES) - 1), old)
    image = torch.rand(1, 1, 128, 128)
    with torch.inference_mode():
        scores, known = new(image)[0], before(image)[0]
    five, three = CLASSES.index("A5C"), CLASSES.index("A3C")
    assert scores[five] == scores[three]
    others = [number for number in range(len(CLASSES)) if number != five]
    assert torch.allclose(scores[others], known, atol=1e-5)
    again = {name: value.numpy() for name, value in new.state_dict().items()}
    assert with_five_chamber(again) is again
