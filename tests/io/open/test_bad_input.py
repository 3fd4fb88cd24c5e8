"""Whatever is wrong with a file: one sentence, the rest still opens, and no other exception ever comes out."""

import gzip
import struct
import time
import tracemalloc
from contextlib import suppress

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydicom.dataset import Dataset
from pydicom.encaps import encapsulate

from kinecor.core.values.errors import KinecorError
from kinecor.core.values.recording import Stack
from kinecor.io.files.cache import FrameCache
from kinecor.io.open.recordings import open_path
from tests.io import make_dicom as make


def refusal(path):
    """The one sentence for a file that must be refused."""
    found = open_path(path, cache=FrameCache())
    assert found.recordings == ()
    (refused,) = found.refused
    assert refused.path == str(path)
    reason = refused.reason
    assert "xpected" in reason
    assert "\n" not in reason
    assert "Traceback" not in reason
    assert "Error" not in reason
    return reason


def changed(path, syntax=make.EXPLICIT, frames=None, **elements):
    header = make.loop_dataset(make.grey_loop() if frames is None else frames, syntax)
    for name, value in elements.items():
        if value is None:
            delattr(header, name)
        else:
            setattr(header, name, value)
    return make.save(header, path)


def test_empty(tmp_path):
    path = tmp_path / "a.dcm"
    path.touch()
    assert "empty" in refusal(path)


def test_text_renamed(tmp_path):
    path = tmp_path / "a.dcm"
    path.write_text("This is no picture at all.\n" * 20)
    assert "another kind of file" in refusal(path)


def test_another_kind_of_file(tmp_path):
    path = tmp_path / "a.docx"
    path.write_bytes(b"PK\3\4" + bytes(300))
    assert "another kind of file" in refusal(path)


def test_not_there(tmp_path):
    assert "check the path" in refusal(tmp_path / "nowhere.dcm")


def test_folder_of_junk(tmp_path):
    (tmp_path / "notes.txt").write_text("x")
    (tmp_path / ".hidden.dcm").write_text("x")
    (tmp_path / "table.csv").write_text("a,b")
    assert "found none" in refusal(tmp_path)


def test_unreadable_file(tmp_path, monkeypatch):
    from pathlib import Path

    path = make.write_loop(tmp_path / "a.dcm")
    real = Path.open

    def closed(self, *how, **more):
        if self.name == "a.dcm":
            raise PermissionError(13, "Permission denied")
        return real(self, *how, **more)

    monkeypatch.setattr(Path, "open", closed)
    assert "permi" in refusal(path)


def test_unreadable_folder(tmp_path, monkeypatch):
    import os

    make.write_loop(tmp_path / "a.dcm")
    (tmp_path / "shut").mkdir()
    real = os.scandir

    def closed(where):
        if str(where).endswith("shut"):
            raise PermissionError(13, "Permission denied", str(where))
        return real(where)

    monkeypatch.setattr(os, "scandir", closed)
    found = open_path(tmp_path, cache=FrameCache())
    assert len(found.recordings) == 1
    assert [one.path for one in found.refused] == [str(tmp_path / "shut")]
    assert "permi" in found.refused[0].reason


@pytest.mark.parametrize("syntax", [make.EXPLICIT, make.DEFLATED, make.RLE, make.JPEG_BASELINE])
@pytest.mark.parametrize("part", [0.05, 0.3, 0.6, 0.95])
def test_truncated(tmp_path, syntax, part):
    frames = np.random.default_rng(0).integers(0, 255, (3, 64, 64), np.uint8)
    whole = make.write_loop(tmp_path / "whole.dcm", frames, syntax=syntax).read_bytes()
    path = tmp_path / "a.dcm"
    path.write_bytes(whole[: int(len(whole) * part)])
    refusal(path)


@pytest.mark.parametrize(
    ("elements", "said"),
    [
        ({"NumberOfFrames": 0}, "NumberOfFrames of at least 1"),
        ({"NumberOfFrames": 2_000_000_000}, "frames"),
        ({"NumberOfFrames": 4}, "Expected 4 frames"),
        ({"Rows": 0}, "Rows of at least 1"),
        ({"Rows": 65535, "Columns": 65535}, "65535 x 65535"),
        ({"Rows": 8000, "Columns": 8000}, "8000 x 8000"),
        ({"Rows": None}, "Rows of at least 1"),
        ({"SamplesPerPixel": 3}, "3 samples"),
        ({"SamplesPerPixel": 7}, "7 samples"),
        ({"BitsAllocated": 1, "BitsStored": 1}, "1 of 1 bits"),
        ({"BitsStored": 40}, "40 of 8 bits"),
        ({"PhotometricInterpretation": "CMYK"}, "CMYK"),
        ({"PhotometricInterpretation": "PALETTE COLOR"}, "palette"),
        ({"PixelData": None}, "the file has none"),
        ({"PixelData": b""}, "holds 0 bytes"),
    ],
)
def test_absurd_header(tmp_path, elements, said):
    assert said in refusal(changed(tmp_path / "a.dcm", **elements))


