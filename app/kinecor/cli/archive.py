"""`kinecor archive`: query, retrieve, send and receive over the DICOM network."""

import argparse
import getpass
import json
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, replace
from pathlib import Path
from threading import Event, Lock
from typing import Any, Final

from kinecor.cli.outcomes import DONE, FAILED, BadUsageError
from kinecor.core.values.errors import KinecorError, Tick, no_tick
from kinecor.core.values.message import message
from kinecor.io.archive import nodes
from kinecor.io.archive.archive import Archive, archive_of, find_studies, retrieve, send
from kinecor.io.archive.arrivals import Arrivals
from kinecor.io.archive.association import Patience
from kinecor.io.archive.nodes import Archives, Node, Passwords, Receiver
from kinecor.io.archive.query import Search, SeriesFound, StudyFound
from kinecor.io.archive.receiver import Inbox, Received, Server
from kinecor.io.archive.transfer import Outcome, Sent, files_to_send

_DESCRIPTION = """\
Queries, retrieves from, sends to and receives from DICOM archives. NODE is the name of a saved archive
(kinecor archive nodes), AETITLE@HOST:PORT, or the URL of a DICOMweb service."""
_EXAMPLES = """\
examples:
  kinecor archive nodes --add pacs PACS@192.168.1.20:104 --tls
  kinecor archive echo pacs
  kinecor archive find pacs --name "Doe*" --date 2026-01-01:2026-01-31 --modality US
  kinecor archive get pacs 1.2.840.113619.2.1 --out studies
  kinecor archive send pacs results/sr results/seg --commit
  kinecor archive listen --allow SCANNER1 --out incoming

Exit status: 0 done; 1 something failed, was refused or is missing (reported on stderr); 2 bad usage."""
_EVERY_S: Final = 2.0


def parser() -> argparse.ArgumentParser:
    """The options of the command."""
    whole = argparse.ArgumentParser(
        prog="kinecor archive",
        description=_DESCRIPTION,
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    several = whole.add_subparsers(dest="action", required=True, metavar="echo | find | get | send | listen | nodes")

    def add_command(name: str, words: str, does: Callable[[argparse.Namespace], int]) -> argparse.ArgumentParser:
        made = several.add_parser(name, help=words, description=f"{words[0].upper()}{words[1:]}.")
        made.set_defaults(does=does)
        return made

    echo = add_command("echo", "asks an archive whether it answers (C-ECHO)", _echo)
    _add_node(echo)
    find = add_command("find", "lists the studies of an archive that fit (C-FIND, QIDO-RS)", _find)
    _add_node(find)
    _add_search(find)
    find.add_argument("--series", action="store_true", help="list the series of each study too")
    get = add_command(
        "get", "retrieves studies; what is here already is not fetched again (C-GET, C-MOVE, WADO-RS)", _get
    )
    _add_node(get)
    get.add_argument("studies", nargs="*", metavar="STUDY_UID", help="which; without any, all that fit the search")
    _add_search(get)
    get.add_argument("--series", action="append", default=[], metavar="UID", help="only this series; may be repeated")
    get.add_argument("--out", type=Path, metavar="DIR", help="where to; a folder per study is made there")
    get.add_argument("--move", action="store_true", help="by C-MOVE to the receiver of this computer, not by C-GET")
    send_ = add_command("send", "sends DICOM files (C-STORE, STOW-RS)", _send)
    _add_node(send_)
    send_.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="files, or folders that are searched")
    send_.add_argument("--commit", action="store_true", help="ask the archive to confirm that it keeps them")
    listen = add_command("listen", "receives from scanners and archives until it is interrupted (C-STORE)", _listen)
    _add_listen(listen)
    _add_nodes(add_command("nodes", "lists, adds and removes saved archives", _nodes))
    for made in (echo, find, get, send_, listen):
        made.add_argument("--json", action="store_true", help="as JSON, for programs")
    for made in (get, send_, listen):
        made.add_argument("--quiet", action="store_true", help="no progress on stderr, only failures")
    return whole


