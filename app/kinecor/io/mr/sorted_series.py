"""MR images by series, each with its kind: cines are sorted into slices and phases, all else is made to be seen."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from kinecor.core.values.calibration import Options
from kinecor.core.values.message import Message
from kinecor.core.values.recording import Recording, Stack
from kinecor.core.values.series import NO_SERIES, Series
from kinecor.io.dicom.evidence import Evidence, Placed, series_evidence
from kinecor.io.dicom.kinds import deciding_rule
from kinecor.io.files.cache import FrameCache
from kinecor.io.mr.images import MrImage
from kinecor.io.mr.slices import Made, grids
from kinecor.io.mr.viewed import recordings_to_view


@dataclass(frozen=True)
class SeriesImages:
    """The images of one series, and its kind."""

    series: Series
    images: tuple[MrImage, ...]
    evidence: Evidence


def sorted_series(images: Iterable[MrImage], options: Options) -> list[SeriesImages]:
    """The series of MR images in the order they were found, each with its kind.

    Args:
        images: in any order.
        options: of opening.

    """
    found: dict[tuple[str, str], list[MrImage]] = {}
    for image in images:
        found.setdefault((image.study, image.series), []).append(image)
    moves = {study for (study, _), members in found.items() if _moves(members)}
    return [_decided(members, study in moves, options) for (study, _), members in found.items()]


def _decided(images: Sequence[MrImage], study_moves: bool, options: Options) -> SeriesImages:
    placed = [Placed(image.evidence, image.orientation, image.position_mm) for image in images]
    evidence = series_evidence(images[0].file_evidence, placed, study_moves=study_moves)
    if options.modality != "auto":
        evidence = replace(evidence, modality=options.modality)
    rule = deciding_rule(evidence)
    series = replace(images[0].source.series, kind=rule.kind, rule=rule.code)
    return SeriesImages(series, tuple(images), evidence)


def _moves(images: Sequence[MrImage]) -> bool:
    """Whether a series has several images of one place, which may be phases of a cycle."""
    places = Counter((image.orientation, image.position_mm, image.kind) for image in images)
    return max(places.values()) > 1


def recordings_of(
    images: Iterable[MrImage], cache: FrameCache, options: Options
) -> tuple[Made, list[tuple[str, Message]]]:
    """Recordings of MR images in any order, and (path, reason) of unusable files; see `grids`.

    Args:
        images: in any order.
        cache: for decoded frames.
        options: of opening.

    """
    decided = sorted_series(images, options)
    cines = [series_images for series_images in decided if series_images.series.measured]
    stacks = grids([image for cine in cines for image in cine.images], cache, options)
    kinds = {cine.series.uid: cine.series for cine in cines}
    made = [(shown, _of_series(recording, kinds)) for shown, recording in stacks.made]
    refused = stacks.refused
    seen = [
        (series_images.series, series_images.images) for series_images in decided if not series_images.series.measured
    ]
    single: dict[str, list[MrImage]] = {}
    for image in stacks.single:
        single.setdefault(image.series, []).append(image)
    seen += [
        (replace(members[0].source.series, kind="mr-images", rule="mr-single"), tuple(members))
        for members in single.values()
    ]
    for series, members in seen:
        shown, lost = recordings_to_view(members, series, cache, options)
        made += shown
        refused += lost
    return made, refused


def _of_series(recording: Recording, kinds: dict[str, Series]) -> Recording:
    """The recording with the kind of its series."""
    if isinstance(recording, Stack):
        slices = tuple(
            replace(cine, source=replace(cine.source, series=kinds.get(cine.source.series.uid, NO_SERIES)))
            for cine in recording.slices
        )
        return replace(recording, slices=slices)
    series = kinds.get(recording.source.series.uid, NO_SERIES)
    return replace(recording, source=replace(recording.source, series=series))
