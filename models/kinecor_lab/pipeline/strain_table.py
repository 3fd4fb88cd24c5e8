"""What strain on simulated recordings comes to: bias, spread, segments, drift, infarcts, repeats, speed."""

from collections.abc import Iterator, Sequence
from itertools import groupby

import numpy as np

from kinecor.core.values.arrays import FloatArray
from kinecor_lab.pipeline.strain_acquisitions import VIEWS
from kinecor_lab.pipeline.strain_arms import ARMS, TRUE_OUTLINES, WHOLE, Looked

# A segment whose true strain is less than this does not shorten, and one beyond the other does.
STILL_PERCENT, MOVING_PERCENT = -5.0, -12.0


def table(looked: Sequence[Looked]) -> str:
    """All figures as text; differences are measured less true, in points of strain."""
    main = [one for one in looked if one.case.about.group == "main"]
    return "\n".join(
        [
            "End-systolic longitudinal strain, measured less true, in points (mean +- SD over recordings)",
            *_arms(main),
            "",
            *_views(main),
            "",
            *_average(main),
            "",
            *_conditions(looked),
            "",
            *_drift(looked),
            *_infarct(looked),
            *_repeats(looked),
            *_quality(looked),
            *_speed(looked),
        ]
    )


def errors(looked: Sequence[Looked], arm: str = WHOLE) -> FloatArray:
    """(n,) of GLS."""
    return np.array([one.by_arm[arm].gls_percent - one.case.gls_percent for one in looked])


def segment_errors(looked: Sequence[Looked], arm: str = WHOLE) -> FloatArray:
    """(n, 6) of segments."""
    found = [one.by_arm[arm].segments_percent - one.case.segments_percent for one in looked]
    return np.array(found).reshape(-1, 6)


def told(values: FloatArray) -> str:
    """Mean, standard deviation and number of finite values."""
    good = values[np.isfinite(values)]
    if not len(good):
        return "none measured"
    spread = f"{good.std(ddof=1):.1f}" if len(good) > 1 else "-"
    missing = f", {len(values) - len(good)} without" if len(good) < len(values) else ""
    return f"{good.mean():+.1f} +- {spread} (n {len(good)}{missing})"


def _apart(looked: Sequence[Looked], arm: str = WHOLE) -> str:
    off = np.abs(segment_errors(looked, arm))
    return f"segments {np.nanmean(off):.1f}" if np.isfinite(off).any() else "segments -"


def _arms(main: Sequence[Looked]) -> Iterator[str]:
    meaning = {
        "truth fused": "contours, motion, ED and ES true",
        "true contours": "motion by the model, the rest true",
        "true motion": "contours by the model, the rest true",
        "true ED, ES": "contours and motion by models",
        WHOLE: "contours, motion, ED and ES found",
        "contours alone": "contours by the model, no motion",
        TRUE_OUTLINES: "contours true, no motion",
    }
    for arm in ARMS:
        yield f"{arm:20} GLS {told(errors(main, arm)):34} {_apart(main, arm):14} mean absolute error   {meaning[arm]}"


def _views(main: Sequence[Looked]) -> Iterator[str]:
    for view in VIEWS:
        some = [one for one in main if one.case.about.view == view]
        yield f"{view:20} GLS {told(errors(some)):34} {_apart(some)}"


def _average(main: Sequence[Looked]) -> Iterator[str]:
    """The mean of three views against the whole heart, and how far views of a heart are apart."""
    off, apart, truly = [], [], []
    for _, group in groupby(main, key=lambda one: one.case.about.heart):
        views = list(group)
        first = views[0].case
        heart = first.heart_percent[first.ess[0]] - first.heart_percent[first.eds[0]]
        off.append(np.mean([one.by_arm[WHOLE].gls_percent for one in views]) - heart)
        apart.append(np.std([one.by_arm[WHOLE].gls_percent for one in views], ddof=1))
        truly.append(np.std([one.case.gls_percent for one in views], ddof=1))
    yield f"mean of three views against the whole heart: {told(np.array(off))}"
    yield f"between views of a heart: SD {np.nanmean(apart):.1f} measured, {np.nanmean(truly):.1f} in truth"


