"""Every training, stopped after its first pause and resumed, ends bit-identical to one that was not stopped."""

from dataclasses import replace
from functools import partial

import pytest
import torch

from kinecor_lab.common.distillation import distilling
from kinecor_lab.common.losses import marginal_dice_and_cross_entropy
from kinecor_lab.common.stages import Stage, StagePlan, frame_job
from kinecor_lab.common.training import read_state, train
from kinecor_lab.datasets.samples import camus_png
from kinecor_lab.datasets.short_axis import acdc_png
from kinecor_lab.tasks.apical import pairs as apical_pairs
from kinecor_lab.tasks.apical import train as apical
from kinecor_lab.tasks.circular.train import CircularPlan, train_circular
from kinecor_lab.tasks.listener.data import pairs_of, strips_of
from kinecor_lab.tasks.listener.train import ListenerPlan, train_listener
from kinecor_lab.tasks.motion.train import FlowPlan, train_flow
from kinecor_lab.tasks.phases.train import PhasePlan, afd_on, train_phases
from kinecor_lab.tasks.sax import train as sax
from kinecor_lab.tasks.sequence.samples import Cutting
from kinecor_lab.tasks.sequence.train import SequencePlan, measured_on, train_sequences
from kinecor_lab.tasks.views.data import Looks, ViewSample, ViewSquares
from kinecor_lab.tasks.views.table import scores_of
from kinecor_lab.tasks.views.train import view_loss
from kinecor_models.nets.lean_unet import LeanUNet
from kinecor_models.nets.sequence_net import Shape
from kinecor_models.nets.tempreg import Shape as PhaseShape
from kinecor_models.nets.unet import UNet
from kinecor_models.nets.view_net import ViewNet
from tests.lab.camus import write_camus
from tests.lab.phase_cines import drawn_cine
from tests.lab.sax_sets import write_acdc
from tests.lab.sequence_clips import beating
from tests.lab.tasks.circular.test_circular_training import cycle
from tests.lab.tasks.motion.test_flow_training import _shift

STAGES = StagePlan((Stage(32, 2, 2), Stage(64, 1, 2)), seed=3)


@pytest.fixture(autouse=True)
def one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def on_frames(data, run, say):
    learn, check = (camus_png(data("camus", write_camus), [split]) for split in ("train", "valid"))
    torch.manual_seed(3)
    loss = apical.overlap_loss
    job = frame_job(learn, STAGES, apical.dice_on(check), prepare=apical.prepared, loss_of=loss)
    train(job, UNet(filters=(8, 8, 16)), run, say=say)


def on_frame_pairs(data, run, say):
    learn, check = (
        apical_pairs.frame_pairs(camus_png(data("camus", write_camus), [name])) for name in ("train", "valid")
    )
    torch.manual_seed(3)
    loss = apical.overlap_loss
    job = frame_job(learn, STAGES, apical_pairs.pair_dice_on(check), prepare=apical_pairs.prepared_pair, loss_of=loss)
    train(replace(job, loss=apical_pairs.pair_loss(loss)), UNet(filters=(8, 8, 16), inputs=2), run, say=say)


def on_lean_frames(data, run, say):
    learn, check = (camus_png(data("camus", write_camus), [split]) for split in ("train", "valid"))
    torch.manual_seed(3)
    loss = apical.overlap_loss
    job = frame_job(learn, STAGES, apical.dice_on(check), prepare=apical.prepared, loss_of=loss)
    net, teacher = LeanUNet(filters=(8, 16), stem=4), UNet(filters=(8, 8, 16))
    train(replace(job, loss=distilling(teacher, loss, 0.5)), net, run, say=say)


def on_slices(data, run, say):
    learn = acdc_png(data("acdc", write_acdc), ["train"], {"p0": "train"})
    torch.manual_seed(3)
    loss = marginal_dice_and_cross_entropy
    job = frame_job(learn, STAGES, sax.sax_dice_on(learn[:1]), prepare=sax.prepared, loss_of=loss)
    train(job, UNet(filters=(8, 8, 16), inputs=3), run, say=say)


def on_views(data, run, say):
    frames = camus_png(data("camus", write_camus), ["train"])
    learn = [ViewSample(one.image, number % 3) for number, one in enumerate(frames)]
    torch.manual_seed(3)
    squares = ViewSquares(Looks(learn, 3))
    job = frame_job(learn, STAGES, scores_of(learn), prepare=squares, loss_of=view_loss)
    train(job, ViewNet(), run, say=say)


def on_phases(_data, run, say):
    plan = PhasePlan(PhaseShape(hidden=8, filters=(4, 6, 8), features=12), 4, batch=2, frames=8, side=32)
    cines = [drawn_cine(number) for number in range(3)]
    train_phases(plan, cines, run, afd_on(cines[:1], 32), validate_every=2, say=say)


def on_pairs(_data, run, say):
    pairs = {"synthetic": _shift(), "warped": _shift((1.0, 0.0), 3)}
    train_flow(FlowPlan(width=2, steps=4, batch=1, side=32), pairs, pairs, run, validate_every=2, say=say)


def on_clips(_data, run, say, **changes):
    plan = SequencePlan(Shape("convlstm", (4, 6)), Cutting(3, 32), steps=4, batch=2, warm=False)
    clips = [beating("p0/0"), beating("p1/0", "A3C", seed=20)]
    plan = replace(plan, **changes)
    train_sequences(plan, clips, run, measured_on(clips[:1], 32, 3), validate_every=2, say=say)


def on_cycles(_data, run, say):
    plan = CircularPlan("cnn", 2, 2, 1e-2, units=1, channels=(4, 6, 8))
    train_circular(plan, [cycle(number) for number in range(4)], [cycle(20)], run, say)


def on_walls(data, run, say):
    strips = strips_of(pairs_of(camus_png(data("camus", write_camus), ["train"])))
    train_listener(ListenerPlan(width=4, steps=4, batch=2), [strips], strips, run, validate_every=2, say=say)


class StopError(Exception):
    pass


@pytest.mark.parametrize(
    "training",
    [
        on_frames,
        on_frame_pairs,
        on_lean_frames,
        on_slices,
        on_views,
        on_phases,
        on_pairs,
        on_clips,
        partial(on_clips, shape=Shape("ral", width=4)),
        on_cycles,
        on_walls,
    ],
    ids=[
        "apical",
        "pairs",
        "lean",
        "sax",
        "views",
        "phases",
        "motion",
        "sequence",
        "sequence-ral",
        "circular",
        "listener",
    ],
)
def test_a_stopped_training_ends_as_one_that_was_not(training, tmp_path):
    def data(name, write):
        folder = tmp_path / name
        return folder if folder.exists() else write(folder)

    def stop(line):
        raise StopError(line)

    training(data, tmp_path / "whole", lambda _: None)
    with pytest.raises(StopError):
        training(data, tmp_path / "stopped", stop)
    said = []
    training(data, tmp_path / "stopped", said.append)
    assert any("resuming after step" in line for line in said)
    one, other = (read_state(next((tmp_path / run).rglob("checkpoint.pt"))) for run in ("whole", "stopped"))
    assert one["step"] == other["step"]
    for net in ("net", "averaged"):
        assert all(torch.equal(one[net][name], other[net][name]) for name in one[net])
