"""How far a contour that follows a person's is off, from the image across both; interactive segmentation.

A person drew a contour on one frame. Across it the image has a course of grey at each place of the wall, and so has a
frame that follows across the contour expected there. A small network says for each place by how much the line there is
to move so that it means what the person's line means. It never sees where the frame is in the image, only the wall
straightened, so that it is small and the same for all views.
"""

from functools import cache

import numpy as np
from numpy.typing import NDArray

from kinecor_models.contract import ModelCard, Tensors, load_card, load_weights

HALF = 16
"""Steps to either side of a line at which grey is looked at."""
_WINDOW, _REACH = 9, 6
_TURNS = (1, 2, 4, 1)
# Grey that hardly changes is noise: this much is added to its deviation, and to its variance in a correlation.
_FLAT, _LITTLE = 8.0, 0.1
Floats = NDArray[np.float32]


def normalise_strips(strips: Floats) -> Floats:
    """Strips (n, places, 2 * HALF + 1) of a mean of 0 and a deviation of 1 each.

    Args:
        strips: grey levels across the contour.

    """
    mean, deviation = (of(axis=(1, 2), keepdims=True) for of in (strips.mean, strips.std))
    return np.asarray((strips - mean) / (deviation + _FLAT), np.float32)


def features(drawn: Floats, seen: Floats, unknown: Floats) -> Floats:
    """(n, places, 80) what the network looks at.

    Args:
        drawn: (n, places, 2 * HALF + 1) grey across a person's line, normalised.
        seen: likewise, across the line that follows.
        unknown: (n,) 0..1, how little the person's lines say about that frame, see ListenerModel.

    """
    own = drawn[..., HALF - _WINDOW : HALF + _WINDOW + 1]
    own = own - own.mean(axis=-1, keepdims=True)
    around = np.lib.stride_tricks.sliding_window_view(
        seen[..., HALF - _WINDOW - _REACH : HALF + _WINDOW + _REACH + 1], 2 * _WINDOW + 1, axis=-1
    )
    varied = np.maximum(np.einsum("npsw,npsw->nps", around, around) / around.shape[-1] - around.mean(-1) ** 2, 0.0)
    alike = np.einsum("npsw,npw->nps", around, own) / around.shape[-1]
    alike = alike / np.sqrt(varied * (own**2).mean(-1)[..., None] + _LITTLE)
    level = np.broadcast_to(unknown[:, None, None], (*seen.shape[:2], 1))
    return np.concatenate([drawn, seen, alike, level], axis=2, dtype=np.float32)


class ListenerModel:
    """The network, ready to run; plain numpy.

    Args:
        card: names the weights.
        weights: of ListenerNet (nets/listener_net.py).

    """

    half = HALF

    def __init__(self, card: ModelCard, weights: Tensors) -> None:
        self._card, self._weights = card, weights

    @property
    def card(self) -> ModelCard:
        """See ModelCard."""
        return self._card

    def __call__(self, drawn: Floats, seen: Floats, unknown: NDArray[np.floating]) -> Floats:
        """(n, places) by how many steps each line is to move across itself.

        Args:
            drawn: (places, 2 * half + 1) grey across a person's line, at steps of a 160th of its length.
            seen: (n, places, 2 * half + 1) grey across the lines that follow.
            unknown: (n,) 0..1, how little a person's lines say about each: 0 on their own frame, 1 far from all.

        """
        level = np.asarray(unknown, np.float32)
        own = np.broadcast_to(normalise_strips(drawn[None]), seen.shape)
        return offset(self._raw(features(own, normalise_strips(seen), level)), level)

    def _raw(self, found: Floats) -> Floats:
        weights = self._weights
        found = np.maximum(_convolved(found, weights["first.weight"], weights["first.bias"], 1), 0)
        for number, turn in enumerate(_TURNS):
            layer = weights[f"middle.{number}.weight"], weights[f"middle.{number}.bias"]
            found = found + np.maximum(_convolved(found, *layer, turn), 0)
        return np.asarray(found @ weights["last.weight"][0, :, 0] + weights["last.bias"][0])


def offset(raw: Floats, unknown: Floats) -> Floats:
    """(n, places) steps from what the network gives: errors grow with the square root of what is unknown.

    Args:
        raw: (n, places) answers of the network.
        unknown: (n,) 0 to 1, see ListenerModel.

    """
    return np.asarray(3.0 * np.sqrt(unknown)[:, None] * raw, np.float32)


def _convolved(seen: Floats, weight: Floats, bias: Floats, turn: int) -> Floats:
    """(n, places, out) of (n, places, in) with (out, in, 3), every `turn`-th place; beyond the ends there is 0."""
    count, places, _ = seen.shape
    padded = np.pad(seen, ((0, 0), (turn, turn), (0, 0)))
    three = np.concatenate([padded[:, k * turn : k * turn + places] for k in range(3)], axis=2)
    flat = weight.transpose(2, 1, 0).reshape(-1, weight.shape[0])
    return np.asarray((three.reshape(count * places, -1) @ flat + bias).reshape(count, places, -1))


@cache
def open_listener(name: str = "listener") -> ListenerModel:
    """The model `name`, with the weights its card pins.

    Args:
        name: of the card.

    Raises:
        WeightsError: the weights are missing or not those of the card.

    """
    card = load_card(name)
    return ListenerModel(card, load_weights(card))
