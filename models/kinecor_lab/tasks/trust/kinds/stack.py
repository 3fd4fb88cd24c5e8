"""Ways to tamper with a short-axis stack: slices, phases, headers, images."""

from collections.abc import Callable
from dataclasses import replace
from typing import Final

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from kinecor.io.write.mr import MrSeries, MrSlice
from kinecor_lab.tasks.trust.kinds.stack_file import FILE_KINDS
from kinecor_lab.tasks.trust.simulated import StackSeries, StackSetting
from kinecor_lab.tasks.trust.tampering import Kind, Way

StackWay = Way[StackSetting, StackSeries]
StackKind = Kind[StackSetting, StackSeries]
Slices = tuple[MrSlice, ...]
Frames = NDArray[np.uint16]


def _way(of: Callable[[StackSeries, Generator], MrSeries]) -> StackWay:
    return Way(made=lambda stack, rng: replace(stack, series=of(stack, rng)))


def _sliced(of: Callable[[StackSeries, Generator], Slices]) -> StackWay:
    return _way(lambda stack, rng: replace(stack.series, slices=of(stack, rng)))


def _each(of: Callable[[MrSlice, Generator], MrSlice]) -> StackWay:
    return _sliced(lambda stack, rng: tuple(of(mr_slice, rng) for mr_slice in stack.series.slices))


def _of_heart(stack: StackSeries) -> list[int]:
    """Slices that show the cavity at ED, from the apex."""
    return list(range(stack.ends["apex ED"], stack.ends["base ED"] + 1))


def _without(slices: Slices, lost: set[int]) -> Slices:
    return tuple(mr_slice for number, mr_slice in enumerate(slices) if number not in lost)


def middle_lost(count: int) -> StackWay:
    """Some slices missing in the middle of the ventricle."""

    def change_slices(stack: StackSeries, _: Generator) -> Slices:
        shown = _of_heart(stack)
        first = len(shown) // 2
        return _without(stack.series.slices, set(shown[first : first + count]))

    return _sliced(change_slices)


def base_lost(count: int) -> StackWay:
    """Some basal slices of the ventricle and all above missing."""
    return _sliced(lambda stack, _: stack.series.slices[: max(stack.ends["base ED"] + 1 - count, 3)])


def apex_lost(count: int) -> StackWay:
    """Some apical slices of the ventricle and all below missing."""
    return _sliced(lambda stack, _: stack.series.slices[stack.ends["apex ED"] + count :])


def phases_lost(of: Callable[[StackSeries, int], NDArray[np.intp]]) -> StackWay:
    """Some phases of all slices missing; the others keep their times."""

    def lost(stack: StackSeries, _: Generator) -> Slices:
        slices = stack.series.slices
        phases = of(stack, len(slices[0].frames))
        return tuple(
            replace(mr_slice, frames=mr_slice.frames[phases], trigger_ms=mr_slice.trigger_ms[phases])
            for mr_slice in slices
        )

    return _sliced(lost)


def around_systole(share: float) -> StackWay:
    """A share of the phases missing, those around end-systole."""

    def remaining_phases(stack: StackSeries, phases: int) -> NDArray[np.intp]:
        count = round(share * phases)
        first = stack.es - count // 2
        return np.array([index for index in range(phases) if not first <= index < first + count])

    return phases_lost(remaining_phases)


def _swapped(slices: Slices, pairs: list[tuple[int, int]]) -> Slices:
    """The same positions with images of other slices."""
    images = [mr_slice.frames for mr_slice in slices]
    for a, b in pairs:
        images[a], images[b] = images[b], images[a]
    return tuple(replace(mr_slice, frames=frames) for mr_slice, frames in zip(slices, images, strict=True))


