"""Connections to and from other DICOM applications, with every refusal as one sentence."""

import logging
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import wraps
from types import ModuleType
from typing import Any, Final

from kinecor.core.values.errors import Cancelled, KinecorError, Tick, no_tick
from kinecor.core.values.message import Message, message, verbatim
from kinecor.io.archive.nodes import Node, import_needed
from kinecor.io.dicom.header import silence_pydicom

_log = logging.getLogger(__name__)
# Larger ones are not negotiated (PS3.8 9.3.1); they would only fill memory.
MAX_PDU_BYTES: Final = 1 << 20
MAX_CONTEXTS: Final = 128
_POLL_S: Final = 0.1
_PDU_HEADER_BYTES: Final = 6

EXPLICIT, IMPLICIT = "1.2.840.10008.1.2.1", "1.2.840.10008.1.2"
UNCOMPRESSED: Final = (EXPLICIT, IMPLICIT)
_JPEG = "1.2.840.10008.1.2.4."
# Everything that Kinecor can decode, what keeps the pixels best first.
SYNTAXES: Final = (
    *UNCOMPRESSED,
    *(f"{_JPEG}{number}" for number in (50, 51, 57, 70, 80, 81, 90, 91, 110, 111, 112, 201, 202, 203)),
    "1.2.840.10008.1.2.5",
)
_STORAGE = "1.2.840.10008.5.1.4.1.1."
ULTRASOUND, ULTRASOUND_LOOP = f"{_STORAGE}6.1", f"{_STORAGE}3.1"
IMAGES: Final = (
    ULTRASOUND_LOOP,
    ULTRASOUND,
    f"{_STORAGE}4",  # MR
    f"{_STORAGE}4.1",  # Enhanced MR
    f"{_STORAGE}7",  # Secondary Capture
    f"{_STORAGE}7.4",  # Multi-frame True Color Secondary Capture
    f"{_STORAGE}3",  # ultrasound of before 1996
    f"{_STORAGE}6",
    f"{_STORAGE}6.2",  # Enhanced US Volume
    f"{_STORAGE}4.4",  # Legacy Converted Enhanced MR
    f"{_STORAGE}7.1",
    f"{_STORAGE}7.2",
    f"{_STORAGE}7.3",
)
DOCUMENTS: Final = (
    f"{_STORAGE}88.11",  # Basic Text, Enhanced, Comprehensive, Comprehensive 3D, Simplified Adult Echo SR
    f"{_STORAGE}88.22",
    f"{_STORAGE}88.33",
    f"{_STORAGE}88.34",
    f"{_STORAGE}88.72",
    f"{_STORAGE}88.59",  # Key Object Selection
    f"{_STORAGE}66.4",  # Segmentation
    f"{_STORAGE}104.1",  # Encapsulated PDF
    f"{_STORAGE}66",  # Raw Data
    f"{_STORAGE}4.2",  # MR Spectroscopy
    f"{_STORAGE}11.1",  # Grayscale Softcopy Presentation State
    f"{_STORAGE}9.1.2",  # General ECG
    f"{_STORAGE}9.1.1",  # 12-lead ECG
)


@dataclass(frozen=True, slots=True)
class Patience:
    """How long an application may be silent, in seconds."""

    connect_s: float = 10.0
    answer_s: float = 30.0


def library() -> ModuleType:
    """Pynetdicom, which from now on logs nothing: its messages name patients.

    Raises:
        KinecorError: it is not installed.

    """
    module_type = import_needed("pynetdicom")
    silence_pydicom()
    log = logging.getLogger("pynetdicom")
    log.setLevel(logging.CRITICAL + 1)
    log.propagate = False
    config: Any = import_needed("pynetdicom._config")
    config.LOG_HANDLER_LEVEL = "none"
    config.LOG_REQUEST_IDENTIFIERS = config.LOG_RESPONSE_IDENTIFIERS = False
    import_needed("pynetdicom.transport").AssociationSocket._shutdown_socket = _closed
    provider = import_needed("pynetdicom.dul").DULServiceProvider
    provider.run_reactor = _ended_by_nonsense(provider.run_reactor)
    return module_type


