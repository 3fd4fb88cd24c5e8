"""What is simulated once for a training, saved piece by piece, so that a stopped run has lost one piece at most."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Arrays = tuple[NDArray[Any], ...]


def saved_pieces(folder: Path, count: int, make: Callable[[int], Arrays]) -> Iterator[Arrays]:
    """The first `count` pieces, from a folder where they are there; else they are made and saved there.

    Args:
        folder: of pieces of one kind and seed; created if missing.
        count: how many.
        make: makes the arrays of a piece from its number, always the same.

    """
    for number in range(count):
        file = folder / f"{number:04d}.npz"
        if not file.is_file():
            folder.mkdir(parents=True, exist_ok=True)
            part = file.with_suffix(".part.npz")
            np.savez_compressed(part, *make(number))
            part.replace(file)
        with np.load(file) as saved:
            yield tuple(saved[name] for name in sorted(saved.files, key=lambda name: int(name.removeprefix("arr_"))))
