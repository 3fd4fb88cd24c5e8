"""Against Orthanc and dcmqrscp: query, retrieve, send, commitment, and the way of a report there and back."""

import dataclasses
import json
import ssl
import subprocess
import threading
import time
from contextlib import ExitStack

import pytest

from kinecor.cli.commands import main
from kinecor.core.values.errors import KinecorError
from kinecor.io.archive.archive import archive_of, find_studies, retrieve, send
from kinecor.io.archive.arrivals import Arrivals
from kinecor.io.archive.association import Patience
from kinecor.io.archive.nodes import Archives, Node, Receiver, node_from_address, save
from kinecor.io.archive.query import Search
from kinecor.io.archive.receiver import Server
from kinecor.io.archive.transfer import Outcome, files_to_send
from kinecor.io.files.incomplete import incomplete
from kinecor.io.open.recordings import open_path
from kinecor.io.write.derived import save_derived
from kinecor.io.write.echo_report import echo_report
from tests.io.archive.instances import Line, Peer, instance, study, uid, written
from tests.io.archive.raw import connected
from tests.io.archive.servers import dcmqrscp, dicomweb_plugin, free_port, orthanc, program
from tests.io.write.sources import AT, read_clip, write_clip

pytest.importorskip("pynetdicom")


@pytest.fixture(scope="module")
def receiver():
    return Receiver(port=free_port())


@pytest.fixture(scope="module")
def orthanc_server(tmp_path_factory, receiver):
    if program("Orthanc", "orthanc") is None:
        pytest.skip("Orthanc is not installed: apt-get install orthanc orthanc-dicomweb")
    with orthanc(tmp_path_factory.mktemp("orthanc"), receiver.port) as server:
        yield server


@pytest.fixture(scope="module")
def dcmqrscp_server(tmp_path_factory, receiver):
    if program("dcmqrscp") is None:
        pytest.skip("dcmqrscp is not installed: apt-get install dcmtk")
    with dcmqrscp(tmp_path_factory.mktemp("dcmqrscp"), receiver.port) as server:
        yield server


@pytest.fixture(params=["get", "move", "web", "dcmqrscp get", "dcmqrscp move"])
def archive(request, receiver):
    """The same archive by every way there is to it."""
    server = request.getfixturevalue("dcmqrscp_server" if "dcmqrscp" in request.param else "orthanc_server")
    if request.param == "web":
        pytest.importorskip("dicomweb_client")
        if dicomweb_plugin() is None:
            pytest.skip("Orthanc has no DICOMweb: apt-get install orthanc-dicomweb")
        return archive_of(node_from_address(server.url))
    way = "move" if "move" in request.param else "get"
    return archive_of(dataclasses.replace(node_from_address(server.address), retrieve=way), "", receiver)


def test_there_and_back(archive, tmp_path):
    name = f"{archive.node.name} {archive.node.retrieve}"
    assert archive.echo() >= 0
    sources = [*study(name, each=3), instance(name, 7, modality="US")]
    for one in sources:
        one.PatientID = "B-12"
    files, _ = files_to_send(written(tmp_path / "out", sources))
    assert {one.outcome for one in send(archive, files)} == {Outcome.STORED}
    found = find_studies(archive, Search(patient_name="DOE", patient_id="B-12", first_date="20260101", modality="MR"))
    one = next(one for one in found if one.uid == uid(name))
    assert (one.patient_name, one.patient_id, one.date) == ("Doe^Jane", "B-12", "20260105")
    assert one.instances in (7, None)
    assert {(each.number, each.modality) for each in archive.series(one.uid)} == {(0, "MR"), (1, "MR"), (7, "US")}
    result = retrieve(archive, one.uid, Arrivals(tmp_path / "in"))
    assert (result.stored, result.expected, result.complete) == (7, 7, True)
    for file in files:
        held = Arrivals(tmp_path / "in").held(one.uid)[file.uid]
        assert held.sop_class == file.sop_class
    next(result.folder.glob("*.dcm")).unlink()
    again = retrieve(archive, one.uid, Arrivals(tmp_path / "in"))
    assert (again.stored, again.already) == (1, 6)
    assert find_studies(archive, Search(patient_name="Nobody")) == ()


