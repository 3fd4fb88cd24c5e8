"""Who made a change: a person by name, or a model as "model:NAME@VERSION+SHA"."""

from dataclasses import dataclass

_MARK = "model:"


@dataclass(frozen=True, slots=True)
class ModelAuthor:
    """A model that authored a part of a Reading; `digest` is the beginning of its weights' sha256, or empty."""

    name: str
    version: str
    digest: str

    def __str__(self) -> str:
        return f"{self.name}@{self.version}" if self.version else self.name


def model_author(author: str) -> ModelAuthor | None:
    """The model that `author` names, or None for a person."""
    if not author.startswith(_MARK):
        return None
    name, _, rest = author.removeprefix(_MARK).partition("@")
    version, _, digest = rest.partition("+")
    return ModelAuthor(name, version, digest)


def short_author(author: str) -> str:
    """A name fit for a table: a model as "name@version", a person as they are called."""
    model = model_author(author)
    return author if model is None else str(model)


def is_person(author: str) -> bool:
    """Whether a name can be a person's: not empty, and not in the form that marks a model's work."""
    name = author.strip()
    return bool(name) and not name.casefold().startswith(_MARK)
