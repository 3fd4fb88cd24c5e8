"""`kinecor evaluate lv-leaning`: whether contours of ED and ES show that a plane misses the apex.

The same simulated hearts are seen in planes that a careful hand holds and in planes that lean off by some degrees more.
Signs are measured of the model's contours and of the true sections; patients show what a sign would mark for nothing.
"""

import argparse
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.random import Generator

from kinecor.core.checks.findings import threshold
from kinecor.core.table.expected_error import doubt_at
from kinecor.core.values.geometry import Contour
from kinecor.core.values.track import Structure
from kinecor.core.volumes.foreshortening import leaning_of
from kinecor.core.volumes.loop_volumes import long_axis
from kinecor_lab.common.commands import add_device, add_network, add_split, reported, show_progress
from kinecor_lab.common.publish import weights_to_measure
from kinecor_lab.common.table import Cell, Column, Table, add_output, report, spread
from kinecor_lab.datasets.data_folder import camus_of_folders
from kinecor_lab.datasets.samples import Sample
from kinecor_lab.tasks.apical.data import simulated_pairs
from kinecor_lab.tasks.trust.interval_cases import of_patient
from kinecor_models.contours.apical import STRUCTURES, ApicalModel
from kinecor_models.contours.outlines import outlines
from kinecor_models.contract import ClipInput, ClipModel, load_card
from kinecor_models.engines.opening import open_many
from kinecor_phantoms.echo.stream import random_stand
from kinecor_phantoms.echo.views import Stand
from kinecor_phantoms.heart.population import POPULATIONS

NAME = "lv-leaning"
FIRST_SEED = 645_000
"""Of these hearts: no training has seen them."""
LEANS_DEG = 20.0
_HAND_DEG = 1.5
_WITHIN = 95
"""Percentage of well-held planes that stay below the value that marks."""
CHECKED = "annulus and wall together (the check)"
Contours = Mapping[str, Contour | None]
Signs = dict[str, float]


@dataclass(frozen=True, slots=True)
class Seen:
    """A view of a heart at ED and ES.

    Attributes:
        name, view: of it.
        group: "held well", "leaning" or "patients".
        signs: of the model's contours, by name; those that could not be measured are missing.
        true: of the true contours.

    """

    name: str
    view: str
    group: str
    signs: Signs
    true: Signs


def stand(lean_deg: float) -> Callable[[Generator], Stand]:
    """How a careful hand holds the transducer, but for a lean to either side; the same draws for any lean."""

    def drawn(rng: Generator) -> Stand:
        usual = random_stand(rng)
        off_deg, turn_deg, swing_deg = np.clip(rng.normal(0, (_HAND_DEG, 3, 3)), -4, 4)
        side = float(rng.choice((-1, 1)))
        return replace(
            usual,
            foreshortening_deg=float(off_deg) + side * lean_deg,
            turn_deg=float(turn_deg),
            swing_deg=float(swing_deg),
        )

    return drawn


def signs(ed: Contours, es: Contours) -> Signs:
    """What a plane that misses the apex changes; larger where it does."""
    first, last = ed["lv_endo"], es["lv_endo"]
    if first is None or last is None:
        return {}
    full, emptied = long_axis(first), long_axis(last)
    up = (full.base - full.apex) / full.length
    annulus = float(np.hypot(*(first.points[0] - first.points[-1])))
    found = {
        "long axis shortens, share of it at ED": 1 - emptied.length / full.length,
        "apex moves to the base, share of the axis": float((emptied.apex - full.apex) @ up) / full.length,
        "area over length squared, ED": first.area_px2 / full.length**2,
        "area over length squared, ES": last.area_px2 / emptied.length**2,
        "annulus over length, ED": annulus / full.length,
    }
    for phase, contour, axis in (("ED", ed["lv_epi"], full), ("ES", es["lv_epi"], emptied)):
        if contour is not None:
            found[f"wall at the apex over length, {phase}"] = long_axis(contour).length / axis.length - 1
    if es["lv_epi"] is not None:
        found[CHECKED] = leaning_of(first, last, es["lv_epi"]).score
    if (atrium := es["la"]) is not None:
        found["length of the atrium over the ventricle's, ES"] = long_axis(atrium).length / emptied.length
    return found


def seen(model: ClipModel, ed: Sample, es: Sample, group: str) -> Seen:
    """Contours of both frames, and what they show."""
    drawn: list[Contours] = []
    experts: list[Contours] = []
    unsure = []
    for sample in (ed, es):
        output = model(ClipInput(sample.image[None]), lambda *_: None)
        points = {name: output.contours[name][0] for name in STRUCTURES}
        drawn.append(
            {name: None if point is None else _contour(output.grid.to_image(point)) for name, point in points.items()}
        )
        labels = np.stack([sample.label == value for value in range(4)]).astype(np.float32)
        truth = outlines(labels, STRUCTURES).contours
        experts.append({name: None if contour is None else _contour(contour) for name, contour in truth.items()})
        unsure.append(1 - float(output.confidence["lv_endo"][0]))
    of_model = signs(*drawn)
    if of_model:
        of_model["doubt of the ventricle (1 - confidence), ED"], of_model["the same, ES"] = unsure
        for known in of_patient("", model, ed, es):
            if known.reading.tracks[Structure.LV_ENDO].contours[0] is not None:
                of_model["expected error of EDV"] = doubt_at(known.reading, (0,)).scale
                of_model["expected error of ESV"] = doubt_at(known.reading, (1,)).scale
    return Seen(ed.patient, ed.view, group, of_model, signs(*experts))


