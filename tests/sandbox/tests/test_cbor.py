"""CBOR: against the examples of RFC 8949 and against itself."""

import pytest

from sandbox import cbor

EXAMPLES = (
    ("00", 0),
    ("1818", 24),
    ("1903e8", 1000),
    ("1a000f4240", 1_000_000),
    ("1b000000e8d4a51000", 1_000_000_000_000),
    ("3863", -100),
    ("fb3ff199999999999a", 1.1),
    ("f4", False),
    ("f5", True),
    ("f6", None),
    ("62c3bc", "ü"),
    ("80", []),
    ("83010203", [1, 2, 3]),
    ("a26161016162820203", {"a": 1, "b": [2, 3]}),
)
READ_ONLY = (
    ("f93e00", 1.5),
    ("fa47c35000", 100_000.0),
    ("c11a514b67b0", 1_363_896_240),
    ("c1fb41d452d9ec200000", 1_363_896_240.5),
    ("9f018202039f0405ffff", [1, [2, 3], [4, 5]]),
    ("bf6346756ef563416d7421ff", {"Fun": True, "Amt": -2}),
    ("7f657374726561646d696e67ff", "streaming"),
    ("43010203", b"\x01\x02\x03"),
)


@pytest.mark.parametrize(("text", "value"), EXAMPLES)
def test_it_writes_and_reads_the_examples(text, value):
    assert cbor.dumps(value).hex() == text
    assert cbor.loads(bytes.fromhex(text)) == value


@pytest.mark.parametrize(("text", "value"), READ_ONLY)
def test_it_reads_what_it_does_not_write(text, value):
    assert cbor.loads(bytes.fromhex(text)) == value


@pytest.mark.parametrize(
    "text", ["", "ff", "0000", "61", "1b00", "82", "bf6161ff", "1c", "81" * 99]
)
def test_it_refuses_what_is_broken(text):
    with pytest.raises(cbor.CborError):
        cbor.loads(bytes.fromhex(text))
