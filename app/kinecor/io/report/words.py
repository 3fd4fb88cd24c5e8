"""The report's sentences on patient, study, recording, scale, contours, events and authors, as plain strings.

Frames are counted from 1 here, from 0 in files for programs.
"""

import re
from collections.abc import Iterable
from pathlib import Path

from kinecor.core.table.measures import Measurement, Status
from kinecor.core.table.over_views import SourceOf
from kinecor.core.values.kind import UNKNOWN_VIEW
from kinecor.core.values.reading import Reading, body, is_person, model_author, short_author
from kinecor.core.values.recording import CineSequence
from kinecor.core.values.track import Origin, Structure

NAMES = {
    Structure.LV_ENDO: "LV endocardium",
    Structure.LV_EPI: "LV epicardium",
    Structure.LA: "Left atrium",
    Structure.RV: "RV endocardium",
}
STATUS = {
    Status.AUTO: "automatic, not reviewed",
    Status.ACCEPTED: "accepted by reader",
    Status.EDITED: "edited by reader",
    Status.WITHHELD: "withheld",
}
_SEXES = {"M": "male", "F": "female", "O": "other"}


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
    """A DICOM date (YYYYMMDD) as YYYY-MM-DD, less what de-identification set to 00; anything else as it is."""
    if not re.fullmatch(r"\d{8}", text):
        return text
    return f"{text[:4]}-{text[4:6]}-{text[6:]}".removesuffix("-00").removesuffix("-00")


def patient_line(cine: CineSequence, reading: Reading) -> str:
    """Name, identifier, birth date, sex, height and weight, as far as known; what a reader entered with their name."""
    patient, facts, size = cine.source.patient, reading.facts, body(reading)
    by = dict(facts.entered)
    sex = facts.sex or patient.sex

    def entered(name: str) -> str:
        return f" (entered by {by[name]})" if name in by else ""

    parts = [
        person_name(patient.name) or "unknown",
        f"ID {patient.patient_id}" if patient.patient_id else "",
        f"born {date(facts.birth_date)}{entered('birth_date')}" if facts.birth_date else "",
        f"{_SEXES.get(sex.upper(), sex)}{entered('sex')}" if sex else "",
        f"{size.height_cm:.4g} cm{entered('height_cm')}" if size.height_cm else "",
        f"{size.weight_kg:.4g} kg{entered('weight_kg')}" if size.weight_kg else "",
        f"BSA {size.bsa_m2:.2f} m² ({size.formula.value})" if size.bsa_m2 else "",
    ]
    return " · ".join(part for part in parts if part)


def study_line(cine: CineSequence) -> str:
    """Date, description and institution, as far as the header has them."""
    patient = cine.source.patient
    parts = [date(patient.study_date), patient.study_description, patient.institution]
    return " · ".join(part for part in parts if part) or "unknown"


def recording_line(cine: CineSequence, reading: Reading) -> str:
    """File, modality, view, frames, rate and origin of the times, scanner."""
    duration_s = float(cine.times_s[-1])
    rate = f", {(len(cine) - 1) / duration_s:.0f} frames/s" if duration_s > 0 else ""
    origin = "ASSUMED" if cine.times_origin == "assumed" else f"from {cine.times_origin}"
    frames = f"{len(cine)} frame{'s' if len(cine) > 1 else ''}{rate} (times {origin})"
    return " · ".join(one for one in (short_recording_line(cine, reading), frames, cine.source.equipment) if one)


def short_recording_line(cine: CineSequence, reading: Reading) -> str:
    """File, modality and view."""
    view, modality = reading.view, cine.source.modality
    known = view is not None and view.label != UNKNOWN_VIEW
    sure = f" (confidence {100 * view.confidence:.0f} %)" if known and view and view.confidence is not None else ""
    shown = f"view {reading.kind.view_name(view.label)}{sure}" if view else "view unknown"
    return " · ".join(one for one in (Path(cine.source.path).name, modality, shown) if one)


def source_words(one: SourceOf) -> str:
    """A recording behind a result over views: view, beats and file, and who chose it."""
    every = len(one.reading.events.beats) if one.reading.events else 0
    which = ", ".join(str(number + 1) for number in one.beats)
    beats = "" if every < 2 else f", beat{'s' if len(one.beats) > 1 else ''} {which} of {every}"
    chosen = f", chosen by {one.chosen_by}" if one.chosen_by else ""
    return f"{one.view}{beats}{chosen} (recording {one.reading.facts.recording_id[-12:]})"