def test_orthanc_confirms_that_it_keeps_what_was_sent(orthanc_server, receiver, tmp_path):
    archive = archive_of(node_from_address(orthanc_server.address), "", receiver)
    files, _ = files_to_send(written(tmp_path, study("kept", series=1, each=2)))
    assert [one.committed for one in send(archive, files, commit=True)] == [True, True]
    never = dataclasses.replace(files[0], uid="1.2.3.4")
    assert archive.commit([never]) == {"1.2.3.4": False}


def test_dcmqrscp_does_not_offer_commitment(dcmqrscp_server, receiver, tmp_path):
    archive = archive_of(node_from_address(dcmqrscp_server.address), "", receiver)
    files, _ = files_to_send(written(tmp_path, study("not kept", series=1, each=1)))
    assert [one.committed for one in send(archive, files, commit=True)] == [None]


@pytest.mark.parametrize("way", ["get", "web"])
def test_a_killed_server_loses_nothing_that_has_arrived(way, tmp_path):
    if program("Orthanc", "orthanc") is None or (way == "web" and dicomweb_plugin() is None):
        pytest.skip("Orthanc is not installed: apt-get install orthanc orthanc-dicomweb")
    count = 40
    with orthanc(tmp_path / "server") as server:
        node = node_from_address(server.url if way == "web" else server.address)
        archive = archive_of(node, "", None, Patience(60, 60))  # for a busy computer: a dead one is noticed at once
        files, _ = files_to_send(written(tmp_path / "out", study(series=1, each=count)))
        send(archive_of(node_from_address(server.address)), files)

        def tick(done, total):
            if done == 10 and server.process.poll() is None:
                server.kill()

        with pytest.raises(KinecorError, match="not fetched twice"):
            retrieve(archive, uid("study"), Arrivals(tmp_path / "in"), tick=tick)
        arrived = len(Arrivals(tmp_path / "in").held(uid("study")))
        assert 10 <= arrived < count
        assert incomplete(tmp_path / "in" / uid("study")) is not None
        server.start()
        result = retrieve(archive, uid("study"), Arrivals(tmp_path / "in"))
        assert (result.already, result.stored, result.complete) == (arrived, count - arrived, True)
        assert incomplete(result.folder) is None


@pytest.mark.parametrize("silent", [False, True], ids=["broken", "silent"])
def test_a_web_line_that_breaks_or_falls_silent(orthanc_server, tmp_path, silent):
    if orthanc_server.http is None:
        pytest.skip("Orthanc has no DICOMweb: apt-get install orthanc-dicomweb")
    pytest.importorskip("dicomweb_client")
    name = f"web line {silent}"
    files, _ = files_to_send(written(tmp_path / "out", study(name, series=1, each=6, side=128)))
    send(archive_of(node_from_address(orthanc_server.address)), files)
    with Line(orthanc_server.http, 100_000, silent=silent) as line:
        archive = archive_of(node_from_address(f"http://127.0.0.1:{line.port}/dicom-web"), "", None, Patience(2, 1))
        with pytest.raises(KinecorError, match=r"ended the connection|was silent"):
            retrieve(archive, uid(name), Arrivals(tmp_path / "in"))
    arrived = len(Arrivals(tmp_path / "in").held(uid(name)))
    assert 0 < arrived < 6
    result = retrieve(archive_of(node_from_address(orthanc_server.url)), uid(name), Arrivals(tmp_path / "in"))
    assert (result.already, result.complete) == (arrived, True)


