"""Prepared cases: simulated, tampered with, written, opened and analysed once, and cached in a folder.

A case is a folder with the recording as a zip, the edits that the analysis proposed, what is true of the heart, and
the Reading that follows from these. The Reading can be renewed from the others without a network, so that a change of
what is measured at opening, of base and apex or of ED and ES is seen at once. With networks of another version the
recording is analysed again, and not simulated again.
"""

import json
import shutil
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
from pydicom.uid import UID

from kinecor.analysis.analyse import end_edits, propose
from kinecor.analysis.images.measure import with_images
from kinecor.analysis.models import Models
from kinecor.analysis.strategy import apply_edits, event_edits
from kinecor.core.values.errors import KinecorError
from kinecor.core.values.message import verbatim
from kinecor.core.values.reading import Reading, first_reading_of
from kinecor.core.values.recording import Recording, Stack
from kinecor.io.open.recordings import open_path
from kinecor.io.write.dataset import About, Person
from kinecor.io.write.mr import write_classic
from kinecor.io.write.ultrasound import write_ultrasound
from kinecor.session.codec import decode, encode
from kinecor.session.edits import Edit
from kinecor_lab.common import value_files
from kinecor_lab.tasks.trust.plan import Case, EchoCase, StackCase, sound_of
from kinecor_lab.tasks.trust.rearranged import Origin, clip_edit, origins, same_images, stack_edit
from kinecor_lab.tasks.trust.simulated import (
    EchoClip,
    EchoSetting,
    StackSeries,
    StackSetting,
    StillSetting,
    echo_clip,
    stack_series,
)
from kinecor_lab.tasks.trust.values import Values
from kinecor_models.contract import load_card

_RECORDING, _ANALYSIS, _CASE, _READING = "recording.zip", "analysis.json", "case.json", "reading.npz"
# What was stored by earlier versions is not read: the Reading is made again from the recording and its analysis.
_EARLIER = "reading.pickle"

_NETWORKS = {"echo": ("lv-apical", "phases", "views"), "stack": ("lv-sax", "sax-presence")}


@dataclass(frozen=True, eq=False)
class Prepared:
    """A case, ready to be judged.

    Attributes:
        name: of its folder.
        modality: "echo" or "stack".
        half: "choose" or "report".
        population: of the heart; "fibrillation" or "ectopic" where its rhythm is that.
        kind, strength: how it was tampered with; "sound" and "" where it was not.
        truth: headline values of the heart.
        ends: of a stack, see StackSeries.ends.
        reading: after analysis; None where the recording could not be opened or analysed.
        refused: why there is no Reading, or "".
        setting: how it was simulated.

    """

    name: str
    modality: str
    half: str
    population: str
    kind: str
    strength: str
    truth: Values
    ends: Mapping[str, int]
    reading: Reading | None
    refused: str = ""
    setting: Mapping[str, Any] = field(default_factory=dict)


Made = EchoClip | StackSeries


class Maker:
    """Makes what cases are made of; the last recording is held, as a heart's cases follow each other.

    Args:
        real: makes recordings of patients from their settings; None simulates hearts.

    """

    def __init__(self, real: Callable[[EchoSetting | StackSetting], Made] | None = None) -> None:
        self._real = real
        self._key: object = None
        self._made: Made | None = None

    def made(self, case: Case) -> Made:
        """The recording of a case as tampered with, before it is written."""
        if self._key != case.setting or self._made is None:
            self._key = case.setting
            if self._real is not None:
                self._made = self._real(case.setting)
            else:
                self._made = echo_clip(case.setting) if isinstance(case, EchoCase) else stack_series(case.setting)
        rng = np.random.default_rng((case.setting.seed, 19))
        made: Made = self._made
        if case.way is not None and case.way.made is not None:
            made = case.way.made(made, rng)  # type: ignore[arg-type]
        return made

    @property
    def sound(self) -> Made | None:
        """The last recording, as it was made."""
        return self._made


def write(case: Case, made: Made, folder: Path) -> None:
    """Write the recording of a case as DICOM files into an empty folder."""
    patient = made.patient
    person = Person(patient.age_years, patient.sex, patient.height_cm, patient.weight_kg) if patient else None
    about = About("Battery", case.name, "Simulated", person=person)
    if isinstance(made, EchoClip) and isinstance(case.setting, StillSetting):
        _write_stills(folder, made, about)
    elif isinstance(made, EchoClip):
        write_ultrasound(folder / "echo.dcm", made.loop, about)
    else:
        write_classic(folder, made.series, about, 1)
    if case.way is not None and case.way.file is not None:
        case.way.file(folder, made, np.random.default_rng((case.setting.seed, 20)))  # type: ignore[arg-type]


