"""The recipe: batches always; the model itself where torch, numpy and gguf are installed."""

import json
import random
from pathlib import Path

import pytest

from training.batches import Pair, batches, padded, passes, read, split

PAIRS = [Pair(tuple(range(1, 2 + n % 13)), tuple(range(2, 4 + n % 7))) for n in range(300)]


def test_a_completion_is_foretold_from_the_last_token_of_its_prompt() -> None:
    made = padded([Pair((1, 2, 3), (4, 5)), Pair((6,), (7,))])
    assert made.seen == [[1, 2, 3, 4], [6, 0, 0, 0]]
    assert made.foretold == [[2, 3, 4, 5], [7, 0, 0, 0]]
    assert made.counts == [[False, False, True, True], [True, False, False, False]]


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
    numpy = pytest.importorskip("numpy")
    pytest.importorskip("gguf")
    import reference
    import tiny

    tiny.write(tmp_path / "tiny.gguf")
    whole = reference.logits(tmp_path / "tiny.gguf", [3, 9, 27, 1])
    start = reference.logits(tmp_path / "tiny.gguf", [3, 9])
    assert numpy.abs(whole[:2] - start).max() < 1e-4
    assert numpy.abs(whole[1] - whole[2]).max() > 0.01


def test_the_model_gives_the_logits_of_the_plain_forward_pass(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    numpy = pytest.importorskip("numpy")
    pytest.importorskip("gguf")
    import reference
    import tiny

    from training.llama import Llama
    from training.lora import Adapter
    from training.train import tensors

    path = tmp_path / "tiny.gguf"
    tiny.write(path)
    cpu = torch.device("cpu")
    model = Llama(path, cpu, torch.float32)
    adapter = Adapter(model, rank=4, alpha=8.0, seed=1)
    for _, b in adapter.pairs.values():
        torch.nn.init.normal_(b.data, std=0.2)
    pairs = [Pair((1, 5, 9, 3), (7, 2)), Pair((4, 8), (30, 31, 32, 39)), Pair((1,), (2,))]
    seen, _, counts = tensors(pairs, cpu)

    def added(layer: str, x: object) -> object:
        a, b = (it.detach().numpy() for it in adapter.pairs[layer])
        return x @ a.T @ b.T * 2.0

    expected = []
    for it in pairs:
        tokens = list(it.prompt + it.completion)[:-1]
        expected.append(reference.logits(path, tokens, added)[len(it.prompt) - 1 :])
    with torch.no_grad():
        found = model.logits(seen, counts, adapter.added).numpy()
    assert numpy.abs(found - numpy.concatenate(expected)).max() < 1e-3


def test_training_lowers_the_loss_goes_on_where_it_stopped_and_exports(tmp_path: Path) -> None:
    pytest.importorskip("torch")
    gguf = pytest.importorskip("gguf")
    import tiny

    from training import train

    tiny.write(tmp_path / "tiny.gguf")
    rng = random.Random(5)
    rows = []
    for _ in range(400):
        prompt = [rng.randrange(1, 40) for _ in range(rng.randint(2, 6))]
        rows.append({"prompt": prompt, "completion": [prompt[0], 39]})
    (tmp_path / "pairs.jsonl").write_text("\n".join(map(json.dumps, rows)) + "\n")
    command = ["--model", str(tmp_path / "tiny.gguf"), "--pairs", str(tmp_path / "pairs.jsonl"),
               "--rank", "4", "--tokens", "256", "--rate", "0.01", "--epochs", "4"]  # fmt: skip
    printed = []
    for out in ("one", "two"):
        given = train.arguments([*command, "--out", str(tmp_path / f"{out}.gguf"), "--keep-every", "5"])
        assert given.epochs == 4
        train.main([*command, "--out", str(tmp_path / f"{out}.gguf"), "--keep-every", "5"])
        printed.append((tmp_path / f"{out}.gguf").read_bytes())
    assert printed[0] == printed[1], "the same seed gives the same adapter"
    train.main([*command, "--out", str(tmp_path / "one.gguf")])
    assert (tmp_path / "one.gguf").read_bytes() == printed[0], "a finished run has nothing left to learn"
    names = {it.name for it in gguf.GGUFReader(tmp_path / "one.gguf").tensors}
    assert len(names) == 2 * 7 * tiny.BLOCKS
    assert "blk.1.ffn_down.weight.lora_b" in names
