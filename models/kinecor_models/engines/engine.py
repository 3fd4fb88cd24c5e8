"""What an engine is, and on which device it runs; engines of networks are opened by `opening.py` beside it.

Searches for motion that need no weights are here as well.
"""

import ctypes
import logging
import sys
from collections.abc import Callable, Generator, Iterable
from contextlib import suppress
from functools import lru_cache
from threading import Lock, local
from typing import Literal, ParamSpec, TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

NODE_PX = 2
"""Pixels from node to node along x and y; motion is given at nodes, each the mean of NODE_PX by NODE_PX pixels."""
FlowEngine = Callable[[NDArray[np.uint8], NDArray[np.uint8]], tuple[NDArray[np.float32], NDArray[np.float32]]]
"""Two (size, size) uint8 images -> displacement from the first to the second, and back from the second to the first.

Each (side, side, 2) float32 in pixels, x and y, at nodes of the image it starts from: the means over squares of
size / side pixels, NODE_PX unless an engine says otherwise.
"""
Floats = NDArray[np.float32]
DenseSearch = Callable[[NDArray[np.uint8], NDArray[np.uint8]], Floats]
"""Two (size, size) uint8 images -> (size, size, 2) displacement of every pixel of the first, in pixels."""


_of_thread = local()


def dense_search(first: NDArray[np.uint8], second: NDArray[np.uint8]) -> Floats:
    """Displacement at every pixel by dense inverse search of OpenCV, at its medium setting.

    A search has buffers that two threads must not share, and an engine may be used by two: each has its own.

    Args:
        first: (rows, columns), grey.
        second: of the same shape.

    """
    search = getattr(_of_thread, "search", None)
    if search is None:
        search = _of_thread.search = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
    return np.asarray(search.calc(first, second, None), np.float32)  # type: ignore[call-overload]


def open_dis() -> FlowEngine:
    """Dense inverse search (Kroeger et al., ECCV 2016)."""
    return both_ways(lambda first, second: at_nodes(dense_search(first, second)))


def both_ways(one_way: Callable[[NDArray[np.uint8], NDArray[np.uint8]], Floats]) -> FlowEngine:
    """An engine from a function that finds motion from a first image to a second, at nodes.

    Args:
        one_way: from two images of one size to (rows, columns, 2) at nodes, in pixels.

    """

    def run(first: NDArray[np.uint8], second: NDArray[np.uint8]) -> tuple[Floats, Floats]:
        return one_way(first, second), one_way(second, first)

    return run


def at_nodes(field: Floats) -> Floats:
    """A field of pixels (size, size, ...) at its nodes.

    Args:
        field: sides are whole multiples of NODE_PX, or the rest is left out.

    """
    size = field.shape[1] // NODE_PX, field.shape[0] // NODE_PX
    whole = field[: size[1] * NODE_PX, : size[0] * NODE_PX]
    return np.asarray(cv2.resize(whole, size, interpolation=cv2.INTER_AREA), np.float32)


