"""Quick measures while training: Dice on the validation split."""

from collections.abc import Callable, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from kinecor_lab.common.metrics import dice
from kinecor_lab.common.precision import reduced
from kinecor_lab.datasets.clip import NOT_CAVITY
from kinecor_lab.datasets.placing import placed
from kinecor_lab.datasets.samples import Sample


def _mean(values: NDArray[np.float64]) -> float:
    """Mean of what is known, 0 where nothing is: a set may lack a structure."""
    known = values[np.isfinite(values)]
    return float(known.mean()) if len(known) else 0.0


def dice_on(samples: Sequence[Sample]) -> Callable[[nn.Module, int], dict[str, float]]:
    """A function that measures a network on `samples`, placed plainly on squares of so many pixels.

    Its answer has mean Dice of the LV per phase ("lv_ed", "lv_es"), of myocardium and atrium, the worst LV, and
    "score": LV at both phases counts double, the worst LV a tenth.
    """

    def measure(net: nn.Module, size: int) -> dict[str, float]:
        rng = np.random.default_rng(0)  # not drawn from: strength 0 leaves nothing to chance
        rows = []
        with torch.inference_mode(), reduced():
            for sample in samples:
                image, label = placed(sample, size, rng, 0.0)
                picture = torch.from_numpy(image)[None, None].float() / 255
                found = net(picture.contiguous(memory_format=torch.channels_last)).argmax(1)[0].numpy()
                drawn = (1,) if (label == NOT_CAVITY).any() else (1, 2, 3)
                rows.append([dice(found == k, label == k) if k in drawn else np.nan for k in (1, 2, 3)])
        found_dice = np.array(rows)
        end_diastole = np.array([sample.phase == "ED" for sample in samples])
        out = {
            "lv_ed": float(found_dice[end_diastole, 0].mean()),
            "lv_es": float(found_dice[~end_diastole, 0].mean()),
            "myocardium": _mean(found_dice[:, 1]),
            "la": _mean(found_dice[:, 2]),
            "worst_lv": float(found_dice[:, 0].min()),
        }
        out["score"] = 2 * (out["lv_ed"] + out["lv_es"]) + out["myocardium"] + out["la"] + 0.1 * out["worst_lv"]
        return out

    return measure
