"""OpenVINO without its telemetry, and the networks that the default analysis uses as graphs built from their weights.

On import, OpenVINO starts a thread that reports its use to its maker, unless the package openvino_telemetry is missing.
A program that reads patients' recordings reports to no third party, so that package is hidden. Always import OpenVINO
from here.

The graphs duplicate the torch networks of nets/ because they run where torch is not installed, and start in a fraction
of a second, where importing torch and converting the network takes several (benchmarks/engines.py). The base
network is also a tenth faster as its own graph: its decoder's first convolutions are split, so that nothing is
concatenated. The stacked motion network of Østvik 2018, which short-axis MRI uses by default, computes both directions
at once, as a batch of two; features of a frame are computed once and serve both, which torch's conversion does not do.
tests/models holds each graph equal to its torch network. Any other network is converted from torch, see converted.py.
"""

import os
import sys
from collections import deque
from collections.abc import Generator, Iterable, Sequence
from functools import cache
from itertools import islice
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray

# None in this table makes an import fail as if the package were not installed; OpenVINO then continues without it.
sys.modules["openvino_telemetry"] = None  # type: ignore[assignment]

import openvino as ov  # noqa: E402
from openvino import opset13 as op  # noqa: E402

from kinecor_models.contract import Tensors  # noqa: E402
from kinecor_models.engines.engine import (  # noqa: E402
    AT_ONCE,
    CurveEngine,
    Engine,
    FlowEngine,
    ManyEngine,
    ViewEngine,
    level_images,
)

__all__ = ["op", "ov"]  # the names of others that are imported from here


@cache
def core() -> ov.Core:
    """The one OpenVINO core of this process."""
    return ov.Core()


INSTRUCTIONS_LIMIT = "ONEDNN_MAX_CPU_ISA"
"""Variable of the environment: the newest instructions that kernels may use, e.g. "AVX2"; unset for all there are."""
_WITH_BF16 = ("DEFAULT", "ALL", "AVX512_CORE_BF16", "AVX512_CORE_FP16", "AVX512_CORE_AMX", "AVX10")


def default_precision() -> str:
    """Precision of segmentation: "bf16" where the processor has it (twice as fast, within 0.001 of Dice), or "f32"."""
    limit = os.environ.get(INSTRUCTIONS_LIMIT, "").upper() or "ALL"
    has_bf16 = "BF16" in core().get_property("CPU", "OPTIMIZATION_CAPABILITIES") and limit.startswith(_WITH_BF16)
    return "bf16" if has_bf16 else "f32"


class Compiled:
    """A model compiled for this machine's CPU; threads take turns.

    Args:
        model: what to run.
        precision: "f32" or "bf16".

    """

    def __init__(self, model: ov.Model, precision: str = "f32") -> None:
        options = {"INFERENCE_PRECISION_HINT": precision, "PERFORMANCE_HINT": "LATENCY"}
        self._request = core().compile_model(model, "CPU", options).create_infer_request()
        self._turn = Lock()

    def __call__(self, *inputs: NDArray[Any]) -> list[NDArray[np.float32]]:
        """The outputs, in order, for the inputs, in order; copies, since the next call overwrites OpenVINO's memory."""
        with self._turn:
            found = self._request.infer(dict(enumerate(inputs)), share_inputs=True, share_outputs=True)
            return [np.array(found[number], np.float32) for number in range(len(found))]


PAIR = 2
"""Images that a stream takes at once: weights are read once for both (a tenth of the time)."""


