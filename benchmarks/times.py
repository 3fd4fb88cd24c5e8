"""The table of docs/validation/times.md on this processor: `times.py [--limit AVX2] [--part PART ...] [--out FOLDER]`.

Runs the scripts that measure each row, one after the other, on simulated studies that `kinecor phantom` makes first,
and takes their figures from what they print; a script that prints something else ends the run. FOLDER gets the table as
docs/generate.py reads it. Times mean something on a machine that does nothing else: the load at the beginning and at
the end is given with them.

--limit AVX2 measures this processor with the instructions of an older one: oneDNN's kernels (`ONEDNN_MAX_CPU_ISA`, so
without bfloat16) and torch's (`ATEN_CPU_CAPABILITY`, `MKL_ENABLE_INSTRUCTIONS`); other code of OpenVINO uses what there
is, and clock, caches and memory stay. It is no measurement of another machine.

--folder FOLDER keeps the simulated studies for the next run. --part measures some parts, each in less than four minutes
on a machine that does nothing else (torch's threads wait for each other for long on one that does), and adds its rows
to the table that lies in FOLDER of --out; those of the same parts are replaced, others stay. So a table can be measured
in several runs.
"""

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import NamedTuple

from compiled import as_installed

from kinecor.core.values.errors import KinecorError
from kinecor.core.values.message import message
from kinecor_lab.common.table import Cell, Column, Table, report
from kinecor_models.contract import load_card

HERE = Path(__file__).parent
NUMBER = r"([-+]?\d+(?:\.\d+)?)"


class Row(NamedTuple):
    """A row of the table.

    Attributes:
        what: was measured, with its unit.
        pattern: of the line that a script prints; every group is a figure of the row.

    """

    what: str
    pattern: str


class Part(NamedTuple):
    """A script, and the rows that its figures make.

    Attributes:
        line: the script and its arguments; "{echo}", "{clip}", "{stack}" and "{folder}" are the places of studies.
        rows: in the order of the table.

    """

    line: tuple[str, ...]
    rows: tuple[Row, ...]


def stages(what: str, names: Sequence[str]) -> tuple[Row, ...]:
    """Rows of opening.py, of some stages, on the wall and of the processor."""
    seconds = rf"\s+{NUMBER} s on the wall,\s+{NUMBER} s of the processor"
    return tuple(Row(f"{what}: {name} (wall; processor), s", rf"^{name}{seconds}") for name in names)


PARTS: dict[str, Part] = {
    "network": Part(
        ("inference.py", "openvino"),
        (
            Row("network alone, as shipped, ms an image", rf"^as shipped\s+network alone\s+{NUMBER}"),
            Row("network alone, without eight-bit integers", rf"^openvino (?:bf16|f32)\s+network alone\s+{NUMBER}"),
            Row("contours, frame by frame, ms a frame", rf"^\s+none\s+{NUMBER} ms a frame, contours"),
            Row("contours held still along the motion, ms a frame", rf"^\s+fusion\s+{NUMBER} ms"),
            Row("live contours, ms a frame", rf"^\s+live\s+{NUMBER} ms"),
        ),
    ),
    "torch": Part(
        ("inference.py", "torch"),
        (
            Row("the same network in plain torch, ms an image", rf"^torch cpu f32, eager\s+network alone\s+{NUMBER}"),
            Row("DeepLabV3-ResNet50 at 112 x 112 in plain torch, ms an image", rf"torch eager: {NUMBER} ms"),
            Row("DeepLabV3-ResNet50 over the network alone, times", rf"GFLOP: {NUMBER} times ours"),
        ),
    ),
    "echo": Part(
        ("opening.py", "{echo}"),
        stages("three views of 60 frames", ("first frame", "EF", "GLS", "all done")),
    ),
    "stack": Part(
        ("opening.py", "{stack}"),
        stages("stack of 12 x 20 with three long axes", ("first frame", "EF", "all done")),
    ),
    "analysis": Part(
        ("pipeline.py", "{clip}", "--repeats", "2"),
        (
            Row(
                "whole analysis of a loop, median, ms a frame",
                rf"^view, contours, motion\s+least\s+[\d.]+ ms, median\s+{NUMBER}",
            ),
            Row("strain, median, ms a frame", rf"^fusion and strain\s+least\s+[\d.]+ ms, median\s+{NUMBER}"),
        ),
    ),
    "start": Part(
        ("startup.py", "--repeat", "3", "--only", "up"),
        (
            Row("window with the first frame, with closing, s", rf"^window up, .*? median\s+{NUMBER} s"),
            Row("start page, with closing, s", rf"^start page up .*? median\s+{NUMBER} s"),
        ),
    ),
    "clip": Part(
        ("open_clip.py",),
        (
            Row("first frame of 300 in colour, ms", rf"^first frame\s+{NUMBER} ms"),
            Row("decoding these, frames a second", rf"^decoding in order\s+{NUMBER}"),
            Row("memory of that process, MB", rf"^process memory\s+{NUMBER} MB"),
        ),
    ),
    "drag": Part(
        ("edit_redraw.py", "--tiles", "4", "100"),
        tuple(
            Row(
                f"drag at four tiles, 100 frames, {way}: {what} (median; 95 %), ms",
                rf"^\s*100 frames, {way}\s+{what}\s+p50 / p95\s+{NUMBER} /\s+{NUMBER} ms",
            )
            for way, what in (("around", "contour"), ("whole loop", "contour"), ("around", "numbers"))
        ),
    ),
    "tiles": Part(
        ("tiles.py",),
        (
            Row(
                "four tiles playing, last round: dropped of 60; update, 95 %, ms",
                rf"^round 5: \d+ updates in [\d.]+ s, {NUMBER} dropped, .*?p95 {NUMBER} ms",
            ),
            Row(
                "focus to another tile (median; 95 %), ms of the processor",
                rf"^focus to another tile: processor p50 {NUMBER} ms, p95 {NUMBER}",
            ),
            Row(
                "switch of layout (median; 95 %), ms of the processor",
                rf"^switch of layout: processor p50 {NUMBER} ms, p95 {NUMBER}",
            ),
        ),
    ),
    "many": Part(
        ("many_clips.py", "40", "--only", "analyse", "--folder", "{folder}/many"),
        (
            Row("40 clips in the window, s", rf"^analysing 40 clips in the window: {NUMBER} s"),
            Row("window over command line (wall; processor), times", rf"line: {NUMBER} on the wall, {NUMBER} of the"),
            Row("longest stretch of the event loop on the wall, ms", rf"^\s+on the wall: .*?longest {NUMBER} ms"),
            Row(
                "longest stretch of the event loop of the processor, ms",
                rf"^\s+of the processor: .*?longest {NUMBER} ms",
            ),
        ),
    ),
    "memory": Part(
        ("study_memory.py", "80", "--folder", "{folder}"),
        (
            Row(
                "80 clips of 80 colour frames, all analysed: memory at its highest, MB",
                rf",\s+{NUMBER} MB at its highest",
            ),
        ),
    ),
}
COMPUTING = ("network", "torch", "echo", "stack", "analysis")
"""Parts that instructions matter to; the others draw, decode and wait."""


