"""The stacked motion network of Østvik 2018 as an OpenVINO graph built straight from its weights.

It duplicates nets/flow_net.py because short-axis MRI uses it by default, also where torch is not installed. Both
directions run at once, as a batch of two; features of a frame are computed once and serve both, which torch's
conversion does not do. tests/models/nets/test_flow_net.py holds both equal.
"""

import numpy as np
from numpy.typing import NDArray

from kinecor_models.card import Tensors
from kinecor_models.engines.flow_engine import FlowEngine, levelled
from kinecor_models.engines.openvino_graphs import constant, convolved, integers
from kinecor_models.engines.openvino_runtime import Compiled, op, ov

# As in nets/flow_net.py, which is not imported, since it needs torch.
_FAR, _NEAR, _SLOPE = 3, 2, 0.1


class _Layers:
    """Builds layers by the names of their weights."""

    def __init__(self, weights: Tensors) -> None:
        self._weights = weights

    def convolved(self, x: ov.Node, name: str, stride: int = 1) -> ov.Node:
        """The convolution NAME with its bias."""
        return convolved(x, self._weights[f"{name}.weight"], self._weights[f"{name}.bias"], stride)

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
    """`doubled` of nets/flow_net.py; `side` is that of the finer level."""
    return op.multiply(_resized(flow, side, "linear"), constant(2.0))


def _pooled(x: ov.Node) -> ov.Node:
    """Means over two by two pixels."""
    return op.avg_pool(x, [2, 2], [0, 0], [0, 0], [2, 2], True)


def _other(x: ov.Node) -> ov.Node:
    """The batch of two in reverse: for each frame, the one that it moves to."""
    return op.gather(x, integers(1, 0), integers(0))


def _warped(frame: ov.Node, flow: ov.Node, side: int) -> ov.Node:
    """`warped` of nets/flow_net.py."""
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
    """(2, 1, size, size) float32 levelled grey -> (2, 2, size / 2, size / 2) pixels (x, y), there and back."""
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
        errors.append(_pooled(op.absolute(left)))
        square = op.reduce_sum(op.multiply(flow, flow), integers(1), True)
        sizes.append(op.sqrt(op.add(square, constant(1e-6))))
    x = op.concat([large, small, *sizes, *errors, _pooled(images)], 1)
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

    def run(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        (found,) = network(levelled(one, other)[:, None])
        there, back = (np.ascontiguousarray(one_way.transpose(1, 2, 0)) for one_way in found)
        return there, back

    return run
