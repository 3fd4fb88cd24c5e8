"""Export data: every format that the window offers besides the report, each written on a worker."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from kinecor.core.values.errors import KinecorError, Tick
from kinecor.core.values.message import message
from kinecor.core.values.reading import Reading
from kinecor.core.values.recording import Recording
from kinecor.core.values.study import StudyReading
from kinecor.ui.app.settings import patient_digest
from kinecor.ui.report.render import Content, content_of, write_pdf
from kinecor.ui.style.language import tr
from kinecor.ui.workspace.workspace import Workspace


@dataclass(frozen=True, eq=False)
class Subject:
    """What is exported.

    Attributes:
        recording, reading: on screen.
        frame: on screen, from 0.
        others: all recordings of its study that were read, with their Readings; the one on screen among them.
        study: what was concluded about the study as a whole, or None.
        report: what its PDF report is made of, or None.

    """

    recording: Recording
    reading: Reading
    frame: int
    others: tuple[tuple[Recording, Reading], ...]
    study: StudyReading | None
    report: Content | None = None

    @property
    def name(self) -> str:
        """The recording's id."""
        return self.recording.source.recording_id


def subject_of(workspace: Workspace, frame: int) -> Subject | None:
    """What is on screen, as saved; None where nothing is."""
    recording, reading = workspace.recording, workspace.saved
    if recording is None or reading is None:
        return None
    members = (workspace.opened.recordings[at] for at in workspace.study.members)
    known = [(recording, workspace.opened.known_reading(recording, provisional=False)) for recording in members]
    others = tuple((recording, reading) for recording, reading in known if reading is not None)
    return Subject(recording, reading, frame, others, workspace.study.reading, content_of(workspace))


def file_stem(study: StudyReading | None, what: str) -> str:
    """A file name without ending: pseudonym of the patient, day of the study, what it is: "P-3f0c2a 2025-07-01 A4C".

    Neither name nor number of the patient is in it, since names of files are seen where their content is not: in mails,
    logs and lists. The pseudonym is the same for every study of a patient on every machine.
    """
    digest = patient_digest(study.patient_id) if study is not None else ""
    day = study.study_date.strip() if study is not None else ""
    if len(day) == 8 and day.isdigit():
        day = f"{day[:4]}-{day[4:6]}-{day[6:]}".removesuffix("-00").removesuffix("-00")  # as date_words
    parts = (f"P-{digest[:6]}" if digest else "", day, what)
    return re.sub(r'[\\/:*?"<>|\x00-\x1f]', "-", " ".join(part for part in parts if part))


def _png(path: Path, subject: Subject, _: Tick) -> None:
    from kinecor.io.export.pictures import write_png
    from kinecor.io.write.drawing import caption_of, montage

    text = caption_of(subject.recording, subject.reading, subject.frame)
    write_png(path, montage(subject.recording, subject.reading, subject.frame, caption=text))


def _svg(path: Path, subject: Subject, _: Tick) -> None:
    from kinecor.core.values.recording import CineSequence
    from kinecor.io.export.pictures import write_svg

    if not isinstance(subject.recording, CineSequence):
        raise KinecorError(message("A stack has no single frame to draw as SVG: export the picture as PNG."))
    write_svg(path, subject.recording, subject.reading, subject.frame)


def _film(path: Path, subject: Subject, tick: Tick) -> None:
    from kinecor.io.export.pictures import write_film

    write_film(path, subject.recording, subject.reading, tick)


def _curves(path: Path, subject: Subject, _: Tick) -> None:
    from kinecor.io.export.tables import write_curves

    write_curves(path, subject.reading)


def _charts(path: Path, subject: Subject, _: Tick) -> None:
    from kinecor.io.export.charts import write_charts

    write_charts(path, subject.reading)


def _measurements(path: Path, subject: Subject, _: Tick) -> None:
    from kinecor.io.export.tables import write_measurements

    write_measurements(path, subject.reading)


def _contours(path: Path, subject: Subject, _: Tick) -> None:
    from kinecor.io.export.contours import write_contours_json

    write_contours_json(path, subject.name, subject.recording.source.study_id, subject.reading)


