"""A lean network begins with a base network's filters."""

import numpy as np
import pytest
import torch
from torch import nn

from kinecor_lab.common.pruning import pruned
from kinecor_models.contract import Tensors
from kinecor_models.nets.unet import UNet

BASE = (4, 8, 12, 16)


def base_net() -> UNet:
    torch.manual_seed(0)
    net = UNet(filters=BASE).eval()
    for module in net.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.weight.data.uniform_(0.5, 1.5)
            module.bias.data.uniform_(-0.5, 0.5)
            module.running_mean.uniform_(-0.2, 0.2)
            module.running_var.uniform_(0.5, 1.5)
    return net


def weights_of(net: nn.Module) -> Tensors:
    return {name: value.numpy() for name, value in net.state_dict().items() if value.is_floating_point()}


def below_the_first(net: UNet) -> UNet:
    """The base network's levels below its first, as a network of their own: from its second level's input to `up.1`."""
    inner = UNet(1, BASE[1:], BASE[0]).eval()
    state = inner.state_dict()
    for name, value in net.state_dict().items():
        way, _, rest = name.partition(".")
        level, _, rest = rest.partition(".")
        if way in ("down", "up") and int(level) > 0:
            state[f"{way}.{int(level) - 1}.{rest}"] = value
    inner.load_state_dict(state)
    return inner


def with_weights(net: UNet, weights: Tensors) -> UNet:
    net.load_state_dict({name: torch.from_numpy(value) for name, value in weights.items()}, strict=False)
    return net.eval()


def smaller(inner: UNet, weights: Tensors, filters: tuple[int, ...], chosen: list[int]) -> UNet:
    """A network of pruned weights, with the parts that pruning leaves open taken from `inner`."""
    net = with_weights(UNet(1, filters, BASE[0]), weights)
    net.down[0][0].weight.data = inner.down[0][0].weight.data[chosen]
    net.last.weight.data, net.last.bias.data = inner.last.weight.data, inner.last.bias.data
    return net


def test_all_filters_give_the_base_networks_levels() -> None:
    net = base_net()
    inner = below_the_first(net)
    lean = smaller(inner, pruned(weights_of(net), BASE[1:]), BASE[1:], list(range(BASE[1])))
    maps = torch.rand(2, BASE[0], 16, 16)
    with torch.no_grad():
        assert torch.allclose(lean(maps), inner(maps), atol=1e-5)


@pytest.mark.parametrize("constant", [0.0, 0.7])
def test_filters_that_say_nothing_go_and_what_they_always_give_stays(constant: float) -> None:
    net = base_net()
    silent = [1, 5]
    for layer in ("down.2.1", "down.2.4", "up.2.1", "up.2.4"):
        norm = net.get_submodule(layer)
        norm.weight.data[silent] = 0.0
        norm.bias.data[silent] = constant
    # What a filter gives at the border reaches the next convolution as 0 beyond it: borders differ for a constant.
    inner = below_the_first(net)
    filters = (BASE[1], BASE[2] - len(silent), BASE[3])
    lean = smaller(inner, pruned(weights_of(net), filters), filters, list(range(BASE[1])))
    maps = torch.rand(2, BASE[0], 128, 128)
    with torch.no_grad():
        expected, got = inner(maps), lean(maps)
    if constant:
        expected, got = expected[..., 56:72, 56:72], got[..., 56:72, 56:72]
    assert torch.allclose(got, expected, atol=1e-4)


def test_a_base_network_of_other_levels_or_fewer_filters_is_refused() -> None:
    weights = weights_of(base_net())
    with pytest.raises(ValueError, match="expected a base network of 3 levels"):
        pruned(weights, (8, 12))
    with pytest.raises(ValueError, match=r"at least \(8, 13, 16\)"):
        pruned(weights, (8, 13, 16))


def test_every_filter_is_one_of_the_base_network() -> None:
    weights = weights_of(base_net())
    found = pruned(weights, (4, 6, 8))
    means = set(np.round(weights["down.2.4.bias"], 6).tolist())
    assert set(np.round(found["down.1.4.bias"], 6).tolist()) < means
    assert found["up.1.0.weight"].shape == (6, 8 + 6, 3, 3)
