"""The mean of adapters."""

from pathlib import Path

import numpy
import pytest
from merge import read_adapter

from training import adapter_file
from training.average import average, mean


def pair(seed: int, rank: int = 2) -> tuple[numpy.ndarray, numpy.ndarray]:
    dice = numpy.random.default_rng(seed)
    return (
        dice.standard_normal((rank, 5)).astype(numpy.float32),
        dice.standard_normal((4, rank)).astype(numpy.float32),
    )


def write(path: Path, halves: tuple[numpy.ndarray, numpy.ndarray], alpha: float = 4.0) -> Path:
    named = {f"blk.0.attn_q.weight.lora_{half}": it for half, it in zip("ab", halves, strict=True)}
    adapter_file.write(path, "plans", alpha, {name: it.astype(numpy.float16) for name, it in named.items()})
    return path


def test_of_one_it_is_that_one() -> None:
    a, b = pair(1)
    mean_a, mean_b, lost = mean([(a, b)])
    assert numpy.allclose(mean_b @ mean_a, b @ a, atol=1e-5)
    assert lost < 1e-6


def test_it_is_the_nearest_of_that_rank() -> None:
    them = [pair(1), pair(2)]
    whole = sum(b @ a for a, b in them) / 2
    a, b, lost = mean(them)
    assert (a.shape, b.shape) == ((2, 5), (4, 2))
    values = numpy.linalg.svd(whole, compute_uv=False)
    assert lost == pytest.approx((values[2:] ** 2).sum() / (values**2).sum(), abs=1e-5)
    assert numpy.square(whole - b @ a).sum() == pytest.approx((values[2:] ** 2).sum(), rel=1e-4)


def test_what_adds_nothing_has_a_mean() -> None:
    a, b = pair(1)
    made_a, made_b, lost = mean([(a, b * 0)])
    assert (numpy.abs(made_b @ made_a).max(), lost) == (0, 0)


def test_files_of_one_kind_become_one(tmp_path: Path) -> None:
    a, b = pair(1)
    one, other = write(tmp_path / "one.gguf", (a, b)), write(tmp_path / "other.gguf", (a, 3 * b))
    assert average([one, other], tmp_path / "mean.gguf") < 1e-6
    made = read_adapter(tmp_path / "mean.gguf")
    assert (made.name, made.scale) == ("plans", 2.0)
    made_a, made_b = made.pairs["blk.0.attn_q.weight"]
    assert numpy.allclose(made_b @ made_a, 2 * b @ a, atol=0.05)
    with pytest.raises(ValueError, match="another kind"):
        average([one, write(tmp_path / "loud.gguf", (a, b), alpha=8.0)], tmp_path / "no.gguf")
    with pytest.raises(ValueError, match="another kind"):
        average([one, write(tmp_path / "thick.gguf", pair(1, rank=3))], tmp_path / "no.gguf")
    assert not (tmp_path / "no.gguf").exists()
