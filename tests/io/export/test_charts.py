"""Curves as SVG: what is drawn, where, and gaps."""

import re
import xml.etree.ElementTree as ET
from dataclasses import replace
from pathlib import Path

import numpy as np

from kinecor import RESEARCH_USE
from kinecor.core.values.track import Structure
from kinecor.core.volumes.loop_volumes import curves
from kinecor.io.export.charts import write_charts
from tests import stacks
from tests.readings import cine, read

SVG = "{http://www.w3.org/2000/svg}"


def written(tmp_path: Path, reading) -> ET.Element:
    write_charts(tmp_path / "curves.svg", reading)
    return ET.parse(tmp_path / "curves.svg").getroot()


def texts(root: ET.Element) -> list[str]:
    return ["".join(one.itertext()) for one in root.iter(f"{SVG}text")]


def lines(root: ET.Element) -> list[np.ndarray]:
    paths = [one.get("d", "") for one in root.iter(f"{SVG}path") if one.get("stroke-width") == "1.6"]
    return [
        np.array([[float(x) for x in pair.split()] for pair in re.findall(r"[\d.]+ [\d.]+", path)]) for path in paths
    ]


def test_the_volume_curve_is_drawn_in_proportion(tmp_path: Path) -> None:
    reading = read(cine())
    root = written(tmp_path, reading)
    assert "Volume, ml" in texts(root)
    assert {"ED", "ES"} <= set(texts(root))
    assert RESEARCH_USE in texts(root)
    line = lines(root)[0]
    volume = curves(reading).lv_volume
    assert len(line) == np.isfinite(volume).sum()
    # Higher volumes lie higher on the page, in proportion.
    assert np.allclose(np.corrcoef(line[:, 1], volume)[0, 1], -1, atol=1e-3)


def test_a_frame_without_contour_is_a_gap(tmp_path: Path) -> None:
    reading = read(cine())
    track = reading.tracks[Structure.LV_ENDO]
    contours = tuple(None if frame == 3 else one for frame, one in enumerate(track.contours))
    cut = reading.with_(tracks=dict(reading.tracks) | {Structure.LV_ENDO: replace(track, contours=contours)})
    write_charts(tmp_path / "curves.svg", cut)
    path = next(
        one.get("d", "")
        for one in ET.parse(tmp_path / "curves.svg").getroot().iter(f"{SVG}path")
        if one.get("stroke-width") == "1.6"
    )
    assert path.count("M") == 2


def test_a_stack_has_both_ventricles(tmp_path: Path) -> None:
    said = texts(written(tmp_path, stacks.read(stacks.stack())))
    assert "LV volume" in said
    assert "RV volume" in said


def test_without_contours_the_file_is_still_whole(tmp_path: Path) -> None:
    root = written(tmp_path, read(cine()).with_(tracks={}))
    assert root.tag == f"{SVG}svg"
