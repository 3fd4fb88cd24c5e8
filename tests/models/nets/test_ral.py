import math

import pytest
import torch

from kinecor_lab.tasks.sequence.losses import aggregation_loss
from kinecor_models.contract import load_card, load_weights
from kinecor_models.engines.torch_engines import with_weights
from kinecor_models.nets.ral import DILATIONS, LAYERS, RAL, DilatedDenseBlock
from kinecor_models.nets.sequence_net import SequenceNet, shape_from


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


def test_without_the_spatial_state_deep_levels_still_reach_the_segmentation():
    assert of_deep_levels(small(spatial_state=False)) > 1e-6
    clip = torch.rand(1, 2, 1, 16, 16)
    with torch.inference_mode():
        narrower, whole = small(spatial_state=False)(clip)[0], small()(clip)[0]
    assert not torch.allclose(narrower, whole, atol=1e-6)


@pytest.mark.parametrize(
    ("settings", "from_below", "state"),
    [
        ({}, 10.0, 2 * 10.0 + 3 * 100.0),
        ({"spatial_state": False}, 10.0, 3 * 100.0),
        ({"spatial": False}, 0.0, 3 * 100.0),
        ({"temporal": False}, 10.0, 2 * 10.0),
    ],
)
def test_what_a_unit_gets_by_hand(settings, from_below, state):
    """Equations (2) to (4) at level 0 of frame 1: the level below answered 10, the frame before 100.

    The convolution that merges both states weighs them 2 and 3.
    """
    net = RAL(width=1, growth=1, layers=1, dilations=(1, 1), classify=False, **settings).eval()
    seen = {}

    def answering(level):
        def look(_unit, given, _answer):
            x, (hidden, _memory) = given
            frame = len(seen) // 2
            seen[frame, level] = (x, hidden)
            answer = 10.0 if level == 1 else 100.0
            return torch.full_like(hidden, answer), torch.zeros_like(hidden)

        return look

    for level, part in enumerate(net.units[0]):
        part["unit"].register_forward_hook(answering(level))
        with torch.no_grad():
            part["merge"].weight.copy_(torch.tensor([2.0, 3.0]).reshape(1, 2, 1, 1))
            part["merge"].bias.zero_()
    with torch.inference_mode():
        net(torch.rand(1, 2, 1, 4, 4))
    x, hidden = seen[1, 0]
    past = 0.0 if settings.get("temporal") is False else 100.0
    assert x[0, 1].unique().tolist() == [from_below]
    assert x[0, 2].unique().tolist() == [past]
    assert hidden.unique().tolist() == [pytest.approx(state)]


def test_the_second_branch_begins_with_the_last_block_and_is_joined_by_every_level():
    net = small(deep_first=True)
    found = [torch.rand(1, 2, 4, side, side) for side in (16, 8, 4)]
    deep = torch.rand(1, 2, 4, 4, 4)
    seen = []
    for part in net.aggregate:
        part.register_forward_pre_hook(lambda _part, given: seen.append(given[0]))
    with torch.inference_mode():
        assert net.views(found, deep).shape == (1, 2, 3)
    assert [tuple(x.shape[2:]) for x in seen] == [(4, 4), (2, 2), (1, 1)]
    assert torch.equal(seen[0][:, :4], deep[0])
    assert torch.equal(seen[0][:, 4:], found[2][0])  # the deepest level is at the branch's size
    by_hand = found[1][0, 0, 0].reshape(2, 4, 2, 4).mean(dim=(1, 3))
    assert torch.allclose(seen[1][0, 4], by_hand)
    assert torch.allclose(seen[2][:, 4:, 0, 0], found[0][0].mean(dim=(2, 3)), atol=1e-6)


def test_networks_of_earlier_files_are_rebuilt_as_they_were():
    card = load_card("lv-ral")
    net = SequenceNet(shape_from(card.settings))
    assert not net.shape.deep_first
    with_weights(net, load_weights(card))  # raises where a tensor is missing, added or of another size


def test_the_aggregation_loss_by_hand():
    """Two classes, all scores 0: p = 1/2 everywhere; two of four pixels are foreground; three views alike."""
    labels = torch.tensor([[[[1, 1], [0, 0]]]])
    dice = 1 - (2 * (0.5 + 0.5) + 1) / (4 * 0.5 + 2 + 1)
    segmentation = dice + math.log(2)
    scores, views, view = torch.zeros(1, 1, 2, 2, 2), torch.zeros(1, 1, 3), torch.tensor([1])
    assert aggregation_loss(scores, labels, None, view).item() == pytest.approx(segmentation)
    whole = aggregation_loss(scores, labels, views, view, of_view=0.5)
    assert whole.item() == pytest.approx(segmentation + 0.5 * math.log(3))
