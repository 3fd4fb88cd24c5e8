"""Whether this processor gains by eight-bit integers: measured when a network first starts here, and remembered.

Where it has instructions for them (VNNI), a contour network takes a third of the time that it takes in float32 and 0.6
of that in bfloat16; by AVX2 alone half of float32 (decision 0201). No processor is assumed to gain.
"""

import hashlib
import json
import logging
import os
import tempfile
import time
from pathlib import Path

import numpy as np

from kinecor_models.contract import ModelCard, Tensors, load_quantisation
from kinecor_models.engines.converted import cache_folder, digest_of
from kinecor_models.engines.openvino_graphs import INSTRUCTIONS_LIMIT, core, default_precision, ov, unet_graph
from kinecor_models.engines.precision import FLOAT, INT8, PRECISION
from kinecor_models.engines.quantised import quantise_graph

FILE = "self-test.json"
SELF_TEST_S = 0.2
MIN_GAIN = 1.15
"""A network that is faster by less stays as it is."""


def graph_of(card: ModelCard, weights: Tensors) -> ov.Model:
    """The graph of a network of single images, in eight-bit integers where this processor gains by them.

    Args:
        card: of the network; its quantisation counts only for the weights that it was made for.
        weights: of the network, which may be others than the card's.

    Raises:
        WeightsError: the card's quantisation is missing or damaged.
        ValueError: KINECOR_PRECISION is neither "int8" nor "float".

    """
    plain = unet_graph(weights, card.size)
    wanted = os.environ.get(PRECISION, "")
    if wanted not in ("", INT8, FLOAT):
        raise ValueError(f'expected {PRECISION} to be "{INT8}" or "{FLOAT}", got "{wanted}"; change or remove it')
    quantisation = load_quantisation(card) if wanted != FLOAT else None
    if quantisation is None or quantisation[0] != digest_of(weights):
        return plain
    rounded = quantise_graph(unet_graph(weights, card.size), quantisation[1])
    return rounded if wanted == INT8 or gains(card.quantised_sha256, plain, rounded) else plain


def gains(digest: str, plain: ov.Model, rounded: ov.Model) -> bool:
    """Whether the rounded network is faster on this processor, by the self-test of this or an earlier start.

    Args:
        digest: of the quantisation.
        plain: the network as it is.
        rounded: the same in eight-bit integers.

    """
    name, file = _key(digest), cache_folder() / FILE
    known = _read(file)
    if name not in known:
        known[name] = self_test(plain, rounded)
        _write(file, known)
    plain_ms, rounded_ms = known[name]
    return plain_ms > MIN_GAIN * rounded_ms


def self_test(plain: ov.Model, rounded: ov.Model) -> tuple[float, float]:
    """Milliseconds that an image takes by each network on one core: the least of some rounds in turns.

    Args:
        plain: the network as it is.
        rounded: the same, quantised.

    """
    requests = []
    for model in (plain, rounded):
        options = {"INFERENCE_PRECISION_HINT": default_precision(), "INFERENCE_NUM_THREADS": 1}
        requests.append(core().compile_model(model, "CPU", options).create_infer_request())
    image = np.random.default_rng(0).integers(0, 256, tuple(plain.input(0).shape), dtype=np.uint8)
    best_ms = [np.inf, np.inf]
    ends_s = time.perf_counter() + SELF_TEST_S
    rounds = 0
    while rounds < 3 or time.perf_counter() < ends_s:
        for number, request in enumerate(requests):
            began_s = time.perf_counter()
            request.infer({0: image})
            best_ms[number] = min(best_ms[number], 1000 * (time.perf_counter() - began_s))
        rounds += 1
    return best_ms[0], best_ms[1]


def _key(digest: str) -> str:
    """What the answer depends on: the quantisation, the processor, what of it may be used, and OpenVINO."""
    processor = core().get_property("CPU", "FULL_DEVICE_NAME")
    capabilities = sorted(core().get_property("CPU", "OPTIMIZATION_CAPABILITIES"))
    text = "\n".join([digest, processor, *capabilities, os.environ.get(INSTRUCTIONS_LIMIT, ""), ov.__version__])
    return hashlib.sha256(text.encode()).hexdigest()[:20]


def _read(file: Path) -> dict[str, tuple[float, float]]:
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
        return {str(name): (float(times[0]), float(times[1])) for name, times in content.items()}
    except (OSError, ValueError, TypeError, AttributeError, IndexError, KeyError, RecursionError):
        return {}


def _write(file: Path, known: dict[str, tuple[float, float]]) -> None:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=file.parent, prefix=".") as folder:
            part = Path(folder) / file.name
            part.write_text(json.dumps(known, indent=1) + "\n", encoding="utf-8")
            part.replace(file)
    except OSError as reason:
        logging.getLogger(__name__).info("%s cannot be written, so each start has a self-test: %s", file, reason)
