"""ED and ES of one heart as one input: pairs of frames, placed and augmented together, and what is learnt of them.

The network sees the frame that it contours and, in a second channel, the same heart at the other phase. It is run
twice, once for each phase. Frames between ED and ES have no labels in CAMUS' stills and are not part of its input;
where there is a loop, fusion along the motion (kinecor_models/contours/smoothing.py) brings them in.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
import torch
from numpy.random import Generator
from numpy.typing import NDArray
from torch import Tensor, nn

from kinecor_lab.common.metrics import dice
from kinecor_lab.common.pictures import varied
from kinecor_lab.common.precision import layout, reduced
from kinecor_lab.common.training import Batch, device_of
from kinecor_lab.datasets.placing import placement
from kinecor_lab.datasets.samples import Picture, Sample
from kinecor_models.contract import Tensors
from kinecor_models.nets.unet import UNet

CHANNELS = 2
"""The frame that is contoured, and the other phase."""
MISSING_SHARE = 0.1
"""Of rows of a batch, whose other phase is hidden: what a single frame shows is not forgotten."""
_SAME_SETTINGS_SHARE = 0.7
"""Of pairs, whose grey levels are augmented alike; shadows and clutter of the others differ from frame to frame."""
_MOVED_SHARE = 0.3
"""Of pairs, whose second frame is moved against the first, as stills from two beats are."""
_MOVED, _SCALED, _TURNED_DEG = 0.03, 0.03, 3.0
"""By how much at most: a share of the square's side, a share of the size, an angle."""


@dataclass(frozen=True, eq=False)
class FramePair:
    """ED and ES of one view of one patient.

    Attributes:
        ed: the frame at end-diastole.
        es: at end-systole; of the same shape.

    """

    ed: Sample
    es: Sample

    @property
    def together(self) -> Sample:
        """A frame with the sector and the cavities of both, which says where the two may be placed."""
        cavity = (self.ed.label == 1) | (self.es.label == 1)
        label = np.where(cavity, np.uint8(1), self.ed.label)
        return replace(self.ed, image=np.maximum(self.ed.image, self.es.image), label=label)


def frame_pairs(samples: Sequence[Sample]) -> list[FramePair]:
    """ED and ES of each patient's view; frames whose other phase is missing or of another shape are left out."""
    views: dict[tuple[str, str], dict[str, Sample]] = {}
    for sample in samples:
        views.setdefault((sample.patient, sample.view), {})[sample.phase] = sample
    both = [FramePair(phases["ED"], phases["ES"]) for phases in views.values() if set(phases) == {"ED", "ES"}]
    return [pair for pair in both if pair.ed.image.shape == pair.es.image.shape]


def prepared_pair(pair: FramePair, size: int, rng: Generator, strength: float) -> tuple[Picture, Picture]:
    """Images and labels (2, size, size) uint8, ED first, placed alike and augmented.

    Args:
        pair: see FramePair.
        size: side of the square in pixels.
        rng: source of chance.
        strength: 0 centres both as inference does; up to 1 for the full range.

    """
    place = placement(pair.together, size, rng, strength)
    images, labels = zip(*(place.applied(sample.image, sample.label) for sample in (pair.ed, pair.es)), strict=True)
    seeds = rng.integers(0, 2**32, 2)
    if rng.random() < _SAME_SETTINGS_SHARE:
        seeds[1] = seeds[0]
    augmented = [
        varied(image, np.random.default_rng(seed), strength) for image, seed in zip(images, seeds, strict=True)
    ]
    second = augmented[1], labels[1]
    if rng.random() < _MOVED_SHARE * strength:
        second = _moved(*second, rng)
    return np.stack([augmented[0], second[0]]), np.stack([labels[0], second[1]])


def _moved(image: Picture, label: Picture, rng: Generator) -> tuple[Picture, Picture]:
    side = image.shape[0]
    centre = (side - 1) / 2
    angle_deg, scale = float(rng.uniform(-_TURNED_DEG, _TURNED_DEG)), float(1 + rng.uniform(-_SCALED, _SCALED))
    affine = np.asarray(cv2.getRotationMatrix2D((centre, centre), angle_deg, scale), np.float64)
    affine[:, 2] += rng.uniform(-_MOVED, _MOVED, 2) * side
    moved_image = cv2.warpAffine(image, affine, (side, side), flags=cv2.INTER_LINEAR)
    moved_label = cv2.warpAffine(label, affine, (side, side), flags=cv2.INTER_NEAREST)
    return np.asarray(moved_image, np.uint8), np.asarray(moved_label, np.uint8)


def both_ways(images: Tensor) -> Tensor:
    """(2 n, 2, h, w) network inputs from (n, 2, h, w) pairs: each frame with the other phase, ED and ES in turn."""
    return torch.stack([images, images.flip(1)], dim=1).flatten(0, 1)


