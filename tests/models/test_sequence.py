import numpy as np
import pytest
import torch

from kinecor_models import sequence
from kinecor_models.card import ModelCard
from kinecor_models.contract import ClipInput
from kinecor_models.grid import fitted
from kinecor_models.nets.sequence_net import SequenceNet, Shape
from kinecor_models.sequence import SequenceModel
from kinecor_models.view_classes import APICAL
from tests.models.sequence_clips import beating

CARD = ModelCard("small", "0", "", "", "", "", "", (), "", (), {}, 32)


@pytest.fixture(scope="module")
def clip():
    return ClipInput(beating(frames=13, side=128).frames, interval_s=0.04, spacing_mm=0.9)


def test_a_network_that_remembers_answers_alike_in_parts_and_at_once(clip, monkeypatch):
    torch.manual_seed(0)
    model = SequenceModel(CARD, SequenceNet(Shape("convlstm", (4, 6))).eval())
    outputs = []
    for part in (1, 5, 100):
        monkeypatch.setattr(sequence, "PART", part)
        grid = fitted((0, 0, 128, 128), 32)
        outputs.append(np.stack(list(model._probabilities(clip, grid, [], lambda *_: None))))
    assert outputs[0].shape == (13, 4, 32, 32)
    for other in outputs[1:]:
        assert np.abs(outputs[0] - other).max() < 1e-4


def test_a_network_that_tells_views_apart_names_one(clip):
    torch.manual_seed(0)
    ticks = []
    naming, silent = (
        SequenceModel(CARD, SequenceNet(shape).eval())
        for shape in (Shape("ral", width=4), Shape("frames", filters=(4, 6)))
    )
    found = naming(clip, lambda *done: ticks.append(done))
    assert found.view in APICAL
    assert ticks == [(done, 13) for done in range(14)]
    assert {len(lines) for lines in found.contours.values()} == {13}
    assert silent(clip, lambda *_: None).view is None
