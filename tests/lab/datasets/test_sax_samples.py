from collections import Counter
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from kinecor_lab.common.metrics import dice, filled
from kinecor_lab.datasets.samples import DataSetError
from kinecor_lab.datasets.short_axis import (
    BACKGROUND,
    CAVITY,
    MYOCARDIUM,
    RV,
    SaxSample,
    acdc_png,
    drawn_contour_mask,
    scd_png,
    splits,
    with_neighbours,
    with_open_edges,
    york_png,
)
from tests.lab.sax_sets import write_acdc, write_scd, write_york

SPLITS = {"p0": "train", "p1": "valid", "p2": "test", "q0": "train", "q1": "test"}


def test_the_committed_lists_split_by_patient_within_groups() -> None:
    acdc, scd = splits("acdc"), splits("scd")
    assert Counter(acdc.values()) == {"train": 60, "valid": 8, "test": 12}
    for group in range(5):
        some = Counter(split for name, split in acdc.items() if (int(name[7:]) - 1) // 20 == group)
        assert some["train"] == 12
        assert some["valid"] >= 1
        assert some["test"] >= 2
    assert Counter(scd.values()) == {"train": 17, "valid": 4, "test": 8, "aside": 1}
    # Their DICOM studies serve as the final test of the whole way from files to numbers.
    assert scd["SC-HF-I-1"] == scd["SC-HF-I-4"] == "test"


def test_york_has_complete_patients_and_others_with_some_slices() -> None:
    whole, every = splits("york", complete=True), splits("york")
    assert Counter(whole.values()) == {"train": 4, "test": 4}
    assert Counter(every.values()) == {"train": 15, "valid": 3, "test": 4}


def test_york_gives_every_phase_and_nothing_of_the_right_ventricle(tmp_path: Path) -> None:
    folder = write_york(tmp_path)
    samples = york_png(folder, ["test"])
    assert len(samples) == 12
    assert {one.source for one in samples} == {"York"}
    left_out = samples[0]
    assert (left_out.allowed == BACKGROUND | RV).all()
    # Neighbours are of the same phase; a slice left out is centred like its volume.
    assert [None if one is None else int(one[0, 0]) for one in left_out.around] == [None, None, 11, 21]
    assert left_out.centre == pytest.approx(samples[4].centre)
    assert set(np.unique(samples[4].allowed)) == {BACKGROUND | RV, CAVITY}
    some = york_png(folder, ["test"], every=2)
    assert sorted((one.number, one.phase) for one in some) == [
        (0, "02"),
        (0, "04"),
        (1, "01"),
        (1, "03"),
        (2, "02"),
        (2, "04"),
    ]
    with pytest.raises(DataSetError, match="no slice of split train"):
        york_png(folder, ["train"])


def test_open_edges_of_york_leave_blood_and_the_middle_of_the_wall_certain() -> None:
    y, x = np.mgrid[:64, :64] - 32
    far = np.hypot(x, y)
    label = np.where(far < 12, CAVITY, np.where(far < 22, MYOCARDIUM, BACKGROUND | RV)).astype(np.uint8)
    sample = SaxSample("1", "03", 4, np.zeros_like(label), label, (32.0, 32.0), "York")
    allowed = with_open_edges(sample).allowed
    assert (allowed[far < 12] == CAVITY).all()
    assert (allowed[(far >= 12) & (far < 16)] == CAVITY | MYOCARDIUM).all()
    assert (allowed[(far > 18) & (far < 20)] == MYOCARDIUM).all()
    assert (allowed[(far > 21.5) & (far < 22.5)] == BACKGROUND | MYOCARDIUM | RV).all()
    assert (allowed[far > 24] == BACKGROUND | RV).all()
    empty = replace(sample, allowed=np.full_like(label, BACKGROUND | RV))
    assert with_open_edges(empty) is empty


def test_acdc_labels_become_bits_and_splits_hold_different_patients(tmp_path: Path) -> None:
    folder = write_acdc(tmp_path / "acdc")
    learn, check = acdc_png(folder, ["train"], SPLITS), acdc_png(folder, ["valid", "test"], SPLITS)
    assert {s.patient for s in learn} == {"p0"}
    assert {s.patient for s in check} == {"p1", "p2"}
    assert len(learn) == 6
    assert set(np.unique(learn[0].allowed)) == {BACKGROUND, CAVITY, MYOCARDIUM, RV}
    assert set(np.unique(learn[2].allowed)) == {BACKGROUND}
    # Cavity is the brightest, the wall is dark.
    grey = learn[0].image
    assert grey[learn[0].certain(CAVITY)].mean() > grey[learn[0].certain(MYOCARDIUM)].mean() + 50


def test_slices_know_their_neighbours_of_the_same_volume(tmp_path: Path) -> None:
    first, second, third = acdc_png(write_acdc(tmp_path / "acdc"), ["train"], SPLITS)[:3]
    expected = [
        (None, None, second.image, third.image),
        (None, first.image, third.image, None),
        (first.image, second.image, None, None),
    ]
    for sample, around in zip((first, second, third), expected, strict=True):
        for one, other in zip(sample.around, around, strict=True):
            assert one is other
    other_size = replace(second, image=second.image[:-1], allowed=second.allowed[:-1])
    assert with_neighbours([first, other_size])[0].around == (None,) * 4


def test_a_slice_without_label_takes_the_centre_of_its_volume(tmp_path: Path) -> None:
    first, second, empty = acdc_png(write_acdc(tmp_path / "acdc"), ["train"], SPLITS)[:3]
    assert empty.volume == first.volume == "p0 ED"
    assert empty.centre == pytest.approx(np.mean([first.centre, second.centre], axis=0))


def test_scd_leaves_open_what_its_experts_did_not_draw(tmp_path: Path) -> None:
    with_epi, without, _ = scd_png(write_scd(tmp_path / "scd"), ["train"], SPLITS)
    assert set(np.unique(with_epi.allowed)) == {CAVITY, MYOCARDIUM, BACKGROUND | RV}
    assert set(np.unique(without.allowed)) == {CAVITY, BACKGROUND | MYOCARDIUM | RV}
    assert (with_epi.certain(MYOCARDIUM)).sum() > 0.5 * with_epi.certain(CAVITY).sum()
    assert (with_epi.number, without.number) == (0, 0)


def test_masks_of_sunnybrook_are_taken_back_to_the_contours_that_they_were_drawn_from() -> None:
    turn = np.linspace(0, 2 * np.pi, 120, endpoint=False)
    for radius in (9.0, 14.0, 22.0):
        contour = 40 + np.stack([radius * np.cos(turn), 0.9 * radius * np.sin(turn + 0.1)], axis=1)
        contour = np.round(contour * 2) / 2  # as the set's are
        mask = np.zeros((80, 80), np.uint8)
        cv2.fillPoly(mask, [contour.astype(np.int32)], (255,))
        truth, found = filled(contour - 0.5, mask.shape), drawn_contour_mask(mask)
        assert (mask > 0).sum() > (1 + 0.8 / radius) * truth.sum()
        assert found.sum() == pytest.approx(truth.sum(), rel=0.03)
        assert dice(found, truth) > 0.98 > dice(mask > 0, truth)


@pytest.mark.parametrize("read", [acdc_png, scd_png])
def test_missing_or_foreign_folders_are_reported(tmp_path: Path, read) -> None:
    with pytest.raises(DataSetError, match=r"expected index\.csv"):
        read(tmp_path, ["train"])
    folder = write_acdc(tmp_path / "acdc") if read is acdc_png else write_scd(tmp_path / "scd")
    with pytest.raises(DataSetError, match="no slice of split train"):
        read(folder, ["train"])


def test_a_damaged_label_or_contour_is_named(tmp_path: Path) -> None:
    folder = write_acdc(tmp_path / "acdc")
    cv2.imwrite(str(folder / "labels" / "p0_ED_s00.png"), np.full((120, 100), 7, np.uint8))
    with pytest.raises(DataSetError, match=r"p0_ED_s00.*up to 7"):
        acdc_png(folder, ["train"], SPLITS)
    folder = write_scd(tmp_path / "scd")
    (folder / "epi_contours" / "q0_0001.txt").write_text("no numbers")
    with pytest.raises(DataSetError, match="q0_0001"):
        scd_png(folder, ["train"], SPLITS)
