"""Clips with known motion that no training has seen, generated once and saved."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from kinecor_lab.tasks.motion.clips import ACDC_MM, FlowClip, echo_clip, mri_clips, warped_clip
from kinecor_lab.tasks.motion.data import Both, acdc_both, camus_both, labelled
from kinecor_lab.tasks.motion.pairs import NODES, SCALE, SIDE_PX, WALL
from kinecor_lab.tasks.motion.synthetic import synthetic
from kinecor_phantoms.heart.population import draw_any
from kinecor_phantoms.warped.frame import APICAL, SHORT_AXIS, Anatomy, NoMatchError
from kinecor_phantoms.warped.path import find_path

Array = NDArray[np.float64]
Box = tuple[float, float, float, float]
RATES_PER_S = (30.0, 60.0, 120.0)
FRAMES = 6
CAMUS_MM = 0.616
_POINTS = 250


@dataclass(frozen=True, eq=False)
class FlowCase:
    """Neighbouring frames, and where points of the wall go.

    Attributes:
        source: "simulated echo", "simulated mri", "warped echo", "warped mri" or "synthetic".
        rate_per_s: frames per second; 0 where there is no time.
        mm_per_px: side of a pixel; 0 where it is not known.
        frames: (t, rows, columns) uint8.
        within: (x0, y0, x1, y1) in pixels that holds the wall in all frames.
        points: (t - 1, n, 2) places in the wall of each frame but the last, pixels.
        moved: (t - 1, n, 2) displacement of these points to the next frame, pixels.
        travelled: (n, 2) displacement of `points[0]` to the last frame.

    """

    source: str
    rate_per_s: float
    mm_per_px: float
    frames: NDArray[np.uint8]
    within: Box
    points: Array
    moved: Array
    travelled: Array


def case_of(clip: FlowClip, source: str, first: int, count: int, rng: Generator) -> FlowCase | None:
    """`count` frames of a clip from `first` on; None where too little wall is in sight."""
    every = np.concatenate(list(clip.outer))
    within = (*every.min(axis=0).tolist(), *every.max(axis=0).tolist())
    points, moved, travelled, last = [], [], np.zeros(0), first + count - 1
    for frame in range(first, last):
        y, x = np.nonzero(clip.wall[frame])
        at = np.stack([x, y], axis=1).astype(np.float64)
        step = clip.truth(frame, frame + 1, at)[0]
        whole = clip.truth(first, last, at)[0] if frame == first else step
        # Wall that leaves the sector is not followed.
        (seen,) = np.nonzero(np.isfinite(step).all(axis=1) & np.isfinite(whole).all(axis=1))
        if len(seen) < _POINTS // 2:
            return None
        chosen = rng.choice(seen, _POINTS, replace=len(seen) < _POINTS)
        points.append(at[chosen])
        moved.append(step[chosen])
        if frame == first:
            travelled = whole[chosen]
    frames = clip.frames[first : first + count]
    return FlowCase(
        source, clip.rate_per_s, clip.mm_per_px, frames, within, np.stack(points), np.stack(moved), travelled
    )


def simulated_echo(hearts: int, seed: int) -> Iterator[FlowCase]:
    """Apical clips of random hearts, each at all RATES_PER_S from the same moment on."""
    for number in range(hearts):
        rng = np.random.default_rng((seed, 31, number))
        heart, view = draw_any(rng, beats=2), str(rng.choice(("A4C", "A2C", "A3C")))
        start_s, own = float(rng.uniform(0, 0.8 * heart.rhythm.duration_s / 2)), int(rng.integers(2**31))
        for rate_per_s in RATES_PER_S:
            times_s = start_s + np.arange(FRAMES) / rate_per_s
            clip = echo_clip(heart, view, times_s, np.random.default_rng(own), 320, fine=True)
            case = None if clip is None else case_of(clip, "simulated echo", 0, FRAMES, rng)
            if case is not None:
                yield case


def simulated_mri(hearts: int, seed: int) -> Iterator[FlowCase]:
    """Two short axes and a long one of random hearts, 25 phases, from a random phase on."""
    for number in range(hearts):
        rng = np.random.default_rng((seed, 37, number))
        for clip in mri_clips(draw_any(rng, 2, still=True), rng, 25, 2):
            case = case_of(clip, "simulated mri", int(rng.integers(0, 25 - FRAMES)), FRAMES, rng)
            if case is not None:
                yield case


def made(both: Sequence[Both], anatomy: Anatomy, most: int, seed: int) -> Iterator[FlowCase]:
    """Experts' frames set in motion: echo at all RATES_PER_S, short axes at 30 per second."""
    echo, done = anatomy.long_axis, 0
    for number, (ed, es) in enumerate(both):
        if done == most:
            return
        try:
            path = find_path(ed, es, anatomy)
        except NoMatchError:
            continue
        done, texture = done + 1, path.texture()
        for rate_per_s in RATES_PER_S if echo else RATES_PER_S[:1]:
            # The same generator: the same rhythm, moment and weak place at every rate.
            rng = np.random.default_rng((seed, 41, number))
            clip = warped_clip(path, texture, FRAMES, rate_per_s, CAMUS_MM if echo else ACDC_MM, rng)
            case = case_of(clip, "warped echo" if echo else "warped mri", 0, FRAMES, rng)
            if case is not None:
                yield case


