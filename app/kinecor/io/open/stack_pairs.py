"""Stacks whose ED and ES come as two files, each of one phase, as one stack of two phases.

Files say it by their names: "patient001_ED.nii.gz" and "patient001_ES.nii.gz", or as in ACDC
"patient001_frame01.nii.gz" and "patient001_frame12.nii.gz", whose ED and ES are named in Info.cfg next to them.
"""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePath
from typing import Final

from kinecor.core.values.message import message, verbatim
from kinecor.core.values.recording import Recording, Stack
from kinecor.core.values.stills import joined_stacks, stack_mismatch

_PHASES: Final = {
    word: number
    for number, texts in enumerate((("ed", "enddiastole", "diastole"), ("es", "endsystole", "systole")))
    for word in texts
}
"""Words of a file's name, and the order of the phase that they name."""
_FRAME: Final = re.compile(r"^(?:frame|phase)0*(\d+)$")
_LABELS: Final = frozenset(("gt", "seg", "label", "labels", "mask", "segmentation"))
"""Words in names of files that hold labels, not images."""
_INFO: Final = "Info.cfg"
_MAX_INFO_BYTES: Final = 1 << 16


@dataclass(frozen=True, slots=True)
class _NamedPhase:
    """What a file's name says: whose it is, and the phase's place in order."""

    whose: tuple[str, ...]
    order: int
    by_number: bool


def with_stack_pairs(recordings: Sequence[Recording]) -> list[Recording]:
    """The recordings, with each pair of stacks of one phase in place of the two; see the module.

    Stacks that are named as a pair but do not fit are left apart, with a warning.

    Args:
        recordings: that were opened together, in order.

    """
    named = {
        index: phase for index, recording in enumerate(recordings) if (phase := _named_phase(recording)) is not None
    }
    groups: dict[tuple[tuple[str, ...], bool], list[int]] = {}
    for at, phase in named.items():
        groups.setdefault((phase.whose, phase.by_number), []).append(at)
    out: dict[int, Recording | None] = dict(enumerate(recordings))
    for group in groups.values():
        ordered = sorted(group, key=lambda at: named[at].order)
        if len(group) != 2 or named[ordered[0]].order == named[ordered[1]].order:
            continue
        first, second = (_stack(recordings[at]) for at in ordered)
        why = stack_mismatch(first, second)
        if why is None:
            out[ordered[0]], out[ordered[1]] = joined_stacks(first, second, study_id=_study(first, second)), None
            continue
        for at, this, other in ((ordered[0], first, second), (ordered[1], second, first)):
            name = PurePath(other.source.path).name
            warning = message(
                "Not joined with {name} to a pair of ED and ES: {reason}.", name=verbatim(name), reason=why
            )
            out[at] = replace(this, warnings=(*this.warnings, warning))
    return [recording for recording in out.values() if recording is not None]


def _stack(recording: Recording) -> Stack:
    if not isinstance(recording, Stack):
        raise TypeError(f"expected a stack, got {type(recording).__name__}")
    return recording


def _named_phase(stack: Recording) -> _NamedPhase | None:
    """Of a stack of one phase without a patient header whose name states the phase; None of others."""
    if not isinstance(stack, Stack) or stack.phases != 1 or stack.slices[0].instances:
        return None
    path = PurePath(stack.source.path.replace("\\", "/"))
    texts = [word for word in re.split(r"[^a-z0-9]+", path.name.split(".")[0].lower()) if word]
    if _LABELS & set(texts):
        return None
    phases = {_PHASES[word] for word in texts if word in _PHASES}
    frames = [int(match[1]) for word in texts if (match := _FRAME.match(word))]
    if len(phases) + len(frames) != 1:
        return None
    remaining_names = [word for word in texts if word not in _PHASES and not _FRAME.match(word)]
    whose = (str(path.parent), *remaining_names)
    if phases:
        return _NamedPhase(whose, phases.pop(), by_number=False)
    listed = _frames_of_info(Path(stack.source.path).parent)
    return _NamedPhase(whose, listed.get(frames[0], frames[0] + len(listed)), by_number=True)


def _frames_of_info(folder: Path) -> Mapping[int, int]:
    """The order (0 ED, 1 ES) of the frames that ACDC's Info.cfg in a folder names; empty without one."""
    file = folder / _INFO
    try:
        if file.stat().st_size > _MAX_INFO_BYTES:
            return {}
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return {}
    found = re.findall(r"^\s*(ED|ES)\s*:\s*(\d+)\s*$", text, re.MULTILINE)
    return {int(frame): _PHASES[name.lower()] for name, frame in found} if len(found) == 2 else {}


def _study(first: Stack, second: Stack) -> str:
    """The study of a pair, by the content of its images."""
    digests = sorted(stack.slices[0].source.digest for stack in (first, second))
    return f"sha256-{hashlib.sha256(chr(10).join(digests).encode()).hexdigest()[:24]}"
