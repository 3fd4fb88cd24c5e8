import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest
import torch

from kinecor_lab.tasks.sax.train import widened
from kinecor_models.contract import Tensors, load_card
from kinecor_models.engines import engine, torch_engines
from kinecor_models.engines.engine import DeviceError, cuda_found, one_by_one, open_dis
from kinecor_models.engines.opening import open_engine, open_many
from kinecor_models.engines.openvino_graphs import open_openvino, open_openvino_many, ov, unet_graph
from kinecor_models.engines.torch_engines import open_torch, unet_from
from kinecor_models.nets.lean_unet import LeanUNet
from kinecor_models.nets.unet import UNet


def some_weights(net: UNet | None = None) -> Tensors:
    torch.manual_seed(0)
    net = net or UNet(filters=(8, 8, 16))
    for layer in net.modules():
        if isinstance(layer, torch.nn.BatchNorm2d):
            layer.running_mean.normal_(0, 0.1)
            layer.running_var.uniform_(0.5, 2)
            layer.weight.data.uniform_(0.5, 1.5)
            layer.bias.data.normal_(0, 0.1)
    return {k: v.numpy() for k, v in net.state_dict().items() if not k.endswith("num_batches_tracked")}


IMAGE = np.random.default_rng(0).integers(0, 256, (64, 64), dtype=np.uint8)


def test_the_base_network_is_that_published() -> None:
    net = UNet()
    assert len(net.filters) == 6
    assert sum(p.numel() for p in net.parameters()) == pytest.approx(2e6, rel=0.05)
    assert net.eval()(torch.zeros(1, 1, 256, 256)).shape == (1, 4, 256, 256)


def test_openvino_computes_what_torch_computes() -> None:
    weights = some_weights()
    reference = open_torch(weights, "cpu")
    truth = reference(IMAGE)
    assert truth.sum(axis=0) == pytest.approx(1, abs=1e-5)
    assert open_openvino(weights, 64, "f32")(IMAGE) == pytest.approx(truth, abs=1e-5)
    # bfloat16 keeps eight bits; probabilities agree within a few thousandths.
    assert open_openvino(weights, 64)(IMAGE) == pytest.approx(truth, abs=0.02)


@pytest.mark.parametrize("inputs", [1, 2])
def test_the_lean_network_has_a_third_of_the_work_and_openvino_computes_what_torch_computes(inputs: int) -> None:
    weights = some_weights(LeanUNet(inputs=inputs))
    images = np.stack([IMAGE, IMAGE.T])[:inputs]
    truth = open_torch(weights, "cpu")(images)
    assert truth.shape == (4, 64, 64)
    assert open_openvino(weights, 64, "f32")(images) == pytest.approx(truth, abs=1e-5)
    with pytest.raises(ValueError, match="a multiple of 32 pixels, got 48"):
        open_openvino(weights, 48)
    base = flops(unet_graph(some_weights(UNet()), 160))
    assert flops(unet_graph(some_weights(LeanUNet()), 160)) < 0.4 * base


def flops(graph: ov.Model) -> float:
    """Multiplications of a graph's convolutions."""
    total = 0
    for node in graph.get_ops():
        if node.get_type_name() == "Convolution":
            total += np.prod(node.output(0).shape) * np.prod(node.input(1).get_shape()[1:])
        if node.get_type_name() == "ConvolutionBackpropData":
            total += np.prod(node.input(0).get_shape()) * np.prod(node.input(1).get_shape()[1:])
    return float(total)


def test_several_images_are_taken_as_channels() -> None:
    torch.manual_seed(1)
    net = UNet(filters=(8, 8), inputs=3)
    weights = {k: v.numpy() for k, v in net.state_dict().items() if not k.endswith("num_batches_tracked")}
    three = np.stack([IMAGE, IMAGE[::-1], IMAGE.T])
    reference = open_torch(weights, "cpu")
    truth = reference(three)
    assert truth.shape == (4, 64, 64)
    assert open_openvino(weights, 64, "f32")(three) == pytest.approx(truth, abs=1e-5)
    assert abs(reference(three[::-1].copy()) - truth).max() > 1e-3


def test_a_widened_network_answers_as_before_whatever_is_added() -> None:
    narrow = some_weights()
    wide = widened(narrow, 3)
    one, three = open_torch(narrow, "cpu"), open_torch(wide, "cpu")
    assert three(np.stack([IMAGE.T, IMAGE, IMAGE[::-1]])) == pytest.approx(one(IMAGE), abs=1e-6)
    assert widened(wide, 3) is wide
    with pytest.raises(ValueError, match="1 or 5 channels, got 3"):
        widened(wide, 5)


def test_an_engine_may_be_called_from_several_threads() -> None:
    run = open_openvino(some_weights(), 64)
    images = [np.roll(IMAGE, shift, axis=0) for shift in range(12)]
    alone = [run(image) for image in images]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(run, images))
    assert all(np.array_equal(a, b) for a, b in zip(alone, together, strict=True))


SHIFTED = [np.roll(IMAGE, shift, axis=0) for shift in range(13)]


