"""MR images sorted into slices and phases, and made recordings: the (slice, phase) grid, or a cine of one slice."""

import re
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from pathlib import Path

import numpy as np

from kinecor.core.values.calibration import Options
from kinecor.core.values.errors import KinecorError
from kinecor.core.values.geometry import FloatArray, Plane
from kinecor.core.values.message import Message, chain_texts, in_context, joined_by, message, number, plural, verbatim
from kinecor.core.values.recording import CineSequence, Recording, Source, Stack
from kinecor.io.dicom.header import ASSUMED_RATE_PER_S, FrameTimes, even_times, safe_id
from kinecor.io.dicom.loop import heart_rate, spacing_scale
from kinecor.io.dicom.pixels import pixel_digest
from kinecor.io.files.cache import FrameCache
from kinecor.io.mr.images import Look, MrImage, look_of, names_of_files

# What separates takes, best first. Scanners that do not count acquisitions still record times, and all number images.
_Key = Callable[[MrImage], tuple[float | str, ...]]
_KEYS: tuple[_Key, ...] = (
    lambda image: (image.order[1],),
    lambda image: (image.taken,),
    lambda image: image.order,
)


def phase_values(images: Sequence[MrImage]) -> list[float] | None:
    """Each image's time after the R wave, else its phase's number; None where the files have neither for all images.

    Args:
        images: of one slice.

    """
    triggers = [image.trigger_ms for image in images if image.trigger_ms is not None]
    if len(triggers) == len(images) and len(set(triggers)) > 1:
        return triggers
    temporal = [image.temporal for image in images if image.temporal is not None]
    return temporal if len(temporal) == len(images) and len(set(temporal)) > 1 else None


def usual_phases(places: Sequence[Sequence[MrImage]]) -> int | None:
    """The most common number of images of the places that were taken once, of equally common ones the larger.

    None where no place is known to have been taken once.

    Args:
        places: images at each place of a stack.

    """
    counts = Counter(len(images) for images in places if not _repeated(images, None))
    return max(counts, key=lambda count: (counts[count], count)) if counts else None


def one_take(images: list[MrImage], usual: int | None, where: Message, warnings: list[Message]) -> list[MrImage]:
    """The images of one take of a place, the last complete one; the others are named in `warnings`.

    Repeats are taken because the first take was bad. Images that cannot be separated are returned as they are.

    Args:
        images: all of one place.
        usual: number of images of a slice of this series, where other slices show it; else None.
        where: the slice in words, "The slice at 8.0 mm".
        warnings: gets a sentence that names the files of the takes that are not used.

    """
    takes = _takes(images, usual)
    if len(takes) < 2:
        return images
    used, which = _best(takes, usual)
    remaining_images = [image for take in takes if take is not used for image in take]
    if len(takes) == 2:
        warnings.append(
            message(
                "{slice} was acquired twice: the {used} take is used, the other is not ({files}).",
                slice=where,
                used=which,
                files=names_of_files(remaining_images),
            )
        )
    else:
        warnings.append(
            message(
                "{slice} was acquired {count} times: the {used} take is used, the others are not ({files}).",
                slice=where,
                count=len(takes),
                used=which,
                files=names_of_files(remaining_images),
            )
        )
    return used


def _best(takes: list[list[MrImage]], usual: int | None) -> tuple[list[MrImage], Message]:
    """The take to use, and what it is in words."""
    complete = [take for take in takes if len(take) == usual] or [
        take for take in takes if len(take) == _declared(take)
    ]
    if complete:
        return complete[-1], message("last complete")
    longest = max(len(take) for take in takes)
    which = in_context("take", "last") if len(takes[-1]) == longest else in_context("take", "longest")
    return [take for take in takes if len(take) == longest][-1], which


def _declared(images: Sequence[MrImage]) -> float | None:
    """How many images the scanner says it made of a cycle."""
    return max((image.phases for image in images if image.phases is not None), default=None)


def _repeated(images: Sequence[MrImage], usual: int | None) -> bool:
    """Whether there are more images than one take can have, or two of one phase."""
    declared, values = _declared(images), phase_values(images)
    if declared == len(images):
        return False
    twice = values is not None and len(set(values)) < len(values)
    return twice or any(count is not None and len(images) > count for count in (declared, usual))


