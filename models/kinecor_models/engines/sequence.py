"""What runs networks that look at frames in order: a converted step by OpenVINO on a CPU, torch on a CUDA GPU.

Measured on two cores without bfloat16 (benchmarks/engines.py), the converted step is faster than torch, and a model in
the cache starts without importing torch.
"""

from collections.abc import Callable
from threading import Lock
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from kinecor_models.contract import ModelCard, Tensors
from kinecor_models.engines.engine import (
    Device,
    TorchMissingError,
    gpu_full,
    leave_gpu,
    on_best_device,
    with_fallback,
)
from kinecor_models.views.classes import APICAL, FLAGGED

if TYPE_CHECKING:
    from torch import Tensor, nn

    from kinecor_models.nets.sequence_net import SequenceNet

Floats = NDArray[np.float32]
State = Any
"""What an engine remembers of the frames so far; only to be given back to it. None before the first frame."""
WallEngine = Callable[[NDArray[np.uint8]], Floats]
"""(t, size, size) uint8 grey levels of one cycle -> (t, size, size) float32 probabilities of the myocardium."""


class SequenceEngine(Protocol):
    """A network that looks at frames in order."""

    @property
    def streams(self) -> bool:
        """Whether a clip may be given in parts, the state passed on; else only as a whole."""

    def __call__(self, images: NDArray[np.uint8], state: State, view: str) -> tuple[Floats, Floats | None, State]:
        """The network's answers for the next frames.

        Args:
            images: (t, size, size) grey levels.
            state: the third answer for the frames before; None at a clip's beginning.
            view: one of APICAL, for a network with a view flag.

        Returns:
            (t, 4, size, size) probabilities; (t, 3) probabilities of the views in APICAL, or None; and the state.

        """


class TorchSequence:
    """By torch. Where the GPU's memory is full, the network and what it remembers of a clip go on to the CPU.

    Args:
        net: ready to infer.
        device: "cpu" or "cuda".

    """

    def __init__(self, net: "SequenceNet", device: str = "cpu") -> None:
        self._held, self._lock = (net.to(device), device), Lock()

    @property
    def streams(self) -> bool:
        """See SequenceEngine."""
        return self._held[0].shape.streams

    def __call__(self, images: NDArray[np.uint8], state: State, view: str) -> tuple[Floats, Floats | None, State]:
        """See SequenceEngine."""
        held = self._held
        if held[1] == "cuda":
            try:
                return _answers(*held, images, state, view)
            except RuntimeError as error:
                if not gpu_full(error):
                    raise
            del held
            with self._lock:  # of calls that fail at the same time, the first moves it
                first = self._held[1] == "cuda"
                if first:
                    self._held = _copy_on_cpu(self._held[0]), "cpu"
            if first:
                leave_gpu()
        return _answers(*self._held, images, _on_cpu(state), view)


def _answers(
    net: "SequenceNet", device: str, images: NDArray[np.uint8], state: State, view: str
) -> tuple[Floats, Floats | None, State]:
    import torch

    number = torch.tensor([APICAL.index(view)], device=device)
    with torch.inference_mode(), torch.autocast(device, torch.float16, enabled=device == "cuda"):
        frames = torch.from_numpy(images)[None, :, None].to(device).float() / 255
        scores, views, after = net(frames, number, state or None)
        probabilities = torch.softmax(scores[0].float(), dim=1).cpu().numpy()
        named = None if views is None else torch.softmax(views[0].float(), dim=1).cpu().numpy()
    return probabilities, named, after


def _copy_on_cpu(net: "SequenceNet") -> "SequenceNet":
    """The network again, since another thread may still use the one on the GPU."""
    copy = type(net)(net.shape)
    copy.load_state_dict({name: value.cpu() for name, value in net.state_dict().items()})
    return copy.eval()


def _on_cpu(state: State) -> State:
    """What was remembered on a GPU, in half precision there, as a network on the CPU takes it."""
    return {name: tuple(level_map.float().cpu() for level_map in maps) for name, maps in (state or {}).items()}


class ConvertedSequence:
    """By OpenVINO, frame by frame.

    Args:
        card: names the network; its settings are the network's Shape.
        weights: of the network.

    Raises:
        TorchMissingError: the network was never converted here, and torch is not installed.

    """

    streams = True

    def __init__(self, card: ModelCard, weights: Tensors) -> None:
        from kinecor_models.engines.converted import Step, convert_network

        def build() -> "tuple[nn.Module, tuple[Tensor, ...]]":
            import torch

            from kinecor_models.nets.sequence_net import FrameStep

            net = FrameStep(sequence_net(card, weights), (card.size, card.size))
            flag = (torch.zeros(1),) if self._flag else ()
            return net, (torch.zeros(shape, dtype=torch.uint8), *flag, *net.start)

        shape = (1, 1, card.size, card.size)
        self._flag = bool(card.settings.get("view_flag"))
        self._step = Step(convert_network(card.name, card.sha256, shape, build, "step"), 2 if self._flag else 1)

    def __call__(self, images: NDArray[np.uint8], state: State, view: str) -> tuple[Floats, Floats | None, State]:
        """See SequenceEngine."""
        flag = (np.array([APICAL.index(view) == FLAGGED], np.float32),) if self._flag else ()
        found = []
        for image in images:
            answers, state = self._step(state, image[None, None], *flag)
            found.append([answer[0] for answer in answers])
        probabilities, *views = (np.stack(every) for every in zip(*found, strict=True))
        return probabilities, views[0] if views else None, state


