"""Which simulated recordings strain is measured on, and for which question each is there."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import distance_transform_edt

from kinecor.core.outlines.wall_outline import centreline
from kinecor.core.strain.wall_strain import lengths, strain_percent
from kinecor.core.values.choices import SEGMENTS
from kinecor.core.values.geometry import Contour, FloatArray
from kinecor.core.values.track import ContourTrack, Motion, Origin, Structure
from kinecor_lab.datasets.data_folder import labelled_frames
from kinecor_lab.tasks.sequence.cases import whole_beat
from kinecor_lab.tasks.sequence.data import pairs_of, paths_of
from kinecor_models.contract import ClipInput
from kinecor_models.localisation.framing import sector_box
from kinecor_phantoms.echo.record import record_echo
from kinecor_phantoms.echo.views import Stand
from kinecor_phantoms.heart.plane_truth import LAYERS
from kinecor_phantoms.heart.population import draw
from kinecor_phantoms.recording import EchoRecording
from kinecor_phantoms.scanner import look as looks
from kinecor_phantoms.scanner.probe import fitting_probe
from kinecor_phantoms.scanner.shadow import Shadow
from kinecor_phantoms.warped.cine import MadeCine

VIEWS = ("A4C", "A2C", "A3C")
POPULATIONS = ("normal", "infarct", "dilated", "hypertrophic")
LOOKS = ("soft", "grainy", "hazy", "clean", "contrasty", "smooth")
# Hearts that no training draws: its generators start from other seeds.
_FIRST_HEART = 700_000


@dataclass(frozen=True, slots=True)
class Acquisition:
    """One recording to simulate.

    Attributes:
        group: the question: "main", "retest", "frame rate", "noise", "dropout", "foreshortening 10", "three beats", ...
        population: of the heart.
        heart: its number.
        view: "A4C", "A2C" or "A3C".
        take: another is the same heart, another day: probe, hand, scatterers and noise differ.
        frames_per_s: of the recording.
        beats: shown, and a little after.
        foreshortening_deg: None as a hand happens to hold it.
        noise_db: electronic noise, None as the look has it.
        shadow_db: that a shadow over the right side of the image takes, 0 for none.
        apical_gradient: whether the heart shortens more towards its apex, see `population.draw`.

    """

    group: str
    population: str
    heart: int
    view: str = "A4C"
    take: int = 0
    frames_per_s: float = 50.0
    beats: int = 1
    foreshortening_deg: float | None = None
    noise_db: float | None = None
    shadow_db: float = 0.0
    apical_gradient: bool = False

    @property
    def seed(self) -> int:
        """Of the heart."""
        return _FIRST_HEART + self.heart

    @property
    def look(self) -> str:
        """Name of the machine's settings."""
        return LOOKS[(self.heart + VIEWS.index(self.view) + self.take) % len(LOOKS)]

    @property
    def name(self) -> str:
        """Of the file it is saved in."""
        group = self.group.replace(" ", "-")
        gradient = "-gradient" if self.apical_gradient else ""
        return f"{group}-{self.population}-{self.heart}-{self.view}-{self.take}{gradient}"


