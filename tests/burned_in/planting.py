"""Pictures with text planted in them: of known letters, in known places, drawn from a seed.

Cases of even number choose the limits of the search, cases of odd number report: they have other fonts, other words and
other pictures beneath.
"""

from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from kinecor_phantoms.echo.font import write_text
from tests.burned_in.beneath import Beneath

_FONTS: Final = Path(str(files("kinecor_resources"))) / "fonts"
LOOKS: Final = (
    "bright", "dim", "in the region", "at the edge", "across the edge", "on tissue", "dark on tissue", "blinking",
    "still", "short clip", "large", "small",
)  # fmt: skip
LEVEL, UPRIGHT, UPSIDE_DOWN, MIRRORED, SLANTED = "level", "upright", "upside down", "mirrored", "slanted"
TURNS: Final = (LEVEL, UPRIGHT, UPSIDE_DOWN, MIRRORED, SLANTED)
_SLANTS_DEG: Final = (15, 30, 45, 60, 120, 135, 150, 165)
FULL, BOX, NONE = "full", "box", "none"
GREY, RGB, YBR, JPEG_YBR, PALETTE = "grey", "RGB", "YBR", "JPEG YBR", "palette"
COLOURS: Final = (GREY, RGB, YBR, JPEG_YBR, PALETTE)
REGIONS: Final = (FULL, BOX, NONE)
_WORDS: Final = (
    ("MUELLER ANNA", "04.11.1957", "ID 7781204", "DR. WEBER", "Kowalski, Jan"),
    ("SMITH JOHN", "1961-02-28", "MRN 550917", "St. Mary Hosp", "Nguyen Thi Lan"),
)
_MIN_VISIBLE, _MIN_PIXELS = 6, 4


@dataclass(frozen=True, eq=False)
class Planted:
    """A case of the battery.

    Attributes:
        number: of the case; even ones choose, odd ones report.
        look: one of LOOKS.
        colour, region: of COLOURS and REGIONS.
        box: (x0, y0, x1, y1) of the calibrated region, or None.
        sound: (t, rows, columns) or (t, rows, columns, 3), without the text.
        frames: the same with the text.
        letters: (rows, columns), 0 where there is no letter, else its number from 1 on.

    """

    number: int
    look: str
    colour: str
    region: str
    box: tuple[int, int, int, int] | None
    sound: NDArray[np.uint8]
    frames: NDArray[np.uint8]
    letters: NDArray[np.int32]


