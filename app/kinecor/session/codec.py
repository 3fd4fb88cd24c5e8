"""Edits to bytes and back: the words of the file.

Each kind of edit has a stable tag with a version ("set-contours/1") and a JSON payload whose field names are those of
the edit. A payload that has once been written is read for ever: when an edit or a core value changes shape, its tag
gets a new version here and the old one keeps its reader. Golden payloads in the tests hold this.
"""

from itertools import accumulate, pairwise
from typing import assert_never

import msgspec
import numpy as np

from kinecor.core.values.contour import Contour
from kinecor.core.values.errors import KinecorError
from kinecor.core.values.phase_curve import PhaseCurve
from kinecor.core.values.track import ContourTrack, Origin, Structure
from kinecor.session.edits import (
    ClearDecision,
    Decide,
    Edit,
    RemoveTrack,
    SetCalibration,
    SetContours,
    SetEvents,
    SetNotes,
    SetPhaseCurve,
    SetTrack,
    SetView,
    SetViewSeen,
    SetWithheld,
    Several,
)
from kinecor.session.motion_wire import MotionWire, motion_of, wire_of
from kinecor.session.stack_edits import (
    OnSlice,
    SetBody,
    SetExcluded,
    SetExtent,
    SetInsertion,
    SetMuscle,
    SetPapillaries,
    SetRvBase,
)
from kinecor.session.strain_edits import SetMotion, SetStrainChoices, SetValveClosures

SET_CONTOURS = "set-contours/1"
SET_TRACK = "set-track/1"
SET_PHASE_CURVE = "set-phase-curve/1"
SET_PLACED_CURVE = "set-phase-curve/2"
"""With marks to a part of a frame. What has none is written as /1, which every version reads."""
SEVERAL = "several/1"
ON_SLICE = "on-slice/1"
SET_MOTION = "set-motion/1"
# Their fields are their payload.
_PLAIN = {
    "remove-track/1": RemoveTrack,
    "set-events/1": SetEvents,
    "set-calibration/1": SetCalibration,
    "set-view/1": SetView,
    "set-view-seen/1": SetViewSeen,
    "decide/1": Decide,
    "clear-decision/1": ClearDecision,
    "set-notes/1": SetNotes,
    "set-withheld/1": SetWithheld,
    "set-strain-choices/1": SetStrainChoices,
    "set-valve-closures/1": SetValveClosures,
    "set-extent/1": SetExtent,
    "set-excluded/1": SetExcluded,
    "set-papillaries/1": SetPapillaries,
    "set-muscle/1": SetMuscle,
    "set-rv-base/1": SetRvBase,
    "set-insertion/1": SetInsertion,
    "set-body/1": SetBody,
}
_TAGS = {edit_type: tag for tag, edit_type in _PLAIN.items()}
KINDS = frozenset((SET_CONTOURS, SET_TRACK, SET_PHASE_CURVE, SET_PLACED_CURVE, SEVERAL, ON_SLICE, SET_MOTION, *_PLAIN))
"""Every tag this version reads."""


class UnknownKind(KinecorError):  # noqa: N818 - the words of the field
    """A tag this version does not know, as a newer Kinecor would write it; `kind` holds it."""

    def __init__(self, kind: str) -> None:
        super().__init__(f'This version of Kinecor does not know edits of the kind "{kind}"; open it with a newer one.')
        self.kind = kind


class _Contours(msgspec.Struct):
    # Points of all frames in one run of little-endian float64 x, y (base64 in JSON): exact, and quick to read.
    # A count of 0 is a frame without contour.
    counts: list[int]
    points: bytes


class _SetContours(msgspec.Struct):
    structure: Structure
    start: int
    contours: _Contours
    origins: list[Origin]


class _SetTrack(msgspec.Struct):
    structure: Structure
    contours: _Contours
    origins: list[Origin]
    confidence: bytes


class _SetMotion(msgspec.Struct):
    motion: MotionWire | None


class _PhaseCurve(msgspec.Struct):
    # Values as little-endian float64.
    values: bytes
    ed: tuple[int, ...]
    es: tuple[int, ...]
    by: str


class _SetPhaseCurve(msgspec.Struct):
    curve: _PhaseCurve | None


class _PlacedCurve(_PhaseCurve):
    ed_at: tuple[float, ...]
    es_at: tuple[float, ...]


class _SetPlacedCurve(msgspec.Struct):
    curve: _PlacedCurve


class _One(msgspec.Struct):
    kind: str
    payload: msgspec.Raw


class _OnSlice(msgspec.Struct):
    number: int
    edit: _One


class _Several(msgspec.Struct):
    label: str
    edits: list[_One]


