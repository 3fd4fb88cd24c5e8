"""Archives in this process: everything that can go wrong on the way."""

import dataclasses
import socket
import time
from pathlib import Path
from queue import Queue
from threading import Event, Thread

import pytest

from kinecor.core.values.errors import Cancelled, KinecorError
from kinecor.io.archive import association
from kinecor.io.archive.archive import archive_of, find_studies, opened_early, preview, retrieve, send
from kinecor.io.archive.arrivals import Arrivals
from kinecor.io.archive.association import MAX_CONTEXTS, Patience
from kinecor.io.archive.dimse import storage_contexts
from kinecor.io.archive.nodes import Node, Receiver, node_from_address
from kinecor.io.archive.query import Search
from kinecor.io.archive.receiver import Inbox, Server
from kinecor.io.archive.spool import DiskFullError
from kinecor.io.archive.transfer import Outcome, files_to_send
from kinecor.io.files.incomplete import incomplete
from tests.io.archive.instances import Line, Peer, instance, study, uid, written
from tests.io.archive.servers import free_port

pytest.importorskip("pynetdicom")
SHORT = Patience(0.6, 0.6)


def at(peer, receiver=None, patience=None, **more):
    return archive_of(dataclasses.replace(node_from_address(peer.address), **more), "", receiver, patience)


def through(line):
    return archive_of(node_from_address(f"PEER@127.0.0.1:{line.port}"), "", None, Patience(2, 2))


def test_search_retrieve_and_retrieve_again(tmp_path):
    with Peer([*study(each=3), *study("other", series=1, each=1)]).running() as peer:
        archive, into = at(peer), Arrivals(tmp_path)
        assert 0 <= archive.echo() < 5
        assert {one.uid for one in find_studies(archive, Search("doe"))} == {uid("study"), uid("other")}
        (found,) = find_studies(archive, Search(study_uid=uid("study")))
        assert (found.patient_name, found.patient_id, found.date) == ("Doe^Jane", "4711", "20260105")
        assert {(one.number, one.description) for one in archive.series(found.uid)} == {
            (0, "series 0"),
            (1, "series 1"),
        }
        ticks, early = [], []
        result = retrieve(archive, found.uid, into, arrived=early.append, tick=lambda *one: ticks.append(one))
        assert (result.stored, result.already, result.expected, result.complete) == (6, 0, 6, True)
        assert result.sentences("PEER") == ()
        assert ticks[-1] == (6, 6) or (6, 6) in ticks
        assert len(early) == 6
        assert incomplete(result.folder) is None
        peer.sent.clear()
        again = retrieve(archive, found.uid, Arrivals(tmp_path))
        assert (again.stored, again.already, peer.sent) == (0, 6, [])
        next(result.folder.glob("*.dcm")).unlink()
        assert retrieve(archive, found.uid, Arrivals(tmp_path)).stored == 1
        assert len(peer.sent) == 1


def test_a_broken_transfer_goes_on_where_it_ended(tmp_path):
    with Peer(study(series=1, each=6), abort_after=4).running() as peer:
        with pytest.raises(KinecorError, match="not fetched twice"):
            retrieve(at(peer), uid("study"), Arrivals(tmp_path))
        folder = tmp_path / uid("study")
        assert len(list(folder.glob("*.dcm"))) == 4
        assert len(incomplete(folder).expected) == 6
        peer.sent.clear()
        peer.how.clear()
        result = retrieve(at(peer), uid("study"), Arrivals(tmp_path))
        assert (result.stored, result.already, len(peer.sent)) == (2, 4, 2)
        assert incomplete(folder) is None


