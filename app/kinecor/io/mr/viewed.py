"""MR series that are no cine, as recordings to be looked at: slices to scroll through, each with its images in order.

Perfusion has times, MOLLI inversion times, T2 series echo times, late enhancement one image a slice. Nothing is left
out: where places have different numbers of images they follow each other in one sequence.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from kinecor.core.values.calibration import Options
from kinecor.core.values.errors import KinecorError
from kinecor.core.values.geometry import FloatArray
from kinecor.core.values.message import Message, message, verbatim
from kinecor.core.values.recording import CineSequence, Recording, Stack
from kinecor.core.values.series import Series
from kinecor.io.dicom.header import safe_id
from kinecor.io.dicom.loop import heart_rate, spacing_scale
from kinecor.io.files.cache import FrameCache
from kinecor.io.mr.images import Look, MrImage, look_of
from kinecor.io.mr.slices import SAME_PLACE_MM, Made, by_orientation, normal_of, plane_of, source_of

# From image to image where the files state no time, so that playing them is slow enough to look at.
_STEP_S = 0.5


@dataclass(frozen=True)
class _Place:
    """Images of one place in their order; `place_mm` is along the normal, None where the files have no position."""

    images: list[MrImage]
    place_mm: float | None


def recordings_to_view(
    images: Sequence[MrImage], series: Series, cache: FrameCache, options: Options
) -> tuple[Made, list[tuple[str, Message]]]:
    """Recordings of one series, and (path, reason) for what cannot be shown.

    Args:
        images: of the series, in any order.
        series: with its kind.
        cache: holds decoded frames.
        options: see Options.

    """
    made: Made = []
    refused: list[tuple[str, Message]] = []
    identity = safe_id(series.uid) or safe_id(images[0].uid.replace("#", "-")) or "series"
    parts = _parts(images)
    for number, part in enumerate(parts, start=1):
        name = identity if number == 1 else f"{identity}-{number}"
        try:
            made.append((part[0].shown, _recording(part, series, name, cache, options)))
        except KinecorError as error:
            refused.append((part[0].shown, error.message))
    return made, refused


def _parts(images: Sequence[MrImage]) -> list[list[MrImage]]:
    """Images that can be shown as one recording: of one size, component and orientation; copies are left out."""
    distinct: dict[str, MrImage] = {}
    for index, image in enumerate(images):
        distinct.setdefault(image.uid or str(index), image)
    split: dict[tuple[object, ...], list[MrImage]] = {}
    for image in distinct.values():
        layout = image.pixels.layout
        key = (layout.rows, layout.columns, layout.samples, image.evidence.component)
        split.setdefault(key, []).append(image)
    return [parallel for members in split.values() for parallel in by_orientation(members)]


def _order(image: MrImage) -> tuple[float | tuple[float, float, float], ...]:
    evidence = image.evidence
    return (
        evidence.echo_ms or 0.0,
        image.temporal or 0.0,
        image.trigger_ms or 0.0 if evidence.inversion_ms is None else evidence.inversion_ms,
        evidence.acquired_s or 0.0,
        image.order,
    )


def _places(images: Sequence[MrImage]) -> list[_Place]:
    normal = normal_of(images[0])
    if normal is None or any(image.position_mm is None for image in images):
        return [_Place(sorted(images, key=_order), None)]
    placed = sorted(((float(np.dot(normal, image.position_mm or ())), image) for image in images), key=lambda p: p[0])
    places: list[_Place] = []
    for place_mm, image in placed:
        last = places[-1] if places else None
        if last is not None and last.place_mm is not None and place_mm - last.place_mm <= SAME_PLACE_MM:
            last.images.append(image)
        else:
            places.append(_Place([image], place_mm))
    return [_Place(sorted(place.images, key=_order), place.place_mm) for place in places]


def _recording(
    images: Sequence[MrImage], series: Series, identity: str, cache: FrameCache, options: Options
) -> Recording:
    places = _places(images)
    look = look_of([image for place in places for image in place.images])
    alike = len({len(place.images) for place in places}) == 1
    if len(places) == 1 or not alike:
        sequence = [image for place in places for image in place.images]
        return _sequence(sequence, series, identity, look, cache, options)
    slices = tuple(
        _sequence(place.images, series, f"{identity}-s{number:02d}", look, cache, options)
        for number, place in enumerate(places, start=1)
    )
    study = images[0].study or identity
    slices = tuple(replace(cine, source=replace(cine.source, study_id=study)) for cine in slices)
    positions = np.asarray([place.place_mm or 0.0 for place in places])
    return Stack(slices, positions, images[0].thickness_mm, study, recording_id=identity)


def _sequence(
    images: Sequence[MrImage], series: Series, identity: str, look: Look, cache: FrameCache, options: Options
) -> CineSequence:
    first = images[0]
    frames, depth = look.frames(images, cache)
    scale = spacing_scale(first.spacing_mm, message("Pixel Spacing in the file"))
    times_s, origin = _times(images)
    placed = len({image.position_mm for image in images}) == 1
    return CineSequence(
        frames=frames,
        times_s=times_s,
        times_origin=origin,
        calibration=scale.calibration,
        source=replace(source_of(images, identity, options), series=series),
        calibration_origin=scale.calibration_origin,
        heart_rate_per_min=heart_rate(first.heart_rate_per_min),
        plane=plane_of(first) if placed else None,
        depth=depth,
        instances=tuple(image.instance for image in images),
    )


def _times(images: Sequence[MrImage]) -> tuple[FloatArray, Message]:
    """Times of acquisition, else trigger times, where they increase; else even steps."""
    stated = (
        ([image.evidence.acquired_s for image in images], 1.0, "AcquisitionTime"),
        ([image.trigger_ms for image in images], 0.001, "TriggerTime"),
    )
    for values, unit_s, origin in stated:
        known = np.asarray([value for value in values if value is not None], np.float64) * unit_s
        if len(images) > 1 and len(known) == len(images) and (np.diff(known) > 0).all():
            return known - known[0], verbatim(origin)
    steps = np.arange(len(images), dtype=np.float64) * _STEP_S
    return steps, message("single frame") if len(images) == 1 else message("assumed")
