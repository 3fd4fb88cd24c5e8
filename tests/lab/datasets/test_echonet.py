import cv2
import numpy as np
import pytest

from kinecor_lab.datasets.clip import NOT_CAVITY
from kinecor_lab.datasets.data_folder import kind_of, labelled_frames
from kinecor_lab.datasets.echonet import BEFORE, MOST, echonet_frames, echonet_sequences, outline, videos
from kinecor_lab.datasets.samples import DataSetError
from tests.lab.public_sets import write_echonet


@pytest.fixture(scope="module")
def echonet(tmp_path_factory):
    return write_echonet(tmp_path_factory.mktemp("echonet"))


def test_chords_become_an_outline():
    chords = np.array([(5, 0, 5, 20), (4, 1, 6, 1), (3, 10, 7, 10), (4, 19, 6, 19)], float)
    assert outline(chords).tolist() == [[4, 1], [3, 10], [4, 19], [6, 19], [7, 10], [6, 1]]


def test_videos_are_split_by_their_table(echonet):
    assert kind_of(echonet) == "echonet"
    assert [[one.name for one in videos(echonet, [split])] for split in ("train", "valid", "test")] == [
        ["0X1A"],
        ["0X2A"],
        ["0X3A"],
    ]


def test_frames_say_what_is_cavity_and_what_is_anything_else(echonet):
    ed, es = labelled_frames(echonet, ["train"])
    assert (ed.phase, es.phase) == ("ED", "ES")
    assert set(np.unique(ed.label)) == {1, NOT_CAVITY}
    # Ellipses of half axes 20 (12) and 32, cut off a little at both ends.
    assert (ed.label == 1).sum() == pytest.approx(np.pi * 20 * 32, rel=0.06)
    assert (es.label == 1).sum() == pytest.approx(np.pi * 12 * 32, rel=0.06)
    assert np.isnan(ed.spacing_mm)


def test_sequences_hold_the_traced_beat_and_interpolate_it(echonet):
    (clip,) = echonet_sequences(echonet, ["valid"], 56)
    assert (clip.ed, clip.es) == ((4,), (12,))
    assert clip.frames.shape == (20, 56, 56)  # frame 4 has less than BEFORE frames before it
    assert BEFORE > 4
    areas = (clip.labels[4:13] == 1).sum(axis=(1, 2))
    assert (np.diff(areas) <= 0).all()
    assert areas[4] == pytest.approx((areas[0] + areas[-1]) / 2, rel=0.05)
    assert np.flatnonzero(clip.labelled).tolist() == list(range(4, 13))
    (sparse,) = echonet_sequences(echonet, ["valid"], 56, interpolate=False)
    assert np.flatnonzero(sparse.labelled).tolist() == [4, 12]


def test_what_is_missing_or_damaged_is_named(tmp_path):
    folder = write_echonet(tmp_path, videos=1)
    video, table = folder / "Videos" / "0X1A.avi", folder / "VolumeTracings.csv"
    text = table.read_text()
    table.write_text(text.replace("X1,", "A,", 1))
    with pytest.raises(DataSetError, match="found no X1"):
        videos(folder, ["train"])
    table.write_text(text.replace(",12\n", ",twelve\n", 1).replace(",12\r\n", ",twelve\r\n", 1))
    with pytest.raises(DataSetError, match="expected numbers"):
        videos(folder, ["train"])
    table.write_text(text.replace(",12", ",50"))
    with pytest.raises(DataSetError, match=r"expected frame 50 in .*, found 20 frames"):
        labelled_frames(folder, ["train"])
    table.write_text(text)
    with pytest.raises(DataSetError, match="no traced video of split valid"):
        videos(folder, ["valid"])
    video.unlink()
    with pytest.raises(DataSetError, match=r"expected a video at .*0X1A\.avi"):
        labelled_frames(folder, ["train"])
    table.unlink()
    with pytest.raises(DataSetError, match=r"expected VolumeTracings\.csv"):
        videos(folder, ["train"])


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            ",50,20,TRAIN",
            ",fifty,20,TRAIN",
            r"FileList\.csv, line 2: expected frames a second .*, got fifty",
        ),
        (",50,20,TRAIN", ",0,20,TRAIN", r"line 2: expected frames a second as FPS, above 0, got 0"),
        (",50,20,TRAIN", ",nan,20,TRAIN", r"line 2: .*got nan"),
        (",50,20,VAL", ",50,20,VALID", r"FileList\.csv, line 3: expected a Split of TRAIN, VAL, TEST, got VALID"),
        (",50,20,VAL", ",50,20", r"line 3: expected Split, found nothing there"),
        ("0X2A,", "0X1A,", r"line 3: expected each video once, found 0X1A again"),
    ],
)
def test_a_damaged_row_is_named_with_its_line(tmp_path, old, new, message):
    table = write_echonet(tmp_path) / "FileList.csv"
    text = table.read_text()
    assert old in text
    table.write_text(text.replace(old, new, 1))
    with pytest.raises(DataSetError, match=message):
        videos(tmp_path, ["train"])


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("0X1A.avi,nan,1,2,3,4", r"VolumeTracings\.csv, line 2: expected finite numbers"),
        ("0X1A.avi,0,1,2,3,-4", "line 2: expected finite numbers and a frame from 0"),
        ("0X1A.avi,0,1,2,3", "line 2: expected Frame, found nothing there"),
    ],
)
def test_a_damaged_tracing_is_named_with_its_line(tmp_path, row, message):
    table = write_echonet(tmp_path, videos=1) / "VolumeTracings.csv"
    heads, *rows = table.read_text().splitlines()
    table.write_text("\n".join([heads, row, *rows]))
    with pytest.raises(DataSetError, match=message):
        videos(tmp_path, ["train"])


