"""Images and masks as data sets: a BIDS-like folder, and one that nnU-Net v2 and MONAI read.

    bids/dataset_description.json, participants.tsv
    bids/sub-X/ses-Y/sub-X_ses-Y_view-A4C_run-1_cine.nii.gz, .json
    bids/derivatives/kinecor/sub-X/ses-Y/..._dseg.nii.gz         labels of all frames
    nnunet/DatasetNNN_NAME/imagesTr/CASE_0000.nii.gz             ED and ES of each recording
    nnunet/DatasetNNN_NAME/labelsTr/CASE.nii.gz, dataset.json

BIDS has no ultrasound and no cine: names and sidecars follow its rules, `view` and `cine` are ours. Subjects are named
by a digest of the patient's identifier. Pixels are as they were opened: text in them stays (see anonymising).
"""

import csv
import hashlib
import io
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np

import kinecor
from kinecor.core.values.errors import KinecorError
from kinecor.core.values.events import marked_frames
from kinecor.core.values.geometry import BytesArray
from kinecor.core.values.message import message, verbatim
from kinecor.core.values.reading import Reading
from kinecor.core.values.recording import CineSequence, Recording, Stack
from kinecor.core.volumes.stack_volumes import slice_places
from kinecor.io.export.contours import write_masks
from kinecor.io.files.atomic import TemporaryFolder, whole, write_text

BIDS_VERSION: Final = "1.10.0"
LABELS: Final = {"background": 0, "lv_cavity": 1, "lv_myocardium": 2, "left_atrium": 3, "rv_cavity": 4}
NNUNET: Final = {"MR": "Dataset501_KinecorMR", "US": "Dataset502_KinecorUS"}
"""A data set of each modality: a network is trained on one."""
_LETTERS: Final = 12


def subject_of(recording: Recording) -> str:
    """The subject's label: letters and digits that name no one.

    Args:
        recording: of the patient.

    """
    source = recording.source
    return hashlib.sha256((source.patient.identity or source.study_id).encode()).hexdigest()[:_LETTERS]


def session_of(recording: Recording) -> str:
    """The session's label: of the study, likewise.

    Args:
        recording: of the study.

    """
    return hashlib.sha256(recording.source.study_id.encode()).hexdigest()[:_LETTERS]


def write_bids(folder: Path, recording: Recording, reading: Reading) -> None:
    """Write image, sidecar and labels of one recording, and its ED and ES for nnU-Net.

    Args:
        folder: of the run; see the module for what is below it.
        recording: as opened.
        reading: its contours.

    Raises:
        KinecorError: a frame cannot be decoded, the slices of a stack differ in size, or a file cannot be written.

    """
    view = _alphanumeric(reading.view.label if reading.view else "unknown")
    subject, session = f"sub-{subject_of(recording)}", f"ses-{session_of(recording)}"
    own = hashlib.sha256(recording.source.recording_id.encode()).hexdigest()[:6]
    name = f"{subject}_{session}_view-{view}_rec-{own}"
    place = Path(subject) / session
    labels = folder / "bids" / "derivatives" / "kinecor" / place / f"{name}_desc-contours_dseg.nii.gz"
    write_masks(labels, reading)
    pixels = _pixels(recording, reading)
    image = folder / "bids" / place / f"{name}_cine.nii.gz"
    _write_like(labels, image, pixels)
    write_text(image.with_name(f"{name}_cine.json"), json.dumps(_sidecar(recording, reading), indent=1) + "\n")
    _write_cases(folder / "nnunet", labels, pixels, recording, reading)


def write_dataset_files(folder: Path) -> None:
    """Write what is said of each data set as a whole, from the files that are there.

    Args:
        folder: with `bids` and `nnunet`, which other functions filled.

    Raises:
        KinecorError: a file cannot be written.

    """
    bids = folder / "bids"
    if bids.is_dir():
        for place, kind in ((bids, "raw"), (bids / "derivatives" / "kinecor", "derivative")):
            about: dict[str, Any] = {
                "Name": "Kinecor",
                "BIDSVersion": BIDS_VERSION,
                "DatasetType": kind,
                "GeneratedBy": [{"Name": "kinecor", "Version": kinecor.__version__}],
            }
            write_text(place / "dataset_description.json", json.dumps(about, indent=1) + "\n")
        table = [(index, name) for name, index in LABELS.items()]
        write_text(bids / "derivatives" / "kinecor" / "dseg.tsv", _tsv(("index", "name"), table))
        people = sorted(path.name for path in bids.glob("sub-*"))
        write_text(bids / "participants.tsv", _tsv(("participant_id",), [(person,) for person in people]))
    for modality, name in NNUNET.items():
        place = folder / "nnunet" / name
        cases = sorted(path.name for path in (place / "labelsTr").glob("*.nii.gz")) if place.is_dir() else []
        if cases:
            described: dict[str, Any] = {
                "channel_names": {"0": modality},
                "labels": LABELS,
                "numTraining": len(cases),
                "file_ending": ".nii.gz",
                "description": "ED and ES with contours by Kinecor; research use only",
            }
            write_text(place / "dataset.json", json.dumps(described, indent=1) + "\n")


