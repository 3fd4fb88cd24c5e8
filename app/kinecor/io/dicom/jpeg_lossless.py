"""Whether a lossless JPEG is what a coder writes: a second decoder, for damage that libjpeg passes over.

libjpeg reads what the bits happen to say and fills what is missing; only the end of the stream can show that it was at
the wrong place before. So the stream is decoded again (ITU-T T.81, annexes B, F.2.2 and H): every segment must be as
long as it says, each scan must hold exactly its samples and end with them, and the differences must be those between
the samples that libjpeg gave, which must be in their range.
"""

import struct
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

_START, _END = 0xD8, 0xD9
_TABLES, _FRAME, _SCAN, _INTERVAL = 0xC4, 0xC3, 0xDA, 0xDD
_OTHER_FRAMES: Final = frozenset(range(0xC0, 0xD0)) - {_TABLES, _FRAME, 0xC8, 0xCC}
_FIRST_RESTART = 0xD0
_MAX_BITS: Final = 1 << 28
"""Of one stretch of coded data; more is not checked."""
_PADDING = 16
"""Bytes that may follow the end of the image."""
_BLOCK: Final = 1 << 18
_MOD = 1 << 16


class _DamagedError(Exception):
    """The stream is not what a coder writes."""


@dataclass
class _Table:
    """A Huffman table: by the next 16 bits, how long the code is and how many bits follow it (255: no such code)."""

    length: NDArray[np.uint8]
    size: NDArray[np.uint8]

    @property
    def advance(self) -> NDArray[np.uint8]:
        """Bits from one difference to the next, 0 where there is no such code."""
        extra = np.where(self.size == 16, 0, self.size)
        return np.where(self.size == 255, 0, self.length + extra).astype(np.uint8)


@dataclass
class _Stream:
    """What was read so far."""

    tables: dict[int, _Table] = field(default_factory=dict)
    precision: int = 0
    rows: int = 0
    columns: int = 0
    components: list[int] = field(default_factory=list)
    interval: int = 0


def is_intact(data: bytes, samples: NDArray[Any]) -> bool | None:
    """Whether a lossless JPEG is complete and says what was decoded; None for kinds that are not read here.

    Args:
        data: the stream, perhaps with a few bytes of padding.
        samples: (rows, columns) or (rows, columns, components) as libjpeg decoded them, without change of colours.

    """
    try:
        return _read(data, samples)
    except (_DamagedError, struct.error, IndexError):
        return False
    except NotImplementedError:
        return None


def _read(data: bytes, samples: NDArray[Any]) -> bool:
    stream, done = _Stream(), set[int]()
    if data[:2] != bytes((0xFF, _START)):
        raise _DamagedError
    at = 2
    while True:
        if data[at] != 0xFF:
            raise _DamagedError
        while data[at + 1] == 0xFF:  # fill bytes
            at += 1
        marker = data[at + 1]
        at += 2
        if marker == _END:
            break
        (length,) = struct.unpack_from(">H", data, at)
        body = data[at + 2 : at + length]
        if length < 2 or len(body) != length - 2 or marker < 0xC0 or _FIRST_RESTART <= marker <= _START:
            raise _DamagedError
        at += length
        if marker == _TABLES:
            _read_tables(body, stream)
        elif marker == _FRAME:
            _read_frame(body, stream, samples)
        elif marker in _OTHER_FRAMES:
            raise NotImplementedError
        elif marker == _INTERVAL:
            (stream.interval,) = struct.unpack(">H", body)
        elif marker == _SCAN:
            at = _read_scan(data, at, body, stream, samples, done)
    remaining_bytes = data[at:]
    return done == set(stream.components) and len(remaining_bytes) <= _PADDING and not remaining_bytes.strip(b"\0\xff")


