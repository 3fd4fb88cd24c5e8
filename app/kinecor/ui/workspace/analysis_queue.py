"""Analysis in the background: started when a recording is opened for the first time."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Protocol

from PySide6.QtCore import QObject, Signal

from kinecor.core.tracking.propagation import drawn_contours
from kinecor.core.values.errors import Tick
from kinecor.core.values.reading import Reading
from kinecor.core.values.recording import Recording
from kinecor.core.values.track import Structure
from kinecor.core.volumes.segments import SIDES
from kinecor.session.edits import Edit
from kinecor.ui.workspace.jobs import Jobs
from kinecor.ui.workspace.workspace import Workspace


class Proposed(Protocol):
    """The result of an analysis: an edit, and the models it came from."""

    @property
    def edit(self) -> Edit:
        """The edit to apply."""

    @property
    def by(self) -> str:
        """Author recorded for the edit."""


# Parts of a Reading that an analysis replaces.
ANALYSED = ("tracks", "events", "withheld", "decisions", "slices")

DISCARDED = "The reading changed while the analysis ran, so its result was discarded: analyse again."
SINGLE_SLICE = (
    "This is a single slice of cine MRI, which is measured as a stack of short-axis slices. If it is a long axis, "
    "choose its view (4CH, 2CH or 3CH) next to the recording."
)
TRACE_FIRST = (
    "Long axes of cine MRI are not contoured automatically: trace the LV endocardium and epicardium at ED and at ES "
    "(right-click on the image), then analyse again to propagate them through the cycle."
)

Propose = Callable[..., Proposed]
"""(recording, reading, tick, optionally the name of a `network`) -> the proposed edit."""


def propose_with_models(recording: Recording, reading: Reading, tick: Tick, network: str | None = None) -> Proposed:
    """The pipeline of `kinecor.analysis`, imported on the worker, so that the window is up before the models load."""
    from kinecor.analysis.analyse import propose

    proposal: Proposed = propose(recording, reading, tick, network=network)
    return proposal


def _what_to_do_first(reading: Reading) -> str | None:
    """What a person must do before the recording can be analysed; None where it can be."""
    kind = reading.kind
    if kind.automatic:
        return None
    if not kind.propagated_from:
        return SINGLE_SLICE
    return None if len(drawn_contours(reading.tracks.get(Structure.LV_ENDO))) >= kind.propagated_from else TRACE_FIRST


@dataclass(frozen=True, slots=True)
class Progress:
    """Progress of background work for the status bar; `total` is 0 while unknown."""

    text: str
    done: int
    total: int


class AnalysisQueue(QObject):
    """Analyses one recording at a time, in the order they were opened.

    Signals:
        progressed(Progress | None): None when all is done.
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
        """Whether a recording is being analysed or waits to be."""
        return bool(self._jobs.keys)

    def consider(self) -> None:
        """Analyse the current recording once, unless it has results or a history."""
        recording, reading = self._workspace.recording, self._workspace.saved
        if recording is None or reading is None or recording.source.recording_id in self._offered:
            return
        if not reading.kind.automatic:
            return
        if not (reading.tracks or reading.withheld or self._workspace.history()):
            self.start(recording, reading)

    def consider_study(self) -> None:
        """Analyse the apical loops of the study that have no results yet, the current recording first."""
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
        """Analyse the current recording again; the result is one step that can be undone.

        Args:
            network: name of the network to use; the default where None.

        """
        recording, reading = self._workspace.recording, self._workspace.saved
        if recording is None or reading is None:
            return
        if (first := _what_to_do_first(reading)) is not None:
            self.message.emit(first)
            return
        self.start(recording, reading, network)

    def start(self, recording: Recording, reading: Reading, network: str | None = None) -> None:
        """Analyse the saved Reading; the result of an earlier run is discarded."""
        recording_id = recording.source.recording_id
        self._offered.add(recording_id)
        propose = partial(self._propose, network=network) if network else self._propose
        self._jobs.start(
            recording_id,
            lambda tick: propose(recording, reading, tick),
            done=lambda proposal: self._finish(recording, reading, proposal, network),
            failed=self._fail,
            ticked=lambda done, total: self._report("Analysing", done, total),
        )
        self._report("Analysing", 0, 0)

    def cancel(self) -> None:
        """Stop all analyses."""
        self._jobs.cancel_all()
        self.progressed.emit(None)

    def forget(self) -> None:
        """Stop, and forget which recordings were analysed."""
        self.cancel()
        self._offered.clear()

    def shutdown(self) -> None:
        """Stop and leave no thread behind."""
        self._jobs.shutdown()

    def _finish(self, recording: Recording, before: Reading, proposal: Proposed, network: str | None) -> None:
        now = self._workspace.saved_reading(recording)
        untouched = all(getattr(now, part) == getattr(before, part) for part in ANALYSED)
        # Choices for a stack (height, weight, convention) do not affect its contours.
        if now is before or (untouched and now.kind.stack):
            self._workspace.do(proposal.edit, actor=proposal.by, recording=recording)
        elif untouched:
            # The calibration or view changed; no correction is lost by analysing again.
            self.start(recording, now, network)
        else:
            self.message.emit(DISCARDED)
        self.concluded.emit()
        self._settle()

    def _fail(self, why: str) -> None:
        self.message.emit(why)
        self._settle()

    def _settle(self) -> None:
        if not self.busy:
            self.progressed.emit(None)

    def _report(self, text: str, done: int, total: int) -> None:
        waiting = len(self._jobs.keys) - 1
        more = f" (and {waiting} waiting)" if waiting > 0 else ""
        self.progressed.emit(Progress(text + more, done, total))