def test_a_table_that_is_no_text_is_reported(tmp_path):
    table = write_echonet(tmp_path, videos=1) / "FileList.csv"
    table.write_bytes(table.read_bytes() + b"\xff\xfe")
    with pytest.raises(DataSetError, match=r"expected a table in .*FileList\.csv, found it damaged"):
        videos(tmp_path, ["train"])


def test_without_frame_rates_the_usual_one_is_taken(tmp_path):
    table = write_echonet(tmp_path, videos=1) / "FileList.csv"
    table.write_text(table.read_text().replace(",50,20,", ",,20,"))
    assert [one.rate_per_s for one in videos(tmp_path, ["train"])] == [50]
    table.write_text("FileName,Split\n0X1A,TRAIN\n")
    assert [one.rate_per_s for one in videos(tmp_path, ["train"])] == [50]


def test_videos_that_are_left_out_are_counted_and_named(tmp_path, capsys):
    folder = write_echonet(tmp_path)
    assert len(videos(folder, ["train", "valid"])) == 2
    assert capsys.readouterr().err == ""
    files, traces = folder / "FileList.csv", folder / "VolumeTracings.csv"
    files.write_text("".join(line for line in files.read_text().splitlines(keepends=True) if "0X3A" not in line))
    rows = traces.read_text().splitlines(keepends=True)
    traces.write_text("".join(line for line in rows if not (line.startswith("0X2A") and line.rstrip().endswith(",12"))))
    assert [one.name for one in videos(folder, ["train", "valid"])] == ["0X1A"]
    err = capsys.readouterr().err
    assert "1 left out, traced videos that FileList.csv does not list: 0X3A\n" in err
    assert "1 left out, videos of split train or valid that VolumeTracings.csv has less than two traced" in err
    assert err.endswith(": 0X2A\n")


def moved(folder, first, last, frames):
    """A set of one video with its tracings at two other frames, with the given number of frames."""
    table = folder / "VolumeTracings.csv"
    heads, *rows = table.read_text().splitlines()
    to = {"4": first, "12": last}
    parts = [line.rpartition(",") for line in rows]
    table.write_text("\n".join([heads, *(f"{line},{to[frame]}" for line, _, frame in parts)]))
    out = cv2.VideoWriter(str(folder / "Videos" / "0X1A.avi"), cv2.VideoWriter.fourcc(*"MJPG"), 50, (112, 112))
    for _ in range(frames):
        out.write(np.full((112, 112, 3), 70, np.uint8))
    out.release()
    return folder


@pytest.mark.parametrize(
    ("first", "last", "frames", "ed", "count"),
    [(30, 95, 130, 6, MOST), (30, 101, 130, 0, MOST), (0, MOST - 1, MOST, 0, MOST), (20, 70, 80, BEFORE, MOST)],
)
def test_a_clip_holds_both_traced_frames_however_far_apart(tmp_path, first, last, frames, ed, count):
    folder = moved(write_echonet(tmp_path, videos=1), first, last, frames)
    (clip,) = echonet_sequences(folder, ["train"], 32, interpolate=False)
    assert (clip.ed, clip.es) == ((ed,), (ed + last - first,))
    assert len(clip.frames) == min(count, frames - first + ed)
    assert np.flatnonzero(clip.labelled).tolist() == [ed, ed + last - first]


def test_tracings_too_far_apart_for_one_beat_are_reported(tmp_path, capsys):
    folder = moved(write_echonet(tmp_path, videos=1), 5, 5 + MOST, 90)
    with pytest.raises(DataSetError, match=f"expected traced frames within {MOST} frames"):
        next(echonet_sequences(folder, ["train"], 32))
    assert f"1 left out, videos whose traced frames span more than the {MOST} frames of a clip: 0X1A" in (
        capsys.readouterr().err
    )
    assert len(echonet_frames(folder, ["train"])) == 2


def test_cavities_alike_are_ed_and_es_all_the_same(tmp_path):
    folder = write_echonet(tmp_path, videos=1)
    table = folder / "VolumeTracings.csv"
    heads, *rows = table.read_text().splitlines()
    first = [line for line in rows if line.endswith(",4")]
    table.write_text("\n".join([heads, *first, *(line.removesuffix(",4") + ",12" for line in first)]))
    (clip,) = echonet_sequences(folder, ["train"], 32)
    assert (clip.ed, clip.es) == ((4,), (12,))
