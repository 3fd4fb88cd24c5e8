"""DICOM objects, pictures and archives that `kinecor analyse` writes besides result.json."""

import zipfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal

from kinecor.core.values.errors import KinecorError
from kinecor.core.values.events import marked_frames
from kinecor.core.values.message import in_context
from kinecor.core.values.reading import Reading
from kinecor.core.values.recording import Recording
from kinecor.io.files.atomic import whole


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which of them are asked for.

    Attributes:
        out: the folder to write to.
        seg: a segmentation.
        dicom: key frames and the loop with contours, the contours as a presentation state, and the report, as DICOM
            objects.
        contours: contours as JSON and CSV.
        pictures: ED and ES as PNG and SVG, curves as SVG.
        film: the loop as a film in this format; None for none.

    """

    out: Path
    seg: bool = False
    dicom: bool = False
    contours: bool = False
    pictures: bool = False
    film: Literal["mp4", "gif"] | None = None


def write_objects(wanted: Wanted, name: str, recording: Recording, reading: Reading) -> list[str]:
    """Write what is wanted of one recording; a sentence for each object that cannot refer to it.

    Args:
        wanted: which objects, and where they go.
        name: of the recording's files.
        recording: its images.
        reading: what was concluded about it.

    Raises:
        KinecorError: something cannot be written.

    """
    if wanted.contours:
        from kinecor.io.export.contours import write_contours

        write_contours(wanted.out / "contours", name, recording.source.study_id, reading)
    if wanted.pictures or wanted.film is not None:
        from kinecor.io.export.charts import write_charts
        from kinecor.io.export.pictures import write_film, write_key_pictures

        if wanted.pictures:
            write_key_pictures(wanted.out / "pictures", name, recording, reading)
            write_charts(wanted.out / "pictures" / f"{name}-curves.svg", reading)
        if wanted.film is not None:
            write_film(wanted.out / "films" / f"{name}.{wanted.film}", recording, reading)
    if not (wanted.seg or wanted.dicom):
        return []
    from kinecor.io.write.capture import write_key_frames, write_loop
    from kinecor.io.write.derived import UnidentifiedError
    from kinecor.io.write.presentation import write_presentation
    from kinecor.io.write.segmentation import write_segmentation
    from kinecor.io.write.values import Read

    read, time = Read(recording, reading), datetime.now().astimezone()
    folder = wanted.out / "dicom"
    tasks: list[Callable[[], None]] = []
    if wanted.seg and _contoured(reading):
        tasks.append(lambda: write_segmentation(wanted.out / "seg" / f"{name}.dcm", read, time))
    if wanted.dicom and marked_frames(reading.events):
        tasks.append(lambda: write_key_frames(folder / f"{name}-key-frames.dcm", read, time))
    if wanted.dicom and _contoured(reading):
        tasks.append(lambda: write_presentation(folder / f"{name}-contours.dcm", read, time))
    if wanted.dicom:
        tasks.append(lambda: write_loop(folder / f"{name}-loop.dcm", read, time))
    sentences = []
    for task in tasks:
        try:
            task()
        except UnidentifiedError as error:
            sentences.append(f"No DICOM object: {error}.")
    return sentences


def _contoured(reading: Reading) -> bool:
    return any(
        contour is not None
        for part in (reading.slices or (reading,))
        for track in part.tracks.values()
        for contour in track.contours
    )


def write_reports_as_dicom(out: Path, reports: Iterable[tuple[str, Path, Recording]]) -> list[str]:
    """Write PDF reports as DICOM objects next to the key frames; sentences on those that could not be.

    Args:
        out: the folder of the run.
        reports: (name, path of the PDF, recording it is about).

    """
    from kinecor.io.write.capture import write_encapsulated
    from kinecor.io.write.derived import check_identified

    time, failed = datetime.now().astimezone(), []
    for name, path, recording in reports:
        if not path.exists():
            continue
        try:
            check_identified(recording.cines, in_context("object", "report"))
            instances = [cine.instances[0] for cine in recording.cines]
            to = out / "dicom" / f"{name}-report.dcm"
            write_encapsulated(to, path.read_bytes(), instances, "Kinecor report", time)
        except (KinecorError, OSError) as error:
            failed.append(f"no DICOM report of {name}: {error}")
    return failed


def write_zip(path: Path, out: Path, names: Sequence[str]) -> None:
    """Pack result.json, the tables of the run, and every file of these recordings and studies into one zip.

    Args:
        path: of the zip.
        out: the folder of the run.
        names: of recordings and studies; files whose names begin with one of them belong to it.

    Raises:
        KinecorError: `path` cannot be written.

    """
    paths = sorted(
        file
        for file in out.rglob("*")
        if file.is_file()
        and file.suffix != ".zip"
        and file.relative_to(out).parts[0] != "results"  # result.json has them all
        and (file.parent == out or any(file.name.startswith((f"{name}.", f"{name}-")) for name in names))
    )
    with whole(path, private=True) as temporary, zipfile.ZipFile(temporary, "w", zipfile.ZIP_DEFLATED) as packed:
        for file in paths:
            packed.write(file, file.relative_to(out))