def acquisitions(hearts: int) -> Iterator[Acquisition]:
    """Everything that is recorded: `hearts` in three views, and a half as many again for each question.

    Args:
        hearts: 2 or more.

    """
    few = max(2, hearts // 2)
    every = [Acquisition("main", POPULATIONS[i % len(POPULATIONS)], i) for i in range(hearts)]
    for acquisition in every:
        yield from (replace(acquisition, view=view) for view in VIEWS)
    for acquisition in every[:few]:
        yield from (replace(acquisition, group="retest", take=take) for take in (1, 2))
        yield replace(acquisition, group="frame rate", frames_per_s=120.0)
        yield replace(acquisition, group="three beats", beats=3)
        yield replace(acquisition, group="noise", noise_db=-6.0)
        yield replace(acquisition, group="dropout", shadow_db=20.0)
        yield from (
            replace(acquisition, group=f"foreshortening {deg}", foreshortening_deg=float(deg)) for deg in (10, 20)
        )
    for number in range(few):
        yield Acquisition("infarct", "infarct", 100 + number, VIEWS[number % len(VIEWS)])


# Fewer scatterers, beams and pixels than `kinecor phantom` takes: speckle is as coarse, in a third of the time.
_SCATTERERS, _BEAMS, _SAMPLES, _SIDE_PX = 22_000, 96, 256, 192
_AFTER_S = 0.12
_NODE_PX = 4


@dataclass(frozen=True, eq=False)
class Case:
    """Images and truth.

    Attributes:
        about: what was recorded.
        frames: (t, rows, columns) uint8.
        times_s: (t,).
        spacing_mm: side of a pixel.
        region: (x0, y0, x1, y1) of the sector.
        rate_per_min: heart rate, as a header would have it.
        endo, epi: (t, n, 2) true outlines.
        motion_px: (t - 1, rows, columns, 2) true motion at every 4th pixel, continued beyond the wall.
        wall_mm: (t, 61, 3) material points of mid-wall, x, y and out of the plane, left end first.
        heart_percent: (t,) longitudinal strain of the whole heart since its first end-diastole.
        eds, ess: frames nearest to mitral and to aortic valve closure.

    """

    about: Acquisition
    frames: NDArray[np.uint8]
    times_s: FloatArray
    spacing_mm: float
    region: tuple[int, int, int, int]
    rate_per_min: float
    endo: FloatArray
    epi: FloatArray
    motion_px: NDArray[np.float32]
    wall_mm: FloatArray
    heart_percent: FloatArray
    eds: tuple[int, ...]
    ess: tuple[int, ...]

    @property
    def gls_percent(self) -> float:
        """True strain of the wall that the image cuts, at the first end-systole."""
        return float(strain_percent(lengths(self.wall_mm), self.eds[0])[self.ess[0], 0])

    @property
    def segments_percent(self) -> FloatArray:
        """(6,) likewise of six equal parts of it."""
        return np.asarray(strain_percent(lengths(self.wall_mm, SEGMENTS), self.eds[0])[self.ess[0]])

    def tracks(self) -> tuple[ContourTrack, ...]:
        """The true outlines."""
        n = len(self.frames)
        outlines = ((Structure.LV_ENDO, self.endo), (Structure.LV_EPI, self.epi))
        return tuple(
            ContourTrack(name, tuple(map(Contour, lines)), (Origin.MODEL,) * n, np.ones(n)) for name, lines in outlines
        )

    def motion(self) -> Motion:
        """The true motion."""
        step = float(_NODE_PX)
        return Motion((0.0, 0.0), (step, step), self.motion_px, np.zeros(self.motion_px.shape[:3], np.float32), "truth")

    def every(self, step: int) -> "Case":
        """Every `step`-th frame of it, as a slower recording would have."""
        kept = slice(None, None, step)
        moved = self.motion_px[: len(self.motion_px) // step * step]
        # Summed where they start: exact enough for what only images and outlines are taken from.
        return replace(
            self,
            frames=self.frames[kept],
            times_s=self.times_s[kept],
            endo=self.endo[kept],
            epi=self.epi[kept],
            motion_px=moved.reshape(-1, step, *moved.shape[1:]).sum(axis=1)[: len(self.frames[kept]) - 1],
            wall_mm=self.wall_mm[kept],
            heart_percent=self.heart_percent[kept],
            eds=tuple(round(ed / step) for ed in self.eds if round(ed / step) < len(self.frames[kept])),
            ess=tuple(round(es / step) for es in self.ess if round(es / step) < len(self.frames[kept])),
        )


def simulated(about: Acquisition, keep: Path | None = None) -> Case:
    """The recording, read from a folder if it was saved there before.

    Raises:
        ValueError: the heart cannot beat as requested.

    """
    path = keep / f"{about.name}.npz" if keep else None
    if path and path.exists():
        with np.load(path) as stored:
            values: dict[str, Any] = {name: stored[name] for name in stored.files}
        for name in ("eds", "ess", "region"):
            values[name] = tuple(int(number) for number in values[name])
        for name in ("spacing_mm", "rate_per_min"):
            values[name] = float(values[name])
        return Case(about=about, **values)
    case = _made(about)
    if path:
        path.parent.mkdir(parents=True, exist_ok=True)
        arrays = {name: getattr(case, name) for name in Case.__dataclass_fields__ if name != "about"}
        np.savez_compressed(path, **arrays)
    return case


def _made(about: Acquisition) -> Case:
    rng = np.random.default_rng((about.seed, 1 + ("A4C", "A2C", "A3C").index(about.view), about.take))
    heart = draw(about.population, about.seed, beats=about.beats + 1, apical_gradient=about.apical_gradient)
    lasting_s = heart.rhythm.beats[about.beats].start_s + _AFTER_S
    lean = float(np.clip(rng.normal(0, 3), -8, 8))
    stand = Stand(
        foreshortening_deg=lean if about.foreshortening_deg is None else about.foreshortening_deg,
        turn_deg=float(np.clip(rng.normal(0, 4), -12, 12)),
        swing_deg=float(np.clip(rng.normal(0, 4), -12, 12)),
        away_mm=float(rng.uniform(6, 16)),
    )
    look = looks.LOOKS[about.look]
    if about.noise_db is not None:
        look = replace(look, noise_db=about.noise_db)
    if about.shadow_db:
        look = replace(look, shadows=(Shadow(angle_deg=24.0, width_deg=22.0, onset_mm=10.0, loss_db=about.shadow_db),))
    made = record_echo(
        heart,
        about.view,
        int(rng.integers(2**31)),
        frames=int(lasting_s * about.frames_per_s),
        frames_per_s=about.frames_per_s,
        size=(_SIDE_PX, _SIDE_PX),
        stand=stand,
        look=look,
        probe_for=partial(fitting_probe, rng, beams=_BEAMS, samples=_SAMPLES),
        scatterers=_SCATTERERS,
    )
    return _case(about, made)


def _case(about: Acquisition, made: EchoRecording) -> Case:
    truth, plane, mm = made.truth, made.plane, made.spacing_mm[0]
    if truth is None or plane is None:
        raise ValueError(f"{about.view} shows no heart")
    middle = LAYERS.index(0.5)
    wall = np.concatenate(
        [plane.wall_points[:, middle].astype(np.float64) * mm, plane.wall_points_out_mm[:, middle, :, None]], axis=2
    )
    if wall[0, 0, 0] > wall[0, -1, 0]:
        wall = wall[:, ::-1]
    times_s = made.times_s
    moments = [(beat.ed_s, beat.es_s) for beat in truth.beats]
    eds, ess = (
        tuple(int(np.argmin(np.abs(times_s - one))) for one in some if -0.02 <= one <= times_s[-1])
        for some in zip(*moments, strict=True)
    )
    pairs = range(len(times_s) - 1)
    return Case(
        about=about,
        frames=made.frames,
        times_s=times_s,
        spacing_mm=mm,
        region=made.region,
        rate_per_min=made.heart_rate_per_min,
        endo=_stacked(plane.contours["lv_endo"]),
        epi=_stacked(plane.contours["lv_epi"]),
        motion_px=np.stack([everywhere(plane.displacement_mm(pair, pair + 1)[..., :2] / mm) for pair in pairs]),
        wall_mm=wall,
        heart_percent=truth.strain_percent["longitudinal"],
        eds=eds,
        ess=ess,
    )


def _stacked(outlines: tuple[FloatArray | None, ...]) -> FloatArray:
    drawn = [outline for outline in outlines if outline is not None]
    if len(drawn) < len(outlines):
        raise ValueError("the wall is not in the picture in every frame")
    return np.stack(drawn)


def everywhere(moved: NDArray[np.float32]) -> NDArray[np.float32]:
    """At every 4th pixel; beyond the wall as at its nearest pixel."""
    nearest = distance_transform_edt(np.isnan(moved[..., 0]), return_distances=False, return_indices=True)
    return np.asarray(moved[tuple(nearest)][::_NODE_PX, ::_NODE_PX], np.float32)


GROUP = "warped"
_POINTS = 61


@dataclass(frozen=True, slots=True)
class WarpedFrom:
    """Which warped cines are wanted.

    Attributes:
        folder: of the public set.
        split: of its patients.
        paths: folder in which paths from ED to ES are cached.
        limit: this many patients at most, 0 for all.
        seed: of rhythms, rates, strengths, weak places and grain.

    """

    folder: Path
    split: str
    paths: Path
    limit: int = 0
    seed: int = 0


def warped_cases(wanted: WarpedFrom, say: Callable[[str], None]) -> Iterator[Case]:
    """A whole beat of every patient whose two frames match.

    Raises:
        DataSetError: the set is missing or damaged.

    """
    pairs = pairs_of(labelled_frames(wanted.folder, [wanted.split]))[: wanted.limit or None]
    for (ed, _), path in paths_of(pairs, wanted.paths, say):
        # The same cines as `kinecor evaluate lv-sequence` makes.
        rng = np.random.default_rng((wanted.seed, 13, *ed.patient.encode(), *ed.view.encode()))
        number = int("".join(filter(str.isdigit, ed.patient)) or 0)
        about = Acquisition(GROUP, ed.patient, number, view=ed.view, take=wanted.seed)
        yield case_of(about, whole_beat(path, rng), ed.spacing_mm)


def case_of(about: Acquisition, cine: MadeCine, spacing_mm: float) -> Case:
    """A warped cine as strain is measured on it.

    Mid-wall is laid through the true outlines at the first end-diastole; from there on its points are material.

    Raises:
        ValueError: the cine does not hold two end-diastoles and the end-systole between them.

    """
    if len(cine.ed) < 2 or not cine.es:
        raise ValueError(f"expected a whole beat, got end-diastoles {cine.ed} and end-systoles {cine.es}")
    endo, epi = (_outlines(cine, name) for name in ("lv_endo", "lv_epi"))
    first = cine.ed[0]
    middle = centreline(Contour(endo[first]), Contour(epi[first]), count=_POINTS)
    if middle[0, 0] > middle[-1, 0]:
        middle = middle[::-1]
    frames = range(len(cine.frames))
    placed = np.stack([cine.carried(middle, first, frame) for frame in frames]) * spacing_mm
    wall = np.concatenate([placed, np.zeros((*placed.shape[:2], 1))], axis=2)
    return Case(
        about=about,
        frames=cine.frames,
        times_s=cine.times_s,
        spacing_mm=spacing_mm,
        region=sector_box(ClipInput(cine.frames)),
        rate_per_min=60.0 / (cine.ed_s[1] - cine.ed_s[0]),
        endo=endo,
        epi=epi,
        motion_px=np.stack([everywhere(cine.displacement_px(frame + 1, frame)) for frame in frames[:-1]]),
        wall_mm=wall,
        heart_percent=strain_percent(lengths(wall), first)[:, 0],
        eds=cine.ed,
        ess=cine.es,
    )


def _outlines(cine: MadeCine, name: str) -> FloatArray:
    return np.stack([cine.contour(name, frame) for frame in range(len(cine.frames))])