@pytest.mark.parametrize("syntax", [make.RLE, make.JPEG_BASELINE, make.JPEG_LS, make.JPEG_2000_LOSSLESS])
@pytest.mark.parametrize(
    "elements", [{"Rows": 65535, "Columns": 1000}, {"NumberOfFrames": 2_000_000_000}, {"Rows": 23}, {"Columns": 8191}]
)
def test_absurd_header_of_a_compressed_file(tmp_path, syntax, elements):
    path = changed(tmp_path / "a.dcm", syntax, **elements)
    tracemalloc.start()
    try:
        refusal(path)
        assert tracemalloc.get_traced_memory()[1] < 8 << 20
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    ("written", "claimed"),
    [
        (make.EXPLICIT, make.JPEG_BASELINE),
        (make.JPEG_BASELINE, make.EXPLICIT),
        (make.JPEG_BASELINE, make.JPEG_2000),
        (make.JPEG_2000_LOSSLESS, make.JPEG_BASELINE),
        (make.JPEG_LS, make.JPEG_BASELINE),
        (make.JPEG_BASELINE, make.JPEG_LS),
        (make.JPEG_BASELINE, make.RLE),
        (make.RLE, make.JPEG_LOSSLESS),
    ],
)
def test_wrong_transfer_syntax(tmp_path, written, claimed):
    path = make.write_loop(tmp_path / "a.dcm", syntax=written)
    data = path.read_bytes()
    old, new = written.encode(), claimed.encode()
    at = data.index(old, 132)
    length = struct.unpack("<H", data[at - 2 : at])[0]
    padded = new.ljust(len(new) + len(new) % 2, b"\0")
    path.write_bytes(data[: at - 2] + struct.pack("<H", len(padded)) + padded + data[at + length :])
    assert "transfer syntax" in refusal(path)


def test_no_codec_for_the_syntax(tmp_path):
    header = make.loop_dataset(make.grey_loop())
    header.file_meta.TransferSyntaxUID = "1.2.840.10008.1.2.4.94"
    header.PixelData = encapsulate([b"\0" * 100])
    header["PixelData"].is_undefined_length = True
    reason = refusal(make.save(header, tmp_path / "a.dcm"))
    assert "JPIP" in reason
    assert "no codec" in reason


def test_codec_missing_from_the_installation(tmp_path, monkeypatch):
    import imagecodecs

    def missing(*_arguments, **_more):
        raise ImportError("cannot import name '_jpegls'")

    path = make.write_loop(tmp_path / "a.dcm", syntax=make.JPEG_LS)
    monkeypatch.setattr(imagecodecs, "jpegls_decode", missing)
    found = open_path(path, cache=FrameCache())
    assert "codec for this recording is missing" in found.refused[0].reason


@pytest.mark.parametrize(
    ("modality", "kind"),
    [("SEG", "segmentation"), ("RTDOSE", "other-object"), ("PR", "presentation"), ("KO", "key-objects")],
)
def test_no_image_is_listed_among_the_documents(tmp_path, modality, kind):
    found = open_path(changed(tmp_path / "a.dcm", Modality=modality), cache=FrameCache())
    assert [one.series.kind for one in found.documents] == [kind]
    assert (found.recordings, found.refused, found.reports) == ((), (), ())


def test_a_report_without_pixels(tmp_path):
    header = make.loop_dataset(make.grey_loop())
    report = Dataset()
    report.file_meta = header.file_meta
    report.SOPClassUID = report.file_meta.MediaStorageSOPClassUID = "1.2.840.10008.5.1.4.1.1.88.33"
    report.SOPInstanceUID, report.Modality = header.SOPInstanceUID, "SR"
    assert "Comprehensive SR" in refusal(make.save(report, tmp_path / "a.dcm"))