def _read_tables(body: bytes, stream: _Stream) -> None:
    while body:
        counts, kind = body[1:17], body[0]
        total = sum(counts)
        values = body[17 : 17 + total]
        if kind > 3 or len(counts) != 16 or len(values) != total or max(values, default=0) > 16:
            raise _DamagedError
        length, size = np.zeros(_MOD, np.uint8), np.full(_MOD, 255, np.uint8)
        first, at = 0, 0
        for bits, count in enumerate(counts, start=1):
            for value in values[at : at + count]:
                step = 1 << (16 - bits)
                if first + step > _MOD:
                    raise _DamagedError
                length[first : first + step], size[first : first + step] = bits, value
                first += step
            at += count
        stream.tables[kind] = _Table(length, size)
        body = body[17 + total :]


def _read_frame(body: bytes, stream: _Stream, samples: NDArray[Any]) -> None:
    stream.precision, stream.rows, stream.columns, count = struct.unpack_from(">BHHB", body)
    if stream.components or len(body) != 6 + 3 * count or not 2 <= stream.precision <= 16:
        raise _DamagedError
    parts = [body[6 + 3 * index : 9 + 3 * index] for index in range(count)]
    if any(part[1] != 0x11 for part in parts):
        raise NotImplementedError
    stream.components = [part[0] for part in parts]
    if len(set(stream.components)) != count or samples.shape[:2] != (stream.rows, stream.columns):
        raise _DamagedError
    if (samples.shape[2] if samples.ndim == 3 else 1) != count or int(samples.max()) >> stream.precision:
        raise _DamagedError


def _read_scan(data: bytes, at: int, body: bytes, stream: _Stream, samples: NDArray[Any], done: set[int]) -> int:
    """Check one scan; where in the data it ends."""
    count = body[0]
    if len(body) != 4 + 2 * count or not 1 <= count <= 4:
        raise _DamagedError
    chosen = [body[1 + 2 * index] for index in range(count)]
    named = [body[2 + 2 * index] >> 4 for index in range(count)]
    predictor, last, shift = body[-3:]
    if not 1 <= predictor <= 7 or last or shift >> 4 or done & set(chosen) or not set(chosen) <= set(stream.components):
        raise _DamagedError
    tables = [stream.tables.get(number) for number in named]
    if any(table is None for table in tables) or any(body[2 + 2 * index] & 15 for index in range(count)):
        raise _DamagedError
    shift &= 15
    per_line = stream.columns
    if stream.interval % per_line:
        raise _DamagedError
    lines = stream.interval // per_line or stream.rows
    starts = range(0, stream.rows, lines)
    end, parts = _parts(data, at)
    if len(parts) != len(starts):
        raise _DamagedError
    differences = [
        _differences(part, [table for table in tables if table is not None], min(lines, stream.rows - start) * per_line)
        for start, part in zip(starts, parts, strict=True)
    ]
    found = np.concatenate(differences).reshape(stream.rows, stream.columns, count)
    planes = samples.reshape(stream.rows, stream.columns, -1).astype(np.int64) >> shift
    for place, component in enumerate(chosen):
        plane = planes[..., stream.components.index(component)]
        expected = plane - _predicted(plane, predictor, lines, 1 << (stream.precision - shift - 1))
        if not np.array_equal(expected % _MOD, found[..., place] % _MOD):
            raise _DamagedError
    done |= set(chosen)
    return end


def _parts(data: bytes, at: int) -> tuple[int, list[bytes]]:
    """The coded data from one restart marker to the next, without stuffed bytes, and where the marker after them is."""
    parts: list[bytes] = []
    start = at
    while True:
        at = data.find(b"\xff", at)
        if at < 0 or at + 1 >= len(data):
            raise _DamagedError
        marker = data[at + 1]
        if marker == 0:
            at += 2
            continue
        if marker == 0xFF:  # a fill byte before a marker
            at += 1
            continue
        parts.append(data[start:at].rstrip(b"\xff").replace(b"\xff\0", b"\xff"))
        if not _FIRST_RESTART <= marker < _START:
            return at, parts
        if marker != _FIRST_RESTART + (len(parts) - 1) % 8:
            raise _DamagedError
        at += 2
        start = at


