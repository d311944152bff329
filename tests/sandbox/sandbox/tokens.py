"""Page tokens: opaque to the client, bound to the question they continue.

A token holds the ordinal of the last item seen and a digest of the question, so that it survives a
restart and desktops coming and going, and is refused when used for another question.
"""

import base64
import binascii
import hashlib
import struct

_FORM = struct.Struct(">I16s")


def issue(question: str, ordinal: int) -> str:
    return base64.b64encode(_FORM.pack(ordinal, _digest(question, ordinal))).decode()


def read(question: str, token: str) -> int | None:
    """The ordinal after which to go on, or None when the token does not continue this question."""
    try:
        ordinal, digest = _FORM.unpack(base64.b64decode(token, validate=True))
    except (binascii.Error, ValueError, struct.error):
        return None
    return ordinal if digest == _digest(question, ordinal) else None


def _digest(question: str, ordinal: int) -> bytes:
    return hashlib.blake2b(f"{question}|{ordinal}".encode(), digest_size=16).digest()
