"""`kinecor evaluate look`: how like real recordings the simulated ones look, measure by measure."""

import argparse
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from kinecor_lab.common.commands import reported, show_progress
from kinecor_lab.common.table import add_output, report
from kinecor_lab.realism.frame import CAVITY, LookFrame
from kinecor_lab.realism.recordings import blurred_noise, real_clips, real_frames, simulated_echo, simulated_mri
from kinecor_lab.realism.table import looked, rows, table

NAME = "realism"


def parser() -> argparse.ArgumentParser:
    """The command's options."""
    out = argparse.ArgumentParser(
        prog=f"kinecor evaluate {NAME}",
        description="Compare simulated recordings with real ones, measure by measure.",
        epilog="effect: difference of the means, simulated less real, over the pooled standard deviation.",
    )
    out.add_argument("--real", type=Path, required=True, help="a data set as PNG with index.csv, or a folder of them")
    out.add_argument("--kind", choices=["echo", "mri"], default="echo")
    out.add_argument(
        "--against",
        choices=["phantoms", "noise", "real"],
        default="phantoms",
        help="what is compared: simulated recordings; or, to judge the measures, noise or other real patients",
    )
    out.add_argument("--recordings", type=int, default=40, metavar="N", help="patients of each (default: 40)")
    out.add_argument("--seed", type=int, default=0, help="of the draw of patients, and of what is simulated")
    out.add_argument("--sheet", type=Path, metavar="FILE.png", help="also draw some of both side by side")
    add_output(out)
    return out


@reported("kinecor evaluate")
def main(argv: Sequence[str]) -> int:
    """Run the command; its exit status (0 done, 1 failed)."""
    options = parser().parse_args(argv)
    if options.recordings < 1:
        print("kinecor evaluate: expected --recordings from 1 on", file=sys.stderr)
        return 2
    sheet = Sheet()
    frames: Iterator[LookFrame] = real_frames(options.real, options.kind, options.recordings, options.seed)
    if options.kind == "echo":
        frames = chain(frames, real_clips(options.real))
    real = looked(sheet.watch("real", frames), options.kind, _tick("real"))
    simulated = looked(sheet.watch(options.against, _others(options)), options.kind, _tick(options.against))
    found = rows(real, simulated, options.kind)
    print(file=sys.stderr)
    title = f"{options.kind}: real recordings and {options.against}, mean ± SD (frames)"
    report(
        NAME,
        argv,
        "Realism of simulated recordings",
        [table(found, real, simulated, title)],
        out=options.out,
        seed=options.seed,
        notes=["effect: difference of the means, simulated less real, over the pooled standard deviation"],
        values=found,
    )
    if options.sheet:
        sheet.write(options.sheet)
    return 0


def _others(options: argparse.Namespace) -> Iterator[LookFrame]:

    if options.against == "phantoms":
        simulated = simulated_echo if options.kind == "echo" else simulated_mri
        return simulated(options.recordings, options.seed)
    # Other patients than those drawn first: the draw is one permutation, cut in two.
    others = real_frames(options.real, options.kind, options.recordings, options.seed, options.recordings)
    if options.against == "real":
        return others
    return blurred_noise(others, options.seed)


def _tick(what: str) -> Callable[[int], None]:
    def tick(done: int) -> None:
        show_progress(f"{what}: {done} frames ")

    return tick


_HIGH, _WIDE, _COLUMNS, _CAPTION = 300, 330, 5, 24


class Sheet:
    """Collects the first frames of two rows of images, so that frames can be measured and shown in one pass."""

    def __init__(self, count: int = 2 * _COLUMNS) -> None:
        self._count = count
        self._kept: dict[str, dict[str, tuple[int, LookFrame]]] = {}

    def watch(self, title: str, frames: Iterable[LookFrame]) -> Iterable[LookFrame]:
        """Yield frames; of each of the first recordings (names up to "_") collect the one with most cavity."""
        best_frames = self._kept.setdefault(title, {})
        for frame in frames:
            cavity, recording = int(frame.part(CAVITY).sum()), frame.name.partition("_")[0]
            if cavity > best_frames.get(recording, (0,))[0] and (
                recording in best_frames or len(best_frames) < self._count
            ):
                best_frames[recording] = cavity, frame
            yield frame

    def write(self, path: Path) -> None:
        """Write a PNG: a block of rows a title, images of one block at one height, grey levels as they are."""
        blocks = [
            _block(title, [frame for _, frame in best_frames.values()])
            for title, best_frames in self._kept.items()
            if best_frames
        ]
        done, code = cv2.imencode(".png", np.concatenate(blocks)) if blocks else (False, np.zeros(0, np.uint8))
        if not done:
            raise OSError(f"expected frames to draw on {path}, got none")
        path.write_bytes(code.tobytes())


def _block(title: str, frames: Sequence[LookFrame]) -> NDArray[np.uint8]:
    tiles = [_tile(frame.image) for frame in frames]
    tiles += [np.zeros((_HIGH, _WIDE), np.uint8)] * (-len(tiles) % _COLUMNS)
    rows = [np.concatenate(tiles[start : start + _COLUMNS], axis=1) for start in range(0, len(tiles), _COLUMNS)]
    caption = np.full((_CAPTION, rows[0].shape[1]), 40, np.uint8)
    cv2.putText(caption, title, (6, _CAPTION - 7), cv2.FONT_HERSHEY_SIMPLEX, 0.55, (230,), 1, cv2.LINE_AA)
    return np.concatenate([caption, *rows])


def _tile(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The image as large as fits, in the middle."""
    scale = min(_HIGH / image.shape[0], _WIDE / image.shape[1])
    size = (max(1, round(image.shape[1] * scale)), max(1, round(image.shape[0] * scale)))
    small = cv2.resize(image, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
    tile = np.zeros((_HIGH, _WIDE), np.uint8)
    y, x = (_HIGH - size[1]) // 2, (_WIDE - size[0]) // 2
    tile[y : y + size[1], x : x + size[0]] = small
    return tile
