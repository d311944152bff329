"""What the recipe learns in which batches, and the forward pass that it is held against."""

from pathlib import Path

import numpy
import pytest
import reference
import tiny

from training.batches import Pair, batches, padded, passes, read, split

PAIRS = [Pair(tuple(range(1, 2 + n % 13)), tuple(range(2, 4 + n % 7))) for n in range(300)]


def test_a_completion_is_foretold_from_the_last_token_of_its_prompt() -> None:
    made = padded([Pair((1, 2, 3), (4, 5)), Pair((6,), (7,))])
    assert made.seen == [[1, 2, 3, 4], [6, 0, 0, 0]]
    assert made.foretold == [[2, 3, 4, 5], [7, 0, 0, 0]]
    assert made.counts == [[False, False, True, True], [True, False, False, False]]
    assert made.shared == []


def test_what_all_prompts_begin_with_is_told_apart() -> None:
    alike = [Pair((8, 9, 1, 2), (4,)), Pair((8, 9, 1), (6, 7)), Pair((8, 9, 3, 5), (4,))]
    made = padded(alike)
    assert made.shared == [8, 9]
    assert made.seen == [[1, 2], [1, 6], [3, 5]]
    assert made.foretold == [[2, 4], [6, 7], [5, 4]]
    assert made.counts == [[False, True], [True, True], [False, True]]
    assert padded(alike[:1]).shared == [8, 9, 1], "the last token of a prompt foretells the completion"
    assert len(batches(alike, 8, seed=1)) == 1 and len(batches(alike, 7, seed=1)) == 2


def test_a_pass_has_every_pair_once_and_no_batch_is_too_large() -> None:
    made = batches(PAIRS, 120, seed=3)
    assert sorted(it.prompt + it.completion for them in made for it in them) == sorted(
        it.prompt + it.completion for it in PAIRS
    )
    assert all(max(it.length for it in them) * len(them) <= 120 for them in made)
    assert made == batches(PAIRS, 120, seed=3) != batches(PAIRS, 120, seed=4)
    assert len(list(passes(PAIRS, 120, 3, epochs=2))) in range(2 * len(made) - 4, 2 * len(made) + 5)


def test_what_is_held_out_does_not_depend_on_the_rest() -> None:
    pairs = [Pair((n, n + 1), (n,)) for n in range(3000)]
    learnt, held_out = split(pairs)
    assert 20 < len(held_out) < 120
    assert split(pairs[:1000])[1] == [it for it in held_out if it in pairs[:1000]]
    assert len(learnt) + len(held_out) == 3000


def test_long_pairs_are_left_out_and_empty_ones_refused(tmp_path: Path) -> None:
    file = tmp_path / "pairs.jsonl"
    file.write_text('{"prompt":[1,2],"completion":[3]}\n{"prompt":[1,2,3,4],"completion":[3,4,5]}\n')
    assert read(file, longest=4) == ([Pair((1, 2), (3,))], 1)
    file.write_text('{"prompt":[],"completion":[3]}\n')
    with pytest.raises(ValueError):
        read(file, longest=4)


def test_the_plain_forward_pass_sees_no_future(tmp_path: Path) -> None:
    tiny.write(tmp_path / "tiny.gguf")
    whole = reference.logits(tmp_path / "tiny.gguf", [3, 9, 27, 1])
    start = reference.logits(tmp_path / "tiny.gguf", [3, 9])
    assert numpy.abs(whole[:2] - start).max() < 1e-4
    assert numpy.abs(whole[1] - whole[2]).max() > 0.01
