"""What headers say about the kind of a series: gathered here, judged by the rules of `kinecor.io.dicom.kinds`."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset

from kinecor.io.dicom.header import (
    GE_SEQUENCE_NAME,
    PHILIPS_SEQUENCE_NAME,
    DicomFile,
    element,
    equipment,
    items,
    modality_of,
    number,
    positive,
    sop_class,
    text,
)

MAX_REGION_BYTES: Final = 1 << 16
"""Of all regions; scanners write a handful of some 300 bytes each."""
# Elements of the header, or of the functional groups of an enhanced object, whose value names a technique.
_FLAGS: Final = (
    "PhaseContrast", "Tagging", "BloodSignalNulling", "InversionRecovery", "SaturationRecovery", "T2Preparation",
    "TimeOfFlightContrast", "EchoPulseSequence", "MultipleSpinEcho", "CardiacSynchronizationTechnique",
    "AcquisitionContrast", "SteadyStatePulseSequence",
)  # fmt: skip
_MACROS: Final = (
    "MRModifierSequence", "MRImagingModifierSequence", "CardiacSynchronizationSequence", "MRVelocityEncodingSequence",
    "MRImageFrameTypeSequence", "MREchoSequence", "MRTimingAndRelatedParametersSequence",
)  # fmt: skip
_TIME = re.compile(r"(\d{2})(\d{2})(\d{2}(?:\.\d+)?)$")
# Trigger, inversion and echo times that differ by less are one.
_SAME_MS = 1.0
_SAME_PLACE_MM = 0.5


def fold_text(words: str) -> str:
    """Small letters and numbers with single spaces, "T1_MOLLI-pre" as "t1 molli pre".

    Args:
        words: of a header.

    """
    return " ".join(re.sub(r"[^a-z0-9*]+", " ", words.lower()).split())


@dataclass(frozen=True, slots=True)
class ImageEvidence:
    """Of one MR image.

    Attributes:
        image_type: values of Image Type or Frame Type, in capitals.
        flags: "Keyword=VALUE" of what the header says of the technique.
        sequence: names of the pulse sequence, folded.
        inversion_ms, echo_ms, trigger_ms: or None.
        temporal: index of the time as the scanner counts, or None.
        acquired_s: time of day of the acquisition, or None.
        velocity_cm_s: highest velocity encoded, or None.
        agent: whether a contrast agent is named.

    """

    image_type: tuple[str, ...] = ()
    flags: frozenset[str] = frozenset()
    sequence: tuple[str, ...] = ()
    inversion_ms: float | None = None
    echo_ms: float | None = None
    trigger_ms: float | None = None
    temporal: float | None = None
    acquired_s: float | None = None
    velocity_cm_s: float | None = None
    agent: bool = False

    @property
    def component(self) -> str:
        """What the values are: "P" of phase and velocity images, else "M"."""
        phase = {"P", "PHASE", "VELOCITY", "PCA", "PHASE MAP", "VELOCITY MAP"} & {*self.image_type}
        return "P" if phase else "M"


def image_evidence(header: Dataset, groups: Sequence[Dataset] = ()) -> ImageEvidence:
    """What a header says of one image; of a frame of an enhanced object, with its functional groups, own before shared.

    Args:
        header: of the file.
        groups: items of Per-Frame and Shared Functional Groups.

    """
    macros = [several[0] for name in _MACROS for group in groups if (several := items(group, name))]
    levels = [*macros, header] if groups else [header]

    def first(keyword: str) -> float | None:
        return next((value for level in levels if (value := number(level, keyword)) is not None), None)

    types = next((kind for level in levels for key in ("FrameType", "ImageType") if (kind := _values(level, key))), ())
    flags = {
        f"{key}={flag.upper()}" for level in levels for key in _FLAGS if key in level and (flag := text(level, key))
    }
    velocity = first("VelocityEncodingMaximumValue") or first("VelocityEncodingMinimumValue")
    contents = [content[0] for group in groups if (content := items(group, "FrameContentSequence"))]
    acquired = next((text(content, "FrameAcquisitionDateTime") for content in contents), "")
    temporal = next(
        (index for content in contents if (index := number(content, "TemporalPositionIndex")) is not None), None
    )
    return ImageEvidence(
        image_type=types,
        flags=frozenset(flags),
        sequence=_sequences(header),
        inversion_ms=(first("InversionTimes") if groups else None) or first("InversionTime"),
        echo_ms=first("EffectiveEchoTime") or first("EchoTime"),
        trigger_ms=first("NominalCardiacTriggerDelayTime") if groups else number(header, "TriggerTime"),
        temporal=temporal if groups else number(header, "TemporalPositionIdentifier"),
        acquired_s=seconds_of_day(acquired or text(header, "AcquisitionTime") or text(header, "ContentTime")),
        velocity_cm_s=abs(velocity) if velocity else None,
        agent=bool(text(header, "ContrastBolusAgent")),
    )


def _values(header: Dataset, keyword: str) -> tuple[str, ...]:
    value = element(header, keyword)
    if value is None:
        return ()
    several = [value] if isinstance(value, str) else value
    try:
        return tuple(str(item).strip().upper() for item in several)
    except TypeError:
        return ()


def _sequences(header: Dataset) -> tuple[str, ...]:
    maker = text(header, "Manufacturer").lower()
    private = GE_SEQUENCE_NAME if maker.startswith("ge") else PHILIPS_SEQUENCE_NAME if "philips" in maker else 0
    found = [text(header, "SequenceName"), text(header, "PulseSequenceName")]
    if private and private in header:
        found.append(_private_text(header, private))
    return tuple(fold_text(text) for text in found if text)


def _private_text(header: Dataset, tag: int) -> str:
    value: Any = header[tag].value
    if isinstance(value, bytes):
        value = value.decode("ascii", "replace")
    return str(value).strip("\0 ")


def seconds_of_day(written: str) -> float | None:
    """Seconds since midnight of a DICOM time, or date and time; None of another text.

    Args:
        written: HHMMSS, or YYYYMMDDHHMMSS, with or without fraction and time zone.

    """
    found = _TIME.search(written.partition("+")[0].partition("-")[0])
    if found is None:
        return None
    hours, minutes, seconds = found.groups()
    return int(hours) * 3600 + int(minutes) * 60 + float(seconds)


@dataclass(frozen=True)
class Evidence:
    """What is known of a series, or of an ultrasound object, before its kind is decided.

    Attributes:
        modality: "MR", "US", ...; "" where the file does not say.
        sop_class: its name in the standard, "" where it has none.
        sop_uid: of the class.
        maker: folded name of the manufacturer.
        own: whether Kinecor wrote it, but for its simulated recordings.
        names: series description and protocol, folded.
        image_type, flags, sequence: of all its images; see ImageEvidence.
        components: of all its images.
        images: how many there are.
        frames: of an ultrasound object.
        orientations: how many there are.
        phases: the most images of one place, of one component.
        triggers: most distinct trigger times of one place.
        trigger_span_ms: from its first to its last trigger time.
        inversions, echoes: most distinct inversion and echo times of one place.
        beat_steps: whether the images of one place were acquired one by one, a heart beat or more apart.
        velocity: whether velocities are encoded.
        agent: whether a contrast agent is named.
        cycle_frames: images of one cycle as the scanner says, or None.
        study_moves: whether its study has images of several phases.
        regions: (spatial format, data type) of ultrasound regions, PS3.3 C.8.5.5.1.
        velocity_span_cm_s: of the largest spectral region, the velocities that it shows; None without one.
        modes: bits of the fourth value of Image Type (PS3.3 C.8.5.6.1.1), or None.
        colour_declared: whether Ultrasound Color Data Present says so.
        stage: names of stage and view of an ultrasound object, folded.
        coloured: share of lit pixels that are coloured as flow is (`coloured_share`), looked at only where the header
            does not decide.
        painted: share of these that have one of a few hues, as a painted mask has (`painted_share`).

    """

    modality: str = ""
    sop_class: str = ""
    sop_uid: str = ""
    maker: str = ""
    own: bool = False
    names: tuple[str, ...] = ()
    image_type: frozenset[str] = frozenset()
    flags: frozenset[str] = frozenset()
    sequence: tuple[str, ...] = ()
    components: frozenset[str] = frozenset()
    images: int = 1
    frames: int = 1
    orientations: int = 1
    phases: int = 1
    triggers: int = 0
    trigger_span_ms: float = 0.0
    inversions: int = 0
    echoes: int = 0
    beat_steps: bool = False
    velocity: bool = False
    agent: bool = False
    cycle_frames: int | None = None
    study_moves: bool = False
    regions: frozenset[tuple[int, int]] = frozenset()
    velocity_span_cm_s: float | None = None
    modes: int | None = None
    colour_declared: bool = False
    stage: tuple[str, ...] = ()
    coloured: Callable[[], float] = lambda: 0.0
    painted: Callable[[], float] = lambda: 0.0

    def named(self, pattern: str) -> bool:
        """Whether the series' description or protocol has words that match a regular expression.

        Args:
            pattern: of folded text, see `fold_text`.

        """
        return any(re.search(rf"(?<![a-z0-9])(?:{pattern})(?![a-z])", name) for name in self.names)

    def staged(self, pattern: str) -> bool:
        """Whether the names of stage and view have such words.

        Args:
            pattern: of folded text, see `fold_text`.

        """
        return any(re.search(rf"(?<![a-z0-9])(?:{pattern})(?![a-z])", name) for name in self.stage)

    def runs(self, pattern: str) -> bool:
        """Whether the name of its pulse sequence matches a regular expression.

        Args:
            pattern: of folded text, see `fold_text`.

        """
        return any(re.search(pattern, name) for name in self.sequence)


@dataclass(frozen=True, slots=True)
class Placed:
    """An image of a series with its place; see ImageEvidence and `MrImage`."""

    evidence: ImageEvidence
    orientation: tuple[float, ...] | None
    position_mm: tuple[float, ...] | None


def header_evidence(file: DicomFile) -> Evidence:
    """What a single object says of itself.

    Args:
        file: with its header.

    """
    header = file.header
    regions = items(header, "SequenceOfUltrasoundRegions", MAX_REGION_BYTES)
    return Evidence(
        modality=modality_of(header),
        sop_class=sop_class(header),
        sop_uid=text(header, "SOPClassUID"),
        maker=fold_text(text(header, "Manufacturer")),
        own=is_own(header),
        names=tuple(fold_text(text(header, key)) for key in ("SeriesDescription", "ProtocolName") if text(header, key)),
        image_type=frozenset(_values(header, "ImageType")),
        frames=int(number(header, "NumberOfFrames") or 1),
        agent=bool(text(header, "ContrastBolusAgent")),
        regions=frozenset(
            (_whole(region, "RegionSpatialFormat"), _whole(region, "RegionDataType")) for region in regions
        ),
        velocity_span_cm_s=_velocity_span(regions),
        modes=_modes(header),
        colour_declared=positive(header, "UltrasoundColorDataPresent") is not None,
        stage=tuple(fold_text(text(header, key)) for key in ("StageName", "ViewName") if text(header, key)),
    )


def series_evidence(file_evidence: Evidence, images: Sequence[Placed], *, study_moves: bool) -> Evidence:
    """What the images of an MR series say together.

    Args:
        file_evidence: of one of its files.
        images: all of the series.
        study_moves: see Evidence.

    """
    evidence = [image.evidence for image in images]
    places = _places(images)
    largest = max(places, key=len)
    by_component = {
        part: [evidence_item for evidence_item in largest if evidence_item.component == part]
        for part in {e.component for e in largest}
    }
    phases = max(map(len, by_component.values()))
    triggers = [evidence_item.trigger_ms for evidence_item in largest if evidence_item.trigger_ms is not None]
    return Evidence(
        modality=file_evidence.modality,
        sop_class=file_evidence.sop_class,
        sop_uid=file_evidence.sop_uid,
        maker=file_evidence.maker,
        own=file_evidence.own,
        names=file_evidence.names,
        image_type=frozenset(value for evidence_item in evidence for value in evidence_item.image_type),
        flags=frozenset(value for evidence_item in evidence for value in evidence_item.flags),
        sequence=tuple(dict.fromkeys(name for evidence_item in evidence for name in evidence_item.sequence)),
        components=frozenset(evidence_item.component for evidence_item in evidence),
        images=len(images),
        orientations=_distinct_orientations(images),
        phases=phases,
        triggers=_distinct(triggers),
        trigger_span_ms=max(triggers) - min(triggers) if triggers else 0.0,
        inversions=_distinct([evidence_item.inversion_ms for evidence_item in largest if evidence_item.inversion_ms]),
        echoes=_distinct([evidence_item.echo_ms for evidence_item in largest if evidence_item.echo_ms]),
        beat_steps=_beat_steps(
            [evidence_item for evidence_item in largest if evidence_item.component == largest[0].component]
        ),
        velocity=any(evidence_item.velocity_cm_s for evidence_item in evidence),
        agent=any(evidence_item.agent for evidence_item in evidence),
        study_moves=study_moves,
    )


def _distinct(values: Iterable[float]) -> int:
    ordered = sorted(values)
    return sum(index == 0 or value - ordered[index - 1] > _SAME_MS for index, value in enumerate(ordered))


def _places(images: Sequence[Placed]) -> list[list[ImageEvidence]]:
    """The images of each orientation and position; all together where the files state none."""
    found: dict[tuple[float, ...], list[ImageEvidence]] = {}
    for image in images:
        place: tuple[float, ...] = ()
        if image.orientation is not None and image.position_mm is not None:
            place = tuple(np.rint(np.asarray(image.position_mm) / _SAME_PLACE_MM)) + tuple(
                np.round(image.orientation, 1) + 0.0
            )
        found.setdefault(place, []).append(image.evidence)
    return list(found.values())


def _distinct_orientations(images: Sequence[Placed]) -> int:
    return len({tuple(np.round(image.orientation, 1) + 0.0) for image in images if image.orientation is not None})


# Images of one cycle are put together from many beats and have one time of acquisition, or some 20 to 60 ms from one to
# the next; from one beat to the next a heart of 200/min takes 300 ms.
_BEAT_S = 0.28


def _beat_steps(images: Sequence[ImageEvidence]) -> bool:
    times_s = sorted(image.acquired_s for image in images if image.acquired_s is not None)
    if len(times_s) < max(4, len(images)):
        return False
    steps_s = np.diff(times_s)
    return bool(np.median(steps_s) >= _BEAT_S)


def _whole(header: Dataset, keyword: str) -> int:
    value = number(header, keyword)
    return -1 if value is None else int(value)


def _modes(header: Dataset) -> int | None:
    types = _values(header, "ImageType")
    try:
        return int(types[3], 16) if len(types) > 3 and len(types[3]) == 4 else None
    except ValueError:
        return None


_SPECTRAL, _CM_PER_S = 3, 7


def _velocity_span(regions: Iterable[Dataset]) -> float | None:
    spans = []
    for region in regions:
        if _whole(region, "RegionSpatialFormat") != _SPECTRAL or _whole(region, "PhysicalUnitsYDirection") != _CM_PER_S:
            continue
        rows = (number(region, "RegionLocationMaxY1") or 0) - (number(region, "RegionLocationMinY0") or 0)
        spans.append(abs(number(region, "PhysicalDeltaY") or 0) * rows)
    return max(spans, default=None)


def is_own(header: Dataset) -> bool:
    """Whether Kinecor made an object from a recording: report, contours, capture; not a simulated recording.

    Args:
        header: of the object.

    """
    return text(header, "Manufacturer") == "Kinecor" and equipment(header).startswith("Kinecor Kinecor")


# A pixel whose channels differ by more is coloured; compression alone makes less of grey.
_COLOURED = 40
# Colour Doppler shows flow towards and away from the probe, warm and cool; a tinted grey scale has one hue.
_MIN_OF_EACH = 0.05
# Of a painted mask: hues that it may have (each structure a few, where its colours were compressed), and the width of
# a cell of hues, in grey levels of the difference of two channels.
_PAINTED_HUES = 8
_HUE_CELL = 8
# Rows, or columns, of an image that are looked at.
_ROWS_SEEN = 200


def coloured_share(frames: Sequence[NDArray[Any]], region: tuple[int, int, int, int] | None = None) -> float:
    """Share of the lit pixels of a loop that are coloured as flow is, 0 to 1: in warm and cool hues, and moving.

    What has the same colour in all frames, such as bars, marks and a trace, does not count where there are several.

    Args:
        frames: (h, w) or (h, w, 3) uint8, some of the loop.
        region: (x0, y0, x1, y1) of the ultrasound image, or None where it is not known.

    """
    if not len(frames) or frames[0].ndim != 3:
        return 0.0
    parts, coloured, lit = _coloured_pixels(frames, region)
    count = int(coloured.sum())
    if not count or not lit.any():
        return 0.0
    warm = parts[..., 0] > parts[..., 2]
    if min((coloured & warm).sum(), (coloured & ~warm).sum()) < _MIN_OF_EACH * count:
        return 0.0
    return float(count / lit.sum())


def painted_share(frames: Sequence[NDArray[Any]], region: tuple[int, int, int, int] | None = None) -> float:
    """Share of the coloured pixels that have one of the commonest hues, 0 to 1: near 1 where a mask was painted.

    A mask is painted in a few colours, opaque or see-through over grey, so that the differences between its channels
    are few; those of flow run through the whole colour bar.

    Args:
        frames: (h, w) or (h, w, 3) uint8, some of the loop.
        region: (x0, y0, x1, y1) of the ultrasound image, or None where it is not known.

    """
    if not len(frames) or frames[0].ndim != 3:
        return 0.0
    parts, coloured, _ = _coloured_pixels(frames, region)
    if not coloured.any():
        return 0.0
    chosen = parts[coloured]
    cells = (chosen[:, :2] - chosen[:, 1:] + 256) // _HUE_CELL  # of (red less green, green less blue)
    counts = np.unique(cells, axis=0, return_counts=True)[1]
    return float(np.sort(counts)[-_PAINTED_HUES:].sum() / len(chosen))


def _coloured_pixels(
    frames: Sequence[NDArray[Any]], region: tuple[int, int, int, int] | None
) -> tuple[NDArray[np.int16], NDArray[np.bool_], NDArray[np.bool_]]:
    """(t, h, w, 3) channels of the pixels looked at, and (t, h, w) which of them are coloured, and which are lit."""
    x0, y0, x1, y1 = region or (0, 0, frames[0].shape[1], frames[0].shape[0])
    step = max(1, min(y1 - y0, x1 - x0) // _ROWS_SEEN)  # flow covers areas, not single pixels
    parts = np.stack([np.asarray(frame[y0:y1:step, x0:x1:step], np.int16) for frame in frames])
    red, green, blue = parts[..., 0], parts[..., 1], parts[..., 2]
    brightest = np.maximum(np.maximum(red, green), blue)
    lit = brightest > _COLOURED
    coloured = (brightest - np.minimum(np.minimum(red, green), blue) > _COLOURED) & lit
    if len(frames) > 1:
        coloured &= ~coloured.all(axis=0)
    return parts, coloured, lit