def sequence_net(card: ModelCard, weights: Tensors) -> "SequenceNet":
    """The torch network of a card with these weights, ready to infer.

    Args:
        card: with the settings of the network.
        weights: of its file.

    Raises:
        TorchMissingError: torch is not installed.

    """
    try:
        from kinecor_models.engines.torch_engines import with_weights
        from kinecor_models.nets.sequence_net import SequenceNet, shape_from
    except ImportError as missing:
        raise TorchMissingError(card.name) from missing
    return with_weights(SequenceNet(shape_from(card.settings)), weights)


def open_sequence_engine(card: ModelCard, weights: Tensors, device: Device = "auto") -> SequenceEngine:
    """An engine for the network of a card whose settings are its Shape; see on_best_device.

    Args:
        card: with the settings of the network.
        weights: of its file.
        device: "auto", "cpu" or "cuda".

    Raises:
        DeviceError: the device is not available.
        TorchMissingError: the network needs torch, which is not installed.

    """

    def on_cpu() -> SequenceEngine:
        if card.settings.get("both_ways"):
            return TorchSequence(sequence_net(card, weights))
        return ConvertedSequence(card, weights)

    return on_best_device(device, lambda: TorchSequence(sequence_net(card, weights), "cuda"), on_cpu)


def open_wall_engine(card: ModelCard, weights: Tensors, device: Device = "auto") -> WallEngine:
    """An engine for the circular ConvLSTM network of a card; see nets/circular.py and on_best_device.

    Args:
        card: with the settings of the network.
        weights: of its file.
        device: "auto", "cpu" or "cuda".

    Raises:
        DeviceError: the device is not available.
        TorchMissingError: the network needs torch, which is not installed.

    """

    def on_cpu() -> WallEngine:
        return converted_wall(card, weights)

    return on_best_device(device, lambda: with_fallback(torch_wall(card, weights, "cuda"), on_cpu), on_cpu)


def torch_wall(card: ModelCard, weights: Tensors, device: str = "cpu") -> WallEngine:
    """By torch, on "cpu" or "cuda".

    Args:
        card: with the settings of the network.
        weights: of its file.
        device: "cpu" or "cuda".

    """
    import torch

    net = circular_net(card, weights).to(device)

    def wall(images: NDArray[np.uint8]) -> Floats:
        with torch.inference_mode():
            frames = torch.from_numpy(images)[None, :, None].to(device).float() / 255
            out: Floats = torch.sigmoid(net(frames)[0, :, 0]).float().cpu().numpy()
            return out

    return wall


def converted_wall(card: ModelCard, weights: Tensors) -> WallEngine:
    """By OpenVINO: features of all frames first, then `laps` times round the cycle step by step.

    Args:
        card: with the settings of the network.
        weights: of its file.

    """
    from kinecor_models.engines.converted import Step, convert_network
    from kinecor_models.engines.openvino_graphs import Compiled

    shape = (1, 1, card.size, card.size)

    def features() -> "tuple[nn.Module, tuple[Tensor, ...]]":
        import torch

        from kinecor_models.nets.circular import FrameFeatures

        return FrameFeatures(circular_net(card, weights)), (torch.zeros(shape, dtype=torch.uint8),)

    def step() -> "tuple[nn.Module, tuple[Tensor, ...]]":
        import torch

        from kinecor_models.nets.circular import CycleStep, FrameFeatures

        net = circular_net(card, weights)
        low, high = FrameFeatures(net)(torch.zeros(shape, dtype=torch.uint8))
        following = CycleStep(net, low, high)
        return following, (low, high, *following.start)

    extract = Compiled(convert_network(card.name, card.sha256, shape, features, "features"))
    follow = Step(convert_network(card.name, card.sha256, shape, step, "step"), 2)
    laps = int(card.settings.get("laps", 2))

    def wall(images: NDArray[np.uint8]) -> Floats:
        maps = [extract(image[None, None]) for image in images]
        state, found = None, []
        for lap in range(laps):
            for low, high in maps:
                (probability,), state = follow(state, low, high)
                if lap == laps - 1:
                    found.append(probability[0, 0])
        return np.stack(found)

    return wall


def circular_net(card: ModelCard, weights: Tensors) -> "nn.Module":
    """The torch network of a card with these weights, ready to infer.

    Args:
        card: with the settings of the network.
        weights: of its file.

    Raises:
        TorchMissingError: torch is not installed.

    """
    try:
        from kinecor_models.engines.torch_engines import with_weights
        from kinecor_models.nets.circular import net_of
    except ImportError as missing:
        raise TorchMissingError(card.name) from missing
    settings = card.settings
    members, channels = settings.get("members", 1), tuple(settings["channels"])
    return with_weights(net_of(settings["arm"], card.size, settings["units"], channels, members=members), weights)
