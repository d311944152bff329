"""The recipe: teaches a llama the pairs by a LoRA adapter, and exports it.

    python -m training.train --model SmolLM2.gguf --pairs pairs.jsonl --out plans.adapter.gguf

bf16 on CUDA, f32 on a CPU, or there, too, with ``--bf16``: on one that multiplies in it (avx512_bf16) a core did 238
tokens a second where f32 did 153, in batches of 768; on others it is slower. On a CPU each core takes a share of each batch in a process of its
own, so that cores wait for each other once a step and not at each product of matrices, nor for one interpreter: two
threads did 398 tokens a second where two processes did 454.

Loss on completions only; gradients clipped; the rate rises shortly, stays, and falls in the last quarter.
``--minutes`` lets the clock decide when that begins, and so how many steps there are; ``--steps`` repeats it.
``--losses`` keeps what each pair cost when its turn came, so that what cost little need not be learnt again (``mix``).
Every ``--keep-every`` steps a checkpoint is written beside the adapter; run again, it goes on from there. Two runs
with the same seed, data, steps and workers write the same adapter.
"""

import argparse
import json
import math
import mmap
import multiprocessing
import os
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from training import batches
from training.llama import Llama
from training.lora import Adapter

RISE = 20
"""The steps in which the rate rises."""
FALL = 0.25
"""The part of all steps in which it falls again."""
LOWEST = 0.05
"""The rate at the end, of the highest."""


@dataclass(frozen=True)
class Settings:
    """What the outcome depends on, beside the data; kept in checkpoints."""

    rank: int
    alpha: float
    rate: float
    epochs: int
    tokens: int
    clip: float
    seed: int
    bf16: bool = False
    """The model is in bf16; what is learnt is in f32 all the same."""


def rate_at(step: int, steps: int | None, highest: float) -> float:
    """The learning rate of a step, counted from 0; ``steps`` is None as long as the end is not known."""
    risen = min(1.0, (step + 1) / RISE)
    if steps is None or step < steps * (1 - FALL):
        return highest * risen
    fallen = (step - steps * (1 - FALL)) / (steps * FALL)
    return highest * risen * (LOWEST + (1 - LOWEST) * 0.5 * (1 + math.cos(math.pi * fallen)))


def foretell(model: Llama, adapter: Adapter, batch: list[batches.Pair]) -> tuple[Tensor, Tensor, Tensor]:
    """Logits and tokens of all completions one after the other, and where in the batch these are."""
    it = batches.padded(batch)
    kinds = ((it.shared, torch.long), (it.seen, torch.long), (it.foretold, torch.long), (it.counts, torch.bool))
    shared, seen, foretold, counts = (
        torch.tensor(rows, dtype=dtype, device=model.device) for rows, dtype in kinds
    )
    return model.logits(shared, seen, counts, adapter.adapt), foretold[counts], counts


def gradients(
    model: Llama, adapter: Adapter, share: list[batches.Pair], tokens: int
) -> tuple[list[float], tuple[Tensor, ...]]:
    """The loss of each pair of a share, in nats, and the share's part in the gradients of the mean over so many tokens."""
    logits, foretold, counts = foretell(model, adapter, share)
    each = functional.cross_entropy(logits, foretold, reduction="none")
    losses = [it.sum().item() for it in each.detach().split(counts.sum(1).tolist())]
    return losses, torch.autograd.grad(each.sum() / tokens, adapter.parameters())


def shared(like: list[Tensor]) -> list[Tensor]:
    """As many numbers, all zero, in one piece of memory that forked processes share."""
    sizes = [it.numel() for it in like]
    whole = torch.frombuffer(mmap.mmap(-1, 4 * sum(sizes)), dtype=torch.float32)
    return [piece.view_as(it) for piece, it in zip(whole.split(sizes), like, strict=True)]


