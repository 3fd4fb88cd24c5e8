"""Tiny recordings as the simulators give them, with truth that is easy to check by hand."""

import numpy as np

from kinecor_phantoms.recording import (
    BeatTruth,
    EchoRecording,
    HeartTruth,
    MriSlice,
    MriStudy,
    PlaneTruth,
)

TIMES_S = np.arange(10) / 20
OUTLINE = np.array([[10.0, 30.0], [20.0, 8.0], [30.0, 30.0]])


def heart(times_s: np.ndarray = TIMES_S) -> HeartTruth:
    volume = 100 - 50 * np.sin(np.pi * np.arange(len(times_s)) / len(times_s))
    curves = {"longitudinal": -np.linspace(0, 18, len(times_s))}
    return HeartTruth(
        times_s=times_s,
        beats=(BeatTruth(0.01, 0.26, 0.06, 0.33, 0.0, 0.25), BeatTruth(0.9, 1.2, 0.95, 1.3, 0.9, 1.2)),
        volume_ml=volume,
        biplane_ml=volume + 1,
        right_volume_ml=volume * 1.1,
        mass_g=140.0,
        strain_percent=curves,
        segment_strain_percent={"longitudinal": np.repeat(curves["longitudinal"][:, None], 18, axis=1)},
    )


def plane(frames: int, rows: int = 40, columns: int = 48) -> PlaneTruth:
    return PlaneTruth(
        contours={"lv_endo": tuple(OUTLINE + 0.1 * t for t in range(frames)), "la": (None,) * frames},
        labels=np.ones((frames, rows, columns), np.uint8),
        wall_points=np.zeros((frames, 5, 61, 2), np.float32),
        wall_points_out_mm=np.zeros((frames, 5, 61), np.float32),
        displacement_mm=lambda start, to: np.full((rows, columns, 3), to - start, np.float32),
        strain_percent={"longitudinal": -np.linspace(0, 17, frames)},
    )


def echo(view: str = "A4C") -> EchoRecording:
    rng = np.random.default_rng(0)
    return EchoRecording(
        frames=rng.integers(0, 255, (10, 40, 48), dtype=np.uint8),
        times_s=TIMES_S,
        spacing_mm=(0.6123, 0.6123),
        region=(2, 0, 46, 34),
        ecg_region=(2, 35, 46, 40),
        view=view,
        heart_rate_per_min=66.6,
        truth=heart(),
        plane=plane(10),
        parameters={"population": "normal", "seed": 7, "depth_mm": 150.0},
    )


def mri(slices: int = 3, phases: int = 5) -> MriStudy:
    trigger_ms = 20 + 160.0 * np.arange(phases)
    rng = np.random.default_rng(0)
    across, down = np.array([1.0, 0.0, 0.0]), np.array([0.0, 0.6, -0.8])
    normal = np.cross(across, down)

    def one(place: float, view: str, across: np.ndarray, down: np.ndarray) -> MriSlice:
        return MriSlice(
            frames=rng.integers(0, 2000, (phases, 40, 48)).astype(np.uint16),
            spacing_mm=(1.4, 1.4),
            thickness_mm=8.0,
            position_mm=np.array([-20.0, 5.0, 9.0]) + place * normal,
            across=across,
            down=down,
            trigger_ms=trigger_ms,
            plane=plane(phases),
            view=view,
            shift_mm=(0.5, -0.25),
        )

    return MriStudy(
        stack=tuple(one(10.0 * place, "SAX", across, down) for place in range(slices)),
        long_axes=(one(0.0, "A4C", down, normal), one(0.0, "A2C", normal, across)),
        heart_rate_per_min=75.0,
        truth=heart(trigger_ms / 1000),
        parameters={"population": "dilated"},
    )
