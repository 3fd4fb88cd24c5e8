"""`kinecor evaluate short-axis-strain`: circumferential strain on simulated stacks, whose truth is exact."""

import argparse
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from kinecor.analysis.analyse import propose, slice_clip
from kinecor.analysis.models import Models
from kinecor.analysis.strategy import slice_motion_edits
from kinecor.core.outlines.insertion import insertion
from kinecor.core.strain.short_axis import SHORT_AXIS_SEGMENTS, ShortAxisRegions, short_axis_parts, stack_strain
from kinecor.core.strain.wall_strain import strain_percent
from kinecor.core.values.errors import no_tick
from kinecor.core.values.geometry import FloatArray
from kinecor.core.values.reading import Reading, first_stack_reading
from kinecor_lab.common.commands import add_device, reported
from kinecor_lab.common.table import Column, Table, add_output, report, spread
from kinecor_lab.pipeline.short_axis_case import RingCase, simulated

TRUE, TRUE_OUTLINES = "true contours", "true contours alone"
WHOLE, FOUND_OUTLINES = "whole pipeline", "found contours alone"
ARMS = (TRUE, TRUE_OUTLINES, WHOLE, FOUND_OUTLINES)
"""Contours, ED and ES true, motion as seen in the images; the same without motion; all found by models; the same
without motion."""


@dataclass(frozen=True, eq=False)
class Measured:
    """What one way of measuring says at end-systole, in percent.

    Attributes:
        gcs: of the whole; NaN where it was not measured.
        segments: (16,); NaN where withheld, and everywhere without motion.

    """

    gcs: float
    segments: FloatArray


@dataclass(frozen=True, eq=False)
class RingLooked:
    """What is true of the slices that count, and what was measured by arm."""

    name: str
    true: Measured
    by_arm: dict[str, Measured]


def looked_at(case: RingCase, device: str = "auto") -> RingLooked:
    """All arms of a stack.

    Raises:
        ValueError: fewer than three slices show the wall at ED and ES.

    """
    truth = case.truth
    clips = [slice_clip(cine) for cine in case.stack.slices]
    for edit in slice_motion_edits(clips, truth, Models(device), no_tick):
        truth = edit.apply(truth, "model:motion")
    first = first_stack_reading(case.stack)
    proposal = propose(case.stack, first, device=device)
    found = proposal.edit.apply(first, proposal.by)
    readings = (truth, _still(truth), found, _still(found))
    by_arm = {arm: _measured(reading) for arm, reading in zip(ARMS, readings, strict=True)}
    ring = stack_strain(truth)
    if ring is None or ring.regions is None:
        raise ValueError(f"{case.name}: three slices with a wall at ED and ES were expected")
    return RingLooked(case.name, _true(case, truth, ring.regions), by_arm)


def _still(reading: Reading) -> Reading:
    return reading.with_(slices=tuple(slice_reading.with_(motion=None) for slice_reading in reading.slices))


def _measured(reading: Reading) -> Measured:
    strain, nothing = stack_strain(reading), np.full(SHORT_AXIS_SEGMENTS, np.nan)
    if strain is None or reading.events is None:
        return Measured(float("nan"), nothing)
    segments = nothing if strain.regions is None else strain.regions.values("end_systolic")
    return Measured(float(strain.circumferential_percent[reading.events.beats[0].es]), segments)


def _true(case: RingCase, reading: Reading, regions: ShortAxisRegions) -> Measured:
    """Of the muscle that the slices cut at the first phase, wherever it goes, divided as the program divides rings."""
    beat, origin = regions.beat, insertion(reading, regions.beat.ed)[0]
    length = np.zeros((reading.facts.frames, SHORT_AXIS_SEGMENTS))
    for slice_wall in regions.slices:
        wall = case.wall_mm[slice_wall.number]
        if wall is not None:
            parts = short_axis_parts(wall[beat.ed, :, :2], slice_wall.level, origin)
            length[:, np.array(parts.numbers) - 1] += parts.lengths(wall)
    shown = length[beat.ed] > 0
    segments = np.full(SHORT_AXIS_SEGMENTS, np.nan)
    segments[shown] = strain_percent(length[:, shown], beat.ed)[beat.es]
    return Measured(float(strain_percent(length.sum(axis=1), beat.ed)[beat.es]), segments)


SCAR_PERCENT, MOVING_PERCENT = -8.0, -13.0
"""A segment whose true strain is less than the one is a scar's, one beyond the other moves well."""
_MEANING = {
    TRUE: "contours, ED and ES true, motion as seen",
    TRUE_OUTLINES: "the same without motion",
    WHOLE: "contours, ED and ES found, motion as seen",
    FOUND_OUTLINES: "the same without motion",
}


