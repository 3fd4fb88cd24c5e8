"""Ways to tamper with real stacks: order, steps, phases, another patient's images, bands, turned and cut images."""

from collections.abc import Callable
from dataclasses import replace
from typing import Final

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from kinecor.io.write.mr import MrSlice, Pixels
from kinecor_lab.tasks.trust.kinds.stack import STACK_KINDS, between, in_plane
from kinecor_lab.tasks.trust.kinds.stack_file import StackKind, StackWay, fitted_slice
from kinecor_lab.tasks.trust.simulated import StackSeries
from kinecor_lab.tasks.trust.tampering import Kind, Way, unchanged

Slices = tuple[MrSlice, ...]
Stranger = Callable[[], StackSeries]
"""Another patient's stack."""


def _sliced(of: Callable[[StackSeries, Generator], Slices]) -> StackWay:
    return Way(made=lambda stack, rng: replace(stack, series=replace(stack.series, slices=of(stack, rng))))


def _each(of: Callable[[NDArray[np.float32], Generator], NDArray[np.generic]]) -> StackWay:
    """Each image of a stack changed; grey levels stay within those of its type."""

    def changed(stack: StackSeries, rng: Generator) -> Slices:
        def one_of(mr_slice: MrSlice) -> MrSlice:
            top = np.iinfo(mr_slice.frames.dtype).max
            images = np.stack([np.clip(of(frame.astype(np.float32), rng), 0, top) for frame in mr_slice.frames])
            deep = mr_slice.frames.dtype != np.uint8
            frames: Pixels = images.astype(np.uint16) if deep else images.astype(np.uint8)
            return replace(mr_slice, frames=frames)

        return tuple(map(one_of, stack.series.slices))

    return _sliced(changed)


def _shown(stack: StackSeries) -> range:
    """Slices that show the cavity at ED, from the apex."""
    return range(stack.ends["apex ED"], stack.ends["base ED"] + 1)


def reversed_order(stack: StackSeries, _: Generator) -> Slices:
    """Images of the base where the apex is, and the other way round."""
    slices = stack.series.slices
    return tuple(replace(mr_slice, frames=other.frames) for mr_slice, other in zip(slices, slices[::-1], strict=True))