def _ended_by_nonsense(run: Callable[[Any], None]) -> Callable[[Any], None]:
    """The loop of a connection's thread, which what breaks the protocol ends together with the connection.

    WORKAROUND: pynetdicom 3.0 lets an exception out of that thread, so that the program shows a traceback, and the
    connection waits for its limit of time.

    Args:
        run: of the library, or what this function made of it.

    """
    if hasattr(run, "__wrapped__"):
        return run

    @wraps(run)
    def run_or_end(provider: Any) -> None:
        try:
            run(provider)
        except Exception as error:  # the library foresees few of the ways in which bytes can be wrong
            _log.warning("a connection was ended, since what came is no DICOM message (%s)", type(error).__name__)
            cut(provider.assoc)

    return run_or_end


def _closed(transport: Any) -> None:
    """Close the socket of a connection.

    WORKAROUND: pynetdicom 3.0 leaves a socket open where the other side has ended the connection first.
    """
    if transport.socket is not None:
        with suppress(OSError):
            transport.socket.shutdown(socket.SHUT_RDWR)
        transport.socket.close()


def application(title: str, patience: Patience) -> Any:
    """An application entity of pynetdicom with these limits of time.

    Args:
        title: AE title of this program.
        patience: limits of time.

    """
    entity = library().AE(ae_title=title)
    entity.connection_timeout = patience.connect_s
    entity.acse_timeout = entity.dimse_timeout = entity.network_timeout = patience.answer_s
    entity.maximum_pdu_size = 1 << 17
    entity.implementation_version_name = "KINECOR"
    return entity


def guard(entity_connection: Any, patience: Patience) -> None:
    """Limit a connection that was just opened: silence within a message ends it, and so does a length beyond reason.

    Args:
        entity_connection: an association of pynetdicom.
        patience: limits of time.

    """
    transport = entity_connection.dul.socket
    transport.socket.settimeout(patience.answer_s)
    # A message is two writes; without this the second waits 40 ms for the acknowledgement of the first.
    transport.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    line = transport.socket
    until_s = 0.0

    def limited(length: int) -> bytearray:
        """Read a number of bytes; header and content of a PDU have one deadline, so that drops do not prolong it."""
        nonlocal until_s
        if length > MAX_PDU_BYTES:
            raise OSError(message("the peer announces more than was agreed"))
        if length == _PDU_HEADER_BYTES:
            until_s = time.monotonic() + patience.answer_s
        # The other side (dcmtk, Orthanc) waits likewise for our acknowledgement, unless it is sent at once; the system
        # forgets this after a while.
        if hasattr(socket, "TCP_QUICKACK"):
            line.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
        content, filled = bytearray(length), 0
        try:
            with memoryview(content) as view:
                while filled < length:
                    line.settimeout(max(until_s - time.monotonic(), 0.001))
                    count = line.recv_into(view[filled:])
                    if not count:
                        break
                    filled += count
        finally:
            with suppress(OSError):
                line.settimeout(patience.answer_s)
        return content[:filled]

    transport.recv = limited
    leave_answers(entity_connection)


def leave_answers(connection: Any) -> None:
    """Let the connection's own thread take requests only.

    WORKAROUND: pynetdicom 3.0 pauses that thread while an answer is awaited, but believes it paused before it is, so
    that it may take the answer, for which the one who asked then waits in vain; once in some 1,000 instances sent.

    Args:
        connection: an association of pynetdicom.

    """
    messages = connection.dimse
    get = messages.get_msg

    def without_answers(block: bool = False) -> Any:
        if not block and threading.current_thread() is connection:
            _, first = messages.peek_msg()
            if first is not None and first.MessageIDBeingRespondedTo is not None:
                return None, None
        return get(block)

    messages.get_msg = without_answers


