"""The recipe itself. Needs PyTorch, so it is run by `pytest --torch` alone."""

import json
import random
import subprocess
import sys
from pathlib import Path

import numpy
import pytest
import reference
import tiny
import torch
from gguf import GGUFReader

from training import train
from training.batches import Pair
from training.llama import Llama
from training.lora import Adapter

FOLDER = Path(__file__).parent.parent


def test_the_model_gives_the_logits_of_the_plain_forward_pass(tmp_path: Path) -> None:
    path = tmp_path / "tiny.gguf"
    tiny.write(path)
    cpu = torch.device("cpu")
    model = Llama(path, cpu, torch.float32)
    adapter = Adapter(model, rank=4, alpha=8.0, seed=1)
    for _, b in adapter.pairs.values():
        torch.nn.init.normal_(b.data, std=0.2)
    apart = [Pair((1, 5, 9, 3), (7, 2)), Pair((4, 8), (30, 31, 32, 39)), Pair((1,), (2,))]
    alike = [Pair((5, 6, 7, 9, 3), (7, 2)), Pair((5, 6, 7, 8), (30, 31, 32, 39)), Pair((5, 6, 7, 8), (1,))]

    def added(layer: str, x: numpy.ndarray) -> numpy.ndarray:
        a, b = (it.detach().numpy() for it in adapter.pairs[layer])
        return x @ a.T @ b.T * 2.0

    for pairs in (apart, alike):
        expected = []
        for it in pairs:
            tokens = list(it.prompt + it.completion)[:-1]
            expected.append(reference.logits(path, tokens, added)[len(it.prompt) - 1 :])
        found, foretold, _ = train.foretell(model, adapter, pairs)
        assert numpy.abs(found.detach().numpy() - numpy.concatenate(expected)).max() < 1e-3
        assert foretold.tolist() == [token for it in pairs for token in it.completion]


def test_what_prompts_share_is_learnt_from_as_if_each_had_its_own(tmp_path: Path) -> None:
    tiny.write(tmp_path / "tiny.gguf")
    model = Llama(tmp_path / "tiny.gguf", torch.device("cpu"), torch.float32)
    alike = [Pair((5, 6, 7, 9, 3), (7, 2)), Pair((5, 6, 7, 8), (30, 31, 32)), Pair((5, 6, 7, 8), (1,))]
    gradients = []
    for batches in ([alike], [[it] for it in alike]):
        adapter = Adapter(model, rank=4, alpha=8.0, seed=1)
        noise = torch.Generator().manual_seed(2)
        for _, b in adapter.pairs.values():
            torch.nn.init.normal_(b.data, std=0.2, generator=noise)
        for batch in batches:
            logits, foretold, _ = train.foretell(model, adapter, batch)
            torch.nn.functional.cross_entropy(logits, foretold, reduction="sum").backward()
        gradients.append([it.grad for it in adapter.parameters()])
    for together, apart in zip(*gradients, strict=True):
        assert torch.allclose(together, apart, rtol=1e-3, atol=1e-4)


def test_shares_of_a_batch_make_the_step_of_the_whole(tmp_path: Path) -> None:
    tiny.write(tmp_path / "tiny.gguf")
    pairs = [{"prompt": [1, 5, 9, 3], "completion": [7, 2]}, {"prompt": [4, 8], "completion": [30, 31, 32, 39]},
             {"prompt": [1], "completion": [2]}]  # fmt: skip
    (tmp_path / "pairs.jsonl").write_text("\n".join(map(json.dumps, pairs)) + "\n")
    learnt, first_losses = [], []
    for workers in ("1", "2", "4"):
        out = tmp_path / f"{workers}.gguf"
        # Workers are forked: each run has a process of its own.
        command = [sys.executable, "-m", "training.train", "--model", str(tmp_path / "tiny.gguf"),
                   "--pairs", str(tmp_path / "pairs.jsonl"), "--held-out", str(tmp_path / "pairs.jsonl"),
                   "--rank", "4", "--tokens", "256", "--rate", "0.01", "--epochs", "5", "--seed", "1",
                   "--workers", workers, "--losses", str(out.with_suffix(".losses")), "--out", str(out)]  # fmt: skip
        done = subprocess.run(command, cwd=FOLDER, capture_output=True, text=True, timeout=120, check=True)
        figures = json.loads(done.stdout.splitlines()[-1])
        assert figures["loss"] < figures["loss_before"]
        told = [json.loads(it) for it in out.with_suffix(".losses").read_text().splitlines()]
        assert len(told) == 5 * len(pairs)
        first_losses.append({tuple(it["completion"]): it["loss"] for it in told[: len(pairs)]})
        learnt.append([torch.from_numpy(it.data.copy()).float() for it in GGUFReader(out).tensors])
    assert len(first_losses[0]) == len(pairs)
    assert all(it == pytest.approx(first_losses[0], abs=1e-3) for it in first_losses[1:])
    for other in learnt[1:]:
        assert all(torch.allclose(one, two, atol=2e-3) for one, two in zip(learnt[0], other, strict=True))


def test_bf16_says_nearly_the_same_on_a_cpu(tmp_path: Path) -> None:
    tiny.write(tmp_path / "tiny.gguf")
    said = []
    for dtype in (torch.float32, torch.bfloat16):
        model = Llama(tmp_path / "tiny.gguf", torch.device("cpu"), dtype)
        own = torch.tensor([[5, 7, 9], [2, 4, 6]])
        said.append(model.logits(torch.tensor([1, 3]), own, torch.ones_like(own, dtype=torch.bool)))
    assert said[1].dtype == torch.float32
    assert torch.allclose(*said, atol=0.05 * said[0].abs().max().item())


