"""A run's results as data: one row a study, a data dictionary, and agreement with a column of the reader's own."""

import csv
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import msgspec
import numpy as np

from kinecor.core.table.differences import Differences
from kinecor.core.table.measures import MEASURES
from kinecor.core.values.errors import KinecorError, error_message
from kinecor.core.values.geometry import FloatArray
from kinecor.core.values.message import joined_by, message, verbatim
from kinecor.io.export.run_tables import (
    COLUMNS,
    StudyRow,
    column,
    recording_row,
    study_cells,
    study_columns,
    study_row,
)
from kinecor.io.export.tidy import ABOUT, TIDY, Cell, Origin, Subject, Variable, tidy_rows
from kinecor.io.files.atomic import whole
from kinecor.io.files.cells import csv_cells


class _Recording(msgspec.Struct):
    """What a row needs of a recording; contours and curves are passed over unread."""

    source: str
    id: str
    modality: str | None
    view: dict[str, Any]
    frames: int
    slices: int
    measurements: list[dict[str, Any]]
    checks: list[dict[str, Any]]
    error: str | None
    tracks: dict[str, "_Track"] = {}
    stack: dict[str, Any] | msgspec.UnsetType = msgspec.UNSET


class _Track(msgspec.Struct):
    """Who drew contours: a name or null a frame, of a stack a list of them a slice; absent where no one did."""

    drawn_by: list[Any] = []

    @property
    def drawn(self) -> list[str]:
        """The author of each contour that a person drew."""
        rows = [authors if isinstance(authors, list) else [authors] for authors in self.drawn_by]
        return [name for row in rows for name in row if name]


class _Result(msgspec.Struct):
    schema: int
    recordings: list[_Recording]
    studies: list[dict[str, Any]]


def read_rows(path: Path, about: Mapping[str, tuple[str, str, str]]) -> list[StudyRow]:
    """The studies of a result.json.

    Args:
        path: of result.json.
        about: (patient, site, equipment) of recordings by their id, as far as known; result.json does not have them.

    Raises:
        KinecorError: it cannot be read, or is of another schema.

    """
    content = _read(path)
    entries = {recording.id: recording for recording in content.recordings}
    rows = []
    for study in content.studies:
        members = [
            recording_row(msgspec.to_builtins(entries[recording]), study["id"], *about.get(recording, ("", "", "")))
            for recording in study["recordings"]
            if recording in entries
        ]
        rows.append(study_row(study, members))  # type: ignore[arg-type]
    return rows


def read_values(path: Path, about: Mapping[str, tuple[str, str, str]]) -> Iterator[dict[str, Cell]]:
    """All values of a result.json, one a row, as `tidy_rows`: of each study, then of its recordings.

    Args:
        path: of result.json.
        about: as for `read_rows`.

    Raises:
        KinecorError: as `read_rows`.

    """
    content = _read(path)
    entries = {recording.id: recording for recording in content.recordings}
    for study in content.studies:
        members = [entries[recording] for recording in study["recordings"] if recording in entries]
        known = study.get("demographics", {})
        whose = [about.get(recording.id, ("", "", "")) for recording in members]
        patient, site, equipment = (next((origin[part] for origin in whose if origin[part]), "") for part in range(3))
        subject = Subject(
            study["id"],
            patient,
            site,
            equipment,
            known["sex"]["value"] if "sex" in known else "",
            known["age_years"]["value"] if "age_years" in known else None,
        )
        yield from tidy_rows(subject, Origin(), study["measurements"])
        for member in members:
            drawn = [name for track in member.tracks.values() for name in track.drawn]
            origin = Origin(member.id, member.view["label"], len(drawn), tuple(dict.fromkeys(drawn)))
            yield from tidy_rows(subject, origin, member.measurements)  # type: ignore[arg-type]


def _read(path: Path) -> _Result:
    try:
        content = msgspec.json.decode(path.read_bytes(), type=_Result)
    except (OSError, msgspec.MsgspecError) as error:
        raise KinecorError(
            message(
                "{path} is no result of kinecor analyse ({reason}): name the folder of a run",
                path=verbatim(str(path)),
                reason=error_message(error),
            )
        ) from error
    if content.schema != 1:
        raise KinecorError(
            message(
                "{path} has schema {schema}, expected 1: use the version that wrote it",
                path=verbatim(str(path)),
                schema=content.schema,
            )
        )
    return content


_ABOUT: Final = {
    **ABOUT,
    "recordings": ("count", "", "recordings of the study that were analysed"),
    "failed": ("count", "", "of these, how many failed"),
    "trust": ("ok, check, withheld", "", "trust of EF; where it is not listed, of EDV, ESV or GLS; empty: none is"),
    "checks": ("text", "", "codes of open findings of the study as a whole, separated by spaces"),
}


