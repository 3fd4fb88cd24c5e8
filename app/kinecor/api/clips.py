"""`kinecor.tensors`: clips as foundation models of others want them."""

from collections.abc import Iterable
from typing import Literal

from kinecor.analysis.clips import ClipOptions, clips_of
from kinecor.api.opened import Recording, Study
from kinecor.core.values.clip import Clip


def tensors(
    source: Study | Recording | Iterable[Recording],
    *,
    size: int = 224,
    fps: float | None = None,
    frames: int | None = None,
    mask_sector: bool = True,
    deidentify: bool = True,
    colour: Literal["grey", "rgb"] = "grey",
    fit: Literal["whole", "centre"] = "whole",
    zoom: float = 0.0,
) -> tuple[Clip, ...]:
    """Clips of one size and rate, of each loop and of each slice of a stack, with the way back to the pixels.

    Series that are never measured (Doppler, maps, documents) are left out. Names, dates and identifiers are in no clip;
    with `deidentify` the images hold no text that was found, either: see the page on anonymising for what that means.

    Args:
        source: a study, a recording, or several.
        size: side of a frame in pixels, 16 to 1024.
        fps: frames a second, 1 to 200: of each moment the nearest frame; None keeps the recording's own.
        frames: as many as are kept, from the first on; None keeps all.
        mask_sector: of ultrasound, all outside the sector is black.
        deidentify: text in the sector is black as well, and a digest of the pixels takes the place of the identifier.
        colour: "grey", or "rgb" with three channels.
        fit: "whole" shows the whole sector (or image), in its true proportions, with black around; "centre" the largest
            square in the middle of the image.
        zoom: share of that square that is cut off at each edge, 0 to below 0.5.

    Raises:
        Error: a number out of range; a frame cannot be decoded; no sector is found in an ultrasound recording.

    """
    options = ClipOptions(size, fps, frames, mask_sector, deidentify, colour, fit, zoom)
    recordings = [source] if isinstance(source, Recording) else list(source)
    return tuple(clip for one in recordings if one.measured for clip in clips_of(one._core, options))
