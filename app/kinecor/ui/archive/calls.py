"""What the window asks of archives: values in, a value out, on workers; the libraries load there."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from pathlib import Path
from queue import SimpleQueue
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Final

from kinecor.core.values.errors import KinecorError, Tick
from kinecor.core.values.message import in_context, message
from kinecor.core.values.reading import Reading
from kinecor.core.values.recording import Recording
from kinecor.core.values.study import StudyReading
from kinecor.io.archive import nodes
from kinecor.io.archive.nodes import Archives, Node, Passwords
from kinecor.ui.style.language import tr, translated

if TYPE_CHECKING:
    from kinecor.io.archive.query import SeriesFound, StudyFound
    from kinecor.io.archive.receiver import Received, Server
    from kinecor.io.archive.transfer import Retrieved, Sent

PASSWORDS: Final = Passwords()
"""Of this program: where there is no keyring they are typed once."""

Asked = dict[str, str]
"""Fields of a search, by their name in `Search`."""


def saved() -> Archives:
    """The saved archives.

    Raises:
        KinecorError: they cannot be read.

    """
    return nodes.load()


def _archive(node: Node) -> Any:
    from kinecor.io.archive.archive import archive_of

    return archive_of(node, PASSWORDS.of(node), saved().receiver)


def test_node(node: Node, tick: Tick) -> float:
    """Seconds until the archive answers."""
    found: float = _archive(node).echo(tick)
    return found


def search(node: Node, asked: Asked, tick: Tick) -> "tuple[StudyFound, ...]":
    """The studies that fit."""
    from kinecor.io.archive.archive import find_studies
    from kinecor.io.archive.query import Search

    return find_studies(_archive(node), Search(**asked), tick)


def series_of(node: Node, study_uid: str, tick: Tick) -> "tuple[SeriesFound, ...]":
    """The series of a study."""
    found: tuple[SeriesFound, ...] = _archive(node).series(study_uid, tick)
    return tuple(sorted(found, key=lambda listed_series: (listed_series.number is None, listed_series.number)))


def preview_of(node: Node, series: "SeriesFound", tick: Tick) -> Any:
    """The image in the middle of a series, (rows, columns) or (rows, columns, 3)."""
    from kinecor.io.archive.archive import preview
    from kinecor.io.archive.arrivals import Arrivals
    from kinecor.io.open.recordings import open_path

    known = saved()
    path = preview(_archive(node), series, Arrivals(known.place, known.receiver.free_bytes), tick)
    opened = open_path(path, tick=tick)
    if not opened.recordings:
        raise KinecorError(opened.refused[0].reason if opened.refused else message("There is no image in this series."))
    frames = opened.recordings[0].cines[0].frames
    return frames[len(frames) // 2]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is retrieved: a study, or some of its series."""

    node: Node
    study_uid: str
    series_uids: Collection[str] = ()


def retrieve_study(wanted: Wanted, early: "SimpleQueue[Path]", tick: Tick) -> "Retrieved":
    """Retrieve a study; clips that can be opened before the rest is here are put into `early`."""
    from kinecor.io.archive.archive import opened_early, retrieve
    from kinecor.io.archive.arrivals import Arrivals, Held
    from kinecor.io.dicom.saved_study import RAW_DATA
    from kinecor.io.open.recordings import open_path
    from kinecor.io.open.returned import take_returned

    def arrived(held_recording: Held) -> None:
        if held_recording.sop_class == RAW_DATA:  # before a clip is opened, and contoured by models meanwhile
            take_returned(open_path(held_recording.path).documents)
        if (path := opened_early(held_recording)) is not None:
            early.put(path)

    known = saved()
    arrivals = Arrivals(known.place, known.receiver.free_bytes)
    series = wanted.series_uids
    return retrieve(_archive(wanted.node), wanted.study_uid, arrivals, series_uids=series, arrived=arrived, tick=tick)


