"""Simulated recordings as files: DICOM as a scanner would have sent it, and what is true of it as truth.json."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kinecor.core.values.geometry import FloatArray
from kinecor.io.files.atomic import whole_folder
from kinecor.io.write.dataset import About, Person
from kinecor.io.write.mr import MrSeries, MrSlice, write_classic, write_enhanced
from kinecor.io.write.truth import write_dense, write_truth
from kinecor.io.write.ultrasound import UltrasoundLoop, write_ultrasound
from kinecor_phantoms.heart.field import NAMES
from kinecor_phantoms.heart.patient import Patient
from kinecor_phantoms.heart.strain import seventeen, sixteen, strain_rate_per_s, time_to_peak_s
from kinecor_phantoms.recording import EchoRecording, HeartTruth, MriSlice, MriStudy, PlaneTruth

Json = dict[str, Any]


def echo_truth(recording: EchoRecording, file: str) -> Json:
    """Members of truth.json for a clip.

    Args:
        recording: the clip.
        file: its DICOM file, in the folder of truth.json.

    """
    described: Json = {
        "files": [file],
        "view": recording.view,
        "frames": len(recording.frames),
        "slices": 1,
        "times_s": recording.times_s,
        "spacing_mm": recording.spacing_mm,
        "heart_rate_per_min": recording.heart_rate_per_min,
        "region": recording.region,
        "events": {"beats": _frames(recording.truth, recording.times_s)},
    }
    if recording.plane is not None:
        described["tracks"] = {name: {"contours": lines} for name, lines in recording.plane.contours.items()}
        described["strain_percent"] = dict(recording.plane.strain_percent)
    return {
        "parameters": dict(recording.parameters),
        "patient": _patient(recording.patient),
        "heart": None if recording.truth is None else _heart(recording.truth),
        "recordings": [described],
    }


def mri_truth(study: MriStudy, files: Sequence[Sequence[str]]) -> Json:
    """Members of truth.json for a cine study: the short-axis stack, then each long axis.

    Args:
        study: the study.
        files: of each of these in turn, relative to truth.json.

    """
    groups = [study.stack, *((mri_slice,) for mri_slice in study.long_axes)]
    recordings = [_series(group, named, study) for group, named in zip(groups, files, strict=True)]
    return {
        "parameters": dict(study.parameters),
        "patient": _patient(study.patient),
        "heart": _heart(study.truth),
        "recordings": recordings,
    }


def dense(planes: Mapping[str, PlaneTruth]) -> dict[str, NDArray[Any]]:
    """Arrays of truth.npz by "NAME/labels", "NAME/wall_points_px", "NAME/wall_points_out_mm", "NAME/displacement_mm".

    The last is the wall's since the first frame, in half precision: to 0.01 mm, and NaN outside the wall.
    """
    found: dict[str, NDArray[Any]] = {}
    for name, plane in planes.items():
        found[f"{name}/labels"] = plane.labels
        found[f"{name}/wall_points_px"] = plane.wall_points
        found[f"{name}/wall_points_out_mm"] = plane.wall_points_out_mm
        moved = np.empty((*plane.labels.shape, 3), np.float16)
        for frame in range(len(moved)):
            moved[frame] = plane.displacement_mm(0, frame)
        found[f"{name}/displacement_mm"] = moved
    return found


def _series(slices: Sequence[MriSlice], files: Sequence[str], study: MriStudy) -> Json:
    """One recording; for a stack, contours are a list per slice, and so are positions and shifts."""
    first, many = slices[0], slices[0].view == "SAX"
    times_s = (first.trigger_ms - first.trigger_ms[0]) / 1000
    names = first.plane.contours
    found: Json = {
        "files": list(files),
        "view": first.view,
        "frames": len(first.frames),
        "slices": len(slices),
        "times_s": times_s,
        "trigger_ms": first.trigger_ms,
        "spacing_mm": first.spacing_mm,
        "thickness_mm": first.thickness_mm,
        "heart_rate_per_min": study.heart_rate_per_min,
        "position_mm": [mri_slice.position_mm for mri_slice in slices],
        "orientation": [*first.across, *first.down],
        "shift_mm": [mri_slice.shift_mm for mri_slice in slices],
        "events": {"beats": _phases(study.truth, first.trigger_ms / 1000)},
        "tracks": {
            name: {
                "contours": [mri_slice.plane.contours[name] for mri_slice in slices]
                if many
                else first.plane.contours[name]
            }
            for name in names
        },
        "strain_percent": [dict(mri_slice.plane.strain_percent) for mri_slice in slices]
        if many
        else dict(first.plane.strain_percent),
    }
    return found | _reach(slices) if many else found


def _reach(slices: Sequence[MriSlice]) -> Json:
    """Most apical and most basal slice of the ventricle at each phase, None where no slice shows it."""
    held = np.array([[line is not None for line in mri_slice.plane.contours["lv_endo"]] for mri_slice in slices])
    found = [np.flatnonzero(phase) for phase in held.T]
    return {
        "apex": [int(shown[0]) if len(shown) else None for shown in found],
        "base": [int(shown[-1]) if len(shown) else None for shown in found],
        "wall_share": [mri_slice.plane.wall_share for mri_slice in slices],
    }


def _patient(patient: Patient | None) -> Json | None:
    return None if patient is None else asdict(patient)


def _heart(truth: HeartTruth) -> Json:
    """Events, volumes and strain, whatever the view."""
    most, least = float(np.max(truth.volume_ml)), float(np.min(truth.volume_ml))
    return {
        "times_s": truth.times_s,
        "beats": [
            {
                "ed_s": beat.ed_s,
                "aortic_open_s": beat.aortic_open_s,
                "es_s": beat.es_s,
                "mitral_open_s": beat.mitral_open_s,
                "fullest_s": beat.fullest_s,
                "emptiest_s": beat.emptiest_s,
            }
            for beat in truth.beats
        ],
        "volume_ml": truth.volume_ml,
        "biplane_ml": truth.biplane_ml,
        "right_volume_ml": truth.right_volume_ml,
        "largest_ml": most,
        "smallest_ml": least,
        "ejected_percent": 100 * (most - least) / most,
        "mass_g": truth.mass_g,
        "strain_percent": dict(truth.strain_percent),
        "segments": list(NAMES),
        "segment_strain_percent": dict(truth.segment_strain_percent),
        **_derived(truth),
    }


def _derived(truth: HeartTruth) -> Json:
    """What follows from strain: by 17 and 16 segments, its rate, its time to peak; nothing of fewer than 3 frames."""
    if len(truth.times_s) < 3:
        return {}
    parts = truth.segment_strain_percent
    return {
        "segment_17_strain_percent": {name: seventeen(values) for name, values in parts.items()},
        "segment_16_strain_percent": {name: sixteen(values) for name, values in parts.items()},
        "strain_rate_per_s": {
            name: strain_rate_per_s(values, truth.times_s) for name, values in truth.strain_percent.items()
        },
        "segment_time_to_peak_s": {
            name: time_to_peak_s(values, truth.times_s) for name, values in parts.items() if name != "radial"
        },
    }


def _phases(truth: HeartTruth, times_s: FloatArray) -> list[dict[str, int | None]]:
    """Phases nearest to ED and ES of the beat shown, round the cycle: frames may begin long after the R wave.

    The scanner's clock starts at the R wave, `times_s` at the first trigger time.
    """
    cycle_s = float(np.diff(times_s).mean()) * len(times_s) if len(times_s) > 1 else 1.0

    def nearest(moment_s: float) -> int:
        off_s = np.abs(times_s - moment_s) % cycle_s
        return int(np.argmin(np.minimum(off_s, cycle_s - off_s)))

    beat = truth.beats[0]
    return [{"ed": nearest(beat.ed_s), "es": nearest(beat.es_s)}]


def _frames(truth: HeartTruth | None, times_s: FloatArray) -> list[dict[str, int | None]]:
    """Frames nearest to ED and ES of each beat, None where that is outside the recording by half a frame."""
    if truth is None:
        return []
    half = float(np.diff(times_s).mean()) / 2 if len(times_s) > 1 else 0.0

    def nearest(moment_s: float) -> int | None:
        if not times_s[0] - half <= moment_s <= times_s[-1] + half:
            return None
        return int(np.argmin(np.abs(times_s - moment_s)))

    return [{"ed": nearest(beat.ed_s), "es": nearest(beat.es_s)} for beat in truth.beats]


@dataclass(frozen=True, slots=True)
class Output:
    """How a simulated recording is written.

    Attributes:
        folder: new or empty.
        name: what comes after "Phantom^" in the patient's name.
        identity: text that names the simulation; UIDs are made from it.
        enhanced: MRI as Enhanced objects, one file a series.
        dense: also truth.npz.
        heart: names the patient and the study that clips of one heart share; "" where each stands alone.

    """

    folder: Path
    name: str
    identity: str
    enhanced: bool = False
    dense: bool = False
    heart: str = ""


def write_echo(recording: EchoRecording, output: Output) -> list[Path]:
    """Write a clip as NAME.dcm with truth.json; the files, the clip first.

    Raises:
        KinecorError: the folder is not empty, or cannot be written to.

    """
    about = About(output.name, output.identity, "Simulated echo", output.heart, _person(recording.patient))
    name = f"echo-{recording.view.lower().replace(' ', '-')}.dcm"
    with whole_folder(output.folder, private=False) as folder:
        write_ultrasound(folder / name, _loop(recording), about)
        made = [folder / name, write_truth(folder, "echo", echo_truth(recording, name))]
        if output.dense and recording.plane is not None:
            made.append(write_dense(folder, dense({"echo": recording.plane})))
    return [output.folder / path.name for path in made]


def write_mri(study: MriStudy, output: Output) -> list[Path]:
    """Write a study, a series for the stack and one for each long axis, with truth.json.

    Returns:
        folders of the series (or their files, where enhanced), then truth files.

    Raises:
        KinecorError: the folder is not empty, or cannot be written to.

    """
    about = About(output.name, output.identity, "Simulated cine MRI", person=_person(study.patient))
    groups: list[tuple[MriSlice, ...]] = [study.stack, *((mri_slice,) for mri_slice in study.long_axes)]
    made: list[Path] = []
    with whole_folder(output.folder, private=False) as folder:
        files: list[Sequence[str]] = []
        for number, slices in enumerate(groups, start=1):
            view = slices[0].view.lower()
            series = MrSeries(f"cine {slices[0].view}", tuple(map(_slice, slices)), study.heart_rate_per_min)
            if output.enhanced:
                made.append(folder / f"{view}.dcm")
                write_enhanced(made[-1], series, about, number)
                files.append([made[-1].name])
            else:
                made.append(folder / view)
                files.append([f"{view}/{path.name}" for path in write_classic(made[-1], series, about, number)])
        made.append(write_truth(folder, "mri", mri_truth(study, files)))
        if output.dense:
            made.append(write_dense(folder, dense(_planes(groups))))
    return [output.folder / path.name for path in made]


def _person(patient: Patient | None) -> Person | None:
    if patient is None:
        return None
    return Person(patient.age_years, patient.sex, patient.height_cm, patient.weight_kg)


def _loop(recording: EchoRecording) -> UltrasoundLoop:
    beats = recording.truth.beats if recording.truth else ()
    last_s = float(recording.times_s[-1])
    return UltrasoundLoop(
        frames=recording.frames,
        times_s=recording.times_s - recording.times_s[0],
        spacing_mm=recording.spacing_mm,
        region=recording.region,
        view=recording.view if recording.view != "other" else "",
        heart_rate_per_min=recording.heart_rate_per_min if recording.truth else None,
        # The mitral valve closes at the foot of the R wave's far side; nothing nearer to the trigger is simulated.
        r_wave_s=tuple(beat.ed_s for beat in beats if 0 <= beat.ed_s <= last_s),
        ecg_region=recording.ecg_region,
    )


def _slice(mri_slice: MriSlice) -> MrSlice:
    return MrSlice(
        mri_slice.frames,
        mri_slice.trigger_ms,
        mri_slice.spacing_mm,
        mri_slice.thickness_mm,
        mri_slice.position_mm,
        mri_slice.across,
        mri_slice.down,
    )


def _planes(groups: Sequence[Sequence[MriSlice]]) -> dict[str, PlaneTruth]:
    """Truth by "sax-01", "sax-02" ... and by view for long axes."""
    plane_truths: dict[str, PlaneTruth] = {}
    for slices in groups:
        for number, mri_slice in enumerate(slices, start=1):
            name = mri_slice.view.lower()
            plane_truths[f"{name}-{number:02d}" if mri_slice.view == "SAX" else name] = mri_slice.plane
    return plane_truths
