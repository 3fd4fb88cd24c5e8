"""MR images sorted into slices: by series, orientation, position along the normal, and phase."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from kinecor.core.values.arrays import FloatArray
from kinecor.io.dicom.frame_times import ASSUMED_RATE_PER_S, FrameTimes, even_times
from kinecor.io.mr.images import MrImage, named
from kinecor.io.mr.takes import one_take, usual_phases

# Direction cosines that differ less than this are one orientation: half a degree.
SAME_DIRECTION = 0.01
# Positions along the normal that differ less than this are one slice.
SAME_PLACE_MM = 0.2
# Slices that come as separate series must be this far apart to be neighbours in a stack, not repeats...
APART_MM = 2.0
# ... and at least this many, and of about the same number of phases.
LEAST_SERIES = 3
PHASES_ALIKE = 2


@dataclass
class Slice:
    """The images at one position, in order of phase; `place_mm` is None where the files have no position."""

    images: list[MrImage]
    place_mm: float | None
    times: FrameTimes


@dataclass
class Group:
    """Parallel slices that belong together, in order of position, and warnings from sorting them."""

    slices: list[Slice]
    warnings: list[str] = field(default_factory=list)

    @property
    def first(self) -> MrImage:
        """The image that represents the group: the first slice's first phase."""
        return self.slices[0].images[0]

    @property
    def phases(self) -> int:
        """The most common number of phases; of equally common ones the larger."""
        counts = Counter(len(one.images) for one in self.slices)
        return max(counts, key=lambda phases: (counts[phases], phases))


def normal_of(image: MrImage) -> FloatArray | None:
    """The unit vector across the slice, or None where the file has no usable orientation."""
    if image.orientation is None:
        return None
    normal = np.cross(image.orientation[:3], image.orientation[3:])
    length = float(np.linalg.norm(normal))
    return normal / length if length > 0.5 else None


def groups_of(images: Iterable[MrImage]) -> list[Group]:
    """Groups of parallel slices; slices stored as one series each are combined."""
    series: dict[tuple[object, ...], list[MrImage]] = {}
    seen: set[str] = set()
    copies: dict[tuple[object, ...], list[MrImage]] = {}
    for image in images:
        key: tuple[object, ...] = (image.study, image.series, image.kind)
        if image.uid and image.uid in seen:
            copies.setdefault(key, []).append(image)
            continue
        seen.add(image.uid)
        series.setdefault(key, []).append(image)
    groups: list[Group] = []
    for key, members in series.items():
        made = [_group(parallel) for parallel in _by_orientation(members)]
        if extra := copies.get(key):
            count = "1 image was" if len(extra) == 1 else f"{len(extra)} images were"
            # Copies often have the names of what they are copies of: the folder distinguishes them.
            made[0].warnings.append(f"{count} present twice and used once (not used: {named(extra, folders=True)}).")
        groups.extend(made)
    return _combined(groups)


def _by_orientation(images: list[MrImage]) -> list[list[MrImage]]:
    found: list[list[MrImage]] = []
    for image in images:
        for group in found:
            if _parallel(group[0], image):
                group.append(image)
                break
        else:
            found.append([image])
    return found


def _parallel(one: MrImage, other: MrImage) -> bool:
    if one.orientation is None or other.orientation is None:
        return one.orientation is other.orientation
    return bool(np.abs(np.subtract(one.orientation, other.orientation)).max() <= SAME_DIRECTION)


def _group(images: list[MrImage]) -> Group:
    normal = normal_of(images[0])
    warnings: list[str] = []
    nowhere = [image for image in images if normal is None or image.position_mm is None]
    if normal is None or 2 * len(nowhere) >= len(images):
        if len(images) > 1:
            warnings.append(f"The files have no image positions; the images are shown as one slice ({named(nowhere)}).")
        return Group([_slice(images, None, None, warnings)], warnings)
    if nowhere:
        count = "1 image is" if len(nowhere) == 1 else f"{len(nowhere)} images are"
        warnings.append(f"{count} not used, as the files have no position for them ({named(nowhere)}).")
    placed = sorted(
        ((float(np.dot(normal, image.position_mm)), image) for image in images if image.position_mm is not None),
        key=lambda pair: pair[0],
    )
    clusters: list[list[tuple[float, MrImage]]] = []
    for place, image in placed:
        if clusters and place - clusters[-1][-1][0] <= SAME_PLACE_MM:
            clusters[-1].append((place, image))
        else:
            clusters.append([(place, image)])
    usual = usual_phases([[image for _, image in one] for one in clusters])
    slices = [_slice([image for _, image in one], one[0][0], usual, warnings) for one in clusters]
    return Group(slices, warnings)


