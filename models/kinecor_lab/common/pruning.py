"""A lean network that begins with what a base network knows: its most telling filters, without the first level.

A filter's part in the result is estimated from the weights alone: the standard deviation of what it gives, by its
batch normalisation (a normal distribution of mean beta and standard deviation gamma, rectified), times the norm of the
kernels that read it. What a filter that is left out gives on average goes into the mean that the next batch
normalisation takes off.
"""

from collections.abc import Sequence
from math import erf, exp, pi, sqrt

import numpy as np
from numpy.typing import NDArray

from kinecor_models.contract import Tensors

Filters = NDArray[np.intp]
Values = NDArray[np.float64]
_TINY = 1e-9


def pruned(base: Tensors, filters: Sequence[int]) -> Tensors:
    """Weights of a lean network's levels from those of a base network one level larger.

    Args:
        base: weights of a UNet (nets/unet.py).
        filters: of the lean network's levels, none more than the base network has one level below its first.

    Returns:
        by name, without those that a base network has no like of: of the stem, of the first convolution and of the
        last layer.

    Raises:
        ValueError: the base network has another number of levels, or fewer filters.

    """
    levels = len(filters)
    there = [base[f"down.{level}.0.weight"].shape[0] for level in range(_levels(base))]
    if len(there) != levels + 1 or any(fewer > more for fewer, more in zip(filters, there[1:], strict=True)):
        raise ValueError(f"expected a base network of {levels + 1} levels with at least {filters} below, got {there}")
    convolutions = _convolutions(levels)
    stay = {name: _most_telling(base, name, filters[_level(name)]) for name in convolutions}
    out: Tensors = {}
    for name in convolutions:
        norm = _norm(name)
        for part in ("weight", "bias", "running_mean", "running_var"):
            out[f"{norm}.{part}"] = base[f"{_deeper(norm)}.{part}"][stay[name]].copy()
        if name == "down.0.0":
            continue
        kernel = base[f"{_deeper(name)}.weight"][stay[name]]
        sources = _sources(name, levels)
        widths = [base[f"{_deeper(source)}.weight"].shape[0] for source in sources]
        chosen, first = [], 0
        for source, width in zip(sources, widths, strict=True):
            chosen.append(first + stay[source])
            given = _given(base, source)[0]
            gone = np.setdiff1d(np.arange(width), stay[source])
            lost = kernel[:, first + gone].sum(axis=(2, 3)).astype(np.float64) @ given[gone]
            out[f"{norm}.running_mean"] -= lost.astype(np.float32)
            first += width
        out[f"{name}.weight"] = np.ascontiguousarray(kernel[:, np.concatenate(chosen)])
    return out


def _levels(weights: Tensors) -> int:
    return 1 + max(int(name.split(".")[1]) for name in weights if name.startswith("down."))


def _convolutions(levels: int) -> list[str]:
    """Of the lean network's levels, the first one first."""
    down = [f"down.{level}.{place}" for level in range(levels) for place in (0, 3)]
    return down + [f"up.{level}.{place}" for level in range(levels - 1) for place in (0, 3)]


def _level(name: str) -> int:
    return int(name.split(".")[1])


def _deeper(name: str) -> str:
    """The name, in the base network, of a layer of the lean one."""
    way, level, place = name.split(".")
    return f"{way}.{int(level) + 1}.{place}"


def _norm(convolution: str) -> str:
    """The batch normalisation after a convolution."""
    way, level, place = convolution.split(".")
    return f"{way}.{level}.{int(place) + 1}"


def _sources(name: str, levels: int) -> list[str]:
    """The convolutions of the lean network whose results one of them reads, in the order of its input channels."""
    way, level, place = name.split(".")[0], _level(name), name.split(".")[2]
    if place == "3":
        return [f"{way}.{level}.0"]
    if way == "down":
        return [f"down.{level - 1}.3"]
    below = f"down.{level + 1}.3" if level + 2 == levels else f"up.{level + 1}.3"
    return [below, f"down.{level}.3"]


def _given(base: Tensors, name: str) -> tuple[Values, Values]:
    """Mean and standard deviation of what each filter of a convolution gives, after its rectifier."""
    norm = _norm(_deeper(name))
    means, deviations = base[f"{norm}.bias"].astype(float), np.abs(base[f"{norm}.weight"]).astype(float) + _TINY
    ratios = means / deviations
    above = np.array([0.5 * (1 + erf(ratio / sqrt(2))) for ratio in ratios])
    density = np.array([exp(-0.5 * min(ratio**2, 1e3)) / sqrt(2 * pi) for ratio in ratios])
    mean = means * above + deviations * density
    square = (means**2 + deviations**2) * above + means * deviations * density
    return mean, np.sqrt(np.maximum(square - mean**2, 0))


def _most_telling(base: Tensors, name: str, count: int) -> Filters:
    """The filters of a convolution that weigh most in what reads them, in their order."""
    levels = _levels(base) - 1
    width = base[f"{_deeper(name)}.weight"].shape[0]
    squares = np.zeros(width)
    for reader in _convolutions(levels)[1:]:
        first = 0
        for source in _sources(reader, levels):
            end = first + base[f"{_deeper(source)}.weight"].shape[0]
            if source == name:
                squares += _norms(base, _deeper(reader), first, end) ** 2
            first = end
    if not squares.any():  # the last convolution: the base network's first level reads it
        squares = _norms(base, "up.0.0", 0, width) ** 2
    weighs = _given(base, name)[1] * np.sqrt(squares)
    return np.sort(np.argsort(-weighs, kind="stable")[:count])


def _norms(base: Tensors, reader: str, first: int, end: int) -> Values:
    """Norm of the kernels of a convolution for each of its inputs first..end - 1, its normalisation included."""
    norm = _norm(reader)
    gain = base[f"{norm}.weight"] / np.sqrt(base[f"{norm}.running_var"] + _TINY)
    kernel = base[f"{reader}.weight"][:, first:end] * gain[:, None, None, None]
    return np.asarray(np.sqrt((kernel.astype(np.float64) ** 2).sum(axis=(0, 2, 3))), np.float64)
