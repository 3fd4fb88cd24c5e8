"""Pictures that move as an echo does, and what can go wrong with their streams."""

import cv2
import imagecodecs
import numpy as np

SIZE = (192, 256)
CENTRE = (128.0, 110.0)


def beating(frames: int = 48, beat_frames: float = 20.0, *, seed: int = 0, noise: float = 5.0, ticks: bool = False):
    """(frames, 192, 256) uint8: speckle in a sector, drawn towards a centre and back once in every beat."""
    rng = np.random.default_rng(seed)
    rows, columns = SIZE
    y, x = np.mgrid[0:rows, 0:columns].astype(np.float32)
    ring = np.exp(-(((np.hypot(x - CENTRE[0], y - CENTRE[1]) - 45) / 12) ** 2))
    speckle = cv2.GaussianBlur(rng.gamma(1.0, 1.0, SIZE).astype(np.float32), (0, 0), 1.5)
    texture = np.clip((40 + 130 * ring) * speckle, 0, 255).astype(np.float32)
    sector = (np.abs(x - CENTRE[0]) < 0.62 * (y + 8)) & (y < 180)
    out = np.zeros((frames, *SIZE), np.uint8)
    for frame in range(frames):
        phase = frame / beat_frames % 1
        drawn = 0.16 * np.sin(np.pi * phase**0.7) ** 2
        scale = np.float32(1 + drawn)
        moved = cv2.remap(
            texture, CENTRE[0] + (x - CENTRE[0]) * scale, CENTRE[1] + (y - CENTRE[1]) * scale, cv2.INTER_LINEAR
        )
        moved = moved + rng.normal(0, noise, SIZE)
        out[frame] = np.where(sector, np.clip(moved, 0, 255), 0)
        if ticks:
            for number in range(12):
                out[frame, 6 + 15 * number : 8 + 15 * number, 240:243] = 230
    return out


def as_jpeg(frames, level: int = 85) -> list[bytes]:
    """Each frame as baseline JPEG."""
    return [imagecodecs.jpeg8_encode(np.ascontiguousarray(one), level=level) for one in frames]


def _coded(data: bytes) -> tuple[int, int]:
    at = data.find(b"\xff\xda")
    return at + 2 + int.from_bytes(data[at + 2 : at + 4], "big"), data.rfind(b"\xff\xd9")


def bytes_changed(data: bytes, place: float, seed: int = 0) -> bytes:
    """Sixteen bytes of the coded picture changed; none becomes a marker."""
    rng = np.random.default_rng(seed)
    first, last = _coded(data)
    at = first + int(place * (last - first))
    out = bytearray(data)
    for index in range(at, min(at + 16, last)):
        if 0xFF not in (out[index], out[index - 1]):
            out[index] = int(rng.integers(0, 255))
    return bytes(out)


def zeroed(data: bytes, place: float) -> bytes:
    """Sixty-four bytes of the coded picture set to zero."""
    first, last = _coded(data)
    at = first + int(place * (last - first))
    end = min(at + 64, last)
    return data[:at] + bytes(end - at) + data[end:]


def cut_off(data: bytes, place: float) -> bytes:
    """The stream ends within the coded picture."""
    first, last = _coded(data)
    return data[: first + int(place * (last - first))]
