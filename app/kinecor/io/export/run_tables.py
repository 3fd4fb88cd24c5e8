"""recordings.csv and studies.csv of a run: one row a recording or study, every routine value with its trust."""

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, Protocol, TypeVar

from kinecor.core.table.measures import HEADLINES, MEASURES, UNITS, Measure
from kinecor.io.export.schema import MeasurementEntry, RecordingEntry, StudyEntry
from kinecor.io.files.atomic import whole
from kinecor.io.files.cells import csv_cells

COLUMNS: Final[tuple[Measure, ...]] = tuple(measure for measure in MEASURES if not measure.exploratory)
"""Measurements with a column; exploratory ones, such as those of segments, are in result.json."""
TrustWord = Literal["ok", "check", "withheld"]


def column(measure: Measure) -> str:
    """Name of a value's column, with its unit: "EF_percent"; that of its trust is "EF_trust".

    Args:
        measure: of the table.

    """
    return f"{measure.code}_{UNITS[measure.unit].column}"


@dataclass(frozen=True, slots=True)
class Value:
    """A value for routine use: None where it is withheld, with the reason."""

    value: float | None
    trust: TrustWord
    note: str = ""
    origin: str = ""
    """Of a study: "study" for a value over views, else the id of the recording it is of."""


@dataclass(frozen=True, slots=True)
class RecordingRow:
    """One recording of a run, small enough to hold ten thousand.

    Attributes:
        source, id, study: as in result.json.
        patient: identifier or pseudonym, else the name; "" where the header has neither.
        site, equipment: institution and scanner by the header.
        modality, view, view_confidence, frames, slices: as in result.json.
        stack: whether it is a stack.
        values: by code.
        checks: codes of its open findings.
        error: as in result.json.
        messages: of open findings that withhold or mark, in this order.

    """

    source: str
    id: str
    study: str
    patient: str
    site: str
    equipment: str
    modality: str
    view: str
    view_confidence: float | None
    frames: int
    slices: int
    stack: bool
    values: Mapping[str, Value]
    checks: tuple[str, ...]
    error: str
    messages: tuple[str, ...] = ()

    @property
    def trust(self) -> TrustWord | None:
        """Trust of the first headline value that is listed; None where none is, or the recording failed."""
        return next((self.values[code].trust for code in HEADLINES if code in self.values), None)


@dataclass(frozen=True, slots=True)
class StudyRow:
    """One study: values over views, else of the recording that shows them best.

    Attributes:
        study: its id.
        patient, site, equipment: as of its first recording that says them.
        sex, age_years: "" and None where not known.
        recordings: how many were analysed.
        failed: how many of them failed.
        values: by code.
        checks: codes of open findings of the study.

    """

    study: str
    patient: str
    site: str
    equipment: str
    sex: str
    age_years: float | None
    recordings: int
    failed: int
    values: Mapping[str, Value]
    checks: tuple[str, ...]

    @property
    def trust(self) -> TrustWord | None:
        """As of a recording."""
        return next((self.values[code].trust for code in HEADLINES if code in self.values), None)


def recording_row(
    entry: RecordingEntry, study: str, patient: str = "", site: str = "", equipment: str = ""
) -> RecordingRow:
    """The row of a recording by its entry in result.json, and what its header says of patient and place.

    Args:
        entry: of the recording.
        study: its id.
        patient: identifier of the header; "" for none.
        site: institution of the header; "" for none.
        equipment: of the header; "" for none.

    """
    open_checks = [check for check in entry["checks"] if check["state"] == "open"]
    return RecordingRow(
        source=entry["source"],
        id=entry["id"],
        study=study,
        patient=patient,
        site=site,
        equipment=equipment,
        modality=entry["modality"] or "",
        view=entry["view"]["label"],
        view_confidence=entry["view"]["confidence"],
        frames=entry["frames"],
        slices=entry["slices"],
        stack="stack" in entry,
        values={} if entry["error"] else _values(entry["measurements"], entry["id"]),
        checks=tuple(dict.fromkeys(check["code"] for check in open_checks)),
        error=entry["error"] or "",
        messages=tuple(
            check["message"] for word in ("stop", "check") for check in open_checks if check["severity"] == word
        ),
    )


# Of several recordings of a study, the views a single-plane value is taken from first.
_BEST: Final = ("A4C", "A2C", "A3C")


def study_row(entry: StudyEntry, recordings: Sequence[RecordingRow]) -> StudyRow:
    """The row of a study by its entry in result.json and the rows of its recordings.

    Args:
        entry: of the study.
        recordings: rows of its recordings.

    """
    values = _values(entry["measurements"], "study")
    for row in by_preference(recordings):
        for code, value in row.values.items():
            if code not in values or (values[code].value is None and value.value is not None):
                values[code] = value
    about = entry.get("demographics", {})
    age = about["age_years"]["value"] if "age_years" in about else None
    return StudyRow(
        study=entry["id"],
        patient=next((recording.patient for recording in recordings if recording.patient), ""),
        site=next((recording.site for recording in recordings if recording.site), ""),
        equipment=next((recording.equipment for recording in recordings if recording.equipment), ""),
        sex=str(about["sex"]["value"]) if "sex" in about else "",
        age_years=float(age) if age is not None else None,
        recordings=len(recordings),
        failed=sum(bool(recording.error) for recording in recordings),
        values=values,
        checks=tuple(dict.fromkeys(check["code"] for check in entry["checks"] if check["state"] == "open")),
    )


