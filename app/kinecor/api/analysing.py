"""`kinecor.analyse`: the steps of `kinecor analyse` on what is open, without a file."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from kinecor.analysis.methods import method_named
from kinecor.analysis.models import known_network
from kinecor.api.opened import Recording, Study
from kinecor.api.results import RecordingResult, Result, Step, in_studies
from kinecor.cli.batch.plan import AnalyseOptions, Plan, make_plan
from kinecor.cli.batch.recordings import BY_OPTION, JobResult, analyse_opened
from kinecor.cli.batch.studies import settle
from kinecor.core.values.errors import Cancelled, KinecorError, Tick
from kinecor.core.values.kind import APICAL_VIEWS
from kinecor.core.values.message import joined_by, message, verbatim
from kinecor.core.values.reading import View
from kinecor.core.values.study import StudyReading
from kinecor.io.export.objects import Wanted
from kinecor.session.edits import SetView
from kinecor.session.valve import VALVE_AUTHOR

NOWHERE = Path()
VIEWS = (*APICAL_VIEWS, "PSAX")


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an analysis is.

    Attributes:
        recording: number of the recording that is analysed, from 1.
        recordings: of all.
        frame: frames of it that are done, of `frames`.
        frames: see there.
        name: its path.

    """

    recording: int
    recordings: int
    frame: int
    frames: int
    name: str

    @property
    def share(self) -> float:
        """How much of all is done, 0 to 1."""
        return (self.recording - 1 + (self.frame / self.frames if self.frames else 0.0)) / max(self.recordings, 1)

    def __str__(self) -> str:
        return f"{self.name} ({self.recording} of {self.recordings}): frame {self.frame} of {self.frames}"


def options(
    out: Path = NOWHERE,
    *,
    view: str | None = None,
    device: str = "auto",
    network: str | None = None,
    method: str = "default",
    saved: bool = False,
) -> AnalyseOptions:
    """Options of a run that writes nothing.

    Args:
        out: folder of the files of the run; nothing is written where it stays NOWHERE.
        view: of all loops, one of VIEWS; None for that of each header.
        device: "auto", "cpu" or "cuda".
        network: name of the network that contours, of `kinecor.models()`; None for the default ones.
        method: its name, see `analyse`.
        saved: whether readings that were saved in the window take the place of an analysis.

    """
    return AnalyseOptions(
        out=out,
        view=view,
        modality="auto",
        third_axis="auto",
        spacing_mm=None,
        device=device,
        network=None if network is None else known_network(network),
        method=method_named(method),
        masks=False,
        pdf=False,
        csv=False,
        sr=False,
        wanted=Wanted(out),
        readings=saved,
    )


def plan_of(study: Study, chosen: AnalyseOptions, concluded: Callable[[StudyReading], StudyReading]) -> Plan:
    """What `kinecor analyse` would do with a study that is open already.

    Args:
        study: as it was opened.
        chosen: options of the run.
        concluded: gives what a reader entered for a study, over what its headers say.

    """
    return make_plan([study.path], chosen, lambda _: study._opened, concluded)


def analyse(
    study: Study,
    *,
    progress: Callable[[Progress], object] | None = None,
    cancel: threading.Event | None = None,
    device: Literal["auto", "cpu", "cuda"] = "auto",
    network: str | None = None,
    view: str | None = None,
    method: str = "default",
) -> Result:
    """Contour all recordings, find ED and ES, measure and check: the analysis of the window and of `kinecor analyse`.

    A recording that cannot be analysed has its reason in `RecordingResult.error`; the others go on. Readings that were
    saved in the window are not used: see `load`.

    Args:
        study: see `kinecor.open`.
        progress: called with a Progress after each frame, e.g. `print`; may raise `Cancelled`.
        cancel: set from another thread, it ends the work.
        device: where the networks run; "auto" is the GPU where there is one.
        network: name of the network that contours, of `kinecor.models()`; recordings that it does not fit are contoured
            by the default one (`RecordingResult.models` says which contoured).
        view: of all loops whose header names none or is wrong: "A4C", "A2C", "A3C" or "PSAX".
        method: how recordings that it fits are analysed: "default", "smistad-convlstm", "li-ral", "zhang-circular",
            "kong-events" or "oestvik-motion".

    Raises:
        Cancelled: by `progress` or `cancel`.
        Error: there is no such network, method, view or device; the network fits none of the recordings; a model cannot
            be opened.

    """
    if view is not None and view not in VIEWS:
        raise KinecorError(
            message("view: expected one of {views}, got {given}", views=joined_by(", ", VIEWS), given=verbatim(view))
        )
    chosen = options(view=view, device=device, network=network, method=method)
    plan = plan_of(study, chosen, lambda first: first)
    recordings = study._opened.recordings
    done = []
    for number, job in enumerate(plan.jobs, start=1):
        tick = _tick(number, len(plan.jobs), job.shown, progress, cancel)
        done.append(analyse_opened(job, recordings[job.index], tick))
    for single_study in plan.studies:
        settle([member for member in done if member.job.study == single_study])
    results = [_result_of(result, Recording(recordings[result.job.index], study._opening)) for result in done]
    return Result(study, in_studies(results), {study.study: study.concluded for study in plan.studies.values()})


def _tick(
    number: int,
    count: int,
    name: str,
    progress: Callable[[Progress], object] | None,
    cancel: threading.Event | None,
) -> Tick:
    def tick(done: int, total: int) -> None:
        if cancel is not None and cancel.is_set():
            raise Cancelled
        if progress is not None:
            progress(Progress(number, count, done, total, name))

    tick(0, 0)
    return tick


def _result_of(done: JobResult, recording: Recording) -> RecordingResult:
    error = done.entry["error"] or ""
    if done.reading is None or done.edit is None:
        why = "" if error else next(reversed(done.entry["warnings"]), "")
        return RecordingResult(recording, error, _why=str(why))
    steps = [Step(done.edit, done.by)]
    if done.decided is not None:
        steps.append(Step(done.decided, VALVE_AUTHOR))
    if done.job.options.view is not None and not done.reading.kind.stack:
        steps.insert(0, Step(SetView(View(done.job.options.view, None, BY_OPTION)), BY_OPTION))
    return RecordingResult(recording, error, done.reading, _steps=tuple(steps), _method=done.entry.get("method"))
