from dataclasses import replace

import numpy as np
import pytest

from kinecor.analysis.analyse import propose
from kinecor.analysis.models import Models
from kinecor.core.checks import view as view_checks
from kinecor.core.values.errors import Cancelled
from kinecor.core.values.kind import APICAL_VIEWS
from kinecor.core.values.reading import Reading, View, first_reading
from kinecor.session.edits import SetView
from kinecor_models.contract import ClipInput, Tick, load_card
from kinecor_models.views.classes import CLASSES
from kinecor_models.views.model import ViewOutput, decide_view
from tests.analysis.test_analyse import FakeModel, cine


def view_warnings(reading: Reading) -> tuple[str, ...]:
    return tuple(one.message for check in view_checks.CHECKS for one in check(reading))


class FakeViews:
    """Predicts the view it is given."""

    card = replace(load_card("lv-apical"), name="views")

    def __init__(self, label: str, confidence: float) -> None:
        self.likely = np.full(len(CLASSES), (1 - confidence) / (len(CLASSES) - 1), np.float32)
        self.likely[CLASSES.index(label)] = confidence
        self.looked = 0

    def __call__(self, clip: ClipInput, tick: Tick) -> ViewOutput:
        self.looked += 1
        tick(1, 2)
        return decide_view(self.likely, self.likely[None], (0,))


def seeing(monkeypatch: pytest.MonkeyPatch, label: str, confidence: float = 0.97) -> FakeViews:
    model = FakeViews(label, confidence)
    monkeypatch.setattr(Models, "apical", lambda _: FakeModel())
    monkeypatch.setattr(Models, "views", lambda _: model)
    return model


def analysed(start: Reading | None = None) -> Reading:
    recording = cine()
    reading = start or first_reading(recording)
    proposal = propose(recording, reading)
    return proposal.edit.apply(reading, proposal.by)


@pytest.mark.parametrize("label", ["A4C", "A2C", "A3C"])
def test_an_apical_view_is_named_and_measured(monkeypatch: pytest.MonkeyPatch, label: str) -> None:
    model = seeing(monkeypatch, label)
    reading = analysed()
    assert reading.tracks
    assert reading.withheld is None
    assert reading.view == reading.view_seen == View(label, pytest.approx(0.97), model.card.author)
    assert reading.view_known
    assert not reading.view_confirmed


@pytest.mark.parametrize(("seen", "label"), [("PLAX", "PLAX"), ("SUB4C", "SC4C"), ("IVC", "IVC")])
def test_another_view_is_withheld_and_says_what_it_looks_like(
    monkeypatch: pytest.MonkeyPatch, seen: str, label: str
) -> None:
    seeing(monkeypatch, seen)
    reading = analysed()
    assert not reading.tracks
    assert reading.view is not None
    assert reading.view.label == label
    assert f"looks like {label} (0.97)" in (reading.withheld or "")


@pytest.mark.parametrize(("label", "sure", "says"), [("unknown", 0.9, "no known view"), ("A4C", 0.4, "A4C at best")])
def test_what_is_not_recognised_is_withheld_with_the_reason(
    monkeypatch: pytest.MonkeyPatch, label: str, sure: float, says: str
) -> None:
    seeing(monkeypatch, label, sure)
    reading = analysed()
    assert not reading.view_known
    assert says in (reading.withheld or "")
    assert reading.view is not None
    assert reading.view.label == "unknown"


def test_an_apical_clip_is_measured_without_a_name_where_two_are_likely(monkeypatch: pytest.MonkeyPatch) -> None:
    model = seeing(monkeypatch, "A4C", 0.5)
    model.likely[:] = 0.0
    model.likely[[CLASSES.index("A4C"), CLASSES.index("A2C")]] = 0.55, 0.45
    reading = analysed()
    assert reading.tracks
    assert reading.withheld is None
    assert not reading.view_known
    model.likely[[CLASSES.index("A2C"), CLASSES.index("PLAX")]] = 0.1, 0.35
    assert "A4C at best" in (analysed().withheld or "")


@pytest.mark.parametrize("by", ["header", "Ada"])
def test_the_word_of_header_or_person_stands(monkeypatch: pytest.MonkeyPatch, by: str) -> None:
    model = seeing(monkeypatch, "PLAX")
    model.likely[:] = 0.0
    model.likely[[CLASSES.index("PLAX"), CLASSES.index("A4C")]] = 0.85, 0.15
    given = View("A4C", None, by)
    reading = analysed(first_reading(cine()).with_(view=given))
    assert reading.view == given
    assert reading.tracks
    assert reading.view_seen is not None
    assert reading.view_seen.label == "PLAX"
    seeing(monkeypatch, "A4C")
    other = analysed(first_reading(cine()).with_(view=View("PSAX", None, by)))
    assert not other.tracks
    assert "this one is PSAX" in (other.withheld or "")