def _contour(points: np.ndarray) -> Contour:
    return Contour(points.astype(np.float64))


def area_under_curve(usual: Sequence[float], leaning: Sequence[float]) -> float:
    """Chance that a leaning plane's value is above a usual one's; half of those that are equal count."""
    first, second = np.array(usual)[:, None], np.array(leaning)[None]
    return float((second > first).mean() + 0.5 * (second == first).mean())


def table(seen_studies: Sequence[Seen], view: str) -> Table:
    """A row for each sign of one view."""
    columns = (
        Column("sign"),
        Column("held well"),
        Column("leaning"),
        Column("AUC", form=".2f"),
        Column("AUC, true contours", form=".2f"),
        Column("patients"),
        Column(f"leaning beyond {_WITHIN} % of held well", "%", ".0f"),
        Column("patients beyond it", "%", ".0f"),
    )
    here = {
        group: [seen_study for seen_study in seen_studies if (seen_study.view, seen_study.group) == (view, group)]
        for group in GROUPS
    }
    names = dict.fromkeys(name for seen_study in here["leaning"] for name in seen_study.signs)
    rows: list[tuple[Cell, ...]] = []
    for name in names:
        usual, leaning, patients = (
            [seen_study.signs[name] for seen_study in here[group] if name in seen_study.signs] for group in GROUPS
        )
        true = [
            [seen_study.true[name] for seen_study in here[group] if name in seen_study.true] for group in GROUPS[:2]
        ]
        limit = float(np.percentile(usual, _WITHIN))
        rows.append(
            (
                name,
                spread(usual),
                spread(leaning),
                area_under_curve(usual, leaning),
                area_under_curve(*true) if all(true) else None,
                spread(patients) if patients else None,
                100 * float(np.mean(np.array(leaning) > limit)),
                100 * float(np.mean(np.array(patients) > limit)) if patients else None,
            )
        )
    counts = ", ".join(f"{len(here[group])} {group}" for group in GROUPS)
    return Table(f"{view} ({counts})", columns, tuple(rows))


def marked(seen_studies: Sequence[Seen], view: str) -> str:
    """How many of each group the check would mark, in words."""
    limit = threshold("contours.misses-apex").check
    parts = []
    for group in GROUPS:
        values = [
            seen_study.signs[CHECKED]
            for seen_study in seen_studies
            if (seen_study.view, seen_study.group) == (view, group) and CHECKED in seen_study.signs
        ]
        parts.append(f"{sum(value > limit for value in values)} of {len(values)} {group}")
    return f"{view}: the check (above {limit:g}) marks {', '.join(parts)}."


GROUPS = ("held well", "leaning", "patients")
VIEWS = ("A4C", "A2C")


def parser() -> argparse.ArgumentParser:
    """The command's options."""
    out = argparse.ArgumentParser(
        prog=f"kinecor evaluate {NAME}", description="Measure what shows that a plane misses the apex."
    )
    out.add_argument("--hearts", type=int, default=4, help="of each kind and view (default: 4)")
    out.add_argument("--lean", type=float, default=LEANS_DEG, metavar="DEG", help="of leaning planes (default: 20)")
    out.add_argument("--data", type=Path, nargs="*", default=[], help="folders of CAMUS, for false alarms")
    add_split(out, "valid")
    out.add_argument("--choosing", action="store_true", help="only patients of the fold that chooses epochs")
    add_network(out)
    add_device(out)
    add_output(out)
    return out


@reported("kinecor evaluate")
def main(argv: Sequence[str]) -> int:
    """Runs the command; returns its exit status (0 done, 1 failed)."""
    options = parser().parse_args(argv)
    card = load_card("lv-apical")
    weights = weights_to_measure(card, options.network)
    model = ApicalModel(card, open_many(card, weights, options.device))
    seen_studies: list[Seen] = []
    for view in VIEWS:
        for kind in POPULATIONS:
            for group, lean_deg in (("held well", 0.0), ("leaning", options.lean)):
                samples = simulated_pairs(2 * options.hearts, FIRST_SEED, (view,), kind, stand=stand(lean_deg))
                seen_studies += [seen(model, *pair, group) for pair in zip(samples[::2], samples[1::2], strict=True)]
                show_progress(f"{view} {kind} {len(seen_studies)}")
    both: dict[tuple[str, str], dict[str, Sample]] = {}
    samples = camus_of_folders(options.data, options.split, choosing=options.choosing) if options.data else []
    for sample in samples:
        both.setdefault((sample.patient, sample.view), {})[sample.phase] = sample
    seen_studies += [
        seen(model, group["ED"], group["ES"], "patients") for group in both.values() if {"ED", "ES"} <= set(group)
    ]
    print(file=sys.stderr)
    report(
        NAME,
        argv,
        "Signs of planes that miss the apex",
        [table(seen_studies, view) for view in VIEWS],
        out=options.out,
        models={} if options.network else {card.name: card.version},
        seed=FIRST_SEED,
        notes=[marked(seen_studies, view) for view in VIEWS],
        values=seen_studies,
    )
    return 0
