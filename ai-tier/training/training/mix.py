"""Puts pairs together for a training: those of the generator, and those by hand, which count more.

    python -m training.mix --generated gen.jsonl --by-hand hand.jsonl --parts 7000 5000 --out mixed

Writes ``mixed-held-out.jsonl``, and for each part ``mixed-1.jsonl`` and so on: so many of the generator's, no two
parts the same, and all by hand, several times; those of ``--again``, which are among them, once more. Of what
an earlier run was taught (its ``--losses``) only what cost more than ``--above`` nats is there again: a tenth of the
pairs makes seven tenths of the loss. The same seed and pairs give the same bytes.
"""

import argparse
import json
import random
import sys
from pathlib import Path

HELD_OUT = 60
"""Of each kind; what is held out is in no part."""
BY_HAND = 3
"""How often a part holds each pair by hand, unless told otherwise."""


def mix(
    generated: list[str],
    by_hand: list[str],
    parts: list[int],
    seed: int,
    times: int = BY_HAND,
    again: list[str] | None = None,
) -> tuple[list[str], list[list[str]]]:
    """What is held out, and the parts. Raises ValueError where there are too few pairs."""
    if len(generated) < HELD_OUT + sum(parts) or len(by_hand) <= HELD_OUT:
        raise ValueError(f"{len(generated)} generated and {len(by_hand)} by hand are too few for {parts}")
    dice = random.Random(seed)
    generated, by_hand = list(generated), list(by_hand)
    dice.shuffle(generated)
    dice.shuffle(by_hand)
    held_out = by_hand[:HELD_OUT] + generated[:HELD_OUT]
    again = [it for it in again or [] if it not in held_out]
    mixed, begin = [], HELD_OUT
    for count in parts:
        part = generated[begin : begin + count] + by_hand[HELD_OUT:] * times + again
        dice.shuffle(part)
        mixed.append(part)
        begin += count
    return held_out, mixed


def not_yet_learnt(pairs: list[str], losses: list[str], above: float) -> list[str]:
    """Those that no loss is told of, and those of which the last one is above so many nats."""

    def key(line: dict[str, list[int]]) -> tuple[tuple[int, ...], ...]:
        return tuple(line["prompt"]), tuple(line["completion"])

    cost = {key(it): it["loss"] for it in map(json.loads, losses)}
    return [it for it in pairs if cost.get(key(json.loads(it)), above + 1) > above]


def main(given: list[str]) -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--generated", type=Path, required=True, help="pairs, JSON lines")
    parser.add_argument("--by-hand", type=Path, required=True, help="pairs, JSON lines")
    parser.add_argument("--parts", type=int, nargs="+", required=True, help="of the generator's, in each part")
    parser.add_argument("--out", type=Path, required=True, help="what the files' names begin with")
    parser.add_argument("--times", type=int, default=BY_HAND, help="how often a part holds each pair by hand")
    parser.add_argument("--again", type=Path, help="pairs by hand that a part holds once more, such as new ones")
    parser.add_argument("--losses", type=Path, help="what an earlier run was taught, and how well it knew it")
    parser.add_argument("--above", type=float, default=0.9, help="so many nats, and it is taught once more")
    parser.add_argument("--seed", type=int, default=7)
    options = parser.parse_args(given)
    lines = [it.read_text("utf-8").splitlines() for it in (options.generated, options.by_hand)]
    again = options.again.read_text("utf-8").splitlines() if options.again else []
    if options.losses:
        lines[1] = not_yet_learnt(lines[1], options.losses.read_text("utf-8").splitlines(), options.above)
    held_out, parts = mix(*lines, options.parts, options.seed, options.times, again)
    for name, them in [("held-out", held_out), *((str(n), it) for n, it in enumerate(parts, 1))]:
        options.out.with_name(f"{options.out.name}-{name}.jsonl").write_text("\n".join(them) + "\n", "utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
