"""Analysis in the background: started when a recording is looked at for the first time."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Protocol

from PySide6.QtCore import QObject, Signal

from kinecor.core.tracking.propagation import drawn_contours
from kinecor.core.values.apical_segments import SIDES
from kinecor.core.values.errors import Tick
from kinecor.core.values.reading import Reading
from kinecor.core.values.stack import Recording
from kinecor.core.values.track import Structure
from kinecor.session.edits import Edit
from kinecor.ui.workspace.jobs import Jobs
from kinecor.ui.workspace.workspace import Workspace


class Proposed(Protocol):
    """What an analysis hands back: an edit, and the models whose work it is."""

    @property
    def edit(self) -> Edit:
        """What to do."""

    @property
    def by(self) -> str:
        """Whose work it is."""


# What an analysis puts something else in place of, or opens again.
ANALYSED = ("tracks", "events", "withheld", "decisions", "slices")

PUT_ASIDE = "The reading was changed while the analysis ran, so its result was put aside: analyse again to have it."
SINGLE_SLICE = (
    "Cine MRI is measured as a stack of short axes; this is a single slice. If it is a long axis, name its view "
    "(A4C, A2C or A3C) beside the recording."
)
OUTLINE_FIRST = (
    "No network contours long axes of cine MRI: outline the cavity and the wall at ED and at ES (right click on the "
    "picture), then analyse again, and motion carries the outlines through the cycle."
)

Propose = Callable[..., Proposed]
"""(recording, reading, tick) -> what is proposed; where one is asked for, also the name of a `network`."""


def propose_with_models(recording: Recording, reading: Reading, tick: Tick, network: str | None = None) -> Proposed:
    """The pipeline of `kinecor.analysis`, imported on the worker: the models load long after the window is up."""
    from kinecor.analysis.analyse import propose

    proposal: Proposed = propose(recording, reading, tick, network=network)
    return proposal


def _why_not(reading: Reading) -> str | None:
    """What a person must do before there is anything to analyse, in words; None where there is something."""
    kind = reading.kind
    if kind.automatic:
        return None
    if not kind.propagated_from:
        return SINGLE_SLICE
    return None if len(drawn_contours(reading.tracks.get(Structure.LV_ENDO))) >= kind.propagated_from else OUTLINE_FIRST


@dataclass(frozen=True, slots=True)
class Progress:
    """What the status bar says of work under way; `total` is 0 while nothing is known yet."""

    text: str
    done: int
    total: int


class AnalysisQueue(QObject):
    """Analyses one recording at a time, in the order they were looked at; others wait their turn.

    Signals:
        progressed(Progress | None): how far it is; None when nothing is left to do.
        message(str): one sentence for the reader.
        concluded(): a recording was analysed, on screen or not.
    """

    concluded = Signal()
    progressed = Signal(object)
    message = Signal(str)

    def __init__(
        self, workspace: Workspace, propose: Propose = propose_with_models, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._workspace, self._propose = workspace, propose
        self._jobs = Jobs(1, "analysis", self)
        self._offered: set[str] = set()

    @property
    def busy(self) -> bool:
        """Whether anything is being analysed or waits for it."""
        return bool(self._jobs.keys)

    def consider(self) -> None:
        """Analyse the current recording if nobody has concluded anything about it, once."""
        recording, reading = self._workspace.recording, self._workspace.saved
        if recording is None or reading is None or recording.source.recording_id in self._offered:
            return
        if not reading.kind.automatic:
            return
        if not (reading.tracks or reading.withheld or self._workspace.history()):
            self.start(recording, reading)

    def consider_study(self) -> None:
        """Analyse the apical loops of the current recording's study that nobody has looked at; it comes first."""
        self.consider()
        current = self._workspace.cine
        for one in self._workspace.recordings if current is not None else ():
            if current is None or one.source.study_id != current.source.study_id:
                continue
            reading = self._workspace.saved_reading(one)
            apical = reading.view is not None and reading.view.label in SIDES
            new = not (reading.tracks or reading.withheld or one.source.recording_id in self._offered)
            if apical and new and reading.kind.automatic:
                self.start(one, reading)

    def again(self, network: str | None = None) -> None:
        """Analyse the current recording anew; its result is one more step that can be undone.

        Args:
            network: that contours; the default one where none is named.

        """
        recording, reading = self._workspace.recording, self._workspace.saved
        if recording is None or reading is None:
            return
        if (why := _why_not(reading)) is not None:
            self.message.emit(why)
            return
        self.start(recording, reading, network)

    def start(self, recording: Recording, reading: Reading, network: str | None = None) -> None:
        """Begin on the Reading as it is written down; what an earlier run still finds is thrown away."""
        recording_id = recording.source.recording_id
        self._offered.add(recording_id)
        propose = partial(self._propose, network=network) if network else self._propose
        self._jobs.start(
            recording_id,
            lambda tick: propose(recording, reading, tick),
            done=lambda proposal: self._finish(recording, reading, proposal, network),
            failed=self._fail,
            ticked=lambda done, total: self._tell("Analysing", done, total),
        )
        self._tell("Analysing", 0, 0)

    def cancel(self) -> None:
        """Stop everything now."""
        self._jobs.cancel_all()
        self.progressed.emit(None)

    def forget(self) -> None:
        """Stop, and start afresh with whatever is opened next."""
        self.cancel()
        self._offered.clear()

    def shutdown(self) -> None:
        """Stop and leave no thread behind."""
        self._jobs.shutdown()

    def _finish(self, recording: Recording, before: Reading, proposal: Proposed, network: str | None) -> None:
        now = self._workspace.saved_reading(recording)
        untouched = all(getattr(now, part) == getattr(before, part) for part in ANALYSED)
        # What is chosen for a stack (height, weight, convention) changes nothing of its contours.
        if now is before or (untouched and now.kind.stack):
            self._workspace.do(proposal.edit, actor=proposal.by, recording=recording)
        elif untouched:
            # It was about another scale or view, and nothing is lost by looking again.
            self.start(recording, now, network)
        else:
            self.message.emit(PUT_ASIDE)
        self.concluded.emit()
        self._settle()

    def _fail(self, why: str) -> None:
        self.message.emit(why)
        self._settle()

    def _settle(self) -> None:
        if not self.busy:
            self.progressed.emit(None)

    def _tell(self, text: str, done: int, total: int) -> None:
        waiting = len(self._jobs.keys) - 1
        more = f" (and {waiting} waiting)" if waiting > 0 else ""
        self.progressed.emit(Progress(text + more, done, total))
