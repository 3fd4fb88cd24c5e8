import pytest
import torch

from kinecor_models.nets.ral import DILATIONS, LAYERS, RAL, DilatedDenseBlock


def small(**settings):
    torch.manual_seed(2)
    return RAL(width=4, growth=2, layers=2, dilations=(1, 1, 2), **settings).eval()


def change_at(net, frame, other_frame):
    """How much the answer at `frame` changes with the image at `other_frame`."""
    clip = torch.rand(1, 3, 1, 16, 16)
    changed = clip.clone()
    changed[:, other_frame] = torch.rand(1, 1, 16, 16)
    with torch.inference_mode():
        return (net(clip)[0][:, frame] - net(changed)[0][:, frame]).abs().max().item()


def test_shapes():
    scores, views = small()(torch.rand(2, 3, 1, 16, 24))
    assert scores.shape == (2, 3, 4, 16, 24)
    assert views.shape == (2, 3, 3)


def test_defaults_are_those_published():
    net = RAL()
    assert len(net.blocks) == 5
    assert DILATIONS == (1, 1, 2, 4, 8)
    assert all(len(block.layers) == LAYERS == 6 for block in net.blocks)
    assert [block.layers[0][2].dilation[0] for block in net.blocks] == [1, 1, 2, 4, 8]


def test_layers_are_densely_connected():
    block = DilatedDenseBlock(4, 2, 3, 1)
    assert [layer[2].in_channels for layer in block.layers] == [4, 6, 8]
    assert block(torch.rand(1, 4, 8, 8)).shape[1] == block.outputs == 10


def test_a_dilated_layer_sees_as_far_as_its_dilation():
    block = DilatedDenseBlock(1, 1, 1, 4).eval()
    still, moved = torch.zeros(1, 1, 17, 17), torch.zeros(1, 1, 17, 17)
    moved[0, 0, 8, 8] = 1
    seen = (block(moved) - block(still))[0, 1].abs() > 1e-7
    rows = seen.any(dim=1).nonzero().flatten().tolist()
    assert set(rows) <= {4, 8, 12}
    assert len(rows) == 3


def test_the_past_counts_unless_ablated():
    assert change_at(small(), 2, 0) > 1e-6
    assert change_at(small(temporal=False), 2, 0) == 0


def test_the_future_counts_only_both_ways():
    assert change_at(small(), 0, 2) == 0
    assert change_at(small(both_ways=True), 0, 2) > 1e-6


def test_without_classification_there_is_no_view():
    assert small(classify=False)(torch.rand(1, 2, 1, 16, 16))[1] is None


@pytest.mark.parametrize("ablation", ["dense", "spatial"])
def test_ablations_change_the_network(ablation):
    clip = torch.rand(1, 2, 1, 16, 16)
    with torch.inference_mode():
        assert not torch.allclose(small()(clip)[0], small(**{ablation: False})(clip)[0], atol=1e-6)


def of_deep_levels(net):
    """How much the segmentation depends on the features below full resolution."""
    clip = torch.rand(1, 2, 1, 16, 16)
    with torch.inference_mode():
        before = net(clip)[0]
        for part in net.narrow[1:]:
            part[0].weight.normal_()
        return float((net(clip)[0] - before).abs().max())


def test_no_level_sees_the_one_below_without_space():
    assert of_deep_levels(small()) > 1e-6
    assert of_deep_levels(small(spatial=False)) == 0
