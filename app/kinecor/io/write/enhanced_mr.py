"""A simulated cine MRI series as one Enhanced MR Image (PS3.3 A.36.2).

Since its image type is DERIVED, the standard requires no scan parameters; none are made up.
"""

from pathlib import Path
from typing import Any

import numpy as np
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.uid import EnhancedMRImageStorage

from kinecor.io.write.dataset import About, decimal, new_dataset, save, write_errors
from kinecor.io.write.mr import MrSeries, MrSlice, set_pixels

_STACK_ID, _IN_STACK, _TIME = 0x00209056, 0x00209057, 0x00209128
_FRAME_CONTENT = 0x00209111
# Content Date must not be empty here; a simulation has none.
_NO_DATE = "19000101"


def write_enhanced(path: Path, series: MrSeries, about: About, number: int) -> None:
    """Write a series as one multi-frame file, slice by slice, each through its phases.

    Args:
        path: the file; its folder is made if it is not there.
        series: the slices.
        about: the patient and study.
        number: of the series in its study.

    Raises:
        KinecorError: the file cannot be written there.

    """
    with write_errors(path.parent):
        path.parent.mkdir(parents=True, exist_ok=True)
    header = new_dataset(about, EnhancedMRImageStorage, "MR", (number, series.description), 1)
    frame_type = ["DERIVED", "PRIMARY", "CINE", "NONE"]
    header.ImageType = frame_type
    header.PatientPosition = "HFS"
    header.FrameOfReferenceUID, header.PositionReferenceIndicator = about.uid("MR", "frame of reference"), ""
    header.ContentDate, header.ContentTime = _NO_DATE, "000000"
    header.AcquisitionNumber = number
    header.PixelPresentation, header.VolumetricProperties = "MONOCHROME", "VOLUME"
    header.VolumeBasedCalculationTechnique = "NONE"
    header.ComplexImageComponent, header.AcquisitionContrast = "MAGNITUDE", "UNKNOWN"
    header.ContentQualification, header.ApplicableSafetyStandardAgency = "RESEARCH", "OTHER"
    del header.DerivationDescription  # not of this kind of object; Image Comments says the same
    header.PresentationLUTShape = "IDENTITY"
    header.AcquisitionContextSequence = Sequence([])
    _dimensions(header, about)
    set_pixels(header, np.concatenate([one.frames for one in series.slices]))
    header.NumberOfFrames = sum(len(one.frames) for one in series.slices)
    header.SharedFunctionalGroupsSequence = Sequence([_shared(series, frame_type)])
    header.PerFrameFunctionalGroupsSequence = Sequence(
        [
            _frame(one, place, phase, series.interval_ms)
            for place, one in enumerate(series.slices, start=1)
            for phase in range(len(one.frames))
        ]
    )
    save(header, path)


def _dimensions(header: Dataset, about: About) -> None:
    """Frames are ordered by stack, position in the stack, and time (PS3.3 C.7.6.17)."""
    organisation = Dataset()
    organisation.DimensionOrganizationUID = about.uid("MR", "dimensions")
    header.DimensionOrganizationSequence = Sequence([organisation])
    pointers = [(_STACK_ID, "Stack"), (_IN_STACK, "Slice"), (_TIME, "Phase")]
    header.DimensionIndexSequence = Sequence(
        [
            _item(
                DimensionOrganizationUID=organisation.DimensionOrganizationUID,
                DimensionIndexPointer=pointer,
                FunctionalGroupPointer=_FRAME_CONTENT,
                DimensionDescriptionLabel=label,
            )
            for pointer, label in pointers
        ]
    )


def _shared(series: MrSeries, frame_type: list[str]) -> Dataset:
    """The functional groups that all frames share."""
    first = series.slices[0]
    measures = _item(PixelSpacing=[decimal(mm) for mm in first.spacing_mm], SliceThickness=decimal(first.thickness_mm))
    if series.spacing_between_mm:
        measures.SpacingBetweenSlices = decimal(round(series.spacing_between_mm, 6))
    region = _item(CodeValue="80891009", CodingSchemeDesignator="SCT", CodeMeaning="Heart")
    high = decimal(max(1.0, float(max(np.percentile(one.frames, 99.5) for one in series.slices))))
    groups = {
        "PixelMeasuresSequence": measures,
        "PlaneOrientationSequence": _item(ImageOrientationPatient=first.orientation),
        "FrameAnatomySequence": _item(FrameLaterality="U", AnatomicRegionSequence=Sequence([region])),
        "FrameVOILUTSequence": _item(WindowCenter=decimal(float(high) / 2), WindowWidth=high),
        "PixelValueTransformationSequence": _item(RescaleIntercept="0", RescaleSlope="1", RescaleType="US"),
        "MRImageFrameTypeSequence": _item(
            FrameType=frame_type,
            PixelPresentation="MONOCHROME",
            VolumetricProperties="VOLUME",
            VolumeBasedCalculationTechnique="NONE",
            ComplexImageComponent="MAGNITUDE",
            AcquisitionContrast="UNKNOWN",
        ),
    }
    shared = Dataset()
    for keyword, item in groups.items():
        setattr(shared, keyword, Sequence([item]))
    return shared


def _frame(one: MrSlice, place: int, phase: int, interval_ms: float) -> Dataset:
    trigger_ms = round(float(one.trigger_ms[phase]), 6)
    group = Dataset()
    group.FrameContentSequence = Sequence(
        [
            _item(
                FrameAcquisitionNumber=phase + 1,
                CardiacCyclePosition="UNDETERMINED",
                StackID="1",
                InStackPositionNumber=place,
                TemporalPositionIndex=phase + 1,
                DimensionIndexValues=[1, place, phase + 1],
            )
        ]
    )
    group.PlanePositionSequence = Sequence([_item(ImagePositionPatient=one.position)])
    group.CardiacSynchronizationSequence = Sequence(
        [_item(NominalCardiacTriggerDelayTime=trigger_ms, RRIntervalTimeNominal=interval_ms)]
    )
    return group


def _item(**elements: Any) -> Dataset:  # an element's value may be of any kind
    item = Dataset()
    for keyword, value in elements.items():
        setattr(item, keyword, value)
    return item