def test_one_series_and_a_preview_leave_the_rest_marked(tmp_path):
    with Peer(study(each=3)).running() as peer:
        archive, into = at(peer), Arrivals(tmp_path)
        first = next(one for one in archive.series(uid("study")) if one.number == 0)
        path = preview(archive, first, into)
        assert path == into.folder(uid("study")) / f"{uid('study', 0, 1)}.dcm"
        assert incomplete(path.parent) is not None
        peer.sent.clear()
        assert preview(archive, first, into) == path
        assert peer.sent == []
        result = retrieve(archive, uid("study"), into, series_uids=[first.uid])
        assert (result.stored, result.already, result.complete) == (2, 1, True)
        assert incomplete(path.parent) is None
        with pytest.raises(KinecorError, match="no such study"):
            retrieve(archive, "1.2.3", into)


def test_an_archive_that_does_not_list_instances_sends_whole_series(tmp_path):
    with Peer(study(series=1, each=3), unlisted=True).running() as peer:
        result = retrieve(at(peer), uid("study"), Arrivals(tmp_path))
        assert (result.stored, result.expected, result.complete) == (3, None, True)


def test_move_to_the_receiver_of_this_computer(tmp_path):
    port = free_port()
    with Peer(study(each=2), receiver_port=port).running() as peer:
        archive = at(peer, Receiver(port=port), retrieve="move")
        result = retrieve(archive, uid("study"), Arrivals(tmp_path))
        assert (result.stored, result.complete) == (4, True)


def test_conflicting_duplicates_are_reported_and_the_first_stays(tmp_path):
    into = Arrivals(tmp_path)
    with Peer(study(series=1, each=2)).running() as peer:
        retrieve(at(peer), uid("study"), into)
    before = {one: one.read_bytes() for one in into.folder(uid("study")).glob("*.dcm")}
    # Another archive has other pixels under one of these UIDs, and its list says that an image is missing here.
    others = [instance(series=0, number=0, value=5), instance(series=0, number=1), instance(series=0, number=2)]
    with Peer(others, unlisted=True).running() as peer:
        result = retrieve(at(peer), uid("study"), into)
    assert result.conflicts == [uid("study", 0, 0)]
    assert not result.complete
    assert "differ from those here" in result.sentences("PEER")[0]
    assert before.items() <= {one: one.read_bytes() for one in into.folder(uid("study")).glob("*.dcm")}.items()


def test_a_full_disk_ends_the_transfer_and_says_so(tmp_path, monkeypatch):
    into = Arrivals(tmp_path)

    def room(size):
        if len(into.held(uid("study"))) == 3:
            raise DiskFullError("the disk is full: make room")

    monkeypatch.setattr(into, "_check_room", room)
    with Peer(study(series=1, each=8)).running() as peer:
        with pytest.raises(DiskFullError, match="make room"):
            retrieve(at(peer), uid("study"), into)
        assert len(list(into.folder(uid("study")).glob("*.dcm"))) == 3
        assert incomplete(into.folder(uid("study"))) is not None
        monkeypatch.undo()
        assert retrieve(at(peer), uid("study"), into).stored == 5


def test_cancelling_keeps_what_has_arrived(tmp_path):
    stop = Event()

    def tick(done, total):
        if stop.is_set():
            raise Cancelled
        if done == 3:
            stop.set()

    with Peer(study(series=1, each=20)).running() as peer:
        with pytest.raises(Cancelled):
            retrieve(at(peer), uid("study"), Arrivals(tmp_path), tick=tick)
        assert 3 <= len(list((tmp_path / uid("study")).glob("*.dcm"))) < 20
        assert incomplete(tmp_path / uid("study")) is not None


def test_cancelling_interrupts_a_silent_archive():
    start = time.monotonic()

    def tick(done, total):
        if time.monotonic() - start > 0.3:
            raise Cancelled

    with Peer(study(), silent=True).running() as peer, pytest.raises(Cancelled):
        find_studies(at(peer), Search("doe"), tick)
    assert time.monotonic() - start < 30  # it is silent for 60


