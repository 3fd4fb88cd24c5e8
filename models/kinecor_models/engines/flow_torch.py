"""The motion networks by torch: the reference, and the way to a CUDA GPU."""

import numpy as np
import torch
from numpy.typing import NDArray

from kinecor_models.engines.engine import DeviceError
from kinecor_models.engines.flow_engine import FlowEngine, levelled, open_guesser
from kinecor_models.engines.refiner_graph import refiner_input
from kinecor_models.nets.flow_net import FlowNet, displacement
from kinecor_models.nets.flow_refiner import FlowRefiner
from kinecor_models.weights import Tensors


def flow_from(weights: Tensors) -> FlowNet | FlowRefiner:
    """The network with these weights, ready to infer; its kind and width are read off them.

    Raises:
        RuntimeError: weights and network do not fit.

    """
    stack = "features.near.weight" in weights
    width = weights["features.near.weight" if stack else "near.2.weight"].shape[0]
    net: FlowNet | FlowRefiner = FlowNet(width) if stack else FlowRefiner(width)
    net.load_state_dict({name: torch.from_numpy(value) for name, value in weights.items()})
    return net.eval()


def open_torch_flow(weights: Tensors, device: str = "cpu") -> FlowEngine:
    """An engine on "cpu" or "cuda"; a refiner's takes pictures of twice its size, as engines/refiner_graph.py does.

    Raises:
        DeviceError: "cuda" was asked for and is not there.

    """
    if device == "cuda" and not torch.cuda.is_available():
        raise DeviceError("a CUDA GPU was asked for, and torch finds none; use --device cpu")
    net, guess = flow_from(weights).to(device), open_guesser()

    def run(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        with torch.inference_mode():
            if isinstance(net, FlowRefiner):
                both, guesses = (torch.from_numpy(part).to(device) for part in refiner_input(one, other, guess))
                found = 2 * displacement(net(both, both.flip(0), guesses))
            else:
                both = torch.from_numpy(levelled(one, other)).to(device)[:, None]
                found = displacement(net(both, both.flip(0)))
            there, back = found.permute(0, 2, 3, 1).contiguous().cpu().numpy()
        return there, back

    return run
