"""The measurements of a recording and of a study: what window, report, CSV and result.json list."""

from kinecor.core.table.evaluation import rows
from kinecor.core.table.loop_inputs import heart_rate, loop_inputs, short_axis_inputs
from kinecor.core.table.measurement import Measurement
from kinecor.core.table.measures import Source
from kinecor.core.table.stack_inputs import stack_inputs
from kinecor.core.values.reading import Reading
from kinecor.core.values.track import Structure


def measurements(reading: Reading) -> tuple[Measurement, ...]:
    """Measurements of a recording with its reader's decisions, in the order of `MEASURES`; empty without contours.

    Volumes of a loop are by single-plane disks (ASE/EACVI 2015), those of a stack by its slices (SCMR 2020); with
    several beats, the mean over beats.
    """
    kind = reading.kind
    if kind.volumes == "stack":
        return rows(kind.volumes, stack_inputs(reading), reading.decisions)
    if Structure.LV_ENDO not in reading.tracks and reading.withheld is None:
        return ()
    if kind.volumes == "area" and reading.tracks:
        given = short_axis_inputs(reading) | {Source.HEART_RATE: heart_rate(reading)}
        return rows("area", given, reading.decisions)
    return rows("disks", loop_inputs(reading), reading.decisions)