@pytest.mark.parametrize(
    ("how", "words"),
    [
        ({"own_ae_title": "OTHER"}, "does not know the AE title 'OTHER'"),
        ({"ae_title": "OTHER"}, "is not called 'OTHER'"),
        ({"port": 1}, "nothing listens at this port"),
        ({"host": "no.such.host.invalid"}, "no such host"),
        ({"tls": True}, "does not speak TLS"),
    ],
)
def test_refusals_in_one_sentence(how, words):
    with Peer(allow=["KINECOR"]).running() as peer, pytest.raises(KinecorError, match=words):
        at(peer, patience=SHORT, **how).echo()


def test_services_that_are_not_offered():
    from pynetdicom import AE

    entity, port = AE("PEER"), free_port()
    entity.add_supported_context("1.2.840.10008.1.1")
    server = entity.start_server(("127.0.0.1", port), block=False)
    try:
        archive = archive_of(node_from_address(f"PEER@127.0.0.1:{port}"))
        assert archive.echo() >= 0
        with pytest.raises(KinecorError, match="does not offer this service"):
            archive.studies(Search("doe"))
    finally:
        server.shutdown()


def test_an_archive_that_never_answers():
    with socket.create_server(("127.0.0.1", 0)) as listening:
        node = Node("silent", "127.0.0.1", listening.getsockname()[1], "PEER")
        with pytest.raises(KinecorError, match="did not answer the request"):
            archive_of(node, "", None, SHORT).echo()
    with (
        Peer(study(), silent=True).running() as peer,
        pytest.raises(KinecorError, match=r"silent for more than 0\.6 s"),
    ):
        find_studies(at(peer, patience=SHORT), Search("doe"))


@pytest.mark.parametrize("silent", [False, True], ids=["broken", "silent"])
def test_a_line_that_breaks_or_falls_silent_within_a_message(tmp_path, silent):
    everything = study(series=1, each=10, side=64)
    with Peer(everything).running() as peer:
        with Line(peer.port, 60_000, silent=silent) as line, pytest.raises(KinecorError, match="not fetched twice"):
            retrieve(through(line), uid("study"), Arrivals(tmp_path))
        arrived = list((tmp_path / uid("study")).glob("*.dcm"))
        assert 0 < len(arrived) < 10
        result = retrieve(at(peer), uid("study"), Arrivals(tmp_path))
        assert (result.already, result.stored, result.complete) == (len(arrived), 10 - len(arrived), True)


def test_sending_names_the_outcome_of_each(tmp_path):
    paths = written(tmp_path, study(each=2))
    (tmp_path / "notes.txt").write_text("no DICOM")
    (tmp_path / "broken.dcm").write_text("no DICOM")
    files, refused = files_to_send([tmp_path])
    assert [one.path for one in files] == paths
    assert len(refused) == 1
    assert "broken.dcm" in refused[0]
    with Peer().running() as peer:
        ticks = []
        sent = send(at(peer), files, tick=lambda *one: ticks.append(one))
        assert [one.outcome for one in sent] == [Outcome.STORED] * 4
        assert (4, 4) in ticks
        assert peer.instances.keys() == {one.uid for one in files}
        peer.how["status"] = 0xA700
        (one,) = send(at(peer), files[:1], commit=True)
        assert (one.outcome, one.words, one.committed) == (Outcome.FAILED, "it has no room, status 0xA700", None)
        peer.how["status"] = 0xB007
        (one,) = send(at(peer), files[:1])
        assert (one.outcome, "warning" in one.words) == (Outcome.STORED, True)
        other = dataclasses.replace(files[0], sop_class="1.2.840.10008.5.1.4.1.1.2")
        (one,) = send(at(peer), [dataclasses.replace(other, path=_as_ct(tmp_path / "ct"))])
        assert "does not accept this kind of object (CT Image Storage)" in one.words


def _as_ct(folder):
    made = instance()
    made.SOPClassUID = made.file_meta.MediaStorageSOPClassUID = "1.2.840.10008.5.1.4.1.1.2"
    return written(folder, [made])[0]


def test_what_could_not_be_sent_after_a_break_is_listed(tmp_path):
    files, _ = files_to_send(written(tmp_path, study(series=1, each=6)))
    with Peer().running() as peer, Line(peer.port, 700) as line:
        sent = send(through(line), files)
    assert len(sent) == 6
    failed = [one for one in sent if one.outcome is Outcome.FAILED]
    assert failed
    assert all("ended" in one.words for one in failed)


