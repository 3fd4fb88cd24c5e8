"""Opens whatever runs the view classifier best here: torch on a CUDA GPU, OpenVINO on a CPU."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from kinecor_models.engines.engine import Device, DeviceError, cuda_found
from kinecor_models.weights import Tensors

ViewEngine = Callable[[NDArray[np.uint8]], NDArray[np.float32]]
"""(n, size, size) uint8 grey levels -> (n, classes) float32 scores before softmax."""


def open_view_engine(weights: Tensors, size: int, device: Device = "auto") -> ViewEngine:
    """An engine for the view classifier.

    Args:
        weights: see nets/view_net.py.
        size: side of the square.
        device: "auto" takes a CUDA GPU where torch can use one.

    Raises:
        DeviceError: "cuda" was asked for and is not there.

    """
    if device == "cuda" or (device == "auto" and cuda_found()):
        from kinecor_models.engines.view_torch import open_view_torch

        engine = open_view_torch(weights, "cuda")
        if engine is not None:
            return engine
        if device == "cuda":
            raise DeviceError("a CUDA GPU was asked for, and torch finds none; use --device cpu")
    from kinecor_models.engines.view_graph import open_view_graph

    return open_view_graph(weights, size)
