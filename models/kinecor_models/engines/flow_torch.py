"""The motion network by torch: the reference, and the way to a CUDA GPU."""

import numpy as np
import torch
from numpy.typing import NDArray

from kinecor_models.engines.engine import DeviceError
from kinecor_models.engines.flow_engine import FlowEngine, levelled
from kinecor_models.nets.flow_net import FlowNet, displacement
from kinecor_models.weights import Tensors


def flow_from(weights: Tensors) -> FlowNet:
    """The network with these weights, ready to infer; its width is read off them.

    Raises:
        RuntimeError: weights and network do not fit.

    """
    net = FlowNet(weights["features.near.weight"].shape[0])
    net.load_state_dict({name: torch.from_numpy(value) for name, value in weights.items()})
    return net.eval()


def open_torch_flow(weights: Tensors, device: str = "cpu") -> FlowEngine:
    """An engine on "cpu" or "cuda".

    Raises:
        DeviceError: "cuda" was asked for and is not there.

    """
    if device == "cuda" and not torch.cuda.is_available():
        raise DeviceError("a CUDA GPU was asked for, and torch finds none; use --device cpu")
    net = flow_from(weights).to(device)

    def run(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        with torch.inference_mode():
            both = torch.from_numpy(levelled(one, other)).to(device)[:, None]
            found = displacement(net(both, both.flip(0))).permute(0, 2, 3, 1).contiguous().cpu().numpy()
        return found[0], found[1]

    return run
