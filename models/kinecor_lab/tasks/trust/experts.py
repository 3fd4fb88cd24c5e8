"""Real stacks against experts: EDV and ESV within a tenth of theirs, or marked."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

from kinecor.core.values.reading import Reading
from kinecor_lab.common.table import Cell, Column, Table
from kinecor_lab.tasks.trust.prepared import prepare_real, renewed, stored
from kinecor_lab.tasks.trust.scoring import Judge

EXPERT_ML: Final[Mapping[str, tuple[float, float]]] = {
    "SCD0000101": (191.0, 141.0),
    "SCD0000201": (242.0, 180.0),
    "SCD0000301": (230.0, 180.0),
}
"""EDV and ESV by study of Sunnybrook (Radau et al., MIDAS 2009): areas of the experts' contours times spacing."""
_CLOSE = 0.1


def prepare_experts(folder: Path, cache: Path, say: Callable[[str], None]) -> None:
    """Analyse the studies that are in a folder.

    Raises:
        KinecorError: one cannot be opened or analysed.

    """
    for study in _there(folder):
        prepare_real(folder / study / "dicom", cache / "experts" / study)
        say(f"{study}: analysed")


def renew_experts(folder: Path, cache: Path) -> None:
    """Renew their Readings without networks."""
    for study in _there(folder):
        renewed(cache / "experts" / study, folder / study / "dicom")


def _there(folder: Path) -> Sequence[str]:
    return [study for study in EXPERT_ML if (folder / study / "dicom").is_dir()]


def experts_table(folder: Path | None, cache: Path, judge: Judge) -> Table:
    """Every study with what was measured, what experts say, and whether it is marked."""
    columns = (
        Column("study"),
        Column("value"),
        Column("experts", "ml", ".0f"),
        Column("measured", "ml", ".0f"),
        Column("difference", "%", "+.0f"),
        Column("marked"),
        Column("within 10 %, or marked"),
    )
    rows: list[tuple[Cell, ...]] = []
    for study in _there(folder) if folder else ():
        place = cache / "experts" / study
        reading = stored(place, folder / study / "dicom") if folder and place.is_dir() else None
        if reading is not None:
            rows += _rows(study, reading, judge)
    notes = () if rows else ("Not measured: the studies are not there, or were not prepared (--experts, --prepare).",)
    return Table("Real stacks against experts", columns, tuple(rows), notes)


def _rows(study: str, reading: Reading, judge: Judge) -> list[tuple[Cell, ...]]:
    judgement = judge(reading)
    rows: list[tuple[Cell, ...]] = []
    for code, expert in zip(("EDV", "ESV"), EXPERT_ML[study], strict=True):
        value, marked = judgement.values.get(code), code in judgement.marked
        off = None if value is None else value / expert - 1
        good = off is None or marked or abs(off) <= _CLOSE
        by = ", ".join(
            dict.fromkeys(
                finding.code for finding in judgement.findings if finding.marks and code in finding.measurements
            )
        )
        rows.append(
            (
                study,
                code,
                expert,
                value,
                None if off is None else 100 * off,
                by if marked and by else ("confidence" if marked else "no"),
                "yes" if good else "no",
            )
        )
    return rows
