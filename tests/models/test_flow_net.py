import pytest
import torch

from kinecor_models.nets.flow_net import LEVELS, FlowNet, correlation, end_point_loss, warped


def test_warping_brings_a_moved_picture_back():
    torch.manual_seed(0)
    one = torch.nn.functional.avg_pool2d(torch.rand(1, 1, 40, 40), 5, 1, 2)
    moved = torch.roll(one, (2, 3), (2, 3))  # 2 down, 3 to the right
    flow = torch.tensor([3.0, 2.0]).view(1, 2, 1, 1).expand(1, 2, 40, 40)
    back = warped(moved, flow)
    assert torch.allclose(back[..., :36, :36], one[..., :36, :36], atol=1e-6)


def test_warping_by_half_a_pixel_is_the_mean_of_neighbours():
    one = torch.rand(1, 1, 8, 8)
    flow = torch.tensor([0.5, 0.0]).view(1, 2, 1, 1).expand(1, 2, 8, 8)
    assert torch.allclose(warped(one, flow)[..., :-1], (one[..., :-1] + one[..., 1:]) / 2, atol=1e-6)


def test_correlation_is_greatest_at_the_true_displacement():
    torch.manual_seed(1)
    one = torch.randn(1, 32, 16, 16)
    other = torch.roll(one, (1, -2), (2, 3))  # 1 down, 2 to the left
    best = correlation(one, other, 3)[0, :, 5:11, 5:11].mean(dim=(1, 2)).argmax().item()
    assert (best % 7 - 3, best // 7 - 3) == (-2, 1)


@pytest.mark.parametrize(
    ("stack", "small_route", "networks"), [(1, False, 1), (3, False, 3), (2, True, 4), (3, True, 5)]
)
def test_every_network_answers_at_every_level(stack, small_route, networks):
    net, size = FlowNet(4, stack, small_route=small_route), 32
    found = net(torch.rand(2, 1, size, size), torch.rand(2, 1, size, size))
    assert len(found) == networks
    assert found[-1][0].shape == (2, 2, size, size)
    for flows in found[: stack + small_route]:
        assert [flow.shape[-1] for flow in flows] == [size // 2**level for level in range(LEVELS + 1)]


def test_the_loss_is_the_end_point_error():
    truth = torch.tensor([3.0, 4.0]).view(1, 2, 1, 1).expand(1, 2, 16, 16)
    still = [[torch.zeros(1, 2, 16, 16), torch.zeros(1, 2, 8, 8)]]
    right = [[truth, truth[..., :8, :8] / 2]]
    assert end_point_loss(still, truth).item() == pytest.approx(5, abs=1e-3)
    assert end_point_loss(right, truth).item() == pytest.approx(0, abs=3e-3)


def test_where_the_truth_is_not_known_nothing_counts():
    truth = torch.zeros(1, 2, 16, 16)
    truth[..., 8:] = 100
    known = torch.ones(1, 1, 16, 16)
    known[..., 8:] = 0
    assert end_point_loss([[torch.zeros(1, 2, 16, 16)]], truth, known).item() == pytest.approx(0, abs=2e-3)


def test_it_learns_a_shift():
    torch.manual_seed(3)
    net = FlowNet(4, 1, small_route=False)
    optimiser = torch.optim.Adam(net.parameters(), 3e-3)
    one = torch.nn.functional.avg_pool2d(torch.rand(4, 1, 38, 38), 7, 1)
    one = (one - one.mean()) / one.std()
    other = torch.roll(one, 2, 3)
    truth = torch.tensor([2.0, 0.0]).view(1, 2, 1, 1).expand(4, 2, 32, 32)
    losses = []
    for _ in range(40):
        loss = end_point_loss(net(one, other), truth)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(loss.item())
    assert losses[-1] < 0.3 * losses[0]


def test_a_stack_of_none_is_refused():
    with pytest.raises(ValueError, match="1 to 3"):
        FlowNet(4, 0)
