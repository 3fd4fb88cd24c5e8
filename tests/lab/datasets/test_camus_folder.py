import gzip

import numpy as np
import pytest

from kinecor_lab.datasets.camus import (
    SPLITS,
    camus_frames,
    camus_sequences,
    official_split,
    read_image,
    split_of,
    squared,
    views_in,
)
from kinecor_lab.datasets.data_folder import camus_frames_of_view, kind_of, labelled_frames
from kinecor_lab.datasets.placing import IGNORE
from kinecor_lab.datasets.samples import DataSetError, camus_png, tell_left_out
from tests.lab.camus import write_camus
from tests.lab.public_sets import FRAMES, beat, write_echonet, write_metaimage, write_nifti


@pytest.fixture(scope="module")
def nifti(tmp_path_factory):
    return write_nifti(tmp_path_factory.mktemp("nifti"))


@pytest.fixture(scope="module")
def metaimage(tmp_path_factory):
    return write_metaimage(tmp_path_factory.mktemp("mhd"))


def test_frames_of_the_present_release_are_those_written(nifti):
    samples = camus_frames(nifti, ["train"])
    frames, labels = beat()
    assert [(one.patient, one.view, one.phase) for one in samples] == [
        ("patient0001", view, phase) for view in ("A2C", "A4C") for phase in ("ED", "ES")
    ]
    assert np.array_equal(samples[0].image, frames[0])
    assert np.array_equal(samples[1].label, labels[-1])
    assert samples[0].spacing_mm == pytest.approx(0.8)


def test_the_official_lists_decide_where_there_are_any(nifti, tmp_path):
    lists = official_split(nifti / "database_nifti")
    assert lists == {"patient0001": "train", "patient0002": "valid", "patient0003": "test"}
    assert official_split(tmp_path) is None
    with pytest.raises(DataSetError, match="none of the subgroup"):
        split_of("patient0500", lists)


def test_without_lists_patients_fall_where_their_name_says():
    found = [split_of(f"patient{number:04}", None) for number in range(1, 501)]
    assert found == [split_of(f"patient{number:04}", None) for number in range(1, 501)]
    assert 380 < found.count("train") < 430
    assert found.count("valid") > 30
    assert found.count("test") > 30


def test_frames_of_the_first_release_get_square_pixels(metaimage):
    names = sorted({one.patient for one in camus_frames(metaimage, ["train", "valid", "test"])})
    assert names == ["patient0001", "patient0002"]  # the third is one of the unlabelled
    sample = camus_frames(metaimage, ["train", "valid", "test"])[0]
    assert sample.image.shape == beat()[0].shape[1:]
    assert sample.spacing_mm == pytest.approx(0.8)
    assert set(np.unique(sample.label)) == {0, 1, 2, 3}


def test_fine_frames_are_brought_to_the_usual_size():
    image = np.full((200, 100), 7, np.uint8)
    small, label, side_mm = squared(image, image % 3, (0.308, 0.308))
    assert small.shape == label.shape == (100, 50)
    assert side_mm == pytest.approx(0.616)
    assert (small == 7).all()


def test_a_half_sequence_has_every_frame_labelled(nifti):
    clips = list(camus_sequences(nifti, ["valid"], 64))
    assert [(clip.patient, clip.view) for clip in clips] == [("patient0002", "A2C"), ("patient0002", "A4C")]
    clip = clips[1]
    assert clip.frames.shape == clip.labels.shape == (FRAMES, 64, 64)
    assert (clip.ed, clip.es) == ((0,), (FRAMES - 1,))
    assert np.diff(clip.times_s) == pytest.approx(1 / 40)
    assert clip.labelled.all()
    areas = (clip.labels == 1).sum(axis=(1, 2))
    assert areas[0] > 1.5 * areas[-1]
    # The cavity's area is that of the label at its own resolution.
    assert areas[0] * clip.mm_per_px**2 == pytest.approx((beat()[1][0] == 1).sum() * 0.64, rel=0.05)


def test_a_whole_sequence_is_interpolated_or_left_open(metaimage):
    splits = ["train", "valid", "test"]
    clip = next(iter(camus_sequences(metaimage, splits, 64)))
    areas = (clip.labels == 1).sum(axis=(1, 2))
    assert (np.diff(areas) < 0).all()
    sparse = next(iter(camus_sequences(metaimage, splits, 64, interpolate=False)))
    assert np.flatnonzero(sparse.labelled).tolist() == [0, FRAMES - 1]
    assert (sparse.labels[1] == IGNORE).all()


