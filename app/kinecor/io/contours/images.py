"""Label images: NIfTI, MetaImage, NRRD and PNG, with the names of their labels where a file next to them has these.

Names are in the header of a segmentation of 3D Slicer (.seg.nrrd), in a colour table of 3D Slicer or a label
description of ITK-SNAP next to the image, and in the dataset.json of nnU-Net.
"""

import gzip
import json
import re
import struct
from collections.abc import Iterator, Mapping
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from kinecor.core.outlines.label_orders import parts_of_names
from kinecor.core.values.errors import KinecorError, Tick, no_tick
from kinecor.core.values.geometry import Plane
from kinecor.core.values.labels import LabelFile, LabelPlane
from kinecor.core.values.message import Message, message, verbatim
from kinecor.io.files.codecs import decode_image
from kinecor.io.open.candidate import Candidate
from kinecor.io.open.intact import Stated, states_spacing
from kinecor.io.open.volume import MAX_BYTES, VolumeFile

NIFTI_ENDINGS: Final = (".nii", ".nii.gz")
ENDINGS: Final = (*NIFTI_ENDINGS, ".mha", ".mhd", ".nrrd", ".png")
"""Of label images, in lower case."""
_MAX_VALUE: Final = 65535
# Names of ACDC and its followers number the phase from 1: patient001_frame01_gt.nii.gz.
_FRAME: Final = re.compile(r"frame[_-]?(\d{1,4})(?!\d)", re.IGNORECASE)


def read_label_image(path: Path, tick: Tick = no_tick) -> LabelFile:
    """The labels of a file of two to four dimensions; of three, the last may be slices or times.

    Args:
        path: of the file; its ending says what it is.
        tick: called while it is read.

    Raises:
        KinecorError: it is damaged, too large, or holds no labels.
        OSError: it cannot be read.
        Cancelled: by `tick`.

    """
    ending = path.name.lower()
    if ending.endswith(".png"):
        label_file = _still(path)
    elif ending.endswith(".nrrd"):
        label_file = _nrrd(path)
    else:
        label_file = _volume(path, tick)
    if not label_file.values:
        raise KinecorError(
            message("{file} holds background alone: expected a mask with labels of the heart", file=verbatim(path.name))
        )
    numbered = _FRAME.search(path.name)
    if numbered and label_file.times == 1 and int(numbered[1]) > 0:
        label_file = replace(label_file, frame_number=int(numbered[1]) - 1)
    if not label_file.parts:
        names = {**label_file.names, **_names_beside(path)}
        label_file = replace(label_file, names=MappingProxyType(names), parts=MappingProxyType(parts_of_names(names)))
    return label_file


def _volume(path: Path, tick: Tick) -> LabelFile:
    volume = VolumeFile(Candidate(path, str(path), "volume"), tick)
    stated = states_spacing(path) is not Stated.NOTHING
    placed = _states_place(path, volume)
    planes = _planes(
        volume.planes(), volume.size, volume.spacing if stated else None, *(volume.origin, volume.direction), placed
    )
    return _file(path.name, verbatim(volume.kind), planes, volume.size)


def _states_place(path: Path, volume: VolumeFile) -> bool:
    """Whether the file says where it lies: a matrix of one, as scripts that know none write it, says nothing."""
    if path.name.lower().endswith(NIFTI_ENDINGS) and not any(_nifti_codes(path)):
        return False
    axes = volume.direction[:3, :3]
    return bool(np.abs(np.asarray(volume.origin[:3])).max() > 0 or not np.allclose(np.abs(axes), np.eye(len(axes))))


def _nifti_codes(path: Path) -> tuple[int, ...]:
    """qform_code and sform_code: 0 where the file has no such matrix."""
    with gzip.open(path) if path.name.lower().endswith(".gz") else path.open("rb") as file:
        header = file.read(540)
    for order in "<>":
        if len(header) >= 348 and struct.unpack(order + "i", header[:4])[0] == 348:
            return struct.unpack(order + "2h", header[252:256])
        if len(header) >= 540 and struct.unpack(order + "i", header[:4])[0] == 540:
            return struct.unpack(order + "2i", header[344:352])
    return (0, 0)


