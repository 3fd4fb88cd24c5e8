from dataclasses import asdict

import numpy as np
import pytest
import torch

from kinecor_models.engines.engine import DeviceError
from kinecor_models.engines.torch_engines import curve_engine, with_weights
from kinecor_models.nets.tempreg import ARMS, PrintedLstm, Shape, TempReg, in_channels, narrow_shape, shape_from

TINY = (4, 6, 6, 6, 8)
SHAPES = {
    "printed": Shape("zf", "printed", False, 8, TINY, 12),
    "cnn": Shape("zf", "none", False, 8, TINY, 12),
    "light": Shape("light", "both ways", True, 8, TINY, 12),
}


@pytest.fixture(autouse=True)
def one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.mark.parametrize("name", SHAPES)
@pytest.mark.parametrize("frames", [1, 7])
def test_a_number_a_frame_for_any_number_of_frames_and_size(name, frames):
    net = TempReg(SHAPES[name]).eval()
    for side in (64, 91):
        assert net(torch.rand(2, frames, side, side)).shape == (2, frames)


def test_the_zf_encoder_has_the_sizes_of_kong_2016():
    net = TempReg(ARMS["tempreg"])
    convolutions = [one for one in net.encoder.maps if isinstance(one, torch.nn.Conv2d)]
    assert [one.out_channels for one in convolutions] == [96, 256, 384, 384, 256]
    assert net.encoder.last[0].out_features == 1024
    with torch.no_grad():
        assert net.encoder.maps(torch.zeros(1, 3, 224, 224)).shape[-2:] == (7, 7)


def test_the_printed_memory_follows_eq_1():
    torch.manual_seed(0)
    block, x = PrintedLstm(3, 2), torch.randn(1, 4, 3)
    assert all(abs(p).max() <= 0.01 for p in block.parameters())
    w, u, b = block.seen.weight.detach().numpy(), block.kept.weight.detach().numpy(), block.seen.bias.detach().numpy()
    h, c = np.zeros(2), np.zeros(2)
    for frame, seen in enumerate(x[0].numpy()):
        i, f, o = np.split(w @ seen + u @ h + b, 3)
        c = c / (1 + np.exp(-f)) + np.tanh(i) / (1 + np.exp(-i))
        h = np.tanh(c) / (1 + np.exp(-o))
        assert block(x)[0, frame].detach().numpy() == pytest.approx(h, abs=1e-6)


def test_the_printed_network_does_not_see_what_comes_and_ours_does():
    frames = torch.rand(1, 6, 64, 64)
    changed = frames.clone()
    changed[:, 5] = 0
    for name, blind in (("printed", True), ("light", False)):
        torch.manual_seed(1)
        net = TempReg(SHAPES[name]).eval()
        with torch.no_grad():
            same = torch.allclose(net(frames)[:, :5], net(changed)[:, :5], rtol=0, atol=1e-8)
        assert same is blind


def test_neighbours_stand_in_the_channels():
    frames = torch.arange(4.0).view(1, 4, 1, 1)
    assert in_channels(frames, True)[0, :, :, 0, 0].tolist() == [[0, 0, 1], [0, 1, 2], [1, 2, 3], [2, 3, 3]]
    assert in_channels(frames, True, closed=True)[0, 0, :, 0, 0].tolist() == [3, 0, 1]
    assert in_channels(frames, False)[0, 2, :, 0, 0].tolist() == [2, 2, 2]


def test_a_closed_cycle_gets_the_same_curve_wherever_it_begins():
    net = TempReg(SHAPES["light"]).eval()
    run = curve_engine(net)
    frames = np.random.default_rng(0).integers(0, 255, (20, 64, 64)).astype(np.uint8)
    whole, turned = run(frames, True), run(np.roll(frames, 7, axis=0), True)
    # Not to the last digit: how far the memory reaches back differs by nothing, how it begins does.
    assert np.roll(whole, 7) == pytest.approx(turned, abs=2e-3)
    assert whole.shape == (20,)
    assert whole.dtype == np.float32


def test_weights_go_from_one_network_to_another(tmp_path):
    one, other = TempReg(SHAPES["light"]).eval(), TempReg(shape_from(fields()))
    weights = {
        name: value.numpy() for name, value in one.state_dict().items() if not name.endswith("num_batches_tracked")
    }
    frames = np.random.default_rng(0).integers(0, 255, (5, 64, 64)).astype(np.uint8)
    assert curve_engine(with_weights(other, weights))(frames, False) == pytest.approx(curve_engine(one)(frames, False))
    with pytest.raises(ValueError, match="do not fit"):
        with_weights(other, {"nonsense": np.zeros(1, np.float32)})


def fields():
    return {**asdict(SHAPES["light"]), "filters": list(TINY)}


def test_a_missing_gpu_is_said():
    if torch.cuda.is_available():
        pytest.skip("there is a GPU")
    with pytest.raises(DeviceError, match="use --device cpu"):
        curve_engine(TempReg(SHAPES["light"]), "cuda")


def test_a_narrow_network_has_the_same_parts_with_less_in_them():
    half = narrow_shape(ARMS["tempreg"], 2)
    assert (half.filters, half.features, half.hidden) == ((48, 128, 192, 192, 128), 512, 128)
    assert (half.encoder, half.memory, half.neighbours) == ("zf", "printed", False)
    assert narrow_shape(ARMS["light"], 1) == ARMS["light"]
    with pytest.raises(ValueError, match="expected to divide"):
        narrow_shape(ARMS["light"], 100)


def test_no_unit_of_the_zf_encoder_falls_silent():
    """Every feature differs from frame to frame after some steps of Adam, as it does not without normalisation."""
    torch.manual_seed(0)
    net = TempReg(Shape("zf", "none", False, filters=(8, 8, 8, 8, 64), features=32))
    optimiser = torch.optim.AdamW(net.parameters(), lr=3e-3)
    images = torch.rand(16, 3, 64, 64)
    for _ in range(20):
        optimiser.zero_grad()
        (net.followed(net.encoded(images)[None]) ** 2).mean().backward()
        optimiser.step()
    assert (net.encoded(images).std(dim=0) > 1e-3).float().mean() > 0.9
