"""The two complete Sunnybrook studies as cines with known ED and ES, for `kinecor evaluate phases --real OUT.npz`:

    python -m tests.lab.tasks.sax.scd_cines ../shared/data OUT.npz

Reading DICOM is the program's business and not the models', so it is done here. The experts drew the endocardium of
every slice at one ED and one ES of the study: these phases are the truth. The first and last slice they drew are left
out, as those of simulated stacks are.
"""

import sys
from pathlib import Path

import numpy as np

from kinecor.core.values.recording import Stack, cycle_length_s
from kinecor.io.files.cache import FrameCache
from kinecor.io.open.recordings import open_path
from kinecor_lab.tasks.phases.data import SIDE_PX, PhaseCine, write_cines
from kinecor_models.contract import ClipInput
from kinecor_models.localisation.framing import close_grid, levels, moving, some_frames, stretch_contrast
from tests.scd import _contours

STUDIES = ("SCD0000101", "SCD0000301")


def scd_cines(folder: Path, study: str) -> list[PhaseCine]:
    """A study's slices, cut out where the image moves, as PhaseModel does."""
    (stack,) = open_path(folder / "scd-dicom" / study, cache=FrameCache()).recordings
    assert isinstance(stack, Stack)
    drawn = _contours(folder, study, "i")
    numbers = sorted({number for number, _ in drawn})
    first, second = sorted({phase for _, phase in drawn})
    times_s = stack.times_s
    rate = stack.slices[0].heart_rate_per_min
    cines = []
    for number in numbers[1:-1]:
        one = stack.slices[number]
        # Of the two phases drawn, the larger cavity is ED.
        ed, es = sorted((first, second), key=lambda phase: -_area(drawn[number, phase].points))
        assert one.calibration is not None
        clip = ClipInput(one.frames, spacing_mm=one.calibration.col_mm)
        grid = close_grid(clip, moving(some_frames(clip, 8)), SIDE_PX, (one.rows, one.columns))
        squares = np.stack([grid.sampled(np.asarray(one.frames[i])) for i in range(len(one))])
        squares = stretch_contrast(squares, *levels(squares))
        events = (float(times_s[ed]),), (float(times_s[es]),)
        cines.append(
            PhaseCine(f"{study}/{number}", "real mri", squares, times_s, *events, cycle_length_s(times_s, rate))
        )
    return cines


def _area(points: np.ndarray) -> float:
    x, y = points.T
    return float(abs(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1))) / 2)


if __name__ == "__main__":
    where = Path(sys.argv[1])
    write_cines(Path(sys.argv[2]), [cine for study in STUDIES for cine in scd_cines(where, study)])
