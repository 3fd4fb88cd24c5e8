"""`kinecor evaluate intervals`: how many true volumes and EFs are within the intervals that are given.

With --fit, the expected error that intervals follow from (core/table/expected_error.py) is fitted first, on patients
that the network was not trained on and on simulated hearts of the half that chooses. How many of these it covers is
counted with fits that leave them out, in five parts.
"""

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Final

import numpy as np

from kinecor.core.checks.assessment import assessed
from kinecor.core.table.expected_error import (
    ExpectedError,
    apart,
    correlation,
    expected_error,
    expected_error_of,
    signals_of_stack,
    usual_errors,
)
from kinecor.core.table.over_views import study_measurements
from kinecor.core.table.table import value_of
from kinecor.core.values.calibration import Calibration
from kinecor.core.values.events import Beat, CardiacEvents
from kinecor.core.values.geometry import Contour
from kinecor.core.values.message import verbatim
from kinecor.core.values.reading import Facts, Reading, View
from kinecor.core.values.track import ContourTrack, Origin, Structure
from kinecor.core.volumes.loop_volumes import disks_volume
from kinecor_lab.common.commands import reported
from kinecor_lab.common.table import Cell, Column, Table, add_output, report, spread
from kinecor_lab.datasets.data_folder import CHOOSING_FOLD, camus_frames_of_view, fold_of
from kinecor_lab.datasets.samples import Sample
from kinecor_lab.tasks.apical.ejection import BIPLANE, Cavity, errors, expert_contour
from kinecor_lab.tasks.trust.expected import (
    Against,
    Observed,
    fit,
    fit_usual,
    left_out,
    left_out_usual,
    observed,
    usual_toml,
)
from kinecor_lab.tasks.trust.plan import SOUND
from kinecor_lab.tasks.trust.prepared import cases_in, load
from kinecor_lab.tasks.trust.values import Values
from kinecor_models.contours.apical import open_apical
from kinecor_models.contours.outlines import Points, outlines
from kinecor_models.contract import ClipInput, ClipModel, load_card
from kinecor_models.registry import DEFAULT_APICAL

USUAL: Final = ("GLS", "LAV", "LVM", "RVEDV", "RVESV", "RVEF")
CODES: Final = ("EDV", "ESV", "SV", "EF", "CO", *USUAL)
HALVES = ("choose", "report")
_PER_ML = 1000.0


@dataclass(frozen=True, slots=True)
class Covered:
    """One value with its interval, and the truth.

    Attributes:
        source: row of the table.
        name: of the recording.
        code: of the value.
        measured, plus_minus, true: in the unit of the value; the half width of its interval of 95 %.
        of_90: the same of 90 %.

    """

    source: str
    name: str
    code: str
    measured: float
    plus_minus: float
    true: float
    of_90: float

    @property
    def off(self) -> float:
        """How far it is from the truth."""
        return abs(self.measured - self.true)


def of_reading(source: str, name: str, reading: Reading, truth: dict[str, float]) -> Iterator[Covered]:
    """The values of a Reading that have an interval."""
    model, usual = expected_error_of(reading), usual_errors()
    for row in assessed(reading).measurements:
        if row.code in CODES and row.code in truth and row.quantity is not None and row.plus_minus is not None:
            within = model.within_ef if row.code in ("EF", "SV", "CO") else model.within
            within = usual[row.code].within if row.code in usual else within
            of_90 = row.plus_minus * within["90"] / within["95"]
            yield Covered(source, name, row.code, row.quantity.value, row.plus_minus, truth[row.code], of_90)


def of_observed(one: Observed, model: ExpectedError) -> Iterator[Covered]:
    """The same of one beat by its contours, with another expected error than the program's."""
    (edv, esv), (true_edv, true_esv) = one.measured, one.true
    at_ed, at_es = (model.scale(found) for found in one.found)
    left = esv / edv
    together = correlation(model.together, left)
    for code, measured, true, scale in (
        ("EDV", edv, true_edv, at_ed * edv),
        ("ESV", esv, true_esv, at_es * esv),
        ("SV", edv - esv, true_edv - true_esv, apart(at_ed * edv, at_es * esv, together)),
        ("EF", 100 * (1 - left), 100 * (1 - true_esv / true_edv), 100 * left * apart(at_ed, at_es, together)),
    ):
        within = model.within_ef if code in ("EF", "SV") else model.within
        yield Covered(one.source, one.name, code, measured, within["95"] * scale, true, within["90"] * scale)


Found = tuple[str, str, Reading, Values]
"""Source, name, what a network sees of it, and the truth."""
_STRUCTURES = (Structure.LV_ENDO, Structure.LA)