def _differences(part: bytes, tables: list[_Table], pixels: int) -> NDArray[np.int64]:
    """The differences (pixels x components) of a stretch of coded data, which must end with the last of them."""
    bits = 8 * len(part)
    if bits > _MAX_BITS:
        raise NotImplementedError
    count = pixels * len(tables)
    padded = np.frombuffer(part + b"\xff" * 8, np.uint8).astype(np.int64)
    distinct = list({id(table): table for table in tables}.values())
    steps = {id(table): _steps(padded, len(part), table.advance) for table in distinct}
    order = [steps[id(table)] for table in tables]
    places = np.empty(count + 1, np.int64)
    at, ways = 0, len(order)
    found: list[int] = []
    add = found.append
    try:
        if len(distinct) == 1:
            only = order[0]
            for _ in range(count):
                add(at)
                at += only[at]
        else:
            for index in range(count):
                add(at)
                at += order[index % ways][at]
    except IndexError:
        raise _DamagedError from None
    places[:-1], places[-1] = found, at
    # A code that is none does not advance; the last byte is filled up, and no more.
    if not 0 <= bits - at < 8 or (np.diff(places) == 0).any():
        raise _DamagedError
    places = places[:-1]
    window = _bits(padded, places, 16)
    which = np.arange(count) % ways
    out = np.zeros(count, np.int64)
    for number, table in enumerate(tables):
        mine = which == number
        length, size = table.length[window[mine]].astype(np.int64), table.size[window[mine]].astype(np.int64)
        extra = np.where(size == 16, 0, size)
        raw = _bits(padded, places[mine] + length, 16) >> (16 - extra)
        low = np.where(raw < (1 << np.maximum(extra - 1, 0)), raw - (1 << extra) + 1, raw)
        out[mine] = np.where(size == 16, _MOD // 2, np.where(extra == 0, 0, low))
    return out


def _steps(padded: NDArray[np.int64], length: int, advance: NDArray[np.uint8]) -> bytes:
    """For each bit, how far it is to the next difference if one begins there."""
    made = np.empty((length, 8), np.uint8)
    for start in range(0, length, _BLOCK):
        block = padded[start : min(start + _BLOCK, length) + 2]
        three = (block[:-2] << 16) | (block[1:-1] << 8) | block[2:]
        for bit in range(8):
            made[start : start + len(three), bit] = advance[(three >> (8 - bit)) & 0xFFFF]
    return made.tobytes()


def _bits(padded: NDArray[np.int64], places: NDArray[np.int64], count: int) -> NDArray[np.int64]:
    """A number of bits (16 at most) from each place on."""
    byte, bit = places >> 3, places & 7
    three = (padded[byte] << 16) | (padded[byte + 1] << 8) | padded[byte + 2]
    return np.asarray((three >> (24 - count - bit)) & ((1 << count) - 1), np.int64)


def _predicted(plane: NDArray[np.int64], predictor: int, lines: int, middle: int) -> NDArray[np.int64]:
    """What each sample was predicted from its neighbours (T.81 table H.1), from the start after each restart."""
    left, above, corner = np.zeros_like(plane), np.zeros_like(plane), np.zeros_like(plane)
    left[:, 1:], above[1:], corner[1:, 1:] = plane[:, :-1], plane[:-1], plane[:-1, :-1]
    match predictor:
        case 1:
            made = left
        case 2:
            made = above
        case 3:
            made = corner
        case 4:
            made = left + above - corner
        case 5:
            made = left + ((above - corner) >> 1)
        case 6:
            made = above + ((left - corner) >> 1)
        case _:
            made = (left + above) >> 1
    out = np.array(made, np.int64)
    out[:, 0] = above[:, 0]
    out[::lines] = left[::lines]
    out[::lines, 0] = middle
    return out
