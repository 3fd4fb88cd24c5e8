"""Pictures for archives: key frames and whole loops with contours (Secondary Capture), and the report (PDF)."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Final

import numpy as np
from pydicom.dataset import Dataset
from pydicom.encaps import encapsulate
from pydicom.uid import (
    EncapsulatedPDFStorage,
    ExplicitVRLittleEndian,
    JPEGBaseline8Bit,
    MultiFrameTrueColorSecondaryCaptureImageStorage,
)

import kinecor
from kinecor.core.values.errors import KinecorError
from kinecor.core.values.events import marked_frames
from kinecor.core.values.geometry import BytesArray
from kinecor.core.values.message import message, verbatim
from kinecor.core.values.recording import Instance
from kinecor.io.dicom.header import text
from kinecor.io.dicom.source_file import source_header
from kinecor.io.write.dataset import decimal
from kinecor.io.write.derived import Series, check_identified, derived_object, reference, save_derived
from kinecor.io.write.drawing import caption_of, montage
from kinecor.io.write.values import Read

KEY_FRAMES: Final = Series("OT", 9301, "Kinecor key frames")
LOOP: Final = Series("OT", 9302, "Kinecor loop with contours")
REPORT: Final = Series("DOC", 9401, "Kinecor report")
_QUALITY = 92
_FRAME_TIME, _FRAME_LABELS = 0x00181063, 0x00182002


def write_key_frames(path: Path, read: Read, at: datetime) -> None:
    """Write ED and ES of each beat with contours, one frame each; a stack shows all slices side by side.

    Args:
        path: of the object.
        read: the recording with its Reading.
        at: when it is written.

    Raises:
        KinecorError: no ED and ES are marked, the recording has no UIDs, a frame cannot be decoded, or `path` cannot
            be written.

    """
    frames = marked_frames(read.reading.events)
    if not frames:
        raise KinecorError(
            message(
                "{path} has no marked ED and ES, so there are no key frames", path=verbatim(read.recording.source.path)
            )
        )
    pictures = _pictures(read, frames)
    made = _capture(read, KEY_FRAMES, pictures, at)
    made.FrameLabelVector = [_label(read, frame) for frame in frames]
    made.FrameIncrementPointer = _FRAME_LABELS
    made.PhotometricInterpretation, made.LossyImageCompression = "RGB", _lossy(read)
    made.PixelData = np.stack(pictures).tobytes()
    made["PixelData"].VR = "OB"
    save_derived(made, path)


def write_loop(path: Path, read: Read, at: datetime) -> None:
    """Write all frames with contours as a film (JPEG baseline: to be looked at, not measured).

    Args:
        path: of the object.
        read: the recording with its Reading.
        at: when it is written.

    Raises:
        KinecorError: the recording has no UIDs, a frame cannot be decoded, or `path` cannot be written.

    """
    import simplejpeg

    times_s = read.recording.times_s
    pictures = _pictures(read, range(len(times_s)))
    made = _capture(read, LOOP, pictures, at)
    made.FrameTime = decimal(1000 * float(times_s[-1]) / (len(times_s) - 1)) if len(times_s) > 1 else "0"
    made.FrameIncrementPointer = _FRAME_TIME
    packed = [simplejpeg.encode_jpeg(image, _QUALITY, "RGB", "422") for image in pictures]
    made.PhotometricInterpretation = "YBR_FULL_422"
    made.LossyImageCompression, made.LossyImageCompressionMethod = "01", "ISO_10918_1"
    made.LossyImageCompressionRatio = decimal(round(sum(image.nbytes for image in pictures) / sum(map(len, packed)), 2))
    made.PixelData = encapsulate(packed)
    made["PixelData"].VR = "OB"
    save_derived(made, path, JPEGBaseline8Bit)


def _pictures(read: Read, frames: Sequence[int]) -> list[BytesArray]:
    check_identified(read.recording.cines, message("secondary capture"))
    return [
        montage(read.recording, read.reading, frame, caption=caption_of(read.recording, read.reading, frame))
        for frame in frames
    ]


def _label(read: Read, frame: int) -> str:
    beats = read.reading.events.beats if read.reading.events else ()
    return "ED" if frame in [beat.ed for beat in beats] else "ES"


def _lossy(read: Read) -> str:
    """Whether the pixels were compressed with loss at some time, by the source."""
    return text(source_header(read.recording.cines[0].instances[0].path), "LossyImageCompression") or "00"


def _capture(read: Read, series: Series, pictures: Sequence[BytesArray], at: datetime) -> Dataset:
    """A multi-frame colour picture (PS3.3 A.8.5) without its pixels."""
    instances = [cine.instances[0] for cine in read.recording.cines]
    made = derived_object(instances[0], MultiFrameTrueColorSecondaryCaptureImageStorage, series, at)
    made.ConversionType, made.ImageType = "WSD", ["DERIVED", "SECONDARY"]
    made.PatientOrientation, made.BodyPartExamined = "", "HEART"
    made.DerivationDescription = f"Contours drawn by Kinecor {kinecor.__version__}. {kinecor.RESEARCH_USE}."
    made.SourceImageSequence = [reference(instance) for instance in instances]
    # What is burned into the source is burned in here; only the source can say that there is nothing.
    burned = text(source_header(instances[0].path), "BurnedInAnnotation")
    made.BurnedInAnnotation = burned if burned in ("YES", "NO") else "YES"
    made.SamplesPerPixel, made.PlanarConfiguration, made.PixelRepresentation = 3, 0, 0
    made.NumberOfFrames, made.Rows, made.Columns = len(pictures), *pictures[0].shape[:2]
    made.BitsAllocated = made.BitsStored = 8
    made.HighBit = 7
    return made


def write_encapsulated(path: Path, report: bytes, instances: Sequence[Instance], title: str, at: datetime) -> None:
    """Write a PDF report as a DICOM object (PS3.3 A.45.1) of the study it is about.

    Args:
        path: of the file.
        report: the PDF.
        instances: the objects the report is about; the first gives patient and study.
        title: of the document.
        at: when the object is made, with a time zone.

    Raises:
        KinecorError: a source file cannot be read again, or `path` cannot be written.

    """
    made = derived_object(instances[0], EncapsulatedPDFStorage, REPORT, at)
    made.ConversionType, made.BurnedInAnnotation = "WSD", "YES"
    made.AcquisitionDateTime = ""
    made.DocumentTitle, made.ConceptNameCodeSequence = title, []
    made.SourceInstanceSequence = [reference(instance) for instance in dict.fromkeys(instances)]
    made.MIMETypeOfEncapsulatedDocument = "application/pdf"
    made.EncapsulatedDocumentLength = len(report)
    made.EncapsulatedDocument = report + b"\0" * (len(report) % 2)
    save_derived(made, path, ExplicitVRLittleEndian)
