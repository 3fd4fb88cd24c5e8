"""Contours as a presentation state: what another program finds in it, and what an independent checker says."""

from pathlib import Path

import numpy as np
import pydicom
import pytest

from kinecor.core.values.errors import KinecorError
from kinecor.core.values.track import Structure
from kinecor.io.write.presentation import write_presentation
from kinecor.io.write.values import Read
from tests.io.dicom_check import standard_errors
from tests.io.write.sources import AT, changed, read_clip, read_stack, write_clip, write_stack


@pytest.fixture(scope="module")
def loop(tmp_path_factory: pytest.TempPathFactory) -> tuple[Read, Path]:
    folder = tmp_path_factory.mktemp("clip")
    read = read_clip(write_clip(folder / "clip.dcm"))
    write_presentation(folder / "pr.dcm", read, AT)
    return read, folder / "pr.dcm"


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> tuple[Read, Path]:
    folder = tmp_path_factory.mktemp("mr")
    read = read_stack(write_stack(folder / "source"))
    write_presentation(folder / "pr.dcm", read, AT)
    return read, folder / "pr.dcm"


def test_each_contour_lies_over_its_frame(loop: tuple[Read, Path]) -> None:
    read, path = loop
    written = pydicom.dcmread(path)
    found = {
        (one.GraphicLayer, one.ReferencedImageSequence[0].ReferencedFrameNumber): one.GraphicObjectSequence[0]
        for one in written.GraphicAnnotationSequence
    }
    assert len(found) == 3 * 12
    for frame, contour in enumerate(read.reading.tracks[Structure.LV_EPI].contours):
        line = found["LV EPICARDIUM", frame + 1]
        points = np.reshape(line.GraphicData, (-1, 2)) - 0.5
        assert line.NumberOfGraphicPoints == len(points)
        assert np.allclose(points, contour.points, atol=1e-4)
    layers = {one.GraphicLayer for one in written.GraphicLayerSequence}
    assert layers == {"LV ENDOCARDIUM", "LV EPICARDIUM", "LEFT ATRIUM"}


def test_the_source_is_shown_whole_and_at_its_proportions(loop: tuple[Read, Path]) -> None:
    read, path = loop
    (area,) = pydicom.dcmread(path).DisplayedAreaSelectionSequence
    assert list(area.DisplayedAreaBottomRightHandCorner) == [read.recording.columns, read.recording.rows]
    assert [float(one) for one in area.PresentationPixelSpacing] == [1.6, 1.2]  # between rows, then between columns


def test_outlines_of_a_stack_are_closed_and_refer_to_their_slices(stack: tuple[Read, Path]) -> None:
    read, path = stack
    written = pydicom.dcmread(path)
    uids = {one.sop_instance for cine in read.recording.cines for one in cine.instances}
    for one in written.GraphicAnnotationSequence:
        assert one.ReferencedImageSequence[0].ReferencedSOPInstanceUID in uids
        points = np.reshape(one.GraphicObjectSequence[0].GraphicData, (-1, 2))
        assert np.array_equal(points[0], points[-1])
    expected = sum(
        contour is not None
        for part in read.reading.slices
        for track in part.tracks.values()
        for contour in track.contours
    )
    assert len(written.GraphicAnnotationSequence) == expected


def test_without_contours_there_is_nothing_to_show(loop: tuple[Read, Path], tmp_path: Path) -> None:
    read, _ = loop
    with pytest.raises(KinecorError, match="no contours"):
        write_presentation(tmp_path / "pr.dcm", changed(read, read.reading.with_(tracks={})), AT)


@pytest.mark.parametrize("which", ["loop", "stack"])
def test_an_independent_checker_finds_no_error(which: str, request: pytest.FixtureRequest) -> None:
    _, path = request.getfixturevalue(which)
    assert standard_errors(path) == []
