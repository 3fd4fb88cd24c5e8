"""Labels of a file placed on the pixels of a recording: which frame, which slice, which pixel.

By the images that a file names as its sources; else by coordinates in the patient, where both have them; else by
shape. What does not fit is refused, never stretched.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from kinecor.core.values.errors import KinecorError
from kinecor.core.values.geometry import FloatArray
from kinecor.core.values.labels import LabelFile, LabelPlane, Labels
from kinecor.core.values.message import Message, message, verbatim
from kinecor.core.values.reading import first_reading_of
from kinecor.core.values.recording import CineSequence, Recording, Stack
from kinecor.core.volumes.stack_volumes import slice_places

Place = tuple[int, int]
"""(slice, frame), both from 0; the slice of a loop is 0."""
_SINGLE_MM: Final = 5.0
"""How far a single plane of labels may lie from an image, half the thickness of a thick slice."""
_SAME_DIRECTION: Final = 0.999
"""Cosine of the angle between planes that count as parallel: 2.6 degrees."""


@dataclass(frozen=True, eq=False)
class PlacedLabels:
    """Labels on the pixels of a recording.

    Attributes:
        labels: (rows, columns) of each place that the file has labels at.
        frames: that the file is about: where it has no label there either, there is nothing to outline.
        matched_by: how they were placed, in words.
        sure: whether the file itself says that it is of these images; else others of their shape would do as well.
        remarks: what a reader should know of it.

    """

    labels: Mapping[Place, Labels]
    frames: frozenset[int]
    matched_by: Message
    sure: bool
    remarks: tuple[Message, ...] = ()


def placed_labels(file: LabelFile, recording: Recording, frame: int | None = None) -> PlacedLabels:
    """The labels of a file on the pixels of a recording.

    Args:
        file: with labels.
        recording: a loop or a stack.
        frame: of the recording, from 0, that a file of a single time is of; None where the name of the file says so.

    Raises:
        KinecorError: they do not fit, in one sentence.

    """
    placed = _by_source(file, recording)
    if placed is not None:
        return placed
    own = recording.source.patient.identity
    if file.patient and own and file.patient != own:
        raise KinecorError(
            message(
                "{file} is of another patient ({other}) than these images ({own}): its contours are not imported",
                file=verbatim(file.name),
                other=verbatim(file.patient),
                own=verbatim(own),
            )
        )
    file = _in_time(file, recording)
    frames = _frames_of(file, recording, frame)
    if all(plane.plane is not None and plane.spacing_mm is not None for plane in file.planes) and _has_planes(
        recording
    ):
        return _by_patient(file, recording, frames)
    return _by_shape(file, recording, frames)


def _has_planes(recording: Recording) -> bool:
    return all(cine.plane is not None and cine.calibration is not None for cine in recording.cines)


def frame_is_open(file: LabelFile, recording: Recording) -> bool:
    """Whether a reader has to say which frame a file is of: it has one time, the recording has several."""
    if _by_source(file, recording) is not None:
        return False
    return _in_time(file, recording).times == 1 and len(recording.cines[0]) > 1


def _in_time(file: LabelFile, recording: Recording) -> LabelFile:
    """A file of three dimensions as frames of a loop, where it has as many; else as slices."""
    frames = len(recording.cines[0])
    if not file.axis_unknown or isinstance(recording, Stack):
        return file
    if file.places != frames:
        placed = all(plane.plane is not None for plane in file.planes) and _has_planes(recording)
        if placed:
            return file  # slices, one of which the recording may be
        raise KinecorError(
            message(
                "{file} has labels of {times} times and the recording has {frames} frames: they do not belong together",
                file=verbatim(file.name),
                times=file.places,
                frames=frames,
            )
        )
    first = min(file.planes, key=lambda plane: plane.place)
    planes = tuple(replace(plane, time=plane.place, place=0, plane=first.plane) for plane in file.planes)
    return replace(file, planes=planes, times=frames, places=1, axis_unknown=False)


def _frames_of(file: LabelFile, recording: Recording, frame: int | None) -> Sequence[int]:
    """The recording's frame of each time of the file."""
    frames = len(recording.cines[0])
    if file.times == frames:
        return range(frames)
    if file.times != 1:
        raise KinecorError(
            message(
                "{file} has labels of {times} times and the recording has {frames} frames: they do not belong together",
                file=verbatim(file.name),
                times=file.times,
                frames=frames,
            )
        )
    chosen = file.frame_number if frame is None else frame
    if chosen is None:
        raise KinecorError(
            message(
                "{file} is of a single time and the recording has {frames} frames: say which frame it is of",
                file=verbatim(file.name),
                frames=frames,
            )
        )
    if not 0 <= chosen < frames:
        raise KinecorError(
            message(
                "{file} is said to be of frame {frame}, the recording has frames 1 to {frames}",
                file=verbatim(file.name),
                frame=chosen + 1,
                frames=frames,
            )
        )
    return (chosen,)


