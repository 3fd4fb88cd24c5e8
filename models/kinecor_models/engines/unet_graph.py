"""The base network as an OpenVINO graph, built straight from its weights.

This way a CPU never waits for torch to be imported: from weights to first frame takes a fifth of a second instead of
several. tests/models/test_engines.py holds it equal to nets/unet.py.
"""

import numpy as np

from kinecor_models.engines.openvino_alone import op, ov
from kinecor_models.weights import Tensors

BATCH_NORM_EPSILON = 1e-5
"""torch's default, by which the network was trained."""


def _folded(weights: Tensors, convolution: str, norm: str) -> tuple[np.ndarray, np.ndarray]:
    """Kernel and bias of a convolution with the batch normalisation after it folded in."""
    gain = weights[f"{norm}.weight"] / np.sqrt(weights[f"{norm}.running_var"] + BATCH_NORM_EPSILON)
    kernel = weights[f"{convolution}.weight"] * gain[:, None, None, None]
    return kernel, weights[f"{norm}.bias"] - weights[f"{norm}.running_mean"] * gain


def _convolved(x: ov.Node, kernel: np.ndarray, bias: np.ndarray) -> ov.Node:
    pad = [kernel.shape[2] // 2] * 2
    product = op.convolution(x, op.constant(kernel.astype(np.float32)), [1, 1], pad, pad, [1, 1])
    return op.add(product, op.constant(bias.astype(np.float32)[None, :, None, None]))


def _block(x: ov.Node, weights: Tensors, name: str) -> ov.Node:
    for first in (0, 3):
        x = op.relu(_convolved(x, *_folded(weights, f"{name}.{first}", f"{name}.{first + 1}")))
    return x


def _pooled(x: ov.Node) -> ov.Node:
    return op.max_pool(x, [2, 2], [1, 1], [0, 0], [0, 0], [2, 2]).output(0)


def unet_graph(weights: Tensors, size: int) -> ov.Model:
    """(1, channels, size, size) uint8 grey levels -> (1, classes, size, size) float32 probabilities."""
    channels = weights["down.0.0.weight"].shape[1]
    picture = op.parameter([1, channels, size, size], np.uint8, name="picture")
    x: ov.Node = op.multiply(op.convert(picture, "f32"), op.constant(np.float32(1 / 255)))
    levels = 1 + max(int(name.split(".")[1]) for name in weights if name.startswith("down."))
    skips: list[ov.Node] = []
    for level in range(levels):
        x = _block(x if level == 0 else _pooled(x), weights, f"down.{level}")
        skips.append(x)
    for level in reversed(range(levels - 1)):
        side = size >> level
        x = op.interpolate(
            x,
            op.constant(np.array((side, side), np.int64)),
            mode="nearest",
            shape_calculation_mode="sizes",
            axes=op.constant(np.array((2, 3), np.int64)),
            coordinate_transformation_mode="asymmetric",
            nearest_mode="floor",
        )
        x = _block(op.concat([x, skips[level]], 1), weights, f"up.{level}")
    scores = _convolved(x, weights["last.weight"], weights["last.bias"])
    return ov.Model([op.softmax(scores, 1)], [picture], "unet")
