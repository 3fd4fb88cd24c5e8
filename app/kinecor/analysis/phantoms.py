"""Simulated recordings as files: DICOM as a scanner would have sent it, and its truth as truth.json."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from kinecor.analysis.phantom_truth import dense, echo_truth, mri_truth
from kinecor.io.files.atomic import whole_folder
from kinecor.io.write.dataset import About, Person
from kinecor.io.write.enhanced_mr import write_enhanced
from kinecor.io.write.mr import MrSeries, MrSlice, write_classic
from kinecor.io.write.truth import write_dense, write_truth
from kinecor.io.write.ultrasound import UltrasoundLoop, write_ultrasound
from kinecor_phantoms.heart.patient import Patient
from kinecor_phantoms.recording import EchoRecording, MriSlice, MriStudy, PlaneTruth


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
    with whole_folder(output.folder) as folder:
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
    groups: list[tuple[MriSlice, ...]] = [study.stack, *((one,) for one in study.long_axes)]
    made: list[Path] = []
    with whole_folder(output.folder) as folder:
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


def _slice(one: MriSlice) -> MrSlice:
    return MrSlice(one.frames, one.trigger_ms, one.spacing_mm, one.thickness_mm, one.position_mm, one.across, one.down)


def _planes(groups: Sequence[Sequence[MriSlice]]) -> dict[str, PlaneTruth]:
    """Truth by "sax-01", "sax-02" ... and by view for long axes."""
    found: dict[str, PlaneTruth] = {}
    for slices in groups:
        for number, one in enumerate(slices, start=1):
            name = one.view.lower()
            found[f"{name}-{number:02d}" if one.view == "SAX" else name] = one.plane
    return found
