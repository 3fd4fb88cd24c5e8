"""Biplane studies of patients from stills of both planes: both untouched, both tampered with in one way, or one."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final

from kinecor.core.values.reading import Reading
from kinecor_lab.tasks.trust.patients.clip_kinds import SCALES
from kinecor_lab.tasks.trust.patients.data import STILLS, VIEWS
from kinecor_lab.tasks.trust.plan import SOUND
from kinecor_lab.tasks.trust.prepared import Prepared
from kinecor_lab.tasks.trust.scoring import Study, judged_together
from kinecor_lab.tasks.trust.values import Values

BIPLANE: Final = "CAMUS, biplane"


def biplane_studies(cases: Sequence[Prepared], truths: Mapping[str, Values]) -> Iterator[Study]:
    """A study of each patient with both planes, and of each way in which one of them was tampered with.

    A wrong scale is of the machine, so of both planes; any other tampering is of the four-chamber one by turns with the
    two-chamber one.

    Args:
        cases: stills of both views, others are passed over.
        truths: biplane values by patient.

    """
    stills = {
        (case.setting["patient"], case.setting["view"], case.kind, case.strength): case
        for case in cases
        if case.population in STILLS.values() and case.reading is not None
    }
    for turn, ((patient, view, kind, strength), case) in enumerate(stills.items()):
        untouched = [stills.get((patient, each, SOUND, "")) for each in VIEWS]
        if view != VIEWS[0] or patient not in truths or None in untouched:
            continue
        alike = stills.get((patient, VIEWS[1], kind, strength))
        both = kind in (SOUND, *SCALES)
        pair = [case if both or turn % 2 else untouched[0], alike if both or not turn % 2 else untouched[1]]
        readings = [case.reading for case in pair if case is not None and case.reading is not None]
        if len(readings) == len(VIEWS):
            name = case.name.replace("-", "-biplane-", 1)
            whole = replace(case, name=name, population=BIPLANE, truth=truths[patient], reading=readings[0])
            yield judged_together(whole, [_of_one_patient(reading, patient) for reading in readings])


def _of_one_patient(reading: Reading, patient: str) -> Reading:
    """Recordings of the battery are of a patient each; the planes of a study are of one."""
    return reading.with_(facts=replace(reading.facts, patient=patient))
