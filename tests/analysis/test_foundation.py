"""Input of foundation models, and encoders with random weights of the right shape."""

import numpy as np
import pytest

import kinecor
from kinecor_models.foundation.cards import foundation_cards


@pytest.fixture(scope="module")
def clip():
    return kinecor.phantom("a4c", seed=5, frames=20, size=(128, 160))


def test_each_card_says_where_its_weights_come_from():
    for name, card in foundation_cards().items():
        assert "not shipped" in card.weights, name
        assert card.code.startswith("https://"), name
        assert len(card.mean) == len(card.std) == card.channels, name


@pytest.mark.parametrize(("model", "shape"), [("echoprime", (1, 3, 16, 224, 224)), ("panecho", (1, 3, 16, 112, 112))])
def test_a_loop_is_prepared_as_the_card_says(clip, model, shape):
    card = foundation_cards()[model]
    video = kinecor.model_input(clip.study, model)["video"]
    assert video.shape == shape
    assert video.dtype == np.float32
    (tensor,) = kinecor.tensors(clip.study, size=card.size, colour="rgb", fit=card.fit, zoom=card.zoom)
    frame = 2
    expected = (tensor.pixels[frame * card.stride].astype(float) - card.mean) / card.std
    assert np.allclose(video[0, :, frame].transpose(1, 2, 0), expected, atol=1e-4)


def test_a_short_loop_is_filled_up_with_zeros(clip):
    video = kinecor.model_input(clip.study, "echoprime")["video"]
    assert video[0, :, 9].any()
    assert not video[0, :, 10:].any()  # 20 frames, 2 apart, are 10 of 16


def test_a_study_of_mri_is_prepared_for_cinema():
    made = kinecor.phantom("mri", seed=3, frames=3, size=(96, 112))
    found = kinecor.model_input(made.study, "cinema", frame=1)
    assert {name: one.shape for name, one in found.items()} == {
        "sax": (1, 192, 192, 16),
        "lax_2c": (1, 256, 256),
        "lax_3c": (1, 256, 256),
        "lax_4c": (1, 256, 256),
    }
    assert all(one.min() == 0 and one.max() == 1 for one in found.values())
    slices = made.recording.slices
    assert found["sax"][0, ..., slices - 1].any()
    assert not found["sax"][0, ..., slices:].any()
    with pytest.raises(kinecor.Error, match="phase"):
        kinecor.model_input(made.study, "cinema", frame=3)


def random_weights(path, **changes):
    torch = pytest.importorskip("torch")
    from safetensors.torch import save_file

    from kinecor_models.foundation.encoders import PanEcho

    torch.manual_seed(0)
    tensors = {f"encoder.{name}": one for name, one in PanEcho().state_dict().items()}
    tensors["EF_head.1.weight"] = torch.zeros(1, 768)
    tensors |= changes
    save_file({name: one.contiguous() for name, one in tensors.items() if one is not None}, path)
    return path


@pytest.mark.slow
def test_panecho_with_random_weights_embeds_a_loop(clip, tmp_path):
    path = random_weights(tmp_path / "panecho.safetensors")
    (found,) = kinecor.embed(clip.study, "panecho", path)
    assert found.vector.shape == (768,)
    assert np.isfinite(found.vector).all()
    assert found.clip.view == "A4C"
    (again,) = kinecor.embed(clip.study, "panecho", path)
    assert np.array_equal(again.vector, found.vector)


def test_names_of_tensors_are_those_of_the_published_weights():
    pytest.importorskip("torch")
    from kinecor_models.foundation.encoders import PanEcho

    shapes = {name: tuple(one.shape) for name, one in PanEcho().state_dict().items()}
    # As torchvision's convnext_tiny and torch's transformer name them.
    assert shapes["encoder.model.features.0.0.weight"] == (96, 3, 4, 4)
    assert shapes["encoder.model.features.1.0.layer_scale"] == (96, 1, 1)
    assert shapes["encoder.model.features.1.2.block.3.weight"] == (384, 96)
    assert shapes["encoder.model.features.5.8.block.0.weight"] == (384, 1, 7, 7)
    assert shapes["encoder.model.features.6.1.weight"] == (768, 384, 2, 2)
    assert shapes["encoder.model.classifier.0.weight"] == (768,)
    assert shapes["time_encoder.pe"] == (1, 16, 768)
    assert shapes["transformer.layers.3.linear1.weight"] == (768, 768)
    # 27,820,128 of ConvNeXt-T without its last layer.
    image = sum(int(np.prod(shape)) for name, shape in shapes.items() if name.startswith("encoder."))
    assert image == 27_820_128


def test_weights_that_do_not_fit_are_one_sentence(clip, tmp_path):
    torch = pytest.importorskip("torch")
    name = "encoder.time_encoder.pe"
    path = random_weights(tmp_path / "less.safetensors", **{name: None})
    with pytest.raises(kinecor.Error, match=f"expected the tensor {name}"):
        kinecor.embed(clip.study, "panecho", path)
    path = random_weights(tmp_path / "other.safetensors", **{name: torch.zeros(1, 8, 768)})
    with pytest.raises(kinecor.Error, match="expected the shape"):
        kinecor.embed(clip.study, "panecho", path)
    (tmp_path / "no.safetensors").write_bytes(b"no")
    with pytest.raises(kinecor.Error, match="as safetensors"):
        kinecor.embed(clip.study, "panecho", tmp_path / "no.safetensors")
    with pytest.raises(kinecor.Error, match="expected one of echoprime, panecho, got cinema"):
        kinecor.embed(clip.study, "cinema", path)


@pytest.mark.slow
def test_echoprime_with_random_weights_embeds_a_loop(clip, tmp_path):
    try:
        from torchvision.models.video import mvit_v2_s
    except (ImportError, RuntimeError):
        pytest.skip("EchoPrime is torchvision's MViT: install the torchvision that fits torch")
    from safetensors.torch import save_file
    from torch import nn

    network = mvit_v2_s()
    network.head[-1] = nn.Linear(network.head[-1].in_features, 512)
    save_file({name: one.contiguous() for name, one in network.state_dict().items()}, tmp_path / "e.safetensors")
    (found,) = kinecor.embed(clip.study, "echoprime", tmp_path / "e.safetensors")
    assert found.vector.shape == (512,)