def test_no_more_contexts_than_the_standard_has_room_for():
    few, many = storage_contexts([association.ULTRASOUND_LOOP]), storage_contexts([*association.IMAGES] * 3)
    assert all(len(syntaxes) == 1 for _, syntaxes in few)
    assert len(many) < MAX_CONTEXTS
    assert all(len(syntaxes) > 1 for _, syntaxes in many)


def test_clips_are_opened_before_the_rest_has_arrived_and_images_of_stacks_are_not(tmp_path):
    with Peer([instance(), instance("echo", modality="US")]).running() as peer:
        early = []
        for name in ("study", "echo"):
            retrieve(at(peer), uid(name), Arrivals(tmp_path), arrived=lambda one: early.append(opened_early(one)))
    assert early == [None, tmp_path / uid("echo") / f"{uid('echo', 0, 0)}.dcm"]


# The receiver


class Incoming:
    def __init__(self, folder, free_bytes=0, **limits):
        self.receiver = Receiver(port=0, allow=("SCANNER",), **limits)
        self.arrivals, self.seen = Arrivals(folder, free_bytes), []
        self.inbox = Inbox(self.arrivals, self.seen.append)
        self.server = Server(self.receiver, self.inbox.take, ended=self.inbox.ended, patience=Patience(2, 2))

    def scanner(self, title="SCANNER"):
        return archive_of(Node("k", "127.0.0.1", self.server.port, "KINECOR", title), "", None, Patience(60, 60))

    def wait(self, count, seconds=60):
        until = time.monotonic() + seconds
        while len(self.seen) < count and time.monotonic() < until:
            time.sleep(0.01)
        return self.seen


def test_a_scanner_sends_a_study(tmp_path):
    incoming = Incoming(tmp_path / "in")
    files, _ = files_to_send(written(tmp_path / "out", study(each=2)))
    with incoming.server:
        sent = send(incoming.scanner(), files)
        seen = incoming.wait(5)
    assert {one.outcome for one in sent} == {Outcome.STORED}
    assert [one.outcome for one in seen] == [Outcome.STORED] * 4 + [None]
    assert (seen[-1].study_uid, seen[-1].sender, seen[-1].whole) == (uid("study"), "SCANNER", True)
    assert incomplete(tmp_path / "in" / uid("study")) is None
    assert len(list((tmp_path / "in" / uid("study")).glob("*.dcm"))) == 4


def test_a_study_whose_sender_broke_off_stays_marked(tmp_path):
    incoming = Incoming(tmp_path / "in")
    files, _ = files_to_send(written(tmp_path / "out", study(series=1, each=2)))
    with incoming.server:
        archive = incoming.scanner()

        def leave(done, total):
            if done == 1:
                raise Cancelled

        with pytest.raises(Cancelled):
            send(archive, files, tick=leave)
        seen = incoming.wait(2)
        assert (seen[-1].outcome, seen[-1].whole) == (None, False)
        assert "send it again" in seen[-1].sentence
        assert incomplete(tmp_path / "in" / uid("study")) is not None


def test_strangers_are_refused(tmp_path):
    with pytest.raises(KinecorError, match="No sender is allowed"), Server(Receiver(port=0), lambda *_: Outcome.STORED):
        pass
    incoming = Incoming(tmp_path)
    with incoming.server:
        with pytest.raises(KinecorError, match="does not know the AE title 'STRANGER'"):
            incoming.scanner("STRANGER").echo()
        node = dataclasses.replace(incoming.scanner().node, ae_title="ELSEWHERE")
        with pytest.raises(KinecorError, match="is not called 'ELSEWHERE'"):
            archive_of(node).echo()
        assert incoming.scanner().echo() >= 0


