"""Golden decodes: a known image encoded in every transfer syntax must decode to the same values."""

import numpy as np
import pytest

from kinecor.io.files.cache import FrameCache
from kinecor.io.open.recordings import open_path
from tests.io import make_dicom as make


def opened(path):
    found = open_path(path, cache=FrameCache())
    assert not found.refused
    (clip,) = found.recordings
    return np.stack([clip.frames[i] for i in range(len(clip))])


def apart(one, other):
    assert one.shape == other.shape
    return np.abs(one.astype(int) - other.astype(int)).max()


@pytest.mark.parametrize("syntax", [*make.NATIVE, *make.LOSSLESS])
def test_grey_without_loss(tmp_path, syntax):
    truth = make.grey_loop()
    assert apart(opened(make.write_loop(tmp_path / "a.dcm", truth, syntax=syntax)), truth) == 0


@pytest.mark.parametrize("syntax", [*make.LOSSY, make.JPEG_EXTENDED])
def test_grey_with_loss(tmp_path, syntax):
    y, x = np.mgrid[0:48, 0:64]
    truth = np.stack([(x * 2 + y + 3 * t).astype(np.uint8) for t in range(2)])
    assert apart(opened(make.write_loop(tmp_path / "a.dcm", truth, syntax=syntax)), truth) <= 4


@pytest.mark.parametrize("syntax", [*make.NATIVE, *make.LOSSLESS])
def test_rgb_without_loss(tmp_path, syntax):
    truth = make.colour_loop()
    assert apart(opened(make.write_loop(tmp_path / "a.dcm", truth, syntax=syntax)), truth) == 0


@pytest.mark.parametrize("planar", [0, 1])
@pytest.mark.parametrize("syntax", make.NATIVE)
def test_planar_configuration(tmp_path, syntax, planar):
    truth = make.colour_loop()
    assert apart(opened(make.write_loop(tmp_path / "a.dcm", truth, syntax=syntax, planar=planar)), truth) == 0


@pytest.mark.parametrize(
    ("syntax", "photometric", "tolerance"),
    [
        (make.EXPLICIT, "YBR_FULL", 2),
        (make.IMPLICIT, "YBR_FULL_422", 2),
        (make.BIG_ENDIAN, "YBR_FULL_422", 2),
        (make.RLE, "YBR_FULL", 2),
        (make.JPEG_BASELINE, "YBR_FULL", 12),
        (make.JPEG_BASELINE, "YBR_FULL_422", 12),
        (make.JPEG_BASELINE, "RGB", 12),
        (make.JPEG_LOSSLESS, "YBR_FULL", 2),
        (make.JPEG_LS, "YBR_FULL", 2),
        (make.JPEG_2000_LOSSLESS, "YBR_RCT", 0),
        (make.JPEG_2000_LOSSLESS, "YBR_FULL", 2),
        (make.JPEG_2000, "YBR_ICT", 12),
        (make.JPEG_2000, "RGB", 12),
        (make.JPEG_LS_NEAR, "RGB", 2),
    ],
)
def test_colours_stay_what_they_are(tmp_path, syntax, photometric, tolerance):
    truth = make.colour_loop(frames=2, rows=32, columns=80)
    found = opened(make.write_loop(tmp_path / "a.dcm", truth, syntax=syntax, photometric=photometric))
    assert apart(within_bars(found), within_bars(truth)) <= tolerance


def within_bars(loop):
    """The columns well within a bar of `make.colour_loop(columns=80)`: where chroma is shared, edges bleed."""
    return loop[:, :, [bar * 16 + i for bar in range(5) for i in (4, 11)]]


def test_jpeg_that_is_ybr_under_an_rgb_header_does_not_turn_green(tmp_path):
    truth = make.colour_loop(frames=1, rows=32, columns=80)
    header = make.loop_dataset(truth, make.JPEG_BASELINE, "YBR_FULL_422")
    header.PhotometricInterpretation = "RGB"
    assert apart(within_bars(opened(make.save(header, tmp_path / "a.dcm"))), within_bars(truth)) <= 12


def test_jpeg_whose_marker_says_rgb_is_rgb_under_a_ybr_header(tmp_path):
    truth = make.colour_loop(frames=1, rows=32, columns=40)
    header = make.loop_dataset(truth, make.JPEG_BASELINE, "RGB")
    header.PhotometricInterpretation = "YBR_FULL"
    assert apart(opened(make.save(header, tmp_path / "a.dcm")), truth) <= 12


