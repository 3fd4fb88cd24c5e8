"""ECGs and PDFs that lie with recordings."""

import numpy as np
import pydicom
import pytest
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.uid import ComprehensiveSRStorage

from kinecor.core.values.errors import KinecorError
from kinecor.io.open.recordings import open_path
from kinecor.io.write.codes import Code
from kinecor.io.write.content import CONTAINS, MODIFIER, code, container, number, text
from kinecor.io.write.derived import Series, derived_object, save_derived
from kinecor.io.write.echo_report import echo_report
from kinecor.io.write.mr_report import mr_report
from kinecor.io.write.values import values_to_report
from tests.io import make_dicom as make
from tests.io.write.sources import AT, read_clip, read_stack, write_clip, write_stack

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
    monkeypatch.setattr("kinecor.io.dicom.documents._MAX_BYTES", 100)
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


@pytest.fixture(scope="module")
def clip(tmp_path_factory):
    return read_clip(write_clip(tmp_path_factory.mktemp("clip") / "clip.dcm"))


def test_our_own_echo_report_reads_back(clip, tmp_path):
    save_derived(echo_report([clip], AT), tmp_path / "sr.dcm")
    opened = open_path(tmp_path / "sr.dcm")
    assert not opened.recordings
    assert not opened.refused
    (report,) = _reports(opened)
    assert (report.template, report.date) == ("5300", "20261122")
    assert report.title == "Adult Echocardiography Procedure Report"
    assert report.study_id == clip.recording.source.study_id
    written = {f"{one.row.code} (A4C)": float(one.number) for one in values_to_report([clip])}
    assert {dict(one.details)["Short Label"]: one.value for one in report.values} == written
    gls = next(one for one in report.values if one.code == "GLS-A4C")
    assert dict(gls.details)["Finding Site"] == "Left Ventricle Myocardium"
    assert (gls.unit, gls.within) == ("%", ("Post-coordinated Measurements",))
    assert gls.remark.startswith("mid-wall")


def test_our_own_mri_report_reads_back(tmp_path):
    one = read_stack(write_stack(tmp_path / "mr"))
    save_derived(mr_report([one], AT), tmp_path / "sr.dcm")
    (report,) = _reports(open_path(tmp_path / "sr.dcm"))
    assert report.template == "1500"
    assert [value.value for value in report.values] == [float(value.number) for value in values_to_report([one])]


def test_a_report_of_an_echo_cart_keeps_its_sections_and_sites(clip, tmp_path):
    section, group = Code("121070", "DCM", "Findings"), Code("125007", "DCM", "Measurement Group")
    site = code(MODIFIER, Code("363698007", "SCT", "Finding Site"), Code("87878005", "SCT", "Left ventricle"))
    volume = Code("18026-5", "LN", "Left Ventricular End Diastolic Volume")
    method = code(MODIFIER, Code("370129005", "SCT", "Measurement Method"), Code("125207", "DCM", "Biplane"))
    value = number(CONTAINS, volume, "121.5", 121.5, Code("ml", "UCUM", "ml"), [method])
    within = container(CONTAINS, group, [value, text(CONTAINS, section, "words")])
    title = Code("125200", "DCM", "Adult Echocardiography Procedure Report")
    made = derived_object(clip.recording.instances[0], ComprehensiveSRStorage, Series("SR", 1, "cart"), AT)
    made.update(container("", title, [container(CONTAINS, section, [site, within])], "5200"))
    made.Manufacturer, made.ManufacturerModelName = "Maker", "Cart"
    save_derived(made, tmp_path / "cart.dcm")
    (report,) = open_path(tmp_path / "cart.dcm").reports
    assert report.template == "5200"
    assert report.equipment.startswith("Maker Cart")
    (found,) = report.values
    assert (found.name, found.code, found.value, found.unit) == (volume.meaning, "18026-5", 121.5, "ml")
    assert found.within == ("Findings", "Measurement Group")
    assert found.details == (("Finding Site", "Left ventricle"), ("Measurement Method", "Biplane"))


def test_a_report_without_content_is_refused(clip, tmp_path):
    save_derived(echo_report([clip], AT), tmp_path / "sr.dcm")
    header = pydicom.dcmread(tmp_path / "sr.dcm")
    del header.ContentSequence
    header.save_as(tmp_path / "empty.dcm")
    opened = open_path(tmp_path / "empty.dcm")
    assert not opened.documents
    assert "no content" in opened.refused[0].reason


@pytest.mark.parametrize("undefined_length", [False, True])
def test_a_report_that_is_cut_off_is_refused_wherever_it_ends(clip, tmp_path, undefined_length):
    path = tmp_path / "sr.dcm"
    save_derived(echo_report([clip], AT), path)
    if undefined_length:
        report = pydicom.dcmread(path)
        without_lengths(report)
        report.save_as(path)
    (found,) = _reports(open_path(path))
    assert len(found.values) > 5
    whole = path.read_bytes()
    for end in range(len(whole) // 3, len(whole), len(whole) // 12):
        path.write_bytes(whole[:end])
        opened = open_path(path)
        assert not opened.documents, end
        assert "damaged or cut off" in opened.refused[0].reason


def without_lengths(dataset):
    """Write its sequences with delimiters instead of lengths."""
    for one in dataset:
        if one.VR == "SQ":
            one.is_undefined_length = True
            for item in one.value:
                item.is_undefined_length_sequence_item = True
                without_lengths(item)


def test_another_report_under_the_same_name_is_read_again(clip, tmp_path):
    path = tmp_path / "sr.dcm"
    save_derived(echo_report([clip], AT), path)
    (before,) = _reports(open_path(path))
    changed = pydicom.dcmread(path)
    changed.ContentDate = "20300101"
    changed.save_as(path)
    (after,) = _reports(open_path(path))
    assert (before.date, after.date) == ("20261122", "20300101")


def test_no_object_is_made_with_the_patient_of_another_file(tmp_path):
    """A study that was replaced while it was open: the values are of the recording that was opened."""
    read = read_clip(write_clip(tmp_path / "clip.dcm"))
    write_clip(tmp_path / "clip.dcm", instance=2, PatientName="Other^Patient")
    with pytest.raises(KinecorError, match="is another image than the one that was opened"):
        save_derived(echo_report([read], AT), tmp_path / "sr.dcm")
    assert not (tmp_path / "sr.dcm").exists()


def _reports(opened):
    """What was read of each document, our own included: those are not listed as of other systems."""
    return tuple(one.report for one in opened.documents)
