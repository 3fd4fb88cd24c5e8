"""A DICOMweb service in this process that answers what it should not: huge, endless, slow, elsewhere, broken."""

import gzip
import json
import random
import socket
import threading
import time
from contextlib import suppress
from functools import cache
from io import BytesIO

from tests.io.archive.instances import instance, study, uid

BOUNDARY = b"kinecor-part"
MULTIPART = b'multipart/related; type="application/dicom"; boundary=' + BOUNDARY


def _file(made):
    written = BytesIO()
    made.save_as(written, enforce_file_format=True)
    return written.getvalue()


FILES = {one.SOPInstanceUID: _file(one) for one in study(series=1, each=2)}
OTHER_STUDY = _file(instance("other"))


def _json(one, *names):
    every = json.loads(one.to_json(suppress_invalid_tags=True))
    return {f"{one[name].tag:08X}": every[f"{one[name].tag:08X}"] for name in names}


_NAMES = (
    "StudyInstanceUID",
    "SeriesInstanceUID",
    "SOPInstanceUID",
    "SOPClassUID",
    "Modality",
    "StudyDate",
    "PatientName",
)


def listing(path):
    """The sound answer to a search."""
    found = study(series=1, each=2)
    if not path.split("?")[0].endswith("instances"):
        found = found[:1]
    return json.dumps([_json(one, *_NAMES) for one in found]).encode()


def multipart(content):
    return (
        b"--" + BOUNDARY + b"\r\nContent-Type: application/dicom\r\n\r\n" + content + b"\r\n--" + BOUNDARY + b"--\r\n"
    )


def answer(content, kind=b"application/dicom+json", more=b""):
    return (
        b"HTTP/1.1 200 OK\r\nContent-Type: "
        + kind
        + b"\r\nContent-Length: %d\r\n" % len(content)
        + more
        + b"\r\n"
        + content
    )


def sound(path, _rng):
    name = path.split("?")[0].rsplit("/", 1)[-1]
    yield answer(multipart(FILES[name]), MULTIPART) if name in FILES else answer(listing(path))


def _for_instances(make):
    """Sound lists; instances by `make`."""

    def answers(path, rng):
        name = path.split("?")[0].rsplit("/", 1)[-1]
        yield from make(name, rng) if name in FILES else sound(path, rng)

    return answers


def _endless(path, _rng):
    yield b"HTTP/1.1 200 OK\r\nContent-Type: application/dicom+json\r\nTransfer-Encoding: chunked\r\n\r\n"
    piece = b"[" + b" " * 65_534 + b","
    for _ in range(100_000):
        yield b"%x\r\n" % len(piece) + piece + b"\r\n"


@cache
def packed():
    """What unpacks to 200 MB; made once, so that the memory of it is not that of who reads it."""
    return gzip.compress(bytes(200 << 20), 1)


def _bomb(_path, _rng):
    yield answer(packed(), more=b"Content-Encoding: gzip\r\n")


def _announced(_path, _rng):
    yield b"HTTP/1.1 200 OK\r\nContent-Type: application/dicom+json\r\nContent-Length: 99999999999\r\n\r\n["


def _redirect(to):
    def answers(path, _rng):
        yield b"HTTP/1.1 302 Found\r\nLocation: " + to.replace("PATH", path).encode() + b"\r\nContent-Length: 0\r\n\r\n"

    return answers


def _drip(content):
    def answers(_path, _rng):
        for at in range(len(content)):
            yield content[at : at + 1]
            time.sleep(0.05)

    return answers


def _deep(_path, _rng):
    yield answer(b"[" * 100_000)


def _strange(path, rng):
    leaves = [None, 1, "x", [], {}, [[]], {"vr": "UI"}, {"vr": "UI", "Value": 7}, {"vr": "XX", "Value": ["1"]}]
    leaves += [
        {"vr": "SQ", "Value": [{"vr": 1}]},
        {"vr": "OB", "BulkDataURI": "http://127.0.0.1:9/x"},
        {"vr": "OB", "InlineBinary": "?"},
    ]
    found = json.loads(listing(path))
    for one in found:
        for tag in list(one):
            if rng.random() < 0.5:
                one[tag] = rng.choice(leaves)
    yield answer(json.dumps(rng.choice((found, found[0], rng.choice(leaves)))).encode())


