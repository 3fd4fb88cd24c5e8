import sys
from dataclasses import asdict, replace
from types import ModuleType

import numpy as np
import pytest
import torch

from kinecor_models.contract import ModelCard
from kinecor_models.engines import converted as module
from kinecor_models.engines.converted import cache_folder, convert_network
from kinecor_models.engines.opening import open_engine
from kinecor_models.engines.openvino_graphs import Compiled
from kinecor_models.engines.sequence import ConvertedSequence, TorchSequence, converted_wall, torch_wall
from kinecor_models.engines.torch_engines import open_torch
from kinecor_models.nets.circular import net_of
from kinecor_models.nets.sequence_net import SequenceNet, Shape

CARD = ModelCard("small", "0", "", "", "0" * 64, "", "", (), "", (), {}, 32)


@pytest.fixture(autouse=True)
def _separate_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("KINECOR_DATA_DIR", str(tmp_path))


def weights_of(net):
    return {name: value.numpy() for name, value in net.state_dict().items() if "num_batches" not in name}


class Twice(torch.nn.Module):
    def forward(self, x):
        return 2 * x


def twice(digest="a", shape=(1, 3)):
    """The answer for ones, and how often the network was converted for it."""
    built = []

    def build():
        built.append(1)
        return Twice(), (torch.zeros(shape),)

    (found,) = Compiled(convert_network("twice", digest, shape, build))(np.ones(shape, np.float32))
    assert (found == 2).all()
    return len(built)


def entries():
    return sorted(path.name for path in cache_folder().iterdir())


def test_a_network_is_converted_once():
    assert [twice(), twice()] == [1, 0]
    assert len(entries()) == 1


def test_other_weights_another_shape_or_other_code_are_converted_again(monkeypatch):
    assert [twice("a"), twice("b"), twice("b", (1, 4))] == [1, 1, 1]
    assert len(entries()) == 1  # older entries of the same network go
    monkeypatch.setattr(module, "_code", lambda: "changed")
    assert twice("b", (1, 4)) == 1


@pytest.mark.parametrize("damage", [lambda content: content[:-5], lambda content: b"", lambda content: b"x" * 100])
def test_a_damaged_entry_is_written_again(damage):
    twice()
    (path,) = cache_folder().iterdir()
    whole = path.read_bytes()
    path.write_bytes(damage(whole))
    assert [twice(), twice()] == [1, 0]
    # Whole again; the numbers in the names of its operations go on counting, so a digit more or less is no damage.
    assert len(path.read_bytes()) == pytest.approx(len(whole), abs=32)


def test_without_a_folder_to_write_to_it_runs_all_the_same(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("KINECOR_DATA_DIR", str(tmp_path / "file"))
    assert [twice(), twice()] == [1, 1]


@pytest.mark.parametrize(
    "shape",
    [
        Shape("frames", (4, 6)),
        Shape("convlstm", (4, 6)),
        Shape("convlstm", (4, 6), view_flag=True),
        Shape("ral", width=4),
    ],
    ids=lambda shape: f"{shape.kind} {shape.view_flag}",
)
def test_a_converted_step_gives_what_torch_gives_for_the_whole_clip(shape):
    torch.manual_seed(0)
    net = SequenceNet(shape).eval()
    card = replace(CARD, settings=asdict(shape))
    ours, theirs = ConvertedSequence(card, weights_of(net)), TorchSequence(net)
    images = np.random.default_rng(0).integers(0, 256, (5, 32, 32), dtype=np.uint8)
    for view in ("A4C", "A3C"):
        expected, named, _ = theirs(images, None, view)
        state, parts = None, []
        for part in (images[:2], images[2:]):
            found, views, state = ours(part, state, view)
            parts.append(found)
        assert np.concatenate(parts) == pytest.approx(expected, abs=1e-4)
        assert (views is None) == (named is None)
        if named is not None:
            assert views == pytest.approx(named[2:], abs=1e-4)


@pytest.mark.parametrize(("arm", "members"), [("multi-level", 1), ("one-level", 2)])
def test_the_circular_network_goes_round_as_torch_does(arm, members):
    torch.manual_seed(0)
    settings = {"arm": arm, "units": 1, "channels": (4, 6, 8), "members": members}
    card = replace(CARD, settings=settings)
    weights = weights_of(net_of(arm, 32, 1, (4, 6, 8), members=members))
    images = np.random.default_rng(0).integers(0, 256, (4, card.size, card.size), dtype=np.uint8)
    found = converted_wall(card, weights)(images)
    assert found == pytest.approx(torch_wall(card, weights)(images), abs=1e-4)
    assert found.shape == images.shape


def test_a_new_architecture_is_one_file_of_a_network(monkeypatch):
    """Named by its card, it runs by OpenVINO, though no graph and no engine knows it."""

    class Tiny(torch.nn.Module):
        def __init__(self, classes):
            super().__init__()
            self.last = torch.nn.Conv2d(1, classes, 3, padding=1)

        def forward(self, images):
            return self.last(images)

    file = ModuleType("kinecor_models.nets.tiny")
    file.net_for = lambda weights: Tiny(weights["last.weight"].shape[0])
    monkeypatch.setitem(sys.modules, file.__name__, file)
    torch.manual_seed(0)
    weights = weights_of(Tiny(4))
    image = np.random.default_rng(0).integers(0, 256, (32, 32), dtype=np.uint8)
    found = open_engine(replace(CARD, net="tiny"), weights, "cpu")(image)
    assert found.shape == (4, 32, 32)
    assert found == pytest.approx(open_torch(weights, "cpu", "tiny")(image), abs=0.01)
