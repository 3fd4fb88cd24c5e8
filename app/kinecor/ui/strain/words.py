"""What is said of strain: numbers with their sign, and how far each segment is to be believed."""

import numpy as np

from kinecor.core.strain.strain import Shortening
from kinecor.core.strain.wall_strain import FROM_CONTOURS, WallStrain
from kinecor.core.table.measurement import Quantity, told
from kinecor.core.table.number_format import with_unit
from kinecor.core.values.confidence import TRACKING_QUALITY
from kinecor.ui.style import theme

NO_MOTION = "strain of a segment needs motion: analyse again to have it"
NOT_ON_MR = "no strain of segments on MR: its pictures show no grain along the wall to follow"
FOLLOWED, DOUBTFUL, LEFT_OUT = "\N{CHECK MARK}", "?", "\N{MULTIPLICATION SIGN}"


def value(found: WallStrain, segment: int) -> str:
    """End-systolic strain of a segment (0 to 5), or a dash where it is withheld."""
    one = found.segments[segment]
    return "–" if one is None else with_unit(one.end_systolic, "%")


def standing(found: WallStrain, segment: int) -> tuple[str, str, str]:
    """(sign, words, colour) of how far a segment (0 to 5) is to be believed."""
    if segment in found.excluded:
        return LEFT_OUT, "left out", theme.QUIET
    if not np.isfinite(found.segments_percent[:, segment]).any():
        return DOUBTFUL, "not followed" if found.method == FROM_CONTOURS else "not on MR", theme.WARNING
    quality = float(found.quality[segment])
    good = quality >= TRACKING_QUALITY.withheld
    return FOLLOWED if good else DOUBTFUL, f"{quality:.2f}", theme.GOOD if good else theme.WARNING


def all_words(found: WallStrain, segment: int) -> str:
    """A segment's name and numbers, a line each."""
    one = found.segments[segment]
    lines = [found.names[segment]]
    if not np.isfinite(found.segments_percent[:, segment]).any():
        lines.append(NO_MOTION if found.method == FROM_CONTOURS else NOT_ON_MR)
    elif one is None:
        lines.append(
            f"strain withheld: followed with {found.quality[segment]:.2f}, needs {TRACKING_QUALITY.withheld:.2f}"
        )
    else:
        lines += [
            f"at end-systole {with_unit(one.end_systolic, '%')}, peak {with_unit(one.peak, '%')}",
            *_after_systole(one),
            f"followed with {found.quality[segment]:.2f} (0 to 1)",
        ]
    if found.segments_drift_percent is not None:
        taken = "taken off" if found.compensated else "left"
        lines.append(f"drift {with_unit(float(found.segments_drift_percent[segment]), 'points')}, {taken}")
    lines.append("click to take it in again" if segment in found.excluded else "click to leave it out")
    return "\n".join(lines)


def _after_systole(one: Shortening) -> list[str]:
    """When the peak comes and how late; nothing of a beat whose end-diastole or diastole was not recorded."""
    words = []
    if np.isfinite(one.time_to_peak_s):
        words.append(f"peak after {told(Quantity(1000 * one.time_to_peak_s, 'ms'), 'TTP')}")
    if np.isfinite(one.post_systolic_index):
        words.append(f"post-systolic index {told(Quantity(one.post_systolic_index, '%'), 'PSI')}")
    return [", ".join(words)] if words else []


def drift_words(found: WallStrain) -> str:
    """By how much the curve missed its start, and what became of that."""
    if found.global_drift_percent is None:
        return "no next end-diastole: drift is not known"
    taken = "taken off" if found.compensated else "left as it is"
    return f"drift {with_unit(found.global_drift_percent, 'points')}, {taken}"