def calibration_line(reading: Reading) -> str:
    """The scale in force and its origin, or why there is none."""
    scale = reading.calibration
    if scale is None:
        why = reading.facts.calibration_origin or "the file states none"
        return f"none, so no lengths, areas or volumes: {why}"
    size = f"{scale.row_mm:.4g} mm/px"
    if not scale.square:
        size += f" down, {scale.col_mm:.4g} mm/px across"
    by = reading.authors.get("calibration")
    return f"{size} · {scale.origin}" + (f" · set by {short_author(by)}" if by else "")


def models_line(reading: Reading) -> str:
    """Every model that contributed to this reading or one of its slices, with version and digest of its weights."""
    digests: dict[str, str] = {}
    for author in _authors(reading):
        model = model_author(author)
        if model is not None:
            digests[str(model)] = digests.get(str(model)) or model.digest
    return "; ".join(
        f"{name} (weights sha256 {digest[:12]}...)" if digest else name for name, digest in digests.items()
    )


def readers_line(reading: Reading) -> str:
    """Every person who contributed to this reading or one of its slices."""
    return "; ".join(one for one in _authors(reading) if model_author(one) is None)


def contour_line(reading: Reading, structure: Structure) -> str:
    """How many frames have the contour, how many a person edited or drew, and who did so last."""
    track = reading.tracks[structure]
    here = [origin for contour, origin in zip(track.contours, track.origins, strict=True) if contour is not None]
    edited = sum(origin is Origin.EDITED for origin in here)
    author = reading.authors.get(f"tracks/{structure.value}", "")
    editor = reading.authors.get(f"tracks/{structure.value}/edited")
    by = f" by {author}" if author and model_author(author) is None else ""
    last = f", last by {short_author(editor)}" if editor else ""
    return f"{len(here)} of {len(track)} frames{by}, {edited} edited{last}"


def events_line(reading: Reading) -> str:
    """How ED and ES were found, and to which beats images and values belong."""
    if not reading.events or not reading.events.beats:
        return "not marked"
    count = len(reading.events.beats)
    beats = "1 beat" if count == 1 else f"{count} beats"
    several = "" if count == 1 else f"; images show beat 1, values are means of all {count}"
    return f"{beats}, {_marked(reading, 'events')}{several}{_closure_words(reading)}"


def status_line(one: Measurement, reading: Reading) -> str:
    """The status of a measurement, with the reader who decided on it or whose contours, marks or scale it uses."""
    decision = reading.decisions.get(one.code)
    if one.status is Status.ACCEPTED and decision is not None:
        return f"accepted by {decision.by}"
    readers = ", ".join(author for author in one.by if is_person(author))
    if one.status is Status.EDITED and readers:
        return f"edited by {readers}"
    if one.status is Status.AUTO and readers:
        return f"{STATUS[one.status]}; input from {readers}"
    return STATUS[one.status]


def frame_list(frames: Iterable[int]) -> str:
    """Frames (0-based) as a reader counts them, from 1; three or more in a row as the first and the last: "1, 5–10"."""
    runs: list[list[int]] = []
    for frame in frames:
        if runs and frame == runs[-1][-1]:
            runs[-1].append(frame + 1)
        else:
            runs.append([frame + 1])
    return ", ".join(f"{run[0]}–{run[-1]}" if len(run) > 2 else ", ".join(map(str, run)) for run in runs)


def _marked(reading: Reading, part: str) -> str:
    author = reading.authors.get(part, "")
    return f"marked by {author}" if author and model_author(author) is None else "marked automatically"


def _closure_words(reading: Reading) -> str:
    """Where aortic valve closure was marked, and by whom; strain takes it as its end-systole."""
    if not reading.valve_closures:
        return ""
    frames = frame_list(reading.valve_closures)
    return f"; AVC at frame {frames}, {_marked(reading, 'valve_closures')}: end-systole of strain"


def _authors(reading: Reading) -> list[str]:
    """Everyone who contributed, to slices too, each once; among them the model that saw the motion."""
    parts = (reading, *reading.slices)
    every = [author for one in parts for author in one.authors.values()]
    every += [one.motion.by for one in parts if one.motion]
    return [one for one in dict.fromkeys(every) if one]
