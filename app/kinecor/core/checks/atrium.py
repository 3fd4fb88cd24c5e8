"""Checks of the left atrium: whether there is one, whether all of it is in the picture, whether it is one at all."""

from collections.abc import Iterator
from typing import Final

import numpy as np

from kinecor.core.checks.findings import Finding, Severity, affected, frames_words, threshold
from kinecor.core.table.loop_inputs import ATRIAL_VIEWS, atrium_missing
from kinecor.core.table.measures import ATRIAL_CODES
from kinecor.core.values.geometry import Contour
from kinecor.core.values.reading import Reading, counted_beats
from kinecor.core.values.recording import Region
from kinecor.core.values.track import Structure

_ATRIUM: Final = affected("LAV") | ATRIAL_CODES
# Beyond this share of the depth a point of the contour is at the lower end of the picture, within two of its cells.
_AT_THE_END: Final = 0.965


def _missing(reading: Reading) -> Iterator[Finding]:
    if reading.kind.stack or Structure.LV_ENDO not in reading.tracks or not reading.kind.network:
        return
    if atrium_missing(reading):
        yield Finding(
            "contours.no-atrium",
            Severity.CHECK,
            "No left atrium was found on most frames: is this an apical view?",
            measurements=affected("EDV", "ESV", "LAV", "GLS"),
            resolve="choose the view, or trace the atrium",
        )


def _cut_or_small(reading: Reading) -> Iterator[Finding]:
    """An atrium whose roof is beyond the picture, or a contour that is too small for one, at ES."""
    seen = reading.view.label if reading.view is not None and reading.view_known else ""
    atrium, endo = reading.tracks.get(Structure.LA), reading.tracks.get(Structure.LV_ENDO)
    if atrium is None or endo is None or reading.withheld is not None or (seen and seen not in ATRIAL_VIEWS):
        return
    frames = tuple(dict.fromkeys(beat.es for beat in counted_beats(reading)))
    pairs = [(atrium.contours[frame], endo.contours[frame]) for frame in frames]
    drawn = [(one, other) for one, other in pairs if one is not None and other is not None and other.area_px2 > 0]
    if not drawn or len(drawn) < len(frames):
        return
    cut = [share_at_the_end(reading, one) for one, _ in drawn]
    share = min(one.area_px2 / other.area_px2 for one, other in drawn)
    at_the_end = threshold("atrium.cut").severity(max(cut))
    small = threshold("atrium.small-and-cut" if at_the_end is not None else "atrium.small").severity(share)
    if small is not None:
        where = f"At ES ({frames_words(frames)}) the contour of the left atrium is only {100 * share:.0f} % as large as"
        why = "most of it is beyond the lower end of the picture" if at_the_end is not None else "it is not a whole one"
        yield Finding(
            "atrium.small",
            small,
            f"{where} the ventricle's: {why}.",
            frames,
            measurements=_ATRIUM,
            resolve="trace the atrium at ES, or choose a clip with more depth",
        )
    elif at_the_end is not None:
        yield Finding(
            "atrium.cut",
            at_the_end,
            f"At ES ({frames_words(frames)}) the left atrium reaches the lower end of the picture: its roof may be "
            "beyond, so its volume is at least as large as shown.",
            frames,
            measurements=_ATRIUM,
            resolve="choose a clip with more depth, or confirm that the whole atrium is seen",
        )


def share_at_the_end(reading: Reading, contour: Contour) -> float:
    """Share of an atrium's contour that follows the lower end of the picture, straight or an arc; 0 to 1.

    An arc is that of a sector whose narrow end is in the middle of the top. 0 where the narrow end is at the bottom.
    """
    facts = reading.facts
    part = facts.region or facts.images.sector or Region(0, 0, facts.columns, facts.rows)
    if facts.images.apex_up is False:
        return 0.0
    aspect = reading.aspect
    across = contour.points[:, 0] - (part.x0 + part.x1) / 2
    down = (contour.points[:, 1] - part.y0) * aspect
    deep = np.hypot(across, down) / ((part.y1 - part.y0) * aspect)
    return float((deep > _AT_THE_END).mean())


CHECKS: Final = (_missing, _cut_or_small)