class Workers:
    """Processes with a share of each batch each; they read the adapter where it is learnt, in shared memory.

    The first share is always this process's own. They are forked, so nothing may have been learnt in this process
    before: PyTorch's engine does not survive that. Raises RuntimeError if something was.
    """

    begun = False
    """Something was learnt in this process."""

    def __init__(self, model: Llama, adapter: Adapter, count: int) -> None:
        self.model, self.adapter = model, adapter
        self.others: list[tuple[Connection, list[Tensor]]] = []
        if count > 1 and Workers.begun:
            raise RuntimeError("workers have to be there before anything is learnt")
        if count > 1:
            for it, kept in zip(adapter.parameters(), shared(adapter.parameters()), strict=True):
                kept.copy_(it.data)
                it.data = kept
        here = multiprocessing.get_context("fork")
        for _ in range(count - 1):
            ours, theirs = here.Pipe()
            found = shared(adapter.parameters())
            here.Process(target=self._serve, args=(ours, theirs, found), daemon=True).start()
            theirs.close()
            self.others.append((ours, found))

    def _serve(self, ours: Connection, asked: Connection, found: list[Tensor]) -> None:
        # What is open nowhere else ends with the process that asks, however that ends.
        for it in (ours, *(ours for ours, _ in self.others)):
            it.close()
        while True:
            try:
                share, tokens = asked.recv()
            except EOFError:
                return
            losses, parts = gradients(self.model, self.adapter, share, tokens)
            for kept, part in zip(found, parts, strict=True):
                kept.copy_(part)
            asked.send(losses)

    def gradients(
        self, batch: list[batches.Pair], tokens: int
    ) -> Iterator[tuple[list[float], tuple[Tensor, ...]]]:
        """Of each share what :func:`gradients` gives; of ``n`` shares the first has every ``n``-th pair, and so on."""
        count = min(len(self.others) + 1, len(batch))
        asked = self.others[: count - 1]
        for n, (worker, _) in enumerate(asked, 1):
            worker.send((batch[n::count], tokens))
        Workers.begun = True
        yield gradients(self.model, self.adapter, batch[::count], tokens)
        for worker, found in asked:
            yield worker.recv(), tuple(found)


@torch.no_grad()
def measure(model: Llama, adapter: Adapter, pairs: list[batches.Pair], tokens: int) -> tuple[float, float]:
    """The mean loss of a token, and the part of completions of which every token came first."""
    total, n_tokens, right = 0.0, 0, 0
    for batch in batches.batches(pairs, tokens, 0):
        logits, foretold, counts = foretell(model, adapter, batch)
        total += functional.cross_entropy(logits, foretold, reduction="sum").item()
        n_tokens += len(foretold)
        hit = torch.ones_like(counts)
        hit[counts] = logits.argmax(-1) == foretold
        right += int(hit.all(dim=1).sum())
    return total / max(1, n_tokens), right / max(1, len(pairs))


class Run:
    """One training: everything that a checkpoint must hold to go on as if nothing had happened."""

    def __init__(self, model: Llama, settings: Settings, checkpoint: Path, workers: int = 1) -> None:
        self.model = model
        self.settings = settings
        self.checkpoint = checkpoint
        self.adapter = Adapter(model, settings.rank, settings.alpha, settings.seed)
        self.workers = Workers(model, self.adapter, workers)
        self.optimizer = torch.optim.AdamW(self.adapter.parameters(), lr=settings.rate, weight_decay=0.0)
        self.step = 0
        self.steps: int | None = None
        """Where it ends, once that is known."""
        self.seconds = 0.0
        if checkpoint.exists():
            self._restore(torch.load(checkpoint, map_location=model.device, weights_only=True))

    def _restore(self, kept: dict[str, Any]) -> None:
        if kept["settings"] != vars(self.settings):
            raise ValueError(f"{self.checkpoint} is of a run with other settings; remove it or use them")
        self.adapter.restore(kept["adapter"])
        self.optimizer.load_state_dict(kept["optimizer"])
        self.step, self.steps, self.seconds = kept["step"], kept["steps"], kept["seconds"]

    def keep(self) -> None:
        """Writes the checkpoint, whole or not at all."""
        partial = self.checkpoint.with_name(self.checkpoint.name + ".partial")
        kept = {
            "settings": vars(self.settings),
            "adapter": self.adapter.state(),
            "optimizer": self.optimizer.state_dict(),
            "step": self.step,
            "steps": self.steps,
            "seconds": self.seconds,
        }
        torch.save(kept, partial)
        os.replace(partial, self.checkpoint)

    def learn(
        self,
        pairs: list[batches.Pair],
        keep_every: int,
        steps: int | None = None,
        minutes: float = math.inf,
        kept_losses: Path | None = None,
    ) -> None:
        """From where the checkpoint left off: so many steps, or minutes, and at most all passes."""
        it = self.settings
        passes = sum(1 for _ in batches.passes(pairs, it.tokens, it.seed, it.epochs))
        if self.steps is None and minutes == math.inf:
            self.steps = min(steps or passes, passes)
        began, before, seen, losses = time.monotonic(), self.seconds, 0, []
        for n, batch in enumerate(batches.passes(pairs, it.tokens, it.seed, it.epochs)):
            if n < self.step:
                continue
            if self.step == self.steps:
                break
            late = self.seconds >= minutes * 60 * (1 - FALL) or self.step >= passes * (1 - FALL)
            if self.steps is None and late:
                self.steps = min(math.ceil(max(1, self.step) / (1 - FALL)), passes)
            each = self._one(batch)
            losses.append(sum(each) / sum(len(pair.completion) for pair in batch))
            if kept_losses:
                with kept_losses.open("a", encoding="utf-8") as file:
                    for pair, loss in zip(batch, each, strict=True):
                        kept = {"prompt": pair.prompt, "completion": pair.completion, "loss": round(loss, 4)}
                        file.write(json.dumps(kept) + "\n")
            seen += sum(pair.length for pair in batch)
            self.seconds = before + time.monotonic() - began
            if self.step % 20 == 0 or self.step == self.steps:
                speed = seen / (time.monotonic() - began)
                loss = sum(losses) / len(losses)
                losses.clear()
                end = self.steps or f"at most {passes}"
                print(f"step {self.step} of {end}: loss {loss:.4f}, {speed:.0f} tokens/s", flush=True)
            if self.step % keep_every == 0:
                self.keep()
        self.keep()

    def _one(self, batch: list[batches.Pair]) -> list[float]:
        """One step; the loss of each pair before it."""
        for group in self.optimizer.param_groups:
            group["lr"] = rate_at(self.step, self.steps, self.settings.rate)
        tokens = sum(len(it.completion) for it in batch)
        found = list(self.workers.gradients(batch, tokens))
        # In one order, so that two runs round alike.
        for it, *parts in zip(self.adapter.parameters(), *(parts for _, parts in found), strict=True):
            it.grad = torch.stack(parts).sum(0) if len(parts) > 1 else parts[0]
        torch.nn.utils.clip_grad_norm_(self.adapter.parameters(), self.settings.clip)
        self.optimizer.step()
        self.step += 1
        losses = [0.0] * len(batch)
        for n, (share, _) in enumerate(found):
            losses[n :: len(found)] = share
        return losses