# What can be sent, in the order it is offered: name, words.
OBJECTS: Final = (
    ("study", "Saved study, for Kinecor on other computers: every edit, author, signature"),
    ("sr", "Structured report (SR)"),
    ("pdf", "Report (PDF)"),
    ("seg", "Segmentations (SEG)"),
    ("key", "Key images, ED and ES (Secondary Capture)"),
)


@dataclass(frozen=True, eq=False)
class Content:
    """What can be sent of a study.

    Attributes:
        read: its recordings, with their Readings.
        study: what was concluded about it as a whole, or None.
        write_pdf: writes the report of the study to a file.

    """

    read: tuple[tuple[Recording, Reading], ...]
    study: StudyReading | None
    write_pdf: Callable[[Path, Tick], object]


@dataclass(frozen=True, slots=True)
class Line:
    """The outcome of one object: what it is, whether it was stored, and words."""

    what: str
    stored: bool
    words: str


def send_objects(node: Node, content: Content, chosen: Collection[str], commit: bool, tick: Tick) -> tuple[Line, ...]:
    """Write the chosen objects of a study and send them; the outcome of each."""
    from kinecor.io.archive.archive import send
    from kinecor.io.archive.transfer import files_to_send

    lines: list[Line] = []
    with TemporaryDirectory(prefix="kinecor-") as name:
        for what, path, write in _objects(Path(name), content, chosen, tick):
            try:
                write(path)
            except KinecorError as error:
                lines.append(Line(what, False, translated(error.message)))
            tick(0, 0)
        files, _ = files_to_send([Path(name)])
        if files:
            lines += [_line(node, outcome, commit) for outcome in send(_archive(node), files, commit=commit, tick=tick)]
    return tuple(lines)


def _line(node: Node, outcome: "Sent", asked: bool) -> Line:
    from kinecor.io.archive.transfer import Outcome

    stored = outcome.outcome is Outcome.STORED
    unknown = tr("it does not confirm storage") if asked and stored else ""
    commitment = {True: tr("confirmed as kept"), False: tr("NOT confirmed as kept"), None: unknown}[outcome.committed]
    by = tr("stored by {name}").format(name=node.name) if stored else ""
    text = "; ".join(part for part in (by, translated(outcome.words), commitment) if part)
    return Line(outcome.file.path.stem, stored and outcome.committed is not False, text)


def _objects(
    folder: Path, content: Content, chosen: Collection[str], tick: Tick
) -> list[tuple[str, Path, Callable[[Path], object]]]:
    """(what, its file, how it is written) of everything chosen."""
    from kinecor.core.values.events import marked_frames
    from kinecor.io.dicom.header import safe_id
    from kinecor.io.write.capture import write_encapsulated, write_key_frames
    from kinecor.io.write.derived import check_identified
    from kinecor.io.write.echo_report import echo_report
    from kinecor.io.write.mr_report import mr_report
    from kinecor.io.write.segmentation import write_segmentation
    from kinecor.io.write.values import Read
    from kinecor.session.transport import last_written

    study_id = content.study.study_id if content.study is not None else ""
    # Objects of what is saved are dated by it: sent again, they are the same instances, which archives have already.
    time = last_written(study_id) or datetime.now().astimezone()
    found: list[tuple[str, Path, Callable[[Path], object]]] = []

    def add(what: str, write: Callable[[Path], object]) -> None:
        found.append((what, folder / f"{what.replace('/', '-')}.dcm", write))

    if "study" in chosen and content.read and study_id:
        add(tr("Saved study"), partial(_saved_study, study_id, [recording for recording, _ in content.read]))
    for modality, made in (("US", echo_report), ("MR", mr_report)):
        read = [Read(*values) for values in content.read if values[0].source.modality == modality]
        if "sr" in chosen and read:
            add(f"SR {modality}", partial(_report, made, read, time, content.study))

    def pdf(path: Path) -> None:
        recordings = [recording for recording, _ in content.read]
        for single_recording in recordings:
            check_identified(single_recording.cines, in_context("object", "report"))
        written = path.with_suffix(".pdf")
        content.write_pdf(written, tick)
        instances = [cine.instances[0] for recording in recordings for cine in recording.cines]
        try:
            write_encapsulated(path, written.read_bytes(), instances, "Kinecor report", time)
        finally:
            written.unlink(missing_ok=True)

    if "pdf" in chosen and content.read:
        add("PDF", pdf)
    for number, (recording, reading) in enumerate(content.read):
        interpreted = Read(recording, reading)
        view = reading.view.label if reading.view is not None else recording.source.modality
        name = f"{safe_id(view) or 'recording'} {number + 1}"
        contoured = any(part.tracks for part in (reading.slices or (reading,)))
        if "seg" in chosen and contoured:
            add(f"SEG {name}", partial(_dated, write_segmentation, interpreted, time))
        if "key" in chosen and contoured and marked_frames(reading.events):
            add(tr("Key images {name}").format(name=name), partial(_dated, write_key_frames, interpreted, time))
    return found


