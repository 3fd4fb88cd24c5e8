"""The one writer of evaluations: tables as text, JSON and CSV, with n, mean, SD, seed and command line.

An evaluation builds `Table`s and hands them to `report`, which prints them and, with `--out FOLDER`, writes

- NAME.txt: the tables as text;
- NAME.json: the same tables for programs, such as the one that generates the validation pages;
- NAME.csv: the single values that the tables summarise, one row each.

NAME is the evaluation's name (`kinecor evaluate NAME`). The JSON file is one object:

    {
      "title": "Apical contours against those of experts",
      "command": "kinecor evaluate lv-apical --data camus-a4c --split valid",
      "seed": 0,                                    null where nothing is drawn at random
      "versions": {"kinecor": "0.1.0", "torch": "2.8.0", "lv-apical": "1.2.0"},
      "notes": ["lv-apical 1.2.0, split valid, A4C, 50 patients, 100 frames"],
      "tables": [
        {
          "title": "Overlap and distance",
          "columns": [{"title": "structure", "unit": "", "format": ""},
                      {"title": "n", "unit": "", "format": "d"},
                      {"title": "Dice", "unit": "", "format": ".3f"}],
          "rows": [["LV", 50, {"n": 50, "mean": 0.9373, "sd": 0.0312, "missing": 0}]],
          "notes": []
        }
      ]
    }

A cell is a text, a number, null (not known), or a spread: `n` finite values with their mean and sample standard
deviation (null for n < 2), and how many values are missing, for instance because a structure was not found. `format` is
a Python format specification for the column's numbers. Absolute paths in the command are cut to their last part.
"""

import argparse
import csv
import io
import json
import math
import platform
import shlex
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, is_dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from kinecor.io.files.atomic import write_text

_PACKAGES = ("kinecor", "numpy", "scipy", "torch", "openvino", "opencv-python-headless")


@dataclass(frozen=True, slots=True)
class Spread:
    """Mean and sample standard deviation (n - 1) of `n` values; `missing` further ones are not finite.

    `mean` is NaN for n = 0 and `sd` for n < 2.
    """

    n: int
    mean: float
    sd: float
    missing: int = 0


def spread(values: ArrayLike) -> Spread:
    """The spread of some values; those that are not finite are missing.

    Args:
        values: numbers of any shape, which are taken as one list.

    """
    every = np.asarray(values, np.float64).ravel()
    finite = every[np.isfinite(every)]
    n = len(finite)
    mean = float(finite.mean()) if n else math.nan
    sd = float(finite.std(ddof=1)) if n > 1 else math.nan
    return Spread(n, mean, sd, len(every) - n)


