"""One line each: the patient, the recording and its view, as the window writes them."""

import numpy as np

from kinecor.core.values.kind import UNKNOWN_VIEW
from kinecor.core.values.reading import Reading, short_author
from kinecor.core.values.recording import CineSequence, Recording, Stack
from kinecor.ui.style.language import dated, numbered, tr, translated


def patient_line(recording: Recording) -> str:
    """Name, id, sex, birth and study date, as far as the header has them."""
    patient = recording.source.patient
    name = patient.name.replace("^", " ").strip()
    dates = [tr("born {date}").format(date=date_words(patient.birth_date)) if patient.birth_date else ""]
    dates += [tr("study {date}").format(date=date_words(patient.study_date)) if patient.study_date else ""]
    known = [name, patient.patient_id, patient.sex, *dates]
    return "  ·  ".join(name for name in known if name) or tr("Patient: unknown")


def recording_line(recording: Recording) -> str:
    """Length, rate and equipment; of a stack its slices, phases, spacing and equipment."""
    return _stack_line(recording) if isinstance(recording, Stack) else _loop_line(recording)


def _loop_line(cine: CineSequence) -> str:
    of_mri = cine.source.modality == "MR"
    many = tr("{count} phases") if of_mri else tr("{count} frames")
    if cine.source.series.view_only:
        many = tr("{count} images")
    length = tr("still") if len(cine) == 1 else many.format(count=len(cine))
    length = tr("stills at ED and ES") if cine.stills else length
    rate = ""
    # Phases are computed from many beats, and stills are of one each: they have no rate.
    if len(cine) > 1 and not of_mri and not cine.stills and not cine.source.series.view_only:
        rate = tr("{rate} frames/s").format(rate=f"{(len(cine) - 1) / cine.times_s[-1]:.0f}")
        if cine.times_origin == "assumed":
            rate += f" ({tr('assumed')})"
    size = f"{cine.columns} × {cine.rows}"
    return "  ·  ".join(name for name in (length, rate, size, cine.source.equipment) if name)


def _stack_line(stack: Stack) -> str:
    first = stack.slices[0]
    steps = [f"{one:.3g}" for one in np.diff(stack.positions_mm)]
    between = " / ".join(dict.fromkeys(steps))
    apart = tr("{distance} mm apart").format(distance=between) if len(set(steps)) in (1, 2) else ""
    text = tr("{slices} slices × {phases} phases")
    if stack.source.series.view_only:
        text = tr("{slices} slices × {phases} images")
    many = text.format(slices=len(stack.slices), phases=stack.phases)
    size = f"{first.columns} × {first.rows}"
    return "  ·  ".join(name for name in (many, apart, size, first.source.equipment) if name)


def view_words(reading: Reading) -> str:
    """The view, e.g. "A4C", "A4C (0.97)" where a model classified it, or "view unknown"."""
    view = reading.view
    if view is None or view.label == UNKNOWN_VIEW:
        return tr("view unknown")
    name = reading.kind.view_name(view.label)
    return name if view.confidence is None else f"{translated(name)} ({numbered(view.confidence, '.2f')})"


def view_hint(reading: Reading) -> str:
    """Who set the view, and what a click does."""
    view = reading.view
    if view is None or view.label == UNKNOWN_VIEW:
        return tr("View unknown. Click to choose another; Ctrl+Z undoes it.")
    text = tr("View, set by {who}. Click to choose another; Ctrl+Z undoes it.")
    return text.format(who=short_author(view.by))


def date_words(dicom: str) -> str:
    """A DICOM date (YYYYMMDD) as the window writes dates, less what de-identification set to 00; else as it is.

    Files of ACR-NEMA, before DICOM, have points between the parts.
    """
    if len(dicom) == 10 and dicom[4] == dicom[7] == ".":
        dicom = dicom.replace(".", "")
    if len(dicom) != 8 or not dicom.isdigit():
        return dicom
    return dated(f"{dicom[:4]}-{dicom[4:6]}-{dicom[6:8]}".removesuffix("-00").removesuffix("-00"))