class Streams:
    """A model of one image compiled for many: a stream for each core, which takes PAIR images at once.

    No core waits for another, as they do where all work on one image; callers take turns.

    Args:
        model: one input and one output, of one image.
        precision: "f32" or "bf16".

    """

    def __init__(self, model: ov.Model, precision: str = "f32") -> None:
        shape = model.input(0).shape
        model.reshape([PAIR, *list(shape)[1:]])
        options = {"INFERENCE_PRECISION_HINT": precision, "PERFORMANCE_HINT": "THROUGHPUT"}
        compiled = core().compile_model(model, "CPU", options)
        count = compiled.get_property("OPTIMAL_NUMBER_OF_INFER_REQUESTS")
        self._requests = [compiled.create_infer_request() for _ in range(count)]
        self._shape = tuple(model.input(0).shape)
        self._turn = Lock()

    def __call__(self, images: Iterable[NDArray[Any]]) -> Generator[NDArray[np.float32]]:
        """The output of each image, in order; as many images as are computed at once are taken ahead."""
        with self._turn:
            source, idle = iter(images), deque(self._requests)
            busy: deque[tuple[ov.InferRequest, int]] = deque()
            try:
                while True:
                    while idle and (pair := list(islice(source, PAIR))):
                        both = np.stack([*pair, *pair[-1:] * (PAIR - len(pair))]).reshape(self._shape)
                        idle[0].set_input_tensor(ov.Tensor(both))
                        idle[0].start_async()
                        busy.append((idle.popleft(), len(pair)))
                    if not busy:
                        return
                    request, count = busy.popleft()
                    request.wait()
                    found = np.array(request.get_output_tensor(0).data, np.float32)
                    idle.append(request)
                    yield from found[:count]
            finally:  # a caller that stops early must leave none running: the next call uses them again
                for request, _ in busy:
                    request.wait()


BATCH_NORM_EPSILON = 1e-5
"""torch's default, with which all networks were trained."""
POOLED = 3
"""Rows and columns of the last map of the phase network, as LIGHT_POOLED of nets/tempreg.py."""


def constant(value: NDArray[np.floating] | float | list[float]) -> ov.Node:
    """Numbers as float32.

    Args:
        value: of any shape.

    """
    return op.constant(np.asarray(value, np.float32))


def integers(*values: int) -> ov.Node:
    """Integers as int64.

    Args:
        values: in order.

    """
    return op.constant(np.array(values, np.int64))


