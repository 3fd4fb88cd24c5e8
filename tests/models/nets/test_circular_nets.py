import math

import pytest
import torch
from torch import nn

from kinecor_models.nets.circular import CircularNet, net_of
from kinecor_models.nets.conv_lstm import Circle, ConvLSTM
from kinecor_models.nets.resnet56 import FrameNet, ResNet56

TINY = (4, 6, 8)


@pytest.fixture(scope="module", autouse=True)
def one_thread():
    """Tiny maps do not share out well: on a busy machine, threads waiting for each other take minutes."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def frames(n: int = 1, t: int = 5, side: int = 16) -> torch.Tensor:
    return torch.rand(n, t, 1, side, side, generator=torch.Generator().manual_seed(0))


def test_the_extractor_has_56_layers_and_two_levels_of_features() -> None:
    net = FrameNet()
    three = [m for m in net.extractor.modules() if isinstance(m, nn.Conv2d) and m.kernel_size == (3, 3)]
    assert len(three) == 55  # and the head makes 56
    features = net.extractor(torch.rand(2, 1, 32, 32))
    assert features.high.shape == (2, 32, 16, 16)
    assert features.low.shape == (2, 64, 8, 8)
    strides = [m for m in three if m.stride == (2, 2)]
    assert len(strides) == 2


@pytest.mark.parametrize("arm", ["cnn", "one-level", "multi-level"])
def test_every_arm_answers_each_frame_with_one_score_a_pixel(arm) -> None:
    net = net_of(arm, side=16, units=1, channels=TINY).eval()
    assert net(frames(2)).shape == (2, 5, 1, 16, 16)


def test_a_unit_follows_the_equations() -> None:
    torch.manual_seed(0)
    unit = ConvLSTM(2, 3, (4, 4), kernel=1)
    nn.init.normal_(unit.peep)
    x, h, c = torch.randn(1, 2, 4, 4), torch.randn(1, 3, 4, 4), torch.randn(1, 3, 4, 4)
    w, b = unit.gates.weight[:, :, 0, 0], unit.gates.bias
    linear = torch.einsum("oc,nchw->nohw", w, torch.cat([x, h], 1)) + b[:, None, None]
    i, f, g, o = linear.split(3, dim=1)
    i, f = torch.sigmoid(i + unit.peep[0] * c), torch.sigmoid(f + unit.peep[1] * c)
    c_next = f * c + i * torch.tanh(g)
    h_next = torch.sigmoid(o + unit.peep[2] * c_next) * torch.tanh(c_next)
    found_h, found_c = unit(x, (h, c))
    assert torch.allclose(found_h, h_next, atol=1e-5)
    assert torch.allclose(found_c, c_next, atol=1e-5)


def test_the_circle_has_no_seam() -> None:
    """Where the cycle is cut open does not matter once the last state feeds the first; on an open chain it does."""
    torch.manual_seed(1)
    maps = torch.randn(1, 12, 2, 4, 4)
    unit = ConvLSTM(2, 3)
    with torch.no_grad():
        for laps, closed in ((6, True), (1, False)):
            circle = Circle(unit, laps)
            turned = circle(maps.roll(5, dims=1)).roll(-5, dims=1)
            difference = (circle(maps) - turned).abs().max().item()
            assert (difference < 1e-3) == closed


def test_the_second_step_leaves_the_extractor_alone() -> None:
    base = FrameNet(1, TINY)
    net = CircularNet(base, multi_level=True, side=16)
    before = {name: value.clone() for name, value in net.extractor.state_dict().items()}
    net.train()
    optimiser = torch.optim.Adam([p for p in net.parameters() if p.requires_grad], lr=1e-2)
    net(frames()).mean().backward()
    optimiser.step()
    assert all(torch.equal(value, before[name]) for name, value in net.extractor.state_dict().items())
    (member,) = net.members
    assert member.low.unit.gates.weight.grad is not None
    assert member.high is not None
    assert member.high.unit.gates.weight.grad is not None


def test_time_reaches_the_answer_and_one_level_is_smaller() -> None:
    torch.manual_seed(2)
    base = FrameNet(1, TINY).eval()
    one, both = CircularNet(base, multi_level=False).eval(), CircularNet(base, multi_level=True).eval()
    with torch.no_grad():
        changed = frames()
        changed[:, 3] = 0
        assert (one(frames())[:, 0] - one(changed)[:, 0]).abs().max() > 1e-6
        assert (base(frames())[:, 0] - base(changed)[:, 0]).abs().max() == 0
    assert sum(p.numel() for p in one.parameters()) < sum(p.numel() for p in both.parameters())


def test_frames_of_any_size_go_where_weights_are_shared() -> None:
    net = CircularNet(FrameNet(1, TINY), multi_level=True)
    assert net(frames(1, 3, 24)).shape == (1, 3, 1, 24, 24)
    assert isinstance(net.extractor, ResNet56)


def test_members_share_the_extractor_and_their_probabilities_are_averaged() -> None:
    torch.manual_seed(3)
    net = CircularNet(FrameNet(1, TINY), multi_level=True, side=16, members=3).eval()
    with torch.no_grad():
        together = torch.sigmoid(net(frames()))
        apart = [torch.sigmoid(one(frames())) for one in net.alone()]
    assert len(apart) == 3
    assert (apart[0] - apart[1]).abs().max() > 1e-4
    assert torch.allclose(together, torch.stack(apart).mean(dim=0), atol=1e-5)
    assert all(one.extractor is net.extractor for one in net.alone())


def test_the_circular_state_by_hand() -> None:
    """One channel, one pixel, two frames, two laps: equations (1) to (5) in plain numbers, round the circle."""
    unit = ConvLSTM(1, 1, kernel=1)
    of_input, of_state = (0.5, -0.3, 0.8, 0.2), (0.1, 0.4, -0.6, 0.7)
    bias, peep = (0.05, 1.0, -0.1, 0.3), (0.2, -0.1, 0.25)
    with torch.no_grad():
        unit.gates.weight.copy_(torch.tensor([of_input, of_state]).T[..., None, None])
        unit.gates.bias.copy_(torch.tensor(bias))
        unit.peep.copy_(torch.tensor(peep).reshape(3, 1, 1, 1))

    def sigmoid(value: float) -> float:
        return 1 / (1 + math.exp(-value))

    h = c = 0.0
    outputs = []
    for x in (0.9, -0.4, 0.9, -0.4):
        gates = [w * x + u * h + b for w, u, b in zip(of_input, of_state, bias, strict=True)]
        i, f = sigmoid(gates[0] + peep[0] * c), sigmoid(gates[1] + peep[1] * c)
        c = f * c + i * math.tanh(gates[2])
        h = sigmoid(gates[3] + peep[2] * c) * math.tanh(c)
        outputs.append(h)
    maps = torch.tensor([0.9, -0.4]).reshape(1, 2, 1, 1, 1)
    for through in (False, True):
        assert Circle(unit, 2, through=through)(maps).flatten().tolist() == pytest.approx(outputs[2:], abs=1e-6)
    assert Circle(unit, 1)(maps).flatten().tolist() == pytest.approx(outputs[:2], abs=1e-6)


def test_the_gradient_goes_over_the_wrap_only_through_the_first_lap() -> None:
    torch.manual_seed(4)
    unit = ConvLSTM(2, 3)
    for through in (False, True):
        maps = torch.randn(1, 4, 2, 4, 4, requires_grad=True)
        Circle(unit, 2, through=through)(maps)[:, 0].sum().backward()
        assert maps.grad is not None
        # The last frame comes before the first on the circle.
        assert bool(maps.grad[:, 3].abs().max() > 1e-7) == through
    with torch.inference_mode():
        assert not Circle(unit, 2, through=True)(torch.randn(1, 4, 2, 4, 4)).requires_grad
