from pathlib import Path

import numpy as np
import pydicom
import pytest

from kinecor.core.values.colours import ON_DARK
from kinecor.core.values.errors import KinecorError
from kinecor.io.write.capture import write_encapsulated, write_key_frames, write_loop
from kinecor.io.write.drawing import caption_of, draw_frame
from kinecor.io.write.values import Read
from tests.io.dicom_check import standard_errors
from tests.io.write.sources import AT, changed, read_clip, read_stack, write_clip, write_stack


@pytest.fixture(scope="module")
def loop(tmp_path_factory: pytest.TempPathFactory) -> Read:
    return read_clip(write_clip(tmp_path_factory.mktemp("clip") / "clip.dcm"))


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Read:
    return read_stack(write_stack(tmp_path_factory.mktemp("mr")))


def test_key_frames_are_ed_and_es_as_drawn(loop: Read, tmp_path: Path):
    write_key_frames(tmp_path / "key.dcm", loop, AT)
    made = pydicom.dcmread(tmp_path / "key.dcm")
    assert list(made.FrameLabelVector) == ["ED", "ES"]
    for pixels, frame in zip(made.pixel_array, (0, 6), strict=True):
        words = caption_of(loop.recording, loop.reading, frame)
        assert np.array_equal(pixels, draw_frame(loop.recording, loop.reading, frame, caption=words))
    assert made.StudyInstanceUID == loop.recording.instances[0].study
    assert made.SourceImageSequence[0].ReferencedSOPInstanceUID == loop.recording.instances[0].sop_instance
    assert "Research use only" in made.DerivationDescription
    assert standard_errors(tmp_path / "key.dcm") == []


def test_contours_are_drawn_where_they_are_in_square_pixels(loop: Read):
    image = draw_frame(loop.recording, loop.reading, 0).astype(int)
    plain = draw_frame(loop.recording, loop.reading, 0, contours=False).astype(int)
    rows, columns = image.shape[:2]
    assert (columns / rows) == pytest.approx((128 * 1.2) / (96 * 1.6), rel=0.01)
    assert rows >= 480
    for structure, colour in ON_DARK.items():
        if structure not in loop.reading.tracks:
            continue
        wanted = [int(colour[at : at + 2], 16) for at in (1, 3, 5)]
        points = loop.reading.tracks[structure].contours[0].points
        x = np.round((points[:, 0] + 0.5) * columns / 128 - 0.5).astype(int)
        y = np.round((points[:, 1] + 0.5) * rows / 96 - 0.5).astype(int)
        assert np.abs(image[y, x] - wanted).max(axis=1).mean() < 30
    assert (image != plain).any(axis=2).mean() < 0.1


def test_a_loop_has_all_frames_in_their_time(loop: Read, tmp_path: Path):
    write_loop(tmp_path / "loop.dcm", loop, AT)
    made = pydicom.dcmread(tmp_path / "loop.dcm")
    assert made.NumberOfFrames == 12
    assert made.FrameTime == pytest.approx(80)
    assert made.LossyImageCompression == "01"
    first = draw_frame(loop.recording, loop.reading, 3, caption=caption_of(loop.recording, loop.reading, 3))
    shown = pydicom.pixels.pixel_array(tmp_path / "loop.dcm", index=3)
    assert np.abs(shown.astype(int) - first).mean() < 6
    assert standard_errors(tmp_path / "loop.dcm") == []


def test_a_stack_shows_its_slices_side_by_side(stack: Read, tmp_path: Path):
    write_key_frames(tmp_path / "key.dcm", stack, AT)
    made = pydicom.dcmread(tmp_path / "key.dcm")
    assert made.NumberOfFrames == 2
    assert made.Columns == 3 * 288
    assert len(made.SourceImageSequence) == 6
    assert standard_errors(tmp_path / "key.dcm") == []


def test_without_ed_and_es_there_are_no_key_frames(loop: Read, tmp_path: Path):
    with pytest.raises(KinecorError, match="no marked ED and ES"):
        write_key_frames(tmp_path / "key.dcm", changed(loop, loop.reading.with_(events=None)), AT)


def test_a_report_is_the_same_bytes_again(loop: Read, tmp_path: Path):
    write_encapsulated(tmp_path / "report.dcm", b"%PDF-1.7 odd", loop.recording.instances, "Report", AT)
    made = pydicom.dcmread(tmp_path / "report.dcm")
    assert made.EncapsulatedDocument[: made.EncapsulatedDocumentLength] == b"%PDF-1.7 odd"
    assert made.MIMETypeOfEncapsulatedDocument == "application/pdf"
    assert standard_errors(tmp_path / "report.dcm") == []
