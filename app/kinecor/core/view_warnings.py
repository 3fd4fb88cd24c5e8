"""What a reader must know about the view before believing numbers."""

from kinecor.core.author import short_author
from kinecor.core.reading import UNKNOWN_VIEW, Reading
from kinecor.core.short_axis_loop import is_short_axis_loop
from kinecor.core.track import Structure

# From this confidence on, a model's view is told where it contradicts the file or a person.
SURE = 0.9


def view_warnings(reading: Reading) -> tuple[str, ...]:
    """That the view is not known, was named by a model, or is contradicted by one; one sentence each."""
    view, seen = reading.view, reading.view_seen
    out = []
    if view is not None and not reading.view_told and reading.withheld is not None:
        way = "if it is apical, name its view and analyse again"
        if is_short_axis_loop(reading):
            way += "; if it is a short axis, outline cavity and wall (right click)"
        out.append(f"The view was judged by a model: {way}.")
    measured = Structure.LV_ENDO in reading.tracks and reading.withheld is None
    if measured and not reading.view_known:
        out.append("The view is not known: volumes and EF hold only if this is an apical view.")
    elif measured and view is not None and not reading.view_told:
        sure = f" ({view.confidence:.2f})" if view.confidence is not None else ""
        out.append(f"The view, {view.label}, was named by the model {short_author(view.by)}{sure}: check it.")
    if view is None or seen is None or not reading.view_told or UNKNOWN_VIEW in (view.label, seen.label):
        return tuple(out)
    if seen.label != view.label and seen.confidence is not None and seen.confidence >= SURE:
        who = "the file's header" if view.by == "header" else view.by
        out.append(f"{view.label} by {who}, but it looks like {seen.label} ({seen.confidence:.2f}): check the view.")
    return tuple(out)
