"""The other recordings of the study on screen: apical loops and their strain, the stack and its long axes."""

from dataclasses import dataclass

from kinecor.core.strain.study_strain import StudyStrain, study_strain
from kinecor.core.values.reading import Reading
from kinecor.core.values.recording import CineSequence, Stack
from kinecor.core.volumes.apical_segments import SIDES
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
    for index, one in enumerate(workspace.recordings):
        if isinstance(one, CineSequence) and one.source.study_id == cine.source.study_id:
            reading = workspace.reading if one is cine else workspace.saved_reading(one)
            if reading is not None and reading.view is not None and reading.view.label in SIDES:
                found.append(ApicalLoop(index, reading.view.label, reading))
    return tuple(found)


def other_readings(workspace: Workspace) -> tuple[Reading, ...]:
    """Existing Readings of the other loops of the study on screen."""
    here = workspace.cine
    loops = (one for one in workspace.recordings if isinstance(one, CineSequence) and one is not here)
    same = (one for one in loops if here is not None and one.source.study_id == here.source.study_id)
    return tuple(found for one in same if (found := workspace.known_reading(one)) is not None)


def strain_of_study(workspace: Workspace) -> StudyStrain:
    """Strain over the apical loops of the study on screen."""
    return study_strain(one.reading for one in apical_loops(workspace))


def stack_of(workspace: Workspace) -> Stack | None:
    """The short-axis stack of the current loop's study, where both have known positions."""
    cine = workspace.cine
    if cine is None or cine.plane is None:
        return None
    return next((one for one in workspace.recordings if isinstance(one, Stack) and of_one_study(one, cine)), None)


def long_axes_of(workspace: Workspace) -> tuple[Reading, ...]:
    """Readings of the long axes of the current stack's study that have known positions."""
    stack = workspace.stack
    if stack is None:
        return ()
    return tuple(
        workspace.saved_reading(loop)
        for loop in workspace.recordings
        if isinstance(loop, CineSequence) and loop.plane is not None and of_one_study(stack, loop)
    )


def of_one_study(stack: Stack, cine: CineSequence) -> bool:
    """Whether a stack and a loop belong to one study and the stack has known positions."""
    return stack.study_id == cine.source.study_id and stack.slices[0].plane is not None