def _add_node(to: argparse.ArgumentParser) -> None:
    to.add_argument("node", metavar="NODE", help="a saved archive, AETITLE@HOST:PORT, or a DICOMweb URL")
    to.add_argument("--aet", metavar="TITLE", help="the AE title of this computer (default: KINECOR)")
    to.add_argument("--tls", action="store_true", help="speak TLS")
    to.add_argument("--ca", type=Path, metavar="FILE", help="trust these certificates (PEM), not the system's")
    to.add_argument("--timeout", type=_seconds, default=30.0, metavar="S", help="longest silence (default: 30)")


def _add_search(to: argparse.ArgumentParser) -> None:
    to.add_argument("--name", default="", metavar="PATTERN", help="of the patient: * and ? are wildcards")
    to.add_argument("--id", default="", metavar="ID", help="of the patient")
    to.add_argument("--date", default="", metavar="DATE[:DATE]", help="of the study, or first and last, as YYYY-MM-DD")
    to.add_argument("--modality", default="", metavar="US|MR", help="that the study contains")


def _add_listen(to: argparse.ArgumentParser) -> None:
    to.add_argument("--out", type=Path, metavar="DIR", help="where to; a folder per study is made there")
    to.add_argument("--aet", metavar="TITLE", help="the AE title of this computer (default: KINECOR)")
    to.add_argument("--host", help="to listen at; 127.0.0.1 (default) is reached by this computer only")
    to.add_argument("--port", type=int, help=f"default: {nodes.PORT}")
    to.add_argument("--allow", action="append", default=[], metavar="TITLE", help="an AE title that may send; repeated")
    to.add_argument("--certificate", type=Path, metavar="FILE", help="speak TLS with this certificate (PEM)")
    to.add_argument("--key", type=Path, metavar="FILE", help="of the certificate")
    to.add_argument("--ca", type=Path, metavar="FILE", help="ask senders for a certificate signed by these")
    to.add_argument("--idle", type=_seconds, metavar="S", help="end when nothing has arrived for so long")


def _add_nodes(to: argparse.ArgumentParser) -> None:
    to.add_argument("--json", action="store_true", help="as JSON, for programs")
    to.add_argument("--add", nargs=2, metavar=("NAME", "ADDRESS"), help="AETITLE@HOST:PORT, or a DICOMweb URL")
    to.add_argument("--remove", metavar="NAME")
    to.add_argument("--aet", metavar="TITLE", help="with --add: the AE title of this computer (default: KINECOR)")
    to.add_argument("--move", action="store_true", help="with --add: retrieve by C-MOVE, not by C-GET")
    to.add_argument("--tls", action="store_true", help="with --add: speak TLS")
    to.add_argument("--ca", type=Path, metavar="FILE", help="with --add: trust these certificates (PEM)")
    to.add_argument("--certificate", type=Path, metavar="FILE", help="with --add: this computer's own (PEM)")
    to.add_argument("--key", type=Path, metavar="FILE", help="with --add: of the certificate")
    to.add_argument("--user", default="", help="with --add: its password is asked for, and saved in the system keyring")


def _seconds(text: str) -> float:
    try:
        found = float(text)
    except ValueError:
        found = 0.0
    if not 0.1 <= found <= 86_400:
        raise argparse.ArgumentTypeError(f"expected seconds from 0.1 to 86400, got '{text}'")
    return found


def archive(chosen: argparse.Namespace) -> int:
    """Run the command.

    Raises:
        BadUsageError: an option does not fit.
        KinecorError: the archive cannot be reached, refuses, or a library is missing.

    """
    does: Callable[[argparse.Namespace], int] = chosen.does
    return does(chosen)


def _print_json(value: Any) -> None:
    print(json.dumps(value, ensure_ascii=False, indent=1, default=str))


