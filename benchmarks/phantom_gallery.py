"""Images of simulated recordings, for people to judge: `python benchmarks/phantom_gallery.py [FOLDER]`.

views.png: every echo view and some MR slices at ED and ES. populations.png: a heart of each population, apical and
short axis, ED and ES, with the true ejection fraction, and a row with the true contours.
"""

import sys
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from kinecor_phantoms.echo.record import record_echo
from kinecor_phantoms.echo.views import VIEWS
from kinecor_phantoms.heart.heart import Heart
from kinecor_phantoms.heart.population import POPULATIONS, draw
from kinecor_phantoms.mri.record import record_mri
from kinecor_phantoms.mri.scan import Scan
from kinecor_phantoms.recording import PlaneTruth

SIDE, MAX_BYTES = 200, 750_000
COLOURS = {"lv_endo": (80, 220, 255), "lv_epi": (120, 230, 120), "la": (255, 170, 90), "rv": (210, 120, 230)}
Picture = NDArray[np.uint8]


def titled(picture: NDArray[np.uint8], title: str) -> Picture:
    """A colour image of the sheet's size with words in its corner."""
    shown = cv2.resize(picture, (SIDE, SIDE), interpolation=cv2.INTER_AREA)
    shown = shown if shown.ndim == 3 else cv2.cvtColor(shown, cv2.COLOR_GRAY2BGR)
    cv2.putText(shown, title, (5, 13), cv2.FONT_HERSHEY_SIMPLEX, 0.38, (235, 235, 235), 1, cv2.LINE_AA)
    return np.asarray(shown, np.uint8)


def outlined(picture: Picture, truth: PlaneTruth, frame: int) -> Picture:
    """The image at twice its size with the true contours drawn."""
    shown = cv2.cvtColor(cv2.resize(picture, None, fx=2, fy=2, interpolation=cv2.INTER_LINEAR), cv2.COLOR_GRAY2BGR)
    for name, colour in COLOURS.items():
        line = truth.contours[name][frame]
        if line is not None:
            points = np.round((line + 0.5) * 2 * 16).astype(np.int32)
            cv2.polylines(shown, [points[:, None]], name == "rv", colour, 1, cv2.LINE_AA, shift=4)
    return np.asarray(shown, np.uint8)


def ed_es(heart: Heart) -> tuple[int, float]:
    """Frame of ES, and the frame rate at which ED is frame 0 and ES a frame."""
    es_s = heart.rhythm.beats[0].aortic_close_s
    return round(es_s * 50), round(es_s * 50) / es_s


def views() -> Picture:
    heart = draw("normal", 4, ef_percent=60.0)
    es, rate = ed_es(heart)
    cells = []
    for number, view in enumerate(VIEWS):
        clip = record_echo(heart, view, number, frames=es + 1, frames_per_s=rate).frames
        cells.append(np.vstack([titled(clip[0], f"{view} ED"), titled(clip[-1], f"{view} ES")]))
    study = record_mri(draw("normal", 4, ef_percent=60.0, still=True), np.random.default_rng(4), Scan(slices=10))
    phase = int(np.argmin(study.truth.volume_ml))
    shown = [("SAX apical", study.stack[3]), ("SAX mid", study.stack[5]), ("SAX basal", study.stack[7])]
    for name, one in [*shown, *((f"{one.view} MR", one) for one in study.long_axes)]:
        high = np.percentile(one.frames, 99.5)
        grey = np.clip(one.frames[[0, phase]] * (255 / high), 0, 255).astype(np.uint8)
        square = grey[:, :, 16:208] if grey.shape[2] > grey.shape[1] else grey
        cells.append(np.vstack([titled(square[0], f"{name} ED"), titled(square[1], f"{name} ES")]))
    return np.vstack([np.hstack(cells[:8]), np.hstack(cells[8:16])])


def populations() -> Picture:
    columns = []
    for number, population in enumerate(POPULATIONS):
        heart = draw(population, 20 + number)
        es, rate = ed_es(heart)
        rows = []
        for view in ("A4C", "PSAX mid"):
            clip = record_echo(heart, view, number, frames=es + 1, frames_per_s=rate)
            ef = clip.parameters["ejection_fraction_percent"]
            first = f"{population}, EF {ef:.0f} %" if view == "A4C" else f"{view} ED"
            rows += [titled(clip.frames[0], first), titled(clip.frames[-1], f"{view} ES")]
            if view == "A4C":
                rows.append(titled(outlined(clip.frames[-1], clip.plane, es), "the same, truth"))
        columns.append(np.vstack(rows))
    columns += [np.zeros_like(columns[0])] * (len(columns) % 2)
    half = len(columns) // 2
    return np.vstack([np.hstack(columns[:half]), np.hstack(columns[half:])])


def written(picture: Picture, path: Path) -> None:
    """As PNG of 32 greys a channel where it would be too big for a repository."""
    for bits in (0, 2, 3, 4):
        cut = (picture >> bits << bits) | (picture >> (8 - bits) if bits else 0)
        _, data = cv2.imencode(".png", cut.astype(np.uint8), [cv2.IMWRITE_PNG_COMPRESSION, 9])
        if len(data) <= MAX_BYTES:
            break
    path.write_bytes(data.tobytes())
    print(f"{path}: {len(data) // 1000} kB")


def main() -> None:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parents[1] / "docs/pictures/phantoms"
    folder.mkdir(parents=True, exist_ok=True)
    written(views(), folder / "views.png")
    written(populations(), folder / "populations.png")


if __name__ == "__main__":
    main()
