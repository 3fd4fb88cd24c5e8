from collections import Counter
from pathlib import Path

import cv2
import numpy as np
import pytest

from kinecor_lab.datasets.dsb import NOT_CAVITY, dsb_patients, dsb_slices
from kinecor_lab.datasets.samples import DataSetError
from kinecor_lab.datasets.short_axis import CAVITY, FIELD_PX, SaxSample, by_volume, index_rows, splits
from tests.lab.sax_sets import write_dsb

SPLITS = {"1": "train", "2": "valid"}


def test_a_stack_comes_in_order_of_its_places_and_an_empty_label_is_no_cavity(tmp_path: Path) -> None:
    samples = dsb_slices(write_dsb(tmp_path), ["train"], SPLITS)
    assert {one.patient for one in samples} == {"dsb1"}
    assert sorted(one.phase for one in samples) == ["ED"] * 4 + ["ES"] * 4
    for volume in by_volume(samples):
        # A place that was acquired twice counts once, and what is missing parts neighbours.
        assert [one.number for one in volume] == [0, 1, 2, 4]
        empty, second, third, last = volume
        assert (empty.allowed == NOT_CAVITY).all()
        assert not empty.certain(CAVITY).any()
        assert set(np.unique(second.allowed)) == {CAVITY, NOT_CAVITY}
        assert [one is None for one in second.around] == [True, False, False, True]
        assert second.around[1] is not None
        assert (second.around[1] == empty.image).all()
        # The slice before it is the next but one.
        assert last.around[0] is third.image
        assert last.around[1:] == (None, None, None)
        # Centred like its volume.
        assert empty.centre == pytest.approx(np.mean([second.centre, third.centre, last.centre], axis=0))
        # Pixels of 1 mm: more of them make the same view.
        assert empty.field_px == 190 > FIELD_PX


def test_of_a_place_that_was_acquired_again_the_last_counts(tmp_path: Path) -> None:
    folder = write_dsb(tmp_path)
    third = next(one for one in dsb_slices(folder, ["train"], SPLITS) if one.phase == "ES" and one.number == 2)
    again = cv2.imread(str(folder / "images" / "p0001_12_10001_2.webp"), cv2.IMREAD_GRAYSCALE)
    assert (third.image == again).all()


def test_patients_have_the_experts_volumes(tmp_path: Path) -> None:
    (patient,) = dsb_patients(write_dsb(tmp_path), ["valid"], SPLITS)
    assert (patient.name, patient.edv_ml, patient.esv_ml, patient.gap_mm, patient.age) == ("2", 102.5, 42, 10, 30)


def test_what_is_missing_or_does_not_fit_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataSetError, match=r"expected patients\.csv"):
        dsb_slices(tmp_path, ["train"], SPLITS)
    folder = write_dsb(tmp_path / "dsb")
    with pytest.raises(DataSetError, match="no patient of split test"):
        dsb_slices(folder, ["test"], SPLITS)
    cv2.imwrite(str(folder / "labels" / "p0001_01_9980_1.png"), np.zeros((5, 5), np.uint8))
    with pytest.raises(DataSetError, match="p0001_01_9980_1: expected a label of"):
        dsb_slices(folder, ["train"], SPLITS)


def test_the_committed_list_is_one_for_short_and_long_axes(shared_data: Path) -> None:
    if not (shared_data / "dsb-sax").is_dir() or not (shared_data / "dsb-4ch").is_dir():
        pytest.skip(f"no dsb-sax and dsb-4ch in {shared_data}")
    split = splits("dsb")
    short = {row["patient"] for row in index_rows(shared_data / "dsb-sax", "patients.csv")}
    long = {row["patient"] for row in index_rows(shared_data / "dsb-4ch", "frames.csv")}
    assert short | long == set(split)
    assert Counter(split[one] for one in short) == {"train": 109, "valid": 29, "test": 41}
    assert Counter(split[one] for one in long) == {"train": 182, "valid": 49, "test": 67}


def test_real_stacks_have_empty_slices_at_their_ends(shared_data: Path) -> None:
    if not (shared_data / "dsb-sax").is_dir():
        pytest.skip(f"no dsb-sax in {shared_data}")
    samples = dsb_slices(shared_data / "dsb-sax", ["valid"])
    assert len({one.patient for one in samples}) == 29
    outermost = [one for volume in by_volume(samples) for one in (volume[0], volume[-1])]
    inside = [one for volume in by_volume(samples) for one in volume[3:-3]]

    def empty(some: list[SaxSample]) -> float:
        return float(np.mean([not one.certain(CAVITY).any() for one in some]))

    assert empty(outermost) > 0.5
    assert empty(inside) < 0.02
