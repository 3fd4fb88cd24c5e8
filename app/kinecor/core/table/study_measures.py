"""Numbers of a whole study: biplane volumes from two apical views, and average GLS."""

from collections.abc import Sequence
from itertools import product

import numpy as np

from kinecor.core.strain.study_strain import study_strain
from kinecor.core.strain.wall_strain import wall_strain
from kinecor.core.table.loop_measures import measurements
from kinecor.core.table.measurement import Measurement, Quantity, Status
from kinecor.core.table.strain_rows import end_systole_of, method_of
from kinecor.core.values.contour import Contour
from kinecor.core.values.reading import Reading
from kinecor.core.values.track import Structure
from kinecor.core.volumes.disks import biplane_disks_volume, long_axis
from kinecor.core.volumes.foreshortening import UNLIKE_AXES, axis_mm
from kinecor.core.volumes.stack_volumes import MM3_PER_ML

BIPLANE = "biplane disks, A4C and A2C"


def study_measurements(readings: Sequence[Reading]) -> tuple[Measurement, ...]:
    """EDV, ESV and EF by biplane disks (ASE/EACVI 2015) and the mean of the apical views' GLS; empty without views.

    A view is shown by the loop of it whose contours are to be believed most. Frames are empty: they lie in several
    recordings.
    """
    return (*_biplane(readings), *_average(readings))


def _biplane(readings: Sequence[Reading]) -> list[Measurement]:
    views = {label: [one for one in readings if one.view and one.view.label == label] for label in ("A4C", "A2C")}
    if not all(views.values()):
        return []
    units = {"EDV": "ml", "ESV": "ml", "EF": "%"}
    pairs = [pair for pair in product(*views.values()) if all(_usable(one) for one in pair)]
    if not pairs:
        why = "EF is withheld in one of the two views"
        return [_withheld(code, unit, why) for code, unit in units.items()]
    four, two = max(pairs, key=lambda pair: min(map(_confidence, pair)))
    if four.calibration is None or two.calibration is None:
        why = "no scale: biplane disks need millimetres in both views"
        return [_withheld(code, unit, why) for code, unit in units.items()]
    edv, esv = _volume_ml(four, two, "ed"), _volume_ml(four, two, "es")
    values = {"EDV": edv, "ESV": esv, "EF": 100 * (edv - esv) / edv}
    by = tuple(dict.fromkeys(author for one in (four, two) for author in _by(one)))
    edited = any(row.status is Status.EDITED for one in (four, two) for row in measurements(one) if row.code == "EF")
    return [
        Measurement(
            code=code,
            quantity=Quantity(value, units[code]),
            unit=units[code],
            method=BIPLANE,
            frames=(),
            structures=(Structure.LV_ENDO,),
            by=by,
            confidence=min(_confidence(four), _confidence(two)),
            status=Status.EDITED if edited else Status.AUTO,
            note=_axes_note(four, two),
        )
        for code, value in values.items()
    ]


def _usable(reading: Reading) -> bool:
    return any(row.code == "EF" and row.quantity is not None for row in measurements(reading))


def _confidence(reading: Reading) -> float:
    return next((row.confidence or 0.0 for row in measurements(reading) if row.code == "EF"), 0.0)


def _by(reading: Reading) -> tuple[str, ...]:
    return next((row.by for row in measurements(reading) if row.code == "EF"), ())


def _contours(reading: Reading, event: str) -> list[Contour]:
    frames = [getattr(beat, event) for beat in (reading.events.beats if reading.events else ())]
    found = [reading.tracks[Structure.LV_ENDO].contours[frame] for frame in frames]
    return [contour for contour in found if contour is not None]


def _spacing(reading: Reading) -> np.ndarray:
    scale = reading.calibration
    return np.array((scale.row_mm, scale.col_mm) if scale else (reading.aspect, 1.0))


def _volume_ml(four: Reading, two: Reading, event: str) -> float:
    """The mean over beats of the two views in turn, as many as both have."""
    pairs = zip(_contours(four, event), _contours(two, event), strict=False)
    volumes = [biplane_disks_volume(a, b, _spacing(four), _spacing(two)) for a, b in pairs]
    return float(np.mean(volumes)) / MM3_PER_ML


def _axes_note(four: Reading, two: Reading) -> str | None:
    """That one view may be foreshortened, in the lengths that the views' own warnings tell."""
    a, b = (
        axis_mm(one) or long_axis(_contours(one, "ed")[0], *map(float, _spacing(one))).length for one in (four, two)
    )
    if 1 - min(a, b) / max(a, b) <= UNLIKE_AXES:
        return None
    return f"the long axis at ED is {a:.0f} mm in A4C and {b:.0f} mm in A2C: is one view foreshortened?"


def _average(readings: Sequence[Reading]) -> list[Measurement]:
    found = study_strain(readings)
    if found.average_percent is None:
        return []
    used = [one for one in readings if (strain := wall_strain(one)) is not None and strain.why is None and strain.view]
    rows = [row for one in used for row in measurements(one) if row.code == "GLS" and row.quantity is not None]
    if not rows:
        return []
    sources = list(dict.fromkeys(map(end_systole_of, used)))
    views = ", ".join(f"{view} {value:.1f} %" for view, value in found.view_percent.items())
    strain = wall_strain(used[0])
    layer = method_of(used[0], strain).split(";")[0] if strain else ""
    notes = [f"without {' and '.join(found.missing)}" if found.missing else "", found.doubt or ""]
    return [
        Measurement(
            code="GLS",
            quantity=Quantity(found.average_percent, "%"),
            unit="%",
            method=f"mean of {views}; {layer}; {' or '.join(sources)}",
            frames=(),
            structures=(Structure.LV_ENDO, Structure.LV_EPI),
            by=tuple(dict.fromkeys(author for row in rows for author in row.by)),
            confidence=min((row.confidence for row in rows if row.confidence is not None), default=None),
            status=Status.EDITED if any(row.status is Status.EDITED for row in rows) else Status.AUTO,
            note="; ".join(filter(None, notes)) or None,
        )
    ]


def _withheld(code: str, unit: str, why: str) -> Measurement:
    return Measurement(code, None, unit, BIPLANE, (), (), (), None, Status.WITHHELD, why)
