import zipfile

import cv2
import numpy as np
import pytest
from pydicom.dataset import Dataset
from pydicom.encaps import encapsulate
from pydicom.sequence import Sequence

from kinecor.core.values.errors import Cancelled, KinecorError
from kinecor.core.values.recording import CineSequence, FrameSource
from kinecor.io.files.cache import FrameCache
from kinecor.io.open.find import sample_path
from kinecor.io.open.recordings import open_path
from tests.io import make_dicom as make


def one(path, **options):
    found = open_path(path, cache=FrameCache(0), **options)
    assert not found.refused
    (recording,) = found.recordings
    return recording


def test_the_sample_clip():
    clip = one(sample_path())
    assert isinstance(clip, CineSequence)
    assert isinstance(clip.frames, FrameSource)
    assert clip.frames.shape == (30, 240, 320, 3)
    assert clip.times_origin == "FrameTime"
    assert clip.times_s[1] == pytest.approx(0.033333)
    assert clip.calibration is None
    assert clip.offered.row_mm == pytest.approx(1.021, abs=5e-4)
    assert clip.heart_rate_per_min is None
    assert clip.source.modality == "US"
    assert clip.source.equipment == "SonoSite, Inc. Turbo 51.80.108.010"
    assert clip.source.recording_id.startswith("1.2.840.114340.3.")
    assert clip.source.patient.study_date == "20160503"
    # The sector is grey, and neither green nor pink.
    tissue = clip.frames[0][60:180, 100:220].astype(int)
    assert tissue.mean() > 20
    assert np.abs(tissue[..., 0] - tissue[..., 1]).mean() < 4


def test_header_facts(tmp_path):
    code = Dataset()
    code.CodeValue, code.CodingSchemeDesignator, code.CodeMeaning = "G-A19C", "SRT", "Apical four chamber"
    path = make.write_loop(
        tmp_path / "a.dcm",
        HeartRate=72,
        RWaveTimeVector=[110.0, 900.0],
        PatientSize="1.75",
        PatientWeight="70",
        PatientBirthDate="19600102",
        ManufacturerModelName="Model",
        SoftwareVersions=["1", "2"],
        ViewCodeSequence=Sequence([code]),
        StudyInstanceUID="1.2.3",
        **make.regions(),
    )
    clip = one(path)
    assert clip.heart_rate_per_min == 72
    assert clip.r_wave_s == (0.11, 0.9)
    assert clip.view == "A4C"
    assert clip.source.equipment == "Maker Model 1 2"
    assert (clip.source.patient.name, clip.source.patient.height_cm) == ("Test^Patient", 175)
    assert clip.source.study_id == "1.2.3"
    assert clip.source.path == str(path)
    assert dict(clip.source.extra)["Transfer syntax"] == "Explicit VR Little Endian"


@pytest.mark.parametrize(
    ("name", "view"),
    [
        ("AP4", "A4C"), ("Apical 2 chamber", "A2C"), ("APLAX", "A3C"), ("plax zoom", "PLAX"), ("SAX", None), ("", None),
        ("A4C_zoom", "A4C"), ("apical-long axis", "A3C"), ("PSAX base", "PSAX"), ("Parasternal short axis", "PSAX"),
        ("Subcostal 4CH", None), ("SAX 4chamber", None), ("short axis 4ch", None), ("RV-focused A4C", None),
        ("A4C_RV", None), ("sc 4ch", None), ("ME 4CH", None), ("A4C A2C biplane", None), ("Apical 5 chamber", None),
        ("PLAX RV inflow", None), ("AP 45", None),
    ],
)  # fmt: skip
def test_view_by_name(tmp_path, name, view):
    assert one(make.write_loop(tmp_path / "a.dcm", ViewName=name)).view == view


@pytest.mark.parametrize(
    ("written", "saved"), [("19900710", "19900710"), ("20000000", "20000000"), ("00000000", ""), ("", "")]
)
def test_zeros_of_a_birth_date_are_preserved(tmp_path, written, saved):
    assert one(make.write_loop(tmp_path / "a.dcm", PatientBirthDate=written)).source.patient.birth_date == saved


