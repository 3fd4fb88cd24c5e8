"""Apical views that may miss the apex, recognised by the length of the ventricle in the study's other views.

A plane that leans off the apex cuts the ventricle short, so that volumes come out too small and strain wrong. The long
axes of apical views of one heart are alike; where they differ by more than a tenth, the shorter view is foreshortened
(ASE/EACVI 2015, doi 10.1016/j.echo.2014.10.003, asks for views in which the ventricle is longest, and for lengths that
agree).
"""

from collections.abc import Iterable

import numpy as np

from kinecor.core.values.confidence import LOOP_CONTOURS
from kinecor.core.values.reading import Reading
from kinecor.core.values.track import Structure
from kinecor.core.volumes.apical_segments import SIDES
from kinecor.core.volumes.loop_volumes import long_axis

UNLIKE_AXES = 0.1
"""Share of the longer axis by which the shorter one may differ."""


def axis_mm(reading: Reading) -> float | None:
    """Long axis of an apical loop at ED in mm, the mean over beats with sufficient contour confidence.

    None without a scale, an apical view, or such a beat.
    """
    endo, scale, events = reading.tracks.get(Structure.LV_ENDO), reading.calibration, reading.events
    if endo is None or scale is None or events is None or reading.withheld is not None:
        return None
    if reading.kind.volumes != "disks" or reading.view is None or reading.view.label not in SIDES:
        return None
    found = [
        long_axis(contour, scale.row_mm, scale.col_mm).length
        for contour, sure in ((endo.contours[beat.ed], endo.confidence[beat.ed]) for beat in events.beats)
        if contour is not None and sure >= LOOP_CONTOURS.withheld
    ]
    return float(np.mean(found)) if found else None


def foreshortening_warning(reading: Reading, others: Iterable[Reading]) -> str | None:
    """That a loop shows the ventricle shorter than another apical loop of its study does, or None.

    Args:
        reading: of the loop.
        others: of the study's other loops; what is no apical view is passed over.

    """
    here = axis_mm(reading)
    lengths = [(length, one.view.label) for one in others if one.view and (length := axis_mm(one)) is not None]
    if here is None or not lengths or reading.view is None:
        return None
    longest, view = max(lengths)
    if 1 - here / longest <= UNLIKE_AXES:
        return None
    return (
        f"This view may be foreshortened: at ED the ventricle is {here:.0f} mm long in {reading.view.label} and "
        f"{longest:.0f} mm in {view}, {100 * (longest / here - 1):.0f} % more; volumes and strain may be wrong."
    )
