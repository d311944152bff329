"""A llama of a few thousand random weights, as a GGUF file: all that the recipe needs, and no download."""

from pathlib import Path

import numpy
from gguf import GGMLQuantizationType, GGUFWriter, quantize

WORDS, WIDTH, BLOCKS, HEADS, KEY_HEADS, INNER = 40, 32, 2, 4, 2, 64


def write(path: Path, seed: int = 5) -> None:
    """Half of the weights quantised, as in a real file; the output shares the table of words."""
    generator = numpy.random.default_rng(seed)
    writer = GGUFWriter(path, "llama")
    writer.add_name("tiny random llama")
    writer.add_context_length(64)
    writer.add_embedding_length(WIDTH)
    writer.add_block_count(BLOCKS)
    writer.add_feed_forward_length(INNER)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(KEY_HEADS)
    writer.add_rope_dimension_count(WIDTH // HEADS)
    writer.add_rope_freq_base(10_000.0)
    writer.add_layer_norm_rms_eps(1e-5)

    def add(name: str, *shape: int) -> None:
        noise = (generator.standard_normal(shape) * 0.3).astype(numpy.float32)
        if name.startswith("blk.0"):
            kind = GGMLQuantizationType.Q8_0
            writer.add_tensor(f"{name}.weight", quantize(noise, kind), raw_dtype=kind)
        else:
            writer.add_tensor(f"{name}.weight", noise)

    def norm(name: str) -> None:
        scale = 1 + generator.standard_normal(WIDTH) * 0.1
        writer.add_tensor(f"{name}.weight", scale.astype(numpy.float32))

    add("token_embd", WORDS, WIDTH)
    norm("output_norm")
    keys = WIDTH // HEADS * KEY_HEADS
    for n in range(BLOCKS):
        norm(f"blk.{n}.attn_norm")
        norm(f"blk.{n}.ffn_norm")
        add(f"blk.{n}.attn_q", WIDTH, WIDTH)
        add(f"blk.{n}.attn_k", keys, WIDTH)
        add(f"blk.{n}.attn_v", keys, WIDTH)
        add(f"blk.{n}.attn_output", WIDTH, WIDTH)
        add(f"blk.{n}.ffn_gate", INNER, WIDTH)
        add(f"blk.{n}.ffn_up", INNER, WIDTH)
        add(f"blk.{n}.ffn_down", WIDTH, INNER)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
