"""The mean of several adapters: of what each adds to the weights, cut back to their rank.

    python -m training.average --out mean.adapter.gguf earlier.adapter.gguf later.adapter.gguf

Adapters of one line of training lie so near each other that next to nothing is lost by the cut (the last line printed
says how much), and the mean foretells better what none of them was taught. NumPy only; a few seconds.
"""

import argparse
import sys
from pathlib import Path

import numpy
from merge import read_adapter
from numpy.typing import NDArray

from training import adapter_file

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


def average(paths: list[Path], out: Path) -> float:
    """Writes the mean, whole or not at all; the part of it that is lost, on average over the layers.

    Raises ValueError where they are not of one kind: the same layers, ranks and alpha.
    """
    adapters = [read_adapter(it) for it in paths]
    first = adapters[0]
    kinds = [(it.scale, {name: (a.shape, b.shape) for name, (a, b) in it.pairs.items()}) for it in adapters]
    for path, kind in zip(paths, kinds, strict=True):
        if kind != kinds[0]:
            raise ValueError(f"{path} is of another kind than {paths[0]}")
    lost, matrices = [], {}
    for name, (earlier, _) in first.pairs.items():
        a, b, part = mean([it.pairs[name] for it in adapters])
        lost.append(part)
        matrices[f"{name}.lora_a"] = numpy.ascontiguousarray(a, numpy.float16)
        matrices[f"{name}.lora_b"] = numpy.ascontiguousarray(b, numpy.float16)
        alpha = first.scale * len(earlier)
    adapter_file.write(out, first.name, alpha, matrices)
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
