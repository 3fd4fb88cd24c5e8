"""The base network by OpenVINO: the fastest way measured on a CPU (benchmarks/inference.py)."""

from functools import cache
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from kinecor_models.engines.engine import Engine
from kinecor_models.engines.openvino_alone import ov
from kinecor_models.engines.unet_graph import unet_graph
from kinecor_models.weights import Tensors


@cache
def _core() -> ov.Core:
    return ov.Core()


def default_precision() -> str:
    """What runs here by default: "bf16" where the processor has it (twice as fast, within 0.001 of Dice), or "f32"."""
    return "bf16" if "BF16" in _core().get_property("CPU", "OPTIMIZATION_CAPABILITIES") else "f32"


def open_openvino(weights: Tensors, size: int, precision: str | None = None) -> Engine:
    """An engine on this machine's CPU.

    Args:
        weights: see nets/unet.py.
        size: side of the square.
        precision: "f32" or "bf16"; by default `default_precision`.

    """
    options = {"INFERENCE_PRECISION_HINT": precision or default_precision(), "PERFORMANCE_HINT": "LATENCY"}
    request = _core().compile_model(unet_graph(weights, size), "CPU", options).create_infer_request()

    turn = Lock()

    def run(picture: NDArray[np.uint8]) -> NDArray[np.float32]:
        with turn:
            found = request.infer({0: picture.reshape(1, -1, size, size)}, share_inputs=True, share_outputs=True)
            # Copied, once: the request's own memory is written over by the next frame.
            return np.array(found[0][0], np.float32)

    return run
