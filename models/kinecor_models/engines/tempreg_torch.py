"""TempReg-Net by torch: a second for the import, then some hundredths of a second a sequence."""

import numpy as np
import torch
from numpy.typing import NDArray

from kinecor_models.engines.engine import AT_ONCE, CurveEngine, DeviceError
from kinecor_models.engines.torch_weights import with_weights
from kinecor_models.nets.tempreg import TempReg, in_channels, shape_of
from kinecor_models.weights import Tensors


def open_torch_curve(weights: Tensors, device: str) -> CurveEngine | None:
    """An engine for the network with these weights on "cpu" or "cuda"; None where torch cannot use that device."""
    if device == "cuda" and not torch.cuda.is_available():
        return None
    return curve_engine(with_weights(TempReg(shape_of(weights)), weights), device)


def curve_engine(net: TempReg, device: str = "cpu") -> CurveEngine:
    """An engine around a network.

    Where the cycle is closed, the network follows half a cycle more at either end, so that every frame is judged with
    as much before as after it, wherever the recording begins.

    Args:
        net: ready to infer.
        device: "cpu" or "cuda".

    Raises:
        DeviceError: "cuda" was asked for and is not there.

    """
    if device == "cuda" and not torch.cuda.is_available():
        raise DeviceError("a CUDA GPU was asked for, and torch finds none; use --device cpu")
    net = net.to(device).eval()

    def run(frames: NDArray[np.uint8], closed: bool) -> NDArray[np.float32]:
        with torch.inference_mode():
            grey = torch.from_numpy(frames).to(device).float() / 255
            pictures = in_channels(grey[None], net.shape.neighbours, closed)[0]
            parts = [
                net.encoded(part.contiguous(memory_format=torch.channels_last))
                for part in torch.split(pictures, AT_ONCE)
            ]
            features, more = torch.cat(parts), len(frames) // 2 if closed else 0
            if more:
                features = torch.cat([features[-more:], features, features[:more]])
            curve = net.followed(features[None])[0]
            out: NDArray[np.float32] = curve[more : more + len(frames)].float().cpu().numpy()
            return out

    return run
