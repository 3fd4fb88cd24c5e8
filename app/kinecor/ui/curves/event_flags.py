"""ED, ES and valve events: going to them, setting them here, and moving them along the curve."""

from itertools import pairwise
from typing import Literal

from kinecor.core.cycle.cycle import closure_bounds, closure_by_beat, why_no_cycle, with_closure
from kinecor.core.cycle.filling import (
    onsets_of_filling,
    opening_bounds,
    opening_by_beat,
    why_no_filling,
    with_opening,
)
from kinecor.core.values.errors import KinecorError, error_message
from kinecor.core.values.events import frame_of, marks, move_event, set_here, with_closing_ed
from kinecor.core.values.reading import Reading
from kinecor.core.volumes.loop_volumes import cavity, closing_ed, curves
from kinecor.session.edits import SetEvents, SetValveClosures, SetValveOpenings
from kinecor.ui.style.language import tr
from kinecor.ui.workspace.player import Player
from kinecor.ui.workspace.workspace import Workspace

Mark = Literal["ed", "es", "avc", "mvo"]
"""End-diastole, end-systole, aortic valve closure, mitral valve opening."""
Marks = SetEvents | SetValveClosures | SetValveOpenings
"""An edit of marks."""
Key = tuple[int, Mark]
"""A beat (0-based) and its mark; the ED that ends the last beat counts as one of a beat after it."""


def go_to(workspace: Workspace, player: Player, mark: Mark) -> None:
    """Stop at the next mark of this kind; after the last comes the first."""
    saved = workspace.saved
    if saved is None:
        return
    if mark == "avc":
        frames = list(saved.valve_closures)
        if not frames and not saved.kind.stack:
            workspace.notices.message.emit(
                tr("No aortic valve closure is set: press Alt+V at the frame in which the valve closes.")
            )
    elif mark == "mvo":
        frames = list(saved.valve_openings)
        if not frames and not saved.kind.stack:
            workspace.notices.message.emit(
                tr("No mitral valve opening is set: press Alt+O at the frame in which the valve opens.")
            )
    else:
        frames = sorted(frame for (_, name), frame in frames_of(saved).items() if name == mark)
    if frames:
        player.pause()
        player.seek(next((frame for frame in frames if frame > player.frame), frames[0]))


def put_here(workspace: Workspace, player: Player, mark: Mark) -> None:
    """Set ED or ES to the frame on screen; set a valve event there, or clear it where it is set already."""
    saved, frame = workspace.saved, player.frame
    if saved is None:
        return
    player.pause()
    if mark == "avc" and saved.kind.stack:
        workspace.notices.message.emit(
            tr("Aortic valve closure can be set in a loop that shows the valve, not in a stack.")
        )
        return
    if mark == "mvo" and saved.kind.stack:
        workspace.notices.message.emit(
            tr("Mitral valve opening can be set in a loop that shows the valve, not in a stack.")
        )
        return
    try:
        if mark == "avc" and frame in saved.valve_closures:
            edit: Marks = SetValveClosures(
                tuple(valve_closure for valve_closure in saved.valve_closures if valve_closure != frame)
            )
        elif mark == "avc":
            edit = SetValveClosures(with_closure(saved, frame))
        elif mark == "mvo" and frame in saved.valve_openings:
            edit = SetValveOpenings(
                tuple(valve_opening for valve_opening in saved.valve_openings if valve_opening != frame)
            )
        elif mark == "mvo":
            edit = SetValveOpenings(with_opening(saved, frame))
        else:
            edit = SetEvents(set_here(saved.events, mark, frame, curves(saved).lv_volume))
    except KinecorError as error:
        workspace.notices.message.emit(error_message(error))
        return
    mark_events(workspace, edit)


