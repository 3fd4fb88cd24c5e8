"""Segmentations that highdicom wrote, of other geometry than the images, and our own."""

from pathlib import Path

import highdicom
import numpy as np
import pydicom
import pytest
from pydicom.sr.codedict import codes
from pydicom.uid import generate_uid

from kinecor.core.values.labels import LabelFile, Part
from kinecor.core.values.recording import Stack
from kinecor.io.contours.segmentation import read_segmentation
from kinecor.io.write.labels import label_frame, stack_labels
from kinecor.io.write.segmentation import write_segmentation
from tests.io.write.sources import AT, read_clip, read_stack, write_clip, write_stack


def by_source(file: LabelFile) -> dict[tuple[str, int], np.ndarray]:
    return {one.source: one.values for one in file.planes if one.source is not None}


def test_our_own_of_a_loop(tmp_path: Path) -> None:
    loop = read_clip(write_clip(tmp_path / "clip.dcm"))
    write_segmentation(tmp_path / "seg.dcm", loop, AT)
    file = read_segmentation(tmp_path / "seg.dcm")
    assert set(file.parts.values()) == {Part.LV_CAVITY, Part.LV_WALL, Part.LA}
    found = by_source(file)
    assert len(found) == 12
    for frame, instance in enumerate(loop.recording.cines[0].instances):
        assert np.array_equal(found[instance.sop_instance, frame + 1], label_frame(loop.reading, frame))


def test_our_own_of_a_stack(tmp_path: Path) -> None:
    stack = read_stack(write_stack(tmp_path))
    write_segmentation(tmp_path / "seg.dcm", stack, AT)
    file = read_segmentation(tmp_path / "seg.dcm")
    expected, found = stack_labels(stack.reading), by_source(file)
    numbers = {part: value for value, part in file.parts.items()}
    ours = np.zeros(5, np.uint16)
    for label, part in ((1, Part.LV_CAVITY), (2, Part.LV_WALL), (4, Part.RV)):
        ours[label] = numbers.get(part, 0)
    assert isinstance(stack.recording, Stack)
    for place, cine in enumerate(stack.recording.slices):
        for time, instance in enumerate(cine.instances):
            if expected[time, place].any():
                assert np.array_equal(found[instance.sop_instance, 0], ours[expected[time, place]])


def foreign(
    folder: Path, masks: np.ndarray, *, origin: tuple[float, float, float], spacing: tuple[float, float], step: float,
    kind: str = "BINARY",
) -> Path:  # fmt: skip
    """A segmentation of one phase on a grid of its own: (slices, rows, columns, segments) of wall and cavity."""
    source = pydicom.dcmread(next(iter(sorted(folder.rglob("*.dcm")))))
    descriptions = [
        highdicom.seg.SegmentDescription(
            segment_number=number,
            segment_label=label,
            segmented_property_category=codes.SCT.AnatomicalStructure,
            segmented_property_type=code,
            algorithm_type="MANUAL",
        )
        for number, (label, code) in enumerate(
            (("Segment_1", pydicom.sr.coding.Code("49848007", "SCT", "Left ventricle myocardium")),
             ("Segment_2", pydicom.sr.coding.Code("87878005", "SCT", "Left ventricle"))), 1
        )
    ]  # fmt: skip
    positions = [
        highdicom.PlanePositionSequence("PATIENT", (origin[0], origin[1], origin[2] - number * step))
        for number in range(len(masks))
    ]
    made = highdicom.seg.Segmentation(
        source_images=[source],
        pixel_array=masks,
        segmentation_type=kind,
        segment_descriptions=descriptions,
        series_instance_uid=generate_uid(),
        series_number=7,
        sop_instance_uid=generate_uid(),
        instance_number=1,
        manufacturer="Elsewhere",
        manufacturer_model_name="Contours",
        software_versions="3",
        device_serial_number="1",
        pixel_measures=highdicom.PixelMeasuresSequence(spacing, slice_thickness=step),
        plane_orientation=highdicom.PlaneOrientationSequence("PATIENT", (1, 0, 0, 0, 1, 0)),
        plane_positions=positions,
        omit_empty_frames=True,
    )
    path = folder / "foreign-seg.dcm"
    made.save_as(path)
    return path


@pytest.mark.parametrize("kind", ["BINARY", "FRACTIONAL"])
def test_one_of_highdicom(tmp_path: Path, kind: str) -> None:
    write_stack(tmp_path)
    masks = np.zeros((3, 40, 50, 2), np.uint8 if kind == "BINARY" else np.float32)
    masks[1:, 10:30, 10:30, 0] = 1
    masks[1:, 15:25, 15:25, :] = (0, 1)
    file = read_segmentation(foreign(tmp_path, masks, origin=(1, 2, 3), spacing=(2.0, 1.0), step=4.0, kind=kind))
    assert file.parts == {1: Part.LV_WALL, 2: Part.LV_CAVITY}
    assert file.equipment.startswith("Elsewhere")
    assert len(file.planes) == 2
    assert file.planes[0].spacing_mm == (2.0, 1.0)
    assert sorted(float(one.plane.origin_mm[2]) for one in file.planes if one.plane) == [-5.0, -1.0]
    expected = masks[1, ..., 0] + 2 * masks[1, ..., 1]
    assert all(np.array_equal(one.values, expected) for one in file.planes)