def test_what_is_no_dicomweb_is_said_in_one_sentence(orthanc_server):
    pytest.importorskip("dicomweb_client")
    if orthanc_server.http is None:
        pytest.skip("Orthanc has no DICOMweb: apt-get install orthanc-dicomweb")
    for path, words in (("nowhere", "HTTP status 404"), ("", "something else than DICOMweb|HTTP status")):
        with pytest.raises(KinecorError, match=words):
            archive_of(Node("a", url=f"http://127.0.0.1:{orthanc_server.http}/{path}")).echo()
    with pytest.raises(KinecorError, match="cannot be reached"):
        archive_of(Node("a", url=f"http://127.0.0.1:{free_port()}/dicom-web")).echo()
    with pytest.raises(KinecorError, match=r"port of its DICOM service|did not answer"):
        archive_of(Node("a", "127.0.0.1", orthanc_server.http), "", None, Patience(2, 2)).echo()


def test_a_report_of_ours_goes_there_and_is_read_from_there(orthanc_server, tmp_path, capsys):
    """By the command: send a clip and its report, find, retrieve, open."""
    (tmp_path / "out").mkdir()
    clip = write_clip(tmp_path / "out" / "clip.dcm")
    save_derived(echo_report([read_clip(clip)], AT), tmp_path / "out" / "sr.dcm")
    save(Archives((dataclasses.replace(node_from_address(orthanc_server.address), name="orthanc"),)))
    assert main(["archive", "echo", "orthanc"]) == 0
    assert main(["archive", "send", "orthanc", str(tmp_path / "out"), "--quiet"]) == 0
    assert "2 of 2 instances stored by orthanc" in capsys.readouterr().out
    assert main(["archive", "find", "orthanc", "--modality", "SR", "--series", "--json"]) == 0
    (found,) = json.loads(capsys.readouterr().out)
    assert sorted(one["modality"] for one in found["series_found"]) == ["SR", "US"]
    assert main(["archive", "get", "orthanc", found["uid"], "--out", str(tmp_path / "in"), "--quiet"]) == 0
    folder = tmp_path / "in" / found["uid"]
    assert capsys.readouterr().out.split() == [str(folder)]
    opened = open_path(folder)
    assert (len(opened.recordings), opened.reports, opened.refused) == (1, (), ())  # no report of another system
    (there,), (here,) = (one.documents for one in (opened, open_path(tmp_path / "out")))
    assert there.series.kind == "own-report"
    assert there.report.template == "5300"
    assert there.report.values == here.report.values
    clips = [one.recordings[0].source.digest for one in (opened, open_path(tmp_path / "out"))]
    assert clips[0] == clips[1]


def test_the_command_refuses_in_words(capsys, tmp_path):
    assert main(["archive", "find", "nobody"]) == 2
    assert "There is no archive 'nobody'" in capsys.readouterr().err
    assert main(["archive", "echo", f"A@127.0.0.1:{free_port()}", "--timeout", "2"]) == 1
    assert "nothing listens at this port" in capsys.readouterr().err
    assert main(["archive", "find", "A@h:1", "--date", "yesterday"]) == 2
    assert main(["archive", "get", "A@h:1"]) == 2
    assert main(["archive", "send", "A@h:1", str(tmp_path)]) == 1
    assert "nothing to send" in capsys.readouterr().err
    assert main(["archive", "listen", "--port", "0"]) == 1
    assert main(["archive", "nodes", "--add", "p", "P@h:104", "--move", "--aet", "ME"]) == 0
    assert main(["archive", "nodes"]) == 0
    assert capsys.readouterr().out == "p  P@h:104  C-MOVE  as ME\n"
    assert main(["archive", "nodes", "--remove", "p"]) == 0
    assert main(["archive", "nodes", "--remove", "p"]) == 2
    assert main(["archive", "nodes", "--add", "p", "nonsense"]) == 2


def test_what_is_not_stored_is_one_line_for_each_reason(capsys, tmp_path):
    written(tmp_path, study(series=2, each=3))
    with Peer(status=0xA700).running() as peer:
        assert main(["archive", "send", peer.address, str(tmp_path), "--quiet"]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"kinecor: 6 files, the first {tmp_path}")


