"""What the long axes of a study say of the base of its short-axis stack, as one edit of the stack.

Base and apex are decided once, from the stack's contours, from what a model sees in its slices, and from the valve that
long axes show (core/volumes/extent.py). This puts the last of these into the stack, and the decision that follows.
"""

from collections.abc import Iterable
from typing import Final

from kinecor.core.values.message import joined_by, message
from kinecor.core.values.reading import Reading, choices, has_contour, model_author
from kinecor.core.values.track import Structure
from kinecor.core.volumes.extent import decided_right_base, proposed_extent
from kinecor.core.volumes.long_axis import valve_of_stack
from kinecor.session.edits import Edit, SetExtent, SetRvBase, SetValvePlane, Several

VALVE_AUTHOR: Final = "model:valve-plane@1"
"""Author of a base that was decided with the valve on long axes."""


def valve_edit(stack: Reading, loops: Iterable[Reading]) -> Several | None:
    """The valve plane, and base and apex decided with it; None where nothing changes.

    Ends that a person chose stay, and nothing changes in a stack whose values a person decided on.

    Args:
        stack: of a study.
        loops: its other recordings; those that are no long axes say nothing.

    """
    if not stack.kind.stack or stack.withheld or stack.decisions or not has_contour(stack, Structure.LV_ENDO):
        return None
    valve = valve_of_stack(stack, loops)
    if valve == choices(stack).valve:
        return None
    edits: list[Edit] = [SetValvePlane(valve)]
    after = edits[0].apply(stack, VALVE_AUTHOR)
    if _by_model(stack, "extent"):
        extent = proposed_extent(after)
        if extent is not None and extent != choices(stack).extent:
            edits.append(SetExtent(extent))
            right = decided_right_base(edits[-1].apply(after, VALVE_AUTHOR), extent)
            if right is not None and right != choices(stack).rv_base and _by_model(stack, "rv_base"):
                edits.append(SetRvBase(right))
    summary = (
        edits[0].summary if len(edits) == 1 else joined_by("; ", (edits[0].summary, message("base decided again")))
    )
    return Several(summary, tuple(edits))


def _by_model(stack: Reading, part: str) -> bool:
    """Whether a model decided on a part of the stack, or nothing was decided."""
    author = stack.authors.get(f"short_axis/{part}")
    return author is None or model_author(author) is not None
