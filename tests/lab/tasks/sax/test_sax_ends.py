"""Where the base of a simulated stack is decided, and what choosing costs in volume."""

import numpy as np
import pytest

from kinecor.core.values.calibration import Calibration
from kinecor.core.values.choices import Extent
from kinecor.core.values.reading import Reading
from kinecor.io.write.mr import MrSeries, MrSlice
from kinecor_lab.tasks.sax import ends, stacks
from kinecor_lab.tasks.sax.ends import Base, bases, notes, table
from kinecor_lab.tasks.trust.simulated import StackSeries
from kinecor_phantoms.recording import LV_CAVITY

AREA_PX, SLICES, STEP_MM, PIXEL_MM = 400, 6, 8.0, 1.5


def series() -> StackSeries:
    """Six slices of one area; true ones are 1 to 4 at ED, 1 to 3 at ES."""
    plane = {"across": np.array([1.0, 0, 0]), "down": np.array([0, 1.0, 0])}
    grey, times_ms = np.full((2, 64, 64), 90, np.uint16), np.array([0.0, 400.0])
    slices = [
        MrSlice(grey, times_ms, (PIXEL_MM, PIXEL_MM), 8.0, np.array([0, 0, at * STEP_MM]), **plane)
        for at in range(SLICES)
    ]
    labels = np.zeros((SLICES, 2, 64, 64), np.uint8)
    labels[1:5, 0, :20, :20] = labels[1:4, 1, :20, :20] = LV_CAVITY
    slice_ml = AREA_PX * PIXEL_MM**2 * STEP_MM / 1000
    marks = {"apex ED": 1, "base ED": 4, "apex ES": 1, "base ES": 3}
    rings = np.array([[0, 0], [1, 1], [1, 1], [1, 0.8], [0.6, 0.4], [0, 0]])
    truth = {"EDV": 3.5 * slice_ml, "ESV": 3 * slice_ml}
    return StackSeries(MrSeries("", tuple(slices), 60.0), 0, 1, truth, marks, None, tuple(labels), rings)


def test_volumes_are_of_the_slices_that_are_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ends, "extent_of", lambda _reading: Extent((3, 4), (1, 1)))
    monkeypatch.setattr(ends, "drawn_areas", lambda _reading, _phase: np.full(SLICES, 1.1 * AREA_PX))
    reading: Reading = None  # type: ignore[assignment]
    ed, es = bases("child 1", series(), reading)
    assert (ed.ring, ed.next_ring, ed.beyond) == (0.6, 0.0, -1)
    assert (es.ring, es.next_ring, es.beyond) == (0.8, 0.4, 1)
    assert [ed.exact_true, ed.exact_program] == pytest.approx([4 / 3.5 - 1, 3 / 3.5 - 1])
    assert [es.exact_true, es.exact_program] == pytest.approx([0, 1 / 3])
    assert [ed.drawn_true, ed.drawn_program] == pytest.approx([4.4 / 3.5 - 1, 3.3 / 3.5 - 1])


def test_the_table_groups_by_the_ring() -> None:
    found = [
        Base("a", "ED", 0.6, 0.0, -1, 0.1, -0.1, 0.2, 0.0),
        Base("b", "ED", 0.7, 0.0, 0, 0.1, 0.1, 0.2, 0.2),
        Base("c", "ED", 1.0, 0.4, 1, 0.0, 0.1, 0.0, 0.1),
    ]
    rows = {row[1]: row for row in table(found).rows}
    assert list(rows) == ["50 to 75", "99 to 100", "all"]
    assert rows["50 to 75"][2:7] == (2, 50, 100, 1, 0)
    assert rows["all"][2:7] == (3, pytest.approx(100 / 3), 100, 1, 1)
    assert notes(found)[0].startswith("ED: of 1 bases that are short, 1 are in slices")


def test_a_stack_keeps_its_labels_scale_and_ends() -> None:
    stack = stacks.labelled("child 1", series())
    assert stack.left[:, 0].tolist() == [0, 1, 1, 1, 1, 0]
    assert stack.left[:, 1].tolist() == [0, 1, 1, 1, 0, 0]
    assert stack.recording.slices[0].calibration == Calibration(PIXEL_MM, PIXEL_MM, "simulated")
