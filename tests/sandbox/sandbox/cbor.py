"""CBOR (RFC 8949) as AWS's rpc-v2-cbor protocol uses it, read and written.

Read: everything an SDK sends, indefinite lengths included; a timestamp (tag 1) becomes its number.
Written: maps, lists, texts, numbers, booleans and null; `Raw` is a part that was written before,
since a page of metrics is a hundred thousand points of which few differ.
"""

import struct
from typing import Any

_BREAK = object()
_MAX_DEPTH = 32


class CborError(ValueError):
    """The bytes are not CBOR, or not of a kind that AWS sends."""


class Raw(bytes):
    """An item that is CBOR already."""


def loads(data: bytes) -> Any:
    """The one item that ``data`` is."""
    try:
        value, end = _read(data, 0, 0)
    except (IndexError, struct.error, UnicodeDecodeError, TypeError) as error:
        raise CborError(f"broken CBOR: {error}") from error
    if end != len(data) or value is _BREAK:
        raise CborError("more than one item, or none")
    return value


def _read(data: bytes, at: int, depth: int) -> tuple[Any, int]:
    if depth > _MAX_DEPTH:
        raise CborError("nested too deeply")
    major, low = data[at] >> 5, data[at] & 31
    at += 1
    if major == 7:
        return _simple(data, at, low)
    if low == 31:
        return _endless(data, at, major, depth)
    size, at = _size(data, at, low)
    if major == 0:
        return size, at
    if major == 1:
        return -1 - size, at
    if major in (2, 3):
        if at + size > len(data):
            raise CborError("cut short")
        part = data[at : at + size]
        return (part if major == 2 else part.decode()), at + size
    if major == 6:
        # Of the tags only timestamps occur, and their content says all.
        return _read(data, at, depth + 1)
    items = []
    for _ in range(size * (major - 3)):
        item, at = _read(data, at, depth + 1)
        items.append(item)
    return (items if major == 4 else dict(zip(items[::2], items[1::2], strict=True))), at


def _endless(data: bytes, at: int, major: int, depth: int) -> tuple[Any, int]:
    """An item of a length that shows at its end."""
    items = []
    while True:
        item, at = _read(data, at, depth + 1)
        if item is _BREAK:
            break
        items.append(item)
    if major == 4:
        return items, at
    if major == 5 and len(items) % 2 == 0:
        return dict(zip(items[::2], items[1::2], strict=True)), at
    if major in (2, 3):
        return (b"" if major == 2 else "").join(items), at
    raise CborError("an indefinite length where there is none")


def _size(data: bytes, at: int, low: int) -> tuple[int, int]:
    if low < 24:
        return low, at
    if low > 27:
        raise CborError("a reserved length")
    width = 1 << (low - 24)
    if at + width > len(data):
        raise CborError("cut short")
    return int.from_bytes(data[at : at + width], "big"), at + width


def _simple(data: bytes, at: int, low: int) -> tuple[Any, int]:
    if low == 31:
        return _BREAK, at
    if low in (20, 21):
        return low == 21, at
    if low in (22, 23):
        return None, at
    form = {25: ">e", 26: ">f", 27: ">d"}.get(low)
    if form is None:
        raise CborError("an unknown simple value")
    return struct.unpack_from(form, data, at)[0], at + struct.calcsize(form)


def dumps(value: Any) -> bytes:
    """``value`` as CBOR."""
    parts: list[bytes] = []
    _write(value, parts)
    return b"".join(parts)


def _write(value: Any, parts: list[bytes]) -> None:
    if isinstance(value, Raw):
        parts.append(value)
    elif isinstance(value, str):
        text = value.encode()
        parts += (head(3, len(text)), text)
    elif isinstance(value, bool) or value is None:
        parts.append({False: b"\xf4", True: b"\xf5", None: b"\xf6"}[value])
    elif isinstance(value, int):
        parts.append(head(0, value) if value >= 0 else head(1, -1 - value))
    elif isinstance(value, float):
        parts.append(struct.pack(">Bd", 0xFB, value))
    elif isinstance(value, dict):
        parts.append(head(5, len(value)))
        for key, item in value.items():
            _write(key, parts)
            _write(item, parts)
    elif isinstance(value, list):
        parts.append(head(4, len(value)))
        for item in value:
            _write(item, parts)
    else:
        raise CborError(f"cannot write a {type(value).__name__}")


def head(major: int, size: int) -> bytes:
    """The beginning of an item: its major type and its length or value."""
    first = major << 5
    if size < 24:
        return bytes((first | size,))
    for low, form in ((24, ">BB"), (25, ">BH"), (26, ">BI")):
        if size < 1 << (8 << (low - 24)):
            return struct.pack(form, first | low, size)
    return struct.pack(">BQ", first | 27, size)
