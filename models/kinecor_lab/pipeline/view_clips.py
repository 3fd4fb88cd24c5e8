"""`kinecor evaluate view-clips`: which view each clip of a folder shows, compared with its name or an index."""

import argparse
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from kinecor.analysis.models import Models
from kinecor.core.values.errors import KinecorError, no_tick
from kinecor.core.values.message import verbatim
from kinecor.core.values.recording import CineSequence
from kinecor.io.open.recordings import open_path
from kinecor_lab.common.commands import add_device, add_network, reported
from kinecor_lab.common.publish import weights_to_measure
from kinecor_lab.common.table import Column, Table, add_output, report
from kinecor_lab.tasks.views.clips import views_by_file
from kinecor_models.contract import ClipInput, load_card
from kinecor_models.engines.engine import Device
from kinecor_models.engines.opening import open_view_engine
from kinecor_models.views.classes import CLASSES
from kinecor_models.views.model import DEFAULT_VIEWS, UNKNOWN, ViewModel

_COLOUR = re.compile(r"colou?r|doppler", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Row:
    """A clip: expected view ("" where unknown), found view, its confidence, and why it was refused."""

    name: str
    expected: str
    found: str
    confidence: float
    nearest: str
    why: str | None

    @property
    def verdict(self) -> str:
        """In a word, "-" where nothing was expected."""
        if not self.expected:
            return "-"
        if self.found == self.expected:
            return "right"
        return "refused" if self.found == UNKNOWN else "WRONG"


def parser() -> argparse.ArgumentParser:
    """The command's options."""
    out = argparse.ArgumentParser(
        prog="kinecor evaluate view-clips", description="Name the view of every clip of a folder."
    )
    out.add_argument(
        "folder", type=Path, help="clips; an index.csv (columns file, view) tells what is expected, else their names do"
    )
    out.add_argument("--index", type=Path, help="such a table elsewhere")
    add_network(out)
    add_device(out)
    add_output(out)
    return out


@reported("kinecor evaluate")
def main(argv: Sequence[str]) -> int:
    """Runs the command; returns its exit status (0 done, 1 failed)."""
    options = parser().parse_args(argv)
    rows = looked_at(options.folder, options.device, options.index, options.network)
    report("view-clips", argv, "Views of a folder's clips", [table(rows)], out=options.out, values=rows)
    return 0


def looked_at(folder: Path, device: str = "auto", index: Path | None = None, network: Path | None = None) -> list[Row]:
    """Every loop in a folder that opens.

    Args:
        folder: of the clips.
        device: "auto", "cpu" or "cuda".
        index: table of their views; None for index.csv of the folder, if it has one.
        network: of a training run; None for the one that ships.

    Raises:
        KinecorError: the model or the device cannot be used, or nothing opens.

    """
    views = _index(index or folder / "index.csv")
    model = Models(device).views() if network is None else _of_run(network, device)
    opened = open_path(str(folder))
    loops = [recording for recording in opened.recordings if isinstance(recording, CineSequence)]
    if model is None or not loops:
        raise KinecorError(
            verbatim(f"expected clips in {folder} and the model that names views, found none: check the folder")
        )
    rows = []
    for cine in sorted(loops, key=lambda cine: cine.source.path):
        region, scale = cine.region, cine.calibration or cine.offered
        box = (region.x0, region.y0, region.x1, region.y1) if region else None
        output = model(ClipInput(cine.frames, box, scale.row_mm / scale.col_mm if scale else 1.0), no_tick)
        path = Path(cine.source.path)
        wanted = views.get(path.name) or cine.view or expected(path.stem)
        rows.append(Row(path.name, wanted, output.label, output.confidence, output.nearest, output.why))
    return rows


def _index(table: Path) -> dict[str, str]:
    return views_by_file(table) if table.is_file() else {}


def _of_run(network: Path, device: str) -> ViewModel:
    card = load_card(DEFAULT_VIEWS)
    weights = weights_to_measure(card, network)
    return ViewModel(card, open_view_engine(weights, card.size, cast("Device", device)))


def expected(stem: str) -> str:
    """The view that a file name contains, "unknown" if it names colour Doppler, "" if it names no view."""
    if _COLOUR.search(stem):
        return UNKNOWN
    named = [view for view in CLASSES if re.search(rf"(?<![a-z0-9]){view}(?![a-z0-9])", stem, re.IGNORECASE)]
    return named[0] if len(named) == 1 else ""


def table(rows: Sequence[Row]) -> Table:
    """A row per clip; how many were right, refused and wrong below."""
    columns = tuple(map(Column, ("clip", "expected", "found", "confidence", "nearest", "verdict", "reason")))
    columns = (*columns[:3], Column("confidence", form=".2f"), *columns[4:])
    body = tuple(
        (row.name, row.expected or "-", row.found, row.confidence, row.nearest, row.verdict, row.why or "")
        for row in rows
    )
    verdicts = [row.verdict for row in rows]
    counts = ", ".join(f"{verdicts.count(word)} {word}" for word in ("right", "refused", "WRONG"))
    note = f"n = {len(rows)}: {counts}, {verdicts.count('-')} with nothing expected"
    return Table("", columns, body, (note,))