@pytest.mark.parametrize("count", [0, 1, 2, 7, 13])
def test_many_images_are_answered_in_order_as_one_by_one(count: int) -> None:
    weights = some_weights()
    one, many = open_openvino(weights, 64, "f32"), open_openvino_many(weights, 64, "f32")
    for _ in range(2):
        found = list(many(SHIFTED[:count]))
        assert len(found) == count
        for image, answer in zip(SHIFTED, found, strict=False):
            assert answer == pytest.approx(one(image), abs=1e-6)


def test_images_are_taken_as_they_are_needed_and_a_call_may_end_early() -> None:
    taken: list[int] = []

    def coming() -> Iterator[np.ndarray]:
        for number, image in enumerate(SHIFTED * 20):
            taken.append(number)
            yield image

    many = open_openvino_many(some_weights(), 64, "f32")
    expected = list(many(SHIFTED[:3]))
    answers = many(coming())
    first = next(answers)
    answers.close()
    assert np.array_equal(first, expected[0])
    assert len(taken) < len(SHIFTED) * 20
    # What was under way does not reach the next call.
    assert all(np.array_equal(a, b) for a, b in zip(many(SHIFTED[:3]), expected, strict=True))


def test_callers_of_an_engine_for_many_images_take_turns() -> None:
    many = open_openvino_many(some_weights(), 64)
    alone = list(many(SHIFTED))
    with ThreadPoolExecutor(4) as pool:
        for together in pool.map(lambda _: list(many(SHIFTED)), range(6)):
            assert all(np.array_equal(a, b) for a, b in zip(alone, together, strict=True))


def test_other_networks_take_images_one_by_one() -> None:
    asked: list[int] = []

    def engine_of(image: np.ndarray) -> np.ndarray:
        asked.append(int(image[0, 0]))
        return image.astype(np.float32)

    images = [np.full((2, 2), level, np.uint8) for level in (3, 5)]
    answers = one_by_one(engine_of)(images)
    assert not asked
    assert [float(one[0, 0]) for one in answers] == [3.0, 5.0]
    card = replace(load_card("lv-apical"), size=64)
    (found,) = open_many(card, some_weights(), "cpu")([IMAGE])
    assert found == pytest.approx(open_engine(card, some_weights(), "cpu")(IMAGE), abs=0.02)


def test_weights_that_do_not_fit_are_refused() -> None:
    weights = some_weights()
    del weights["last.bias"]
    with pytest.raises(ValueError, match=r"last\.bias"):
        unet_from(weights)


@pytest.mark.skipif(cuda_found(), reason="a CUDA GPU is here")
def test_a_missing_gpu_is_reported() -> None:
    with pytest.raises(DeviceError, match="--device cpu"):
        open_engine(replace(load_card("lv-apical"), size=64), some_weights(), "cuda")


@pytest.mark.skipif(not (cuda_found() and torch.cuda.is_available()), reason="needs a CUDA GPU")
def test_cuda_computes_what_the_cpu_computes() -> None:
    weights = some_weights()
    here, there = open_torch(weights, "cpu"), open_torch(weights, "cuda")
    other = IMAGE.T.copy()
    for image in (IMAGE, other, IMAGE):  # captured by the first, replayed by the others
        assert there(image) == pytest.approx(here(image), abs=0.01)


def test_what_cannot_be_captured_runs_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(answer: object, example: object) -> None:
        raise RuntimeError("operation not permitted when stream is capturing")

    monkeypatch.setattr(torch_engines, "_graph_of", refused)
    twice = torch_engines.capture_graph(lambda one: one * 2, torch.ones(2))
    assert twice(torch.ones(2)).tolist() == [2, 2]


def test_nothing_is_reported_to_anybody() -> None:
    """OpenVINO's telemetry neither loads nor leaves a thread, in a process that has run a network."""
    code = (
        "import sys, threading; import kinecor_models.engines.openvino_graphs as e; e.core();"
        "print(sys.modules['openvino_telemetry'], threading.active_count(),"
        "any(name.startswith('openvino_telemetry.') for name in sys.modules))"
    )
    calls = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert calls.split() == ["None", "1", "False"]


def test_a_side_that_cannot_be_halved_often_enough_is_refused() -> None:
    with pytest.raises(ValueError, match="multiple of 4"):
        open_openvino(some_weights(), 66)


def test_a_gpu_that_torch_cannot_use_leaves_the_cpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "cuda_found", lambda: True)
    monkeypatch.setattr(engine, "torch_finds_cuda", lambda: False)
    assert engine.on_best_device("auto", lambda: "cuda", lambda: "cpu") == "cpu"
    with pytest.raises(DeviceError, match="torch finds none"):
        engine.on_best_device("cuda", lambda: "cuda", lambda: "cpu")
    monkeypatch.setattr(engine, "torch_finds_cuda", lambda: True)
    assert engine.on_best_device("auto", lambda: "cuda", lambda: "cpu") == "cuda"


class FullGpu:
    """What a network on a GPU without memory does; `calls` counts them."""

    def __init__(self, after: int = 0, error: Exception | None = None) -> None:
        self.calls, self.after = 0, after
        self.error = error or torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB.")

    def __call__(self, image: np.ndarray) -> str:
        self.calls += 1
        if self.calls > self.after:
            raise self.error
        return "gpu"


