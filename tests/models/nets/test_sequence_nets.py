import json
from dataclasses import asdict

import pytest
import torch

from kinecor_lab.tasks.sequence.train import start_from
from kinecor_models.nets.sequence_net import ABLATIONS, SequenceNet, Shape, shape_from
from kinecor_models.nets.temporal_unet import PLACES
from kinecor_models.nets.unet import UNet
from kinecor_models.views.classes import APICAL

SMALL = (4, 6, 8)
SHAPES = [
    Shape("frames", SMALL),
    Shape("convlstm", SMALL),
    Shape("convlstm", SMALL, PLACES, view_flag=True),
    Shape("convlstm", SMALL, both_ways=True, shallowest=1),
    Shape("ral", width=4),
    *(Shape("ral", width=4, without=(one,)) for one in ABLATIONS),
]


def plain():
    torch.manual_seed(2)
    net = UNet(filters=SMALL)
    for layer in net.modules():
        if isinstance(layer, torch.nn.BatchNorm2d):
            layer.running_mean.uniform_(-0.2, 0.2)
            layer.running_var.uniform_(0.5, 1.5)
    return net.eval()


def weights_of(net):
    return {name: value.numpy() for name, value in net.state_dict().items() if "num_batches" not in name}


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: f"{shape.kind} {shape.without}")
def test_every_network_answers_for_every_frame_and_survives_saving(shape):
    assert shape_from(json.loads(json.dumps(asdict(shape)))) == shape
    scores, views, _ = SequenceNet(shape)(torch.rand(2, 3, 1, 32, 32), torch.tensor([0, 1]))
    assert scores.shape == (2, 3, 4, 32, 32)
    assert (views is None) == (shape.kind != "ral" or "classification" in shape.without)
    if views is not None:
        assert views.shape == (2, 3, len(APICAL))


def test_the_base_network_is_taken_over_whole():
    base, net = plain(), SequenceNet(Shape("frames", SMALL)).eval()
    assert start_from(net, weights_of(base)) == len(weights_of(base))
    clip = torch.rand(1, 2, 1, 16, 16)
    with torch.inference_mode():
        assert torch.allclose(net(clip)[0][0], base(clip[0]), atol=1e-5)


@pytest.mark.parametrize("both_ways", [False, True])
def test_a_convlstm_starts_out_as_the_convolution_that_it_stands_for(both_ways):
    base = plain()
    net = SequenceNet(Shape("convlstm", SMALL, ("bottleneck",), both_ways=both_ways)).eval()
    assert start_from(net, weights_of(base)) > 10
    x = torch.rand(1, 6, 8, 8)
    block, layer = net.net.down[2].recurrent, base.down[2]
    with torch.inference_mode():
        wanted = layer[1](layer[0](x))
        units = [block.forwards, *([block.backwards] if both_ways else [])]
        found = torch.cat(
            [
                torch.nn.functional.conv2d(x, u.gates.weight[:, :6], u.gates.bias, padding=1).chunk(4, 1)[2]
                for u in units
            ],
            dim=1,
        )
    assert torch.allclose(found, wanted, atol=1e-4)
    assert torch.equal(net.net.up[0][0].weight, base.up[0][0].weight)


def test_a_flag_changes_nothing_before_it_is_learnt():
    base, net = plain(), SequenceNet(Shape("convlstm", SMALL, (), view_flag=True)).eval()
    start_from(net, weights_of(base))
    clip = torch.rand(1, 2, 1, 16, 16)
    with torch.inference_mode():
        flagged, without_flag = net(clip, torch.tensor([APICAL.index("A3C")]))[0], net(clip)[0]
    assert torch.equal(flagged, without_flag)
    assert torch.allclose(flagged[0], base(clip[0]), atol=1e-5)


def test_ral_has_its_specified_first_weights():
    assert start_from(SequenceNet(Shape("ral", width=4)), weights_of(plain())) == 0
    assert Shape("ral").multiple == 16
    assert Shape("convlstm").multiple == 32
    assert not Shape("convlstm", both_ways=True).streams
