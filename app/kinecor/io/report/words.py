"""What the report says, as plain strings: patient, study, recording, calibration, measurements, authors."""

import re
from collections.abc import Iterable
from pathlib import Path

from kinecor.core.table.measurement import Status
from kinecor.core.values.author import model_author, short_author
from kinecor.core.values.cine import CineSequence
from kinecor.core.values.kind import UNKNOWN_VIEW
from kinecor.core.values.reading import Reading
from kinecor.core.values.track import Origin, Structure

NAMES = {
    Structure.LV_ENDO: "LV endocardium",
    Structure.LV_EPI: "LV epicardium",
    Structure.LA: "left atrium",
    Structure.RV: "RV endocardium",
}
STATUS = {
    Status.AUTO: "automatic, not reviewed",
    Status.ACCEPTED: "accepted by reader",
    Status.EDITED: "edited by reader",
    Status.WITHHELD: "withheld",
}
_SIDES = {"M": "male", "F": "female", "O": "other"}


def person_name(name: str) -> str:
    """A DICOM person name as it is read: "Doe^Jane^^Dr=..." becomes "Doe, Jane Dr"; further groups in brackets."""
    groups = []
    for group in name.split("="):
        family, _, rest = group.partition("^")
        given = " ".join(part for part in rest.split("^") if part.strip())
        groups.append(f"{family.strip()}, {given}" if given and family.strip() else family.strip() or given)
    first, *others = [group for group in groups if group] or [""]
    return f"{first} ({'; '.join(others)})" if others else first


def date(text: str) -> str:
    """A DICOM date (YYYYMMDD) as YYYY-MM-DD; anything else as it is."""
    return f"{text[:4]}-{text[4:6]}-{text[6:]}" if re.fullmatch(r"\d{8}", text) else text


def patient_line(cine: CineSequence) -> str:
    """Name, identifier, birth date, sex, height and weight, as far as the header has them."""
    patient = cine.source.patient
    parts = [
        person_name(patient.name) or "no name in the file",
        f"ID {patient.patient_id}" if patient.patient_id else "",
        f"born {date(patient.birth_date)}" if patient.birth_date else "",
        _SIDES.get(patient.sex.upper(), patient.sex),
        f"{patient.height_cm:.0f} cm" if patient.height_cm else "",
        f"{patient.weight_kg:.0f} kg" if patient.weight_kg else "",
    ]
    return " · ".join(part for part in parts if part)


def study_line(cine: CineSequence) -> str:
    """Date, description and institution, as far as the header has them."""
    patient = cine.source.patient
    parts = [date(patient.study_date), patient.study_description, patient.institution]
    return " · ".join(part for part in parts if part) or "nothing in the file"


def recording_line(cine: CineSequence, reading: Reading) -> str:
    """File, view, frames, duration and origin of the times, scanner, identifier."""
    view = reading.view
    known = view is not None and view.label != UNKNOWN_VIEW
    sure = f" ({100 * view.confidence:.0f} % sure)" if known and view and view.confidence is not None else ""
    duration_s = float(cine.times_s[-1])
    rate = f", {(len(cine) - 1) / duration_s:.0f} frames/s" if duration_s > 0 else ""
    origin = "ASSUMED" if cine.times_origin == "assumed" else f"from {cine.times_origin}"
    parts = [
        Path(cine.source.path).name,
        cine.source.modality,
        f"view {view.label}{sure}" if view else "view unknown",
        f"{len(cine)} frame{'s' if len(cine) > 1 else ''}{rate} (times {origin})",
        cine.source.equipment,
        cine.source.recording_id,
    ]
    return " · ".join(part for part in parts if part)


def calibration_line(reading: Reading) -> str:
    """The scale in force and its origin, or why there is none."""
    scale = reading.calibration
    if scale is None:
        why = reading.facts.calibration_origin or "the file names none"
        return f"none, so no millimetres and no millilitres: {why}"
    size = (
        f"{scale.row_mm:.4g} mm a pixel"
        if scale.square
        else f"{scale.row_mm:.4g} mm a row, {scale.col_mm:.4g} mm a column"
    )
    by = reading.authors.get("calibration")
    return f"{size} · {scale.origin}" + (f" · set by {short_author(by)}" if by else "")


def models_line(reading: Reading) -> str:
    """Every model with version and digest, and every person, who had a hand in this reading."""
    words = []
    for author in dict.fromkeys(reading.authors.values()):
        model = model_author(author)
        digest = f" (weights sha256 {model.digest[:12]}...)" if model and model.digest else ""
        words.append(f"model {model}{digest}" if model else author)
    return "; ".join(words) or "nobody yet"


def contour_line(reading: Reading, structure: Structure) -> str:
    """How many frames have the contour, who drew it, how many a person edited, and who did last."""
    track = reading.tracks[structure]
    here = [origin for contour, origin in zip(track.contours, track.origins, strict=True) if contour is not None]
    edited = sum(origin is Origin.EDITED for origin in here)
    author = reading.authors.get(f"tracks/{structure.value}")
    editor = reading.authors.get(f"tracks/{structure.value}/edited")
    drawn = f" by {short_author(author)}" if author else ""
    last = f", last by {short_author(editor)}" if editor else ""
    return f"{len(here)} of {len(track)} frames{drawn}, {edited} edited{last}"


def events_line(reading: Reading) -> str:
    """How ED and ES were found, by whom, and of which beats pictures and numbers are."""
    if not reading.events or not reading.events.beats:
        return "not marked"
    count = len(reading.events.beats)
    author = reading.authors.get("events")
    by = f" by {short_author(author)}" if author else f" ({reading.events.origin.value})"
    closed = _closure_words(reading)
    if count == 1:
        return f"1 beat, marked{by}{closed}"
    return f"{count} beats, marked{by}; the pictures are of the first, the numbers are means of all {count}{closed}"


def frame_list(frames: Iterable[int]) -> str:
    """Frames as they are read: three or more in a row as the first and the last, "0, 4–9"; "" for none."""
    runs: list[list[int]] = []
    for frame in frames:
        if runs and frame == runs[-1][-1] + 1:
            runs[-1].append(frame)
        else:
            runs.append([frame])
    return ", ".join(f"{run[0]}–{run[-1]}" if len(run) > 2 else ", ".join(map(str, run)) for run in runs)


def _closure_words(reading: Reading) -> str:
    """Where aortic valve closure was marked, and by whom; strain is told at it."""
    if not reading.valve_closures:
        return ""
    author = reading.authors.get("valve_closures")
    frames = ", ".join(map(str, reading.valve_closures))
    return f"; AVC at frame {frames}, marked{f' by {short_author(author)}' if author else ''}: ES of strain"
