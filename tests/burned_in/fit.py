"""The regression that separates rows of letters from rows of speckle: even cases choose, odd ones report."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from kinecor.io.write.lettering import FEATURES, UPRIGHT_FEATURES, candidates, images_to_search
from tests.burned_in.beneath import Beneath
from tests.burned_in.planting import LEVEL, UPRIGHT, planted

_RIDGE = 1e-3
# A row is of text where two letters and this share of its box are of what was planted.
_MIN_LETTERS, _MIN_COVER = 2, 0.1


def fit(cases: int, seed: int, beneath: Callable[[int], Beneath], *, upright: bool) -> None:
    """Print weights and offset, and for some scores how many cases are found and how many pictures wrongly so."""
    rows = []
    for number in range(cases):
        case = planted(number, seed, beneath(number), turn=UPRIGHT if upright else LEVEL)
        frames = case.frames[:: max(1, len(case.frames) // 3)]
        letters_by_pixel = np.rot90(case.letters) if upright else case.letters
        for place, picture in enumerate(images_to_search(frames)):
            for (x0, y0, x1, y1), features in candidates(picture, upright=upright):
                inside = letters_by_pixel[y0:y1, x0:x1]
                letters, cover = len(np.unique(inside[inside > 0])), float((inside > 0).mean())
                is_text = letters >= _MIN_LETTERS and cover > _MIN_COVER
                if is_text or not letters:  # a row with a letter in it is neither
                    rows.append((number, place, is_text, features))
    numbers, text = np.array([one[0] for one in rows]), np.array([one[2] for one in rows])
    features = np.array([one[3] for one in rows])
    weights, offset = _regression(features[numbers % 2 == 0], text[numbers % 2 == 0])
    for name, weight in zip((*(UPRIGHT_FEATURES if upright else FEATURES), "offset"), (*weights, offset), strict=True):
        print(f"{name}: {weight:.2f}")
    scores = features @ weights + offset
    print("| half | score | cases | found | pictures with a row that is none |\n|---|---|---|---|---|")
    for half, name in enumerate(("chose", "reports")):
        for score in (0.0, 1.0, 1.5, 2.0):
            over = (numbers % 2 == half) & (scores >= score)
            wrong = {rows[at][:2] for at in np.flatnonzero(over & ~text)}
            print(f"| {name} | {score:g} | {cases // 2} | {len(set(numbers[over & text]))} | {len(wrong)} |")


def _regression(features: NDArray[np.float64], text: NDArray[np.bool_]) -> tuple[NDArray[np.float64], float]:
    """Weights and offset of a logistic regression."""
    mean, spread = features.mean(axis=0), features.std(axis=0)
    standard = np.hstack([(features - mean) / spread, np.ones((len(features), 1))])

    def loss(weights: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        scores = standard @ weights
        chance = 1 / (1 + np.exp(-scores))
        ridge = np.r_[weights[:-1], 0]
        value = (np.logaddexp(0, scores) - text * scores).mean() + _RIDGE * (ridge**2).sum()
        return float(value), standard.T @ (chance - text) / len(text) + 2 * _RIDGE * ridge

    best = minimize(loss, np.zeros(standard.shape[1]), jac=True, method="L-BFGS-B").x
    return best[:-1] / spread, float(best[-1] - (best[:-1] * mean / spread).sum())
