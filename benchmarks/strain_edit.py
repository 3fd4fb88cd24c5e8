"""How soon strain follows an edit of a contour: from the new Reading to all curves, on loops of several lengths.

python benchmarks/strain_edit.py [FRAMES]
"""

import sys
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))

from kinecor.core.strain.wall_strain import wall_strain
from kinecor.core.tracking.anchors import follow_anchors
from kinecor.core.values.events import Beat, CardiacEvents
from kinecor.core.values.geometry import Contour
from kinecor.core.values.reading import Facts, Reading, View
from kinecor.core.values.track import Origin, Structure
from kinecor.session.edits import SetContours
from tests.core.walls import beat, motion, tracks, zooming

RUNS = 15


def main() -> None:
    frames = int(sys.argv[1]) if len(sys.argv) > 1 else 100
    places, back = zooming(beat())
    reading = Reading(
        Facts("r", 260, 300, np.arange(frames) * 0.02, "FrameTime"),
        view=View("A4C", None, "x"),
        tracks=tracks(places, frames),
        events=CardiacEvents((Beat(0, 10), Beat(20, 30)), Origin.MODEL),
        motion=motion(places, back, frames, step=9.0),
    )
    wall_strain(reading)
    took_ms = []
    for run in range(RUNS):
        at = 20 + run
        endo = reading.tracks[Structure.LV_ENDO].contours
        moved = tuple(Contour(one.points + 0.5) for one in endo[at - 4 : at + 5] if one is not None)
        edited = SetContours(Structure.LV_ENDO, at - 4, moved).apply(reading, "reader")
        began = time.perf_counter()
        wall_strain(edited)
        took_ms.append(1000 * (time.perf_counter() - began))
    print(f"{frames} frames, an edit of 9: median {np.median(took_ms):.0f} ms, least {min(took_ms):.0f} ms")
    propagate_ms, strain_ms = [], []
    for run in range(RUNS):
        line = reading.tracks[Structure.LV_ENDO].contours[20 + run]
        drawn = SetContours(Structure.LV_ENDO, 20 + run, (Contour(line.points + 2.0),)).apply(reading, "reader")
        began = time.perf_counter()
        changes = follow_anchors(drawn.tracks, drawn.time_axis, closed=False)
        between = time.perf_counter()
        for structure, bent in changes.items():
            drawn = SetContours(structure, 0, bent.contours, bent.origins).apply(drawn, "reader")
        begun = time.perf_counter()
        wall_strain(drawn)
        propagate_ms.append(1000 * (between - began))
        strain_ms.append(1000 * (time.perf_counter() - begun))
    for name, these in (("Propagate to all frames", propagate_ms), ("strain after it", strain_ms)):
        print(f"{frames} frames, {name}: median {np.median(these):.0f} ms, least {min(these):.0f} ms")


if __name__ == "__main__":
    main()
