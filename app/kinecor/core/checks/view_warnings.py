"""What a reader must know about the view before believing numbers."""

from kinecor.core.values.author import short_author
from kinecor.core.values.confidence import VIEW_CONTRADICTS
from kinecor.core.values.kind import APICAL_VIEWS, UNKNOWN_VIEW
from kinecor.core.values.reading import HEADER, Reading, View
from kinecor.core.values.track import Structure


def view_warnings(reading: Reading) -> tuple[str, ...]:
    """That the view is not known, was named by a model, or is contradicted by one; one sentence each."""
    view, seen = reading.view, reading.view_seen
    out = []
    if view is not None and not reading.view_confirmed and reading.withheld is not None:
        way = "if it is apical, name its view and analyse again"
        if reading.kind.closed:
            way += "; if it is a short axis, outline cavity and wall (right click)"
        out.append(f"The view was judged by a model: {way}.")
    measured = Structure.LV_ENDO in reading.tracks and reading.withheld is None
    if measured and not reading.view_known:
        out.append("The view is not known: volumes and EF hold only if this is an apical view.")
    elif measured and view is not None and not reading.view_confirmed:
        sure = f" ({view.confidence:.2f})" if view.confidence is not None else ""
        out.append(f"The view, {view.label}, was named by the model {short_author(view.by)}{sure}: check it.")
    if view is not None and seen is not None and reading.view_confirmed and not _same(view, seen):
        doubt = _doubt(reading, view, seen)
        out += [] if doubt is None else [doubt]
    return tuple(out)


def _same(view: View, seen: View) -> bool:
    """Whether there is nothing to hold against each other; levels of the short axis are one view to a model."""
    return view.label == UNKNOWN_VIEW or view.label.partition(" ")[0] == seen.label


def _doubt(reading: Reading, view: View, seen: View) -> str | None:
    """What a model sees in place of the view that was told, and what to do; None where that is nothing to go by."""
    by_header, unknown, apical = view.by == HEADER, seen.label == UNKNOWN_VIEW, view.label in APICAL_VIEWS
    sure = seen.confidence is not None and seen.confidence >= VIEW_CONTRADICTS
    # Where an apical view is seen too, something else than the view holds it back.
    held_back = by_header and apical and reading.withheld is not None and seen.label not in APICAL_VIEWS
    # A person may know a view that no model is sure of; a header is only as good as what was set at the scanner. No
    # view at all matters where one was told that is measured.
    if not (held_back or (apical and unknown and (by_header or sure)) or (sure and not unknown)):
        return None
    who = "the file's header" if by_header else view.by
    looks = f"it looks like {seen.label}" if not unknown else "the model recognises no view"
    if unknown and not sure:
        looks = "the model does not recognise the view for sure"
    elif seen.confidence is not None:
        looks += f" ({seen.confidence:.2f})"
    way = "check the view"
    if held_back:
        way = f"if it is {view.label}, name the view by hand, or give --view {view.label}, and analyse again"
    return f"{view.label} by {who}, but {looks}: {way}."