def _saved_study(study_id: str, recordings: "Sequence[Recording]", path: Path) -> None:
    from kinecor.io.write.derived import check_identified, save_derived
    from kinecor.io.write.saved_study import saved_study
    from kinecor.session.store import study_file
    from kinecor.session.transport import pack

    check_identified((cine for recording in recordings for cine in recording.cines), message("saved study"))
    packed = pack(study_file(study_id))
    if packed is None:
        raise KinecorError(message("Nothing of this study is saved yet: correct or accept something first"))
    save_derived(saved_study(packed, [cine.instances[0] for recording in recordings for cine in recording.cines]), path)


def _report(made: Callable[..., Any], read: Any, at: datetime, study: StudyReading | None, path: Path) -> None:
    from kinecor.io.write.derived import save_derived

    save_derived(made(read, at, study), path)


def _dated(write: Callable[..., None], read: Any, at: datetime, path: Path) -> None:
    write(path, read, at)


class Receiving:
    """A receiver that listens until it is stopped."""

    def __init__(self, server: "Server") -> None:
        self._server = server
        self.senders, self.port = server.senders, server.port

    def stop(self) -> None:
        """Stop listening, and end all connections."""
        self._server.__exit__(None, None, None)


def receive(archives: Archives, report: "Callable[[Received], object]") -> Receiving:
    """Listen for senders; `report` gets everything that happens, on threads of the receiver.

    Raises:
        KinecorError: nobody may send, or it cannot listen there.

    """
    from kinecor.io.archive.arrivals import Arrivals
    from kinecor.io.archive.receiver import Inbox, Server

    arrivals = Arrivals(archives.place, archives.receiver.free_bytes)
    inbox = Inbox(arrivals, lambda received: (report(received), None)[1])
    senders = tuple(node.ae_title for node in archives.nodes if not node.web)
    server = Server(archives.receiver, inbox.take, senders, ended=inbox.ended, spool=arrivals.spool)
    return Receiving(server.__enter__())


def received_folder(archives: Archives, study_uid: str) -> Path:
    """Where a study that was received lies."""
    from kinecor.io.archive.arrivals import Arrivals

    return Arrivals(archives.place, archives.receiver.free_bytes).folder(study_uid)


def save_node(archives: Archives, node: Node, password: str | None) -> tuple[Archives, str]:
    """Save an archive, and its password where one was typed; the archives now, and a sentence for the reader or ""."""
    changed = archives.with_node(node)
    nodes.save(changed)
    return changed, PASSWORDS.save(node, password) if node.user and password else ""


def remove_node(archives: Archives, node: Node) -> Archives:
    """Remove an archive and its password; the archives now."""
    PASSWORDS.forget(node)
    changed = archives.without(node.name)
    nodes.save(changed)
    return changed


def renamed(archives: Archives, before: Node, after: Node) -> Archives:
    """With one archive under another name, in its place."""
    if before.name == after.name:
        return archives
    kept_nodes = tuple(
        after if node.name == before.name else node for node in archives.nodes if node.name != after.name
    )
    return replace(archives, nodes=kept_nodes)