Cell = str | int | float | Spread | None


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table.

    Attributes:
        title: its heading, without the unit.
        unit: of its numbers, "" for none.
        form: Python format specification of its numbers, e.g. ".3f" or "+.1f".
        counted: whether the text shows the n of its spreads, as for tables whose columns differ in n.

    """

    title: str
    unit: str = ""
    form: str = ".3f"
    counted: bool = False

    @property
    def heading(self) -> str:
        """Title and unit."""
        return f"{self.title} {self.unit}".strip()

    def text(self, cell: Cell) -> str:
        """The text of a cell, "-" for an unknown value."""
        match cell:
            case None:
                return "-"
            case str():
                return cell
            case Spread():
                return self._spread(cell)
            case int():
                return str(cell)
        return f"{cell:{self.form}}" if math.isfinite(cell) else "-"

    def _spread(self, cell: Spread) -> str:
        missing = f" ({cell.missing} missing)" if cell.missing else ""
        if not cell.n:
            return f"-{missing}"
        sd = f" ± {cell.sd:{self.form.removeprefix('+')}}" if cell.n > 1 else ""
        count = f" ({cell.n})" if self.counted else ""
        return f"{cell.mean:{self.form}}{sd}{count}{missing}"


@dataclass(frozen=True)
class Table:
    """A table: a title, columns, rows of as many cells, and notes below it."""

    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for row in self.rows:
            if len(row) != len(self.columns):
                raise ValueError(f"table {self.title!r}: expected {len(self.columns)} cells, got {len(row)}: {row}")

    def text(self) -> str:
        """The table as text: numbers right-aligned, words left-aligned."""
        cells = [[column.text(cell) for column, cell in zip(self.columns, row, strict=True)] for row in self.rows]
        lines = [[column.heading for column in self.columns], *cells]
        widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
        words = [_is_words(column) for column in zip(*cells, strict=True)] or [True] * len(self.columns)
        out = [self.title] if self.title else []
        for line in lines:
            padded = [
                f"{cell:<{width}}" if left else f"{cell:>{width}}"
                for cell, width, left in zip(line, widths, words, strict=True)
            ]
            out.append("  ".join(padded).rstrip())
        return "\n".join([*out, *self.notes])

    def plain(self) -> dict[str, Any]:
        """The table as JSON has it, see the module."""
        return {
            "title": self.title,
            "columns": [{"title": column.title, "unit": column.unit, "format": column.form} for column in self.columns],
            "rows": [[_plain(cell) for cell in row] for row in self.rows],
            "notes": list(self.notes),
        }


def _is_words(cells: Sequence[str]) -> bool:
    return any(cell[:1].isalpha() for cell in cells)


def _plain(cell: Any) -> Any:
    """A cell as JSON has it; NaN and infinity, which JSON lacks, become null."""
    if isinstance(cell, Spread):
        return {name: _plain(value) for name, value in asdict(cell).items()}
    if isinstance(cell, np.generic):
        cell = cell.item()
    return None if isinstance(cell, float) and not math.isfinite(cell) else cell


def add_output(parser: argparse.ArgumentParser, default: Path | None = None) -> None:
    """The option of `report`."""
    parser.add_argument(
        "--out",
        type=Path,
        metavar="FOLDER",
        default=default,
        help="also write the tables there, as text and JSON, and every single value as CSV"
        + (f" (default: {default})" if default else ""),
    )


def report(
    name: str,
    argv: Sequence[str],
    title: str,
    tables: Sequence[Table],
    *,
    out: Path | None = None,
    seed: int | None = None,
    models: Mapping[str, str] | None = None,
    notes: Sequence[str] = (),
    values: Iterable[Any] = (),
    stem: str = "",
    command: str = "",
) -> None:
    """Prints the tables of an evaluation and writes its files; see the module.

    Args:
        name: of the evaluation and of its files.
        argv: what was typed after `kinecor evaluate NAME`.
        title: what was measured, in a line.
        tables: in order.
        out: folder of the files; None writes none.
        seed: of everything that is drawn at random, None where nothing is.
        models: version by name of the models that were measured.
        notes: what holds for all tables, e.g. how many patients.
        values: dataclasses or mappings, one row each in NAME.csv; nested values get separate columns.
        stem: name of the files where one evaluation has several, instead of `name`.
        command: what was typed where it is not `kinecor evaluate NAME`.

    Raises:
        KinecorError: a file cannot be written.

    """
    text = "\n".join([title, *notes, *(f"\n{table.text()}" for table in tables)])
    print(text)
    if out is None:
        return
    stem = stem or name
    content = {
        "title": title,
        "command": command or command_line(name, argv),
        "seed": seed,
        "versions": _versions() | dict(models or {}),
        "notes": list(notes),
        "tables": [table.plain() for table in tables],
    }
    write_text(out / f"{stem}.txt", text + "\n")
    write_text(out / f"{stem}.json", json.dumps(content, indent=1, ensure_ascii=False) + "\n")
    rows = [flat(value) for value in values]
    if rows:
        write_text(out / f"{stem}.csv", _csv(rows))


def command_line(name: str, argv: Sequence[str]) -> str:
    """What was typed, with absolute paths shortened: folders of one computer mean nothing on another."""
    short = [Path(part).name if Path(part).is_absolute() else part for part in argv]
    return shlex.join(["kinecor", "evaluate", name, *short])


def _versions() -> dict[str, str]:
    """Versions of what is installed, by name."""
    found = {"python": platform.python_version()}
    for package in _PACKAGES:
        with suppress(PackageNotFoundError):  # run from a source tree
            found[package] = version(package)
    return found


def flat(value: Any, prefix: str = "") -> dict[str, Any]:
    """A dataclass or mapping as one row: `a.b` becomes the column a_b, the items of a sequence a_1, a_2, ..."""
    if is_dataclass(value) and not isinstance(value, type):
        value = {name: getattr(value, name) for name in value.__dataclass_fields__}
    if isinstance(value, np.ndarray):
        value = value.tolist()
    if isinstance(value, Mapping):
        pairs = [(str(key), single_value) for key, single_value in value.items()]
    elif isinstance(value, list | tuple):
        pairs = [(str(number), one) for number, one in enumerate(value, start=1)]
    else:
        return {prefix: _plain(value)}
    out: dict[str, Any] = {}
    for key, one in pairs:
        out |= flat(one, f"{prefix}_{key}" if prefix else key)
    return out


def _csv(rows: Sequence[Mapping[str, Any]]) -> str:
    out = io.StringIO()
    names = list(dict.fromkeys(name for row in rows for name in row))
    writer = csv.DictWriter(out, names, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()
