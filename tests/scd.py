"""The two complete Sunnybrook studies with their experts' contours (Radau et al., MIDAS 2009)."""

import re

import numpy as np

from kinecor.core.cycle.cycle import cycle_events
from kinecor.core.values.geometry import Contour
from kinecor.core.values.reading import Reading, first_stack_reading
from kinecor.core.values.recording import cycle_length_s
from kinecor.core.values.track import ContourTrack, Origin, Structure
from kinecor.core.volumes.stack_volumes import stack_curves
from kinecor.io.files.cache import FrameCache
from kinecor.io.open.recordings import open_path

EXPERT = "expert"
REFERENCE_ML = {"SCD0000101": (191, 141), "SCD0000301": (230, 180)}
"""EDV and ESV by area times spacing times gap."""


def expert_reading(folder, study: str) -> Reading:
    """The study with the experts' contours, and ED and ES from their volumes."""
    (stack,) = open_path(folder / "scd-dicom" / study, cache=FrameCache()).recordings
    first = first_stack_reading(stack)
    found = {Structure.LV_ENDO: _contours(folder, study, "i"), Structure.LV_EPI: _contours(folder, study, "o")}
    slices = []
    for number, one in enumerate(first.slices):
        tracks = {}
        for structure, outlines in found.items():
            row = tuple(outlines.get((number, phase)) for phase in range(stack.phases))
            sure = np.array([float(c is not None) for c in row])
            tracks[structure] = ContourTrack(structure, row, (Origin.EDITED,) * len(row), sure)
        slices.append(one.with_(tracks=tracks, authors={f"tracks/{s}/edited": EXPERT for s in tracks}))
    reading = first.with_(slices=tuple(slices))
    times = reading.facts.times_s
    events = cycle_events(stack_curves(reading).endo, times, cycle_length_s(times, reading.facts.heart_rate_per_min))
    return reading.with_(events=events, authors={"events": EXPERT})


def _contours(folder, study: str, kind: str) -> dict[tuple[int, int], Contour]:
    """By (slice, phase); instance numbers run phase by phase, slice by slice, from the first position or the last."""
    order = _slice_of_instance(folder, study)
    found = {}
    for path in sorted((folder / "scd-dicom" / study / "contours" / f"{kind}-contours").iterdir()):
        instance = int(re.search(r"IM-0001-(\d+)-", path.name)[1])
        points = np.loadtxt(path)
        number, phase = order[instance]
        # Their pixel centres are at halves, ours at integers.
        found[number, phase] = Contour(points - 0.5)
    return found


def _slice_of_instance(folder, study: str) -> dict[int, tuple[int, int]]:
    from pydicom import dcmread

    headers = [dcmread(p, stop_before_pixels=True) for p in (folder / "scd-dicom" / study / "dicom").glob("*.dcm")]
    places = {}
    for one in headers:
        row, column = np.split(np.array(one.ImageOrientationPatient, float), 2)
        places[int(one.InstanceNumber)] = float(
            np.dot(np.cross(row, column), np.array(one.ImagePositionPatient, float))
        )
    levels = sorted({round(place) for place in places.values()})
    by_slice = {}
    for instance, place in sorted(places.items()):
        by_slice.setdefault(levels.index(round(place)), []).append(instance)
    return {instance: (number, phase) for number, row in by_slice.items() for phase, instance in enumerate(row)}
