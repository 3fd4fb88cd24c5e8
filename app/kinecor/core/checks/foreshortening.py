"""Whether the contours of an apical echo loop show that its plane misses the apex.

Such a plane cuts the ventricle short, while the mitral annulus stays as wide as it is; and it cuts the wall near the
apex aslant, the more so at ES, when the apex of the cavity has come out of the plane. Sound views have either, too: a
dilated annulus, a thick apex. Both together are rare (`kinecor evaluate lv-leaning`).
"""

from collections.abc import Iterator
from typing import Final

import numpy as np

from kinecor.core.checks.findings import STRAIN, VOLUMES, Finding, threshold
from kinecor.core.values.events import marked_frames
from kinecor.core.values.geometry import Contour
from kinecor.core.values.kind import APICAL_LOOP
from kinecor.core.values.message import message
from kinecor.core.values.reading import Reading, counted_beats
from kinecor.core.values.track import Structure
from kinecor.core.volumes.loop_volumes import long_axis

VIEWS: Final = ("A4C", "A2C")
"""Of three-chamber views the annulus is not all that is open at the base."""
# Weight of the wall, the annulus having 1: what separates best of simulated hearts and patients, rounded.
_OF_WALL: Final = 0.4
_LEAST_WALL: Final = 0.02


def missed(ed: Contour, es: Contour, outer_es: Contour, aspect: float = 1.0) -> tuple[float, float, float]:
    """How much contours look as those of a plane that misses the apex.

    Args:
        ed: endocardium at ED.
        es: the same at ES.
        outer_es: epicardium at ES.
        aspect: height of a pixel over its width.

    Returns:
        the annulus' width at ED over the ventricle's length then; the wall's thickness at the apex at ES over the
        cavity's length then; and the sum of their logarithms, the second one weighted by _OF_WALL.

    """
    first, last = long_axis(ed, aspect, 1.0), long_axis(es, aspect, 1.0)
    hinges = ed.scaled_mm(aspect, 1.0)[[0, -1]]
    annulus = float(np.hypot(*(hinges[0] - hinges[1]))) / first.length
    wall = long_axis(outer_es, aspect, 1.0).length / last.length - 1
    return annulus, wall, float(np.log(max(annulus, 1e-3)) + _OF_WALL * np.log(max(wall, _LEAST_WALL)))


def _misses_the_apex(reading: Reading) -> Iterator[Finding]:
    """An annulus that is wide for a short ventricle, with a thick wall at the apex at ES."""
    endo, epi = (reading.tracks.get(one) for one in (Structure.LV_ENDO, Structure.LV_EPI))
    if endo is None or epi is None or reading.kind != APICAL_LOOP or reading.withheld is not None:
        return
    if reading.view is None or reading.view.label not in VIEWS:
        return
    found = []
    for beat in counted_beats(reading):
        ed, es, outer = endo.contours[beat.ed], endo.contours[beat.es], epi.contours[beat.es]
        if ed is not None and es is not None and outer is not None and ed.area_px2 > 0 and es.area_px2 > 0:
            found.append(missed(ed, es, outer, reading.aspect))
    if not found:
        return
    annulus, wall, score = np.mean(found, axis=0)
    severity = threshold("contours.misses-apex").severity(float(score))
    if severity is not None:
        yield Finding(
            "contours.misses-apex",
            severity,
            message(
                "The mitral annulus is {annulus_percent:.0f} % as wide as the ventricle is long at ED, and at ES "
                "the wall at the apex is {wall_percent:.0f} % as thick as the cavity is long: this view may miss "
                "the apex.",
                annulus_percent=100 * annulus,
                wall_percent=100 * wall,
            ),
            marked_frames(reading.events),
            measurements=VOLUMES | STRAIN | {"LAV"},
            resolve=message("choose a clip of this view that shows the apex, or correct the contours there"),
        )


CHECKS: Final = (_misses_the_apex,)
