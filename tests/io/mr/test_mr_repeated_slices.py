"""A slice that was taken again within its series: one complete take counts, the other is named."""

import numpy as np
import pytest
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from kinecor.core.values.recording import Stack
from kinecor.io.files.cache import FrameCache
from kinecor.io.open.recordings import open_path
from tests.io import make_dicom as make

# Pixels of take 2 are brighter by this, so that an image shows which take it belongs to.
BRIGHTER = 40


def brighter(header):
    header.PixelData = (np.frombuffer(header.PixelData, np.int16) + BRIGHTER).tobytes()
    return header


def again(phases=range(5), number=90, step_ms=32, **elements):
    """A second take of slice 1 at another heart rate: no trigger time but the first is as in take 1."""
    elements = {"AcquisitionNumber": 2, **elements}
    return [
        brighter(make.mr_image(1, p, **{"TriggerTime": 10 + step_ms * p, "InstanceNumber": number + p, **elements}))
        for p in phases
    ]


def first_take(slices=4, skip=(), **elements):
    """Four slices of five phases without those in `skip`, (slice, phase)."""
    places = [(s, p) for s in range(slices) for p in range(5) if (s, p) not in skip]
    return [make.mr_image(s, p, **{"AcquisitionNumber": 1, **elements}) for s, p in places]


def opened(folder, images, seed=0):
    """The only recording of images whose files are in any order, named by their place in `images`."""
    folder.mkdir()
    for number in np.random.default_rng(seed).permutation(len(images)):
        images[number].SOPInstanceUID = images[number].file_meta.MediaStorageSOPInstanceUID = f"1.2.9.{number + 1}"
        make.save(images[number], folder / f"{number:03d}.dcm")
    found = open_path(folder, cache=FrameCache())
    assert found.refused == ()
    (recording,) = found.recordings
    return recording


def is_second_take(stack):
    """Whether slice 1 shows take 2, by how its grey departs from the even steps of the others."""
    grey = [float(one.frames[0].mean()) for one in stack.slices]
    step, start = np.polyfit((0, 2, 3), (grey[0], *grey[2:]), 1)
    return bool(grey[1] - (start + step) > step * BRIGHTER / 200)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({}, {}),
        ({}, {"AcquisitionNumber": 1}),
        (
            {"AcquisitionNumber": 1, "AcquisitionTime": "101500"},
            {"AcquisitionNumber": 1, "AcquisitionTime": "101530.5", "number": 6},
        ),
        # Without a count of phases the other slices show how many phases make a take.
        ({"CardiacNumberOfImages": None}, {"CardiacNumberOfImages": None}),
        # Without trigger times the acquisition number alone.
        ({"TriggerTime": None}, {"TriggerTime": None}),
    ],
    ids=["acquisition", "instance", "time", "no count", "no trigger"],
)
def test_the_second_take_counts(tmp_path, first, second):
    stack = opened(tmp_path / "s", first_take(**first) + again(**second))
    assert isinstance(stack, Stack)
    assert (len(stack.slices), stack.phases) == (4, 5)
    assert is_second_take(stack)
    assert (np.diff([float(f.mean()) for f in stack.slices[1].frames]) > 0).all()
    (reported,) = stack.warnings
    assert "was acquired twice: the last complete take is used, the other is not" in reported
    assert "(005.dcm, 006.dcm, 007.dcm and 2 more)" in reported


def test_times_are_those_of_the_take(tmp_path):
    stack = opened(tmp_path / "s", first_take() + again(step_ms=32))
    assert stack.slices[1].times_s * 1000 == pytest.approx([0, 32, 64, 96, 128])
    assert stack.slices[0].times_s * 1000 == pytest.approx([0, 40, 80, 120, 160])


def test_a_last_take_that_was_broken_off_does_not_count(tmp_path):
    stack = opened(tmp_path / "s", first_take() + again(range(3)))
    assert (len(stack.slices), stack.phases) == (4, 5)
    assert not is_second_take(stack)
    (reported,) = stack.warnings
    assert reported.endswith("the last complete take is used, the other is not (020.dcm, 021.dcm, 022.dcm).")


def test_a_first_take_that_was_broken_off_does_not_count(tmp_path):
    stack = opened(tmp_path / "s", first_take(skip={(1, 3), (1, 4)}) + again())
    assert is_second_take(stack)
    assert stack.warnings[0].endswith("(005.dcm, 006.dcm, 007.dcm).")


def test_three_takes(tmp_path):
    third = again(step_ms=36, AcquisitionNumber=3, number=120)
    stack = opened(tmp_path / "s", first_take() + again() + third)
    assert stack.slices[1].times_s[1] * 1000 == pytest.approx(36)
    assert "was acquired 3 times" in stack.warnings[0]
    assert "others are not (005.dcm, 006.dcm, 007.dcm and 7 more)" in stack.warnings[0]


def test_indistinguishable_takes_of_the_same_times(tmp_path):
    images = first_take() + again(step_ms=40, AcquisitionNumber=1)
    for image in images:
        del image.InstanceNumber
    stack = opened(tmp_path / "s", images)
    assert (len(stack.slices), stack.phases) == (4, 5)
    assert "acquired more than once: 5 images of the same position and time are not used (" in stack.warnings[0]


def test_an_image_too_many_is_no_take(tmp_path):
    images = [*first_take(), make.mr_image(2, 5, AcquisitionNumber=1, InstanceNumber=70)]
    stack = opened(tmp_path / "s", images)
    assert (len(stack.slices), stack.phases) == (4, 5)
    assert any("has 6 phases where the others have 5" in one for one in stack.warnings)


@pytest.mark.parametrize("order", [(4, 3, 2, 1, 0), (2, 3, 4, 0, 1), (0, 2, 4, 1, 3)])
def test_odd_numbering_alone_makes_no_takes(tmp_path, order):
    images = first_take(CardiacNumberOfImages=None)
    for index, image in enumerate(images):
        image.InstanceNumber = 10 * (index // 5) + order[index % 5]
    stack = opened(tmp_path / "s", images)
    assert (len(stack.slices), stack.phases, stack.warnings) == (4, 5, ())


def test_takes_within_an_enhanced_file(tmp_path):
    header = make.enhanced_mr(slices=3, phases=4)
    groups, frames = list(header.PerFrameFunctionalGroupsSequence), header.pixel_array
    second = [number for number, one in enumerate(groups) if _place(one) == _place(groups[1])]
    for phase, number in enumerate(second):
        group, cardiac = Dataset(), Dataset()
        group.PlanePositionSequence = groups[number].PlanePositionSequence
        cardiac.NominalCardiacTriggerDelayTime, cardiac.RRIntervalTimeNominal = 25.0 * phase + 2, 100.0
        group.CardiacSynchronizationSequence = Sequence([cardiac])
        groups.append(group)
    header.PerFrameFunctionalGroupsSequence = Sequence(groups)
    header.PixelData = np.concatenate([frames, frames[second]]).tobytes()
    header.NumberOfFrames = len(groups)
    found = open_path(make.save(header, tmp_path / "e.dcm"), cache=FrameCache())
    (stack,) = found.recordings
    assert (len(stack.slices), stack.phases) == (3, 4)
    assert stack.slices[1].times_s * 1000 == pytest.approx([0, 25, 50, 75])
    assert "was acquired twice" in stack.warnings[0]


def _place(group):
    return tuple(group.PlanePositionSequence[0].ImagePositionPatient)
