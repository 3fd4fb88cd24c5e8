"""Small DICOM files for tests, written in any of the transfer syntaxes that Kinecor reads."""

import struct

import imagecodecs
import numpy as np
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.pixels.encoders import RLELosslessEncoder
from pydicom.sequence import Sequence
from pydicom.uid import generate_uid

IMPLICIT = "1.2.840.10008.1.2"
EXPLICIT = "1.2.840.10008.1.2.1"
DEFLATED = "1.2.840.10008.1.2.1.99"
BIG_ENDIAN = "1.2.840.10008.1.2.2"
RLE = "1.2.840.10008.1.2.5"
JPEG_BASELINE = "1.2.840.10008.1.2.4.50"
JPEG_EXTENDED = "1.2.840.10008.1.2.4.51"
JPEG_LOSSLESS_14 = "1.2.840.10008.1.2.4.57"
JPEG_LOSSLESS = "1.2.840.10008.1.2.4.70"
JPEG_LS = "1.2.840.10008.1.2.4.80"
JPEG_LS_NEAR = "1.2.840.10008.1.2.4.81"
JPEG_2000_LOSSLESS = "1.2.840.10008.1.2.4.90"
JPEG_2000 = "1.2.840.10008.1.2.4.91"
JPEG_XL_LOSSLESS = "1.2.840.10008.1.2.4.110"
JPEG_XL_OF_JPEG = "1.2.840.10008.1.2.4.111"
JPEG_XL = "1.2.840.10008.1.2.4.112"
HTJ2K_LOSSLESS = "1.2.840.10008.1.2.4.201"
HTJ2K = "1.2.840.10008.1.2.4.203"

NATIVE = (IMPLICIT, EXPLICIT, DEFLATED, BIG_ENDIAN)
LOSSLESS = (RLE, JPEG_LOSSLESS_14, JPEG_LOSSLESS, JPEG_LS, JPEG_2000_LOSSLESS, JPEG_XL_LOSSLESS, HTJ2K_LOSSLESS)
LOSSY = (JPEG_BASELINE, JPEG_LS_NEAR, JPEG_2000, JPEG_XL, JPEG_XL_OF_JPEG, HTJ2K)

US_MULTI_FRAME = "1.2.840.10008.5.1.4.1.1.3.1"
MR_IMAGE = "1.2.840.10008.5.1.4.1.1.4"
ENHANCED_MR = "1.2.840.10008.5.1.4.1.1.4.1"