def _by_source(file: LabelFile, recording: Recording) -> PlacedLabels | None:
    """By the images that the labels were drawn on; None where the recording has none of them."""
    places = {
        (instance.sop_instance, instance.frame): (number, frame)
        for number, cine in enumerate(recording.cines)
        for frame, instance in enumerate(cine.instances)
        if instance.sop_instance
    }
    found: dict[Place, Labels] = {}
    for plane in file.planes:
        if plane.source is None:
            continue
        uid, frame = plane.source
        place = places.get((uid, frame), places.get((uid, 0 if frame else 1)))
        if place is None:
            continue
        cine = recording.cines[place[0]]
        if plane.values.shape != (cine.rows, cine.columns):
            return None  # drawn on these images, and written on another grid
        before = found.get(place)
        found[place] = plane.values if before is None else np.where(plane.values > 0, plane.values, before)
    if not found:
        return None
    return PlacedLabels(
        found, frozenset(frame for _, frame in found), message("by the images that it was drawn on"), sure=True
    )


def _by_shape(file: LabelFile, recording: Recording, frames: Sequence[int]) -> PlacedLabels:
    wanted = {(cine.rows, cine.columns) for cine in recording.cines}
    file = _uncropped(file, next(iter(wanted)))
    shapes = {one.values.shape for one in file.planes}
    turned = False
    if shapes != wanted:
        turned = len(shapes) == 1 and {shape[::-1] for shape in shapes} == wanted
        if not turned:
            raise KinecorError(
                message(
                    "{file} has labels of {size} pixels and the images have {wanted}, and nothing says where in the "
                    "patient they lie: export the labels on the images' own pixels",
                    file=verbatim(file.name),
                    size=_size(next(iter(shapes))),
                    wanted=_size(next(iter(wanted))),
                )
            )
    slices = _slices_of(file, recording)
    labels = {
        (slices[plane.place], frames[plane.time]): np.ascontiguousarray(plane.values.T) if turned else plane.values
        for plane in file.planes
        if plane.place in slices
    }
    remarks = (message("Rows and columns are exchanged in the file; look whether the contours fit."),) if turned else ()
    return PlacedLabels(
        labels, frozenset(frames), message("by the number of pixels, frames and slices"), False, remarks
    )


def _uncropped(file: LabelFile, shape: tuple[int, int]) -> LabelFile:
    """A file whose labels are a part of the image, on the whole of it; unchanged where they do not fit into it."""
    planes = []
    for plane in file.planes:
        if plane.corner is None or plane.values.shape == shape:
            return file
        part = tuple(slice(start, start + size) for start, size in zip(plane.corner, plane.values.shape, strict=True))
        if any(extent.stop > size for extent, size in zip(part, shape, strict=True)):
            return file
        values = np.zeros(shape, plane.values.dtype)
        values[part] = plane.values
        planes.append(replace(plane, values=values, corner=None))
    return replace(file, planes=tuple(planes))


