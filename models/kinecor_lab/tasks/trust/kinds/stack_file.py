"""Ways to tamper with the files of a short-axis stack: another body, series, phases and distances that do not agree."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Final

import cv2
import numpy as np
import pydicom
from numpy.random import Generator

from kinecor.io.write.dataset import decimal
from kinecor.io.write.mr import MrSlice
from kinecor_lab.tasks.trust.simulated import StackSeries, StackSetting, stack_series
from kinecor_lab.tasks.trust.tampering import Kind, Way

StackWay = Way[StackSetting, StackSeries]
StackKind = Kind[StackSetting, StackSeries]
Slices = tuple[MrSlice, ...]


def _sliced(of: Callable[[StackSeries, Generator], Slices]) -> StackWay:
    return Way(made=lambda stack, rng: replace(stack, series=replace(stack.series, slices=of(stack, rng))))


def _shown(stack: StackSeries) -> range:
    """Slices that show the cavity at ED, from the apex."""
    return range(stack.ends["apex ED"], stack.ends["base ED"] + 1)


def other_heart(every: int) -> StackWay:
    """Slices of another simulated heart: every n-th of the ventricle's, or its basal half (0)."""

    def change_slices(stack: StackSeries, rng: Generator) -> Slices:
        slices, shown = list(stack.series.slices), _shown(stack)
        phases = len(slices[0].frames)
        other = stack_series(StackSetting("normal", 2 * int(rng.integers(500_000, 600_000))), phases)
        theirs = _shown(other)
        wanted = shown[len(shown) // 2 :] if not every else shown[1::every]
        for number in wanted:
            at = theirs[round((number - shown[0]) / max(len(shown) - 1, 1) * (len(theirs) - 1))]
            slices[number] = replace(slices[number], frames=fitted_slice(other.series.slices[at], slices[number]))
        return tuple(slices)

    return _sliced(change_slices)


def fitted_slice(other: MrSlice, here: MrSlice) -> np.ndarray:
    """Images of another stack with the pixels of this one, its grey levels matched, from the middle outwards."""
    rows, columns = here.frames.shape[1:]
    times = other.spacing_mm[0] / here.spacing_mm[0]
    to = np.array([[times, 0, (columns - times * other.frames.shape[2]) / 2],
                   [0, times, (rows - times * other.frames.shape[1]) / 2]])  # fmt: skip
    grey = float(np.percentile(here.frames, 99)) / max(float(np.percentile(other.frames, 99)), 1.0)
    moved = [cv2.warpAffine(frame.astype(np.float32) * grey, to, (columns, rows)) for frame in other.frames]
    return np.clip(np.stack(moved), 0, np.iinfo(here.frames.dtype).max).astype(here.frames.dtype)


def in_no_order(*, alike: bool) -> StackWay:
    """Phases mixed, in all slices in one way or in each in its own."""

    def change_slices(stack: StackSeries, rng: Generator) -> Slices:
        one_way = rng.permutation(len(stack.series.slices[0].frames))
        orders = [one_way if alike else rng.permutation(len(one_way)) for _ in stack.series.slices]
        pairs = zip(stack.series.slices, orders, strict=True)
        return tuple(replace(mr_slice, frames=mr_slice.frames[order]) for mr_slice, order in pairs)

    return _sliced(change_slices)


def every_so_many(count: int) -> StackWay:
    """Only every n-th slice."""
    return _sliced(lambda stack, _: stack.series.slices[::count])


def base_too_far(steps: float) -> StackWay:
    """The basal slice of the ventricle and all above moved out by a number of steps."""

    def change_slices(stack: StackSeries, _: Generator) -> Slices:
        slices, base = stack.series.slices, stack.ends["base ED"]
        step = slices[1].position_mm - slices[0].position_mm
        return tuple(
            replace(mr_slice, position_mm=mr_slice.position_mm + steps * step) if number >= base else mr_slice
            for number, mr_slice in enumerate(slices)
        )

    return _sliced(change_slices)


def of_height(times: float) -> StackWay:
    """Pixels of another height in the header."""
    return _sliced(
        lambda stack, _: tuple(
            replace(mr_slice, spacing_mm=(mr_slice.spacing_mm[0] * times, mr_slice.spacing_mm[1]))
            for mr_slice in stack.series.slices
        )
    )


def squeezed(times: float) -> StackWay:
    """Images squeezed to a share of their width, within a frame of the same size; the header stays."""

    def one_of(mr_slice: MrSlice) -> MrSlice:
        rows, columns = mr_slice.frames.shape[1:]
        to = np.array([[times, 0, (1 - times) * columns / 2], [0, 1, 0]])
        moved = [cv2.warpAffine(frame.astype(np.float32), to, (columns, rows)) for frame in mr_slice.frames]
        return replace(mr_slice, frames=np.stack(moved).astype(np.uint16))

    return _sliced(lambda stack, _: tuple(map(one_of, stack.series.slices)))


def _files(of: Callable[[StackSeries, int, pydicom.Dataset], bool | None]) -> StackWay:
    """Each file changed; removed where `of` says so. Slices count from 0, from the apex."""

    def change(folder: Path, made: StackSeries, _: Generator) -> None:
        for path in sorted(folder.glob("s*.dcm")):
            header = pydicom.dcmread(path)
            if of(made, int(path.name[1:3]) - 1, header):
                path.unlink()
            else:
                header.save_as(path)

    return Way(file=change)


def two_series(belongs: Callable[[int, int], bool]) -> StackWay:
    """A part of the slices in a series of its own; `belongs` is given the number of a slice and how many there are."""

    def change_header(made: StackSeries, number: int, header: pydicom.Dataset) -> None:
        if belongs(number, len(made.series.slices)):
            header.SeriesInstanceUID, header.SeriesNumber = f"{header.SeriesInstanceUID}.2", 2

    return _files(change_header)


def lacks_phases(count: int, slices: int) -> StackWay:
    """Some phases missing in the most basal slices of the ventricle, after a third of the cycle."""

    def is_left_out(made: StackSeries, number: int, header: pydicom.Dataset) -> bool:
        phases, base = len(made.series.slices[0].frames), made.ends["base ED"]
        first = phases // 3 + 1
        return base - slices < number <= base and first <= int(header.TemporalPositionIdentifier) < first + count

    return _files(is_left_out)


def apart(times: float) -> StackWay:
    """Another distance of positions, while the header keeps the true Spacing Between Slices."""

    def change_slices(stack: StackSeries, _: Generator) -> Slices:
        first = stack.series.slices[0].position_mm
        return tuple(
            replace(mr_slice, position_mm=first + times * (mr_slice.position_mm - first))
            for mr_slice in stack.series.slices
        )

    def stated(made: StackSeries, _: int, header: pydicom.Dataset) -> None:
        header.SpacingBetweenSlices = decimal(round((made.series.spacing_between_mm or 0.0) / times, 6))

    return replace(_sliced(change_slices), file=_files(stated).file)


FILE_KINDS: Final[tuple[StackKind, ...]] = (
    Kind("slices of another heart", "choose", {"half": other_heart(0), "every other": other_heart(2)}, redrawn=True),
    Kind("phases in no order", "report", {"alike": in_no_order(alike=True), "each": in_no_order(alike=False)}),
    Kind("every other slice alone", "choose", {"2": every_so_many(2), "3": every_so_many(3)}),
    Kind("basal slice too far out", "report", {"2 steps": base_too_far(2), "3 steps": base_too_far(3)}),
    Kind("pixels not square", "choose", {"x 0.7": of_height(0.7), "x 1.3": of_height(1.3)}, redrawn=True),
    Kind("images squeezed", "report", {"x 0.7": squeezed(0.7), "x 0.8": squeezed(0.8)}, redrawn=True),
    Kind(
        "stack in two series",
        "report",
        {
            "halves": two_series(lambda number, count: number >= count // 2),
            "odd and even": two_series(lambda number, _: number % 2 == 1),
        },
        redrawn=True,
    ),
    Kind(
        "basal slices lack phases",
        "choose",
        {"one": lacks_phases(1, 1), "two of two": lacks_phases(2, 2)},
        redrawn=True,
    ),
    Kind(
        "positions against the distance stated",
        "report",
        {"x 0.7": apart(0.7), "x 1.35": apart(1.35)},
        redrawn=True,
    ),
)
"""In the order of the table; `redrawn` where files or images change, so that they are analysed again."""
