"""The kind of every series in public samples: `python benchmarks/kinds.py [DATA] --out FOLDER`.

DATA is the folder of data sets that docs/training.md describes; the files that come with pydicom are always included.
Prints, and with --out writes as JSON for the validation page, which kinds were found, by which rule, in which files,
and what could not be opened, with the reason.
"""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path, PurePath

import pydicom.data

from kinecor.core.values.series import BY_CODE
from kinecor.io.dicom.kinds import RULES
from kinecor.io.open.recordings import Opened, open_path
from kinecor_lab.common.table import Column, Table, report

SETS = ("ie33-study", "stress-echo", "echo-clips", "scd-dicom", "mr-not-cine")
_MAX_NAMES = 6
_SOURCES = {rule.code: rule.source for rule in RULES}


def samples(data: Path | None) -> Iterator[tuple[str, Path]]:
    """(name, folder) of each set that is there."""
    yield "pydicom", Path(pydicom.data.__file__).parent / "test_files"
    for name in SETS if data is not None else ():
        if data is not None and (data / name).is_dir():
            yield name, data / name


def decided(opened: Opened) -> Iterator[tuple[str, str, str]]:
    """(kind, rule, file) of each recording and document."""
    for one in opened.recordings:
        yield one.source.series.kind, one.source.series.rule, PurePath(one.source.path).name
    for document in opened.documents:
        yield document.series.kind, document.series.rule, PurePath(document.path).name


def _names(files: list[str]) -> str:
    shown = ", ".join(sorted(set(files))[:_MAX_NAMES])
    more = len(set(files)) - _MAX_NAMES
    return f"{shown} and {more} more" if more > 0 else shown


def main() -> None:
    """Open every set, and print what was found."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", nargs="?", type=Path)
    parser.add_argument("--out", type=Path)
    chosen = parser.parse_args()
    rows: list[tuple[str | int | None, ...]] = []
    refusals: list[tuple[str | int | None, ...]] = []
    for name, folder in samples(chosen.data):
        opened = open_path(folder)
        found: dict[tuple[str, str], list[str]] = {}
        for kind, rule, file in decided(opened):
            found.setdefault((kind, rule), []).append(file)
        for (kind, rule), files in sorted(
            found.items(), key=lambda one: (list(BY_CODE).index(one[0][0]) if one[0][0] in BY_CODE else -1, one[0][1])
        ):
            known = BY_CODE.get(kind)
            measured = "yes" if known is None or known.measured else "by hand" if known.by_hand else "no"
            rows.append((name, kind or "no header", measured, rule, _SOURCES.get(rule, ""), len(files), _names(files)))
        reasons: dict[str, list[str]] = {}
        for refused in opened.refused:
            reasons.setdefault(str(refused.reason), []).append(PurePath(refused.path).name)
        refusals += [(name, len(files), why, _names(files)) for why, files in sorted(reasons.items())]
    text = ""
    table = Table(
        "Kinds by the rule that decided",
        (
            Column("set", "", text),
            Column("kind", "", text),
            Column("measured", "", text),
            Column("rule", "", text),
            Column("rests on", "", text),
            Column("recordings or objects", "", "d"),
            Column("files", "", text),
        ),
        tuple(rows),
    )
    refused_table = Table(
        "Not opened",
        (Column("set", "", text), Column("files", "", "d"), Column("reason", "", text), Column("names", "", text)),
        tuple(refusals),
    )
    notes = ["Every file is listed once; a series of MR images is named by its folder."]
    command = "python benchmarks/kinds.py DATA --out FOLDER"
    report(
        "kinds",
        sys.argv[1:],
        "Kinds of series in public samples",
        (table, refused_table),
        out=chosen.out,
        notes=notes,
        command=command,
    )


if __name__ == "__main__":
    main()
