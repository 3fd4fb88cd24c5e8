"""Recordings of the study on screen that belong together: apical loops, and a stack with its long axes."""

from dataclasses import dataclass

from kinecor.core.checks.assessment import is_assessed, study_strain_as_assessed
from kinecor.core.strain.wall_strain import StudyStrain
from kinecor.core.values.reading import Reading, is_apical
from kinecor.core.values.recording import CineSequence, Stack
from kinecor.core.values.study import counting
from kinecor.ui.workspace.workspace import Workspace


@dataclass(frozen=True, eq=False)
class ApicalLoop:
    """A loop of the study: its index among the recordings, its view, and its Reading (on screen, or saved)."""

    index: int
    view: str
    reading: Reading


def apical_loops(workspace: Workspace) -> tuple[ApicalLoop, ...]:
    """The current loop, and the others of its study whose view is A4C, A2C or A3C; none where a stack is on screen."""
    cine = workspace.cine
    if cine is None:
        return ()
    found = []
    for index, recording in enumerate(workspace.opened.recordings):
        if isinstance(recording, CineSequence) and recording.source.study_id == cine.source.study_id:
            reading = workspace.reading if recording is cine else workspace.opened.saved_reading(recording)
            if reading is not None and reading.view is not None and is_apical(reading):
                found.append(ApicalLoop(index, reading.view.label, reading))
    return tuple(found)


def strain_of_study(workspace: Workspace) -> StudyStrain:
    """Strain over the apical loops of the study on screen that its reader lets count: of the stage on screen."""
    here = workspace.reading
    stage = here.facts.stage if here is not None else None
    loops = [apical_loop for apical_loop in apical_loops(workspace) if apical_loop.reading.facts.stage == stage]
    readings = (loop.reading if _judged(workspace, loop) else workspace.checks.reading_of(loop.index) for loop in loops)
    return study_strain_as_assessed(counting(filter(None, readings), workspace.study.reading))


def _judged(workspace: Workspace, loop: ApicalLoop) -> bool:
    """Whether the strain of a loop is judged at once: else it is shown as it was, until a worker has checked it."""
    return not workspace.checks.in_background or is_assessed(loop.reading)


def stack_of(workspace: Workspace) -> Stack | None:
    """The short-axis stack of the current loop's study, where both have known positions."""
    cine = workspace.cine
    if cine is None or cine.plane is None:
        return None
    stacks = (
        recording
        for recording in workspace.opened.recordings
        if isinstance(recording, Stack) and recording.source.series.measured
    )
    return next((stack for stack in stacks if of_one_study(stack, cine)), None)


def long_axes_of(workspace: Workspace) -> tuple[Reading, ...]:
    """Readings of the long axes of the current stack's study that have known positions."""
    stack = workspace.stack
    if stack is None:
        return ()
    return tuple(
        workspace.opened.saved_reading(loop)
        for loop in workspace.opened.recordings
        if isinstance(loop, CineSequence)
        and loop.plane is not None
        and not loop.source.series.view_only
        and of_one_study(stack, loop)
    )


def of_one_study(stack: Stack, cine: CineSequence) -> bool:
    """Whether a stack and a loop belong to one study and the stack has known positions."""
    return stack.study_id == cine.source.study_id and stack.slices[0].plane is not None
