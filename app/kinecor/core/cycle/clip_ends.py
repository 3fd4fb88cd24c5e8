"""Warnings for a loop that ends, or begins, with the smallest cavity."""

import numpy as np

from kinecor.core.values.reading import Reading
from kinecor.core.values.track import Structure

NEAR_S = 0.03
"""An ES this near to the loop's end may be the last frame before the smallest cavity: less than flicker smooths."""


def end_warnings(reading: Reading) -> tuple[str, ...]:
    """Warnings that ES is at the end or the beginning of the loop: the smallest cavity may not have been recorded.

    Phases of a gated cine go round: of those nothing is said.
    """
    beats = reading.events.beats if reading.events else ()
    if not beats or reading.withheld is not None or reading.kind.gated or Structure.LV_ENDO not in reading.tracks:
        return ()
    times_s = np.asarray(reading.facts.times_s)
    out = []
    first, last = beats[0].es, beats[-1].es
    if times_s[first] - times_s[0] < NEAR_S:
        out.append(
            f"The loop begins at ES (frame {first + 1}): the cavity may have been smaller before, so EF and GLS may be "
            "underestimated."
        )
    if times_s[-1] - times_s[last] < NEAR_S:
        out.append(
            f"The loop ends at ES (frame {last + 1}): the cavity may become smaller after it, so EF and GLS may be "
            "underestimated."
        )
    return tuple(out)