def of_patient(source: str, model: ClipModel, ed: Sample, es: Sample) -> Iterator[Found]:
    """Two frames with experts' labels, contoured one by one; in cubic pixels without a spacing."""
    seen, volumes = [], []
    atria: list[Points | None] = []
    spacing_mm = ed.spacing_mm if np.isfinite(ed.spacing_mm) else 1.0
    for sample in (ed, es):
        found = model(ClipInput(sample.image[None]), lambda *_: None)
        experts = outlines(np.stack([sample.label == value for value in range(4)]).astype(np.float32))
        true, atria = experts.contours["lv_endo"], [*atria, experts.contours["la"]]
        if found.contours["lv_endo"][0] is None or true is None:
            return
        seen.append(found)
        volumes.append(disks_volume(Contour(true.astype(np.float64)), spacing_mm, spacing_mm) / _PER_ML)
    tracks = {}
    for structure in _STRUCTURES:
        points = [one.contours[structure][0] for one in seen]
        grids = [one.grid for one in seen]
        contours = tuple(
            None if one is None else Contour(grid.to_image(one).astype(np.float64))
            for one, grid in zip(points, grids, strict=True)
        )
        sure = np.array([float(one.confidence[structure][0]) for one in seen])
        tracks[structure] = ContourTrack(structure, contours, (Origin.MODEL,) * 2, sure)
    rows, columns = ed.image.shape
    reading = Reading(
        facts=Facts(ed.patient, rows, columns, np.array([0.0, 0.35]), "FrameTime"),
        calibration=Calibration(spacing_mm, spacing_mm, verbatim("data set")),
        view=View(ed.view, None, "header"),
        tracks=tracks,
        events=CardiacEvents((Beat(0, 1),), Origin.MODEL),
    )
    edv, esv = volumes
    truth = {"EDV": edv, "ESV": esv, "SV": edv - esv, "EF": 100 * (edv - esv) / edv}
    if Structure.LA in tracks and atria[1] is not None:
        by_expert = ContourTrack(
            Structure.LA, (None, Contour(atria[1].astype(np.float64))), (Origin.EDITED,) * 2, np.ones(2)
        )
        lav = value_of(reading.with_(tracks={**tracks, Structure.LA: by_expert}), "LAV")
        truth |= {} if lav is None else {"LAV": lav}
    yield source, ed.patient, reading, truth


def _patients(folder: Path, split: str, view: str) -> Iterator[tuple[Sample, Sample]]:
    """ED and ES of each patient."""
    samples = sorted(camus_frames_of_view(folder, [split], view), key=lambda one: (one.patient, one.phase))
    for _, both in groupby(samples, key=lambda one: one.patient):
        phases = {one.phase: one for one in both}
        if {"ED", "ES"} <= set(phases):
            yield phases["ED"], phases["ES"]


LEFT_OUT, HELD_OUT = "left out of the fit", "held out"


def _camus(four: Path | None, two: Path | None, *, fitting: bool) -> Iterator[Found]:
    """Patients that the network was not trained on: those that report its figures, and some that chose what ships."""
    model = open_apical(DEFAULT_APICAL, "cpu")
    for folder, view in ((four, "A4C"), (two, "A2C")):
        for ed, es in _patients(folder, "valid", view) if folder else ():
            yield from of_patient(f"CAMUS {view}, {LEFT_OUT}", model, ed, es)
    for ed, es in _patients(two, "train", "A2C") if two and fitting else ():
        if fold_of(ed.patient) == CHOOSING_FOLD:
            yield from of_patient(f"CAMUS A2C, chose the network, {LEFT_OUT}", model, ed, es)


def of_both_planes(four: Path, two: Path, found: Sequence[Found]) -> Iterator[Covered]:
    """Biplane volumes and EF of the held-out patients of whom both views are found, against the experts' contours."""
    samples = [*camus_frames_of_view(four, ["valid"], "A4C"), *camus_frames_of_view(two, ["valid"], "A2C")]
    cavities = [Cavity(None, expert_contour(one, "lv_endo"), one) for one in samples]
    true = {(one.patient, one.code): one.true for one in errors(cavities) if one.method == BIPLANE}
    views: dict[str, list[Reading]] = {}
    for source, patient, reading, _ in found:
        if source in (f"CAMUS {view}, {LEFT_OUT}" for view in ("A4C", "A2C")):
            views.setdefault(patient, []).append(reading)
    model = expected_error()
    for patient, both in views.items():
        for row in study_measurements(both, lambda one: assessed(one).measurements):
            if (patient, row.code) in true and row.quantity is not None and row.plus_minus is not None:
                within = model.within_ef if row.code == "EF" else model.within
                of_90 = row.plus_minus * within["90"] / within["95"]
                truth = true[patient, row.code]
                yield Covered(_BOTH, patient, row.code, row.quantity.value, row.plus_minus, truth, of_90)


