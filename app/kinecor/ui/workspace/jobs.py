"""Work off the GUI thread, and the analysis that starts when a recording is opened for the first time.

Values go in, a value comes back; an unexpected error is logged and reported. A worker gets a `tick` and touches no Qt
object. Progress, results and failures go through one queue that one timer reads on the GUI thread. One job per key: a
newer one cancels the older, whose late result is dropped. A cancelled job disappears at once, even while its worker
finishes a step that cannot be interrupted; a decoder that is still at a frame is ended.
"""

import gc
import logging
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from io import TextIOWrapper
from logging.handlers import RotatingFileHandler
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Event
from types import TracebackType
from typing import Any, Protocol

from PySide6.QtCore import QObject, QTimer, Signal

from kinecor.core.tracking.propagation import drawn_contours, propagates, traced_by_hand
from kinecor.core.values.errors import Cancelled, KinecorError, Tick, no_tick
from kinecor.core.values.kind import APICAL_LOOP, APICAL_VIEWS, LONG_AXIS_MRI
from kinecor.core.values.message import Message, message, verbatim
from kinecor.core.values.nameless import NamelessFormatter
from kinecor.core.values.reading import HEADER, Reading, model_author
from kinecor.core.values.recording import Recording, RecordingFacts, Stack
from kinecor.core.values.track import Structure
from kinecor.io.files import isolated
from kinecor.io.files.atomic import PRIVATE_FILE, make_private
from kinecor.io.open.loading import load_readers
from kinecor.session.codec import Encoded
from kinecor.session.edits import Edit, OnSlice, PlaceWallPoints, Several
from kinecor.session.store import log_file
from kinecor.session.valve import VALVE_AUTHOR, valve_edit
from kinecor.ui.style.language import tr, translated
from kinecor.ui.workspace.computing import Awaited
from kinecor.ui.workspace.corrections import as_anchors
from kinecor.ui.workspace.workspace import Workspace

log = logging.getLogger(__name__)
MODELS = "kinecor_models"
"""Name of the logger of all models, such as of a GPU whose memory is full."""


class _PrivateLog(RotatingFileHandler):
    """Only the user can read it."""

    def _open(self) -> TextIOWrapper:
        made = super()._open()
        Path(self.baseFilename).chmod(PRIVATE_FILE)
        return made


