"""A llama from a GGUF file, in PyTorch: frozen weights, and a place to add to each linear layer.

Weights come dequantised from the file that the product runs, since no finer copy is needed to learn what to
add to them. llama.cpp stores query and key rows so that rotary pairs lie side by side; the rotation here is
of neighbours for that reason, and adapters need no permutation on the way back.

What all sequences of a batch begin with goes through the model once, forwards and backwards: it is the same
for each, since nothing there sees what follows. So instructions cost next to nothing, however long.
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

Adapt = Callable[[str, Tensor, Tensor], Tensor]
"""The output of the layer of this name, adapted, from its input and its own output."""


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


@dataclass(frozen=True)
class Layout:
    """How the tokens of a batch lie in one row: the shared ones, then sequence by sequence."""

    shared: int
    sequences: int
    positions: int
    cosine: Tensor
    sine: Tensor
    seen: Tensor
    """Which of the shared tokens and of its own sequence a token sees: (positions, shared + positions)."""


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

    def logits(
        self, shared: Tensor, own: Tensor, at: Tensor, adapt: Adapt = lambda _name, _x, made: made
    ) -> Tensor:
        """What follows each position of ``own`` (sequences, positions) where ``at`` is true, in f32.

        ``shared`` are tokens that all sequences begin with, before their own; there may be none.
        """
        table = self.weights["token_embd.weight"]
        layout = self._layout(len(shared), *own.shape)
        x = table[torch.cat((shared, own.flatten()))]
        for n in range(self.dimensions.blocks):
            x = self._block(x, f"blk.{n}", layout, adapt)
        x = self._norm(x[len(shared) :][at.flatten()], "output_norm.weight")
        return functional.linear(x, self.weights.get("output.weight", table)).float()

    def _block(self, x: Tensor, block: str, layout: Layout, adapt: Adapt) -> Tensor:
        def linear(name: str, of: Tensor) -> Tensor:
            made = functional.linear(of, self.weights[f"{block}.{name}.weight"])
            return adapt(f"{block}.{name}", of, made)

        size = self.dimensions
        normed = self._norm(x, f"{block}.attn_norm.weight")
        query = _rotated(linear("attn_q", normed).unflatten(1, (size.heads, -1)), layout)
        key = _rotated(linear("attn_k", normed).unflatten(1, (size.key_heads, -1)), layout)
        value = linear("attn_v", normed).unflatten(1, (size.key_heads, -1))
        x = x + linear("attn_output", _attended(query, key, value, layout))
        normed = self._norm(x, f"{block}.ffn_norm.weight")
        gate = functional.silu(linear("ffn_gate", normed))
        return x + linear("ffn_down", gate * linear("ffn_up", normed))

    def _norm(self, x: Tensor, name: str) -> Tensor:
        wide = x.float()
        scale = torch.rsqrt(wide.pow(2).mean(-1, keepdim=True) + self.dimensions.epsilon)
        return (wide * scale * self.weights[name]).to(self.dtype)

    def _layout(self, shared: int, sequences: int, positions: int) -> Layout:
        even = torch.arange(0, self.dimensions.rotated, 2, device=self.device).float()
        slower = self.dimensions.theta ** (-even / self.dimensions.rotated)
        place = torch.arange(shared + positions, device=self.device)
        angle = place.float()[:, None] * slower[None, :]
        angle = torch.cat((angle[:shared], angle[shared:].repeat(sequences, 1)))[:, None, :]
        seen = place[None, :] <= place[shared:, None]
        cosine, sine = angle.cos().to(self.dtype), angle.sin().to(self.dtype)
        return Layout(shared, sequences, positions, cosine, sine, seen)


def _rotated(x: Tensor, layout: Layout) -> Tensor:
    """Each pair of neighbours turned by its position's angle."""
    first, second = x[..., 0::2], x[..., 1::2]
    cosine, sine = layout.cosine, layout.sine
    turned = (first * cosine - second * sine, first * sine + second * cosine)
    return torch.stack(turned, dim=-1).flatten(-2)


def _attended(query: Tensor, key: Tensor, value: Tensor, layout: Layout) -> Tensor:
    """From (tokens, heads, size) each to (tokens, width): first among the shared tokens, then in each sequence."""
    copies, kind = query.shape[1] // key.shape[1], query.dtype
    if query.device.type == "cpu":
        # There attention backwards takes six times as long in bf16.
        query, key, value = query.float(), key.float(), value.float()
    key, value = key.repeat_interleave(copies, dim=1), value.repeat_interleave(copies, dim=1)
    split = (layout.shared, layout.sequences * layout.positions)
    (query0, query1), (key0, key1), (value0, value1) = (
        [it.transpose(0, 1).unsqueeze(0) for it in whole.split(split)] for whole in (query, key, value)
    )
    attention = functional.scaled_dot_product_attention

    def own(whole: Tensor) -> Tensor:
        return whole.squeeze(0).unflatten(1, (layout.sequences, -1)).transpose(0, 1)

    def after(start: Tensor, whole: Tensor) -> Tensor:
        return torch.cat((start.expand(layout.sequences, -1, -1, -1), own(whole)), dim=2)

    made = attention(own(query1), after(key0, key1), after(value0, value1), attn_mask=layout.seen)
    made = made.transpose(1, 2).flatten(2).flatten(0, 1)
    if not layout.shared:
        return made.to(kind)
    start = attention(query0, key0, value0, is_causal=True)
    return torch.cat((start.squeeze(0).transpose(0, 1).flatten(1), made)).to(kind)