def palette_file(path, syntax, bits, values):
    """Index i has the colour (i, 255 - i, i // 2)."""
    index = np.stack([values, values[::-1]])
    header = make.loop_dataset(index, syntax, "PALETTE COLOR")
    entries = np.arange(256)
    for name, column in (("Red", entries), ("Green", 255 - entries), ("Blue", entries // 2)):
        setattr(header, f"{name}PaletteColorLookupTableDescriptor", [256, 0, bits])
        stored = column.astype(np.uint16) * 257 if bits == 16 else column.astype(np.uint8)
        setattr(header, f"{name}PaletteColorLookupTableData", stored.astype(stored.dtype.newbyteorder("<")).tobytes())
    make.save(header, path)
    return np.stack([index, 255 - index, index // 2], axis=-1)


@pytest.mark.parametrize("bits", [8, 16])
@pytest.mark.parametrize("syntax", [make.EXPLICIT, make.RLE, make.DEFLATED])
def test_palette(tmp_path, syntax, bits):
    values = np.arange(24 * 32, dtype=np.uint16).reshape(24, 32).astype(np.uint8)
    truth = palette_file(tmp_path / "a.dcm", syntax, bits, values)
    assert apart(opened(tmp_path / "a.dcm"), truth) == 0


def test_palette_that_claims_16_bits_and_has_8(tmp_path):
    values = np.arange(24 * 32, dtype=np.uint16).reshape(24, 32).astype(np.uint8)
    header = make.loop_dataset(values[None], photometric="PALETTE COLOR")
    for name in ("Red", "Green", "Blue"):
        setattr(header, f"{name}PaletteColorLookupTableDescriptor", [256, 0, 16])
        setattr(header, f"{name}PaletteColorLookupTableData", np.arange(256, dtype="<u2").tobytes())
    make.save(header, tmp_path / "a.dcm")
    assert apart(opened(tmp_path / "a.dcm")[..., 0], values[None]) == 0


def test_monochrome1_is_inverted(tmp_path):
    truth = make.grey_loop()
    found = opened(make.write_loop(tmp_path / "a.dcm", truth, photometric="MONOCHROME1"))
    assert apart(found, 255 - truth) == 0


@pytest.mark.parametrize(
    "syntax", [make.EXPLICIT, make.BIG_ENDIAN, make.RLE, make.JPEG_LOSSLESS, make.JPEG_LS, make.JPEG_2000_LOSSLESS]
)
def test_twelve_bits_through_the_window_of_the_header(tmp_path, syntax):
    deep = make.grey_loop(dtype=np.uint16, top=4095)
    path = make.write_loop(tmp_path / "a.dcm", deep, syntax=syntax, bits=12, WindowCenter="2048", WindowWidth="4096")
    assert apart(opened(path), np.rint(deep / 4095 * 255).astype(np.uint8)) <= 1


def test_twelve_bit_jpeg(tmp_path):
    y, x = np.mgrid[0:48, 0:64]
    deep = np.stack([(x * 32 + y * 16).astype(np.uint16)] * 2)
    path = make.write_loop(
        tmp_path / "a.dcm", deep, syntax=make.JPEG_EXTENDED, bits=12, WindowCenter="2048", WindowWidth="4096"
    )
    assert apart(opened(path), np.rint(deep / 4095 * 255).astype(np.uint8)) <= 2


def test_many_bits_without_a_window_fill_the_range(tmp_path):
    deep = make.grey_loop(dtype=np.uint16, top=900)
    found = opened(make.write_loop(tmp_path / "a.dcm", deep, bits=16))
    assert found.min() == 0
    assert found.max() == 255
    order = np.argsort(deep[0], axis=None)
    assert (np.diff(found[0].ravel()[order].astype(int)) >= 0).all()


def test_the_order_of_signed_values_is_preserved(tmp_path):
    deep = (make.grey_loop(dtype=np.int16, top=900) - 400).astype(np.int16)
    found = opened(make.write_loop(tmp_path / "a.dcm", deep, WindowCenter="50", WindowWidth="902"))
    assert apart(found, np.rint((deep + 400) / 901 * 255).astype(np.uint8)) <= 1


def test_bits_above_the_stored_ones_are_not_looked_at(tmp_path):
    truth = make.grey_loop(dtype=np.uint16, top=4095)
    header = make.loop_dataset(truth | 0x8000, bits=12, WindowCenter="2048", WindowWidth="4096")
    found = opened(make.save(header, tmp_path / "a.dcm"))
    assert apart(found, np.rint(truth / 4095 * 255).astype(np.uint8)) <= 1


def test_frames_in_several_pieces_are_put_together(tmp_path):
    from pydicom.encaps import encapsulate

    truth = make.grey_loop()
    pieces = [make.encoded(one, make.JPEG_LS, "MONOCHROME2") for one in truth]
    header = make.loop_dataset(truth, make.JPEG_LS)
    for has_bot in (True, False):
        header.PixelData = encapsulate(pieces, fragments_per_frame=3, has_bot=has_bot)
        header["PixelData"].is_undefined_length = True
        assert apart(opened(make.save(header, tmp_path / f"{has_bot}.dcm")), truth) == 0


@pytest.mark.parametrize("syntax", [make.EXPLICIT, make.DEFLATED, *make.LOSSLESS])
@pytest.mark.parametrize("make_loop", [make.grey_loop, make.colour_loop])
def test_odd_sizes(tmp_path, syntax, make_loop):
    truth = make_loop(frames=2, rows=7, columns=15)
    assert apart(opened(make.write_loop(tmp_path / "a.dcm", truth, syntax=syntax)), truth) == 0


def test_a_single_frame_without_number_of_frames(tmp_path):
    truth = make.colour_loop(frames=1)
    header = make.loop_dataset(truth)
    del header.NumberOfFrames
    assert apart(opened(make.save(header, tmp_path / "a.dcm")), truth) == 0


def test_422_in_the_header_but_full_chroma_in_the_data(tmp_path):
    truth = make.colour_loop(frames=2)
    header = make.loop_dataset(truth, photometric="YBR_FULL")
    header.PhotometricInterpretation = "YBR_FULL_422"
    assert apart(opened(make.save(header, tmp_path / "a.dcm")), truth) <= 2


def test_agrees_with_pydicom_on_pydicom_s_files():
    """Every loop and image that ships with pydicom and that its own decoders manage, to the last grey level."""
    import warnings
    from pathlib import Path

    from pydicom.data import get_testdata_file
    from pydicom.pixels import pixel_array

    compared = 0
    for name in sorted(p.name for p in Path(str(get_testdata_file("SC_rgb_rle.dcm"))).parent.glob("SC_*.dcm")):
        path = get_testdata_file(name)
        found = open_path(path, cache=FrameCache())
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                truth = pixel_array(path, index=0)
        except (RuntimeError, ValueError):
            continue
        if truth.dtype != np.uint8:
            continue
        compared += 1
        assert not found.refused, name
        assert apart(found.recordings[0].frames[0], truth) <= 1, name
    assert compared >= 15
