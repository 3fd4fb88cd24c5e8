"""From scores to figures: answers under a temperature and a threshold, and the choice of both."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from kinecor_lab.common.reliability import calibration_error, reliability, reliability_table
from kinecor_lab.tasks.views.samples import UNKNOWN
from kinecor_lab.tasks.views.table import counted, f1_scores, table
from kinecor_lab.tasks.views.trials import CAMUS, MRI, SCENES, SIMULATED, Scored
from kinecor_models.views.classes import CLASSES
from kinecor_models.views.model import APICAL, TEMPERATURE, VIEW_NAMED_FROM, decided, softmax

# Tried when they are chosen.
_TEMPERATURES = np.geomspace(0.25, 4.0, 49)
_THRESHOLDS = np.round(np.arange(0.3, 0.951, 0.05), 2)


def answer(one: Scored, temperature: float = TEMPERATURE, least: float = VIEW_NAMED_FROM) -> int:
    """Number of the class that the model names for a clip; "unknown" where it refuses."""
    likely = softmax(one.scores, temperature)
    output = decided(likely, likely[None], (0,), least=least)
    return CLASSES.index(output.label)


def apical(one: Scored) -> bool:
    """Whether the ventricle would be contoured: see ViewOutput.apical."""
    likely = softmax(one.scores, TEMPERATURE)
    return decided(likely, likely[None], (0,)).apical


def best_temperature(found: Sequence[Scored]) -> float:
    """The temperature under which the true classes are likeliest (log likelihood)."""
    scores = np.stack([one.scores for one in found])
    truth = [one.trial.view for one in found]

    def loss(temperature: float) -> float:
        return -float(np.log(softmax(scores, temperature)[np.arange(len(found)), truth] + 1e-9).mean())

    return float(min(_TEMPERATURES, key=loss))


def by_threshold(found: Sequence[Scored], temperature: float) -> str:
    """What each threshold lets through: of clips with a view, named rightly, wrongly, refused; of others, named."""
    lines = ["threshold  right  wrong  refused | others named"]
    for least in _THRESHOLDS:
        answers = np.array([answer(one, temperature, float(least)) for one in found])
        truth = np.array([one.trial.view for one in found])
        known = truth != UNKNOWN
        right, refused = (answers == truth)[known].mean(), (answers == UNKNOWN)[known].mean()
        named = (answers != UNKNOWN)[~known].mean() if (~known).any() else float("nan")
        lines.append(f"{least:9.2f}  {right:.3f}  {1 - right - refused:.3f}  {refused:7.3f} | {named:.3f}")
    return "\n".join(lines)


def report(found: Sequence[Scored]) -> str:
    """All figures as text."""
    lines = []
    clips = [one for one in found if one.trial.source in (SIMULATED, SCENES)]
    if clips:
        counts = counted([(one.trial.view, answer(one)) for one in clips])
        forced = counted([(one.trial.view, int(one.scores.argmax())) for one in clips])
        views = [one for one in clips if one.trial.view != UNKNOWN]
        refused = np.mean([answer(one) == UNKNOWN for one in views])
        lines += [
            f"simulated clips and scenes without a view, n = {len(clips)}; refused clips count as unknown",
            table(counts),
            f"mean F1 if none were refused {np.nanmean(f1_scores(forced)):.3f}; "
            f"refused {100 * refused:.1f} % of {len(views)} clips with a view",
        ]
    for inside, words in ((True, "apical clips"), (False, "other clips and pictures")):
        some = [one for one in found if (CLASSES[one.trial.view] in APICAL) is inside]
        lines.append(f"{sum(map(apical, some))} of {len(some)} {words} count as apical, by name or without")
    for source in (SCENES, MRI, CAMUS):
        some = [one for one in found if one.trial.source == source]
        if some:
            lines.append(f"{source}, n = {len(some)}: {_shares([answer(one) for one in some])}")
    sure = np.array([softmax(one.scores, TEMPERATURE).max() for one in found])
    right = np.array([float(one.scores.argmax() == one.trial.view) for one in found])
    bins = reliability(sure, right)
    lines += [
        f"confidence against being right, temperature {TEMPERATURE:.2f}: "
        f"expected calibration error {calibration_error(bins):.3f}, n = {len(found)}",
        reliability_table(bins),
        _times([one.frame_ms for one in found]),
    ]
    return "\n".join(lines)


def _shares(answers: Sequence[int]) -> str:
    counts = np.bincount(answers, minlength=len(CLASSES))
    return ", ".join(f"{CLASSES[int(i)]} {counts[i]}" for i in np.argsort(-counts) if counts[i])


def _times(frame_ms: Sequence[float]) -> str:
    middle: NDArray[np.float64] = np.percentile(frame_ms, (50, 90))
    return f"a frame takes {middle[0]:.1f} ms (median; 90 % under {middle[1]:.1f} ms), finding the sector included"