def test_the_command_listens_until_nothing_comes_any_more(tmp_path, capsys):
    files, _ = files_to_send(written(tmp_path / "out", study(series=1, each=2)))
    port = free_port()

    def scan():
        archive = archive_of(Node("k", "127.0.0.1", port, "KINECOR", "SCANNER"), "", None, Patience(60, 60))
        until = time.monotonic() + 60
        while time.monotonic() < until:
            try:
                archive.echo()
                break
            except KinecorError:
                time.sleep(0.05)
        send(archive, files)

    scanner = threading.Thread(target=scan)
    scanner.start()
    line = [
        "archive",
        "listen",
        "--allow",
        "SCANNER",
        "--port",
        str(port),
        "--out",
        str(tmp_path / "in"),
        "--idle",
        "1",
    ]
    assert main([*line, "--json"]) == 0
    scanner.join()
    out = capsys.readouterr()
    assert json.loads(out.out) == {
        "study": uid("study"),
        "folder": str(tmp_path / "in" / uid("study")),
        "sender": "SCANNER",
        "complete": True,
    }
    assert "KINECOR listens at 127.0.0.1" in out.err


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    if program("openssl") is None:
        pytest.skip("openssl is not installed")
    folder = tmp_path_factory.mktemp("tls")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
         "-keyout", folder / "key.pem", "-out", folder / "cert.pem", "-subj", "/CN=localhost",
         "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"],
        check=True, capture_output=True,
    )  # fmt: skip
    return folder / "cert.pem", folder / "key.pem"


def test_tls_with_a_ca_of_its_own(certificate):
    cert, key = map(str, certificate)
    receiver = Receiver(port=0, allow=("KINECOR",), certificate=cert, key=key)
    with Server(receiver, lambda *_: Outcome.STORED, patience=Patience(2, 2)) as server:
        node = Node("tls", "localhost", server.port, "KINECOR", tls=True, ca=cert)
        node = dataclasses.replace(node, host="127.0.0.1")
        assert archive_of(node).echo() >= 0
        with pytest.raises(KinecorError, match="not trusted"):
            archive_of(dataclasses.replace(node, ca="")).echo()
        with pytest.raises(KinecorError, match="without TLS"):
            archive_of(dataclasses.replace(node, tls=False, ca=""), "", None, Patience(2, 2)).echo()
        with pytest.raises(KinecorError, match="cannot be read"):
            archive_of(dataclasses.replace(node, ca="/nowhere")).echo()
    assert ssl.create_default_context().check_hostname


def test_handshakes_that_nobody_ends_take_no_place(certificate):
    cert, key = map(str, certificate)
    receiver = Receiver(port=0, allow=("KINECOR",), certificate=cert, key=key, most_associations=1)
    with Server(receiver, lambda *_: Outcome.STORED, patience=Patience(30, 30)) as server, ExitStack() as stack:
        for number in range(12):
            line = stack.enter_context(connected(server.port))
            # Silent, the beginning of a handshake, or what is none.
            line.sendall((b"", b"\x16\x03\x01\x02\x00\x01\x00", b"GET / HTTP/1.1\r\n\r\n")[number % 3])
        began_s = time.monotonic()
        assert archive_of(Node("tls", "127.0.0.1", server.port, "KINECOR", tls=True, ca=cert)).echo() >= 0
        assert time.monotonic() - began_s < 5


def test_tls_for_known_certificates_only(certificate):
    cert, key = map(str, certificate)
    receiver = Receiver(port=0, allow=("KINECOR",), certificate=cert, key=key, ca=cert)
    with Server(receiver, lambda *_: Outcome.STORED, patience=Patience(2, 2)) as server:
        node = Node("tls", "127.0.0.1", server.port, "KINECOR", tls=True, ca=cert)
        with pytest.raises(KinecorError):
            archive_of(node, "", None, Patience(2, 2)).echo()
        assert archive_of(dataclasses.replace(node, certificate=cert, key=key)).echo() >= 0
