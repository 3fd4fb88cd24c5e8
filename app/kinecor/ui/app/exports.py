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
    members = (workspace.recordings[at] for at in workspace.members)
    known = [(one, workspace.known_reading(one, provisional=False)) for one in members]
    others = tuple((one, found) for one, found in known if found is not None)
    return Subject(recording, reading, frame, others, workspace.study_reading, content_of(workspace))


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
    return re.sub(r'[\\/:*?"<>|\x00-\x1f]', "-", " ".join(one for one in parts if one))


def _png(path: Path, one: Subject, _: Tick) -> None:
    from kinecor.io.export.pictures import write_png
    from kinecor.io.write.drawing import caption_of, montage

    words = caption_of(one.recording, one.reading, one.frame)
    write_png(path, montage(one.recording, one.reading, one.frame, caption=words))


def _svg(path: Path, one: Subject, _: Tick) -> None:
    from kinecor.core.values.recording import CineSequence
    from kinecor.io.export.pictures import write_svg

    if not isinstance(one.recording, CineSequence):
        raise KinecorError(message("A stack has no single frame to draw as SVG: export the picture as PNG."))
    write_svg(path, one.recording, one.reading, one.frame)


def _film(path: Path, one: Subject, tick: Tick) -> None:
    from kinecor.io.export.pictures import write_film

    write_film(path, one.recording, one.reading, tick)


def _curves(path: Path, one: Subject, _: Tick) -> None:
    from kinecor.io.export.tables import write_curves

    write_curves(path, one.reading)


def _charts(path: Path, one: Subject, _: Tick) -> None:
    from kinecor.io.export.charts import write_charts

    write_charts(path, one.reading)


def _measurements(path: Path, one: Subject, _: Tick) -> None:
    from kinecor.io.export.tables import write_measurements

    write_measurements(path, one.reading)


def _contours(path: Path, one: Subject, _: Tick) -> None:
    from kinecor.io.export.contours import write_contours_json

    write_contours_json(path, one.name, one.recording.source.study_id, one.reading)


def _contour_table(path: Path, one: Subject, _: Tick) -> None:
    from kinecor.io.export.contours import write_contours_csv

    write_contours_csv(path, one.name, one.recording.source.study_id, one.reading)


def _masks(path: Path, one: Subject, _: Tick) -> None:
    from kinecor.io.export.contours import write_masks

    write_masks(path, one.reading)


def _report(path: Path, one: Subject, _: Tick) -> None:
    from kinecor.io.write.derived import save_derived
    from kinecor.io.write.echo_report import echo_report
    from kinecor.io.write.mr_report import mr_report
    from kinecor.io.write.values import Read

    modality = one.recording.source.modality
    read = [Read(of, reading) for of, reading in one.others if of.source.modality == modality]
    made = mr_report if modality == "MR" else echo_report
    save_derived(made(read or [Read(one.recording, one.reading)], datetime.now().astimezone(), one.study), path)


def _segmentation(path: Path, one: Subject, _: Tick) -> None:
    from kinecor.io.write.segmentation import write_segmentation
    from kinecor.io.write.values import Read

    write_segmentation(path, Read(one.recording, one.reading), datetime.now().astimezone())


def _presentation(path: Path, one: Subject, _: Tick) -> None:
    from kinecor.io.write.presentation import write_presentation
    from kinecor.io.write.values import Read

    write_presentation(path, Read(one.recording, one.reading), datetime.now().astimezone())


def _everything(path: Path, one: Subject, tick: Tick) -> None:
    """Everything of the study that can be written, as one zip."""
    from kinecor.io.export.objects import Wanted, write_objects, write_zip
    from kinecor.io.export.tables import write_tables
    from kinecor.io.files.atomic import TemporaryFolder, safe_names

    with TemporaryFolder() as out:
        wanted = Wanted(out, seg=True, dicom=True, contours=True, pictures=True, film="mp4")
        names = safe_names([recording.source.recording_id for recording, _ in one.others])
        for number, (name, (recording, reading)) in enumerate(zip(names, one.others, strict=True)):
            tick(number, len(names))
            write_objects(wanted, name, recording, reading)
            write_tables(out / "csv", name, reading)
        if all(of.cines[0].instances and of.cines[0].instances[0].complete for of, _ in one.others):
            _report(out / "structured-report.dcm", one, tick)
        if one.report is not None:
            write_pdf(out / "report.pdf", one.report, tick)
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
    return next((one for one in FORMATS if one.filter == chosen), FORMATS[0])
