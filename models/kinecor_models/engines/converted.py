"""Networks that OpenVINO converts from torch, once: the converted model is cached on disk.

A recurrent network is converted as a single step, with its state as input and output. Only a conversion imports torch;
where a model is in the cache already, neither that nor an installed torch is needed.
"""

import hashlib
import importlib.metadata
import io
import logging
import os
import tempfile
import warnings
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import platformdirs
from numpy.typing import NDArray

from kinecor_models.contract import ModelCard, Tensors
from kinecor_models.engines.engine import Engine, Floats, FlowEngine, TorchMissingError, open_guesser, refiner_input
from kinecor_models.engines.openvino_graphs import Compiled, core, default_precision, ov

if TYPE_CHECKING:
    from torch import Tensor, nn

Build = Callable[[], "tuple[nn.Module, tuple[Tensor, ...]]"]
"""Gives the network to convert, ready to infer, and an example of each of its inputs; may import torch."""
_ENDING, _KEY = ".openvino", 20
_DIGEST_BYTES = 32


def cache_folder() -> Path:
    """Where converted networks are cached: KINECOR_DATA_DIR if set, else the user's cache folder."""
    chosen = os.environ.get("KINECOR_DATA_DIR")
    return Path(chosen or platformdirs.user_cache_dir("kinecor", appauthor=False)) / "networks"


def digest_of(weights: Tensors) -> str:
    """sha256 of weights that no card pins, in hexadecimal.

    Args:
        weights: by name.

    """
    found = hashlib.sha256()
    for name in sorted(weights):
        found.update(f"{name} {weights[name].shape}".encode())
        found.update(np.ascontiguousarray(weights[name]).tobytes())
    return found.hexdigest()


def convert_network(name: str, digest: str, shape: Sequence[int], build: Build, part: str = "whole") -> ov.Model:
    """A torch network as an OpenVINO model, from the cache where it was converted before.

    Args:
        name: of the network, for messages and the file's name.
        digest: of its weights.
        shape: of its first input.
        build: see Build.
        part: which part of the network this is.

    Raises:
        TorchMissingError: it is not in the cache, and torch is not installed.

    """
    key = hashlib.sha256("\n".join([digest, str(tuple(shape)), ov.__version__, _code()]).encode()).hexdigest()
    path = cache_folder() / f"{name}-{part}-{key[:_KEY]}{_ENDING}"
    model = _read(path)
    if model is None:
        model = _convert(name, build)
        _write(path, model)
    return model


def _code() -> str:
    """A digest of the code of all networks: a change of one must not find its old conversion in the cache."""
    found = hashlib.sha256()
    folder = Path(__file__).parents[1]
    for file in (*sorted((folder / "nets").glob("*.py")), Path(__file__)):
        with suppress(OSError):  # a distribution may hold no sources; the installed version then stands for them
            found.update(file.read_bytes())
    with suppress(importlib.metadata.PackageNotFoundError):
        found.update(importlib.metadata.version("kinecor").encode())
    return found.hexdigest()


def _convert(name: str, build: Build) -> ov.Model:
    try:
        import torch
    except ImportError as missing:
        raise TorchMissingError(name) from missing
    with torch.inference_mode(), warnings.catch_warnings():
        # Tracing warns of every shape it takes as constant, which they are, and torch of tracing's own future.
        warnings.simplefilter("ignore")
        net, example = build()
        types = {torch.uint8: ov.Type.u8, torch.float32: ov.Type.f32}
        inputs = [(list(tensor.shape), types[tensor.dtype]) for tensor in example]
        return ov.convert_model(net.eval(), example_input=example, input=inputs)


def _read(path: Path) -> ov.Model | None:
    """The model of a cache entry; None where there is none or it is damaged."""
    try:
        content = path.read_bytes()
    except OSError:
        return None
    digest, payload = content[:_DIGEST_BYTES], content[_DIGEST_BYTES:]
    if hashlib.sha256(payload).digest() == digest:
        file = io.BytesIO(payload)
        graph = file.read(int.from_bytes(file.read(8), "little"))
        with suppress(RuntimeError):
            return core().read_model(graph, file.read())
    logging.getLogger(__name__).info("%s is damaged and is written again", path)
    return None