def cut(connection: Any) -> None:
    """End a connection at once, whatever its threads wait for.

    Args:
        connection: an association of pynetdicom.

    """
    with suppress(Exception):  # what is gone already needs no ending
        connection.abort(block=False)
    with suppress(Exception):
        connection.dul.socket.socket.shutdown(socket.SHUT_RDWR)
    # Whoever waits for a message of it waits no longer; the library itself ends waiting only where the peer aborts.
    connection.dimse.msg_queue.put((None, None))


@contextmanager
def open_association(
    node: Node,
    contexts: Sequence[tuple[str, Sequence[str]]],
    *,
    password: str = "",
    patience: Patience | None = None,
    tick: Tick = no_tick,
    handlers: Iterable[tuple[Any, Any]] = (),
    provided: Iterable[str] = (),
) -> Iterator[Any]:
    """Open an association with a node; it is released, or aborted where the block raises.

    Args:
        node: the archive.
        contexts: (abstract syntax, transfer syntaxes) that are proposed, at most MAX_CONTEXTS.
        password: of the node's user.
        patience: how long the node may be silent.
        tick: asked ten times a second whether to go on.
        handlers: (event, function) of pynetdicom.
        provided: SOP classes that the node may send over this association (C-GET).

    Raises:
        KinecorError: the node cannot be reached, refuses, or accepts none of `contexts`.
        Cancelled: by `tick`.

    """
    limits = patience or Patience()
    lib = library()
    entity = application(node.own_ae_title, limits)
    for syntax, transfer in contexts[:MAX_CONTEXTS]:
        entity.add_requested_context(syntax, list(transfer))
    negotiated = [lib.build_role(uid, scp_role=True) for uid in dict.fromkeys(provided)]
    if node.user:
        identity = import_needed("pynetdicom.pdu_primitives").UserIdentityNegotiation()
        identity.user_identity_type = 2
        identity.primary_field, identity.secondary_field = node.user.encode(), password.encode()
        identity.positive_response_requested = False
        negotiated.append(identity)
    opened: list[Any] = []
    sockets: list[socket.socket] = []

    def on_open(event: Any) -> None:
        opened.append(event.assoc)
        sockets.append(event.assoc.dul.socket.socket)
        guard(event.assoc, limits)

    tls = (node.tls_context(), node.host) if node.tls else None
    tick(0, 0)
    with _watched(opened, tick) as cancelled:
        try:
            connection = entity.associate(
                node.host,
                node.port,
                ae_title=node.ae_title,
                ext_neg=negotiated,
                tls_args=tls,
                evt_handlers=[(lib.evt.EVT_CONN_OPEN, on_open), *handlers],
            )
        except (OSError, ValueError, RuntimeError) as error:
            raise KinecorError(unreachable(node, limits)) from error
        try:
            if cancelled.is_set():
                raise Cancelled
            if not connection.is_established:
                raise KinecorError(_why_refused(node, connection, bool(opened), limits))
            yield connection
            if cancelled.is_set():
                raise Cancelled
        except BaseException as error:
            cut(connection)
            # Whatever the block makes of a connection that was cut, the reason is that the work was cancelled.
            if cancelled.is_set() and isinstance(error, KinecorError):
                raise Cancelled from error
            raise
        else:
            connection.release()
        finally:
            _ended(connection)
            for single_socket in sockets:
                single_socket.close()  # the library leaves it open where the other side did not speak DICOM


@contextmanager
def _watched(connections: list[Any], tick: Tick) -> Iterator[threading.Event]:
    """Cut the connections once `tick` raises; the event says that it did."""
    cancelled, done = threading.Event(), threading.Event()

    def watch() -> None:
        while not done.wait(_POLL_S):
            try:
                tick(0, 0)
            except Cancelled:
                cancelled.set()
            # Again and again: the library's own thread may take the message that is meant to end the waiting.
            if cancelled.is_set():
                for connection in list(connections):
                    cut(connection)

    if tick is no_tick:
        yield cancelled
        return
    watcher = threading.Thread(target=watch, name="kinecor-archive-watch", daemon=True)
    watcher.start()
    try:
        yield cancelled
    finally:
        done.set()
        watcher.join()


