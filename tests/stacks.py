"""Short-axis stacks of a beating half ellipsoid whose volumes are known exactly."""

from dataclasses import dataclass, replace

import numpy as np

from kinecor.core.values.calibration import Calibration
from kinecor.core.values.choices import Extent, ShortAxis
from kinecor.core.values.events import Beat, CardiacEvents
from kinecor.core.values.geometry import Contour, Plane
from kinecor.core.values.message import message
from kinecor.core.values.reading import Reading, first_stack_reading
from kinecor.core.values.recording import ArrayFrames, CineSequence, Patient, Source, Stack
from kinecor.core.values.track import ContourTrack, Origin, Structure

BY = "model:lv-test@1.0+abcdef0123456789"
SPACING_MM = 1.5
SIZE_PX = 96
CENTRE_PX = (44.0, 48.0)
PHASES = 20
CYCLE_S = 0.8
ONE_BEAT = CardiacEvents((Beat(0, 10),), Origin.MODEL)


@dataclass(frozen=True)
class Heart:
    """A half ellipsoid with its base at z = 0; wall and right ventricle follow it.

    The cavity's radius at the base is `radius_mm` at ED and shrinks by `swing`; its length is `length_mm` throughout.
    """

    radius_mm: float = 25.0
    length_mm: float = 80.0
    swing: float = 0.3
    wall_mm: float = 9.0

    def squeeze(self, phase: int, phases: int = PHASES) -> float:
        """Factor of the radius: 1 at phase 0, 1 - swing half way round."""
        return 1 - self.swing * (1 - np.cos(2 * np.pi * phase / phases)) / 2

    def radius(self, z_mm: float, phase: int) -> float:
        inside = 1 - (z_mm / self.length_mm) ** 2
        return self.radius_mm * self.squeeze(phase) * np.sqrt(inside) if inside > 0 and z_mm >= 0 else 0.0

    def volume_ml(self, phase: int) -> float:
        """Of the cavity, exactly: two thirds of pi r^2 L."""
        return float(2 / 3 * np.pi * (self.radius_mm * self.squeeze(phase)) ** 2 * self.length_mm / 1000)


def circle(radius_px: float, centre: tuple[float, float] = CENTRE_PX, points: int = 180) -> Contour:
    """A closed circle; its polygon has the circle's area."""
    turn = np.arange(points) * 2 * np.pi / points
    radius_px *= np.sqrt(2 * np.pi / points / np.sin(2 * np.pi / points))
    return Contour(np.stack([centre[0] + radius_px * np.cos(turn), centre[1] + radius_px * np.sin(turn)], axis=1))


def crescent(outer_px: float, wide_px: float, centre: tuple[float, float] = CENTRE_PX) -> Contour:
    """A right ventricle on the left of the image: along the outer border from 130 to 230 degrees, and back."""
    turn = np.radians(np.linspace(130, 230, 40))
    inner = np.stack([np.cos(turn), -np.sin(turn)], axis=1) * (outer_px + 0.3)
    bulge = wide_px * np.sin(np.linspace(0, np.pi, 40))
    outer = np.stack([np.cos(turn), -np.sin(turn)], axis=1) * (outer_px + 0.3 + bulge)[:, None]
    return Contour(np.concatenate((inner, outer[::-1])) + centre)


def positions(step_mm: float = 8.0, slices: int = 12, first_mm: float = -8.0 + 4.0) -> np.ndarray:
    return first_mm + step_mm * np.arange(slices)


def stack(places_mm: np.ndarray | None = None, *, phases: int = PHASES, patient: Patient | None = None) -> Stack:
    """Meaningless images at these positions, base first."""
    places = positions() if places_mm is None else places_mm
    pixels = np.random.default_rng(3).integers(0, 200, (phases, SIZE_PX, SIZE_PX)).astype(np.uint8)
    cines = tuple(
        CineSequence(
            frames=ArrayFrames(pixels),
            times_s=np.arange(phases) * CYCLE_S / phases,
            times_origin="TriggerTime",
            calibration=Calibration(SPACING_MM, SPACING_MM, message("Pixel Spacing in the file")),
            source=Source(
                "study/mr", f"1.2.3.7-s{number:02d}", "1.2.3", "MR", "Maker Model", patient or Patient("Doe^Jane", "42")
            ),
            heart_rate_per_min=60 / CYCLE_S,
            plane=Plane((0.0, 0.0, -place), (1.0, 0.0, 0.0), (0.0, 1.0, 0.0)),
        )
        for number, place in enumerate(places, 1)
    )
    return Stack(cines, places, 8.0, "1.2.3", recording_id="1.2.3.7")


def track(structure: Structure, contours: list[Contour | None], confidence: float = 0.95) -> ContourTrack:
    sure = np.array([0.0 if one is None else confidence for one in contours])
    return ContourTrack(structure, tuple(contours), (Origin.MODEL,) * len(contours), sure)


def read(
    recording: Stack,
    heart: Heart | None = None,
    *,
    shift_px: dict[int, tuple[float, float]] | None = None,
    right: bool = True,
    events: CardiacEvents | None = ONE_BEAT,
    extent: Extent | None = None,
) -> Reading:
    """The Reading with exact contours of the heart in every slice that meets its cavity."""
    heart = heart or Heart()
    first = first_stack_reading(recording)
    slices = []
    for number, (one, place) in enumerate(zip(first.slices, recording.positions_mm, strict=True)):
        dx, dy = (shift_px or {}).get(number, (0.0, 0.0))
        centre = (CENTRE_PX[0] + dx, CENTRE_PX[1] + dy)
        rows: dict[Structure, list[Contour | None]] = {
            s: [] for s in (Structure.LV_ENDO, Structure.LV_EPI, Structure.RV)
        }
        for phase in range(recording.phases):
            inner = heart.radius(place, phase) / SPACING_MM
            # The wall's area stays what it is at ED: myocardium cannot be squeezed.
            outer = np.sqrt(inner**2 + _wall_px2(heart, place))
            rows[Structure.LV_ENDO].append(circle(inner, centre) if inner > 0 else None)
            rows[Structure.LV_EPI].append(circle(outer, centre) if inner > 0 else None)
            rows[Structure.RV].append(
                crescent(outer, 10 * heart.squeeze(phase), centre) if inner > 0 and right else None
            )
        tracks = {
            structure: track(structure, row)
            for structure, row in rows.items()
            if right or structure is not Structure.RV
        }
        slices.append(one.with_(tracks=tracks, authors={f"tracks/{s}": BY for s in tracks}))
    chosen = replace(first.short_axis or ShortAxis(), extent=extent)
    return first.with_(slices=tuple(slices), events=events, short_axis=chosen, authors={"events": BY})


def _wall_px2(heart: Heart, place_mm: float) -> float:
    inner = heart.radius(place_mm, 0) / SPACING_MM
    return (inner + heart.wall_mm / SPACING_MM) ** 2 - inner**2


def wall_ml(heart: Heart, places_mm: np.ndarray, step_mm: float) -> float:
    """Myocardium of the slices that meet the cavity, each `step_mm` high."""
    return float(
        sum(_wall_px2(heart, z) * np.pi for z in places_mm if heart.radius(z, 0) > 0) * SPACING_MM**2 * step_mm / 1000
    )
