import numpy as np
import pytest
import torch

from kinecor_models.contract import load_card, load_weights
from kinecor_models.engines.openvino_graphs import open_curve
from kinecor_models.engines.torch_engines import curve_engine, open_torch_curve
from kinecor_models.nets.tempreg import Shape, TempReg
from kinecor_models.phases.model import without_late


@pytest.mark.parametrize(("shape", "size"), [(Shape(hidden=8, filters=(4, 6, 10), features=12), 40), (Shape(), 96)])
def test_openvino_gives_what_torch_gives(shape, size):
    torch.manual_seed(0)
    net = TempReg(shape)
    with torch.no_grad():
        # Statistics of batches that were never seen would hide how they are folded in.
        for module in net.modules():
            if isinstance(module, torch.nn.BatchNorm2d):
                module.running_mean.normal_(0, 0.2)
                module.running_var.uniform_(0.5, 2)
    weights = {name: value.numpy() for name, value in net.eval().state_dict().items()}
    ours, theirs = open_curve(weights, size), curve_engine(net)
    frames = np.random.default_rng(0).integers(0, 255, (13, size, size)).astype(np.uint8)
    for count in (13, 1, 6):
        for closed in (False, True):
            assert ours(frames[:count], closed) == pytest.approx(theirs(frames[:count], closed), abs=2e-4)


def test_the_shipped_network_is_the_same_by_torch():
    """Its file lists the layers by name, 12 before 3, as others may."""
    card = load_card("phases")
    weights, _ = without_late(load_weights(card))
    frames = np.random.default_rng(1).integers(0, 255, (6, card.size, card.size)).astype(np.uint8)
    found = open_torch_curve(weights, "cpu")(frames, True)
    assert open_curve(weights, card.size)(frames, True) == pytest.approx(found, abs=2e-4)