def _opened(chosen: argparse.Namespace) -> tuple[Archive, Archives]:
    known = nodes.load()
    try:
        node = known.named(chosen.node)
        own = replace(known.receiver, ae_title=chosen.aet) if chosen.aet else known.receiver
        node = replace(
            node,
            own_ae_title=chosen.aet or node.own_ae_title,
            tls=node.tls or chosen.tls,
            ca=str(chosen.ca) if chosen.ca else node.ca,
            retrieve="move" if getattr(chosen, "move", False) else node.retrieve,
        )
    except KinecorError as error:
        raise BadUsageError(str(error)) from error
    password = _password(node)
    patience = Patience(min(chosen.timeout, Patience().connect_s), chosen.timeout)
    return archive_of(node, password, own, patience), replace(known, receiver=own)


def _password(node: Node) -> str:
    if not node.user:
        return ""
    found = Passwords().of(node)
    if found or not sys.stdin.isatty():
        return found
    return getpass.getpass(f"Password of {node.user} at {node.name}: ")


def _searched(chosen: argparse.Namespace) -> Search:
    first, _, last = chosen.date.partition(":")
    try:
        return Search(chosen.name, chosen.id, first, last if ":" in chosen.date else first, chosen.modality)
    except KinecorError as error:
        raise BadUsageError(str(error)) from error


def _echo(chosen: argparse.Namespace) -> int:
    opened, _ = _opened(chosen)
    taken_s = opened.echo()
    if chosen.json:
        _print_json({"node": opened.node.name, "address": opened.node.address, "seconds": round(taken_s, 4)})
    else:
        print(f"{opened.node.name} answers ({opened.node.address}, {taken_s * 1000:.0f} ms)")
    return DONE


def _find(chosen: argparse.Namespace) -> int:
    search = _searched(chosen)
    opened, _ = _opened(chosen)
    listed_studies = find_studies(opened, search)
    series = (
        {listed_study.uid: opened.series(listed_study.uid) for listed_study in listed_studies} if chosen.series else {}
    )
    if chosen.json:
        _print_json(
            [
                asdict(listed_study)
                | ({"series_found": [asdict(each) for each in series[listed_study.uid]]} if series else {})
                for listed_study in listed_studies
            ]
        )
        return DONE
    for single_listed_study in listed_studies:
        print(_study_line(single_listed_study))
        for each in series.get(single_listed_study.uid, ()):
            print(_series_line(each))
    if not listed_studies:
        print(f"no study of {opened.node.name} fits this search", file=sys.stderr)
    return DONE


def _study_line(listed_study: StudyFound) -> str:
    date = (
        f"{listed_study.date[:4]}-{listed_study.date[4:6]}-{listed_study.date[6:]}"
        if len(listed_study.date) == 8
        else listed_study.date or "no date"
    )
    count = f"{_number(listed_study.series)} series, {_number(listed_study.instances)} instances"
    kinds = "/".join(listed_study.modalities) or "-"
    parts = (
        date,
        listed_study.patient_id or "-",
        listed_study.patient_name or "-",
        kinds,
        count,
        listed_study.description or "-",
        listed_study.uid,
    )
    return "  ".join(parts)


def _series_line(listed_series: SeriesFound) -> str:
    parts = (
        f"{_number(listed_series.number)}",
        listed_series.modality or "-",
        f"{_number(listed_series.instances)} instances",
        listed_series.description or "-",
    )
    return "    " + "  ".join((*parts, listed_series.uid))


def _number(value: int | None) -> str:
    return "?" if value is None else str(value)


class _Counter:
    """A line of progress every now and then."""

    def __init__(self, words: str, *, quiet: bool) -> None:
        self._words, self._quiet, self._last = words, quiet, time.monotonic()
        self._lock = Lock()

    @property
    def tick(self) -> Tick:
        return no_tick if self._quiet else self._tick

    def _tick(self, done: int, total: int) -> None:
        with self._lock:
            now = time.monotonic()
            if not (done or total) or now - self._last < _EVERY_S:
                return
            self._last = now
        print(f"{self._words}: {done}{f' of {total}' if total else ''}", file=sys.stderr)


