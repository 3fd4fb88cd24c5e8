"""Graphics of a DICOM Softcopy Presentation State (PS3.3 C.10.5) on the images that it refers to.

Lines, points, circles, ellipses and words, in pixels of the image or as shares of the area that is displayed.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

import numpy as np
from pydicom import dcmread
from pydicom.dataset import Dataset

from kinecor.core.values.errors import KinecorError
from kinecor.core.values.foreign import Graphic, Overlay
from kinecor.core.values.geometry import FloatArray
from kinecor.core.values.message import message
from kinecor.core.values.recording import CineSequence, Recording
from kinecor.io.dicom.header import items, numbers, read_dicom, silence_pydicom, text

PRESENTATIONS: Final = "1.2.840.10008.5.1.4.1.1.11."
"""Beginning of the SOP classes of presentation states."""
_ROUND: Final = 72
_Place = tuple[CineSequence, int]


def is_presentation(path: Path) -> bool:
    """Whether a DICOM file is a presentation state.

    Args:
        path: of the file.

    Raises:
        KinecorError: it is no DICOM, or its header is damaged.
        OSError: it cannot be read.

    """
    return text(read_dicom(path).header, "SOPClassUID").startswith(PRESENTATIONS)


def read_presentation(path: Path, recordings: Sequence[Recording]) -> Overlay:
    """The graphics of a presentation state on recordings; () where it draws on none of them.

    Args:
        path: of the file.
        recordings: that it may refer to.

    Raises:
        KinecorError: it is damaged, or no presentation state.
        OSError: it cannot be read.

    """
    silence_pydicom()
    try:
        header = dcmread(path, force=True)
    except OSError:
        raise
    except Exception as error:  # pydicom meets garbage with many kinds of exception
        raise KinecorError(message("Expected an intact presentation state, this file is damaged or cut off")) from error
    if not text(header, "SOPClassUID").startswith(PRESENTATIONS):
        raise KinecorError(message("Expected a presentation state, this is another kind of object"))
    places = _places(recordings)
    found: defaultdict[str, defaultdict[int, list[Graphic]]] = defaultdict(lambda: defaultdict(list))
    for layer in items(header, "GraphicAnnotationSequence"):
        images = items(layer, "ReferencedImageSequence") or [
            image
            for series in items(header, "ReferencedSeriesSequence")
            for image in items(series, "ReferencedImageSequence")
        ]
        for cine, frame in _referred(images, places):
            area = _displayed(header, cine)
            drawn = [*_graphics(layer, area), *_words(layer, area)]
            found[cine.source.recording_id][frame] += drawn
    graphics = {
        recording: {frame: tuple(drawn) for frame, drawn in frames.items() if drawn}
        for recording, frames in found.items()
    }
    return Overlay(str(path), graphics)


def _places(recordings: Sequence[Recording]) -> Mapping[str, list[tuple[int, _Place]]]:
    """Frames of each object, by its UID: (number in the object, 0 of a single one; loop and frame)."""
    places: defaultdict[str, list[tuple[int, _Place]]] = defaultdict(list)
    for recording in recordings:
        for cine in recording.cines:
            for frame, instance in enumerate(cine.instances):
                if instance.sop_instance:
                    places[instance.sop_instance].append((instance.frame, (cine, frame)))
    return places


def _referred(images: Sequence[Dataset], places: Mapping[str, list[tuple[int, _Place]]]) -> Iterator[_Place]:
    for image in images:
        wanted = {int(number) for number in numbers(image, "ReferencedFrameNumber")}
        for number, place in places.get(text(image, "ReferencedSOPInstanceUID"), ()):
            if not wanted or not number or number in wanted:
                yield place


_Area = tuple[float, float, float, float]
"""Left, top, width and height of what is displayed, in pixels from the corner of the first one."""


def _displayed(header: Dataset, cine: CineSequence) -> _Area:
    uids = {instance.sop_instance for instance in cine.instances}
    for area in items(header, "DisplayedAreaSelectionSequence"):
        images = items(area, "ReferencedImageSequence")
        if images and not any(text(image, "ReferencedSOPInstanceUID") in uids for image in images):
            continue
        left_top = numbers(area, "DisplayedAreaTopLeftHandCorner")
        right_bottom = numbers(area, "DisplayedAreaBottomRightHandCorner")
        if len(left_top) == len(right_bottom) == 2:
            # Numbers of pixels, from 1, both included.
            (x, y), (x1, y1) = left_top, right_bottom
            return x - 1, y - 1, x1 - x + 1, y1 - y + 1
    return 0.0, 0.0, float(cine.columns), float(cine.rows)


def _placed(values: Sequence[float], units: str, area: _Area) -> FloatArray:
    """Points in pixels whose centres are at integers; DICOM counts from the corner of the first pixel."""
    points = np.asarray(values, np.float64).reshape(-1, 2)
    if units == "DISPLAY":
        left, top, width, height = area
        points = points * (width, height) + (left, top)
    return np.asarray(points - 0.5)


def _graphics(layer: Dataset, area: _Area) -> Iterator[Graphic]:
    for item in items(layer, "GraphicObjectSequence"):
        values, units = numbers(item, "GraphicData"), text(item, "GraphicAnnotationUnits")
        if len(values) < 2 or len(values) % 2 or not np.isfinite(values).all() or units not in ("PIXEL", "DISPLAY"):
            continue
        points = _placed(values, units, area)
        kind = text(item, "GraphicType")
        if kind == "POINT":
            yield Graphic(points, dots=True)
        elif kind == "CIRCLE" and len(points) == 2:
            yield Graphic(_ellipse(points[0], np.array([np.hypot(*(points[1] - points[0])), 0.0])), closed=True)
        elif kind == "ELLIPSE" and len(points) == 4:
            middle, half = (points[0] + points[1]) / 2, (points[1] - points[0]) / 2
            across = float(np.hypot(*(points[3] - points[2]))) / 2
            yield Graphic(_ellipse(middle, half, across), closed=True)
        elif kind in ("POLYLINE", "INTERPOLATED") and len(points) > 1:
            closed = bool(np.allclose(points[0], points[-1]))
            yield Graphic(points[:-1] if closed and len(points) > 2 else points, closed=closed)


def _ellipse(middle: FloatArray, half: FloatArray, across: float | None = None) -> FloatArray:
    """(n, 2) points round an ellipse with one half axis; a circle where the other has no length of its own."""
    turn = np.arange(_ROUND) * 2 * np.pi / _ROUND
    length = float(np.hypot(*half))
    other = np.array([-half[1], half[0]]) * ((length if across is None else across) / max(length, 1e-9))
    return np.asarray(middle + np.cos(turn)[:, None] * half + np.sin(turn)[:, None] * other)


def _words(layer: Dataset, area: _Area) -> Iterator[Graphic]:
    for item in items(layer, "TextObjectSequence"):
        said = " ".join(text(item, "UnformattedTextValue").split())
        for corner, units in (
            ("BoundingBoxTopLeftHandCorner", "BoundingBoxAnnotationUnits"),
            ("AnchorPoint", "AnchorPointAnnotationUnits"),
        ):
            at = numbers(item, corner)
            if said and len(at) == 2 and text(item, units) in ("PIXEL", "DISPLAY"):
                yield Graphic(_placed(at, text(item, units), area), text=said)
                break
