"""Edits and Readings to test with."""

import contextlib
import sqlite3

import numpy as np
from hypothesis import strategies as st

from kinecor.core.values.calibration import Calibration
from kinecor.core.values.choices import (
    Body,
    BsaFormula,
    Extent,
    Insertion,
    Muscle,
    Papillaries,
    PlacedPoint,
    Presence,
    StrainChoices,
    ValvePlane,
)
from kinecor.core.values.events import Beat, CardiacEvents, PhaseCurve
from kinecor.core.values.geometry import Contour
from kinecor.core.values.reading import Facts, Reading, StackFacts, View
from kinecor.core.values.track import ContourTrack, Motion, Origin, Structure
from kinecor.session.edits import (
    ClearDecision,
    Decide,
    ExchangeEnds,
    OnSlice,
    PlaceWallPoints,
    RemoveTrack,
    SetBody,
    SetCalibration,
    SetCalliper,
    SetContours,
    SetEsBy,
    SetEvents,
    SetExcluded,
    SetExtent,
    SetInsertion,
    SetMotion,
    SetMuscle,
    SetNotes,
    SetPapillaries,
    SetPhaseCurve,
    SetPresence,
    SetPropagatedBy,
    SetRvBase,
    SetStrainChoices,
    SetTime,
    SetTrack,
    SetValveClosures,
    SetValveOpenings,
    SetValvePlane,
    SetView,
    SetViewSeen,
    SetWithheld,
    Several,
)

FRAMES = 6
SLICES = 3


def first(recording_id="1.2.3", frames=FRAMES):
    return Reading(Facts(recording_id, 240, 320, np.arange(frames) * 0.033, "FrameTime"))


def first_stack(recording_id="1.2.9", frames=FRAMES):
    slices = tuple(first(f"{recording_id}-{number}", frames) for number in range(SLICES))
    facts = Facts(
        recording_id, 240, 320, np.arange(frames) * 0.033, "TriggerTime", stack=StackFacts(np.arange(SLICES) * 8.0)
    )
    return Reading(facts, slices=slices)


@contextlib.contextmanager
def tampering(path):
    """A connection past the triggers, which are there again afterwards: as somebody would do who wants to hide it."""
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as connection:
        triggers = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for name, _ in triggers:
            connection.execute(f"DROP TRIGGER {name}")
        yield connection
        for _, sql in triggers:
            connection.execute(sql)


def circle(radius_px=40.0, n=96, centre=(160.0, 120.0)):
    angle = np.linspace(0.1, 2 * np.pi - 0.1, n)
    return Contour(np.stack([centre[0] + radius_px * np.cos(angle), centre[1] + radius_px * np.sin(angle)], axis=1))


def track(structure=Structure.LV_ENDO, frames=FRAMES, n=96):
    contours = tuple(circle(40 + np.sin(frame) / 3, n) for frame in range(frames))
    return ContourTrack(structure, contours, (Origin.MODEL,) * frames, np.linspace(0.5, 0.9, frames))


def motion(frames=FRAMES, seed=0, rows=4, columns=5):
    rng = np.random.default_rng(seed)
    moved = rng.normal(0, 2, (frames - 1, rows, columns, 2))
    return Motion((10.25, 20.5), (3.5, 4.0), moved, np.abs(moved[..., 0]))


