"""The base network by torch: the reference, and the way to a CUDA GPU."""

from collections.abc import Callable

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from kinecor_models.engines.cuda_graph import captured
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
    """An engine on "cpu" or "cuda"; None where torch cannot use that device.

    On CUDA convolutions run in half precision, and a size of pictures that comes again is captured as a graph: at one
    picture a time, as a live source gives them, starting some eighty kernels one by one takes longer than their work.
    """
    if device == "cuda" and not torch.cuda.is_available():
        return None
    net = unet_from(weights).to(device)
    answer = _answering(net, half=device == "cuda")
    ready: dict[torch.Size, Callable[[Tensor], Tensor]] = {}

    def run(picture: NDArray[np.uint8]) -> NDArray[np.float32]:
        with torch.inference_mode():
            image = torch.from_numpy(picture).to(device).reshape(1, -1, *picture.shape[-2:])
            if image.shape not in ready:
                ready[image.shape] = captured(answer, image) if device == "cuda" else answer
            out: NDArray[np.float32] = ready[image.shape](image)[0].cpu().numpy()
            return out

    return run


def _answering(net: nn.Module, *, half: bool) -> Callable[[Tensor], Tensor]:
    """From grey levels (n, channels, h, w) uint8 to probabilities (n, classes, h, w) float32."""
    if half:
        net.to(memory_format=torch.channels_last)  # type: ignore[call-overload]

    def answer(pictures: Tensor) -> Tensor:
        # Cast weights must not be kept from call to call: a captured graph would read memory given back since.
        with torch.autocast(pictures.device.type, torch.float16, enabled=half, cache_enabled=False):
            scores = net(pictures.float() / 255)
        return torch.softmax(scores.float(), dim=1)

    return answer
