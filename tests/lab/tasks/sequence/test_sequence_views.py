import pytest
import torch

from kinecor_lab.tasks.sequence.train import OF_VIEWS, ViewLoss, with_new_views
from kinecor_models.nets.ral import RAL
from kinecor_models.nets.sequence_net import SequenceNet, Shape


def bright(view: int) -> torch.Tensor:
    """(2, 1, 32, 32): speckle with a bright band at a position given by the view's number."""
    frames = torch.rand(2, 1, 32, 32) * 0.3
    frames[..., 10 * view : 10 * view + 10, :] += 0.6
    return frames


def batch(step: int):
    torch.manual_seed(step)
    view = torch.randint(0, 3, (6,))
    frames = torch.stack([bright(int(one)) for one in view])
    return (255 * frames).clamp(0, 255).byte(), torch.zeros(6, 2, 32, 32, dtype=torch.uint8), view


@pytest.fixture
def net():
    found = SequenceNet(Shape("ral", width=4)).eval()
    torch.manual_seed(3)
    found.net = RAL(width=4, growth=2, layers=2).eval()
    return found


def test_the_branch_learns_what_distinguishes_views(net):
    ral = net.net
    ral.aggregate.train()
    ral.name.train()
    ours = [*ral.aggregate.parameters(), *ral.name.parameters()]
    before = {name: value.clone() for name, value in ral.state_dict().items()}
    optimiser = torch.optim.AdamW(ours, lr=1e-2)
    losses, loss_of = [], ViewLoss(batch, 0)
    for step in range(160):
        loss = loss_of(net, loss_of.batch(step), step)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(loss.item())
    assert sum(losses[:5]) / 5 > 0.9
    assert sum(losses[-20:]) / 20 < 0.3
    changed = {name for name, value in ral.state_dict().items() if not torch.equal(value, before[name])}
    assert all(name.startswith(("aggregate.", "name.")) for name in changed)
    frames, _, view = batch(1000)
    with torch.inference_mode():
        _, classified = ral.eval()(frames.float() / 255)
    assert (classified.mean(dim=1).argmax(dim=1) == view).float().mean() > 0.8


def test_the_whole_network_runs_once_for_many_steps(net, monkeypatch):
    monkeypatch.setattr(ViewLoss, "HELD", 2)
    runs = []
    monkeypatch.setattr(
        net.net, "aggregated_features", lambda clip, whole=net.net.aggregated_features: runs.append(1) or whole(clip)
    )
    loss_of = ViewLoss(batch, 0)
    first = 5  # a run that resumes between two batches
    for step in range(first, 2 * ViewLoss.USES + 1):
        loss_of(net, loss_of.batch(step), step)
    assert len(runs) == 3


def test_the_branch_starts_from_new_weights_and_the_rest_stays():
    shape = Shape("ral", width=4)
    torch.manual_seed(0)
    net, earlier = SequenceNet(shape), SequenceNet(shape)
    weights = {name: value.numpy() for name, value in earlier.state_dict().items()}
    old = {**weights, "net.name.9.weight": weights["net.last.weight"]}  # a branch of another make
    found = with_new_views(net, old)
    assert set(found) == set(net.state_dict())
    for name, value in found.items():
        source = net if name.startswith(OF_VIEWS) else earlier
        assert (value == source.state_dict()[name].numpy()).all()
