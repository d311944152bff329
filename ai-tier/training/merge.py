#!/usr/bin/env python3
"""Merges a LoRA adapter into a model's weights, once, so that it costs nothing when the model answers.

Only the matrices that the adapter changes are written anew, in the type that is asked for (ai-tier/models/README.md has
what each costs); all others are copied byte for byte. The output notes the adapter's name and checksum, which
`GET /health` shows.

Usage: merge.py MODEL.gguf ADAPTER.gguf OUTPUT.gguf [--type Q8_0]

The output appears under its name when it is whole. Needs the packages of gguf-requirements.txt.
"""

import argparse
import hashlib
import os
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy
from gguf import GGMLQuantizationType, GGUFReader, GGUFValueType, GGUFWriter, Keys, LlamaFileType
from gguf.quants import dequantize, quant_shape_to_byte_shape, quantize

# Keeps what each matrix has. Other types are for the changed matrices only.
KEEP = "keep"
TYPES = [KEEP, "Q8_0", "Q4_1", "F16", "F32"]
# What the file calls itself when its matrices are mostly of that type.
FILE_TYPES = {
    "Q8_0": LlamaFileType.MOSTLY_Q8_0,
    "Q4_1": LlamaFileType.MOSTLY_Q4_1,
    "F16": LlamaFileType.MOSTLY_F16,
    "F32": LlamaFileType.ALL_F32,
}
NAME, CHECKSUM = "skydesk.adapter.name", "skydesk.adapter.sha256"


class Unfit(Exception):
    """The adapter does not belong to the model."""


@dataclass(frozen=True)
class Adapter:
    """What is added to each matrix: scale * b @ a."""

    name: str
    scale: float
    pairs: dict[str, tuple[numpy.ndarray, numpy.ndarray]]

    def added_to(self, name: str) -> numpy.ndarray | None:
        """The sum of ranks for one matrix, or None when it stays as it is."""
        pair = self.pairs.get(name)
        return None if pair is None else self.scale * (pair[1] @ pair[0])


def read_adapter(path: Path) -> Adapter:
    """Reads a GGUF of type `adapter` as llama.cpp takes it: `NAME.lora_a` [rank, in], `NAME.lora_b` [out, rank]."""
    reader = GGUFReader(path)
    if text(reader, Keys.General.TYPE) != "adapter" or text(reader, Keys.Adapter.TYPE) != "lora":
        raise Unfit(f"{path.name} is no LoRA adapter")
    halves: dict[str, dict[str, numpy.ndarray]] = {}
    for tensor in reader.tensors:
        name, _, half = tensor.name.rpartition(".lora_")
        halves.setdefault(name, {})[half] = dequantize(tensor.data, tensor.tensor_type).astype(numpy.float32)
    if not halves or any(set(it) != {"a", "b"} for it in halves.values()):
        raise Unfit(f"{path.name} does not hold its matrices in pairs")
    pairs = {name: (it["a"], it["b"]) for name, it in halves.items()}
    ranks = {a.shape[0] for a, _ in pairs.values()}
    if len(ranks) != 1:
        raise Unfit(f"{path.name} has matrices of several ranks: {sorted(ranks)}")
    alpha = float(reader.get_field(Keys.Adapter.LORA_ALPHA).contents())
    name = text(reader, Keys.General.NAME) or path.name.removesuffix(".gguf").removesuffix(".adapter")
    return Adapter(name, alpha / ranks.pop(), pairs)


def text(reader: GGUFReader, key: str) -> str | None:
    """A field of the header, if it is there."""
    field = reader.get_field(key)
    return None if field is None else str(field.contents())


def check(model: GGUFReader, adapter: Adapter) -> None:
    """Every pair has its matrix, and fits it."""
    shapes = {it.name: tuple(int(n) for n in reversed(it.shape)) for it in model.tensors}
    for name, (a, b) in adapter.pairs.items():
        if shapes.get(name) != (b.shape[0], a.shape[1]):
            raise Unfit(f"{name} is {shapes.get(name)} in the model and {(b.shape[0], a.shape[1])} in the adapter")


