"""Each case is written as a DICOM file, anonymised as the program does it, and read again: what letters are left?"""

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from kinecor.io.write.anonymise import NOT_SHOWN_CLEAN, Key, Picture, Rules, plan_copy
from tests.burned_in.beneath import Beneath
from tests.burned_in.planting import GREY, JPEG_YBR, PALETTE, RGB, YBR, Planted, letters_left
from tests.io import make_dicom as make

RULES: Final = Rules(Key(b"a key of the battery alone"))
_LIT = 24


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a case.

    Attributes:
        kind: of its picture.
        letters: how many planted ones can be seen in the copy, or would be where a person let it pass.
        kept_share: of the sector beneath, as far as nothing was planted on it, the share that is in the copy.
        identical: whether what is not blanked is as in the file.

    """

    kind: Picture
    letters: int
    kept_share: float
    identical: bool

    @property
    def written(self) -> bool:
        """Whether there is a copy though no person has looked; it says that it is clean."""
        return self.kind not in NOT_SHOWN_CLEAN


def write(path: Path, frames: NDArray[np.uint8], colour: str, box: tuple[int, int, int, int] | None) -> Path:
    """A picture or clip as an ultrasound file.

    Args:
        path: of the file.
        frames: (t, rows, columns) or (t, rows, columns, 3).
        colour: one of COLOURS.
        box: (x0, y0, x1, y1) of the calibrated region, or None.

    """
    how: dict[str, Any] = {
        GREY: {},
        RGB: {"photometric": "RGB"},
        YBR: {"photometric": "YBR_FULL"},
        JPEG_YBR: {"photometric": "YBR_FULL_422", "syntax": make.JPEG_BASELINE},
        PALETTE: {"photometric": "PALETTE COLOR"},
    }[colour]
    if box is not None:
        how |= make.regions(make.region(*box))
    if colour == PALETTE:
        frames, table = _palette(frames)
        for channel, values in zip(("Red", "Green", "Blue"), table.T, strict=True):
            how[f"{channel}PaletteColorLookupTableDescriptor"] = [256, 0, 16]
            how[f"{channel}PaletteColorLookupTableData"] = (values.astype("<u2") * 257).tobytes()
    return make.write_loop(path, frames, BurnedInAnnotation="NO", **how)


def _palette(frames: NDArray[np.uint8]) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Indices and (256, 3) colours: greys as they are but for the lowest bit, and 128 colours that fit the rest."""
    picture = Image.fromarray(frames.reshape(-1, frames.shape[2], 3))
    made = picture.quantize(256, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    table = np.zeros((256, 3), np.uint8)
    colours = np.array(made.getpalette(), np.uint8).reshape(-1, 3)
    table[: len(colours)] = colours
    return np.asarray(made).reshape(frames.shape[:3]).copy(), table


def outcome(case: Planted, beneath: Beneath) -> Outcome:
    """Anonymise the file of a case."""
    planted, sound = case.frames, case.sound
    if case.colour == PALETTE:  # of both, so that they differ in the text alone
        indices, table = _palette(np.concatenate([planted, sound]))
        planted, sound = np.split(table[indices], 2)
    with tempfile.TemporaryDirectory() as name:
        planned = plan_copy(write(Path(name) / "planted.dcm", planted, case.colour, case.box), RULES)
        if case.colour in (JPEG_YBR, YBR):
            sound = shown(write(Path(name) / "sound.dcm", sound, case.colour, case.box))
    if planned.kind is Picture.UNCLEAR:
        return Outcome(planned.kind, 0, 0.0, True)
    blanked = planned.blanked
    assert blanked is not None
    after = planned.copy.pixel_array.reshape(planned.frames.shape)
    free = beneath.sector & (case.letters == 0) & (_bright(sound) > _LIT)
    kept = float((free & ~blanked).sum() / max(int(free.sum()), 1))
    identical = (after == planned.frames)[:, ~blanked].all() and not after[:, blanked].any()
    return Outcome(planned.kind, letters_left(case, sound, planned.frames, blanked), kept, bool(identical))


def _bright(frames: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return np.asarray(frames.max(axis=(0, 3) if frames.ndim == 4 else 0))


def shown(path: Path) -> NDArray[np.uint8]:
    """The frames of a file as shown."""
    from kinecor.io.dicom.header import read_dicom
    from kinecor.io.dicom.layout import read_layout
    from kinecor.io.dicom.loop import display_frames
    from kinecor.io.dicom.pixels import DicomPixels
    from kinecor.io.files.cache import FrameCache

    file = read_dicom(path)
    layout, table = read_layout(file)
    shown = display_frames(DicomPixels(path, layout, table, file.keep), file.header, FrameCache())
    return np.stack([np.asarray(shown[at]) for at in range(layout.frames)])


@dataclass(frozen=True, slots=True)
class Sound:
    """What became of a picture without planted text.

    Attributes:
        kind: of its picture.
        kept_share: of its lit sector that is in the copy.
        text_px: pixels of the sector that were taken for text.
        identical: whether what is not blanked is as in the file.

    """

    kind: Picture
    kept_share: float
    text_px: int
    identical: bool


def sound_outcome(path: Path, sector: NDArray[np.bool_]) -> Sound:
    """Plan the copy of a file in which nothing was planted."""
    planned = plan_copy(path, RULES)
    after = planned.copy.pixel_array.reshape(planned.frames.shape)
    lit = sector & (_bright(planned.frames) > _LIT)
    blanked = np.zeros(lit.shape, bool) if planned.blanked is None else planned.blanked
    same = (after == planned.frames)[:, ~blanked].all()
    inner = blanked & _eroded(sector)
    return Sound(planned.kind, float((lit & ~blanked).sum() / max(int(lit.sum()), 1)), int(inner.sum()), bool(same))


def _eroded(sector: NDArray[np.bool_]) -> NDArray[np.bool_]:
    import cv2

    return np.asarray(cv2.erode(sector.astype(np.uint8), np.ones((15, 15), np.uint8)) > 0)
