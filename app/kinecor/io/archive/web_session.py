"""HTTP with limits of size, time and place: an archive may be hostile, or what lies between it and us.

The library `requests` limits how long a peer is silent, not how long it takes altogether, nor how much it sends. Here
an answer has a largest size, a slowest pace, and comes from the address that was asked.
"""

import io
import os
import re
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import IO, Any, Final, Self
from urllib.parse import urlsplit

from kinecor.io.archive.nodes import import_needed
from kinecor.io.archive.spool import SpooledFile

MAX_ANSWER_BYTES: Final = 64 << 20
"""Of a list of studies, series or instances."""
MAX_INSTANCE_BYTES: Final = 2 << 30
# An answer that comes more slowly than this, after a first while, is given up.
_MIN_PACE_BYTES_S: Final = 4096
_PIECE_BYTES: Final = 1 << 14
_POLL_S: Final = 0.1
_MAX_REDIRECTS: Final = 5
_MAX_HEAD_BYTES: Final = 16 << 10
# So long that no file has it by chance.
_SENT_BOUNDARY: Final = "kinecor-8f2c1d7ab04e4f5c9b61e0d3f7a2c95e"
_BOUNDARY: Final = re.compile(r'boundary="?([\x21\x23-\x7e ]{1,70}?)"?\s*(?:;|$)', re.IGNORECASE)


@cache
def errors() -> ModuleType:
    """`requests.exceptions`."""
    return import_needed("requests.exceptions")


@cache
def too_slow() -> type[Exception]:
    """What is raised where an answer takes too long altogether."""
    base: type[Exception] = errors().RequestException
    return type("TooSlow", (base,), {})


@cache
def too_large() -> type[Exception]:
    """What is raised where an answer is too large."""
    base: type[Exception] = errors().RequestException
    return type("TooLarge", (base,), {})


@cache
def led_elsewhere() -> type[Exception]:
    """What is raised where an answer says to ask another address."""
    base: type[Exception] = errors().RequestException
    return type("LedElsewhere", (base,), {})


class Watch:
    """Ends the connections of a request that takes too long, whatever it waits for.

    Args:
        lines: sockets of the connections in use.
        allowed_s: that it may take.
        sent_bytes: that are sent with it; they give it more time.

    """

    def __init__(self, lines: list[socket.socket], allowed_s: float, sent_bytes: int = 0) -> None:
        self._lines, self._allowed_s, self._bytes = lines, allowed_s, sent_bytes
        self._began_s = time.monotonic()
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._run, name="kinecor-web-watch", daemon=True)
        self.expired = False

    def count(self, received: int) -> None:
        """More bytes have come, which gives it more time.

        Args:
            received: bytes.

        """
        self._bytes += received

    def _run(self) -> None:
        while not self._done.wait(_POLL_S):
            if time.monotonic() - self._began_s > self._allowed_s + self._bytes / _MIN_PACE_BYTES_S:
                self.expired = True
                for line in list(self._lines):
                    with suppress(OSError):
                        line.shutdown(socket.SHUT_RDWR)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        self._done.set()
        self._thread.join()
        if self.expired and isinstance(error, Exception):
            raise too_slow()("the answer takes too long") from error


