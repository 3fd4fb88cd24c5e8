"""Presentation states on the images that they refer to: our own, and one with every kind of graphic."""

from pathlib import Path

import numpy as np
import pydicom
import pytest
from pydicom.dataset import Dataset

from kinecor.analysis.contours.overlays import overlay_of
from kinecor.core.values.errors import KinecorError
from kinecor.core.values.track import Structure
from kinecor.io.contours.presentation import read_presentation
from kinecor.io.write.presentation import write_presentation
from kinecor.io.write.segmentation import write_segmentation
from kinecor.io.write.values import Read
from tests.io.write.sources import AT, read_clip, read_stack, write_clip, write_stack


@pytest.fixture
def loop(tmp_path: Path) -> Read:
    return read_clip(write_clip(tmp_path / "clip.dcm"))


def graphic(kind: str, units: str, values: list[float]) -> Dataset:
    one = Dataset()
    one.GraphicAnnotationUnits, one.GraphicDimensions, one.GraphicType = units, 2, kind
    one.NumberOfGraphicPoints, one.GraphicData, one.GraphicFilled = len(values) // 2, values, "N"
    return one


def test_our_own_lines_lie_where_the_contours_are(loop: Read, tmp_path: Path) -> None:
    write_presentation(tmp_path / "pr.dcm", loop, AT)
    overlay = read_presentation(tmp_path / "pr.dcm", [loop.recording])
    frames = overlay.graphics[loop.recording.source.recording_id]
    assert sorted(frames) == list(range(12))
    for frame, drawn in frames.items():
        wanted = [track.contours[frame] for track in loop.reading.tracks.values()]
        for contour in wanted:
            assert contour is not None
            assert any(
                len(one.points) == len(contour) and np.allclose(one.points, contour.points, atol=1e-3) for one in drawn
            )


def test_every_kind_of_graphic_in_pixels_and_on_the_displayed_area(loop: Read, tmp_path: Path) -> None:
    write_presentation(tmp_path / "pr.dcm", loop, AT)
    stored = pydicom.dcmread(tmp_path / "pr.dcm")
    image = Dataset()
    image.ReferencedSOPClassUID = loop.recording.cines[0].instances[0].sop_class
    image.ReferencedSOPInstanceUID = loop.recording.cines[0].instances[0].sop_instance
    image.ReferencedFrameNumber = 3
    layer = Dataset()
    layer.ReferencedImageSequence, layer.GraphicLayer = [image], "L"
    layer.GraphicObjectSequence = [
        graphic("POLYLINE", "PIXEL", [1.5, 2.5, 5.5, 2.5, 5.5, 7.5, 1.5, 2.5]),
        graphic("POINT", "DISPLAY", [0.0, 0.0]),
        graphic("CIRCLE", "PIXEL", [20.5, 30.5, 25.5, 30.5]),
        graphic("ELLIPSE", "PIXEL", [10.5, 40.5, 30.5, 40.5, 20.5, 35.5, 20.5, 45.5]),
        graphic("POLYLINE", "MATRIX", [1.0, 2.0, 3.0, 4.0]),
    ]
    words = Dataset()
    words.UnformattedTextValue, words.AnchorPointAnnotationUnits = "LVOT\r\n21 mm", "DISPLAY"
    words.AnchorPoint, words.AnchorPointVisibility = [1.0, 1.0], "N"
    layer.TextObjectSequence = [words]
    stored.GraphicAnnotationSequence = [layer]
    area = Dataset()
    area.DisplayedAreaTopLeftHandCorner, area.DisplayedAreaBottomRightHandCorner = [11, 21], [50, 80]
    area.PresentationSizeMode = "SCALE TO FIT"
    stored.DisplayedAreaSelectionSequence = [area]
    stored.save_as(tmp_path / "pr.dcm")
    overlay = read_presentation(tmp_path / "pr.dcm", [loop.recording])
    ((frame, drawn),) = overlay.graphics[loop.recording.source.recording_id].items()
    assert frame == 2
    triangle, point, circle, ellipse, text = drawn
    assert triangle.closed
    assert triangle.points.tolist() == [[1, 2], [5, 2], [5, 7]]
    assert point.dots
    assert point.points.tolist() == [[9.5, 19.5]]  # the corner of pixel (11, 21), which is counted from 1
    assert np.hypot(*(circle.points - (20, 30)).T) == pytest.approx(np.full(72, 5.0))
    assert (((ellipse.points - (20, 40)) / (10, 5)) ** 2).sum(axis=1) == pytest.approx(np.ones(72))
    assert text.text == "LVOT 21 mm"
    assert text.points.tolist() == [[49.5, 79.5]]


def test_segments_are_outlined_on_their_images(loop: Read, tmp_path: Path) -> None:
    write_segmentation(tmp_path / "seg.dcm", loop, AT)
    overlay = overlay_of(tmp_path / "seg.dcm", [loop.recording])
    drawn = overlay.graphics[loop.recording.source.recording_id][4]
    assert {one.text for one in drawn} == {"LV cavity", "LV myocardium", "Left atrium"}
    endo = loop.reading.tracks[Structure.LV_ENDO].contours[4]
    assert endo is not None
    (line,) = (one for one in drawn if one.text == "LV cavity")
    assert np.abs(line.points.mean(axis=0) - endo.points.mean(axis=0)).max() < 3


def test_a_document_of_other_images_draws_nothing(loop: Read, tmp_path: Path) -> None:
    stack = read_stack(write_stack(tmp_path / "mr"))
    write_presentation(tmp_path / "pr.dcm", loop, AT)
    write_segmentation(tmp_path / "seg.dcm", loop, AT)
    for name in ("pr.dcm", "seg.dcm"):
        with pytest.raises(KinecorError, match="none of the images"):
            overlay_of(tmp_path / name, [stack.recording])
    with pytest.raises(KinecorError, match="another kind of object"):
        read_presentation(tmp_path / "seg.dcm", [loop.recording])
