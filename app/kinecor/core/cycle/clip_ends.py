"""What a reader must know of a loop that ends, or begins, with the smallest cavity."""

import numpy as np

from kinecor.core.values.reading import Reading
from kinecor.core.values.track import Structure

NEAR_S = 0.03
"""An ES this near to the loop's end may be the last frame before the smallest cavity: less than flicker smooths."""


def end_warnings(reading: Reading) -> tuple[str, ...]:
    """That ES lies where the loop ends or begins, so that the cavity's smallest size may not have been recorded.

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
            f"The loop begins at ES (frame {first}): the cavity may have been smaller before, so EF and GLS may be "
            "told too small."
        )
    if times_s[-1] - times_s[last] < NEAR_S:
        out.append(
            f"The loop ends at ES (frame {last}): the cavity may become smaller after it, so EF and GLS may be told "
            "too small."
        )
    return tuple(out)
