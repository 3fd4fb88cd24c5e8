"""Quick measures while a network learns from clips: Dice and flicker on clips with known truth."""

from collections.abc import Callable, Sequence

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from kinecor_lab.common.metrics import dice
from kinecor_lab.common.precision import reduced
from kinecor_lab.datasets.clip import SequenceClip
from kinecor_lab.datasets.placing import IGNORE
from kinecor_lab.tasks.sequence.metrics import flicker
from kinecor_models.nets.sequence_net import SequenceNet
from kinecor_models.views.classes import APICAL

FLICKER_COUNTS = 10.0
"""A network's score falls by so much times the flicker it has beyond the truth's own: 0.001 counts as 0.01 of Dice."""


def _sized(frames: NDArray[np.uint8], side: int, how: int) -> NDArray[np.uint8]:
    return np.stack([cv2.resize(frame, (side, side), interpolation=how) for frame in frames]).astype(np.uint8)


def found_labels(net: SequenceNet, frames: NDArray[np.uint8], view: str) -> tuple[NDArray[np.uint8], str | None]:
    """(t, side, side) most probable classes of a clip, and the view it is taken for, None where that is not asked."""
    device = next(net.parameters()).device
    pictures = torch.from_numpy(frames).to(device)[None, :, None].float() / 255
    with torch.inference_mode(), reduced(device.type):
        scores, views, _ = net(pictures, torch.tensor([APICAL.index(view)], device=device))
    named = None if views is None else APICAL[int(views[0].float().mean(dim=0).argmax())]
    return scores[0].argmax(dim=1).cpu().numpy().astype(np.uint8), named


def measured_on(
    clips: Sequence[SequenceClip], side: int, frames: int = 24
) -> Callable[[SequenceNet], dict[str, float]]:
    """What measures a network on the first `frames` frames of clips.

    Its answer has mean Dice of the LV, myocardium and left atrium, "flicker" (mFIP) of network and truth, the share of
    views named rightly where it names them, and "score": the mean of the three Dice less what flicker costs.
    """
    looked = [
        (
            clip.view,
            _sized(clip.frames[:frames], side, cv2.INTER_AREA),
            _sized(clip.labels[:frames], side, cv2.INTER_NEAREST_EXACT),
        )
        for clip in clips
    ]

    def measure(net: SequenceNet) -> dict[str, float]:
        overlaps: dict[int, list[float]] = {1: [], 2: [], 3: []}
        jumps, true_jumps, named_rightly = [], [], []
        for view, pictures, labels in looked:
            found, named = found_labels(net, pictures, view)
            if named is not None:
                named_rightly.append(named == view)
            known = labels <= 3
            for value, some in overlaps.items():
                some += [
                    dice((one == value) & seen, label == value)
                    for one, label, seen in zip(found, labels, known, strict=True)
                    if (label == value).any() and seen.any()
                ]
            jumps.append(flicker(found))
            if not (labels == IGNORE).any():
                true_jumps.append(flicker(labels))
        out = {
            name: float(np.mean(overlaps[value])) if overlaps[value] else 0.0
            for name, value in (("lv", 1), ("myocardium", 2), ("la", 3))
        }
        score = float(np.mean(list(out.values())))
        out |= {"flicker": float(np.mean(jumps)), "true_flicker": float(np.mean(true_jumps)) if true_jumps else 0.0}
        if named_rightly:
            out["view"] = float(np.mean(named_rightly))
        return out | {"score": score - FLICKER_COUNTS * max(0.0, out["flicker"] - out["true_flicker"])}

    return measure