def pair_loss(
    loss_of: Callable[[Tensor, Tensor], Tensor], missing_share: float = MISSING_SHARE
) -> Callable[[nn.Module, Batch, int], Tensor]:
    """The loss of a network from a batch of pairs and the step; see Job.loss.

    Args:
        loss_of: of scores (2 n, classes, h, w) and labels (2 n, h, w); rows 2 k and 2 k + 1 are ED and ES of a heart.
        missing_share: see MISSING_SHARE.

    """

    def loss(net: nn.Module, batch: Batch, step: int) -> Tensor:
        images, labels = batch
        device = images.device.type
        rows = both_ways(images).float() / 255
        # Drawn by the step, so that a resumed run hides the same.
        hidden = np.random.default_rng((step, CHANNELS)).random(len(rows)) < missing_share
        rows[torch.from_numpy(np.flatnonzero(hidden)).to(images.device), 1] = 0
        with reduced(device):
            scores = net(rows.contiguous(memory_format=layout(device)))
        return loss_of(scores.float(), labels.flatten(0, 1).long())

    return loss


@torch.no_grad()
def start_from(net: UNet, weights: Tensors) -> None:
    """Takes over a network of pairs, or one of single frames, whose answers it then gives: the other phase counts 0.

    Raises:
        ValueError: the weights are of neither.

    """
    first = "down.0.0.weight"
    state = net.state_dict()
    unknown = [name for name in weights if name not in state]
    if unknown or weights[first].shape[1] not in (1, CHANNELS):
        raise ValueError(f"expected a network of single apical frames or of pairs, got {unknown[:3] or first}")
    for name, value in weights.items():
        new = torch.from_numpy(value)
        if name == first and new.shape[1] == 1:
            new = torch.cat([new, torch.zeros_like(new)], dim=1)
        if new.shape != state[name].shape:
            raise ValueError(f"{name}: expected {tuple(state[name].shape)}, got {tuple(new.shape)}")
        state[name].copy_(new)


_PHASES = ("ed", "es")


def pair_dice_on(pairs: Sequence[FramePair]) -> Callable[[nn.Module, int], dict[str, float]]:
    """A function that measures a network on pairs, placed without augmentation on squares of a size in pixels.

    It gives the mean Dice of the LV per phase ("lv_ed", "lv_es") and view, of myocardium and atrium, the worst LV,
    "change_sd" and "change_bias": SD and mean of the error of the cavity's fractional area change in points, and
    "score": LV at both phases counts double, the worst LV a tenth, a point of "change_sd" 0.02.
    """

    def measure(net: nn.Module, size: int) -> dict[str, float]:
        rng, device = np.random.default_rng(0), device_of(net)  # strength 0 draws nothing that changes images
        rows: list[list[float]] = []
        views: list[str] = []
        changes: list[float] = []
        with torch.inference_mode(), reduced(device.type):
            for pair in pairs:
                images, labels = prepared_pair(pair, size, rng, 0.0)
                inputs = both_ways(torch.from_numpy(images)[None].to(device)).float() / 255
                found = net(inputs.contiguous(memory_format=layout(device.type))).argmax(1).cpu().numpy()
                for drawn, true in zip(found, labels, strict=True):
                    rows.append([dice(drawn == k, true == k) for k in (1, 2, 3)])
                    views.append(pair.ed.view)
                changes.append(_area_change(found) - _area_change(labels))
        values = np.array(rows)
        out = {f"lv_{name}": float(values[index::2, 0].mean()) for index, name in enumerate(_PHASES)}
        out |= _by_view(values[:, 0], views)
        out |= {
            "myocardium": float(np.nanmean(values[:, 1])),
            "la": float(np.nanmean(values[:, 2])),
            "worst_lv": float(values[:, 0].min()),
            "change_sd": float(np.std(changes)),
            "change_bias": float(np.mean(changes)),
        }
        out["score"] = 2 * (out["lv_ed"] + out["lv_es"]) + out["myocardium"] + out["la"] + 0.1 * out["worst_lv"]
        out["score"] -= 0.02 * out["change_sd"]
        return out

    return measure


def _area_change(labels: NDArray[np.integer]) -> float:
    """Fractional area change of the cavity in points, of labels (2, h, w) at ED and ES."""
    ed, es = ((frame == 1).sum() for frame in labels)
    return float(100 * (1 - es / max(ed, 1)))


def _by_view(lv: NDArray[np.float64], views: Sequence[str]) -> Mapping[str, float]:
    names = np.array(views)
    return {
        f"lv_{phase}_{view}": float(lv[index::2][names[index::2] == view].mean())
        for view in sorted(set(views))
        for index, phase in enumerate(_PHASES)
    }
