"""Values that other systems, such as echo carts, reported of a study: shown with their source, apart from ours."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ForeignValue:
    """One number of another system's report.

    Attributes:
        name: what it is, in the report's words.
        code, scheme: of that name, as in the report.
        value: the number.
        unit: its UCUM code; "" where the report has none.
        within: headings above it, from the top, e.g. "Left Ventricle".
        details: (what, which) of everything that modifies it, e.g. ("Finding Site", "Left ventricle").
        remark: comments on it, or "".

    """

    name: str
    code: str
    scheme: str
    value: float
    unit: str
    within: tuple[str, ...] = ()
    details: tuple[tuple[str, str], ...] = ()
    remark: str = ""


@dataclass(frozen=True, slots=True)
class ForeignReport:
    """A report of another system.

    Attributes:
        path: as it was found.
        study_id: the study it is about.
        title: its own.
        template: the number of its template in PS3.16, e.g. "5200"; "" where it does not say.
        equipment: who made it: maker, model and software.
        date: when it was written, as YYYYMMDD; "" where it does not say.
        values: in its order.

    """

    path: str
    study_id: str
    title: str
    template: str
    equipment: str
    date: str
    values: tuple[ForeignValue, ...]