def merge(model_path: Path, adapter_path: Path, output: Path, kind: str) -> None:
    """Writes the merged model."""
    model, adapter = GGUFReader(model_path), read_adapter(adapter_path)
    check(model, adapter)
    partial = output.with_name(output.name + ".partial")
    writer = GGUFWriter(partial, text(model, Keys.General.ARCHITECTURE))
    copy_header(model, writer, kind)
    writer.add_string(NAME, adapter.name)
    writer.add_string(CHECKSUM, sha256(adapter_path))

    def type_of(tensor) -> GGMLQuantizationType:
        changed = tensor.name in adapter.pairs and kind != KEEP
        return GGMLQuantizationType[kind] if changed else tensor.tensor_type

    for tensor in model.tensors:
        if tensor.name in adapter.pairs:
            declare(writer, tensor, type_of(tensor))
        else:
            writer.add_tensor_info(
                tensor.name, tensor.data.shape, tensor.data.dtype, tensor.data.nbytes, tensor.tensor_type
            )
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_ti_data_to_file()
    # One matrix at a time: the largest is a few megabytes, all of them half a gigabyte.
    for tensor in model.tensors:
        added = adapter.added_to(tensor.name)
        if added is None:
            writer.write_tensor_data(tensor.data)
        else:
            weights = dequantize(tensor.data, tensor.tensor_type).astype(numpy.float32) + added
            writer.write_tensor_data(quantize(weights, type_of(tensor)))
    writer.close()
    # A reader never sees half a model.
    os.replace(partial, output)


def declare(writer: GGUFWriter, tensor, kind: GGMLQuantizationType) -> None:
    """Announces a matrix that is going to be written in another type."""
    shape = tuple(int(n) for n in reversed(tensor.shape))
    if kind in (GGMLQuantizationType.F32, GGMLQuantizationType.F16):
        dtype = numpy.float32 if kind == GGMLQuantizationType.F32 else numpy.float16
        n_bytes = int(numpy.prod(shape)) * numpy.dtype(dtype).itemsize
        writer.add_tensor_info(tensor.name, shape, numpy.dtype(dtype), n_bytes)
    else:
        shape = quant_shape_to_byte_shape(shape, kind)
        writer.add_tensor_info(tensor.name, shape, numpy.dtype(numpy.uint8), int(numpy.prod(shape)), kind)


def copy_header(model: GGUFReader, writer: GGUFWriter, kind: str) -> None:
    """Everything that the model says of itself, but for the type that its matrices are mostly of."""
    for field in model.fields.values():
        # The writer writes these itself.
        if field.name == Keys.General.ARCHITECTURE or field.name.startswith("GGUF."):
            continue
        value, value_type = field.contents(), field.types[0]
        if field.name == Keys.General.FILE_TYPE and kind in FILE_TYPES:
            value = int(FILE_TYPES[kind])
        sub_type = field.types[-1] if value_type == GGUFValueType.ARRAY else None
        writer.add_key_value(field.name, value, value_type, sub_type=sub_type)


def sha256(path: Path) -> str:
    """The checksum of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def main() -> None:
    """Reads the command line."""
    parser = argparse.ArgumentParser(description="Merges a LoRA adapter into a model's weights.")
    parser.add_argument("model", type=Path)
    parser.add_argument("adapter", type=Path)
    parser.add_argument("output", type=Path)
    parser.add_argument("--type", choices=TYPES, default="Q8_0", help="of the matrices that change")
    arguments = parser.parse_args()
    try:
        merge(arguments.model, arguments.adapter, arguments.output, arguments.type)
    except Unfit as reason:
        sys.exit(f"merge.py: {reason}")


if __name__ == "__main__":
    main()
