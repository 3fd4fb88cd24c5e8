import numpy as np
import pytest
import torch

from kinecor_lab.tasks.views.data import ViewSample
from kinecor_lab.tasks.views.table import confusion, f1_scores, scores_of, table
from kinecor_models.nets.view_net import SIDE, Inception, ViewNet
from kinecor_models.views.classes import CLASSES


def test_the_network_names_views_of_a_frame():
    net = ViewNet().eval()
    with torch.inference_mode():
        assert net(torch.rand(2, 1, SIDE, SIDE)).shape == (2, len(CLASSES))
    assert sum(p.numel() for p in net.parameters()) < 600_000


def test_inception_passes_its_input_and_drops_the_wide_route():
    x = torch.rand(1, 6, 8, 8)
    three, two = Inception(6, 4), Inception(6, 4, wide=False)
    assert torch.equal(three(x)[:, :6], x)
    assert (three(x).shape[1], three.outputs) == (18, 18)
    assert (two(x).shape[1], len(two.routes)) == (14, 2)


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
    assert "0.857" in table("", counts).text()
