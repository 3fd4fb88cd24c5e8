"""The receiver where senders are silent, slow, many or strangers, and where instances are large."""

import threading
import time
from contextlib import ExitStack

import pytest

from kinecor.core.values.errors import KinecorError
from kinecor.io.archive import admission
from kinecor.io.archive import spool as module
from kinecor.io.archive.admission import counted_address
from kinecor.io.archive.arrivals import LIST, Arrivals
from kinecor.io.archive.association import Patience
from kinecor.io.archive.nodes import Receiver
from kinecor.io.archive.receiver import Inbox, Server
from kinecor.io.archive.spool import DiskFullError, Spool, SpooledFile
from kinecor.io.archive.transfer import Outcome
from tests.io.archive import raw
from tests.io.archive.instances import instance

pytest.importorskip("pynetdicom")
MB = 1 << 20
ACCEPTED, REJECTED, ABORTED = 2, 3, 7


class Incoming:
    def __init__(self, folder, patience=None, free_bytes=0, **limits):
        self.arrivals, self.seen = Arrivals(folder, free_bytes), []
        self.inbox = Inbox(self.arrivals, self.seen.append)
        self.server = Server(
            Receiver(port=0, allow=("SCANNER",), **limits),
            self.inbox.take,
            ended=self.inbox.ended,
            patience=patience or Patience(30, 30),
            spool=self.arrivals.spool,
        )


def accepted_s(port):
    """Seconds until a sender has its association."""
    began_s = time.monotonic()
    line, answer = raw.associated(port)
    assert answer == ACCEPTED
    taken_s = time.monotonic() - began_s
    raw.release(line)
    return taken_s