def dictionary() -> list[Variable]:
    """What every column of the cohort is, in order."""
    variables = [Variable(name, *about) for name, about in _ABOUT.items()]
    for measure in COLUMNS:
        variables += [
            Variable(
                column(measure), "number", measure.unit, f"{measure.name}; {measure.reference}; empty where withheld"
            ),
            Variable(f"{measure.code}_trust", "ok, check, withheld", "", f"trust of {measure.code}"),
            Variable(f"{measure.code}_of", "text", "", f'"study" (over views), or the recording {measure.code} is of'),
        ]
    return variables


def write_csv(path: Path, titles: Sequence[str], rows: Iterable[Sequence[Cell]]) -> None:
    """Write a table as CSV (RFC 4180, UTF-8); empty where there is no value.

    Args:
        path: of the file.
        titles: of the columns.
        rows: with as many cells as titles.

    Raises:
        KinecorError: the file cannot be written there.

    """
    with (
        whole(path) as temporary,
        temporary.open("w", encoding="utf-8", errors="backslashreplace", newline="") as file,
    ):
        writer = csv.writer(file)
        writer.writerow(titles)
        writer.writerows(csv_cells("" if cell is None else cell for cell in row) for row in rows)


def write_cohort_csv(path: Path, rows: Sequence[StudyRow]) -> None:
    """Write one row a study as CSV, at full precision.

    Args:
        path: of the file.
        rows: of the studies.

    Raises:
        KinecorError: the file cannot be written there.

    """
    write_csv(path, study_columns(), ([*study_cells(row).values()] for row in rows))


def write_dictionary(path: Path, rows: Sequence[StudyRow]) -> None:
    """Write what every column is, its unit, and how many studies have it.

    Args:
        path: of the file.
        rows: of the studies.

    Raises:
        KinecorError: the file cannot be written there.

    """
    cells = [study_cells(row) for row in rows]
    write_csv(
        path,
        ("column", "kind", "unit", "studies_with_it", "description"),
        (
            (
                variable.name,
                variable.kind,
                variable.unit,
                sum(row[variable.name] not in (None, "") for row in cells),
                variable.description,
            )
            for variable in dictionary()
        ),
    )


def write_values(path: Path, rows: Iterable[Mapping[str, Cell]]) -> None:
    """Write the tidy table as CSV.

    Args:
        path: of the file.
        rows: by column, in the order of TIDY.

    Raises:
        KinecorError: the file cannot be written there.

    """
    write_csv(path, [variable.name for variable in TIDY], ([*row.values()] for row in rows))


def write_values_dictionary(path: Path) -> None:
    """Write what each column of the tidy table is.

    Args:
        path: of the file.

    Raises:
        KinecorError: the file cannot be written there.

    """
    titles = ("column", "kind", "unit", "description")
    write_csv(path, titles, ((variable.name, variable.kind, variable.unit, variable.description) for variable in TIDY))


def write_parquet(path: Path, rows: Iterable[Mapping[str, Cell]], columns: Iterable[Variable]) -> None:
    """Write a table as Parquet, with unit and description in the metadata of each column.

    Args:
        path: of the file.
        rows: cells by column.
        columns: what each column is, in order.

    Raises:
        KinecorError: pyarrow is not installed, or the file cannot be written there.

    """
    try:
        import pyarrow
        from pyarrow import parquet
    except ImportError as error:
        raise KinecorError(message("Parquet needs pyarrow: install kinecor[cohort], or use --csv-only")) from error
    types = {"number": pyarrow.float64(), "count": pyarrow.int64()}
    schema = pyarrow.schema(
        [
            pyarrow.field(
                column.name,
                types.get(column.kind, pyarrow.string()),
                metadata={"unit": column.unit, "description": column.description},
            )
            for column in columns
        ]
    )
    table = pyarrow.Table.from_pylist([dict(row) for row in rows], schema=schema)
    with whole(path) as temporary:
        parquet.write_table(table, temporary)


# Agreement


