"""Chooses what runs a network: torch on a CUDA GPU, OpenVINO on a CPU.

Everything heavy is imported when an engine is opened, never before: a CPU then runs the default networks without
importing torch at all.
"""

import ctypes
import sys
from collections.abc import Callable
from typing import Literal, TypeVar

import numpy as np
from numpy.typing import NDArray

from kinecor_models.card import ModelCard, Tensors
from kinecor_models.engines.flow_engine import FlowEngine

E = TypeVar("E")
Device = Literal["auto", "cpu", "cuda"]
Engine = Callable[[NDArray[np.uint8]], NDArray[np.float32]]
"""(size, size) uint8 grey levels, or (channels, size, size) of a network that takes several images ->
(classes, size, size) float32 probabilities."""

ViewEngine = Callable[[NDArray[np.uint8]], NDArray[np.float32]]
"""(n, size, size) uint8 grey levels -> (n, classes) float32 scores before softmax."""

CurveEngine = Callable[[NDArray[np.uint8], bool], NDArray[np.float32]]
"""((t, size, size) uint8 grey levels, whether they are one closed cycle) -> (t,) curve, about 1 at ED and 0 at ES."""
AT_ONCE = 64
"""Frames per batch of a CurveEngine; memory does not grow with the recording."""


class DeviceError(Exception):
    """The requested device is not available, or PyTorch is missing for a network that needs it."""


class TorchMissingError(DeviceError):
    """A network needs PyTorch, which is not installed."""

    def __init__(self, network: str) -> None:
        super().__init__(
            f"{network} needs PyTorch, which is not installed: install it (pip install torch), or choose another "
            "network; the default networks run without it"
        )


def cuda_found() -> bool:
    """Whether there is a CUDA GPU; queries the driver, so that torch need not be imported for the answer."""
    try:
        driver = ctypes.CDLL("nvcuda.dll" if sys.platform == "win32" else "libcuda.so.1")
    except OSError:
        return False
    count = ctypes.c_int(0)
    return driver.cuInit(0) == 0 and driver.cuDeviceGetCount(ctypes.byref(count)) == 0 and count.value > 0


def torch_finds_cuda() -> bool:
    """Whether torch is installed and can use a CUDA GPU; imports it."""
    try:
        import torch
    except ImportError:
        return False
    return torch.cuda.is_available()


def on_best_device(device: Device, on_cuda: Callable[[], E], on_cpu: Callable[[], E]) -> E:
    """The engine one of two openers gives: on a CUDA GPU where there is one, else on the CPU.

    Args:
        device: "auto" takes a CUDA GPU where torch can use one.
        on_cuda: called only where torch can use the GPU.
        on_cpu: called only if needed.

    Raises:
        DeviceError: "cuda" was requested and torch cannot use a CUDA GPU.

    """
    if device == "cuda" or (device == "auto" and cuda_found()):
        if torch_finds_cuda():
            return on_cuda()
        if device == "cuda":
            raise DeviceError("a CUDA GPU was requested, but torch finds none: use --device cpu")
    return on_cpu()


def open_engine(card: ModelCard, weights: Tensors, device: Device = "auto") -> Engine:
    """An engine for a network that segments single images.

    Args:
        card: its `size` is the side of the square; its `net` names the network.
        weights: of the network.
        device: see on_best_device.

    Raises:
        DeviceError: the device is not available, or the network needs PyTorch, which is not installed.

    """

    def on_cuda() -> Engine:
        from kinecor_models.engines.torch_engines import open_torch

        return open_torch(weights, "cuda", card.net)

    def on_cpu() -> Engine:
        if card.net:
            from kinecor_models.engines.converted import open_converted

            return open_converted(card, weights)
        from kinecor_models.engines.openvino_graphs import open_openvino

        return open_openvino(weights, card.size)

    return on_best_device(device, on_cuda, on_cpu)


def open_view_engine(weights: Tensors, size: int, device: Device = "auto") -> ViewEngine:
    """An engine for the view classifier.

    Args:
        weights: see nets/view_net.py.
        size: side of the square.
        device: see on_best_device.

    Raises:
        DeviceError: "cuda" was requested and torch cannot use a CUDA GPU.

    """

    def on_cuda() -> ViewEngine:
        from kinecor_models.engines.torch_engines import open_view_torch

        return open_view_torch(weights, "cuda")

    def on_cpu() -> ViewEngine:
        from kinecor_models.engines.openvino_graphs import open_view_graph

        return open_view_graph(weights, size)

    return on_best_device(device, on_cuda, on_cpu)


def open_curve_engine(weights: Tensors, size: int, device: Device = "auto") -> CurveEngine:
    """An engine for the network that regresses the phase of the cardiac cycle.

    Args:
        weights: see nets/tempreg.py.
        size: side of the square.
        device: see on_best_device.

    Raises:
        DeviceError: "cuda" was requested and torch cannot use a CUDA GPU.

    """

    def on_cuda() -> CurveEngine:
        from kinecor_models.engines.torch_engines import open_torch_curve

        return open_torch_curve(weights, "cuda")

    def on_cpu() -> CurveEngine:
        from kinecor_models.engines.openvino_graphs import open_curve

        return open_curve(weights, size)

    return on_best_device(device, on_cuda, on_cpu)


def open_flow_engine(weights: Tensors, size: int, device: Device = "auto") -> FlowEngine:
    """An engine for the network that finds motion.

    Args:
        weights: see nets/flow_net.py.
        size: side of the square, a multiple of 16.
        device: see on_best_device.

    Raises:
        DeviceError: "cuda" was requested and torch cannot use a CUDA GPU.

    """

    def on_cuda() -> FlowEngine:
        from kinecor_models.engines.torch_engines import open_torch_flow

        return open_torch_flow(weights, "cuda")

    def on_cpu() -> FlowEngine:
        from kinecor_models.engines.flow_graph import open_flow

        return open_flow(weights, size)

    return on_best_device(device, on_cuda, on_cpu)
