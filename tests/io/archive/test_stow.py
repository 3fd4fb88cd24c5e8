"""Files sent by STOW-RS: as they lie on the disk, and no more of them in memory than a piece."""

import json
import threading
import tracemalloc
from contextlib import contextmanager
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from kinecor.io.archive.archive import archive_of
from kinecor.io.archive.nodes import Receiver, node_from_address
from kinecor.io.archive.transfer import Outcome, files_to_send
from tests.io.archive.instances import instance, written

pytest.importorskip("dicomweb_client")
_PIECE = 1 << 16


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self._answer(200, b"[]", "application/dicom+json")

    def do_POST(self):
        left, digest, first, last = int(self.headers["Content-Length"]), sha256(), b"", b""
        self.server.largest = max(self.server.largest, left)
        while left:
            piece = self.rfile.read(min(left, _PIECE))
            left -= len(piece)
            first = first or piece[:400]
            last = (last + piece)[-400:]
            digest.update(piece)
        self.server.requests.append((self.headers["Content-Type"], digest.hexdigest(), first, last))
        self._answer(self.server.status, self.server.answer, "application/dicom+json")

    def _answer(self, status, content, kind):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_):
        pass


@contextmanager
def service(status=200, answer=b"{}"):
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.status, server.answer, server.requests, server.largest = status, answer, [], 0
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        node = node_from_address(f"http://127.0.0.1:{server.server_port}/dicom-web")
        yield server, archive_of(node, "", Receiver())
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def sent_to(archive, paths):
    files, refused = files_to_send(paths)
    assert refused == []
    outcomes = []
    archive.store(files, outcomes.append)
    return outcomes


def test_a_file_arrives_as_it_lies_on_the_disk(tmp_path):
    (path,) = written(tmp_path, [instance()])
    with service() as (server, archive):
        (one,) = sent_to(archive, [path])
    assert one.outcome is Outcome.STORED
    ((kind, digest, first, last),) = server.requests
    boundary = kind.partition('boundary="')[2].rstrip('"').encode()
    content = path.read_bytes()
    whole = b"--" + boundary + b"\r\nContent-Type: application/dicom\r\n\r\n" + content
    whole += b"\r\n--" + boundary + b"--\r\n"
    assert digest == sha256(whole).hexdigest()
    assert first.startswith(b"--" + boundary)
    assert last.endswith(boundary + b"--\r\n")


def test_a_refusal_is_said_with_its_reason(tmp_path):
    (path,) = written(tmp_path, [made := instance()])
    failed = {
        "00081198": {
            "vr": "SQ",
            "Value": [
                {
                    "00081155": {"vr": "UI", "Value": [made.SOPInstanceUID]},
                    "00081197": {"vr": "US", "Value": [272]},
                }
            ],
        }
    }
    with service(202, json.dumps(failed).encode()) as (_, archive):
        (one,) = sent_to(archive, [path])
    assert one.outcome is Outcome.FAILED
    assert "272" in one.words


def test_memory_stays_flat_however_large_the_file(tmp_path):
    made = instance()
    made.PixelData = bytes(8)
    (path,) = written(tmp_path, [made])
    _enlarge(path, 64 << 20)
    files, _ = files_to_send([path])
    with service() as (server, archive):
        tracemalloc.start()
        try:
            archive.store(files, lambda _: None)
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert server.largest > 64 << 20
    assert peak < 8 << 20


def _enlarge(path: Path, size: int) -> None:
    """Add zeros at the end of a file, which is then larger than its pixels: it is sent as it is."""
    with path.open("r+b") as file:
        file.truncate(size)
