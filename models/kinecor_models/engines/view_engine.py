"""Opens whatever runs the view classifier best here: torch on a CUDA GPU, OpenVINO on a CPU."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from kinecor_models.engines.engine import Device, on_best_device
from kinecor_models.weights import Tensors

ViewEngine = Callable[[NDArray[np.uint8]], NDArray[np.float32]]
"""(n, size, size) uint8 grey levels -> (n, classes) float32 scores before softmax."""


def open_view_engine(weights: Tensors, size: int, device: Device = "auto") -> ViewEngine:
    """An engine for the view classifier.

    Args:
        weights: see nets/view_net.py.
        size: side of the square.
        device: see on_best_device.

    Raises:
        DeviceError: "cuda" was asked for and is not there.

    """

    def on_cuda() -> ViewEngine | None:
        from kinecor_models.engines.view_torch import open_view_torch

        return open_view_torch(weights, "cuda")

    def on_cpu() -> ViewEngine:
        from kinecor_models.engines.view_graph import open_view_graph

        return open_view_graph(weights, size)

    return on_best_device(device, on_cuda, on_cpu)
