"""Methods choose network, motion and events; what they do not name is as always."""

import numpy as np
import pytest

from kinecor.analysis.analyse import _named_by
from kinecor.analysis.methods import DEFAULT, METHODS, method_named
from kinecor.analysis.models import Models, networks
from kinecor.analysis.strategy import UNMEASURED, Proposal, event_edits
from kinecor.core.values.errors import KinecorError
from kinecor.core.values.events import Beat, PhaseCurve
from kinecor.core.values.kind import APICAL_LOOP, LONG_AXIS_MRI, SHORT_AXIS_STACK
from kinecor.core.values.reading import Facts, Reading
from kinecor.session.edits import SetEvents, SetWithheld, Several
from kinecor_models.registry import cards
from tests.core.walls import tracks

FRAMES = 20


def beating_reading():
    """A loop whose cavity is largest in frame 0 and smallest in frame 10."""

    def moved(points, frame):
        shrunk = 1 - 0.2 * np.sin(np.pi * frame / FRAMES)
        return (points - points.mean(axis=0)) * shrunk + points.mean(axis=0)

    facts = Facts("r", 260, 280, np.arange(FRAMES) * 0.05, "FrameTime")
    return Reading(facts, tracks=tracks(moved, FRAMES))


def regressed(ed, es):
    return PhaseCurve(np.zeros(FRAMES), ed, es, "model:phases@1", tuple(map(float, ed)), tuple(map(float, es)))


def events_in(edits):
    return next(edit.events for edit in edits if isinstance(edit, SetEvents))


def test_each_method_names_what_exists():
    named = {card.name for card in cards()}
    assert len({method.name for method in METHODS}) == len(METHODS) == 6
    for method in METHODS:
        assert not method.card or method.card in named
        kinds = {kind.network for kind in method.kinds or ()}
        if method.network is not None:
            (kind,) = kinds
            assert method.network in [card.name for card in networks(kind)]


def test_a_method_is_for_its_kinds_alone():
    assert DEFAULT.fits(LONG_AXIS_MRI)
    assert method_named("zhang-circular").fits(SHORT_AXIS_STACK)
    assert not method_named("zhang-circular").fits(APICAL_LOOP)
    with pytest.raises(KinecorError, match="kong-events"):
        method_named("konk")


def test_the_chosen_motion_takes_the_place_of_the_usual_one():
    stack = Models("cpu", followed_by="stack").motion("moving")
    search = Models("cpu", followed_by="search").motion("network")
    assert "dis-flow" in Models("cpu").motion("moving").author
    assert stack.author.startswith("model:motion@")
    assert "dis-flow" in search.author


def test_one_choice_of_a_method_can_be_another():
    method = method_named("oestvik-motion").with_choices("search", "images")
    assert (method.motion, method.events) == ("search", "images")
    assert method_named("oestvik-motion").with_choices(None, None).motion == "stack"


def test_events_are_those_of_the_images_where_that_is_chosen():
    reading, curve = beating_reading(), regressed((1, 18), (8,))
    assert events_in(event_edits(reading, curve)).beats == (Beat(0, 10),)
    assert events_in(event_edits(reading, curve, "images")).beats == curve.events.beats == (Beat(1, 8),)


def test_without_a_beat_in_the_images_the_volumes_say_where_ed_and_es_are():
    assert events_in(event_edits(beating_reading(), regressed((), ()), "images")).beats == (Beat(0, 10),)


def test_the_history_names_the_method_and_the_author_stays():
    proposal = Proposal(Several(UNMEASURED, (SetWithheld(UNMEASURED),)), "model:a@1")
    named = _named_by(proposal, method_named("kong-events"))
    assert str(named.edit.summary) == "not measured; method: Kong events"
    assert named.by == proposal.by
