"""`python -m kinecor_lab.quantisation.publish NAME --camus FOLDER ...`: quantises a network and pins it in its card."""

import argparse
import hashlib
import json
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from safetensors.numpy import save

from kinecor_lab.common.publish import WEIGHTS_FOLDER
from kinecor_lab.datasets.samples import DataSetError
from kinecor_lab.quantisation.inputs import inputs_of
from kinecor_lab.quantisation.make import SPARED, quantisation_of
from kinecor_models.contract import QUANTISED_WEIGHTS, ModelCard, Tensors, WeightsError, load_card, load_weights
from kinecor_models.engines.converted import digest_of
from kinecor_models.engines.openvino_graphs import unet_graph

FOLDERS = ("camus", "acdc", "scd", "york", "dsb", "dsb-4ch")


def add_folders(parser: argparse.ArgumentParser) -> None:
    """The options that name the sets' folders."""
    for name in FOLDERS:
        parser.add_argument(f"--{name}", type=Path, nargs="+", default=[], help=f"folders of {name}")


def folders_of(options: argparse.Namespace) -> dict[str, list[Path]]:
    """The folders that are named, by set."""
    return {name: getattr(options, name.replace("-", "_")) for name in FOLDERS}


def write_quantisation(quantisation: Tensors, weights: Tensors, file: Path) -> str:
    """Writes a quantisation of some weights; its sha256."""
    digest = np.frombuffer(bytes.fromhex(digest_of(weights)), np.uint8).copy()
    content = save({**quantisation, QUANTISED_WEIGHTS: digest})
    file.write_bytes(content)
    return hashlib.sha256(content).hexdigest()


def publish(quantisation: Tensors, card: ModelCard, folder: Path = WEIGHTS_FOLDER) -> Path:
    """Writes NAME-VERSION-int8.safetensors and pins it in NAME.json, which must be there; its path."""
    path = folder / f"{card.name}-{card.version}-int8.safetensors"
    digest = write_quantisation(quantisation, load_weights(card), path)
    file = folder / f"{card.name}.json"
    fields = json.loads(file.read_text(encoding="utf-8")) | {"quantised": path.name, "quantised_sha256": digest}
    file.write_text(json.dumps(fields, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return path


def main(argv: Sequence[str]) -> int:
    """Runs the command; returns its exit status."""
    parser = argparse.ArgumentParser(prog="quantisation.publish", description="Quantise a network, by NNCF.")
    parser.add_argument("name", choices=("lv-apical", "lv-sax", "lv-lax"))
    add_folders(parser)
    parser.add_argument(
        "--spared", type=int, nargs="*", default=SPARED, help="convolutions that stay in full precision, by number"
    )
    parser.add_argument("--out", type=Path, help="write this file alone, and leave the card as it is")
    options = parser.parse_args(argv)
    card = replace(load_card(options.name), quantised="", quantised_sha256="")
    try:
        weights = load_weights(card)
        images = inputs_of(card.name, folders_of(options), card.size)
        made = quantisation_of(unet_graph(weights, card.size), images, options.spared)
    except (WeightsError, DataSetError, ValueError, ImportError) as wrong:
        print(f"quantisation: {wrong}", file=sys.stderr)
        return 1
    if options.out:
        write_quantisation(made, weights, options.out)
    print(options.out or publish(made, card))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