def _write(path: Path, model: ov.Model) -> None:
    """Write a cache entry, completely or not at all, in place of older ones of the same network."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=path.parent, prefix=".") as folder:
            ov.save_model(model, Path(folder) / "model.xml", compress_to_fp16=False)
            graph, constants = (Path(folder, f"model.{ending}").read_bytes() for ending in ("xml", "bin"))
            payload = len(graph).to_bytes(8, "little") + graph + constants
            complete = Path(folder) / path.name
            complete.write_bytes(hashlib.sha256(payload).digest() + payload)
            complete.replace(path)
    except OSError as reason:
        logging.getLogger(__name__).info("%s cannot be written, so it is converted each time: %s", path, reason)
        return
    name = path.name.rpartition("-")[0]
    for other in path.parent.glob(f"{name}-{'?' * _KEY}{_ENDING}"):
        if other != path:
            with suppress(OSError):  # another process may be reading it
                other.unlink()


def open_converted(card: ModelCard, weights: Tensors) -> Engine:
    """An engine on this machine's CPU for the network `card.net`, which segments single images.

    Args:
        card: of a model with a `net` of its own.
        weights: of its file.

    Raises:
        TorchMissingError: it was never converted here, and torch is not installed.

    """

    def build() -> "tuple[nn.Module, tuple[Tensor, ...]]":
        import torch

        from kinecor_models.engines.torch_engines import Probabilities, network

        return Probabilities(network(weights, card.net)), (torch.zeros(shape, dtype=torch.uint8),)

    shape = (1, card.channels, card.size, card.size)
    run = Compiled(convert_network(card.name, card.sha256, shape, build), default_precision())
    return lambda image: run(image.reshape(shape))[0][0]


def open_refiner(weights: Tensors, size: int, precision: str | None = None) -> FlowEngine:
    """An engine for FlowRefiner on this machine's CPU, for images of 2 size; motion is given at every fourth pixel.

    Args:
        weights: see nets/flow_refiner.py.
        size: side of the network's square, a multiple of 16.
        precision: "f32" or "bf16"; by default float32, since bfloat16 rounds positions to hundredths of a pixel.

    Raises:
        TorchMissingError: it was never converted here, and torch is not installed.

    """

    def build() -> "tuple[nn.Module, tuple[Tensor, ...]]":
        import torch

        from kinecor_models.engines.torch_engines import flow_from
        from kinecor_models.nets.flow_refiner import BothWays

        return BothWays(flow_from(weights)), (torch.zeros(2, 1, size, size), torch.zeros(2, 4, size // 2, size // 2))

    model = convert_network("flow-refiner", digest_of(weights), (2, 1, size, size), build)
    run, guess = Compiled(model, precision or "f32"), open_guesser()

    def both(first: NDArray[np.uint8], second: NDArray[np.uint8]) -> tuple[Floats, Floats]:
        (flow,) = run(*refiner_input(first, second, guess))
        # Pixels of the network are two of the image.
        there, back = (np.ascontiguousarray(2 * one_way.transpose(1, 2, 0)) for one_way in flow)
        return there, back

    return both


class Step:
    """A recurrent network's converted step: inputs and the last state in, answers and the next state out.

    Args:
        model: its first inputs are those of the step and its first outputs the answers; the rest is the state.
        inputs: how many inputs are not state.

    """

    def __init__(self, model: ov.Model, inputs: int) -> None:
        self._run = Compiled(model)
        self._start = [np.zeros(tuple(input_name.shape), np.float32) for input_name in model.inputs[inputs:]]
        self._answers = len(model.outputs) - len(self._start)

    def __call__(
        self, state: Sequence[NDArray[np.float32]] | None, *inputs: NDArray[np.generic]
    ) -> tuple[list[NDArray[np.float32]], list[NDArray[np.float32]]]:
        """Answers and the next state; a state of None is that before the first frame."""
        found = self._run(*inputs, *(self._start if state is None else state))
        return found[: self._answers], found[self._answers :]