@pytest.mark.parametrize(
    ("stated", "sop", "modality"),
    [
        ("XA", make.US_MULTI_FRAME, "XA"),
        ("ct", make.US_MULTI_FRAME, "CT"),
        ("IVUS", make.US_MULTI_FRAME, "IVUS"),
        ("", make.US_MULTI_FRAME, "US"),
        ("", "1.2.840.10008.5.1.4.1.1.7.4", ""),
    ],
)
def test_the_modality_is_that_of_the_file(tmp_path, stated, sop, modality):
    path = make.write_loop(tmp_path / "a.dcm", Modality=stated, SOPClassUID=sop)
    assert one(path).source.modality == modality
    assert one(path, modality="US").source.modality == "US"


def test_the_user_goes_before_the_file(tmp_path):
    clip = one(make.write_loop(tmp_path / "a.dcm", **make.regions()), spacing_mm=(0.3, 0.2), modality="MR")
    assert (clip.calibration.row_mm, clip.calibration.col_mm) == (0.3, 0.2)
    assert "given by the user" in clip.calibration_origin
    assert clip.region is not None
    assert clip.source.modality == "MR"


@pytest.mark.parametrize(
    "options", [{"modality": "CT"}, {"third_axis": "x"}, {"spacing_mm": (0, 1)}, {"spacing_mm": (float("nan"), 1)}]
)
def test_an_option_that_is_none_of_the_choices(tmp_path, options):
    with pytest.raises(KinecorError, match="expected"):
        open_path(tmp_path, **options)


@pytest.mark.parametrize(
    ("uid", "saved"), [("1.2.840.1", True), ("../../etc/passwd", False), ("1.2 3", False), ("", False)]
)
def test_identities_are_fit_for_file_names(tmp_path, uid, saved):
    header = make.loop_dataset(make.grey_loop())
    header.SOPInstanceUID = uid
    header.save_as(tmp_path / "a.dcm", implicit_vr=False, little_endian=True)
    first = one(tmp_path / "a.dcm").source.recording_id
    assert first == one(tmp_path / "a.dcm").source.recording_id
    assert (first == uid) is saved
    assert not set(first) & set("/\\ ")
    assert first[0].isalnum()


def test_a_folder_is_searched_and_ordered_by_its_numbers(tmp_path):
    (tmp_path / "deep" / "er").mkdir(parents=True)
    for name in ("deep/er/10.dcm", "9.dcm", "deep/er/1.dcm"):
        make.write_loop(tmp_path / name)
    (tmp_path / "readme.txt").write_text("x")
    found = open_path(tmp_path, cache=FrameCache())
    assert [r.source.path.rsplit("/", 1)[1] for r in found.recordings] == ["9.dcm", "1.dcm", "10.dcm"]
    assert found.refused == ()


def test_a_copy_is_opened_once_and_a_false_twin_gets_a_new_name(tmp_path):
    path = make.write_loop(tmp_path / "a.dcm", SOPInstanceUID="1.2.3")
    (tmp_path / "b.dcm").write_bytes(path.read_bytes())
    make.write_loop(tmp_path / "c.dcm", make.colour_loop(), SOPInstanceUID="1.2.3")
    found = open_path(tmp_path, cache=FrameCache())
    ids = {r.frames.shape: r.source.recording_id for r in found.recordings}
    assert sorted(ids.values()) == sorted(f"1.2.3-{r.source.digest[:12]}" for r in found.recordings)
    assert len(set(ids.values())) == 2
    assert all("same identity" in r.warnings[-1] for r in found.recordings)
    # Whatever they are called, and whatever a further one holds.
    (tmp_path / "c.dcm").rename(tmp_path / "0.dcm")
    make.write_loop(tmp_path / "1.dcm", make.grey_loop(frames=7), SOPInstanceUID="1.2.3")
    again = {r.frames.shape: r.source.recording_id for r in open_path(tmp_path, cache=FrameCache()).recordings}
    assert len(again) == 3
    assert again | ids == again


