"""Retrieving in the background: progress, clips that open while others arrive, and the study when it is complete."""

from collections.abc import Callable
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
        complete: gets the folder once everything that was asked for has arrived or failed, and whether a clip of it was
            handed to `arrived`.

    """

    def __init__(
        self,
        jobs: Jobs,
        progressed: Callable[[Progress | None], object],
        message: Callable[[str], object],
        arrived: Callable[[Path], object],
        complete: Callable[[Path, bool], object],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._jobs, self._progressed, self._message = jobs, progressed, message
        self._arrived, self._complete = arrived, complete

    def start(self, wanted: Wanted) -> None:
        """Retrieve a study, or series of it."""
        early: SimpleQueue[Path] = SimpleQueue()
        opened: list[Path] = []
        words = tr("Retrieving from {name}").format(name=wanted.node.name)

        def ticked(done: int, total: int) -> None:
            if done or total:
                self._progressed(Progress(words, done, total))
            if not opened:
                try:
                    opened.append(early.get_nowait())
                except Empty:
                    return
                self._arrived(opened[0])

        def done(found: "Retrieved") -> None:
            self._progressed(None)
            self._complete(found.folder, bool(opened))
            for sentence in found.sentences(wanted.node.name):
                self._message(sentence)

        def failed(why: str) -> None:
            self._progressed(None)
            self._message(why)

        self._progressed(Progress(words, 0, 0))
        self._jobs.start(
            "retrieve", lambda tick: calls.retrieve_study(wanted, early, tick), done=done, failed=failed, ticked=ticked
        )
