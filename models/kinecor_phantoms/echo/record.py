"""A simulated echo clip with its truth."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, fields, replace

import numpy as np

from kinecor_phantoms.echo.heart_scene import HeartScene
from kinecor_phantoms.echo.other_scenes import TissueScene
from kinecor_phantoms.echo.overlay import ECG_SHARE
from kinecor_phantoms.echo.simulate import simulate
from kinecor_phantoms.echo.views import VIEWS, Stand, view_plane
from kinecor_phantoms.heart.anatomy import Anatomy
from kinecor_phantoms.heart.heart import Beating, Heart
from kinecor_phantoms.heart.plane import Plane
from kinecor_phantoms.heart.plane_truth import plane_truth
from kinecor_phantoms.heart.shape import check_range
from kinecor_phantoms.heart.truth import heart_truth
from kinecor_phantoms.recording import EchoRecording, HeartTruth, PlaneTruth
from kinecor_phantoms.scanner.look import Look
from kinecor_phantoms.scanner.probe import Probe
from kinecor_phantoms.scanner.scene import Scene
from kinecor_phantoms.scanner.screen import Screen

Parameters = dict[str, float | int | str]

FRAMES = (1, 2000)
SIDE_PX = (64, 1024)
_OTHER_DEPTH_MM = 160.0


def record_echo(
    heart: Heart,
    view: str,
    seed: int,
    *,
    frames: int = 60,
    frames_per_s: float = 50.0,
    size: tuple[int, int] = (256, 256),
    stand: Stand | None = None,
    look: Look | None = None,
    probe_for: Callable[[float], Probe] = Probe,
    scatterers: int = 60_000,
    workers: int = 2,
) -> EchoRecording:
    """Simulates a clip.

    Args:
        heart: what is looked at; for "IVC" and "other" only its rate counts.
        view: one of views.VIEWS.
        seed: of scatterers, noise and unevenness.
        frames: how many, 1..2000.
        frames_per_s: 10..200.
        size: (rows, columns) of the image, 64..1024 each.
        stand: pose of the transducer.
        look: how the machine is set.
        probe_for: gives the transducer for an image of a given depth in mm; its frame rate is replaced.
        scatterers: how many, 5,000..400,000; fewer make a coarser image, sooner.
        workers: threads; the clip is the same whatever their number.

    Raises:
        ValueError: a number out of its range, or an unknown view.

    """
    if view not in VIEWS:
        raise ValueError(f"view must be one of {', '.join(VIEWS)}, got {view}")
    check_range("frames", frames, *FRAMES)
    for side in size:
        check_range("side of the picture in pixels", side, *SIDE_PX)
    stand, look = stand or Stand(), look or Look()
    times_s = np.arange(frames) / frames_per_s
    rng = np.random.default_rng(seed)
    foot_px = size[0] - round(size[0] * (1 - ECG_SHARE)) if look.ecg else 0
    parameters: Parameters = {"view": view, "seed": seed, "population": heart.population}
    parameters |= {f"stand_{name}": value for name, value in asdict(stand).items()}

    def set_up(needed_mm: float) -> tuple[Probe, Screen]:
        probe = replace(probe_for(needed_mm), frames_per_s=frames_per_s)
        return probe, Screen.fitted(probe, *size, foot_px=foot_px)

    scene: Scene
    heart_true: HeartTruth | None = None
    plane_true: PlaneTruth | None = None
    if view in ("IVC", "other"):
        probe, screen = set_up(_OTHER_DEPTH_MM)
        scene = TissueScene(
            times_s,
            probe,
            rng,
            vein=view == "IVC",
            rate_per_min=heart.rhythm.rate_per_min,
            scatterers=scatterers,
        )
    else:
        beating = heart.at(times_s)
        plane, needed_mm = view_plane(view, heart, stand)
        probe, screen = set_up(needed_mm)
        anatomies = in_threads(beating, workers)
        scene = HeartScene(beating, anatomies, plane, probe, rng, scatterers)
        with ThreadPoolExecutor(workers) as pool:
            of_heart = pool.submit(heart_truth, beating, anatomies)
            of_plane = pool.submit(_plane_truth, beating, anatomies, plane, screen)
            heart_true, plane_true = of_heart.result(), of_plane.result()
        parameters["ejection_fraction_percent"] = _ejection_fraction(heart)
    pictures = simulate(scene, times_s, probe, look, screen, rng, heart.rhythm.phase, workers=workers)
    return EchoRecording(
        frames=pictures,
        times_s=times_s,
        spacing_mm=(screen.mm_per_px, screen.mm_per_px),
        region=screen.region,
        ecg_region=(0, size[0] - foot_px, size[1], size[0]) if look.ecg else None,
        view=view,
        heart_rate_per_min=heart.rhythm.rate_per_min,
        truth=heart_true,
        plane=plane_true,
        parameters={**parameters, "depth_mm": probe.depth_mm, **_settings("probe", probe), **_settings("look", look)},
    )


def _settings(of: str, made: Probe | Look) -> Parameters:
    """Numbers and names as OF_NAME; rows of numbers as text, and of shadows how many there are."""
    found: Parameters = {}
    for field in fields(made):
        value = getattr(made, field.name)
        if field.name == "shadows":
            value = len(value)
        elif isinstance(value, tuple):
            value = " ".join(f"{number:.3g}" for number in value)
        found[f"{of}_{field.name}"] = int(value) if isinstance(value, bool) else value
    return found


def in_threads(beating: Beating, workers: int) -> list[Anatomy]:
    """The anatomy at each time."""
    with ThreadPoolExecutor(workers) as pool:
        return list(pool.map(lambda frame: Anatomy(beating, frame), range(len(beating))))


def _plane_truth(beating: Beating, anatomies: list[Anatomy], plane: Plane, screen: Screen) -> PlaneTruth:
    y, x = np.mgrid[0 : screen.rows, 0 : screen.columns]
    pixels = screen.to_mm(np.stack([x.ravel(), y.ravel()], axis=1))
    return plane_truth(beating, anatomies, plane, screen.to_px, (screen.rows, screen.columns), pixels)


def _ejection_fraction(heart: Heart) -> float:
    beat = heart.rhythm.beats[0]
    full, empty = heart.at(np.array([beat.start_s, beat.aortic_close_s])).volume_ml
    return float(100 * (1 - empty / full))
