"""One-line descriptions of a recording: patient, acquisition, view."""

import numpy as np

from kinecor.core.values.kind import UNKNOWN_VIEW
from kinecor.core.values.reading import Reading, short_author
from kinecor.core.values.recording import CineSequence, Recording, Stack


def patient_line(recording: Recording) -> str:
    """Name, id, sex, birth and study date, as far as the header has them."""
    patient = recording.source.patient
    name = patient.name.replace("^", " ").strip()
    dates = [f"born {_date(patient.birth_date)}" if patient.birth_date else ""]
    dates += [f"study {_date(patient.study_date)}" if patient.study_date else ""]
    known = [name, patient.patient_id, patient.sex, *dates]
    return "  ·  ".join(one for one in known if one) or "Patient: unknown"


def recording_line(recording: Recording) -> str:
    """Length, rate and equipment; of a stack its slices, phases, spacing and equipment."""
    return _stack_line(recording) if isinstance(recording, Stack) else _loop_line(recording)


def _loop_line(cine: CineSequence) -> str:
    length = "still" if len(cine) == 1 else f"{len(cine)} frames"
    rate = ""
    if len(cine) > 1:
        rate = f"{(len(cine) - 1) / cine.times_s[-1]:.0f} frames/s"
        if cine.times_origin == "assumed":
            rate += " (assumed)"
    size = f"{cine.columns} × {cine.rows}"
    return "  ·  ".join(one for one in (length, rate, size, cine.source.equipment) if one)


def _stack_line(stack: Stack) -> str:
    first = stack.slices[0]
    steps = [f"{one:.3g}" for one in np.diff(stack.positions_mm)]
    apart = f"{' / '.join(dict.fromkeys(steps))} mm apart" if len(set(steps)) in (1, 2) else ""
    many = f"{len(stack.slices)} slices × {stack.phases} phases"
    size = f"{first.columns} × {first.rows}"
    return "  ·  ".join(one for one in (many, apart, size, first.source.equipment) if one)


def view_words(reading: Reading) -> str:
    """The view, e.g. "A4C", "A4C (0.97)" where a model classified it, or "view unknown"."""
    view = reading.view
    if view is None or view.label == UNKNOWN_VIEW:
        return "view unknown"
    name = reading.kind.view_name(view.label)
    return name if view.confidence is None else f"{name} ({view.confidence:.2f})"


def view_hint(reading: Reading) -> str:
    """Who set the view, and what a click does."""
    view = reading.view
    by = f", set by {short_author(view.by)}" if view and view.label != UNKNOWN_VIEW else " unknown"
    return f"View{by}. Click to choose another; Ctrl+Z undoes it."


def _date(dicom: str) -> str:
    """A DICOM date (YYYYMMDD) as YYYY-MM-DD; anything else as it is."""
    return f"{dicom[:4]}-{dicom[4:6]}-{dicom[6:8]}" if len(dicom) == 8 and dicom.isdigit() else dicom
