"""`kinecor evaluate strain`: longitudinal strain on simulated recordings or warped cines, whose truth is exact."""

import argparse
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from itertools import groupby
from pathlib import Path

import numpy as np

from kinecor.core.values.geometry import FloatArray
from kinecor_lab.common.bland_altman import write_bland_altman
from kinecor_lab.common.commands import add_device, reported
from kinecor_lab.common.table import Column, Table, add_output, report, spread
from kinecor_lab.datasets.samples import DataSetError
from kinecor_lab.pipeline.strain_arms import ARMS, TRUE_OUTLINES, WHOLE, Looked, looked_at
from kinecor_lab.pipeline.strain_case import (
    GROUP,
    VIEWS,
    Acquisition,
    Case,
    WarpedFrom,
    acquisitions,
    simulated,
    warped_cases,
)

# A segment whose true strain is less than this does not shorten, and one beyond the other does.
STILL_PERCENT, MOVING_PERCENT = -5.0, -12.0


_MEANING = {
    "truth fused": "contours, motion, ED and ES true",
    "true contours": "motion by the model, the rest true",
    "true motion": "contours by the model, the rest true",
    "true ED, ES": "contours and motion by models",
    WHOLE: "contours, motion, ED and ES found",
    "contours alone": "contours by the model, no motion",
    TRUE_OUTLINES: "contours true, no motion",
}
_COLUMNS = (
    Column("recordings or method"),
    Column("GLS error", "points", "+.1f", counted=True),
    Column("segments, mean absolute error", "points", ".1f"),
    Column("meaning"),
)
_IN_WORDS = Column("", form="+.1f", counted=True)


def tables(looked: Sequence[Looked]) -> list[Table]:
    """Errors by method, view and condition; further figures as notes. Differences are measured less true, in points."""
    main = [case for case in looked if case.case.about.group == "main"]
    by_arm = tuple((arm, spread(errors(main, arm)), _apart(main, arm), _MEANING[arm]) for arm in ARMS)
    views = [(view, [case for case in main if case.case.about.view == view]) for view in VIEWS]
    by_group = tuple((name, spread(errors(some)), _apart(some), "") for name, some in [*views, *_conditions(looked)])
    return [
        Table("End-systolic longitudinal strain, by method; mean ± SD (recordings)", _COLUMNS, by_arm),
        Table("By view and condition, whole pipeline", _COLUMNS, by_group),
        Table(
            "Further figures",
            (Column(""),),
            (),
            (
                *_average(main),
                *_gain(main),
                *_drift(looked),
                *_infarct(looked),
                *_repeats(looked),
                *_quality(looked),
                *_speed(looked),
            ),
        ),
    ]


def errors(looked: Sequence[Looked], arm: str = WHOLE) -> FloatArray:
    """(n,) of GLS."""
    return np.array([case.by_arm[arm].gls_percent - case.case.gls_percent for case in looked])


def segment_errors(looked: Sequence[Looked], arm: str = WHOLE) -> FloatArray:
    """(n, 6) of segments."""
    errors_percent = [case.by_arm[arm].segments_percent - case.case.segments_percent for case in looked]
    return np.array(errors_percent).reshape(-1, 6)


def _words(values: FloatArray) -> str:
    """Mean, SD and n of the finite values."""
    return _IN_WORDS.text(spread(values))


def _apart(looked: Sequence[Looked], arm: str = WHOLE) -> float | None:
    off = np.abs(segment_errors(looked, arm))
    return float(np.nanmean(off)) if np.isfinite(off).any() else None


def _average(main: Sequence[Looked]) -> Iterator[str]:
    """The mean of three views against the whole heart, and how far views of a heart are apart."""
    off, apart, truly = [], [], []
    for _, group in groupby(main, key=lambda case: case.case.about.heart):
        views = list(group)
        first = views[0].case
        heart = first.heart_percent[first.ess[0]] - first.heart_percent[first.eds[0]]
        off.append(np.mean([view.by_arm[WHOLE].gls_percent for view in views]) - heart)
        apart.append(np.std([view.by_arm[WHOLE].gls_percent for view in views], ddof=1))
        truly.append(np.std([view.case.gls_percent for view in views], ddof=1))
    yield f"mean of three views against the whole heart: {_words(np.array(off))}"
    yield f"between views of a heart: SD {np.nanmean(apart):.1f} measured, {np.nanmean(truly):.1f} in truth"


