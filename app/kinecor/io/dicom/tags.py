"""The header elements Kinecor reads; all others are skipped, which is faster and leaves private data alone."""

# fmt: off
HEADER_KEYWORDS = (
    "SpecificCharacterSet", "ImageType", "SOPClassUID", "SOPInstanceUID", "StudyDate", "Modality", "Manufacturer",
    "InstitutionName", "StudyDescription", "SeriesDescription", "ManufacturerModelName", "SoftwareVersions",
    "RecommendedDisplayFrameRate", "ViewName", "PatientName", "PatientID", "PatientBirthDate", "PatientSex",
    "PatientSize", "PatientWeight", "SliceThickness", "RepetitionTime", "EchoTime", "CineRate",
    "SpacingBetweenSlices", "ProtocolName", "TriggerTime", "NominalInterval", "FrameTime", "FrameTimeVector",
    "CardiacNumberOfImages", "HeartRate", "RWaveTimeVector", "SequenceOfUltrasoundRegions", "ImagerPixelSpacing",
    "StudyInstanceUID", "SeriesInstanceUID", "SeriesNumber", "AcquisitionNumber", "InstanceNumber",
    "ImagePositionPatient", "ImageOrientationPatient", "FrameOfReferenceUID", "TemporalPositionIdentifier",
    "ImageComments", "SamplesPerPixel", "PhotometricInterpretation", "PlanarConfiguration", "NumberOfFrames",
    "FrameIncrementPointer", "Rows", "Columns", "UltrasoundColorDataPresent", "PixelSpacing", "BitsAllocated",
    "BitsStored", "HighBit", "PixelRepresentation", "WindowCenter", "WindowWidth", "RescaleIntercept",
    "RescaleSlope", "RedPaletteColorLookupTableDescriptor", "GreenPaletteColorLookupTableDescriptor",
    "BluePaletteColorLookupTableDescriptor", "RedPaletteColorLookupTableData", "GreenPaletteColorLookupTableData",
    "BluePaletteColorLookupTableData", "SegmentedRedPaletteColorLookupTableData",
    "SegmentedGreenPaletteColorLookupTableData", "SegmentedBluePaletteColorLookupTableData", "ViewCodeSequence",
    "SharedFunctionalGroupsSequence", "PerFrameFunctionalGroupsSequence", "DirectoryRecordSequence",
    "AcquisitionDateTime", "AcquisitionDate", "AcquisitionTime", "ContentDate", "ContentTime",
)
# fmt: on
