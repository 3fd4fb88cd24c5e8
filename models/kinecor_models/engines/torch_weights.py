"""Shipped weights into a torch network."""

from typing import TypeVar

import torch
from torch import nn

from kinecor_models.weights import Tensors

Net = TypeVar("Net", bound=nn.Module)


def with_weights(net: Net, weights: Tensors) -> Net:
    """The network with these weights, ready to infer.

    Raises:
        ValueError: the weights do not fit it.

    """
    state = {name: torch.from_numpy(value) for name, value in weights.items()}
    # Counters of seen batches are of no use at inference and are not shipped.
    try:
        missing, unexpected = net.load_state_dict(state, strict=False)
    except RuntimeError as error:  # a tensor of another size
        raise ValueError(f"weights do not fit the network: {error}") from error
    wrong = [name for name in missing if not name.endswith("num_batches_tracked")] + list(unexpected)
    if wrong:
        raise ValueError(f"weights do not fit the network: {wrong[:3]}")
    return net.eval()