ATTACKS = {
    "silent": b"",
    "part of a request": raw.request()[:40],
    "a stranger": raw.request(calling="STRANGER"),
    "for another one": raw.request(called="ELSEWHERE"),
    "no DICOM": b"GET / HTTP/1.1\r\n\r\n",
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_connections_that_ask_for_nothing_keep_nobody_out(tmp_path, attack):
    """More of them than may wait, let alone than there are places."""
    incoming = Incoming(tmp_path, most_associations=1)
    with incoming.server as server, ExitStack() as stack:
        for _ in range(admission.MAX_WAITING_BY_ADDRESS + 6):
            line = stack.enter_context(raw.connected(server.port))
            line.sendall(ATTACKS[attack])
        assert accepted_s(server.port) < 5
        assert server._door.waiting <= admission.MAX_WAITING_BY_ADDRESS + 1
        assert not server._started or not any(one.is_alive() for one in server._started[:-1])


def test_places_are_counted_by_address(tmp_path):
    incoming = Incoming(tmp_path, most_associations=3, most_by_address=2)
    with incoming.server as server:
        lines = [raw.associated(server.port) for _ in range(3)]
        assert [answer for _, answer in lines] == [ACCEPTED, ACCEPTED, REJECTED]
        raw.release(lines[0][0])
        until = time.monotonic() + 10
        while len(server._traffic) > 1 and time.monotonic() < until:
            time.sleep(0.01)
        assert accepted_s(server.port) < 5
        for line, _ in lines:
            line.close()


def test_one_sender_has_a_network_of_ipv6_addresses():
    assert counted_address("2001:db8::1") == counted_address("2001:db8::ffff:1") != counted_address("2001:db8:0:1::1")
    assert counted_address("::ffff:10.0.0.1") == "10.0.0.1"
    assert counted_address("fe80::1%eth0") == counted_address("fe80::2")
    assert counted_address("10.0.0.1") != counted_address("10.0.0.2")


def dripped_s(line, content):
    """Seconds until the other side closes, while a byte is sent every now and then; None where it takes all."""
    began_s = time.monotonic()
    line.settimeout(0.1)
    with line:
        for at in range(len(content)):
            try:
                line.sendall(content[at : at + 1])
                if not line.recv(100):
                    return time.monotonic() - began_s
            except TimeoutError:
                continue
            except OSError:
                return time.monotonic() - began_s
    return None


def test_a_request_and_a_message_that_come_by_drops_have_one_deadline(tmp_path):
    incoming = Incoming(tmp_path, Patience(1.0, 1.0))
    with incoming.server as server:
        assert 0.5 < dripped_s(raw.connected(server.port), raw.request(padding=200)) < 10
        line, answer = raw.associated(server.port)
        assert answer == ACCEPTED
        assert 0.5 < dripped_s(line, b"\4\0\0\0\1\0" + bytes(256)) < 10
        assert accepted_s(server.port) < 5


def test_a_request_of_boundless_length_and_one_that_is_no_request_are_aborted(tmp_path):
    incoming = Incoming(tmp_path)
    with incoming.server as server:
        for content in (b"\1\0\xff\xff\xff\xf0", b"\4\0\0\0\0\x50" + bytes(0x50), b"\1\0\0\0\0\4" + bytes(4)):
            with raw.connected(server.port) as line:
                line.sendall(content)
                assert raw.received(line)[0] == ABORTED
        # Its items make no sense: pynetdicom has to say so, and nobody waits.
        nonsense = bytearray(raw.request())
        nonsense[76:120] = b"\xff" * 44
        with raw.connected(server.port) as line:
            line.sendall(nonsense)
            assert raw.until_closed(line, 10) is not None
        assert accepted_s(server.port) < 5


NONSENSE = {
    "a command of random bytes": raw.data(1, 3, bytes(range(7, 67))),
    "a command without a field": raw.data(1, 3, raw.implicit(0, 0, b"\xff" * 4) + raw.implicit(0, 2, b"1.2")),
    "a length without an end": raw.data(1, 3, raw.implicit(0, 0, bytes(4)) + b"\0\0\0\1\xff\xff\xff\xff"),
    "an unknown command": raw.data(1, 3, raw.implicit(0, 0x100, b"\x01\x80")),
    "a value longer than its message": b"\4\0\0\0\0\6\x80\0\0\0\1\3",
    "a context that was not agreed": raw.data(255, 3, raw.implicit(0, 0x100, b"\1\0")),
    "a second request": raw.request(),
    "releases without end": b"\5\0\0\0\0\4\0\0\0\0" * 20,
    "a message of no kind": b"\x63\0\0\0\0\4abcd",
}


@pytest.mark.logs_warnings
@pytest.mark.parametrize("nonsense", NONSENSE)
def test_nonsense_within_an_association_ends_it_without_a_traceback(tmp_path, nonsense, monkeypatch):
    thrown = []
    monkeypatch.setattr(threading, "excepthook", thrown.append)
    incoming = Incoming(tmp_path, Patience(2.0, 2.0), most_associations=1)
    with incoming.server as server:
        for _ in range(3):
            line, answer = raw.associated(server.port)
            assert answer == ACCEPTED
            with line:
                line.sendall(NONSENSE[nonsense])
                assert raw.until_closed(line, 10) is not None
            until = time.monotonic() + 10
            while server._traffic and any(one.association.is_alive() for one in server._traffic.values()):
                assert time.monotonic() < until
                time.sleep(0.01)
        assert accepted_s(server.port) < 5
    assert thrown == []


def test_an_instance_goes_to_the_disk_while_it_arrives(tmp_path):
    incoming = Incoming(tmp_path)
    with incoming.server as server:
        line, _ = raw.associated(server.port)
        raw.store(line, 24 * MB, "1.2.3", stop_after=20 * MB)
        until = time.monotonic() + 20
        while sum(one.stat().st_size for one in tmp_path.rglob(".kinecor-*/files/*.dcm")) < 19 * MB:
            assert time.monotonic() < until
            time.sleep(0.02)
        (traffic,) = server._traffic.values()
        assert isinstance(traffic.association.dimse.message.data_set, SpooledFile)
        line.close()
        # What broke off leaves nothing.
        while server.busy or list(tmp_path.rglob("*.dcm")):
            assert time.monotonic() < until
            time.sleep(0.02)
        line, _ = raw.associated(server.port)
        assert raw.store(line, 24 * MB, "1.2.3") == 0
        raw.release(line)
    (held,) = Arrivals(tmp_path).held("1.2.3").values()
    assert held.size_bytes > 24 * MB
    assert [one for one in tmp_path.iterdir() if one.name.startswith(".")] == []


def test_several_large_instances_at_once_arrive_whole(tmp_path):
    incoming = Incoming(tmp_path)
    with incoming.server as server:
        statuses = []

        def send(number):
            line, _ = raw.associated(server.port, seconds=60)
            statuses.append(raw.store(line, 3 * MB + number, "1.2.3"))
            raw.release(line)

        senders = [threading.Thread(target=send, args=(number,)) for number in range(4)]
        for one in senders:
            one.start()
        for one in senders:
            one.join()
    assert statuses == [0] * 4
    assert len(Arrivals(tmp_path).held("1.2.3")) == 4


def test_a_disk_that_fills_within_an_instance_is_answered_and_leaves_nothing(tmp_path, monkeypatch):
    incoming = Incoming(tmp_path, free_bytes=1)
    written = []

    def room(self, size=0):
        written.append(size)
        if len(written) > 2:
            raise DiskFullError("the disk is full: make room")

    with incoming.server as server:
        line, _ = raw.associated(server.port)
        monkeypatch.setattr(module, "_LOOK_EVERY_BYTES", MB)
        monkeypatch.setattr(Spool, "check_room", room)
        assert raw.store(line, 8 * MB, "1.2.3") == 0xA700
        assert list(tmp_path.rglob("*.dcm")) == []
        monkeypatch.undo()
        # The association goes on once there is room.
        assert raw.store(line, 2 * MB, "1.2.3") == 0
        raw.release(line)
    assert "make room" in next(one for one in incoming.seen if one.outcome is Outcome.FAILED).sentence


def test_what_a_killed_receiver_left_is_removed_at_the_next_start(tmp_path):
    left = tmp_path / ".kinecor-4711-abcdefgh"
    (left / "files").mkdir(parents=True)
    (left / "files" / "half.dcm").write_bytes(bytes(1000))
    (left / "in-use.lock").touch()
    with Incoming(tmp_path).server:
        assert not left.exists()
    # Another receiver that is running keeps its own.
    other = Spool(tmp_path)
    file = other.file()
    file.write(b"x")
    with Incoming(tmp_path).server:
        assert file.finish().exists()
    other.remove()


def test_partial_files_of_earlier_versions_are_removed_when_they_are_old(tmp_path):
    import os

    folder = tmp_path / "1.2.3"
    folder.mkdir()
    old, new, other = (
        folder / name for name in (".1.2.3.4-0123456789ab.dcm", ".1.2.3.5-0123456789ab.dcm", ".notes-x.dcm")
    )
    for path in (old, new, other):
        path.write_bytes(b"x")
    for path in (old, other):
        os.utime(path, (1, 1))
    Arrivals(tmp_path).held("1.2.3")
    assert (old.exists(), new.exists(), other.exists()) == (False, True, True)


def test_a_spool_on_another_disk_is_copied_from(tmp_path, monkeypatch):
    from pathlib import Path

    rename = Path.replace

    def replace(self, target):
        if "elsewhere" in self.parts:
            raise OSError(18, "Invalid cross-device link")
        return rename(self, target)

    monkeypatch.setattr(Path, "replace", replace)
    instance().save_as(tmp_path / "a.dcm", enforce_file_format=True)
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "a.dcm").rename(tmp_path / "elsewhere" / "a.dcm")
    outcome, held = Arrivals(tmp_path / "in").take(tmp_path / "elsewhere" / "a.dcm")
    assert outcome is Outcome.STORED
    assert held.path.read_bytes() == (tmp_path / "elsewhere" / "a.dcm").read_bytes()
    assert {one.name for one in held.path.parent.iterdir()} == {held.path.name, LIST}


@pytest.mark.parametrize("side", [8, 1024])
def test_the_same_pixels_written_otherwise_are_compared_piece_by_piece(tmp_path, side):
    into = Arrivals(tmp_path / "in")
    for name, change, outcome in (
        ("a", lambda one: None, Outcome.STORED),
        ("b", lambda one: setattr(one.file_meta, "TransferSyntaxUID", "1.2.840.10008.1.2"), Outcome.ALREADY),
        ("c", lambda one: setattr(one, "PixelData", one.PixelData[:-1] + b"\xff"), Outcome.CONFLICT),
        ("d", lambda one: setattr(one, "PatientName", "Roe"), Outcome.CONFLICT),
    ):
        made = instance(side=side)
        change(made)
        made.save_as(tmp_path / name, enforce_file_format=True)
        assert into.take(tmp_path / name)[0] is outcome


def test_a_file_that_cannot_be_written_says_so_at_its_end(tmp_path):
    (tmp_path / "file").touch()
    file = Spool(tmp_path / "file").file()
    assert file.write(b"abc") == 3
    with pytest.raises(KinecorError, match="cannot be written"):
        file.finish()
    with pytest.raises(KinecorError, match="limits of the receiver"):
        Receiver(most_by_address=0)
