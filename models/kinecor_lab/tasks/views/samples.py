"""What the view classifier learns from: simulated frames of every view, and real four-chamber ones."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from pathlib import Path

import numpy as np

from kinecor_lab.datasets.samples import Picture, camus_png
from kinecor_models.contract import ClipInput
from kinecor_models.localisation.framing import sector_box
from kinecor_models.views.classes import CLASSES
from kinecor_phantoms.echo.stream import view_frames

UNKNOWN = CLASSES.index("unknown")
# Clips rendered into one file of the pack, and the side of their pictures.
_CLIPS_A_FILE, _SIDE_PX = 100, 160


def class_of(view: str) -> int:
    """Which of CLASSES a simulated view is: the levels of the short axis are one class, "other" is unknown."""
    name = view.split(" ")[0]
    return CLASSES.index(name) if name in CLASSES else UNKNOWN


@dataclass(frozen=True, eq=False)
class ViewSample:
    """A picture and its class."""

    image: Picture
    view: int

    @cached_property
    def box(self) -> tuple[int, int, int, int]:
        """The ultrasound sector; the whole picture where none is found."""
        return sector_box(ClipInput(self.image[None]))


def rendered(folder: Path, clips: int, seed: int) -> list[ViewSample]:
    """Simulated frames, three a heart, those of a heart in a row; see `rendered_clips`."""
    return [ViewSample(frame, view) for frames, view in rendered_clips(folder, clips, seed) for frame in frames]


def rendered_clips(folder: Path, clips: int, seed: int) -> list[tuple[Picture, int]]:
    """Simulated hearts, three frames (3, side, side) each, and their class.

    Made once and kept in `folder`, where a stopped rendering goes on.

    Args:
        folder: holds views-SEED-NUMBER.npz.
        clips: hearts; a multiple of 100 is made.
        seed: of the first file.

    """
    folder.mkdir(parents=True, exist_ok=True)
    found: list[tuple[Picture, int]] = []
    for number in range(-(-clips // _CLIPS_A_FILE)):
        path = folder / f"views-{seed}-{number:03d}.npz"
        if not path.is_file():
            made = list(islice(view_frames(seed * 1000 + number, side_px=_SIDE_PX), _CLIPS_A_FILE))
            part = path.with_suffix(".part.npz")
            views = np.array([class_of(view) for _, view in made])
            np.savez_compressed(part, frames=np.stack([frames for frames, _ in made]), views=views)
            part.replace(path)
        with np.load(path) as held:
            found += [(frames, int(view)) for frames, view in zip(held["frames"], held["views"], strict=True)]
    return found


def four_chamber(folder: Path, splits: Sequence[str]) -> list[ViewSample]:
    """Real apical four-chamber frames; see camus_png."""
    return [ViewSample(sample.image, CLASSES.index("A4C")) for sample in camus_png(folder, splits)]
