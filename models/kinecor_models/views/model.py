"""The model that names the view of an echo clip, or says that it cannot."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kinecor_models.contract import ClipInput, ModelCard, Tick, fit_grid, load_card, load_weights
from kinecor_models.engines.engine import Device, ViewEngine
from kinecor_models.engines.opening import open_view_engine
from kinecor_models.localisation.framing import grey, is_colour_doppler, sector_box
from kinecor_models.views.classes import CLASSES

UNKNOWN = "unknown"
DEFAULT_VIEWS = "views"
LOOKED_AT = 16
"""Frames used, spread over the clip."""
AT_ONCE = 4
"""Frames between two calls of `tick`."""

APICAL = ("A4C", "A2C", "A3C")
"""Classes seen from the apex, with the left ventricle along its whole length."""

# Scores are divided by this before softmax, so that confidences are calibrated; by `kinecor evaluate views
# --choose` on 100 simulated hearts and 35 patients in two views that were not trained on.
TEMPERATURE = 0.75
# Below this confidence no view is named: of 100 simulated hearts and 35 patients in two views that were not trained on
# 2 of 160 clips with a view are then named wrongly, 12 are not named.
VIEW_NAMED_FROM = 0.65
# A clip that is apical with this probability counts as apical even where the apical view is uncertain.
SURELY_APICAL = 0.9

COLOUR_DOPPLER = "colour Doppler covers the image"
NO_VIEW = "no known view of the heart is recognised"
UNSURE = "the view is not recognised ({label} at best, {confidence:.2f})"


@dataclass(frozen=True, eq=False)
class ViewOutput:
    """The view a model recognises.

    Attributes:
        label: one of CLASSES; "unknown" where the clip is refused.
        confidence: 0..1, the probability that `label` is right; for "unknown", that `nearest` is wrong (1 under colour
            Doppler).
        nearest: the likeliest view, refused or not.
        probabilities: (classes,) in the order of CLASSES, pooled over the frames used.
        by_frame: (frames used, classes), each frame by itself.
        frames: numbers of the frames used.
        why: the reason why the clip is refused, or None.

    """

    label: str
    confidence: float
    nearest: str
    probabilities: NDArray[np.float32]
    by_frame: NDArray[np.float32]
    frames: tuple[int, ...]
    why: str | None

    @property
    def apical(self) -> bool:
        """Whether it is an apical view by name or by the summed apical probabilities; never under colour Doppler."""
        if self.why == COLOUR_DOPPLER:
            return False
        together = sum(self.probabilities[CLASSES.index(name)] for name in APICAL)
        return self.label in APICAL or bool(together >= SURELY_APICAL)


def softmax(scores: NDArray[np.float32], temperature: float = 1.0) -> NDArray[np.float32]:
    """Probabilities along the last axis.

    Args:
        scores: (..., classes).
        temperature: over 0; with more, probabilities are more alike.

    """
    raised = np.exp((scores - scores.max(axis=-1, keepdims=True)) / temperature)
    return np.asarray(raised / raised.sum(axis=-1, keepdims=True), np.float32)


def pool_scores(scores: NDArray[np.float32], temperature: float = TEMPERATURE) -> NDArray[np.float32]:
    """(classes,) probabilities of a clip by the (frames, classes) scores of its frames: their mean, then softmax.

    Args:
        scores: of the frames of one clip.
        temperature: see `softmax`.

    """
    return softmax(scores.mean(axis=0), temperature)


def looked_at(frames: int, most: int = LOOKED_AT) -> tuple[int, ...]:
    """Up to `most` frame numbers, spread evenly over a clip.

    Args:
        frames: of the clip.
        most: numbers at most.

    """
    return tuple(int(i) for i in np.unique(np.linspace(0, frames - 1, min(most, frames)).round()))


class ViewModel:
    """Classifies some frames by the network of Østvik 2018 (section 2.1), each as it is and mirrored, and pools them.

    Args:
        card: names the weights.
        engine: runs the network.

    """

    def __init__(self, card: ModelCard, engine: ViewEngine) -> None:
        self._card, self._engine = card, engine

    @property
    def card(self) -> ModelCard:
        """What the model is."""
        return self._card

    def scores(self, clip: ClipInput, tick: Tick) -> tuple[tuple[int, ...], NDArray[np.float32]]:
        """Numbers of the frames used, and their (frames, classes) scores; `tick` is called between frames.

        Args:
            clip: an echo loop.
            tick: called with (frames done, frames).

        """
        chosen = looked_at(len(clip.frames))
        grid = fit_grid(sector_box(clip), self._card.size, clip.aspect)
        found: list[NDArray[np.float32]] = []
        tick(0, len(chosen))
        for start in range(0, len(chosen), AT_ONCE):
            group = chosen[start : start + AT_ONCE]
            squares = np.stack([grid.sampled(grey(clip.frames[frame])) for frame in group])
            both = self._engine(np.concatenate([squares, squares[:, :, ::-1]]))
            found.append(np.asarray((both[: len(group)] + both[len(group) :]) / 2, np.float32))
            tick(start + len(group), len(chosen))
        return chosen, np.concatenate(found)

    def __call__(self, clip: ClipInput, tick: Tick) -> ViewOutput:
        """The view of a clip of one or more frames.

        A clip is refused (label "unknown") under colour Doppler, where no view is likely, and where none is likely
        enough.
        """
        chosen, scores = self.scores(clip, tick)
        likely = pool_scores(scores)
        why = COLOUR_DOPPLER if is_colour_doppler(clip) else None
        return decide_view(likely, softmax(scores, TEMPERATURE), chosen, why)


def decide_view(
    likely: NDArray[np.float32],
    by_frame: NDArray[np.float32],
    frames: tuple[int, ...],
    why: str | None = None,
    least: float = VIEW_NAMED_FROM,
) -> ViewOutput:
    """The answer that (classes,) probabilities give; `why` where the clip is refused anyway, `least` confidence.

    Args:
        likely: of CLASSES, in order.
        by_frame: (frames, classes) probabilities.
        frames: their numbers, from 0.
        why: the reason of the refusal; None without one.
        least: below it the view is not named, 0 to 1.

    """
    known = likely[: CLASSES.index(UNKNOWN)]
    best = int(known.argmax())
    nearest, sure = CLASSES[best], float(known[best])
    if why is not None:
        return ViewOutput(UNKNOWN, 1.0, nearest, likely, by_frame, frames, why)
    if likely.argmax() != best:
        why = NO_VIEW
    elif sure < least:
        why = UNSURE.format(label=nearest, confidence=sure)
    label, confidence = (nearest, sure) if why is None else (UNKNOWN, 1 - sure)
    return ViewOutput(label, confidence, nearest, likely, by_frame, frames, why)


def open_views(name: str = DEFAULT_VIEWS, device: Device = "auto") -> ViewModel:
    """The model `name`, with the weights its card pins, ready to run.

    Args:
        name: of the card.
        device: "auto", "cpu" or "cuda".

    Raises:
        WeightsError: the weights are missing or not those of the card.
        DeviceError: the device is not there.

    """
    card = load_card(name)
    return ViewModel(card, open_view_engine(load_weights(card), card.size, device))
