"""How foundation models of others want their clips: size, rate, normalising, and what is cut off."""

import json
from dataclasses import dataclass
from importlib.resources import files
from typing import Any, Literal


@dataclass(frozen=True, slots=True)
class FoundationCard:
    """How a foundation model wants its clips.

    Attributes:
        title, paper, code: what it is.
        weights: which file its user brings.
        takes: which recordings.
        size, fit, zoom, channels: of a clip, see `kinecor.tensors`.
        frames, stride: frames it takes, and how far apart.
        mean, std: of grey levels 0 to 255, by channel.
        output: length of the embedding; 0 where its encoder is not opened here.
        net: what builds it; "" likewise.
        differs: in what the preparation is not the authors' own.

    """

    title: str
    paper: str
    code: str
    weights: str
    takes: str
    size: int
    frames: int
    stride: int
    fit: Literal["whole", "centre"]
    zoom: float
    channels: int
    mean: tuple[float, ...]
    std: tuple[float, ...]
    output: int
    net: str
    differs: str


def foundation_cards() -> dict[str, FoundationCard]:
    """The cards by name."""
    text = files("kinecor_models.foundation").joinpath("cards.json").read_text(encoding="utf-8")
    found: dict[str, dict[str, Any]] = json.loads(text)
    cards = {}
    for name, card in found.items():
        fields: dict[str, Any] = {
            key: tuple(value) if isinstance(value, list) else value for key, value in card.items()
        }
        cards[name] = FoundationCard(**fields)
    return cards
