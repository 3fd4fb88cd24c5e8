import pytest

from kinecor.analysis.models import Models, known_network, networks
from kinecor.core.values.errors import KinecorError


def test_the_default_of_each_kind_comes_first():
    assert networks("apical")[0].name == "lv-apical"
    assert [card.name for card in networks("short-axis")][:2] == ["lv-sax", "sax-circular"]
    assert {card.name for card in networks()} >= {"lv-apical", "lv-sax", "sax-circular"}


def test_a_network_of_the_other_kind_leaves_the_default():
    assert Models("cpu", "sax-circular").apical().card.name == "lv-apical"
    assert Models("cpu", "sax-circular").apical_card.name == "lv-apical"
    assert Models("cpu", "lv-apical").short_axis().card.name == "lv-sax"
    assert Models("cpu", "sax-circular").short_axis().card.name == "sax-circular"


def test_a_missing_network_is_reported():
    assert known_network("sax-circular") == "sax-circular"
    with pytest.raises(KinecorError, match="expected one of lv-apical"):
        known_network("best")