def _conditions(looked: Sequence[Looked]) -> Iterator[str]:
    hearts = {one.case.about.heart for one in looked if one.case.about.group == "noise"}
    plain = [one for one in looked if _plain(one) and one.case.about.heart in hearts]
    yield f"{'as it comes':20} GLS {told(errors(plain)):34} {_apart(plain)}"
    names = dict.fromkeys(one.case.about.group for one in looked)
    for name in names:
        if name.startswith(("frame rate", "noise", "dropout", "foreshortening")):
            some = [one for one in looked if one.case.about.group == name]
            yield f"{name:22} GLS {told(errors(some)):34} {_apart(some)}"


def _plain(one: Looked) -> bool:
    return one.case.about.group == "main" and one.case.about.view == "A4C"


def _drift(looked: Sequence[Looked]) -> Iterator[str]:
    some = [one.by_arm["true ED, ES"] for one in looked if one.case.about.group == "three beats"]
    if some:
        parts = np.abs([one.segments_drift_percent for one in some])
        whole = told(np.array([one.drift_percent for one in some]))
        yield (
            f"drift a beat over three beats, before it is taken off: {whole}, segments {np.nanmean(parts):.1f} absolute"
        )


def _infarct(looked: Sequence[Looked]) -> Iterator[str]:
    some = [
        one for one in looked if one.case.about.population == "infarct" and one.case.about.group in ("main", "infarct")
    ]
    if not some:
        return
    true = np.concatenate([one.case.segments_percent for one in some])
    found = np.concatenate([one.by_arm[WHOLE].segments_percent for one in some])
    still, moving = found[true > STILL_PERCENT], found[true < MOVING_PERCENT]
    hits = [
        int(np.nanargmax(one.by_arm[WHOLE].segments_percent)) in np.argsort(one.case.segments_percent)[-2:]
        for one in some
        if np.isfinite(one.by_arm[WHOLE].segments_percent).any()
    ]
    yield (
        f"infarct: {len(still)} segments that do not shorten against {len(moving)} that do, area under the curve "
        f"{_area(still, moving):.2f}; the least shortening segment is one of the two least in truth in "
        f"{sum(hits)} of {len(hits)} recordings"
    )


def _area(high: FloatArray, low: FloatArray) -> float:
    """Share of pairs in which one of `high` lies above one of `low`: the area under the ROC curve."""
    high, low = high[np.isfinite(high)], low[np.isfinite(low)]
    if not len(high) or not len(low):
        return float("nan")
    apart = high[:, None] - low[None]
    return float(((apart > 0) + 0.5 * (apart == 0)).mean())


def _repeats(looked: Sequence[Looked]) -> Iterator[str]:
    again = {one.case.about.heart for one in looked if one.case.about.group == "retest"}
    spreads, off = [], []
    for heart in sorted(again):
        takes = [
            one for one in looked if one.case.about.heart == heart and (_plain(one) or one.case.about.group == "retest")
        ]
        spreads.append(np.var([one.by_arm[WHOLE].gls_percent for one in takes], ddof=1))
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
    quality = np.array([one.by_arm["true contours"].quality for one in looked]).ravel()
    good = np.isfinite(off) & np.isfinite(quality)
    if good.sum() > 2:
        held = sum(one.by_arm[WHOLE].why is not None for one in looked)
        together = _rank_correlation(off[good], quality[good])
        yield (
            f"tracking quality against a segment's error: rank correlation {together:+.2f} "
            f"(n {good.sum()}); withheld {held} of {len(looked)}"
        )


def _rank_correlation(one: FloatArray, other: FloatArray) -> float:
    a, b = (np.argsort(np.argsort(values)) - (len(values) - 1) / 2 for values in (one, other))
    return float((a * b).mean() / (a.std() * b.std()))


def _speed(looked: Sequence[Looked]) -> Iterator[str]:
    stages = looked[0].ms_per_frame if looked else {}
    each = {stage: float(np.median([one.ms_per_frame[stage] for one in looked])) for stage in stages}
    words = ", ".join(f"{stage} {ms:.1f}" for stage, ms in each.items())
    yield f"ms a frame, median: {words}; together {sum(each.values()):.1f}"