def _mutated(path, rng):
    (content,) = sound(path, rng)
    content = bytearray(content)
    for _ in range(rng.choice((1, 5, 50))):
        content[rng.randrange(len(content))] = rng.randrange(256)
    yield bytes(content[: rng.randrange(len(content))] if rng.random() < 0.3 else content)


ATTACKS = {
    "an endless list": _endless,
    "a list that unpacks to 200 MB": _bomb,
    "an announced length of 100 GB": _announced,
    "deep JSON": _deep,
    "JSON of other types": _strange,
    "random bytes changed": _mutated,
    "redirected to another port": _redirect("http://127.0.0.1:9/PATH"),
    "redirected to another host": _redirect("http://example.invalid/PATH"),
    "redirected to a file": _redirect("file:///etc/hostname"),
    "redirected in a circle": _redirect("PATH"),
    "headers by drops": _drip(b"HTTP/1.1 200 OK\r\n" + b"X-A: b\r\n" * 1000),
    "a list by drops": _drip(answer(b"[" + b" " * 4000 + b"]")),
    "an instance by drops": _for_instances(
        lambda name, rng: _drip(answer(multipart(FILES[name]), MULTIPART))(name, rng)
    ),
    "an instance without end": _for_instances(
        lambda _name, _rng: iter(
            [
                answer(multipart(b"x" * 1000), MULTIPART)
                .replace(b"Content-Length", b"X-Length")
                .split(b"\r\n--" + BOUNDARY + b"--")[0]
            ]
        )
    ),
    "two instances": _for_instances(
        lambda name, _rng: iter([answer(multipart(FILES[name]).removesuffix(b"--\r\n") + b"\r\n\r\nmore", MULTIPART)])
    ),
    "another boundary": _for_instances(
        lambda name, _rng: iter([answer(multipart(FILES[name]), MULTIPART.replace(BOUNDARY, b"other"))])
    ),
    "no boundary": _for_instances(lambda name, _rng: iter([answer(multipart(FILES[name]), b"multipart/related")])),
    "an instance of another study": _for_instances(
        lambda _name, _rng: iter([answer(multipart(OTHER_STUDY), MULTIPART)])
    ),
    "no DICOM": _for_instances(lambda _name, _rng: iter([answer(multipart(b"<html>"), MULTIPART)])),
    "closed at once": lambda _path, _rng: iter([]),
    "no HTTP": lambda _path, rng: iter([rng.randbytes(300)]),
}


class EvilWeb:
    """Serves `answers(path, rng)`: pieces of a raw HTTP answer; the connection is closed after each."""

    def __init__(self, answers=sound, seed=1):
        self.answers, self._rng = answers, random.Random(seed)
        self.asked = []
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._ended = threading.Event()
        self.url = f"http://127.0.0.1:{self._listening.getsockname()[1]}/dicom-web"

    def _serve(self):
        while not self._ended.is_set():
            try:
                line, _ = self._listening.accept()
            except OSError:
                return
            threading.Thread(target=self._answer, args=(line,), daemon=True).start()

    def _answer(self, line):
        line.settimeout(10)
        with line, suppress(OSError):
            held = b""
            while b"\r\n\r\n" not in held:
                data = line.recv(65_536)
                if not data:
                    return
                held += data
            path = held.split(b" ", 2)[1].decode()
            self.asked.append(path)
            for piece in self.answers(path, self._rng):
                if self._ended.is_set():
                    return
                line.sendall(piece)
            line.shutdown(socket.SHUT_WR)

    def __enter__(self):
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._ended.set()
        with suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        self._thread.join(2)


STUDY = uid("study")
