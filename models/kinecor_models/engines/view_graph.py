"""The view classifier by OpenVINO, built straight from its weights, so that a CPU never waits for torch.

Of nets/view_net.py. tests/models/test_view_graph.py holds both equal.
"""

from threading import Lock

import numpy as np
from numpy.typing import NDArray

from kinecor_models.engines.openvino_alone import op, ov
from kinecor_models.engines.unet_graph import BATCH_NORM_EPSILON
from kinecor_models.engines.view_engine import ViewEngine
from kinecor_models.weights import Tensors


def _constant(value: NDArray[np.floating]) -> ov.Node:
    return op.constant(value.astype(np.float32))


def _convolved(x: ov.Node, weights: Tensors, name: str) -> ov.Node:
    """Convolution NAME.0 with the batch normalisation NAME.1 folded in, and PReLU NAME.2."""
    gain = weights[f"{name}.1.weight"] / np.sqrt(weights[f"{name}.1.running_var"] + BATCH_NORM_EPSILON)
    kernel = weights[f"{name}.0.weight"] * gain[:, None, None, None]
    bias = weights[f"{name}.1.bias"] - weights[f"{name}.1.running_mean"] * gain
    pad = [kernel.shape[2] // 2] * 2
    product = op.convolution(x, _constant(kernel), [1, 1], pad, pad, [1, 1])
    return op.prelu(op.add(product, _constant(bias[None, :, None, None])), _constant(weights[f"{name}.2.weight"]))


def _inception(x: ov.Node, weights: Tensors, name: str) -> ov.Node:
    """The input beside its routes: one of 1 x 1, and one or two that go on with a larger kernel."""
    routes = [x, _convolved(x, weights, f"{name}.routes.0")]
    for route in (1, 2):
        if f"{name}.routes.{route}.0.0.weight" in weights:
            narrow = _convolved(x, weights, f"{name}.routes.{route}.0")
            routes.append(_convolved(narrow, weights, f"{name}.routes.{route}.1"))
    return op.concat(routes, 1)


def _pooled(x: ov.Node) -> ov.Node:
    return op.max_pool(x, [2, 2], [1, 1], [0, 0], [0, 0], [2, 2]).output(0)


def view_graph(weights: Tensors, size: int) -> ov.Model:
    """(n, 1, size, size) uint8 grey levels -> (n, classes) float32 scores before softmax."""
    picture = op.parameter([-1, 1, size, size], np.uint8, name="pictures")
    x: ov.Node = op.multiply(op.convert(picture, "f32"), op.constant(np.float32(1 / 255)))
    for number in (0, 2):
        x = _pooled(_convolved(x, weights, f"stem.{number}"))
    for number in (0, 3, 6):
        x = _pooled(_convolved(_inception(x, weights, f"steps.{number}"), weights, f"steps.{number + 1}"))
    for number in (0, 2):
        x = _inception(x, weights, f"late.{number}")
    x = op.convolution(x, _constant(weights["late.3.weight"]), [1, 1], [0, 0], [0, 0], [1, 1])
    x = op.add(x, _constant(weights["late.3.bias"][None, :, None, None]))
    x = op.prelu(x, _constant(weights["end.weight"]))
    scores = op.reduce_mean(x, op.constant(np.array((2, 3), np.int64)), False)
    return ov.Model([scores], [picture], "views")


def open_view_graph(weights: Tensors, size: int) -> ViewEngine:
    """An engine on this machine's CPU, in float32: it is small enough."""
    options = {"INFERENCE_PRECISION_HINT": "f32", "PERFORMANCE_HINT": "LATENCY"}
    request = ov.Core().compile_model(view_graph(weights, size), "CPU", options).create_infer_request()
    turn = Lock()

    def run(pictures: NDArray[np.uint8]) -> NDArray[np.float32]:
        with turn:
            # Copied: the request's own memory is written over by the next pictures.
            return np.array(request.infer({0: np.ascontiguousarray(pictures[:, None])})[0], np.float32)

    return run
