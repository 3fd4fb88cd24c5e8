"""Labelled clips: what networks that remember learn from, and how they are saved on disk."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Literal, get_args

import cv2
import numpy as np
from numpy.typing import NDArray

from kinecor_lab.datasets.placing import IGNORE
from kinecor_lab.datasets.samples import DataSetError
from kinecor_models.contract import Grid
from kinecor_models.views.classes import APICAL

Frames = NDArray[np.uint8]

NOT_CAVITY = 254
"""Label of pixels that an expert who drew nothing but the LV cavity left outside."""
Annotations = Literal["every", "interpolated", "seven", "edes"]
ANNOTATIONS: tuple[Annotations, ...] = get_args(Annotations)
"""Whose labels are used: all; all, interpolated from Smistad's seven frames (ED, two of systole, ES, two of diastole,
ED); these seven; ED and ES."""


def seven(events: Iterable[int], there: Iterable[int]) -> list[int]:
    """ED and ES frames, and two between each and the next, evenly (Smistad, section II-A); of the frames `there`."""
    marks = sorted(events)
    chosen = {*marks, *(round(a + (b - a) * share) for a, b in pairwise(marks) for share in (1 / 3, 2 / 3))}
    return sorted(chosen & set(there))


@dataclass(frozen=True, eq=False)
class SequenceClip:
    """A clip of one apical view, as the network sees it.

    Attributes:
        name: patient and number; sets are split by what stands before the first "/".
        source: e.g. "warped" or "simulated".
        view: of APICAL.
        frames: (t, side, side) uint8 grey.
        labels: (t, side, side) uint8: 0 background, 1 LV cavity, 2 LV myocardium, 3 left atrium, NOT_CAVITY, or IGNORE
            where the truth is not known.
        times_s: (t,) increasing.
        ed, es: frames of end-diastole and end-systole, in order.
        mm_per_px: side of a pixel, NaN where it is not known.

    Raises:
        ValueError: shapes differ, the view is unknown, or an event is outside the clip.

    """

    name: str
    source: str
    view: str
    frames: Frames
    labels: Frames
    times_s: NDArray[np.float64]
    ed: tuple[int, ...]
    es: tuple[int, ...]
    mm_per_px: float

    def __post_init__(self) -> None:
        if self.frames.ndim != 3 or self.frames.shape != self.labels.shape or len(self.frames) != len(self.times_s):
            raise ValueError(
                f"{self.name}: expected (t, side, side) frames, labels alike and as many times, got "
                f"{self.frames.shape}, {self.labels.shape} and {len(self.times_s)}"
            )
        if self.view not in APICAL:
            raise ValueError(f"{self.name}: expected a view of {', '.join(APICAL)}, got {self.view}")
        if any(not 0 <= frame < len(self.frames) for frame in (*self.ed, *self.es)):
            raise ValueError(f"{self.name}: ED {self.ed} and ES {self.es} must lie in {len(self.frames)} frames")

    @property
    def patient(self) -> str:
        """Whose heart it is."""
        return self.name.partition("/")[0]

    @property
    def labelled(self) -> NDArray[np.bool_]:
        """(t,) frames that have a label."""
        return np.asarray((self.labels != IGNORE).any(axis=(1, 2)), np.bool_)

    def annotated(self, which: Annotations = "every") -> list[int]:
        """Labelled frames of a choice of ANNOTATIONS, in order."""
        there = set(np.flatnonzero(self.labelled).tolist())
        if which in ("every", "interpolated"):
            return sorted(there)
        events = {*self.ed, *self.es}
        return seven(events, there) if which == "seven" else sorted(events & there)


def write_clips(file: Path, clips: Sequence[SequenceClip]) -> None:
    """Saves clips of one image size to a file (.npz), whole or not at all."""
    file.parent.mkdir(parents=True, exist_ok=True)
    part = file.with_suffix(".part")
    with part.open("wb") as out:
        np.savez_compressed(
            out,
            text=np.array([(clip.name, clip.source, clip.view) for clip in clips]),
            mm_per_px=np.array([clip.mm_per_px for clip in clips]),
            count=np.array([len(clip.frames) for clip in clips]),
            frames=np.concatenate([clip.frames for clip in clips]),
            labels=np.concatenate([clip.labels for clip in clips]),
            times_s=np.concatenate([clip.times_s for clip in clips]),
            # ED as 1, ES as 2, a frame that is both as 3.
            events=np.concatenate([_marks(clip) for clip in clips]),
        )
    part.replace(file)


def _marks(clip: SequenceClip) -> NDArray[np.uint8]:
    marks = np.zeros(len(clip.frames), np.uint8)
    marks[list(clip.ed)] |= 1
    marks[list(clip.es)] |= 2
    return marks


def read_clips(files: Sequence[Path]) -> list[SequenceClip]:
    """The clips of some files.

    Raises:
        DataSetError: a file is missing or holds something else.

    """
    clips: list[SequenceClip] = []
    for file in files:
        if not file.is_file():
            raise DataSetError(
                f"expected a file of clips at {file}, found none; make it with kinecor train lv-sequence"
            )
        try:
            with np.load(file, allow_pickle=False) as held:
                clips += _unpacked({name: held[name] for name in held.files})
        except (KeyError, ValueError, OSError) as wrong:
            raise DataSetError(f"expected clips with their labels in {file}: {wrong}; make the file anew") from wrong
    return clips


def _unpacked(held: dict[str, NDArray[np.generic]]) -> list[SequenceClip]:
    ends = np.cumsum(held["count"].astype(np.int64))
    clips = []
    for number, (name, source, view) in enumerate(held["text"].tolist()):
        frames = slice(int(ends[number]) - int(held["count"][number]), int(ends[number]))
        marks = held["events"][frames].astype(np.uint8)
        clips.append(
            SequenceClip(
                name,
                source,
                view,
                held["frames"][frames].astype(np.uint8, copy=False),
                held["labels"][frames].astype(np.uint8, copy=False),
                held["times_s"][frames].astype(np.float64),
                tuple(np.flatnonzero(marks & 1).tolist()),
                tuple(np.flatnonzero(marks & 2).tolist()),
                float(held["mm_per_px"][number]),
            )
        )
    return clips


Labels = NDArray[np.uint8]

# Pixels in the heart that are in neither structure and this close to the atrium are atrium: the valve moves further
# than distances to a flat chamber's edge can show, and no gap opens there.
_NEAR_PX = 8.0


def _depth(mask: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Signed distance to a region's edge in pixels, positive inside; far outside everywhere where it is empty."""
    if not mask.any():
        return np.full(mask.shape, -float(sum(mask.shape)), np.float32)
    inside, outside = (cv2.distanceTransform(image.astype(np.uint8), cv2.DIST_L2, 5) for image in (mask, ~mask))
    return np.asarray(inside - outside, np.float32)


