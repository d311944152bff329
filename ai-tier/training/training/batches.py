"""Tokenised pairs, and the batches that they are learnt in.

The product's own tokeniser writes the pairs, one JSON object a line: ``{"prompt": [ids], "completion":
[ids]}``; so that what is learnt is what is read later. No array library here: only which pair stands where.
"""

import json
import random
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

ONE_IN = 50
"""Of so many pairs one is held out."""


@dataclass(frozen=True)
class Pair:
    """A prompt and what should follow it."""

    prompt: tuple[int, ...]
    completion: tuple[int, ...]

    @property
    def length(self) -> int:
        """Tokens that go through the model: all but the last, which is only foretold."""
        return len(self.prompt) + len(self.completion) - 1

    def is_held_out(self) -> bool:
        """By the prompt alone, so that the split stays as it is when the data grows."""
        return zlib.crc32(json.dumps(self.prompt).encode()) % ONE_IN == 0


@dataclass(frozen=True)
class Padded:
    """A batch: what all its prompts begin with, and the rest as rectangles.

    ``counts`` is true where ``foretold`` is a token of a completion.
    """

    shared: list[int]
    seen: list[list[int]]
    foretold: list[list[int]]
    counts: list[list[bool]]


def read(path: Path, longest: int) -> tuple[list[Pair], int]:
    """The pairs, and how many were left out for their length. Raises ValueError for an empty side."""
    pairs, left_out = [], 0
    with path.open() as lines:
        for n, line in enumerate(lines, 1):
            it = json.loads(line)
            pair = Pair(tuple(it["prompt"]), tuple(it["completion"]))
            if not pair.prompt or not pair.completion:
                raise ValueError(f"{path}:{n}: a pair needs a prompt and a completion")
            if pair.length > longest:
                left_out += 1
            else:
                pairs.append(pair)
    return pairs, left_out


def split(pairs: Iterable[Pair]) -> tuple[list[Pair], list[Pair]]:
    """What is learnt, and what the loss is measured on."""
    learnt: list[Pair] = []
    held_out: list[Pair] = []
    for it in pairs:
        (held_out if it.is_held_out() else learnt).append(it)
    return learnt, held_out


def shared(pairs: Iterable[Pair]) -> int:
    """How many tokens all prompts begin with; the last of each prompt is never among them."""
    prompts = [it.prompt[:-1] for it in pairs]
    least, most = min(prompts, default=()), max(prompts, default=())
    differ = (n for n, (one, other) in enumerate(zip(least, most, strict=False)) if one != other)
    return next(differ, min(len(least), len(most)))


def batches(pairs: list[Pair], tokens: int, seed: int) -> list[list[Pair]]:
    """One pass over all pairs, those of like length together, no batch with more padded tokens.

    What all prompts begin with is counted once. The same seed gives the same batches in the same order. A single
    pair may be longer than ``tokens``.
    """
    rng = random.Random(seed)
    once = shared(pairs)
    order = sorted(pairs, key=lambda it: (it.length + rng.random() * 4, it.prompt))
    made: list[list[Pair]] = []
    batch: list[Pair] = []
    longest = 0
    for it in order:
        longest = max(longest, it.length)
        if batch and once + (longest - once) * (len(batch) + 1) > tokens:
            made.append(batch)
            batch, longest = [], it.length
        batch.append(it)
    if batch:
        made.append(batch)
    rng.shuffle(made)
    return made


def passes(pairs: list[Pair], tokens: int, seed: int, epochs: int) -> Iterator[list[Pair]]:
    """All batches of all passes; each pass is mixed anew."""
    for epoch in range(epochs):
        yield from batches(pairs, tokens, seed * 1000 + epoch)


def padded(batch: list[Pair]) -> Padded:
    """Filled up at the right: a causal model sees nothing of what follows."""
    width, start = max(it.length for it in batch), shared(batch)
    seen, foretold, counts = [], [], []
    for it in batch:
        tokens = it.prompt + it.completion
        fill = width - it.length
        seen.append([*tokens[start:-1], *[0] * fill])
        foretold.append([*tokens[start + 1 :], *[0] * fill])
        ahead = len(it.prompt) - 1 - start
        counts.append([*[False] * ahead, *[True] * len(it.completion), *[False] * fill])
    return Padded(list(batch[0].prompt[:start]), seen, foretold, counts)
