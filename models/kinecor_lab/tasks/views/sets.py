"""The sets that the view classifier learns from and is chosen by."""

from pathlib import Path

from kinecor_lab.datasets.samples import camus_png
from kinecor_lab.tasks.views.negatives import no_views, short_axis_mri
from kinecor_lab.tasks.views.samples import ViewSample, four_chamber, rendered
from kinecor_lab.tasks.views.two_chamber import two_chamber

# Pictures of no view for so many others.
_OTHERS_TO_NONE = 6


def learning(frames: Path, clips: int, seed: int, camus: Path | None, acdc: Path | None) -> list[ViewSample]:
    """Simulated frames, real four-chamber and made two-chamber frames, and pictures of no view.

    Args:
        frames: folder of the pack, see `rendered`.
        clips: simulated hearts.
        seed: of the draws.
        camus: folder of CAMUS frames, or None to learn from simulated ones alone.
        acdc: folder of ACDC slices, or None.

    Raises:
        DataSetError: a data set is missing or damaged.

    """
    found = rendered(frames, clips, seed)
    if camus is not None:
        found += four_chamber(camus, ["train"]) + two_chamber(camus_png(camus, ["train"]), seed)
    found += no_views(len(found) // _OTHERS_TO_NONE, seed, found)
    return found + (short_axis_mri(acdc, ["train"]) if acdc is not None else [])


def checking(frames: Path, clips: int, seed: int, camus: Path | None, acdc: Path | None) -> list[ViewSample]:
    """The like of `learning` from other hearts and patients; nothing made of real two-chamber look is in it."""
    found = rendered(frames, clips, seed)
    found += no_views(len(found) // _OTHERS_TO_NONE, seed, found)
    if camus is not None:
        found += four_chamber(camus, ["valid"])
    return found + (short_axis_mri(acdc, ["valid"]) if acdc is not None else [])
