"""Segmentations and reports of Kinecor, read back: masks by source frame, and the outlines that values rest on."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from pydicom import dcmread
from pydicom.dataset import Dataset

from kinecor.core.values.errors import KinecorError
from kinecor.core.values.message import message
from kinecor.io.dicom.header import items, text

Frame = tuple[str, int]
"""SOP Instance UID and frame from 1 of the image that something is drawn on; frame 0 of one without frames."""
_SHORT_LABEL: Final = "125309"
_PERSON: Final = "121008"
_DAMAGED: Final = message("Expected an intact segmentation, this one is damaged or cut off; send or retrieve it again")


@dataclass(frozen=True, eq=False)
class OwnSegmentation:
    """Masks of a recording.

    Attributes:
        masks: (rows, columns) bool, by frame and by name of the segment.
        models: "NAME@VERSION" of each model that is named; empty where a person drew everything.
        manual: whether a person drew everything.

    """

    masks: dict[Frame, dict[str, NDArray[np.bool_]]]
    models: tuple[str, ...]
    manual: bool


@dataclass(frozen=True, eq=False)
class OwnReport:
    """What a report says of the images that its values rest on.

    Attributes:
        frames: of each value, by its label such as "EDV (A4C)".
        outlines: (n, 2) contour in pixels (x, y), centres at integers, by the label of its value and its frame.
        persons: who is named as an observer.

    """

    frames: dict[str, tuple[Frame, ...]]
    outlines: dict[tuple[str, Frame], NDArray[np.float64]]
    persons: tuple[str, ...]


def read_segmentation(path: Path) -> OwnSegmentation:
    """The masks of a segmentation.

    Args:
        path: of the object.

    Raises:
        KinecorError: it is damaged.

    """
    try:
        whole = dcmread(path)
        pixels = np.atleast_3d(whole.pixel_array) if int(whole.NumberOfFrames) > 1 else whole.pixel_array[None]
        segments = {int(item.SegmentNumber): item for item in items(whole, "SegmentSequence")}
        masks: dict[Frame, dict[str, NDArray[np.bool_]]] = {}
        for mask, groups in zip(pixels, items(whole, "PerFrameFunctionalGroupsSequence"), strict=True):
            number = int(groups.SegmentIdentificationSequence[0].ReferencedSegmentNumber)
            source = groups.DerivationImageSequence[0].SourceImageSequence[0]
            frame = (str(source.ReferencedSOPInstanceUID), int(source.get("ReferencedFrameNumber", 0) or 0))
            masks.setdefault(frame, {})[str(segments[number].SegmentLabel)] = np.asarray(mask) != 0
    except Exception as error:  # whatever the damage provokes
        if isinstance(error, OSError) and error.errno is not None:
            raise
        raise KinecorError(_DAMAGED) from error
    kinds = {text(segment, "SegmentAlgorithmType") for segment in segments.values()}
    named = [name.strip() for segment in segments.values() for name in text(segment, "SegmentAlgorithmName").split(",")]
    return OwnSegmentation(masks, tuple(dict.fromkeys(name for name in named if "@" in name)), kinds == {"MANUAL"})


def read_own_report(path: Path) -> OwnReport:
    """Frames and outlines of the values of a report.

    Args:
        path: of the object.

    Raises:
        KinecorError: it is damaged.

    """
    frames: dict[str, list[Frame]] = {}
    outlines: dict[tuple[str, Frame], NDArray[np.float64]] = {}
    persons: list[str] = []
    try:
        whole = dcmread(path)
        for item in _walk(whole):
            kind = text(item, "ValueType")
            if kind == "PNAME" and _code(item) == _PERSON:
                persons.append(text(item, "PersonName").strip())
            if kind != "NUM":
                continue
            inner = items(item, "ContentSequence")
            label = next((text(item, "TextValue") for item in inner if _code(item) == _SHORT_LABEL), "")
            for single_item in inner:
                if text(single_item, "ValueType") == "SCOORD":
                    frame = _referenced(items(single_item, "ContentSequence"))
                    points = np.asarray(single_item.GraphicData, np.float64).reshape(-1, 2) - 0.5
                    if frame is not None:
                        outlines[label, frame] = points
                        frames.setdefault(label, []).append(frame)
                elif text(single_item, "ValueType") == "IMAGE" and (frame := _referenced([single_item])) is not None:
                    frames.setdefault(label, []).append(frame)
    except Exception as error:  # whatever the damage provokes
        if isinstance(error, OSError) and error.errno is not None:
            raise
        raise KinecorError(_DAMAGED) from error
    return OwnReport(
        {label: tuple(dict.fromkeys(several)) for label, several in frames.items()}, outlines, tuple(persons)
    )


def _walk(parent: Dataset) -> Iterator[Dataset]:
    waiting: list[Dataset] = [parent]
    while waiting:
        item = waiting.pop()
        yield item
        waiting += items(item, "ContentSequence")


def _referenced(images: Sequence[Any]) -> Frame | None:
    for single_image in images:
        for image in items(single_image, "ReferencedSOPSequence"):
            return str(image.ReferencedSOPInstanceUID), int(image.get("ReferencedFrameNumber", 0) or 0)
    return None


def _code(item: Dataset) -> str:
    named = items(item, "ConceptNameCodeSequence")
    return text(named[0], "CodeValue") if named else ""
