"""What a network is shown while it is quantised: images of patients that it learnt from, as inference places them."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from kinecor_lab.datasets.data_folder import learning_and_choosing
from kinecor_lab.datasets.dsb import dsb_slices
from kinecor_lab.datasets.dsb_long import dsb_long_axes
from kinecor_lab.datasets.placing import placed
from kinecor_lab.datasets.short_axis import SaxSample, acdc_png, scd_png, york_png
from kinecor_lab.tasks.lax import train as lax
from kinecor_lab.tasks.sax import data as sax

Images = list[NDArray[np.uint8]]
S = TypeVar("S")
COUNT = 200
"""Images in all, in equal shares of the sets."""
SEED = 2026


def inputs_of(name: str, folders: Mapping[str, Sequence[Path]], size: int) -> Images:
    """Images for the network of a card, of training patients alone.

    Args:
        name: "lv-apical", "lv-sax" or "lv-lax".
        folders: by set: "camus", "acdc", "scd", "york", "dsb", "dsb-4ch"; sets of other networks are not read.
        size: side of the network's square in pixels.

    Raises:
        ValueError: there is no such network, or no folder of its sets.
        DataSetError: a folder does not hold what is expected.

    """
    rng = np.random.default_rng(SEED)  # strength 0 draws nothing of the placement
    if name == "lv-apical":
        sets = [learning_and_choosing(folders["camus"])[0]] if folders.get("camus") else []
        return _some(sets, lambda sample: placed(sample, size, rng, 0.0)[0], rng)
    if name == "lv-lax":
        long = [dsb_long_axes(folder, ["train"]) for folder in folders.get("dsb-4ch", ())]
        return _some(long, lambda sample: lax.prepared(sample, size, rng, 0.0)[0], rng)
    if name == "lv-sax":
        loaders: dict[str, Callable[..., list[SaxSample]]] = {
            "acdc": acdc_png,
            "scd": scd_png,
            "york": york_png,
            "dsb": dsb_slices,
        }
        short = [load(folder, ["train"]) for key, load in loaders.items() for folder in folders.get(key, ())]
        return _some(short, lambda sample: sax.prepared(sample, size, rng, 0.0)[0], rng)
    raise ValueError(f"expected lv-apical, lv-sax or lv-lax, got {name}")


def _some(sets: Sequence[Sequence[S]], image: Callable[[S], NDArray[np.uint8]], rng: np.random.Generator) -> Images:
    if not sets:
        raise ValueError("expected folders of training patients, got none; name those that the network learnt from")
    share = COUNT // len(sets)
    return [image(samples[at]) for samples in sets for at in rng.permutation(len(samples))[:share]]
