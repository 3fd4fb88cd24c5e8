"""Networks in eight-bit integers: where they are used, and that they stay what the card pins."""

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from kinecor_models.contract import ModelCard, Tensors, WeightsError, load_card, load_quantisation, load_weights
from kinecor_models.engines import openvino_graphs, self_test
from kinecor_models.engines.converted import digest_of
from kinecor_models.engines.openvino_graphs import INSTRUCTIONS_LIMIT, open_graph, ov, unet_graph
from kinecor_models.engines.quantised import quantise_graph
from kinecor_models.nets.unet import UNet
from kinecor_phantoms.echo.stream import echo_clips

IMAGE = np.random.default_rng(0).integers(0, 256, (32, 32), dtype=np.uint8)
QUANTISED = [name for name in ("lv-apical", "lv-sax", "lv-lax") if load_card(name).quantised]


def weights() -> Tensors:
    torch.manual_seed(0)
    state = UNet(filters=(8, 8)).state_dict()
    return {name: value.numpy() for name, value in state.items() if value.is_floating_point()}


def first(model: ov.Model, kind: str) -> int:
    return next(at for at, node in enumerate(model.get_ordered_ops()) if node.get_type_name() == kind)


def test_an_input_is_rounded_and_a_bias_replaced() -> None:
    plain = unet_graph(weights(), 32)
    truth = open_graph(plain, "f32")(IMAGE)
    convolution, addition = first(plain, "Convolution"), first(plain, "Add")
    fine = np.array([0, 1, 0, 1, 256], np.float32)
    assert open_graph(quantise_graph(unet_graph(weights(), 32), {f"{convolution}.0.range": fine}), "f32")(
        IMAGE
    ) == pytest.approx(truth, abs=1e-3)
    coarse = np.array([0, 1, 0, 1, 2], np.float32)
    rounded = open_graph(quantise_graph(unet_graph(weights(), 32), {f"{convolution}.0.range": coarse}), "f32")
    black_and_white = np.where(IMAGE >= 128, 255, 0).astype(np.uint8)
    assert rounded(IMAGE) == pytest.approx(open_graph(plain, "f32")(black_and_white), abs=1e-3)
    bias = np.full((1, 8, 1, 1), 0.5, np.float32)
    moved = quantise_graph(unet_graph(weights(), 32), {f"{addition}.1.bias": bias})
    assert abs(open_graph(moved, "f32")(IMAGE) - truth).max() > 1e-3


@pytest.mark.parametrize(
    ("name", "values"),
    [("9999.0.range", (5,)), ("0.7.range", (5,)), ("{add}.1.bias", (1, 3, 1, 1)), ("{add}.1.scale", (5,))],
)
def test_a_quantisation_of_another_network_is_refused(name: str, values: tuple[int, ...]) -> None:
    model = unet_graph(weights(), 32)
    with pytest.raises(ValueError, match="the quantisation"):
        quantise_graph(model, {name.format(add=first(model, "Add")): np.ones(values, np.float32)})