@pytest.mark.logs_warnings
def test_where_the_gpu_is_full_an_engine_continues_on_the_processor(caplog: pytest.LogCaptureFixture) -> None:
    full, opened = FullGpu(after=1), []

    def on_cpu() -> Callable[[np.ndarray], str]:
        opened.append(1)
        return lambda _: "cpu"

    run = engine.with_fallback(full, on_cpu)
    assert [run(IMAGE) for _ in range(4)] == ["gpu", "cpu", "cpu", "cpu"]
    assert (full.calls, len(opened)) == (2, 1), "the GPU is not tried again"
    assert [one.getMessage() for one in caplog.records] == [engine.GPU_FULL]


@pytest.mark.logs_warnings
@pytest.mark.parametrize(
    "error", [RuntimeError("cuDNN error: CUDNN_STATUS_ALLOC_FAILED"), RuntimeError("CUDA error: out of memory")]
)
def test_other_words_for_a_full_gpu(error: RuntimeError, caplog: pytest.LogCaptureFixture) -> None:
    assert engine.with_fallback(FullGpu(error=error), lambda: lambda _: "cpu")(IMAGE) == "cpu"
    assert len(caplog.records) == 1


@pytest.mark.parametrize("error", [RuntimeError("shape mismatch"), ValueError("out of memory")])
def test_other_errors_on_a_gpu_are_reported_as_they_are(error: Exception) -> None:
    with pytest.raises(type(error), match=str(error)):
        engine.with_fallback(FullGpu(error=error), lambda: lambda _: "cpu")(IMAGE)


@pytest.mark.logs_warnings
def test_a_full_processor_is_not_tried_twice(caplog: pytest.LogCaptureFixture) -> None:
    run = engine.with_fallback(FullGpu(), lambda: FullGpu())
    for _ in range(2):
        with pytest.raises(torch.OutOfMemoryError):
            run(IMAGE)
    assert len(caplog.records) == 1


@pytest.mark.logs_warnings
def test_a_gpu_that_cannot_give_memory_back_is_left_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused() -> None:
        raise RuntimeError("CUDA error: an illegal memory access was encountered")

    monkeypatch.setattr(torch.cuda, "empty_cache", refused)
    assert engine.with_fallback(FullGpu(), lambda: lambda _: "cpu")(IMAGE) == "cpu"


@pytest.mark.logs_warnings
def test_of_threads_that_find_the_gpu_full_at_once_one_opens_the_processor_s(caplog: pytest.LogCaptureFixture) -> None:
    here, opened = threading.Barrier(4), []

    def full(_: np.ndarray) -> str:
        here.wait(60)
        raise torch.OutOfMemoryError("CUDA out of memory.")

    def on_cpu() -> Callable[[np.ndarray], str]:
        opened.append(1)
        return lambda _: "cpu"

    run = engine.with_fallback(full, on_cpu)
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(run, [IMAGE] * 4)) == ["cpu"] * 4
    assert (len(opened), len(caplog.records)) == (1, 1)


@pytest.mark.logs_warnings
def test_a_network_that_does_not_fit_on_the_gpu_opens_on_the_processor(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def full() -> str:
        raise torch.OutOfMemoryError("CUDA out of memory.")

    def broken() -> str:
        raise RuntimeError("no kernel image is available")

    monkeypatch.setattr(engine, "torch_finds_cuda", lambda: True)
    assert engine.on_best_device("cuda", full, lambda: "cpu") == "cpu"
    assert [one.getMessage() for one in caplog.records] == [engine.GPU_FULL]
    with pytest.raises(RuntimeError, match="kernel image"):
        engine.on_best_device("cuda", broken, lambda: "cpu")


@pytest.mark.logs_warnings
def test_all_networks_are_rescued_where_the_gpu_is_full(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The whole way from `--device cuda`, on a machine without a GPU: what runs on it reports that it is full."""
    card, weights = replace(load_card("lv-apical"), size=64), some_weights()
    monkeypatch.setattr(engine, "torch_finds_cuda", lambda: True)
    monkeypatch.setattr(torch_engines, "open_torch", lambda *_: FullGpu())
    one = open_engine(card, weights, "cuda")(IMAGE)
    assert one == pytest.approx(open_engine(card, weights, "cpu")(IMAGE), abs=1e-6)
    many = open_many(card, weights, "cuda")([IMAGE, IMAGE])
    assert [each.shape for each in many] == [one.shape] * 2
    assert len(caplog.records) == 2, "a notice for each of the two networks"


def test_one_search_for_motion_serves_two_threads_at_once() -> None:
    flow = open_dis()
    images = np.random.default_rng(0).integers(0, 255, (5, 128, 128), np.uint8)
    pairs = [(images[i], images[i + 1]) for i in range(4)]
    alone = [flow(*pair)[0] for pair in pairs]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda pair: flow(*pair)[0], pairs * 8))
    for number, found in enumerate(together):
        assert np.array_equal(found, alone[number % 4])
