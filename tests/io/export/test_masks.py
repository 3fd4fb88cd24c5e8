import os
import sys
from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk  # noqa: N813
from hypothesis import given
from hypothesis import strategies as st

from kinecor.core.values.errors import KinecorError
from kinecor.core.values.geometry import Contour
from kinecor.core.values.track import ContourTrack, Structure
from kinecor.io.export.contours import write_masks
from kinecor.io.write.labels import fill_contour, label_frame
from tests.readings import cine, ellipse, names, read


def polygon(*points: tuple[float, float]) -> Contour:
    return Contour(np.array(points))


def test_a_rectangle_between_pixel_centres_is_exact() -> None:
    mask = fill_contour(polygon((1.5, 2.5), (4.5, 2.5), (4.5, 7.5), (1.5, 7.5)), 10, 8)
    expected = np.zeros((10, 8), bool)
    expected[3:8, 2:5] = True
    assert np.array_equal(mask, expected)


def test_pixel_centres_are_at_integers() -> None:
    """A hair around one centre is that one pixel; the same hair half a pixel off holds none."""
    around = fill_contour(polygon((2.9, 1.9), (3.1, 1.9), (3.1, 2.1), (2.9, 2.1)), 5, 6)
    assert list(zip(*np.nonzero(around), strict=True)) == [(2, 3)]
    assert not fill_contour(polygon((3.4, 2.4), (3.6, 2.4), (3.6, 2.6), (3.4, 2.6)), 5, 6).any()


def test_neighbours_share_no_pixel_and_leave_none_out() -> None:
    left = fill_contour(polygon((0, 0), (4, 0), (4, 6), (0, 6)), 8, 10)
    right = fill_contour(polygon((4, 0), (8, 0), (8, 6), (4, 6)), 8, 10)
    assert not (left & right).any()
    assert (left | right).sum() == 48


def test_the_direction_of_the_outline_does_not_matter() -> None:
    contour = ellipse(30, 22, 12.3, 17.7)
    assert np.array_equal(fill_contour(contour, 50, 60), fill_contour(Contour(contour.points[::-1]), 50, 60))


@given(st.floats(60, 68), st.floats(44, 52), st.floats(6, 30), st.floats(6, 30))
def test_area_agrees_with_the_outline(x: float, y: float, a: float, b: float) -> None:
    contour = ellipse(x, y, a, b, 200)
    mask = fill_contour(contour, 96, 128)
    # Counting centres errs by less than half a pixel along the outline, ties on grid lines included.
    assert abs(mask.sum() - contour.area_px2) < 0.25 * contour.length_px


def test_no_half_pixel_shift() -> None:
    contour = ellipse(63.37, 47.81, 27.3, 33.7, 400)
    rows, columns = np.nonzero(fill_contour(contour, 96, 128))
    assert np.allclose((columns.mean(), rows.mean()), contour.centroid, atol=0.05)
    assert np.isclose(len(rows), contour.area_px2, rtol=0.003)


def test_every_pixel_agrees_with_a_slow_independent_test() -> None:
    points = np.array([(2.2, 1.1), (14.7, 3.3), (9.1, 8.8), (13.9, 16.2), (3.3, 14.8), (6.6, 8.1)])
    mask = fill_contour(Contour(points), 18, 17)
    for row in range(18):
        for column in range(17):
            to = points - (column, row)
            angles = np.arctan2(to[:, 1], to[:, 0])
            turn = np.diff(np.append(angles, angles[0]))
            winding = ((turn + np.pi) % (2 * np.pi) - np.pi).sum() / (2 * np.pi)
            assert mask[row, column] == (abs(winding) > 0.5), (row, column)


def test_what_is_outside_is_cut_off() -> None:
    assert fill_contour(polygon((-50, -50), (50, -50), (50, 50), (-50, 50)), 6, 7).all()
    assert not fill_contour(polygon((20, 20), (30, 20), (30, 30)), 6, 7).any()
    assert not fill_contour(polygon((-9, 1), (-3, 1), (-3, 5)), 6, 7).any()


def test_labels() -> None:
    labels = label_frame(read(cine()), 0)
    assert labels.dtype == np.uint8
    assert labels[45, 64] == 1
    assert labels[45, 64 + 19] == 2
    assert labels[88, 64] == 3
    assert labels[5, 5] == 0
    assert set(np.unique(labels)) == {0, 1, 2, 3}


def test_no_myocardium_without_a_cavity() -> None:
    reading = read(cine(), missing=())
    endo = reading.tracks[Structure.LV_ENDO]
    without = ContourTrack(endo.structure, (None, *endo.contours[1:]), endo.origins, endo.confidence)
    reading = reading.with_(tracks={**reading.tracks, Structure.LV_ENDO: without})
    assert set(np.unique(label_frame(reading, 0))) == {0, 3}
    assert set(np.unique(label_frame(reading, 1))) == {0, 1, 2, 3}


def test_the_file_has_the_recordings_grid(tmp_path: Path) -> None:
    reading = read(cine(5), missing=(2,))
    write_masks(tmp_path / "masks" / "1.2.3.nii.gz", reading)
    image = sitk.ReadImage(str(tmp_path / "masks" / "1.2.3.nii.gz"))
    labels = sitk.GetArrayFromImage(image)
    assert labels.dtype == np.uint8
    assert labels.shape == (5, 1, 96, 128)
    assert image.GetSpacing() == pytest.approx((0.5, 0.8, 1.0, 0.04))
    for frame in range(5):
        assert np.array_equal(labels[frame, 0], label_frame(reading, frame))
    assert set(np.unique(labels[2])) == {0, 3}


def test_without_a_scale_pixels_are_the_unit(tmp_path: Path) -> None:
    write_masks(tmp_path / "m.nii.gz", read(cine(1, calibrated=False)))
    image = sitk.ReadImage(str(tmp_path / "m.nii.gz"))
    assert image.GetSize() == (128, 96, 1)  # NIfTI drops last axes of one
    assert image.GetSpacing() == (1.0, 1.0, 1.0)


def test_a_folder_in_the_way_is_refused_and_nothing_is_left(tmp_path: Path) -> None:
    (tmp_path / "m.nii.gz" / "inside").mkdir(parents=True)
    with pytest.raises(KinecorError, match="cannot be written"):
        write_masks(tmp_path / "m.nii.gz", read(cine(2)))
    assert names(tmp_path) == ["m.nii.gz"]


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has file names that are not text")
def test_a_folder_whose_name_is_not_utf8_is_no_trouble(tmp_path: Path) -> None:
    folder = tmp_path / os.fsdecode(b"cl\xffip")
    write_masks(folder / "m.nii.gz", read(cine(2)))
    assert names(folder) == ["m.nii.gz"]