def _takes(images: list[MrImage], usual: int | None) -> list[list[MrImage]]:
    """Takes in the order they were taken; one where the images are one take, or cannot be separated."""
    if not _repeated(images, usual):
        return [images]
    for key in _KEYS:
        takes = _runs(images, key)
        if len(takes) > 1 and _plausible(takes, usual):
            return sorted(
                takes, key=lambda take: (min(image.taken for image in take), min(image.order for image in take))
            )
    return [images]


def _runs(images: list[MrImage], key: _Key) -> list[list[MrImage]]:
    """In order of `key`, a new run wherever the phases begin again; without phase numbers, wherever `key` changes."""
    values = phase_values(images)
    phase = dict(zip(map(id, images), values, strict=True)) if values else None
    ordered = sorted(images, key=lambda image: (key(image), phase[id(image)] if phase else image.order))
    runs = [[ordered[0]]]
    for before, image in pairwise(ordered):
        again = phase[id(image)] <= phase[id(before)] if phase else key(image) != key(before)
        if again:
            runs.append([])
        runs[-1].append(image)
    return runs


def _plausible(takes: list[list[MrImage]], usual: int | None) -> bool:
    """Whether runs are takes: one is complete, or, where that number is not known, no fewer explain them."""
    images = [image for take in takes for image in take]
    complete = {count for count in (usual, _declared(images)) if count is not None}
    if complete:
        return any(len(take) in complete for take in takes)
    values = phase_values(images)
    return values is not None and len(takes) == max(Counter(values).values())


# Direction cosines that differ less than this are one orientation: half a degree.
SAME_DIRECTION = 0.01
# Positions along the normal that differ less than this are one slice.
SAME_PLACE_MM = 0.2
# Slices that come as separate series must be this far apart to be neighbours in a stack, not repeats...
APART_MM = 2.0
# ... and at least this many, and of about the same number of phases.
MIN_SERIES = 3
PHASES_ALIKE = 2
# Steps of one stack are multiples of the usual one within this share of it, and no smaller than this share of the
# thickness: slices that overlap by more were not taken as neighbours.
EVEN, OVERLAP = 0.25, 0.75


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
    warnings: list[Message] = field(default_factory=list)

    @property
    def first(self) -> MrImage:
        """The image that represents the group: the first slice's first phase."""
        return self.slices[0].images[0]

    @property
    def phases(self) -> int:
        """The most common number of phases; of equally common ones the larger."""
        counts = Counter(len(single_slice.images) for single_slice in self.slices)
        return max(counts, key=lambda phases: (counts[phases], phases))


def normal_of(image: MrImage) -> FloatArray | None:
    """The unit vector across the slice, or None where the file has no usable orientation.

    Args:
        image: with or without an orientation.

    """
    if image.orientation is None:
        return None
    normal = np.cross(image.orientation[:3], image.orientation[3:])
    length = float(np.linalg.norm(normal))
    return normal / length if length > 0.5 else None


def groups_of(images: Iterable[MrImage]) -> list[Group]:
    """Groups of parallel slices; slices stored as one series each are combined.

    Args:
        images: in any order.

    """
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
        made = [_group(parallel) for parallel in by_orientation(members)]
        if extra := copies.get(key):
            made[0].warnings.append(
                plural(
                    "{count} image was present twice and used once (not used: {files}).",
                    "{count} images were present twice and used once (not used: {files}).",
                    len(extra),
                    # Copies often have the names of what they are copies of: the folder distinguishes them.
                    files=names_of_files(extra, folders=True),
                )
            )
        groups.extend(made)
    return _combined(groups)


def by_orientation(images: list[MrImage]) -> list[list[MrImage]]:
    """Images by orientation, those of the first image found first.

    Args:
        images: in any order.

    """
    found: list[list[MrImage]] = []
    for image in images:
        for group in found:
            if _parallel(group[0], image):
                group.append(image)
                break
        else:
            found.append([image])
    return found


def _parallel(image: MrImage, other: MrImage) -> bool:
    if image.orientation is None or other.orientation is None:
        return image.orientation is other.orientation
    return bool(np.abs(np.subtract(image.orientation, other.orientation)).max() <= SAME_DIRECTION)


