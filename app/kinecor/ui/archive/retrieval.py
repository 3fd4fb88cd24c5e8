"""Retrieving in the background: progress, clips that open while others arrive, and the study when it is complete."""

from collections.abc import Callable, Sequence
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from kinecor.ui.archive import calls
from kinecor.ui.archive.calls import Wanted
from kinecor.ui.style.language import tr
from kinecor.ui.workspace.jobs import Jobs, Progress

if TYPE_CHECKING:
    from kinecor.io.archive.transfer import Retrieved


class Retrieval(QObject):
    """One retrieval at a time; a newer one takes the place of an older, of which everything that arrived stays.

    Args:
        jobs: of the window.
        progressed: gets the progress, None at the end.
        message: gets sentences for the reader.
        arrived: gets the file of the first clip that can be opened while others arrive.
        complete: gets the folders of the studies once everything that was asked for has arrived or failed, and whether
            a clip of the first one was handed to `arrived`.

    """

    def __init__(
        self,
        jobs: Jobs,
        progressed: Callable[[Progress | None], object],
        message: Callable[[str], object],
        arrived: Callable[[Path], object],
        complete: Callable[[tuple[Path, ...], bool], object],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._jobs, self._progressed, self._message = jobs, progressed, message
        self._arrived, self._complete = arrived, complete

    def start(self, wanted: Sequence[Wanted]) -> None:
        """Retrieve studies, or series of them, one after the other; one that fails does not stop the next."""
        self._next(tuple(wanted), 0, (), [])

    def _next(self, wanted: tuple[Wanted, ...], at: int, folders: tuple[Path, ...], opened: list[Path]) -> None:
        wanted_study, several = wanted[at], len(wanted) > 1
        early: SimpleQueue[Path] = SimpleQueue()
        text = tr("Retrieving from {name}").format(name=wanted_study.node.name)
        if several:
            text += tr(", study {n} of {total}").format(n=at + 1, total=len(wanted))

        def ticked(done: int, total: int) -> None:
            if done or total:
                self._progressed(Progress(text, done, total))
            if not opened and not at:
                try:
                    opened.append(early.get_nowait())
                except Empty:
                    return
                self._arrived(opened[0])

        def done(retrieved: "Retrieved") -> None:
            after((*folders, retrieved.folder))
            for sentence in retrieved.sentences(wanted_study.node.name):
                self._message(sentence)

        def failed(why: str) -> None:
            after(folders)
            self._message(why)

        def after(arrived: tuple[Path, ...]) -> None:
            if at + 1 < len(wanted):
                self._next(wanted, at + 1, arrived, opened)
                return
            self._progressed(None)
            if arrived:
                self._complete(arrived, bool(opened))

        self._progressed(Progress(text, 0, 0))
        self._jobs.start(
            "retrieve",
            lambda tick: calls.retrieve_study(wanted_study, early, tick),
            done=done,
            failed=failed,
            ticked=ticked,
        )
