"""Simulated clips and stacks with their exact contours, motion and the contours of the networks, for correcting.py.

Simulated once (some 20 s each) and stored under out/correcting, which git ignores.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from kinecor.analysis.analyse import propose, slice_clip
from kinecor.analysis.models import Models
from kinecor.analysis.phantom_make import PhantomRequest, make_echo, make_mri
from kinecor.analysis.strategy import Round, motion_of
from kinecor.core.values.calibration import Calibration
from kinecor.core.values.errors import no_tick
from kinecor.core.values.geometry import Contour, Plane
from kinecor.core.values.reading import Reading, first_reading_of
from kinecor.core.values.recording import ArrayFrames, CineSequence, Recording, Source, Stack
from kinecor.core.values.track import ContourTrack, Motion, Origin, Structure
from kinecor_lab.common.value_files import load, save

SETS = {
    "clip": {"tuning": (*range(20), *range(201, 221), *range(301, 321)), "fresh": range(321, 361)},
    "stack": {
        "tuning": (*range(20), *range(201, 221), *range(401, 421), *range(501, 521)),
        "fresh": range(521, 541),
    },
}
"""Numbers of the recordings, which are also their seeds."""
FOLDER = Path(__file__).parents[1] / "out" / "correcting"
VIEWS = ("A4C", "A2C", "A3C")
POPULATIONS = ("normal", "dilated", "hypertrophic", "infarct", "small", "athletic", "dyssynchronous", "amyloid")
STRUCTURES = {
    "clip": (Structure.LV_ENDO, Structure.LV_EPI, Structure.LA),
    "stack": (Structure.LV_ENDO, Structure.LV_EPI, Structure.RV),
}


@dataclass(frozen=True, eq=False)
class Case:
    """A recording, what is true of it, and what the networks concluded.

    Attributes:
        recording: a loop, or a stack of slices from apex to base.
        reading: after the analysis by the networks, with motion.
        truth: per slice (one of a loop) the exact contours by structure.
        ed, es: frames of the first beat.

    """

    recording: Recording
    reading: Reading
    truth: tuple[dict[Structure, ContourTrack], ...]
    ed: int
    es: int


def case(kind: str, number: int) -> Case:
    """The recording of that number, a "clip" or a "stack"; simulated where it is not stored yet."""
    path = FOLDER / f"{kind}-{number:02d}.npz"
    if not path.exists():
        FOLDER.mkdir(parents=True, exist_ok=True)
        made = _clip(number) if kind == "clip" else _stack(number)
        save(path, made)
    return _read(load(path), kind, f"{kind}-{number:02d}")


def _clip(number: int) -> dict:
    request = PhantomRequest(
        population=POPULATIONS[number % len(POPULATIONS)], seed=700 + number, look="random", frames_per_s=45
    )
    made = make_echo(VIEWS[number % len(VIEWS)], request)
    beat = made.truth.beats[0]
    whole = {
        "frames": [made.frames],
        "times_s": made.times_s - made.times_s[0],
        "spacing_mm": made.spacing_mm,
        "view": made.view,
        "heart_rate_per_min": made.heart_rate_per_min,
        "contours": [made.plane.contours],
        "ed": int(np.argmin(np.abs(made.times_s - beat.fullest_s))),
        "es": int(np.argmin(np.abs(made.times_s - beat.emptiest_s))),
    }
    return _analysed(whole, "clip")


def _stack(number: int) -> dict:
    request = PhantomRequest(
        population=POPULATIONS[number % len(POPULATIONS)], seed=900 + number, size=(112, 128), frames=20, slices=8
    )
    made = make_mri(request)
    times_s = made.stack[0].trigger_ms / 1000
    area = np.sum(
        [
            [0 if one is None else Contour(one).area_px2 for one in part.plane.contours["lv_endo"]]
            for part in made.stack
        ],
        axis=0,
    )
    first = made.stack[0]
    along = np.cross(first.across, first.down)
    whole = {
        "frames": [one.frames for one in made.stack],
        "times_s": times_s - times_s[0],
        "spacing_mm": first.spacing_mm,
        "view": "SAX",
        "heart_rate_per_min": made.heart_rate_per_min,
        "contours": [one.plane.contours for one in made.stack],
        "planes": [(one.position_mm, one.across, one.down) for one in made.stack],
        "positions_mm": np.array([one.position_mm @ along for one in made.stack]),
        "thickness_mm": first.thickness_mm,
        "ed": int(np.argmax(area)),
        "es": int(np.argmin(area)),
    }
    # The networks would take minutes for a stack: only motion is looked for, in the two slices that are damaged.
    recording = _recording(whole, "stack", "new")
    order = np.argsort(whole["positions_mm"])
    whole["network"], whole["events"], whole["motion"] = [{} for _ in order], None, [None] * len(order)
    shown = shown_slices([whole["contours"][at]["lv_endo"] for at in order])
    for number in {shown[len(shown) // 2], shown[-1]}:
        lines = whole["contours"][order[number]]
        walls = [_track(which, lines[which.value], "stack") for which in (Structure.LV_ENDO, Structure.LV_EPI)]
        clip = slice_clip(recording.slices[number])
        found = motion_of(replace(clip, frames=Round(clip.frames)), walls, Models("cpu", None).motion("dis"), no_tick)
        whole["motion"][number] = _packed(found)
    return whole


def shown_slices(endo: Sequence[Sequence[np.ndarray | None]]) -> list[int]:
    """Slices with a cavity at every phase."""
    return [number for number, lines in enumerate(endo) if all(one is not None for one in lines)]


def _packed(motion: Motion | None) -> tuple | None:
    if motion is None:
        return None
    fields = (motion.displacement_px, motion.error_px)
    return motion.origin_px, motion.step_px, *(np.asarray(one, np.float16) for one in fields)


def _analysed(whole: dict, kind: str) -> dict:
    recording = _recording(whole, kind, "new")
    proposal = propose(recording, first_reading_of(recording))
    reading = proposal.edit.apply(first_reading_of(recording), proposal.by)
    whole["network"] = [
        {
            structure: ([None if one is None else one.points for one in track.contours], track.confidence)
            for structure, track in part.tracks.items()
        }
        for part in _parts(reading)
    ]
    whole["motion"] = [_packed(one.motion) for one in _parts(reading)]
    whole["events"] = reading.events
    return whole


def _parts(reading: Reading) -> Sequence[Reading]:
    return reading.slices or (reading,)


def _recording(whole: dict, kind: str, name: str) -> Recording:
    source = Source(f"{name}.dcm", name, name, "US" if kind == "clip" else "MR")
    row_mm, column_mm = whole["spacing_mm"]
    loops = []
    for number, frames in enumerate(whole["frames"]):
        plane = None
        if kind == "stack":
            plane = Plane(*whole["planes"][number])
        seen = frames
        if frames.dtype != np.uint8:
            low, high = np.percentile(frames, (1, 99.5))
            seen = np.clip((frames - low) * (255 / (high - low)), 0, 255).astype(np.uint8)
        loops.append(
            CineSequence(
                ArrayFrames(seen),
                whole["times_s"],
                "FrameTime",
                Calibration(row_mm, column_mm, "simulated"),
                replace(source, recording_id=f"{name}-{number}"),
                view=whole["view"] if kind == "clip" else None,
                heart_rate_per_min=whole["heart_rate_per_min"],
                plane=plane,
            )
        )
    if kind == "clip":
        return loops[0]
    order = np.argsort(whole["positions_mm"])
    return Stack(
        tuple(loops[one] for one in order), whole["positions_mm"][order], whole["thickness_mm"], name, (), name
    )


def _read(whole: dict, kind: str, name: str) -> Case:
    recording = _recording(whole, kind, name)
    reading = first_reading_of(recording)
    order = range(1) if kind == "clip" else np.argsort(whole["positions_mm"])
    truth, parts = [], []
    for place in order:
        lines = whole["contours"][place]
        truth.append({which: _track(which, lines[which.value], kind) for which in STRUCTURES[kind]})
    for number, one in enumerate(_parts(reading)):
        tracks = {
            structure: ContourTrack(
                structure,
                tuple(None if points is None else Contour(points) for points in contours),
                (Origin.MODEL,) * len(contours),
                confidence,
            )
            for structure, (contours, confidence) in whole["network"][number].items()
        }
        kept = whole["motion"][number]
        motion = None if kept is None else Motion(*kept[:2], *(one.astype(np.float32) for one in kept[2:]), "network")
        parts.append(one.with_(tracks=tracks, motion=motion))
    reading = reading.with_(slices=tuple(parts)) if kind == "stack" else parts[0]
    return Case(recording, reading.with_(events=whole["events"]), tuple(truth), whole["ed"], whole["es"])


def _track(structure: Structure, lines: Sequence[np.ndarray | None], kind: str) -> ContourTrack:
    contours = tuple(
        None if line is None else Contour(Contour(line).outline(closed=kind == "stack").resampled(96).points)
        for line in lines
    )
    return ContourTrack(structure, contours, (Origin.MODEL,) * len(contours), np.ones(len(contours)))


if __name__ == "__main__":
    import sys
    import time

    for kind, sets in SETS.items():
        for number in (*sets["fresh"], *sets["tuning"]) if len(sys.argv) < 2 or kind in sys.argv[1:] else ():
            began_s = time.perf_counter()
            found = case(kind, number)
            tracks = {str(one) for part in _parts(found.reading) for one in part.tracks}
            print(
                kind, number, f"{time.perf_counter() - began_s:.0f} s", found.reading.facts.frames, tracks, flush=True
            )
