import numpy as np
import pytest
import torch

from kinecor_models.evaluation.view_table import confusion, f1_scores, scores_of, table
from kinecor_models.nets.view_net import CLASSES, SIDE, Inception, ViewNet
from kinecor_models.phantoms.echo.views import VIEWS
from kinecor_models.training.view_samples import UNKNOWN, ViewSample, class_of, no_views, rendered, view_square


def test_the_network_names_views_of_a_frame():
    net = ViewNet().eval()
    with torch.inference_mode():
        assert net(torch.rand(2, 1, SIDE, SIDE)).shape == (2, len(CLASSES))
    assert sum(p.numel() for p in net.parameters()) < 600_000


def test_inception_keeps_its_input_and_drops_the_wide_route():
    x = torch.rand(1, 6, 8, 8)
    three, two = Inception(6, 4), Inception(6, 4, wide=False)
    assert torch.equal(three(x)[:, :6], x)
    assert (three(x).shape[1], three.outputs) == (18, 18)
    assert (two(x).shape[1], len(two.routes)) == (14, 2)


def test_every_simulated_view_has_a_class():
    assert {CLASSES[class_of(view)] for view in VIEWS} == set(CLASSES)
    assert class_of("other") == UNKNOWN
    assert class_of("PSAX apex") == class_of("PSAX base") == CLASSES.index("PSAX")


def test_rendering_is_kept_and_goes_on(tmp_path, monkeypatch):
    monkeypatch.setattr("kinecor_models.training.view_samples._CLIPS_A_FILE", 2)
    first = rendered(tmp_path, 2, 5)
    assert len(first) == 6
    names = {path.name for path in tmp_path.iterdir()}
    assert names == {"views-5-000.npz"}
    monkeypatch.setattr("kinecor_models.training.view_samples.view_frames", None)  # what is there is not made again
    again = rendered(tmp_path, 2, 5)
    assert all(np.array_equal(a.image, b.image) and a.view == b.view for a, b in zip(first, again, strict=True))


def test_pictures_of_nothing_are_unknown_and_differ():
    frame = ViewSample(np.random.default_rng(0).integers(0, 255, (160, 160), dtype=np.uint8), 0)
    found = no_views(30, 1, [frame])
    assert {sample.view for sample in found} == {UNKNOWN}
    assert len({sample.image.tobytes() for sample in found}) > 25
    assert all(sample.image.shape == (160, 160) and sample.image.dtype == np.uint8 for sample in found)


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


class Always(torch.nn.Module):
    def __init__(self, view):
        super().__init__()
        self.view = view

    def forward(self, image):
        return torch.nn.functional.one_hot(torch.full((len(image),), self.view), len(CLASSES)).float()


def test_the_table_counts_right():
    samples = [ViewSample(np.zeros((64, 64), np.uint8), view) for view in (0, 0, 0, 1)]
    counts = confusion(Always(0), samples, SIDE)
    assert counts.sum() == 4
    assert counts[0, 0] == 3
    assert counts[1, 0] == 1
    each = f1_scores(counts)
    assert each[0] == pytest.approx(6 / 7)
    assert each[1] == 0
    assert np.isnan(each[2])
    assert scores_of(samples)(Always(0), SIDE)["score"] == pytest.approx(3 / 7)
    assert "0.857" in table(counts)
