"""The view classifier by torch: the reference, and the way to a CUDA GPU."""

import numpy as np
import torch
from numpy.typing import NDArray

from kinecor_models.engines.torch_weights import with_weights
from kinecor_models.engines.view_engine import ViewEngine
from kinecor_models.nets.view_net import ViewNet
from kinecor_models.weights import Tensors


def view_net_from(weights: Tensors) -> ViewNet:
    """The network with these weights, ready to infer; its sizes are read off the weights.

    Raises:
        ValueError: the weights do not fit.

    """
    net = ViewNet(weights["late.3.weight"].shape[0], weights["steps.0.routes.0.0.weight"].shape[0])
    return with_weights(net, weights)


def open_view_torch(weights: Tensors, device: str) -> ViewEngine | None:
    """An engine on "cpu" or "cuda"; None where torch cannot use that device."""
    if device == "cuda" and not torch.cuda.is_available():
        return None
    net = view_net_from(weights).to(device)

    def run(pictures: NDArray[np.uint8]) -> NDArray[np.float32]:
        with torch.inference_mode():
            out: NDArray[np.float32] = net(torch.from_numpy(pictures).to(device)[:, None].float() / 255).cpu().numpy()
            return out

    return run
