"""Edits that bring outlines into a slice: a first circle, a neighbour's outlines, one phase's for all."""

from kinecor.core.outlines.initial_contours import first_outline, from_slice
from kinecor.core.values.reading import Reading
from kinecor.core.values.track import Structure
from kinecor.session.edits import Edit, OnSlice, SetContours, Several

WORDS = {Structure.LV_ENDO: "LV cavity", Structure.LV_EPI: "LV wall", Structure.RV: "RV"}


def circle_edit(reading: Reading, number: int, phase: int, structure: Structure, at_px: tuple[float, float]) -> Edit:
    """A first outline of a structure around a point (x, y) of a slice at a phase."""
    contour = first_outline(structure, at_px, reading.slices[number].calibration)
    return OnSlice(number, SetContours(structure, phase, (contour,)))


def neighbour_edit(reading: Reading, other: int, number: int, phase: int) -> Edit | None:
    """The outlines of another slice at a phase, in place of this one's; None where that has none."""
    found = from_slice(reading, other, number, phase)
    edits = tuple(SetContours(structure, phase, (contour,)) for structure, contour in found.items())
    return OnSlice(number, Several(f"outlines of slice {other + 1}, frame {phase}", edits)) if edits else None


def spread_edit(reading: Reading, number: int, phase: int) -> Edit | None:
    """This phase's outlines of a slice at every phase that has none; None where nothing is lacking."""
    edits: list[Edit] = []
    for structure, track in reading.slices[number].tracks.items():
        contour = track.contours[phase]
        if contour is None:
            continue
        empty = [frame for frame, one in enumerate(track.contours) if one is None]
        edits += [SetContours(structure, frame, (contour,)) for frame in empty]
    return OnSlice(number, Several(f"outlines of frame {phase} at phases without", tuple(edits))) if edits else None