def _write_stills(folder: Path, made: EchoClip, about: About) -> None:
    """ED and ES as two files of one study, named after view and phase, as the program pairs them."""
    view = made.loop.view
    for number, phase in enumerate(("ED", "ES")):
        path = folder / f"{view}_{phase}.dcm"
        frame = replace(made.loop, frames=made.loop.frames[number : number + 1], times_s=np.zeros(1))
        write_ultrasound(path, frame, about)
        header = pydicom.dcmread(path)
        header.SOPInstanceUID = UID(f"{header.SOPInstanceUID}.{number + 1}")
        header.file_meta.MediaStorageSOPInstanceUID = header.SOPInstanceUID
        header.InstanceNumber = number + 1
        header.save_as(path, enforce_file_format=True)


def prepare(case: Case, cache: Path, maker: Maker, say: Callable[[str], None]) -> bool:
    """Prepare a case, unless it is there; whether it was prepared now.

    One that other versions of the networks analysed is analysed again, from its recording.
    """
    folder = cache / _modality(case) / case.half / case.name
    setting, seen_by = asdict(case.setting), networks(_modality(case))
    content = _read(folder)
    if content is not None and content["setting"] == setting:
        if content.get("networks") == seen_by:
            return False
        simulated_s, began = 0.0, time.monotonic()
    else:
        began = time.monotonic()
        made = maker.made(case)
        content = {
            "setting": setting,
            "modality": _modality(case),
            "half": case.half,
            "kind": case.kind,
            "strength": case.strength,
            "truth": made.truth,
            "ends": dict(made.ends) if isinstance(made, StackSeries) else {},
            "from_sound": _from_sound(case, maker.sound, made),
        }
        simulated_s = time.monotonic() - began
        shutil.rmtree(folder, ignore_errors=True)
        with tempfile.TemporaryDirectory(prefix="kinecor-battery-") as scratch:
            write(case, made, Path(scratch))
            folder.mkdir(parents=True)
            _zip(Path(scratch), folder / _RECORDING)
    for name in (_CASE, _ANALYSIS, _READING, _EARLIER):  # of before, were this cut short
        (folder / name).unlink(missing_ok=True)
    sound = folder.parent / sound_of(case).name
    refused, edit, by, reading = _rearranged(folder, sound, content.get("from_sound")) or analysed(folder / _RECORDING)
    _store_edit(folder, edit, by)
    if reading is not None:
        _store(folder, reading)
    seconds = [round(simulated_s, 1), round(time.monotonic() - began - simulated_s, 1)]
    content |= {"refused": refused, "networks": seen_by, "seconds": seconds}
    (folder / _CASE).write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    say(f"{case.half} {case.name}: {seconds} s {refused}")
    return True


def networks(modality: str) -> dict[str, str]:
    """Versions of the models whose answers a case of a modality rests on, by name."""
    return {name: load_card(name).version for name in _NETWORKS[modality]}


def _modality(case: Case) -> str:
    return "stack" if isinstance(case, StackCase) else "echo"