@pytest.mark.parametrize(
    ("seen", "says"), [("PLAX", "this looks like PLAX (0.97)"), ("unknown", "no known view of the heart is recognised")]
)
@pytest.mark.parametrize("label", ["A4C", "A2C", "A3C"])
def test_a_header_alone_draws_nothing_where_the_model_surely_sees_no_apical_view(
    monkeypatch: pytest.MonkeyPatch, label: str, seen: str, says: str
) -> None:
    seeing(monkeypatch, seen)
    reading = analysed(first_reading(cine()).with_(view=View(label, None, "header")))
    assert not reading.tracks
    assert reading.view == View(label, None, "header")
    assert reading.withheld == f"the file's header says {label}, but {says}"
    (warning,) = view_warnings(reading)
    assert f"name the view by hand, or give --view {label}, and analyse again" in warning


@pytest.mark.parametrize("by", ["Ada", "user"])
@pytest.mark.parametrize("seen", ["PLAX", "unknown"])
def test_a_person_is_not_overruled_however_sure_the_model_is(
    monkeypatch: pytest.MonkeyPatch, seen: str, by: str
) -> None:
    seeing(monkeypatch, seen, 0.99)
    withheld = analysed(first_reading(cine()).with_(view=View("A4C", None, "header")))
    reading = analysed(SetView(View("A4C", None, by)).apply(withheld, by))
    assert reading.tracks
    assert reading.withheld is None
    assert view_warnings(reading)


@pytest.mark.parametrize(("seen", "confidence"), [("unknown", 0.85), ("PLAX", 0.6), ("A2C", 0.99), ("A4C", 0.5)])
def test_a_header_is_trusted_where_the_model_is_not_sure_or_sees_another_apical_view(
    monkeypatch: pytest.MonkeyPatch, seen: str, confidence: float
) -> None:
    model = seeing(monkeypatch, seen, confidence)
    if seen not in APICAL_VIEWS:  # what is left speaks for an apical view
        model.likely[:] = 0.0
        model.likely[[CLASSES.index(seen), CLASSES.index("A4C")]] = confidence, 1 - confidence
    reading = analysed(first_reading(cine()).with_(view=View("A4C", None, "header")))
    assert reading.tracks
    assert reading.withheld is None
    assert view_warnings(reading)


@pytest.mark.parametrize(
    ("given", "seen", "view"), [(None, "A3C", "A3C"), ("A2C", "A3C", "A2C"), ("unknown", "A3C", None)]
)
def test_the_network_receives_the_view_in_force(
    monkeypatch: pytest.MonkeyPatch, given: str | None, seen: str, view: str | None
) -> None:
    seeing(monkeypatch, seen)
    network = FakeModel()
    monkeypatch.setattr(Models, "apical", lambda _: network)
    analysed(None if given is None else first_reading(cine()).with_(view=View(given, None, "Ada")))
    assert network.seen is not None
    assert network.seen.view == view


def test_a_reader_names_the_view_and_analyses_again(monkeypatch: pytest.MonkeyPatch) -> None:
    seeing(monkeypatch, "PSAX")
    withheld = analysed()
    named = SetView(View("A2C", None, "Ada")).apply(withheld, "Ada")
    reading = analysed(named)
    assert reading.tracks
    assert reading.withheld is None
    assert reading.view == View("A2C", None, "Ada")


def test_a_second_look_replaces_the_first_and_says_nothing_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    seeing(monkeypatch, "PSAX")
    first = analysed()
    again = propose(cine(), first)
    assert not [edit for edit in getattr(again.edit, "edits", ()) if isinstance(edit, SetView)]
    seeing(monkeypatch, "A4C")
    assert analysed(first).view == analysed(first).view_seen
    assert analysed(first).tracks


def test_colour_and_other_modalities_are_not_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    model = seeing(monkeypatch, "A4C")
    recording = replace(cine(), source=replace(cine().source, modality="XA"))
    propose(recording, first_reading(recording))
    images = np.full((3, 40, 60, 3), (200, 20, 20), np.uint8)
    propose(cine(images), first_reading(cine(images)))
    assert model.looked == 0


def test_looking_can_be_cancelled(monkeypatch: pytest.MonkeyPatch) -> None:
    seeing(monkeypatch, "A4C")
    ticks = []

    def tick(done: int, total: int) -> None:
        ticks.append((done, total))
        raise Cancelled

    with pytest.raises(Cancelled):
        propose(cine(), first_reading(cine()), tick)
    assert len(ticks) == 1


def test_without_the_model_the_given_view_decides(monkeypatch: pytest.MonkeyPatch) -> None:
    seeing(monkeypatch, "PLAX")
    monkeypatch.setattr(Models, "views", lambda _: None)
    assert analysed().tracks
    assert not analysed(first_reading(cine()).with_(view=View("PLAX", None, "Ada"))).tracks