def return_error(there: Floats, back: Floats, node_px: int = NODE_PX) -> Floats:
    """(rows, columns) forward-backward error: distance of each node from its start, there and back, in pixels.

    Args:
        there: (rows, columns, 2) displacement of the first image's nodes, in pixels.
        back: likewise of the second's.
        node_px: pixels from node to node.

    """
    x, y = _places(*there.shape[:2])
    to_x, to_y = x + there[..., 0] / node_px, y + there[..., 1] / node_px
    missed = cv2.remap(back, to_x, to_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    cv2.add(there, missed, missed)
    np.multiply(missed, missed, out=missed)  # a third of the time of numpy's norm, and the same number
    return np.asarray(np.sqrt(missed[..., 0] + missed[..., 1]), np.float32)


@lru_cache(maxsize=8)
def _places(rows: int, columns: int) -> tuple[Floats, Floats]:
    """Columns and rows of the nodes, read-only."""
    y, x = np.mgrid[0:rows, 0:columns].astype(np.float32)
    x.flags.writeable = y.flags.writeable = False
    return x, y


def level_images(first: NDArray[np.uint8], second: NDArray[np.uint8]) -> NDArray[np.float32]:
    """(2, rows, columns) both images with mean 0 and standard deviation about 1 over the two.

    Args:
        first: (rows, columns), grey.
        second: of the same shape.

    """
    both = np.stack([first, second]).astype(np.float32)
    return np.asarray((both - both.mean()) / (both.std() + 4), np.float32)


def halve_image(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """An image at half its resolution, means over two by two pixels.

    Args:
        image: (rows, columns), grey.

    """
    size = image.shape[1] // 2, image.shape[0] // 2
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)


Guesser = Callable[[NDArray[np.uint8], NDArray[np.uint8]], Floats]
"""Two (2 size, 2 size) uint8 images -> (2, size / NODE_PX, size / NODE_PX, 2) float32 motion from the first on.

Found on the images as they are, and on them halved; both in pixels of the halved ones.
"""


def open_guesser() -> Guesser:
    """Dense inverse search at two resolutions: the fine one follows speckle, the coarse one is robust to noise."""

    def run(first: NDArray[np.uint8], second: NDArray[np.uint8]) -> Floats:
        fine, coarse = dense_search(first, second), dense_search(halve_image(first), halve_image(second))
        return np.stack([at_nodes(at_nodes(fine)) / 2, at_nodes(coarse)])

    return run


# Standard deviation, in nodes, over which forward-backward errors are averaged, and the error in pixels that is
# negligible.
_AROUND_NODES, _NONE_PX = 2.0, 0.05


def open_two_searches() -> FlowEngine:
    """Dense inverse search at two resolutions, mixed by their forward-backward errors.

    Speckle needs fine images, noise coarse ones: neither is best for both echo and MRI. For images of an even
    size; motion is given at every fourth pixel.
    """
    guess = open_guesser()

    def run(first: NDArray[np.uint8], second: NDArray[np.uint8]) -> tuple[Floats, Floats]:
        there, back = guess(first, second), guess(second, first)
        # A pixel of the halved images is two of these.
        return 2 * _mixed(there, back), 2 * _mixed(back, there)

    return run


def _mixed(there: Floats, back: Floats) -> Floats:
    """(rows, columns, 2) out of both searches' (2, rows, columns, 2), by the inverse square of their return errors."""
    total, weights = np.zeros_like(there[0]), np.zeros((*there.shape[1:3], 1), np.float32)
    for one_way, other_way in zip(there, back, strict=True):
        square = cv2.GaussianBlur(return_error(one_way, other_way) ** 2, (0, 0), _AROUND_NODES)
        weight = (1 / (np.asarray(square, np.float32) + np.float32(_NONE_PX**2)))[..., None]
        total, weights = total + weight * one_way, weights + weight
    return np.asarray(total / weights, np.float32)


def refiner_input(first: NDArray[np.uint8], second: NDArray[np.uint8], guess: Guesser) -> tuple[Floats, Floats]:
    """The input of FlowRefiner for two images of twice its size: (2, 1, ...) levelled grey and (2, 4, ...) guesses.

    Args:
        first: (rows, columns), grey.
        second: of the same shape.
        guess: see Guesser.

    """
    images = level_images(halve_image(first), halve_image(second))[:, None]
    both = np.stack([guess(first, second), guess(second, first)])
    return images, np.ascontiguousarray(both.transpose(0, 1, 4, 2, 3)).reshape(2, 4, *both.shape[2:4])


E = TypeVar("E")
A = TypeVar("A")
P = ParamSpec("P")
Device = Literal["auto", "cpu", "cuda"]
Engine = Callable[[NDArray[np.uint8]], NDArray[np.float32]]
"""(size, size) uint8 grey levels, or (channels, size, size) of a network that takes several images ->
(classes, size, size) float32 probabilities."""
ManyEngine = Callable[[Iterable[NDArray[np.uint8]]], Generator[NDArray[np.float32]]]
"""Images as an Engine takes them -> their probabilities in order; close it where not all are used."""

ViewEngine = Callable[[NDArray[np.uint8]], NDArray[np.float32]]
"""(n, size, size) uint8 grey levels -> (n, classes) float32 scores before softmax."""

CurveEngine = Callable[[NDArray[np.uint8], bool], NDArray[np.float32]]
"""((t, size, size) uint8 grey levels, whether they are one closed cycle) -> (t,) curve, about 1 at ED and 0 at ES."""
AT_ONCE = 64
"""Frames per batch of a CurveEngine; memory does not grow with the recording."""


class DeviceError(Exception):
    """The requested device is not available, or PyTorch is missing for a network that needs it."""


class TorchMissingError(DeviceError):
    """A network needs PyTorch, which is not installed."""

    def __init__(self, network: str) -> None:
        super().__init__(
            f"{network} needs PyTorch, which is not installed: install it (pip install torch), or choose another "
            "network; the default networks run without it"
        )


def cuda_found() -> bool:
    """Whether there is a CUDA GPU; queries the driver, so that torch need not be imported for the answer."""
    try:
        driver = ctypes.CDLL("nvcuda.dll" if sys.platform == "win32" else "libcuda.so.1")
    except OSError:
        return False
    count = ctypes.c_int(0)
    return driver.cuInit(0) == 0 and driver.cuDeviceGetCount(ctypes.byref(count)) == 0 and count.value > 0


def torch_finds_cuda() -> bool:
    """Whether torch is installed and can use a CUDA GPU; imports it."""
    try:
        import torch
    except ImportError:
        return False
    return torch.cuda.is_available()


GPU_FULL = (
    "The GPU's memory is full, so a network continues on the processor, which is slower: close other programs that use "
    "the GPU, then start Kinecor again."
)
"""The notice where a network leaves the GPU; a warning of this module's logger."""
_FULL = ("out of memory", "CUBLAS_STATUS_ALLOC_FAILED", "CUDNN_STATUS_ALLOC_FAILED")


def gpu_full(error: Exception) -> bool:
    """Whether an error of torch says that the GPU's memory is full; what it called may be computed elsewhere.

    Args:
        error: of any library.

    """
    return isinstance(error, RuntimeError) and any(message in str(error) for message in _FULL)


def leave_gpu() -> None:
    """Gives back what torch reserved on the GPU, and warns that a network continues on the processor."""
    logging.getLogger(__name__).warning(GPU_FULL)
    if "torch" in sys.modules:
        with suppress(RuntimeError):  # a GPU that fails once more is left as it is
            sys.modules["torch"].cuda.empty_cache()


def with_fallback(engine: Callable[P, A], on_cpu: Callable[[], Callable[P, A]]) -> Callable[P, A]:
    """An engine on a GPU that continues on the processor where the GPU's memory is full, from that call on.

    Args:
        engine: on the GPU; a call depends on its arguments alone.
        on_cpu: opens the engine that takes its place; called only if needed.

    """
    held, lock = [(engine, True)], Lock()

    def run(*args: P.args, **kwargs: P.kwargs) -> A:
        used, on_gpu = held[0]
        try:
            return used(*args, **kwargs)
        except RuntimeError as error:
            if not on_gpu or not gpu_full(error):
                raise
        with lock:  # of calls that fail at the same time, the first opens it
            first = held[0][1]
            if first:
                held[0] = on_cpu(), False
        del used
        if first:
            leave_gpu()
        return held[0][0](*args, **kwargs)

    return run


def on_best_device(device: Device, on_cuda: Callable[[], E], on_cpu: Callable[[], E]) -> E:
    """The engine one of two openers gives: on a CUDA GPU where there is one and its memory suffices, else on the CPU.

    Args:
        device: "auto" takes a CUDA GPU where torch can use one.
        on_cuda: called only where torch can use the GPU.
        on_cpu: called only if needed.

    Raises:
        DeviceError: "cuda" was requested and torch cannot use a CUDA GPU.

    """
    if device == "cuda" or (device == "auto" and cuda_found()):
        if torch_finds_cuda():
            try:
                return on_cuda()
            except RuntimeError as error:
                if not gpu_full(error):
                    raise
            leave_gpu()
            return on_cpu()
        if device == "cuda":
            raise DeviceError("a CUDA GPU was requested, but torch finds none: use --device cpu")
    return on_cpu()


def one_by_one(engine: Engine) -> ManyEngine:
    """An engine for many images that takes one after the other.

    Args:
        engine: for single images.

    """

    def run(images: Iterable[NDArray[np.uint8]]) -> Generator[NDArray[np.float32]]:
        for image in images:
            yield engine(image)

    return run
