"""Wordings: ``[a|b|]`` is a choice, ``{slot}`` a place for another piece; choices nest.

A value that a question names is kept between two marks while the question is put together, so that
noise leaves it alone. Invariant: no text leaves this package with a mark in it.
"""

import random
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from math import prod

OPEN, CLOSE = "\x02", "\x03"
"""Around a value."""

Filling = str | Callable[[], str]
"""What stands in a slot; a function is asked only when its slot is there."""


@dataclass(frozen=True)
class Slot:
    name: str


@dataclass(frozen=True)
class Choice:
    options: tuple["Sequence", ...]


Sequence = tuple[str | Slot | Choice, ...]

_PART = re.compile(r"\{(\w+)\}|([\[\]|])|([^\[\]|{}]+)")


@cache
def parse(text: str) -> Sequence:
    """Raises ValueError where brackets do not match."""
    parts = list(_PART.finditer(text))
    if sum(len(it.group()) for it in parts) != len(text):
        raise ValueError(f"stray brace in {text!r}")
    sequence, end = _sequence(parts, 0)
    if end != len(parts):
        raise ValueError(f"stray {parts[end].group()} in {text!r}")
    return sequence


def _sequence(parts: list[re.Match[str]], at: int) -> tuple[Sequence, int]:
    found: list[str | Slot | Choice] = []
    while at < len(parts):
        slot, sign, text = parts[at].groups()
        if sign in ("|", "]"):
            break
        at += 1
        if slot:
            found.append(Slot(slot))
        elif text:
            found.append(text)
        else:
            options, at = _options(parts, at)
            found.append(Choice(options))
    return tuple(found), at


def _options(parts: list[re.Match[str]], at: int) -> tuple[tuple[Sequence, ...], int]:
    options = []
    while True:
        option, at = _sequence(parts, at)
        options.append(option)
        if at == len(parts):
            raise ValueError("a choice is not closed")
        at += 1
        if parts[at - 1].group() == "]":
            return tuple(options), at


def say(rng: random.Random, text: str, **slots: Filling) -> str:
    """One of the wordings of ``text``, its slots filled."""
    return tidy(_say(rng, parse(text), slots))


def _say(rng: random.Random, sequence: Sequence, slots: Mapping[str, Filling]) -> str:
    said = []
    for it in sequence:
        if isinstance(it, Slot):
            filling = slots[it.name]
            said.append(filling if isinstance(filling, str) else filling())
        elif isinstance(it, Choice):
            said.append(_say(rng, rng.choice(it.options), slots))
        else:
            said.append(it)
    return "".join(said)


def slots_of(text: str) -> set[str]:
    """The names of all slots, also those in choices."""

    def walk(sequence: Sequence) -> set[str]:
        found: set[str] = set()
        for it in sequence:
            if isinstance(it, Slot):
                found.add(it.name)
            elif isinstance(it, Choice):
                found = found.union(*map(walk, it.options))
        return found

    return walk(parse(text))


def count(text: str) -> int:
    """How many wordings there are, whatever is in the slots."""

    def walk(sequence: Sequence) -> int:
        return prod(sum(map(walk, it.options)) for it in sequence if isinstance(it, Choice))

    return walk(parse(text))


_TWICE = re.compile(rf"\b(for|from|about|to|of|it|on) ({OPEN}?)(?:in|over|during|for|on|within|throughout) ")


def tidy(text: str) -> str:
    """Single spaces, none before punctuation, one preposition where two have met."""
    text = _TWICE.sub(r"\1 \2", re.sub(r"\s+", " ", text).strip())
    return re.sub(r" +([?,.!:;])", r"\1", text)


def marked(value: str) -> str:
    """A value as it stands in a question that is being put together."""
    return f"{OPEN}{value}{CLOSE}"


def unmarked(text: str) -> str:
    """The question as it is typed."""
    return text.replace(OPEN, "").replace(CLOSE, "")


def split(text: str) -> list[tuple[str, bool]]:
    """The stretches of a text, each with whether it is a value."""
    pieces = re.split(f"({OPEN}[^{CLOSE}]*{CLOSE})", text)
    return [(it, it.startswith(OPEN)) for it in pieces if it]
