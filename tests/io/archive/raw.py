"""A sender by hand, byte by byte: for what a library would never send, and for instances larger than memory."""

import os
import socket
import struct
import time

from pydicom.uid import generate_uid

APPLICATION_CONTEXT = "1.2.840.10008.3.1.1.1"
VERIFICATION, MR = "1.2.840.10008.1.1", "1.2.840.10008.5.1.4.1.1.4"
EXPLICIT = "1.2.840.10008.1.2.1"
PDU_BYTES = 1 << 16


def _item(kind, content):
    return struct.pack(">BBH", kind, 0, len(content)) + content


def request(called="KINECOR", calling="SCANNER", syntaxes=(VERIFICATION, MR), padding=0):
    """An A-ASSOCIATE-RQ."""
    contexts = b""
    for number, syntax in enumerate(syntaxes):
        content = bytes((2 * number + 1, 0, 0, 0)) + _item(0x30, syntax.encode()) + _item(0x40, EXPLICIT.encode())
        contexts += _item(0x20, content)
    user = _item(0x51, struct.pack(">I", PDU_BYTES)) + _item(0x52, b"1.2.3.4") + _item(0x55, b"x" * padding)
    body = struct.pack(">HH16s16s32x", 1, 0, called.ljust(16).encode(), calling.ljust(16).encode())
    body += _item(0x10, APPLICATION_CONTEXT.encode()) + contexts + _item(0x50, user)
    return struct.pack(">BBI", 1, 0, len(body)) + body


def received(line):
    """The next PDU: (type, content); (0, b"") where the other side has closed."""
    head = _exactly(line, 6)
    if len(head) < 6:
        return 0, b""
    kind, _, length = struct.unpack(">BBI", head)
    return kind, _exactly(line, length)


def _exactly(line, count):
    held = b""
    while len(held) < count:
        try:
            data = line.recv(count - len(held))
        except ConnectionResetError:
            break
        if not data:
            break
        held += data
    return held


def connected(port, seconds=10.0):
    line = socket.create_connection(("127.0.0.1", port), seconds)
    line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return line


def associated(port, calling="SCANNER", seconds=10.0):
    """A connection with an association; (connection, type of the answer: 2 accepted, 3 rejected, 0 closed)."""
    line = connected(port, seconds)
    line.sendall(request(calling=calling))
    return line, received(line)[0]


def _element(group, element, vr, value):
    value += b"\0" if len(value) % 2 else b""
    if vr in (b"OW", b"OB"):
        return struct.pack("<HH2sHI", group, element, vr, 0, len(value)) + value
    return struct.pack("<HH2sH", group, element, vr, len(value)) + value


def _implicit(group, element, value):
    value += b"\0" if len(value) % 2 else b""
    return struct.pack("<HHI", group, element, len(value)) + value


def command(uid, message=1):
    """The command set of a C-STORE request."""
    body = _implicit(0, 0x0002, MR.encode()) + _implicit(0, 0x0100, struct.pack("<H", 1))
    body += _implicit(0, 0x0110, struct.pack("<H", message)) + _implicit(0, 0x0700, struct.pack("<H", 0))
    body += _implicit(0, 0x0800, struct.pack("<H", 1)) + _implicit(0, 0x1000, uid.encode())
    return _implicit(0, 0x0000, struct.pack("<I", len(body))) + body


def pdata(content, *, is_command, last, context=3):
    """A P-DATA-TF with one fragment."""
    value = struct.pack(">IBB", len(content) + 2, context, is_command | 2 * last) + content
    return struct.pack(">BBI", 4, 0, len(value)) + value


def head(uid, study, size):
    """The elements of an instance up to the value of its pixels."""
    found = _element(8, 0x16, b"UI", MR.encode()) + _element(8, 0x18, b"UI", uid.encode())
    found += _element(8, 0x60, b"CS", b"MR") + _element(0x20, 0x0D, b"UI", study.encode())
    found += _element(0x20, 0x0E, b"UI", f"{study}.1".encode())
    return found + struct.pack("<HH2sHI", 0x7FE0, 0x10, b"OW", 0, size)


def store(line, size, study=None, *, stop_after=None):
    """Send an instance of so many bytes of pixels, made on the way; the status, None where there was no answer.

    Args:
        line: a connection with an association.
        size: of the pixels.
        study: its UID; a new one where None.
        stop_after: bytes after which nothing more is sent.

    """
    uid, study = generate_uid(), study or generate_uid()
    line.sendall(pdata(command(uid), is_command=True, last=True))
    waiting, sent = head(uid, study, size), 0
    while sent < size:
        piece = os.urandom(min(PDU_BYTES - 12 - len(waiting), size - sent))
        sent += len(piece)
        line.sendall(pdata(waiting + piece, is_command=False, last=sent == size))
        waiting = b""
        if stop_after is not None and sent >= stop_after:
            return None
    kind, content = received(line)
    at = content.find(struct.pack("<HHI", 0, 0x0900, 2))
    return struct.unpack("<H", content[at + 8 : at + 10])[0] if kind == 4 and at > 0 else None


def release(line):
    line.sendall(bytes((5, 0, 0, 0, 0, 4, 0, 0, 0, 0)))
    received(line)
    line.close()


def until_closed(line, seconds):
    """Seconds until the other side closes; None where it does not."""
    began_s = time.monotonic()
    line.settimeout(seconds)
    try:
        while line.recv(4096):
            pass
    except TimeoutError:
        return None
    except OSError:
        pass
    return time.monotonic() - began_s


def data(context, header, content):
    """A P-DATA-TF with one value: `header` says whether it is a command (1) and the last of its message (2)."""
    body = struct.pack(">IBB", len(content) + 2, context, header) + content
    return struct.pack(">BBI", 4, 0, len(body)) + body


def implicit(group, element, value):
    """An element of a command."""
    value += b"\0" if len(value) % 2 else b""
    return struct.pack("<HHI", group, element, len(value)) + value
