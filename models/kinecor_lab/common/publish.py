"""Turns a finished run into shipped weights and their card."""

import argparse
import hashlib
import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import load_file, save

import kinecor_models
from kinecor_lab.common.training import read_state, settings_of
from kinecor_models.contract import ModelCard, Tensors, WeightsError, load_card, load_weights
from kinecor_models.phases.model import LATE
from kinecor_models.registry import names, other_names

WEIGHTS_FOLDER = Path(kinecor_models.__file__).parent / "weights"


def weights_to_measure(card: ModelCard, network: Path | None) -> Tensors:
    """Those of a network of a training run (`averaged_weights`), or without one those that ship with a card."""
    return averaged_weights([network]) if network is not None else load_weights(card)


def averaged_weights(files: Sequence[Path]) -> Tensors:
    """The mean of the averaged networks in training files (checkpoint.pt, best.pt, average-EPOCH.pt).

    A network of phases comes with the lateness of its events in validation, tensor LATE (phases/model.py).

    Raises:
        WeightsError: a file is missing or holds no network.

    """
    found: list[Tensors] = []
    for file in files:
        state = read_state(file)
        found.append({k: v.numpy() for k, v in state["averaged"].items() if not k.endswith("num_batches_tracked")})
        figures = state.get("figures", {})
        if "late ED" in figures:
            found[-1][LATE] = np.array([figures["late ED"], figures["late ES"]], np.float32)
    return mean_weights(found)


def mean_weights(networks: Sequence[Tensors]) -> Tensors:
    """The mean of several networks' weights, which began from the same ones.

    Args:
        networks: weights of each.

    """
    return {name: np.mean([fields[name] for fields in networks], axis=0, dtype=np.float32) for name in networks[0]}


def weights_of(start: str) -> Tensors:
    """The weights that a training continues from: those of a model that ships, by its name, or of a run's file.

    Raises:
        WeightsError: there are none.

    """
    if start in (*names(), *other_names()):
        return load_weights(load_card(start))
    if start.endswith(CANDIDATE):
        return {name: value.astype(np.float32) for name, value in load_file(start).items()}
    return averaged_weights([Path(start)])


CANDIDATE = ".safetensors"
"""Ending of weights that a stage of the queue left for the next one, on another machine."""


def write_candidate(run: Path, file: Path) -> None:
    """Writes the best network of a run in half precision, for a later stage to begin with.

    Raises:
        WeightsError: the run has none.

    """
    weights = averaged_weights([run / "best.pt"])
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(save({name: value.astype(np.float16) for name, value in weights.items()}))


def between(old: Tensors, new: Tensors, share: float) -> Tensors:
    """Weights on the way from an old network to one that was trained from it; `share` 0 is the old, 1 the new.

    What a network learnt of new patients and what it knew of others are often both there half-way (Wortsman 2022).
    Where the new one has further input channels, the old one counts as having them and not looking at them.

    Args:
        old: weights by name.
        new: weights by name; those that only the old network has are left out.
        share: 0 to 1.

    Raises:
        ValueError: the two are of other shapes than that.

    """
    out: Tensors = {}
    for name, value in new.items():
        before = old[name].astype(np.float32)
        if before.ndim > 1 and before.shape[1] < value.shape[1]:
            further = [(0, value.shape[1] - size if axis == 1 else 0) for axis, size in enumerate(before.shape)]
            before = np.pad(before, further)
        if before.shape != value.shape:
            raise ValueError(f"{name}: expected {before.shape} of the old network, got {value.shape}")
        out[name] = ((1 - share) * before + share * value).astype(np.float32)
    return out


def publish(
    files: Sequence[Path],
    name: str,
    version: str,
    folder: Path = WEIGHTS_FOLDER,
    bias: Sequence[float] = (),
    share: float = 1.0,
    beside: str = "",
    words: Path | None = None,
) -> Path:
    """Writes weights/NAME-VERSION.safetensors in half precision and pins it in weights/NAME.json.

    The card must be there already, with its words, unless they come along; version, file name and sha256 are set here,
    and the settings of a card that has some.

    Args:
        files: networks to average, see averaged_weights; or candidates.
        name: of the model.
        version: of the model.
        folder: that holds the card and the weights.
        bias: added to the classes' scores in the last layer, so that areas are neither too small nor too large.
        share: of the new weights, the others being those that ship; see `between`.
        beside: the model that the others are of (default: of this name).
        words: card of a model that has not shipped yet, with its words; where it has, its card stays.

    Returns:
        the weights' path.

    """
    card = folder / f"{name}.json"
    if words is not None and not card.is_file():
        card.write_bytes(words.read_bytes())
    weights = mean_weights([weights_of(str(file)) for file in files])
    if share < 1:
        weights = between(weights_of(beside or name), weights, share)
    if bias:
        # A lean network has the scores of four pixels for each class, one class after the other.
        repeats = len(weights["last.bias"]) // len(bias)
        weights["last.bias"] = weights["last.bias"] + np.repeat(np.array(bias, np.float32), repeats)
    return write_weights(weights, name, version, folder, lambda: _shape(files[0]))


def write_weights(
    weights: Tensors, name: str, version: str, folder: Path, settings: Callable[[], dict[str, Any]] | None = None
) -> Path:
    """Writes NAME-VERSION.safetensors in half precision and pins it in NAME.json, which must be there; its path.

    Args:
        weights: by name.
        name: of the model.
        version: of the model.
        folder: of card and weights.
        settings: what the network is built from, for a card that says so.

    """
    content = save({key: value.astype(np.float16) for key, value in weights.items()})
    path = folder / f"{name}-{version}.safetensors"
    path.write_bytes(content)
    card = folder / f"{name}.json"
    fields: dict[str, Any] = json.loads(card.read_text(encoding="utf-8"))
    fields |= {"version": version, "weights": path.name, "sha256": hashlib.sha256(content).hexdigest()}
    if "quantised" in fields:  # a quantisation is of other weights
        fields |= {"quantised": "", "quantised_sha256": ""}
    if settings is not None and "settings" in fields:
        fields["settings"] = settings()
    card.write_text(json.dumps(fields, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return path


def _shape(file: Path) -> dict[str, Any]:
    """What the network of a training run is built by: the shape in its settings, or what names a circular one."""
    settings = settings_of(read_state(file))
    shape: dict[str, Any] = settings.get("shape") or {
        name: settings[name] for name in ("arm", "units", "channels", "members")
    }
    return shape


def main(argv: Sequence[str]) -> int:
    """`python -m kinecor_lab.common.publish NAME VERSION FILE ... [--bias B0,...] [--share S] [--beside NAME]`."""
    parser = argparse.ArgumentParser(prog="publish", description="Ship the mean of some networks of a run.")
    parser.add_argument("name")
    parser.add_argument("version")
    parser.add_argument("files", type=Path, nargs="+")
    parser.add_argument("--bias", default="", help="added to the classes' scores, comma-separated")
    parser.add_argument("--share", type=float, default=1.0, help="of them, the rest being what ships (default: 1)")
    parser.add_argument("--beside", default="", help="the model that the rest is of (default: NAME)")
    parser.add_argument("--card", type=Path, help="words of a model that has not shipped yet")
    options = parser.parse_args(argv)
    bias = [float(part) for part in options.bias.split(",") if part]
    try:
        print(
            publish(
                options.files,
                options.name,
                options.version,
                bias=bias,
                share=options.share,
                beside=options.beside,
                words=options.card,
            )
        )
    except WeightsError as wrong:
        print(f"publish: {wrong}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
