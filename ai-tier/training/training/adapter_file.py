"""The GGUF adapter that llama.cpp loads, as this folder writes it; ``merge.read_adapter`` reads it."""

import os
from collections.abc import Mapping
from pathlib import Path

import numpy
from gguf import GGUFWriter
from numpy.typing import NDArray

LARGEST = 12_000_000
"""Bytes of a written adapter; the repository takes no more."""


def write(path: Path, name: str, alpha: float, matrices: Mapping[str, NDArray[numpy.float16]]) -> int:
    """Writes the file, whole or not at all; its size in bytes. Raises ValueError if it is too large.

    ``matrices`` are by the names that they have in the file: ``LAYER.weight.lora_a`` and ``.lora_b``.
    """
    partial = path.with_name(path.name + ".partial")
    writer = GGUFWriter(partial, "llama")
    writer.add_type("adapter")
    writer.add_string("adapter.type", "lora")
    writer.add_float32("adapter.lora.alpha", float(alpha))
    writer.add_name(name)
    for key, it in matrices.items():
        writer.add_tensor(key, it)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    size = partial.stat().st_size
    if size > LARGEST:
        raise ValueError(f"the adapter has {size} bytes, more than {LARGEST}; lower the rank")
    os.replace(partial, path)
    return size