def planted(number: int, seed: int, beneath: Beneath, *, turn: str = LEVEL) -> Planted:
    """Case `number` of a battery; the same for the same arguments.

    Args:
        number: from 0 on.
        seed: of the battery.
        beneath: the picture that the text is planted in.
        turn: one of TURNS: upright text is turned by 90 degrees to either side, slanted text by 15 to 75 degrees.

    """
    rng = np.random.default_rng((seed, number))
    look = LOOKS[number // 2 % len(LOOKS)]
    colour = str(rng.choice(COLOURS))
    region = str(rng.choice(REGIONS))
    sound = beneath.frames
    if look == "still":
        sound = sound[:1]
    elif look == "short clip":
        sound = sound[: int(rng.integers(2, 7))]
    elif len(sound) > 1 and rng.random() < 0.25:
        sound = sound[:1]
    if colour != GREY and sound.ndim == 3:
        sound = np.repeat(sound[..., None], 3, axis=3)
    if colour == GREY and sound.ndim == 4:
        sound = np.stack([cv2.cvtColor(np.ascontiguousarray(one), cv2.COLOR_RGB2GRAY) for one in sound])
    letters, size = _letters(look, number, rng, beneath, turn=turn)
    frames = _drawn(sound, letters, size, look, colour, rng)
    rows, columns = frames.shape[1:3]
    box = {FULL: (0, 0, columns - 1, rows - 1), BOX: beneath.box, NONE: None}[region]
    return Planted(number, look, colour, region, box, sound, frames, np.where(size > 0, letters, 0))


def _letters(
    look: str, number: int, rng: np.random.Generator, beneath: Beneath, *, turn: str
) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    """Numbers of letters by pixel, and how much each pixel is covered, 0 to 1, at a place that fits the look."""
    rows, columns = beneath.frames.shape[1:3]
    height = {
        "large": rng.integers(rows // 22, rows // 12 + 1),
        "small": rng.integers(7, 10),
    }.get(look, rng.integers(max(9, rows // 40), max(12, rows // 24) + 1))
    words = str(rng.choice(_WORDS[number % 2]))
    drawn, which = _word(words, int(height), number, rng)
    length = {LEVEL: columns, UPRIGHT: rows, SLANTED: min(rows, columns) * 7 // 10}.get(turn, columns) - 2
    drawn, which = _turned(drawn[:, :length], which[:, :length], turn, rng)
    high, wide = drawn.shape
    inside = np.zeros((rows, columns), np.float32)
    inside[beneath.sector] = 1
    # The share of the text's box that lies in the sector, by where its upper left corner is.
    share = cv2.filter2D(inside, -1, np.full((high, wide), 1 / (high * wide), np.float32), anchor=(0, 0),
                         borderType=cv2.BORDER_CONSTANT)  # fmt: skip
    share = share[: rows - high + 1, : columns - wide + 1]
    near = cv2.dilate(inside, np.ones((25, 25), np.uint8))[: rows - high + 1, : columns - wide + 1]
    x0, y0, x1, y1 = beneath.box
    y, x = np.indices(share.shape)
    in_box = (x >= x0) & (y >= y0) & (x + wide <= x1) & (y + high <= y1)
    fits = {
        "in the region": in_box & (share == 0),
        "at the edge": (share == 0) & (near > 0),
        "across the edge": (share > 0.2) & (share < 0.8),
        "on tissue": share > 0.99,
        "dark on tissue": share > 0.99,
    }.get(look, (share == 0) if rng.random() < 0.5 else share > 0.99)
    if not fits.any():
        fits = share < 0.8
    places = np.argwhere(fits)
    top, left = places[rng.integers(len(places))] if len(places) else (0, 0)
    which_all, size = np.zeros((rows, columns), np.int32), np.zeros((rows, columns), np.float32)
    which_all[top : top + high, left : left + wide] = which
    size[top : top + high, left : left + wide] = drawn
    return which_all, size


def _turned(
    drawn: NDArray[Any], which: NDArray[Any], turn: str, rng: np.random.Generator
) -> tuple[NDArray[Any], NDArray[Any]]:
    """Text and the numbers of its letters, turned."""
    if turn == UPRIGHT:
        turns = int(rng.choice((1, 3)))
        return np.rot90(drawn, turns), np.rot90(which, turns)
    if turn == UPSIDE_DOWN:
        return np.rot90(drawn, 2), np.rot90(which, 2)
    if turn == MIRRORED:
        return np.fliplr(drawn), np.fliplr(which)
    if turn == LEVEL:
        return drawn, which
    high, wide = drawn.shape
    matrix = cv2.getRotationMatrix2D((wide / 2, high / 2), float(rng.choice(_SLANTS_DEG)), 1.0)
    cosine, sine = abs(matrix[0, 0]), abs(matrix[0, 1])
    size = int(high * sine + wide * cosine) + 2, int(high * cosine + wide * sine) + 2
    matrix[:, 2] += (size[0] - wide) / 2, (size[1] - high) / 2
    cover = cv2.warpAffine(drawn.astype(np.float32), matrix, size, flags=cv2.INTER_LINEAR)
    numbers = cv2.warpAffine(which.astype(np.float32), matrix, size, flags=cv2.INTER_NEAREST)
    return np.asarray(cover), np.asarray(numbers).astype(which.dtype)


def _word(words: str, height: int, number: int, rng: np.random.Generator) -> tuple[NDArray[Any], NDArray[Any]]:
    """How much each pixel is covered, and by which letter."""
    fonts = ("DejaVuSansCondensed.ttf", "dots") if number % 2 == 0 else ("DejaVuSansCondensed-Bold.ttf", "strokes")
    font = str(rng.choice(fonts))
    parts = []
    for letter in words:
        if font == "dots":
            parts.append(write_text(letter.upper(), max(1, round(height / 5))).astype(np.float32))
        elif font == "strokes":
            parts.append(_stroked(letter, height))
        else:
            parts.append(_set(letter, height, _FONTS / font))
    high = max(len(one) for one in parts)
    parts = [np.pad(one, ((0, high - len(one)), (0, 0))) for one in parts]
    which = [np.full(one.shape, place + 1) for place, one in enumerate(parts)]
    return np.hstack(parts), np.hstack(which)


def _stroked(letter: str, height: int) -> NDArray[np.float32]:
    scale = height / 22
    (wide, _), below = cv2.getTextSize(letter, cv2.FONT_HERSHEY_SIMPLEX, scale, max(1, height // 12))
    place = np.zeros((height + below + 4, max(wide, 2) + 1), np.uint8)
    cv2.putText(place, letter, (0, height + 1), cv2.FONT_HERSHEY_SIMPLEX, scale, 255, max(1, height // 12))
    return (place / 255).astype(np.float32)


def _set(letter: str, height: int, font: Path) -> NDArray[np.float32]:
    type_ = ImageFont.truetype(str(font), round(height * 1.35))
    picture = Image.new("L", (max(1, round(type_.getlength(letter))), round(height * 1.7)))
    ImageDraw.Draw(picture).text((0, 0), letter, 255, type_)
    return (np.asarray(picture) / 255).astype(np.float32)


def _drawn(
    sound: NDArray[np.uint8],
    letters: NDArray[Any],
    size: NDArray[Any],
    look: str,
    colour: str,
    rng: np.random.Generator,
) -> NDArray[np.uint8]:
    frames = sound.copy()
    level = rng.integers(110, 256)
    if look == "dim":
        level = rng.integers(14, 60)
    paint: Any = float(level)
    if sound.ndim == 4:
        tint = np.array(rng.choice([(1, 1, 1), (1, 1, 1), (1, 1, 1), (1, 1, 0.2), (0.2, 1, 0.4), (0.4, 0.6, 1)]))
        paint = level * tint
    if look == "dark on tissue":
        paint = paint * 0
    shown = np.ones(len(frames), bool)
    if look == "blinking" and len(frames) > 2:
        period = int(rng.integers(2, 6))
        shown = np.arange(len(frames)) // period % 2 == 1
        shown[0] = False
        shown[-1] = True
    cover = size[..., None] if sound.ndim == 4 else size
    for frame in np.flatnonzero(shown):
        frames[frame] = np.round(frames[frame] * (1 - cover) + paint * cover).astype(np.uint8)
    return frames


def letters_left(case: Planted, sound: NDArray[Any], before: NDArray[Any], blanked: NDArray[np.bool_]) -> int:
    """How many letters can be seen in a copy: of each, half of what could be seen of it is in one of its frames.

    Args:
        case: what was planted.
        sound: frames of the file without the text, as decoded.
        before: of the file with it.
        blanked: (rows, columns) what is black in the copy; the rest is as in the file.

    """
    differs = np.abs(before.astype(np.int16) - sound)
    if differs.ndim == 4:
        differs = differs.max(axis=3)
    seen = (differs >= _MIN_VISIBLE) & (case.letters > 0)
    count = 0
    for letter in range(1, int(case.letters.max()) + 1):
        could = (seen & (case.letters == letter)).sum(axis=(1, 2))
        can = (seen & (case.letters == letter) & ~blanked).sum(axis=(1, 2))
        count += bool(((could >= _MIN_PIXELS) & (can >= 0.5 * could)).any())
    return count
