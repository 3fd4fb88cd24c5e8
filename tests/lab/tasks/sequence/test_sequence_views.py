from itertools import count

import pytest
import torch

from kinecor_lab.tasks.sequence import views as sequence_views
from kinecor_lab.tasks.sequence.starting import OF_VIEWS, with_views_anew
from kinecor_lab.tasks.sequence.views import USES, view_losses
from kinecor_models.nets.ral import RAL
from kinecor_models.nets.sequence_net import SequenceNet, Shape


def bright(view: int) -> torch.Tensor:
    """(2, 1, 32, 32): speckle with a bright band where the view's number says."""
    frames = torch.rand(2, 1, 32, 32) * 0.3
    frames[..., 10 * view : 10 * view + 10, :] += 0.6
    return frames


def fresh():
    for _ in count():
        view = torch.randint(0, 3, (6,))
        yield torch.stack([bright(int(one)) for one in view]), torch.zeros(6, 2, 32, 32, dtype=torch.long), view


@pytest.fixture
def net():
    torch.manual_seed(3)
    return RAL(width=4, growth=2, layers=2).eval()


def test_the_branch_learns_what_tells_views_apart(net):
    net.aggregate.train()
    net.name.train()
    ours = [*net.aggregate.parameters(), *net.name.parameters()]
    before = {name: value.clone() for name, value in net.state_dict().items()}
    optimiser = torch.optim.AdamW(ours, lr=1e-2)
    losses = []
    for loss in view_losses(net, fresh(), 0, 120, 0):
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(loss.item())
    assert sum(losses[:5]) / 5 > 0.9
    assert sum(losses[-20:]) / 20 < 0.3
    changed = {name for name, value in net.state_dict().items() if not torch.equal(value, before[name])}
    assert all(name.startswith(("aggregate.", "name.")) for name in changed)
    frames, _, view = next(fresh())
    with torch.inference_mode():
        _, named = net.eval()(frames)
    assert (named.mean(dim=1).argmax(dim=1) == view).float().mean() > 0.8


def test_the_whole_network_runs_once_for_many_steps(net, monkeypatch):
    monkeypatch.setattr(sequence_views, "KEPT", 2)
    runs = []
    monkeypatch.setattr(net, "aggregated", lambda clip, whole=net.aggregated: runs.append(1) or whole(clip))
    assert len(list(view_losses(net, fresh(), 5, 5 + 2 * USES + 1, 0))) == 2 * USES + 1
    assert len(runs) == 3


def test_the_branch_begins_anew_and_the_rest_stays():
    shape = Shape("ral", width=4)
    torch.manual_seed(0)
    net, earlier = SequenceNet(shape), SequenceNet(shape)
    weights = {name: value.numpy() for name, value in earlier.state_dict().items()}
    old = {**weights, "net.name.9.weight": weights["net.last.weight"]}  # a branch of another make
    found = with_views_anew(net, old)
    assert set(found) == set(net.state_dict())
    for name, value in found.items():
        source = net if name.startswith(OF_VIEWS) else earlier
        assert (value == source.state_dict()[name].numpy()).all()
