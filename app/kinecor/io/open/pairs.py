"""Stills of one view at ED and at ES, found by their names or headers, opened as one recording of two frames."""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import PurePath
from typing import Final, Literal

from kinecor.core.values.recording import CineSequence, Patient, Recording
from kinecor.core.values.stills import joined, mismatch

Phase = Literal["ED", "ES"]
_VIEWS: Final = {
    view: label
    for label, views in (
        ("A4C", ("4ch", "a4c", "ap4", "4c", "ap4ch")),
        ("A2C", ("2ch", "a2c", "ap2", "2c", "ap2ch")),
        ("A3C", ("3ch", "a3c", "ap3", "3c", "ap3ch", "aplax")),
    )
    for view in views
}
_PHASES: Final[dict[str, Phase]] = {
    "ed": "ED",
    "enddiastole": "ED",
    "enddiastolic": "ED",
    "diastole": "ED",
    "es": "ES",
    "endsystole": "ES",
    "endsystolic": "ES",
    "systole": "ES",
}
BY_NAME: Final = "file name"
"""Author of a view that the name of a file states."""


@dataclass(frozen=True, slots=True)
class _Named:
    """What a still's name and header say: whose it is, the view, the phase."""

    whose: tuple[str, ...]
    view: str
    phase: Phase
    patient: str


def with_pairs(recordings: Sequence[Recording]) -> list[Recording]:
    """The recordings, with each pair of stills of one view in place of the two.

    Named as in CAMUS ("patient0001_4CH_ED.png", "patient0001_4CH_ES.png"), in one folder; or of one DICOM study, with
    view and phase in the header or the name. Stills that are named as a pair but do not fit are left apart, with a
    warning. Pairs of one patient in one folder that no header assigns to a study form one.
    """
    named = {at: said for at, one in enumerate(recordings) if (said := _named(one)) is not None}
    groups: dict[tuple[tuple[str, ...], str], dict[Phase, list[int]]] = {}
    for at, one in named.items():
        groups.setdefault((one.whose, one.view), {}).setdefault(one.phase, []).append(at)
    pairs = {
        (both["ED"][0], both["ES"][0]): whose
        for (whose, _), both in groups.items()
        if {"ED", "ES"} == set(both) and all(len(found) == 1 for found in both.values())
    }
    out: dict[int, Recording | None] = dict(enumerate(recordings))
    fitting: dict[tuple[str, ...], list[tuple[int, int]]] = {}
    for (ed, es), whose in pairs.items():
        first, second = _cine(recordings[ed]), _cine(recordings[es])
        why = mismatch(first, second)
        if why is None:
            fitting.setdefault(whose, []).append((ed, es))
            continue
        for at, this, other in ((ed, first, second), (es, second, first)):
            name = PurePath(other.source.path).name
            warning = f"Not joined with {name} to a pair of ED and ES: {why}."
            out[at] = replace(this, warnings=(*this.warnings, warning))
    for whose, found in fitting.items():
        study = _study(whose, [_cine(recordings[at]) for pair in found for at in pair])
        for ed, es in found:
            out[ed], out[es] = _pair(recordings, named, ed, es, study), None
    return [one for one in out.values() if one is not None]


def _pair(
    recordings: Sequence[Recording], named: dict[int, _Named], ed: int, es: int, study: str | None
) -> CineSequence:
    about = named[ed]

    def viewed(at: int) -> CineSequence:
        one = _cine(recordings[at])
        patient = one.source.patient
        if study is not None and not patient.identity and about.patient:
            patient = Patient(patient_id=about.patient)
        one = replace(one, source=replace(one.source, patient=patient))
        return one if one.view else replace(one, view=about.view, view_by=BY_NAME)

    return joined(viewed(ed), viewed(es), study_id=study)


def _cine(one: Recording) -> CineSequence:
    (cine,) = one.cines
    return cine


def _named(one: Recording) -> _Named | None:
    """Of a still of ultrasound whose name or header states view and phase; None of others."""
    if not isinstance(one, CineSequence) or len(one) != 1 or one.source.modality not in ("US", ""):
        return None
    path = PurePath(one.source.path.replace("\\", "/"))
    stem = path.name.split(".")[0] if not one.instances else path.stem
    words = _words(stem)
    stated = [word for _, text in one.source.extra for word in _words(text)] if one.instances else []
    phases = {_PHASES[word] for word in words if word in _PHASES} or {
        _PHASES[word] for word in _ends_joined(stated) if word in _PHASES
    }
    views = {one.view} if one.view else {_VIEWS[word] for word in words if word in _VIEWS}
    if len(phases) != 1 or len(views) != 1:
        return None
    (phase,), (view,) = phases, views
    rest = [word for word in words if word not in _PHASES and word not in _VIEWS]
    whose = (one.source.study_id,) if one.instances else (str(path.parent), *rest)
    return _Named(whose, str(view), phase, " ".join(rest))


def _words(text: str) -> list[str]:
    return _ends_joined([word for word in re.split(r"[^a-z0-9]+", text.lower()) if word])


def _ends_joined(words: Sequence[str]) -> list[str]:
    """The words, with "end diastole" as one."""
    return re.sub(r"\bend (diastol|systol)", r"end\1", " ".join(words)).split()


def _study(whose: tuple[str, ...], stills: Sequence[CineSequence]) -> str | None:
    """The study of the pairs of one patient: None where headers name it, else by the content of the images."""
    if any(one.instances for one in stills) or len(whose) < 1:
        return None
    digests = sorted(one.source.digest for one in stills)
    return f"sha256-{hashlib.sha256(chr(10).join(digests).encode()).hexdigest()[:24]}"
