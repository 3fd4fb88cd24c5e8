"""The variants of a network that are compared: precisions of the one that ships, and another network in its place."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from safetensors.numpy import load

from kinecor_lab.common.publish import averaged_weights, weights_of
from kinecor_models.contract import QUANTISED_WEIGHTS, ModelCard, Tensors, load_card, load_quantisation, load_weights
from kinecor_models.engines.engine import ManyEngine
from kinecor_models.engines.openvino_graphs import Streams, core, default_precision, ov, unet_graph
from kinecor_models.engines.quantised import quantise_graph

CALLS, ROUNDS = 6, 6


@dataclass(frozen=True, eq=False)
class Variant:
    """A network as it runs.

    Attributes:
        name: for tables, e.g. "int8".
        card: of the network that it is, or takes the place of.
        weights: by name.
        precision: "f32" or "bf16", of what is not rounded.
        quantisation: None where nothing is rounded.

    """

    name: str
    card: ModelCard
    weights: Tensors
    precision: str
    quantisation: Tensors | None = None

    def graph(self) -> ov.Model:
        """To be compiled."""
        plain = unet_graph(self.weights, self.card.size)
        return plain if self.quantisation is None else quantise_graph(plain, self.quantisation)

    def engine(self) -> ManyEngine:
        """On this processor."""
        return Streams(self.graph(), self.precision)


def variants_of(
    name: str, network: Sequence[Path] = (), rounded: Path | None = None, usual: str | None = None
) -> list[Variant]:
    """The network in float32, which the others are held against, in bfloat16 where the processor has it, and in int8.

    Args:
        name: of the card.
        network: files of a training run, whose mean is another network for the same card; none for none.
        rounded: a quantisation of the shipped network that has not shipped; None for the card's.
        usual: "f32" leaves bfloat16 out; by default the processor's precision.

    Raises:
        WeightsError: weights are missing or damaged.

    """
    card = load_card(name)
    weights, usual = load_weights(card), usual or default_precision()
    precisions = list(dict.fromkeys(("f32", usual)))
    out = [Variant(precision, card, weights, precision) for precision in precisions]
    if rounded is not None:
        parts = load(rounded.read_bytes())
        parts.pop(QUANTISED_WEIGHTS)
        out.append(Variant("int8", card, weights, usual, parts))
    elif (shipped := load_quantisation(card)) is not None:
        out.append(Variant("int8", card, weights, usual, shipped[1]))
    if network:
        other = weights_of(str(network[0])) if len(network) == 1 else averaged_weights(network)
        out += [Variant(f"{network[0].parent.name} {precision}", card, other, precision) for precision in precisions]
    return out


def times_ms(variants: Sequence[Variant]) -> dict[str, float]:
    """Processor time that an image takes by each variant on one core: the least of some rounds in turns."""
    requests = {}
    for variant in variants:
        options = {"INFERENCE_PRECISION_HINT": variant.precision, "INFERENCE_NUM_THREADS": 1}
        requests[variant.name] = core().compile_model(variant.graph(), "CPU", options).create_infer_request()
    shape = tuple(variants[0].graph().input(0).shape)
    image = np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)
    best = dict.fromkeys(requests, np.inf)
    for _ in range(ROUNDS + 1):  # the first one warms up
        for name, request in requests.items():
            began_s = time.process_time()
            for _ in range(CALLS):
                request.infer({0: image})
            best[name] = min(best[name], 1000 * (time.process_time() - began_s) / CALLS)
    return best