def tables(looked: Sequence[RingLooked]) -> list[Table]:
    """Errors of GCS by method, and of segments; differences are measured less true, in points of strain."""
    columns = (
        Column("method"),
        Column("GCS error", "points", "+.1f", counted=True),
        Column("mean absolute error", "points", ".1f"),
        Column("meaning"),
    )
    rows = tuple((arm, spread(off), _absolute(off), _MEANING[arm]) for arm in ARMS for off in [_errors(looked, arm)])
    title = f"End-systolic circumferential strain of {len(looked)} simulated stacks; mean ± SD (stacks)"
    return [Table(title, columns, rows), *(_segments(looked, arm) for arm in (TRUE, WHOLE))]


def _errors(looked: Sequence[RingLooked], arm: str) -> FloatArray:
    return np.array([looked_ring.by_arm[arm].gcs - looked_ring.true.gcs for looked_ring in looked])


def _absolute(off: FloatArray) -> float | None:
    return float(np.nanmean(np.abs(off))) if np.isfinite(off).any() else None


def _segments(looked: Sequence[RingLooked], arm: str) -> Table:
    segments = np.array([looked_ring.by_arm[arm].segments for looked_ring in looked])
    true = np.array([looked_ring.true.segments for looked_ring in looked])
    # Less what all segments of a heart are off by together: how well segments are distinguished.
    apart = segments - np.nanmean(segments, axis=1, keepdims=True) if np.isfinite(segments).any() else segments
    level = true - np.nanmean(np.where(np.isfinite(segments), true, np.nan), axis=1, keepdims=True)
    rings = (("base", slice(0, 6)), ("mid", slice(6, 12)), ("apex", slice(12, 16)))
    parts = [("all", segments - true), ("less the heart's mean", apart - level)]
    parts += [(name, (segments - true)[:, ring]) for name, ring in rings]
    columns = (
        Column("segments"),
        Column("error", "points", "+.1f", counted=True),
        Column("mean absolute error", "points", ".1f"),
    )
    scars = [number for number, one in enumerate(true) if (one > SCAR_PERCENT).any() and (one < MOVING_PERCENT).any()]
    notes = tuple(f"{looked[number].name}: {_scar(segments[number], true[number])}" for number in scars)
    rows = tuple((name, spread(off), _absolute(off)) for name, off in parts)
    return Table(f"16 segments, {arm}", columns, rows, notes)


def _scar(found: FloatArray, true: FloatArray) -> str:
    """How well segments of a scar are distinguished from those that move well: area under the ROC curve."""
    known = np.isfinite(found) & np.isfinite(true)
    scar, good = found[known & (true > SCAR_PERCENT)], found[known & (true < MOVING_PERCENT)]
    if not len(scar) or not len(good):
        return "no scar and moving segments to compare"
    area = float((scar[:, None] > good[None]).mean())
    means = f"scar {scar.mean():.0f} %, others {good.mean():.0f} %"
    return f"{means}, area under the ROC curve {area:.2f} ({len(scar)}, {len(good)})"


HEARTS = 4


def parser() -> argparse.ArgumentParser:
    """The command's options."""
    out = argparse.ArgumentParser(prog="kinecor evaluate short-axis-strain", description=__doc__)
    out.add_argument("--hearts", type=int, default=HEARTS, help=f"populations in turn (default: {HEARTS})")
    add_device(out)
    add_output(out, Path("runs/strain-figures"))
    return out


@reported("kinecor evaluate")
def main(argv: Sequence[str]) -> int:
    """Run the command; its exit status (0 done, 1 failed)."""
    chosen = parser().parse_args(argv)
    if chosen.hearts < 1:
        parser().error(f"--hearts: expected 1 or more, got {chosen.hearts}")
    looked: list[RingLooked] = []
    began = time.monotonic()
    for number in range(chosen.hearts):
        looked.append(looked_at(simulated(number), chosen.device))
        seconds = time.monotonic() - began
        print(f"[{number + 1}/{chosen.hearts}] {looked[-1].name}, {seconds:.0f} s", file=sys.stderr, flush=True)
    report(
        "short-axis-strain",
        argv,
        "Circumferential strain, simulated stacks",
        tables(looked),
        out=chosen.out,
        values=_values(looked),
    )
    return 0


def _values(looked: Sequence[RingLooked]) -> list[dict[str, object]]:
    """A row for each stack and method, and one for the truth."""
    return [
        {"heart": looked_ring.name, "method": arm, "gcs": measured.gcs, "segment": measured.segments}
        for looked_ring in looked
        for arm, measured in (("truth", looked_ring.true), *((arm, looked_ring.by_arm[arm]) for arm in ARMS))
    ]
