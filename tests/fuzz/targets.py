"""What happens to a mutant: opened as a reader would, every frame decoded, every value computed."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from kinecor.analysis.images.measure import recording_facts
from kinecor.core.checks.assessment import assess
from kinecor.core.values.errors import KinecorError, no_tick
from kinecor.io.files.cache import FrameCache
from kinecor.io.open.recordings import open_path
from kinecor.io.write.anchors import heads_in
from kinecor.session.audit import verify_file
from kinecor.session.edits import SetNotes
from kinecor.session.journal import Journal
from kinecor.session.store import Store
from tests.fuzz.seeds import RECORDING, STUDY, Seed
from tests.session.samples import first

SAME, REFUSED, MARKED, SILENT, FAULT = "same", "refused", "marked", "silent", "fault"
_MAX_FRAMES = 64
# The last net of opening: no reader was meant to get there.
_UNFORESEEN = "in an unforeseen way"
_VISIBLE, _SHARE = 24, 0.004


@dataclass(frozen=True)
class Outcome:
    """One of the kinds above, and words on it."""

    kind: str
    words: str = ""


def examined(seed: Seed, folder: Path, sound: "list[Seen] | None") -> Outcome:
    """Open the mutant in `folder`; anything but a KinecorError that comes out is a fault.

    Args:
        seed: what it was made of.
        folder: that holds its files.
        sound: what the seed itself gives, by `seen`; None for what is no recording.

    """
    path = folder / seed.opened if seed.opened else folder
    try:
        if seed.target == RECORDING:
            return _recording(path, sound or [])
        return _study(path) if seed.target == STUDY else _result(path)
    except KinecorError as error:
        return Outcome(REFUSED, str(error))
    except Exception as error:
        return Outcome(FAULT, f"{type(error).__name__}: {error}")


@dataclass(frozen=True)
class Seen:
    """A recording as a reader sees it: pixels by frame (None where it was refused), warnings; values of a report."""

    frames: list[Any]
    warnings: tuple[str, ...]
    values: tuple[str, ...] = ()


def seen(path: Path) -> tuple[list[Seen], list[str]]:
    """All recordings of a path, and the reasons of what was refused."""
    opened = open_path(path, cache=FrameCache(64 << 20))
    out = []
    for one in opened.recordings:
        for cine in one.cines:
            frames: list[Any] = []
            for number in range(min(len(cine), _MAX_FRAMES)):
                try:
                    frames.append(np.array(cine.frames[number]))
                except KinecorError:
                    frames.append(None)
            out.append(Seen(frames, one.warnings))
    # Kinecor's own are among the documents only.
    reports = (one.report for one in opened.documents)
    out += [Seen([], (), tuple(map(repr, one.values))) for one in reports if one is not None]
    return out, [one.reason for one in opened.refused]


def _recording(path: Path, sound: list[Seen]) -> Outcome:
    found, refused = seen(path)
    if words := next((one for one in refused if _UNFORESEEN in one), None):
        return Outcome(FAULT, words)
    if words := next((one for one in refused if "\n" in one or "Traceback" in one), None):
        return Outcome(FAULT, f"no sentence: {words[:200]}")
    if not found:
        return Outcome(REFUSED, refused[0] if refused else "")
    if refused:
        return Outcome(MARKED, refused[0])
    if not _differ(found, sound):
        return Outcome(SAME)
    marks = (
        any(frame is None for one in found for frame in one.frames) or _warned(found, sound) or len(found) != len(sound)
    )
    return Outcome(MARKED) if marks or _noticed(path) else Outcome(SILENT)


def _differ(found: list[Seen], sound: list[Seen]) -> bool:
    if len(found) != len(sound) or any(len(a.frames) != len(b.frames) for a, b in zip(found, sound, strict=True)):
        return True
    if [one.values for one in found] != [one.values for one in sound]:
        return True
    pairs = [(x, y) for a, b in zip(found, sound, strict=True) for x, y in zip(a.frames, b.frames, strict=True)]
    return any(x is None or x.shape != y.shape or _visible(x, y) for x, y in pairs)


def _visible(one: Any, other: Any) -> bool:
    """Whether a share of the pixels differs by as much as an eye sees."""
    return float((np.abs(one.astype(int) - other.astype(int)) > _VISIBLE).mean()) > _SHARE


def _warned(found: list[Seen], sound: list[Seen]) -> bool:
    return {word for one in found for word in one.warnings} > {word for one in sound for word in one.warnings}


def _noticed(path: Path) -> bool:
    """Whether the checks of images mark a frame."""
    for recording in open_path(path, cache=FrameCache(64 << 20)).recordings:
        facts = recording_facts(recording, no_tick)
        if any(one.damaged for one in (facts.whole, *facts.slices)):
            return True
    return False


def _study(path: Path) -> Outcome:
    with Store.open(path) as store:
        journal = Journal(store)
        reading = journal.open(first())
        assess(reading)
        verify_file(store)
        before = len(store.entries())
        if journal.read_only_because is None:
            journal.do("1.2.3", SetNotes("one more"), "Anna")
            if len(store.entries()) != before + 1:
                return Outcome(FAULT, "an acknowledged edit is not there")
        return Outcome(MARKED if journal.doubt or journal.read_only_because else SAME, journal.doubt or "")


def _result(path: Path) -> Outcome:
    found = heads_in(path)
    return Outcome(SAME if len(found) == 1 and found[0][1].entries == 3 else MARKED)
