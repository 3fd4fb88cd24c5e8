"""Turns a finished run into shipped weights and their card."""

import argparse
import hashlib
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import save

from kinecor_models.weights import Tensors, WeightsError

WEIGHTS_FOLDER = Path(__file__).parents[1] / "weights"


def run_weights(run: Path) -> Tensors:
    """The averaged network of a run: its best one, else its latest.

    Raises:
        WeightsError: the folder holds no run.

    """
    import torch

    for name in ("best.pt", "checkpoint.pt"):
        if (run / name).is_file():
            state = torch.load(run / name, weights_only=True)["averaged"]
            return {key: value.numpy() for key, value in state.items() if not key.endswith("num_batches_tracked")}
    raise WeightsError(f"expected best.pt or checkpoint.pt in {run}, found neither; name the folder of a training run")


def publish(run: Path, name: str, version: str, folder: Path = WEIGHTS_FOLDER) -> Path:
    """Writes weights/NAME-VERSION.safetensors in half precision and pins it in weights/NAME.json.

    The card must be there already, with its words; version, file name and sha256 are set here.

    Returns:
        the weights' path.

    """
    halved = {key: value.astype(np.float16) for key, value in run_weights(run).items()}
    content = save(halved)
    path = folder / f"{name}-{version}.safetensors"
    path.write_bytes(content)
    card = folder / f"{name}.json"
    fields: dict[str, Any] = json.loads(card.read_text(encoding="utf-8"))
    fields |= {"version": version, "weights": path.name, "sha256": hashlib.sha256(content).hexdigest()}
    card.write_text(json.dumps(fields, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return path


def main(argv: Sequence[str]) -> int:
    """`python -m kinecor_models.training.publish RUN NAME VERSION`."""
    made = argparse.ArgumentParser(prog="publish", description="Ship a run's weights.")
    made.add_argument("run", type=Path)
    made.add_argument("name")
    made.add_argument("version")
    options = made.parse_args(argv)
    print(publish(options.run, options.name, options.version))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
