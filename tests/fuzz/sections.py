"""Figures of a campaign as a section of a validation page (docs/generate.py)."""

import json
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

import kinecor

Table = tuple[Sequence[str], Sequence[Sequence[object]]]


def write_section(
    path: Path, *, title: str, seed: int, command: str, notes: Sequence[str], tables: Mapping[str, Table]
) -> None:
    """Write a section.

    Args:
        path: of the JSON file.
        title: of the section.
        seed: of the campaign.
        command: that repeats it.
        notes: paragraphs below the command.
        tables: by title, the titles of columns and the rows; the first columns hold text, numbers are whole.

    """
    made = []
    for name, (titles, rows) in tables.items():
        forms = ["d" if all(isinstance(row[at], int) for row in rows) else "s" for at in range(len(titles))]
        columns = [{"title": one, "unit": "", "format": form} for one, form in zip(titles, forms, strict=True)]
        made.append({"title": name, "columns": columns, "rows": [list(row) for row in rows], "notes": []})
    content = {
        "title": title,
        "date": date.today().isoformat(),  # noqa: DTZ011
        "versions": {"kinecor": kinecor.__version__},
        "seed": seed,
        "command": command,
        "notes": list(notes),
        "tables": made,
    }
    path.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
