"""`kinecor evaluate intervals`: how many true volumes and EFs are within the intervals of 95 % that are given."""

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from kinecor.core.checks.assessment import assessed
from kinecor.core.values.calibration import Calibration
from kinecor.core.values.events import Beat, CardiacEvents
from kinecor.core.values.geometry import Contour
from kinecor.core.values.reading import Facts, Reading, View
from kinecor.core.values.track import ContourTrack, Origin, Structure
from kinecor.core.volumes.loop_volumes import disks_volume
from kinecor_lab.common.commands import reported
from kinecor_lab.common.table import Cell, Column, Table, add_output, report, spread
from kinecor_lab.datasets.data_folder import camus_frames_of_view
from kinecor_lab.datasets.samples import Sample
from kinecor_lab.tasks.trust.plan import SOUND
from kinecor_lab.tasks.trust.prepared import cases_in, load
from kinecor_models.contours.apical import open_apical
from kinecor_models.contours.outlines import outlines
from kinecor_models.contract import ClipInput, ClipModel
from kinecor_models.registry import DEFAULT_APICAL

CODES = ("EDV", "ESV", "SV", "EF")
_PER_ML = 1000.0


@dataclass(frozen=True, slots=True)
class Covered:
    """One value with its interval, and the truth.

    Attributes:
        source: row of the table.
        name: of the recording.
        code: of the value.
        measured, plus_minus, true: in the unit of the value.

    """

    source: str
    name: str
    code: str
    measured: float
    plus_minus: float
    true: float

    @property
    def within(self) -> bool:
        """Whether the true value is within the interval."""
        return abs(self.measured - self.true) <= self.plus_minus


def of_reading(source: str, name: str, reading: Reading, truth: dict[str, float]) -> Iterator[Covered]:
    """The values of a Reading that have an interval."""
    for row in assessed(reading).measurements:
        if row.code in CODES and row.code in truth and row.quantity is not None and row.plus_minus is not None:
            yield Covered(source, name, row.code, row.quantity.value, row.plus_minus, truth[row.code])


def of_patient(source: str, model: ClipModel, ed: Sample, es: Sample) -> Iterator[Covered]:
    """The values of two frames with experts' labels, contoured one by one; in cubic pixels without a spacing."""
    contours, sure, volumes = [], [], []
    spacing_mm = ed.spacing_mm if np.isfinite(ed.spacing_mm) else 1.0
    for sample in (ed, es):
        found = model(ClipInput(sample.image[None]), lambda *_: None)
        points = found.contours["lv_endo"][0]
        experts = outlines(np.stack([sample.label == value for value in range(4)]).astype(np.float32))
        true = experts.contours["lv_endo"]
        if points is None or true is None:
            return
        contours.append(Contour(found.grid.to_image(points).astype(np.float64)))
        sure.append(float(found.confidence["lv_endo"][0]))
        volumes.append(disks_volume(Contour(true.astype(np.float64)), spacing_mm, spacing_mm) / _PER_ML)
    rows, columns = ed.image.shape
    track = ContourTrack(Structure.LV_ENDO, tuple(contours), (Origin.MODEL,) * 2, np.array(sure))
    reading = Reading(
        facts=Facts(ed.patient, rows, columns, np.array([0.0, 0.35]), "FrameTime"),
        calibration=Calibration(spacing_mm, spacing_mm, "data set"),
        view=View(ed.view, None, "header"),
        tracks={Structure.LV_ENDO: track},
        events=CardiacEvents((Beat(0, 1),), Origin.MODEL),
    )
    edv, esv = volumes
    truth = {"EDV": edv, "ESV": esv, "SV": edv - esv, "EF": 100 * (edv - esv) / edv}
    yield from of_reading(source, ed.patient, reading, truth)


def _camus(folder: Path, view: str) -> Iterator[Covered]:
    """Held-out patients, by turns of the half that the exactness was chosen on and the half that reports."""
    model = open_apical(DEFAULT_APICAL, "cpu")
    samples = camus_frames_of_view(folder, ["valid"], view)
    phases: dict[str, dict[str, Sample]] = {}
    for sample in samples:
        phases.setdefault(sample.patient, {})[sample.phase] = sample
    for number, (_, both) in enumerate(sorted(phases.items())):
        if {"ED", "ES"} <= set(both):
            half = "chosen on" if number % 2 == 0 else "held out"
            yield from of_patient(f"CAMUS {view}, {half}", model, both["ED"], both["ES"])


def table(found: Sequence[Covered]) -> Table:
    """Coverage, width and error by source and value."""
    columns = (
        Column("recordings"),
        Column("value"),
        Column("n", form="d"),
        Column("within the interval %"),
        Column("half width"),
        Column("measured less true"),
    )
    rows: list[tuple[Cell, ...]] = []
    for source in dict.fromkeys(one.source for one in found):
        for code in CODES:
            some = [one for one in found if (one.source, one.code) == (source, code)]
            if some:
                share = 100 * float(np.mean([one.within for one in some]))
                width = spread([one.plus_minus for one in some])
                error = spread([one.measured - one.true for one in some])
                rows.append((source, code, len(some), f"{share:.0f}", width, error))
    return Table("Intervals of 95 % against the truth", columns, tuple(rows))


def parser() -> argparse.ArgumentParser:
    """The command's options."""
    out = argparse.ArgumentParser(
        prog="kinecor evaluate intervals", description="Count the true values within the intervals of 95 %."
    )
    out.add_argument("--data", type=Path, help="CAMUS A4C (PNG with index.csv)")
    out.add_argument("--cache", type=Path, help="battery of `kinecor evaluate trust`: its sound clips of half 'report'")
    out.add_argument("--seed", type=int, default=0, help="unused: nothing is drawn")
    add_output(out)
    return out


@reported("kinecor evaluate")
def main(argv: Sequence[str]) -> int:
    """Runs the command; returns its exit status (0 done, 1 failed)."""
    options = parser().parse_args(argv)
    found: list[Covered] = []
    if options.data:
        found += _camus(options.data, "A4C")
    if options.cache:
        for case in load(cases_in(options.cache, "report", "echo")):
            if case.kind == SOUND and case.reading is not None:
                found += of_reading("simulated, half 'report'", case.name, case.reading, dict(case.truth))
    report(
        "intervals",
        argv,
        "Intervals of volumes and EF",
        [table(found)],
        out=options.out,
        seed=options.seed,
        models={},
        notes=["Volumes by single-plane disks; of CAMUS each frame is contoured alone."],
        values=found,
    )
    return 0
