"""Chance that is a function of the seed and of what is asked, never of the order of asking.

Invariant: nothing here keeps state, so that two processes, or one process at two moments, get the
same number for the same question.
"""

import hashlib
import random
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")

_MASK = (1 << 64) - 1
_BASE36 = "0123456789abcdefghijklmnopqrstuvwxyz"


def number(seed: int, *parts: object) -> int:
    """A 64-bit number named by ``parts``."""
    text = f"{seed}|{'|'.join(map(str, parts))}".encode()
    return int.from_bytes(hashlib.blake2b(text, digest_size=8).digest(), "big")


def generator(seed: int, *parts: object) -> random.Random:
    """A stream of chance named by ``parts``, for things drawn once in a fixed order."""
    return random.Random(number(seed, *parts))


def mixed(value: int) -> int:
    """splitmix64's finisher: cheap enough to ask for each desktop and day."""
    value &= _MASK
    value = ((value ^ (value >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    value = ((value ^ (value >> 27)) * 0x94D049BB133111EB) & _MASK
    return value ^ (value >> 31)


def base36(value: int, length: int = 9) -> str:
    """The low digits of ``value`` as AWS writes desktop and bundle ids."""
    digits = []
    for _ in range(length):
        value, digit = divmod(value, 36)
        digits.append(_BASE36[digit])
    return "".join(digits)


def hexadecimal(value: int, length: int) -> str:
    return f"{value:016x}{mixed(value):016x}"[:length]


def weighted(rng: random.Random, choices: Sequence[tuple[T, float]]) -> T:
    """One of ``(value, weight)``; the weights need not add up to anything."""
    left = rng.random() * sum(weight for _, weight in choices)
    for value, weight in choices:
        left -= weight
        if left < 0:
            return value
    return choices[-1][0]
