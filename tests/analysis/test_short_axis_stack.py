"""A stack and a stand-in for its model make one edit."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from kinecor.analysis.analyse import propose, propose_early, propose_first
from kinecor.analysis.images.measure import with_images
from kinecor.analysis.models import Models, describe
from kinecor.core.checks.assessment import assess
from kinecor.core.table.table import measurements
from kinecor.core.values.choices import Extent
from kinecor.core.values.errors import Cancelled, KinecorError
from kinecor.core.values.reading import Reading, first_stack_reading
from kinecor.core.values.track import Structure
from kinecor.session.codec import encode
from kinecor.session.edits import OnSlice, SetContours, SetExcluded
from kinecor_models.contract import ClipInput, ClipOutput, EarlyOutput, Tick, fit_grid
from tests import stacks


class SliceModel:
    """Knows the exact contours of `stacks.read`, slice after slice as it is asked."""

    card = describe()[0]

    def __init__(self, truth: Reading) -> None:
        self.truth, self.seen = truth, list[ClipInput]()

    def __call__(self, clip: ClipInput, tick: Tick) -> ClipOutput:
        one = self.truth.slices[len(self.seen) % len(self.truth.slices)]
        self.seen.append(clip)
        for frame in range(len(clip.frames)):
            tick(frame + 1, len(clip.frames))
        grid = fit_grid((0, 0, stacks.SIZE_PX, stacks.SIZE_PX), 192)
        contours = {
            structure.value: [c and grid.to_network(c.points).astype(np.float32) for c in track.contours]
            for structure, track in one.tracks.items()
        }
        sure = {structure.value: track.confidence.astype(np.float32) for structure, track in one.tracks.items()}
        return ClipOutput(contours, sure, grid)


class WholeModel(SliceModel):
    """The same for all slices at once."""

    def stack(self, clips: Sequence[ClipInput], tick: Tick) -> list[ClipOutput]:
        return [self(clip, tick) for clip in clips]


@pytest.fixture(params=[SliceModel, WholeModel])
def fake(request, monkeypatch):
    model = request.param(stacks.read(stacks.stack()))
    monkeypatch.setattr(Models, "short_axis", lambda _: model)
    # Motion takes nine tenths of the time and is tested in test_slice_motion.py.
    monkeypatch.setattr("kinecor.analysis.analyse.slice_motion_edits", lambda *_: [])
    return model


def test_contours_extent_and_events_in_one_step(fake):
    recording = stacks.stack()
    first = first_stack_reading(recording)
    proposal = propose(recording, first)
    reading = proposal.edit.apply(first, proposal.by)
    assert proposal.by.startswith("model:")
    assert reading.short_axis.extent == Extent((1,) * 20, (10,) * 20)
    assert [(beat.ed, beat.es) for beat in reading.events.beats] == [(0, 10)]
    assert reading.authors["short_axis/extent"] == proposal.by
    found = {row.code: row for row in measurements(reading)}
    assert found["EDV"].quantity.value == pytest.approx(stacks.Heart().volume_ml(0), rel=0.005)
    assert found["EDV"].status == "auto"
    assert found["EDV"].by == (proposal.by,)
    assert [one.code for one in assess(reading).findings] == ["stack.stroke-volumes"]
    # A slice beyond the ventricle has no track at all.
    assert reading.slices[0].tracks == {}
    assert fake.seen[0].spacing_mm == stacks.SPACING_MM
    assert fake.seen[0].aspect == 1


def test_what_is_shown_early_of_a_stack_does_not_change_what_follows(fake, monkeypatch):
    recording = stacks.stack()
    first = first_stack_reading(recording)
    whole = propose_first(recording, first)
    assert propose_early(recording, first).proposal is None  # this model has nothing early

    def early_stack(_, clips, tick):
        found = [fake(clip, tick) for clip in clips]
        return EarlyOutput(found, lambda later: [fake(clip, later) for clip in clips])

    monkeypatch.setattr(type(fake), "early_stack", early_stack, raising=False)
    begun = propose_early(recording, first)
    shown = begun.proposal.edit.apply(first, begun.proposal.by)
    assert shown.short_axis.extent == Extent((1,) * 20, (10,) * 20)
    assert {row.code: row for row in measurements(shown)}["EF"].quantity is not None
    # As bytes: written out by repr, points take five times as long as the analysis.
    assert encode(begun.finish(lambda *_: None).edit) == encode(whole.edit)


def test_what_the_reader_chose_stays_and_what_a_model_found_before_goes(fake):
    recording = stacks.stack()
    reading = first_stack_reading(recording)
    reading = SetExcluded((4,)).apply(reading, "Ann")
    reading = OnSlice(0, SetContours(Structure.LV_ENDO, 0, (stacks.circle(9),))).apply(reading, "Ann")
    proposal = propose(recording, reading)
    after = proposal.edit.apply(reading, proposal.by)
    assert after.short_axis.excluded == (4,)
    assert after.short_axis.extent.base == (1,) * 20
    assert after.slices[0].tracks == {}


def test_progress_counts_all_slices_and_can_be_cancelled(fake):
    recording, seen = stacks.stack(), []

    def tick(done, total):
        seen.append((done, total))
        if len(seen) > 30:
            raise Cancelled

    measured = with_images(recording, first_stack_reading(recording))  # has ticks of its own
    with pytest.raises(Cancelled):
        propose(recording, measured, tick)
    if type(fake) is SliceModel:
        assert seen[-1] == (31, 240)


def test_where_no_ventricle_is_found_it_says_so(monkeypatch):
    recording = stacks.stack()
    nothing = stacks.read(recording, replace(stacks.Heart(), length_mm=0.5))
    monkeypatch.setattr(Models, "short_axis", lambda _: SliceModel(nothing))
    first = first_stack_reading(recording)
    proposal = propose(recording, first)
    reading = proposal.edit.apply(first, proposal.by)
    assert "no left ventricle was found" in reading.withheld
    assert all(row.quantity is None or row.code in ("HR", "BSA") for row in measurements(reading))


def test_without_the_model_the_sentence_says_what_can_be_done(monkeypatch):
    from kinecor.analysis import models

    monkeypatch.setattr(models, "names", lambda: ("lv-apical",))
    with pytest.raises(KinecorError, match="contour the stack by hand"):
        propose(stacks.stack(), first_stack_reading(stacks.stack()))


def test_slices_of_an_ultrasound_volume_are_not_measured():
    recording = stacks.stack()
    source = replace(recording.slices[0].source, modality="US")
    echo = replace(recording, slices=(replace(recording.slices[0], source=source), *recording.slices[1:]))
    first = first_stack_reading(echo)
    proposal = propose(echo, first)
    assert "ultrasound" in proposal.edit.apply(first, proposal.by).withheld