def synthetic_pairs(echo: Sequence[Both], mri: Sequence[Both], most: int, seed: int) -> Iterator[FlowCase]:
    """Real frames moved by random fields."""
    step, rng = SIDE_PX // NODES, np.random.default_rng((seed, 43))
    # Such that the square a model takes, with its margin, is the whole image.
    edge = SIDE_PX * 0.097
    within = (edge, edge, SIDE_PX - 1 - edge, SIDE_PX - 1 - edge)
    done = 0
    for pair in synthetic(labelled(echo, APICAL) + labelled(mri, SHORT_AXIS), seed):
        row, column = np.nonzero(pair.known[0] == WALL)
        if len(row) < _POINTS // 2:
            continue
        chosen = rng.choice(len(row), _POINTS, replace=len(row) < _POINTS)
        row, column = row[chosen], column[chosen]
        at = np.asarray(np.stack([column, row], axis=1) * float(step) + (step - 1) / 2, np.float64)
        moved = pair.motion[0, row, column] / SCALE
        yield FlowCase("synthetic", 0.0, 0.0, pair.frames, within, at[None], moved[None], moved)
        done += 1
        if done == most:
            return


def write_cases(path: Path, cases: Sequence[FlowCase]) -> None:
    """Writes a file (.npz) whole or not at all."""
    held: dict[str, NDArray[np.generic]] = {}
    for number, case in enumerate(cases):
        held[f"{number:03d} about"] = np.array([case.rate_per_s, case.mm_per_px, *case.within])
        for name in ("frames", "points", "moved", "travelled"):
            held[f"{number:03d} {name}"] = getattr(case, name)
    part = path.with_suffix(".part.npz")
    np.savez_compressed(part, **held)  # type: ignore[arg-type]
    part.replace(path)


def read_cases(path: Path) -> list[FlowCase]:
    """What `write_cases` wrote; the source is the file's name."""
    flow_cases = []
    with np.load(path) as held:
        for number in range(len(held.files) // 5):
            about = held[f"{number:03d} about"].tolist()
            arrays = (held[f"{number:03d} {name}"] for name in ("frames", "points", "moved", "travelled"))
            frames, points, moved, travelled = arrays
            box = (about[2], about[3], about[4], about[5])
            source = path.stem.replace("-", " ")
            flow_cases.append(FlowCase(source, about[0], about[1], frames, box, points, moved, travelled))
    return flow_cases


def make_cases(
    folder: Path, hearts: int, seed: int, camus: Path | None, acdc: Path | None, say: Callable[[str], None] = print
) -> None:
    """Makes the files SOURCE.npz that are missing in `folder`.

    Args:
        folder: of the files.
        hearts: of each simulated source, and patients or slices of warped ones.
        seed: of the draw.
        camus: CAMUS' frames as PNG; of its validation patients. Without, there are no warped echo clips.
        acdc: ACDC's slices as PNG, likewise.
        say: called with a message about every file.

    Raises:
        DataSetError: a data set is damaged.

    """
    folder.mkdir(parents=True, exist_ok=True)
    echo = camus_both(camus, chosen_by=None) if camus else []
    mri = acdc_both(acdc, "valid") if acdc else []
    makers: dict[str, Callable[[], Iterator[FlowCase]]] = {
        "simulated-echo": lambda: simulated_echo(hearts, seed),
        "warped-echo": lambda: made(echo, APICAL, hearts, seed),
        "simulated-mri": lambda: simulated_mri(hearts // 2, seed),
        "warped-mri": lambda: made(mri, SHORT_AXIS, hearts, seed),
    }
    if echo or mri:
        makers["synthetic"] = lambda: synthetic_pairs(echo, mri, 4 * hearts, seed)
    for name, maker in makers.items():
        path = folder / f"{name}.npz"
        if not path.is_file() and (cases := list(maker())):
            write_cases(path, cases)
            say(f"{path.name}: {len(cases)} clips")