def test_a_twin_that_differs_in_its_last_frame_only_is_no_copy(tmp_path):
    frames = make.grey_loop()
    make.write_loop(tmp_path / "a.dcm", frames, SOPInstanceUID="1.2.3")
    frames[-1, 5, 5] ^= 1
    make.write_loop(tmp_path / "b.dcm", frames, SOPInstanceUID="1.2.3")
    assert len(open_path(tmp_path, cache=FrameCache()).recordings) == 2


def test_the_study_of_a_recording_without_one_does_not_depend_on_the_folder(tmp_path):
    cv2.imwrite(str(tmp_path / "a.png"), make.grey_loop()[0])
    alone = one(tmp_path / "a.png").source
    cv2.imwrite(str(tmp_path / "b.png"), make.grey_loop()[1])
    both = [r.source for r in open_path(tmp_path, cache=FrameCache()).recordings]
    assert both[0].study_id == alone.study_id == alone.recording_id
    assert both[1].study_id != alone.study_id
    assert (
        one(make.write_loop(tmp_path / "c.dcm", StudyInstanceUID="", SOPInstanceUID="1.2.7")).source.study_id == "1.2.7"
    )


def split(header, loop, stated):
    """`header` with each frame of `loop` in two pieces, no offset table, and `stated` as its number of frames."""
    header.NumberOfFrames = stated
    if stated is None:
        del header.NumberOfFrames
    pieces = [make.encoded(one, make.JPEG_BASELINE, "MONOCHROME2") for one in loop]
    pieces = [half for one in pieces for half in (one[: len(one) // 4 * 2], one[len(one) // 4 * 2 :])]
    header.PixelData = encapsulate(pieces, has_bot=False)
    header["PixelData"].is_undefined_length = True
    return header


@pytest.mark.parametrize("stated", [None, 1])
@pytest.mark.parametrize("syntax", [make.EXPLICIT, make.RLE, make.JPEG_LS, make.JPEG_2000_LOSSLESS])
def test_a_loop_that_calls_itself_a_still_is_opened_whole(tmp_path, syntax, stated):
    header = make.loop_dataset(make.grey_loop(frames=4), syntax)
    header.NumberOfFrames = stated
    if stated is None:
        del header.NumberOfFrames
    clip = one(make.save(header, tmp_path / "a.dcm"))
    assert len(clip) == 4
    assert (clip.frames[3] == make.grey_loop(frames=4)[3]).all()
    assert "declares one frame, the file holds 4" in clip.warnings[0]
    assert clip.times_s[1] == pytest.approx(0.04)


def test_frames_in_pieces_are_counted_by_their_beginnings(tmp_path):
    loop = make.grey_loop(frames=4)
    header = make.loop_dataset(loop, make.JPEG_BASELINE)
    assert len(one(make.save(split(header, loop, None), tmp_path / "a.dcm"))) == 4
    still = one(make.save(split(header, loop[:1], 1), tmp_path / "b.dcm"))
    assert (len(still), still.warnings) == (1, ())
    assert abs(still.frames[0].astype(int) - loop[0]).mean() < 5


def test_without_preamble_and_ending(tmp_path):
    data = make.write_loop(tmp_path / "a.dcm").read_bytes()
    (tmp_path / "a.dcm").unlink()
    (tmp_path / "IM0001").write_bytes(data[132:])
    assert (one(tmp_path).frames[1] == make.grey_loop()[1]).all()


def test_zip(tmp_path):
    make.write_loop(tmp_path / "a.dcm", syntax=make.JPEG_LS)
    with zipfile.ZipFile(tmp_path / "study.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(tmp_path / "a.dcm", "deep/a.dcm")
        archive.writestr("notes.txt", "x")
        archive.writestr("__MACOSX/._a.dcm", "x")
        archive.writestr("../evil.dcm", (tmp_path / "a.dcm").read_bytes())
        archive.writestr("/evil.dcm", "x")
    found = open_path(tmp_path / "study.zip", cache=FrameCache(0))
    (clip,) = found.recordings
    assert clip.source.path == str(tmp_path / "study.zip" / "deep/a.dcm")
    assert (clip.frames[2] == make.grey_loop()[2]).all()
    assert len(found.refused) == 2
    assert all("leads out of it" in one.reason for one in found.refused)
    assert not (tmp_path.parent / "evil.dcm").exists()


def test_everything_in_a_zip_outlives_the_opening(tmp_path):
    import gc

    cv2.imwrite(str(tmp_path / "a.png"), make.grey_loop()[0])
    video = cv2.VideoWriter(str(tmp_path / "a.avi"), cv2.VideoWriter_fourcc(*"MJPG"), 25, (64, 48))
    for grey in (50, 100, 150):
        video.write(np.full((48, 64, 3), grey, np.uint8))
    video.release()
    make.write_loop(tmp_path / "a.dcm", syntax=make.DEFLATED)
    for name in ("a.png", "a.avi", "a.dcm"):
        with zipfile.ZipFile(tmp_path / "study.zip", "w") as archive:
            archive.write(tmp_path / name, name)
        clip = one(tmp_path / "study.zip")
        gc.collect()
        assert clip.frames[len(clip) - 1].any(), name


def test_zip_leaves_no_folder_behind(tmp_path, monkeypatch):
    import gc
    import tempfile

    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temp"))
    (tmp_path / "temp").mkdir()
    make.write_loop(tmp_path / "a.dcm")
    with zipfile.ZipFile(tmp_path / "study.zip", "w") as archive:
        archive.write(tmp_path / "a.dcm", "a.dcm")
    found = open_path(tmp_path / "study.zip", cache=FrameCache())
    assert list((tmp_path / "temp").iterdir())
    del found
    gc.collect()
    assert not list((tmp_path / "temp").iterdir())


@pytest.mark.parametrize("data", [b"PK\3\4" + bytes(100), b"PK\5\6" + bytes(18)])
def test_damaged_or_empty_zip(tmp_path, data):
    (tmp_path / "a.zip").write_bytes(data)
    found = open_path(tmp_path / "a.zip", cache=FrameCache())
    assert found.recordings == ()
    assert "zip" in found.refused[0].reason


def test_zip_bomb(tmp_path, monkeypatch):
    monkeypatch.setattr("kinecor.io.open.find.MAX_BYTES", 1 << 20)
    with zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.dcm", bytes(2 << 20))
    assert "unpacks to 2 MB" in open_path(tmp_path / "a.zip").refused[0].reason


def test_dicomdir(tmp_path):
    from pydicom.fileset import FileSet

    files = FileSet()
    files.add(make.loop_dataset(make.grey_loop(), StudyDate="20200101", StudyTime="101010", StudyID="1",
                                SeriesNumber=1, InstanceNumber=1, AccessionNumber=""))  # fmt: skip
    files.write(tmp_path / "disc")
    files._stage["t"].cleanup()
    named = tmp_path / "disc" / "DICOMDIR"
    clip = one(named)
    assert (clip.frames[1] == make.grey_loop()[1]).all()
    assert one(tmp_path / "disc").source.recording_id == clip.source.recording_id
    from pathlib import Path

    Path(clip.source.path).unlink()
    assert "DICOMDIR names" in open_path(named).refused[0].reason


def test_progress_and_cancelling(tmp_path):
    for number in range(3):
        make.write_loop(tmp_path / f"{number}.dcm")
    ticks = []
    open_path(tmp_path, cache=FrameCache(), tick=lambda done, total: ticks.append((done, total)))
    assert ticks == [(0, 3), (1, 3), (2, 3), (3, 3)]

    def stop(done, total):
        if done == 1:
            raise Cancelled

    with pytest.raises(Cancelled):
        open_path(tmp_path, cache=FrameCache(), tick=stop)


def test_cancel_acts_while_a_folder_is_searched_or_a_file_is_read(tmp_path):
    """Without waiting for the end of a file: progress is reported for each of these before the first file is done."""
    for number in range(40):
        (tmp_path / "many").mkdir(exist_ok=True)
        (tmp_path / "many" / f"{number}.txt").write_text("x")
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("a.txt", bytes(4 << 20))
    video = cv2.VideoWriter(str(tmp_path / "a.avi"), cv2.VideoWriter_fourcc(*"MJPG"), 25, (64, 48))
    for _ in range(20):
        video.write(np.zeros((48, 64, 3), np.uint8))
    video.release()
    cv2.imwrite(str(tmp_path / "a.png"), make.grey_loop()[0])
    for name, before in (("many", 1), ("a.zip", 1), ("a.avi", 2), ("a.png", 2)):
        ticks = []

        def stop(done, total, ticks=ticks, before=before):
            ticks.append((done, total))
            if len(ticks) == before:
                raise Cancelled

        with pytest.raises(Cancelled):
            open_path(tmp_path / name, cache=FrameCache(), tick=stop)
        assert ticks[-1] in {(0, 0), (0, 1)}, name


def test_same_input_same_result(tmp_path):
    make.write_study(tmp_path / "mr", shuffle=np.random.default_rng(0))
    make.write_loop(tmp_path / "us.dcm")
    ids = [
        [getattr(r, "slices", (r,))[0].source.recording_id for r in open_path(tmp_path).recordings] for _ in range(2)
    ]
    assert ids[0] == ids[1]


def test_real_clips(shared_data):
    found = open_path(shared_data / "echo-clips", cache=FrameCache())
    assert found.refused == ()
    by_name = {r.source.path.rsplit("/", 1)[1]: r for r in found.recordings}
    child = by_name["paediatric-jpeg-ybr.dcm"]
    assert (child.calibration.row_mm, child.calibration.col_mm) == pytest.approx((0.22857, 0.28571), abs=1e-5)
    assert child.heart_rate_per_min == 117
    assert len(child) == 34
    flow = by_name["plax-colour-palette-rle.dcm"]
    assert flow.frames.shape == (10, 430, 600, 3)
    assert flow.calibration is None
    assert by_name["A4C.mp4"].frames.shape[0] == 64


def test_a_pipe_is_refused_and_does_not_hang(tmp_path):
    import os

    os.mkfifo(tmp_path / "a.dcm")
    assert "pipe" in open_path(tmp_path / "a.dcm").refused[0].reason
    assert "found none" in open_path(tmp_path).refused[0].reason


def test_a_path_that_is_none():
    assert "check" in open_path("a\0b").refused[0].reason


def test_opening_in_several_threads_at_once(tmp_path):
    from concurrent.futures import ThreadPoolExecutor

    for number in range(4):
        make.write_loop(tmp_path / f"{number}.dcm", syntax=make.JPEG_LS, PatientBirthDate="no date")
    cache = FrameCache()
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: open_path(tmp_path, cache=cache), range(12)))
    assert {len(one.recordings) for one in found} == {4}
    assert {one.refused for one in found} == {()}


def test_importing_leaves_the_heavy_libraries_alone():
    import subprocess
    import sys

    script = (
        "import sys; from kinecor.io.open.recordings import open_path; from kinecor.io.open.find import sample_path;"
        "open_path(sample_path()).recordings[0].frames[5];"
        "print([one for one in ('torch', 'PySide6', 'SimpleITK', 'cv2', 'scipy') if one in sys.modules])"
    )
    result = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"
    assert result.stderr == ""


def test_folders_nested_beyond_reason_are_named_and_the_rest_opens(tmp_path):
    make.write_loop(tmp_path / "a.dcm")
    deep = tmp_path
    for _ in range(110):
        deep = deep / "d"
    deep.mkdir(parents=True)
    found = open_path(tmp_path, cache=FrameCache())
    assert len(found.recordings) == 1
    assert "100 deep" in found.refused[0].reason


def test_a_name_that_the_disk_cannot_hold_leaves_the_rest_of_a_zip(tmp_path):
    path = make.write_loop(tmp_path / "a.dcm")
    with zipfile.ZipFile(tmp_path / "z.zip", "w") as packed:
        packed.write(path, "ok.dcm")
        packed.write(path, "x" * 300 + ".dcm")
    found = open_path(tmp_path / "z.zip", cache=FrameCache())
    assert len(found.recordings) == 1
    assert "too long" in found.refused[0].reason