@dataclass(frozen=True, eq=False)
class Agreement:
    """Differences to a reference (Bland & Altman 1999).

    Attributes:
        code: of the measurement.
        studies: ids, one a pair.
        ours, reference: (pairs,) in the unit of the measurement.
        doubtful: (pairs,) whether a check of the value is open.
        withheld: studies of the reference whose value is withheld or not listed.
        unmatched: rows of the reference without a study.

    """

    code: str
    studies: tuple[str, ...]
    ours: FloatArray
    reference: FloatArray
    doubtful: tuple[bool, ...]
    withheld: int
    unmatched: int

    @property
    def differences(self) -> FloatArray:
        """(pairs,) ours less the reference."""
        return self.ours - self.reference

    @property
    def bias(self) -> float:
        """Mean difference."""
        return self._spread.bias

    @property
    def sd(self) -> float:
        """Standard deviation of the differences; NaN of fewer than two."""
        return self._spread.sd

    @property
    def limits(self) -> tuple[float, float]:
        """Limits of agreement: bias -+ 1.96 SD."""
        return self._spread.limits

    @property
    def half_widths(self) -> tuple[float, float]:
        """Half of the 95 % interval of the bias, and of a limit of agreement."""
        return self._spread.half_widths

    @property
    def _spread(self) -> Differences:
        return Differences(self.differences)


def agreement(rows: Sequence[StudyRow], code: str, reference: Path, key: str, name: str) -> Agreement:
    """The measurement `code` against a column of a CSV file.

    Args:
        rows: the studies.
        code: of a measurement with a column, such as "EF".
        reference: the CSV file, with a header.
        key: its column that names the study, or the patient where no two studies are of one patient.
        name: its column of reference values, in the unit of the measurement; empty cells are passed over.

    Raises:
        KinecorError: the file cannot be used.

    """
    if code not in {column.code for column in COLUMNS}:
        raise KinecorError(
            message(
                "measurement: expected one of {codes}, got {code}",
                codes=joined_by(", ", [column.code for column in COLUMNS]),
                code=verbatim(code),
            )
        )
    by = {row.study: row for row in rows}
    patients: dict[str, list[StudyRow]] = {}
    for row in rows:
        patients.setdefault(row.patient, []).append(row)
    pairs: list[tuple[StudyRow, float]] = []
    withheld = unmatched = 0
    seen: set[str] = set()
    for line, (label, value) in enumerate(_reference(reference, key, name), start=2):
        found = by.get(label) or _only(patients.get(label, []), label, key)
        if found is None:
            unmatched += 1
            continue
        if found.study in seen:
            raise KinecorError(
                message(
                    "{path}, line {line}: '{label}' is there twice; expected one row a study",
                    path=verbatim(str(reference)),
                    line=line,
                    label=verbatim(label),
                )
            )
        seen.add(found.study)
        own = found.values.get(code)
        if own is None or own.value is None:
            withheld += 1
        else:
            pairs.append((found, value))
    if not pairs:
        raise KinecorError(
            message(
                "{path}: none of its {key} belongs to a study with {code}: expected study or patient identifiers as "
                "in cohort.csv",
                path=verbatim(str(reference)),
                key=verbatim(key),
                code=verbatim(code),
            )
        )
    values = [row.values[code] for row, _ in pairs]
    return Agreement(
        code,
        tuple(row.study for row, _ in pairs),
        np.array([value.value for value in values], float),
        np.array([value for _, value in pairs]),
        tuple(value.trust == "check" for value in values),
        withheld,
        unmatched,
    )


def _only(study_rows: Sequence[StudyRow], label: str, key: str) -> StudyRow | None:
    if len(study_rows) > 1:
        raise KinecorError(
            message(
                "{key} '{label}' has {count} studies: name the study in its place",
                key=verbatim(key),
                label=verbatim(label),
                count=len(study_rows),
            )
        )
    return study_rows[0] if study_rows else None


def _reference(path: Path, key: str, name: str) -> Iterator[tuple[str, float]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            for wanted in (key, name):
                if wanted not in (reader.fieldnames or ()):
                    columns = joined_by(", ", tuple(reader.fieldnames or ()))
                    raise KinecorError(
                        message(
                            "{path} has no column '{wanted}', only {columns}",
                            path=verbatim(str(path)),
                            wanted=verbatim(wanted),
                            columns=columns,
                        )
                    )
            for line, row in enumerate(reader, start=2):
                text = (row[name] or "").strip()
                if not text:
                    continue
                try:
                    value = float(text)
                except ValueError:
                    raise _no_number(path, line, name, text) from None
                if not math.isfinite(value):
                    raise _no_number(path, line, name, text)
                yield (row[key] or "").strip(), value
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise KinecorError(
            message(
                "{path} cannot be read as CSV ({reason}): export it as CSV in UTF-8",
                path=verbatim(str(path)),
                reason=error_message(error),
            )
        ) from error


def _no_number(path: Path, line: int, column: str, text: str) -> KinecorError:
    return KinecorError(
        message(
            "{path}, line {line}: expected a number in {column}, got '{text}'",
            path=verbatim(str(path)),
            line=line,
            column=verbatim(column),
            text=verbatim(text),
        )
    )


NAMES: Final = {measure.code: measure for measure in MEASURES}
