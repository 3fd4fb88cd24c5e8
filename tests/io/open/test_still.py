import cv2
import numpy as np
import pytest
from PIL import Image

from kinecor.io.dicom.pixels import libjpeg_warns
from kinecor.io.files.cache import FrameCache
from kinecor.io.open.recordings import open_path
from tests.io import make_dicom as make


def opened(path):
    return open_path(path, cache=FrameCache())


@pytest.mark.parametrize("colour", [False, True])
def test_png(tmp_path, colour):
    truth = make.colour_loop()[0] if colour else make.grey_loop()[0]
    cv2.imwrite(str(tmp_path / "a.png"), truth[:, :, ::-1] if colour else truth)
    clip = opened(tmp_path / "a.png").recordings[0]
    assert clip.frames.shape == (1, *truth.shape)
    assert (clip.frames[0] == truth).all()
    assert clip.times_s.tolist() == [0.0]
    assert clip.calibration is None


def test_sixteen_bits_and_transparency(tmp_path):
    grey = make.grey_loop()[0]
    cv2.imwrite(str(tmp_path / "deep.png"), grey.astype(np.uint16) * 257)
    assert (opened(tmp_path / "deep.png").recordings[0].frames[0] == grey).all()
    clear = np.dstack([make.colour_loop()[0], np.full((24, 32), 7, np.uint8)])
    cv2.imwrite(str(tmp_path / "clear.png"), clear)
    assert opened(tmp_path / "clear.png").recordings[0].frames.shape == (1, 24, 32, 3)


def test_jpeg(tmp_path):
    grey = make.grey_loop()[0]
    cv2.imwrite(str(tmp_path / "a.jpg"), grey, [cv2.IMWRITE_JPEG_QUALITY, 98])
    assert np.abs(opened(tmp_path / "a.jpg").recordings[0].frames[0].astype(int) - grey).max() < 12


def test_a_jpeg_that_is_cut_off_or_damaged_is_marked(tmp_path):
    whole, path = tmp_path / "whole.jpg", tmp_path / "a.jpg"
    cv2.imwrite(str(whole), np.random.default_rng(0).integers(0, 255, (64, 64), np.uint8))
    assert not opened(whole).recordings[0].frames.repaired(0)
    data = whole.read_bytes()
    hit = bytearray(data)
    hit[len(data) // 2 : len(data) // 2 + 40] = bytes(40)
    for damaged in (data[: len(data) * 2 // 3], bytes(hit)):
        path.write_bytes(damaged)
        assert opened(path).recordings[0].frames.repaired(0)


def test_a_jpeg_that_libjpeg_reads_without_a_word_and_no_coder_wrote_is_marked(tmp_path):
    noise = cv2.GaussianBlur(np.random.default_rng(0).integers(0, 255, (64, 96, 3), np.uint8), (0, 0), 2)
    data = cv2.imencode(".jpg", noise)[1].tobytes()
    marked = silent = 0
    for at in range(data.index(b"\xff\xda") + 20, len(data) - 8, 7):
        damaged = bytearray(data)
        damaged[at] ^= 0x40
        (tmp_path / "a.jpg").write_bytes(damaged)
        if not libjpeg_warns(bytes(damaged)):
            silent += 1
            marked += opened(tmp_path / "a.jpg").recordings[0].frames.repaired(0)
    assert 0 < marked < silent  # the others are JPEGs like any other


@pytest.mark.parametrize("how", [{}, {"progressive": True}, {"optimize": True}, {"restart_marker_blocks": 3}])
@pytest.mark.parametrize("mode", ["L", "RGB", "CMYK"])
def test_sound_jpegs_are_not_marked(tmp_path, how, mode):
    noise = cv2.GaussianBlur(np.random.default_rng(0).integers(0, 255, (65, 97, 3), np.uint8), (0, 0), 2)
    Image.fromarray(noise).convert(mode).save(tmp_path / "a.jpg", quality=60, **how)
    with (tmp_path / "a.jpg").open("ab") as file:
        file.write(b"padding " * 20)
    assert not opened(tmp_path / "a.jpg").recordings[0].frames.repaired(0)


def test_images_among_recordings_are_skipped(tmp_path):
    cv2.imwrite(str(tmp_path / "a.png"), make.grey_loop()[0])
    assert len(opened(tmp_path).recordings) == 1
    make.write_loop(tmp_path / "b.dcm")
    assert [one.source.path[-5:] for one in opened(tmp_path).recordings] == ["b.dcm"]


@pytest.mark.parametrize("data", [b"", b"junk", b"\x89PNG\r\n\x1a\n" + bytes(30), b"\xff\xd8\xff\xe0" + bytes(9)])
def test_damaged(tmp_path, data):
    (tmp_path / "a.png").write_bytes(data)
    found = opened(tmp_path / "a.png")
    assert found.recordings == ()
    assert "xpected" in found.refused[0].reason


def test_absurd_size_is_refused_before_it_is_decoded(tmp_path):
    cv2.imwrite(str(tmp_path / "a.png"), make.grey_loop()[0])
    data = bytearray((tmp_path / "a.png").read_bytes())
    data[16:24] = (b"\0\0\xff\xff") * 2
    (tmp_path / "a.png").write_bytes(data)
    assert "65535 x 65535" in opened(tmp_path / "a.png").refused[0].reason
