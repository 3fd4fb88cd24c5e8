"""Earlier studies of which only a report is there, mostly of another system: its values serve as a prior.

Names of values are codes of PS3.16: those that say all of a value (TID 5300, CID 12300), those of cine MRI, and those
of a left ventricle by echo that method and view complete (TID 5200, CID 12202); or our own, where an earlier report of
ours is all there is. What these do not say is left out, so that a volume by another method is never compared with one
by disks.
"""

from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from types import MappingProxyType
from typing import Final

from pydicom.sr.coding import Code as Coded

from kinecor.core.study.prior import Examined, Stated
from kinecor.core.table.measures import BY_CODE, LEADING, Measurement, Quantity, Status
from kinecor.core.values.foreign import ForeignReport, ForeignValue
from kinecor.core.values.message import message, verbatim
from kinecor.core.values.study import StudyReading, study_of_patients
from kinecor.io.write import codes
from kinecor.io.write.derived import PRIVATE_SCHEME
from kinecor.io.write.report_items import METHOD

_VIEW: Final = Coded("111031", "DCM", "Image View")
_SELECTION: Final = Coded("121404", "DCM", "Selection Status")
_DERIVATION: Final = Coded("121401", "DCM", "Derivation")
_MEAN: Final = Coded("373098007", "SCT", "Mean")
_TEICHHOLZ: Final = Coded("125209", "DCM", "Teichholz")
_BY_METHOD: Final[Mapping[str, Mapping[str, str]]] = MappingProxyType(
    {
        "18026-5": {"disks": "EDV", "Teichholz": "EDVT"},
        "18148-7": {"disks": "ESV", "Teichholz": "ESVT"},
        "18043-0": {"disks": LEADING, "Teichholz": "EFT"},
    }
)
"""CID 12202: our measurements by LOINC code and method."""
_FACTORS: Final[Mapping[tuple[str, str], float]] = MappingProxyType(
    {
        ("cm3", "ml"): 1.0,
        ("mL", "ml"): 1.0,
        ("cm", "mm"): 10.0,
        ("mm", "cm"): 0.1,
        ("m", "mm"): 1000.0,
        ("m/s", "cm/s"): 100.0,
        ("cm/s", "m/s"): 0.01,
        ("s", "ms"): 1000.0,
        ("ms", "s"): 0.001,
        ("mm[Hg]", "mmHg"): 1.0,
        ("ratio", "1"): 1.0,
        ("/min", "1/min"): 1.0,
        ("{H.B.}/min", "1/min"): 1.0,
        ("ml/min", "l/min"): 0.001,
        ("mL/m2", "ml/m2"): 1.0,
    }
)
"""From a UCUM unit of a report to a unit of ours."""


def stated_studies(reports: Iterable[ForeignReport], known: Iterable[str]) -> dict[str, Examined]:
    """Studies of which reports state values that are compared; by id.

    Args:
        reports: of other systems, of any studies.
        known: ids of studies whose recordings are there, which are measured themselves.

    """
    measured = set(known)
    of_study: dict[str, list[ForeignReport]] = {}
    for report in reports:
        if report.study_id and report.study_id not in measured and report.about.study_date:
            of_study.setdefault(report.study_id, []).append(report)
    studies = {}
    for study_id, several in of_study.items():
        # The report that was written last stands for the study: the others are its drafts.
        rows: dict[tuple[str, str], Measurement] = {}
        modalities = set()
        for report in sorted(several, key=lambda report: report.date):
            rows |= stated_rows(report)
            modalities |= {_modality(value) for value in report.values} - {""}
        if rows:
            latest = max(several, key=lambda report: report.date)
            stated = Stated(rows, frozenset(modalities), latest.equipment)
            studies[study_id] = Examined(_study(study_id, latest), (), stated)
    return studies


