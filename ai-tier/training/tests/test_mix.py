"""Putting pairs together."""

import json
from pathlib import Path

import pytest

from training import mix

GENERATED = [f"g{n}" for n in range(200)]
BY_HAND = [f"h{n}" for n in range(80)]


def test_parts_share_what_is_by_hand_and_nothing_else() -> None:
    held_out, (first, second) = mix.mix(GENERATED, BY_HAND, [100, 40], 7)
    assert len(held_out) == len(set(held_out)) == 120
    for part, count in ((first, 100), (second, 40)):
        by_hand = [it for it in part if it.startswith("h")]
        assert len(part) == count + len(by_hand) and len(by_hand) == 60
        assert all(by_hand.count(it) == 3 for it in by_hand)
        assert not set(part) & set(held_out)
    assert not {it for it in first if it.startswith("g")} & set(second)
    _, (once,) = mix.mix(GENERATED, BY_HAND, [100], 7, times=1)
    assert sorted(set(once)) == sorted(once)


def test_what_is_there_again_is_not_held_out() -> None:
    held_out, (part,) = mix.mix(GENERATED, BY_HAND, [100], 7, times=1, again=BY_HAND[:40])
    counts = {it: part.count(it) for it in BY_HAND}
    assert all(counts[it] == (0 if it in held_out else 1 + (it in BY_HAND[:40])) for it in BY_HAND)


def test_a_seed_gives_the_same_files(tmp_path: Path) -> None:
    for name, them in (("gen", GENERATED), ("hand", BY_HAND)):
        (tmp_path / name).write_text("\n".join(them) + "\n", "utf-8")
    given = ["--generated", str(tmp_path / "gen"), "--by-hand", str(tmp_path / "hand"), "--parts", "100", "40"]

    def bytes_of(run: str, seed: str) -> list[bytes]:
        mix.main([*given, "--out", str(tmp_path / run), "--seed", seed])
        return [(tmp_path / f"{run}-{it}.jsonl").read_bytes() for it in ("held-out", "1", "2")]

    assert bytes_of("a", "7") == bytes_of("b", "7") != bytes_of("c", "8")


def test_too_few_pairs_are_told() -> None:
    with pytest.raises(ValueError, match="too few"):
        mix.mix(GENERATED, BY_HAND, [100, 41], 7)
    with pytest.raises(ValueError, match="too few"):
        mix.mix(GENERATED, BY_HAND[:60], [1], 7)


def test_what_was_learnt_well_is_not_taught_again() -> None:
    pairs = [json.dumps({"prompt": [n], "completion": [1]}) for n in range(4)]
    told = [json.dumps({"prompt": [n], "completion": [1], "loss": loss}) for n, loss in ((0, 2.0), (0, 0.1), (1, 1.5), (2, 0.9))]
    assert mix.not_yet_learnt(pairs, told, 0.9) == [pairs[1], pairs[3]]
