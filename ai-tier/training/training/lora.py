"""What is learnt: for each linear layer two thin matrices whose product is added to its weight.

Exported as the GGUF adapter that llama.cpp loads: ``blk.N.LAYER.weight.lora_a`` (rank, inputs) and
``.lora_b`` (outputs, rank), f16, with ``adapter.lora.alpha``.
"""

import math
from pathlib import Path

import torch
from gguf import GGUFReader
from torch import Tensor
from torch.nn import functional

from training import adapter_file
from training.llama import Llama

class Adapter:
    """The matrices, in f32 whatever the model's own type. At first it adds nothing: all ``b`` are zero."""

    def __init__(self, model: Llama, rank: int, alpha: float, seed: int) -> None:
        self.rank = rank
        self.alpha = alpha
        self.dtype = model.dtype
        generator = torch.Generator().manual_seed(seed)
        self.pairs: dict[str, tuple[Tensor, Tensor]] = {}
        for layer in model.layers():
            outputs, inputs = model.shape(layer)
            # Drawn on the CPU, so that a seed means the same everywhere.
            a = torch.randn(rank, inputs, generator=generator) / math.sqrt(inputs)
            b = torch.zeros(outputs, rank)
            self.pairs[layer] = (
                a.to(model.device).requires_grad_(),
                b.to(model.device).requires_grad_(),
            )

    def parameters(self) -> list[Tensor]:
        """All that is learnt."""
        return [it for pair in self.pairs.values() for it in pair]

    def adapt(self, layer: str, x: Tensor, made: Tensor) -> Tensor:
        """A layer's output with what the adapter adds to it."""
        a, b = self.pairs[layer]
        # The scale where there is least to multiply.
        thin = functional.linear(x, a.to(self.dtype)) * (self.alpha / self.rank)
        return torch.addmm(made, thin, b.to(self.dtype).T)

    def state(self) -> dict[str, Tensor]:
        """By the names in the exported file."""
        named = {}
        for layer, (a, b) in self.pairs.items():
            named[f"{layer}.weight.lora_a"] = a.detach()
            named[f"{layer}.weight.lora_b"] = b.detach()
        return named

    def restore(self, state: dict[str, Tensor]) -> None:
        """Takes over what :meth:`state` gave. Raises KeyError where a layer is missing."""
        with torch.no_grad():
            for layer, (a, b) in self.pairs.items():
                a.copy_(state[f"{layer}.weight.lora_a"])
                b.copy_(state[f"{layer}.weight.lora_b"])

    def begin_with(self, path: Path) -> None:
        """Takes over what an exported adapter has learnt.

        Raises ValueError if that has another rank, or another weight in the sum; KeyError if it is no such adapter.
        """
        file = GGUFReader(path)
        alpha = float(file.fields["adapter.lora.alpha"].contents())
        state = {it.name: torch.from_numpy(it.data.astype("float32")) for it in file.tensors}
        ranks = {len(it) for name, it in state.items() if name.endswith(".lora_a")}
        if (ranks, alpha) != ({self.rank}, self.alpha):
            raise ValueError(f"{path} is not of rank {self.rank} and alpha {self.alpha}: {sorted(ranks)}, {alpha}")
        self.restore(state)

    def export(self, path: Path, name: str) -> int:
        """Writes the file, whole or not at all; its size in bytes. Raises ValueError if it is too large."""
        state = {key: it.to("cpu", torch.float16).contiguous().numpy() for key, it in self.state().items()}
        return adapter_file.write(path, name, self.alpha, state)