def _contour_table(path: Path, subject: Subject, _: Tick) -> None:
    from kinecor.io.export.contours import write_contours_csv

    write_contours_csv(path, subject.name, subject.recording.source.study_id, subject.reading)


def _masks(path: Path, subject: Subject, _: Tick) -> None:
    from kinecor.io.export.contours import write_masks

    write_masks(path, subject.reading)


def _report(path: Path, subject: Subject, _: Tick) -> None:
    from kinecor.io.write.derived import save_derived
    from kinecor.io.write.echo_report import echo_report
    from kinecor.io.write.mr_report import mr_report
    from kinecor.io.write.values import Read

    modality = subject.recording.source.modality
    read = [Read(of, reading) for of, reading in subject.others if of.source.modality == modality]
    made = mr_report if modality == "MR" else echo_report
    save_derived(
        made(read or [Read(subject.recording, subject.reading)], datetime.now().astimezone(), subject.study), path
    )


def _segmentation(path: Path, subject: Subject, _: Tick) -> None:
    from kinecor.io.write.segmentation import write_segmentation
    from kinecor.io.write.values import Read

    write_segmentation(path, Read(subject.recording, subject.reading), datetime.now().astimezone())


def _presentation(path: Path, subject: Subject, _: Tick) -> None:
    from kinecor.io.write.presentation import write_presentation
    from kinecor.io.write.values import Read

    write_presentation(path, Read(subject.recording, subject.reading), datetime.now().astimezone())


def _everything(path: Path, subject: Subject, tick: Tick) -> None:
    """Everything of the study that can be written, as one zip."""
    from kinecor.io.export.objects import Wanted, write_objects, write_zip
    from kinecor.io.export.tables import write_tables
    from kinecor.io.files.atomic import TemporaryFolder, safe_names

    with TemporaryFolder() as out:
        wanted = Wanted(out, seg=True, dicom=True, contours=True, pictures=True, film="mp4")
        names = safe_names([recording.source.recording_id for recording, _ in subject.others])
        for number, (name, (recording, reading)) in enumerate(zip(names, subject.others, strict=True)):
            tick(number, len(names))
            write_objects(wanted, name, recording, reading)
            write_tables(out / "csv", name, reading)
        if all(of.cines[0].instances and of.cines[0].instances[0].complete for of, _ in subject.others):
            _report(out / "structured-report.dcm", subject, tick)
        if subject.report is not None:
            write_pdf(out / "report.pdf", subject.report, tick)
        write_zip(path, out, names)


@dataclass(frozen=True, slots=True)
class Format:
    """One entry of the dialog: what is written, how its name ends, and how."""

    text: str
    ending: str
    write: Callable[[Path, Subject, Tick], None]

    @property
    def filter(self) -> str:
        """As the file dialog shows it."""
        return f"{tr(self.text)} (*{self.ending})"


FORMATS: Final = (
    Format("Film of the loop with contours, MP4", ".mp4", _film),
    Format("Film of the loop with contours, GIF", ".gif", _film),
    Format("This frame with contours, PNG", ".png", _png),
    Format("This frame with contours, SVG", ".svg", _svg),
    Format("Curves, CSV", "-curves.csv", _curves),
    Format("Curves, SVG", "-curves.svg", _charts),
    Format("Measurements, CSV", "-measurements.csv", _measurements),
    Format("Contours, JSON", "-contours.json", _contours),
    Format("Contours, CSV", "-contours.csv", _contour_table),
    Format("Masks, NIfTI", ".nii.gz", _masks),
    Format("DICOM structured report of the study", "-sr.dcm", _report),
    Format("DICOM segmentation", "-seg.dcm", _segmentation),
    Format("DICOM presentation state (contours over the source)", "-contours.dcm", _presentation),
    Format("Everything of the study, ZIP", ".zip", _everything),
)


def format_of(chosen: str) -> Format:
    """The format of a line of the dialog; the first where there is no such line."""
    return next((file_format for file_format in FORMATS if file_format.filter == chosen), FORMATS[0])
