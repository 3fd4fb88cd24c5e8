"""The network that puts guesses of motion right, by OpenVINO; see flow_graph.py and nets/flow_refiner.py."""

from threading import Lock

import numpy as np
from numpy.typing import NDArray

from kinecor_models.engines.flow_engine import Floats, FlowEngine, Guesser, halved, levelled, open_guesser
from kinecor_models.engines.flow_graph import (
    NEAR,
    Graph,
    compiled,
    constant,
    correlation,
    doubled,
    other,
    warped,
    whole,
)
from kinecor_models.engines.openvino_alone import op, ov
from kinecor_models.weights import Tensors


def refiner_graph(weights: Tensors, size: int) -> ov.Model:
    """Levelled grey (2, 1, size, size) and guesses (2, 4, size / 2, size / 2) -> (2, 2, size / 2, size / 2) pixels.

    Both directions at once: there and back.
    """
    net, half = Graph(weights), size // 2
    pictures = op.parameter([2, 1, size, size], np.float32, name="pictures")
    guesses = op.parameter([2, 4, half, half], np.float32, name="guesses")
    both = op.multiply(guesses, constant(0.5))
    fine, coarse = (op.slice(both, whole(first), whole(first + 2), whole(1), whole(1)) for first in (0, 2))
    others = other(pictures)
    backs = [warped(others, doubled(guess, size), size) for guess in (fine, coarse)]
    left = [op.subtract(pictures, back) for back in backs]
    seen = net.layer(op.concat([pictures, others, *backs, *left], 1), "sees", 2)
    near = net.convolved(net.layer(net.layer(pictures, "near.0", 2), "near.1"), "near.2")
    few = weights["near.2.weight"].shape[0]
    like = correlation(near, warped(other(near), fine, half), NEAR, half, few)
    x = net.layer(op.concat([seen, like, both], 1), "joined")
    share = op.sigmoid(net.convolved(x, "choice"))
    chosen = op.add(coarse, op.multiply(share, op.subtract(fine, coarse)))
    answer = op.add(chosen, net.hourglass(x, "change", half))
    return ov.Model([op.multiply(answer, constant(2.0))], [pictures, guesses], "refiner")


def open_refiner(weights: Tensors, size: int, precision: str | None = None) -> FlowEngine:
    """An engine on this machine's CPU, for pictures of 2 size, at whose every fourth pixel motion is given.

    Args:
        weights: see nets/flow_refiner.py.
        size: side of the network's square, a multiple of 16.
        precision: "f32" or "bf16"; by default float32, since bfloat16 rounds positions to hundredths of a pixel.

    """
    request, guess, turn = compiled(refiner_graph(weights, size), precision), open_guesser(), Lock()

    def run(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> tuple[Floats, Floats]:
        with turn:
            found = request.infer(dict(enumerate(refiner_input(one, other, guess))))[0]
            # Pixels of the network are two of the picture; copied, since the request writes over its memory.
            there, back = (2 * np.array(one_way, np.float32).transpose(1, 2, 0) for one_way in found)
        return np.ascontiguousarray(there), np.ascontiguousarray(back)

    return run


def refiner_input(one: NDArray[np.uint8], other: NDArray[np.uint8], guess: Guesser) -> tuple[Floats, Floats]:
    """What the network sees of two pictures of twice its size: (2, 1, ...) levelled grey and (2, 4, ...) guesses."""
    pictures = levelled(halved(one), halved(other))[:, None]
    both = np.stack([guess(one, other), guess(other, one)])
    return pictures, np.ascontiguousarray(both.transpose(0, 1, 4, 2, 3)).reshape(2, 4, *both.shape[2:4])
