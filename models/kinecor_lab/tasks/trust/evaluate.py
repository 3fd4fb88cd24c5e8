"""`kinecor evaluate trust`: which wrong values are marked, on sound and tampered simulated recordings.

In two stages: `--prepare` simulates, tampers, analyses and caches; without it, the cached cases are judged.
"""

import argparse
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import islice
from pathlib import Path

from kinecor_lab.common.commands import reported
from kinecor_lab.common.table import Table, add_output, report
from kinecor_lab.tasks.trust.experts import experts_table, prepare_experts, renew_experts
from kinecor_lab.tasks.trust.patients.biplane import biplane_studies
from kinecor_lab.tasks.trust.patients.data import RealData
from kinecor_lab.tasks.trust.patients.table import REAL_DEFINITIONS, by_kind, real_tables
from kinecor_lab.tasks.trust.plan import FIRST_SEED, SOUND, Case, echo_hearts, stack_hearts
from kinecor_lab.tasks.trust.prepared import Maker, Prepared, cases_in, load, prepare, renewed
from kinecor_lab.tasks.trust.roc import roc
from kinecor_lab.tasks.trust.scoring import JUDGES, Study, judged, with_edits
from kinecor_lab.tasks.trust.symptoms.kinds import with_symptoms
from kinecor_lab.tasks.trust.table import DEFINITIONS, checks, precision, tables, values
from kinecor_lab.tasks.trust.tampering import Half

HALVES = ("choose", "report")
MODALITIES = ("echo", "stack")
SETS = ("stills", "stacks", "loops")


def _real(chosen: argparse.Namespace) -> RealData:
    return RealData(
        chosen.camus,
        chosen.acdc,
        chosen.experts,
        chosen.cache / "paths",
        dsb=chosen.dsb,
        york=chosen.york,
        sample=chosen.sample,
    )


def parser() -> argparse.ArgumentParser:
    """The command's options."""
    out = argparse.ArgumentParser(prog="kinecor evaluate trust", description=__doc__)
    out.add_argument("--cache", type=Path, default=Path("runs/trust"), help="folder of the prepared cases")
    out.add_argument("--half", choices=HALVES, default="report", help="of kinds and seeds (default: report)")
    out.add_argument("--prepare", action="store_true", help="simulate, tamper and analyse what is not in the cache")
    out.add_argument("--echo", type=int, default=200, metavar="N", help="clips to prepare, at least (default: 200)")
    out.add_argument("--stacks", type=int, default=40, metavar="N", help="stacks to prepare, at least (default: 40)")
    out.add_argument("--first", type=int, default=0, metavar="N", help="heart to begin with, from 0 (default: 0)")
    out.add_argument("--sound", action="store_true", help="prepare and judge sound recordings alone, without edits")
    out.add_argument(
        "--symptoms", action="store_true", help="judge sound recordings with what readers met, of either half"
    )
    out.add_argument("--renew", action="store_true", help="before judging, renew all Readings without networks")
    out.add_argument("--marks", choices=list(JUDGES), default="checks", help="'recording': each finding marks all")
    out.add_argument("--roc", action="store_true", help="also each check with other thresholds (minutes)")
    out.add_argument("--experts", type=Path, metavar="FOLDER", help="Sunnybrook studies with experts' volumes")
    out.add_argument("--camus", type=Path, nargs="+", default=[], metavar="FOLDER", help="frames of CAMUS, one a view")
    out.add_argument("--acdc", type=Path, metavar="FOLDER", help="slices of ACDC")
    out.add_argument("--dsb", type=Path, metavar="FOLDER", help="stacks of the Second National Data Science Bowl")
    out.add_argument("--york", type=Path, metavar="FOLDER", help="cines of York University")
    out.add_argument("--sample", type=int, metavar="N", help="with --real: patients of each set and half, at most")
    out.add_argument(
        "--sets", nargs="+", choices=SETS, default=SETS, help="with --real: what to prepare (default: all)"
    )
    out.add_argument(
        "--real",
        action="store_true",
        help="prepare and judge recordings of patients (--camus, --acdc, --dsb, --york, --experts) in place of "
        "simulated hearts",
    )
    out.add_argument("--part", default="1/1", metavar="I/N", help="prepare every N-th heart, from the I-th on")
    add_output(out)
    return out


def wanted(hearts: Iterator[Sequence[Case]], cases: int, part: str) -> Iterator[Case]:
    """The cases of at least this number of hearts; of a part of them."""
    index, parts = (int(name) for name in part.split("/"))
    if not 1 <= index <= parts:
        raise ValueError(f"--part: expected I/N with I from 1 to N, got {part}")
    found = 0
    chosen = []
    for heart in hearts:
        if found >= cases:
            break
        chosen.append(heart)
        found += len(heart)
    for heart in islice(chosen, index - 1, None, parts):
        yield from heart