def _get(chosen: argparse.Namespace) -> int:
    search = _searched(chosen)
    if not chosen.studies and not search.matching():
        raise BadUsageError("name the studies to retrieve, or a search (--name, --id, --date, --modality)")
    opened, known = _opened(chosen)
    uids = chosen.studies or [listed_study.uid for listed_study in find_studies(opened, search)]
    if not uids:
        print(f"no study of {opened.node.name} fits this search", file=sys.stderr)
        return FAILED
    arrivals = Arrivals(chosen.out or known.place, known.receiver.free_bytes)
    failed, entries = False, []
    for number, uid in enumerate(uids):
        text = f"study {number + 1} of {len(uids)}" if len(uids) > 1 else "retrieved"
        tick = _Counter(text, quiet=chosen.quiet).tick
        try:
            retrieved = retrieve(opened, uid, arrivals, series_uids=chosen.series, tick=tick)
        except KinecorError as error:
            failed = True
            print(f"kinecor: {uid}: {error}", file=sys.stderr)
            entries.append({"study": uid, "complete": False, "error": str(error)})
            continue
        entries.append({"study": uid, "complete": retrieved.complete, "error": None, **asdict(retrieved)})
        if not chosen.json:
            print(retrieved.folder)
        for sentence in retrieved.sentences(opened.node.name):
            print(f"kinecor: {uid}: {sentence}", file=sys.stderr)
        failed = failed or not retrieved.complete
        if not chosen.quiet:
            print(f"{retrieved.stored} instances retrieved, {retrieved.already} were here", file=sys.stderr)
    if chosen.json:
        _print_json(entries)
    return FAILED if failed else DONE


def _send(chosen: argparse.Namespace) -> int:
    files, refused = files_to_send(chosen.paths)
    for sentence in refused:
        print(f"kinecor: {sentence}", file=sys.stderr)
    if not files:
        raise KinecorError(message("There is nothing to send: name DICOM files, or folders that hold some"))
    opened, _ = _opened(chosen)

    tick = _Counter("sent", quiet=chosen.quiet).tick
    sent = send(opened, files, commit=chosen.commit, tick=tick)
    for line in _not_sent(sent):
        print(f"kinecor: {line}", file=sys.stderr)
    bad = [outcome for outcome in sent if outcome.outcome is not Outcome.STORED or outcome.committed is False]
    if chosen.json:
        _print_json(
            [
                {
                    "path": outcome.file.path,
                    "instance": outcome.file.uid,
                    "outcome": outcome.outcome.value,
                    "reason": outcome.words or None,
                    "committed": outcome.committed,
                }
                for outcome in sent
            ]
        )
    else:
        stored = sum(outcome.outcome is Outcome.STORED for outcome in sent)
        print(f"{stored} of {len(sent)} instances stored by {opened.node.name}{_committed(sent, chosen.commit)}")
    return FAILED if bad or refused else DONE


def _not_sent(sent: tuple[Sent, ...]) -> Iterator[str]:
    """A line for each reason: the file, or how many there are and where."""
    by_reason: dict[str, list[str]] = {}
    for outcome in sent:
        if outcome.words:
            by_reason.setdefault(str(outcome.words), []).append(str(outcome.file.path))
    for reason, paths in by_reason.items():
        where = paths[0] if len(paths) == 1 else f"{len(paths)} files, the first {paths[0]}"
        yield f"{where}: {reason}"


def _committed(sent: tuple[Sent, ...], asked: bool) -> str:
    if not asked:
        return ""
    kept = sum(outcome.committed is True for outcome in sent)
    if kept == 0 and all(outcome.committed is None for outcome in sent):
        return "; it does not confirm storage"
    return f", {kept} confirmed as kept"