def _planes(
    values: NDArray[Any],
    size: tuple[int, ...],
    spacing: tuple[float, ...] | None,
    origin: tuple[float, ...],
    direction: NDArray[Any],
    placed: bool,
) -> tuple[LabelPlane, ...]:
    """Planes of labels; those without any are left out.

    Args:
        values: (planes, rows, columns), slices before times.
        size: along each axis of the file, columns first.
        spacing: along each axis; None where it is not known.
        origin: of the first value, L, P, S in mm.
        direction: unit vectors of the axes, one a column.
        placed: whether the file says where it lies.

    """
    places = size[2] if len(size) > 2 else 1
    axes = np.eye(3)
    axes[: min(3, len(size)), : min(3, len(size))] = direction[:3, :3]
    start = np.zeros(3)
    start[: min(3, len(size))] = origin[:3]
    step = spacing[2] if spacing is not None and len(spacing) > 2 else 1.0
    out = []
    for number, plane in enumerate(values):
        if not (plane != 0).any():
            continue
        time, place = divmod(number, places)
        lies = None
        if placed:
            try:
                lies = Plane(start + place * step * axes[:, 2], axes[:, 0].copy(), axes[:, 1].copy())
            except ValueError:
                lies = None
        mm = None if spacing is None else (float(spacing[1]), float(spacing[0]))
        out.append(LabelPlane(_whole_numbers(plane), time, place, lies, mm))
    return tuple(out)


def _whole_numbers(plane: NDArray[Any]) -> NDArray[np.uint16]:
    if plane.ndim != 2 or not np.isfinite(plane).all() or (plane != np.round(plane)).any():
        raise KinecorError(message("Expected a mask of whole numbers, this file is an image or a map of probabilities"))
    if plane.min() < 0 or plane.max() > _MAX_VALUE:
        raise KinecorError(
            message("Expected labels from 0 to {most}, this file has others", most=_MAX_VALUE),
        )
    return plane.astype(np.uint16)


def _file(name: str, format_name: Message, planes: tuple[LabelPlane, ...], size: tuple[int, ...]) -> LabelFile:
    places, times = (size[2] if len(size) > 2 else 1), (size[3] if len(size) > 3 else 1)
    return LabelFile(name, format_name, planes, times, places, axis_unknown=len(size) == 3 and size[2] > 1)


def _still(path: Path) -> LabelFile:
    try:
        values = np.asarray(decode_image("png", path.read_bytes()))
    except OSError:
        raise
    except Exception as error:  # codecs have no exception in common
        raise KinecorError(message("Expected an intact PNG image, this one is damaged; export it again")) from error
    if values.ndim == 3:  # a mask drawn in colour says nothing of labels; one in grey has the same in each channel
        if (values[..., :1] != values[..., : min(values.shape[2], 3)]).any():
            raise KinecorError(message("Expected a mask of whole numbers, this image is in colour; export the labels"))
        values = values[..., 0]
    plane = LabelPlane(_whole_numbers(values))
    planes = (plane,) if values.any() else ()
    return _file(path.name, verbatim("PNG"), planes, (values.shape[1], values.shape[0]))


def _nrrd(path: Path) -> LabelFile:
    sitk: Any = import_module("SimpleITK")  # 0.2 s to import; as Any, since it carries no types
    reader = sitk.ImageFileReader()
    reader.SetImageIO("NrrdImageIO")
    reader.SetFileName(str(path))
    try:
        str(path).encode()
        reader.ReadImageInformation()
        size = tuple(int(length) for length in reader.GetSize())
        components = int(reader.GetNumberOfComponents())
        total = int(np.prod(size, dtype=object)) * components
        if total > MAX_BYTES or not 2 <= len(size) <= 4:
            raise KinecorError(
                message("Expected an NRRD file of 2 to 4 dimensions that fits into memory, export a part of it")
            )
        image = reader.Execute()
    except (RuntimeError, UnicodeEncodeError) as error:
        raise KinecorError(
            message("Expected an NRRD file, this one is damaged, cut off or of a kind that is not read; save it again")
        ) from error
    values = sitk.GetArrayFromImage(image)
    about = {key: image.GetMetaData(key) for key in image.GetMetaDataKeys()}
    layers = values.reshape(-1, size[1], size[0], components)
    segments = _slicer_segments(about)
    if components == 1 and not segments:
        labels = layers[..., 0]
    elif not segments and len(size) == 3 and about.get("NRRD_kinds[pixel]") == "list":
        # A volume sequence of 3D Slicer: its first axis is time.
        labels = np.moveaxis(layers, -1, 0).reshape(-1, size[1], size[0])
        size = (*size, components)
    else:
        labels = np.zeros(layers.shape[:3], np.int64)
        for number, (_, value, layer) in enumerate(segments, start=1):
            labels[layers[..., layer] == value] = number
        if not segments:
            raise KinecorError(message("Expected a segmentation of 3D Slicer, this NRRD file holds vectors"))
    planes = _planes(
        labels,
        size,
        tuple(image.GetSpacing()),
        tuple(image.GetOrigin()),
        np.array(image.GetDirection()).reshape(image.GetDimension(), image.GetDimension()),
        placed=True,
    )
    corner = _slicer_corner(about)
    planes = tuple(replace(plane, corner=corner) for plane in planes)
    label_file = _file(path.name, verbatim("NRRD"), planes, size)
    names = {number: name for number, (name, _, _) in enumerate(segments, start=1)}
    return replace(label_file, names=MappingProxyType(names), parts=MappingProxyType(parts_of_names(names)))


