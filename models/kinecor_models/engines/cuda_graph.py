"""A function on a CUDA GPU as a captured graph: one launch instead of one a kernel."""

import logging
import threading
from collections.abc import Callable

import torch
from torch import Tensor

Answer = Callable[[Tensor], Tensor]
WARM_UP = 3
"""Calls before the capture, in which cuDNN chooses its algorithms and memory is taken."""


def captured(answer: Answer, example: Tensor) -> Answer:
    """The function as a graph for inputs of the example's shape and type, or as it is where it cannot be captured.

    Calls from several threads wait for each other, since a graph has one place for what goes in and comes out.

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