def disordered(count: int) -> StackWay:
    """Pairs of slices of the ventricle that have changed places."""

    def change_slices(stack: StackSeries, _: Generator) -> Slices:
        shown = _of_heart(stack)
        pairs = [(shown[1 + i], shown[-2 - i]) for i in range(min(count, len(shown) // 2 - 1))]
        return _swapped(stack.series.slices, pairs)

    return _sliced(change_slices)


def copied(apart: int) -> StackWay:
    """A slice in the middle shows the images of another one."""

    def change_slices(stack: StackSeries, _: Generator) -> Slices:
        slices, shown = list(stack.series.slices), _of_heart(stack)
        at = shown[len(shown) // 2]
        slices[at] = replace(slices[at], frames=slices[min(at + apart, len(slices) - 1)].frames)
        return tuple(slices)

    return _sliced(change_slices)


def in_plane(times: float) -> StackWay:
    """Another size of a pixel."""
    return _each(
        lambda mr_slice, _: replace(
            mr_slice, spacing_mm=(mr_slice.spacing_mm[0] * times, mr_slice.spacing_mm[1] * times)
        )
    )


def between(times: float) -> StackWay:
    """Another distance between slices."""

    def change_slices(stack: StackSeries, _: Generator) -> Slices:
        slices = stack.series.slices
        first = slices[0].position_mm
        return tuple(
            replace(mr_slice, position_mm=first + times * (mr_slice.position_mm - first)) for mr_slice in slices
        )

    return _sliced(change_slices)


def rate(times: float) -> StackWay:
    """Another heart rate and R-R interval in the header."""
    return _way(lambda stack, _: replace(stack.series, heart_rate_per_min=stack.truth["HR"] * times))


def triggered(times: float) -> StackWay:
    """Other trigger times; the heart rate in the header stays."""
    return _each(lambda mr_slice, _: replace(mr_slice, trigger_ms=mr_slice.trigger_ms * times))


def _some(stack: StackSeries, count: int, rng: Generator) -> set[int]:
    shown = _of_heart(stack)[1:-1]
    return {int(number) for number in rng.permutation(shown)[:count]}


def sideways(mm: float, count: int) -> StackWay:
    """Some slices shifted in their plane, as from another breath-hold."""

    def change_slices(stack: StackSeries, rng: Generator) -> Slices:
        moved = _some(stack, count, rng)

        def one_of(number: int, mr_slice: MrSlice) -> MrSlice:
            if number not in moved:
                return mr_slice
            px = round(mm / mr_slice.spacing_mm[0])
            return replace(mr_slice, frames=np.roll(mr_slice.frames, (px // 2, px), axis=(1, 2)))

        return tuple(one_of(number, mr_slice) for number, mr_slice in enumerate(stack.series.slices))

    return _sliced(change_slices)


def mistriggered(share: float, count: int) -> StackWay:
    """Some slices whose phases begin at another moment of the cycle."""

    def change_slices(stack: StackSeries, rng: Generator) -> Slices:
        late = _some(stack, count, rng)
        return tuple(
            replace(mr_slice, frames=np.roll(mr_slice.frames, round(share * len(mr_slice.frames)), axis=0))
            if number in late
            else mr_slice
            for number, mr_slice in enumerate(stack.series.slices)
        )

    return _sliced(change_slices)


def blurred(px: float) -> StackWay:
    """Images out of focus, as of breathing."""

    def change_slice(mr_slice: MrSlice, _: Generator) -> MrSlice:
        smooth = gaussian_filter(mr_slice.frames.astype(np.float32), (0, px, px))
        return replace(mr_slice, frames=smooth.astype(np.uint16))

    return _each(change_slice)


def noisy(share: float) -> StackWay:
    """Noise with a standard deviation of a share of the brightest."""

    def change_slice(mr_slice: MrSlice, rng: Generator) -> MrSlice:
        top = float(np.percentile(mr_slice.frames, 99))
        noise = rng.standard_normal((2, *mr_slice.frames.shape)).astype(np.float32) * (share * top)
        magnitude = np.hypot(mr_slice.frames + noise[0], noise[1])
        return replace(mr_slice, frames=np.clip(magnitude, 0, 4095).astype(np.uint16))

    return _each(change_slice)


def thick(times: float) -> StackWay:
    """Another slice thickness in the header; positions stay."""
    return _each(lambda mr_slice, _: replace(mr_slice, thickness_mm=mr_slice.thickness_mm * times))


def wrapped(share: float) -> StackWay:
    """A field of view that is too small: one side of the body lies over the heart."""

    def change_slice(mr_slice: MrSlice, _: Generator) -> MrSlice:
        px = round(share * mr_slice.frames.shape[2])
        frames = mr_slice.frames.astype(np.int32)
        frames[:, :, :px] += mr_slice.frames[:, :, -px:]
        frames[:, :, -px:] = 0
        return replace(mr_slice, frames=np.clip(frames, 0, 4095).astype(np.uint16))

    return _each(change_slice)


def ghosts(strength: float) -> StackWay:
    """Ghosts of an irregular heart or breath in the phase direction."""
    return Way(setting=lambda setting: replace(setting, ghosting=strength))


STACK_KINDS: Final[tuple[StackKind, ...]] = (
    Kind("slices lost in the middle", "choose", {"1": middle_lost(1), "2": middle_lost(2), "3": middle_lost(3)}),
    Kind("basal slices lost", "report", {"1": base_lost(1), "2": base_lost(2), "3": base_lost(3)}),
    Kind("apical slices lost", "choose", {"2": apex_lost(2), "3": apex_lost(3)}),
    Kind(
        "late phases lost",
        "report",
        {
            "25 %": phases_lost(lambda _, n: np.arange(round(0.75 * n))),
            "50 %": phases_lost(lambda _, n: np.arange(n // 2)),
        },
    ),
    Kind("phases at ES lost", "choose", {"20 %": around_systole(0.2), "40 %": around_systole(0.4)}),
    Kind("slices out of order", "report", {"one pair": disordered(1), "two pairs": disordered(2)}),
    Kind("slice copied", "choose", {"neighbour": copied(1), "two away": copied(2)}),
    Kind("pixel size", "report", {"x 0.7": in_plane(0.7), "x 1.4": in_plane(1.4)}, redrawn=True),
    Kind("distance between slices", "choose", {"x 0.5": between(0.5), "x 1.5": between(1.5)}),
    Kind("heart rate in the MR header", "report", {"x 0.5": rate(0.5), "x 1.6": rate(1.6)}),
    Kind("trigger times", "choose", {"x 0.6": triggered(0.6), "x 1.5": triggered(1.5)}),
    Kind(
        "slice shifted",
        "report",
        {"one, 10 mm": sideways(10, 1), "one, 20 mm": sideways(20, 1), "three, 20 mm": sideways(20, 3)},
        redrawn=True,
    ),
    Kind("slice mistriggered", "choose", {"one, 30 %": mistriggered(0.3, 1), "three, 40 %": mistriggered(0.4, 3)}),
    Kind("blur", "report", {"1.5 px": blurred(1.5), "3 px": blurred(3.0)}, redrawn=True),
    Kind("MR noise", "choose", {"15 %": noisy(0.15), "30 %": noisy(0.3)}, redrawn=True),
    Kind("thickness without the gap", "report", {"x 0.6": thick(0.6), "x 1.6": thick(1.6)}),
    Kind("fold-over", "choose", {"30 %": wrapped(0.3), "42 %": wrapped(0.42)}, redrawn=True),
    Kind("ghosts", "report", {"0.1": ghosts(0.1), "0.3": ghosts(0.3)}, redrawn=True),
    *FILE_KINDS,
)
"""In the order of the table."""