def _slice(images: list[MrImage], place_mm: float | None, usual: int | None, warnings: list[str]) -> Slice:
    where = "" if place_mm is None else f" at {place_mm:.1f} mm"
    if place_mm is not None:
        images = one_take(images, usual, where, warnings)
    triggers = [image.trigger_ms for image in images]
    distinct = len(set(triggers))
    timed = None not in triggers and distinct > 1
    complete = images[0].phases == len(images)
    if timed and distinct < len(images) and not complete:
        ordered = sorted(images, key=_by_trigger)
        used = [one for i, one in enumerate(ordered) if i == 0 or one.trigger_ms != ordered[i - 1].trigger_ms]
        rest = [one for i, one in enumerate(ordered) if i > 0 and one.trigger_ms == ordered[i - 1].trigger_ms]
        warnings.append(
            f"The slice{where} was acquired more than once: {len(rest)} images of the same position and time "
            f"are not used ({named(rest)})."
        )
        return Slice(used, place_mm, _trigger_times(used))
    if timed and distinct == len(images):
        ordered = sorted(images, key=_by_trigger)
        return Slice(ordered, place_mm, _trigger_times(ordered))
    temporal = {image.temporal for image in images}
    if None not in temporal and len(temporal) == len(images):
        ordered = sorted(images, key=lambda image: image.temporal or 0.0)
    else:
        ordered = sorted(images, key=lambda image: (image.trigger_ms or 0.0, image.order))
    return Slice(ordered, place_mm, _cycle_times(ordered))


def _by_trigger(image: MrImage) -> tuple[float, tuple[float, float, float]]:
    return image.trigger_ms or 0.0, image.order


def _trigger_times(images: list[MrImage]) -> FrameTimes:
    times_s = np.asarray([image.trigger_ms or 0.0 for image in images]) / 1000
    return FrameTimes(times_s - times_s[0], "TriggerTime")


def _cycle_times(images: list[MrImage]) -> FrameTimes:
    """One heart cycle divided evenly, by Nominal Interval (0018,1062) or Heart Rate (0018,1088), else assumed."""
    count, first = len(images), images[0]
    if count == 1:
        return FrameTimes(np.zeros(1), "single frame")
    phases = first.phases or count
    if first.interval_ms:
        return FrameTimes(even_times(count, first.interval_ms / 1000 / phases), "NominalInterval")
    if first.heart_rate_per_min:
        return FrameTimes(even_times(count, 60 / first.heart_rate_per_min / phases), "HeartRate")
    return FrameTimes(even_times(count, 1 / ASSUMED_RATE_PER_S), "assumed")


def _combined(groups: list[Group]) -> list[Group]:
    """Single slices of one study, parallel and apart, each its own series, combined to the stack they are."""
    result: list[Group] = []
    loose: list[list[Group]] = []
    for group in sorted(groups, key=lambda one: one.first.order):
        if len(group.slices) > 1 or group.phases == 1 or group.slices[0].place_mm is None:
            result.append(group)
            continue
        for stack in loose:
            if all(_neighbours(other, group) for other in stack):
                stack.append(group)
                break
        else:
            loose.append([group])
    for stack in loose:
        if len(stack) < LEAST_SERIES:
            result.extend(stack)
        else:
            slices = sorted((one.slices[0] for one in stack), key=lambda one: one.place_mm or 0.0)
            result.append(Group(slices, [warning for one in stack for warning in one.warnings]))
    return result


def _neighbours(one: Group, other: Group) -> bool:
    a, b = one.first, other.first
    return (
        (a.study, a.frame_of_reference, a.kind) == (b.study, b.frame_of_reference, b.kind)
        and a.series != b.series
        and _parallel(a, b)
        and abs(one.phases - other.phases) <= PHASES_ALIKE
        and abs((one.slices[0].place_mm or 0.0) - (other.slices[0].place_mm or 0.0)) >= APART_MM
    )
