import json
from dataclasses import replace
from importlib.resources import files

import numpy as np
import pytest

from kinecor_models.contract import WeightsError, load_card, load_weights
from kinecor_models.registry import cards, names

EVERY = tuple(card.name for card in cards())


@pytest.mark.parametrize("name", EVERY)
def test_a_card_is_complete(name: str) -> None:
    card = load_card(name)
    assert card.name == name
    assert card.author == f"model:{name}@{card.version}+{card.sha256[:12]}"
    for words in (card.summary, card.licence, card.data, card.intended, *card.citations, *card.limits):
        assert words
    assert card.figures
    assert all("n " in text or "n=" in text for text in card.figures.values())
    assert names()


@pytest.mark.parametrize("name", EVERY)
def test_the_weights_are_those_of_the_card_and_finite(name: str) -> None:
    weights = load_weights(load_card(name))
    assert all(np.isfinite(tensor).all() for tensor in weights.values())


def test_other_weights_are_refused() -> None:
    card = load_card(names()[0])
    with pytest.raises(WeightsError, match="sha256"):
        load_weights(replace(card, sha256="0" * 64))
    with pytest.raises(WeightsError, match="reinstall"):
        load_weights(replace(card, weights="gone.safetensors"))


def test_only_weights_that_a_card_names_are_shipped() -> None:
    folder = files("kinecor_models").joinpath("weights")
    shipped = {entry.name for entry in folder.iterdir()}
    cards = [json.loads(folder.joinpath(f"{name}.json").read_text()) for name in EVERY]
    named = {card["weights"] for card in cards} | {card["quantised"] for card in cards if card.get("quantised")}
    assert {entry for entry in shipped if entry.endswith(".safetensors")} == named