def _ended(connection: Any) -> None:
    """Wait until the threads of a connection have ended."""
    for thread in (connection.dul, connection):
        with suppress(RuntimeError):
            thread.join(2.0)


def unreachable(node: Node, patience: Patience) -> Message:
    """Why a node cannot be reached, in one sentence: the connection is tried once more by itself.

    Args:
        node: its address.
        patience: limits of time.

    """
    where = message("{name} ({host}, port {port})", name=verbatim(node.name), host=verbatim(node.host), port=node.port)
    closed = message(
        "{where} closed the connection at once: check that this is the port of its DICOM service", where=where
    )
    try:
        with socket.create_connection((node.host, node.port), patience.connect_s) as plain:
            if not node.tls:
                return closed
            with node.tls_context().wrap_socket(plain, server_hostname=node.host):
                return closed
    except ssl.SSLCertVerificationError as error:
        reason = message(
            "its certificate is not trusted ({error}): name the file of its CA in the settings",
            error=verbatim(error.verify_message),
        )
    except ssl.SSLError:
        reason = message(
            "it does not speak TLS there, or asks for a certificate: check the port and the settings of TLS"
        )
    except socket.gaierror:
        reason = message("there is no such host: check its name")
    except TimeoutError:
        reason = message(
            "it did not answer within {limit:g} s: check address, port and firewall", limit=patience.connect_s
        )
    except ConnectionRefusedError:
        reason = message("nothing listens at this port: check that its DICOM service runs, and the port")
    except OSError as error:
        reason = message("{error}: check the network", error=verbatim(error.strerror or str(error)))
    return message("{where} cannot be reached: {reason}", where=where, reason=reason)


# Source and diagnostic of A-ASSOCIATE-RJ (PS3.8 9.3.4).
_REFUSALS: Final = {
    (1, 2): message("it does not support this kind of connection"),
    (2, 1): message("it gives no reason: check user and password"),
    (3, 1): message("it is busy: try again later"),
    (3, 2): message("it has too many connections: try again later"),
}
_OWN_TITLE_UNKNOWN: Final = (1, 3)
_TITLE_UNKNOWN: Final = (1, 7)


def _why_rejected(node: Node, given: tuple[int, int]) -> Message:
    if given == _OWN_TITLE_UNKNOWN:
        return message(
            "it does not know the AE title '{title}' of this computer: have it added there, or change it in the "
            "settings",
            title=verbatim(node.own_ae_title),
        )
    if given == _TITLE_UNKNOWN:
        return message("it is not called '{title}': check its AE title", title=verbatim(node.ae_title))
    return _REFUSALS.get(given) or message("it gives no reason: ask its administrator whether this computer is allowed")


def _why_refused(node: Node, connection: Any, opened: bool, patience: Patience) -> Message:
    name = verbatim(node.name)
    if connection.is_rejected:
        answer = connection.acceptor.primitive
        given = (int(answer.result_source or 0), int(answer.diagnostic or 0))
        return message("{name} refused the connection: {reason}", name=name, reason=_why_rejected(node, given))
    if not opened:
        return unreachable(node, patience)
    if connection.acceptor.primitive is not None and not connection.accepted_contexts:
        return message(
            "{name} does not offer this service: ask its administrator, or use another way to retrieve", name=name
        )
    if node.tls:
        return message(
            "{name} did not answer the request for a connection, or ended it: check that {host}, port {port} is a "
            "DICOM "
            "service",
            name=name,
            host=verbatim(node.host),
            port=node.port,
        )
    return message(
        "{name} did not answer the request for a connection, or ended it: check that {host}, port {port} is a DICOM "
        "service without TLS",
        name=name,
        host=verbatim(node.host),
        port=node.port,
    )


def interruption_message(node: Node, patience: Patience) -> KinecorError:
    """What to say where a connection ended in the middle of an answer.

    Args:
        node: its address.
        patience: limits of time.

    """
    return KinecorError(
        message(
            "{name} ended the connection, or was silent for more than {limit:g} s: repeat it; "
            "what has arrived is not fetched twice",
            name=verbatim(node.name),
            limit=patience.answer_s,
        )
    )