def _slicer_segments(about: Mapping[str, str]) -> list[tuple[str, int, int]]:
    """(name, value, layer) of each segment, in the order of the file."""
    out = []
    for number in range(len(about)):
        name = about.get(f"Segment{number}_Name")
        if name is None:
            break
        value, layer = about.get(f"Segment{number}_LabelValue", ""), about.get(f"Segment{number}_Layer", "0")
        if value.isdecimal() and layer.isdecimal():
            out.append((name, int(value), int(layer)))
    return out


_SLICER_CORNER: Final = re.compile(r"\s*(\d{1,9})\s+(\d{1,9})\s+\d{1,9}\s*")


def _slicer_corner(about: Mapping[str, str]) -> tuple[int, int] | None:
    """(row, column) of the image at which a segmentation begins: 3D Slicer saves a part where it is asked to crop."""
    match = _SLICER_CORNER.fullmatch(about.get("Segmentation_ReferenceImageExtentOffset", ""))
    return (int(match[2]), int(match[1])) if match else None


def _names_beside(path: Path) -> dict[int, str]:
    """Names of labels by a file next to the image: {} where there is none."""
    for names in (*_described(path), *_datasets(path)):
        if parts_of_names(names):
            return names
    return {}


# ITK-SNAP: index, three colours, three numbers, then the name in quotes. 3D Slicer: index, name, four colours.
_ITK_SNAP: Final = re.compile(r'^\s*(\d+)(?:\s+[\d.]+){6}\s+"([^"]*)"\s*$')
_SLICER: Final = re.compile(r"^\s*(\d+)\s+(\S+)(?:\s+\d+){3,4}\s*$")
_MAX_TEXT: Final = 1 << 20


def _described(path: Path) -> Iterator[dict[int, str]]:
    """Label descriptions of ITK-SNAP and colour tables of 3D Slicer with the name of the image."""
    stem = path.name
    for ending in ENDINGS:
        stem = stem.removesuffix(ending)
    tables = (f"{stem}{more}" for more in (".label", ".txt", ".ctbl", "_ColorTable.ctbl", "-label_ColorTable.ctbl"))
    for table in tables:
        text = _text(path.with_name(table))
        for pattern in (_ITK_SNAP, _SLICER):
            rows = [match for line in text.splitlines() if (match := pattern.match(line))]
            if rows:
                yield {int(row[1]): row[2] for row in rows}


def _datasets(path: Path) -> Iterator[dict[int, str]]:
    """Labels of nnU-Net's dataset.json next to the image or in the folder above: name to number, or the reverse."""
    for folder in path.absolute().parents[:2]:
        try:
            labels = json.loads(_text(folder / "dataset.json") or "{}").get("labels", {})
            pairs = [
                (int(key), str(label)) if str(key).isdecimal() else (int(label), str(key))
                for key, label in labels.items()
            ]
        except (ValueError, TypeError, AttributeError):
            continue
        yield dict(pairs)


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8", "replace") if path.stat().st_size <= _MAX_TEXT else ""
    except OSError:
        return ""
