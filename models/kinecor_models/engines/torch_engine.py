"""The base network by torch: the reference, and the way to a CUDA GPU."""

import numpy as np
import torch
from numpy.typing import NDArray

from kinecor_models.engines.engine import Engine
from kinecor_models.engines.torch_weights import with_weights
from kinecor_models.nets.unet import UNet
from kinecor_models.weights import Tensors


def unet_from(weights: Tensors) -> UNet:
    """The network with these weights, ready to infer; its sizes are read off the weights."""
    levels = 1 + max(int(name.split(".")[1]) for name in weights if name.startswith("down."))
    filters = [weights[f"down.{level}.0.weight"].shape[0] for level in range(levels)]
    net = UNet(weights["last.weight"].shape[0], filters, weights["down.0.0.weight"].shape[1])
    return with_weights(net, weights)


def open_torch(weights: Tensors, device: str) -> Engine | None:
    """An engine on "cpu" or "cuda"; None where torch cannot use that device."""
    if device == "cuda" and not torch.cuda.is_available():
        return None
    net = unet_from(weights).to(device)

    def run(picture: NDArray[np.uint8]) -> NDArray[np.float32]:
        with torch.inference_mode():
            image = torch.from_numpy(picture).to(device).reshape(1, -1, *picture.shape[-2:]).float() / 255
            out: NDArray[np.float32] = torch.softmax(net(image), dim=1)[0].cpu().numpy()
            return out

    return run
