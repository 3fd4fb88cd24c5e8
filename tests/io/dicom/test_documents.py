"""ECGs and PDFs that lie with recordings."""

import numpy as np
import pytest
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from kinecor.io.open.recordings import open_path
from tests.io import make_dicom as make

TWELVE_LEADS, PDF = "1.2.840.10008.5.1.4.1.1.9.1.1", "1.2.840.10008.5.1.4.1.1.104.1"
DOCUMENT = b"%PDF-1.7 odd %%EOF"


def dataset(kind, modality, syntax=make.EXPLICIT, **elements):
    """A DICOM object without pixels; elements of None are left out."""
    header = make.loop_dataset(make.grey_loop(), SOPClassUID=kind, Modality=modality, ContentDate="20260102")
    header.file_meta.TransferSyntaxUID = syntax
    for name in ("PixelData", "Rows", "Columns", "NumberOfFrames", "BitsAllocated", "FrameIncrementPointer"):
        delattr(header, name)
    for name, value in elements.items():
        setattr(header, name, value)
    return header


def channel(name, unit="uV", sensitivity=5.0):
    made, source = Dataset(), Dataset()
    source.CodeValue, source.CodingSchemeDesignator, source.CodeMeaning = "2:1", "SCPECG", name
    made.ChannelSourceSequence, made.WaveformBitsStored = Sequence([source]), 16
    if unit:
        units = Dataset()
        units.CodeValue, units.CodingSchemeDesignator, units.CodeMeaning = unit, "UCUM", unit
        made.ChannelSensitivity, made.ChannelSensitivityUnitsSequence = sensitivity, Sequence([units])
    return made


def ecg(samples, channels, **elements):
    """An ECG object of samples (count, channels) at 500 Hz."""
    group = Dataset()
    group.WaveformOriginality, group.SamplingFrequency = "ORIGINAL", 500
    group.NumberOfWaveformSamples, group.NumberOfWaveformChannels = samples.shape
    group.ChannelDefinitionSequence = Sequence(channels)
    group.WaveformBitsAllocated, group.WaveformSampleInterpretation = 16, "SS"
    group.WaveformData = samples.astype("<i2").tobytes()
    group["WaveformData"].VR = "OW"
    return dataset(TWELVE_LEADS, "ECG", WaveformSequence=Sequence([group]), **elements)


def pdf(content=DOCUMENT, syntax=make.EXPLICIT, **elements):
    return dataset(
        PDF,
        "DOC",
        syntax,
        DocumentTitle="Stress protocol",
        MIMETypeOfEncapsulatedDocument="application/pdf",
        EncapsulatedDocument=content + b"\0" * (len(content) % 2),
        **{"EncapsulatedDocumentLength": len(content), **elements},
    )


def opened(header, path):
    found = open_path(make.save(header, path))
    assert not found.recordings
    return found


def test_leads_by_name_in_millivolts_and_seconds(tmp_path):
    samples = np.stack([np.arange(1000), -np.arange(1000), np.full(1000, 7)], axis=1)
    header = ecg(samples, [channel("Lead I"), channel("Lead II", "mV", 0.001), channel("Lead III", "")])
    (found,) = opened(header, tmp_path / "a.dcm").reports
    assert (found.title, found.date, found.patient) == ("12-lead ECG Waveform", "20260102", "T1")
    assert found.study_id == header.StudyInstanceUID
    assert [one.name for one in found.leads] == ["Lead I", "Lead II", "Lead III"]
    assert [one.trace.unit for one in found.leads] == ["mV", "mV", ""]
    one, two, three = (lead.trace for lead in found.leads)
    assert one.values == pytest.approx(np.arange(1000) * 0.005)
    assert two.values == pytest.approx(-np.arange(1000) * 0.001)
    assert three.values == pytest.approx(np.full(1000, 7))
    assert one.times_s[[0, -1]] == pytest.approx([0, 999 / 500])


@pytest.mark.parametrize(("element", "value"), [("NumberOfWaveformSamples", 5000), ("SamplingFrequency", 0)])
def test_a_damaged_ecg_is_refused(tmp_path, element, value):
    header = ecg(np.zeros((10, 1)), [channel("Lead I")])
    setattr(header.WaveformSequence[0], element, value)
    (refused,) = opened(header, tmp_path / "a.dcm").refused
    assert "ECG" in refused.reason
    assert "unforeseen" not in refused.reason


@pytest.mark.parametrize("syntax", make.NATIVE)
def test_a_pdf_byte_by_byte(tmp_path, syntax):
    content = b"%PDF-1.7 odd! %%EOF"
    (found,) = opened(pdf(content, syntax), tmp_path / "a.dcm").reports
    assert (found.pdf, found.title, found.leads) == (content, "Stress protocol", ())


@pytest.mark.parametrize("content", [b"", b"MZ a program", b"<html>"])
def test_what_is_no_pdf_is_refused(tmp_path, content):
    (refused,) = opened(pdf(content), tmp_path / "a.dcm").refused
    assert refused.reason.startswith("Expected a PDF, this object holds none")


def test_a_pdf_that_is_too_large_or_cut_off_is_refused(tmp_path, monkeypatch):
    path = make.save(pdf(), tmp_path / "a.dcm")
    monkeypatch.setattr("kinecor.io.dicom.documents._MOST_BYTES", 100)
    (refused,) = open_path(path).refused
    assert "Expected a PDF of at most" in refused.reason
    monkeypatch.undo()
    path = make.save(pdf(DOCUMENT[:8] + b"x" * 2000 + DOCUMENT), tmp_path / "a.dcm")
    path.write_bytes(path.read_bytes()[:-500])
    (refused,) = open_path(path).refused
    assert refused.reason.startswith("Expected a whole PDF")


def test_beside_a_recording(tmp_path):
    make.write_loop(tmp_path / "clip.dcm")
    make.save(pdf(), tmp_path / "pdf.dcm")
    found = open_path(tmp_path)
    assert (len(found.recordings), len(found.reports), found.refused) == (1, 1, ())
