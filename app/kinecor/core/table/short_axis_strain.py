"""Short-axis strain by segment, of a stack or of a single loop, and the rows of a loop's table that tell of it."""

import numpy as np

from kinecor.core.strain.codes import NOT_ROUTINE
from kinecor.core.strain.short_axis import short_axis_regions, why_no_short_axis_strain
from kinecor.core.strain.short_axis_regions import ShortAxisRegions, level_of
from kinecor.core.table.measurement import Measurement, Quantity, Status
from kinecor.core.table.strain_rows import end_systole_of
from kinecor.core.values.reading import Reading
from kinecor.core.values.short_axis import APICAL, BASAL, MID
from kinecor.core.values.strain_choices import layer_words
from kinecor.core.values.track import Origin, Structure

LEVEL_WORDS = {BASAL: "basal", MID: "mid-ventricular", APICAL: "apical"}
_STRUCTURES = (Structure.LV_ENDO, Structure.LV_EPI)


def loop_strain_rows(reading: Reading) -> list[Measurement]:
    """GCS and GRS of a short-axis loop, withheld with the reason where they are not to be believed."""
    why, found = why_no_short_axis_strain(reading), short_axis_regions(reading)
    if why is not None or found is None:
        return [_withheld("GCS", why or "no strain")]
    at = [one - 1 for one in found.slices[0].parts.numbers if one - 1 not in found.excluded]
    if not at:
        return [_withheld("GCS", "every segment is left out")]
    good = [one for one in at if found.why[one] is None]
    if len(good) <= len(at) / 2:
        return [_withheld("GCS", f"only {len(good)} of {len(at)} segments could be followed well")]
    frames = [beat.es for beat in found.beats]
    radial = float(found.radial_percent[frames][:, good].mean())
    layer = layer_words(reading.strain.depth)
    where = f"one {LEVEL_WORDS[level_of(reading)]} slice; {end_systole_of(reading)}"
    beats = f"; mean of {len(found.beats)} beats" if len(found.beats) > 1 else ""
    how = f"{layer}, contours and motion; {where}{beats}"
    return [
        _row(reading, found, "GCS", float(found.global_percent[frames].mean()), how, None),
        _row(reading, found, "GRS", radial, f"thickness, mean of segments; {where}{beats}", NOT_ROUTINE),
    ]


def _row(reading: Reading, found: ShortAxisRegions, code: str, value: float, how: str, note: str | None) -> Measurement:
    frames = tuple(frame for beat in found.beats for frame in (beat.ed, beat.es))
    sure = min(float(reading.tracks[one].confidence[list(frames)].min()) for one in _STRUCTURES)
    keys = [f"tracks/{one}{part}" for one in _STRUCTURES for part in ("", "/edited")]
    makers = [reading.authors[key] for key in (*keys, "events", "strain") if key in reading.authors]
    makers += [reading.motion.by] if reading.motion is not None and reading.motion.by else []
    drawn = any(reading.tracks[one].origins[frame] is not Origin.MODEL for one in _STRUCTURES for frame in frames)
    return Measurement(
        code=code,
        quantity=Quantity(value, "%"),
        unit="%",
        method=how,
        frames=frames,
        structures=_STRUCTURES,
        by=tuple(dict.fromkeys(makers)),
        confidence=min(sure, float(np.nanmean(found.quality))),
        status=Status.EDITED if drawn else Status.AUTO,
        note=note,
    )


def _withheld(code: str, why: str) -> Measurement:
    return Measurement(code, None, "%", "", (), (), (), None, Status.WITHHELD, why)
