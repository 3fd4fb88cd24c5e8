"""The networks that the default analysis uses, as OpenVINO graphs built straight from their weights.

They duplicate the torch networks of nets/ because they run where torch is not installed, and start in a fraction of
a second, where importing torch and converting the network takes several (benchmarks/engines.py). The base
network is also a tenth faster as its own graph: its decoder's first convolutions are split, so that nothing is
concatenated. tests/models/engines holds each graph equal to its torch network. Any other network is converted from
torch, see converted.py.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from kinecor_models.card import Tensors
from kinecor_models.engines.engine import AT_ONCE, CurveEngine, Engine, ViewEngine
from kinecor_models.engines.openvino_runtime import Compiled, default_precision, op, ov

BATCH_NORM_EPSILON = 1e-5
"""torch's default, with which all networks were trained."""
POOLED = 3
"""Rows and columns of the last map of the phase network, as LIGHT_POOLED of nets/tempreg.py."""


def constant(value: NDArray[np.floating] | float | list[float]) -> ov.Node:
    """Numbers as float32."""
    return op.constant(np.asarray(value, np.float32))


def integers(*values: int) -> ov.Node:
    """Integers as int64."""
    return op.constant(np.array(values, np.int64))


def convolved(x: ov.Node, kernel: NDArray[np.floating], bias: NDArray[np.floating], stride: int = 1) -> ov.Node:
    """A convolution that preserves the size apart from its stride."""
    pad = [kernel.shape[2] // 2] * 2
    product = op.convolution(x, constant(kernel), [stride, stride], pad, pad, [1, 1])
    return op.add(product, constant(bias[None, :, None, None]))


def folded(weights: Tensors, convolution: str, norm: str) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Kernel and bias of a convolution with the batch normalisation after it folded in."""
    gain = weights[f"{norm}.weight"] / np.sqrt(weights[f"{norm}.running_var"] + BATCH_NORM_EPSILON)
    kernel = weights[f"{convolution}.weight"] * gain[:, None, None, None]
    return kernel, weights[f"{norm}.bias"] - weights[f"{norm}.running_mean"] * gain


def _pooled(x: ov.Node) -> ov.Node:
    return op.max_pool(x, [2, 2], [1, 1], [0, 0], [0, 0], [2, 2]).output(0)


def _grey(images: ov.Node) -> ov.Node:
    """uint8 grey levels as float32 0..1."""
    return op.multiply(op.convert(images, "f32"), constant(1 / 255))


# The base network, nets/unet.py


def _block(x: ov.Node, weights: Tensors, name: str) -> ov.Node:
    for first in (0, 3):
        x = op.relu(convolved(x, *folded(weights, f"{name}.{first}", f"{name}.{first + 1}")))
    return x


def _doubled_and_convolved(x: ov.Node, kernel: NDArray[np.float32]) -> ov.Node:
    """A map with each value doubled along rows and columns, and then convolved by a 3 x 3 kernel, in one step.

    Each result depends on 2 x 2 values of the map only, since the others are repeats: 4 multiplications instead of 9.
    So it is a transposed convolution of stride 2 by a kernel of 4 x 4, in which taps that meet the same value are
    summed.
    """
    for axis in (2, 3):
        first, second, third = np.moveaxis(kernel, axis, 0)
        kernel = np.stack([third, second + third, first + second, first], axis=axis)
    taps = np.ascontiguousarray(kernel.transpose(1, 0, 2, 3), np.float32)
    return op.convolution_backprop_data(x, op.constant(taps), [2, 2], pads_begin=[1, 1], pads_end=[1, 1])


def unet_graph(weights: Tensors, size: int) -> ov.Model:
    """(1, channels, size, size) uint8 grey levels -> (1, classes, size, size) float32 probabilities.

    Raises:
        ValueError: the side cannot be halved as often as the network does it.

    """
    channels = weights["down.0.0.weight"].shape[1]
    image = op.parameter([1, channels, size, size], np.uint8, name="image")
    x = _grey(image)
    levels = 1 + max(int(name.split(".")[1]) for name in weights if name.startswith("down."))
    if size % (1 << (levels - 1)):
        raise ValueError(f"expected a side that is a multiple of {1 << (levels - 1)} pixels, got {size}")
    skips: list[ov.Node] = []
    for level in range(levels):
        x = _block(x if level == 0 else _pooled(x), weights, f"down.{level}")
        skips.append(x)
    for level in reversed(range(levels - 1)):
        kernel, bias = folded(weights, f"up.{level}.0", f"up.{level}.1")
        below = kernel.shape[1] - weights[f"down.{level}.3.weight"].shape[0]
        skip = convolved(skips[level], kernel[:, below:], bias)
        x = op.relu(op.add(_doubled_and_convolved(x, kernel[:, :below]), skip))
        x = op.relu(convolved(x, *folded(weights, f"up.{level}.3", f"up.{level}.4")))
    scores = convolved(x, weights["last.weight"], weights["last.bias"])
    return ov.Model([op.softmax(scores, 1)], [image], "unet")


def open_openvino(weights: Tensors, size: int, precision: str | None = None) -> Engine:
    """An engine for the base network on this machine's CPU.

    Args:
        weights: see nets/unet.py.
        size: side of the square.
        precision: "f32" or "bf16"; by default `default_precision`.

    """
    network = Compiled(unet_graph(weights, size), precision or default_precision())
    return lambda image: network(image.reshape(1, -1, size, size))[0][0]


# The view classifier, nets/view_net.py


def _activated(x: ov.Node, weights: Tensors, name: str) -> ov.Node:
    """Convolution NAME.0 with the batch normalisation NAME.1 folded in, and PReLU NAME.2."""
    return op.prelu(convolved(x, *folded(weights, f"{name}.0", f"{name}.1")), constant(weights[f"{name}.2.weight"]))


def _inception(x: ov.Node, weights: Tensors, name: str) -> ov.Node:
    """The input joined with its routes: one of 1 x 1, and one or two that continue with a larger kernel."""
    routes: list[ov.Node] = [x, _activated(x, weights, f"{name}.routes.0")]
    for route in (1, 2):
        if f"{name}.routes.{route}.0.0.weight" in weights:
            narrow = _activated(x, weights, f"{name}.routes.{route}.0")
            routes.append(_activated(narrow, weights, f"{name}.routes.{route}.1"))
    return op.concat(routes, 1)


def view_graph(weights: Tensors, size: int) -> ov.Model:
    """(n, 1, size, size) uint8 grey levels -> (n, classes) float32 scores before softmax."""
    images = op.parameter([-1, 1, size, size], np.uint8, name="images")
    x = _grey(images)
    for number in (0, 2):
        x = _pooled(_activated(x, weights, f"stem.{number}"))
    for number in (0, 3, 6):
        x = _pooled(_activated(_inception(x, weights, f"steps.{number}"), weights, f"steps.{number + 1}"))
    for number in (0, 2):
        x = _inception(x, weights, f"late.{number}")
    x = op.prelu(convolved(x, weights["late.3.weight"], weights["late.3.bias"]), constant(weights["end.weight"]))
    return ov.Model([op.reduce_mean(x, integers(2, 3), False)], [images], "views")


def open_view_graph(weights: Tensors, size: int) -> ViewEngine:
    """An engine for the view classifier on this machine's CPU, in float32: it is small enough."""
    network = Compiled(view_graph(weights, size))
    return lambda images: network(np.ascontiguousarray(images[:, None]))[0]


# The phase network, the light variant of nets/tempreg.py with neighbours in its channels and an LSTM both ways


def encoder_graph(weights: Tensors, size: int) -> ov.Model:
    """(n, 3, size, size) float32 grey levels 0..1 -> (n, features)."""
    images = op.parameter([-1, 3, size, size], np.float32, name="images")
    maps = "encoder.maps."
    numbers = sorted(
        int(name.split(".")[2]) for name, one in weights.items() if name.startswith(maps) and one.ndim == 4
    )
    x: ov.Node = images
    for place, number in enumerate(numbers):
        # The first level has one convolution, the others two; the first of a level halves.
        stride = 2 if place == 0 or place % 2 == 1 else 1
        x = op.relu(convolved(x, *folded(weights, f"{maps}{number}", f"{maps}{number + 1}"), stride))
    x = op.reshape(op.adaptive_avg_pool(x, integers(POOLED, POOLED)), integers(0, -1), True)
    product = op.matmul(x, constant(weights["encoder.last.weight"]), False, True)
    return ov.Model([op.relu(op.add(product, constant(weights["encoder.last.bias"][None])))], [images], "encoder")


def _gates(value: NDArray[np.float32]) -> NDArray[np.float32]:
    """Gates in the order of torch (input, forget, cell, output) as OpenVINO's (forget, input, cell, output)."""
    entering, forgetting, cell, leaving = np.split(value, 4)
    return np.concatenate([forgetting, entering, cell, leaving])


def memory_graph(weights: Tensors) -> ov.Model:
    """(1, t, features) -> (1, t) curve, for any t."""
    inputs, hidden = weights["memory.weight_ih_l0"].shape[1], weights["memory.weight_hh_l0"].shape[1]
    features = op.parameter([1, -1, inputs], np.float32, name="features")

    def both_ways(*kinds: str) -> ov.Node:
        ways: Sequence[str] = ("", "_reverse")
        return constant(
            np.stack([_gates(np.sum([weights[f"memory.{kind}_l0{way}"] for kind in kinds], axis=0)) for way in ways])
        )

    of_input, of_state, bias = both_ways("weight_ih"), both_ways("weight_hh"), both_ways("bias_ih", "bias_hh")
    start = constant(np.zeros((1, 2, hidden)))
    length = op.gather(op.shape_of(features), integers(1), op.constant(np.array(0)))
    states = op.lstm_sequence(features, start, start, length, of_input, of_state, bias, hidden, "bidirectional")
    # (1, 2, t, hidden) -> (1, t, 2 hidden): forwards, then backwards.
    flat = op.reshape(op.transpose(states.output(0), integers(0, 2, 1, 3)), integers(0, 0, 2 * hidden), True)
    curve = op.add(op.matmul(flat, constant(weights["last.weight"]), False, True), constant(weights["last.bias"]))
    return ov.Model([op.squeeze(curve, integers(2))], [features], "memory")


def open_curve(weights: Tensors, size: int) -> CurveEngine:
    """An engine for the phase network on this machine's CPU, in float32; see torch_engines.curve_engine."""
    encoder, memory = Compiled(encoder_graph(weights, size)), Compiled(memory_graph(weights))

    def run(frames: NDArray[np.uint8], closed: bool) -> NDArray[np.float32]:
        grey = frames.astype(np.float32) / np.float32(255)
        before, after = (grey[-1:], grey[:1]) if closed else (grey[:1], grey[-1:])
        padded = np.concatenate([before, grey, after])
        images = np.stack([padded[:-2], padded[1:-1], padded[2:]], axis=1)
        parts = [images[at : at + AT_ONCE] for at in range(0, len(images), AT_ONCE)]
        features = np.concatenate([encoder(part)[0] for part in parts])
        more = len(frames) // 2 if closed else 0
        if more:
            features = np.concatenate([features[-more:], features, features[:more]])
        curve: NDArray[np.float32] = memory(features[None])[0][0]
        return curve[more : more + len(frames)]

    return run
