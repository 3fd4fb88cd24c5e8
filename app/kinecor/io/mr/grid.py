"""MR slices to recordings: the (slice, phase) grid, or a cine of one slice."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from kinecor.core.values.calibration import Options
from kinecor.core.values.errors import KinecorError
from kinecor.core.values.geometry import Plane
from kinecor.core.values.recording import CineSequence, Recording, Stack
from kinecor.io.dicom.header import safe_id
from kinecor.io.dicom.loop import heart_rate, spacing_scale
from kinecor.io.dicom.pixels import pixel_digest
from kinecor.io.files.cache import FrameCache
from kinecor.io.mr.images import Look, MrImage, look_of, named
from kinecor.io.mr.slices import (
    Group,
    Slice,
    groups_of,
    inconsistencies,
    lacking,
    larger_across,
    long_axis_view,
    untimed,
)

# Of each slice; all images of a study of many gigabytes would take minutes to read from a slow disk.
_DIGEST_BYTES = 2 << 20

Made = list[tuple[str, Recording]]
"""(path to show, recording)."""


def grids(images: Iterable[MrImage], cache: FrameCache, options: Options) -> tuple[Made, list[tuple[str, str]]]:
    """Recordings from MR images in any order, and (path, reason) for what cannot be used.

    Slices of a series that are parallel make a Stack; a single slice, and each of a series that is named after a long
    axis or crosses a larger stack of its study, a CineSequence. A slice that lacks phases is not used in its stack,
    with a warning. Where a study moves, its single images (localizers) are skipped, with a warning on the first
    recording; where nothing moves they open as they are.
    """
    groups = groups_of(images)
    moving = {group.first.study for group in groups if group.phases > 1}
    passed_over = [group for group in groups if group.phases == 1 and group.first.study in moving]
    groups = [group for group in groups if group not in passed_over]
    made: Made = []
    refused: list[tuple[str, str]] = []
    numbered: dict[str, int] = {}
    for group in groups:
        identity = safe_id(group.first.series) or safe_id(group.first.uid.replace("#", "-")) or "series"
        numbered[identity] = numbered.get(identity, 0) + 1
        if numbered[identity] > 1:
            identity = f"{identity}-{numbered[identity]}"
        try:
            stack = larger_across(group, groups)
            made += [(group.first.shown, one) for one in _recordings(group, stack, identity, cache, options)]
        except KinecorError as error:
            refused.append((group.first.shown, str(error)))
    return _with_skipped(made, passed_over), refused


def _recordings(
    group: Group, stack: Group | None, identity: str, cache: FrameCache, options: Options
) -> Sequence[Recording]:
    slices, warnings = _complete(group)
    look = look_of([image for one in slices for image in one.images])
    if len(slices) == 1:
        alone = _cine(slices[0], identity, look, cache, options, (*warnings, *untimed(slices)))
        return (replace(alone, view=_long_axis(alone)),)
    places = np.asarray([one.place_mm or 0.0 for one in slices])
    cines = tuple(
        _cine(one, f"{identity}-s{number:02d}", look, cache, options, ()) for number, one in enumerate(slices, start=1)
    )
    study = group.first.study or identity
    cines = tuple(replace(one, source=replace(one.source, study_id=study)) for one in cines)
    view = _long_axis(cines[0])
    if view is not None or stack is not None:
        # Parallel long axes are not short axes to be summed up: each is a loop by itself.
        if view is None and stack is not None:
            warnings.append(
                f"{len(slices)} parallel slices cross this study's larger stack of {len(stack.slices)}: they are "
                "opened as separate long axes; set the view of those that are to be measured."
            )
        said = [*warnings, *untimed(slices)]
        return tuple(replace(one, view=view, warnings=tuple(said if one is cines[0] else ())) for one in cines)
    thickness_mm = slices[0].images[0].thickness_mm
    return (Stack(cines, places, thickness_mm, study, (*warnings, *inconsistencies(slices)), recording_id=identity),)


def _long_axis(cine: CineSequence) -> str | None:
    """The view that an MR series is named after, or None."""
    named = dict(cine.source.extra)
    names = (named[one] for one in ("Series", "Protocol") if one in named)
    return long_axis_view(names) if cine.source.modality == "MR" else None


def _complete(group: Group) -> tuple[list[Slice], list[str]]:
    phases, warnings = group.phases, list(group.warnings)
    complete = [one for one in group.slices if len(one.images) == phases]
    for one in group.slices:
        if len(one.images) != phases:
            where = "" if one.place_mm is None else f" at {one.place_mm:.1f} mm"
            warnings.append(f"The slice{where} {lacking(one, complete[0], phases)}.")
    return complete, warnings


def _cine(
    one: Slice,
    identity: str,
    look: Look,
    cache: FrameCache,
    options: Options,
    warnings: tuple[str, ...],
) -> CineSequence:
    images, first = one.images, one.images[0]
    frames, depth = look.frames(images, cache)
    scale = spacing_scale(first.spacing_mm, "Pixel Spacing in the file")
    calibration, origin = scale.calibration, scale.calibration_origin
    if options.calibration:
        calibration, origin = options.calibration, f"Scale: {options.calibration.origin}."
    rate = first.heart_rate_per_min or (60_000 / first.interval_ms if first.interval_ms else None)
    several = len({image.shown for image in images}) > 1
    return CineSequence(
        frames=frames,
        times_s=one.times.times_s,
        times_origin=one.times.origin,
        calibration=calibration,
        source=replace(
            first.source,
            recording_id=identity,
            study_id=first.study or identity,
            digest=pixel_digest([(image.pixels, image.frame) for image in images], _DIGEST_BYTES),
            path=str(Path(first.shown).parent) if several else first.shown,
            modality=first.source.modality if options.modality == "auto" else options.modality,
        ),
        calibration_origin=origin,
        heart_rate_per_min=heart_rate(rate),
        warnings=warnings,
        plane=_plane(first),
        depth=depth,
        instances=tuple(image.instance for image in images),
    )


def _plane(image: MrImage) -> Plane | None:
    if image.orientation is None or image.position_mm is None:
        return None
    try:
        along_x, along_y = np.split(np.asarray(image.orientation), 2)
        return Plane(np.asarray(image.position_mm), along_x, along_y)
    except ValueError:  # unusable directions: the image is shown all the same
        return None


def _with_skipped(made: Made, passed_over: list[Group]) -> Made:
    """The recordings, the first of each study with a warning about the single images that were skipped."""
    warned: set[str] = set()
    result: Made = []
    for shown, recording in made:
        study = recording.source.study_id
        count = sum(len(one.images) for g in passed_over if g.first.study == study for one in g.slices)
        if count and study not in warned:
            warned.add(study)
            single = [image for g in passed_over if g.first.study == study for one in g.slices for image in one.images]
            warning = f"{count} single images (localizers and the like) of this study were skipped: {named(single)}."
            recording = replace(recording, warnings=(*recording.warnings, warning))
        result.append((shown, recording))
    return result
