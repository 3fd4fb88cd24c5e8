import numpy as np
import pytest
import torch

from kinecor_models.engines.converted import open_refiner
from kinecor_models.engines.openvino_graphs import open_flow
from kinecor_models.engines.torch_engines import flow_from, open_torch_flow
from kinecor_models.nets.flow_net import FlowNet, correlation, displacement, double_flow, end_point_loss, warp_frame
from kinecor_models.nets.flow_refiner import FlowRefiner


def test_warping_brings_a_moved_image_back():
    torch.manual_seed(0)
    one = torch.nn.functional.avg_pool2d(torch.rand(1, 1, 40, 40), 5, 1, 2)
    moved = torch.roll(one, (2, 3), (2, 3))  # 2 down, 3 to the right
    flow = torch.tensor([3.0, 2.0]).view(1, 2, 1, 1).expand(1, 2, 40, 40)
    back = warp_frame(moved, flow)
    assert torch.allclose(back[..., :36, :36], one[..., :36, :36], atol=1e-6)


def test_warping_by_half_a_pixel_is_the_mean_of_neighbours():
    one = torch.rand(1, 1, 8, 8)
    flow = torch.tensor([0.5, 0.0]).view(1, 2, 1, 1).expand(1, 2, 8, 8)
    assert torch.allclose(warp_frame(one, flow)[..., :-1], (one[..., :-1] + one[..., 1:]) / 2, atol=1e-6)


def test_correlation_is_greatest_at_the_true_displacement():
    torch.manual_seed(1)
    one = torch.randn(1, 32, 16, 16)
    other = torch.roll(one, (1, -2), (2, 3))  # 1 down, 2 to the left
    best = correlation(one, other, 3)[0, :, 5:11, 5:11].mean(dim=(1, 2)).argmax().item()
    assert (best % 7 - 3, best // 7 - 3) == (-2, 1)


def test_a_doubled_motion_is_the_same_motion_in_finer_pixels():
    flow = torch.tensor([1.5, -2.0]).view(1, 2, 1, 1).expand(1, 2, 4, 6)
    assert torch.allclose(double_flow(flow), torch.tensor([3.0, -4.0]).view(1, 2, 1, 1).expand(1, 2, 8, 12))


def test_every_network_answers_at_every_level():
    net, size = FlowNet(4), 32
    found = net(torch.rand(2, 1, size, size), torch.rand(2, 1, size, size))
    assert [[flow.shape[-1] for flow in flows] for flows in found] == [[8, 4, 2], [16, 8, 4, 2], [16, 8, 4, 2], [16]]
    assert displacement(found).shape == (2, 2, size // 2, size // 2)


def test_the_loss_is_the_end_point_error():
    truth = torch.tensor([3.0, 4.0]).view(1, 2, 1, 1).expand(1, 2, 16, 16)
    still = [[torch.zeros(1, 2, 16, 16), torch.zeros(1, 2, 8, 8)]]
    right = [[truth / 2, truth[..., :8, :8] / 4]]
    everywhere = torch.ones(1, 1, 16, 16)
    assert end_point_loss(still, truth, everywhere).item() == pytest.approx(5, abs=1e-3)
    assert end_point_loss(right, truth, everywhere).item() == pytest.approx(0, abs=0.02)


def test_where_the_truth_is_not_known_nothing_counts():
    truth = torch.zeros(1, 2, 16, 16)
    truth[..., 8:] = 100
    known = torch.ones(1, 1, 16, 16)
    known[..., 8:] = 0
    found = [[torch.zeros(1, 2, 16, 16), torch.zeros(1, 2, 4, 4)]]
    assert end_point_loss(found, truth, known).item() == pytest.approx(0, abs=0.02)


@pytest.fixture
def _alone():
    """One thread: on a busy machine, two wait for each other at every one of thousands of small steps."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.mark.usefixtures("_alone")
def test_it_learns_a_shift():
    torch.manual_seed(3)
    net = FlowNet(4)
    optimiser = torch.optim.Adam(net.parameters(), 5e-3)
    one = torch.nn.functional.avg_pool2d(torch.rand(2, 1, 38, 38), 7, 1)
    one = (one - one.mean()) / one.std()
    other = torch.roll(one, 2, 3)
    truth = torch.tensor([2.0, 0.0]).view(1, 2, 1, 1).expand(2, 2, 16, 16)
    losses = []
    for _ in range(25):
        loss = end_point_loss(net(one, other), truth, torch.ones(2, 1, 16, 16))
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(loss.item())
    assert losses[-1] < 0.5 * losses[0]


@pytest.mark.parametrize(("kind", "opened", "size"), [(FlowNet, open_flow, 48), (FlowRefiner, open_refiner, 96)])
def test_openvino_gives_what_torch_gives(kind, opened, size):
    torch.manual_seed(0)
    net = kind(4).eval()
    with torch.no_grad():
        for bias in (value for name, value in net.named_parameters() if name.endswith("bias")):
            bias.normal_(0, 0.3)
    weights = {name: value.numpy() for name, value in net.state_dict().items()}
    rng = np.random.default_rng(0)
    one, other = rng.integers(0, 255, (2, size, size)).astype(np.uint8)
    found = opened(weights, 48)(one, other)
    expected = open_torch_flow(weights)(one, other)
    assert np.abs(expected).max() > 0.5
    for ours, theirs in zip(found, expected, strict=True):
        assert ours.shape == (24, 24, 2)
        assert ours == pytest.approx(theirs, abs=5e-4)


def test_a_refiner_begins_between_its_guesses():
    torch.manual_seed(1)
    net = FlowRefiner(4).eval()
    one, other = torch.rand(2, 2, 1, 32, 32)
    guesses = torch.tensor([2.0, 0.0, 4.0, 2.0]).view(1, 4, 1, 1).expand(2, 4, 16, 16)
    found = net(one, other, guesses)
    assert [[flow.shape[-1] for flow in flows] for flows in found] == [[16], [8, 4, 2], [16]]
    chosen = 2 * found[0][0]
    assert chosen.amin(dim=(0, 2, 3)).tolist() >= [2.0, 0.0]
    assert chosen.amax(dim=(0, 2, 3)).tolist() <= [4.0, 2.0]
    assert (chosen[:, 0] - chosen[:, 1] - 2).abs().max() < 1e-5


def test_a_third_network_for_large_displacements_begins_where_the_second_ends():
    torch.manual_seed(3)
    net = FlowNet(4, 3).eval()
    one, other = torch.rand(1, 1, 32, 32), torch.rand(1, 1, 32, 32)
    with torch.inference_mode():
        found = net(one, other)
        assert len(found) == 5
        for name, value in net.further[0].refine.named_parameters():
            if name.startswith(("refine", "first")):
                value.zero_()
        still = net(one, other)
    # A third network that changes nothing gives the motion of the second.
    torch.testing.assert_close(still[2][0], still[1][0])
    assert not torch.equal(found[2][0], found[1][0])
    weights = {name: value.numpy() for name, value in net.state_dict().items()}
    assert len(flow_from(weights).further) == 1
    with pytest.raises(ValueError, match="2 networks"):
        FlowNet(4, 1)
