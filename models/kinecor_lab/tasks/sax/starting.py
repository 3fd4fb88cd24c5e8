"""A network that saw one slice as the beginning of one that sees its neighbours too."""

import numpy as np

from kinecor_models.weights import Tensors

FIRST = "down.0.0.weight"


def widened(weights: Tensors, pictures: int) -> Tensors:
    """The weights with a first convolution for `pictures` channels, the odd middle one being the slice itself.

    A network of one channel gets zeros for the others, so that it answers as before whatever they show.

    Raises:
        ValueError: the weights are neither of one channel nor of so many.

    """
    kernel = weights[FIRST]
    if kernel.shape[1] == pictures:
        return weights
    if kernel.shape[1] != 1:
        raise ValueError(f"expected a network of 1 or {pictures} channels, got {kernel.shape[1]}; name another --start")
    wide = np.zeros((kernel.shape[0], pictures, *kernel.shape[2:]), kernel.dtype)
    wide[:, pictures // 2] = kernel[:, 0]
    return {**weights, FIRST: wide}
