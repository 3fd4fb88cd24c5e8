"""Clips as files: NPZ with the way back to the recording, or MP4 with a JSON file of it next to it."""

import json
from pathlib import Path

import numpy as np

from kinecor.core.values.clip import Clip
from kinecor.core.values.errors import KinecorError
from kinecor.core.values.message import message, verbatim
from kinecor.io.export.pictures import write_mp4
from kinecor.io.files.atomic import whole, write_text

DEFAULT_RATE_PER_S = 30.0
"""Of the video of a single frame."""


def write_clip(path: Path, clip: Clip) -> None:
    """Write a clip.

    .npz holds the arrays `pixels`, `times_s`, `source_frames`, `to_recording` and `sector` (empty where nothing was
    masked), and `about`, JSON as text: `numpy.load(path, allow_pickle=False)` reads it. .mp4 is a video, lossy, with
    NAME.json next to it.

    Args:
        path: of the file; its ending decides.
        clip: see Clip.

    Raises:
        KinecorError: another ending, or the file cannot be written there.

    """
    if path.suffix == ".npz":
        sector = np.zeros((0, 0), bool) if clip.sector is None else clip.sector
        with whole(path) as temporary, temporary.open("wb") as file:
            np.savez_compressed(
                file,
                pixels=clip.pixels,
                times_s=clip.times_s,
                source_frames=clip.source_frames,
                to_recording=clip.to_recording,
                sector=sector,
                about=np.array(json.dumps(clip.about)),
            )
        return
    if path.suffix != ".mp4":
        raise KinecorError(message("{path}: expected a name that ends in .npz or .mp4", path=verbatim(str(path))))
    frames = clip.pixels if clip.pixels.ndim == 4 else np.repeat(clip.pixels[..., None], 3, axis=-1)
    step_s = 1 / (clip.frames_per_s or DEFAULT_RATE_PER_S)
    with whole(path) as temporary:
        write_mp4(temporary, list(frames), [step_s] * len(frames))
    more = {
        "times_s": clip.times_s.tolist(),
        "source_frames": clip.source_frames.tolist(),
    }
    write_text(path.with_suffix(".json"), json.dumps(clip.about | more, indent=1) + "\n")
