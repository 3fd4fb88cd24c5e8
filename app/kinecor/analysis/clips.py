"""Clips for networks of others, made from recordings: masked, resampled in space and time, de-identified.

The sector is found as for de-identified copies (`io/write/burned_in`): where nothing shows which part is tissue, no
clip is made, since nothing shows that the rest is clean.
"""

import hashlib
from dataclasses import dataclass
from typing import Final, Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from kinecor.core.values.clip import Clip
from kinecor.core.values.errors import KinecorError, Tick, no_tick
from kinecor.core.values.geometry import BytesArray, FloatArray
from kinecor.core.values.message import message, verbatim
from kinecor.core.values.reading import first_reading_of
from kinecor.core.values.recording import CineSequence, Recording, Stack
from kinecor.io.write.burned_in import examined_in
from kinecor_models.contract import Grid, fit_grid

SIZES: Final = (16, 1024)
RATES_PER_S: Final = (1.0, 200.0)


@dataclass(frozen=True, slots=True)
class ClipOptions:
    """How clips are made.

    Attributes:
        size: side of a frame in pixels, 16 to 1024.
        fps: frames a second, 1 to 200: of each moment the nearest frame; None keeps the recording's own.
        frames: as many as are kept, from the first on; None keeps all.
        mask_sector: of ultrasound, all outside the sector is black.
        deidentify: text in the sector is black, too, and nothing names the patient.
        colour: "grey", or "rgb" with three channels.
        fit: "whole" shows the whole sector (or image), in its true proportions, with black around; "centre" the largest
            square in the middle of the image.
        zoom: share of that square that is cut off at each edge, 0 to below 0.5.

    Raises:
        KinecorError: a number out of range.

    """

    size: int = 224
    fps: float | None = None
    frames: int | None = None
    mask_sector: bool = True
    deidentify: bool = True
    colour: Literal["grey", "rgb"] = "grey"
    fit: Literal["whole", "centre"] = "whole"
    zoom: float = 0.0

    def __post_init__(self) -> None:
        rate = RATES_PER_S[0] if self.fps is None else self.fps
        count = 1 if self.frames is None else self.frames
        for name, value, low, high in (
            ("size", self.size, *SIZES),
            ("fps", rate, *RATES_PER_S),
            ("frames", count, 1, 100_000),
            ("zoom", self.zoom, 0.0, 0.49),
        ):
            if not low <= value <= high:
                raise KinecorError(
                    message(
                        "{name}: expected {low:g} to {high:g}, got {value:g}",
                        name=verbatim(name),
                        low=low,
                        high=high,
                        value=value,
                    )
                )
        for name, given, choices in (("colour", self.colour, ("grey", "rgb")), ("fit", self.fit, ("whole", "centre"))):
            if given not in choices:
                raise KinecorError(
                    message(
                        "{name}: expected {first} or {second}, got {given}",
                        name=verbatim(name),
                        first=verbatim(choices[0]),
                        second=verbatim(choices[1]),
                        given=verbatim(given),
                    )
                )


def clips_of(recording: Recording, options: ClipOptions, tick: Tick = no_tick) -> tuple[Clip, ...]:
    """The clip of a loop, or one of each slice of a stack.

    Args:
        recording: as opened.
        options: see ClipOptions.
        tick: called after each slice; raises Cancelled to end the work.

    Raises:
        KinecorError: a frame cannot be decoded, or no sector is found where one is to be masked.
        Cancelled: by `tick`.

    """
    view = first_reading_of(recording).view
    label, stack = view.label if view else "", isinstance(recording, Stack)
    made = []
    for number, cine in enumerate(recording.cines):
        made.append(_clip(cine, options, recording.source.recording_id, label, number if stack else None))
        tick(number + 1, len(recording.cines))
    return tuple(made)