def _size(shape: tuple[int, ...]) -> Message:
    return verbatim(f"{shape[1]} x {shape[0]}")


def _slices_of(file: LabelFile, recording: Recording) -> Mapping[int, int]:
    """The recording's slice of each slice of the file: as many, or with an empty one for each that is missing."""
    if not isinstance(recording, Stack):
        if file.places == 1:
            return {0: 0}
        raise KinecorError(
            message(
                "{file} has labels of {places} slices and the recording is a single one",
                file=verbatim(file.name),
                places=file.places,
            )
        )
    count = len(recording.slices)
    if file.places == count:
        return {number: number for number in range(count)}
    facts = first_reading_of(recording).facts.stack
    grid = slice_places(facts) if facts is not None else tuple(range(count))
    if file.places == grid[-1] + 1:
        return {place: number for number, place in enumerate(grid)}
    raise KinecorError(
        message(
            "{file} has labels of {places} slices and the stack has {slices}: they do not belong together",
            file=verbatim(file.name),
            places=file.places,
            slices=count,
        )
    )


def _by_patient(file: LabelFile, recording: Recording, frames: Sequence[int]) -> PlacedLabels:
    """Each pixel has the label that lies nearest to it, within half a step of the file's slices."""
    labels: dict[Place, Labels] = {}
    steps = _steps_mm(file)
    for number, cine in enumerate(recording.cines):
        seen: dict[tuple[bytes, ...], _Sampling] = {}
        for time, members in _by_time(file.planes):
            key = tuple(plane.plane.origin_mm.tobytes() for plane in members if plane.plane is not None)
            if key not in seen:
                seen[key] = _Sampling.from_planes(cine, members, steps)
            found = seen[key].values(members)
            if found.any():
                labels[number, frames[time]] = found
    if not labels:
        raise KinecorError(
            message(
                "The labels of {file} lie elsewhere in the patient than these images: choose the images that they were "
                "drawn on",
                file=verbatim(file.name),
            )
        )
    lost = 1 - _volume_of(labels, recording) / max(_volume_in(file, steps), 1e-9)
    same = _same_grid(file, recording)
    remarks: tuple[Message, ...] = ()
    if not same:
        remarks += (
            message("The labels have another grid than the images: each pixel takes the label that is nearest."),
        )
    if lost > _LOST:
        remarks += (message("{share:.0%} of the labels lie outside these images.", share=lost),)
    parallel = _parallel(file, recording)
    return PlacedLabels(labels, frozenset(frames), message("by coordinates in the patient"), parallel, remarks)


_LOST: Final = 0.2


def _same_grid(file: LabelFile, recording: Recording) -> bool:
    """Whether every plane of labels is one of the images, pixel by pixel."""
    planes = [cine.plane for cine in recording.cines if cine.plane is not None]
    cine = recording.cines[0]
    return all(
        single_plane.plane is not None
        and single_plane.values.shape == (cine.rows, cine.columns)
        and any(
            np.allclose(single_plane.plane.origin_mm, plane.origin_mm, atol=0.05)
            and np.allclose(single_plane.plane.along_x, plane.along_x, atol=1e-3)
            and np.allclose(single_plane.plane.along_y, plane.along_y, atol=1e-3)
            for plane in planes
        )
        for single_plane in file.planes
    )


def _parallel(file: LabelFile, recording: Recording) -> bool:
    """Whether the slices of the file are parallel to the images: a stack crosses the long axes, too."""
    first, plane = file.planes[0].plane, recording.cines[0].plane
    return first is not None and plane is not None and abs(float(first.normal @ plane.normal)) >= _SAME_DIRECTION


def _by_time(planes: Sequence[LabelPlane]) -> Iterator[tuple[int, list[LabelPlane]]]:
    for time in sorted({plane.time for plane in planes}):
        yield time, [plane for plane in planes if plane.time == time]


