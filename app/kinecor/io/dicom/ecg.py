"""The ECG recorded with a clip: of the Waveform Sequence (PS3.3 C.10.9), else of Curve Data (PS3.3-2004 C.10.2).

A trace that is only drawn into the image is not read.
"""

from collections.abc import Iterator
from typing import Any, Final

import numpy as np
from pydicom.dataset import Dataset
from pydicom.tag import BaseTag, Tag

from kinecor.core.values.errors import KinecorError
from kinecor.core.values.foreign import Lead
from kinecor.core.values.geometry import FloatArray
from kinecor.core.values.message import message
from kinecor.core.values.recording import Trace

CURVE_GROUPS: Final = (0x5000, 0x5002)
_POINTS, _TYPE, _UNITS, _REPRESENTATION = 0x0010, 0x0020, 0x0030, 0x0103
_DESCRIPTOR, _START, _STEP, _DATA, _DIMENSIONS = 0x0110, 0x0112, 0x0114, 0x3000, 0x0005
_ELEMENTS = (_DIMENSIONS, _POINTS, _TYPE, _UNITS, _REPRESENTATION, _DESCRIPTOR, _START, _STEP, _DATA)
CURVE_TAGS: Final[tuple[BaseTag, ...]] = tuple(Tag(group, element) for group in CURVE_GROUPS for element in _ELEMENTS)
"""What is read of curves."""
_CURVE_TYPES = ("u2", "i2", "f4", "f8", "i4")
_SAMPLE_TYPES = {"SB": "i1", "UB": "u1", "SS": "i2", "US": "u2", "SL": "i4", "UL": "u4"}
_MILLIVOLTS = {"mV": 1.0, "uV": 1e-3, "V": 1e3}
_WORDS = ("ecg", "ekg", "lead", "electrocardiog")
_MOST = 4_000_000  # samples: an hour at 1 kHz


def ecg_of(header: Dataset, *, little: bool = True) -> Trace | None:
    """The first ECG trace of a file; None where it has none, or one whose times or samples cannot be understood.

    Args:
        header: of the file.
        little: whether its numbers are little-endian.

    """
    try:
        return _waveform(header, little=little) or _curve(header, little=little)
    except (AttributeError, KeyError, IndexError, TypeError, ValueError, OverflowError):
        return None  # a trace that is damaged is no reason not to open the clip


def leads_of(header: Dataset, *, little: bool = True) -> tuple[Lead, ...]:
    """All leads of the first group of channels of an ECG object (PS3.3 A.34), in mV where they have a unit.

    Further groups, such as averaged beats, have a time axis of their own and are left out.

    Args:
        header: of the file.
        little: whether its numbers are little-endian.

    Raises:
        KinecorError: there are none, or they cannot be understood.

    """
    try:
        for group in header.get("WaveformSequence") or ():
            leads = tuple(
                Lead(_name(channel), _millivolts(trace)) for channel, trace in _channels(group, little=little)
            )
            if leads:
                return leads
    except (AttributeError, KeyError, IndexError, TypeError, ValueError, OverflowError) as error:
        raise KinecorError(
            message("Expected an intact ECG, this one is damaged or cut off; copy or export it again")
        ) from error
    raise KinecorError(message("Expected an ECG with its leads, this one has none that can be read; export it again"))


def _name(channel: Dataset) -> str:
    sources = channel.get("ChannelSourceSequence") or ()
    named = str(channel.get("ChannelLabel") or "") or (str(sources[0].get("CodeMeaning") or "") if sources else "")
    return "".join(letter for letter in named if letter.isprintable())


def _millivolts(trace: Trace) -> Trace:
    factor = _MILLIVOLTS.get(trace.unit)
    return Trace(
        trace.times_s, trace.values if factor is None else trace.values * factor, "" if factor is None else "mV"
    )


def _waveform(header: Dataset, *, little: bool) -> Trace | None:
    for group in header.get("WaveformSequence") or ():
        for channel, trace in _channels(group, little=little):
            if _is_ecg(channel):
                return trace
    return None


def _channels(group: Dataset, *, little: bool) -> Iterator[tuple[Dataset, Trace]]:
    """The channels of a multiplex group; none where it has no samples or too many."""
    channels, count = int(group.NumberOfWaveformChannels), int(group.NumberOfWaveformSamples)
    rate_hz = float(group.SamplingFrequency)
    if not (0 < channels * count <= _MOST and rate_hz > 0):
        return
    kind = _ordered(_SAMPLE_TYPES[str(group.WaveformSampleInterpretation)], little=little)
    table = np.frombuffer(bytes(group.WaveformData), kind, channels * count).reshape(count, channels)
    times_s = float(group.get("MultiplexGroupTimeOffset") or 0) / 1000 + np.arange(count) / rate_hz
    for number, channel in enumerate(group.ChannelDefinitionSequence[:channels]):
        factor = float(channel.get("ChannelSensitivity") or 1) * float(
            channel.get("ChannelSensitivityCorrectionFactor") or 1
        )
        units = channel.get("ChannelSensitivityUnitsSequence") or ()
        unit = str(units[0].CodeValue) if units and channel.get("ChannelSensitivity") is not None else ""
        yield channel, Trace(times_s, table[:, number] * factor + float(channel.get("ChannelBaseline") or 0), unit)


def _is_ecg(channel: Dataset) -> bool:
    named = [str(channel.get("ChannelLabel") or "")]
    named += [str(source.get("CodeMeaning") or "") for source in channel.get("ChannelSourceSequence") or ()]
    return any(word in name.casefold() for name in named for word in _WORDS)


def _curve(header: Dataset, *, little: bool) -> Trace | None:
    for group in CURVE_GROUPS:
        if (group, _DATA) not in header or "ECG" not in str(_element_value(header, group, _TYPE)).upper():
            continue
        count, dimensions = (
            int(_element_value(header, group, _POINTS)),
            int(_element_value(header, group, _DIMENSIONS) or 2),
        )
        if not 1 < count <= _MOST or dimensions not in (1, 2):
            continue
        kind = _ordered(_CURVE_TYPES[int(_element_value(header, group, _REPRESENTATION) or 0)], little=little)
        units = [str(unit) for unit in _listed(_element_value(header, group, _UNITS))]
        given = [int(descriptor) for descriptor in _listed(_element_value(header, group, _DESCRIPTOR))] or [
            1
        ] * dimensions
        samples = np.frombuffer(bytes(_element_value(header, group, _DATA)), kind)
        stored = sum(given)
        if not stored or not given[-1]:
            continue
        table = samples[: stored * count].reshape(count, stored).astype(float)
        times_s = table[:, 0] if given[0] and dimensions == 2 else _even(header, group, count)
        if times_s is None or not units or units[0] != "SEC":
            continue  # without seconds it cannot be put next to the frames
        return Trace(times_s, table[:, -1], "V" if units[-1] == "VOLT" else "")
    return None


def _even(header: Dataset, group: int, count: int) -> FloatArray | None:
    start, step = _listed(_element_value(header, group, _START)), _listed(_element_value(header, group, _STEP))
    return np.asarray(float(start[0] if start else 0) + float(step[0]) * np.arange(count)) if step else None


def _element_value(header: Dataset, group: int, element: int) -> Any:
    return header[group, element].value if (group, element) in header else None


def _listed(value: Any) -> list[Any]:
    if value is None:
        return []
    return [value] if isinstance(value, str | bytes) or not hasattr(value, "__iter__") else list(value)


def _ordered(kind: str, *, little: bool) -> str:
    return ("<" if little else ">") + kind
