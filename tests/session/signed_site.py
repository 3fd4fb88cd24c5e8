"""Simulated sites: signed study files whose readers differ from the program by a known bias and spread."""

from dataclasses import replace
from pathlib import Path

import numpy as np

from kinecor.core.checks.assessment import assess
from kinecor.core.study.conclusions import parts_of
from kinecor.core.study.signed_pairs import signed_values
from kinecor.core.values.events import Beat, CardiacEvents
from kinecor.core.values.geometry import Contour
from kinecor.core.values.message import message
from kinecor.core.values.reading import View, first_reading
from kinecor.core.values.recording import CineSequence, Patient
from kinecor.core.values.study import first_study_reading
from kinecor.core.values.track import ContourTrack, Origin, Structure
from kinecor.session.edits import Decide, SetContours, SetEvents, SetTrack, SetView, Several, Sign
from kinecor.session.journal import Journal
from kinecor.session.signed_studies import encode_values, patient_digest
from kinecor.session.store import Store, study_file
from tests.readings import BY, cine, ellipse

FRAMES = 12
REPORT = b"%PDF-1.4 as it was signed"


def recording(number: int, *, maker: str = "Maker", patient: str = "") -> CineSequence:
    """A clip of a patient and study of this number."""
    made = cine(FRAMES)
    source = replace(
        made.source,
        path=f"study/{number}.dcm",
        recording_id=f"1.3.{number}",
        study_id=f"1.2.{number}",
        equipment=f"{maker} Model 1",
        patient=Patient("Doe^Jane", patient or f"P{number}"),
    )
    return replace(made, source=source)


def proposal(
    reader_scale: float = 1.0, *, contraction: float = 0.25, size: float = 1.0
) -> dict[Structure, ContourTrack]:
    """Contours of a beating ventricle.

    Args:
        reader_scale: of its outline.
        contraction: share by which it shortens and narrows at ES.
        size: of the heart.

    """
    beat = 1 - contraction * np.sin(np.pi * np.arange(FRAMES) / (FRAMES - 1))
    confidence = np.full(FRAMES, 0.9)

    def track(structure: Structure, a: float, b: float, y: float) -> ContourTrack:
        contours: list[Contour | None] = [ellipse(64, y, a * size * s * reader_scale, b * size * s) for s in beat]
        return ContourTrack(structure, tuple(contours), (Origin.MODEL,) * FRAMES, confidence)

    return {
        Structure.LV_ENDO: track(Structure.LV_ENDO, 16, 28, 45),
        Structure.LV_EPI: track(Structure.LV_EPI, 22, 34, 45),
    }


def sign_study(
    number: int,
    *,
    ef_change: float | None = None,
    wider: float | None = None,
    contraction: float = 0.25,
    size: float = 1.0,
    maker: str = "Maker",
    patient: str = "",
    at: str = "2026-11-24T10:00:00+00:00",
    values: bool = True,
    addendum: bool = False,
) -> Path:
    """Analyse a clip as the program would, correct it as a reader would, and sign it; the file.

    Args:
        number: of study and patient.
        ef_change: added by the reader to the automatic EF, in points; None: EF is left.
        wider: factor by which the reader widens the ventricle in all frames; None: contours are left.
        contraction: see `proposal`.
        size: see `proposal`.
        maker: of the scanner.
        patient: identifier; "" for that of the number.
        at: when it is signed.
        values: whether they are kept, as earlier versions did not.
        addendum: whether it is opened to changes afterwards.

    """
    clip = recording(number, maker=maker, patient=patient)
    study_id, recording_id = clip.source.study_id, clip.source.recording_id
    with Store.open(study_file(study_id)) as store:
        journal = Journal(store)
        study = journal.open_study(first_study_reading(study_id, [clip]))
        journal.open(first_reading(clip))
        tracks = proposal(contraction=contraction, size=size)
        edits = (
            *(SetTrack(one) for one in tracks.values()),
            SetEvents(CardiacEvents((Beat(0, FRAMES // 2),), Origin.MODEL)),
            SetView(View("A4C", 0.98, BY)),
        )
        reading = journal.do(recording_id, Several(message("analysis"), edits), BY)
        if wider is not None:
            drawn = proposal(wider, contraction=contraction, size=size)[Structure.LV_ENDO].contours
            edit = SetContours(Structure.LV_ENDO, 0, drawn, (Origin.EDITED,) * FRAMES)
            reading = journal.do(recording_id, edit, "Anna")
        if ef_change is not None:
            automatic = next(
                one.quantity.value for one in assess(reading).measurements if one.code == "EF" and one.quantity
            )
            edit = Decide("EF", True, automatic + ef_change, automatic, "%")
            reading = journal.do(recording_id, edit, "Anna")
        proposed = journal.proposed(recording_id)
        assert proposed is not None
        found = signed_values([proposed], [reading], study, patient_digest(study))
        signature = Sign(at, parts_of([reading], study), language="en")
        journal.sign(signature, REPORT, "Anna", encode_values(found) if values else b"")
        if addendum:
            from kinecor.session.edits import AddAddendum

            journal.do_study(AddAddendum(at, "late clip"), "Anna")
        return Path(store.path)