def _gain(looked: Sequence[Looked]) -> Iterator[str]:
    """What share of the motion is found, with true contours around it."""
    gains = np.array([case.gain for case in looked]).reshape(-1, 2)
    known = gains[np.isfinite(gains).all(axis=1)]
    if len(known):
        (along, across), (by, other) = known.mean(axis=0), known.std(axis=0)
        yield (
            f"share of the true motion of mid-wall that is found: along the wall {along:.2f} ± {by:.2f}, "
            f"across it {across:.2f} ± {other:.2f} ({len(known)})"
        )


def _conditions(looked: Sequence[Looked]) -> Iterator[tuple[str, list[Looked]]]:
    hearts = {case.case.about.heart for case in looked if case.case.about.group == "noise"}
    yield "as it comes", [case for case in looked if _plain(case) and case.case.about.heart in hearts]
    for name in dict.fromkeys(case.case.about.group for case in looked):
        if name.startswith(("frame rate", "noise", "dropout", "foreshortening")):
            yield name, [case for case in looked if case.case.about.group == name]


def _plain(case: Looked) -> bool:
    return case.case.about.group == "main" and case.case.about.view == "A4C"


def _drift(looked: Sequence[Looked]) -> Iterator[str]:
    some = [case.by_arm["true ED, ES"] for case in looked if case.case.about.group == "three beats"]
    if some:
        parts = np.abs([measured_case.segments_drift_percent for measured_case in some])
        whole = _words(np.array([measured_case.drift_percent for measured_case in some]))
        yield (
            f"drift a beat over three beats, before compensation: {whole}, segments {np.nanmean(parts):.1f} absolute"
        )


def _infarct(looked: Sequence[Looked]) -> Iterator[str]:
    some = [
        case
        for case in looked
        if case.case.about.population == "infarct" and case.case.about.group in ("main", "infarct")
    ]
    if not some:
        return
    true = np.concatenate([case.case.segments_percent for case in some])
    segments_percent = np.concatenate([case.by_arm[WHOLE].segments_percent for case in some])
    still, moving = segments_percent[true > STILL_PERCENT], segments_percent[true < MOVING_PERCENT]
    hits = [
        int(np.nanargmax(case.by_arm[WHOLE].segments_percent)) in np.argsort(case.case.segments_percent)[-2:]
        for case in some
        if np.isfinite(case.by_arm[WHOLE].segments_percent).any()
    ]
    yield (
        f"infarct: {len(still)} segments that do not shorten against {len(moving)} that do, area under the curve "
        f"{_area(still, moving):.2f}; the least shortening segment is one of the two least in truth in "
        f"{sum(hits)} of {len(hits)} recordings"
    )


def _area(high: FloatArray, low: FloatArray) -> float:
    """Share of pairs in which the value of `high` exceeds that of `low`: the area under the ROC curve."""
    high, low = high[np.isfinite(high)], low[np.isfinite(low)]
    if not len(high) or not len(low):
        return float("nan")
    apart = high[:, None] - low[None]
    return float(((apart > 0) + 0.5 * (apart == 0)).mean())


def _repeats(looked: Sequence[Looked]) -> Iterator[str]:
    again = {case.case.about.heart for case in looked if case.case.about.group == "retest"}
    spreads, off = [], []
    for heart in sorted(again):
        takes = [
            case
            for case in looked
            if case.case.about.heart == heart and (_plain(case) or case.case.about.group == "retest")
        ]
        spreads.append(np.var([case.by_arm[WHOLE].gls_percent for case in takes], ddof=1))
        off.append(np.var(errors(takes), ddof=1))
    if spreads:
        within, beyond = np.sqrt(np.nanmean(spreads)), np.sqrt(np.nanmean(off))
        yield (
            f"repeated recordings of a heart: SD {within:.1f} ({beyond:.1f} beyond what the planes differ in truth), "
            f"{len(spreads)} hearts"
        )


