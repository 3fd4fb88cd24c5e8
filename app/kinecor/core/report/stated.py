"""The values of a whole study as its report states them: each once, from the best source, and why one is not stated.

A value is stated where it is given and no check of it is open. Volumes of both apical views together (biplane) come
before those of one view, and are never mixed with them.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from types import MappingProxyType
from typing import Final

from kinecor.core.checks.assessment import Assessment, assessed, assessed_study, study_strain_as_assessed
from kinecor.core.norms.norms import Graded
from kinecor.core.table.measures import EXPLORATORY, SEGMENTAL, Measurement, Status, format_quantity
from kinecor.core.values.confidence import Trust
from kinecor.core.values.kind import APICAL_VIEWS
from kinecor.core.values.reading import Reading
from kinecor.core.values.study import StudyReading, counting
from kinecor.core.values.wall_motion import WallMotion

ECHO: Final = "Echocardiography"
CMR: Final = "Cine MRI"
MODALITIES: Final = (ECHO, CMR)
PREFIX: Final = {ECHO: "", CMR: "CMR "}
"""Of the keys of values, by modality."""
_VOLUMES: Final = frozenset({"EDV", "EDVI", "ESV", "ESVI", "SV", "SVI", "EF", "CO", "CI"})
_ORDER: Final = (*APICAL_VIEWS, "PLAX")


@dataclass(frozen=True, eq=False)
class Value:
    """A measurement as the report of the study shows it.

    Attributes:
        key: unique in the report: the code, of cine MRI with "CMR " before it.
        row: see Measurement.
        norm: against its reference range, or None where it has none.
        place: what it was measured in: "biplane", "A4C", "short-axis stack", ...
        doubt: why it is not stated in a sentence; "" where it may be.

    """

    key: str
    row: Measurement
    norm: Graded | None
    place: str
    doubt: str

    @property
    def words(self) -> str:
        """The value with its unit; "not available" where it is withheld."""
        return format_quantity(self.row.quantity, self.row.code) if self.row.quantity else "not available"

    @property
    def flagged(self) -> bool:
        """Whether it is outside its range, or graded, and no check of it is open."""
        return self.norm is not None and not self.norm.normal and not self.doubt

    @property
    def open(self) -> bool:
        """Whether it is given, but has an open check."""
        return bool(self.doubt) and self.row.quantity is not None


@dataclass(frozen=True, eq=False)
class Part:
    """What one modality contributes to the study.

    Attributes:
        modality: one of MODALITIES.
        readings: of its recordings.
        found: assessments of these, in their order.
        study: of them together.
        values: by key, in the order of the table.
        geometry: of the left ventricle by callipers, in words; "" where it is not known, or doubtful.
        strain_views: apical views in the mean longitudinal strain.
        wall_motion: a reader's scores, by the stage of a stress study, "" without stages; of echo.

    """

    modality: str
    readings: tuple[Reading, ...]
    found: tuple[Assessment, ...]
    study: Assessment
    values: Mapping[str, Value]
    geometry: str
    strain_views: tuple[str, ...]
    wall_motion: Mapping[str, WallMotion] = field(default_factory=lambda: MappingProxyType({}))

    def get(self, code: str) -> Value | None:
        """The value of a code."""
        return self.values.get(PREFIX[self.modality] + code)


def parts_of(
    readings: Sequence[Reading], study: StudyReading | None = None, others: Sequence[Reading] = ()
) -> tuple[Part, ...]:
    """The values of a study by modality, echo first; nothing of a modality without recordings.

    Args:
        readings: of its recordings; those that a reader left out of results over views give no value.
        study: what was concluded about it as a whole.
        others: of further recordings, which give no value, but are what checks compare with.

    """
    return _parts(tuple(readings), study, tuple(others))


@lru_cache(maxsize=4)
def _parts(readings: tuple[Reading, ...], study: StudyReading | None, others: tuple[Reading, ...]) -> tuple[Part, ...]:
    used = counting(readings, study)
    by_modality = (tuple(one for one in used if one.kind.modality == name) for name in MODALITIES)
    return tuple(
        _part(name, members, study, others) for name, members in zip(MODALITIES, by_modality, strict=True) if members
    )


def _part(
    modality: str, readings: tuple[Reading, ...], concluded: StudyReading | None, others: tuple[Reading, ...]
) -> Part:
    found = tuple(assessed(one, (*(other for other in readings if other is not one), *others)) for one in readings)
    study = assessed_study(readings, concluded)
    geometry = next((one.geometry for one in found if one.geometry), "")
    values = {one.key: one for one in _values(modality, readings, found, study)}
    strain = study_strain_as_assessed(readings)
    scores = concluded.wall_motion if concluded and modality == ECHO else MappingProxyType({})
    return Part(
        modality, readings, found, study, MappingProxyType(values), geometry, tuple(strain.view_percent), scores
    )


def _values(
    modality: str, readings: tuple[Reading, ...], found: tuple[Assessment, ...], study: Assessment
) -> Iterator[Value]:
    """Of the study as a whole, then of single recordings what that does not have.

    Where there is a short-axis stack, volumes are its own: those of long axes of MRI are no match for it.
    """
    stacked = any(
        one.kind.stack and row.code == "EF"
        for one, own in zip(readings, found, strict=True)
        for row in own.measurements
    )
    whole = {row.code: row for row in study.measurements if not (stacked and row.code in _VOLUMES)}
    for row in whole.values():
        yield _value(modality, row, study, "biplane" if "biplane" in row.method else "apical views", found)
    taken = set(whole) | (_VOLUMES if "EF" in whole else set())
    for number in sorted(range(len(readings)), key=lambda at: rank(readings[at])):
        reading, own = readings[number], found[number]
        for row in own.measurements:
            if row.code in taken or row.code in EXPLORATORY or row.code in SEGMENTAL:
                continue
            others = [
                (at, one)
                for at in range(len(readings))
                for one in found[at].measurements
                if one.code == row.code and one.quantity is not None
            ]
            if row.quantity is None and others:
                continue  # another view has it
            taken.add(row.code)
            yield _value(modality, row, own, place_of(reading), ())


def rank(reading: Reading) -> tuple[int, int]:
    """Stacks come first, then the apical views in their order."""
    label = reading.view.label if reading.view else ""
    return (0 if reading.kind.stack else 1, _ORDER.index(label) if label in _ORDER else len(_ORDER))


def place_of(reading: Reading) -> str:
    """What a recording is called in a report: its view, or "short-axis stack"."""
    if reading.kind.stack:
        return "short-axis stack"
    return reading.kind.view_name(reading.view.label) if reading.view else "view unknown"


def _value(modality: str, row: Measurement, own: Assessment, place: str, views: Sequence[Assessment]) -> Value:
    return Value(
        key=PREFIX[modality] + row.code,
        row=row,
        norm=own.norms.get(row.code),
        place=place,
        doubt=_doubt(row, own, views),
    )


def _doubt(row: Measurement, own: Assessment, views: Sequence[Assessment]) -> str:
    """Why a value is not stated; of a value over several views, an open check in one of them counts."""
    if row.quantity is None:
        return row.note or "not available"
    if row.trust is not Trust.CHECK and not own.muted(row.code):
        return ""
    everywhere = (own, *views)
    acknowledged = any(one.concerning(row.code) for one in everywhere) and not any(
        one.muted(row.code) for one in everywhere
    )
    decided = row.status in (Status.ACCEPTED, Status.EDITED) and row.code in row.entered
    return "" if acknowledged or decided else "open check"
