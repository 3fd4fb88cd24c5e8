"""What the right button offers on a single short-axis loop: first outlines, and where segments are counted from."""

from kinecor.core.outlines.initial_contours import first_outline
from kinecor.core.outlines.insertion import insertion, insertion_seen
from kinecor.core.values.reading import Reading
from kinecor.core.values.track import Structure
from kinecor.session.edits import Edit, SetContours, SetInsertion, SetWithheld, Several

WORDS = {Structure.LV_ENDO: "LV cavity", Structure.LV_EPI: "LV wall"}


def short_axis_entries(reading: Reading, frame: int, point_px: tuple[float, float]) -> list[tuple[str, Edit]]:
    """Words and what they do at a frame and a place (x, y) of the picture."""
    found: list[tuple[str, Edit]] = []
    cavity = reading.tracks[Structure.LV_ENDO].contours[frame] if Structure.LV_ENDO in reading.tracks else None
    # A wall is drawn around the cavity that is there.
    middle = point_px if cavity is None else (float(cavity.centroid[0]), float(cavity.centroid[1]))
    rows = reading.facts.rows if reading.facts.plane is None else None  # cine MRI knows its plane
    for structure, words in WORDS.items():
        at = point_px if structure is Structure.LV_ENDO else middle
        drawn = SetContours(structure, frame, (first_outline(structure, at, reading.calibration, rows),))
        lifted = Several(drawn.summary, (drawn, SetWithheld(None)))
        found.append((f"Outline the {words} here", drawn if reading.withheld is None else lifted))
    if cavity is not None:
        turn = insertion(reading, frame)[0].turn
        seen = insertion_seen(cavity, point_px, reading.aspect, turn)
        found.append(("Anterior RV insertion here", SetInsertion(seen)))
    if reading.short_axis is not None and reading.short_axis.insertion is not None:
        found.append(("Segments as usually shown", SetInsertion(None)))
    return found
