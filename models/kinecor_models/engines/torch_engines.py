"""The networks by torch: the reference for every other engine, and the way to a CUDA GPU."""

import importlib
import logging
import threading
from collections.abc import Callable
from typing import TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from kinecor_models.contract import Tensors
from kinecor_models.engines.engine import (
    AT_ONCE,
    CurveEngine,
    DeviceError,
    Engine,
    FlowEngine,
    ViewEngine,
    level_images,
    open_guesser,
    refiner_input,
)
from kinecor_models.nets.flow_net import FlowNet, displacement
from kinecor_models.nets.flow_refiner import FlowRefiner
from kinecor_models.nets.lean_unet import SIDE, LeanUNet
from kinecor_models.nets.tempreg import TempReg, in_channels, shape_of
from kinecor_models.nets.unet import UNet
from kinecor_models.nets.view_net import ViewNet

Net = TypeVar("Net", bound=nn.Module)
Answer = Callable[[Tensor], Tensor]
WARM_UP = 3
"""Calls before a CUDA graph is captured, in which cuDNN chooses its algorithms and memory is allocated."""


def with_weights(net: Net, weights: Tensors) -> Net:
    """The network with these weights, ready to infer.

    Args:
        net: of the shape that the weights have.
        weights: by name.

    Raises:
        ValueError: the weights do not fit it.

    """
    state = {name: torch.from_numpy(value) for name, value in weights.items()}
    # Counters of seen batches are of no use at inference and are not shipped.
    try:
        missing, unexpected = net.load_state_dict(state, strict=False)
    except RuntimeError as error:  # a tensor of another size
        raise ValueError(f"weights do not fit the network: {error}") from error
    wrong = [name for name in missing if not name.endswith("num_batches_tracked")] + list(unexpected)
    if wrong:
        raise ValueError(f"weights do not fit the network: {wrong[:3]}")
    return net.eval()


def network(weights: Tensors, name: str = "") -> nn.Module:
    """A network that segments single images, ready to infer.

    Args:
        weights: of the network.
        name: of its module in nets/, whose `net_for(weights)` gives an untrained network of the weights' sizes, from
            (n, channels, h, w) grey levels / 255 to (n, classes, h, w) scores; by default the base network.

    """
    if not name:
        return unet_from(weights)
    built: nn.Module = importlib.import_module(f"kinecor_models.nets.{name}").net_for(weights)
    return with_weights(built, weights)


