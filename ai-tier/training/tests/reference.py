"""A llama's forward pass in numpy, one head and one position at a time: slow, plain, and written apart
from the recipe's, to hold that against."""

from collections.abc import Callable
from pathlib import Path

import numpy
from gguf import GGUFReader, dequantize

Array = numpy.ndarray
Added = Callable[[str, Array], Array]


def logits(path: Path, tokens: list[int], added: Added = lambda _, __: numpy.float32(0)) -> Array:
    """What follows each token, (positions, words)."""
    reader = GGUFReader(path)
    weights = {it.name: dequantize(it.data, it.tensor_type) for it in reader.tensors}

    def said(name: str) -> float:
        return reader.fields[f"llama.{name}"].contents()

    heads, key_heads = int(said("attention.head_count")), int(said("attention.head_count_kv"))
    size = int(said("embedding_length")) // heads
    theta, epsilon = said("rope.freq_base"), said("attention.layer_norm_rms_epsilon")

    def norm(x: Array, name: str) -> Array:
        return x / numpy.sqrt((x * x).mean(-1, keepdims=True) + epsilon) * weights[f"{name}.weight"]

    def linear(x: Array, name: str) -> Array:
        return x @ weights[f"{name}.weight"].T + added(name, x)

    def turned(row: Array, position: int) -> Array:
        made = row.copy()
        for pair in range(size // 2):
            angle = position * theta ** (-2 * pair / size)
            one, two = row[2 * pair], row[2 * pair + 1]
            made[2 * pair] = one * numpy.cos(angle) - two * numpy.sin(angle)
            made[2 * pair + 1] = one * numpy.sin(angle) + two * numpy.cos(angle)
        return made

    x = weights["token_embd.weight"][tokens]
    for n in range(int(said("block_count"))):
        block = f"blk.{n}"
        normed = norm(x, f"{block}.attn_norm")
        query, key, value = (linear(normed, f"{block}.attn_{it}") for it in "qkv")
        seen = numpy.zeros_like(query)
        for head in range(heads):
            own = slice(head * size, (head + 1) * size)
            shared = head * key_heads // heads
            theirs = slice(shared * size, (shared + 1) * size)
            keys = numpy.array([turned(row, at) for at, row in enumerate(key[:, theirs])])
            for at in range(len(tokens)):
                scores = keys[: at + 1] @ turned(query[at, own], at) / numpy.sqrt(size)
                scores = numpy.exp(scores - scores.max())
                seen[at, own] = scores / scores.sum() @ value[: at + 1, theirs]
        x = x + linear(seen, f"{block}.attn_output")
        normed = norm(x, f"{block}.ffn_norm")
        gate = linear(normed, f"{block}.ffn_gate")
        x = x + linear(gate / (1 + numpy.exp(-gate)) * linear(normed, f"{block}.ffn_up"), f"{block}.ffn_down")
    table = weights.get("output.weight", weights["token_embd.weight"])
    return norm(x, "output_norm") @ table.T