def _listen(chosen: argparse.Namespace) -> int:
    known = nodes.load()
    receiver, senders = _receiver_of(chosen, known)
    arrivals = Arrivals(chosen.out or known.place, receiver.free_bytes)
    lock, stop = Lock(), Event()
    last, failed = [time.monotonic()], [False]

    def report(received: Received) -> None:
        with lock:
            last[0] = time.monotonic()
            if received.outcome in (Outcome.FAILED, Outcome.CONFLICT) or not received.whole:
                failed[0] = True
                print(f"kinecor: {received.sentence}", file=sys.stderr)
            if received.outcome is None:
                folder = arrivals.folder(received.study_uid)
                entry = {
                    "study": received.study_uid,
                    "folder": str(folder),
                    "sender": received.sender,
                    "complete": received.whole,
                }
                print(json.dumps(entry, ensure_ascii=False) if chosen.json else folder, flush=True)

    inbox = Inbox(arrivals, report)
    with Server(receiver, inbox.take, senders, ended=inbox.ended, spool=arrivals.spool) as server:
        if not chosen.quiet:
            allowed = ", ".join(server.senders)
            print(f"{receiver.ae_title} listens at {receiver.host}, port {server.port}, for {allowed}", file=sys.stderr)
            if sentence := nodes.warn_if_open(receiver):
                print(f"kinecor: {sentence}", file=sys.stderr)
        while not stop.wait(0.2):
            if chosen.idle is not None and not server.busy and time.monotonic() - last[0] > chosen.idle:
                break
    return FAILED if failed[0] else DONE


def _receiver_of(chosen: argparse.Namespace, known: Archives) -> tuple[Receiver, tuple[str, ...]]:
    before = known.receiver
    try:
        receiver = replace(
            before,
            ae_title=chosen.aet or before.ae_title,
            host=chosen.host or before.host,
            port=before.port if chosen.port is None else chosen.port,
            allow=tuple(dict.fromkeys((*before.allow, *chosen.allow))),
            certificate=str(chosen.certificate) if chosen.certificate else before.certificate,
            key=str(chosen.key) if chosen.key else before.key,
            ca=str(chosen.ca) if chosen.ca else before.ca,
        )
    except KinecorError as error:
        raise BadUsageError(str(error)) from error
    return receiver, tuple(node.ae_title for node in known.nodes if not node.web)


def _nodes(chosen: argparse.Namespace) -> int:
    known = nodes.load()
    if chosen.add and chosen.remove:
        raise BadUsageError("--add and --remove are two commands: give one of them")
    if chosen.add:
        nodes.save(known.with_node(_new_node(chosen, known)))
        return DONE
    if chosen.remove:
        gone = next((node for node in known.nodes if node.name == chosen.remove), None)
        if gone is None:
            raise BadUsageError(f"there is no saved archive '{chosen.remove}'")
        Passwords().forget(gone)
        nodes.save(known.without(gone.name))
        return DONE
    if chosen.json:
        _print_json([asdict(node) for node in known.nodes])
        return DONE
    for single_node in known.nodes:
        how = "DICOMweb" if single_node.web else f"C-{single_node.retrieve.upper()}{', TLS' if single_node.tls else ''}"
        print(f"{single_node.name}  {single_node.address}  {how}  as {single_node.own_ae_title}")
    if not known.nodes:
        print("no archive is saved yet: kinecor archive nodes --add NAME AETITLE@HOST:PORT", file=sys.stderr)
    return DONE


def _new_node(chosen: argparse.Namespace, known: Archives) -> Node:
    name, address = chosen.add
    try:
        found = nodes.node_from_address(address, chosen.aet or known.receiver.ae_title)
        if found is None:
            raise KinecorError(
                message("Expected AETITLE@HOST:PORT or a DICOMweb URL, got '{address}'", address=address)
            )
        node = replace(
            found,
            name=name,
            retrieve="move" if chosen.move else "get",
            tls=chosen.tls,
            ca=str(chosen.ca.absolute()) if chosen.ca else "",
            certificate=str(chosen.certificate.absolute()) if chosen.certificate else "",
            key=str(chosen.key.absolute()) if chosen.key else "",
            user=chosen.user,
        )
    except KinecorError as error:
        raise BadUsageError(str(error)) from error
    if node.user and sys.stdin.isatty():
        sentence = Passwords().save(node, getpass.getpass(f"Password of {node.user} at {node.name}: "))
        if sentence:
            print(f"kinecor: {sentence}", file=sys.stderr)
    return node
