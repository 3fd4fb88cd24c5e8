"""`kinecor.tensors`: clips as foundation models of others want them."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from kinecor.analysis.clips import ClipOptions, clips_of
from kinecor.analysis.foundation import CINEMA, card_named, cinema_input, echo_input, encoder
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
    return tuple(clip for recording in recordings if recording.measured for clip in clips_of(recording._core, options))


class Embedding(NamedTuple):
    """What a foundation model makes of a clip: float32 (n,)."""

    clip: Clip
    vector: NDArray[np.float32]


def model_input(
    source: Study | Recording | Iterable[Recording],
    model: Literal["echoprime", "panecho", "cinema"],
    *,
    frame: int = 0,
    deidentify: bool = True,
) -> Mapping[str, NDArray[np.float32]]:
    """What a foundation model takes, prepared as its authors do; the page "In Python" says what differs.

    Args:
        source: a study, a recording, or several.
        model: "echoprime" and "panecho" take echo loops, "cinema" a study of cine MRI.
        frame: of "cinema", the phase, from 0.
        deidentify: of echo loops, see `tensors`.

    Returns:
        float32 arrays by the name of the model's input: of "echoprime" "video" (n, 3, 16, 224, 224), of "panecho"
        "video" (n, 3, 16, 112, 112), a clip for each loop in order; of "cinema" "sax" (1, 192, 192, 16), "lax_2c",
        "lax_3c", "lax_4c" (1, 256, 256), as far as the study has them.

    Raises:
        Error: there is no such model, nothing here that it takes, or a loop without a sector.

    """
    recordings = [recording._core for recording in _several(source)]
    if model == CINEMA:
        return cinema_input(recordings, frame)
    return {"video": echo_input(recordings, model, deidentify=deidentify)[1]}


def embed(
    source: Study | Recording | Iterable[Recording],
    model: Literal["echoprime", "panecho"],
    weights: str | Path,
    *,
    device: Literal["cpu", "cuda"] = "cpu",
) -> tuple[Embedding, ...]:
    """Embeddings of echo loops by a foundation model, with weights that you bring; none ship with Kinecor.

    Args:
        source: a study, a recording, or several.
        model: "panecho" (768 numbers), or "echoprime" (512), which needs torchvision.
        weights: safetensors with the tensors of the published weights.
        device: where it runs.

    Raises:
        Error: there is no such model, nothing here that it takes, or the weights do not fit it.

    """
    card_named(model)
    network = encoder(model, Path(weights), device)
    clips, video = echo_input([recording._core for recording in _several(source)], model)
    return tuple(Embedding(clip, vector) for clip, vector in zip(clips, network(video), strict=True))


def _several(source: Study | Recording | Iterable[Recording]) -> list[Recording]:
    return [source] if isinstance(source, Recording) else [recording for recording in source if recording.measured]