def unet_from(weights: Tensors) -> UNet:
    """The base or the lean network with these weights, ready to infer; its sizes are read off the weights.

    Args:
        weights: of the base or the lean network.

    """
    levels = 1 + max(int(name.split(".")[1]) for name in weights if name.startswith("down."))
    filters = [weights[f"down.{level}.0.weight"].shape[0] for level in range(levels)]
    if "stem.0.weight" in weights:
        stem, places = weights["stem.0.weight"].shape[:2]
        classes = weights["last.weight"].shape[0] // SIDE**2
        return with_weights(LeanUNet(classes, filters, places // SIDE**2, stem), weights)
    return with_weights(UNet(weights["last.weight"].shape[0], filters, weights["down.0.0.weight"].shape[1]), weights)


class Probabilities(nn.Module):
    """Grey levels (n, channels, h, w) uint8 to probabilities (n, classes, h, w) float32.

    Args:
        net: gives scores of grey levels / 255.
        half: run its convolutions in half precision.

    """

    def __init__(self, net: nn.Module, *, half: bool = False) -> None:
        super().__init__()
        self.net, self.half_precision = net, half
        if half:
            net.to(memory_format=torch.channels_last)  # type: ignore[call-overload]

    def forward(self, images: Tensor) -> Tensor:
        """See the class.

        Args:
            images: (n, channels, rows, columns) uint8.

        """
        if not self.half_precision:
            return torch.softmax(self.net(images.float() / 255), dim=1)
        # Cast weights must not be cached from call to call: a captured graph would read memory that was freed since.
        with torch.autocast(images.device.type, torch.float16, cache_enabled=False):
            scores = self.net(images.float() / 255)
        return torch.softmax(scores.float(), dim=1)


def open_torch(weights: Tensors, device: str, name: str = "") -> Engine:
    """An engine on "cpu" or "cuda" for a network that segments single images; see `network`.

    On CUDA convolutions run in half precision, and each image size is captured as a graph: at one image a time, as a
    live source gives them, launching some eighty kernels one by one takes longer than their work.

    Args:
        weights: of the network.
        device: "cpu" or "cuda".
        name: `net` of the card; "" for the base or the lean network.

    """
    answer = Probabilities(network(weights, name).to(device), half=device == "cuda")
    ready: dict[torch.Size, Answer] = {}

    def run(image: NDArray[np.uint8]) -> NDArray[np.float32]:
        with torch.inference_mode():
            images = torch.from_numpy(image).to(device).reshape(1, -1, *image.shape[-2:])
            if images.shape not in ready:
                ready[images.shape] = capture_graph(answer, images) if device == "cuda" else answer
            out: NDArray[np.float32] = ready[images.shape](images)[0].cpu().numpy()
            return out

    return run


def capture_graph(answer: Answer, example: Tensor) -> Answer:
    """The function as a CUDA graph for inputs of the example's shape and type, or as it is where that fails.

    Calls from several threads wait for each other, since a graph has one place for its input and one for its output.

    Args:
        answer: without side effects, of one tensor on a CUDA GPU.
        example: an input.

    """
    try:
        return _graph_of(answer, example)
    except RuntimeError as reason:
        # Slower, but as right: a driver too old or memory too short is no reason to stop an analysis.
        logging.getLogger(__name__).info("CUDA graph not captured, kernels are started one by one: %s", reason)
        return answer


def _graph_of(answer: Answer, example: Tensor) -> Answer:
    entering, lock = example.clone(), threading.Lock()
    aside = torch.cuda.Stream()  # type: ignore[no-untyped-call]
    aside.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(aside):
        for _ in range(WARM_UP):
            answer(entering)
    torch.cuda.current_stream().wait_stream(aside)
    graph = torch.cuda.CUDAGraph()
    # Work of other threads on the GPU does not spoil the capture.
    with torch.cuda.graph(graph, capture_error_mode="thread_local"):
        leaving = answer(entering)

    def replayed(given: Tensor) -> Tensor:
        with lock:
            entering.copy_(given)
            graph.replay()
            return leaving.clone()

    return replayed


def view_net_from(weights: Tensors) -> ViewNet:
    """The view classifier with these weights, ready to infer; its sizes are read off the weights.

    Args:
        weights: of the view classifier.

    Raises:
        ValueError: the weights do not fit.

    """
    net = ViewNet(weights["late.3.weight"].shape[0], weights["steps.0.routes.0.0.weight"].shape[0])
    return with_weights(net, weights)


def open_view_torch(weights: Tensors, device: str) -> ViewEngine:
    """An engine for the view classifier on "cpu" or "cuda".

    Args:
        weights: of the view classifier.
        device: "cpu" or "cuda".

    """
    net = view_net_from(weights).to(device)

    def run(images: NDArray[np.uint8]) -> NDArray[np.float32]:
        with torch.inference_mode():
            out: NDArray[np.float32] = net(torch.from_numpy(images).to(device)[:, None].float() / 255).cpu().numpy()
            return out

    return run


def open_torch_curve(weights: Tensors, device: str) -> CurveEngine:
    """An engine for the phase network with these weights on "cpu" or "cuda".

    Args:
        weights: of the phase network.
        device: "cpu" or "cuda".

    """
    return curve_engine(with_weights(TempReg(shape_of(weights)), weights), device)


def curve_engine(net: TempReg, device: str = "cpu") -> CurveEngine:
    """An engine around a phase network.

    Where the cycle is closed, half a cycle is repeated at either end, so that every frame has as much before as after
    it, wherever the recording begins.

    Args:
        net: ready to infer.
        device: "cpu" or "cuda".

    Raises:
        DeviceError: "cuda" was requested and torch cannot use a CUDA GPU.

    """
    _checked(device)
    net = net.to(device).eval()

    def run(frames: NDArray[np.uint8], closed: bool) -> NDArray[np.float32]:
        with torch.inference_mode():
            grey = torch.from_numpy(frames).to(device).float() / 255
            images = in_channels(grey[None], net.shape.neighbours, closed)[0]
            parts = [
                net.encoded(part.contiguous(memory_format=torch.channels_last)) for part in torch.split(images, AT_ONCE)
            ]
            features, more = torch.cat(parts), len(frames) // 2 if closed else 0
            if more:
                features = torch.cat([features[-more:], features, features[:more]])
            curve = net.followed(features[None])[0]
            out: NDArray[np.float32] = curve[more : more + len(frames)].float().cpu().numpy()
            return out

    return run


def flow_from(weights: Tensors) -> FlowNet | FlowRefiner:
    """The motion network with these weights, ready to infer; its kind and width are read off them.

    Args:
        weights: of the stack of networks, or of the refiner.

    Raises:
        ValueError: the weights do not fit.

    """
    stack = "features.near.weight" in weights
    width = weights["features.near.weight" if stack else "near.2.weight"].shape[0]
    further = {name.split(".")[1] for name in weights if name.startswith("further.")}
    return with_weights(FlowNet(width, 2 + len(further)) if stack else FlowRefiner(width), weights)


def open_torch_flow(weights: Tensors, device: str = "cpu") -> FlowEngine:
    """An engine for a motion network on "cpu" or "cuda"; a refiner's takes images of twice its size.

    Args:
        weights: of the stack of networks, or of the refiner.
        device: "cpu" or "cuda".

    Raises:
        DeviceError: "cuda" was requested and torch cannot use a CUDA GPU.

    """
    _checked(device)
    net, guess = flow_from(weights).to(device), open_guesser()

    def run(first: NDArray[np.uint8], second: NDArray[np.uint8]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        with torch.inference_mode():
            if isinstance(net, FlowRefiner):
                both, guesses = (torch.from_numpy(part).to(device) for part in refiner_input(first, second, guess))
                found = 2 * displacement(net(both, both.flip(0), guesses))
            else:
                both = torch.from_numpy(level_images(first, second)).to(device)[:, None]
                found = displacement(net(both, both.flip(0)))
            there, back = found.permute(0, 2, 3, 1).contiguous().cpu().numpy()
        return there, back

    return run


def _checked(device: str) -> None:
    if device == "cuda" and not torch.cuda.is_available():
        raise DeviceError("a CUDA GPU was requested, but torch finds none: use --device cpu")