def test_workers_are_refused_where_they_would_wait_for_ever(tmp_path: Path) -> None:
    tiny.write(tmp_path / "tiny.gguf")
    model = Llama(tmp_path / "tiny.gguf", torch.device("cpu"), torch.float32)
    settings = train.Settings(rank=4, alpha=8.0, rate=0.01, epochs=1, tokens=256, clip=1.0, seed=1)
    train.Run(model, settings, tmp_path / "none")._one([Pair((1, 5), (7, 2))])
    with pytest.raises(RuntimeError, match="before anything is learnt"):
        train.Run(model, settings, tmp_path / "none", workers=2)


def test_training_lowers_the_loss_goes_on_where_it_stopped_and_exports(tmp_path: Path) -> None:
    tiny.write(tmp_path / "tiny.gguf")
    rng = random.Random(5)
    rows = []
    for _ in range(400):
        prompt = [rng.randrange(1, 40) for _ in range(rng.randint(2, 6))]
        rows.append({"prompt": prompt, "completion": [prompt[0], 39]})
    (tmp_path / "pairs.jsonl").write_text("\n".join(map(json.dumps, rows)) + "\n")
    command = ["--model", str(tmp_path / "tiny.gguf"), "--pairs", str(tmp_path / "pairs.jsonl"),
               "--rank", "4", "--tokens", "256", "--rate", "0.01", "--epochs", "4", "--workers", "1"]  # fmt: skip
    printed = []
    for out in ("one", "two"):
        given = train.arguments([*command, "--out", str(tmp_path / f"{out}.gguf"), "--keep-every", "5"])
        assert given.epochs == 4
        train.main([*command, "--out", str(tmp_path / f"{out}.gguf"), "--keep-every", "5"])
        printed.append((tmp_path / f"{out}.gguf").read_bytes())
    assert printed[0] == printed[1], "the same seed gives the same adapter"
    train.main([*command, "--out", str(tmp_path / "one.gguf")])
    assert (tmp_path / "one.gguf").read_bytes() == printed[0], "a finished run has nothing left to learn"
    names = {it.name for it in GGUFReader(tmp_path / "one.gguf").tensors}
    assert len(names) == 2 * 7 * tiny.BLOCKS
    assert "blk.1.ffn_down.weight.lora_b" in names


def test_a_run_goes_on_from_what_another_has_learnt(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tiny.write(tmp_path / "tiny.gguf")
    rows = [{"prompt": [1 + n % 30, 7, 9], "completion": [1 + n % 30, 39]} for n in range(300)]
    (tmp_path / "pairs.jsonl").write_text("\n".join(map(json.dumps, rows)) + "\n")
    command = ["--model", str(tmp_path / "tiny.gguf"), "--pairs", str(tmp_path / "pairs.jsonl"),
               "--rank", "4", "--tokens", "256", "--rate", "0.01", "--epochs", "2", "--workers", "1"]  # fmt: skip
    train.main([*command, "--out", str(tmp_path / "one.gguf")])
    begin = ["--begin-with", str(tmp_path / "one.gguf")]
    train.main([*command, *begin, "--out", str(tmp_path / "two.gguf")])
    first, second = (json.loads(it) for it in capsys.readouterr().out.splitlines() if it.startswith("{"))
    assert second["loss_before"] == pytest.approx(first["loss"], rel=0.01), "it was exported as f16"
    with pytest.raises(ValueError, match="not of rank 4 and alpha 8"):
        train.main([*command, *begin, "--alpha", "8", "--out", str(tmp_path / "three.gguf")])


def test_the_rate_rises_stays_and_falls() -> None:
    rates = [train.rate_at(step, 400, 1.0) for step in range(400)]
    assert rates[0] == 0.05 and rates[19:300] == [1.0] * 281
    assert rates[300:] == sorted(rates[300:], reverse=True) and 0.05 < rates[399] < 0.06
    assert rates[:300] == [train.rate_at(step, None, 1.0) for step in range(300)]


def test_what_the_clock_ended_can_be_repeated_by_its_steps(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tiny.write(tmp_path / "tiny.gguf")
    rows = [{"prompt": [1 + n % 30, 7, 9], "completion": [1 + n % 30, 39]} for n in range(600)]
    (tmp_path / "pairs.jsonl").write_text("\n".join(map(json.dumps, rows)) + "\n")
    command = ["--model", str(tmp_path / "tiny.gguf"), "--pairs", str(tmp_path / "pairs.jsonl"),
               "--rank", "4", "--tokens", "16", "--epochs", "50", "--workers", "1"]  # fmt: skip
    figures = []
    for out, length in (("one", ["--minutes", "0.02"]), ("two", ["--steps"])):
        steps = [str(it["steps"]) for it in figures] if out == "two" else []
        train.main([*command, *length, *steps, "--out", str(tmp_path / f"{out}.gguf")])
        figures.append(json.loads(capsys.readouterr().out.splitlines()[-1]))
    assert 1 < figures[0]["steps"] == figures[1]["steps"] < 5000
    assert (tmp_path / "one.gguf").read_bytes() == (tmp_path / "two.gguf").read_bytes()