def doubled(count: int) -> StackWay:
    """Slices in the middle of the ventricle there twice, so that all above are farther out."""

    def change_slices(stack: StackSeries, _: Generator) -> Slices:
        slices, shown = stack.series.slices, _shown(stack)
        step_mm = slices[1].position_mm - slices[0].position_mm
        at = shown[len(shown) // 2]
        copies = [replace(slices[at], position_mm=slices[at].position_mm + n * step_mm) for n in range(1, count + 1)]
        above = [replace(mr_slice, position_mm=mr_slice.position_mm + count * step_mm) for mr_slice in slices[at + 1 :]]
        return (*slices[: at + 1], *copies, *above)

    return _sliced(change_slices)


def phases_exchanged(share: float) -> StackWay:
    """ED and ES exchanged in a share of the slices, evenly from the apex on."""

    def change_slices(stack: StackSeries, _: Generator) -> Slices:
        order = np.arange(len(stack.series.slices[0].frames))
        order[[stack.ed, stack.es]] = order[[stack.es, stack.ed]]
        wanted = {n for n in range(len(stack.series.slices)) if int((n + 1) * share) > int(n * share)}
        return tuple(
            replace(mr_slice, frames=mr_slice.frames[order]) if number in wanted else mr_slice
            for number, mr_slice in enumerate(stack.series.slices)
        )

    return _sliced(change_slices)


def of_two_patients(stranger: Stranger, *, at: str) -> StackWay:
    """ES, or ED, of another patient in all slices, at the same share of the way from apex to base."""

    def change_slices(stack: StackSeries, _: Generator) -> Slices:
        other, out = stranger(), []
        phase, theirs = (stack.es, other.es) if at == "ES" else (stack.ed, other.ed)
        shown, beside = _shown(stack), _shown(other)
        for number, mr_slice in enumerate(stack.series.slices):
            share = (number - shown[0]) / max(len(shown) - 1, 1)
            place = int(np.clip(beside[0] + round(share * (len(beside) - 1)), 0, len(other.series.slices) - 1))
            frames = mr_slice.frames.copy()
            frames[phase] = fitted_slice(other.series.slices[place], mr_slice)[theirs]
            out.append(replace(mr_slice, frames=frames))
        return tuple(out)

    return _sliced(change_slices)


def slice_of_another(stranger: Stranger, count: int) -> StackWay:
    """Some slices in the middle of the ventricle of another patient."""

    def change_slices(stack: StackSeries, _: Generator) -> Slices:
        other, slices = stranger(), list(stack.series.slices)
        shown, beside = _shown(stack), _shown(other)
        first = shown[len(shown) // 2]
        for number in range(first, min(first + count, len(slices))):
            share = (number - shown[0]) / max(len(shown) - 1, 1)
            place = int(np.clip(beside[0] + round(share * (len(beside) - 1)), 0, len(other.series.slices) - 1))
            theirs = fitted_slice(other.series.slices[place], slices[number])
            frames = slices[number].frames.copy()
            frames[stack.ed], frames[stack.es] = theirs[other.ed], theirs[other.es]
            slices[number] = replace(slices[number], frames=frames)
        return tuple(slices)

    return _sliced(change_slices)


def banded(depth: float, bands: int) -> StackWay:
    """Dark bands through the images, as steady-state sequences have them off resonance."""

    def change_image(image: NDArray[np.float32], _: Generator) -> NDArray[np.generic]:
        across = np.arange(image.shape[1]) / image.shape[1]
        return np.asarray(image * (1 - depth * np.cos(np.pi * bands * across) ** 8)[None])

    return _each(change_image)


def turned(degrees: float) -> StackWay:
    """Images turned about their middle; the header stays."""

    def change_image(image: NDArray[np.float32], _: Generator) -> NDArray[np.generic]:
        rows, columns = image.shape
        matrix = cv2.getRotationMatrix2D((columns / 2, rows / 2), degrees, 1.0)
        return np.asarray(cv2.warpAffine(image, matrix, (columns, rows)))

    return _each(change_image)


def cut(share: float, *, top: bool) -> StackWay:
    """A black band over a share of the images, at the top or at the bottom."""

    def change_image(image: NDArray[np.float32], _: Generator) -> NDArray[np.generic]:
        out, rows = image.copy(), round(share * len(image))
        out[slice(0, rows) if top else slice(len(image) - rows, None)] = 0
        return out

    return _each(change_image)


def graded(power: float) -> StackWay:
    """Another grey map: darker above 1, brighter below."""

    def change_image(image: NDArray[np.float32], _: Generator) -> NDArray[np.generic]:
        top = max(float(image.max()), 1.0)
        return top * (image / top) ** power

    return _each(change_image)


MIRRORED: Final = _each(lambda image, _: image[:, ::-1])

_REARRANGED: Final[tuple[StackKind, ...]] = (
    Kind("step x 1.3", "report", {"": between(1.3)}),
    Kind("slice order reversed", "report", {"": _sliced(reversed_order)}),
    Kind("slice doubled", "report", {"1": doubled(1), "2": doubled(2)}),
    Kind(
        "phases exchanged by slice",
        "report",
        {"every third": phases_exchanged(0.34), "every other": phases_exchanged(0.5), "all": phases_exchanged(1.0)},
    ),
)


def _redrawn(stranger: Stranger) -> tuple[StackKind, ...]:
    return (
        Kind("pixels x 0.7", "report", {"": in_plane(0.7)}, redrawn=True),
        Kind("pixels x 1.3", "report", {"": in_plane(1.3)}, redrawn=True),
        Kind(
            "two patients at ED and ES",
            "report",
            {at: of_two_patients(stranger, at=at) for at in ("ES", "ED")},
            redrawn=True,
        ),
        Kind(
            "slice of another patient",
            "report",
            {"1": slice_of_another(stranger, 1), "2": slice_of_another(stranger, 2)},
            redrawn=True,
        ),
        Kind("MR banding", "report", {"60 %": banded(0.6, 3), "90 %": banded(0.9, 5)}, redrawn=True),
        Kind("images mirrored", "report", {"": MIRRORED}, redrawn=True),
        Kind("images turned", "report", {"20 degrees": turned(20), "60 degrees": turned(60)}, redrawn=True),
        Kind("images cut", "report", {"top": cut(0.35, top=True), "bottom": cut(0.35, top=False)}, redrawn=True),
        Kind("grey map", "report", {"0.5": graded(0.5), "2": graded(2.0)}, redrawn=True),
    )


_SIMULATED: Final = frozenset({"slices of another heart"})
"""A simulated heart is no other patient's."""
_SAID_APART: Final = frozenset({"pixel size"})


def kinds_of_stacks(stranger: Stranger) -> list[StackKind]:
    """Kinds for a stack of a patient; those that need a network are `redrawn`."""
    known = _SIMULATED | _SAID_APART
    return [
        *_REARRANGED,
        *_redrawn(stranger),
        *(
            stack_kind
            for stack_kind in STACK_KINDS
            if stack_kind.name not in known and all(way.setting is unchanged for way in stack_kind.ways.values())
        ),
    ]
