"""The short-axis network that an evaluation measures: the one that ships, or one of a training run."""

import argparse
import hashlib
from dataclasses import replace
from pathlib import Path

import numpy as np

from kinecor_lab.common.publish import averaged_weights, between
from kinecor_models.contours.sax import LOOKS, SaxModel, channels_of
from kinecor_models.contract import Tensors, load_card, load_weights
from kinecor_models.engines.opening import open_many

NAME = "lv-sax"
TRIED = "-"
"""Version of a network that does not ship."""


def add_networks(parser: argparse.ArgumentParser) -> None:
    """The options that name the networks of a training run, and what is done with them."""
    parser.add_argument("--networks", type=Path, nargs="+", help="measure the mean of these networks of a training run")
    parser.add_argument(
        "--share", type=float, default=1.0, help=f"of them in a mean with the {NAME} that ships (default: 1)"
    )
    parser.add_argument("--bias", default="", help="added to the scores of their classes, comma-separated")


def model_of(options: argparse.Namespace, looks: tuple[int, ...] = LOOKS) -> SaxModel:
    """The model of the options of `add_networks` and of `--device`, at the size on the card."""
    card = load_card(NAME)
    weights = load_weights(card)
    if options.networks:
        weights = tried(weights, averaged_weights(options.networks), options.share, _numbers(options.bias))
        digest = hashlib.sha256(b"".join(value.tobytes() for _, value in sorted(weights.items()))).hexdigest()
        card = replace(card, version=TRIED, sha256=digest)
    return SaxModel(card, open_many(card, weights, options.device), looks=looks, channels=channels_of(weights))


def tried(shipped: Tensors, new: Tensors, share: float, bias: tuple[float, ...]) -> Tensors:
    """The weights that `publish` would write: a mean with those that ship, and a constant for each class."""
    weights = between(shipped, new, share)
    if bias:
        weights["last.bias"] = weights["last.bias"] + np.array(bias, np.float32)
    return {name: value.astype(np.float16).astype(np.float32) for name, value in weights.items()}


def _numbers(text: str) -> tuple[float, ...]:
    return tuple(float(part) for part in text.split(",") if part)
