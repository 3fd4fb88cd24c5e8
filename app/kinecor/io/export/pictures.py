"""Frames as PNG and SVG, loops as MP4 and GIF, with the contours drawn in."""

import base64
from collections.abc import Sequence
from pathlib import Path
from typing import Final
from xml.sax.saxutils import escape

import numpy as np

import kinecor
from kinecor.core.values.colours import ON_DARK
from kinecor.core.values.errors import KinecorError, Tick, no_tick
from kinecor.core.values.events import marks
from kinecor.core.values.geometry import BytesArray
from kinecor.core.values.message import message, verbatim
from kinecor.core.values.reading import Reading
from kinecor.core.values.recording import CineSequence, Recording
from kinecor.io.files.atomic import whole, write_bytes, write_text
from kinecor.io.write.drawing import caption_of, montage

FILMS: Final = ("mp4", "gif")
_SLOWEST_PER_S, _FASTEST_PER_S = 1.0, 120.0


def write_key_pictures(folder: Path, name: str, recording: Recording, reading: Reading) -> None:
    """Write NAME-ed1.png, NAME-es1.png, ... for each beat, of loops each as SVG, too.

    Args:
        folder: of the files.
        name: NAME.
        recording: its images.
        reading: with its marks and contours.

    Raises:
        KinecorError: a frame cannot be decoded, or a file cannot be written there.

    """
    for beat, mark, frame in marks(reading.events):
        stem = f"{name}-{mark}{beat + 1}"
        write_png(
            folder / f"{stem}.png", montage(recording, reading, frame, caption=caption_of(recording, reading, frame))
        )
        if isinstance(recording, CineSequence):
            write_svg(folder / f"{stem}.svg", recording, reading, frame)


def write_png(path: Path, image: BytesArray) -> None:
    """Write an RGB image, uint8 (rows, columns, 3).

    Args:
        path: of the file.
        image: in RGB.

    Raises:
        KinecorError: the file cannot be written there.

    """
    write_bytes(path, _png(image), private=True)


def _png(image: BytesArray) -> bytes:
    import cv2

    done, packed = cv2.imencode(".png", image[..., ::-1] if image.ndim == 3 else image)
    if not done:
        raise KinecorError(
            message(
                "an image of {shape} cannot be written as PNG: export it in another format",
                shape=verbatim(str(image.shape)),
            )
        )
    return bytes(packed.tobytes())


def write_svg(path: Path, cine: CineSequence, reading: Reading, frame: int) -> None:
    """Write a frame (from 0) as a picture with its contours as paths on top, in proportions of the image.

    Args:
        path: of the file.
        cine: a loop, or a slice of a stack.
        reading: of the same.
        frame: from 0.

    Raises:
        KinecorError: the frame cannot be decoded, or the file cannot be written there.

    """
    picture = base64.b64encode(_png(np.asarray(cine.frames[frame]))).decode("ascii")
    high = cine.rows * reading.aspect
    paths = []
    for structure, colour in ON_DARK.items():
        track = reading.tracks.get(structure)
        contour = track.contours[frame] if track else None
        if contour is not None:
            points = " L".join(f"{x + 0.5:.2f},{(y + 0.5) * reading.aspect:.2f}" for x, y in contour.points)
            paths.append(
                f'<path id="{structure.value}" d="M{points} Z" fill="none" stroke="{colour}" stroke-width="1.2" '
                'stroke-linejoin="round"/>'
            )
    write_text(
        path,
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {cine.columns} {high:g}">'
        f"<title>{escape(caption_of(cine, reading, frame))}</title><desc>{kinecor.RESEARCH_USE}</desc>"
        f'<image width="{cine.columns}" height="{high:g}" preserveAspectRatio="none" '
        f'href="data:image/png;base64,{picture}"/>{"".join(paths)}</svg>\n',
        private=True,
    )


def write_film(path: Path, recording: Recording, reading: Reading, tick: Tick = no_tick) -> None:
    """Write all frames with contours as MP4 or GIF, by the name's end, at the speed of the heart.

    Of a gated cycle the film is one cycle. MP4 has one rate for all frames: that of the whole.

    Args:
        path: of the file.
        recording: its images.
        reading: with its contours.
        tick: called with (frames done, frames).

    Raises:
        KinecorError: a frame cannot be decoded, the format is not known, or the file cannot be written there.
        Cancelled: by `tick`.

    """
    if path.suffix not in (".mp4", ".gif"):
        raise KinecorError(message("{path}: expected a name that ends in .mp4 or .gif", path=verbatim(str(path))))
    count = len(recording.times_s)
    pictures = []
    for frame in range(count):
        tick(frame, count)
        pictures.append(montage(recording, reading, frame, caption=caption_of(recording, reading, frame)))
    durations_s = _durations_s(recording)
    with whole(path, private=True) as temporary:
        (write_mp4 if path.suffix == ".mp4" else _write_gif)(temporary, pictures, durations_s)


def _durations_s(recording: Recording) -> list[float]:
    """How long each frame is shown; the last as long as the one before."""
    steps = np.diff(recording.times_s).tolist() or [1.0]
    return [*steps, steps[-1]][: len(recording.times_s)]


def write_mp4(path: Path, pictures: Sequence[BytesArray], durations_s: Sequence[float]) -> None:
    """Write images as MP4 at one rate for all: that of the whole.

    Args:
        path: of the file.
        pictures: uint8 (rows, columns, 3) RGB, all of one size.
        durations_s: how long each is shown.

    Raises:
        KinecorError: this machine has no encoder.

    """
    import cv2

    rate = float(np.clip(len(durations_s) / sum(durations_s), _SLOWEST_PER_S, _FASTEST_PER_S))
    rows, columns = pictures[0].shape[:2]
    film = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"mp4v"), rate, (columns, rows))
    try:
        if not film.isOpened():
            raise KinecorError(
                message(
                    "{file} cannot be written as MP4 on this machine: export the loop as GIF", file=verbatim(path.name)
                )
            )
        for image in pictures:
            film.write(np.ascontiguousarray(image[..., ::-1]))
    finally:
        film.release()


def _write_gif(path: Path, pictures: Sequence[BytesArray], durations_s: Sequence[float]) -> None:
    from PIL import Image

    frames = [Image.fromarray(image).quantize(128, method=Image.Quantize.FASTOCTREE) for image in pictures]
    # GIF counts hundredths of a second, and viewers show frames of less than two as if they were ten.
    shown_ms = [max(round(100 * duration_s), 2) * 10 for duration_s in durations_s]
    frames[0].save(path, save_all=True, append_images=frames[1:], duration=shown_ms, loop=0)
