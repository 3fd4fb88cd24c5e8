import numpy as np
import pytest

from kinecor.core.values.errors import Cancelled
from kinecor.io.dicom.header import read_dicom
from kinecor.io.dicom.layout import read_layout
from kinecor.io.dicom.pixels import DicomPixels, content_digest, pixel_digest
from kinecor.io.files.cache import FrameCache
from kinecor.io.open.recordings import open_path
from tests.io import make_dicom as make


def digest(path, most_bytes=1 << 20):
    layout, table = read_layout(file := read_dicom(path))
    pixels = DicomPixels(file.path, layout, table, file.keep)
    return pixel_digest([(pixels, frame) for frame in range(len(pixels))], most_bytes)


@pytest.mark.parametrize("syntax", [make.EXPLICIT, make.DEFLATED, make.RLE, make.JPEG_LS])
@pytest.mark.parametrize("frame", range(5))
def test_any_frame_counts(tmp_path, syntax, frame):
    frames = make.grey_loop(frames=5)
    first = digest(make.write_loop(tmp_path / "a.dcm", frames, syntax=syntax))
    assert digest(make.write_loop(tmp_path / "b.dcm", frames, syntax=syntax)) == first
    frames[frame, 5, 5] ^= 1
    assert digest(make.write_loop(tmp_path / "c.dcm", frames, syntax=syntax)) != first


def test_of_a_large_loop_the_first_middle_and_last_frame_and_all_lengths_count(tmp_path):
    noise = np.random.default_rng(0).integers(0, 255, (9, 24, 32), np.uint8)
    first = digest(make.write_loop(tmp_path / "a.dcm", noise), most_bytes=24 * 32)
    for frame in range(9):
        changed = noise.copy()
        changed[frame, 5, 5] ^= 1
        other = digest(make.write_loop(tmp_path / "b.dcm", changed), most_bytes=24 * 32)
        assert (other != first) == (frame in (0, 4, 8))
    packed = digest(make.write_loop(tmp_path / "a.dcm", noise, syntax=make.RLE), most_bytes=1)
    noise[2] = 0
    assert digest(make.write_loop(tmp_path / "b.dcm", noise, syntax=make.RLE), most_bytes=1) != packed


def test_the_shape_counts(tmp_path):
    frames = np.arange(4 * 24 * 32, dtype=np.uint32).astype(np.uint8).reshape(4, 24, 32)
    first = digest(make.write_loop(tmp_path / "a.dcm", frames))
    assert digest(make.write_loop(tmp_path / "b.dcm", frames.reshape(4, 32, 24))) != first


def test_every_slice_of_a_stack_has_one(tmp_path):
    (stack,) = open_path(make.write_study(tmp_path / "mr"), cache=FrameCache()).recordings
    assert len({one.source.digest for one in stack.slices}) == 3


def test_reading_a_large_file_can_be_cancelled(tmp_path):
    def stop(done, total):
        raise Cancelled

    (tmp_path / "a").write_bytes(bytes(100))
    with pytest.raises(Cancelled):
        content_digest([tmp_path / "a"], stop)
