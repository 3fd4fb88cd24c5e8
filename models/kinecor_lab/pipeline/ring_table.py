"""What short-axis strain on simulated stacks comes to: bias and spread, segments, infarcts."""

from collections.abc import Iterator, Sequence

import numpy as np

from kinecor.core.values.arrays import FloatArray
from kinecor_lab.pipeline.ring_arms import ARMS, FOUND_OUTLINES, TRUE, TRUE_OUTLINES, WHOLE, RingLooked

SCAR_PERCENT, MOVING_PERCENT = -8.0, -13.0
"""A segment whose true strain is less than the one is a scar's, one beyond the other moves well."""
_MEANING = {
    TRUE: "contours, ED and ES true, motion as seen",
    TRUE_OUTLINES: "the same without motion",
    WHOLE: "contours, ED and ES found, motion as seen",
    FOUND_OUTLINES: "the same without motion",
}


def ring_table(looked: Sequence[RingLooked]) -> str:
    """All figures as text; differences are measured less true, in points of strain."""
    lines = [f"End-systolic circumferential strain of {len(looked)} simulated stacks, measured less true, in points"]
    lines += [f"{arm:22} GCS {_told(_errors(looked, arm)):34} {_MEANING[arm]}" for arm in ARMS]
    for arm in (TRUE, WHOLE):
        lines += ["", f"16 segments, {arm}", *_segments(looked, arm)]
    return "\n".join(lines)


def _errors(looked: Sequence[RingLooked], arm: str) -> FloatArray:
    return np.array([one.by_arm[arm].gcs - one.true.gcs for one in looked])


def _told(values: FloatArray) -> str:
    good = values[np.isfinite(values)]
    if not len(good):
        return "none measured"
    spread = f"{good.std(ddof=1):.1f}" if len(good) > 1 else "-"
    return f"{good.mean():+.1f} +- {spread}, absolute {np.abs(good).mean():.1f} (n {len(good)})"


def _segments(looked: Sequence[RingLooked], arm: str) -> Iterator[str]:
    found = np.array([one.by_arm[arm].segments for one in looked])
    true = np.array([one.true.segments for one in looked])
    yield f"  whole {_told((found - true).ravel())}"
    # Less what all segments of a heart are off by together: how well they are told apart.
    apart = found - np.nanmean(found, axis=1, keepdims=True) if np.isfinite(found).any() else found
    level = true - np.nanmean(np.where(np.isfinite(found), true, np.nan), axis=1, keepdims=True)
    yield f"  less the heart's mean {_told((apart - level).ravel())}"
    for name, ring in (("base", slice(0, 6)), ("mid", slice(6, 12)), ("apex", slice(12, 16))):
        yield f"  {name:5} {_told((found - true)[:, ring].ravel())}"
    scars = [number for number, one in enumerate(true) if (one > SCAR_PERCENT).any() and (one < MOVING_PERCENT).any()]
    for number in scars:
        yield f"  {looked[number].name}: {_told_apart(found[number], true[number])}"


def _told_apart(found: FloatArray, true: FloatArray) -> str:
    """How often a segment of a scar is told from one that moves well: area under the ROC curve."""
    known = np.isfinite(found) & np.isfinite(true)
    scar, good = found[known & (true > SCAR_PERCENT)], found[known & (true < MOVING_PERCENT)]
    if not len(scar) or not len(good):
        return "none to be told apart"
    area = float((scar[:, None] > good[None]).mean())
    return f"scar {scar.mean():.0f} %, others {good.mean():.0f} %, told apart {area:.2f} ({len(scar)}, {len(good)})"
