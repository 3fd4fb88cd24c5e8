"""What each way to run a network costs on this processor: `python benchmarks/engines.py [--only NAME] [--repeat 3]`.

Ways: a graph written by hand ("graph"), OpenVINO's conversion of the torch network, not yet in the cache ("converted")
and in the cache ("cached"), and torch itself ("torch"). Each runs in a fresh process. Start-up is from nothing imported
but numpy until the network is ready to run. Both are also given as processor time, which other programs of a busy
machine disturb less than the clock.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from itertools import pairwise

FRAMES = 30
WAYS = ("graph", "converted", "cached", "torch")
NETWORKS: dict[str, tuple[str, ...]] = {
    "lv-apical": WAYS,
    "views": WAYS,
    "phases": WAYS,
    "motion": WAYS,
    "lv-convlstm": WAYS[1:],
    "lv-ral": WAYS[1:],
    "sax-circular": WAYS[1:],
}


def opened(name: str, way: str) -> Callable[[], object]:
    """Opens a network, and gives what answers for FRAMES frames."""
    import numpy as np

    from kinecor_models.contract import load_card, load_weights

    card = load_card(name)
    weights, size = load_weights(card), card.size
    frames = np.random.default_rng(0).integers(0, 256, (FRAMES, size, size), dtype=np.uint8)
    if name == "lv-apical":
        from dataclasses import replace

        from kinecor_models.engines.engine import Engine

        engine: Engine
        if way == "graph":
            from kinecor_models.engines.openvino_graphs import open_openvino

            engine = open_openvino(weights, size)
        elif way == "torch":
            from kinecor_models.engines.torch_engines import open_torch

            engine = open_torch(weights, "cpu")
        else:
            from kinecor_models.engines.converted import open_converted

            engine = open_converted(replace(card, net=""), weights)
        return lambda: [engine(frame) for frame in frames]
    if name in ("lv-convlstm", "lv-ral"):
        from kinecor_models.engines.sequence import ConvertedSequence, TorchSequence, sequence_net

        sequence = TorchSequence(sequence_net(card, weights)) if way == "torch" else ConvertedSequence(card, weights)

        def in_parts() -> None:
            state = None
            for first in range(0, FRAMES, 8):
                _, _, state = sequence(frames[first : first + 8], state, "A4C")

        return in_parts
    if name == "sax-circular":
        from kinecor_models.contours.circular import by_member
        from kinecor_models.engines.sequence import converted_wall, torch_wall

        wall = (torch_wall if way == "torch" else converted_wall)(card, by_member(weights))
        return lambda: wall(frames)
    return _of_default_path(name, way, weights, frames)


def _of_default_path(name: str, way: str, weights: dict, frames: object) -> Callable[[], object]:
    """The view, phase and motion networks, whose graphs are written by hand."""
    import numpy as np

    from kinecor_models.engines.engine import level_images
    from kinecor_models.phases.model import without_late

    assert isinstance(frames, np.ndarray)
    size = frames.shape[-1]
    if name == "phases":
        weights, _ = without_late(weights)
    pairs = [level_images(one, other)[:, None] for one, other in pairwise(frames)]
    if way == "graph":
        from kinecor_models.engines.opening import open_curve_engine, open_flow_engine, open_view_engine

        if name == "views":
            views = open_view_engine(weights, size, "cpu")
            return lambda: [views(frames[at : at + 8]) for at in range(0, FRAMES, 8)]
        if name == "phases":
            curve = open_curve_engine(weights, size, "cpu")
            return lambda: curve(frames, False)
        flow = open_flow_engine(weights, size, "cpu")
        return lambda: [flow(one, other) for one, other in pairwise(frames)]
    if way == "torch":
        from kinecor_models.engines.torch_engines import open_torch_curve, open_torch_flow, open_view_torch

        if name == "views":
            views = open_view_torch(weights, "cpu")
            return lambda: [views(frames[at : at + 8]) for at in range(0, FRAMES, 8)]
        if name == "phases":
            curve = open_torch_curve(weights, "cpu")
            return lambda: curve(frames, False)
        flow = open_torch_flow(weights, "cpu")
        return lambda: [flow(one, other) for one, other in pairwise(frames)]
    from kinecor_models.engines.converted import convert_network, digest_of
    from kinecor_models.engines.openvino_graphs import Compiled

    def build() -> tuple:
        import torch
        from torch import nn

        from kinecor_models.engines.torch_engines import flow_from, view_net_from, with_weights
        from kinecor_models.nets.flow_net import displacement
        from kinecor_models.nets.tempreg import TempReg, shape_of

        class Views(nn.Module):
            def __init__(self) -> None:
                super().__init__()
                self.net = view_net_from(weights)

            def forward(self, images: torch.Tensor) -> torch.Tensor:
                return self.net(images.float() / 255)

        class Motion(nn.Module):
            def __init__(self) -> None:
                super().__init__()
                self.net = flow_from(weights)

            def forward(self, both: torch.Tensor) -> torch.Tensor:
                return displacement(self.net(both, both.flip(0)))

        if name == "views":
            return Views(), (torch.zeros(8, 1, size, size, dtype=torch.uint8),)
        if name == "motion":
            return Motion(), (torch.zeros(2, 1, size, size),)
        return with_weights(TempReg(shape_of(weights)), weights), (torch.zeros(1, FRAMES, size, size),)

    run = Compiled(convert_network(name, digest_of(weights), frames.shape, build))
    if name == "views":
        padded = np.concatenate([frames, frames[:2]])[:, None]
        return lambda: [run(padded[at : at + 8]) for at in range(0, FRAMES, 8)]
    if name == "motion":
        return lambda: [run(pair) for pair in pairs]
    return lambda: run(frames[None].astype(np.float32) / 255)


def measured(name: str, way: str) -> None:
    """Prints start-up in s and time a frame in ms, by the clock and of the processor."""
    import numpy as np  # noqa: F401  # not part of the start-up

    clock_s, processor_s = time.perf_counter(), time.process_time()
    work = opened(name, way)
    start_up = time.perf_counter() - clock_s, time.process_time() - processor_s
    work()
    times = []
    for _ in range(3):
        clock_s, processor_s = time.perf_counter(), time.process_time()
        work()
        times.append((time.perf_counter() - clock_s, time.process_time() - processor_s))
    each = [1000 * statistics.median(part) / FRAMES for part in zip(*times, strict=True)]
    print(*start_up, *each)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", choices=[*NETWORKS])
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--one", nargs=2, metavar=("NAME", "WAY"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        measured(*options.one)
        return
    print(f"{'network':<13} {'way':<10} {'start-up s':>10} {'(cpu)':>7} {'ms a frame':>11} {'(cpu)':>7}")
    for name, ways in NETWORKS.items():
        if options.only not in (None, name):
            continue
        with tempfile.TemporaryDirectory() as folder:
            for way in ways:
                rows = []
                for _ in range(1 if way == "converted" else options.repeat):
                    line = [sys.executable, __file__, "--one", name, way]
                    environment = os.environ | {"KINECOR_DATA_DIR": folder}
                    done = subprocess.run(line, env=environment, capture_output=True, text=True, check=True)
                    rows.append([float(one) for one in done.stdout.split()])
                start_s, start_cpu_s, frame_ms, frame_cpu_ms = (min(part) for part in zip(*rows, strict=True))
                print(f"{name:<13} {way:<10} {start_s:10.2f} {start_cpu_s:7.2f} {frame_ms:11.1f} {frame_cpu_ms:7.1f}")


if __name__ == "__main__":
    main()
