from dataclasses import replace

import numpy as np
import pytest
import torch

from kinecor_models.contours import sequence
from kinecor_models.contours.sequence import SequenceModel, open_sequence
from kinecor_models.contract import ClipInput, ModelCard, fit_grid
from kinecor_models.engines import sequence as engines
from kinecor_models.engines.engine import GPU_FULL
from kinecor_models.engines.sequence import TorchSequence
from kinecor_models.localisation.framing import sector_box
from kinecor_models.nets.sequence_net import SequenceNet, Shape
from kinecor_models.views.classes import APICAL
from tests.lab.sequence_clips import beating

CARD = ModelCard("small", "0", "", "", "", "", "", (), "", (), {}, 32)


@pytest.fixture(scope="module")
def clip():
    return ClipInput(beating(frames=13, side=128).frames, interval_s=0.04, spacing_mm=0.9)


def test_a_network_that_remembers_answers_alike_in_parts_and_at_once(clip, monkeypatch):
    torch.manual_seed(0)
    model = SequenceModel(CARD, TorchSequence(SequenceNet(Shape("convlstm", (4, 6))).eval()))
    outputs = []
    for part in (1, 5, 100):
        monkeypatch.setattr(sequence, "PART", part)
        grid = fit_grid((0, 0, 128, 128), 32)
        outputs.append(np.stack(list(model._probabilities(clip, grid, [], lambda *_: None))))
    assert outputs[0].shape == (13, 4, 32, 32)
    for other in outputs[1:]:
        assert np.abs(outputs[0] - other).max() < 1e-5


def test_a_network_that_distinguishes_views_names_one(clip):
    torch.manual_seed(0)
    ticks = []
    naming, silent = (
        SequenceModel(CARD, TorchSequence(SequenceNet(shape).eval()))
        for shape in (Shape("ral", width=4), Shape("frames", filters=(4, 6)))
    )
    found = naming(clip, lambda *done: ticks.append(done))
    assert found.view in APICAL
    assert ticks == [(done, 13) for done in range(14)]
    assert {len(lines) for lines in found.contours.values()} == {13}
    assert silent(clip, lambda *_: None).view is None


def test_the_shipped_network_gives_a_live_source_what_it_gives_the_whole_clip(clip):
    clip = replace(clip, frames=clip.frames[:6])  # each is computed some three times
    model = open_sequence("lv-convlstm", "cpu")
    grid = fit_grid(sector_box(clip), model.card.size, clip.aspect)
    whole = list(model._probabilities(clip, grid, [], lambda *_: None))
    feed = model.live(grid)
    live = [feed.probability(clip.frames[frame]) for frame in range(len(clip.frames))]
    assert max(np.abs(one - other).max() for one, other in zip(whole, live, strict=True)) < 1e-5
    # Without what was handed on it answers otherwise.
    assert np.abs(model.live(grid).probability(clip.frames[5]) - live[5]).max() > 1e-3
    again, drawn = model.live(grid), model(clip, lambda *_: None)
    for frame in range(3):
        contour = again(clip.frames[frame]).contours["lv_endo"]
        assert contour == pytest.approx(drawn.contours["lv_endo"][frame], abs=0.01)


@pytest.mark.parametrize(
    ("shape", "average"),
    [
        (Shape("ral", width=4, both_ways=True), False),
        (Shape("convlstm", (4, 6), both_ways=True), False),
        (Shape("convlstm", (4, 6)), True),
    ],
)
def test_a_network_that_looks_ahead_takes_no_live_source(shape, average):
    model = SequenceModel(CARD, TorchSequence(SequenceNet(shape).eval()), average=average)
    with pytest.raises(ValueError, match="small looks at frames to come: give it whole clips"):
        model.live(fit_grid((0, 0, 128, 128), 32))


def test_a_network_with_a_view_flag_receives_the_clips_view(clip):
    torch.manual_seed(0)
    flagged, plain = (
        SequenceModel(CARD, TorchSequence(SequenceNet(Shape("convlstm", (4, 6), view_flag=flag)).eval()))
        for flag in (True, False)
    )
    grid = fit_grid((0, 0, 128, 128), 32)

    def first(model, view):
        return next(model._probabilities(replace(clip, view=view), grid, [], lambda *_: None))

    assert np.abs(first(flagged, "A3C") - first(flagged, "A4C")).max() > 1e-4
    for view in ("A2C", None, "PLAX"):
        assert np.array_equal(first(flagged, view), first(flagged, "A4C"))
    assert np.array_equal(first(plain, "A3C"), first(plain, None))
    live = flagged.live(grid, "A3C").probability(clip.frames[0])
    assert live == pytest.approx(first(flagged, "A3C"), abs=1e-5)


@pytest.mark.logs_warnings
@pytest.mark.parametrize("kind", ["convlstm", "ral"])
def test_where_the_gpu_is_full_a_clip_goes_on_from_what_is_remembered(kind, monkeypatch, caplog):
    """On the processor: frames on "cuda" are computed there, until the memory of the GPU is full."""
    torch.manual_seed(0)
    net = SequenceNet(Shape(kind, (4, 6), width=4)).eval()
    images = np.random.default_rng(0).integers(0, 255, (6, 32, 32), np.uint8)
    whole, _, _ = TorchSequence(net)(images, None, "A4C")
    answers, full = engines._answers, []

    def on(used, device, *rest):
        if device == "cuda" and full:
            raise torch.OutOfMemoryError("CUDA out of memory.")
        return answers(used, "cpu", *rest)

    monkeypatch.setattr(engines, "_answers", on)
    engine = TorchSequence(net)
    engine._held = net, "cuda"
    first, _, state = engine(images[:3], None, "A4C")
    full.append(True)
    second, _, state = engine(images[3:5], state, "A4C")
    third, _, _ = engine(images[5:], state, "A4C")
    assert np.concatenate([first, second, third]) == pytest.approx(whole, abs=1e-5)
    assert engine._held[0] is not net, "another thread may still use the network on the GPU"
    assert [one.getMessage() for one in caplog.records] == [GPU_FULL]


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA GPU")
def test_on_a_gpu_half_precision_changes_little(clip):
    on_gpu, on_cpu = open_sequence("lv-convlstm", "cuda"), open_sequence("lv-convlstm", "cpu")
    grid = fit_grid(sector_box(clip), on_cpu.card.size, clip.aspect)
    one, other = (np.stack(list(m._probabilities(clip, grid, [], lambda *_: None))) for m in (on_gpu, on_cpu))
    assert np.abs(one - other).mean() < 2e-3
