"""The regressed curve is added to the contours; its marks serve where these have none."""

from dataclasses import replace

import numpy as np
import pytest

from kinecor.analysis import strategy as phases
from kinecor.analysis.analyse import propose
from kinecor.analysis.models import Models, describe
from kinecor.analysis.strategy import event_edits, stack_phases
from kinecor.core.values.calibration import Calibration
from kinecor.core.values.events import Beat, PhaseCurve
from kinecor.core.values.reading import View, first_reading, first_stack_reading
from kinecor_models.contract import ClipInput, Tick, fit_grid
from kinecor_models.localisation.framing import Heart
from kinecor_models.phases.model import PhaseEvents, PhaseOutput, StackPhases
from tests import stacks
from tests.analysis.test_analyse import FakeModel, cine
from tests.analysis.test_short_axis_stack import WholeModel

CARD = replace(describe()[0], name="phases")
EVENTS = PhaseEvents((2, 22), (13, 33), (2.1, 22.0), (12.8, 33.2))


class FakePhases:
    """Two beats, whatever it looks at."""

    card = CARD

    def __init__(self) -> None:
        self.hearts: list[object] = []
        self.seen: list[object] = []

    def __call__(
        self, clip: ClipInput, tick: Tick, *, short_axis: bool = False, closed: bool = False, heart: Heart | None = None
    ) -> PhaseOutput:
        frames = len(clip.frames)
        self.hearts = [heart]
        self.seen.append((clip.spacing_mm, short_axis, closed))
        tick(frames, frames)
        return PhaseOutput(np.linspace(0, 1, frames, dtype=np.float32), EVENTS, fit_grid((0, 0, 100, 100), 80))

    def stack(self, clips, tick: Tick, hearts) -> StackPhases:
        self.hearts = list(hearts)
        assert len(clips) == len(hearts)
        curve = np.linspace(0, 1, len(clips[0].frames), dtype=np.float32)
        return StackPhases((curve,) * len(clips), curve, PhaseEvents((19,), (7,), (19.0,), (7.0,)))


@pytest.fixture
def regressing(monkeypatch: pytest.MonkeyPatch) -> FakePhases:
    model = FakePhases()
    monkeypatch.setattr(Models, "phases", lambda _: model)
    return model


@pytest.fixture
def contouring(monkeypatch: pytest.MonkeyPatch) -> FakeModel:
    model = FakeModel()
    monkeypatch.setattr(Models, "apical", lambda _: model)
    return model


def concluded(recording, start):
    proposal = propose(recording, start)
    return proposal.by, proposal.edit.apply(start, proposal.by)


def test_a_contoured_loop_has_both_and_the_volume_curve_marks(regressing, contouring):
    recording = cine()
    by, reading = concluded(recording, first_reading(recording).with_(view=View("A4C", None, "Ada")))
    assert by == contouring.card.author
    assert regressing.seen == [(None, False, False)]
    assert reading.events.beats == (Beat(0, 10), Beat(20, 30))
    assert reading.phase_curve.events.beats == (Beat(2, 13), Beat(22, 33))
    assert (reading.phase_curve.ed_at, reading.phase_curve.es_at) == ((2.1, 22.0), (12.8, 33.2))
    assert reading.phase_curve.by == CARD.author
    assert len(reading.phase_curve.values) == len(recording)


class Finder:
    """Sees the heart at one place."""

    card = CARD
    place = Heart(30.0, 40.0, 90.0, 0.9)

    def heart(self, clip: ClipInput) -> Heart:
        return self.place


def test_a_single_short_axis_is_marked_by_the_regression_alone(regressing, contouring, monkeypatch):
    monkeypatch.setattr(Models, "short_axis", lambda _: Finder())
    recording = replace(cine(), source=replace(cine().source, modality="MR"))
    start = first_reading(recording).with_(view=View("SAX", None, "Ada"), calibration=Calibration(1.2, 1.5, "file"))
    by, reading = concluded(recording, start)
    assert "this is neither" in reading.withheld
    assert reading.events.beats == (Beat(2, 13), Beat(22, 33))
    assert reading.authors["events"] == by == CARD.author
    assert regressing.seen == [(1.5, True, True)]
    assert regressing.hearts == [Finder.place]  # where the contouring network sees it, not where most moves


def test_without_such_a_network_the_heart_is_searched_for_where_the_image_moves(regressing, contouring, monkeypatch):
    monkeypatch.setattr(Models, "short_axis", lambda _: contouring)
    recording = replace(cine(), source=replace(cine().source, modality="MR"))
    concluded(recording, first_reading(recording).with_(view=View("SAX", None, "Ada")))
    assert regressing.hearts == [None]


@pytest.mark.parametrize(("modality", "label"), [("US", "PSAX"), ("US", "PLAX"), ("MR", "A4C"), ("XA", "SAX")])
def test_no_result_for_images_unlike_the_training_set(regressing, contouring, modality, label):
    recording = replace(cine(), source=replace(cine().source, modality=modality))
    _, reading = concluded(recording, first_reading(recording).with_(view=View(label, None, "Ada")))
    assert reading.withheld
    assert reading.phase_curve is None
    assert reading.events is None


def test_parts_of_a_frame_stay_within_a_loop_and_go_round_a_cycle():
    assert phases._places((0, 39), (-0.3, 39.4), 40, closed=False) == ((0, 39), (0.0, 39.0))
    assert phases._places((0,), (-0.25,), 20, closed=True) == ((0,), (19.75,))
    assert phases._places((0,), (-1e-18,), 20, closed=True) == ((0,), (0.0,))
    assert phases._places((30, 9, 9), (30.1, 9.0, 9.2), 40, closed=False) == ((9, 30), (9.2, 30.1))


def test_an_earlier_curve_goes_where_none_is_found_any_more(contouring, monkeypatch):
    recording = cine()
    before = first_reading(recording).with_(view=View("A4C", None, "Ada"))
    before = before.with_(phase_curve=PhaseCurve(np.zeros(40), (1,), (2,), "m"))
    monkeypatch.setattr(Models, "phases", lambda _: None)
    _, reading = concluded(recording, before)
    assert reading.phase_curve is None
    assert reading.events.beats == (Beat(0, 10), Beat(20, 30))
    assert event_edits(first_reading(recording), None) == []


def test_a_stack_is_looked_at_where_its_contours_are(regressing, monkeypatch):
    recording = stacks.stack()
    monkeypatch.setattr(Models, "short_axis", lambda _: WholeModel(stacks.read(stacks.stack())))
    monkeypatch.setattr("kinecor.analysis.analyse.slice_motion_edits", lambda *_: [])
    first = first_stack_reading(recording)
    proposal = propose(recording, first)
    reading = proposal.edit.apply(first, proposal.by)
    assert reading.events.beats == (Beat(0, 10),)
    assert reading.phase_curve.events.beats == (Beat(19, 7),)
    # The slice beyond the ventricle is not asked.
    assert len(regressing.hearts) == 10
    assert regressing.hearts[0].y == pytest.approx(stacks.CENTRE_PX[1], abs=3)


def test_a_stack_without_contours_has_no_regressed_curve(regressing):
    recording = stacks.stack()
    clips = [ClipInput(one.frames) for one in recording.slices]
    assert stack_phases(clips, first_stack_reading(recording), Models(), lambda *_: None) is None
