"""The measurements of a recording: what window, report, CSV and result.json list.

Their intervals are added by `intervals`.
"""

from kinecor.core.table.evaluation import rows
from kinecor.core.table.linear_inputs import linear_inputs
from kinecor.core.table.loop_inputs import heart_rate, known_body, loop_inputs, short_axis_inputs
from kinecor.core.table.measures import Measurement, Source
from kinecor.core.table.stack_inputs import stack_inputs
from kinecor.core.values.reading import Reading, compute_once
from kinecor.core.values.track import Structure


def measurements(reading: Reading) -> tuple[Measurement, ...]:
    """Measurements of a recording with its reader's decisions, in the order of `MEASURES`; empty without contours.

    Volumes of a loop are by single-plane disks (ASE/EACVI 2015), those of a stack by its slices (SCMR 2020); with
    several beats, the mean over beats.

    Args:
        reading: of a recording of any kind.

    """
    # Several checks ask for the values of the same Reading.
    return compute_once(reading, "measurements", (reading,), lambda: _measurements(reading))


def _measurements(reading: Reading) -> tuple[Measurement, ...]:
    kind = reading.kind
    if kind.volumes == "stack":
        return rows(kind.volumes, stack_inputs(reading), reading.decisions)
    linear = linear_inputs(reading)
    if Structure.LV_ENDO not in reading.tracks and (reading.withheld is None or linear):
        return rows("disks", linear | known_body(reading), reading.decisions) if linear else ()
    if kind.volumes == "area" and reading.tracks:
        given = short_axis_inputs(reading) | {Source.HEART_RATE: heart_rate(reading)}
        return rows("area", given, reading.decisions)
    return rows("disks", loop_inputs(reading) | linear, reading.decisions)


def value_of(reading: Reading, code: str) -> float | None:
    """One of its `measurements`, before the checks; None where it has none, or it is withheld.

    Args:
        reading: of a recording of any kind.
        code: of the measurement, e.g. "EF".

    """
    return next(
        (
            measurement.quantity.value
            for measurement in measurements(reading)
            if measurement.code == code and measurement.quantity
        ),
        None,
    )
