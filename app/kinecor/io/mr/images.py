"""Single MR images with their place and time, and their values for display."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from pydicom.dataset import Dataset

from kinecor.core.values.calibration import Options
from kinecor.core.values.errors import KinecorError
from kinecor.core.values.geometry import BytesArray
from kinecor.core.values.message import Message, joined_by, message
from kinecor.core.values.recording import Depth, GreyWindow, Instance, Source
from kinecor.io.dicom.evidence import Evidence, ImageEvidence, header_evidence, image_evidence
from kinecor.io.dicom.header import (
    DicomFile,
    element,
    instances_of,
    items,
    modality_of,
    number,
    numbers,
    positive,
    rescale,
    safe_id,
    source_of,
    text,
)
from kinecor.io.dicom.layout import read_layout
from kinecor.io.dicom.pixels import DicomPixels, RealValues, Windows, common_window, header_window, windows_of
from kinecor.io.files.cache import CachedFrames, FrameCache
from kinecor.io.files.colour import Window, robust_window

Vector = tuple[float, ...]
# Files that a sentence names; of more it gives the count.
_NAMED = 3


@dataclass(frozen=True)
class MrImage:
    """One image.

    Attributes:
        pixels, frame: its samples: the file, and the number of the frame in it (0-based).
        shown: the path to show.
        uid: of the image; "" where the file has none.
        study, series: their UIDs.
        kind: separates what one series may mix (magnitude and phase, echoes, image sizes).
        orientation: direction of rows and of columns, six cosines, or None.
        position_mm: of the centre of the first pixel, three coordinates, or None.
        trigger_ms: time after the R wave, or None.
        temporal: index of the phase as the scanner counts, or None.
        order: acquisition and instance number, used where nothing better gives the order.
        taken: date and time of acquisition, else of content, as text that sorts; "" where the file has none.
        interval_ms: length of the heart cycle, or None.
        phases: how many images the scanner made of a cycle, or None.
        heart_rate_per_min: or None.
        spacing_mm: (between rows, between columns), or empty.
        thickness_mm: or None.
        between_mm: from slice to slice, or None.
        slope, intercept: stored value to real value.
        inverted: MONOCHROME1.
        window: the grey window in the file, or None.
        frame_of_reference: images with the same one share their coordinates.
        source: of the file, its recording_id and digest still empty.
        instance: the DICOM object it is stored in.
        evidence: what it says of the kind of its series.
        file_evidence: what its file says of it, the same for all frames.

    """

    pixels: DicomPixels
    frame: int
    shown: str
    uid: str
    study: str
    series: str
    kind: tuple[object, ...]
    orientation: Vector | None
    position_mm: Vector | None
    trigger_ms: float | None
    temporal: float | None
    order: tuple[float, float, float]
    taken: str
    interval_ms: float | None
    phases: float | None
    heart_rate_per_min: float | None
    spacing_mm: Vector
    thickness_mm: float | None
    between_mm: float | None
    slope: float
    intercept: float
    inverted: bool
    window: GreyWindow | None
    frame_of_reference: str
    source: Source
    instance: Instance
    evidence: ImageEvidence
    file_evidence: Evidence


def names_of_files(images: Sequence[MrImage], *, folders: bool = False) -> Message:
    """The files of some images, the first few by name; with `folders`, each with the folder it is in.

    Args:
        images: of one file or more.
        folders: whether the folder is named, too.

    """
    names = list(dict.fromkeys("/".join(Path(image.shown).parts[-2 if folders else -1 :]) for image in images))
    shown = joined_by(", ", names[:_NAMED])
    more = len(names) - _NAMED
    return message("{files} and {count} more", files=shown, count=more) if more > 0 else shown


def is_part_of_study(file: DicomFile, options: Options) -> bool:
    """Whether the file's images form recordings only together with others: MR, or any image with a position.

    Args:
        file: with its header.
        options: of opening.

    """
    modality = modality_of(file.header) if options.modality == "auto" else options.modality
    if modality == "US":
        return False
    many = (number(file.header, "NumberOfFrames") or 1) > 1
    if items(file.header, "PerFrameFunctionalGroupsSequence") and many:
        return True
    return not many and (modality == "MR" or bool(numbers(file.header, "ImagePositionPatient")))


def read_images(file: DicomFile, shown: str, about: Evidence | None = None) -> list[MrImage]:
    """The images of one file; pixels stay on disk.

    Args:
        file: see DicomFile.
        shown: the path to show.
        about: what it says of itself, where that is known already.

    Raises:
        KinecorError: the pixels do not fit the header.
        OSError: the file cannot be read.

    """
    layout, table = read_layout(file)
    pixels = DicomPixels(file.path, layout, table, file.keep)
    source = source_of(file, shown, "", modality_of(file.header), "")
    instances = instances_of(file, layout.frames)
    about = header_evidence(file) if about is None else about
    per_frame = items(file.header, "PerFrameFunctionalGroupsSequence")
    shared = items(file.header, "SharedFunctionalGroupsSequence")
    if layout.frames == 1 and not (per_frame and items(per_frame[0], "PlanePositionSequence")):
        return [_classic(file.header, pixels, shown, source, instances[0], about)]
    groups = [[*per_frame[i : i + 1], *shared[:1]] for i in range(layout.frames)]
    return [
        _enhanced(file.header, groups[i], pixels, shown, source, instance, about)
        for i, instance in enumerate(instances)
    ]


def _classic(
    header: Dataset, pixels: DicomPixels, shown: str, source: Source, instance: Instance, about: Evidence
) -> MrImage:
    image_type = text(header, "ImageType").split()
    slope, intercept = rescale(header)
    return MrImage(
        pixels=pixels,
        frame=0,
        shown=shown,
        uid=text(header, "SOPInstanceUID"),
        study=safe_id(text(header, "StudyInstanceUID")),
        series=text(header, "SeriesInstanceUID"),
        kind=(tuple(image_type[2:3]), number(header, "EchoTime"), _size(pixels)),
        orientation=_vector(header, "ImageOrientationPatient", 6),
        position_mm=_vector(header, "ImagePositionPatient", 3),
        trigger_ms=number(header, "TriggerTime"),
        temporal=number(header, "TemporalPositionIdentifier"),
        order=_order(header),
        taken=_taken(header),
        interval_ms=positive(header, "NominalInterval"),
        phases=positive(header, "CardiacNumberOfImages"),
        heart_rate_per_min=positive(header, "HeartRate"),
        spacing_mm=_vector(header, "PixelSpacing", 2) or (),
        thickness_mm=positive(header, "SliceThickness"),
        between_mm=positive(header, "SpacingBetweenSlices"),
        slope=slope,
        intercept=intercept,
        inverted=pixels.layout.photometric == "MONOCHROME1",
        window=header_window(header),
        frame_of_reference=text(header, "FrameOfReferenceUID"),
        source=source,
        instance=instance,
        evidence=image_evidence(header),
        file_evidence=about,
    )


def _enhanced(
    header: Dataset,
    groups: list[Dataset],
    pixels: DicomPixels,
    shown: str,
    source: Source,
    instance: Instance,
    about: Evidence,
) -> MrImage:
    """One frame of an enhanced object; its own functional groups come before the shared ones (PS3.3 C.7.6.16)."""
    frame = max(instance.frame - 1, 0)

    def macro(keyword: str) -> Dataset:
        return next((found[0] for group in groups if (found := items(group, keyword))), Dataset())

    content, cardiac = macro("FrameContentSequence"), macro("CardiacSynchronizationSequence")
    measures, values = macro("PixelMeasuresSequence"), macro("PixelValueTransformationSequence")
    frame_type = text(macro("MRImageFrameTypeSequence"), "FrameType").split()
    uid = text(header, "SOPInstanceUID")
    slope, intercept = rescale(values)
    return MrImage(
        pixels=pixels,
        frame=frame,
        shown=shown,
        uid=f"{uid}#{frame}" if uid else "",
        study=safe_id(text(header, "StudyInstanceUID")),
        series=text(header, "SeriesInstanceUID"),
        kind=(tuple(frame_type[2:3]), number(macro("MREchoSequence"), "EffectiveEchoTime"), _size(pixels)),
        orientation=_vector(macro("PlaneOrientationSequence"), "ImageOrientationPatient", 6),
        position_mm=_vector(macro("PlanePositionSequence"), "ImagePositionPatient", 3),
        trigger_ms=number(cardiac, "NominalCardiacTriggerDelayTime"),
        temporal=number(content, "TemporalPositionIndex"),
        order=(*_order(header)[:2], frame),
        taken=text(content, "FrameAcquisitionDateTime") or _taken(header),
        interval_ms=positive(cardiac, "RRIntervalTimeNominal"),
        phases=None,
        heart_rate_per_min=positive(header, "HeartRate"),
        spacing_mm=_vector(measures, "PixelSpacing", 2) or (),
        thickness_mm=positive(measures, "SliceThickness"),
        between_mm=positive(measures, "SpacingBetweenSlices"),
        slope=slope,
        intercept=intercept,
        inverted=pixels.layout.photometric == "MONOCHROME1",
        window=header_window(macro("FrameVOILUTSequence")),
        frame_of_reference=text(header, "FrameOfReferenceUID"),
        source=source,
        instance=instance,
        evidence=image_evidence(header, groups),
        file_evidence=about,
    )


def _size(pixels: DicomPixels) -> tuple[int, int, int]:
    return pixels.layout.rows, pixels.layout.columns, pixels.layout.samples


def _order(header: Dataset) -> tuple[float, float, float]:
    names = ("SeriesNumber", "AcquisitionNumber", "InstanceNumber")
    series, acquisition, instance = (number(header, name) or 0.0 for name in names)
    return series, acquisition, instance


def _taken(header: Dataset) -> str:
    if whole := text(header, "AcquisitionDateTime"):
        return whole
    kind = "Acquisition" if text(header, "AcquisitionTime") else "Content"
    return text(header, f"{kind}Date") + text(header, f"{kind}Time")


def _vector(header: Dataset, keyword: str, length: int) -> Vector | None:
    found = numbers(header, keyword) if element(header, keyword) is not None else ()
    return found if len(found) == length else None


# Images looked at for the grey window of a whole stack.
_WINDOW_IMAGES = 24


@dataclass(frozen=True, eq=False)
class Look:
    """As they are, or by one window for all.

    Attributes:
        window: maps real values to uint8 for models and measurements; None for colour, which stays as it is.
        windows: grey windows for readers of images of more than 8 bits, or None.

    """

    window: Window | None
    windows: Windows | None = None

    def frames(self, images: Sequence[MrImage], cache: FrameCache) -> tuple[CachedFrames, Depth | None]:
        """One slice as uint8, and in real values where it has many bits of grey.

        Args:
            images: of one slice, in order of their phases.
            cache: for decoded frames.

        """
        layout, window = images[0].pixels.layout, self.window

        def repaired(frame: int) -> bool:
            return images[frame].pixels.repaired(images[frame].frame)

        shape: tuple[int, ...] = (len(images), layout.rows, layout.columns)
        if window is None:
            return CachedFrames(
                lambda frame: images[frame].pixels.samples(images[frame].frame), (*shape, 3), cache, repaired
            ), None
        if self.windows is None:
            return CachedFrames(lambda frame: _windowed(window, images[frame]), shape, cache, repaired), None
        real = RealValues(lambda frame: _real(images[frame]), len(images), cache)
        frames = CachedFrames(lambda frame: _turned(window, images[frame])(real[frame]), shape, cache, repaired)
        return frames, self.windows.depth(real, inverted=images[0].inverted)


def look_of(images: Sequence[MrImage]) -> Look:
    """Colour as it is, 8-bit grey as it is, else one window for all.

    Args:
        images: of one stack or cine.

    """
    layout = images[0].pixels.layout
    if layout.samples == 3:
        return Look(None)
    plain = all(i.pixels.layout.stored == 8 and not i.pixels.layout.signed for i in images)
    if plain and all((i.slope, i.intercept) == (1.0, 0.0) for i in images):
        return Look(Window(0.0, 255.0))
    chosen = np.unique(np.linspace(0, len(images) - 1, _WINDOW_IMAGES).astype(int))
    sampled = _sampled([images[int(i)] for i in chosen])
    robust = robust_window(sampled)
    return Look(robust, windows_of(sampled, robust, common_window([image.window for image in images])))


def _sampled(images: list[MrImage]) -> tuple[np.ndarray, ...]:
    values, error = [], None
    for image in images:
        try:
            values.append(_real(image))
        except KinecorError as problem:
            # One bad image must not cost the study; it is reported when it is shown.
            error = problem
    if not values and error:
        raise error
    return tuple(values)


def _turned(window: Window, image: MrImage) -> Window:
    return window.inverted if image.inverted else window


def _windowed(window: Window, image: MrImage) -> BytesArray:
    return _turned(window, image)(_real(image))


def _real(image: MrImage) -> np.ndarray:
    samples = image.pixels.samples(image.frame)
    if (image.slope, image.intercept) == (1.0, 0.0):
        return samples
    return samples * np.float32(image.slope) + np.float32(image.intercept)