def start_logging() -> None:
    """Write warnings and errors to the log file, without what they quote; if it cannot be written, continue without."""
    try:
        make_private(log_file().parent)
        handler = _PrivateLog(log_file(), maxBytes=1 << 20, backupCount=1, encoding="utf-8", delay=True)
    except OSError:
        return
    handler.setFormatter(NamelessFormatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    for name in ("kinecor", MODELS):
        logging.getLogger(name).addHandler(handler)


class ModelWarnings(logging.Handler):
    """Collects what models warn about, on whatever thread they run, until the window shows it."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self._given: SimpleQueue[Message] = SimpleQueue()
        logging.getLogger(MODELS).addHandler(self)

    def emit(self, record: logging.LogRecord) -> None:
        """See logging.Handler."""
        text = record.getMessage()
        # Notices without values are in the catalogue (installer/languages.py).
        self._given.put(verbatim(text) if record.args or "{" in text else Message(text))

    def taken(self) -> Iterator[Message]:
        """The warnings since the last call."""
        while not self._given.empty():
            yield self._given.get()

    def end(self) -> None:
        """Collect no longer."""
        logging.getLogger(MODELS).removeHandler(self)


def sentence(error: BaseException) -> str:
    """The message shown for an error."""
    if isinstance(error, KinecorError):
        return translated(error.message)
    return tr("An unexpected error occurred. Your edits are saved; details are in {file}.").format(file=log_file())


def catch_everything(show: Callable[[str], None]) -> None:
    """From now on, errors in slots and timers are passed to `show` instead of closing the program."""

    def hook(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            sys.__excepthook__(kind, error, trace)
            return
        if not isinstance(error, KinecorError):
            log.error("unexpected error", exc_info=(kind, error, trace))
        show(sentence(error))

    sys.excepthook = hook


POLL_MS = 15
PROGRESS_MS = 90
"""Progress is delivered this often at most: a number that changes with every frame cannot be read."""
WARM_UP, LOAD_STRAIN = "warm up", "load strain"


@dataclass(eq=False)
class _Job:
    key: str
    done: Callable[[Any], None]
    failed: Callable[[str], None]
    ticked: Tick | None
    cancelled: Event = field(default_factory=Event)
    future: "Future[None] | None" = None


class Jobs(QObject):
    """Runs functions on `workers` threads and calls back on the GUI thread."""

    def __init__(self, workers: int, name: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix=f"kinecor-{name}")
        self._queue: SimpleQueue[tuple[_Job, str, Any]] = SimpleQueue()
        self._live: dict[str, _Job] = {}
        self._progress: dict[_Job, tuple[int, int]] = {}
        self._progress_at_s = 0.0
        self._timer = QTimer(self)
        self._timer.setInterval(POLL_MS)
        self._timer.timeout.connect(self.deliver)

    @property
    def keys(self) -> tuple[str, ...]:
        """Keys of the running jobs, oldest first."""
        return tuple(self._live)

    def start(
        self,
        key: str,
        work: Callable[[Tick], Any],
        done: Callable[[Any], None],
        failed: Callable[[str], None],
        ticked: Tick | None = None,
    ) -> None:
        """Run `work(tick)` on a worker; a job of the same key is cancelled first.

        Args:
            key: what the job is about.
            work: gets a `tick(done, total)` that raises `Cancelled` once the job is no longer wanted.
            done: gets the result, on the GUI thread.
            failed: gets one sentence, on the GUI thread.
            ticked: gets (done, total), on the GUI thread; only the latest is delivered.

        """
        self.cancel(key)
        job = _Job(key, done, failed, ticked)
        self._live[key] = job
        job.future = self._pool.submit(self._run, job, work)
        self._timer.start()

    def cancel(self, key: str) -> bool:
        """Drop the job of this key; its worker stops at its next tick. False if there is no such job."""
        job = self._live.pop(key, None)
        if job is None:
            return False
        job.cancelled.set()
        if job.future:
            job.future.cancel()
        if not self._live:
            self._timer.stop()
        return True

    def cancel_all(self) -> None:
        """Drop every job."""
        for key in self.keys:
            self.cancel(key)

    def shutdown(self) -> None:
        """Cancel everything and wait for the workers to end; no thread remains."""
        self.cancel_all()
        self._timer.stop()
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _run(self, job: _Job, work: Callable[[Tick], Any]) -> None:
        def tick(done: int, total: int) -> None:
            if job.cancelled.is_set():
                raise Cancelled
            if job.ticked:
                self._queue.put((job, "tick", (done, total)))

        try:
            tick(0, 0)
            with isolated.cancellable(job.cancelled.is_set):
                result = work(tick)
        except Cancelled:
            self._queue.put((job, "stopped", None))
        except Exception as error:
            if not isinstance(error, KinecorError):
                log.exception("job %s failed", job.key)
            self._queue.put((job, "failed", sentence(error)))
        else:
            self._queue.put((job, "done", result))

    def deliver(self) -> None:
        """Deliver a result, or the progress of the workers; called by the timer.

        One result in a turn of the event loop: painting and the mouse do not wait for all that came meanwhile.
        """
        ended = self._next_ended()
        if ended is None:
            self._deliver_progress()
        else:
            job, what, value = ended
            self._progress.pop(job, None)
            del self._live[job.key]
            if what == "done":
                job.done(value)
            elif what == "failed":
                job.failed(value)
        if not self._live:
            self._timer.stop()
        else:
            wait_ms = POLL_MS if self._queue.empty() else 0
            if wait_ms != self._timer.interval():
                self._timer.setInterval(wait_ms)

    def _next_ended(self) -> tuple[_Job, str, Any] | None:
        """The next job that ended, and how; progress up to it is taken in. None where none did."""
        while True:
            try:
                job, what, value = self._queue.get_nowait()
            except Empty:
                return None
            if self._live.get(job.key) is not job:
                continue
            if what != "tick":
                return job, what, value
            self._progress[job] = value

    def _deliver_progress(self) -> None:
        now_s = time.monotonic()
        if now_s - self._progress_at_s < PROGRESS_MS / 1000 or not self._progress:
            return
        self._progress_at_s, progress, self._progress = now_s, self._progress, {}
        for job, (done, total) in progress.items():
            if job.ticked and self._live.get(job.key) is job:
                job.ticked(done, total)


class Proposed(Protocol):
    """The result of an analysis: an edit, and the models it came from."""

    @property
    def edit(self) -> Edit:
        """The edit to apply."""

    @property
    def by(self) -> str:
        """Author recorded for the edit."""

    @property
    def rest(self) -> Callable[[Tick], Sequence[Edit]] | None:
        """Computes what completes the edit, such as motion; None where nothing is missing."""


class Begun(Protocol):
    """An analysis that has seen a part of a recording's frames."""

    @property
    def proposal(self) -> Proposed | None:
        """What can be shown of it; None where nothing can."""

    @property
    def finish(self) -> Callable[[Tick], Proposed]:
        """Computes the result of all frames."""


# Parts of a Reading that an analysis replaces.
ANALYSED = ("tracks", "events", "withheld", "decisions")

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
"""(recording, reading, tick, optionally the name of a `network` or of a `method`) -> the proposed edit."""


Begin = Callable[[Recording, Reading, Tick], Begun]
"""Looks at a part of a recording's frames."""
BIPLANE = ("A4C", "A2C")


def begin_with_models(recording: Recording, reading: Reading, tick: Tick) -> Begun:
    """The beginning of the pipeline of `kinecor.analysis`, imported on the worker."""
    from kinecor.analysis.analyse import propose_early

    begun: Begun = propose_early(recording, reading, tick)
    return begun


def load_models(tick: Tick) -> None:
    """Import opening and analysis, and open the models that every apical loop needs; `tick` is called between them."""
    load_readers()  # a study may be opened before the models are there
    from kinecor.analysis import analyse, models

    _ = analyse
    opened = models.Models()
    needed = opened.views, opened.apical, opened.phases  # as an analysis needs them; a stack needs the last only
    for number, one in enumerate(needed):
        one()
        tick(number + 1, len(needed))
    # What was imported stays: garbage is no longer looked for in it, on whatever thread that happens.
    gc.freeze()


def load_strain(_tick: Tick = no_tick) -> None:
    """Import filterpy, for which the window's own thread would otherwise wait at the first strain."""
    from kinecor.core.tracking.wall_points import load_filter

    load_filter()


Complete = Callable[[Recording, Reading, Tick], Sequence[Edit]]
"""(recording, its Reading with contours, tick) -> edits that complete the analysis."""

Measure = Callable[[Recording, Tick], RecordingFacts]
"""What the images of a recording show."""


def propose_with_models(
    recording: Recording, reading: Reading, tick: Tick, network: str | None = None, method: str = ""
) -> Proposed:
    """The pipeline of `kinecor.analysis`, imported on the worker, so that the window is up before the models load."""
    from kinecor.analysis.analyse import propose_first
    from kinecor.analysis.methods import DEFAULT, method_named

    chosen = method_named(method) if method else DEFAULT
    proposal: Proposed = propose_first(recording, reading, tick, network=network, method=chosen)
    return proposal


def rest_by_models(recording: Recording, reading: Reading, tick: Tick) -> Sequence[Edit]:
    """What completes an analysis that ended early, by `kinecor.analysis`, imported on the worker."""
    from kinecor.analysis.analyse import rest_of

    return rest_of(recording, reading, tick)


def measure_images(recording: Recording, tick: Tick) -> RecordingFacts:
    """What the images show, by `kinecor.analysis`, imported on the worker."""
    from kinecor.analysis.images.measure import recording_facts

    return recording_facts(recording, tick)


def _what_to_do_first(reading: Reading) -> str | None:
    """What a person must do before the recording can be analysed; None where it can be."""
    kind = reading.kind
    if kind.automatic:
        return None
    series = reading.facts.series.known
    if series is not None and not series.measured:
        name, why = translated(series.name.capitalised()), translated(series.reason)
        return tr("{kind} is not analysed: {reason}.").format(kind=name, reason=why)
    if not kind.propagated_from:
        return tr(SINGLE_SLICE)
    drawn = len(drawn_contours(reading.tracks.get(Structure.LV_ENDO)))
    return None if drawn >= kind.propagated_from else tr(TRACE_FIRST)


@dataclass(frozen=True, slots=True)
class Progress:
    """Progress of background work for the status bar; `total` is 0 while unknown."""

    text: str
    done: int
    total: int


_REST = 2  # the third of the three stages of an analysis
AT_ONCE = 2
"""Recordings that are worked on: while one is decoded, smoothed or shown, the network sees frames of the other."""


class AnalysisQueue(QObject):
    """Analyses recordings: the one on screen first, then in the order they were opened.

    The recording on screen, an A4C and an A2C are first contoured from a part of their frames: what follows is shown as
    provisional, and is not saved. Contours of all recordings come before the motion of any, since volumes and EF do not
    wait for motion. What is still being computed is in `Workspace.computing`, so that no value looks final that is not.

    Signals:
        progressed(Progress | None): None when all is done.
        message(str): one sentence for the reader.
        concluded(): a recording was analysed, on screen or not.
    """

    concluded = Signal()
    progressed = Signal(object)
    message = Signal(object)

    def __init__(
        self,
        workspace: Workspace,
        propose: Propose = propose_with_models,
        parent: QObject | None = None,
        measure: Measure = measure_images,
        complete: Complete | None = None,
        early: Begin | None = None,
    ) -> None:
        super().__init__(parent)
        self._workspace, self._propose, self._measure, self._complete = workspace, propose, measure, complete
        self._early = early
        self._jobs = Jobs(AT_ONCE, "analysis", self)
        self._looks = Jobs(1, "images", self)
        self._offered: set[str] = set()
        # What is shown of a study first: a part of the frames of the recordings that its EF rests on.
        self._firsts: dict[str, Callable[[], None]] = {}
        self._waiting: dict[str, Callable[[], None]] = {}
        # What completes analyses, once the contours of all recordings are there.
        self._rests: dict[str, Callable[[], None]] = {}
        # Which of these three each running job is of: none begins before all of an earlier kind are done.
        self._stages: dict[str, int] = {}
        self._provisional: dict[str, Recording] = {}
        self._warnings = ModelWarnings()
        # Whether the models of apical loops, and what strain needs, were loaded ahead.
        self._warm = self._strain_loading = False

    @property
    def busy(self) -> bool:
        """Whether a recording is being analysed or waits to be."""
        return bool(self._jobs.keys or self._firsts or self._waiting or self._rests)

    def consider(self) -> None:
        """Analyse the current recording once, unless it has results or a history."""
        recording, reading = self._workspace.recording, self._workspace.saved
        if recording is None or reading is None:
            return
        fresh = recording.source.recording_id not in self._offered and reading.kind.automatic
        if fresh and not (reading.tracks or reading.withheld or self._workspace.history.entries()):
            self.start(recording, reading, early=True)
        elif reading.kind.view_only:
            return
        elif not reading.facts.images.measured and recording.source.recording_id not in self._due:
            self._look_at(recording)
        self._complete_early_end(recording, reading)

    def _complete_early_end(self, recording: Recording, reading: Reading) -> None:
        """Compute the motion of a recording whose analysis ended before it, when the window was closed."""
        recording_id, complete = recording.source.recording_id, self._complete
        if complete is None or recording_id in self._offered or not _ended_early(reading):
            return
        self._offered.add(recording_id)
        analysis = next(
            (step for step in reversed(self._workspace.history.steps) if model_author(step.actor) is not None), None
        )
        if analysis is not None and not self._workspace.signing.closed:
            self._add_rest(recording, analysis.number, analysis.actor, lambda tick: complete(recording, reading, tick))
            self._begin_next()

    def consider_study(self) -> None:
        """Analyse the current recording, then the study's other loops and long axes that have no results yet.

        Loops whose view is known to be apical come first: biplane volumes wait for A4C and A2C, average strain for all
        three. Others are looked at because only their images say which view they are.
        """
        self.consider()
        current = self._workspace.recording
        others: tuple[list[tuple[Recording, Reading]], ...] = ([], [])
        for recording in self._workspace.opened.recordings if current is not None else ():
            if current is None or recording.source.study_id != current.source.study_id or len(recording.cines[0]) < 2:
                continue
            if not recording.source.series.measured:
                continue
            reading = self._workspace.opened.saved_reading(recording)
            new = not (reading.tracks or reading.withheld or recording.source.recording_id in self._offered)
            if new and reading.kind in (APICAL_LOOP, LONG_AXIS_MRI):
                others[not reading.view_known].append((recording, reading))
        here = None if current is None else self._workspace.opened.saved_reading(current).view
        planes = {view for view in BIPLANE if here is None or here.label != view}
        for recording, reading in (*sorted(others[0], key=_not_biplane), *others[1]):
            plane = reading.view.label if reading.view is not None else ""
            self.start(recording, reading, early=plane in planes)
            planes.discard(plane)
        self.consider_prior()

    def consider_prior(self) -> None:
        """Analyse the latest earlier study of the patient that is open, once nothing else is to be done.

        It is opened to be compared; a reader need not show each of its recordings for that.
        """
        if self.busy or not (priors := self._workspace.study.priors):
            return
        for recording in self._workspace.opened.recordings:
            if recording.source.study_id != priors[0].study_id or recording.source.recording_id in self._offered:
                continue
            if not recording.source.series.measured:
                continue
            reading = self._workspace.opened.saved_reading(recording)
            if reading.kind.automatic and not reading.facts.stills and not (reading.tracks or reading.withheld):
                self.start(recording, reading)

    def consider_views(self) -> None:
        """Analyse the recordings of the study on screen that were refused until a person named an apical view."""
        for at in self._workspace.study.members:
            recording = self._workspace.opened.recordings[at]
            reading = self._workspace.opened.saved_reading(recording)
            if reading.withheld is None or reading.view is None or not reading.kind.automatic:
                continue
            if reading.view_confirmed and reading.view.by != HEADER and reading.view.label in APICAL_VIEWS:
                self.start(recording, reading)

    def propagate(self) -> None:
        """Propagate the traced contours of the current recording through the cycle, or say what is missing."""
        reading = self._workspace.saved
        if reading is not None and reading.kind.propagated_from and not propagates(reading):
            self.message.emit(tr(TRACE_FIRST))
        else:
            self.again()

    def again(self, network: str | None = None, kept: Edit | None = None, method: str = "") -> None:
        """Analyse the current recording again; the result is one step that can be undone.

        Args:
            network: name of the network to use; the default where None.
            kept: corrections to make again afterwards, as a step of their own; the new contours follow them.
            method: name of the method to use; the default where "".

        """
        recording = self._workspace.recording
        if recording is None:
            return
        reading = self._workspace.opened.finished_reading(recording)
        if (first := _what_to_do_first(reading)) is not None:
            self.message.emit(first)
            return
        self.start(recording, reading, network, kept, method=method)

    def start(
        self,
        recording: Recording,
        reading: Reading,
        network: str | None = None,
        kept: Edit | None = None,
        *,
        early: bool = False,
        method: str = "",
    ) -> None:
        """Analyse the saved Reading; the result of an earlier run is discarded.

        With `early`, a part of its frames is looked at before any other recording, and shown as provisional.
        """
        recording_id = recording.source.recording_id
        self._offered.add(recording_id)
        self._looks.cancel(recording_id)
        if reading.kind != APICAL_LOOP:
            self._looks.cancel(WARM_UP)
        choice = {name: value for name, value in (("network", network), ("method", method)) if value}
        propose = partial(self._propose, **choice)
        measure = self._measure

        def seen(facts: RecordingFacts) -> Reading:
            return reading if reading.facts.images.measured else reading.with_images(facts)

        def of_all(tick: Tick) -> tuple[RecordingFacts, Proposed]:
            facts = measure(recording, tick)
            return facts, propose(recording, seen(facts), tick)

        def finish(result: tuple[RecordingFacts, Proposed, Edit]) -> None:
            self._finish(recording, reading, *result, again, kept)

        def again(now: Reading) -> None:
            self.start(recording, now, network, kept, method=method)

        def begin(work: Callable[[Tick], tuple[RecordingFacts, Proposed]] = of_all) -> None:
            def encoded(tick: Tick) -> tuple[RecordingFacts, Proposed, Edit]:
                facts, proposal = work(tick)
                return facts, proposal, Encoded.from_edit(proposal.edit)

            self._jobs.start(
                recording_id,
                encoded,
                done=finish,
                failed=self._fail,
                ticked=partial(self._report, recording_id, tr("Analysing")),
            )

        self._take_back(recording)
        self._jobs.cancel(recording_id)
        self._rests.pop(recording_id, None)
        if early and self._early is not None and not choice and kept is None:
            self._add_first(recording, partial(self._early, recording), measure, seen, begin)
        else:
            self._waiting[recording_id] = begin
        self._begin_next()
        self._report(recording_id, tr("Analysing"), 0, 0)

    def _add_first(
        self,
        recording: Recording,
        early: Callable[[Reading, Tick], Begun],
        measure: Measure,
        seen: Callable[[RecordingFacts], Reading],
        begin: Callable[[Callable[[Tick], tuple[RecordingFacts, Proposed]]], None],
    ) -> None:
        """Look at a part of a recording's frames before any other's; `begin` then goes on with all of them."""
        recording_id = recording.source.recording_id

        def look(tick: Tick) -> tuple[RecordingFacts, Begun]:
            facts = measure(recording, tick)
            return facts, early(seen(facts), tick)

        def show(result: tuple[RecordingFacts, Begun]) -> None:
            facts, begun = result
            # Before recordings that nothing provisional rests on.
            self._waiting = {recording_id: lambda: begin(lambda tick: (facts, begun.finish(tick)))} | self._waiting
            self._begin_next()
            if begun.proposal is not None:
                self._workspace.computing.show_provisional(recording, begun.proposal.edit, begun.proposal.by)
                self._provisional[recording_id] = recording

        def first() -> None:
            self._jobs.start(
                recording_id,
                look,
                done=show,
                failed=self._fail,
                ticked=partial(self._report, recording_id, tr("Analysing")),
            )

        self._firsts[recording_id] = first

    def _take_back(self, *recordings: Recording) -> None:
        """Show nothing provisional of these recordings any longer, and do not begin with them."""
        for recording in recordings:
            for some in (self._firsts, self._waiting, self._provisional):
                some.pop(recording.source.recording_id, None)
        self._workspace.computing.drop_provisional(*recordings)

    def _add_rest(
        self, recording: Recording, step: int | None, by: str, rest: Callable[[Tick], Sequence[Edit]]
    ) -> None:
        """Complete an analysis when no contours are waited for."""
        recording_id = recording.source.recording_id

        def work(tick: Tick) -> Edit | None:
            edits = rest(tick)
            load_strain()
            return Encoded.from_edit(Several(message("motion, all frames"), tuple(edits))) if edits else None

        def finish(edit: Edit | None) -> None:
            if edit is not None:
                self._workspace.computing.complete(recording, step, edit, by)
            self.concluded.emit()
            self._settle()

        def begin() -> None:
            self._jobs.start(
                recording_id,
                work,
                done=finish,
                failed=self._fail,
                ticked=partial(self._report, recording_id, tr("Computing strain")),
            )

        self._rests[recording_id] = begin

    @property
    def _due(self) -> tuple[str, ...]:
        """Recordings that are being analysed or wait to be."""
        return (*self._jobs.keys, *self._firsts, *self._waiting, *self._rests)

    def _begin_next(self) -> None:
        """Begin with the recording on screen if it waits, else with the one that waits longest."""
        here = self._workspace.recording
        first = here.source.recording_id if here is not None else ""
        kinds = (self._firsts, self._waiting, self._rests)
        while len(self._jobs.keys) < AT_ONCE:
            self._stages = {name: stage for name, stage in self._stages.items() if name in self._jobs.keys}
            stage = next((index for index, waiting in enumerate(kinds) if waiting), None)
            if stage is None or min(self._stages.values(), default=stage) < stage:
                break
            waiting = kinds[stage]
            begun = first if first in waiting else next(iter(waiting))
            self._stages[begun] = stage
            waiting.pop(begun)()
        self._load_strain_ahead()
        self._tell()

    def _load_strain_ahead(self) -> None:
        """Import what motion needs once a worker is idle: no contours wait, and none are provisional still.

        The import takes as long as the motion of a loop. Any earlier it would take a processor from contours.
        """
        idle = len(self._jobs.keys) < AT_ONCE and not self._firsts and not self._waiting
        if self._early is None or self._strain_loading or not idle or 0 in self._stages.values():
            return
        if self._jobs.keys:
            self._strain_loading = True
            self._looks.start(LOAD_STRAIN, load_strain, lambda _: None, log.warning)

    def _tell(self) -> None:
        """Say what is still being computed."""
        strain = [key for key in self._jobs.keys if self._stages.get(key) == _REST]
        contours = [name for name in (*self._jobs.keys, *self._firsts, *self._waiting) if name not in strain]
        awaited = dict.fromkeys([*strain, *self._rests], Awaited.STRAIN) | dict.fromkeys(contours, Awaited.ALL)
        self._workspace.computing.show(awaited)

    def warm_up(self) -> None:
        """Load the models that a loop needs, ahead of their use, once; what goes wrong is said when they are used."""
        if not self._warm:
            self._looks.start(WARM_UP, load_models, self._note_warm, log.warning)

    def _note_warm(self, _: None) -> None:
        self._warm = True
        if not self.busy:  # a window that waits for a study
            self._strain_loading = True
            self._looks.start(LOAD_STRAIN, load_strain, lambda _: None, log.warning)

    def cancel(self) -> None:
        """Stop all analyses."""
        self._firsts.clear()
        self._waiting.clear()
        self._rests.clear()
        self._jobs.cancel_all()
        self._looks.cancel_all()
        self._strain_loading = False
        self._take_back(*self._provisional.values())
        self.progressed.emit(None)
        self._tell()

    def forget(self) -> None:
        """Stop, and forget which recordings were analysed."""
        self.cancel()
        self._offered.clear()

    def shutdown(self) -> None:
        """Stop and leave no thread behind."""
        self._firsts.clear()
        self._waiting.clear()
        self._rests.clear()
        self._jobs.shutdown()
        self._looks.shutdown()
        self._warnings.end()

    def _look_at(self, recording: Recording) -> None:
        """Measure the images of a recording that needs no analysis."""
        self._looks.start(
            recording.source.recording_id,
            lambda tick: self._measure(recording, tick),
            done=lambda found: self._workspace.computing.take_facts(recording, found),
            failed=self.message.emit,
        )

    def _finish(
        self,
        recording: Recording,
        before: Reading,
        facts: RecordingFacts,
        proposal: Proposed,
        edit: Edit,
        again: Callable[[Reading], None],
        kept: Edit | None,
    ) -> None:
        with self._workspace.together():
            self._store(recording, before, facts, proposal, edit, again, kept)
        self.concluded.emit()
        self._settle()

    def _store(
        self,
        recording: Recording,
        before: Reading,
        facts: RecordingFacts,
        proposal: Proposed,
        edit: Edit,
        again: Callable[[Reading], None],
        kept: Edit | None,
    ) -> None:
        """Save an analysis, unless its recording was changed meanwhile; `edit` is the proposed one, encoded.

        Where the calibration or view changed meanwhile, `again` analyses the Reading that there is now.
        """
        now = self._workspace.opened.finished_reading(recording)
        self._provisional.pop(recording.source.recording_id, None)
        untouched = _untouched(now, before)
        self._workspace.computing.take_facts(recording, facts)
        # Choices for a stack (such as the convention) do not affect its contours.
        if untouched and (now.kind.stack or _alike(now, before)):
            done = self._workspace.do(edit, actor=proposal.by, recording=recording)
            if done and proposal.rest is not None:
                self._add_rest(recording, self._workspace.history.last_step(recording), proposal.by, proposal.rest)
            after = self._workspace.opened.saved_reading(recording)
            replaced = done and kept is None and not traced_by_hand(after)
            if replaced and after.placed_points:  # like all other corrections
                self._workspace.do(PlaceWallPoints(()), recording=recording)
            placed = [number for number, slice_reading in enumerate(after.slices) if slice_reading.placed_points]
            if replaced and placed:
                gone = tuple(OnSlice(number, PlaceWallPoints(())) for number in placed)
                self._workspace.do(Several(message("no point of the wall placed"), gone), recording=recording)
            if done and kept is not None and after.withheld is None:
                self._workspace.do(as_anchors(kept, after, self._workspace.actor), recording=recording)
            if done:
                self._decide_bases(recording)
        elif untouched:
            # The calibration or view changed; no correction is lost by analysing again.
            again(self._workspace.opened.finished_reading(recording))
        else:
            self._workspace.computing.drop_provisional(recording)
            self.message.emit(tr(DISCARDED))

    def _decide_bases(self, analysed: Recording) -> None:
        """Decide on the base of the study's stacks again, after one of its recordings was analysed."""
        study_id = analysed.source.study_id
        members = [
            recording for recording in self._workspace.opened.recordings if recording.source.study_id == study_id
        ]
        stacks = [recording for recording in members if isinstance(recording, Stack)]
        if not stacks:
            return
        loops = [
            self._workspace.opened.saved_reading(recording) for recording in members if not isinstance(recording, Stack)
        ]
        for stack in stacks:
            edit = valve_edit(self._workspace.opened.saved_reading(stack), loops)
            if edit is not None:
                self._workspace.do(edit, actor=VALVE_AUTHOR, recording=stack)

    def _fail(self, why: str) -> None:
        busy = {*self._jobs.keys, *self._firsts, *self._waiting}
        self._take_back(*(recording for key, recording in [*self._provisional.items()] if key not in busy))
        self.message.emit(why)
        self._settle()

    def _settle(self) -> None:
        self._show_warnings()
        self._begin_next()
        self.consider_prior()
        if not self.busy:
            self.progressed.emit(None)

    def _show_warnings(self) -> None:
        for text in self._warnings.taken():
            self.message.emit(text)

    def _report(self, recording_id: str, text: str, done: int, total: int) -> None:
        self._show_warnings()
        if self._jobs.keys and self._jobs.keys[0] != recording_id:
            return  # of those that are worked on, the oldest is reported, so that progress goes one way
        waiting = self._waiting_with(recording_id)
        if waiting:
            text = tr("{work} (and {n} waiting)").format(work=text, n=waiting)
        self.progressed.emit(Progress(text, done, total))

    def _waiting_with(self, recording_id: str) -> int:
        """How many other recordings are still to be worked on as this one is: for contours, or for strain.

        It never grows while a study is analysed: a recording whose contours are done waits for strain from then on.
        """
        strain = self._stages.get(recording_id) == _REST
        worked_on = {key for key in self._jobs.keys if (self._stages.get(key) == _REST) is strain}
        due = {*self._rests} if strain else {*self._firsts, *self._waiting}
        return len((worked_on | due) - {recording_id})


def _ended_early(reading: Reading) -> bool:
    """Whether there are contours of a wall that moves, by a model, and no motion."""
    if reading.slices:
        return any(map(_ended_early, reading.slices)) and all(
            slice_reading.motion is None for slice_reading in reading.slices
        )
    walls = Structure.LV_ENDO in reading.tracks and Structure.LV_EPI in reading.tracks
    return walls and reading.motion is None and reading.facts.frames > 1 and not reading.facts.stills


def _not_biplane(values: tuple[Recording, Reading]) -> bool:
    view = values[1].view
    return view is None or view.label not in BIPLANE


def _untouched(now: Reading, before: Reading) -> bool:
    """Whether nothing that an analysis replaces has changed, in any slice."""
    parts = all(getattr(now, part) == getattr(before, part) for part in ANALYSED)
    return parts and all(map(_untouched, now.slices, before.slices))


def _alike(now: Reading, before: Reading) -> bool:
    """Whether an analysis starts from the same: what it does not read, such as the patient's height, may differ."""
    rates = now.facts.heart_rate_per_min, before.facts.heart_rate_per_min
    return now.calibration == before.calibration and now.view == before.view and rates[0] == rates[1]
