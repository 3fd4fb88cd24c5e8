import xml.etree.ElementTree as ET

import pytest

from kinecor_lab.common.bland_altman import write_bland_altman

SVG = "{http://www.w3.org/2000/svg}"


def test_bias_and_limits_are_given(tmp_path):
    path = tmp_path / "b.svg"
    pairs = {"A4C": ([-20, -18, -15], [-19, -17, -14]), "A2C": ([-10, -12, float("nan")], [-11, -13, -9])}
    write_bland_altman(path, pairs, title="GLS <x>", unit="%")
    root = ET.parse(path).getroot()
    words = [one.text for one in root.iter(f"{SVG}text")]
    assert "GLS <x> (n = 5)" in words
    assert "bias +0.2" in words
    assert "+1.96 SD +2.3" in words
    assert "-1.96 SD -1.9" in words
    assert len(list(root.iter(f"{SVG}circle"))) == 5 + 2


def test_all_points_are_within_the_frame(tmp_path):
    path = tmp_path / "b.svg"
    write_bland_altman(path, {"a": ([0.0, 100.0], [30.0, 90.0])}, title="t", unit="ml")
    for one in ET.parse(path).getroot().iter(f"{SVG}circle"):
        assert 0 < float(one.get("cx")) < 640
        assert 0 < float(one.get("cy")) < 420


def test_one_pair_is_too_few(tmp_path):
    with pytest.raises(ValueError, match="two pairs"):
        write_bland_altman(tmp_path / "b.svg", {"a": ([1.0], [2.0])}, title="t", unit="ml")
