"""What goes out comes in again: every format, loops and stacks, other geometries, and what does not belong together."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk  # noqa: N813

from kinecor.analysis.contours.imported import import_edit, imported_contours
from kinecor.analysis.contours.placing import frame_is_open, placed_labels
from kinecor.core.outlines.label_orders import BY_CODE
from kinecor.core.values.errors import KinecorError
from kinecor.core.values.geometry import Plane
from kinecor.core.values.labels import ContourFile, LabelFile
from kinecor.core.values.reading import Reading, first_reading_of
from kinecor.core.values.recording import CineSequence, Recording, Stack
from kinecor.core.values.track import Origin, Structure
from kinecor.io.contours.images import read_label_image
from kinecor.io.contours.points import read_contour_points
from kinecor.io.contours.read import read_contour_file
from kinecor.io.contours.segmentation import read_segmentation
from kinecor.io.export.contours import write_contours_json, write_masks
from kinecor.io.write.labels import label_frame, stack_labels
from kinecor.io.write.segmentation import write_segmentation
from kinecor.session.codec import decode, encode
from tests import stacks
from tests.io.contours.test_foreign_segmentation import foreign
from tests.io.write.sources import AT, read_clip, read_stack, write_clip, write_stack
from tests.readings import cine, read


def imported(file: LabelFile | ContourFile, recording: Recording, **how: object) -> Reading:
    """The recording, never read before, with the contours of a file."""
    first = first_reading_of(recording)
    edit = import_edit(imported_contours(file, recording, first, **how), first)
    kind, payload = encode(edit)
    assert decode(kind, payload).summary == edit.summary  # it is stored, and read again
    return decode(kind, payload).apply(first, "A reader")


def dice(one: np.ndarray, other: np.ndarray) -> float:
    labels = np.unique(other[other > 0])
    return min(
        2 * ((one == label) & (other == label)).sum() / ((one == label).sum() + (other == label).sum())
        for label in labels
    )


@pytest.fixture
def loop() -> CineSequence:
    return cine(10)


def test_masks_of_a_loop(tmp_path: Path, loop: CineSequence) -> None:
    before = read(loop, missing=(3,))
    write_masks(tmp_path / "m.nii.gz", before)
    after = imported(read_label_image(tmp_path / "m.nii.gz"), loop)
    for frame in (0, 2, 9):
        assert dice(label_frame(after, frame), label_frame(before, frame)) > 0.97
    assert after.tracks[Structure.LV_ENDO].contours[3] is None
    assert after.tracks[Structure.LA].contours[3] is not None
    assert set(after.tracks[Structure.LV_ENDO].origins[:3]) == {Origin.EDITED}
    assert after.authors["tracks/lv_endo/edited"] == "A reader"
    assert after.events is not None
    assert after.events.beats


def test_masks_as_earlier_versions_wrote_them(tmp_path: Path, loop: CineSequence) -> None:
    """Axes x, y, frame with the frame interval as the third spacing."""
    before = read(loop)
    image = sitk.GetImageFromArray(np.stack([label_frame(before, frame) for frame in range(10)]))
    image.SetSpacing((0.5, 0.8, 0.04))
    sitk.WriteImage(image, str(tmp_path / "old.nii.gz"))
    after = imported(read_label_image(tmp_path / "old.nii.gz"), loop)
    assert dice(label_frame(after, 5), label_frame(before, 5)) > 0.97


def test_masks_of_a_stack(tmp_path: Path) -> None:
    recording = stacks.stack()
    before = stacks.read(recording)
    write_masks(tmp_path / "m.nii.gz", before)
    after = imported(read_label_image(tmp_path / "m.nii.gz"), recording)
    found, expected = stack_labels(after), stack_labels(before)
    assert all(dice(found[phase], expected[phase]) > 0.98 for phase in (0, 7, 10))
    assert not found[:, 0].any()
    assert after.events is not None
    (beat,) = after.events.beats
    assert (beat.ed, beat.es) == (0, 10)


def test_a_stack_with_a_gap_keeps_its_places(tmp_path: Path) -> None:
    recording = stacks.stack(np.delete(stacks.positions(), 5))
    before = stacks.read(recording)
    write_masks(tmp_path / "m.nii.gz", before)
    file = read_label_image(tmp_path / "m.nii.gz")
    bare = replace(recording, slices=tuple(replace(one, plane=None) for one in recording.slices))
    for one in (recording, bare):  # by coordinates, and by shape
        after = imported(file, one)
        assert dice(stack_labels(after)[0], stack_labels(before)[0]) > 0.98


def test_segmentations(tmp_path: Path) -> None:
    loop = read_clip(write_clip(tmp_path / "clip.dcm"))
    stack = read_stack(write_stack(tmp_path / "mr"))
    for name, whole in (("loop", loop), ("stack", stack)):
        write_segmentation(tmp_path / f"{name}.dcm", whole, AT)
        file = read_segmentation(tmp_path / f"{name}.dcm")
        assert placed_labels(file, whole.recording).sure
        after = imported(file, whole.recording)
        if isinstance(whole.recording, Stack):
            assert dice(stack_labels(after)[0], stack_labels(whole.reading)[0]) > 0.98
        else:
            assert dice(label_frame(after, 3), label_frame(whole.reading, 3)) > 0.97
    with pytest.raises(KinecorError, match="another patient"):
        imported(read_segmentation(tmp_path / "stack.dcm"), loop.recording, frame=0)


def test_contours_as_points_are_the_same_to_a_thousandth(tmp_path: Path, loop: CineSequence) -> None:
    before = read(loop)
    write_contours_json(tmp_path / "c.json", "1.2.3.4", "1.2.3", before)
    after = imported(read_contour_file(tmp_path / "c.json"), loop)
    for structure, track in before.tracks.items():
        for mine, theirs in zip(after.tracks[structure].contours, track.contours, strict=True):
            assert mine is not None
            assert theirs is not None
            assert np.abs(mine.points - theirs.points).max() <= 5e-4


def test_points_on_another_grid_are_placed_by_the_patient(tmp_path: Path) -> None:
    recording = stacks.stack()
    before = stacks.read(recording)
    write_contours_json(tmp_path / "c.json", "1.2.3.7", "1.2.3", before)
    moved = tuple(
        replace(
            one, plane=Plane(one.plane.origin_mm + np.array((15.0, -3.0, 0.0)), one.plane.along_x, one.plane.along_y)
        )
        for one in recording.slices
        if one.plane is not None
    )
    after = imported(read_contour_points(tmp_path / "c.json"), replace(recording, slices=moved))
    mine = after.slices[4].tracks[Structure.LV_ENDO].contours[0]
    theirs = before.slices[4].tracks[Structure.LV_ENDO].contours[0]
    assert mine is not None
    assert theirs is not None
    assert np.allclose(mine.points + np.array((10.0, -2.0)), theirs.points, atol=1e-2)


def test_a_foreign_segmentation_of_other_geometry(tmp_path: Path) -> None:
    """A sphere in a grid of other pixels, slices and origin comes to lie where it is in the patient."""
    whole = read_stack(write_stack(tmp_path))
    recording = whole.recording
    assert isinstance(recording, Stack)
    planes = [one.plane for one in recording.slices]
    first, last = planes[0], planes[-1]
    assert first is not None
    assert last is not None
    middle = (first.origin_mm + last.origin_mm) / 2 + 60 * first.along_x + 70 * first.along_y
    start, spacing, step = middle + np.array((-50.0, -55.0, 45.0)), (1.1, 0.9), 3.0
    z, y, x = np.mgrid[0:31, 0:100, 0:111]
    away = np.linalg.norm(
        np.stack([start[0] + 0.9 * x, start[1] + 1.1 * y, start[2] - 3.0 * z], axis=-1) - middle, axis=-1
    )
    masks = np.stack([(away > 20) & (away <= 30), away <= 20], axis=-1).astype(np.uint8)
    path = foreign(tmp_path, masks, origin=tuple(start), spacing=spacing, step=step)
    file = read_segmentation(path)
    file = replace(file, planes=tuple(replace(one, source=None) for one in file.planes))
    placed = placed_labels(file, recording, 2)
    assert placed.remarks  # another grid
    assert placed.sure
    assert placed.frames == {2}
    for number, plane in enumerate(planes):
        assert plane is not None
        scale = recording.slices[number].calibration
        assert scale is not None
        off = float((plane.origin_mm - middle) @ plane.normal)
        labels = placed.labels.get((number, 2), np.zeros(1))
        for radius, values in ((20.0, (2,)), (30.0, (1, 2))):
            # Labels are sampled at the nearest of their slices, half of 3 mm away at most.
            within = np.sqrt(np.maximum(radius**2 - (abs(off) + np.array([-1.6, 1.6])) ** 2, 0))
            area = np.isin(labels, values).sum() * scale.row_mm * scale.col_mm
            low, high = np.pi * within[1] ** 2, np.pi * within[0] ** 2
            assert 0.9 * low - 20 <= area <= 1.1 * high + 20
    after = imported(file, recording, frame=2)
    there = [number for number, one in enumerate(after.slices) if Structure.LV_ENDO in one.tracks]
    assert there
    for number in there:
        contour = after.slices[number].tracks[Structure.LV_ENDO].contours[2]
        plane, scale = planes[number], recording.slices[number].calibration
        assert contour is not None
        assert plane is not None
        assert scale is not None
        centre = plane.in_patient(contour.centroid[None] * (scale.col_mm, scale.row_mm))[0]
        assert np.linalg.norm(np.cross(centre - middle, plane.normal)) < 1.0


def test_labels_of_one_phase_need_to_know_which(tmp_path: Path) -> None:
    recording = stacks.stack()
    before = stacks.read(recording)
    acdc = np.array([0, 3, 2, 0, 1], np.uint8)[stack_labels(before)[10]]
    image = sitk.GetImageFromArray(acdc)
    image.SetSpacing((1.5, 1.5, 8.0))
    for name in ("mask.nii.gz", "patient001_frame11_gt.nii.gz"):
        sitk.WriteImage(image, str(tmp_path / name))
    unnamed, named = (read_label_image(tmp_path / name) for name in ("mask.nii.gz", "patient001_frame11_gt.nii.gz"))
    with pytest.raises(KinecorError, match="say which frame"):
        imported(unnamed, recording)
    assert frame_is_open(unnamed, recording)
    for after in (imported(named, recording), imported(unnamed, recording, frame=10)):
        labels = stack_labels(after)
        assert dice(labels[10], stack_labels(before)[10]) > 0.98
        assert not labels[:10].any()


def test_only_the_frames_of_the_file_change(tmp_path: Path, loop: CineSequence) -> None:
    before = read(loop)
    one = np.array([0, 1, 2, 0], np.uint8)[label_frame(before, 4)]  # without the atrium
    sitk.WriteImage(sitk.GetImageFromArray(one), str(tmp_path / "m.mha"))
    found = imported_contours(read_label_image(tmp_path / "m.mha"), loop, before, frame=6)
    after = import_edit(found, before).apply(before, "A reader")
    endo = after.tracks[Structure.LV_ENDO]
    assert [origin is Origin.EDITED for origin in endo.origins] == [frame == 6 for frame in range(10)]
    assert after.tracks[Structure.LA] == before.tracks[Structure.LA] or (
        after.tracks[Structure.LA].contours == before.tracks[Structure.LA].contours
    )
    assert endo.contours[:6] == before.tracks[Structure.LV_ENDO].contours[:6]


def write_slicer_segmentation(path: Path, labels: np.ndarray, *, crop: bool, note: bool = True) -> None:
    """One frame as 3D Slicer saves it, by its "Crop to minimum extent": the corner is in the header, not the size."""
    y, x = np.nonzero(labels)
    part = (slice(y.min(), y.max() + 1), slice(x.min(), x.max() + 1)) if crop else (slice(None), slice(None))
    image = sitk.GetImageFromArray(labels[part][None])
    if note:
        corner = (x.min(), y.min()) if crop else (0, 0)
        image.SetMetaData("Segmentation_ReferenceImageExtentOffset", f"{corner[0]} {corner[1]} 0")
    for number, (value, name) in enumerate(((2, "LV myocardium"), (1, "LV cavity"), (3, "Left atrium"))):
        image.SetMetaData(f"Segment{number}_Name", name)
        image.SetMetaData(f"Segment{number}_LabelValue", str(value))
        image.SetMetaData(f"Segment{number}_Layer", "0")
    sitk.WriteImage(image, str(path))


@pytest.mark.parametrize("crop", [False, True])
def test_a_segmentation_of_slicer_lies_where_it_was_painted(tmp_path: Path, loop: CineSequence, crop: bool) -> None:
    before = read(loop)
    write_slicer_segmentation(tmp_path / "frame07.seg.nrrd", label_frame(before, 6), crop=crop)
    after = imported(read_label_image(tmp_path / "frame07.seg.nrrd"), loop)
    assert dice(label_frame(after, 6), label_frame(before, 6)) > 0.97


def test_a_cropped_mask_that_does_not_say_its_corner_is_refused(tmp_path: Path, loop: CineSequence) -> None:
    labels = label_frame(read(loop), 6)
    write_slicer_segmentation(tmp_path / "frame07.seg.nrrd", labels, crop=True, note=False)
    with pytest.raises(KinecorError, match="nothing says where in the patient"):
        placed_labels(read_label_image(tmp_path / "frame07.seg.nrrd"), loop)
    # A corner from which the labels reach beyond the image is of another image.
    wide = np.pad(labels, ((0, 0), (80, 0)))
    write_slicer_segmentation(tmp_path / "frame08.seg.nrrd", wide, crop=True)
    with pytest.raises(KinecorError, match="nothing says where in the patient"):
        placed_labels(read_label_image(tmp_path / "frame08.seg.nrrd"), loop)


def test_a_stated_order_is_followed(tmp_path: Path, loop: CineSequence) -> None:
    before = read(loop)
    write_masks(tmp_path / "m.nii.gz", before)
    found = imported_contours(
        read_label_image(tmp_path / "m.nii.gz"), loop, first_reading_of(loop), parts=BY_CODE["acdc"].parts
    )
    assert found.structures == (Structure.LV_ENDO, Structure.LV_EPI)
    assert any("right ventricle" in str(one) for one in found.remarks)
    assert {frame for _, _, frame in found.contours} == set(range(10))
    middle = found.contours[Structure.LV_ENDO, 0, 0].centroid
    assert middle[1] > 70  # the atrium, taken for the cavity


def test_what_does_not_belong_together_is_refused(tmp_path: Path, loop: CineSequence) -> None:
    write_masks(tmp_path / "m.nii.gz", read(loop))
    file = read_label_image(tmp_path / "m.nii.gz")
    with pytest.raises(KinecorError, match="10 times and the recording has 7 frames"):
        imported(file, cine(7))
    with pytest.raises(KinecorError, match="128 x 96 pixels and the images have 100 x 96"):
        imported(file, cine(10, columns=100))
    with pytest.raises(KinecorError, match="another patient"):
        imported(replace(file, patient="somebody else"), loop)
    stack = stacks.stack()
    write_masks(tmp_path / "s.nii.gz", stacks.read(stack))
    far = tuple(
        replace(one, plane=Plane(one.plane.origin_mm + np.array((0, 0, 900.0)), one.plane.along_x, one.plane.along_y))
        for one in stack.slices
        if one.plane is not None
    )
    with pytest.raises(KinecorError, match="elsewhere in the patient"):
        imported(read_label_image(tmp_path / "s.nii.gz"), replace(stack, slices=far))
    with pytest.raises(KinecorError, match="do not belong together"):
        imported(read_label_image(tmp_path / "s.nii.gz"), loop)
    write_contours_json(tmp_path / "c.json", "other", "1.2.3", read(cine(12)))
    with pytest.raises(KinecorError, match="other frames or slices"):
        imported(read_contour_points(tmp_path / "c.json"), loop)


def test_rows_and_columns_exchanged_are_put_right_with_a_remark(tmp_path: Path, loop: CineSequence) -> None:
    before = read(loop)
    turned = np.stack([label_frame(before, frame).T for frame in range(10)])
    sitk.WriteImage(sitk.GetImageFromArray(turned), str(tmp_path / "m.nii.gz"))
    found = imported_contours(read_label_image(tmp_path / "m.nii.gz"), loop, first_reading_of(loop))
    assert any("exchanged" in str(one) for one in found.remarks)
    after = import_edit(found, first_reading_of(loop)).apply(first_reading_of(loop), "A reader")
    assert dice(label_frame(after, 2), label_frame(before, 2)) > 0.97