def find_openings(workspace: Workspace, player: Player) -> str:
    """Mark mitral valve opening where the volume curve begins to rise, and say how certain that is.

    Returns what was said, "" where nothing was marked.
    """
    saved = workspace.saved
    if saved is None:
        return ""
    onsets = onsets_of_filling(saved, cavity(saved))
    if not onsets:
        workspace.notices.message.emit(
            tr("The volume curve shows no clear onset of filling: mark mitral valve opening by eye (Alt+O).")
        )
        return ""
    frames = {**opening_by_beat(saved), **{beat: onset.frame for beat, onset in onsets.items()}}
    player.pause()
    if not mark_events(workspace, SetValveOpenings(tuple(sorted(frames.values())))):
        return ""
    first = onsets[min(onsets)]
    player.seek(first.frame)
    missing = (len(saved.events.beats) if saved.events else 0) - len(onsets)
    text = tr("MVO at frame {frame}, by the volume curve, ±{doubt} ms: check it on the image.")
    said = text.format(frame=first.frame + 1, doubt=round(1000 * first.doubt_s))
    if missing:
        said += " " + tr("Not found in {beats} of the beats.").format(beats=missing)
    workspace.notices.message.emit(said)
    return said


def mark_events(workspace: Workspace, edit: Marks, by: object = None) -> bool:
    """Mark events; False, with a message, where no heart could beat like that."""
    saved = workspace.saved
    if saved is None:
        return False
    after = edit.apply(saved, workspace.actor)
    why = next((said for one in (why_no_cycle, why_no_filling) if (said := one(after)) and one(saved) is None), None)
    if why is not None:
        workspace.drop_preview()
        workspace.notices.message.emit(why)
        return False
    return workspace.do(edit, by=by)


def frames_of(reading: Reading) -> dict[Key, int]:
    """The frame (0-based) of every mark."""
    found: dict[Key, int] = {(beat, mark): frame for beat, mark, frame in marks(reading.events)}
    closing = None if reading.kind.gated else closing_ed(reading)
    if reading.events is not None and closing is not None:
        found[len(reading.events.beats), "ed"] = closing
    found |= {(beat, "avc"): frame for beat, frame in closure_by_beat(reading).items()}
    return found | {(beat, "mvo"): frame for beat, frame in opening_by_beat(reading).items()}


def moved_from(before: Reading, after: Reading, frame: int) -> int | None:
    """Where a mark that stood at a frame (0-based) is after a change, e.g. undo; None where none there moved."""
    then, now = frames_of(before), frames_of(after)
    gone = [key for key, at in then.items() if at == frame and now.get(key) != at]
    return next((now[key] for key in gone if key in now and frame not in now.values()), None)


def beats_of(reading: Reading) -> list[tuple[int, int]]:
    """First frame (0-based) of each beat, its ED, and of what follows: the next ED, or the end of the loop.

    None of a gated cycle, which is one beat.
    """
    if reading.events is None or reading.kind.gated:
        return []
    starts = sorted(beat.ed for beat in reading.events.beats)
    closing = closing_ed(reading)
    return list(pairwise([*starts, reading.facts.frames - 1 if closing is None else closing])) if starts else []


def bounds(reading: Reading, beat: int, mark: Mark) -> tuple[int, int]:
    """The first and last frame that a mark can be moved to, between its neighbours."""
    if mark == "avc":
        return closure_bounds(reading, beat)
    if mark == "mvo":
        first, last = opening_bounds(reading, beat)
        # Its flag is not dragged onto that of ES, where a hand would leave it unseen.
        es = reading.events.beats[beat].es if reading.events else first
        return min(max(first, es + 1), last), last
    events, last = reading.events, reading.facts.frames - 1
    if events is None:
        return 0, last
    if beat == len(events.beats):
        return max(max(beat.ed, beat.es) for beat in events.beats) + 1, last
    first_end, last_end = (move_event(events, beat, mark, end, last + 1).beats[beat] for end in (0, last))
    return frame_of(first_end, mark), frame_of(last_end, mark)


def edit_of(reading: Reading, beat: int, mark: Mark, frame: int) -> Marks:
    """The edit that moves a mark to a frame."""
    if mark == "avc":
        return SetValveClosures(tuple(sorted({**closure_by_beat(reading), beat: frame}.values())))
    if mark == "mvo":
        return SetValveOpenings(tuple(sorted({**opening_by_beat(reading), beat: frame}.values())))
    if reading.events is None:
        raise ValueError("there are no events to move")
    if beat == len(reading.events.beats):
        return SetEvents(with_closing_ed(reading.events, frame))
    return SetEvents(move_event(reading.events, beat, mark, frame, reading.facts.frames))