def _quality(looked: Sequence[Looked]) -> Iterator[str]:
    """Whether segments of low quality are those that are wrong: Spearman's rank correlation."""
    off = np.abs(segment_errors(looked, "true contours")).ravel()
    quality = np.array([case.by_arm["true contours"].quality for case in looked]).ravel()
    good = np.isfinite(off) & np.isfinite(quality)
    if good.sum() > 2:
        held = sum(case.by_arm[WHOLE].why is not None for case in looked)
        together = _rank_correlation(off[good], quality[good])
        yield (
            f"tracking quality against a segment's error: rank correlation {together:+.2f} "
            f"(n {good.sum()}); withheld {held} of {len(looked)}"
        )


def _rank_correlation(first: FloatArray, second: FloatArray) -> float:
    a, b = (np.argsort(np.argsort(values)) - (len(values) - 1) / 2 for values in (first, second))
    return float((a * b).mean() / (a.std() * b.std()))


def _speed(looked: Sequence[Looked]) -> Iterator[str]:
    stages = looked[0].ms_per_frame if looked else {}
    each = {stage: float(np.median([case.ms_per_frame[stage] for case in looked])) for stage in stages}
    text = ", ".join(f"{stage} {ms:.1f}" for stage, ms in each.items())
    yield f"ms a frame, median: {text}; together {sum(each.values()):.1f}"


def warped_tables(looked: Sequence[Looked]) -> list[Table]:
    """On warped cines: against strain of tracked material points, and of the true outlines alone; in points."""
    columns = (
        Column("method"),
        Column("GLS error", "points", "+.1f", counted=True),
        Column("segments error", "points", "+.1f", counted=True),
        Column("segments, mean absolute error", "points", ".1f"),
    )
    rows = tuple(
        (arm, spread(errors(looked, arm)), spread(segment_errors(looked, arm)), _apart(looked, arm)) for arm in ARMS
    )
    truly = np.array([case.by_arm[TRUE_OUTLINES].gls_percent for case in looked])
    against = tuple(
        (arm, spread(np.array([case.by_arm[arm].gls_percent for case in looked]) - truly))
        for arm in (WHOLE, "contours alone")
    )
    return [
        Table("Longitudinal strain less that of true material points; mean ± SD (cines)", columns, rows),
        # As a comparison of contours with an expert's would have it.
        Table(
            "The same, less strain of the true outlines alone",
            columns[:2],
            against,
            (*_extremes(looked), *_gain(looked)),
        ),
    ]


def _extremes(looked: Sequence[Looked]) -> Iterator[str]:
    true = np.array([case.case.gls_percent for case in looked])
    off = errors(looked)
    yield f"true GLS from {true.min():.1f} to {true.max():.1f} %, mean {true.mean():.1f}"
    if np.isfinite(off).any():
        worst = int(np.nanargmax(np.abs(off)))
        name = looked[worst].case.about.population
        yield f"mean absolute error {np.nanmean(np.abs(off)):.1f}; worst {off[worst]:+.1f}, {name}"


HEARTS = 6


def parser() -> argparse.ArgumentParser:
    """The command's options."""
    out = argparse.ArgumentParser(prog="kinecor evaluate strain", description=__doc__)
    out.add_argument("--hearts", type=int, default=HEARTS, help=f"in three views each, 2 or more (default: {HEARTS})")
    out.add_argument("--keep", type=Path, help="folder where recordings are saved for another run")
    out.add_argument("--main-only", action="store_true", help="each heart once in each view, no further questions")
    out.add_argument("--apical-gradient", action="store_true", help="hearts whose apex shortens more than the base")
    add_device(out)
    out.add_argument(
        "--warped",
        "--made",
        type=Path,
        help="CAMUS (PNG with index.csv, NIfTI or MHD): measure cines warped from its frames",
    )
    out.add_argument("--split", default="valid", choices=("train", "valid", "test"), help="of --warped")
    out.add_argument("--paths", type=Path, default=Path("runs/sequence/paths"), help="where --warped saves its paths")
    out.add_argument("--limit", type=int, default=0, help="use only this many patients of --warped")
    out.add_argument("--seed", type=int, default=0, help="of the cines of --warped: rhythms, rates, strengths, grain")
    add_output(out, Path("runs/strain-figures"))
    return out


