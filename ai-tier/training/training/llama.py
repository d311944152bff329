"""A llama from a GGUF file, in PyTorch: frozen weights, and a place to add to each linear layer.

Weights come dequantised from the file that the product runs, since no finer copy is needed to learn what to
add to them. llama.cpp stores query and key rows so that rotary pairs lie side by side; the rotation here is
of neighbours for that reason, and adapters need no permutation on the way back.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch
from gguf import GGUFReader, dequantize
from torch import Tensor
from torch.nn import functional

LINEAR = ("attn_q", "attn_k", "attn_v", "attn_output", "ffn_gate", "ffn_up", "ffn_down")
"""The linear layers of a block, by their names in the file."""

Added = Callable[[str, Tensor], Tensor | None]
"""What is added to the output of the layer of this name for this input; None: nothing."""


@dataclass(frozen=True)
class Dimensions:
    """The sizes of a llama."""

    blocks: int
    width: int
    heads: int
    key_heads: int
    rotated: int
    theta: float
    epsilon: float


def dimensions(reader: GGUFReader) -> Dimensions:
    """From the file's header. Raises ValueError for another architecture."""

    def get(name: str, default: float | None = None) -> float:
        field = reader.fields.get(f"llama.{name}")
        if field is None and default is None:
            raise ValueError(f"the file does not say llama.{name}: is it a llama?")
        return default if field is None else field.contents()  # type: ignore[return-value]

    heads, width = int(get("attention.head_count")), int(get("embedding_length"))
    return Dimensions(
        blocks=int(get("block_count")),
        width=width,
        heads=heads,
        key_heads=int(get("attention.head_count_kv", heads)),
        rotated=int(get("rope.dimension_count", width // heads)),
        theta=float(get("rope.freq_base", 10_000.0)),
        epsilon=float(get("attention.layer_norm_rms_epsilon")),
    )


class Llama:
    """The frozen model. ``weights`` by their names in the file; norms stay in f32."""

    def __init__(self, path: Path, device: torch.device, dtype: torch.dtype) -> None:
        reader = GGUFReader(path)
        self.dimensions = dimensions(reader)
        self.device = device
        self.dtype = dtype
        self.weights: dict[str, Tensor] = {}
        for it in reader.tensors:
            # A copy: the file's own memory is read-only.
            weight = torch.from_numpy(dequantize(it.data, it.tensor_type).copy())
            kept = torch.float32 if weight.dim() == 1 else dtype
            self.weights[it.name] = weight.to(device=device, dtype=kept)
        if self.dimensions.rotated != self.dimensions.width // self.dimensions.heads:
            raise ValueError("heads that are rotated in part are not known here")

    def layers(self) -> list[str]:
        """The names of all linear layers."""
        return [f"blk.{n}.{layer}" for n in range(self.dimensions.blocks) for layer in LINEAR]

    def shape(self, layer: str) -> tuple[int, int]:
        """Outputs and inputs of a linear layer."""
        rows, columns = self.weights[f"{layer}.weight"].shape
        return rows, columns

    def logits(self, seen: Tensor, at: Tensor, added: Added = lambda *_: None) -> Tensor:
        """What follows each position of ``seen`` (sequences, positions) where ``at`` is true, in f32."""
        table = self.weights["token_embd.weight"]
        x = table[seen]
        cosine, sine = self._angles(seen.shape[1])
        for n in range(self.dimensions.blocks):
            x = self._block(x, f"blk.{n}", cosine, sine, added)
        x = self._norm(x[at], "output_norm.weight")
        return functional.linear(x, self.weights.get("output.weight", table)).float()

    def _block(self, x: Tensor, block: str, cosine: Tensor, sine: Tensor, added: Added) -> Tensor:
        size = self.dimensions
        rows, positions, _ = x.shape

        def heads(name: str, count: int, of: Tensor) -> Tensor:
            made = self._linear(of, f"{block}.{name}", added)
            return made.view(rows, positions, count, -1).transpose(1, 2)

        normed = self._norm(x, f"{block}.attn_norm.weight")
        query = _rotated(heads("attn_q", size.heads, normed), cosine, sine)
        key = _rotated(heads("attn_k", size.key_heads, normed), cosine, sine)
        value = heads("attn_v", size.key_heads, normed)
        shared = size.heads // size.key_heads
        key, value = key.repeat_interleave(shared, dim=1), value.repeat_interleave(shared, dim=1)
        seen = functional.scaled_dot_product_attention(query, key, value, is_causal=True)
        seen = seen.transpose(1, 2).reshape(rows, positions, -1)
        x = x + self._linear(seen, f"{block}.attn_output", added)
        normed = self._norm(x, f"{block}.ffn_norm.weight")
        gate = functional.silu(self._linear(normed, f"{block}.ffn_gate", added))
        up = self._linear(normed, f"{block}.ffn_up", added)
        return x + self._linear(gate * up, f"{block}.ffn_down", added)

    def _linear(self, x: Tensor, layer: str, added: Added) -> Tensor:
        own = functional.linear(x, self.weights[f"{layer}.weight"])
        more = added(layer, x)
        return own if more is None else own + more

    def _norm(self, x: Tensor, name: str) -> Tensor:
        wide = x.float()
        scale = torch.rsqrt(wide.pow(2).mean(-1, keepdim=True) + self.dimensions.epsilon)
        return (wide * scale * self.weights[name]).to(self.dtype)

    def _angles(self, positions: int) -> tuple[Tensor, Tensor]:
        even = torch.arange(0, self.dimensions.rotated, 2, device=self.device).float()
        slower = self.dimensions.theta ** (-even / self.dimensions.rotated)
        angle = torch.arange(positions, device=self.device).float()[:, None] * slower[None, :]
        return angle.cos().to(self.dtype), angle.sin().to(self.dtype)


def _rotated(x: Tensor, cosine: Tensor, sine: Tensor) -> Tensor:
    """Each pair of neighbours turned by its position's angle."""
    first, second = x[..., 0::2], x[..., 1::2]
    turned = (first * cosine - second * sine, first * sine + second * cosine)
    return torch.stack(turned, dim=-1).flatten(-2)
