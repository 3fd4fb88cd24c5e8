"""What NNCF adds to a graph is taken off again, and gives the same answers in the program."""

import numpy as np
import pytest
import torch

from kinecor_lab.quantisation.make import parts_of, quantisation_of
from kinecor_models.contract import Tensors
from kinecor_models.engines.openvino_graphs import open_graph, ov, unet_graph
from kinecor_models.engines.quantised import quantise_graph
from kinecor_models.nets.unet import UNet

SIZE = 32
IMAGES = list(np.random.default_rng(0).integers(0, 256, (6, SIZE, SIZE), dtype=np.uint8))


def graph() -> ov.Model:
    torch.manual_seed(0)
    state = UNet(filters=(8, 8)).state_dict()
    return unet_graph({name: value.numpy() for name, value in state.items() if value.is_floating_point()}, SIZE)


def test_what_was_added_is_what_is_found() -> None:
    plain = graph()
    operations = plain.get_ordered_ops()
    convolutions = [at for at, node in enumerate(operations) if node.get_type_name() == "Convolution"]
    addition = next(at for at, node in enumerate(operations) if node.get_type_name() == "Add")
    added: Tensors = {
        f"{convolutions[0]}.0.range": np.array([0, 1, 0, 1, 256], np.float32),
        f"{convolutions[1]}.1.range": np.stack(
            [np.full((8, 1, 1, 1), value, np.float32) for value in (-0.3, 0.3, -0.3, 0.3, 255)]
        ),
        f"{addition}.1.bias": np.full((1, 8, 1, 1), 0.25, np.float32),
    }
    found = parts_of(plain, quantise_graph(plain.clone(), added))
    assert found.keys() == added.keys()
    assert all(np.array_equal(found[name], added[name]) for name in added)
    assert parts_of(plain, plain.clone()) == {}


def test_another_graph_is_refused() -> None:
    plain = graph()
    other = plain.clone()
    for node in other.get_ordered_ops():
        if node.get_type_name() == "Relu":
            node.set_friendly_name("another")
            break
    with pytest.raises(ValueError, match="it is gone"):
        parts_of(plain, other)


def test_the_program_gives_what_nncf_made() -> None:
    nncf = pytest.importorskip("nncf", reason="the extra `quantise` is not installed")
    plain = graph()
    parts = quantisation_of(plain, IMAGES)
    assert any(name.endswith("range") for name in parts)
    convolutions = [one.get_friendly_name() for one in plain.get_ordered_ops() if one.get_type_name() == "Convolution"]
    made = nncf.quantize(
        plain,
        nncf.Dataset([image[None, None] for image in IMAGES]),
        preset=nncf.QuantizationPreset.MIXED,
        subset_size=len(IMAGES),
        fast_bias_correction=False,
        ignored_scope=nncf.IgnoredScope(names=[convolutions[0], convolutions[-1]]),
    )
    ours, theirs = open_graph(quantise_graph(graph(), parts), "f32"), open_graph(made, "f32")
    for image in IMAGES:
        assert ours(image) == pytest.approx(theirs(image), abs=1e-5)
