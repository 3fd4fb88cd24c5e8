"""A slice that was acquired again within its series: its takes separated, and the one to use."""

from collections import Counter
from collections.abc import Callable, Sequence
from itertools import pairwise

from kinecor.io.mr.images import MrImage, named

# What separates takes, best first. Scanners that do not count acquisitions still record times, and all number images.
_Key = Callable[[MrImage], tuple[float | str, ...]]
_KEYS: tuple[_Key, ...] = (
    lambda image: (image.order[1],),
    lambda image: (image.taken,),
    lambda image: image.order,
)


def phase_values(images: Sequence[MrImage]) -> list[float] | None:
    """Each image's time after the R wave, else its phase's number; None where the files have neither for all images."""
    triggers = [image.trigger_ms for image in images if image.trigger_ms is not None]
    if len(triggers) == len(images) and len(set(triggers)) > 1:
        return triggers
    temporal = [image.temporal for image in images if image.temporal is not None]
    return temporal if len(temporal) == len(images) and len(set(temporal)) > 1 else None


def usual_phases(places: Sequence[Sequence[MrImage]]) -> int | None:
    """The most common number of images of the places that were taken once, of equally common ones the larger.

    None where no place is known to have been taken once.
    """
    counts = Counter(len(images) for images in places if not _repeated(images, None))
    return max(counts, key=lambda count: (counts[count], count)) if counts else None


def one_take(images: list[MrImage], usual: int | None, where: str, warnings: list[str]) -> list[MrImage]:
    """The images of one take of a place, the last complete one; the others are named in `warnings`.

    Repeats are taken because the first take was bad. Images that cannot be separated are returned as they are.

    Args:
        images: all of one place.
        usual: number of images of a slice of this series, where other slices show it; else None.
        where: the place in words, " at 8.0 mm".
        warnings: gets a sentence that names the files of the takes that are not used.

    """
    takes = _takes(images, usual)
    if len(takes) < 2:
        return images
    used, which = _best(takes, usual)
    rest = [image for take in takes if take is not used for image in take]
    times, others = ("twice", "other is") if len(takes) == 2 else (f"{len(takes)} times", "others are")
    warnings.append(
        f"The slice{where} was acquired {times}: the {which} take is used, the {others} not ({named(rest)})."
    )
    return used


def _best(takes: list[list[MrImage]], usual: int | None) -> tuple[list[MrImage], str]:
    """The take to use, and what it is in words."""
    complete = [take for take in takes if len(take) == usual] or [
        take for take in takes if len(take) == _declared(take)
    ]
    if complete:
        return complete[-1], "last complete"
    longest = max(len(take) for take in takes)
    return [take for take in takes if len(take) == longest][-1], "last" if len(takes[-1]) == longest else "longest"


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
            return sorted(takes, key=lambda take: (min(one.taken for one in take), min(one.order for one in take)))
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