def _steps_mm(file: LabelFile) -> float:
    """Distance of the file's slices; of a single one, twice how far it may lie from an image."""
    first, *_ = file.planes
    assert first.plane is not None
    along = {
        plane.place: float((plane.plane.origin_mm - first.plane.origin_mm) @ first.plane.normal)
        for plane in file.planes
        if plane.plane is not None
    }
    places = sorted(along)
    steps = [abs(along[b] - along[a]) / (b - a) for a, b in pairwise(places)]
    return float(np.median(steps)) if steps and np.median(steps) > 0 else 2 * _SINGLE_MM


def _volume_in(file: LabelFile, step_mm: float) -> float:
    return sum(
        float((plane.values > 0).sum()) * plane.spacing_mm[0] * plane.spacing_mm[1] * step_mm
        for plane in file.planes
        if plane.spacing_mm is not None
    )


def _volume_of(labels: Mapping[Place, Labels], recording: Recording) -> float:
    step = 2 * _SINGLE_MM
    if isinstance(recording, Stack) and len(recording.positions_mm) > 1:
        step = float(np.median(np.diff(recording.positions_mm)))
    total = 0.0
    for (number, _), values in labels.items():
        scale = recording.cines[number].calibration
        if scale is not None:
            total += float((values > 0).sum()) * scale.row_mm * scale.col_mm * step
    return total


@dataclass(frozen=True, eq=False)
class _Sampling:
    """Which value of which plane of labels each pixel of an image takes.

    Attributes:
        plane, row, column: (rows, columns) indices.
        within: (rows, columns) whether there is one.

    """

    plane: NDArray[np.intp]
    row: NDArray[np.intp]
    column: NDArray[np.intp]
    within: NDArray[np.bool_]

    @classmethod
    def from_planes(cls, cine: CineSequence, planes: Sequence[LabelPlane], step_mm: float) -> "_Sampling":
        scale, plane = cine.calibration, cine.plane
        first = planes[0].plane
        assert scale is not None
        assert plane is not None
        assert first is not None
        y, x = np.mgrid[0 : cine.rows, 0 : cine.columns].astype(np.float64)
        places = plane.in_patient(np.stack([x.ravel() * scale.col_mm, y.ravel() * scale.row_mm], axis=1))
        origins = np.stack([plane.plane.origin_mm for plane in planes if plane.plane is not None])
        heights: FloatArray = (origins - first.origin_mm) @ first.normal
        height = (places - first.origin_mm) @ first.normal
        order = np.argsort(heights)
        middle = (heights[order][1:] + heights[order][:-1]) / 2
        nearest = order[np.searchsorted(middle, height)]
        parallel = abs(float(first.normal @ plane.normal)) >= _SAME_DIRECTION
        # Half a step reaches from slice to slice; parallel images lie in one or the other, whatever rounding does.
        reach = step_mm / 2 + (0.01 * step_mm if parallel else 0.0)
        within = np.abs(height - heights[nearest]) <= reach
        off = places - origins[nearest]
        spacing = planes[0].spacing_mm
        assert spacing is not None
        rows, columns = planes[0].values.shape
        row = np.rint(off @ first.along_y / spacing[0]).astype(np.intp)
        column = np.rint(off @ first.along_x / spacing[1]).astype(np.intp)
        within &= (row >= 0) & (row < rows) & (column >= 0) & (column < columns)
        shape = (cine.rows, cine.columns)
        return cls(
            nearest.reshape(shape),
            np.where(within, row, 0).reshape(shape),
            np.where(within, column, 0).reshape(shape),
            within.reshape(shape),
        )

    def values(self, planes: Sequence[LabelPlane]) -> Labels:
        every = np.stack([plane.values for plane in planes])
        return np.where(self.within, every[self.plane, self.row, self.column], 0)