class _Preferred(Protocol):
    """What decides which recording of a study a value is taken from."""

    @property
    def stack(self) -> bool:
        """Whether it is a stack."""

    @property
    def view(self) -> str:
        """Label of its view; "" where none was named."""

    @property
    def trust(self) -> TrustWord | None:
        """Of its first headline value; None where it has none."""


Preferred = TypeVar("Preferred", bound=_Preferred)


def by_preference(recordings: Iterable[Preferred]) -> list[Preferred]:
    """Recordings of a study in the order in which a value is taken from them: stacks, then A4C, A2C, A3C, others.

    Args:
        recordings: of one study.

    """

    def place(preferred: _Preferred) -> tuple[bool, int, bool]:
        rank = _BEST.index(preferred.view) if preferred.view in _BEST else len(_BEST)
        return not preferred.stack, rank, preferred.trust != "ok"

    return sorted(recordings, key=place)


def _values(measurements: Iterable[MeasurementEntry], origin: str) -> dict[str, Value]:
    known = {column.code for column in COLUMNS}
    values: dict[str, Value] = {}
    for measurement in measurements:
        if measurement["name"] in known and measurement["name"] not in values:
            values[measurement["name"]] = Value(
                measurement["value"], measurement["trust"], measurement["note"] or "", origin
            )
    return values


_RECORDING = (
    "source", "id", "study", "patient", "site", "equipment", "modality", "view", "view_confidence", "frames", "slices",
    "trust", "checks", "error",
)  # fmt: skip
_STUDY = ("study", "patient", "site", "equipment", "sex", "age_years", "recordings", "failed", "trust", "checks")


def write_recordings_table(path: Path, rows: Iterable[RecordingRow]) -> None:
    """Write recordings.csv: RFC 4180, UTF-8, a row for each recording; empty where there is no value.

    Args:
        path: of the file.
        rows: of the recordings.

    Raises:
        KinecorError: the file cannot be written there.

    """
    titles = [*_RECORDING, *(name for measure in COLUMNS for name in (column(measure), f"{measure.code}_trust"))]
    _write(path, titles, ([_cell(value) for value in _recording_cells(row)] for row in rows))


def write_studies_table(path: Path, rows: Iterable[StudyRow]) -> None:
    """Write studies.csv, as recordings.csv; "EF_of" names the recording that a value is of, or "study".

    Args:
        path: of the file.
        rows: of the studies.

    Raises:
        KinecorError: the file cannot be written there.

    """
    _write(path, study_columns(), ([_cell(value) for value in study_cells(row).values()] for row in rows))


def study_columns() -> list[str]:
    """Columns of studies.csv, in order."""
    values = (name for measure in COLUMNS for name in (column(measure), f"{measure.code}_trust", f"{measure.code}_of"))
    return [*_STUDY, *values]


def study_cells(row: StudyRow) -> dict[str, str | float | int | None]:
    """The cells of a row of studies.csv by column, in order; None where there is no value.

    Args:
        row: of the study.

    """
    cells: dict[str, str | float | int | None] = {
        "study": row.study,
        "patient": row.patient,
        "site": row.site,
        "equipment": row.equipment,
        "sex": row.sex,
        "age_years": row.age_years,
        "recordings": row.recordings,
        "failed": row.failed,
        "trust": row.trust,
        "checks": " ".join(row.checks),
    }
    for measure in COLUMNS:
        value = row.values.get(measure.code)
        cells[column(measure)] = value.value if value else None
        cells[f"{measure.code}_trust"] = value.trust if value else None
        cells[f"{measure.code}_of"] = value.origin if value else None
    return cells


def _recording_cells(row: RecordingRow) -> Iterator[str | float | int | None]:
    yield from (row.source, row.id, row.study, row.patient, row.site, row.equipment, row.modality, row.view)
    yield from (row.view_confidence, row.frames, row.slices, row.trust, " ".join(row.checks), row.error)
    for column in COLUMNS:
        value = row.values.get(column.code)
        yield value.value if value else None
        yield value.trust if value else None


def _cell(value: str | float | int | None) -> str:
    if value is None:
        return ""
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def _write(path: Path, titles: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    with (
        whole(path) as temporary,
        temporary.open("w", encoding="utf-8", errors="backslashreplace", newline="") as file,
    ):
        writer = csv.writer(file)
        writer.writerow(titles)
        writer.writerows(csv_cells(row) for row in rows)
