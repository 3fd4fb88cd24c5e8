"""What shapes of a contour network cost on this processor: `python benchmarks/lean_shapes.py [--rounds 6]`.

Weights are random, since time does not depend on them: shapes are chosen before any is trained. One thread; times are
processor time a frame, the least of some rounds in which all shapes take turns, so that other programs of a busy
machine disturb all of them alike. In float32, in bfloat16 where the processor has it, and in float32 by the AVX2
instructions alone, as most laptops have them (a second process, whose convolutions are limited to these).
"""

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import nn

from kinecor_models.engines.openvino_graphs import core, default_precision, ov, unet_graph
from kinecor_models.engines.torch_engines import Probabilities
from kinecor_models.nets.lean_unet import LEAN_FILTERS, LeanUNet
from kinecor_models.nets.unet import UNet

CALLS = 8
AVX2 = "ONEDNN_MAX_CPU_ISA"


def separable(net: nn.Module) -> nn.Module:
    """A network whose 3 x 3 convolutions of several channels are one for each channel and one of 1 x 1."""
    for name, layer in net.named_children():
        if isinstance(layer, nn.Conv2d) and layer.kernel_size == (3, 3) and layer.in_channels > 1:
            each = nn.Conv2d(layer.in_channels, layer.in_channels, 3, padding=1, groups=layer.in_channels, bias=False)
            setattr(net, name, nn.Sequential(each, nn.Conv2d(layer.in_channels, layer.out_channels, 1, bias=False)))
        else:
            separable(layer)
    return net


@dataclass(frozen=True)
class Shape:
    """A network to measure: what makes it, and the side of its square in pixels."""

    title: str
    make: Callable[[], nn.Module]
    size: int = 160
    by_hand: bool = True


def lean(size: int, *filters: int, stem: int = 16) -> Shape:
    """A lean network."""
    return Shape(f"half resolution {filters}, stem {stem}", lambda: LeanUNet(filters=filters, stem=stem), size)


def plain(*filters: int) -> Shape:
    """A base network with fewer filters."""
    return Shape(f"base with filters {filters}", lambda: UNet(filters=filters))


SHAPES = (
    Shape("base network, ships", UNet),
    Shape("base, separable convolutions", lambda: separable(UNet()), by_hand=False),
    plain(16, 16, 32, 64, 128, 128),
    plain(8, 24, 48, 64, 128, 128),
    plain(8, 16, 32, 64, 128, 128),
    lean(160, 32, 64, 64, 160, 160),
    lean(160, *LEAN_FILTERS),
    lean(160, *LEAN_FILTERS, stem=32),
    lean(160, 24, 48, 64, 128, 128),
    lean(160, 32, 32, 64, 128, 128),
    lean(160, 32, 48, 64, 96),
    lean(144, 32, 48, 64, 128),
)


def flop(net: nn.Module, size: int) -> float:
    """Floating-point operations for an image: two for each multiplication of a convolution."""
    total = 0.0

    def count(layer: nn.Module, _inputs: object, output: torch.Tensor) -> None:
        nonlocal total
        total += 2.0 * output.numel() * layer.weight[0].numel()

    hooks = [layer.register_forward_hook(count) for layer in net.modules() if isinstance(layer, nn.Conv2d)]
    with torch.inference_mode():
        net(torch.zeros(1, 1, size, size))
    for hook in hooks:
        hook.remove()
    return total


def graph(shape: Shape, net: nn.Module) -> ov.Model:
    """The network as the program runs it; by hand where there is a graph for it."""
    if shape.by_hand:
        weights = {name: value.numpy() for name, value in net.state_dict().items() if value.is_floating_point()}
        return unet_graph(weights, shape.size)
    example = torch.zeros(1, 1, shape.size, shape.size, dtype=torch.uint8)
    return ov.convert_model(Probabilities(net), example_input=example, input=[(list(example.shape), ov.Type.u8)])


def times_ms(rounds: int, precisions: tuple[str, ...]) -> dict[str, list[float]]:
    """Processor time a frame by precision, one for each of SHAPES."""
    torch.manual_seed(0)
    rng = np.random.default_rng(0)
    requests = []
    for shape in SHAPES:
        model = graph(shape, shape.make().eval())
        image = rng.integers(0, 256, (1, 1, shape.size, shape.size), dtype=np.uint8)
        for precision in precisions:
            options = {"INFERENCE_PRECISION_HINT": precision, "INFERENCE_NUM_THREADS": 1}
            requests.append((core().compile_model(model, "CPU", options).create_infer_request(), image))
    best = [float("inf")] * len(requests)
    for _ in range(rounds + 1):  # the first one warms up
        for number, (request, image) in enumerate(requests):
            began_s = time.process_time()
            for _ in range(CALLS):
                request.infer({0: image})
            best[number] = min(best[number], 1000 * (time.process_time() - began_s) / CALLS)
    return {precision: best[at :: len(precisions)] for at, precision in enumerate(precisions)}


def main() -> None:
    """Runs the command."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=6)
    parser.add_argument("--json", action="store_true", help="float32 alone, as a line of JSON")
    options = parser.parse_args()
    if options.json:
        print(json.dumps(times_ms(options.rounds, ("f32",))["f32"]))
        return
    precisions = tuple(dict.fromkeys(("f32", default_precision())))
    here = times_ms(options.rounds, precisions)
    command = [sys.executable, __file__, "--json", "--rounds", str(options.rounds)]
    other = subprocess.run(command, env=os.environ | {AVX2: "AVX2"}, capture_output=True, text=True, check=True)
    columns = {**here, "f32, AVX2 alone": json.loads(other.stdout)}
    print("| shape | side | GFLOP | " + " | ".join(f"{name}, ms" for name in columns) + " |")
    print("|---|---|---|" + "---|" * len(columns))
    for number, shape in enumerate(SHAPES):
        work = flop(shape.make().eval(), shape.size) / 1e9
        cells = " | ".join(f"{column[number]:.1f}" for column in columns.values())
        print(f"| {shape.title} | {shape.size} | {work:.2f} | {cells} |")


if __name__ == "__main__":
    main()
