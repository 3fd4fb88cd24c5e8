"""First weights of the networks of papers 000 and 001, taken over from the base network where they fit."""

from collections.abc import Mapping

import torch
from torch import Tensor

from kinecor_models.nets.sequence_net import SequenceNet
from kinecor_models.nets.temporal_unet import TemporalBlock, TemporalUNet
from kinecor_models.weights import Tensors


@torch.no_grad()
def start_from(net: SequenceNet, weights: Tensors) -> int:
    """Takes over what fits from weights of the base network (lv-apical); the number of tensors taken.

    A ConvLSTM starts out near the convolution that it stands for: its candidate is that convolution with its
    normalisation, squashed. RAL shares nothing with the base network and keeps its own first weights.
    """
    if net.shape.kind == "ral":
        return 0
    held = {name: torch.from_numpy(value) for name, value in weights.items()}
    taken = 0
    for name, value in net.net.state_dict().items():
        if name in held and held[name].shape == value.shape:
            value.copy_(held[name])
            taken += 1
    if isinstance(net.net, TemporalUNet):
        for part in ("down", "up"):
            for level, layer in enumerate(getattr(net.net, part)):
                if isinstance(layer, TemporalBlock):
                    taken += _into_block(layer, held, f"{part}.{level}")
                elif net.shape.view_flag and part == "down" and level == 0:
                    # Grey levels come first, the flag second; what it changes is learnt from nothing.
                    layer[0].weight[:, :1].copy_(held["down.0.0.weight"])
                    layer[0].weight[:, 1:].zero_()
                    taken += 1
    return taken


OF_VIEWS = ("net.aggregate.", "net.name.")
"""What the names of RAL's second branch begin with."""


def with_views_anew(net: SequenceNet, weights: Tensors) -> Tensors:
    """RAL's weights with the second branch as it is in `net`: a branch that has come to a halt learns nothing more."""
    own = {name: value.numpy() for name, value in net.state_dict().items() if name.startswith(OF_VIEWS)}
    return {name: value for name, value in weights.items() if not name.startswith(OF_VIEWS)} | own


def _into_block(block: TemporalBlock, held: Mapping[str, Tensor], name: str) -> int:
    gain = held[f"{name}.1.weight"] / torch.sqrt(held[f"{name}.1.running_var"] + 1e-5)
    kernel = held[f"{name}.0.weight"] * gain[:, None, None, None]
    bias = held[f"{name}.1.bias"] - gain * held[f"{name}.1.running_mean"]
    units = [block.recurrent.forwards, block.recurrent.backwards]
    first = 0
    for unit in units:
        if unit is None:
            continue
        many, inputs = unit.hidden, kernel.shape[1]
        rows = slice(2 * many, 3 * many)  # the candidate, after the gates that let in and forget
        unit.gates.weight[rows, :inputs].copy_(kernel[first : first + many])
        assert unit.gates.bias is not None
        unit.gates.bias[rows].copy_(bias[first : first + many])
        first += many
    for ours, theirs in ((1, 3), (2, 4)):
        for key, value in block.rest[ours].state_dict().items():
            if f"{name}.{theirs}.{key}" in held:
                value.copy_(held[f"{name}.{theirs}.{key}"])
    return 4