def stated_rows(report: ForeignReport) -> dict[tuple[str, str], Measurement]:
    """What a report states of our measurements, by (code, view); "" as view is the study as a whole.

    Of several values of a kind, the one that the report selects, else their mean as it states it, else the mean of all
    counts, as echo is averaged over beats.

    Args:
        report: of another system.

    """
    values: dict[tuple[str, str], list[tuple[int, float]]] = {}
    for value in report.values:
        for key in _meanings(value):
            quantity = _converted(value, BY_CODE[key[0]].unit)
            if quantity is not None:
                values.setdefault(key, []).append((_rank(value), quantity))
    rows = {}
    for (code, view), several in values.items():
        best = min(rank for rank, _ in several)
        chosen = [quantity for rank, quantity in several if rank == best]
        unit = BY_CODE[code].unit
        rows[code, view] = Measurement(
            code,
            Quantity(sum(chosen) / len(chosen), unit),
            unit,
            message("as stated by {equipment}", equipment=verbatim(report.equipment or report.title or report.path)),
            frames=(),
            structures=(),
            by=(),
            confidence=None,
            status=Status.AUTO,
        )
    return rows


def _study(study_id: str, report: ForeignReport) -> StudyReading:
    return study_of_patients(study_id, [report.about], report.equipment)


def _rank(value: ForeignValue) -> int:
    what = [_coded(name) for name, _ in value.modifiers]
    if _SELECTION in what:
        return 0
    means = [_coded(name) == _DERIVATION and _coded(which) == _MEAN for name, which in value.modifiers]
    return 1 if any(means) else 2


def _coded(pair: tuple[str, str]) -> Coded:
    # Codes of SRT compare equal to those of SCT that replaced them.
    return Coded(pair[0], pair[1], "")


def _meanings(value: ForeignValue) -> Iterator[tuple[str, str]]:
    """(code, view) of our measurements that a value is; none where its codes do not say."""
    if value.scheme == PRIVATE_SCHEME:
        ours, _, view = value.code.partition("-")
        views = {"": ""} | {name.replace(" ", ""): name for name in codes.VIEWS}
        if ours in BY_CODE and view in views:
            yield ours, views[view]
        return
    if value.code in _BY_METHOD:
        yield from _completed(value, _BY_METHOD[value.code])
        return
    key = _whole().get((value.code, value.scheme))
    if key is not None:
        yield key


def _completed(value: ForeignValue, by_method: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """A left ventricle's volume or EF by its method and view."""
    methods = [_coded(which) for what, which in value.modifiers if _coded(what) == Coded(*METHOD)]
    if _TEICHHOLZ in methods:
        yield by_method["Teichholz"], ""
    elif Coded(*codes.BIPLANE) in methods:
        yield by_method["disks"], ""
    elif Coded(*codes.BY_DISKS) in methods:
        shown = [_coded(which) for what, which in value.modifiers if _coded(what) == _VIEW]
        yield from ((by_method["disks"], view) for view, code in codes.VIEWS.items() if Coded(*code) in shown)


@cache
def _whole() -> Mapping[tuple[str, str], tuple[str, str]]:
    """(code, view) of our measurements by the codes that say all of a value."""
    known = {}
    for ours, concept in codes.CONCEPTS.items():
        if ours not in BY_CODE:
            continue
        for view, code in concept.echo.items():
            known[code.value, code.scheme] = (ours, "" if view == codes.ANY_VIEW else view)
        if concept.mr is not None and concept.mr.scheme == "LN":
            known.setdefault((concept.mr.value, concept.mr.scheme), (ours, ""))
    known |= {(code.value, code.scheme): ("GLS", view) for view, code in codes.ENDOCARDIAL_GLS.items()}
    return MappingProxyType(known)


@cache
def _modalities() -> Mapping[tuple[str, str], str]:
    """The modality that a code is of, where it is of one."""
    echo = {(code.value, code.scheme) for concept in codes.CONCEPTS.values() for code in concept.echo.values()}
    mr = {(concept.mr.value, concept.mr.scheme) for concept in codes.CONCEPTS.values() if concept.mr is not None}
    of_echo = dict.fromkeys(echo - mr, "US") | dict.fromkeys(((code, "LN") for code in _BY_METHOD), "US")
    return of_echo | dict.fromkeys(mr - echo, "MR")


def _modality(value: ForeignValue) -> str:
    return _modalities().get((value.code, value.scheme), "")


def _converted(value: ForeignValue, unit: str) -> float | None:
    """In our unit; None where the report's is another quantity's, or none."""
    if value.unit == unit or value.unit == codes.UNITS[unit].value:
        return value.value
    factor = _FACTORS.get((value.unit, unit))
    return None if factor is None else value.value * factor
