"""`kinecor.models`: the networks there are, those of one's own among them."""

from dataclasses import dataclass

from kinecor.analysis.models import describe, networks


@dataclass(frozen=True, slots=True)
class Model:
    """A network, by its card.

    Attributes:
        name: what `analyse(network=...)` takes, where `contours` is not empty.
        version: e.g. "1.5.0".
        contours: what it contours: "apical" (loops of apical views), "short-axis" (stacks), "long-axis" (MRI); "" of
            networks that do something else.
        default: whether it is used where none is named.
        summary: one sentence.
        licence: of the weights.
        sha256: of the weights.
        folder: where card and weights lie; "" of those that ship with Kinecor.

    """

    name: str
    version: str
    contours: str
    default: bool
    summary: str
    licence: str
    sha256: str
    folder: str


def models() -> tuple[Model, ...]:
    """All networks: those that ship, and those in the folder that $KINECOR_MODELS or the setting names.

    `kinecor models --folder DIR` sets it, and says what is wrong with a card.
    """
    kinds = {
        card.name: (kind, number == 0)
        for kind in ("apical", "short-axis", "long-axis")
        for number, card in enumerate(networks(kind))
    }
    found = []
    for card in describe():
        kind, default = kinds.get(card.name, ("", False))
        found.append(
            Model(card.name, card.version, kind, default, card.summary, card.licence, card.sha256, card.folder)
        )
    return tuple(found)
