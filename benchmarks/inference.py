"""Time per frame of contouring, on every engine that can run here: `python benchmarks/inference.py [PART ...]`.

Frames are those of the clip that pydicom ships. A frame's time covers shrinking it onto the network's square, the
network, smoothing over time, and the sub-pixel contours; the network alone is given separately. Medians
over three passes of 30 frames after one to warm up.

Held against it in the same run: the same network by plain torch, DeepLabV3 on ResNet-50 at 112 x 112 by plain torch
(EchoNet-Dynamic's choice), and what the machine reaches in a matrix product. PART is of "openvino" and "torch" (the
latter with DeepLabV3); the network as shipped is measured for each.
"""

import argparse
import os
import platform
import statistics
import time
from collections.abc import Callable

import numpy as np
import torch
from deeplab import DeepLabV3
from pydicom import examples
from pydicom.pixels import pixel_array

from kinecor_lab.common.precision import has_bfloat16
from kinecor_models.contours.apical import ApicalModel
from kinecor_models.contract import ClipInput, fit_grid, load_card, load_weights
from kinecor_models.engines.engine import Engine, cuda_found, one_by_one
from kinecor_models.engines.opening import open_engine, open_many
from kinecor_models.engines.openvino_graphs import default_precision, open_openvino
from kinecor_models.engines.torch_engines import open_torch, unet_from
from kinecor_models.localisation.framing import grey, sector_box

PASSES = 3
PARTS = ("openvino", "torch")
MATRIX = 2048


def median_ms(work: Callable[[], object], count: int) -> float:
    """Milliseconds for one of `count` equal parts of some work."""
    times = []
    for number in range(PASSES + 1):
        started = time.perf_counter()
        work()
        if number:
            times.append((time.perf_counter() - started) * 1000 / count)
    return statistics.median(times)


def per_frame_ms(model: ApicalModel, clip: ClipInput) -> float:
    return median_ms(lambda: model(clip, lambda *_: None), len(clip.frames))


def gigaflop(net: torch.nn.Module, picture: torch.Tensor) -> float:
    """Multiplications and additions of the convolutions for one image, in 1e9."""
    total = 0.0

    def count(layer: torch.nn.Conv2d, _: object, out: torch.Tensor) -> None:
        nonlocal total
        total += 2 * out.numel() * layer.weight[0].numel()

    hooks = [layer.register_forward_hook(count) for layer in net.modules() if isinstance(layer, torch.nn.Conv2d)]
    with torch.inference_mode():
        net(picture)
    for hook in hooks:
        hook.remove()
    return total / 1e9


def matrix_gflops(kind: torch.dtype) -> float:
    """GFLOP/s of a product of two large matrices."""
    one = torch.rand(MATRIX, MATRIX).to(kind)
    return 2 * MATRIX**3 / 1e6 / median_ms(lambda: one @ one, 1)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"of {', '.join(PARTS)}; by default all")
    parts = parser.parse_args().parts or PARTS
    if unknown := set(parts) - set(PARTS):
        parser.error(f"expected parts of {', '.join(PARTS)}, got {', '.join(sorted(unknown))}")
    card = load_card("lv-apical")
    weights = load_weights(card)
    clip = ClipInput(pixel_array(examples.get_path("ybr_color")), region=(42, 15, 298, 207), interval_s=1 / 30)
    grid = fit_grid(sector_box(clip), card.size)
    squares = [grid.sampled(grey(frame)) for frame in np.asarray(clip.frames)]
    net = unet_from(weights)
    work_gflop = gigaflop(net, torch.zeros(1, 1, card.size, card.size))
    shipped = default_precision()
    print(
        f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores, {card.size} x {card.size} px; "
        f"{work_gflop:.2f} GFLOP a frame"
    )
    # As shipped: in eight-bit integers where this processor gains by them.
    engines: dict[str, Engine | None] = {"as shipped": open_engine(card, weights, "cpu")}
    if "openvino" in parts:
        for kind in dict.fromkeys((shipped, "f32")):
            engines[f"openvino {kind}"] = open_openvino(weights, card.size, kind)
    if "torch" in parts:
        engines["torch cpu f32, eager"] = open_torch(weights, "cpu")
        engines["torch cuda, half precision, captured"] = open_torch(weights, "cuda") if cuda_found() else None
    speeds = {"f32": matrix_gflops(torch.float32)}
    if has_bfloat16("cpu"):
        speeds["bf16"] = matrix_gflops(torch.bfloat16)
    print(", ".join(f"matrix product {kind}: {speed:.0f} GFLOP/s" for kind, speed in speeds.items()))
    alone: dict[str, float] = {}
    for name, engine in engines.items():
        if engine is None:
            continue
        alone[name] = median_ms(lambda engine=engine: [engine(square) for square in squares], len(squares))  # type: ignore[misc]
        reached = work_gflop / alone[name] * 1000
        kind = next((kind for kind in speeds if kind in name), None)
        share = f", {100 * reached / speeds[kind]:.0f} % of the product" if kind and "cuda" not in name else ""
        print(f"{name:28} network alone {alone[name]:6.1f} ms, {reached:5.0f} GFLOP/s{share}")
        if name == "as shipped" and "openvino" not in parts:
            continue
        if name == "as shipped":
            many = open_many(card, weights, "cpu")
            for way in ("none", "average", "live", "fusion"):
                took_ms = per_frame_ms(ApicalModel(card, many, over_time=way), clip)  # type: ignore[arg-type]
                print(f"{'':28} {way:8} {took_ms:6.1f} ms a frame, contours included")
        else:
            took_ms = per_frame_ms(ApicalModel(card, one_by_one(engine), over_time="none"), clip)
            print(f"{'':28} none     {took_ms:6.1f} ms a frame")
    if "torch" not in parts:
        return
    other = DeepLabV3().eval()
    picture = torch.zeros(1, 3, 112, 112)
    with torch.inference_mode():
        deeplab_ms = median_ms(lambda: [other(picture) for _ in range(10)], 10)
    ours_ms = next(iter(alone.values()))
    print(
        f"DeepLabV3 ResNet-50 at 112 x 112, torch eager: {deeplab_ms:.1f} ms, {gigaflop(other, picture):.2f} GFLOP: "
        f"{deeplab_ms / ours_ms:.1f} times ours at {card.size} x {card.size}"
    )


if __name__ == "__main__":
    main()
