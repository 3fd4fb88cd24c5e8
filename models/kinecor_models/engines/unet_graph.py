"""The base network as an OpenVINO graph, built straight from its weights.

This way a CPU never waits for torch to be imported: from weights to first frame takes a fifth of a second instead of
several. The decoder's first convolutions are split: what comes from below is enlarged and convolved at once, what comes
from beside is convolved and added, and nothing is joined in between. It is the same sum, a seventh sooner.
tests/models/test_engines.py holds it equal to nets/unet.py.
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


def _doubled_and_convolved(x: ov.Node, kernel: np.ndarray) -> ov.Node:
    """A map with each value doubled along rows and columns, and then convolved by a 3 x 3 kernel, in one step.

    Each result rests on 2 x 2 values of the map only, since the others are repeats: 4 multiplications instead of 9. So
    it is a transposed convolution of stride 2 by a kernel of 4 x 4, in which taps that meet the same value are summed.
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
    picture = op.parameter([1, channels, size, size], np.uint8, name="picture")
    x: ov.Node = op.multiply(op.convert(picture, "f32"), op.constant(np.float32(1 / 255)))
    levels = 1 + max(int(name.split(".")[1]) for name in weights if name.startswith("down."))
    if size % (1 << (levels - 1)):
        raise ValueError(f"expected a side that is a multiple of {1 << (levels - 1)} pixels, got {size}")
    skips: list[ov.Node] = []
    for level in range(levels):
        x = _block(x if level == 0 else _pooled(x), weights, f"down.{level}")
        skips.append(x)
    for level in reversed(range(levels - 1)):
        kernel, bias = _folded(weights, f"up.{level}.0", f"up.{level}.1")
        below = kernel.shape[1] - weights[f"down.{level}.3.weight"].shape[0]
        beside = _convolved(skips[level], kernel[:, below:], bias)
        x = op.relu(op.add(_doubled_and_convolved(x, kernel[:, :below]), beside))
        x = op.relu(_convolved(x, *_folded(weights, f"up.{level}.3", f"up.{level}.4")))
    scores = _convolved(x, weights["last.weight"], weights["last.bias"])
    return ov.Model([op.softmax(scores, 1)], [picture], "unet")
