"""What lies between: a ventricle that is seen in the slices on both sides of one is in that one too."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kinecor_models.contract import ClipOutput, Points


@dataclass(frozen=True, eq=False)
class Doubtful:
    """Contours of a slice that were seen too vaguely to be given, by structure and frame, and how vaguely."""

    contours: Mapping[str, Sequence[Points | None]]
    confidence: Mapping[str, NDArray[np.float32]]


def filled_between(found: Sequence[ClipOutput], doubtful: Sequence[Doubtful]) -> list[ClipOutput]:
    """The slices of a stack with doubtful contours taken where the slices before and after both have the structure.

    Args:
        found: by slice, in order.
        doubtful: of the same slices.

    Slices of other numbers of phases are left as they are: their frames do not belong together.
    """
    out = list(found)
    for number in range(1, len(found) - 1):
        before, one, after = found[number - 1 : number + 2]
        contours = {name: list(row) for name, row in one.contours.items()}
        confidence = {name: row.copy() for name, row in one.confidence.items()}
        changed = False
        for name, row in contours.items():
            sides = before.contours[name], after.contours[name]
            if any(len(side) != len(row) for side in sides):
                continue
            for frame, points in enumerate(row):
                vague = doubtful[number].contours[name][frame]
                if points is None and vague is not None and all(side[frame] is not None for side in sides):
                    row[frame], confidence[name][frame] = vague, doubtful[number].confidence[name][frame]
                    changed = True
        if changed:
            out[number] = ClipOutput(contours, confidence, one.grid)
    return out
