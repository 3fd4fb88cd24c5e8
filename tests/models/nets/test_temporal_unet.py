from itertools import pairwise

import pytest
import torch

from kinecor_models.nets.temporal_unet import PLACES, TemporalUNet
from kinecor_models.nets.unet import PAPER_FILTERS, UNet

SMALL = (4, 6, 8)


def small(**settings):
    torch.manual_seed(1)
    net = TemporalUNet(filters=SMALL, **settings)
    # Batch statistics that are not those of a fresh network.
    for layer in net.modules():
        if isinstance(layer, torch.nn.BatchNorm2d):
            layer.running_mean.uniform_(-0.2, 0.2)
            layer.running_var.uniform_(0.5, 1.5)
    return net.eval()


@pytest.mark.parametrize("places", [(place,) for place in PLACES] + [PLACES, ()])
def test_frame_by_frame_is_the_whole_clip(places):
    net, clip = small(places=places), torch.rand(2, 5, 1, 16, 16)
    with torch.inference_mode():
        whole, _ = net(clip)
        state, parts = None, []
        for frame in range(5):
            scores, state = net(clip[:, frame : frame + 1], state=state)
            parts.append(scores)
    assert torch.allclose(whole, torch.cat(parts, dim=1), atol=1e-5)
    assert whole.shape == (2, 5, 4, 16, 16)


@pytest.mark.parametrize("place", PLACES)
def test_what_was_seen_counts(place):
    net, clip = small(places=(place,)), torch.rand(1, 3, 1, 16, 16)
    other = clip.clone()
    other[:, 0] = torch.rand(1, 1, 16, 16)
    with torch.inference_mode():
        assert not torch.equal(net(clip)[0][:, 2], net(other)[0][:, 2])


def test_the_future_counts_only_both_ways():
    clip = torch.rand(1, 3, 1, 16, 16)
    other = clip.clone()
    other[:, 2] = torch.rand(1, 1, 16, 16)
    with torch.inference_mode():
        causal, ahead = small(), small(both_ways=True)
        assert torch.equal(causal(clip)[0][:, 0], causal(other)[0][:, 0])
        assert not torch.allclose(ahead(clip)[0][:, 0], ahead(other)[0][:, 0], atol=1e-6)


def test_both_ways_hands_no_state_on_and_takes_none():
    net, clip = small(both_ways=True), torch.rand(1, 2, 1, 16, 16)
    assert net(clip)[1] == {}
    with pytest.raises(ValueError, match="whole clips"):
        net(clip, state={"down0": (clip[:, 0], clip[:, 0])})


def test_parameters_are_those_of_the_published_design():
    plain = sum(p.numel() for p in UNet().parameters())
    encoder = sum(p.numel() for p in TemporalUNet().parameters())
    assert sum(p.numel() for p in TemporalUNet(places=()).parameters()) == plain
    # Per level of the encoder, a convolution of inputs x filters becomes gates of (inputs + filters) x 4 filters.
    filters, grown = (1, 32, 32, 64, 64, 160), 0
    for a, b in pairwise(filters):
        grown += 9 * (a + b) * 4 * b + 4 * b + 3 * b - 9 * a * b
    assert encoder == plain + grown


def test_the_filters_of_the_paper_s_size_give_both_of_its_numbers():
    sizes = [
        sum(p.numel() for p in net.parameters())
        for net in (UNet(filters=PAPER_FILTERS), TemporalUNet(filters=PAPER_FILTERS))
    ]
    assert sizes == [1_989_332, 2_696_356]


def test_shallow_levels_can_stay_plain():
    net = TemporalUNet(filters=SMALL, places=("encoder", "bottleneck"), shallowest=1)
    names = {name for name, _ in net.named_parameters() if "peep" in name}
    assert names == {"down.1.recurrent.forwards.peep", "down.2.recurrent.forwards.peep"}


def test_the_view_flag_changes_the_answer_and_must_be_there():
    net, clip = small(view_flag=True), torch.rand(1, 2, 1, 16, 16)
    with torch.inference_mode():
        three, four = net(clip, torch.ones(1))[0], net(clip, torch.zeros(1))[0]
    assert not torch.allclose(three, four, atol=1e-6)
    with pytest.raises(ValueError, match="needs one"):
        net(clip)
    with pytest.raises(ValueError, match="takes none"):
        small()(clip, torch.ones(1))


def test_unknown_places_and_odd_halves_are_refused():
    with pytest.raises(ValueError, match="places are encoder"):
        TemporalUNet(places=("middle",))
    with pytest.raises(ValueError, match="even"):
        TemporalUNet(filters=(3, 4), both_ways=True)
