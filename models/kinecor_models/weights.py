"""Weights from safetensors files; nothing is unpickled."""

import hashlib
from importlib.resources import as_file, files

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load

from kinecor_models.card import ModelCard

Tensors = dict[str, NDArray[np.float32]]


class WeightsError(Exception):
    """The weights are not those the card names."""


def load_weights(card: ModelCard) -> Tensors:
    """The card's tensors by name, in float32.

    Raises:
        WeightsError: the file is missing, or its sha256 is not the card's.

    """
    with as_file(files("kinecor_models").joinpath("weights", card.weights)) as path:
        if not path.is_file():
            raise WeightsError(f"{card.name}: expected weights {card.weights}, found none; reinstall Kinecor")
        content = path.read_bytes()
    found = hashlib.sha256(content).hexdigest()
    if found != card.sha256:
        raise WeightsError(
            f"{card.name}: {card.weights} was expected to have sha256 {card.sha256[:12]}..., has {found[:12]}...; "
            "reinstall Kinecor"
        )
    return {name: tensor.astype(np.float32) for name, tensor in load(content).items()}