def test_what_is_missing_or_damaged_is_named(tmp_path):
    folder = write_nifti(tmp_path, patients=1, views=("4CH",), lists=False)
    place = folder / "database_nifti" / "patient0001"
    splits = ["train", "valid", "test"]
    info = place / "Info_4CH.cfg"
    text = info.read_text()
    info.write_text("ED: 1\nES: 99\n")
    with pytest.raises(DataSetError, match="ES 99 must be two frames of the 5"):
        list(camus_sequences(folder, splits, 32))
    info.unlink()
    with pytest.raises(DataSetError, match=r"Info_4CH\.cfg, found no such file"):
        list(camus_sequences(folder, splits, 32))
    info.write_text(text)
    label = place / "patient0001_4CH_ED_gt.nii.gz"
    whole = label.read_bytes()
    label.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(DataSetError, match="damaged"):
        camus_frames(folder, splits)
    label.write_bytes(gzip.compress(b"no picture"))
    with pytest.raises(DataSetError, match=r"ED_gt\.nii\.gz, found it damaged"):
        camus_frames(folder, splits)
    label.unlink()
    with pytest.raises(DataSetError, match=r"expected a picture at .*ED_gt"):
        camus_frames(folder, splits)
    (place / "patient0001_4CH_ED.nii.gz").unlink()
    with pytest.raises(DataSetError, match=r"expected a picture at .*4CH_ED\.nii"):
        camus_frames(folder, splits)


def test_a_header_without_its_pixels_is_reported(metaimage, tmp_path):
    header = metaimage / "training" / "patient0001" / "patient0001_4CH_ED.mhd"
    (tmp_path / header.name).write_bytes(header.read_bytes())
    with pytest.raises(DataSetError, match="damaged"):
        read_image(tmp_path / header.name)


def test_folders_are_recognised_by_their_contents(nifti, metaimage, tmp_path):
    assert kind_of(nifti) == kind_of(metaimage) == "camus"
    png = write_camus(tmp_path / "png")
    assert kind_of(png) == "png"
    assert len(views_in(nifti)) == 6
    assert len(labelled_frames(png, ["valid"])) == 4
    assert len(labelled_frames(nifti, ["valid"])) == 4
    with pytest.raises(DataSetError, match=r"CAMUS.*EchoNet"):
        kind_of(tmp_path)


def test_patients_without_labels_are_counted_and_named(metaimage, capsys):
    camus_frames(metaimage, ["train", "valid", "test"])
    assert capsys.readouterr().err == (f"{metaimage}: 1 left out, patients with neither ED_gt nor ES_gt: patient0003\n")


def test_of_many_that_are_left_out_the_first_are_named(capsys):
    tell_left_out("here", "patients", [])
    assert capsys.readouterr().err == ""
    tell_left_out("here", "patients", list("abcdefg"))
    assert capsys.readouterr().err == "here: 7 left out, patients: a, b, c, d, e, ...\n"


def test_a_patient_in_two_lists_is_reported(tmp_path):
    folder = write_nifti(tmp_path, views=("4CH",))
    (folder / "database_split" / "subgroup_testing.txt").write_text("patient0001 patient0003")
    with pytest.raises(DataSetError, match=r"found patient0001 in .*subgroup_testing\.txt and in that of train"):
        camus_frames(folder, ["train"])
    (folder / "database_split" / "subgroup_testing.txt").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(DataSetError, match=r"names of patients in .*subgroup_testing\.txt, found no text"):
        camus_frames(folder, ["train"])


def test_frames_of_one_view_are_those_of_camus_alone(nifti, metaimage, tmp_path):
    assert [one.view for one in camus_frames_of_view(nifti, ["valid"], "A2C")] == ["A2C", "A2C"]
    assert len(camus_frames_of_view(write_camus(tmp_path / "png"), ["valid"], "A4C")) == 4
    with pytest.raises(DataSetError, match=r"expected A2C frames of split train or valid in .*, found A4C alone"):
        camus_frames_of_view(metaimage, ["train", "valid"], "A2C")
    with pytest.raises(DataSetError, match=r"found EchoNet-Dynamic, .* lv-sequence"):
        camus_frames_of_view(write_echonet(tmp_path / "echonet", videos=1), ["train"], "A4C")


def test_real_files_of_camus_are_those_of_the_frames_as_png(shared_data):
    folder = shared_data / "camus-a4c"
    loaded = {(one.patient, one.phase): one for one in camus_png(folder, ["train", "valid"])}
    samples = camus_frames(folder / "nifti", SPLITS)
    assert len(samples) == 4
    for sample in samples:
        png = loaded[sample.patient, sample.phase]
        assert sample.spacing_mm == pytest.approx(png.spacing_mm, rel=0.005)
        assert sample.image.shape == png.image.shape
        assert np.abs(sample.image.astype(int) - png.image).mean() < 3
        assert (sample.label == png.label).mean() > 0.99