def grey_loop(frames=3, rows=24, columns=32, dtype=np.uint8, top=255):
    """A smooth image with a bright bar that moves a pixel a frame; it fills 0..top."""
    y, x = np.mgrid[0:rows, 0:columns]
    base = (x * (top // 2) // (columns - 1) + y * (top // 4) // (rows - 1)).astype(dtype)
    loop = np.repeat(base[None], frames, axis=0)
    for frame in range(frames):
        loop[frame, :, 4 + frame : 8 + frame] = top
    loop[:, 0, :2] = 0
    return loop


def colour_loop(frames=3, rows=24, columns=32):
    """Bars of red, green, blue, grey and yellow, eight pixels wide at least, that a wrong colour space turns over."""
    bars = np.array([[220, 30, 30], [30, 200, 40], [30, 40, 210], [128, 128, 128], [210, 200, 20]], np.uint8)
    row = bars[np.minimum(np.arange(columns) * len(bars) // columns, len(bars) - 1)]
    loop = np.repeat(np.repeat(row[None, None], rows, axis=1), frames, axis=0)
    for frame in range(frames):
        loop[frame, : 8 * (frame + 1), :8] = 250
    return loop


def ybr(rgb):
    """PS3.3 C.7.6.3.1.2, rounded."""
    matrix = np.array([[0.299, 0.587, 0.114], [-0.168736, -0.331264, 0.5], [0.5, -0.418688, -0.081312]])
    return np.clip(np.rint(rgb @ matrix.T + (0, 128, 128)), 0, 255).astype(np.uint8)


def packed_422(full):
    """(h, w, 3) YCbCr to Y1 Y2 Cb Cr."""
    flat = full.reshape(-1, 2, 3)
    out = np.empty((len(flat), 4), np.uint8)
    out[:, :2] = flat[:, :, 0]
    out[:, 2:] = np.rint(flat[:, :, 1:].mean(axis=1))
    return out


def encoded(frame, syntax, photometric, bits=8):
    """One compressed frame; colour goes in as RGB and is transformed according to `photometric`."""
    colour = frame.ndim == 3
    samples = ybr(frame) if colour and photometric == "YBR_FULL" and syntax not in (JPEG_BASELINE,) else frame
    if syntax == JPEG_BASELINE:
        if not colour:
            return imagecodecs.jpeg8_encode(frame, level=95)
        if photometric == "RGB":
            return imagecodecs.jpeg8_encode(frame, level=95, colorspace="RGB", outcolorspace="RGB")
        return imagecodecs.jpeg8_encode(frame, level=95, subsampling="422" if "422" in photometric else "444")
    if syntax == JPEG_EXTENDED:
        return imagecodecs.jpeg8_encode(frame, level=98, bitspersample=12 if bits == 12 else None)
    if syntax in (JPEG_LOSSLESS, JPEG_LOSSLESS_14):
        predictor = 1 if syntax == JPEG_LOSSLESS else 4
        space = {"colorspace": "RGB", "outcolorspace": "RGB"} if colour else {}
        return imagecodecs.jpeg8_encode(samples, lossless=True, predictor=predictor, bitspersample=bits, **space)
    if syntax in (JPEG_LS, JPEG_LS_NEAR):
        return imagecodecs.jpegls_encode(samples, level=2 if syntax == JPEG_LS_NEAR else 0)
    if syntax == JPEG_2000_LOSSLESS:
        return imagecodecs.jpeg2k_encode(samples, reversible=True, codecformat="j2k", mct=photometric == "YBR_RCT")
    if syntax == JPEG_2000:
        return imagecodecs.jpeg2k_encode(samples, level=60, codecformat="j2k", mct=photometric == "YBR_ICT")
    if syntax == JPEG_XL_LOSSLESS:
        return imagecodecs.jpegxl_encode(samples, lossless=True)
    if syntax == JPEG_XL:
        return imagecodecs.jpegxl_encode(samples, distance=0.3)
    if syntax == JPEG_XL_OF_JPEG:
        return imagecodecs.jpegxl_encode_jpeg(encoded(frame, JPEG_BASELINE, photometric))
    if syntax == HTJ2K_LOSSLESS:
        return imagecodecs.htj2k_encode(samples, reversible=True)
    if syntax == HTJ2K:
        return imagecodecs.htj2k_encode(samples, level=0.002, reversible=False)
    raise AssertionError(syntax)


def native(frames, photometric, planar, syntax):
    """Uncompressed pixel data of all frames."""
    order = ">" if syntax == BIG_ENDIAN else "<"
    parts = []
    for frame in frames:
        one = ybr(frame) if photometric.startswith("YBR") else frame
        if photometric == "YBR_FULL_422":
            one = packed_422(one)
        elif frame.ndim == 3 and planar:
            one = one.transpose(2, 0, 1)
        parts.append(np.ascontiguousarray(one).astype(one.dtype.newbyteorder(order)).tobytes())
    return b"".join(parts)


def loop_dataset(frames, syntax=EXPLICIT, photometric=None, planar=0, bits=None, **elements):
    """A multi-frame ultrasound data set around `frames` (t, h, w[, 3]), uint8 or (grey) 16 bit."""
    frames = np.asarray(frames)
    colour = frames.ndim == 4
    photometric = photometric or ("RGB" if colour else "MONOCHROME2")
    header = Dataset()
    header.file_meta = FileMetaDataset()
    header.file_meta.TransferSyntaxUID = syntax
    header.SOPClassUID, header.SOPInstanceUID = US_MULTI_FRAME, generate_uid()
    header.StudyInstanceUID, header.SeriesInstanceUID, header.Modality = generate_uid(), generate_uid(), "US"
    header.PatientName, header.PatientID, header.Manufacturer = "Test^Patient", "T1", "Maker"
    header.NumberOfFrames, header.Rows, header.Columns = frames.shape[:3]
    header.SamplesPerPixel, header.PhotometricInterpretation = 3 if colour else 1, photometric
    if colour:
        header.PlanarConfiguration = planar
    bits = bits or frames.dtype.itemsize * 8
    header.BitsAllocated, header.BitsStored, header.HighBit = frames.dtype.itemsize * 8, bits, bits - 1
    header.PixelRepresentation = int(frames.dtype.kind == "i")
    header.FrameTime, header.FrameIncrementPointer = "40", 0x00181063
    set_pixels(header, frames, syntax)
    for name, value in elements.items():
        setattr(header, name, value)
    header.file_meta.MediaStorageSOPClassUID = header.SOPClassUID
    header.file_meta.MediaStorageSOPInstanceUID = header.SOPInstanceUID
    return header


def set_pixels(header, frames, syntax):
    photometric, planar = header.PhotometricInterpretation, header.get("PlanarConfiguration", 0)
    if syntax in NATIVE:
        pixels = native(frames, photometric, planar, syntax)
        header.PixelData = pixels + b"\0" * (len(pixels) % 2)
        header["PixelData"].VR = "OB" if frames.dtype.itemsize == 1 and syntax != IMPLICIT else "OW"
        return
    if syntax == RLE:
        samples = [ybr(one) if photometric.startswith("YBR") else one for one in frames]
        pieces = [rle(one) for one in samples]
    else:
        pieces = [encoded(one, syntax, photometric, header.BitsStored) for one in frames]
    header.PixelData = encapsulate(pieces)
    header["PixelData"].is_undefined_length = True


def rle(frame):
    """One frame in DICOM's run length encoding."""
    samples = frame.shape[2] if frame.ndim == 3 else 1
    return RLELosslessEncoder.encode(
        np.ascontiguousarray(frame).tobytes(),
        encoding_plugin="pydicom",
        rows=frame.shape[0],
        columns=frame.shape[1],
        samples_per_pixel=samples,
        number_of_frames=1,
        bits_allocated=frame.dtype.itemsize * 8,
        bits_stored=frame.dtype.itemsize * 8,
        pixel_representation=0,
        photometric_interpretation="RGB" if samples == 3 else "MONOCHROME2",
        planar_configuration=0,
        pixel_keyword="PixelData",
    )


def save(header, path):
    """Write `header` according to its file meta; returns `path`."""
    syntax = header.file_meta.TransferSyntaxUID
    newer = syntax in (JPEG_XL_LOSSLESS, JPEG_XL_OF_JPEG, JPEG_XL)
    if newer:  # pydicom 3.0 does not know them: written under a syntax whose name is as long, then renamed
        header.file_meta.TransferSyntaxUID = HTJ2K_LOSSLESS
    header.save_as(path, implicit_vr=syntax == IMPLICIT, little_endian=syntax != BIG_ENDIAN, enforce_file_format=True)
    if newer:
        path.write_bytes(path.read_bytes().replace(HTJ2K_LOSSLESS.encode(), syntax.encode(), 1))
    return path


def write_loop(path, frames=None, **how):
    """A multi-frame ultrasound file; see `loop_dataset`."""
    return save(loop_dataset(grey_loop() if frames is None else frames, **how), path)


def region(x0=0, y0=0, x1=31, y1=23, delta=(0.05, 0.05), units=(3, 3), kind=1, spatial=1):
    """An item of Sequence of Ultrasound Regions; deltas (x, y) in cm a pixel."""
    item = Dataset()
    item.RegionSpatialFormat, item.RegionDataType, item.RegionFlags = spatial, kind, 0
    item.RegionLocationMinX0, item.RegionLocationMinY0 = x0, y0
    item.RegionLocationMaxX1, item.RegionLocationMaxY1 = x1, y1
    item.PhysicalUnitsXDirection, item.PhysicalUnitsYDirection = units
    item.PhysicalDeltaX, item.PhysicalDeltaY = delta
    return item


def regions(*several):
    """The keyword argument of `loop_dataset` that gives the image its scale."""
    return {"SequenceOfUltrasoundRegions": Sequence(several or [region()])}


def write_many_regions(path, count):
    """A loop with `count` equal regions. One is written, and its bytes are repeated: pydicom would take seconds."""
    data = write_loop(path, **regions()).read_bytes()
    start = data.index(bytes.fromhex("18001160") + b"SQ\0\0") + 8
    (length,) = struct.unpack_from("<I", data, start)
    items = data[start + 4 : start + 4 + length] * count
    path.write_bytes(data[:start] + struct.pack("<I", len(items)) + items + data[start + 4 + length :])
    return path


SHORT_AXIS = ((0.8, 0.6, 0.0), (0.0, 0.0, -1.0))
"""Direction of rows and of columns; the normal is (-0.6, 0.8, 0)."""


def mr_image(slice_number, phase, phases=5, *, series=None, study="1.2.3", orientation=SHORT_AXIS, **elements):
    """A classic MR data set: 16 x 20 pixels of value 100 x slice + 10 x phase, 8 mm between slices, 40 ms phases."""
    normal = np.cross(*orientation)
    header = loop_dataset(np.full((1, 16, 20), 100 * slice_number + 10 * phase, np.int16))
    header.PixelData = (np.frombuffer(header.PixelData, np.int16) + np.arange(320, dtype=np.int16) % 20).tobytes()
    for name in ("NumberOfFrames", "FrameTime", "FrameIncrementPointer"):
        delattr(header, name)
    header.SOPClassUID = header.file_meta.MediaStorageSOPClassUID = MR_IMAGE
    header.Modality, header.StudyInstanceUID, header.SeriesInstanceUID = "MR", study, series or f"{study}.1"
    header.FrameOfReferenceUID, header.SeriesNumber = f"{study}.9", 1
    header.InstanceNumber = slice_number * phases + phase + 1
    header.ImageOrientationPatient = [*orientation[0], *orientation[1]]
    header.ImagePositionPatient = [round(float(v), 5) for v in 8.0 * slice_number * normal + (5, 6, 7)]
    header.TriggerTime, header.NominalInterval, header.CardiacNumberOfImages = 10 + 40 * phase, 200, phases
    header.PixelSpacing, header.SliceThickness = [1.5, 1.25], 8
    for name, value in elements.items():
        if value is None:
            delattr(header, name)
        else:
            setattr(header, name, value)
    return header


def write_study(folder, slices=3, phases=5, shuffle=None, **elements):
    """A classic short-axis series, file names in the order of `shuffle` (a numpy Generator) if given."""
    folder.mkdir(parents=True, exist_ok=True)
    images = [mr_image(s, p, phases, **elements) for s in range(slices) for p in range(phases)]
    order = list(shuffle.permutation(len(images))) if shuffle is not None else range(len(images))
    for number, index in enumerate(order):
        save(images[index], folder / f"{number:03d}.dcm")
    return folder


def enhanced_mr(slices=3, phases=4):
    """An Enhanced MR data set whose frames run phase by phase, from the last slice to the first."""
    normal = np.cross(*SHORT_AXIS)
    places = [(s, p) for p in range(phases) for s in reversed(range(slices))]
    header = loop_dataset(np.stack([np.full((16, 20), 100 * s + 10 * p, np.uint16) for s, p in places]))
    for name in ("FrameTime", "FrameIncrementPointer"):
        delattr(header, name)
    header.SOPClassUID = header.file_meta.MediaStorageSOPClassUID = ENHANCED_MR
    header.Modality = "MR"
    shared, measures, orientation = Dataset(), Dataset(), Dataset()
    measures.PixelSpacing, measures.SliceThickness = [1.5, 1.25], 8
    orientation.ImageOrientationPatient = [*SHORT_AXIS[0], *SHORT_AXIS[1]]
    shared.PixelMeasuresSequence, shared.PlaneOrientationSequence = Sequence([measures]), Sequence([orientation])
    header.SharedFunctionalGroupsSequence = Sequence([shared])
    groups = []
    for s, p in places:
        group, place, cardiac = Dataset(), Dataset(), Dataset()
        place.ImagePositionPatient = [round(float(v), 5) for v in 8.0 * s * normal + (5, 6, 7)]
        cardiac.NominalCardiacTriggerDelayTime, cardiac.RRIntervalTimeNominal = 30.0 * p + 2, 120.0
        group.PlanePositionSequence = Sequence([place])
        group.CardiacSynchronizationSequence = Sequence([cardiac])
        groups.append(group)
    header.PerFrameFunctionalGroupsSequence = Sequence(groups)
    return header
