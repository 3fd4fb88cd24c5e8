"""Images at their own depth besides the 8 bits that models see, and the header's grey window."""

from pathlib import Path

import numpy as np
import pytest
from pydicom.dataset import Dataset

from kinecor.core.values.recording import CineSequence, GreyWindow, Stack, apply_window
from kinecor.io.dicom.pixels import RealValues, common_window, header_window
from kinecor.io.files.cache import FrameCache
from kinecor.io.open.recordings import open_path
from tests.io import make_dicom as make


def only(path: Path):
    (recording,) = open_path(path, cache=FrameCache()).recordings
    return recording


def test_a_stack_has_its_values_and_one_window_for_all(tmp_path):
    stack = only(make.write_study(tmp_path / "s", WindowCenter=150, WindowWidth=300))
    assert isinstance(stack, Stack)
    for number, one in enumerate(stack.slices):
        real = one.depth.frames[3]
        assert real.dtype == np.int16
        assert real.shape == one.frames[3].shape
        assert real.min() == 100 * number + 30
        assert not real.flags.writeable
        assert one.seen is one.depth.frames
        assert one.depth.opened == GreyWindow(150, 300)
        assert one.depth.full.centre - one.depth.full.width / 2 == 0
    # What models see does not go by the header's window.
    plain = only(make.write_study(tmp_path / "plain"))
    assert np.array_equal(plain.slices[1].frames[2], stack.slices[1].frames[2])
    depth = plain.slices[1].depth
    assert depth.opened == depth.automatic
    assert np.abs(apply_window(depth.frames[2], depth.automatic).astype(int) - plain.slices[1].frames[2]).max() <= 1


def test_windows_are_in_values_after_rescaling(tmp_path):
    plain = only(make.write_study(tmp_path / "a")).slices[1].depth
    study = make.write_study(tmp_path / "b", RescaleSlope="2.5", RescaleIntercept="-30")
    scaled = only(study).slices[1].depth
    assert scaled.frames[0] == pytest.approx(plain.frames[0] * 2.5 - 30)
    assert scaled.automatic.centre == pytest.approx(plain.automatic.centre * 2.5 - 30, rel=1e-4)
    assert (
        np.abs(
            apply_window(scaled.frames[0], scaled.automatic).astype(int)
            - apply_window(plain.frames[0], plain.automatic)
        ).max()
        <= 1
    )


@pytest.mark.parametrize(
    ("slope", "intercept"), [("1e-30", "0"), ("-1E-30", "0"), ("1e30", "0"), ("1", "1e20"), ("1e-5", "-1e9")]
)
def test_real_values_that_no_image_has_are_refused(tmp_path, slope, intercept):
    header = {"RescaleSlope": slope, "RescaleIntercept": intercept}
    loop = make.write_loop(tmp_path / "a.dcm", make.grey_loop(dtype=np.uint16, top=4000), bits=12, **header)
    for study in (make.write_study(tmp_path / "b", **header), loop):
        opened = open_path(study, cache=FrameCache())
        assert not opened.recordings
        assert "Expected a Rescale" in opened.refused[0].reason


def test_where_low_values_are_bright(tmp_path):
    stack = only(make.write_study(tmp_path / "s", PhotometricInterpretation="MONOCHROME1"))
    one = stack.slices[1]
    assert one.depth.inverted
    looked = apply_window(one.depth.frames[0], one.depth.automatic, inverted=True)
    assert np.abs(looked.astype(int) - one.frames[0]).max() <= 1


def test_an_enhanced_file_gives_its_window_frame_by_frame(tmp_path):
    header = make.enhanced_mr()
    for number, group in enumerate(header.PerFrameFunctionalGroupsSequence):
        requested = make.Dataset()
        requested.WindowCenter, requested.WindowWidth = 100 + number, 250
        group.FrameVOILUTSequence = make.Sequence([requested])
    stack = only(make.save(header, tmp_path / "e.dcm"))
    assert stack.slices[0].depth.opened == GreyWindow(105.5, 250)


def test_a_loop_of_12_bits_has_depth_and_one_of_8_has_none(tmp_path):
    frames = make.grey_loop(dtype=np.uint16, top=4000)
    deep = only(make.write_loop(tmp_path / "deep.dcm", frames, WindowCenter=2000, WindowWidth=4000))
    assert isinstance(deep, CineSequence)
    assert np.array_equal(deep.depth.frames[1], frames[1])
    assert deep.depth.opened == GreyWindow(2000, 4000)
    plain = only(make.write_loop(tmp_path / "plain.dcm"))
    assert plain.depth is None
    assert plain.seen is plain.frames


def test_values_are_decoded_once_and_forgotten_with_their_recording():
    cache, requested = FrameCache(), []

    def read(frame):
        requested.append(frame)
        return np.full((4, 5), frame, np.uint16)

    real = RealValues(read, 3, cache)
    assert real[1][0, 0] == real[1][0, 0] == 1
    assert requested == [1]
    assert len(real) == 3
    with pytest.raises(IndexError):
        real[3]
    assert cache.held_bytes == 40
    del real
    cache.put(99, 0, np.zeros(1, np.uint8))
    assert cache.held_bytes == 1


def header(**elements):
    made = Dataset()
    for name, value in elements.items():
        setattr(made, name, value)
    return made


def test_the_first_window_counts_with_its_curve():
    assert header_window(header(WindowCenter=[600, 40], WindowWidth=[1200, 80])) == GreyWindow(600, 1200)
    soft = header(WindowCenter=600, WindowWidth=1200, VOILUTFunction="SIGMOID")
    assert header_window(soft) == GreyWindow(600, 1200, "SIGMOID")
    odd = header(WindowCenter=600, WindowWidth=1200, VOILUTFunction="CUBIC")
    assert header_window(odd).curve == "LINEAR"


def test_what_is_no_window_is_none():
    assert header_window(header()) is None
    assert header_window(header(WindowCenter=600)) is None
    assert header_window(header(WindowCenter=600, WindowWidth=0)) is None
    assert header_window(header(WindowCenter=600, WindowWidth=1)) is None


def test_a_table_is_taken_for_the_line_from_black_to_white():
    rise = np.clip((np.arange(400) - 100) * 2, 0, 400).astype(int).tolist()
    table = header(LUTDescriptor=[400, 50, 16], LUTData=rise)
    found = header_window(header(VOILUTSequence=[table]))
    assert found.curve == "LINEAR_EXACT"
    low, high = found.centre - found.width / 2, found.centre + found.width / 2
    assert abs(low - 150) < 8
    assert abs(high - 350) < 8
    flat = header(LUTDescriptor=[3, 0, 16], LUTData=[5, 5, 5])
    assert header_window(header(VOILUTSequence=[flat])) is None


def test_images_viewed_together_share_a_window():
    assert common_window([None, None]) is None
    windows = [GreyWindow(100, 300), None, GreyWindow(200, 500), GreyWindow(120, 400)]
    assert common_window(windows) == GreyWindow(120, 400)
