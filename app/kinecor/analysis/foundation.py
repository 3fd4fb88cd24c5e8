"""Recordings as foundation models of others take them, by their cards; and their encoders with a user's weights."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from kinecor.analysis.clips import ClipOptions, clips_of
from kinecor.core.values.clip import Clip
from kinecor.core.values.errors import KinecorError
from kinecor.core.values.message import joined_by, message, verbatim
from kinecor.core.values.recording import CineSequence, Recording, Stack
from kinecor_models.contract import WeightsError
from kinecor_models.foundation.cards import FoundationCard, foundation_cards

if TYPE_CHECKING:
    from kinecor_models.foundation.encoders import Encoder

CINEMA: Final = "cinema"
_STACK_SHAPE, _PLANE_SHAPE = (192, 192, 16), (256, 256)
_PLANES: Final = {"A2C": "lax_2c", "A3C": "lax_3c", "A4C": "lax_4c"}
_STEP_MM = 1.0


def card_named(name: str) -> FoundationCard:
    """The card of a foundation model.

    Raises:
        KinecorError: there is none of that name.

    """
    cards = foundation_cards()
    if name not in cards:
        raise KinecorError(
            message(
                "model: expected one of {names}, got {given}", names=joined_by(", ", [*cards]), given=verbatim(name)
            )
        )
    return cards[name]


def echo_input(
    recordings: Sequence[Recording], name: str, *, deidentify: bool = True
) -> tuple[tuple[Clip, ...], NDArray[np.float32]]:
    """Echo loops as a model takes them.

    Args:
        recordings: others than loops of ultrasound are passed over.
        name: of a model that takes echo loops.
        deidentify: see ClipOptions.

    Returns:
        The clips, and float32 (n, channels, frames, size, size) in the same order.

    Raises:
        KinecorError: there is no such model, there is no loop, or one cannot be made a clip.

    """
    card = card_named(name)
    options = ClipOptions(
        size=card.size, colour="rgb", fit=card.fit, zoom=card.zoom, deidentify=deidentify, mask_sector=True
    )
    loops = [
        recording
        for recording in recordings
        if isinstance(recording, CineSequence) and recording.source.modality in ("US", "")
    ]
    clips = tuple(clip for loop in loops if len(loop) > 1 for clip in clips_of(loop, options))
    if not clips:
        raise KinecorError(message("{model} takes loops of ultrasound, there is none here", model=verbatim(card.title)))
    arrays = [clip.normalised(card.mean, card.std, frames=card.frames, stride=card.stride) for clip in clips]
    return clips, np.stack(arrays)


def cinema_input(recordings: Sequence[Recording], frame: int = 0) -> Mapping[str, NDArray[np.float32]]:
    """A study of cine MRI as CineMA takes it, at one phase.

    Args:
        recordings: of one study; the first stack and the first long axis of each view are taken.
        frame: the phase, from 0.

    Returns:
        "sax" (1, 192, 192, 16) and "lax_2c", "lax_3c", "lax_4c" (1, 256, 256), as far as there are such: axes x, y and
        slice, at 1 mm, 0 to 1, filled up with zeros at the end; what is larger is cut about its middle.

    Raises:
        KinecorError: no stack and no long axis has a scale, or there is no such phase.

    """
    found: dict[str, NDArray[np.float32]] = {}
    for recording in recordings:
        name = (
            "sax"
            if isinstance(recording, Stack)
            else _PLANES.get(recording.view or "")
            if recording.source.modality == "MR"
            else None
        )
        if name is None or name in found or any(cine.calibration is None for cine in recording.cines):
            continue
        if not 0 <= frame < len(recording.times_s):
            raise KinecorError(
                message("phase: expected 0 to {last}, got {given}", last=len(recording.times_s) - 1, given=frame)
            )
        planes = [_at_one_mm(cine, frame) for cine in recording.cines]
        if name == "sax":
            found[name] = _fitted(np.stack(planes, axis=-1), _STACK_SHAPE)[None]
        else:
            found[name] = _fitted(planes[0], _PLANE_SHAPE)[None]
    if not found:
        raise KinecorError(message("CineMA takes cine MRI with a scale: a stack or long axes; there is none here"))
    return found


def _at_one_mm(cine: CineSequence, frame: int) -> NDArray[np.float32]:
    """(x, y) of one frame, resampled."""
    scale = cine.calibration
    assert scale is not None
    image = cine.frames[frame].astype(np.float32)
    size = (
        max(1, round(image.shape[1] * scale.col_mm / _STEP_MM)),
        max(1, round(image.shape[0] * scale.row_mm / _STEP_MM)),
    )
    shrinks = size[0] < image.shape[1]
    resized = cv2.resize(image, size, interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR)
    return np.asarray(resized, np.float32).T


def _fitted(image: NDArray[np.float32], shape: tuple[int, ...]) -> NDArray[np.float32]:
    """Cut about the middle, scaled to 0..1, and filled up at the end."""
    starts = [max(0, (have - want) // 2) for have, want in zip(image.shape, shape, strict=True)]
    cut = image[tuple(slice(start, start + want) for start, want in zip(starts, shape, strict=True))]
    low, high = float(cut.min()), float(cut.max())
    scaled = (cut - low) / (high - low) if high > low else np.zeros_like(cut)
    return np.pad(scaled, [(0, want - have) for have, want in zip(cut.shape, shape, strict=True)])


def encoder(name: str, weights: Path, device: str = "cpu") -> "Encoder":
    """A foundation model with the user's weights.

    Raises:
        KinecorError: there is no such encoder, or the weights are none of it.

    """
    card_named(name)
    from kinecor_models.foundation.encoders import open_encoder

    try:
        return open_encoder(name, weights, device)
    except WeightsError as error:
        raise KinecorError(verbatim(str(error))) from error