ALL_EDITS = (
    SetContours(Structure.LV_ENDO, 2, (circle(33.3), None, circle(1 / 3, n=5))),
    SetContours(Structure.LV_ENDO, 1, (circle(33.3), circle(34.0)), (Origin.EDITED, Origin.TRACKED)),
    SetPropagatedBy(Structure.LV_ENDO, "model:listener@1.0.0+abc"),
    SetEsBy(Structure.LV_EPI, "model:lv-pairs@1.0.0+abc"),
    SetTrack(track(Structure.LA)),
    RemoveTrack(Structure.RV),
    SetCalliper("LVIDd", 2, ((1 / 3, 20.0), (10.5, 62.25))),
    SetCalliper("aortic arch", 1, ((1.0, 2.0), (3.0, 4.0), (5.0, 1.0)), "area"),
    SetCalliper("M-mode line", 2, ((1 / 3, 20.0), (10.5, 62.25)), "line"),
    SetTime("ejection", 1, 4, ((1 / 3, 20.0), (1 / 3, 20.0))),
    SetEvents(CardiacEvents((Beat(0, 2), Beat(4, 5)), Origin.EDITED)),
    SetEvents(CardiacEvents((Beat(0, 2),), Origin.EDITED, closing_ed=4)),
    SetPhaseCurve(PhaseCurve(np.linspace(1 / 3, -0.1, FRAMES), (0,), (3, 5), "model:phases@1+abc")),
    SetPhaseCurve(PhaseCurve(np.linspace(1, 0, FRAMES), (0,), (4,), "model:phases@1+abc", (1 / 3,), (3.8,))),
    SetPhaseCurve(None),
    SetCalibration(Calibration(0.1 + 0.2, 0.25, "a person's ruler")),
    SetCalibration(None),
    SetView(View("A4C", 0.98, "model:views@1+abc")),
    SetView(View("A2C", None, "Anna")),
    SetViewSeen(View("PLAX", 0.97, "model:views@1+abc")),
    SetViewSeen(None),
    Decide("EF", True),
    Decide("EF", False, 55.0),
    Decide("EF", True, None, 67.123456789, "%"),
    ClearDecision("EF"),
    SetNotes("Gut lesbar, ±2 % 🫀"),
    SetWithheld("colour Doppler"),
    SetWithheld(None),
    SetMotion(motion()),
    SetMotion(None),
    SetStrainChoices(StrainChoices((4, 0), False, 0.25)),
    PlaceWallPoints((PlacedPoint(1, 40, 100.0 / 3, 20.5), PlacedPoint(3, 119, -1.0, 0.0))),
    PlaceWallPoints(()),
    SetValveClosures((1, 4)),
    SetValveClosures(()),
    SetValveOpenings((2, 4)),
    SetValveOpenings(()),
    Several("analysis", (SetTrack(track()), SetWithheld(None), Several("inner", (SetNotes("x"),)))),
)
ALL_STACK_EDITS = (
    OnSlice(2, SetContours(Structure.RV, 1, (circle(20.0),))),
    OnSlice(0, Several("analysis", (SetTrack(track()), SetNotes("x")))),
    SetExtent(Extent((0,) * FRAMES, (1, 2) * (FRAMES // 2))),
    SetExtent(None),
    ExchangeEnds(Extent((2,) * FRAMES, (0,) * FRAMES), (1,) * FRAMES),
    ExchangeEnds(Extent((2,) * FRAMES, (0,) * FRAMES)),
    SetExcluded((1,)),
    SetExcluded(()),
    SetPapillaries(Papillaries.MYOCARDIUM),
    SetMuscle(Muscle(((0.1,) * FRAMES,) * SLICES)),
    SetMuscle(None),
    SetPresence(Presence(((0.25,) * FRAMES,) * SLICES, ((1.0,) * FRAMES,) * SLICES)),
    SetPresence(None),
    SetValvePlane(ValvePlane((-3.5, *(None,) * (FRAMES - 1)), ("A4C",))),
    SetValvePlane(None),
    SetRvBase((1,) * FRAMES),
    SetRvBase(None),
    SetInsertion(Insertion(100.0 / 3, -1)),
    SetInsertion(None),
    SetBody(Body(171.5, None, "F", BsaFormula.DU_BOIS)),
    Several("analysis", (OnSlice(1, SetTrack(track())), SetEvents(CardiacEvents((Beat(5, 2),), Origin.MODEL)))),
)

_number = st.floats(-1e4, 1e4)
contours = st.builds(
    lambda points: Contour(np.array(points)), st.lists(st.tuples(_number, _number), min_size=3, max_size=12)
)
tracks = st.builds(
    lambda structure, outlines, confidence: ContourTrack(structure, outlines, (Origin.TRACKED,) * FRAMES, confidence),
    st.sampled_from(Structure),
    st.tuples(*[st.none() | contours] * FRAMES),
    st.lists(st.floats(0, 1), min_size=FRAMES, max_size=FRAMES).map(np.array),
)
_frame = st.integers(0, FRAMES - 1)
_events = st.builds(lambda ed, es: CardiacEvents((Beat(ed, es),) if ed != es else (), Origin.EDITED), _frame, _frame)
_phase_curves = st.builds(
    lambda values, *marks: PhaseCurve(np.array(values), *map(tuple, map(sorted, marks)), "model:phases@1+abc"),
    st.lists(st.floats(-1, 2), min_size=FRAMES, max_size=FRAMES),
    *[st.sets(_frame)] * 2,
)
_set_contours = st.builds(
    lambda structure, start, outlines: SetContours(structure, start, tuple(outlines[: FRAMES - start])),
    st.sampled_from(Structure),
    _frame,
    st.lists(st.none() | contours, min_size=1, max_size=FRAMES),
)
plain_edits = st.one_of(
    _set_contours,
    st.builds(SetTrack, tracks),
    st.builds(RemoveTrack, st.sampled_from(Structure)),
    st.builds(SetEvents, _events),
    st.builds(SetPhaseCurve, st.none() | _phase_curves),
    st.builds(
        SetCalibration,
        st.none() | st.builds(Calibration, st.floats(1e-3, 20), st.floats(1e-3, 20), st.text(min_size=1, max_size=9)),
    ),
    st.builds(SetViewSeen, st.none() | st.builds(View, st.sampled_from(("A4C", "PSAX")), st.floats(0, 1), st.text())),
    st.builds(SetView, st.builds(View, st.sampled_from(("A4C", "A2C")), st.none() | st.floats(0, 1), st.text())),
    st.builds(Decide, st.sampled_from(("EF", "EDV")), st.booleans(), *[st.none() | st.floats(-1e300, 1e300)] * 2),
    st.builds(ClearDecision, st.sampled_from(("EF", "EDV"))),
    st.builds(SetNotes, st.text(max_size=20)),
    st.builds(SetWithheld, st.none() | st.text(max_size=20)),
    st.builds(SetMotion, st.none() | st.builds(lambda seed: motion(seed=seed), st.integers(0, 99))),
    st.builds(
        SetStrainChoices,
        st.builds(StrainChoices, st.sets(st.integers(0, 5)).map(tuple), st.booleans(), st.floats(0, 1)),
    ),
    st.builds(
        PlaceWallPoints,
        st.lists(
            st.builds(PlacedPoint, _frame, st.integers(0, 119), st.floats(-1e6, 1e6), st.floats(-1e6, 1e6)), max_size=3
        ).map(tuple),
    ),
    st.builds(SetValveClosures, st.sets(_frame).map(sorted).map(tuple)),
    st.builds(SetValveOpenings, st.sets(_frame).map(sorted).map(tuple)),
)
edits = st.one_of(plain_edits, st.builds(Several, st.text(max_size=9), st.lists(plain_edits, max_size=3).map(tuple)))

_slice = st.integers(0, SLICES - 1)
_shares = st.tuples(*[st.tuples(*[st.floats(0, 1)] * FRAMES)] * SLICES)
_ends = st.lists(_slice, min_size=FRAMES, max_size=FRAMES).map(tuple)
_whole_edits = st.one_of(
    st.builds(SetExtent, st.none() | st.builds(Extent, _ends, _ends)),
    st.builds(ExchangeEnds, st.builds(Extent, _ends, _ends), st.none() | _ends),
    st.builds(SetExcluded, st.sets(_slice).map(sorted).map(tuple)),
    st.builds(SetPapillaries, st.sampled_from(Papillaries)),
    st.builds(SetRvBase, st.none() | _ends),
    st.builds(
        SetValvePlane,
        st.none() | st.builds(ValvePlane, st.tuples(*[st.none() | st.floats(-200, 200)] * FRAMES), st.just(("A4C",))),
    ),
    st.builds(
        SetPresence,
        st.none() | st.builds(Presence, *[st.tuples(*[st.tuples(*[st.floats(0, 1)] * FRAMES)] * SLICES)] * 2),
    ),
    st.builds(SetMuscle, st.none() | st.builds(Muscle, _shares)),
    st.builds(SetInsertion, st.none() | st.builds(Insertion, st.floats(-360, 360), st.sampled_from((1, -1)))),
    st.builds(
        SetBody,
        st.builds(
            Body, st.none() | st.floats(30, 260), st.none() | st.floats(1, 400), st.text(), st.sampled_from(BsaFormula)
        ),
    ),
    st.builds(SetEvents, _events),
    st.builds(SetNotes, st.text(max_size=20)),
)
stack_edits = st.one_of(
    st.builds(OnSlice, _slice, edits),
    _whole_edits,
    st.builds(Several, st.text(max_size=9), st.lists(st.builds(OnSlice, _slice, plain_edits), max_size=3).map(tuple)),
)
