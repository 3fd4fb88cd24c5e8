"""Strain of a study: the apical views together.

The average of the views' end-systolic GLS is the number to report; the bull's-eye is exploratory (ASE/EACVI 2025, doi
10.1016/j.echo.2025.07.007).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from kinecor.core.cycle.valve_closure import closure_by_beat
from kinecor.core.strain.wall_strain import WallStrain, wall_strain
from kinecor.core.values.geometry import FloatArray
from kinecor.core.values.reading import Reading
from kinecor.core.volumes.apical_segments import SIDES, eighteen, seventeen, sixteen


@dataclass(frozen=True, eq=False)
class StudyStrain:
    """What the apical loops of a study say together.

    Attributes:
        view_percent: end-systolic GLS by view, in the order A4C, A2C, A3C; of several loops of a view their mean.
            Views whose strain is withheld are absent.
        average_percent: the mean over these views, or None where there is none.
        end_systolic_percent: (18,) by segment; NaN where no view shows it, it is left out, or not followed well.
        time_to_peak_ms: (18,) likewise.
        doubt: why the views do not go together, in words, or None.

    """

    view_percent: Mapping[str, float]
    average_percent: float | None
    end_systolic_percent: FloatArray
    time_to_peak_ms: FloatArray
    doubt: str | None

    @property
    def missing(self) -> tuple[str, ...]:
        """Views that the average goes without."""
        return tuple(view for view in SIDES if view not in self.view_percent)


def study_strain(readings: Iterable[Reading]) -> StudyStrain:
    """Strain of the loops of one study, in any order; others than apical loops are passed over."""
    found = [(one, strain) for one in readings if (strain := wall_strain(one)) is not None and strain.view]
    good = [(one, strain) for one, strain in found if strain.why is None]
    by_view = {
        view: float(np.mean([strain.whole.end_systolic for _, strain in good if strain.view == view]))
        for view in SIDES
        if any(strain.view == view for _, strain in good)
    }
    how = {(one.strain.depth, strain.compensated, strain.method) for one, strain in good}
    closed = {bool(closure_by_beat(one)) for one, _ in good}
    doubts = []
    if len(how) > 1:
        doubts.append("the views differ in depth, drift compensation or method")
    if len(closed) > 1:
        doubts.append("end-systole is a marked valve closure in some views and the smallest cavity in others")
    return StudyStrain(
        view_percent=by_view,
        average_percent=float(np.mean(list(by_view.values()))) if by_view else None,
        end_systolic_percent=eighteen((str(strain.view), _segments(strain, "end_systolic")) for _, strain in found),
        time_to_peak_ms=1000 * eighteen((str(strain.view), _segments(strain, "time_to_peak_s")) for _, strain in found),
        doubt="; ".join(doubts) or None,
    )


def in_model(values: FloatArray, of: int) -> FloatArray:
    """(of,) values of a bull's-eye of 18, 17 or 16 segments from those of 18."""
    return values if of == 18 else seventeen(values) if of == 17 else sixteen(values)


def _segments(strain: WallStrain, what: str) -> FloatArray:
    return np.array(
        [
            np.nan if one is None or number in strain.excluded else getattr(one, what)
            for number, one in enumerate(strain.segments)
        ]
    )