@reported("kinecor evaluate")
def main(argv: Sequence[str]) -> int:
    """Run the command; its exit status (0 done, 1 failed)."""
    chosen = parser().parse_args(argv)
    if chosen.hearts < 2:
        parser().error(f"--hearts: expected 2 or more, got {chosen.hearts}")
    say = partial(print, file=sys.stderr, flush=True)
    looked = _warped(chosen, say) if chosen.warped else _simulated(chosen, say)
    name, what = ("strain-warped", "warped cines") if chosen.warped else ("strain", "simulated recordings")
    report(
        "strain",
        argv,
        f"Longitudinal strain, {what}",
        warped_tables(looked) if chosen.warped else tables(looked),
        out=chosen.out,
        seed=chosen.seed,
        values=_values(looked),
        stem=name,
    )
    if not chosen.warped or len(looked) > 1:
        _plot(chosen.out / f"{name}-bland-altman.svg", looked, what)
    return 0


def _warped(chosen: argparse.Namespace, say: Callable[[str], None]) -> list[Looked]:
    wanted = WarpedFrom(chosen.warped, chosen.split, chosen.paths, chosen.limit, chosen.seed)
    looked: list[Looked] = []
    for case in warped_cases(wanted, say):
        looked.append(looked_at(case, chosen.device))
        say(f"[{len(looked)}] {case.about.name}")
    if not looked:
        raise DataSetError(f"{chosen.warped}: expected a pair of frames that match, found none; take another split")
    return looked


def _simulated(chosen: argparse.Namespace, say: Callable[[str], None]) -> list[Looked]:
    wanted: list[Acquisition] = [
        replace(acquisition, apical_gradient=chosen.apical_gradient)
        for acquisition in acquisitions(chosen.hearts)
        if acquisition.group == "main" or not chosen.main_only
    ]
    looked: list[Looked] = []
    began = time.monotonic()
    for number, about in enumerate(wanted, start=1):
        looked += [looked_at(case, chosen.device) for case in _rates(simulated(about, chosen.keep))]
        say(f"[{number}/{len(wanted)}] {about.name}, {time.monotonic() - began:.0f} s")
    return looked


def _rates(case: Case) -> list[Case]:
    """A recording at a high frame rate as slower ones would have it, too; others as they are."""
    if case.about.group != "frame rate":
        return [case]
    return [_renamed(case.every(step), step) for step in (1, 2, 4)]


def _renamed(case: Case, step: int) -> Case:
    rate = case.about.frames_per_s / step
    return replace(case, about=replace(case.about, group=f"frame rate {rate:.0f} /s", frames_per_s=rate))


def _plot(path: Path, looked: Sequence[Looked], what: str) -> None:
    main_ones = [case for case in looked if case.case.about.group in ("main", GROUP)]
    pairs = {}
    for view in VIEWS:
        some = [case for case in main_ones if case.case.about.view == view]
        pairs[view] = [case.case.gls_percent for case in some], [case.by_arm[WHOLE].gls_percent for case in some]
    shown = {view: values for view, values in pairs.items() if values[0]}
    write_bland_altman(path, shown, title=f"Global longitudinal strain, {what}", unit="%")


def _values(looked: Sequence[Looked]) -> list[dict[str, object]]:
    """A row for each recording and method."""
    out = []
    for case in looked:
        about = case.case.about
        for arm in ARMS:
            measured = case.by_arm[arm]
            row = {"group": about.group, "population": about.population, "heart": about.heart, "view": about.view}
            row |= {"take": about.take, "method": arm, "gls_true": case.case.gls_percent, "gls": measured.gls_percent}
            row |= {
                "drift": measured.drift_percent,
                "why": measured.why or "",
                "segment_true": case.case.segments_percent,
            }
            out.append(row | {"segment": measured.segments_percent, "quality": measured.quality})
    return out
