from dataclasses import replace

import numpy as np

from kinecor.ui.header_view import patient_line, recording_line
from tests.readings import cine


def test_patient_line_says_what_the_file_says():
    recording = cine()
    assert patient_line(recording) == "Doe Jane  ·  42"
    patient = replace(recording.source.patient, birth_date="19561231", study_date="unknown", sex="F")
    known = replace(recording, source=replace(recording.source, patient=patient))
    assert patient_line(known) == "Doe Jane  ·  42  ·  F  ·  born 1956-12-31  ·  study unknown"


def test_nobody_named():
    recording = cine()
    source = replace(recording.source, patient=type(recording.source.patient)())
    assert patient_line(replace(recording, source=source)) == "no patient named in the file"


def test_recording_line():
    assert recording_line(cine(), None) == "12 frames  ·  25 frames/s  ·  128 × 96  ·  Maker Model 1"
    assumed = replace(cine(), times_origin="assumed")
    assert "25 frames/s (assumed)" in recording_line(assumed, None)
    still = replace(cine(1), times_s=np.zeros(1))
    assert recording_line(still, None).startswith("still")
