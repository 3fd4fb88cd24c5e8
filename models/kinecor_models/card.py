"""Model cards and their weights: safetensors, pinned by sha256; nothing is unpickled."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.resources import as_file, files
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load


@dataclass(frozen=True, slots=True)
class ModelCard:
    """Stored with the weights and shown in the window, the report and by `kinecor models`.

    Attributes:
        name: e.g. "lv-apical".
        version: e.g. "1.0.0".
        summary: one sentence.
        weights: file name, in the card's folder.
        sha256: of the weights, in hexadecimal; another file is refused.
        licence: of the weights.
        data: what it was trained on.
        citations: to be cited by its users.
        intended: what it is for.
        limits: what it is not for, or is known to fail at.
        figures: measured values by name, as text with n and spread, each with the command that gives it.
        size: side of the network's square in pixels.
        settings: what the network is built from, where its weights alone do not say.
        net: module in nets/ that the network is built from (see torch_engines.network); empty for the base network.
        channels: images that the network takes at once.
        task: what opens it, see registry.py.

    """

    name: str
    version: str
    summary: str
    weights: str
    sha256: str
    licence: str
    data: str
    citations: tuple[str, ...]
    intended: str
    limits: tuple[str, ...]
    figures: dict[str, str]
    size: int
    settings: Mapping[str, Any] = field(default_factory=dict)
    net: str = ""
    channels: int = 1
    task: str = ""

    @property
    def author(self) -> str:
        """How the journal names the model."""
        return f"model:{self.name}@{self.version}+{self.sha256[:12]}"


def load_card(name: str) -> ModelCard:
    """The card weights/NAME.json of the package.

    Raises:
        FileNotFoundError: there is no such card.
        TypeError: the card lacks a field or has an unknown one.

    """
    text = files("kinecor_models").joinpath("weights", f"{name}.json").read_text(encoding="utf-8")
    fields: dict[str, Any] = json.loads(text)
    for key in ("citations", "limits"):
        fields[key] = tuple(fields[key])
    return ModelCard(**fields)


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