_BOTH: Final = "CAMUS, both planes, in the fit of single planes"
_CHANGED_IMAGES: Final = (
    SOUND,
    "foreshortened",
    "compression",
    "noise",
    "shadow over a wall",
    "mirrored",
    "apex cut off",
)
"""Kinds of the half that thresholds are chosen on whose images differ, but not their scale, times or marks."""


def _simulated(caches: Sequence[Path]) -> Iterator[Found]:
    """Each recording once, also where several caches hold it."""
    for half, role, kinds in (("choose", LEFT_OUT, _CHANGED_IMAGES), ("report", HELD_OUT, (SOUND,))):
        folders = {folder.name: folder for cache in caches for folder in cases_in(cache, half, "echo")}
        for case in load(folders.values()):
            if case.kind in kinds and case.reading is not None:
                yield f"simulated, {role}", case.name, case.reading, dict(case.truth)


def _stacks(caches: Sequence[Path]) -> Iterator[tuple[Found, Observed | None]]:
    """Sound short-axis stacks: those of patients and simulated ones of the half that chooses, to be fitted on."""
    for half in HALVES:
        for case in load(folder for cache in caches for folder in cases_in(cache, half, "stack")):
            if case.kind != SOUND or case.reading is None:
                continue
            edv, esv = (value_of(case.reading, code) for code in ("EDV", "ESV"))
            true = dict(case.truth)
            seen = signals_of_stack(case.reading)
            patient = case.population.startswith("real")
            if edv is None or esv is None or seen is None or not (patient or half == "choose"):
                yield (f"simulated stacks, {HELD_OUT}", case.name, case.reading, true), None
                continue
            source = f"{'' if patient else 'simulated '}stacks{' of patients' if patient else ''}, {LEFT_OUT}"
            both = (edv, esv), (true["EDV"], true["ESV"])
            yield (source, case.name, case.reading, true), Observed(source, case.name, seen, *both)


def _observed(found: Sequence[Found]) -> list[Observed]:
    return [
        one
        for source, name, reading, truth in found
        if source.endswith(LEFT_OUT) and not reading.kind.stack
        for one in observed(source, name, reading, truth)
    ]


def _against(found: Sequence[Found]) -> Iterator[Against]:
    """Values without signals, of the recordings to be fitted on."""
    for source, name, reading, truth in found:
        for code in USUAL if source.endswith(LEFT_OUT) else ():
            measured = value_of(reading, code)
            if measured is not None and measured * truth.get(code, 0) > 0:
                yield Against(source, name, code, measured, truth[code])


def card_of_usual(seen: Sequence[Against]) -> dict[str, str]:
    """What the errors without signals were fitted on, and their limits."""
    models = [load_card(name) for name in (DEFAULT_APICAL, "lv-sax", "sax-presence")]
    parts = []
    for code in dict.fromkeys(one.code for one in seen):
        simulated = sum(one.source.startswith("simulated") for one in seen if one.code == code)
        of_patients = sum(one.code == code for one in seen) - simulated
        parts.append(f"{code}: {of_patients} of patients, {simulated} simulated")
    return {
        "model": ", ".join(f"{one.name} {one.version}" for one in models),
        "fitted_on": "; ".join(parts),
        "holds_for": "values by these networks' contours; patients and simulated hearts weigh equally",
        "limits": "the same for all, whatever the contours look like; to be fitted again with other weights",
        "command": "kinecor evaluate intervals --data camus-a4c --two-chamber camus-a2c --cache cache sound "
        "--stacks real cache --fit-usual FILE",
    }


def card_of(seen: Sequence[Observed], *, stacks: bool = False) -> dict[str, str]:
    """What the numbers were fitted on, and their limits."""
    counts = {source: sum(one.source == source for one in seen) for source in dict.fromkeys(o.source for o in seen)}
    models = [load_card(name) for name in (("lv-sax", "sax-presence") if stacks else (DEFAULT_APICAL,))]
    beats = "stacks" if stacks else "beats"
    return {
        "model": " and ".join(f"{one.name} {one.version}" for one in models),
        "fitted_on": "; ".join(f"{source.removesuffix(f', {LEFT_OUT}')}: {n} {beats}" for source, n in counts.items()),
        "holds_for": "EDV, ESV, SV and EF of short-axis stacks by contours of this network, bases as it sees them"
        if stacks
        else "single-plane EDV, ESV, SV and EF of apical loops by contours of this network",
        "limits": (
            "of patients two data sets; pixels and slice distances of one are assumed, the same in truth and "
            "measurement. "
            if stacks
            else "experts' contours of one hospital and one maker; confidences below those of these recordings count "
            "as their least. "
        )
        + "To be fitted again with other weights",
        "drawn_source": "differences between observers of EDV are about 5 %, of ESV 10 % (SCMR 2020, "
        "doi 10.1186/s12968-020-00610-6); 5 % as a normal standard deviation, times 1.96 over within.95"
        if stacks
        else "differences between observers of EDV and ESV are about 10 % (ASE/EACVI 2015), as a normal "
        "standard deviation; the scale is that times 1.96 over within.95",
        "command": "kinecor evaluate intervals --stacks real cache --fit-stacks FILE"
        if stacks
        else "kinecor evaluate intervals --data camus-a4c --two-chamber camus-a2c --cache cache sound --fit FILE",
    }


