"""Opens the engine of a network: torch on a CUDA GPU, OpenVINO on a CPU.

Everything heavy is imported when an engine is opened, never before: a CPU then runs the default networks without
importing torch at all.
"""

from kinecor_models.contract import ModelCard, Tensors
from kinecor_models.engines.engine import (
    CurveEngine,
    Device,
    Engine,
    FlowEngine,
    ManyEngine,
    ViewEngine,
    on_best_device,
    one_by_one,
    with_fallback,
)


def open_engine(card: ModelCard, weights: Tensors, device: Device = "auto") -> Engine:
    """An engine for a network that segments single images.

    Args:
        card: its `size` is the side of the square; its `net` names the network.
        weights: of the network.
        device: see on_best_device.

    Raises:
        DeviceError: the device is not available, or the network needs PyTorch, which is not installed.

    """

    def on_cuda() -> Engine:
        from kinecor_models.engines.torch_engines import open_torch

        return with_fallback(open_torch(weights, "cuda", card.net), on_cpu)

    def on_cpu() -> Engine:
        if card.net:
            from kinecor_models.engines.converted import open_converted

            return open_converted(card, weights)
        from kinecor_models.engines.openvino_graphs import open_graph
        from kinecor_models.engines.self_test import graph_of

        return open_graph(graph_of(card, weights))

    return on_best_device(device, on_cuda, on_cpu)


def open_many(card: ModelCard, weights: Tensors, device: Device = "auto") -> ManyEngine:
    """An engine for many images of one recording; see open_engine for the arguments and errors.

    Args:
        card: of a model that segments single images.
        weights: of its file.
        device: "auto", "cpu" or "cuda".

    """

    def on_cpu() -> ManyEngine:
        if card.net:
            return one_by_one(open_engine(card, weights, "cpu"))
        from kinecor_models.engines.openvino_graphs import Streams, default_precision
        from kinecor_models.engines.self_test import graph_of

        return Streams(graph_of(card, weights), default_precision())

    return on_best_device(device, lambda: one_by_one(open_engine(card, weights, "cuda")), on_cpu)


def open_view_engine(weights: Tensors, size: int, device: Device = "auto") -> ViewEngine:
    """An engine for the view classifier.

    Args:
        weights: see nets/view_net.py.
        size: side of the square.
        device: see on_best_device.

    Raises:
        DeviceError: "cuda" was requested and torch cannot use a CUDA GPU.

    """

    def on_cuda() -> ViewEngine:
        from kinecor_models.engines.torch_engines import open_view_torch

        return with_fallback(open_view_torch(weights, "cuda"), on_cpu)

    def on_cpu() -> ViewEngine:
        from kinecor_models.engines.openvino_graphs import open_view_graph

        return open_view_graph(weights, size)

    return on_best_device(device, on_cuda, on_cpu)


def open_curve_engine(weights: Tensors, size: int, device: Device = "auto") -> CurveEngine:
    """An engine for the network that regresses the phase of the cardiac cycle.

    Args:
        weights: see nets/tempreg.py.
        size: side of the square.
        device: see on_best_device.

    Raises:
        DeviceError: "cuda" was requested and torch cannot use a CUDA GPU.

    """

    def on_cuda() -> CurveEngine:
        from kinecor_models.engines.torch_engines import open_torch_curve

        return with_fallback(open_torch_curve(weights, "cuda"), on_cpu)

    def on_cpu() -> CurveEngine:
        from kinecor_models.engines.openvino_graphs import open_curve

        return open_curve(weights, size)

    return on_best_device(device, on_cuda, on_cpu)


def open_flow_engine(weights: Tensors, size: int, device: Device = "auto") -> FlowEngine:
    """An engine for the network that finds motion.

    Args:
        weights: see nets/flow_net.py.
        size: side of the square, a multiple of 16.
        device: see on_best_device.

    Raises:
        DeviceError: "cuda" was requested and torch cannot use a CUDA GPU.

    """

    def on_cuda() -> FlowEngine:
        from kinecor_models.engines.torch_engines import open_torch_flow

        return with_fallback(open_torch_flow(weights, "cuda"), on_cpu)

    def on_cpu() -> FlowEngine:
        from kinecor_models.engines.openvino_graphs import open_flow

        return open_flow(weights, size)

    return on_best_device(device, on_cuda, on_cpu)
