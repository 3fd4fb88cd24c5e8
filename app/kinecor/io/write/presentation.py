"""Contours as a Softcopy Presentation State (PS3.3 A.33): lines that a viewer lays over the source's own images.

Unlike a Secondary Capture it copies no pixels, and unlike a Segmentation every viewer of an archive can show it.
"""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Final

import numpy as np
from pydicom.dataset import Dataset
from pydicom.multival import MultiValue
from pydicom.uid import ColorSoftcopyPresentationStateStorage, GrayscaleSoftcopyPresentationStateStorage

from kinecor.core.values.colours import ON_DARK
from kinecor.core.values.errors import KinecorError
from kinecor.core.values.geometry import Contour
from kinecor.core.values.message import message, verbatim
from kinecor.core.values.recording import CineSequence, Stack
from kinecor.core.values.track import Structure
from kinecor.io.dicom.header import text
from kinecor.io.dicom.source_file import source_header
from kinecor.io.files.colour import cielab, srgb_profile
from kinecor.io.write.dataset import decimal
from kinecor.io.write.derived import Series, by_series, check_identified, derived_object, reference, save_derived
from kinecor.io.write.values import Read

SERIES: Final = Series("PR", 9501, "Kinecor contours")
_LAYERS: Final = {
    Structure.LV_ENDO: "LV ENDOCARDIUM",
    Structure.LV_EPI: "LV EPICARDIUM",
    Structure.LA: "LEFT ATRIUM",
    Structure.RV: "RV ENDOCARDIUM",
}


def write_presentation(path: Path, read: Read, at: datetime) -> None:
    """Write the contours of all frames, of a stack those of all slices, as one presentation state.

    Args:
        path: of the file.
        read: the recording and its contours.
        at: when the object is made, with a time zone.

    Raises:
        KinecorError: the recording has no UIDs or no contour, a source cannot be read again, or `path` cannot be
            written.

    """
    save_derived(presentation(read, at), path)


def presentation(read: Read, at: datetime) -> Dataset:
    """The same as a data set that has no SOP Instance UID yet.

    Args:
        read: the recording with its Reading.
        at: when it is written.

    Raises:
        KinecorError: as `write_presentation`, but for writing.

    """
    recording = read.recording
    check_identified(recording.cines, message("presentation state"))
    drawn = list(_annotations(read))
    if not drawn:
        raise KinecorError(
            message(
                "{path} has no contours, so there is nothing to show over its images",
                path=verbatim(recording.source.path),
            )
        )
    first = recording.cines[0].instances[0]
    source = source_header(first.path)
    grey = text(source, "PhotometricInterpretation").startswith("MONOCHROME")
    kind = GrayscaleSoftcopyPresentationStateStorage if grey else ColorSoftcopyPresentationStateStorage
    made = derived_object(first, kind, SERIES, at)
    made.BodyPartExamined = "HEART"
    made.PresentationCreationDate, made.PresentationCreationTime = f"{at:%Y%m%d}", f"{at:%H%M%S}"
    made.ContentLabel, made.ContentDescription = "KINECOR CONTOURS", "Contours of heart chambers and wall"
    made.ContentCreatorName = ""
    instances = [instance for cine in recording.cines for instance in cine.instances]
    made.ReferencedSeriesSequence = by_series(instances, "ReferencedImageSequence")
    made.DisplayedAreaSelectionSequence = [_area(read)]
    made.GraphicAnnotationSequence = drawn
    layers = {item.GraphicLayer for item in drawn}
    made.GraphicLayerSequence = [
        _layer(name, ON_DARK[structure], order)
        for order, (structure, name) in enumerate(_LAYERS.items(), start=1)
        if name in layers
    ]
    if grey:
        made.PresentationLUTShape = "IDENTITY"
        if (window := _window(source)) is not None:
            made.SoftcopyVOILUTSequence = [window]
    else:
        made.ICCProfile = srgb_profile()
    return made


def _annotations(read: Read) -> Iterator[Dataset]:
    """One item for each contour, over the frame that it was drawn in."""
    recording, reading = read.recording, read.reading
    parts = reading.slices if isinstance(recording, Stack) else (reading,)
    for cine, part in zip(recording.cines, parts, strict=True):
        for structure, track in part.tracks.items():
            for frame, contour in enumerate(track.contours):
                if contour is not None:
                    yield _annotation(cine, structure, frame, contour, closed=part.kind.closed)


def _annotation(cine: CineSequence, structure: Structure, frame: int, contour: Contour, *, closed: bool) -> Dataset:
    instance = cine.instances[frame]
    # The corner of the first pixel is (0, 0) there (PS3.3 C.10.5.1.2); here it is its centre.
    points = contour.points + 0.5
    points = np.clip(np.vstack([points, points[:1]]) if closed else points, 0, (cine.columns, cine.rows))
    line = Dataset()
    line.GraphicAnnotationUnits, line.GraphicDimensions = "PIXEL", 2
    line.NumberOfGraphicPoints = len(points)
    line.GraphicData = np.asarray(points, np.float32).ravel().tolist()
    line.GraphicType, line.GraphicFilled = "POLYLINE", "N"
    item = Dataset()
    item.ReferencedImageSequence = [reference(instance, *((instance.frame,) if instance.frame else ()))]
    item.GraphicLayer = _LAYERS[structure]
    item.GraphicObjectSequence = [line]
    return item


def _area(read: Read) -> Dataset:
    """The whole image, at its true proportions as far as they are known."""
    cine, scale = read.recording.cines[0], read.reading.calibration
    item = Dataset()
    item.DisplayedAreaTopLeftHandCorner = [1, 1]
    item.DisplayedAreaBottomRightHandCorner = [cine.columns, cine.rows]
    item.PresentationSizeMode = "SCALE TO FIT"
    if scale is not None:
        item.PresentationPixelSpacing = [decimal(scale.row_mm), decimal(scale.col_mm)]
    else:
        item.PresentationPixelAspectRatio = [1, 1]
    return item


def _layer(name: str, colour: str, order: int) -> Dataset:
    item = Dataset()
    item.GraphicLayer, item.GraphicLayerOrder = name, order
    item.GraphicLayerRecommendedDisplayCIELabValue = cielab(colour)
    return item


def _window(source: Dataset) -> Dataset | None:
    """The first window of the source, without which a viewer would show all grey values of MRI: nearly black."""
    numbers = {}
    for keyword in ("WindowCenter", "WindowWidth"):
        value = source.get(keyword)
        numbers[keyword] = value[0] if isinstance(value, MultiValue) and value else value
    if not all(isinstance(number, float) for number in numbers.values()):
        return None
    item = Dataset()
    item.WindowCenter, item.WindowWidth = numbers.values()
    return item