def arguments(given: list[str]) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--model", type=Path, required=True, help="GGUF of a llama, of any quantisation")
    parser.add_argument("--pairs", type=Path, required=True, help="tokenised pairs, JSON lines")
    parser.add_argument("--held-out", type=Path, help="pairs to measure on, instead of one in fifty")
    parser.add_argument("--out", type=Path, required=True, help="the adapter to write")
    parser.add_argument("--begin-with", type=Path, help="the adapter that this run goes on from")
    parser.add_argument("--losses", type=Path, help="where to add what each pair cost in its turn, JSON lines")
    parser.add_argument("--rank", type=int, default=16)
    parser.add_argument("--alpha", type=float, default=32.0)
    parser.add_argument("--rate", type=float, default=1e-3, help="the highest learning rate")
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--steps", type=int, help="fewer than the passes have")
    parser.add_argument("--minutes", type=float, default=math.inf, help="as many steps as fit")
    parser.add_argument("--tokens", type=int, help="padded tokens in a batch; 16384 on CUDA, 768 on a CPU")
    parser.add_argument("--bf16", action="store_true", help="on a CPU that multiplies in it")
    parser.add_argument("--longest", type=int, default=768, help="longer pairs are left out")
    parser.add_argument("--clip", type=float, default=1.0, help="the longest gradient")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1, help="shares of a batch on a CPU")
    parser.add_argument("--keep-every", type=int, default=200, help="steps between checkpoints")
    return parser.parse_args(given)


def main(given: list[str]) -> None:
    """Trains, measures, exports; the last line printed is a JSON object with the figures."""
    options = arguments(given)
    cuda = torch.cuda.is_available()
    device = torch.device("cuda" if cuda else "cpu")
    torch.manual_seed(options.seed)
    settings = Settings(
        rank=options.rank, alpha=options.alpha, rate=options.rate, epochs=options.epochs,
        tokens=options.tokens or (16_384 if cuda else 768), clip=options.clip, seed=options.seed,
        bf16=cuda or options.bf16,
    )  # fmt: skip
    pairs, left_out = batches.read(options.pairs, options.longest)
    learnt, held_out = batches.split(pairs)
    if options.held_out:
        learnt, held_out = pairs, batches.read(options.held_out, options.longest)[0]
    workers = 1 if cuda else options.workers
    if not cuda:
        torch.set_num_threads(1)
    model = Llama(options.model, device, torch.bfloat16 if settings.bf16 else torch.float32)
    run = Run(model, settings, options.out.with_suffix(".checkpoint"), workers)
    if options.begin_with and run.step == 0:
        run.adapter.begin_with(options.begin_with)
    before, _ = measure(run.model, run.adapter, held_out, settings.tokens)
    began = time.monotonic()
    run.learn(learnt, options.keep_every, options.steps, options.minutes, options.losses)
    seconds = time.monotonic() - began
    loss, whole = measure(run.model, run.adapter, held_out, settings.tokens)
    size = run.adapter.export(options.out, "skydesk-plans")
    figures = {
        "pairs": len(learnt), "held_out": len(held_out), "left_out": left_out, "steps": run.step,
        "seconds": round(seconds), "loss_before": round(before, 4), "loss": round(loss, 4),
        "whole_completions_right": round(whole, 4), "bytes": size, **vars(settings),
    }  # fmt: skip
    print(json.dumps(figures))


if __name__ == "__main__":
    main(sys.argv[1:])
