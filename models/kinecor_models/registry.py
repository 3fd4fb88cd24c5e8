"""Every model, by name: a card in weights/ or in a folder of one's own, and what its task says opens it."""

from collections.abc import Callable
from functools import cache, lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Literal, get_args

from kinecor_models.contours.apical import open_apical
from kinecor_models.contours.circular import open_circular
from kinecor_models.contours.long_axis import open_long_axis
from kinecor_models.contours.sax import open_sax
from kinecor_models.contours.sequence import open_sequence
from kinecor_models.contract import CardError, ClipModel, ModelCard, load_card, own_folder, read_card
from kinecor_models.engines.engine import Device

Kind = Literal["apical", "short-axis", "long-axis"]
"""What a model contours: clips of apical views, slices of short-axis stacks, or long axes of cine MRI."""
KINDS: tuple[Kind, ...] = get_args(Kind)

_OPENERS: dict[Kind, dict[str, Callable[[str, Device], ClipModel]]] = {
    "apical": {
        "apical": lambda name, device: open_apical(name, device),
        "apical sequence": lambda name, device: open_sequence(name, device),
    },
    "short-axis": {
        "short-axis": lambda name, device: open_sax(name, device),
        "short-axis cycle": lambda name, device: open_circular(name, device),
    },
    "long-axis": {
        "long-axis": lambda name, device: open_long_axis(name, device),
    },
}
"""What opens the models of a task (ModelCard.task). Other tasks give no contours; their own rooms open their models."""

DEFAULT_APICAL = "lv-apical"
_DEFAULTS = (DEFAULT_APICAL, "lv-sax", "lv-lax")


def cards() -> tuple[ModelCard, ...]:
    """The cards of all models, without loading weights: those that contour first, the default of each kind before.

    Those of one's own folder come after the shipped ones of their kind; see `own_cards` for what cannot be used.
    """
    kinds = {task: number for number, openers in enumerate(_OPENERS.values()) for task in openers}

    def place(card: ModelCard) -> tuple[int, bool, bool, str]:
        return kinds.get(card.task, len(KINDS)), card.name not in _DEFAULTS, bool(card.folder), card.name

    return tuple(sorted((*_shipped(), *own_cards()[0]), key=place))


@cache
def _shipped() -> tuple[ModelCard, ...]:
    return tuple(
        load_card(file.name.removesuffix(".json"))
        for file in files("kinecor_models").joinpath("weights").iterdir()
        if file.name.endswith(".json")
    )


def own_cards() -> tuple[tuple[ModelCard, ...], tuple[str, ...]]:
    """The cards of one's own folder, and one sentence for each file there that cannot be used as one."""
    folder = own_folder()
    if folder is None:
        return (), ()
    files_there = sorted(path for path in folder.iterdir() if path.suffix == ".json")
    return _read_own(folder, tuple((path.name, path.stat().st_mtime_ns) for path in files_there))


@lru_cache(maxsize=4)
def _read_own(folder: Path, there: tuple[tuple[str, int], ...]) -> tuple[tuple[ModelCard, ...], tuple[str, ...]]:
    """See `own_cards`; `there` are the files with their times, so that a changed one is read again."""
    shipped = {card.name for card in _shipped()}
    tasks = [task for openers in _OPENERS.values() for task in openers]
    found: list[ModelCard] = []
    wrong: list[str] = []
    for name, _ in there:
        try:
            card = read_card(folder / name)
            if card.name in shipped:
                raise CardError(f"{name}: a model of this name ships with Kinecor: choose another name")
            if card.task not in tasks:
                raise CardError(f"{name}: task: expected one of {', '.join(tasks)}, got '{card.task[:40]}'")
            found.append(card)
        except CardError as error:
            wrong.append(str(error))
    return tuple(found), tuple(wrong)


def names(kind: Kind | None = None) -> tuple[str, ...]:
    """The models that contour clips, of all kinds or of one, the default of each kind first.

    Args:
        kind: "apical", "short-axis" or "long-axis"; None for all.

    """
    tasks = {task for chosen_kind in ((kind,) if kind else KINDS) for task in _OPENERS[chosen_kind]}
    return tuple(card.name for card in cards() if card.task in tasks)


def other_names() -> tuple[str, ...]:
    """The models that give something else than contours."""
    return tuple(card.name for card in cards() if card.name not in names())


def open_model(name: str, device: Device = "auto") -> ClipModel:
    """A model ready to run.

    Args:
        name: of the model.
        device: "auto", "cpu" or "cuda".

    Raises:
        KeyError: there is no such model.
        WeightsError, DeviceError: see open_apical.

    """
    every = {task: opener for openers in _OPENERS.values() for task, opener in openers.items()}
    tasks = {card.name: card.task for card in cards() if card.task in every}
    return every[tasks[name]](name, device)
