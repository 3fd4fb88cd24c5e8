"""Two still images of one view, at end-diastole and at end-systole, as one recording of two frames.

Likewise two stacks of slices, each of one phase.
"""

import hashlib
from dataclasses import replace

import numpy as np

from kinecor.core.values.errors import KinecorError
from kinecor.core.values.geometry import BytesArray
from kinecor.core.values.message import Message, message, verbatim
from kinecor.core.values.recording import CineSequence, FrameSource, Source, Stack

_ALIKE = 0.01
"""Scales that differ by less are one scale, as two files print it."""
# The frames need times that increase; nothing is measured with them.
_APART_S = 0.3


class PairOfFrames:
    """The frame of one still, then that of the other."""

    def __init__(self, ed: FrameSource, es: FrameSource) -> None:
        self._both = ed, es

    @property
    def shape(self) -> tuple[int, ...]:
        """(2, rows, columns) or (2, rows, columns, 3)."""
        return (2, *self._both[0].shape[1:])

    def __len__(self) -> int:
        return 2

    def __getitem__(self, frame: int) -> BytesArray:
        return self._both[frame][0]


def mismatch(ed: CineSequence, es: CineSequence) -> Message | None:
    """Why two recordings are no stills of one view of one patient, in words; None where nothing contradicts it.

    Args:
        ed: a single frame, at end-diastole.
        es: a single frame, at end-systole.

    """
    if len(ed) != 1 or len(es) != 1:
        return message("a still has one frame")
    patients = {cine.source.patient.identity for cine in (ed, es)} - {""}
    if len(patients) > 1:
        return message("the headers name two patients")
    if ed.source.digest and ed.source.digest == es.source.digest:
        return message("both are the same image")
    if ed.frames.shape != es.frames.shape:
        first, second = (verbatim(" x ".join(map(str, cine.frames.shape[1:]))) for cine in (ed, es))
        return message("the images differ in size: {first} and {second}", first=first, second=second)
    a, b = ed.calibration, es.calibration
    if (a is None) != (b is None):
        return message("only one of them has a scale")
    if a is not None and b is not None:
        apart = max(abs(a.row_mm / b.row_mm - 1), abs(a.col_mm / b.col_mm - 1))
        if apart > _ALIKE:
            return message(
                "their scales differ: {first_mm:.4g} and {second_mm:.4g} mm a pixel",
                first_mm=a.row_mm,
                second_mm=b.row_mm,
            )
    if ed.view is not None and es.view is not None and ed.view != es.view:
        views = {"first": verbatim(ed.view), "second": verbatim(es.view)}
        return message("they are of two views: {first} and {second}", **views)
    return None


def stills_as_recording(ed: CineSequence, es: CineSequence, *, study_id: str | None = None) -> CineSequence:
    """One recording whose first frame is end-diastole and whose second is end-systole.

    Args:
        ed: the still at end-diastole.
        es: the one at end-systole.
        study_id: of the study that the pair belongs to; that of `ed` by default.

    Raises:
        KinecorError: they do not belong together; see `mismatch`.

    """
    why = mismatch(ed, es)
    if why is not None:
        raise KinecorError(
            message(
                "ED and ES of one view were expected, but {reason}: choose two stills that belong together.", reason=why
            )
        )
    digest = hashlib.sha256(f"{ed.source.digest}\n{es.source.digest}".encode()).hexdigest()
    identity = hashlib.sha256(f"{ed.source.recording_id}\n{es.source.recording_id}".encode()).hexdigest()
    source: Source = replace(
        ed.source,
        recording_id=f"pair-{identity[:24]}",
        study_id=study_id or ed.source.study_id,
        digest=digest if ed.source.digest and es.source.digest else "",
    )
    whole = ed.instances and es.instances
    return CineSequence(
        frames=PairOfFrames(ed.frames, es.frames),
        times_s=np.array([0.0, _APART_S]),
        times_origin="assumed",
        calibration=ed.calibration,
        source=source,
        calibration_origin=ed.calibration_origin,
        offered=ed.offered,
        view=ed.view or es.view,
        view_by=ed.view_by,
        heart_rate_per_min=ed.heart_rate_per_min,
        region=ed.region if ed.region == es.region else None,
        warnings=tuple(dict.fromkeys((*ed.warnings, *es.warnings))),
        instances=(*ed.instances, *es.instances) if whole else (),
        stills=True,
    )


_SAME_PLACE_MM = 1.0
"""Slices of two files of one acquisition are no farther apart."""


def stack_mismatch(first: Stack, second: Stack) -> Message | None:
    """Why two stacks are no phases of one heart, in words; None where nothing contradicts it.

    Args:
        first: a stack of one phase.
        second: a stack of one phase.

    """
    if first.phases != 1 or second.phases != 1:
        return message("a still has one frame")
    if len(first.slices) != len(second.slices):
        return message(
            "they have different numbers of slices: {first} and {second}",
            first=len(first.slices),
            second=len(second.slices),
        )
    for cine, other in zip(first.slices, second.slices, strict=True):
        why = mismatch(cine, other)
        if why is not None:
            return why
        if cine.plane is not None and other.plane is not None:
            apart_mm = float(np.linalg.norm(cine.plane.origin_mm - other.plane.origin_mm))
            if apart_mm > _SAME_PLACE_MM:
                return message("their slices are {apart_mm:.1f} mm apart", apart_mm=apart_mm)
    steps_mm = np.abs(np.diff(first.positions_mm) - np.diff(second.positions_mm))
    if len(steps_mm) and float(steps_mm.max()) > _SAME_PLACE_MM:
        return message("their slices are {apart_mm:.1f} mm apart", apart_mm=float(steps_mm.max()))
    return None


def joined_stacks(first: Stack, second: Stack, *, study_id: str | None = None) -> Stack:
    """One stack of two phases. Which of the two is end-diastole its volumes say.

    Args:
        first: the stack at the first phase, ED where that is known.
        second: the one at the other.
        study_id: of the study that it belongs to; that of `first` by default.

    Raises:
        KinecorError: they do not belong together; see `stack_mismatch`.

    """
    why = stack_mismatch(first, second)
    if why is not None:
        raise KinecorError(
            message(
                "ED and ES of one view were expected, but {reason}: choose two stills that belong together.", reason=why
            )
        )
    study = study_id or first.study_id
    slices = tuple(
        replace(stills_as_recording(cine, other, study_id=study), plane=cine.plane)
        for cine, other in zip(first.slices, second.slices, strict=True)
    )
    identity = hashlib.sha256(f"{first.recording_id}\n{second.recording_id}".encode()).hexdigest()
    return replace(
        first,
        slices=slices,
        study_id=study,
        warnings=tuple(dict.fromkeys((*first.warnings, *second.warnings))),
        recording_id=f"pair-{identity[:24]}",
    )
