"""The ECG of a file: from its waveforms or its curves, in seconds next to the frames; never a guess."""

import numpy as np
import pytest
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from kinecor.io.dicom.ecg import ecg_of


def waveform(label="ECG", samples=None, **more):
    channel = Dataset()
    channel.ChannelLabel = label
    channel.ChannelSensitivity = 5.0
    channel.ChannelSensitivityCorrectionFactor = 1.0
    unit = Dataset()
    unit.CodeValue = "uV"
    channel.ChannelSensitivityUnitsSequence = Sequence([unit])
    breath = Dataset()
    breath.ChannelLabel = "Respiration"
    group = Dataset()
    values = np.arange(20, dtype="<i2") if samples is None else samples
    group.NumberOfWaveformChannels, group.NumberOfWaveformSamples = 2, len(values)
    group.SamplingFrequency = 500.0
    group.WaveformBitsAllocated, group.WaveformSampleInterpretation = 16, "SS"
    group.ChannelDefinitionSequence = Sequence([breath, channel])
    group.WaveformData = np.stack([-values, values], axis=1).tobytes()
    for name, value in more.items():
        setattr(group, name, value)
    header = Dataset()
    header.WaveformSequence = Sequence([group])
    return header


def curve(kind="ECG", units=("SEC", "VOLT"), step=0.004):
    header = Dataset()
    header.add_new((0x5000, 0x0005), "US", 2)
    header.add_new((0x5000, 0x0010), "US", 10)
    header.add_new((0x5000, 0x0020), "CS", kind)
    header.add_new((0x5000, 0x0030), "SH", list(units))
    header.add_new((0x5000, 0x0103), "US", 3)
    header.add_new((0x5000, 0x0110), "US", [0, 1])
    header.add_new((0x5000, 0x0112), "FD", [0.1, 0.0])
    header.add_new((0x5000, 0x0114), "FD", [step, 0.0])
    header.add_new((0x5000, 0x3000), "OB", np.linspace(0, 1, 10).astype("<f8").tobytes())
    return header


def test_a_waveform_in_its_unit_and_from_its_offset():
    found = ecg_of(waveform(MultiplexGroupTimeOffset=40.0))
    assert found.unit == "uV"
    assert found.values.tolist() == [5.0 * one for one in range(20)]
    assert found.times_s[[0, 1]] == pytest.approx([0.04, 0.042])


def test_a_channel_that_is_no_ecg_is_not_taken_for_one():
    assert ecg_of(waveform(label="Phono")) is None
    assert ecg_of(Dataset()) is None


def test_a_waveform_cut_off_is_none():
    header = waveform()
    header.WaveformSequence[0].NumberOfWaveformSamples = 500
    assert ecg_of(header) is None
    header.WaveformSequence[0].NumberOfWaveformSamples = 10**9
    assert ecg_of(header) is None


def test_a_curve_in_seconds():
    found = ecg_of(curve())
    assert found.unit == "V"
    assert found.times_s == pytest.approx(0.1 + 0.004 * np.arange(10))
    assert found.values[-1] == 1.0


@pytest.mark.parametrize("header", [curve(kind="RESP"), curve(units=("DPPS", "VOLT")), curve(step=0.0)])
def test_a_curve_of_something_else_or_without_seconds_is_none(header):
    assert ecg_of(header) is None