def _read(folder: Path) -> dict[str, Any] | None:
    try:
        content: dict[str, Any] = json.loads((folder / _CASE).read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return None
    return content


def _opened(path: Path) -> tuple[Recording | None, str]:
    """The recording in a folder or zip, the largest where there are several; or why there is none."""
    opened = open_path(path)
    if not opened.recordings:
        return None, opened.refused[0].reason if opened.refused else "no recording was found"
    return max(
        opened.recordings, key=lambda recording: (isinstance(recording, Stack), sum(map(len, recording.cines)))
    ), ""


Analysed = tuple[str, Edit | None, str, Reading | None]


def analysed(path: Path) -> Analysed:
    """As `kinecor analyse` does: (why it was refused, what was proposed, by whom, the Reading)."""
    recording, why = _opened(path)
    if recording is None:
        return why, None, "", None
    reading = with_images(recording, first_reading_of(recording))
    if not reading.kind.automatic:
        return "", None, "", reading
    try:
        proposal = propose(recording, reading, device="cpu")
    except KinecorError as error:
        return str(error), None, "", None
    return "", proposal.edit, proposal.by, proposal.edit.apply(reading, proposal.by)


def _from_sound(case: Case, sound: Made | None, made: Made) -> list[list[Any]] | bool:
    """What of the sound recording's images a case has: see `origins`, or all of a clip; False where others."""
    if case.way is None or case.way.file is not None or sound is None or case.setting != sound_of(case).setting:
        return False
    if isinstance(sound, EchoClip) and isinstance(made, EchoClip):
        return same_images(sound, made)
    places = origins(sound, made) if isinstance(sound, StackSeries) and isinstance(made, StackSeries) else None
    return False if places is None else [[place.slice, list(place.phases)] for place in places]


def _rearranged(folder: Path, sound: Path, from_sound: list[list[Any]] | bool | None) -> Analysed | None:
    """As `analysed`, from the analysis of the heart's sound recording; None where networks see other images."""
    if not from_sound or not (sound / _ANALYSIS).exists() or not _has_reading(sound):
        return None
    before = stored(sound)
    if before is None or before.withheld is not None:
        return None
    recording, why = _opened(folder / _RECORDING)
    if recording is None:
        return why, None, "", None
    proposed, by = _proposed(sound)
    first = with_images(recording, first_reading_of(recording))
    if isinstance(from_sound, list):
        edit = stack_edit(recording, first, before, [Origin(at, tuple(phases)) for at, phases in from_sound], by)
    else:
        edit = clip_edit(first, proposed, by)
    return None if edit is None else ("", edit, by, edit.apply(first, by))


def _zip(files: Path, path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as packed:
        for single_path in sorted(files.iterdir()):
            packed.write(single_path, single_path.name)


def _has_reading(folder: Path) -> bool:
    return any((folder / name).exists() for name in (_READING, _EARLIER))


def _store(folder: Path, reading: Reading) -> None:
    value_files.save(folder / _READING, reading)


def _store_edit(folder: Path, edit: Edit | None, by: str) -> None:
    if edit is not None:
        kind, payload = encode(edit)
        (folder / _ANALYSIS).write_text(json.dumps({"by": by, "kind": kind, "payload": payload.decode()}))


def _proposed(folder: Path) -> tuple[Edit, str]:
    """What the analysis proposed, and who."""
    content = json.loads((folder / _ANALYSIS).read_text(encoding="utf-8"))
    edit = decode(content["kind"], content["payload"].encode())
    if not isinstance(edit, Edit):
        raise TypeError(f"{folder}: an edit of a recording was expected, got {content['kind']}")
    return edit, content["by"]


def renewed(folder: Path, recording_path: Path | None = None) -> Reading | None:
    """The Reading of a prepared case by the program as it is now, without networks.

    The recording is opened again, the contours that networks drew are taken over, and base, apex, ED and ES are
    determined again from them.

    Args:
        folder: of the case.
        recording_path: of the recording, where that is not in the folder.

    """
    recording, _ = _opened(recording_path or folder / _RECORDING)
    if recording is None:
        return None
    reading = with_images(recording, first_reading_of(recording))
    if (folder / _ANALYSIS).exists():
        edit, by = _proposed(folder)
        reading = edit.apply(reading, by)
        if reading.withheld is None:
            if reading.kind.stack:
                reading = apply_edits(reading, end_edits(reading, by, Models().presence()), by)
            reading = apply_edits(reading, event_edits(reading, reading.phase_curve), by)
    _store(folder, reading)
    return reading


def prepare_real(path: Path, folder: Path) -> None:
    """Analyse a real recording, unless that was done; only what was concluded is stored, no image.

    Raises:
        KinecorError: it cannot be opened or analysed.

    """
    if _has_reading(folder):
        return
    refused, edit, by, reading = analysed(path)
    if reading is None:
        raise KinecorError(verbatim(f"{path}: {refused}"))
    folder.mkdir(parents=True, exist_ok=True)
    _store_edit(folder, edit, by)
    _store(folder, reading)


def stored(folder: Path, recording_path: Path | None = None) -> Reading | None:
    """The stored Reading; renewed where another version of the program stored it."""
    try:
        reading = value_files.load(folder / _READING)
    except (FileNotFoundError, ValueError):
        return renewed(folder, recording_path)
    return reading if isinstance(reading, Reading) else None


def cases_in(cache: Path, half: str, modality: str) -> list[Path]:
    """Folders of the prepared cases."""
    return sorted(path.parent for path in (cache / modality / half).glob(f"*/{_CASE}"))


def load(folders: Iterable[Path]) -> list[Prepared]:
    """Prepared cases from their folders."""
    cases = []
    for folder in folders:
        content = _read(folder)
        if content is None:
            continue
        setting = content["setting"]
        rhythm = setting["rhythm"]
        cases.append(
            Prepared(
                name=folder.name,
                modality=content["modality"],
                half=content["half"],
                population=setting["population"] if rhythm == "sinus" else rhythm,
                kind=content["kind"],
                strength=content["strength"],
                truth=content["truth"],
                ends=content["ends"],
                reading=stored(folder) if _has_reading(folder) else None,
                refused=content["refused"],
                setting=setting,
            )
        )
    return cases