def test_damaged_frame_within_a_loop_is_reported_when_it_is_read(tmp_path):
    header = make.loop_dataset(make.grey_loop(), make.JPEG_LS)
    pieces = [make.encoded(one, make.JPEG_LS, "MONOCHROME2") for one in make.grey_loop()]
    pieces[1] = pieces[1][: len(pieces[1]) // 2]
    header.PixelData = encapsulate(pieces)
    header["PixelData"].is_undefined_length = True
    clip = open_path(make.save(header, tmp_path / "a.dcm"), cache=FrameCache()).recordings[0]
    assert clip.frames[2].shape == (24, 32)
    start = time.process_time()
    with pytest.raises(KinecorError, match="Frame 2: expected intact"):
        _ = clip.frames[1]
    # CharLS would search for the missing end for seconds.
    assert time.process_time() - start < 1


def test_file_that_disappears(tmp_path):
    path = make.write_loop(tmp_path / "a.dcm")
    clip = open_path(path, cache=FrameCache()).recordings[0]
    path.unlink()
    with pytest.raises(KinecorError, match=r"a\.dcm"):
        _ = clip.frames[2]


def test_in_a_folder_the_rest_still_opens(tmp_path):
    make.write_loop(tmp_path / "good.dcm")
    changed(tmp_path / "bad.dcm", Rows=0)
    (tmp_path / "empty.dcm").touch()
    (tmp_path / "text.dcm").write_text("hello " * 50)
    (tmp_path / "cut.nii.gz").write_bytes(b"\x1f\x8b\x08\0cut")
    (tmp_path / "cut.mp4").write_bytes(b"\0\0\0\x20ftypisom" + bytes(40))
    (tmp_path / "notes.txt").write_text("x")
    found = open_path(tmp_path, cache=FrameCache())
    assert len(found.recordings) == 1
    names = sorted(one.path.rsplit("/", 1)[1] for one in found.refused)
    assert names == ["bad.dcm", "cut.mp4", "cut.nii.gz", "empty.dcm", "text.dcm"]


def test_deflate_bomb(tmp_path, monkeypatch):
    monkeypatch.setattr("kinecor.io.files.packing._ALWAYS_BYTES", 1 << 20)
    path = make.write_loop(tmp_path / "a.dcm", np.zeros((80, 200, 200), np.uint8), syntax=make.DEFLATED)
    assert path.stat().st_size < 20_000
    assert "to hold at most" in refusal(path)


def test_nifti_bomb_is_refused_before_it_is_unpacked(tmp_path, monkeypatch):
    header = bytearray(352)
    header[:4] = (348).to_bytes(4, "little")
    header[40:56] = np.array([3, 1000, 1000, 400, 1, 1, 1, 1], "<i2").tobytes()
    header[70:74] = np.array([2, 8], "<i2").tobytes()
    header[108:112] = np.array([352], "<f4").tobytes()
    with gzip.open(tmp_path / "a.nii.gz", "wb") as packed:
        packed.write(bytes(header) + bytes(1 << 20))
    monkeypatch.setattr("kinecor.io.open.volume._sitk", None)
    assert "to hold at most" in refusal(tmp_path / "a.nii.gz")


def test_a_file_cut_off_within_its_header_is_called_cut_off(tmp_path):
    data = make.write_loop(tmp_path / "a.dcm").read_bytes()
    at = data.index(b"US", 400)  # the modality; rows and pixels follow much later
    (tmp_path / "a.dcm").write_bytes(data[: at + 10])
    assert "cut off" in refusal(tmp_path / "a.dcm")


def test_thousands_of_regions_take_no_time(tmp_path):
    path = make.write_many_regions(tmp_path / "a.dcm", 20_000)
    begun = time.process_time()
    (clip,) = open_path(path, cache=FrameCache()).recordings
    assert clip.calibration is None
    assert time.process_time() - begun < 1


def test_nothing_reaches_stderr(tmp_path, capfd):
    for number in range(12):
        data = bytearray(make.write_loop(tmp_path / "w.dcm", syntax=make.JPEG_BASELINE).read_bytes())
        rng = np.random.default_rng(number)
        for at in rng.integers(300, len(data), 12):
            data[at] ^= int(rng.integers(1, 255))
        (tmp_path / "w.dcm").write_bytes(data)
        open_path(tmp_path / "w.dcm", cache=FrameCache())
    assert capfd.readouterr().err == ""


@pytest.fixture(scope="module")
def samples(tmp_path_factory):
    """Small valid files of several kinds, as bytes."""
    folder = tmp_path_factory.mktemp("valid")
    loop = make.colour_loop(frames=2, rows=8, columns=16)
    syntaxes = (make.EXPLICIT, make.IMPLICIT, make.DEFLATED, make.RLE, make.JPEG_BASELINE, make.JPEG_LS)
    syntaxes += (make.JPEG_LOSSLESS, make.JPEG_2000_LOSSLESS)
    made = [
        make.save(make.loop_dataset(loop, one, **make.regions()), folder / f"{i}.dcm").read_bytes()
        for i, one in enumerate(syntaxes)
    ]
    made.append(make.save(make.mr_image(0, 0), folder / "mr.dcm").read_bytes())
    made.append(make.save(make.enhanced_mr(2, 2), folder / "enhanced.dcm").read_bytes())
    return made


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    which=st.integers(0, 9),
    cut=st.floats(0.5, 1.0),
    flips=st.lists(st.tuples(st.floats(0, 1), st.integers(1, 255)), max_size=8),
)
def test_any_damage_opens_or_is_refused(tmp_path, samples, which, cut, flips):
    data = bytearray(samples[which])
    for place, mask in flips:
        data[min(int(place * len(data)), len(data) - 1)] ^= mask
    path = tmp_path / "damaged.dcm"
    path.write_bytes(data[: int(len(data) * cut)])
    found = open_path(path, cache=FrameCache(1 << 20))
    assert found.recordings or found.refused
    for one in found.refused:
        assert "unforeseen" not in one.reason
    for recording in found.recordings:
        for cine in recording.slices if isinstance(recording, Stack) else (recording,):
            for frame in range(min(len(cine), 3)):
                with suppress(KinecorError):
                    assert cine.frames[frame].dtype == np.uint8