def _sidecar(recording: Recording, reading: Reading) -> dict[str, Any]:
    events = reading.events
    beats = events.beats if events else ()
    found: dict[str, Any] = {
        "Modality": recording.source.modality or None,
        "Manufacturer": recording.source.equipment or None,
        "View": reading.view.label if reading.view else None,
        "FrameTimes": [round(float(time_s), 6) for time_s in reading.facts.times_s],
        "FrameTimesUnits": "s",
        "EndDiastolicFrames": [beat.ed for beat in beats],
        "EndSystolicFrames": [beat.es for beat in beats],
        "FramesCountedFrom": 0,
        "HeartRate": reading.facts.heart_rate_per_min,
    }
    return {key: value for key, value in found.items() if value is not None}


def _pixels(recording: Recording, reading: Reading) -> BytesArray:
    """Grey, on the grid of the masks: (frames, rows, columns), of a stack (phases, places, rows, columns)."""
    if not isinstance(recording, Stack):
        (cine,) = recording.cines
        return np.stack([*_grey(cine)])
    stack = reading.facts.stack
    places = slice_places(stack) if stack else tuple(range(len(recording.slices)))
    first = recording.slices[0]
    out = np.zeros((recording.phases, places[-1] + 1, first.rows, first.columns), np.uint8)
    for place, cine in zip(places, recording.slices, strict=True):
        for phase, image in enumerate(_grey(cine)):
            out[phase, place] = image
    return out


def _grey(cine: CineSequence) -> Iterator[BytesArray]:
    import cv2

    for frame in range(len(cine)):
        image = cine.frames[frame]
        yield image if image.ndim == 2 else np.asarray(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), np.uint8)


def _write_like(labels: Path, to: Path, pixels: BytesArray) -> None:
    """An image with the geometry of labels that were written."""
    import SimpleITK as sitk  # noqa: N813 - 0.2 s to import: only those who want images pay

    like = _read(labels)
    volumes = pixels[:, None] if pixels.ndim == 3 else pixels  # a loop is of one place
    image = sitk.JoinSeries([sitk.GetImageFromArray(volume) for volume in volumes])  # type: ignore[no-untyped-call]
    image.CopyInformation(like)
    _write(image, to)


def _write_cases(folder: Path, labels: Path, pixels: BytesArray, recording: Recording, reading: Reading) -> None:
    """ED and ES as cases of nnU-Net: a plane of a loop, a volume of a stack."""
    import SimpleITK as sitk  # noqa: N813

    modality = recording.source.modality or ("MR" if isinstance(recording, Stack) else "US")
    if modality not in NNUNET:
        return
    place, whole_labels = folder / NNUNET[modality], _read(labels)
    stem = labels.name.removesuffix("_desc-contours_dseg.nii.gz").replace("sub-", "").replace("ses-", "")
    for frame in marked_frames(reading.events):
        wanted = whole_labels[:, :, :, frame]
        image = sitk.GetImageFromArray(pixels[frame] if isinstance(recording, Stack) else pixels[frame][None])
        if not sitk.GetArrayViewFromImage(wanted).any():
            continue
        image.CopyInformation(wanted)  # type: ignore[no-untyped-call]
        case = f"{stem}_frame-{frame:04d}"
        _write(image, place / "imagesTr" / f"{case}_0000.nii.gz")
        _write(wanted, place / "labelsTr" / f"{case}.nii.gz")


# WORKAROUND: SimpleITK ends the whole process on a path that is not UTF-8, so it only ever sees one of ours.


def _read(path: Path) -> Any:
    import SimpleITK as sitk  # noqa: N813

    with TemporaryFolder() as folder:
        try:
            shutil.copyfile(path, folder / "image.nii.gz")
            return sitk.ReadImage(str(folder / "image.nii.gz"))
        except (OSError, RuntimeError) as error:
            raise KinecorError(message("{path} cannot be read again", path=verbatim(str(path)))) from error


def _write(image: Any, path: Path) -> None:
    import SimpleITK as sitk  # noqa: N813

    with whole(path) as temporary, TemporaryFolder() as folder:
        try:
            sitk.WriteImage(image, str(folder / "image.nii.gz"), useCompression=True)
        except RuntimeError as error:  # SimpleITK's only kind, with C++ source lines in its text
            raise KinecorError(
                message(
                    "{path} cannot be written: is there room in the temporary folder {folder}?",
                    path=verbatim(str(path)),
                    folder=verbatim(str(folder)),
                )
            ) from error
        shutil.copyfile(folder / "image.nii.gz", temporary)


def _alphanumeric(text: str) -> str:
    return "".join(letter for letter in text.title() if letter.isalnum()) if not text.isalnum() else text


def _tsv(titles: tuple[str, ...], rows: list[tuple[Any, ...]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, delimiter="\t", lineterminator="\n")
    writer.writerow(titles)
    writer.writerows(rows)
    return text.getvalue()
