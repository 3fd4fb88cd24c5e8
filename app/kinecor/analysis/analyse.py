"""A recording and a model make one proposed edit: contours, ED and ES, view, or why nothing is measured."""

import numpy as np

from kinecor.analysis.models import opened
from kinecor.analysis.proposal import Proposal
from kinecor.core.cine import CineSequence
from kinecor.core.contour import Contour
from kinecor.core.curves import track_volumes_mm3
from kinecor.core.phases import find_beats
from kinecor.core.progress import Tick, no_tick
from kinecor.core.reading import Reading, View
from kinecor.core.track import ContourTrack, Origin, Structure
from kinecor.session.edits import Edit, SetEvents, SetTrack, SetView, SetWithheld, Several
from kinecor_models.contract import ClipInput, ClipOutput
from kinecor_models.framing import is_colour_doppler

# Views the apical network can be believed on; the others are named so that a reader may say so.
APICAL_VIEWS = ("A4C", "A2C", "A3C")

COLOUR_DOPPLER = "colour Doppler covers the picture; contours need a grey-scale clip"
NOT_APICAL = "contours of the left ventricle need an apical view; this one is {view}"


def propose(
    cine: CineSequence,
    reading: Reading,
    tick: Tick = no_tick,
    *,
    device: str = "auto",
    view: str | None = None,
) -> Proposal:
    """What the models conclude about a recording; touches nothing.

    Args:
        cine: the recording.
        reading: what is concluded so far; its scale and R waves serve to find beats.
        tick: called after each frame; raises Cancelled to end the work.
        device: "auto", "cpu" or "cuda".
        view: the view as its user names it, or None: then as the file names it, or unknown.

    Raises:
        KinecorError: a model or the device cannot be used, or a frame cannot be decoded.
        Cancelled: by `tick`.

    """
    named = view or (reading.view.label if reading.view else None)
    edits: list[Edit] = []
    if view is not None:
        edits.append(SetView(View(view, None, "user")))
    aspect = reading.calibration.row_mm / reading.calibration.col_mm if reading.calibration else 1.0
    region = cine.region
    clip = ClipInput(cine.frames, (region.x0, region.y0, region.x1, region.y1) if region else None, aspect)
    model = opened(device)
    by = model.card.author
    if named is not None and named not in APICAL_VIEWS:
        return Proposal(_withheld(edits, NOT_APICAL.format(view=named)), by)
    if is_colour_doppler(clip):
        return Proposal(_withheld(edits, COLOUR_DOPPLER), by)
    output = model(clip, tick)
    tracks = _tracks(output)
    edits += [SetTrack(track) for track in tracks]
    endo = next(track for track in tracks if track.structure is Structure.LV_ENDO)
    events = find_beats(track_volumes_mm3(endo, aspect, 1.0), cine.times_s, cine.r_wave_s)
    if events is not None:
        edits.append(SetEvents(events))
    return Proposal(Several(f"analysed by {model.card.name} {model.card.version}", tuple(edits)), by)


def _withheld(edits: list[Edit], why: str) -> Edit:
    return Several("not measured", (*edits, SetWithheld(why)))


def _tracks(output: ClipOutput) -> list[ContourTrack]:
    """The model's contours in pixels of the recording."""
    out = []
    for name, contours in output.contours.items():
        in_pixels = tuple(
            None if points is None else Contour(output.grid.to_picture(points).astype(np.float64))
            for points in contours
        )
        confidence = np.clip(output.confidence[name].astype(np.float64), 0, 1)
        out.append(ContourTrack(Structure(name), in_pixels, (Origin.MODEL,) * len(in_pixels), confidence))
    return out