def _group(images: list[MrImage]) -> Group:
    normal = normal_of(images[0])
    warnings: list[Message] = []
    nowhere = [image for image in images if normal is None or image.position_mm is None]
    if normal is None or 2 * len(nowhere) >= len(images):
        if len(images) > 1:
            warnings.append(
                message(
                    "The files have no image positions; the images are shown as one slice ({files}).",
                    files=names_of_files(nowhere),
                )
            )
        return Group([_slice(images, None, None, warnings)], warnings)
    if nowhere:
        warnings.append(
            plural(
                "{count} image is not used, as the files have no position for them ({files}).",
                "{count} images are not used, as the files have no position for them ({files}).",
                len(nowhere),
                files=names_of_files(nowhere),
            )
        )
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
    usual = usual_phases([[image for _, image in cluster] for cluster in clusters])
    slices = [_slice([image for _, image in cluster], cluster[0][0], usual, warnings) for cluster in clusters]
    return Group(slices, warnings)


def _slice(images: list[MrImage], place_mm: float | None, usual: int | None, warnings: list[Message]) -> Slice:
    where = _place(place_mm)
    if place_mm is not None:
        images = one_take(images, usual, where, warnings)
    triggers = [image.trigger_ms for image in images]
    distinct = len(set(triggers))
    timed = None not in triggers and distinct > 1
    complete = images[0].phases == len(images)
    if timed and distinct < len(images) and not complete:
        ordered = sorted(images, key=_by_trigger)
        used = [image for i, image in enumerate(ordered) if i == 0 or image.trigger_ms != ordered[i - 1].trigger_ms]
        remaining_images = [
            image for i, image in enumerate(ordered) if i > 0 and image.trigger_ms == ordered[i - 1].trigger_ms
        ]
        warnings.append(
            message(
                "{slice} was acquired more than once: {count} images of the same position and time are not used "
                "({files}).",
                slice=where,
                count=len(remaining_images),
                files=names_of_files(remaining_images),
            )
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


def _place(place_mm: float | None) -> Message:
    """A slice, as a sentence on it begins."""
    return message("The slice") if place_mm is None else message("The slice at {place:.1f} mm", place=place_mm)


def _by_trigger(image: MrImage) -> tuple[float, tuple[float, float, float]]:
    return image.trigger_ms or 0.0, image.order


def _trigger_times(images: list[MrImage]) -> FrameTimes:
    times_s = np.asarray([image.trigger_ms or 0.0 for image in images]) / 1000
    return FrameTimes(times_s - times_s[0], verbatim("TriggerTime"))


def _cycle_times(images: list[MrImage]) -> FrameTimes:
    """One heart cycle divided evenly, by Nominal Interval (0018,1062) or Heart Rate (0018,1088), else assumed."""
    count, first = len(images), images[0]
    if count == 1:
        return FrameTimes(np.zeros(1), message("single frame"))
    phases = first.phases or count
    if first.interval_ms:
        return FrameTimes(even_times(count, first.interval_ms / 1000 / phases), verbatim("NominalInterval"))
    if first.heart_rate_per_min:
        return FrameTimes(even_times(count, 60 / first.heart_rate_per_min / phases), verbatim("HeartRate"))
    return FrameTimes(even_times(count, 1 / ASSUMED_RATE_PER_S), message("assumed"))


def _combined(groups: list[Group]) -> list[Group]:
    """Single slices of one study, parallel and apart, each its own series, combined to the stack they are."""
    result: list[Group] = []
    loose: list[list[Group]] = []
    for group in sorted(groups, key=lambda group: group.first.order):
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
        if len(stack) < MIN_SERIES:
            result.extend(stack)
        else:
            result.append(_one_group(stack))
    return _continued(result)


def _one_group(groups: Sequence[Group]) -> Group:
    slices = sorted(
        (single_slice for group in groups for single_slice in group.slices),
        key=lambda single_slice: single_slice.place_mm or 0.0,
    )
    return Group(slices, [warning for group in groups for warning in group.warnings])


def _continued(groups: list[Group]) -> list[Group]:
    """Stacks that were stored as several series, combined; the order of the others stays."""
    result: list[Group] = []
    for group in groups:
        at = next((number for number, single_group in enumerate(result) if _continues(single_group, group)), None)
        if at is None:
            result.append(group)
            continue
        whole = _one_group((result[at], group))
        whole.warnings.append(
            message(
                "{count} of {total} slices are a series of their own and continue the others evenly: they are one "
                "stack "
                "({file}).",
                count=len(group.slices),
                total=len(whole.slices),
                file=_begin(group.slices[0]),
            )
        )
        result[at] = whole
    return result


def _continues(group: Group, other: Group) -> bool:
    """Whether two series are parts of one stack: alike, and together evenly spaced, with at most one slice missing.

    A stack that was taken twice has slices in between that are nearer, or at the same places.
    """
    a, b = group.first, other.first
    alike = (a.study, a.frame_of_reference, a.kind, a.spacing_mm) == (
        b.study,
        b.frame_of_reference,
        b.kind,
        b.spacing_mm,
    )
    if not alike or a.series == b.series or not _parallel(a, b) or min(group.phases, other.phases) < 2:
        return False
    # Two single slices make no stack, as in `_combined`.
    if max(len(group.slices), len(other.slices)) < 2 or abs(group.phases - other.phases) > PHASES_ALIKE:
        return False
    if any(each.place_mm is None for each in (*group.slices, *other.slices)) or _names_long_axis((group, other)):
        return False
    places = np.sort([each.place_mm or 0.0 for each in (*group.slices, *other.slices)])
    steps = np.diff(places)
    usual = float(np.sort(steps)[(len(steps) - 1) // 2])
    if usual < max(APART_MM, OVERLAP * (a.thickness_mm or 0.0)):
        return False
    whole = np.rint(steps / usual)
    return bool(
        np.isin(whole, (1, 2)).all() and (np.abs(steps / usual - whole) <= EVEN).all() and (whole == 2).sum() < 2
    )


def _names_long_axis(groups: Iterable[Group]) -> bool:
    return any(long_axis_view(_words(group.first)) is not None for group in groups)


def _neighbours(group: Group, other: Group) -> bool:
    a, b = group.first, other.first
    return (
        (a.study, a.frame_of_reference, a.kind) == (b.study, b.frame_of_reference, b.kind)
        and a.series != b.series
        and _parallel(a, b)
        and abs(group.phases - other.phases) <= PHASES_ALIKE
        and abs((group.slices[0].place_mm or 0.0) - (other.slices[0].place_mm or 0.0)) >= APART_MM
    )


# As scanners and people call them: "CINE_4CH", "2 chamber", "tfisp_cine_VLA", "3-CHAMBER LVOT", "cine A4C".
_NAMES = (
    (r"4 ?ch(amber|b|m)?s?|four ?ch(amber)?s?|a4c|hla|horizontal long( ax(is)?)?", "A4C"),
    (r"2 ?ch(amber|b|m)?s?|two ?ch(amber)?s?|a2c|vla|vertical long( ax(is)?)?", "A2C"),
    (r"3 ?ch(amber|b|m)?s?|three ?ch(amber)?s?|a3c|lv ?3 ?ch", "A3C"),
)
# The right heart's own long axes, and flow or late enhancement in the same planes.
_OTHER = r"rv|rvot|right|rvvla|sax|short|stack|pulm\w*|aort\w*|flow|venc|pc|qflow"
_SHORT = r"p?sax|sa|short"
# Slices whose normal is this near to a right angle with that of the short axes are long axes.
_ACROSS_DEGREES = 35.0
# A normal with a cosine above this to an axis of the body (within 14 degrees): slices of the chest, not of the heart.
_OF_THE_BODY = 0.97


def long_axis_view(words: Iterable[str]) -> str | None:
    """The view, "A4C", "A2C" or "A3C", that one of the words (series description, protocol) names, or None.

    The first that names any counts; one that names several, or the right heart, is ignored.

    Args:
        words: texts of the header, those that count first.

    """
    for word in words:
        # Letters from digits as well as from signs: "cine4ch" and "LAX_2ch" name their views.
        folded = _folded(word)
        if re.search(rf"\b({_OTHER})\b", folded):
            continue
        found = {view for pattern, view in _NAMES if re.search(rf"(?<![0-9])({pattern})(?![a-z0-9])", folded)}
        if len(found) == 1:
            return found.pop()
    return None


def larger_across(group: Group, others: Iterable[Group]) -> Group | None:
    """The larger stack of the same study that these slices cross at a right angle, being long axes; or None.

    A series that is named a short axis is one. A series that is named after a long axis, or aligned with the body as
    transverse slices are, does not show how the short axes are oriented.

    Args:
        group: of the slices.
        others: groups of any study.

    """
    texts, normal = _words(group.first), normal_of(group.first)
    if normal is None or any(re.search(rf"\b({_SHORT})\b", _folded(word)) for word in texts):
        return None
    for other in others:
        across = normal_of(other.first)
        if other.first.study != group.first.study or len(other.slices) <= len(group.slices) or across is None:
            continue
        if long_axis_view(_words(other.first)) is not None or np.abs(across).max() > _OF_THE_BODY:
            continue
        if abs(float(normal @ across)) <= np.sin(np.radians(_ACROSS_DEGREES)):
            return other
    return None


def _folded(words: str) -> str:
    return " ".join(re.sub(r"[^a-z0-9]+", " ", words.lower()).split())


def _words(image: MrImage) -> list[str]:
    return [value for name, value in image.source.extra if name in ("Series", "Protocol")]


# A gap this many times the usual one means that a slice is missing.
GAP = 1.5
# Steps that differ by more than this share of the usual one are reported; volumes use the true positions in any case.
UNEVEN = 0.1
# Heart cycles that differ by more than this share from slice to slice: phases of one number are not of one moment.
CYCLES_DIFFER = 0.15


def inconsistencies(slices: Sequence[Slice]) -> list[Message]:
    """Sentences on spacing, pixel size, heart rate and times of slices in order of position, counted from 1.

    Args:
        slices: of one stack.

    """
    return [*_spacing(slices), *_pixels(slices), *_cycles(slices), *untimed_warning(slices)]


def untimed_warning(slices: Sequence[Slice]) -> list[Message]:
    """A sentence on the slices without phase times, if there are any.

    Args:
        slices: of one recording.

    """
    images = [
        image for single_slice in slices if single_slice.times.origin == "assumed" for image in single_slice.images
    ]
    if not images:
        return []
    return [
        message(
            "The files have no phase times; {rate:g} frames/s are assumed ({files}).",
            rate=ASSUMED_RATE_PER_S,
            files=names_of_files(images),
        )
    ]


def lacking(single_slice: Slice, whole: Slice | None, phases: int) -> Message:
    """A sentence on what is wrong with a slice of another number of phases than the rest.

    Args:
        single_slice: with another number of phases.
        whole: a slice with all phases; None where there is none.
        phases: of the others.

    """
    where, count, files = _place(single_slice.place_mm), len(single_slice.images), names_of_files(single_slice.images)
    if count > phases:
        return message(
            "{slice} has {count} phases where the others have {phases} and is not used ({files}).",
            slice=where,
            count=count,
            phases=phases,
            files=files,
        )
    missing = _missing_phases(single_slice, whole) if whole else []
    if not missing:
        return message(
            "{slice} has {count} of {phases} phases and is not used ({files}).",
            slice=where,
            count=count,
            phases=phases,
            files=files,
        )
    return message(
        "{slice} has {count} of {phases} phases and is not used: phase {missing} is missing ({files}).",
        slice=where,
        count=count,
        phases=phases,
        missing=joined_by(", ", [str(phase + 1) for phase in missing]),
        files=files,
    )


def _missing_phases(single_slice: Slice, whole: Slice) -> list[int]:
    """Phases (from 0) of `whole` that the slice has no image for, by trigger time; empty where it is not known."""
    here = [image.trigger_ms for image in single_slice.images]
    there = [image.trigger_ms for image in whole.images]
    known = [time_ms for time_ms in here if time_ms is not None]
    times = [time_ms for time_ms in there if time_ms is not None]
    if len(known) < len(here) or len(times) < len(there) or len(set(times)) < len(times):
        return []
    step = float(np.median(np.diff(times)))
    return [phase for phase, at in enumerate(times) if min(abs(at - t) for t in known) > step / 2] if known else []


def _spacing(slices: Sequence[Slice]) -> list[Message]:
    places = np.asarray([single_slice.place_mm or 0.0 for single_slice in slices])
    steps = np.diff(places)
    if not len(steps):
        return []
    # The lower median: with few slices, one gap must not pass for the usual.
    usual = float(np.sort(steps)[(len(steps) - 1) // 2])
    out = [
        message(
            "Slices {slice_number} and {next_number} are {step:.1f} mm apart, the others {usual:.1f} mm: a slice may "
            "be "
            "missing (the two begin with {file} and {next_file}).",
            slice_number=i + 1,
            next_number=i + 2,
            step=float(step),
            usual=usual,
            file=_begin(slices[i]),
            next_file=_begin(slices[i + 1]),
        )
        for i, step in enumerate(steps)
        if step > GAP * usual
    ]
    rest = steps[steps <= GAP * usual]
    if len(rest) and float(np.ptp(rest)) > UNEVEN * usual:
        out.append(
            message(
                "Slices are {least:.1f} to {most:.1f} mm apart: each fills half the way to its neighbours.",
                least=float(rest.min()),
                most=float(rest.max()),
            )
        )
    return out


def _pixels(slices: Sequence[Slice]) -> list[Message]:
    spacings = [single_slice.images[0].spacing_mm for single_slice in slices]
    sizes = [
        (single_slice.images[0].pixels.layout.rows, single_slice.images[0].pixels.layout.columns)
        for single_slice in slices
    ]
    if len(set(spacings)) > 1:
        known = [
            joined_by(" x ", [number(v, "g") for v in spacing]) or message("unknown")
            for spacing in sorted(set(spacings))
        ]
        return [
            message(
                "Slices differ in pixel spacing ({spacings} mm): each is measured by its own ({slices}).",
                spacings=chain_texts(known),
                slices=_unlike_most(slices, spacings),
            )
        ]
    if len(set(sizes)) > 1:
        return [
            message(
                "Slices differ in rows and columns: each is measured on its own grid ({slices}).",
                slices=_unlike_most(slices, sizes),
            )
        ]
    return []


def _unlike_most(slices: Sequence[Slice], values: Sequence[Hashable]) -> Message:
    """The slices whose value is not the most common one, with their files."""
    usual = Counter(values).most_common(1)[0][0]
    odd = [i for i, value in enumerate(values) if value != usual]
    images = [image for i in odd for image in slices[i].images]
    return plural(
        "slice {numbers}: {files}",
        "slices {numbers}: {files}",
        len(odd),
        numbers=joined_by(", ", [str(i + 1) for i in odd]),
        files=names_of_files(images),
    )


def _cycles(slices: Sequence[Slice]) -> list[Message]:
    cycles = np.array([single_slice.images[0].interval_ms or np.nan for single_slice in slices])
    known = np.flatnonzero(np.isfinite(cycles))
    if len(known) < 2:
        return []
    low, high = cycles[known].min(), cycles[known].max()
    if (high - low) / float(np.median(cycles[known])) <= CYCLES_DIFFER:
        return []
    slice_number = int(known[np.abs(cycles[known] - np.median(cycles[known])).argmax()]) + 1
    return [
        message(
            "Heart cycles last {least:.0f} to {most:.0f} ms from slice to slice (most apart: slice {slice_number}, "
            "{files}): phases are matched by their number.",
            least=float(low),
            most=float(high),
            slice_number=slice_number,
            files=names_of_files(slices[slice_number - 1].images),
        )
    ]


def _begin(single_slice: Slice) -> Message:
    return names_of_files(single_slice.images[:1])


# Of each slice; all images of a study of many gigabytes would take minutes to read from a slow disk.
_DIGEST_BYTES = 2 << 20

Made = list[tuple[str, Recording]]
"""(path to show, recording)."""


@dataclass
class Grids:
    """What cine images make.

    Attributes:
        made: recordings.
        refused: (path, reason) of what cannot be used.
        single: images of places that do not move, though others of their study do.

    """

    made: Made = field(default_factory=list)
    refused: list[tuple[str, Message]] = field(default_factory=list)
    single: list[MrImage] = field(default_factory=list)


def grids(images: Iterable[MrImage], cache: FrameCache, options: Options) -> Grids:
    """Recordings from images of cine MRI in any order.

    Slices of a series that are parallel make a Stack, and those of several series that continue each other; a single
    slice, and each of a series that is named after a long axis or crosses a larger stack of its study, a CineSequence.
    A slice with other phases than the rest has those nearest in the cycle, or is not used in its stack where it lacks
    too many, both with a warning. Which series are cines is decided before (`kinecor.io.mr.sorted_series`).

    Args:
        images: of cines.
        cache: for decoded frames.
        options: of opening.

    """
    groups = groups_of(images)
    moving = {group.first.study for group in groups if group.phases > 1}
    still = [group for group in groups if group.phases == 1 and group.first.study in moving]
    groups = [group for group in groups if group not in still]
    out = Grids(single=[image for group in still for single_slice in group.slices for image in single_slice.images])
    numbered: dict[str, int] = {}
    for group in groups:
        identity = safe_id(group.first.series) or safe_id(group.first.uid.replace("#", "-")) or "series"
        numbered[identity] = numbered.get(identity, 0) + 1
        if numbered[identity] > 1:
            identity = f"{identity}-{numbered[identity]}"
        try:
            stack = larger_across(group, groups)
            out.made += [
                (group.first.shown, recording) for recording in _recordings(group, stack, identity, cache, options)
            ]
        except KinecorError as error:
            out.refused.append((group.first.shown, error.message))
    return out


def _recordings(
    group: Group, stack: Group | None, identity: str, cache: FrameCache, options: Options
) -> Sequence[Recording]:
    slices, warnings = _complete(group)
    warnings += group.first.source.date_warning
    look = look_of([image for single_slice in slices for image in single_slice.images])
    if len(slices) == 1:
        alone = _cine(slices[0], identity, look, cache, options, (*warnings, *untimed_warning(slices)))
        return (replace(alone, view=_long_axis(alone)),)
    places = np.asarray([single_slice.place_mm or 0.0 for single_slice in slices])
    cines = tuple(
        _cine(single_slice, f"{identity}-s{number:02d}", look, cache, options, ())
        for number, single_slice in enumerate(slices, start=1)
    )
    study = group.first.study or identity
    cines = tuple(replace(cine, source=replace(cine.source, study_id=study)) for cine in cines)
    view = _long_axis(cines[0])
    if view is not None or stack is not None:
        # Parallel long axes are not short axes to be summed up: each is a loop by itself.
        if view is None and stack is not None:
            warnings.append(
                message(
                    "{count} parallel slices cross this study's larger stack of {total}: they are opened as separate "
                    "long axes; set the view of those that are to be measured.",
                    count=len(slices),
                    total=len(stack.slices),
                )
            )
        said = [*warnings, *untimed_warning(slices)]
        return tuple(replace(cine, view=view, warnings=tuple(said if cine is cines[0] else ())) for cine in cines)
    thickness_mm = slices[0].images[0].thickness_mm
    return (
        Stack(
            cines,
            places,
            thickness_mm,
            study,
            (*warnings, *inconsistencies(slices)),
            recording_id=identity,
            between_mm=_between_mm(slices),
        ),
    )


def _between_mm(slices: Sequence[Slice]) -> float | None:
    """The distance that all headers state; None where they differ, or each slice is a series, which has none."""
    stated = {single_slice.images[0].between_mm for single_slice in slices}
    alone = len({single_slice.images[0].series for single_slice in slices}) == len(slices)
    return stated.pop() if len(stated) == 1 and not alone else None


def _long_axis(cine: CineSequence) -> str | None:
    """The view that an MR series is named after, or None."""
    named = dict(cine.source.extra)
    names = (named[name] for name in ("Series", "Protocol") if name in named)
    return long_axis_view(names) if cine.source.modality == "MR" else None


def _complete(group: Group) -> tuple[list[Slice], list[Message]]:
    phases, warnings = group.phases, list(group.warnings)
    complete = [single_slice for single_slice in group.slices if len(single_slice.images) == phases]
    used = []
    for one in group.slices:
        if len(one.images) == phases:
            used.append(one)
            continue
        filled = in_phase(one, complete[0])
        if filled is None:
            warnings.append(lacking(one, complete[0], phases))
        else:
            used.append(filled)
            warnings.append(
                message(
                    "{slice} has {count} phases where the others have {phases}: the image nearest in the cycle is used "
                    "for each ({files}).",
                    slice=_place(one.place_mm),
                    count=len(one.images),
                    phases=phases,
                    files=names_of_files(one.images),
                )
            )
    return used, warnings


# Images of a slice are this much apart in time, in steps of the others, and at least this share of the usual number:
# else phases of other moments would be shown as one.
_STEPS_APART, _MIN_SHARE = 1.6, 0.5
# A slice with the others' time from phase to phase, within this share, lacks some; else it divides the cycle otherwise.
_SAME_STEP = 0.1


def in_phase(single_slice: Slice, whole: Slice) -> Slice | None:
    """A slice with the number of phases of the others, each the image nearest in the cycle; None where too few are.

    Args:
        single_slice: with fewer or more phases.
        whole: a complete slice.

    """
    here, there = single_slice.times.times_s, whole.times.times_s
    origins = {single_slice.times.origin, whole.times.origin}
    if len(here) < max(_MIN_SHARE * len(there), 2) or origins & {"assumed", "single frame"} or len(there) < 3:
        return None
    steps = float(np.median(np.diff(here))), float(np.median(np.diff(there)))
    if origins == {"TriggerTime"} and abs(steps[0] / steps[1] - 1) <= _SAME_STEP:
        # The first phases may be the ones that are missing.
        first_ms, others_ms = single_slice.images[0].trigger_ms or 0.0, whole.images[0].trigger_ms or 0.0
        here = here + (first_ms - others_ms) / 1000
        apart = np.abs(here[None] - there[:, None])
        cycle_s = there[-1] + steps[1]
        apart = np.minimum(apart, np.abs(cycle_s - apart))
    else:  # the whole cycle, in another number of phases
        share = [np.arange(len(times)) / len(times) for times in (here, there)]
        apart = np.abs(share[0][None] - share[1][:, None])
        apart = np.minimum(apart, 1 - apart) * len(there) * steps[1]
    if apart.min(axis=1).max() > _STEPS_APART * steps[1]:
        return None
    images = [single_slice.images[at] for at in apart.argmin(axis=1)]
    return Slice(images, single_slice.place_mm, whole.times)


def source_of(images: Sequence[MrImage], identity: str, options: Options) -> Source:
    """Where the images of one sequence come from.

    Args:
        images: in order; the first says whose they are.
        identity: id of the recording, and of its study where the images name none.
        options: how it is opened, by which a modality may be set.

    """
    first = images[0]
    several = len({image.shown for image in images}) > 1
    return replace(
        first.source,
        recording_id=identity,
        study_id=first.study or identity,
        digest=pixel_digest([(image.pixels, image.frame) for image in images], _DIGEST_BYTES),
        path=str(Path(first.shown).parent) if several else first.shown,
        modality=first.source.modality if options.modality == "auto" else options.modality,
    )


def _cine(
    single_slice: Slice,
    identity: str,
    look: Look,
    cache: FrameCache,
    options: Options,
    warnings: tuple[Message, ...],
) -> CineSequence:
    images, first = single_slice.images, single_slice.images[0]
    frames, depth = look.frames(images, cache)
    scale = spacing_scale(first.spacing_mm, message("Pixel Spacing in the file"))
    calibration, origin = scale.calibration, scale.calibration_origin
    if options.calibration:
        calibration, origin = options.calibration, message("Scale: {origin}.", origin=options.calibration.origin)
    rate = first.heart_rate_per_min or (60_000 / first.interval_ms if first.interval_ms else None)
    return CineSequence(
        frames=frames,
        times_s=single_slice.times.times_s,
        times_origin=single_slice.times.origin,
        calibration=calibration,
        source=source_of(images, identity, options),
        calibration_origin=origin,
        heart_rate_per_min=heart_rate(rate),
        warnings=warnings,
        plane=plane_of(first),
        depth=depth,
        instances=tuple(image.instance for image in images),
    )


def plane_of(image: MrImage) -> Plane | None:
    """The plane of an image in the patient; None where the file does not say, or says what no plane can be.

    Args:
        image: with or without a place.

    """
    if image.orientation is None or image.position_mm is None:
        return None
    try:
        along_x, along_y = np.split(np.asarray(image.orientation), 2)
        return Plane(np.asarray(image.position_mm), along_x, along_y)
    except ValueError:  # unusable directions: the image is shown all the same
        return None