def between(first: Labels, second: Labels, share: float) -> Labels:
    """(rows, columns) labels `share` (0..1) of the way from one to the other.

    Pixels whose truth is not known in either stay so.

    Args:
        first: (rows, columns) classes; NOT_CAVITY where only the cavity is known.
        second: (rows, columns) likewise.
        share: 0 (the first) to 1 (the second).

    """

    def depth(*values: int) -> NDArray[np.float32]:
        ends = [_depth(np.isin(label, values)) for label in (first, second)]
        return np.asarray((1 - share) * ends[0] + share * ends[1], np.float32)

    if (first == NOT_CAVITY).any() or (second == NOT_CAVITY).any():
        out = np.where(depth(1) > 0, 1, NOT_CAVITY).astype(np.uint8)
    else:
        atrium = depth(3)
        out = np.where((atrium > 0) | ((depth(1, 2, 3) > 0) & (atrium > -_NEAR_PX)), 3, 0).astype(np.uint8)
        out[depth(1, 2) > 0] = 2
        out[depth(1) > 0] = 1
    out[(first == IGNORE) | (second == IGNORE)] = IGNORE
    return out


def interpolated(annotated: Mapping[int, Labels], times_s: NDArray[np.float64]) -> Labels:
    """(t, rows, columns) labels of all frames; IGNORE before the first and after the last annotated one.

    Args:
        annotated: labels (rows, columns) by frame, at least one.
        times_s: (t,) of all frames.

    """
    frames = sorted(annotated)
    out = np.full((len(times_s), *annotated[frames[0]].shape), IGNORE, np.uint8)
    for first, last in pairwise(frames):
        for frame in range(first + 1, last):
            share = float((times_s[frame] - times_s[first]) / (times_s[last] - times_s[first]))
            out[frame] = between(annotated[first], annotated[last], share)
    for frame in frames:
        out[frame] = annotated[frame]
    return out


def as_if_drawn(clip: SequenceClip) -> SequenceClip:
    """A clip labelled as in Smistad: seven frames as they are, those between interpolated, the others unlabelled.

    The labels of a clip without any of the seven do not change.
    """
    drawn = clip.annotated("seven")
    if not drawn:
        return clip
    return replace(clip, labels=interpolated({frame: clip.labels[frame] for frame in drawn}, clip.times_s))


def on_grid(labels: NDArray[np.uint8], grid: Grid) -> NDArray[np.uint8]:
    """(t, size, size) labels of a grid's pixels from (t, rows, columns) of the image; beyond it background.

    Args:
        labels: (t, rows, columns) classes.
        grid: the square of pixels that a network sees, placed in the image.

    """
    (x, y), (across, down) = grid.to_image(np.zeros((1, 2)))[0], grid.step_px
    matrix = np.array([[across, 0, x], [0, down, y]])
    how = cv2.INTER_NEAREST | cv2.WARP_INVERSE_MAP
    placed = [cv2.warpAffine(label, matrix, (grid.size, grid.size), flags=how) for label in labels]
    return np.stack(placed).astype(np.uint8)