def convolve(x: ov.Node, kernel: NDArray[np.floating], bias: NDArray[np.floating], stride: int = 1) -> ov.Node:
    """A convolution that preserves the size apart from its stride.

    Args:
        x: (n, inputs, rows, columns).
        kernel: (outputs, inputs, high, wide), of odd sides.
        bias: (outputs,).
        stride: the same both ways.

    """
    pad = [kernel.shape[2] // 2] * 2
    product = op.convolution(x, constant(kernel), [stride, stride], pad, pad, [1, 1])
    return op.add(product, constant(bias[None, :, None, None]))


def fold_norm(weights: Tensors, convolution: str, norm: str) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Kernel and bias of a convolution with the batch normalisation after it folded in.

    Args:
        weights: of the network.
        convolution: name of the convolution, which has no bias.
        norm: name of the batch normalisation after it.

    """
    gain = weights[f"{norm}.weight"] / np.sqrt(weights[f"{norm}.running_var"] + BATCH_NORM_EPSILON)
    kernel = weights[f"{convolution}.weight"] * gain[:, None, None, None]
    return kernel, weights[f"{norm}.bias"] - weights[f"{norm}.running_mean"] * gain


def _pooled(x: ov.Node) -> ov.Node:
    return op.max_pool(x, [2, 2], [1, 1], [0, 0], [0, 0], [2, 2]).output(0)


def _grey(images: ov.Node) -> ov.Node:
    """uint8 grey levels as float32 0..1."""
    return op.multiply(op.convert(images, "f32"), constant(1 / 255))


# The base network, nets/unet.py, and the lean one, nets/lean_unet.py


def _block(x: ov.Node, weights: Tensors, name: str) -> ov.Node:
    for first in (0, 3):
        x = op.relu(convolve(x, *fold_norm(weights, f"{name}.{first}", f"{name}.{first + 1}")))
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


_PLACE = 2
"""Rows and columns of pixels that are one place of the lean network, as SIDE of nets/lean_unet.py."""


def is_lean(weights: Tensors) -> bool:
    """Whether weights are those of the lean network, not of the base network.

    Args:
        weights: of the network.

    """
    return "stem.0.weight" in weights and "down.0.0.weight" in weights


def unet_graph(weights: Tensors, size: int) -> ov.Model:
    """(1, channels, size, size) uint8 grey levels -> (1, classes, size, size) float32 probabilities.

    Args:
        weights: of the base or the lean network.
        size: side of the image, pixels.

    Raises:
        ValueError: the side cannot be halved as often as the network does it.

    """
    lean = is_lean(weights)
    channels = weights["stem.0.weight"].shape[1] // _PLACE**2 if lean else weights["down.0.0.weight"].shape[1]
    image = op.parameter([1, channels, size, size], np.uint8, name="image")
    x = _grey(image)
    levels = 1 + max(int(name.split(".")[1]) for name in weights if name.startswith("down."))
    multiple = 1 << (levels if lean else levels - 1)
    if size % multiple:
        raise ValueError(f"expected a side that is a multiple of {multiple} pixels, got {size}")
    if lean:
        x = op.relu(convolve(op.space_to_depth(x, "depth_first", _PLACE), *fold_norm(weights, "stem.0", "stem.1")))
    skips: list[ov.Node] = []
    for level in range(levels):
        x = _block(x if level == 0 else _pooled(x), weights, f"down.{level}")
        skips.append(x)
    for level in reversed(range(levels - 1)):
        kernel, bias = fold_norm(weights, f"up.{level}.0", f"up.{level}.1")
        below = kernel.shape[1] - weights[f"down.{level}.3.weight"].shape[0]
        skip = convolve(skips[level], kernel[:, below:], bias)
        x = op.relu(op.add(_doubled_and_convolved(x, kernel[:, :below]), skip))
        x = op.relu(convolve(x, *fold_norm(weights, f"up.{level}.3", f"up.{level}.4")))
    scores = convolve(x, weights["last.weight"], weights["last.bias"])
    if lean:
        scores = op.depth_to_space(scores, "depth_first", _PLACE)
    return ov.Model([op.softmax(scores, 1)], [image], "unet")


def open_openvino(weights: Tensors, size: int, precision: str | None = None) -> Engine:
    """An engine for the base network on this machine's CPU.

    Args:
        weights: see nets/unet.py.
        size: side of the square.
        precision: "f32" or "bf16"; by default `default_precision`.

    """
    return open_graph(unet_graph(weights, size), precision)


def open_graph(model: ov.Model, precision: str | None = None) -> Engine:
    """The same for a graph of `unet_graph`, which may be quantised.

    Args:
        model: of one image in, one answer out.
        precision: "f32" or "bf16"; None for the one of this machine.

    """
    shape = tuple(model.input(0).shape)
    network = Compiled(model, precision or default_precision())
    return lambda image: network(image.reshape(shape))[0][0]


def open_openvino_many(weights: Tensors, size: int, precision: str | None = None) -> ManyEngine:
    """The same for many images, which takes less time for each; see Streams.

    Args:
        weights: of the base or the lean network.
        size: side of the images, pixels.
        precision: see `open_graph`.

    """
    return Streams(unet_graph(weights, size), precision or default_precision())


# The view classifier, nets/view_net.py


def _activated(x: ov.Node, weights: Tensors, name: str) -> ov.Node:
    """Convolution NAME.0 with the batch normalisation NAME.1 folded in, and PReLU NAME.2."""
    return op.prelu(
        convolve(x, *fold_norm(weights, f"{name}.0", f"{name}.1")),
        constant(weights[f"{name}.2.weight"]),
    )


def _inception(x: ov.Node, weights: Tensors, name: str) -> ov.Node:
    """The input joined with its routes: one of 1 x 1, and one or two that continue with a larger kernel."""
    routes: list[ov.Node] = [x, _activated(x, weights, f"{name}.routes.0")]
    for route in (1, 2):
        if f"{name}.routes.{route}.0.0.weight" in weights:
            narrow = _activated(x, weights, f"{name}.routes.{route}.0")
            routes.append(_activated(narrow, weights, f"{name}.routes.{route}.1"))
    return op.concat(routes, 1)


def view_graph(weights: Tensors, size: int) -> ov.Model:
    """(n, 1, size, size) uint8 grey levels -> (n, classes) float32 scores before softmax.

    Args:
        weights: of the view classifier.
        size: side of the images, pixels.

    """
    images = op.parameter([-1, 1, size, size], np.uint8, name="images")
    x = _grey(images)
    for number in (0, 2):
        x = _pooled(_activated(x, weights, f"stem.{number}"))
    for number in (0, 3, 6):
        x = _pooled(_activated(_inception(x, weights, f"steps.{number}"), weights, f"steps.{number + 1}"))
    for number in (0, 2):
        x = _inception(x, weights, f"late.{number}")
    x = op.prelu(convolve(x, weights["late.3.weight"], weights["late.3.bias"]), constant(weights["end.weight"]))
    return ov.Model([op.reduce_mean(x, integers(2, 3), False)], [images], "views")


def open_view_graph(weights: Tensors, size: int) -> ViewEngine:
    """An engine for the view classifier on this machine's CPU, in float32: it is small enough.

    Args:
        weights: of the view classifier.
        size: side of the images, pixels.

    """
    network = Compiled(view_graph(weights, size))
    return lambda images: network(np.ascontiguousarray(images[:, None]))[0]


# The phase network, the light variant of nets/tempreg.py with neighbours in its channels and an LSTM both ways


def encoder_graph(weights: Tensors, size: int) -> ov.Model:
    """(n, 3, size, size) float32 grey levels 0..1 -> (n, features).

    Args:
        weights: of the phase network.
        size: side of the images, pixels.

    """
    images = op.parameter([-1, 3, size, size], np.float32, name="images")
    maps = "encoder.maps."
    numbers = sorted(
        int(name.split(".")[2]) for name, weight in weights.items() if name.startswith(maps) and weight.ndim == 4
    )
    x: ov.Node = images
    for place, number in enumerate(numbers):
        # The first level has one convolution, the others two; the first of a level halves.
        stride = 2 if place == 0 or place % 2 == 1 else 1
        x = op.relu(convolve(x, *fold_norm(weights, f"{maps}{number}", f"{maps}{number + 1}"), stride))
    x = op.reshape(op.adaptive_avg_pool(x, integers(POOLED, POOLED)), integers(0, -1), True)
    product = op.matmul(x, constant(weights["encoder.last.weight"]), False, True)
    return ov.Model([op.relu(op.add(product, constant(weights["encoder.last.bias"][None])))], [images], "encoder")


def _gates(value: NDArray[np.float32]) -> NDArray[np.float32]:
    """Gates in the order of torch (input, forget, cell, output) as OpenVINO's (forget, input, cell, output)."""
    entering, forgetting, cell, leaving = np.split(value, 4)
    return np.concatenate([forgetting, entering, cell, leaving])


def memory_graph(weights: Tensors) -> ov.Model:
    """(1, t, features) -> (1, t) curve, for any t.

    Args:
        weights: of the phase network.

    """
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
    """An engine for the phase network on this machine's CPU, in float32; see torch_engines.curve_engine.

    Args:
        weights: of the phase network.
        size: side of the images, pixels.

    """
    encoder, memory = Compiled(encoder_graph(weights, size)), Compiled(memory_graph(weights))

    def run(frames: NDArray[np.uint8], closed: bool) -> NDArray[np.float32]:
        grey = frames.astype(np.float32) / np.float32(255)
        before, after = (grey[-1:], grey[:1]) if closed else (grey[:1], grey[-1:])
        padded = np.concatenate([before, grey, after])
        images = np.stack([padded[:-2], padded[1:-1], padded[2:]], axis=1)
        parts = [images[index : index + AT_ONCE] for index in range(0, len(images), AT_ONCE)]
        features = np.concatenate([encoder(part)[0] for part in parts])
        more = len(frames) // 2 if closed else 0
        if more:
            features = np.concatenate([features[-more:], features, features[:more]])
        curve: NDArray[np.float32] = memory(features[None])[0][0]
        return curve[more : more + len(frames)]

    return run


# As in nets/flow_net.py, which is not imported, since it needs torch.
_FAR, _NEAR, _SLOPE = 3, 2, 0.1


class _Layers:
    """Builds layers by the names of their weights."""

    def __init__(self, weights: Tensors) -> None:
        self._weights = weights

    def convolved(self, x: ov.Node, name: str, stride: int = 1) -> ov.Node:
        """The convolution NAME with its bias."""
        return convolve(x, self._weights[f"{name}.weight"], self._weights[f"{name}.bias"], stride)

    def layer(self, x: ov.Node, name: str, stride: int = 1) -> ov.Node:
        """`layer` of nets/flow_net.py: the convolution NAME.0 and a leaky rectifier."""
        return _leaky(self.convolved(x, f"{name}.0", stride))

    def hourglass(self, x: ov.Node, name: str, side: int) -> ov.Node:
        """Motion at the finest level, in pixels of that level."""
        levels = 1 + sum(key.startswith(f"{name}.down.") and key.endswith(".0.0.weight") for key in self._weights)
        features: list[ov.Node] = [x]
        for level in range(levels - 1):
            x = self.layer(self.layer(x, f"{name}.down.{level}.0", 2), f"{name}.down.{level}.1")
            features.append(x)
        flow = self.convolved(x, f"{name}.first")
        for level in reversed(range(levels - 1)):
            coarse = _doubled(flow, side >> level)
            up = _resized(x, side >> level, "nearest")
            x = self.layer(op.concat([up, features[level], coarse], 1), f"{name}.merge.{level}")
            flow = op.add(coarse, self.convolved(x, f"{name}.refine.{level}"))
        return flow


def _leaky(x: ov.Node) -> ov.Node:
    """A leaky rectifier."""
    return op.prelu(x, constant([_SLOPE]))


def _resized(x: ov.Node, side: int, mode: str) -> ov.Node:
    """Planes of another side, by 'nearest' or 'linear'."""
    how = {"nearest": "asymmetric", "linear": "half_pixel"}[mode]
    return op.interpolate(
        x,
        integers(side, side),
        mode=mode,
        shape_calculation_mode="sizes",
        axes=integers(2, 3),
        coordinate_transformation_mode=how,
        nearest_mode="floor",
    )


def _doubled(flow: ov.Node, side: int) -> ov.Node:
    """`double_flow` of nets/flow_net.py; `side` is that of the finer level."""
    return op.multiply(_resized(flow, side, "linear"), constant(2.0))


def _pooled_flow(x: ov.Node) -> ov.Node:
    """Means over two by two pixels."""
    return op.avg_pool(x, [2, 2], [0, 0], [0, 0], [2, 2], True)


def _other(x: ov.Node) -> ov.Node:
    """The batch of two in reverse: for each frame, the one that it moves to."""
    return op.gather(x, integers(1, 0), integers(0))


def _warped(frame: ov.Node, flow: ov.Node, side: int) -> ov.Node:
    """`warp_frame` of nets/flow_net.py."""
    y, x = np.mgrid[0:side, 0:side].astype(np.float32)
    at = op.add(flow, constant(np.stack([x, y])[None]))
    at = op.subtract(op.multiply(at, constant(2 / (side - 1))), constant(1.0))
    turned = op.transpose(at, integers(0, 2, 3, 1))
    return op.grid_sample(frame, turned, {"align_corners": True, "mode": "bilinear", "padding_mode": "border"})


def _correlation(one: ov.Node, others: ov.Node, reach: int, side: int, channels: int) -> ov.Node:
    """`correlation` of nets/flow_net.py, rectified."""
    padded = op.pad(others, integers(0, 0, reach, reach), integers(0, 0, reach, reach), "constant", constant(0.0))
    found = []
    average = constant(np.full((1, channels, 1, 1), 1 / channels, np.float32))
    for dy in range(2 * reach + 1):
        for dx in range(2 * reach + 1):
            part = op.slice(padded, integers(dy, dx), integers(dy + side, dx + side), integers(1, 1), integers(2, 3))
            # A convolution by one kernel of equal weights is the mean over channels.
            found.append(op.convolution(op.multiply(one, part), average, [1, 1], [0, 0], [0, 0], [1, 1]))
    return _leaky(op.concat(found, 1))


def flow_graph(weights: Tensors, size: int) -> ov.Model:
    """(2, 1, size, size) float32 levelled grey -> (2, 2, size / 2, size / 2) pixels (x, y), there and back.

    Args:
        weights: of the motion network.
        size: side of the images, pixels, a multiple of 4.

    """
    net, half, quarter = _Layers(weights), size // 2, size // 4
    images = op.parameter([2, 1, size, size], np.float32, name="images")
    at_half = net.layer(net.layer(images, "features.at_half.0", 2), "features.at_half.1")
    at_quarter = net.layer(net.layer(at_half, "features.at_quarter.0", 2), "features.at_quarter.1")
    near, far = net.convolved(at_half, "features.near"), net.convolved(at_quarter, "features.far")
    few, more = weights["features.near.weight"].shape[0], weights["features.far.weight"].shape[0]

    like = _correlation(far, _other(far), _FAR, quarter, more)
    joined = net.layer(op.concat([like, net.layer(at_quarter, "along")], 1), "joined")
    guess = _doubled(net.hourglass(joined, "first", quarter), half)

    others = _other(images)
    back = _warped(others, _doubled(guess, size), size)
    like = _correlation(near, _warped(_other(near), guess, half), _NEAR, half, few)
    seen = net.layer(op.concat([images, others, back, op.subtract(images, back)], 1), "later_sees", 2)
    large = net.hourglass(net.layer(op.concat([seen, like, guess], 1), "later_joined"), "later", half)
    large = op.add(guess, large)

    like = _correlation(near, _other(near), _NEAR, half, few)
    seen = net.layer(net.layer(op.concat([images, others], 1), "small_sees.0"), "small_sees.1", 2)
    small = net.hourglass(net.layer(op.concat([seen, like], 1), "small_joined"), "small", half)

    errors, sizes = [], []
    for flow in (large, small):
        left = op.subtract(images, _warped(others, _doubled(flow, size), size))
        errors.append(_pooled_flow(op.absolute(left)))
        square = op.reduce_sum(op.multiply(flow, flow), integers(1), True)
        sizes.append(op.sqrt(op.add(square, constant(1e-6))))
    x = op.concat([large, small, *sizes, *errors, _pooled_flow(images)], 1)
    x = net.layer(net.layer(x, "fusion.0"), "fusion.1")
    answer = op.add(op.multiply(op.add(large, small), constant(0.5)), net.convolved(x, "fusion.2"))
    return ov.Model([op.multiply(answer, constant(2.0))], [images], "flow")


def open_flow(weights: Tensors, size: int, precision: str | None = None) -> FlowEngine:
    """An engine on this machine's CPU.

    Args:
        weights: see nets/flow_net.py.
        size: side of the square, a multiple of 16.
        precision: "f32" or "bf16"; by default float32, since bfloat16 rounds positions to hundredths of a pixel.

    """
    network = Compiled(flow_graph(weights, size), precision or "f32")

    def run(first: NDArray[np.uint8], second: NDArray[np.uint8]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        (flow,) = network(level_images(first, second)[:, None])
        there, back = (np.ascontiguousarray(one_way.transpose(1, 2, 0)) for one_way in flow)
        return there, back

    return run