def _clip(cine: CineSequence, options: ClipOptions, name: str, view: str, number: int | None) -> Clip:
    pixels = np.stack([cine.frames[frame] for frame in range(len(cine))])
    sector, hidden = _seen(cine, pixels, options)
    aspect = cine.calibration.row_mm / cine.calibration.col_mm if cine.calibration else 1.0
    grid = fit_grid(_box(pixels.shape[1], pixels.shape[2], aspect, sector, options), options.size, aspect)
    chosen = _chosen(cine.times_s, options)
    frames = []
    for frame in chosen:
        image = _in_colour(pixels[frame], options.colour)
        if hidden is not None:
            image = image.copy()
            image[hidden] = 0
        frames.append(_sampled(grid, image))
    step_x, step_y = grid.step_px
    offset = grid.to_image(np.zeros((1, 2)))[0]
    scale = cine.calibration
    identity = hashlib.sha256(pixels.tobytes()).hexdigest()[:16]
    return Clip(
        name=f"clip-{identity}" if options.deidentify else name,
        view=view,
        slice=number,
        pixels=np.stack(frames),
        times_s=_times_s(cine.times_s, chosen, options),
        source_frames=chosen,
        to_recording=np.array([[step_x, 0.0, offset[0]], [0.0, step_y, offset[1]]]),
        sector=None if sector is None else _sampled(grid, sector.astype(np.uint8) * 255) > 127,
        spacing_mm=None if scale is None else (scale.row_mm * step_y, scale.col_mm * step_x),
        deidentified=options.deidentify,
    )


def _seen(
    cine: CineSequence, pixels: BytesArray, options: ClipOptions
) -> tuple[NDArray[np.bool_] | None, NDArray[np.bool_] | None]:
    """The sector that is kept, and what becomes black; None each where nothing is masked.

    Raises:
        KinecorError: no sector is found surely.

    """
    if cine.source.modality == "MR" or not (options.mask_sector or options.deidentify):
        return None, None
    study = examined_in(pixels, cine.region)
    if study.sector is None:
        raise KinecorError(
            message(
                "{path}: no sector is found in it surely, so nothing shows which part is free of text: look at it, and "
                "make its clip without masking and de-identifying",
                path=verbatim(cine.source.path or cine.source.recording_id),
            )
        )
    hidden = ~study.sector if options.mask_sector or options.deidentify else np.zeros_like(study.sector)
    if options.deidentify:
        hidden |= study.text
    return study.sector, hidden


def _box(
    rows: int, columns: int, aspect: float, sector: NDArray[np.bool_] | None, options: ClipOptions
) -> tuple[int, int, int, int]:
    """The part of the image that a clip shows, (x0, y0, x1, y1)."""
    if options.fit == "whole":
        if sector is None:
            return 0, 0, columns, rows
        y, x = np.flatnonzero(sector.any(axis=1)), np.flatnonzero(sector.any(axis=0))
        return int(x[0]), int(y[0]), int(x[-1]) + 1, int(y[-1]) + 1
    side = min(columns, rows * aspect) * (1 - 2 * options.zoom)
    wide, high = max(1, round(side)), max(1, round(side / aspect))
    x0, y0 = (columns - wide) // 2, (rows - high) // 2
    return x0, y0, x0 + wide, y0 + high


def _chosen(times_s: FloatArray, options: ClipOptions) -> NDArray[np.intp]:
    """(frames,) the frames that are kept, by the time at which each is shown."""
    if options.fps is None:
        found = np.arange(len(times_s))
    else:
        moments_s = np.arange(int(times_s[-1] * options.fps + 1e-6) + 1) / options.fps
        after = np.clip(np.searchsorted(times_s, moments_s), 1, max(len(times_s) - 1, 1))
        after = np.minimum(after, len(times_s) - 1)
        before = np.maximum(after - 1, 0)
        found = np.where(moments_s - times_s[before] <= times_s[after] - moments_s, before, after)
    return found[: options.frames].astype(np.intp)


def _times_s(times_s: FloatArray, chosen: NDArray[np.intp], options: ClipOptions) -> FloatArray:
    return times_s[chosen] if options.fps is None else np.arange(len(chosen)) / options.fps


def _in_colour(image: BytesArray, colour: str) -> BytesArray:
    if colour == "rgb":
        return image if image.ndim == 3 else np.repeat(image[..., None], 3, axis=-1)
    return image if image.ndim == 2 else np.asarray(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), np.uint8)


def _sampled(grid: Grid, image: BytesArray) -> BytesArray:
    if image.ndim == 2:
        return grid.sampled(image)
    return np.stack([grid.sampled(np.ascontiguousarray(image[..., index])) for index in range(3)], axis=-1)
