"""What a reader must know before relying on the values of a recording, one sentence each."""

import numpy as np

from kinecor.core.cycle.valve_closure import closure_warnings, end_warnings
from kinecor.core.table.loop_inputs import atrium_missing
from kinecor.core.values.confidence import LOOP_CONTOURS, VIEW_CONTRADICTS
from kinecor.core.values.kind import APICAL_VIEWS, UNKNOWN_VIEW
from kinecor.core.values.reading import HEADER, Reading, View, choices, contoured, short_author
from kinecor.core.values.track import Structure
from kinecor.core.volumes.stack_volumes import SHIFTED_MM, gaps, shifts_mm, stack_curves

# Masses at ED and at ES that differ by more than this share cannot both be right.
MASSES_DIFFER = 0.2


def reading_warnings(reading: Reading) -> tuple[str, ...]:
    """Warnings of opening, view, cycle and contours. Slices are counted from 1, as on screen."""
    out = list(reading.facts.warnings)
    if reading.withheld:
        out.append(f"Nothing is measured here: {reading.withheld}.")
    if reading.calibration is None and reading.facts.calibration_origin:
        out.append(reading.facts.calibration_origin)
    if reading.facts.times_origin == "assumed":
        out.append("The file has no frame times: the frame rate is assumed, so times and rates are not measured.")
    out += _stack_warnings(reading) if reading.kind.stack else _loop_warnings(reading)
    return tuple(dict.fromkeys(out))


def _loop_warnings(reading: Reading) -> list[str]:
    out = [*view_warnings(reading), *closure_warnings(reading)]
    endo = reading.tracks.get(Structure.LV_ENDO)
    if endo is None:
        return out
    missing = sum(contour is None for contour in endo.contours)
    if missing:
        out.append(f"No LV contour on {missing} of {len(endo)} frames.")
    low = int(((endo.confidence < LOOP_CONTOURS.withheld) & [c is not None for c in endo.contours]).sum())
    if low:
        out.append(f"Low-confidence LV contour on {low} of {len(endo)} frames: review.")
    if reading.kind.network and atrium_missing(reading):
        out.append("No left atrium was found on most frames: is this an apical view?")
    return out + _no_beat(reading) + list(end_warnings(reading))


def _no_beat(reading: Reading) -> list[str]:
    if (reading.events and reading.events.beats) or reading.withheld:
        return []
    return ["No beat was found in the volume curve: mark ED and ES by hand."]


def _stack_warnings(reading: Reading) -> list[str]:
    if not contoured(reading, Structure.LV_ENDO):
        return []
    out = _no_beat(reading) + _missing(reading)
    if excluded := choices(reading).excluded:
        numbers = ", ".join(str(one + 1) for one in excluded)
        out.append(f"Excluded by the reader: slices {numbers}; interpolated from their neighbours.")
    return out + _shifted(reading)


def _shifted(reading: Reading) -> list[str]:
    """Slices whose ventricle is out of line with the others."""
    shifts = shifts_mm(reading)
    if shifts is None:
        return []
    size = np.hypot(*shifts.T)
    return [
        f"Slice {number + 1} is shifted by {size[number]:.0f} mm against its neighbours (another breath-hold?); it is "
        "measured where it is."
        for number in np.flatnonzero(np.nan_to_num(size) >= SHIFTED_MM)
    ]


def _missing(reading: Reading) -> list[str]:
    out = []
    beat = reading.events.beats[0] if reading.events and reading.events.beats else None
    for mark, frame in (("ED", beat.ed), ("ES", beat.es)) if beat else ():
        empty = gaps(reading, frame)
        if empty:
            numbers = ", ".join(str(one + 1) for one in empty)
            out.append(f"No LV contour at {mark} in slices that count: {numbers}; interpolated from their neighbours.")
    wall = stack_curves(reading).wall
    if beat and np.isfinite(wall[[beat.ed, beat.es]]).all() and wall[beat.ed] > 0:
        differ = abs(wall[beat.es] / wall[beat.ed] - 1)
        if differ > MASSES_DIFFER:
            out.append(
                f"Myocardial mass differs by {100 * differ:.0f} % between ED and ES: check base, apex and contours."
            )
    return out


def view_warnings(reading: Reading) -> tuple[str, ...]:
    """That the view is not known, was named by a model, or is contradicted by one; one sentence each."""
    view, seen = reading.view, reading.view_seen
    out = []
    if view is not None and not reading.view_confirmed and reading.withheld is not None:
        way = "if it is apical, name its view and analyse again"
        if reading.kind.closed:
            way += "; if it is a short axis, trace LV endocardium and epicardium (right click)"
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
    """Whether the two agree; levels of the short axis are one view to a model."""
    return view.label == UNKNOWN_VIEW or view.label.partition(" ")[0] == seen.label


def _doubt(reading: Reading, view: View, seen: View) -> str | None:
    """What a model sees in place of the confirmed view, and what to do; None where that is not conclusive."""
    by_header, unknown, apical = view.by == HEADER, seen.label == UNKNOWN_VIEW, view.label in APICAL_VIEWS
    sure = seen.confidence is not None and seen.confidence >= VIEW_CONTRADICTS
    # Where an apical view is seen too, something else than the view holds it back.
    held_back = by_header and apical and reading.withheld is not None and seen.label not in APICAL_VIEWS
    # A person may know a view that no model is sure of; a header is only as good as what was set at the scanner. That
    # no view is recognised matters where the confirmed one is measured.
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
