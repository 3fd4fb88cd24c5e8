"""Opening files, on the window's workers."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from kinecor.core.values.errors import KinecorError, Tick
from kinecor.core.values.foreign import Document, ForeignReport
from kinecor.core.values.message import Message, joined_by, message, verbatim
from kinecor.core.values.recording import Recording
from kinecor.io.open.loading import load_readers
from kinecor.ui.style.language import translated
from kinecor.ui.workspace.opened import first_shown

if TYPE_CHECKING:
    from kinecor.io.open.find import Refused
    from kinecor.io.open.survey import ListedSeries


class OpenedFiles(NamedTuple):
    """What the paths led to.

    Attributes:
        recordings: in the order they were found.
        refused: one sentence for each series, or file, and reason; its files are the details.
        reports: of other systems.
        documents: all objects that are no recordings.

    """

    recordings: tuple[Recording, ...]
    refused: tuple[Message, ...]
    reports: tuple[ForeignReport, ...]
    documents: tuple[Document, ...] = ()


class Remark(Message):
    """A message with the details behind it, which are shown on demand.

    Attributes:
        details: plain text, a line each.

    """

    __slots__ = ("details",)
    details: str


def with_details(words: Message, details: str) -> Remark:
    """A message that keeps its details."""
    made = Remark(
        words.template,
        words.plural_template,
        words.plural_count,
        words.context,
        words.values,
        words.parts,
        words.form,
    )
    assert isinstance(made, Remark)
    made.details = details
    return made


_MAX_FILES = 50


def refusal_lines(refused: "Sequence[Refused]") -> list[Message]:
    """One sentence for each series and reason, never with a UID; the files are its details."""
    from kinecor.io.open.refusals import refusals  # loads with the readers, on the worker

    lines: list[Message] = []
    for refusal in refusals(refused):
        more = ["..."] if len(refusal.paths) > _MAX_FILES else []
        lines.append(with_details(refusal.sentence, "\n".join([*refusal.paths[:_MAX_FILES], *more])))
    return lines


def open_all(paths: tuple[str, ...], tick: Tick, *, reports_alone: bool = False) -> OpenedFiles:
    """Every recording under the paths, what was refused, and documents.

    The first frame is decoded here, so that it can be drawn as soon as the answer arrives.

    Args:
        paths: of files and folders.
        tick: called now and then; may raise Cancelled.
        reports_alone: whether values of reports are enough, as of an earlier study; else they are refused.

    """
    load_readers()
    from kinecor.io.open.recordings import (  # the decoders load on the worker, not before the window
        distinct,
        open_path,
        with_pairs,
    )
    from kinecor.io.open.returned import take_returned

    recordings: list[Recording] = []
    refused: list[Message] = []
    reports: list[ForeignReport] = []
    documents: list[Document] = []
    for path in paths:
        opened = open_path(path, tick=tick)
        recordings += opened.recordings
        reports += opened.reports
        documents += opened.documents
        refused += refusal_lines(opened.refused)
    refused += [returned_study.words for returned_study in take_returned(documents) if returned_study.words is not None]
    recordings = with_pairs(distinct(recordings))
    if any(document.series.kind == "own-segmentation" for document in documents):
        from kinecor.analysis.returned_contours import take_contours

        try:
            take_contours(recordings, documents)
        except KinecorError as error:
            refused.append(error.message)
    if recordings:
        first = recordings[first_shown(recordings)]
        for cine in first.cines:
            tick(0, 0)
            try:
                _ = cine.frames[0]
            except KinecorError as error:
                refused.append(error.message)
                break
    elif reports_alone and any(report.values for report in reports):
        pass
    elif documents and not refused:
        sentence = joined_by(", ", list(dict.fromkeys(document.title for document in documents if document.title)))
        refused.append(
            message(
                "{name}: expected recordings, found only {found}; open it together with recordings of the patient, "
                "it is then shown under Other systems in the results.",
                name=verbatim(Path(paths[0]).name),
                found=sentence or message("documents"),
            )
        )
    elif not refused:
        name = verbatim(Path(paths[0]).name)
        refused.append(message("{name}: no recordings found there; choose another file or folder.", name=name))
    return OpenedFiles(tuple(recordings), tuple(refused), tuple(reports), tuple(documents))


def may_be_large(path: str) -> bool:
    """Whether a path is a folder or a DICOMDIR, which may name thousands of files."""
    return Path(path).is_dir() or Path(path).name.upper() == "DICOMDIR"


def first_of(paths: tuple[str, ...], tick: Tick) -> Recording | None:
    """The first loop of a folder, to be shown while all of it is opened; None where it has to wait for the others."""
    load_readers()
    from kinecor.io.open.recordings import open_first

    return open_first(paths[0], tick) if len(paths) == 1 and Path(paths[0]).is_dir() else None


def series_of(paths: tuple[str, ...], tick: Tick) -> "tuple[ListedSeries, ...]":
    """The series of large folders, to be listed before they are opened; () where there are few files."""
    load_readers()
    from kinecor.io.open.survey import survey  # the readers load on the worker, not before the window

    return survey(paths, tick)


def demo() -> str:
    """Path of the demo study."""
    from kinecor.io.open.find import demo_path

    return str(demo_path())


def sample() -> str:
    """Path of the sample clip."""
    from kinecor.io.open.find import sample_path

    return str(sample_path())


def model_names() -> tuple[str, ...]:
    """One line per installed model; empty where the models cannot be read."""
    try:
        from kinecor.analysis.models import describe

        return tuple(
            f"{card.name} {card.version} ({card.licence}): {translated(Message(card.summary))}" for card in describe()
        )
    except (ImportError, KinecorError, OSError):
        return ()