def test_limits_of_size_number_and_connections(tmp_path):
    small, large = written(tmp_path / "out", [instance(number=0), instance(number=1, side=128)])
    incoming = Incoming(tmp_path / "in", most_bytes=20_000, most_instances=3, most_associations=1)
    with incoming.server:
        sent = send(incoming.scanner(), files_to_send([small, large])[0])
        assert [one.outcome for one in sent] == [Outcome.STORED, Outcome.FAILED]
        files, _ = files_to_send(written(tmp_path / "more", study("more", series=1, each=5)))
        sent = send(incoming.scanner(), files)
        assert [one.outcome for one in sent[:3]] == [Outcome.STORED] * 3
        assert {one.outcome for one in sent[3:]} == {Outcome.FAILED}
        from pynetdicom import AE

        first = AE("SCANNER")
        first.add_requested_context("1.2.840.10008.1.1")
        held = first.associate("127.0.0.1", incoming.server.port, ae_title="KINECOR")
        assert held.is_established
        with pytest.raises(KinecorError, match="too many connections"):
            incoming.scanner().echo()
        held.release()


def test_a_message_of_boundless_length_ends_its_connection(tmp_path):
    incoming = Incoming(tmp_path)
    with incoming.server, socket.create_connection(("127.0.0.1", incoming.server.port)) as hostile:
        hostile.sendall(b"\1\0\xff\xff\xff\xf0" + bytes(1000))
        hostile.settimeout(3)
        assert hostile.recv(100)[:1] in (b"", b"\7")
        assert incoming.scanner().echo() >= 0


def test_a_full_disk_and_conflicts_are_answered(tmp_path):
    files, _ = files_to_send(written(tmp_path / "out", [instance(), instance(value=3)]))
    incoming = Incoming(tmp_path / "in")
    with incoming.server:
        first, second = send(incoming.scanner(), files)
        assert (first.outcome, second.outcome) == (Outcome.STORED, Outcome.FAILED)
        assert "another object of the same SOP Instance UID" in second.words
        assert "left as it is" in next(one for one in incoming.wait(2) if one.outcome is Outcome.CONFLICT).sentence
    full = Incoming(tmp_path / "full", free_bytes=1 << 60)
    with full.server:
        (one,) = send(full.scanner(), files[:1])
        assert one.words == "it has no room, status 0xA700"
        assert "not stored" in full.wait(1)[0].sentence


def test_the_port_may_be_in_use(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        receiver = Receiver(port=taken.getsockname()[1], allow=("A",))
        with pytest.raises(KinecorError, match="cannot listen"), Server(receiver, lambda *_: Outcome.STORED):
            pass


def test_paths_that_cannot_be_sent_are_named(tmp_path):
    assert files_to_send([tmp_path / "nowhere"])[1] == [
        f"{tmp_path / 'nowhere'}: expected a file or folder, nothing exists here; check the path"
    ]
    assert files_to_send([Path(tmp_path)]) == ([], [])


class Connection(Thread):
    """A connection whose own thread looks once for what has arrived."""

    def __init__(self):
        super().__init__()
        dimse = pytest.importorskip("pynetdicom.dimse")
        self.dimse_timeout, self.found = 0.5, None
        self.dimse = dimse.DIMSEServiceProvider.__new__(dimse.DIMSEServiceProvider)
        self.dimse._assoc, self.dimse.msg_queue = self, Queue()

    def run(self):
        self.found = self.dimse.get_msg(block=False)


@pytest.mark.parametrize("answers", [5, None])
def test_a_connections_own_thread_takes_requests_and_leaves_answers_to_who_asked(answers):
    message = pytest.importorskip("pynetdicom.dimse_primitives").C_STORE()
    message.MessageIDBeingRespondedTo = answers
    connection = Connection()
    association.leave_answers(connection)
    connection.dimse.msg_queue.put((1, message))
    connection.start()
    connection.join()
    if answers is None:
        assert connection.found == (1, message)
    else:
        assert connection.found == (None, None)
        assert connection.dimse.get_msg(block=True) == (1, message)
