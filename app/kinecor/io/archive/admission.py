"""The door of the receiver: who has not asked for an association yet costs no thread and no place.

One thread accepts connections, speaks TLS with them and reads their first message (A-ASSOCIATE-RQ), all at once and
without waiting for any. A connection that is silent for too long is closed, the oldest makes room where too many wait,
and only a request that is complete and may have a place is passed on.
"""

import errno
import ipaddress
import selectors
import socket
import ssl
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

MAX_WAITING: Final = 256
MAX_WAITING_BY_ADDRESS: Final = 64
"""Connections without a request; one more, and the oldest of that address is closed."""
MAX_REQUEST_BYTES: Final = 256 << 10
"""128 contexts with 20 transfer syntaxes each have some 90 kB."""
_LINGER_S: Final = 1.0
_POLL_S: Final = 0.2
_BACKLOG: Final = 512
_HEADER: Final = 6
_SHORTEST: Final = 68
_REQUEST: Final = 1
_ABORT: Final = bytes((7, 0, 0, 0, 0, 4, 0, 0, 2, 1))

REJECTED_CALLED: Final = (1, 1, 7)
REJECTED_CALLING: Final = (1, 1, 3)
REJECTED_BUSY: Final = (2, 3, 2)
"""Result, source and reason of A-ASSOCIATE-RJ (PS3.8 9.3.4)."""
Rejection = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Request:
    """A complete request for an association.

    Attributes:
        called, calling: AE titles.
        address: of the sender, as limits count it.
        peer: of the sender, as the system gives it.
        content: the whole message.

    """

    called: str
    calling: str
    address: str
    peer: tuple[str, int]
    content: bytes


@dataclass(eq=False)
class _Waiting:
    """A connection without a place."""

    line: socket.socket
    address: str
    peer: tuple[str, int]
    until_s: float
    handshaking: bool
    content: bytearray = field(default_factory=bytearray)
    leaving: bool = False