class Limits:
    """The limits of one session.

    Args:
        answer_s: how long an answer may take to begin, and a slow one to end.

    """

    def __init__(self, answer_s: float) -> None:
        self._answer_s = answer_s
        self._lines: list[socket.socket] = []

    def session(self) -> Any:
        """A session of `requests` under these limits."""
        requests = import_needed("requests")
        limits = self

        class Session(requests.Session):  # type: ignore[name-defined, misc]
            def get_redirect_target(self, response: Any) -> str | None:
                target: str | None = super().get_redirect_target(response)
                if target is not None and not same_place(
                    response.url, import_needed("requests.compat").urljoin(response.url, target)
                ):
                    raise led_elsewhere()("the answer leads to another address")
                return target

        session = Session()
        session.trust_env = False  # neither proxies nor .netrc: nothing is sent where the settings do not say
        session.max_redirects = _MAX_REDIRECTS
        for scheme in ("http://", "https://"):
            session.mount(scheme, limits._adapter())
        return session

    def _adapter(self) -> Any:
        adapter = import_needed("requests.adapters").HTTPAdapter()
        pools, lines = import_needed("urllib3.connectionpool"), self._lines

        def noting(connection_class: Any) -> Any:
            class Connection(connection_class):  # type: ignore[misc]
                def connect(self) -> None:
                    super().connect()
                    lines.append(self.sock)

                def close(self) -> None:
                    if self.sock in lines:
                        lines.remove(self.sock)
                    super().close()

            return Connection

        adapter.poolmanager.pool_classes_by_scheme = {
            scheme: type(pool.__name__, (pool,), {"ConnectionCls": noting(pool.ConnectionCls)})
            for scheme, pool in (("http", pools.HTTPConnectionPool), ("https", pools.HTTPSConnectionPool))
        }
        send = adapter.send

        def limited(request: Any, stream: bool = False, **named: Any) -> Any:
            # WORKAROUND: dicomweb-client sends %2A, which Orthanc 1.10 does not take for a wildcard.
            request.url = request.url.replace("%2A", "*")
            size = len(request.body) if request.body else 0
            with Watch(lines, self._answer_s, size) as watch:
                response = send(request, stream=True, **named)
                if not stream:
                    response._content = b"".join(self._pieces(response, watch, MAX_ANSWER_BYTES))
                    response._content_consumed = True
            return response

        adapter.send = limited
        return adapter

    @staticmethod
    def _pieces(response: Any, watch: Watch, limit: int) -> Iterator[bytes]:
        announced, total = response.headers.get("Content-Length", ""), 0
        if announced.isdecimal() and int(announced) > limit:
            response.close()
            raise too_large()("the answer is too large")
        for piece in response.iter_content(_PIECE_BYTES):
            total += len(piece)
            if total > limit:
                response.close()
                raise too_large()("the answer is too large")
            watch.count(len(piece))
            yield piece

    @contextmanager
    def instance(self, session: Any, url: str, timeout: tuple[float, float]) -> Iterator[Iterator[bytes]]:
        """Ask for one instance (WADO-RS); its DICOM file in pieces, as they arrive.

        Args:
            session: of requests.
            url: of the instance.
            timeout: (to connect, between bytes), seconds.

        Raises:
            requests.exceptions.RequestException: it does not come, is too large, too slow or comes from elsewhere.
            ValueError: what comes is no instance.

        """
        accept = 'multipart/related; type="application/dicom"; transfer-syntax=*'
        with session.get(url, headers={"Accept": accept}, stream=True, timeout=timeout) as response:
            response.raise_for_status()
            with Watch(self._lines, self._answer_s) as watch:
                pieces = self._pieces(response, watch, MAX_INSTANCE_BYTES)
                yield only_part(pieces, response.headers.get("Content-Type", ""))

    def store(self, session: Any, url: str, path: Path, timeout: tuple[float, float]) -> Any:
        """Send one file (STOW-RS), read piece by piece as it goes; the answer.

        Args:
            session: of requests.
            url: that files are sent to.
            path: of the file.
            timeout: (to connect, between bytes), seconds.

        Raises:
            requests.exceptions.RequestException: it cannot be sent, or is refused.
            OSError: the file cannot be read.

        """
        headers = {
            "Content-Type": f'multipart/related; type="application/dicom"; boundary="{_SENT_BOUNDARY}"',
            "Accept": "application/dicom+json",
        }
        with SentFile(path) as body:
            response = session.post(url, data=body, headers=headers, timeout=timeout)
        response.raise_for_status()
        return response


