"""Time per frame of contouring, on every engine that can run here: `python benchmarks/inference.py`.

Frames are those of the demo clip that pydicom ships; a frame's time covers shrinking it onto the network's square, the
network, the moving average and the sub-pixel contours. Median over three passes of 30 frames after one to warm up.
"""

import os
import platform
import statistics
import time

from pydicom import examples
from pydicom.pixels import pixel_array

from kinecor_models.apical import ApicalModel
from kinecor_models.card import load_card
from kinecor_models.contract import ClipInput
from kinecor_models.engines.engine import Engine, cuda_found
from kinecor_models.engines.openvino_engine import open_openvino
from kinecor_models.engines.torch_engine import open_torch
from kinecor_models.weights import load_weights

PASSES = 3


def per_frame_ms(model: ApicalModel, clip: ClipInput) -> float:
    times = []
    for number in range(PASSES + 1):
        started = time.perf_counter()
        model(clip, lambda *_: None)
        if number:
            times.append((time.perf_counter() - started) * 1000 / len(clip.frames))
    return statistics.median(times)


def main() -> None:
    card = load_card("lv-apical")
    weights = load_weights(card)
    clip = ClipInput(pixel_array(examples.get_path("ybr_color")), region=(42, 15, 298, 207), interval_s=1 / 30)
    engines: dict[str, Engine | None] = {
        "openvino, as shipped": open_openvino(weights, card.size),
        "openvino f32": open_openvino(weights, card.size, "f32"),
        "torch cpu f32": open_torch(weights, "cpu"),
        "torch cuda f32": open_torch(weights, "cuda") if cuda_found() else None,
    }
    print(f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores, {card.size} x {card.size} px")
    for name, engine in engines.items():
        if engine is not None:
            print(f"{name:22} {per_frame_ms(ApicalModel(card, engine), clip):6.1f} ms a frame, contours included")


if __name__ == "__main__":
    main()
