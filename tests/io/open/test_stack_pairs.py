"""Stacks whose ED and ES come as two files open as one stack of two phases."""

import numpy as np
import pytest
import SimpleITK as sitk  # noqa: N813

from kinecor.core.cycle.cycle import cycle_events
from kinecor.core.values.reading import first_stack_reading
from kinecor.core.values.recording import Stack
from kinecor.io.files.cache import FrameCache
from kinecor.io.open.recordings import open_path


def write(path, level, *, slices=6, spacing=(1.5, 1.5, 8.0), origin=(0.0, 0.0, 0.0)):
    values = np.full((slices, 40, 44), level, np.uint8)
    values[:, 10:20, 12:22] = np.arange(slices, dtype=np.uint8)[:, None, None] + 3
    image = sitk.GetImageFromArray(values)
    image.SetSpacing(spacing)
    image.SetOrigin(origin)
    sitk.WriteImage(image, str(path))


def opened(folder):
    found = open_path(folder, cache=FrameCache())
    assert found.refused == ()
    return found.recordings


@pytest.mark.parametrize(
    "names",
    [
        ("patient001_ED.nii.gz", "patient001_ES.nii.gz"),
        ("patient001_frame01.nii.gz", "patient001_frame12.nii.gz"),
        ("sax_enddiastole.nii", "sax_endsystole.nii"),
        ("heart-phase1.mha", "heart-phase9.mha"),
    ],
)
def test_two_single_phases_are_one_stack_of_two(tmp_path, names):
    for name, level in zip(names, (60, 90), strict=True):
        write(tmp_path / name, level)
    (stack,) = opened(tmp_path)
    assert isinstance(stack, Stack)
    assert (stack.phases, len(stack.slices)) == (2, 6)
    assert [int(stack.slices[2].frames[phase][0, 0]) for phase in (0, 1)] == [60, 90]
    assert [int(one.frames[1][12, 14]) for one in stack.slices] == [3, 4, 5, 6, 7, 8]
    assert stack.positions_mm == pytest.approx(np.arange(6) * 8.0)
    assert stack.slices[0].plane is not None
    assert stack.slices[0].calibration.row_mm == 1.5
    assert first_stack_reading(stack).facts.stills
    again = opened(tmp_path)[0]
    assert (again.recording_id, again.study_id) == (stack.recording_id, stack.study_id)


def test_acdc_names_ed_and_es_in_info_cfg(tmp_path):
    write(tmp_path / "patient001_frame01.nii.gz", 90)
    write(tmp_path / "patient001_frame12.nii.gz", 60)
    (tmp_path / "Info.cfg").write_text("ED: 12\nES: 1\nGroup: DCM\n")
    stack = next(one for one in open_path(tmp_path, cache=FrameCache()).recordings)
    assert [int(stack.slices[0].frames[phase][0, 0]) for phase in (0, 1)] == [60, 90]


def test_what_does_not_fit_or_is_not_two_stays_apart(tmp_path):
    write(tmp_path / "a_ED.nii.gz", 60)
    write(tmp_path / "a_ES.nii.gz", 90, slices=5)
    first, second = opened(tmp_path)
    assert (first.phases, second.phases) == (1, 1)
    assert "different numbers of slices: 6 and 5" in str(first.warnings[-1])
    write(tmp_path / "a_ES.nii.gz", 90, origin=(0.0, 0.0, 4.0))
    assert "4.0 mm apart" in str(opened(tmp_path)[0].warnings[-1])
    write(tmp_path / "a_ES.nii.gz", 90, spacing=(1.2, 1.2, 8.0))
    assert "scales differ" in str(opened(tmp_path)[0].warnings[-1])
    for number in (1, 2, 3):
        write(tmp_path / f"b_frame{number:02d}.nii.gz", 50 + number)
    assert len(opened(tmp_path)) == 5


@pytest.mark.parametrize(("volumes", "marks"), [((120.0, 60.0), (0, 1)), ((55.0, 130.0), (1, 0))])
def test_of_two_phases_the_larger_cavity_is_ed(volumes, marks):
    events = cycle_events(np.array(volumes), np.array([0.0, 0.3]), 0.6)
    assert events is not None
    assert [(beat.ed, beat.es) for beat in events.beats] == [marks]