class SentFile:
    """A multipart message of one file, of a known length, of which no more than what is asked for is in memory.

    Args:
        path: of a DICOM file.

    """

    def __init__(self, path: Path) -> None:
        self._head = f"--{_SENT_BOUNDARY}\r\nContent-Type: application/dicom\r\n\r\n".encode()
        self._tail = f"\r\n--{_SENT_BOUNDARY}--\r\n".encode()
        self._file = path.open("rb")
        self._size = os.fstat(self._file.fileno()).st_size
        self._parts: list[IO[bytes]] = [io.BytesIO(self._head), self._file, io.BytesIO(self._tail)]

    def __len__(self) -> int:
        """Of the whole message, in bytes."""
        return len(self._head) + self._size + len(self._tail)

    def __iter__(self) -> Iterator[bytes]:
        while piece := self.read(_PIECE_BYTES):
            yield piece

    def read(self, count: int = -1) -> bytes:
        """The next bytes, at most `count`; b"" at the end.

        Args:
            count: of bytes; below 0 for all.

        """
        if count < 0:
            return b"".join(self)
        while self._parts:
            if piece := self._parts[0].read(count):
                return piece
            self._parts.pop(0)
        return b""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()


def same_place(url: str, other: str) -> bool:
    """Whether a URL is at the same host and port as another one, and no less protected.

    Args:
        url: where a request is led to.
        other: where it was sent.

    """
    first, second = urlsplit(url), urlsplit(other)
    ports = {"http": 80, "https": 443}
    try:
        places = [(address.hostname, address.port or ports.get(address.scheme)) for address in (first, second)]
    except ValueError:  # no port
        return False
    if first.scheme == "http" and second.scheme == "https":
        return first.hostname == second.hostname
    return first.scheme == second.scheme and places[0] == places[1]


def only_part(pieces: Iterator[bytes], content_type: str) -> Iterator[bytes]:
    """The content of the only part of a multipart message, or the message itself where it is a DICOM file.

    Args:
        pieces: of the message, in order.
        content_type: of it.

    Raises:
        ValueError: it is of another type, has no part, several, or ends within one.

    """
    kind = content_type.partition(";")[0].strip().lower()
    if kind == "application/dicom":
        yield from pieces
        return
    match = _BOUNDARY.search(content_type)
    if kind != "multipart/related" or match is None:
        raise ValueError("expected a multipart message with one instance")
    boundary = b"--" + match[1].encode("ascii")
    held = b"\r\n"  # before the first boundary, too, a line ends
    opening, end = b"\r\n" + boundary, b"\r\n" + boundary
    state = "before"
    for piece in pieces:
        held += piece
        if state == "before":
            at = held.find(opening)
            if at < 0:
                held = _short(held, _MAX_HEAD_BYTES)
                continue
            held, state = held[at + len(opening) :], "head"
        if state == "head":
            at = held.find(b"\r\n\r\n")
            if at < 0:
                held = _short(held, _MAX_HEAD_BYTES)
                continue
            held, state = held[at + 4 :], "body"
        if state == "body":
            at = held.find(end)
            if at < 0:
                keep = len(end) - 1
                if len(held) > keep:
                    yield held[:-keep]
                    held = held[-keep:]
                continue
            yield held[:at]
            held, state = held[at + len(end) :], "after"
        if state == "after":
            held = held[:_MAX_HEAD_BYTES]
            if len(held) >= 2 and not held.startswith(b"--"):
                raise ValueError("expected one instance, several came")
    if state != "after" or not held.startswith(b"--"):
        raise ValueError("the message ends within an instance")


def _short(held: bytes, limit: int) -> bytes:
    if len(held) > limit:
        raise ValueError("expected a part of a message, its beginning has no end")
    return held


def save(pieces: Iterator[bytes], file: SpooledFile) -> None:
    """Write pieces to a file.

    Args:
        pieces: of a DICOM file, in order.
        file: that they are added to.

    """
    for piece in pieces:
        file.write(piece)