@pytest.fixture
def measured(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[tuple[float, float]]:
    """What self-tests give, and the calls that were made of them: one value goes with each."""
    monkeypatch.setenv("KINECOR_DATA_DIR", str(tmp_path))
    monkeypatch.delenv(self_test.PRECISION, raising=False)
    times = [(6.0, 3.0)]
    monkeypatch.setattr(self_test, "self_test", lambda _plain, _rounded: times.pop())
    return times


def integers(graph: ov.Model) -> bool:
    return any(node.get_type_name() == "FakeQuantize" for node in graph.get_ops())


def card_of(folder: Path, of: Tensors) -> ModelCard:
    """A card whose quantisation is of some weights."""
    from kinecor_lab.quantisation.publish import write_quantisation

    plain = unet_graph(of, 32)
    parts = {f"{first(plain, 'Convolution')}.0.range": np.array([0, 1, 0, 1, 256], np.float32)}
    digest = write_quantisation(parts, of, folder / "q.safetensors")
    card = replace(load_card("lv-apical"), folder=str(folder), size=32)
    return replace(card, quantised="q.safetensors", quantised_sha256=digest)


def test_integers_are_used_where_the_processor_gains_and_the_answer_is_remembered(
    measured: list[tuple[float, float]], tmp_path: Path
) -> None:
    card = card_of(tmp_path, weights())
    assert integers(self_test.graph_of(card, weights()))
    assert not measured
    assert integers(self_test.graph_of(card, weights()))  # a second self-test would have no value left
    (tmp_path / "networks" / self_test.FILE).write_text("{damaged")
    measured.append((3.0, 2.9))
    assert not integers(self_test.graph_of(card, weights()))
    assert not integers(self_test.graph_of(card, weights()))


def test_a_processor_limited_to_older_instructions_is_another_one(
    measured: list[tuple[float, float]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(INSTRUCTIONS_LIMIT, raising=False)
    card = card_of(tmp_path, weights())
    assert integers(self_test.graph_of(card, weights()))
    monkeypatch.setenv(INSTRUCTIONS_LIMIT, "AVX2")
    measured.append((3.0, 2.9))
    assert not integers(self_test.graph_of(card, weights()))


@pytest.mark.parametrize(
    ("limit", "expected"),
    [("", "bf16"), ("ALL", "bf16"), ("avx512_core_amx", "bf16"), ("AVX512_CORE_VNNI", "f32"), ("AVX2", "f32")],
)
def test_a_processor_with_bfloat16_uses_it_as_far_as_it_may(
    limit: str, expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(openvino_graphs, "core", lambda: SimpleNamespace(get_property=lambda *_: ["FP32", "BF16"]))
    monkeypatch.setenv(INSTRUCTIONS_LIMIT, limit)
    assert openvino_graphs.default_precision() == expected
    monkeypatch.setattr(openvino_graphs, "core", lambda: SimpleNamespace(get_property=lambda *_: ["FP32"]))
    assert openvino_graphs.default_precision() == "f32"


def test_other_weights_than_those_of_the_quantisation_stay_as_they_are(
    measured: list[tuple[float, float]], tmp_path: Path
) -> None:
    card = card_of(tmp_path, weights())
    other = {name: 1.01 * value for name, value in weights().items()}
    assert not integers(self_test.graph_of(card, other))
    assert len(measured) == 1


@pytest.mark.parametrize(("wanted", "expected"), [("int8", True), ("float", False)])
def test_the_environment_decides_without_a_self_test(
    wanted: str, expected: bool, measured: list[tuple[float, float]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(self_test.PRECISION, wanted)
    assert integers(self_test.graph_of(card_of(tmp_path, weights()), weights())) == expected
    assert len(measured) == 1
    monkeypatch.setenv(self_test.PRECISION, "int4")
    with pytest.raises(ValueError, match='to be "int8" or "float", got "int4"'):
        self_test.graph_of(card_of(tmp_path, weights()), weights())


def test_a_folder_that_cannot_be_written_costs_a_self_test_each_time(
    measured: list[tuple[float, float]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    card = card_of(tmp_path, weights())
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("KINECOR_DATA_DIR", str(tmp_path / "file"))
    measured.append((6.0, 3.0))
    assert integers(self_test.graph_of(card, weights()))
    assert integers(self_test.graph_of(card, weights()))
    assert not measured


def test_the_self_test_times_both_networks() -> None:
    first_ms, second_ms = self_test.self_test(unet_graph(weights(), 64), unet_graph(weights(), 64))
    assert 0.2 < first_ms / second_ms < 5


def test_a_damaged_quantisation_is_refused(tmp_path: Path) -> None:
    card = card_of(tmp_path, weights())
    (tmp_path / "q.safetensors").write_bytes(b"x")
    with pytest.raises(WeightsError, match="was expected to have sha256"):
        load_quantisation(card)
    (tmp_path / "q.safetensors").unlink()
    with pytest.raises(WeightsError, match="put them there again"):
        load_quantisation(card)


@pytest.mark.parametrize("name", QUANTISED)
def test_a_shipped_quantisation_is_of_the_shipped_weights_and_changes_little(name: str) -> None:
    card = load_card(name)
    found = load_quantisation(card)
    assert found is not None
    digest, parts = found
    shipped = load_weights(card)
    assert digest == digest_of(shipped)
    clip = next(iter(echo_clips(5, frames=1, side_px=card.size)))
    images = np.stack([clip.frames[0][: card.size, : card.size]] * card.channels)
    assert images.shape[1:] == (card.size, card.size)
    plain = open_graph(unet_graph(shipped, card.size), "f32")(images)
    rounded = open_graph(quantise_graph(unet_graph(shipped, card.size), parts), "f32")(images)
    assert float((plain.argmax(0) == rounded.argmax(0)).mean()) > 0.98
