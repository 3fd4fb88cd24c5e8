"""One row a value, for statistics: the table of `kinecor cohort` (values.csv) and of `Result.to_dataframe`."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from kinecor.core.table.measures import MEASURES
from kinecor.io.export.schema import MeasurementEntry

Cell = str | float | int | None


@dataclass(frozen=True, slots=True)
class Variable:
    """One column of a table, for its data dictionary.

    Attributes:
        name: of the column.
        kind: "text", "number", "count", or the words that it can have.
        unit: of its numbers; "" where they have none.
        description: in one line.

    """

    name: str
    kind: str
    unit: str
    description: str


@dataclass(frozen=True, slots=True)
class Subject:
    """Whose study it is.

    Attributes:
        study: its id.
        patient, site, equipment: by the header; "" where it does not say.
        sex: "F", "M", "O" or "".
        age_years: on the day of the study, or None.

    """

    study: str
    patient: str = ""
    site: str = ""
    equipment: str = ""
    sex: str = ""
    age_years: float | None = None


@dataclass(frozen=True, slots=True)
class Origin:
    """What values are of.

    Attributes:
        recording: its id; "" of values over the views of a study.
        view: its label; "" of a study.
        contours_edited: how many of its contours a person drew or corrected.
        readers: who did.

    """

    recording: str = ""
    view: str = ""
    contours_edited: int = 0
    readers: tuple[str, ...] = ()


ABOUT: Final = {
    "study": ("text", "", "identifier of the study: Study Instance UID, or the recording's own where it has none"),
    "patient": ("text", "", "identifier by the header, a pseudonym where anonymised; else the name"),
    "site": ("text", "", "institution by the header"),
    "equipment": ("text", "", "maker, model and software of the scanner by the header"),
    "sex": ("text", "", "F, M or O, by the header or as a reader entered it"),
    "age_years": ("number", "years", "on the day of the study"),
}
"""Columns that say whose study it is."""
TIDY: Final = tuple(
    Variable(name, *about)
    for name, about in {
        **ABOUT,
        "recording": ("text", "", "the recording that the value is of; empty for a value over the views of the study"),
        "view": ("text", "", "its view"),
        "code": ("text", "", "short name of the measurement"),
        "name": ("text", "", "what a reader calls it"),
        "value": ("number", "as in unit", "the value; empty where it is withheld"),
        "unit": ("text", "", "unit of value, low and high"),
        "low": ("number", "as in unit", "lower end of its interval of 95 %; empty where none is known"),
        "high": ("number", "as in unit", "upper end of that interval"),
        "trust": ("ok, check, withheld", "", "what may be done with the value"),
        "grade": ("text", "", "how far from normal it is, in the words of the source; empty where a check is open"),
        "flag": ("below, within, above", "", "where it lies to its reference range; empty likewise"),
        "normal_low": ("number", "as in normal_unit", "lower end of the reference range"),
        "normal_high": ("number", "as in normal_unit", "upper end of the reference range"),
        "normal_unit": ("text", "", "unit of the range; that of an index where the range is of it"),
        "normal_source": ("text", "", "whose range it is"),
        "method": ("text", "", "how it was computed"),
        "confidence": ("number", "0 to 1", "the least of the contours it rests on; empty where a person drew them"),
        "models": ("text", "", "networks that it rests on, separated by spaces"),
        "contours_edited": ("count", "", "contours of the recording that a person drew or corrected"),
        "readers": ("text", "", "who did, separated by '; '"),
        "checks": ("text", "", "codes of the findings that mark or withhold it, separated by spaces"),
        "note": ("text", "", "a remark, or why the value is withheld"),
    }.items()
)
"""The columns, in order."""
_NAMES: Final = {measure.code: str(measure.name) for measure in MEASURES}


def tidy_rows(subject: Subject, origin: Origin, entries: Iterable[MeasurementEntry]) -> Iterator[dict[str, Cell]]:
    """The rows of a recording, or of a study as a whole: cells by column, None where there is nothing.

    Args:
        subject: whose study it is.
        origin: what the values are of.
        entries: its measurements, as result.json has them.

    """
    for entry in entries:
        normal: Any = entry.get("normal") or {}
        low, high = entry["interval"] or (None, None)
        yield {
            "study": subject.study,
            "patient": subject.patient,
            "site": subject.site,
            "equipment": subject.equipment,
            "sex": subject.sex,
            "age_years": subject.age_years,
            "recording": origin.recording,
            "view": origin.view,
            "code": entry["name"],
            "name": _NAMES.get(entry["name"], entry["name"]),
            "value": entry["value"],
            "unit": entry["unit"],
            "low": low,
            "high": high,
            "trust": entry["trust"],
            "grade": normal.get("grade"),
            "flag": normal.get("flag"),
            "normal_low": normal.get("low"),
            "normal_high": normal.get("high"),
            "normal_unit": normal.get("unit"),
            "normal_source": normal.get("set"),
            "method": str(entry["method"]),
            "confidence": entry["confidence"],
            "models": " ".join(entry["models"]),
            "contours_edited": origin.contours_edited,
            "readers": "; ".join(origin.readers),
            "checks": " ".join(entry["checks"]),
            "note": None if entry["note"] is None else str(entry["note"]),
        }
