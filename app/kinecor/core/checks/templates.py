"""Check of initial contours: one that was placed and neither fitted nor confirmed is no measurement."""

from collections.abc import Iterator
from typing import Final

from kinecor.core.checks.findings import MASS, RIGHT, STRAIN, VOLUMES, Finding, Severity, affected
from kinecor.core.table.measures import SHORT_AXIS_CODES
from kinecor.core.values.reading import Reading
from kinecor.core.values.track import Origin, Structure

_OF_THE_WALL = STRAIN | MASS | SHORT_AXIS_CODES
_CONCERNED: Final = {
    Structure.LV_ENDO: VOLUMES | _OF_THE_WALL,
    Structure.LV_EPI: _OF_THE_WALL,
    Structure.LA: affected("LAV"),
    Structure.RV: RIGHT,
}
_NAMES: Final = {
    Structure.LV_ENDO: "LV endocardium",
    Structure.LV_EPI: "LV epicardium",
    Structure.LA: "left atrium",
    Structure.RV: "right ventricle",
}


def _not_fitted(reading: Reading) -> Iterator[Finding]:
    for number, one in enumerate(reading.slices or (reading,)):
        for structure, track in one.tracks.items():
            frames = tuple(frame for frame, origin in enumerate(track.origins) if origin is Origin.TEMPLATE)
            frames = tuple(frame for frame in frames if track.contours[frame] is not None)
            if frames:
                where = f", slice {number + 1}" if reading.kind.stack else ""
                yield Finding(
                    "contours.not-fitted",
                    Severity.STOP,
                    f"The initial contour of the {_NAMES[structure]} at frame {frames[0] + 1}{where} was not fitted: "
                    "drag it into shape, or confirm it.",
                    frames,
                    (number,) if reading.kind.stack else (),
                    _CONCERNED[structure],
                    resolve="drag the contour, or right-click and confirm it",
                    subject=f"{structure}{number if reading.kind.stack else ''}",
                )


CHECKS: Final = (_not_fitted,)