def _tables_of_patients(studies: Sequence[Study]) -> list[Table]:
    untouched = [value for study in studies if study.case.kind == SOUND for value in study.values]
    return [*real_tables(studies), checks(studies), precision(untouched)]


def _judge_symptoms(chosen: argparse.Namespace, argv: Sequence[str], cases: Sequence[Prepared]) -> int:
    """By kind, the sound recordings and what readers met; see `symptoms`."""
    studies = [judged(case, JUDGES[chosen.marks]) for case in with_symptoms(cases)]
    report(
        "trust",
        argv,
        f"What readers met, half '{chosen.half}'",
        [
            by_kind(
                "Sound recordings and what readers met, by kind", [value for each in studies for value in each.values]
            )
        ],
        out=chosen.out,
        seed=FIRST_SEED["echo"] + (chosen.half == "report"),
        notes=[DEFINITIONS[1], "Readings of sound recordings are changed; images and what is measured of them stay."],
        values=values(studies),
        stem=f"trust-symptoms-{chosen.half}",
    )
    return 0


@reported("kinecor evaluate")
def main(argv: Sequence[str]) -> int:
    """Run the command; its exit status (0 done, 1 failed)."""
    chosen = parser().parse_args(argv)
    say = partial(print, file=sys.stderr, flush=True)
    if chosen.prepare:
        os.environ.setdefault("OMP_NUM_THREADS", "1")
        if chosen.experts and not chosen.real:
            prepare_experts(chosen.experts, chosen.cache, say)
        planned: tuple[tuple[Callable[[Half], Iterator[Sequence[Case]]], int], ...]
        planned, maker = ((echo_hearts, chosen.echo), (stack_hearts, chosen.stacks)), Maker()
        if chosen.real:
            data = _real(chosen)
            made = {"stills": data.stills, "stacks": data.stacks, "loops": data.clips}
            planned, maker = tuple((made[name], sys.maxsize) for name in chosen.sets), Maker(data.made)
        for hearts, many in planned:
            every = (heart[:1] if chosen.sound else heart for heart in hearts(chosen.half))
            for case in wanted(islice(every, chosen.first, None), many, chosen.part):
                try:
                    prepare(case, chosen.cache, maker, say)
                except Exception as error:
                    say(f"{case.name}: left out: {error}")
        return 0
    folders = [path for modality in MODALITIES for path in cases_in(chosen.cache, chosen.half, modality)]
    if not folders:
        raise FileNotFoundError(f"{chosen.cache}: expected prepared cases, found none; run with --prepare first")
    if chosen.renew:
        for number, folder in enumerate(folders, start=1):
            renewed(folder)
            say(f"{number} of {len(folders)} renewed")
        if chosen.experts:
            renew_experts(chosen.experts, chosen.cache)
    # What readers draw wrongly is nearly always marked: patients' figures are of recordings.
    if chosen.symptoms:
        return _judge_symptoms(chosen, argv, load(folders))
    cases = load(folders) if chosen.sound or chosen.real else list(with_edits(load(folders)))
    if chosen.sound:
        cases = [case for case in cases if case.kind == SOUND]
    studies = [judged(case, JUDGES[chosen.marks]) for case in cases]
    if chosen.real:
        studies += biplane_studies(cases, _real(chosen).biplane_truths(chosen.half))
    sound = [study for study in studies if study.case.kind == SOUND]
    other_marks = [] if chosen.marks == "checks" else [chosen.marks]
    report(
        "trust",
        argv,
        f"Wrong values that are marked, half '{chosen.half}'",
        [
            *(_tables_of_patients(studies) if chosen.real else tables(studies)),
            *([roc(cases)] if chosen.roc else []),
            *([] if chosen.real else [experts_table(chosen.experts, chosen.cache, JUDGES[chosen.marks])]),
        ],
        out=chosen.out,
        seed=FIRST_SEED["echo"] + (chosen.half == "report"),
        notes=[
            *(REAL_DEFINITIONS if chosen.real else DEFINITIONS),
            f"{len(studies)} recordings, {len(sound)} of them sound; {len({study.case.kind for study in studies}) - 1} "
            "kinds of tampering",
        ],
        values=values(studies),
        stem="-".join(
            (
                "trust",
                *(["real"] if chosen.real else []),
                *(["sound"] if chosen.sound else []),
                chosen.half,
                *other_marks,
            )
        ),
    )
    return 0