def simulate(folder: Path, studies: Collection[str]) -> None:
    """The studies that scripts open, of "echo" and "stack", made where they are not there yet."""
    lines = {
        "echo": ("a4c a2c a3c", "--frames", "60", "--seed", "1"),
        "stack": ("mri", "--slices", "12", "--frames", "20", "--seed", "1"),
    }
    for name in studies:
        kinds, *options = lines[name]
        for kind in kinds.split():
            place = folder / name / kind
            if not place.exists():
                run((sys.executable, "-m", "kinecor", "phantom", kind, *options, "--out", str(place)), os.environ)


def run(line: Sequence[str], environment: "os._Environ[str] | dict[str, str]") -> str:
    """What a command prints; SystemExit where it fails."""
    done = subprocess.run(line, env=dict(environment), capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{' '.join(line)} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    return done.stdout


def rows_in(part: Part, printed: str) -> list[tuple[Cell, ...]]:
    """The rows of a part, of what its script printed; SystemExit where one is not there."""
    script = f"`benchmarks/{' '.join(part.line[:1])}`"
    rows: list[tuple[Cell, ...]] = []
    for what, pattern in part.rows:
        match = re.search(pattern, printed, re.MULTILINE)
        if match is None:
            raise SystemExit(f"{part.line[0]} printed nothing like '{pattern}':\n{printed}")
        rows.append((what, "; ".join(match.groups()), script))
    return rows


def limited(limit: str) -> dict[str, str]:
    """The environment of a processor without instructions newer than `limit`; nothing for ""."""
    if not limit:
        return {}
    return {
        "ONEDNN_MAX_CPU_ISA": limit,
        "ATEN_CPU_CAPABILITY": "avx2" if limit.startswith("AVX2") else "default",
        "MKL_ENABLE_INSTRUCTIONS": limit.split("_")[0],
    }


def processor() -> str:
    """The processor's name, and whether it has bfloat16 and VNNI."""
    text = Path("/proc/cpuinfo").read_text(encoding="utf-8") if sys.platform == "linux" else ""
    name = re.search(r"^model name\s*: (.*)$", text, re.MULTILINE)
    has = [flag for flag in ("avx2", "avx512f", "avx512_vnni", "avx512_bf16", "amx_bf16") if flag in text]
    return f"{name[1].strip() if name else 'unknown processor'}, {os.cpu_count()} cores, {', '.join(has)}"


def measure(names: Sequence[str], folder: Path, limit: str, note: Callable[[str], None]) -> list[tuple[Cell, ...]]:
    """The rows of some parts."""
    places = {"echo": folder / "echo", "clip": folder / "echo/a4c", "stack": folder / "stack", "folder": folder}
    environment = {name: value for name, value in as_installed().items() if name != "OMP_NUM_THREADS"} | limited(limit)
    rows = []
    for name in names:
        part = PARTS[name]
        script, *given = (word.format_map(places) for word in part.line)
        with tempfile.TemporaryDirectory() as home:
            began_s = time.perf_counter()
            apart = environment | {"KINECOR_DATA_DIR": home}
            printed = run((sys.executable, str(HERE / script), *given), apart)
            rows += rows_in(part, printed)
            note(f"{name}: {time.perf_counter() - began_s:.0f} s")
    return rows


STUDIES = {"echo": ("echo",), "analysis": ("echo",), "stack": ("stack",)}
"""Simulated studies that parts open."""


def part_of(what: str) -> str:
    """The part that a row belongs to; "" of a row that none makes any more."""
    return next((name for name, part in PARTS.items() if any(row.what == what for row in part.rows)), "")


def with_earlier(
    names: Sequence[str], rows: Sequence[tuple[Cell, ...]], notes: Sequence[str], place: Path
) -> tuple[list[tuple[Cell, ...]], list[str]]:
    """The rows and notes of some parts, and before and after them those of others in a table that was written before.

    Args:
        names: of the parts measured now.
        rows: theirs.
        notes: the processor, then a line for each part.
        place: the table as JSON; need not be there.

    Raises:
        KinecorError: it was measured on another processor.

    """
    order = list(PARTS)
    by_part: dict[str, list[tuple[Cell, ...]]] = {}
    lines: dict[str, str] = {}
    if place.exists():
        before = json.loads(place.read_text(encoding="utf-8"))
        if before["notes"][0] != notes[0]:
            raise KinecorError(
                message(
                    "--out: expected a table of this processor ({here}), found one of {there}; choose another folder",
                    here=notes[0],
                    there=before["notes"][0],
                )
            )
        for row in before["tables"][0]["rows"]:
            by_part.setdefault(part_of(row[0]), []).append(tuple(row))
        lines = {note.partition(":")[0]: note for note in before["notes"][1:]}
    for name in names:
        by_part[name] = []
    for row in rows:
        by_part[part_of(str(row[0]))].append(row)
    lines |= {note.partition(":")[0]: note for note in notes[1:]}
    kept = [name for name in order if name in by_part]
    others = [note for name, note in lines.items() if name not in PARTS]
    return (
        [row for name in kept for row in by_part[name]],
        [notes[0], *(lines[name] for name in kept if name in lines), *others],
    )


def main(argv: Sequence[str]) -> None:
    """Simulate, measure, print, write."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--limit", default="", choices=("", "AVX2", "AVX2_VNNI", "AVX512_CORE", "AVX512_CORE_VNNI"))
    whole = f"by default {' '.join(PARTS)}; limited {' '.join(COMPUTING)}"
    options.add_argument("--part", "--only", nargs="+", choices=PARTS, metavar="PART", help=whole)
    options.add_argument("--folder", type=Path, help="keeps the simulated studies")
    options.add_argument("--out", type=Path, help="writes the table there")
    chosen = options.parse_args(argv)
    names = chosen.part or (COMPUTING if chosen.limit else tuple(PARTS))
    rows, loads = [], []
    with tempfile.TemporaryDirectory() as temporary:
        folder = chosen.folder or Path(temporary)
        simulate(folder, {study for name in names for study in STUDIES.get(name, ())})
        for name in names:
            load = os.getloadavg()[0]
            rows += measure([name], folder, chosen.limit, lambda text: print(text, file=sys.stderr, flush=True))
            loads.append(f"{name}: load {load:.1f} before, {os.getloadavg()[0]:.1f} after.")
    extent = (
        f"Limited to {chosen.limit}: this processor without newer instructions, not another machine."
        if chosen.limit
        else ""
    )
    columns = (Column("what"), Column("figure"), Column("measured by"))
    limit = ("--limit", chosen.limit) if chosen.limit else ()
    stem = f"times-{chosen.limit.lower()}" if chosen.limit else "times"
    notes = [f"{processor()}. {extent}".strip(), *loads]
    if chosen.part and chosen.out is not None:
        rows, notes = with_earlier(names, rows, notes, chosen.out / f"{stem}.json")
    report(
        "times",
        argv,
        f"Times with {chosen.limit} alone" if chosen.limit else "Times",
        [Table("", columns, tuple(rows))],
        out=chosen.out,
        models={name: load_card(name).version for name in ("lv-apical", "lv-sax")},
        notes=notes,
        stem=stem,
        command=" ".join(("python benchmarks/times.py", *limit)),
    )


if __name__ == "__main__":
    main(sys.argv[1:])
