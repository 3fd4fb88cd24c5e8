"""What the plan of minutes and the queue of hours share: data sets as placeholders, states, and the last log line."""

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

FOLDERS = ("camus-a4c", "camus-a2c", "acdc-sax", "scd-sax", "york-cine", "dsb-sax", "dsb-4ch")
"""Names of data sets below --data; "{NAME}" in a training's options stands for its folder."""
DONE, FAILED, STOPPED, LACKING = "done", "failed", "paused", "no data"

Start = Callable[[Sequence[str]], int]
"""Runs `kinecor train` with some arguments; its exit status."""


def needed_folders(options: Sequence[str]) -> tuple[str, ...]:
    """The data sets that a training's options name."""
    return tuple(name for name in FOLDERS if f"{{{name}}}" in options)


def with_folders(options: Sequence[str], data: Path) -> list[str]:
    """A training's options with the folders of data sets below `data` in place of "{NAME}"."""
    places: Mapping[str, str] = {f"{{{name}}}": str(data / name) for name in FOLDERS}
    return [places.get(option, option) for option in options]


def save_json(values: Mapping[str, Any], file: Path) -> None:
    """Writes a small file of progress whole or not at all; its folder is made."""
    file.parent.mkdir(parents=True, exist_ok=True)
    part = file.with_suffix(".part")
    part.write_text(json.dumps(values, indent=1) + "\n", encoding="utf-8")
    part.replace(file)


def log_lines(folder: Path) -> list[dict[str, Any]]:
    """The lines of the newest log in a training's folder or in one below it; empty where there is none."""
    logs = sorted([*folder.glob("log.jsonl"), *folder.glob("*/log.jsonl")], key=lambda log: log.stat().st_mtime)
    return [json.loads(line) for line in logs[-1].read_text(encoding="utf-8").splitlines()] if logs else []


def last_line(folder: Path) -> dict[str, Any]:
    """The last of `log_lines`; empty where there is none."""
    lines = log_lines(folder)
    return lines[-1] if lines else {}
