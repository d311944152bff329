"""The mean of several adapters: of what each adds to the weights, cut back to their rank.

    python -m training.average --out mean.adapter.gguf earlier.adapter.gguf later.adapter.gguf

Adapters of one line of training lie so near each other that next to nothing is lost by the cut (the last line printed
says how much), and the mean foretells better what none of them was taught. NumPy only; a few seconds.
"""

import argparse
import os
import sys
from pathlib import Path

import numpy
from gguf import GGUFReader, GGUFWriter
from numpy.typing import NDArray

Matrix = NDArray[numpy.float32]


def mean(halves: list[tuple[Matrix, Matrix]]) -> tuple[Matrix, Matrix, float]:
    """Two thin matrices whose product is nearest to the mean of these products, and the part of it that is lost.

    Each pair is ``a`` (rank, inputs) and ``b`` (outputs, rank); the part is of the squares' sum.
    """
    rank = len(halves[0][0])
    a = numpy.concatenate([it for it, _ in halves])
    b = numpy.concatenate([it / len(halves) for _, it in halves], axis=1)
    # The product is never written out: its singular values are those of a small matrix between two bases.
    outputs, left = numpy.linalg.qr(b)
    inputs, right = numpy.linalg.qr(a.T)
    u, values, v = numpy.linalg.svd(left @ right.T)
    kept, all_of_it = (values[:rank] ** 2).sum(), (values**2).sum()
    root = numpy.sqrt(values[:rank])
    lost = 0.0 if all_of_it == 0 else float(1 - kept / all_of_it)
    return (root[:, None] * v[:rank]) @ inputs.T, outputs @ u[:, :rank] * root, lost


def read(path: Path) -> tuple[str, float, dict[str, tuple[Matrix, Matrix]]]:
    """Name, alpha and pairs of matrices of an exported adapter."""
    file = GGUFReader(path)
    found = {it.name: numpy.array(it.data).astype(numpy.float32) for it in file.tensors}
    layers = sorted({name.rpartition(".")[0] for name in found})
    pairs = {it: (found[f"{it}.lora_a"], found[f"{it}.lora_b"]) for it in layers}
    return str(file.fields["general.name"].contents()), float(file.fields["adapter.lora.alpha"].contents()), pairs


def average(paths: list[Path], out: Path) -> float:
    """Writes the mean, whole or not at all; the part of it that is lost, on average over the layers.

    Raises ValueError where they are not of one kind: the same layers, ranks and alpha.
    """
    all_read = [read(it) for it in paths]
    name, alpha, first = all_read[0]
    shapes = {layer: (a.shape, b.shape) for layer, (a, b) in first.items()}
    for path, (_, other, pairs) in zip(paths, all_read, strict=True):
        if other != alpha or {layer: (a.shape, b.shape) for layer, (a, b) in pairs.items()} != shapes:
            raise ValueError(f"{path} is of another kind than {paths[0]}")
    partial = out.with_name(out.name + ".partial")
    writer = GGUFWriter(partial, "llama")
    writer.add_type("adapter")
    writer.add_string("adapter.type", "lora")
    writer.add_float32("adapter.lora.alpha", alpha)
    writer.add_name(name)
    lost = []
    for layer in first:
        a, b, part = mean([pairs[layer] for _, _, pairs in all_read])
        lost.append(part)
        writer.add_tensor(f"{layer}.lora_a", numpy.ascontiguousarray(a, numpy.float16))
        writer.add_tensor(f"{layer}.lora_b", numpy.ascontiguousarray(b, numpy.float16))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    os.replace(partial, out)
    return float(numpy.mean(lost))


def main(given: list[str]) -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("adapters", type=Path, nargs="+")
    parser.add_argument("--out", type=Path, required=True, help="the adapter to write")
    options = parser.parse_args(given)
    print(f"{average(options.adapters, options.out):.2%} of it is lost")


if __name__ == "__main__":
    main(sys.argv[1:])