_OBSERVERS, _OBSERVERS_OF_STACKS = 0.10, 0.05


def table(found: Sequence[Covered]) -> Table:
    """Coverage, width and error by source and value."""
    columns = (
        Column("recordings"),
        Column("value"),
        Column("n", form="d"),
        Column("in the interval of 90", "%"),
        Column("in the interval of 95", "%"),
        Column("half width of that of 95"),
        Column("measured less true"),
    )
    rows: list[tuple[Cell, ...]] = []
    for source in dict.fromkeys(one.source for one in found):
        for code in CODES:
            some = [one for one in found if (one.source, one.code) == (source, code)]
            if some:
                inside = ([one.off <= one.of_90 for one in some], [one.off <= one.plus_minus for one in some])
                shares = [f"{100 * np.mean(each):.0f}" for each in inside]
                width = spread([one.plus_minus for one in some])
                error = spread([one.measured - one.true for one in some])
                rows.append((source, code, len(some), *shares, width, error))
    return Table("Intervals against the truth", columns, tuple(rows))


def parser() -> argparse.ArgumentParser:
    """The command's options."""
    out = argparse.ArgumentParser(
        prog="kinecor evaluate intervals", description="Count the true values within their intervals."
    )
    out.add_argument("--data", type=Path, help="CAMUS A4C (PNG with index.csv)")
    out.add_argument("--two-chamber", type=Path, help="CAMUS A2C (PNG with frames.csv)")
    out.add_argument(
        "--cache", type=Path, nargs="+", default=[], help="batteries of `kinecor evaluate trust`: their clips"
    )
    out.add_argument(
        "--stacks", type=Path, nargs="+", default=[], help="the same, real ones and others: their sound stacks"
    )
    out.add_argument("--fit-stacks", type=Path, metavar="FILE", help="the same of stacks, to another file")
    out.add_argument("--fit-usual", type=Path, metavar="FILE", help="the same of values without signals")
    out.add_argument("--fit", type=Path, metavar="FILE", help="fit the expected error and write it to this file")
    out.add_argument("--seed", type=int, default=0, help="unused: nothing is drawn")
    add_output(out)
    return out


@reported("kinecor evaluate")
def main(argv: Sequence[str]) -> int:
    """Runs the command; returns its exit status (0 done, 1 failed)."""
    options = parser().parse_args(argv)
    found: list[Found] = []
    if options.data or options.two_chamber:
        found += _camus(options.data, options.two_chamber, fitting=options.fit is not None)
    found += _simulated(options.cache)
    stacks = list(_stacks(options.stacks))
    found += [one for one, _ in stacks]
    patients = list(found)
    covered: list[Covered] = []
    without = list(_against(found)) if options.fit_usual else []
    if options.fit_usual:
        options.fit_usual.write_text(usual_toml(fit_usual(without), card_of_usual(without)), encoding="utf-8")
        usual_errors.cache_clear()
        for one, error in left_out_usual(without):
            half = error.half_width(one.measured)
            of_90 = half * error.within["90"] / error.within["95"]
            covered.append(Covered(one.source, one.name, one.code, one.measured, half, one.true, of_90))
    counted = {(one.source, one.code) for one in covered}
    for file, seen, observers in (
        (options.fit, _observed(found), _OBSERVERS),
        (options.fit_stacks, [one for _, one in stacks if one is not None], _OBSERVERS_OF_STACKS),
    ):
        if file:
            fitted = fit(seen)
            drawn = observers * 1.96 / fitted.within["95"]
            file.write_text(fitted.toml(drawn, card_of(seen, stacks=file == options.fit_stacks)), encoding="utf-8")
            expected_error.cache_clear()
            covered += [row for one, other in left_out(seen) for row in of_observed(one, other.model(drawn, {}))]
            sources = {one.source for one in seen}
            found = [one for one in found if one[0] not in sources]
    rest = (one for source, name, reading, truth in found for one in of_reading(source, name, reading, truth))
    covered += [one for one in rest if (one.source, one.code) not in counted]
    if options.data and options.two_chamber:
        covered += of_both_planes(options.data, options.two_chamber, patients)
    report(
        "intervals",
        argv,
        "Intervals of volumes and EF",
        [table(covered)],
        out=options.out,
        seed=options.seed,
        models={},
        notes=["Volumes of loops by single-plane disks; of CAMUS each frame is contoured alone."],
        values=covered,
    )
    return 0
