"""The light TempReg-Net by OpenVINO, built straight from its weights, so that a CPU never waits for torch.

Of nets/tempreg.py it is the variant with neighbours in its channels and a memory that runs both ways.
Two graphs: pictures to features, features to a curve. tests/models/test_tempreg_graph.py holds them equal to
nets/tempreg.py.
"""

from threading import Lock

import numpy as np
from numpy.typing import NDArray

from kinecor_models.engines.engine import AT_ONCE, CurveEngine
from kinecor_models.engines.openvino_alone import op, ov
from kinecor_models.engines.unet_graph import BATCH_NORM_EPSILON
from kinecor_models.weights import Tensors

POOLED = 3
"""Rows and columns of the last map, as LIGHT_POOLED of nets/tempreg_encoders.py."""


def _constant(value: NDArray[np.floating]) -> ov.Node:
    return op.constant(value.astype(np.float32))


def _convolved(x: ov.Node, weights: Tensors, number: int, stride: int) -> ov.Node:
    """Convolution `number` of the encoder with the batch normalisation after it folded in, and ReLU."""
    name, norm = f"encoder.maps.{number}", f"encoder.maps.{number + 1}"
    gain = weights[f"{norm}.weight"] / np.sqrt(weights[f"{norm}.running_var"] + BATCH_NORM_EPSILON)
    kernel = weights[f"{name}.weight"] * gain[:, None, None, None]
    bias = weights[f"{norm}.bias"] - weights[f"{norm}.running_mean"] * gain
    pad = [kernel.shape[2] // 2] * 2
    product = op.convolution(x, _constant(kernel), [stride, stride], pad, pad, [1, 1])
    return op.relu(op.add(product, _constant(bias[None, :, None, None])))


def encoder_graph(weights: Tensors, size: int) -> ov.Model:
    """(n, 3, size, size) float32 grey levels 0..1 -> (n, features)."""
    picture = op.parameter([-1, 3, size, size], np.float32, name="pictures")
    numbers = sorted(int(name.split(".")[2]) for name, value in weights.items() if _is_convolution(name, value))
    x: ov.Node = picture
    for place, number in enumerate(numbers):
        # The first level has one convolution, the others two; the first of a level halves.
        x = _convolved(x, weights, number, 2 if place == 0 or place % 2 == 1 else 1)
    x = op.adaptive_avg_pool(x, op.constant(np.array((POOLED, POOLED), np.int64)))
    x = op.reshape(x, op.constant(np.array((0, -1), np.int64)), True)
    product = op.matmul(x, _constant(weights["encoder.last.weight"]), False, True)
    return ov.Model([op.relu(op.add(product, _constant(weights["encoder.last.bias"][None])))], [picture], "encoder")


def _is_convolution(name: str, value: NDArray[np.float32]) -> bool:
    return name.startswith("encoder.maps.") and value.ndim == 4


def _gates(value: NDArray[np.float32]) -> NDArray[np.float32]:
    """Gates in the order of torch (input, forget, cell, output) as OpenVINO's (forget, input, cell, output)."""
    entering, forgetting, cell, leaving = np.split(value, 4)
    return np.concatenate([forgetting, entering, cell, leaving])


def memory_graph(weights: Tensors) -> ov.Model:
    """(1, t, features) -> (1, t) curve, for any t."""
    inputs, hidden = weights["memory.weight_ih_l0"].shape[1], weights["memory.weight_hh_l0"].shape[1]
    features = op.parameter([1, -1, inputs], np.float32, name="features")
    ways = ("", "_reverse")
    seen, kept, bias = (
        np.stack([_gates(np.sum([weights[f"memory.{kind}_l0{way}"] for kind in kinds], axis=0)) for way in ways])
        for kinds in (("weight_ih",), ("weight_hh",), ("bias_ih", "bias_hh"))
    )
    start = _constant(np.zeros((1, 2, hidden)))
    length = op.gather(op.shape_of(features), op.constant(np.array([1])), op.constant(np.array(0)))
    states = op.lstm_sequence(
        features, start, start, length, _constant(seen), _constant(kept), _constant(bias), hidden, "bidirectional"
    )
    # (1, 2, t, hidden) -> (1, t, 2 hidden): forwards, then backwards.
    turned = op.transpose(states.output(0), op.constant(np.array((0, 2, 1, 3))))
    flat = op.reshape(turned, op.constant(np.array((0, 0, 2 * hidden), np.int64)), True)
    curve = op.add(op.matmul(flat, _constant(weights["last.weight"]), False, True), _constant(weights["last.bias"]))
    return ov.Model([op.squeeze(curve, op.constant(np.array([2])))], [features], "memory")


def open_curve(weights: Tensors, size: int) -> CurveEngine:
    """An engine on this machine's CPU, in float32; closed cycles are gone round as engines/tempreg_torch.py does."""
    core, turn = ov.Core(), Lock()
    options = {"INFERENCE_PRECISION_HINT": "f32", "PERFORMANCE_HINT": "LATENCY"}
    encoder, memory = (
        core.compile_model(graph, "CPU", options).create_infer_request()
        for graph in (encoder_graph(weights, size), memory_graph(weights))
    )

    def run(frames: NDArray[np.uint8], closed: bool) -> NDArray[np.float32]:
        grey = frames.astype(np.float32) / np.float32(255)
        before, after = (grey[-1:], grey[:1]) if closed else (grey[:1], grey[-1:])
        padded = np.concatenate([before, grey, after])
        pictures = np.stack([padded[:-2], padded[1:-1], padded[2:]], axis=1)
        with turn:
            parts = [pictures[at : at + AT_ONCE] for at in range(0, len(pictures), AT_ONCE)]
            features = np.concatenate([np.array(encoder.infer({0: part})[0]) for part in parts])
            more = len(frames) // 2 if closed else 0
            if more:
                features = np.concatenate([features[-more:], features, features[:more]])
            curve = np.array(memory.infer({0: features[None]})[0][0])
        out: NDArray[np.float32] = curve[more : more + len(frames)].astype(np.float32)
        return out

    return run
