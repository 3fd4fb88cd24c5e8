"""Damage in lossless JPEG shows by the stream itself."""

import imagecodecs
import numpy as np
import pytest

from kinecor.io.dicom.jpeg_lossless import is_intact
from tests.fuzz.lossless import STREAMS, coded, run


def decoded(data: bytes, colour: bool) -> np.ndarray:
    space = {"colorspace": "RGB", "outcolorspace": "RGB"} if colour else {}
    return imagecodecs.jpeg8_decode(data, **space)


@pytest.mark.parametrize("stream", STREAMS)
def test_sound_streams_are_intact(stream: str):
    for data in coded(stream):
        assert is_intact(data, decoded(data, STREAMS[stream][1])) is True
        assert is_intact(data + b"\0", decoded(data, STREAMS[stream][1])) is True


def test_every_predictor_and_sixteen_bits_are_read():
    image = np.random.default_rng(1).integers(0, 1 << 16, (9, 13), dtype=np.uint16)
    for predictor in range(1, 8):
        data = imagecodecs.jpeg8_encode(image, lossless=True, predictor=predictor, bitspersample=16)
        assert is_intact(data, image) is True
        assert is_intact(data, image ^ 1) is False


def test_one_changed_bit_of_coded_data_that_can_be_seen_shows_nearly_always():
    (data, *_) = coded("grey, predictor 4")
    sound = decoded(data, False).astype(int)
    start = data.index(b"\xff\xda") + 10
    visible = marked = 0
    for at in range(start, len(data) - 2, 7):
        changed = bytearray(data)
        changed[at] ^= 16
        found = decoded(bytes(changed), False)
        if (abs(found.astype(int) - sound) > 24).mean() > 0.004:
            visible += 1
            marked += is_intact(bytes(changed), found) is False
    assert visible > 50
    assert marked >= 0.95 * visible


def test_what_is_no_lossless_jpeg_is_not_judged():
    image = np.zeros((16, 16), np.uint8)
    assert is_intact(imagecodecs.jpeg8_encode(image), image) is None


def test_of_damaged_frames_hardly_one_opens_without_a_mark():
    ends = run(56, 3)
    total = sum(ends.values(), start=type(next(iter(ends.values())))())
    assert total["silent"] <= 1
    assert not total["fault"]
    assert not total["marked though sound"]
