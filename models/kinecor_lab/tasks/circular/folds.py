"""York's eight complete patients in two folds: what one fold's networks learn from, the other's are measured on."""

from collections.abc import Iterable

FOLDS = ("test", "train")
"""The split of York's list that is measured in each fold; its networks learn from the other."""


def fold_splits(fold: int) -> list[str]:
    """The split of York that a fold's networks learn from."""
    return [FOLDS[1 - fold]]


def measured_splits(fold: int) -> list[str]:
    """The split of York that a fold's networks are measured on."""
    return [FOLDS[fold]]


def choosing(patients: Iterable[str]) -> str:
    """The patient of a learning fold who chooses the epoch and is not learnt from: the last by number.

    Args:
        patients: names of a fold's patients, which are numbers; repeated or not.

    Raises:
        ValueError: there are fewer than two, so that none is left to learn from.

    """
    different = sorted(set(patients), key=int)
    if len(different) < 2:
        raise ValueError(f"expected two patients of York or more, got {len(different)}; use the whole set")
    return different[-1]