def encode(edit: Edit) -> tuple[str, bytes]:
    """The edit as (tag, JSON payload)."""
    match edit:
        case SetContours():
            packed = _packed(edit.contours)
            return SET_CONTOURS, _json(_SetContours(edit.structure, edit.start, packed, list(edit.origins)))
        case SetTrack():
            track = edit.track
            wire = _SetTrack(
                track.structure, _packed(track.contours), list(track.origins), track.confidence.astype("<f8").tobytes()
            )
            return SET_TRACK, _json(wire)
        case SetPhaseCurve():
            return _phase_words(edit.curve)
        case SetMotion():
            return SET_MOTION, _json(_SetMotion(None if edit.motion is None else wire_of(edit.motion)))
        case Several():
            return SEVERAL, _json(_Several(edit.label, [_one(part) for part in edit.edits]))
        case OnSlice():
            return ON_SLICE, _json(_OnSlice(edit.number, _one(edit.edit)))
        case (
            RemoveTrack()
            | SetEvents()
            | SetCalibration()
            | SetView()
            | SetViewSeen()
            | Decide()
            | ClearDecision()
            | SetNotes()
            | SetWithheld()
            | SetStrainChoices()
            | SetValveClosures()
            | SetExtent()
            | SetExcluded()
            | SetPapillaries()
            | SetMuscle()
            | SetRvBase()
            | SetInsertion()
            | SetBody()
        ):
            return _TAGS[type(edit)], _json(edit)
        case _:
            assert_never(edit)


def decode(kind: str, payload: bytes) -> Edit:
    """The edit that `encode` gave (kind, payload) for.

    Raises:
        UnknownKind: the tag is not one of `KINDS`.
        KinecorError: the payload does not read as that kind says.

    """
    try:
        if kind == SET_CONTOURS:
            contours = msgspec.json.decode(payload, type=_SetContours)
            outlines, origins = _unpacked(contours.contours), tuple(contours.origins)
            if len(origins) != len(outlines):
                raise ValueError(f"{len(outlines)} contours came with {len(origins)} origins")
            return SetContours(contours.structure, contours.start, outlines, origins)
        if kind == SET_TRACK:
            track = msgspec.json.decode(payload, type=_SetTrack)
            confidence = np.frombuffer(track.confidence, "<f8")
            return SetTrack(ContourTrack(track.structure, _unpacked(track.contours), tuple(track.origins), confidence))
        if kind == SET_MOTION:
            motion = msgspec.json.decode(payload, type=_SetMotion).motion
            return SetMotion(None if motion is None else motion_of(motion))
        if kind == SET_PHASE_CURVE:
            return SetPhaseCurve(_phase_curve(msgspec.json.decode(payload, type=_SetPhaseCurve).curve))
        if kind == SET_PLACED_CURVE:
            return SetPhaseCurve(_phase_curve(msgspec.json.decode(payload, type=_SetPlacedCurve).curve))
        if kind == ON_SLICE:
            slice_ = msgspec.json.decode(payload, type=_OnSlice)
            return OnSlice(slice_.number, decode(slice_.edit.kind, bytes(slice_.edit.payload)))
        if kind == SEVERAL:
            several = msgspec.json.decode(payload, type=_Several)
            return Several(several.label, tuple(decode(one.kind, bytes(one.payload)) for one in several.edits))
        if kind in _PLAIN:
            plain: Edit = msgspec.json.decode(payload, type=_PLAIN[kind])
            return plain
    except (ValueError, msgspec.MsgspecError) as error:
        raise KinecorError(f'A stored edit of the kind "{kind}" cannot be read: {error}.') from error
    raise UnknownKind(kind)


def _one(edit: Edit) -> _One:
    kind, payload = encode(edit)
    return _One(kind, msgspec.Raw(payload))


def _phase_words(curve: PhaseCurve | None) -> tuple[str, bytes]:
    if curve is None:
        return SET_PHASE_CURVE, _json(_SetPhaseCurve(None))
    parts = curve.values.astype("<f8").tobytes(), curve.ed, curve.es, curve.by
    if not curve.ed_at and not curve.es_at:
        return SET_PHASE_CURVE, _json(_SetPhaseCurve(_PhaseCurve(*parts)))
    return SET_PLACED_CURVE, _json(_SetPlacedCurve(_PlacedCurve(*parts, curve.ed_at, curve.es_at)))


def _phase_curve(wire: _PhaseCurve | None) -> PhaseCurve | None:
    if wire is None:
        return None
    places = (wire.ed_at, wire.es_at) if isinstance(wire, _PlacedCurve) else ()
    return PhaseCurve(np.frombuffer(wire.values, "<f8"), wire.ed, wire.es, wire.by, *places)


def _json(wire: object) -> bytes:
    return msgspec.json.encode(wire)


def _packed(contours: tuple[Contour | None, ...]) -> _Contours:
    counts = [len(contour) if contour else 0 for contour in contours]
    points = b"".join(contour.points.astype("<f8", copy=False).tobytes() for contour in contours if contour)
    return _Contours(counts, points)


def _unpacked(packed: _Contours) -> tuple[Contour | None, ...]:
    points = np.frombuffer(packed.points, "<f8").reshape(-1, 2)
    edges = list(accumulate(packed.counts, initial=0))
    if edges[-1] != len(points) or min(packed.counts, default=0) < 0:
        raise ValueError(f"{edges[-1]} points were announced, {len(points)} came")
    return tuple(Contour(points[a:b]) if b > a else None for a, b in pairwise(edges))