class Admission:
    """Accepts connections of a listening socket until it is closed.

    Args:
        listening: the socket; it is used without blocking from now on, and not closed.
        decide: why a request is refused; None where it may have a place.
        admit: gets the connection, blocking again, with its request; on the thread of this object.
        tls: how TLS is spoken; None for plain connections.
        patience_s: from the connection to the complete request.

    """

    def __init__(
        self,
        listening: socket.socket,
        decide: Callable[[Request], Rejection | None],
        admit: Callable[[socket.socket, Request], None],
        *,
        tls: ssl.SSLContext | None = None,
        patience_s: float = 10.0,
    ) -> None:
        self._listening, self._decide, self._admit, self._tls, self._patience_s = (
            listening,
            decide,
            admit,
            tls,
            patience_s,
        )
        self._waiting: dict[_Waiting, None] = {}  # in the order in which they came
        self._selector = selectors.DefaultSelector()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="kinecor-receiver-door", daemon=True)
        listening.setblocking(False)
        listening.listen(_BACKLOG)
        self._selector.register(listening, selectors.EVENT_READ, None)

    @property
    def waiting(self) -> int:
        """How many connections have no place yet."""
        return len(self._waiting)

    def start(self) -> None:
        """Begin to accept."""
        self._thread.start()

    def close(self) -> None:
        """Accept nothing more, and close all that wait."""
        self._ended.set()
        if self._thread.ident is not None:
            self._thread.join(5.0)
        for waiting in list(self._waiting):
            self._drop(waiting)
        self._selector.close()

    def _run(self) -> None:
        while not self._ended.is_set():
            try:
                ready = self._selector.select(_POLL_S)
            except OSError:
                ready = []
            for key, _ in ready:
                if key.data is None:
                    self._accept()
                elif key.data in self._waiting:
                    self._advance(key.data)
            now_s = time.monotonic()
            for single_waiting in [waiting for waiting in self._waiting if waiting.until_s < now_s]:
                self._drop(single_waiting)

    def _accept(self) -> None:
        for _ in range(_BACKLOG):
            try:
                line, peer = self._listening.accept()
            except BlockingIOError:
                return
            except OSError as error:
                # Too many open files: those that wait longest make room; else the connection is gone again.
                if error.errno in (errno.EMFILE, errno.ENFILE) and self._waiting:
                    self._drop(next(iter(self._waiting)))
                return
            try:
                line.setblocking(False)
                if self._tls is not None:
                    line = self._tls.wrap_socket(line, server_side=True, do_handshake_on_connect=False)
            except (OSError, ValueError):
                line.close()
                continue
            address = counted_address(peer[0])
            until_s = time.monotonic() + self._patience_s
            waiting = _Waiting(line, address, peer, until_s, handshaking=self._tls is not None)
            self._make_room(address)
            self._waiting[waiting] = None
            self._selector.register(line, selectors.EVENT_READ, waiting)

    def _make_room(self, address: str) -> None:
        counts = Counter(waiting.address for waiting in self._waiting)
        if counts[address] >= MAX_WAITING_BY_ADDRESS:
            self._drop(next(waiting for waiting in self._waiting if waiting.address == address))
        elif counts.total() >= MAX_WAITING:
            ((most, _),) = counts.most_common(1)
            self._drop(next(waiting for waiting in self._waiting if waiting.address == most))

    def _advance(self, waiting: _Waiting) -> None:
        """Take what has arrived of one connection."""
        try:
            if waiting.handshaking:
                assert isinstance(waiting.line, ssl.SSLSocket)
                waiting.line.do_handshake()
                waiting.handshaking = False
                self._selector.modify(waiting.line, selectors.EVENT_READ, waiting)
            while not self._complete(waiting):
                wanted = (_HEADER if len(waiting.content) < _HEADER else self._length(waiting)) - len(waiting.content)
                data = waiting.line.recv(4096 if waiting.leaving else min(wanted, 1 << 16))
                if not data:
                    self._drop(waiting)
                    return
                if not waiting.leaving:
                    waiting.content += data
                    if len(waiting.content) >= _HEADER and not self._sound(waiting):
                        self._leave(waiting, _ABORT)
        except (ssl.SSLWantReadError, BlockingIOError):
            return
        except ssl.SSLWantWriteError:
            self._selector.modify(waiting.line, selectors.EVENT_WRITE | selectors.EVENT_READ, waiting)
            return
        except (OSError, ValueError):
            self._drop(waiting)
            return
        self._judge(waiting)

    @staticmethod
    def _length(waiting: _Waiting) -> int:
        return _HEADER + int.from_bytes(waiting.content[2:_HEADER], "big")

    def _complete(self, waiting: _Waiting) -> bool:
        return not waiting.leaving and len(waiting.content) >= _HEADER and len(waiting.content) == self._length(waiting)

    def _sound(self, waiting: _Waiting) -> bool:
        return waiting.content[0] == _REQUEST and _SHORTEST <= self._length(waiting) - _HEADER <= MAX_REQUEST_BYTES

    def _judge(self, waiting: _Waiting) -> None:
        content = bytes(waiting.content)
        called, calling = (content[at : at + 16].decode("ascii", "replace").strip("\0 ") for at in (10, 26))
        request = Request(called, calling, waiting.address, waiting.peer, content)
        refused = self._decide(request)
        if refused is not None:
            self._leave(waiting, bytes((3, 0, 0, 0, 0, 4, 0, *refused)))
            return
        self._selector.unregister(waiting.line)
        del self._waiting[waiting]
        try:
            waiting.line.setblocking(True)
            self._admit(waiting.line, request)
        except Exception:  # whatever a library makes of one request, others are still accepted
            _close(waiting.line)

    def _leave(self, waiting: _Waiting, words: bytes) -> None:
        """Send the last words, then wait a moment for the other side to close: closed at once, they might be lost."""
        waiting.leaving, waiting.until_s = True, time.monotonic() + _LINGER_S
        with suppress(OSError):
            waiting.line.send(words)
            if self._tls is None:
                waiting.line.shutdown(socket.SHUT_WR)

    def _drop(self, waiting: _Waiting) -> None:
        with suppress(KeyError, ValueError, OSError):
            self._selector.unregister(waiting.line)
        self._waiting.pop(waiting, None)
        _close(waiting.line)


def _close(line: socket.socket) -> None:
    with suppress(OSError):
        line.shutdown(socket.SHUT_RDWR)
    line.close()


def counted_address(host: str) -> str:
    """What connections are counted by: the address; of IPv6 the network of 64 bits, which one sender has whole.

    Args:
        host: address or name of the sender.

    """
    with suppress(ValueError):
        parsed = ipaddress.ip_address(host.partition("%")[0])
        if isinstance(parsed, ipaddress.IPv6Address):
            if parsed.ipv4_mapped is not None:
                return str(parsed.ipv4_mapped)
            return str(ipaddress.ip_network((parsed, 64), strict=False))
    return host
