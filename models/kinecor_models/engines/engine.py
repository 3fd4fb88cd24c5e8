"""Opens whatever runs a network best here: torch on a CUDA GPU, OpenVINO on a CPU."""

from collections.abc import Callable
from typing import Literal, TypeVar

import numpy as np
from numpy.typing import NDArray

from kinecor_models.weights import Tensors

E = TypeVar("E")
Device = Literal["auto", "cpu", "cuda"]
Engine = Callable[[NDArray[np.uint8]], NDArray[np.float32]]
"""(size, size) uint8 grey levels, or (channels, size, size) of a network that takes several pictures ->
(classes, size, size) float32 probabilities."""

CurveEngine = Callable[[NDArray[np.uint8], bool], NDArray[np.float32]]
"""((t, size, size) uint8 grey levels, whether they are one closed cycle) -> (t,) curve, about 1 at ED and 0 at ES."""
AT_ONCE = 64
"""Frames that a CurveEngine takes in at a time; memory does not grow with the recording."""


class DeviceError(Exception):
    """The device that was asked for is not there."""


def cuda_found() -> bool:
    """Whether a CUDA GPU is there; asks the driver, so that torch need not be imported for the answer."""
    import ctypes
    import sys

    try:
        driver = ctypes.CDLL("nvcuda.dll" if sys.platform == "win32" else "libcuda.so.1")
    except OSError:
        return False
    count = ctypes.c_int(0)
    return driver.cuInit(0) == 0 and driver.cuDeviceGetCount(ctypes.byref(count)) == 0 and count.value > 0


def on_best_device(device: Device, on_cuda: Callable[[], E | None], on_cpu: Callable[[], E]) -> E:
    """What one of two openers gives: on a CUDA GPU where that is asked for or at hand, else on the CPU.

    Args:
        device: "auto" takes a CUDA GPU where torch can use one.
        on_cuda: gives None where torch cannot use the GPU.
        on_cpu: called only if needed, as the other.

    Raises:
        DeviceError: "cuda" was asked for and is not there.

    """
    if device == "cuda" or (device == "auto" and cuda_found()):
        engine = on_cuda()
        if engine is not None:
            return engine
        if device == "cuda":
            raise DeviceError("a CUDA GPU was asked for, and torch finds none; use --device cpu")
    return on_cpu()


def open_engine(weights: Tensors, size: int, device: Device = "auto") -> Engine:
    """An engine for the base network.

    Args:
        weights: see nets/unet.py.
        size: side of the square.
        device: see on_best_device.

    Raises:
        DeviceError: "cuda" was asked for and is not there.

    """

    def on_cuda() -> Engine | None:
        from kinecor_models.engines.torch_engine import open_torch

        return open_torch(weights, "cuda")

    def on_cpu() -> Engine:
        from kinecor_models.engines.openvino_engine import open_openvino

        return open_openvino(weights, size)

    return on_best_device(device, on_cuda, on_cpu)
